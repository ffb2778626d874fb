"""Expressions as plain data: there and back, and what a damaged file may hold."""

import json

import numpy as np
import pytest

from pellucid.algebra import PRIMITIVES, Symbol, call, erf, operation
from pellucid.algebra.storage import from_data, to_data
from pellucid.algebra.values import evaluate
from pellucid.errors import AlgebraError, ModelFileError

x = Symbol("x")
POINTS = np.linspace(-3, 3, 13)

FORMULAS = {
    "mish": lambda x: x * np.tanh(np.logaddexp(0, x)),
    "gelu": lambda x: x * 0.5 * (1 + erf(x / 2**0.5)),
    "where": lambda x: np.where((x > 0) & (x < 1), x, -x),
    "a call": lambda x: 1 + call("square", lambda x: x**2, x),
    "x": lambda x: x,
}


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS.keys())
def test_there_and_back(formula):
    """Through JSON and back it gives the same numbers to the last bit, and is written the same again."""
    expression = formula(x)
    data = json.loads(json.dumps(to_data(expression)))
    back = from_data(data, {"x": x})
    assert np.array_equal(evaluate(back, {"x": POINTS}), evaluate(expression, {"x": POINTS}))
    assert to_data(back) == data


def test_every_element_wise_primitive_can_be_stored():
    for name, primitive in PRIMITIVES.items():
        if primitive.elementwise:
            expression = operation(name, *[x] * primitive.arity)
            assert from_data(to_data(expression), {"x": x}).primitive == name


def nested(depth):
    data = "x"
    for _ in range(depth):
        data = ["negative", data]
    return data


DAMAGED = {
    "an unknown name": ["os.system", "x"],
    "an unknown symbol": ["negative", "z"],
    "nothing": [],
    "no name": [1, "x"],
    "a list for a name": [["negative"], "x"],
    "true": True,
    "none": None,
    "a dictionary": {"negative": "x"},
    "rows": ["row_sum", "x"],
    "a join of nothing": ["join"],
    "a sum of nothing": ["sum_of"],
    "too deep": nested(250),
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged(data):
    with pytest.raises(ModelFileError, match="The file is damaged"):
        from_data(data, {"x": x})


def test_a_wrong_number_of_arguments():
    with pytest.raises(AlgebraError, match="add takes 2 arguments"):
        from_data(["add", "x"], {"x": x})


def test_deep_formulas_are_fine():
    assert evaluate(from_data(nested(150), {"x": x}), {"x": 2.0}) == 2.0
