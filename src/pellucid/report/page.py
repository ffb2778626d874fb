"""The page of a report: its sections, one below the other, with a list of them at the top."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

from pellucid import web
from pellucid.report import answers, inside, mistakes
from pellucid.report.markup import Html, cut, fill, joined

# The page runs nothing and fetches nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"

PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>Pellucid · report on {target}</title>
<style>
:root {{
{palette}
}}
{style}</style>
</head>
<body>
<header>
<p class="brand">Pellucid <span>report</span></p>
<h1>{target}</h1>
<p class="about">{about}</p>
</header>
<nav aria-label="Sections"><ul>
{contents}</ul></nav>
<main>
{sections}</main>
<footer><p>Written by Pellucid {version}. One file; it runs nothing and fetches nothing.</p></footer>
</body>
</html>
"""

SECTION = """\
<section id="{name}" aria-labelledby="{name}-title">
<h2 id="{name}-title">{title}</h2>
{body}</section>
"""

Writer = Callable[[Mapping[str, Any]], Html]

# In the order of the page; one that has nothing to say for a task is left out.
SECTIONS: dict[str, tuple[str, Writer]] = {
    "short": ("In short", answers.in_short),
    "table": ("What was in the table", inside.the_table),
    "network": ("The network", inside.the_network),
    "training": ("How it learnt", inside.learning_curves),
    "scores": ("How good it is", answers.scores),
    "mistakes": ("Where it is wrong", mistakes.mistakes),
    "calibration": ("Whether its chances can be trusted", mistakes.calibration),
    "importance": ("Which columns matter", answers.importance),
    "health": ("Health of the layers", inside.health),
    "example": ("One prediction in numbers", inside.example),
    "undone": ("What was left undone", answers.left_undone),
}


def to_html(data: Mapping[str, Any]) -> Html:
    """Return the data of a report as the text of a page.

    Raises `MissingLibraryError` if Matplotlib is not installed.
    """
    about = data["about"]
    bodies = {name: write(data) for name, (_, write) in SECTIONS.items()}
    written = {name: (SECTIONS[name][0], body) for name, body in bodies.items() if body}
    return fill(
        PAGE,
        policy=Html(POLICY),
        target=cut(about["target"], 120),
        about=answers.about(data),
        palette=Html(palette()),
        style=Html(files(__package__).joinpath("report.css").read_text("utf-8")),
        contents=joined(
            fill('<li><a href="#{name}">{title}</a></li>\n', name=name, title=title)
            for name, (title, _) in written.items()
        ),
        sections=joined(
            fill(SECTION, name=name, title=title, body=body)
            for name, (title, body) in written.items()
        ),
        version=about["pellucid"],
    )


def palette() -> str:
    """Return the colours and letters of the live component, as declarations: they begin its style sheet."""
    first_rule = web.style().split("}", 1)[0]
    return "\n".join(re.findall(r"--[\w-]+:[^;]*;", first_rule))
