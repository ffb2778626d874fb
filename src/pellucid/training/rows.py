"""Rows to learn from, where they stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]

# What goes forward in one piece, so that memory does not grow with the rows: at most so many rows, and of
# wide ones fewer, so many numbers in all. A piece of a few megabytes is also the fastest: its memory is
# used again for the next one.
ROWS_AT_A_TIME, NUMBERS_AT_A_TIME = 4096, 2**18
# With fewer inputs, or a larger share of numbers other than 0, dense rows train as fast as sparse ones.
FEWEST_SPARSE_INPUTS, LARGEST_SPARSE_SHARE = 100, 0.2


def rows_at_a_time(inputs: int) -> int:
    """Return how many rows of so many inputs go forward in one piece.

    >>> rows_at_a_time(10), rows_at_a_time(1_000)
    (4096, 262)
    """
    return max(1, min(ROWS_AT_A_TIME, NUMBERS_AT_A_TIME // max(1, inputs)))


def sparse_pays(inputs: int, share: float) -> bool:
    """Return whether rows of so many inputs are better kept sparse, by their share of numbers other than 0."""
    return inputs >= FEWEST_SPARSE_INPUTS and share <= LARGEST_SPARSE_SHARE


def as_array(X: Any) -> Array:
    """Return rows as an array, also SciPy's sparse ones."""
    dense: Array = X.toarray() if hasattr(X, "toarray") else X
    return dense


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
        """Return some of the rows that are meant, by their places among them, as arrays.

        A slice of all dense rows copies nothing.
        """
        at = places if self.chosen is None else self.chosen[places]
        weight = None if self.row_weight is None else self.row_weight[at]
        return Rows(as_array(self.X[at]), self.y[at], weight)
