"""Plain text of expressions."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid
from pellucid.algebra import PRIMITIVES, Symbol, node, operation
from pellucid.printers.numbers import fixed, number
from pellucid.printers.plain_text import PRIMITIVES_WRITTEN, PlainText

a, b, c = Symbol("a"), Symbol("b"), Symbol("c")
A, B = Symbol("A", ("n", 2)), Symbol("B", (2, 3))


def text(expression: object) -> str:
    return PlainText().text(node(expression))


def test_every_primitive_has_a_rule() -> None:
    assert set(PRIMITIVES) == PRIMITIVES_WRITTEN


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (a - (b - c), "a - (b - c)"),
        ((a - b) - c, "a - b - c"),
        (a / (b * c), "a / (b · c)"),
        (a / b / c, "a / b / c"),
        ((a + b) * c, "(a + b) · c"),
        (-(a + b), "-(a + b)"),
        (-a * b, "-a · b"),
        (a * -b, "a · (-b)"),
        (a - -b, "a - (-b)"),
        ((a + b) ** 2, "(a + b)²"),
        (-(a**2), "-a²"),
        ((-a) ** 2, "(-a)²"),
        (a ** (b + 1), "a^(b + 1)"),
        (2**a, "2^a"),
        (A @ B, "A · B"),
        (A * A, "A ⊙ A"),
        (2 * A, "2 · A"),
        ((A @ B).T, "(A · B)ᵀ"),
        (abs(a), "|a|"),
        (np.where(a > 0, a, 0), "(a if a > 0 else 0)"),
        (np.exp(-a), "exp(-a)"),
        (np.sum(A, axis=1, keepdims=True), "row_sum(A)"),
        (np.sum(A), "sum(A)"),
        (pellucid.Sigmoid()(A), "sigmoid(A)"),
    ],
)
def test_parentheses_where_they_are_needed(expression: object, written: str) -> None:
    assert text(expression) == written


def test_long_sums_leave_out_the_middle() -> None:
    terms = operation("sum_of", *(Symbol(f"x{i}") for i in range(1000)))
    assert text(terms) == "x0 + x1 + x2 + x3 + x4 + x5 + … (1000 terms) … + x999"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (0.5, "0.5000"),
        (-0.00005, "-5e-05"),
        (0.00074448, "0.000744"),
        (0.00004, "4e-05"),
        (1234.5, "1234.5"),
        (1e9, "1e+09"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
    ],
)
def test_numbers(value: float, written: str) -> None:
    assert number(value) == written


def test_fixed_numbers_line_up() -> None:
    assert {len(fixed(v)) for v in (0.0, 1.0, 0.5, 0.00001)} == {6}
