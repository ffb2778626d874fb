"""Workbooks as LibreOffice calculates them: written, edited, converted in one go, and read by their defined names."""

import subprocess

import numpy as np
import openpyxl

from pellucid.exporters.workbook_addresses import workbook_name

# LibreOffice takes the numbers that a file carries unless it is told to calculate.
ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def recalculated(paths, folder):
    """Return what LibreOffice makes of the workbooks, each loaded with its calculated numbers."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE)
    made = folder / "recalculated"
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{profile}",
            "--headless",
            "--convert-to",
            "xlsx",
            "--outdir",
            made,
            *paths,
        ],
        check=True,
        capture_output=True,
        timeout=500,
    )
    return [openpyxl.load_workbook(made / path.name, data_only=True) for path in paths]


def cells(workbook, name):
    """Return the cells that a defined name stands for, row by row."""
    ((sheet, place),) = workbook.defined_names[name].destinations
    found = workbook[sheet][place.replace("$", "")]
    return found if isinstance(found, tuple) else ((found,),)


def shown(workbook, name, step=1):
    """Return the defined name of a value of a step; settings have one for all steps."""
    later = workbook_name(name) + (f"_step_{step}" if step > 1 else "")
    return later if later in workbook.defined_names else workbook_name(name)


def numbers(workbook, name, step=1):
    """Return the numbers of a value of a step, with its name in the trace; text becomes NaN."""
    return np.array(
        [
            [c.value if isinstance(c.value, int | float) else np.nan for c in row]
            for row in cells(workbook, shown(workbook, name, step))
        ],
        np.float64,
    )


def same_workbook(first, second):
    """Tell whether two files have the same sheets, names, texts and formulas, and the same numbers to 1e-9."""
    books = [
        openpyxl.load_workbook(path, data_only=only)
        for only in (False, True)
        for path in (first, second)
    ]
    names = [{n: d.attr_text for n, d in book.defined_names.items()} for book in books]
    contents = [
        {
            (sheet.title, cell.coordinate): getattr(cell.value, "text", cell.value)
            for sheet in book.worksheets
            for row in sheet.iter_rows()
            for cell in row
        }
        for book in books
    ]
    return names[0] == names[1] and all(
        a.keys() == b.keys() and all(_same(a[place], b[place]) for place in a)
        for a, b in (contents[:2], contents[2:])
    )


def _same(a, b):
    if isinstance(a, int | float) and isinstance(b, int | float):
        return np.isclose(a, b, 1e-9, 1e-12)
    return a == b


def set_numbers(workbook, name, values):
    """Write numbers into the cells of a name; raise if one of them is a formula."""
    for row, given in zip(cells(workbook, name), np.atleast_2d(values), strict=True):
        for cell, value in zip(row, given, strict=True):
            assert not isinstance(cell.value, str), f"{cell} is no input: {cell.value}"
            cell.value = float(value)
