"""Scores of a report: the same numbers as scikit-learn's, and as plain loops where it has none."""

import math

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn import metrics
from sklearn.calibration import calibration_curve

from pellucid.report import measures


@pytest.fixture(params=[2, 3, 7])
def classified(request):
    """Targets, predictions, chances and weights of 120 rows; the last class is never true."""
    rng = np.random.default_rng(request.param)
    classes = request.param
    true = rng.integers(0, max(2, classes - 1), 120)
    chances = rng.dirichlet(np.ones(classes), 120)
    chances[:30] = np.round(chances[:30], 1)  # equal ones, zeros among them
    chances[:, -1] = 1 - chances[:, :-1].sum(axis=1)
    chances = np.clip(chances, 0, 1)
    return true, np.argmax(chances, axis=1), chances, rng.uniform(0.1, 3, 120)


def values_of(scores):
    return {score.name: score.value for score in scores}


def test_class_scores_are_those_of_scikit_learn(classified):
    true, predicted, chances, weight = classified
    classes = list(range(chances.shape[1]))
    scores, most = measures.class_scores(true, predicted, chances, weight)
    found = values_of(scores)
    assert found["accuracy"] == pytest.approx(
        metrics.accuracy_score(true, predicted, sample_weight=weight), rel=1e-12
    )
    there = np.unique(true)
    recall = metrics.recall_score(
        true, predicted, labels=there, average=None, sample_weight=weight, zero_division=0
    )
    assert found["balanced accuracy"] == pytest.approx(recall.mean(), rel=1e-12)
    with np.errstate(divide="ignore"):
        expected = metrics.log_loss(true, chances, labels=classes, sample_weight=weight)
    assert found["log loss"] == pytest.approx(expected, rel=1e-9)
    expected = metrics.brier_score_loss(
        true, chances if len(classes) > 2 else chances[:, 1], labels=classes, sample_weight=weight
    )
    assert found["Brier score"] == pytest.approx(expected, rel=1e-12)
    assert most == np.argmax(np.bincount(true, weight))
    if len(classes) == 2:
        expected = metrics.roc_auc_score(true, chances[:, 1], sample_weight=weight)
        assert found["ROC AUC"] == pytest.approx(expected, rel=1e-12)
    else:
        assert "ROC AUC" not in found


def test_trivial_scores_are_those_of_the_most_frequent_class(classified):
    true, _, chances, weight = classified
    scores, most = measures.class_scores(true, true, chances, weight)
    shares = np.bincount(true, weight, chances.shape[1]) / weight.sum()
    always = np.tile(shares, (len(true), 1))
    trivial = {score.name: score.trivial for score in scores}
    assert trivial["accuracy"] == pytest.approx(
        metrics.accuracy_score(true, np.full(len(true), most), sample_weight=weight), rel=1e-12
    )
    labels = list(range(len(shares)))
    assert trivial["log loss"] == pytest.approx(
        metrics.log_loss(true, always, labels=labels, sample_weight=weight), rel=1e-9
    )


def test_each_class_is_scored_as_by_scikit_learn(classified):
    true, predicted, chances, weight = classified
    classes = chances.shape[1]
    counts = measures.confusion(true, predicted, weight, classes)
    labels = list(range(classes))
    np.testing.assert_allclose(
        counts,
        metrics.confusion_matrix(true, predicted, labels=labels, sample_weight=weight),
        rtol=1e-12,
    )
    expected = metrics.precision_recall_fscore_support(
        true, predicted, labels=labels, sample_weight=weight, zero_division=np.nan
    )
    found = measures.by_class(counts)
    for name, values in zip(("precision", "recall", "f1"), expected, strict=False):
        np.testing.assert_allclose([f[name] for f in found], values, rtol=1e-12)


def test_a_class_that_is_absent_has_no_recall():
    found = measures.by_class(np.array([[2.0, 1.0], [0.0, 0.0]]))
    assert np.isnan(found[1]["recall"])
    assert found[1]["precision"] == 0


def test_reliability_is_that_of_scikit_learn_and_of_a_loop():
    rng = np.random.default_rng(0)
    chance = rng.uniform(size=400)
    chance[:3] = 0, 1, 0.5
    happened = rng.uniform(size=400) < chance**1.5
    found = measures.calibration(chance, happened, np.ones(400))
    shares, chances = calibration_curve(happened, chance, n_bins=measures.BINS)
    np.testing.assert_allclose([b["share"] for b in found["bins"]], shares)
    np.testing.assert_allclose([b["chance"] for b in found["bins"]], chances)
    error = 0.0
    for at in range(measures.BINS):
        inside = [i for i in range(400) if max(math.ceil(chance[i] * 10), 1) == at + 1]
        gap = sum(chance[i] for i in inside) - sum(happened[i] for i in inside)
        error += abs(gap) / 400
    assert found["expected_error"] == pytest.approx(error, rel=1e-12)
    assert sum(b["rows"] for b in found["bins"]) == 400
    assert found["bias"] == pytest.approx(happened.mean() - chance.mean())


def test_weights_count_rows_as_often():
    """A row of weight 3 is as good as three rows."""
    rng = np.random.default_rng(1)
    chance, happened = rng.uniform(size=50), rng.integers(0, 2, 50)
    times = rng.integers(1, 4, 50)
    once = measures.calibration(chance, happened, times.astype(float))
    often = measures.calibration(
        np.repeat(chance, times), np.repeat(happened, times), np.ones(times.sum())
    )
    assert once["expected_error"] == pytest.approx(often["expected_error"], rel=1e-12)
    true, predicted = rng.normal(size=50), rng.normal(size=50)
    once = measures.residuals(true, predicted, times.astype(float))
    often = measures.residuals(
        np.repeat(true, times), np.repeat(predicted, times), np.ones(times.sum())
    )
    assert once == pytest.approx(often, rel=1e-12)


@pytest.mark.parametrize(("right", "rows"), [(0, 7), (68, 69), (69, 69), (310, 1000)])
def test_interval_is_wilsons(right, rows):
    expected = binomtest(right, rows).proportion_ci(method="wilson")
    assert measures.wilson_interval(right / rows, rows) == pytest.approx(tuple(expected), abs=1e-12)


def test_number_scores_are_those_of_scikit_learn():
    rng = np.random.default_rng(2)
    true, weight = rng.normal(5, 2, 80), rng.uniform(0.1, 2, 80)
    predicted = true + rng.normal(0, 0.7, 80)
    scores, mean = measures.number_scores(true, predicted, weight)
    found, known = values_of(scores), {"sample_weight": weight}
    assert found["R²"] == pytest.approx(metrics.r2_score(true, predicted, **known))
    assert found["root mean squared error"] == pytest.approx(
        metrics.root_mean_squared_error(true, predicted, **known)
    )
    assert found["mean absolute error"] == pytest.approx(
        metrics.mean_absolute_error(true, predicted, **known)
    )
    trivial = {score.name: score.trivial for score in scores}
    assert trivial["mean absolute error"] == pytest.approx(
        metrics.mean_absolute_error(true, np.full(80, mean), **known)
    )
    assert trivial["R²"] == 0


def test_targets_that_are_all_the_same_have_no_r2():
    names = [s.name for s in measures.number_scores(np.ones(4), np.zeros(4), np.ones(4))[0]]
    assert names == ["root mean squared error", "mean absolute error"]


def test_residuals_hold_so_many_rows():
    true = np.arange(10.0)
    predicted = true - np.array([0, 1, -1, 2, -2, 3, -3, 4, -4, 9.0])
    found = measures.residuals(true, predicted, np.ones(10))
    assert (found["half_within"], found["nine_tenths_within"]) == (2, 4)
    assert (found["lowest"], found["highest"], found["mean"]) == (-4, 9, pytest.approx(0.9))
