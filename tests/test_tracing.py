"""Traces: every number by name, and how it came about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import pellucid
from pellucid.algebra.values import evaluate
from pellucid.catalogue import names
from pellucid.errors import InputError, OutputError, UnknownNameError

DATA = json.loads((Path(__file__).parent / "data" / "worked_example.json").read_text("utf-8"))


def random_trace(seed: int, **options: Any) -> pellucid.Trace:
    """A trace of a small network that uses much of what there is."""
    rng = np.random.default_rng(seed)
    kinds = [n for n in names("activation") if n not in ("own", "softmax", "threshold")]
    depth = int(rng.integers(1, 4))
    sizes = [int(s) for s in rng.integers(1, 4, depth + 1)] + [int(rng.integers(2, 4))]
    network = pellucid.Network(
        sizes,
        activation=[kinds[k] for k in rng.integers(0, len(kinds), depth)],
        loss=["squared_error", "huber", "cross_entropy"][int(rng.integers(3))],
        dropout=0.3 if rng.random() < 0.5 else 0.0,
        l1=0.01 if rng.random() < 0.5 else 0.0,
        l2=0.1 if rng.random() < 0.5 else 0.0,
        input_scale=seed % 2 == 1,
        parametric_activation=seed % 3 == 1,
    )
    rows = int(rng.integers(2, 6))
    y = np.eye(sizes[-1])[rng.integers(0, sizes[-1], rows)]
    options = {
        "random_state": seed,
        "optimizer": pellucid.AdamW(0.01, clip_norm=1.0),
        "row_weight": rng.uniform(0.1, 2, rows) if rng.random() < 0.5 else None,
        "reduction": ["mean", "sum"][int(rng.integers(2))],
        "batch_size": int(rng.integers(1, 4)),
        "steps": 3,
    } | options
    return pellucid.trace(network, rng.normal(size=(rows, sizes[0])), y, **options)


def test_worked_example_has_every_number_of_the_tutorial() -> None:
    trace = pellucid.worked_example()
    for name, value in (DATA["given"] | DATA["values"]).items():
        np.testing.assert_allclose(trace[name], value, rtol=0, atol=1e-12, err_msg=name)


def test_values_are_read_only() -> None:
    trace = pellucid.worked_example()
    for name in trace.step(1).values:
        with pytest.raises(ValueError, match="read-only"):
            np.atleast_1d(trace[name])[...] = 0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_every_cell_is_its_formula_of_its_source_cells(seed: int) -> None:
    """The formula of a cell, computed from the cells it names and no others, is its value."""
    trace = random_trace(seed)
    for number in (1, 3):
        values = trace.step(number).values
        for name in trace.formulas:
            shape = np.shape(values[name]) or (1, 1)
            row, column = (int(np.random.default_rng(seed).integers(s)) for s in shape)
            cell = trace.cell(name, row, column, step=number)
            assert cell.expression is not None
            sources: dict[str, Any] = {}
            for source, i, j in cell.inputs:
                known = np.asarray(values[source])
                hidden = sources.setdefault(source, np.full(known.shape, np.nan))
                if known.ndim:
                    hidden[i, j] = known[i, j]
                else:
                    sources[source] = known
            assert evaluate(cell.expression, sources) == pytest.approx(
                cell.value, rel=1e-9, abs=1e-12
            )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_chain_rule_adds_up_to_the_gradient(seed: int) -> None:
    """The products of the factors, added up, are the gradient, at any depth."""
    trace = random_trace(seed)
    for name, (rows, columns) in trace.network.parameter_shapes.items():
        chain = trace.chain_rule(name, rows - 1, columns - 1, step=2)
        assert chain.total == pytest.approx(chain.gradient, rel=1e-9, abs=1e-12)
        assert chain.paths is not None
        for path in chain.paths:
            for factor in path.factors:
                value = trace.step(2)[factor.name][factor.row, factor.column]
                assert value == factor.value


def test_chain_rule_without_paths_still_adds_up() -> None:
    network = pellucid.Network([2, 40, 40, 40, 1], activation="tanh")
    trace = pellucid.trace(network, [[1.0, 2.0], [0.5, 1.0]], [1.0, 0.0])
    chain = trace.chain_rule("W1", 0, 0)
    assert chain.paths is None
    assert chain.total == pytest.approx(chain.gradient, rel=1e-12)
    assert "delta_hidden_1[1,1]" in chain.text


def test_chain_rule_starts_at_a_layer_that_mixes_its_neurons() -> None:
    """Through a softmax leads no single slope; from its delta on the paths add up as ever."""
    network = pellucid.Network([2, 3, 2, 1], activation=["tanh", "softmax"])
    trace = pellucid.trace(network, [[1.0, 2.0], [0.5, -1.0]], [1.0, 0.0])
    chain = trace.chain_rule("W1", 0, 0)
    assert chain.paths is not None
    assert len(chain.paths) == 4  # two rows, two neurons of the softmax
    assert [f.name for f in chain.paths[0].factors] == [
        "delta_hidden_2",
        "W2",
        "slope_hidden_1",
        "X",
    ]
    assert chain.total == pytest.approx(chain.gradient, rel=1e-12)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("shared", [False, True])
def test_chain_rule_knows_divisor_and_penalties(reduction: str, shared: bool) -> None:
    network = pellucid.Network([2, 3, 1], activation="tanh", l1=0.2, l2=0.3, l2_by_rows=shared)
    X, y, weight = [[1.0, 2.0], [0.5, -1.0]], [1.0, 0.0], [2.0, 0.5]
    trace = pellucid.trace(network, X, y, row_weight=weight, reduction=reduction)
    chain = trace.chain_rule("W1", 1, 2)
    W = float(trace["W1"][1, 2])
    divisor = 2.5 if reduction == "mean" else 1.0
    assert chain.divisor == divisor
    l2 = 0.3 / divisor if shared else 0.3
    assert chain.penalty == pytest.approx(0.2 * np.sign(W) + l2 * W, rel=1e-12)
    assert trace.chain_rule("b1", 0, 2).penalty == 0
    assert chain.total == pytest.approx(chain.gradient, rel=1e-12)


def test_cell_of_the_page() -> None:
    cell = pellucid.worked_example().cell("delta_hidden_1", 0, 2)
    assert cell.formula == "delta_hidden_1[1,3] = error_hidden_1[1,3] · slope_hidden_1[1,3]"
    assert cell.substituted == "0.0081 · 0.1874 = 0.0015"
    assert cell.inputs == (("error_hidden_1", 0, 2), ("slope_hidden_1", 0, 2))
    assert cell.value == DATA["values"]["delta_hidden_1"][0][2]


def test_inputs_are_given() -> None:
    cell = pellucid.worked_example().cell("X", -1, -1)
    assert (cell.row, cell.column, cell.formula, cell.inputs) == (2, 3, "given", ())


def test_unknown_names_and_cells_are_refused() -> None:
    trace = pellucid.worked_example()
    with pytest.raises(UnknownNameError, match="did you mean 'hidden_1'"):
        trace.cell("hiden_1", 0, 0)
    with pytest.raises(UnknownNameError, match="did you mean 'output'"):
        trace["outputs"]
    with pytest.raises(InputError, match=r"rows 0 to 2 and columns 0 to 2\. Got row 3"):
        trace.cell("hidden_1", 3, 0)
    with pytest.raises(InputError, match=r"step from 1 to 1\. Got 2"):
        trace.step(2)
    with pytest.raises(InputError, match="a weight or bias: W1, b1, W2, b2"):
        trace.chain_rule("hidden_1")


def test_each_step_starts_from_what_the_last_one_left() -> None:
    trace = random_trace(7, steps=5)
    for before, after in zip(trace.steps, trace.steps[1:], strict=False):
        for name in trace.network.parameter_shapes:
            np.testing.assert_array_equal(before[f"{name}_next"], after[name])
            np.testing.assert_array_equal(
                before[f"first_moment_{name}_next"], after[f"first_moment_{name}"]
            )
        assert after["update_number"] == before["update_number"] + 1


def test_full_batch_makes_one_update_an_epoch_and_single_rows_ten() -> None:
    """The ten rows and two weights of the tutorial's comparison."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(10, 2)), rng.normal(size=10)
    network = pellucid.Network([2, 1])
    full = pellucid.trace(network, X, y, steps=2)
    single = pellucid.trace(network, X, y, batch_size=1, shuffle=True, steps=20)
    mini = pellucid.trace(network, X, y, batch_size=4, steps=3)
    assert [s.rows for s in full.steps] == [tuple(range(10))] * 2
    first = [s.rows[0] for s in single.steps[:10]]
    second = [s.rows[0] for s in single.steps[10:]]
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second
    assert [len(s.rows) for s in mini.steps] == [4, 4, 2]
    assert [s.epoch for s in single.steps] == [0] * 10 + [1] * 10


def test_the_same_seed_gives_the_same_trace() -> None:
    one, two = random_trace(3), random_trace(3)
    for a, b in zip(one.steps, two.steps, strict=True):
        for name, value in a.values.items():
            np.testing.assert_array_equal(value, b[name])


def test_saved_json_holds_every_number(tmp_path: Path) -> None:
    trace = random_trace(11)
    document = json.loads(trace.save(tmp_path / "t.json").read_text("utf-8"))
    assert [e["name"] for e in document["equations"]] == [e.name for e in trace.equations]
    for step, stored in zip(trace.steps, document["steps"], strict=True):
        assert stored["rows"] == list(step.rows)
        assert stored["values"].keys() == step.values.keys()
        for name, value in step.values.items():
            np.testing.assert_array_equal(np.array(stored["values"][name]), value)


def test_saved_csv_holds_every_number(tmp_path: Path) -> None:
    import csv

    trace = random_trace(12)
    with trace.save(tmp_path / "t.csv").open(newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert len(table) == sum(np.size(v) for s in trace.steps for v in s.values.values())
    for line in table:
        value = np.atleast_2d(trace.step(int(line["step"]))[line["name"]])
        assert float(line["value"]) == value[int(line["row"]) - 1, int(line["column"]) - 1]


def test_unknown_format_is_refused_and_nothing_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ends in \.json, \.csv"):
        pellucid.worked_example().save(tmp_path / "t.docx")
    assert not list(tmp_path.iterdir())


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No such file"):
        pellucid.worked_example().save(tmp_path / "absent" / "t.json")
    old = tmp_path / "t.csv"
    pellucid.worked_example().save(old)
    before = old.read_bytes()
    assert before
    assert [p.name for p in tmp_path.iterdir()] == ["t.csv"]


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([[1, 2, 3]], [1], "X with 2 columns"),
        ([[1, 2]], [1, 2], r"y of shape \(1, 1\)"),
        ([[1, np.nan]], [1], "row 0, column 1"),
        ([[1, np.inf]], [1], "row 0, column 1"),
        ([["a", "b"]], [1], "Expected numbers in X"),
        ([], [], "rows and columns"),
        ([[[1, 2]]], [1], "rows and columns"),
    ],
)
def test_bad_rows_are_refused_with_the_place(X: Any, y: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        pellucid.trace(pellucid.Network([2, 1]), X, y)


@pytest.mark.parametrize("steps", [0, -1, True, 1.5])
def test_steps_is_a_count(steps: Any) -> None:
    with pytest.raises(InputError, match="number of steps of 1 or more"):
        pellucid.trace(pellucid.Network([2, 1]), [[1, 2]], [1], steps=steps)


def test_float32_stays_float32() -> None:
    trace = random_trace(5, dtype=np.float32)
    for name in trace.formulas:
        assert trace.step(3)[name].dtype == np.float32, name
