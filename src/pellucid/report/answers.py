"""The sections of a report on what the estimator answers: scores, mistakes, chances, columns, what is undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pellucid.report import figures
from pellucid.report.markup import (
    Html,
    bar,
    bullets,
    count,
    cut,
    figure,
    fill,
    heading,
    joined,
    long_table,
    paragraphs,
    plus_minus,
    points,
    share,
    shown,
    table,
)
from pellucid.report.measures import BINS
from pellucid.report.undone import FEW, undone

# More classes than this, or longer names, are shown by their numbers where there is little room.
MOST_NAMED_CLASSES, LONGEST_NAME, SHORT_NAME = 8, 14, 3

# What each score is, for a reader who meets it for the first time.
MEANING = {
    "accuracy": "Share of the rows that are answered right.",
    "balanced accuracy": "The share found of each class, averaged over the classes: rare ones count as much.",
    "ROC AUC": "How often a row of the second class gets a higher chance of it than a row of the first.",
    "log loss": "How surprised it is by the truth, on average; confident mistakes cost most. 0 is perfect.",
    "Brier score": "Mean squared distance between its chances and what happened. 0 is perfect.",
    "R²": "Share of the target's variance that it accounts for. 1 is perfect.",
    "root mean squared error": "A usual error, in the target's units; large ones count more.",
    "mean absolute error": "The average distance from the truth, in the target's units.",
}
SHARES = ("accuracy", "balanced accuracy")


def about(data: Mapping[str, Any]) -> str:
    """Return what the report is about, in a line."""
    found, rows = data["about"], data["rows"]
    task = "regression"
    if found["classes"]:
        task = f"classification into {len(found['classes'])} classes"
    return f"{task} · {found['estimator']} · judged on {count(rows['judged'], 'row')}"


def which_rows(data: Mapping[str, Any]) -> str:
    """Return on which rows the numbers are, and what that is worth."""
    rows, fitted = data["rows"], data["table"]["rows"]
    judged = count(rows["judged"], "row")
    if rows["unseen"]:
        how = (
            ""
            if data["network"]["members"] == 1
            else ", each answered by the networks that had not seen it"
        )
        return (
            f"All scores are on the {judged} that were held out of training{how}. They also chose the epoch that "
            "was kept, so the scores are a little too good."
        )
    warning = "If these are rows that it was trained on, the scores are too good."
    if rows["as_many_as_fitted"]:
        warning = (
            f"It was fitted on a table of just as many rows ({fitted:,}). If that is the same table, most of these "
            "rows it has learnt from, and the scores are too good: give rows that it has not seen."
        )
    return f"All scores are on the {judged} that were given. {warning}"


def in_short(data: Mapping[str, Any]) -> Html:
    """Return the few numbers and sentences that matter most."""
    first = data["scores"][0]
    value, trivial = _shown(first, "value"), _shown(first, "trivial")
    tiles = [
        (first["name"], value, f"the trivial guess: {trivial}"),
        ("rows judged", f"{data['rows']['judged']:,}", _tile_rows(data)),
        (
            "columns used",
            str(len(data["importance"]["columns"])),
            f"of {len(data['table']['columns'])}",
        ),
        (
            "weights and biases",
            f"{data['network']['parameters']:,}",
            " → ".join(map(str, data["network"]["sizes"])),
        ),
    ]
    body = joined(
        fill(
            "<div><dt>{name}</dt><dd>{value}<small>{more}</small></dd></div>\n",
            name=name,
            value=value,
            more=more,
        )
        for name, value, more in tiles
    )
    notice = fill('<p class="notice">{text}</p>\n', text=which_rows(data))
    return fill('<dl class="tiles">{body}</dl>\n', body=body) + notice + bullets(_verdicts(data))


def _tile_rows(data: Mapping[str, Any]) -> str:
    if data["rows"]["unseen"]:
        return "held out of training"
    return f"of {count(data['rows']['given'], 'row')} given"


def _verdicts(data: Mapping[str, Any]) -> list[str]:
    """Return the main findings in sentences."""
    found = [_against_trivial(data)]
    columns = [
        c for c in data["importance"]["columns"] if c["loss"]["mean"] > 2 * c["loss"]["spread"]
    ]
    if columns:
        names = ", ".join(cut(c["name"], 40) for c in columns[:3])
        verb = "matters" if len(columns) == 1 else "matter"
        found.append(f"Of the columns {names} {verb} most.")
    else:
        found.append("No column by itself matters measurably on these rows.")
    ill = [a for a in data["health"]["advice"] if not a["well"]]
    found += [f"Hidden layer {a['layer']}: {a['means']} {a['do']}" for a in ill]
    if not ill and data["health"]["advice"]:
        found.append("Nothing is wrong with the layers.")
    return found


def _against_trivial(data: Mapping[str, Any]) -> str:
    first, guess = data["scores"][0], data["trivial_guess"]
    value, trivial = _shown(first, "value"), _shown(first, "trivial")
    if data["classes"]:
        always = f"Always saying {cut(guess, 40)} would get {trivial}."
        right = f"{value} of the rows are answered right. {always}"
        within = data["accuracy_interval"]
        seen = data["rows"]["as_many_as_fitted"] and not data["rows"]["unseen"]
        if within is not None and not seen:
            right += f" On other rows of this kind expect between {share(within[0])} and {share(within[1])}."
        verdict = first["value"] > first["trivial"]
    else:
        errors = data["residuals"]
        right = (
            f"Half of the predictions are within {shown(errors['half_within'])} of the truth, nine tenths within "
            f"{shown(errors['nine_tenths_within'])}. Always saying the mean, {shown(guess)}, has "
            f"{first['name']} {trivial}, and the network {value}."
        )
        better = first["value"] - first["trivial"]
        verdict = (better if first["more_is_better"] else -better) > 0
    return right if verdict else f"{right} So it is no better than the trivial guess."


def _shown(score: Mapping[str, Any], which: str) -> str:
    return share(score[which]) if score["name"] in SHARES else shown(score[which])


def scores(data: Mapping[str, Any]) -> Html:
    """Return each score beside that of the trivial guess, and those of each class."""
    guess = data["trivial_guess"]
    if data["classes"]:
        trivial = f"always {cut(guess, 40)}, with the classes' shares in these rows as its chances"
    else:
        trivial = f"always {shown(guess)}, the mean of these rows"
    lines = [
        (
            s["name"],
            fill("<b>{value}</b>", value=_shown(s, "value")),
            _shown(s, "trivial"),
            MEANING[s["name"]],
        )
        for s in data["scores"]
    ]
    body = paragraphs([f"The trivial guess is {trivial}: what nobody needs a network for."])
    body += table(
        ("score", "network", "trivial guess", "what it is"), lines, numbers=(1, 2), kind="scores"
    )
    return body + _by_class(data["classes"])


def _by_class(classes: Sequence[Mapping[str, Any]]) -> Html:
    if not classes:
        return Html()
    lines = [
        (
            cut(c["name"]),
            f"{c['rows']:,.6g}",
            share(c["precision"]),
            share(c["recall"]),
            shown(c["f1"]),
        )
        for c in classes
    ]
    heads = ("class", "rows", "precision", "recall", "F1")
    text = (
        "Precision: of the rows that it calls so, the share that are. Recall: of the rows that are so, the share "
        "that it finds. F1 is the harmonic mean of the two."
    )
    title = heading("Class by class")
    return Html(title + paragraphs([text]) + long_table(heads, lines, numbers=(1, 2, 3, 4)))


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


def importance(data: Mapping[str, Any]) -> Html:
    """Return what each column is worth: how much worse answers get when it is shuffled."""
    found = data["importance"]
    most = max([c["loss"]["mean"] for c in found["columns"]] + [0.0])
    times = count(found["repeats"], "time")
    text = (
        f"Each column was shuffled between {count(found['rows'], 'row')}, {times}, with everything else left as it "
        f"is. What gets worse then, the network had from that column. Of columns that say the same, each alone looks "
        f"unimportant. The bar is the rise of the {found['loss']}."
    )
    lines = [
        (
            cut(c["name"]),
            bar(c["loss"]["mean"] / most if most > 0 else 0),
            plus_minus(c["loss"]["mean"], c["loss"]["spread"]),
            points(-c["score"]["mean"]) if data["classes"] else shown(-c["score"]["mean"], 3),
        )
        for c in found["columns"]
    ]
    heads = (
        "column",
        "",
        f"rise of {found['loss']}",
        f"change of {found['score']}" + (", in points" if data["classes"] else ""),
    )
    unused = [cut(c["name"], 40) for c in data["table"]["columns"] if c["not_used"]]
    texts = [f"Not used by the network: {', '.join(unused)}."] if unused else []
    return Html(
        paragraphs([text])
        + long_table(heads, lines, numbers=(2, 3), kind="bars")
        + paragraphs(texts)
    )


def left_undone(data: Mapping[str, Any]) -> Html:
    """Return what was left out, cut short or not tried."""
    return bullets(undone(data))
