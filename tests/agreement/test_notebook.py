"""Exported notebooks are run, cell by cell: the first step and the training give the numbers of the trace."""

from __future__ import annotations

import contextlib
import io
import json
from functools import cache
from itertools import pairwise

import numpy as np
from agreement import test_programs as programs
from agreement.relative import assert_agree

import pellucid
from pellucid.exporters.notebook import notebook

TOLERANCE = 1e-9


def code_of(document):
    """Return the texts of the code cells in order."""
    return ["".join(c["source"]) for c in document["cells"] if c["cell_type"] == "code"]


def run(cells, names):
    """Run cells among the same names and return what they print."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output), np.errstate(all="ignore"):
        for cell in cells:
            exec(compile(cell, "cell", "exec"), names)
    return output.getvalue()


@cache
def made():
    everything = programs.everything() | programs.strange_and_reserved()
    return {what: (t, json.loads(notebook(t, epochs=6))) for what, t in everything.items()}


def test_the_first_step_and_the_training_give_the_numbers_of_the_trace():
    for what, (trace, document) in made().items():
        cells = [
            programs.with_all_digits(cell) if "set_printoptions" in cell else cell
            for cell in code_of(document)
        ]
        (loop,) = (at for at, cell in enumerate(cells) if cell.startswith(("for ", "step = 0")))
        names = {"__name__": "__main__"}
        with np.printoptions():
            run(cells[:loop], names)
            for name in trace.formulas:
                assert_agree(names[name], trace[name], TOLERANCE, f"{what}, first step, {name}")
            trained = run(cells[loop:], names)
        programs.assert_prints(trace, programs.printed(trained), what)


def test_a_trace_without_targets_has_the_way_forward_alone():
    table = programs.birds()
    X = table.drop("species")
    model = pellucid.TabularClassifier(preset="plain", hidden_sizes=(5,), epochs=1, random_state=0)
    assert_runs(model.fit(X, table["species"]).trace(X[:4]))


def test_a_trace_without_an_update_ends_at_the_gradients():
    assert_runs(programs.gradients_alone())


def assert_runs(trace):
    names = {"__name__": "__main__"}
    with np.printoptions():
        run(code_of(json.loads(notebook(trace))), names)
    for name in trace.formulas:
        assert_agree(names[name], trace[name], TOLERANCE, name)


def test_prose_and_formulas_stand_between_the_cells():
    _, document = made()["worked example"]
    texts = ["".join(c["source"]) for c in document["cells"] if c["cell_type"] == "markdown"]
    assert texts[0].startswith("# A neural network of 4 - 3 - 1 neurons\n")
    (stage,) = (text for text in texts if text.startswith("### Stage 9:"))
    assert r"$$\delta_{1} = E_{1} \odot S_{1}$$" in stage
    kinds = [c["cell_type"] for c in document["cells"]]
    assert kinds.count("code") >= 15
    assert sum(pair == ("code", "code") for pair in pairwise(kinds)) == 0


def test_it_is_a_notebook_of_format_4(tmp_path):
    """What the format asks of each cell: an id of its own, its source in lines, a code cell's outputs."""
    path = pellucid.worked_example().save(tmp_path / "step.ipynb", epochs=2)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert (document["nbformat"], document["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in document["cells"]}) == len(document["cells"])
    for cell in document["cells"]:
        code = {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert set(cell) == {"cell_type", "id", "metadata", "source"} | code
        assert all(line.endswith("\n") for line in cell["source"][:-1])
        assert cell["source"]
    assert "epochs = 2 " in "".join(code_of(document))


def test_what_users_named_has_no_meaning_in_its_prose():
    """A layer's function is called three quotes, a line's end, a backslash and an x."""
    _, document = made()["strange"]
    texts = ["".join(c["source"]) for c in document["cells"] if c["cell_type"] == "markdown"]
    (stage,) = (text for text in texts if text.startswith("### Stage 3"))
    assert r'answers with """ \\x of its sum' in stage
    assert "$" not in stage.partition("$$")[0]
