"""The table of programs outside Python that tests run: `system_programs.txt`, which `scripts/test` reads too."""

import os
import shutil
from pathlib import Path
from typing import NamedTuple


class SystemProgram(NamedTuple):
    name: str
    package: str
    purpose: str


def read_table(text):
    """Return the programs of a table by name."""
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    programs = (SystemProgram(*(cell.strip() for cell in line.split("|"))) for line in lines)
    return {program.name: program for program in programs}


PROGRAMS = read_table(Path(__file__).with_name("system_programs.txt").read_text(encoding="utf-8"))


def why_missing(name):
    """Return None if the program can be run, else one line that says what is missing, how to get it and what for."""
    if name not in PROGRAMS:
        known = ", ".join(PROGRAMS)
        raise LookupError(
            f"no program {name!r} in tests/system_programs.txt (it lists {known}); add a line for it there"
        )
    if shutil.which(name):
        return None
    program = PROGRAMS[name]
    return f"{name} is not installed (Debian package {program.package}); the test {program.purpose} with it"


def on_ci():
    """Whether this run decides if a change is taken in: then nothing is left out."""
    return os.environ.get("CI", "").lower() in {"true", "1"}
