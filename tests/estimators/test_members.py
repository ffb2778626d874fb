"""Several networks that answer together: who judges which rows, what they answer, and how they are kept."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from sklearn import metrics as sklearn_metrics

from pellucid.data import penguins_path
from pellucid.errors import InputError
from pellucid.estimators import TabularClassifier, TabularRegressor, load
from pellucid.estimators.holding_out import hold_out
from pellucid.estimators.metrics import CLASS_METRICS, NUMBER_METRICS
from pellucid.evaluator import compute, predict
from pellucid.training.events import EpochEnded

QUICK = {"members": 3, "epochs": 12, "random_state": 0, "engine": "numpy", "hidden_sizes": (8,)}


@pytest.fixture(scope="module")
def penguins():
    return pd.read_csv(penguins_path())


@pytest.fixture(scope="module")
def classes(penguins):
    X, y = penguins.drop(columns="species"), penguins["species"]
    return TabularClassifier(preset="plain", **QUICK).fit(X, y), X, y


@pytest.fixture(scope="module")
def numbers(penguins):
    known = penguins[penguins.body_mass_g.notna()]
    X, y = known.drop(columns="body_mass_g"), known["body_mass_g"]
    return TabularRegressor(preset="plain", **QUICK).fit(X, y), X, y


def outputs(model, X):
    """Return each member's outputs, from the preparation's lines and the evaluator alone."""
    columns = model._known_columns(X)
    prepared = compute(model.preparation_.lines, model.preparation_.given(columns))["X"]
    return [predict(model.network_, m.parameters, prepared)["output"] for m in model.members_]


def test_the_answer_is_the_mean_of_the_members(classes, numbers):
    model, X, _ = classes
    np.testing.assert_allclose(
        model.predict_proba(X), np.mean(outputs(model, X), axis=0), rtol=1e-12
    )
    model, X, _ = numbers
    expected = np.mean(outputs(model, X), axis=0)[:, 0] * model.target_.scale + model.target_.mean
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-12)


def test_members_differ_and_the_first_is_what_the_attributes_show(classes):
    model, *_ = classes
    first, second, _ = model.members_
    assert not np.array_equal(first.parameters["W1"], second.parameters["W1"])
    assert model.parameters_ is first.parameters
    assert model.history_ is first.history
    assert model.summary_["members"] == 3


def test_the_score_is_that_of_networks_that_have_not_seen_the_row(classes):
    model, X, y = classes
    codes = np.searchsorted(model.classes_, y)
    seed = np.random.RandomState(0).randint(np.iinfo(np.int32).max)
    parts, _ = hold_out(len(y), 0.2, codes, seed, 3)
    right = [
        (outputs(model, X.iloc[held])[at].argmax(axis=1) == codes[held]).mean() * len(held)
        for at, (_, held) in enumerate(parts)
    ]
    rows = sum(len(held) for _, held in parts)
    assert model.summary_["validation_rows"] == rows
    assert model.summary_["score"] == pytest.approx(sum(right) / rows)


@given(
    rows=st.integers(50, 200),
    members=st.integers(1, 12),
    fraction=st.sampled_from([0.1, 0.2, 0.34, 0.5]),
    seed=st.integers(0, 2**31 - 1),
    classes=st.booleans(),
)
@settings(deadline=None)
def test_every_member_has_every_row_once(rows, members, fraction, seed, classes):
    codes = np.arange(rows) % 3 if classes else None
    parts, note = hold_out(rows, fraction, codes, seed, members)
    assert (len(parts), note) == (members, "")
    for training, held in parts:
        assert sorted([*training, *held]) == list(range(rows))
        assert abs(len(held) - rows * fraction) <= 0.35 * rows * fraction + 3
    folds = round(1 / fraction)
    if members >= folds > 1:
        together = np.concatenate([held for _, held in parts[:folds]])
        assert sorted(together) == list(range(rows))


@pytest.mark.parametrize("member", [1, 3])
def test_a_trace_shows_one_member_and_the_answer_of_all(classes, member):
    model, X, y = classes
    trace = model.trace(X.iloc[:4], y.iloc[:4], member=member)
    every = outputs(model, X.iloc[:4])
    np.testing.assert_allclose(trace["output"], every[member - 1], rtol=1e-12)
    others = [o for at, o in enumerate(every) if at != member - 1]
    np.testing.assert_allclose(trace["output_of_2"], others[0], rtol=1e-12)
    np.testing.assert_allclose(trace["mean_output"], np.mean(every, axis=0), rtol=1e-12)
    assert trace.symbols["output_of_2"].meaning == "the network's answer (member 2)"
    np.testing.assert_array_equal(
        model.classes_[trace["predicted_class"][:, 0].astype(int)], model.predict(X.iloc[:4])
    )


def test_a_member_that_there_is_not_is_refused(classes):
    model, X, y = classes
    with pytest.raises(InputError, match="member from 1 to 3"):
        model.trace(X.iloc[:4], y.iloc[:4], member=4)


def test_they_come_back_from_a_file(classes, numbers, tmp_path):
    for model, X, _ in (classes, numbers):
        model.save(tmp_path / "model.pellucid")
        again = load(tmp_path / "model.pellucid")
        np.testing.assert_array_equal(again.predict(X), model.predict(X))
        assert [m.history.best for m in again.members_] == [m.history.best for m in model.members_]
        assert [m.clock for m in again.members_] == [m.clock for m in model.members_]
        trace, before = (
            m.trace(X.iloc[:3], model.predict(X.iloc[:3]), member=2) for m in (again, model)
        )
        np.testing.assert_array_equal(trace["W1_next"], before["W1_next"])


def test_ctrl_c_keeps_the_members_that_are_done(penguins):
    seen = []

    def stop(event):
        if isinstance(event, EpochEnded):
            seen.append(event)
            if event.run.plan.member == 3 and event.number == 1:
                raise KeyboardInterrupt

    X, y = penguins.drop(columns="species"), penguins["species"]
    model = TabularClassifier(preset="plain", **QUICK, n_jobs=2, listeners=[stop]).fit(X, y)
    assert len(model.members_) == 2
    assert "Training was interrupted after 2 of 3 networks." in model.notes_
    assert model.interrupted_
    assert {e.run.plan.members for e in seen} == {3}


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_ctrl_c_before_any_member_is_done_keeps_what_there_is_of_each(penguins, engine):
    def stop(event):
        if isinstance(event, EpochEnded) and (event.run.plan.member, event.number) == (2, 1):
            raise KeyboardInterrupt

    X, y = penguins.drop(columns="species"), penguins["species"]
    model = TabularClassifier(
        preset="plain", **(QUICK | {"engine": engine}), n_jobs=3, listeners=[stop]
    )
    model.fit(X, y)
    assert [len(m.history) for m in model.members_] == [2, 2, 1]
    assert "Training was interrupted after 2 epochs of 3 of 3 networks." in model.notes_
    assert len(model.predict(X)) == len(X)


def test_members_that_are_trained_at_the_same_time_are_those_trained_one_by_one(penguins):
    X, y = penguins.drop(columns="species"), penguins["species"]
    compiled = QUICK | {"engine": "compiled"}
    one, two = (TabularClassifier(**compiled, n_jobs=n).fit(X, y) for n in (1, 3))
    for own, other in zip(one.members_, two.members_, strict=True):
        assert own.history.best == other.history.best
        for name, value in own.parameters.items():
            np.testing.assert_array_equal(value, other.parameters[name])


def test_class_weights_are_sample_weights(penguins):
    X, y = penguins.drop(columns="species"), penguins["species"]
    counts = y.value_counts()
    own = TabularClassifier(preset="plain", class_weight="balanced", **QUICK).fit(X, y)
    weight = (len(y) / (3 * counts))[y].to_numpy()
    same = TabularClassifier(preset="plain", **QUICK).fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(own.predict_proba(X), same.predict_proba(X), rtol=1e-9)
    with pytest.raises(InputError, match="class_weight"):
        TabularClassifier(class_weight="heavy", **QUICK).fit(X, y)


def test_metrics_are_those_of_scikit_learn():
    rng = np.random.default_rng(2)
    chances = rng.dirichlet([1, 2, 3], size=80).astype(np.float32)
    codes, weight = rng.integers(3, size=80), rng.uniform(0.5, 2, size=80)
    y, guess = np.eye(3)[codes], chances.argmax(axis=1)
    expected = {
        "accuracy": sklearn_metrics.accuracy_score(codes, guess, sample_weight=weight),
        "balanced_accuracy": sklearn_metrics.balanced_accuracy_score(
            codes, guess, sample_weight=weight
        ),
        "f1_macro": sklearn_metrics.f1_score(codes, guess, average="macro", sample_weight=weight),
        "log_loss": -sklearn_metrics.log_loss(
            codes, chances / chances.sum(axis=1, keepdims=True), sample_weight=weight
        ),
        "brier": -np.average(((chances - y) ** 2).sum(axis=1), weights=weight),
        "roc_auc": np.mean(
            [
                sklearn_metrics.roc_auc_score(codes == k, chances[:, k], sample_weight=weight)
                for k in range(3)
            ]
        ),
    }
    assert set(expected) == set(CLASS_METRICS)
    for name, value in expected.items():
        found = CLASS_METRICS[name].score(chances, y, weight[:, None])
        assert found == pytest.approx(value, rel=1e-5), name


def test_metrics_of_numbers_are_those_of_scikit_learn():
    rng = np.random.default_rng(3)
    output, y, weight = rng.normal(size=(3, 50, 1))
    weight = abs(weight)
    how = {"sample_weight": weight[:, 0]}
    expected = {
        "r2": sklearn_metrics.r2_score(y, output, **how),
        "rmse": -np.sqrt(sklearn_metrics.mean_squared_error(y, output, **how)),
        "mae": -sklearn_metrics.mean_absolute_error(y, output, **how),
    }
    assert set(expected) == set(NUMBER_METRICS)
    for name, value in expected.items():
        assert NUMBER_METRICS[name].score(output, y, weight) == pytest.approx(value), name


@pytest.mark.parametrize("metric", ["rmse", "mae"])
def test_a_score_in_the_units_of_the_target(metric):
    """What the summary says of the rows held out, and of the trivial guess, is in the target's units."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(200, 2))
    y = 1_000 + 50 * X[:, 0] + rng.normal(size=200)
    model = TabularRegressor(preset="plain", metric=metric, random_state=0, epochs=20).fit(X, y)
    (held,) = model.held_out_rows_
    known, answers = y[held], model.predict(X[held])
    trivial = np.full(len(held), np.delete(y, held).mean())
    score = {
        "rmse": sklearn_metrics.root_mean_squared_error,
        "mae": sklearn_metrics.mean_absolute_error,
    }[metric]
    assert model.summary_["score"] == pytest.approx(score(known, answers), rel=1e-4)
    assert model.summary_["trivial_score"] == pytest.approx(score(known, trivial), rel=1e-4)
    assert -max(model.history_.curve("score")) == pytest.approx(score(known, answers), rel=1e-4)


def test_one_output_for_two_classes_is_judged_as_two():
    rng = np.random.default_rng(4)
    chance, y = rng.uniform(size=(40, 1)), (rng.uniform(size=(40, 1)) < 0.3).astype(float)
    both = np.concatenate([1 - chance, chance], axis=1), np.concatenate([1 - y, y], axis=1)
    for metric in CLASS_METRICS.values():
        assert metric.score(chance, y) == pytest.approx(metric.score(*both))


def test_the_epoch_is_chosen_by_the_metric(penguins):
    X, y = penguins.drop(columns="species"), penguins["species"]
    model = TabularClassifier(preset="plain", metric="log_loss", **QUICK).fit(X, y)
    assert model.network_.label_smoothing == 0  # it would make chances too modest
    assert model.summary_["metric"] == "log-loss"
    assert 0 < model.summary_["score"] < model.summary_["trivial_score"]
    for member in model.members_:
        scores = member.history.curve("score")
        assert member.history.best == len(scores) - 1 - int(np.argmax(scores[::-1]))
    with pytest.raises(InputError, match="metric"):
        TabularClassifier(metric="logloss", **QUICK).fit(X, y)


def test_a_time_limit_compresses_the_schedule(penguins):
    X, y = penguins.drop(columns="species"), penguins["species"]
    asked = QUICK | {"members": 2, "epochs": 100_000}
    model = TabularClassifier(preset="simple", time_limit=1.0, **asked).fit(X, y)
    for member in model.members_:
        rates = member.history.curve("learning_rate")
        assert len(rates) < 100_000
        assert rates[-1] < 0.1 * max(
            rates
        )  # a schedule that was cut short would stand near its top
        assert "time limit" in member.stopped_because
    assert model.summary_["seconds"] < 4
