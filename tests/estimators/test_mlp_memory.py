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
