"""A training as it is planned, as it stands, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import InputError, check_count, explain
from pellucid.training.batches import batches_per_epoch, rows_per_epoch
from pellucid.training.history import Epoch, History
from pellucid.training.updates import Updates

Array = NDArray[Any]


@dataclass(frozen=True)
class Plan:
    """How long to train, and in which batches.

    Attributes
    ----------
    epochs
        Passes over the rows, those of an earlier training that is continued included.
    batch_size
        Rows of an update; None for all.
    drop_last
        Whether the rows that no longer fill a batch are left out of an epoch.
    shuffle, seed
        Whether rows are shuffled before each epoch; epoch e is shuffled by (seed, e) alone, so that a
        training continued later is the same as one in one go.
    watch
        What makes an epoch the best: "loss" (of the held-out rows, else of the rows trained on), "score",
        or "nothing". Of equally good epochs the last is best: it has seen more. So with "nothing" it is the
        last of all.
    patience, tol
        Stop when the watched value is not better by more than `tol` for so many epochs; None: never.
    early_end
        Whether the last wave of a learning rate that comes in waves is left out where the one before it has
        brought nothing better.
    time_limit
        Seconds after which no further update is begun; None: no limit. Where they are too few for all
        epochs, fewer are made, and schedules run through in these.
    member, members
        Which of several networks this one is, from 1, and how many there are.
    """

    epochs: int
    batch_size: int | None = None
    drop_last: bool = False
    shuffle: bool = True
    seed: int = 0
    watch: str = "loss"
    patience: int | None = None
    tol: float = 0.0
    early_end: bool = False
    time_limit: float | None = None
    member: int = 1
    members: int = 1

    def __post_init__(self) -> None:
        if not _is_count(self.epochs):
            raise InputError(
                explain(
                    expected="1 epoch or more",
                    got=f"epochs={self.epochs!r}",
                    do="give a whole number above 0",
                )
            )
        if self.patience is not None:
            check_count(self.patience, "patience")
        if self.time_limit is not None and not self.time_limit >= 0:
            raise InputError(
                explain(
                    expected="a time_limit of 0 seconds or more, or None",
                    got=repr(self.time_limit),
                    do="leave it out for no limit",
                )
            )
        if self.watch not in ("loss", "score", "nothing"):
            raise InputError(f"Expected watch='loss', 'score' or 'nothing'. Got {self.watch!r}.")

    def rows_per_epoch(self, rows: int) -> int:
        """Return how many of so many rows an epoch trains on."""
        return rows_per_epoch(self.batch_size, rows, drop_last=self.drop_last)


def _is_count(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= 1)


@dataclass(frozen=True, eq=False)
class Moment:
    """A training between two updates: all that is needed to go on from there.

    Attributes
    ----------
    flat, states, settings
        Copies of what `Updates` holds.
    number
        How many updates have been made.
    epoch, progress
        The number of the epoch and the progress that the next update sees.
    """

    flat: Array
    states: dict[str, Array]
    settings: dict[str, float]
    number: int
    epoch: int
    progress: float

    def put_into(self, updates: Updates) -> None:
        """Let `updates` continue from here."""
        updates.flat[:] = self.flat
        for name, state in self.states.items():
            updates.states[name][:] = state
        updates.settings = dict(self.settings)
        updates.number = self.number


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training gives back.

    Attributes
    ----------
    best, last
        The moment after the best epoch, and the one after the last.
    history
        Every epoch, and which of them is best.
    reason, interrupted
        Why it ended, and whether that was Ctrl-C.
    engine
        "compiled" or "numpy": by which it was made.
    """

    best: Moment
    last: Moment
    history: History
    reason: str
    interrupted: bool
    engine: str


class Run:
    """A training as it stands; listeners see it as ``event.run``.

    Attributes
    ----------
    updates, plan, history
        What is trained, how, and what came of it so far.
    epoch
        Number of the epoch at hand, from 0.
    epochs
        How many there will be, as it looks now: those of the plan, or as many as its time allows.
    updates_per_epoch
        How many updates an epoch has.
    best, last
        The moments after the best and after the latest epoch, or None.
    """

    def __init__(
        self, updates: Updates, plan: Plan, rows: int, resume: Trained | None = None
    ) -> None:
        self.updates = updates
        self.plan = plan
        self.history = History() if resume is None else History(resume.history, resume.history.best)
        self.epoch = len(self.history)
        self.epochs = plan.epochs
        self.updates_per_epoch = batches_per_epoch(plan.batch_size, plan.rows_per_epoch(rows))
        self.best = None if resume is None else resume.best
        self.last = None if resume is None else resume.last
        self.reason = ""
        self.interrupted = False

    def stop(self, reason: str) -> None:
        """End the training after the update at hand; the first reason given counts."""
        self.reason = self.reason or reason

    def watched(self, epoch: Epoch) -> float:
        """Return the value of an epoch by which the best is found; higher is better."""
        if self.plan.watch == "nothing":
            return 0.0
        if self.plan.watch == "score" and epoch.score is not None:
            return epoch.score
        return -(epoch.loss if epoch.validation_loss is None else epoch.validation_loss)

    def moment(self) -> Moment:
        """Return a copy of where the training stands."""
        u = self.updates
        # After the last update there is no next one: a schedule that ends at 0 would leave a learning
        # rate of 0, and a look at the next step would show nothing move.
        updates = self.epochs * self.updates_per_epoch
        done = min(u.number, updates - 1) / updates
        states = {name: state.copy() for name, state in u.states.items()}
        return Moment(u.flat.copy(), states, dict(u.settings), u.number, len(self.history), done)
