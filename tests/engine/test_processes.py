"""What takes another process: the disk cache, running without the compiler, a forked child."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pellucid.engine.machine_code import WITHOUT_COMPILER

pytestmark = pytest.mark.skipif(WITHOUT_COMPILER, reason="starts processes of its own")

SMALL_FIT = """
import numpy as np
import scipy.sparse
from pellucid.engine import kernels
from pellucid.engine.engine import Engine
from pellucid.network import Network
from pellucid.step import Step
from pellucid.catalogue import OPTIMIZERS
def train(threads=1, of=lambda X: X):
    net = Network([2, 3, 1], activation={activation})
    X = np.linspace(-1, 1, 20).reshape(10, 2)
    engine = Engine(Step(net, OPTIMIZERS["sgd"]()), of(X), X[:, :1].copy(), batch_size=5, threads=threads)
    flat, states = net.start(0), engine.states()
    engine.run(flat, states)
    return flat
"""


def python(program, **environment):
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


TOLD = """
import sys
from pellucid.engine.machine_code import telling
compiling = []
with telling(lambda: compiling.append(1)):
    flat = train()
print(len(compiling), "numba" in sys.modules, flat.tobytes().hex())
"""


@pytest.mark.long
def test_second_process_compiles_nothing(tmp_path):
    """The disk serves the loop, printed kernels and a user's own: not even Numba is imported again."""
    own = "lambda x: 0.5 * x + np.tanh(x)"
    environment = {"NUMBA_CACHE_DIR": str(tmp_path), "PELLUCID_CACHE_DIR": str(tmp_path)}
    program = SMALL_FIT.format(activation=own) + TOLD
    first, second = (python(program, **environment).split() for _ in range(2))
    assert first[:2] == ["1", "True"]
    assert second[:2] == ["0", "False"]
    assert first[2] == second[2]


@pytest.mark.long
def test_kernels_of_sparse_rows_are_compiled_when_these_come(tmp_path):
    """And not before: dense rows do not wait for them. A second process finds them on the disk."""
    environment = {"NUMBA_CACHE_DIR": str(tmp_path), "PELLUCID_CACHE_DIR": str(tmp_path)}
    dense = SMALL_FIT.format(activation="'tanh'") + TOLD
    sparse = dense.replace("flat = train()", "flat = train(of=scipy.sparse.csr_array)")
    python(dense, **environment)
    assert not list(tmp_path.glob("sparse*"))
    first, second = (python(sparse, **environment).split() for _ in range(2))
    assert list(tmp_path.glob("sparse_product_float64.int32*"))
    assert first[:2] == ["1", "True"]
    assert second[:2] == ["0", "False"]
    assert first[2] == second[2]


FITTED = """
import sys
import numpy as np
from pellucid import MLPClassifier
X = np.random.default_rng(0).normal(size=(40, 3))
model = MLPClassifier((4,), engine="compiled", max_iter=300, tol=0.01).fit(X, X[:, 0] > 0)
model.predict_proba(X), model.predict_proba(X[:1])
print(model.engine_, "numba" in sys.modules)
"""


def test_a_fit_whose_kernels_are_on_the_disk_does_not_import_numba():
    python(FITTED)
    assert python(FITTED).split() == ["compiled", "False"]


def test_importing_pellucid_does_not_import_numba():
    assert python("import sys, pellucid; print('numba' in sys.modules)").strip() == "False"


def test_unit_tests_pass_without_the_compiler():
    """The kernels are plain Python too, so that a fault can be stepped into."""
    here = Path(__file__).parent
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            str(here / "test_engine.py"),
            "-p",
            "no:cacheprovider",
        ],
        capture_output=True,
        text=True,
        cwd=here.parent.parent,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-4000:]


FORKED = """
import os
train(2)
child = os.fork()
if child == 0:
    train(2)
    os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_forked_child_trains_too():
    assert python(SMALL_FIT.format(activation="'tanh'") + FORKED).strip() == "7"
