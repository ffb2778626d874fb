"""Workbooks with blanks: what is left out, that everything else stays right, and that entries are marked."""

import io

import numpy as np
import openpyxl
import pytest
from agreement.relative import assert_agree
from exporters import spreadsheets

import pellucid
from pellucid.errors import InputError
from pellucid.exporters.workbook import to_bytes


def opened(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def wide():
    """A network with sums so long that they are written over ranges."""
    rng = np.random.default_rng(0)
    net = pellucid.Network([15, 2, 2], output_activation="softmax", loss="cross_entropy")
    X = np.round(rng.normal(size=(14, 15)), 2)
    return pellucid.trace(net, X, np.eye(2)[np.arange(14) % 2], steps=2)


def blanks(book, trace):
    """Return (name, step, row, column) of the computed cells that are empty."""
    found = []
    for step in trace.steps:
        for name in trace.formulas:
            shown = spreadsheets.shown(book, name, step.number)
            for i, row in enumerate(spreadsheets.cells(book, shown)):
                found += [(name, step.number, i, j) for j, c in enumerate(row) if c.value is None]
    return found


def answers(book):
    """Return the lines of the hidden sheet: (step, name, row, column, entry, answer, right)."""
    lines = book["Answers"].iter_rows(min_row=4, max_col=7, values_only=True)
    return [line for line in lines if line[0] is not None]


def test_one_number_of_each_matrix_is_left_out_and_kept_on_a_hidden_sheet():
    trace = pellucid.worked_example(steps=2)
    book = opened(to_bytes(trace, exercise=True))
    found = blanks(book, trace)
    assert [(step, name) for name, step, _, _ in found] == [
        (step, name) for step in (1, 2) for name in trace.formulas
    ]
    assert len({(i, j) for _, _, i, j in found}) > 3
    assert book["Answers"].sheet_state == "hidden"
    assert len(answers(book)) == len(found)
    for step in (1, 2):
        marked = book[f"Step {step}"].conditional_formatting
        assert len(list(marked)) == len(found) / 2


def test_names_leave_out_whole_matrices():
    trace = pellucid.worked_example()
    book = opened(to_bytes(trace, exercise=["delta_hidden_1", "loss"]))
    names = [name for name, *_ in blanks(book, trace)]
    assert names == ["loss"] + ["delta_hidden_1"] * 9
    with pytest.raises(InputError, match=r"Write \['loss'\]"):
        to_bytes(trace, exercise="loss")
    with pytest.raises(InputError, match="did you mean 'loss'"):
        to_bytes(trace, exercise=["los"])
    with pytest.raises(InputError, match="'X'"):
        to_bytes(trace, exercise=["X"])


def fill(book, place, value):
    name, step, i, j = place
    spreadsheets.cells(book, spreadsheets.shown(book, name, step))[i][j].value = value


@pytest.mark.needs("soffice")
def test_blanks_and_wrong_entries_do_no_harm_and_are_marked(tmp_path):
    """All that is not blank stays right, over ranges too; one right entry, one wrong one, one that is text."""
    made = []
    for at, trace in enumerate([pellucid.worked_example(steps=3), wide()]):
        path = tmp_path / f"{at}.xlsx"
        path.write_bytes(to_bytes(trace, exercise=True))
        book = openpyxl.load_workbook(path)
        left_out = blanks(book, trace)
        right, wrong, text = left_out[0], left_out[1], left_out[2]
        value = trace.step(right[1])[right[0]][right[2:]]
        fill(book, right, round(float(value), 4))
        fill(book, wrong, 7)
        fill(book, text, "what?")
        book.save(path)
        made.append((trace, path, left_out))
    books = spreadsheets.recalculated([path for _, path, _ in made], tmp_path)
    for (trace, _, left_out), book in zip(made, books, strict=True):
        for step in trace.steps:
            for name in trace.formulas:
                expected = np.array(np.atleast_2d(step.values[name]))
                found = spreadsheets.numbers(book, name, step.number)
                for other, number, i, j in left_out:
                    if (other, number) == (name, step.number):
                        found[i, j] = expected[i, j] = 0
                assert_agree(found, expected, 1e-9, f"{name} of step {step.number}")
        lines = {line[:4]: line for line in answers(book)}
        assert len(lines) == len(left_out)
        for place in left_out:
            name, step, i, j = place
            line = lines[step, spreadsheets.shown(book, name, step), i + 1, j + 1]
            value = np.atleast_2d(trace.step(step)[name])[i, j]
            assert line[5] == pytest.approx(value, rel=1e-9, abs=1e-12)
            assert line[6] == (place == left_out[0])
        counts = [c.value for row in book["Overview"].iter_rows() for c in row]
        assert counts[counts.index("right so far") + 1] == 1
        assert counts[counts.index("right so far") + 2] == f"of {len(lines)}"


@pytest.mark.needs("soffice")
def test_a_number_that_is_left_out_is_shown_nowhere_before_it_is_filled_in(tmp_path):
    trace = pellucid.worked_example(steps=2)
    path = tmp_path / "blank.xlsx"
    path.write_bytes(to_bytes(trace, exercise=["W1_next"]))
    (book,) = spreadsheets.recalculated([path], tmp_path)
    assert np.isnan(spreadsheets.numbers(book, "W1_next")).all()
    assert np.isnan(spreadsheets.numbers(book, "W1", 2)).all()
    assert_agree(spreadsheets.numbers(book, "net_input_1", 2), trace.step(2)["net_input_1"], 1e-9)
    seen = {
        round(cell.value, 9)
        for sheet in book.worksheets
        if sheet.sheet_state == "visible"
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, float)
    }
    assert not seen & {round(float(v), 9) for v in np.ravel(trace["W1_next"])}
