"""The piecewise linear encoding, against NumPy's interpolation and loops over single cells."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from pellucid.evaluator import compute
from pellucid.preparation import BINNED, ROBUST, CategoryColumn, NumberColumn, Preparation
from pellucid.preparation.bins import MOST_BINS, STRENGTH, BinnedNumbers


def a_table(rows=60, seed=0):
    rng = np.random.default_rng(seed)
    gappy = rng.lognormal(size=rows)
    gappy[rng.choice(rows, 6, replace=False)] = math.nan
    return [
        NumberColumn("length", rng.normal(50, 7, rows)),
        NumberColumn("weight", gappy),
        NumberColumn("count", rng.integers(3, size=rows).astype(float)),
        CategoryColumn("colour", rng.choice(["red", "green", None], rows).tolist()),
    ]


def prepared(columns, kinds=BINNED, fitted_to=None):
    preparation = Preparation.fit(fitted_to or columns, kinds)
    return preparation, compute(preparation.lines, preparation.given(columns))


def by_hand(values, new):
    """Encode a column one cell at a time."""
    present = [v for v in values if not math.isnan(v)]
    mean = sum(present) / len(present)
    quantiles = np.quantile(present, np.linspace(0, 1, MOST_BINS + 1), method="nearest")
    edges = sorted(set(quantiles.tolist()))
    rows = []
    for value in (mean if math.isnan(v) else v for v in new):
        passed = [min(max((value - a) / (b - a), 0), 1) for a, b in itertools.pairwise(edges)]
        rows.append([STRENGTH * (2 * p - 1) for p in passed])
    return np.array(rows)


def test_each_bin_is_passed_between_its_edges():
    columns, new = a_table(), a_table(rows=9, seed=1)
    _, values = prepared(new, fitted_to=columns)
    expected = [by_hand(a.values, b.values) for a, b in zip(columns[:3], new[:3], strict=True)]
    np.testing.assert_allclose(values["in_bins"], np.concatenate(expected, axis=1), atol=1e-12)


def test_the_other_inputs_are_as_they_are_without_bins():
    columns = a_table()
    preparation, values = prepared(columns)
    _, without = prepared(columns, ROBUST)
    count = without["X"].shape[1]
    np.testing.assert_array_equal(values["X"][:, :count], without["X"])
    np.testing.assert_array_equal(values["X"][:, count:], values["in_bins"])
    labels = preparation.labels["X"]
    assert len(labels) == values["X"].shape[1]
    assert labels[:1] == ("length",)
    assert labels[count].startswith("length ")
    assert " to " in labels[count]


@given(
    values=st.lists(st.floats(-1e300, 1e300) | st.just(math.nan), min_size=2, max_size=30),
    columns=st.integers(1, 80),
)
@settings(deadline=None, max_examples=60)
def test_any_numbers_come_to_finite_inputs(values, columns):
    if len({v for v in values if not math.isnan(v)}) < 2:
        return
    table = [NumberColumn(f"x{at}", np.array(values)) for at in range(columns)]
    preparation, made = prepared(table)
    assert np.isfinite(made["X"]).all()
    bins = made["X"].shape[1] - len(preparation.blocks[0].inputs)
    assert bins <= max(128, 2 * columns) + columns


def test_two_different_numbers_need_no_bins():
    table = [NumberColumn("x", np.array([0.0, 1.0, 1.0, 0.0])), CategoryColumn("c", list("abab"))]
    preparation, made = prepared(table)
    assert "in_bins" not in made
    assert made["X"].shape[1] == len(preparation.labels["X"]) == 2


@pytest.mark.parametrize("binned", [True, False])
def test_it_comes_back_from_plain_data(binned):
    columns = a_table() if binned else [NumberColumn("x", np.array([0.0, 1.0] * 5))]
    preparation, made = prepared(columns)
    again = Preparation.from_data(preparation.to_data(), preparation.stored)
    assert isinstance(again.blocks[0], BinnedNumbers)
    np.testing.assert_array_equal(
        compute(again.lines, again.given(columns))["X"], made["X"], strict=True
    )
    assert again.labels == preparation.labels
