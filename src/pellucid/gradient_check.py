"""A gradient check on the user's own network and rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.errors import InputError
from pellucid.evaluator import run
from pellucid.network import Network
from pellucid.randomness import dropout_mask
from pellucid.rows import as_rows
from pellucid.step import Step


@dataclass(frozen=True)
class CheckedGradient:
    """One entry of the gradient, computed both ways; row and column count from 0."""

    name: str
    row: int
    column: int
    gradient: float
    difference: float
    relative_error: float


@dataclass(frozen=True)
class GradientCheck:
    """What `check_gradients` found: one entry for each number checked, worst first."""

    entries: tuple[CheckedGradient, ...]
    parameter_count: int

    @property
    def max_relative_error(self) -> float:
        """The largest relative error of all."""
        return self.entries[0].relative_error

    @property
    def by_parameter(self) -> dict[str, float]:
        """The largest relative error of each weight matrix and bias, worst first."""
        worst: dict[str, float] = {}
        for entry in self.entries:
            worst.setdefault(entry.name, entry.relative_error)
        return worst

    def __repr__(self) -> str:
        lines = [f"{name:<6}{error:.1e}" for name, error in self.by_parameter.items()]
        what = f"{len(self.entries)} of {self.parameter_count} gradients checked"
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
        worst first.

    Notes
    -----
    Differences of fourth order, ``(8 (f(+h) - f(-h)) - (f(+2h) - f(-2h))) / 12h``
    (Abramowitz & Stegun 1964, 25.3.6), leave less than 1e-6 where the loss is smooth. Right at a
    kink (a relu at 0) the two disagree, and the entry shows it.

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
        network, X, y, row_weight, parameters = network.gradient_inputs(X, y, row_weight)
    inputs, targets, weights = as_rows(network, X, y, row_weight)
    step = Step(network, None, reduction, weighted=weights is not None, dropout=dropout)
    flat = network.start(random_state, parameters)
    given: dict[str, Any] = {"X": inputs, "y": targets, **network.views(flat), **step.settings}
    if weights is not None:
        given["row_weight"] = weights
    for name, (_, units) in step.masks.items():
        at = int(name.removeprefix("mask_"))
        share = network.layers[at - 1].dropout
        given[name] = dropout_mask(random_state or 0, at, 1, len(inputs), units, share)

    values = run(step, given)
    total = "objective" if "objective" in values else "loss"
    rng = np.random.default_rng(random_state)
    chosen = np.arange(flat.size)
    if sample is not None and sample < flat.size:
        chosen = np.sort(rng.choice(flat.size, sample, replace=False))
    gradient = np.concatenate([values[f"gradient_{p}"].ravel() for p in network.parameter_shapes])
    places = [
        (name, *divmod(k, shape[1]))
        for name, shape in network.parameter_shapes.items()
        for k in range(shape[0] * shape[1])
    ]
    largest = {p: float(abs(values[f"gradient_{p}"]).max()) for p in network.parameter_shapes}

    def loss_at(index: int, value: float) -> float:
        flat[index] = value
        return float(run(step, given)[total])

    entries = []
    for index in chosen:
        start = float(flat[index])
        # The fifth root of the rounding error balances it against the fourth-order remainder.
        h = 1e-3 * max(abs(start), 1.0)
        near = loss_at(index, start + h) - loss_at(index, start - h)
        far = loss_at(index, start + 2 * h) - loss_at(index, start - 2 * h)
        flat[index] = start
        difference = (8 * near - far) / (12 * h)
        name, row, column = places[index]
        g = float(gradient[index])
        scale = max(abs(g), abs(difference), 1e-3 * largest[name])
        error = abs(g - difference) / scale if scale else 0.0
        entries.append(CheckedGradient(name, row, column, g, difference, error))
    entries.sort(key=lambda e: -e.relative_error)
    return GradientCheck(tuple(entries), flat.size)
