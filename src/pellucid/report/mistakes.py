"""The sections of a report on where the estimator is wrong, and whether its chances can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pellucid.report import figures
from pellucid.report.markup import (
    Html,
    cut,
    figure,
    fill,
    heading,
    joined,
    paragraphs,
    share,
    shown,
    table,
)
from pellucid.report.measures import BINS
from pellucid.report.undone import FEW

# More classes than this, or longer names, are shown by their numbers where there is little room.
MOST_NAMED_CLASSES, LONGEST_NAME, SHORT_NAME = 8, 14, 3


def mistakes(data: Mapping[str, Any]) -> Html:
    """Return the confusion matrix or the residuals, and the rows that are missed most."""
    body = _confusion(data) if data["classes"] else _residuals(data["residuals"])
    return body + _missed(data)


def _confusion(data: Mapping[str, Any]) -> Html:
    names = [cut(c["name"], 30) for c in data["classes"]]
    counts = data["confusion"]
    longest = max(map(len, names))
    many = len(names) > MOST_NAMED_CLASSES
    by_number = longest > (SHORT_NAME if many else LONGEST_NAME)
    heads = [fill("{at}", at=at + 1) if by_number else name for at, name in enumerate(names)]

    def cell(row: int, column: int) -> Html:
        value, of = counts[row][column], sum(counts[row])
        kind = ("right" if row == column else "wrong") if value else "none"
        text = f"{value:,.6g}" if value else "·"
        return fill(
            '<td class="{kind}" style="--part:{part}" title="{title}">{text}</td>',
            kind=kind,
            part=f"{value / of:.3f}" if of else "0",
            title=f"{names[row]}, predicted {names[column]}: {value:,.6g} of {of:,.6g}",
            text=text,
        )

    head = joined(fill("<th scope=col>{name}</th>", name=name) for name in heads)
    lines = joined(
        fill(
            "<tr><th scope=row>{name}</th>{cells}</tr>\n",
            name=f"{row + 1}: {name}" if by_number else name,
            cells=joined(cell(row, column) for column in range(len(names))),
        )
        for row, name in enumerate(names)
    )
    return fill(
        "<p>Each line is a true class, each column what was predicted; right answers are on the diagonal. The "
        'colour is the share of the line.</p>\n<div class="wide"><table class="confusion{small}"><thead><tr>'
        "<th>true ↓ predicted →</th>{head}</tr></thead>\n<tbody>{lines}</tbody></table></div>\n",
        small=" many" if many else "",
        head=head,
        lines=lines,
    )


def _residuals(found: Mapping[str, Any]) -> Html:
    plots = figure(
        figures.predicted_against_true(found["true"], found["predicted"]),
        "Each dot is a row; on the dashed line the prediction is right.",
    )
    left = [t - p for t, p in zip(found["true"], found["predicted"], strict=True)]
    plots += figure(
        figures.residual_histogram(left), "How far off: to the right predictions are too low."
    )
    way = "too low" if found["mean"] > 0 else "too high"
    texts = [
        f"Half of the rows are off by at most {shown(found['half_within'])}, nine tenths by at most "
        f"{shown(found['nine_tenths_within'])}. On average predictions are {shown(abs(found['mean']))} {way}."
    ]
    return paragraphs(texts) + fill('<div class="plots">{plots}</div>\n', plots=plots)


def _missed(data: Mapping[str, Any]) -> Html:
    missed = data["missed"]
    if not missed:
        return paragraphs(["Every one of these rows is answered right."])
    if data["classes"]:
        heads: tuple[str, ...] = (
            "row",
            "true",
            "chance it gave to that",
            "predicted",
            "chance of that",
        )
        lines: list[tuple[Any, ...]] = [
            (
                m["row"] + 1,
                cut(m["true"]),
                share(m["chance_of_true"]),
                cut(m["predicted"]),
                share(m["chance_of_predicted"]),
            )
            for m in missed
        ]
        numbers = [2, 4]
    else:
        heads = ("row", "true", "predicted", "true − predicted")
        lines = [
            (
                m["row"] + 1,
                shown(m["true"]),
                shown(m["predicted"]),
                shown(m["true"] - m["predicted"]),
            )
            for m in missed
        ]
        numbers = [1, 2, 3]
    text = (
        "Worth a look by hand: is the target right in them, is something unusual, is a column missing that would "
        "tell? Rows count from 1, without the header."
    )
    title = heading("The rows that it misses most")
    return title + paragraphs([text]) + table(heads, lines, numbers=numbers)


def calibration(data: Mapping[str, Any]) -> Html:
    """Return how often its chances come true; nothing for numbers."""
    found = data["calibration"]
    if found is None:
        return Html()
    of = (
        "the class that it predicts"
        if found["of"] is None
        else f"{cut(found['of'], 40)}, the second class"
    )
    error = found["expected_error"]
    texts = [
        f"When it says 80 %, does it happen in 80 % of cases? Rows are put together by the chance that it gives to "
        f"{of}; a dot above the dashed line was too modest, one below too sure.",
        f"Expected calibration error: {share(error)} – so far a chance is from what happens, on average. "
        + _trust(found, data["rows"]["judged"]),
    ]
    bins = found["bins"]
    lines = [
        (
            f"{100 * b['from']:.0f} – {100 * b['to']:.0f} %",
            f"{b['rows']:,.6g}",
            share(b["chance"]),
            share(b["share"]),
        )
        for b in bins
    ]
    heads = ("chances", "rows", "mean chance", "came true")
    plots = figure(
        figures.reliability(bins),
        "Reliability: chance given, and how often it came true. Larger dots are more rows.",
    )
    beside = fill('<div class="beside">{table}</div>', table=table(heads, lines, numbers=(1, 2, 3)))
    return Html(paragraphs(texts) + fill('<div class="plots">{all}</div>\n', all=plots + beside))


def _trust(found: Mapping[str, Any], rows: int) -> str:
    """Return whether chances can be relied on, and else what to do."""
    # Shares of few rows miss even perfect chances: by about 0.4 / √rows in each bin.
    by_luck = 0.4 * (BINS / rows) ** 0.5
    if rows < FEW:
        return f"With fewer than {FEW} rows that is mostly luck."
    if found["expected_error"] <= max(0.03, by_luck):
        return "The chances can be taken as they are."
    way, bias = "", found["bias"]
    if found["of"] is None and abs(bias) > found["expected_error"] / 2:
        way = f"They are too {'modest' if bias > 0 else 'sure'} by {100 * abs(bias):.1f} points. "
    return f"{way}Where chances matter, fit with metric='log_loss'."
