"""The events of a training. A listener is any callable that takes one.

A listener looks at the kind of event it cares for and lets the others pass::

    def show(event):
        if isinstance(event, EpochEnded):
            print(event.epoch.loss)

It may stop the training with ``event.run.stop("enough")``, and change
``event.run.updates.settings["learning_rate"]`` between epochs.

Compiled epochs run in one go. A listener that needs to hear of every update says so, and then NumPy
makes them one by one, each with every value of its step::

    @every_update
    def show(event):
        if isinstance(event, UpdateMade):
            print(event.values["loss"])
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from numpy.typing import NDArray

from pellucid.errors import InputError, explain
from pellucid.training.history import Epoch

if TYPE_CHECKING:
    from pellucid.training.run import Run


@dataclass(frozen=True, eq=False)
class Event:
    """Base of events; `run` is the training as it stands."""

    run: Run


@dataclass(frozen=True, eq=False)
class TrainingStarted(Event):
    """Before the first epoch."""


@dataclass(frozen=True, eq=False)
class CompilationStarted(Event):
    """Kernels are being compiled, which takes some seconds and is done once on a machine."""


@dataclass(frozen=True, eq=False)
class EpochStarted(Event):
    """Before the first update of epoch `number`, counted from 0."""

    number: int


@dataclass(frozen=True, eq=False)
class UpdateMade(Event):
    """After an update: the numbers of its `rows`, and every value of its step by name.

    Only those hear of it that `every_update` marks.
    """

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

F = TypeVar("F", bound=Callable[..., object])


def every_update(listener: F) -> F:
    """Mark a listener, a function or a class of them, as one that has to hear of every update."""
    marked: Any = listener
    marked.hears_every_update = True
    return listener


class Listeners:
    """Tells an event to each of some listeners, in their order.

    Attributes
    ----------
    of_updates
        Those that hear of every update.
    """

    def __init__(self, listeners: Iterable[Listener]) -> None:
        self.all = list(listeners)
        for listener in self.all:
            if not callable(listener):
                raise InputError(
                    explain(
                        expected="listeners that can be called with an event",
                        got=repr(listener),
                        do="give functions, or objects with __call__",
                    )
                )
        self.of_updates = [one for one in self.all if getattr(one, "hears_every_update", False)]

    def __call__(self, event: Event) -> None:
        """Tell an event."""
        for listener in self.of_updates if isinstance(event, UpdateMade) else self.all:
            listener(event)
