"""Tables from files and back: CSV and Parquet, by Polars."""

from __future__ import annotations

import codecs
import csv
import io
import re
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.errors import InputError, explain, nearest
from pellucid.writing import known_suffix, replace_file

if TYPE_CHECKING:
    import polars as pl

MISSING = ["", "NA", "N/A", "NaN", "nan", "null", "NULL"]
PARQUET = (".parquet", ".pq")
SEPARATORS = ",;\t|"


def read_table(path: Path) -> pl.DataFrame:
    """Return the table in a CSV or Parquet file.

    In a CSV file, an empty cell and NA, N/A, NaN and null mean a missing value; the separator
    is the one of comma, semicolon, tab and bar that the first line has most of. The text is UTF-8,
    UTF-16 with a mark in front, or Windows' western one. Where two columns have the same name, the
    later one gets another, and a line on the error stream says so.
    Raises `InputError` for a file that is not there, is empty, or cannot be read as a table.
    """
    import polars as pl

    check_input(path)
    try:
        table = _read_parquet(path) if path.suffix.lower() in PARQUET else _read_csv(path)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError, csv.Error) as error:
        first = str(error).strip().splitlines()[0]
        raise InputError(
            explain(
                expected=f"a table in {path}, as CSV or Parquet",
                got=f"something that cannot be read: {first}",
                do="open the file and look at the place named, or save it as CSV (UTF-8) again",
            )
        ) from error
    if not table.height or not table.width:
        raise InputError(
            f"Expected rows of data in {path}. Got a table with {table.height} rows and "
            f"{table.width} columns. The first line holds the column names, the others the rows."
        )
    return table


def check_input(path: Path) -> None:
    """Raise `InputError` for a file that is not there, is empty, or is a folder."""
    if path.is_dir():
        raise InputError(f"Expected a CSV or Parquet file. Got the folder {path}.")
    if not path.exists():
        folder = path.parent if path.parent.is_dir() else Path()
        there = [p.name for p in folder.iterdir() if p.is_file()]
        raise InputError(f"There is no file {path}{nearest(path.name, there)}.")
    if not path.stat().st_size:
        raise InputError(f"Expected a table in {path}. Got an empty file.")


def _read_parquet(path: Path) -> pl.DataFrame:
    import polars as pl

    table = pl.read_parquet(path)
    # Pandas writes the numbers of its rows as a column of this name.
    return table.drop([c for c in table.columns if c.startswith("__index_level_")])


def _read_csv(path: Path) -> pl.DataFrame:
    import polars as pl

    from pellucid.estimators.frames import distinct_names, twice_note

    data, separator = _text_of(path)
    text = io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="")
    lines = csv.reader(text, delimiter=separator)
    given = [name.strip() for name in next((line for line in lines if line), [])]
    names = distinct_names(given)
    if names != given:
        print(twice_note(given, names), file=sys.stderr)

    def parsed(*, decimal_comma: bool = False, infer: bool = True) -> pl.DataFrame:
        # Dates stay text here: from a whole column a model tells whether day or month is first.
        return pl.read_csv(
            data,
            separator=separator,
            null_values=MISSING,
            infer_schema=infer,
            infer_schema_length=None,
            decimal_comma=decimal_comma,
            new_columns=names,
        )

    try:
        table = parsed()
    except pl.exceptions.ComputeError as error:
        raise _longer_line(lines, len(names), path) or error from None
    if separator != "," and any(_has_decimal_commas(c) for c in table):
        table = parsed(decimal_comma=True)
    if re.search(rb"[\n\"%b]0\d" % re.escape(separator.encode()), data):
        # A code such as 01234 is no number, and should be written as it came.
        whole = [name for name, kind in table.schema.items() if kind.is_integer()]
        texts = parsed(infer=False).select(whole)
        table = table.with_columns(c for c in texts if c.str.contains(r"^0\d").any())
    return table


def _text_of(path: Path) -> tuple[bytes, str]:
    """Return the text of a CSV file in UTF-8, with line ends of today, and its separator."""
    data = path.read_bytes()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16").encode("utf-8")  # Excel's "Unicode text"
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data[:4096]:
        raise InputError(
            f"Expected CSV text in {path}. Got binary data. Save the table as CSV or Parquet."
        )
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        # As Windows writes in western Europe; what it has no letter for is left to its older form.
        try:
            data = data.decode("cp1252").encode("utf-8")
        except UnicodeDecodeError:
            data = data.decode("latin-1").encode("utf-8")
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    first, _, rest = data.partition(b"\n")
    told = re.fullmatch(rb"(?i)sep=(.)\r?", first)  # a line for Excel alone
    if told:
        return rest, told[1].decode("utf-8")
    unquoted = re.sub(rb'"[^"]*"', b"", data.lstrip().split(b"\n", 1)[0])
    return data, max(SEPARATORS, key=unquoted.decode("utf-8").count)


def _longer_line(lines: Any, most: int, path: Path) -> InputError | None:
    """Return the error for the first of the other lines that has too many fields, if there is one."""
    for fields in lines:
        if len(fields) > most:
            return InputError(
                explain(
                    expected=f"as many fields in each line of {path} as in the first, {most}",
                    got=f"{len(fields)} in line {lines.line_num}, of which the last is {fields[-1]!r}",
                    do="correct the line, or the first one, which holds the names of the columns; "
                    "a text that holds the separator stands in quotes",
                )
            )
    return None


def _has_decimal_commas(column: pl.Series) -> bool:
    import polars as pl

    if column.dtype != pl.String or column.null_count() == len(column):
        return False
    return bool(column.drop_nulls().str.contains(r"^\s*-?\d+,\d+\s*$").all())


def check_output(path: Path | None, *inputs: Path, suffixes: tuple[str, ...] = ()) -> None:
    """Raise `InputError` for an output that cannot be written, or that is one of the inputs."""
    if path is None:
        return
    if path.is_dir():
        raise InputError(f"Expected a file name to write to. Got the folder {path}.")
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {path.parent}. Make it first, or choose another.")
    if path.exists() and any(i.exists() and path.samefile(i) for i in inputs):
        raise InputError(
            f"Expected another file for the output. Got {path}, which is read here and would be "
            "lost. Choose another name."
        )
    if suffixes and not known_suffix(path, suffixes):
        raise InputError(
            f"Expected a file name that ends in {', '.join(suffixes)}. Got {path}. Choose one of "
            "these formats."
        )


def write_table(table: pl.DataFrame, path: Path) -> None:
    """Write a table as CSV or Parquet, by the file's suffix, whole or not at all."""
    content = io.BytesIO()
    if path.suffix.lower() in PARQUET:
        table.write_parquet(content)
    else:
        table.write_csv(content)
    replace_file(path, content.getvalue())


def match_columns(
    table: pl.DataFrame,
    names: list[str],
    *,
    unused: Collection[str] = (),
    ignore: str | None = None,
) -> tuple[pl.DataFrame, list[str]]:
    """Return the model's columns of a table, by name and in its order, and the extra names.

    `ignore` is a column that may be there without counting as extra: the target. Of columns that the model
    makes no use of, `unused`, those that are not there become empty ones.
    Raises `InputError` for others that are not there.
    """
    import polars as pl

    empty = [n for n in names if n in unused and n not in table.columns]
    table = table.with_columns(pl.lit(None).alias(n) for n in empty)
    missing = [n for n in names if n not in table.columns]
    if missing:
        guess = nearest(missing[0], [c for c in table.columns if c not in names])
        raise InputError(
            f"Expected the columns that the model was trained on. Missing: "
            f"{', '.join(missing)}{guess}. Add them to the table; a missing value may be empty."
        )
    extra = [c for c in table.columns if c not in names and c != ignore]
    return table.select(names), extra


def target_column(table: pl.DataFrame, name: str) -> pl.Series:
    """Return the target column; `InputError` lists the columns if it is not there."""
    if f"{name} (2)" in table.columns:
        raise InputError(
            f"Expected one column {name!r} as the target. Got several. Give them different names, "
            "and leave out those that say the same as the target."
        )
    if name not in table.columns:
        raise InputError(
            f"There is no column {name!r}{nearest(name, table.columns)}. "
            f"The table has: {', '.join(table.columns)}."
        )
    return table[name]


def task_of(target: pl.Series) -> tuple[str, str]:
    """Return "classification" or "regression" for a target column, and why.

    Text, booleans and whole numbers of at most 20 values mean classification.
    """
    import narwhals as nw
    import polars as pl

    from pellucid.estimators.frames import read_series
    from pellucid.estimators.inferring import inferred

    kind: Any = target.dtype
    if kind == pl.Boolean:
        return "classification", "it is yes or no"
    if kind in (pl.Categorical, pl.Enum) or isinstance(kind, pl.Enum):
        return "classification", "it is text"
    how, got = "numbers", str(kind)
    if kind == pl.String:
        table = inferred([read_series(target.name, nw.from_native(target, series_only=True))])
        read = table.readings[0].kind
        if read == "category":
            return "classification", "it is text"
        got = f"text that holds {read}"
        if read == "number":
            how = "numbers written as text"
            target = pl.Series(table.columns[0].values).drop_nans()
    if target.dtype.is_numeric():
        known = target.drop_nulls()
        whole = target.dtype.is_integer() or (
            how != "numbers" and bool((known == known.floor()).all())
        )
        values = known.n_unique()
        if whole and values <= 20:
            return "classification", f"it has whole {how} of only {values} values"
        return "regression", f"it has {how}" + (f" of {values} different values" if whole else "")
    raise InputError(
        f"Expected text, booleans or numbers in the target {target.name!r}. Got {got}. "
        "Choose another target, or convert the column."
    )
