"""The estimators for raw tables: how good they are, what they say, and what they keep."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import pellucid
from pellucid.catalogue.activations import LeakyRelu
from pellucid.catalogue.optimizers import SGD
from pellucid.catalogue.schedules import StepDecay
from pellucid.data import penguins_path
from pellucid.errors import InputError
from pellucid.estimators import TabularClassifier, TabularRegressor
from pellucid.estimators.recipe import PRESETS, batch_size_for, epochs_for
from pellucid.training.events import EpochEnded, UpdateMade, every_update


@pytest.fixture(scope="module")
def penguins():
    return pd.read_csv(penguins_path())


@pytest.fixture(scope="module")
def fitted(penguins):
    return TabularClassifier(preset="plain", random_state=0).fit(
        penguins.drop(columns="species"), penguins["species"]
    )


def penguin_scores(penguins, seeds):
    X, y = penguins.drop(columns="species"), penguins["species"]
    scores = []
    for seed in seeds:
        parts = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
        model = TabularClassifier(preset="plain", random_state=seed).fit(parts[0], parts[2])
        scores.append(model.score(parts[1], parts[3]))
    return scores


def test_penguins(penguins):
    assert min(penguin_scores(penguins, range(3))) >= 0.95


@pytest.mark.long
def test_penguins_over_twenty_splits(penguins):
    scores = penguin_scores(penguins, range(20))
    assert np.mean(scores) >= 0.985
    assert min(scores) >= 0.95


def linear(model):
    prepare = make_column_transformer(
        (
            make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
            make_column_selector(dtype_include="number"),
        ),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
    )
    return make_pipeline(prepare, model)


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer])
def test_classes_are_told_apart_as_well_as_by_a_linear_model(load):
    """Within two points of it: these tables are easy for a linear model."""
    table = load(as_frame=True)
    y = table.target
    X, X_test, y, y_test = train_test_split(table.data, y, stratify=y, random_state=0)
    peer = linear(LogisticRegression(max_iter=1000)).fit(X, y).score(X_test, y_test)
    assert (
        TabularClassifier(preset="plain", random_state=0).fit(X, y).score(X_test, y_test)
        >= peer - 0.02
    )


def test_numbers_are_predicted_as_well_as_by_a_linear_model(penguins):
    known = penguins.dropna(subset="body_mass_g")
    diabetes = load_diabetes(as_frame=True)
    tables = (
        (known.drop(columns="body_mass_g"), known["body_mass_g"], 0.02),
        (diabetes.data, diabetes.target, 0.05),  # 331 noisy rows, of which a line makes the most
    )
    for X, y, behind in tables:
        X, X_test, y, y_test = train_test_split(X, y, random_state=1)
        peer = linear(Ridge()).fit(X, y).score(X_test, y_test)
        assert (
            TabularRegressor(preset="plain", random_state=0).fit(X, y).score(X_test, y_test)
            >= peer - behind
        )


def test_a_curve_is_found_that_a_linear_model_cannot_find():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 3))
    y = 100 + 10 * X[:, 0] * X[:, 1] + rng.normal(size=600)
    assert Ridge().fit(X, y).score(X, y) < 0.1
    model = TabularRegressor(preset="plain", random_state=0).fit(X[:400], y[:400])
    assert model.score(X[400:], y[400:]) > 0.9


@parametrize_with_checks(
    [
        TabularClassifier(preset="plain", random_state=0, epochs=30),
        TabularRegressor(preset="plain", random_state=0, epochs=30),
    ],
    expected_failed_checks=lambda _: {
        "check_sample_weight_equivalence_on_dense_data": "rows are held out, and drawn in batches",
        "check_sample_weight_equivalence_on_sparse_data": "rows are held out, and drawn in batches",
    },
)
@pytest.mark.filterwarnings("ignore")  # these checks warn of what they check
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_the_same_seed_gives_the_same_model(penguins, fitted):
    X, y = penguins.drop(columns="species"), penguins["species"]
    again = clone(fitted).fit(X, y)
    np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
    other = clone(fitted).set_params(random_state=1, epochs=3).fit(X, y)
    assert (other.predict_proba(X) != fitted.predict_proba(X)).any()


def test_every_kind_of_frame_gives_the_same_model(penguins):
    X, y = penguins.drop(columns="species"), penguins["species"]
    expected = (
        TabularClassifier(preset="plain", random_state=0, epochs=5).fit(X, y).predict_proba(X)
    )
    polars = pl.read_csv(penguins_path(), null_values="NA")
    arrow = pa.Table.from_pandas(penguins, preserve_index=False)
    nullable = penguins.convert_dtypes()
    categorical = penguins.astype({"island": "category", "sex": "category"})
    for frame in (
        (polars.drop("species"), polars["species"]),
        (arrow.drop_columns("species"), arrow["species"]),
        (nullable.drop(columns="species"), nullable["species"]),
        (categorical.drop(columns="species"), categorical["species"].astype("category")),
    ):
        model = TabularClassifier(preset="plain", random_state=0, epochs=5).fit(*frame)
        np.testing.assert_allclose(model.predict_proba(frame[0]), expected, rtol=1e-9)
        assert model.target_.name in ("species", "target")


def test_summary_and_notes_say_what_was_done(penguins, fitted):
    summary = fitted.summary_
    rows = penguins.shape[0]
    assert summary["training_rows"] + summary["validation_rows"] == summary["rows"] == rows
    assert (summary["number_columns"], summary["category_columns"]) == (5, 2)
    assert summary["trivial_guess"] == "always Adelie"
    assert 0.4 < summary["trivial_score"] < 0.5 < summary["score"]
    assert summary["judged_on"] == "validation rows"
    assert summary["sizes"] == [14, 64, 64, 3]
    assert summary["best_epoch"] == fitted.history_.best
    assert any("column's median, and marked: bill_length_mm" in note for note in fitted.notes_)


def test_held_out_rows_keep_the_classes_shares(penguins):
    y = penguins["species"]
    model = TabularClassifier(preset="plain", random_state=3, epochs=1, validation_fraction=0.25)
    seen = set()

    @every_update
    def listener(event):
        if isinstance(event, UpdateMade):
            seen.update(event.rows.tolist())

    model.set_params(listeners=[listener]).fit(penguins.drop(columns="species"), y)
    assert len(seen) == model.summary_["training_rows"] == 258


@pytest.mark.parametrize(
    ("rows", "rare", "note"), [(40, 20, "40 rows"), (100, 4, "rarest class has 4 rows")]
)
def test_small_tables_hold_nothing_out_and_say_so(rows, rare, note):
    X = np.random.default_rng(0).normal(size=(rows, 2))
    y = np.r_[np.zeros(rows - rare), np.ones(rare)]
    model = TabularClassifier(preset="plain", random_state=0, epochs=4).fit(X, y)
    assert model.summary_["validation_rows"] == 0
    assert model.summary_["judged_on"] == "training rows"
    assert model.history_.best == 3
    assert any(note in n for n in model.notes_)


def test_two_classes_take_one_output():
    X = np.random.default_rng(0).normal(size=(60, 2))
    model = TabularClassifier(preset="plain", random_state=0, epochs=20).fit(X, X[:, 0] > 0)
    assert model.network_.outputs == 1
    assert model.classes_.tolist() == [False, True]
    chances = model.predict_proba(X)
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    np.testing.assert_array_equal(model.predict(X), chances[:, 1] > 0.5)


@pytest.mark.parametrize(
    "classes", [["b", "a"], [3, 7], [True, False], [2.0, 1.0], ["x", "y", "zz"], [5, 1, 3]]
)
def test_classes_keep_their_type(classes):
    rng = np.random.default_rng(0)
    y = np.array(classes)[rng.integers(0, len(classes), 60)]
    model = TabularClassifier(preset="plain", random_state=0, epochs=2).fit(
        rng.normal(size=(60, 2)), y
    )
    assert model.classes_.tolist() == sorted(classes)
    assert model.classes_.dtype == model.predict(np.zeros((1, 2))).dtype == y.dtype


def test_a_weight_of_0_is_as_good_as_leaving_the_row_out():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(80, 2)), rng.normal(size=80)
    weight = np.r_[np.zeros(20), np.full(60, 3.0)]
    model = TabularRegressor(preset="plain", random_state=0, epochs=3).fit(
        X, y, sample_weight=weight
    )
    plain = TabularRegressor(preset="plain", random_state=0, epochs=3).fit(X[20:], y[20:])
    np.testing.assert_array_equal(model.predict(X), plain.predict(X))
    assert "20 rows with a weight of 0 are left out." in model.notes_


def test_weights_count():
    X = np.array([[0.0], [1.0]] * 20)
    y = np.array([0.0, 0.0, 0.0, 1.0] * 10)  # where X is 1, half of the targets are 1
    weight = np.where(y == 1, 9.0, 1.0)
    model = TabularRegressor(
        preset="plain", random_state=0, weight_decay=0.0, validation_fraction=0
    )
    assert model.fit(X, y).predict([[1.0]]) == pytest.approx(0.5, abs=0.05)
    assert model.fit(X, y, weight).predict([[1.0]]) == pytest.approx(0.9, abs=0.05)


def test_records_are_taken_where_names_are(penguins):
    model = TabularRegressor(
        (8, 4),
        [LeakyRelu(0.2), "tanh"],
        loss="huber",
        optimizer=SGD(StepDecay(0.05, every=2), momentum=0.9),
        epochs=4,
        batch_size=None,
        dropout=[0.1, 0.0],
        random_state=0,
        preset="plain",
    )
    known = penguins.dropna(subset="body_mass_g")
    model.fit(known.drop(columns="body_mass_g"), known["body_mass_g"])
    assert model.history_.curve("learning_rate") == pytest.approx([0.05, 0.05, 0.025, 0.025])
    assert [layer.activation.name for layer in model.network_.layers] == [
        "leaky_relu",
        "tanh",
        "identity",
    ]


def test_counts_stay_counts():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 1))
    y = rng.poisson(np.exp(1 + 0.5 * X[:, 0]))
    model = TabularRegressor(preset="plain", loss="poisson", random_state=0).fit(X, y)
    predicted = model.predict(np.array([[-1.0], [0.0], [1.0]]))
    np.testing.assert_allclose(predicted, np.exp([0.5, 1, 1.5]), rtol=0.2)


def test_tools_of_scikit_learn_work_with_them(penguins):
    X, y = penguins.drop(columns="species"), penguins["species"]
    scores = cross_val_score(
        TabularClassifier(preset="plain", random_state=0, epochs=10), X, y, cv=3
    )
    assert scores.min() > 0.9
    search = GridSearchCV(
        TabularClassifier(preset="plain", random_state=0, epochs=2),
        {"hidden_sizes": [(4,), (8, 8)]},
        cv=2,
    ).fit(X, y)
    assert search.best_params_["hidden_sizes"] in [(4,), (8, 8)]


def test_listeners_get_the_events(penguins):
    numbers = []

    def listener(event):
        if isinstance(event, EpochEnded):
            numbers.append(event.number)
            if event.number == 2:
                event.run.stop("seen enough")

    model = TabularClassifier(preset="plain", random_state=0, listeners=[listener])
    model.fit(penguins.drop(columns="species"), penguins["species"])
    assert numbers == [0, 1, 2]
    assert model.stopped_because_ == "seen enough"


def test_an_interrupted_fit_keeps_what_was_trained(penguins):
    @every_update
    def listener(event):
        if isinstance(event, UpdateMade) and event.run.epoch == 3:
            raise KeyboardInterrupt

    X, y = penguins.drop(columns="species"), penguins["species"]
    model = TabularClassifier(preset="plain", random_state=0, listeners=[listener]).fit(X, y)
    assert model.interrupted_
    assert len(model.history_) == 3
    assert model.score(X, y) > 0.7
    assert "Training was interrupted after 3 epochs." in model.notes_


def test_a_fit_that_fails_leaves_nothing_of_an_earlier_one(penguins):
    X, y = penguins.drop(columns="species"), penguins["species"]
    model = TabularClassifier(preset="plain", random_state=0, epochs=1).fit(X, y)
    with pytest.raises(InputError):
        model.fit(X, ["Adelie"] * len(X))
    with pytest.raises(ValueError, match="not fitted"):
        model.predict(X)


def test_a_rows_prediction_does_not_depend_on_the_rows_beside_it(penguins, fitted):
    X = penguins.drop(columns="species")
    together = fitted.predict_proba(X)
    alone = np.vstack([fitted.predict_proba(X[at : at + 1]) for at in range(0, 344, 40)])
    np.testing.assert_allclose(alone, together[::40], rtol=1e-12)


def test_every_parameter_is_explained():
    for estimator in (TabularClassifier, TabularRegressor):
        for name in estimator().get_params():
            assert f"\n    {name}\n        " in estimator.__doc__


def test_a_large_table_trains_in_a_minute_at_most():
    """Twenty thousand rows, on whatever machine this is; the time is mostly that of the updates."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20_000, 20)).astype(np.float32)
    y = X[:, 0] * X[:, 1] + np.sin(2 * X[:, 2])
    model = TabularRegressor(preset="plain", random_state=0, epochs=4).fit(X, y)
    per_epoch = np.mean(model.history_.curve("seconds"))
    assert per_epoch * epochs_for(PRESETS["plain"][0], 16_000, batch_size_for(16_000)) < 60


@pytest.mark.parametrize("kind", [TabularClassifier, TabularRegressor])
def test_both_engines_give_the_same_model(penguins, kind, tmp_path):
    """To rounding in float32; a file keeps which it was."""
    target = "species" if kind is TabularClassifier else "bill_depth_mm"
    table = penguins.dropna(subset=target)
    X, y = table.drop(columns=target), table[target]
    numpy, compiled = (
        kind(preset="plain", random_state=0, epochs=4, engine=engine, n_jobs=1).fit(X, y)
        for engine in ("numpy", "compiled")
    )
    assert (numpy.engine_, compiled.engine_) == ("numpy", "compiled")
    for name, W in numpy.parameters_.items():
        np.testing.assert_allclose(compiled.parameters_[name], W, rtol=1e-3, atol=1e-4)
    for name in ("loss", "validation_loss", "learning_rate"):
        np.testing.assert_allclose(
            compiled.history_.curve(name), numpy.history_.curve(name), rtol=1e-4
        )
    compiled.save(tmp_path / "model.pellucid")
    again = pellucid.load(tmp_path / "model.pellucid")
    assert (again.engine, again.engine_, again.n_jobs) == ("compiled", "compiled", 1)


@pytest.mark.parametrize("wrong", [{"engine": "gpu"}, {"n_jobs": 0}])
def test_an_engine_that_there_is_not(penguins, wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        TabularClassifier(preset="plain", **wrong).fit(
            penguins.drop(columns="species"), penguins["species"]
        )
