"""The first sheet of a workbook: the network's picture, its settings, and the loss of every step."""

from __future__ import annotations

from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from pellucid.exporters.workbook_addresses import ANSWERS, OVERVIEW, Addresses, quoted
from pellucid.exporters.workbook_exercise import TOLERANCE, counted
from pellucid.exporters.workbook_picture import PICTURE_ROWS, insert_picture
from pellucid.exporters.workbook_plan import COMPUTED, INPUT, SOURCE, Plan, Traced
from pellucid.exporters.workbook_steps import cached, write_formula
from pellucid.exporters.workbook_style import LINE, MEANINGS, POSITIVE, Styles, number_format
from pellucid.printers.excel_formula import Formula
from pellucid.views.cells import value_at
from pellucid.views.diagram import layer_table

FIRST_SETTING = 7
VALUE_COLUMN = 2
# The picture stands to the right of the texts and tables.
PICTURE_COLUMN = 8


def setting_place(plan: Plan, name: str) -> tuple[int, int]:
    """Return the row and column of a setting's number."""
    return FIRST_SETTING + 1 + plan.settings.index(name), VALUE_COLUMN


def write_overview(
    workbook: xlsxwriter.Workbook,
    worksheet: Worksheet,
    traced: Traced,
    addresses: Addresses,
    styles: Styles,
) -> None:
    """Write the sheet."""
    worksheet.hide_gridlines(2)
    worksheet.set_column(0, 0, 3)
    worksheet.set_column(1, 1, 18)
    worksheet.set_column(2, 40, 11)
    worksheet.set_landscape()
    worksheet.set_paper(9)
    worksheet.fit_to_pages(1, 0)
    worksheet.set_row(0, 24)
    worksheet.write_string(0, 1, "A neural network's training, in numbers", styles.title)
    worksheet.write_string(1, 1, _summary(traced), styles.faint)
    for row, role in enumerate((INPUT, COMPUTED, SOURCE), 3):
        worksheet.write_string(row, 1, "", styles.number(role, "General"))
        worksheet.write_string(row, 2, MEANINGS[role], styles.text)
    row = _write_settings(worksheet, traced, addresses, styles)
    row = _write_steps(worksheet, traced, addresses, styles, row + 1)
    if addresses.emptied:
        row = _write_exercise(worksheet, styles, len(addresses.emptied), row + 1)
    row = _write_layers(worksheet, traced, styles, row + 1)
    insert_picture(workbook, worksheet, traced, PICTURE_COLUMN)
    if len(traced.steps) > 1:
        _insert_curve(workbook, worksheet, traced, addresses.plan)


def _summary(traced: Traced) -> str:
    step = traced.description
    sizes = " – ".join(map(str, step.network.sizes))
    count = len(traced.steps)
    pieces = step.optimizer.pieces if step.optimizer else ()
    update = ", then ".join(piece.name.replace("_", " ") for piece in pieces)
    return (
        f"A {sizes} network, {step.network.loss.label.replace('_', ' ')} "
        f"({step.reduction} over the rows), {count} step{'s' * (count != 1)}. Update: {update}."
    )


def _write_settings(
    worksheet: Worksheet, traced: Traced, addresses: Addresses, styles: Styles
) -> int:
    """Write the settings, and return the row below them."""
    row = FIRST_SETTING
    worksheet.write_string(row, 1, "Settings", styles.heading)
    for name in addresses.plan.settings:
        row, column = setting_place(addresses.plan, name)
        value = value_at(traced.steps[0].values, name, 0, 0)
        worksheet.write_string(row, 1, addresses.name(0, name), styles.of(bold=True))
        worksheet.write_number(row, column, value, styles.number(INPUT, "General"))
        worksheet.write_string(row, column + 1, traced.symbols[name].meaning, styles.faint)
    return row + 1


def steps_place(plan: Plan) -> int:
    """Return the row of the headers of the table of steps."""
    return FIRST_SETTING + 1 + len(plan.settings) + 2


def _write_steps(
    worksheet: Worksheet, traced: Traced, addresses: Addresses, styles: Styles, row: int
) -> int:
    """Write a line for each step, with its loss, and return the row below."""
    shown = [name for name in ("loss", "objective") if name in traced.formulas]
    worksheet.write_string(row, 1, "Steps", styles.heading)
    row = steps_place(addresses.plan)
    for column, header in enumerate(("step", "epoch", "rows", *shown), 1):
        worksheet.write_string(row, column, header, styles.table_header)
    for sheet, step in zip(addresses.plan.sheets, traced.steps, strict=True):
        row += 1
        worksheet.write_url(row, 1, f"internal:{quoted(sheet.title)}A1", styles.link, sheet.title)
        worksheet.write_number(row, 2, step.epoch + 1, styles.of(align="right"))
        worksheet.write_number(row, 3, len(step.rows), styles.of(align="right"))
        for column, name in enumerate(shown, 4):
            at = sheet.number, name, 0, 0
            hidden = addresses.root(at) is not None
            text = addresses.cell(at, on=OVERVIEW)
            formula = f'IF(ISNUMBER({text}),{text},"")' if hidden else text
            write_formula(
                worksheet,
                (row, column),
                Formula(formula, False),
                styles.number(COMPUTED, number_format(step.values[name])),
                "" if hidden else cached(float(step.values[name])),
            )
    return row + 1


def _write_exercise(worksheet: Worksheet, styles: Styles, count: int, row: int) -> int:
    worksheet.write_string(row, 1, "Exercise", styles.heading)
    lines: list[tuple[str, str, Any, str, str]] = [
        (
            "filled in rightly",
            counted(),
            0,
            COMPUTED,
            f"of {count} white cells with a dashed frame",
        ),
    ]
    for label, text, value, role, about in lines:
        row += 1
        worksheet.write_string(row, 1, label, styles.text)
        write_formula(
            worksheet, (row, 2), Formula(text, False), styles.number(role, "General"), value
        )
        worksheet.write_string(row, 3, about, styles.faint)
    row += 1
    worksheet.write_string(row, 1, "tolerance", styles.text)
    worksheet.write_formula(
        row, 2, f"={quoted(ANSWERS)}{TOLERANCE}", styles.number(SOURCE, "0.0%"), 0.005
    )
    worksheet.write_string(
        row, 3, "how far an entry may be from the answer, besides rounding", styles.faint
    )
    return row + 1


def _write_layers(worksheet: Worksheet, traced: Traced, styles: Styles, row: int) -> int:
    worksheet.write_string(row, 1, "Layers", styles.heading)
    table = styles.of(font_name="Consolas", font_size=10)
    for line in layer_table(traced.description.network):
        row += 1
        worksheet.write_string(row, 1, line, table)
    return row + 1


def _insert_curve(
    workbook: xlsxwriter.Workbook, worksheet: Worksheet, traced: Traced, plan: Plan
) -> None:
    if "loss" not in traced.formulas:
        return
    first = steps_place(plan) + 1
    last = first + len(plan.sheets) - 1
    chart = workbook.add_chart({"type": "line"})
    chart.add_series(
        {
            "name": [OVERVIEW, first - 1, 4],
            "categories": [OVERVIEW, first, 1, last, 1],
            "values": [OVERVIEW, first, 4, last, 4],
            "line": {"color": POSITIVE, "width": 2},
            "marker": {"type": "circle", "size": 5, "fill": {"color": POSITIVE}},
        }
    )
    chart.set_title({"name": "Loss by step", "name_font": {"size": 12}})
    chart.set_legend({"none": True})
    chart.set_y_axis({"major_gridlines": {"visible": True, "line": {"color": LINE}}})
    chart.set_size({"width": 620, "height": 260})
    worksheet.insert_chart(
        xl_rowcol_to_cell(3 + PICTURE_ROWS, PICTURE_COLUMN),
        chart,
        {"description": "The loss of every step, as a curve"},
    )
