"""The forward pass: from the inputs to the output, and what the output costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pellucid.network import Network

Let = Callable[[str, Any], Any]
Values = Mapping[str, Any]


def forward(let: Let, network: Network, given: Values) -> dict[str, Any]:
    """Name every net input and activation; return them by name.

    A layer's activations are multiplied by its mask where `given` has one.
    """
    made: dict[str, Any] = {}
    signal = given["X"]
    if network.input_scale:
        signal = made["scaled_X"] = let("scaled_X", signal * given["input_scale"])
    for at in range(1, len(network.layers) + 1):
        z = made[f"net_input_{at}"] = let(
            f"net_input_{at}", signal @ given[f"W{at}"] + given[f"b{at}"]
        )
        name = "output" if at == len(network.layers) else f"hidden_{at}"
        signal = network.activation_of(at, given)(z)
        if network.is_parametric(at):
            curved = made[f"curved_{at}"] = let(f"curved_{at}", signal)
            bend = made[f"bend_{at}"] = let(f"bend_{at}", curved - z)
            signal = z + given[f"activation_weight_{at}"] * bend
        signal = made[name] = let(name, signal)
        if f"mask_{at}" in given:
            signal = made[f"kept_{at}"] = let(f"kept_{at}", signal * given[f"mask_{at}"])
    return made


def signal_into(made: Values, given: Values, layer: int) -> Any:
    """Return what layer `layer` (from 1) multiplies with its weights."""
    if layer == 1:
        return made["scaled_X"] if "scaled_X" in made else given["X"]
    return made[f"kept_{layer - 1}" if f"kept_{layer - 1}" in made else f"hidden_{layer - 1}"]


def loss(let: Let, network: Network, given: Values, made: dict[str, Any], reduction: str) -> None:
    """Name the targets, the loss of each row, and the loss of all; add them to `made`.

    With `reduction` "mean" the sum over rows is divided by their number, or by the sum of
    their weights; penalties are added once and divided by nothing.
    """
    y, last = given["y"], f"net_input_{len(network.layers)}"
    if network.label_smoothing:
        y = let("smoothed_y", network.loss.smoothed(y, given["label_smoothing"], network.outputs))
    made["y"] = y

    chosen = network.loss_of(given)
    each = chosen.each_from_net_input(made[last], y) if network.is_matching_pair else None
    if each is None:
        each = chosen.each(made["output"], y)
    row_loss = let("row_loss", np.sum(each, axis=1, keepdims=True))
    counted = row_loss * given["row_weight"] if "row_weight" in given else row_loss

    total = np.sum(counted)
    if reduction == "mean":
        if "row_weight" in given:
            made["divisor"] = let("weight_total", np.sum(given["row_weight"]))
        else:
            made["divisor"] = given["n"]
        total = total / made["divisor"]
    made["loss"] = let("loss", total)

    penalties = _penalties(network, given, made)
    if penalties:
        penalty = let("penalty", sum(penalties[1:], start=penalties[0]))
        made["objective"] = let("objective", made["loss"] + penalty)


def l2_strength(network: Network, given: Values, made: Values) -> Any:
    """Return the strength of L2, shared among the rows where the network says so."""
    shared = network.l2_by_rows and "divisor" in made
    return given["l2"] / made["divisor"] if shared else given["l2"]


def _penalties(network: Network, given: Values, made: Values) -> list[Any]:
    weights = [given[f"W{at}"] for at in range(1, len(network.layers) + 1)]
    terms = [given["l1"] * np.sum(abs(W)) for W in weights] if network.l1 else []
    if network.l2:
        strength = l2_strength(network, given, made)
        terms += [strength / 2 * np.sum(W**2) for W in weights]
    return terms
