"""The engine on small shapes: what it computes, what it leaves alone, and when it stops.

With ``NUMBA_DISABLE_JIT=1`` the same tests run its lines as Python (see test_processes.py).
"""

import threading

import numpy as np
import pytest
from agreement import cases
from agreement.relative import assert_agree

from pellucid.blas import one_blas_thread
from pellucid.catalogue import optimizers
from pellucid.engine import kernels
from pellucid.engine.engine import READ_IN_PLACE, Engine
from pellucid.engine.forms import FORMS, ByClass
from pellucid.engine.machine_code import WITHOUT_COMPILER, function
from pellucid.evaluator import predict, run
from pellucid.network import Network
from pellucid.randomness import dropout_mask
from pellucid.step import Step
from pellucid.training.updates import Updates

TWO = pytest.param(
    2, marks=pytest.mark.skipif(WITHOUT_COMPILER, reason="Python's threads wait in turns")
)


def problem(rows=7, sizes=(3, 5, 2), dtype=np.float64, optimizer=None, **network):
    """Return a step, rows, and start parameters."""
    net = Network(sizes, **({"activation": "tanh"} | network))
    rng = np.random.default_rng(5)
    X = rng.normal(size=(rows, sizes[0])).astype(dtype)
    y = rng.normal(size=(rows, sizes[-1])).astype(dtype)
    return Step(net, optimizer or optimizers.Adam(0.01)), X, y, net.start(0, dtype=dtype)


def by_engine(step, X, y, flat, *, threads=1, batch_size=3, **how):
    engine = Engine(step, X, y, batch_size=batch_size, threads=threads)
    flat, states = flat.copy(), engine.states()
    return flat, engine.run(flat, states, **how)


@pytest.mark.parametrize("case", cases.TABLE[:8], ids=str)
def test_loss_and_gradient(case):
    """The objective and the gradient of all rows are the evaluator's."""
    start, step = cases.numbers(case), cases.step(case)
    step = Step(step.network, None, step.reduction, step.weighted, dropout=False)
    loss, gradient = Engine(step, start.X, start.y, start.row_weight).loss_and_gradient(start.flat)
    given = {"X": start.X, "y": start.y, **step.network.views(start.flat), **step.settings}
    if start.row_weight is not None:
        given["row_weight"] = start.row_weight
    values = run(step, given)
    assert_agree(loss, values.get("objective", values["loss"]), 1e-12)
    wanted = [values[f"gradient_{p}"].ravel() for p in step.network.parameter_shapes]
    assert_agree(gradient, np.concatenate(wanted), 1e-12)


def test_penalties_are_in_the_objective():
    step, X, y, flat = problem(l1=0.1, l2=0.2)
    step = Step(step.network)
    loss, gradient = Engine(step, X, y).loss_and_gradient(flat)
    values = run(step, {"X": X, "y": y, **step.network.views(flat), **step.settings})
    assert_agree(loss, values["objective"], 1e-12)
    assert_agree(gradient[:15], values["gradient_W1"].ravel(), 1e-12)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_an_epochs_numbers(reduction):
    """Losses and penalties of every batch, L2 shared by its rows, are those of the evaluator's updates."""
    base, X, y, flat = problem(rows=8, l1=0.1, l2=0.2, l2_by_rows=True)
    weight = np.random.default_rng(1).uniform(0.5, 2, (8, 1))
    weight[3:6] = 0
    step = Step(base.network, optimizers.Adam(0.01), reduction, weighted=True)
    engine, own = Engine(step, X, y, weight, batch_size=3, threads=1), flat.copy()
    made = engine.run(own, engine.states(), epochs=2)
    updates = Updates(step, flat.copy())
    loss = penalty = 0.0
    for epoch in range(2):
        for rows in (slice(0, 3), slice(6, 8)):  # the batch between them has no weight
            values = updates.make(updates.given(X[rows], y[rows], weight[rows], epoch=epoch))
            if epoch:
                loss += len(X[rows]) * values["loss"]
                penalty += len(X[rows]) * values["penalty"]
    assert_agree(own, updates.flat, 1e-12)
    assert_agree(made.mean_losses[1], loss, 1e-12)
    assert_agree(made.penalties[1], penalty, 1e-12)
    assert made.rows.tolist() == [8, 8]
    assert made.updates == 4


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_targets_of_no_and_yes(dtype, smoothing):
    """As booleans they train as they do as numbers, in any order of the rows."""
    options = {"loss": "cross_entropy", "label_smoothing": smoothing, "dtype": dtype}
    step, X, _, flat = problem(**options)
    yes = np.eye(2, dtype=bool)[np.arange(7) % 2]
    for order in (None, np.array([4, 1, 0, 6, 5, 2, 3])):
        own, _ = by_engine(step, X, yes, flat, order=order)
        wanted, _ = by_engine(step, X, yes.astype(dtype), flat, order=order)
        assert_agree(own, wanted, 1e-12 if dtype == np.float64 else 1e-5)


@pytest.mark.parametrize("kind", [*FORMS, "int16", ">f8"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_targets_of_other_types_are_read_where_they_stand(dtype, kind):
    """They train as they do as numbers of the type of X, to the same bits."""
    step, X, _, flat = problem(dtype=dtype)
    y = np.random.default_rng(2).integers(0, 9, (7, 2)).astype(kind)
    y = y + y.dtype.type(0.3) if y.dtype.kind == "f" else y
    for order in (None, np.array([4, 1, 0, 6, 5, 2, 3])):
        own, _ = by_engine(step, X, y, flat, order=order, epochs=1)
        wanted, _ = by_engine(step, X, y.astype(dtype), flat, order=order)
        np.testing.assert_array_equal(own, wanted)


@pytest.mark.parametrize("kind", [bool, *FORMS, "int16", ">f8"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_weights_of_other_types(dtype, kind):
    base, X, y, flat = problem(dtype=dtype)
    weight = np.array([1, 3, 0, 2, 0, 1, 5]).astype(kind)[:, None]
    step = Step(base.network, base.optimizer, weighted=True)
    found = []
    for one in (weight, weight.astype(np.float64)):
        engine, own = Engine(step, X, y, one, batch_size=3, threads=1), flat.copy()
        made = engine.run(own, engine.states(), order=np.array([4, 1, 2, 6, 5, 0, 3]))
        found.append([*own, *made.weights])
    np.testing.assert_array_equal(*found)
    assert made.weights == weight.sum()


@pytest.mark.parametrize("weights", [[1.5, 0.25, 3.0], [0.5, 0.0, 2.0]])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_weights_of_classes(dtype, weights):
    """They are looked up by the numbers of the rows' classes; a batch that weighs nothing makes no update."""
    base, X, y, flat = problem(dtype=dtype)
    of_rows = ByClass(np.array([1, 1, 1, 0, 2, 0, 1], np.uint8)[:, None], np.array(weights))
    step = Step(base.network, base.optimizer, weighted=True)
    for order in (None, np.array([4, 1, 2, 6, 5, 0, 3])):
        found = []
        for one in (of_rows, of_rows[:]):
            engine, own = Engine(step, X, y, one, batch_size=3, threads=1), flat.copy()
            made = engine.run(own, engine.states(), order=order)
            found.append([*own, *made.weights, made.updates])
        np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("threads", [1, TWO])
def test_rows_of_float32_in_float64(threads):
    """They are read where they stand, and train as a copy of them in float64 does, to the same bits."""
    step, X, y, flat = problem(rows=11, dtype=np.float32)
    flat, y = flat.astype(np.float64), y.astype(np.float64)
    for order in (None, np.random.default_rng(0).permutation(11)):
        found = []
        for rows in (X, X.astype(np.float64)):
            engine = Engine(step, rows, y, batch_size=4, threads=threads, dtype=np.float64)
            own = flat.copy()
            engine.run(own, engine.states(), order=order)
            found.append([*own, *engine.loss_and_gradient(own)[1]])
        np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("kind", ["uint8", "uint16", "uint32"])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_numbers_of_classes(smoothing, kind):
    """They stand for a column of each class: of no and yes, or what smoothing makes of them."""
    options = {"loss": "cross_entropy", "label_smoothing": smoothing, "sizes": (3, 5, 4)}
    step, X, _, flat = problem(**options)
    classes = np.array([2, 0, 3, 1, 1, 3, 0])
    for order in (None, np.array([4, 1, 0, 6, 5, 2, 3])):
        own, _ = by_engine(step, X, classes[:, None].astype(kind), flat, order=order)
        wanted, _ = by_engine(step, X, np.eye(4)[classes], flat, order=order)
        assert_agree(own, wanted, 1e-12)


@pytest.mark.parametrize("threads", [1, TWO])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_long_rows_in_an_order_train_as_rows_that_were_put_in_it(dtype, threads):
    """They are read where they stand; the last batch has one row for one thread, and none for the other."""
    inputs = READ_IN_PLACE // np.dtype(dtype).itemsize
    for sizes in ((inputs, 4, 2), (inputs - 1, 4, 2)):
        step, X, y, flat = problem(13, sizes, dtype=dtype)
        order = np.random.default_rng(0).permutation(13)
        how = {"threads": threads, "batch_size": 4}
        own, made = by_engine(step, X, y, flat, order=np.tile(order, 2), epochs=2, **how)
        wanted, _ = by_engine(step, X[order], y[order], flat, epochs=2, **how)
        np.testing.assert_array_equal(own, wanted)
        assert made.updates == 8


def test_some_rows_of_a_table():
    """`order` may leave rows out, so that no copy of the others is needed."""
    step, X, y, flat = problem(rows=9)
    some = np.array([8, 2, 3, 5])
    wanted, _ = by_engine(step, X[some], y[some], flat, epochs=2)
    engine, own = Engine(step, X, y, batch_size=3, count=4, threads=1), flat.copy()
    engine.run(own, engine.states(), order=np.tile(some, 2), epochs=2)
    np.testing.assert_array_equal(own, wanted)


@pytest.mark.parametrize("threads", [1, TWO])
def test_a_limit_and_a_stop(threads):
    """So many updates and no more; one that was told to stop before it began makes one."""
    step, X, y, flat = problem(rows=6)
    engine = Engine(step, X, y, batch_size=3, threads=threads)
    own, states = flat.copy(), engine.states()
    assert engine.run(own, states, epochs=2, limit=3).updates == 3
    made = engine.run(own, states, order=np.array([3, 4, 5, 0, 1, 2]), epoch=1, made=3, limit=1)
    assert (made.updates, made.rows.tolist()) == (1, [3])
    wanted, _ = by_engine(step, X, y, flat, threads=threads, epochs=2)
    np.testing.assert_array_equal(own, wanted)
    engine.stop()
    assert engine.run(own, states, epochs=5).updates == 1
    assert engine.run(own, states, epochs=5).updates == 10


def test_more_rows_than_go_through_at_once(monkeypatch):
    """A large batch is divided, and its gradients are added up."""
    step, X, y, flat = problem(rows=11)
    whole = Engine(step, X, y).loss_and_gradient(flat)
    monkeypatch.setattr("pellucid.engine.engine.CHUNK", 4)
    divided = Engine(step, X, y).loss_and_gradient(flat)
    assert_agree(divided[0], whole[0], 1e-13)
    assert_agree(divided[1], whole[1], 1e-12)


@pytest.mark.parametrize("threads", [1, TWO])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_gradients_of_weights_of_activations_are_added_up(monkeypatch, dtype, threads):
    """Over the parts of a batch and over threads, behind dropout too."""
    parametric = {"parametric_activation": True, "dropout": 0.4, "activation": "mish"}
    step, X, y, flat = problem(rows=21, dtype=dtype, optimizer=optimizers.SGD(0.1), **parametric)
    updates = Updates(step, flat.copy(), seed=3)
    updates.make(updates.given(X, y, None, epoch=0, progress=0.0))
    monkeypatch.setattr("pellucid.engine.engine.CHUNK", 4)
    found, _ = by_engine(step, X, y, flat, threads=threads, batch_size=21, seed=3)
    assert_agree(found, updates.flat, 1e-12 if dtype == np.float64 else 1e-5)
    changed = step.network.views(found)["activation_weight_1"]
    assert (abs(changed - 1) > 1e-4).all()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_predict(dtype):
    step, X, y, flat = problem(dtype=dtype, dropout=0.5)
    out = Engine(step, X, y).predict(flat, X)
    assert out.dtype == dtype
    wanted = predict(step.network, step.network.views(flat), X)["output"]
    assert_agree(out, wanted, 1e-12 if dtype == np.float64 else 1e-5)


@pytest.mark.parametrize("threads", [1, TWO])
def test_same_bits(threads):
    """The same start gives the same parameters, to the last bit, at a fixed number of threads."""
    step, X, y, flat = problem(rows=50, dropout=0.3)
    order = np.concatenate([np.random.default_rng(e).permutation(50) for e in range(3)])
    how = {"threads": threads, "order": order, "epochs": 3, "seed": 4, "batch_size": 16}
    first, second = (by_engine(step, X, y, flat, **how)[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, flat)


def test_epochs_in_one_call_or_several():
    step, X, y, flat = problem()
    together, _ = by_engine(step, X, y, flat, epochs=2)
    engine = Engine(step, X, y, batch_size=3, threads=1)
    states = engine.states()
    for epoch in range(2):
        engine.run(flat, states, epoch=epoch, made=3 * epoch, planned=6)
    np.testing.assert_array_equal(flat, together)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_masks_are_those_of_the_evaluator(dtype):
    """To the last bit, also where a worker's rows begin in the middle of the batch."""
    T = np.dtype(dtype)
    address = kernels.by_hand_kernel("dropout_mask", T.name)
    mask, share, factor = np.zeros((3, 5), T), np.array([0.8]), np.array([0.5])
    seed = np.uint64(2**64 - 3).astype(np.int64)
    at = [int(a.ctypes.data) for a in (mask, share, factor)]
    _call(address, at[0], 3, 5, 2, int(seed), 2, 7, at[1], at[2])
    np.testing.assert_array_equal(mask, dropout_mask(2**64 - 3, 2, 7, 5, 5, 0.4, T)[2:])


def _call(address, *arguments):
    with np.errstate(over="ignore"):
        function(address)(*arguments)


def test_a_loss_that_is_not_finite_ends_it():
    """Nothing is changed by the update that met it, and the updates before are counted."""
    step, X, y, flat = problem(optimizer=optimizers.SGD(0.1))
    X[4] = 1e300
    y[4] = 1e300
    own, made = by_engine(step, X, y, flat, batch_size=2)
    assert (made.bad, made.updates) == ("loss", 2)
    expected, _ = by_engine(step, X[:4], y[:4], flat, batch_size=2)
    np.testing.assert_array_equal(own, expected)


def test_a_parameter_that_is_not_finite_ends_it():
    step, X, y, flat = problem(optimizer=optimizers.SGD(1e308))
    _, made = by_engine(step, X, y * 1e3, flat)
    assert (made.bad, made.updates) == ("parameters", 0)


def test_wrong_memory_is_refused():
    """Addresses are handed on, so shapes and types are looked at first."""
    step, X, y, flat = problem()
    engine = Engine(step, X, y)
    with pytest.raises(ValueError, match="32 parameters"):
        engine.run(flat[:5].copy(), engine.states())
    with pytest.raises(ValueError, match="32 parameters"):
        engine.run(flat.astype(np.float32), engine.states())
    with pytest.raises(ValueError, match="orders of 7 rows"):
        engine.run(flat, engine.states(), order=np.full(7, 7))


def test_own_activation(monkeypatch, tmp_path):
    """A user's own formula is printed into a file of the cache, and agrees with the evaluator."""
    monkeypatch.setenv("PELLUCID_CACHE_DIR", str(tmp_path))

    def bent(x):
        return np.where(x > 0, x, 0.3 * np.tanh(x)) + 0.05 * np.sin(x)

    for parametric in (False, True):
        step, X, y, flat = problem(activation=bent, parametric_activation=parametric)
        flat += 0.2
        step = Step(step.network)
        engine = Engine(step, X, y)
        wanted = run(step, {"X": X, "y": y, **step.network.views(flat)})
        assert_agree(engine.predict(flat, X), wanted["output"], 1e-12)
        gradients = [wanted[f"gradient_{p}"].ravel() for p in step.network.parameter_shapes]
        assert_agree(engine.loss_and_gradient(flat)[1], np.concatenate(gradients), 1e-12)
    assert len(list((tmp_path / "pellucid").glob("kernels_*.py"))) > 0


def test_blas_limits_are_counted():
    """The last of several to leave puts the number of threads back."""
    from threadpoolctl import threadpool_info

    def threads():
        return [i["num_threads"] for i in threadpool_info() if i["user_api"] == "blas"]

    before = threads()
    first, second = one_blas_thread(), one_blas_thread()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert set(threads()) == {1}
    second.__exit__(None, None, None)
    assert threads() == before


@pytest.mark.skipif(WITHOUT_COMPILER, reason="Python's threads wait in turns")
def test_two_trainings_at_once():
    """Two threads that train, each with two workers, do not disturb each other."""
    step, X, y, flat = problem(rows=60)
    how = {"threads": 2, "epochs": 20, "batch_size": 10}
    wanted, _ = by_engine(step, X, y, flat, **how)
    found = []

    def train():
        found.append(by_engine(step, X, y, flat, **how)[0])

    threads = [threading.Thread(target=train) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in found:
        np.testing.assert_array_equal(one, wanted)
    assert len(found) == 2
