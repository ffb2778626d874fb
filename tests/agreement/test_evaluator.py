"""The evaluator's every value, on the table's networks and on random ones, equals the oracle's."""

from collections import Counter

import naive
import numpy as np
import pytest
from agreement import cases
from agreement.relative import assert_agree

from pellucid.algebra.values import evaluate
from pellucid.catalogue import names

TOLERANCE = 1e-10

# Values that Pellucid leaves out where a pair's named simplification makes them superfluous; the oracle has them.
LEFT_OUT = {"error", "slope_output"}

RANDOM = cases.random_cases(200)


def plain(value):
    return value.tolist() if isinstance(value, np.ndarray) else value


def naive_traces(case, all_given):
    """Yield the oracle's trace of each update; parameters and states are its own from update to update."""
    carried = {}
    for given in all_given:
        own = {name: plain(value) for name, value in given.items()} | carried
        trace = naive.step(cases.naive_network(case), own, case.optimizer, case.reduction)
        carried = {
            name.removesuffix("_next"): value
            for name, value in trace.items()
            if name.endswith("_next")
        }
        yield trace


def assert_agrees_with_naive(case):
    pairs = list(cases.updates(case))
    traces = naive_traces(case, [given for given, _ in pairs])
    for number, ((_, values), trace) in enumerate(zip(pairs, traces, strict=True), 1):
        missing = (
            trace.keys()
            - values.keys()
            - (LEFT_OUT if cases.network(case).is_matching_pair else set())
        )
        assert not missing, f"{case}: the step does not name {sorted(missing)}"
        strange = values.keys() - trace.keys()
        assert not strange, f"{case}: tests/naive.py does not know {sorted(strange)}"
        for name, value in values.items():
            assert_agree(value, trace[name], TOLERANCE, f"{case}, update {number}, {name}")


@pytest.mark.parametrize("case", cases.TABLE, ids=str)
def test_table(case):
    assert_agrees_with_naive(case)


@pytest.mark.parametrize("block", range(10))
def test_random_networks(block):
    """200 random networks, several updates each, to 1e-10 in every named value."""
    for case in RANDOM[block::10]:
        assert_agrees_with_naive(case)


def test_random_networks_go_round_the_catalogue():
    """The 200 meet every activation (hidden and last), loss, schedule, optimizer, depth and option."""
    hidden = Counter(name for case in RANDOM for name, _ in case.activations[:-1])
    assert min(hidden[name] for name in cases.hidden_names()) >= 5
    assert {(c.loss[0], c.activations[-1][0]) for c in RANDOM} == set(cases.output_pairs())
    assert {c.optimizer["schedule"][0] for c in RANDOM} == set(names("schedule"))
    assert {c.optimizer["name"] for c in RANDOM} == set(cases.MAKERS)
    assert {len(c.sizes) - 2 for c in RANDOM} == {1, 2, 3, 4}
    assert {c.sizes[-1] for c in RANDOM} == {1, 2, 5}
    for option in (
        "dropout",
        "label_smoothing",
        "l1",
        "l2",
        "weighted",
        "batch_size",
        "input_scale",
        "parametric",
    ):
        assert 10 <= sum(bool(getattr(case, option)) for case in RANDOM) <= 190, option


def test_the_oracle_knows_the_catalogue():
    """A new activation, loss or schedule is written into tests/naive.py too, from the mathematics."""
    assert set(cases.hidden_names()) == {*naive.ACTIVATIONS, "softmax"}
    assert set(names("loss")) == set(naive.LOSSES)
    assert set(names("schedule")) == set(naive.SCHEDULES)


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("block", range(4))
def test_equations_give_the_same_numbers(block, dtype):
    """Read one after the other, the equations give what the lines give on arrays, to the last bit."""
    for case in [*cases.TABLE, *RANDOM][block::4]:
        equations = cases.step(case).equations
        for given, values in cases.updates(case, dtype):
            known = dict(given)
            assert [equation.name for equation in equations] == list(values), case
            for equation in equations:
                found = np.asarray(evaluate(equation.expression, known, dtype), dtype)
                expected = values[equation.name]
                assert found.shape == expected.shape, f"{case}: {equation.name}"
                assert np.array_equal(found, expected, equal_nan=True), (
                    f"{case}: {equation.name}\n{found - expected}"
                )
                known[equation.name] = found
