"""The training loop: epochs of updates, with named events in between."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pellucid.blas import one_blas_thread
from pellucid.catalogue.schedules import Adaptive
from pellucid.engine.threads import run_all
from pellucid.evaluator import compute
from pellucid.network import Network
from pellucid.step import forward
from pellucid.step.forward import loss as name_loss
from pellucid.training.batches import batch_rows, epoch_batches
from pellucid.training.choice import Job
from pellucid.training.compiled import CompiledUpdates, Failed, compiled_if_chosen, judge_for
from pellucid.training.divergence import diverged, first_not_finite
from pellucid.training.events import (
    CompilationStarted,
    EpochEnded,
    EpochStarted,
    Listener,
    Listeners,
    TrainingEnded,
    TrainingStarted,
    UpdateMade,
)
from pellucid.training.history import Epoch
from pellucid.training.interrupt import Interrupts
from pellucid.training.rows import Rows, rows_at_a_time
from pellucid.training.run import Plan, Run, Trained
from pellucid.training.stopping import AdaptiveRate, NothingMore, Patience, TimeLimit
from pellucid.training.updates import Updates

if TYPE_CHECKING:
    from pellucid.engine.predictor import Judge

Array = NDArray[Any]
Scorer = Callable[[Array, Array, Array | None], float]

logger = logging.getLogger("pellucid")

# Why NumPy trains where a listener asks for every update.
UPDATES_ARE_HEARD = "a listener that hears every update, of which compiled epochs tell nothing"


@dataclass(frozen=True, eq=False)
class Task:
    """A training that is asked for.

    Attributes
    ----------
    updates
        The step with its parameters and optimizer state, which are changed in place.
    rows
        The rows to learn from, of the type of ``updates.flat``.
    plan
        How long, and in which batches.
    held_out
        Rows that are only used to judge each epoch.
    resume
        An earlier training to continue: from its last moment, with its history.
    """

    updates: Updates
    rows: Rows
    plan: Plan
    held_out: Rows | None = None
    resume: Trained | None = None


def train(
    updates: Updates,
    rows: Rows,
    plan: Plan,
    *,
    held_out: Rows | None = None,
    scorer: Scorer | None = None,
    listeners: Iterable[Listener] = (),
    resume: Trained | None = None,
    engine: str = "auto",
    threads: int | None = None,
) -> Trained:
    """Train, and return the best moment and the last.

    The first parameters, and `held_out` and `resume`, are those of a `Task`; the others, and what is raised,
    are those of `train_together`.
    """
    task = Task(updates, rows, plan, held_out, resume)
    return train_together(
        [task], scorer=scorer, listeners=listeners, engine=engine, threads=threads
    )[0]


def train_together(
    tasks: Iterable[Task],
    *,
    at_once: int = 1,
    scorer: Scorer | None = None,
    listeners: Iterable[Listener] = (),
    engine: str = "auto",
    threads: int | None = None,
) -> list[Trained]:
    """Train one or several, some at the same time, and return the best moment and the last of each.

    They go epoch by epoch, and when one has ended, the next one begins. Compiled epochs of different trainings
    run side by side, which takes less time than to divide every batch between all threads. Everything else is
    done by the caller's thread, in the order of the tasks.

    Parameters
    ----------
    tasks
        What is to be trained; each is asked for when it can begin.
    at_once
        How many are trained at the same time.
    scorer
        ``scorer(output, y, row_weight)`` of the held-out rows; higher is better.
    listeners
        Each is called with every event, in this order; with `UpdateMade` those that are marked for it.
    engine, threads
        "auto", "compiled" or "numpy", see `choice.choose`; and how many threads the compiled one has for
        all of them, which are divided anew when fewer are left.

    Raises
    ------
    DivergedError
        At the first loss, or the first weight, that is not finite.
    KeyboardInterrupt
        If Ctrl-C comes before there is anything to return. After Ctrl-C, trainings of which there is nothing
        are left out of what is returned.
    """
    listeners, waiting = list(listeners), iter(tasks)
    with Interrupts() as interrupts, one_blas_thread():
        trainings: list[_Training] = []
        going: list[_Training] = []
        try:
            while True:
                for task in islice(waiting, at_once - len(going) if not interrupts.came else 0):
                    training = _Training(task, scorer, listeners, interrupts, engine)
                    trainings.append(training)
                    going.append(training)
                    training.begin(_share(threads, at_once))
                if not going:
                    break
                if len(going) < at_once:
                    for training in going:
                        training.widen(_share(threads, len(going)))
                _epoch_of_each(going)
                for training in [t for t in going if not t.goes_on]:
                    going.remove(training)
                    training.end()
        except KeyboardInterrupt:
            # Raised by a listener, or by a second Ctrl-C: the vectors may be half of one update and
            # half of the next, so only what a finished epoch left behind can be returned.
            if not any(training.run.last is not None for training in trainings):
                raise
            for training in going:
                training.interrupt()
        finally:
            for training in going:
                training.leave()
        trainings = [training for training in trainings if training.run.last is not None]
        for training in trainings:
            training.end()
    return [training.trained() for training in trainings]


def _share(threads: int | None, trainings: int) -> int | None:
    """Return how many threads each of some trainings has; None for as many as pay."""
    return threads if threads is None or trainings == 1 else max(1, threads // trainings)


def _epoch_of_each(trainings: list[_Training]) -> None:
    """Run an epoch of each, at the same time where all are compiled."""
    for training in trainings:
        training.begin_epoch()
    if len(trainings) == 1 or any(training.compiled is None for training in trainings):
        for training in trainings:
            training.make_epoch()
    else:
        errors: dict[int, BaseException] = {}

        def make(worker: int) -> int:
            try:
                trainings[worker].make_epoch()
            except BaseException as error:  # raised below, in the caller's thread
                errors[worker] = error
            return 0

        def stop() -> None:
            for training in trainings:
                training.stop_call()

        run_all(make, len(trainings), stop)
        if errors:
            raise errors[min(errors)]
    for training in trainings:
        training.end_epoch()


def _own_listeners(run: Run) -> Iterable[Listener]:
    plan, optimizer = run.plan, run.updates.step.optimizer
    if optimizer is not None and isinstance(optimizer.schedule, Adaptive):
        yield AdaptiveRate(optimizer.schedule)
    if optimizer is not None and plan.early_end:
        yield NothingMore(optimizer.schedule)
    if plan.patience is not None:
        yield Patience(plan.patience, plan.tol)


class _Training:
    """The epochs of a run, one after the other: by NumPy, or each in one compiled call."""

    def __init__(
        self,
        task: Task,
        scorer: Scorer | None,
        listeners: Iterable[Listener],
        interrupts: Interrupts,
        engine: str,
    ) -> None:
        self.run = run = Run(task.updates, task.plan, task.rows.count, task.resume)
        if task.resume is not None:
            task.resume.last.put_into(task.updates)
        self.rows, self.held_out, self.scorer = task.rows, task.held_out, scorer
        self.tell = Listeners([*_own_listeners(run), *listeners])
        self.interrupts, self.asked = interrupts, engine
        self.threads: int | None = None
        self.limit = TimeLimit(run.plan.time_limit)
        self.begun = len(run.history)
        self.compiled: CompiledUpdates | None = None
        self.judge: Judge | None = None
        self.number, self.started = 0, 0.0
        self.made = (math.nan, math.nan)
        self.judged: tuple[float, Array] | None = None
        self.has_ended = False
        self._hearing = ExitStack()

    def begin(self, threads: int | None) -> None:
        """Tell that it begins; choose what trains, and what judges, and prepare them."""
        self.tell(TrainingStarted(self.run))
        run, rows = self.run, self.rows
        batch = batch_rows(run.plan.batch_size, rows.count)
        self.threads = threads
        self.compiled = compiled_if_chosen(
            self._compiled_updates,
            self.asked,
            # Sparse rows count as dense ones: as such NumPy takes each batch.
            Job(run.updates.step.network, batch, self.planned),
            obstacle=UPDATES_ARE_HEARD if self.tell.of_updates else "",
            time_limit=run.plan.time_limit,
        )
        self._prepare()

    def _compiled_updates(self) -> CompiledUpdates:
        run, count = self.run, self.rows.count
        return CompiledUpdates(
            run.updates,
            self.rows,
            batch_rows(run.plan.batch_size, count),
            self.planned,
            count=run.plan.rows_per_epoch(count),
            threads=self.threads,
            compiling=lambda: self.tell(CompilationStarted(run)),
        )

    def _prepare(self) -> None:
        """Let compiled calls hear of Ctrl-C and of the time's end, and compiled kernels judge."""
        if self.compiled is None:
            return
        self._hearing.enter_context(self.compiled.ending(self.interrupts, self.limit))
        if self.held_out is not None:
            network = self.run.updates.step.network
            self.judge = judge_for(network, self.held_out, self.threads)

    def widen(self, threads: int | None) -> None:
        """Go on with more threads, if these are more."""
        if self.compiled is None or threads is None or threads <= (self.threads or threads):
            return
        self.leave()
        self.threads = threads
        self.compiled = self._compiled_updates()
        self._prepare()

    def leave(self) -> None:
        """Let compiled calls no longer hear of anything."""
        self._hearing.close()

    @property
    def goes_on(self) -> bool:
        """Whether there is another epoch to come."""
        return len(self.run.history) < self.run.epochs and not self.run.reason

    @property
    def planned(self) -> int:
        """How many updates there will be, as it looks now."""
        return self.run.epochs * self.run.updates_per_epoch

    def plan_again(self) -> None:
        """Plan as many epochs as the time allows, at the pace so far: schedules then end when it does."""
        run, done = self.run, len(self.run.history)
        if math.isinf(self.limit.left) or run.reason:
            return
        seconds = run.history.curve("seconds")[self.begun :]
        left = int(self.limit.left / max(sum(seconds) / len(seconds), 1e-9))
        run.epochs = max(done, min(run.plan.epochs, done + left))
        if self.compiled is not None:
            self.compiled.planned = self.planned

    def stop_call(self) -> None:
        """Let a compiled call end after its update at hand."""
        if self.compiled is not None:
            self.compiled.engine.stop()

    def interrupt(self) -> None:
        """End the training, because Ctrl-C has come."""
        self.run.interrupted = True
        self.run.stop("interrupted")

    def begin_epoch(self) -> None:
        """Tell that an epoch begins."""
        self.number = self.run.epoch = len(self.run.history)
        self.started = time.perf_counter()
        self.tell(EpochStarted(self.run, self.number))

    def make_epoch(self) -> None:
        """Make the updates of the epoch, and judge them; with compiled ones any thread may do it."""
        self.made = self._by_numpy(self.number) if self.compiled is None else self._compiled()
        if self.held_out is not None:
            self.judged = self._judged(self.held_out, self.made[1])

    def end_epoch(self) -> None:
        """Write down what came of the epoch; one that was stopped in its middle counts, too."""
        run = self.run
        loss, score = None, None
        if self.judged is not None and self.held_out is not None:
            loss, outputs = self.judged
            score = self.scorer(outputs, *self.held_out.targets) if self.scorer else None
        epoch = Epoch(*self.made, time.perf_counter() - self.started, loss, score)
        is_best = run.history.best is None or run.watched(epoch) >= run.watched(
            run.history[run.history.best]
        )
        run.history.add(epoch)
        run.last = run.moment()
        if is_best:
            run.history.best, run.best = self.number, run.last
        logger.debug("epoch %d: %s", self.number, epoch)
        self.tell(EpochEnded(run, self.number, epoch, is_best))
        self.plan_again()

    def end(self) -> None:
        """Tell that it has ended, once."""
        self.leave()
        if self.has_ended:
            return
        self.has_ended = True
        run, planned = self.run, self.run.plan.epochs
        run.stop(
            "all epochs are done"
            if run.epochs == planned
            else f"{self.limit.reason} with {run.epochs} of {planned} epochs"
        )
        self.tell(TrainingEnded(run, run.reason))
        logger.info("training ended after %d epochs: %s", len(run.history), run.reason)

    def trained(self) -> Trained:
        """Return what came of it."""
        run = self.run
        assert run.best is not None
        assert run.last is not None
        name = "numpy" if self.compiled is None else "compiled"
        return Trained(run.best, run.last, run.history, run.reason, run.interrupted, name)

    def _judged(self, held_out: Rows, rate: float) -> tuple[float, Array]:
        """Return the mean loss of the held-out rows, and their outputs."""
        updates = self.run.updates
        if self.judge is not None:
            held_loss, outputs = self.judge(updates.flat)
            if math.isfinite(held_loss) and np.isfinite(outputs).all():
                return held_loss, outputs
        network = updates.step.network
        held_loss, outputs, bad = _forward(network, updates.parameters, held_out)
        if bad:
            raise diverged(updates.step, bad, updates.number, self.number, rate)
        return held_loss, outputs

    def _compiled(self) -> tuple[float, float]:
        """Make an epoch's updates in one call; return its mean loss, and the last rate."""
        assert self.compiled is not None
        plan, updates, number = self.run.plan, self.run.updates, self.number
        order = None
        if plan.shuffle:
            order = np.random.default_rng([plan.seed, number]).permutation(self.rows.count)
            order = order[: plan.rows_per_epoch(self.rows.count)]
            order = order if self.rows.chosen is None else self.rows.chosen[order]
        try:
            made = self.compiled.make(order, number)
        except Failed as failed:
            rate = _rate(failed.values, updates)
            raise diverged(
                updates.step, failed.values, updates.number, failed.epoch, rate
            ) from None
        self._look_up()
        return float(made.losses[0] / made.weights[0]), made.learning_rate

    def _by_numpy(self, number: int) -> tuple[float, float]:
        """Make an epoch's updates one by one; return its mean loss, and the last rate."""
        run, plan, updates = self.run, self.run.plan, self.run.updates
        total = weights = 0.0
        rate = math.nan
        rng = np.random.default_rng([plan.seed, number]) if plan.shuffle else None
        batches = epoch_batches(self.rows.count, plan.batch_size, rng, drop_last=plan.drop_last)
        for chosen in batches:
            batch = self.rows.part(chosen)
            progress = min(updates.number / self.planned, 1.0)
            given = updates.given(
                batch.X, batch.y, batch.row_weight, epoch=number, progress=progress
            )
            values = updates.make(given)
            loss, penalty = float(values["loss"]), float(values.get("penalty", 0.0))
            rate = _rate(values, updates)
            if not (math.isfinite(loss + penalty) and np.isfinite(updates.flat).all()):
                raise diverged(updates.step, values, updates.number, number, rate)
            weight = float(batch.row_weight.sum()) if batch.row_weight is not None else len(chosen)
            # The loss of a batch is the mean or the sum of its rows'; an epoch's is always the mean.
            total += loss * weight if updates.step.reduction == "mean" else loss
            weights += weight
            numbers = chosen if self.rows.chosen is None else self.rows.chosen[chosen]
            self.tell(UpdateMade(run, numbers, values))
            self._look_up()
            if run.reason:
                break
        return total / weights, rate

    def _look_up(self) -> None:
        """Stop the run if Ctrl-C has come, or the time is up."""
        if self.limit.is_over:
            self.run.stop(self.limit.reason)
        if self.interrupts.came:
            self.interrupt()


def _rate(values: Mapping[str, Any], updates: Updates) -> float:
    """Return the learning rate of an update: its equation's, or the given number."""
    return float((values if "learning_rate" in values else updates.settings)["learning_rate"])


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

    several = rows_at_a_time(network.inputs)
    for start in range(0, rows.count, several):
        part = rows.part(slice(start, start + several))
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
