"""The events of a training. A listener is any callable that takes one.

A listener looks at the kind of event it cares for and lets the others pass::

    def show(event):
        if isinstance(event, EpochEnded):
            print(event.epoch.loss)

It may stop the training with ``event.run.stop("enough")``, and change
``event.run.updates.settings["learning_rate"]`` between updates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from pellucid.training.history import Epoch

if TYPE_CHECKING:
    from pellucid.training.loop import Run


@dataclass(frozen=True, eq=False)
class Event:
    """Base of events; `run` is the training as it stands."""

    run: Run


@dataclass(frozen=True, eq=False)
class TrainingStarted(Event):
    """Before the first epoch."""


@dataclass(frozen=True, eq=False)
class EpochStarted(Event):
    """Before the first update of epoch `number`, counted from 0."""

    number: int


@dataclass(frozen=True, eq=False)
class UpdateMade(Event):
    """After an update: the numbers of its `rows`, and every value of its step by name."""

    rows: NDArray[Any]
    values: dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class EpochEnded(Event):
    """After an epoch; `is_best` says whether its weights are the ones to keep so far."""

    number: int
    epoch: Epoch
    is_best: bool


@dataclass(frozen=True, eq=False)
class TrainingEnded(Event):
    """After the last epoch; `reason` says why it was the last."""

    reason: str


Listener = Callable[[Any], object]
