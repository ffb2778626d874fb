"""Which rows make which update: each once, shuffled from a seed, and what is left over last."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from pellucid.errors import InputError
from pellucid.training.batches import batch_rows, batches_per_epoch, epoch_batches, rows_per_epoch

ROWS = st.integers(1, 60)
SIZES = st.one_of(st.none(), st.integers(1, 80))
SEEDS = st.one_of(st.none(), st.integers(0, 2**32))


def batches(rows, size, seed):
    rng = None if seed is None else np.random.default_rng(seed)
    return [batch.tolist() for batch in epoch_batches(rows, size, rng)]


@given(ROWS, SIZES, SEEDS)
def test_every_row_comes_once(rows, size, seed):
    made = batches(rows, size, seed)
    assert sorted(row for batch in made for row in batch) == list(range(rows))


@given(ROWS, SIZES, SEEDS)
def test_all_batches_are_full_but_the_last(rows, size, seed):
    made = batches(rows, size, seed)
    full = batch_rows(size, rows)
    assert all(len(batch) == full for batch in made[:-1])
    assert 1 <= len(made[-1]) <= full
    assert len(made) == batches_per_epoch(size, rows)


@given(ROWS, SIZES, st.integers(0, 2**32))
def test_a_seed_decides_the_order(rows, size, seed):
    assert batches(rows, size, seed) == batches(rows, size, seed)


@given(ROWS, SIZES)
def test_without_shuffling_the_order_is_the_tables(rows, size):
    assert [row for batch in batches(rows, size, None) for row in batch] == list(range(rows))


@given(ROWS, SIZES, SEEDS)
def test_full_batches_alone_are_the_same_without_the_rest(rows, size, seed):
    rng = None if seed is None else np.random.default_rng(seed)
    made = [batch.tolist() for batch in epoch_batches(rows, size, rng, drop_last=True)]
    full = batch_rows(size, rows)
    assert made == [batch for batch in batches(rows, size, seed) if len(batch) == full]
    assert sum(map(len, made)) == rows_per_epoch(size, rows, drop_last=True)


def test_ten_rows():
    """Full batch makes one update of all ten; one at a time makes ten; four at a time leaves two."""
    assert batches(10, None, None) == [list(range(10))]
    assert batches(10, 1, None) == [[row] for row in range(10)]
    assert [len(batch) for batch in batches(10, 4, 0)] == [4, 4, 2]
    assert batches(10, 1000, None) == [list(range(10))]


def test_an_epoch_is_shuffled_anew():
    rng = np.random.default_rng(0)
    first, second = ([b.tolist() for b in epoch_batches(20, 5, rng)] for _ in range(2))
    assert first != second


def test_a_batch_size_may_be_numpys():
    assert batch_rows(np.int64(3), 10) == 3


@pytest.mark.parametrize("size", [0, -1, 2.5, "4", True])
def test_a_batch_size_is_a_whole_number(size):
    with pytest.raises(InputError, match=r"Expected a batch size of 1 or more.*Got .*To continue"):
        batch_rows(size, 10)
    with pytest.raises(InputError):
        list(epoch_batches(10, size))
