"""A saved MLP comes back as it was, and goes on as it would have gone on."""

import numpy as np
import pytest

import pellucid
from pellucid import MLPClassifier, MLPRegressor, ModelFileError
from pellucid.estimators.mlp_files import restored
from pellucid.training.storage import read_model

MLP_KINDS = {kind.__name__: kind for kind in (MLPClassifier, MLPRegressor)}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 3))
SIGNAL = X @ RNG.normal(size=(3, 3))
TARGETS = {
    "texts": np.array(["a", "b", "c"])[np.argmax(SIGNAL, axis=1)],
    "objects": np.array(["a", "b", "c"], dtype=object)[np.argmax(SIGNAL, axis=1)],
    "two": SIGNAL[:, 0] > 0,
    "labels": (SIGNAL > 0).astype(int),
    "numbers": SIGNAL,
    "one number": SIGNAL[:, 0],
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("target", TARGETS)
def test_a_saved_model_predicts_and_goes_on_alike(tmp_path, target, dtype):
    kind = MLPRegressor if "number" in target else MLPClassifier
    options = {"hidden_layer_sizes": (5, 4), "max_iter": 8, "random_state": 1, "dropout": 0.1}
    model = kind(activation=["tanh", pellucid.LeakyRelu(0.2)], solver="sgd", **options)
    model.fit(X.astype(dtype), TARGETS[target])
    model.save(tmp_path / "m.pellucid")
    again = pellucid.load(tmp_path / "m.pellucid")
    assert type(again) is kind
    assert np.array_equal(again.predict(X), model.predict(X))
    assert again.loss_curve_ == model.loss_curve_
    for m in (model, again):
        m.partial_fit(X.astype(dtype), TARGETS[target])
    assert all(np.array_equal(a, b) for a, b in zip(model.coefs_, again.coefs_, strict=True))
    assert again.coefs_[0].dtype == dtype
    assert again.n_iter_ == model.n_iter_


@pytest.mark.parametrize(
    "options",
    [
        {"solver": "lbfgs"},
        {"solver": pellucid.SGD(0.1, momentum=0.5), "n_iter_no_change": np.inf},
        {"early_stopping": True, "scoring": "loss", "initializer": ["he", "lecun"]},
        {"class_weight": {False: 1.0, True: 2.5}, "hidden_layer_sizes": np.array([4])},
        {"activation": np.tanh, "listeners": [print]},
        {"learning_rate": pellucid.Cosine(0.01), "random_state": np.random.RandomState(0)},
    ],
)
def test_parameters_come_back(tmp_path, options):
    if "initializer" in options or "listeners" in options:
        options = {"hidden_layer_sizes": (4,), **options, "listeners": None}
    model = MLPClassifier(**{"max_iter": 5, **options}).fit(X, TARGETS["two"])
    model.save(tmp_path / "m.pellucid")
    again = pellucid.load(tmp_path / "m.pellucid")
    assert np.array_equal(again.predict_proba(X), model.predict_proba(X))
    for name in (
        "solver",
        "n_iter_no_change",
        "scoring",
        "class_weight",
        "max_iter",
        "learning_rate",
    ):
        assert getattr(again, name) == getattr(model, name)
    again.fit(X, TARGETS["two"])


def test_parts_that_do_not_fit_are_one_error(tmp_path):
    """Every part of the text is left out, or replaced, once; never is anything else raised."""
    model = MLPClassifier(max_iter=3).fit(X, TARGETS["texts"])
    model.save(tmp_path / "m.pellucid")
    header, arrays = read_model(tmp_path / "m.pellucid")
    for key in ("choices", "network", "output", "n_features", "feature_names", "classes", "state"):
        for value in ("nonsense", 7, {"values": [1], "type": "S3"}, []):
            damaged = header | {key: value}
            try:
                restored("file", MLP_KINDS, damaged, arrays)
            except ModelFileError as error:
                assert "hangs together" in str(error)  # noqa: PT017
    with pytest.raises(ModelFileError, match="hangs together"):
        restored("file", MLP_KINDS, header, {**arrays, "W1": arrays["W1"][:1]})
