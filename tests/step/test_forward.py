"""The forward pass and the loss: what a person can check on a network of a few numbers."""

import numpy as np
import pytest

from pellucid.evaluator import run
from pellucid.network import Network
from pellucid.step import Step

X = np.array([[1.0, 2.0], [3.0, 4.0]])
Y = np.array([[1.0], [0.0]])


def values(network, reduction="mean", weighted=False, **given):
    parameters = {
        name: np.full(shape, 0.1)
        for name, shape in network.parameter_shapes.items()
        if name not in given
    }
    step = Step(network, reduction=reduction, weighted=weighted)
    return run(step, {"X": X, "y": Y, **parameters, **step.settings, **given})


def test_every_layer_in_turn():
    made = values(
        Network([2, 1, 1], activation="relu"), W1=np.array([[1.0], [-1.0]]), b1=np.array([[2.0]])
    )
    assert made["net_input_1"].tolist() == [[1.0], [1.0]]
    assert made["hidden_1"].tolist() == [[1.0], [1.0]]
    np.testing.assert_allclose(made["output"], [[0.2], [0.2]])


def test_mean_and_sum():
    """The loss is the rows' sum, or that divided by their number."""
    mean, total = (values(Network([2, 1]), reduction) for reduction in ("mean", "sum"))
    assert total["loss"] == pytest.approx(total["row_loss"].sum())
    assert mean["loss"] == pytest.approx(total["loss"] / 2)
    np.testing.assert_allclose(mean["gradient_W1"], total["gradient_W1"] / 2)


def test_a_row_of_weight_2_counts_like_two_rows():
    network = Network([2, 1])
    weighted = values(network, weighted=True, row_weight=np.array([[2.0], [1.0]]))
    doubled = values(network, X=X[[0, 0, 1]], y=Y[[0, 0, 1]])
    assert weighted["weight_total"] == 3
    for name in ("loss", "gradient_W1", "gradient_b1"):
        np.testing.assert_allclose(weighted[name], doubled[name], rtol=1e-14)


def test_a_row_of_weight_0_does_not_count():
    network = Network([2, 1])
    weighted = values(network, weighted=True, row_weight=np.array([[1.0], [0.0]]))
    alone = values(network, X=X[:1], y=Y[:1])
    np.testing.assert_allclose(weighted["gradient_W1"], alone["gradient_W1"], rtol=1e-14)


def test_penalties_are_on_weights_alone_and_divided_by_nothing():
    made = values(
        Network([2, 1], l1=0.5, l2=2.0),
        W1=np.array([[3.0], [-4.0]]),
        b1=np.array([[100.0]]),
        y=Y + 100,
    )
    assert made["penalty"] == pytest.approx(0.5 * 7 + 2.0 / 2 * 25)
    assert made["objective"] == pytest.approx(made["loss"] + made["penalty"])
    plain = values(Network([2, 1]), W1=np.array([[3.0], [-4.0]]), b1=np.array([[100.0]]), y=Y + 100)
    np.testing.assert_allclose(
        made["gradient_W1"] - plain["gradient_W1"], [[0.5 + 2 * 3], [-0.5 - 2 * 4]], rtol=1e-12
    )
    assert made["gradient_b1"] == plain["gradient_b1"]


def test_a_mask_multiplies_and_what_it_keeps_goes_on():
    mask = np.array([[0.0, 2.0], [2.0, 0.0]])
    made = values(Network([2, 2, 1], activation="identity", dropout=0.5), mask_1=mask)
    np.testing.assert_array_equal(made["kept_1"], made["hidden_1"] * mask)
    np.testing.assert_allclose(
        made["net_input_2"], made["kept_1"].sum(axis=1, keepdims=True) * 0.1 + 0.1
    )
    assert (made["delta_hidden_1"][mask == 0] == 0).all()


def test_a_weight_of_0_leaves_the_sum_and_a_weight_of_1_the_activation():
    """Between them lies what is learnt; 1 is the start."""
    network = Network([2, 2, 1], activation="tanh", parametric_activation=True)
    plain = values(Network([2, 2, 1], activation="tanh"))
    made = values(network, activation_weight_1=np.array([[0.0, 1.0]]))
    np.testing.assert_array_equal(made["hidden_1"][:, 0], made["net_input_1"][:, 0])
    np.testing.assert_allclose(made["hidden_1"][:, 1], plain["hidden_1"][:, 1], rtol=1e-12)
    np.testing.assert_array_equal(made["slope_hidden_1"][:, 0], 1.0)
    np.testing.assert_allclose(made["slope_hidden_1"][:, 1], plain["slope_hidden_1"][:, 1])


def test_label_smoothing_moves_the_targets_of_loss_and_delta():
    made = values(Network([2, 1], loss="binary_cross_entropy", label_smoothing=0.2))
    np.testing.assert_allclose(made["smoothed_y"], [[0.9], [0.1]])
    np.testing.assert_allclose(made["delta_output"], made["smoothed_y"] - made["output"])


def test_without_activations_depth_is_one_layer():
    """Two layers of identity are one: the product of their weights."""
    rng = np.random.default_rng(0)
    W1, W2, b1, b2 = (rng.normal(size=shape) for shape in ((2, 3), (3, 1), (1, 3), (1, 1)))
    made = values(Network([2, 3, 1], activation="identity"), W1=W1, W2=W2, b1=b1, b2=b2)
    np.testing.assert_allclose(made["output"], X @ (W1 @ W2) + (b1 @ W2 + b2), rtol=1e-12)
