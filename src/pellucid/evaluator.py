"""The evaluator: the step's lines, run with NumPy. The definition that all else is held to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pellucid.network import Network
from pellucid.step import Step, forward
from pellucid.step.forward import Let

Array = NDArray[Any]


class Storage:
    """A `let` for arrays: keeps each value under its name, in one dtype, read-only.

    A formula that returns its argument (identity) or a view of it gets a copy, so that no two
    names share memory.
    """

    def __init__(self, given: Mapping[str, Any], dtype: DTypeLike) -> None:
        self.values: dict[str, Array] = {}
        self._dtype = np.dtype(dtype)
        self._seen = {id(v) for v in given.values()}

    def __call__(self, name: str, value: Any) -> Array:
        array: Array = np.asarray(value, self._dtype)
        if id(array) in self._seen or array.base is not None:
            array = array.copy()
        array.setflags(write=False)
        self._seen.add(id(array))
        self.values[name] = array
        return array


def compute(
    lines: Callable[[Let, Mapping[str, Any]], Any],
    given: Mapping[str, Any],
    dtype: DTypeLike = np.float64,
) -> dict[str, Array]:
    """Run any lines, a step's or a preparation's, on arrays and return every value they name."""
    storage = Storage(given, dtype)
    with np.errstate(all="ignore"):
        lines(storage, given)
    return storage.values


def run(step: Step, given: Mapping[str, Any], dtype: DTypeLike = np.float64) -> dict[str, Array]:
    """Run a step on arrays and return every value it names.

    Parameters
    ----------
    step
        The step.
    given
        An array, of type `dtype`, for each matrix among ``step.inputs``, a plain number for
        the others; ``n`` may be left out.
    dtype
        Type of the results, float32 or float64.
    """
    return compute(step.lines, {"n": given["X"].shape[0], **given}, dtype)


def predict(network: Network, parameters: Mapping[str, Array], X: Array) -> dict[str, Array]:
    """Return every value of the forward pass, without dropout, for the rows of `X`."""
    return compute(lambda let, given: forward(let, network, given), {"X": X, **parameters}, X.dtype)
