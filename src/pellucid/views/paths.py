"""The chain rule for any entry of a parameter, as a pattern that is read from the equations.

The gradient of a weight is minus a sum, over the rows and over all ways from the loss back to the
weight, of products. The factors of such a product are found by opening the deltas and the errors
sent back, wherever their equation is a product; what is not one stays a factor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pellucid.algebra import Equation, Node, Operation, Size, Symbol

# i and j are row and column of the parameter's entry, r is the row of the table.
FactorPattern = tuple[str, str, str]


@dataclass(frozen=True)
class PathPattern:
    """The products that make up the gradient of entry (i, j) of a parameter.

    ``gradient[i, j] = -(sum over rows and loops of the product of factors) / divisor + penalty``

    Attributes
    ----------
    factors
        Each as (name, row, column), where these are letters, or "0" for an axis of size 1.
    loops
        For each letter other than `i`, `j` and `r` the number of neurons it runs over.
    shares
        The factors of what one row adds, without loops: a delta, and the signal that it meets.
    divisor
        The name of what the sum is divided by, if it is.
    penalty
        What penalties add, or None.
    """

    factors: tuple[FactorPattern, ...]
    loops: Mapping[str, Size]
    shares: tuple[FactorPattern, ...]
    divisor: str | None
    penalty: Node | None


def path_pattern(parameter: str, equations: Mapping[str, Equation]) -> PathPattern:
    """Return the pattern of the chain rule for a parameter, such as ``W1``."""
    at: Node = equations[f"gradient_{parameter}"].expression
    divisor, penalty = None, None
    while isinstance(at, Operation) and at.primitive in ("add", "divide", "negative"):
        first, *rest = at.arguments
        if at.primitive == "add":
            penalty = rest[0] if penalty is None else rest[0] + penalty
        elif at.primitive == "divide":
            assert isinstance(rest[0], Symbol)
            divisor = rest[0].name
        at = first
    assert isinstance(at, Operation)
    finder = _Factors(equations)
    signals: tuple[FactorPattern, ...] = ()
    if at.primitive == "column_sum":  # of a bias: nothing comes in
        deltas = finder.closed(at.arguments[0], "r", "j")
    else:
        signal, delta = at.arguments
        deltas, signals = finder.closed(delta, "r", "j"), finder.closed(signal, "i", "r")
    opened = tuple(found for delta in deltas for found in finder.opened(*delta))
    return PathPattern((*opened, *signals), finder.loops, (*deltas, *signals), divisor, penalty)


class _Factors:
    """Takes products apart, and gives every inner sum a letter."""

    def __init__(self, equations: Mapping[str, Equation]) -> None:
        self._equations = equations
        self.loops: dict[str, Size] = {}

    def closed(self, of: Node, i: str, j: str) -> tuple[FactorPattern, ...]:
        found = self._product(of, i, j)
        assert found is not None, "a gradient is a product of a signal and a delta"
        return found

    def opened(self, name: str, i: str, j: str) -> tuple[FactorPattern, ...]:
        """Return the factors of a named value, or itself where it is no product."""
        equation = self._equations.get(name)
        if equation is None or equation.stage != "delta":
            return ((name, i, j),)
        found = self._product(equation.expression, i, j)
        if found is None:
            return ((name, i, j),)
        return tuple(inner for factor in found for inner in self.opened(*factor))

    def _product(self, of: Node, i: str, j: str) -> tuple[FactorPattern, ...] | None:
        rows, columns = of.shape or (1, 1)
        i, j = ("0" if rows == 1 else i), ("0" if columns == 1 else j)
        if isinstance(of, Symbol):
            return ((of.name, i, j),)
        if not isinstance(of, Operation):
            return None
        if of.primitive == "transpose":
            return self._product(of.arguments[0], j, i)
        if of.primitive == "multiply":
            left, right = (self._product(a, i, j) for a in of.arguments)
            return None if left is None or right is None else (*left, *right)
        if of.primitive == "matmul":
            letter = f"k{len(self.loops) + 1}"
            width = of.arguments[0].shape[1] if of.arguments[0].shape else 1
            left = self._product(of.arguments[0], i, letter)
            right = self._product(of.arguments[1], letter, j)
            if left is None or right is None:
                return None
            if width != 1:
                self.loops[letter] = width
            return (*left, *right)
        return None
