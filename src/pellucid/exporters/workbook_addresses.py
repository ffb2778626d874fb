"""Addresses in a workbook: of cells, of ranges, and the names that are given to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import numpy as np
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from pellucid.algebra import Equation, Node, Symbol, substitute
from pellucid.exporters.traced import Traced
from pellucid.exporters.workbook_plan import Block, Part, Plan, StepSheet
from pellucid.printers.excel_formula import Index
from pellucid.printers.plain_text import equation_text

ANSWERS = "Answers"
OVERVIEW = "Overview"
# Defined names of an exercise: 1 or 0 for every entry, and how far one may be from its answer.
MARKS, TOLERANCE = "marks", "tolerance"

# A number of a step: its step, its name, and its row and column counted from 0.
Place = tuple[int, str, int, int]

_LIKE_A_CELL = re.compile(r"([A-Za-z]{1,3})(\d+)")
_LIKE_R1C1 = re.compile(r"[rR]\d*([cC]\d*)?|[cC]\d*")


def workbook_name(name: str) -> str:
    """Return a name as a workbook may have it: not one that is a cell's address, or R or C.

    >>> workbook_name("W1"), workbook_name("W1_next"), workbook_name("l2"), workbook_name("c")
    ('W_1', 'W_1_next', 'l_2', 'c_')
    """
    clean = re.sub(r"\W", "_", name)
    parts = clean.split("_")
    clean = "_".join(
        _LIKE_A_CELL.sub(r"\1_\2", p) if _LIKE_A_CELL.fullmatch(p) else p for p in parts
    )
    if _LIKE_R1C1.fullmatch(clean) or clean.upper() in ("TRUE", "FALSE"):
        return f"{clean}_"
    return clean if re.match(r"[^\W\d]", clean) else f"_{clean}"


def quoted(sheet: str) -> str:
    """Return a sheet's name as formulas write it."""
    return f"'{sheet}'!"


def range_text(block: Block) -> str:
    """Return the range of a block, with dollar signs."""
    last = block.row + block.height - 1, block.column + block.width - 1
    return str(xl_range_abs(block.row, block.column, *last))


class Addresses:
    """Where each number of a trace stands, and how formulas refer to it.

    Parameters
    ----------
    traced, plan
        The trace, and where its matrices stand.
    settings
        Gives the row and column on the overview of a setting's number.
    emptied
        The numbers that are left out for an exercise. What reads one reads its answer on the
        hidden sheet, so that a blank, or a wrong entry, does no harm to what follows.
    """

    def __init__(
        self,
        traced: Traced,
        plan: Plan,
        settings: Callable[[str], tuple[int, int]],
        emptied: Iterable[Place] = (),
    ) -> None:
        self.plan = plan
        self._traced = traced
        self._settings = settings
        self.emptied = frozenset(emptied)
        self._first: dict[tuple[str, int], tuple[int, int]] = {}
        self._origins = {p: origin for p in self._carried() if (origin := self._origin(p))}
        self.names = self._names()
        self.hidden = self._hidden()

    def _names(self) -> dict[tuple[int, str], str]:
        """Return the defined name of each matrix of each step; settings have step 0."""
        taken = {MARKS, TOLERANCE}
        names: dict[tuple[int, str], str] = {}
        places = [(0, name) for name in self.plan.settings]
        places += [(s.number, name) for s in self.plan.sheets for name in s.homes]
        for number, name in places:
            chosen = workbook_name(name) + (f"_step_{number}" if number > 1 else "")
            while chosen.casefold() in taken:
                chosen += "_"
            taken.add(chosen.casefold())
            names[number, name] = chosen
        return names

    def target(self, number: int, name: str) -> str:
        """Return where the matrix of a step (0 for a setting) stands, with its sheet."""
        if not number:
            row, column = self._settings(name)
            return quoted(OVERVIEW) + str(xl_rowcol_to_cell(row, column, True, True))
        sheet = self.plan.sheets[number - 1]
        return quoted(sheet.title) + range_text(sheet.homes[name])

    # Numbers that are carried over: the same row of the table, the weights that a step left.

    def _carried(self) -> Iterable[Place]:
        for sheet in self.plan.sheets:
            for name, block in sheet.homes.items():
                if name in self._traced.symbols and self._traced.symbols[name].shape:
                    yield from cells_of(sheet.number, block)

    def _origin(self, place: Place) -> Place | None:
        """Return the number of an earlier place that an input of a step is, if it is one."""
        number, name, row, column = place
        symbol, steps = self._traced.symbols[name], self._traced.steps
        if f"{name}_next" in self._traced.formulas:
            return (number - 1, f"{name}_next", row, column) if number > 1 else None
        if symbol.shape[:1] == ("n",):
            if name in self._traced.description.masks:
                return None
            first = self._first.setdefault((name, steps[number - 1].rows[row]), (number, row))
            return None if first[0] == number else (first[0], name, first[1], column)
        same = number > 1 and np.array_equal(
            steps[number - 2].values[name], steps[number - 1].values[name], equal_nan=True
        )
        return (number - 1, name, row, column) if same else None

    def origin(self, place: Place) -> Place | None:
        """Return the earlier number that this one is a copy of, or None."""
        return self._origins.get(place)

    # Numbers that are left out.

    def root(self, place: Place) -> Place | None:
        """Return the emptied number that a number is, directly or as a copy, or None."""
        at: Place | None = place
        while at is not None and at not in self.emptied:
            at = self.origin(at)
        return at

    def _hidden(self) -> dict[tuple[int, str], Block]:
        """Return the place on the hidden sheet of every matrix in which numbers are left out."""
        found: dict[tuple[int, str], Block] = {}
        if not self.emptied:
            return found
        row = 2
        for sheet in self.plan.sheets:
            for name, block in sheet.homes.items():
                if any(self.root(place) for place in cells_of(sheet.number, block)):
                    found[sheet.number, name] = Block(
                        name, block.role, row, 8, block.height, block.width
                    )
                    row += block.height + 2
        return found

    # References.

    def cell(self, place: Place, *, on: str) -> str:
        """Return the reference to the cell where a number stands, as seen from a sheet."""
        number, name, row, column = place
        sheet = self.plan.sheets[number - 1]
        return _prefixed(sheet.title, on) + _at(sheet.homes[name], row, column)

    def shown(self, place: Place, *, on: str) -> tuple[str, bool]:
        """Return the formula that repeats a number, and whether it is left out.

        Then the formula is blank until someone has filled it in.
        """
        text = self.cell(place, on=on)
        if self.root(place) is None:
            return text, False
        return f'IF(ISNUMBER({text}),{text},"")', True

    def true_cell(self, place: Place, *, on: str) -> str:
        """Return the reference to a number, or to its answer where it is left out."""
        if self.root(place) is None:
            return self.cell(place, on=on)
        number, name, row, column = place
        return _prefixed(ANSWERS, on) + _at(self.hidden[number, name], row, column)

    def name(self, number: int, name: str) -> str:
        """Return the defined name of a matrix of a step, or of a setting."""
        return self.names.get((number, name)) or self.names[0, name]

    def equation_text(self, equation: Equation) -> str:
        """Return an equation as text, with the names that the workbook has."""

        def named(node: Node) -> Node | None:
            if not isinstance(node, Symbol):
                return None
            return Symbol(self.base_name(node.name), node.shape)

        symbol = Symbol(self.base_name(equation.name), equation.shape)
        expression = substitute(equation.expression, named)
        return equation_text(Equation(symbol, expression, equation.stage))

    def base_name(self, name: str) -> str:
        """Return a name as the first step has it; later steps add their number."""
        return self.names.get((1, name)) or self.names[0, name]

    def refer(
        self, sheet: StepSheet, part: Part, *, on: str
    ) -> Callable[[str, Index | None, Index | None], str]:
        """Return what writes the references of the formulas of a stage.

        They read the matrices beside them; formulas on another sheet, those of the whole sheet.
        """
        nearby = part.by_name if on == sheet.title else {}

        def refer(name: str, rows: Index | None, columns: Index | None) -> str:
            if name in self.plan.settings:
                return self.names[0, name]
            home, hidden = sheet.homes[name], self.hidden.get((sheet.number, name))
            if hidden and any(map(self.root, _places(sheet.number, home, rows, columns))):
                return _prefixed(ANSWERS, on) + _range(hidden, rows, columns)
            if not np.ndim(self._traced.steps[sheet.number - 1].values[name]):
                return self.names[sheet.number, name]
            block, where = nearby.get(name, home), sheet.title
            return _prefixed(where, on) + _range(block, rows, columns)

        return refer


def cells_of(number: int, block: Block) -> Iterable[Place]:
    """Return the places of a block's numbers."""
    for row in range(block.height):
        for column in range(block.width):
            yield number, block.name, row, column


def _places(
    number: int, block: Block, rows: Index | None, columns: Index | None
) -> Iterable[Place]:
    for row in range(block.height) if rows is None else (rows.at,):
        for column in range(block.width) if columns is None else (columns.at,):
            yield number, block.name, row, column


def _prefixed(sheet: str, on: str) -> str:
    return "" if sheet == on else quoted(sheet)


def _at(block: Block, row: int, column: int) -> str:
    return str(xl_rowcol_to_cell(block.row + row, block.column + column))


def _range(block: Block, rows: Index | None, columns: Index | None) -> str:
    if rows is not None and columns is not None:
        return str(
            xl_rowcol_to_cell(
                block.row + rows.at, block.column + columns.at, not rows.moves, not columns.moves
            )
        )
    first = 0 if rows is None else rows.at, 0 if columns is None else columns.at
    last = (
        block.height - 1 if rows is None else rows.at,
        block.width - 1 if columns is None else columns.at,
    )
    ends = (
        xl_rowcol_to_cell(
            block.row + r,
            block.column + c,
            rows is None or not rows.moves,
            columns is None or not columns.moves,
        )
        for r, c in (first, last)
    )
    return ":".join(ends)
