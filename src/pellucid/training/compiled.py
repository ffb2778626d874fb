"""Whole epochs in one compiled call, with `Updates` true before and after it.

What loads kernels is imported when the first of these is made, and not before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pellucid.errors import AlgebraError
from pellucid.step import Step
from pellucid.training.choice import Job, choose, not_compiled
from pellucid.training.interrupt import Interrupts
from pellucid.training.rows import Rows, as_array, as_numbers
from pellucid.training.stopping import TimeLimit
from pellucid.training.updates import Updates

if TYPE_CHECKING:
    from pellucid.engine.engine import Engine, Made
    from pellucid.engine.predictor import Judge
    from pellucid.network import Network

Array = NDArray[Any]
T = TypeVar("T")


class Failed(Exception):
    """An update came to numbers that are not finite.

    Attributes
    ----------
    values
        Every value of its step, as NumPy computes them.
    epoch, batch
        The number of the epoch, and of the batch in it, from 0.
    """

    def __init__(self, values: dict[str, Array], epoch: int, batch: int) -> None:
        super().__init__(epoch, batch)
        self.values, self.epoch, self.batch = values, epoch, batch


def compiled_if_chosen(
    make: Callable[[], T],
    asked: Any,
    job: Job,
    *,
    obstacle: str = "",
    time_limit: float | None = None,
) -> T | None:
    """Return what `make` makes with an engine, or None where NumPy is to train; see `choice.choose`.

    Raises
    ------
    InputError
        For "compiled" where something stands against it, a formula that cannot be compiled included.
    """
    if choose(asked, job, obstacle=obstacle, time_limit=time_limit) == "numpy":
        return None
    try:
        return make()
    except ImportError as error:
        # Numba may be missing where Python or NumPy are newer than it knows.
        if asked == "compiled":
            raise not_compiled(f"no Numba ({error})") from error
    except AlgebraError as error:
        if asked == "compiled":
            raise not_compiled(f"a formula that it cannot compile ({error})") from error
    return None


def engine_for(
    step: Step,
    rows: Rows,
    *,
    batch_size: int | None = None,
    count: int | None = None,
    threads: int | None = None,
    dtype: DTypeLike | None = None,
    compiling: Callable[[], object],
) -> Engine:
    """Return an engine for epochs of `count` rows (None: all that are meant).

    It computes in `dtype`, None for the type of the rows. `compiling` is called when kernels have to be
    compiled for it.
    """
    from pellucid.engine.engine import Engine
    from pellucid.engine.machine_code import telling

    with telling(compiling):
        return Engine(
            step,
            rows.X,
            rows.y,
            rows.row_weight,
            batch_size=batch_size,
            count=rows.count if count is None else count,
            threads=threads,
            dtype=dtype,
        )


def judge_for(network: Network, rows: Rows, threads: int | None) -> Judge:
    """Return what computes the loss of these rows, and their outputs, from parameters."""
    from pellucid.engine.predictor import Judge

    return Judge(network, rows.X, rows.y, rows.row_weight, rows.chosen, threads)


class CompiledUpdates:
    """Makes all updates of one or several epochs in one call.

    Parameters
    ----------
    updates
        What is trained. Its states are moved into the memory that the engine reads.
    rows, batch_size
        The rows, and how many make an update.
    planned
        How many updates the training will have, those made before included.
    count
        How many of the rows an epoch trains on; None for all.
    threads
        Worker threads; None for as many as pay.
    compiling
        Called when kernels have to be compiled first.
    """

    def __init__(
        self,
        updates: Updates,
        rows: Rows,
        batch_size: int,
        planned: int,
        *,
        count: int | None = None,
        threads: int | None = None,
        compiling: Callable[[], object] = lambda: None,
    ) -> None:
        self.updates, self.rows, self.batch_size = updates, rows, batch_size
        self.planned = planned
        self.count = rows.count if count is None else count
        self.engine = engine_for(
            updates.step,
            rows,
            batch_size=batch_size,
            count=self.count,
            threads=threads,
            compiling=compiling,
        )
        self._states = self.engine.states()
        updates.keep_states_in(self._states)
        self._before = (updates.flat.copy(), self._states.copy(), updates.number)

    @contextmanager
    def ending(self, interrupts: Interrupts, limit: TimeLimit) -> Iterator[None]:
        """Let Ctrl-C, and the end of the time, end a call after its update at hand."""
        interrupts.stops.append(self.engine.stop)
        try:
            with limit.telling(self.engine.stop):
                yield
        finally:
            interrupts.stops.remove(self.engine.stop)

    def go_back(self) -> None:
        """Return to where the last call began."""
        flat, states, self.updates.number = self._before
        self.updates.flat[:] = flat
        self._states[:] = states

    def make(self, order: Array | None, epoch: int, epochs: int = 1) -> Made:
        """Make the updates of some epochs.

        Parameters
        ----------
        order
            Row numbers of all these epochs, one epoch after the other; None for the rows that count,
            as they come.
        epoch, epochs
            The number of the first, from 0, and how many.

        Raises
        ------
        Failed
            At the first loss or parameter that is not finite.
        """
        updates = self.updates
        if order is None and self.rows.chosen is not None:
            order = np.tile(self.rows.chosen[: self.count], epochs)
        flat, states, _ = self._before
        flat[:], states[:] = updates.flat, self._states
        self._before = flat, states, updates.number
        try:
            made = self._run(order, epoch, epochs)
        except BaseException:
            self.go_back()
            raise
        if made.bad:
            raise self._failed(made, order, epoch, epochs)
        updates.number += made.updates
        return made

    def _run(self, order: Array | None, epoch: int, epochs: int, limit: int | None = None) -> Made:
        updates = self.updates
        return self.engine.run(
            updates.flat,
            self._states,
            order=order,
            epochs=epochs,
            epoch=epoch,
            made=updates.number,
            planned=self.planned,
            settings=updates.settings,
            seed=updates.seed,
            limit=limit,
        )

    def _failed(self, made: Made, order: Array | None, epoch: int, epochs: int) -> Failed:
        """Go to the update that failed, and make it by NumPy, which tells its values apart."""
        updates, rows = self.updates, self.rows
        if made.bad == "parameters":
            self.go_back()
            self._run(order, epoch, epochs, limit=made.updates)
        updates.number += made.updates
        past, batch = divmod(made.batch, -(-self.count // self.batch_size))
        start = batch * self.batch_size
        at: Any = slice(start, min(start + self.batch_size, self.count))
        at = at if order is None else order[past * self.count :][at]
        dtype, outputs = updates.flat.dtype, updates.step.network.outputs
        weight = None if rows.row_weight is None else np.asarray(rows.row_weight[at], dtype)
        y = as_numbers(rows.y[at], outputs, dtype)
        progress = min(updates.number / self.planned, 1.0)
        X = rows.X[at]
        if updates.step.network.input_scale:
            X = as_array(X)  # of a sparse batch there are products, but no columns times numbers
        given = updates.given(X, y, weight, epoch=epoch + past, progress=progress)
        return Failed(updates.make(given), epoch + past, batch)
