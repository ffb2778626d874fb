"""A network's architecture as a picture in text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pellucid.network import Network
from pellucid.views.plain_letters import plain_letters

# So many neurons of a layer are drawn; of a larger one the first few and the last.
MOST_NEURONS = 6
GAP = "⋮"


@dataclass(frozen=True)
class _Column:
    """One layer of the picture: its heading, and its neurons by line of the picture."""

    heading: tuple[str, str]
    neurons: dict[int, str]  # line -> text; "⋮" for what is left out
    width: int


def diagram(
    network: Network,
    *,
    neurons: Sequence[Sequence[str]] | None = None,
    width: int = 80,
    ascii_only: bool = False,
) -> tuple[str, ...]:
    """Return the picture of a network, inputs on the left, outputs on the right.

    The bar between two layers joins every neuron on its left with every one on its right.

    Parameters
    ----------
    network
        The network.
    neurons
        A text for each neuron of each layer, the inputs first: such as its number for one row.
        Without, inputs are x1, x2 …, hidden neurons h1 …, outputs o1 … .
    width
        No line is longer.
    ascii_only
        Whether to keep to ASCII.
    """
    texts = _default_texts(network) if neurons is None else neurons
    columns = _columns(network, texts, fits=True)
    if _total(columns, 6) > width:
        columns = _columns(network, [["●"] * size for size in network.sizes], fits=False)
    gap = max(4, min(13, (width - 2 - sum(c.width for c in columns)) // max(1, len(columns) - 1)))
    lines = _drawn(columns, gap)
    if max(map(len, lines)) > width:
        lines = _drawn(_without_middle(columns, width, gap), gap)
    lines = tuple(line.rstrip() for line in lines)
    return tuple(map(plain_letters, lines)) if ascii_only else lines


def layer_table(network: Network) -> tuple[str, ...]:
    """Return a line for each layer: its neurons, its activation, and the numbers that it learns."""
    rows = [["", "neurons", "activation", "weights", "biases"]]
    if network.input_scale:
        scale = f"input_scale  1 × {network.inputs}"
        rows.append(["scaled inputs", str(network.inputs), "", scale, ""])
    for at, layer in enumerate(network.layers, 1):
        last = at == len(network.layers)
        name = "output" if last else "hidden layer" + (f" {at}" if len(network.layers) > 2 else "")
        dropout = f", dropout {layer.dropout:g}" if layer.dropout else ""
        rows.append(
            [
                name,
                str(layer.size),
                layer.activation.label + dropout,
                f"W{at}  {network.sizes[at - 1]} × {layer.size}",
                f"b{at}  1 × {layer.size}",
            ]
        )
        if network.is_parametric(at):
            rows[0][5:] = ["of activations"]
            rows[-1].append(f"activation_weight_{at}  1 × {layer.size}")
    rows = [[*row, ""][: len(rows[0])] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return tuple(
        "  ".join(text.ljust(w) for text, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _default_texts(network: Network) -> list[list[str]]:
    last = len(network.layers)
    letters = ["x", *("h" for _ in range(last - 1)), "o"]
    return [
        [f"{letter}{k + 1}" for k in range(size)]
        for letter, size in zip(letters, network.sizes, strict=True)
    ]


def _columns(network: Network, texts: Sequence[Sequence[str]], *, fits: bool) -> list[_Column]:
    drawn = [_shown(list(t)) for t in texts]
    tallest = max(map(len, drawn))
    last = len(network.layers)
    columns = []
    for at, shown in enumerate(drawn):
        size = network.sizes[at]
        heading = (
            "inputs" if at == 0 else "output" if at == last else "hidden" + f" {at}" * (last > 2),
            str(size),
        )
        if not fits:
            heading = ("in" if at == 0 else "out" if at == last else f"h{at}", str(size))
        wide = max(len(t) for t in shown)
        cells = [GAP.center(wide + 2) if t == GAP else f"({t.center(wide)})" for t in shown]
        cells = cells if fits else [GAP if t == GAP else t for t in shown]
        # Neurons stand two lines apart, in the middle of the tallest layer.
        top = tallest - len(cells)
        lines = {top + 2 * k: text for k, text in enumerate(cells)}
        columns.append(_Column(heading, lines, max(*map(len, (*cells, *heading)), 3)))
    return columns


def shown_neurons(size: int, most: int = MOST_NEURONS) -> list[int | None]:
    """Return the neurons of a layer that are drawn, counted from 0; None for those left out.

    >>> shown_neurons(3), shown_neurons(9)
    ([0, 1, 2], [0, 1, 2, 3, None, 8])
    """
    if size <= most:
        return list(range(size))
    return [*range(most - 2), None, size - 1]


def _shown(texts: list[str]) -> list[str]:
    return [GAP if at is None else texts[at] for at in shown_neurons(len(texts))]


def _total(columns: list[_Column], gap: int) -> int:
    return 2 + sum(c.width for c in columns) + gap * (len(columns) - 1)


def _drawn(columns: list[_Column], gap: int) -> tuple[str, ...]:
    height = 1 + max(line for column in columns for line in column.neurons)
    heads = ["  ", "  "]
    body = ["  "] * height
    for at, column in enumerate(columns):
        for k in (0, 1):
            heads[k] += column.heading[k].center(column.width)
            heads[k] += " " * gap if at < len(columns) - 1 else ""
        following = columns[at + 1] if at < len(columns) - 1 else None
        for line in range(height):
            text = column.neurons.get(line, "")
            body[line] += _padded(text, column.width, following is not None, at > 0)
            if following is not None:
                body[line] += _bar(column, following, line, gap)
    return (*heads, "", *body)


def _padded(text: str, width: int, right: bool, left: bool) -> str:
    """Centre a neuron in its column, and lead the lines on both sides up to it."""
    if not text or text.strip() in (GAP, "…"):
        return text.center(width)
    before = (width - len(text)) // 2
    after = width - len(text) - before
    arrow = ("─" * (before - 1) + "▶" if before else "") if left else " " * before
    return arrow + text + ("─" if right else " ") * after


def _bar(column: _Column, following: _Column, line: int, gap: int) -> str:
    """Return the part of the bar between two layers that lies on one line."""
    left = [k for k, t in column.neurons.items() if t.strip() != GAP]
    right = [k for k, t in following.neurons.items() if t.strip() != GAP]
    if _is_dots(column) or _is_dots(following):
        return " " * gap
    low, high = min(left + right), max(left + right)
    middle = gap // 2
    if not low <= line <= high:
        return " " * gap
    up, down, comes, goes = line > low, line < high, line in left, line in right
    sign = {
        (True, True, True, True): "┼",
        (True, True, True, False): "┤",
        (True, True, False, True): "├",
        (True, True, False, False): "│",
        (True, False, True, True): "┴",
        (True, False, True, False): "┘",
        (True, False, False, True): "└",
        (False, True, True, True): "┬",
        (False, True, True, False): "┐",
        (False, True, False, True): "┌",
    }.get((up, down, comes, goes), "─")
    after = gap - middle - 1
    return (
        ("─" if comes else " ") * middle
        + sign
        + (_leads(following, line, after) if goes else " " * after)
    )


def _leads(following: _Column, line: int, length: int) -> str:
    text = following.neurons[line]
    before = (following.width - len(text)) // 2
    return "─" * length if before else "─" * (length - 1) + "▶"


def _is_dots(column: _Column) -> bool:
    return column.heading[0] == "…"


def _without_middle(columns: list[_Column], width: int, gap: int) -> list[_Column]:
    """Leave out layers in the middle until the picture fits."""
    middle = 1 + max(line for column in columns for line in column.neurons) // 2
    dots = _Column(("…", ""), {middle - middle % 2: "…"}, 3)
    kept = len(columns)
    while kept > 3:
        kept -= 1
        before = kept - kept // 2
        few = [*columns[:before], dots, *columns[len(columns) - kept // 2 :]]
        if _total(few, gap) <= width:
            return few
    return columns
