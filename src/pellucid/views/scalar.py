"""From a formula on matrices to the formula of one of its cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pellucid.algebra.nodes import (
    Call,
    Cell,
    Constant,
    Node,
    Operation,
    Size,
    Symbol,
    opened,
    operation,
    substitute,
)
from pellucid.algebra.primitives import PRIMITIVES
from pellucid.errors import AlgebraError

Sizes = Mapping[str, int]


def known_size(size: Size, sizes: Sizes) -> int:
    """Return a size as a number, looked up in `sizes` when it is a name."""
    return size if isinstance(size, int) else sizes[size]


def cell_expression(expression: Node, row: int, column: int, sizes: Sizes) -> Node:
    """Return the scalar expression of one cell, over `Cell` leaves.

    Parameters
    ----------
    expression
        A formula on matrices, as an equation holds it.
    row, column
        The cell, counted from 0; both 0 for a single number.
    sizes
        The sizes that shapes name, such as ``{"n": 3}``.
    """

    def at(of: Node, i: int, j: int) -> Node:
        rows, columns = (known_size(s, sizes) for s in of.shape) if of.shape else (1, 1)
        # An axis of size 1 is repeated, as NumPy does.
        i, j = (0 if rows == 1 else i), (0 if columns == 1 else j)
        if isinstance(of, Constant):
            return of
        if isinstance(of, Symbol):
            return Cell(of.name, i, j)
        if isinstance(of, Call):
            arguments = tuple(at(a, i, j) for a in of.arguments)
            if is_elementwise(of.body):
                scalars = tuple(Symbol(p.name) for p in of.parameters)
                body = _with_scalars(of.body, scalars)
                return Call(of.name, arguments, scalars, body, ())
            return _row_wise(of, i, j, at)
        assert isinstance(of, Operation)
        return _RULES.get(of.primitive, _elementwise)(of, i, j, at, sizes)

    return at(expression, row, column)


def is_elementwise(expression: Node) -> bool:
    """Tell whether each cell of a formula depends on the same cell of its symbols alone."""
    if isinstance(expression, Operation):
        return PRIMITIVES[expression.primitive].elementwise and all(
            is_elementwise(a) for a in expression.arguments
        )
    if isinstance(expression, Call):
        return is_elementwise(expression.body) and all(
            is_elementwise(a) for a in expression.arguments
        )
    return True


_At = Callable[[Node, int, int], Node]


def _with_scalars(body: Node, scalars: tuple[Symbol, ...]) -> Node:
    by_name = {s.name: s for s in scalars}
    return substitute(body, lambda n: by_name[n.name] if isinstance(n, Symbol) else None)


def _row_wise(of: Call, i: int, j: int, at: _At) -> Node:
    return at(opened(of), i, j)


def _elementwise(of: Operation, i: int, j: int, at: _At, sizes: Sizes) -> Node:
    return operation(of.primitive, *(at(a, i, j) for a in of.arguments))


def _matmul(of: Operation, i: int, j: int, at: _At, sizes: Sizes) -> Node:
    a, b = of.arguments
    inner = known_size(a.shape[1], sizes)  # type: ignore[misc]
    return operation("sum_of", *(at(a, i, k) * at(b, k, j) for k in range(inner)))


def _transpose(of: Operation, i: int, j: int, at: _At, sizes: Sizes) -> Node:
    return at(of.arguments[0], j, i)


def _along(primitive: str, rows: bool, columns: bool) -> Callable[..., Node]:
    def rule(of: Operation, i: int, j: int, at: _At, sizes: Sizes) -> Node:
        inner = of.arguments[0]
        height, width = (known_size(s, sizes) for s in inner.shape) if inner.shape else (1, 1)
        return operation(
            primitive,
            *(
                at(inner, r, c)
                for r in (range(height) if rows else (i,))
                for c in (range(width) if columns else (j,))
            ),
        )

    return rule


def _join(of: Operation, i: int, j: int, at: _At, sizes: Sizes) -> Node:
    for block in of.arguments:
        width = known_size(block.shape[1], sizes)  # type: ignore[misc]
        if j < width:
            return at(block, i, j)
        j -= width
    raise AlgebraError(f"column {j} is past the end of the joined blocks")


_RULES: dict[str, Callable[..., Node]] = {
    "matmul": _matmul,
    "transpose": _transpose,
    "row_sum": _along("sum_of", rows=False, columns=True),
    "row_max": _along("max_of", rows=False, columns=True),
    "column_sum": _along("sum_of", rows=True, columns=False),
    "total": _along("sum_of", rows=True, columns=True),
    "join": _join,
}
