"""What stands in an exported workbook: formulas, names, texts, and what is refused before anything is written."""

import io
import re
import sys
import zipfile
from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pytest
from agreement import traces
from agreement.relative import assert_agree
from exporters import spreadsheets

import pellucid
from pellucid.errors import InputError, MissingLibraryError, OutputError
from pellucid.exporters import workbook_plan
from pellucid.exporters.workbook import to_bytes
from pellucid.exporters.workbook_addresses import workbook_name

HOSTILE = [
    '=cmd|"/c calc"!A1',
    "+1+1",
    "-2",
    "@SUM(A1)",
    "b!A1",
    "a, \"quoted\", 'name' = 1\nand a new line",
    "身長 🦕",
    "x" * 40_000,
    "http://example.org",
]


def opened(content, **options):
    return openpyxl.load_workbook(io.BytesIO(content), **options)


def parts(content):
    """Return the XML files of a workbook by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def formulas(book):
    """Yield (sheet, cell's address, text) of every formula."""
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                text = getattr(cell.value, "text", cell.value)
                if isinstance(text, str) and text.startswith("=") and cell.data_type == "f":
                    yield sheet.title, cell.coordinate, text


@pytest.fixture(scope="module")
def worked():
    return to_bytes(pellucid.worked_example(steps=3))


@pytest.fixture(scope="module")
def labelled():
    """A trace whose columns have names that a workbook might take for something else."""
    rng = np.random.default_rng(0)
    X = np.round(rng.normal(size=(5, len(HOSTILE))), 3)
    model = pellucid.TabularRegressor(preset="plain", hidden_sizes=(3,), epochs=1, random_state=0)
    frame = __import__("pandas").DataFrame(X, columns=HOSTILE)
    return model.fit(frame, X[:, 0] * 2).trace(frame, X[:, 0] * 2)


def test_formulas_read_as_a_learner_writes_them(worked):
    book = opened(worked)
    text = {name: spreadsheets.cells(book, name)[0][0].value for name in book.defined_names}
    assert re.fullmatch(r"=(\$[A-Z]\d+\*[A-Z]\$\d+\+){4}[A-Z]\$\d+", text["net_input_1"])
    assert re.fullmatch(r"=1/\(1\+EXP\(MIN\(-[A-Z]\d+,709\)\)\)", text["hidden_1"])
    assert re.fullmatch(r"=[A-Z]\d+-learning_rate\*[A-Z]\d+", text["W_1_next"])
    assert text["loss"].startswith("=SUM(")
    assert text["X"] == 1
    assert text["learning_rate"] == 0.1


def test_every_step_starts_where_the_one_before_ended(worked):
    book = opened(worked)
    ((sheet, place),) = book.defined_names["W_1_next"].destinations
    first = spreadsheets.cells(book, "W_1_step_2")[0][0].value
    assert first == f"='{sheet}'!{place.replace('$', '').split(':')[0]}"


def test_a_row_of_the_table_is_one_input(worked):
    """X and y of later steps are read from the first, as is a row that comes again in a later batch."""
    book = opened(worked)
    assert spreadsheets.cells(book, "X_step_3")[2][3].value.startswith("='Step 1'!")
    net = pellucid.Network([1, 1])
    trace = pellucid.trace(net, [[1.0], [2.0], [3.0]], [1, 2, 3], batch_size=2, steps=4)
    book = opened(to_bytes(trace))
    assert spreadsheets.cells(book, "X_step_2")[0][0].value == 3.0
    assert spreadsheets.cells(book, "X_step_4")[0][0].value.startswith("='Step 2'!")


def test_the_numbers_that_it_carries_are_those_of_the_trace():
    """For a program that does not calculate."""
    for case in traces.drawn()[:3]:
        trace = traces.traced(case)
        book = opened(to_bytes(trace), data_only=True)
        for step in trace.steps:
            for name in trace.formulas:
                found = spreadsheets.numbers(book, name, step.number)
                assert_agree(found, np.atleast_2d(step.values[name]), 1e-15, name)


def test_the_same_trace_gives_the_same_bytes(worked):
    assert to_bytes(pellucid.worked_example(steps=3)) == worked


def test_defined_names_are_ones_that_a_workbook_can_have():
    assert workbook_name("l2") == "l_2"
    assert workbook_name("W1_next") == "W_1_next"
    assert workbook_name("gradient_W1") == "gradient_W_1"
    assert workbook_name("R") == "R_"
    assert workbook_name("r1c1") == "r1c1_"
    assert workbook_name("a b-c") == "a_b_c"
    assert workbook_name("true") == "true_"
    for case in traces.drawn()[:3]:
        book = opened(to_bytes(traces.traced(case)))
        names = list(book.defined_names)
        assert max(Counter(name.casefold() for name in names).values()) == 1
        for name in names:
            assert re.fullmatch(r"[A-Za-z_][A-Za-z_0-9]*", name)
            assert not re.fullmatch(r"[A-Za-z]{1,3}\d+|[RrCc]\d*", name), name


def test_formulas_keep_to_what_every_program_knows(labelled):
    known = set(
        "ABS ASINH ERF EXP IF INT ISNUMBER LN MAX MIN MMULT NOT ROWS SIGN SQRT SUM SUMPRODUCT SUMSQ TANH "
        "TRANSPOSE SIN COS".split()
    )
    for trace in [labelled, *map(traces.traced, traces.drawn()[:5])]:
        content = to_bytes(trace)
        for sheet, cell, text in formulas(opened(content)):
            assert len(text) <= 8192
            used = set(re.findall(r"([A-Z][A-Z0-9.]*)\(", text))
            assert used <= known, (sheet, cell, text)
            assert "@" not in text
        for name, data in parts(content).items():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(data)
            assert b"_xlfn" not in data, name


def test_names_of_columns_are_text(labelled):
    """What begins like a formula is none; what is too long for a header is cut."""
    book = opened(to_bytes(labelled))
    sheet = book["Step 1"]
    texts = {c.value: c.data_type for row in sheet.iter_rows() for c in row if c.value is not None}
    for name in HOSTILE[:7]:
        assert texts[name] == "s", name
    assert any(str(text).startswith("x" * 200) and len(str(text)) == 250 for text in texts)
    assert not any(
        getattr(c, "hyperlink", None) and "example" in str(c.hyperlink.target)
        for row in sheet.iter_rows()
        for c in row
    )
    for _, _, text in formulas(book):
        assert "cmd" not in text
    chart = parts(to_bytes(labelled))["xl/charts/chart1.xml"].decode()
    assert "cmd" in chart  # as a neuron's name in the picture
    assert not re.search("<c:f>[^<]*cmd", chart)


@pytest.mark.needs("soffice")
def test_it_opens_with_such_names(labelled, tmp_path):
    path = labelled.save(tmp_path / "names.xlsx")
    (book,) = spreadsheets.recalculated([path], tmp_path)
    assert_agree(spreadsheets.numbers(book, "W1_next"), labelled["W1_next"], 1e-9)


def test_a_missing_number_is_a_text():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    X[1, 1] = np.nan
    model = pellucid.TabularRegressor(preset="plain", hidden_sizes=(2,), epochs=1, random_state=0)
    trace = model.fit(X, X[:, 0]).trace(X[:3], X[:3, 0])
    book = opened(to_bytes(trace))
    assert spreadsheets.cells(book, "numbers")[1][1].value == "missing"
    assert "ISNUMBER" in spreadsheets.cells(book, "filled")[1][1].value


def test_two_traces_that_end_at_the_output():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 2))
    for kind, y in (
        (pellucid.TabularRegressor, X[:, 0]),
        (pellucid.TabularClassifier, X[:, 0] > 0),
    ):
        model = kind(preset="plain", hidden_sizes=(2,), epochs=1, random_state=0).fit(X, y)
        book = opened(to_bytes(model.trace(X[:2])))
        assert "output" in book.defined_names
        assert "loss" not in book.defined_names


def test_a_trace_that_is_too_large_is_refused_before_anything_is_written(tmp_path, monkeypatch):
    path = tmp_path / "large.xlsx"
    small = pellucid.worked_example(steps=3)
    monkeypatch.setattr(workbook_plan, "MOST_CELLS", 300)
    with pytest.raises(
        InputError, match=r"Got 3 steps, \d{3} cells .*To continue, trace fewer rows"
    ):
        small.save(path)
    monkeypatch.setattr(workbook_plan, "MOST_CELLS", 500_000)
    monkeypatch.setattr(workbook_plan, "MOST_STEPS", 2)
    with pytest.raises(InputError, match="at most 2 steps"):
        small.save(path)
    assert not path.exists()


def test_a_matrix_wider_than_a_sheet_is_refused():
    net = pellucid.Network([16_400, 1])
    with pytest.raises(InputError, match="16,400 columns in the widest matrix"):
        to_bytes(pellucid.trace(net, np.zeros((1, 16_400)), [0.0]))


def test_what_cannot_be_written_leaves_everything_as_it_was(tmp_path):
    with pytest.raises(OutputError, match="to write"):
        pellucid.worked_example().save(tmp_path / "no" / "folder.xlsx")
    path = tmp_path / "kept.xlsx"
    path.write_text("before")
    with pytest.raises(InputError, match="computed value 'nothing'"):
        pellucid.worked_example().save(path, exercise=["nothing"])
    assert path.read_text() == "before"


def test_options_that_a_format_does_not_have_are_named(tmp_path):
    with pytest.raises(InputError, match=r"no option 'exercises'.*exercise"):
        pellucid.worked_example().save(tmp_path / "a.xlsx", exercises=True)
    with pytest.raises(InputError, match="no option 'exercise'"):
        pellucid.worked_example().save(tmp_path / "a.csv", exercise=True)


def test_without_xlsxwriter_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    for name in [n for n in sys.modules if n.startswith("pellucid.exporters.workbook")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("pellucid.exporters.workbook", raising=False)
    with pytest.raises(MissingLibraryError, match=r"pip install 'pellucid\[excel\]'"):
        pellucid.worked_example().save(tmp_path / "a.xlsx")


def test_numbers_that_are_not_finite_are_errors_in_their_cells():
    trace = pellucid.worked_example()
    step = trace.steps[0]
    broken = replace(
        trace, steps=(replace(step, values={**step.values, "loss": np.float64(np.inf)}),)
    )
    book = opened(to_bytes(broken), data_only=True)
    assert spreadsheets.cells(book, "loss")[0][0].value == "#NUM!"


def test_two_own_functions_of_one_name_are_both_told():
    net = pellucid.Network([2, 2, 1], activation=lambda x: x * x, output_activation=lambda x: x + 1)
    trace = pellucid.trace(net, [[1.0, 2.0]], [1.0])
    sheet = opened(to_bytes(trace))["Symbols"]
    texts = [str(row[0].value) for row in sheet.iter_rows()]
    assert any(text.startswith("own(x) =") for text in texts)
    assert any(text.startswith("own_2(x) =") for text in texts)
