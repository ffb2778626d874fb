"""A trace as a live page: one HTML file, which needs no server and no network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pellucid import web
from pellucid.exporters.page_description import describe_trace
from pellucid.exporters.traced import Traced
from pellucid.writing import replace_file

# The page may run what is in it, and fetch nothing.
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"

PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>
html {{ color-scheme: light dark; }}
body {{ margin: 0; }}
@page {{ size: A4 landscape; margin: 10mm; }}
{style}</style>
<div id="page"><noscript>This page computes every number itself, and needs JavaScript for it.</noscript></div>
<script>
{script}</script>
<script>
// The step: every equation, printed from the one place where it is written.
const step = {program};
</script>
<script type="application/json" id="description">{description}</script>
<script>
const description = JSON.parse(document.getElementById("description").textContent);
window.pellucid = Pellucid.mount(document.getElementById("page"), description, step);
</script>
</html>
"""


def write_page(trace: Traced, path: str | Path) -> Path:
    """Write a trace as a live page, and return its path.

    Raises
    ------
    InputError
        If the trace is too large for a page.
    OutputError
        If the file cannot be written.
    """
    replace_file(path, to_html(trace).encode())
    return Path(path)


def to_html(trace: Traced) -> str:
    """Return a trace as the text of a page; see `write_page`."""
    description = describe_trace(trace)
    program = description.pop("program")
    return PAGE.format(
        policy=POLICY,
        title=f"Pellucid · {description['title']}",
        style=web.style(),
        script=web.script(),
        program=program,
        description=as_json(description),
    )


def as_json(value: Any) -> str:
    """Return data as JSON that can stand inside a script element: no text in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
