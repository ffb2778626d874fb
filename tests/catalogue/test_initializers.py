"""Start weights: their spread, their seed, and weights that are given."""

import numpy as np
import pytest

from pellucid.catalogue import from_data, initializer, names, to_data
from pellucid.catalogue.initializers import (
    Given,
    Glorot,
    He,
    LeCun,
    NeuralTangent,
    Normal,
    Uniform,
    Zeros,
)
from pellucid.errors import InputError

FAN_IN, FAN_OUT = 200, 300
DRAWN = [
    (Uniform(), 1 / 12),
    (Uniform(-2, 2), 16 / 12),
    (Normal(0.5), 0.25),
    (Glorot(), 2 / (FAN_IN + FAN_OUT)),
    (Glorot("normal"), 2 / (FAN_IN + FAN_OUT)),
    (He(), 2 / FAN_IN),
    (He("normal"), 2 / FAN_IN),
    (LeCun(), 1 / FAN_IN),
    (NeuralTangent(), 1 / FAN_IN),
]


def weights(record, seed=0):
    return record.weights(np.random.default_rng(seed), FAN_IN, FAN_OUT)


@pytest.mark.parametrize(("record", "variance"), DRAWN, ids=str)
def test_spread(record, variance):
    W = weights(record)
    assert W.shape == (FAN_IN, FAN_OUT)
    assert W.var() == pytest.approx(variance, rel=0.03)
    if not isinstance(record, Uniform) or record.low < 0:
        assert abs(W.mean()) < 0.05 * np.sqrt(variance)


@pytest.mark.parametrize(("record", "variance"), DRAWN, ids=str)
def test_a_seed_decides(record, variance):
    assert np.array_equal(weights(record, 5), weights(record, 5))
    assert not np.array_equal(weights(record, 5), weights(record, 6))


def test_uniform_stays_in_its_interval():
    W = weights(Uniform())
    assert W.min() >= 0
    assert W.max() < 1
    W = weights(Glorot())
    assert abs(W).max() <= np.sqrt(6 / (FAN_IN + FAN_OUT))


def test_biases_start_at_0_or_are_drawn():
    """The tutorial's initializers draw biases too; those made for deep networks start them at 0."""
    rng = np.random.default_rng(0)
    assert not Glorot().bias(rng, 3, 4).any()
    for record in (Uniform(), Normal()):
        bias = record.bias(rng, 3, 4)
        assert bias.shape == (1, 4)
        assert bias.all()


def test_given_weights():
    given = Given([[1, 2], [3, 4], [5, 6]], [7, 8])
    rng = np.random.default_rng(0)
    assert given.weights(rng, 3, 2).tolist() == [[1, 2], [3, 4], [5, 6]]
    assert given.bias(rng, 3, 2).tolist() == [[7, 8]]
    assert Given([[1.0]]).bias(rng, 1, 1).tolist() == [[0.0]]
    assert from_data(to_data(given)) == given


@pytest.mark.parametrize(("fan_in", "fan_out", "name"), [(2, 3, "W"), (3, 3, "W")])
def test_given_weights_of_another_shape(fan_in, fan_out, name):
    with pytest.raises(
        InputError, match=rf"Expected W of shape \({fan_in}, {fan_out}\).*Got \(3, 2\)"
    ):
        Given([[1, 2], [3, 4], [5, 6]]).weights(None, fan_in, fan_out)
    with pytest.raises(InputError, match=r"Expected b of shape \(1, 3\)"):
        Given([[1, 2, 3]], [1, 2]).bias(None, 1, 3)


def test_choices():
    assert initializer("xavier") == Glorot()
    assert initializer(He("normal")) == He("normal")
    with pytest.raises(InputError, match="'given' needs parameters"):
        initializer("given")
    with pytest.raises(InputError, match=r"did you mean 'glorot'\?"):
        initializer("glorott")
    with pytest.raises(InputError, match=r"the distribution 'uniform' or 'normal'\. Got 'cauchy'"):
        Glorot("cauchy")


def test_every_name_but_given_needs_nothing():
    for name in names("initializer"):
        if name != "given":
            record = initializer(name)
            assert from_data(to_data(record)) == record


def test_biases_of_the_neural_tangent_are_as_large_as_net_inputs():
    b = NeuralTangent().bias(np.random.default_rng(0), FAN_IN, 3_000)
    assert b.shape == (1, 3_000)
    assert b.var() == pytest.approx(1, rel=0.1)


def test_zeros():
    assert not Zeros().weights(np.random.default_rng(0), 3, 4).any()
    assert Zeros().bias(np.random.default_rng(0), 3, 4).tolist() == [[0, 0, 0, 0]]
