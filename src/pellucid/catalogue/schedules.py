"""Schedules: the learning rate as a formula of the update, the epoch or the progress.

A schedule's `factor` is written in NumPy operations like every formula of the step, so the
rate of each update is an equation of that update.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pellucid.catalogue.records import Record, check_number, find, register
from pellucid.errors import InputError, check_count, explain


@dataclass(frozen=True)
class Clock:
    """The time of an update: numbers, or the symbols that stand for them.

    `update_number` counts from 1, `epoch_number` from 0; `progress` is the share of all
    updates that is done before this one, from 0 to below 1.
    """

    update_number: Any
    epoch_number: Any
    progress: Any


class Schedule(Record):
    """Base of schedules. `learning_rate` is the rate that the factor multiplies."""

    kind: ClassVar[str] = "schedule"
    learning_rate: float

    def factor(self, clock: Clock) -> Any:
        """Return what multiplies the learning rate, or None if it stays as it is."""
        return None

    @property
    def wave_starts(self) -> tuple[float, ...]:
        """The progress at which each wave of the learning rate begins."""
        return (0.0,)

    def __post_init__(self) -> None:
        if not (self.learning_rate > 0 and math.isfinite(self.learning_rate)):
            raise InputError(
                explain(
                    expected="a learning rate above 0",
                    got=f"{self.learning_rate}",
                    do="start with 0.01 and change it by factors of 3",
                )
            )


@register
@dataclass(frozen=True)
class Constant(Schedule):
    """The same learning rate throughout."""

    name: ClassVar[str] = "constant"

    learning_rate: float = 0.001


@register
@dataclass(frozen=True)
class StepDecay(Schedule):
    """Multiplied by `drop` after every `every` epochs."""

    name: ClassVar[str] = "step"

    learning_rate: float = 0.001
    drop: float = 0.5
    every: int = 10

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "drop", 0, above=True)
        check_count(self.every, "number of epochs")

    def factor(self, clock: Clock) -> Any:
        return self.drop ** np.floor(clock.epoch_number / self.every)


@register
@dataclass(frozen=True)
class Exponential(Schedule):
    """Multiplied by `decay` after every epoch."""

    name: ClassVar[str] = "exponential"

    learning_rate: float = 0.001
    decay: float = 0.95

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "decay", 0, above=True)

    def factor(self, clock: Clock) -> Any:
        return self.decay**clock.epoch_number


@register
@dataclass(frozen=True)
class Cosine(Schedule):
    """From the learning rate down to `final` times it, along half a cosine wave."""

    name: ClassVar[str] = "cosine"
    source: ClassVar[str] = "Loshchilov & Hutter 2017, eq. 5"

    learning_rate: float = 0.001
    final: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "final", 0)

    def factor(self, clock: Clock) -> Any:
        wave = 0.5 * (1 + np.cos(math.pi * clock.progress))
        return self.final + (1 - self.final) * wave if self.final else wave


@register
@dataclass(frozen=True)
class CosineLog(Schedule):
    """Waves from 0 up to the learning rate and back, each twice as long as the one before.

    The factor is 0.5 · (1 - cos(2π · log₂(1 + (2^waves - 1) · progress))): 0 at the start, after each
    wave, and at the end.
    """

    name: ClassVar[str] = "cosine_log"
    aliases: ClassVar[tuple[str, ...]] = ("coslog4",)
    source: ClassVar[str] = "Holzmüller, Grinsztajn & Steinwart 2024, sect. 3"

    learning_rate: float = 0.001
    waves: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        check_count(self.waves, "number of waves")

    def factor(self, clock: Clock) -> Any:
        turns = np.log(1 + (2**self.waves - 1) * clock.progress) / math.log(2)
        return 0.5 * (1 - np.cos(2 * math.pi * turns))

    @property
    def wave_starts(self) -> tuple[float, ...]:
        """The progress at which each wave begins."""
        return tuple((2**wave - 1) / (2**self.waves - 1) for wave in range(self.waves))


@register
@dataclass(frozen=True)
class FlatCosine(Schedule):
    """The learning rate for the first half, then down to 0 along half a cosine wave."""

    name: ClassVar[str] = "flat_cosine"
    aliases: ClassVar[tuple[str, ...]] = ("flat_cos",)
    source: ClassVar[str] = "Holzmüller, Grinsztajn & Steinwart 2024, sect. 3"

    learning_rate: float = 0.001

    def factor(self, clock: Clock) -> Any:
        falling = 0.5 * (1 + np.cos(math.pi * (2 * clock.progress - 1)))
        return np.where(clock.progress < 0.5, 1.0, falling)


@register
@dataclass(frozen=True)
class WarmUp(Schedule):
    """Rising in a straight line over the first `updates` updates, then as `after` says.

    Of `after` the form counts; the learning rate is the one given here.
    """

    name: ClassVar[str] = "warm_up"
    source: ClassVar[str] = "Goyal et al. 2017, sect. 2.2"

    learning_rate: float = 0.001
    updates: int = 100
    after: Schedule | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_count(self.updates, "number of updates")

    def factor(self, clock: Clock) -> Any:
        rising = np.minimum(clock.update_number / self.updates, 1)
        later = None if self.after is None else self.after.factor(clock)
        return rising if later is None else rising * later


@register
@dataclass(frozen=True)
class InverseScaling(Schedule):
    """Divided by the number of the update to the power `power`."""

    name: ClassVar[str] = "inverse_scaling"
    aliases: ClassVar[tuple[str, ...]] = ("invscaling",)

    learning_rate: float = 0.001
    power: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "power")

    def factor(self, clock: Clock) -> Any:
        return 1 / clock.update_number**self.power


@register
@dataclass(frozen=True)
class Adaptive(Schedule):
    """Divided by `divisor` each time the loss has not gone down by `tol` for `patience` epochs.

    This one depends on how training goes, so the training loop sets it; in the equations of
    an update the rate is a given number.
    """

    name: ClassVar[str] = "adaptive"

    learning_rate: float = 0.001
    divisor: float = 5.0
    patience: int = 2
    tol: float = 1e-4

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "divisor", 0, above=True)
        check_number(self, "tol")
        check_count(self.patience, "number of epochs")


def schedule(choice: float | str | Schedule) -> Schedule:
    """Return the schedule for a rate, a name, or a record."""
    if isinstance(choice, int | float) and not isinstance(choice, bool):
        return Constant(float(choice))
    found: Schedule = find("schedule", choice)
    return found
