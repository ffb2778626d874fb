"""Expressions as MathML, the mathematics of web pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from pellucid.algebra import Call, Cell, Constant, Equation, Node, Operation, Symbol
from pellucid.errors import AlgebraError

# How tightly an operator binds; what binds less tightly than its place is put in parentheses.
_LOGIC, _COMPARE, _ADD, _MULTIPLY, _NEGATIVE, _POWER, _ATOM = range(7)

_INFIX = {
    "add": ("+", _ADD),
    "subtract": ("−", _ADD),
    "multiply": ("·", _MULTIPLY),
    "matmul": ("\u2062", _MULTIPLY),  # invisible times
    "less": ("&lt;", _COMPARE),
    "less_equal": ("≤", _COMPARE),
    "greater": ("&gt;", _COMPARE),
    "greater_equal": ("≥", _COMPARE),
    "equal": ("=", _COMPARE),
    "not_equal": ("≠", _COMPARE),
    "logical_and": ("∧", _LOGIC),
    "logical_or": ("∨", _LOGIC),
}
_FUNCTIONS = {
    **{name: name for name in ("exp", "log", "sin", "cos", "tanh", "erf", "sign", "join")},
    "isnan": "missing",
    "maximum": "max",
    "minimum": "min",
    "max_of": "max",
}
# Sums and maxima, and what they go over.
_OVER = {
    "row_sum": ("∑", "row"),
    "column_sum": ("∑", "rows"),
    "total": ("∑", ""),
    "row_max": ("max", "row"),
}
_AROUND = {"absolute": ("|", "|"), "floor": ("⌊", "⌋")}


def _fenced(text: str, left: str = "(", right: str = ")") -> str:
    return f"<mrow><mo>{left}</mo>{text}<mo>{right}</mo></mrow>"


_SPECIAL: dict[str, tuple[Callable[..., str], int]] = {
    "negative": (lambda a: f"<mo>−</mo>{a}", _NEGATIVE),
    "logical_not": (lambda a: f"<mo>¬</mo>{a}", _ATOM),
    "transpose": (lambda a: f"<msup><mrow>{a}</mrow><mo>⊤</mo></msup>", _ATOM),
    "power": (lambda a, b: f"<msup><mrow>{a}</mrow><mrow>{b}</mrow></msup>", _POWER),
}
# The arguments of these stand by themselves, without parentheses.
_ENCLOSING: dict[str, Callable[..., str]] = {
    "sqrt": lambda a: f"<msqrt>{a}</msqrt>",
    "divide": lambda a, b: f"<mfrac><mrow>{a}</mrow><mrow>{b}</mrow></mfrac>",
    "expm1": lambda a: _fenced(f"<mi>exp</mi>{_fenced(a)}<mo>−</mo><mn>1</mn>"),
    "log1p": lambda a: f"<mi>log</mi>{_fenced(f'<mn>1</mn><mo>+</mo>{a}')}",
    "where": lambda condition, a, b: (
        f"<mrow><mo>{{</mo><mtable><mtr><mtd>{a}</mtd><mtd><mtext>if\u00a0</mtext>{condition}</mtd></mtr>"
        f"<mtr><mtd>{b}</mtd><mtd><mtext>else</mtext></mtd></mtr></mtable></mrow>"
    ),
}

PRIMITIVES_WRITTEN = frozenset(
    (*_INFIX, *_FUNCTIONS, *_OVER, *_AROUND, *_SPECIAL, *_ENCLOSING, "sum_of")
)


class HtmlMath:
    """Writes expressions. A node without a rule raises `AlgebraError`."""

    def text(self, of: Node) -> str:
        """Return an expression as MathML, to stand inside a ``<math>`` element."""
        return self._write(of)[0]

    def equation(self, of: Equation) -> str:
        """Return ``symbol = expression``."""
        return f"{symbol_mathml(of.symbol)}<mo>=</mo>{self.text(of.expression)}"

    def _write(self, of: Node) -> tuple[str, int]:
        if isinstance(of, Symbol):
            return symbol_mathml(of), _POWER if of.latex.startswith(r"\nabla") else _ATOM
        if isinstance(of, Constant):
            return _number(of.value), _ATOM if of.value >= 0 else _NEGATIVE
        if isinstance(of, Cell):
            place = f"<mn>{of.row + 1}</mn><mo>,</mo><mn>{of.column + 1}</mn>"
            return f"<msub>{_word(of.name)}<mrow>{place}</mrow></msub>", _ATOM
        if isinstance(of, Call):
            return f"{_word(of.name)}{_fenced(self._list(of.arguments))}", _ATOM
        if isinstance(of, Operation) and of.primitive in PRIMITIVES_WRITTEN:
            return self._operation(of)
        what = of.primitive if isinstance(of, Operation) else f"{type(of).__name__} {of!r}"
        raise AlgebraError(f"The printer {type(self).__name__} has no rule for {what}.")

    def _inside(self, of: Node, binding: int) -> str:
        text, own = self._write(of)
        return _fenced(text) if own < binding else text

    def _list(self, nodes: tuple[Node, ...]) -> str:
        return "<mo>,</mo>".join(self.text(n) for n in nodes)

    def _operation(self, of: Operation) -> tuple[str, int]:
        name, arguments = of.primitive, of.arguments
        if name in _INFIX:
            sign, binding = _INFIX[name]
            if name == "multiply" and all(a.shape for a in arguments):
                sign = "⊙"
            # The right side of - binds more tightly, and a negative number is put in parentheses.
            right, own = self._write(arguments[1])
            if own < binding + (name == "subtract") or own == _NEGATIVE:
                right = _fenced(right)
            return f"{self._inside(arguments[0], binding)}<mo>{sign}</mo>{right}", binding
        if name in _FUNCTIONS:
            return f"<mi>{_FUNCTIONS[name]}</mi>{_fenced(self._list(arguments))}", _ATOM
        if name in _OVER:
            sign, over = _OVER[name]
            sign = f"<mo>{sign}</mo>"
            sign = f"<munder>{sign}<mtext>{over}</mtext></munder>" if over else sign
            return f"{sign}{_fenced(self._list(arguments))}", _ATOM
        if name in _AROUND:
            return _fenced(self._list(arguments), *_AROUND[name]), _ATOM
        if name == "sum_of":
            return "<mo>+</mo>".join(self._inside(a, _MULTIPLY) for a in arguments), _ADD
        if name in _ENCLOSING:
            text = _ENCLOSING[name](*(self.text(a) for a in arguments))
            return text, _POWER if name in ("divide", "where") else _ATOM
        write, own = _SPECIAL[name]
        below = self._inside(arguments[0], _NEGATIVE + 1 if name == "negative" else _ATOM)
        return write(below, *(self.text(a) for a in arguments[1:])), own


def equation_mathml(of: Equation) -> str:
    """Return an equation as the inside of a ``<math>`` element."""
    return HtmlMath().equation(of)


def symbol_mathml(of: Symbol) -> str:
    r"""Return a symbol as its mathematics is written, or else its name.

    >>> symbol_mathml(Symbol("delta_hidden_1", latex=r"\delta_{1}"))
    '<msub><mi>δ</mi><mn>1</mn></msub>'
    """
    return _Latex(of.latex).all() if of.latex else _word(of.name)


def _word(name: str) -> str:
    return f"<mi>{escape(name)}</mi>"


def _number(value: float) -> str:
    mantissa, _, exponent = f"{value:.6g}".partition("e")
    text = f"<mn>{mantissa.replace('-', '−')}</mn>"
    if exponent:
        text += f"<mo>·</mo><msup><mn>10</mn><mn>{int(exponent)}</mn></msup>".replace(">-", ">−")
    return text


_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma "
    "tau upsilon phi chi psi omega"
).split()
_LETTERS = {
    **dict(zip(_GREEK, "αβγδεζηθικλμνξοπρστυφχψω", strict=True)),
    "varepsilon": "ε",
    "ell": "ℓ",
    "nabla": "∇",
    "|": "‖",
}
# Names of functions, which stand as indices.
_WORDS = ("min", "max")
_ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~"}
_TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|\d+|[^\s]")


class _Latex:
    """Reads the little LaTeX in which symbols are written: letters, accents, indices, a prime."""

    def __init__(self, text: str) -> None:
        self._whole = text
        self._words = r"\mathrm{" in text
        self._tokens = [
            part
            for piece in re.split(r"(\\mathrm\{[^{}]*\})", text)
            for part in ([piece] if piece.startswith(r"\mathrm{") else _TOKEN.findall(piece))
        ]

    def all(self) -> str:
        """Return all of it as MathML."""
        found = []
        while self._tokens and self._tokens[0] != "}":
            found.append(self._indexed())
        return found[0] if len(found) == 1 else f"<mrow>{''.join(found)}</mrow>"

    def _indexed(self) -> str:
        base, below, above = self._one(), "", ""
        while self._tokens and self._tokens[0] in ("_", "^", "'"):
            sign = self._tokens.pop(0)
            if sign == "_":
                below = self._one()
            else:
                above = "<mo>′</mo>" if sign == "'" else self._one()
        if below and above:
            return f"<msubsup>{base}{below}{above}</msubsup>"
        if below:
            return f"<msub>{base}{below}</msub>"
        return f"<msup>{base}{above}</msup>" if above else base

    def _one(self) -> str:
        token = self._tokens.pop(0) if self._tokens else ""
        if token == "{":
            inside = self.all()
            if self._tokens:
                self._tokens.pop(0)
            return inside
        if token.startswith(r"\mathrm{"):
            return _word(token[len(r"\mathrm{") : -1].replace(r"\_", "_"))
        if token[:1] != "\\":
            return f"<mn>{token}</mn>" if token.isdigit() else _word(token)
        name = token[1:]
        if name in _ACCENTS:
            return f'<mover accent="true">{self._one()}<mo>{_ACCENTS[name]}</mo></mover>'
        if name in _LETTERS:
            return f"<mi>{_LETTERS[name]}</mi>"
        if name in _WORDS:
            return _word(name)
        raise AlgebraError(
            f"The printer HtmlMath has no letter for {token!r}, in {self._whole!r}. Add it to "
            "_LETTERS in printers/html_math.py."
        )
