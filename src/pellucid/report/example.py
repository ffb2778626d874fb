"""One prediction in numbers: the way of a row through the network, from its trace."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.tracing import Trace

# So many numbers of a layer are shown one by one.
SHOWN = 12


def worked(trace: Trace) -> list[dict[str, Any]]:
    """Return each equation from the inputs to the answer of a trace's first row, with one number worked out.

    The number is the largest, apart from its sign. `first` are the first numbers, of `size` in all.
    """
    found = []
    for equation in trace.equations:
        # The code of a class is no number that one would work out by hand.
        if equation.stage != "forward" or equation.name == "predicted_class":
            continue
        values = np.atleast_2d(trace[equation.name])[0]
        at = int(np.argmax(abs(values)))
        found.append(
            {
                "name": equation.name,
                "meaning": equation.meaning,
                "formula": equation.text,
                "size": values.size,
                "first": values[:SHOWN].tolist(),
                "lowest": float(values.min()),
                "highest": float(values.max()),
                "place": at,
                "worked": trace.cell(equation.name, 0, at).substituted,
            }
        )
    return found


def prepared(trace: Trace) -> list[dict[str, Any]]:
    """Return the inputs of the network for a trace's first row, with their names."""
    values = trace["X"][0].tolist()
    labels = trace.labels["X"]
    return [{"name": name, "value": v} for name, v in zip(labels, values, strict=True)]
