"""The chain rule for one weight or bias, term by term, for any depth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from pellucid.algebra import Equation
from pellucid.algebra.values import evaluate
from pellucid.errors import InputError
from pellucid.printers.numbers import number
from pellucid.views.cells import checked_position, value_at
from pellucid.views.paths import FactorPattern, path_pattern
from pellucid.views.scalar import cell_expression, known_size

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
    equations: Mapping[str, Equation],
    values: Mapping[str, Any],
    name: str,
    row: int,
    column: int,
) -> ChainRule:
    """Return the chain rule for one entry of a parameter, as the equations have it.

    Where a layer mixes the neurons of a row (a softmax inside the network), no single slope leads
    through it: a path starts at that layer's delta.

    Raises `InputError` if the step has no gradient of `name`, or no such entry.
    """
    learnt = [n.removeprefix("gradient_") for n in equations if n.startswith("gradient_")]
    if name not in learnt or name not in values:
        known = ", ".join(sorted((n for n in learnt if n in values), key=_by_layer))
        raise InputError(f"Expected a weight or bias: {known}. Got {name!r}.")
    row, column = checked_position(name, values[name], row, column)
    pattern = path_pattern(name, equations)
    sizes = {"n": int(values["n"])}
    # The outermost sum is that over the last layer's neurons, which was found last.
    loops = {
        letter: known_size(pattern.loops[letter], sizes) for letter in reversed(list(pattern.loops))
    }

    def factors(patterns: Iterable[FactorPattern], at: Mapping[str, int]) -> tuple[Factor, ...]:
        return tuple(
            Factor(n, at[i], at[j], value_at(values, n, at[i], at[j])) for n, i, j in patterns
        )

    rows, paths = [], []
    few = sizes["n"] * math.prod(loops.values()) <= MOST_PATHS
    for r in range(sizes["n"]):
        at = {"0": 0, "i": row, "j": column, "r": r}
        rows.append(Path(r, factors(pattern.shares, at)))
        for neurons in product(*map(range, loops.values())) if few else ():
            inner = at | dict(zip(loops, neurons, strict=True))
            paths.append(Path(r, factors(pattern.factors, inner)))
    penalty = 0.0
    if pattern.penalty is not None:
        penalty = float(evaluate(cell_expression(pattern.penalty, row, column, sizes), values))
    return ChainRule(
        name,
        row,
        column,
        value_at(values, f"gradient_{name}", row, column),
        tuple(paths) if few else None,
        tuple(rows),
        1.0 if pattern.divisor is None else float(values[pattern.divisor]),
        penalty,
    )


def _by_layer(name: str) -> tuple[str, int]:
    return name.lstrip("Wb"), "Wb".find(name[0])
