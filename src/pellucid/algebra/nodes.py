"""Expressions: what a NumPy line becomes when it runs on symbols.

A node takes part in NumPy's own operators and functions, so a formula is written once,
as NumPy, and gives numbers on arrays and an expression on symbols.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from pellucid.algebra.primitives import BINARY, PRIMITIVES, UNARY, Shape, Size, broadcast
from pellucid.errors import AlgebraError

_UFUNCS = {name: name for name in (*UNARY, *BINARY, "matmul")} | {
    "true_divide": "divide",
    "float_power": "power",
}


def _refuse(what: str, instead: str) -> Callable[..., NoReturn]:
    def refuse(self: Node, *args: object, **options: object) -> NoReturn:
        raise AlgebraError(f"{what} a symbol is not possible: it has no numbers yet. {instead}")

    return refuse


def _operator(name: str, *, swapped: bool = False) -> Callable[[Node, Any], Node]:
    def apply(self: Node, other: Any) -> Node:
        return operation(name, other, self) if swapped else operation(name, self, other)

    return apply


class Node:
    """Base of all expressions: the operators, and NumPy's functions on them."""

    shape: Shape

    __add__, __radd__ = _operator("add"), _operator("add", swapped=True)
    __sub__, __rsub__ = _operator("subtract"), _operator("subtract", swapped=True)
    __mul__, __rmul__ = _operator("multiply"), _operator("multiply", swapped=True)
    __truediv__, __rtruediv__ = _operator("divide"), _operator("divide", swapped=True)
    __pow__, __rpow__ = _operator("power"), _operator("power", swapped=True)
    __matmul__ = _operator("matmul")
    __and__, __or__ = _operator("logical_and"), _operator("logical_or")
    __lt__, __le__ = _operator("less"), _operator("less_equal")
    __gt__, __ge__ = _operator("greater"), _operator("greater_equal")
    __eq__ = _operator("equal")  # type: ignore[assignment]
    __ne__ = _operator("not_equal")  # type: ignore[assignment]
    __hash__ = object.__hash__

    def __neg__(self) -> Node:
        return operation("negative", self)

    def __abs__(self) -> Node:
        return operation("absolute", self)

    def __invert__(self) -> Node:
        return operation("logical_not", self)

    @property
    def T(self) -> Node:
        """The transposed matrix."""
        return operation("transpose", self)

    __bool__ = _refuse("Deciding by (if, and, or, while)", "Write np.where(condition, a, b).")
    __array__ = _refuse("Making an array of", "Use NumPy functions on it directly.")
    __float__ = __int__ = _refuse("Taking the value of", "Keep it as an expression.")
    __iadd__ = __isub__ = __imul__ = __itruediv__ = _refuse(
        "Changing in place", "Write x = x + y instead of x += y."
    )
    __setitem__ = _refuse("Assigning into", "Write np.where(condition, a, b).")
    __getitem__ = _refuse("Indexing", "Write the formula for whole arrays.")
    __len__ = _refuse("Taking the length of", "The number of rows is the symbol n.")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Node:
        name = ufunc.__name__
        if method == "__call__" and not options:
            if name in _UFUNCS:
                return operation(_UFUNCS[name], *inputs)
            if name in _COMPOSED:
                return _COMPOSED[name](*inputs)
        called = name if method == "__call__" else f"{name}.{method}"
        raise _outside(f"np.{called}{_options(options)}")

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Node:
        rule = _FUNCTIONS.get(function.__name__)
        if rule is None:
            raise _outside(f"np.{function.__name__}")
        try:
            return rule(*args, **kwargs)
        except TypeError as error:
            if isinstance(error, AlgebraError):
                raise
            raise _outside(f"np.{function.__name__}{_options(kwargs)}") from error


@dataclass(frozen=True, eq=False, repr=False)
class Symbol(Node):
    """A named value: an input of a step, or what an equation gave a name.

    `parameter` and `layer` are those that it belongs to, if any: `W1` and 1 for `gradient_W1`.
    """

    name: str
    shape: Shape = ()
    meaning: str = ""
    latex: str = ""
    parameter: str = ""
    layer: int | None = None

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True, eq=False)
class Constant(Node):
    """A number written in a formula."""

    value: float
    shape: Shape = field(default=(), init=False)


@dataclass(frozen=True, eq=False)
class Cell(Node):
    """One number of a named matrix, at a row and a column counted from 0."""

    name: str
    row: int
    column: int
    shape: Shape = field(default=(), init=False)


@dataclass(frozen=True, eq=False)
class Operation(Node):
    """A primitive applied to nodes."""

    primitive: str
    arguments: tuple[Node, ...]
    shape: Shape


@dataclass(frozen=True, eq=False)
class Call(Node):
    """A function of the catalogue: shown by its name, and opened by its body.

    `body` is written in `parameters`, symbols that stand for the arguments.
    """

    name: str
    arguments: tuple[Node, ...]
    parameters: tuple[Symbol, ...]
    body: Node
    shape: Shape


def node(value: Any) -> Node:
    """Return `value` as a node; a plain number becomes a `Constant`."""
    if isinstance(value, Node):
        return value
    if getattr(value, "ndim", 0) == 0 and not isinstance(value, str | bytes):
        try:
            return Constant(float(value))
        except (TypeError, ValueError):
            pass
    raise AlgebraError(
        f"A formula on symbols takes numbers and symbols. Got {type(value).__name__}. "
        "Give an array a name, as an input of the step."
    )


def operation(primitive: str, *arguments: Any) -> Node:
    """Return the node of `primitive` applied to `arguments`; shapes are checked here."""
    nodes = tuple(node(a) for a in arguments)
    rule = PRIMITIVES[primitive]
    if rule.arity is not None and len(nodes) != rule.arity:
        raise AlgebraError(f"{primitive} takes {rule.arity} arguments, got {len(nodes)}.")
    try:
        shape = rule.shape(*(n.shape for n in nodes))
    except AlgebraError as error:
        shapes = ", ".join(f"{_short(n)} {n.shape}" for n in nodes)
        raise AlgebraError(f"{primitive} of {shapes}: {error}.") from error
    return Operation(primitive, nodes, shape)


def call(name: str, formula: Callable[..., Any], *arguments: Node, **numbers: Any) -> Call:
    """Return `formula` of `arguments` as one node that can be shown by `name` and opened.

    `numbers` are hyper-parameters that the formula reads, by name: further arguments.
    """
    symbols = ["x"] if len(arguments) == 1 else [f"x{i + 1}" for i in range(len(arguments))]
    given = (*arguments, *(node(value) for value in numbers.values()))
    parameters = tuple(Symbol(s, a.shape) for s, a in zip([*symbols, *numbers], given, strict=True))
    inner = dict(zip(numbers, parameters[len(arguments) :], strict=True))
    body = node(formula(*parameters[: len(arguments)], **inner))
    return Call(name, given, parameters, body, body.shape)


def children(of: Node) -> tuple[Node, ...]:
    """Return the nodes directly below a node; a call's are its arguments."""
    return of.arguments if isinstance(of, Operation | Call) else ()


def substitute(expression: Node, replace: Callable[[Node], Node | None]) -> Node:
    """Return `expression` with each node for which `replace` gives one put in its place.

    Shapes are worked out anew; the body of a call is left as it is.
    """
    known: dict[int, Node] = {}  # a part that is used many times is replaced once

    def of(at: Node) -> Node:
        if id(at) not in known:
            known[id(at)] = made(at)
        return known[id(at)]

    def made(at: Node) -> Node:
        new = replace(at)
        if new is not None:
            return new
        if isinstance(at, Operation):
            return operation(at.primitive, *(of(a) for a in at.arguments))
        if isinstance(at, Call):
            arguments = tuple(of(a) for a in at.arguments)
            shape = broadcast(*(a.shape for a in arguments))
            return Call(at.name, arguments, at.parameters, at.body, shape)
        return at

    return of(expression)


def opened(of: Call) -> Node:
    """Return the body of a call with the arguments in place of its parameters."""
    values = {id(p): a for p, a in zip(of.parameters, of.arguments, strict=True)}
    return substitute(of.body, lambda n: values.get(id(n)))


def symbols_in(expression: Node) -> tuple[str, ...]:
    """Return the names that an expression reads, each once, in order."""
    found: dict[str, None] = {}
    seen: set[int] = set()

    def walk(at: Node) -> None:
        if id(at) in seen:
            return
        seen.add(id(at))
        if isinstance(at, Symbol):
            found[at.name] = None
        for below in children(at):
            walk(below)

    walk(expression)
    return tuple(found)


def _short(of: Node) -> str:
    return of.name if isinstance(of, Symbol | Call) else type(of).__name__.lower()


def _options(options: dict[str, Any]) -> str:
    return f" with {', '.join(f'{k}={v!r}' for k, v in options.items())}" if options else ""


def _outside(what: str) -> AlgebraError:
    words = sorted({*_UFUNCS, *_COMPOSED, *_FUNCTIONS} - {"true_divide", "float_power"})
    return AlgebraError(
        f"{what} is outside the vocabulary of formulas. Expected one of: {', '.join(words)}. "
        "Write the formula with these."
    )


def _reduce(
    per_row: str, over_all: str | None, per_column: str | None = None
) -> Callable[..., Node]:
    def rule(x: Any, axis: int | None = None, *, keepdims: bool = False) -> Node:
        if axis is None and not keepdims and over_all:
            return operation(over_all, x)
        if axis in (1, -1) and keepdims:
            return operation(per_row, x)
        if axis == 0 and keepdims and per_column:
            return operation(per_column, x)
        raise AlgebraError(
            "Sums and maxima keep their axes. Expected axis=1 (or 0) with keepdims=True"
            f"{', or no axis' if over_all else ''}; got axis={axis}, keepdims={keepdims}."
        )

    return rule


def _clip(x: Any, a_min: Any = None, a_max: Any = None, **named: Any) -> Node:
    low, high = named.pop("min", a_min), named.pop("max", a_max)
    if named:
        raise TypeError
    raised = x if low is None else operation("maximum", x, low)
    return node(raised if high is None else operation("minimum", raised, high))


def _concatenate(blocks: Any, axis: int = 0) -> Node:
    if axis != 1:
        raise AlgebraError(f"Blocks are joined side by side. Expected axis=1, got axis={axis}.")
    return operation("join", *blocks)


def _logaddexp(a: Any, b: Any) -> Node:
    a, b = node(a), node(b)
    return operation("maximum", a, b) + operation("log1p", operation("exp", -abs(a - b)))


_COMPOSED: dict[str, Callable[..., Node]] = {
    "square": lambda x: x**2,
    "reciprocal": lambda x: 1 / x,
    "positive": node,
    "logaddexp": _logaddexp,
    "clip": _clip,
}

_FUNCTIONS: dict[str, Callable[..., Node]] = {
    "where": lambda condition, a, b: operation("where", condition, a, b),
    "sum": _reduce("row_sum", "total", "column_sum"),
    "max": _reduce("row_max", None),
    "amax": _reduce("row_max", None),
    "transpose": lambda x: operation("transpose", x),
    "concatenate": _concatenate,
    "clip": _clip,
}

__all__ = [
    "Call",
    "Cell",
    "Constant",
    "Node",
    "Operation",
    "Shape",
    "Size",
    "Symbol",
    "call",
    "children",
    "node",
    "opened",
    "operation",
    "substitute",
    "symbols_in",
]
