"""Types in which targets and weights may stand: they are turned into that of X row by row.

A copy of all of them in another type would be a number more for each row.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]

# The loop knows a type by its place here plus one; 0 is that of X. Booleans are bytes.
FORMS = ("uint8", "uint16", "uint32", "int64", "float32", "float64")


@dataclass(frozen=True, eq=False)
class ByClass:
    """Weights that rows have from their classes: the number of each row's, shape (n, 1), and each one's weight.

    It is read as an array of the weights, shape (n, 1), is.
    """

    numbers: Array
    weights: Array

    def __getitem__(self, rows: Any) -> Array:
        found: Array = self.weights[self.numbers[rows].astype(np.intp)]
        return found


@functools.cache
def name_of(dtype: Any) -> str:
    """Return the name of a type, which NumPy puts together anew each time."""
    name: str = dtype.name
    return name


def form(values: Array) -> int:
    """Return the number by which the loop knows the type of an array; 0 for one that it does not read."""
    kind = "uint8" if values.dtype == bool else name_of(values.dtype)
    return FORMS.index(kind) + 1 if kind in FORMS and values.dtype.isnative else 0


def readable(values: Array, otherwise: DTypeLike) -> Array:
    """Return an array C-contiguous, in its own type if the loop reads that: then most often itself."""
    return np.ascontiguousarray(values, values.dtype if form(values) else otherwise)
