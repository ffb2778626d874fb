"""What judges held-out rows: its loss and outputs are those of the step's own lines."""

import numpy as np
import pytest
import scipy.sparse
from agreement.sparse_rows import thinned, untidy

from pellucid.engine import predictor
from pellucid.engine.predictor import Judge
from pellucid.network import Network
from pellucid.training import loop
from pellucid.training.rows import Rows

NETWORKS = [
    {"loss": "squared_error"},
    {"loss": "cross_entropy", "label_smoothing": 0.1, "input_scale": True},
    {"loss": "absolute_error", "output_activation": "sigmoid", "parametric_activation": True},
]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("given", NETWORKS, ids=lambda given: "-".join(map(str, given.values())))
def test_it_agrees_with_the_step(monkeypatch, given, weighted, sparse, threads):
    monkeypatch.setattr(predictor, "CHUNK", 8)  # so that few rows make many parts
    monkeypatch.setattr(predictor, "WORTH_DIVIDING", 100)  # and each thread has some
    rng = np.random.default_rng(3)
    network = Network([4, 5, 3], activation="tanh", l2=0.1, **given)
    X, y = rng.normal(size=(60, 4)), np.eye(3)[rng.integers(3, size=60)]
    X = untidy(thinned(X, rng), rng) if sparse else X
    weight = rng.uniform(0.5, 2, size=(60, 1)) if weighted else None
    chosen = rng.permutation(60)[:37]
    flat = network.start(1) + rng.normal(0, 0.1, network.parameter_count)
    rows = Rows(X, y, weight, chosen)
    expected, outputs, bad = loop._forward(network, network.views(flat), rows)
    assert not bad
    loss, found = Judge(network, X, y.astype(bool), weight, chosen, threads)(flat)
    np.testing.assert_allclose(found, outputs, rtol=1e-12)
    assert loss == pytest.approx(expected, rel=1e-12)


def test_all_rows_judge_where_none_are_chosen():
    network = Network([2, 3, 1])
    X, y = np.ones((5, 2), np.float32), np.zeros((5, 1), np.float32)
    flat = network.start(0, dtype=np.float32)
    _, outputs = Judge(network, X, y)(flat)
    assert outputs.shape == (5, 1)
    assert outputs.dtype == np.float32


def test_sparse_rows_are_read_by_numbers_that_exist():
    network, X = Network([2, 3, 1]), scipy.sparse.csr_array(np.eye(2))
    with pytest.raises(IndexError):
        Judge(network, X, np.zeros((3, 1)), chosen=np.array([2]))


def test_rows_are_divided_evenly_where_that_pays():
    network = Network([2, 300, 300, 1])
    X, y = np.ones((100, 2), np.float32), np.zeros((100, 1), np.float32)
    assert Judge(network, X, y, threads=2)._at_once == 50
    assert Judge(Network([2, 3, 1]), X, y, threads=2)._at_once == 100
