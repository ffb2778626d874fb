"""How the layers of a network fare on some rows: what comes out of them, and how much learning gets through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.tracing import Trace

Array = NDArray[Any]

# An activation with a smaller slope lets hardly any error through: a sigmoid beyond ±4.6, a tanh beyond ±3.
FLAT = 0.01
# With so few rows a neuron may be flat by chance.
FEWEST_ROWS = 20
# Shares from which a layer is worth a word.
MANY_DEAD, MANY_FLAT = 0.25, 0.5
# Beyond this factor between the deltas of two layers, errors fade or swell on their way back.
FADED = 1e-3
BINS = 24


def layer_health(trace: Trace) -> list[dict[str, Any]]:
    """Return for each layer, from the first hidden one, its numbers over the rows of a trace.

    `mean` and `spread` (the standard deviation) are those of its activations; `flat` is the share of
    (row, neuron) where the slope is below 0.01, `dead` how many neurons are flat in every row – both None
    where the layer has no slope of its own; `weights`, `gradients` and `deltas` are root mean squares.
    """
    last = len(trace.network.layers)
    found = []
    for at, layer in enumerate(trace.network.layers, 1):
        values = trace["output" if at == last else f"hidden_{at}"]
        slope_name = "slope_output" if at == last else f"slope_hidden_{at}"
        flat = abs(trace[slope_name]) < FLAT if slope_name in trace and at < last else None
        shares, edges = np.histogram(values, BINS)
        found.append(
            {
                "layer": at,
                "is_output": at == last,
                "activation": layer.activation.label,
                "is_bounded": bool(np.isfinite(layer.activation.range).all()),
                "neurons": layer.size,
                "dropout": float(layer.dropout),
                "mean": float(values.mean()),
                "spread": float(values.std()),
                "lowest": float(values.min()),
                "highest": float(values.max()),
                "flat": None if flat is None else float(flat.mean()),
                "dead": None if flat is None else int(flat.all(axis=0).sum()),
                "weights": _size(trace[f"W{at}"]),
                "gradients": _size(trace[f"gradient_W{at}"]),
                "deltas": _size(trace["delta_output" if at == last else f"delta_hidden_{at}"]),
                "edges": edges.tolist(),
                "shares": (shares / values.size).tolist(),
            }
        )
    return found


def advice(layers: Sequence[dict[str, Any]], rows: int) -> list[dict[str, Any]]:
    """Return what is worth saying of each layer: `layer`, whether it is `well`, what it `means`, what to `do`."""
    found = []
    for layer in layers:
        if layer["is_output"]:
            continue
        means, do = _word(layer, layers[-1], rows)
        found.append({"layer": layer["layer"], "well": not do, "means": means, "do": do})
    return found


def _word(layer: dict[str, Any], output: dict[str, Any], rows: int) -> tuple[str, str]:
    """Return what a hidden layer's numbers mean, and what to try (empty where all is well)."""
    if rows < FEWEST_ROWS:
        return f"With {rows} rows nothing can be said of it; give at least {FEWEST_ROWS}.", ""
    neurons, activation = layer["neurons"], layer["activation"]
    if layer["dead"] is not None and layer["dead"] >= MANY_DEAD * neurons:
        return (
            f"{layer['dead']} of {neurons} neurons are flat in every row: no error gets through them, so they have "
            "stopped learning.",
            "Try a lower learning rate, an activation that is nowhere quite flat (silu, mish, leaky_relu), or "
            "fewer neurons.",
        )
    if layer["flat"] is not None and layer["is_bounded"] and layer["flat"] >= MANY_FLAT:
        return (
            f"In {100 * layer['flat']:.0f} % of cases the {activation} is saturated: it stands at an end of its "
            "range, where a change of its input changes nothing.",
            "Try a lower learning rate, more weight decay, or silu or relu in its place.",
        )
    if layer["spread"] == 0:
        return (
            "Its outputs are the same in every row: nothing of the table gets through it.",
            "Try a lower learning rate or less weight decay.",
        )
    ratio = layer["deltas"] / output["deltas"] if output["deltas"] else 1.0
    if ratio == 0:
        return (
            "No error reaches it, for the weights behind it are all 0: it does not learn yet.",
            "Try more epochs.",
        )
    if ratio < FADED:
        return (
            f"The error that reaches it is {_times(1 / ratio)} times smaller than at the output: it hardly learns.",
            "Try fewer layers, or an activation such as silu or relu.",
        )
    if ratio > 1 / FADED:
        return (
            f"The error that reaches it is {_times(ratio)} times larger than at the output: steps there are rough.",
            "Try a lower learning rate, or more weight decay.",
        )
    return _well(layer), ""


def _well(layer: dict[str, Any]) -> str:
    if layer["dead"]:
        neurons = "1 neuron is" if layer["dead"] == 1 else f"{layer['dead']} neurons are"
        return f"Healthy: {neurons} flat in every row, the others differ between rows and pass errors back."
    return "Healthy: its neurons differ between rows and pass errors back."


def _times(factor: float) -> str:
    return f"{float(f'{factor:.2g}'):,.0f}"


def _size(values: Array) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.mean(np.square(values))))
