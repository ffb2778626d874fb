"""How ``pellucid explain`` lays out one row's numbers."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.markup import escape

from pellucid.cli.wording import percent
from pellucid.names import STAGES
from pellucid.printers.numbers import number

if TYPE_CHECKING:
    from rich.console import Console

    from pellucid.tracing import Trace

WIDEST = 100
CELL = 9
# A matrix of more numbers than this is summed up, unless all are asked for: the way to the
# prediction is shown in full for a usual layer, the training step only for a small one.
MOST_NUMBERS = {"forward": 160}
MOST_OTHERWISE = 32


def print_explanation(
    console: Console, estimator: Any, trace: Trace, chosen: Any, row: int, *, every: bool
) -> None:
    """Print one row's way through the model: inputs, forward, and, with a target, backward."""
    width = min(console.width, WIDEST)
    known = "y" in trace
    answer, chances = _answer(estimator, chosen, trace)
    console.print(f"[bold]Row {row}[/]: {answer}", width=width)
    for line in chances:
        console.print(line, width=width)
    _print_inputs(console, estimator, trace, chosen, width)
    stage = "prepare"
    for equation in trace.equations:
        if equation.stage == "prepare":
            continue
        if equation.stage != stage:
            stage = equation.stage
            console.print(f"\n[bold reverse] {STAGES[stage]} [/]", width=width)
        _print_value(console, trace, equation, width, every=every)
    console.print(f"\n[bold]Row {row}[/]: {answer}", width=width)
    if not known:
        name = escape(estimator.target_.name)
        console.print(
            f"The table has no {name} for this row, so there is no loss and no training step.",
            width=width,
        )
    if not every:
        console.print(
            "[dim]Large matrices are summed up here. --all prints every number; --save FILE.csv or "
            "FILE.json writes them all.[/]",
            width=width,
        )


def _answer(estimator: Any, chosen: Any, trace: Trace) -> tuple[str, list[str]]:
    """Return the prediction in a sentence, and a bar for the chance of each class."""
    target = escape(estimator.target_.name)
    predicted = estimator.predict(chosen)[0]
    if not hasattr(estimator, "classes_"):
        text = f"{target} is predicted to be [bold]{number(float(predicted))}[/]"
        if "target" in trace:
            text += f"; it is {number(float(trace['target'].item()))}"
        return text + ".", []
    chances = estimator.predict_proba(chosen)[0]
    text = f"{target} is predicted to be [bold]{escape(str(predicted))}[/]"
    text += f" (chance {percent(chances.max())})"
    if "target" in trace:
        true = estimator.classes_[int(trace["target"].item())]
        text += "; it is." if true == predicted else f"; it is {escape(str(true))}."
    order = np.argsort(-chances, kind="stable")[:8]
    bars = [
        f"  {escape(str(estimator.classes_[k])):<20} {percent(chances[k]):>8}  "
        f"[cyan]{'█' * round(30 * chances[k])}[/]"
        for k in order
    ]
    return text, bars


def _print_inputs(console: Console, estimator: Any, trace: Trace, chosen: Any, width: int) -> None:
    """Print each input of the network beside the table's value and the numbers between."""
    raw = {name: chosen[name][0] for name in chosen.columns}
    # A month comes from the date in its column.
    raw |= {part: raw[r.name] for r in estimator.readings_ for part in r.parts}
    blocks = [
        name for name in ("filled", "scaled", "clipped") if name in trace and name in trace.labels
    ]
    console.print(f"\n[bold reverse] {STAGES['prepare']} [/]", width=width)
    for equation in trace.equations:
        if equation.stage == "prepare":
            text = f"{equation.text}"
            console.print(
                f"[dim]{escape(textwrap.shorten(text, width - 2, placeholder=' …'))}[/]",
                width=width,
            )
    header = f"  {'input':<28}{'in the table':>13}" + "".join(f"{b:>{CELL}}" for b in blocks)
    console.print(f"{header}{'X':>{CELL}}", style="bold", width=width, no_wrap=True)
    numbers = list(trace.labels.get("filled", ()))
    for at, label in enumerate(trace.labels["X"]):
        column = label.removesuffix(" missing").split(" = ")[0]
        given = raw.get(label, raw.get(column))
        between = [
            number(float(trace[b][0, numbers.index(label)])) if label in numbers else ""
            for b in blocks
        ]
        line = (
            f"  {_cut(label, 27):<28}{_cut('missing' if given is None else _plain(given), 12):>13}"
        )
        line += "".join(f"{text:>{CELL}}" for text in between)
        line += f"{number(float(trace['X'][0, at])):>{CELL}}"
        console.print(escape(line), width=width, no_wrap=True)


def _print_value(console: Console, trace: Trace, equation: Any, width: int, *, every: bool) -> None:
    value = trace[equation.name]
    shape = " × ".join(map(str, value.shape)) or "1 number"
    title = f"[bold]{equation.name}[/]  [dim]{shape} · {escape(equation.meaning)}[/]"
    console.print("\n" + title, width=width)
    for line in _wrapped(equation.text, width):
        console.print(escape(line), width=width, style="green")
    row, column = _example(value)
    cell = trace.cell(equation.name, row, column)
    worked = f"{_place(value, row, column)}{cell.substituted}"
    for line in _wrapped(worked, width):
        console.print(escape(line), width=width)
    if value.ndim == 0 or value.size == 1:
        return
    if value.size > MOST_NUMBERS.get(equation.stage, MOST_OTHERWISE) and not every:
        console.print(
            f"  [dim]{value.size:,} numbers, from {number(float(value.min()))} to "
            f"{number(float(value.max()))}; the one worked out is the largest.[/]",
            width=width,
        )
        return
    _print_grid(console, value, _headers(trace, equation.name), width)


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent="  ",
        subsequent_indent="      ",
        break_on_hyphens=False,
        break_long_words=False,
    )


def _headers(trace: Trace, name: str) -> list[str]:
    """Return what stands above the columns: classes for the outputs, else numbers from 1."""
    last = len(trace.network.layers)
    of_outputs = {f"net_input_{last}", "output", "smoothed_y", "error", "slope_output"}
    if name in of_outputs | {"delta_output", f"b{last}_next", f"gradient_b{last}"}:
        labels = trace.labels.get("output", ())
        if len(labels) == trace.network.outputs:
            return [label.split(" = ")[-1] for label in labels]
    if name in ("mean_output", "chances", "sharpened", "probability") and name in trace.labels:
        return [label.split(" = ")[-1] for label in trace.labels[name]]
    return [str(k + 1) for k in range(trace[name].shape[1])]


def _example(value: Any) -> tuple[int, int]:
    """Return the cell to work out: the one that is largest, apart from its sign."""
    if value.ndim == 0:
        return 0, 0
    row, column = np.unravel_index(int(np.argmax(abs(value))), value.shape)
    return int(row), int(column)


def _place(value: Any, row: int, column: int) -> str:
    return f"[{row + 1},{column + 1}] " if value.ndim and value.size > 1 else ""


def _print_grid(console: Console, value: Any, headers: list[str], width: int) -> None:
    """Print a matrix in blocks of columns that fit the width, with headers."""
    across = max(1, (width - 8) // CELL)
    for start in range(0, value.shape[1], across):
        part = value[:, start : start + across]
        header = "".join(
            f" {_cut(h, CELL - 1):>{CELL - 1}}" for h in headers[start : start + across]
        )
        console.print(f"      {escape(header)}", style="dim", width=width, no_wrap=True)
        for at, numbers in enumerate(part):
            cells = "".join(f" {number(float(v)):>{CELL - 1}}" for v in numbers)
            console.print(f"  [dim]{at + 1:>4}[/]{cells}", width=width, no_wrap=True)


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
