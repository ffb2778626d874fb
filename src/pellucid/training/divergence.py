"""What to say when a loss is no longer a number: where it began, and what to try."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pellucid.errors import DivergedError
from pellucid.names import describe
from pellucid.step import Step


def layer_of(name: str, step: Step) -> int | None:
    """Return the layer (from 1) that a value of a step belongs to, or None for all of them.

    >>> from pellucid.network import Network
    >>> layer_of("delta_hidden_2", Step(Network([1, 2, 2, 1]))), layer_of("output", Step(Network([1, 1])))
    (2, 1)
    """
    known = describe(name)
    if known.layer is not None:
        return known.layer
    last = len(step.network.layers)
    return last if name in ("output", "error", "slope_output", "delta_output", "row_loss") else None


def first_not_finite(values: Mapping[str, Any]) -> str | None:
    """Return the first name, in the order of the equations, whose value is not finite; None if all are."""
    return next((name for name, value in values.items() if not np.isfinite(value).all()), None)


def diverged(
    step: Step, values: Mapping[str, Any], update: int, epoch: int, rate: float
) -> DivergedError:
    """Return the error for values that are not all finite: of an update, or of held-out rows after it."""
    # Within rounding of the largest number NumPy's sum may be finite where a compiled one is not.
    first = first_not_finite(values) or "loss"
    bad = np.append(values[first], np.inf)
    layer = layer_of(first, step)
    return DivergedError(
        f"Expected a finite loss and finite weights. Got {bad[~np.isfinite(bad)].flat[0]} in update {update} "
        f"(epoch {epoch + 1}), where the loss was {float(values['loss']):g}. It began with {first}"
        f"{f', in layer {layer}' if layer else ''}: {describe(first).meaning}. To continue, try a tenth of the "
        f"learning rate, which was {rate:g}, or limit the gradients with clip_norm=1. No weights are returned."
    )
