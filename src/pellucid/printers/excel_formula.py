"""Expressions as spreadsheet formulas: one cell of an equation at a time.

Only functions that Excel and LibreOffice both have are used. A formula has at most 8,192 characters and 64 levels of
parentheses (Microsoft, "Excel specifications and limits").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pellucid.algebra import Call, Cell, Constant, Node, Operation, Symbol, opened
from pellucid.errors import AlgebraError, InputError, explain

# How tightly an operator binds. A minus in front binds more tightly than a power in a spreadsheet,
# so -x^2 would be the square of -x; both get parentheses wherever the two meet.
_COMPARE, _ADD, _MULTIPLY, _POWER, _NEGATIVE, _ATOM = range(6)

_ARITHMETIC = {
    "add": ("+", _ADD),
    "subtract": ("-", _ADD),
    "multiply": ("*", _MULTIPLY),
    "divide": ("/", _MULTIPLY),
}
_COMPARISONS = {
    "less": "<",
    "less_equal": "<=",
    "greater": ">",
    "greater_equal": ">=",
    "equal": "=",
    "not_equal": "<>",
}
# {} is the argument as it is, {inside} the argument in parentheses where it is more than a name.
_FUNCTIONS = {
    "absolute": ("ABS({})", _ATOM),
    "sign": ("SIGN({})", _ATOM),
    "floor": ("INT({})", _ATOM),
    "log": ("LN({})", _ATOM),
    "sqrt": ("SQRT({})", _ATOM),
    "sin": ("SIN({})", _ATOM),
    "cos": ("COS({})", _ATOM),
    "tanh": ("TANH({})", _ATOM),
    "erf": ("ERF({})", _ATOM),
    "negative": ("-{inside}", _NEGATIVE),
    # log(1 + x) = 2 asinh(x / (2 √(1 + x))): every digit of a small x counts.
    "log1p": ("2*ASINH({inside}/(2*SQRT(1+{inside})))", _MULTIPLY),
}
_CONDITIONS = ("isnan", "logical_and", "logical_or", "logical_not")
_REDUCTIONS = ("row_sum", "row_max", "column_sum", "total")
_OTHERS = ("exp", "expm1", "power", "maximum", "minimum", "where")
_STRUCTURE = ("matmul", "transpose", "join", "sum_of", "max_of")

PRIMITIVES_WRITTEN = frozenset(
    (
        *_ARITHMETIC,
        *_COMPARISONS,
        *_FUNCTIONS,
        *_CONDITIONS,
        *_REDUCTIONS,
        *_OTHERS,
        *_STRUCTURE,
    )
)

LARGEST_EXPONENT = 709  # EXP of more than 709.78 is an error in a cell
LONGEST, DEEPEST = 8192, 64
# A sum is written out, term by term, while it has at most so many terms and characters.
MOST_TERMS, MOST_CHARACTERS = 12, 250


@dataclass(frozen=True)
class Index:
    """A row or column, counted from 0; `moves` if it is that of the cell that the formula is for.

    An index that does not move gets a dollar sign, so that a formula can be copied over its matrix.
    """

    at: int
    moves: bool = False


# Rows and columns of a part of a matrix; None stands for all.
Place = tuple[Index | None, Index | None]
Refer = Callable[[str, Index | None, Index | None], str]


@dataclass(frozen=True)
class Formula:
    """A formula's text without its equals sign, and whether it has to be entered as an array formula."""

    text: str
    is_array: bool


class _NoBlock(Exception):
    """An expression that only single cells have, not a range of them."""


class ExcelFormula:
    """Writes formulas of cells. A node without a rule raises `AlgebraError`.

    Parameters
    ----------
    refer
        The text for a part of a named matrix: a cell, a range, or the name of a single number.
    sizes
        The sizes that shapes name, such as ``{"n": 3}``.
    most_terms
        Sums of more terms are written with ranges.
    """

    def __init__(
        self, refer: Refer, sizes: Mapping[str, int], *, most_terms: int = MOST_TERMS
    ) -> None:
        self._refer = refer
        self._sizes = sizes
        self._most_terms = most_terms
        self._is_array = False

    def cell(self, expression: Node, row: int, column: int) -> Formula:
        """Return the formula of one cell, counted from 0; both 0 for a single number.

        Raises `InputError` for a formula that is too long or too deep for a cell.
        """
        self._is_array = False
        text = self._text(expression, (Index(row, True), Index(column, True)))
        depth = deepest = 0
        for letter in text:
            depth += (letter == "(") - (letter == ")")
            deepest = max(deepest, depth)
        if len(text) >= LONGEST or deepest > DEEPEST:
            raise InputError(
                explain(
                    expected=f"a formula of at most {LONGEST:,} characters and {DEEPEST} levels for "
                    "a cell of a workbook",
                    got=f"one of {len(text):,} characters and {deepest} levels",
                    do="use a simpler function or smaller layers, or another format",
                )
            )
        return Formula(text, self._is_array)

    def _size(self, of: Node) -> tuple[int, int]:
        if not of.shape:
            return 1, 1
        rows, columns = (s if isinstance(s, int) else self._sizes[s] for s in of.shape)
        return rows, columns

    def _placed(self, of: Node, place: Place) -> Place:
        """Return the place with axes of size 1 repeated, as NumPy does."""
        height, width = self._size(of)
        rows, columns = place
        return Index(0) if height == 1 else rows, Index(0) if width == 1 else columns

    def _text(self, of: Node, place: Place) -> str:
        return self._write(of, place)[0]

    def _inside(self, of: Node, place: Place, binding: int) -> str:
        text, own = self._write(of, place)
        return f"({text})" if own < binding else text

    def _write(self, of: Node, place: Place) -> tuple[str, int]:
        if isinstance(of, Call):
            return self._write(opened(of), place)
        if isinstance(of, Constant):
            return _number(of.value), _ATOM if of.value >= 0 else _NEGATIVE
        if isinstance(of, Symbol):
            return self._refer(of.name, *self._placed(of, place)), _ATOM
        if isinstance(of, Cell):
            return self._refer(of.name, Index(of.row), Index(of.column)), _ATOM
        if not isinstance(of, Operation) or of.primitive not in PRIMITIVES_WRITTEN:
            what = of.primitive if isinstance(of, Operation) else type(of).__name__
            raise AlgebraError(f"The printer {type(self).__name__} has no rule for {what}.")
        place = self._placed(of, place)
        if of.primitive in (*_REDUCTIONS, *_STRUCTURE):
            return getattr(self, f"_{of.primitive}")(of, place)  # type: ignore[no-any-return]
        if None in place:
            self._is_array = True
            if of.primitive == "erf":
                raise _NoBlock  # Excel's ERF takes no ranges
        return self._elementwise(of, place)

    # Element by element: the same text for a cell and, with ranges, for an array formula. There IF
    # takes the place of MAX, MIN, AND and OR, which would make one number of a range.

    def _elementwise(self, of: Operation, place: Place) -> tuple[str, int]:
        name, arguments = of.primitive, of.arguments
        if name in _ARITHMETIC:
            return self._arithmetic(of, place)
        if name in _FUNCTIONS:
            pattern, binding = _FUNCTIONS[name]
            text, own = self._write(arguments[0], place)
            return pattern.format(text, inside=text if own == _ATOM else f"({text})"), binding
        if name in ("logical_and", "logical_or", "where"):
            self._check_condition(of, place)
        if name in (*_COMPARISONS, *_CONDITIONS):
            if name in ("logical_and", "logical_or"):
                a, b = (self._condition(n, place) for n in arguments)
                second = f"IF({b},1,0)"
                text = f"{second},0" if name == "logical_and" else f"1,{second}"
                return f"IF({a},{text})", _ATOM
            return f"IF({self._condition(of, place)},1,0)", _ATOM
        if name == "where":
            condition, (a, b) = arguments[0], (self._text(n, place) for n in arguments[1:])
            return f"IF({self._condition(condition, place)},{a},{b})", _ATOM
        if name == "power":
            if isinstance(arguments[1], Constant) and arguments[1].value == 0:
                return "1", _ATOM  # 0^0 is an error in a cell
            return "^".join(self._inside(n, place, _ATOM) for n in arguments), _POWER
        if name in ("maximum", "minimum"):
            a, b = (self._text(n, place) for n in arguments)
            return _larger(a, b, smaller=name == "minimum", block=None in place), _ATOM
        exponent = self._exponent(arguments[0], place)
        if name == "exp":
            return f"EXP({exponent})", _ATOM
        # exp(x) - 1 = (exp(x) + 1) · tanh(x / 2): every digit of a small x counts.
        return f"(EXP({exponent})+1)*TANH({self._inside(arguments[0], place, _ATOM)}/2)", _MULTIPLY

    def _arithmetic(self, of: Operation, place: Place) -> tuple[str, int]:
        sign, binding = _ARITHMETIC[of.primitive]
        left, right = of.arguments
        tight = binding + (of.primitive in ("subtract", "divide"))
        second = self._inside(right, place, tight)
        second = f"({second})" if second.startswith("-") else second
        return f"{self._inside(left, place, binding)}{sign}{second}", binding

    def _condition(self, of: Node, place: Place) -> str:
        """Return the text of a node as the first argument of IF; any number but 0 is true."""
        if isinstance(of, Operation) and of.primitive in (*_COMPARISONS, "isnan", "logical_not"):
            place = self._placed(of, place)
            if None in place:
                self._is_array = True
            if of.primitive in _COMPARISONS:
                a, b = (self._inside(n, place, _ADD) for n in of.arguments)
                return f"{a}{_COMPARISONS[of.primitive]}{b}"
            if of.primitive == "isnan":
                return f"NOT(ISNUMBER({self._text(of.arguments[0], place)}))"
            return f"NOT({self._condition(of.arguments[0], place)})"
        return self._text(of, place)

    def _check_condition(self, of: Operation, place: Place) -> None:
        """Raise `_NoBlock` where IF would give fewer numbers than the block has.

        It gives as many as its first argument.
        """
        sizes = zip(self._size(of.arguments[0]), self._size(of), place, strict=True)
        if any(at is None and given != whole for given, whole, at in sizes):
            raise _NoBlock

    def _exponent(self, of: Node, place: Place) -> str:
        text = self._text(of, place)
        if _at_most_0(of):
            return text
        return _larger(text, str(LARGEST_EXPONENT), smaller=True, block=None in place)

    # Sums and maxima: written out over cells while they are short, else over ranges.

    def _terms(self, of: Node, places: list[Place], block: Place, function: str) -> tuple[str, int]:
        """Return a sum or maximum of an expression over places that together are a block."""
        whole = self._is_array
        try:
            ranged = self._text(of, block)
        except _NoBlock:
            ranged = ""
        self._is_array, array = whole, self._is_array
        if ranged and isinstance(of, Symbol):
            return f"{function}({ranged})", _ATOM
        if function == "SUM" and isinstance(squared := _squared(of), Symbol):
            return f"SUMSQ({self._text(squared, block)})", _ATOM
        if len(places) <= self._most_terms or not ranged:
            if function == "MAX":
                return f"MAX({','.join(self._text(of, at) for at in places)})", _ATOM
            written = _added([self._inside(of, at, _ADD) for at in places])
            if len(written) <= MOST_CHARACTERS or not ranged:
                return written, _ADD
        self._is_array = array
        return f"{function}({ranged})", _ATOM

    def _along_row(self, of: Operation, place: Place, function: str) -> tuple[str, int]:
        rows, inner = place[0], of.arguments[0]
        if rows is None:
            raise _NoBlock
        width = self._size(inner)[1]
        return self._terms(inner, [(rows, Index(c)) for c in range(width)], (rows, None), function)

    def _row_sum(self, of: Operation, place: Place) -> tuple[str, int]:
        return self._along_row(of, place, "SUM")

    def _row_max(self, of: Operation, place: Place) -> tuple[str, int]:
        return self._along_row(of, place, "MAX")

    def _column_sum(self, of: Operation, place: Place) -> tuple[str, int]:
        columns, inner = place[1], of.arguments[0]
        if columns is None:
            raise _NoBlock
        height = self._size(inner)[0]
        return self._terms(
            inner, [(Index(r), columns) for r in range(height)], (None, columns), "SUM"
        )

    def _total(self, of: Operation, place: Place) -> tuple[str, int]:
        inner = of.arguments[0]
        height, width = self._size(inner)
        places: list[Place] = [(Index(r), Index(c)) for r in range(height) for c in range(width)]
        return self._terms(inner, places, (None, None), "SUM")

    def _sum_of(self, of: Operation, place: Place) -> tuple[str, int]:
        return _added([self._inside(n, place, _ADD) for n in of.arguments]), _ADD

    def _max_of(self, of: Operation, place: Place) -> tuple[str, int]:
        return f"MAX({','.join(self._text(n, place) for n in of.arguments)})", _ATOM

    # Matrices.

    def _matmul(self, of: Operation, place: Place) -> tuple[str, int]:
        a, b = of.arguments
        (rows, columns), inner = place, self._size(a)[1]
        if rows is None or columns is None:
            self._is_array = True
            return f"MMULT({self._text(a, (rows, None))},{self._text(b, (None, columns))})", _ATOM
        if inner <= self._most_terms:
            products = [
                f"{self._inside(a, (rows, Index(k)), _MULTIPLY)}*"
                f"{self._inside(b, (Index(k), columns), _MULTIPLY)}"
                for k in range(inner)
            ]
            written = _added(products)
            if len(written) <= MOST_CHARACTERS:
                return written, _ADD if inner > 1 else _MULTIPLY
        return self._inner_product(a, b, rows, columns)

    def _inner_product(self, a: Node, b: Node, row: Index, column: Index) -> tuple[str, int]:
        """Return row times column: SUMPRODUCT where both stand or both lie, else MMULT."""
        standing, lying = _transposed(a), _transposed(b)
        left = (
            self._text(standing, (None, Index(row.at)))
            if standing is not None
            else self._text(a, (row, None))
        )
        right = (
            self._text(lying, (Index(column.at), None))
            if lying is not None
            else self._text(b, (None, column))
        )
        if (standing is None) != (lying is None):
            return f"SUMPRODUCT({left},{right})", _ATOM
        self._is_array = True
        first, second = (left, right) if standing is None else (right, left)
        return f"MMULT({first},{second})", _ATOM

    def _transpose(self, of: Operation, place: Place) -> tuple[str, int]:
        rows, columns = (None if at is None else Index(at.at) for at in place)
        inner = (columns, rows)
        if None not in self._placed(of.arguments[0], inner):
            return self._write(of.arguments[0], inner)
        self._is_array = True
        return f"TRANSPOSE({self._text(of.arguments[0], inner)})", _ATOM

    def _join(self, of: Operation, place: Place) -> tuple[str, int]:
        rows, columns = place
        if columns is None:
            raise _NoBlock
        before = 0
        for block in of.arguments:
            width = self._size(block)[1]
            if columns.at < before + width:
                return self._write(block, (rows, Index(columns.at - before, columns.moves)))
            before += width
        raise AlgebraError(f"column {columns.at} is past the end of the joined blocks")


def _number(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        raise AlgebraError(f"A cell holds finite numbers. Got {value} in a formula.")
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value).upper()


def _added(terms: list[str]) -> str:
    return "".join([terms[0], *(t if t.startswith("-") else f"+{t}" for t in terms[1:])])


def _larger(a: str, b: str, *, smaller: bool, block: bool) -> str:
    if block:
        return f"IF({a}{'<' if smaller else '>'}{b},{a},{b})"
    return f"{'MIN' if smaller else 'MAX'}({a},{b})"


def _transposed(of: Node) -> Node | None:
    is_transpose = isinstance(of, Operation) and of.primitive == "transpose"
    return of.arguments[0] if is_transpose else None  # type: ignore[attr-defined]


def _squared(of: Node) -> Node | None:
    """Return what an expression is the square of."""
    if not isinstance(of, Operation) or of.primitive != "power":
        return None
    base, exponent = of.arguments
    return base if isinstance(exponent, Constant) and exponent.value == 2 else None


def _at_most_0(of: Node) -> bool:
    """Tell whether an expression is 0 or less whatever its symbols are, as far as can be seen."""
    if isinstance(of, Constant):
        return of.value <= 0
    if not isinstance(of, Operation):
        return False
    first, *rest = of.arguments
    if of.primitive == "negative":
        return _at_least_0(first)
    if of.primitive == "minimum":
        return _at_most_0(first) or _at_most_0(rest[0])
    if of.primitive == "multiply":
        return _at_most_0(first) and _at_least_0(rest[0])
    largest = rest[0] if rest else first
    return (
        of.primitive == "subtract"
        and isinstance(largest, Operation)
        and largest.primitive == "row_max"
        and largest.arguments[0] is first
    )


def _at_least_0(of: Node) -> bool:
    if not isinstance(of, Operation):
        return False
    even = of.primitive == "power" and isinstance(of.arguments[1], Constant)
    return of.primitive == "absolute" or (even and of.arguments[1].value % 2 == 0)  # type: ignore[attr-defined]
