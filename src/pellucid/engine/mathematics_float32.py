"""Functions of one float32 number, in plain arithmetic that LLVM vectorises.

Errors are a few 1e-7, relatively. What is below the smallest normal number becomes 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.engine.compiling import inlined

T = np.float32
I = np.int32  # noqa: E741 (the integer beside T)


@inlined
def absolute(x: Any) -> Any:
    """Return |x|."""
    return np.abs(x)


@inlined
def sign(x: Any) -> Any:
    """Return -1, 0 or 1."""
    return T(x > T(0)) - T(x < T(0))


@inlined
def floor(x: Any) -> Any:
    """Return the largest whole number up to x."""
    return np.floor(x)


@inlined
def sqrt(x: Any) -> Any:
    """Return the square root."""
    return np.sqrt(x)


@inlined
def isnan(x: Any) -> Any:
    """Return whether x is not a number."""
    return x != x


@inlined
def maximum(a: Any, b: Any) -> Any:
    """Return the larger; not a number wins."""
    return a if (a >= b) | (a != a) else b


@inlined
def minimum(a: Any, b: Any) -> Any:
    """Return the smaller; not a number wins."""
    return a if (a <= b) | (a != a) else b


@inlined
def power(a: Any, b: Any) -> Any:
    """Return a to the power b."""
    return a**b


@inlined
def sin(x: Any) -> Any:
    """Return the sine."""
    return np.sin(x)


@inlined
def cos(x: Any) -> Any:
    """Return the cosine."""
    return np.cos(x)


@inlined
def half_power(n: Any) -> Any:
    """Return 2^(n - 1) for a whole number n from -126 to 128, by writing its exponent."""
    return I((I(n) + I(126)) << I(23)).view(T)


@inlined
def expm1_of_rest(r: Any) -> Any:
    """Return exp(r) - 1 for |r| up to log(2) / 2."""
    p = T(1 / 5040)
    p = p * r + T(1 / 720)
    p = p * r + T(1 / 120)
    p = p * r + T(1 / 24)
    p = p * r + T(1 / 6)
    p = p * r + T(1 / 2)
    return p * r * r + r


@inlined
def limited(x: Any) -> Any:
    """Return x within the range where exp is neither infinite nor 0; not a number stays."""
    x = T(88.8) if x > T(88.8) else x
    return T(-87.5) if x < T(-87.5) else x


@inlined
def exp(x: Any) -> Any:
    """Return e^x = 2^n · e^r, with a whole number n and a small rest r."""
    x = limited(x)
    n = np.floor(x * T(1.4426950408889634) + T(0.5))
    # log(2) in two parts, the first short enough that n times it is exact.
    r = x - n * T(0.693359375) + n * T(2.12194440e-4)
    return (expm1_of_rest(r) + T(1)) * T(2) * half_power(n)


@inlined
def expm1(x: Any) -> Any:
    """Return e^x - 1, accurate near 0."""
    x = limited(x)
    n = np.floor(x * T(1.4426950408889634) + T(0.5))
    r = x - n * T(0.693359375) + n * T(2.12194440e-4)
    half = half_power(n)
    return T(2) * (half * expm1_of_rest(r) + (half - T(0.5)))


@inlined
def tanh(x: Any) -> Any:
    """Return tanh x = (e^2|x| - 1) / (e^2|x| + 1), with the sign of x."""
    size = np.abs(x)
    size = T(10) if size > T(10) else size
    grown = expm1(size + size)
    value = grown / (grown + T(2))
    return np.copysign(value, x)


@inlined
def tanh_softplus(x: Any) -> Any:
    """Return tanh(log(1 + e^x)) = n / (n + 2) with n = e^x · (e^x + 2): one exp, no logarithm.

    From tanh(log u) = (u² - 1) / (u² + 1) with u = 1 + e^x.
    """
    grown = exp(T(10) if x > T(10) else x)
    n = grown * (grown + T(2))
    return n / (n + T(2))


@inlined
def log_of(u: Any, rest: Any) -> Any:
    """Return log(u + rest) with |rest| far below u, from exponent and mantissa (Cephes, logf)."""
    high = I(T(u).view(I) - I(0x3F3504F3)) >> I(23)
    e = T(high)
    scale = I((I(127) - high) << I(23)).view(T)
    f = (u * scale - T(1)) + rest * scale
    p = T(7.0376836292e-2)
    p = p * f - T(1.1514610310e-1)
    p = p * f + T(1.1676998740e-1)
    p = p * f - T(1.2420140846e-1)
    p = p * f + T(1.4249322787e-1)
    p = p * f - T(1.6668057665e-1)
    p = p * f + T(2.0000714765e-1)
    p = p * f - T(2.4999993993e-1)
    p = p * f + T(3.3333331174e-1)
    square = f * f
    value = f + (f * square * p - e * T(2.12194440e-4) - T(0.5) * square)
    value = value + e * T(0.693359375)
    # Beyond 2^126 the scale has no exponent left; of infinity it is infinite, of 0 minus that.
    value = T(np.inf) if u > T(1e38) else value
    value = value if u > T(0) else T(-np.inf)
    return value if u >= T(0) else T(np.nan)


@inlined
def log(x: Any) -> Any:
    """Return the natural logarithm."""
    return log_of(x, T(0))


@inlined
def log1p(x: Any) -> Any:
    """Return log(1 + x), accurate near 0: what the sum's rounding lost is put back."""
    u = T(1) + x
    return log_of(u, x - (u - T(1)))


@inlined
def erf(x: Any) -> Any:
    """Return the error function: a polynomial near 0, beyond it 1 - exp of a polynomial."""
    t = np.abs(x)
    t = T(5) if t > T(5) else t
    s = t * t
    far = (T(-1.72853470e-5) * t + T(3.83197126e-4)) * s
    far = far + (T(-3.88396438e-3) * t + T(2.42546219e-2))
    far = far * t - T(1.06777877e-1)
    far = far * t - T(6.34846687e-1)
    far = far * t - T(1.28717512e-1)
    far = -expm1(far * t - t)
    near = T(-5.96761703e-4) * s + T(4.99119423e-3)
    near = near * s - T(2.67681349e-2)
    near = near * s + T(1.12819925e-1)
    near = near * s - T(3.76125336e-1)
    near = near * s + T(1.28379166e-1)
    near = near * t + t
    value = far if t > T(0.927734375) else near
    return np.copysign(value, x)
