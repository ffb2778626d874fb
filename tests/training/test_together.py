"""Several trainings at the same time: the same as one by one, and they end together."""

import os
import signal
import threading
from dataclasses import replace

import numpy as np
import pytest

from pellucid.catalogue.optimizers import AdamW
from pellucid.catalogue.schedules import CosineLog
from pellucid.errors import DivergedError
from pellucid.network import Network
from pellucid.step import Step
from pellucid.training import loop
from pellucid.training.events import EpochEnded, EpochStarted, TrainingEnded, TrainingStarted
from pellucid.training.loop import Task, train, train_together
from pellucid.training.rows import Rows
from pellucid.training.run import Plan
from pellucid.training.updates import Updates


def some_rows(n, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return Rows(X, np.sin(X[:, :1]) + X[:, 1:2] * X[:, 2:])


def a_task(at, plan=None, rows=40, rate=0.01):
    """Return a training of its own: other weights, other rows, another number of epochs."""
    network = Network([3, 8, 1], dropout=0.2)
    updates = Updates(Step(network, AdamW(rate)), network.start(at), seed=at)
    plan = plan or Plan(3 + at, 7, seed=at)
    return Task(updates, some_rows(rows + at, at), replace(plan, member=at + 1), some_rows(11, 9))


@pytest.fixture
def ctrl_c():
    """Ctrl-C as Python handles it by itself; a test runner's worker may ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: os.kill(os.getpid(), signal.SIGINT)
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_each_is_the_training_that_it_is_alone(engine):
    def score(output, y, weight):
        return -float(((output - y) ** 2).mean())

    together = train_together(
        [a_task(at) for at in range(3)], at_once=2, scorer=score, engine=engine, threads=1
    )
    for at, trained in enumerate(together):
        task = a_task(at)
        alone = train(
            task.updates,
            task.rows,
            task.plan,
            held_out=task.held_out,
            scorer=score,
            engine=engine,
            threads=1,
        )
        assert trained.engine == alone.engine == engine
        assert trained.history.best == alone.history.best
        for name in ("loss", "validation_loss", "score"):
            assert trained.history.curve(name) == alone.history.curve(name)
        assert len(trained.history) == 3 + at
        np.testing.assert_array_equal(trained.best.flat, alone.best.flat)
        np.testing.assert_array_equal(trained.last.flat, alone.last.flat)


def test_compiled_epochs_run_at_the_same_time(monkeypatch):
    """Each waits in the middle of its epoch for all the others: one after the other would never end."""
    meeting, make = threading.Barrier(3), loop._Training.make_epoch

    def met(training):
        meeting.wait(30)
        make(training)

    monkeypatch.setattr(loop._Training, "make_epoch", met)
    plan = Plan(2, 7)
    trained = train_together(
        [a_task(at, plan) for at in range(3)], at_once=3, engine="compiled", threads=3
    )
    assert [len(one.history) for one in trained] == [2, 2, 2]


def test_listeners_hear_everything_in_the_callers_thread_and_in_the_order_of_the_tasks():
    heard, threads = [], set()

    def listener(event):
        threads.add(threading.current_thread())
        if isinstance(event, TrainingStarted | EpochEnded | TrainingEnded):
            heard.append((type(event).__name__, event.run.plan.member))

    train_together(
        [a_task(0, Plan(1)), a_task(1, Plan(2)), a_task(2, Plan(1))],
        at_once=2,
        listeners=[listener],
        engine="compiled",
    )
    assert threads == {threading.current_thread()}
    assert heard == [
        ("TrainingStarted", 1),
        ("TrainingStarted", 2),
        ("EpochEnded", 1),
        ("EpochEnded", 2),
        ("TrainingEnded", 1),
        ("TrainingStarted", 3),
        ("EpochEnded", 2),
        ("EpochEnded", 3),
        ("TrainingEnded", 2),
        ("TrainingEnded", 3),
    ]


def test_one_that_diverges_ends_them_all():
    tasks = [a_task(0), a_task(1, rate=1e300), a_task(2)]
    with pytest.raises(DivergedError):
        train_together(tasks, at_once=3, engine="compiled", threads=1)


def test_a_real_ctrl_c_ends_each_after_its_update_at_hand(ctrl_c):
    train_together(
        [a_task(at) for at in range(2)], at_once=2, engine="compiled", threads=1
    )  # kernels
    # An epoch of so many updates takes a second or two in a compiled call.
    plan, rows = Plan(1, 1, shuffle=False, watch="nothing"), 1_000_000

    def listener(event):
        if isinstance(event, EpochStarted) and event.run.plan.member == 2:
            threading.Timer(0.2, ctrl_c).start()

    tasks = [a_task(at, plan, rows) for at in range(2)]
    trained = train_together(tasks, at_once=2, listeners=[listener], engine="compiled", threads=1)
    assert all(one.interrupted for one in trained)
    assert all(0 < one.last.number < rows for one in trained)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_time_limit_is_each_ones_own():
    train_together([a_task(at) for at in range(2)], at_once=2, engine="compiled", threads=1)
    plan = Plan(100_000_000, 7, time_limit=0.2)
    trained = train_together([a_task(0, plan), a_task(1)], at_once=2, engine="compiled", threads=1)
    assert "time limit" in trained[0].reason
    assert trained[1].reason == "all epochs are done"


def test_the_last_one_is_given_the_threads_of_the_others():
    """Two of 3 epochs beside one of 9: from its fourth epoch on it has both threads, and is the same."""
    seen = []

    def listener(event):
        if isinstance(event, EpochEnded):
            seen.append((event.run.plan.member, event.number, threads()))

    def threads():
        return made[-1].engine.threads

    made, make = [], loop._Training._compiled_updates

    def making(training):
        made.append(make(training))
        return made[-1]

    tasks = [a_task(0, Plan(3, 32)), a_task(1, Plan(9, 32), rows=100)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop._Training, "_compiled_updates", making)
        trained = train_together(
            tasks, at_once=2, listeners=[listener], engine="compiled", threads=2
        )
    assert [count for member, _, count in seen if member == 2] == [1] * 3 + [2] * 6
    task = a_task(1, Plan(9, 32), rows=100)
    alone = train(
        task.updates, task.rows, task.plan, held_out=task.held_out, engine="compiled", threads=1
    )
    np.testing.assert_allclose(trained[1].last.flat, alone.last.flat, rtol=1e-9)
    for name, state in alone.last.states.items():
        np.testing.assert_allclose(trained[1].last.states[name], state, rtol=1e-9)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize(
    ("better_at", "epochs"),
    [(3, 14), (5, 14), (6, 30), (13, 30), (14, 14), (29, 14)],
)
def test_the_last_wave_is_left_out_where_the_one_before_brought_nothing(better_at, epochs, engine):
    """Of 30 epochs the waves begin with those of the numbers 0, 2, 6 and 14."""
    judged = []

    def score(output, y, weight):
        judged.append(output)
        return 1.0 if len(judged) - 1 == better_at else 0.5

    task = a_task(0)
    updates = Updates(
        Step(task.updates.step.network, AdamW(CosineLog(0.01))), task.updates.flat, seed=0
    )
    plan = Plan(30, 7, watch="score", early_end=True)
    trained = train(updates, task.rows, plan, held_out=task.held_out, scorer=score, engine=engine)
    assert len(trained.history) == epochs
    assert trained.history.best == (better_at if better_at < epochs else epochs - 1)
    assert ("nothing better" in trained.reason) == (epochs == 14)


def test_without_waves_nothing_is_left_out():
    task = a_task(0)
    plan = Plan(30, 7, early_end=True)
    trained = train(task.updates, task.rows, plan, held_out=task.held_out, scorer=lambda *_: 0.0)
    assert len(trained.history) == 30
