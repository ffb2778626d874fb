"""NumPy code of expressions: it computes what they mean, and has no more parentheses than it needs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from printers.expressions import SIZES, expressions

from pellucid.algebra import PRIMITIVES, Cell, Symbol, erf, node
from pellucid.algebra.values import evaluate
from pellucid.errors import AlgebraError
from pellucid.printers.code import Code, Names
from pellucid.printers.numpy_code import HELPERS, PRIMITIVES_WRITTEN, NumpyCode

a, b, c = Symbol("a"), Symbol("b"), Symbol("c")
A, B = Symbol("A", ("n", 2)), Symbol("B", (2, 3))


def text(expression: object) -> str:
    return NumpyCode().text(node(expression))


def test_every_primitive_has_a_rule() -> None:
    assert set(PRIMITIVES) == PRIMITIVES_WRITTEN


@pytest.mark.parametrize(("rows", "columns"), SIZES)
def test_every_primitive_computes_what_it_means(rows: int, columns: int) -> None:
    names = {"np": np, "math": math}
    exec(HELPERS["erf"], names)
    for expression, values in expressions(rows, columns):
        written = NumpyCode().text(expression)
        with np.errstate(all="ignore"):
            found = eval(written, names | values)
        expected = evaluate(expression, values)
        assert np.shape(found) == np.shape(expected), written
        assert np.allclose(found, expected, 1e-15, 0, equal_nan=True), written


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (a - (b - c), "a - (b - c)"),
        ((a - b) - c, "a - b - c"),
        (a + (b + c), "a + (b + c)"),
        (a / (b * c), "a / (b * c)"),
        ((a + b) * c, "(a + b) * c"),
        (-(a + b), "-(a + b)"),
        (a * -b, "a * (-b)"),
        (a - -b, "a - (-b)"),
        (-(a**2), "-a**2"),
        ((-a) ** -b, "(-a)**-b"),
        (-(A @ B), "-(A @ B)"),
        ((A @ B).T, "(A @ B).T"),
        (A @ B / 3, "A @ B / 3"),
        (np.where(A > 0, 1, 0), "np.where(A > 0, 1.0, 0.0)"),
        (np.where(A > 0, A, 0), "np.where(A > 0, A, 0)"),
        (erf(a / math.sqrt(2)), "erf(a / np.sqrt(2))"),
        (a * math.inf, "a * np.inf"),
        (a * -1, "a * (-1)"),
        (Cell("A", 0, 2), "A[0, 2]"),
    ],
)
def test_parentheses_where_they_are_needed(expression: object, written: str) -> None:
    assert text(expression) == written


def test_a_printer_without_a_rule_says_so() -> None:
    with pytest.raises(AlgebraError, match="Code has no rule for add"):
        Code().text(a + b)


def test_names_that_a_language_cannot_have() -> None:
    names = Names(("lambda", "step"), plain=True)
    given = ("lambda", "lambda_", "_x", "2nd", "β", "a.b", "a b", "step", "W1")
    assert [names(name) for name in given] == [
        "lambda_",
        "lambda__",
        "v_x",
        "v2nd",
        "v_",
        "a_b",
        "a_b_",
        "step_",
        "W1",
    ]
    assert names("lambda") == "lambda_"
    assert Names()("β") == "β"
