"""Which rows make which update."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import check_count

Rows = NDArray[np.intp]


def batch_rows(batch_size: int | None, rows: int) -> int:
    """Return the size of a full batch: all rows for None, never more than there are."""
    if batch_size is None:
        return rows
    return min(check_count(batch_size, "batch size"), rows)


def batches_per_epoch(batch_size: int | None, rows: int) -> int:
    """Return the number of updates in an epoch; the last batch may be short.

    >>> batches_per_epoch(4, 10), batches_per_epoch(None, 10)
    (3, 1)
    """
    return -(-rows // batch_rows(batch_size, rows))


def rows_per_epoch(batch_size: int | None, rows: int, *, drop_last: bool) -> int:
    """Return how many rows an epoch trains on: all, or those of its full batches.

    >>> rows_per_epoch(4, 10, drop_last=False), rows_per_epoch(4, 10, drop_last=True)
    (10, 8)
    """
    return rows - rows % batch_rows(batch_size, rows) if drop_last else rows


def epoch_batches(
    rows: int,
    batch_size: int | None = None,
    rng: np.random.Generator | None = None,
    *,
    drop_last: bool = False,
) -> Iterator[Rows]:
    """Yield the row numbers of each batch of one epoch; every row comes once.

    With a generator `rng` the rows are shuffled first. The last batch holds what is left; with
    `drop_last` there is none that is not full, and other rows are left out in each epoch.
    """
    order: Any = np.arange(rows) if rng is None else rng.permutation(rows)
    size = batch_rows(batch_size, rows)
    for start in range(0, rows_per_epoch(batch_size, rows, drop_last=drop_last), size):
        yield order[start : start + size]
