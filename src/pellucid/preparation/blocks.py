"""Blocks of a preparation: each kind takes some raw columns and makes inputs of them.

A kind is one record: what is fitted, the NumPy lines, the labels, the notes, and how it is stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from pellucid.algebra import Shape
from pellucid.preparation.columns import CategoryColumn, Column, NumberColumn, listed, sorted_levels
from pellucid.preparation.lines import Let, filled_with, smoothly_clipped, within_reach

Array = NDArray[Any]

# So many columns of a note are named.
MOST_NAMED = 8

# Where a column's middle half begins, its median, and where that half ends.
QUARTERS = (0.25, 0.5, 0.75)


class Block:
    """Base of the kinds of blocks.

    `kind` is its name in a model file; `stored` are those of its fitted arrays that a file holds, the
    others follow from names and levels.
    """

    kind: ClassVar[str]
    stored: ClassVar[tuple[str, ...]] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The raw columns that it takes."""
        raise NotImplementedError

    @property
    def fitted(self) -> dict[str, Array]:
        """The fitted arrays by the names that they have in the equations."""
        raise NotImplementedError

    @property
    def raw_shapes(self) -> dict[str, Shape]:
        """The raw matrices that a table brings, with their shapes."""
        raise NotImplementedError

    def raw(self, by_name: Mapping[str, Column]) -> dict[str, Array]:
        """Return the raw matrices of a table."""
        raise NotImplementedError

    def lines(self, let: Let, given: Mapping[str, Any]) -> list[Any]:
        """Name what is computed; return the matrices whose columns are its inputs."""
        raise NotImplementedError

    def behind(self, let: Let, given: Mapping[str, Any], made: Sequence[Any]) -> list[Any]:
        """Name what stands behind all blocks, as it is; `made` is what `lines` returned."""
        return []

    def middles_and_scales(self, given: Mapping[str, Any]) -> list[tuple[float, float]]:
        """Return `middle_and_scale` of each of its inputs over the rows of `given`."""
        # Nothing else needs the values on the way, so they get no names here.
        made = self.lines(lambda name, value: value, given)
        return [middle_and_scale(column) for part in made for column in part.T]

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """For each named matrix, what its columns are, in words."""
        raise NotImplementedError

    @property
    def inputs(self) -> tuple[str, ...]:
        """What its inputs are, in words."""
        raise NotImplementedError

    @property
    def behind_inputs(self) -> tuple[str, ...]:
        """What the inputs are that stand behind all blocks."""
        return ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done to the columns, in sentences."""
        return ()

    def to_data(self) -> dict[str, Any]:
        """Return what is not an array, as plain data."""
        raise NotImplementedError

    @classmethod
    def stored_shapes(cls, data: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the stored arrays that belong to what `to_data` gave."""
        return {}

    @classmethod
    def from_data(cls, data: Mapping[str, Any], arrays: Mapping[str, Array]) -> Self:
        """Return the block that `to_data` and the stored arrays described."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Numbers(Block):
    """Base of blocks of p columns of numbers in which some are missing.

    Attributes
    ----------
    names
        Of the columns, in the order of the block `numbers`.
    with_missing
        Those of them that had missing values in training: each gets a column that says where.
    """

    names: tuple[str, ...]
    with_missing: tuple[str, ...]

    @classmethod
    def fit(cls, columns: Sequence[NumberColumn]) -> Self:
        """Return the block fitted to columns of at least one row, each with a number in it."""
        raise NotImplementedError

    @property
    def columns(self) -> tuple[str, ...]:
        return self.names

    @property
    def raw_shapes(self) -> dict[str, Shape]:
        return {"numbers": ("n", len(self.names))}

    def raw(self, by_name: Mapping[str, Column]) -> dict[str, Array]:
        values = [np.asarray(by_name[name].values, np.float64) for name in self.names]
        return {"numbers": np.stack(values, axis=1)}

    @property
    def _missing_columns(self) -> dict[str, Array]:
        chosen = [[float(name == other) for other in self.with_missing] for name in self.names]
        return {"missing_columns": np.array(chosen)} if self.with_missing else {}

    @property
    def _missing_labels(self) -> tuple[str, ...]:
        return tuple(f"{name} missing" for name in self.with_missing)

    @property
    def inputs(self) -> tuple[str, ...]:
        return (*self.names, *self._missing_labels)

    def _filled_note(self, by: str, values: Array) -> tuple[str, ...]:
        if not self.with_missing:
            return ()
        places = [self.names.index(name) for name in self.with_missing]
        filled = listed([f"{self.names[at]} by {values[0, at]:g}" for at in places], MOST_NAMED)
        return (f"Missing numbers are replaced by the column's {by}, and marked: {filled}.",)

    def to_data(self) -> dict[str, Any]:
        return {"columns": list(self.names), "with_missing": list(self.with_missing)}

    @classmethod
    def stored_shapes(cls, data: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
        return dict.fromkeys(cls.stored, (1, len(data["columns"])))

    @classmethod
    def from_data(cls, data: Mapping[str, Any], arrays: Mapping[str, Array]) -> Self:
        names, with_missing = tuple(data["columns"]), tuple(data["with_missing"])
        return cls(names, with_missing, **{name: arrays[name] for name in cls.stored})


def _with_missing(columns: Sequence[NumberColumn]) -> tuple[str, ...]:
    return tuple(c.name for c in columns if np.isnan(c.values).any())


@dataclass(frozen=True, eq=False)
class ClippedNumbers(Numbers):
    """Numbers filled by their median, scaled by the middle half of their column, and clipped.

    `median` and `scale` have shape (1, p). Where a number is missing, a column of its own is 1.
    """

    kind: ClassVar[str] = "clipped_numbers"
    stored: ClassVar[tuple[str, ...]] = ("median", "scale")

    median: Array
    scale: Array

    @classmethod
    def fit(cls, columns: Sequence[NumberColumn]) -> Self:
        fits = np.array([middle_and_scale(c.values) for c in columns])
        names = tuple(c.name for c in columns)
        return cls(names, _with_missing(columns), fits[:, :1].T.copy(), fits[:, 1:].T.copy())

    @property
    def fitted(self) -> dict[str, Array]:
        return {"median": self.median, "scale": self.scale} | self._missing_columns

    def lines(self, let: Let, given: Mapping[str, Any]) -> list[Any]:
        numbers, median = given["numbers"], given["median"]
        filled = let("filled", filled_with(median, numbers))
        scaled = let("scaled", within_reach((filled - median) * given["scale"]))
        blocks = [let("clipped", smoothly_clipped(scaled))]
        if self.with_missing:
            gaps = let("gaps", np.where(np.isnan(numbers), 1, 0))
            blocks.append(let("missing", gaps @ given["missing_columns"]))
        return blocks

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        named = ("numbers", "median", "scale", "filled", "scaled", "clipped")
        labels = dict.fromkeys(named, self.names)
        if self.with_missing:
            missing = self._missing_labels
            labels |= {"gaps": self.names, "missing_columns": missing, "missing": missing}
        return labels

    @property
    def notes(self) -> tuple[str, ...]:
        return self._filled_note("median", self.median)


@dataclass(frozen=True, eq=False)
class FilledNumbers(Numbers):
    """Numbers as they are, a missing one filled by the mean of its column, shape (1, p).

    Whether it was there is a category of two levels: a column of its own is 1 where it was, else -1.
    """

    kind: ClassVar[str] = "filled_numbers"
    stored: ClassVar[tuple[str, ...]] = ("mean",)

    mean: Array

    @classmethod
    def fit(cls, columns: Sequence[NumberColumn]) -> Self:
        means = np.array([[_mean(c.values) for c in columns]])
        return cls(tuple(c.name for c in columns), _with_missing(columns), means)

    @property
    def fitted(self) -> dict[str, Array]:
        return {"mean": self.mean} | self._missing_columns

    def lines(self, let: Let, given: Mapping[str, Any]) -> list[Any]:
        numbers = given["numbers"]
        blocks = [let("filled", filled_with(given["mean"], numbers))]
        if self.with_missing:
            gaps = let("gaps", np.where(np.isnan(numbers), 1, 0))
            blocks.append(let("present", (1 - 2 * gaps) @ given["missing_columns"]))
        return blocks

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        labels = dict.fromkeys(("numbers", "mean", "filled"), self.names)
        if self.with_missing:
            missing = self._missing_labels
            labels |= {"gaps": self.names, "missing_columns": missing, "present": missing}
        return labels

    @property
    def notes(self) -> tuple[str, ...]:
        return self._filled_note("mean", self.mean)


@dataclass(frozen=True, eq=False)
class Categories(Block):
    """Base of blocks of one column of categories.

    Attributes
    ----------
    at
        Its number among the columns of categories, from 1.
    name, levels
        Of the column; the levels in order.
    left_out
        How many rare levels count as unknown.
    """

    at: int
    name: str
    levels: tuple[Any, ...]
    left_out: int = 0

    @classmethod
    def fit(cls, at: int, column: CategoryColumn, most: int) -> Self:
        """Return the block fitted to a column; of more than `most` levels the most frequent count."""
        kept = sorted_levels(column.values.most_frequent(most))
        levels = np.count_nonzero(column.values.counts)
        return cls(at, column.name, kept, int(levels) - len(kept))

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def raw_shapes(self) -> dict[str, Shape]:
        return {f"codes_{self.at}": ("n", 1)}

    def raw(self, by_name: Mapping[str, Column]) -> dict[str, Array]:
        column = by_name[self.name]
        assert isinstance(column, CategoryColumn)
        return {f"codes_{self.at}": column.codes(self.levels)}

    @property
    def notes(self) -> tuple[str, ...]:
        if not self.left_out:
            return ()
        return (
            f"Column {self.name!r} has {len(self.levels) + self.left_out:,} categories. The {len(self.levels)} most "
            f"frequent have an input each; the others count as unknown.",
        )

    def to_data(self) -> dict[str, Any]:
        # Its number follows from the order of the blocks.
        return {"name": self.name, "levels": list(self.levels), "left_out": self.left_out}

    @classmethod
    def from_data(cls, data: Mapping[str, Any], arrays: Mapping[str, Array]) -> Self:
        return cls(data["at"], data["name"], tuple(data["levels"]), data["left_out"])


@dataclass(frozen=True, eq=False)
class OneHot(Categories):
    """A column for each level: 1 in the rows that have it, else 0."""

    kind: ClassVar[str] = "one_hot"

    @property
    def fitted(self) -> dict[str, Array]:
        codes = np.arange(len(self.levels), dtype=np.float64)
        return {f"levels_{self.at}": codes.reshape(1, -1)}

    def lines(self, let: Let, given: Mapping[str, Any]) -> list[Any]:
        at = self.at
        is_level = given[f"codes_{at}"] == given[f"levels_{at}"]
        return [let(f"one_hot_{at}", np.where(is_level, 1, 0))]

    def middles_and_scales(self, given: Mapping[str, Any]) -> list[tuple[float, float]]:
        codes = given[f"codes_{self.at}"]
        known = codes[codes >= 0].astype(np.int64)
        # A level's column is never made: with a thousand levels all of them are the largest part of a fit.
        counts = np.bincount(known, minlength=len(self.levels))
        return [_middle_and_scale_of_ones(int(ones), len(codes)) for ones in counts]

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        at, levels = self.at, self.inputs
        return {f"codes_{at}": (self.name,), f"levels_{at}": levels, f"one_hot_{at}": levels}

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(f"{self.name} = {level}" for level in self.levels)


@dataclass(frozen=True, eq=False)
class PlusMinus(Categories):
    """One column for two levels: 1 for the first, -1 for the second, 0 for neither."""

    kind: ClassVar[str] = "plus_minus"

    @property
    def fitted(self) -> dict[str, Array]:
        return {}

    def lines(self, let: Let, given: Mapping[str, Any]) -> list[Any]:
        codes = given[f"codes_{self.at}"]
        second = np.where(codes == 1, -1, 0)
        return [let(f"sign_{self.at}", np.where(codes == 0, 1, second))]

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        return {f"codes_{self.at}": (self.name,), f"sign_{self.at}": self.inputs}

    @property
    def inputs(self) -> tuple[str, ...]:
        return (f"{self.name} = {' or '.join(map(str, self.levels))}",)


@dataclass(frozen=True, eq=False)
class RobustClip:
    """What is done to all q columns of the blocks, side by side: scaled and clipped.

    `median` and `scale` have shape (1, q).
    """

    named: ClassVar[tuple[str, ...]] = ("joined", "median", "scale", "scaled")

    median: Array
    scale: Array

    @classmethod
    def fit(cls, blocks: Sequence[Block], given: Mapping[str, Any]) -> Self:
        """Return it fitted to what the blocks make of the rows of `given`, which is never joined."""
        fits = np.array([pair for block in blocks for pair in block.middles_and_scales(given)])
        return cls(fits[:, :1].T.copy(), fits[:, 1:].T.copy())

    @property
    def fitted(self) -> dict[str, Array]:
        """The fitted arrays by the names that they have in the equations."""
        return {"median": self.median, "scale": self.scale}

    def lines(self, let: Let, given: Mapping[str, Any], joined: Any) -> Any:
        """Name what is computed on the way; return the clipped columns, which the caller names."""
        joined = let("joined", joined)
        scaled = let("scaled", within_reach((joined - given["median"]) * given["scale"]))
        return smoothly_clipped(scaled)


def middle_and_scale(values: Array) -> tuple[float, float]:
    """Return the median of a column, and what its distance from the median is multiplied with.

    The middle half of the column gets the width 1; a column whose middle half is one number is
    scaled by its extent (Holzmüller, Grinsztajn & Steinwart 2024, sect. 3).
    """
    present = values[~np.isnan(values)]
    quantiles = np.quantile(present, QUARTERS)
    with np.errstate(over="ignore"):
        extent = present.max() - present.min()
    return _median_and_scale(quantiles, extent)


def _middle_and_scale_of_ones(ones: int, rows: int) -> tuple[float, float]:
    """Return `middle_and_scale` of a column that is 1 in so many rows, and 0 in the others."""
    # A quantile lies between two neighbours of the sorted column: it is 0, 1, or how far it is from the
    # last 0 to the first 1.
    quantiles = np.clip(np.array(QUARTERS) * (rows - 1) - (rows - ones - 1), 0, 1)
    return _median_and_scale(quantiles, float(0 < ones < rows))


def _median_and_scale(quantiles: Array, extent: float) -> tuple[float, float]:
    low, median, high = quantiles
    with np.errstate(over="ignore", divide="ignore"):
        scale = 1 / (high - low) if high > low else 2 / extent if extent > 0 else 0.0
    return float(median), float(scale) if np.isfinite(scale) else 0.0


def _mean(values: Array) -> float:
    present = values[~np.isnan(values)]
    # Measured in units of the largest, the sum of very large numbers stays in range.
    unit = float(abs(present).max()) or 1.0
    return float((present / unit).mean()) * unit


# By their names in a model file; a new kind is one more entry.
