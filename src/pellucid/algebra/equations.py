"""Named equations, and the check that a list of them is well formed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pellucid.algebra.nodes import Call, Node, Shape, Symbol, children, symbols_in
from pellucid.errors import AlgebraError


@dataclass(frozen=True, eq=False)
class Equation:
    """``symbol = expression``, and the stage of the step it belongs to."""

    symbol: Symbol
    expression: Node
    stage: str

    @property
    def name(self) -> str:
        """The name that the equation gives its value."""
        return self.symbol.name

    @property
    def shape(self) -> Shape:
        """The shape of its value."""
        return self.symbol.shape

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names it reads, in order."""
        return symbols_in(self.expression)


def _faults(equation: Equation, known: dict[str, Shape]) -> Iterable[str]:
    if equation.name in known:
        yield f"{equation.name} has a value already"
    if equation.shape != equation.expression.shape:
        yield f"its symbol has shape {equation.shape}, its value {equation.expression.shape}"

    def walk(at: Node) -> Iterable[str]:
        if isinstance(at, Symbol):
            if at.name not in known:
                yield f"{at.name} has no value yet"
            elif known[at.name] != at.shape:
                yield f"{at.name} is read with shape {at.shape} and has {known[at.name]}"
        if isinstance(at, Call):
            strange = set(symbols_in(at.body)) - {p.name for p in at.parameters}
            if strange:
                yield f"the body of {at.name} reads {', '.join(sorted(strange))} from outside"
        for below in children(at):
            yield from walk(below)

    yield from walk(equation.expression)


def check(
    inputs: Iterable[Symbol],
    equations: Sequence[Equation],
    text: Callable[[Equation], str] = lambda e: f"{e.name} = … ({', '.join(e.inputs)})",
) -> None:
    """Raise `AlgebraError` unless every name is given once, before it is read, in one shape.

    The message shows the neighbouring equations, as `text` writes them, and marks the faulty one.
    """
    known = {symbol.name: symbol.shape for symbol in inputs}
    for at, equation in enumerate(equations):
        faults = list(_faults(equation, known))
        if faults:
            first = max(at - 5, 0)
            listing = "\n".join(
                f"{'>>' if first + i == at else '  '} {text(e)}"
                for i, e in enumerate(equations[first : at + 6])
            )
            raise AlgebraError(f"{'; '.join(faults)}:\n{listing}")
        known[equation.name] = equation.shape
