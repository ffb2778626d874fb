"""One update after the other: parameters and optimizer state between the steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pellucid.catalogue.schedules import Clock
from pellucid.errors import InputError, check_count
from pellucid.evaluator import run
from pellucid.randomness import dropout_mask
from pellucid.step import Step

Array = NDArray[Any]


class Updates:
    """The numbers that one update hands to the next, and the update itself.

    Attributes
    ----------
    flat
        All parameters in one vector, changed in place by `make`.
    states
        For each state of the optimizer one vector laid out like `flat`.
    parameters
        Views into `flat` by name.
    number
        How many updates have been made.
    settings
        The hyper-parameters by name; a listener may change them between updates.
    """

    def __init__(self, step: Step, flat: Array, *, seed: int = 0) -> None:
        assert step.optimizer is not None
        self.step = step
        self.flat = flat
        self.seed = seed
        self.number = 0
        self.states = {name: np.zeros_like(flat) for name in step.optimizer.states}
        self.settings = dict(step.settings)
        self.parameters = step.network.views(flat)
        self._state_views = self._views()

    def _views(self) -> dict[str, Array]:
        return {
            f"{state}_{p}": view
            for state, vector in self.states.items()
            for p, view in self.step.network.views(vector).items()
        }

    def keep_states_in(self, memory: Array) -> None:
        """Move the states to the rows of `memory`, of which the beginnings are used."""
        for row, (name, state) in zip(memory, self.states.items(), strict=True):
            row[: len(state)] = state
            self.states[name] = row[: len(state)]
        self._state_views = self._views()

    @property
    def dtype(self) -> DTypeLike:
        """Type of the parameters and of all that is computed."""
        return self.flat.dtype

    def given(
        self,
        X: Array,
        y: Array,
        row_weight: Array | None = None,
        *,
        epoch: int = 0,
        progress: float = 0.0,
    ) -> dict[str, Any]:
        """Return every input of the next update, with its dropout masks drawn."""
        number = self.number + 1
        given: dict[str, Any] = {
            "X": X,
            "y": y,
            **self.parameters,
            **self._state_views,
            **self.settings,
            "n": X.shape[0],
            "update_number": number,
            "epoch_number": epoch,
            "progress": progress,
        }
        if self.step.weighted:
            given["row_weight"] = row_weight
        clock = Clock(number, epoch, progress)
        return given | masks_of(self.step, clock, X.shape[0], self.seed, self.dtype)

    def make(self, given: dict[str, Any]) -> dict[str, Array]:
        """Run the step, take over its next parameters and states, and return its values."""
        values = run(self.step, given, self.dtype)
        for name, view in (*self.parameters.items(), *self._state_views.items()):
            view[:] = values[f"{name}_next"]
        self.number += 1
        return values


def masks_of(
    step: Step, clock: Clock, rows: int, seed: int = 0, dtype: DTypeLike = np.float64
) -> dict[str, Array]:
    """Return the dropout masks of the update at a time, by name."""
    masks = {}
    for at, layer in enumerate(step.network.layers, 1):
        if f"mask_{at}" in step.masks:
            share = float(step.network.dropout_share(at, clock))
            masks[f"mask_{at}"] = dropout_mask(
                seed, at, int(clock.update_number), rows, layer.size, share, dtype
            )
    return masks


def given_after(step: Step, given: Mapping[str, Any], made: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of the update that follows, with the same rows.

    Parameters and states are what the last one left, masks are drawn anew, and the number of the update
    counts on; epoch and progress stay.
    """
    learnt = (*step.network.parameter_shapes, *step.state_names)
    following = {**given, **{name: made[f"{name}_next"] for name in learnt}}
    following["update_number"] = given["update_number"] + 1
    clock = Clock(*(following[name] for name in ("update_number", "epoch_number", "progress")))
    return following | masks_of(step, clock, int(given["n"]))


def check_steps(step: Step, steps: int) -> None:
    """Raise `InputError` where so many steps cannot follow each other."""
    check_count(steps, "number of steps")
    if steps > 1 and step.optimizer is None:
        raise InputError(
            f"Expected steps=1: after L-BFGS, or without targets, there is no update to go on from. Got {steps}."
        )
