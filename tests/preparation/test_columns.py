"""Columns: the different values of a column of categories are kept once, and found again."""

import numpy as np
from hypothesis import given, strategies as st

from pellucid.preparation import CategoryColumn, NumberColumn
from pellucid.preparation.columns import Coded

values = st.lists(st.none() | st.text("abc", max_size=2) | st.integers(2, 5), max_size=30)


@given(values)
def test_a_coded_sequence_holds_what_it_was_made_of(given_values):
    coded = Coded.of(given_values)
    assert list(coded) == given_values
    assert len(coded.levels) == len(set(coded.levels)) == len(set(given_values) - {None})
    assert coded.missing == given_values.count(None)
    assert dict(zip(coded.levels, coded.counts.tolist(), strict=True)) == {
        level: given_values.count(level) for level in coded.levels
    }
    assert list(coded[1:3]) == given_values[1:3]


@given(values, st.data())
def test_rows_of_it_know_what_occurs_in_them(given_values, data):
    rows = (
        data.draw(st.lists(st.integers(0, len(given_values) - 1), max_size=9))
        if given_values
        else []
    )
    part = Coded.of(given_values).rows(np.array(rows, int))
    assert list(part) == [given_values[row] for row in rows]
    assert set(part.occurring) == set(part) - {None}


def test_changed_levels_fall_together_or_become_missing():
    coded = Coded.of(["a", "A", None, "?", "b"])
    changed = coded.changed({"a": "a", "A": "a", "?": None, "b": "b"}[v] for v in coded.levels)
    assert list(changed) == ["a", "a", None, None, "b"]
    assert changed.levels == ("a", "b")


def test_numbers_are_looked_up_by_level():
    found = Coded.of(["x", None, "y", "x"]).looked_up([10.0, 20.0], np.nan)
    np.testing.assert_array_equal(found, [10, np.nan, 20, 10])


def test_a_column_of_no_known_values_has_codes_too():
    assert CategoryColumn("c", [None, None]).codes(["a"]).tolist() == [[-1], [-1]]
    assert CategoryColumn("c", ["b"]).codes([]).tolist() == [[-1]]


def test_columns_give_their_rows():
    rows = np.array([2, 0])
    assert NumberColumn("n", np.array([1.0, 2, 3])).rows(rows).values.tolist() == [3, 1]
    assert list(CategoryColumn("c", ["a", "b", None]).rows(rows).values) == [None, "a"]
