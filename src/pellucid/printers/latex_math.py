"""Expressions as LaTeX mathematics (with amsmath)."""

from __future__ import annotations

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
    "row_sum": r"\textstyle\sum_{\text{row}}",
    "row_max": r"\max_{\text{row}}",
    "column_sum": r"\textstyle\sum_{\text{rows}}",
    "total": r"\textstyle\sum",
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

PRIMITIVES_WRITTEN = frozenset((*_INFIX, *_FUNCTIONS, *_SPECIAL, "sum_of"))


class LatexMath:
    """Writes expressions. A node without a rule raises `AlgebraError`."""

    def text(self, of: Node) -> str:
        """Return an expression as LaTeX, for math mode."""
        return self._write(of)[0]

    def equation(self, of: Equation) -> str:
        """Return ``symbol = expression``."""
        return f"{_symbol(of.symbol)} = {self.text(of.expression)}"

    def _write(self, of: Node) -> tuple[str, int]:
        if isinstance(of, Symbol):
            text = _symbol(of)
            return text, _POWER if text.startswith(r"\nabla") else _ATOM
        if isinstance(of, Constant):
            return _number(of.value), _ATOM if of.value >= 0 else _NEGATIVE
        if isinstance(of, Cell):
            return f"{_word(of.name)}_{{{of.row + 1},{of.column + 1}}}", _ATOM
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
            return " + ".join(self._inside(a, _MULTIPLY) for a in arguments), _ADD
        if name not in _SPECIAL:
            raise AlgebraError(f"The printer {type(self).__name__} has no rule for {name}.")
        if name in _ENCLOSING:
            return _SPECIAL[name].format(*(self.text(a) for a in arguments)), _ATOM
        below = _NEGATIVE + 1 if name == "negative" else _ATOM
        texts = [self._inside(arguments[0], below), *(self.text(a) for a in arguments[1:])]
        own = {"negative": _NEGATIVE, "power": _POWER}.get(name, _ATOM)
        return _SPECIAL[name].format(*texts), own


def _symbol(of: Symbol) -> str:
    return of.latex or _word(of.name)


def _word(name: str) -> str:
    escaped = name.replace("_", r"\_")
    return rf"\mathrm{{{escaped}}}"


def _number(value: float) -> str:
    mantissa, _, exponent = f"{value:.6g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def equation_latex(of: Equation) -> str:
    r"""Return an equation as LaTeX, such as ``A_{1} = \mathrm{relu}\left(Z_{1}\right)``."""
    return LatexMath().equation(of)
