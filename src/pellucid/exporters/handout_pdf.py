"""A handout as PDF, by the LaTeX of the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from pellucid.errors import InputError, OutputError, explain

COMPILER = "pdflatex"

# Far more than any handout needs.
_SECONDS = 120


def pdf(latex: str) -> bytes:
    """Return a LaTeX document as PDF.

    Raises
    ------
    InputError
        If the machine has no LaTeX.
    OutputError
        If LaTeX does not come to an end with the document.
    """
    compiler = shutil.which(COMPILER)
    if compiler is None:
        raise InputError(
            explain(
                expected=f"the program {COMPILER}, which makes a PDF",
                got="none",
                do="install a TeX (on Debian: texlive-latex-base), or save as .tex",
            )
        )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "handout.tex").write_text(latex, encoding="utf-8")
        options = ["-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error"]
        try:
            done = subprocess.run(
                [compiler, *options, "handout.tex"],
                cwd=folder,
                env={**os.environ, "SOURCE_DATE_EPOCH": "0"},  # the same bytes each time
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
            said = done.stdout.decode(errors="replace")
        except subprocess.TimeoutExpired:
            said = f"! no end after {_SECONDS} seconds"
        made = Path(folder, "handout.pdf")
        if made.exists():
            return made.read_bytes()
    faults = [line for line in said.splitlines() if line.startswith("!")] or ["no PDF"]
    raise OutputError(
        explain(
            expected=f"{COMPILER} to make a PDF", got=faults[0], do="save as .tex and look at it"
        )
    )
