"""The engine's matrix products are NumPy's, for every kind, size and precision."""

import numpy as np
import pytest

from pellucid.engine import kernels, layout, products
from pellucid.engine.machine_code import WITHOUT_COMPILER, function

pytestmark = pytest.mark.skipif(WITHOUT_COMPILER, reason="calls compiled kernels")

UNTOUCHED = 77.0

# (m, n, k): less than a tile, its edges, whole tiles, more steps than go at once, one row or step.
SHAPES = [
    (1, 1, 1), (3, 2, 5), (1, 300, 20), (17, 19, 1), (7, 15, 40), (8, 16, 32), (8, 32, 32),
    (9, 33, 33), (13, 31, 65), (40, 70, 31), (128, 26, 256), (6, 100, 700), (33, 48, 1100),
]  # fmt: skip


def product(kind, A, B, C, *, add):
    m, n = C.shape
    k = A.shape[0] if kind == products.OF_TRANSPOSED else A.shape[1]
    scratch = np.empty(layout.SCRATCH, C.dtype)
    call = function(kernels.by_hand_kernel("product", C.dtype.name))
    at = [int(a.ctypes.data) for a in (A, B, C)]
    call(*at, m, n, k, kind, add, int(scratch.ctypes.data))


def unaligned(shape, dtype, rng=None):
    """Return an array that starts one number after a good place, with guarded numbers behind it."""
    whole = np.full(np.prod(shape) + 65, UNTOUCHED, dtype)
    inner = whole[1:-64].reshape(shape)
    if rng is not None:
        inner[:] = rng.normal(size=shape)
    return whole, inner


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("add", [False, True])
@pytest.mark.parametrize("kind", ["PLAIN", "OF_TRANSPOSED", "WITH_TRANSPOSED"])
def test_product(kind, add, dtype):
    """Compared in double precision, with rounding errors of the sum's own size; nothing else is written."""
    rng = np.random.default_rng(0)
    kind = getattr(products, kind)
    for m, n, k in SHAPES:
        _, A = unaligned((k, m) if kind == products.OF_TRANSPOSED else (m, k), dtype, rng)
        _, B = unaligned((n, k) if kind == products.WITH_TRANSPOSED else (k, n), dtype, rng)
        whole, C = unaligned((m, n), dtype, rng)
        before = C.astype(np.float64) if add else 0.0
        left, right = A.astype(np.float64), B.astype(np.float64)
        left = -left.T if kind == products.OF_TRANSPOSED else left
        right = right.T if kind == products.WITH_TRANSPOSED else right
        product(kind, A, B, C, add=add)
        bound = 4 * np.finfo(dtype).eps * (np.sqrt(k) * (abs(left) @ abs(right)) + abs(before))
        assert (abs(C - (before + left @ right)) <= bound).all(), (m, n, k)
        assert whole[0] == UNTOUCHED
        assert (whole[-64:] == UNTOUCHED).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_product_of_chosen_rows(dtype):
    """Rows that are read where they stand give what a copy of them gives, bit for bit."""
    rng = np.random.default_rng(0)
    call = function(kernels.by_hand_kernel("product", np.dtype(dtype).name))
    scratch = np.empty(layout.SCRATCH, dtype)
    for m, n, k in SHAPES:
        if m == 1 or m * n * k <= products.SMALL_PRODUCT:
            continue
        X, B = rng.normal(size=(m + 9, k)).astype(dtype), rng.normal(size=(k, n)).astype(dtype)
        order = rng.integers(len(X), size=m + 2).astype(np.int32)
        table = np.zeros(layout.SPARSE_COLUMNS, np.int64)
        places = [layout.ENTRIES_AT, layout.CHOSEN_AT, layout.FIRST]
        table[places] = X.ctypes.data, order.ctypes.data, 2
        found = np.full((2, m, n), UNTOUCHED, dtype)
        for A, C, plus in ((X[order[2:]], found[0], 0), (table, found[1], products.CHOSEN)):
            at = [int(a.ctypes.data) for a in (A, B, C)]
            call(*at, m, n, k, products.PLAIN + plus, 0, int(scratch.ctypes.data))
        np.testing.assert_array_equal(found[1], found[0])


def test_not_a_number_stays_in_its_row_and_column():
    """What lies beside a matrix is not multiplied in, and no row disturbs another."""
    A, B = np.ones((20, 50), np.float32), np.ones((50, 40), np.float32)
    A[3, 7] = np.nan
    C = np.empty((20, 40), np.float32)
    product(products.PLAIN, A, B, C, add=False)
    assert np.isnan(C[3]).all()
    assert (np.delete(C, 3, axis=0) == 50).all()
