"""Tables as they come: every kind of column, and for what cannot be used one clear error."""

import datetime as dt
import decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

from pellucid.errors import DivergedError, InputError, PellucidError
from pellucid.estimators import NotFittedError, TabularClassifier, TabularRegressor
from pellucid.estimators.frames import read_frame
from pellucid.estimators.inferring import inferred
from pellucid.estimators.readings import Reading
from pellucid.estimators.recipe import PRESETS
from pellucid.preparation import CategoryColumn, NumberColumn

ROWS = 60


def a_frame(**more):
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "size": rng.normal(size=ROWS),
            "colour": rng.choice(["red", "blue"], ROWS),
            "count": rng.integers(0, 9, ROWS),
            **more,
        }
    )


def some_classes():
    return pd.Series(np.random.default_rng(1).choice(["no", "yes"], ROWS), name="answer")


def classifier(**choices):
    return TabularClassifier(preset="plain", random_state=0, epochs=2, **choices)


@pytest.fixture(scope="module")
def fitted():
    return classifier().fit(a_frame(), some_classes())


def column_of(frame):
    """Return the first column of a frame as the estimators see it in training, and the note."""
    table = inferred(read_frame(frame).columns[:1])
    return table.columns[0], " ".join(table.notes)


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, None],
        pd.array([1, 2, None], dtype="Int64"),
        pd.array([1, 2, None], dtype="Float64"),
        np.array([1, 2, np.nan], dtype="f4"),
        [decimal.Decimal(1), decimal.Decimal(2), None],
        np.array([1, 2.0, None], dtype=object),
        ["1", " 2.0", None],
        ["1", "2", ""],
    ],
)
def test_numbers(values):
    column, _ = column_of(pd.DataFrame({"a": values}))
    assert isinstance(column, NumberColumn)
    np.testing.assert_array_equal(column.values, [1, 2, np.nan])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["b", "a", None], ["b", "a", None]),
        (pd.Categorical(["b", "a", None]), ["b", "a", None]),
        (pd.array(["b", "a", None], dtype="string"), ["b", "a", None]),
        ([True, False, None], [True, False, None]),
        (pd.array([True, False, None], dtype="boolean"), [True, False, None]),
        (["01", "2", None], ["01", "2", None]),
        (["1", "b", "  "], ["1", "b", None]),
        ([1, "b", float("nan")], [1, "b", None]),
        ([["x"], ["y", "z"], None], ["['x']", "['y', 'z']", None]),
        ([b"x", b"y\0", None], ["x", "y", None]),
        (pd.Categorical([2, 1, None]), [2, 1, None]),
        (pd.Categorical([2, 1, None], ordered=True), [2, 1, None]),
        (pd.Categorical(["1", "2", None]), ["1", "2", None]),
        (pd.Categorical([2.5, 1.0, None]), [2.5, 1.0, None]),
        ([True, 1, None], ["True", "1", None]),
    ],
)
def test_categories(values, expected):
    column, _ = column_of(pd.DataFrame({"a": values}))
    assert isinstance(column, CategoryColumn)
    assert list(column.values) == expected


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": pd.to_datetime(["1970-01-02 00:00", "1970-01-03 12:00", None])}),
        pd.DataFrame(
            {"a": pd.to_datetime(["1970-01-02 00:00", "1970-01-03 12:00", None], utc=True)}
        ),
        pd.DataFrame({"a": [pd.Timedelta("1D"), pd.Timedelta("2D12h"), None]}),
        pd.DataFrame(
            {"a": [dt.datetime(1970, 1, 2), dt.datetime(1970, 1, 3, 12), None]}, dtype=object
        ),
        pl.DataFrame({"a": [dt.datetime(1970, 1, 2), dt.datetime(1970, 1, 3, 12), None]}),
        pl.DataFrame({"a": [dt.timedelta(1), dt.timedelta(2.5), None]}),
        pa.table({"a": [dt.datetime(1970, 1, 2), dt.datetime(1970, 1, 3, 12), None]}),
    ],
)
def test_dates_and_durations_count_in_days_and_a_note_says_so(frame):
    column, note = column_of(frame)
    np.testing.assert_array_equal(column.values, [1, 2.5, np.nan])
    assert "'a' holds d" in note
    assert "days" in note


def test_plain_dates_count_in_days():
    dates = [dt.date(1970, 1, 3), None]
    for frame in (pd.DataFrame({"a": dates}), pl.DataFrame({"a": dates}), pa.table({"a": dates})):
        np.testing.assert_array_equal(column_of(frame)[0].values, [2, np.nan])


def test_thousands_separators_are_read_and_a_note_says_so():
    column, note = column_of(pd.DataFrame({"a": ["1,234", "-1,234,567.5", "12"]}))
    np.testing.assert_array_equal(column.values, [1234, -1234567.5, 12])
    said = "Column 'a' holds numbers written as text; they are read as numbers"
    assert note == f"{said} ('-1,234,567.5' as -1234567.5)."


def test_mixed_types_are_categories_and_a_note_says_so():
    _, note = column_of(pd.DataFrame({"a": [1, "x", True, None]}))
    assert "mixes types (bool, int, str)" in note


@given(
    st.lists(
        st.one_of(
            st.none(), st.text(max_size=4), st.booleans(), st.integers(), st.floats(), st.dates()
        ),
        min_size=1,
        max_size=8,
    )
)
@settings(deadline=None)
def test_any_column_is_read_or_refused_in_words(values):
    frame = pd.DataFrame({"a": pd.Series(values, dtype=object)})
    try:
        (raw,) = read_frame(frame).columns
        table = inferred([raw])
    except PellucidError:
        return
    for column in table.columns:
        assert len(column.values) == len(values)
    assert len(Reading("a", "category").read(raw)[0].values) == len(values)


def test_notes_tell_of_every_column_that_is_not_used_as_it_is():
    model = classifier().fit(
        a_frame(
            identity=[f"id{i}" for i in range(ROWS)],
            same=1,
            nothing=None,
            day=pd.date_range("2020", periods=ROWS),
            written=[f"{i},000" for i in range(1, ROWS + 1)],
        ),
        some_classes(),
    )
    notes = "\n".join(model.notes_)
    for part in (
        "'identity' is not used: it differs in every row",
        "'same' is not used: it is 1 in every row",
        "'nothing' is not used: all its values are missing",
        "'day' holds dates",
        "'written' holds numbers written as text",
    ):
        assert part in notes
    assert dict(model.columns_)["day"] == "dates"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X: X[["colour", "size", "count"]], "same order as they were in fit"),
        (lambda X: X.assign(more=1), "unseen at fit time:\n- more"),
        (lambda X: X[["size", "colour"]], "yet now missing:\n- count"),
        (lambda X: X.assign(size=["1.5"] * 9 + ["abc"] * 51), r"'size'.*'abc' in row 9"),
        (lambda X: X[:0], "a minimum of 1 is required"),
        (lambda X: pd.concat([X, X[["size"]]], axis=1), r"unseen at fit time:\n- size \(2\)"),
        (lambda X: pl.from_pandas(X).lazy(), "collect"),
        (lambda X: X.to_numpy()[:, 0], "Reshape your data"),
        (lambda X: np.zeros((3, 2)), "expecting 3 features"),
    ],
)
@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
def test_tables_that_do_not_fit_the_model_get_one_clear_error(fitted, change, message):
    with pytest.raises(ValueError, match=f"(?s){message}"):
        fitted.predict(change(a_frame()))


@pytest.mark.parametrize(
    "change",
    [
        lambda X: X.assign(colour="never seen"),
        lambda X: X.assign(colour=None),
        lambda X: X.assign(colour=3),
        lambda X: X.assign(size=None, colour=None, count=None),
        lambda X: X.assign(size="1,234.5"),
        lambda X: X.astype({"count": "float64"}).assign(count=np.nan),
        lambda X: pl.DataFrame({name: [None, None] for name in X.columns}),
        lambda X: pa.table(X),
    ],
)
def test_what_training_did_not_have_is_predicted_without_a_warning(fitted, change):
    chances = fitted.predict_proba(change(a_frame()))
    assert np.isfinite(chances).all()


def test_an_unknown_category_counts_as_a_missing_one(fitted):
    X = a_frame()
    np.testing.assert_array_equal(
        fitted.predict_proba(X.assign(colour="green")), fitted.predict_proba(X.assign(colour=None))
    )


def test_dates_stay_dates():
    X = a_frame(day=pd.date_range("2020", periods=ROWS))
    model = classifier().fit(X, some_classes())
    model.predict(X.assign(day=pd.NaT))
    as_text = X.assign(day=X["day"].dt.strftime("%Y-%m-%d"))
    np.testing.assert_array_equal(model.predict_proba(as_text), model.predict_proba(X))
    with pytest.raises(InputError, match=r"dates in column 'day'.*Got 3.0 in row 0"):
        model.predict(X.assign(day=3.0))


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["same"] * ROWS, r"only 1 class, 'same', in all 60 rows"),
        ([None] * ROWS, "in all of which it is missing"),
        ([float("nan")] * ROWS, "in all of which it is missing"),
        (["a"] * 10, "each of the 60 rows"),
        (None, "target y is None"),
        (np.linspace(0, 1, ROWS), "TabularRegressor"),
        (np.array(["a", 1] * 30, dtype=object), "mixes int, str"),
    ],
)
def test_targets_that_are_no_classes_get_one_clear_error(y, message):
    with pytest.raises(InputError, match=message):
        classifier().fit(a_frame(), y)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["a"] * ROWS, r"'a' in row 0.*TabularClassifier"),
        ([None] * 5 + [1.0] * 10 + ["x"] + [2.0] * 44, r"'x' in row 15"),
        ([1.0] * 8 + [np.inf] + [2.0] * 51, r"inf.*row 8"),
    ],
)
def test_targets_that_are_no_numbers_get_one_clear_error(y, message):
    with pytest.raises(InputError, match=message):
        TabularRegressor(preset="plain", epochs=1).fit(a_frame(), y)


@pytest.mark.parametrize("preset", ["plain", "default"])
def test_a_loss_of_counts_refuses_what_is_below_0(preset):
    """Also where all of them are, and their mean would turn them round."""
    model = TabularRegressor(loss="poisson", preset=preset, epochs=1)
    for y in (-np.arange(ROWS), np.arange(ROWS) - 3):
        with pytest.raises(InputError, match="poisson"):
            model.fit(a_frame(), y)


@pytest.mark.parametrize(
    "y",
    [
        pd.Series(["a", "b", None] * 20),
        pd.Series(["a", "b", None] * 20, dtype="category"),
        pd.Series([True, False, None] * 20, dtype="boolean"),
        pd.Series([1, 2, None] * 20, dtype="Int64"),
        pl.Series(["a", "b", None] * 20),
        pa.chunked_array([["a", "b", None] * 20]),
        [1.0, 2.0, float("nan")] * 20,
        np.array(["a", "b", None] * 20, dtype=object),
    ],
)
def test_rows_without_a_target_are_left_out_and_counted(y):
    model = classifier().fit(a_frame(), y)
    assert len(model.classes_) == 2
    assert "20 rows without a target are left out." in model.notes_
    assert model.summary_["rows_left_out"] == 20


def test_nothing_to_learn_from_is_an_error():
    with pytest.raises(InputError, match="at least one column that differs"):
        classifier().fit(pd.DataFrame({"k": np.ones(ROWS)}), some_classes())


@pytest.mark.parametrize("preset", ["plain", "simple", "default"])
@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"epochs": 0}, "1 epoch or more"),
        ({"epochs": "many"}, "1 epoch or more"),
        ({"batch_size": 0}, "batch size"),
        ({"batch_size": "big"}, "batch size"),
        ({"activation": "rulu"}, "did you mean 'relu'"),
        ({"optimizer": "adaam"}, "did you mean 'adam'"),
        ({"optimizer": 3}, "optimizer"),
        ({"hidden_sizes": (0,)}, "layer size"),
        ({"hidden_sizes": (4, 2.5)}, "layer size"),
        ({"activation": ["relu"] * 5}, "activation"),
        ({"learning_rate": -1}, "learning rate"),
        ({"weight_decay": -1}, "weight_decay"),
        ({"dropout": 1.0}, "dropout"),
        ({"label_smoothing": 2}, "label_smoothing"),
        ({"validation_fraction": 1.5}, "validation_fraction"),
        ({"time_limit": 0}, "time_limit of more than 0 seconds"),
        ({"time_limit": float("nan")}, "time_limit of more than 0 seconds"),
        ({"time_limit": "60"}, "time_limit of more than 0 seconds"),
        ({"class_weight": "balancd"}, "Got 'balancd'. To continue"),
        ({"class_weight": {"noo": 2.0}}, "one for 'noo', which is no class"),
    ],
)
def test_choices_that_make_no_sense_get_one_clear_error(preset, choices, message):
    with pytest.raises(InputError, match=message):
        TabularClassifier(preset=preset, **({"epochs": 1} | choices)).fit(a_frame(), some_classes())


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("name", ["weight_decay", "dropout", "label_smoothing"])
def test_what_a_preset_adds_can_be_left_out(preset, name):
    model = TabularClassifier(
        preset=preset, **{name: 0.0}, epochs=2, hidden_sizes=4, members=2, engine="numpy"
    )
    model.fit(a_frame(), some_classes())
    assert model.settings_.get(name, 0.0) == 0.0


def test_weights_below_0_and_all_0_are_refused():
    with pytest.raises(ValueError, match="Negative"):
        classifier().fit(a_frame(), some_classes(), -np.ones(ROWS))
    with pytest.raises(ValueError, match="non-zero"):
        classifier().fit(a_frame(), some_classes(), np.zeros(ROWS))
    y = [None] * 30 + ["no", "yes"] * 15
    with pytest.raises(InputError, match="rows that count"):
        classifier().fit(a_frame(), y, np.r_[np.ones(30), np.zeros(30)])


def test_divergence_is_told_with_its_layer():
    y = np.random.default_rng(0).normal(size=ROWS)
    with pytest.raises(DivergedError, match="in layer"):
        TabularRegressor(preset="plain", optimizer="sgd", learning_rate=1e9, random_state=0).fit(
            a_frame(), y
        )


@pytest.mark.parametrize("ask", ["predict", "predict_proba", "save", "trace", "check_target"])
def test_an_estimator_that_is_not_fitted_says_so(ask, tmp_path):
    argument = tmp_path / "m" if ask == "save" else a_frame()
    with pytest.raises(NotFittedError, match="not fitted yet"):
        getattr(TabularClassifier(preset="plain"), ask)(argument)
    with pytest.raises(NotFittedError, match="not fitted yet"):
        TabularRegressor(preset="plain").predict(a_frame())


def test_known_targets_are_checked(fitted):
    assert fitted.check_target(["yes", None, "no"]).tolist() == ["yes", "no"]
    with pytest.raises(InputError, match=r"'yess' in row 1.*did you mean 'yes'"):
        fitted.check_target(["no", "yess"])


@pytest.mark.parametrize("names", [[0, 1, 2], ["a", "b", "c"]])
def test_columns_are_called_by_their_names_in_notes_and_labels(names):
    X = a_frame().set_axis(names, axis=1)
    model = classifier().fit(X, some_classes())
    assert model.feature_labels_ == tuple(map(str, names))
    assert model.preparation_.labels["X"][0] == str(names[0])
    model.predict(X)
