"""The formula of a single cell gives that cell's number, for every cell of every equation."""

import numpy as np
import pytest
from agreement import cases
from agreement.relative import assert_agree

from pellucid.algebra.values import evaluate
from pellucid.views.scalar import cell_expression

# Softmax inside, batches, clipping, dropout, row weights: a handful has every kind of formula.
CASES = [*cases.TABLE, *cases.random_cases(8)]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_cell(case):
    """To 1e-12: a sum over cells adds up in another order than a matrix product does."""
    given, values = next(iter(cases.updates(case)))
    known, sizes = given | values, {"n": len(given["X"])}
    for equation in cases.step(case).equations:
        expected = np.atleast_2d(values[equation.name])
        found = [
            [
                float(evaluate(cell_expression(equation.expression, i, j, sizes), known))
                for j in range(expected.shape[1])
            ]
            for i in range(expected.shape[0])
        ]
        assert_agree(found, expected, 1e-12, equation.name)
