import numpy as np
import pytest

from pellucid.tracing import worked_example
from pellucid.views.sheet import COMPUTED, PLAIN, SOURCE, axes_of, cell_text, sheet


def test_cells_have_text_role_and_mark():
    made = sheet("W", [[0.5, 1], [2, -3]], roles={(0, 1): SOURCE}, marked=[(1, 0)], role=COMPUTED)
    assert [[c.text for c in row] for row in made.cells] == [
        ["0.5000", "1.0000"],
        ["2.0000", "-3.0000"],
    ]
    assert [[c.role for c in row] for row in made.cells] == [
        [COMPUTED, SOURCE],
        [COMPUTED, COMPUTED],
    ]
    assert [[c.marked for c in row] for row in made.cells] == [[False, False], [True, False]]


def test_whole_numbers_stay_whole():
    made = sheet("X", [[1, 0]], labels=["height", "width"])
    assert [c.text for c in made.cells[0]] == ["1", "0"]
    assert made.column_headers == ("height", "width")
    assert made.row_headers == ("1",)
    assert made.cells[0][0].role == PLAIN


def test_large_numbers_have_fewer_decimals():
    made = sheet("numbers", [[39.1, 3750.0], [np.nan, 4675.25]])
    assert [[c.text for c in row] for row in made.cells] == [["39.1", "3750.0"], ["nan", "4675.2"]]


def test_a_number_that_is_not_0_never_reads_as_0():
    assert cell_text(0.00001, 4) == "1e-05"
    assert cell_text(-0.00001, 4) == "-1e-05"
    assert cell_text(0.0, 4) == "0.0000"
    assert cell_text(np.nan, 4) == "nan"
    assert cell_text(np.inf, 4) == "inf"
    assert cell_text(123456789.0, 4) == "1.235e+08"


@pytest.mark.parametrize("name", ["loss", "X", "output"])
def test_text_of_a_sheet_is_the_trace_rounded(name):
    value = worked_example()[name]
    made = sheet(name, value, decimals=6)
    for text, number in zip(
        (c.text for row in made.cells for c in row), np.ravel(value), strict=True
    ):
        assert float(text) == pytest.approx(float(number), abs=5e-7)


def test_axes_say_what_rows_and_columns_are():
    trace = worked_example()
    network = trace.network

    def axes(name):
        symbol = trace.formulas[name].symbol if name in trace.formulas else trace.symbols[name]
        return axes_of(name, symbol.shape, network)

    assert axes("X") == ("rows", "inputs")
    assert axes("W1") == ("inputs", "neurons")
    assert axes("gradient_W2") == ("neurons", "outputs")
    assert axes("W2_next") == ("neurons", "outputs")
    assert axes("b1") == ("", "neurons")
    assert axes("net_input_2") == ("rows", "outputs")
    assert axes("delta_hidden_1") == ("rows", "neurons")
    assert axes("loss") == ("", "")
