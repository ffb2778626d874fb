"""Presets: what they choose, and that "simple" trains as the published RealMLP-TD-S does."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from pellucid.data import penguins_path
from pellucid.errors import InputError
from pellucid.estimators import TabularClassifier, TabularRegressor, load
from pellucid.estimators.frames import read_frame
from pellucid.estimators.inferring import inferred
from pellucid.estimators.recipe import PRESETS, optimizer_for, recipe_of
from pellucid.evaluator import compute, predict
from pellucid.preparation import ROBUST, CategoryColumn, ClassTarget, NumberTarget, Preparation
from pellucid.step import Step
from pellucid.training.updates import Updates

# Start weights, batches and what came of them, by the authors' own program in float32.
PUBLISHED = json.loads(
    (Path(__file__).parent.parent / "data" / "realmlp_td_s.json").read_text(encoding="utf-8")
)
HIDDEN = (6, 5)


@pytest.fixture(scope="module")
def penguins():
    return pd.read_csv(penguins_path())


def only(column, rows):
    values = [column.values[row] for row in rows]
    kind = type(column)
    return kind(column.name, values if kind is CategoryColumn else np.array(values))


def softmax(z):
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("task", ["classes", "numbers"])
def test_simple_is_the_published_recipe(task):
    """From the same start weights, and with the same batches, every loss and every prediction is the same."""
    published = PUBLISHED[task]
    columns = inferred(read_frame(pd.DataFrame(PUBLISHED["columns"])).columns).columns
    held = PUBLISHED["held_out"]
    training = np.setdiff1d(np.arange(len(columns[0].values)), held)
    preparation = Preparation.fit([only(column, training) for column in columns], ROBUST)
    X = compute(preparation.lines, preparation.given(columns))["X"]
    np.testing.assert_allclose(X[:5], published["X_first_rows"], atol=1e-6)

    raw, estimator = published["y"], TabularRegressor(HIDDEN, preset="simple")
    if task == "classes":
        estimator = TabularClassifier(HIDDEN, preset="simple")
        target = ClassTarget("y", ("high", "low"), one_each=True)
        codes = np.array([[float(value == "low")] for value in raw])
    else:
        codes = np.array(raw).reshape(-1, 1)
        target = NumberTarget.fit("y", codes[training])
    y = compute(target.lines, {"target": codes, **target.fitted})["y"]

    estimator.target_ = target
    network = estimator._network(X.shape[1], len(X))
    parameters = {name: np.array(value) for name, value in published["start"].items()}
    for at, fan_in in enumerate(network.sizes[:-1], 1):
        parameters[f"W{at}"] = parameters[f"W{at}"] / np.sqrt(fan_in)
    recipe = recipe_of("simple", classes=task == "classes")
    total = len(published["batches"])
    chain = optimizer_for(recipe, "auto", recipe.learning_rate, recipe.weight_decay, total)
    maker = Updates(Step(network, chain), network.start(parameters=parameters))
    halved = 1 if task == "classes" else 2
    outputs = []
    for number, rows in enumerate(published["batches"]):
        values = maker.make(maker.given(X[rows], y[rows], progress=number / total))
        expected = published["losses"][number] / halved
        assert float(values["loss"]) == pytest.approx(expected, rel=1e-5), f"update {number + 1}"
        if (number + 1) % (total // len(published["held_out_after_each_epoch"])) == 0:
            outputs.append(predict(network, maker.parameters, X[held])["output"])

    for output, expected in zip(outputs, published["held_out_after_each_epoch"], strict=True):
        found = compute(target.answer, {"output": output, **target.fitted}).get(
            "prediction", output
        )
        wanted = softmax(np.array(expected)) if task == "classes" else np.array(expected)
        np.testing.assert_allclose(found, wanted, rtol=2e-5)


def test_simple_trains_as_published():
    """What the recipe says of epochs, batches, the best epoch, and start weights."""
    for kind in (0, 1):
        recipe = PRESETS["simple"][kind]
        assert (recipe.hidden_sizes, recipe.epochs, recipe.batch_size) == ((256,) * 3, 256, 256)
        assert recipe.drop_last
        assert recipe.watch == "score"
    X, y = np.random.default_rng(0).normal(size=(80, 3)), np.arange(80) % 2
    model = TabularClassifier(preset="simple", epochs=1, random_state=0).fit(X, y)
    assert model.network_.sizes == (3, 256, 256, 256, 2)
    start = model.network_.start(0)
    views = model.network_.views(start)
    assert not views["W4"].any()
    assert not views["b4"].any()
    assert views["W2"].std() == pytest.approx(1 / 16, rel=0.02)
    assert views["b2"].std() == pytest.approx(1, rel=0.2)
    assert (views["input_scale"] == 1).all()


@pytest.mark.parametrize("preset", ["default", "best"])
def test_tables_of_few_rows_get_narrow_networks_and_small_batches(preset):
    for classes in (True, False):
        recipe = recipe_of(preset, classes=classes)
        few, many = recipe.for_rows(5_000), recipe.for_rows(5_001)
        assert (few.hidden_sizes, few.batch_size) == ((128,) * 3, 128)
        assert (many.hidden_sizes, many.batch_size) == ((256,) * 3, 256)
        assert (few.members, many.members) == ((15, 10) if preset == "best" else (5, 5))
    X, y = np.random.default_rng(0).normal(size=(400, 3)), np.arange(400) % 2
    how = {"preset": preset, "members": 2, "epochs": 1, "random_state": 0}
    model = TabularClassifier(**how).fit(X, y)
    assert model.network_.sizes == (3, 128, 128, 128, 2)
    assert model.clock_["update_number"] == 1 + 320 // 128
    assert TabularClassifier((8,), **how).fit(X, y).network_.sizes == (3, 8, 2)
    model = TabularClassifier(batch_size=50, **how).fit(X, y)
    assert model.clock_["update_number"] == 1 + 320 // 50


def test_the_last_of_equally_good_epochs_is_kept(penguins):
    """Best is by accuracy on the held-out rows, in which many epochs are equal."""
    X, y = penguins.drop(columns="species"), penguins["species"]
    history = TabularClassifier(preset="simple", epochs=12, random_state=0).fit(X, y).history_
    scores = history.curve("score")
    assert history.best == max(at for at, score in enumerate(scores) if score == max(scores))


@pytest.mark.parametrize("kind", [TabularClassifier, TabularRegressor])
def test_both_engines_train_the_preset_alike(penguins, kind):
    """The scale of the inputs, factors by role, waves of the rate, and epochs of full batches."""
    known = penguins.dropna()
    y = known["species"] if kind is TabularClassifier else known["body_mass_g"]
    X = known.drop(columns=["species", "body_mass_g"])
    models = [
        kind((8, 8), preset="simple", epochs=4, batch_size=50, random_state=0, engine=engine)
        for engine in ("numpy", "compiled")
    ]
    by_numpy, compiled = (model.fit(X, y) for model in models)
    assert compiled.engine_ == "compiled"
    assert by_numpy.clock_["update_number"] == compiled.clock_["update_number"]
    assert compiled.clock_["update_number"] <= 4 * (len(X) * 4 // 5 // 50) + 1
    for name, array in by_numpy.parameters_.items():
        np.testing.assert_allclose(
            compiled.parameters_[name], array, rtol=1e-3, atol=1e-5, err_msg=name
        )


def test_plain_is_what_it_always_was(penguins):
    X, y = penguins.drop(columns="species"), penguins["species"]
    spelled_out = TabularClassifier(
        (64, 64),
        "silu",
        optimizer="adamw",
        learning_rate=0.01,
        weight_decay=0.5,
        dropout=0.1,
        label_smoothing=0.05,
        epochs=3,
        random_state=0,
        preset="plain",
    )
    by_default = TabularClassifier(preset="plain", epochs=3, random_state=0)
    np.testing.assert_array_equal(
        by_default.fit(X, y).predict_proba(X), spelled_out.fit(X, y).predict_proba(X)
    )


@pytest.mark.parametrize("kind", [TabularClassifier, TabularRegressor])
def test_a_fitted_one_comes_back_from_its_file_and_shows_its_next_step(penguins, kind, tmp_path):
    y = penguins["species"] if kind is TabularClassifier else penguins["year"].astype(float)
    X = penguins.drop(columns=["species", "year"])
    model = kind((5,), preset="simple", epochs=3, random_state=0).fit(X, y)
    model.save(tmp_path / "model.pellucid")
    again = load(tmp_path / "model.pellucid")
    assert again.predict(X).tolist() == model.predict(X).tolist()
    assert again.get_params() == model.get_params()
    trace = again.trace(X[:4], y[:4])
    assert {"joined", "scaled_X", "error_X", "input_scale_next", "learning_rate"} <= {
        equation.name for equation in trace.equations
    }
    np.testing.assert_array_equal(trace["input_scale"], model.parameters_["input_scale"])


def test_what_is_given_goes_before_the_preset(penguins):
    X, y = penguins.drop(columns="species"), penguins["species"]
    model = TabularClassifier(
        (7,), "tanh", preset="simple", epochs=2, weight_decay=0.1, dropout=0.2
    )
    model.fit(X, y)
    assert model.network_.sizes == (13, 7, 3)
    assert model.network_.layers[0].activation.name == "tanh"
    assert model.network_.layers[0].dropout == 0.2
    assert model.optimizer_.settings["weight_decay"] == 0.1


@pytest.mark.long
@parametrize_with_checks(
    [
        kind((16, 16), preset=preset, epochs=40, random_state=0)
        for preset in ("simple", "default")
        for kind in (TabularClassifier, TabularRegressor)
    ],
    expected_failed_checks=lambda _: {
        "check_sample_weight_equivalence_on_dense_data": "rows are held out, and drawn in batches",
        "check_sample_weight_equivalence_on_sparse_data": "rows are held out, and drawn in batches",
    },
)
@pytest.mark.filterwarnings("ignore")  # these checks warn of what they check
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"preset": "simpel"}, "There is no preset 'simpel' (did you mean 'simple'?)"),
        ({"preset": None}, "There is no preset None"),
        ({"learning_rate": "fast"}, "Expected numbers for learning_rate, or 'auto'. Got 'fast'"),
        ({"hidden_sizes": "64"}, "Expected numbers for hidden_sizes, or 'auto'. Got '64'"),
    ],
)
def test_wrong_choices(wrong, message):
    X, y = [[1.0], [2.0], [3.0]], [0, 1, 0]
    with pytest.raises(InputError, match=re.escape(message)):
        TabularClassifier(**wrong, epochs=1).fit(X, y)
