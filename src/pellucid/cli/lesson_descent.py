"""The lesson on descent: which rows make an update."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.catalogue.optimizers import SGD
from pellucid.cli.pages import Page, Part
from pellucid.cli.render import (
    FORMULA,
    HEADING,
    QUIET,
    Block,
    Screen,
    beside,
    line,
    table,
    wrapped,
)
from pellucid.evaluator import run
from pellucid.network import Network
from pellucid.printers.numbers import fixed
from pellucid.step import Step
from pellucid.tracing import Trace, trace
from pellucid.training.batches import batches_per_epoch
from pellucid.views.curves import area

ROWS, EPOCHS, RATE, SEED = 10, 30, 0.1, 0
DRAWN = 22  # epochs of a curve
TRUE = ((2.0,), (-1.0,))
START = {"W1": [[0.0], [0.0]], "b1": [[0.0]]}
KINDS = (
    ("Full batch", None, "all 10 rows make one update"),
    ("Mini-batches of 4", 4, "4, 4 and the 2 that are left make three updates"),
    ("Stochastic (SGD)", 1, "every row makes an update of its own"),
)


@dataclass(frozen=True)
class Way:
    """One way to go down: its trace over one epoch, and the loss on all rows after each epoch."""

    title: str
    about: str
    trace: Trace
    losses: tuple[float, ...]


def example() -> tuple[Network, Any, Any]:
    """Return a network of two weights and a bias, and ten rows to learn from."""
    rng = np.random.default_rng(SEED)
    X = np.round(rng.uniform(-1, 1, (ROWS, 2)), 1)
    y = np.round(X @ np.array(TRUE) + rng.normal(0, 0.1, (ROWS, 1)), 1)
    return Network([2, 1], output_activation="identity", loss="squared_error"), X, y


def loss_on(network: Network, parameters: dict[str, Any], X: Any, y: Any) -> float:
    """Return the mean loss of some rows."""
    return float(run(Step(network), {"X": X, "y": y, **parameters})["loss"])


def ways() -> list[Way]:
    """Run the three ways from one start."""
    network, X, y = example()
    found = []
    for title, batch_size, about in KINDS:
        each = batches_per_epoch(batch_size, ROWS)
        made = trace(
            network,
            X,
            y,
            parameters=START,
            optimizer=SGD(RATE),
            batch_size=batch_size,
            steps=each * EPOCHS,
        )
        ends = [made.step(each * (epoch + 1)) for epoch in range(EPOCHS)]
        after = [{name: end[f"{name}_next"] for name in START} for end in ends]
        start = {name: np.array(value) for name, value in START.items()}
        losses = tuple(loss_on(network, p, X, y) for p in (start, *after))
        first = Trace(made.description, made.steps[:each])
        found.append(Way(title, about, first, losses))
    return found


def pages(screen: Screen) -> list[Page]:
    """Return the lesson."""
    found = ways()
    return [
        Page(None, "", "Ten rows, two weights", tuple(_rows(screen))),
        Page(None, "", "One epoch, three ways", tuple(_epoch(found, screen))),
        Page(None, "", "What to choose", tuple(_compare(found, screen))),
    ]


def _rows(screen: Screen) -> list[Part]:
    width = screen.width - 2
    _, X, y = example()
    rows: list[tuple[str, ...]] = [("row", "x1", "x2", "y")]
    rows += [
        (str(r + 1), *(f"{v:.1f}" for v in (X[r, 0] + 0.0, X[r, 1] + 0.0, y[r, 0] + 0.0)))
        for r in range(ROWS)
    ]
    half = ROWS // 2
    left, right = table(rows[: half + 1], gap=3), table([rows[0], *rows[half + 1 :]], gap=3)
    return [
        wrapped(
            "Gradient descent changes the weights by minus the slope of the loss. But the loss of "
            "which rows? Of all, of a few, or of one: the rule is the same, and what is left is "
            "how many rows make one update.",
            width,
        ),
        [line(), *beside([Block.of(left), Block.of(right)], gap=8)],
        [
            line(),
            *wrapped(
                "The network is one neuron without a bend: output = w1 · x1 + w2 · x2 + b. Two "
                "weights, and a bias that learns too and is shown. The rows were made with w1 = "
                f"{TRUE[0][0]:g}, w2 = {TRUE[1][0]:g}, no bias, and a little noise. All three ways "
                f"start from 0, with learning rate {RATE:g} and the mean loss of their rows.",
                width,
            ),
        ],
    ]


def _epoch(found: list[Way], screen: Screen) -> list[Part]:
    parts: list[Part] = [
        wrapped(
            "An epoch shows every row once. Each update starts from the weights that the one "
            "before left. The loss is that of its own rows, before the update.",
            screen.width - 2,
        )
    ]
    for way in found:
        rows: list[tuple[str, ...]] = [
            ("update", "rows", "loss", "w1", "w2", "b", "", "w1", "w2", "b")
        ]
        for step in way.trace.steps:
            before = (*step["W1"].ravel(), *step["b1"].ravel())
            after = (*step["W1_next"].ravel(), *step["b1_next"].ravel())
            used = [r + 1 for r in step.rows]
            span = str(used[0]) if len(used) == 1 else f"{used[0]} to {used[-1]}"
            texts = [[fixed(float(v)) for v in values] for values in (before, after)]
            loss = fixed(float(step["loss"]))
            rows.append((str(step.number), span, loss, *texts[0], "→", *texts[1]))
        parts.append(
            [
                line(),
                line((way.title, HEADING), (f"   {way.about}", QUIET)),
                *table(rows, gap=2),
            ]
        )
    return parts


def _compare(found: list[Way], screen: Screen) -> list[Part]:
    width = screen.width - 2
    rows: list[tuple[str, ...]] = [
        ("", "updates", "after 1", "after 5", f"after {EPOCHS}", "w1", "w2", "b")
    ]
    for way in found:
        end = way.trace.steps[-1]
        learnt = (*end["W1_next"].ravel(), *end["b1_next"].ravel())
        losses = (fixed(way.losses[k]) for k in (1, 5, EPOCHS))
        rows.append(
            (way.title, str(len(way.trace.steps)), *losses, *(fixed(float(v)) for v in learnt))
        )
    highest = max(max(way.losses) for way in found)
    curves = []
    for way in found:
        drawn = area(way.losses[:DRAWN], DRAWN, 3, limits=(0.0, highest))
        heading = line((f"{way.title:<{DRAWN}}", HEADING))
        curves.append(Block.of([heading, *(line((each, FORMULA)) for each in drawn)]))
    return [
        wrapped(
            "The loss on all ten rows, after 1, 5 and "
            f"{EPOCHS} epochs (updates, and w1, w2 and b, are those of the first epoch):",
            width,
        ),
        [line(), *table(rows, gap=2, left=1)],
        [
            line(),
            *beside(curves, gap=4),
            line(("the loss on all rows, epoch by epoch, on one scale from 0", QUIET)),
        ],
        [
            line(),
            *wrapped(
                "The full batch knows the slope exactly and takes one careful step an epoch. One row "
                "at a time takes ten, each in the direction of that row alone: sooner near the "
                "goal, then restless around it. Mini-batches lie between, and suit a computer, "
                "which multiplies many rows as fast as a few: they are the usual choice.",
                width,
            ),
            line(),
            *wrapped(
                "Here the rows keep their order, so that you can follow them. Usually they are "
                "shuffled before each epoch.",
                width,
            ),
        ],
    ]
