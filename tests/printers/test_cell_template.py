"""Templates of single cells, filled in here by a few lines of Python."""

import numpy as np
import pytest
from agreement import traces

from pellucid.algebra import PRIMITIVES, Cell, Symbol, call
from pellucid.errors import AlgebraError
from pellucid.printers import cell_template as module
from pellucid.printers.cell_template import CellTemplate, cell_template
from pellucid.printers.numbers import number


def filled(pieces, known, rows, cell):
    """Return a template as text; `cell` writes one cell."""
    found, plus = "", False
    for piece in pieces:
        if isinstance(piece, str):
            part = piece
        elif piece[0] == "plus":
            plus = True
            continue
        elif piece[0] == "cell":
            _, name, *place, fenced = piece
            part = cell(name, *(known.get(index, index) for index in place))
            part = f"({part})" if fenced and part.startswith("−") else part
        elif piece[0] == "each":
            _, letter, size, sign, inner = piece
            parts = [
                filled(inner, known | {letter: k}, rows, cell)
                for k in range(rows if size == "n" else size)
            ]
            part = joined(parts) if sign == "plus" else ", ".join(parts)
        else:
            _, index, letter, blocks = piece
            at = known.get(index, index)
            start, _, inner = next(b for b in blocks if b[0] <= at < b[0] + b[1])
            part = filled(inner, known | {letter: at - start}, rows, cell)
        found, plus = (joined([found, part]) if plus else found + part), False
    return found


def joined(parts):
    text = parts[0]
    for part in parts[1:]:
        text += f" − {part[1:]}" if part.startswith("−") else f" + {part}"
    return text


def reference(name, i, j):
    return f"{name}[{i + 1},{j + 1}]"


X, W, b = Symbol("X", ("n", 3)), Symbol("W", (3, 2)), Symbol("b", (1, 2))


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (X @ W + b, "X[1,1] · W[1,2] + X[1,2] · W[2,2] + X[1,3] · W[3,2] + b[1,2]"),
        (-(X.T @ X), "−(X[1,1] · X[1,2] + X[2,1] · X[2,2])"),
        (np.sum(W, axis=0, keepdims=True), "W[1,2] + W[2,2] + W[3,2]"),
        (np.max(W, axis=1, keepdims=True), "max(W[1,1], W[1,2])"),
        (np.sum(b**2), "b[1,1]² + b[1,2]²"),
        (np.concatenate([b, 2 * b], axis=1), "b[1,2]"),
        (call("relu", lambda x: np.maximum(x, 0), b), "relu(b[1,2])"),
        (b - (b - 1) / 2, "b[1,2] − (b[1,2] − 1) / 2"),
        (np.where(b > 0, b, 0), "(b[1,2] if b[1,2] > 0 else 0)"),
    ],
)
def test_writes(expression, written):
    assert filled(CellTemplate().template(expression), {"i": 0, "j": 1}, 2, reference) == written


def test_the_block_of_a_column():
    blocks = CellTemplate().template(np.concatenate([b, 2 * b], axis=1))
    assert filled(blocks, {"i": 0, "j": 3}, 2, reference) == "2 · b[1,2]"


def test_functions_are_opened():
    expression = call("bend", lambda x: x / (1 + abs(x)), b)
    template = CellTemplate(open_calls=True).template(expression)
    assert filled(template, {"i": 0, "j": 0}, 1, reference) == "b[1,1] / (1 + |b[1,1]|)"


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ((0.5, 0.25), "0.5000 · 0.2500 + 0.5000"),
        ((-0.5, -0.25), "−0.5000 · (−0.2500) − 0.5000"),
    ],
)
def test_signs_of_numbers(values, written):
    x, y = Symbol("x"), Symbol("y")
    numbers = dict(zip(("x", "y"), values, strict=True))
    template = CellTemplate().template(x * y + x)
    text = filled(template, {}, 1, lambda name, *_: number(numbers[name]).replace("-", "−"))
    assert text == written


def test_every_primitive_is_written():
    assert set(PRIMITIVES) == module.PRIMITIVES_WRITTEN


def test_a_node_without_a_rule():
    with pytest.raises(AlgebraError, match="CellTemplate has no rule for Cell"):
        CellTemplate().template(Cell("X", 0, 0))


def test_every_equation_has_a_template():
    for case in traces.drawn():
        trace = traces.traced(case)
        for name, equation in trace.formulas.items():
            rows = len(trace.steps[0].rows)
            assert filled(cell_template(equation), {"i": 0, "j": 0}, rows, reference), name
