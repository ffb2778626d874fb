"""The preparation's lines against loops over single cells, pandas and the standard library."""

import math
import statistics

import numpy as np
import pandas as pd
import pytest

from pellucid.algebra.values import evaluate
from pellucid.evaluator import compute
from pellucid.preparation import (
    CategoryColumn,
    ClassTarget,
    NumberColumn,
    NumberTarget,
    Preparation,
)
from pellucid.preparation.record import PLAIN, ROBUST

NAN = math.nan


def a_table(rows=37, seed=0):
    rng = np.random.default_rng(seed)
    gappy = rng.lognormal(size=rows)
    gappy[rng.choice(rows, 6, replace=False)] = NAN
    colours = rng.choice(["red", "green", "blue", None], rows).tolist()
    return [
        NumberColumn("length", rng.normal(50, 7, rows)),
        NumberColumn("weight", gappy),
        CategoryColumn("colour", colours),
        CategoryColumn("fresh", rng.choice([True, False], rows).tolist()),
    ]


def prepared(columns, fitted_to=None, kinds=PLAIN):
    preparation = Preparation.fit(fitted_to or columns, kinds)
    return preparation, compute(preparation.lines, preparation.given(columns))


def by_hand(values):
    """Fill, scale and clip a column by the recipe, one cell at a time."""
    present = sorted(v for v in values if not math.isnan(v))
    q25, median, q75 = statistics.quantiles(present, n=4, method="inclusive")
    spread = present[-1] - present[0]
    scale = 1 / (q75 - q25) if q75 > q25 else 2 / spread if spread else 0.0
    filled = [median if math.isnan(v) else v for v in values]
    return [(s := (v - median) * scale) / math.sqrt(1 + (s / 3) ** 2) for v in filled]


@pytest.mark.parametrize("at", [0, 1])
def test_numbers_are_filled_scaled_and_clipped(at):
    columns = a_table()
    _, values = prepared(columns)
    np.testing.assert_allclose(values["clipped"][:, at], by_hand(columns[at].values), rtol=1e-12)


@pytest.mark.parametrize(
    "values",
    [[1.0, 1, 1, 1, 1, 5], [0.0, 0, 0, 1], [-1.0, 2], [3.0, NAN, 3.0], [1e9, 1e9 + 1, 1e9 + 5]],
)
def test_columns_that_are_mostly_one_number_are_scaled_by_their_extent(values):
    _, made = prepared([NumberColumn("a", np.array(values))])
    np.testing.assert_allclose(made["clipped"][:, 0], by_hand(values), rtol=1e-12)


def test_outliers_stay_between_minus_three_and_three():
    _, values = prepared([NumberColumn("a", np.array([1.0, 2, 3, 4, 1e12, -1e12]))])
    assert abs(values["clipped"]).max() <= 3


def test_one_hot_is_what_pandas_makes():
    columns = a_table()
    preparation, values = prepared(columns)
    for at, column in enumerate((columns[2], columns[3]), 1):
        expected = pd.get_dummies(pd.Series(column.values)).astype(float)
        assert list(expected.columns) == list(preparation.categories[at - 1].levels)
        np.testing.assert_array_equal(values[f"one_hot_{at}"], expected)


def test_missing_numbers_are_marked_only_where_training_had_some():
    columns = a_table()
    preparation, values = prepared(columns)
    assert preparation.blocks[0].with_missing == ("weight",)
    np.testing.assert_array_equal(values["missing"][:, 0], np.isnan(columns[1].values))


def test_all_inputs_stand_side_by_side_in_the_order_of_their_labels():
    columns = a_table()
    preparation, values = prepared(columns)
    assert preparation.labels["X"] == (
        "length",
        "weight",
        "weight missing",
        "colour = blue",
        "colour = green",
        "colour = red",
        "fresh = False",
        "fresh = True",
    )
    blocks = [values[n] for n in ("clipped", "missing", "one_hot_1", "one_hot_2")]
    np.testing.assert_array_equal(values["X"], np.hstack(blocks))


def test_unknown_and_missing_categories_are_all_zeros():
    fitted = [CategoryColumn("c", ["a", "b", "a"])]
    _, values = prepared([CategoryColumn("c", ["z", None, "b"])], fitted)
    np.testing.assert_array_equal(values["X"], [[0, 0], [0, 0], [0, 1]])


@pytest.mark.parametrize("kinds", [PLAIN, ROBUST])
def test_the_equations_give_the_numbers_of_the_lines(kinds):
    """The same lines on symbols, evaluated one equation after the other."""
    columns = a_table()
    preparation, values = prepared(columns, kinds=kinds)
    known = dict(preparation.given(columns))
    for equation in preparation.equations:
        assert equation.stage == "prepare"
        known[equation.name] = evaluate(equation.expression, known)
        np.testing.assert_array_equal(known[equation.name], values[equation.name])
    assert preparation.equations[-1].name == "X"
    assert preparation.equations[-1].shape == ("n", len(preparation.labels["X"]))


@pytest.mark.parametrize("kinds", [PLAIN, ROBUST])
def test_every_named_matrix_has_a_label_for_each_column(kinds):
    columns = a_table()
    preparation, values = prepared(columns, kinds=kinds)
    for name, matrix in {**preparation.given(columns), **values}.items():
        assert len(preparation.labels[name]) == matrix.shape[1], name


def test_every_column_of_the_robust_kind_is_scaled_and_clipped_once_it_is_a_number():
    """Its mean where a number is missing, a sign for two levels or a gap, 0 and 1 for more levels."""
    columns = a_table()
    _, values = prepared(columns, kinds=ROBUST)
    length, weight, colour, fresh = (column.values for column in columns)
    mean = statistics.mean(w for w in weight if not math.isnan(w))
    by_column = [
        list(length),
        [mean if math.isnan(w) else w for w in weight],
        [-1.0 if math.isnan(w) else 1.0 for w in weight],
        *([1.0 if c == level else 0.0 for c in colour] for level in ("blue", "green", "red")),
        [-1.0 if f else 1.0 for f in fresh],
    ]
    expected = np.transpose([by_hand(column) for column in by_column])
    np.testing.assert_allclose(values["X"], expected, rtol=1e-12)


def test_an_unknown_one_of_two_categories_lies_between_them():
    fitted = [CategoryColumn("c", ["a", "b", "a", "b"])]
    _, values = prepared([CategoryColumn("c", ["z", None, "b", "a"])], fitted, ROBUST)
    np.testing.assert_array_equal(values["sign_1"][:, 0], [0, 0, -1, 1])


def test_a_target_of_numbers_is_standardised_and_put_back():
    raw = np.array([[3.0], [5.0], [10.0], [6.0]])
    target = NumberTarget.fit("price", raw)
    y = compute(target.lines, {"target": raw, **target.fitted})["y"]
    mean, deviation = statistics.mean(raw[:, 0]), statistics.pstdev(raw[:, 0])
    np.testing.assert_allclose(y[:, 0], [(v - mean) / deviation for v in raw[:, 0]])
    back = compute(target.answer, {"output": y, **target.fitted})["prediction"]
    np.testing.assert_allclose(back, raw)
    assert [e.name for e in target.equations] == ["y"]
    assert [e.name for e in target.answer_equations()] == ["prediction"]


def test_a_constant_target_is_only_shifted():
    assert NumberTarget.fit("t", np.full((4, 1), 7.0)).scale == 1.0


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (("no", "yes"), [[1], [0], [1]]),
        (("a", "b", "c"), [[0, 1, 0], [1, 0, 0], [0, 1, 0]]),
    ],
)
def test_two_classes_share_an_output_and_more_have_one_each(classes, expected):
    target = ClassTarget("t", classes)
    y = compute(target.lines, {"target": np.array([[1.0], [0], [1]]), **target.fitted})["y"]
    np.testing.assert_array_equal(y, expected)
    assert target.outputs == np.shape(expected)[1] == len(target.labels["y"])
    assert target.equations[0].shape == ("n", target.outputs)
