"""Numbers, dates and times in text are read as people mean them, or not at all."""

import datetime as dt

import pytest
from hypothesis import given, strategies as st

from pellucid.estimators.written import (
    days_since_1970,
    is_gap,
    read_date,
    read_duration,
    read_number,
)


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [
        ("12", 12, 12),
        (" 1.5 ", 1.5, None),
        ("1,5", None, 1.5),
        ("1,234", 1234, 1.234),
        ("1.234", 1.234, 1234),
        ("1,234,567.5", 1234567.5, None),
        ("1.234.567,5", None, 1234567.5),
        ("1 234", 1234, 1234),
        ("1\u00a0234,5", None, 1234.5),
        ("1'234.5", 1234.5, None),
        ("12,34,567", 1234567, None),
        ("−3", -3, -3),
        ("+.5e-3", 0.0005, None),
        ("1e5", 1e5, 1e5),
        ("-inf", -float("inf"), -float("inf")),
        ("∞", float("inf"), float("inf")),
        *((text, None, None) for text in ("", "-", "007", "1.2.3", "1,2345,678", "1_000", "--1")),
        *(
            (text, None, None)
            for text in ("1 2", "12 34", "nan", "1,23,45", "3-4", "$", "1 234,567,8")
        ),
    ],
)
def test_numbers(text, point, comma):
    for decimal, expected in ((".", point), (",", comma)):
        found = read_number(text, decimal)
        assert (found and found[0]) == expected
        assert not found or found[1] == ""


@pytest.mark.parametrize(
    ("text", "decimal", "number", "unit"),
    [
        ("12.3%", ".", 12.3, "%"),
        ("12,3 %", ",", 12.3, "%"),
        ("$4.50", ".", 4.5, "$"),
        ("-$4", ".", -4, "$"),
        ("$-4", ".", -4, "$"),
        ("US$ 4", ".", 4, "US$"),
        ("€ 1.200,50", ",", 1200.5, "€"),
        ("1.200,50 €", ",", 1200.5, "€"),
        ("EUR 7", ".", 7, "EUR"),
        ("7 kr", ".", 7, "kr"),
    ],
)
def test_numbers_may_have_a_unit(text, decimal, number, unit):
    assert read_number(text, decimal) == (number, unit)


@pytest.mark.parametrize("text", ["$4 €", "- -4", "-$-4", "4 kg", "%5", "4%%"])
def test_what_else_stands_beside_digits_is_no_unit(text):
    assert read_number(text) is None


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=3, min_value=-(10**12), max_value=10**12
    )
)
def test_a_number_is_read_as_it_was_grouped(number):
    """Python's own way of writing it is the other computation."""
    point = f"{number:,}"
    comma = point.translate(str.maketrans(",.", ".,"))
    for text, decimal in ((point, "."), (comma, ","), (point.replace(",", " "), ".")):
        assert read_number(text, decimal) == (float(number), "")


MOMENT = dt.datetime(2024, 3, 31, 14, 5)
DAYS = (MOMENT - dt.datetime(1970, 1, 1)).total_seconds() / 86_400


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-31 14:05",
        "2024-03-31T14:05:00.000",
        "2024-03-31T14:05:00Z",
        "20240331T140500",
        "2024-03-31T16:05:00+02:00",
        "2024-03-31 08:35:00 -0530",
        "2024/3/31 14:05",
        "31/03/2024 14:05",
        "31/03/2024 16:05 +02:00",
        "31 Mar 2024 08:35:00 -0530",
        "31.3.2024 14:05:00",
        "31-03-2024, 14:05",
        "31/3/24 2:05 pm",
        "31 March 2024 14:05",
        "31-Mar-2024 2:05 p.m.",
        "Mar 31, 2024 14:05",
        "Sunday, 31st March 2024 14:05",
        "Sun, 31 Mar 2024 14:05:00 GMT",
    ],
)
def test_moments(text):
    assert read_date(text) == pytest.approx(DAYS, abs=1e-9)


@pytest.mark.parametrize(
    "text", ["2024-03", "03/2024", "Mar 2024", "Mar-2024", "March 2024", "1.3.2024"]
)
def test_a_month_stands_for_its_first_day(text):
    assert read_date(text) == days_since_1970(dt.date(2024, 3, 1))


def test_the_month_may_be_first():
    assert read_date("03/04/2024") == days_since_1970(dt.date(2024, 4, 3))
    assert read_date("03/04/2024", month_first=True) == days_since_1970(dt.date(2024, 3, 4))
    assert read_date("31/03/2024", month_first=True) is None
    assert read_date("2024-03-04", month_first=True) == days_since_1970(dt.date(2024, 3, 4))


@pytest.mark.parametrize("text", ["1/2/69", "1/2/68"])
def test_years_of_two_digits_are_of_1969_to_2068(text):
    assert read_date(text) == days_since_1970(dt.date(1969 if "69" in text else 2068, 2, 1))


@pytest.mark.parametrize(
    "text",
    [
        *("", "20240331", "2024-02-30", "31.2.2024", "1.2.24", "0/1/2024", "Mon 2024", "12:30"),
        *(
            "2024-W10-1",
            "2024-13",
            "31/03/2024 25:00",
            "31/03/2024 13:00 pm",
            "10-20",
            "1/2",
            "soon",
        ),
    ],
)
def test_what_is_no_date(text):
    assert read_date(text) is None


@given(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1)))
def test_dates_are_read_as_python_writes_them(moment):
    moment = moment.replace(microsecond=0)
    expected = (moment - dt.datetime(1970, 1, 1)).total_seconds() / 86_400
    for form in ("%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%d %B %Y %I:%M:%S %p"):
        assert read_date(moment.strftime(form)) == pytest.approx(expected, abs=1e-9)
    assert read_date(moment.strftime("%m.%d.%Y"), month_first=True) == int(expected // 1)


def test_times_and_durations_are_parts_of_days():
    for text, hours in (
        ("12:30", 12.5),
        ("6 days 06:00", 150),
        ("1:30 AM", 1.5),
        ("-36:00:00", -36),
    ):
        assert read_duration(text) == pytest.approx(hours / 24)
    for text in ("12:60", "12", "1:2", "13:00 pm", "a 12:30"):
        assert read_duration(text) is None


def test_signs_for_a_missing_value():
    assert all(map(is_gap, ("", " - ", "N/A", "unknown", "#DIV/0!", "?")))
    assert not any(map(is_gap, ("0", "no", "x", "-1")))
