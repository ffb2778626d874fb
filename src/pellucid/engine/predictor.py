"""The forward pass alone, compiled: from one row to millions, without dropout; and what it costs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.engine import kernels, layout
from pellucid.engine.engine import CHUNK, WORTH_DIVIDING
from pellucid.engine.memory import Memory, address
from pellucid.engine.sparse import SparseRows, handle, in_place, index_of
from pellucid.engine.threads import processors, run_all
from pellucid.network import Network
from pellucid.rows import products_of_a_row
from pellucid.step import Step

Array = NDArray[Any]


class Predictor:
    """Computes the outputs of a network for rows.

    Parameters
    ----------
    network
        The network.
    dtype
        float32 or float64: of the parameters, the rows and the outputs.
    rows
        How many rows a call will have at most times: so many go through the layers at once.
    sparse
        The type in which sparse rows number their columns; "" for dense rows.

    A predictor has one set of buffers: one thread at a time may call it.
    """

    def __init__(
        self, network: Network, dtype: Any, rows: int = CHUNK, *, sparse: str = ""
    ) -> None:
        self.network, self.dtype = network, np.dtype(dtype)
        step = Step(network, dropout=False)
        chunk = max(1, min(rows, CHUNK))
        self._memory = Memory(step, self.dtype, 1, chunk, gathers=False, sparse=sparse)
        self._forward = kernels.predict()
        self._job, layers = self._memory.jobs[0], self._memory.layers[0]
        self._tables = address(self._job), address(layers), len(layers)
        self._size, self._sparse = network.parameter_count, sparse

    def __call__(self, flat: Array, X: Array) -> Array:
        """Return the outputs, shape (n, outputs).

        Parameters
        ----------
        flat
            All parameters in one vector.
        X
            The rows, shape (n, inputs), C-contiguous. Both have the predictor's type, which is not checked
            any further than that: this is the way that one row takes.
        """
        if not (
            flat.size == self._size
            and X.shape[1] == self.network.inputs
            and X.flags.c_contiguous
            and flat.flags.c_contiguous
            and X.dtype == self.dtype == flat.dtype
        ):
            raise ValueError(f"Expected rows and parameters of {self.network.sizes}, {self.dtype}.")
        out = np.empty((len(X), self.network.outputs), self.dtype)
        self._job[layout.FLAT_AT] = address(flat)
        at, to = address(X), address(out)
        self._forward(*self._tables, at, len(X), to, 0, 0, 0)
        return out

    def of_sparse(self, flat: Array, X: SparseRows) -> Array:
        """Return the same for sparse rows, which number their columns in the type that was announced."""
        good = X.shape[1] == self.network.inputs and index_of(X) == self._sparse
        if not (good and flat.size == self._size and X.dtype == self.dtype == flat.dtype):
            raise ValueError(f"Expected sparse rows for {self.network.sizes}, {self.dtype}.")
        out = np.empty((len(X), self.network.outputs), self.dtype)
        self._job[layout.FLAT_AT] = address(flat)
        table = handle(X)
        at, to = address(table), address(out)
        self._forward(*self._tables, at, len(X), to, 0, 0, 0)
        return out

    def judge(self, flat: Array, X: Array, y: Array, weight: Array | None, out: Array) -> float:
        """Write the outputs of rows to `out`; return the sum of their weighted losses.

        `X` are as many dense rows, or the table of sparse ones. `y` has the shape of `out`, and `weight` one of
        (n,), or is None; all are of the predictor's type.
        """
        total = np.zeros(1)
        job = self._job
        job[layout.FLAT_AT], job[layout.Y_AT] = address(flat), address(y)
        job[layout.WEIGHT_AT] = 0 if weight is None else address(weight)
        job[layout.RESULTS_AT] = address(total)
        at, to = address(X), address(out)
        self._forward(*self._tables, at, len(out), to, 0, 0, 0)
        job[layout.RESULTS_AT] = 0
        return float(total[0])


class Judge:
    """Computes the outputs of a network for the same rows again and again, and their mean loss.

    Parameters
    ----------
    network
        The network. Its penalties are no part of the loss.
    X, y, row_weight
        The rows as training has them, dense or sparse; booleans, shape (n, outputs), will do for targets of no and yes.
    chosen
        The numbers of those that judge; None for all.
    threads
        Worker threads; None for as many as pay.
    """

    def __init__(
        self,
        network: Network,
        X: Any,
        y: Array,
        row_weight: Array | None = None,
        chosen: Array | None = None,
        threads: int | None = None,
    ) -> None:
        self.network = network
        X = self._X = in_place(X, X.dtype)
        # Compiled code reads sparse rows by these numbers: here they are held to the rows that there are.
        self._chosen = np.arange(len(X), dtype=np.int32)[slice(None) if chosen is None else chosen]
        y = np.asarray(y[self._chosen], X.dtype)
        if network.label_smoothing:
            y = network.loss.smoothed(y, network.label_smoothing, network.outputs)
        self._y = np.ascontiguousarray(y, X.dtype)
        self._weight = None
        if row_weight is not None:
            self._weight = np.ascontiguousarray(row_weight[self._chosen, 0], X.dtype)
        self._total = len(y) if self._weight is None else float(self._weight.sum(dtype=np.float64))
        entries = X.entries if isinstance(X, SparseRows) else None
        worth = len(y) * int(products_of_a_row(network, entries)) // WORTH_DIVIDING
        workers = max(1, min(threads or processors(), worth))
        # As many rows for each, so that none waits for another.
        self._at_once = min(CHUNK, -(-len(y) // workers))
        self._predictors = [
            Predictor(network, X.dtype, self._at_once, sparse=index_of(X)) for _ in range(workers)
        ]
        self._handles = [handle(X) for _ in range(workers)]

    def __call__(self, flat: Array) -> tuple[float, Array]:
        """Return the mean loss, and the outputs of the rows in their order, shape (n, outputs)."""
        rows, workers = len(self._chosen), len(self._predictors)
        out = np.empty((rows, self.network.outputs), self._X.dtype)
        sums = np.zeros(workers)

        def work(worker: int) -> int:
            predictor = self._predictors[worker]
            for start in range(worker * self._at_once, rows, workers * self._at_once):
                at = slice(start, start + self._at_once)
                weight = None if self._weight is None else self._weight[at]
                X = self._rows(worker, at)
                sums[worker] += predictor.judge(flat, X, self._y[at], weight, out[at])
            return 0

        run_all(work, workers, lambda: None)
        return float(sums.sum() / self._total), out

    def _rows(self, worker: int, at: slice) -> Array:
        """Return some of the rows that judge: a copy of dense ones, the worker's table of sparse ones."""
        if not isinstance(self._X, SparseRows):
            return self._X[self._chosen[at]]
        table = self._handles[worker]
        table[layout.CHOSEN_AT] = address(self._chosen[at])
        return table
