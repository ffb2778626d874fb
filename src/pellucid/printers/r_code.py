"""Expressions as code in base R, in which every matrix stays a matrix.

R repeats a vector down the columns of a matrix, whatever was meant, and does not take matrices of
different shapes together. So where NumPy broadcasts, the shapes of the nodes tell what to write.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import ClassVar

from pellucid.algebra import PRIMITIVES, Node, Operation, Shape, Size, children
from pellucid.printers.code import (
    ADD,
    AND,
    ATOM,
    COMPARE,
    MULTIPLY,
    NEGATIVE,
    NOT,
    OR,
    POWER,
    PRODUCT,
    Code,
    Rule,
    function,
    infix,
)
from pellucid.printers.functions import Function, Functions

_RENAMED = {
    "absolute": "abs",
    "isnan": "is.na",
    "maximum": "pmax",
    "minimum": "pmin",
    "where": "ifelse",
    "total": "sum",
    "join": "cbind",
    "sum_of": "sum",
    "max_of": "max",
    "transpose": "t",
}
_SAME_NAME = "sign floor exp expm1 log log1p sqrt sin cos tanh erf".split()
_OPERATORS = {
    "add": ("+", ADD),
    "subtract": ("-", ADD),
    "multiply": ("*", MULTIPLY),
    "divide": ("/", MULTIPLY),
    "matmul": ("%*%", PRODUCT),
    "less": ("<", COMPARE),
    "less_equal": ("<=", COMPARE),
    "greater": (">", COMPARE),
    "greater_equal": (">=", COMPARE),
    "equal": ("==", COMPARE),
    "not_equal": ("!=", COMPARE),
    "logical_and": ("&", AND),
    "logical_or": ("|", OR),
}
_RULES = {
    **{name: function(name) for name in _SAME_NAME},
    **{name: function(called) for name, called in _RENAMED.items()},
    **{name: infix(*operator) for name, operator in _OPERATORS.items()},
    "power": Rule("{}^{}", POWER, (ATOM, ATOM)),
    "negative": Rule("-{}", NEGATIVE, (POWER,)),
    "logical_not": Rule("!{}", NOT, (COMPARE,)),
    "row_sum": Rule("matrix(rowSums({}))"),
    "row_max": Rule("matrix(apply({}, 1, max))"),
    "column_sum": Rule("t(colSums({}))"),
}

PRIMITIVES_WRITTEN = frozenset(_RULES)

_COMMUTATIVE = ("add", "multiply", "maximum", "minimum")

# What base R does not have: a definition for a program that needs it.
HELPERS = {
    "erf": """\
# The error function: the share of a gamma distribution below x^2, with the sign of x.
erf <- function(x) sign(x) * pgamma(x^2, 1 / 2)""",
    "spread": """\
# Repeats a row or a column, to a matrix of so many rows and columns.
spread <- function(x, rows, columns) matrix(x, rows, columns, byrow = nrow(x) == 1)""",
}


class RCode(Code):
    """Writes expressions in base R; `HELPERS` has what it lacks.

    Parameters
    ----------
    functions, name
        As for every printer of code.
    rows
        The text of the number of rows, the size "n".
    """

    rules: ClassVar[Mapping[str, Rule]] = _RULES
    known_numbers: ClassVar[Mapping[float, str]] = {
        math.pi: "pi",
        math.sqrt(2): "sqrt(2)",
        math.sqrt(2 * math.pi): "sqrt(2 * pi)",
    }
    nan: ClassVar[str] = "NA"

    def __init__(
        self,
        functions: Functions | None = None,
        name: Callable[[str], str] = str,
        rows: str = "nrow(X)",
    ) -> None:
        super().__init__(functions, name)
        self._sizes: dict[Size, str] = {"n": rows}
        self._vectors = False

    def inner(self, of: Function) -> RCode:
        """Return the printer of a function's body, where n and m are the sizes of a parameter."""
        inner = RCode(self._functions, self._name)
        for parameter in of.parameters:
            if parameter.shape == ("n", "m"):
                name = self._name(parameter.name)
                inner._sizes |= {"n": f"nrow({name})", "m": f"ncol({name})"}
        return inner

    def operation(self, of: Operation) -> tuple[str, int]:
        """Return the text of an operation, with what it broadcasts written out."""
        if PRIMITIVES[of.primitive].elementwise and len(of.arguments) > 1:
            if of.primitive == "where":
                return self._where(of)
            if len({a.shape for a in of.arguments if a.shape}) > 1:
                return self._broadcast(of)
            if of.primitive in ("maximum", "minimum") and of.arguments[0].shape != of.shape:
                # The result takes its shape from the first.
                of = Operation(of.primitive, of.arguments[::-1], of.shape)
        return super().operation(of)

    def argument(self, of: Operation, at: int, least: int) -> str:
        """Return the text of argument `at`, of the shape that its place needs."""
        shape, whole = of.arguments[at].shape, of.shape
        if not PRIMITIVES[of.primitive].elementwise or shape == whole:
            return super().argument(of, at, least)
        if self._gives_shape(of, at):
            return self._spread(of.arguments[at], whole)
        if not shape:
            return super().argument(of, at, least)
        if shape[1] == 1:
            return self._vector(of.arguments[at])  # it goes down every column
        return self._spread(of.arguments[at], whole)

    def _broadcast(self, of: Operation) -> tuple[str, int]:
        left, right = of.arguments
        row = (1, of.shape[1]) if of.shape else ()
        if left.shape != of.shape and right.shape == of.shape and of.primitive in _COMMUTATIVE:
            left, right = right, left
        if left.shape == of.shape and right.shape == row:
            called = f"sweep({self.text(left)}, 2, {self.text(right)}, {_operator(of.primitive)})"
            return called, ATOM
        if of.shape not in (left.shape, right.shape):
            both = ", ".join(map(self._vector, (left, right)))
            table = f"outer({both}, {_operator(of.primitive)})"
            return table if left.shape[-1:] == (1,) else f"t({table})", ATOM
        return super().operation(Operation(of.primitive, (left, right), of.shape))

    def _where(self, of: Operation) -> tuple[str, int]:
        condition, yes, no = (self.argument(of, at, OR) for at in range(3))
        if of.shape and not of.arguments[0].shape:
            return f"(if ({condition}) {yes} else {no})", ATOM
        return f"ifelse({condition}, {yes}, {no})", ATOM

    def _vector(self, of: Node) -> str:
        """Return a row or a column as a plain vector."""
        before, self._vectors = self._vectors, True
        text = self.text(of)
        self._vectors = before
        return text

    def write(self, of: Node) -> tuple[str, int]:
        """Return the text of an expression, and how tightly it binds."""
        if not self._vectors or not of.shape:
            return super().write(of)
        primitive = of.primitive if isinstance(of, Operation) else ""
        by_number = primitive in _RULES and PRIMITIVES[primitive].elementwise
        alike = {a.shape for a in children(of)} <= {(), of.shape}
        if by_number and alike and primitive != "where":
            return super().write(of)
        self._vectors = False
        text = self.text(of)
        self._vectors = True
        if primitive in ("row_sum", "row_max"):
            return text.removeprefix("matrix(").removesuffix(")"), ATOM
        return f"c({text})", ATOM

    def _gives_shape(self, of: Operation, at: int) -> bool:
        """Whether the result has the shape of this argument in R, even if others are larger."""
        return of.primitive == "where" and (at == 0) == bool(of.arguments[0].shape)

    def _spread(self, of: Node, shape: Shape) -> str:
        rows, columns = (self._sizes.get(size, str(size)) for size in shape)
        if not of.shape:
            return f"matrix({self.text(of)}, {rows}, {columns})"
        return f"spread({self.text(of)}, {rows}, {columns})"


def _operator(primitive: str) -> str:
    """Return an operation as an argument of `sweep` and `outer`."""
    rule = _RULES[primitive]
    operator = rule.text.replace("{}", "").strip()
    return operator.removesuffix("()") if rule.binding == ATOM else f'"{operator}"'
