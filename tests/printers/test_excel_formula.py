"""Formulas of cells: they compute what they mean, written out and over ranges, and keep to what a cell can hold."""

import math

import numpy as np
import pytest
import xlsxwriter
from exporters.spreadsheets import recalculated
from printers.expressions import SIZES, expressions
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from pellucid.algebra import PRIMITIVES, Node, Operation, Symbol, call, erf, node
from pellucid.algebra.values import evaluate
from pellucid.errors import AlgebraError, InputError
from pellucid.printers.excel_formula import PRIMITIVES_WRITTEN, ExcelFormula

a, b, c = Symbol("a"), Symbol("b"), Symbol("c")
A, B, D = Symbol("A", ("n", 3)), Symbol("B", (3, 2)), Symbol("D", ("n", 2))
PLACES = {"A": (0, 0, 2, 3), "B": (0, 3, 3, 2), "D": (0, 5, 2, 2)}

# Where formulas stand, and the most terms that are written out there.
LEFT = {10: 12, 20: 0}


def refer_to(places):
    """Return what writes references to matrices that stand at (row, column, height, width)."""

    def refer(name, rows, columns):
        if name not in places:
            return name
        top, left, height, width = places[name]
        if rows is not None and columns is not None:
            fixed = not rows.moves, not columns.moves
            return xl_rowcol_to_cell(top + rows.at, left + columns.at, *fixed)
        first = 0 if rows is None else rows.at, 0 if columns is None else columns.at
        last = (
            height - 1 if rows is None else rows.at,
            width - 1 if columns is None else columns.at,
        )
        return xl_range(top + first[0], left + first[1], top + last[0], left + last[1])

    return refer


def text(expression, row=0, column=0, most_terms=12):
    formula = ExcelFormula(refer_to(PLACES), {"n": 2}, most_terms=most_terms)
    made = formula.cell(node(expression), row, column)
    return f"{{={made.text}}}" if made.is_array else f"={made.text}"


def test_every_primitive_has_a_rule():
    assert set(PRIMITIVES) == PRIMITIVES_WRITTEN


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (a - (b - c), "=a-(b-c)"),
        ((a - b) - c, "=a-b-c"),
        (a / (b * c), "=a/(b*c)"),
        ((a + b) * c, "=(a+b)*c"),
        (-(a + b), "=-(a+b)"),
        (a * -b, "=a*(-b)"),
        # A minus in front of a cell binds more tightly than a power.
        (-(a**2), "=-(a^2)"),
        ((-a) ** 2, "=(-a)^2"),
        ((a**b) ** c, "=(a^b)^c"),
        (-2.0 * a, "=-2*a"),
        (node(-2.0) ** a, "=(-2)^a"),
        (np.exp(a), "=EXP(MIN(a,709))"),
        (np.exp(-abs(a)), "=EXP(-ABS(a))"),
        (np.where(a > b, 1, 0), "=IF(a>b,1,0)"),
        ((a > b) * c, "=IF(a>b,1,0)*c"),
        (np.where((a > b) & (a > c), a, b), "=IF(IF(a>b,IF(a>c,1,0),0),a,b)"),
        (np.where(np.isnan(a), 0, a), "=IF(NOT(ISNUMBER(a)),0,a)"),
        (erf(a / math.sqrt(4)), "=ERF(a/2)"),
        # The row of A goes along when the formula is copied down, the column of B when across.
        (A @ B, "=$A1*D$1+$B1*D$2+$C1*D$3"),
        (A.T @ D, "=$A$1*F$1+$A$2*F$2"),
        (np.sum(A, axis=1, keepdims=True), "=SUM(A1:C1)"),
        (np.sum(A**2), "=SUMSQ(A1:C2)"),
        (np.sum(A * 2, axis=0, keepdims=True), "=A$1*2+A$2*2"),
    ],
)
def test_what_is_written(expression, written):
    assert text(expression) == written


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (A @ B, "{=MMULT(A1:C1,D1:D3)}"),
        (A.T @ D, "=SUMPRODUCT(A1:A2,F1:F2)"),
        (D @ B.T, "=SUMPRODUCT(F1:G1,D1:E1)"),
        (np.sum(np.maximum(A, 0)), "{=SUM(IF(A1:C2>0,A1:C2,0))}"),
    ],
)
def test_many_terms_are_ranges(expression, written):
    assert text(expression, most_terms=1) == written


def test_a_long_product_is_written_over_ranges_without_being_asked():
    wide, tall = Symbol("wide", ("n", 300)), Symbol("tall", (300, 1))
    places = {"wide": (0, 0, 2, 300), "tall": (5, 0, 300, 1)}
    formula = ExcelFormula(refer_to(places), {"n": 2}).cell(wide @ tall, 0, 0)
    assert formula.text == "MMULT(A1:KN1,A6:A305)"
    assert formula.is_array


def written_book(path, tests):
    """Write each (expression, values): its formulas in both forms beside the numbers that they read.

    Return the row where each begins.
    """
    workbook = xlsxwriter.Workbook(str(path))
    sheet, tops, row = workbook.add_worksheet(), [], 0
    for expression, values in tests:
        places, top = {}, row
        tops.append(top)
        for name, value in values.items():
            matrix = np.atleast_2d(value)
            places[name] = (row, 0, *matrix.shape)
            for (i, j), number in np.ndenumerate(matrix):
                sheet.write_number(row + i, j, float(number))
            row += matrix.shape[0]
        height, width = np.atleast_2d(evaluate(expression, values)).shape
        for left, most_terms in LEFT.items():
            printer = ExcelFormula(refer_to(places), {"n": rows_of(values)}, most_terms=most_terms)
            for i, j in np.ndindex(height, width):
                made, at = printer.cell(expression, i, j), (top + i, left + j)
                if made.is_array:
                    sheet.write_array_formula(*at, *at, f"{{={made.text}}}", None, -99)
                else:
                    sheet.write_formula(*at, f"={made.text}", None, -99)
        row = max(row, top + height)
    workbook.close()
    return tops


def rows_of(values):
    return max((np.shape(v)[0] for v in values.values() if np.ndim(v)), default=1)


def totals(found):
    """Yield the expressions, and of each matrix a sum over it: what is written as an array formula."""
    for expression, values in found:
        yield expression, values
        elementwise = (
            isinstance(expression, Operation) and PRIMITIVES[expression.primitive].elementwise
        )
        if expression.shape and elementwise:
            yield np.sum(np.maximum(expression, 0.25) * 3), values


def small_numbers():
    """Yield functions at numbers where a careless formula loses digits or overflows."""
    points = np.array([[1e-12, -3e-9, 1e-4, -0.3, 0.7, 5.0]])
    x = Symbol("x", (1, 6))
    for function in (np.log1p, np.expm1, np.tanh, erf):
        yield function(x), {"x": points}
    yield np.log1p(x), {"x": np.array([[-0.999999, 1e9, 1e-300, 0.0, 3.0, 0.1]])}
    far = np.array([[-900.0, -800.0, -50.0, 50.0, 700.0, 0.0]])
    yield np.expm1(x), {"x": far}
    yield np.exp(x), {"x": far}
    yield 1 / (1 + np.exp(x)), {"x": far + 500}


@pytest.mark.needs("soffice")
def test_every_primitive_computes_what_it_means(tmp_path):
    """In both forms, written out and over ranges, in LibreOffice."""
    tests = [t for size in SIZES for t in totals(expressions(*size))] + list(small_numbers())
    tops = written_book(tmp_path / "primitives.xlsx", tests)
    (book,) = recalculated([tmp_path / "primitives.xlsx"], tmp_path)
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    for top, (expression, values) in zip(tops, tests, strict=True):
        expected = np.atleast_2d(np.asarray(evaluate(expression, values), np.float64))
        height, width = expected.shape
        for left in LEFT:
            found = [rows[top + i][left : left + width] for i in range(height)]
            found = np.array(found, np.float64)
            assert np.allclose(found, expected, 1e-13, 1e-300, equal_nan=True), (
                expression,
                values,
            )


class Unknown(Node):
    shape = ()


def test_what_has_no_rule_is_named():
    with pytest.raises(AlgebraError, match="ExcelFormula has no rule for Unknown"):
        text(Unknown())
    with pytest.raises(AlgebraError, match="has no rule for invented"):
        text(Operation("invented", (a,), ()))
    with pytest.raises(AlgebraError, match="finite numbers"):
        text(a + math.inf)


def test_a_formula_too_long_for_a_cell_is_refused():
    x = a
    for _ in range(14):
        x = x * x + 1
    with pytest.raises(InputError, match="at most 8,192 characters"):
        text(x)
    deep = a
    for _ in range(70):
        deep = np.tanh(deep)
    with pytest.raises(InputError, match="64 levels"):
        text(deep)


def test_a_function_is_written_by_its_body():
    slope = Symbol("slope")
    leaky = call("leaky", lambda x, k: np.where(x > 0, x, k * x), A, slope)
    assert text(leaky, 1, 2) == "=IF(C2>0,C2,slope*C2)"
