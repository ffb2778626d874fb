"""Expressions of every primitive over operands of every pair of shapes, with numbers to put in."""

import itertools

import numpy as np

from pellucid.algebra import PRIMITIVES, Symbol, operation

# Rows and columns: also those where one that is called n or m happens to be 1.
SIZES = [(3, 2), (1, 2), (3, 1), (1, 1)]

# A single number, a whole matrix, one row, one column, one cell.
SHAPES = [(), ("n", "m"), ("n", 1), (1, "m"), (1, 1)]


def expressions(rows, columns):
    """Yield (expression, values) over matrices of so many rows and columns."""
    rng = np.random.default_rng([rows, columns])
    inputs = {}
    for letter in "abc":
        for shape in SHAPES:
            sized = tuple({"n": rows, "m": columns}.get(size, size) for size in shape)
            name = f"{letter}{'_'.join(map(str, shape))}"
            value = np.round(rng.uniform(-2, 2, sized), 3)
            known = tuple(columns if size == "m" else size for size in shape)
            inputs[letter, shape] = (Symbol(name, known), value)
    for primitive, rule in PRIMITIVES.items():
        if primitive in ("sum_of", "max_of", "matmul", "join"):
            continue
        count = rule.arity
        for shapes in itertools.product(SHAPES, repeat=count):
            if not rule.elementwise and () in shapes and primitive != "total":
                continue
            chosen = [inputs["abc"[at], shape] for at, shape in enumerate(shapes)]
            symbols = [symbol for symbol, _ in chosen]
            values = {symbol.name: value for symbol, value in chosen}
            if primitive in ("log", "sqrt", "log1p", "power"):
                values[symbols[0].name] = abs(values[symbols[0].name])
            if primitive == "where":
                values[symbols[0].name] = values[symbols[0].name] > 0.7
            if primitive.startswith("logical"):
                values = {name: value > 0.7 for name, value in values.items()}
            yield operation(primitive, *symbols), values
    left, right = Symbol("left", ("n", 2)), Symbol("right", (2, columns))
    yield (
        left @ right,
        {"left": rng.normal(size=(rows, 2)), "right": rng.normal(size=(2, columns))},
    )
    blocks = [Symbol("one", ("n", 1)), Symbol("two", ("n", 2))]
    joined = {"one": rng.normal(size=(rows, 1)), "two": rng.normal(size=(rows, 2))}
    yield operation("join", *blocks), joined
