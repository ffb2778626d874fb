"""The functions that a list of expressions calls: each is written once, before it is used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pellucid.algebra import Call, Constant, Node, Operation, Shape, Symbol, children, substitute
from pellucid.algebra.primitives import broadcast
from pellucid.errors import AlgebraError

_Key = tuple[object, ...]

_OUTSIDE = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, eq=False)
class Function:
    """``name(parameters) = body``.

    A parameter is a single number, or a matrix of shape ("n", "m"); one that has a single row or
    column beside larger ones has 1 in place of that letter. So one function serves layers of every
    size, and a printer that writes broadcasting out finds it in the shapes.
    """

    name: str
    parameters: tuple[Symbol, ...]
    body: Node


class Functions:
    """The functions that expressions call, those that these call included.

    Iterating gives them in an order in which each comes before those that call it. Two calls are of
    one function if their names and bodies are equal; where different bodies have one name, the
    second becomes ``name_2``, the third ``name_3``, and the slopes of these ``name_slope_2`` and so
    on, in whatever order they come. A user may have named a function anything: what
    is no letter of ASCII and no digit becomes an underscore.

    Parameters
    ----------
    expressions
        What is going to be written.
    taken
        Names that a function may not have: of values, and words of the language.
    """

    def __init__(self, expressions: Iterable[Node], taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._functions: dict[_Key, Function] = {}
        self._parts: dict[_Key, int] = {}
        self._counts: dict[_Key, int] = {}
        self._known: dict[tuple[int, tuple[Shape, ...]], Function] = {}
        self._read: set[int] = set()
        self._kept = list(expressions)  # ids above stay those of these nodes
        for expression in self._kept:
            self._collect(expression)

    def __iter__(self) -> Iterator[Function]:
        return iter(self._functions.values())

    def of(self, call: Call) -> Function:
        """Return the function of a call."""
        shapes = _generic(tuple(p.shape for p in call.parameters))
        known = (id(call.body), shapes)
        if known not in self._known:
            self._kept.append(call)
            self._known[known] = self._define(call, shapes)
        return self._known[known]

    def _collect(self, at: Node) -> None:
        if id(at) in self._read:
            return
        self._read.add(id(at))
        for below in children(at):
            self._collect(below)
        if isinstance(at, Call):
            self.of(at)

    def _define(self, call: Call, shapes: tuple[Shape, ...]) -> Function:
        self._collect(call.body)
        key = (call.name, shapes, self._structure(call))
        if key not in self._functions:
            pairs = list(zip(call.parameters, shapes, strict=True))
            parameters = tuple(Symbol(p.name, shape) for p, shape in pairs)
            new = {id(p): q for p, q in zip(call.parameters, parameters, strict=True)}
            body = substitute(call.body, lambda n: new.get(id(n)))
            self._functions[key] = Function(self._free(call), parameters, body)
        return self._functions[key]

    def _free(self, call: Call) -> str:
        word = _OUTSIDE.sub("_", call.name).strip("_")
        word = word if word[:1].isalpha() else f"f{word}"
        # A slope is counted like the function of the same net input.
        net_input = repr(call.arguments[0]) if isinstance(call.arguments[0], Symbol) else ""
        count = self._counts.get((word.removesuffix("_slope"), net_input), 1)
        while (free := word if count == 1 else f"{word}_{count}") in self._taken:
            count += 1
        self._counts[word, net_input] = count
        self._taken.add(free)
        return free

    def _structure(self, call: Call) -> int:
        """Return a number that two bodies share if they are built alike."""
        places = {id(p): at for at, p in enumerate(call.parameters)}
        numbers: dict[int, int] = {}

        def number(at: Node) -> int:
            if id(at) not in numbers:
                key = part(at)
                numbers[id(at)] = self._parts.setdefault(key, len(self._parts))
            return numbers[id(at)]

        def part(at: Node) -> _Key:
            if isinstance(at, Constant):
                return ("constant", repr(at.value))
            if isinstance(at, Symbol) and id(at) in places:
                return ("parameter", places[id(at)])
            below = tuple(number(n) for n in children(at))
            if isinstance(at, Operation):
                return ("operation", at.primitive, *below)
            if isinstance(at, Call):
                return ("call", self.of(at).name, *below)
            raise AlgebraError(
                f"The body of {call.name} reads {at!r}, which is no parameter of it."
            )

        return number(call.body)


def _generic(shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """Return shapes in which the sizes of the largest are n and m.

    >>> _generic(((5, 3), (5, 1), ()))
    (('n', 'm'), ('n', 1), ())
    """
    largest = broadcast(*shapes)
    if not largest:
        return shapes
    return tuple(
        ("n" if shape[0] == largest[0] else 1, "m" if shape[1] == largest[1] else 1)
        if shape
        else ()
        for shape in shapes
    )
