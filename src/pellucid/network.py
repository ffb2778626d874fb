"""A network is data: layers with their sizes, activations, dropout and initializers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pellucid.catalogue import (
    Activation,
    Initializer,
    Loss,
    Schedule,
    activation as find_activation,
    initializer as find_initializer,
    loss as find_loss,
    schedule as find_schedule,
)
from pellucid.catalogue.schedules import Clock
from pellucid.errors import InputError, check_count, explain, unknown_name

Array = NDArray[Any]


@dataclass(frozen=True)
class Layer:
    """One layer: `size` neurons, their activation, and what happens around them.

    `dropout` is the share of its activations that training leaves out at random.
    """

    size: int
    activation: Activation
    dropout: float = 0.0
    initializer: Initializer = find_initializer("glorot")  # noqa: RUF009 (a frozen record)

    def __post_init__(self) -> None:
        check_count(self.size, "layer size")
        if not 0 <= self.dropout < 1:
            raise InputError(
                explain(
                    expected="a dropout of at least 0 and below 1",
                    got=repr(self.dropout),
                    do="give the share of neurons to leave out, such as 0.2",
                )
            )


@dataclass(frozen=True)
class ParameterSpec:
    """One of the arrays that training changes.

    Attributes
    ----------
    name, shape
        As in the equations.
    layer
        The layer that it belongs to, from 1.
    role
        "weight", "bias", "scale" or "activation": by it optimizers and views treat it.
    fan_in
        How many numbers a neuron of the layer adds up.
    """

    name: str
    shape: tuple[int, int]
    layer: int
    role: str
    fan_in: int

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return self.shape[0] * self.shape[1]


@dataclass(frozen=True, init=False)
class Network:
    """A multi-layer perceptron, its loss and its penalties, as data.

    Parameters
    ----------
    sizes
        Numbers of inputs, of neurons in each hidden layer, and of outputs.
    activation
        Of the hidden layers: one for all, or a sequence with one for each. A name, a record,
        or a function of NumPy operations.
    output_activation
        Of the last layer; by default the one that matches the loss.
    loss
        A name or a record.
    dropout
        Share of hidden activations left out in training: one number, or one for each layer.
    dropout_schedule
        How that share changes while training goes on: a name or a record, of which the form counts.
    initializer
        A name or a record: one for all layers, or one for each.
    label_smoothing
        Share of each target that is spread evenly over the classes (classification only).
    input_scale
        Whether each input is multiplied by a number that is learnt, 1 at the start (the scaling
        layer of Holzmüller, Grinsztajn & Steinwart 2024, sect. 3).
    parametric_activation
        Whether each hidden neuron mixes its activation σ with its net input z by a number w that is
        learnt, 1 at the start: ``z + w · (σ(z) - z)`` (the same source). Only for activations that work
        element by element.
    l1, l2
        Penalties ``l1 · Σ|W| + l2 / 2 · ΣW²`` on the weights, not the biases, added to the
        loss once, and divided by nothing.
    l2_by_rows
        Divide L2, and only it, like the loss: by the rows of the batch or their weights. That
        is scikit-learn's `alpha`; with the sum over rows nothing is divided.

    Raises
    ------
    InputError
        If sizes, activations and loss do not fit together.

    Examples
    --------
    >>> net = Network([4, 3, 1], activation="sigmoid", loss="binary_cross_entropy")
    >>> net.sizes, net.layers[-1].activation.name, net.parameter_count
    ((4, 3, 1), 'sigmoid', 19)
    """

    inputs: int
    layers: tuple[Layer, ...]
    loss: Loss
    label_smoothing: float
    l1: float
    l2: float
    l2_by_rows: bool
    input_scale: bool
    parametric_activation: bool
    dropout_schedule: Schedule

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: Any = "relu",
        output_activation: Any = None,
        loss: str | Loss = "squared_error",
        dropout: float | Sequence[float] = 0.0,
        initializer: Any = "glorot",
        label_smoothing: float = 0.0,
        l1: float = 0.0,
        l2: float = 0.0,
        l2_by_rows: bool = False,
        input_scale: bool = False,
        parametric_activation: bool = False,
        dropout_schedule: str | Schedule = "constant",
    ) -> None:
        sizes = _as_sizes(sizes)
        the_loss = find_loss(loss)
        hidden = len(sizes) - 2
        activations = [find_activation(a) for a in _each(activation, hidden, "activation")]
        last = find_activation(output_activation or the_loss.matching or "identity")
        the_loss.check_activation(last)
        dropouts = [*(float(d) for d in _each(dropout, hidden, "dropout")), 0.0]
        starts = [find_initializer(i) for i in _each(initializer, hidden + 1, "initializer")]
        layers = tuple(
            Layer(*given)
            for given in zip(sizes[1:], [*activations, last], dropouts, starts, strict=True)
        )
        Layer(sizes[0], last)  # checks the number of inputs
        if layers[-1].size == 1 and last.name == "softmax":
            raise InputError(
                "One softmax output is always 1. Expected one output neuron for each class. For "
                "two classes use 2 outputs, or 1 output with 'binary_cross_entropy'."
            )
        limits = {
            "label_smoothing": (label_smoothing, 1),
            "l1": (l1, math.inf),
            "l2": (l2, math.inf),
        }
        for name, (value, top) in limits.items():
            if not 0 <= value < top:
                raise InputError(f"Expected {name} of at least 0 and below {top}. Got {value!r}.")
        if label_smoothing:
            the_loss.smoothed(0.0, label_smoothing, layers[-1].size)  # raises if it has none
        if parametric_activation:
            _check_elementwise(layers[:-1])
        for field, chosen in {
            "inputs": int(sizes[0]),
            "layers": layers,
            "loss": the_loss,
            "label_smoothing": float(label_smoothing),
            "l1": float(l1),
            "l2": float(l2),
            "l2_by_rows": bool(l2_by_rows),
            "input_scale": bool(input_scale),
            "parametric_activation": bool(parametric_activation),
            "dropout_schedule": find_schedule(dropout_schedule),
        }.items():
            object.__setattr__(self, field, chosen)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of inputs, of neurons in each hidden layer, and of outputs."""
        return (self.inputs, *(layer.size for layer in self.layers))

    @property
    def outputs(self) -> int:
        """Number of output neurons."""
        return self.layers[-1].size

    @property
    def is_matching_pair(self) -> bool:
        """Whether loss and output activation cancel to ``y - output`` in the delta."""
        return self.layers[-1].activation.name == self.loss.matching

    def is_parametric(self, layer: int) -> bool:
        """Whether a layer (from 1) learns a weight for the activation of each of its neurons."""
        return self.parametric_activation and layer < len(self.layers)

    @cached_property
    def parameter_specs(self) -> tuple[ParameterSpec, ...]:
        """What training changes, in the order of the flat vector.

        That is the scale if any, then W1, b1, the weights of layer 1's activations if any, W2 …
        """
        scale = ParameterSpec("input_scale", (1, self.inputs), 1, "scale", self.inputs)
        specs = [scale] if self.input_scale else []
        for at, (fan_in, fan_out) in enumerate(zip(self.sizes, self.sizes[1:], strict=False), 1):
            specs.append(ParameterSpec(f"W{at}", (fan_in, fan_out), at, "weight", fan_in))
            specs.append(ParameterSpec(f"b{at}", (1, fan_out), at, "bias", fan_in))
            if self.is_parametric(at):
                name = f"activation_weight_{at}"
                specs.append(ParameterSpec(name, (1, fan_out), at, "activation", fan_in))
        return tuple(specs)

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, int]]:
        """Their shapes by name, in the order of the flat vector."""
        return {spec.name: spec.shape for spec in self.parameter_specs}

    @cached_property
    def parameter_count(self) -> int:
        """How many numbers training changes."""
        return sum(spec.size for spec in self.parameter_specs)

    @property
    def settings(self) -> dict[str, float]:
        """The numbers of the network that enter its equations, by name.

        Those of an activation end in the number of its layer, those of a loss begin with its name;
        smoothing and penalties that are 0 are left out.
        """
        given = {"label_smoothing": self.label_smoothing, "l1": self.l1, "l2": self.l2}
        settings = {name: value for name, value in given.items() if value}
        for at, layer in enumerate(self.layers, 1):
            settings |= {f"{name}_{at}": v for name, v in layer.activation.numbers.items()}
        return settings | {self._of_loss(name): v for name, v in self.loss.numbers.items()}

    def dropout_share(self, layer: int, clock: Clock) -> Any:
        """Return the share of a layer's activations (from 1) that the update at this time leaves out.

        For a clock of symbols it is an expression.
        """
        factor = self.dropout_schedule.factor(clock)
        share = self.layers[layer - 1].dropout
        return share if factor is None else share * factor

    def _of_loss(self, number: str) -> str:
        return number if number == self.loss.name else f"{self.loss.name}_{number}"

    def activation_of(self, layer: int, given: Mapping[str, Any]) -> Activation:
        """Return the activation of a layer (from 1), with its numbers as far as `given` has them."""
        activation = self.layers[layer - 1].activation
        if not activation.numbers:
            return activation
        names = {name: f"{name}_{layer}" for name in activation.numbers}
        return activation.using({name: given[at] for name, at in names.items() if at in given})

    def loss_of(self, given: Mapping[str, Any]) -> Loss:
        """Return the loss, with its numbers as far as `given` has them."""
        names = {name: self._of_loss(name) for name in self.loss.numbers}
        return self.loss.using({name: given[at] for name, at in names.items() if at in given})

    def views(self, flat: Array) -> dict[str, Array]:
        """Return each parameter as a view into a flat vector of all."""
        if flat.shape != (self.parameter_count,):
            raise InputError(
                f"Expected a flat vector of {self.parameter_count} numbers. Got {flat.shape}."
            )
        views, start = {}, 0
        for name, (rows, columns) in self.parameter_shapes.items():
            views[name] = flat[start : start + rows * columns].reshape(rows, columns)
            start += rows * columns
        return views

    def start(
        self,
        random_state: Any = None,
        parameters: Mapping[str, Any] | None = None,
        dtype: DTypeLike = np.float64,
    ) -> Array:
        """Return start weights and biases as one flat vector; scales and weights of activations start at 1.

        Those in `parameters` (by name) are taken as they are, the others drawn by each layer's
        initializer from `random_state` (a seed or a `numpy.random.Generator`).
        Raises `InputError` for an initializer that reads rows (`training.starting.start_on` has some), an
        unknown name, a wrong shape, or a value that is not finite.
        """
        rng = np.random.default_rng(random_state)
        flat = np.empty(self.parameter_count, dtype)
        views = self.views(flat)
        for at, layer in enumerate(self.layers, 1):
            fan_in = self.sizes[at - 1]
            if layer.initializer.reads_rows:
                raise InputError(
                    explain(
                        expected=f"rows for the initializer {layer.initializer.name!r} of layer {at}",
                        got="none",
                        do="choose one that reads no rows, such as 'neural_tangent'",
                    )
                )
            views[f"W{at}"][:] = layer.initializer.weights(rng, fan_in, layer.size)
            views[f"b{at}"][:] = layer.initializer.bias(rng, fan_in, layer.size)
        for spec in self.parameter_specs:
            if spec.role in ("scale", "activation"):
                views[spec.name][:] = 1
        self.put(flat, parameters or {})
        return flat

    def put(self, flat: Array, parameters: Mapping[str, Any]) -> None:
        """Write parameters, by name, to their places in a flat vector.

        Raises `InputError` for an unknown name, a wrong shape, or a value that is not finite.
        """
        views = self.views(flat)
        for name, value in parameters.items():
            if name not in views:
                raise unknown_name("parameter", name, views)
            try:
                array = np.asarray(value, flat.dtype)
            except (TypeError, ValueError) as error:
                raise InputError(f"Expected numbers in {name}. Got {value!r}.") from error
            shape = views[name].shape
            # A flat sequence has one way to be laid out where one axis is 1.
            flat_will_do = array.ndim < 2 and array.size == max(shape) and 1 in shape
            if array.shape != shape and not flat_will_do:
                raise InputError(
                    f"Expected {name} of shape {views[name].shape}. Got {array.shape}. "
                    "Rows are the layer's inputs, columns its neurons."
                )
            if not np.isfinite(array).all():
                bad = tuple(int(at) for at in np.argwhere(~np.isfinite(array))[0])
                raise InputError(
                    f"Expected finite numbers in {name}. Got {array[bad]} at {list(bad)} (counted from 0)."
                )
            views[name][:] = array.reshape(views[name].shape)


def _as_sizes(sizes: Any) -> tuple[int, ...]:
    numbers = () if isinstance(sizes, str) or not isinstance(sizes, Iterable) else tuple(sizes)
    if len(numbers) < 2:
        raise InputError(
            explain(
                expected="sizes for at least the inputs and the outputs",
                got=repr(sizes),
                do="give for example [4, 3, 1]",
            )
        )
    return numbers


def _check_elementwise(hidden: Sequence[Layer]) -> None:
    """Raise `InputError` where a layer's activation has no net input of its own for each neuron."""
    for at, layer in enumerate(hidden, 1):
        if not layer.activation.elementwise:
            raise InputError(
                explain(
                    expected="activations that work element by element with parametric_activation=True",
                    got=f"{layer.activation.label} in hidden layer {at}",
                    do="give that layer another activation, or leave parametric_activation out",
                )
            )


def _each(given: Any, count: int, what: str) -> list[Any]:
    if isinstance(given, Sequence) and not isinstance(given, str):
        if len(given) != count:
            raise InputError(
                f"Expected one {what}, or {count}: one for each layer. Got {len(given)}."
            )
        return list(given)
    return [given] * count


__all__ = ["Layer", "Network", "ParameterSpec"]
