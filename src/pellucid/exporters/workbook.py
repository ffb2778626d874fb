"""A trace as a workbook with live formulas (.xlsx), for Excel and LibreOffice."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import xlsxwriter

from pellucid.exporters.traced import Traced
from pellucid.exporters.workbook_addresses import ANSWERS, OVERVIEW, Addresses
from pellucid.exporters.workbook_exercise import left_out, write_answers
from pellucid.exporters.workbook_overview import OverviewWriter, setting_place
from pellucid.exporters.workbook_plan import plan
from pellucid.exporters.workbook_steps import StepWriter
from pellucid.exporters.workbook_style import Styles
from pellucid.exporters.workbook_symbols import write_symbols
from pellucid.writing import replace_file

# The same trace gives the same file, byte for byte.
CREATED = datetime(2000, 1, 1)


def write_workbook(
    traced: Traced, path: str | Path, *, exercise: bool | Iterable[str] = False
) -> Path:
    """Write a trace as a workbook, and return its path.

    Parameters
    ----------
    traced
        The trace.
    path
        The file.
    exercise
        True leaves one number of each computed matrix blank; names, all numbers of these matrices.
        The answers stand on a hidden sheet, and each entry turns green or red.

    Raises
    ------
    InputError
        If the trace is too large for a workbook, or a name is none of its computed values.
    OutputError
        If the file cannot be written.
    """
    replace_file(path, to_bytes(traced, exercise=exercise))
    return Path(path)


def to_bytes(traced: Traced, *, exercise: bool | Iterable[str] = False) -> bytes:
    """Return a trace as the content of a workbook; see `write_workbook`."""
    layout = plan(traced)
    emptied = left_out(traced, layout, exercise)
    exercises = bool(emptied)
    addresses = Addresses(
        traced, layout, lambda name: setting_place(layout, name, exercise=exercises), emptied
    )
    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(content, {"in_memory": True, "nan_inf_to_errors": True})
    workbook.set_properties(
        {"title": "A neural network's training, in numbers", "created": CREATED}
    )
    workbook.set_calc_mode("auto")
    styles = Styles(workbook)
    overview = workbook.add_worksheet(OVERVIEW)
    sheets = {s.number: workbook.add_worksheet(s.title) for s in layout.sheets}
    symbols = workbook.add_worksheet("Symbols")
    for place, name in addresses.names.items():
        workbook.define_name(name, f"={addresses.target(*place)}")
    for sheet in layout.sheets:
        StepWriter(traced, addresses, styles, sheet, sheets[sheet.number]).write()
    write_symbols(symbols, traced, addresses, styles)
    if emptied:
        answers = workbook.add_worksheet(ANSWERS)
        write_answers(workbook, answers, traced, addresses, styles, emptied, sheets)
    OverviewWriter(workbook, overview, traced, addresses, styles).write()
    workbook.close()
    return content.getvalue()
