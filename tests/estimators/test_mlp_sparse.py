"""Sparse rows with both engines: the same weights as of the rows written out, and never a dense X."""

import tracemalloc

import numpy as np
import pytest
import scipy.sparse
from agreement.sparse_rows import thinned, untidy

from pellucid import DivergedError, InputError, MLPClassifier, MLPRegressor
from pellucid.training import choice

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = thinned(RNG.normal(size=(80, 12)), RNG)
SIGNAL = X @ RNG.normal(size=(12, 3)) + RNG.normal(size=(80, 3))
CLASSES = np.argmax(SIGNAL, axis=1)
WEIGHT = RNG.uniform(0.2, 3, 80) * (RNG.random(80) < 0.8)
SPARSE = untidy(X, RNG)


def weights(model):
    return np.concatenate([w.ravel() for w in (*model.coefs_, *model.intercepts_)])


def fitted(rows, engine="compiled", kind=MLPClassifier, y=CLASSES, weight=None, **options):
    given = {"max_iter": 5, "batch_size": 16, "random_state": 0, "n_jobs": 1} | options
    return kind(hidden_layer_sizes=(6,), engine=engine, **given).fit(rows, y, sample_weight=weight)


FORMS = {
    "untidy": lambda: SPARSE,
    "long numbers": lambda: untidy(X, np.random.default_rng(1), np.int64),
    "matrix": lambda: scipy.sparse.csr_matrix(X),
    "by columns": lambda: scipy.sparse.csc_array(X),
    "by places": lambda: scipy.sparse.coo_array(X),
    "empty": lambda: scipy.sparse.csr_array(X.shape),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_forms(form, dtype):
    """In every format, order and type that scikit-learn takes; the type of X stays."""
    rows = FORMS[form]().astype(dtype)
    model = fitted(rows)
    dense = fitted(rows.toarray(), engine="numpy")
    assert model.engine_ == "compiled"
    assert model.coefs_[0].dtype == model.predict_proba(rows).dtype == dtype
    tight = {"rtol": 1e-9, "atol": 1e-12} if dtype == np.float64 else {"rtol": 1e-4, "atol": 1e-5}
    np.testing.assert_allclose(weights(model), weights(dense), **tight)
    np.testing.assert_allclose(model.loss_curve_, dense.loss_curve_, **tight)
    for some in (rows, rows.tocsr()[:1]):
        expected = dense.predict_proba(some.toarray())
        np.testing.assert_allclose(model.predict_proba(some), expected, **tight)


OPTIONS = {
    "sgd": {"solver": "sgd", "learning_rate": "adaptive", "tol": 1e-2, "n_iter_no_change": 1},
    "in order": {"shuffle": False},
    "early stopping": {"early_stopping": True, "validation_fraction": 0.3},
    "penalties": {"l1": 0.01, "alpha": 0.1},
    "dropout": {"dropout": 0.4},
    "weights of rows": {"weight": WEIGHT},
    "weights of rows, held out": {"weight": WEIGHT, "early_stopping": True},
    "lbfgs": {"solver": "lbfgs", "max_iter": 15},
    "lbfgs, weights": {"solver": "lbfgs", "max_iter": 15, "weight": WEIGHT},
    "numbers": {"kind": MLPRegressor, "y": SIGNAL},
    "two threads": {"n_jobs": 2, "batch_size": 80},
}


@pytest.mark.parametrize("option", OPTIONS)
def test_options(option):
    """Whatever shapes a fit, kernels make of sparse rows what NumPy makes of the dense ones."""
    options = OPTIONS[option]
    sparse, dense = fitted(SPARSE, **options), fitted(X, engine="numpy", **options)
    assert (sparse.engine_, sparse.n_iter_) == ("compiled", dense.n_iter_)
    tight = {"rtol": 1e-6, "atol": 1e-9} if "lbfgs" in option else {"rtol": 1e-9, "atol": 1e-12}
    np.testing.assert_allclose(weights(sparse), weights(dense), **tight)
    if options.get("early_stopping"):
        np.testing.assert_allclose(sparse.validation_scores_, dense.validation_scores_, rtol=1e-9)
        losses = dense.validation_loss_curve_
        np.testing.assert_allclose(sparse.validation_loss_curve_, losses, rtol=1e-9)


def test_rows_of_your_own_judge():
    held = {"X_val": SPARSE[:20], "y_val": CLASSES[:20]}
    found = [
        MLPClassifier((6,), engine=engine, max_iter=3, random_state=0)
        .fit(rows, CLASSES, **(held | {"X_val": val}))
        .validation_loss_curve_
        for engine, rows, val in (("compiled", SPARSE, SPARSE[:20]), ("numpy", X, X[:20]))
    ]
    np.testing.assert_allclose(*found, rtol=1e-9)


def test_continued_and_resumed(tmp_path):
    """`partial_fit` goes on from any rows; a resumed fit ends with the bits of one in one go."""
    sparse, dense = (
        MLPClassifier((6,), engine=engine, random_state=0, batch_size=16)
        for engine in ("compiled", "numpy")
    )
    for part in (slice(0, 50), slice(50, 80), slice(20, 60)):
        sparse.partial_fit(SPARSE[part], CLASSES[part], classes=[0, 1, 2])
        dense.partial_fit(X[part], CLASSES[part], classes=[0, 1, 2])
    np.testing.assert_allclose(weights(sparse), weights(dense), rtol=1e-9, atol=1e-12)
    path = tmp_path / "fit"
    options = {"engine": "compiled", "random_state": 0, "tol": 0.0}
    MLPClassifier((6,), max_iter=3, **options).fit(SPARSE, CLASSES, checkpoint=path)
    resumed = MLPClassifier((6,), max_iter=7, **options).fit(SPARSE, CLASSES, resume=path)
    whole = MLPClassifier((6,), max_iter=7, **options).fit(SPARSE, CLASSES)
    np.testing.assert_array_equal(weights(resumed), weights(whole))


def test_equal_numbers_of_threads_give_equal_bits():
    one, two, again = (weights(fitted(SPARSE, n_jobs=n, batch_size=40)) for n in (1, 2, 2))
    np.testing.assert_array_equal(two, again)
    np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-12)


def test_auto_counts_the_entries_that_are_stored(monkeypatch):
    """Of rows with few entries NumPy has done a job that is worth compiling for with many."""
    jobs = [
        choice.Job(MLPClassifier((50,)).fit(X[:2], [0, 1]).network_, 80, 100, entries)
        for entries in (None, 1.0, 1000.0)
    ]
    dense, few, many = (job.seconds_by_numpy for job in jobs)
    assert few < many
    assert dense < many
    monkeypatch.setattr(choice, "LOADING", -1.0)
    monkeypatch.setattr(choice, "COMPILING", -1.0)
    for options in ({}, {"solver": "lbfgs"}):
        assert fitted(SPARSE, "auto", **options).engine_ == "compiled"
    monkeypatch.setattr(choice, "LOADING", 100.0)
    monkeypatch.setattr(choice, "COMPILING", 100.0)
    assert fitted(SPARSE, "auto").engine_ == "numpy"


def test_very_many_rows_are_predicted_by_kernels(monkeypatch):
    """Also where NumPy has trained; few go by NumPy."""
    model = fitted(SPARSE, "numpy").set_params(engine="auto")
    asked = []
    monkeypatch.setattr("pellucid.estimators.mlp_predict.are_on_disk", lambda: True)
    monkeypatch.setattr("pellucid.estimators.mlp_predict.WORTH_LOADING", SPARSE.nnz * 6)
    compiled = "pellucid.estimators.mlp_predict.Ready.compiled"
    monkeypatch.setattr(compiled, lambda self, rows: asked.append(rows.shape) or np.zeros((1, 3)))
    model.predict_proba(SPARSE)
    assert asked == [SPARSE.shape]
    model.predict_proba(SPARSE[:10])
    assert asked == [SPARSE.shape]


def test_nothing_is_made_dense():
    """A fit and a prediction take a twentieth of what the rows would take, written out; a batch took as much."""
    rows = scipy.sparse.random(5_000, 2_000, 0.01, format="csr", random_state=0)
    y = np.arange(5_000) % 2
    options = {"engine": "compiled", "max_iter": 2, "early_stopping": True, "n_jobs": 1}
    MLPClassifier((4,), **options).fit(rows[:500], y[:500])  # kernels and caches are there
    tracemalloc.start()
    try:
        MLPClassifier((4,), **options).fit(rows, y).predict_proba(rows)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5_000 * 2_000 * 8 / 20


def test_rows_that_point_elsewhere():
    """Both where they train and where they are predicted: kernels would read there."""
    model, bad = fitted(SPARSE), scipy.sparse.csr_array(X)
    bad.indices[-1] = 12
    for ask in (lambda: fitted(bad), lambda: model.predict(bad)):
        with pytest.raises(InputError, match=r"80 rows and 12 columns.*column 12 in row \d+"):
            ask()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_cells_are_named(value):
    bad = scipy.sparse.csr_array(X)
    row = int(np.flatnonzero(np.diff(bad.indptr))[3])
    at = bad.indptr[row]
    bad.data[at] = value
    model = fitted(SPARSE)
    for ask in (lambda: fitted(bad), lambda: model.predict(bad)):
        with pytest.raises(InputError, match=rf"{value} in row {row}, column {bad.indices[at]} "):
            ask()


def test_a_loss_that_diverges_is_named_as_by_numpy():
    said = []
    for engine, rows in (("compiled", SPARSE), ("numpy", X)):
        with pytest.raises(DivergedError, match="Epoch") as caught:
            fitted(rows * 1e3, engine, MLPRegressor, SIGNAL, solver="sgd", learning_rate_init=10.0)
        said.append(str(caught.value))
    assert said[0] == said[1]
