"""The update: new parameters from gradients, by the optimizer's chain of pieces."""

from __future__ import annotations

from typing import Any

from pellucid.catalogue.optimizers import Optimizer, Parameter
from pellucid.catalogue.schedules import Clock
from pellucid.step.forward import Let, Values


def update(let: Let, optimizer: Optimizer, given: Values, gradients: dict[str, Any]) -> None:
    """Name the learning rate, the next states, and the next parameters: weights, then biases."""
    clock = Clock(given["update_number"], given["epoch_number"], given["progress"])
    shared: dict[str, Any] = {}
    for piece in optimizer.pieces:
        shared |= piece.share(let, list(gradients.values()), given)
    factor = optimizer.schedule.factor(clock)
    shared["learning_rate"] = (
        given["learning_rate"]
        if factor is None
        else let("learning_rate", given["base_learning_rate"] * factor)
    )
    for name in sorted(gradients, key=lambda name: name[0] == "b"):
        change = gradients[name]
        at = Parameter(
            value=given[name],
            is_weight=name.startswith("W"),
            states={state: given[f"{state}_{name}"] for state in optimizer.states},
            settings=given,
            shared=shared,
            clock=clock,
            remember=lambda state, value, name=name: let(f"{state}_{name}_next", value),  # type: ignore[misc]
        )
        for piece in optimizer.pieces:
            change = piece.change(change, at)
        let(f"{name}_next", given[name] - change)
