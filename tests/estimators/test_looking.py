"""Looking into a fitted estimator for tables."""

import numpy as np
import pytest

import pellucid
from pellucid.errors import InputError
from pellucid.preparation import ClassTarget


@pytest.fixture(scope="module")
def small():
    """A network on so few rows that the last epoch is kept."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 2))
    return pellucid.TabularClassifier((4,), epochs=3, random_state=0, preset="plain").fit(
        X, X[:, 0] > 0
    ), X


def test_the_next_step_moves_even_after_the_last_epoch(small):
    """The schedule ends at 0; a step of size 0 would teach nothing."""
    model, X = small
    trace = model.trace(X[:1], X[:1, 0] > 0)
    assert trace["learning_rate"] > 0
    assert (trace["W1_next"] != trace["W1"]).any()


def test_every_cell_of_preparation_and_step_can_be_explained(small):
    model, X = small
    trace = model.trace(X[:2], X[:2, 0] > 0)
    for name in trace.formulas:
        cell = trace.cell(name, 0, 0)
        assert cell.inputs
        assert cell.value == pytest.approx(float(np.atleast_2d(trace[name])[0, 0]))


def test_gradients_of_a_fitted_estimator_are_right(small):
    model, X = small
    assert pellucid.check_gradients(model, X, X[:, 0] > 0).max_relative_error < 1e-6
    with pytest.raises(InputError, match="with its own weights"):
        pellucid.check_gradients(model, X, X[:, 0] > 0, parameters={"W1": [[1.0]]})


def test_without_targets_the_trace_ends_at_the_output(small):
    model, X = small
    trace = model.trace(X[:1])
    assert "output" in trace
    assert "loss" not in trace
    with pytest.raises(InputError, match="Give y as well"):
        trace.chain_rule("W1", 0, 0)


def test_the_trivial_guess_is_weighted_as_the_score_is():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(100, 2)), np.repeat(["a", "b"], [80, 20])
    weight = np.where(y == "a", 0.01, 1.0)
    model = pellucid.TabularClassifier(preset="plain", epochs=2, random_state=0).fit(X, y, weight)
    assert model.summary_["trivial_guess"] == "always b"
    assert model.summary_["trivial_score"] > 0.9


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_the_answer_of_a_classifier_is_part_of_the_trace(classes):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(60, 3))
    y = np.array([f"kind {k}" for k in rng.integers(classes, size=60)])
    model = pellucid.TabularClassifier((4,), epochs=3, random_state=0, preset="plain").fit(X, y)
    trace = model.trace(X, y)
    chances = trace["probability"] if classes == 2 else trace["output"]
    assert np.array_equal(chances, model.predict_proba(X))
    codes = trace["predicted_class"][:, 0].astype(int)
    assert np.array_equal(codes, chances.argmax(axis=1))
    assert np.array_equal(model.classes_[codes], model.predict(X))
    assert trace.cell("predicted_class", 7).value == codes[7]


def test_of_equal_chances_the_first_class_is_the_answer():
    values = {}
    target = ClassTarget("kind", ("a", "b", "c"))
    given = {"output": np.array([[0.2, 0.4, 0.4], [0.5, 0.5, 0.0]]), **target.fitted}
    target.answer(values.setdefault, given)
    assert values["predicted_class"].tolist() == [[1.0], [0.0]]
    two, values = ClassTarget("kind", ("a", "b")), {}
    two.answer(values.setdefault, {"output": np.array([[0.5], [0.6]]), **two.fitted})
    assert values["predicted_class"].tolist() == [[0], [1]]


def test_several_steps_follow_each_other(small):
    model, X = small
    trace = model.trace(X[:4], X[:4, 0] > 0, steps=3, dropout=True)
    assert len(trace.steps) == 3
    for before, after in zip(trace.steps, trace.steps[1:], strict=False):
        assert np.array_equal(after["W1"], before["W1_next"])
        assert np.array_equal(after["second_moment_b2"], before["second_moment_b2_next"])
        assert after["update_number"] == before["update_number"] + 1
        assert not np.array_equal(after["mask_1"], before["mask_1"])
    assert np.array_equal(trace["W1"], model.trace(X[:4], X[:4, 0] > 0)["W1"])
    with pytest.raises(InputError, match=r"no update to go on from\. Got 2"):
        model.trace(X[:4], steps=2)
    with pytest.raises(InputError, match="number of steps"):
        model.trace(X[:4], X[:4, 0] > 0, steps=0)
