"""A list of equations as loops over cells, on flat arrays of numbers: what languages with braces share.

A language is a `Words`. Every value is an array that holds its rows one after the other; a single
number has length 1.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from pellucid.algebra import (
    PRIMITIVES,
    Call,
    Constant,
    Equation,
    Node,
    Operation,
    Size,
    Symbol,
    children,
    opened,
)
from pellucid.errors import AlgebraError
from pellucid.printers.functions import Function, Functions
from pellucid.printers.numba_code import bare

LOGIC = {"logical_and": "{} && {}", "logical_or": "{} || {}", "logical_not": "!{}"}
_SPECIAL = ("negative", "where", "transpose", "join", "matmul")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OWN = re.compile(r"(v|part_)\d+")


@dataclass(frozen=True)
class Words:
    """A language's words.

    Attributes
    ----------
    infix, functions
        Operators between two numbers, and functions of numbers, by primitive.
    conditions
        What is true or false where a condition is asked for, and 1 or 0 where a number is.
    collecting
        What collects many cells in one: the number that it starts from, how a cell is taken in, and over
        which axes.
    taken
        Words that cannot be names: the language's own, and those that the text uses.
    function, parameter
        The head of a function of single numbers, with places for name and parameters; what stands before
        each of these.
    array
        What declares an array, with places for name and length.
    fixed, changing, counter
        What declares a number that stays, one that changes, and the counter of a loop.
    rows
        How many rows there are: a variable, or a number that is known.
    differs
        The sign for "is not".
    nan, infinity
        What is no number, and what is beyond all.
    points
        Whether whole numbers need their point to be no integers.
    """

    infix: Mapping[str, str]
    functions: Mapping[str, str]
    conditions: Mapping[str, str]
    collecting: Mapping[str, tuple[str, str, tuple[str, ...]]]
    taken: frozenset[str]
    function: str
    parameter: str
    array: str
    fixed: str
    changing: str
    counter: str
    rows: Size
    differs: str
    nan: str
    infinity: str
    points: bool = False

    @property
    def primitives(self) -> frozenset[str]:
        """The primitives that have a rule."""
        own = (*self.infix, *self.functions, *self.conditions, *self.collecting)
        return frozenset((*own, *LOGIC, *_SPECIAL))


@dataclass
class Block:
    """Lines of a loop's inside or a function, and the expressions that have a variable there."""

    words: Words
    lines: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)

    def keep(self, text: str) -> str:
        """Return the variable that holds the value of `text`, or `text` if it is one."""
        if _IDENTIFIER.fullmatch(text):
            return text
        if text not in self.known:
            self.known[text] = f"v{len(self.known) + 1}"
            self.lines.append(f"{self.words.fixed} {self.known[text]} = {bare(text)};")
        return self.known[text]


class CellLoops:
    """Writes equations as lines of a language. A node without a rule raises `AlgebraError`.

    Parameters
    ----------
    names
        The names of all values: inputs, and what the equations compute.
    equations
        What is going to be written.
    """

    words: ClassVar[Words]

    def __init__(self, names: Sequence[str], equations: Sequence[Equation]) -> None:
        self._taken = set(self.words.taken)
        self._variables = {name: self._free(name) for name in names}
        self._functions = Functions([e.expression for e in equations], taken=self._taken)
        self._lines: list[str] = []
        self._parts: dict[int, str] = {}
        self._opened: dict[int, Node] = {}
        self._uses: Counter[int] = Counter()
        self._parameters: dict[int, str] = {}

    def variable(self, name: str) -> str:
        """Return the variable that holds a named value."""
        return self._variables[name]

    def functions(self) -> list[str]:
        """Return the functions of single numbers that the equations call, each once."""
        return [self._function(f) for f in self._functions if elementwise(f.body)]

    def equation(self, of: Equation) -> list[str]:
        """Return the lines that compute an equation into the variable of its name."""
        self._lines = []
        self._uses += uses(of.expression)
        rows, columns = self._shape(of.expression)
        self._fill(self.variable(of.name), rows, columns, of.expression)
        return self._lines

    def _function(self, of: Function) -> str:
        block = Block(self.words)
        self._parameters = {id(p): self._word(p.name) for p in of.parameters}
        self._uses += uses(of.body)
        result = bare(self._at(of.body, "0", "0", block))
        body = indented([*block.lines, f"return {result};"])
        head = self.words.function.format(
            of.name, ", ".join(f"{self.words.parameter}{p}" for p in self._parameters.values())
        )
        self._parameters = {}
        return "\n".join([f"{head} {{", *body, "}"])

    def _free(self, name: str) -> str:
        """Return a variable's name that nothing else has, and take it."""
        word, count = self._word(name), 1
        free = word
        while free in self._taken:
            count += 1
            free = f"{word}_{count}"
        self._taken.add(free)
        return free

    def _word(self, name: str) -> str:
        word = re.sub(r"\W", "_", name, flags=re.ASCII)
        word = f"_{word}" if word[:1].isdigit() else word
        return f"{word}_" if word in self.words.taken or _OWN.fullmatch(word) else word

    def _fill(self, target: str, rows: Size, columns: Size, of: Node, offset: int = -1) -> None:
        """Write the loops that put each cell of an expression into an array.

        With an `offset`, the array is there and the expression's columns start at that one.
        """
        block = Block(self.words)
        text = self._at(of, "i", "j", block)
        if offset < 0:
            self._array(target, rows, columns)
            place, inner = self._index("i", "j", rows, columns), columns
        else:
            inner = self._shape(of)[1]
            j = f"{offset} + j" if inner != 1 else str(offset)
            place = self._index("i", j, rows, columns)
        block.lines.append(f"{target}[{place}] = {bare(text)};")
        self._lines += self._nest({"i": rows, "j": inner}, block.lines)

    def _array(self, target: str, rows: Size, columns: Size) -> None:
        self._lines.append(self.words.array.format(target, self._product(rows, columns)))

    def _at(self, of: Node, i: str, j: str, block: Block) -> str:
        """Return the text of one cell of an expression."""
        rows, columns = self._shape(of)
        # An axis of size 1 is repeated, as NumPy does.
        i, j = ("0" if rows == 1 else i), ("0" if columns == 1 else j)
        if isinstance(of, Constant):
            return self._number(of.value)
        if isinstance(of, Symbol):
            if id(of) in self._parameters:
                return self._parameters[id(of)]
            return f"{self.variable(of.name)}[{self._index(i, j, rows, columns)}]"
        if isinstance(of, Call):
            return self._call(of, i, j, block)
        if isinstance(of, Operation) and of.primitive in self.words.primitives:
            text = self._operation(of, i, j, block)
            return block.keep(text) if self._uses[id(of)] > 1 else text
        what = of.primitive if isinstance(of, Operation) else f"{type(of).__name__} {of!r}"
        raise AlgebraError(f"The printer {type(self).__name__} has no rule for {what}.")

    def _call(self, of: Call, i: str, j: str, block: Block) -> str:
        function = self._functions.of(of)
        if elementwise(function.body):
            arguments = ", ".join(bare(self._at(a, i, j, block)) for a in of.arguments)
            return f"{function.name}({arguments})"
        # A function of whole rows is opened, so that its sums become arrays.
        if id(of) not in self._opened:
            self._opened[id(of)] = opened(of)
            self._uses += uses(self._opened[id(of)])
        return self._at(self._opened[id(of)], i, j, block)

    def _operation(self, of: Operation, i: str, j: str, block: Block) -> str:
        name = of.primitive
        if name == "transpose":
            return self._at(of.arguments[0], j, i, block)
        if name in self.words.collecting or name in ("matmul", "join"):
            rows, columns = self._shape(of)
            return f"{self._part(of)}[{self._index(i, j, rows, columns)}]"
        if name in self.words.conditions or name in LOGIC:
            return f"({self._condition(of, i, j, block)} ? 1 : 0)"
        if name == "where":
            condition = self._condition(of.arguments[0], i, j, block)
            a, b = (self._at(x, i, j, block) for x in of.arguments[1:])
            return f"({condition} ? {a} : {b})"
        parts = [self._at(a, i, j, block) for a in of.arguments]
        if name == "negative":
            return f"(-{parts[0]})"
        if name == "power":
            exponent = of.arguments[1]
            if isinstance(exponent, Constant) and exponent.value in (2, 3):
                return f"({' * '.join([block.keep(parts[0])] * int(exponent.value))})"
        if name in self.words.infix:
            return f"({f' {self.words.infix[name]} '.join(parts)})"
        return f"{self.words.functions[name]}({', '.join(bare(p) for p in parts)})"

    def _condition(self, of: Node, i: str, j: str, block: Block) -> str:
        """Return the text of something that is true or false."""
        name = of.primitive if isinstance(of, Operation) else ""
        if isinstance(of, Operation) and name in self.words.conditions:
            parts = [self._at(a, i, j, block) for a in of.arguments]
            return f"({self.words.conditions[name].format(*parts)})"
        if isinstance(of, Operation) and name in LOGIC:
            parts = [self._condition(a, i, j, block) for a in of.arguments]
            return f"({LOGIC[name].format(*parts)})"
        return f"({self._at(of, i, j, block)} {self.words.differs} 0)"

    def _part(self, of: Operation) -> str:
        """Return the array of an operation that reads many cells for one; it is computed once."""
        if id(of) not in self._parts:
            name = self._parts[id(of)] = f"part_{len(self._parts) + 1}"
            if of.primitive == "join":
                self._join(name, of)
            else:
                self._collect(name, of)
        return self._parts[id(of)]

    def _collect(self, target: str, of: Operation) -> None:
        inside = Block(self.words)
        first = of.arguments[0]
        height, width = self._shape(first)
        if of.primitive == "matmul":
            a, b = self._at(first, "i", "k", inside), self._at(of.arguments[1], "k", "j", inside)
            start, take, cell, loops = "0", "s += {};", f"{a} * {b}", {"k": width}
        else:
            start, take, axes = self.words.collecting[of.primitive]
            row, column = "k" if "rows" in axes else "i", "l" if "columns" in axes else "j"
            cell = bare(self._at(first, row, column, inside))
            loops = {at: size for at, size in ((row, height), (column, width)) if at in "kl"}
        taking = self._nest(loops, [*inside.lines, take.format(cell)])
        rows, columns = self._shape(of)
        self._array(target, rows, columns)
        put = f"{target}[{self._index('i', 'j', rows, columns)}] = s;"
        self._lines += self._nest(
            {"i": rows, "j": columns}, [f"{self.words.changing} s = {start};", *taking, put]
        )

    def _join(self, target: str, of: Operation) -> None:
        rows, columns = self._shape(of)
        self._array(target, rows, columns)
        offset = 0
        for part in of.arguments:
            self._fill(target, rows, columns, part, offset)
            width = self._shape(part)[1]
            assert isinstance(width, int)
            offset += width

    def _shape(self, of: Node) -> tuple[Size, Size]:
        rows, columns = of.shape or (1, 1)
        known = self.words.rows
        return (known if rows == "n" else rows), (known if columns == "n" else columns)

    def _number(self, value: float) -> str:
        if value != value:
            return self.words.nan
        if abs(value) == float("inf"):
            return self.words.infinity if value > 0 else f"(-{self.words.infinity})"
        text = repr(value) if self.words.points else repr(value).removesuffix(".0")
        return f"({text})" if value < 0 else text

    def _product(self, rows: Size, columns: Size) -> str:
        return " * ".join(str(s) for s in (rows, columns) if s != 1) or "1"

    def _index(self, i: str, j: str, rows: Size, columns: Size) -> str:
        """Return the place of a cell in an array that holds row after row."""
        parts = []
        if rows != 1 and i != "0":
            parts.append(i if columns == 1 else f"{i} * {columns}")
        if columns != 1 and j != "0":
            parts.append(j)
        return " + ".join(parts) or "0"

    def _nest(self, loops: Mapping[str, Size], body: list[str]) -> list[str]:
        """Return `body` inside loops, the first outermost; an axis of size 1 needs none."""
        declared = (f"{self.words.fixed} ", f"{self.words.changing} ")
        if any(line.startswith(declared) for line in body) and set(loops.values()) == {1}:
            return ["{", *indented(body), "}"]
        for variable, size in reversed(list(loops.items())):
            if size != 1:
                head = f"for ({self.words.counter} {variable} = 0; {variable} < {size}; {variable}++) {{"
                body = [head, *indented(body), "}"]
        return body


def elementwise(expression: Node) -> bool:
    """Return whether each cell of an expression depends on the same cell of what it reads."""
    if isinstance(expression, Operation) and not PRIMITIVES[expression.primitive].elementwise:
        return False
    if isinstance(expression, Call) and not elementwise(expression.body):
        return False
    return all(elementwise(below) for below in children(expression))


def uses(expression: Node) -> Counter[int]:
    """Return how often each node of an expression is read, by its id."""
    counts: Counter[int] = Counter()

    def walk(at: Node) -> None:
        for below in children(at):
            counts[id(below)] += 1
            if counts[id(below)] == 1:
                walk(below)

    walk(expression)
    return counts


def indented(lines: Iterable[str]) -> list[str]:
    """Return lines moved to the right."""
    return [f"  {line}" if line else "" for line in lines]
