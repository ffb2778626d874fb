"""``pellucid predict``, ``evaluate`` and ``explain``: what a model file is for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pellucid.cli import reports
from pellucid.errors import InputError

if TYPE_CHECKING:
    import polars as pl

Model = Annotated[Path, typer.Argument(help="Model file that 'pellucid train' wrote.")]
Table = Annotated[Path, typer.Argument(help="CSV or Parquet file, with column names.")]


def read_model_and_table(model: Path, table: Path) -> tuple[Any, pl.DataFrame, pl.DataFrame]:
    """Return the model, the whole table, and the model's columns of it."""
    from pellucid.cli import tables
    from pellucid.estimators import load

    estimator = load(model)
    if not hasattr(estimator, "feature_labels_"):
        raise InputError(
            f"Expected a model that 'pellucid train' wrote. Got an {type(estimator).__name__} in {model}, "
            f"which knows arrays, not the columns of a table. Use it in Python: pellucid.load({str(model)!r})."
        )
    data = tables.read_table(table)
    names, used = list(estimator.feature_labels_), {r.name for r in estimator.readings_}
    columns, extra = tables.match_columns(
        data, names, unused=set(names) - used, ignore=estimator.target_.name
    )
    if extra:
        _say(f"Columns that the model does not know are left out: {', '.join(extra)}.")
    return estimator, data, columns


def _say(text: str) -> None:
    import sys

    print(text, file=sys.stderr)


def _say_unknown(estimator: Any, columns: pl.DataFrame) -> None:
    kinds = dict(estimator.columns_)
    for name, (count, example) in estimator.unread_values(columns).items():
        _say(
            f"Column {name!r}: {_values(count)} cannot be read as {kinds[name]}, such as {example!r}; "
            f"{_count(count)} as missing."
        )
    for name, (count, example) in estimator.unknown_categories(columns).items():
        _say(
            f"Column {name!r}: {_values(count)} {'was' if count == 1 else 'were'} not in training, such as "
            f"{example!r}; {_count(count)} as missing."
        )


def _values(count: int) -> str:
    return f"{count:,} value" if count == 1 else f"{count:,} values"


def _count(values: int) -> str:
    return "it counts" if values == 1 else "they count"


def predict(
    model: Model,
    table: Table,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="CSV or Parquet file; by default the terminal."),
    ] = None,
) -> None:
    """Predict the target for every row of a table.

    The result has the column 'predicted TARGET', for classes also the chance of each.
    """
    import sys

    import polars as pl

    from pellucid.cli import tables

    tables.check_output(output, model, table, suffixes=(".csv", *tables.PARQUET))
    estimator, data, columns = read_model_and_table(model, table)
    _say_unknown(estimator, columns)
    name = estimator.target_.name
    result = {f"predicted {name}": estimator.predict(columns)}
    if hasattr(estimator, "classes_"):
        chances = estimator.predict_proba(columns)
        result |= {f"chance of {c}": chances[:, at] for at, c in enumerate(estimator.classes_)}
    predicted = pl.DataFrame(result)
    if output is None:
        sys.stdout.write(predicted.write_csv(float_precision=6))
        return
    again = [column for column in predicted.columns if column in data.columns]
    if again:
        _say(f"Columns of an earlier prediction are replaced: {', '.join(again)}.")
    whole = pl.concat([data.drop(again), predicted], how="horizontal")
    tables.write_table(whole, output)
    more = "1 column more" if predicted.width == 1 else f"{predicted.width} columns more"
    _say(f"Wrote {output}: {data.height:,} rows, the table and {more}.")


def evaluate(model: Model, table: Table, report: reports.Option = None) -> None:
    """Score a model on a table that has the target."""
    from rich.console import Console
    from rich.markup import escape

    from pellucid.cli import tables
    from pellucid.cli.wording import figure, percent, unitless
    from pellucid.estimators.scores import scores_of

    reports.check_report(report, model, table)
    estimator, data, columns = read_model_and_table(model, table)
    name = estimator.target_.name
    target = tables.target_column(data, name)
    known = target.is_not_null()
    if not known.any():
        raise InputError(f"Expected targets in the column {name!r}. Got none: all are missing.")
    y = estimator.check_target(target.filter(known))
    found = scores_of(estimator, columns.filter(known), y)
    console = Console(highlight=False)
    absent = data.height - found.rows
    rest = f" ({absent:,} without a target left out)" if absent else ""
    rows = "1 row" if found.rows == 1 else f"{found.rows:,} rows"
    console.print(f"[bold]{escape(name)}[/], {rows}{rest}")
    for score, (value, trivial) in found.scores.items():
        shown = percent if "accuracy" in score else figure if "error" in score else unitless
        console.print(f"  {score:<24} {shown(value):>9}   trivial guess {shown(trivial):>9}")
    if found.confusion is not None:
        console.print()
        console.print(_confusion(found.classes, found.confusion))
    if report is not None:
        reports.write_report(console, estimator.report(columns, target), report)


def _confusion(classes: tuple[Any, ...], confusion: Any) -> Any:
    from rich.markup import escape
    from rich.table import Table as RichTable

    most = 12
    shown = RichTable(
        title="rows: true class, columns: predicted", title_justify="left", title_style="dim"
    )
    shown.add_column("")
    for c in classes[:most]:
        shown.add_column(escape(str(c)), justify="right")
    for at, c in enumerate(classes[:most]):
        counts = [
            f"[bold]{v}[/]" if at == k else str(v) for k, v in enumerate(confusion[at][:most])
        ]
        shown.add_row(escape(str(c)), *counts)
    if len(classes) > most:
        shown.caption = f"the first {most} of {len(classes)} classes"
    return shown


def explain(
    model: Model,
    table: Table,
    row: Annotated[int, typer.Option("--row", "-r", help="Which row, counted from 1.")] = 1,
    every: Annotated[
        bool, typer.Option("--all", help="Also every weight and gradient, as whole matrices.")
    ] = False,
    save: Annotated[
        Path | None, typer.Option(help="Write every number to a .json or .csv file as well.")
    ] = None,
) -> None:
    """Show every number behind one prediction, and behind one training step on that row."""
    from rich.console import Console

    from pellucid.cli.explaining import print_explanation
    from pellucid.cli.tables import check_output
    from pellucid.tracing import SAVERS

    check_output(save, model, table, suffixes=tuple(SAVERS))
    estimator, data, columns = read_model_and_table(model, table)
    if not 1 <= row <= data.height:
        raise InputError(f"Expected a row from 1 to {data.height}, as the table has. Got {row}.")
    name = estimator.target_.name
    chosen = columns.slice(row - 1, 1)
    target = data[name].slice(row - 1, 1) if name in data.columns else None
    if target is not None and target.null_count():
        target = None
    try:
        trace = estimator.trace(chosen, target)
    except InputError as error:
        if target is None:
            raise
        # The prediction does not need the target: a class that was not in training, for one.
        _say(f"{error} Only the prediction is shown.")
        trace = estimator.trace(chosen)
    if save is not None:
        _say(f"Wrote {trace.save(save)}.")
    print_explanation(Console(highlight=False), estimator, trace, chosen, row, every=every)
