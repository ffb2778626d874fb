"""What columns are found to be, what is said of them, and that prediction reads them as training did."""

import datetime as dt
import decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

from pellucid.errors import InputError
from pellucid.estimators import TabularClassifier, TabularRegressor, load
from pellucid.estimators.frames import read_frame
from pellucid.estimators.inferring import inferred
from pellucid.preparation import CategoryColumn, NumberColumn

ROWS = 60


def table_of(values):
    return inferred(read_frame(pd.DataFrame({"a": values})).columns)


def a_frame(**more):
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {"size": rng.normal(size=ROWS), "colour": rng.choice(["red", "blue"], ROWS), **more}
    )


def some_classes():
    return np.random.default_rng(1).choice(["no", "yes"], ROWS)


def fitted(X, y=None):
    return TabularClassifier(preset="plain", random_state=0, epochs=1).fit(
        X, some_classes() if y is None else y
    )


DAYS = pd.DatetimeIndex(
    pd.Timestamp("2023-06-01") + pd.to_timedelta(np.arange(ROWS) * 17 + 5, unit="h") * 7
)


@pytest.mark.parametrize(
    "days",
    [
        DAYS,
        DAYS.astype("datetime64[s]"),
        DAYS.tz_localize("UTC"),
        DAYS.astype("string[pyarrow]"),
        list(DAYS.to_pydatetime()),
        DAYS.strftime("%Y-%m-%dT%H:%M:%SZ"),
        DAYS.strftime("%d/%m/%Y %H:%M"),
        DAYS.strftime("%m/%d/%Y %H:%M"),
        DAYS.strftime("%d.%m.%Y %H:%M"),
        DAYS.strftime("%B %d, %Y %I:%M %p"),
        DAYS.to_period("h"),
    ],
    ids=range(11),
)
def test_dates_of_every_kind_give_the_same_columns(days):
    """The calendar of pandas is the other computation."""
    table = table_of(days)
    columns = {column.name: list(column.values) for column in table.columns}
    since = (DAYS - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
    np.testing.assert_allclose(columns["a"], since, atol=1e-9)
    assert columns["a: year"] == DAYS.year.tolist()
    assert columns["a: month"] == DAYS.month.tolist()
    assert columns["a: day of the week"] == (DAYS.day_of_week + 1).tolist()
    assert columns["a: hour"] == DAYS.hour.tolist()
    assert "with columns of their own for year, month, day of the week and hour" in table.notes[0]


@pytest.mark.parametrize(
    ("dates", "parts"),
    [
        (pd.date_range("2024-01-01", periods=30), ["day of the week"]),
        (pd.date_range("2024-01-20", periods=30), ["month", "day of the week"]),
        (pd.date_range("2024-01-01", periods=30, freq="MS"), ["year", "month"]),
        (pd.date_range("2000-01-01", periods=30, freq="YS"), ["year"]),
        (pd.date_range("2024-01-01", periods=9, freq="h"), ["hour"]),
        (["2024-01-01", None] * 9, []),
    ],
)
def test_only_parts_that_differ_are_columns(dates, parts):
    table = table_of(dates)
    assert list(table.readings[0].parts.values()) == parts
    assert [column.name for column in table.columns[1:]] == [f"a: {part}" for part in parts]


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        (["03/04/2024", "25/04/2024"], "2024-04-03"),
        (["03/04/2024", "04/25/2024"], "2024-03-04"),
        (["03/04/2024", "04/05/2024"], "2024-04-03"),  # either way: day first
        (["03/01/2024", "04/01/2024"], "2024-03-01"),  # monthly rather than in one January
        (["01/03/2024", "01/04/2024"], "2024-03-01"),
    ],
)
def test_whether_day_or_month_is_first_is_told_from_the_whole_column(texts, first):
    table = table_of(texts)
    assert table.columns[0].values[0] == (pd.Timestamp(first) - pd.Timestamp("1970-01-01")).days
    month_first = first == "2024-03-04" or texts[0] == "03/01/2024"
    assert ("03/04 is March 4" if month_first else "03/04 is April 3") in table.notes[0]


def test_a_column_that_is_named_like_a_part_stays_itself():
    X = a_frame(day=DAYS.strftime("%Y-%m-%d"), **{"day: month": 3.5 + np.arange(ROWS)})
    model = fitted(X)
    names = [name for reading in model.readings_ for name in reading.columns]
    assert len(set(names)) == len(names)
    assert {"day: month", "day: month'"} <= set(names)
    np.testing.assert_array_equal(model.predict_proba(X), fitted(X).predict_proba(X))


def test_a_date_that_cannot_be_read_is_missing_and_told_in_training():
    days = [*DAYS.strftime("%Y-%m-%d")[:-3], "soon", "unknown", None]
    model = fitted(X := a_frame(day=days))
    notes = " ".join(model.notes_)
    assert "cannot be read, and count as missing ('soon'; the first in row 57" in notes
    assert "signs that count as missing values ('unknown')" in notes
    missing = model.predict_proba(X.assign(day=None))
    for text in ("soon", "later", "31/31/2024", ""):
        np.testing.assert_array_equal(model.predict_proba(X.assign(day=text)), missing)


def test_one_row_is_read_as_it_is_in_its_table():
    """01/02 alone could be either; the model knows."""
    X = a_frame(day=DAYS.strftime("%m/%d/%Y"), price=[f"{i},5" for i in range(ROWS)])
    model = fitted(X)
    whole = model.predict_proba(X)
    for row in range(0, ROWS, 7):
        np.testing.assert_allclose(model.predict_proba(X[row : row + 1])[0], whole[row], rtol=1e-12)


@pytest.mark.parametrize(
    ("texts", "expected", "decimal", "unit"),
    [
        (["12.3%", "5%"], [12.3, 5], ".", "%"),
        (["$4.50", "1,000", "-$3"], [4.5, 1000, -3], ".", "$"),
        (["€ 1.200,50", "7 €"], [1200.5, 7], ",", "€"),
        (["1,5", "2,25"], [1.5, 2.25], ",", ""),
        (["1 234", "12"], [1234, 12], ".", ""),
        (["1,234", "5,678"], [1234, 5678], ".", ""),  # either way: thousands
        (["1.234", "5.678"], [1.234, 5.678], ".", ""),  # either way: decimals
        (["1,234", *["5,678"] * 9, "odd"], [1234, *[5678] * 9, np.nan], ".", ""),
        (["1,234", "5,6"], [1.234, 5.6], ",", ""),
        (["1.234", "5.678.901"], [1234, 5678901], ",", ""),
        ([1, "2", "3.5", decimal.Decimal("4.5")], [1, 2, 3.5, 4.5], ".", ""),
    ],
)
def test_text_is_read_in_the_way_by_which_most_of_it_is_numbers(texts, expected, decimal, unit):
    table = table_of(texts)
    np.testing.assert_array_equal(table.columns[0].values, expected)
    reading = table.readings[0]
    assert (reading.kind, reading.decimal, reading.unit) == ("number", decimal, unit)
    assert "holds numbers written as text; they are read as numbers" in table.notes[0]


@given(
    st.lists(st.integers(-(10**9), 10**9), min_size=2, max_size=20),
    st.sampled_from([",", " ", "\u202f", "'"]),
)
@settings(deadline=None)
def test_whole_numbers_come_back_from_any_grouping(numbers, between):
    table = table_of([f"{number:,}".replace(",", between) for number in numbers])
    np.testing.assert_array_equal(table.columns[0].values, numbers)


def test_codes_stay_codes_however_few_begin_with_zeros():
    """Most postal codes of a large country are numbers like any other."""
    codes = [f"{i:05}" for i in range(9_900, 12_000)]
    table = table_of(codes)
    assert list(table.columns[0].values) == codes
    assert "begin with zeros (09900), as codes do" in table.notes[0]


def test_signs_for_missing_values_are_missing_and_told():
    table = table_of(["12", "n/a", "unknown", "-", "13", None])
    np.testing.assert_array_equal(table.columns[0].values, [12, np.nan, np.nan, np.nan, 13, np.nan])
    assert "signs that count as missing values ('n/a', 'unknown' and '-')" in table.notes[1]


def test_a_column_half_of_numbers_stays_categories_and_the_others_are_named():
    table = table_of(["12", "13", "low", "14", "high"])
    assert isinstance(table.columns[0], CategoryColumn)
    assert "'a' is taken as categories" in table.notes[0]
    assert "(but not 'low' and 'high')" in table.notes[0]


def test_slips_of_training_are_missing_ever_after_and_others_an_error():
    X = a_frame(n=[*map(str, np.arange(ROWS - 3) * 1.5), "oops", "5 kg", "2-3"])
    model = fitted(X)
    assert "('oops', '5 kg' and '2-3'; the first in row 57, counted from 0)" in " ".join(
        model.notes_
    )
    missing = model.predict_proba(X.assign(n=None))
    np.testing.assert_array_equal(model.predict_proba(X.assign(n="oops")), missing)
    with pytest.raises(InputError, match=r"numbers in column 'n'.*Got 'ouch' in row 0"):
        model.predict(X.assign(n="ouch"))


def test_another_currency_is_no_number():
    model = fitted(X := a_frame(price=[f"${i}.5" for i in range(ROWS)]))
    model.predict(X.assign(price="4"))
    with pytest.raises(InputError, match="Got '€4' in row 0"):
        model.predict(X.assign(price="€4"))


def test_infinite_numbers_are_the_ends_of_their_column():
    numbers = np.linspace(-2, 3, ROWS)
    numbers[[4, 5]] = np.inf, -np.inf
    model = fitted(X := a_frame(n=numbers))
    assert "(2 of them)" in " ".join(model.notes_)
    for infinite, end in ((np.inf, 3.0), (-np.inf, -2.0)):
        for written in (infinite, str(infinite)):
            np.testing.assert_array_equal(
                model.predict_proba(X.assign(n=written)), model.predict_proba(X.assign(n=end))
            )
    assert "(1 of them)" not in " ".join(fitted(X.assign(n=np.inf)).notes_)
    assert "no number but infinite ones" in " ".join(fitted(X.assign(n=np.inf)).notes_)
    array = X[["size", "n"]].to_numpy()
    assert np.isfinite(fitted(array).predict_proba(array)).all()


@pytest.mark.parametrize(
    ("name", "values", "left_out", "said"),
    [
        ("n", np.arange(ROWS), True, False),
        ("n", np.arange(1, ROWS + 1), True, False),
        ("n", [str(i) for i in range(ROWS)], True, False),
        ("id", np.arange(ROWS) + 1000, True, False),
        ("CustomerID", np.arange(ROWS) + 1000, True, False),
        ("year", np.arange(ROWS) + 1950, False, False),
        ("n", np.arange(ROWS) * 1.0, False, False),
        ("n", np.arange(ROWS)[::-1], False, True),
        ("n", np.arange(ROWS) ** 2, False, False),
        ("order_number", np.arange(ROWS) ** 2, False, True),
        ("paid", np.arange(ROWS) ** 2, False, False),
        ("id", np.arange(ROWS) // 2, False, False),
        ("id", np.arange(ROWS) / 7, False, False),
    ],
)
def test_only_what_surely_counts_the_rows_is_left_out(name, values, left_out, said):
    model = fitted(a_frame(**{name: values}))
    assert (name in model.preparation_.dropped) == left_out
    notes = " ".join(model.notes_)
    assert ("counts the rows" in notes) == left_out
    assert ("another whole number in every row" in notes) == said


def test_a_count_of_rows_is_used_if_there_is_nothing_else():
    assert fitted(pd.DataFrame({"t": range(ROWS)})).preparation_.numbers == ("t",)


@pytest.mark.parametrize(
    "categories",
    [
        pd.Categorical([3, 1, None] * 20),
        pd.Categorical([3, 1, None] * 20, ordered=True),
        pd.Categorical([3.5, 1.5, None] * 20),
        pd.Categorical([True, False, None] * 20),
        pd.Categorical(["3", "1", None] * 20),
        pd.Categorical(pd.to_datetime(["2024-01-01", "2024-01-02", None] * 20)),
        pd.array([True, False, None] * 20, dtype="boolean"),
        np.array([True, False, None] * 20, dtype=object),
    ],
)
def test_categories_stay_categories_whatever_their_values_are(categories, tmp_path):
    model = fitted(X := a_frame(c=categories))
    assert dict(model.columns_)["c"] == "category"
    assert len(model.preparation_.categories[1].levels) == 2
    assert "c (20 missing)" in " ".join(model.notes_)
    model.save(tmp_path / "m")
    np.testing.assert_array_equal(load(tmp_path / "m").predict_proba(X), model.predict_proba(X))


def test_categories_of_numbers_are_found_again_among_plain_numbers():
    X = a_frame(c=pd.Categorical([3, 1, 2] * 20), b=np.array([True, False] * 30))
    model = fitted(X)
    plain = X.assign(c=X["c"].astype(float), b=X["b"].astype(object))
    np.testing.assert_array_equal(model.predict_proba(plain), model.predict_proba(X))


def test_arrow_and_polars_categories():
    values = ["a", "b", None] * 20
    for frame in (
        pl.DataFrame({"c": pl.Series(values, dtype=pl.Categorical)}),
        pl.DataFrame({"c": pl.Series(values, dtype=pl.Enum(["b", "a"]))}),
        pl.DataFrame({"c": values}),
        pa.table({"c": pa.array(values).dictionary_encode()}),
        pa.table({"c": pa.chunked_array([values[:30], values[30:]])}),
        pd.DataFrame({"c": pd.Series(values, dtype="string")}),
    ):
        assert list(inferred(read_frame(frame).columns).columns[0].values) == values


def test_columns_of_what_no_network_knows_are_categories_and_told():
    lists = pl.DataFrame({"l": [[1, 2], [3]] * 30, "s": [{"q": 1}, {"q": 2}] * 30})
    for frame in (lists, lists.to_pandas(), lists.to_arrow()):
        table = inferred(read_frame(frame).columns)
        assert all(isinstance(column, CategoryColumn) for column in table.columns)
        assert "2 columns hold values of types that are not known here" in table.notes[0]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([dt.time(6), dt.time(12, 30), None], [0.25, 12.5 / 24, np.nan]),
        (["06:00", "12:30", None], [0.25, 12.5 / 24, np.nan]),
        (["1 day 06:00:00", "00:00:00", "-"], [1.25, 0, np.nan]),
        ([10**400, 1, None], [np.inf, 1, np.nan]),
        ([decimal.Decimal("1.5"), None, decimal.Decimal("NaN")], [1.5, np.nan, np.nan]),
    ],
)
def test_other_values_that_are_numbers(values, expected):
    column = table_of(pd.Series(values, dtype=object)).columns[0]
    assert isinstance(column, NumberColumn)
    np.testing.assert_allclose(column.values, np.where(np.isinf(expected), 1.0, expected))


def test_what_holds_for_many_columns_is_said_once():
    same = {f"same{i}": i for i in range(100)}
    none = {f"none{i}": None for i in range(20)}
    names = {f"id{i}": [f"x{i}-{row}" for row in range(ROWS)] for i in range(7)}
    days = {f"day{i}": DAYS for i in range(9)}
    written = {f"n{i}": [f"{row * 7 + 1},000" for row in range(ROWS)] for i in range(5)}
    mixed = {f"m{i}": ["x", 1, "y", None] * 15 for i in range(4)}
    gaps = {f"g{i}": [None, *["a", "b"] * 29, "c"] for i in range(9)}
    levels = {f"l{i}": [f"v{row % 70}" for row in range(140)] for i in range(3)}
    model = fitted(a_frame(**same, **none, **names, **days, **written, **mixed, **gaps))
    assert len(model.notes_) == 7, "\n".join(model.notes_)
    notes = "\n".join(model.notes_)
    for part in (
        "100 columns are not used, since each is the same in every row: 'same0', 'same1', 'same2' and 97 others.",
        "20 columns are not used, since all their values are missing: 'none0'",
        "7 columns are not used, since they differ in every row, as identifiers do: 'id0'",
        "9 columns hold dates, which count in days since 1970-01-01 (with columns",
        "5 columns hold numbers written as text, which are read as numbers ('106,000' as 106000): 'n0'",
        "4 columns mix types (int, str), so that each value is a category: 'm0', 'm1', 'm2' and 'm3'.",
        "g0 (1 missing) and 8 others.",
    ):
        assert part in notes
    many = TabularClassifier(preset="plain", random_state=0, epochs=1).fit(
        pd.DataFrame(levels), [0, 1] * 70
    )
    assert "In 3 columns only the 64 most frequent categories" in many.notes_[0]


def test_columns_of_one_name_and_of_names_of_several_types(tmp_path):
    X = pd.concat([a_frame(), a_frame().rename(columns={"size": 7})], axis=1)
    model = fitted(X)
    assert model.feature_labels_ == ("size", "colour", "7", "colour (2)")
    notes = " ".join(model.notes_)
    assert "the later ones are called 'colour (2)'" in notes
    assert "Not all names of columns are texts, such as 7" in notes
    model.save(tmp_path / "m")
    np.testing.assert_array_equal(load(tmp_path / "m").predict_proba(X), model.predict_proba(X))
    twice = pa.table([pa.array(np.arange(60.0) % 7)] * 2, names=["a", "a"])
    assert fitted(twice).feature_labels_ == ("a", "a (2)")


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        ([f"{i},000" for i in range(1, ROWS + 1)], np.arange(1, ROWS + 1) * 1000.0),
        ([f"${i}.5" for i in range(ROWS)], np.arange(ROWS) + 0.5),
        ([f"{i},5" for i in range(ROWS)], np.arange(ROWS) + 0.5),
        (pd.array([str(i) for i in range(ROWS)], dtype="string"), np.arange(ROWS) * 1.0),
    ],
)
def test_a_target_of_numbers_may_be_written_as_text(y, expected, tmp_path):
    model = TabularRegressor(preset="plain", random_state=0, epochs=2).fit(a_frame(), y)
    assert "'target' holds numbers written as text" in model.notes_[0]
    plain = TabularRegressor(preset="plain", random_state=0, epochs=2).fit(a_frame(), expected)
    np.testing.assert_array_equal(model.predict(a_frame()), plain.predict(a_frame()))
    model.save(tmp_path / "m")
    # One value alone is read as all were.
    assert load(tmp_path / "m").check_target([y[1]]).tolist() == [expected[1]]


def test_signs_for_missing_values_in_a_target_of_numbers_are_left_out():
    y = [*[f"{i},5" for i in range(ROWS - 2)], "n/a", " "]
    model = TabularRegressor(preset="plain", random_state=0, epochs=1).fit(a_frame(), y)
    assert "2 rows without a target are left out." in model.notes_
    y = ["a", "b", ""] * 20
    assert fitted(a_frame(), y).classes_.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("kind", "y", "message"),
    [
        (TabularRegressor, DAYS, "Got dates.*days since"),
        (TabularRegressor, DAYS.strftime("%d/%m/%Y"), "Got dates such as '0"),
        (TabularRegressor, DAYS - DAYS[0], "Got durations"),
        (TabularRegressor, [*map(str, range(59)), "many"], "Got 'many' in row 59"),
        (TabularClassifier, DAYS, "Got 2023.*write all classes as text"),
        (TabularClassifier, DAYS.to_period("M"), "Period.*write all classes as text"),
        (TabularClassifier, np.array([b"a", b"b"] * 30), "write all classes as text"),
    ],
)
def test_targets_that_are_none_are_refused_before_training(kind, y, message):
    with pytest.raises(InputError, match=message):
        kind(preset="plain", epochs=1).fit(a_frame(), y)


def test_a_large_column_is_sampled_first_and_read_whole():
    """A thousandth of other values is found, wherever it is."""
    texts = [f"{i / 7:.2f}" for i in range(30_000)]
    texts[12_345] = "odd"
    table = table_of(texts)
    assert table.readings[0].missing == ("odd",)
    assert np.isnan(table.columns[0].values).sum() == 1
    words = [f"w{i}" for i in range(30_000)]
    assert isinstance(table_of(words).columns[0], CategoryColumn)


@pytest.mark.parametrize(
    ("values", "others"),
    [
        ([dt.date(2024, 1, 2), "x"], [pd.Timestamp("2024-01-02"), np.datetime64("2024-01-02")]),
        ([pd.Timestamp("2024-01-02 03:04:05.5"), "x"], [dt.datetime(2024, 1, 2, 3, 4, 5, 500_000)]),
        ([dt.time(1, 2), "x"], [dt.timedelta(hours=1, minutes=2)]),
        ([np.inf, "x", "y"], [float("inf"), "inf"]),
        ([True, 2, "x"], [True, "True"]),
    ],
)
def test_a_value_among_others_is_found_again_alone(values, others):
    """In a table of one row its column has another type."""
    X = a_frame(a=pd.Series(values * (ROWS // len(values)), dtype=object))
    model = fitted(X)
    assert dict(model.columns_)["a"] == "category"
    known = model.predict_proba(X[:1])
    assert not np.array_equal(known, model.predict_proba(X[:1].assign(a=None)))
    for other in others:
        again = model.predict_proba(X[:1].assign(a=pd.Series([other], dtype=object)))
        np.testing.assert_array_equal(again, known)


def test_dates_are_no_numbers():
    model = fitted(X := a_frame(n=np.arange(ROWS) / 7))
    with pytest.raises(
        InputError, match=r"numbers in column 'n', as in training. Got dates in row 0"
    ):
        model.predict(X.assign(n=DAYS))


def test_numbers_that_are_all_calendar_dates_are_dates():
    days = pd.date_range("2023-11-20", periods=ROWS)
    compact = days.strftime("%Y%m%d")
    expected = (days - pd.Timestamp("1970-01-01")).days.to_numpy()
    for values in (compact, compact.astype(int), [*compact[:-1], None]):
        table = table_of(values)
        column = table.columns[0].values
        np.testing.assert_array_equal(column[:-1], expected[:-1])
        assert table.columns[3].values[5] == days[5].day_of_week + 1
        assert "numbers such as 20240331" in table.notes[0]
    model = fitted(X := a_frame(day=compact.astype(int)))
    known = model.predict_proba(X)
    for other in (compact, days, compact.astype(float), days.strftime("%d/%m/%Y")):
        np.testing.assert_array_equal(model.predict_proba(X.assign(day=other)), known)
    np.testing.assert_array_equal(
        model.predict_proba(X.assign(day=20240231)), model.predict_proba(X.assign(day=None))
    )


@pytest.mark.parametrize(
    "numbers", [[20240101, 20240201], [20240101, 20240132, 20240103], [1, 2, 3]]
)
def test_other_whole_numbers_are_no_dates(numbers):
    assert table_of(numbers).readings[0].kind == "number"
