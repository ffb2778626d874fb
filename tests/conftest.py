"""What all tests share: which tests run by default, and what happens when a program is missing."""

import importlib.util

import pytest
from system_programs import on_ci, why_missing


def pytest_addoption(parser):
    parser.addoption(
        "--long", action="store_true", help="run the tests marked `long` too (CI=true does)"
    )


def runs_long(config):
    return on_ci() or config.getoption("--long")


def pytest_report_header(config):
    return f"long tests: {'run' if runs_long(config) else 'left out (--long runs them)'}"


def pytest_collection_modifyitems(config, items):
    if runs_long(config) or "long" in config.getoption("markexpr"):
        return
    long_ones = [item for item in items if item.get_closest_marker("long")]
    if long_ones:
        config.hook.pytest_deselected(items=long_ones)
        items[:] = [item for item in items if not item.get_closest_marker("long")]


def pytest_runtest_setup(item):
    reasons = [why_missing(program) for m in item.iter_markers("needs") for program in m.args]
    for marker in item.iter_markers("needs_library"):
        absent = [name for name in marker.args if importlib.util.find_spec(name) is None]
        reasons += [f"the library {name} is not installed (pip install {name})" for name in absent]
    for reason in filter(None, reasons):
        if on_ci():
            pytest.fail(f"{reason}. With CI=true nothing is skipped", pytrace=False)
        pytest.skip(reason)
