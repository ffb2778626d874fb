"""``pellucid lesson``: what a walk through one step does not show."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Annotated

import typer

from pellucid.errors import unknown_name

if TYPE_CHECKING:
    from pellucid.cli.pages import Page
    from pellucid.cli.render import Screen

# name -> module that makes its pages, and what it is about
LESSONS = {
    "perceptron": ("lesson_perceptron", "one neuron, three ways; what the bias is for"),
    "activation": ("lesson_activation", "functions that bend, and why there must be some"),
    "descent": ("lesson_descent", "which rows make an update: all, a few, or one"),
    "chain-rule": ("lesson_chain_rule", "the mathematics, beside the program's names"),
}


def lesson(
    name: Annotated[
        str | None, typer.Argument(help=f"{', '.join(LESSONS)}. Without a name: the list.")
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Print all pages instead of waiting for keys.")
    ] = False,
) -> None:
    """Read a short lesson: perceptron, activation, descent or chain-rule."""
    from pellucid.cli.render import HEADING, QUIET, Screen, line
    from pellucid.cli.walk import Walk, print_all
    from pellucid.cli.walkthrough import wrong_options

    screen = Screen()
    if name is None:
        lines = [line((f"  pellucid lesson {n:<12}", HEADING), t) for n, (_, t) in LESSONS.items()]
        after = line(
            ("  pellucid walkthrough        ", HEADING), "one training step, number by number"
        )
        screen.write([line(("Lessons", QUIET)), *lines, after])
        return
    with wrong_options():
        pages = lesson_pages(name, screen)
    if all_ or not screen.is_interactive:
        print_all(pages, screen)
    else:
        Walk(pages, screen).run()


def lesson_pages(name: str, screen: Screen) -> list[Page]:
    """Return the pages of a lesson; `UnknownNameError` for a name that there is not."""
    known = name.replace("_", "-").lower()
    if known not in LESSONS:
        raise unknown_name("lesson", name, LESSONS)
    pages: list[Page] = import_module(f"pellucid.cli.{LESSONS[known][0]}").pages(screen)
    return pages
