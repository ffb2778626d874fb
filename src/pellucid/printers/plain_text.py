"""Expressions as plain text, for the terminal and for explanations."""

from __future__ import annotations

from collections.abc import Callable

from pellucid.algebra import Call, Cell, Constant, Equation, Node, Operation, Symbol
from pellucid.errors import AlgebraError

# How tightly an operator binds; what binds less tightly than its place is put in parentheses.
_OR, _COMPARE, _ADD, _MULTIPLY, _NEGATIVE, _POWER, _ATOM = range(7)

_INFIX = {
    "add": ("+", _ADD),
    "subtract": ("-", _ADD),
    "multiply": ("·", _MULTIPLY),
    "divide": ("/", _MULTIPLY),
    "matmul": ("·", _MULTIPLY),
    "less": ("<", _COMPARE),
    "less_equal": ("≤", _COMPARE),
    "greater": (">", _COMPARE),
    "greater_equal": ("≥", _COMPARE),
    "equal": ("=", _COMPARE),
    "not_equal": ("≠", _COMPARE),
    "logical_and": ("and", _OR),
    "logical_or": ("or", _OR),
}
_SAME_NAME = ("sign", "floor", "exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tanh", "erf")
_FUNCTIONS = {
    **{name: name for name in _SAME_NAME},
    "isnan": "is_missing",
    "logical_not": "not",
    "maximum": "max",
    "minimum": "min",
    "max_of": "max",
    "row_sum": "row_sum",
    "row_max": "row_max",
    "column_sum": "column_sum",
    "total": "sum",
    "join": "join",
}
_SPECIAL = ("negative", "absolute", "power", "where", "transpose", "sum_of")

PRIMITIVES_WRITTEN = frozenset((*_INFIX, *_FUNCTIONS, *_SPECIAL))


def reference(cell: Cell) -> str:
    """Return a cell as ``name[row,column]``, counted from 1 as people do."""
    return f"{cell.name}[{cell.row + 1},{cell.column + 1}]"


class PlainText:
    """Writes expressions.

    Parameters
    ----------
    cell
        How a single cell is written: its reference by default, or its number.
    terms
        How many terms of a long sum are written out; the ones between are left out as ``…``.
    """

    def __init__(self, cell: Callable[[Cell], str] = reference, terms: int = 8) -> None:
        self._cell = cell
        self._terms = terms

    def text(self, of: Node) -> str:
        """Return an expression as text."""
        return self._write(of)[0]

    def equation(self, of: Equation) -> str:
        """Return ``name = expression``."""
        return f"{of.name} = {self.text(of.expression)}"

    def _write(self, of: Node) -> tuple[str, int]:
        if isinstance(of, Symbol):
            return of.name, _ATOM
        if isinstance(of, Constant):
            return f"{of.value:.6g}", _ATOM if of.value >= 0 else _NEGATIVE
        if isinstance(of, Cell):
            text = self._cell(of)
            return text, _NEGATIVE if text.startswith("-") else _ATOM
        if isinstance(of, Call):
            return f"{of.name}({self._list(of.arguments)})", _ATOM
        assert isinstance(of, Operation)
        return self._operation(of)

    def _inside(self, of: Node, binding: int) -> str:
        text, own = self._write(of)
        return f"({text})" if own < binding else text

    def _list(self, nodes: tuple[Node, ...]) -> str:
        if len(nodes) > self._terms:
            texts = [self.text(n) for n in (*nodes[: self._terms - 2], nodes[-1])]
            return ", ".join([*texts[:-1], "…", texts[-1]])
        return ", ".join(self.text(n) for n in nodes)

    def _operation(self, of: Operation) -> tuple[str, int]:
        name, arguments = of.primitive, of.arguments
        if name in _INFIX:
            sign, binding = _INFIX[name]
            if name == "multiply" and all(a.shape for a in arguments):
                sign = "⊙"
            left, right = arguments
            if name == "add":
                return self._inside(left, _ADD) + _added(*self._write(right)), _ADD
            # The right side of - and / is put in parentheses when it binds as tightly, and so is
            # a negative number, which would leave two signs in a row.
            tight = binding + (name in ("subtract", "divide", "matmul"))
            second = self._inside(right, tight)
            second = f"({second})" if second.startswith("-") else second
            return f"{self._inside(left, binding)} {sign} {second}", binding
        if name in _FUNCTIONS:
            return f"{_FUNCTIONS[name]}({self._list(arguments)})", _ATOM
        if name == "negative":
            return f"-{self._inside(arguments[0], _NEGATIVE + 1)}", _NEGATIVE
        if name == "absolute":
            return f"|{self.text(arguments[0])}|", _ATOM
        if name == "power":
            return self._power(*arguments), _POWER
        if name == "where":
            condition, a, b = (self.text(n) for n in arguments)
            return f"({a} if {condition} else {b})", _ATOM
        if name == "transpose":
            return f"{self._inside(arguments[0], _ATOM)}ᵀ", _ATOM
        if name == "sum_of":
            return self._sum(arguments), _ADD
        raise AlgebraError(f"The printer {type(self).__name__} has no rule for {name}.")

    def _power(self, base: Node, exponent: Node) -> str:
        below = self._inside(base, _ATOM)
        if isinstance(exponent, Constant) and exponent.value in (2, 3):
            return below + "²³"[int(exponent.value) - 2]
        return f"{below}^{self._inside(exponent, _ATOM)}"

    def _sum(self, terms: tuple[Node, ...]) -> str:
        written = list(terms)
        if len(terms) > self._terms:
            written = [*terms[: self._terms - 2], terms[-1]]
        parts = [self._write(t) for t in written]
        texts = [parts[0][0], *(_added(text, binding) for text, binding in parts[1:])]
        if len(terms) > self._terms:
            texts.insert(-1, f" + … ({len(terms)} terms) …")
        return "".join(texts)


def _added(text: str, binding: int) -> str:
    """Return a term as it follows others in a sum; a minus in front takes the place of the plus."""
    if binding < _ADD:
        return f" + ({text})"
    if text.startswith("-") and binding > _ADD:
        return f" - {text[1:]}"
    return f" + ({text})" if text.startswith("-") else f" + {text}"


def equation_text(of: Equation) -> str:
    """Return an equation on one line, such as ``hidden_1 = sigmoid(net_input_1)``."""
    return PlainText().equation(of)
