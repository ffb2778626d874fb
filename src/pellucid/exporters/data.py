"""A trace as data: one JSON file, or CSV tables."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pellucid.algebra import Equation, Symbol
from pellucid.printers.plain_text import equation_text
from pellucid.writing import replace_file

Values = Mapping[str, Any]


def to_json(
    inputs: Sequence[Symbol],
    equations: Sequence[Equation],
    steps: Sequence[tuple[Sequence[int], Values]],
    about: Mapping[str, Any],
) -> str:
    """Return a trace as JSON text: what it is, its equations, and every value of each step.

    Numbers have all their digits; a number that is not finite is written as text.
    """
    document = {
        "format": "pellucid trace",
        "version": 1,
        **about,
        "inputs": [{"name": s.name, "meaning": s.meaning} for s in inputs],
        "equations": [
            {
                "name": e.name,
                "stage": e.stage,
                "text": equation_text(e),
                "meaning": e.symbol.meaning,
                "inputs": list(e.inputs),
            }
            for e in equations
        ],
        "steps": [
            {
                "step": at,
                "rows": [int(r) for r in rows],
                "values": {name: _plain(value) for name, value in values.items()},
            }
            for at, (rows, values) in enumerate(steps, 1)
        ],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.ndim:
        return [_plain(v) for v in value]
    number = float(value)
    return number if np.isfinite(number) else str(number)


def to_csv(steps: Sequence[tuple[Sequence[int], Values]]) -> str:
    """Return every number of a trace as one CSV table: step, name, row, column, value.

    Rows and columns count from 1, as in the texts; numbers have all their digits.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["step", "name", "row", "column", "value"])
    for at, (_, values) in enumerate(steps, 1):
        for name, value in values.items():
            for (i, j), number in np.ndenumerate(np.atleast_2d(value)):
                table.writerow([at, name, i + 1, j + 1, repr(float(number))])
    return text.getvalue()


def write(path: str | Path, text: str) -> Path:
    """Write a text file whole or not at all, and return its path.

    Raises `OutputError` if it cannot be written.
    """
    replace_file(path, text.encode())
    return Path(path)
