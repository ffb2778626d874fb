"""The worked example with choices of one's own: built, trained, and traced."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.catalogue import OPTIMIZERS, activation as find_activation, loss as find_loss
from pellucid.catalogue.initializers import Uniform
from pellucid.errors import DivergedError, InputError, check_count, explain, unknown_name
from pellucid.evaluator import predict, run
from pellucid.network import Network
from pellucid.rows import as_rows
from pellucid.step import Step
from pellucid.tracing import EXAMPLE, Trace, traced_steps
from pellucid.training.batches import epoch_batches
from pellucid.training.updates import Updates

INPUTS = 4


@dataclass(frozen=True)
class Choices:
    """What can be chosen about the example; the defaults are the worked example itself."""

    hidden: str = "3"
    activation: str = "sigmoid"
    loss: str = "squared_error"
    optimizer: str = "sgd"
    learning_rate: float = 0.1
    batch_size: int | None = None
    seed: int = 0

    def network(self) -> Network:
        """Return the network; `InputError` if the choices do not fit together."""
        sizes = hidden_sizes(self.hidden)
        loss = find_loss(self.loss)
        names = [name.strip() for name in self.activation.split(",")]
        chosen: Any = names if len(names) > 1 else names[0]
        for name in names:
            find_activation(name)
        # One softmax output is always 1: its loss takes an output neuron for each of two classes.
        outputs = 2 if loss.matching == "softmax" else 1
        low, high = loss.target_range
        matching = loss.matching if outputs == 2 or (low, high) == (0, 1) else "sigmoid"
        return Network(
            [INPUTS, *sizes, outputs],
            activation=chosen,
            output_activation=matching,
            loss=loss,
            initializer=Uniform(),
        )

    def step(self) -> Step:
        """Return the step, its loss summed over the rows as in the tutorial."""
        if self.optimizer not in OPTIMIZERS:
            raise unknown_name("optimizer", self.optimizer, OPTIMIZERS)
        return Step(self.network(), OPTIMIZERS[self.optimizer](self.learning_rate), "sum")


@dataclass(frozen=True)
class Example:
    """The example after some training, and the steps that come next.

    `losses` is the loss on all rows before the first epoch and after each one.
    """

    trace: Trace
    losses: tuple[float, ...]
    batch_size: int | None

    @property
    def epochs(self) -> int:
        """How many epochs it was trained for."""
        return len(self.losses) - 1


def hidden_sizes(text: str) -> list[int]:
    """Return the sizes in ``3,2``; ``0`` or ``none`` is no hidden layer."""
    if text.strip().lower() in ("", "0", "none"):
        return []
    try:
        sizes = [int(part) for part in text.split(",")]
    except ValueError as error:
        raise InputError(
            explain(
                expected="the sizes of the hidden layers",
                got=repr(text),
                do="give for example --hidden 3,2",
            )
        ) from error
    return [check_count(size, "layer size") for size in sizes]


def prepare(
    choices: Choices,
    *,
    epochs: int = 0,
    steps: int = 1,
    watch: Callable[[Iterable[int]], Iterable[int]] = lambda epochs: epochs,
) -> Example:
    """Train for some epochs, then trace the next steps.

    The example's own start weights are taken where they fit, others drawn from [0, 1).
    `watch` wraps the epochs, to show how far training is.
    """
    check_count(steps, "step")
    if epochs < 0:
        raise InputError(
            explain(expected="0 epochs or more", got=str(epochs), do="leave --epochs out")
        )
    step = choices.step()
    network = step.network
    X, y, _ = as_rows(network, EXAMPLE["X"], EXAMPLE["y"])
    fitting = {
        name: EXAMPLE[name]
        for name, shape in network.parameter_shapes.items()
        if name in EXAMPLE and np.shape(EXAMPLE[name]) == shape
    }
    updates = Updates(step, network.start(choices.seed, fitting), seed=choices.seed)
    losses = [_loss(updates, X, y)]
    for epoch in watch(range(epochs)):
        for rows in epoch_batches(len(X), choices.batch_size):
            updates.make(updates.given(X[rows], y[rows], epoch=epoch))
        losses.append(_loss(updates, X, y))
        if not np.isfinite(losses[-1]):
            raise DivergedError(
                explain(
                    expected="a loss that stays finite",
                    got=f"{losses[-1]} after epoch {epoch + 1}",
                    do="lower --learning-rate",
                )
            )
    traced = traced_steps(updates, X, y, batch_size=choices.batch_size, steps=steps, epoch=epochs)
    return Example(Trace(step, traced), tuple(losses), choices.batch_size)


def _loss(updates: Updates, X: Any, y: Any) -> float:
    given = updates.given(X, y)
    return float(run(Step(updates.step.network, None, updates.step.reduction), given)["loss"])


def after_update(trace: Trace, step: int) -> dict[str, Any]:
    """Return output and loss of a step's rows, computed anew with its next parameters."""
    values = trace.step(step).values
    network = trace.network
    given = {s.name: values[s.name] for s in trace.description.inputs}
    given |= {name: values[f"{name}_next"] for name in network.parameter_shapes}
    loss = run(Step(network, None, trace.description.reduction), given)["loss"]
    parameters = {name: given[name] for name in network.parameter_shapes}
    output = predict(network, parameters, np.asarray(given["X"]))["output"]
    return {"loss": float(loss), "output": output}
