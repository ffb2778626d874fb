"""Expressions as source code: what the printers for programming languages share.

A language is a table with one `Rule` for each primitive, and how it writes a number. Where a table
does not do (R has no broadcasting), a printer overrides `operation`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar

from pellucid.algebra import Call, Cell, Constant, Node, Operation, Symbol, children
from pellucid.errors import AlgebraError
from pellucid.printers.functions import Function, Functions

# How tightly an operator binds; what binds less tightly than its place is put in parentheses.
OR, AND, NOT, COMPARE, ADD, MULTIPLY, PRODUCT, NEGATIVE, POWER, ATOM = range(10)


@dataclass(frozen=True)
class Rule:
    """How one primitive is written.

    Attributes
    ----------
    text
        With ``{}`` for each argument, or one ``{}`` for all of them with commas between.
    binding
        How tightly what is written binds.
    inside
        How tightly each argument has to bind to need no parentheses; any will do by default.
    """

    text: str
    binding: int = ATOM
    inside: tuple[int, ...] = ()


def infix(sign: str, binding: int) -> Rule:
    """Return the rule of an operator between two arguments, done from left to right."""
    return Rule(f"{{}} {sign} {{}}", binding, (binding, binding + 1))


def function(name: str) -> Rule:
    """Return the rule of a function of all arguments."""
    return Rule(f"{name}({{}})")


def shortest(value: float) -> str:
    """Return the shortest text that reads back to the same number.

    >>> shortest(3.0), shortest(0.1), shortest(1e-08)
    ('3', '0.1', '1e-08')
    """
    return repr(float(value)).removesuffix(".0")


class Names:
    """Names of values as a language can write them; different names stay different.

    Parameters
    ----------
    taken
        Words that cannot be names: the language's own, and those that the program uses.
    plain
        Whether only the letters of ASCII may be used.
    """

    def __init__(self, taken: Collection[str] = (), *, plain: bool = False) -> None:
        self._taken = set(taken)
        self._outside = re.compile(r"[^A-Za-z0-9_]" if plain else r"\W")
        self._names: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        if name not in self._names:
            written = self._outside.sub("_", name)
            written = written if written[:1].isalpha() else f"v{written}"
            while written in self._taken:
                written += "_"
            self._taken.add(written)
            self._names[name] = written
        return self._names[name]


class Code:
    """Writes expressions as source code. A node without a rule raises `AlgebraError`.

    Parameters
    ----------
    functions
        The functions that the expressions call.
    name
        How the name of a value is written.
    """

    rules: ClassVar[Mapping[str, Rule]] = {}
    known_numbers: ClassVar[Mapping[float, str]] = {}
    nan: ClassVar[str] = "NaN"
    infinity: ClassVar[str] = "Inf"
    first_index: ClassVar[int] = 1

    def __init__(
        self, functions: Functions | None = None, name: Callable[[str], str] = str
    ) -> None:
        self._functions = functions or Functions([])
        self._name = name
        self._parts: dict[int, str] = {}

    def text(self, of: Node) -> str:
        """Return an expression as source code."""
        return self.write(of)[0]

    def number(self, value: float) -> str:
        """Return a number as source code."""
        if math.isnan(value):
            return self.nan
        if math.isinf(value):
            return f"-{self.infinity}" if value < 0 else self.infinity
        return self.known_numbers.get(value) or shortest(value)

    def body(self, of: Function) -> tuple[list[tuple[str, str]], str]:
        """Return a function's body: parts that it uses more than once, each a name and a text, and its result."""
        inner = self.inner(of)
        lines: list[tuple[str, str]] = []
        found = repeated(of.body)
        for at, part in enumerate(found, 1):
            text, name = inner.text(part), "part" if len(found) == 1 else f"part_{at}"
            lines.append((name, text))
            inner._parts[id(part)] = name
        return lines, inner.text(of.body)

    def inner(self, of: Function) -> Code:
        """Return the printer of a function's body, whose names are its parameters."""
        return type(self)(self._functions, self._name)

    def write(self, of: Node) -> tuple[str, int]:
        """Return the text of an expression, and how tightly it binds."""
        if id(of) in self._parts:
            return self._parts[id(of)], ATOM
        if isinstance(of, Symbol):
            return self._name(of.name), ATOM
        if isinstance(of, Constant):
            return self.number(of.value), ATOM if of.value >= 0 else NEGATIVE
        if isinstance(of, Cell):
            row, column = of.row + self.first_index, of.column + self.first_index
            return f"{self._name(of.name)}[{row}, {column}]", ATOM
        if isinstance(of, Call):
            arguments = ", ".join(self.text(a) for a in of.arguments)
            return f"{self._functions.of(of).name}({arguments})", ATOM
        assert isinstance(of, Operation)
        return self.operation(of)

    def operation(self, of: Operation) -> tuple[str, int]:
        """Return the text of an operation by its rule, and how tightly it binds."""
        if of.primitive not in self.rules:
            raise AlgebraError(f"The printer {type(self).__name__} has no rule for {of.primitive}.")
        rule = self.rules[of.primitive]
        least = (*rule.inside, *[OR] * len(of.arguments))
        texts = [self.argument(of, at, least[at]) for at in range(len(of.arguments))]
        if len(rule.inside) == 2 and rule.binding < POWER and texts[1].startswith("-"):
            texts[1] = f"({texts[1]})"  # or two signs would stand in a row
        if rule.text.count("{}") == 1:
            texts = [", ".join(texts)]
        return rule.text.format(*texts), rule.binding

    def argument(self, of: Operation, at: int, least: int) -> str:
        """Return the text of argument `at`, in parentheses if it binds less tightly than `least`."""
        text, binding = self.write(of.arguments[at])
        return f"({text})" if binding < least else text


def repeated(body: Node) -> list[Node]:
    """Return the parts that an expression uses more than once, inner ones first; small ones left out."""
    uses: Counter[int] = Counter()
    order: list[Node] = []

    def walk(at: Node) -> None:
        uses[id(at)] += 1
        if uses[id(at)] > 1:
            return
        for below in children(at):
            walk(below)
        order.append(at)

    walk(body)
    # What is only an operator between names is shorter than a name of its own.
    nested = [at for at in order if any(children(below) for below in children(at))]
    return [at for at in nested if uses[id(at)] > 1]
