"""Exported handouts compile, and each number in them is the trace's, rounded."""

from __future__ import annotations

import re
import shutil
import subprocess
from decimal import Decimal
from functools import cache

import numpy as np
import pytest
from agreement import test_programs as programs

import pellucid
from pellucid.errors import InputError, OutputError, UnknownNameError
from pellucid.exporters.handout import handout, left_blank
from pellucid.exporters.handout_pdf import pdf

NUMBER = r"-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?(?: \\cdot 10\^\{-?\d+\})?|\\infty|\\text\{NaN\})"


@cache
def handouts():
    """Return the traces that handouts are made of, and their handouts, by name."""
    made = programs.everything() | programs.strange_and_reserved()
    return {what: (trace, handout(trace)) for what, trace in made.items()}


def agrees(text, value):
    """Whether a number in LaTeX is a value, rounded to what it shows, four decimals or three figures at least."""
    if "NaN" in text or np.isnan(value):
        return "NaN" in text and bool(np.isnan(value))
    if "infty" in text or np.isinf(value):
        return "infty" in text and bool(np.isinf(value))
    written = Decimal(re.sub(r" \\cdot 10\^\{(-?\d+)\}", r"e\1", text))
    off, last = abs(Decimal(value) - written), written.as_tuple().exponent
    half = Decimal("0.5000001")
    close = off <= half * Decimal("1e-4") or off <= half / 100 * abs(Decimal(value))
    return close and off <= half.scaleb(last)


def cells(latex):
    """Return the numbers of a matrix in LaTeX, or of a single number."""
    inside = re.search(r"\\begin\{bmatrix\} (.*?) \\end\{bmatrix\}", latex)
    text = inside[1] if inside else latex
    return [[cell.strip() for cell in row.split("&")] for row in text.split(r"\\")]


def shown(document):
    """Yield (name, step, cells) for each value that a handout shows."""
    for name, step, line in re.findall(r"^% value (\S+)(?: (\d+))?\n(.*)$", document, re.M):
        (result,) = re.findall(r"\\result\{(.*?)\} (?:\\end\{aligned\} )?\}(?:\\\]|\$)", line)
        yield name, int(step or 1), cells(result)


def test_every_value_of_every_step_is_shown_rounded():
    for what, (trace, document) in handouts().items():
        found = list(shown(document))
        expected = {(name, at) for at in range(1, len(trace.steps) + 1) for name in trace.formulas}
        assert {(name, step) for name, step, _ in found} == expected, what
        for name, step, texts in found:
            value = np.atleast_2d(trace.step(step)[name])
            assert np.shape(texts) == value.shape, (what, name)
            for text, number in zip(np.ravel(texts), value.ravel(), strict=True):
                assert re.fullmatch(NUMBER, text), (what, name, text)
                assert agrees(text, number), (what, step, name, text, number)


def test_a_cell_is_worked_out_in_numbers_that_it_has():
    """Its formula's numbers are those of the cells that it reads, and what it comes to is its value."""
    lines = 0
    for what, (trace, document) in handouts().items():
        found = re.findall(r"^% cell (\S+) (\d+) (\d+)\n(.*)$", document, re.M)
        for name, row, column, line in found:
            cell = trace.cell(name, int(row), int(column))
            value = line.rpartition(" = ")[2].removesuffix(r" }\]")
            assert agrees(value, cell.value), (what, name, line)
            read = {float(trace[n][i, j] if trace[n].ndim else trace[n]) for n, i, j in cell.inputs}
            for number in read:
                texts = re.findall(NUMBER, line)
                near = [t for t in texts if agrees(t.lstrip("-"), abs(number))]
                assert near or number == 0, (what, name, number, line)
            lines += 1
    assert lines > 500


def test_numbers_of_the_worked_example_are_the_known_ones():
    document = handout(pellucid.worked_example())
    values = {name: texts for name, _, texts in shown(document)}
    assert values["output"] == [["0.7893"], ["0.7981"], ["0.7893"]]
    assert values["W1_next"][0] == ["0.4202", "0.8802", "0.5503"]
    assert r"X = \begin{bmatrix} 1 & 0 & 1 & 0 \\" in document
    assert r"\begin{bmatrix} 0.46 & 0.72 & 0.08 \end{bmatrix}" in document
    chain = re.search(r"% chain\n(.*?)\\end\{array\}", document, re.S)[1]
    rows = [re.findall(NUMBER, line)[1:] for line in chain.splitlines() if re.match(r"\d", line)]
    assert rows[0] == ["0.2107", "0.1663", "0.30", "0.1510", "1", "0.0016"]
    assert r"\frac{\partial \ell}{\partial W_{1}}" in document


def test_blanks_hold_no_answer_and_the_key_has_them_all():
    trace = pellucid.worked_example(steps=3)
    document = handout(trace, exercise=True)
    blank = left_blank(trace, True)
    assert len(blank) == len(trace.formulas)
    values = {name: texts for name, step, texts in shown(document) if step == 1}
    for name, row, column in blank:
        assert values[name][row][column] == r"\blank"
        assert sum(row.count(r"\blank") for row in values[name]) == 1
    body, key = document.split(r"\section*{Answers}")
    assert key.count(r" \\") == len(blank) + 1
    assert "0.3541" not in body  # the loss
    assert "0.3541" in key
    for name, row, column in blank:
        value = np.atleast_2d(trace[name])[row, column]
        assert re.search(rf"& {row + 1}, {column + 1} & \$(.*)\$", key), name
        assert any(agrees(text, value) for text in re.findall(rf"\$({NUMBER})\$", key)), name


def test_whole_matrices_can_be_left_blank():
    trace = pellucid.worked_example(steps=2)
    document = handout(trace, exercise=["hidden_1", "delta_output"])
    values = {(name, step): texts for name, step, texts in shown(document)}
    assert values["hidden_1", 1] == [[r"\blank"] * 3] * 3
    assert values["delta_output", 1] == [[r"\blank"]] * 3
    assert r"\blank" not in values["output", 1][0]
    with pytest.raises(UnknownNameError, match="did you mean 'hidden_1'"):
        handout(trace, exercise=["hiden_1"])
    with pytest.raises(InputError, match=r"Write \['hidden_1'\]"):
        handout(trace, exercise="hidden_1")


def test_a_matrix_too_large_for_a_page_is_refused(tmp_path):
    trace = pellucid.trace(pellucid.Network([3, 50, 1]), np.zeros((2, 3)), np.zeros((2, 1)))
    with pytest.raises(InputError, match=r"W1 with 3 rows and 50 columns \(150 cells\).*smaller"):
        trace.save(tmp_path / "large.tex")
    assert not list(tmp_path.iterdir())


def test_without_a_compiler_the_message_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(InputError, match=r"pdflatex.*save as \.tex"):
        pellucid.worked_example().save(tmp_path / "step.pdf")


def assert_compiles(documents, folder):
    """Documents compile, their bodies one after the other, and no line leaves the page."""
    start = documents[0].partition(r"\begin{document}")[0]
    bodies = [re.search(r"\\begin\{document\}(.*)\\end\{document\}", d, re.S)[1] for d in documents]
    text = "\n".join([start, r"\begin{document}", *bodies, r"\end{document}"])
    (folder / "all.tex").write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    log = (folder / "all.log").read_text(encoding="latin-1")
    assert done.returncode == 0, log[-3000:]
    assert not re.findall(r"Overfull \\hbox.*", log), [*map(len, documents)]


@pytest.mark.needs("pdflatex")
def test_handouts_compile(tmp_path):
    made = {what: document for what, (_, document) in handouts().items()}
    some = ["penguins' species, with dropout", "strange", "reserved", "own functions", "shuffled"]
    exercise = handout(pellucid.worked_example(), exercise=True)
    assert_compiles([exercise, *(made[what] for what in some)], tmp_path)


@pytest.mark.long
@pytest.mark.needs("pdflatex")
@pytest.mark.parametrize("part", range(4))
def test_all_handouts_compile(part, tmp_path):
    assert_compiles([document for _, document in handouts().values()][part::4], tmp_path)


@pytest.mark.needs("pdflatex")
def test_a_handout_is_saved_with_its_suffix(tmp_path):
    trace = pellucid.worked_example()
    assert (
        trace.save(tmp_path / "step.tex", exercise=True).read_text().startswith(r"\documentclass")
    )
    assert trace.save(tmp_path / "step.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(OutputError, match=r"Undefined control sequence.*save as \.tex"):
        pdf(r"\documentclass{article}\begin{document}\nonsense\end{document}")
