"""The files under examples/ are what the code makes of the worked example."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from exporters.spreadsheets import same_workbook

FOLDER = Path(__file__).parents[1] / "examples"


def test_examples_are_what_the_code_makes(tmp_path: Path) -> None:
    module: dict[str, Any] = runpy.run_path(str(FOLDER / "make.py"))
    made = module["make"](tmp_path)
    kept = {path.name for path in FOLDER.iterdir() if path.is_file()} - {"make.py"}
    assert kept == {path.name for path in made}
    for path in made:
        known = FOLDER / path.name
        # The bytes of a workbook depend on the version of XlsxWriter, and its numbers on the processor.
        if path.suffix == ".xlsx":
            same = same_workbook(known, path)
        else:
            same = known.read_bytes() == path.read_bytes()
        assert same, f"examples/{path.name} is not what the code makes: run scripts/examples"
