"""One update after the other: what is handed on, what is drawn, and ten rows by full batch and one at a time."""

import numpy as np
import pytest

from pellucid.catalogue.optimizers import SGD, Adam
from pellucid.catalogue.schedules import Cosine
from pellucid.network import Network
from pellucid.randomness import dropout_mask
from pellucid.step import Step
from pellucid.training.batches import epoch_batches
from pellucid.training.updates import Updates

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(10, 2)), RNG.normal(size=(10, 1))


def updates(optimizer=None, dtype=np.float64, seed=0, **network):
    net = Network([2, 3, 1], **{"activation": "tanh", **network})
    step = Step(net, optimizer or SGD(0.1))
    return Updates(step, net.start(1, dtype=dtype), seed=seed)


def make(maker, rows=slice(None), **time):
    given = maker.given(X[rows].astype(maker.dtype), Y[rows].astype(maker.dtype), **time)
    return maker.make(given)


def test_the_next_update_starts_where_the_last_one_ended():
    maker = updates()
    first = make(maker)
    assert np.array_equal(maker.parameters["W1"], first["W1_next"])
    assert np.array_equal(maker.flat[:6].reshape(2, 3), first["W1_next"])
    given = maker.given(X, Y)
    assert np.array_equal(given["W2"], first["W2_next"])
    assert make(maker)["loss"] < first["loss"]


def test_parameters_are_views_into_one_vector():
    maker = updates()
    assert all(np.shares_memory(view, maker.flat) for view in maker.parameters.values())
    maker.flat[:] = 0
    assert not maker.parameters["b2"].any()


def test_values_are_read_only_and_not_the_vector():
    """A trace of the first update is still true after the second."""
    maker = updates(Adam(0.1))
    first = make(maker)
    kept = {name: value.copy() for name, value in first.items()}
    make(maker)
    for name, value in first.items():
        assert np.array_equal(value, kept[name]), name
        assert not value.flags.writeable
        assert not np.shares_memory(value, maker.flat)


def test_states_start_at_0_and_are_carried():
    maker = updates(Adam(0.1))
    assert set(maker.states) == {"first_moment", "second_moment"}
    assert not maker.states["first_moment"].any()
    first = make(maker)
    assert np.array_equal(maker.given(X, Y)["second_moment_b1"], first["second_moment_b1_next"])
    assert maker.states["first_moment"].shape == maker.flat.shape
    assert maker.states["first_moment"].any()


def test_updates_are_counted_from_1():
    maker = updates()
    assert maker.given(X, Y)["update_number"] == 1
    make(maker)
    assert maker.number == 1
    assert maker.given(X, Y, epoch=3, progress=0.25)["update_number"] == 2
    given = maker.given(X, Y, epoch=3, progress=0.25)
    assert (given["epoch_number"], given["progress"], given["n"]) == (3, 0.25, 10)


def test_a_schedule_follows_the_progress():
    maker = updates(SGD(Cosine(0.1)))
    rates = [float(make(maker, progress=p)["learning_rate"]) for p in (0.0, 0.5, 0.75)]
    assert rates == pytest.approx([0.1, 0.05, 0.1 * (1 - np.sqrt(0.5)) / 2])


def test_a_listener_may_change_a_setting_between_updates():
    """That is how the adaptive rate goes down."""
    maker, other = updates(), updates()
    maker.settings["learning_rate"] = 0.05
    moved, full = make(maker), make(other)
    start = updates().parameters["W1"]
    np.testing.assert_allclose((moved["W1_next"] - start) * 2, full["W1_next"] - start, rtol=1e-12)


@pytest.mark.parametrize("optimizer", [SGD(0.1, momentum=0.9), Adam(Cosine(0.1))])
def test_float32_stays_float32(optimizer):
    maker = updates(optimizer, np.float32, dropout=0.5)
    for _ in range(3):
        values = make(maker)
    assert {value.dtype for value in values.values()} == {np.dtype(np.float32)}
    assert maker.dtype == maker.flat.dtype == np.float32
    assert all(state.dtype == np.float32 for state in maker.states.values())
    assert maker.given(X, Y)["mask_1"].dtype == np.float32


def test_masks_depend_on_seed_layer_update_and_place_alone():
    """Not on what was computed before, nor on which rows stand there, nor on how many."""
    maker = updates(dropout=0.5, seed=7)
    for number in (1, 2, 3):
        mask = maker.given(X, Y)["mask_1"]
        assert np.array_equal(mask, dropout_mask(7, 1, number, 10, 3, 0.5))
        assert np.array_equal(maker.given(X[4:8], Y[4:8])["mask_1"], mask[:4])
        make(maker)
    assert not np.array_equal(mask, updates(dropout=0.5, seed=8).given(X, Y)["mask_1"])


def test_without_dropout_nothing_is_drawn():
    assert not [name for name in updates().given(X, Y) if name.startswith("mask")]


def test_row_weights_are_handed_on():
    net = Network([2, 1])
    maker = Updates(Step(net, SGD(0.1), weighted=True), net.start(0))
    weight = np.arange(10.0).reshape(-1, 1)
    assert maker.given(X, Y, weight)["row_weight"] is weight
    assert maker.make(maker.given(X, Y, weight))["weight_total"] == 45


# Ten rows, two weights: the tutorial's comparison of full batch and one row at a time.


def two_weights():
    net = Network([2, 1])
    return Updates(
        Step(net, SGD(0.05)), net.start(parameters={"W1": [[0.2], [-0.4]], "b1": [[0.0]]})
    )


def test_full_batch_makes_one_update_of_all_ten_rows():
    maker = two_weights()
    made = [make(maker, rows) for rows in epoch_batches(10)]
    assert len(made) == 1
    assert made[0]["output"].shape == (10, 1)


def test_one_row_at_a_time_makes_ten_updates_each_from_the_last():
    """Each starts from the weights that the last one left; the first alone starts where the full batch does."""
    maker = two_weights()
    before = maker.parameters["W1"].copy()
    for row in epoch_batches(10, 1):
        given = maker.given(X[row], Y[row])
        assert np.array_equal(given["W1"], before)
        made = maker.make(given)
        # The rule is the full batch's: rate times input times error.
        np.testing.assert_allclose(
            made["W1_next"], before + 0.05 * X[row].T * (Y[row] - made["output"]), rtol=1e-13
        )
        before = made["W1_next"]
    assert maker.number == 10


def test_the_mean_of_the_ten_first_steps_is_the_full_batch():
    """Were each row's step made from the same weights, their mean would be the full batch's step."""
    steps = []
    for row in range(10):
        maker = two_weights()
        steps.append(make(maker, slice(row, row + 1))["W1_next"])
    full = make(two_weights())["W1_next"]
    np.testing.assert_allclose(np.mean(steps, axis=0), full, rtol=1e-12)
