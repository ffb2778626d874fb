"""Curves as text: bars of eighths of a line, and one line of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

BARS = " ▁▂▃▄▅▆▇█"


def area(
    values: Sequence[float] | NDArray[Any],
    width: int = 60,
    height: int = 6,
    *,
    limits: tuple[float, float] | None = None,
) -> tuple[str, ...]:
    """Return a curve as `height` lines of at most `width` bars, the top line first.

    The lowest value is the thinnest bar, the highest fills all lines; `limits` gives others, so
    that several curves can share a scale. More values than `width`
    are averaged, fewer stand side by side. Values that are not finite leave a gap.

    >>> area([0, 1, 2, 3], height=1)
    ('▁▃▆█',)
    """
    points = _resampled(np.asarray(values, np.float64), width)
    finite = points[np.isfinite(points)]
    if not finite.size:
        return ("",) * height
    low, high = limits or (float(finite.min()), float(finite.max()))
    share = np.full(len(points), 0.0) if high == low else (points - low) / (high - low)
    eighths = np.where(np.isfinite(share), 1 + np.round(share * (8 * height - 1)), 0)
    lines = []
    for line in range(height - 1, -1, -1):
        filled = np.clip(eighths - 8 * line, 0, 8).astype(int)
        lines.append("".join(BARS[k] for k in filled))
    return tuple(lines)


def _resampled(values: NDArray[Any], width: int) -> NDArray[Any]:
    if len(values) <= width:
        return values
    edges = np.linspace(0, len(values), width + 1).astype(int)
    return np.array([values[a:b].mean() for a, b in pairwise(edges)])
