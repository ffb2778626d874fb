"""What may be written in a formula: symbols, operations, shapes, equations."""

from pellucid.algebra.derivatives import derivative
from pellucid.algebra.equations import Equation, check
from pellucid.algebra.functions import erf
from pellucid.algebra.nodes import (
    Call,
    Cell,
    Constant,
    Node,
    Operation,
    Symbol,
    call,
    children,
    node,
    opened,
    operation,
    substitute,
    symbols_in,
)
from pellucid.algebra.primitives import PRIMITIVES, Shape, Size

__all__ = [
    "PRIMITIVES",
    "Call",
    "Cell",
    "Constant",
    "Equation",
    "Node",
    "Operation",
    "Shape",
    "Size",
    "Symbol",
    "call",
    "check",
    "children",
    "derivative",
    "erf",
    "node",
    "opened",
    "operation",
    "substitute",
    "symbols_in",
]
