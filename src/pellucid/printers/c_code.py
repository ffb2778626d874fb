"""A list of equations as C: loops over cells, on flat arrays of doubles, for one row at a time."""

from __future__ import annotations

from typing import ClassVar

from pellucid.printers.loops import CellLoops, Words

_SAME_NAME = ("floor", "exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tanh", "erf")

WORDS = Words(
    infix={"add": "+", "subtract": "-", "multiply": "*", "divide": "/"},
    functions={
        **{name: name for name in _SAME_NAME},
        "absolute": "fabs",
        "sign": "sign",
        "power": "pow",
        "maximum": "fmax",
        "minimum": "fmin",
    },
    conditions={
        "less": "{} < {}",
        "less_equal": "{} <= {}",
        "greater": "{} > {}",
        "greater_equal": "{} >= {}",
        "equal": "{} == {}",
        "not_equal": "{} != {}",
        "isnan": "isnan({})",
    },
    collecting={
        "row_sum": ("0", "s += {};", ("columns",)),
        "column_sum": ("0", "s += {};", ("rows",)),
        "total": ("0", "s += {};", ("rows", "columns")),
        "row_max": ("-INFINITY", "s = fmax(s, {});", ("columns",)),
    },
    taken=frozenset(
        "auto bool break case char const continue default do double else enum extern false float for "
        "goto if inline int long register restrict return short signed sizeof static struct switch "
        "true typedef union unsigned void volatile while main NAN INFINITY NULL "
        "abs acos asin atan atan2 cbrt ceil cos cosh erf erfc exp exp2 expm1 fabs fdim floor fma fmax "
        "fmin fmod frexp gamma hypot j0 j1 jn ldexp lgamma log log10 log1p log2 logb lrint modf nan "
        "pow remainder rint round scalbn sign signbit sin sinh sqrt tan tanh tgamma trunc y0 y1 yn "
        "isnan isinf i j k l s answer predict code_of strcmp".split()
    ),
    function="static inline double {}({})",
    parameter="double ",
    array="double {}[{}];",
    fixed="const double",
    changing="double",
    counter="int",
    rows=1,
    differs="!=",
    nan="NAN",
    infinity="INFINITY",
    points=True,
)

PRIMITIVES_WRITTEN = WORDS.primitives

# The one function that C lacks.
SIGN = """\
static inline double sign(double x) {
  return (x > 0) - (x < 0);
}"""


class CCode(CellLoops):
    """Writes equations as lines of C, for one row."""

    words: ClassVar[Words] = WORDS
