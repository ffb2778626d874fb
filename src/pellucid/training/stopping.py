"""What ends a training early, or slows it down."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

from pellucid.catalogue.schedules import Adaptive, Schedule
from pellucid.errors import InputError, explain
from pellucid.training.events import EpochEnded, Event, TrainingStarted
from pellucid.training.history import Epoch


@dataclass
class Patience:
    """Stops when the watched value has not become better by more than `tol` for `epochs` epochs.

    The watched value is that by which the run finds its best epoch: a loss, or a score.
    """

    epochs: int
    tol: float = 0.0
    best: float = field(default=-math.inf, init=False)
    waited: int = field(default=0, init=False)

    def __call__(self, event: Event) -> None:
        """Count the epochs without progress, those of a training that is resumed included."""
        if isinstance(event, TrainingStarted):
            for epoch in event.run.history:
                self._count(event.run.watched(epoch))
        elif isinstance(event, EpochEnded):
            self._count(event.run.watched(event.epoch))
            if self.waited >= self.epochs:
                event.run.stop(f"no better for {self.epochs} epochs")

    def _count(self, value: float) -> None:
        if value > self.best + self.tol:
            self.best, self.waited = value, 0
        else:
            self.waited += 1


@dataclass
class NothingMore:
    """Stops before the last wave of the learning rate where the wave before it has brought nothing better.

    The last of waves that become longer is the longest: of four, each twice as long as the one before, it is
    more than half of the training.
    """

    schedule: Schedule
    is_decided: bool = field(default=False, init=False)

    def __call__(self, event: Event) -> None:
        """Look at the end of the last wave but one whether it was worth its time."""
        starts = self.schedule.wave_starts
        if self.is_decided or len(starts) < 3 or not isinstance(event, EpochEnded):
            return
        run = event.run
        if len(run.history) < starts[-1] * run.epochs:
            return
        self.is_decided = True
        before = math.ceil(starts[-2] * run.epochs)
        values = [run.watched(epoch) for epoch in run.history]
        if values[:before] and values[before:] and max(values[before:]) <= max(values[:before]):
            run.stop("the last wave but one of the learning rate brought nothing better")


def check_time_limit(seconds: Any) -> None:
    """Raise `InputError` for a limit that is neither None nor a number of seconds above 0."""
    is_number = isinstance(seconds, Real) and not isinstance(seconds, bool)
    if seconds is not None and not (is_number and seconds > 0):
        raise InputError(
            explain(
                expected="a time_limit of more than 0 seconds, or None",
                got=repr(seconds),
                do="give for example time_limit=60",
            )
        )


class TimeLimit:
    """Tells when the time of a training is up; it begins when this is made. None is no limit."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds = math.inf if seconds is None else float(seconds)
        self._ends = time.perf_counter() + self.seconds

    @property
    def left(self) -> float:
        """How many seconds are left."""
        return self._ends - time.perf_counter()

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self.left < 0

    @property
    def reason(self) -> str:
        """What to say when it is."""
        return f"the time limit of {round(self.seconds, 2):g} seconds was reached"

    @contextmanager
    def telling(self, stop: Callable[[], None]) -> Iterator[None]:
        """Have `stop` called at the end of the time, from another thread, while this context is open."""
        left = self.left
        timer = threading.Timer(left, stop) if 0 < left < threading.TIMEOUT_MAX else None
        if timer is not None:
            timer.daemon = True
            timer.start()
        elif left <= 0:
            stop()
        try:
            yield
        finally:
            if timer is not None:
                timer.cancel()


@dataclass
class AdaptiveRate:
    """Divides the learning rate as the schedule `Adaptive` says: the part of it that needs the training."""

    schedule: Adaptive
    best: float = field(default=-math.inf, init=False)
    waited: int = field(default=0, init=False)

    def __call__(self, event: Event) -> None:
        """Divide the rate after `patience` epochs in which the loss has not gone down by `tol`."""
        if isinstance(event, TrainingStarted):
            # The rate of a training that is resumed has been divided already.
            for epoch in event.run.history:
                self._is_due(epoch)
        elif isinstance(event, EpochEnded) and self._is_due(event.epoch):
            event.run.updates.settings["learning_rate"] /= self.schedule.divisor

    def _is_due(self, epoch: Epoch) -> bool:
        value = -(epoch.loss if epoch.validation_loss is None else epoch.validation_loss)
        if value > self.best + self.schedule.tol:
            self.waited = 0
        else:
            self.waited += 1
        self.best = max(self.best, value)
        due = self.waited >= self.schedule.patience
        if due:
            self.waited = 0
        return due
