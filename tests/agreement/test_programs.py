"""Exported programs are run: they print the numbers of their trace, and train on as it would."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
import warnings
from functools import cache

import numpy as np
import polars
import pytest
from agreement import cases, tables, traces
from agreement.relative import assert_agree
from sklearn.exceptions import ConvergenceWarning

import pellucid
from pellucid.catalogue.optimizers import Piece
from pellucid.catalogue.schedules import schedule
from pellucid.data import penguins_path
from pellucid.errors import InputError, OutputError
from pellucid.evaluator import predict
from pellucid.exporters.programs_numpy import numpy_program
from pellucid.exporters.programs_r import r_program

TOLERANCE = 1e-9

# The lines that say how many digits are printed, and what stands there instead so that all are.
DIGITS = {
    "np.set_printoptions(precision=6, threshold=np.inf)": (
        "np.set_printoptions(precision=17, threshold=10**9, linewidth=10**9)"
    ),
    "options(digits = 6)": "options(digits = 17, width = 10000)",
}


def with_all_digits(program):
    (line,) = (line for line in DIGITS if line in program)
    return program.replace(line, DIGITS[line])


def printed(text):
    """Return what a program printed: for each step, and for the end, its numbers by name."""
    found, here = {}, None
    for block in text.strip().split("\n\n"):
        first, *rest = block.strip().splitlines()
        if re.fullmatch(r"(Step|After) .*", first):
            here = found.setdefault(first.split()[1] if first.startswith("Step") else "end", {})
        elif here is None:
            found[None] = here = {first: numbers(rest)}
        else:
            here[first] = numbers(rest)
    return found


def numbers(lines):
    """Return printed numbers as an array: what NumPy writes, or what R does."""
    if lines[0].lstrip().startswith("[,"):
        return np.array([row(line.partition("]")[2]) for line in lines[1:]])
    if lines[0].startswith("[["):
        return np.array([row(line.strip(" []")) for line in lines])
    return row(lines[0].removeprefix("[1]"))[0]


def row(text):
    return [float({"NA": "nan"}.get(word, word)) for word in text.split()]


def run_python(programs):
    """Run programs in this process, one after the other, and return what each printed."""
    for program in programs:
        output = io.StringIO()
        with (
            contextlib.redirect_stdout(output),
            np.errstate(all="ignore"),
            np.printoptions(),
        ):
            exec(compile(with_all_digits(program), "step.py", "exec"), {"__name__": "__main__"})
        yield printed(output.getvalue())


def run_r(programs, folder):
    """Run programs in one process of R, each among names of its own, and return what each printed."""
    lines = []
    for at, program in enumerate(programs):
        path = folder / f"step_{at}.R"
        path.write_text(with_all_digits(program), encoding="utf-8")
        lines.append(f'cat("\\n### \\n"); source("{path}", local = new.env())')
    (folder / "all.R").write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run(
        ["Rscript", "--vanilla", str(folder / "all.R")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},  # letters outside ASCII must not matter
    )
    assert done.returncode == 0, done.stderr
    return [printed(part) for part in done.stdout.split("\n### \n")[1:]]


@cache
def birds():
    """Return rows of the penguins' table: some numbers and a sex are missing."""
    table = polars.read_csv(penguins_path(), null_values=["NA"])
    return table[np.r_[0:8, 150:158, 300:308]]


def classifier_trace(rows=slice(0, 6), **options):
    table = birds()
    X, y = table.drop("species"), table["species"]
    model = pellucid.TabularClassifier(
        preset="plain", hidden_sizes=(5, 4), epochs=2, random_state=0
    )
    return model.fit(X, y).trace(X[rows], y[rows], **options)


def regressor_trace(rows=slice(0, 6)):
    table = birds().filter(polars.col("body_mass_g").is_not_null())
    X, y = table.drop("body_mass_g"), table["body_mass_g"]
    model = pellucid.TabularRegressor(preset="plain", hidden_sizes=(5,), epochs=2, random_state=0)
    return model.fit(X, y).trace(X[rows], y[rows])


def two_class_trace():
    table = birds().filter(polars.col("sex").is_not_null())
    X, y = table.drop("sex"), table["sex"]
    model = pellucid.TabularClassifier(preset="plain", hidden_sizes=(3,), epochs=2, random_state=0)
    return model.fit(X, y).trace(X[:5], y[:5])


def mlp_trace():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(30, 4)), rng.integers(3, size=30)
    model = pellucid.MLPClassifier(hidden_layer_sizes=(5,), max_iter=20, tol=1.0, random_state=0)
    return model.fit(X, y).trace(X[:4], y[:4])


def shuffled_trace(steps):
    rng = np.random.default_rng(0)
    return pellucid.trace(
        pellucid.Network([3, 4, 2], activation="tanh"),
        rng.normal(size=(7, 3)),
        rng.normal(size=(7, 2)),
        row_weight=rng.uniform(0.5, 2, 7),
        optimizer=pellucid.Adam(pellucid.StepDecay(0.05, every=1)),
        batch_size=3,
        shuffle=True,
        steps=steps,
    )


def own_trace():
    """Return the trace of a network with two functions of the user's own, and one value of each thing."""
    return pellucid.trace(
        pellucid.Network(
            [1, 1, 1, 1],
            activation=[lambda x: x / (1 + abs(x) + x**2), lambda x: np.sin(x) + np.tanh(x) ** 2],
        ),
        [[0.5]],
        [0.1],
        steps=2,
    )


@cache
def everything():
    """Return what programs are made of, by name."""
    drawn = {str(case): traces.traced(case) for case in traces.drawn()}
    return drawn | {
        "worked example": pellucid.worked_example(steps=3),
        "penguins' species": classifier_trace(),
        "penguins' species, with dropout": classifier_trace(dropout=True),
        "penguins' species, one row": classifier_trace(slice(3, 4)),
        "penguins' weight": regressor_trace(),
        "penguins' sex": two_class_trace(),
        "an MLP's update": mlp_trace(),
        "shuffled": shuffled_trace(5),
        "an estimator's two updates": classifier_trace(steps=2),
        "own functions": own_trace(),
        **tables.traces(),
    }


def assert_prints(trace, found, what):
    for at, step in enumerate(trace.steps, 1):
        here = found[str(at)]
        assert list(here) == list(trace.formulas), what
        for name, value in here.items():
            expected = step.values[name]
            assert_agree(value, expected, TOLERANCE, f"{what}, step {at}, {name}")


def test_python_prints_every_number_of_every_step():
    made = everything()
    programs = [numpy_program(trace, epochs=6) for trace in made.values()]
    for (what, trace), found in zip(made.items(), run_python(programs), strict=True):
        assert_prints(trace, found, what)


def test_a_program_as_it_stands_hides_no_number(tmp_path):
    """Small numbers are no zeros in print, and large matrices are not cut short."""
    network = pellucid.Network([30, 40, 1], activation="tanh")
    X, y = np.linspace(-1, 1, 90).reshape(3, 30) ** 3, [1, 0, 1]
    trace = pellucid.trace(network, X, y, optimizer="adam")
    path = trace.save(tmp_path / "step.py", epochs=1)
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, check=True)
    name = "second_moment_W1_next"
    block = done.stdout.partition(f"\n{name}\n")[2].partition("\n\n")[0]
    shown = np.array(block.replace("[", "").replace("]", "").split(), float)
    assert_agree(shown.reshape(30, 40), trace[name], 1e-5, name)


@pytest.mark.needs("Rscript")
def test_r_prints_every_number_of_every_step(tmp_path):
    made = everything()
    programs = [r_program(trace, epochs=6) for trace in made.values()]
    for (what, trace), found in zip(made.items(), run_r(programs, tmp_path), strict=True):
        assert_prints(trace, found, what)


@cache
def trained_on():
    """Return (short trace, long trace, epochs of the program, name) where the program must end as the long one does."""
    found = []
    for case in traces.drawn():
        by_progress = "progress" in {n for e in cases.step(case).equations for n in e.inputs}
        if any(case.dropout) or by_progress:
            continue
        # Two epochs are traced, seven are trained.
        per_epoch = -(-case.rows // min(case.batch_size or case.rows, case.rows))
        short, long = (traces.traced(case, count=epochs * per_epoch) for epochs in (2, 7))
        found.append((short, long, 7, str(case)))
    long = pellucid.worked_example(steps=300)
    return [*found, (pellucid.worked_example(), long, 300, "worked example")]


def assert_ends(trace, found, what):
    """The program of a trace ends with the answer to all rows, before or after the last update."""
    last, shown = trace.steps[-1], found["end"]
    if "loss" in shown:
        assert_agree(shown["loss"], last["loss"], TOLERANCE, f"{what}, loss")
        assert_agree(shown["output"], last["output"], TOLERANCE, f"{what}, output")
        return
    rows = {row: x for step in trace.steps for row, x in zip(step.rows, step["X"], strict=True)}
    X = np.array([rows[row] for row in sorted(rows)])
    after = {name: last[f"{name}_next"] for name in trace.network.parameter_shapes}
    expected = predict(trace.network, after, X)["output"]
    assert_agree(shown["output"], expected, TOLERANCE, f"{what}, output")


def test_python_trains_on_as_the_trace_would():
    made = trained_on()
    assert len(made) > 15
    programs = [numpy_program(short, epochs) for short, _, epochs, _ in made]
    for (_, long, _, what), found in zip(made, run_python(programs), strict=True):
        assert_ends(long, found, what)


@pytest.mark.needs("Rscript")
def test_r_trains_on_as_the_trace_would(tmp_path):
    made = trained_on()
    programs = [r_program(short, epochs) for short, _, epochs, _ in made]
    for (_, long, _, what), found in zip(made, run_r(programs, tmp_path), strict=True):
        assert_ends(long, found, what)


# What a table's columns may be called: none of it may end a comment or a text.
STRANGE = [
    'a "quoted" name',
    "it's # one",
    "two\nlines\r\nand three",
    '"""',
    "=1+1",
    "naïve 列 ☃",
    "\\u0041 \\",
    "lambda",
    "x" * 500,
]


def strange_trace():
    """Return the trace of a model whose columns, categories and activation have such names."""
    rng = np.random.default_rng(1)
    columns = {name: rng.normal(size=12) for name in STRANGE[:-2]}
    columns[STRANGE[0]][3] = np.nan
    columns[STRANGE[-2]] = [STRANGE[at % 9] for at in range(12)]
    columns[STRANGE[-1]] = rng.normal(size=12)
    own = pellucid.OwnActivation(np.tanh, label_='"""\n\\x')
    target = [STRANGE[2 * (at % 3)] for at in range(12)]
    model = pellucid.TabularClassifier(
        preset="plain", hidden_sizes=(3,), activation=own, epochs=1, random_state=0
    )
    frame = polars.DataFrame(columns)
    return model.fit(frame, target).trace(frame[:5], target[:5])


def reserved_trace():
    """Return the trace of a network with states and settings whose names mean something in Python or R."""

    class Odd(Piece):
        name = "odd"
        states = ("in", "c")

        def settings(self):
            return {"lambda": 0.5, "next": 0.25, "np": 2.0, "step": 3.0, "_x": 4.0, "β": 5.0}

        def change(self, change, at):
            own = at.settings
            kept = at.remember("in", own["lambda"] * at.states["in"] + own["np"] * change)
            again = at.remember("c", own["next"] * at.states["c"] + change / own["β"])
            return kept / own["step"] + again / own["_x"]

    chain = pellucid.Optimizer(Odd(), pellucid.ScaleByLearningRate(schedule(0.1)))
    network = pellucid.Network([2, 2, 1], activation=pellucid.OwnActivation(np.tanh))
    return pellucid.trace(network, [[1, 2], [2, 1]], [1, 0], optimizer=chain, steps=3)


@cache
def strange_and_reserved():
    return {"strange": strange_trace(), "reserved": reserved_trace()}


def test_names_of_all_kinds_are_only_names_in_python():
    made = strange_and_reserved()
    programs = [numpy_program(trace, epochs=6) for trace in made.values()]
    for (what, trace), found in zip(made.items(), run_python(programs), strict=True):
        assert_prints(trace, found, what)


@pytest.mark.needs("Rscript")
def test_names_of_all_kinds_are_only_names_in_r(tmp_path):
    made = strange_and_reserved()
    programs = [r_program(trace, epochs=6) for trace in made.values()]
    for (what, trace), found in zip(made.items(), run_r(programs, tmp_path), strict=True):
        assert_prints(trace, found, what)


def test_a_trace_without_targets_ends_at_the_output():
    table = birds()
    X = table.drop("species")
    model = pellucid.TabularClassifier(preset="plain", hidden_sizes=(5,), epochs=1, random_state=0)
    trace = model.fit(X, table["species"]).trace(X[:4])
    program = numpy_program(trace)
    assert "epochs" not in program
    assert "loss" not in program
    (found,) = run_python([program])
    assert list(found[None]) == list(trace.formulas)
    for name, value in found[None].items():
        assert_agree(value, trace[name], TOLERANCE, name)


@cache
def gradients_alone():
    """Return the trace of an MLP that L-BFGS fits: loss and gradients, and no update."""
    X = np.linspace(-1, 1, 30).reshape(10, 3) ** 2
    model = pellucid.MLPRegressor(
        hidden_layer_sizes=(4,), solver="lbfgs", max_iter=9, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X, X @ [1, 2, 3]).trace(X[:2], [1, 2])


def assert_prints_once(trace, program, found):
    said = " ".join(program.replace("#", "").split())
    assert "Its loss is the squared error, averaged over the rows." in said
    assert "Computes the output, the loss and its gradients." in said
    assert list(found[None]) == list(trace.formulas)
    for name, value in found[None].items():
        assert_agree(value, trace[name], TOLERANCE, name)


def test_a_trace_without_an_update_ends_at_the_gradients():
    trace = gradients_alone()
    program = numpy_program(trace)
    (found,) = run_python([program])
    assert_prints_once(trace, program, found)


@pytest.mark.needs("Rscript")
def test_a_trace_without_an_update_ends_at_the_gradients_in_r(tmp_path):
    trace = gradients_alone()
    program = r_program(trace)
    (found,) = run_r([program], tmp_path)
    assert_prints_once(trace, program, found)


def test_single_precision_is_told():
    """A trace in float32 has its numbers to six digits or so; the program says why."""
    trace = traces.traced(traces.drawn()[3], np.float32)
    program = numpy_program(trace, epochs=6)
    assert "computed in single precision, this is in double" in " ".join(program.split())
    (found,) = run_python([program])
    for name, value in found["1"].items():
        assert_agree(value, trace[name], 1e-4, name)


def test_the_worked_example_is_as_told():
    """After 5,000 epochs the program has the outputs that the page of the worked example tells."""
    (found,) = run_python([numpy_program(pellucid.worked_example())])
    assert [f"{v:.4f}" for v in found["end"]["output"][:, 0]] == ["0.9776", "0.9660", "0.0473"]


def test_programs_are_saved_by_suffix_and_run_alone(tmp_path):
    path = pellucid.worked_example().save(tmp_path / "step.py", epochs=2)
    assert (tmp_path / "step.R") == pellucid.worked_example().save(tmp_path / "step.R")
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", str(path)], capture_output=True, text=True, check=True
    )
    assert "After 2 epochs" in done.stdout
    assert "[0.916827 0.868" in done.stdout
    assert "pellucid" not in path.read_text().replace("Pellucid", "")


def test_what_cannot_be_written_is_said(tmp_path):
    network = pellucid.Network([500, 500, 1])
    large = pellucid.trace(network, np.zeros((2, 500)), np.zeros((2, 1)))
    with pytest.raises(
        InputError, match=r"at most 200,000 numbers .* W1 has 250,000.*fewer hidden"
    ):
        large.save(tmp_path / "large.py")
    assert not list(tmp_path.iterdir())
    with pytest.raises(InputError, match="number of epochs"):
        pellucid.worked_example().save(tmp_path / "step.R", epochs=0)
    with pytest.raises(OutputError):
        pellucid.worked_example().save(tmp_path / "missing" / "step.py")
