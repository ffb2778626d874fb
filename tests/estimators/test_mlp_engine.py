"""The engine of an MLP's fit: what chooses it, that it changes no result, and what it hears."""

import os
import signal
import subprocess
import sys
import threading
import warnings

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import pellucid
from pellucid import DivergedError, InputError, MLPClassifier, MLPRegressor
from pellucid.errors import AlgebraError
from pellucid.estimators.mlp_epochs import counted
from pellucid.training import choice
from pellucid.training.events import EpochStarted, every_update

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
SIGNAL = X @ RNG.normal(size=(3, 3))
CLASSES = np.argmax(SIGNAL, axis=1)
CURVES = ("loss_curve_", "n_iter_", "t_", "best_loss_", "_no_improvement_count")


def alone(event):
    """A listener: with one, each epoch is a call of its own."""


def weights(model):
    return np.concatenate([w.ravel() for w in (*model.coefs_, *model.intercepts_)])


OPTIONS = {
    "all epochs": {"tol": 0.0},
    "an end inside a call": {"tol": 1e-3, "n_iter_no_change": 3, "solver": "sgd"},
    "an end at once": {"tol": 10.0, "n_iter_no_change": 1},
    "not shuffled": {"shuffle": False, "tol": 1e-3, "n_iter_no_change": 3},
    "all rows at once": {"batch_size": 60, "tol": 1e-4, "learning_rate_init": 0.05},
    "a schedule": {"learning_rate": pellucid.Cosine(0.01), "tol": 0.0},
}


@pytest.mark.parametrize("options", OPTIONS)
def test_epochs_of_one_call_are_those_of_many(options):
    """To the last bit, with the same curves, and with as many numbers drawn from the generator."""
    found = []
    for listeners, engine in ((None, "compiled"), ([alone], "compiled"), (None, "numpy")):
        state = np.random.RandomState(3)
        given = {"max_iter": 150, "batch_size": 16, "random_state": state} | OPTIONS[options]
        model = MLPClassifier((4,), engine=engine, listeners=listeners, **given).fit(X, CLASSES)
        found.append((model, state.randint(2**30)))
        assert model.engine_ == engine
        assert len(model.history_) == model.n_iter_ == len(model.loss_curve_)
        assert list(model.history_.curve("loss")) == model.loss_curve_
    (joined, drawn), (single, also_drawn), (numpy, drawn_by_numpy) = found
    np.testing.assert_array_equal(weights(joined), weights(single))
    assert drawn == also_drawn == drawn_by_numpy
    for name in CURVES:
        assert getattr(joined, name) == getattr(single, name)
        np.testing.assert_allclose(getattr(numpy, name), getattr(joined, name), rtol=1e-8)
    np.testing.assert_allclose(weights(numpy), weights(joined), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("patience", [0, 1, 3, np.inf])
def test_the_rule_of_the_end_is_that_of_a_loop(patience):
    """scikit-learn's, epoch by epoch, from any place on."""
    rng = np.random.default_rng(1)
    for _ in range(50):
        losses, tol = np.round(rng.uniform(0, 1, 12), 1), rng.choice([0.0, 0.1])
        best, waited = rng.choice([np.inf, 0.5]), int(rng.integers(2))
        expected, count = best, waited
        for made, loss in enumerate(losses, 1):
            count = count + 1 if loss > expected - tol else 0
            expected = min(loss, expected)
            end = made
            if count > patience:
                break
        assert counted(losses, best, waited, tol, patience) == (end, expected, count)


def test_rows_without_weight():
    """Batches in which no row counts make no update, and their rows are seen."""
    weight = np.ones(60)
    weight[16:32] = 0
    options = {"shuffle": False, "batch_size": 16, "max_iter": 4, "random_state": 0}
    options |= {"solver": "sgd", "learning_rate": pellucid.InverseScaling(0.1)}
    numpy, compiled = (
        MLPRegressor(hidden_layer_sizes=(4,), engine=engine, **options).fit(
            X, SIGNAL, sample_weight=weight
        )
        for engine in ("numpy", "compiled")
    )
    np.testing.assert_allclose(weights(numpy), weights(compiled), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(numpy.loss_curve_, compiled.loss_curve_, rtol=1e-9)
    assert (numpy.t_, numpy._optimizer.number) == (compiled.t_, compiled._optimizer.number)
    for engine in ("numpy", "compiled"):
        with pytest.raises(InputError, match="a weight of 0 in every row"):
            MLPClassifier(engine=engine, class_weight=dict.fromkeys(range(3), 0.0)).fit(X, CLASSES)


def test_threads_agree():
    """Bit for bit at a fixed number; between numbers by rounding."""
    one, two, again = (
        MLPClassifier((8,), engine="compiled", n_jobs=n, max_iter=20, random_state=0).fit(
            X, CLASSES
        )
        for n in (1, 2, 2)
    )
    np.testing.assert_array_equal(weights(two), weights(again))
    np.testing.assert_allclose(weights(one), weights(two), rtol=1e-8, atol=1e-10)


def test_what_cannot_be_compiled(monkeypatch):
    """Under "auto" NumPy trains; who asks for the compiled engine is told why not."""
    monkeypatch.setattr(choice, "LOADING", 0.0)
    monkeypatch.setattr(choice, "COMPILING", 0.0)
    options = {"max_iter": 2, "listeners": [every_update(lambda event: None)]}
    assert MLPClassifier(**options).fit(X, CLASSES).engine_ == "numpy"
    with pytest.raises(InputError, match=r"hears every update.*engine='auto'"):
        MLPClassifier(engine="compiled", **options).fit(X, CLASSES)
    assert MLPClassifier(max_iter=2).fit(X, CLASSES).engine_ == "compiled"


def test_without_numba(monkeypatch):
    def missing():
        raise ModuleNotFoundError("No module named 'numba'")

    monkeypatch.setattr(choice, "LOADING", -1.0)
    monkeypatch.setattr(choice, "COMPILING", -1.0)
    monkeypatch.setattr("pellucid.engine.kernels.train", missing)
    assert MLPClassifier(max_iter=2).fit(X, CLASSES).engine_ == "numpy"
    with pytest.raises(InputError, match="no Numba"):
        MLPClassifier(engine="compiled").fit(X, CLASSES)


def test_a_formula_that_no_kernel_has(monkeypatch):
    def cannot(*_, **__):
        raise AlgebraError("no rule")

    monkeypatch.setattr(choice, "LOADING", -1.0)
    monkeypatch.setattr(choice, "COMPILING", -1.0)
    monkeypatch.setattr("pellucid.engine.engine.Engine.__init__", cannot)
    assert MLPClassifier(max_iter=2).fit(X, CLASSES).engine_ == "numpy"
    with pytest.raises(InputError, match=r"cannot compile \(no rule\)"):
        MLPClassifier(engine="compiled").fit(X, CLASSES)


@pytest.mark.parametrize(
    "wrong", [{"engine": "gpu"}, {"engine": None}, {"n_jobs": 0}, {"n_jobs": 1.5}]
)
def test_parameters_are_checked(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        MLPClassifier(**wrong).fit(X, CLASSES)


def test_files_keep_it(tmp_path):
    model = MLPClassifier(engine="compiled", n_jobs=2, max_iter=2).fit(X, CLASSES)
    model.save(tmp_path / "model.pellucid")
    again = pellucid.load(tmp_path / "model.pellucid")
    assert (again.engine, again.n_jobs, again.engine_) == ("compiled", 2, "compiled")


DIVERGING = {
    "a loss": {"solver": "sgd", "learning_rate_init": 1e3},
    "a loss at once": {"solver": "sgd", "learning_rate_init": 1e200},
    # After two epochs, in the middle of a call, a rate that is infinite makes such weights.
    "a weight": {"learning_rate": pellucid.StepDecay(20.0, drop=1e308, every=2), "alpha": 0.0},
}


@pytest.mark.parametrize("options", DIVERGING)
def test_divergence_is_told_in_the_same_words(options):
    told = []
    for engine in ("numpy", "compiled"):
        model = MLPRegressor(random_state=0, engine=engine, **DIVERGING[options])
        model.set_params(batch_size=8, activation="identity")
        with pytest.raises(DivergedError, match=r"Epoch \d+, batch \d+: ") as caught:
            model.fit(X, SIGNAL)
        told.append(str(caught.value).split("where the loss was")[0])
    assert told[0] == told[1]
    where = "Epoch 3, batch 1: " if options == "a weight" else "in layer 2"
    assert where in str(caught.value)


# So many rows that a compiled epoch of single rows takes a second or two.
MANY = np.random.default_rng(0).normal(size=(1_000_000, 3))
ENDLESS = {"batch_size": 1, "shuffle": False, "max_iter": 1, "engine": "compiled", "n_jobs": 1}


@pytest.fixture
def ctrl_c():
    """Ctrl-C as Python handles it by itself; a test runner's worker may ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: os.kill(os.getpid(), signal.SIGINT)
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_ends_a_compiled_epoch_after_the_update_at_hand(ctrl_c):
    timers = []

    def listener(event):
        if isinstance(event, EpochStarted):
            timers.append(threading.Timer(0.1, ctrl_c))
            timers[0].start()

    before = threadpool_info()
    model = MLPRegressor(hidden_layer_sizes=(3,), listeners=[listener], **ENDLESS)
    with pytest.warns(UserWarning, match="interrupted by user"):
        model.fit(MANY, MANY[:, 0])
    assert 0 < model.t_ == model._optimizer.number < len(MANY)
    assert threadpool_info() == before


def test_a_time_limit_ends_a_compiled_epoch():
    model = MLPRegressor(hidden_layer_sizes=(3,), time_limit=0.1, **ENDLESS).fit(MANY, MANY[:, 0])
    assert 0 < model.t_ < len(MANY)
    assert model.stopped_because_ == "the time limit of 0.1 seconds was reached"


def test_a_time_limit_ends_a_call_of_many_epochs():
    options = {"max_iter": 10**6, "tol": 0.0, "n_iter_no_change": np.inf, "random_state": 0}
    model = MLPRegressor(hidden_layer_sizes=(4,), engine="compiled", **options)
    model.set_params(max_iter=1).fit(X, SIGNAL)  # kernels are compiled, which takes its time once
    model.set_params(max_iter=10**6, time_limit=0.05).fit(X, SIGNAL)
    assert 1 < model.n_iter_ == len(model.loss_curve_) == len(model.history_) < 10**6
    assert model._optimizer.number == model.n_iter_  # of one update each
    assert "time limit" in model.stopped_because_


def test_blas_threads_are_put_back_after_an_error():
    before = threadpool_info()
    with pytest.raises(DivergedError):
        MLPRegressor(solver="sgd", learning_rate_init=1e200, engine="compiled").fit(X, SIGNAL)

    def fail(event):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        MLPRegressor(engine="compiled", listeners=[fail]).fit(X, SIGNAL)
    assert threadpool_info() == before


def fitted(n_jobs=2, seed=0):
    options = {"engine": "compiled", "max_iter": 30, "n_jobs": n_jobs, "batch_size": 10}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return MLPClassifier((9,), random_state=seed, **options).fit(X, CLASSES)


def test_fits_in_two_threads_at_once():
    wanted, found = weights(fitted()), []
    threads = [threading.Thread(target=lambda: found.append(fitted())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for model in found:
        np.testing.assert_array_equal(weights(model), wanted)
    assert len(found) == 2


IN_PROCESSES = """
import os
import warnings
warnings.simplefilter("ignore")
import joblib
import numpy as np
from pellucid import MLPClassifier
X = np.random.default_rng(0).normal(size=(60, 3))
y = (X[:, 0] > 0).astype(int)
def fit(n_jobs):
    model = MLPClassifier((9,), engine="compiled", n_jobs=n_jobs, random_state=0, max_iter=20, batch_size=10)
    return model.fit(X, y).coefs_[0]
"""

JOBLIB = """
wanted = fit(2)
for prefer in ("processes", "threads"):
    for coefs in joblib.Parallel(2, prefer=prefer)(joblib.delayed(fit)(2) for _ in range(4)):
        assert np.array_equal(coefs, wanted)
print("equal")
"""

FORKED = """
wanted = fit(2)
child = os.fork()
if child == 0:
    os._exit(7 if np.array_equal(fit(2), wanted) else 1)
print("equal" if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7 else "other")
"""


@pytest.mark.long
@pytest.mark.parametrize("program", [JOBLIB, FORKED], ids=["joblib", "forked"])
def test_fits_in_other_processes(program):
    """In joblib's workers, and in a child that was forked after a fit: all finish, to the same bits."""
    done = subprocess.run(
        [sys.executable, "-c", IN_PROCESSES + program],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stdout.strip() == "equal", done.stderr[-3000:]


def test_a_small_fit_does_not_import_numba():
    program = (
        IN_PROCESSES
        + "import sys\nMLPClassifier(max_iter=3).fit(X, y)\nprint('numba' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stdout.strip() == "False"


@pytest.mark.long
def test_compiling_is_told_once(tmp_path):
    """By the first process on an empty cache, before its epochs; the second finds all kernels there."""
    program = (
        IN_PROCESSES
        + "MLPClassifier(engine='compiled', max_iter=1, verbose=True, random_state=0).fit(X, y)"
    )
    lines = [
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            timeout=300,
            check=True,
            env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        ).stdout.splitlines()
        for _ in range(2)
    ]
    assert [line.split(",")[0] for line in lines[0]] == ["Compiling", "Iteration 1"]
    assert lines[0][1:] == lines[1]
