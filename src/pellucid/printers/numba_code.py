"""Element-wise expressions as Python source that Numba compiles to vectorised loops."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pellucid.algebra import Call, Constant, Node, Operation, Symbol, opened
from pellucid.errors import AlgebraError

_INFIX = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "less": "<",
    "less_equal": "<=",
    "greater": ">",
    "greater_equal": ">=",
    "equal": "==",
    "not_equal": "!=",
    "logical_and": "&",
    "logical_or": "|",
}
# Functions of engine/mathematics_*.py, which have these names in every precision.
_FUNCTIONS = tuple(
    "absolute sign floor exp expm1 log log1p sqrt sin cos tanh erf isnan maximum minimum".split()
)
_SPECIAL = ("negative", "logical_not", "power", "where")

PRIMITIVES_WRITTEN = frozenset((*_INFIX, *_FUNCTIONS, *_SPECIAL))

# Numbers known before a loop are worked out once, by these, in double precision.
_OF_NUMBERS = {
    "absolute": "abs",
    "maximum": "max",
    "minimum": "min",
    **{name: f"math.{name}" for name in "floor exp expm1 log log1p sqrt sin cos tanh erf".split()},
}


class Block:
    """Lines of one loop's body, and the variables that hold what was already computed in it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.known: dict[str, str] = {}


class NumbaCode:
    """Writes expressions for one element of an array; `T` is the type of the arrays.

    Parameters
    ----------
    elements
        The text that reads one element, by symbol name.
    numbers
        The text of each symbol that is one double-precision number for the whole loop.
    reduction
        Writes a sum or maximum over a row, and returns the variable that holds it. Without it
        such a node has no rule.

    Attributes
    ----------
    preparation
        The lines that stand before the loop: all that does not depend on the element.
    """

    def __init__(
        self,
        elements: Mapping[str, str],
        numbers: Mapping[str, str],
        reduction: Callable[[Operation], str] | None = None,
    ) -> None:
        self.preparation = Block()
        self._elements = elements
        self._numbers = numbers
        self._reduction = reduction
        self._count = 0

    def text(self, of: Node, block: Block) -> str:
        """Return the expression's text; functions in it become variables in `block`."""
        return self._write(of, block)

    def fresh(self, letter: str = "v") -> str:
        """Return a name that was not used yet."""
        self._count += 1
        return f"{letter}{self._count}"

    def keep(self, text: str, block: Block, letter: str = "v") -> str:
        """Return the variable of `block` that holds the value of `text`."""
        if text.isidentifier():
            return text
        text = bare(text)
        if text not in block.known:
            block.known[text] = self.fresh(letter)
            block.lines.append(f"{block.known[text]} = {text}")
        return block.known[text]

    def _write(self, of: Node, block: Block) -> str:
        of = _opened(of)
        if isinstance(of, Constant):
            return f"T({of.value!r})"
        if isinstance(of, Symbol) and of.name in self._elements:
            return self._elements[of.name]
        number = self._number(of)
        if number is not None:
            return self.keep(f"T({bare(number)})", self.preparation, "c")
        if isinstance(of, Operation):
            return self._operation(of, block)
        raise AlgebraError(
            f"The printer {type(self).__name__} has no rule for {type(of).__name__} {of!r}."
        )

    def _number(self, of: Node) -> str | None:
        """Return an expression's text in double precision, or None if it depends on the element."""
        if isinstance(of, Constant):
            return repr(of.value)
        if isinstance(of, Symbol):
            return self._numbers.get(of.name)
        of = _opened(of)
        if not isinstance(of, Operation) or of.primitive not in PRIMITIVES_WRITTEN:
            return None
        parts = [self._number(a) for a in of.arguments]
        if any(part is None for part in parts):
            return None
        a, b = parts[0], parts[-1]
        if of.primitive in _INFIX:
            return f"({a} {_INFIX[of.primitive]} {b})"
        if of.primitive == "power":
            return f"({a} ** {b})"
        if of.primitive == "negative":
            return f"(-{a})"
        if of.primitive == "where":
            return f"({parts[1]} if {a} else {b})"
        if of.primitive in _OF_NUMBERS:
            return f"{_OF_NUMBERS[of.primitive]}({', '.join(bare(str(p)) for p in parts)})"
        return None

    def _operation(self, of: Operation, block: Block) -> str:
        name = of.primitive
        if name not in PRIMITIVES_WRITTEN:
            if self._reduction is not None and name in ("row_sum", "row_max", "total"):
                return self._reduction(of)
            raise AlgebraError(f"The printer {type(self).__name__} has no rule for {name}.")
        if name == "power":
            return self._power(of, block)
        if name == "tanh":
            # Mish's: without a rule of its own it takes a logarithm and a second exponential.
            argument = _softplus_of(of.arguments[0])
            if argument is not None:
                return self.keep(f"tanh_softplus({bare(self._write(argument, block))})", block)
        parts = [self._write(a, block) for a in of.arguments]
        if name in _INFIX:
            return f"({parts[0]} {_INFIX[name]} {parts[1]})"
        if name == "negative":
            return f"(-{parts[0]})"
        if name == "logical_not":
            return f"(not {parts[0]})"
        if name == "where":
            # The branches are variables first, so that both are computed and the loop has no jump.
            a, b = (self.keep(part, block) for part in parts[1:])
            return self.keep(f"({a} if {parts[0]} else {b})", block)
        return self.keep(f"{name}({', '.join(bare(p) for p in parts)})", block)

    def _power(self, of: Operation, block: Block) -> str:
        base, exponent = of.arguments
        text = self._write(base, block)
        if isinstance(exponent, Constant) and exponent.value in (2, 3):
            factor = self.keep(text, block)
            return "(" + " * ".join([factor] * int(exponent.value)) + ")"
        return self.keep(f"power({bare(text)}, {bare(self._write(exponent, block))})", block)


def bare(text: str) -> str:
    """Return a text without the parentheses around all of it.

    >>> bare("(a * (b + c))"), bare("(a + b) * (c + d)")
    ('a * (b + c)', '(a + b) * (c + d)')
    """
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and at < len(text) - 1:
            return text
    return text[1:-1] if text.startswith("(") else text


def _opened(of: Node) -> Node:
    while isinstance(of, Call):
        of = opened(of)
    return of


def _softplus_of(of: Node) -> Node | None:
    """Return the x of log(1 + exp(x)) as the catalogue writes it, or None of any other node."""
    match _opened(of):
        case Operation(
            "add",
            (
                Operation("maximum", (x, Constant(0.0))),
                Operation(
                    "log1p",
                    (Operation("exp", (Operation("negative", (Operation("absolute", (y,)),)),)),),
                ),
            ),
        ) if x is y:
            return x
    return None
