"""Derivatives of element-wise formulas, as expressions.

At a kink the slope is the mean of the slopes to both sides (0 for |a|, a half for the larger of
two), because means add up: where the kinks of two parts cancel, the sum has its true slope.
`where` differentiates its branches, and takes the slope of the branch that is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from math import pi, sqrt
from typing import Any

import numpy as np

from pellucid.algebra.nodes import Call, Constant, Node, Operation, Symbol, node, opened, operation
from pellucid.errors import AlgebraError

ZERO, ONE = Constant(0.0), Constant(1.0)


def derivative(expression: Node, by: Symbol) -> Node:
    """Return the derivative of an element-wise `expression` by one of its symbols."""
    known: dict[int, Node] = {}  # a formula may use one part many times; each is done once

    def of(at: Node) -> Node:
        if id(at) not in known:
            known[id(at)] = _derived(at, by, of)
        return known[id(at)]

    return of(expression)


def _derived(expression: Node, by: Symbol, of: Callable[[Node], Node]) -> Node:
    if isinstance(expression, Symbol):
        return ONE if expression is by else ZERO
    if isinstance(expression, Call):
        return derivative(opened(expression), by)
    if not isinstance(expression, Operation):
        return ZERO
    inner = [of(a) for a in expression.arguments]
    if all(_is(d, 0) for d in inner):
        return ZERO
    partials = PARTIALS.get(expression.primitive)
    if partials is None:
        raise AlgebraError(
            f"{expression.primitive} is not differentiable here. Expected an element-wise formula; "
            "give the slope as a function of its own."
        )
    if expression.primitive == "where":
        return operation("where", expression.arguments[0], inner[1], inner[2])
    result: Node = ZERO
    # Partials are written out only where they are needed: log(a) of a constant power would
    # be undefined for a negative base that is never differentiated by.
    for d, partial in zip(inner, partials, strict=True):
        if not _is(d, 0):
            result = _plus(result, _times(node(partial(*expression.arguments)), d))
    return result


def _is(of: Node, value: float) -> bool:
    return isinstance(of, Constant) and of.value == value


def _plus(a: Node, b: Node) -> Node:
    if _is(a, 0):
        return b
    return a if _is(b, 0) else a + b


def _times(a: Node, b: Node) -> Node:
    if _is(a, 1):
        return b
    if _is(a, -1):
        return -b
    return a if _is(b, 1) else a * b


def _power_base(a: Node, b: Node) -> Node:
    if _is(b, 2):
        return 2 * a
    if isinstance(b, Constant):
        return b * a ** (b.value - 1)
    return b * a ** (b - 1)


def _share(wins: Any, loses: Any) -> Node:
    """Return 1, 0, or a half where neither is the larger."""
    return operation("where", wins, ONE, operation("where", loses, ZERO, Constant(0.5)))


def _zero(*_: Node) -> Node:
    return ZERO


_COMPARISONS = (
    "less less_equal greater greater_equal equal not_equal logical_and logical_or"
).split()

PARTIALS: dict[str, tuple[Callable[..., Node | float], ...]] = {
    "negative": (lambda a: Constant(-1.0),),
    "absolute": (lambda a: np.sign(a),),
    "sign": (_zero,),
    "floor": (_zero,),
    "exp": (lambda a: np.exp(a),),
    "expm1": (lambda a: np.exp(a),),
    "log": (lambda a: 1 / a,),
    "log1p": (lambda a: 1 / (1 + a),),
    "sqrt": (lambda a: 0.5 / np.sqrt(a),),
    "sin": (lambda a: np.cos(a),),
    "cos": (lambda a: -np.sin(a),),
    "tanh": (lambda a: 1 - np.tanh(a) ** 2,),
    "erf": (lambda a: 2 / sqrt(pi) * np.exp(-(a**2)),),
    "isnan": (_zero,),
    "logical_not": (_zero,),
    "add": (lambda a, b: ONE, lambda a, b: ONE),
    "subtract": (lambda a, b: ONE, lambda a, b: Constant(-1.0)),
    "multiply": (lambda a, b: b, lambda a, b: a),
    "divide": (lambda a, b: 1 / b, lambda a, b: -a / b**2),
    "power": (_power_base, lambda a, b: a**b * np.log(a)),
    "maximum": (lambda a, b: _share(a > b, a < b), lambda a, b: _share(b > a, b < a)),
    "minimum": (lambda a, b: _share(a < b, a > b), lambda a, b: _share(b < a, b > a)),
    "where": (_zero, _zero, _zero),
    **dict.fromkeys(_COMPARISONS, (_zero, _zero)),
}
