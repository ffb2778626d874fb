"""From a description to its step: the lines run on symbols, or on arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from pellucid.algebra import Equation, Symbol, check, node
from pellucid.catalogue.optimizers import Optimizer
from pellucid.catalogue.schedules import Clock, Schedule
from pellucid.errors import InputError
from pellucid.names import describe
from pellucid.network import Network
from pellucid.step.backward import backward
from pellucid.step.forward import Let, forward, loss
from pellucid.step.update import update


def named(name: str, shape: Any = ()) -> Symbol:
    """Return the symbol for a name of the table of names."""
    known = describe(name)
    return Symbol(name, shape, known.meaning, known.latex, known.parameter, known.layer)


def _setting(name: str) -> Symbol:
    """Return the symbol of a hyper-parameter; one of a user's own piece stands for itself."""
    try:
        return named(name)
    except KeyError:
        words = name.replace("_", " ")
        return Symbol(name, (), words, rf"\mathrm{{{words}}}")


class Recorder:
    """A `let` for symbols: records an equation and hands back a fresh symbol.

    The fresh symbol cuts the expression: what follows reads the name, not the formula.
    """

    def __init__(self) -> None:
        self.equations: list[Equation] = []

    def __call__(self, name: str, value: Any) -> Symbol:
        expression = node(value)
        symbol = named(name, expression.shape)
        self.equations.append(Equation(symbol, expression, describe(name).stage))
        return symbol


@dataclass(frozen=True)
class Step:
    """One training step of a network (or, without an optimizer, its loss and gradients).

    Parameters
    ----------
    network, optimizer
        What is trained, and how.
    reduction
        "mean" or "sum" over the rows.
    weighted
        Whether rows have weights (`row_weight` is then an input).
    dropout
        Whether layers with dropout have a mask (`mask_l` is then an input).
    """

    network: Network
    optimizer: Optimizer | None = None
    reduction: str = "mean"
    weighted: bool = False
    dropout: bool = True

    def __post_init__(self) -> None:
        if self.reduction not in ("mean", "sum"):
            raise InputError(f"Expected the reduction 'mean' or 'sum'. Got {self.reduction!r}.")

    def lines(self, let: Let, given: Mapping[str, Any]) -> None:
        """Run the step: on arrays it computes, on symbols it gives equations."""
        made = forward(let, self.network, given)
        loss(let, self.network, given, made, self.reduction)
        gradients = backward(let, self.network, given, made)
        if self.optimizer is not None:
            update(let, self.network, self.optimizer, given, gradients)

    @cached_property
    def settings(self) -> Mapping[str, float]:
        """The hyper-parameters that the step reads, by name, with their values."""
        settings = dict(self.network.settings)
        if self.optimizer is not None:
            settings |= self.optimizer.settings
            if self.optimizer.reads_fan_in:
                weights = [s for s in self.network.parameter_specs if s.role == "weight"]
                settings |= {f"fan_in_{spec.layer}": spec.fan_in for spec in weights}
            for name, schedule in self.optimizer.schedules.items():
                if _has_factor(schedule):
                    settings[f"base_{name}"] = settings.pop(name)
        return MappingProxyType(settings)

    @cached_property
    def masks(self) -> dict[str, tuple[str, int]]:
        """Names and shapes of the dropout masks."""
        layers = enumerate(self.network.layers, 1)
        kept = {f"mask_{at}": ("n", layer.size) for at, layer in layers if layer.dropout}
        return kept if self.dropout else {}

    @cached_property
    def state_names(self) -> dict[str, tuple[str, str]]:
        """For each state of the optimizer its (state, parameter), by its name in the step."""
        states = self.optimizer.states if self.optimizer else ()
        return {f"{s}_{p}": (s, p) for s in states for p in self.network.parameter_shapes}

    @cached_property
    def inputs(self) -> tuple[Symbol, ...]:
        """The symbols that the step reads and does not compute."""
        network = self.network
        shapes: dict[str, Any] = {"X": ("n", network.inputs), "y": ("n", network.outputs)}
        shapes |= {"row_weight": ("n", 1)} if self.weighted else {}
        shapes |= self.masks | network.parameter_shapes
        shapes |= {s: network.parameter_shapes[p] for s, (_, p) in self.state_names.items()}
        shapes["n"] = ()
        if self.optimizer is not None:
            shapes |= dict.fromkeys(("update_number", "epoch_number", "progress"), ())
        return (
            *(named(name, shape) for name, shape in shapes.items()),
            *(_setting(name) for name in self.settings),
        )

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """Every equation of the step, in order, checked to be well formed."""
        recorder = Recorder()
        self.lines(recorder, {symbol.name: symbol for symbol in self.inputs})
        check(self.inputs, recorder.equations)
        return tuple(recorder.equations)

    @cached_property
    def inference(self) -> tuple[Equation, ...]:
        """The equations from the inputs to the output, as they are after training."""
        recorder = Recorder()
        masks = self.masks
        given = {symbol.name: symbol for symbol in self.inputs if symbol.name not in masks}
        forward(recorder, self.network, given)
        check(given.values(), recorder.equations)
        return tuple(recorder.equations)


def _has_factor(schedule: Schedule) -> bool:
    clock = Clock(named("update_number"), named("epoch_number"), named("progress"))
    return schedule.factor(clock) is not None
