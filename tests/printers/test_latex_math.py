"""LaTeX of expressions."""

from __future__ import annotations

import re

import numpy as np
import pytest

import pellucid
from pellucid.algebra import PRIMITIVES, Cell, Symbol, call, node, operation
from pellucid.printers.latex_math import PRIMITIVES_WRITTEN, LatexMath

a, b, c = Symbol("a", latex="a"), Symbol("b", latex="b"), Symbol("c", latex="c")
A, W = Symbol("A", ("n", 2), latex="A_{1}"), Symbol("W", (2, 3), latex="W_{2}")


def text(expression: object) -> str:
    return LatexMath().text(node(expression))


def test_every_primitive_has_a_rule() -> None:
    assert set(PRIMITIVES) == PRIMITIVES_WRITTEN


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (a - (b - c), r"a - \left(b - c\right)"),
        ((a + b) * c, r"\left(a + b\right) \cdot c"),
        ((a + b) / c, r"\frac{a + b}{c}"),
        ((a / c) ** 2, r"\left(\frac{a}{c}\right)^{2}"),
        (a * -b, r"a \cdot \left(-b\right)"),
        (-(a + b), r"-\left(a + b\right)"),
        ((a + b) ** 2, r"\left(a + b\right)^{2}"),
        ((-a) ** (b + 1), r"\left(-a\right)^{b + 1}"),
        (A @ W, r"A_{1} \, W_{2}"),
        (A * A, r"A_{1} \odot A_{1}"),
        ((A @ W).T, r"\left(A_{1} \, W_{2}\right)^{\top}"),
        (np.sqrt(a + b), r"\sqrt{a + b}"),
        (np.log1p(a), r"\log\left(1 + a\right)"),
        (1e-8 * a, r"1 \cdot 10^{-8} \cdot a"),
        (np.where(a > 0, a, 0), r"\begin{cases} a & a > 0 \\ 0 & \text{else} \end{cases}"),
        (pellucid.LeakyRelu(0.3)(A), r"\mathrm{leaky\_relu}\left(A_{1}, 0.3\right)"),
        (Cell("hidden_1", 0, 2), r"\mathrm{hidden\_1}_{1,3}"),
        (operation("sum_of", a * b, -a * b, node(-2)), r"a \cdot b - a \cdot b - 2"),
    ],
)
def test_parentheses_where_they_are_needed(expression: object, written: str) -> None:
    assert text(expression) == written


def test_equations_of_a_whole_step_are_balanced() -> None:
    network = pellucid.Network(
        [2, 3, 2], activation="mish", loss="cross_entropy", l1=0.1, l2=0.1, dropout=0.1
    )
    chain = pellucid.AdamW(pellucid.WarmUp(0.1, 5, pellucid.Cosine(0.1)), clip_norm=1.0)
    trace = pellucid.trace(network, [[1, 2], [2, 3]], [0, 1], optimizer=chain)
    for equation in trace.equations:
        latex = equation.latex
        assert latex.count("{") == latex.count("}"), latex
        assert latex.count(r"\left") == latex.count(r"\right"), latex
        assert not re.search(r"[^\\]_[a-z]{2}", latex), latex
    by_name = {e.name: e.latex for e in trace.equations}
    assert by_name["net_input_1"] == r"Z_{1} = X \, W_{1} + b_{1}"
    assert r"\left(\nabla {W_{2}}\right)^{2}" in by_name["gradient_norm"]
    assert by_name["delta_hidden_1"] == r"\delta_{1} = E_{1} \odot S_{1}"


def test_numbers_can_stand_in_the_place_of_names() -> None:
    printer = LatexMath(symbol=lambda s: "-0.5" if s is a else "3", cell=lambda c: "-7")
    assert printer.text(a * b) == r"-0.5 \cdot 3"
    assert printer.text(b * a) == r"3 \cdot \left(-0.5\right)"
    assert printer.text(node(a) ** 2) == r"\left(-0.5\right)^{2}"
    assert printer.text(b - Cell("x", 0, 0)) == r"3 - \left(-7\right)"


def test_names_with_letters_of_latex_are_written_out() -> None:
    """Users' functions may have any name."""
    made = text(call(r'50% of {a}_\b"', lambda x: x, a))
    assert made == r"\mathrm{50\% of \{a\}\_\backslash b''}\left(a\right)"
    assert r"\text{U+03B2}" in text(call("β", lambda x: x, a))
    assert text(Symbol("β", latex=r"\mathrm{β}")) == r"\mathrm{\text{U+03B2}}"
