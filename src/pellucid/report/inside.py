"""The sections of a report on what is inside: the table, the network, its training, its layers, one prediction."""

from __future__ import annotations

from collections.abc import Mapping
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
    points,
    raw,
    share,
    shown,
    table,
)

# Inputs of the network that are shown for one row, those that are not 0 first.
MOST_INPUTS = 48
# What a formula and its numbers may take.
LONGEST_FORMULA = 240
# Weights and gradients of layers are compared in pictures up to so many layers.
MOST_LAYERS_DRAWN = 6


def the_table(data: Mapping[str, Any]) -> Html:
    """Return what was in the table, and what was done with it."""
    found, rows = data["table"], data["rows"]
    training = data["training"]
    left = (
        f", {found['rows_left_out']:,} of which could not be used" if found["rows_left_out"] else ""
    )
    several = len(training["members"]) > 1
    each = " for each network" if several else ""
    by_one = " by one network or another" if several else ""
    texts = [
        f"It was fitted on {count(found['rows'], 'row')}{left}: {training['training_rows']:,} to learn from"
        f"{each}, {training['validation_rows']:,} held out{by_one}. The columns are described as they are in the "
        f"{count(rows['given'], 'row')} of this report."
    ]
    lines = [
        (
            cut(c["name"]),
            _kind(c),
            f"{c['missing']:,}" if c["missing"] else "–",
            _holds(c),
        )
        for c in found["columns"]
    ]
    body = paragraphs(texts)
    body += long_table(
        ("column", "kind", "missing", "what it holds"), lines, numbers=(2,), kind="columns"
    )
    if found["notes"]:
        body += heading("What was done with it") + bullets(cut(n, 400) for n in found["notes"])
    return body


def _kind(column: Mapping[str, Any]) -> str:
    return f"not used: {cut(column['not_used'], 80)}" if column["not_used"] else str(column["kind"])


def _holds(column: Mapping[str, Any]) -> str:
    holds = column["holds"]
    if "levels" in holds:
        most = ", ".join(
            f"{cut(level['value'], 24)} ({level['rows']:,})" for level in holds["most"]
        )
        more = " …" if holds["levels"] > len(holds["most"]) else ""
        return f"{count(holds['levels'], 'level')}: {most}{more}" if most else "nothing"
    if not holds:
        return "nothing"
    low, middle, high = (raw(holds[name]) for name in ("lowest", "median", "highest"))
    unit = " days" if column["kind"] == "durations" else ""
    return f"{low} to {high}{unit}, middle {middle}"


def the_network(data: Mapping[str, Any]) -> Html:
    """Return the network and how it was trained, in a few lines."""
    found, training = data["network"], data["training"]
    member = training["members"][0]
    last = len(found["activations"]) - 1
    layers = [
        (
            "output" if at == last else f"hidden {at + 1}",
            str(size),
            activation,
            share(dropout) if dropout else "–",
        )
        for at, (size, activation, dropout) in enumerate(
            zip(found["sizes"][1:], found["activations"], found["dropout"], strict=True)
        )
    ]
    kept = f", those of epoch {member['best_epoch']} were kept" if member["best_epoch"] else ""
    several = (
        f"{found['members']} networks of this shape, whose outputs are averaged; each has "
        if (found["members"] > 1)
        else ""
    )
    texts = [
        f"{several}{' → '.join(map(str, found['sizes']))} neurons, {found['parameters']:,} weights and biases. "
        f"It makes the {found['loss'].replace('_', ' ')} small.{_temperature(found['temperature'])}",
        f"Recipe: preset {found['preset']}; steps by {', '.join(found['optimizer'])}. {_given(found['given'])}",
        f"Trained for {count(len(member['loss']), 'epoch')} in {shown(training['seconds'], 2)} seconds{kept}; it "
        f"ended because {training['stopped_because']}.",
    ]
    heads = ("layer", "neurons", "activation", "dropout")
    return paragraphs(texts) + table(heads, layers, numbers=(1, 3), kind="layers")


def _temperature(temperature: float | None) -> str:
    if temperature is None:
        return ""
    if temperature == 1:
        return " Its chances are left as they are: by the held-out rows they are not too modest."
    way = "more modest" if temperature > 1 else "more decided"
    return f" Its chances are made {way} by a temperature of {shown(temperature)}, fitted to held-out rows."


def _given(given: Mapping[str, str]) -> str:
    if not given:
        return "All settings are the preset's."
    return (
        "Given: " + ", ".join(f"{name} = {cut(value, 60)}" for name, value in given.items()) + "."
    )


def learning_curves(data: Mapping[str, Any]) -> Html:
    """Return the learning curves, and what can be read from them."""
    training = data["training"]
    members = training["members"]
    plots = figure(
        figures.loss_curves(members),
        "Loss by epoch. That of training is measured while it learns, with dropout where there is some."
        + (" The thick curves are those of the first network." if len(members) > 1 else ""),
    )
    if members[0]["score"] and members[0]["score"][0] is not None:
        plots += figure(
            figures.score_curves(members, higher=training["higher_is_better"]),
            f"Score of the held-out rows by epoch: {training['metric']}.",
        )
    plots += figure(figures.rate_curve(members[0]["learning_rate"]), "The learning rate by epoch.")
    return paragraphs(training["reading"]) + fill('<div class="plots">{all}</div>\n', all=plots)


def health(data: Mapping[str, Any]) -> Html:
    """Return the numbers of each layer, and what they mean."""
    found = data["health"]
    inputs, layers = found["inputs"], found["layers"]
    heads = ("layer", "neurons", "mean ± spread", "flat", "dead", "weights", "gradients", "deltas")
    lines = [("inputs", "", _mean_and_spread(inputs), "", "", "", "", "")]
    for layer in layers:
        name = "output" if layer["is_output"] else f"hidden {layer['layer']}"
        lines.append(
            (
                name,
                str(layer["neurons"]),
                _mean_and_spread(layer),
                share(layer["flat"]),
                "–" if layer["dead"] is None else str(layer["dead"]),
                shown(layer["weights"]),
                shown(layer["gradients"]),
                shown(layer["deltas"]),
            )
        )
    of_member = "of the first network, " if len(data["training"]["members"]) > 1 else ""
    text = (
        f"The numbers {of_member}with these weights, over {count(found['rows'], 'row')}. Mean and spread are of the "
        "activations. Flat: in so many cases the slope is below 0.01, and hardly any error gets through; dead: "
        "neurons that are flat in every row. Weights, gradients and deltas (errors on their way back) are root mean "
        "squares."
    )
    words = [
        fill(
            '<b class="{kind}">{name}</b> {means} {do}',
            kind="well" if a["well"] else "ill",
            name=f"Hidden layer {a['layer']}",
            means=a["means"],
            do=a["do"],
        )
        for a in found["advice"]
    ]
    hidden = [layer for layer in layers if not layer["is_output"]][:MOST_LAYERS_DRAWN]
    plots = Html()
    if hidden:
        plots = fill(
            '<div class="plots">{all}</div>\n',
            all=figure(
                figures.activation_histograms(hidden),
                "How the outputs of the hidden layers are spread.",
            ),
        )
    return Html(
        bullets(words, "health")
        + paragraphs([text])
        + table(heads, lines, numbers=range(1, 8), kind="layers")
        + plots
    )


def _mean_and_spread(layer: Mapping[str, Any]) -> str:
    return f"{shown(layer['mean'], 3)} ± {shown(layer['spread'], 3)}"


def example(data: Mapping[str, Any]) -> Html:
    """Return one prediction from the raw row to the answer."""
    found = data["example"]
    is_classes = bool(data["classes"])
    body = paragraphs([_said(found, data)])
    if is_classes:
        body += _chances(found["chances"], data["about"]["classes"])
    body += heading("What moved it") + _moved(found, is_classes=is_classes)
    body += heading("What goes into the network") + _inputs(found["inputs"])
    body += heading("The way to the answer") + _way(found["equations"])
    return body


def _said(found: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    name = cut(data["about"]["target"], 60)
    row = f"Row {found['row'] + 1}, which it does middling well on:"
    if data["classes"]:
        true = "it is." if found["true"] == found["predicted"] else f"it is {cut(found['true'])}."
        text = f"{row} {name} is predicted to be {cut(found['predicted'])} (chance {share(found['answer'])}); {true}"
    else:
        text = f"{row} {name} is predicted to be {shown(found['predicted'])}; it is {shown(found['true'])}."
    if len(data["training"]["members"]) > 1:
        text += " The numbers of the way are those of the first network; the answer is that of all together."
    return text


def _chances(chances: list[float], classes: list[Any]) -> Html:
    order = sorted(range(len(chances)), key=lambda at: -chances[at])[:8]
    lines = [(cut(classes[at]), bar(chances[at]), share(chances[at])) for at in order]
    return table(("class", "", "chance"), lines, numbers=(2,), kind="bars")


def _moved(found: Mapping[str, Any], *, is_classes: bool) -> Html:
    most = max([abs(c["moved"]) for c in found["columns"]] + [0.0])
    what = "chance of the predicted class" if is_classes else "prediction"
    as_shown = share if is_classes else shown
    lines = [
        (
            cut(c["name"]),
            raw(c["value"]),
            raw(c["typical"]),
            as_shown(c["without"]),
            bar(abs(c["moved"]) / most if most else 0, "down" if c["moved"] < 0 else "up"),
            points(c["moved"]) if is_classes else _signed(c["moved"]),
        )
        for c in found["columns"]
    ]
    text = (
        f"The {what} is {as_shown(found['answer'])}. With one column at its typical value in these rows (the middle "
        "number, the most frequent category) and the others as they are, it would be as follows."
    )
    heads = (
        "column",
        "here",
        "typical",
        "then",
        "",
        "moved it by, in points" if is_classes else "moved it by",
    )
    return paragraphs([text]) + long_table(heads, lines, numbers=(1, 2, 3, 5), kind="bars moved")


def _signed(moved: float) -> str:
    return f"+{shown(moved)}" if moved > 0 else shown(moved)


def _inputs(inputs: list[Mapping[str, Any]]) -> Html:
    """Return the prepared inputs; of many, those that are 0 are left out."""
    chosen = (
        inputs if len(inputs) <= MOST_INPUTS else [i for i in inputs if i["value"]][:MOST_INPUTS]
    )
    pieces = joined(
        fill("<li>{name} <b>{value}</b></li>\n", name=cut(i["name"]), value=shown(i["value"]))
        for i in chosen
    )
    rest = len(inputs) - len(chosen)
    more = fill("<li>and {rest} more</li>", rest=rest) if rest else Html()
    text = "The columns as they are prepared: filled in, scaled, a 1 for the category that it is."
    return paragraphs([text]) + fill('<ul class="chips">{all}</ul>\n', all=pieces + more)


STEP = """\
<li><p><code>{name}</code> {meaning}</p>
<p class="formula"><code>{formula}</code></p>
<p class="numbers">{numbers}</p>
<p class="formula">number {place}: <code>{worked}</code></p></li>
"""


def _way(equations: list[Mapping[str, Any]]) -> Html:
    def numbers(equation: Mapping[str, Any]) -> str:
        first = "  ".join(shown(v) for v in equation["first"])
        rest = equation["size"] - len(equation["first"])
        if not rest:
            return first
        low, high = shown(equation["lowest"]), shown(equation["highest"])
        return f"{first}  … {rest:,} more, all between {low} and {high}"

    steps = joined(
        fill(
            STEP,
            name=e["name"],
            meaning=e["meaning"],
            formula=cut(e["formula"], LONGEST_FORMULA),
            numbers=numbers(e),
            place=e["place"] + 1,
            worked=cut(e["worked"], LONGEST_FORMULA),
        )
        for e in equations
    )
    text = "For each value its formula, its numbers, and the largest of them worked out."
    return Html(paragraphs([text]) + fill('<ol class="way">{steps}</ol>\n', steps=steps))
