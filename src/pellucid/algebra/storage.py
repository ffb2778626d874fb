"""Element-wise expressions as plain data, so that a user's own function can be kept in a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pellucid.algebra.nodes import Call, Constant, Node, Operation, Symbol, opened, operation
from pellucid.algebra.primitives import PRIMITIVES
from pellucid.errors import ModelFileError


def to_data(expression: Node) -> Any:
    """Return an expression as nested lists of strings and numbers; calls are opened.

    >>> x = Symbol("x")
    >>> to_data(x * 2)
    ['multiply', 'x', 2.0]
    """
    if isinstance(expression, Symbol):
        return expression.name
    if isinstance(expression, Constant):
        return expression.value
    if isinstance(expression, Call):
        return to_data(opened(expression))
    assert isinstance(expression, Operation)
    return [expression.primitive, *(to_data(a) for a in expression.arguments)]


def from_data(data: Any, symbols: Mapping[str, Node], depth: int = 200) -> Node:
    """Return the expression that `to_data` wrote, over the given symbols."""
    if isinstance(data, str) and data in symbols:
        return symbols[data]
    if isinstance(data, int | float) and not isinstance(data, bool):
        return Constant(float(data))
    name = data[0] if isinstance(data, list) and data else None
    if isinstance(name, str) and name in PRIMITIVES and PRIMITIVES[name].elementwise and depth:
        return operation(name, *(from_data(d, symbols, depth - 1) for d in data[1:]))
    raise ModelFileError(f"Expected a stored formula. Got {str(data)[:60]!r}. The file is damaged.")
