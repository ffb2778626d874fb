"""Expressions as PyTorch code, on tensors of two axes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from pellucid.algebra import Node, Operation, Symbol, children
from pellucid.errors import AlgebraError
from pellucid.printers.code import (
    ADD,
    ATOM,
    COMPARE,
    MULTIPLY,
    NEGATIVE,
    POWER,
    Code,
    Rule,
    function,
    infix,
)

_SAME_NAME = (
    "sign floor exp expm1 log log1p sqrt sin cos tanh erf isnan where logical_and logical_or "
    "logical_not"
).split()

_RULES = {
    **{name: function(f"torch.{name}") for name in _SAME_NAME},
    "add": infix("+", ADD),
    "subtract": infix("-", ADD),
    "multiply": infix("*", MULTIPLY),
    "divide": infix("/", MULTIPLY),
    "matmul": infix("@", MULTIPLY),
    "power": Rule("{}**{}", POWER, (ATOM, NEGATIVE)),
    "less": infix("<", COMPARE),
    "less_equal": infix("<=", COMPARE),
    "greater": infix(">", COMPARE),
    "greater_equal": infix(">=", COMPARE),
    "equal": infix("==", COMPARE),
    "not_equal": infix("!=", COMPARE),
    "negative": Rule("-{}", NEGATIVE, (POWER,)),
    "absolute": function("abs"),
    "maximum": function("torch.maximum"),
    "minimum": function("torch.minimum"),
    "transpose": Rule("{}.T", ATOM, (ATOM,)),
    "row_sum": Rule("torch.sum({}, dim=1, keepdim=True)"),
    "row_max": Rule("torch.amax({}, dim=1, keepdim=True)"),
    "column_sum": Rule("torch.sum({}, dim=0, keepdim=True)"),
    "total": function("torch.sum"),
    "join": Rule("torch.cat([{}], dim=1)"),
    "sum_of": Rule("sum([{}])"),
    "max_of": Rule("max([{}])"),
}

PRIMITIVES_WRITTEN = frozenset(_RULES)


class TorchCode(Code):
    """Writes expressions with PyTorch, imported as `torch`; single numbers are Python's."""

    rules: ClassVar[Mapping[str, Rule]] = _RULES
    nan: ClassVar[str] = "math.nan"
    infinity: ClassVar[str] = "math.inf"
    first_index: ClassVar[int] = 0

    def number(self, value: float) -> str:
        """Return a number; whole ones with their point, since a choice of two integers is an integer."""
        return repr(float(value)) if math.isfinite(value) else super().number(value)

    def operation(self, of: Operation) -> tuple[str, int]:
        """Return the text of an operation; beside a single number, the larger and smaller are clamps."""
        if of.primitive == "where" and not any(b.shape for b in of.arguments[1:]):
            # Of two numbers PyTorch would make float32, whatever the type of the rest.
            like = self._name(_matrix_in(of.arguments[0]).name)
            condition, yes, no = (self.text(x) for x in of.arguments)
            choices = f"{like}.new_tensor({yes}), {like}.new_tensor({no})"
            return f"torch.where({condition}, {choices})", ATOM
        if of.primitive in ("maximum", "minimum"):
            a, b = of.arguments
            tensor, limit = (b, a) if not a.shape and b.shape else (a, b)
            if not limit.shape and tensor.shape:
                end = "min" if of.primitive == "maximum" else "max"
                return f"torch.clamp({self.text(tensor)}, {end}={self.text(limit)})", ATOM
        return super().operation(of)


def _matrix_in(expression: Node) -> Symbol:
    """Return a matrix that an expression reads, for the type of its numbers."""
    if isinstance(expression, Symbol) and expression.shape:
        return expression
    for below in children(expression):
        if below.shape:
            return _matrix_in(below)
    raise AlgebraError("The printer TorchCode has no rule for a choice that depends on no matrix.")
