"""The lesson on activations: why there must be some, and all that there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.algebra import Call, Node, Symbol, opened
from pellucid.catalogue import Activation, find, names
from pellucid.catalogue.optimizers import Adam
from pellucid.cli.pages import Page, Part
from pellucid.cli.render import (
    FORMULA,
    HEADING,
    QUIET,
    Block,
    Screen,
    arrow,
    beside,
    line,
    sheet_block,
    table,
    wrapped,
)
from pellucid.errors import InputError
from pellucid.evaluator import predict
from pellucid.network import Network
from pellucid.printers.numbers import fixed, number
from pellucid.printers.plain_text import PlainText
from pellucid.step import Step
from pellucid.training.updates import Updates
from pellucid.views.curves import area
from pellucid.views.sheet import COMPUTED, SOURCE, sheet

XOR = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
WANTED = np.array([[0.0], [1.0], [1.0], [0.0]])
EPOCHS = 500
SEED = 0
CURVE = 17


@dataclass(frozen=True)
class Trained:
    """A small network that was trained on XOR: its parameters and its answers."""

    network: Network
    parameters: dict[str, Any]

    @property
    def output(self) -> Any:
        """Its answers to the four rows."""
        return predict(self.network, self.parameters, XOR)["output"]


def train_xor(hidden: list[int], activation: str) -> Trained:
    """Train a network on XOR with the evaluator, from one seed."""
    network = Network([2, *hidden, 1], activation=activation, output_activation="identity")
    updates = Updates(Step(network, Adam(0.02)), network.start(SEED), seed=SEED)
    for _ in range(EPOCHS):
        updates.make(updates.given(XOR, WANTED))
    return Trained(network, {name: v.copy() for name, v in updates.parameters.items()})


def pages(screen: Screen) -> list[Page]:
    """Return the lesson."""
    return [
        Page(None, "", "What an activation is for", tuple(_xor(screen))),
        Page(None, "", "Two layers that are one", tuple(_one(screen))),
        Page(None, "", "All activations", tuple(_all(screen))),
    ]


def _xor(screen: Screen) -> list[Part]:
    width = screen.width - 2
    straight, deep = train_xor([4], "identity"), train_xor([4, 4], "identity")
    bent = train_xor([4], "tanh")
    rows: list[tuple[str, ...]] = [
        ("x1", "x2", "wanted", "2-4-1 identity", "2-4-4-1 identity", "2-4-1 tanh")
    ]
    for k, (a, b) in enumerate(XOR):
        answers = (_answer(t.output[k, 0]) for t in (straight, deep, bent))
        rows.append((number(a), number(b), number(float(WANTED[k, 0])), *answers))
    middle = float(straight.output.mean())
    return [
        wrapped(
            "A neuron adds up its inputs, each times its weight, and its bias; then a function f "
            "is taken of the sum: a = f(w1 · x1 + w2 · x2 + … + bias). That function is the "
            "activation. Nearly all of them bend; why go from straight to bent in the middle of "
            "a network?",
            width,
        ),
        [
            line(),
            *wrapped(
                "Because straight on straight stays straight. Take 'one or the other, but not "
                f"both' (XOR), and three networks, each trained for {EPOCHS} epochs from seed {SEED}:",
                width,
            ),
        ],
        [line(), *table(rows, gap=3)],
        [
            line(),
            *wrapped(
                f"With the identity, which bends nothing, every answer ends at {middle:.2f}: no "
                "plane over the four corners does better, and a layer more does not help. With "
                "tanh in the hidden layer the same number of neurons learns it.",
                width,
            ),
        ],
    ]


def _one(screen: Screen) -> list[Part]:
    width = screen.width - 2
    # Freshly drawn weights show it best: those that have learnt XOR are nearly all 0 together.
    network = Network([2, 4, 1], activation="identity", output_activation="identity")
    drawn = network.views(network.start(SEED))
    W1, W2 = drawn["W1"], drawn["W2"]
    together = W1 @ W2
    given = (
        ("W1", W1, SOURCE, ("inputs", "neurons")),
        ("W2", W2, SOURCE, ("neurons", "outputs")),
        ("W1 · W2", together, COMPUTED, ("inputs", "outputs")),
    )
    w1, w2, product = (
        sheet_block(
            sheet(name, value, role=role, axes=axes), colour=screen.colour, width=screen.width
        )
        for name, value, role, axes in given
    )
    two = predict(network, drawn, XOR)["output"]
    one = predict(
        Network([2, 1], output_activation="identity"),
        {"W1": together, "b1": drawn["b1"] @ W2 + drawn["b2"]},
        XOR,
    )["output"]
    rows = [("x1", "x2", "two layers", "one layer")]
    for k, (a, b) in enumerate(XOR):
        rows.append((number(a), number(b), fixed(float(two[k, 0]), 6), fixed(float(one[k, 0]), 6)))
    return [
        wrapped(
            "Without activations the output is (X · W1 + b1) · W2 + b2. Multiplied out, that is "
            "X · (W1 · W2) + (b1 · W2 + b2): one matrix and one bias, so one layer. These are the "
            f"start weights of a 2-4-1 network, drawn from seed {SEED}:",
            width,
        ),
        [line(), *beside([w1, w2, arrow(3), product])],
        [line(), *table(rows, gap=4)],
        [
            line(),
            *wrapped(
                "Both give the same answers, for these inputs and for all others. However many "
                "such layers follow each other, they are one. An activation between them is what "
                "keeps them apart.",
                width,
            ),
        ],
    ]


def _all(screen: Screen) -> list[Part]:
    parts: list[Part] = [
        wrapped(
            "For each: its formula, its slope (a stands for the formula's value), and both from "
            "x = -4 to 4, each drawn from its lowest value to its highest. Where the slope is "
            "near 0, a neuron hardly learns. Any of them goes with --activation.",
            screen.width - 2,
        )
    ]
    for name in names("activation"):
        try:
            chosen = find("activation", name)
        except InputError:
            continue  # one that is made from the user's own function, and has none yet
        parts.append([line(), *_entry(chosen, screen.width - 2)])
    own = (
        "A function of your own goes too, in Python: Network(…, activation=lambda x: x / (1 + "
        "abs(x))). Its slope is found by differentiating it."
    )
    parts.append([line(), *wrapped(own, screen.width - 2, QUIET)])
    return parts


def _entry(chosen: Activation, width: int) -> Part:
    formula, slope = activation_texts(chosen)
    room = width - 2 * CURVE - 4
    aliases = "".join(f", also {alias}" for alias in chosen.aliases)
    text = [line((chosen.name, HEADING), (aliases, QUIET))]
    text += wrapped(formula, room, FORMULA, "a = ", later="    ")
    text += wrapped(slope, room, "", "slope ", later="      ")
    if chosen.source:
        text += wrapped(chosen.source, room, QUIET)
    if not chosen.elementwise:
        return [line(" " * (2 * CURVE + 4), *each) for each in text]
    x = np.linspace(-4, 4, CURVE)
    a = np.asarray(chosen(x), np.float64)
    with np.errstate(all="ignore"):
        s = np.broadcast_to(chosen.slope(x, a), a.shape)
    curves = [
        Block.of(line((each, style)) for each in area(values, CURVE, 3))
        for values, style in ((a, FORMULA), (s, QUIET))
    ]
    return beside([*curves, Block.of(text)])


def activation_texts(chosen: Activation) -> tuple[str, str]:
    """Return an activation's formula and slope as text."""
    x = Symbol("x", () if chosen.elementwise else ("n", 2))
    printer = PlainText()
    formula = _bare(printer.text(_node(chosen.formula(x))))
    if not chosen.elementwise:
        return formula, "none of one neuron: every answer depends on the whole row"
    slope = _node(chosen.slope(x, Symbol("a")))
    # A slope that was found by differentiation is a call of its own name.
    if isinstance(slope, Call) and slope.name == f"{chosen.name}_slope":
        slope = opened(slope)
    return formula, _bare(printer.text(slope))


def _bare(text: str) -> str:
    """Return a text without parentheses around the whole of it."""
    inside = text[1:-1]
    depth, lowest = 0, 0
    for letter in inside:
        depth += (letter == "(") - (letter == ")")
        lowest = min(lowest, depth)
    return inside if text.startswith("(") and text.endswith(")") and lowest == 0 else text


def _answer(value: float) -> str:
    return fixed(round(float(value), 4) + 0.0)  # never -0.0000


def _node(of: Any) -> Node:
    from pellucid.algebra import node

    return node(of)
