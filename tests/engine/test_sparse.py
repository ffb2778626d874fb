"""The product of sparse rows is SciPy's, and rows that point elsewhere are refused."""

import numpy as np
import pytest
import scipy.sparse
from agreement.relative import assert_agree
from agreement.sparse_rows import thinned, untidy

from pellucid.catalogue import optimizers
from pellucid.engine import kernels, products
from pellucid.engine.engine import Engine
from pellucid.engine.layout import CHOSEN_AT
from pellucid.engine.machine_code import WITHOUT_COMPILER, function
from pellucid.engine.predictor import Predictor
from pellucid.engine.sparse import SparseRows, handle, in_place
from pellucid.errors import InputError
from pellucid.network import Network
from pellucid.step import Step

TYPES = [(T, index) for T in (np.float32, np.float64) for index in (np.int32, np.int64)]


def drawn(rows=20, inputs=9, dtype=np.float64, index=np.int32):
    rng = np.random.default_rng(3)
    X = thinned(rng.normal(size=(rows, inputs)).astype(dtype), rng)
    return X, untidy(X, rng, index), rng


@pytest.mark.skipif(WITHOUT_COMPILER, reason="calls compiled kernels")
@pytest.mark.parametrize(("dtype", "index"), TYPES)
@pytest.mark.parametrize("add", [False, True])
@pytest.mark.parametrize("kind", ["PLAIN", "OF_TRANSPOSED"])
@pytest.mark.parametrize("width", [1, 5, 70])
def test_product(kind, add, dtype, index, width):
    """In both types of entries and of columns, for rows in any order; nothing else is written."""
    X, given, rng = drawn(dtype=dtype, index=index)
    rows = SparseRows.of(given)
    order = rng.permutation(len(X)).astype(np.int32)[:8]
    table = handle(rows)
    table[CHOSEN_AT] = order.ctypes.data
    chosen = X[order].astype(np.float64)
    kind = getattr(products, kind)
    transposed = kind == products.OF_TRANSPOSED
    left = -chosen.T if transposed else chosen
    B = rng.normal(size=(left.shape[1], width)).astype(dtype)
    whole = rng.normal(size=(len(left) + 2, width)).astype(dtype)
    before = whole.copy()
    C = whole[1:-1]
    call = function(kernels.sparse_product(np.dtype(dtype).name, np.dtype(index).name))
    sizes = (len(left), width, left.shape[1])
    call(*(int(a.ctypes.data) for a in (table, B, C)), *sizes, kind, add, 0)
    wanted = left @ B.astype(np.float64) + (before[1:-1] if add else 0)
    np.testing.assert_allclose(C, wanted, rtol=0, atol=20 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(whole[[0, -1]], before[[0, -1]])


@pytest.mark.parametrize("scaled", [False, True])
def test_some_rows_in_chunks(monkeypatch, scaled):
    """More rows than a chunk, named by an order, train and predict as the dense ones do."""
    monkeypatch.setattr("pellucid.engine.engine.CHUNK", 3)
    X, given, rng = drawn()
    net = Network((9, 4, 2), activation="tanh", input_scale=scaled, l2=0.1)
    y, order = rng.normal(size=(20, 2)), rng.permutation(20)[:16]
    step, found = Step(net, optimizers.Adam(0.01)), []
    for rows in (X, given):
        flat = net.start(0)
        engine = Engine(step, rows, y, batch_size=8, count=16, threads=1)
        made = engine.run(flat, engine.states(), order=order)
        found.append((flat, made.losses, engine.predict(flat, rows)))
    for dense, sparse in zip(*found, strict=True):
        assert_agree(sparse, dense, 1e-12)


def test_predictions_are_those_of_dense_rows():
    X, given, _ = drawn()
    net = Network((9, 4, 2), activation="tanh")
    flat = net.start(0)
    dense = Predictor(net, np.float64, 4)(flat, X)
    predictor = Predictor(net, np.float64, 4, sparse="int32")
    assert_agree(predictor.of_sparse(flat, in_place(given, np.float64)), dense, 1e-12)
    with pytest.raises(ValueError, match="Expected sparse rows"):
        predictor.of_sparse(flat, in_place(given[:, :8], np.float64))


def test_nothing_is_copied():
    _, given, _ = drawn()
    rows = in_place(given, np.float64)
    for own, theirs in ((rows.data, given.data), (rows.columns, given.indices)):
        assert np.shares_memory(own, theirs)


def spoiled(**arrays):
    made = scipy.sparse.csr_array(np.diag([1.0, 2.0, 3.0]))
    for name, values in arrays.items():
        setattr(made, name, np.array(values, np.int32))
    return made


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (spoiled(indices=[0, 1, 3]), "Got column 3 in row 2"),
        (spoiled(indices=[0, -1, 2]), "Got column -1 in row 1"),
        (spoiled(indptr=[0, 2, 1, 3]), "Got an indptr"),
        (spoiled(indptr=[0, 1, 2, 4]), "at most 3,"),
        (spoiled(indptr=[-1, 1, 2, 3]), "rise from 0"),
        (spoiled(indptr=[0, 1, 3]), "for each row"),
        (scipy.sparse.csc_array((3, 3)), "Got another format"),
    ],
)
def test_rows_that_point_elsewhere(wrong, words):
    """Compiled code would read there, so they are refused."""
    with pytest.raises(InputError, match=rf"3 rows and 3 columns.*{words}"):
        in_place(wrong, np.float64)
