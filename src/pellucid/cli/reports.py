"""The option ``--report`` of commands: a page beside what they print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pellucid.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from pellucid.report import Report

Option = Annotated[
    Path | None,
    typer.Option(
        "--report",
        help="Also write a report as one HTML page (needs Matplotlib: the extra report).",
    ),
]


def check_report(path: Path | None, *others: Path) -> None:
    """Raise before any work if a report cannot be written there, or would take the place of another file."""
    from pellucid.cli.tables import check_output
    from pellucid.report import check_matplotlib

    if path is None:
        return
    check_output(path, *others, suffixes=(".html", ".htm"))
    if path.resolve() in [other.resolve() for other in others]:
        raise InputError(
            f"Expected another file for the report. Got {path} for two things at once."
        )
    check_matplotlib()


def write_report(console: Console, report: Report, path: Path) -> None:
    """Write a report and say so."""
    report.save(path)
    console.print(f"[bold]Report[/]    {path}", soft_wrap=True)
