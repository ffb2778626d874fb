"""Tables whose inputs are mostly 0 are kept sparse, and learnt from as if they were not."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import issparse

from pellucid.errors import DivergedError
from pellucid.estimators import TabularClassifier, TabularRegressor

ROWS, IDS = 700, 120
# A network is small, and learns for a few epochs: what one step rounds grows in those that follow.
QUICK = {"random_state": 0, "hidden_sizes": (16, 8), "epochs": 3, "batch_size": 64, "n_jobs": 1}


def a_table(rows=ROWS):
    """A column of many levels, with gaps; one with a frequent level, which is 0 where it is set; numbers."""
    rng = np.random.default_rng(5)
    ids = rng.zipf(1.3, rows) % IDS
    X = pd.DataFrame(
        {
            "id": [None if at % 17 == 0 else f"id{number}" for at, number in enumerate(ids)],
            "often": rng.choice(["often", "seldom", "never"], rows, p=[0.7, 0.2, 0.1]),
            "number": np.where(rng.random(rows) < 0.1, np.nan, rng.normal(size=rows)),
        }
    )
    return X, np.sin(ids) + np.nan_to_num(X["number"]), rng.uniform(0.5, 2, rows)


def is_kept(monkeypatch, *, sparse):
    monkeypatch.setattr("pellucid.estimators.base.sparse_pays", lambda inputs, share: sparse)


def fitted(monkeypatch, kind, y, weight=None, **options):
    """Return two models of the table, of which the second has learnt from sparse rows."""
    models, X = [], a_table()[0]
    for sparse in (False, True):
        is_kept(monkeypatch, sparse=sparse)
        models.append(kind(**{**QUICK, **options}).fit(X, y, weight))
    return models


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize("preset", ["plain", "simple", "default"])
@pytest.mark.parametrize("kind", [TabularClassifier, TabularRegressor])
def test_networks_are_those_of_dense_rows(monkeypatch, kind, preset, engine):
    """With weights of rows and of classes, and with the rows that judge."""
    X, y, weight = a_table()
    options = {"preset": preset, "engine": engine}
    if preset == "default":
        options["members"] = 2
    if kind is TabularClassifier:
        y, options["class_weight"] = np.digitize(y, [-0.5, 0.5]), "balanced"
    dense, sparse = fitted(monkeypatch, kind, y, weight, **options)
    assert sparse.engine_ == engine
    for one, other in zip(dense.members_, sparse.members_, strict=True):
        for name in ("loss", "validation_loss", "score"):
            expected, found = one.history.curve(name), other.history.curve(name)
            np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert sparse.summary_["score"] == pytest.approx(dense.summary_["score"], rel=1e-4)
    assert sparse.summary_["trivial_score"] == dense.summary_["trivial_score"]
    answer = "predict_proba" if kind is TabularClassifier else "predict"
    expected, found = getattr(dense, answer)(X), getattr(sparse, answer)(X)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * abs(expected).max())


def test_what_is_kept_are_the_numbers_of_dense_rows(monkeypatch):
    X, y, _ = a_table(30_000)
    model = TabularRegressor(preset="simple", **QUICK, engine="numpy").fit(X[:ROWS], y[:ROWS])
    columns, prepared = model._known_columns(X), []
    for sparse in (False, True):
        is_kept(monkeypatch, sparse=sparse)
        prepared.append(model._prepared(columns, y.reshape(-1, 1), None).X)
    dense, sparse = prepared
    assert issparse(sparse)
    assert sparse.indices.dtype == sparse.indptr.dtype == np.int32
    assert sparse.dtype == dense.dtype == np.float32
    np.testing.assert_array_equal(sparse.toarray(), dense)
    assert sparse.nnz == np.count_nonzero(dense)


@pytest.mark.parametrize(
    ("levels", "numbers", "sparse"),
    [(150, 1, True), (50, 1, False), (150, 40, False)],
    ids=["many levels", "few inputs", "many numbers"],
)
def test_where_it_pays(levels, numbers, sparse):
    """Few inputs, and those of which many are other than 0, are dense."""
    rows = 3 * levels
    rng = np.random.default_rng(0)
    X = pd.DataFrame({f"x{at}": rng.normal(size=rows) for at in range(numbers)})
    X["id"] = [f"id{at % levels}" for at in range(rows)]
    y = rng.normal(size=rows)
    model = TabularRegressor(preset="simple", **QUICK, engine="numpy").fit(X, y)
    prepared = model._prepared(model._known_columns(X), y.reshape(-1, 1), None).X
    assert issparse(prepared) == sparse


def test_rows_from_everywhere_tell_whether_it_pays():
    """The first thousands of a sorted table may be other than the rest."""
    rows = 10_000
    X = pd.DataFrame({"id": [f"id{at % 200}" for at in range(rows)]})
    for name in range(100):
        X[f"x{name}"] = np.where(np.arange(rows) < rows / 2, 0.0, np.arange(rows) % (7 + name))
    y = np.arange(rows) % 5.0
    model = TabularRegressor(preset="simple", **QUICK, engine="numpy").fit(X[::10], y[::10])
    columns = model._known_columns(X)
    assert not model._is_sparse(columns)
    assert model._is_sparse([column.rows(np.arange(rows // 4)) for column in columns])


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_a_failing_update_is_told_as_that_of_dense_rows(monkeypatch, engine):
    X, y, _ = a_table()
    words = []
    for sparse in (False, True):
        is_kept(monkeypatch, sparse=sparse)
        model = TabularRegressor(
            preset="simple", **QUICK, engine=engine, optimizer="sgd", learning_rate=1e12
        )
        with pytest.raises(DivergedError) as caught:
            model.fit(X, y)
        words.append(str(caught.value))
    assert words[0] == words[1]


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize("kind", [TabularClassifier, TabularRegressor])
def test_a_fit_takes_a_part_of_the_dense_rows(kind, engine):
    rows, levels = 20_000, 1_000
    ids = np.arange(rows) % levels
    X = pd.DataFrame({"id": [f"id{at}" for at in ids], "number": np.arange(rows) % 97.0})
    y = ids % 3
    model = kind(members=1, random_state=0, hidden_sizes=(8,), epochs=1, engine=engine, n_jobs=1)
    model.fit(X[:2000], y[:2000])  # kernels and caches are there
    tracemalloc.start()
    try:
        model.fit(X, y)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 0.6 * 4 * rows * levels
