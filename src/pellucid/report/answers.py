"""The sections of a report on what the estimator answers: in short, its scores, the columns, what is undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pellucid.report.markup import (
    Html,
    bar,
    bullets,
    count,
    cut,
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
from pellucid.report.undone import undone

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
# Scores that are at most 1, without a unit.
OF_ONE = ("ROC AUC", "R²")


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
    if score["name"] in SHARES:
        return share(score[which])
    return (
        f"{score[which]:.3f}".replace("-", "−") if score["name"] in OF_ONE else shown(score[which])
    )


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
            points(-c["score"]["mean"])
            if data["classes"]
            else f"{-c['score']['mean']:+.3f}".replace("-", "−"),
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
