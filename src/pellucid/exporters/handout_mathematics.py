"""The derivation in a handout: the chain rule of each weight matrix, read from the equations."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pellucid.algebra import Cell, Equation
from pellucid.names import describe
from pellucid.printers.latex_math import equation_latex
from pellucid.printers.latex_text import math_number
from pellucid.views.paths import PathPattern, path_pattern

Lines = list[str]

_LAYER = re.compile(r"(\d+)$")

# The example has a line for each row of the table, up to so many.
MOST_LINES = 12

_APART = r" \qquad "

BEFORE = (
    r"Learning needs the slope of the loss by each weight. A weight acts on the loss by a chain of "
    r"steps, and the slope of a chain is the product of the slopes of its links. For one row, with "
    r"$\ell$ its loss:"
)
BETWEEN = (
    r"Under each link stands what it is called here. The error $E$ is minus the slope of the loss, so "
    r"a minus goes before the product. Over all rows the products become a product of matrices:"
)
MATCHING = (
    r"The loss and the output's activation are a pair whose slopes cancel: $\delta$ is minus the slope "
    r"of the loss by what goes into the output."
)
AFTER = (
    r"What the outer layer needed comes again in the inner one: $\delta$ is computed once and sent "
    r"back, and so the method has its name. The gradient points uphill; the update subtracts it."
)


def derivation(
    layers: int,
    formulas: Mapping[str, Equation],
    values: Mapping[str, Any],
    written: Callable[[Cell], str] | None,
) -> Lines:
    """Return the derivation for a network of so many layers, as lines of LaTeX.

    With `written`, the text of a cell's number, the products for one weight follow in numbers.
    """
    patterns = {f"W{at}": path_pattern(f"W{at}", formulas) for at in range(layers, 0, -1)}
    lines = [r"\section*{Why these formulas: the chain rule}", BEFORE]
    for name, pattern in patterns.items():
        links = r" \cdot ".join(_link(factor, name, layers) for factor, _, _ in pattern.factors)
        lines.append(rf"\[\fit{{ \frac{{\partial \ell}}{{\partial {_latex(name)}}} = -{links} }}\]")
    lines += [BETWEEN if "error" in formulas else f"{MATCHING} {BETWEEN.split('. ', 2)[2]}"]
    for name in patterns:
        layer = int(name[1:])
        delta = "delta_output" if layer == layers else f"delta_hidden_{layer}"
        error = [] if layer == layers else [f"error_hidden_{layer}"]
        shown = [equation_latex(formulas[n]) for n in (*error, delta, f"gradient_{name}")]
        lines.append(rf"\[\fit{{ {_APART.join(shown)} }}\]")
    lines.append(AFTER)
    return [*lines, *(_example("W1", patterns["W1"], values, written) if written else [])]


def _latex(name: str) -> str:
    return describe(name).latex


def _link(factor: str, parameter: str, layers: int) -> str:
    """Return one link of the chain: a slope, and below it what it is called."""
    found = _LAYER.search(factor)
    at = int(found[1]) if found else 0
    net_input, out = _latex(f"net_input_{layers}"), _latex("output")
    hidden = _latex(f"hidden_{at}") if at else ""
    slopes: dict[str, Callable[[], tuple[str, str]]] = {
        "error": lambda: (r"-\ell", out),
        "slope_output": lambda: (out, net_input),
        "delta_output": lambda: (r"-\ell", net_input),
        "slope_hidden": lambda: (hidden, _latex(f"net_input_{at}")),
        "delta_hidden": lambda: (r"-\ell", _latex(f"net_input_{at}")),
        "W": lambda: (_latex(f"net_input_{at}"), _latex(f"hidden_{at - 1}")),
        "mask": lambda: (_latex(f"kept_{at}"), hidden),
        "X": lambda: (_latex("net_input_1"), _latex(parameter)),
        "hidden": lambda: (_latex(f"net_input_{at + 1}"), _latex(parameter)),
        "kept": lambda: (_latex(f"net_input_{at + 1}"), _latex(parameter)),
    }
    kind = _LAYER.sub("", factor).rstrip("_")
    if kind not in slopes:
        return _latex(factor)  # a weight of the row: it multiplies
    above, below = slopes[kind]()
    minus = "-" if above.startswith("-") else ""
    slope = rf"\frac{{\partial {above.removeprefix('-')}}}{{\partial {below}}}"
    slope = rf"\left({minus}{slope}\right)" if minus else slope
    return rf"\underbrace{{{slope}}}_{{{_latex(factor)}}}"


def _example(
    name: str, pattern: PathPattern, values: Mapping[str, Any], written: Callable[[Cell], str]
) -> Lines:
    """Return the products for the first weight of a matrix, a line for each row of the table."""
    factors = pattern.shares if pattern.loops else pattern.factors
    rows = len(values["X"])
    if rows > MOST_LINES:
        return []
    letters = {"i": 0, "j": 0, "0": 0}
    weight = rf"\left({_latex(name)}\right)_{{1,1}}"
    header = " & ".join(f"${_latex(factor)}$" for factor, _, _ in factors)
    lines = [
        rf"In numbers, for the weight ${weight}$:",
        "% chain",
        rf"\[\begin{{array}}{{l|{'r' * len(factors)}|r}}",
        rf"\text{{row}} & {header.replace('$', '')} & \text{{product}} \\ \hline",
    ]
    total = 0.0
    for r in range(rows):
        places = letters | {"r": r}
        read = [Cell(f, places[i], places[j]) for f, i, j in factors]
        product = float(np.prod([values[c.name][c.row, c.column] for c in read]))
        total += product
        cells = " & ".join([*map(written, read), math_number(product)])
        lines.append(rf"{r + 1} & {cells} \\")
    how = rf" / {math_number(float(values[pattern.divisor]))}" if pattern.divisor else ""
    more = " + \\text{penalty}" if pattern.penalty is not None else ""
    gradient = float(values[f"gradient_{name}"][0, 0])
    return [
        *lines,
        r"\end{array}\]",
        rf"\[\fit{{ \left(\nabla {_latex(name)}\right)_{{1,1}} = "
        rf"-\left({math_number(total)}\right){how}{more} = {math_number(gradient)} }}\]",
    ]
