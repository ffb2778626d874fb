"""What happens to the target: numbers are standardised, classes become outputs of 0 and 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.algebra import Equation, Symbol
from pellucid.errors import InputError, explain
from pellucid.preparation.lines import (
    Let,
    answer_classes,
    answer_numbers,
    answer_two_classes,
    prepare_classes,
    prepare_numbers,
)
from pellucid.preparation.record import recorded
from pellucid.step import named

Array = NDArray[Any]

LARGEST = 1e300


@dataclass(frozen=True, eq=False)
class NumberTarget:
    """A target of numbers: `mean` and `scale` (its standard deviation) are taken out, and put back.

    With `bounds`, its smallest and its largest number in training, no prediction goes beyond them.
    """

    name: str
    mean: float
    scale: float
    bounds: tuple[float, float] | None = None

    @classmethod
    def fit(cls, name: str, target: Array, *, bounded: bool = False) -> NumberTarget:
        """Return the target fitted to numbers of shape (n, 1); a constant one is only shifted.

        Raises `InputError` for numbers so large that their differences are none.
        """
        # Measured in units of the largest, squares of very large or small numbers stay in range.
        unit = float(abs(target).max()) or 1.0
        if unit > LARGEST:
            raise InputError(
                explain(
                    expected=f"numbers up to {LARGEST:g} in the target {name!r}",
                    got=f"{unit:g}",
                    do="leave out the rows where such a number means that there is none",
                )
            )
        mean, scale = float((target / unit).mean()) * unit, float((target / unit).std()) * unit
        bounds = (float(target.min()), float(target.max())) if bounded else None
        return cls(name, mean, scale or 1.0, bounds)

    @property
    def outputs(self) -> int:
        """How many output neurons it takes."""
        return 1

    @property
    def fitted(self) -> dict[str, float]:
        """The fitted numbers by the names that they have in the equations."""
        fitted = {"y_mean": self.mean, "y_scale": self.scale}
        if self.bounds is None:
            return fitted
        return fitted | dict(zip(("y_lowest", "y_highest"), self.bounds, strict=True))

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """For each named matrix, what its columns are, in words."""
        return dict.fromkeys(("target", "y", "output", "mean_output", "prediction"), (self.name,))

    def lines(self, let: Let, given: Mapping[str, Any]) -> None:
        """Run the preparation of `target`: on arrays it computes, on symbols it gives equations."""
        prepare_numbers(let, given)

    def answer(self, let: Let, given: Mapping[str, Any]) -> None:
        """Run what follows the network's `output`, in the same way."""
        answer_numbers(let, given)

    @cached_property
    def inputs(self) -> tuple[Symbol, ...]:
        """The symbols that the equations read and do not compute."""
        return (named("target", ("n", 1)), *(named(name) for name in self.fitted))

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """The equation of `y`."""
        return recorded(self.lines, self.inputs, "prepare")

    def answer_equations(self, members: int = 1) -> tuple[Equation, ...]:
        """Return the equations from the outputs of so many members to `prediction`."""
        return recorded(self.answer, (*outputs_of(members, 1), *self.inputs[1:]), "forward")


@dataclass(frozen=True, eq=False)
class ClassTarget:
    """A target of classes, with one output neuron each.

    Two share one neuron, the chance of the second, unless there is to be `one_each`. With a `temperature`
    chances are calibrated by it.
    """

    name: str
    classes: tuple[Any, ...]
    one_each: bool = False
    temperature: float | None = None

    @property
    def outputs(self) -> int:
        """How many output neurons it takes."""
        return 1 if len(self.classes) == 2 and not self.one_each else len(self.classes)

    @property
    def fitted(self) -> dict[str, Any]:
        """The fitted numbers by the names that they have in the equations."""
        codes = [1] if self.outputs == 1 else range(self.outputs)
        fitted: dict[str, Any] = {"class_codes": np.array([codes], np.float64)}
        return fitted if self.temperature is None else fitted | {"temperature": self.temperature}

    def chances(self, members: int = 1) -> str:
        """Return the name of the value that holds the chance of each class."""
        if self.outputs == 1 or self.temperature is not None:
            return "probability"
        return "output" if members == 1 else "mean_output"

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """For each named matrix, what its columns are, in words."""
        shown: Sequence[Any] = self.classes[1:] if self.outputs == 1 else self.classes
        labels = tuple(f"{self.name} = {c}" for c in shown)
        every = tuple(f"{self.name} = {c}" for c in self.classes)
        codes = dict.fromkeys(("target", "predicted_class"), (self.name,))
        return (
            dict.fromkeys(("y", "output", "mean_output", "class_codes"), labels)
            | codes
            | dict.fromkeys(("chances", "sharpened", "probability"), every)
        )

    def lines(self, let: Let, given: Mapping[str, Any]) -> None:
        """Run the preparation of `target`, codes of shape (n, 1), as `NumberTarget.lines` does."""
        prepare_classes(let, given)

    @cached_property
    def inputs(self) -> tuple[Symbol, ...]:
        """The symbols that the equations read and do not compute."""
        codes = named("class_codes", (1, self.outputs))
        calibrated = () if self.temperature is None else (named("temperature"),)
        return (named("target", ("n", 1)), codes, *calibrated)

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """The equation of `y`."""
        return recorded(self.lines, self.inputs, "prepare")

    def answer(self, let: Let, given: Mapping[str, Any]) -> None:
        """Run what follows the network's `output`, as `NumberTarget.answer` does."""
        (answer_two_classes if self.outputs == 1 else answer_classes)(let, given)

    def answer_equations(self, members: int = 1) -> tuple[Equation, ...]:
        """Return the equations from the outputs of so many members to chances and `predicted_class`."""
        inputs = (*outputs_of(members, self.outputs), *self.inputs[1:])
        return recorded(self.answer, inputs, "forward")


def outputs_of(members: int, outputs: int) -> list[Symbol]:
    """Return the symbols of the outputs of so many members."""
    names = ["output", *(f"output_of_{at}" for at in range(2, members + 1))]
    return [named(name, ("n", outputs)) for name in names]
