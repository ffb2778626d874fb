"""Losses: what one row costs, and minus its derivative by the output.

To add one, add a class here with `@register`. Nothing else has to change.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pellucid.algebra import Node, Symbol, derivative, substitute
from pellucid.algebra.values import evaluate
from pellucid.catalogue.activations import SOFTPLUS, Activation
from pellucid.catalogue.records import Record, find, register
from pellucid.errors import InputError, explain

INFINITY = math.inf

# Outputs of an activation that is not the matching one may touch the end of their range, where
# the logarithm is infinite. They are kept this far from it.
SMALLEST = 1e-12


class Loss(Record):
    """Base of losses: a formula for each output, summed over the outputs of a row.

    A subclass gives `each(output, y)` and may give `error(output, y)`, minus its derivative
    by the output; without it the derivative is found by differentiation.

    `matching` names the activation for which the delta of the output is simply
    ``y - output``; `each_from_net_input(z, y)` is then the loss computed from the net input,
    which stays exact where the output has been rounded to the end of its range.

    `output_range` is the interval in which outputs must lie, `target_range` the one for y.
    """

    kind: ClassVar[str] = "loss"
    matching: ClassVar[str] = ""
    output_range: ClassVar[tuple[float, float]] = (-INFINITY, INFINITY)
    target_range: ClassVar[tuple[float, float]] = (-INFINITY, INFINITY)

    def each(self, output: Any, y: Any) -> Any:
        """Return the loss of each output."""
        raise NotImplementedError

    def each_from_net_input(self, z: Any, y: Any) -> Any:
        """Return the loss of each output, from the net input of the matching activation."""
        return None

    def error(self, output: Any, y: Any) -> Any:
        """Return minus the derivative of `each` by the output."""
        o, t = Symbol("output"), Symbol("y")
        slope = derivative(self.each(o, t), o)
        if isinstance(output, Node):
            values = {id(o): output, id(t): y}
            return -substitute(slope, lambda n: values.get(id(n)))
        return -evaluate(slope, {"output": output, "y": y}, np.asarray(output).dtype)

    def check_activation(self, activation: Activation) -> None:
        """Raise `InputError` if the activation's outputs do not suit this loss."""
        low, high = activation.range
        if low < self.output_range[0] or high > self.output_range[1]:
            raise InputError(
                explain(
                    expected=f"an output activation with values in {_interval(self.output_range)} "
                    f"for the loss {self.name}",
                    got=f"{activation.label}, with values in {_interval(activation.range)}",
                    do=f"use output_activation={self.matching or 'identity'!r} or another loss",
                )
            )

    def check_targets(self, y: Any) -> None:
        """Raise `InputError` naming the first row whose targets do not suit this loss."""
        low, high = self.target_range
        if y.size and low <= y.min() and y.max() <= high:
            return  # found without a number for each row
        bad = ~((y >= low) & (y <= high)).all(axis=1)
        if bad.any():
            row = int(np.argmax(bad))
            raise InputError(
                explain(
                    expected=f"targets in {_interval(self.target_range, closed=True)} "
                    f"for the loss {self.name}",
                    got=f"{y[row].tolist()} in row {row} (counted from 0)",
                    do="change the targets or choose another loss",
                )
            )

    def smoothed(self, y: Any, label_smoothing: Any, outputs: int) -> Any:
        """Return targets moved towards equal probabilities; only losses on classes have it."""
        raise InputError(
            f"Label smoothing is for classes. Got the loss {self.name}. "
            "Use cross_entropy or binary_cross_entropy, or label_smoothing=0."
        )


def _interval(interval: tuple[float, float], *, closed: bool = False) -> str:
    low, high = interval
    left = "[" if closed and math.isfinite(low) else "("
    right = "]" if closed and math.isfinite(high) else ")"
    return f"{left}{low:g}, {high:g}{right}"


@register
@dataclass(frozen=True)
class SquaredError(Loss):
    """(y - output)² / 2."""

    name: ClassVar[str] = "squared_error"
    matching: ClassVar[str] = "identity"

    def each(self, output: Any, y: Any) -> Any:
        return (y - output) ** 2 / 2

    def error(self, output: Any, y: Any) -> Any:
        return y - output


@register
@dataclass(frozen=True)
class AbsoluteError(Loss):
    """|y - output|."""

    name: ClassVar[str] = "absolute_error"

    def each(self, output: Any, y: Any) -> Any:
        return abs(y - output)

    def error(self, output: Any, y: Any) -> Any:
        return np.sign(y - output)


@register
@dataclass(frozen=True)
class Huber(Loss):
    """(y - output)² / 2 where |y - output| ≤ delta, else delta · (|y - output| - delta / 2)."""

    name: ClassVar[str] = "huber"
    source: ClassVar[str] = "Huber 1964, eq. 5"

    delta: float = 1.0

    def __post_init__(self) -> None:
        if not self.delta > 0:
            raise InputError(
                explain(expected="a delta above 0", got=f"{self.delta}", do="raise it")
            )

    def each(self, output: Any, y: Any) -> Any:
        r = y - output
        return np.where(abs(r) <= self.delta, r**2 / 2, self.delta * (abs(r) - self.delta / 2))

    def error(self, output: Any, y: Any) -> Any:
        return np.minimum(np.maximum(y - output, -self.delta), self.delta)


@register
@dataclass(frozen=True)
class Quantile(Loss):
    """quantile · (y - output) where y is above, else (1 - quantile) · (output - y)."""

    name: ClassVar[str] = "quantile"
    aliases: ClassVar[tuple[str, ...]] = ("pinball",)
    source: ClassVar[str] = "Koenker & Bassett 1978"

    quantile: float = 0.5

    def __post_init__(self) -> None:
        if not 0 < self.quantile < 1:
            raise InputError(
                explain(
                    expected="a quantile between 0 and 1",
                    got=f"{self.quantile}",
                    do="give 0.9 for the value that 90 % of the targets lie below",
                )
            )

    def each(self, output: Any, y: Any) -> Any:
        return np.maximum(self.quantile * (y - output), (self.quantile - 1) * (y - output))

    def error(self, output: Any, y: Any) -> Any:
        below = np.where(y < output, self.quantile - 1, 0.0)
        return np.where(y > output, self.quantile, below)


@register
@dataclass(frozen=True)
class Poisson(Loss):
    """output - y + y · log(y / output): half the Poisson deviance; output is the expected count."""

    name: ClassVar[str] = "poisson"
    matching: ClassVar[str] = "exp"
    output_range: ClassVar[tuple[float, float]] = (0.0, INFINITY)
    target_range: ClassVar[tuple[float, float]] = (0.0, INFINITY)
    source: ClassVar[str] = "McCullagh & Nelder 1989, table 2.1"

    # y · log(y) is 0 at y = 0; the logarithm there is taken of 1 instead.
    def each(self, output: Any, y: Any) -> Any:
        kept = np.maximum(output, SMALLEST)
        return output - y + y * (np.log(np.where(y > 0, y, 1)) - np.log(kept))

    def each_from_net_input(self, z: Any, y: Any) -> Any:
        return np.exp(z) - y + y * (np.log(np.where(y > 0, y, 1)) - z)

    def error(self, output: Any, y: Any) -> Any:
        return y / np.maximum(output, SMALLEST) - 1


@register
@dataclass(frozen=True)
class BinaryCrossEntropy(Loss):
    """-y · log(output) - (1 - y) · log(1 - output), for each output on its own."""

    name: ClassVar[str] = "binary_cross_entropy"
    aliases: ClassVar[tuple[str, ...]] = ("binary_log_loss",)
    matching: ClassVar[str] = "sigmoid"
    output_range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    target_range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    source: ClassVar[str] = "Cox 1958"

    def each(self, output: Any, y: Any) -> Any:
        chance, rest = np.maximum(output, SMALLEST), np.maximum(1 - output, SMALLEST)
        return -(y * np.log(chance)) - (1 - y) * np.log(rest)

    def each_from_net_input(self, z: Any, y: Any) -> Any:
        return SOFTPLUS(z) - y * z

    def error(self, output: Any, y: Any) -> Any:
        chance, rest = np.maximum(output, SMALLEST), np.maximum(1 - output, SMALLEST)
        return y / chance - (1 - y) / rest

    def check_activation(self, activation: Activation) -> None:
        if not activation.elementwise:
            raise InputError(
                f"The loss {self.name} takes each output as a yes or no of its own; the outputs "
                f"of {activation.label} share one choice. Use output_activation='sigmoid', or "
                "the loss 'cross_entropy'."
            )
        super().check_activation(activation)

    def smoothed(self, y: Any, label_smoothing: Any, outputs: int) -> Any:
        return y * (1 - label_smoothing) + label_smoothing / 2


@register
@dataclass(frozen=True)
class CrossEntropy(Loss):
    """-y · log(output), summed over the classes of a row; one output neuron for each class."""

    name: ClassVar[str] = "cross_entropy"
    aliases: ClassVar[tuple[str, ...]] = ("log_loss",)
    matching: ClassVar[str] = "softmax"
    output_range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    target_range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    source: ClassVar[str] = "Bridle 1990"

    def each(self, output: Any, y: Any) -> Any:
        return -(y * np.log(np.maximum(output, SMALLEST)))

    def each_from_net_input(self, z: Any, y: Any) -> Any:
        largest = np.max(z, axis=1, keepdims=True)
        log_sum = np.log(np.sum(np.exp(z - largest), axis=1, keepdims=True))
        return y * (largest + log_sum - z)

    def error(self, output: Any, y: Any) -> Any:
        return y / np.maximum(output, SMALLEST)

    def check_activation(self, activation: Activation) -> None:
        if activation.name != "softmax":
            raise InputError(
                f"The loss {self.name} needs outputs that add up to 1 over the classes. Got "
                f"{activation.label}. Use output_activation='softmax', or, for one output neuron, "
                "the loss 'binary_cross_entropy' with 'sigmoid'."
            )

    def check_targets(self, y: Any) -> None:
        super().check_targets(y)
        bad = abs(y.sum(axis=1) - 1) > 1e-6
        if bad.any():
            row = int(np.argmax(bad))
            raise InputError(
                explain(
                    expected="targets that add up to 1 over the classes of a row",
                    got=f"{y[row].tolist()} in row {row} (counted from 0)",
                    do="give a 1 for the row's class and 0 for the others, or use "
                    "binary_cross_entropy",
                )
            )

    def smoothed(self, y: Any, label_smoothing: Any, outputs: int) -> Any:
        return y * (1 - label_smoothing) + label_smoothing / outputs


def loss(choice: str | Loss) -> Loss:
    """Return the loss for a name or a record."""
    found: Loss = find("loss", choice)
    return found
