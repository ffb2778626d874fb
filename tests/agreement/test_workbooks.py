"""Exported workbooks, recalculated by LibreOffice after their inputs were changed, say what the evaluator says."""

from dataclasses import replace

import numpy as np
import openpyxl
import polars as pl
import pytest
from agreement import cases, tables, traces
from agreement.relative import assert_agree
from exporters import spreadsheets

import pellucid
from pellucid.exporters.workbook import to_bytes

RATE = 0.037


def changed(case):
    """Return a case's trace, and that of the same network with other inputs, weights and learning rate."""
    network, numbers = cases.network(case), cases.numbers(case)
    parameters = {name: value.copy() for name, value in network.views(numbers.flat).items()}
    parameters["W1"][0, 0] += 0.25
    parameters[f"b{len(network.layers)}"] -= 0.125
    X = numbers.X.copy()
    X[:, -1] += 0.5
    after = pellucid.trace(
        network,
        X,
        numbers.y,
        parameters=parameters,
        optimizer=cases.optimizer(
            replace(case, optimizer=case.optimizer | {"learning_rate": RATE})
        ),
        reduction=case.reduction,
        row_weight=numbers.row_weight,
        batch_size=case.batch_size,
        steps=traces.steps(case),
        random_state=case.seed,
    )
    return traces.traced(case), after


def worked_example_changed():
    before = pellucid.worked_example(steps=3)
    network, given = before.network, dict(before.steps[0].values)
    after = pellucid.trace(
        network,
        given["X"] * 0.75,
        given["y"],
        parameters={name: given[name] - 0.125 for name in network.parameter_shapes},
        optimizer=pellucid.SGD(RATE),
        reduction="sum",
        steps=3,
    )
    return before, after


def wide():
    """Return traces of a network whose sums are too long to write out, and whose net inputs are far out."""
    rng = np.random.default_rng(0)
    net = pellucid.Network(
        [15, 13, 14],
        activation=["gelu"],
        output_activation="softmax",
        loss="cross_entropy",
        l1=0.01,
        l2=0.02,
        label_smoothing=0.1,
        input_scale=True,
    )
    y = np.eye(14)[rng.integers(14, size=14)]
    return [
        pellucid.trace(
            net,
            X,
            y,
            row_weight=np.linspace(0.5, 2, 14),
            optimizer=pellucid.Optimizer(pellucid.ClipNorm(0.5), *pellucid.Adam(RATE).pieces),
        )
        for X in (rng.normal(size=(14, 15)), 300 * rng.normal(size=(14, 15)))
    ]


def penguins(kind, target):
    """Return the traces of a fitted estimator on four penguins, one with gaps, and on four others."""
    table = pl.read_csv(pellucid.penguins_path(), null_values=["", "NA"])
    model = kind(preset="plain", hidden_sizes=(5,), epochs=2, random_state=0).fit(
        table.filter(pl.col(target).is_not_null()).drop(target),
        table.filter(pl.col(target).is_not_null())[target],
    )
    known = table.filter(pl.col(target).is_not_null())
    return [model.trace(rows.drop(target), rows[target]) for rows in (known[1:5], known[180:184])]


def stale(before, after):
    """Return a trace with the inputs of one and the computed numbers of another: what a person leaves who edits."""
    steps = [
        replace(old, values={**old.values, **{name: new.values[name] for name in after.symbols}})
        for old, new in zip(before.steps, after.steps, strict=True)
    ]
    return replace(before, steps=tuple(steps))


def assert_recalculated(pairs, folder):
    """Fail unless every number of the second traces comes out of workbooks that carry those of the first."""
    paths = []
    for at, (before, after) in enumerate(pairs):
        paths.append(folder / f"{at}.xlsx")
        paths[-1].write_bytes(to_bytes(stale(before, after)))
    books = spreadsheets.recalculated(paths, folder)
    for (before, after), path, book in zip(pairs, paths, books, strict=True):
        carried = openpyxl.load_workbook(path, data_only=True)
        assert_agree(spreadsheets.numbers(carried, "net_input_1"), before["net_input_1"], 1e-12)
        assert abs(after["net_input_1"] - before["net_input_1"]).max() > 1e-6
        for step in after.steps:
            for name in after.formulas:
                found = spreadsheets.numbers(book, name, step.number)
                what = f"{name} of step {step.number} in {path}"
                assert_agree(found, np.atleast_2d(step.values[name]), 1e-9, what)


def some_and_tables():
    penguins_ = [
        penguins(pellucid.TabularClassifier, "species"),
        penguins(pellucid.TabularClassifier, "sex"),
        penguins(pellucid.TabularRegressor, "body_mass_g"),
    ]
    averaged = [[tables.traced(kind, at) for at in (0, 5)] for kind in tables.KINDS]
    return [
        worked_example_changed(),
        wide(),
        *penguins_,
        *averaged,
        *(changed(case) for case in traces.drawn()[:4]),
    ]


@pytest.mark.needs("soffice")
def test_changed_inputs_change_everything(tmp_path):
    assert_recalculated(some_and_tables(), tmp_path)


@pytest.mark.long
@pytest.mark.needs("soffice")
def test_forty_networks(tmp_path):
    assert_recalculated([changed(case) for case in traces.drawn()], tmp_path)


@pytest.mark.needs("soffice")
def test_an_edit_in_the_file_reaches_the_last_step(tmp_path):
    """As a person edits: other numbers in the cells of the written file, which then has no computed number at all."""
    before, after = worked_example_changed()
    path = before.save(tmp_path / "edited.xlsx")
    book = openpyxl.load_workbook(path)
    for name, shown in (("X", "X"), ("W1", "W_1"), ("b1", "b_1"), ("W2", "W_2"), ("b2", "b_2")):
        spreadsheets.set_numbers(book, shown, after[name])
    spreadsheets.set_numbers(book, "learning_rate", RATE)
    book.save(path)
    blank = openpyxl.load_workbook(path, data_only=True)
    assert np.isnan(spreadsheets.numbers(blank, "W1_next", 3)).all()
    (book,) = spreadsheets.recalculated([path], tmp_path)
    found = spreadsheets.numbers(book, "W1_next", 3)
    assert_agree(found, after.step(3)["W1_next"], 1e-9)
