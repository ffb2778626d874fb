"""What *relative* agreement means wherever a test or a page names it."""

import numpy as np


def difference(a, b):
    """Return the largest |a − b| / max(|a|, |b|, 10⁻³ · the largest entry), over the entries of two equal shapes."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    assert a.shape == b.shape, f"shapes {a.shape} and {b.shape}"
    if np.array_equal(a, b):
        return 0.0
    scale = np.maximum(abs(a), abs(b))
    scale = np.maximum(scale, 1e-3 * scale.max())
    return float(np.max(abs(a - b) / scale))


def assert_agree(a, b, tolerance, what="the value"):
    """Fail, naming the entry, unless two arrays agree relatively to a tolerance; NaN agrees with nothing."""
    found = difference(a, b)
    assert found <= tolerance, (
        f"{what}: relative difference {found:.3g}, over {tolerance:g}:\n{a}\n{b}"
    )
