"""Kernels printed from the catalogue by ``python -m pellucid.engine.generate``."""
# long because: one function for each formula
# ruff: noqa: D401, E501, F401, I001, RUF100
# fmt: off
# with the mathematics d6ab79a5d2ac2d67

import math

import numpy as np

from pellucid.engine.compiling import array
from pellucid.engine.mathematics_float64 import (
    absolute, cos, erf, exp, expm1, floor, isnan, log, log1p,
    maximum, minimum, power, sign, sin, sqrt, tanh, tanh_softplus,
)

T = np.float64
SIZE = 8


def squared_error_loss(z: int, a: int, y: int, error: int, weight: int, rows: int, columns: int, numbers: int, scale: int) -> float:
    """squared_error: weighted losses of the rows, and minus their derivatives."""
    W = array(weight, rows, T)
    S = array(scale, 1, np.float64)
    total = 0.0
    for i in range(rows):
        A = array(a + i * columns * SIZE, columns, T)
        Y = array(y + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        factor = T(np.float64(W[i]) * S[0])
        r2 = T(0)
        for j in range(columns):
            a_j = A[j]
            y_j = Y[j]
            v1 = y_j - a_j
            r2 = r2 + ((v1 * v1) / T(2.0))
        total += np.float64(r2) * np.float64(W[i])
        for j in range(columns):
            a_j = A[j]
            y_j = Y[j]
            E[j] = (y_j - a_j) * factor
    return total


def absolute_error_loss(z: int, a: int, y: int, error: int, weight: int, rows: int, columns: int, numbers: int, scale: int) -> float:
    """absolute_error: weighted losses of the rows, and minus their derivatives."""
    W = array(weight, rows, T)
    S = array(scale, 1, np.float64)
    total = 0.0
    for i in range(rows):
        A = array(a + i * columns * SIZE, columns, T)
        Y = array(y + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        factor = T(np.float64(W[i]) * S[0])
        r2 = T(0)
        for j in range(columns):
            a_j = A[j]
            y_j = Y[j]
            v1 = absolute(y_j - a_j)
            r2 = r2 + v1
        total += np.float64(r2) * np.float64(W[i])
        for j in range(columns):
            a_j = A[j]
            y_j = Y[j]
            v3 = sign(y_j - a_j)
            E[j] = v3 * factor
    return total


def huber_loss(z: int, a: int, y: int, error: int, weight: int, rows: int, columns: int, numbers: int, scale: int) -> float:
    """huber: weighted losses of the rows, and minus their derivatives."""
    P = array(numbers, 1, np.float64)
    W = array(weight, rows, T)
    S = array(scale, 1, np.float64)
    total = 0.0
    c2 = T(P[0])
    c4 = T(P[0] / 2.0)
    c9 = T(-P[0])
    for i in range(rows):
        A = array(a + i * columns * SIZE, columns, T)
        Y = array(y + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        factor = T(np.float64(W[i]) * S[0])
        r8 = T(0)
        for j in range(columns):
            a_j = A[j]
            y_j = Y[j]
            v1 = absolute(y_j - a_j)
            v3 = y_j - a_j
            v5 = (v3 * v3) / T(2.0)
            v6 = c2 * (v1 - c4)
            v7 = v5 if (v1 <= c2) else v6
            r8 = r8 + v7
        total += np.float64(r8) * np.float64(W[i])
        for j in range(columns):
            a_j = A[j]
            y_j = Y[j]
            v10 = maximum(y_j - a_j, c9)
            v11 = minimum(v10, c2)
            E[j] = v11 * factor
    return total


def quantile_loss(z: int, a: int, y: int, error: int, weight: int, rows: int, columns: int, numbers: int, scale: int) -> float:
    """quantile: weighted losses of the rows, and minus their derivatives."""
    P = array(numbers, 1, np.float64)
    W = array(weight, rows, T)
    S = array(scale, 1, np.float64)
    total = 0.0
    c1 = T(P[0])
    c2 = T(P[0] - 1.0)
    for i in range(rows):
        A = array(a + i * columns * SIZE, columns, T)
        Y = array(y + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        factor = T(np.float64(W[i]) * S[0])
        r4 = T(0)
        for j in range(columns):
            a_j = A[j]
            y_j = Y[j]
            v3 = maximum(c1 * (y_j - a_j), c2 * (y_j - a_j))
            r4 = r4 + v3
        total += np.float64(r4) * np.float64(W[i])
        for j in range(columns):
            a_j = A[j]
            y_j = Y[j]
            v5 = T(0.0)
            v6 = c2 if (y_j < a_j) else v5
            v7 = c1 if (y_j > a_j) else v6
            E[j] = v7 * factor
    return total


def poisson_loss(z: int, a: int, y: int, error: int, weight: int, rows: int, columns: int, numbers: int, scale: int) -> float:
    """poisson: weighted losses of the rows, and minus their derivatives."""
    W = array(weight, rows, T)
    S = array(scale, 1, np.float64)
    total = 0.0
    for i in range(rows):
        A = array(a + i * columns * SIZE, columns, T)
        Y = array(y + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        factor = T(np.float64(W[i]) * S[0])
        r6 = T(0)
        for j in range(columns):
            a_j = A[j]
            y_j = Y[j]
            v1 = T(1.0)
            v2 = y_j if (y_j > T(0.0)) else v1
            v3 = log(v2)
            v4 = maximum(a_j, T(1e-12))
            v5 = log(v4)
            r6 = r6 + ((a_j - y_j) + (y_j * (v3 - v5)))
        total += np.float64(r6) * np.float64(W[i])
        for j in range(columns):
            a_j = A[j]
            y_j = Y[j]
            v7 = maximum(a_j, T(1e-12))
            E[j] = ((y_j / v7) - T(1.0)) * factor
    return total


def binary_cross_entropy_loss(z: int, a: int, y: int, error: int, weight: int, rows: int, columns: int, numbers: int, scale: int) -> float:
    """binary_cross_entropy: weighted losses of the rows, and minus their derivatives."""
    W = array(weight, rows, T)
    S = array(scale, 1, np.float64)
    total = 0.0
    for i in range(rows):
        A = array(a + i * columns * SIZE, columns, T)
        Y = array(y + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        factor = T(np.float64(W[i]) * S[0])
        r5 = T(0)
        for j in range(columns):
            a_j = A[j]
            y_j = Y[j]
            v1 = maximum(a_j, T(1e-12))
            v2 = log(v1)
            v3 = maximum(T(1.0) - a_j, T(1e-12))
            v4 = log(v3)
            r5 = r5 + ((-(y_j * v2)) - ((T(1.0) - y_j) * v4))
        total += np.float64(r5) * np.float64(W[i])
        for j in range(columns):
            a_j = A[j]
            y_j = Y[j]
            v6 = maximum(a_j, T(1e-12))
            v7 = maximum(T(1.0) - a_j, T(1e-12))
            E[j] = ((y_j / v6) - ((T(1.0) - y_j) / v7)) * factor
    return total


def cross_entropy_loss(z: int, a: int, y: int, error: int, weight: int, rows: int, columns: int, numbers: int, scale: int) -> float:
    """cross_entropy: weighted losses of the rows, and minus their derivatives."""
    W = array(weight, rows, T)
    S = array(scale, 1, np.float64)
    total = 0.0
    for i in range(rows):
        A = array(a + i * columns * SIZE, columns, T)
        Y = array(y + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        factor = T(np.float64(W[i]) * S[0])
        r3 = T(0)
        for j in range(columns):
            a_j = A[j]
            y_j = Y[j]
            v1 = maximum(a_j, T(1e-12))
            v2 = log(v1)
            r3 = r3 + (-(y_j * v2))
        total += np.float64(r3) * np.float64(W[i])
        for j in range(columns):
            a_j = A[j]
            y_j = Y[j]
            v4 = maximum(a_j, T(1e-12))
            E[j] = (y_j / v4) * factor
    return total


def squared_error_matching_loss(z: int, a: int, y: int, error: int, weight: int, rows: int, columns: int, numbers: int, scale: int) -> float:
    """squared_error_matching: weighted losses of the rows, and minus their derivatives."""
    W = array(weight, rows, T)
    S = array(scale, 1, np.float64)
    total = 0.0
    for i in range(rows):
        A = array(a + i * columns * SIZE, columns, T)
        Y = array(y + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        factor = T(np.float64(W[i]) * S[0])
        r2 = T(0)
        for j in range(columns):
            a_j = A[j]
            y_j = Y[j]
            v1 = y_j - a_j
            r2 = r2 + ((v1 * v1) / T(2.0))
        total += np.float64(r2) * np.float64(W[i])
        for j in range(columns):
            a_j = A[j]
            y_j = Y[j]
            E[j] = (y_j - a_j) * factor
    return total


def poisson_matching_loss(z: int, a: int, y: int, error: int, weight: int, rows: int, columns: int, numbers: int, scale: int) -> float:
    """poisson_matching: weighted losses of the rows, and minus their derivatives."""
    W = array(weight, rows, T)
    S = array(scale, 1, np.float64)
    total = 0.0
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        Y = array(y + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        factor = T(np.float64(W[i]) * S[0])
        r5 = T(0)
        for j in range(columns):
            x = Z[j]
            y_j = Y[j]
            v1 = exp(x)
            v2 = T(1.0)
            v3 = y_j if (y_j > T(0.0)) else v2
            v4 = log(v3)
            r5 = r5 + ((v1 - y_j) + (y_j * (v4 - x)))
        total += np.float64(r5) * np.float64(W[i])
        for j in range(columns):
            a_j = A[j]
            y_j = Y[j]
            E[j] = (y_j - a_j) * factor
    return total


def binary_cross_entropy_matching_loss(z: int, a: int, y: int, error: int, weight: int, rows: int, columns: int, numbers: int, scale: int) -> float:
    """binary_cross_entropy_matching: weighted losses of the rows, and minus their derivatives."""
    W = array(weight, rows, T)
    S = array(scale, 1, np.float64)
    total = 0.0
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        Y = array(y + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        factor = T(np.float64(W[i]) * S[0])
        r5 = T(0)
        for j in range(columns):
            x = Z[j]
            y_j = Y[j]
            v1 = maximum(x, T(0.0))
            v2 = absolute(x)
            v3 = exp(-v2)
            v4 = log1p(v3)
            r5 = r5 + ((v1 + v4) - (y_j * x))
        total += np.float64(r5) * np.float64(W[i])
        for j in range(columns):
            a_j = A[j]
            y_j = Y[j]
            E[j] = (y_j - a_j) * factor
    return total


def cross_entropy_matching_loss(z: int, a: int, y: int, error: int, weight: int, rows: int, columns: int, numbers: int, scale: int) -> float:
    """cross_entropy_matching: weighted losses of the rows, and minus their derivatives."""
    W = array(weight, rows, T)
    S = array(scale, 1, np.float64)
    total = 0.0
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        Y = array(y + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        factor = T(np.float64(W[i]) * S[0])
        r1 = T(-np.inf)
        for j in range(columns):
            x = Z[j]
            r1 = maximum(r1, x)
        r3 = T(0)
        for j in range(columns):
            x = Z[j]
            v2 = exp(x - r1)
            r3 = r3 + v2
        r5 = T(0)
        for j in range(columns):
            x = Z[j]
            y_j = Y[j]
            v4 = log(r3)
            r5 = r5 + (y_j * ((r1 + v4) - x))
        total += np.float64(r5) * np.float64(W[i])
        for j in range(columns):
            a_j = A[j]
            y_j = Y[j]
            E[j] = (y_j - a_j) * factor
    return total
