"""Each convention of docs/conventions.md, held by a number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import sklearn.exceptions
import sklearn.neural_network

import pellucid

X = np.array([[1.0, 2.0], [0.5, -1.0], [-1.0, 0.25]])
Y1 = np.array([[1.0], [0.0], [0.5]])
START = {"W1": [[0.5], [-0.25]], "b1": [[0.1]]}


def linear(outputs: int = 1, **options: object) -> pellucid.Network:
    return pellucid.Network([2, outputs], **options)


def first_step(network: pellucid.Network, y: np.ndarray = Y1, **options: object) -> pellucid.Trace:
    return pellucid.trace(network, X, y, parameters=START, **options)


def test_weights_are_inputs_by_outputs() -> None:
    trace = first_step(linear())
    assert trace["W1"].shape == (2, 1)
    np.testing.assert_allclose(trace["net_input_1"], X @ trace["W1"] + trace["b1"])


def test_mean_divides_and_sum_does_not() -> None:
    mean, total = first_step(linear()), first_step(linear(), reduction="sum")
    for name in ("loss", "gradient_W1", "gradient_b1"):
        np.testing.assert_allclose(mean[name] * 3, total[name])


def test_mean_divides_by_the_sum_of_the_row_weights() -> None:
    weighted = first_step(linear(), row_weight=[1, 0, 4])
    residual = (Y1 - weighted["output"])[:, 0]
    assert weighted["loss"] == pytest.approx((residual[0] ** 2 + 4 * residual[2] ** 2) / 2 / 5)


def test_outputs_are_summed() -> None:
    y = np.array([[1.0, 2.0], [0.0, 1.0], [0.5, 0.0]])
    trace = pellucid.trace(linear(2), X, y)
    np.testing.assert_allclose(
        trace["row_loss"][:, 0], ((y - trace["output"]) ** 2).sum(axis=1) / 2
    )


def test_error_is_minus_the_derivative_and_the_gradient_is_not() -> None:
    trace = first_step(linear(loss="absolute_error"))
    np.testing.assert_array_equal(trace["error"], np.sign(Y1 - trace["output"]))
    step = 1e-6
    up = {**START, "b1": [[0.1 + step]]}
    raised = pellucid.trace(linear(loss="absolute_error"), X, Y1, parameters=up)["loss"]
    assert (raised - trace["loss"]) / step == pytest.approx(trace["gradient_b1"].item(), rel=1e-5)


def test_penalties_are_on_weights_and_divided_by_nothing() -> None:
    plain, with_penalty = first_step(linear()), first_step(linear(l1=0.1, l2=0.2))
    W = plain["W1"]
    added = with_penalty["gradient_W1"] - plain["gradient_W1"]
    np.testing.assert_allclose(added, 0.1 * np.sign(W) + 0.2 * W)
    np.testing.assert_array_equal(with_penalty["gradient_b1"], plain["gradient_b1"])
    expected = plain["loss"] + 0.1 * abs(W).sum() + 0.1 * (W**2).sum()
    assert with_penalty["objective"] == pytest.approx(float(expected))


def test_weight_decay_is_decoupled_and_leaves_biases() -> None:
    plain = first_step(linear(), optimizer=pellucid.AdamW(0.1, weight_decay=0.0))
    decayed = first_step(linear(), optimizer=pellucid.AdamW(0.1, weight_decay=0.5))
    np.testing.assert_allclose(decayed["W1_next"], plain["W1_next"] - 0.1 * 0.5 * plain["W1"])
    np.testing.assert_array_equal(decayed["b1_next"], plain["b1_next"])


def two_steps(optimizer: pellucid.Optimizer) -> tuple[list[np.ndarray], list[np.ndarray]]:
    trace = first_step(linear(), optimizer=optimizer, steps=2)
    weights = [trace.step(1)["W1"], trace.step(2)["W1"], trace.step(2)["W1_next"]]
    return weights, [trace.step(k)["gradient_W1"] for k in (1, 2)]


def test_the_rate_multiplies_before_the_momentum() -> None:
    rate = pellucid.Exponential(0.1, decay=0.5)
    trace = pellucid.trace(
        linear(),
        X,
        Y1,
        parameters=START,
        optimizer=pellucid.SGD(rate, momentum=0.9),
        steps=2,
    )
    one, two = trace.step(1), trace.step(2)
    moved = one["W1"] - one["W1_next"]
    np.testing.assert_allclose(moved, 0.1 * one["gradient_W1"])
    np.testing.assert_allclose(two["W1"] - two["W1_next"], 0.9 * moved + 0.05 * two["gradient_W1"])


def test_nesterov_looks_one_step_ahead() -> None:
    W, g = two_steps(pellucid.SGD(0.1, momentum=0.9, nesterov=True))
    v1 = 0.1 * g[0]
    np.testing.assert_allclose(W[0] - W[1], 0.9 * v1 + 0.1 * g[0])
    v2 = 0.9 * v1 + 0.1 * g[1]
    np.testing.assert_allclose(W[1] - W[2], 0.9 * v2 + 0.1 * g[1])


def test_adam_adds_epsilon_after_the_correction() -> None:
    W, g = two_steps(pellucid.Adam(0.1, epsilon=0.5))
    np.testing.assert_allclose(W[0] - W[1], 0.1 * g[0] / (abs(g[0]) + 0.5))


def test_rmsprop_adds_epsilon_outside_the_root() -> None:
    W, g = two_steps(pellucid.RMSprop(0.1, decay=0.75, epsilon=0.5))
    np.testing.assert_allclose(W[0] - W[1], 0.1 * g[0] / (0.5 * abs(g[0]) + 0.5))


def test_label_smoothing_shares_among_all_classes() -> None:
    network = linear(3, loss="cross_entropy", label_smoothing=0.3)
    smoothed = pellucid.trace(network, X, [0, 1, 2])["smoothed_y"]
    np.testing.assert_allclose(smoothed[0], [0.8, 0.1, 0.1])
    single = linear(loss="binary_cross_entropy", label_smoothing=0.3)
    np.testing.assert_allclose(pellucid.trace(single, X, [0, 1, 1])["smoothed_y"][0], [0.15])


def test_dropout_is_inverted() -> None:
    network = pellucid.Network([2, 50, 1], dropout=0.2)
    mask = pellucid.trace(network, X, Y1)["mask_1"]
    assert set(np.unique(mask)) == {0.0, 1.25}


@pytest.mark.parametrize(
    ("name", "slope"),
    [
        ("relu", 0.0),
        ("leaky_relu", 0.01),
        ("elu", 1.0),
        ("selu", 1.0507009873554805 * 1.6732632423543772),
    ],
)
def test_slope_at_the_kink_is_one_of_the_two_sides(name: str, slope: float) -> None:
    network = pellucid.Network([2, 1], output_activation=name)
    zero = {"W1": [[0.0], [0.0]], "b1": [[0.0]]}
    huber = pellucid.Network([2, 1], output_activation=name, loss=pellucid.Huber())
    for net in (network, huber):
        trace = pellucid.trace(net, X, Y1, parameters=zero)
        assert trace["slope_output"][0, 0] == pytest.approx(slope)


def test_parametric_activations_start_as_the_activation_and_are_not_penalised() -> None:
    network = pellucid.Network([2, 3, 1], activation="tanh", parametric_activation=True, l2=0.5)
    optimizer = pellucid.AdamW(0.1, weight_decay=0.5)
    trace = pellucid.trace(network, X, Y1, optimizer=optimizer, steps=2)
    np.testing.assert_array_equal(trace["activation_weight_1"], np.ones((1, 3)))
    np.testing.assert_allclose(trace["hidden_1"], np.tanh(trace["net_input_1"]))
    z, w = trace.step(2)["net_input_1"], trace.step(2)["activation_weight_1"]
    np.testing.assert_allclose(trace.step(2)["hidden_1"], (1 - w) * z + w * np.tanh(z))
    texts = {equation.name: equation.text for equation in trace.equations}
    assert "activation_weight" not in texts["penalty"]
    assert "weight_decay" in texts["W1_next"]
    assert "weight_decay" not in texts["activation_weight_1_next"]


def test_logistic_is_sigmoid() -> None:
    assert pellucid.Network([2, 2, 1], activation="logistic") == pellucid.Network(
        [2, 2, 1], activation="sigmoid"
    )


def test_gelu_is_exact() -> None:
    assert pellucid.Gelu()(np.array([1.0]))[0] == pytest.approx(0.8413447460685429, abs=1e-15)


def test_poisson_loss_is_zero_for_a_perfect_answer() -> None:
    y = np.array([[3.0]])
    parameters = {"W1": [[0.0], [0.0]], "b1": [[np.log(3.0)]]}
    trace = pellucid.trace(linear(loss="poisson"), X[:1], y, parameters=parameters)
    assert trace["loss"] == pytest.approx(0, abs=1e-15)


def test_a_short_batch_has_its_own_mean() -> None:
    trace = first_step(linear(), batch_size=2, steps=2)
    assert [step.rows for step in trace.steps] == [(0, 1), (2,)]
    second = trace.step(2)
    np.testing.assert_allclose(second["gradient_b1"], -(Y1[2:] - second["output"]))


def test_every_convention_is_written_down() -> None:
    text = (Path(__file__).parents[1] / "docs" / "conventions.md").read_text(encoding="utf-8")
    for word in ("Shape of weights", "Weight decay", "Nesterov", "Adam", "kink", "logistic"):
        assert word in text


def test_a_fifth_of_the_rows_is_held_out_each_class_in_its_share() -> None:
    rng = np.random.default_rng(0)
    table, classes = rng.normal(size=(100, 2)), np.repeat(["a", "b"], [80, 20])
    model = pellucid.TabularClassifier(preset="plain", epochs=1, random_state=0).fit(table, classes)
    assert (model.summary_["training_rows"], model.summary_["validation_rows"]) == (80, 20)
    assert model.summary_["trivial_score"] == 0.8
    small = pellucid.TabularClassifier(preset="plain", epochs=1, random_state=0).fit(
        table[-49:], classes[-49:]
    )
    assert small.summary_["validation_rows"] == 0
    assert any("none are held out" in note for note in small.notes_)


def test_the_best_epoch_has_the_lowest_loss_on_the_held_out_rows() -> None:
    rng = np.random.default_rng(0)
    table = rng.normal(size=(100, 2))
    target = table[:, 0] + rng.normal(size=100)
    model = pellucid.TabularRegressor(preset="plain", epochs=60, random_state=0).fit(table, target)
    losses = model.history_.curve("validation_loss")
    assert losses[model.history_.best] == min(losses)
    assert max(i for i, loss in enumerate(losses) if loss == min(losses)) == model.history_.best


def test_the_loss_of_a_row_that_is_certain_and_wrong_is_not_cut_off() -> None:
    rng = np.random.default_rng(0)
    rows, classes = 300 * rng.normal(size=(60, 3)), rng.integers(2, size=60)
    # A rate so small that the weights stay what they were, and the loss is theirs.
    options = {"hidden_layer_sizes": (), "alpha": 0.0, "solver": "sgd", "momentum": 0.0}
    options |= {"learning_rate_init": 1e-300, "max_iter": 1, "random_state": 0}
    with pytest.warns(sklearn.exceptions.ConvergenceWarning):
        ours = pellucid.MLPClassifier(**options).fit(rows, classes)
    with pytest.warns(sklearn.exceptions.ConvergenceWarning):
        theirs = sklearn.neural_network.MLPClassifier(**options).fit(rows, classes)
    z = (rows @ ours.coefs_[0] + ours.intercepts_[0])[:, 0]
    each = np.logaddexp(0.0, z) - classes * z
    np.testing.assert_allclose(ours.loss_, each.mean())
    limit = -np.log(np.finfo(float).eps)
    assert each.max() > limit
    np.testing.assert_allclose(theirs.loss_, np.minimum(each, limit).mean(), rtol=1e-3)
    np.testing.assert_array_equal(ours.coefs_[0], theirs.coefs_[0])
