"""Every slope and every error of the catalogue is the derivative that SymPy finds.

What is tried is found in the catalogue, so a new activation or loss is tried without a line here. A formula with
choices in it (where, max, |x|) is proved piece by piece, on the regions where its choices stay the same.
"""

import random
from itertools import pairwise

import numpy as np
import pytest
import sympy as sp
from gradients.symbolic import SYMPY, each, prove_zero, rational, resolved, row, translated

from pellucid.algebra import PRIMITIVES, Symbol, node
from pellucid.catalogue import activation, loss, names

ACTIVATIONS = [activation(name) for name in names("activation") if name != "own"]
LOSSES = [loss(name) for name in names("loss")]
MATCHING = [of for of in LOSSES if of.matching]
CLASSES = 3


def has_own_form(of):
    """Whether a loss has a formula from the net input, which stays exact where the output is rounded."""
    return of.each_from_net_input(Symbol("z", (1, CLASSES)), Symbol("y", (1, CLASSES))) is not None


x, o, y = sp.Symbol("x", real=True), sp.Symbol("o", real=True), sp.Symbol("y", real=True)


def by_name(record):
    return record.name


def assert_zero(expression, sample, *, here):
    assert prove_zero(expression, sample) == "symbolic", (
        f"{here}: proved in numbers only: {expression}"
    )


def test_the_table_covers_the_vocabulary():
    assert set(SYMPY) == set(PRIMITIVES), (
        "write the new primitive into SYMPY in tests/gradients/symbolic.py"
    )


# Activations


def formula_and_slope(record):
    """Return an activation's formula and slope as SymPy has them, in x."""
    symbol = Symbol("x")
    formula = node(record.formula(symbol))
    return [
        sp.sympify(translated(node(f), {"x": x})) for f in (formula, record.slope(symbol, formula))
    ]


@pytest.mark.parametrize("record", [a for a in ACTIVATIONS if a.elementwise], ids=by_name)
def test_slope_is_the_derivative(record):
    """Between its kinks an activation's slope is its derivative."""
    formula, slope = formula_and_slope(record)
    rng = random.Random(1)
    edges = [-4, *sorted(record.kinks), 4]
    # Formulas make choices where there is no kink too (softplus at 0), so several points are taken from each stretch.
    for low, high in pairwise(edges):
        for _ in range(6):
            at = {x: rational(rng, low, high)}
            difference = resolved(slope, at) - sp.diff(resolved(formula, at), x)
            assert_zero(difference, lambda at=at: at, here=f"{record.name} near {at[x]}")


@pytest.mark.parametrize("record", [a for a in ACTIVATIONS if a.kinks], ids=by_name)
def test_slope_at_a_kink(record):
    """At a kink the slope is one side's: 0 where that is one of the two, else the left one."""
    formula, _ = formula_and_slope(record)
    for kink in record.kinks:
        left, right = (
            float(sp.diff(resolved(formula, {x: kink + side}), x).subs(x, kink))
            for side in (-sp.Rational(1, 99), 1)
        )
        at = np.array([kink])
        expected = 0.0 if 0.0 in (left, right) else left
        assert record.slope(at, record(at)) == pytest.approx(expected, rel=1e-15), (left, right)


@pytest.mark.parametrize("record", [a for a in ACTIVATIONS if not a.elementwise], ids=by_name)
def test_delta_is_error_times_jacobian(record):
    """Where outputs depend on each other, the delta is the error times the whole Jacobian."""
    z, error = row("z", CLASSES, real=True), row("e", CLASSES, real=True)
    symbols = Symbol("z", (1, CLASSES)), Symbol("e", (1, CLASSES))
    formula = record.formula(symbols[0])
    outputs = translated(formula, {"z": z})
    delta = translated(record.delta(symbols[1], symbols[0], formula, None), {"z": z, "e": error})
    rng = random.Random(1)
    for _ in range(3):
        at = {s: rational(rng) for s in z[0]}
        a = [resolved(entry, at) for entry in outputs[0]]
        for j in range(CLASSES):
            chain = sum(error[0, i] * sp.diff(a[i], z[0, j]) for i in range(CLASSES))
            assert_zero(
                chain - resolved(delta[0, j], at),
                lambda at=at: at,
                here=f"{record.name}, neuron {j}",
            )


# Losses


def within(interval, rng):
    low, high = interval
    return rational(rng, max(low, -3), min(high, 3))


def points(record, rng, count):
    """Yield points (output, target) of a loss, the ends of its targets' range among them."""
    for _ in range(count):
        yield {o: within(record.output_range, rng), y: within(record.target_range, rng)}
    for end in record.target_range:
        if end not in (float("inf"), -float("inf")):
            yield {o: within(record.output_range, rng), y: sp.Integer(int(end))}


@pytest.mark.parametrize("record", LOSSES, ids=by_name)
def test_error_is_minus_the_derivative(record):
    """A loss's error is minus its derivative by the output, on each side of its kinks."""
    symbols = Symbol("o"), Symbol("y")
    formula, error = (
        sp.sympify(translated(node(f(*symbols)), {"o": o, "y": y}))
        for f in (record.each, record.error)
    )
    for at in points(record, random.Random(1), 12):
        difference = resolved(error, at) + sp.diff(resolved(formula, at), o)
        assert_zero(difference, lambda at=at: at, here=f"{record.name} near {at}")


def matching_pair(record):
    """Return (z, targets, output, loss from z) as rows of SymPy expressions, and points to resolve them at."""
    match = activation(record.matching)
    z = row("z", CLASSES, real=True)
    targets = row("y", CLASSES, positive=True)
    if not match.elementwise:
        targets[0, -1] = 1 - sum(targets[0, :-1])  # probabilities
    symbol, wanted = Symbol("z", (1, CLASSES)), Symbol("y", (1, CLASSES))
    values = {"z": z, "y": targets}
    outputs = translated(node(match.formula(symbol)), values)
    from_z = record.each_from_net_input(symbol, wanted)
    # A loss without a form of its own from the net input is computed from the output.
    from_z = translated(
        record.each(match.formula(symbol), wanted) if from_z is None else from_z, values
    )
    rng = random.Random(1)
    at = [
        {
            **{s: rational(rng) for s in z[0]},
            **{s: rational(rng, 0, 0.5) for s in targets.ravel() if s.is_Symbol},
        }
        for _ in range(4)
    ]
    return z, targets, outputs, from_z, at


@pytest.mark.parametrize("record", MATCHING, ids=by_name)
def test_matching_pair_cancels_to_target_less_output(record):
    """The named simplification: minus the derivative of the loss by the net input is y - output."""
    z, targets, outputs, from_z, at = matching_pair(record)
    for point in at:
        total = sum(resolved(entry, point) for entry in from_z[0])
        for j in range(CLASSES):
            delta = -sp.diff(total, z[0, j])
            expected = targets[0, j] - resolved(outputs[0, j], point)
            assert_zero(
                delta - expected, lambda point=point: point, here=f"{record.name}, neuron {j}"
            )


@pytest.mark.parametrize("record", [of for of in MATCHING if has_own_form(of)], ids=by_name)
def test_loss_from_net_input_is_the_loss_of_the_output(record):
    """The loss computed from the net input is the loss of the matching activation's output."""
    _, targets, outputs, from_z, at = matching_pair(record)
    symbols = Symbol("o"), Symbol("y")
    formula = each(lambda o, y: translated(node(record.each(*symbols)), {"o": o, "y": y}))
    plain = formula(outputs, targets)
    for point in at:
        for j in range(CLASSES):
            difference = resolved(plain[0, j], point) - resolved(from_z[0, j], point)
            assert_zero(difference, lambda point=point: point, here=f"{record.name}, neuron {j}")
