"""Fitting by epochs, in scikit-learn's order: draws, updates, what it counts, and when it stops."""

from __future__ import annotations

import copy
import logging
import math
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import check_scoring

from pellucid.blas import one_blas_thread
from pellucid.catalogue import Optimizer
from pellucid.catalogue.schedules import Adaptive
from pellucid.estimators.mlp_choices import rate_rule
from pellucid.estimators.mlp_draws import numbered
from pellucid.estimators.mlp_epochs import (
    Orders,
    Passed,
    compiled_epochs,
    counted,
    numpy_epoch,
    together,
)
from pellucid.estimators.mlp_rows import Examples, HeldOut
from pellucid.estimators.recipe import batch_size_for
from pellucid.network import Network
from pellucid.rows import entries_of_a_row
from pellucid.step import Step
from pellucid.training.choice import Job, threads_for
from pellucid.training.compiled import CompiledUpdates, compiled_if_chosen
from pellucid.training.events import (
    CompilationStarted,
    EpochEnded,
    EpochStarted,
    Event,
    Listener,
    Listeners,
    TrainingEnded,
    TrainingStarted,
)
from pellucid.training.history import Epoch
from pellucid.training.interrupt import Interrupts
from pellucid.training.loop import UPDATES_ARE_HEARD
from pellucid.training.rows import Rows
from pellucid.training.run import Plan, Run
from pellucid.training.stopping import AdaptiveRate, TimeLimit
from pellucid.training.updates import Updates

Array = NDArray[Any]

logger = logging.getLogger("pellucid")

# The first call makes at most four times as many epochs, where some can be made together.
FIRST_JOINED = 8


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
        Numbers of the rows learned from, as the last epoch had them; the next shuffle starts from it. None
        for all rows as they come.
    judging
        Numbers of the rows drawn to judge; None for none.
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
    data
        The digest of these rows, where the place was read from a file; "" elsewhere.
    """

    order: Array | None
    judging: Array | None
    generator: Any
    seed: int
    converged: str
    adaptive: tuple[float, int]
    count: int
    epochs: int
    data: str = ""


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
        order = examples.rows if place is None else place.order
        if order is None and model.shuffle:
            order = numbered(examples.count)
        self.orders = Orders(order, model.shuffle, random_state)
        self.compiled: CompiledUpdates | None = None
        self.interrupts = Interrupts()
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
        own += [Teller()] if model.verbose else []
        tell = Listeners([*(model.listeners or ()), *own])
        self.limit = TimeLimit(model.time_limit)
        model.n_iter_ = 0 if self.place is None else self.place.epochs
        if self.converged:
            run.stop(self.converged)
        kept = self.flat.copy()
        with self.interrupts, one_blas_thread():
            try:
                tell(TrainingStarted(run))
                self._choose(tell)
                with self._ending():
                    while self._goes_on():
                        self._advance(tell, kept)
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

    def _choose(self, tell: Listeners) -> None:
        """Choose what trains, and prepare it."""
        model, examples, updates = self.model, self.examples, self.updates
        planned = model.max_iter * self.run.updates_per_epoch
        obstacle = UPDATES_ARE_HEARD if tell.of_updates else ""

        def make() -> CompiledUpdates:
            return CompiledUpdates(
                updates,
                Rows(examples.X, examples.y, examples.row_weight, examples.rows),
                self.batch_size,
                planned,
                threads=threads_for(model.n_jobs),
                compiling=lambda: tell(CompilationStarted(self.run)),
            )

        asked = model.engine
        if self.place is not None and asked == "auto":
            asked = model.engine_  # what goes on exactly goes on by the same kernels
        self.compiled = compiled_if_chosen(
            make,
            asked,
            Job(
                self.network,
                self.batch_size,
                self.run.updates_per_epoch if self.incremental else planned,
                entries_of_a_row(examples.X),
            ),
            obstacle=obstacle,
            time_limit=model.time_limit,
        )
        model.engine_ = "numpy" if self.compiled is None else "compiled"
        looks = self.held_out is not None or self.checkpoint is not None or self.restores
        self.joins = not (looks or tell.all or self.incremental or self.rule != "constant")
        self.joined = FIRST_JOINED

    def _ending(self) -> AbstractContextManager[None]:
        """Return the context in which Ctrl-C and the time's end are heard by compiled calls."""
        if self.compiled is None:
            return nullcontext()
        return self.compiled.ending(self.interrupts, self.limit)

    def look_up(self) -> None:
        """Stop the run if Ctrl-C has come, or the time is up."""
        if self.limit.is_over:
            self.run.stop(self.limit.reason)
        if self.interrupts.came:
            self.run.interrupted = True
            self.run.stop("interrupted")

    def _advance(self, tell: Listeners, kept: Array) -> None:
        """Make the next epoch, or some together where nobody looks at them one by one."""
        model, run = self.model, self.run
        number = run.epoch = self.first_epoch + model.n_iter_
        self.started = time.perf_counter()
        tell(EpochStarted(run, number))
        if self.compiled is None:
            passed = numpy_epoch(self, tell, number)
        else:
            self.joined = together(self, self.joined) if self.joins else 1
            passed = compiled_epochs(self, self.compiled, number, self.joined)
            self.look_up()
        self._count(passed)
        kept[:] = self.flat
        self._judge(passed.losses)
        self._after_epochs(tell, passed.losses)
        if self.checkpoint is not None and passed.seen == self.examples.count:
            self._keep_place(self.checkpoint)
        if self.incremental:
            run.stop("all epochs are done")
        elif not run.reason and model.n_iter_ == model.max_iter:
            _warn_not_converged(model.max_iter)

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
        judging = None if self.held_out is None else self.held_out.rows
        checkpoint(
            self,
            Place(
                self.orders.order,
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

    def _count(self, passed: Passed) -> None:
        model = self.model
        model.n_iter_ += len(passed.losses)
        model.loss_ = float(passed.losses[-1])
        model.t_ += passed.seen
        model.loss_curve_.extend(passed.losses.tolist())

    def _judge(self, losses: Array) -> None:
        """Count the epochs without progress as scikit-learn does, and remember the best."""
        model, held_out = self.model, self.held_out
        if held_out is not None:
            with np.errstate(all="ignore"):  # a score of numbers near the end of their range
                model.validation_scores_.append(self.score(model, held_out))
            model.validation_loss_curve_.append(model._loss_of(held_out))
        if model.early_stopping:
            score, best = model.validation_scores_[-1], model.best_validation_score_
            slow, better = score < best + model.tol, score > best
            model._no_improvement_count = model._no_improvement_count + 1 if slow else 0
            model.best_validation_score_ = score if better else best
        else:
            best, waited = model.best_loss_, model._no_improvement_count
            _, model.best_loss_, model._no_improvement_count = counted(
                losses, best, waited, model.tol, math.inf
            )
            better = model.best_loss_ < best
        if not model.early_stopping and held_out is not None:
            score = model.validation_scores_[-1]
            seen = getattr(model, "best_validation_score_", None)
            better = seen is None or score > seen
            model.best_validation_score_ = score if better else seen
        self.is_best = bool(better or getattr(model, "_best", None) is None)
        if self.restores and self.is_best:
            model._best = self.flat.copy()

    def _after_epochs(self, tell: Listeners, losses: Array) -> None:
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
        seconds = time.perf_counter() - self.started
        if len(losses) > 1:
            self.run.history.add_several(losses.tolist(), rate, seconds)
            return
        held = self.held_out is not None
        epoch = Epoch(
            model.loss_,
            rate,
            seconds,
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
        rows = rows.part()
        weight = {} if rows.sample_weight is None else {"sample_weight": rows.sample_weight}
        return float(scorer(asked, rows.X, rows.answers, **weight))

    return score


class Teller:
    """Writes scikit-learn's lines about each epoch to the standard output."""

    def __call__(self, event: Event) -> None:
        """Write what there is to say."""
        lines = []
        if isinstance(event, CompilationStarted):
            self.compiling()
        elif isinstance(event, EpochEnded):
            lines = [f"Iteration {len(event.run.history)}, loss = {event.epoch.loss:.8f}"]
            if event.epoch.score is not None:
                lines.append(f"Validation score: {event.epoch.score:f}")
            rate = event.run.updates.settings.get("learning_rate", event.epoch.learning_rate)
            if rate < event.epoch.learning_rate:
                lines.append(f"Setting learning rate to {rate:f}")
        elif isinstance(event, TrainingEnded):
            lines = [f"{event.reason} Stopping."] if event.reason.endswith(".") else []
        sys.stdout.writelines(f"{line}\n" for line in lines)

    def compiling(self) -> None:
        """Write that kernels are being compiled."""
        sys.stdout.write("Compiling, which is done once.\n")


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
