"""Which rows are trained on, and which only judge: one part of them, or another one for each member."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

from pellucid.errors import InputError, explain

Array = NDArray[Any]
Parts = list[tuple[Array, Array]]

# Fewer rows than these are too few to give some away.
FEWEST_ROWS_TO_HOLD_OUT = 50
FEWEST_OF_A_CLASS = 5


def hold_out(
    rows: int, fraction: float, codes: Array | None, seed: int, members: int = 1
) -> tuple[Parts, str]:
    """Return for each member which rows it is trained on and which judge it, and a note where none can be spared.

    Several members hold out different rows, as the folds of a cross-validation do, so that each row can
    be judged by a network that has not seen it; with more members than folds the rows are dealt anew.

    Parameters
    ----------
    rows
        How many there are.
    fraction
        The share of them that is held out, at least 0 and below 1.
    codes
        The classes of the rows, shape (n,), or None; each class keeps its share in both parts.
    seed
        Of the choice.
    members
        How many networks there will be.
    """
    everything, none = np.arange(rows), np.arange(0)
    if not 0 <= fraction < 1:
        raise InputError(
            explain(
                expected="a validation_fraction of at least 0 and below 1",
                got=repr(fraction),
                do="give the share of rows to hold out, such as 0.2",
            )
        )
    nothing: Parts = [(everything, none)] * members
    if fraction == 0:
        return nothing, ""
    if rows < FEWEST_ROWS_TO_HOLD_OUT:
        note = f"With {rows} row{'s' * (rows > 1)}, none are held out; the weights of the last epoch are kept."
        return nothing, note
    if codes is not None:
        counts = np.unique(codes, return_counts=True)[1]
        fewest = int(counts.min())
        if fewest < FEWEST_OF_A_CLASS:
            note = (
                f"The rarest class has {fewest} row{'s' * (fewest > 1)}, so none are held out; the weights of the "
                "last epoch are kept."
            )
            return nothing, note
        if not len(counts) <= round(rows * fraction) <= rows - len(counts):
            codes = None
    if members == 1:
        train, held = train_test_split(
            everything, test_size=fraction, random_state=seed, stratify=codes
        )
        return [(np.sort(train), np.sort(held))], ""
    return _folds(rows, fraction, codes, seed, members), ""


def _folds(rows: int, fraction: float, codes: Array | None, seed: int, members: int) -> Parts:
    folds = max(2, round(1 / fraction))
    if codes is not None:
        folds = min(folds, int(np.unique(codes, return_counts=True)[1].min()))
    kind = KFold if codes is None else StratifiedKFold
    parts: Parts = []
    while len(parts) < members:
        deal = kind(folds, shuffle=True, random_state=(seed + len(parts)) % 2**32)
        parts += deal.split(np.empty(rows), codes)
    return parts[:members]


__all__ = ["Parts", "hold_out"]
