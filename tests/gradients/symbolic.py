"""Pellucid's formulas as SymPy's, and what it takes to prove that two of those are equal.

A matrix is a NumPy array of SymPy expressions; element-wise functions run over its entries.
"""

import math

import numpy as np
import sympy as sp

from pellucid.algebra import Call, Constant, Symbol

# Numbers that stand in formulas as floats and mean something exact.
EXACT = {
    math.sqrt(2): sp.sqrt(2),
    1 / math.sqrt(2): 1 / sp.sqrt(2),
    math.sqrt(2 * math.pi): sp.sqrt(2 * sp.pi),
    1 / math.sqrt(2 * math.pi): 1 / sp.sqrt(2 * sp.pi),
    math.sqrt(math.pi): sp.sqrt(sp.pi),
    2 / math.sqrt(math.pi): 2 / sp.sqrt(sp.pi),
    math.pi: sp.pi,
}


def each(function):
    """Return the function over arrays of expressions, entry by entry; on single expressions it stays as it is."""
    over_arrays = np.frompyfunc(function, function.__code__.co_argcount, 1)
    return lambda *arguments: (
        over_arrays(*arguments) if any(map(is_array, arguments)) else function(*arguments)
    )


def is_array(value):
    return isinstance(value, np.ndarray)


def along(function, axis):
    """Return the function over rows (axis 1) or columns (axis 0) that keeps both axes."""
    return lambda x: np.apply_along_axis(lambda line: np.array([function(*line)], object), axis, x)


def chosen(condition, a, b):
    return sp.Piecewise((a, condition), (b, True))


SYMPY = {
    "negative": each(lambda a: -a),
    "absolute": each(lambda a: sp.Abs(a)),
    "sign": each(lambda a: sp.sign(a)),
    "floor": each(lambda a: sp.floor(a)),
    "exp": each(lambda a: sp.exp(a)),
    "expm1": each(lambda a: sp.exp(a) - 1),
    "log": each(lambda a: sp.log(a)),
    "log1p": each(lambda a: sp.log(1 + a)),
    "sqrt": each(lambda a: sp.sqrt(a)),
    "sin": each(lambda a: sp.sin(a)),
    "cos": each(lambda a: sp.cos(a)),
    "tanh": each(lambda a: sp.tanh(a)),
    "erf": each(lambda a: sp.erf(a)),
    "isnan": each(lambda a: sp.false),
    "logical_not": each(lambda a: sp.Not(a)),
    "add": each(lambda a, b: a + b),
    "subtract": each(lambda a, b: a - b),
    "multiply": each(lambda a, b: a * b),
    "divide": each(lambda a, b: a / b),
    "power": each(lambda a, b: a**b),
    "maximum": each(lambda a, b: sp.Max(a, b)),
    "minimum": each(lambda a, b: sp.Min(a, b)),
    "less": each(lambda a, b: sp.Lt(a, b)),
    "less_equal": each(lambda a, b: sp.Le(a, b)),
    "greater": each(lambda a, b: sp.Gt(a, b)),
    "greater_equal": each(lambda a, b: sp.Ge(a, b)),
    "equal": each(lambda a, b: sp.Eq(a, b)),
    "not_equal": each(lambda a, b: sp.Ne(a, b)),
    "logical_and": each(lambda a, b: sp.And(a, b)),
    "logical_or": each(lambda a, b: sp.Or(a, b)),
    "where": each(lambda condition, a, b: chosen(condition, a, b)),
    "matmul": lambda a, b: a @ b,
    "transpose": lambda a: a.T,
    "row_sum": along(lambda *line: sum(line), 1),
    "row_max": along(lambda *line: sp.Max(*line), 1),
    "column_sum": along(lambda *line: sum(line), 0),
    "total": lambda a: sum(a.ravel()) if is_array(a) else a,
    "join": lambda *blocks: np.concatenate(blocks, axis=1),
    "sum_of": lambda *terms: sum(terms),
    "max_of": lambda *terms: sp.Max(*terms),
}


def exact(value):
    """Return a float as the number that it means: a known root, or the very fraction that it is."""
    sign = -1 if value < 0 else 1
    return sign * EXACT[abs(value)] if abs(value) in EXACT else sp.Rational(value)


def translated(expression, values):
    """Return a formula of Pellucid as SymPy's, with SymPy expressions (or arrays of them) for its symbols."""
    if isinstance(expression, Symbol):
        return values[expression.name]
    if isinstance(expression, Constant):
        return exact(expression.value)
    arguments = [translated(a, values) for a in expression.arguments]
    if isinstance(expression, Call):
        names = (p.name for p in expression.parameters)
        return translated(expression.body, dict(zip(names, arguments, strict=True)))
    return SYMPY[expression.primitive](*arguments)


def row(prefix, size, **assumptions):
    """Return a row of symbols."""
    return np.array([sp.symbols(f"{prefix}1:{size + 1}", **assumptions)], object)


def holds(condition, point):
    return bool(sp.sympify(condition).subs(point))


def resolved(expression, point):
    """Return the smooth formula that holds around a point: each choice is made as it is made there."""
    if not expression.args:
        return expression
    if isinstance(expression, sp.Piecewise):
        branch = next(value for value, condition in expression.args if holds(condition, point))
        return resolved(branch, point)
    if isinstance(expression, sp.Max | sp.Min):
        choose = max if isinstance(expression, sp.Max) else min
        return resolved(choose(expression.args, key=lambda a: sp.N(a.subs(point), 30)), point)
    inner = [resolved(a, point) for a in expression.args]
    if isinstance(expression, sp.Abs | sp.sign):
        sign = sp.sign(sp.N(expression.args[0].subs(point), 30))
        assert sign != 0, f"{expression} has a kink at {point}"
        return sign * inner[0] if isinstance(expression, sp.Abs) else sp.Integer(sign)
    return expression.func(*inner)


def prove_zero(expression, sample, digits=30, tries=40):
    """Prove that an expression is 0: by simplification, else in numbers.

    In numbers means: computed to 30 digits at 40 random rational points, which `sample()` draws, it is below 10⁻²⁵ each
    time. Returns "symbolic" or "numeric", as it went.
    """
    if any(
        simplified(expression) == 0 for simplified in (sp.simplify, by_exponentials, by_logarithms)
    ):
        return "symbolic"
    for _ in range(tries):
        point = sample()
        value = expression.evalf(digits, subs=point)
        assert abs(value) < sp.Float(10) ** -25, f"{expression} is {value} at {point}, and not 0"
    return "numeric"


def by_exponentials(expression):
    """Simplify with tanh written in exponentials."""
    return sp.simplify(sp.powsimp(expression.rewrite(sp.exp).expand(), force=True))


def by_logarithms(expression):
    """Simplify with a positive unknown u for each exp(z), and logarithms of products taken apart."""
    unknowns = {z: sp.log(sp.Symbol(f"u_{z.name}", positive=True)) for z in expression.free_symbols}
    apart = expression.subs(unknowns).replace(
        sp.log, lambda a: sp.expand_log(sp.log(sp.factor(a)), force=True)
    )
    return sp.simplify(apart)


def rational(rng, low=-3.0, high=3.0):
    """Return a random rational strictly between two numbers."""
    return sp.Rational(low) + (sp.Rational(high) - sp.Rational(low)) * sp.Rational(
        rng.randint(1, 999), 1000
    )
