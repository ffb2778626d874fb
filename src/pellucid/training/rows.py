"""Rows to learn from, where they stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]


def as_numbers(y: Array, outputs: int, dtype: DTypeLike) -> Array:
    """Return the targets of some rows as numbers, shape (n, outputs).

    One column for several outputs is the number of each row's class: a yes at its output alone.
    """
    return np.asarray(y if y.shape[1] == outputs else y == np.arange(outputs), dtype)


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows to learn from, or to be judged by.

    `X` of shape (n, inputs), as an array or as SciPy's sparse rows (CSR), `y` of shape (n, outputs), or
    (n, 1) with the numbers of classes, `row_weight` of shape (n, 1), a `ByClass`, or None; all
    arrays are C-contiguous.
    `chosen` are the numbers of the rows that are meant, None for all: the others stand there for someone
    else, so that no copy is needed.
    """

    X: Any
    y: Array
    row_weight: Any = None
    chosen: Array | None = None

    @property
    def count(self) -> int:
        """How many rows are meant."""
        return self.X.shape[0] if self.chosen is None else len(self.chosen)

    def only(self, chosen: Array) -> Rows:
        """Return the rows of these numbers, without a copy of them."""
        return replace(self, chosen=chosen)

    @property
    def targets(self) -> tuple[Array, Array | None]:
        """The targets and the weights of the rows that are meant."""
        at = slice(None) if self.chosen is None else self.chosen
        return self.y[at], None if self.row_weight is None else self.row_weight[at]

    def part(self, places: Any) -> Rows:
        """Return some of the rows that are meant, by their places among them; a slice of all copies nothing."""
        at = places if self.chosen is None else self.chosen[places]
        weight = None if self.row_weight is None else self.row_weight[at]
        return Rows(self.X[at], self.y[at], weight)
