"""The training loop: the same updates as by hand, its events, its endings, and going on later."""

import os
import re
import signal
import threading
from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from pellucid.catalogue.optimizers import SGD, AdamW
from pellucid.catalogue.schedules import Adaptive, Cosine
from pellucid.engine.engine import Engine
from pellucid.errors import DivergedError, InputError
from pellucid.evaluator import predict
from pellucid.network import Network
from pellucid.step import Step
from pellucid.training.events import (
    CompilationStarted,
    EpochEnded,
    EpochStarted,
    TrainingEnded,
    TrainingStarted,
    UpdateMade,
    every_update,
)
from pellucid.training.history import Epoch, History
from pellucid.training.loop import train
from pellucid.training.rows import Rows
from pellucid.training.run import Plan
from pellucid.training.updates import Updates


@pytest.fixture(params=["numpy", "compiled"])
def engine(request):
    """The name of an engine: what it takes, makes and tells has to be the same with each."""
    return request.param


@pytest.fixture
def ctrl_c():
    """Ctrl-C as Python handles it by itself; a test runner's worker may ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: os.kill(os.getpid(), signal.SIGINT)
    signal.signal(signal.SIGINT, before)


def some_rows(n=23, seed=0, weighted=False):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    y = np.sin(X[:, :1]) + X[:, 1:2] * X[:, 2:]
    return Rows(X, y, rng.uniform(0.5, 2, (n, 1)) if weighted else None)


def some_updates(optimizer=None, *, dropout=0.0, weighted=False, reduction="mean", seed=1):
    network = Network([3, 5, 1], activation="tanh", dropout=dropout)
    step = Step(network, optimizer or AdamW(0.01), weighted=weighted, reduction=reduction)
    return Updates(step, network.start(seed), seed=seed)


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_the_loop_makes_the_updates_that_a_plain_loop_makes(weighted, dropout, drop_last, engine):
    rows, optimizer = some_rows(weighted=weighted), AdamW(Cosine(0.02))
    updates = some_updates(optimizer, dropout=dropout, weighted=weighted)
    plan = Plan(3, 5, drop_last, seed=4, watch="nothing")
    trained = train(updates, rows, plan, engine=engine)
    assert trained.engine == engine
    each = 4 if drop_last else 5

    plain = some_updates(optimizer, dropout=dropout, weighted=weighted)
    for epoch in range(3):
        order = np.random.default_rng([4, epoch]).permutation(23)
        for start in range(0, 5 * each, 5):
            part = rows.part(order[start : start + 5])
            progress = plain.number / (3 * each)
            given = plain.given(part.X, part.y, part.row_weight, epoch=epoch, progress=progress)
            plain.make(given)
    tol = 0 if engine == "numpy" else 1e-12
    np.testing.assert_allclose(trained.best.flat, plain.flat, rtol=tol, atol=tol)
    for name, state in plain.states.items():
        np.testing.assert_allclose(trained.best.states[name], state, rtol=tol, atol=tol)
    assert trained.best.number == 3 * each
    # There is no update after the last; what a look at it sees is the schedule at the last.
    assert trained.best.progress == (3 * each - 1) / (3 * each)


def test_in_the_tables_order_full_batches_are_the_first_rows(engine):
    """Also where only some rows are meant."""
    plan = Plan(2, 5, drop_last=True, shuffle=False, watch="nothing")
    some = np.arange(20, 3, -1)
    all_rows, only = some_rows(), some_rows().only(some)
    for rows, first in ((all_rows, all_rows.part(slice(20))), (only, only.part(slice(15)))):
        trained = train(some_updates(), rows, plan, engine=engine)
        alone = train(some_updates(), first, plan, engine=engine)
        np.testing.assert_array_equal(trained.last.flat, alone.last.flat)


def test_without_shuffling_the_rows_come_in_their_order():
    seen = []

    @every_update
    def listener(event):
        if isinstance(event, UpdateMade):
            seen.append(event.rows.tolist())

    train(some_updates(), some_rows(10), Plan(1, 4, shuffle=False), listeners=[listener])
    assert seen == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_every_row_comes_once_an_epoch_and_epochs_differ():
    orders = {}

    @every_update
    def listener(event):
        if isinstance(event, UpdateMade):
            orders.setdefault(event.run.epoch, []).extend(event.rows.tolist())

    train(some_updates(), some_rows(), Plan(2, 5), listeners=[listener])
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(23))
    assert orders[0] != orders[1]


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("weighted", [False, True])
def test_an_epochs_loss_is_the_mean_of_its_rows(weighted, reduction, engine):
    """With a rate of almost 0 nothing changes, so that the loss can be computed afterwards."""
    rows = some_rows(weighted=weighted)
    updates = some_updates(SGD(1e-12), weighted=weighted, reduction=reduction)
    trained = train(updates, rows, Plan(1, 4), held_out=rows, engine=engine)
    output = predict(updates.step.network, updates.parameters, rows.X)["output"]
    each = ((rows.y - output) ** 2 / 2)[:, 0]
    weights = rows.row_weight[:, 0] if weighted else np.ones(23)
    expected = np.average(each, weights=weights)
    assert trained.history[0].loss == pytest.approx(expected, rel=1e-9)
    assert trained.history[0].validation_loss == pytest.approx(expected, rel=1e-9)


def test_events_come_in_order():
    names = []
    train(
        some_updates(),
        some_rows(10),
        Plan(2, 5),
        listeners=[every_update(lambda event: names.append(type(event)))],
    )
    epoch = [EpochStarted, UpdateMade, UpdateMade, EpochEnded]
    assert names == [TrainingStarted, *epoch, *epoch, TrainingEnded]


def test_updates_are_told_to_those_who_ask(engine):
    """Others hear the same events of both engines; the compiled one cannot tell of updates."""
    names = []

    def listener(event):
        names.append(type(event))

    how = {"listeners": [listener], "engine": engine}
    train(some_updates(), some_rows(10), Plan(2, 5), **how)
    names = [name for name in names if name is not CompilationStarted]
    epoch = [EpochStarted, EpochEnded]
    assert names == [TrainingStarted, *epoch, *epoch, TrainingEnded]
    with pytest.raises(InputError, match="a listener that hears every update"):
        train(
            some_updates(),
            some_rows(),
            Plan(1),
            listeners=[every_update(lambda event: None)],
            engine="compiled",
        )
    with pytest.raises(InputError, match="no engine 'fast'"):
        train(some_updates(), some_rows(), Plan(1), engine="fast")


def scripted(scores):
    """Return a scorer that gives these scores, whatever the output."""
    left = iter(scores)
    return lambda output, y, row_weight: next(left)


@pytest.mark.parametrize(
    ("scores", "best"), [([1, 3, 2], 1), ([3, 3, 2], 1), ([1, 2, 3], 2), ([2, 1, 2], 2)]
)
def test_the_last_of_equally_good_epochs_is_best(scores, best, engine):
    moments = []

    def listener(event):
        if isinstance(event, EpochEnded):
            moments.append(event.run.updates.flat.copy())

    rows = some_rows()
    plan = Plan(3, 5, watch="score")
    trained = train(
        some_updates(),
        rows,
        plan,
        held_out=rows,
        scorer=scripted(scores),
        listeners=[listener],
        engine=engine,
    )
    assert trained.history.best == best
    assert trained.history.curve("score") == scores
    np.testing.assert_array_equal(trained.best.flat, moments[best])
    np.testing.assert_array_equal(trained.last.flat, moments[2])


def test_patience_counts_epochs_that_are_not_better(engine):
    rows = some_rows()
    plan = Plan(9, watch="score", patience=2)
    trained = train(
        some_updates(),
        rows,
        plan,
        held_out=rows,
        scorer=scripted([1, 2, 2, 2, 3, 3, 3, 3]),
        engine=engine,
    )
    assert len(trained.history) == 4
    assert trained.history.best == 3
    assert trained.reason == "no better for 2 epochs"


def test_a_time_limit_ends_after_an_update_and_what_was_done_counts(engine):
    trained = train(some_updates(), some_rows(), Plan(10, 5, time_limit=0.0), engine=engine)
    assert trained.best.number == 1
    assert len(trained.history) == 1
    assert "time limit" in trained.reason


def test_a_listener_may_stop_the_training_and_the_first_reason_counts(engine):
    def listener(event):
        if isinstance(event, EpochEnded) and event.number == 1:
            event.run.stop("enough")
            event.run.stop("too much")

    trained = train(some_updates(), some_rows(), Plan(10), listeners=[listener], engine=engine)
    assert (len(trained.history), trained.reason) == (2, "enough")


def test_the_adaptive_schedule_divides_the_rate_when_the_loss_stands_still(engine):
    # A tolerance that no epoch can reach: the rate is divided after every second epoch.
    schedule = Adaptive(0.1, divisor=5, patience=2, tol=1e9)
    trained = train(some_updates(SGD(schedule)), some_rows(), Plan(6), engine=engine)
    # The first epoch is always progress.
    rates = trained.history.curve("learning_rate")
    assert rates == pytest.approx([0.1, 0.1, 0.1, 0.02, 0.02, 0.004])


@pytest.mark.parametrize("optimizer", [AdamW(Cosine(0.02)), SGD(0.05, momentum=0.9)])
def test_a_training_that_is_continued_is_the_same_as_one_in_one_go(optimizer, engine):
    rows, plan = some_rows(), Plan(6, 5)
    whole = train(some_updates(optimizer, dropout=0.2), rows, plan, held_out=rows, engine=engine)

    def stop(event):
        if isinstance(event, EpochEnded) and event.number == 2:
            event.run.stop("later")

    first = train(
        some_updates(optimizer, dropout=0.2),
        rows,
        plan,
        held_out=rows,
        listeners=[stop],
        engine=engine,
    )
    second = train(
        some_updates(optimizer, dropout=0.2, seed=1),
        rows,
        plan,
        held_out=rows,
        resume=first,
        engine=engine,
    )
    np.testing.assert_array_equal(second.last.flat, whole.last.flat)
    np.testing.assert_array_equal(second.best.flat, whole.best.flat)
    assert second.history.curve("loss") == whole.history.curve("loss")
    assert second.history.best == whole.history.best
    assert len(first.history) == 3


def test_what_was_returned_is_not_changed_by_going_on(engine):
    updates, rows = some_updates(), some_rows()
    trained = train(updates, rows, Plan(1), engine=engine)
    before = trained.best.flat.copy()
    train(updates, rows, Plan(3), resume=trained, engine=engine)
    np.testing.assert_array_equal(trained.best.flat, before)
    assert len(trained.history) == 1


def test_divergence_names_update_epoch_and_layer(engine):
    with pytest.raises(DivergedError, match=r"update \d+ \(epoch \d+\).*in layer \d.*1e\+30"):
        train(some_updates(SGD(1e30)), some_rows(), Plan(50, 5), engine=engine)


def test_divergence_names_the_first_value_that_is_not_finite(engine):
    updates = some_updates()
    updates.parameters["W2"][:] = 1e308
    updates.parameters["b1"][:] = 50
    with pytest.raises(DivergedError, match="began with net_input_2, in layer 2"):
        train(updates, some_rows(), Plan(1), engine=engine)


@pytest.mark.parametrize("threads", [1, 2])
def test_both_engines_name_the_same_update(threads):
    """Of a loss, and of a parameter, that is not finite in a later epoch: the words are the same."""
    found = {}
    for engine in ("numpy", "compiled"):
        for rate, scale in ((1e3, 1.0), (1e5, 1e70), (1e308, 1.0)):
            rows = some_rows()
            rows = Rows(rows.X, rows.y * scale)
            updates = some_updates(SGD(rate))
            with pytest.raises(DivergedError) as caught:
                train(updates, rows, Plan(50, 5), engine=engine, threads=threads)
            found[engine, rate] = re.sub(r"loss was \S+", "", str(caught.value))
    for rate in (1e3, 1e5, 1e308):
        assert found["numpy", rate] == found["compiled", rate]


def test_held_out_rows_are_left_where_they_stand(engine):
    rows, some, others = some_rows(), np.arange(20, 3, -2), np.arange(5)
    by_number, copied = (
        train(
            some_updates(seed=2),
            part,
            Plan(3, 4),
            held_out=held,
            scorer=lambda output, y, weight: -abs(output - y).sum(),
            engine=engine,
        )
        for part, held in (
            (rows.only(some), rows.only(others)),
            (rows.part(some), rows.part(others)),
        )
    )
    np.testing.assert_array_equal(by_number.last.flat, copied.last.flat)
    for name in ("loss", "validation_loss", "score"):
        assert by_number.history.curve(name) == copied.history.curve(name)


def test_held_out_rows_that_overflow_end_the_training_too(engine):
    updates = some_updates(SGD(1e-9))
    rows = some_rows()
    with pytest.raises(DivergedError, match="net_input_1, in layer 1"):
        train(
            updates,
            rows,
            Plan(1),
            held_out=Rows(np.full_like(rows.X, np.inf), rows.y),
            engine=engine,
        )


def test_a_real_ctrl_c_ends_after_the_update_at_hand(ctrl_c):
    """The signal comes in the middle of an update; the vectors are those of a finished one."""
    numbers = []

    @every_update
    def listener(event):
        if isinstance(event, UpdateMade):
            numbers.append(event.run.updates.flat.copy())
            if len(numbers) == 7:
                ctrl_c()

    trained = train(some_updates(), some_rows(), Plan(99, 5, watch="nothing"), listeners=[listener])
    assert trained.interrupted
    assert trained.reason == "interrupted"
    assert trained.best.number == len(numbers) == 7
    np.testing.assert_array_equal(trained.best.flat, numbers[-1])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def assert_ended_inside(trained, reason):
    """Hold what a compiled epoch that was cut off left behind to as many updates of a whole one."""
    made = trained.last.number
    assert reason in trained.reason
    assert 0 < made < len(MANY.X)
    assert len(trained.history) == 1
    updates = some_updates()
    engine = Engine(updates.step, MANY.X, MANY.y, batch_size=1)
    states = engine.states()
    engine.run(updates.flat, states, limit=made, planned=len(MANY.X))
    np.testing.assert_array_equal(trained.last.flat, updates.flat)
    np.testing.assert_array_equal(trained.last.states["first_moment"], states[0, :26])


# An epoch of so many updates takes a second or two in a compiled call.
MANY = some_rows(1_000_000)
LONG = Plan(1, 1, shuffle=False, watch="nothing")


def test_a_real_ctrl_c_ends_a_compiled_epoch(ctrl_c):
    train(some_updates(), some_rows(), Plan(1), engine="compiled")  # kernels are there
    timer = threading.Timer(0.1, ctrl_c)
    timer.start()
    trained = train(some_updates(), MANY, LONG, engine="compiled")
    assert trained.interrupted
    assert_ended_inside(trained, "interrupted")


def test_a_time_limit_ends_a_compiled_epoch():
    train(some_updates(), some_rows(), Plan(1), engine="compiled")
    plan = replace(LONG, time_limit=0.1)
    assert_ended_inside(train(some_updates(), MANY, plan, engine="compiled"), "time limit")


def test_a_second_ctrl_c_interrupts_at_once_and_the_last_epoch_is_kept(ctrl_c):
    @every_update
    def listener(event):
        if isinstance(event, UpdateMade) and event.run.updates.number == 8:
            ctrl_c()
            ctrl_c()

    trained = train(some_updates(), some_rows(), Plan(99, 5), listeners=[listener])
    assert trained.interrupted
    assert trained.last.number == 5


def test_an_interruption_before_anything_is_finished_is_passed_on(ctrl_c):
    def listener(event):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(some_updates(), some_rows(), Plan(9), listeners=[listener])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_training_works_in_another_thread(engine):
    done = []
    thread = threading.Thread(
        target=lambda: done.append(train(some_updates(), some_rows(), Plan(2), engine=engine))
    )
    thread.start()
    thread.join()
    assert len(done[0].history) == 2


def test_float32_stays_float32(engine):
    network = Network([3, 4, 1])
    step = Step(network, AdamW(Cosine(0.01)))
    rows = some_rows()
    single = Rows(rows.X.astype("f4"), rows.y.astype("f4"))
    updates = Updates(step, network.start(0, dtype=np.float32))
    trained = train(updates, single, Plan(2, 5), held_out=single, engine=engine)
    assert trained.best.flat.dtype == np.float32
    assert all(state.dtype == np.float32 for state in trained.best.states.values())


@pytest.mark.parametrize("epochs", [0, -1, 2.5, "many", True, None])
def test_epochs_are_a_whole_number_above_0(epochs):
    with pytest.raises(InputError, match="1 epoch or more"):
        Plan(epochs)


def test_history_is_stored_and_read_back():
    history = History([Epoch(1.0, 0.1, 0.5), Epoch(0.5, 0.1, 0.5, 0.7, 0.9)], best=1)
    again = History.from_data(history.to_data())
    assert list(again) == list(history)
    assert again.best == 1


def in_two_parts(plan_epochs, first_epochs, **options):
    """Return the training in one go, and the one that was cut after some epochs and resumed."""
    rate = options.pop("rate")
    rows, held = some_rows(23), some_rows(11, seed=5)
    whole = train(some_updates(SGD(rate)), rows, Plan(plan_epochs, 8, **options), held_out=held)
    cut = train(some_updates(SGD(rate)), rows, Plan(first_epochs, 8), held_out=held)
    resumed = train(
        some_updates(SGD(rate)), rows, Plan(plan_epochs, 8, **options), held_out=held, resume=cut
    )
    return whole, resumed


def test_patience_goes_on_counting_after_a_resume():
    whole, resumed = in_two_parts(400, 10, rate=0.5, patience=12)
    assert len(whole.history) == len(resumed.history) < 400
    np.testing.assert_array_equal(whole.best.flat, resumed.best.flat)


def test_the_adaptive_rate_goes_on_where_it_was():
    whole, resumed = in_two_parts(40, 15, rate=Adaptive(0.5, patience=3))
    assert whole.history.curve("learning_rate") == resumed.history.curve("learning_rate")
    assert whole.last.settings["learning_rate"] < 0.5
    np.testing.assert_array_equal(whole.last.flat, resumed.last.flat)


def test_overlapping_trainings_put_blas_threads_back(engine):
    before = [pool["num_threads"] for pool in threadpool_info()]
    threads = [
        threading.Thread(
            target=lambda: train(some_updates(), some_rows(), Plan(60, 4), engine=engine)
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [pool["num_threads"] for pool in threadpool_info()] == before
