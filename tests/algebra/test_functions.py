"""Functions that NumPy does not have."""

import math

import numpy as np
import pytest

from pellucid.algebra import Symbol, erf


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_erf_of_an_array(dtype):
    points = np.linspace(-4, 4, 17).astype(dtype)
    found = erf(points)
    assert found.dtype == dtype
    np.testing.assert_allclose(
        found, [math.erf(p) for p in points], rtol=1e-6 if dtype == np.float32 else 1e-15
    )


def test_erf_of_a_symbol_is_a_node():
    assert erf(Symbol("x", ("n", 1))).primitive == "erf"
