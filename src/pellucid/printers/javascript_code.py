"""A list of equations as a JavaScript function: loops over cells, on flat arrays of numbers.

Every value is a `Float64Array` that holds its rows one after the other; a single number has length 1.
The number of rows is not known when the text is written: it is the value `n`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import ClassVar

from pellucid.algebra import Equation, Symbol
from pellucid.printers.loops import CellLoops, Words, indented
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
# What collects many cells in one: the number that it starts from, how a cell is taken in, and over which axes.
_COLLECTING = {
    "row_sum": ("0", "s += {};", ("columns",)),
    "column_sum": ("0", "s += {};", ("rows",)),
    "total": ("0", "s += {};", ("rows", "columns")),
    "row_max": ("-Infinity", "s = Math.max(s, {});", ("columns",)),
}
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
WORDS = Words(
    infix=_INFIX,
    functions=_FUNCTIONS,
    conditions=_CONDITIONS,
    collecting=_COLLECTING,
    taken=_TAKEN,
    function="function {}({})",
    parameter="",
    array="const {} = new Float64Array({});",
    fixed="const",
    changing="let",
    counter="let",
    rows="rows",
    differs="!==",
    nan="NaN",
    infinity="Infinity",
)

PRIMITIVES_WRITTEN = WORDS.primitives


class JavaScriptCode(CellLoops):
    """Writes equations as lines of JavaScript."""

    words: ClassVar[Words] = WORDS


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
    lines += ["", "return {", *indented(results), "};"]
    functions = code.functions()
    if any("erf(" in text for text in (*functions, *lines)):
        functions.insert(0, ERF)
    inside = [line for text in functions for line in text.split("\n")]
    inside += ["return function step(given) {", *indented(lines), "};"]
    return "\n".join(["(() => {", *indented(inside), "})()"])


def _quoted(name: str) -> str:
    return json.dumps(name)
