"""The picture of a network in a workbook: a chart of its neurons, joined by its weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from pellucid.exporters.workbook_plan import Traced
from pellucid.exporters.workbook_style import BAND, FAINT, FILLS, NEGATIVE, POSITIVE, clean
from pellucid.views.diagram import shown_neurons

DATA = "Picture"
PICTURE_ROWS = 20
THINNEST, THICKEST = 0.5, 4.5
LONGEST = 18


def insert_picture(
    workbook: xlsxwriter.Workbook, worksheet: Worksheet, traced: Traced, column: int
) -> None:
    """Draw the network: a line for each weight, its colour the sign and its width the size.

    A chart draws from cells; they stand on a hidden sheet.
    """
    network = traced.description.network
    layers = [shown_neurons(size) for size in network.sizes]
    data = workbook.add_worksheet(DATA)
    data.hide()
    chart = workbook.add_chart({"type": "scatter", "subtype": "straight"})
    row = _add_weights(chart, data, traced, layers)
    _add_neurons(chart, data, traced, layers, row)
    last = len(layers) - 1
    hidden = {"visible": False, "major_gridlines": {"visible": False}}
    chart.set_x_axis({**hidden, "min": -0.6, "max": last + 0.6})
    chart.set_y_axis({**hidden, "min": -0.08, "max": 1.12})
    chart.set_legend({"none": True})
    chart.set_title(
        {
            "name": "The network and its first weights: blue above 0, orange below; wide where large",
            "name_font": {"size": 11, "bold": False, "color": FAINT},
            "overlay": False,
        }
    )
    chart.set_size({"width": 620, "height": 20 * (PICTURE_ROWS - 1)})
    chart.set_chartarea({"border": {"none": True}})
    worksheet.insert_chart(
        2, column, chart, {"description": "The network's neurons, joined by its weights"}
    )


def _height(at: int, count: int) -> float:
    """Return how high neuron `at` of `count` stands, between 0 and 1."""
    return 0.5 if count == 1 else 0.92 - 0.92 * at / (count - 1)


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
                if source is None or target is None:
                    continue
                weight = float(weights[source, target])
                data.write_row(row, 0, [layer - 1, layer])
                data.write_row(row, 2, [_height(i, len(before)), _height(j, len(after))])
                width = THINNEST + (THICKEST - THINNEST) * abs(weight) / largest
                chart.add_series(
                    {
                        "categories": [DATA, row, 0, row, 1],
                        "values": [DATA, row, 2, row, 3],
                        "line": {
                            "color": POSITIVE if weight >= 0 else NEGATIVE,
                            "width": round(width * 4) / 4,
                        },
                        "marker": {"type": "none"},
                    }
                )
                row += 1
    return row


def _add_neurons(
    chart: Any, data: Worksheet, traced: Traced, layers: list[list[int | None]], row: int
) -> None:
    """Add the neurons of each layer with their names, as points over the lines."""
    names = traced.labels.get("X"), traced.labels.get("output")
    for at, shown in enumerate(layers):
        given = names[0] if at == 0 else names[1] if at == len(layers) - 1 else None
        texts = [_text(neuron, at, len(layers), given) for neuron in shown]
        for k in range(len(shown)):
            data.write_row(row + k, 0, [at, _height(k, len(shown))])
        last = row + len(shown) - 1
        chart.add_series(
            {
                "categories": [DATA, row, 0, last, 0],
                "values": [DATA, row, 1, last, 1],
                "line": {"none": True},
                "marker": {
                    "type": "circle",
                    "size": 18,
                    "fill": {"color": FILLS["input"] if at == 0 else FILLS["computed"]},
                    "border": {"color": BAND},
                },
                "points": [
                    {"fill": {"none": True}, "border": {"none": True}} if n is None else None
                    for n in shown
                ],
                "data_labels": {
                    "value": True,
                    "position": "left" if at == 0 else "above" if at < len(layers) - 1 else "right",
                    "custom": [{"value": text} for text in texts],
                    "font": {"size": 9},
                },
            }
        )
        row = last + 1


def _text(neuron: int | None, layer: int, layers: int, labels: Any) -> str:
    if neuron is None:
        return "⋮"
    if labels is not None:
        text = clean(labels[neuron])
        return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    letter = "x" if layer == 0 else "output " if layer == layers - 1 else "h"
    return f"{letter}{neuron + 1}"
