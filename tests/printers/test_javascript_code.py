"""The step printed as JavaScript: run with Node, over all traces that exports are held to."""

import json
import subprocess

import numpy as np
import pytest
from agreement import relative, traces
from scipy.special import erf

import pellucid
from pellucid.algebra import PRIMITIVES, Cell, Equation, Symbol
from pellucid.errors import AlgebraError
from pellucid.printers import javascript_code
from pellucid.printers.javascript_code import ERF, step_function

pytestmark = pytest.mark.needs("node")

RUN = """
const plain = (values) => Object.fromEntries(Object.entries(values).map(([k, v]) => [k, Array.from(v, String)]));
const arrays = (given) => Object.fromEntries(Object.entries(given).map(([k, v]) => [k, Float64Array.from(v, Number)]));
const results = programs.map(([step, givens]) => givens.map((given) => plain(step(arrays(given)))));
console.log(JSON.stringify(results));
"""


def node(program):
    """Return what a program of JavaScript prints, read as JSON."""
    done = subprocess.run(["node", "-"], input=program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def flat(value):
    return [str(v) for v in np.asarray(value, np.float64).ravel()]


def run_steps(runs):
    """Run (inputs, equations, givens) and return the values of each given, as texts by name."""
    programs = ",\n".join(
        f"[{step_function(inputs, equations)}, {json.dumps([{n: flat(v) for n, v in g.items()} for g in givens])}]"
        for inputs, equations, givens in runs
    )
    return node(f"const programs = [\n{programs}\n];\n{RUN}")


def array(texts, like):
    numbers = [float(t.replace("Infinity", "inf")) for t in texts]
    return np.array(numbers).reshape(np.shape(like))


def test_every_network_agrees():
    """Every value of every step is that of the trace."""
    found = [traces.traced(case) for case in traces.drawn()] + [pellucid.worked_example(steps=3)]
    runs = [
        (
            list(trace.symbols.values()),
            list(trace.formulas.values()),
            [{name: step[name] for name in trace.symbols} for step in trace.steps],
        )
        for trace in found
    ]
    for trace, made in zip(found, run_steps(runs), strict=True):
        for step, values in zip(trace.steps, made, strict=True):
            for name in trace.formulas:
                here = array(values[name], step[name])
                relative.assert_agree(here, step[name], 1e-9, f"{name} of {trace}")


def test_every_primitive_is_written():
    assert set(PRIMITIVES) == javascript_code.PRIMITIVES_WRITTEN


def test_no_fallback():
    faulty = Equation(Symbol("a"), Cell("X", 0, 0), "forward")
    with pytest.raises(AlgebraError, match="JavaScriptCode has no rule for Cell"):
        step_function([], [faulty])


def test_names_that_javascript_keeps_for_itself():
    """A value may be called like a word of the language, or like a variable of the printed text."""
    names = ["new", "s", "part_1", "v1", "rows", "Math", "erf"]
    inputs = [Symbol("n"), *(Symbol(name, ("n", 2)) for name in names)]
    total = sum(inputs[2:], start=inputs[1] * 1)
    equations = [
        Equation(Symbol("return", ("n", 1)), np.sum(total, axis=1, keepdims=True), "forward"),
        Equation(Symbol("sum", ()), np.sum(total**2 + total**2), "forward"),
    ]
    given = {"n": 3, **{name: np.full((3, 2), 2.0**k) for k, name in enumerate(names)}}
    ((made,),) = run_steps([(inputs, equations, [given])])
    assert made["return"] == ["254"] * 3
    assert made["sum"] == [str(6 * 2 * 127**2)]


def test_functions_of_one_name():
    """Functions that users wrote are all called own; each is printed, and each layer has its own."""
    network = pellucid.Network(
        [2, 3, 3, 1], activation=[lambda x: x / (1 + abs(x)), lambda x: x * np.exp(-(x**2))]
    )
    trace = pellucid.trace(network, [[0.5, -1], [2, 0.25]], [1, 0], steps=2)
    equations = list(trace.formulas.values())
    givens = [{name: step[name] for name in trace.symbols} for step in trace.steps]
    ((first, second),) = run_steps([(list(trace.symbols.values()), equations, givens)])
    for step, made in zip(trace.steps, (first, second), strict=True):
        for name in trace.formulas:
            relative.assert_agree(array(made[name], step[name]), step[name], 1e-9, name)


def test_erf():
    """The one function that JavaScript lacks has all the digits that it can have."""
    points = np.concatenate([np.linspace(-7, 7, 2801), [0.0, 1e-300, -1e-9, 26.0, np.inf, -np.inf]])
    texts = json.dumps([str(p) for p in points]).replace("inf", "Infinity")
    found = node(f"{ERF}\nconsole.log(JSON.stringify({texts}.map((x) => erf(Number(x)))));")
    assert np.max(abs(np.array(found) - erf(points)) / np.maximum(abs(erf(points)), 1e-300)) < 1e-14
    assert node(f"{ERF}\nconsole.log(JSON.stringify(Number.isNaN(erf(NaN))));") is True
