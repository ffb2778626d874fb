"""``pellucid lesson …``: they fit, and their numbers are computed."""

import io
import re
from dataclasses import dataclass

import numpy as np
import pytest
from rich.console import Console

from pellucid.catalogue import names
from pellucid.catalogue.activations import Activation, Gelu, Sigmoid
from pellucid.catalogue.records import register, unregister
from pellucid.cli import lesson_activation, lesson_chain_rule, lesson_descent, lesson_perceptron
from pellucid.cli.lessons import LESSONS
from pellucid.cli.main import main
from pellucid.cli.render import Screen
from pellucid.cli.walk import print_all
from pellucid.gradient_check import check_gradients
from pellucid.tracing import EXAMPLE, worked_example


@pytest.fixture
def lesson(capsys):
    """Return a function that runs a lesson and returns exit status, output and errors."""

    def go(*arguments):
        try:
            main(["lesson", *arguments])
            status = 0
        except SystemExit as stopped:
            status = int(stopped.code or 0)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return go


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_fits_80_columns_and_a_few_screens(lesson, name):
    status, out, err = lesson(name)
    assert (status, err) == (0, "")
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) <= 80
    assert len(out.splitlines()) <= 4 * 40
    assert not re.search(r"\bnan\b|\binf\b|None", out)


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_in_colour_and_in_ascii(name):
    from pellucid.cli.lessons import lesson_pages

    for encoding, colour in (("utf-8", "truecolor"), ("ascii", None)):
        written = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
        console = Console(
            file=written, width=80, highlight=False, force_terminal=True, color_system=colour
        )
        screen = Screen(console)
        print_all(lesson_pages(name, screen), screen)
        text = written.buffer.getvalue().decode(encoding)
        assert ("\x1b[" in text) == bool(colour)
        assert max(map(len, re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines())) <= 80


def test_the_list_of_lessons(lesson):
    status, out, _ = lesson()
    assert status == 0
    assert all(f"pellucid lesson {name}" in out for name in LESSONS)


def test_a_lesson_that_there_is_not(lesson):
    status, out, err = lesson("activations")
    assert (status, out) == (2, "")
    assert "did you mean 'activation'" in err


def test_an_underscore_will_do(lesson):
    assert lesson("chain_rule")[0] == 0


# ---- perceptron ----


def test_the_three_perceptrons(lesson):
    _, out, _ = lesson("perceptron")
    assert "0 + 1 + 1 = 2   2 > 0, so the answer is 1" in out
    assert "2 · 0 + 3 · 1 + 4 · 1 = 7   7 > 0, so the answer is 1" in out
    assert "2 · 0 + 3 · 1 + 4 · 1 - 8 = -1   -1 ≤ 0, so the answer is 0" in out


def test_only_with_a_bias_and_is_right():
    wanted = [0, 0, 0, 1]
    corners = lesson_perceptron.CORNERS
    assert lesson_perceptron.perceptron((1, 1), -1.5, corners)[1].tolist() == wanted
    for weights in ((1, 1), (2, -1), (-1, 3), (0, 0)):
        assert lesson_perceptron.perceptron(weights, 0, corners)[1].tolist() != wanted


# ---- activation ----


def test_every_activation_has_its_place(lesson):
    _, out, _ = lesson("activation")
    for name in names("activation"):
        assert (f"{name}\n" in out or f"{name}, also" in out) == (name != "own")
    for name in ("logistic", "swish"):
        assert f"also {name}" in out


def test_formulas_and_slopes_as_text():
    assert lesson_activation.activation_texts(Sigmoid()) == ("1 / (1 + exp(-x))", "a · (1 - a)")
    assert "erf" in lesson_activation.activation_texts(Gelu())[0]


def test_a_registered_activation_is_in_the_lesson(lesson):
    """Its slope, found by differentiation, is there too."""

    @register
    @dataclass(frozen=True)
    class Bend(Activation):
        name = "softsign"
        source = "Somebody 2020"

        def formula(self, x):
            return x / (1 + abs(x))

    try:
        _, out, _ = lesson("activation")
        assert "softsign" in out
        assert "a = x / (1 + |x|)" in out
        assert "Somebody 2020" in out
        slope = lesson_activation.activation_texts(Bend())[1]
        assert "sign(x)" in slope
    finally:
        unregister(Bend)
    assert "softsign" not in lesson("activation")[1]


def test_identity_cannot_learn_xor_at_any_depth_and_tanh_can():
    for hidden in ([4], [4, 4]):
        straight = lesson_activation.train_xor(hidden, "identity")
        assert straight.output == pytest.approx(np.full((4, 1), 0.5), abs=1e-3)
    bent = lesson_activation.train_xor([4], "tanh")
    assert bent.output == pytest.approx(lesson_activation.WANTED, abs=0.01)


# ---- descent ----


def test_which_rows_make_which_update():
    full, mini, single = lesson_descent.ways()
    assert [s.rows for s in full.trace.steps] == [tuple(range(10))]
    assert [len(s.rows) for s in mini.trace.steps] == [4, 4, 2]
    assert [s.rows for s in single.trace.steps] == [(r,) for r in range(10)]


def test_all_ways_start_alike_and_each_update_from_the_last():
    for way in lesson_descent.ways():
        assert not way.trace["W1"].any()
        for before, after in zip(way.trace.steps, way.trace.steps[1:], strict=False):
            assert (before["W1_next"] == after["W1"]).all()
            assert (before["b1_next"] == after["b1"]).all()


def test_losses_are_those_of_all_rows():
    network, X, y = lesson_descent.example()
    for way in lesson_descent.ways():
        last = way.trace.steps[-1]
        off = y - (X @ last["W1_next"] + last["b1_next"])
        assert way.losses[1] == pytest.approx(float((off**2 / 2).mean()))
        assert way.losses[0] == pytest.approx(float((y**2 / 2).mean()))
        assert way.losses[-1] < way.losses[0]
    assert network.sizes == (2, 1)


def test_the_table_has_the_traces_weights(lesson):
    _, out, _ = lesson("descent")
    end = lesson_descent.ways()[2].trace.steps[-1]["W1_next"]
    assert f"{end[0, 0]:.4f}  {end[1, 0]:.4f}" in out


# ---- chain rule ----


def test_the_chain_is_that_of_the_trace():
    """The factors beside the derivatives are those that the trace finds, in their order."""
    example = worked_example()
    for layer, place in ((1, ("W1", 0, 2)), (2, ("W2", 0, 0))):
        found = [f.name for f in example.chain_rule(*place).paths[0].factors]
        written = [
            n.removeprefix("-") for _, n in lesson_chain_rule.derivatives(example.network, layer)
        ]
        assert written == found


def test_nudging_agrees(lesson):
    example = worked_example()
    up, down = lesson_chain_rule.nudged(example, "W1", 0, 2)
    difference = (up - down) / (2 * lesson_chain_rule.NUDGE)
    assert difference == pytest.approx(float(example["gradient_W1"][0, 2]), rel=1e-6)
    _, out, _ = lesson("chain-rule")
    assert f"{float(example['gradient_W1'][0, 2]):.10f}" in out
    parameters = {p: EXAMPLE[p] for p in ("W1", "b1", "W2", "b2")}
    checked = check_gradients(
        example.network, EXAMPLE["X"], EXAMPLE["y"], parameters=parameters, reduction="sum"
    )
    assert checked.max_relative_error < 1e-6


def test_symbols_can_be_read_in_a_terminal():
    for name in lesson_chain_rule.SHOWN:
        example = worked_example()
        known = {**example.symbols, **{n: e.symbol for n, e in example.formulas.items()}}
        text = lesson_chain_rule.readable(known[name].latex)
        assert text
        assert not set(text) & set("\\{}_")
