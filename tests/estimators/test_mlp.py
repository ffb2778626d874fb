"""What the MLP estimators offer beyond scikit-learn's."""

import logging
import os
import pickle
import signal
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sklearn
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_sample_weight

import pellucid
from pellucid import MLPClassifier, MLPRegressor
from pellucid.estimators import mlp_lbfgs
from pellucid.training.events import (
    EpochEnded,
    TrainingEnded,
    TrainingStarted,
    UpdateMade,
    every_update,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def rows(classes=3, count=80):
    rng = np.random.default_rng(2)
    X = rng.normal(size=(count, 4))
    signal = X @ rng.normal(size=(4, classes))
    return X, signal, np.argmax(signal, axis=1)


X, NUMBERS, CLASSES = rows()


def classifier(**options):
    return MLPClassifier(
        **{
            "hidden_layer_sizes": (6, 5),
            "max_iter": 15,
            "learning_rate_init": 0.01,
            "random_state": 0,
            **options,
        }
    )


def regressor(**options):
    return MLPRegressor(
        **{
            "hidden_layer_sizes": (6, 5),
            "max_iter": 15,
            "learning_rate_init": 0.01,
            "random_state": 0,
            **options,
        }
    )


@pytest.mark.parametrize(
    "options",
    [
        {"activation": "mish"},
        {"activation": ["relu", pellucid.LeakyRelu(0.1)]},
        {"activation": lambda x: x / (1 + abs(x))},
        {"solver": "adamw"},
        {"solver": "rmsprop", "learning_rate": "cosine"},
        {"solver": "nesterov", "learning_rate": "adaptive"},
        {"solver": pellucid.SGD(pellucid.Cosine(0.05), momentum=0.8)},
        {"solver": "sgd", "learning_rate": pellucid.StepDecay(0.1)},
        {"dropout": 0.2},
        {"dropout": [0.1, 0.3], "batch_size": 10},
        {"l1": 0.01, "solver": "lbfgs"},
        {"clip_norm": 0.5, "clip_value": 0.1},
        {"initializer": "he"},
        {"batch_size": "by_rows"},
        {"initializer": ["he", "lecun", pellucid.Normal(0.1)]},
        {"time_limit": 60, "solver": "lbfgs"},
        {"scoring": "loss", "early_stopping": True},
    ],
)
def test_options_train(options):
    """Each option fits, repeats itself by its seed, and makes the loss smaller."""
    for make, y in ((classifier, CLASSES), (regressor, NUMBERS)):
        first, second = (make(**options).fit(X, y) for _ in range(2))
        assert all(np.array_equal(a, b) for a, b in zip(first.coefs_, second.coefs_, strict=True))
        assert np.isfinite(first.predict(X)).all()
        if options.get("solver") != "lbfgs":
            assert first.loss_curve_[-1] < first.loss_curve_[0]


def test_weights_of_classes_count_like_those_of_rows():
    weight = np.array([1.0, 2.0, 0.5])
    given = classifier(class_weight=dict(enumerate(weight))).fit(X, CLASSES)
    by_rows = classifier().fit(X, CLASSES, sample_weight=weight[CLASSES])
    np.testing.assert_allclose(given.coefs_[0], by_rows.coefs_[0], rtol=1e-12)
    assert not np.allclose(
        given.coefs_[0], classifier(class_weight="balanced").fit(X, CLASSES).coefs_[0]
    )


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("choice", ["balanced", {"b": 3.0}])
@pytest.mark.parametrize(
    "options", [{"engine": "numpy"}, {"engine": "compiled"}, {"solver": "lbfgs", "max_iter": 20}]
)
def test_weights_of_named_classes_are_scikit_learns(options, choice, weighted):
    names = np.array(["a", "b", "c"])[CLASSES]
    own = np.random.default_rng(0).uniform(0.5, 2, len(X)) if weighted else None
    of_rows = compute_sample_weight(choice, names) * (1 if own is None else own)
    given = classifier(class_weight=choice, **options).fit(X, names, own)
    by_rows = classifier(**options).fit(X, names, of_rows)
    np.testing.assert_allclose(given.coefs_[0], by_rows.coefs_[0], rtol=1e-9, atol=1e-12)
    assert given.trace(X, names)["row_weight"].shape == (len(X), 1)


def test_label_smoothing_keeps_probabilities_away_from_the_ends():
    sharp, smooth = (
        classifier(label_smoothing=share, solver="lbfgs", max_iter=200, alpha=0).fit(X, CLASSES)
        for share in (0.0, 0.3)
    )
    assert smooth.predict_proba(X).max() < sharp.predict_proba(X).max()
    assert smooth.predict_proba(X).max() < 0.9


@pytest.mark.parametrize("loss", ["absolute_error", pellucid.Huber(0.5), pellucid.Quantile(0.9)])
def test_other_losses(loss):
    model = regressor(loss=loss, solver="lbfgs", max_iter=300).fit(X, NUMBERS[:, 0])
    assert model.network_.loss == pellucid.Network([1, 1], loss=loss).loss
    assert model.score(X, NUMBERS[:, 0]) > 0.5


@pytest.mark.parametrize(
    "loss",
    [
        "log_loss",
        "cross_entropy",
        "binary_cross_entropy",
        pellucid.BinaryCrossEntropy(),
        "squared_error",
    ],
)
@pytest.mark.parametrize("classes", [2, 3])
def test_probabilities_add_up_to_one_whatever_the_loss(loss, classes):
    y = CLASSES % classes
    model = classifier(loss=loss, activation="tanh", solver="lbfgs", max_iter=100).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)
    assert model.score(X, y) > 0.8


def test_start_weights():
    """Given ones are taken, the others are drawn as without them."""
    W1 = np.full((4, 6), 0.25)
    model = regressor(start_weights={"W1": W1}, max_iter=1, learning_rate_init=1e-12, tol=0)
    model.fit(X, NUMBERS)
    drawn = regressor(max_iter=1, learning_rate_init=1e-12).fit(X, NUMBERS)
    np.testing.assert_allclose(model.coefs_[0], W1, atol=1e-9)
    np.testing.assert_allclose(model.coefs_[1], drawn.coefs_[1], atol=1e-9)


def test_own_validation_rows_are_looked_at():
    model = classifier().fit(X[:60], CLASSES[:60], X_val=X[60:], y_val=CLASSES[60:])
    assert len(model.validation_scores_) == len(model.validation_loss_curve_) == model.n_iter_
    assert model.validation_scores_[-1] == model.score(X[60:], CLASSES[60:])
    from sklearn.metrics import log_loss

    expected = log_loss(CLASSES[60:], model.predict_proba(X[60:]), labels=[0, 1, 2])
    assert model.validation_loss_curve_[-1] == pytest.approx(expected)
    plain = classifier().fit(X[:60], CLASSES[:60])
    assert np.array_equal(model.coefs_[0], plain.coefs_[0])
    assert plain.validation_scores_ is None
    assert plain.validation_loss_curve_ is None


def test_own_validation_rows_stop_the_training_and_choose_the_best_epoch():
    model = regressor(
        early_stopping=True, max_iter=400, learning_rate_init=0.02, n_iter_no_change=3
    )
    weight = np.linspace(0.5, 1.5, 20)
    model.fit(X[:60], NUMBERS[:60], X_val=X[60:], y_val=NUMBERS[60:], sample_weight_val=weight)
    assert model.n_iter_ < 400
    assert "did not improve" in model.stopped_because_
    assert model.score(X[60:], NUMBERS[60:], weight) == pytest.approx(max(model.validation_scores_))


def test_any_scorer_judges():
    """Also one that asks for probabilities, of rows whose columns had names."""
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = classifier(scoring="neg_log_loss", early_stopping=True, validation_fraction=0.3).fit(
        frame, CLASSES
    )
    assert model.validation_scores_ == pytest.approx([-v for v in model.validation_loss_curve_])
    model = classifier(
        scoring=lambda est, X, y: -est.n_iter_, early_stopping=True, n_iter_no_change=3
    )
    assert model.fit(X, CLASSES).n_iter_ == 5


def test_best_weights_can_be_restored_without_early_stopping():
    options = {"solver": "sgd", "learning_rate_init": 0.9, "max_iter": 30, "batch_size": 5}
    held = {"X_val": X[60:], "y_val": CLASSES[60:]}
    model = classifier(restore_best_weights=True, **options).fit(X[:60], CLASSES[:60], **held)
    assert model.score(X[60:], CLASSES[60:]) == max(model.validation_scores_)
    assert model.best_validation_score_ == max(model.validation_scores_)


def test_a_time_limit_ends_the_training():
    model = classifier(time_limit=0.05, max_iter=10**6, tol=0, n_iter_no_change=np.inf).fit(
        X, CLASSES
    )
    assert "time limit" in model.stopped_because_
    assert model.n_iter_ < 10**6


def test_listeners_hear_of_everything_and_see_the_weights_of_the_moment():
    heard, seen = [], []

    @every_update
    def listen(event):
        heard.append(type(event))
        if isinstance(event, EpochEnded):
            seen.append(model.coefs_[0].copy())
            if event.number == 2:
                event.run.stop("enough")

    model = classifier(listeners=[listen], batch_size=40)
    model.fit(X, CLASSES)
    assert (heard[0], heard[-1]) == (TrainingStarted, TrainingEnded)
    assert heard.count(UpdateMade) == 6
    assert model.n_iter_ == 3
    assert model.stopped_because_ == "enough"
    assert not np.array_equal(seen[0], seen[1])
    assert np.array_equal(seen[-1], model.coefs_[0])


def test_verbose_writes_scikit_learns_lines(capsys, caplog):
    with caplog.at_level(logging.INFO, "pellucid"):
        classifier(verbose=True, early_stopping=True, max_iter=2).fit(X, CLASSES)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Iteration 1, loss = ")
    assert lines[1].startswith("Validation score: ")
    assert "2 epochs" in caplog.text


def test_an_interrupt_keeps_what_was_learned():
    @every_update
    def interrupt(event):
        if isinstance(event, UpdateMade) and event.run.epoch == 2:
            raise KeyboardInterrupt

    model = classifier(listeners=[interrupt])
    with pytest.warns(UserWarning, match="interrupted by user"):
        model.fit(X, CLASSES)
    assert model.n_iter_ == len(model.loss_curve_) == 2
    two = classifier(max_iter=2).fit(X, CLASSES)
    assert np.array_equal(model.coefs_[0], two.coefs_[0])


def test_hidden_layers():
    model = classifier(activation="tanh").fit(X, CLASSES)
    first = np.tanh(X @ model.coefs_[0] + model.intercepts_[0])
    np.testing.assert_allclose(model.hidden_output(X, 1), first)
    np.testing.assert_allclose(model.hidden_output(X, -2), first)
    assert model.hidden_output(X).shape == (80, 5)
    with pytest.raises(pellucid.InputError, match="hidden layer from 1 to 2"):
        model.hidden_output(X, 3)


@pytest.mark.parametrize("task", ["numbers", "classes", "one number", "yes or no of each class"])
def test_input_gradients_are_those_of_the_output(task):
    make, y = {
        "numbers": (regressor, NUMBERS),
        "one number": (regressor, NUMBERS[:, 0]),
        "classes": (classifier, CLASSES),
        "yes or no of each class": (classifier, CLASSES),
    }[task]
    options = {"loss": "binary_cross_entropy"} if "each" in task else {}
    model = make(activation="mish", **options).fit(X, y)
    gradients = model.input_gradients(X[:7])

    def output(X):
        return model.predict_proba(X) if make is classifier else model.predict(X)

    for column in range(4):
        step = np.zeros(4)
        step[column] = 1e-6
        difference = (output(X[:7] + step) - output(X[:7] - step)) / 2e-6
        np.testing.assert_allclose(gradients[..., column], difference, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("solver", ["adam", "sgd", "rmsprop"])
def test_the_trace_is_the_next_update(solver):
    """What `trace` says the weights become is what `partial_fit` makes of them."""
    model = classifier(solver=solver, alpha=0.5, learning_rate="invscaling").fit(X, CLASSES)
    trace = model.trace(X, CLASSES)
    model.partial_fit(X, CLASSES)
    np.testing.assert_allclose(trace["W1_next"], model.coefs_[0], rtol=1e-12)
    np.testing.assert_allclose(trace["b3_next"][0], model.intercepts_[2], rtol=1e-12)
    assert trace.equations[0].name == "net_input_1"
    assert trace.chain_rule("W3", 0, 1).gradient == pytest.approx(trace["gradient_W3"][0, 1])


@pytest.mark.parametrize(
    "options", [{"class_weight": {0: 1, 1: 2, 2: 5}}, {"learning_rate": "cosine"}]
)
def test_the_trace_knows_what_the_next_update_counts_by(options):
    """Weights of classes, and how far the training has come."""
    model = classifier(**options).fit(X, CLASSES)
    trace = model.trace(X, CLASSES)
    model.partial_fit(X, CLASSES)
    np.testing.assert_allclose(trace["W1_next"], model.coefs_[0], rtol=1e-12)


def test_the_trace_after_lbfgs_has_no_update():
    trace = regressor(solver="lbfgs").fit(X, NUMBERS).trace(X[:3], NUMBERS[:3], [1, 2, 3])
    assert "gradient_W1" in trace
    assert "W1_next" not in trace


def test_gradients_can_be_checked():
    for model, y in (
        (classifier(activation="tanh"), CLASSES),
        (regressor(activation="tanh"), NUMBERS),
    ):
        found = pellucid.check_gradients(model.fit(X, y), X[:9], y[:9])
        assert found.max_relative_error < 1e-6


def test_weights_of_zero_make_no_update():
    """A batch of rows that do not count changes nothing, and is no error."""
    weight = np.r_[np.zeros(40), np.ones(40)]
    options = {"batch_size": 40, "shuffle": False, "alpha": 0.1}
    model = classifier(**options).fit(X, CLASSES, sample_weight=weight)
    half = classifier(**options).fit(X[40:], CLASSES[40:])
    np.testing.assert_allclose(model.coefs_[0], half.coefs_[0])


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table])
def test_frames(kind):
    columns = {name: X[:, at] for at, name in enumerate("abcd")}
    model = classifier().fit(kind(columns), CLASSES)
    plain = classifier().fit(X, CLASSES)
    assert np.array_equal(model.coefs_[0], plain.coefs_[0])
    assert np.array_equal(model.predict(kind(columns)), plain.predict(X))


def test_feature_names_are_held_to():
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = classifier().fit(frame, CLASSES)
    assert list(model.feature_names_in_) == list("abcd")
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame.rename(columns={"a": "z"}))
    with pytest.warns(UserWarning, match="valid feature names"):
        model.predict(X)


def test_scikit_learns_tools():
    """Pipelines, grids, clones, routing of metadata and pickling work as with scikit-learn's."""
    grid = GridSearchCV(
        classifier(), {"activation": ["relu", pellucid.Mish()], "dropout": [0, 0.1]}, cv=2
    )
    assert grid.fit(X, CLASSES).best_score_ > 0.3
    piped = make_pipeline(StandardScaler(), regressor())
    assert len(cross_val_score(piped, X, NUMBERS, cv=3)) == 3
    model = clone(classifier(activation=["relu", "tanh"])).fit(X, CLASSES)
    again = pickle.loads(pickle.dumps(model))  # noqa: S301
    assert np.array_equal(
        again.partial_fit(X, CLASSES).coefs_[0], model.partial_fit(X, CLASSES).coefs_[0]
    )
    with sklearn.config_context(enable_metadata_routing=True):
        asked = (
            classifier().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        )
        weight = np.linspace(0, 1, 80)
        assert len(cross_val_score(asked, X, CLASSES, params={"sample_weight": weight}, cv=2)) == 2


def test_dropout_is_off_in_prediction():
    model = classifier(dropout=0.5).fit(X, CLASSES)
    assert np.array_equal(model.predict_proba(X), model.predict_proba(X))
    values = X
    for W, b in zip(model.coefs_[:-1], model.intercepts_[:-1], strict=True):
        values = np.maximum(values @ W + b, 0)
    np.testing.assert_allclose(model.hidden_output(X), values)


def test_docstrings_name_every_parameter():
    import inspect

    for kind in (MLPClassifier, MLPRegressor):
        for name in inspect.signature(kind).parameters:
            assert f"\n{name} : default=" in kind.__doc__


def test_it_warns_as_scikit_learn_does():
    with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(2\) reached"):
        classifier(max_iter=2).fit(X, CLASSES)
    with pytest.warns(UserWarning, match="going to be clipped"):
        classifier(batch_size=1000).fit(X, CLASSES)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        classifier(tol=10, max_iter=100).fit(X, CLASSES)


class Noting:
    """A callback as scikit-learn has them."""

    def __init__(self, stop_after=None):
        self.scores, self.calls, self.stop_after = [], [], stop_after

    def setup(self, estimator, context):
        self.calls.append("setup")

    def on_fit_task_begin(self, estimator, context):
        self.calls.append("begin")

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None):
        self.calls.append("end")
        self.scores.append(fitted_estimator.score(X, y))
        return self.stop_after is not None and len(self.scores) == self.stop_after

    def teardown(self, estimator, context):
        self.calls.append("teardown")


def test_scikit_learns_callbacks_hear_of_epochs():
    """Each sees an estimator that predicts, and may end the training."""
    noting = Noting(stop_after=4)
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = classifier().set_callbacks(noting).fit(frame, CLASSES)
    assert model.n_iter_ == 4
    assert noting.scores[-1] == model.score(frame, CLASSES)
    assert noting.calls == ["setup", "begin", *["begin", "end"] * 4, "end", "teardown"]
    regressor(solver="lbfgs").set_callbacks(Noting()).fit(X, NUMBERS)


def test_callbacks_are_torn_down_after_an_error():
    noting = Noting()
    model = regressor(solver="sgd", learning_rate_init=1e200, batch_size=10)
    with pytest.raises(pellucid.DivergedError):
        model.set_callbacks(noting).fit(X, NUMBERS)
    assert noting.calls[-1] == "teardown"
    assert not hasattr(model, "coefs_")


def test_scikit_learns_progress_bar(capsys):
    from sklearn.callback import ProgressBar, ScoringMonitor

    monitor = ScoringMonitor(scoring="accuracy")
    classifier(max_iter=3).set_callbacks(ProgressBar(), monitor).fit(X, CLASSES)
    assert monitor.get_logs()


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
def test_ctrl_c_ends_l_bfgs_with_what_it_has(engine, monkeypatch):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    usual, calls = mlp_lbfgs._Objective.__call__, []

    def interrupted(objective, point):
        calls.append(point)
        if len(calls) == 9:
            os.kill(os.getpid(), signal.SIGINT)
        return usual(objective, point)

    monkeypatch.setattr(mlp_lbfgs._Objective, "__call__", interrupted)
    model = regressor(solver="lbfgs", max_iter=500, tol=0, engine=engine)
    try:
        with pytest.warns(UserWarning, match="interrupted by user"):
            model.fit(X, NUMBERS)
    finally:
        signal.signal(signal.SIGINT, before)
    assert model.stopped_because_ == "interrupted"
    assert 0 < model.n_iter_ < len(calls) < 20
    assert model.score(X, NUMBERS) > 0
