"""Listeners that end a training early, or slow it down."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from pellucid.catalogue.schedules import Adaptive
from pellucid.training.events import EpochEnded, Event, TrainingStarted, UpdateMade
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
class TimeLimit:
    """Stops after the update during which the time is up."""

    seconds: float
    started: float = field(default=0.0, init=False)

    def __call__(self, event: Event) -> None:
        """Look at the clock."""
        if isinstance(event, TrainingStarted):
            self.started = time.perf_counter()
        elif isinstance(event, UpdateMade) and time.perf_counter() - self.started > self.seconds:
            event.run.stop(f"the time limit of {self.seconds:g} seconds was reached")


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
