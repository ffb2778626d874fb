"""The kernels that are no formula of the catalogue: products, sums, masks, penalties.

`kernels(T)` makes them for a type. They are kernels like the printed ones: addresses and counts in,
a number out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.engine import products
from pellucid.engine.compiling import array
from pellucid.randomness import PURPOSES

Kernel = Callable[..., float]

# Vectors take longer to begin than so few numbers to add up one by one.
FEW = 32
_DROPOUT = PURPOSES["dropout"]


def kernels(T: Any, SIZE: int) -> dict[str, Kernel]:
    """Return the kernels by name, for numbers of type `T` of `SIZE` bytes."""
    # long because: Numba's disk cache tells these apart by the two constants they close over

    def column_sums(
        A: int, C: int, rows: int, columns: int, add: int, _6: int, _7: int, _8: int, _9: int
    ) -> float:
        """C = minus the sums of A's columns; added to what C holds if `add`."""
        c = array(C, columns, T)
        if not add:
            for j in range(columns):
                c[j] = T(0)
        if rows * columns <= FEW:
            whole = array(A, rows * columns, T)
            for j in range(columns):
                total, at = T(0), j
                for _ in range(rows):
                    total += whole[at]
                    at += columns
                c[j] -= total
            return 0.0
        for i in range(rows):
            a = array(A + i * columns * SIZE, columns, T)
            for j in range(columns):
                c[j] -= a[j]
        return 0.0

    def add_up(
        to: int, stride: int, vectors: int, count: int, _5: int, _6: int, _7: int, _8: int, _9: int
    ) -> float:
        """Add to a vector the others that stand behind it, `stride` bytes apart."""
        c = array(to, count, T)
        for at in range(1, vectors):
            a = array(to + at * stride, count, T)
            for j in range(count):
                c[j] += a[j]
        return 0.0

    def multiply(
        A: int, B: int, C: int, count: int, _5: int, _6: int, _7: int, _8: int, _9: int
    ) -> float:
        """C = A · B, element by element."""
        a, b, c = array(A, count, T), array(B, count, T), array(C, count, T)
        for j in range(count):
            c[j] = a[j] * b[j]
        return 0.0

    def multiply_rows(
        S: int, A: int, C: int, rows: int, columns: int, _6: int, _7: int, _8: int, _9: int
    ) -> float:
        """C = A with each row times its number of S."""
        s = array(S, rows, T)
        for i in range(rows):
            a, c = (
                array(A + i * columns * SIZE, columns, T),
                array(C + i * columns * SIZE, columns, T),
            )
            for j in range(columns):
                c[j] = s[i] * a[j]
        return 0.0

    def row_products(
        A: int, B: int, C: int, rows: int, columns: int, _6: int, _7: int, _8: int, _9: int
    ) -> float:
        """C = the sums of the rows of A · B, element by element."""
        c = array(C, rows, T)
        for i in range(rows):
            a, b = (
                array(A + i * columns * SIZE, columns, T),
                array(B + i * columns * SIZE, columns, T),
            )
            total = T(0)
            for j in range(columns):
                total += a[j] * b[j]
            c[i] = total
        return 0.0

    def penalties(
        gradient: int, W: int, count: int, l1_l2: int, _5: int, _6: int, _7: int, _8: int, _9: int
    ) -> float:
        """Add to a gradient l1 · sign(W) + l2 · W; return l1 · Σ|W| + l2 / 2 · ΣW²."""
        P = array(l1_l2, 2, np.float64)
        l1, l2 = T(P[0]), T(P[1])
        g, w = array(gradient, count, T), array(W, count, T)
        sizes, squares = T(0), T(0)
        for j in range(count):
            g[j] += l1 * (T(w[j] > T(0)) - T(w[j] < T(0))) + l2 * w[j]
            sizes += abs(w[j])
            squares += w[j] * w[j]
        penalty: float = P[0] * np.float64(sizes) + P[1] / 2 * np.float64(squares)
        return penalty

    def dropout_mask(
        mask: int,
        rows: int,
        units: int,
        first: int,
        seed: int,
        layer: int,
        update: int,
        share: int,
        factor: int,
    ) -> float:
        """Fill a mask as `randomness.dropout_mask` does, for the rows from `first` on."""
        golden = np.uint64(0x9E3779B97F4A7C15)
        m0, m1 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
        s30, s27, s31, s11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
        one = np.uint64(1)
        dropout = array(share, 1, np.float64)[0] * array(factor, 1, np.float64)[0]
        kept = T(1 / (1 - dropout))
        state = np.uint64(np.int64(seed))
        for number in (_DROPOUT, layer, update):
            state = state + (np.uint64(number) + one) * golden
            state = (state ^ (state >> s30)) * m0
            state = (state ^ (state >> s27)) * m1
            state = state ^ (state >> s31)
        for i in range(rows):
            by_row = state + (np.uint64(first + i) + one) * golden
            by_row = (by_row ^ (by_row >> s30)) * m0
            by_row = (by_row ^ (by_row >> s27)) * m1
            by_row = by_row ^ (by_row >> s31)
            out = array(mask + i * units * SIZE, units, T)
            for j in range(units):
                bits = by_row + (np.uint64(j) + one) * golden
                for _ in range(2):
                    bits = (bits ^ (bits >> s30)) * m0
                    bits = (bits ^ (bits >> s27)) * m1
                    bits = bits ^ (bits >> s31)
                drawn = np.float64(bits >> s11) * 2.0**-53
                out[j] = kept if drawn >= dropout else T(0)
        return 0.0

    made = (
        column_sums,
        add_up,
        multiply,
        multiply_rows,
        row_products,
        penalties,
        dropout_mask,
    )
    return {function.__name__: function for function in made} | products.kernels(T, SIZE)
