"""The picture of a network in a workbook: a chart of its neurons, joined by its weights."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from pellucid.exporters.traced import Traced
from pellucid.exporters.workbook_plan import COMPUTED, INPUT
from pellucid.exporters.workbook_style import BAND, FAINT, FILLS, NEGATIVE, POSITIVE, clean
from pellucid.views.diagram import MOST_NEURONS, shown_neurons

DATA = "Picture"
WIDTH, HEIGHT = 580, 380  # in pixels
THINNEST, THICKEST = 0.5, 4.5
LONGEST = 18
MOST_HEADINGS = 7  # of more layers they would overlap
MOST_WEIGHTS = 200  # a chart has at most 255 series


def insert_picture(
    workbook: xlsxwriter.Workbook, worksheet: Worksheet, traced: Traced, row: int
) -> None:
    """Draw the network: a line for each weight, its colour the sign and its width the size.

    A chart draws from cells; they stand on a hidden sheet.
    """
    network = traced.description.network
    layers = _drawn_neurons(network.sizes)
    data = workbook.add_worksheet(DATA)
    data.hide()
    chart = workbook.add_chart({"type": "scatter", "subtype": "straight"})
    below = _add_weights(chart, data, traced, layers)
    below = _add_neurons(chart, data, traced, layers, below)
    if len(layers) <= MOST_HEADINGS:
        _add_headings(chart, data, len(layers), below)
    last = len(layers) - 1
    hidden = {"visible": False, "major_gridlines": {"visible": False}}
    chart.set_x_axis({**hidden, "min": -0.6, "max": last + 0.6})
    chart.set_y_axis({**hidden, "min": -0.08, "max": 1.16})
    chart.set_legend({"none": True})
    chart.set_title(
        {
            "name": "The first weights, as saved: blue above 0, orange below 0, wide where large",
            "name_font": {"size": 10, "bold": False, "color": FAINT},
        }
    )
    chart.set_size({"width": WIDTH, "height": HEIGHT})
    chart.set_chartarea({"border": {"none": True}})
    worksheet.insert_chart(
        row, 1, chart, {"description": "The network's neurons, joined by its weights"}
    )


def _height(at: int, count: int) -> float:
    """Return how high neuron `at` of `count` stands, between 0 and 1."""
    return 0.46 if count == 1 else round(0.92 * (count - 1 - at) / (count - 1), 4)


def _drawn_neurons(sizes: Sequence[int]) -> list[list[int | None]]:
    """Return the neurons of each layer that are drawn: as many as a chart has series for."""
    for most in range(MOST_NEURONS, 1, -1):
        layers = [shown_neurons(size, most) for size in sizes]
        drawn = [sum(neuron is not None for neuron in layer) for layer in layers]
        if sum(a * b for a, b in pairwise(drawn)) <= MOST_WEIGHTS:
            break
    return layers


def _add_weights(
    chart: Any, data: Worksheet, traced: Traced, layers: list[list[int | None]]
) -> int:
    """Add a line for each weight between neurons that are drawn; return the next free row."""
    row = 0
    for layer in range(1, len(layers)):
        weights = np.asarray(traced.steps[0].values[f"W{layer}"], np.float64)
        largest = float(abs(weights).max(initial=0.0)) or 1.0
        before, after = layers[layer - 1], layers[layer]
        for i, source in enumerate(before):
            for j, target in enumerate(after):
                if source is None or target is None or row >= MOST_WEIGHTS:
                    continue
                weight = float(weights[source, target])
                ends = _height(i, len(before)), _height(j, len(after))
                data.write_row(row, 0, [layer - 1, layer, *ends])
                width = THINNEST + (THICKEST - THINNEST) * abs(weight) / largest
                colour = POSITIVE if weight >= 0 else NEGATIVE
                chart.add_series(
                    {
                        "categories": [DATA, row, 0, row, 1],
                        "values": [DATA, row, 2, row, 3],
                        "line": {"color": colour, "width": round(4 * width) / 4},
                        "marker": {"type": "none"},
                    }
                )
                row += 1
    return row


def _add_neurons(
    chart: Any, data: Worksheet, traced: Traced, layers: list[list[int | None]], row: int
) -> int:
    """Add the neurons of each layer with their names; return the next free row."""
    names = traced.labels.get("X"), traced.labels.get("output")
    for at, shown in enumerate(layers):
        is_last = at == len(layers) - 1
        given = names[0] if at == 0 else names[1] if is_last else None
        for drawn in (True, False):
            points = [
                (k, _text(neuron, at, len(layers), given))
                for k, neuron in enumerate(shown)
                if (neuron is not None) == drawn
            ]
            for k, (place, _) in enumerate(points):
                data.write_row(row + k, 0, [at, _height(place, len(shown))])
            side = "left" if at == 0 else "right" if is_last else "above"
            marker = {
                "type": "circle",
                "size": 16,
                "fill": {"color": FILLS[INPUT] if at == 0 else FILLS[COMPUTED]},
                "border": {"color": BAND},
            }
            _add_points(
                chart,
                (row, row + len(points) - 1),
                marker if drawn else {"type": "none"},
                [text for _, text in points],
                side if drawn else "center",
            )
            row += len(points)
    return row


def _add_headings(chart: Any, data: Worksheet, layers: int, row: int) -> None:
    """Add what each layer is, over its neurons."""
    hidden = ["hidden layer"] if layers == 3 else [f"hidden {at}" for at in range(1, layers - 1)]
    for at in range(layers):
        data.write_row(row + at, 0, [at, 1.07])
    texts = ["inputs", *hidden, "output"]
    _add_points(chart, (row, row + layers - 1), {"type": "none"}, texts, "center")


def _add_points(
    chart: Any,
    rows: tuple[int, int],
    marker: dict[str, Any],
    texts: list[str],
    side: str,
) -> None:
    """Add points with a text at each; without any point nothing is added."""
    first, last = rows
    if last < first:
        return
    # XlsxWriter takes a text such as a!A1 for a reference; with a mark of no width in it, it is text.
    labels = [{"value": text.replace("!", "!\u2060")} for text in texts]
    chart.add_series(
        {
            "categories": [DATA, first, 0, last, 0],
            "values": [DATA, first, 1, last, 1],
            "line": {"none": True},
            "marker": marker,
            "data_labels": {
                "value": True,
                "position": side,
                "custom": labels,
                "font": {"size": 9},
            },
        }
    )


def _text(neuron: int | None, layer: int, layers: int, labels: Any) -> str:
    if neuron is None:
        return "⋮"
    if labels is not None:
        text = clean(labels[neuron])
        return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    letter = "x" if layer == 0 else "output " if layer == layers - 1 else "h"
    return f"{letter}{neuron + 1}"
