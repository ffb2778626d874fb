"""Scores in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def percent(share: float) -> str:
    """Return a share as a percentage.

    >>> percent(0.98837)
    '98.8 %'
    """
    return f"{100 * share:.1f} %"


def score_text(summary: Mapping[str, Any]) -> str:
    """Return the score of a fit beside that of the trivial guess."""
    rows = summary["validation_rows"]
    where = (
        f"on {rows:,} rows held out, which also chose the epoch"
        if rows
        else "on the rows it was trained on"
    )
    shown = percent if summary["metric"] == "accuracy" else "{:.3f}".format
    return (
        f"{summary['metric']} {shown(summary['score'])} {where} "
        f"({summary['trivial_guess']} would score {shown(summary['trivial_score'])})"
    )
