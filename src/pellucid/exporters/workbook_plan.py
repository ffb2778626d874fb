"""Where everything stands in a workbook: a sheet for each step, in it the stages, in them the matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pellucid.errors import InputError, explain
from pellucid.exporters.traced import Traced, how_to_shrink
from pellucid.views.stages import Stage, stages

# What a cell is to its stage, which its colour shows.
INPUT, COMPUTED, SOURCE = "input", "computed", "source"

# What a workbook is limited to: Excel has 16,384 columns and 1,048,576 rows on a sheet; more cells
# and sheets than these make a file that no program opens in reasonable time.
MOST_COLUMNS, MOST_ROWS = 16_384, 1_048_576
MOST_CELLS, MOST_STEPS = 500_000, 200

# Matrices of a stage stand side by side up to this width.
WIDTH = 20
FIRST_ROW = 3  # below the title and the legend, which are frozen
MARGIN = 1  # the column of the stages' numbers


@dataclass(frozen=True)
class Block:
    """A matrix on a sheet: its name, what it is there, its first number's place, and its size."""

    name: str
    role: str
    row: int
    column: int
    height: int
    width: int


@dataclass(frozen=True)
class Part:
    """A stage on a sheet: the row of its heading, and its matrices."""

    stage: Stage
    row: int
    blocks: tuple[Block, ...]

    @cached_property
    def by_name(self) -> dict[str, Block]:
        """The matrices by name."""
        return {block.name: block for block in self.blocks}


@dataclass(frozen=True)
class StepSheet:
    """The sheet of one step, counted from 1."""

    number: int
    parts: tuple[Part, ...]

    @property
    def title(self) -> str:
        """The name of the sheet."""
        return f"Step {self.number}"

    @cached_property
    def homes(self) -> dict[str, Block]:
        """For each name the matrix that holds it; the others of that name are copies."""
        found: dict[str, Block] = {}
        for part in self.parts:
            for block in part.blocks:
                if block.role != SOURCE:
                    found[block.name] = block
        return found


@dataclass(frozen=True)
class Plan:
    """The whole workbook: the settings that all steps share, and a sheet for each step."""

    settings: tuple[str, ...]
    sheets: tuple[StepSheet, ...]


def plan(traced: Traced) -> Plan:
    """Return where everything of a trace stands.

    Raises `InputError`, with the number of cells, for one that is too large for a workbook.
    """
    check_size(traced)
    settings = tuple(name for name in traced.description.settings if name in traced.symbols)
    read = {name for e in traced.formulas.values() for name in e.inputs}
    clock = [
        name
        for name, symbol in traced.symbols.items()
        if name in read and not symbol.shape and name not in settings
    ]
    found = stages(traced.description, tuple(traced.formulas.values()), tuple(traced.symbols))
    return Plan(
        settings,
        tuple(
            StepSheet(number, _parts(found, step.values, settings, clock))
            for number, step in enumerate(traced.steps, 1)
        ),
    )


def check_size(traced: Traced) -> None:
    """Raise `InputError` if a workbook cannot hold the trace; nothing has been written then."""
    count = len(traced.steps)
    found = stages(traced.description, tuple(traced.formulas.values()), tuple(traced.symbols))
    names = [name for stage in found for name in (*stage.computed, *stage.sources)]
    cells = sum(np.size(step.values[name]) for step in traced.steps for name in names)
    widest = max(np.atleast_2d(v).shape[1] for v in traced.steps[0].values.values())
    tallest = sum(
        max((np.atleast_2d(traced.steps[0].values[n]).shape[0] for n in stage.computed), default=0)
        for stage in found
    )
    if (
        count > MOST_STEPS
        or cells > MOST_CELLS
        or widest + MARGIN + 2 > MOST_COLUMNS
        or 4 * tallest > MOST_ROWS
    ):
        raise InputError(
            explain(
                expected=f"a trace of at most {MOST_STEPS} steps, {MOST_CELLS:,} cells and "
                f"{MOST_COLUMNS:,} columns for a workbook",
                got=f"{count} step{'s' * (count != 1)}, {cells:,} cells and {widest:,} columns in "
                "the widest matrix",
                do=how_to_shrink(traced, names, MOST_CELLS),
            )
        )


def _parts(
    found: Sequence[Stage],
    values: Mapping[str, Any],
    settings: Sequence[str],
    clock: Sequence[str],
) -> tuple[Part, ...]:
    parts: list[Part] = []
    at_home = set(settings)
    row = FIRST_ROW
    for stage in found:
        computed = list(stage.computed)
        if stage.number == 0:
            computed += [name for name in clock if name not in computed]
        formulas = {e.name for e in stage.equations}
        sources = [name for name in stage.sources if name not in computed]
        sources.sort(key=lambda name: np.ndim(values[name]) == 0)  # single numbers last
        roles = [(name, SOURCE if name in at_home else INPUT) for name in sources]
        roles += [(name, COMPUTED if name in formulas else INPUT) for name in computed]
        at_home |= {name for name, _ in roles}
        # Under the heading: what happens, a line for each equation, and an empty one.
        top = row + 1 + len(stage.about) + len(stage.equations) + 1
        blocks, below = _side_by_side(roles, values, top)
        parts.append(Part(stage, row, tuple(blocks)))
        row = below + 1
    return tuple(parts)


def _side_by_side(
    roles: Sequence[tuple[str, str]], values: Mapping[str, Any], top: int
) -> tuple[list[Block], int]:
    """Return the matrices in lines of at most `WIDTH` columns, and the row below them."""
    blocks: list[Block] = []
    column, below = MARGIN, top
    for name, role in roles:
        height, width = np.atleast_2d(values[name]).shape
        if column > MARGIN and column + width + 1 > MARGIN + WIDTH:
            top, column = below + 1, MARGIN
        # A line for the name and one for the columns' headers stand above; row headers on the left.
        blocks.append(Block(name, role, top + 2, column + 1, height, width))
        below = max(below, top + 2 + height)
        column += width + 2
    return blocks, below
