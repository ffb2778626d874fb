"""The table of numbers covers the vocabulary, and numbers keep the type of the arrays."""

import numpy as np
import pytest

from pellucid.algebra import PRIMITIVES, Cell, Constant, Symbol, operation
from pellucid.algebra.values import NUMPY, evaluate

x = Symbol("x", ("n", 2))


def test_the_table_covers_the_vocabulary():
    assert set(NUMPY) == set(PRIMITIVES), "write the new primitive into NUMPY in algebra/values.py"


ELEMENTWISE = [name for name, primitive in PRIMITIVES.items() if primitive.elementwise]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_numbers_written_in_a_formula_keep_the_arrays_type(name, dtype):
    """A 2.0 in a formula does not turn float32 into float64."""
    array = np.array([[0.5, 1.5]], dtype)
    arguments = [x, *[Constant(2.0)] * (PRIMITIVES[name].arity - 1)]
    if name == "where":
        arguments = [x > 1, Constant(2.0), x]
    found = evaluate(operation(name, *arguments), {"x": array}, dtype)
    assert found.dtype in (dtype, np.bool_)


def test_numbers_among_themselves_are_double_precision():
    """As in the step's lines, where 1 - beta ** t is computed before it meets an array."""
    beta, t = Symbol("beta"), Symbol("t")
    found = evaluate(
        x / (1 - beta**t), {"beta": 0.999, "t": 1, "x": np.ones((1, 1), np.float32)}, np.float32
    )
    assert found.dtype == np.float32
    assert found[0, 0] == np.float32(1) / np.float32(1 - 0.999)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_single_number_has_the_type_asked_for(dtype):
    assert type(evaluate(Constant(2.0) / 3, {}, dtype)) is dtype


def test_python_numbers_do_what_numpys_do():
    """Division by 0 and roots of negative numbers give inf and nan, not an exception or a complex number."""
    a, b = Symbol("a"), Symbol("b")
    assert evaluate(a / b, {"a": 1.0, "b": 0.0}) == np.inf
    assert evaluate(a**b, {"a": 0.0, "b": -1}) == np.inf
    assert np.isnan(evaluate(a**b, {"a": -8.0, "b": 1 / 3}))


def test_sums_and_maxima_over_cells():
    cells = [Cell("x", 0, j) for j in range(2)]
    values = {"x": np.array([[3.0, 4.0]]), "n": 7.0}
    assert evaluate(operation("sum_of", *cells), values) == 7
    assert evaluate(operation("max_of", *cells), values) == 4
    assert evaluate(operation("sum_of", Cell("n", 0, 0)), values) == 7
