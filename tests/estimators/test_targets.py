"""What is said of a target before it is learnt."""

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor

from pellucid.estimators import TabularRegressor
from pellucid.estimators.targets import tail_notes


def column(values):
    return np.asarray(values, float).reshape(-1, 1)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("draw", ["normal", "uniform", "exponential", "gumbel"])
def test_usual_targets_have_no_long_tail(draw, scale):
    values = getattr(np.random.default_rng(0), draw)(size=5_000)
    assert tail_notes("price", column(scale * values)) == []


def test_a_long_tail_is_told_with_what_to_do():
    values = np.exp(1.5 * np.random.default_rng(0).normal(size=5_000))
    (note,) = tail_notes("price", column(values))
    assert "'price'" in note
    assert "above" in note
    assert "predict its logarithm" in note
    assert f"{np.quantile(values, 0.75):.4g}" in note
    (note,) = tail_notes("price", column(-values))  # there is no logarithm
    assert "below" in note
    assert "logarithm" not in note
    assert "loss='huber'" in note


def test_targets_that_are_mostly_one_number_have_no_tail():
    assert tail_notes("claims", column([0] * 95 + [1000] * 5)) == []
    assert tail_notes("claims", column([3.0])) == []


def test_the_note_comes_with_squared_errors_alone():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 2)), np.exp(2 * rng.normal(size=200))
    how = {"preset": "plain", "epochs": 2, "engine": "numpy", "random_state": 0}
    assert any("long tail" in note for note in TabularRegressor(**how).fit(X, y).notes_)
    model = TabularRegressor(loss="huber", **how).fit(X, y)
    assert not any("long tail" in note for note in model.notes_)


def test_scikit_learn_lets_it_predict_a_logarithm():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 2))
    y = np.exp(2 * X[:, 0] + 0.1 * rng.normal(size=300))
    own = TabularRegressor(preset="plain", engine="numpy", random_state=0)
    model = TransformedTargetRegressor(own, func=np.log, inverse_func=np.exp).fit(X, y)
    predicted = model.predict(X)
    assert np.median(abs(np.log(predicted / y))) < 0.2
