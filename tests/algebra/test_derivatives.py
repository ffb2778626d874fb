"""Derivatives of expressions: against differences, at kinks, and of every primitive."""

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

from pellucid.algebra import (
    PRIMITIVES,
    Call,
    Constant,
    Symbol,
    call,
    children,
    derivative,
    erf,
    opened,
    operation,
)
from pellucid.algebra.derivatives import PARTIALS
from pellucid.algebra.values import evaluate
from pellucid.errors import AlgebraError

x, y = Symbol("x"), Symbol("y")


def test_the_table_covers_the_element_wise_vocabulary():
    """Every element-wise primitive has a partial derivative for each of its arguments, and no other has any."""
    elementwise = {name for name, primitive in PRIMITIVES.items() if primitive.elementwise}
    assert set(PARTIALS) == elementwise
    assert {name: len(partials) for name, partials in PARTIALS.items()} == {
        name: PRIMITIVES[name].arity for name in elementwise
    }


# Smooth everywhere and of moderate size, whatever goes in, so that differences of them mean something.
UNARY = [
    lambda a: -a,
    lambda a: np.tanh(a),
    lambda a: np.sin(a),
    lambda a: np.cos(a),
    lambda a: np.exp(np.tanh(a)),
    lambda a: np.expm1(np.sin(a)),
    lambda a: np.log(a**2 + 1),
    lambda a: np.log1p(a**2),
    lambda a: np.sqrt(a**2 + 1),
    lambda a: erf(a),
    lambda a: (a**2 + 1) ** 0.3,
    lambda a: np.tanh(a) ** 3,
    lambda a: 1.5 ** np.sin(a),
    lambda a: call("named", lambda x: x * np.tanh(x), a),
]
BINARY = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: np.tanh(a) * b,
    lambda a, b: a / (b**2 + 1),
    lambda a, b: (np.tanh(a) + 2) ** np.sin(b),
    lambda a, b: np.logaddexp(a, b),
    lambda a, b: np.maximum(a, b),
    lambda a, b: np.minimum(a, b),
    lambda a, b: np.where(a > b, np.sin(a), b),
    lambda a, b: np.clip(a, -0.5, 0.5) * b,
    lambda a, b: abs(a) * np.sign(b),
]


def ties(expression, values):
    """Whether a maximum or minimum has two equal arguments, or |a| or sign(a) is taken at 0.

    Such kinks can cancel, as in |x| · sign(x); the rules for the parts do not see that.
    """
    primitive = getattr(expression, "primitive", "")
    if primitive in ("maximum", "minimum", "absolute", "sign"):
        found = {float(evaluate(a, values)) for a in expression.arguments}
        if found == {0.0} or (len(found) == 1 and len(expression.arguments) == 2):
            return True
    if isinstance(expression, Call):
        return ties(opened(expression), values)
    return any(ties(below, values) for below in children(expression))


EXPRESSIONS = st.recursive(
    st.sampled_from([x, y]) | st.floats(-2, 2).map(lambda value: Constant(round(value, 3))),
    lambda inner: st.one_of(
        st.builds(lambda f, a: f(a), st.sampled_from(UNARY), inner),
        st.builds(lambda f, a, b: f(a, b), st.sampled_from(BINARY), inner, inner),
    ),
    max_leaves=8,
)
POINTS = st.floats(-2, 2).map(lambda value: round(value, 4))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(EXPRESSIONS, POINTS, POINTS)
def test_random_expressions_against_central_differences(expression, at_x, at_y):
    """Away from kinks, where differences of two widths agree, the derivative is what they say."""
    assume(not ties(expression, {"x": at_x, "y": at_y}))

    def value(shift):
        return float(evaluate(expression, {"x": at_x + shift, "y": at_y}))

    def difference(width):
        return (value(width) - value(-width)) / (2 * width)

    wide, narrow, left = difference(1e-4), difference(1e-5), (value(0) - value(-1e-5)) / 1e-5
    scale = max(1.0, abs(narrow))
    assume(abs(wide - narrow) < 1e-6 * scale)
    assume(abs(left - narrow) < 1e-3 * scale)  # a kink just here has two slopes
    found = float(evaluate(derivative(expression, x), {"x": at_x, "y": at_y}))
    assert found == pytest.approx(narrow, rel=2e-5, abs=2e-5)


KINKS = {
    "absolute": (lambda x: abs(x), 0.0, 0.0),
    "sign": (lambda x: np.sign(x), 0.0, 0.0),
    "maximum": (lambda x: np.maximum(x, 0), 0.0, 0.5),
    "maximum, other side": (lambda x: np.maximum(0, x), 0.0, 0.5),
    "maximum of one thing": (lambda x: np.maximum(x, x), 0.3, 1.0),
    "minimum": (lambda x: np.minimum(x, 1), 1.0, 0.5),
    "clip": (lambda x: np.clip(x, -1, 1), 1.0, 0.5),
    "floor": (lambda x: np.floor(x), 2.0, 0.0),
    "softplus": (lambda x: np.maximum(x, 0) + np.log1p(np.exp(-abs(x))), 0.0, 0.5),
    "kinks that cancel": (lambda x: np.maximum(x, 0) + np.minimum(x, 0), 0.0, 1.0),
}


@pytest.mark.parametrize(("formula", "kink", "slope"), KINKS.values(), ids=KINKS.keys())
def test_at_a_kink_the_slope_is_the_mean_of_both_sides(formula, kink, slope):
    """So that parts whose kinks cancel add up to the slope of the smooth whole."""
    assert float(evaluate(derivative(formula(x) + 0 * x, x), {"x": kink})) == slope


def test_a_part_used_many_times_is_done_once():
    """Without that, twelve nested squares would be thousands of parts."""
    expression = x
    for _ in range(40):
        expression = expression * np.tanh(expression)
    slope = derivative(expression, x)
    assert np.isfinite(float(evaluate(slope, {"x": 0.7})))


def test_logaddexp_has_no_kink():
    """Where both are equal each has half the slope, though it is made of a maximum, which has none."""
    for by in (x, y):
        slope = derivative(np.logaddexp(x, y), by)
        assert float(evaluate(slope, {"x": 3.0, "y": 3.0})) == pytest.approx(0.5, rel=1e-15)
    softplus = derivative(np.logaddexp(0, x), x)
    assert float(evaluate(softplus, {"x": 0.0})) == pytest.approx(0.5, rel=1e-15)


def test_a_branch_that_is_not_taken_does_not_spoil_the_slope():
    """`where` differentiates its branches, and the one not taken may be far from finite."""
    slope = derivative(np.where(x > 0, np.log(x), 3 * x), x)
    assert float(evaluate(slope, {"x": -2.0})) == 3.0
    assert float(evaluate(slope, {"x": 2.0})) == 0.5


def test_a_power_of_a_negative_number():
    """The logarithm that a general power needs is not written where the exponent is a number."""
    assert float(evaluate(derivative(x**3, x), {"x": -2.0})) == 12.0
    assert float(evaluate(derivative(x**2, x), {"x": -2.0})) == -4.0
    assert float(evaluate(derivative(x**1, x), {"x": 0.0})) == 1.0


def test_zeros_and_ones_are_left_out():
    """What a person reads has no `0 * …` and no `… * 1`."""
    assert derivative(x + 5, x).value == 1.0
    assert derivative(y * 5, x).value == 0.0
    slope = derivative(np.exp(x), x)
    assert (slope.primitive, slope.arguments[0]) == ("exp", x)


def test_a_call_is_opened():
    slope = derivative(call("square", lambda x: x**2, 3 * x), x)
    assert not isinstance(slope, Call)
    assert float(evaluate(slope, {"x": 2.0})) == 36.0


def test_a_symbol_of_the_same_name_is_another():
    assert derivative(Symbol("x"), x).value == 0.0


@pytest.mark.parametrize(
    "name", ["row_sum", "row_max", "column_sum", "total", "matmul", "transpose", "join"]
)
def test_what_is_not_element_wise_is_refused(name):
    matrix = Symbol("m", (2, 2))
    arguments = [matrix] * (PRIMITIVES[name].arity or 2)
    with pytest.raises(AlgebraError, match=f"{name} is not differentiable here.*give the slope"):
        derivative(operation(name, *arguments), matrix)
