"""Equations as a list of NumPy calls: what a forward pass of one row costs is then what these calls cost.

The list is made from the step's own equations. It computes what the step's lines compute, to the last bit:
the same functions of the same arrays, without the names, records and checks around them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from contextvars import Context
from typing import Any

import numpy as np

from pellucid.algebra import Call, Constant, Equation, Node, Operation, Symbol
from pellucid.algebra.values import NUMPY

# The operator, for rows that are sparse.
_FUNCTIONS: dict[str, Callable[..., Any]] = {**NUMPY, "matmul": operator.matmul}


class Plan:
    """Computes one value of some equations from rows.

    Parameters
    ----------
    equations
        They read `X` and what is given.
    given
        The other values by name. Arrays are read where they stand at each call.
    wanted
        The name of the value.

    Raises
    ------
    AlgebraError
        If an equation holds what has no value.
    """

    def __init__(
        self, equations: Sequence[Equation], given: Mapping[str, Any], wanted: str
    ) -> None:
        self._values: list[Any] = [None, *given.values()]
        self._places = {name: at for at, name in enumerate(("X", *given))}
        self._calls: list[tuple[Callable[..., Any], Callable[[list[Any]], Any], int]] = []
        for equation in equations:
            self._places[equation.name] = self._place(equation.expression, self._places, {})
            if equation.name == wanted:
                break
        self._wanted = self._places[wanted]
        # Of numbers near the end of their range NumPy would warn. Entering a context takes a tenth of
        # what `np.errstate` takes; a context belongs to one thread, and so does a plan.
        self._quiet = Context()
        self._quiet.run(np.seterr, all="ignore")

    def __call__(self, X: Any) -> Any:
        """Return the value for rows."""
        return self._quiet.run(self._computed, X)

    def _computed(self, X: Any) -> Any:
        values = self._values.copy()
        values[0] = X
        for function, read, to in self._calls:
            values[to] = function(*read(values))
        return values[self._wanted]

    def _place(self, at: Node, known: Mapping[str, int], done: dict[int, int]) -> int:
        """Return where the value of an expression will stand; a part that is used again is computed once."""
        if id(at) not in done:
            done[id(at)] = self._new_place(at, known, done)
        return done[id(at)]

    def _new_place(self, at: Node, known: Mapping[str, int], done: dict[int, int]) -> int:
        if isinstance(at, Symbol):
            return known[at.name]
        if isinstance(at, Constant):
            return self._add(at.value)
        assert isinstance(at, Call | Operation)
        arguments = [self._place(a, known, done) for a in at.arguments]
        if isinstance(at, Call):
            inner = {p.name: a for p, a in zip(at.parameters, arguments, strict=True)}
            return self._place(at.body, inner, {})
        to, one = self._add(None), arguments[0]
        # A slice of one value is a sequence of arguments, too.
        read = operator.itemgetter(*arguments if arguments[1:] else [slice(one, one + 1)])
        self._calls.append((_FUNCTIONS[at.primitive], read, to))
        return to

    def _add(self, value: Any) -> int:
        self._values.append(value)
        return len(self._values) - 1
