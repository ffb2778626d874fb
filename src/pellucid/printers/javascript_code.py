"""A list of equations as a JavaScript function: loops over cells, on flat arrays of numbers.

Every value is a `Float64Array` that holds its rows one after the other; a single number has length 1.
The number of rows is not known when the text is written: it is the value `n`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

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
from pellucid.printers.plain_text import equation_text

_INFIX = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "power": "**",
    "sum_of": "+",
}
_FUNCTIONS = {
    "absolute": "Math.abs",
    "sign": "Math.sign",
    "floor": "Math.floor",
    "exp": "Math.exp",
    "expm1": "Math.expm1",
    "log": "Math.log",
    "log1p": "Math.log1p",
    "sqrt": "Math.sqrt",
    "sin": "Math.sin",
    "cos": "Math.cos",
    "tanh": "Math.tanh",
    "erf": "erf",
    "maximum": "Math.max",
    "minimum": "Math.min",
    "max_of": "Math.max",
}
# Conditions are true or false where a condition is asked for, and 1 or 0 where a number is.
_CONDITIONS = {
    "less": "{} < {}",
    "less_equal": "{} <= {}",
    "greater": "{} > {}",
    "greater_equal": "{} >= {}",
    "equal": "{} === {}",
    "not_equal": "{} !== {}",
    "isnan": "Number.isNaN({})",
}
_LOGIC = {"logical_and": "{} && {}", "logical_or": "{} || {}", "logical_not": "!{}"}
# What collects many cells in one: the number that it starts from, how a cell is taken in, and over which axes.
_COLLECTING = {
    "row_sum": ("0", "s += {};", ("columns",)),
    "column_sum": ("0", "s += {};", ("rows",)),
    "total": ("0", "s += {};", ("rows", "columns")),
    "row_max": ("-Infinity", "s = Math.max(s, {});", ("columns",)),
}
_SPECIAL = ("negative", "where", "transpose", "join", "matmul")

PRIMITIVES_WRITTEN = frozenset(
    (*_INFIX, *_FUNCTIONS, *_CONDITIONS, *_LOGIC, *_COLLECTING, *_SPECIAL)
)

# The one function that JavaScript lacks. Below 3 the series of Abramowitz & Stegun 1964, eq. 7.1.6, whose terms
# are all positive; above it the continued fraction 7.1.14, from the inside out.
ERF = """\
function erf(x) {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  const scale = Math.exp(-a * a) / Math.sqrt(Math.PI);
  if (a < 3) {
    let term = 2 * x, sum = term;
    for (let k = 1; Math.abs(term) > 1e-17 * Math.abs(sum); k++) {
      term *= (2 * x * x) / (2 * k + 1);
      sum += term;
    }
    return scale * sum;
  }
  let below = a;
  for (let k = 60; k > 0; k--) below = a + k / 2 / below;
  return Math.sign(x) * (1 - scale / below);
}"""

# Words that JavaScript keeps for itself, and names that the text uses.
_TAKEN = frozenset(
    "arguments await break case catch class const continue debugger default delete do else enum "
    "eval export extends false finally for function if implements import in instanceof interface "
    "let new null package private protected public return static super switch this throw true try "
    "typeof var void while with yield Math Number Float64Array Infinity NaN undefined "
    "erf given rows i j k l s".split()
)
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OWN = re.compile(r"(v|part_)\d+")


@dataclass
class _Block:
    """Lines of a loop's inside or a function, and the expressions that have a variable there."""

    lines: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)

    def keep(self, text: str) -> str:
        """Return the variable that holds the value of `text`, or `text` if it is one."""
        if _IDENTIFIER.fullmatch(text):
            return text
        if text not in self.known:
            self.known[text] = f"v{len(self.known) + 1}"
            self.lines.append(f"const {self.known[text]} = {bare(text)};")
        return self.known[text]


class JavaScriptCode:
    """Writes equations as lines of JavaScript. A node without a rule raises `AlgebraError`.

    Parameters
    ----------
    names
        The names of all values: inputs, and what the equations compute.
    equations
        What is going to be written.
    """

    def __init__(self, names: Sequence[str], equations: Sequence[Equation]) -> None:
        self._taken = set(_TAKEN)
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
        return [self._function(f) for f in self._functions if _elementwise(f.body)]

    def equation(self, of: Equation) -> list[str]:
        """Return the lines that compute an equation into the variable of its name."""
        self._lines = []
        self._uses += _uses(of.expression)
        rows, columns = of.shape or (1, 1)
        self._fill(self.variable(of.name), rows, columns, of.expression)
        return self._lines

    def _function(self, of: Function) -> str:
        block = _Block()
        self._parameters = {id(p): self._word(p.name) for p in of.parameters}
        self._uses += _uses(of.body)
        result = bare(self._at(of.body, "0", "0", block))
        body = _indented([*block.lines, f"return {result};"])
        listed = ", ".join(self._parameters.values())
        self._parameters = {}
        return "\n".join([f"function {of.name}({listed}) {{", *body, "}"])

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
        return f"{word}_" if word in _TAKEN or _OWN.fullmatch(word) else word

    def _fill(self, target: str, rows: Size, columns: Size, of: Node, offset: int = -1) -> None:
        """Write the loops that put each cell of an expression into an array.

        With an `offset`, the array is there and the expression's columns start at that one.
        """
        block = _Block()
        text = self._at(of, "i", "j", block)
        if offset < 0:
            self._array(target, rows, columns)
            place, inner = _index("i", "j", rows, columns), columns
        else:
            inner = of.shape[1] if of.shape else 1
            j = f"{offset} + j" if inner != 1 else str(offset)
            place = _index("i", j, rows, columns)
        block.lines.append(f"{target}[{place}] = {bare(text)};")
        self._lines += _nest({"i": rows, "j": inner}, block.lines)

    def _array(self, target: str, rows: Size, columns: Size) -> None:
        self._lines.append(f"const {target} = new Float64Array({_product(rows, columns)});")

    def _at(self, of: Node, i: str, j: str, block: _Block) -> str:
        """Return the text of one cell of an expression."""
        rows, columns = of.shape or (1, 1)
        # An axis of size 1 is repeated, as NumPy does.
        i, j = ("0" if rows == 1 else i), ("0" if columns == 1 else j)
        if isinstance(of, Constant):
            return _number(of.value)
        if isinstance(of, Symbol):
            if id(of) in self._parameters:
                return self._parameters[id(of)]
            return f"{self.variable(of.name)}[{_index(i, j, rows, columns)}]"
        if isinstance(of, Call):
            return self._call(of, i, j, block)
        if isinstance(of, Operation) and of.primitive in PRIMITIVES_WRITTEN:
            text = self._operation(of, i, j, block)
            return block.keep(text) if self._uses[id(of)] > 1 else text
        what = of.primitive if isinstance(of, Operation) else f"{type(of).__name__} {of!r}"
        raise AlgebraError(f"The printer {type(self).__name__} has no rule for {what}.")

    def _call(self, of: Call, i: str, j: str, block: _Block) -> str:
        function = self._functions.of(of)
        if _elementwise(function.body):
            arguments = ", ".join(bare(self._at(a, i, j, block)) for a in of.arguments)
            return f"{function.name}({arguments})"
        # A function of whole rows is opened, so that its sums become arrays.
        if id(of) not in self._opened:
            self._opened[id(of)] = opened(of)
            self._uses += _uses(self._opened[id(of)])
        return self._at(self._opened[id(of)], i, j, block)

    def _operation(self, of: Operation, i: str, j: str, block: _Block) -> str:
        name = of.primitive
        if name == "transpose":
            return self._at(of.arguments[0], j, i, block)
        if name in _COLLECTING or name in ("matmul", "join"):
            rows, columns = of.shape or (1, 1)
            return f"{self._part(of)}[{_index(i, j, rows, columns)}]"
        if name in _CONDITIONS or name in _LOGIC:
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
        if name in _INFIX:
            return f"({f' {_INFIX[name]} '.join(parts)})"
        return f"{_FUNCTIONS[name]}({', '.join(bare(p) for p in parts)})"

    def _condition(self, of: Node, i: str, j: str, block: _Block) -> str:
        """Return the text of something that is true or false."""
        name = of.primitive if isinstance(of, Operation) else ""
        if isinstance(of, Operation) and name in _CONDITIONS:
            parts = [self._at(a, i, j, block) for a in of.arguments]
            return f"({_CONDITIONS[name].format(*parts)})"
        if isinstance(of, Operation) and name in _LOGIC:
            parts = [self._condition(a, i, j, block) for a in of.arguments]
            return f"({_LOGIC[name].format(*parts)})"
        return f"({self._at(of, i, j, block)} !== 0)"

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
        inside = _Block()
        first = of.arguments[0]
        height, width = first.shape or (1, 1)
        if of.primitive == "matmul":
            a, b = self._at(first, "i", "k", inside), self._at(of.arguments[1], "k", "j", inside)
            start, take, cell, loops = "0", "s += {};", f"{a} * {b}", {"k": width}
        else:
            start, take, axes = _COLLECTING[of.primitive]
            row, column = "k" if "rows" in axes else "i", "l" if "columns" in axes else "j"
            cell = bare(self._at(first, row, column, inside))
            loops = {at: size for at, size in ((row, height), (column, width)) if at in "kl"}
        taking = _nest(loops, [*inside.lines, take.format(cell)])
        rows, columns = of.shape or (1, 1)
        self._array(target, rows, columns)
        put = f"{target}[{_index('i', 'j', rows, columns)}] = s;"
        self._lines += _nest({"i": rows, "j": columns}, [f"let s = {start};", *taking, put])

    def _join(self, target: str, of: Operation) -> None:
        rows, columns = of.shape or (1, 1)
        self._array(target, rows, columns)
        offset = 0
        for part in of.arguments:
            self._fill(target, rows, columns, part, offset)
            width = part.shape[1] if part.shape else 1
            assert isinstance(width, int)
            offset += width


def step_function(inputs: Sequence[Symbol], equations: Sequence[Equation]) -> str:
    """Return a JavaScript expression: a function from the inputs' values to those of the equations.

    It takes and returns an object with a `Float64Array` for each name; `n` is among the inputs.

    Raises
    ------
    AlgebraError
        If an equation holds something that has no rule here.
    """
    names = [*(s.name for s in inputs), *(e.name for e in equations)]
    code = JavaScriptCode(names, equations)
    lines = [f"const {code.variable(s.name)} = given[{_quoted(s.name)}];" for s in inputs]
    lines.append("const rows = given.n[0];")
    for equation in equations:
        lines += ["", f"// {equation_text(equation)}", *code.equation(equation)]
    results = [f"{_quoted(e.name)}: {code.variable(e.name)}," for e in equations]
    lines += ["", "return {", *_indented(results), "};"]
    functions = code.functions()
    if any("erf(" in text for text in (*functions, *lines)):
        functions.insert(0, ERF)
    inside = [line for text in functions for line in text.split("\n")]
    inside += ["return function step(given) {", *_indented(lines), "};"]
    return "\n".join(["(() => {", *_indented(inside), "})()"])


def _elementwise(expression: Node) -> bool:
    if isinstance(expression, Operation) and not PRIMITIVES[expression.primitive].elementwise:
        return False
    if isinstance(expression, Call) and not _elementwise(expression.body):
        return False
    return all(_elementwise(below) for below in children(expression))


def _uses(expression: Node) -> Counter[int]:
    """Return how often each node of an expression is read, by its id."""
    uses: Counter[int] = Counter()

    def walk(at: Node) -> None:
        for below in children(at):
            uses[id(below)] += 1
            if uses[id(below)] == 1:
                walk(below)

    walk(expression)
    return uses


def _number(value: float) -> str:
    if value != value:
        return "NaN"
    if abs(value) == float("inf"):
        return "Infinity" if value > 0 else "(-Infinity)"
    text = repr(value).removesuffix(".0")
    return f"({text})" if value < 0 else text


def _size(size: Size) -> str:
    return "rows" if size == "n" else str(size)


def _product(rows: Size, columns: Size) -> str:
    sizes = [_size(s) for s in (rows, columns) if s != 1]
    return " * ".join(sizes) or "1"


def _index(i: str, j: str, rows: Size, columns: Size) -> str:
    """Return the place of a cell in an array that holds row after row."""
    parts = []
    if rows != 1 and i != "0":
        parts.append(i if columns == 1 else f"{i} * {_size(columns)}")
    if columns != 1 and j != "0":
        parts.append(j)
    return " + ".join(parts) or "0"


def _nest(loops: Mapping[str, Size], body: list[str]) -> list[str]:
    """Return `body` inside loops, the first outermost; an axis of size 1 needs none."""
    if any(line.startswith(("const ", "let ")) for line in body) and set(loops.values()) == {1}:
        return ["{", *_indented(body), "}"]
    for variable, size in reversed(list(loops.items())):
        if size != 1:
            head = f"for (let {variable} = 0; {variable} < {_size(size)}; {variable}++) {{"
            body = [head, *_indented(body), "}"]
    return body


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" if line else "" for line in lines]


def _quoted(name: str) -> str:
    return json.dumps(name)
