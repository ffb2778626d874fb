"""Numbers for expressions: one NumPy function for each primitive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from pellucid.algebra.functions import erf
from pellucid.algebra.nodes import Call, Cell, Constant, Node, Operation, Symbol

_SAME_NAME = (
    "negative absolute sign floor exp expm1 log log1p sqrt sin cos tanh isnan logical_not "
    "add subtract multiply divide maximum minimum less less_equal greater greater_equal "
    "equal not_equal logical_and logical_or where matmul transpose"
).split()


def _power(a: Any, b: Any) -> Any:
    # The operator, as in formulas: on arrays it squares where np.power takes a logarithm, and differs in the last bit.
    return (np.float64(a) if isinstance(a, int | float) else a) ** b


NUMPY: dict[str, Callable[..., Any]] = {
    **{name: getattr(np, name) for name in _SAME_NAME},
    "power": _power,
    "erf": erf,
    # What np.sum and np.max call, without the time that these take on the way.
    "row_sum": lambda x: np.add.reduce(x, axis=1, keepdims=True),
    "row_max": lambda x: np.maximum.reduce(x, axis=1, keepdims=True),
    "column_sum": lambda x: np.sum(x, axis=0, keepdims=True),
    "total": np.sum,
    "join": lambda *blocks: np.concatenate(blocks, axis=1),
    "sum_of": lambda *terms: sum(terms[1:], start=terms[0]),
    "max_of": lambda *terms: max(terms),
}


def evaluate(expression: Node, values: Mapping[str, Any], dtype: DTypeLike = np.float64) -> Any:
    """Return the value of an expression.

    Parameters
    ----------
    expression
        The expression. As where a step's lines run on arrays, numbers take the type of the arrays that they meet, and
        are double precision among themselves.
    values
        An array or number for each symbol, by name; a `Cell` reads its entry.
    dtype
        The type of the arrays, and of a result that is a single number.
    """
    number: Any = np.dtype(dtype).type

    def of(top: Node, known: Mapping[str, Any]) -> Any:
        done: dict[int, Any] = {}  # a part that is used many times is computed once

        def value(at: Node) -> Any:
            if id(at) not in done:
                done[id(at)] = made(at, known, value)
            return done[id(at)]

        return value(top)

    def made(at: Node, known: Mapping[str, Any], value_of: Callable[[Node], Any]) -> Any:
        if isinstance(at, Symbol):
            return known[at.name]
        if isinstance(at, Constant):
            return at.value
        if isinstance(at, Cell):
            value = np.asarray(known[at.name])
            return value[at.row, at.column] if value.ndim else value[()]
        if isinstance(at, Call):
            arguments = [value_of(a) for a in at.arguments]
            inner = {p.name: a for p, a in zip(at.parameters, arguments, strict=True)}
            return of(at.body, inner)
        assert isinstance(at, Operation)
        arguments = [value_of(a) for a in at.arguments]
        if all(isinstance(a, int | float) for a in arguments):
            return np.asarray(NUMPY[at.primitive](*arguments)).item()
        return NUMPY[at.primitive](*(number(a) if isinstance(a, float) else a for a in arguments))

    with np.errstate(all="ignore"):
        result = of(expression, values)
    return number(result) if isinstance(result, float) else result
