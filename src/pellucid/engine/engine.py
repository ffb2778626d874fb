"""The engine: a step, its rows, and the memory that whole epochs are computed in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.blas import one_blas_thread
from pellucid.catalogue.schedules import Clock
from pellucid.engine import kernels, loop, source
from pellucid.engine.compiling import WITHOUT_COMPILER, register_gemm, yield_address
from pellucid.engine.threads import run_all
from pellucid.network import Network
from pellucid.step import Step

Array = NDArray[Any]

# So many rows at most go through the layers at once: larger batches add their gradients up.
CHUNK = 1024
# Below so many multiplications for an update, the workers' meetings cost more than they save.
WORTH_DIVIDING = 1_500_000


@dataclass(frozen=True)
class Made:
    """What came of a call.

    Attributes
    ----------
    losses, weights
        For each epoch the sum of the rows' weighted losses, and of their weights.
    updates
        How many updates were made.
    bad
        "" when all went well; "loss" if the next update met a loss that is not finite (parameters are
        then as they were before it), "parameters" if the last one made a parameter that is not.
    """

    losses: Array
    weights: Array
    updates: int
    bad: str


def processors() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Engine:
    """Computes updates of a step on given rows, many in one compiled call.

    Parameters
    ----------
    step
        What is trained, and how; without an optimizer, only losses and gradients.
    X, y, row_weight
        The rows, as `Rows` holds them: C-contiguous, in float32 or float64. They are read where they
        stand, not copied.
    batch_size
        Rows of an update; None for all.
    threads
        Worker threads; None for as many as pay. Equal numbers give equal bits.

    An engine has one set of buffers: one thread at a time may call its methods.
    """

    def __init__(
        self,
        step: Step,
        X: Array,
        y: Array,
        row_weight: Array | None = None,
        *,
        batch_size: int | None = None,
        threads: int | None = None,
    ) -> None:
        self.step, self.dtype = step, X.dtype
        network = step.network
        self.rows, self.batch = len(X), min(batch_size or len(X), len(X))
        if (
            X.shape != (len(X), network.inputs)
            or y.shape != (len(X), network.outputs)
            or not len(X)
        ):
            raise ValueError(f"Expected rows for {network.sizes}. Got {X.shape} and {y.shape}.")
        if network.label_smoothing:
            y = network.loss.smoothed(y, network.label_smoothing, network.outputs)
        weight = None if row_weight is None else np.ascontiguousarray(row_weight[:, 0], np.float64)
        self._X, self._y = np.ascontiguousarray(X), np.ascontiguousarray(y, self.dtype)
        self._weight = weight
        self.threads = threads or self._worth(network)
        self._share, self._update, self._update_biases = (
            kernels.optimizer(step.optimizer, self.dtype.name) if step.optimizer else (0, 0, 0)
        )
        self._numbers_names = source.optimizer_numbers(step.optimizer) if step.optimizer else ()
        chunk = min(CHUNK, -(-self.batch // self.threads))
        self._memory = _Memory(step, self.dtype, self.threads, chunk, len(self._numbers_names))
        self._stop = np.zeros(1)

    def _worth(self, network: Network) -> int:
        work = 3 * network.parameter_count * self.batch
        return max(1, min(processors(), work // WORTH_DIVIDING, self.batch))

    def stop(self) -> None:
        """Let the call at hand end after the update at hand (from another thread or a signal)."""
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
        """
        assert self.step.optimizer is not None
        settings = {**self.step.settings, **(settings or {})}
        per_epoch = -(-self.rows // self.batch)
        count = epochs * per_epoch
        numbers = made + np.arange(1.0, count + 1)
        progress = np.minimum((numbers - 1) / (planned or made + count), 1.0)
        clock = Clock(numbers, epoch + np.arange(count) // per_epoch, progress)
        factor: Any = self.step.optimizer.schedule.factor(clock)
        base = settings["learning_rate" if factor is None else "base_learning_rate"]
        rates: Array = np.ascontiguousarray(
            np.broadcast_to(base if factor is None else base * factor, count), float
        )
        order = None if order is None else np.ascontiguousarray(order, np.int64)
        if order is not None and (
            len(order) != epochs * self.rows or order.min() < 0 or order.max() >= self.rows
        ):
            raise ValueError(
                f"Expected {epochs} orders of {self.rows} rows. Got {len(order)} numbers."
            )
        given = [settings.get(name, 0.0) for name in self._numbers_names]
        jobs = self._jobs(flat, settings, order=order, epochs=epochs, seed=seed, first=made + 1)
        fixed = np.array([float(epoch)])
        results = np.zeros((epochs, 2))
        for job, own in zip(jobs, self._memory.numbers, strict=True):
            own[: len(given)] = given
            job[loop.SHARE], job[loop.UPDATE] = self._share, self._update
            job[loop.UPDATE_BIASES] = self._update_biases
            job[loop.STATES_AT], job[loop.RESULTS_AT] = _at(states), _at(results)
            job[loop.RATES_AT], job[loop.PROGRESS_AT] = _at(rates), _at(progress)
            job[loop.EPOCH_AT] = _at(fixed)
        self._check(flat, states)
        done = self._go(jobs)
        bad = ("", "loss", "parameters")[int(jobs[0][loop.BAD])]
        return Made(results[:, 0], results[:, 1], done, bad)

    def loss_and_gradient(self, flat: Array, *, order: Array | None = None) -> tuple[float, Array]:
        """Return the objective of all rows as one batch, penalties included, and its gradient."""
        results = np.zeros((1, 2))
        settings = dict(self.step.settings)
        jobs = self._jobs(flat, settings, order=order, epochs=1, seed=0, first=0)
        for job in jobs:
            job[loop.BATCH], job[loop.RESULTS_AT] = self.rows, _at(results)
        self._check(flat, None)
        self._go(jobs)
        loss, weight = results[0]
        network = self.step.network
        if jobs[0][loop.BAD]:
            loss = np.nan
        value = loss / weight if self.step.reduction == "mean" else loss
        for name, W in network.views(flat).items():
            if name.startswith("W") and (network.l1 or network.l2):
                value += (
                    settings.get("l1", 0) * abs(W).sum() + settings.get("l2", 0) / 2 * (W * W).sum()
                )
        return float(value), self._memory.gradients[0, : len(flat)].copy()

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
        first: int,
    ) -> list[Array]:
        memory = self._memory
        memory.penalties[:] = settings.get("l1", 0.0), settings.get("l2", 0.0)
        memory.meeting[:] = 0
        self._stop[0] = 0
        self._order = order
        values = {
            "X_AT": _at(self._X), "Y_AT": _at(self._y), "ROWS": self.rows, "BATCH": self.batch,
            "WEIGHT_AT": 0 if self._weight is None else _at(self._weight),
            "ORDER_AT": 0 if order is None else _at(order), "EPOCHS": epochs,
            "MEAN": self.step.reduction == "mean", "FLAT_AT": _at(flat),
            "SEED": int(np.uint64(seed & 0xFFFFFFFFFFFFFFFF).astype(np.int64)), "FIRST_UPDATE": first,
            "STOP_AT": _at(self._stop), "SHARE": 0, "UPDATE": 0, "MEETINGS": 0, "DONE": 0, "BAD": 0,
            "PENALTIES_AT": _at(memory.penalties) if memory.penalties.any() else 0,
        }  # fmt: skip
        for job in memory.jobs:
            for name, value in values.items():
                job[getattr(loop, name)] = value
        return memory.jobs

    def _go(self, jobs: list[Array]) -> int:
        train, _ = kernels.loops()
        layers = self._memory.layers
        with one_blas_thread(), np.errstate(all="ignore"):
            return run_all(
                lambda worker: train(jobs[worker], layers[worker]), len(jobs), self.stop
            )[0]

    def predict(self, flat: Array, X: Array, out: Array | None = None) -> Array:
        """Return the outputs for rows, without dropout."""
        if out is None:
            out = np.empty((len(X), self.step.network.outputs), self.dtype)
        X = np.ascontiguousarray(X, self.dtype)
        sizes = (X.shape, out.shape) == (
            (len(X), self.step.network.inputs),
            (len(X), self.step.network.outputs),
        )
        if not (sizes and out.dtype == self.dtype and out.flags.c_contiguous):
            raise ValueError(
                f"Expected X and out for {self.step.network.sizes}. Got {X.shape}, {out.shape}."
            )
        self._check(flat, None)
        job = self._memory.jobs[0]
        job[loop.FLAT_AT] = _at(flat)
        _, forward = kernels.loops()
        if len(X) == 1 and self._one_row_is_small and not WITHOUT_COMPILER:
            forward(job, self._memory.layers[0], _at(X), 1, _at(out))
            return out
        with one_blas_thread(), np.errstate(all="ignore"):
            forward(job, self._memory.layers[0], _at(X), len(X), _at(out))
        return out

    @cached_property
    def _one_row_is_small(self) -> bool:
        """Whether one row goes through without BLAS."""
        sizes = self.step.network.sizes
        return all(a * b <= loop.SMALL_ROW for a, b in pairwise(sizes))


def _at(array: Array) -> int:
    return int(array.__array_interface__["data"][0])


class _Memory:
    """The buffers of every worker, and the tables that say where they stand."""

    def __init__(self, step: Step, dtype: Any, workers: int, chunk: int, numbers: int) -> None:
        network = step.network
        size = dtype.itemsize
        stride = -(-network.parameter_count // 16) * 16
        self.gradients = np.zeros((workers, stride), dtype)
        self.numbers = [np.zeros(max(numbers, 4)) for _ in range(workers)]
        self.shared = np.zeros(3 * workers + 1 + max(numbers, 4))
        self.meeting = np.zeros(1, np.int64)
        self.penalties = np.zeros(2)
        self.constants = np.array([1, 0, -1], dtype)
        self.scales = np.zeros(workers)
        self._kept: list[Array] = []
        loss_numbers = self._numbers_of(network.loss)
        layers, jobs = [], []
        for worker in range(workers):
            layers.append(self._layers(step, dtype, chunk))
            weights = self._buffer(chunk, dtype)
            weights[:] = 1
            job = np.zeros(loop.JOB_COLUMNS, np.int64)
            values = {
                "WORKER": worker, "WORKERS": workers, "MEETING_AT": _at(self.meeting),
                "SHARED_AT": _at(self.shared), "YIELD_AT": yield_address(),
                "INPUTS": network.inputs, "OUTPUTS": network.outputs, "SIZE": size, "CHUNK": chunk,
                "BATCH_X_AT": _at(self._buffer(chunk * network.inputs, dtype)),
                "BATCH_Y_AT": _at(self._buffer(chunk * network.outputs, dtype)),
                "BATCH_WEIGHT_AT": _at(weights), "GRADIENT_AT": _at(self.gradients[worker]),
                "GRADIENTS_AT": _at(self.gradients), "STRIDE": stride * size,
                "PARAMETERS": network.parameter_count, "GEMM": register_gemm(dtype),
                "ONE_AT": _at(self.constants), "ZERO_AT": _at(self.constants) + size,
                "MINUS_ONE_AT": _at(self.constants) + 2 * size,
                "LOSS": kernels.loss(network.loss, dtype.name, matching=network.is_matching_pair),
                "LOSS_NUMBERS_AT": loss_numbers, "SCALE_AT": _at(self.scales[worker:]),
                "NUMBERS_AT": _at(self.numbers[worker]), "NUMBERS": len(self.numbers[worker]),
            }  # fmt: skip
            always = "product product_of_transposed product_with_transposed column_sums".split()
            sometimes = {
                "add_up": workers > 1,
                "multiply": bool(step.masks),
                "add_penalties": bool(network.l1 or network.l2),
                "mask": bool(step.masks),
            }
            files = {"add_penalties": "penalties", "mask": "dropout_mask"}
            for name in [*always, *(n for n, needed in sometimes.items() if needed)]:
                values[name.upper()] = kernels.by_hand_kernel(files.get(name, name), dtype.name)
            for name, value in values.items():
                job[getattr(loop, name)] = value
            jobs.append(job)
        self.layers, self.jobs = layers, jobs

    def _buffer(self, count: int, dtype: Any) -> Array:
        """Return memory that starts at a multiple of 64 bytes."""
        whole = np.zeros(count * np.dtype(dtype).itemsize + 64, np.uint8)
        start = -_at(whole) % 64
        made: Array = whole[start : start + count * np.dtype(dtype).itemsize].view(dtype)
        self._kept.append(made)
        return made

    def _numbers_of(self, record: Any) -> int:
        values = np.array([getattr(record, name) for name in source.fields(record)] or [0.0])
        self._kept.append(values)
        return _at(values)

    def _layers(self, step: Step, dtype: Any, chunk: int) -> Array:
        network = step.network
        table = np.zeros((len(network.layers), loop.LAYER_COLUMNS), np.int64)
        start = 0
        for at, layer in enumerate(network.layers):
            fan_in, fan_out, last = network.sizes[at], layer.size, at == len(network.layers) - 1
            matched = last and network.is_matching_pair
            masked = f"mask_{at + 1}" in step.masks
            activation, count = layer.activation, chunk * fan_out
            values = {
                "FAN_IN": fan_in, "FAN_OUT": fan_out, "W_START": start,
                "B_START": start + fan_in * fan_out, "ELEMENTWISE": activation.elementwise,
                "FORWARD": kernels.activation(activation, "forward", dtype.name),
                "DELTA": 0 if matched else kernels.activation(activation, "delta", dtype.name),
                "ACTIVATION_NUMBERS_AT": self._numbers_of(activation),
                **{
                    f"{name}_AT": _at(self._buffer(count, dtype)) for name in ("Z", "A", "DELTA")
                },
            }  # fmt: skip
            if masked:
                share = np.array([layer.dropout])
                self._kept.append(share)
                values |= {
                    "KEPT_AT": _at(self._buffer(count, dtype)),
                    "MASK_AT": _at(self._buffer(count, dtype)),
                    "DROPOUT_AT": _at(share),
                }
            for name, value in values.items():
                table[at, getattr(loop, name)] = value
            start += fan_in * fan_out + fan_out
        return table


__all__ = ["WITHOUT_COMPILER", "Engine", "Made", "processors"]
