"""Traces that every export is held to: the table's networks and random ones, with one to five steps each.

The random ones have one to three hidden layers and one to eight rows; together they meet every activation,
loss and optimizer, row weights, penalties, dropout, schedules and batches (`test_traces.py` looks).
"""

from dataclasses import replace

import numpy as np
from agreement import cases

import pellucid


def drawn(count=40):
    """Return random cases for exports, the same ones each time."""
    found = [case for case in cases.random_cases(4 * count) if len(case.sizes) <= 5][:count]
    return [replace(case, rows=1 + case.seed % 8) for case in found]


def steps(case):
    """Return how many steps the trace of a case has."""
    return 1 + case.seed % 5


def traced(case, dtype=np.float64, count=None):
    """Return the trace of a case, of its own number of steps or of another."""
    network, numbers = cases.network(case), cases.numbers(case, dtype)
    return pellucid.trace(
        network,
        numbers.X,
        numbers.y,
        parameters=network.views(numbers.flat),
        optimizer=cases.optimizer(case),
        reduction=case.reduction,
        row_weight=numbers.row_weight,
        batch_size=case.batch_size,
        steps=count or steps(case),
        random_state=case.seed,
        dtype=dtype,
    )
