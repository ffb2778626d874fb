"""Scores in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# What is smaller than this came of rounding.
ROUNDING = 1e-12


def percent(share: float) -> str:
    """Return a share as a percentage.

    >>> percent(0.98837)
    '98.8 %'
    """
    return f"{100 * share:.1f} %"


def figure(value: float) -> str:
    """Return a number with four significant digits, and a large one in full.

    >>> figure(0.91234), figure(19_648.3), figure(0.0000123)
    ('0.9123', '19,648', '1.23e-05')
    """
    return f"{value:,.0f}" if 1_000 <= abs(value) < 1e15 else f"{value:.4g}"


def unitless(value: float) -> str:
    """Return a number without a unit in the same way; what came of rounding is 0.

    >>> unitless(-2e-16), unitless(0.91234)
    ('0', '0.9123')
    """
    return figure(0.0 if abs(value) < ROUNDING else value)


def score_text(summary: Mapping[str, Any]) -> str:
    """Return the score of a fit beside that of the trivial guess."""
    rows = summary["validation_rows"]
    where = (
        f"on {rows:,} rows held out, which also chose the epoch"
        if rows
        else "on the rows it was trained on"
    )
    shown = percent if summary["metric"] == "accuracy" else unitless
    better = summary["score"] - summary["trivial_score"]
    better = better if summary["higher_is_better"] else -better
    return (
        f"{summary['metric']} {shown(summary['score'])} {where} "
        f"({summary['trivial_guess']} would score {shown(summary['trivial_score'])})"
        + (": no better than that guess" if better <= ROUNDING else "")
    )
