"""Fitting by epochs, in scikit-learn's order: draws, updates, what it counts, and when it stops."""

from __future__ import annotations

import copy
import logging
import math
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import check_scoring
from sklearn.utils import shuffle

from pellucid.catalogue import Optimizer
from pellucid.catalogue.schedules import Adaptive
from pellucid.errors import DivergedError, InputError
from pellucid.estimators.mlp_choices import printed, rate_rule
from pellucid.estimators.recipe import batch_size_for
from pellucid.network import Network
from pellucid.step import Step
from pellucid.training.divergence import diverged
from pellucid.training.events import (
    EpochEnded,
    EpochStarted,
    Event,
    Listener,
    TrainingEnded,
    TrainingStarted,
    UpdateMade,
)
from pellucid.training.history import Epoch
from pellucid.training.interrupt import Interrupts
from pellucid.training.loop import Plan, Run
from pellucid.training.stopping import AdaptiveRate, TimeLimit
from pellucid.training.updates import Updates

Array = NDArray[Any]

logger = logging.getLogger("pellucid")

# What scikit-learn says when weights are not finite; code that waits for it finds it in our error too.
NOT_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and need to be "
    "preprocessed."
)


@dataclass(frozen=True, eq=False)
class Examples:
    """Rows to learn from: `y` of shape (n, outputs) and any type, `row_weight` of shape (n, 1) or None.

    `rows` are the numbers of those that are learned from, None for all.
    """

    X: Any
    y: Array
    row_weight: Array | None = None
    rows: Array | None = None

    @property
    def count(self) -> int:
        """How many rows are learned from."""
        return self.X.shape[0] if self.rows is None else len(self.rows)


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Rows that only judge: inputs, answers as a user has them, targets, and the weights of both.

    `rows` are their numbers, where they were drawn from those given to learn from.
    """

    X: Any
    answers: Array
    y: Array
    sample_weight: Array | None
    row_weight: Array | None
    rows: Array | None = None


@dataclass(frozen=True, eq=False)
class OptimizerState:
    """What a later `partial_fit` continues from."""

    optimizer: Optimizer
    states: dict[str, Array]
    settings: dict[str, float]
    number: int
    epoch: int

    @property
    def learning_rate(self) -> float:
        """The rate that the next update starts from."""
        return self.settings["learning_rate"]

    @classmethod
    def of(cls, updates: Updates, epoch: int) -> OptimizerState:
        """Return the state as it stands."""
        optimizer = updates.step.optimizer
        assert optimizer is not None
        settings = {name: updates.settings[_in_step(name, updates)] for name in optimizer.settings}
        states = {name: state.copy() for name, state in updates.states.items()}
        return cls(optimizer, states, settings, updates.number, epoch)

    def put_into(self, updates: Updates) -> None:
        """Let `updates` continue from here."""
        for name, state in self.states.items():
            updates.states[name][:] = state
        updates.settings |= {_in_step(name, updates): v for name, v in self.settings.items()}
        updates.number = self.number


def _in_step(name: str, updates: Updates) -> str:
    """Return the name that an optimizer's number has in the step: a scheduled rate is the base's there."""
    return name if name in updates.settings else f"base_{name}"


@dataclass(frozen=True, eq=False)
class Place:
    """Where a fit stands between two epochs, beside the weights, the curves and the optimizer's state.

    Attributes
    ----------
    order
        The order of the rows in the last epoch; the next shuffle starts from it.
    rows, judging
        Numbers of the rows learned from, and of those drawn to judge; None for all, and for none.
    generator
        State of the random numbers.
    seed
        Of the dropout masks.
    converged
        Why the fit has ended, or "".
    adaptive
        What a schedule that looks at the training has seen: its best value, and epochs without progress.
    count, epochs
        Rows given, and epochs done.
    """

    order: Array
    rows: Array | None
    judging: Array | None
    generator: Any
    seed: int
    converged: str
    adaptive: tuple[float, int]
    count: int
    epochs: int


class StochasticFit:
    """One `fit` or `partial_fit` of an estimator by a stochastic solver."""

    def __init__(
        self,
        model: Any,
        network: Network,
        flat: Array,
        examples: Examples,
        held_out: HeldOut | None,
        *,
        optimizer: Optimizer,
        continued: OptimizerState | None,
        incremental: bool,
        random_state: np.random.RandomState,
        place: Place | None = None,
        checkpoint: Callable[[StochasticFit, Place], None] | None = None,
    ) -> None:
        self.model, self.network, self.flat = model, network, flat
        self.examples, self.held_out = examples, held_out
        self.incremental, self.random_state = incremental, random_state
        self.batch_size = _batch_size(model.batch_size, examples.count)
        step = Step(network, optimizer, weighted=examples.row_weight is not None)
        self.place, self.checkpoint = place, checkpoint
        seed = 0 if place is None else place.seed
        if place is None and step.masks:
            seed = int(random_state.randint(np.iinfo(np.int32).max))
        self.updates = Updates(step, flat, seed=seed)
        if continued is not None:
            continued.put_into(self.updates)
        self.first_epoch = 0 if continued is None else continued.epoch
        self.first_epoch -= 0 if place is None else place.epochs
        plan = Plan(model.max_iter, self.batch_size, shuffle=model.shuffle, watch="nothing")
        self.run = Run(self.updates, plan, examples.count)
        self.order = np.arange(examples.count) if place is None else place.order
        self.converged = "" if place is None else place.converged
        self.written = -math.inf
        schedule = optimizer.schedule
        self.adaptive = AdaptiveRate(schedule) if isinstance(schedule, Adaptive) else None
        if place is not None and self.adaptive is not None:
            self.adaptive.best, self.adaptive.waited = place.adaptive
        if place is not None and hasattr(model, "history_"):
            for epoch in model.history_:
                self.run.history.add(epoch)
        # scikit-learn's rules divide and set the rate itself; a scheduled one has a base.
        self.rule = rate_rule(model)
        self.rate = (
            "learning_rate" if "learning_rate" in self.updates.settings else "base_learning_rate"
        )
        # A fit that is stopped early, or asked to, goes back to its best epoch.
        self.restores = (model.early_stopping or model.restore_best_weights) and not incremental
        self.score = scorer_for(model)

    def __call__(self, callbacks: Listener | None = None) -> OptimizerState:
        """Train, leave the weights in the flat vector, and return the optimizer's state."""
        model, run = self.model, self.run
        own: list[Listener] = [] if self.adaptive is None else [self.adaptive]
        own += [] if callbacks is None else [callbacks]
        listeners = [*(model.listeners or ()), *own, *_own_listeners(model)]

        def tell(event: Event) -> None:
            for listener in listeners:
                listener(event)

        model.n_iter_ = 0 if self.place is None else self.place.epochs
        if self.converged:
            run.stop(self.converged)
        kept = self.flat.copy()
        with Interrupts() as interrupts:
            try:
                tell(TrainingStarted(run))
                while self._goes_on():
                    seen, total = self._epoch(tell, interrupts)
                    self._count(seen, total)
                    kept[:] = self.flat
                    self._judge()
                    self._after_epoch(tell)
                    if self.checkpoint is not None and seen == self.examples.count:
                        self._keep_place(self.checkpoint)
                    if run.reason or self.incremental:
                        break
                    if model.n_iter_ == model.max_iter:
                        _warn_not_converged(model.max_iter)
            except KeyboardInterrupt:
                # From a listener, or a second Ctrl-C: only whole epochs are kept.
                if not model.n_iter_:
                    raise
                run.interrupted = True
                run.stop("interrupted")
                self.flat[:] = kept
        run.stop("all epochs are done")
        if run.interrupted:
            warnings.warn("Training interrupted by user.", stacklevel=2)
        state = self.state()
        if self.restores and getattr(model, "_best", None) is not None:
            self.flat[:] = model._best
        tell(TrainingEnded(run, run.reason))
        logger.info("%s: %d epochs, %s", type(model).__name__, model.n_iter_, run.reason)
        model.stopped_because_ = run.reason
        return state

    def _goes_on(self) -> bool:
        return self.model.n_iter_ < self.model.max_iter and not self.run.reason

    def state(self) -> OptimizerState:
        """Return the optimizer's state as it stands."""
        return OptimizerState.of(self.updates, self.first_epoch + self.model.n_iter_)

    def _keep_place(self, checkpoint: Callable[[StochasticFit, Place], None]) -> None:
        """Hand the place to who writes it, when that is due."""
        model, run = self.model, self.run
        now = time.perf_counter()
        if now - self.written < 1 and not run.reason and model.n_iter_ < model.max_iter:
            return
        adaptive = (
            (-math.inf, 0) if self.adaptive is None else (self.adaptive.best, self.adaptive.waited)
        )
        rows, judging = self.examples.rows, None if self.held_out is None else self.held_out.rows
        checkpoint(
            self,
            Place(
                self.order,
                rows,
                judging,
                self.random_state.get_state(),
                self.updates.seed,
                self.converged,
                adaptive,
                self.examples.X.shape[0],
                model.n_iter_,
            ),
        )
        self.written = now

    def _epoch(self, tell: Callable[[Event], None], interrupts: Interrupts) -> tuple[int, float]:
        """Run one epoch; return how many rows it has seen, and the sum of their losses as printed."""
        run, examples, updates = self.run, self.examples, self.updates
        number = run.epoch = self.first_epoch + self.model.n_iter_
        self.started = time.perf_counter()
        tell(EpochStarted(run, number))
        if self.model.shuffle:
            self.order = shuffle(self.order, random_state=self.random_state)
        every = self.model.max_iter * run.updates_per_epoch
        seen, total, values = 0, 0.0, None
        for start in range(0, examples.count, self.batch_size):
            part = slice(start, min(start + self.batch_size, examples.count))
            numbers = self.order[part]
            numbers = numbers if examples.rows is None else examples.rows[numbers]
            # A slice of rows that lie one behind the other copies nothing.
            rows = numbers if self.model.shuffle or examples.rows is not None else part
            weight = None if examples.row_weight is None else examples.row_weight[rows]
            seen += len(numbers)
            if weight is not None and not weight.any():
                continue  # rows that do not count make no update
            y = np.asarray(examples.y[rows], self.flat.dtype)
            progress = min(updates.number / every, 1.0)
            given = updates.given(examples.X[rows], y, weight, epoch=number, progress=progress)
            values = updates.make(given)
            loss = printed(self.network, float(values["loss"]), float(values.get("penalty", 0.0)))
            if not math.isfinite(loss):
                raise self._diverged(values, number, start)
            total += loss * len(numbers)
            tell(UpdateMade(run, numbers, values))
            if interrupts.came:
                run.interrupted = True
                run.stop("interrupted")
            if run.reason:
                break
        if values is None:
            raise InputError(
                "Expected rows that count. Got a weight of 0 in every row to learn from."
            )
        if not np.isfinite(self.flat).all():
            raise self._diverged(values, number, start)
        return seen, total

    def _diverged(self, values: Any, epoch: int, start: int) -> DivergedError:
        batch = start // self.batch_size + 1
        rate = float(
            (values if "learning_rate" in values else self.updates.settings)["learning_rate"]
        )
        cause = diverged(self.updates.step, values, self.updates.number, epoch, rate)
        return DivergedError(f"{NOT_FINITE} Epoch {epoch + 1}, batch {batch}: {cause}")

    def _count(self, seen: int, total: float) -> None:
        model = self.model
        model.n_iter_ += 1
        model.loss_ = total / seen
        model.t_ += seen
        model.loss_curve_.append(model.loss_)

    def _judge(self) -> None:
        """Count the epochs without progress as scikit-learn does, and remember the best."""
        model, held_out = self.model, self.held_out
        if held_out is not None:
            with np.errstate(all="ignore"):  # a score of numbers near the end of their range
                model.validation_scores_.append(self.score(model, held_out))
            model.validation_loss_curve_.append(model._loss_of(held_out))
        if model.early_stopping:
            score, best = model.validation_scores_[-1], model.best_validation_score_
            slow, better = score < best + model.tol, score > best
        else:
            best = model.best_loss_
            slow, better = model.loss_ > best - model.tol, model.loss_ < best
        model._no_improvement_count = model._no_improvement_count + 1 if slow else 0
        if better and model.early_stopping:
            model.best_validation_score_ = score
        elif better:
            model.best_loss_ = model.loss_
        if not model.early_stopping and held_out is not None:
            score = model.validation_scores_[-1]
            seen = getattr(model, "best_validation_score_", None)
            better = seen is None or score > seen
            model.best_validation_score_ = score if better else seen
        self.is_best = bool(better or getattr(model, "_best", None) is None)
        if self.restores and self.is_best:
            model._best = self.flat.copy()

    def _after_epoch(self, tell: Callable[[Event], None]) -> None:
        model, settings = self.model, self.updates.settings
        rate = settings[self.rate]
        if self.rule == "invscaling":
            settings[self.rate] = float(model.learning_rate_init) / (model.t_ + 1) ** model.power_t
        if model._no_improvement_count > model.n_iter_no_change:
            what = "Validation score" if model.early_stopping else "Training loss"
            reason = (
                f"{what} did not improve more than tol={model.tol:f} for {model.n_iter_no_change} "
                "consecutive epochs."
            )
            if self.rule == "adaptive" and settings[self.rate] > 1e-6:
                settings[self.rate] /= 5.0
                model._no_improvement_count = 0
            else:
                small = " Learning rate too small." if self.rule == "adaptive" else ""
                self.converged = f"{reason}{small}"
                self.run.stop(self.converged)
        held = self.held_out is not None
        epoch = Epoch(
            model.loss_,
            rate,
            time.perf_counter() - self.started,
            model.validation_loss_curve_[-1] if held else None,
            model.validation_scores_[-1] if held else None,
        )
        self.run.history.add(epoch)
        tell(EpochEnded(self.run, self.run.epoch, epoch, self.is_best))


def scorer_for(model: Any) -> Callable[[Any, HeldOut], float]:
    """Return what scores the held-out rows: the estimator's own score, its loss, or a scorer."""
    if model.scoring is None:
        return lambda model, rows: float(model._score_outputs(rows))
    if isinstance(model.scoring, str) and model.scoring == "loss":
        return lambda model, rows: -float(model._loss_of(rows))
    scorer = check_scoring(model, scoring=model.scoring)

    def score(model: Any, rows: HeldOut) -> float:
        # The rows have lost their column names; so must who is asked, or scikit-learn warns.
        asked = copy.copy(model)
        vars(asked).pop("feature_names_in_", None)
        weight = {} if rows.sample_weight is None else {"sample_weight": rows.sample_weight}
        return float(scorer(asked, rows.X, rows.answers, **weight))

    return score


def _own_listeners(model: Any) -> list[Any]:
    listeners: list[Any] = []
    listeners += [] if model.time_limit is None else [TimeLimit(float(model.time_limit))]
    return [*listeners, *([Teller()] if model.verbose else [])]


class Teller:
    """Writes scikit-learn's lines about each epoch to the standard output."""

    def __call__(self, event: Event) -> None:
        """Write what there is to say."""
        lines = []
        if isinstance(event, EpochEnded):
            lines = [f"Iteration {len(event.run.history)}, loss = {event.epoch.loss:.8f}"]
            if event.epoch.score is not None:
                lines.append(f"Validation score: {event.epoch.score:f}")
            rate = event.run.updates.settings.get("learning_rate", event.epoch.learning_rate)
            if rate < event.epoch.learning_rate:
                lines.append(f"Setting learning rate to {rate:f}")
        elif isinstance(event, TrainingEnded):
            lines = [f"{event.reason} Stopping."] if event.reason.endswith(".") else []
        sys.stdout.writelines(f"{line}\n" for line in lines)


def _batch_size(choice: Any, rows: int) -> int:
    if isinstance(choice, str):
        return min(batch_size_for(rows) if choice == "by_rows" else 200, rows)
    if choice > rows:
        warnings.warn(
            "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped",
            stacklevel=2,
        )
    return int(np.clip(choice, 1, rows))


def _warn_not_converged(epochs: int) -> None:
    warnings.warn(
        f"Stochastic Optimizer: Maximum iterations ({epochs}) reached and the optimization hasn't "
        "converged yet.",
        ConvergenceWarning,
        stacklevel=2,
    )
