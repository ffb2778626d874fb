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


def identity_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """identity: z + bias, and its activation."""
    B = array(bias, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            Z[j] = x
            A[j] = x
    return 0.0


def identity_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """identity: the error times its slope."""
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            E[j] = e * ((T(0.0) * x) + T(1.0))
    return 0.0


def identity_parametric_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """identity: z + bias, and its activation, by its weight."""
    B = array(bias, columns, T)
    W = array(weight, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            Z[j] = x
            A[j] = x + (W[j] * (x - x))
    return 0.0


def identity_parametric_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """identity: the error times its slope by its weight, and the weight's gradient."""
    W = array(weight, columns, T)
    G = array(gradient, columns, T)
    if not add:
        for j in range(columns):
            G[j] = T(0)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            G[j] = G[j] - (e * (x - x))
            E[j] = e * (T(1.0) + (W[j] * (((T(0.0) * x) + T(1.0)) - T(1.0))))
    return 0.0


def threshold_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """threshold: z + bias, and its activation."""
    B = array(bias, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v1 = T(1.0)
            v2 = T(0.0)
            v3 = v1 if (x > T(0.0)) else v2
            Z[j] = x
            A[j] = v3
    return 0.0


def threshold_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """threshold: the error times its slope."""
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            E[j] = e * (T(0.0) * x)
    return 0.0


def threshold_parametric_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """threshold: z + bias, and its activation, by its weight."""
    B = array(bias, columns, T)
    W = array(weight, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v1 = T(1.0)
            v2 = T(0.0)
            v3 = v1 if (x > T(0.0)) else v2
            Z[j] = x
            A[j] = x + (W[j] * (v3 - x))
    return 0.0


def threshold_parametric_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """threshold: the error times its slope by its weight, and the weight's gradient."""
    W = array(weight, columns, T)
    G = array(gradient, columns, T)
    if not add:
        for j in range(columns):
            G[j] = T(0)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            v1 = T(1.0)
            v2 = T(0.0)
            v3 = v1 if (x > T(0.0)) else v2
            G[j] = G[j] - (e * (v3 - x))
            E[j] = e * (T(1.0) + (W[j] * ((T(0.0) * x) - T(1.0))))
    return 0.0


def sigmoid_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """sigmoid: z + bias, and its activation."""
    B = array(bias, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v1 = exp(-x)
            Z[j] = x
            A[j] = T(1.0) / (T(1.0) + v1)
    return 0.0


def sigmoid_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """sigmoid: the error times its slope."""
    for i in range(rows):
        A = array(a + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            a_j = A[j]
            e = E[j]
            E[j] = e * (a_j * (T(1.0) - a_j))
    return 0.0


def sigmoid_parametric_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """sigmoid: z + bias, and its activation, by its weight."""
    B = array(bias, columns, T)
    W = array(weight, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v1 = exp(-x)
            Z[j] = x
            A[j] = x + (W[j] * ((T(1.0) / (T(1.0) + v1)) - x))
    return 0.0


def sigmoid_parametric_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """sigmoid: the error times its slope by its weight, and the weight's gradient."""
    W = array(weight, columns, T)
    G = array(gradient, columns, T)
    if not add:
        for j in range(columns):
            G[j] = T(0)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            v1 = exp(-x)
            v2 = T(1.0) / (T(1.0) + v1)
            G[j] = G[j] - (e * (v2 - x))
            E[j] = e * (T(1.0) + (W[j] * ((v2 * (T(1.0) - v2)) - T(1.0))))
    return 0.0


def tanh_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """tanh: z + bias, and its activation."""
    B = array(bias, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v1 = tanh(x)
            Z[j] = x
            A[j] = v1
    return 0.0


def tanh_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """tanh: the error times its slope."""
    for i in range(rows):
        A = array(a + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            a_j = A[j]
            e = E[j]
            E[j] = e * (T(1.0) - (a_j * a_j))
    return 0.0


def tanh_parametric_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """tanh: z + bias, and its activation, by its weight."""
    B = array(bias, columns, T)
    W = array(weight, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v1 = tanh(x)
            Z[j] = x
            A[j] = x + (W[j] * (v1 - x))
    return 0.0


def tanh_parametric_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """tanh: the error times its slope by its weight, and the weight's gradient."""
    W = array(weight, columns, T)
    G = array(gradient, columns, T)
    if not add:
        for j in range(columns):
            G[j] = T(0)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            v1 = tanh(x)
            G[j] = G[j] - (e * (v1 - x))
            E[j] = e * (T(1.0) + (W[j] * ((T(1.0) - (v1 * v1)) - T(1.0))))
    return 0.0


def relu_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """relu: z + bias, and its activation."""
    B = array(bias, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v1 = maximum(x, T(0.0))
            Z[j] = x
            A[j] = v1
    return 0.0


def relu_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """relu: the error times its slope."""
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            v1 = T(1.0)
            v2 = T(0.0)
            v3 = v1 if (x > T(0.0)) else v2
            E[j] = e * v3
    return 0.0


def relu_parametric_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """relu: z + bias, and its activation, by its weight."""
    B = array(bias, columns, T)
    W = array(weight, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v1 = maximum(x, T(0.0))
            Z[j] = x
            A[j] = x + (W[j] * (v1 - x))
    return 0.0


def relu_parametric_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """relu: the error times its slope by its weight, and the weight's gradient."""
    W = array(weight, columns, T)
    G = array(gradient, columns, T)
    if not add:
        for j in range(columns):
            G[j] = T(0)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            v1 = maximum(x, T(0.0))
            v2 = T(1.0)
            v3 = T(0.0)
            v4 = v2 if (x > T(0.0)) else v3
            G[j] = G[j] - (e * (v1 - x))
            E[j] = e * (T(1.0) + (W[j] * (v4 - T(1.0))))
    return 0.0


def leaky_relu_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """leaky_relu: z + bias, and its activation."""
    P = array(numbers, 1, np.float64)
    B = array(bias, columns, T)
    c1 = T(P[0])
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v2 = c1 * x
            v3 = x if (x > T(0.0)) else v2
            Z[j] = x
            A[j] = v3
    return 0.0


def leaky_relu_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """leaky_relu: the error times its slope."""
    P = array(numbers, 1, np.float64)
    c1 = T(P[0])
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            v2 = T(1.0)
            v3 = v2 if (x > T(0.0)) else c1
            E[j] = e * v3
    return 0.0


def leaky_relu_parametric_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """leaky_relu: z + bias, and its activation, by its weight."""
    P = array(numbers, 1, np.float64)
    B = array(bias, columns, T)
    W = array(weight, columns, T)
    c1 = T(P[0])
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v2 = c1 * x
            v3 = x if (x > T(0.0)) else v2
            Z[j] = x
            A[j] = x + (W[j] * (v3 - x))
    return 0.0


def leaky_relu_parametric_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """leaky_relu: the error times its slope by its weight, and the weight's gradient."""
    P = array(numbers, 1, np.float64)
    W = array(weight, columns, T)
    G = array(gradient, columns, T)
    if not add:
        for j in range(columns):
            G[j] = T(0)
    c1 = T(P[0])
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            v2 = c1 * x
            v3 = x if (x > T(0.0)) else v2
            v4 = T(1.0)
            v5 = v4 if (x > T(0.0)) else c1
            G[j] = G[j] - (e * (v3 - x))
            E[j] = e * (T(1.0) + (W[j] * (v5 - T(1.0))))
    return 0.0


def elu_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """elu: z + bias, and its activation."""
    P = array(numbers, 1, np.float64)
    B = array(bias, columns, T)
    c1 = T(P[0])
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v2 = minimum(x, T(0.0))
            v3 = expm1(v2)
            v4 = c1 * v3
            v5 = x if (x > T(0.0)) else v4
            Z[j] = x
            A[j] = v5
    return 0.0


def elu_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """elu: the error times its slope."""
    P = array(numbers, 1, np.float64)
    c1 = T(P[0])
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            v2 = minimum(x, T(0.0))
            v3 = exp(v2)
            v4 = T(1.0)
            v5 = c1 * v3
            v6 = v4 if (x > T(0.0)) else v5
            E[j] = e * v6
    return 0.0


def elu_parametric_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """elu: z + bias, and its activation, by its weight."""
    P = array(numbers, 1, np.float64)
    B = array(bias, columns, T)
    W = array(weight, columns, T)
    c1 = T(P[0])
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v2 = minimum(x, T(0.0))
            v3 = expm1(v2)
            v4 = c1 * v3
            v5 = x if (x > T(0.0)) else v4
            Z[j] = x
            A[j] = x + (W[j] * (v5 - x))
    return 0.0


def elu_parametric_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """elu: the error times its slope by its weight, and the weight's gradient."""
    P = array(numbers, 1, np.float64)
    W = array(weight, columns, T)
    G = array(gradient, columns, T)
    if not add:
        for j in range(columns):
            G[j] = T(0)
    c1 = T(P[0])
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            v2 = minimum(x, T(0.0))
            v3 = expm1(v2)
            v4 = c1 * v3
            v5 = x if (x > T(0.0)) else v4
            v6 = exp(v2)
            v7 = T(1.0)
            v8 = c1 * v6
            v9 = v7 if (x > T(0.0)) else v8
            G[j] = G[j] - (e * (v5 - x))
            E[j] = e * (T(1.0) + (W[j] * (v9 - T(1.0))))
    return 0.0


def selu_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """selu: z + bias, and its activation."""
    B = array(bias, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v1 = minimum(x, T(0.0))
            v2 = expm1(v1)
            v3 = T(1.6732632423543772) * v2
            v4 = x if (x > T(0.0)) else v3
            Z[j] = x
            A[j] = T(1.0507009873554805) * v4
    return 0.0


def selu_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """selu: the error times its slope."""
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            v1 = minimum(x, T(0.0))
            v2 = exp(v1)
            v3 = T(1.0)
            v4 = T(1.6732632423543772) * v2
            v5 = v3 if (x > T(0.0)) else v4
            E[j] = e * (T(1.0507009873554805) * v5)
    return 0.0


def selu_parametric_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """selu: z + bias, and its activation, by its weight."""
    B = array(bias, columns, T)
    W = array(weight, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v1 = minimum(x, T(0.0))
            v2 = expm1(v1)
            v3 = T(1.6732632423543772) * v2
            v4 = x if (x > T(0.0)) else v3
            Z[j] = x
            A[j] = x + (W[j] * ((T(1.0507009873554805) * v4) - x))
    return 0.0


def selu_parametric_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """selu: the error times its slope by its weight, and the weight's gradient."""
    W = array(weight, columns, T)
    G = array(gradient, columns, T)
    if not add:
        for j in range(columns):
            G[j] = T(0)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            v1 = minimum(x, T(0.0))
            v2 = expm1(v1)
            v3 = T(1.6732632423543772) * v2
            v4 = x if (x > T(0.0)) else v3
            v5 = T(1.0507009873554805) * v4
            v6 = exp(v1)
            v7 = T(1.0)
            v8 = T(1.6732632423543772) * v6
            v9 = v7 if (x > T(0.0)) else v8
            G[j] = G[j] - (e * (v5 - x))
            E[j] = e * (T(1.0) + (W[j] * ((T(1.0507009873554805) * v9) - T(1.0))))
    return 0.0


def gelu_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """gelu: z + bias, and its activation."""
    B = array(bias, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v1 = erf(x / T(1.4142135623730951))
            Z[j] = x
            A[j] = x * (T(0.5) * (T(1.0) + v1))
    return 0.0


def gelu_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """gelu: the error times its slope."""
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            v1 = erf(x / T(1.4142135623730951))
            v2 = exp(T(-0.5) * (x * x))
            E[j] = e * ((T(0.5) * (T(1.0) + v1)) + (x * (v2 / T(2.5066282746310002))))
    return 0.0


def gelu_parametric_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """gelu: z + bias, and its activation, by its weight."""
    B = array(bias, columns, T)
    W = array(weight, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v1 = erf(x / T(1.4142135623730951))
            Z[j] = x
            A[j] = x + (W[j] * ((x * (T(0.5) * (T(1.0) + v1))) - x))
    return 0.0


def gelu_parametric_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """gelu: the error times its slope by its weight, and the weight's gradient."""
    W = array(weight, columns, T)
    G = array(gradient, columns, T)
    if not add:
        for j in range(columns):
            G[j] = T(0)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            v1 = erf(x / T(1.4142135623730951))
            v2 = x * (T(0.5) * (T(1.0) + v1))
            v3 = exp(T(-0.5) * (x * x))
            G[j] = G[j] - (e * (v2 - x))
            E[j] = e * (T(1.0) + (W[j] * (((T(0.5) * (T(1.0) + v1)) + (x * (v3 / T(2.5066282746310002)))) - T(1.0))))
    return 0.0


def silu_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """silu: z + bias, and its activation."""
    B = array(bias, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v1 = exp(-x)
            Z[j] = x
            A[j] = x * (T(1.0) / (T(1.0) + v1))
    return 0.0


def silu_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """silu: the error times its slope."""
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            a_j = A[j]
            e = E[j]
            v1 = exp(-x)
            E[j] = e * ((T(1.0) / (T(1.0) + v1)) + (a_j * (T(1.0) - (T(1.0) / (T(1.0) + v1)))))
    return 0.0


def silu_parametric_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """silu: z + bias, and its activation, by its weight."""
    B = array(bias, columns, T)
    W = array(weight, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v1 = exp(-x)
            Z[j] = x
            A[j] = x + (W[j] * ((x * (T(1.0) / (T(1.0) + v1))) - x))
    return 0.0


def silu_parametric_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """silu: the error times its slope by its weight, and the weight's gradient."""
    W = array(weight, columns, T)
    G = array(gradient, columns, T)
    if not add:
        for j in range(columns):
            G[j] = T(0)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            v1 = exp(-x)
            v2 = x * (T(1.0) / (T(1.0) + v1))
            G[j] = G[j] - (e * (v2 - x))
            E[j] = e * (T(1.0) + (W[j] * (((T(1.0) / (T(1.0) + v1)) + (v2 * (T(1.0) - (T(1.0) / (T(1.0) + v1))))) - T(1.0))))
    return 0.0


def softplus_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """softplus: z + bias, and its activation."""
    B = array(bias, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v1 = maximum(x, T(0.0))
            v2 = absolute(x)
            v3 = exp(-v2)
            v4 = log1p(v3)
            Z[j] = x
            A[j] = v1 + v4
    return 0.0


def softplus_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """softplus: the error times its slope."""
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            v1 = exp(-x)
            E[j] = e * (T(1.0) / (T(1.0) + v1))
    return 0.0


def softplus_parametric_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """softplus: z + bias, and its activation, by its weight."""
    B = array(bias, columns, T)
    W = array(weight, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v1 = maximum(x, T(0.0))
            v2 = absolute(x)
            v3 = exp(-v2)
            v4 = log1p(v3)
            Z[j] = x
            A[j] = x + (W[j] * ((v1 + v4) - x))
    return 0.0


def softplus_parametric_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """softplus: the error times its slope by its weight, and the weight's gradient."""
    W = array(weight, columns, T)
    G = array(gradient, columns, T)
    if not add:
        for j in range(columns):
            G[j] = T(0)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            v1 = maximum(x, T(0.0))
            v2 = absolute(x)
            v3 = exp(-v2)
            v4 = log1p(v3)
            v5 = v1 + v4
            v6 = exp(-x)
            G[j] = G[j] - (e * (v5 - x))
            E[j] = e * (T(1.0) + (W[j] * ((T(1.0) / (T(1.0) + v6)) - T(1.0))))
    return 0.0


def mish_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """mish: z + bias, and its activation."""
    B = array(bias, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v1 = tanh_softplus(x)
            Z[j] = x
            A[j] = x * v1
    return 0.0


def mish_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """mish: the error times its slope."""
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            v1 = tanh_softplus(x)
            v2 = exp(-x)
            E[j] = e * (v1 + ((x * (T(1.0) / (T(1.0) + v2))) * (T(1.0) - (v1 * v1))))
    return 0.0


def mish_parametric_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """mish: z + bias, and its activation, by its weight."""
    B = array(bias, columns, T)
    W = array(weight, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v1 = tanh_softplus(x)
            Z[j] = x
            A[j] = x + (W[j] * ((x * v1) - x))
    return 0.0


def mish_parametric_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """mish: the error times its slope by its weight, and the weight's gradient."""
    W = array(weight, columns, T)
    G = array(gradient, columns, T)
    if not add:
        for j in range(columns):
            G[j] = T(0)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            v1 = tanh_softplus(x)
            v2 = x * v1
            v3 = exp(-x)
            G[j] = G[j] - (e * (v2 - x))
            E[j] = e * (T(1.0) + (W[j] * ((v1 + ((x * (T(1.0) / (T(1.0) + v3))) * (T(1.0) - (v1 * v1)))) - T(1.0))))
    return 0.0


def exp_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """exp: z + bias, and its activation."""
    B = array(bias, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v1 = exp(x)
            Z[j] = x
            A[j] = v1
    return 0.0


def exp_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """exp: the error times its slope."""
    for i in range(rows):
        A = array(a + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            a_j = A[j]
            e = E[j]
            E[j] = e * a_j
    return 0.0


def exp_parametric_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """exp: z + bias, and its activation, by its weight."""
    B = array(bias, columns, T)
    W = array(weight, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j] + B[j]
            v1 = exp(x)
            Z[j] = x
            A[j] = x + (W[j] * (v1 - x))
    return 0.0


def exp_parametric_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """exp: the error times its slope by its weight, and the weight's gradient."""
    W = array(weight, columns, T)
    G = array(gradient, columns, T)
    if not add:
        for j in range(columns):
            G[j] = T(0)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        for j in range(columns):
            x = Z[j]
            e = E[j]
            v1 = exp(x)
            G[j] = G[j] - (e * (v1 - x))
            E[j] = e * (T(1.0) + (W[j] * (v1 - T(1.0))))
    return 0.0


def softmax_forward(z: int, bias: int, a: int, rows: int, columns: int, numbers: int, weight: int, _8: int, _9: int) -> float:
    """softmax: z + bias, and its activation."""
    B = array(bias, columns, T)
    for i in range(rows):
        Z = array(z + i * columns * SIZE, columns, T)
        A = array(a + i * columns * SIZE, columns, T)
        r1 = T(-np.inf)
        for j in range(columns):
            x = Z[j] + B[j]
            r1 = maximum(r1, x)
        r4 = T(0)
        for j in range(columns):
            x = Z[j] + B[j]
            v3 = exp(x - r1)
            A[j] = v3
            r4 = r4 + v3
        for j in range(columns):
            x = Z[j] + B[j]
            v2 = A[j]
            Z[j] = x
            A[j] = v2 / r4
    return 0.0


def softmax_delta(error: int, z: int, a: int, rows: int, columns: int, numbers: int, weight: int, gradient: int, add: int) -> float:
    """softmax: the error times its slope."""
    for i in range(rows):
        A = array(a + i * columns * SIZE, columns, T)
        E = array(error + i * columns * SIZE, columns, T)
        r1 = T(0)
        for j in range(columns):
            a_j = A[j]
            e = E[j]
            r1 = r1 + (e * a_j)
        for j in range(columns):
            a_j = A[j]
            e = E[j]
            E[j] = a_j * (e - r1)
    return 0.0
