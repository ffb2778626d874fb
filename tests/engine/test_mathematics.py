"""The engine's functions are as accurate as they say, and right at the ends."""

import numpy as np
import pytest
from numba import vectorize
from scipy.special import erf

from pellucid.engine import mathematics_float32, mathematics_float64
from pellucid.engine.machine_code import WITHOUT_COMPILER

pytestmark = [
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),  # infinities and NaN are meant here
    pytest.mark.skipif(WITHOUT_COMPILER, reason="millions of numbers"),
]

EXACT = {
    "exp": np.exp,
    "expm1": np.expm1,
    "tanh": np.tanh,
    "log": np.log,
    "log1p": np.log1p,
    "erf": erf,
    "tanh_softplus": lambda x: np.tanh(np.logaddexp(0, x)),
}
BOUND = {np.float32: 3e-7, np.float64: 1e-15}
MODULE = {np.float32: mathematics_float32, np.float64: mathematics_float64}


def points(name, dtype):
    small = np.logspace(-30, 2, 5001)
    x = np.concatenate([np.linspace(-100, 100, 40001), small, -small, [0, 800, -800]]).astype(dtype)
    x = np.concatenate([x, np.array([np.inf, -np.inf, np.nan], dtype)])
    if name == "log":
        return np.append(abs(x), np.array([-1, 0], dtype))
    if name == "log1p":
        return np.concatenate([x[~(x < -1)], -np.linspace(0, 0.9999, 5001).astype(dtype)])
    return x


@pytest.mark.parametrize("dtype", BOUND, ids=lambda d: d.__name__)
@pytest.mark.parametrize("name", EXACT)
def test_accuracy(name, dtype):
    x = points(name, dtype)
    function = getattr(MODULE[dtype], name)
    found = vectorize(lambda v: function(v))(x)
    assert found.dtype == dtype
    wide = x.astype(np.float64 if name == "erf" else np.longdouble)
    exact = EXACT[name](wide)
    tiny = np.finfo(dtype).tiny
    normal = np.isfinite(exact) & (abs(exact) < np.finfo(dtype).max) & (abs(exact) > 2 * tiny)
    error = abs(found[normal] / exact[normal] - 1)
    assert error.max() < BOUND[dtype], x[normal][error.argmax()]
    with np.errstate(all="ignore"):
        rest, wanted = found[~normal], exact[~normal].astype(dtype)
    large = ~(abs(wanted) < 3 * tiny)
    np.testing.assert_array_equal(rest[large], wanted[large])
    assert abs(rest[~large]).max(initial=0) < 3 * tiny
