"""Net inputs of ±100 in single precision: a healthy network does not look divergent, and its gradient is right."""

import numpy as np
import pytest

from pellucid.evaluator import run
from pellucid.network import Network
from pellucid.step import Step

# what it is called -> (loss, net inputs of two rows, targets that they get perfectly right)
PAIRS = {
    "sigmoid": ("binary_cross_entropy", [[100.0], [-100.0]], [[1.0], [0.0]]),
    "five sigmoids": (
        "binary_cross_entropy",
        [[100.0, -100.0, 100.0, -100.0, 100.0], [-100.0] * 5],
        [[1.0, 0.0, 1.0, 0.0, 1.0], [0.0] * 5],
    ),
    "softmax of 2": ("cross_entropy", [[100.0, -100.0], [-100.0, 100.0]], [[1.0, 0.0], [0.0, 1.0]]),
    "softmax of 5": (
        "cross_entropy",
        [[-100.0, 100.0, -100.0, -100.0, -100.0], [100.0, 0.0, -100.0, 50.0, -50.0]],
        [[0.0, 1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0]],
    ),
}


def values(pair, right, dtype, label_smoothing=0.0):
    """Return what a layer computes whose net inputs are the pair's: X holds them, and W is the unit matrix."""
    loss, net_input, target = PAIRS[pair]
    X, y = np.array(net_input, dtype), np.array(target, dtype)
    if not right:
        y = 1 - y if loss == "binary_cross_entropy" else np.roll(y, 1, axis=1)
    size = X.shape[1]
    network = Network([size, size], loss=loss, label_smoothing=label_smoothing)
    given = {
        "X": X,
        "y": y,
        "W1": np.eye(size, dtype=dtype),
        "b1": np.zeros((1, size), dtype),
        **network.settings,
    }
    return run(Step(network), given, dtype)


@pytest.mark.parametrize("label_smoothing", [0.0, 0.1])
@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
@pytest.mark.parametrize("pair", PAIRS)
def test_loss_is_finite_and_gradient_right(pair, right, label_smoothing):
    """The loss is finite, and loss and gradient are double precision's to 1e-6 of a perfectly wrong row's delta, 1."""
    single, double = (
        values(pair, right, dtype, label_smoothing) for dtype in (np.float32, np.float64)
    )
    assert all(np.isfinite(value).all() for value in single.values())
    for name in ("loss", "row_loss", "delta_output", "gradient_W1", "gradient_b1"):
        assert single[name].dtype == np.float32
        np.testing.assert_allclose(single[name], double[name], rtol=1e-6, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("pair", PAIRS)
def test_the_loss_is_what_it_should_be(pair):
    """Perfectly right costs nothing, perfectly wrong about 100 or 200 for each wrong output."""
    assert values(pair, True, np.float32)["loss"] < 1e-6
    assert 100 <= values(pair, False, np.float32)["loss"] <= 500


@pytest.mark.parametrize("net_input", [100.0, -100.0])
@pytest.mark.parametrize("target", [0.0, 3.0])
def test_counts(net_input, target):
    """The Poisson loss from a net input of ±100 is finite where its output is: exp(100) is over float32's end."""
    network = Network([1, 1], loss="poisson")
    given = {"y": np.array([[target]]), "W1": np.ones((1, 1)), "b1": np.zeros((1, 1))}
    double = run(Step(network), given | {"X": np.array([[net_input]])})
    assert np.isfinite(double["loss"])
    assert np.isfinite(double["gradient_W1"]).all()
