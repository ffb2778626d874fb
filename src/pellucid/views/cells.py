"""One cell explained: its formula, the formula with its numbers, and where they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pellucid.algebra import (
    Call,
    Cell,
    Equation,
    Node,
    Symbol,
    children,
    opened,
    substitute,
)
from pellucid.errors import InputError, unknown_name
from pellucid.printers.numbers import number
from pellucid.printers.plain_text import PlainText, reference
from pellucid.views.scalar import cell_expression

# A function is also shown opened, with its numbers, while that fits on a line.
OPENED_TEXT = 60


@dataclass(frozen=True)
class CellExplanation:
    """Everything there is to say about one number of a trace.

    Attributes
    ----------
    name, row, column
        The cell; rows and columns count from 0, in texts from 1.
    value
        Its number.
    meaning
        What the matrix stands for.
    formula
        Such as ``delta_hidden_1[1,3] = error_hidden_1[1,3] · slope_hidden_1[1,3]``;
        ``given`` for an input.
    substituted
        The same with its numbers: ``0.0081 · 0.1874 = 0.0015``.
    inputs
        The exact cells it was computed from, each as (name, row, column).
    expression
        The formula of this one cell, over `Cell` leaves (None for an input).
    """

    name: str
    row: int
    column: int
    value: float
    meaning: str
    formula: str
    substituted: str
    inputs: tuple[tuple[str, int, int], ...]
    expression: Node | None = field(default=None, repr=False, compare=False)


def cells_in(expression: Node) -> tuple[tuple[str, int, int], ...]:
    """Return the cells an expression reads, each once, in order."""
    found: dict[tuple[str, int, int], None] = {}

    def walk(at: Node) -> None:
        if isinstance(at, Cell):
            found[(at.name, at.row, at.column)] = None
        for below in children(at):
            walk(below)

    walk(expression)
    return tuple(found)


def checked_position(name: str, value: Any, row: int, column: int) -> tuple[int, int]:
    """Return a cell's position with negative numbers counted from the end.

    Raises `InputError` when the matrix has no such cell.
    """
    rows, columns = np.shape(value) if np.ndim(value) == 2 else (1, 1)
    if not (-rows <= row < rows and -columns <= column < columns):
        raise InputError(
            f"Expected a cell of {name}, which has rows 0 to {rows - 1} and columns 0 to "
            f"{columns - 1}. Got row {row}, column {column}."
        )
    return row % rows, column % columns


def explain_cell(
    name: str,
    row: int,
    column: int,
    *,
    equations: Mapping[str, Equation],
    inputs: Mapping[str, Symbol],
    values: Mapping[str, Any],
    decimals: int = 4,
) -> CellExplanation:
    """Return the explanation of one cell.

    `values` holds every matrix by name, `equations` and `inputs` say how each came about.
    Raises `UnknownNameError` or `InputError` for a matrix or cell that there is not.
    """
    if name not in values:
        raise unknown_name("value", name, values)
    row, column = checked_position(name, values[name], row, column)
    value = value_at(values, name, row, column)
    if name not in equations:
        meaning = inputs[name].meaning
        return CellExplanation(name, row, column, value, meaning, "given", number(value), ())
    equation = equations[name]
    scalar = cell_expression(equation.expression, row, column, {"n": _rows(values)})
    with_numbers = PlainText(lambda c: number(value_at(values, c.name, c.row, c.column), decimals))
    parts = [with_numbers.text(scalar)]
    deeper = with_numbers.text(_without_calls(scalar))
    if deeper not in (parts[0], number(value, decimals)) and len(deeper) <= OPENED_TEXT:
        parts.append(deeper)
    left = reference(Cell(name, row, column)) if equation.shape else name
    return CellExplanation(
        name,
        row,
        column,
        value,
        equation.symbol.meaning,
        f"{left} = {PlainText(_short_reference(values)).text(scalar)}",
        " = ".join([*parts, number(value, decimals)]),
        cells_in(scalar),
        scalar,
    )


def value_at(values: Mapping[str, Any], name: str, row: int, column: int) -> float:
    """Return one number; a plain number has a single cell."""
    value = np.asarray(values[name])
    return float(value[row, column] if value.ndim == 2 else value)


def _rows(values: Mapping[str, Any]) -> int:
    return int(values["n"])


def _short_reference(values: Mapping[str, Any]) -> Any:
    def text(cell: Cell) -> str:
        return reference(cell) if np.ndim(values[cell.name]) else cell.name

    return text


def _without_calls(expression: Node) -> Node:
    return substitute(expression, lambda n: opened(n) if isinstance(n, Call) else None)
