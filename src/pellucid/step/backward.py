"""The backward pass: the error, carried back to every weight and bias."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.network import Network
from pellucid.step.forward import Let, Values, l2_strength, signal_into


def backward(let: Let, network: Network, given: Values, made: Values) -> dict[str, Any]:
    """Name errors, slopes, deltas and gradients; return the gradients by parameter.

    What has been computed for the outer layer is used again for the inner one.
    """
    deltas, errors = _deltas(let, network, given, made)
    gradients = {}
    for at in range(len(network.layers), 0, -1):
        signal, delta, W = signal_into(made, given, at), deltas[at], given[f"W{at}"]
        gradient_W = -(signal.T @ delta)
        gradient_b = -np.sum(delta, axis=0, keepdims=True)
        if "divisor" in made:
            gradient_W, gradient_b = gradient_W / made["divisor"], gradient_b / made["divisor"]
        if network.l1:
            gradient_W = gradient_W + given["l1"] * np.sign(W)
        if network.l2:
            gradient_W = gradient_W + l2_strength(network, given, made) * W
        gradients[f"W{at}"] = let(f"gradient_W{at}", gradient_W)
        gradients[f"b{at}"] = let(f"gradient_b{at}", gradient_b)
        if network.is_parametric(at):
            name = f"activation_weight_{at}"
            gradients[name] = let(
                f"gradient_{name}", _of_factor(errors[at], made[f"bend_{at}"], made)
            )
    if network.input_scale:
        gradient = _of_factor(errors[0], given["X"], made)
        gradients["input_scale"] = let("gradient_input_scale", gradient)
    return gradients


def _of_factor(error: Any, multiplied: Any, made: Values) -> Any:
    """Return the gradient of a row of factors, from what each row had multiplied and the error that it got."""
    gradient = -np.sum(error * multiplied, axis=0, keepdims=True)
    return gradient / made["divisor"] if "divisor" in made else gradient


def _deltas(
    let: Let, network: Network, given: Values, made: Values
) -> tuple[dict[int, Any], dict[int, Any]]:
    """Return the delta of each layer, and the error that reached each hidden one.

    That of 0 is the error at the scaled inputs, where they are scaled.
    """
    last = len(network.layers)
    y, output = made["y"], made["output"]
    error = (
        None if network.is_matching_pair else let("error", network.loss_of(given).error(output, y))
    )
    slopes = _slopes(let, network, given, made)

    if error is None:
        # The named simplification of a matching pair: loss and activation cancel to this.
        delta = y - output
    else:
        activation = network.activation_of(last, given)
        delta = activation.delta(error, made[f"net_input_{last}"], output, slopes.get(last))
    if "row_weight" in given:
        delta = delta * given["row_weight"]
    deltas, errors = {last: let("delta_output", delta)}, {}

    for at in range(last - 1, 0, -1):
        sent_back = deltas[at + 1] @ given[f"W{at + 1}"].T
        if f"mask_{at}" in given:
            sent_back = sent_back * given[f"mask_{at}"]
        error = errors[at] = let(f"error_hidden_{at}", sent_back)
        activation = network.activation_of(at, given)
        z, a = made[f"net_input_{at}"], made[f"hidden_{at}"]
        deltas[at] = let(f"delta_hidden_{at}", activation.delta(error, z, a, slopes.get(at)))
    if network.input_scale:
        errors[0] = let("error_X", deltas[1] @ given["W1"].T)
    return deltas, errors


def _slopes(let: Let, network: Network, given: Values, made: Values) -> dict[int, Any]:
    last = len(network.layers)
    slopes = {}
    for at in range(last, 0, -1):
        activation = network.activation_of(at, given)
        if not activation.elementwise or (at == last and network.is_matching_pair):
            continue
        parametric = network.is_parametric(at)
        of = "output" if at == last else f"curved_{at}" if parametric else f"hidden_{at}"
        slope = let(f"slope_{of}", activation.slope(made[f"net_input_{at}"], made[of]))
        if parametric:
            slope = let(f"slope_hidden_{at}", 1 + given[f"activation_weight_{at}"] * (slope - 1))
        slopes[at] = slope
    return slopes
