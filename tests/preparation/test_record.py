"""What is fitted to the columns of a table, what is left out, and how it is stored."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from pellucid.errors import InputError
from pellucid.evaluator import compute
from pellucid.preparation import CategoryColumn, NumberColumn, Preparation
from pellucid.preparation.record import IDENTIFIER_ROWS, PLAIN, ROBUST, stored_shapes

NAN = math.nan
GOOD = NumberColumn("good", np.arange(30.0))


@pytest.mark.parametrize(
    ("column", "why"),
    [
        (NumberColumn("c", np.full(30, 5.0)), "it is 5 in every row"),
        (NumberColumn("c", np.full(30, NAN)), "all its values are missing"),
        (CategoryColumn("c", ["a"] * 30), "it is 'a' in every row"),
        (CategoryColumn("c", [None] * 30), "all its values are missing"),
        (CategoryColumn("c", [f"id{i}" for i in range(30)]), "it differs in every row"),
    ],
)
def test_useless_columns_are_dropped_and_a_note_says_why(column, why):
    preparation = Preparation.fit([GOOD, column])
    assert preparation.dropped["c"].startswith(why)
    assert preparation.numbers == ("good",)
    assert any("'c' is not used" in note and why in note for note in preparation.notes)


def test_a_constant_column_with_gaps_tells_where_they_are():
    preparation = Preparation.fit([NumberColumn("c", np.array([5.0, NAN] * 15))])
    assert preparation.dropped == {}
    assert preparation.labels["X"] == ("c", "c missing")


def test_texts_that_all_differ_in_a_short_table_are_categories():
    texts = [f"t{i}" for i in range(IDENTIFIER_ROWS)]
    assert Preparation.fit([CategoryColumn("c", texts)]).dropped == {}


def test_nothing_to_learn_from_is_an_error_that_names_the_columns():
    with pytest.raises(InputError, match="'c', it is 5 in every row"):
        Preparation.fit([NumberColumn("c", np.full(30, 5.0))])


def test_of_many_categories_the_most_frequent_are_kept():
    values = [f"level{i:03}" for i in range(100) for _ in range(1 + (i >= 40))]
    preparation = Preparation.fit([CategoryColumn("c", values)])
    kept = preparation.categories[0]
    assert len(kept.levels) == PLAIN.most_levels
    assert kept.left_out == 100 - PLAIN.most_levels
    assert {f"level{i:03}" for i in range(40, 100)} <= set(kept.levels)
    assert any("100 categories" in note for note in preparation.notes)


def test_levels_keep_their_types_and_are_sorted_within_them():
    preparation = Preparation.fit([CategoryColumn("c", ["b", 2, "a", None, 1.5, "b"])])
    assert preparation.categories[0].levels == (1.5, 2, "a", "b")


def test_numbers_are_found_among_texts_as_they_are_written():
    """A CSV reader takes a column of 1 and 2 for numbers, and for texts when there is an A as well."""
    preparation = Preparation.fit([CategoryColumn("c", ["1", "2", "A", "A"])])
    codes = preparation.given([CategoryColumn("c", [1.0, 2, 3])])["codes_1"]
    np.testing.assert_array_equal(codes, [[0], [1], [-1]])


cells = st.one_of(st.none(), st.text(max_size=3), st.booleans(), st.integers(-5, 5))
numbers = st.floats(-1e6, 1e6) | st.just(NAN)


@pytest.mark.parametrize("kinds", [PLAIN, ROBUST])
@given(rows=st.lists(st.tuples(numbers, numbers, cells, cells), min_size=2, max_size=30))
def test_any_table_is_prepared_to_finite_numbers_and_stored_exactly(kinds, rows):
    a, b, c, d = zip(*rows, strict=True)
    columns = [
        NumberColumn("a", np.array(a, float)),
        NumberColumn("b", np.array(b, float)),
        CategoryColumn("c", list(c)),
        CategoryColumn("d", list(d)),
    ]
    try:
        preparation = Preparation.fit(columns, kinds)
    except InputError:
        return
    X = compute(preparation.lines, preparation.given(columns))["X"]
    assert X.shape == (len(rows), len(preparation.labels["X"]))
    assert np.isfinite(X).all()
    assert abs(X).max() <= 3

    stored = json.loads(json.dumps(preparation.to_data()))
    arrays = preparation.stored
    assert {n: a.shape for n, a in arrays.items()} == stored_shapes(stored, X.shape[1])
    again = Preparation.from_data(stored, arrays)
    np.testing.assert_array_equal(compute(again.lines, again.given(columns))["X"], X)
