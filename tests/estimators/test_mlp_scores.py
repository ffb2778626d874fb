"""Scores of the rows that judge an MLP are scikit-learn's, to the last bit: which epoch is best hangs on them."""

import numpy as np
import pytest
import scipy.sparse
from sklearn.metrics import accuracy_score, r2_score

from pellucid.estimators import mlp_rows
from pellucid.estimators.mlp_rows import HeldOut
from pellucid.estimators.mlp_scores import accuracy, r2

RNG = np.random.default_rng(0)
CHOSEN = RNG.permutation(3000)[:2001].astype(np.int32)


@pytest.fixture(autouse=True, params=[7, 512])
def at_a_time(request, monkeypatch):
    """How many rows go through together, which must not matter."""
    monkeypatch.setattr(mlp_rows, "JUDGED_AT_A_TIME", request.param)


def held_out(y, weight):
    """Return rows that judge, whose only input is the number that finds what is predicted."""
    return HeldOut(np.arange(3000)[:, None], y, y, weight, None, CHOSEN)


WEIGHTS = [None, RNG.uniform(0, 2, 3000), RNG.integers(0, 3, 3000)]
TYPES = [(np.float64, np.float64), (np.float32, np.float32), (np.int64, np.float32)]


@pytest.mark.parametrize("weight", WEIGHTS, ids=["", "weighted", "counted"])
@pytest.mark.parametrize("types", TYPES, ids=str)
@pytest.mark.parametrize("outputs", [1, 3])
def test_r2(outputs, types, weight):
    y = (10 * RNG.normal(size=(3000, outputs))).astype(types[0])
    answers = (y + RNG.normal(size=y.shape)).astype(types[1])
    before = y.copy()
    found = r2(held_out(y, weight), lambda X: answers[X[:, 0]])
    at = None if weight is None else weight[CHOSEN]
    assert found == r2_score(y[CHOSEN], answers[CHOSEN], sample_weight=at)
    np.testing.assert_array_equal(y, before)


@pytest.mark.parametrize("answer", [1.0, 2.0])
def test_r2_of_a_constant(answer):
    y, constant = np.ones((3000, 1)), np.full((3000, 1), answer)
    wanted = r2_score(y[CHOSEN], constant[CHOSEN])
    assert r2(held_out(y, None), lambda X: constant[X[:, 0]]) == wanted


def test_no_score_of_what_is_not_finite():
    y = np.ones((3000, 1))
    assert np.isnan(r2(held_out(y, None), lambda X: np.full((len(X), 1), np.inf)))
    assert np.isnan(accuracy(held_out(y, None), lambda part: None))


@pytest.mark.parametrize("weight", WEIGHTS, ids=["", "weighted", "counted"])
@pytest.mark.parametrize("kind", ["text", "labels", "sparse"])
def test_accuracy(kind, weight):
    true, answers = RNG.integers(0, 2, (2, 3000, 2))
    if kind == "text":
        true, answers = (np.array(["a", "b", "c"])[v.sum(axis=1)] for v in (true, answers))
    wanted = accuracy_score(
        true[CHOSEN], answers[CHOSEN], sample_weight=None if weight is None else weight[CHOSEN]
    )
    as_they_come = scipy.sparse.csr_array if kind == "sparse" else np.asarray

    def answered(part):
        return tuple(as_they_come(v[part.X[:, 0]]) for v in (true, answers))

    assert accuracy(held_out(true, weight), answered) == wanted


def test_weights_that_are_all_0_get_scikit_learns_words():
    y = np.ones((3000, 1))
    for score in (
        lambda rows: r2(rows, lambda X: y[X[:, 0]]),
        lambda rows: accuracy(rows, lambda part: (part.y, part.y)),
    ):
        with pytest.raises(ValueError, match="at least one non-zero"):
            score(held_out(y, np.zeros(3000)))
