"""What a report says of a network's layers, for layers that are made ill on purpose."""

import numpy as np
import pytest

import pellucid
from pellucid.report import health

ROWS = 40


def traced(activation, change, sizes=(3, 8, 6, 2), loss="cross_entropy"):
    """Return a trace of a network whose parameters were changed."""
    rng = np.random.default_rng(0)
    network = pellucid.Network(list(sizes), activation=activation, loss=loss)
    parameters = {name: np.array(v) for name, v in network.views(network.start(0)).items()}
    change(parameters)
    X = rng.normal(size=(ROWS, sizes[0]))
    y = rng.integers(0, 2, ROWS) if loss == "cross_entropy" else rng.normal(size=(ROWS, sizes[-1]))
    return pellucid.trace(network, X, y, parameters=parameters, optimizer=pellucid.SGD(0.1))


def said(trace):
    layers = health.layer_health(trace)
    return layers, health.advice(layers, ROWS)


def test_a_healthy_network_gets_no_advice():
    layers, advice = said(traced("silu", lambda p: None))
    assert [a["well"] for a in advice] == [True, True]
    assert [layer["neurons"] for layer in layers] == [8, 6, 2]
    assert not any(a["do"] for a in advice)


def test_dead_neurons_are_counted():
    """A relu with a bias of −100 is 0 in every row."""

    def kill(parameters):
        parameters["b1"][0, :5] = -100

    layers, advice = said(traced("relu", kill))
    assert layers[0]["dead"] == 5
    assert "5 of 8 neurons" in advice[0]["means"]
    assert "learning rate" in advice[0]["do"]
    assert layers[0]["flat"] >= 5 / 8


def test_one_dead_neuron_is_told_without_alarm():
    def kill(parameters):
        parameters["b1"][0, 0] = -100

    _, advice = said(traced("relu", kill))
    assert advice[0]["well"]
    assert "1 neuron is flat" in advice[0]["means"]


def test_saturated_layers_are_told():
    def saturate(parameters):
        parameters["W1"] *= 40

    layers, advice = said(traced("tanh", saturate))
    assert layers[0]["flat"] > 0.5
    assert "saturated" in advice[0]["means"]
    assert advice[1]["well"]


def test_a_layer_that_answers_all_rows_alike_is_told():
    def blind(parameters):
        parameters["W1"][:] = 0

    _, advice = said(traced("softplus", blind))
    assert "the same in every row" in advice[0]["means"]


@pytest.mark.parametrize(
    ("factor", "word"), [(1e-4, "smaller"), (1e4, "larger"), (0, "No error reaches it")]
)
def test_errors_that_fade_or_swell_are_told(factor, word):
    def scale(parameters):
        parameters["W3"] *= factor

    _, advice = said(traced("identity", scale, loss="squared_error"))
    assert word in advice[0]["means"]


def test_sizes_are_those_of_the_trace():
    trace = traced("tanh", lambda p: None)
    layers, _ = said(trace)
    assert layers[1]["mean"] == pytest.approx(trace["hidden_2"].mean())
    assert layers[1]["spread"] == pytest.approx(trace["hidden_2"].std())
    for at, name in ((0, "1"), (2, "3")):
        for what, array in (("weights", f"W{name}"), ("gradients", f"gradient_W{name}")):
            total = sum(float(v) ** 2 for v in trace[array].flat) / trace[array].size
            assert layers[at][what] == pytest.approx(total**0.5)
    assert layers[2]["deltas"] == pytest.approx(np.sqrt((trace["delta_output"] ** 2).mean()))
    assert layers[2]["flat"] is None
    assert sum(layers[0]["shares"]) == pytest.approx(1)


def test_few_rows_say_nothing():
    trace = traced("relu", lambda p: None)
    assert "With 3 rows" in health.advice(health.layer_health(trace), 3)[0]["means"]


def test_a_layer_without_slopes_of_its_own_is_described_too():
    layers, advice = said(traced("softmax", lambda p: None))
    assert layers[0]["dead"] is None
    assert advice[0]["means"]
