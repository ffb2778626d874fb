"""The live component of pages, notebooks and the studio, as it is built from the folder ``web``."""

from __future__ import annotations

from importlib.resources import files


def script() -> str:
    """Return the component as a script; it offers ``Pellucid.mount(element, description, step)``."""
    return files(__name__).joinpath("component.js").read_text("utf-8")


def style() -> str:
    """Return the component's style sheet."""
    return files(__name__).joinpath("component.css").read_text("utf-8")
