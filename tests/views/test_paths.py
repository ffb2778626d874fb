"""The patterns of the chain rule: their sums are the gradient, and the chain rule of one entry is made of them."""

import itertools

import numpy as np
import pytest
from agreement import traces

import pellucid
from pellucid.views.cells import value_at
from pellucid.views.paths import path_pattern


def at(index, indices):
    return indices[index] if index in indices else int(index)


def products(factors, loops, values, indices):
    """Return the product of each path, for one row."""
    found = []
    for inner in itertools.product(*(range(size) for size in loops.values())):
        known = indices | dict(zip(loops, inner, strict=True))
        cells = [value_at(values, name, at(i, known), at(j, known)) for name, i, j in factors]
        found.append(np.prod(cells))
    return found


@pytest.mark.parametrize("case", traces.drawn(), ids=str)
def test_paths_are_those_of_the_chain_rule(case):
    """For the last entry of every parameter the pattern has the same paths, and its sum is the gradient."""
    trace = traces.traced(case)
    for name, (rows, columns) in trace.network.parameter_shapes.items():
        i, j = rows - 1, columns - 1
        pattern = path_pattern(name, trace.formulas)
        values = trace.steps[0].values
        paths, shares = [], []
        for r in range(len(trace.steps[0].rows)):
            indices = {"i": i, "j": j, "r": r}
            paths += products(pattern.factors, pattern.loops, values, indices)
            shares += products(pattern.shares, {}, values, indices)
        divisor = float(values[pattern.divisor]) if pattern.divisor else 1.0
        penalty = 0.0
        gradient = values[f"gradient_{name}"][i, j]
        if pattern.penalty is None:
            assert -sum(shares) / divisor == pytest.approx(gradient, rel=1e-9, abs=1e-12)
        else:
            penalty = gradient + sum(shares) / divisor
        assert sum(paths) == pytest.approx(sum(shares), rel=1e-9, abs=1e-12)
        rule = trace.chain_rule(name, i, j)
        if rule.paths is None:
            continue
        assert rule.divisor == divisor
        assert rule.penalty == pytest.approx(penalty, rel=1e-6, abs=1e-12)
        expected = sorted(path.product for path in rule.paths)
        assert sorted(paths) == pytest.approx(expected, rel=1e-9, abs=1e-15)


def test_the_worked_example():
    formulas = pellucid.worked_example().formulas
    pattern = path_pattern("W1", formulas)
    assert [name for name, *_ in pattern.factors] == [
        "error",
        "slope_output",
        "W2",
        "slope_hidden_1",
        "X",
    ]
    assert pattern.divisor is None
    assert path_pattern("b2", formulas).factors == (("error", "r", "0"), ("slope_output", "r", "0"))
