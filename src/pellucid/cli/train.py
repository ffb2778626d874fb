"""``pellucid train``: a table becomes a model file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from pellucid.cli import reports
from pellucid.errors import InputError, OutputError, PellucidError

if TYPE_CHECKING:
    from rich.console import Console


def train(
    table: Annotated[Path, typer.Argument(help="CSV or Parquet file, with column names.")],
    target: Annotated[str, typer.Option("--target", "-t", help="The column to predict.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Model file; by default the table's name .pellucid."),
    ] = None,
    task: Annotated[
        Literal["classification", "regression"] | None,
        typer.Option(
            help="By default told from the target: text, booleans and whole numbers of at most "
            "20 values mean classification."
        ),
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option(help="A column to leave out; may be given again.")
    ] = None,
    preset: Annotated[
        Literal["default", "best", "simple", "plain"],
        typer.Option(
            help="'default': accurate; 'best': more so, in more time; 'simple': RealMLP-TD-S as it was "
            "published; 'plain': one small network whose numbers can be read."
        ),
    ] = "default",
    hidden: Annotated[
        str | None, typer.Option(help="Neurons of each hidden layer, such as 64,64.")
    ] = None,
    activation: Annotated[
        str | None,
        typer.Option(help="Of the hidden layers; 'pellucid lesson activation' shows all."),
    ] = None,
    dropout: Annotated[
        float | None, typer.Option(help="Share of hidden neurons left out in training.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(help="Passes over the rows; by default told from their number.")
    ] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Highest learning rate.")] = None,
    time_limit: Annotated[
        float | None, typer.Option(min=0, help="Seconds to train at most.")
    ] = None,
    seed: Annotated[
        int,
        typer.Option(min=0, max=2**32 - 1, help="Seed: the same one gives the same network."),
    ] = 0,
    report: reports.Option = None,
) -> None:
    """Train a network on a table and write a model file."""
    # long because: every option of the command is declared here, with its help
    from rich.console import Console

    from pellucid.cli import tables
    from pellucid.estimators import TabularClassifier, TabularRegressor
    from pellucid.estimators.reporting import report_of

    console = Console(highlight=False, soft_wrap=False)
    tables.check_input(table)
    path = asked = output or table.with_suffix(".pellucid")
    tables.check_output(path, table)
    reports.check_report(report, table, path)
    data = tables.read_table(table)
    y = tables.target_column(data, target)
    if y.drop_nulls().n_unique() == 1:
        raise InputError(
            f"Expected a target with several values. Got {y.drop_nulls()[0]!r} in every row of "
            f"{target!r}: there is nothing to learn. Choose another target."
        )
    X = data.drop(target, *_known(drop or [], data.columns, target))
    if not X.width:
        raise InputError(f"Expected columns besides the target {target!r}. Got none.")
    chosen, why = (task, "you asked for it") if task else tables.task_of(y)

    with ProgressBar() as listener:
        options: dict[str, Any] = {
            "preset": preset,
            "hidden_sizes": None if hidden is None else _sizes(hidden),
            "activation": activation,
            "dropout": dropout,
            "epochs": epochs,
            "learning_rate": learning_rate,
            "time_limit": time_limit,
        }
        given = {name: value for name, value in options.items() if value is not None}
        kind = TabularClassifier if chosen == "classification" else TabularRegressor
        model = kind(**given, random_state=seed, listeners=[listener])
        model.fit(X, y)
    model.listeners = None
    if not model.interrupted_:
        _save(model, path)  # before anything that could fail
    _report(console, model, table, target, why)
    if model.interrupted_:
        path = _ask_to_keep(console, model, path)
        _save(model, path)
    console.print(f"[bold]Saved[/]     {path} ({_size(path.stat().st_size)})", soft_wrap=True)
    if report is not None:
        reports.write_report(console, report_of(model, X, y, unseen=True), report)
    if model.interrupted_ and path != asked:
        raise typer.Exit(130)
    console.print(f"[dim]Next      pellucid explain {path} {table} --row 1[/]", soft_wrap=True)


def _known(names: list[str], columns: list[str], target: str) -> list[str]:
    from pellucid.errors import unknown_name

    for name in names:
        if name not in columns or name == target:
            raise unknown_name("column to drop", name, [c for c in columns if c != target])
    return names


def _sizes(text: str) -> tuple[int, ...]:
    try:
        sizes = tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        sizes = (0,)
    if any(size < 1 for size in sizes):
        raise InputError(
            f"Expected --hidden as whole numbers, such as 64,64. Got {text!r}. For a network "
            "without hidden layers give an empty text."
        )
    return sizes


class ProgressBar:
    """A progress bar on the error stream: epoch, loss, score, time left. Also the listener."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True)
        self._bar = Progress(
            BarColumn(bar_width=10),
            TextColumn("{task.fields[place]}{task.fields[numbers]}"),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task: Any = None
        self._going: list[int] = []  # the members that are trained at the moment
        self._done: dict[int, int] = {}  # epochs of each member

    def __enter__(self) -> ProgressBar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, event: Any) -> None:
        from pellucid.training.events import (
            CompilationStarted,
            EpochEnded,
            TrainingEnded,
            TrainingStarted,
        )

        run, plan = event.run, event.run.plan
        if self._task is None:
            total = run.epochs * plan.members
            self._task = self._bar.add_task("", total=total, place="", numbers="")
        if isinstance(event, TrainingStarted):
            self._going.append(plan.member)
        if isinstance(event, TrainingEnded):
            self._going.remove(plan.member)
            self._done[plan.member] = run.epochs
        if isinstance(event, CompilationStarted):
            self._bar.update(self._task, numbers="compiling, which is done once")
        if isinstance(event, EpochEnded):
            self._epoch(event, run, plan)

    def _epoch(self, event: Any, run: Any, plan: Any) -> None:
        epoch = event.epoch
        place = f"epoch {event.number + 1}/{run.epochs}  "
        if plan.members > 1:
            going = str(plan.member)
            if len(self._going) > 1:
                going = f"{self._going[0]}-{self._going[-1]}"
            place = f"network {going}/{plan.members}  {place}"
        numbers = f"loss {epoch.loss:.4f}"
        if epoch.validation_loss is not None:
            numbers += f", held out {epoch.validation_loss:.4f}"
        if epoch.score is not None:
            numbers += f", score {epoch.score:.3f}"
        self._done[plan.member] = event.number + 1
        self._bar.update(
            self._task,
            total=run.epochs * plan.members,
            completed=sum(self._done.values()),
            place=place,
            numbers=numbers,
        )


def _report(console: Console, model: Any, table: Path, target: str, why: str) -> None:
    """Print what was done, in lines that a beginner understands."""
    from rich.markup import escape
    from rich.table import Table

    from pellucid.cli.wording import score_text

    s = model.summary_
    kinds = [
        _counted(s["number_columns"], "column of numbers", "columns of numbers"),
        _counted(s["category_columns"], "of categories", "of categories"),
    ]
    task = s["task"]
    if task == "classification":
        task += f" into {len(model.classes_)} classes"
    lines = [
        (
            "Table",
            f"{escape(str(table))}, {s['rows']:,} rows; learnt from "
            f"{' and '.join(k for k in kinds if not k.startswith('0 '))}",
        ),
        ("Target", f"{escape(target)}: {task}, because {why}"),
        *(
            ("" if at else "Notes", f"[dim]{escape(note)}[/]")
            for at, note in enumerate(model.notes_)
        ),
        (
            "Network" if s["members"] == 1 else "Networks",
            ("" if s["members"] == 1 else f"{s['members']} that answer together, each ")
            + f"{' → '.join(map(str, s['sizes']))} neurons, {s['parameters']:,} weights and biases",
        ),
        ("Training", _training(model)),
        ("Score", score_text(s)),
    ]
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column()
    for line in lines:
        grid.add_row(*line)
    console.print(grid, width=min(console.width, 100))


def _training(model: Any) -> str:
    s = model.summary_
    best = [str(member.history.best + 1) for member in model.members_]
    if len(best) == 1:
        rows, kept = f"{s['training_rows']:,} rows", f"weights of epoch {best[0]}"
    else:
        rows, kept = f"{s['training_rows']:,} rows each", f"weights of epochs {', '.join(best)}"
    made = [len(member.history) for member in model.members_]
    epochs = _counted(made[0], "epoch", "epochs")
    if min(made) < max(made):
        epochs = f"{min(made)} to {max(made)} epochs"
    limit = any("time limit" in member.stopped_because for member in model.members_)
    ended = ", when the time was up" if limit else ""
    return f"{rows}, {epochs} in {s['seconds']:.1f} s{ended}; kept the {kept}"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _size(size: int) -> str:
    return f"{size:,} bytes" if size < 10_000 else f"{size / 1000:,.0f} kB"


def _save(model: Any, path: Path) -> None:
    """Save the model; if its place is full, save it elsewhere, so that the training is not lost."""
    import tempfile

    try:
        model.save(path)
    except PellucidError as error:
        with tempfile.NamedTemporaryFile(
            prefix=f"{path.stem}-", suffix=path.suffix, delete=False
        ) as elsewhere:
            pass
        model.save(elsewhere.name)
        raise OutputError(f"{error} The model is saved in {elsewhere.name} instead.") from error


def _ask_to_keep(console: Console, model: Any, path: Path) -> Path:
    """After Ctrl-C: ask whether to save; without a terminal, save beside the asked path."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        question = f"Stopped after {model.got_to_}. Save what has been trained so far?"
        if not typer.confirm(question, default=True):
            raise PellucidError("stopped; nothing was written.")
        return path
    kept = path.with_name(f"{path.stem}-interrupted{path.suffix}")
    console.print(f"Stopped after {model.got_to_}; saving what has been trained.")
    return kept
