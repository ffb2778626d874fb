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
    """A target of numbers: `mean` and `scale` (its standard deviation) are taken out, and put back."""

    name: str
    mean: float
    scale: float

    @classmethod
    def fit(cls, name: str, target: Array) -> NumberTarget:
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
        return cls(name, mean, scale or 1.0)

    @property
    def outputs(self) -> int:
        """How many output neurons it takes."""
        return 1

    @property
    def fitted(self) -> dict[str, float]:
        """The fitted numbers by the names that they have in the equations."""
        return {"y_mean": self.mean, "y_scale": self.scale}

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """For each named matrix, what its columns are, in words."""
        return dict.fromkeys(("target", "y", "output", "prediction"), (self.name,))

    def lines(self, let: Let, given: Mapping[str, Any]) -> None:
        """Run the preparation of `target`: on arrays it computes, on symbols it gives equations."""
        prepare_numbers(let, given)

    def answer(self, let: Let, given: Mapping[str, Any]) -> None:
        """Run what follows the network's `output`, in the same way."""
        answer_numbers(let, given)

    @cached_property
    def inputs(self) -> tuple[Symbol, ...]:
        """The symbols that `equations` read and do not compute."""
        return (named("target", ("n", 1)), named("y_mean"), named("y_scale"))

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """The equation of `y`."""
        return recorded(self.lines, self.inputs, "prepare")

    @cached_property
    def answer_equations(self) -> tuple[Equation, ...]:
        """The equation of `prediction`."""
        return recorded(self.answer, (named("output", ("n", 1)), *self.inputs[1:]), "forward")


@dataclass(frozen=True, eq=False)
class ClassTarget:
    """A target of classes, with one output neuron each.

    Two share one neuron, the chance of the second, unless there is to be `one_each`.
    """

    name: str
    classes: tuple[Any, ...]
    one_each: bool = False

    @property
    def outputs(self) -> int:
        """How many output neurons it takes."""
        return 1 if len(self.classes) == 2 and not self.one_each else len(self.classes)

    @property
    def fitted(self) -> dict[str, Array]:
        """The fitted numbers by the names that they have in the equations."""
        codes = [1] if self.outputs == 1 else range(self.outputs)
        return {"class_codes": np.array([codes], np.float64)}

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """For each named matrix, what its columns are, in words."""
        shown: Sequence[Any] = self.classes[1:] if self.outputs == 1 else self.classes
        labels = tuple(f"{self.name} = {c}" for c in shown)
        every = tuple(f"{self.name} = {c}" for c in self.classes)
        codes = dict.fromkeys(("target", "predicted_class"), (self.name,))
        return (
            dict.fromkeys(("y", "output", "class_codes"), labels) | codes | {"probability": every}
        )

    def lines(self, let: Let, given: Mapping[str, Any]) -> None:
        """Run the preparation of `target`, codes of shape (n, 1), as `NumberTarget.lines` does."""
        prepare_classes(let, given)

    @cached_property
    def inputs(self) -> tuple[Symbol, ...]:
        """The symbols that `equations` read and do not compute."""
        return (named("target", ("n", 1)), named("class_codes", (1, self.outputs)))

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """The equation of `y`."""
        return recorded(self.lines, self.inputs, "prepare")

    def answer(self, let: Let, given: Mapping[str, Any]) -> None:
        """Run what follows the network's `output`, as `NumberTarget.answer` does."""
        (answer_two_classes if self.outputs == 1 else answer_classes)(let, given)

    @cached_property
    def answer_equations(self) -> tuple[Equation, ...]:
        """The equations of the chances of two classes, and of the code of the likeliest class."""
        inputs = (named("output", ("n", self.outputs)), *self.inputs[1:])
        return recorded(self.answer, inputs, "forward")
