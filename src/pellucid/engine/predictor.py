"""The forward pass alone, compiled: from one row to millions, without dropout."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.engine import kernels, loop
from pellucid.engine.engine import CHUNK, Memory
from pellucid.network import Network
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

    A predictor has one set of buffers: one thread at a time may call it.
    """

    def __init__(self, network: Network, dtype: Any, rows: int = CHUNK) -> None:
        self.network, self.dtype = network, np.dtype(dtype)
        step = Step(network, dropout=False)
        self._memory = Memory(step, self.dtype, 1, max(1, min(rows, CHUNK)), gathers=False)
        _, self._forward = kernels.loops()
        self._job, self._layers = self._memory.jobs[0], self._memory.layers[0]
        self._size = network.parameter_count

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
        self._job[loop.FLAT_AT] = flat.ctypes.data
        with np.errstate(all="ignore"):
            self._forward(self._job, self._layers, X.ctypes.data, len(X), out.ctypes.data)
        return out
