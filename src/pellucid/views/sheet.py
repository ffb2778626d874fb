"""A matrix as a sheet: headers, the text of each cell, and the part that each cell plays."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.names import belongs_to
from pellucid.network import Network
from pellucid.printers.numbers import fixed, number

COMPUTED, SOURCE, PLAIN = "computed", "source", "plain"


@dataclass(frozen=True)
class SheetCell:
    """One cell: its text, its role (computed, source or plain), and whether it is singled out."""

    text: str
    role: str = PLAIN
    marked: bool = False


@dataclass(frozen=True)
class Sheet:
    """A matrix to show.

    Attributes
    ----------
    name
        The name of the matrix.
    axes
        What its rows and its columns stand for, such as ``("rows", "inputs")``.
    row_headers, column_headers
        A header for each row and column: numbers from 1, or the columns' labels.
    cells
        The cells, row by row.
    """

    name: str
    axes: tuple[str, str]
    row_headers: tuple[str, ...]
    column_headers: tuple[str, ...]
    cells: tuple[tuple[SheetCell, ...], ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        return len(self.row_headers), len(self.column_headers)


def sheet(
    name: str,
    value: Any,
    *,
    axes: tuple[str, str] = ("rows", "columns"),
    role: str = PLAIN,
    roles: Mapping[tuple[int, int], str] | None = None,
    marked: Collection[tuple[int, int]] = (),
    decimals: int = 4,
    labels: Sequence[str] = (),
) -> Sheet:
    """Return a matrix, or a single number, as a sheet.

    Parameters
    ----------
    name, value
        What is shown.
    axes
        What rows and columns stand for.
    role, roles
        The role of all cells, or of single ones by (row, column) from 0; those take precedence.
    marked
        The cells to single out.
    decimals
        Decimals of numbers that are not whole; fewer in a matrix with numbers of 100 and more.
    labels
        Headers of the columns.
    """
    matrix = np.asarray(value, np.float64)
    matrix = matrix.reshape(1, 1) if matrix.ndim != 2 else matrix
    finite = matrix[np.isfinite(matrix)]
    whole = bool((finite == np.round(finite)).all())
    largest = float(abs(finite).max(initial=0.0))
    if largest >= 100:  # large numbers need fewer decimals to tell them apart
        decimals = max(1, decimals - int(math.log10(largest)))
    texts = [[cell_text(float(v), decimals, whole=whole) for v in row] for row in matrix]
    roles = roles or {}
    columns = list(labels) if labels else [str(c + 1) for c in range(matrix.shape[1])]
    return Sheet(
        name,
        axes,
        tuple(str(r + 1) for r in range(matrix.shape[0])),
        tuple(columns),
        tuple(
            tuple(
                SheetCell(text, roles.get((r, c), role), (r, c) in marked)
                for c, text in enumerate(row)
            )
            for r, row in enumerate(texts)
        ),
    )


def cell_text(value: float, decimals: int, *, whole: bool = False) -> str:
    """Return a number for a column that lines up.

    Only a number that would read as 0, or that no cell holds, is written with a power of ten.

    >>> [cell_text(v, 4) for v in (1, 0.18736988, 0, 0.0000231)]
    ['1.0000', '0.1874', '0.0000', '2.31e-05']
    """
    too_small = 0 < abs(value) < 0.5 * 10**-decimals
    if whole or too_small or abs(value) >= 1e6 or not np.isfinite(value):
        return number(value, decimals)
    return fixed(value, decimals)


def axes_of(name: str, shape: Sequence[Any], network: Network) -> tuple[str, str]:
    """Return what rows and columns of a value stand for; `shape` is that of its symbol."""
    last = len(network.layers)
    spec = next((s for s in network.parameter_specs if s.name == belongs_to(name)), None)
    if spec:
        into = "inputs" if spec.layer == 1 else "neurons"
        out = "outputs" if spec.layer == last else "neurons"
        return {"weight": (into, out), "scale": ("", "inputs")}.get(spec.role, ("", out))
    columns = {
        "X": "inputs",
        "scaled_X": "inputs",
        "error_X": "inputs",
        "y": "outputs",
        "smoothed_y": "outputs",
        "output": "outputs",
        "mean_output": "outputs",
        **dict.fromkeys(("chances", "sharpened", "probability"), "classes"),
        "error": "outputs",
        "slope_output": "outputs",
        "delta_output": "outputs",
        f"net_input_{last}": "outputs",
        "row_loss": "",
        "row_weight": "",
    }
    if name in columns:
        return "rows", columns[name]
    if not shape:
        return "", ""
    known = re.match(
        r"(net_input|curved|bend|hidden|kept|mask|slope_curved|slope_hidden|error_hidden|delta_hidden)_",
        name,
    )
    return "rows", "neurons" if known else "columns"
