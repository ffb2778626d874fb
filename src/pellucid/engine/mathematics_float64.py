"""Functions of one float64 number: all but erf, sine and cosine in plain arithmetic that LLVM vectorises.

Their errors are a few 1e-16, relatively. What is below the smallest normal number becomes 0.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pellucid.engine.compiling import inlined

T = np.float64
I = np.int64  # noqa: E741 (the integer beside T)


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
    """Return 2^(n - 1) for a whole number n from -1022 to 1024, by writing its exponent."""
    return I((I(n) + I(1022)) << I(52)).view(T)


@inlined
def expm1_of_rest(r: Any) -> Any:
    """Return exp(r) - 1 for |r| up to log(2) / 2, by the terms of its series in pairs (Estrin's scheme).

    Pairs wait for each other in five steps, where one term after the other would take thirteen.
    """
    r2 = r * r
    r4 = r2 * r2
    p01 = T(1 / 2) + r * T(1 / 6)
    p23 = T(1 / 24) + r * T(1 / 120)
    p45 = T(1 / 720) + r * T(1 / 5040)
    p67 = T(1 / 40320) + r * T(1 / 362880)
    p89 = T(1 / 3628800) + r * T(1 / 39916800)
    p1011 = T(1 / 479001600) + r * T(1 / 6227020800)
    low = (p01 + r2 * p23) + r4 * (p45 + r2 * p67)
    high = (p89 + r2 * p1011) + r4 * T(1 / 87178291200)
    return (low + (r4 * r4) * high) * r2 + r


@inlined
def limited(x: Any) -> Any:
    """Return x within the range where exp is neither infinite nor 0; not a number stays."""
    x = T(709.8) if x > T(709.8) else x
    return T(-708.5) if x < T(-708.5) else x


@inlined
def exp(x: Any) -> Any:
    """Return e^x = 2^n · e^r, with a whole number n and a small rest r."""
    x = limited(x)
    n = np.floor(x * T(1.4426950408889634) + T(0.5))
    # log(2) in two parts, the first short enough that n times it is exact.
    r = x - n * T(0.693145751953125) - n * T(1.4286068203094172e-06)
    return (expm1_of_rest(r) + T(1)) * T(2) * half_power(n)


@inlined
def expm1(x: Any) -> Any:
    """Return e^x - 1, accurate near 0."""
    x = limited(x)
    n = np.floor(x * T(1.4426950408889634) + T(0.5))
    r = x - n * T(0.693145751953125) - n * T(1.4286068203094172e-06)
    half = half_power(n)
    return T(2) * (half * expm1_of_rest(r) + (half - T(0.5)))


@inlined
def tanh(x: Any) -> Any:
    """Return tanh x = (e^2|x| - 1) / (e^2|x| + 1), with the sign of x."""
    size = np.abs(x)
    size = T(20) if size > T(20) else size
    grown = expm1(size + size)
    value = grown / (grown + T(2))
    return np.copysign(value, x)


@inlined
def tanh_softplus(x: Any) -> Any:
    """Return tanh(log(1 + e^x)) = n / (n + 2) with n = e^x · (e^x + 2): one exp, no logarithm.

    From tanh(log u) = (u² - 1) / (u² + 1) with u = 1 + e^x.
    """
    grown = exp(T(20) if x > T(20) else x)
    n = grown * (grown + T(2))
    return n / (n + T(2))


@inlined
def log_of(u: Any, rest: Any) -> Any:
    """Return log(u + rest) with |rest| far below u, from exponent and mantissa (FDLIBM, e_log.c)."""
    high = I(T(u).view(I) - I(0x3FE6A09E667F3BCD)) >> I(52)
    e = T(high)
    scale = I((I(1023) - high) << I(52)).view(T)
    f = (u * scale - T(1)) + rest * scale
    s = f / (T(2) + f)
    z = s * s
    p = T(1.479819860511658591e-01)
    p = p * z + T(1.531383769920937332e-01)
    p = p * z + T(1.818357216161805012e-01)
    p = p * z + T(2.222219843214978396e-01)
    p = p * z + T(2.857142874366239149e-01)
    p = p * z + T(3.999999999940941908e-01)
    p = p * z + T(6.666666666666735130e-01)
    half = T(0.5) * f * f
    low = s * (half + p * z) + e * T(1.90821492927058770002e-10)
    value = e * T(6.93147180369123816490e-01) - ((half - low) - f)
    # Beyond 2^1022 the scale has no exponent left; of infinity it is infinite, of 0 minus that.
    value = T(np.inf) if u > T(4e307) else value
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
    """Return the error function."""
    return T(math.erf(x))
