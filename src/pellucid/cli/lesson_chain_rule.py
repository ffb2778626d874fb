"""The lesson on the chain rule: the mathematics, beside the program's names."""

from __future__ import annotations

import re
import textwrap
from typing import Any

import numpy as np

from pellucid.cli.pages import Page, Part
from pellucid.cli.render import (
    FORMULA,
    HEADING,
    NOTE,
    QUIET,
    Line,
    Screen,
    line,
    table,
    wrapped,
)
from pellucid.evaluator import run
from pellucid.gradient_check import check_gradients
from pellucid.network import Network
from pellucid.printers.plain_text import equation_text
from pellucid.step import Step
from pellucid.tracing import EXAMPLE, Trace, trace, worked_example
from pellucid.views.plain_letters import plain_letters

NUDGE = 1e-4
WEIGHT = ("W1", 0, 2)
SHOWN = (
    "X y W1 b1 net_input_1 hidden_1 W2 b2 net_input_2 output loss error slope_output "
    "slope_hidden_1 delta_output error_hidden_1 delta_hidden_1 gradient_W2 gradient_W1 learning_rate"
).split()
LETTERS = {
    r"\delta": "δ",
    r"\nabla": "∇",
    r"\eta": "η",
    r"\ell": "ℓ",
    r"\hat y": "ŷ",
    r"\alpha": "α",
}
SMALL = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def readable(latex: str) -> str:
    r"""Return a symbol of mathematics as a terminal can write it.

    >>> readable(r"\nabla {W_{1}}"), readable(r"\hat y")
    ('∇W₁', 'ŷ')
    """
    text = latex
    for written, letter in LETTERS.items():
        text = text.replace(written, letter)
    text = re.sub(r"_\{?(\d+)\}?", lambda found: found[1].translate(SMALL), text)
    return re.sub(r"[{}\\\s]", "", text)


def pages(screen: Screen) -> list[Page]:
    """Return the lesson."""
    example = worked_example()
    return [
        Page(None, "", "Symbols and names", tuple(_symbols(example, screen))),
        Page(None, "", "Both weight matrices", tuple(_matrices(example, screen))),
        Page(None, "", "One weight, with its numbers", tuple(_one(example, screen))),
        Page(None, "", "Deeper: the same again", tuple(_deeper(screen))),
    ]


def _symbols(example: Trace, screen: Screen) -> list[Part]:
    width = screen.width - 2
    known = {**example.symbols, **{n: e.symbol for n, e in example.formulas.items()}}
    rows = [("name", "symbol", "shape", "meaning")]
    for name in SHOWN:
        shape = known[name].shape
        size = " × ".join(map(str, shape)) if shape else "number"
        first, *more = textwrap.wrap(known[name].meaning, width - 33) or [""]
        letter = readable(known[name].latex)
        rows.append((name, plain_letters(letter) if screen.ascii else letter, size, first))
        rows += [("", "", "", each) for each in more]
    return [
        wrapped(
            "Mathematics has one letter for each thing, a program a word. These are the ones of "
            "the worked example, a 4-3-1 network; n is the number of rows.",
            width,
        ),
        [line(), *table(rows, gap=2, left=4)],
        [
            line(),
            *wrapped(
                "What has n rows holds all examples at once, so that one line of the program works "
                "them all out.",
                width,
            ),
        ],
    ]


def derivatives(network: Network, layer: int) -> list[tuple[str, str]]:
    """Return the factors of the chain rule for a layer's weights, each with the program's name.

    They lead from the loss to the weights: ``("∂loss/∂output", "-error")`` and so on.
    """
    last = len(network.layers)
    factors = [
        ("∂loss/∂output", "-error"),
        (f"∂output/∂net_input_{last}", "slope_output"),
    ]
    for at in range(last - 1, layer - 1, -1):
        factors += [
            (f"∂net_input_{at + 1}/∂hidden_{at}", f"W{at + 1}"),
            (f"∂hidden_{at}/∂net_input_{at}", f"slope_hidden_{at}"),
        ]
    signal = "X" if layer == 1 else f"hidden_{layer - 1}"
    return [*factors, (f"∂net_input_{layer}/∂W{layer}", signal)]


def _matrices(example: Trace, screen: Screen) -> list[Part]:
    width = screen.width - 2
    parts: list[Part] = [
        wrapped(
            "How does the loss change with a weight? Along the way from the weight to the loss, "
            "every stop changes with the one before; the chain rule multiplies these slopes. Read "
            "from the loss back:",
            width,
        )
    ]
    parts += [[line(), *_chain(example, layer)] for layer in (2, 1)]
    parts += [
        [
            line(),
            *wrapped(
                "The first two factors are the same in both. Their product is computed once, for "
                "the outer layer, and is used again for the inner one: delta_output. Hence the "
                "order, and the name: back-propagation.",
                width,
            ),
        ],
        [line(), *_equations(example)],
        [
            line(),
            *wrapped(
                "Matrix products add up over what is between: Xᵀ over the rows, W2ᵀ over the "
                "neurons of the layer after. ⊙ multiplies cell by cell.",
                width,
            ),
        ],
        [
            line(),
            *wrapped(
                "A sign to watch: the tutorial has E = (Y - t)²/2 and then adds η · ∂E/∂W to the "
                "weights. That would climb. Descent subtracts: W_next = W - learning_rate · "
                "gradient. Its programs are right, because they start from y - output, which is "
                "minus the slope. Here error has that sign too, and gradient_W1 begins with a minus.",
                width,
                NOTE,
            ),
        ],
    ]
    return parts


def _chain(example: Trace, layer: int) -> list[Line]:
    rows = derivatives(example.network, layer)
    lines = [line((f"∂loss/∂W{layer}", HEADING), "  is the product of")]
    for slope, name in rows:
        used = layer < len(example.network.layers) and name in ("-error", "slope_output")
        note = ("   known from the outer layer", QUIET) if used else ""
        lines.append(line(f"   {slope:<26}", (f"{name:<16}", FORMULA), note))
    return lines


def _equations(example: Trace) -> list[Line]:
    stages = ("delta", "gradient")
    wanted = [e for e in example.formulas.values() if e.stage in stages]
    return [line(("  " + equation_text(e), FORMULA)) for e in wanted if "_b" not in e.name]


def nudged(example: Trace, name: str, row: int, column: int) -> tuple[float, float]:
    """Return the loss with one weight a little larger, and a little smaller."""
    values = example.step(1).values
    given = {s.name: values[s.name] for s in example.description.inputs}
    losses = []
    for change in (NUDGE, -NUDGE):
        weights: Any = np.array(values[name])
        weights[row, column] += change
        step = Step(example.network, None, example.description.reduction)
        losses.append(float(run(step, {**given, name: weights})["loss"]))
    return losses[0], losses[1]


def _one(example: Trace, screen: Screen) -> list[Part]:
    width = screen.width - 2
    chain = example.chain_rule(*WEIGHT)
    name, row, column = WEIGHT
    up, down = nudged(example, name, row, column)
    difference = (up - down) / (2 * NUDGE)
    checked = check_gradients(
        example.network,
        EXAMPLE["X"],
        EXAMPLE["y"],
        parameters={p: EXAMPLE[p] for p in example.network.parameter_shapes},
        reduction=example.description.reduction,
    )
    worst = checked.max_relative_error
    agreement = (
        f"the largest relative error is {worst:.1e}"
        if worst
        else "each agrees as far as the rounding of the difference lets one see"
    )
    cell = f"{name}[{row + 1},{column + 1}]"
    return [
        wrapped(
            f"{cell} joins input {row + 1} to neuron {column + 1}. There is one way from it to the "
            "loss for each row, and each way is one product:",
            width,
        ),
        [line(), *(line(each) for each in chain.text.splitlines())],
        [
            line(),
            *wrapped(
                f"Is it true? Nudge the weight by {NUDGE:g} both ways, and see what the loss does:",
                width,
            ),
            line(f"   loss with {cell} + {NUDGE:g}     {up:>13.10f}"),
            line(f"   loss with {cell} - {NUDGE:g}     {down:>13.10f}"),
            line("   their difference / (2 · nudge) ", (f"{difference:>13.10f}", FORMULA)),
            line("   the chain rule's gradient      ", (f"{chain.gradient:>13.10f}", FORMULA)),
        ],
        [
            line(),
            *wrapped(
                f"pellucid.check_gradients does this for all {checked.parameter_count} weights and "
                f"biases; here {agreement}.",
                width,
            ),
        ],
    ]


def _deeper(screen: Screen) -> list[Part]:
    width = screen.width - 2
    network = Network([4, 3, 2, 1], activation="sigmoid", output_activation="sigmoid")
    deep = trace(network, EXAMPLE["X"], EXAMPLE["y"], reduction="sum", random_state=0)
    chain = deep.chain_rule("W1", 0, 0)
    ways = len(chain.paths or ()) // len(EXAMPLE["X"])
    return [
        wrapped(
            "With one more hidden layer (4-3-2-1) the chain of the first weights is longer by two "
            "factors:",
            width,
        ),
        [line(), *_chain(deep, 1)],
        [
            line(),
            *wrapped(
                "From a weight of the first layer there are now "
                f"{ways} ways to the loss for each row, one through each neuron of hidden layer 2. "
                "Written out, their number is multiplied with every layer. The deltas save that: "
                "each layer's is computed once, from the layer after it.",
                width,
            ),
        ],
        [line(), *_equations(deep)],
        [
            line(),
            *wrapped(
                "Each delta is made from that of the next layer, and from nothing further out. So "
                "the way back costs about twice the way forward, however deep the network is.",
                width,
            ),
            line(),
            line(("Go on with: pellucid walkthrough --hidden 3,2", QUIET)),
        ],
    ]
