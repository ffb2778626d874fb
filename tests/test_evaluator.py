"""The evaluator keeps every value: read-only, in one type, no two names in one memory."""

import numpy as np
import pytest
from agreement import cases

from pellucid.evaluator import Storage, predict, run
from pellucid.network import Network
from pellucid.step import Step

IDENTITY = Network([2, 2, 2], activation="identity")
X = np.array([[1.0, 2.0], [3.0, 4.0]])
UNIT = {"W1": np.eye(2), "b1": np.zeros((1, 2)), "W2": np.eye(2), "b2": np.zeros((1, 2))}


def test_identity_does_not_make_two_names_one_memory():
    """Identity returns its argument; what it named is a copy."""
    made = run(Step(IDENTITY), {"X": X, "y": X, **UNIT})
    assert np.array_equal(made["hidden_1"], made["net_input_1"])
    assert not np.shares_memory(made["hidden_1"], made["net_input_1"])


@pytest.mark.parametrize("case", cases.TABLE, ids=str)
def test_no_two_values_share_memory_and_none_can_be_changed(case):
    for given, values in cases.updates(case):
        arrays = [*values.values(), *(v for v in given.values() if isinstance(v, np.ndarray))]
        places = [a.__array_interface__["data"][0] for a in arrays]
        assert len(set(places)) == len(places)
        for value in values.values():
            assert value.base is None
            with pytest.raises(ValueError, match="read-only"):
                value[...] = 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", cases.TABLE, ids=str)
def test_every_value_has_the_type_of_the_numbers(case, dtype):
    """float32 stays float32, through every formula, schedule and state."""
    for _, values in cases.updates(case, dtype):
        assert {value.dtype for value in values.values()} == {np.dtype(dtype)}


@pytest.mark.parametrize("case", cases.TABLE, ids=str)
def test_single_precision_is_near_double(case):
    for (_, single), (_, double) in zip(
        cases.updates(case, np.float32), cases.updates(case, np.float64), strict=True
    ):
        for name in ("output", "loss"):
            np.testing.assert_allclose(single[name], double[name], rtol=2e-3, atol=2e-4)


def test_given_arrays_are_not_changed_and_may_be_changed_later():
    """A parameter that the caller changes afterwards changes no stored value."""
    given = {"X": X.copy(), "y": X.copy(), **{k: v.copy() for k, v in UNIT.items()}}
    before = {name: value.copy() for name, value in given.items()}
    made = run(Step(IDENTITY), given)
    assert all(np.array_equal(given[name], before[name]) for name in given)
    kept = {name: value.copy() for name, value in made.items()}
    for value in given.values():
        value[...] = 7
    assert all(np.array_equal(made[name], kept[name]) for name in made)


def test_a_view_and_an_argument_are_copied():
    given = np.ones((2, 3))
    storage = Storage({"X": given}, np.float64)
    for name, value in (("same", given), ("view", given.T), ("part", given[:1])):
        stored = storage(name, value)
        assert not np.shares_memory(stored, given)
    twice = storage("twice", storage.values["same"])
    assert not np.shares_memory(twice, storage.values["same"])
    given[...] = 5
    assert storage.values["same"].sum() == 6


def test_a_fresh_result_is_not_copied():
    fresh = np.ones((2, 3)) + 1
    assert Storage({}, np.float64)("fresh", fresh) is fresh


def test_the_number_of_rows_may_be_left_out_or_given():
    given = {"X": X, "y": X + 1, **UNIT}
    assert run(Step(IDENTITY), given)["loss"] * 2 == run(Step(IDENTITY), given | {"n": 1})["loss"]


def test_overflow_is_silent_here():
    """Who trains looks at the loss; a warning in the middle of a step would say less."""
    network = Network([1, 1, 1], activation="exp")
    given = {
        "X": np.array([[1e6]]),
        "y": np.array([[0.0]]),
        "W1": np.ones((1, 1)),
        "b1": np.zeros((1, 1)),
    }
    made = run(Step(network), given | {"W2": np.ones((1, 1)), "b2": np.zeros((1, 1))})
    assert not np.isfinite(made["loss"])


def test_predict_is_the_forward_pass_without_dropout():
    network = Network([2, 2, 2], activation="tanh", dropout=0.5)
    made = predict(network, UNIT, X)
    assert list(made) == ["net_input_1", "hidden_1", "net_input_2", "output"]
    np.testing.assert_array_equal(made["output"], np.tanh(X))
    assert predict(network, UNIT, X.astype(np.float32))["output"].dtype == np.float32
