"""Initializers: how the start weights of a layer are drawn, or that they are given."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pellucid.catalogue.records import Record, check_number, find, register
from pellucid.errors import InputError, check_count

Generator = np.random.Generator


class Initializer(Record):
    """Base of initializers. Biases start at 0 unless a subclass draws them.

    One that has `reads_rows` overrides `weights_on` and `bias_on`, the others the two that know shapes alone.
    """

    kind: ClassVar[str] = "initializer"
    reads_rows: ClassVar[bool] = False

    def weights(self, rng: Generator, fan_in: int, fan_out: int) -> Any:
        """Return start weights of shape (fan_in, fan_out)."""
        raise NotImplementedError

    def bias(self, rng: Generator, fan_in: int, fan_out: int) -> Any:
        """Return start biases of shape (1, fan_out)."""
        return np.zeros((1, fan_out))

    def weights_on(self, rng: Generator, signal: Any, fan_out: int) -> Any:
        """Return start weights for a layer that gets `signal`, of shape (n, fan_in)."""
        return self.weights(rng, signal.shape[1], fan_out)

    def bias_on(self, rng: Generator, signal: Any, W: Any) -> Any:
        """Return start biases for a layer that gets `signal` and has weights `W`."""
        return self.bias(rng, *W.shape)


@register
@dataclass(frozen=True)
class Uniform(Initializer):
    """Weights and biases uniform in [low, high); [0, 1) is what the tutorial draws."""

    name: ClassVar[str] = "uniform"

    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        check_number(self, "low")
        check_number(self, "high", self.low)

    def weights(self, rng: Generator, fan_in: int, fan_out: int) -> Any:
        return rng.uniform(self.low, self.high, (fan_in, fan_out))

    def bias(self, rng: Generator, fan_in: int, fan_out: int) -> Any:
        return rng.uniform(self.low, self.high, (1, fan_out))


@register
@dataclass(frozen=True)
class Normal(Initializer):
    """Weights and biases normal around 0 with standard deviation `std`."""

    name: ClassVar[str] = "normal"

    std: float = 1.0

    def __post_init__(self) -> None:
        check_number(self, "std", 0)

    def weights(self, rng: Generator, fan_in: int, fan_out: int) -> Any:
        return rng.normal(0.0, self.std, (fan_in, fan_out))

    def bias(self, rng: Generator, fan_in: int, fan_out: int) -> Any:
        return rng.normal(0.0, self.std, (1, fan_out))


@dataclass(frozen=True)
class VarianceScaling(Initializer):
    """Base of initializers whose variance is a share of the number of inputs and outputs."""

    distribution: str = "uniform"

    def variance(self, fan_in: int, fan_out: int) -> float:
        """Return the variance of a weight."""
        raise NotImplementedError

    def __post_init__(self) -> None:
        if self.distribution not in ("uniform", "normal"):
            raise InputError(
                f"Expected the distribution 'uniform' or 'normal'. Got {self.distribution!r}."
            )

    def weights(self, rng: Generator, fan_in: int, fan_out: int) -> Any:
        variance = self.variance(fan_in, fan_out)
        if self.distribution == "normal":
            return rng.normal(0.0, math.sqrt(variance), (fan_in, fan_out))
        bound = math.sqrt(3 * variance)
        return rng.uniform(-bound, bound, (fan_in, fan_out))


@register
@dataclass(frozen=True)
class Glorot(VarianceScaling):
    """Variance 2 / (inputs + outputs)."""

    name: ClassVar[str] = "glorot"
    aliases: ClassVar[tuple[str, ...]] = ("xavier",)
    source: ClassVar[str] = "Glorot & Bengio 2010, eqs. 12 and 16"

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2 / (fan_in + fan_out)


@register
@dataclass(frozen=True)
class He(VarianceScaling):
    """Variance 2 / inputs."""

    name: ClassVar[str] = "he"
    source: ClassVar[str] = "He et al. 2015, eq. 10"

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2 / fan_in


@register
@dataclass(frozen=True)
class LeCun(VarianceScaling):
    """Variance 1 / inputs."""

    name: ClassVar[str] = "lecun"
    source: ClassVar[str] = "LeCun et al. 1998, eq. 16"

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 1 / fan_in


@register
@dataclass(frozen=True)
class NeuralTangent(Initializer):
    """Weights normal with variance 1 / inputs, biases normal with variance 1.

    That is net_input = signal @ V / √inputs + b, with V and b from the standard normal distribution.
    """

    name: ClassVar[str] = "neural_tangent"
    source: ClassVar[str] = "Jacot, Gabriel & Hongler 2018, sect. 3"

    def weights(self, rng: Generator, fan_in: int, fan_out: int) -> Any:
        return rng.normal(0.0, 1 / math.sqrt(fan_in), (fan_in, fan_out))

    def bias(self, rng: Generator, fan_in: int, fan_out: int) -> Any:
        return rng.normal(0.0, 1.0, (1, fan_out))


@register
@dataclass(frozen=True)
class DataDriven(Initializer):
    """Normal weights, scaled so that each net input has variance 1 over the rows; biases among the rows.

    Minus the bias is a weighted mean of what the weights make of some rows drawn at random, so that the place
    where the neuron bends lies between rows. The weights of that mean are uniform on the simplex.
    """

    name: ClassVar[str] = "data_driven"
    source: ClassVar[str] = (
        "Holzmüller, Grinsztajn & Steinwart 2024, sect. 3; biases: Steinwart 2019"
    )
    reads_rows: ClassVar[bool] = True

    points: int = 5

    def __post_init__(self) -> None:
        check_count(self.points, "number of points")

    def weights_on(self, rng: Generator, signal: Any, fan_out: int) -> Any:
        drawn = rng.normal(size=(signal.shape[1], fan_out)).astype(signal.dtype)
        sums = signal @ drawn
        spread = sums.std(axis=0)
        # A sum that is the same in all rows has no spread but rounding; there the variance of the inputs counts as 1.
        same = spread <= 100 * np.finfo(sums.dtype).eps * abs(sums).max(axis=0)
        return drawn / np.where(same, math.sqrt(signal.shape[1]), spread)

    def bias_on(self, rng: Generator, signal: Any, W: Any) -> Any:
        fan_out = W.shape[1]
        rows = rng.integers(len(signal), size=(self.points, fan_out))
        shares = rng.exponential(size=(self.points, fan_out))
        sums = (signal @ W)[rows, np.arange(fan_out)]
        return -np.sum(shares / shares.sum(axis=0) * sums, axis=0, keepdims=True)


@register
@dataclass(frozen=True)
class Zeros(Initializer):
    """All 0. In the last layer: the network starts without an opinion. Elsewhere it would never learn."""

    name: ClassVar[str] = "zeros"

    def weights(self, rng: Generator, fan_in: int, fan_out: int) -> Any:
        return np.zeros((fan_in, fan_out))


@register
@dataclass(frozen=True)
class Given(Initializer):
    """These weights and biases, as nested sequences or arrays; a missing bias is 0."""

    name: ClassVar[str] = "given"

    W: Any
    b: Any = None

    def __post_init__(self) -> None:
        for field in ("W", "b"):
            value = getattr(self, field)
            if value is not None:
                rows = tuple(tuple(float(v) for v in row) for row in np.atleast_2d(value))
                object.__setattr__(self, field, rows)

    def weights(self, rng: Generator, fan_in: int, fan_out: int) -> Any:
        return self._checked("W", self.W, (fan_in, fan_out))

    def bias(self, rng: Generator, fan_in: int, fan_out: int) -> Any:
        if self.b is None:
            return super().bias(rng, fan_in, fan_out)
        return self._checked("b", self.b, (1, fan_out))

    def _checked(self, name: str, value: Any, shape: tuple[int, int]) -> Any:
        array = np.array(value)
        if array.shape != shape:
            raise InputError(
                f"Expected {name} of shape {shape} for this layer. Got {array.shape}. "
                "Rows are the layer's inputs, columns its neurons."
            )
        return array


def initializer(choice: str | Initializer) -> Initializer:
    """Return the initializer for a name or a record."""
    found: Initializer = find("initializer", choice)
    return found
