"""How numbers are written for people."""

from __future__ import annotations

import math


def number(value: float, decimals: int = 4) -> str:
    """Return a number with up to `decimals` decimals, as a spreadsheet would show it.

    Whole numbers stay whole; numbers too small for the decimals, or too large for a cell,
    are written with a power of ten.

    >>> [number(v) for v in (0.18736988, 1.0, -0.00594, 0.0000231, 123456.789)]
    ['0.1874', '1', '-0.0059', '2.31e-05', '123457']
    """
    if value == 0:
        return "0"
    if math.isnan(value):
        return "nan"
    size = abs(value)
    if math.isinf(value) or size >= 1e7:
        return f"{value:.4g}"
    if size < 10 ** (1 - decimals):
        # Two or three figures more than the decimals leave: a formula with them can be checked.
        return f"{value:.3g}"
    if value == round(value):
        return str(round(value))
    if size >= 100:
        decimals = max(0, decimals - int(math.log10(size)))
    return f"{value:.{decimals}f}"


def fixed(value: float, decimals: int = 4) -> str:
    """Return a number with exactly `decimals` decimals, for a column that lines up.

    >>> fixed(1), fixed(0.00002)
    ('1.0000', '0.0000')
    """
    text = f"{round(value, decimals) + 0.0:.{decimals}f}"  # + 0.0 takes the sign off a zero
    return text if abs(value) < 1e7 else f"{value:.{decimals}g}"
