"""Shapes follow NumPy's rules, for sizes that are numbers and for sizes that are names."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from pellucid.algebra import PRIMITIVES, Symbol, operation
from pellucid.algebra.primitives import broadcast
from pellucid.errors import AlgebraError

SIZES = st.sampled_from([1, 2, 3])
SHAPES = st.one_of(st.just(()), st.tuples(SIZES, SIZES))


@given(SHAPES, SHAPES)
def test_broadcast_is_numpys(a, b):
    try:
        expected = np.broadcast_shapes(a, b)
    except ValueError:
        with pytest.raises(AlgebraError, match="do not match"):
            broadcast(a, b)
    else:
        assert broadcast(a, b) == expected


def test_a_named_size_meets_itself_and_one():
    """The number of rows is not known: it goes with itself and with 1, and with nothing else."""
    assert broadcast(("n", 3), (1, 3)) == ("n", 3)
    assert broadcast((1, 3), ("n", 1)) == ("n", 3)
    assert broadcast(("n", 1), ("n", 1)) == ("n", 1)
    with pytest.raises(AlgebraError, match="sizes n and 2"):
        broadcast(("n", 1), (2, 1))


@pytest.mark.parametrize(
    ("primitive", "shapes", "expected"),
    [
        ("matmul", [("n", 4), (4, 3)], ("n", 3)),
        ("transpose", [("n", 4)], (4, "n")),
        ("row_sum", [("n", 4)], ("n", 1)),
        ("row_max", [("n", 4)], ("n", 1)),
        ("column_sum", [("n", 4)], (1, 4)),
        ("total", [("n", 4)], ()),
        ("total", [()], ()),
        ("join", [("n", 4), ("n", 1), ("n", 2)], ("n", 7)),
        ("join", [("n", 4), (1, 1)], ("n", 5)),
        ("where", [("n", 1), ("n", 3), ()], ("n", 3)),
        ("sum_of", [(), (), ()], ()),
        ("max_of", [(), ()], ()),
    ],
)
def test_shapes(primitive, shapes, expected):
    assert operation(primitive, *(Symbol("s", shape) for shape in shapes)).shape == expected


@pytest.mark.parametrize(
    ("primitive", "shapes", "reason"),
    [
        ("matmul", [("n", 4), (3, 4)], "4 columns meet 3 rows"),
        ("matmul", [(), (3, 4)], "a matrix is needed"),
        ("transpose", [()], "a matrix is needed"),
        ("row_sum", [()], "a matrix is needed"),
        ("column_sum", [()], "a matrix is needed"),
        ("join", [("n", "k")], "a known number of columns"),
        ("join", [("n", 2), (3, 2)], "sizes n and 3"),
    ],
)
def test_wrong_shapes(primitive, shapes, reason):
    """The message names the operation, what it was given with its shapes, and the reason."""
    with pytest.raises(AlgebraError, match=reason) as error:
        operation(primitive, *(Symbol(f"s{i}", shape) for i, shape in enumerate(shapes)))
    assert str(error.value).startswith(f"{primitive} of s0 {shapes[0]}")


def test_wrong_number_of_arguments():
    with pytest.raises(AlgebraError, match="add takes 2 arguments, got 1"):
        operation("add", 1)


def test_element_wise_operations_keep_single_numbers_single():
    for primitive in PRIMITIVES.values():
        if primitive.elementwise:
            assert operation(primitive.name, *[1.0] * primitive.arity).shape == ()
