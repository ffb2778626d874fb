"""The plain recipe: what the estimators choose by themselves, from the size of the table."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from pellucid.catalogue import Optimizer, Schedule, optimizer as find_optimizer
from pellucid.catalogue.optimizers import OPTIMIZERS, AdamW
from pellucid.catalogue.schedules import Cosine, WarmUp
from pellucid.errors import InputError, explain
from pellucid.training.batches import batches_per_epoch

Array = NDArray[Any]

# Fewer rows than these are too few to give some away.
FEWEST_ROWS_TO_HOLD_OUT = 50
FEWEST_OF_A_CLASS = 5

# (up to so many rows, batch size)
_BATCHES = ((1_024, 32), (8_192, 128), (30_000, 256), (100_000, 512))
_LARGEST_BATCH = 1_024
_UPDATES = 5_000
_EPOCHS = (20, 150)


def batch_size_for(rows: int) -> int:
    """Return the rows of an update: larger tables have larger batches.

    >>> batch_size_for(300), batch_size_for(20_000), batch_size_for(1_000_000)
    (32, 256, 1024)
    """
    return next((size for most, size in _BATCHES if rows <= most), _LARGEST_BATCH)


def epochs_for(rows: int, batch_size: int | None) -> int:
    """Return the passes over the rows: enough for some thousand updates, within bounds."""
    fewest, most = _EPOCHS
    return int(np.clip(-(-_UPDATES // batches_per_epoch(batch_size, rows)), fewest, most))


def optimizer_for(
    choice: Any, learning_rate: float | Schedule, weight_decay: float, updates: int
) -> Optimizer:
    """Return the optimizer: a chain as it is, a name with the recipe's schedule.

    A plain learning rate is warmed up over the first twentieth of the updates and then falls along a
    cosine to 0; a schedule is taken as it is.
    """
    if isinstance(choice, Optimizer):
        return choice
    rate = learning_rate
    if not isinstance(rate, Schedule):
        rate = WarmUp(float(rate), max(1, updates // 20), Cosine(float(rate)))
    if choice == "adamw":
        return AdamW(rate, weight_decay=weight_decay)
    if isinstance(choice, str) and choice in OPTIMIZERS:
        return OPTIMIZERS[choice](rate)
    return find_optimizer(choice)  # raises, with the known names


def hold_out(
    rows: int, fraction: float, codes: Array | None, seed: int
) -> tuple[Array, Array, str]:
    """Return which rows are trained on, which only judge, and a note where none can be spared.

    `codes` are the classes of the rows, shape (n,), or None; each class keeps its share in both parts.
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
    if fraction == 0:
        return everything, none, ""
    if rows < FEWEST_ROWS_TO_HOLD_OUT:
        return (
            everything,
            none,
            f"With {rows} rows, none are held out; the weights of the last epoch are kept.",
        )
    if codes is not None:
        counts = np.unique(codes, return_counts=True)[1]
        if counts.min() < FEWEST_OF_A_CLASS:
            return (
                everything,
                none,
                f"The rarest class has {counts.min()} rows, so none are held out; the weights of the last epoch "
                "are kept.",
            )
        if not len(counts) <= round(rows * fraction) <= rows - len(counts):
            codes = None
    train, held = train_test_split(
        everything, test_size=fraction, random_state=seed, stratify=codes
    )
    return np.sort(train), np.sort(held), ""
