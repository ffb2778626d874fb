"""``pellucid export``: a model, or the worked example, as a file for another program."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from pellucid.errors import InputError, explain

EXAMPLE = "example"
FIRST_ROWS = "1-3"


def export(
    model: Annotated[
        str,
        typer.Argument(
            help="Model file that 'pellucid train' wrote, or the word 'example' for the worked example."
        ),
    ],
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="[TABLE] FILE",
            help="The table whose rows make the step (not for the example), and the file to write: "
            "its suffix is the format.",
        ),
    ],
    rows: Annotated[
        str | None,
        typer.Option(help="Which rows of the table, from 1, such as 5 or 1-3,8; by default 1-3."),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="How many steps, one after the other; by default 1.")
    ] = None,
    exercise: Annotated[
        bool, typer.Option("--exercise", help="Leave blanks to fill in (.xlsx, .tex, .pdf).")
    ] = False,
) -> None:
    """Write every number of a training step as a file that lives without Pellucid.

    The step is the next one that the chosen rows would make: their way to the answer, the loss, the
    gradients and the update. Files of trained networks alone (.onnx, .torch.py, .h) need no table.
    """
    from pellucid.cli.tables import check_output
    from pellucid.estimators.export import MODEL_SAVERS
    from pellucid.tracing import SAVERS, worked_example
    from pellucid.writing import known_suffix

    *tables, file = paths
    kind = known_suffix(file, MODEL_SAVERS)
    whole = bool(kind) and model != EXAMPLE
    wanted = 0 if model == EXAMPLE or whole else 1
    formats = tuple(dict.fromkeys([*SAVERS, *(() if model == EXAMPLE else MODEL_SAVERS)]))
    check_output(file, *tables, *([] if model == EXAMPLE else [Path(model)]), suffixes=formats)
    if len(tables) != wanted:
        raise InputError(_wrong_paths(model, tables, file, wanted))
    options = {"exercise": True} if exercise else {}
    if rows is not None and not wanted:
        raise InputError(f"Expected --rows with a model and a table only. Got it for {file.name}.")
    if steps is not None and whole:
        raise InputError(f"Expected --steps for a format of training steps. Got {file.name}.")
    if model == EXAMPLE:
        written = worked_example(1 if steps is None else steps).save(file, **options)
    elif whole and exercise:
        raise InputError(f"Expected a format of a training step for an exercise. Got {file.name}.")
    elif whole:
        from pellucid.estimators import load

        written = MODEL_SAVERS[kind](load(Path(model)), file)
    else:
        written = _trace(
            Path(model), tables[0], rows or FIRST_ROWS, 1 if steps is None else steps
        ).save(file, **options)
    print(f"Wrote {written}.", file=sys.stderr)


def _wrong_paths(model: str, tables: list[Path], file: Path, wanted: int) -> str:
    got = " ".join(str(p) for p in (*tables, file))
    return explain(
        expected=f"one table and the file to write, after {model}"
        if wanted
        else f"only the file to write, after {model}",
        got=got,
        do="write: pellucid export MODEL TABLE FILE"
        if wanted
        else f"write: pellucid export {model} {file}",
    )


def _trace(model: Path, table: Path, rows: str, steps: int) -> Any:
    from pellucid.cli.model_commands import read_model_and_table

    estimator, data, columns = read_model_and_table(model, table)
    chosen = chosen_rows(rows, data.height)
    name = estimator.target_.name
    target = data[name][chosen] if name in data.columns else None
    if target is not None and target.null_count():
        print(
            f"Not every one of these rows has a {name}, so the file ends at the answer.",
            file=sys.stderr,
        )
        target = None
    return estimator.trace(columns[chosen], target, steps=steps)


def chosen_rows(text: str, height: int) -> list[int]:
    """Return the numbers, from 0, of rows written as ``1-3,8``, from 1, in the order written.

    Raises `InputError` for anything else, and for rows that a table of `height` rows has not.

    >>> chosen_rows("1-3,8", 10)
    [0, 1, 2, 7]
    """
    found: list[int] = []
    for part in text.replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise InputError(
                f"Expected rows such as 5 or 1-3,8. Got {text!r}. Rows are counted from 1."
            )
        low, high = int(first), int(last if dash else first)
        if not 1 <= low <= high <= height:
            raise InputError(
                f"Expected rows from 1 to {height}, as the table has. Got {part!r}. Rows are counted from 1."
            )
        found += range(low - 1, high)
    return found
