"""The columns of a table as the preparation sees them: numbers, or categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class NumberColumn:
    """A column of numbers: float64 of shape (n,), NaN where one is missing."""

    name: str
    values: Array


@dataclass(frozen=True, eq=False)
class CategoryColumn:
    """A column of categories: n texts, numbers or booleans, None where one is missing."""

    name: str
    values: Sequence[Any]

    def codes(self, levels: Sequence[Any]) -> Array:
        """Return the place of each value among `levels`, shape (n, 1); -1 for missing and unknown ones.

        Where all levels are texts, a number is looked up as it is written, because a reader of CSV files
        makes a column of "1" and "A" texts, and the same column without an "A" numbers.
        """
        places = {level: at for at, level in enumerate(levels)}
        if all(isinstance(level, str) for level in levels):
            found = [places.get(written(value), -1) for value in self.values]
        else:
            found = [places.get(value, -1) for value in self.values]
        return np.array(found, np.float64).reshape(-1, 1)


Column = NumberColumn | CategoryColumn


def written(value: Any) -> Any:
    """Return a number as text, without the point of a whole one; anything else as it is.

    >>> written(3.0), written(2.5), written("a"), written(None)
    ('3', '2.5', 'a', None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return str(int(value)) if float(value).is_integer() else str(value)


def sorted_levels(values: Sequence[Any]) -> tuple[Any, ...]:
    """Return the different values, those of one type together and sorted, without the missing ones.

    >>> sorted_levels(["b", "a", None, 2, "a"])
    (2, 'a', 'b')
    """
    return tuple(
        sorted({v for v in values if v is not None}, key=lambda v: (isinstance(v, str), v))
    )
