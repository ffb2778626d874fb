"""A trained network as it answers: the equations from a row to its answer, and the numbers in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.algebra import Equation, Node, Symbol, substitute
from pellucid.errors import InputError, explain
from pellucid.network import Network
from pellucid.step import Step, named

Array = NDArray[Any]


@dataclass(frozen=True)
class InputColumn:
    """A raw column: the matrix of the equations that it belongs to, and its place among the columns there.

    `levels` are a category column's; the equations take the place of a value among them, or -1.
    """

    name: str
    into: str
    at: int = 0
    levels: tuple[Any, ...] = ()
    meaning: str = ""


@dataclass(frozen=True, eq=False)
class Inference:
    """What an exporter of a trained network writes.

    Attributes
    ----------
    equations
        From the raw matrices to the answer, in order.
    raw
        The matrices that a row brings, of shape (n, columns).
    fixed
        The numbers that training left: weights, biases, medians …
    answers
        Names of the values that are asked for.
    columns
        Where the raw matrices come from, for a table; empty where they are given as they are.
    classes
        What the codes of `predicted_class` stand for.
    about
        What the network is, in a sentence.
    """

    equations: tuple[Equation, ...]
    raw: tuple[Symbol, ...]
    fixed: Mapping[str, Any]
    answers: tuple[str, ...]
    columns: tuple[InputColumn, ...] = ()
    classes: tuple[Any, ...] = ()
    about: str = ""

    @classmethod
    def of_network(cls, network: Network, parameters: Mapping[str, Any]) -> Inference:
        """Return a bare network with these parameters: from `X` to `output`."""
        step = Step(network)
        return cls(
            step.inference,
            tuple(s for s in step.inputs if s.name == "X"),
            fixed_inputs(step.inference, {**parameters, **network.settings}),
            ("output",),
            about=about(network),
        )


def about(network: Network, members: int = 1) -> str:
    """Return what a network is, or several of its kind, in a line."""
    sizes = " - ".join(map(str, network.sizes))
    activations = ", ".join(layer.activation.label for layer in network.layers)
    what = f"A {sizes} network" if members == 1 else f"{members} networks, {sizes} each"
    return f"{what}; activations: {activations}; loss: {network.loss.label}."


def of_member(
    equations: Sequence[Equation], member: int, parameters: Sequence[str]
) -> list[Equation]:
    """Return equations for another member: what they name, and its parameters, end in its number."""
    own = {*parameters, *(e.name for e in equations)}

    def other(symbol: Node) -> Node | None:
        if isinstance(symbol, Symbol) and symbol.name in own:
            return named(f"{symbol.name}_of_{member}", symbol.shape)
        return None

    return [
        replace(
            e,
            symbol=named(f"{e.name}_of_{member}", e.symbol.shape),
            expression=substitute(e.expression, other),
        )
        for e in equations
    ]


def fixed_inputs(equations: Sequence[Equation], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the values that the equations read and do not compute."""
    made = {e.name for e in equations}
    read = {name for e in equations for name in e.inputs}
    return {name: values[name] for name in values if name in read and name not in made}


def needed(equations: Sequence[Equation], answers: Sequence[str]) -> tuple[Equation, ...]:
    """Return those of the equations that the answers are computed from, in order."""
    wanted, found = set(answers), []
    for equation in reversed(equations):
        if equation.name in wanted:
            wanted |= set(equation.inputs)
            found.append(equation)
    return tuple(reversed(found))


def count_of(inference: Inference) -> int:
    """Return how many numbers training left."""
    return sum(np.size(v) for v in inference.fixed.values())


def check_numbers(inference: Inference, most: int, what: str) -> None:
    """Raise `InputError` for a network with more than so many numbers, which a text should not hold."""
    count = count_of(inference)
    if count > most:
        raise InputError(
            explain(
                expected=f"a network of at most {most:,} numbers for {what}",
                got=f"{count:,}",
                do="save it as ONNX (.onnx), which holds far larger ones, or train fewer hidden neurons",
            )
        )
