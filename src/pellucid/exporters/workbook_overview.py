"""The first sheet of a workbook: the network's picture, its settings, and the loss of every step."""

from __future__ import annotations

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from pellucid.exporters.traced import Traced
from pellucid.exporters.workbook_addresses import MARKS, OVERVIEW, TOLERANCE, Addresses, quoted
from pellucid.exporters.workbook_exercise import SHARE
from pellucid.exporters.workbook_picture import HEIGHT, insert_picture
from pellucid.exporters.workbook_plan import COMPUTED, INPUT, SOURCE, Plan
from pellucid.exporters.workbook_steps import cached, write_formula
from pellucid.exporters.workbook_style import LINE, POSITIVE, Styles, legend, number_format
from pellucid.printers.excel_formula import Formula
from pellucid.views.cells import value_at
from pellucid.views.diagram import layer_table

# The pictures stand on the left, the tables from this column on.
LABELS = 9
VALUES = LABELS + 1
FIRST = 3
ROW_HEIGHT = 20  # in pixels


def settings_row(exercise: bool) -> int:
    """Return the row of the heading of the settings: the legend stands above."""
    return FIRST + 3 + exercise + 1


def setting_place(plan: Plan, name: str, *, exercise: bool) -> tuple[int, int]:
    """Return the row and column of a setting's number."""
    return settings_row(exercise) + 1 + plan.settings.index(name), VALUES


class OverviewWriter:
    """Writes the first sheet, from the top down."""

    def __init__(
        self,
        workbook: xlsxwriter.Workbook,
        worksheet: Worksheet,
        traced: Traced,
        addresses: Addresses,
        styles: Styles,
    ) -> None:
        self._workbook = workbook
        self._worksheet = worksheet
        self._traced = traced
        self._addresses = addresses
        self._styles = styles
        self._row = FIRST

    def write(self) -> None:
        """Write everything."""
        worksheet, styles = self._worksheet, self._styles
        worksheet.hide_gridlines(2)
        worksheet.set_column(0, 0, 3)
        worksheet.set_column(1, LABELS - 1, 10)
        worksheet.set_column(LABELS, LABELS, 19)
        worksheet.set_column(VALUES, VALUES + 6, 11)
        worksheet.set_landscape()
        worksheet.set_paper(9)
        worksheet.fit_to_pages(1, 0)
        worksheet.set_row(0, 24)
        worksheet.write_string(0, 1, "A neural network's training, in numbers", styles.title)
        worksheet.write_string(1, 1, self._summary(), styles.faint)
        insert_picture(self._workbook, worksheet, self._traced, FIRST - 1)
        for style, meaning in legend(styles, exercise=bool(self._addresses.emptied)):
            worksheet.write_string(self._row, LABELS, "", style)
            worksheet.write_string(self._row, VALUES, meaning, styles.beside)
            self._row += 1
        self._write_settings()
        self._write_steps()
        if self._addresses.emptied:
            self._write_exercise()
        self._write_layers()

    def _summary(self) -> str:
        step = self._traced.description
        sizes = " – ".join(map(str, step.network.sizes))
        count = len(self._traced.steps)
        pieces = step.optimizer.pieces if step.optimizer else ()
        update = ", then ".join(piece.name.replace("_", " ") for piece in pieces)
        return (
            f"A {sizes} network, {step.network.loss.label.replace('_', ' ')} "
            f"({step.reduction} over the rows), {count} step{'s' * (count != 1)}. Update: {update}."
        )

    def _heading(self, text: str) -> None:
        self._row += 1
        self._worksheet.write_string(self._row, LABELS, text, self._styles.heading)
        self._row += 1

    def _write_settings(self) -> None:
        self._heading("Settings")
        worksheet, styles = self._worksheet, self._styles
        for name in self._addresses.plan.settings:
            value = value_at(self._traced.steps[0].values, name, 0, 0)
            shown = self._addresses.name(0, name)
            meaning = self._traced.symbols[name].meaning
            worksheet.write_string(self._row, LABELS, shown, styles.of(bold=True))
            worksheet.write_number(self._row, VALUES, value, styles.number(INPUT, "General"))
            worksheet.write_string(self._row, VALUES + 1, meaning, styles.beside)
            self._row += 1

    def _write_steps(self) -> None:
        """Write a line for each step, with its loss, and draw the loss."""
        self._heading("Steps")
        worksheet, styles = self._worksheet, self._styles
        shown = [name for name in ("loss", "objective") if name in self._traced.formulas]
        for column, header in enumerate(("step", "epoch", "rows", *shown), LABELS):
            style = styles.table_header if column == LABELS else styles.number_header
            worksheet.write_string(self._row, column, header, style)
        sheets = self._addresses.plan.sheets
        left_out = [self._addresses.root((s.number, "loss", 0, 0)) for s in sheets if shown]
        if shown and len(sheets) > 1 and not any(left_out):
            self._insert_curve(self._row)
        for sheet, step in zip(sheets, self._traced.steps, strict=True):
            self._row += 1
            target = f"internal:{quoted(sheet.title)}A1"
            worksheet.write_url(self._row, LABELS, target, styles.link, sheet.title)
            worksheet.write_number(self._row, VALUES, step.epoch + 1, styles.of(align="right"))
            worksheet.write_number(self._row, VALUES + 1, len(step.rows), styles.of(align="right"))
            for column, name in enumerate(shown, VALUES + 2):
                self._write_loss(sheet.number, name, column)
        self._row += 1

    def _write_loss(self, number: int, name: str, column: int) -> None:
        value = self._traced.steps[number - 1].values[name]
        formula, blank = self._addresses.shown((number, name, 0, 0), on=OVERVIEW)
        write_formula(
            self._worksheet,
            (self._row, column),
            Formula(formula, False),
            self._styles.number(SOURCE, number_format(value)),
            "" if blank else cached(float(value)),
        )

    def _write_exercise(self) -> None:
        self._heading("Exercise")
        worksheet, styles = self._worksheet, self._styles
        count = len(self._addresses.emptied)
        right = styles.number(COMPUTED, "General")
        worksheet.write_string(self._row, LABELS, "right so far", styles.text)
        worksheet.write_formula(self._row, VALUES, f"=SUM({MARKS})", right, 0)
        worksheet.write_string(self._row, VALUES + 1, f"of {count}", styles.beside)
        self._row += 1
        share = styles.number(INPUT, "0.0%")
        worksheet.write_string(self._row, LABELS, TOLERANCE, styles.text)
        worksheet.write_number(self._row, VALUES, SHARE, share)
        place = xl_rowcol_to_cell(self._row, VALUES, True, True)
        self._workbook.define_name(TOLERANCE, f"={quoted(OVERVIEW)}{place}")
        about = "of the answer, and half of the last decimal shown"
        worksheet.write_string(self._row, VALUES + 1, about, styles.beside)
        self._row += 1

    def _write_layers(self) -> None:
        self._heading("Layers")
        for line in layer_table(self._traced.description.network):
            self._worksheet.write_string(self._row, LABELS, line, self._styles.formula)
            self._row += 1

    def _insert_curve(self, header: int) -> None:
        """Draw the loss of every step; the table's headers stand in a row."""
        first, last = header + 1, header + len(self._addresses.plan.sheets)
        chart = self._workbook.add_chart({"type": "line"})
        chart.add_series(
            {
                "name": [OVERVIEW, header, VALUES + 2],
                "categories": [OVERVIEW, first, LABELS, last, LABELS],
                "values": [OVERVIEW, first, VALUES + 2, last, VALUES + 2],
                "line": {"color": POSITIVE, "width": 2},
                "marker": {"type": "circle", "size": 5, "fill": {"color": POSITIVE}},
            }
        )
        chart.set_title({"name": "Loss by step", "name_font": {"size": 12}})
        chart.set_legend({"none": True})
        chart.set_y_axis({"major_gridlines": {"visible": True, "line": {"color": LINE}}})
        chart.set_size({"width": 580, "height": 240})
        chart.set_chartarea({"border": {"none": True}})
        below = FIRST + HEIGHT // ROW_HEIGHT
        about = {"description": "The loss of every step, as a curve"}
        self._worksheet.insert_chart(below, 1, chart, about)
