"""The update: new parameters from gradients, by the optimizer's chain of pieces."""

from __future__ import annotations

from typing import Any

from pellucid.catalogue.optimizers import Optimizer, Parameter
from pellucid.catalogue.schedules import Clock
from pellucid.network import Network
from pellucid.step.forward import Let, Values

ROLES = ("weight", "bias", "scale", "activation")


def update(
    let: Let, network: Network, optimizer: Optimizer, given: Values, gradients: dict[str, Any]
) -> None:
    """Name the learning rate, the next states, and the next parameters, role after role.

    Those of the last layer come first, as their gradients do.
    """
    clock = Clock(given["update_number"], given["epoch_number"], given["progress"])
    shared: dict[str, Any] = {}
    for piece in optimizer.pieces:
        shared |= piece.share(let, list(gradients.values()), given)
    for name, schedule in optimizer.schedules.items():
        factor = schedule.factor(clock)
        shared[name] = given[name] if factor is None else let(name, given[f"base_{name}"] * factor)
    specs = sorted(network.parameter_specs, key=lambda spec: (ROLES.index(spec.role), -spec.layer))
    for spec in specs:
        name = spec.name
        change = gradients[name]
        at = Parameter(
            value=given[name],
            role=spec.role,
            fan_in=given.get(f"fan_in_{spec.layer}"),
            states={state: given[f"{state}_{name}"] for state in optimizer.states},
            settings=given,
            shared=shared,
            clock=clock,
            remember=lambda state, value, name=name: let(f"{state}_{name}_next", value),  # type: ignore[misc]
        )
        for piece in optimizer.pieces:
            change = piece.change(change, at)
        let(f"{name}_next", given[name] - change)
