"""Functions that a list of expressions calls: once each, in order, by names of their own."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid
from pellucid.algebra import Symbol, call
from pellucid.algebra.values import evaluate
from pellucid.errors import AlgebraError
from pellucid.printers.functions import Functions

A, B = Symbol("A", ("n", 3)), Symbol("B", ("n", 1))


def names(functions: Functions) -> list[str]:
    return [f.name for f in functions]


def test_one_function_serves_layers_of_every_size() -> None:
    softmax = pellucid.Softmax()
    first, second = softmax(A), softmax(B)
    functions = Functions([first, second])
    assert names(functions) == ["softmax"]
    assert functions.of(first) is functions.of(second)
    (function,) = functions
    assert function.parameters[0].shape == ("n", "m")
    assert function.body.shape == ("n", "m")


def test_a_function_stands_before_those_that_call_it() -> None:
    assert names(Functions([pellucid.Silu()(A)])) == ["sigmoid", "silu"]


def test_bodies_that_differ_get_names_of_their_own() -> None:
    calls = [call("own", lambda x, k=k: x * k, A) for k in (2, 3, 2)]
    functions = Functions([calls[0] + calls[1] + calls[2]])
    assert names(functions) == ["own", "own_2"]
    assert [functions.of(c).name for c in calls] == ["own", "own_2", "own"]
    x = np.array([[1.0, 5.0]])
    for made, expected in zip(functions, (2 * x, 3 * x), strict=True):
        assert np.array_equal(evaluate(made.body, {"x": x}), expected)


def test_a_slope_is_counted_like_its_function() -> None:
    """Slopes come in the order of the way back, the last layer's first."""
    network = pellucid.Network([1, 1, 1, 1], activation=[lambda x: x * 2, lambda x: x * 3])
    trace = pellucid.trace(network, [[1]], [1])
    functions = Functions(e.expression for e in trace.formulas.values())
    made = {f.name: evaluate(f.body, {"x": np.array([[5.0]])})[0, 0] for f in functions}
    assert made == {"own": 10, "own_2": 15, "identity": 5, "own_slope_2": 3, "own_slope": 2}


def test_names_that_are_taken_are_left_alone() -> None:
    assert names(Functions([pellucid.Sigmoid()(A)], taken=("sigmoid",))) == ["sigmoid_2"]


def test_names_that_users_gave_become_words() -> None:
    calls = [call(name, lambda x: x + 1, A) for name in ('"""\n\\x', "2nd", "β", "leaky_relu", "x")]
    assert names(Functions(calls)) == ["x", "f2nd", "f", "leaky_relu", "x_2"]


def test_one_column_beside_several_is_told_from_two_of_a_size() -> None:
    wide = call("f", lambda x, y: x - y, A, B)
    alike = call("f", lambda x, y: x - y, B, B)
    functions = Functions([wide, alike])
    assert [[p.shape for p in f.parameters] for f in functions] == [
        [("n", "m"), ("n", 1)],
        [("n", "m"), ("n", "m")],
    ]
    assert names(functions) == ["f", "f_2"]


def test_a_body_that_reads_from_outside_is_refused() -> None:
    with pytest.raises(AlgebraError, match="no parameter"):
        Functions([call("f", lambda x: x + B, A)])
