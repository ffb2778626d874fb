"""A trace as the plain data that the live component shows: names, formulas, places, start values.

The component is the same on a page, in a notebook and in the studio. It knows no formula: what it
writes comes from templates, and what it computes from the step printed as JavaScript.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from html import escape
from typing import Any

import numpy as np

from pellucid.algebra import Call, Equation, Node, Operation, Symbol, children
from pellucid.errors import InputError, explain
from pellucid.exporters.traced import Traced, how_to_shrink
from pellucid.printers.cell_template import CellTemplate, cell_template, is_elementwise
from pellucid.printers.functions import Functions
from pellucid.printers.html_math import HtmlMath, equation_mathml, symbol_mathml
from pellucid.printers.javascript_code import step_function
from pellucid.printers.plain_text import equation_text
from pellucid.step import Step
from pellucid.views.paths import path_pattern
from pellucid.views.placement import placement
from pellucid.views.sheet import axes_of
from pellucid.views.stages import Stage, stages

# A browser shows and computes so many numbers without a pause that is felt.
MOST_NUMBERS = 200_000
# A function is shown opened while its formula has at most so many parts.
OPENED_PARTS = 60
CLOCK = ("n", "update_number", "epoch_number", "progress")


def describe_trace(trace: Traced) -> dict[str, Any]:
    """Return a trace as plain data for the component, the step as JavaScript in ``program``.

    Raises
    ------
    InputError
        If the trace is too large to be shown live.
    """
    _check_size(trace)
    step, network = trace.description, trace.description.network
    symbols, formulas = trace.symbols, trace.formulas
    carried = [n for n in (*network.parameter_shapes, *step.state_names) if f"{n}_next" in formulas]
    prepared = [n for n in (*symbols, *formulas) if _is_prepared(n, trace)]
    sheet = placement((*symbols, *formulas), network, settings=step.settings, prepared=prepared)
    read = {name for equation in formulas.values() for name in equation.inputs}
    sheet.clock = [name for name in sheet.clock if name in read]
    signals = ["X", *(f"hidden_{at}" for at in range(1, len(network.layers))), "output"]
    objective = next((name for name in ("objective", "loss") if name in formulas), None)
    return {
        "format": 1,
        "title": " → ".join(map(str, network.sizes)),
        "about": _about(step),
        "names": {
            **{name: _input(symbol, trace) for name, symbol in symbols.items()},
            **{name: _computed(equation, trace) for name, equation in formulas.items()},
        },
        "functions": _functions(formulas),
        "stages": [_stage(stage) for stage in stages(step, list(formulas.values()), list(symbols))],
        "sheet": asdict(sheet),
        "signals": signals,
        "weights": [f"W{at}" for at in range(1, len(network.layers) + 1)],
        "carry": {name: f"{name}_next" for name in carried},
        "objective": objective,
        "paths": {
            p: _path(p, formulas) for p in network.parameter_shapes if f"gradient_{p}" in formulas
        },
        "steps": [_step(at, carried, trace) for at in range(len(trace.steps))],
        "program": step_function(list(symbols.values()), list(formulas.values())),
    }


def _check_size(trace: Traced) -> None:
    first = trace.steps[0].values
    count = sum(np.size(value) for value in first.values())
    given = sum(np.size(s.values[name]) for s in trace.steps for name in trace.symbols)
    if max(count, given) > MOST_NUMBERS:
        rows, steps = len(trace.steps[0].rows), len(trace.steps)
        raise InputError(
            explain(
                expected=f"at most {MOST_NUMBERS:,} numbers to show live on a page",
                got=f"{count:,} in one step of {rows:,} rows, and {given:,} given to "
                f"{steps} step{'s' * (steps != 1)}",
                do=how_to_shrink(trace, (*trace.symbols, *trace.formulas), MOST_NUMBERS),
            )
        )


def _about(step: Step) -> str:
    network = step.network
    labels = dict.fromkeys(layer.activation.label for layer in network.layers)
    return " · ".join([*labels, network.loss.label]).replace("_", " ")


def _is_prepared(name: str, trace: Traced) -> bool:
    """Tell whether a name belongs to the preparation of a table."""
    if name in trace.formulas:
        return trace.formulas[name].stage == "prepare" and name not in ("X", "y")
    return name not in {symbol.name for symbol in trace.description.inputs}


def _role(name: str, trace: Traced) -> str:
    step = trace.description
    if name in CLOCK:
        return "clock"
    if name in step.settings:
        return "setting"
    if name in step.network.parameter_shapes:
        return "parameter"
    if name in step.state_names:
        return "state"
    if name in step.masks:
        return "mask"
    return "data" if "n" in trace.symbols[name].shape else "fitted"


def _named(symbol: Symbol, trace: Traced) -> dict[str, Any]:
    axes = axes_of(symbol.name, symbol.shape, trace.description.network)
    return {
        "shape": list(symbol.shape),
        "meaning": symbol.meaning,
        "math": symbol_mathml(symbol),
        "axes": list(axes),
        "labels": list(trace.labels.get(symbol.name, ())),
    }


def _input(symbol: Symbol, trace: Traced) -> dict[str, Any]:
    missing = any(_asks_missing(e.expression, symbol.name) for e in trace.formulas.values())
    return {
        **_named(symbol, trace),
        "role": _role(symbol.name, trace),
        "missing": missing,
    }


def _computed(equation: Equation, trace: Traced) -> dict[str, Any]:
    found = {
        **_named(equation.symbol, trace),
        "role": "computed",
        "text": equation_text(equation),
        "formula": equation_mathml(equation),
        "template": cell_template(equation),
    }
    calls = [c for c in _calls(equation.expression) if is_elementwise(c.body)]
    if calls and all(_parts(c.body) <= OPENED_PARTS for c in calls):
        found["opened"] = cell_template(equation, open_calls=True)
        found["functions"] = list(dict.fromkeys(c.name for c in calls))
    return found


def _functions(formulas: Mapping[str, Equation]) -> dict[str, str]:
    """Return each function's own formula, as mathematics."""
    writer, found = HtmlMath(), {}
    for function in Functions([e.expression for e in formulas.values()]):
        listed = "<mo>,</mo>".join(writer.text(p) for p in function.parameters)
        left = f"<mi>{escape(function.name)}</mi><mrow><mo>(</mo>{listed}<mo>)</mo></mrow>"
        body = writer.text(function.body)
        found[function.name] = f"{left}<mo>=</mo>{body}"
    return found


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "number": stage.number,
        "label": stage.label,
        "title": stage.title,
        "about": list(stage.about),
        "computed": list(stage.computed),
        "sources": list(stage.sources),
        "texts": list(stage.texts),
    }


def _path(parameter: str, formulas: Mapping[str, Equation]) -> dict[str, Any]:
    pattern = path_pattern(parameter, formulas)
    penalty = pattern.penalty
    return {
        "factors": [list(f) for f in pattern.factors],
        "loops": dict(pattern.loops),
        "shares": [list(f) for f in pattern.shares],
        "divisor": pattern.divisor,
        "penalty": None if penalty is None else CellTemplate().template(penalty),
    }


def _step(at: int, carried: Sequence[str], trace: Traced) -> dict[str, Any]:
    """Return what a step is given; what the step before hands on is left out after the first."""
    step = trace.steps[at]
    names = [name for name in trace.symbols if at == 0 or name not in carried]
    return {
        "rows": list(step.rows),
        "epoch": step.epoch,
        "values": {name: flat_numbers(step.values[name]) for name in names},
    }


def flat_numbers(value: Any) -> list[Any]:
    """Return the numbers row after row; one that JSON has no word for is written as text."""
    numbers = np.asarray(value, np.float64).ravel().tolist()
    return [_plain(number) for number in numbers]


def _plain(number: float) -> Any:
    if np.isnan(number):
        return "NaN"
    if np.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return int(number) if number.is_integer() and abs(number) < 2**53 and number else number


def _asks_missing(expression: Node, name: str) -> bool:
    """Tell whether a formula asks if numbers of a symbol are missing."""
    if isinstance(expression, Operation) and expression.primitive == "isnan":
        argument = expression.arguments[0]
        return isinstance(argument, Symbol) and argument.name == name
    return any(_asks_missing(below, name) for below in children(expression))


def _calls(expression: Node) -> list[Call]:
    found = [expression] if isinstance(expression, Call) else []
    return found + [call for below in children(expression) for call in _calls(below)]


def _parts(expression: Node) -> int:
    """Return how many nodes a formula has when it is written out, shared ones as often as they stand."""
    known: dict[int, int] = {}

    def count(at: Node) -> int:
        if id(at) not in known:
            inside = (*children(at), at.body) if isinstance(at, Call) else children(at)
            known[id(at)] = 1 + sum(count(below) for below in inside)
        return known[id(at)]

    return count(expression)
