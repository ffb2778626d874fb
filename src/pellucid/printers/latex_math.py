"""Expressions as LaTeX mathematics (with amsmath)."""

from __future__ import annotations

from collections.abc import Callable

from pellucid.algebra import Call, Cell, Constant, Equation, Node, Operation, Symbol
from pellucid.errors import AlgebraError

# How tightly an operator binds; what binds less tightly than its place is put in parentheses.
_LOGIC, _COMPARE, _ADD, _MULTIPLY, _NEGATIVE, _POWER, _ATOM = range(7)

_INFIX = {
    "add": ("+", _ADD),
    "subtract": ("-", _ADD),
    "multiply": (r"\cdot", _MULTIPLY),
    "matmul": (r"\,", _MULTIPLY),
    "less": ("<", _COMPARE),
    "less_equal": (r"\le", _COMPARE),
    "greater": (">", _COMPARE),
    "greater_equal": (r"\ge", _COMPARE),
    "equal": ("=", _COMPARE),
    "not_equal": (r"\ne", _COMPARE),
    "logical_and": (r"\land", _LOGIC),
    "logical_or": (r"\lor", _LOGIC),
}
_FUNCTIONS = {
    "exp": r"\exp",
    "log": r"\log",
    "sin": r"\sin",
    "cos": r"\cos",
    "tanh": r"\tanh",
    "erf": r"\operatorname{erf}",
    "sign": r"\operatorname{sign}",
    "isnan": r"\operatorname{missing}",
    "maximum": r"\max",
    "minimum": r"\min",
    "max_of": r"\max",
    "row_sum": r"{\textstyle\sum_{\text{row}}}",
    "row_max": r"\max_{\text{row}}",
    "column_sum": r"{\textstyle\sum_{\text{rows}}}",
    "total": r"{\textstyle\sum}",
    "join": r"\operatorname{join}",
}
_SPECIAL = {
    "negative": "-{}",
    "logical_not": r"\lnot {}",
    "transpose": r"{}^{{\top}}",
    "absolute": r"\left|{}\right|",
    "floor": r"\left\lfloor {} \right\rfloor",
    "sqrt": r"\sqrt{{{}}}",
    "expm1": r"\left(\exp\left({}\right) - 1\right)",
    "log1p": r"\log\left(1 + {}\right)",
    "divide": r"\frac{{{}}}{{{}}}",
    "power": r"{}^{{{}}}",
    "where": r"\begin{{cases}} {1} & {0} \\ {2} & \text{{else}} \end{{cases}}",
}
# Arguments of these stand by themselves; those of the others are put in parentheses when needed.
_ENCLOSING = ("absolute", "floor", "sqrt", "expm1", "log1p", "divide", "where")

# Letters with a meaning of their own; users' functions may have any name.
_ESCAPED = {
    **{letter: "\\" + letter for letter in "_%#&{}$"},
    "\\": r"\backslash ",
    "^": r"\hat{}",
    "~": r"\tilde{}",
    '"': "''",
    "\n": " ",
}

PRIMITIVES_WRITTEN = frozenset((*_INFIX, *_FUNCTIONS, *_SPECIAL, "sum_of"))


class LatexMath:
    """Writes expressions. A node without a rule raises `AlgebraError`.

    Parameters
    ----------
    symbol, cell
        How a named value and a single cell are written: by default as mathematics writes their
        names; where numbers are filled in, as these.
    """

    def __init__(
        self,
        symbol: Callable[[Symbol], str] | None = None,
        cell: Callable[[Cell], str] | None = None,
    ) -> None:
        self._symbol = symbol or symbol_latex
        self._cell = cell or _reference

    def text(self, of: Node) -> str:
        """Return an expression as LaTeX, for math mode."""
        return self._write(of)[0]

    def equation(self, of: Equation) -> str:
        """Return ``symbol = expression``."""
        return f"{self._symbol(of.symbol)} = {self.text(of.expression)}"

    def _write(self, of: Node) -> tuple[str, int]:
        if isinstance(of, Symbol):
            text = self._symbol(of)
            return text, _POWER if text.startswith(r"\nabla") else _binding(text)
        if isinstance(of, Constant):
            return _number(of.value), _ATOM if of.value >= 0 else _NEGATIVE
        if isinstance(of, Cell):
            text = self._cell(of)
            return text, _binding(text)
        if isinstance(of, Call):
            return f"{_word(of.name)}\\left({self._list(of.arguments)}\\right)", _ATOM
        assert isinstance(of, Operation)
        return self._operation(of)

    def _inside(self, of: Node, binding: int) -> str:
        text, own = self._write(of)
        return rf"\left({text}\right)" if own < binding else text

    def _list(self, nodes: tuple[Node, ...]) -> str:
        return ", ".join(self.text(n) for n in nodes)

    def _operation(self, of: Operation) -> tuple[str, int]:
        name, arguments = of.primitive, of.arguments
        if name in _INFIX:
            sign, binding = _INFIX[name]
            if name == "multiply" and all(a.shape for a in arguments):
                sign = r"\odot"
            # The right side of - binds more tightly, and a negative number is put in parentheses.
            right = self._inside(arguments[1], binding + (name == "subtract"))
            right = rf"\left({right}\right)" if right.startswith("-") else right
            return f"{self._inside(arguments[0], binding)} {sign} {right}", binding
        if name in _FUNCTIONS:
            return rf"{_FUNCTIONS[name]}\left({self._list(arguments)}\right)", _ATOM
        if name == "sum_of":
            first, *rest = (self._inside(a, _MULTIPLY) for a in arguments)
            return first + "".join(map(_added, rest)), _ADD
        if name not in _SPECIAL:
            raise AlgebraError(f"The printer {type(self).__name__} has no rule for {name}.")
        if name in _ENCLOSING:
            text = _SPECIAL[name].format(*(self.text(a) for a in arguments))
            # A power of these needs parentheses, or only what stands above would be raised.
            return text, _POWER if name in ("divide", "where") else _ATOM
        below = _NEGATIVE + 1 if name == "negative" else _ATOM
        texts = [self._inside(arguments[0], below), *(self.text(a) for a in arguments[1:])]
        own = {"negative": _NEGATIVE, "power": _POWER}.get(name, _ATOM)
        return _SPECIAL[name].format(*texts), own


def _added(term: str) -> str:
    """Return a term as it follows others in a sum; a minus in front takes the place of the plus."""
    return f" - {term[1:]}" if term.startswith("-") else f" + {term}"


def symbol_latex(of: Symbol) -> str:
    """Return a symbol as mathematics writes it, or else its name."""
    return of.latex if of.latex and of.latex.isascii() else _word(of.name)


def _reference(cell: Cell) -> str:
    return f"{_word(cell.name)}_{{{cell.row + 1},{cell.column + 1}}}"


def _binding(text: str) -> int:
    """Return how tightly a name or a number binds: one with a sign or a power of ten less."""
    if text.startswith("-"):
        return _NEGATIVE
    return _MULTIPLY if r" \cdot 10^" in text else _ATOM


def _word(name: str) -> str:
    escaped = "".join(
        _ESCAPED.get(letter, letter) if letter.isascii() else rf"\text{{U+{ord(letter):04X}}}"
        for letter in name
    )
    return rf"\mathrm{{{escaped}}}"


def _number(value: float) -> str:
    mantissa, _, exponent = f"{value:.6g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def equation_latex(of: Equation) -> str:
    r"""Return an equation as LaTeX, such as ``A_{1} = \mathrm{relu}\left(Z_{1}\right)``."""
    return LatexMath().equation(of)
