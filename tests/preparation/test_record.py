"""What is fitted to the columns of a table, what is left out, and how it is stored."""

import json
import math
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

from pellucid.errors import InputError
from pellucid.evaluator import compute
from pellucid.preparation import CategoryColumn, NumberColumn, Preparation
from pellucid.preparation.blocks import middle_and_scale
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


@given(
    numbers=st.lists(numbers, min_size=2, max_size=60),
    frequent=st.integers(0, 60),
    rare=st.integers(0, 5),
    seed=st.integers(0, 99),
)
def test_what_clips_all_is_fitted_as_to_all_columns_side_by_side(numbers, frequent, rare, seed):
    """To the last bit, though columns of levels are only counted: rare and frequent ones, with gaps."""
    rows = len(numbers)
    texts = (["often"] * frequent + [f"rare{at}" for at in range(rare)] + [None] * rows)[:rows]
    other = [None, "a", "b", "c", "d"]
    rng = np.random.default_rng(seed)
    columns = [
        NumberColumn("good", np.arange(float(rows))),
        NumberColumn("a", np.array(numbers)),
        CategoryColumn("b", [texts[at] for at in rng.permutation(rows)]),
        CategoryColumn("c", [other[at] for at in rng.integers(len(other), size=rows)]),
        CategoryColumn("d", ["yes", "no"] * (rows // 2) + [None] * (rows % 2)),
    ]
    kinds = replace(ROBUST, most_levels=4)  # so that some levels count as unknown
    preparation = Preparation.fit(columns, kinds)
    joined = compute(preparation.lines, preparation.given(columns))["joined"]
    assert joined.shape[1] == preparation.over_all.median.shape[1]
    middles = [middle_and_scale(column) for column in joined.T]
    np.testing.assert_array_equal(preparation.over_all.median[0], [m for m, _ in middles])
    np.testing.assert_array_equal(preparation.over_all.scale[0], [s for _, s in middles])


def test_levels_are_counted_without_a_column_for_each():
    rows, levels = 20_000, 500
    texts = [f"level{at % levels}" for at in range(rows)]
    column = CategoryColumn("c", texts)
    tracemalloc.start()
    try:
        preparation = Preparation.fit([column], ROBUST)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert preparation.over_all.scale.shape == (1, levels)
    assert peak < 0.05 * 8 * rows * levels
