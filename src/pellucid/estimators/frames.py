"""The door for tables: any data frame or array becomes columns of numbers and columns of other values."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_array

from pellucid.errors import InputError
from pellucid.estimators.written import DAY, days_since_1970
from pellucid.preparation.columns import Coded, written

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class RawColumn:
    """A column as it came.

    Attributes
    ----------
    name
        Its own; in an array x0, x1, ….
    values
        Numbers as float64 with NaN for missing ones. Anything else as text, booleans and numbers, with None.
    was
        What its values were before, where that matters: "dates" or "durations" (now days), "categories" or
        "whole numbers".
    types
        Of a column of Python objects, the names of their types.
    """

    name: str
    values: Array | Coded
    was: str = ""
    types: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table at the door.

    `frame` is what came, with its columns renamed where they had to be; `notes` say so.
    """

    frame: Any
    columns: tuple[RawColumn, ...]
    notes: tuple[str, ...] = ()


def read_frame(X: Any) -> RawTable:
    """Return the columns of a data frame (pandas, Polars, pyarrow …) or of a 2-D array or list.

    A column gets another name where an earlier one has the same. Raises `InputError` for a table without
    rows, and for one that is not in memory.
    """
    if nw.dependencies.is_into_dataframe(X):
        frame, notes = _with_names(X)
        return RawTable(frame, tuple(_of_frame(frame)), tuple(notes))
    if isinstance(X, nw.LazyFrame) or type(X).__name__ == "LazyFrame":
        raise InputError(
            "Expected a table in memory. Got a lazy one. To continue, call its .collect() first."
        )
    return RawTable(X, tuple(_of_array(X)))


def distinct_names(names: Sequence[str]) -> list[str]:
    """Return names of which no two are the same: a later one gets its number behind it.

    >>> distinct_names(["a", "b", "a", "a"])
    ['a', 'b', 'a (2)', 'a (3)']
    """
    taken, found = set(names), list[str]()
    seen: dict[str, int] = {}
    for name in names:
        number = seen[name] = seen.get(name, 0) + 1
        new = name
        while number > 1 and (new := f"{name} ({number})") in taken:
            number += 1
        taken.add(new)
        found.append(new)
    return found


def twice_note(old: Sequence[str], new: Sequence[str]) -> str:
    """Return a note on columns that `distinct_names` has given another name."""
    again = [after for before, after in zip(old, new, strict=True) if before != after]
    shown = ", ".join(map(repr, again[:3])) + (f" and {len(again) - 3} others" if again[3:] else "")
    return f"Some columns have the same name; the later ones are called {shown}."


def _with_names(X: Any) -> tuple[Any, list[str]]:
    """Return a frame whose columns have names that scikit-learn and Narwhals take, and notes on new ones."""
    of_arrow = hasattr(X, "rename_columns") and hasattr(X, "column_names")
    if not (of_arrow or hasattr(X, "iloc")):
        return X, []  # other libraries allow nothing but different texts
    old = list(X.column_names if of_arrow else X.columns)
    texts, notes = [str(name) for name in old], list[str]()
    names = distinct_names(texts)
    if names != texts:
        notes.append(twice_note(texts, names))
    mixed = len({isinstance(name, str) for name in old}) > 1
    if mixed:
        other = next(name for name in old if not isinstance(name, str))
        notes.append(
            f"Not all names of columns are texts, such as {other!r}; they are taken as texts."
        )
    if not notes:
        return X, []
    return (X.rename_columns(names) if of_arrow else X.set_axis(names, axis=1)), notes


def _of_frame(X: Any) -> list[RawColumn]:
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
        was = "whole numbers" if array.dtype.kind in "iu" else ""
        return [
            RawColumn(f"x{at}", column.astype(np.float64), was) for at, column in enumerate(array.T)
        ]
    return [read_objects(f"x{at}", column.tolist()) for at, column in enumerate(array.T)]


def read_series(name: str, series: nw.Series[Any]) -> RawColumn:
    """Return one column of a data frame."""
    if type(getattr(series.to_native(), "dtype", None)).__name__ == "PeriodDtype":
        series = nw.from_native(series.to_native().dt.to_timestamp(), series_only=True)
    dtype = series.dtype
    if dtype == nw.Datetime or dtype == nw.Date:
        moments = series.cast(nw.Datetime("us")) if dtype == nw.Date else series
        return RawColumn(name, _floats(moments.dt.timestamp("us")) / (DAY * 1e6), "dates")
    if dtype == nw.Duration:
        lengths = _floats(series.dt.total_microseconds())
        return RawColumn(name, lengths / (DAY * 1e6), "durations")
    if dtype.is_numeric():
        return RawColumn(name, _floats(series), "whole numbers" if dtype.is_integer() else "")
    if dtype == nw.Categorical or dtype == nw.Enum:
        return RawColumn(name, _cells(_coded(series)), "categories")
    is_plain = dtype == nw.String or dtype == nw.Boolean
    if is_plain and str(getattr(series.to_native(), "dtype", "")) != "object":
        return _of_levels(name, _coded(series))
    return read_objects(name, series.to_list())


def _coded(series: nw.Series[Any]) -> Coded:
    """Return the values of a series, each different one once, by its library's own way where it has one."""
    native = series.to_native()
    if hasattr(native, "factorize"):  # pandas
        places, levels = native.factorize()
        return Coded(tuple(levels.tolist()), places.astype(np.int32))
    if hasattr(native, "to_physical") and series.dtype == nw.String:  # Polars
        categories = series.cast(nw.Categorical)
        different = categories.drop_nulls().unique()
        numbers = different.to_native().to_physical().to_numpy()
        place_of = np.full(int(numbers.max(initial=0)) + 2, -1, np.int32)
        place_of[numbers] = np.arange(len(numbers), dtype=np.int32)
        places = categories.to_native().to_physical().fill_null(len(place_of) - 1).to_numpy()
        return Coded(tuple(different.cast(nw.String).to_list()), place_of[places])
    if hasattr(native, "dictionary_encode") and series.dtype == nw.String:  # pyarrow
        encoded = native.dictionary_encode().unify_dictionaries()
        levels = encoded.chunk(0).dictionary.to_pylist() if encoded.num_chunks else []
        parts = [
            chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False) for chunk in encoded.chunks
        ]
        return Coded(tuple(levels), np.concatenate(parts).astype(np.int32))
    return Coded.of(series.to_list())


def _floats(series: nw.Series[Any]) -> Array:
    return np.array(series.cast(nw.Float64).to_numpy(), np.float64)


def read_objects(name: str, values: list[Any]) -> RawColumn:
    """Return a column of Python objects of any types."""
    types = set(map(type, values))
    try:
        coded = Coded.of(values)
    except TypeError:  # lists and their like
        column = _of_levels(name, Coded.of([_hashable(v) for v in values]))
        known = {kind.__name__ for kind in types} - {"NoneType", "NAType", "NaTType"}
        return replace(column, types=tuple(sorted(known)))
    if bool in types and types & {int, float}:
        # Python takes True for 1, so that one of them would hide the other.
        kinds = {type(v) for v in values if isinstance(v, int | float) and v == v}
        if kinds - {bool}:
            return _of_levels(name, Coded.of([written(_plain(v)) for v in values]), kinds)
    return _of_levels(name, coded)


def _hashable(value: Any) -> Any:
    try:
        hash(value)
    except TypeError:
        return str(value)
    return value


def _of_levels(name: str, coded: Coded, hidden: Iterable[type] = ()) -> RawColumn:
    """Return a column as numbers if all of it is numbers, dates or durations.

    `hidden` are types of which the values do not tell any more.
    """
    plain = [_plain(level) for level in coded.levels]
    kinds = {type(v) for v in plain if v is not None}
    names = tuple(sorted(kind.__name__ for kind in kinds.union(hidden)))
    if kinds and kinds <= {int, float}:
        return RawColumn(name, coded.looked_up(map(_float, plain), np.nan).astype(np.float64))
    if kinds and kinds <= {datetime.datetime, datetime.date}:
        days = [np.nan if v is None else days_since_1970(v) for v in plain]
        return RawColumn(name, coded.looked_up(days, np.nan), "dates")
    if kinds and kinds <= {datetime.timedelta, datetime.time}:
        return RawColumn(name, coded.looked_up(map(_length, plain), np.nan), "durations")
    return RawColumn(name, _cells(coded), "", names)


def _cells(coded: Coded) -> Coded:
    """Return values as texts, booleans and numbers."""
    cells = [v if type(v) is str and v.strip() else _cell(_plain(v)) for v in coded.levels]
    changed = any(cell is not level for cell, level in zip(cells, coded.levels, strict=True))
    return coded.changed(cells) if changed else coded


def _plain(value: Any) -> Any:
    """Return a cell's value as one of Python's own, None where it is missing; an empty text is missing."""
    if type(value) is str:
        return value if value.strip() else None
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, float):
        return None if value != value else value
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, decimal.Decimal):
        return None if value.is_nan() else float(value)
    if type(value).__name__ == "Period":
        value = value.start_time  # of pandas
    if isinstance(value, datetime.datetime):
        return datetime.datetime.fromisoformat(value.isoformat())  # pandas has a kind of its own
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace").strip("\0 ") or None
    return value


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return value if np.isfinite(value) else str(value)  # a model file has no infinite number
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**63 else _cell(_float(value))
    if isinstance(value, datetime.date):
        return _moment(days_since_1970(value))
    if isinstance(value, datetime.timedelta | datetime.time):
        return _duration(_length(value))
    return str(value)


def _moment(days: float) -> str:
    """Return a moment as text, in one form whatever type it had."""
    return str(np.datetime64(round(days * DAY * 1e6), "us"))


def _duration(days: float) -> str:
    return str(datetime.timedelta(days=days))


# Of numbers that were something else: the text that such values have among others.
_WORDS = {"dates": _moment, "durations": _duration}


def as_categories(raw: RawColumn) -> Coded:
    """Return the values of a column as categories, as they would be beside values of other types."""
    if isinstance(raw.values, Coded):
        return raw.values
    levels, places = np.unique(raw.values, return_inverse=True)
    numbers, words = levels.tolist(), _WORDS.get(raw.was, _cell)
    coded = Coded(tuple(numbers), places.astype(np.int32))
    return coded.changed(None if v != v else words(v) for v in numbers)


def _float(value: Any) -> float:
    try:
        return np.nan if value is None else float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def _length(value: Any) -> float:
    """Return a duration or a time of day in days."""
    if value is None:
        return np.nan
    if isinstance(value, datetime.time):
        value = datetime.timedelta(
            hours=value.hour,
            minutes=value.minute,
            seconds=value.second,
            microseconds=value.microsecond,
        )
    return float(value.total_seconds()) / DAY
