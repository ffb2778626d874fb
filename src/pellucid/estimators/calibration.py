"""The temperature of a classifier's chances: found on held-out rows, and fitted to how many answer together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from pellucid.estimators.metrics import SMALLEST_CHANCE
from pellucid.evaluator import compute
from pellucid.preparation.lines import Let, calibrated

Array = NDArray[Any]

# A temperature is sought between these; beyond them chances are all the same, or all 0 and 1.
TEMPERATURES = (0.05, 20.0)
# Fewer rows say too little of chances.
FEWEST_ROWS_TO_CALIBRATE = 50
# By which share the temperature of a mean of very many networks lies below that of one: measured over tables
# (docs/decisions.md), where five networks have 0.9 of it.
MORE_MODEST = 0.125


def temperature_for(chances: Array, y: Array, row_weight: Array | None) -> float:
    """Return the temperature under which the rows' classes are likeliest, had each class been seen once more.

    A hundred rows that are all answered rightly do not say that the next one will be: without these sightings
    chances would become 0 and 1. So of n rows and K classes a row's own class counts as (n + 1) / (n + K), and
    every other as 1 / (n + K) (Laplace's rule of succession; Platt 1999 smooths the targets of a sigmoid so).

    Parameters
    ----------
    chances, y
        The chance of each class, and 1 for the class of each row, shape (n, classes).
    row_weight
        Shape (n, 1), or None.
    """
    weight = None if row_weight is None else row_weight[:, 0]
    n, classes = y.shape
    seen = np.where(y == y.max(axis=1, keepdims=True), n + 1, 1) / (n + classes)

    def lines(let: Let, given: Mapping[str, Any]) -> None:
        calibrated(let, given["chances"], given["temperature"])

    def cost(log_temperature: float) -> float:
        given = {"chances": chances, "temperature": np.exp(log_temperature)}
        logs = np.log(np.maximum(compute(lines, given)["probability"], SMALLEST_CHANCE))
        return -float(np.average((seen * logs).sum(axis=1), weights=weight))

    low, high = np.log(TEMPERATURES)
    found = minimize_scalar(cost, bounds=(low, high), method="bounded", options={"xatol": 1e-4})
    return float(np.exp(found.x))


def temperature_of_mean(found: float, own: float, together: int) -> float:
    """Return the temperature for the mean of networks, of which fewer have seen held-out rows.

    A mean is more modest than each of its parts: where these are too sure, it is hardly so, and it is
    never made more modest still.

    Parameters
    ----------
    found
        The temperature under which held-out rows are likeliest.
    own
        How many networks have answered each of these, on the mean.
    together
        How many answer a new row.

    Examples
    --------
    >>> temperature_of_mean(0.8, 1, 1), round(temperature_of_mean(0.8, 1, 5), 3), temperature_of_mean(1.5, 1, 5)
    (0.8, 0.72, 1.0)
    """
    if own >= together:
        return found
    return min(1.0, found * (1 - MORE_MODEST * (1 / own - 1 / together)))
