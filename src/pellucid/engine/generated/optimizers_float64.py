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


def scale_by_learning_rate_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 4, np.float64)
    c1 = T(P[0])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        new = w - (c1 * g)
        X[j] = new
        check = check + new * T(0)
    return float(check)


def scale_by_learning_rate_then_momentum_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 5, np.float64)
    c1 = T(P[4])
    c2 = T(P[0])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        v3 = (c1 * s0) + (c2 * g)
        S0[j] = v3
        new = w - v3
        X[j] = new
        check = check + new * T(0)
    return float(check)


def scale_by_learning_rate_then_momentum_nesterov_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 5, np.float64)
    c1 = T(P[4])
    c2 = T(P[0])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        v3 = (c1 * s0) + (c2 * g)
        S0[j] = v3
        new = w - ((c1 * v3) + (c2 * g))
        X[j] = new
        check = check + new * T(0)
    return float(check)


def scale_by_rms_then_scale_by_learning_rate_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 6, np.float64)
    c1 = T(P[4])
    c2 = T(1.0 - P[4])
    c4 = T(P[0])
    c6 = T(P[5])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        v3 = (c1 * s0) + (c2 * (g * g))
        S0[j] = v3
        v5 = sqrt(v3)
        new = w - (c4 * (g / (v5 + c6)))
        X[j] = new
        check = check + new * T(0)
    return float(check)


def scale_by_adam_then_scale_by_learning_rate_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 7, np.float64)
    c1 = T(P[4])
    c2 = T(1.0 - P[4])
    c4 = T(P[5])
    c5 = T(1.0 - P[5])
    c7 = T(P[0])
    c8 = T(1.0 - (P[4] ** P[1]))
    c9 = T(1.0 - (P[5] ** P[1]))
    c11 = T(P[6])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    S1 = array(states + 1 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        s1 = S1[j]
        v3 = (c1 * s0) + (c2 * g)
        S0[j] = v3
        v6 = (c4 * s1) + (c5 * (g * g))
        S1[j] = v6
        v10 = sqrt(v6 / c9)
        new = w - (c7 * ((v3 / c8) / (v10 + c11)))
        X[j] = new
        check = check + new * T(0)
    return float(check)


def scale_by_adam_then_decay_weights_then_scale_by_learning_rate_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 8, np.float64)
    c1 = T(P[5])
    c2 = T(1.0 - P[5])
    c4 = T(P[6])
    c5 = T(1.0 - P[6])
    c7 = T(P[0])
    c8 = T(1.0 - (P[5] ** P[1]))
    c9 = T(1.0 - (P[6] ** P[1]))
    c11 = T(P[7])
    c12 = T(P[4])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    S1 = array(states + 1 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        s1 = S1[j]
        v3 = (c1 * s0) + (c2 * g)
        S0[j] = v3
        v6 = (c4 * s1) + (c5 * (g * g))
        S1[j] = v6
        v10 = sqrt(v6 / c9)
        new = w - (c7 * (((v3 / c8) / (v10 + c11)) + (c12 * w)))
        X[j] = new
        check = check + new * T(0)
    return float(check)


def scale_by_adam_then_decay_weights_then_scale_by_learning_rate_biases_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 8, np.float64)
    c1 = T(P[5])
    c2 = T(1.0 - P[5])
    c4 = T(P[6])
    c5 = T(1.0 - P[6])
    c7 = T(P[0])
    c8 = T(1.0 - (P[5] ** P[1]))
    c9 = T(1.0 - (P[6] ** P[1]))
    c11 = T(P[7])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    S1 = array(states + 1 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        s1 = S1[j]
        v3 = (c1 * s0) + (c2 * g)
        S0[j] = v3
        v6 = (c4 * s1) + (c5 * (g * g))
        S1[j] = v6
        v10 = sqrt(v6 / c9)
        new = w - (c7 * ((v3 / c8) / (v10 + c11)))
        X[j] = new
        check = check + new * T(0)
    return float(check)


def decay_weights_then_scale_by_learning_rate_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 5, np.float64)
    c1 = T(P[0])
    c2 = T(P[4])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        new = w - (c1 * (g + (c2 * w)))
        X[j] = new
        check = check + new * T(0)
    return float(check)


def decay_weights_then_scale_by_learning_rate_biases_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 5, np.float64)
    c1 = T(P[0])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        new = w - (c1 * g)
        X[j] = new
        check = check + new * T(0)
    return float(check)


def scale_by_learning_rate_then_momentum_then_decay_weights_with_rate_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 6, np.float64)
    c1 = T(P[5])
    c2 = T(P[0])
    c4 = T(P[4])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        v3 = (c1 * s0) + (c2 * g)
        S0[j] = v3
        new = w - (v3 + (c2 * (c4 * w)))
        X[j] = new
        check = check + new * T(0)
    return float(check)


def scale_by_learning_rate_then_momentum_then_decay_weights_with_rate_biases_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 6, np.float64)
    c1 = T(P[5])
    c2 = T(P[0])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        v3 = (c1 * s0) + (c2 * g)
        S0[j] = v3
        new = w - v3
        X[j] = new
        check = check + new * T(0)
    return float(check)


def scale_by_rms_then_scale_by_learning_rate_then_momentum_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 7, np.float64)
    c1 = T(P[4])
    c2 = T(1.0 - P[4])
    c4 = T(P[6])
    c5 = T(P[0])
    c7 = T(P[5])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    S1 = array(states + 1 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        s1 = S1[j]
        v3 = (c1 * s0) + (c2 * (g * g))
        S0[j] = v3
        v6 = sqrt(v3)
        v8 = (c4 * s1) + (c5 * (g / (v6 + c7)))
        S1[j] = v8
        new = w - v8
        X[j] = new
        check = check + new * T(0)
    return float(check)


def clip_norm_then_scale_by_learning_rate_share(gradient: int, columns: int, numbers: int, _4: int, _5: int, _6: int, _7: int, _8: int, _9: int) -> float:
    """What is computed once from all gradients."""
    P = array(numbers, 6, np.float64)
    c3 = T(P[4])
    G = array(gradient, columns, T)
    r1 = T(0)
    for j in range(columns):
        g = G[j]
        r1 = r1 + (g * g)
    v2 = sqrt(r1)
    v4 = maximum(v2, c3)
    v5 = c3 / v4
    P[5] = v5
    return 0.0


def clip_norm_then_scale_by_learning_rate_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 6, np.float64)
    c1 = T(P[0])
    c2 = T(P[5])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        new = w - (c1 * (c2 * g))
        X[j] = new
        check = check + new * T(0)
    return float(check)


def clip_norm_then_scale_by_learning_rate_then_momentum_share(gradient: int, columns: int, numbers: int, _4: int, _5: int, _6: int, _7: int, _8: int, _9: int) -> float:
    """What is computed once from all gradients."""
    P = array(numbers, 7, np.float64)
    c3 = T(P[4])
    G = array(gradient, columns, T)
    r1 = T(0)
    for j in range(columns):
        g = G[j]
        r1 = r1 + (g * g)
    v2 = sqrt(r1)
    v4 = maximum(v2, c3)
    v5 = c3 / v4
    P[6] = v5
    return 0.0


def clip_norm_then_scale_by_learning_rate_then_momentum_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 7, np.float64)
    c1 = T(P[5])
    c2 = T(P[0])
    c3 = T(P[6])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        v4 = (c1 * s0) + (c2 * (c3 * g))
        S0[j] = v4
        new = w - v4
        X[j] = new
        check = check + new * T(0)
    return float(check)


def clip_norm_then_scale_by_adam_then_scale_by_learning_rate_share(gradient: int, columns: int, numbers: int, _4: int, _5: int, _6: int, _7: int, _8: int, _9: int) -> float:
    """What is computed once from all gradients."""
    P = array(numbers, 9, np.float64)
    c3 = T(P[4])
    G = array(gradient, columns, T)
    r1 = T(0)
    for j in range(columns):
        g = G[j]
        r1 = r1 + (g * g)
    v2 = sqrt(r1)
    v4 = maximum(v2, c3)
    v5 = c3 / v4
    P[8] = v5
    return 0.0


def clip_norm_then_scale_by_adam_then_scale_by_learning_rate_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 9, np.float64)
    c1 = T(P[5])
    c2 = T(1.0 - P[5])
    c3 = T(P[8])
    c5 = T(P[6])
    c6 = T(1.0 - P[6])
    c9 = T(P[0])
    c10 = T(1.0 - (P[5] ** P[1]))
    c11 = T(1.0 - (P[6] ** P[1]))
    c13 = T(P[7])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    S1 = array(states + 1 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        s1 = S1[j]
        v4 = (c1 * s0) + (c2 * (c3 * g))
        S0[j] = v4
        v7 = c3 * g
        v8 = (c5 * s1) + (c6 * (v7 * v7))
        S1[j] = v8
        v12 = sqrt(v8 / c11)
        new = w - (c9 * ((v4 / c10) / (v12 + c13)))
        X[j] = new
        check = check + new * T(0)
    return float(check)


def clip_norm_then_scale_by_adam_then_decay_weights_then_scale_by_learning_rate_share(gradient: int, columns: int, numbers: int, _4: int, _5: int, _6: int, _7: int, _8: int, _9: int) -> float:
    """What is computed once from all gradients."""
    P = array(numbers, 10, np.float64)
    c3 = T(P[5])
    G = array(gradient, columns, T)
    r1 = T(0)
    for j in range(columns):
        g = G[j]
        r1 = r1 + (g * g)
    v2 = sqrt(r1)
    v4 = maximum(v2, c3)
    v5 = c3 / v4
    P[9] = v5
    return 0.0


def clip_norm_then_scale_by_adam_then_decay_weights_then_scale_by_learning_rate_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 10, np.float64)
    c1 = T(P[6])
    c2 = T(1.0 - P[6])
    c3 = T(P[9])
    c5 = T(P[7])
    c6 = T(1.0 - P[7])
    c9 = T(P[0])
    c10 = T(1.0 - (P[6] ** P[1]))
    c11 = T(1.0 - (P[7] ** P[1]))
    c13 = T(P[8])
    c14 = T(P[4])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    S1 = array(states + 1 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        s1 = S1[j]
        v4 = (c1 * s0) + (c2 * (c3 * g))
        S0[j] = v4
        v7 = c3 * g
        v8 = (c5 * s1) + (c6 * (v7 * v7))
        S1[j] = v8
        v12 = sqrt(v8 / c11)
        new = w - (c9 * (((v4 / c10) / (v12 + c13)) + (c14 * w)))
        X[j] = new
        check = check + new * T(0)
    return float(check)


def clip_norm_then_scale_by_adam_then_decay_weights_then_scale_by_learning_rate_biases_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 10, np.float64)
    c1 = T(P[6])
    c2 = T(1.0 - P[6])
    c3 = T(P[9])
    c5 = T(P[7])
    c6 = T(1.0 - P[7])
    c9 = T(P[0])
    c10 = T(1.0 - (P[6] ** P[1]))
    c11 = T(1.0 - (P[7] ** P[1]))
    c13 = T(P[8])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    S1 = array(states + 1 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        s1 = S1[j]
        v4 = (c1 * s0) + (c2 * (c3 * g))
        S0[j] = v4
        v7 = c3 * g
        v8 = (c5 * s1) + (c6 * (v7 * v7))
        S1[j] = v8
        v12 = sqrt(v8 / c11)
        new = w - (c9 * ((v4 / c10) / (v12 + c13)))
        X[j] = new
        check = check + new * T(0)
    return float(check)


def scale_by_adam_epsilon_first_then_scale_by_learning_rate_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 7, np.float64)
    c1 = T(P[4])
    c2 = T(1.0 - P[4])
    c4 = T(P[5])
    c5 = T(1.0 - P[5])
    c7 = T(P[0])
    c8 = T(((1.0 - (P[5] ** P[1])) ** 0.5) / (1.0 - (P[4] ** P[1])))
    c10 = T(P[6])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    S1 = array(states + 1 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        s1 = S1[j]
        v3 = (c1 * s0) + (c2 * g)
        S0[j] = v3
        v6 = (c4 * s1) + (c5 * (g * g))
        S1[j] = v6
        v9 = sqrt(v6)
        new = w - (c7 * ((c8 * v3) / (v9 + c10)))
        X[j] = new
        check = check + new * T(0)
    return float(check)


def scale_by_role_by_fan_in_then_scale_by_adam_then_scale_by_role_by_fan_in_bias_factor_scale_factor_then_scale_a5619065bbe8_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 9, np.float64)
    c1 = T(P[4])
    c2 = T(1.0 - P[4])
    c3 = T(fan_in ** 0.5)
    c5 = T(P[5])
    c6 = T(1.0 - P[5])
    c9 = T(P[0])
    c10 = T(1.0 - (P[4] ** P[1]))
    c11 = T(1.0 - (P[5] ** P[1]))
    c13 = T(P[6])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    S1 = array(states + 1 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        s1 = S1[j]
        v4 = (c1 * s0) + (c2 * (g / c3))
        S0[j] = v4
        v7 = g / c3
        v8 = (c5 * s1) + (c6 * (v7 * v7))
        S1[j] = v8
        v12 = sqrt(v8 / c11)
        new = w - (c9 * (((v4 / c10) / (v12 + c13)) / c3))
        X[j] = new
        check = check + new * T(0)
    return float(check)


def scale_by_role_by_fan_in_then_scale_by_adam_then_scale_by_role_by_fan_in_bias_factor_scale_factor_then_scale_a5619065bbe8_biases_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 9, np.float64)
    c1 = T(P[4])
    c2 = T(1.0 - P[4])
    c4 = T(P[5])
    c5 = T(1.0 - P[5])
    c7 = T(P[0])
    c8 = T(P[7])
    c9 = T(1.0 - (P[4] ** P[1]))
    c10 = T(1.0 - (P[5] ** P[1]))
    c12 = T(P[6])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    S1 = array(states + 1 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        s1 = S1[j]
        v3 = (c1 * s0) + (c2 * g)
        S0[j] = v3
        v6 = (c4 * s1) + (c5 * (g * g))
        S1[j] = v6
        v11 = sqrt(v6 / c10)
        new = w - (c7 * (c8 * ((v3 / c9) / (v11 + c12))))
        X[j] = new
        check = check + new * T(0)
    return float(check)


def scale_by_role_by_fan_in_then_scale_by_adam_then_scale_by_role_by_fan_in_bias_factor_scale_factor_then_scale_a5619065bbe8_scales_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 9, np.float64)
    c1 = T(P[4])
    c2 = T(1.0 - P[4])
    c4 = T(P[5])
    c5 = T(1.0 - P[5])
    c7 = T(P[0])
    c8 = T(P[8])
    c9 = T(1.0 - (P[4] ** P[1]))
    c10 = T(1.0 - (P[5] ** P[1]))
    c12 = T(P[6])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    S1 = array(states + 1 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        s1 = S1[j]
        v3 = (c1 * s0) + (c2 * g)
        S0[j] = v3
        v6 = (c4 * s1) + (c5 * (g * g))
        S1[j] = v6
        v11 = sqrt(v6 / c10)
        new = w - (c7 * (c8 * ((v3 / c9) / (v11 + c12))))
        X[j] = new
        check = check + new * T(0)
    return float(check)


def scale_by_role_by_fan_in_then_scale_by_adam_then_scale_by_role_by_fan_in_bias_factor_scale_factor_then_scale_a5619065bbe8_activations_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 9, np.float64)
    c1 = T(P[4])
    c2 = T(1.0 - P[4])
    c4 = T(P[5])
    c5 = T(1.0 - P[5])
    c7 = T(P[0])
    c8 = T(1.0 - (P[4] ** P[1]))
    c9 = T(1.0 - (P[5] ** P[1]))
    c11 = T(P[6])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    S1 = array(states + 1 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        s1 = S1[j]
        v3 = (c1 * s0) + (c2 * g)
        S0[j] = v3
        v6 = (c4 * s1) + (c5 * (g * g))
        S1[j] = v6
        v10 = sqrt(v6 / c9)
        new = w - (c7 * ((v3 / c8) / (v10 + c11)))
        X[j] = new
        check = check + new * T(0)
    return float(check)


def scale_by_role_by_fan_in_then_scale_by_adam_then_scale_by_role_by_fan_in_bias_factor_scale_factor_activation_5ac4d24c7eed_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 13, np.float64)
    c1 = T(P[5])
    c2 = T(1.0 - P[5])
    c3 = T(fan_in ** 0.5)
    c5 = T(P[6])
    c6 = T(1.0 - P[6])
    c9 = T(P[0])
    c10 = T(1.0 - (P[5] ** P[1]))
    c11 = T(1.0 - (P[6] ** P[1]))
    c13 = T(P[7])
    c14 = T(P[4])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    S1 = array(states + 1 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        s1 = S1[j]
        v4 = (c1 * s0) + (c2 * (g / c3))
        S0[j] = v4
        v7 = g / c3
        v8 = (c5 * s1) + (c6 * (v7 * v7))
        S1[j] = v8
        v12 = sqrt(v8 / c11)
        new = w - (c9 * ((((v4 / c10) / (v12 + c13)) / c3) + (c14 * w)))
        X[j] = new
        check = check + new * T(0)
    return float(check)


def scale_by_role_by_fan_in_then_scale_by_adam_then_scale_by_role_by_fan_in_bias_factor_scale_factor_activation_5ac4d24c7eed_biases_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 13, np.float64)
    c1 = T(P[5])
    c2 = T(1.0 - P[5])
    c4 = T(P[6])
    c5 = T(1.0 - P[6])
    c7 = T(P[0])
    c8 = T(P[8])
    c9 = T(1.0 - (P[5] ** P[1]))
    c10 = T(1.0 - (P[6] ** P[1]))
    c12 = T(P[7])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    S1 = array(states + 1 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        s1 = S1[j]
        v3 = (c1 * s0) + (c2 * g)
        S0[j] = v3
        v6 = (c4 * s1) + (c5 * (g * g))
        S1[j] = v6
        v11 = sqrt(v6 / c10)
        new = w - (c7 * (c8 * ((v3 / c9) / (v11 + c12))))
        X[j] = new
        check = check + new * T(0)
    return float(check)


def scale_by_role_by_fan_in_then_scale_by_adam_then_scale_by_role_by_fan_in_bias_factor_scale_factor_activation_5ac4d24c7eed_scales_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 13, np.float64)
    c1 = T(P[5])
    c2 = T(1.0 - P[5])
    c4 = T(P[6])
    c5 = T(1.0 - P[6])
    c7 = T(P[0])
    c8 = T(P[9])
    c9 = T(1.0 - (P[5] ** P[1]))
    c10 = T(1.0 - (P[6] ** P[1]))
    c12 = T(P[7])
    c13 = T(P[11])
    c14 = T(P[4])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    S1 = array(states + 1 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        s1 = S1[j]
        v3 = (c1 * s0) + (c2 * g)
        S0[j] = v3
        v6 = (c4 * s1) + (c5 * (g * g))
        S1[j] = v6
        v11 = sqrt(v6 / c10)
        new = w - (c7 * ((c8 * ((v3 / c9) / (v11 + c12))) + (c13 * (c14 * w))))
        X[j] = new
        check = check + new * T(0)
    return float(check)


def scale_by_role_by_fan_in_then_scale_by_adam_then_scale_by_role_by_fan_in_bias_factor_scale_factor_activation_5ac4d24c7eed_activations_update(value: int, gradient: int, states: int, stride: int, columns: int, numbers: int, fan_in: int, _8: int, _9: int) -> float:
    """The next parameters and states."""
    P = array(numbers, 13, np.float64)
    c1 = T(P[5])
    c2 = T(1.0 - P[5])
    c4 = T(P[6])
    c5 = T(1.0 - P[6])
    c7 = T(P[0])
    c8 = T(P[10])
    c9 = T(1.0 - (P[5] ** P[1]))
    c10 = T(1.0 - (P[6] ** P[1]))
    c12 = T(P[7])
    c13 = T(P[12])
    c14 = T(P[4])
    X = array(value, columns, T)
    G = array(gradient, columns, T)
    S0 = array(states + 0 * stride, columns, T)
    S1 = array(states + 1 * stride, columns, T)
    check = T(0)
    for j in range(columns):
        w = X[j]
        g = G[j]
        s0 = S0[j]
        s1 = S1[j]
        v3 = (c1 * s0) + (c2 * g)
        S0[j] = v3
        v6 = (c4 * s1) + (c5 * (g * g))
        S1[j] = v6
        v11 = sqrt(v6 / c10)
        new = w - (c7 * ((c8 * ((v3 / c9) / (v11 + c12))) + (c13 * (c14 * w))))
        X[j] = new
        check = check + new * T(0)
    return float(check)
