"""The sheets of a workbook's steps: stage under stage, with every number as a formula."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from xlsxwriter.worksheet import Worksheet

from pellucid.errors import InputError
from pellucid.exporters.traced import Traced
from pellucid.exporters.workbook_addresses import OVERVIEW, Addresses, Place, cells_of, quoted
from pellucid.exporters.workbook_plan import COMPUTED, INPUT, SOURCE, Block, Part, StepSheet
from pellucid.exporters.workbook_style import (
    FAINT,
    Styles,
    column_headers,
    legend,
    number_format,
    row_headers,
)
from pellucid.printers.excel_formula import ExcelFormula, Formula
from pellucid.views.cells import value_at

# What stands in a cell for a number that is missing in the data; any text counts as missing.
MISSING = "missing"
# The bands of the headings are at least this wide, so that texts fit.
BAND_WIDTH = 15
# Columns are as wide as the longest word of a label, within these limits; headers have a few lines.
NARROWEST, WIDEST = 10.5, 16
MOST_LINES = 3


class StepWriter:
    """Writes the sheet of one step."""

    def __init__(
        self,
        traced: Traced,
        addresses: Addresses,
        styles: Styles,
        sheet: StepSheet,
        worksheet: Worksheet,
    ) -> None:
        self._traced = traced
        self._addresses = addresses
        self._styles = styles
        self._sheet = sheet
        self._worksheet = worksheet
        self._step = traced.steps[sheet.number - 1]
        self._formats = {name: number_format(v) for name, v in self._step.values.items()}
        given = {name for name, symbol in traced.symbols.items() if not symbol.shape}
        self._formats |= dict.fromkeys(given, "General")
        words = [w for labels in traced.labels.values() for text in labels for w in text.split()]
        self._width = min(max([NARROWEST, *(len(word) + 1 for word in words)]), WIDEST)

    def write(self) -> None:
        """Write everything: the title, the legend, and the stages."""
        worksheet, styles = self._worksheet, self._styles
        worksheet.hide_gridlines(2)
        worksheet.set_column(0, 0, 3)
        last = max(b.column + b.width for part in self._sheet.parts for b in part.blocks)
        last = max(last, BAND_WIDTH)
        worksheet.set_column(1, last, self._width)
        worksheet.set_row(0, 24)
        worksheet.write_string(0, 1, self._title(), styles.title)
        self._write_links_and_legend(1)
        worksheet.freeze_panes(2, 0)
        worksheet.set_landscape()
        worksheet.set_paper(9)
        worksheet.fit_to_pages(1, 0)
        for part in self._sheet.parts:
            self._write_part(part, last)

    def _title(self) -> str:
        count = len(self._traced.steps)
        rows = ", ".join(str(row + 1) for row in self._step.rows[:12])
        rows += ", …" if len(self._step.rows) > 12 else ""
        which = f"row{'s' * (len(self._step.rows) != 1)} {rows}"
        return f"Step {self._sheet.number} of {count} · epoch {self._step.epoch + 1} · {which}"

    def _write_links_and_legend(self, row: int) -> None:
        worksheet, styles = self._worksheet, self._styles
        number, count = self._sheet.number, len(self._traced.steps)
        links = [OVERVIEW]
        links += [f"Step {number - 1}"] if number > 1 else []
        links += [f"Step {number + 1}"] if number < count else []
        for at, title in enumerate((*links, "Symbols"), 1):
            worksheet.write_url(row, at, f"internal:{quoted(title)}A1", styles.link, title)
        column = 6
        for style, meaning in legend(styles, exercise=bool(self._addresses.emptied)):
            worksheet.write_string(row, column, "", style)
            worksheet.write_string(row, column + 1, meaning, styles.beside)
            column += 2 + math.ceil(len(meaning) / (1.25 * self._width))

    def _write_part(self, part: Part, last: int) -> None:
        worksheet, styles, stage = self._worksheet, self._styles, part.stage
        for column in range(last + 1):
            worksheet.write_blank(part.row, column, None, styles.band)
        worksheet.write_string(part.row, 0, f"{stage.label}   {stage.title}", styles.band)
        row = part.row + 1
        for sentence in stage.about:
            worksheet.write_string(row, 1, sentence, styles.faint)
            row += 1
        for equation in stage.equations:
            meaning = equation.symbol.meaning
            worksheet.write_rich_string(
                row,
                1,
                styles.formula,
                self._addresses.equation_text(equation),
                styles.faint,
                f"     {meaning}",
                styles.text,
            )
            row += 1
        for block in part.blocks:
            self._write_block(part, block)

    def _write_block(self, part: Part, block: Block) -> None:
        worksheet, styles, name = self._worksheet, self._styles, block.name
        value = self._step.values[name]
        title = styles.of(bold=True)
        shown = self._addresses.base_name(name)
        worksheet.write_string(block.row - 2, block.column - 1, shown, title)
        at = block.column - 1 + math.ceil(1.2 * len(shown) / self._width)
        if np.ndim(value) and at <= block.column + block.width:  # else it would cover the next name
            size = f"{block.height} × {block.width}"
            worksheet.write_string(block.row - 2, at, size, styles.of(font_color=FAINT))
        headers = column_headers(self._traced, name, block.width)
        lines = max(math.ceil(len(header) / self._width) for header in headers)
        if lines > 1:
            worksheet.set_row(block.row - 1, 15 * min(lines, MOST_LINES))
        for column, header in enumerate(headers):
            worksheet.write_string(
                block.row - 1, block.column + column, header, styles.column_header
            )
        beside = row_headers(self._traced, self._step, name, block.height)
        for row, header in enumerate(beside):
            worksheet.write_string(
                block.row + row,
                block.column - 1,
                header,
                styles.of(font_color=FAINT, align="right", shrink=True),
            )
        here = self._sheet.title
        printer = formula_printer(self._traced, self._addresses, self._sheet, part, on=here)
        for place in cells_of(self._sheet.number, block):
            self._write_cell(printer, block, place)

    def _write_cell(self, printer: ExcelFormula, block: Block, place: Place) -> None:
        name, (row, column) = place[1], place[2:]
        value = value_at(self._step.values, name, row, column)
        at = block.row + row, block.column + column
        shown = self._formats[name]
        if place in self._addresses.emptied and block.role == COMPUTED:
            self._worksheet.write_blank(*at, None, self._styles.blank(shown))
            return
        formula = self._formula(printer, block, place)
        if formula is None:
            style = self._styles.number(INPUT, shown)
            if math.isnan(value):
                self._worksheet.write_string(*at, MISSING, style)
            else:
                self._worksheet.write_number(*at, value, style)
            return
        is_computed = block.role == COMPUTED or (name == "n" and block.role == INPUT)
        style = self._styles.number(COMPUTED if is_computed else SOURCE, shown)
        write_formula(self._worksheet, at, formula, style, self._cached(place, value))

    def _cached(self, place: Place, value: float) -> float | str:
        """Return what a cell shows before anything is calculated."""
        if self._addresses.root(place) is not None:
            return ""
        is_input = place[1] in self._traced.symbols
        return MISSING if is_input and math.isnan(value) else cached(value)

    def _formula(self, printer: ExcelFormula, block: Block, place: Place) -> Formula | None:
        """Return the formula of a cell, or None where it is an input."""
        name = place[1]
        if block.role == COMPUTED:
            return computed(self._traced, printer, place)
        if block.role == SOURCE:
            if name in self._addresses.plan.settings:
                return Formula(self._addresses.name(0, name), False)
            return self._copy(place)
        if not np.ndim(self._step.values[name]):
            text = self._clock(name)
            return None if text is None else Formula(text, False)
        origin = self._addresses.origin(place)
        return None if origin is None else self._copy(origin)

    def _copy(self, place: Place) -> Formula:
        """Return the formula that repeats a number, or that it is missing."""
        text, _ = self._addresses.shown(place, on=self._sheet.title)
        if np.isnan(value_at(self._traced.steps[place[0] - 1].values, *place[1:])):
            text = f'IF(ISNUMBER({text}),{text},"{MISSING}")'
        return Formula(text, False)

    def _clock(self, name: str) -> str | None:
        """Return the formula of a single number that is no setting, or None where it is an input."""
        if name == "n":
            return f"ROWS({self._addresses.name(self._sheet.number, 'X')})"
        number = self._sheet.number
        if number == 1 or name == "progress":
            return None
        before = float(self._traced.steps[number - 2].values[name])
        grown = float(self._step.values[name]) - before
        last = self._addresses.name(number - 1, name)
        return f"{last}+{grown:g}" if grown else last


def formula_printer(
    traced: Traced, addresses: Addresses, sheet: StepSheet, part: Part, *, on: str
) -> ExcelFormula:
    """Return the printer of a stage's formulas, as they stand on a sheet."""
    rows = int(traced.steps[sheet.number - 1].values["n"])
    return ExcelFormula(addresses.refer(sheet, part, on=on), {"n": rows})


def computed(traced: Traced, printer: ExcelFormula, place: Place) -> Formula:
    """Return the formula of a cell of an equation.

    Raises `InputError`, naming the matrix, for one that no cell can hold.
    """
    _, name, row, column = place
    try:
        return printer.cell(traced.formulas[name].expression, row, column)
    except InputError as error:
        raise InputError(f"{name}: {error}") from error


def write_formula(
    worksheet: Worksheet, at: tuple[int, int], formula: Formula, style: Any, value: Any
) -> None:
    """Write a formula and the value that it has."""
    if formula.is_array:
        worksheet.write_array_formula(*at, *at, f"{{={formula.text}}}", style, value)
    else:
        worksheet.write_formula(*at, f"={formula.text}", style, value)


def cached(value: float) -> float | str:
    """Return a number as a cell keeps it; one that is not finite is an error there."""
    return value if math.isfinite(value) else "#NUM!"
