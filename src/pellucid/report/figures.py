"""Plots as inline SVG, drawn by Matplotlib (the extra ``report``).

No text of a table gets into a picture: names stand beside it, in HTML, where they can be of any length and
alphabet. Colours are those of the page, and follow it into the dark; letters stay letters.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pellucid.errors import optional_library
from pellucid.report.markup import Html

# What is drawn with these turns into the page's own colours.
INK, SOFT, LINE = "#1b1f27", "#5d6472", "#dfddd6"
BLUE, ORANGE, GOLD = "#2257bf", "#cf6a12", "#c89b00"
_VARIABLES = {
    INK: "--ink",
    SOFT: "--soft",
    LINE: "--line",
    BLUE: "--blue",
    ORANGE: "--read-line",
    GOLD: "--new-line",
}
_STYLE = {
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "text.color": INK,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": SOFT,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "axes.grid": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "axes.formatter.use_mathtext": False,
    "axes.unicode_minus": True,
}
# As wide as a figure stands on a phone, in inches of 72 points; on a wide page two of them stand side by side.
SIZE = (3.8, 2.6)
HISTOGRAM_BINS = 30
# Areas of dots that stand for several rows, in square points.
SMALLEST_DOT, LARGEST_DOT = 8, 70


def check_matplotlib() -> None:
    """Raise `MissingLibraryError` unless Matplotlib is installed."""
    optional_library("matplotlib.figure", "report")


def loss_curves(members: Sequence[Mapping[str, Any]]) -> Html:
    """Return training and held-out loss by epoch; of the first member in full, of others thinly."""

    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        for at, member in enumerate(members):
            look = {"linewidth": 1.6 if not at else 0.6, "alpha": 1.0 if not at else 0.45}
            epochs = range(1, len(member["loss"]) + 1)
            marker = "o" if len(member["loss"]) == 1 else ""
            axes.plot(
                epochs,
                member["loss"],
                color=BLUE,
                marker=marker,
                label=_first(at, "training"),
                **look,
            )
            held = member["validation_loss"]
            if held and held[0] is not None:
                axes.plot(
                    epochs, held, color=ORANGE, marker=marker, label=_first(at, "held out"), **look
                )
        _mark_best(axes, members[0]["best_epoch"])
        axes.set(xlabel="epoch", ylabel="loss")
        losses = [v for m in members for v in m["loss"] if v is not None]
        if min(losses) > 0 and max(losses) > 30 * min(losses):
            axes.set_yscale("log")
        _epochs_only(axes)
        _legend_above(figure)

    return _svg(draw, "loss")


def score_curves(members: Sequence[Mapping[str, Any]], *, higher: bool) -> Html:
    """Return the score of the held-out rows by epoch; one that is better lower was kept with its sign turned."""

    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        for at, member in enumerate(members):
            scores = member["score"]
            axes.plot(
                range(1, len(scores) + 1),
                [float("nan") if v is None else v if higher else -v for v in scores],
                color=ORANGE,
                marker="o" if len(scores) == 1 else "",
                linewidth=1.6 if not at else 0.6,
                alpha=1.0 if not at else 0.45,
                label=_first(at, "held out"),
            )
        _mark_best(axes, members[0]["best_epoch"])
        axes.set(xlabel="epoch", ylabel="score")
        _epochs_only(axes)
        _legend_above(figure)

    return _svg(draw, "score")


def rate_curve(rates: Sequence[float]) -> Html:
    """Return the learning rate by epoch."""

    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        axes.plot(
            range(1, len(rates) + 1),
            rates,
            color=BLUE,
            linewidth=1.6,
            marker="o" if len(rates) == 1 else "",
        )
        axes.set(xlabel="epoch", ylabel="learning rate")
        axes.set_ylim(bottom=0)
        _epochs_only(axes)

    return _svg(draw, "rate")


def reliability(bins: Sequence[Mapping[str, float]]) -> Html:
    """Return how often chances came true, above the rows of each bin."""

    def draw(figure: Any) -> None:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        upper.plot(
            [0, 1],
            [0, 1],
            color=SOFT,
            linewidth=0.9,
            linestyle=(0, (4, 3)),
            label="as it should be",
        )
        chances, shares = [b["chance"] for b in bins], [b["share"] for b in bins]
        most = max(b["rows"] for b in bins)
        upper.plot(chances, shares, color=BLUE, linewidth=1, alpha=0.5)
        areas = [SMALLEST_DOT + (LARGEST_DOT - SMALLEST_DOT) * b["rows"] / most for b in bins]
        upper.scatter(chances, shares, areas, color=BLUE, linewidth=0, zorder=3, label="as it was")
        upper.set(ylabel="share that came true", xlim=(-0.02, 1.02), ylim=(-0.04, 1.04))
        _legend_above(figure)
        lower.bar(
            [b["from"] for b in bins],
            [b["rows"] for b in bins],
            [b["to"] - b["from"] for b in bins],
            align="edge",
            color=BLUE,
            alpha=0.55,
            edgecolor="none",
        )
        lower.set(xlabel="chance given", ylabel="rows")

    return _svg(draw, "reliability", (SIZE[0], 3.1))


def predicted_against_true(true: Sequence[float], predicted: Sequence[float]) -> Html:
    """Return a dot for each row, and the line on which predictions are right."""

    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        ends = [min(*true, *predicted), max(*true, *predicted)]
        axes.plot(ends, ends, color=SOFT, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.plot(
            predicted,
            true,
            linestyle="none",
            marker="o",
            markersize=3.2,
            color=BLUE,
            alpha=0.5,
            markeredgewidth=0,
        )
        axes.set(xlabel="predicted", ylabel="true")

    return _svg(draw, "predicted", (SIZE[0], 3.1))


def residual_histogram(left: Sequence[float]) -> Html:
    """Return how many rows are off by how much."""

    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        axes.hist(left, bins=min(HISTOGRAM_BINS, max(5, len(left) // 5)), color=BLUE, alpha=0.55)
        axes.axvline(0, color=SOFT, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.set(xlabel="true − predicted", ylabel="rows")
        axes.locator_params(axis="x", nbins=4)  # labels of large numbers are wide

    return _svg(draw, "residuals", (SIZE[0], 3.1))


def activation_histograms(layers: Sequence[Mapping[str, Any]]) -> Html:
    """Return how the outputs of each hidden layer are spread, one small plot each."""

    def draw(figure: Any) -> None:
        plots = figure.subplots(1, len(layers), squeeze=False)[0]
        for axes, layer in zip(plots, layers, strict=True):
            edges, shares = layer["edges"], layer["shares"]
            axes.stairs(shares, edges, fill=True, color=BLUE, alpha=0.55)
            axes.set_title(f"layer {layer['layer']}", color=SOFT, fontsize=9)
            axes.set_yticks([])
            axes.grid(visible=False)
            axes.spines["left"].set_visible(False)
            axes.locator_params(axis="x", nbins=4)

    return _svg(draw, "activations", (SIZE[0], 1.5))


def _first(at: int, label: str) -> str:
    """Return a label for the first of several curves; the others get none."""
    return label if not at else f"_{label} {at}"


def _legend_above(figure: Any) -> None:
    figure.legend(
        loc="outside upper left",
        ncols=3,
        borderaxespad=0.2,
        handlelength=1.2,
        handletextpad=0.5,
        columnspacing=1.2,
    )


def _mark_best(axes: Any, best: int | None) -> None:
    if best is not None:
        axes.axvline(
            best, color=GOLD, linewidth=1.4, linestyle=(0, (2, 2)), label=f"kept: epoch {best}"
        )


def _epochs_only(axes: Any) -> None:
    locator = optional_library("matplotlib.ticker", "report").MaxNLocator
    axes.xaxis.set_major_locator(locator(nbins=6, integer=True, min_n_ticks=1))


def _svg(draw: Callable[[Any], None], name: str, size: tuple[float, float] = SIZE) -> Html:
    """Return what `draw` puts into a figure; its name keeps its parts apart from those of others on a page."""
    style = optional_library("matplotlib.style", "report")
    Figure = optional_library("matplotlib.figure", "report").Figure
    Canvas = optional_library("matplotlib.backends.backend_svg", "report").FigureCanvasSVG
    # The person's own settings of Matplotlib are left alone, and do not reach the report.
    with style.context(["default", {**_STYLE, "svg.hashsalt": name}]):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        written = io.BytesIO()
        Canvas(figure).print_svg(written)
    return _inline(written.getvalue().decode())


def _inline(text: str) -> Html:
    """Return Matplotlib's document as an element for a page, with the page's letters and colours."""
    text = text[text.index("<svg") :]
    for surplus in (
        r"<metadata>.*?</metadata>",
        r"<defs>\s*<style.*?</style>\s*</defs>",
        r"<!--.*?-->",
        r'(?<=<g) id="[^"]*"',
        r"(?<=<svg)[^>]*?(?= viewBox)",
        r' xmlns="[^"]*"',
        r"font-family: [^;\"]*;? ?",
    ):
        text = re.sub(surplus, "", text, flags=re.DOTALL)
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, f"var({variable})")
    text = text.replace("xlink:href", "href")
    text = re.sub(r"\s*\n\s*", " ", text)
    return Html(text.replace("<svg", '<svg aria-hidden="true"', 1))
