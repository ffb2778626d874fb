"""Looking into a fitted MLP: several steps, the answer of a classifier, hidden layers as data frames."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone

from pellucid import MLPClassifier
from pellucid.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(2)
X = RNG.normal(size=(80, 4))
NUMBERS = X @ RNG.normal(size=(4, 3))
CLASSES = np.argmax(NUMBERS, axis=1)


def classifier(**options):
    options = {"hidden_layer_sizes": (6, 5), "max_iter": 15, "random_state": 0, **options}
    return MLPClassifier(**options)


def test_several_traced_steps_are_several_partial_fits():
    model = classifier(solver="adam", alpha=0.5).fit(X, CLASSES)
    trace = model.trace(X, CLASSES, steps=4)
    for step in trace.steps:
        model.partial_fit(X, CLASSES)
        np.testing.assert_allclose(step["W1_next"], model.coefs_[0], rtol=1e-10)
        np.testing.assert_allclose(step["b3_next"][0], model.intercepts_[2], rtol=1e-10)
    with pytest.raises(InputError, match="no update to go on from"):
        classifier(solver="lbfgs").fit(X, CLASSES).trace(X, CLASSES, steps=2)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_answer_is_part_of_the_trace(classes):
    y = np.array(["no", "yes", "perhaps"])[
        np.asarray(NUMBERS[:, 0] > 0, int) + (classes - 2) * (X[:, 0] > 0)
    ]
    model = classifier().fit(X, y)
    trace = model.trace(X, y)
    codes = trace["predicted_class"][:, 0].astype(int)
    assert np.array_equal(model.classes_[codes], model.predict(X))
    chances = trace["probability" if classes == 2 else "output"]
    np.testing.assert_allclose(chances, model.predict_proba(X), rtol=1e-12)


def test_hidden_output_comes_in_the_container_that_was_asked_for():
    frame = pd.DataFrame(
        X, columns=[f"x{k}" for k in range(X.shape[1])], index=range(5, 5 + len(X))
    )
    model = classifier().fit(frame, CLASSES)
    plain = model.hidden_output(frame)
    assert isinstance(plain, np.ndarray)
    found = model.set_output(transform="pandas").hidden_output(frame, 1)
    assert found.index.equals(frame.index)
    assert list(found.columns) == [f"hidden1_{k}" for k in range(6)]
    polars = clone(model).set_output(transform="polars").fit(frame, CLASSES).hidden_output(frame)
    assert np.array_equal(polars.to_numpy(), plain)
    assert model.set_output() is model
    assert isinstance(model.hidden_output(frame), pd.DataFrame)
    with sklearn.config_context(transform_output="polars"):
        assert type(classifier().fit(frame, CLASSES).hidden_output(frame)).__module__.startswith(
            "polars"
        )
    with pytest.raises(InputError, match="Expected one of 'default', 'pandas', 'polars'"):
        model.set_output(transform="list")
