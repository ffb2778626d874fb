"""How the MLPs predict: by kernels or by NumPy, the short way or the long one, always what the two lists say."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.neural_network import MLPClassifier as Theirs, MLPRegressor as TheirRegressor

from pellucid import MLPClassifier, MLPRegressor
from pellucid.catalogue import names
from pellucid.catalogue.activations import OwnActivation
from pellucid.errors import InputError
from pellucid.estimators import mlp_predict
from pellucid.step import forward

pytestmark = pytest.mark.filterwarnings("ignore:.*Maximum iterations")
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 5))
CLASSES = RNG.integers(0, 3, 60)
NUMBERS = RNG.normal(size=(60, 2))
ENGINES = ["compiled", "numpy"]


def classifier(engine, **options):
    options = {"max_iter": 4, "random_state": 0, "activation": "tanh", **options}
    return MLPClassifier((7, 7), engine=engine, **options).fit(X, CLASSES)


@pytest.fixture(scope="module", params=ENGINES)
def fitted(request):
    return classifier(request.param)


@pytest.fixture
def model(fitted):
    return copy.deepcopy(fitted)


@pytest.fixture(scope="module")
def theirs():
    return Theirs((7, 7), max_iter=4, random_state=0, activation="tanh").fit(X, CLASSES)


@pytest.mark.parametrize("rows", [1, 2, 1024, 1025, 9000])
def test_any_number_of_rows(model, theirs, rows):
    many = np.random.default_rng(1).normal(size=(rows, 5))
    np.testing.assert_allclose(
        model.predict_proba(many), theirs.predict_proba(many), rtol=1e-9, atol=1e-12
    )
    assert np.array_equal(model.predict(many), theirs.predict(many))


@pytest.mark.parametrize(
    "rows",
    [
        np.asfortranarray(X),
        X[::2],
        X[:, ::-1],
        X.astype(np.float32),
        X.round().astype(int),
        X.tolist(),
        np.frombuffer(X.tobytes()).reshape(X.shape),
        X.astype(">f8"),
        X.astype(np.longdouble),
    ],
    ids=[
        *("Fortran", "every second", "reversed", "float32", "integers", "lists", "read-only"),
        *("big end first", "long double"),
    ],
)
def test_any_kind_of_array(model, theirs, rows):
    np.testing.assert_allclose(
        model.predict_proba(rows), theirs.predict_proba(rows), rtol=1e-6, atol=1e-7
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_float32_stays_float32(engine):
    small = MLPRegressor(hidden_layer_sizes=(4,), max_iter=3, random_state=0, engine=engine)
    small.fit(X.astype(np.float32), NUMBERS.astype(np.float32))
    assert small.predict(X[:3].astype(np.float32)).dtype == np.float32
    assert small.predict(X[:3]).dtype == np.float64


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_user_puts_into_the_lists_is_used(engine):
    ours = MLPRegressor(hidden_layer_sizes=(5, 5), max_iter=3, random_state=0, engine=engine)
    theirs = TheirRegressor(hidden_layer_sizes=(5, 5), max_iter=3, random_state=0)
    ours.fit(X, NUMBERS)
    theirs.fit(X, NUMBERS)

    def agree():
        np.testing.assert_allclose(ours.predict(X[:1]), theirs.predict(X[:1]), rtol=1e-9)
        np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-9)

    agree()
    for both in (ours, theirs):
        both.coefs_[0][2, 3] = 5.0  # in its place
    agree()
    for both in (ours, theirs):
        both.coefs_[1] = both.coefs_[0].copy()  # another array of the same shape
    agree()
    for both in (ours, theirs):
        both.coefs_[1][0, 0] = -3.0  # and that one in its place
        both.intercepts_[0][:] = 0.5
    agree()
    for both in (ours, theirs):
        both.coefs_[0] = both.coefs_[1]  # one array in two places
    agree()
    for both in (ours, theirs):
        both.coefs_[0], both.coefs_[1] = (both.coefs_[i][:, :4] for i in (0, 1))
        both.coefs_[1], both.coefs_[2] = both.coefs_[1][:4], both.coefs_[2][:4]
        both.intercepts_ = [*(b[:4] for b in both.intercepts_[:2]), both.intercepts_[2]]
    agree()


def test_lists_of_numbers_are_read_anew():
    """An array's change is seen where it stands; that of a list, of which arrays are made, as well."""
    model = classifier("numpy")
    model.coefs_[0] = model.coefs_[0].tolist()
    before = model.predict_proba(X[:1])
    model.coefs_[0][0][0] += 1.0
    assert not np.array_equal(model.predict_proba(X[:1]), before)


HIDDEN = [name for name in names("activation") if name != "own"]
HIDDEN += [lambda x: np.tanh(x) * np.exp(-x * x), lambda x: np.cbrt(x)]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("hidden", HIDDEN, ids=lambda h: h if isinstance(h, str) else "own")
def test_by_numpy_it_is_what_the_lines_of_the_step_compute(hidden, dtype):
    """To the last bit, for every activation; also for a function that is no equation, and of sparse rows."""
    if not isinstance(hidden, str) and hidden is HIDDEN[-1]:
        hidden = OwnActivation(hidden, slope_function=lambda x: 1 / (1 + x * x))
    model = classifier("numpy", activation=hidden)
    model.coefs_ = [W.astype(dtype) for W in model.coefs_]
    model.intercepts_ = [b.astype(dtype) for b in model.intercepts_]
    rows = (30 * X).astype(dtype)
    for some in (rows, rows[:1], scipy.sparse.csr_array(rows)):
        given = {"X": some, **model._parameters()}
        with np.errstate(all="ignore"):
            lines = forward(lambda name, value: value, model.network_, given)
        for wanted in ("hidden_2", "output"):
            found = model._values(some, wanted)
            assert found.dtype == lines[wanted].dtype
            np.testing.assert_array_equal(found, lines[wanted])


def test_numbers_beyond_the_range_of_their_type_are_silent():
    """Whatever NumPy is told to do about them, and told again afterwards."""
    model = classifier("numpy", activation="mish")
    with np.errstate(all="raise"):
        assert np.isfinite(model.predict_proba(1e3 * X)).all()
        with pytest.raises(FloatingPointError):
            np.exp(np.array([1e9]))


@pytest.mark.parametrize("classes", [2, 3])
def test_classes_are_what_the_encoder_gives_back(classes):
    y = np.array(["a", "b", "c"])[np.arange(60) % classes]
    model = MLPClassifier((7,), max_iter=4, random_state=0).fit(X, y)
    wanted = model._label_binarizer.inverse_transform(model._values(X))
    assert np.array_equal(model.predict(X), wanted)
    assert model.predict(X).dtype == wanted.dtype


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])  # noqa: S301
def test_a_copy_goes_its_own_way(model, copied):
    before = model.predict_proba(X[:1])
    other = copied(model)
    assert np.array_equal(other.predict_proba(X[:1]), before)
    other.coefs_[0][:] = 0
    assert not np.array_equal(other.predict_proba(X[:1]), before)
    assert np.array_equal(model.predict_proba(X[:1]), before)


def test_threads_do_not_disturb_each_other(model):
    rows = np.random.default_rng(2).normal(size=(300, 5))
    alone = [model.predict_proba(rows[i : i + 1]) for i in range(300)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda i: model.predict_proba(rows[i : i + 1]), range(300)))
    assert np.array_equal(alone, together)


def test_many_rows_are_worth_loading_kernels_for(monkeypatch):
    model = classifier("numpy").set_params(engine="auto")
    expected = model.predict_proba(X)
    monkeypatch.setattr(mlp_predict, "WORTH_LOADING", 100)
    monkeypatch.setattr(mlp_predict, "are_on_disk", lambda: True)
    assert mlp_predict.is_compiled(model, X)
    np.testing.assert_allclose(model.predict_proba(X), expected, rtol=1e-12)
    assert not mlp_predict.is_compiled(model.set_params(engine="numpy"), X)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_named(model, bad):
    rows = X.copy()
    rows[4, 2] = bad
    with pytest.raises(InputError, match=r"in row 4, column 2"):
        model.predict(rows)


def test_numbers_near_the_end_of_their_range_are_finite(model, theirs):
    rows = np.full((2, 5), 1e300)
    np.testing.assert_allclose(model.predict_proba(rows), theirs.predict_proba(rows), rtol=1e-9)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (X[:, :4], "X has 4 features, but MLPClassifier is expecting 5 features as input"),
        (X[0], "Expected 2D array, got 1D array instead"),
        (X[:0], "minimum of 1 is required"),
        (X[None], "Found array with dim 3"),
    ],
)
def test_shapes_that_do_not_fit_get_scikit_learns_words(model, rows, message):
    with pytest.raises(ValueError, match=message):
        model.predict(rows)


def test_an_array_without_the_names_of_the_fit_is_warned_about():
    frame = pd.DataFrame(X, columns=list("abcde"))
    model = MLPClassifier((3,), max_iter=2, random_state=0).fit(frame, CLASSES)
    theirs = Theirs((3,), max_iter=2, random_state=0).fit(frame, CLASSES)
    messages = []
    for one in (model, theirs):
        with pytest.warns(UserWarning, match="X does not have valid feature names") as warned:
            one.predict(X)
        messages.append(str(warned[0].message))
    assert messages[0] == messages[1]
