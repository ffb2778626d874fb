"""The engine's parameters and losses after whole epochs equal the evaluator's."""

import numpy as np
import pytest
from agreement import cases
from agreement.relative import assert_agree, difference
from hypothesis import assume, given, settings, strategies as st

from pellucid.engine.engine import Engine
from pellucid.training.batches import batches_per_epoch, epoch_batches
from pellucid.training.updates import Updates

TOLERANCE = {np.float64: 1e-9, np.float32: 1e-4}

RANDOM = cases.random_cases(200)
PAIRS = cases.output_pairs()


def by_evaluator(case, dtype=np.float64):
    """Return parameters, states by name, and the mean loss of each epoch."""
    start = cases.numbers(case, dtype)
    updates = Updates(cases.step(case), start.flat.copy(), seed=case.seed)
    planned = case.epochs * batches_per_epoch(case.batch_size, case.rows)
    losses = []
    for epoch in range(case.epochs):
        total = weights = 0.0
        for rows in epoch_batches(case.rows, case.batch_size):
            weight = None if start.row_weight is None else start.row_weight[rows]
            progress = updates.number / planned
            given = updates.given(
                start.X[rows], start.y[rows], weight, epoch=epoch, progress=progress
            )
            counted = len(rows) if weight is None else weight.sum()
            loss = float(updates.make(given)["loss"])
            total += loss * counted if case.reduction == "mean" else loss
            weights += counted
        losses.append(total / weights)
    return updates.flat, updates.states, losses


def by_engine(case, dtype, *, threads=1, order=None):
    """Return the same by the engine."""
    start = cases.numbers(case)
    X, y = start.X.astype(dtype), start.y.astype(dtype)
    step = cases.step(case)
    engine = Engine(step, X, y, start.row_weight, batch_size=case.batch_size, threads=threads)
    flat, states = start.flat.astype(dtype), engine.states()
    made = engine.run(flat, states, epochs=case.epochs, seed=case.seed, order=order)
    assert made.bad == ""
    named = {n: states[at, : len(flat)] for at, n in enumerate(step.optimizer.states)}
    return flat, named, made.losses / made.weights


def assert_agrees(case, dtype, **how):
    flat, states, losses = by_evaluator(case)
    own_flat, own_states, own_losses = by_engine(case, dtype, **how)
    tolerance = TOLERANCE[dtype]
    assert_agree(own_flat, flat, tolerance, f"{case}: parameters")
    assert_agree(own_losses, losses, tolerance, f"{case}: losses")
    for name, state in states.items():
        assert_agree(own_states[name], state, tolerance, f"{case}: {name}")


def float32_can_hold(case):
    """Return whether the evaluator in float32 gives what it gives in float64, to a tenth of the tolerance.

    Of ten random networks, one ends where a number's last digits decide, such as beside a kink;
    there float32 differs from float64 whoever computes it.
    """
    flat, states, losses = by_evaluator(case)
    own_flat, own_states, own_losses = by_evaluator(case, np.float32)
    pairs = [(flat, own_flat), (losses, own_losses), *((states[n], own_states[n]) for n in states)]
    return max(difference(a, b) for a, b in pairs) <= TOLERANCE[np.float32] / 10


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("case", cases.TABLE, ids=str)
def test_table(case, dtype):
    assert_agrees(case, dtype)


@pytest.mark.parametrize("case", cases.TABLE, ids=str)
def test_two_threads(case):
    """Divided between two threads, the batch gives the same to rounding; some workers have no row."""
    assert_agrees(case, np.float64, threads=2)


@pytest.mark.parametrize("case", cases.TABLE, ids=str)
def test_gathered_rows(case):
    """Rows named by an order array give what the same rows in place give."""
    assert_agrees(case, np.float64, order=np.tile(np.arange(case.rows), case.epochs))


@pytest.mark.parametrize("block", range(4))
def test_random_networks(block):
    """200 random networks of every pair of loss and output activation, every optimizer and schedule."""
    for case in RANDOM[block::4]:
        assert_agrees(case, np.float64)


def test_random_networks_in_float32():
    """The float32 engine against the float64 evaluator, which shares no rounding with it."""
    for case in RANDOM[::4]:
        assert_agrees(case, np.float32)


@pytest.mark.long
@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@settings(max_examples=200, deadline=None, derandomize=True)
@given(number=st.integers(200, 10**6), threads=st.integers(1, 3))
def test_drawn_networks(dtype, number, threads):
    """Networks that Hypothesis draws, on one to three threads."""
    case = cases.random_case(number, PAIRS)
    assume(dtype == np.float64 or float32_can_hold(case))
    assert_agrees(case, dtype, threads=threads)
