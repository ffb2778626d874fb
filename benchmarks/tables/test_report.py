"""The report's arithmetic, on fits whose answers are known: ``pytest benchmarks/tables/test_report.py``."""

# ruff: noqa: D103 (a test's name says what it holds)
import math
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from report import FLOOR, interval, measured, ratios, report, time_ratios


def fits(peer, errors, *, seconds=1.0, split=0):
    """Return a fit for each error, on the tables a, b, c, …."""
    return [
        {
            "table": table,
            "peer": peer,
            "split": split,
            "seed": 0,
            "error": error,
            "seconds": seconds,
        }
        for table, error in zip("abcdefgh", errors, strict=False)
    ]


def test_a_ratio_is_of_means_over_splits_that_both_have():
    found = measured(
        fits("own", [0.1])
        + fits("own", [0.3], split=1)
        + fits("own", [9.0], split=2)
        # two fits of one split count as one split
        + fits("other", [0.2])
        + fits("other", [0.4])
        + fits("other", [0.5], split=1),
        "error",
    )
    assert ratios(found, "own", "other", FLOOR) == [pytest.approx(0.2 / 0.4)]


def test_tiny_errors_count_as_the_floor_and_are_equal():
    found = measured(fits("own", [0.001, 0.004]) + fits("other", [0.003, 0.01]), "error")
    assert ratios(found, "own", "other", FLOOR) == [1.0, 0.5]


def test_tables_that_only_one_has_are_left_out():
    found = measured(fits("own", [0.1, 0.1]) + fits("other", [0.2]), "error")
    assert ratios(found, "own", "other", FLOOR) == [0.5]


def test_the_interval_is_about_two_standard_errors_of_the_logarithms():
    values = [math.exp(0.1 * at) for at in range(-20, 21)]
    low, high = interval(values)
    error = math.sqrt(sum((0.1 * at) ** 2 for at in range(-20, 21)) / 41 / 41)
    assert math.log(low) == pytest.approx(-1.96 * error, rel=0.05)
    assert math.log(high) == pytest.approx(1.96 * error, rel=0.05)


def test_times_are_ratios_of_medians():
    many = [f for s in (1.0, 2.0, 90.0) for f in fits("own", [0.1], seconds=s)]
    assert time_ratios(many + fits("other", [0.1], seconds=8.0), "own", "other") == [0.25]


@pytest.mark.parametrize("shared", [True, False])
def test_the_report_names_failures_and_leaves_out_times_of_a_shared_machine(shared):
    failed = {"table": "a", "peer": "third", "split": 0, "seed": 0, "failed": "out of memory"}
    run = {
        "fits": [*fits("own", [0.1, 0.2], seconds=3.0), *fits("other", [0.2, 0.2]), failed],
        "shared": shared,
        "tuning": False,
        "threads": 2,
        "machine": "m",
    }
    text = report([run], ["other"], with_notes=False)
    assert "**0.1000**" in text
    assert "0.707" in text  # the geometric mean of a half and 1
    assert "1 of 2, 1 equal" in text
    assert "out of memory" in text
    assert ("(3.0 s)" in text) is not shared
    assert ("| 3.000 |" in text) is not shared
