"""The lesson on perceptrons: a sum, weights, a bias."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pellucid.cli.pages import Page, Part
from pellucid.cli.render import (
    FORMULA,
    HEADING,
    QUIET,
    Block,
    Line,
    Screen,
    beside,
    line,
    table,
    wrapped,
)
from pellucid.evaluator import predict
from pellucid.network import Network
from pellucid.printers.numbers import number
from pellucid.views.diagram import diagram

INPUTS = (0.0, 1.0, 1.0)
WEIGHTS = (2.0, 3.0, 4.0)
CORNERS = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))


def perceptron(weights: Sequence[float], bias: float, X: Any) -> tuple[Any, Any]:
    """Return sums and answers of one neuron with the threshold activation, for rows of inputs."""
    network = Network([len(weights), 1], output_activation="threshold")
    parameters = {"W1": np.array([weights]).T, "b1": np.array([[bias]])}
    values = predict(network, parameters, np.asarray(X, np.float64))
    return values["net_input_1"][:, 0], values["output"][:, 0]


def pages(screen: Screen) -> list[Page]:
    """Return the lesson."""
    return [
        Page(None, "", "A perceptron, three ways", tuple(_three_ways(screen))),
        Page(None, "", "What the bias is for", tuple(_bias(screen))),
    ]


def _three_ways(screen: Screen) -> list[Part]:
    width = screen.width - 2
    network = Network([3, 1], output_activation="threshold")
    _, _, *picture = diagram(network, width=width, ascii_only=screen.ascii)
    return [
        wrapped(
            "A perceptron is a single neuron: several numbers go in, one comes out, and that one "
            "is 0 or 1. Its activation is the threshold: 1 where what goes in is above 0, else 0.",
            width,
        ),
        [line(each) for each in picture],
        [line(), *wrapped(f"Take the inputs x = {_list(INPUTS)}.", width)],
        _way("1. Add up the inputs.", (1.0, 1.0, 1.0), 0.0),
        _way("2. Give each input a weight: some count more than others.", WEIGHTS, 0.0),
        _way("3. Add a bias: a number of its own, whatever the inputs are.", WEIGHTS, -8.0),
        [line(), *_biases()],
        [
            line(),
            *wrapped(
                "The bias says how easily the neuron answers 1: the sum of the weighted inputs has "
                "to be above minus the bias. Some texts write it as one more weight w0, whose "
                "input x0 is always 1: it is the same.",
                width,
            ),
        ],
    ]


def _way(title: str, weights: Sequence[float], bias: float) -> Part:
    sums, answers = perceptron(weights, bias, [INPUTS])
    plain = all(w == 1 for w in weights)
    terms = " + ".join(
        number(x) if plain else f"{number(w)} · {number(x)}"
        for w, x in zip(weights, INPUTS, strict=True)
    )
    if bias:
        terms += f" {'+' if bias > 0 else '-'} {number(abs(bias))}"
    sign = ">" if sums[0] > 0 else "≤"
    return [
        line(),
        line((title, HEADING)),
        line(
            (f"   {terms} = {number(sums[0])}", FORMULA),
            f"   {number(sums[0])} {sign} 0, so the answer is ",
            (number(answers[0]), HEADING),
        ),
    ]


def _biases() -> list[Line]:
    rows = [("   bias", "sum", "answer")]
    for bias in (-9.0, -7.0, -5.0, 0.0):
        sums, answers = perceptron(WEIGHTS, bias, [INPUTS])
        rows.append((number(bias), number(sums[0]), number(answers[0])))
    return table(rows, gap=4)


def _bias(screen: Screen) -> list[Part]:
    width = screen.width - 2
    without, with_bias = (1.0, 1.0, 0.0), (1.0, 1.0, -1.5)
    rows = [("x1", "x2", "wanted", "without", "with bias")]
    answers = [perceptron(p[:2], p[2], CORNERS)[1] for p in (without, with_bias)]
    for k, (a, b) in enumerate(CORNERS):
        wanted = float(a > 0 and b > 0)
        rows.append(tuple(map(number, (a, b, wanted, answers[0][k], answers[1][k]))))  # type: ignore[arg-type]
    plots = [
        _plot("without a bias: x1 + x2 > 0", without),
        _plot("with it: x1 + x2 - 1.5 > 0", with_bias),
    ]
    return [
        wrapped(
            "With two inputs, the inputs between the answers 0 and 1 form a line: w1 · x1 + w2 · x2 "
            "+ bias = 0. Without the bias, x1 = 0 and x2 = 0 always solve it: the line goes "
            "through the origin, whatever the weights are. They only turn it. The bias moves it "
            "away.",
            width,
        ),
        [line(), *beside(plots, gap=6)],
        [
            line(),
            *wrapped(
                "The answer is 1 where the plane is filled. The four figures are the inputs of "
                "'and' with the answers that are wanted: 1 only where both inputs are 1.",
                width,
            ),
        ],
        [line(), *table(rows, gap=4)],
        [
            line(),
            *wrapped(
                "No weights can do it without the bias: 1, 0 must give 0, so w1 is at most 0; 0, 1 "
                "must give 0, so w2 is at most 0; and then w1 + w2 is not above 0 for 1, 1.",
                width,
            ),
            line(),
            line(("Go on with: pellucid lesson activation", QUIET)),
        ],
    ]


def _plot(title: str, neuron: tuple[float, float, float]) -> Block:
    """Return the plane from -1 to 2: filled where the neuron answers 1, with its origin and axes."""
    across, up = np.round(np.linspace(-1, 2, 31), 6), np.round(np.linspace(2, -1, 13), 6)
    grid = np.array([(a, b) for b in up for a in across])
    answers = perceptron(neuron[:2], neuron[2], grid)[1].reshape(len(up), len(across))
    lines = [line((title, HEADING))]
    for r, b in enumerate(up):
        pieces = []
        for c, a in enumerate(across):
            corner = (float(a), float(b))
            if corner in CORNERS:
                wanted = "1" if corner == (1.0, 1.0) else "0"
                pieces.append((wanted, "bold color(16) on #ffe98f"))
            elif answers[r, c]:
                pieces.append(("▒", FORMULA))
            else:
                pieces.append(("│" if a == 0 else "─" if b == 0 else " ", QUIET))
        lines.append(tuple(pieces))
    return Block.of(lines)


def _list(values: Sequence[float]) -> str:
    return ", ".join(map(number, values))
