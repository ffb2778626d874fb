"""NumPy's own lines on symbols: what they become, and what is refused in words."""

import math
import operator

import numpy as np
import pytest

from pellucid.algebra import (
    PRIMITIVES,
    Call,
    Constant,
    Operation,
    Symbol,
    call,
    children,
    erf,
    node,
    opened,
    operation,
    substitute,
    symbols_in,
)
from pellucid.algebra.values import evaluate
from pellucid.errors import AlgebraError

x, y = Symbol("x", ("n", 3)), Symbol("y", ("n", 3))
SMALL = np.array([[-2.0, -0.5, 0.0], [0.5, 2.0, 3.0]])
OTHER = np.array([[1.0, -0.5, 0.25], [3.0, 2.0, -1.0]])
POSITIVE = abs(SMALL) + 0.1
CHOICE = SMALL > 0

# What people write, as functions of (x, y): NumPy's functions, Python's operators, and their compositions.
WRITTEN = {
    "-": lambda x, y: -x,
    "abs": lambda x, y: abs(x),
    "np.abs": lambda x, y: np.abs(x),
    "+": lambda x, y: x + y + 1,
    "1 +": lambda x, y: 1 + x,
    "1 -": lambda x, y: 1 - x,
    "*": lambda x, y: 2 * x * y,
    "/": lambda x, y: x / 3 + 1 / (y + 10),
    "**": lambda x, y: x**2 + 2.0**x,
    "np scalars": lambda x, y: np.float64(2) * x + x * np.float32(0.5) + np.int64(3),
    "sqrt": lambda x, y: np.sqrt(abs(x)),
    "square": lambda x, y: np.square(x),
    "reciprocal": lambda x, y: np.reciprocal(y),
    "positive": lambda x, y: np.positive(x) + (+y if isinstance(y, np.ndarray) else y),
    "logaddexp": lambda x, y: np.logaddexp(x, y) + np.logaddexp(0, x) + np.logaddexp(x, x),
    "clip": lambda x, y: np.clip(x, -1, 1) + np.clip(y, None, 0.5) + np.clip(y, 0, None),
    "clip by name": lambda x, y: np.clip(x, a_min=-1, a_max=1),
    "clip min max": lambda x, y: np.clip(x, min=-1, max=1),
    "maximum": lambda x, y: np.maximum(x, y) + np.minimum(x, 0),
    "where": lambda x, y: np.where(x > 0, x, y),
    "comparisons": lambda x, y: (
        np.where((x < y) & (x != 0), 1.0, 0.0)
        + np.where((x <= y) | (x >= 2), 2.0, 0.0)
        + np.where(~(x == y), 4.0, 0.0)
    ),
    "exp": lambda x, y: np.exp(x) + np.expm1(y),
    "log": lambda x, y: np.log(abs(x) + 1) + np.log1p(abs(y)),
    "waves": lambda x, y: np.sin(x) * np.cos(y) + np.tanh(x),
    "rounding": lambda x, y: np.floor(x) + np.sign(y),
    "isnan": lambda x, y: np.where(np.isnan(x), 0.0, x),
    "true_divide": lambda x, y: np.true_divide(x, 3) + np.float_power(abs(x), 0.5),
    "erf": lambda x, y: erf(x),
    "matmul": lambda x, y: x @ y.T + np.matmul(y, x.T),
    "transpose": lambda x, y: np.transpose(x),
    "sum": lambda x, y: np.sum(x, axis=1, keepdims=True) * np.sum(y),
    "sum of columns": lambda x, y: np.sum(x, axis=0, keepdims=True) + x,
    "max": lambda x, y: x - np.max(x, axis=1, keepdims=True) + np.amax(y, axis=-1, keepdims=True),
    "join": lambda x, y: np.concatenate([x, y, x], axis=1),
}


@pytest.mark.parametrize("formula", WRITTEN.values(), ids=WRITTEN.keys())
def test_a_formula_means_the_same_on_arrays_and_symbols(formula):
    """What NumPy computes on arrays is what the expression gives: same numbers, same shape."""
    expected = formula(SMALL, OTHER)
    expression = formula(x, y)
    found = evaluate(expression, {"x": SMALL, "y": OTHER})
    np.testing.assert_allclose(found, expected, rtol=1e-15, atol=1e-300)
    assert np.shape(found) == tuple(2 if size == "n" else size for size in expression.shape)


def test_scipys_erf_is_the_same_node():
    from scipy import special

    assert special.erf(x).primitive == "erf"


REFUSED = {
    "if": (lambda x: 1 if x > 0 else 0, "np.where"),
    "and": (lambda x: x > 0 and x < 1, "np.where"),
    "not": (lambda x: not x, "np.where"),
    "while": (lambda x: [0 for _ in iter(lambda: bool(x), True)], "np.where"),
    "max of two": (lambda x: max(x, y), "np.where"),
    "np.array": (lambda x: np.array(x), "Use NumPy functions on it directly"),
    "np.asarray": (lambda x: np.asarray(x), "Use NumPy functions on it directly"),
    "np.asarray of a dtype": (lambda x: np.asarray(x, np.float32), "Use NumPy functions"),
    "float": (float, "Keep it as an expression"),
    "int": (int, "Keep it as an expression"),
    "math.exp": (math.exp, "Keep it as an expression"),
    "+=": (lambda x: operator.iadd(x, 1), "Write x = x + y instead of x += y"),
    "-=": (lambda x: operator.isub(x, 1), "Write x = x + y instead of x += y"),
    "*=": (lambda x: operator.imul(x, 1), "Write x = x + y instead of x += y"),
    "/=": (lambda x: operator.itruediv(x, 1), "Write x = x + y instead of x += y"),
    "x[0]": (lambda x: x[0], "Write the formula for whole arrays"),
    "x[:, 1]": (lambda x: x[:, 1], "Write the formula for whole arrays"),
    "for": (lambda x: list(x), "Write the formula for whole arrays"),
    "in": (lambda x: 1 in x, "Write the formula for whole arrays"),
    "x[0] = 1": (lambda x: operator.setitem(x, 0, 1), "np.where"),
    "len": (len, "The number of rows is the symbol n"),
    "an array": (lambda x: x * np.ones((2, 3)), "Give an array a name"),
    "an array first": (lambda x: np.ones((2, 3)) * x, "Give an array a name"),
    "a list": (lambda x: x * [1, 2, 3], "Give an array a name"),
    "text": (lambda x: x + "1", "takes numbers and symbols. Got str"),
    "axis without keepdims": (lambda x: np.sum(x, axis=1), "keepdims=True"),
    "max without axis": (lambda x: np.max(x), "keepdims=True"),
    "max of columns": (lambda x: np.max(x, axis=0, keepdims=True), "Expected axis=1"),
    "rows joined": (lambda x: np.concatenate([x, x]), "Expected axis=1, got axis=0"),
}


@pytest.mark.parametrize(("line", "instead"), REFUSED.values(), ids=REFUSED.keys())
def test_what_a_symbol_cannot_do_says_what_to_write(line, instead):
    with pytest.raises(AlgebraError) as error:
        line(x)
    assert instead in str(error.value)


OUTSIDE = {
    "np.mean": lambda x: np.mean(x),
    "np.dot": lambda x: np.dot(x, x),
    "np.norm": lambda x: np.linalg.norm(x),
    "np.round": lambda x: np.round(x),
    "np.arctan": lambda x: np.arctan(x),
    "np.zeros_like": lambda x: np.zeros_like(x),
    "np.floor_divide": lambda x: np.floor_divide(x, 2),
    "np.add.reduce": lambda x: np.add.reduce(x),
    "np.exp with out": lambda x: np.exp(x, out=np.ones((2, 3))),
    "np.where": lambda x: np.where(x > 0),
    "np.sum with axis": lambda x: np.sum(x, axis=1, keepdims=True, dtype=float),
    "np.clip with": lambda x: np.clip(x, 0, 1, casting="no"),
    "np.expit": lambda x: __import__("scipy.special").special.expit(x),
}


@pytest.mark.parametrize(("name", "line"), OUTSIDE.items(), ids=OUTSIDE.keys())
def test_a_function_outside_the_vocabulary_lists_it(name, line):
    """The message names the function, with its options, and every word that would do."""
    with pytest.raises(AlgebraError, match="is outside the vocabulary of formulas") as error:
        line(x)
    assert str(error.value).startswith(name)
    listed = str(error.value).split("Expected one of: ")[1].split(". Write")[0].split(", ")
    assert {"exp", "where", "matmul", "clip", "logaddexp", "sum", "concatenate"} <= set(listed)
    own_words = {"row_sum", "row_max", "column_sum", "total", "join", "sum_of", "max_of"}
    assert not own_words & set(listed), "these are not NumPy's names"
    assert set(PRIMITIVES) - own_words <= set(listed)


def test_a_number_becomes_a_constant():
    for number in (2, 2.0, np.float32(2), np.int64(2), np.array(2.0), True):
        assert isinstance(node(number), Constant)
    assert node(x) is x


def test_nodes_are_told_apart_by_identity():
    """Comparing gives an expression, so sets and dictionaries go by identity."""
    twin = Symbol("x", ("n", 3))
    assert isinstance(x == twin, Operation)
    assert len({x, twin}) == 2


def test_a_call_is_one_node_with_a_name_and_a_body():
    """It is shown by its name and opened by its body, in which the arguments stand in for the parameters."""
    squared = call("squared", lambda x: x**2, y + 1)
    assert (squared.name, squared.shape, symbols_in(squared)) == ("squared", ("n", 3), ("y",))
    assert symbols_in(squared.body) == ("x",)
    assert children(squared) == squared.arguments
    whole = opened(squared)
    assert isinstance(whole, Operation)
    assert whole.arguments[0] is squared.arguments[0]
    assert evaluate(whole, {"y": 2.0}) == evaluate(squared, {"y": 2.0}) == 9.0


def test_a_call_of_two_arguments_and_calls_in_calls():
    inner = call("double", lambda x: 2 * x, x)
    outer = call("less", lambda a, b: a - b, inner, y)
    assert [p.name for p in outer.parameters] == ["x1", "x2"]
    assert evaluate(opened(outer), {"x": 5.0, "y": 1.0}) == 9.0
    assert isinstance(opened(outer).arguments[0], Call)


def test_a_parameter_is_not_confused_with_a_symbol_of_its_name():
    """The body's x is the parameter, and the argument's x is the symbol of the step."""
    assert evaluate(call("less", lambda x: x - 1, 10 * x), {"x": 2.0}) == 19.0
    assert evaluate(opened(call("less", lambda x: x - 1, 10 * x)), {"x": 2.0}) == 19.0


def test_substitute_works_out_shapes_anew():
    column = Symbol("column", ("n", 1))
    found = substitute(call("double", lambda x: 2 * x, x) + 1, lambda n: column if n is x else None)
    assert found.shape == ("n", 1)
    assert found.arguments[0].shape == ("n", 1)


def test_symbols_in_order_each_once():
    assert symbols_in(y + x * y + operation("total", x)) == ("y", "x")
