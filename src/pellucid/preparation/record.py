"""What was fitted to the columns of a table, and how it is applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.algebra import Equation, Shape, Symbol, check
from pellucid.errors import InputError, explain
from pellucid.preparation.columns import CategoryColumn, Column, NumberColumn, sorted_levels
from pellucid.preparation.lines import Let, prepare
from pellucid.step import Recorder, named

Array = NDArray[Any]

# A rare category seen by a handful of rows teaches little and costs a column; the most frequent are kept.
MOST_LEVELS = 64
# In a shorter table a text that differs in every row may still be a category.
IDENTIFIER_ROWS = 20


@dataclass(frozen=True)
class Categories:
    """A fitted column of categories: its levels in order, and how many rare ones were left out."""

    name: str
    levels: tuple[Any, ...]
    left_out: int = 0


@dataclass(frozen=True, eq=False)
class Preparation:
    """The fitted preparation of a table.

    Attributes
    ----------
    numbers
        Names of the p columns of numbers, in the order of the block `numbers`.
    median, scale
        Of each of them, shape (1, p).
    with_missing
        Those of them that had missing values in training: each gets a column that says where.
    categories
        The fitted columns of categories, in the order of ``codes_1, codes_2, …``.
    dropped
        Columns that are not used, and why.
    """

    numbers: tuple[str, ...]
    median: Array
    scale: Array
    with_missing: tuple[str, ...]
    categories: tuple[Categories, ...]
    dropped: Mapping[str, str]

    @classmethod
    def fit(cls, columns: Sequence[Column]) -> Preparation:
        """Return the preparation fitted to these columns, of n ≥ 1 rows each.

        Raises `InputError` if no column is left to learn from.
        """
        dropped = {c.name: why for c in columns if (why := _useless(c))}
        kept = [c for c in columns if c.name not in dropped]
        if not kept:
            raise InputError(
                explain(
                    expected="at least one column that differs between rows",
                    got="; ".join(f"{name!r}, {why}" for name, why in dropped.items())
                    or "no column",
                    do="add a column that has to do with the target",
                )
            )
        numbers = [c for c in kept if isinstance(c, NumberColumn)]
        fitted = [_fit_numbers(c.values) for c in numbers]
        return cls(
            numbers=tuple(c.name for c in numbers),
            median=np.array([[m for m, _ in fitted]]),
            scale=np.array([[s for _, s in fitted]]),
            with_missing=tuple(c.name for c in numbers if np.isnan(c.values).any()),
            categories=tuple(_fit_categories(c) for c in kept if isinstance(c, CategoryColumn)),
            dropped=dropped,
        )

    @cached_property
    def fitted(self) -> dict[str, Array]:
        """The fitted arrays by the names that they have in the equations."""
        arrays = {"median": self.median, "scale": self.scale} if self.numbers else {}
        if self.with_missing:
            chosen = [
                [float(name == other) for other in self.with_missing] for name in self.numbers
            ]
            arrays["missing_columns"] = np.array(chosen)
        for at, column in enumerate(self.categories, 1):
            arrays[f"levels_{at}"] = np.arange(len(column.levels), dtype=np.float64).reshape(1, -1)
        return arrays

    def given(self, columns: Sequence[Column]) -> dict[str, Array]:
        """Return every input of the lines for these rows: the raw columns, and what was fitted.

        The columns are found by name; those that were dropped, and others, are passed over.
        """
        by_name = {column.name: column for column in columns}
        given: dict[str, Array] = {}
        if self.numbers:
            given["numbers"] = np.stack(
                [np.asarray(by_name[n].values, np.float64) for n in self.numbers], axis=1
            )
        for at, fitted in enumerate(self.categories, 1):
            column = by_name[fitted.name]
            assert isinstance(column, CategoryColumn)
            given[f"codes_{at}"] = column.codes(fitted.levels)
        return given | self.fitted

    def lines(self, let: Let, given: Mapping[str, Any]) -> None:
        """Run the preparation: on arrays it computes, on symbols it gives equations."""
        prepare(let, given)

    @cached_property
    def inputs(self) -> tuple[Symbol, ...]:
        """The symbols that the equations read and do not compute."""
        raw: dict[str, Shape] = {"numbers": ("n", len(self.numbers))} if self.numbers else {}
        raw |= {f"codes_{at}": ("n", 1) for at in range(1, len(self.categories) + 1)}
        fitted: dict[str, Shape] = {name: array.shape for name, array in self.fitted.items()}
        return tuple(named(name, shape) for name, shape in (raw | fitted).items())

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """The equations of the stage `prepare`, checked; the last one gives `X`."""
        return recorded(self.lines, self.inputs, "prepare")

    @cached_property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """For each named matrix, what its columns are, in words."""
        numbers = tuple(self.numbers)
        missing = tuple(f"{name} missing" for name in self.with_missing)
        labels = dict.fromkeys(
            ("numbers", "median", "scale", "filled", "scaled", "clipped"), numbers
        )
        labels = labels if numbers else {}
        if missing:
            labels |= {"gaps": numbers, "missing_columns": missing, "missing": missing}
        inputs = [*numbers, *missing]
        for at, column in enumerate(self.categories, 1):
            levels = tuple(f"{column.name} = {level}" for level in column.levels)
            labels |= {
                f"codes_{at}": (column.name,),
                f"levels_{at}": levels,
                f"one_hot_{at}": levels,
            }
            inputs += levels
        return labels | {"X": tuple(inputs)}

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done to the columns, in sentences."""
        notes = [f"Column {name!r} is not used: {why}." for name, why in self.dropped.items()]
        if self.with_missing:
            medians = [self.median[0, self.numbers.index(name)] for name in self.with_missing]
            filled = ", ".join(
                f"{name} by {m:g}" for name, m in zip(self.with_missing, medians, strict=True)
            )
            notes.append(
                f"Missing numbers are replaced by the column's median, and marked: {filled}."
            )
        for c in self.categories:
            if c.left_out:
                notes.append(
                    f"Column {c.name!r} has {len(c.levels) + c.left_out} categories. The {len(c.levels)} most "
                    f"frequent have an input each; the others count as unknown."
                )
        return tuple(notes)

    def to_data(self) -> dict[str, Any]:
        """Return what is not an array, as plain data for a model file."""
        return {
            "numbers": list(self.numbers),
            "with_missing": list(self.with_missing),
            "categories": [
                {"name": c.name, "levels": list(c.levels), "left_out": c.left_out}
                for c in self.categories
            ],
            "dropped": dict(self.dropped),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any], arrays: Mapping[str, Array]) -> Preparation:
        """Return the preparation that `to_data` and `fitted` described."""
        numbers = tuple(data["numbers"])
        empty = np.empty((1, 0))
        return cls(
            numbers=numbers,
            median=arrays["median"] if numbers else empty,
            scale=arrays["scale"] if numbers else empty,
            with_missing=tuple(data["with_missing"]),
            categories=tuple(
                Categories(c["name"], tuple(c["levels"]), c["left_out"]) for c in data["categories"]
            ),
            dropped=dict(data["dropped"]),
        )


def recorded(
    lines: Callable[[Let, Mapping[str, Any]], Any], inputs: Sequence[Symbol], stage: str
) -> tuple[Equation, ...]:
    """Return the equations of some lines, checked, all of one stage."""
    recorder = Recorder()
    lines(recorder, {symbol.name: symbol for symbol in inputs})
    equations = tuple(replace(equation, stage=stage) for equation in recorder.equations)
    check(inputs, equations)
    return equations


def _useless(column: Column) -> str:
    """Return why a column cannot help, or an empty text."""
    if isinstance(column, NumberColumn):
        missing = np.isnan(column.values)
        present = column.values[~missing]
        if not present.size:
            return "all its values are missing"
        same = bool((present == present[0]).all()) and not missing.any()
        return f"it is {present[0]:g} in every row" if same and len(missing) > 1 else ""
    known = [v for v in column.values if v is not None]
    different = set(known)
    if not known:
        return "all its values are missing"
    if len(different) == 1 and 1 < len(known) == len(column.values):
        return f"it is {known[0]!r} in every row"
    if len(different) == len(column.values) > IDENTIFIER_ROWS:
        return "it differs in every row, as an identifier does"
    return ""


def _fit_numbers(values: Array) -> tuple[float, float]:
    """Return the median of a column, and what its distance from the median is multiplied with.

    The middle half of the column gets the width 1; a column whose middle half is one number is
    scaled by its extent (Holzmüller, Grinsztajn & Steinwart 2024, sect. 3).
    """
    present = values[~np.isnan(values)]
    low, median, high = np.quantile(present, [0.25, 0.5, 0.75])
    with np.errstate(over="ignore", divide="ignore"):
        extent = present.max() - present.min()
        scale = 1 / (high - low) if high > low else 2 / extent if extent > 0 else 0.0
    return float(median), float(scale) if np.isfinite(scale) else 0.0


def _fit_categories(column: CategoryColumn) -> Categories:
    counts = Counter(v for v in column.values if v is not None)
    levels = sorted_levels(list(counts))
    # Sorted first, so that of equally frequent ones the same are kept in any order of the rows.
    kept = sorted(levels, key=lambda level: -counts[level])[:MOST_LEVELS]
    return Categories(column.name, sorted_levels(kept), len(levels) - len(kept))
