"""Estimators saved and loaded: everything comes back, and nothing odd gets in."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load as load_arrays

from pellucid.catalogue.activations import OwnActivation
from pellucid.catalogue.optimizers import SGD
from pellucid.data import penguins_path
from pellucid.errors import InputError, ModelFileError
from pellucid.estimators import NotFittedError, TabularClassifier, TabularRegressor, load
from pellucid.training.storage import read_model, write_model


@pytest.fixture(scope="module")
def penguins():
    return pd.read_csv(penguins_path())


@pytest.fixture(scope="module")
def fitted(penguins):
    model = TabularClassifier(preset="plain", random_state=0, epochs=5)
    return model.fit(penguins.drop(columns="species"), penguins["species"])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.pellucid"


def test_a_classifier_comes_back_whole(penguins, fitted, path):
    fitted.save(path)
    again = load(path)
    X, y = penguins.drop(columns="species"), penguins["species"]
    np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
    assert again.predict(X).tolist() == fitted.predict(X).tolist()
    assert again.score(X, y) == fitted.score(X, y)
    assert again.get_params() == fitted.get_params()
    assert again.notes_ == fitted.notes_
    assert again.summary_ == fitted.summary_
    assert list(again.history_) == list(fitted.history_)
    assert again.classes_.dtype == fitted.classes_.dtype
    assert again.feature_names_in_.tolist() == list(X.columns)


def test_the_next_update_comes_back_too(penguins, fitted, path):
    """The optimizer's state and the clock are in the file: the trace shows the same new weights."""
    fitted.save(path)
    rows = penguins.dropna()[:7]
    before, after = (
        model.trace(rows.drop(columns="species"), rows["species"]) for model in (fitted, load(path))
    )
    for name in ("X", "loss", "first_moment_W1_next", "learning_rate", "W1_next", "b3_next"):
        np.testing.assert_array_equal(before[name], after[name])
    assert (before["first_moment_W1"] != 0).any()


@pytest.mark.parametrize("columns", ["names", "array"])
def test_a_regressor_comes_back(penguins, path, columns):
    known = penguins.dropna()
    X, y = known[["bill_length_mm", "year", "sex"]], known["body_mass_g"]
    X = X.to_numpy() if columns == "array" else X
    model = TabularRegressor(
        (3,), "tanh", optimizer=SGD(0.01), epochs=2, random_state=0, preset="plain"
    )
    model.fit(X, y).save(path)
    again = load(path)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert hasattr(again, "feature_names_in_") == (columns == "names")
    assert again.optimizer == model.optimizer
    assert again.feature_labels_ == model.feature_labels_


@pytest.mark.parametrize(
    "classes", [["b", "a"], [3, 7], [True, False], [2.5e9, 1.0], ["x", "y", "zz"]]
)
def test_classes_come_back_with_their_type(path, classes):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 2)), np.array(classes)[rng.integers(0, len(classes), 60)]
    model = TabularClassifier(preset="plain", random_state=0, epochs=1).fit(X, y)
    model.save(path)
    assert load(path).classes_.tolist() == model.classes_.tolist()
    assert load(path).predict(X).dtype == y.dtype


def test_an_activation_of_ones_own_comes_back(penguins, path):
    X, y = penguins.drop(columns="species"), penguins["species"]
    model = TabularClassifier(
        (4,), lambda x: x / (1 + abs(x)), random_state=0, epochs=2, preset="plain"
    )
    model.fit(X, y).save(path)
    np.testing.assert_allclose(load(path).predict_proba(X), model.predict_proba(X), rtol=1e-12)


def test_what_has_no_expression_is_refused_and_nothing_is_written(penguins, path):
    own = OwnActivation(lambda x: np.clip(np.asarray(x), -1, 1), lambda x: 1.0 * (abs(x) < 1))
    model = TabularClassifier((4,), own, random_state=0, epochs=1, preset="plain")
    model.fit(penguins.drop(columns="species"), penguins["species"])
    with pytest.raises(InputError, match="cannot be stored"):
        model.save(path)
    assert not path.exists()


def test_listeners_and_random_states_are_of_the_session(penguins, path):
    model = TabularClassifier(
        preset="plain", random_state=np.random.RandomState(0), listeners=[lambda e: None], epochs=1
    )
    model.fit(penguins.drop(columns="species"), penguins["species"]).save(path)
    again = load(path)
    assert again.listeners is None
    assert again.random_state is None


def test_an_estimator_that_is_not_fitted_is_not_saved(path):
    with pytest.raises(NotFittedError):
        TabularClassifier(preset="plain").save(path)
    assert not path.exists()


def test_the_arrays_have_the_names_of_the_equations(fitted, path):
    fitted.save(path)
    arrays = load_arrays(path.read_bytes())
    assert {"W1", "b1", "W3", "median", "scale", "first_moment_W1"} <= set(arrays)
    np.testing.assert_array_equal(arrays["W2"], fitted.parameters_["W2"])


def header_of(path):
    header, arrays = read_model(path)
    return json.loads(json.dumps(header)), arrays


def spoil(header, where, value):
    at = header
    for key in where[:-1]:
        at = at[key]
    if value is KeyError:
        del at[where[-1]]
    else:
        at[where[-1]] = value


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (["estimator"], "os.system"),
        (["estimator"], ["TabularClassifier"]),
        (["estimator"], KeyError),
        (["choices", "strange"], 1),
        (["choices"], []),
        (["choices", "activation"], {"kind": "activation", "name": "evil"}),
        (["network", "sizes"], [14, 10**9, 10**9, 3]),
        (["network", "sizes"], [14, 64, 3]),
        (["network", "sizes", 0], 13),
        (["network", "sizes", 3], 4),
        (["network", "sizes", 0], "14"),
        (["network", "activations"], []),
        (["network", "loss"], {"kind": "activation", "name": "relu"}),
        (["network", "loss"], None),
        (["network", "dropouts", 0], 7),
        (["optimizer"], None),
        (["optimizer"], {"kind": "optimizer", "name": "chain", "with": {"pieces": []}}),
        (["preparation", "blocks"], None),
        (["preparation", "blocks", 0, "kind"], "evil"),
        (["preparation", "blocks", 0, "columns"], ["a"]),
        (["preparation", "blocks", 0, "columns"], {}),
        (["preparation", "blocks", 0, "columns"], [["nested"]] * 5),
        (["preparation", "blocks", 0, "with_missing"], ["nobody"]),
        (["preparation", "blocks", 1, "levels"], ["one"]),
        (["preparation", "clips_all"], True),
        (["columns"], []),
        (["columns", 0], ["island", "number"]),
        (["columns", 0], 3),
        (["columns", 0, "name"], "nobody"),
        (["columns", 0, "kind"], "evil"),
        (["columns", 0, "decimal"], ""),
        (["columns", 0, "unit"], 3),
        (["columns", 0, "month_first"], "no"),
        (["columns", 0, "compact"], 1),
        (["columns", 0, "lowest"], "low"),
        (["columns", 0, "missing"], [["x"]]),
        (["columns", 0, "parts"], {"a": "evil"}),
        (["columns", 0, "parts"], {"species": "year", "sex": "month"}),
        (["columns", 0, "strange"], 1),
        (["features"], ["a"]),
        (["features"], None),
        (["target", "classes"], ["a", "a", "b"]),
        (["target", "classes"], ["only"]),
        (["target", "classes"], [1, 2, 3]),
        (["target", "type"], "object_"),
        (["target", "type"], "M8[ns]"),
        (["target"], {"name": "t", "mean": None, "scale": 1}),
        (["target", "temperature"], 0.0),
        (["target"], {"name": "t", "mean": 0, "scale": 1, "bounds": [2, 1]}),
        (["members"], []),
        (["members"], [{}]),
        (["members", 0, "settings"], {}),
        (["members", 0, "clock"], {"update_number": 1}),
        (["members", 0, "history"], {}),
        (["members", 0, "history", "loss"], [1]),
        (["notes_"], 3),
        (["summary_"], KeyError),
    ],
)
def test_files_that_do_not_hang_together_are_refused(fitted, path, where, value):
    """With a right checksum, as somebody who means harm would write it."""
    fitted.save(path)
    header, arrays = header_of(path)
    spoil(header, where, value)
    write_model(path, header, arrays)
    with pytest.raises(ModelFileError, match="Expected"):
        load(path)


def test_arrays_that_do_not_fit_are_refused(fitted, path):
    fitted.save(path)
    header, arrays = header_of(path)
    for change in (
        {"W1": arrays["W1"].T},
        {"W1": np.full_like(arrays["W1"], np.nan)},
        {"stranger": np.ones(3)},
        {"median": np.ones((1, 4))},
    ):
        write_model(path, header, arrays | change)
        with pytest.raises(ModelFileError):
            load(path)


@pytest.mark.parametrize("number", [1, 2])
def test_files_of_older_formats_predict_as_they_did(penguins, number):
    """Written by the commits before the preparation became a list of records, and before there were members."""
    folder = Path(__file__).parent.parent / "data"
    expected = json.loads((folder / f"format_{number}_predictions.json").read_text())
    rows = penguins.iloc[expected["rows"]]
    classifier, regressor = (
        load(folder / f"{k}_format_{number}.pellucid") for k in ("classifier", "regressor")
    )
    chances = classifier.predict_proba(rows.drop(columns="species"))
    np.testing.assert_allclose(chances, expected["probability"], rtol=1e-12)
    predicted = regressor.predict(rows.drop(columns="body_mass_g"))
    np.testing.assert_allclose(predicted, expected["prediction"], rtol=1e-12)
    assert "Missing numbers" in " ".join(classifier.notes_)


def test_how_columns_are_read_comes_back(path):
    rows = 60
    X = pd.DataFrame(
        {
            "day": [f"{1 + i % 12:02}/{1 + i % 28:02}/2024 10:00" for i in range(rows)],
            "price": [*[f"{i}.200,5 €" for i in range(1, rows)], "oops"],
            "size": [*np.linspace(0, 1, rows - 1), np.inf],
            "clock": [f"{i % 24}:30" for i in range(rows)],
        }
    )
    model = TabularClassifier(preset="plain", random_state=0, epochs=2).fit(
        X, ["a", "b"] * (rows // 2)
    )
    model.save(path)
    again = load(path)
    assert again.readings_ == model.readings_
    assert again.columns_ == model.columns_
    # Each row by itself could be read in another way.
    for row in (0, 1, rows - 1):
        np.testing.assert_array_equal(
            again.predict_proba(X[row : row + 1]), model.predict_proba(X[row : row + 1])
        )
