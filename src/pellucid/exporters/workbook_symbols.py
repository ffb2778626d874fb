"""The last sheet of a workbook: every name, what it means, where it stands, and its formula."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from pellucid.exporters.traced import Traced
from pellucid.exporters.workbook_addresses import Addresses
from pellucid.exporters.workbook_style import Styles
from pellucid.printers.functions import Functions
from pellucid.printers.plain_text import PlainText

HEADERS = ("name", "in formulas", "stage", "size", "meaning", "formula")
WIDTHS = (26, 22, 12, 10, 58, 70)
# How cells write what they have no function for.
NOTES = (
    "exp(x) is EXP(MIN(x,709)): EXP of a larger number is an error in a cell.",
    "log1p(x) = log(1 + x) is 2*ASINH(x/(2*SQRT(1+x))), and expm1(x) = exp(x) - 1 is "
    "(EXP(x)+1)*TANH(x/2): the same numbers, with all digits where x is small.",
    "A formula in braces, such as {=MMULT(…)}, is an array formula: after editing it, press "
    "Ctrl+Shift+Enter.",
    "Later steps have the same names with _step_2, _step_3 and so on behind them.",
    "A cell of the table without a number counts as missing; whatever text stands in it.",
)


def write_symbols(
    worksheet: Worksheet, traced: Traced, addresses: Addresses, styles: Styles
) -> None:
    """Write the sheet."""
    worksheet.hide_gridlines(2)
    for column, width in enumerate(WIDTHS):
        worksheet.set_column(column, column, width)
    worksheet.set_landscape()
    worksheet.set_paper(9)
    worksheet.fit_to_pages(1, 0)
    worksheet.set_row(0, 24)
    worksheet.write_string(0, 0, "Symbols", styles.title)
    for column, header in enumerate(HEADERS):
        worksheet.write_string(1, column, header, styles.table_header)
    worksheet.freeze_panes(2, 1)
    row = 1
    for name in (*addresses.plan.settings, *addresses.plan.sheets[0].homes):
        row += 1
        _write_symbol(worksheet, traced, addresses, styles, name, row)
    row = _write_functions(worksheet, traced, styles, row + 2)
    worksheet.write_string(row + 1, 0, "How cells compute it", styles.heading)
    for at, note in enumerate(NOTES, row + 2):
        worksheet.write_string(at, 0, note, styles.text)


def _write_symbol(
    worksheet: Worksheet, traced: Traced, addresses: Addresses, styles: Styles, name: str, row: int
) -> None:
    is_setting = name in addresses.plan.settings
    number = 0 if is_setting else 1
    target, shown = addresses.target(number, name), addresses.name(number, name)
    worksheet.write_url(row, 0, f"internal:{target}", styles.link, shown)
    worksheet.write_string(row, 1, name, styles.formula)
    worksheet.write_string(row, 2, _stage(traced, name), styles.text)
    if not is_setting:
        block = addresses.plan.sheets[0].homes[name]
        worksheet.write_string(row, 3, f"{block.height} × {block.width}", styles.text)
    known = traced.formulas.get(name)
    symbol = known.symbol if known else traced.symbols[name]
    worksheet.write_string(row, 4, symbol.meaning, styles.text)
    worksheet.write_string(
        row, 5, addresses.equation_text(known) if known else "given", styles.formula
    )


def _stage(traced: Traced, name: str) -> str:
    return traced.formulas[name].stage if name in traced.formulas else "given"


def _write_functions(worksheet: Worksheet, traced: Traced, styles: Styles, row: int) -> int:
    """Write a line for each function that formulas call by name; return the row below."""
    functions = Functions(e.expression for e in traced.formulas.values())
    printer = PlainText()
    lines = [
        f"{f.name}({', '.join(p.name for p in f.parameters)}) = {printer.text(f.body)}"
        for f in functions
    ]
    if lines:
        worksheet.write_string(row, 0, "Functions", styles.heading)
    for at, line in enumerate(lines, row + 1):
        worksheet.write_string(at, 0, line, styles.formula)
    return row + 1 + len(lines)
