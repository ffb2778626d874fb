"""Numbers that also tell between which quantiles of their column they lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from pellucid.preparation.blocks import FilledNumbers
from pellucid.preparation.columns import NumberColumn
from pellucid.preparation.lines import Let

Array = NDArray[Any]

# A column has at most so many bins, and all columns together about so many; each has two at least.
MOST_BINS, BINS_OF_ALL, FEWEST_BINS = 16, 128, 2
# What a bin says is made smaller than the numbers themselves: many of them say nearly the same.
STRENGTH = 0.5


@dataclass(frozen=True, eq=False)
class BinnedNumbers(FilledNumbers):
    """Numbers as `FilledNumbers` has them, and their piecewise linear encoding.

    Between two neighbouring quantiles of a column is a bin, m in all: what it says rises from
    −`STRENGTH` to `STRENGTH` while the number passes through it. `bin_columns`, shape (p, m), says to which
    column it belongs, `bin_start` and `bin_width`, shape (1, m), where it begins and how wide it is.
    Gorishniy, Rubachev & Babenko 2022 ("On embeddings for numerical features"), sect. 3.1.
    """

    kind: ClassVar[str] = "binned_numbers"
    stored: ClassVar[tuple[str, ...]] = ("mean", "bin_columns", "bin_start", "bin_width")

    bin_columns: Array
    bin_start: Array
    bin_width: Array

    @classmethod
    def fit(cls, columns: Sequence[NumberColumn]) -> Self:
        filled = FilledNumbers.fit(columns)
        bins = int(np.clip(round(BINS_OF_ALL / len(columns)), FEWEST_BINS, MOST_BINS))
        of, starts, widths = [], [], []
        for at, column in enumerate(columns):
            edges = _edges(column.values, bins)
            of += [at] * (len(edges) - 1)
            starts += edges[:-1].tolist()
            widths += np.diff(edges).tolist()
        picks = np.zeros((len(columns), len(of)))
        picks[of, np.arange(len(of))] = 1
        return cls(
            filled.names,
            filled.with_missing,
            filled.mean,
            picks,
            np.array([starts], np.float64),
            np.array([widths], np.float64),
        )

    @property
    def fitted(self) -> dict[str, Array]:
        if not self.bin_start.size:
            return super().fitted
        names = ("bin_columns", "bin_start", "bin_width")
        return super().fitted | {name: getattr(self, name) for name in names}

    def behind(self, let: Let, given: Mapping[str, Any], made: Sequence[Any]) -> list[Any]:
        if not self.bin_start.size:
            return []
        passed = (made[0] @ given["bin_columns"] - given["bin_start"]) / given["bin_width"]
        inside = np.minimum(np.maximum(passed, 0), 1)
        return [let("in_bins", STRENGTH * (2 * inside - 1))]

    @property
    def behind_inputs(self) -> tuple[str, ...]:
        of = self.bin_columns.argmax(axis=0) if self.bin_start.size else ()
        stops = self.bin_start + self.bin_width
        spans = zip(of, self.bin_start[0], stops[0], strict=True)
        return tuple(f"{self.names[at]} {start:.4g} to {stop:.4g}" for at, start, stop in spans)

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        bins = ("bin_columns", "bin_start", "bin_width", "in_bins")
        return super().labels | (
            dict.fromkeys(bins, self.behind_inputs) if self.bin_start.size else {}
        )

    def to_data(self) -> dict[str, Any]:
        return super().to_data() | {"bins": self.bin_start.shape[1]}

    @classmethod
    def stored_shapes(cls, data: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
        columns, bins = len(data["columns"]), int(data["bins"])
        shapes: dict[str, tuple[int, ...]] = {"mean": (1, columns)}
        if bins:
            of_bins = dict.fromkeys(("bin_start", "bin_width"), (1, bins))
            shapes |= {"bin_columns": (columns, bins), **of_bins}
        return shapes

    @classmethod
    def from_data(cls, data: Mapping[str, Any], arrays: Mapping[str, Array]) -> Self:
        names, with_missing = tuple(data["columns"]), tuple(data["with_missing"])
        none = {"bin_columns": np.zeros((len(names), 0))}
        none |= dict.fromkeys(("bin_start", "bin_width"), np.zeros((1, 0)))
        held = {name: arrays[name] for name in cls.stored_shapes(data)}
        return cls(names, with_missing, **{**none, **held})


def _edges(values: Array, bins: int) -> Array:
    """Return the edges of a column's bins: its different quantiles; of fewer than two bins none."""
    present = values[~np.isnan(values)]
    # Numbers of the column: between two of them, that a column only has, there would be nothing to tell.
    edges: Array = np.unique(np.quantile(present, np.linspace(0, 1, bins + 1), method="nearest"))
    with np.errstate(over="ignore"):
        widths = np.diff(edges)
    # A bin that is too wide or too narrow for numbers has no way through it.
    usable = len(widths) > 1 and np.isfinite(widths).all() and widths.min() > 1e-300
    return edges if usable else edges[:1]


__all__ = ["BinnedNumbers"]
