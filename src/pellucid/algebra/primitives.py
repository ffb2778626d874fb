"""The vocabulary: every operation that a formula may use, with its shape rule.

A shape is ``()`` for a single number or ``(rows, columns)``; a size is an int or, while
it is not known, the name of a size such as ``"n"``. Every interpretation (evaluator,
printers, derivatives) is a table with one entry for each name in `PRIMITIVES`; tests
hold the tables to that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pellucid.errors import AlgebraError

Size = int | str
Shape = tuple[()] | tuple[Size, Size]


def _broadcast_size(a: Size, b: Size) -> Size:
    if a == b or b == 1:
        return a
    if a == 1:
        return b
    raise AlgebraError(f"sizes {a} and {b} do not match")


def broadcast(*shapes: Shape) -> Shape:
    """Return the shape of an element-wise result, by NumPy's rules for 0 and 2 axes."""
    result: Shape = ()
    for shape in shapes:
        if not result or not shape:
            result = result or shape
        else:
            result = (
                _broadcast_size(result[0], shape[0]),
                _broadcast_size(result[1], shape[1]),
            )
    return result


def _two_axes(shape: Shape) -> tuple[Size, Size]:
    if not shape:
        raise AlgebraError("a matrix is needed, not a single number")
    return shape


def _matmul(a: Shape, b: Shape) -> Shape:
    (rows, inner), (inner_b, columns) = _two_axes(a), _two_axes(b)
    if inner != inner_b:
        raise AlgebraError(f"{inner} columns meet {inner_b} rows in a matrix product")
    return (rows, columns)


def _transpose(a: Shape) -> Shape:
    rows, columns = _two_axes(a)
    return (columns, rows)


def _per_row(a: Shape) -> Shape:
    return (_two_axes(a)[0], 1)


def _per_column(a: Shape) -> Shape:
    return (1, _two_axes(a)[1])


def _single(*_: Shape) -> Shape:
    return ()


def _join(*shapes: Shape) -> Shape:
    rows: Size = 1
    columns = 0
    for shape in shapes:
        r, c = _two_axes(shape)
        if not isinstance(c, int):
            raise AlgebraError("only blocks with a known number of columns can be joined")
        rows, columns = _broadcast_size(rows, r), columns + c
    return (rows, columns)


@dataclass(frozen=True)
class Primitive:
    """One operation of the vocabulary.

    Attributes: its name (NumPy's where NumPy has one), the number of arguments (None for
    any), how the result's shape follows from theirs, and whether it works element by element.
    """

    name: str
    arity: int | None
    shape: Callable[..., Shape]
    elementwise: bool


UNARY = (
    "negative absolute sign floor exp expm1 log log1p sqrt sin cos tanh erf isnan logical_not"
).split()
BINARY = (
    "add subtract multiply divide power maximum minimum "
    "less less_equal greater greater_equal equal not_equal logical_and logical_or"
).split()

PRIMITIVES: dict[str, Primitive] = {
    **{name: Primitive(name, 1, broadcast, True) for name in UNARY},
    **{name: Primitive(name, 2, broadcast, True) for name in BINARY},
    "where": Primitive("where", 3, broadcast, True),
    "matmul": Primitive("matmul", 2, _matmul, False),
    "transpose": Primitive("transpose", 1, _transpose, False),
    "row_sum": Primitive("row_sum", 1, _per_row, False),
    "row_max": Primitive("row_max", 1, _per_row, False),
    "column_sum": Primitive("column_sum", 1, _per_column, False),
    "total": Primitive("total", 1, _single, False),
    "join": Primitive("join", None, _join, False),
    # Sums and maxima written out over single cells; only `cells` makes them.
    "sum_of": Primitive("sum_of", None, _single, False),
    "max_of": Primitive("max_of", None, _single, False),
}
