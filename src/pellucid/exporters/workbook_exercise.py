"""Exercises: numbers left out of a workbook, their answers on a hidden sheet, and the marks."""

from __future__ import annotations

from collections.abc import Iterable

import xlsxwriter
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from pellucid.errors import InputError, unknown_name
from pellucid.exporters.traced import Traced
from pellucid.exporters.workbook_addresses import (
    ANSWERS,
    MARKS,
    TOLERANCE,
    Addresses,
    Place,
    cells_of,
    quoted,
)
from pellucid.exporters.workbook_plan import Plan
from pellucid.exporters.workbook_steps import cached, computed, formula_printer, write_formula
from pellucid.exporters.workbook_style import RIGHT, WRONG, Styles, half_a_digit, number_format
from pellucid.printers.excel_formula import Formula
from pellucid.views.cells import value_at

# An entry is right within this share of the answer, and half of the last decimal that is shown.
SHARE = 0.005
FIRST_ROW = 3
HEADERS = ("step", "name", "row", "column", "entry", "answer", "right")
ENTRY, ANSWER, MARK = 4, 5, 6


def left_out(traced: Traced, plan: Plan, exercise: bool | Iterable[str]) -> list[Place]:
    """Return the numbers to leave out.

    With True, one number of each matrix that is computed, in each step: along the diagonal, so
    that they are not all first ones. With names, all numbers of these matrices.

    Raises `UnknownNameError` for a name that is not computed.
    """
    if exercise is False:
        return []
    names = list(traced.formulas)
    places: list[Place] = []
    if exercise is True:
        for sheet in plan.sheets:
            for at, name in enumerate(n for n in sheet.homes if n in traced.formulas):
                block = sheet.homes[name]
                places.append((sheet.number, name, at % block.height, at % block.width))
        return places
    if isinstance(exercise, str):
        raise InputError(
            f"Expected exercise=True, or a list of names. Got {exercise!r}. Write [{exercise!r}]."
        )
    chosen = list(exercise)
    for name in chosen:
        if name not in traced.formulas:
            raise unknown_name("computed value", name, names)
    for sheet in plan.sheets:
        for name in dict.fromkeys(chosen):
            places += cells_of(sheet.number, sheet.homes[name])
    return places


def write_answers(
    workbook: xlsxwriter.Workbook,
    worksheet: Worksheet,
    traced: Traced,
    addresses: Addresses,
    styles: Styles,
    places: Iterable[Place],
    sheets: dict[int, Worksheet],
) -> None:
    """Write the hidden sheet, and let each entry turn green or red."""
    places = list(places)
    worksheet.hide()
    # A conditional format may read another sheet through a name alone.
    last = FIRST_ROW + len(places) - 1
    marks = xl_range_abs(FIRST_ROW, MARK, last, MARK)
    workbook.define_name(MARKS, f"={quoted(ANSWERS)}{marks}")
    worksheet.write_string(0, 0, "Answers", styles.title)
    for column, header in enumerate(HEADERS):
        worksheet.write_string(FIRST_ROW - 1, column, header, styles.table_header)
    _write_matrices(worksheet, traced, addresses, styles)
    for row, place in enumerate(places, FIRST_ROW):
        _write_line(worksheet, traced, addresses, styles, place, row)
        number, name, i, j = place
        block = addresses.plan.sheets[number - 1].homes[name]
        at = block.row + i, block.column + j
        entry = xl_rowcol_to_cell(*at, True, True)
        mark = f"INDEX({MARKS},{row - FIRST_ROW + 1})"
        shown = number_format(traced.steps[number - 1].values[name])
        right = styles.mark(RIGHT, f'{shown}" ✓"')
        wrong = styles.mark(WRONG, f'{shown}" ✗"')
        sheets[number].conditional_format(
            *at, *at, {"type": "formula", "criteria": f"={mark}=1", "format": right}
        )
        sheets[number].conditional_format(
            *at,
            *at,
            {
                "type": "formula",
                "criteria": f"=AND(NOT(ISBLANK({entry})),{mark}=0)",
                "format": wrong,
            },
        )


def _write_line(
    worksheet: Worksheet,
    traced: Traced,
    addresses: Addresses,
    styles: Styles,
    place: Place,
    row: int,
) -> None:
    number, name, i, j = place
    values = traced.steps[number - 1].values
    value = value_at(values, name, i, j)
    style = styles.of(num_format=number_format(values[name]))
    worksheet.write_number(row, 0, number, styles.text)
    worksheet.write_string(row, 1, addresses.name(number, name), styles.text)
    worksheet.write_number(row, 2, i + 1, styles.text)
    worksheet.write_number(row, 3, j + 1, styles.text)
    entry = addresses.cell(place, on=ANSWERS)
    worksheet.write_formula(row, ENTRY, f'=IF(ISBLANK({entry}),"",{entry})', style, "")
    answer = addresses.true_cell(place, on=ANSWERS)
    write_formula(worksheet, (row, ANSWER), Formula(answer, False), style, cached(value))
    given, right = (xl_rowcol_to_cell(row, c) for c in (ENTRY, ANSWER))
    allowed = f"{TOLERANCE}*ABS({right})+{half_a_digit(values[name]):g}"
    worksheet.write_formula(
        row,
        MARK,
        f"=IF(ISNUMBER({given}),IF(ABS({given}-{right})<={allowed},1,0),0)",
        styles.text,
        0,
    )


def _write_matrices(
    worksheet: Worksheet, traced: Traced, addresses: Addresses, styles: Styles
) -> None:
    """Write every matrix in which numbers are left out, whole: what formulas read in its place."""
    for (number, name), block in addresses.hidden.items():
        sheet = addresses.plan.sheets[number - 1]
        values = traced.steps[number - 1].values
        style = styles.of(num_format=number_format(values[name]))
        worksheet.write_string(
            block.row - 1, block.column, addresses.name(number, name), styles.of(bold=True)
        )
        part = next(p for p in sheet.parts if p.by_name.get(name) is sheet.homes[name])
        printer = formula_printer(traced, addresses, sheet, part, on=ANSWERS)
        for place in cells_of(number, sheet.homes[name]):
            i, j = place[2:]
            if place in addresses.emptied:
                formula = computed(traced, printer, place)
            else:
                origin = addresses.origin(place)
                hidden = origin is not None and addresses.root(origin) is not None
                source = origin if hidden and origin is not None else place
                formula = Formula(
                    addresses.true_cell(source, on=ANSWERS)
                    if hidden
                    else addresses.cell(place, on=ANSWERS),
                    False,
                )
            write_formula(
                worksheet,
                (block.row + i, block.column + j),
                formula,
                style,
                cached(value_at(values, name, i, j)),
            )
