"""How a workbook looks: colours, number formats, and what headers say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import xlsxwriter
from xlsxwriter.format import Format

from pellucid.exporters.traced import Traced, TracedStep
from pellucid.exporters.workbook_plan import COMPUTED, INPUT, SOURCE
from pellucid.views.sheet import axes_of

FILLS = {INPUT: "#DCE9F7", COMPUTED: "#FFF1B8", SOURCE: "#FBDFC4"}
MEANINGS = {
    INPUT: "an input: change it, and everything follows",
    COMPUTED: "computed here",
    SOURCE: "taken from elsewhere, to compute with",
}
BLANK_FILL = "#FFFFFF"
TO_FILL_IN = "yours to fill in: ✓ when right"
INK, FAINT, BAND, LINK, LINE = "#1F2A37", "#6B7280", "#2F4858", "#1D4ED8", "#B8BEC7"
POSITIVE, NEGATIVE = "#2B6CB0", "#C2410C"
RIGHT, WRONG = "#C8EBCF", "#F6C6C6"

FONT = {"font_name": "Calibri", "font_size": 11, "font_color": INK}
LONGEST_LABEL = 250


class Styles:
    """The formats of one workbook, each made once."""

    def __init__(self, workbook: xlsxwriter.Workbook) -> None:
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def of(self, **properties: Any) -> Format:
        """Return the format with these properties, on top of the usual font."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._workbook.add_format({**FONT, **properties})
        return self._made[key]

    def number(self, role: str, number_format: str, **more: Any) -> Format:
        """Return the format of a number: its fill says what it is to its stage."""
        colour = LINK if role == INPUT else INK
        fill = more.pop("fill", FILLS[role])
        return self.of(
            bg_color=fill,
            border=more.pop("border", 1),
            border_color=LINE,
            font_color=colour,
            num_format=number_format,
            align="right",
            **more,
        )

    def blank(self, number_format: str) -> Format:
        """Return the format of a number that is left out, to be filled in."""
        return self.number(COMPUTED, number_format, fill=BLANK_FILL, border=4)

    def mark(self, fill: str, number_format: str) -> Format:
        """Return what a conditional format changes where an entry is marked."""
        key = (("fill", fill), ("num_format", number_format))
        if key not in self._made:
            changed = {"bg_color": fill, "num_format": number_format}
            self._made[key] = self._workbook.add_format(changed)
        return self._made[key]

    @property
    def title(self) -> Format:
        """The first line of a sheet."""
        return self.of(bold=True, font_size=16)

    @property
    def heading(self) -> Format:
        """The heading of a table."""
        return self.of(bold=True, font_size=12)

    @property
    def band(self) -> Format:
        """The heading of a stage, over the whole width."""
        return self.of(bold=True, font_size=12, font_color="#FFFFFF", bg_color=BAND)

    @property
    def text(self) -> Format:
        """Plain text."""
        return self.of()

    @property
    def faint(self) -> Format:
        """Text that explains."""
        return self.of(font_color=FAINT)

    @property
    def beside(self) -> Format:
        """Text that explains the cell on its left."""
        return self.of(font_color=FAINT, indent=1)

    @property
    def formula(self) -> Format:
        """An equation."""
        return self.of(font_name="Consolas", font_size=10)

    @property
    def link(self) -> Format:
        """A link to another sheet."""
        return self.of(font_color=LINK, underline=1)

    @property
    def column_header(self) -> Format:
        """A header over a column."""
        return self.of(font_color=FAINT, align="right", valign="bottom", text_wrap=True)

    @property
    def number_header(self) -> Format:
        """A header of a table, over numbers."""
        return self.of(bold=True, bottom=1, border_color=LINE, align="right")

    @property
    def table_header(self) -> Format:
        """A header of a table of text."""
        return self.of(bold=True, bottom=1, border_color=LINE)


def legend(styles: Styles, *, exercise: bool) -> list[tuple[Format, str]]:
    """Return what the colours mean, each as its format and a text."""
    shown = [(styles.number(role, "General"), MEANINGS[role]) for role in MEANINGS]
    return shown + ([(styles.blank("General"), TO_FILL_IN)] if exercise else [])


def number_format(value: Any) -> str:
    """Return the number format of a matrix: four decimals where that shows its size.

    >>> number_format([1.0, 0.0]), number_format([0.25, 1.5]), number_format([2e-5, 0.0])
    ('General', '0.0000', '0.00E+00')
    """
    matrix = np.asarray(value, np.float64)
    sizes = abs(matrix[np.isfinite(matrix)])
    largest = float(sizes.max(initial=0.0))
    if (sizes == np.round(sizes)).all() and largest < 1e7:
        return "General"
    if largest >= 1e6 or largest < 5e-3:
        return "0.00E+00"
    return "0.00" if largest >= 100 else "0.0000"


def half_a_digit(value: Any) -> float:
    """Return half of the last decimal that a matrix shows, 0 where it shows powers of ten."""
    return {"0.0000": 0.00005, "0.00": 0.005}.get(number_format(value), 0.0)


def clean(text: object) -> str:
    """Return a text that can stand in a cell: not too long, and nothing that XML cannot hold."""
    whole = str(text).encode("utf-8", "replace").decode("utf-8")
    whole = "".join(letter for letter in whole if letter >= " " or letter in "\n\t")
    return whole if len(whole) <= LONGEST_LABEL else whole[: LONGEST_LABEL - 1] + "…"


def column_headers(traced: Traced, name: str, width: int) -> list[str]:
    """Return the headers of a matrix's columns: their labels, or "neuron 1"."""
    shape = _shape(traced, name)
    labels = traced.labels.get(name)
    axis = axes_of(name, shape, traced.description.network)[1]
    return _headers(axis, width, labels or _labels(traced, axis))


def row_headers(traced: Traced, step: TracedStep, name: str, height: int) -> list[str]:
    """Return the headers of a matrix's rows: the table's row numbers from 1, inputs, or neurons."""
    shape = _shape(traced, name)
    if shape and shape[0] == "n":
        return [f"row {row + 1}" for row in step.rows]
    axis = axes_of(name, shape, traced.description.network)[0]
    return _headers(axis, height, _labels(traced, axis) if axis != "rows" else None)


def _shape(traced: Traced, name: str) -> Sequence[int | str]:
    if name in traced.formulas:
        return traced.formulas[name].shape
    return traced.symbols[name].shape


def _labels(traced: Traced, axis: str) -> Sequence[str] | None:
    return traced.labels.get({"inputs": "X", "outputs": "output"}.get(axis, ""))


def _headers(axis: str, count: int, labels: Sequence[str] | None) -> list[str]:
    if labels is not None and len(labels) == count:
        return [clean(label) for label in labels]
    if not axis or axis == "rows":
        return [""] * count
    return [f"{re.sub('s$', '', axis)} {at + 1}" for at in range(count)]
