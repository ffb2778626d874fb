"""Types in which targets and weights may stand: they are turned into that of X row by row.

A copy of all of them in another type would be a number more for each row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pellucid.engine.compiling import array, compiled

Array = NDArray[Any]

# The loop knows a type by its place here plus one; 0 is that of X. Booleans are bytes.
FORMS = ("uint8", "uint16", "uint32", "int64", "float32", "float64")


def form(values: Array) -> int:
    """Return the number by which the loop knows the type of an array; 0 for one that it does not read."""
    kind = "uint8" if values.dtype == bool else values.dtype.name
    return FORMS.index(kind) + 1 if kind in FORMS and values.dtype.isnative else 0


def readable(values: Array, otherwise: DTypeLike) -> Array:
    """Return an array C-contiguous, in its own type if the loop reads that: then most often itself."""
    return np.ascontiguousarray(values, values.dtype if form(values) else otherwise)


@compiled
def number_at(source: int, form: int, at: int) -> float:
    """Return the number at a place of an array of the type FORMS[form - 1]."""
    if form == 1:
        return float(array(source + at, 1, np.uint8)[0])
    if form == 2:
        return float(array(source + 2 * at, 1, np.uint16)[0])
    if form == 3:
        return float(array(source + 4 * at, 1, np.uint32)[0])
    if form == 4:
        return float(array(source + 8 * at, 1, np.int64)[0])
    if form == 5:
        return float(array(source + 4 * at, 1, np.float32)[0])
    return float(array(source + 8 * at, 1, np.float64)[0])
