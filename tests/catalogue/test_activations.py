"""Every activation of the catalogue, and a user's own: finite slopes, kept types, refusals that name the point."""

import json

import numpy as np
import pytest

from pellucid.algebra import Call, Symbol, derivative, erf, node
from pellucid.algebra.values import evaluate
from pellucid.catalogue import activation, from_data, names, to_data
from pellucid.catalogue.activations import (
    TRIED_AT,
    Activation,
    LeakyRelu,
    OwnActivation,
    Sigmoid,
    Silu,
)
from pellucid.errors import AlgebraError, InputError, ModelFileError, UnknownNameError
from pellucid.evaluator import Storage

RECORDS = [activation(name) for name in names("activation") if name != "own"]
ELEMENTWISE = [record for record in RECORDS if record.elementwise]
DTYPES = [np.float64, np.float32]


def by_name(record):
    return record.name


def test_the_catalogue_has_what_is_promised():
    promised = "identity threshold sigmoid tanh relu leaky_relu elu selu gelu silu mish softplus exp softmax"
    assert set(promised.split()) <= set(names("activation"))
    assert isinstance(activation("logistic"), Sigmoid)
    assert isinstance(activation("swish"), Silu)


def named_values(record, dtype, points):
    """Return the activation and its slope as a step stores them."""
    x = np.array([points], dtype)
    storage = Storage({"X": x}, dtype)
    with np.errstate(all="ignore"):
        a = storage("hidden_1", record(x))
        return a, storage("slope_hidden_1", record.slope(x, a))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("record", ELEMENTWISE, ids=by_name)
def test_values_and_slopes_are_finite_far_out(record, dtype):
    """At 0, ±1, ±50 and ±800, in both precisions; exp alone grows past their ends, as it should."""
    grows = record.name == "exp"
    points = [p for p in TRIED_AT if not (grows and p > np.log(np.finfo(dtype).max))]
    for value in named_values(record, dtype, points):
        assert value.dtype == dtype
        assert np.isfinite(value).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_softmax_far_out(dtype):
    """The largest is taken off first, so nothing overflows, and a row adds up to 1."""
    x = np.array([[800, -800, 50], [0, 0, 0], [-800, -800, -800]], dtype)
    found = activation("softmax")(x)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, [[1, 0, 0], [1 / 3] * 3, [1 / 3] * 3], rtol=1e-6)


@pytest.mark.parametrize("record", ELEMENTWISE, ids=by_name)
def test_no_activation_warns(record):
    """Calling one on far numbers is silent, though exp overflows inside: the result is right."""
    record(np.array([[-800.0, 700.0]]))


@pytest.mark.parametrize("record", RECORDS, ids=by_name)
def test_outputs_lie_in_the_range(record):
    """A record's range, which decides what losses it goes with, is where its outputs lie, and no wider than needed."""
    grid = np.linspace(-30, 30, 6000).reshape(3, -1).T
    found = record(grid)
    low, high = record.range
    assert low <= found.min()
    assert found.max() <= high
    if np.isfinite(low):
        assert found.min() < low + 0.01 * max(1, abs(low))
    if np.isfinite(high):
        assert found.max() > high - 0.01


@pytest.mark.parametrize("record", ELEMENTWISE, ids=by_name)
def test_a_slope_is_the_one_that_is_found_by_differentiation(record):
    """What a record writes as its slope is what differentiating its formula gives, away from kinks."""
    symbol = Symbol("x")
    # softplus is written with |x| and max(x, 0), whose kinks at 0 cancel: 0 is left out.
    points = np.concatenate([np.linspace(-5, -0.01, 40), np.linspace(0.01, 5, 40)])
    found = evaluate(derivative(node(record.formula(symbol)), symbol), {"x": points})
    expected = record.slope(points, record(points))
    np.testing.assert_allclose(
        np.broadcast_to(found, points.shape), expected, rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("record", RECORDS, ids=by_name)
def test_on_a_symbol_it_is_a_call_by_its_name(record):
    called = record(Symbol("net_input_1", ("n", 3)))
    assert isinstance(called, Call)
    assert (called.name, called.shape) == (record.name, ("n", 3))


# A user's own


def bump(x):
    return np.exp(-(x**2))


def test_own_activation_is_found_by_its_function():
    found = activation(bump)
    assert isinstance(found, OwnActivation)
    assert found.label == "bump"
    assert activation(lambda x: x * 2).label == "own"
    assert OwnActivation(bump, label_="hill").label == "hill"


def test_own_slope_is_found():
    x = np.linspace(-3, 3, 13)
    np.testing.assert_allclose(activation(bump).slope(x, None), -2 * x * bump(x), rtol=1e-14)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "function",
    [
        bump,
        lambda x: 2 * x + 1,
        lambda x: np.where(x > 0, 1.5, 0.25) * x,
        lambda x: x * 0.5 * (1 + erf(x)),
    ],
)
def test_own_slope_has_the_shape_and_type_of_its_input(function, dtype):
    """Even a straight line's, which is one number as an expression: on symbols it has every row and column."""
    own = activation(function)
    found = own.slope(np.ones((2, 3), dtype), None)
    assert (found.shape, found.dtype) == ((2, 3), dtype)
    symbol = Symbol("net_input_1", ("n", 3))
    assert own.slope(symbol, own(symbol)).shape == ("n", 3)


def test_own_slope_is_taken_where_it_is_given():
    own = OwnActivation(np.abs, lambda x: np.sign(x) * 1.0)
    assert own.slope(np.array([-2.0, 3.0]), None).tolist() == [-1.0, 1.0]


def test_a_function_outside_the_vocabulary_needs_a_slope():
    """With one it is used as it is; without, the message lists what could be written instead."""
    with pytest.raises(
        AlgebraError, match=r"np\.arctan is outside the vocabulary.*Expected one of"
    ):
        OwnActivation(lambda x: np.arctan(x))
    own = OwnActivation(lambda x: np.arctan(x), lambda x: 1 / (1 + x**2))
    assert own(np.array([1.0]))[0] == pytest.approx(np.pi / 4)


def squared_root(x):
    return np.sqrt(abs(x))


REFUSED = {
    "overflow": (np.exp, "the activation exp to be finite. Got inf at x = 800 in float64"),
    "overflow in float32": (
        lambda x: np.exp(np.clip(x, -100, 100)),
        "Got inf at x = 800 in float32",
    ),
    "nan": (lambda x: np.log(x), "Got -inf at x = 0|Got nan at x = -1"),
    "an infinite slope": (
        squared_root,
        "the slope of squared_root to be finite. Got (nan|inf) at x = 0",
    ),
    "a number": (lambda x: 3.0, r"to work element by element. Got shape \(\)"),
    "whole rows": (lambda x: x / (1 + np.sum(x**2, axis=1, keepdims=True)), "on their neighbours"),
    "a mean": (lambda x: x - np.sum(x) / 9, "values that depend on their neighbours"),
    "columns": (lambda x: x - np.sum(x, axis=0, keepdims=True) / 9, "on their neighbours"),
}


@pytest.mark.parametrize(("function", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_own_activation_is_refused_with_the_point(function, reason):
    with pytest.raises(InputError, match=reason):
        OwnActivation(function)


def test_an_own_slope_is_tried_too():
    with pytest.raises(InputError, match=r"the slope of bump to be finite\. Got inf at x = 0"):
        OwnActivation(bump, lambda x: 1 / abs(x))


def test_a_refusal_says_what_to_do():
    with pytest.raises(InputError, match=r"np\.clip\(x, -50, 50\)"):
        OwnActivation(np.exp)
    assert (
        OwnActivation(lambda x: np.exp(np.clip(x, -50, 50))).slope(np.array([800.0]), None)[0] == 0
    )


POINTS = np.linspace(-4, 4, 33)


@pytest.mark.parametrize(
    "slope", [None, lambda x: -2 * x * np.exp(-(x**2))], ids=["found", "given"]
)
def test_own_activation_is_stored_and_restored_by_its_expression(slope):
    """Through JSON and back: same label, same values, same slopes, and an expression as before."""
    own = OwnActivation(bump, slope)
    back = from_data(json.loads(json.dumps(to_data(own))))
    assert back.label == "bump"
    assert np.array_equal(back(POINTS), own(POINTS))
    np.testing.assert_allclose(back.slope(POINTS, None), own.slope(POINTS, None), rtol=1e-15)
    assert isinstance(back(Symbol("x", ("n", 2))), Call)
    assert to_data(back) == to_data(own)
    assert back(POINTS.astype(np.float32)).dtype == np.float32


def test_own_activation_without_an_expression_cannot_be_stored():
    own = OwnActivation(lambda x: np.arctan(x), lambda x: 1 / (1 + x**2), "arctan")
    with pytest.raises(InputError, match="arctan cannot be stored: it has no expression"):
        to_data(own)


@pytest.mark.parametrize(
    "fields",
    [
        {"label_": "q", "function": None, "slope_function": None},
        {"label_": "q", "function": ["exp"], "slope_function": None},
        {"label_": "q", "function": [["exp"]], "slope_function": None},
        {"label_": "q", "function": [["row_sum", "x"]], "slope_function": None},
        {"function": [["tanh", "x"]]},
        {"label_": "q", "function": [["tanh", "x"]], "slope_function": None, "more": 1},
    ],
)
def test_a_damaged_own_activation(fields):
    with pytest.raises(ModelFileError, match="The file is damaged"):
        from_data({"kind": "activation", "name": "own", "with": fields})


def test_own_needs_a_function():
    with pytest.raises(InputError, match="'own' needs parameters"):
        activation("own")


def test_wrong_choices():
    with pytest.raises(
        UnknownNameError,
        match=r"'sigmiod' \(did you mean 'sigmoid'\?\)\. Known: identity",
    ):
        activation("sigmiod")
    with pytest.raises(InputError, match=r"Expected a name or a record for activation\. Got 3"):
        activation(3)


def test_a_slope_can_be_left_out_of_a_record():
    """A subclass with a formula alone has a slope: that is all a new activation needs."""

    class Cube(Activation):
        name = "cube"

        def formula(self, x):
            return x**3

    assert Cube().slope(np.array([2.0]), None)[0] == 12.0
    assert Cube().slope(Symbol("x", ("n", 2)), None).shape == ("n", 2)


def test_labels_show_what_differs_from_the_defaults():
    assert LeakyRelu().label == "leaky_relu"
    assert LeakyRelu(0.2).label == "leaky_relu(negative_slope=0.2)"
