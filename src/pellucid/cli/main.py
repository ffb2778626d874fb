"""The command line: commands, and what becomes of their errors."""

from __future__ import annotations

import codecs
import functools
import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar, cast

import typer

from pellucid import __version__
from pellucid.cli.exporting import export
from pellucid.cli.lessons import lesson
from pellucid.cli.model_commands import evaluate, explain, predict
from pellucid.cli.train import train
from pellucid.cli.walkthrough import walkthrough
from pellucid.errors import PellucidError
from pellucid.views.plain_letters import plain_letters

Command = TypeVar("Command", bound=Callable[..., Any])


def _nearest_letters(error: UnicodeError) -> tuple[str, int]:
    """Return plain letters for those that the output's encoding does not have."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = plain_letters(error.object[error.start : error.end])
    return text.encode("ascii", "replace").decode("ascii"), error.end


codecs.register_error("pellucid", _nearest_letters)


class _Debugging:
    """Whether an error shows where in the program it was; set once, by the option."""

    wanted = False


def guarded(command: Command) -> Command:
    """Return a command whose errors are one message, and a traceback only with --debug."""

    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        try:
            return command(*arguments, **options)
        except (PellucidError, OSError, MemoryError, KeyboardInterrupt) as error:
            if _Debugging.wanted:
                raise
            print(f"pellucid: {_message(error)}", file=sys.stderr)
            raise typer.Exit(130 if isinstance(error, KeyboardInterrupt) else 1) from None

    return cast(Command, run)


def _message(error: BaseException) -> str:
    if isinstance(error, BrokenPipeError):
        # Python would try to write what is left when it ends, and fail once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return "the output was closed before its end."
    if isinstance(error, MemoryError):
        return "There is not enough memory for this table. Train on fewer rows or columns."
    if isinstance(error, KeyboardInterrupt):
        return "stopped; nothing was written."
    return str(error)


EPILOG = "Start with: pellucid walkthrough, or: pellucid train TABLE.csv --target COLUMN"

app = typer.Typer(
    name="pellucid",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"pellucid {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="After an error, show where in the program it was.")
    ] = False,
) -> None:
    """Train neural networks on tables, and see every number of every step."""
    _Debugging.wanted = debug


COMMANDS: dict[str, tuple[Callable[..., Any], ...]] = {
    "Learn": (walkthrough, lesson),
    "Train and use a model": (train, predict, evaluate, explain),
    "Take it away": (export,),
}
for panel, commands in COMMANDS.items():
    for command in commands:
        app.command(rich_help_panel=panel)(guarded(command))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line.

    Exit status: 0 if all went well, 1 for an error of the input, 2 for a wrong command line,
    130 after Ctrl-C. ``--debug`` may stand anywhere.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="pellucid")
    given = list(sys.argv[1:] if arguments is None else arguments)
    if "--debug" in given:
        given = ["--debug", *(a for a in given if a != "--debug")]
    app(args=given, prog_name="pellucid")


if __name__ == "__main__":
    main()
