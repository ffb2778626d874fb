"""Start weights that read rows, held to loops over single numbers and to what they are for."""

import statistics

import naive
import numpy as np
import pytest

import pellucid
from pellucid.catalogue.initializers import DataDriven
from pellucid.errors import InputError
from pellucid.network import Network
from pellucid.training import starting
from pellucid.training.starting import start_on

X = np.random.default_rng(0).normal(3, [0.1, 1, 20], (40, 3))


def network(**options):
    return Network([3, 5, 4, 2], activation="selu", initializer="data_driven", **options)


def sums(net, views, rows=X):
    """Return each layer's net inputs before the bias, by the oracle's forward pass."""
    kind = {"parametric": net.parametric_activation, "input_scale": net.input_scale}
    layers = [(layer.activation.name, {}) for layer in net.layers]
    trace = {}
    given = {"X": rows.tolist(), **{name: value.tolist() for name, value in views.items()}}
    naive.forward({"layers": layers, **kind}, given, trace)
    return [np.array(trace[f"net_input_{at}"]) - views[f"b{at}"] for at in (1, 2, 3)]


OPTIONS = [{}, {"parametric_activation": True, "input_scale": True, "dropout": 0.5}]


@pytest.mark.parametrize("options", OPTIONS, ids=["plain", "with all"])
def test_net_inputs_have_variance_1_and_neurons_bend_among_the_rows(options):
    net = network(**options)
    views = net.views(start_on(net, X, 1))
    for at, found in enumerate(sums(net, views), 1):
        np.testing.assert_allclose(found.std(axis=0), 1, rtol=1e-9)
        place = -views[f"b{at}"][0]
        assert (found.min(axis=0) <= place).all()
        assert (place <= found.max(axis=0)).all()


def test_the_draws_one_by_one():
    """The first layer from the same draws, with nothing but loops."""
    views = network().views(start_on(network(), X, 7))
    rng = np.random.default_rng(7)
    drawn = rng.normal(size=(3, 5))
    rows, shares = rng.integers(40, size=(5, 5)), rng.exponential(size=(5, 5))
    for j in range(5):
        found = [sum(row[i] * drawn[i][j] for i in range(3)) for row in X.tolist()]
        spread = statistics.pstdev(found)
        np.testing.assert_allclose(views["W1"][:, j], drawn[:, j] / spread, rtol=1e-9)
        total = sum(shares[k][j] for k in range(5))
        mean = sum(shares[k][j] / total * found[rows[k][j]] / spread for k in range(5))
        assert views["b1"][0, j] == pytest.approx(-mean, rel=1e-9)


def test_the_unit_of_the_inputs_does_not_matter():
    small, large = (network().views(start_on(network(), rows, 3)) for rows in (X, 1000 * X))
    np.testing.assert_allclose(large["W1"], small["W1"] / 1000, rtol=1e-9)
    for name in ("b1", "W2", "b2", "W3", "b3"):
        np.testing.assert_allclose(large[name], small[name], rtol=1e-9)


def test_given_parameters_are_kept_and_what_follows_is_drawn_behind_them():
    net = network(input_scale=True)
    given = {"W1": np.full((3, 5), 0.01), "input_scale": [[0, 1, 2]]}
    views = net.views(start_on(net, X, 1, given))
    np.testing.assert_array_equal(views["W1"], given["W1"])
    np.testing.assert_array_equal(views["input_scale"], given["input_scale"])
    first, second, _ = sums(net, views)
    np.testing.assert_allclose(second.std(axis=0), 1, rtol=1e-9)
    assert (abs(first + views["b1"]).max(axis=0) > 0).all()
    assert (first.min(axis=0) <= -views["b1"]).all()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("rows", [X[:1], np.full((9, 3), 0.1), np.zeros((4, 3))])
def test_rows_that_are_all_the_same_leave_the_weights_as_for_inputs_of_variance_1(rows, dtype):
    views = network().views(start_on(network(), rows.astype(dtype), 2, dtype=dtype))
    assert views["W1"].dtype == dtype
    drawn = np.random.default_rng(2).normal(size=(3, 5))
    np.testing.assert_allclose(views["W1"], drawn / np.sqrt(3), rtol=1e-6)
    assert all(abs(value).max() < 10 for name, value in views.items() if name[0] == "W")


def test_many_rows_are_drawn_from(monkeypatch):
    monkeypatch.setattr(starting, "MOST_ROWS", 20)
    views = network().views(start_on(network(), X, 1))
    chosen = X[np.random.default_rng(1).choice(40, 20, replace=False)]
    np.testing.assert_allclose(sums(network(), views, chosen)[1].std(axis=0), 1, rtol=1e-9)


def test_layers_that_read_no_rows_start_as_ever():
    plain = Network([3, 4, 1], initializer=["he", "neural_tangent"])
    np.testing.assert_array_equal(start_on(plain, X, 5), plain.start(5))
    mixed = Network([3, 4, 1], initializer=["data_driven", "zeros"])
    views = mixed.views(start_on(mixed, X, 5))
    assert views["W1"].any()
    assert not views["W2"].any()


def test_without_rows_it_is_refused():
    with pytest.raises(InputError, match="rows for the initializer 'data_driven' of layer 1"):
        network().start(0)
    with pytest.raises(InputError, match="no parameter 'W9'"):
        start_on(network(), X, 0, {"W9": 1})
    with pytest.raises(InputError, match="number of points"):
        DataDriven(points=0)


def test_traces_and_gradient_checks_start_on_their_rows():
    y = np.ones((40, 2))
    trace = pellucid.trace(network(), X, y, random_state=4)
    np.testing.assert_array_equal(trace["W2"], network().views(start_on(network(), X, 4))["W2"])
    checked = pellucid.check_gradients(network(), X[:5], y[:5], random_state=4)
    assert checked.max_relative_error < 1e-6
