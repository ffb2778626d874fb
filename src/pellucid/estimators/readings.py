"""How a column of a table is read, in training and ever after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import InputError, explain
from pellucid.estimators.frames import RawColumn, as_categories
from pellucid.estimators.written import DAY, is_gap, read_date, read_duration, read_number
from pellucid.preparation.columns import CategoryColumn, Coded, Column, NumberColumn

Array = NDArray[Any]

KINDS = ("number", "category", "dates", "durations")
# What is taken from dates, besides the days.
PARTS = {
    "year": "the year",
    "month": "the month, 1 to 12",
    "day of the week": "the day of the week, 1 (Monday) to 7",
    "hour": "the hour, 0 to 23",
}
# Those that come round again are categories, with these levels: the first is as near to the last as to the second.
_RECURRING = {"month": range(1, 13), "day of the week": range(1, 8), "hour": range(24)}


@dataclass(frozen=True)
class Reading:
    """How one column is read.

    Attributes
    ----------
    name
        Of the column.
    kind
        "number", "category", "dates" or "durations".
    decimal, unit
        Of numbers in text: what stands before decimals, and a currency or "%".
    month_first
        Of dates in text: whether 03/04/2024 is the fourth of March.
    compact
        Of dates: whether they are numbers such as 20240331.
    parts
        Of dates: columns that are made of them, and which of `PARTS` each is.
    lowest, highest
        Of numbers: the finite ones in training, which stand for infinite ones.
    missing
        Of numbers in text: values that are none, and counted as missing in training.
    """

    name: str
    kind: str
    decimal: str = "."
    unit: str = ""
    month_first: bool = False
    compact: bool = False
    parts: Mapping[str, str] = field(default_factory=dict)
    lowest: float | None = None
    highest: float | None = None
    missing: tuple[str, ...] = ()

    @property
    def categories(self) -> set[str]:
        """The names of the columns of categories that it gives; the others are numbers."""
        parts = {name for name, part in self.parts.items() if part in _RECURRING}
        return {self.name} | parts if self.kind == "category" else parts

    @property
    def columns(self) -> dict[str, str]:
        """The names of the columns that it gives, and what each is."""
        first = {
            "number": f"a number{f' in {self.unit}' if self.unit else ''}; NaN where it is missing",
            "category": "a category; others count as missing",
            "dates": "days since 1970-01-01; NaN where it is missing",
            "durations": "days; NaN where it is missing",
        }[self.kind]
        more = {
            name: f"{PARTS[part]} of {self.name!r}; NaN where it is missing"
            for name, part in self.parts.items()
        }
        return {self.name: first, **more}

    def read(self, raw: RawColumn) -> list[Column]:
        """Return the columns that a raw one gives.

        Raises `InputError` for a value in a column of numbers that is none, and was not there in training: a
        model that was told nothing of it should not guess. Text that is no date is missing.
        """
        if self.kind == "category":
            return self.columns_of(as_categories(raw))
        self._check_was(raw)
        if self.kind == "number":
            self._check_texts(raw)
        return self.columns_of(self.numbers(raw))

    def columns_of(self, values: Array | Coded) -> list[Column]:
        """Return the columns that values give that have been read: numbers, or categories."""
        if isinstance(values, Coded):
            return [CategoryColumn(self.name, values)]
        if self.kind == "dates":
            parts = (_part_column(name, part, values) for name, part in self.parts.items())
            return [NumberColumn(self.name, values), *parts]
        return [NumberColumn(self.name, self._within(values))]

    def level(self, value: Any) -> float | None:
        """Return the number that a text, a number or a boolean is read as, NaN for a gap, None if it is none."""
        if not isinstance(value, str):
            return float(value) if self.kind == "number" else None
        if is_gap(value):
            return np.nan
        if self.kind == "dates":
            if self.compact and value.strip().isdecimal():
                number = float(days_of_compact(np.array([float(value)]))[0])
                return None if np.isnan(number) else number
            return read_date(value, month_first=self.month_first)
        if self.kind == "durations":
            return read_duration(value)
        found = read_number(value, self.decimal)
        return found[0] if found and found[1] in ("", self.unit) else None

    def numbers(self, raw: RawColumn) -> Array:
        """Return the numbers that a column holds, infinite ones too; NaN for what is none."""
        if isinstance(raw.values, np.ndarray):
            compact = self.compact and raw.was != "dates"
            return days_of_compact(raw.values) if compact else raw.values
        found = (self.level(value) for value in raw.values.levels)
        return raw.values.looked_up((np.nan if v is None else v for v in found), np.nan)

    def _check_texts(self, raw: RawColumn) -> None:
        if isinstance(raw.values, np.ndarray):
            return
        known = set(self.missing)
        wrong = raw.values.looked_up(
            (self.level(v) is None and v not in known for v in raw.values.levels), False
        )
        if wrong.any():
            row = int(np.argmax(wrong))
            raise InputError(
                explain(
                    expected=f"numbers in column {self.name!r}, as in training",
                    got=f"{raw.values[row]!r} in row {row} (counted from 0)",
                    do="correct it, or leave it empty: the model knows what to do with missing numbers",
                )
            )

    def _within(self, values: Array) -> Array:
        infinite = np.isinf(values)
        if not infinite.any():
            return values
        low, high = (np.nan if end is None else end for end in (self.lowest, self.highest))
        return np.where(infinite, np.where(values > 0, high, low), values)

    def _check_was(self, raw: RawColumn) -> None:
        """Raise `InputError` for numbers where there should be dates or durations, and the other way round."""
        was = raw.was if raw.was in ("dates", "durations") else "number"
        compact = self.compact and was == "number"
        if was == self.kind or compact or isinstance(raw.values, Coded):
            return
        present = (~np.isnan(raw.values)).nonzero()[0]
        if len(present):
            wanted = "numbers" if self.kind == "number" else self.kind
            got = f"{raw.values[present[0]].item()!r}" if was == "number" else was
            raise InputError(
                explain(
                    expected=f"{wanted} in column {self.name!r}, as in training",
                    got=f"{got} in row {present[0]} (counted from 0)",
                    do=f"make the column one of {wanted} in your data frame",
                )
            )

    def to_data(self) -> dict[str, Any]:
        """Return it as plain data for a model file."""
        return {
            "name": self.name,
            "kind": self.kind,
            "decimal": self.decimal,
            "unit": self.unit,
            "month_first": self.month_first,
            "compact": self.compact,
            "parts": dict(self.parts),
            "lowest": self.lowest,
            "highest": self.highest,
            "missing": list(self.missing),
        }

    @classmethod
    def from_data(cls, data: Any) -> Reading:
        """Return what `to_data` gave, or the name and the kind that older files hold; `ValueError` for other data."""
        if isinstance(data, list):
            name, kind = data
            data = {"name": name, "kind": kind}
        reading = cls(**{**data, "missing": tuple(data.get("missing", ()))})
        given: Any = reading  # of a file: of any type
        ends = (given.lowest, given.highest)
        right = (
            isinstance(given.name, str)
            and given.kind in KINDS
            and given.decimal in (".", ",")
            and isinstance(given.unit, str)
            and isinstance(given.month_first, bool)
            and isinstance(given.compact, bool)
            and set(given.parts.values()) <= set(PARTS)
            and all(isinstance(text, str) for text in (*given.parts, *given.missing))
            and all(end is None or isinstance(end, int | float) for end in ends)
        )
        if not right:
            raise ValueError(f"{data!r} does not say how a column is read")
        return reading


def days_of_compact(numbers: Array) -> Array:
    """Return dates that are given as numbers such as 20240331 in days since 1970-01-01, NaN for other numbers."""
    within = (numbers >= 1_00_00) & (numbers < 1_0000_00_00) & (numbers == np.floor(numbers))
    whole = np.where(within, numbers, 1970_01_01).astype(np.int64)
    year, month, day = whole // 10_000, whole // 100 % 100, whole % 100
    first = ((year - 1970) * 12 + month - 1).astype("M8[M]")
    date = first.astype("M8[D]") + (day - 1)
    right = within & (month >= 1) & (month <= 12) & (day >= 1) & (date.astype("M8[M]") == first)
    return np.where(right, date.astype(np.int64), np.nan)


def _part_column(name: str, part: str, days: Array) -> Column:
    values = part_of_dates(part, days)
    if part not in _RECURRING:
        return NumberColumn(name, values)
    levels = _RECURRING[part]
    places = np.where(np.isnan(values), -1, values - levels[0]).astype(np.int32)
    return CategoryColumn(name, Coded(tuple(levels), places))


def part_of_dates(part: str, days: Array) -> Array:
    """Return a part of dates that are given in days since 1970-01-01, NaN where one is missing."""
    known = ~np.isnan(days)
    # In whole numbers: an hour is no exact fraction of a day.
    moments = np.rint(days[known] * DAY * 1e6).astype(np.int64).astype("M8[us]")
    if part == "year":
        found = moments.astype("M8[Y]").astype(np.int64) + 1970
    elif part == "month":
        found = moments.astype("M8[M]").astype(np.int64) % 12 + 1
    elif part == "day of the week":
        found = (moments.astype("M8[D]").astype(np.int64) + 3) % 7 + 1  # 1970-01-01 was a Thursday
    else:
        found = moments.astype("M8[h]").astype(np.int64) % 24
    whole = np.full(len(days), np.nan)
    whole[known] = found
    return whole
