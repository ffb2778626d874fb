"""What a fit takes beside the rows themselves: they are read where they stand."""

import tracemalloc

import numpy as np
import pytest

from pellucid import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

# So many that buffers of a fixed size, for a thousand rows or so, are small beside them.
ROWS, COLUMNS = 40_000, 200


def peak_of_a_fit(kind, y, **options):
    """Return the most that was taken at once, in bytes, and how much the rows are."""
    X = np.random.default_rng(0).normal(size=(ROWS, COLUMNS))
    options |= {"hidden_layer_sizes": (10,), "max_iter": 2, "n_jobs": 1}
    kind(**options).fit(X[:500].copy(), y[:500])  # kernels and caches are there
    tracemalloc.start()
    try:
        model = kind(**options).fit(X, y)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return peak, X.nbytes, model.network_.parameter_count * 8


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_a_tenth_of_the_rows_and_some_parameters(kind, early_stopping, engine):
    """With ten classes, and with the rows held out that stop early."""
    y = np.arange(ROWS) % 10
    y = y if kind is MLPClassifier else y / 10
    peak, rows, parameters = peak_of_a_fit(kind, y, early_stopping=early_stopping, engine=engine)
    assert peak < 0.1 * rows + 12 * parameters


def test_lbfgs_goes_through_the_rows_by_chunks():
    y = np.arange(ROWS) / ROWS
    peak, rows, parameters = peak_of_a_fit(MLPRegressor, y, solver="lbfgs", engine="compiled")
    assert peak < 0.1 * rows + 40 * parameters  # L-BFGS remembers ten steps and gradients


@pytest.mark.parametrize("answers", [0, 1], ids=["a class", "numbers"])
def test_lbfgs_reads_rows_of_float32_where_they_stand(answers):
    y = (NUMBERS % 2, NUMBERS / ALL)[answers]
    kind = (MLPClassifier, MLPRegressor)[answers]
    model = kind(hidden_layer_sizes=(3,), solver="lbfgs", max_iter=2, engine="compiled", n_jobs=1)
    few, whole = peaks(model, FEW, y, None)
    assert (whole - few) / (ALL - FEW) < 6.4


def peaks(model, rows, y, weight, columns=2):
    """Return the most that a fit takes at once, in bytes, for some rows and for three times as many."""
    X = np.random.default_rng(0).normal(size=(3 * rows, columns)).astype(np.float32)
    found = []
    for count in (2000, rows, 3 * rows):  # the first brings kernels and caches
        some = () if weight is None else (weight[:count],)
        tracemalloc.start()
        try:
            model.fit(X[:count], y[:count], *some)
            found.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    return found[1:]


FEW, ALL = 20_000, 60_000
NUMBERS = np.arange(ALL)
ANSWERS = {
    "two classes": NUMBERS % 2,
    "text": np.array(["no", "yes"])[NUMBERS % 2],
    "ten classes": NUMBERS % 10,
    "float64": NUMBERS / ALL,
    "float32": (NUMBERS / ALL).astype(np.float32),
    "int64": NUMBERS % 7,
}


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("answers", ANSWERS)
def test_a_tenth_of_sixteen_columns_of_float32(answers, early_stopping, engine):
    """No array has a number of eight bytes for each row; one of four has the order, and one byte the class."""
    y = ANSWERS[answers]
    kind = MLPRegressor if answers in ("float64", "float32", "int64") else MLPClassifier
    options = {"early_stopping": early_stopping, "engine": engine}
    model = kind(hidden_layer_sizes=(3,), max_iter=1, n_jobs=1, batch_size=1000, **options)
    few, whole = peaks(model, FEW, y, None)
    assert (whole - few) / (ALL - FEW) < 6.4


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_rows_that_are_not_shuffled_have_no_order(engine):
    """Of two classes there is a byte for each row, and nothing else."""
    options = {"engine": engine, "max_iter": 1, "n_jobs": 1, "batch_size": 1000, "shuffle": False}
    few, whole = peaks(MLPClassifier((3,), **options), FEW, ANSWERS["two classes"], None)
    assert (whole - few) / (ALL - FEW) < 1.6


@pytest.mark.parametrize("kind", ["float64", "float32", "int64"])
@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_weights_are_read_where_they_stand(engine, kind):
    options = {"engine": engine, "max_iter": 1, "n_jobs": 1, "batch_size": 1000}
    weight = (1 + NUMBERS % 3).astype(kind)
    few, whole = peaks(MLPClassifier((3,), **options), FEW, ANSWERS["two classes"], weight)
    assert (whole - few) / (ALL - FEW) < 6.4


@pytest.mark.parametrize("choice", ["balanced", {0: 1.0, 1: 3.0}])
@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_what_classes_weigh_is_looked_up(engine, choice):
    options = {"engine": engine, "max_iter": 1, "n_jobs": 1, "batch_size": 1000}
    model = MLPClassifier((3,), class_weight=choice, early_stopping=True, **options)
    few, whole = peaks(model, FEW, ANSWERS["two classes"], None)
    assert (whole - few) / (ALL - FEW) < 6.4
