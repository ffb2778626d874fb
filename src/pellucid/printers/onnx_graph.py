"""Expressions as nodes of an ONNX graph, as plain data: operator, inputs, output, attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pellucid.algebra import Call, Constant, Equation, Node, Operation, Symbol, opened
from pellucid.errors import AlgebraError

BOOL, FLOAT, DOUBLE, INT64, STRING = "bool", "float32", "float64", "int64", "string"

_COMPARISONS = {
    "less": "Less",
    "less_equal": "LessOrEqual",
    "greater": "Greater",
    "greater_equal": "GreaterOrEqual",
    "equal": "Equal",
}
_LOGICAL = {"logical_and": "And", "logical_or": "Or", "logical_not": "Not"}
_ELEMENTWISE = {
    "negative": "Neg",
    "absolute": "Abs",
    "sign": "Sign",
    "floor": "Floor",
    "exp": "Exp",
    "log": "Log",
    "sqrt": "Sqrt",
    "sin": "Sin",
    "cos": "Cos",
    "tanh": "Tanh",
    "erf": "Erf",
    "add": "Add",
    "subtract": "Sub",
    "multiply": "Mul",
    "divide": "Div",
    "power": "Pow",
    "maximum": "Max",
    "minimum": "Min",
    "matmul": "MatMul",
}
_ALONG = {
    "row_sum": ("ReduceSum", (1,), 1),
    "row_max": ("ReduceMax", (1,), 1),
    "column_sum": ("ReduceSum", (0,), 1),
    "total": ("ReduceSum", (0, 1), 0),
}
_SPECIAL = ("where", "isnan", "not_equal", "transpose", "join", "expm1", "log1p")

PRIMITIVES_WRITTEN = frozenset((*_COMPARISONS, *_LOGICAL, *_ELEMENTWISE, *_ALONG, *_SPECIAL))

# These are known for float32 alone in the runtimes at hand.
_SINGLE_ONLY = ("Sin", "Cos", "Erf")


@dataclass(frozen=True)
class OnnxNode:
    """One node: its operator, the tensors it reads, the tensor it makes, and its attributes."""

    operator: str
    inputs: tuple[str, ...]
    output: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


class OnnxGraph:
    """Writes equations as nodes, one after the other.

    Attributes
    ----------
    nodes
        What was written.
    constants
        The numbers that the nodes read, by tensor name: a value (a number or a list) and its type.
    """

    def __init__(self) -> None:
        self.nodes: list[OnnxNode] = []
        self.constants: dict[str, tuple[Any, str]] = {}
        self._tensors: dict[str, tuple[str, str]] = {}
        self._names: set[str] = set()
        self._known: dict[int, tuple[Node, str, str]] = {}  # the node is kept, and so its id
        self._type = FLOAT

    def name(self, wanted: str) -> str:
        """Return a tensor name that is not used yet, `wanted` if it can be."""
        name, count = wanted, 1
        while name in self._names:
            count += 1
            name = f"{wanted}_{count}"
        self._names.add(name)
        return name

    def is_given(self, symbol: str, tensor: str, kind: str) -> None:
        """Say which tensor holds a symbol's value."""
        self._tensors[symbol] = tensor, kind

    def constant(self, value: Any, kind: str, wanted: str = "number") -> str:
        """Return the tensor of a constant."""
        for name, known in self.constants.items():
            if known == (value, kind):
                return name
        name = self.name(wanted)
        self.constants[name] = value, kind
        return name

    def add(self, operator: str, inputs: Iterable[str], wanted: str, **attributes: Any) -> str:
        """Write one node; return the tensor that it makes."""
        output = self.name(wanted)
        self.nodes.append(OnnxNode(operator, tuple(inputs), output, attributes))
        return output

    def equation(self, equation: Equation, kind: str) -> str:
        """Write an equation, computed in float32 or float64; return the tensor of its value."""
        self._type, self._known = kind, {}
        tensor, made = self._value(equation.expression)
        if made == BOOL:
            tensor = self.cast(tensor, kind)
        named = self.add("Identity", [tensor], equation.name)
        self.is_given(equation.name, named, kind)
        return named

    def cast(self, tensor: str, kind: str) -> str:
        """Return a tensor as another type."""
        return self.add("Cast", [tensor], f"{tensor}_as_{kind}", to=kind)

    def tensor(self, symbol: str, kind: str) -> str:
        """Return the tensor of a symbol in a type."""
        tensor, known = self._tensors[symbol]
        if known == kind:
            return tensor
        cast = self.cast(tensor, kind)
        self._tensors[symbol] = cast, kind
        return cast

    def _value(self, of: Node) -> tuple[str, str]:
        """Return the tensor of an expression, and its type."""
        if id(of) not in self._known:
            self._known[id(of)] = (of, *self._write(of))
        return self._known[id(of)][1:]

    def _number(self, of: Node) -> str:
        tensor, kind = self._value(of)
        return self.cast(tensor, self._type) if kind == BOOL else tensor

    def _condition(self, of: Node) -> str:
        tensor, kind = self._value(of)
        return tensor if kind == BOOL else self.cast(tensor, BOOL)

    def _write(self, of: Node) -> tuple[str, str]:
        if isinstance(of, Constant):
            return self.constant(of.value, self._type), self._type
        if isinstance(of, Symbol) and of.name in self._tensors:
            return self.tensor(of.name, self._type), self._type
        if isinstance(of, Call):
            return self._value(opened(of))
        if isinstance(of, Operation) and of.primitive in PRIMITIVES_WRITTEN:
            return self._operation(of)
        what = of.primitive if isinstance(of, Operation) else f"{type(of).__name__} {of!r}"
        raise AlgebraError(f"The printer {type(self).__name__} has no rule for {what}.")

    def _operation(self, of: Operation) -> tuple[str, str]:
        name, arguments = of.primitive, of.arguments
        if name in _LOGICAL:
            return self.add(_LOGICAL[name], map(self._condition, arguments), name), BOOL
        if name == "where":
            condition, a, b = arguments
            inputs = self._condition(condition), self._number(a), self._number(b)
            return self.add("Where", inputs, name), self._type
        numbers = [self._number(a) for a in arguments]
        if name in _COMPARISONS:
            return self.add(_COMPARISONS[name], numbers, name), BOOL
        if name == "not_equal":
            return self.add("Not", [self.add("Equal", numbers, "equal")], name), BOOL
        if name == "isnan":
            return self.add("IsNaN", numbers, name), BOOL
        if name in _ALONG:
            operator, axes, keepdims = _ALONG[name]
            axis = self.constant(list(axes), INT64, "axes")
            return self.add(operator, [*numbers, axis], name, keepdims=keepdims), self._type
        if name == "transpose":
            return self.add("Transpose", numbers, name, perm=[1, 0]), self._type
        if name == "join":
            return self.add("Concat", numbers, name, axis=1), self._type
        if name in _COMPOSED:
            return _COMPOSED[name](self, numbers[0]), self._type
        operator = _ELEMENTWISE[name]
        if self._type == DOUBLE and operator in _SINGLE_ONLY:
            single = [self.cast(n, FLOAT) for n in numbers]
            return self.cast(self.add(operator, single, name), DOUBLE), DOUBLE
        return self.add(operator, numbers, name), self._type

    def expm1(self, x: str) -> str:
        """Write exp(x) - 1 as 2t / (1 - t) with t = tanh(x / 2), which keeps the digits of small x."""
        one, two = (self.constant(v, self._type) for v in (1.0, 2.0))
        t = self.add("Tanh", [self.add("Div", [x, two], "half")], "tanh")
        small = self.add(
            "Div",
            [self.add("Mul", [two, t], "product"), self.add("Sub", [one, t], "rest")],
            "ratio",
        )
        large = self.add("Sub", [self.add("Exp", [x], "exp"), one], "difference")
        return self.add("Where", [self.add("Less", [x, one], "less"), small, large], "expm1")

    def log1p(self, x: str) -> str:
        """Write log(1 + x) as log(u) · x / (u - 1) with u = 1 + x rounded (Kahan), and x where u is 1."""
        one = self.constant(1.0, self._type)
        u = self.add("Add", [one, x], "sum")
        rest = self.add("Sub", [u, one], "rest")
        is_one = self.add("Equal", [u, one], "equal")
        divisor = self.add("Where", [is_one, one, rest], "divisor")
        ratio = self.add("Div", [x, divisor], "ratio")
        product = self.add("Mul", [self.add("Log", [u], "log"), ratio], "product")
        return self.add("Where", [is_one, x, product], "log1p")


_COMPOSED: dict[str, Callable[[OnnxGraph, str], str]] = {
    "expm1": OnnxGraph.expm1,
    "log1p": OnnxGraph.log1p,
}
