"""Schedules: the factor at points that a person can check, on numbers and on symbols."""

import numpy as np
import pytest

from pellucid.algebra import Node, Symbol
from pellucid.algebra.values import evaluate
from pellucid.catalogue import from_data, names, schedule, to_data
from pellucid.catalogue.schedules import (
    Adaptive,
    Clock,
    Constant,
    Cosine,
    CosineLog,
    Exponential,
    FlatCosine,
    InverseScaling,
    StepDecay,
    WarmUp,
)
from pellucid.errors import InputError

FACTORS = [
    (StepDecay(drop=0.5, every=10), {"epoch_number": 9}, 1.0),
    (StepDecay(drop=0.5, every=10), {"epoch_number": 10}, 0.5),
    (StepDecay(drop=0.5, every=10), {"epoch_number": 25}, 0.25),
    (Exponential(decay=0.9), {"epoch_number": 0}, 1.0),
    (Exponential(decay=0.9), {"epoch_number": 2}, 0.81),
    (Cosine(), {"progress": 0.0}, 1.0),
    (Cosine(), {"progress": 0.5}, 0.5),
    (Cosine(final=0.1), {"progress": 1.0}, 0.1),
    (WarmUp(updates=10), {"update_number": 1}, 0.1),
    (WarmUp(updates=10), {"update_number": 10}, 1.0),
    (WarmUp(updates=10), {"update_number": 99}, 1.0),
    (
        WarmUp(updates=10, after=Exponential(decay=0.5)),
        {"update_number": 5, "epoch_number": 1},
        0.25,
    ),
    (InverseScaling(power=0.5), {"update_number": 4}, 0.5),
]


@pytest.mark.parametrize(("record", "time", "factor"), FACTORS)
def test_factors(record, time, factor):
    time = {"update_number": 1, "epoch_number": 0, "progress": 0.0} | time
    assert record.factor(Clock(**time)) == pytest.approx(factor, rel=1e-12)
    symbols = Clock(**{name: Symbol(name) for name in time})
    expression = record.factor(symbols)
    assert isinstance(expression, Node)
    assert evaluate(expression, time) == pytest.approx(factor, rel=1e-12)


@pytest.mark.parametrize("record", [Constant(0.1), Adaptive(0.1)])
def test_rates_that_stay(record):
    """A constant rate, and one that the training loop sets, are given numbers in the equations."""
    assert record.factor(Clock(1, 0, 0.0)) is None


def test_choices():
    assert schedule(0.1) == Constant(0.1)
    assert schedule(1) == Constant(1.0)
    assert schedule("cosine") == Cosine()
    assert schedule("invscaling") == InverseScaling()
    chosen = StepDecay(0.1, 0.3)
    assert schedule(chosen) is chosen


@pytest.mark.parametrize("wrong", [0, -1.0, float("nan"), float("inf")])
def test_a_rate_is_above_0(wrong):
    with pytest.raises(
        InputError, match=r"Expected a learning rate above 0\. Got .*To continue, start with 0\.01"
    ):
        schedule(wrong)
    with pytest.raises(InputError):
        Cosine(wrong)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [("cosin", "did you mean 'cosine'"), (True, "Got True"), (None, "Got None")],
)
def test_wrong_choices(wrong, reason):
    with pytest.raises(InputError, match=reason):
        schedule(wrong)


@pytest.mark.parametrize(
    "record", [*map(schedule, names("schedule")), WarmUp(0.1, 5, Cosine(0.2, 0.1))], ids=str
)
def test_there_and_back(record):
    assert from_data(to_data(record)) == record


def test_every_schedule_stays_between_0_and_1():
    """Only one that has valleys touches 0."""
    for name in names("schedule"):
        for number in range(1, 200):
            factor = schedule(name).factor(Clock(number, number // 10, number / 200))
            assert factor is None or (0 <= factor <= 1 and np.isfinite(factor))
            assert factor is None or factor > 0 or name == "cosine_log"


def test_waves_that_double_in_length():
    """Four waves of 1, 2, 4 and 8 fifteenths: 0 where one ends, the whole rate where its root is halfway."""
    chosen = CosineLog(0.1)

    def factor(progress):
        return chosen.factor(Clock(1, 0, progress))

    for end in (0, 1 / 15, 3 / 15, 7 / 15, 1):
        assert factor(end) == pytest.approx(0, abs=1e-12)
    for start in (0, 1 / 15, 3 / 15, 7 / 15):
        peak = ((1 + 15 * start) * 2**0.5 - 1) / 15
        assert factor(peak) == pytest.approx(1)
    assert schedule("coslog4") == CosineLog()


def test_flat_and_then_half_a_cosine():
    chosen = FlatCosine(0.1)
    found = [chosen.factor(Clock(1, 0, progress)) for progress in (0, 0.25, 0.5, 0.75, 1)]
    assert found == pytest.approx([1, 1, 1, 0.5, 0])
