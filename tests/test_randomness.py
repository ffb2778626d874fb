"""Random draws depend on their place and on nothing else, and are spread as they should be."""

import numpy as np
import pytest

from pellucid.randomness import dropout_mask, uniform


def draws(seed=1, layer=1, update=1, rows=200, units=300):
    return uniform(seed, "dropout", layer, update, rows, units)


def test_the_same_place_has_the_same_draw():
    assert np.array_equal(draws(), draws())


def test_a_smaller_batch_or_layer_is_a_part_of_a_larger_one():
    """The draw for a row and a unit does not depend on how many others are drawn with it."""
    whole = draws(rows=40, units=30)
    assert np.array_equal(draws(rows=7, units=30), whole[:7])
    assert np.array_equal(draws(rows=40, units=3), whole[:, :3])
    assert np.array_equal(draws(rows=1, units=1), whole[:1, :1])


@pytest.mark.parametrize("change", [{"seed": 2}, {"layer": 2}, {"update": 2}, {"seed": 2**64 - 1}])
def test_another_place_has_other_draws(change):
    """Seeds, layers and updates that follow each other have draws that have nothing to do with each other."""
    first, second = draws().ravel(), draws(**change).ravel()
    assert not np.isin(first, second).any()
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.02


def test_layer_and_update_are_not_exchangeable():
    assert not np.array_equal(draws(layer=1, update=2), draws(layer=2, update=1))


def test_draws_are_uniform_and_not_alike():
    found = draws()
    assert found.dtype == np.float64
    assert found.min() >= 0
    assert found.max() < 1
    assert found.mean() == pytest.approx(0.5, abs=0.005)
    assert found.var() == pytest.approx(1 / 12, rel=0.02)
    counts, _ = np.histogram(found, 20, (0, 1))
    expected = found.size / 20
    assert (
        (counts - expected) ** 2 / expected
    ).sum() < 43.8  # chi-squared with 19 degrees of freedom: 99.9 %
    assert len(np.unique(found)) == found.size
    for a, b in (
        (found[:-1], found[1:]),
        (found[:, :-1], found[:, 1:]),
    ):  # neighbours in a column, in a row
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.02


def test_draws_are_these_on_every_machine():
    """Numbers written down once: a change of the generator is a change of every model trained with dropout."""
    found = uniform(0, "dropout", 1, 1, 1, 2)
    np.testing.assert_array_equal(found, [EXPECTED])


EXPECTED = [0.08825955969893406, 0.5355861737204456]


def test_any_whole_number_is_a_seed():
    for seed in (0, -1, 2**70, np.int64(5)):
        assert draws(seed=seed, rows=2, units=2).shape == (2, 2)
    assert np.array_equal(draws(seed=2**64 + 5), draws(seed=5))


@pytest.mark.parametrize("dropout", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_mask_leaves_out_its_share_and_keeps_the_mean(dropout, dtype):
    mask = dropout_mask(3, 1, 1, 400, 500, dropout, dtype)
    assert mask.dtype == dtype
    assert (mask == 0).mean() == pytest.approx(dropout, abs=0.005)
    assert set(np.unique(mask)) == {dtype(0), dtype(1 / (1 - dropout))}
    assert mask.mean() == pytest.approx(1, abs=0.02)


def test_every_row_and_unit_has_its_share():
    """No row or unit is spared or struck more than chance allows."""
    mask = dropout_mask(3, 1, 1, 2000, 2000, 0.3)
    for axis in (0, 1):
        shares = (mask == 0).mean(axis=axis)
        assert abs(shares - 0.3).max() < 5 * np.sqrt(0.3 * 0.7 / 2000)


def test_no_dropout_is_a_mask_of_ones():
    assert (dropout_mask(1, 1, 1, 3, 4, 0.0) == 1).all()


def test_both_types_draw_the_same_mask():
    single, double = (
        dropout_mask(1, 1, 1, 50, 50, 0.4, dtype) for dtype in (np.float32, np.float64)
    )
    assert np.array_equal(single == 0, double == 0)
