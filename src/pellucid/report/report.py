"""The report that `estimator.report` returns."""

from __future__ import annotations

import os
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from pellucid.errors import InputError, explain
from pellucid.report.page import to_html
from pellucid.writing import known_suffix, replace_file

SUFFIXES = (".html", ".htm")

# Of the frame that a notebook shows it in, in pixels.
FRAME_HEIGHT = 720


class Report:
    """A report on a fitted estimator; a notebook shows it as it is.

    Attributes
    ----------
    data
        Every number in it, as plain data that JSON can hold; rows and columns count from 0 there, and
        from 1 on the page.
    """

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    def __repr__(self) -> str:
        about, rows = self.data["about"], self.data["rows"]
        return f"<Report on a {about['estimator']} for {about['target']!r}, judged on {rows['judged']:,} rows>"

    @cached_property
    def html(self) -> str:
        """The page, as one document that fetches nothing."""
        return str(to_html(self.data))

    def _repr_html_(self) -> str:
        # In a frame of its own, neither the notebook's style nor the report's reaches the other.
        return (
            f'<iframe srcdoc="{escape(self.html)}" sandbox title="Pellucid report" '
            f'style="width: 100%; height: {FRAME_HEIGHT}px; border: 0"></iframe>'
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file, whole or not at all, and return its path.

        Raises `InputError` for a suffix other than .html or .htm, `OutputError` if it cannot be written.
        """
        if not known_suffix(path, SUFFIXES):
            raise InputError(
                explain(
                    expected=f"a file name that ends in {' or '.join(SUFFIXES)}",
                    got=str(path),
                    do="give such a name: a browser prints the page as PDF",
                )
            )
        replace_file(path, self.html.encode())
        return Path(path)
