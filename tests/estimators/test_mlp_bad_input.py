"""What cannot be used is refused in words that say where it is, and a failed fit leaves nothing behind."""

import re

import numpy as np
import pandas as pd
import pyarrow
import pytest
import scipy.sparse
from sklearn.exceptions import NotFittedError

import pellucid
from pellucid import DivergedError, InputError, MLPClassifier, MLPRegressor
from pellucid.estimators.mlp_epochs import NOT_FINITE

X = np.random.default_rng(0).normal(size=(40, 3))
Y = X @ [1.0, -2.0, 0.5]
SIGN = (Y > 0).astype(int)


def spoiled(value, row=4, column=1):
    bad = X.copy()
    bad[row, column] = value
    return bad


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_cells_that_are_not_finite_are_named(kind, value):
    with pytest.raises(InputError, match=rf"Input X contains .*Got {value} in row 4, column 1"):
        kind().fit(spoiled(value), SIGN)


def test_columns_are_named():
    frame = pd.DataFrame(spoiled(np.nan), columns=["age", "income", "height"])
    with pytest.raises(InputError, match=r"row 4, column 1, 'income', counted from 0"):
        MLPRegressor().fit(frame, Y)


def test_columns_of_arrow_are_named():
    columns = {name: spoiled(np.nan)[:, at] for at, name in enumerate("abc")}
    with pytest.raises(InputError, match=r"row 4, column 1, 'b', counted from 0"):
        MLPRegressor().fit(pyarrow.table(columns), Y)


def test_validation_rows_are_named_apart():
    """NaN, classes and outputs that the fit does not know, and weights of no rows, are refused."""
    with pytest.raises(InputError, match=r"finite numbers in X_val\. Got nan in row 4, column 1"):
        MLPRegressor().fit(X, Y, X_val=spoiled(np.nan), y_val=Y)
    for classes in (SIGN, SIGN + (X[:, 0] > 0)):
        with pytest.raises(InputError, match=r"Expected y_val with the classes .*Got \[7\]"):
            MLPClassifier().fit(X, classes, X_val=X[:2], y_val=[1, 7])
    with pytest.raises(InputError, match=r"Expected y_val for 1 outputs, as y had them\. Got 2"):
        MLPRegressor().fit(X, Y, X_val=X, y_val=np.c_[Y, Y])
    with pytest.raises(InputError, match="Expected X_val and y_val with sample_weight_val"):
        MLPRegressor().fit(X, Y, sample_weight_val=np.ones(3))
    with pytest.raises(InputError, match="X_val and y_val, which judge epochs"):
        MLPRegressor(solver="lbfgs").fit(X, Y, X_val=X, y_val=Y)


@pytest.mark.parametrize("y", [["a"] * 40, scipy.sparse.csr_array(np.c_[Y, Y])])
def test_a_regressor_takes_numbers(y):
    with pytest.raises(InputError, match="Expected numbers as y, in an array"):
        MLPRegressor().fit(X, y)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_lists_that_do_not_fit_together(engine):
    model = MLPRegressor(hidden_layer_sizes=(4,), tol=10, engine=engine).fit(X, Y)
    model.intercepts_[0] = np.zeros(5)
    with pytest.raises(InputError, match=r"biases in layer 1 .*, 4\. Got 5 in intercepts_\[0\]"):
        model.predict(X)


@pytest.mark.parametrize("layer", [1.0, "1", None, True])
def test_hidden_layers_are_whole_numbers(layer):
    model = MLPRegressor(tol=10).fit(X, Y)
    with pytest.raises(InputError, match=f"a hidden layer from 1 to 1. Got {layer!r}"):
        model.hidden_output(X, layer)


def test_rows_to_look_at_are_checked():
    model = MLPClassifier(tol=10).fit(X, SIGN)
    for look in (model.trace, lambda *rows: pellucid.check_gradients(model, *rows)):
        with pytest.raises(InputError, match=r"the classes that y had, \[0, 1\]. Got \[7\]"):
            look(X[:2], [1, 7])
    with pytest.raises(ValueError, match="sample_weight"):
        model.trace(X[:3], SIGN[:3], sample_weight=[1, 2])


def test_cells_of_sparse_rows_are_named():
    with pytest.raises(InputError, match="Got nan in row 4, column 1"):
        MLPRegressor().fit(scipy.sparse.csr_array(spoiled(np.nan)), Y)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_targets_that_are_not_finite_are_named(value):
    y = Y.copy()
    y[7] = value
    with pytest.raises(InputError, match=rf"Input y contains .*Got {value} in row 7"):
        MLPRegressor().fit(X, y)
    with pytest.raises(InputError, match=rf"Got {value} in row 7, column 1"):
        MLPRegressor().fit(X, np.c_[Y, y])


def test_prediction_names_them_too():
    model = MLPRegressor(tol=10).fit(X, Y)
    with pytest.raises(InputError, match="Got nan in row 4, column 1"):
        model.predict(spoiled(np.nan))


DIVERGING = {
    "solver": "sgd",
    "activation": "identity",
    "learning_rate_init": 50.0,
    "batch_size": 20,
}


@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_rate_that_diverges(early_stopping):
    """The error begins with scikit-learn's sentence and says where it began and what to try."""
    model = MLPRegressor(random_state=0, early_stopping=early_stopping, **DIVERGING)
    with pytest.raises(DivergedError) as caught:
        model.fit(X, Y)
    message = str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert message.startswith(NOT_FINITE)
    assert re.search(
        r"Epoch \d+, batch [12]: .*in layer [12].*try a tenth of the learning rate", message
    )
    assert not hasattr(model, "coefs_")
    with pytest.raises(NotFittedError):
        model.predict(X)


def test_divergence_leaves_what_was_fitted_before():
    """A continued fit that diverges gives back the weights, and the optimizer's state, of before."""
    model = MLPRegressor(random_state=0, tol=10, warm_start=True).fit(X, Y)
    before = [W.copy() for W in model.coefs_]
    number, curve = model._optimizer.number, list(model.loss_curve_)
    model.set_params(n_iter_no_change=np.inf, **DIVERGING)
    with pytest.raises(DivergedError):
        model.fit(X, Y)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.coefs_, strict=True))
    assert (model._optimizer.number, model.loss_curve_) == (number, curve)


def test_lbfgs_diverges_in_words_too():
    with pytest.raises(DivergedError, match=re.escape(NOT_FINITE)):
        MLPRegressor(solver="lbfgs").fit(X * 1e307, Y)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"activation": "rellu"}, "did you mean 'relu'"),
        ({"activation": ["relu"]}, "one for each layer"),
        ({"solver": "adamm"}, "did you mean 'adam"),
        ({"learning_rate": "cosin"}, "did you mean 'cosine'"),
        ({"loss": "hubert", "kind": MLPRegressor}, "did you mean 'huber'"),
        ({"hidden_layer_sizes": (3, 0)}, r"hidden_layer_sizes must be > 0, got \[3, 0\]"),
        ({"alpha": -1}, "'alpha' parameter"),
        ({"dropout": 1.0}, "'dropout' parameter"),
        ({"dropout": 0.5, "solver": "lbfgs"}, "dropout only with a stochastic solver"),
        ({"clip_norm": 1.0, "solver": "lbfgs"}, "clip_norm only with a stochastic solver"),
        ({"listeners": [print], "solver": "lbfgs"}, "listeners only with a stochastic solver"),
        ({"scoring": "accuracy", "solver": "lbfgs"}, "scoring only with a stochastic solver"),
        ({"restore_best_weights": True, "solver": "lbfgs"}, "restore_best_weights only with"),
        ({"listeners": [3]}, r"listeners that can be called with an event\. Got 3\."),
        ({"activation": "logistik"}, "Known: .*sigmoid.* logistic"),
        ({"learning_rate": "inv"}, "Known: .*inverse_scaling.* invscaling"),
        ({"loss": "cross_entropy", "kind": MLPRegressor}, "'cross_entropy' for a regressor"),
        ({"output_activation": "tanh"}, r"with values in \(-1, 1\)"),
        ({"output_activation": "tanh", "loss": "squared_error"}, "values between 0 and 1"),
        ({"label_smoothing": 1.5}, "'label_smoothing' parameter"),
        ({"start_weights": {"W9": [1]}}, "no parameter 'W9'"),
        ({"start_weights": {"W1": [[1.0]]}}, "Expected W1 of shape"),
        (
            {"start_weights": {"W1": np.full((X.shape[1], 4), np.nan)}},
            r"finite numbers in W1\. Got nan at \[0, 0\]",
        ),
        ({"loss": "poisson", "kind": MLPRegressor}, "targets in"),
        ({"time_limit": 0}, "'time_limit' parameter"),
    ],
)
def test_parameters_are_refused_in_words(options, message):
    kind = options.pop("kind", MLPClassifier) if "kind" in options else MLPClassifier
    model = kind(**{"hidden_layer_sizes": (4, 3), **options})
    with pytest.raises(ValueError, match=message):
        model.fit(X, SIGN if kind is MLPClassifier else Y)
    assert not hasattr(model, "coefs_")


def test_other_mistakes():
    with pytest.raises(InputError, match="X_val and y_val together"):
        MLPRegressor().fit(X, Y, X_val=X)
    with pytest.raises(InputError, match="not supported for partial_fit"):
        MLPClassifier(class_weight="balanced").partial_fit(X, SIGN, classes=[0, 1])
    with pytest.raises(ValueError, match="non-zero"):
        MLPRegressor().fit(X, Y, sample_weight=np.zeros(40))
    with pytest.raises(ValueError, match="classes not in"):
        MLPClassifier().partial_fit(X, SIGN, classes=[0])
    warm = MLPRegressor(tol=10, warm_start=True).fit(X, Y)
    with pytest.raises(InputError, match="3 inputs and 1 outputs"):
        warm.fit(X, np.c_[Y, Y])
    assert pellucid.MLPRegressor is MLPRegressor
