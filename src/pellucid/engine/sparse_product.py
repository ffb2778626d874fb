"""The products of sparse rows, which only the first layer has.

The entries of a row times the rows of W1 that they meet, and the gradient of these: both go over the
entries where they stand, and nothing is made dense. It is compiled when sparse rows come, and not before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.engine.compiling import array
from pellucid.engine.layout import (
    CHOSEN_AT,
    COLUMNS_AT,
    ENTRIES_AT,
    FIRST,
    SPARSE_COLUMNS,
    STARTS_AT,
)
from pellucid.engine.products import OF_TRANSPOSED


def kernel(T: Any, SIZE: int, I: Any, INDEX_SIZE: int) -> Callable[..., float]:  # noqa: E741
    """Return the kernel `sparse_product`: entries of type `T`, columns of `I`, of so many bytes each."""

    def sparse_product(
        A: int, B: int, C: int, m: int, n: int, k: int, kind: int, add: int, _9: int
    ) -> float:
        """C (m, n) = A · B, or -(Aᵀ · B) with A (k, m), by `kind`; `A` is the table of sparse rows.

        With `add` it is added to what C holds. What it takes and means is what `products.product` does.
        """
        table = array(A, SPARSE_COLUMNS, np.int64)
        if not add:
            whole = array(C, m * n, T)
            for j in range(m * n):
                whole[j] = T(0)
        rows = k if kind == OF_TRANSPOSED else m
        for i in range(rows):
            row = table[FIRST] + i
            if table[CHOSEN_AT]:
                row = int(array(table[CHOSEN_AT], row + 1, np.int32)[row])
            ends = array(table[STARTS_AT] + row * INDEX_SIZE, 2, I)
            start, count = int(ends[0]), int(ends[1] - ends[0])
            entries = array(table[ENTRIES_AT] + start * SIZE, count, T)
            columns = array(table[COLUMNS_AT] + start * INDEX_SIZE, count, I)
            if kind == OF_TRANSPOSED:
                b = array(B + i * n * SIZE, n, T)
                for p in range(count):
                    entry = entries[p]
                    c = array(C + int(columns[p]) * n * SIZE, n, T)
                    for j in range(n):
                        c[j] -= entry * b[j]
            else:
                # Four entries at a time, so that the sums go to memory a fourth as often.
                c = array(C + i * n * SIZE, n, T)
                for p in range(0, count - 3, 4):
                    e0, e1, e2, e3 = entries[p], entries[p + 1], entries[p + 2], entries[p + 3]
                    b0 = array(B + int(columns[p]) * n * SIZE, n, T)
                    b1 = array(B + int(columns[p + 1]) * n * SIZE, n, T)
                    b2 = array(B + int(columns[p + 2]) * n * SIZE, n, T)
                    b3 = array(B + int(columns[p + 3]) * n * SIZE, n, T)
                    for j in range(n):
                        c[j] += (e0 * b0[j] + e1 * b1[j]) + (e2 * b2[j] + e3 * b3[j])
                for p in range(count - count % 4, count):
                    entry = entries[p]
                    b = array(B + int(columns[p]) * n * SIZE, n, T)
                    for j in range(n):
                        c[j] += entry * b[j]
        return 0.0

    return sparse_product
