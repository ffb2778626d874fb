"""What was fitted to the columns of a table, and how it is applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.algebra import Equation, Symbol, check
from pellucid.errors import InputError, explain
from pellucid.preparation.bins import BinnedNumbers
from pellucid.preparation.blocks import (
    Block,
    Categories,
    ClippedNumbers,
    FilledNumbers,
    Numbers,
    OneHot,
    PlusMinus,
    RobustClip,
)
from pellucid.preparation.columns import CategoryColumn, Column, NumberColumn, listed
from pellucid.preparation.lines import Let
from pellucid.step import Recorder, named

Array = NDArray[Any]

# By the name that a model file has for them.
KINDS: dict[str, type[Block]] = {
    kind.kind: kind for kind in (ClippedNumbers, FilledNumbers, BinnedNumbers, OneHot, PlusMinus)
}

# In a shorter table a text that differs in every row may still be a category.
IDENTIFIER_ROWS = 20


@dataclass(frozen=True)
class Kinds:
    """Which kinds of blocks a recipe makes of a table.

    Attributes
    ----------
    numbers
        Of the columns of numbers, together.
    two_levels, more_levels
        Of a column of categories with two levels, and with more (or one).
    most_levels
        Of a column with more levels the most frequent count: a rare one teaches little and costs an input.
    clips_all
        Whether all columns of all blocks are scaled and clipped side by side.
    """

    numbers: type[Numbers] = ClippedNumbers
    two_levels: type[Categories] = OneHot
    more_levels: type[Categories] = OneHot
    most_levels: int = 64
    clips_all: bool = False


PLAIN = Kinds()
# Holzmüller, Grinsztajn & Steinwart 2024, sect. 3, which has no missing numbers; those are filled and marked
# as the authors' later benchmark does.
ROBUST = Kinds(FilledNumbers, PlusMinus, OneHot, most_levels=1_000, clips_all=True)
BINNED = replace(ROBUST, numbers=BinnedNumbers)


@dataclass(frozen=True, eq=False)
class Preparation:
    """The fitted preparation of a table.

    Attributes
    ----------
    blocks
        The fitted blocks, whose inputs stand side by side in this order.
    over_all
        What is done to all of these then, or None.
    dropped
        Columns that are not used, and why.
    """

    blocks: tuple[Block, ...]
    over_all: RobustClip | None
    dropped: Mapping[str, str]

    @classmethod
    def fit(
        cls,
        columns: Sequence[Column],
        kinds: Kinds = PLAIN,
        left_out: Mapping[str, str] | None = None,
    ) -> Preparation:
        """Return the preparation fitted to these columns, of n ≥ 1 rows each.

        `left_out` are columns that should not be used, and why; they are if there is no other.
        Raises `InputError` if no column is left to learn from.
        """
        dropped = {c.name: why for c in columns if (why := _useless(c))}
        if any(c.name not in dropped and c.name not in (left_out or {}) for c in columns):
            dropped |= left_out or {}
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
        blocks: list[Block] = [kinds.numbers.fit(numbers)] if numbers else []
        for at, column in enumerate((c for c in kept if isinstance(c, CategoryColumn)), 1):
            levels = np.count_nonzero(column.values.counts)
            kind = kinds.two_levels if levels == 2 else kinds.more_levels
            blocks.append(kind.fit(at, column, kinds.most_levels))
        made = cls(tuple(blocks), None, dropped)
        if not kinds.clips_all:
            return made
        return replace(made, over_all=RobustClip.fit(blocks, made.given(kept)))

    @property
    def numbers(self) -> tuple[str, ...]:
        """Names of the columns of numbers, in the order of the matrix `numbers`."""
        return tuple(name for b in self.blocks if isinstance(b, Numbers) for name in b.names)

    @property
    def categories(self) -> tuple[Categories, ...]:
        """The fitted columns of categories, in the order of ``codes_1, codes_2, …``."""
        return tuple(b for b in self.blocks if isinstance(b, Categories))

    @cached_property
    def fitted(self) -> dict[str, Array]:
        """The fitted arrays by the names that they have in the equations."""
        arrays = {name: array for b in self.blocks for name, array in b.fitted.items()}
        return arrays | (self.over_all.fitted if self.over_all else {})

    def given(self, columns: Sequence[Column]) -> dict[str, Array]:
        """Return every input of the lines for these rows: the raw columns, and what was fitted.

        The columns are found by name; those that were dropped, and others, are passed over.
        """
        by_name = {column.name: column for column in columns}
        raw = {name: array for b in self.blocks for name, array in b.raw(by_name).items()}
        return raw | self.fitted

    def _parts(self, let: Let, given: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
        """Return what the blocks make, and what stands behind it."""
        made = [(block, block.lines(let, given)) for block in self.blocks]
        behind = [part for block, parts in made for part in block.behind(let, given, parts)]
        return [part for _, parts in made for part in parts], behind

    def lines(self, let: Let, given: Mapping[str, Any]) -> None:
        """Run the preparation: on arrays it computes, on symbols it gives equations."""
        parts, behind = self._parts(let, given)
        X = np.concatenate(parts, axis=1)
        if self.over_all:
            X = self.over_all.lines(let, given, X)
        let("X", np.concatenate([let("clipped", X), *behind], axis=1) if behind else X)

    @cached_property
    def inputs(self) -> tuple[Symbol, ...]:
        """The symbols that the equations read and do not compute."""
        raw = {name: shape for b in self.blocks for name, shape in b.raw_shapes.items()}
        fitted = {name: array.shape for name, array in self.fitted.items()}
        return tuple(named(name, shape) for name, shape in (raw | fitted).items())

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """The equations of the stage `prepare`, checked; the last one gives `X`."""
        return recorded(self.lines, self.inputs, "prepare")

    @cached_property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """For each named matrix, what its columns are, in words."""
        inputs = tuple(label for block in self.blocks for label in block.inputs)
        behind = tuple(label for block in self.blocks for label in block.behind_inputs)
        labels = {name: words for b in self.blocks for name, words in b.labels.items()}
        everywhere = (*self.over_all.named, "clipped") if self.over_all and behind else ()
        everywhere = self.over_all.named if self.over_all and not behind else everywhere
        return labels | dict.fromkeys(everywhere, inputs) | {"X": (*inputs, *behind)}

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done to the columns, in sentences."""
        of_blocks = [note for block in self.blocks for note in block.notes]
        merged = [column for column in self.categories if column.left_out]
        if len(merged) > 1:
            told = {note for column in merged for note in column.notes}
            counts = [f"{c.name!r} ({len(c.levels) + c.left_out:,} categories)" for c in merged]
            of_blocks = [note for note in of_blocks if note not in told]
            of_blocks.append(
                f"In {len(merged)} columns only the {len(merged[0].levels)} most frequent categories have an input "
                f"each; the others count as unknown: {listed(counts)}."
            )
        return (*_notes_on_dropped(self.dropped), *of_blocks)

    def to_data(self) -> dict[str, Any]:
        """Return what is not an array, as plain data for a model file."""
        return {
            "blocks": [{"kind": b.kind, **b.to_data()} for b in self.blocks],
            "clips_all": self.over_all is not None,
            "dropped": dict(self.dropped),
        }

    @property
    def stored(self) -> dict[str, Array]:
        """The fitted arrays that a model file holds; the others follow from `to_data`."""
        names = stored_shapes(self.to_data())
        return {name: self.fitted[name] for name in names}

    @classmethod
    def from_data(cls, data: Mapping[str, Any], arrays: Mapping[str, Array]) -> Preparation:
        """Return the preparation that `to_data` and `stored` described."""
        data = _of_any_format(data)
        blocks: list[Block] = []
        for stored in data["blocks"]:
            at = 1 + sum(isinstance(block, Categories) for block in blocks)
            blocks.append(KINDS[stored["kind"]].from_data({**stored, "at": at}, arrays))
        over_all = RobustClip(arrays["median"], arrays["scale"]) if data["clips_all"] else None
        return cls(tuple(blocks), over_all, dict(data["dropped"]))


def stored_shapes(data: Mapping[str, Any], inputs: int = 0) -> dict[str, tuple[int, ...]]:
    """Return names and shapes of the arrays that belong to a stored preparation of so many inputs."""
    data = _of_any_format(data)
    shapes: dict[str, tuple[int, ...]] = {}
    for block in data["blocks"]:
        shapes |= KINDS[block["kind"]].stored_shapes(block)
    if data["clips_all"]:
        behind = sum(int(block.get("bins", 0)) for block in data["blocks"])
        shapes |= dict.fromkeys(("median", "scale"), (1, inputs - behind))
    return shapes


def _of_any_format(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return stored data as it is written today; format 1 had no kinds of blocks."""
    if "blocks" in data:
        return data
    blocks: list[dict[str, Any]] = []
    if data["numbers"]:
        numbers = {"columns": data["numbers"], "with_missing": data["with_missing"]}
        blocks.append({"kind": ClippedNumbers.kind, **numbers})
    blocks += [{"kind": OneHot.kind, **column} for column in data["categories"]]
    return {"blocks": blocks, "clips_all": False, "dropped": data["dropped"]}


def recorded(
    lines: Callable[[Let, Mapping[str, Any]], Any], inputs: Sequence[Symbol], stage: str
) -> tuple[Equation, ...]:
    """Return the equations of some lines, checked, all of one stage."""
    recorder = Recorder()
    lines(recorder, {symbol.name: symbol for symbol in inputs})
    equations = tuple(replace(equation, stage=stage) for equation in recorder.equations)
    check(inputs, equations)
    return equations


_MISSING = "all its values are missing"
_IDENTIFIER = "it differs in every row, as an identifier does"
ROW_NUMBER = "it counts the rows"
# What to say of several columns that are left out for the same reason.
_OF_SEVERAL = {
    _MISSING: "all their values are missing",
    _IDENTIFIER: "they differ in every row, as identifiers do",
    ROW_NUMBER: "they count the rows",
    "": "each is the same in every row",
}


def _notes_on_dropped(dropped: Mapping[str, str]) -> list[str]:
    """Return a sentence for each reason for which columns are not used."""
    names: dict[str, list[str]] = {}
    for name, why in dropped.items():
        names.setdefault(why if why in _OF_SEVERAL else "", []).append(name)
    return [
        f"Column {same[0]!r} is not used: {dropped[same[0]]}."
        if len(same) == 1
        else f"{len(same)} columns are not used, since {_OF_SEVERAL[why]}: {listed(list(map(repr, same)))}."
        for why, same in names.items()
    ]


def _useless(column: Column) -> str:
    """Return why a column cannot help, or an empty text."""
    if isinstance(column, NumberColumn):
        missing = np.isnan(column.values)
        present = column.values[~missing]
        if not present.size:
            return _MISSING
        same = bool((present == present[0]).all()) and not missing.any()
        return f"it is {present[0]:g} in every row" if same and len(missing) > 1 else ""
    rows, different = len(column.values), column.values.occurring
    if not different:
        return _MISSING
    if len(different) == 1 and rows > 1 and not column.values.missing:
        return f"it is {different[0]!r} in every row"
    if len(different) == rows > IDENTIFIER_ROWS:
        return _IDENTIFIER
    return ""
