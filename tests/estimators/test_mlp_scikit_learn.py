"""Changing the import is all it takes: the same weights, curves and counts as scikit-learn's, by the same draws."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
import scipy.sparse
from sklearn.base import is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier as TheirClassifier, MLPRegressor as TheirRegressor
from sklearn.utils.estimator_checks import check_estimator

from pellucid import MLPClassifier, MLPRegressor
from pellucid.training import choice

CURVES = ("loss_curve_", "validation_scores_")
NUMBERS = (
    "n_iter_",
    "t_",
    "loss_",
    "best_loss_",
    "best_validation_score_",
    "n_layers_",
    "n_outputs_",
)


@pytest.fixture(params=["numpy", "compiled"])
def engine(request):
    """The name of an engine: each has to be scikit-learn's equal."""
    return request.param


def data(task, rows=57):
    """Return inputs and targets as users have them."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(rows, 4))
    signal = X @ rng.normal(size=(4, 3)) + 0.3 * rng.normal(size=(rows, 3))
    return X, {
        "one number": signal[:, 0],
        "three numbers": signal,
        "counts": rng.poisson(np.exp(signal[:, 0] / 3)).astype(float),
        "two classes": np.where(signal[:, 0] > 0, "yes", "no"),
        "three classes": np.argmax(signal, axis=1),
        "labels": (signal > 0).astype(int),
    }[task]


def pair(task, **options):
    """Return our estimator and theirs for a task."""
    if task == "counts":
        options = {"loss": "poisson", **options}
    ours, theirs = (
        (MLPRegressor, TheirRegressor)
        if task in ("one number", "three numbers", "counts")
        else (MLPClassifier, TheirClassifier)
    )
    options = {"max_iter": 10, "hidden_layer_sizes": (6, 5), "random_state": 3, **options}
    own = {"engine": options.pop("engine", "auto")}
    return ours(**options, **own), theirs(**options)


def assert_same(ours, theirs, tol=1e-9):
    for name in ("coefs_", "intercepts_"):
        for mine, its in zip(getattr(ours, name), getattr(theirs, name), strict=True):
            assert mine.dtype == its.dtype
            assert mine.shape == its.shape
            np.testing.assert_allclose(mine, its, rtol=tol, atol=tol)
    for name in (*NUMBERS, *CURVES):
        mine, its = getattr(ours, name, None), getattr(theirs, name, None)
        assert (mine is None) == (its is None), name
        if mine is not None:
            np.testing.assert_allclose(mine, its, rtol=1e-7, err_msg=name)
    assert ours.out_activation_ == theirs.out_activation_
    assert ours.engine in ("auto", ours.engine_)


def both_fit(task, weighted=False, **options):
    X, y = data(task)
    weight = np.random.default_rng(1).uniform(0.5, 2, len(X)) if weighted else None
    models = pair(task, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for model in models:
            model.fit(X, y, **({} if weight is None else {"sample_weight": weight}))
    return (*models, X, y)


TASKS = ("one number", "three numbers", "counts", "two classes", "three classes", "labels")
SOLVERS = {
    "plain": {"solver": "sgd", "momentum": 0.0, "learning_rate_init": 0.02},
    "momentum": {"solver": "sgd", "nesterovs_momentum": False, "learning_rate_init": 0.02},
    "nesterov": {"solver": "sgd", "learning_rate_init": 0.02},
    "adam": {"solver": "adam", "learning_rate_init": 0.01, "epsilon": 1e-4},
}


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("task", TASKS)
def test_weights_after_ten_epochs(task, solver, early_stopping, engine):
    options = {**SOLVERS[solver], "early_stopping": early_stopping, "batch_size": 10}
    options["engine"] = engine
    ours, theirs, X, _ = both_fit(task, alpha=0.1, activation="tanh", **options)
    assert_same(ours, theirs)
    if is_classifier(ours):
        np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-9)
    else:
        np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-9)


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("rule", ["constant", "invscaling", "adaptive"])
@pytest.mark.parametrize("solver", ["plain", "nesterov"])
def test_schedules(solver, rule, early_stopping, shuffle, engine):
    """A tolerance that is never met makes the adaptive rate fall and the others stop."""
    options = {**SOLVERS[solver], "learning_rate": rule, "n_iter_no_change": 2, "tol": 0.05}
    options |= {"early_stopping": early_stopping, "shuffle": shuffle, "batch_size": 8}
    options["engine"] = engine
    assert_same(*both_fit("three classes", power_t=0.3, max_iter=30, **options)[:2])


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_activations_and_weights_of_rows(activation, early_stopping, engine):
    options = {
        "engine": engine,
        "activation": activation,
        "early_stopping": early_stopping,
        "learning_rate_init": 0.01,
    }
    for task in ("one number", "two classes"):
        assert_same(*both_fit(task, weighted=True, **options)[:2])


@pytest.mark.parametrize("task", TASKS)
def test_many_rows_go_through_in_parts(task, monkeypatch):
    """Those that judge, and the classes that are encoded: the parts together are the whole."""
    monkeypatch.setattr("pellucid.estimators.mlp_rows.JUDGED_AT_A_TIME", 4)
    monkeypatch.setattr("pellucid.estimators.mlp_classes.AT_A_TIME", 16)
    options = {"early_stopping": True, "validation_fraction": 0.25, "learning_rate_init": 0.01}
    assert_same(*both_fit(task, weighted=True, **options)[:2])


@pytest.mark.parametrize("sizes", [5, [], (3, 4, 5)])
def test_sizes(sizes):
    assert_same(*both_fit("two classes", hidden_layer_sizes=sizes)[:2])


@pytest.mark.parametrize("solver", ["nesterov", "adam"])
@pytest.mark.parametrize("rule", ["constant", "invscaling", "adaptive"])
def test_a_fit_goes_on(solver, rule, engine):
    """`partial_fit` keeps the optimizer's state, `warm_start` the weights alone; both keep the curves."""
    X, y = data("three classes")
    options = {"learning_rate": rule, "warm_start": True, "engine": engine}
    models = pair("three classes", **options, **SOLVERS[solver])
    for model in models:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(X, y).fit(X, y)
            for _ in range(3):
                model.partial_fit(X, y)
    assert_same(*models)
    assert len(models[0].loss_curve_) == 23


def test_partial_fit_from_the_start():
    X, y = data("two classes")
    models = pair("two classes", **SOLVERS["adam"])
    for model in models:
        for start in range(0, 50, 10):
            model.partial_fit(X[start : start + 10], y[start : start + 10], classes=["no", "yes"])
    assert_same(*models)


def test_weights_that_a_user_sets_are_used():
    """Prediction and a continued fit read the lists as they stand."""
    ours, theirs, X, y = both_fit("one number", **SOLVERS["nesterov"])
    for model in (ours, theirs):
        model.coefs_[0] = np.full((4, 6), 0.1)
        model.intercepts_ = [np.zeros(6), np.ones(5), np.zeros(1)]
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-12)
    for model in (ours, theirs):
        model.partial_fit(X, y)
    assert_same(ours, theirs)


@pytest.mark.parametrize("task", ["one number", "counts", "two classes", "three classes", "labels"])
def test_lbfgs(task, engine):
    """Where scikit-learn's gradient is that of its loss, both follow the same path."""
    options = {"activation": "tanh", "alpha": 0.1, "max_iter": 8, "engine": engine}
    ours, theirs, _, _ = both_fit(task, solver="lbfgs", **options)
    assert ours.engine_ == engine
    for mine, its in zip(ours.coefs_, theirs.coefs_, strict=True):
        np.testing.assert_allclose(mine, its, rtol=1e-6, atol=1e-6)
    assert ours.n_iter_ == theirs.n_iter_
    assert ours.loss_ == pytest.approx(theirs.loss_, rel=1e-8)


def test_lbfgs_with_several_outputs_finds_a_better_minimum():
    """scikit-learn minimises the mean over outputs with the gradient of the sum; ours is the right one."""
    ours, theirs, _, _ = both_fit("three numbers", solver="lbfgs", max_iter=200, alpha=1e-3)
    k = 3

    def objective(model):
        error = model.predict(data("three numbers")[0]) - data("three numbers")[1]
        weights = sum((W**2).sum() for W in model.coefs_)
        return (error**2).sum() / 2 / len(error) + 1e-3 / 2 * weights / len(error)

    assert objective(ours) <= objective(theirs) * (1 + 1e-6)
    error = ours.predict(data("three numbers")[0]) - data("three numbers")[1]
    weights = sum((W**2).sum() for W in ours.coefs_)
    printed = (error**2).sum() / 2 / len(error) / k + 1e-3 / 2 * weights / len(error)
    assert ours.loss_ == pytest.approx(printed)


@pytest.mark.parametrize("kind", [scipy.sparse.csr_matrix, scipy.sparse.csc_array])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_sparse_rows(kind, solver):
    X, y = data("two classes")
    X = np.where(np.abs(X) > 0.7, X, 0.0)
    dense, sparse = (pair("two classes", solver=solver, batch_size=10)[0] for _ in range(2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        dense.fit(X, y)
        sparse.fit(kind(X), y)
    np.testing.assert_allclose(sparse.coefs_[0], dense.coefs_[0], rtol=1e-9)
    np.testing.assert_allclose(sparse.predict_proba(kind(X)), dense.predict_proba(X), rtol=1e-9)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_sparse_labels(early_stopping, engine):
    """Labels in a sparse matrix are learned, and come back in one."""
    X, y = data("labels")
    y = scipy.sparse.csr_array(y)
    ours, theirs = pair("labels", early_stopping=early_stopping, engine=engine)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        assert_same(ours.fit(X, y), theirs.fit(X, y))
    assert (ours.predict(X) != theirs.predict(X)).nnz == 0
    assert ours.score(X, y) == theirs.score(X, y)
    if not early_stopping:
        assert_same(ours.partial_fit(X, y), theirs.partial_fit(X, y))


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_float32_stays(solver, engine):
    """The type of X is that of the weights and of what is predicted."""
    X, y = data("one number")
    ours = pair("one number", solver=solver, engine=engine)[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        ours.fit(X.astype(np.float32), y)
    assert {v.dtype for v in (*ours.coefs_, *ours.intercepts_)} == {np.dtype(np.float32)}
    assert ours.predict(X.astype(np.float32)).dtype == np.float32


def test_parameters_come_first_and_have_the_same_defaults():
    import inspect

    for ours, theirs in ((MLPClassifier, TheirClassifier), (MLPRegressor, TheirRegressor)):
        mine = list(inspect.signature(ours).parameters.values())
        its = list(inspect.signature(theirs).parameters.values())
        assert [(p.name, p.kind, p.default) for p in mine[: len(its)]] == [
            (p.name, p.kind, p.default) for p in its
        ]
        assert all(p.kind is p.KEYWORD_ONLY for p in mine[len(its) :])


def test_every_attribute_and_method_is_there():
    for task in ("one number", "two classes"):
        ours, theirs, _, _ = both_fit(task, early_stopping=True)
        names = {name for name in dir(theirs) if not name.startswith("_")}
        assert names <= set(dir(ours))


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@pytest.mark.long
def test_check_estimator(kind, engine, monkeypatch):
    if engine == "compiled":  # "auto" then never waits for NumPy
        monkeypatch.setattr(choice, "LOADING", 0.0)
        monkeypatch.setattr(choice, "COMPILING", 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(kind(max_iter=100), on_skip=None)
    assert {r["check_name"] for r in results if r["status"] not in ("passed", "skipped")} == set()


THEIR_TESTS = """
import sys
import pellucid.training.choice as choice
if {compiled}:
    choice.LOADING = choice.COMPILING = 0  # "auto" never waits for NumPy
import pytest
import sklearn.neural_network
from pellucid import MLPClassifier, MLPRegressor
sklearn.neural_network.MLPClassifier = MLPClassifier
sklearn.neural_network.MLPRegressor = MLPRegressor
from sklearn.neural_network.tests import test_mlp
assert test_mlp.MLPClassifier is MLPClassifier
# The first reads a private method; the second asks for weights that are not numbers.
left_out = "not test_gradient and not test_mlp_diverging_loss"
sys.exit(pytest.main([test_mlp.__file__, "-q", "-k", left_out, "-p", "no:cacheprovider", "-c", "/dev/null"]))
"""


@pytest.mark.long
def test_scikit_learns_own_tests(engine):
    """Its tests of the MLP pass with our classes in place of its own."""
    done = subprocess.run(
        [sys.executable, "-c", THEIR_TESTS.format(compiled=engine == "compiled")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "passed" in done.stdout
