"""How raw columns become the network's inputs, and targets its outputs: NumPy lines, as in `pellucid.step`.

On arrays they compute; on symbols they give the equations of the stage `prepare`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pellucid.algebra import Node, call

Let = Callable[[str, Any], Any]

FARTHEST = 1e6


def filled_with(middle: Any, numbers: Any) -> Any:
    """Return numbers, with the middle of their column where one is missing."""
    return np.where(np.isnan(numbers), middle, numbers)


def within_reach(distance: Any) -> Any:
    """Return distances bounded so that squaring stays finite: 1e308 is a usual way to write "none"."""
    return np.minimum(np.maximum(distance, -FARTHEST), FARTHEST)


def smoothly_clipped(scaled: Any) -> Any:
    """Return a column's middle almost as it is, and its outliers drawn in to between -3 and 3.

    Holzmüller, Grinsztajn & Steinwart 2024 ("Better by default"), sect. 3.
    """
    return scaled / np.sqrt(1 + (scaled / 3) ** 2)


def prepare_numbers(let: Let, given: Mapping[str, Any]) -> Any:
    """Name `y`, the targets around 0 with standard deviation 1."""
    return let("y", (given["target"] - given["y_mean"]) / given["y_scale"])


def prepare_classes(let: Let, given: Mapping[str, Any]) -> Any:
    """Name `y`: for each output neuron 1 in the rows of its class, else 0."""
    return let("y", np.where(given["target"] == given["class_codes"], 1, 0))


def averaged(let: Let, given: Mapping[str, Any]) -> Any:
    """Return the network's output; where members answer together, name `mean_output` and return it.

    The outputs of the other members stand beside `output`: `output_of_2`, `output_of_3` …
    """
    others = [value for name, value in given.items() if name.startswith("output_of_")]
    if not others:
        return given["output"]
    return let("mean_output", sum(others, start=given["output"]) / (1 + len(others)))


def answer_numbers(let: Let, given: Mapping[str, Any]) -> Any:
    """Name `prediction`: the output in the units of the target, within its bounds where there are some."""
    prediction = averaged(let, given) * given["y_scale"] + given["y_mean"]
    if "y_lowest" in given:
        prediction = np.minimum(np.maximum(prediction, given["y_lowest"]), given["y_highest"])
    return let("prediction", prediction)


def answer_two_classes(let: Let, given: Mapping[str, Any]) -> Any:
    """Name `probability`, the chance of each of two classes, and `predicted_class`."""
    output = averaged(let, given)
    chances = np.concatenate([1 - output, output], axis=1)
    if "temperature" in given:
        calibrated(let, let("chances", chances), given["temperature"])
    else:
        let("probability", chances)
    return let("predicted_class", np.where(output > 0.5, 1, 0))


def answer_classes(let: Let, given: Mapping[str, Any]) -> Any:
    """Name `predicted_class`, the code of the class with the largest output, and calibrated chances."""
    output, codes = averaged(let, given), given["class_codes"]
    if "temperature" in given:
        calibrated(let, output, given["temperature"])
    if isinstance(output, Node):
        return let("predicted_class", call("likeliest", _likeliest, output, codes))
    return let("predicted_class", _likeliest(output, codes))


def calibrated(let: Let, chances: Any, temperature: Any) -> Any:
    """Name `probability`: chances whose logarithms are divided by a temperature, adding up to 1 again.

    Guo, Pleiss, Sun & Weinberger 2017 ("On calibration of modern neural networks"), sect. 4.2.
    """
    sharpened = let("sharpened", chances ** (1 / temperature))
    return let("probability", sharpened / np.sum(sharpened, axis=1, keepdims=True))


def _likeliest(output: Any, codes: Any) -> Any:
    """Return the code of each row's largest output; of equal ones that of the first."""
    is_largest = output == np.max(output, axis=1, keepdims=True)
    beyond = -1 - np.max(codes, axis=1, keepdims=True)
    return -np.max(np.where(is_largest, -codes, beyond), axis=1, keepdims=True)
