"""``pellucid walkthrough``: what it shows, that it fits, and the keys."""

import io
import os
import re
import select
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np
import pytest
from rich.console import Console

from pellucid.catalogue.activations import Activation
from pellucid.catalogue.records import register, unregister
from pellucid.cli.example import Choices, after_update, prepare
from pellucid.cli.keys import key_name, read_line
from pellucid.cli.main import main
from pellucid.cli.pages import TracePages
from pellucid.cli.render import Screen
from pellucid.cli.walk import Walk, parse_cell, print_all
from pellucid.cli.walkthrough import example_pages
from pellucid.errors import InputError
from pellucid.network import Network
from pellucid.tracing import trace, worked_example

CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def run(capsys):
    """Return a function that runs the command line and returns exit status, output and errors."""

    def go(*arguments):
        try:
            main(list(arguments))
            status = 0
        except SystemExit as stopped:
            status = int(stopped.code or 0)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return go


def screen(*, colour=False, height=40, width=80, encoding="utf-8"):
    """Return a screen that writes to memory, and the memory."""
    written = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    console = Console(
        file=written,
        width=width,
        height=height,
        highlight=False,
        force_terminal=colour,
        color_system="truecolor" if colour else None,
    )
    return Screen(console), written


def written_on(made):
    return made.buffer.getvalue().decode(made.encoding)


def widest(text):
    return max(map(len, CODES.sub("", text).splitlines()))


def test_all_stages_in_order(run):
    status, out, _ = run("walkthrough", "--all")
    assert status == 0
    headings = re.findall(r"^── (?:Step )?([^─]+?) ─", out, re.MULTILINE)
    assert headings[0] == "The network"
    numbers = [int(h.split(":")[0]) for h in headings if h[0].isdigit()]
    assert numbers == [*range(10), 10, 10, 11]
    assert out.index("(x1)") < out.index("Step 0"), "the picture comes first"
    assert headings[-1] == "What the step did"


def test_a_pipe_gets_no_escape_codes_and_80_columns(run):
    _, out, _ = run("walkthrough")
    assert "\x1b" not in out
    assert widest(out) <= 80
    assert "[0.7893]" in out, "without colour, computed cells stand in brackets"
    assert "‹0.8146›" in out, "and those they come from in others"


@pytest.mark.parametrize(
    "options",
    [
        ["--hidden", "3,2", "--activation", "relu,tanh"],
        ["--hidden", "30"],
        ["--hidden", "0"],
        ["--optimizer", "adam", "--step", "3"],
        ["--optimizer", "nesterov", "--decimals", "8"],
        ["--loss", "cross_entropy", "--batch-size", "2", "--step", "2"],
        ["--loss", "poisson", "--activation", "softmax"],
        ["--epochs", "50", "--batch-size", "1"],
    ],
    ids=" ".join,
)
def test_every_choice_fits_80_columns(run, options):
    status, out, err = run("walkthrough", *options)
    assert (status, err) == (0, "")
    assert widest(out) <= 80
    assert "None" not in out


def test_colours_mark_cells_and_keep_the_width():
    shown, written = screen(colour=True)
    pages, _ = example_pages(prepare(Choices()), shown)
    print_all(pages, shown)
    text = written_on(written)
    assert "\x1b[" in text
    assert "[0.7893]" not in text
    assert widest(text) <= 80


def test_no_color_writes_no_escape_codes(monkeypatch, run):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    _, out, _ = run("walkthrough")
    assert "\x1b" not in out


def test_a_screen_without_line_signs_gets_ascii():
    shown, written = screen(encoding="ascii")
    pages, _ = example_pages(prepare(Choices()), shown)
    print_all(pages, shown)
    text = written_on(written)
    assert text.isascii()
    assert widest(text) <= 80
    assert "(x1)---" in text
    assert not re.search(r"\S\?\S", text), "every sign has a stand-in"


@pytest.mark.parametrize("name", ["net_input_1", "delta_hidden_1", "gradient_W1", "W1_next"])
def test_the_numbers_are_those_of_the_trace(run, name):
    _, out, _ = run("walkthrough")
    wanted = [
        f"[{v: .4f}]" if (worked_example()[name] < 0).any() else f"[{v:.4f}]"
        for v in worked_example()[name].ravel()
    ]
    for text in wanted:
        assert text in out


def test_the_loss_after_is_that_of_the_next_step():
    example = worked_example(steps=2)
    after = after_update(example, 1)
    assert after["loss"] == pytest.approx(float(example.step(2)["loss"]), abs=1e-15)
    assert after["output"] == pytest.approx(example.step(2)["output"], abs=1e-15)


def test_epochs_train_first(run):
    """After 5,000 epochs the outputs are those of the page on the worked example."""
    example = prepare(Choices(), epochs=5000)
    assert example.trace["output"].ravel() == pytest.approx([0.9776, 0.9660, 0.0473], abs=5e-5)
    assert example.epochs == 5000
    _, out, _ = run("walkthrough", "--epochs", "20")
    assert "After 20 epochs" in out
    assert "loss before  0.354106" in out


def test_the_tutorials_slips_are_noted_where_they_are(run):
    _, out, _ = run("walkthrough")
    step = {n: out.split(f"Step {n}:")[1].split("── Step")[0] for n in (7, 10, 11)}
    assert "learning rate" in step[7]
    assert "∂E/∂W" in step[10]
    assert "R program" in step[11]
    assert out.count("∂E/∂W") == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--activation", "sigmod"], "did you mean 'sigmoid'"),
        (["--loss", "squared"], "There is no loss"),
        (["--optimizer", "adamm"], "did you mean 'adam'"),
        (["--hidden", "three"], "--hidden 3,2"),
        (["--hidden", "3,-2"], "layer size of 1 or more"),
        (["--activation", "relu,tanh"], "one for each layer"),
        (["--learning-rate", "0"], "learning rate above 0"),
        (["--batch-size", "0"], "batch size of 1 or more"),
        (["--step", "0"], "step of 1 or more"),
        (["--epochs", "-1"], "0 epochs or more"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_choice_is_one_line(run, options, says):
    status, out, err = run("walkthrough", *options)
    assert status == 2
    assert out == ""
    assert says in err
    assert err.startswith("pellucid: ")
    assert err.count("\n") == 1


def test_a_registered_activation_is_found(run):
    """One record in the catalogue is enough for the equations, the numbers and the terminal."""

    @register
    @dataclass(frozen=True)
    class Bend(Activation):
        name = "softsign"

        def formula(self, x):
            return x / (1 + abs(x))

    try:
        made = trace(Network([2, 3, 1], activation="softsign"), [[1, 2]], [1])
        z = made["net_input_1"]
        assert made["hidden_1"] == pytest.approx(z / (1 + abs(z)))
        assert "hidden_1 = softsign(net_input_1)" in [e.text for e in made.equations]
        status, out, _ = run("walkthrough", "--activation", "softsign")
        assert status == 0
        assert "softsign(net_input_1)" in out
        assert "softsign_slope(net_input_1)" in out
    finally:
        unregister(Bend)


# ---- keys ----


def walked(keys, *, height=100, lesson=False, colour=False):
    """Return what a walk shows for a list of keys, screen by screen."""
    shown, written = screen(height=height, colour=colour)
    pages, maker = example_pages(prepare(Choices()), shown)
    screens, pressed = [], list(keys)

    def read():
        screens.append(written_on(written))
        return pressed.pop(0) if pressed else "q"

    Walk(pages, shown, None if lesson else maker, read).run()
    lengths = [0, *map(len, screens)]
    return [s[a:] for s, a in zip(screens, lengths, strict=False)]


def aside(keys):
    """Return what the keys show beside the pages; the first q leaves it, the second ends."""
    *_, shown, after = walked(keys)
    assert heading(after) == "The network"
    return shown


def heading(text):
    return re.search(r"── (.*?) ─", text)[1]


def test_next_and_back():
    found = [heading(s) for s in walked([" ", "n", "\r", "\x1b[C", "b", "\x1b[D"])]
    assert [h.split(":")[0] for h in found] == [
        "The network",
        "Step 0",
        "Step 1",
        "Step 2",
        "Step 3",
        "Step 2",
        "Step 1",
    ]


def test_back_on_the_first_page_stays():
    assert [heading(s) for s in walked(["b", "b"])] == ["The network"] * 3


def test_jump_to_a_step_by_its_number():
    assert heading(walked(["9", "\r"])[-1]).startswith("Step 9")
    assert heading(walked(["g", "1", "1", "\r"])[-1]).startswith("Step 11")
    assert heading(walked(["1", "2", "\x7f", "0", "\r"])[-1]).startswith("Step 10")


def test_a_step_that_there_is_not():
    last = walked(["4", "2", "\r"])[-1]
    assert heading(last) == "The network"
    assert "There is no step 42. There are 0 to 11." in last


def test_escape_leaves_a_question():
    assert heading(walked(["g", "5", "\x1b"])[-1]) == "The network"


def test_the_last_page_ends():
    pages = walked([" "] * 40)
    assert heading(pages[-1]) == "What the step did"


def test_q_ends():
    assert len(walked(["q", " "])) == 1


def test_a_number_and_its_sources():
    found = aside(["c", *"delta_hidden_1 1 3", "\r"])
    assert "One cell: delta_hidden_1[1,3]" in found
    assert "0.0081 · 0.1874 = 0.0015" in found
    assert "‹ 0.0081›" in found
    assert "‹ 0.0088›" not in found, "only the exact cells are marked"


def test_a_number_that_there_is_not():
    assert "did you mean 'delta_hidden_1'" in walked(["c", *"delta_hiden_1 1 3", "\r"])[-1]
    assert "rows 0 to 3" in walked(["c", *"W1 9 9", "\r"])[-1]
    assert "such as W1 2 3" in walked(["c", *"W1 a", "\r"])[-1]


def test_the_chain_rule_of_a_weight():
    found = aside(["w", *"W1 1 3", "\r"])
    assert "Chain rule of W1[1,3]" in found
    assert "slope_hidden_1[1,3]" in found


def test_help_lists_the_keys_and_names():
    found = aside(["?"])
    assert "the chain rule of one weight" in found
    assert "delta_hidden_1" in found


def test_an_unknown_key_points_to_help():
    assert "Press ? for the list of keys." in walked(["x"])[-1]


def test_a_page_longer_than_the_screen_comes_in_pieces():
    """On 24 lines nothing scrolls away: space shows the rest of a page first."""
    found = walked(["2", "\r", " ", " "], height=24)
    assert all(len(s.splitlines()) <= 24 for s in found[:1])
    assert "Step 2: Into the hidden layer  (1/2)" in found[2]
    assert "(2/2)" in found[3]
    assert heading(found[4]).startswith("Step 3")


def test_no_escape_codes_without_colour():
    assert "\x1b" not in "".join(walked([" ", "2", "\r", "?", "q"]))


def test_parse_cell():
    assert parse_cell("W1 2 3") == parse_cell("W1[2,3]") == ("W1", 1, 2)
    for wrong in ("", "W1 0 1", "W1 1 2 3", "W1 -1 1"):
        with pytest.raises(InputError):
            parse_cell(wrong)


def test_key_names():
    assert {key_name(k) for k in (" ", "\r", "\n", "n", "\x1b[C")} == {"next"}
    assert {key_name(k) for k in ("b", "\x1b[D", "\x7f")} == {"back"}
    assert {key_name(k) for k in ("q", "\x03", "\x1b", "")} == {"quit"}


def test_a_typed_line_can_be_mended():
    keys = iter(["a", "b", "\x7f", "c", "\r"])
    shown = []
    assert read_line(shown.append, "x", lambda: next(keys)) == "xac"
    assert "".join(shown) == "xab\b \bc\n"


def test_many_rows_and_columns_are_cut_with_a_note():
    network = Network([40, 3, 1], output_activation="sigmoid")
    rng = np.random.default_rng(0)
    made = trace(network, rng.normal(size=(50, 40)), rng.integers(0, 2, 50))
    shown, written = screen()
    print_all(TracePages(made, shown).pages(), shown)
    text = written_on(written)
    assert widest(text) <= 80
    assert "are left out (…). The key c shows any of its cells." in text


@pytest.mark.skipif(sys.platform == "win32", reason="needs a Unix terminal")
def test_keys_on_a_real_terminal():
    """The command waits for keys where both ends are a terminal: next, jump, one number, quit."""
    import pty

    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "40"}
    environment.pop("NO_COLOR", None)
    command = [sys.executable, "-m", "pellucid", "walkthrough"]
    process = subprocess.Popen(
        command, stdin=follower, stdout=follower, stderr=follower, env=environment
    )
    os.close(follower)
    seen = ""

    def wait_for(text, seconds=30):
        nonlocal seen
        end = time.monotonic() + seconds
        while text not in CODES.sub("", seen):
            if not select.select([leader], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"waited for {text!r}; came: {seen[-500:]!r}")
            try:
                seen += os.read(leader, 65536).decode("utf-8", "replace")
            except OSError as closed:
                raise AssertionError(f"closed before {text!r}; came: {seen[-500:]!r}") from closed
        seen = ""

    try:
        wait_for("q quit")
        for keys, then in (
            (b" ", "Step 0: Inputs and targets"),
            (b"\x1b[C", "Step 1: Start weights"),
            (b"9\r", "Step 9: Delta of the hidden layer"),
            (b"c", "then enter"),
            (b"W1_next 1 3\r", "One cell: W1_next[1,3]"),
        ):
            os.write(leader, keys)
            wait_for(then)
            time.sleep(0.05)
        os.write(leader, b"q")
        time.sleep(0.2)
        os.write(leader, b"q")
        assert process.wait(30) == 0
    finally:
        process.kill()
        os.close(leader)
