"""The page on adding a language says what is so: its printer is run, and what it writes computes the worked example."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid.errors import AlgebraError

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-language.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """Return what the page's Python defines."""
    found: dict[str, Any] = {"__name__": "page"}
    for block in blocks("python"):
        exec(compile(block, str(PAGE), "exec"), found)
    return found


def as_numpy(line: str) -> str:
    """Return a line of Octave, as far as the page's printer writes it, in Python's words."""
    line = line.rstrip(";").replace(" * ", " @ ").replace(".*", "*").replace("./", "/")
    line = line.replace(" .^ ", "**").replace("'", ".T")
    return re.sub(r"@\((.*?)\) ", r"lambda \1: ", line)


def total(x: Any, axis: int | None = None) -> Any:
    """Octave's sum: along the first axis unless told otherwise, axes counted from 1."""
    return np.sum(x) if axis is None else np.sum(x, axis=axis - 1, keepdims=True)


def test_the_printer_of_the_page_computes_the_worked_example(names: dict[str, Any]) -> None:
    trace = pellucid.worked_example()
    text = names["octave"](trace)
    values: dict[str, Any] = {"exp": np.exp, "sum": total}
    values |= {name: trace[name] for name in trace.symbols}
    for line in text.splitlines():
        exec(as_numpy(line), values)
    for name in trace.formulas:
        assert np.allclose(values[name], trace[name], 1e-15, 0), name


def test_the_page_shows_what_it_writes(names: dict[str, Any]) -> None:
    shown = re.search(r"begins so:\n\n```\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert shown
    assert names["octave"](pellucid.worked_example()).startswith(shown[1])


def test_what_has_no_rule_is_refused_by_name(names: dict[str, Any]) -> None:
    network = pellucid.Network([2, 2, 1], activation="tanh")
    trace = pellucid.trace(network, [[1, 2]], [1])
    with pytest.raises(AlgebraError, match="printer Octave has no rule for tanh"):
        names["octave"](trace)
