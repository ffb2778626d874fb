"""The door for tables: any data frame or array becomes columns of numbers and columns of categories."""

from __future__ import annotations

import datetime
import decimal
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_array

from pellucid.errors import InputError, explain
from pellucid.preparation import CategoryColumn, Column, NumberColumn

Array = NDArray[Any]

# A number as people write it, with or without commas between thousands. Not one with zeros in front, which
# is a code of some kind.
_WRITTEN_NUMBER = re.compile(r"[+-]?(0|[1-9]\d*|[1-9]\d{0,2}(,\d{3})+)?(\.\d*)?([eE][+-]?\d+)?")
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_DAY = 86_400.0

# A column of text of which so much is numbers is a column of numbers with slips in it.
MOSTLY = 0.9
# How people write that a number is missing.
GAPS = {"", "?", "-", ".", "na", "n/a", "#n/a", "nan", "none", "null", "missing", "unknown"}


@dataclass(frozen=True, eq=False)
class RawColumn:
    """A column as it came: float64 with NaN for missing ones, or Python values with None for them.

    `was` says what its numbers were before, where that is worth a note: "dates" or "durations".
    """

    name: str
    values: Array | list[Any]
    was: str = ""

    def infer(self) -> tuple[Column, str]:
        """Return the column as numbers or as categories, and a note on it (or an empty text)."""
        if isinstance(self.values, np.ndarray):
            note = f"Column {self.name!r} holds {self.was}; they count in days." if self.was else ""
            return NumberColumn(self.name, self.values), note
        values = self.values
        present = [v for v in values if v is not None]
        kinds = {type(v) for v in present}
        if kinds == {str}:
            numbers = sum(_is_written_number(v) for v in present)
            others = sorted({v for v in present if not _is_written_number(v) and not _is_gap(v)})
            known = sum(not _is_gap(v) for v in present)
            if numbers and numbers >= MOSTLY * known:
                return self._written_numbers(others)
        note = ""
        if len(kinds - {int, float}) > 1 or (kinds & {int, float} and kinds - {int, float}):
            names = ", ".join(sorted(kind.__name__ for kind in kinds))
            note = f"Column {self.name!r} mixes types ({names}); each value is a category."
        return CategoryColumn(self.name, values), note

    def _written_numbers(self, others: list[str]) -> tuple[Column, str]:
        note = f"Column {self.name!r} holds numbers written as text; they are read as numbers."
        if others:
            shown = ", ".join(repr(v) for v in others[:3]) + (" …" if len(others) > 3 else "")
            first = next(row for row, v in enumerate(self.values) if v in others)
            note = (
                f"Column {self.name!r} holds numbers, but for {shown} (first in row {first}, counted from 0); "
                "such values count as missing."
            )
        odd = set(others)
        return NumberColumn(
            self.name, np.array([_number(None if v in odd else v) for v in self.values])
        ), note

    def as_kind(self, kind: str, name: str) -> Column:
        """Return the column as what it was in training: "number", "category", "dates" or "durations".

        `name` is the one it had there. `InputError` names the first value that is of another kind.
        """
        column = RawColumn(name, self.values, self.was)
        if kind == "category":
            return column._as_categories()
        if kind != "number":
            column._check_was(kind)
        return column._as_numbers()

    def _check_was(self, kind: str) -> None:
        present = [(row, v) for row, v in enumerate(self.values) if v is not None and v == v]
        if self.was != kind and present:
            raise InputError(
                explain(
                    expected=f"{kind} in column {self.name!r}, as in training",
                    got=f"{present[0][1]!r} in row {present[0][0]} (counted from 0)",
                    do=f"make the column one of {kind} in your data frame",
                )
            )

    def _as_numbers(self) -> NumberColumn:
        if isinstance(self.values, np.ndarray):
            return NumberColumn(self.name, self.values)
        numbers = np.empty(len(self.values))
        for row, value in enumerate(self.values):
            try:
                numbers[row] = _number(value)
            except ValueError:
                raise InputError(
                    explain(
                        expected=f"numbers in column {self.name!r}, as in training",
                        got=f"{value!r} in row {row} (counted from 0)",
                        do="correct it, or leave it empty: the model knows what to do with missing numbers",
                    )
                ) from None
        return NumberColumn(self.name, numbers)

    def _as_categories(self) -> CategoryColumn:
        if isinstance(self.values, np.ndarray):
            return CategoryColumn(self.name, [None if v != v else v for v in self.values.tolist()])
        return CategoryColumn(self.name, self.values)


def read_columns(X: Any) -> list[RawColumn]:
    """Return the columns of a data frame (pandas, Polars, pyarrow …) or of a 2-D array or list.

    The columns of an array are called x0, x1, …. Raises `InputError` for two columns of one name, and for
    an infinite number, with its column and row.
    """
    if nw.dependencies.is_into_dataframe(X):
        columns = _of_frame(X)
    elif isinstance(X, nw.LazyFrame) or type(X).__name__ == "LazyFrame":
        raise InputError(
            "Expected a table in memory. Got a lazy one. To continue, call its .collect() first."
        )
    else:
        columns = _of_array(X)
    for column in columns:
        if isinstance(column.values, np.ndarray):
            infinite = np.isinf(column.values)
            if infinite.any():
                row = int(np.argmax(infinite))
                raise InputError(
                    explain(
                        expected=f"finite numbers in column {column.name!r}",
                        got=f"{column.values[row]} (an infinite number) in row {row} (counted from 0)",
                        do="leave the value empty where it is not known, or put a large finite number",
                    )
                )
    return columns


def _of_frame(X: Any) -> list[RawColumn]:
    # Narwhals takes two columns of one name for an error only later, and says less.
    names = [str(name) for name in getattr(X, "columns", [])] if hasattr(X, "iloc") else []
    twice = (
        sorted({name for name in names if names.count(name) > 1})
        if len(set(names)) < len(names)
        else []
    )
    if twice:
        raise InputError(
            explain(
                expected="a different name for each column",
                got=f"{twice[0]!r} {names.count(twice[0])} times",
                do="rename or drop one of them",
            )
        )
    frame = nw.from_native(X, eager_only=True)
    if not frame.shape[0]:
        raise InputError(
            f"Expected a table with rows. Found array with 0 sample(s) (shape={frame.shape}) while a minimum of 1 is "
            "required."
        )
    return [
        read_series(str(name), series)
        for name, series in zip(frame.columns, frame.iter_columns(), strict=True)
    ]


def _of_array(X: Any) -> list[RawColumn]:
    array = check_array(X, dtype=None, ensure_all_finite=False, input_name="X")
    if array.dtype.kind in "biuf":
        return [
            RawColumn(f"x{at}", array[:, at].astype(np.float64)) for at in range(array.shape[1])
        ]
    return [_of_values(f"x{at}", array[:, at].tolist()) for at in range(array.shape[1])]


def read_series(name: str, series: nw.Series[Any]) -> RawColumn:
    """Return one column of a data frame."""
    dtype = series.dtype
    if dtype == nw.Datetime or dtype == nw.Date:
        microseconds = _floats(
            series.cast(nw.Datetime("us")) if dtype == nw.Date else series, "timestamp"
        )
        return RawColumn(name, microseconds / (_DAY * 1e6), "dates")
    if dtype == nw.Duration:
        return RawColumn(name, _floats(series, "total_microseconds") / (_DAY * 1e6), "durations")
    if dtype.is_numeric():
        return RawColumn(name, np.asarray(series.cast(nw.Float64).to_numpy(), np.float64).copy())
    return _of_values(name, series.to_list())


def _floats(series: nw.Series[Any], what: str) -> Array:
    counted = series.dt.timestamp("us") if what == "timestamp" else series.dt.total_microseconds()
    return np.asarray(counted.cast(nw.Float64).to_numpy(), np.float64)


def _of_values(name: str, values: Sequence[Any]) -> RawColumn:
    """Return a column of Python values: as numbers if all are, else cleaned as categories."""
    plain = [_plain(value) for value in values]
    present = [v for v in plain if v is not None]
    kinds = {type(v) for v in present}
    if kinds and kinds <= {int, float}:
        return RawColumn(name, np.array([np.nan if v is None else v for v in plain], np.float64))
    if kinds and kinds <= {datetime.datetime, datetime.date}:
        return RawColumn(
            name, np.array([np.nan if v is None else _days(v) for v in plain]), "dates"
        )
    return RawColumn(
        name, [v if v is None or isinstance(v, str | bool | int | float) else str(v) for v in plain]
    )


def _plain(value: Any) -> Any:
    """Return a cell's value as one of Python's own, None where it is missing; an empty text is missing."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, float):
        return None if value != value else value
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, datetime.datetime):
        return datetime.datetime.fromisoformat(value.isoformat())  # pandas has a kind of its own
    return value


def _days(value: datetime.date) -> float:
    if not isinstance(value, datetime.datetime):
        value = datetime.datetime(value.year, value.month, value.day)
    aware = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
    return (aware - _EPOCH).total_seconds() / _DAY


def _is_written_number(text: str) -> bool:
    stripped = text.strip()
    return bool(_WRITTEN_NUMBER.fullmatch(stripped)) and any(c.isdigit() for c in stripped)


def _is_gap(text: str) -> bool:
    return text.strip().casefold() in GAPS


def _number(value: Any) -> float:
    """Return a cell's value as a number, NaN for a gap; `ValueError` if it is none, or infinite."""
    if value is None or (isinstance(value, str) and _is_gap(value)):
        return float("nan")
    number = float(
        value.strip().replace(",", "")
        if isinstance(value, str) and _is_written_number(value)
        else value
    )
    if np.isinf(number):
        raise ValueError
    return number
