"""``pellucid walkthrough``: the worked example, step by step."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from pellucid.errors import InputError

if TYPE_CHECKING:
    from pellucid.cli.example import Example
    from pellucid.cli.pages import Page, Part, TracePages
    from pellucid.cli.render import Screen


def walkthrough(
    all_: Annotated[
        bool, typer.Option("--all", help="Print all steps instead of waiting for keys.")
    ] = False,
    epochs: Annotated[
        int, typer.Option(help="Train for so many epochs first, then walk through the next step.")
    ] = 0,
    step: Annotated[
        int, typer.Option(help="Walk through this update of those that follow, from 1.")
    ] = 1,
    hidden: Annotated[
        str, typer.Option(help="Neurons of each hidden layer, such as 3,2; 0 for none.")
    ] = "3",
    activation: Annotated[
        str,
        typer.Option(help="Of the hidden layers; 'pellucid lesson activation' shows all."),
    ] = "sigmoid",
    loss: Annotated[
        str, typer.Option(help="What the answers cost, such as binary_cross_entropy.")
    ] = "squared_error",
    optimizer: Annotated[
        str, typer.Option(help="sgd, momentum, nesterov, rmsprop, adam or adamw.")
    ] = "sgd",
    learning_rate: Annotated[float, typer.Option(help="Size of the steps.")] = 0.1,
    batch_size: Annotated[
        int | None, typer.Option(help="Rows that make one update; all three by default.")
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Seed of start weights that the example does not give.")
    ] = 0,
    decimals: Annotated[int, typer.Option(help="Decimals of the numbers shown.", min=1, max=8)] = 4,
) -> None:
    """Walk through one training step of the worked example, number by number."""
    from pellucid.cli.example import Choices, prepare
    from pellucid.cli.render import Screen
    from pellucid.cli.walk import Walk, print_all

    screen = Screen()
    with wrong_options():
        choices = Choices(hidden, activation, loss, optimizer, learning_rate, batch_size, seed)
        example = prepare(choices, epochs=epochs, steps=step, watch=_progress(screen))
    pages, maker = example_pages(example, screen, step, decimals, hidden=hidden)
    if all_ or not screen.is_interactive:
        print_all(pages, screen)
    else:
        Walk(pages, screen, maker).run()


@contextmanager
def wrong_options() -> Iterator[None]:
    """Turn an error about what was asked for into one line and exit status 2."""
    try:
        yield
    except InputError as error:
        print(f"pellucid: {error}", file=sys.stderr)
        raise typer.Exit(2) from None


class _progress:
    """Shows how far training is, where someone watches and it takes a while."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen

    def __call__(self, epochs: Iterable[int]) -> Iterable[int]:
        from rich.progress import track

        many = list(epochs)
        if not self.screen.is_interactive or len(many) < 2000:
            return many
        return track(many, "Training", console=self.screen.console, transient=True)


def example_pages(
    example: Example, screen: Screen, step: int = 1, decimals: int = 4, *, hidden: str = "3"
) -> tuple[list[Page], TracePages]:
    """Return all pages of the walkthrough, and what makes more of them."""
    from pellucid.cli.pages import TracePages
    from pellucid.views.words import TUTORIAL_NOTES

    notes = dict(TUTORIAL_NOTES)
    if example.trace.network.sizes[1:-1] != (3,):
        del notes[2]  # it is about the example's one hidden layer of three neurons
    if example.trace.network.is_matching_pair:
        notes.pop(7, None)
    maker = TracePages(example.trace, screen, step, decimals, notes)
    first = [picture_page(example, screen)]
    trained = [training_page(example, screen)] if example.epochs else []
    last = [closing_page(example, screen, step, decimals, maker)]
    return [*first, *trained, *maker.pages(), *last], maker


def picture_page(example: Example, screen: Screen) -> Page:
    """Return the page with the architecture."""
    from pellucid.cli.pages import SIGNS, Page
    from pellucid.cli.render import HEADING, QUIET, line, wrapped
    from pellucid.views.diagram import diagram, layer_table

    network = example.trace.network
    width = screen.width
    head, numbers, *picture = diagram(network, width=width, ascii_only=screen.ascii)
    table = layer_table(network)
    loss = network.loss.label.replace("_", " ")
    count = network.parameter_count
    how = example.trace.description.reduction
    about = (
        f"Every line that comes into a bar from the left goes on to every neuron on its right. "
        f"{count} numbers are learnt: the weights on these ways, and a bias for each neuron. "
        f"The loss is the {loss}, {'summed' if how == 'sum' else 'averaged'} over the rows."
    )
    intro = (
        "One training step of a small network, from the numbers that go in to the weights that "
        "come out. Steps 2 to 5 go forward, 6 to 9 back, 10 and 11 learn."
    )
    steps = _contents(example)
    return Page(
        None,
        "",
        "The network",
        (
            wrapped(intro, width - 2),
            [
                line(),
                line((head, HEADING)),
                line((numbers, QUIET)),
                *(line(each) for each in picture),
            ],
            [line(), line((f"  {table[0]}", QUIET)), *(line(f"  {each}") for each in table[1:])],
            [line(), *wrapped(about, width - 2)],
            [line(), *(line((each, QUIET)) for each in steps)],
            [line(), *wrapped(f"Signs: {SIGNS}", width - 2, QUIET)],
            [line(), _legend(example, screen)],
        ),
    )


def _contents(example: Example) -> list[str]:
    from pellucid.views.stages import stages

    texts: dict[int, str] = {}
    for stage in stages(example.trace.description):
        title = stage.title if stage.layer is None else stage.title.split(" of layer")[0]
        texts.setdefault(stage.number, f"{stage.number:>4}  {title}")
    rows = list(texts.values())
    half = -(-len(rows) // 2)
    left, right = rows[:half], [*rows[half:], ""]
    wide = max(map(len, left)) + 2
    return [f"{a:<{wide}}{b}".rstrip() for a, b in zip(left, right, strict=False)]


def _legend(example: Example, screen: Screen) -> tuple[tuple[str, str], ...]:
    from pellucid.cli.pages import TracePages

    return TracePages(example.trace, screen).legend()


def training_page(example: Example, screen: Screen) -> Page:
    """Return the page about the epochs that came before."""
    from pellucid.cli.pages import Page
    from pellucid.cli.render import FORMULA, HEADING, QUIET, line, wrapped
    from pellucid.training.batches import batches_per_epoch
    from pellucid.views.curves import area

    before, after = example.losses[0], example.losses[-1]
    rows = len(example.trace["X"]) if example.batch_size is None else 3
    each = batches_per_epoch(example.batch_size, rows)
    updates = f"{each} update{'s' if each > 1 else ''}"
    about = (
        f"{example.epochs:,} epochs of training came first. An epoch shows every row once, which "
        f"here makes {updates}. What follows is the next step, with the weights learnt so far."
    )
    curve = area(example.losses, width=min(70, screen.width - 10), height=8)
    return Page(
        None,
        "",
        f"After {example.epochs:,} epochs",
        (
            wrapped(about, screen.width - 2),
            [
                line(),
                line("loss before  ", (f"{before:.6g}", HEADING)),
                line("loss now     ", (f"{after:.6g}", HEADING)),
            ],
            [
                line(),
                line((f"  {before if before > after else max(example.losses):.4g}", QUIET)),
                *(line("  ", (text, FORMULA)) for text in curve),
                line(
                    (
                        f"  epoch 0 {f'epoch {example.epochs:,}':>{max(len(curve[-1]) - 8, 8)}}",
                        QUIET,
                    )
                ),
            ],
        ),
    )


def closing_page(
    example: Example, screen: Screen, step: int, decimals: int, maker: TracePages
) -> Page:
    """Return the last page: what the step did, what an epoch is, and how to go on."""
    from pellucid.cli.example import after_update
    from pellucid.cli.pages import Page
    from pellucid.cli.render import FORMULA, HEADING, QUIET, line, wrapped

    width = screen.width
    made = example.trace.step(step)
    after = after_update(example.trace, step)
    before = float(made["loss"])
    better = after["loss"] <= before
    told = "The same rows again, with the new weights: the loss is " + (
        "smaller." if better else "larger. A smaller learning rate would have gone downhill."
    )
    off = abs(after["output"] - made["y"]) - abs(made["output"] - made["y"])
    if better and (off > 0).any():
        told += (
            " Not every row is better off: the one with the largest error pulled hardest, and "
            "all rows share the same weights."
        )
    parts: list[Part] = [
        wrapped(told, width - 2),
        [
            line(),
            line("loss before  ", (f"{before:.6f}", HEADING)),
            line(
                "loss after   ",
                (f"{after['loss']:.6f}", HEADING),
                (f"   {after['loss'] - before:+.6f}", FORMULA),
            ),
        ],
        [line(), *_outputs(made["y"], made["output"], after["output"], decimals)],
        [
            line(),
            *wrapped(
                "One pass over all rows, forward and back, is an epoch. With all rows in one batch "
                "that is one update; with smaller batches an epoch is several updates, each from "
                "the weights that the one before left. (The tutorial calls an epoch a training "
                "iteration, which fits the first case only.)",
                width - 2,
            ),
        ],
    ]
    ways = (
        ("pellucid walkthrough --epochs 5000", "the step after 5,000 epochs"),
        ("pellucid walkthrough --hidden 3,2", "with two hidden layers"),
        ("pellucid walkthrough --optimizer adam", "how other optimizers use the gradient"),
        ("pellucid lesson chain-rule", "the mathematics behind steps 6 to 11"),
        ("pellucid lesson", "what other lessons there are"),
    )
    parts.append(
        [line(), line(("How to go on", HEADING))]
        + [line(f"  {way:<40}", (what, QUIET)) for way, what in ways]
    )
    return Page(None, "", "What the step did", tuple(parts))


def _outputs(y: object, before: object, after: object, decimals: int) -> Part:
    import numpy as np

    from pellucid.cli.render import QUIET, line
    from pellucid.printers.numbers import number

    targets, old, new = np.asarray(y), np.asarray(before), np.asarray(after)
    lines = [line((f"{'row':>5}{'target':>10}{'before':>12}{'after':>12}{'':6}", QUIET))]
    for r in range(len(targets)):
        for c in range(targets.shape[1]):
            nearer = abs(targets[r, c] - new[r, c]) < abs(targets[r, c] - old[r, c])
            texts = (number(float(m[r, c]), decimals + 2) for m in (targets, old, new))
            goal, was, now = texts
            row = f"{r + 1:>5}" if c == 0 else " " * 5
            sign = "nearer" if nearer else "farther"
            lines.append(line(f"{row}{goal:>10}{was:>12}{now:>12}   ", (sign, QUIET)))
    return lines
