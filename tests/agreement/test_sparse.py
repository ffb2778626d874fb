"""Sparse rows train by the engine to what the evaluator makes of the same rows written out."""

from dataclasses import replace

import numpy as np
import pytest
from agreement import cases
from agreement.relative import assert_agree, difference
from agreement.sparse_rows import thinned, untidy
from hypothesis import assume, given, settings, strategies as st

from pellucid.engine.engine import Engine
from pellucid.training.batches import batches_per_epoch
from pellucid.training.updates import Updates

TOLERANCE = {np.float64: 1e-9, np.float32: 1e-4}
RANDOM = cases.random_cases(100)
PAIRS = cases.output_pairs()


def wide(case, inputs=12, rows=11):
    """Return a case with more columns and rows, so that there is something to leave out."""
    sizes = (inputs, *case.sizes[1:])
    return replace(case, sizes=sizes, rows=rows, batch_size=case.batch_size and 4)


def drawn(case, dtype=np.float64):
    """Return the numbers of a case with most of X set to 0, and the order of the rows in its epochs."""
    start, rng = cases.numbers(case, dtype), np.random.default_rng([case.seed, 2])
    order = np.concatenate([rng.permutation(case.rows) for _ in range(case.epochs)])
    return replace(start, X=thinned(start.X, rng)), order, rng


def by_evaluator(case, dtype=np.float64):
    """Return parameters, states by name, and the losses of the epochs."""
    start, order, _ = drawn(case, dtype)
    updates, size = Updates(cases.step(case), start.flat.copy(), seed=case.seed), case.batch_size
    planned, losses = case.epochs * batches_per_epoch(size, case.rows), []
    for epoch in range(case.epochs):
        total = weights = 0.0
        rows = order[epoch * case.rows :][: case.rows]
        for at in range(0, case.rows, size or case.rows):
            some = rows[at : at + (size or case.rows)]
            weight = None if start.row_weight is None else start.row_weight[some]
            progress = updates.number / planned
            inputs = updates.given(
                start.X[some], start.y[some], weight, epoch=epoch, progress=progress
            )
            loss = updates.make(inputs)["loss"]
            counted = len(some) if weight is None else weight.sum()
            total += float(loss * counted if case.reduction == "mean" else loss)
            weights += float(counted)
        losses.append(total / weights)
    return updates.flat, updates.states, losses


def by_engine(case, dtype, index, threads):
    """Return the same by the engine, from sparse rows."""
    start, order, rng = drawn(case)
    X = untidy(start.X.astype(dtype), rng, index)
    step, y = cases.step(case), start.y.astype(dtype)
    engine = Engine(step, X, y, start.row_weight, batch_size=case.batch_size, threads=threads)
    flat, states = start.flat.astype(dtype), engine.states()
    made = engine.run(flat, states, epochs=case.epochs, seed=case.seed, order=order)
    assert made.bad == ""
    named = {n: states[at, : len(flat)] for at, n in enumerate(step.optimizer.states)}
    return flat, named, made.losses / made.weights


def assert_agrees(case, dtype, index=np.int32, threads=1):
    flat, states, losses = by_evaluator(case)
    own_flat, own_states, own_losses = by_engine(case, dtype, index, threads)
    tolerance = TOLERANCE[dtype]
    assert_agree(own_flat, flat, tolerance, f"{case}: parameters")
    assert_agree(own_losses, losses, tolerance, f"{case}: losses")
    for name, state in states.items():
        assert_agree(own_states[name], state, tolerance, f"{case}: {name}")


def float32_can_hold(case):
    """Return whether the evaluator in float32 gives what it gives in float64, to a tenth of the tolerance."""
    flat, states, losses = by_evaluator(case)
    own_flat, own_states, own_losses = by_evaluator(case, np.float32)
    pairs = [(flat, own_flat), (losses, own_losses), *((states[n], own_states[n]) for n in states)]
    return max(difference(a, b) for a, b in pairs) <= TOLERANCE[np.float32] / 10


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("case", cases.TABLE, ids=str)
def test_table(case, dtype):
    """Every thing worth a name of its own, dropout, penalties and scaled inputs among them."""
    case = wide(case)
    assert_agrees(case, dtype, index=np.int64 if dtype == np.float32 else np.int32)


def test_random_networks():
    for number, case in enumerate(RANDOM):
        assert_agrees(wide(case), np.float64, threads=1 + number % 2)


@pytest.mark.long
@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    number=st.integers(200, 10**6),
    threads=st.integers(1, 3),
    inputs=st.integers(1, 40),
    index=st.sampled_from([np.int32, np.int64]),
)
def test_drawn_networks(dtype, number, threads, inputs, index):
    """Networks and matrices that Hypothesis draws, on one to three threads."""
    case = wide(cases.random_case(number, PAIRS), inputs, rows=7)
    assume(dtype == np.float64 or float32_can_hold(case))
    assert_agrees(case, dtype, index, threads)
