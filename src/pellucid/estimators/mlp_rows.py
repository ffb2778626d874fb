"""The rows of an MLP's fit: those that are learned from, and those that judge."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from pellucid.engine.forms import ByClass

Array = NDArray[Any]

# So many rows at a time are copied, and go forward, when rows are judged.
JUDGED_AT_A_TIME = 512


@dataclass(frozen=True, eq=False)
class Examples:
    """Rows to learn from, in any types.

    `y` has the shape (n, outputs), or for one class of several (n, 1) with its number; `row_weight` has
    the shape (n, 1), or is a `ByClass` or None. `rows` are the numbers of those that are learned from, None for all.
    """

    X: Any
    y: Array
    row_weight: Any = None
    rows: Array | None = None

    @property
    def count(self) -> int:
        """How many rows are learned from."""
        return self.X.shape[0] if self.rows is None else len(self.rows)

    def digest(self) -> str:
        """Return what tells these rows, targets and weights from any others."""
        made = hashlib.blake2b(digest_size=16)
        sparse = ("data", "indices", "indptr")
        parts = [getattr(self.X, name) for name in sparse] if issparse(self.X) else [self.X]
        weight = self.row_weight
        by_class = isinstance(weight, ByClass)
        parts += [self.y, *([weight.numbers, weight.weights] if by_class else [weight])]
        for part in parts:
            if part is None:
                continue
            made.update(f"{part.dtype} {part.shape}".encode())
            made.update(np.ascontiguousarray(part).data)
        return made.hexdigest()


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Rows that only judge: inputs, answers as a user has them, targets, and the weights of both.

    `rows` are their numbers, where they were drawn from those given to learn from: all of these stand
    here, and none is copied.
    """

    X: Any
    answers: Array
    y: Array
    sample_weight: Array | None
    row_weight: Any
    rows: Array | None = None

    @property
    def count(self) -> int:
        """How many rows judge."""
        return self.X.shape[0] if self.rows is None else len(self.rows)

    def of(self, values: Any, places: slice = slice(None)) -> Any:
        """Return the values, one of each row, of some of those that judge; None for None."""
        if values is None:
            return None
        return values[places if self.rows is None else self.rows[places]]

    def part(self, places: slice = slice(None)) -> HeldOut:
        """Return some of the rows that judge, by their places among them, as rows by themselves."""
        return HeldOut(
            self.of(self.X, places),
            self.of(self.answers, places),
            self.of(self.y, places),
            self.of(self.sample_weight, places),
            self.of(self.row_weight, places),
        )

    def parts(self) -> Iterator[HeldOut]:
        """Yield all rows that judge, some at a time."""
        for start in range(0, self.count, JUDGED_AT_A_TIME):
            yield self.part(slice(start, start + JUDGED_AT_A_TIME))
