"""A network is data: what it is made of, its one flat vector, and which descriptions are refused."""

import math
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from pellucid.catalogue import activation
from pellucid.catalogue.activations import LeakyRelu, OwnActivation
from pellucid.catalogue.initializers import Given, Glorot, He, Uniform
from pellucid.catalogue.losses import Huber
from pellucid.errors import InputError, UnknownNameError
from pellucid.network import Layer, Network


def test_layers_are_records():
    net = Network(
        [4, 3, 2, 1],
        activation=["relu", LeakyRelu(0.2)],
        dropout=[0.5, 0.0],
        initializer=["he", "glorot", Uniform()],
        loss=Huber(2.0),
    )
    assert net.sizes == (4, 3, 2, 1)
    assert net.outputs == 1
    assert net.layers == (
        Layer(3, activation("relu"), 0.5, He()),
        Layer(2, LeakyRelu(0.2), 0.0, Glorot()),
        Layer(1, activation("identity"), 0.0, Uniform()),
    )
    assert net.loss == Huber(2.0)


def test_one_choice_serves_all_hidden_layers():
    net = Network([4, 3, 2, 1], activation="tanh", dropout=0.3, initializer="he")
    assert [layer.activation.name for layer in net.layers] == ["tanh", "tanh", "identity"]
    assert [layer.dropout for layer in net.layers] == [0.3, 0.3, 0.0]
    assert {layer.initializer for layer in net.layers} == {He()}


@pytest.mark.parametrize(
    ("loss", "outputs", "output"),
    [
        ("squared_error", 1, "identity"),
        ("absolute_error", 1, "identity"),
        ("poisson", 1, "exp"),
        ("binary_cross_entropy", 1, "sigmoid"),
        ("cross_entropy", 3, "softmax"),
    ],
)
def test_the_output_activation_matches_the_loss_by_default(loss, outputs, output):
    net = Network([2, outputs], loss=loss)
    assert net.layers[-1].activation.name == output
    assert net.is_matching_pair == bool(net.loss.matching)


def test_a_function_is_an_activation():
    net = Network([2, 3, 1], activation=lambda x: x / (1 + abs(x)))
    assert isinstance(net.layers[0].activation, OwnActivation)


def test_it_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Network([2, 1]).l2 = 1.0


def test_equal_descriptions_are_equal():
    assert Network([2, 3, 1]) == Network([2, 3, 1])
    assert Network([2, 3, 1]) != Network([2, 3, 1], l2=0.1)
    assert len({Network([2, 3, 1]), Network((2, 3, 1))}) == 1


def test_parameters_lie_in_one_vector_layer_by_layer():
    net = Network([4, 3, 1])
    assert net.parameter_shapes == {"W1": (4, 3), "b1": (1, 3), "W2": (3, 1), "b2": (1, 1)}
    assert net.parameter_count == 19
    flat = np.arange(19.0)
    views = net.views(flat)
    assert list(views) == ["W1", "b1", "W2", "b2"]
    assert views["W1"].tolist() == flat[:12].reshape(4, 3).tolist()
    assert views["b2"].tolist() == [[18.0]]
    views["b1"][0, 1] = -1
    assert flat[13] == -1
    with pytest.raises(InputError, match=r"a flat vector of 19 numbers\. Got \(18,\)"):
        net.views(np.zeros(18))


def test_weights_of_activations_stand_behind_the_bias_and_start_at_1():
    """The output layer has none: its activation fits the loss."""
    net = Network([2, 3, 4, 1], parametric_activation=True, input_scale=True)
    first, second = "activation_weight_1", "activation_weight_2"
    assert list(net.parameter_shapes) == [
        "input_scale", "W1", "b1", first, "W2", "b2", second, "W3", "b3"
    ]  # fmt: skip
    views = net.views(net.start(0))
    np.testing.assert_array_equal(views[first], np.ones((1, 3)))
    np.testing.assert_array_equal(views[second], np.ones((1, 4)))
    plain = Network([2, 3, 4, 1])
    np.testing.assert_array_equal(views["W2"], plain.views(plain.start(0))["W2"])
    assert Network([2, 1], parametric_activation=True).parameter_count == 3


def test_settings_are_those_that_are_not_0():
    assert Network([2, 1]).settings == {}
    assert Network([2, 2], loss="cross_entropy", l1=0.1, label_smoothing=0.2).settings == {
        "label_smoothing": 0.2,
        "l1": 0.1,
    }


# Start weights


def test_a_seed_decides_the_start():
    net = Network([4, 3, 1])
    assert np.array_equal(net.start(5), net.start(5))
    assert np.array_equal(net.start(np.random.default_rng(5)), net.start(5))
    assert not np.array_equal(net.start(5), net.start(6))
    assert net.start(5, dtype=np.float32).dtype == np.float32


def test_given_parameters_are_taken_and_the_others_drawn():
    net = Network([4, 3, 1])
    flat = net.start(0, {"W2": [[1], [2], [3]], "b1": [4, 5, 6], "b2": 7})
    views = net.views(flat)
    assert views["W2"].ravel().tolist() == [1, 2, 3]
    assert views["b1"].tolist() == [[4, 5, 6]]
    assert views["b2"].tolist() == [[7]]
    assert np.array_equal(views["W1"], net.views(net.start(0))["W1"])
    assert net.views(net.start(parameters={"W2": [1, 2, 3]}))["W2"].ravel().tolist() == [1, 2, 3]


WRONG_PARAMETERS = {
    "a transposed matrix": (
        {"W1": np.zeros((3, 4))},
        r"W1 of shape \(4, 3\)\. Got \(3, 4\)\. Rows are the layer's inputs",
    ),
    "too few numbers": ({"W1": np.zeros((4, 2))}, r"Got \(4, 2\)"),
    "a flat matrix": ({"W1": np.zeros(12)}, r"Got \(12,\)"),
    "a column for a bias": ({"b1": np.zeros((3, 1))}, r"b1 of shape \(1, 3\)\. Got \(3, 1\)"),
    "an unknown name": ({"w1": np.zeros((4, 3))}, r"no parameter 'w1' \(did you mean 'W1'\?\)"),
    "not finite": ({"b2": [[math.nan]]}, "Expected finite numbers in b2. Got .*nan"),
    "text": ({"b2": "zero"}, "Expected numbers in b2. Got 'zero'"),
    "ragged": ({"W2": [[1], [2, 3], [4]]}, "Expected numbers in W2"),
}


@pytest.mark.parametrize(
    ("parameters", "reason"), WRONG_PARAMETERS.values(), ids=WRONG_PARAMETERS.keys()
)
def test_wrong_parameters(parameters, reason):
    with pytest.raises(InputError, match=reason):
        Network([4, 3, 1]).start(parameters=parameters)


def test_given_weights_as_an_initializer():
    net = Network([2, 1], initializer=Given([[1], [2]], [3]))
    assert net.start().tolist() == [1, 2, 3]


# What is refused

WRONG = {
    "one size": (
        [4],
        {},
        r"at least the inputs and the outputs\. Got \[4\]\. To continue, give for example",
    ),
    "no size": ([], {}, r"Got \[\]"),
    "a size of 0": ([4, 0, 1], {}, "1 or more. Got 0"),
    "no inputs": ([0, 1], {}, "1 or more. Got 0"),
    "a broken size": ([4, 2.5, 1], {}, "1 or more. Got 2.5"),
    "text": ([4, "3", 1], {}, "1 or more. Got '3'"),
    "an unknown activation": ([4, 3, 1], {"activation": "rleu"}, r"did you mean 'relu'\?"),
    "an unknown loss": ([4, 1], {"loss": "mse"}, "There is no loss 'mse'.*Known: squared_error"),
    "an unknown output activation": (
        [4, 1],
        {"output_activation": "soft"},
        "There is no activation 'soft'",
    ),
    "too many activations": (
        [4, 3, 1],
        {"activation": ["relu", "tanh"]},
        "one activation, or 1.*Got 2",
    ),
    "too many dropouts": ([4, 3, 1], {"dropout": [0.1, 0.2]}, "one dropout, or 1"),
    "too few initializers": ([4, 3, 1], {"initializer": ["he"]}, "one initializer, or 2"),
    "a dropout of 1": ([4, 3, 1], {"dropout": 1.0}, "at least 0 and below 1. Got 1.0"),
    "a dropout below 0": ([4, 3, 1], {"dropout": -0.1}, "Got -0.1"),
    "no number for a dropout": ([4, 3, 1], {"dropout": math.nan}, "Got nan"),
    "a penalty below 0": (
        [4, 1],
        {"l2": -1.0},
        "Expected l2 of at least 0 and below inf. Got -1.0",
    ),
    "an infinite penalty": ([4, 1], {"l1": math.inf}, "Expected l1"),
    "label smoothing of 1": (
        [4, 2],
        {"loss": "cross_entropy", "label_smoothing": 1.0},
        "Expected label_smoothing",
    ),
    "label smoothing of numbers": (
        [4, 1],
        {"label_smoothing": 0.1},
        "Label smoothing is for classes",
    ),
    "one softmax": (
        [4, 1],
        {"loss": "cross_entropy"},
        "One softmax output is always 1.*use 2 outputs",
    ),
    "a weight of an activation that mixes its neurons": (
        [4, 3, 2, 1],
        {"activation": ["relu", "softmax"], "parametric_activation": True},
        "work element by element with parametric_activation=True. Got softmax in hidden layer 2",
    ),
    "a pair out of range": (
        [4, 1],
        {"loss": "poisson", "output_activation": "tanh"},
        r"\(0, inf\)",
    ),
}


@pytest.mark.parametrize(("sizes", "options", "reason"), WRONG.values(), ids=WRONG.keys())
def test_wrong_descriptions(sizes, options, reason):
    with pytest.raises(InputError, match=reason):
        Network(sizes, **options)


def test_a_wrong_name_is_a_value_error_too():
    with pytest.raises(ValueError, match="rleu"):
        Network([4, 3, 1], activation="rleu")
    assert issubclass(UnknownNameError, InputError)
