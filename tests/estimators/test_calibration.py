"""The temperature of chances: what one network needs, and what several need that answer together."""

import numpy as np
import pandas as pd
import pytest

from pellucid.data import penguins_path
from pellucid.estimators import TabularClassifier, tabular
from pellucid.estimators.calibration import temperature_for, temperature_of_mean
from pellucid.estimators.metrics import log_loss


def softmax(logits):
    exponents = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponents / exponents.sum(axis=-1, keepdims=True)


def drawn(rng, chances):
    return (chances.cumsum(axis=1) > rng.uniform(size=(len(chances), 1))).argmax(axis=1)


def test_a_temperature_makes_right_again_what_was_too_sure():
    rng = np.random.default_rng(5)
    logits = rng.normal(scale=1.5, size=(20_000, 4))
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    codes = (chances.cumsum(axis=1) > rng.uniform(size=(20_000, 1))).argmax(axis=1)
    sure = chances**2.5
    sure /= sure.sum(axis=1, keepdims=True)
    assert temperature_for(sure, np.eye(4)[codes], None) == pytest.approx(2.5, rel=0.03)
    assert temperature_for(chances, np.eye(4)[codes], None) == pytest.approx(1.0, rel=0.03)


@pytest.mark.parametrize(("rows", "classes"), [(50, 2), (100, 3), (2_000, 10)])
def test_rows_that_are_all_answered_rightly_leave_room_for_one_that_is_not(rows, classes):
    """As Laplace's rule of succession has it, however sure the answers were."""
    codes = np.arange(rows) % classes
    for chance in (0.6, 0.999):
        y = np.eye(classes)[codes]
        chances = y * chance + (1 - y) * (1 - chance) / (classes - 1)
        chances = chances ** (1 / temperature_for(chances, y, None))
        calibrated = (chances / chances.sum(axis=1, keepdims=True))[np.arange(rows), codes]
        np.testing.assert_allclose(calibrated, (rows + 1) / (rows + classes), rtol=1e-5)


@pytest.mark.parametrize("scale", [0.8, 1.2, 1.6])
def test_a_mean_is_sharpened_more_than_one_network(scale):
    """Networks that differ by noise, smoothed or not: the mean is better with less than their temperature."""
    rng = np.random.default_rng(6)
    logits = rng.normal(scale=2, size=(20_000, 3))
    y = np.eye(3)[drawn(rng, softmax(logits))]
    members = softmax(scale * (logits + rng.normal(scale=0.8, size=(5, *logits.shape))))
    mean, single = members.mean(axis=0), temperature_for(members[0], y, None)

    def loss(temperature):
        return log_loss(softmax(np.log(mean) / temperature), y, None)

    assert loss(temperature_of_mean(single, 1, 5)) < loss(single)


def test_a_temperature_of_as_many_as_answer_is_theirs():
    assert temperature_of_mean(1.3, 1, 1) == 1.3
    assert temperature_of_mean(0.7, 2, 2) == 0.7


@pytest.mark.parametrize(("members", "expected"), [(1, 0.8), (5, 0.72), (10, 0.76)])
def test_an_estimator_counts_who_has_answered_held_out_rows(monkeypatch, members, expected):
    """Of five networks one has answered each of them, of ten two."""
    monkeypatch.setattr(tabular, "temperature_for", lambda *given: 0.8)
    table = pd.read_csv(penguins_path())
    how = {"epochs": 2, "hidden_sizes": (4,), "engine": "numpy", "random_state": 0}
    model = TabularClassifier(members=members, **how)
    model.fit(table.drop(columns="species"), table["species"])
    assert model.target_.temperature == pytest.approx(expected)
