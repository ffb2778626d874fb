"""A fit that was cut off goes on from its file, to exactly the weights of one that was not."""

import numpy as np
import pytest

import pellucid
from pellucid import InputError, MLPClassifier, MLPRegressor
from pellucid.training import choice
from pellucid.training.events import EpochStarted

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
SIGNAL = X @ RNG.normal(size=(3, 3))
CLASSES = np.argmax(SIGNAL, axis=1)


class Cut(Exception):
    pass


def cut(event):
    if isinstance(event, EpochStarted) and event.number == 6:
        raise Cut


OPTIONS = {
    "adam": {},
    "early stopping": {"early_stopping": True, "validation_fraction": 0.2},
    "dropout": {"dropout": 0.3, "solver": "sgd"},
    "inverse scaling": {"solver": "sgd", "learning_rate": "invscaling"},
    "adaptive": {"solver": "sgd", "learning_rate": "adaptive", "n_iter_no_change": 1, "tol": 1.0},
    "own adaptive": {"solver": "sgd", "learning_rate": pellucid.Adaptive(0.1, tol=0.1)},
    "cosine": {"learning_rate": "cosine", "activation": "mish"},
    "not shuffled": {"shuffle": False, "restore_best_weights": True},
    "no seed": {"random_state": None, "early_stopping": True, "validation_fraction": 0.2},
}


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize("options", OPTIONS)
def test_resumed_is_exactly_as_uninterrupted(tmp_path, options, engine):
    """Whether the file was written right before the cut, or some epochs earlier."""
    place = tmp_path / "fit.pellucid"
    options = {
        "max_iter": 12,
        "batch_size": 9,
        "random_state": 4,
        "learning_rate_init": 0.02,
        "engine": engine,
    } | OPTIONS[options]
    np.random.seed(7)  # noqa: NPY002 (what random_state=None reads)
    whole = MLPClassifier(**options).fit(X, CLASSES)
    np.random.seed(7)  # noqa: NPY002
    with pytest.raises(Cut):
        MLPClassifier(**options, listeners=[cut]).fit(X, CLASSES, checkpoint=place)
    resumed = MLPClassifier(**options).fit(X, CLASSES, resume=place, checkpoint=place)
    assert all(np.array_equal(a, b) for a, b in zip(whole.coefs_, resumed.coefs_, strict=True))
    assert all(
        np.array_equal(a, b) for a, b in zip(whole.intercepts_, resumed.intercepts_, strict=True)
    )
    for name in ("loss_curve_", "n_iter_", "t_", "validation_scores_", "best_loss_"):
        assert getattr(whole, name) == getattr(resumed, name)
    assert len(whole.history_) == len(resumed.history_)
    finished = MLPClassifier(**options).fit(X, CLASSES, resume=place)
    assert all(np.array_equal(a, b) for a, b in zip(whole.coefs_, finished.coefs_, strict=True))


def test_it_goes_on_by_the_engine_that_began_it(tmp_path, monkeypatch):
    """What "auto" would choose in another process may be the other one, and change the last digits."""
    place = tmp_path / "fit.pellucid"
    for begun, then in (("compiled", 1e9), ("numpy", -1.0)):
        options = {"max_iter": 12, "random_state": 4, "batch_size": 9}
        whole = MLPClassifier(**options, engine=begun).fit(X, CLASSES)
        monkeypatch.setattr(choice, "LOADING", 1e9 if begun == "numpy" else -1.0)
        monkeypatch.setattr(choice, "COMPILING", choice.LOADING)
        with pytest.raises(Cut):
            MLPClassifier(**options, listeners=[cut]).fit(X, CLASSES, checkpoint=place)
        monkeypatch.setattr(choice, "LOADING", then)
        monkeypatch.setattr(choice, "COMPILING", then)
        resumed = MLPClassifier(**options).fit(X, CLASSES, resume=place)
        assert resumed.engine_ == begun
        assert np.array_equal(whole.coefs_[0], resumed.coefs_[0])


def test_own_validation_rows_and_numbers(tmp_path):
    place = tmp_path / "fit.pellucid"
    options = {"max_iter": 12, "random_state": 4, "early_stopping": True}
    held = {"X_val": X[40:], "y_val": SIGNAL[40:], "sample_weight": np.linspace(0, 1, 40)}
    whole = MLPRegressor(**options).fit(X[:40], SIGNAL[:40], **held)
    with pytest.raises(Cut):
        MLPRegressor(**options, listeners=[cut]).fit(X[:40], SIGNAL[:40], **held, checkpoint=place)
    resumed = MLPRegressor(**options).fit(X[:40], SIGNAL[:40], **held, resume=place)
    assert np.array_equal(whole.coefs_[0], resumed.coefs_[0])


def test_what_does_not_belong_is_refused(tmp_path):
    place, model = tmp_path / "fit.pellucid", MLPClassifier(max_iter=2)
    model.fit(X, CLASSES, checkpoint=place).save(tmp_path / "model.pellucid")
    with pytest.raises(InputError, match="which is none"):
        model.fit(X, CLASSES, resume=tmp_path / "model.pellucid")
    with pytest.raises(InputError, match="which is none"):
        MLPRegressor().fit(X, SIGNAL, resume=place)
    with pytest.raises(InputError, match="the 60 rows that the fit was begun with"):
        model.fit(X[:50], CLASSES[:50], resume=place)
    with pytest.raises(InputError, match="the same parameters, X and y"):
        MLPClassifier((3,)).fit(X, CLASSES, resume=place)
    with pytest.raises(InputError, match="the same parameters, X and y"):
        model.fit(X, CLASSES + 1, resume=place)
    others = {
        "solver": "sgd", "learning_rate_init": 0.1, "batch_size": 7, "activation": "tanh", "dropout": 0.5,
        "alpha": 1.0, "l1": 0.1, "loss": "squared_error", "label_smoothing": 0.2, "random_state": 5,
        "class_weight": {0: 1.0, 1: 2.0, 2: 3.0},
    }  # fmt: skip
    for name, value in others.items():
        with pytest.raises(InputError, match=f"another {name}"):
            MLPClassifier(max_iter=4, **{name: value}).fit(X, CLASSES, resume=place)
    for rows, weight in ((X + 1, None), (X, np.ones(60)), (X.astype(np.float32), None)):
        with pytest.raises(InputError, match="of the same shape"):
            model.fit(rows, CLASSES, weight, resume=place)
    with pytest.raises(InputError, match="of the same shape"):
        model.fit(X, CLASSES[::-1], resume=place)
    MLPClassifier(max_iter=4, verbose=True, n_jobs=1).fit(X, CLASSES, resume=place)
    with pytest.raises(InputError, match="stochastic solver"):
        MLPClassifier(solver="lbfgs").fit(X, CLASSES, checkpoint=place)
    with pytest.raises(pellucid.ModelFileError, match="the checkpoint of a fit"):
        pellucid.load(place)
    with pytest.raises(pellucid.ModelFileError):
        model.fit(X, CLASSES, resume=tmp_path / "nothing.pellucid")
    assert model.score(X, CLASSES) > 0
