"""The chain rule for one weight or bias, term by term, for any depth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

import numpy as np

from pellucid.errors import InputError
from pellucid.network import Network
from pellucid.printers.numbers import number
from pellucid.views.cells import checked_position, value_at

# The number of paths through a network is the product of its layers' sizes.
MOST_PATHS = 1000


@dataclass(frozen=True)
class Factor:
    """One factor of a path: a cell and its number."""

    name: str
    row: int
    column: int
    value: float

    @property
    def text(self) -> str:
        """The cell, counted from 1."""
        return f"{self.name}[{self.row + 1},{self.column + 1}]"


@dataclass(frozen=True)
class Path:
    """One way from the loss of a row back to the weight: a product of factors."""

    row: int
    factors: tuple[Factor, ...]

    @property
    def product(self) -> float:
        """The product of the factors."""
        return float(np.prod([f.value for f in self.factors]))


@dataclass(frozen=True)
class ChainRule:
    """How the gradient of one weight or bias comes about.

    ``gradient = -(sum of the paths) / divisor + penalty``.

    Attributes
    ----------
    name, row, column
        The weight, counted from 0.
    gradient
        Its entry of the gradient.
    paths
        Every path of every row, or None where there are more than `MOST_PATHS`; then
        `rows` still holds each row's share.
    rows
        For each row the two factors that meet at the weight: the signal that comes in and
        the delta that comes back (for a bias the delta alone).
    divisor
        What the sum over rows is divided by (1 for the sum).
    penalty
        What L1 and L2 add.
    """

    name: str
    row: int
    column: int
    gradient: float
    paths: tuple[Path, ...] | None
    rows: tuple[Path, ...]
    divisor: float
    penalty: float

    @property
    def total(self) -> float:
        """The gradient, summed up from the paths (or the rows)."""
        parts = self.rows if self.paths is None else self.paths
        return -sum(p.product for p in parts) / self.divisor + self.penalty

    @property
    def text(self) -> str:
        """The paths as a table of factors, one path after the other."""
        weight = f"{self.name}[{self.row + 1},{self.column + 1}]"
        lines = []
        for path in self.rows if self.paths is None else self.paths:
            lines.append(f"row {path.row + 1}")
            lines += [
                f"  {'×' if at else ' '} {f.text:<28}{number(f.value):>12}"
                for at, f in enumerate(path.factors)
            ]
            lines.append(f"  = {'':<28}{number(path.product):>12}")
        lines.append(f"gradient of {weight} = -(sum of these)")
        if self.divisor != 1:
            lines[-1] += f" / {number(self.divisor)}"
        if self.penalty:
            lines[-1] += f" + penalty {number(self.penalty)}"
        return "\n".join([*lines, f"  = {number(self.gradient)}"])


def chain_rule(
    network: Network,
    values: Mapping[str, Any],
    name: str,
    row: int,
    column: int,
    *,
    divisor: float = 1.0,
) -> ChainRule:
    """Return the chain rule for one entry of ``W1 … WL``, ``b1 … bL`` or ``input_scale``.

    Raises `InputError` if `name` is not a parameter of the network.
    """
    specs = {spec.name: spec for spec in network.parameter_specs}
    if name not in specs:
        raise InputError(f"Expected a weight or bias: {', '.join(specs)}. Got {name!r}.")
    row, column = checked_position(name, values[name], row, column)
    is_weight = specs[name].role == "weight"
    # A scale stands before the first layer, in the place of a neuron of a layer 0.
    layer = 0 if specs[name].role == "scale" else specs[name].layer
    signal = "X"
    if layer:
        befores = (
            f"kept_{layer - 1}",
            f"hidden_{layer - 1}",
            "scaled_X" if layer == 1 else "X",
            "X",
        )
        signal = next(before for before in befores if before in values)

    def incoming(r: int) -> tuple[Factor, ...]:
        if specs[name].role == "bias":
            return ()
        return (_factor(values, signal, r, row if is_weight else column),)

    last = len(network.layers)
    delta = {0: "error_X", last: "delta_output"}.get(layer, f"delta_hidden_{layer}")
    count = np.shape(values["X"])[0]
    rows = tuple(Path(r, (_factor(values, delta, r, column), *incoming(r))) for r in range(count))
    found: list[Path] = []
    for r in range(count):
        found += [
            Path(r, (*factors, *incoming(r)))
            for factors in islice(_back(network, values, r, layer, column), MOST_PATHS + 1)
        ]
        if len(found) > MOST_PATHS:
            break
    penalty = 0.0
    if is_weight:
        weight = value_at(values, name, row, column)
        l2 = network.l2 / divisor if network.l2_by_rows else network.l2
        penalty = network.l1 * float(np.sign(weight)) + l2 * weight
    return ChainRule(
        name,
        row,
        column,
        value_at(values, f"gradient_{name}", row, column),
        tuple(found) if len(found) <= MOST_PATHS else None,
        rows,
        divisor,
        penalty,
    )


def _back(
    network: Network, values: Mapping[str, Any], r: int, layer: int, neuron: int
) -> Iterator[tuple[Factor, ...]]:
    """Yield the factors from the loss of row `r` to the net input of a neuron, path by path."""
    last = len(network.layers)
    later = [range(network.layers[at - 1].size) for at in range(last, layer, -1)]
    for neurons in product(*later):
        way = (*neurons, neuron)  # one neuron of each layer, from the output back
        factors = _start(values, r, way[0])
        for back, here in enumerate(way[1:], 1):
            at = last - back
            factors += (_factor(values, f"W{at + 1}", here, way[back - 1]),)
            if f"mask_{at}" in values:
                factors += (_factor(values, f"mask_{at}", r, here),)
            if at:
                factors += (_slope(network, values, at, r, here),)
        yield factors


def _slope(network: Network, values: Mapping[str, Any], at: int, r: int, neuron: int) -> Factor:
    if f"slope_hidden_{at}" not in values:
        raise InputError(
            f"Hidden layer {at} ({network.layers[at - 1].activation.label}) mixes the neurons of "
            "a row, so a path has no single slope there. Ask trace.cell for its delta instead."
        )
    return _factor(values, f"slope_hidden_{at}", r, neuron)


def _start(values: Mapping[str, Any], r: int, neuron: int) -> tuple[Factor, ...]:
    # A matching pair, and softmax, have no product of error and slope: they start at the delta.
    if "error" not in values or "slope_output" not in values:
        return (_factor(values, "delta_output", r, neuron),)
    factors = (_factor(values, "error", r, neuron), _factor(values, "slope_output", r, neuron))
    weight = (_factor(values, "row_weight", r, 0),) if "row_weight" in values else ()
    return (*factors, *weight)


def _factor(values: Mapping[str, Any], name: str, row: int, column: int) -> Factor:
    return Factor(name, row, column, value_at(values, name, row, column))
