"""The engine: a step, its rows, and the memory that whole epochs are computed in."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pellucid.catalogue.schedules import Clock, Constant
from pellucid.engine import kernels, layout, source
from pellucid.engine.forms import ByClass, form, name_of, readable
from pellucid.engine.machine_code import WITHOUT_COMPILER
from pellucid.engine.memory import Memory, address, starts_of
from pellucid.engine.sparse import SparseRows, chosen_of, handle, in_place, index_of
from pellucid.engine.threads import processors, run_all
from pellucid.network import Network
from pellucid.rows import products_of_a_row
from pellucid.step import Step

Array = NDArray[Any]

# So many rows at most go through the layers at once: larger batches add their gradients up.
CHUNK = 1024
# Below so many multiplications for an update, the workers' meetings cost more than they save.
WORTH_DIVIDING = 1_500_000
# A call of more multiplications than these, which is some hundredths of a second, has to hear Ctrl-C
# while it runs. An update counts as so many by itself.
WORTH_HEARING, OF_AN_UPDATE = 50_000_000, 1_000
# In an order, rows of so many bytes go through the first layer from where they stand, and are copied into a
# batch after it; shorter ones before.
READ_IN_PLACE = 512
# Orders are numbers of 4 bytes, half of what a row would cost otherwise.
MOST_ROWS = 2**31 - 1


@dataclass(frozen=True)
class Made:
    """What came of a call.

    Attributes
    ----------
    losses, weights
        For each epoch the sum of the rows' weighted losses, and of their weights.
    mean_losses, penalties
        For each epoch the sums over its batches of what an update made small, the loss (the weighted
        mean, unless the step's reduction is the sum) and the penalties, times the rows of the batch.
    rows
        For each epoch how many rows came by, also those that made no update because no weight in their
        batch is other than 0.
    updates
        How many updates were made.
    batch, learning_rate
        The number of the last batch that was begun in this call, from 0, and the rate of its update.
    bad
        "" when all went well; "loss" if the next update met a loss that is not finite (parameters are
        then as they were before it), "parameters" if the last one made a parameter that is not.
    """

    losses: Array
    weights: Array
    mean_losses: Array
    penalties: Array
    rows: Array
    updates: int
    batch: int
    learning_rate: float
    bad: str


class Engine:
    """Computes updates of a step on given rows, many in one compiled call.

    Parameters
    ----------
    step
        What is trained, and how; without an optimizer, only losses and gradients.
    X, y, row_weight
        The rows, as `Rows` holds them: C-contiguous, in float32 or float64. They are read where they
        stand, not copied; so are sparse rows, in SciPy's CSR format, and targets and weights in the types of
        `forms.FORMS`. Targets of no and yes may be booleans, and those of one class among several its
        number from 0, in a column without a sign.
    batch_size
        Rows of an update; None for all.
    count
        Rows of an epoch, where only some are trained on: those that `order` names; None for all.
    threads
        Worker threads; None for as many as pay. Equal numbers give equal bits.
    dtype
        In which type to compute; None for that of X. In float64 X may stand in float32.

    An engine has one set of buffers: one thread at a time may call its methods.
    """

    def __init__(
        self,
        step: Step,
        X: Any,
        y: Array,
        row_weight: Any = None,
        *,
        batch_size: int | None = None,
        count: int | None = None,
        threads: int | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        kernels.begin()
        self.step, self.dtype = step, np.dtype(dtype or X.dtype)
        network = step.network
        short = X.dtype == np.float32 and self.dtype == np.float64
        self._is_short = isinstance(X, np.ndarray) and short
        X = self._X = in_place(X, X.dtype if self._is_short else self.dtype)
        self.rows = count or len(X)
        self.batch = min(batch_size or self.rows, self.rows)
        numbered = network.outputs > 1 and y.shape == (len(X), 1) and y.dtype.kind == "u"
        if (
            X.shape != (len(X), network.inputs)
            or not (numbered or y.shape == (len(X), network.outputs))
            or not len(X)
        ):
            raise ValueError(f"Expected rows for {network.sizes}. Got {X.shape} and {y.shape}.")
        # What no and yes stand for. A byte each, or one for a row's class, takes less than numbers.
        self._values = np.array([0.0, 1.0]) if numbered or y.dtype == bool else None
        if network.label_smoothing:
            smooth, share = network.loss.smoothed, network.label_smoothing
            if self._values is not None:
                self._values = smooth(self._values, share, network.outputs)
            else:
                y = smooth(y, share, network.outputs)
        self._y = readable(y, self.dtype)
        by_class = isinstance(row_weight, ByClass)
        weight: Any = row_weight.numbers if by_class else row_weight
        self._weight = None if weight is None else readable(weight[:, 0], np.float64)
        self._of_class: Array | None = row_weight.weights if by_class else None
        self.threads = threads or self._worth(network)
        self._share, self._blocks = _blocks(step, name_of(self.dtype))
        self._numbers_names = source.optimizer_numbers(step.optimizer) if step.optimizer else ()
        chunk = min(CHUNK, -(-self.batch // self.threads))
        self._memory = Memory(
            step, self.dtype, self.threads, chunk, len(self._numbers_names), sparse=index_of(X)
        )
        self._handles = [handle(X) for _ in range(self.threads)]
        long = network.inputs * self.dtype.itemsize >= READ_IN_PLACE
        stays = long and isinstance(X, np.ndarray) and not self._is_short
        self._chosen = [chosen_of(X) for _ in range(self.threads)] if stays else []
        kernels.train()
        self._stop = np.zeros(1)

    def _worth(self, network: Network) -> int:
        return max(1, min(processors(), self._work(network) // WORTH_DIVIDING, self.batch))

    def _work(self, network: Network) -> int:
        """Return about how many multiplications an update takes."""
        entries = self._X.entries if isinstance(self._X, SparseRows) else None
        return int(3 * products_of_a_row(network, entries) * self.batch)

    def stop(self) -> None:
        """Let the call at hand end after the update at hand (from another thread or a signal).

        Between two calls it is the next one that ends after its first update.
        """
        self._stop[0] = 1

    def run(
        self,
        flat: Array,
        states: Array,
        *,
        order: Array | None = None,
        epochs: int = 1,
        epoch: int = 0,
        made: int = 0,
        planned: int | None = None,
        settings: dict[str, float] | None = None,
        seed: int = 0,
        limit: int | None = None,
    ) -> Made:
        """Make every update of some epochs; `flat` and `states` are changed in place.

        Parameters
        ----------
        flat, states
            The parameters, and one row of the optimizer's states for each of its names.
        order
            Row numbers of all these epochs, one epoch after the other; None for the rows as they are.
        epochs, epoch
            How many epochs, and the number of the first.
        made, planned
            How many updates were made before, and how many the training will have.
        settings
            The hyper-parameters, where they differ from the step's.
        seed
            Of the dropout masks.
        limit
            The largest number of updates to make; None for all.
        """
        assert self.step.optimizer is not None
        settings = {**self.step.settings, **(settings or {})}
        order = self._checked(order, epochs)
        count = epochs * -(-self.rows // self.batch)
        planned = planned or made + count
        left_out = self._left_out(order, epochs)
        rates, factors = self._scheduled(settings, count, left_out, made, epoch, planned)
        given = [settings.get(name, 0.0) for name in self._numbers_names]
        jobs = self._jobs(flat, settings, order=order, epochs=epochs, seed=seed)
        results = np.zeros((epochs, layout.RESULT_COLUMNS))
        for job, own in zip(jobs, self._memory.numbers, strict=True):
            own[: len(given)] = given
            job[layout.SHARE] = self._share
            job[layout.BLOCKS_AT], job[layout.BLOCKS] = address(self._blocks), len(self._blocks)
            job[layout.STATES_AT], job[layout.RESULTS_AT] = address(states), address(results)
            job[layout.RATES_AT], job[layout.RATES_STEP] = address(rates), _step(rates)
            job[layout.RATES] = rates.shape[1]
            job[layout.FACTORS_AT], job[layout.FACTORS_STEP] = address(factors), _step(factors)
            job[layout.LEFT_OUT_AT] = 0 if left_out is None else address(left_out)
            job[layout.EPOCH], job[layout.UPDATES_BEFORE] = epoch, made
            job[layout.PLANNED], job[layout.LIMIT] = planned, -1 if limit is None else limit
        self._check(flat, states)
        done = self._go(jobs, count)
        bad = ("", "loss", "parameters")[int(jobs[0][layout.BAD])]
        begun = done + (1 if bad else 0)
        last = max(begun - 1, 0)
        if left_out is not None:
            last = int([0, *np.flatnonzero(~left_out)][begun])
        return Made(
            results[:, layout.LOSSES],
            results[:, layout.WEIGHTS],
            results[:, layout.MEAN_LOSSES],
            results[:, layout.PENALTIES],
            results[:, layout.ROWS_SEEN],
            updates=done,
            batch=last,
            learning_rate=float(rates[min(last, len(rates) - 1), 0]),
            bad=bad,
        )

    def _scheduled(
        self,
        settings: dict[str, float],
        count: int,
        left_out: Array | None,
        made: int,
        epoch: int,
        planned: int,
    ) -> tuple[Array, Array]:
        """Return the optimizer's scheduled numbers, a row for each batch, and the factors of dropout.

        One row stands for all batches where nothing is scheduled.
        """
        assert self.step.optimizer is not None
        schedules, of_dropout = self.step.optimizer.schedules, self.step.network.dropout_schedule
        if all(isinstance(s, Constant) for s in (*schedules.values(), of_dropout)):
            return np.array([[settings[name] for name in schedules]], float), np.ones(1)
        counted = np.ones(count, bool) if left_out is None else ~left_out
        numbers = made + np.cumsum(counted)
        progress = np.minimum((numbers - 1) / planned, 1.0)
        epochs = epoch + np.arange(count) // -(-self.rows // self.batch)
        clock = Clock(numbers.astype(float), epochs, progress)
        rates, factors = np.empty((count, len(schedules))), np.ones(count)
        with np.errstate(all="ignore"):  # a rate that is not finite is found by its weights
            for at, (name, schedule) in enumerate(schedules.items()):
                factor = schedule.factor(clock)
                rates[:, at] = (
                    settings[name] if factor is None else settings[f"base_{name}"] * factor
                )
        factor = of_dropout.factor(clock)
        return rates, factors if factor is None else factors * factor

    def _checked(self, order: Array | None, epochs: int) -> Array | None:
        if order is None:
            return None
        if len(self._X) > MOST_ROWS:
            raise ValueError(
                f"Expected at most {MOST_ROWS} rows to put in order. Got {len(self._X)}."
            )
        if len(order) != epochs * self.rows or order.min() < 0 or order.max() >= len(self._X):
            raise ValueError(
                f"Expected {epochs} orders of {self.rows} rows. Got {len(order)} numbers."
            )
        return np.ascontiguousarray(order, np.int32)

    def _left_out(self, order: Array | None, epochs: int) -> Array | None:
        """Return which batches make no update, because all their weights are 0; None for no batch."""
        weights = self._weight if self._of_class is None else self._of_class
        if self._weight is None or weights is None or weights.all():
            return None
        counts = weights != 0 if self._of_class is None else (weights != 0).take(self._weight)
        counts = np.tile(counts, epochs) if order is None else counts[order]
        starts = np.arange(0, self.rows, self.batch)
        starts = (np.arange(epochs)[:, None] * self.rows + starts).ravel()
        return ~np.logical_or.reduceat(counts, starts)

    def loss_and_gradient(self, flat: Array, *, order: Array | None = None) -> tuple[float, Array]:
        """Return the objective of all rows as one batch, penalties included, and its gradient."""
        loss, penalty = self.loss_and_penalty(flat, order=order)
        return loss + penalty, self._memory.gradients[0, : len(flat)].copy()

    def loss_and_penalty(self, flat: Array, *, order: Array | None = None) -> tuple[float, float]:
        """Return the loss of all rows as one batch, and the penalties; NaN where they are not finite."""
        results = np.zeros((1, layout.RESULT_COLUMNS))
        order = self._checked(order, 1)
        jobs = self._jobs(flat, dict(self.step.settings), order=order, epochs=1, seed=0)
        for job in jobs:
            # The number of no update, for which nothing is dropped.
            job[layout.LEFT_OUT_AT], job[layout.UPDATES_BEFORE] = 0, -1
            job[layout.BATCH], job[layout.LIMIT] = self.rows, -1
            job[layout.RESULTS_AT] = address(results)
        self._check(flat, None)
        self._go(jobs, 1)
        if jobs[0][layout.BAD]:
            return np.nan, np.nan
        loss, penalty = results[0, [layout.MEAN_LOSSES, layout.PENALTIES]] / self.rows
        return float(loss), float(penalty)

    def _check(self, flat: Array, states: Array | None) -> None:
        size = self.step.network.parameter_count
        stride = self._memory.gradients.shape[1]
        wanted = () if self.step.optimizer is None else self.step.optimizer.states
        good = flat.shape == (size,) and flat.dtype == self.dtype and flat.flags.c_contiguous
        if states is not None:
            good = good and states.shape == (len(wanted), stride) and states.dtype == self.dtype
        if not good:
            raise ValueError(
                f"Expected {size} parameters and {len(wanted)} states of {self.dtype}."
            )

    def states(self) -> Array:
        """Return new states of the optimizer, all 0: a row for each name, a column for each parameter.

        Rows are as long as the engine needs; what stands beyond the parameters means nothing.
        """
        names = self.step.optimizer.states if self.step.optimizer else ()
        return np.zeros((len(names), self._memory.gradients.shape[1]), self.dtype)

    def _jobs(
        self,
        flat: Array,
        settings: dict[str, float],
        *,
        order: Array | None,
        epochs: int,
        seed: int,
    ) -> list[Array]:
        memory, network = self._memory, self.step.network
        l1, l2 = settings.get("l1", 0.0), settings.get("l2", 0.0)
        memory.penalties[:] = l1, l2, l2
        memory.meeting[:] = 0
        mean = self.step.reduction == "mean"
        values = {
            "Y_AT": address(self._y), "ROWS": self.rows, "BATCH": self.batch,
            "WEIGHT_AT": 0 if self._weight is None else address(self._weight),
            "WEIGHT_FORM": 0 if self._weight is None else form(self._weight),
            "WEIGHT_VALUES_AT": 0 if self._of_class is None else address(self._of_class),
            "ORDER_AT": 0 if order is None else address(order), "EPOCHS": epochs,
            "MEAN": mean, "FLAT_AT": address(flat), "L2_BY_ROWS": network.l2_by_rows and mean,
            "SEED": int(np.uint64(seed & 0xFFFFFFFFFFFFFFFF).astype(np.int64)),
            "Y_FORM": 0 if self._y.dtype == self.dtype else form(self._y), "Y_WIDTH": self._y.shape[1],
            "X_IS_SHORT": self._is_short,
            "Y_VALUES_AT": 0 if self._values is None else address(self._values),
            "STOP_AT": address(self._stop), "SHARE": 0, "BLOCKS": 0, "MEETINGS": 0, "DONE": 0, "BAD": 0,
        }  # fmt: skip
        for worker, strengths in enumerate(memory.penalties):
            job, rows = memory.jobs[worker], self._handles[worker]
            for name, value in values.items():
                job[getattr(layout, name)] = value
            job[layout.X_AT] = address(rows)
            if isinstance(self._X, SparseRows):
                rows[layout.CHOSEN_AT] = values["ORDER_AT"]
            job[layout.CHOSEN_ROWS_AT] = 0
            if self._chosen and order is not None:
                self._chosen[worker][layout.CHOSEN_AT] = values["ORDER_AT"]
                job[layout.CHOSEN_ROWS_AT] = address(self._chosen[worker])
            job[layout.PENALTIES_AT] = address(strengths) if l1 or l2 else 0
        return memory.jobs

    def _go(self, jobs: list[Array], updates: int) -> int:
        train, layers = kernels.train(), self._memory.layers

        def one(worker: int) -> int:
            job_at, layers_at = address(jobs[worker]), address(layers[worker])
            train(job_at, layers_at, len(layers[worker]), 0, 0, 0, 0, 0, 0)
            return int(jobs[worker][layout.DONE])

        work = updates * (self._work(self.step.network) + OF_AN_UPDATE)
        in_main = threading.current_thread() is threading.main_thread()
        try:
            apart = in_main and work > WORTH_HEARING
            return run_all(one, len(jobs), self.stop, apart=apart)[0]
        finally:
            self._stop[0] = 0

    def predict(self, flat: Array, X: Any, out: Array | None = None) -> Array:
        """Return the outputs for rows, without dropout; they are dense or sparse as those of training are."""
        X = in_place(X, self.dtype)
        if out is None:
            out = np.empty((len(X), self.step.network.outputs), self.dtype)
        sizes = (X.shape, out.shape) == (
            (len(X), self.step.network.inputs),
            (len(X), self.step.network.outputs),
        )
        sizes = sizes and index_of(X) == index_of(self._X)
        if not (sizes and out.dtype == self.dtype and out.flags.c_contiguous):
            raise ValueError(
                f"Expected X and out for {self.step.network.sizes}. Got {X.shape}, {out.shape}."
            )
        self._check(flat, None)
        job, layers = self._memory.jobs[0], self._memory.layers[0]
        job[layout.FLAT_AT], job[layout.RESULTS_AT] = address(flat), 0
        forward, rows = kernels.predict(), handle(X)
        job_at, layers_at = address(job), address(layers)
        forward(job_at, layers_at, len(layers), address(rows), len(X), address(out), 0, 0, 0)
        return out


def _step(rows: Array) -> int:
    """Return the bytes from one update's row to the next; 0 where one row stands for all."""
    return int(rows.strides[0]) if len(rows) > 1 else 0


def _blocks(step: Step, dtype: str) -> tuple[int, Array]:
    """Return the kernel of what all gradients share, and the table of stretches with their kernels.

    Neighbours that one kernel updates in one way are one stretch.
    """
    rows: list[tuple[int, int, int, int]] = []
    if step.optimizer is None:
        return 0, np.zeros((0, layout.BLOCK_COLUMNS), np.int64)
    roles = {spec.role for spec in step.network.parameter_specs}
    share, of_role = kernels.optimizer(step.optimizer, dtype, roles)
    starts = starts_of(step.network)
    for spec in step.network.parameter_specs:
        start = starts[spec.name]
        way = (of_role[spec.role], spec.fan_in if step.optimizer.reads_fan_in else 0)
        if rows and rows[-1][2:] == way:
            start = rows.pop()[0]
        rows.append((start, starts[spec.name] + spec.size, *way))
    return share, np.array(rows, np.int64)


__all__ = ["WITHOUT_COMPILER", "Engine", "Made"]
