"""The formula of any one cell of a matrix, as a template that a program fills in without knowing formulas.

A template is a list of pieces, plain data:

- a text;
- ``["cell", name, row, column, fenced]``: one number, in parentheses where it is `fenced` and negative; row and
  column are numbers from 0, or the letters of indices;
- ``["plus"]``: a plus sign, or the minus of a number that follows and is negative;
- ``["each", letter, size, sign, pieces]``: the pieces for every value of an index, with a ``plus`` or a comma between;
- ``["part", letter, new letter, [[start, size, pieces], …]]``: the one of several blocks side by side into which an
  index falls; inside, the new letter counts from the block's start.

The cell itself is at row ``i`` and column ``j``.
"""

from __future__ import annotations

from typing import Any

from pellucid.algebra import PRIMITIVES, Call, Constant, Equation, Node, Operation, Symbol, opened
from pellucid.errors import AlgebraError

Template = list[Any]
_Index = str | int

# How tightly an operator binds; what binds less tightly than its place is put in parentheses.
_OR, _COMPARE, _ADD, _MULTIPLY, _NEGATIVE, _POWER, _ATOM = range(7)

_INFIX = {
    "subtract": ("−", _ADD),
    "multiply": ("·", _MULTIPLY),
    "divide": ("/", _MULTIPLY),
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
}
# What collects many cells: over which axes, and whether it is a sum or the maximum of a list.
_COLLECTING = {
    "row_sum": (("columns",), "plus"),
    "column_sum": (("rows",), "plus"),
    "total": (("rows", "columns"), "plus"),
    "row_max": (("columns",), ","),
}
_SPECIAL = (
    "add",
    "sum_of",
    "negative",
    "absolute",
    "power",
    "where",
    "transpose",
    "matmul",
    "join",
)

PRIMITIVES_WRITTEN = frozenset((*_INFIX, *_FUNCTIONS, *_COLLECTING, *_SPECIAL))


class CellTemplate:
    """Writes expressions. A node without a rule raises `AlgebraError`.

    Parameters
    ----------
    open_calls
        Whether functions are written by what they are (``1 / (1 + exp(-x))``), not by name.
    """

    def __init__(self, *, open_calls: bool = False) -> None:
        self._open_calls = open_calls
        self._letters = 0

    def template(self, of: Node) -> Template:
        """Return the template of the cells of an expression."""
        self._letters = 0
        return _merged(self._at(of, "i", "j")[0])

    def _letter(self) -> str:
        self._letters += 1
        return f"k{self._letters}"

    def _at(self, of: Node, i: _Index, j: _Index, *, fenced: bool = False) -> tuple[Template, int]:
        rows, columns = of.shape or (1, 1)
        # An axis of size 1 is repeated, as NumPy does.
        i, j = (0 if rows == 1 else i), (0 if columns == 1 else j)
        if isinstance(of, Constant):
            text = f"{of.value:.6g}".replace("-", "−")
            return [text], _ATOM if of.value >= 0 else _NEGATIVE
        if isinstance(of, Symbol):
            return [["cell", of.name, i, j, fenced]], _ATOM
        if isinstance(of, Call):
            if self._open_calls or not is_elementwise(of.body):
                return self._at(opened(of), i, j, fenced=fenced)
            return [f"{of.name}(", *self._list(of.arguments, i, j), ")"], _ATOM
        if isinstance(of, Operation) and of.primitive == "transpose":
            return self._at(of.arguments[0], j, i, fenced=fenced)
        if isinstance(of, Operation) and of.primitive in PRIMITIVES_WRITTEN:
            return self._operation(of, i, j)
        what = of.primitive if isinstance(of, Operation) else f"{type(of).__name__} {of!r}"
        raise AlgebraError(f"The printer {type(self).__name__} has no rule for {what}.")

    def _inside(
        self, of: Node, i: _Index, j: _Index, binding: int, *, fenced: bool = False
    ) -> Template:
        pieces, own = self._at(of, i, j, fenced=fenced)
        return ["(", *pieces, ")"] if own < binding else pieces

    def _list(self, nodes: tuple[Node, ...], i: _Index, j: _Index) -> Template:
        pieces: Template = []
        for node in nodes:
            pieces += [", "] * bool(pieces) + self._at(node, i, j)[0]
        return pieces

    def _operation(self, of: Operation, i: _Index, j: _Index) -> tuple[Template, int]:
        name, arguments = of.primitive, of.arguments
        first = arguments[0]
        if name in _INFIX:
            return self._infix(of, i, j)
        if name in _FUNCTIONS:
            return [f"{_FUNCTIONS[name]}(", *self._list(arguments, i, j), ")"], _ATOM
        if name in _COLLECTING:
            return self._collected(of, i, j)
        if name in ("add", "sum_of"):
            pieces = self._inside(first, i, j, _ADD)
            for term in arguments[1:]:
                pieces = [*pieces, ["plus"], *self._inside(term, i, j, _ADD)]
            return pieces, _ADD
        if name == "negative":
            return ["−", *self._inside(first, i, j, _NEGATIVE + 1, fenced=True)], _NEGATIVE
        if name == "absolute":
            return ["|", *self._at(first, i, j)[0], "|"], _ATOM
        if name == "power":
            return self._power(first, arguments[1], i, j), _POWER
        if name == "where":
            condition, a, b = (self._at(n, i, j)[0] for n in arguments)
            return ["(", *a, " if ", *condition, " else ", *b, ")"], _ATOM
        if name == "matmul":
            k = self._letter()
            product = [
                *self._inside(first, i, k, _MULTIPLY),
                " · ",
                *self._inside(arguments[1], k, j, _NEGATIVE + 1, fenced=True),
            ]
            return [["each", k, _width(first), "plus", product]], _ADD
        return self._join(arguments, i, j), _MULTIPLY

    def _infix(self, of: Operation, i: _Index, j: _Index) -> tuple[Template, int]:
        left, right = of.arguments
        sign, binding = _INFIX[of.primitive]
        # The right side of - and / is put in parentheses when it binds as tightly, and so is a
        # negative number, which would leave two signs in a row.
        pieces, own = self._at(right, i, j, fenced=True)
        if own < binding + (of.primitive in ("subtract", "divide")) or own == _NEGATIVE:
            pieces = ["(", *pieces, ")"]
        return [*self._inside(left, i, j, binding), f" {sign} ", *pieces], binding

    def _power(self, base: Node, exponent: Node, i: _Index, j: _Index) -> Template:
        below = self._inside(base, i, j, _ATOM, fenced=True)
        if isinstance(exponent, Constant) and exponent.value in (2, 3):
            return [*below, "²³"[int(exponent.value) - 2]]
        return [*below, "^", *self._inside(exponent, i, j, _ATOM, fenced=True)]

    def _collected(self, of: Operation, i: _Index, j: _Index) -> tuple[Template, int]:
        inner = of.arguments[0]
        axes, sign = _COLLECTING[of.primitive]
        sizes = dict(zip(("rows", "columns"), inner.shape or (1, 1), strict=True))
        letters = {axis: self._letter() for axis in axes if sizes[axis] != 1}
        row, column = letters.get("rows", i), letters.get("columns", j)
        pieces = self._inside(inner, row, column, _ADD)
        for axis, letter in reversed(list(letters.items())):
            pieces = [["each", letter, sizes[axis], sign, pieces]]
        return (pieces, _ADD) if sign == "plus" else (["max(", *pieces, ")"], _ATOM)

    def _join(self, blocks: tuple[Node, ...], i: _Index, j: _Index) -> Template:
        letter, start, parts = self._letter(), 0, []
        for block in blocks:
            width = _width(block)
            parts.append([start, width, self._inside(block, i, letter, _MULTIPLY)])
            start += width
        return [["part", j, letter, parts]]


def cell_template(of: Equation, *, open_calls: bool = False) -> Template:
    """Return the template of the cells of an equation's right side."""
    return CellTemplate(open_calls=open_calls).template(of.expression)


def is_elementwise(expression: Node) -> bool:
    """Tell whether each cell of a formula depends on the same cell of its symbols alone."""
    if isinstance(expression, Call):
        inside = (expression.body, *expression.arguments)
    elif isinstance(expression, Operation):
        inside = expression.arguments
        if not PRIMITIVES[expression.primitive].elementwise:
            return False
    else:
        return True
    return all(is_elementwise(part) for part in inside)


def _width(of: Node) -> Any:
    return of.shape[1] if of.shape else 1


def _merged(pieces: Template) -> Template:
    """Return pieces with neighbouring texts made one."""
    merged: Template = []
    for piece in pieces:
        if isinstance(piece, list):
            piece = [_merged(p) if isinstance(p, list) and piece[0] == "each" else p for p in piece]
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    return merged
