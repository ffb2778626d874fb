"""Functions that formulas use and NumPy does not have."""

from __future__ import annotations

from typing import Any

from pellucid.algebra.nodes import Node, operation


def erf(x: Any) -> Any:
    """Return the error function of an array (by SciPy) or of a symbol (as a node)."""
    if isinstance(x, Node):
        return operation("erf", x)
    from scipy.special import erf as scipy_erf  # on use: the import takes a tenth of a second

    return scipy_erf(x)
