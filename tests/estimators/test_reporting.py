"""Reports on estimators for tables: every number against scikit-learn, and against what the estimator predicts."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn import metrics
from sklearn.calibration import calibration_curve
from sklearn.inspection import permutation_importance

import pellucid
from pellucid.errors import InputError, MissingLibraryError, OutputError
from pellucid.estimators import NotFittedError, TabularClassifier, TabularRegressor
from pellucid.estimators.reporting import report_of


@pytest.fixture(scope="module")
def penguins():
    return pd.read_csv(pellucid.penguins_path())


@pytest.fixture(scope="module")
def classifier(penguins):
    """A classifier, and rows that it has not seen: with missing values, and a date and a constant besides."""
    table = penguins.assign(
        seen=pd.Timestamp("2024-02-01") + pd.to_timedelta(penguins.index % 50, "D"), same=1
    )
    X, y = table.drop(columns="species"), table["species"]
    model = TabularClassifier(preset="plain", epochs=12, random_state=0).fit(X[::2], y[::2])
    return model, X[1::2], y[1::2]


@pytest.fixture(scope="module")
def regressor(penguins):
    known = penguins[penguins["body_mass_g"].notna()]
    X, y = known.drop(columns="body_mass_g"), known["body_mass_g"]
    return (
        TabularRegressor(preset="plain", epochs=12, random_state=0).fit(X[::2], y[::2]),
        X[1::2],
        y[1::2],
    )


@pytest.fixture(scope="module")
def of_classes(classifier):
    model, X, y = classifier
    return model.report(X, y)


@pytest.fixture(scope="module")
def of_numbers(regressor):
    model, X, y = regressor
    return model.report(X, y)


def scores(report):
    return {score["name"]: score["value"] for score in report.data["scores"]}


def as_json(report):
    """Return the data as it comes back from JSON, which must be able to hold it."""
    return json.loads(json.dumps(report.data, allow_nan=False))


def test_classes_are_scored_as_by_scikit_learn(classifier, of_classes):
    model, X, y = classifier
    predicted, chances = model.predict(X), model.predict_proba(X)
    found = scores(of_classes)
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(y, predicted))
    assert found["balanced accuracy"] == pytest.approx(
        metrics.balanced_accuracy_score(y, predicted)
    )
    assert found["log loss"] == pytest.approx(metrics.log_loss(y, chances))
    assert found["Brier score"] == pytest.approx(metrics.brier_score_loss(y, chances))
    np.testing.assert_allclose(
        of_classes.data["confusion"], metrics.confusion_matrix(y, predicted, labels=model.classes_)
    )
    by_class = metrics.precision_recall_fscore_support(y, predicted)
    for name, values in zip(("precision", "recall", "f1", "rows"), by_class, strict=True):
        np.testing.assert_allclose([c[name] for c in of_classes.data["classes"]], values)
    assert of_classes.data["trivial_guess"] == y.mode()[0]


def test_chances_are_compared_with_what_happened(classifier, of_classes, penguins):
    """Of several classes it is the chance of the predicted one, of two that of the second."""
    model, X, y = classifier
    right = model.predict(X) == y
    found = of_classes.data["calibration"]
    shares, chances = calibration_curve(right, model.predict_proba(X).max(axis=1), n_bins=10)
    np.testing.assert_allclose([b["share"] for b in found["bins"]], shares)
    np.testing.assert_allclose([b["chance"] for b in found["bins"]], chances)
    known = penguins[penguins["sex"].notna()]
    X, y = known.drop(columns="sex"), known["sex"]
    model = TabularClassifier(preset="plain", epochs=3, random_state=0).fit(X, y)
    found = model.report(X, y).data["calibration"]
    shares, chances = calibration_curve(y == "male", model.predict_proba(X)[:, 1], n_bins=10)
    assert found["of"] == "male"
    np.testing.assert_allclose([b["share"] for b in found["bins"]], shares)
    np.testing.assert_allclose([b["chance"] for b in found["bins"]], chances)


def test_numbers_are_scored_as_by_scikit_learn(regressor, of_numbers):
    model, X, y = regressor
    predicted = model.predict(X)
    found = scores(of_numbers)
    assert found["R²"] == pytest.approx(metrics.r2_score(y, predicted))
    assert found["root mean squared error"] == pytest.approx(
        metrics.root_mean_squared_error(y, predicted)
    )
    assert found["mean absolute error"] == pytest.approx(metrics.mean_absolute_error(y, predicted))
    off = abs(y - predicted).sort_values().to_numpy()
    assert of_numbers.data["residuals"]["half_within"] == pytest.approx(off[(len(off) - 1) // 2])
    np.testing.assert_allclose(of_numbers.data["residuals"]["predicted"], predicted)
    worst = int(np.argmax(abs(y - predicted)))
    assert of_numbers.data["missed"][0]["row"] == worst
    assert of_numbers.data["missed"][0]["true"] == y.iloc[worst]


def test_weights_and_missing_targets_are_kept_out_of_the_scores(classifier):
    model, X, y = classifier
    weight = np.random.default_rng(0).uniform(0.5, 2, len(y))
    weight[5:9] = 0
    target = y.astype(object).copy()
    target.iloc[:3] = None
    report = model.report(X, target, sample_weight=weight)
    counted = np.r_[3:5, 9 : len(y)]
    expected = metrics.accuracy_score(
        y.iloc[counted], model.predict(X.iloc[counted]), sample_weight=weight[counted]
    )
    assert scores(report)["accuracy"] == pytest.approx(expected)
    rows = report.data["rows"]
    assert (rows["given"], rows["without_target"], rows["without_weight"]) == (len(y), 3, 4)
    assert rows["judged"] == len(counted)
    assert "3 rows without a target could not be judged." in report.html


def test_the_report_after_a_fit_has_the_score_of_the_held_out_rows(penguins):
    """The fit has scored its held-out rows itself, by the network's outputs."""
    X, y = penguins.drop(columns="species"), penguins["species"]
    model = TabularClassifier(preset="plain", epochs=8, random_state=3).fit(X, y)
    report = report_of(model, X, y, unseen=True)
    assert scores(report)["accuracy"] == pytest.approx(model.summary_["score"])
    assert report.data["rows"]["judged"] == model.summary_["validation_rows"] == 69
    assert "69 rows that were held out of training" in report.html


def test_after_a_fit_of_several_networks_each_row_is_judged_by_those_that_held_it_out(penguins):
    X, y = penguins.drop(columns="species"), penguins["species"]
    model = TabularClassifier(
        preset="plain", epochs=4, members=6, metric="log_loss", random_state=3
    ).fit(X, y)
    report = report_of(model, X, y, unseen=True)
    assert scores(report)["log loss"] == pytest.approx(model.summary_["score"])
    assert report.data["rows"]["judged"] == len(y)
    assert len(report.data["training"]["members"]) == 6
    assert "6 networks of this shape" in report.html
    known = X[penguins["body_mass_g"].notna()].drop(columns="body_mass_g")
    numbers = penguins["body_mass_g"].dropna()
    model = TabularRegressor(preset="plain", epochs=4, members=2, random_state=3).fit(
        known, numbers
    )
    found = scores(report_of(model, known, numbers, unseen=True))
    assert found["R²"] == pytest.approx(model.summary_["score"])


def test_a_fit_that_held_nothing_out_is_judged_by_all_rows(penguins):
    X, y = penguins.drop(columns="species"), penguins["species"]
    model = TabularClassifier(preset="plain", epochs=3, validation_fraction=0, random_state=0).fit(
        X, y
    )
    report = report_of(model, X, y, unseen=True)
    assert report.data["rows"]["judged"] == len(y)
    assert "No rows were held out in training" in report.html
    assert "the scores are too good" in report.html


def test_importance_is_scikit_learns(classifier, of_classes):
    """Ours shuffles the numbers of rows; scikit-learn shuffles the columns of the frame themselves."""
    model, X, y = classifier
    expected = permutation_importance(
        model, X, y, scoring=["accuracy", "neg_log_loss"], n_repeats=5, random_state=0
    )
    columns = of_classes.data["importance"]["columns"]
    assert [c["name"] for c in columns] == sorted(
        (n for n in X.columns if n != "same"),
        key=lambda n: -expected["neg_log_loss"].importances_mean[X.columns.get_loc(n)],
    )
    for column in columns:
        at = X.columns.get_loc(column["name"])
        assert column["score"]["mean"] == pytest.approx(expected["accuracy"].importances_mean[at])
        assert column["loss"]["mean"] == pytest.approx(
            expected["neg_log_loss"].importances_mean[at], abs=1e-12
        )
        assert column["loss"]["spread"] == pytest.approx(
            expected["neg_log_loss"].importances_std[at], abs=1e-12
        )


def test_importance_is_that_of_the_rows_that_count(regressor):
    model, X, y = regressor
    weight = np.random.default_rng(0).uniform(0.5, 2, len(y))
    target = y.copy()
    target.iloc[:40] = np.nan
    expected = permutation_importance(
        model,
        X.iloc[40:],
        y.iloc[40:],
        scoring="r2",
        n_repeats=5,
        random_state=0,
        sample_weight=weight[40:],
    )
    columns = model.report(X, target, sample_weight=weight).data["importance"]["columns"]
    for column in columns:
        at = X.columns.get_loc(column["name"])
        assert column["score"]["mean"] == pytest.approx(expected.importances_mean[at], abs=1e-12)


def test_many_rows_are_not_all_shuffled():
    X = np.random.default_rng(0).normal(size=(2500, 2))
    y = X[:, 0] * 2
    model = TabularRegressor(preset="plain", epochs=2, random_state=0, hidden_sizes=(4,)).fit(X, y)
    report = model.report(X, y)
    assert report.data["importance"]["rows"] == 1000
    assert report.data["importance"]["columns"][0]["name"] == "x0"
    assert "measured on 1,000 of the rows" in report.html


@pytest.mark.parametrize("which", ["classifier", "regressor"])
def test_one_prediction_is_what_the_estimator_predicts(which, request):
    """What a column moved is found again by changing the frame by hand."""
    model, X, y = request.getfixturevalue(which)
    example = model.report(X, y).data["example"]
    row = X.iloc[[example["row"]]]
    is_classes = which == "classifier"
    assert example["predicted"] == model.predict(row)[0]
    assert example["true"] == y.iloc[example["row"]]

    def answer(rows):
        if not is_classes:
            return model.predict(rows)[0]
        return model.predict_proba(rows)[0, list(model.classes_).index(example["predicted"])]

    assert example["answer"] == pytest.approx(answer(row))
    for column in example["columns"]:
        name = column["name"]
        known = X[name].dropna()
        if known.dtype.kind in "fi":
            assert column["typical"] == np.sort(known)[(len(known) - 1) // 2]
            other = column["typical"]
        elif known.dtype.kind == "M":
            other = np.sort(known)[(len(known) - 1) // 2]
            assert pd.Timestamp(column["typical"]) == other
        else:
            other = column["typical"]
            assert other == known.mode()[0] or (known == other).sum() == known.value_counts().max()
        changed = row.copy()
        changed[name] = pd.Series([other], index=row.index, dtype=X[name].dtype)
        assert column["without"] == pytest.approx(answer(changed), rel=1e-9)
        assert column["moved"] == pytest.approx(example["answer"] - column["without"])
    moved = [abs(c["moved"]) for c in example["columns"]]
    assert moved == sorted(moved, reverse=True)


def test_the_way_to_the_answer_is_the_trace(classifier, of_classes):
    model, X, y = classifier
    example = of_classes.data["example"]
    trace = model.trace(X.iloc[[example["row"]]], y.iloc[[example["row"]]])
    for equation in example["equations"]:
        np.testing.assert_allclose(equation["first"], trace[equation["name"]][0][:12])
        assert equation["lowest"] == pytest.approx(trace[equation["name"]].min())
    assert [i["value"] for i in example["inputs"]] == pytest.approx(trace["X"][0].tolist())
    assert equation["name"] == "output"
    assert max(equation["first"]) == pytest.approx(example["answer"])


def test_columns_are_described(classifier, of_classes):
    _, X, _ = classifier
    columns = {c["name"]: c for c in of_classes.data["table"]["columns"]}
    assert list(columns) == list(X.columns)
    assert columns["sex"]["missing"] == X["sex"].isna().sum() > 0
    assert columns["island"]["holds"]["levels"] == 3
    most = X["island"].value_counts()
    assert columns["island"]["holds"]["most"][0] == {"value": most.index[0], "rows": most.iloc[0]}
    assert columns["bill_length_mm"]["holds"]["median"] == pytest.approx(
        X["bill_length_mm"].median()
    )
    assert columns["seen"]["kind"] == "dates"
    assert columns["seen"]["holds"]["highest"] == str(X["seen"].max().date())
    assert columns["same"]["not_used"]


def test_categories_without_an_input_are_told():
    """Of 90 categories 64 have an input; the other rows are of a category that is new."""
    table = [[f"c{at % 90:02}", at % 7] for at in range(900)]
    model = TabularClassifier(preset="plain", epochs=1, random_state=0, hidden_sizes=(4,))
    report = model.fit(table, [at % 2 for at in range(900)]).report(
        [["new", 1], ["new", 2], ["c00", 3]], [0, 1, 0]
    )
    (column, _) = report.data["table"]["columns"]
    assert column["merged"] == 26
    assert column["unknown"] in (2, 3)  # c00 may be one of those left out
    assert "26 rare categories have no input of their own" in report.html


def test_curves_are_the_history(classifier, of_classes):
    model, _, _ = classifier
    (member,) = of_classes.data["training"]["members"]
    assert member["loss"] == model.history_.curve("loss")
    assert member["validation_loss"] == model.history_.curve("validation_loss")
    assert member["best_epoch"] == model.history_.best + 1


def test_any_kind_of_table_gives_the_same_numbers(classifier, of_classes):
    model, X, y = classifier
    for table, target in (
        (pl.from_pandas(X), pl.Series("species", y.tolist())),
        (pa.Table.from_pandas(X, preserve_index=False), pa.chunked_array([y.tolist()])),
    ):
        report = model.report(table, target)
        for part in ("scores", "confusion", "importance", "missed"):
            assert report.data[part] == of_classes.data[part], part


def test_the_same_report_has_the_same_text(classifier, of_classes):
    model, X, y = classifier
    again = model.report(X, y)
    assert again.data == of_classes.data
    assert again.html == of_classes.html
    assert len(again.html) < 300_000


CASES = {
    "one row of one column": ([[2.5]], [1.0], [[1.0], [2.0], [3.0]] * 6, [1.0, 2.0, 3.0] * 6),
    "one row of a class": ([["b", None]], ["no"], [["a", 1], ["b", 2]] * 20, ["yes", "no"] * 20),
    "missing values only": (
        [[None, None], [None, None]],
        [0, 1],
        [["a", 1], ["b", 2]] * 20,
        [0, 1] * 20,
    ),
    "booleans": ([[1.0], [2.0]], [True, True], [[1.0], [2.0]] * 20, [True, False] * 20),
    "the same target in every row": (
        [[1.0], [2.0]],
        [3.0, 3.0],
        [[1.0], [2.0]] * 9,
        [3.0, 4.0] * 9,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_small_tables_have_reports(name):
    X, y, table, target = CASES[name]
    kind = TabularRegressor if isinstance(target[0], float) else TabularClassifier
    model = kind(preset="plain", epochs=3, random_state=0, hidden_sizes=(4,)).fit(table, target)
    report = model.report(X, y)
    data = as_json(report)
    assert data["rows"]["judged"] == len(y)
    assert "<h2" in report.html
    if data["classes"]:
        assert sum(map(sum, data["confusion"])) == len(y)


def test_many_columns_and_classes():
    """100 columns, 30 classes of which one is absent from the rows."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(600, 100)), np.arange(600) % 30
    model = TabularClassifier(preset="plain", epochs=2, random_state=0, hidden_sizes=(8,)).fit(X, y)
    report = model.report(X[y != 7][:200], y[y != 7][:200])
    data = as_json(report)
    assert data["importance"]["rows"] == 200
    assert len(data["importance"]["columns"]) == 100
    assert data["classes"][7]["recall"] is None
    assert data["classes"][7]["name"] == 7
    assert "absent from these rows: 7." in report.html
    assert len(report.html) < 2_000_000


def test_a_class_that_was_not_in_training_is_named_with_its_row(classifier):
    model, X, y = classifier
    target = y.astype(object).to_numpy().copy()
    target[0], target[4] = None, "Emperor"
    with pytest.raises(InputError, match=r"'Emperor' in row 4 \(counted from 0\)"):
        model.report(X, target)


def test_rows_that_do_not_count_are_refused(classifier):
    model, X, y = classifier
    with pytest.raises(InputError, match="a sample_weight of 0 in all 172 rows"):
        model.report(X, y, sample_weight=np.zeros(len(y)))


def test_an_estimator_without_a_fit_has_no_report():
    with pytest.raises(NotFittedError):
        TabularClassifier(preset="plain").report([[1.0]], [1])


def test_saved_and_loaded_estimators_report_the_same(classifier, of_classes, tmp_path):
    model, X, y = classifier
    model.save(tmp_path / "m.pellucid")
    again = pellucid.load(tmp_path / "m.pellucid").report(X, y)
    assert scores(again) == pytest.approx(scores(of_classes))


OLD = sorted((Path(__file__).parent.parent / "data").glob("*_format_*.pellucid"))


@pytest.mark.parametrize("path", OLD, ids=lambda path: path.stem)
def test_old_model_files_have_reports(path, penguins):
    model = pellucid.load(path)
    name = model.target_.name
    known = penguins[penguins[name].notna()]
    X, y = known[list(model.feature_labels_)], known[name]
    report = model.report(X, y)
    first = metrics.accuracy_score if name == "species" else metrics.r2_score
    assert report.data["scores"][0]["value"] == pytest.approx(first(y, model.predict(X)))
    assert "What was left undone" in report.html


def test_a_path_gets_the_page(classifier, of_classes, tmp_path):
    model, X, y = classifier
    path = model.report(X, y, tmp_path / "report.html")
    assert path.read_text("utf-8") == of_classes.html
    with pytest.raises(OutputError):
        of_classes.save(tmp_path / "nowhere" / "report.html")
    with pytest.raises(InputError, match=r"ends in \.html or \.htm.*report\.pdf"):
        model.report(X, y, tmp_path / "report.pdf")


def test_without_matplotlib_the_extra_is_named(classifier, monkeypatch):
    model, X, y = classifier
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingLibraryError, match=r"pip install 'pellucid\[report\]'"):
        model.report(X, y)


PROGRAM = """
import sys
import pellucid.cli.main, pellucid.estimators.reporting, pellucid.report
assert "matplotlib" not in sys.modules
import matplotlib
matplotlib.rcParams["text.usetex"] = True
kept = [name for name in matplotlib.rcParams if name != "backend"]  # looking at that one imports pyplot
before = [matplotlib.rcParams[name] for name in kept]
X, y = [[1.0], [2.0]] * 30, ["a", "b"] * 30
model = pellucid.TabularClassifier(preset="plain", epochs=2, random_state=0, hidden_sizes=(4,)).fit(X, y)
model.report(X, y).html
assert [matplotlib.rcParams[name] for name in kept] == before
assert "matplotlib.pyplot" not in sys.modules
"""


def test_matplotlib_is_imported_on_use_and_left_as_it_was():
    subprocess.run([sys.executable, "-W", "error", "-c", PROGRAM], check=True)
