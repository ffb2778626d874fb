"""A gradient check on the user's own network and rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import InputError
from pellucid.evaluator import run
from pellucid.network import Network
from pellucid.randomness import dropout_mask
from pellucid.rows import as_rows
from pellucid.step import Step
from pellucid.training.starting import start_on

# Steps of the differences, for a weight of size 1: the first that no kink disturbs is taken.
STEPS = (1e-3, 1e-4, 1e-5, 1e-6)
# A jump of the slope larger than this, relative to the slope, is a kink within the step.
JUMP = 1e-7


@dataclass(frozen=True)
class CheckedGradient:
    """One entry of the gradient, computed both ways; row and column count from 0.

    `at_kink` says that the loss is not smooth here, however small the step: its slope jumps (a relu
    at 0), or the slope's slope does (an elu at 0).
    """

    name: str
    row: int
    column: int
    gradient: float
    difference: float
    relative_error: float
    at_kink: bool = False


@dataclass(frozen=True)
class GradientCheck:
    """What `check_gradients` found: one entry for each number checked, worst first.

    Entries at a kink come last, and count neither in `max_relative_error` nor in `by_parameter`.
    """

    entries: tuple[CheckedGradient, ...]
    parameter_count: int

    @property
    def max_relative_error(self) -> float:
        """The largest relative error of all (nan if every entry is at a kink)."""
        return max(self.by_parameter.values(), default=math.nan)

    @property
    def by_parameter(self) -> dict[str, float]:
        """The largest relative error of each weight matrix and bias, worst first."""
        worst: dict[str, float] = {}
        for entry in self.entries:
            if not entry.at_kink:
                worst.setdefault(entry.name, entry.relative_error)
        return worst

    def __repr__(self) -> str:
        wide = max(map(len, self.by_parameter), default=0) + 4
        lines = [f"{name:<{wide}}{error:.1e}" for name, error in self.by_parameter.items()]
        what = f"{len(self.entries)} of {self.parameter_count} gradients checked"
        kinks = sum(entry.at_kink for entry in self.entries)
        if kinks:
            what += f" ({kinks} at a kink, where the loss is not smooth)"
        return "\n".join([f"{what}, largest relative error {self.max_relative_error:.1e}", *lines])


def check_gradients(
    network: Any,
    X: Any,
    y: Any,
    *,
    parameters: Mapping[str, Any] | None = None,
    random_state: int | None = 0,
    row_weight: Any = None,
    reduction: str = "mean",
    dropout: bool = True,
    sample: int | None = 2000,
) -> GradientCheck:
    """Compare every gradient with central differences of the loss, in float64.

    Parameters
    ----------
    network
        A `Network`, or a fitted estimator (then X and y are as its `fit` takes them, and its own
        weights are checked).
    X, y
        Rows and targets.
    parameters
        Weights and biases by name; those left out are drawn by the initializers.
    random_state
        Seed of drawn weights, dropout masks and the sample.
    row_weight
        A weight for each row.
    reduction
        "mean" or "sum" over the rows.
    dropout
        Whether masks are drawn for layers with dropout (the same for every difference).
    sample
        At most so many parameters are checked, drawn evenly; None for all.

    Returns
    -------
    GradientCheck
        For each checked entry the gradient, the difference, and the relative error
        ``|g - d| / max(|g|, |d|, 10⁻³ · the largest entry of that parameter's gradient)``;
        worst first. (Where the two differ by no more than the rounding of the difference, the
        divisor is at least a million times that.)

    Notes
    -----
    Differences of fourth order, ``(8 (f(+h) - f(-h)) - (f(+2h) - f(-2h))) / 12h``
    (Abramowitz & Stegun 1964, 25.3.6), leave less than 1e-6 where the loss is smooth. Where a kink
    (a relu at 0) lies within the step, a smaller step is taken; right at a kink
    differences say nothing, and the entry is marked.

    Examples
    --------
    >>> net = Network([2, 3, 1], activation="tanh")
    >>> check_gradients(net, [[0, 1], [1, 1]], [1, 0]).max_relative_error < 1e-6
    True
    """
    if not isinstance(network, Network):
        if not hasattr(network, "gradient_inputs"):
            raise InputError(
                f"Expected a Network or a fitted estimator. Got {type(network).__name__}."
            )
        if parameters:
            raise InputError(
                "An estimator is checked with its own weights. Expected no parameters. Got "
                f"{', '.join(parameters)}. Give them with estimator.network_ instead."
            )
        network, X, y, row_weight, parameters = network.gradient_inputs(X, y, row_weight)
    inputs, targets, weights = as_rows(network, X, y, row_weight)
    step = Step(network, None, reduction, weighted=weights is not None, dropout=dropout)
    flat = start_on(network, inputs, random_state, parameters)
    given: dict[str, Any] = {"X": inputs, "y": targets, **network.views(flat), **step.settings}
    if weights is not None:
        given["row_weight"] = weights
    for name, (_, units) in step.masks.items():
        at = int(name.removeprefix("mask_"))
        share = network.layers[at - 1].dropout
        given[name] = dropout_mask(random_state or 0, at, 1, len(inputs), units, share)

    def loss() -> float:
        values = run(step, given)
        return float(values["objective" if "objective" in values else "loss"])

    values = run(step, given)
    rng = np.random.default_rng(random_state)
    chosen = np.arange(flat.size)
    if sample is not None and sample < flat.size:
        chosen = np.sort(rng.choice(flat.size, sample, replace=False))
    places = [
        (name, *divmod(k, columns))
        for name, (rows, columns) in network.parameter_shapes.items()
        for k in range(rows * columns)
    ]
    largest = {p: float(abs(values[f"gradient_{p}"]).max()) for p in network.parameter_shapes}
    entries = []
    for index in chosen:
        name, row, column = places[index]
        gradient = float(values[f"gradient_{name}"][row, column])
        entries.append(
            _compared(name, row, column, gradient, 1e-3 * largest[name], loss, flat, int(index))
        )
    entries.sort(key=lambda e: (e.at_kink, -e.relative_error))
    return GradientCheck(tuple(entries), flat.size)


def _compared(
    name: str,
    row: int,
    column: int,
    gradient: float,
    smallest_scale: float,
    loss: Callable[[], float],
    flat: NDArray[np.float64],
    index: int,
) -> CheckedGradient:
    """Return the entry of one parameter, with the first step that no kink disturbs."""
    start = float(flat[index])
    size = max(abs(start), 1.0)

    def at(offset: float) -> float:
        flat[index] = start + offset
        value = loss()
        flat[index] = start
        return value

    here = at(0.0)
    at_kink = True
    for step in STEPS:
        h = step * size
        up, down, far_up, far_down = at(h), at(-h), at(2 * h), at(-2 * h)
        difference = (8 * (up - down) - (far_up - far_down)) / (12 * h)
        scale = max(abs(gradient), abs(difference), smallest_scale)
        # The second derivative is the same from near and from far, unless the slope jumps between.
        near, far = (up - 2 * here + down) / h**2, (far_up - 2 * here + far_down) / (4 * h**2)
        rounding = 20 * np.finfo(float).eps * abs(here) / h
        jumps = abs(near - far) * h
        # Nor may the slope change faster to one side than to the other (an elu at 0).
        bends = abs((far_up - far_down) / 2 - (up - down)) / (2 * h)
        at_kink = bool(max(jumps, bends) > JUMP * scale + rounding)
        if not at_kink:
            break
    apart = abs(gradient - difference)
    if apart <= rounding:
        # No more than rounding explains: where the gradient itself is as small, it is not held against it.
        scale = max(scale, 1e6 * rounding)
    error = apart / scale if scale else 0.0
    return CheckedGradient(name, row, column, gradient, difference, float(error), at_kink)
