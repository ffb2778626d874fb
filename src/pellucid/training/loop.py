"""The training loop: epochs of updates, with named events in between."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.blas import one_blas_thread
from pellucid.catalogue.schedules import Adaptive
from pellucid.errors import InputError, check_count, explain
from pellucid.evaluator import compute
from pellucid.network import Network
from pellucid.step import forward
from pellucid.step.forward import loss as name_loss
from pellucid.training.batches import batches_per_epoch, epoch_batches
from pellucid.training.divergence import diverged, first_not_finite
from pellucid.training.events import (
    EpochEnded,
    EpochStarted,
    Event,
    Listener,
    TrainingEnded,
    TrainingStarted,
    UpdateMade,
)
from pellucid.training.history import Epoch, History
from pellucid.training.interrupt import Interrupts
from pellucid.training.stopping import AdaptiveRate, Patience, TimeLimit
from pellucid.training.updates import Updates

Array = NDArray[Any]
Scorer = Callable[[Array, Array, Array | None], float]

logger = logging.getLogger("pellucid")

# So many rows at a time go forward when held-out rows are scored, so that memory does not grow with them.
ROWS_AT_A_TIME = 4096


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows to learn from, or to be judged by.

    `X` of shape (n, inputs), `y` of shape (n, outputs), `row_weight` of shape (n, 1) or None.
    """

    X: Array
    y: Array
    row_weight: Array | None = None

    def part(self, rows: Any) -> Rows:
        """Return some of the rows; a slice copies nothing."""
        weight = None if self.row_weight is None else self.row_weight[rows]
        return Rows(self.X[rows], self.y[rows], weight)


@dataclass(frozen=True)
class Plan:
    """How long to train, and in which batches.

    Attributes
    ----------
    epochs
        Passes over the rows, those of an earlier training that is continued included.
    batch_size
        Rows of an update; None for all.
    shuffle, seed
        Whether rows are shuffled before each epoch; epoch e is shuffled by (seed, e) alone, so that a
        training continued later is the same as one in one go.
    watch
        What makes an epoch the best: "loss" (of the held-out rows, else of the rows trained on), "score",
        or "nothing". Of equally good epochs the last is best: it has seen more. So with "nothing" it is the
        last of all.
    patience, tol
        Stop when the watched value is not better by more than `tol` for so many epochs; None: never.
    time_limit
        Seconds after which no further update is begun; None: no limit.
    """

    epochs: int
    batch_size: int | None = None
    shuffle: bool = True
    seed: int = 0
    watch: str = "loss"
    patience: int | None = None
    tol: float = 0.0
    time_limit: float | None = None

    def __post_init__(self) -> None:
        if not _is_count(self.epochs):
            raise InputError(
                explain(
                    expected="1 epoch or more",
                    got=f"epochs={self.epochs!r}",
                    do="give a whole number above 0",
                )
            )
        if self.patience is not None:
            check_count(self.patience, "patience")
        if self.time_limit is not None and not self.time_limit >= 0:
            raise InputError(
                explain(
                    expected="a time_limit of 0 seconds or more, or None",
                    got=repr(self.time_limit),
                    do="leave it out for no limit",
                )
            )
        if self.watch not in ("loss", "score", "nothing"):
            raise InputError(f"Expected watch='loss', 'score' or 'nothing'. Got {self.watch!r}.")


def _is_count(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= 1)


@dataclass(frozen=True, eq=False)
class Moment:
    """A training between two updates: all that is needed to go on from there.

    Attributes
    ----------
    flat, states, settings
        Copies of what `Updates` holds.
    number
        How many updates have been made.
    epoch, progress
        The number of the epoch and the progress that the next update sees.
    """

    flat: Array
    states: dict[str, Array]
    settings: dict[str, float]
    number: int
    epoch: int
    progress: float

    def put_into(self, updates: Updates) -> None:
        """Let `updates` continue from here."""
        updates.flat[:] = self.flat
        for name, state in self.states.items():
            updates.states[name][:] = state
        updates.settings = dict(self.settings)
        updates.number = self.number


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training gives back.

    Attributes
    ----------
    best, last
        The moment after the best epoch, and the one after the last.
    history
        Every epoch, and which of them is best.
    reason, interrupted
        Why it ended, and whether that was Ctrl-C.
    """

    best: Moment
    last: Moment
    history: History
    reason: str
    interrupted: bool


class Run:
    """A training as it stands; listeners see it as ``event.run``.

    Attributes
    ----------
    updates, plan, history
        What is trained, how, and what came of it so far.
    epoch
        Number of the epoch at hand, from 0.
    updates_per_epoch
        How many updates an epoch has.
    best, last
        The moments after the best and after the latest epoch, or None.
    """

    def __init__(
        self, updates: Updates, plan: Plan, rows: int, resume: Trained | None = None
    ) -> None:
        self.updates = updates
        self.plan = plan
        self.history = History() if resume is None else History(resume.history, resume.history.best)
        self.epoch = len(self.history)
        self.updates_per_epoch = batches_per_epoch(plan.batch_size, rows)
        self.best = None if resume is None else resume.best
        self.last = None if resume is None else resume.last
        self.reason = ""
        self.interrupted = False

    def stop(self, reason: str) -> None:
        """End the training after the update at hand; the first reason given counts."""
        self.reason = self.reason or reason

    def watched(self, epoch: Epoch) -> float:
        """Return the value of an epoch by which the best is found; higher is better."""
        if self.plan.watch == "nothing":
            return 0.0
        if self.plan.watch == "score" and epoch.score is not None:
            return epoch.score
        return -(epoch.loss if epoch.validation_loss is None else epoch.validation_loss)

    def moment(self) -> Moment:
        """Return a copy of where the training stands."""
        u = self.updates
        # After the last update there is no next one: a schedule that ends at 0 would leave a learning
        # rate of 0, and a look at the next step would show nothing move.
        updates = self.plan.epochs * self.updates_per_epoch
        done = min(u.number, updates - 1) / updates
        states = {name: state.copy() for name, state in u.states.items()}
        return Moment(u.flat.copy(), states, dict(u.settings), u.number, len(self.history), done)


def train(
    updates: Updates,
    rows: Rows,
    plan: Plan,
    *,
    held_out: Rows | None = None,
    scorer: Scorer | None = None,
    listeners: Iterable[Listener] = (),
    resume: Trained | None = None,
) -> Trained:
    """Train, and return the best moment and the last.

    Parameters
    ----------
    updates
        The step with its parameters and optimizer state, which are changed in place.
    rows
        The rows to learn from, of the type of ``updates.flat``.
    plan
        How long, and in which batches.
    held_out
        Rows that are only used to judge each epoch.
    scorer
        ``scorer(output, y, row_weight)`` of the held-out rows; higher is better.
    listeners
        Each is called with every event, in this order.
    resume
        An earlier training to continue: from its last moment, with its history.

    Raises
    ------
    DivergedError
        At the first loss, or the first weight, that is not finite.
    KeyboardInterrupt
        If Ctrl-C comes before there is anything to return.
    """
    run = Run(updates, plan, len(rows.X), resume)
    if resume is not None:
        resume.last.put_into(updates)
    tell = _teller([*_own_listeners(run), *listeners])
    with Interrupts() as interrupts, one_blas_thread():
        try:
            tell(TrainingStarted(run))
            while len(run.history) < plan.epochs and not run.reason:
                _epoch(run, rows, held_out, scorer, tell, interrupts)
        except KeyboardInterrupt:
            # Raised by a listener, or by a second Ctrl-C: the vectors may be half of one update and
            # half of the next, so only what a finished epoch left behind can be returned.
            if run.last is None:
                raise
            run.interrupted = True
            run.stop("interrupted")
    run.stop("all epochs are done")
    tell(TrainingEnded(run, run.reason))
    logger.info("training ended after %d epochs: %s", len(run.history), run.reason)
    assert run.best is not None
    assert run.last is not None
    return Trained(run.best, run.last, run.history, run.reason, run.interrupted)


def _own_listeners(run: Run) -> Iterable[Listener]:
    plan, optimizer = run.plan, run.updates.step.optimizer
    if optimizer is not None and isinstance(optimizer.schedule, Adaptive):
        yield AdaptiveRate(optimizer.schedule)
    if plan.patience is not None:
        yield Patience(plan.patience, plan.tol)
    if plan.time_limit is not None:
        yield TimeLimit(plan.time_limit)


def _teller(listeners: list[Listener]) -> Callable[[Event], None]:
    def tell(event: Event) -> None:
        for listener in listeners:
            listener(event)

    return tell


def _epoch(
    run: Run,
    rows: Rows,
    held_out: Rows | None,
    scorer: Scorer | None,
    tell: Callable[[Event], None],
    interrupts: Interrupts,
) -> None:
    """Run one epoch; one that is stopped in the middle counts, with the rows it has seen."""
    updates, plan = run.updates, run.plan
    number = run.epoch = len(run.history)
    started = time.perf_counter()
    tell(EpochStarted(run, number))
    total = weights = 0.0
    rate = math.nan
    rng = np.random.default_rng([plan.seed, number]) if plan.shuffle else None
    for chosen in epoch_batches(len(rows.X), plan.batch_size, rng):
        batch = rows.part(chosen)
        progress = min(updates.number / (plan.epochs * run.updates_per_epoch), 1.0)
        given = updates.given(batch.X, batch.y, batch.row_weight, epoch=number, progress=progress)
        values = updates.make(given)
        loss = float(values["loss"])
        rate = float((values if "learning_rate" in values else updates.settings)["learning_rate"])
        if not (math.isfinite(loss) and np.isfinite(updates.flat).all()):
            raise diverged(updates.step, values, updates.number, number, rate)
        weight = float(batch.row_weight.sum()) if batch.row_weight is not None else len(chosen)
        # The loss of a batch is the mean or the sum of its rows'; an epoch's is always the mean.
        total += loss * weight if updates.step.reduction == "mean" else loss
        weights += weight
        tell(UpdateMade(run, chosen, values))
        if interrupts.came:
            run.interrupted = True
            run.stop("interrupted")
        if run.reason:
            break
    judged: tuple[float | None, float | None] = (None, None)
    if held_out is not None:
        loss, outputs, bad = _forward(updates.step.network, updates.parameters, held_out)
        if bad:
            raise diverged(updates.step, bad, updates.number, number, rate)
        judged = (loss, scorer(outputs, held_out.y, held_out.row_weight) if scorer else None)
    epoch = Epoch(total / weights, rate, time.perf_counter() - started, *judged)
    is_best = run.history.best is None or run.watched(epoch) >= run.watched(
        run.history[run.history.best]
    )
    run.history.add(epoch)
    run.last = run.moment()
    if is_best:
        run.history.best, run.best = number, run.last
    logger.debug("epoch %d: %s", number, epoch)
    tell(EpochEnded(run, number, epoch, is_best))


def _forward(
    network: Network, parameters: dict[str, Array], rows: Rows
) -> tuple[float, Array, dict[str, Array]]:
    """Return the mean loss of rows as in training, without dropout and penalties, and their outputs.

    The third is empty, or every value of the first part of the rows in which not all are finite.
    """
    total = weights = 0.0
    outputs = []

    def lines(let: Any, given: Any) -> None:
        made = forward(let, network, given)
        name_loss(let, network, given, made, "sum")

    for start in range(0, len(rows.X), ROWS_AT_A_TIME):
        part = rows.part(slice(start, start + ROWS_AT_A_TIME))
        given: dict[str, Any] = {"X": part.X, "y": part.y, **parameters, **network.settings}
        if part.row_weight is not None:
            given["row_weight"] = part.row_weight
        values = compute(lines, given, part.X.dtype)
        if first_not_finite(values):
            return math.nan, values["output"], values
        outputs.append(values["output"])
        total += float(values["loss"])
        weights += float(part.row_weight.sum()) if part.row_weight is not None else len(part.X)
    return total / weights, np.concatenate(outputs), {}
