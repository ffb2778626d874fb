"""The columns of a table as the preparation sees them: numbers, or categories."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class NumberColumn:
    """A column of numbers: float64 of shape (n,), NaN where one is missing."""

    name: str
    values: Array

    def rows(self, rows: Array) -> NumberColumn:
        """Return the column of these rows."""
        return NumberColumn(self.name, self.values[rows])


@dataclass(frozen=True, eq=False)
class Coded(Sequence[Any]):
    """A sequence of values, many of them equal: each different one is kept once.

    Attributes
    ----------
    levels
        The different values. Some need not occur: those of other rows of the same table.
    places
        For each of n values its place among the levels, or -1 for None: whole numbers of shape (n,).
    """

    levels: tuple[Any, ...]
    places: Array

    @classmethod
    def of(cls, values: Iterable[Any]) -> Coded:
        """Return the values so kept; None stays None."""
        if isinstance(values, Coded):
            return values
        values = values if isinstance(values, list) else list(values)
        # In two passes that need no line of Python for each row.
        levels = dict.fromkeys(values)
        levels.pop(None, None)
        place_of: dict[Any, int] = {level: place for place, level in enumerate(levels)}
        place_of[None] = -1
        places = np.fromiter(map(place_of.__getitem__, values), np.int32, len(values))
        return cls(tuple(levels), places)

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> Coded: ...
    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return Coded(self.levels, self.places[at])
        place = self.places[at]
        return None if place < 0 else self.levels[place]

    def rows(self, rows: Array) -> Coded:
        """Return the values of these rows."""
        return Coded(self.levels, self.places[rows])

    @cached_property
    def counts(self) -> Array:
        """How often each level occurs."""
        return np.bincount(self.places[self.places >= 0], minlength=len(self.levels))

    @property
    def occurring(self) -> list[Any]:
        """The levels that occur."""
        return [self.levels[place] for place in self.counts.nonzero()[0]]

    @property
    def missing(self) -> int:
        """How many values are None."""
        return int((self.places < 0).sum())

    def most_frequent(self, most: int) -> list[Any]:
        """Return so many of the levels that occur, the most frequent; of equals the first when sorted."""
        counts = self.counts
        different = np.count_nonzero(counts)
        if different <= most:
            return self.occurring
        least = np.partition(counts, -most)[-most]
        surely = (counts > least).nonzero()[0]
        perhaps = [self.levels[place] for place in (counts == least).nonzero()[0]]
        first = heapq.nsmallest(most - len(surely), perhaps, key=_order)
        return [*(self.levels[place] for place in surely), *first]

    def looked_up(self, of_levels: Iterable[Any], otherwise: Any) -> Array:
        """Return for each value what `of_levels` has in its level's place; `otherwise` for None."""
        # One more at the end is what the place -1 finds.
        return np.array([*of_levels, otherwise])[self.places]

    def changed(self, levels: Iterable[Any]) -> Coded:
        """Return the values with other levels in the places of these; equal ones become one, None none."""
        merged = Coded.of(levels)
        return Coded(merged.levels, np.append(merged.places, np.int32(-1))[self.places])


@dataclass(frozen=True, eq=False)
class CategoryColumn:
    """A column of categories: n texts, numbers or booleans, None where one is missing.

    Any sequence of them will do; they are kept as `Coded`.
    """

    name: str
    values: Coded

    def __init__(self, name: str, values: Iterable[Any]) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "values", Coded.of(values))

    def rows(self, rows: Array) -> CategoryColumn:
        """Return the column of these rows."""
        return CategoryColumn(self.name, self.values.rows(rows))

    def codes(self, levels: Sequence[Any]) -> Array:
        """Return the place of each value among `levels`, shape (n, 1); -1 for missing and unknown ones.

        Where all levels are texts, a number or a boolean is looked up as it is written, because a reader of
        CSV files makes a column of "1" and "A" texts, and the same column without an "A" numbers.
        """
        places = {level: at for at, level in enumerate(levels)}
        own = self.values.levels
        if all(isinstance(level, str) for level in levels):
            own = tuple(written(value) for value in own)
        found = [places.get(value, -1) for value in own]
        return self.values.looked_up(found, -1).astype(np.float64).reshape(-1, 1)


Column = NumberColumn | CategoryColumn


def written(value: Any) -> Any:
    """Return a number or a boolean as text, a whole number without its point; anything else as it is.

    >>> written(3.0), written(2.5), written(True), written("a"), written(None)
    ('3', '2.5', 'True', 'a', None)
    """
    if not isinstance(value, int | float):
        return value
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value)


def sorted_levels(values: Iterable[Any]) -> tuple[Any, ...]:
    """Return the different values, those of one type together and sorted, without the missing ones.

    >>> sorted_levels(["b", "a", None, 2, "a"])
    (2, 'a', 'b')
    """
    return tuple(sorted({v for v in values if v is not None}, key=_order))


def _order(value: Any) -> tuple[bool, Any]:
    return isinstance(value, str), value


def listed(names: Sequence[str], most: int = 3) -> str:
    """Return names as a list in a sentence, of which so many are shown.

    >>> listed(["a"]), listed(["a", "b", "c"]), listed(["a", "b", "c", "d", "e"])
    ('a', 'a, b and c', 'a, b, c and 2 others')
    """
    if len(names) > most + 1:
        return f"{', '.join(names[:most])} and {len(names) - most} others"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
