"""Where each value of a step stands on a sheet that shows all of them at once.

The forward pass is a row from left to right; what belongs to a matrix of it on the way back stands
beneath that matrix, and what the update makes of a weight beneath the weight.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from pellucid.names import describe
from pellucid.network import Network

_LAYER = re.compile(r"(?P<word>[a-z_]+?)_(?P<layer>\d+)")

# What stands in the column of a layer's sums, and in that of its activations: forward, then backward.
_SUMS = ({"net_input"}, {"delta_hidden"})
_ACTIVATIONS = (
    {"curved", "bend", "hidden", "mask", "kept"},
    {"error_hidden", "slope_curved", "slope_hidden"},
)
# In the column of a hidden layer: what its activations are made of, what dropout does, what is kept.
_FORWARD = {"curved": 1, "bend": 2, "hidden": 3, "mask": 4, "kept": 5}
_OUTPUT_BACK = {"error", "slope_output"}
_TARGETS = {"y", "smoothed_y", "row_weight"}


@dataclass
class Column:
    """One column of the sheet: names in the forward band, the backward band and the update."""

    key: str
    forward: list[str] = field(default_factory=list)
    backward: list[str] = field(default_factory=list)
    update: list[str] = field(default_factory=list)


@dataclass
class Placement:
    """The sheet: what the table is made into, the columns, and the single numbers around them.

    `settings` are the numbers that a person chooses, `clock` those that tell the time.
    """

    prepare: list[str]
    columns: list[Column]
    settings: list[str]
    clock: list[str]


def placement(
    names: Iterable[str],
    network: Network,
    *,
    settings: Iterable[str] = (),
    prepared: Iterable[str] = (),
) -> Placement:
    """Return the place of every name; each has exactly one.

    Parameters
    ----------
    names
        Inputs and computed values, in order.
    network
        The network that they belong to.
    settings
        Those of the names that are hyper-parameters.
    prepared
        Those that belong to the preparation of a table, `X` and `y` excepted.
    """
    layers = len(network.layers)
    keys = ["X"]
    for at in range(1, layers + 1):
        keys += [f"W{at}", f"net_input_{at}", "output" if at == layers else f"hidden_{at}"]
    columns = {key: Column(key) for key in (*keys, "y", "loss")}
    chosen, before = set(settings), set(prepared)
    sheet = Placement([], list(columns.values()), [], [])
    for name in names:
        if name in before:
            sheet.prepare.append(name)
        elif name in chosen:
            sheet.settings.append(name)
        elif name in ("n", "update_number", "epoch_number", "progress"):
            sheet.clock.append(name)
        else:
            key, band = _place(name, network)
            getattr(columns[key], band).append(name)
    for column in sheet.columns:
        column.forward.sort(key=lambda name: _FORWARD.get(name.rpartition("_")[0], 0))
        column.backward.sort(key=lambda name: not name.startswith("error"))
        column.update.sort(key=lambda name: _update_order(name, network))
    return sheet


def _parameter(name: str, network: Network) -> tuple[str, str, str]:
    """Return what stands before and after a parameter's name, and the parameter; or empty texts."""
    stem = name.removesuffix("_next")
    for parameter in network.parameter_shapes:
        if stem == parameter or stem.endswith(f"_{parameter}"):
            return stem.removesuffix(parameter), parameter, name[len(stem) :]
    return "", "", ""


def _update_order(name: str, network: Network) -> tuple[int, bool, str]:
    """Put the weights before the biases, a state beside its next value, and the new parameter last."""
    before, parameter, _ = _parameter(name, network)
    place = list(network.parameter_shapes).index(parameter) if parameter else -1
    return place, not before, name


def _place(name: str, network: Network) -> tuple[str, str]:
    """Return the column and the band of a name."""
    layers = len(network.layers)
    before, parameter, after = _parameter(name, network)
    if parameter:
        spec = next(s for s in network.parameter_specs if s.name == parameter)
        # What multiplies the inputs stands with them, and what multiplies an activation with it.
        key = {"scale": "X", "activation": f"hidden_{spec.layer}"}.get(spec.role, f"W{spec.layer}")
        if before == "gradient_":
            return key, "backward"
        return key, "update" if before or after else "forward"
    layer = _LAYER.fullmatch(name)
    if layer:
        for words, key in ((_SUMS, "net_input"), (_ACTIVATIONS, "hidden")):
            for band, at in zip(("forward", "backward"), words, strict=True):
                if layer["word"] in at:
                    return f"{key}_{layer['layer']}", band
    if name in ("X", "scaled_X"):
        return "X", "forward"
    if name == "error_X":
        return "X", "backward"
    if name == "delta_output":
        return f"net_input_{layers}", "backward"
    if name in _OUTPUT_BACK:
        return "output", "backward"
    if name in _TARGETS:
        return "y", "forward"
    stage = describe(name).stage
    if stage in ("gradient", "update"):
        return "X", "update"
    return ("loss" if stage == "loss" else "output"), "forward"
