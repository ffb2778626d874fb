"""A trace as a Jupyter notebook: the NumPy program as cells, with prose and formulas between."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from pellucid.algebra import Equation
from pellucid.exporters.programs import ONCE, RESULT, SHOWN, TRAINING, Lines, Section
from pellucid.exporters.programs_layout import aligned, plain
from pellucid.exporters.programs_numpy import NumpyProgram
from pellucid.exporters.traced import Traced
from pellucid.printers.latex_math import equation_latex
from pellucid.views.stages import Stage, stages

FIRST = (
    "One step, stage by stage: what happens, the formula, and the numbers. The new weights get names of "
    "their own, so the training below starts from the same weights."
)


def notebook(trace: Traced, epochs: int = 5000) -> str:
    """Return a trace as the text of a notebook.

    Parameters
    ----------
    trace, epochs
        As for a program (`pellucid.exporters.programs.Program`).
    """
    cells = _Notebook(trace, epochs).cells()
    document = {
        "cells": [cell | {"id": f"cell-{at}"} for at, cell in enumerate(cells, 1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


class _Notebook(NumpyProgram):
    def cells(self) -> list[dict[str, Any]]:
        """Return the cells in order."""
        sections = self.sections()
        lines = [line for section in sections for line in section.lines]
        # The first step stands by itself before the training; without one it is all there is.
        last = [s for s in sections if s.title in (SHOWN, TRAINING, RESULT)] * self.trains
        before = [s for s in sections if s.title not in (SHOWN, TRAINING, RESULT, ONCE)]
        title = f"# {_plain(self.about()[0].removesuffix('.'))}"
        about = " ".join(map(_plain, self.about()[1:]))
        imports = [line for line in self.head([""], "\n".join(lines)) if line.startswith("import")]
        found = [_prose(title, "", about), _code([*imports, "", *before[0].lines])]
        for section in before[1:]:
            found += _cells(section)
        found.append(_prose("## The first step", "", FIRST))
        if self.trains:
            found += self._beginning()
        for stage in self._stages():
            equations = [e for e in stage.equations if e not in self.prepared]
            if equations:
                found += self._stage(stage, equations)
        return [*found, *(cell for section in last for cell in _cells(section))]

    def _stages(self) -> list[Stage]:
        formulas = list(self.trace.formulas.values())
        return stages(self.trace.description, formulas, self.trace.symbols)

    def _beginning(self) -> list[dict[str, Any]]:
        """Return the cell that does what a loop does at the start of its first step."""
        lines = ["step = 1"]
        if not self.batches.full:
            whose = "traced_batches[0][0]" if self.batches.shuffled else "batches[0]"
            lines += ["epoch = 0", f"rows = {whose}"]
        taken = self._taken()
        return [_code([*lines, *taken[:-1]])] if taken or not self.batches.full else []

    def _stage(self, stage: Stage, equations: Sequence[Equation]) -> list[dict[str, Any]]:
        """Return a stage as two cells: prose with its formulas, and its code."""
        formulas = [f"$${equation_latex(e)}$$" for e in equations]
        code = self.printer("X")
        names = [self.name(e.name) for e in equations]
        return [
            _prose(
                f"### Stage {stage.label}: {_plain(stage.title)}",
                "",
                _plain(" ".join(stage.about)),
                *(line for formula in formulas for line in ("", formula)),
            ),
            _code(
                [
                    *aligned([self._line(e, code) for e in equations]),
                    "",
                    f"show([{self.names(names)}])",
                ]
            ),
        ]


def _cells(section: Section) -> list[dict[str, Any]]:
    return [_prose(f"## {section.title}", "", section.prose), _code(section.lines)]


def _plain(text: str) -> str:
    """Return a text as one line in which no letter has a meaning in Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>#|$])", r"\\\1", plain(text, len(text)))


def _source(lines: Sequence[str]) -> list[str]:
    return [f"{line}\n" for line in lines[:-1]] + list(lines[-1:])


def _prose(*lines: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": _source(lines)}


def _code(lines: Lines) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": _source(lines),
    }
