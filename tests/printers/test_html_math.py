"""Formulas as MathML."""

from xml.etree import ElementTree

import numpy as np
import pytest
from agreement import traces

from pellucid.algebra import PRIMITIVES, Constant, Node, Symbol, call
from pellucid.errors import AlgebraError
from pellucid.names import _PARAMETER, NAMES
from pellucid.printers import html_math
from pellucid.printers.html_math import HtmlMath, equation_mathml, symbol_mathml
from pellucid.step import named


def text(mathml):
    """Return the letters of MathML, and check that it is well formed."""
    return "".join(ElementTree.fromstring(f"<math>{mathml}</math>").itertext())


a, b = Symbol("a", ("n", 2)), Symbol("b", ("n", 2))


@pytest.mark.parametrize(
    ("expression", "letters"),
    [
        (a - (b - 1), "a−(b−1)"),
        (a * (b + 2), "a⊙(b+2)"),
        (2 * a, "2·a"),
        (-(a + b), "−(a+b)"),
        ((a / 3) ** 2, "(a3)2"),
        (a * Constant(-1.5), "a·(−1.5)"),
        (np.where(a > 0, a, 1e-6 * a), "{aif\u00a0a>01·10−6·aelse"),
        (np.sum(a, axis=1, keepdims=True), "∑row(a)"),
        (a @ b.T, "a\u2062b⊤"),
        (abs(a), "|a|"),
        (call("own", lambda x: x, a), "own(a)"),
        (np.log1p(a), "log(1+a)"),
    ],
)
def test_writes(expression, letters):
    assert text(HtmlMath().text(expression)) == letters


def test_every_primitive_is_written():
    assert set(PRIMITIVES) == html_math.PRIMITIVES_WRITTEN


def test_every_symbol_of_the_table_is_written():
    for name in NAMES:
        filled = name.pattern.replace(_PARAMETER, "W2").replace(r"(?P<l>\d+)", "2")
        assert text(symbol_mathml(named(filled))), name
    assert text(symbol_mathml(named("delta_hidden_2"))) == "δ2"
    assert text(symbol_mathml(named("output"))) == "y^"
    assert text(symbol_mathml(named("W2_next"))) == "W2′"
    assert text(symbol_mathml(Symbol("own_rate", (), "", r"\mathrm{own rate}"))) == "own rate"


def test_a_letter_that_is_not_known():
    with pytest.raises(AlgebraError, match="no letter for"):
        symbol_mathml(Symbol("x", (), "", r"\aleph_{1}"))


def test_a_node_without_a_rule():
    with pytest.raises(AlgebraError, match="HtmlMath has no rule for Node"):
        HtmlMath().text(Node())


def test_every_equation_is_well_formed():
    for case in traces.drawn():
        for equation in traces.traced(case).formulas.values():
            assert text(equation_mathml(equation))
