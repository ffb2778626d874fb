"""Expressions as NumPy code, for programs that need nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from pellucid.algebra import Constant, Operation
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
    "sign floor exp expm1 log log1p sqrt sin cos tanh isnan maximum minimum where "
    "logical_and logical_or logical_not"
).split()

_RULES = {
    **{name: function(f"np.{name}") for name in _SAME_NAME},
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
    "erf": function("erf"),
    "transpose": Rule("{}.T", ATOM, (ATOM,)),
    "row_sum": Rule("np.sum({}, axis=1, keepdims=True)"),
    "row_max": Rule("np.max({}, axis=1, keepdims=True)"),
    "column_sum": Rule("np.sum({}, axis=0, keepdims=True)"),
    "total": function("np.sum"),
    "join": Rule("np.concatenate([{}], axis=1)"),
    "sum_of": Rule("sum([{}])"),
    "max_of": Rule("max([{}])"),
}

PRIMITIVES_WRITTEN = frozenset(_RULES)

# What NumPy does not have: a definition for a program that needs it.
HELPERS = {"erf": "erf = np.vectorize(math.erf, otypes=[float])"}


class NumpyCode(Code):
    """Writes expressions with NumPy, imported as `np`; `HELPERS` has what it lacks."""

    rules: ClassVar[Mapping[str, Rule]] = _RULES
    known_numbers: ClassVar[Mapping[float, str]] = {
        math.pi: "np.pi",
        math.sqrt(2): "np.sqrt(2)",
        math.sqrt(2 * math.pi): "np.sqrt(2 * np.pi)",
    }
    nan: ClassVar[str] = "np.nan"
    infinity: ClassVar[str] = "np.inf"
    first_index: ClassVar[int] = 0

    def operation(self, of: Operation) -> tuple[str, int]:
        """Return the text of an operation; a choice between two numbers is one of floats."""
        condition, *branches = of.arguments
        if of.primitive == "where" and all(isinstance(b, Constant) for b in branches):
            # Of integers NumPy would make an array of integers, which has other rules for powers.
            texts = [self.text(condition), *(repr(b.value) for b in branches)]  # type: ignore[attr-defined]
            return self.rules["where"].text.format(", ".join(texts)), ATOM
        return super().operation(of)
