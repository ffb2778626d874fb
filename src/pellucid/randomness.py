"""Random draws that are functions of their place alone.

Dropout masks are drawn by a counter: the draw for one neuron of one row of one update is
computed from (seed, purpose, update, row, unit) and from nothing else. So it does not matter
in which order, on how many threads, or in which program the masks are made.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

# One constant and mixing function of Steele, Lea & Flood 2014 ("SplitMix"), with the
# multipliers of Stafford's variant 13.
_GOLDEN = 0x9E3779B97F4A7C15
_MIX = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)

PURPOSES = {"dropout": 1}


def _mixed(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    # Arrays throughout: NumPy's uint64 scalars warn on the overflow that is meant here.
    x = (x ^ (x >> np.uint64(30))) * np.uint64(_MIX[0])
    x = (x ^ (x >> np.uint64(27))) * np.uint64(_MIX[1])
    return x ^ (x >> np.uint64(31))


def _counter(state: NDArray[np.uint64], number: Any) -> NDArray[np.uint64]:
    step = (np.asarray(number, np.uint64).reshape(-1) + np.uint64(1)) * np.uint64(_GOLDEN)
    return _mixed(state + step)


def uniform(
    seed: int, purpose: str, layer: int, update: int, rows: int, units: int
) -> NDArray[np.float64]:
    """Return numbers in [0, 1), shape (rows, units), for a place in training.

    Each has 53 random bits; equal arguments give equal numbers on every machine.
    """
    state = np.array([int(seed) & 0xFFFFFFFFFFFFFFFF], np.uint64)
    for number in (PURPOSES[purpose], layer, update):
        state = _counter(state, number)
    by_row = _counter(state, np.arange(rows)).reshape(-1, 1)
    columns = (np.arange(units, dtype=np.uint64) + np.uint64(1)) * np.uint64(_GOLDEN)
    bits = _mixed(_mixed(by_row + columns.reshape(1, -1)))
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def dropout_mask(
    seed: int,
    layer: int,
    update: int,
    rows: int,
    units: int,
    dropout: float,
    dtype: DTypeLike = np.float64,
) -> NDArray[Any]:
    """Return a mask of 0 and 1 / (1 - dropout), shape (rows, units).

    Each entry is 0 with probability `dropout`; dividing the others keeps the expected
    activation (Srivastava et al. 2014, sect. 10, "inverted dropout").
    """
    kept = uniform(seed, "dropout", layer, update, rows, units) >= dropout
    return (kept / (1 - dropout)).astype(dtype)
