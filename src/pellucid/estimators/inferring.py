"""What the columns of a table are, found from their values, and told in notes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.estimators.frames import RawColumn
from pellucid.estimators.readings import PARTS, Reading, days_of_compact, part_of_dates
from pellucid.estimators.written import is_gap, read_number
from pellucid.preparation.columns import Coded, Column, listed
from pellucid.preparation.record import ROW_NUMBER

Array = NDArray[Any]

# A column of text of which so much is numbers or dates is a column of these with slips in it.
MOSTLY = 0.9
# Of which so much is numbers, a reader would expect it to be one.
PARTLY = 0.5
# So many rows tell whether it is worth to look at all of them.
_SAMPLE = 1_000
# Fewer numbers may look like dates by chance.
_FEWEST_DATES = 3
# In a shorter table whole numbers may count up by chance.
_FEWEST_COUNTED = 20

_CODE = re.compile(r"0[0-9]+")
_PLAIN = re.compile(r"[-+]?[0-9]*\.?[0-9]*")
_DAY_OR_MONTH = re.compile(r"\D*\d{1,2}[-/.]\d{1,2}[-/.]\d{2}")
# Names that people give to numbers which only tell rows apart.
_IDENTIFIER = re.compile(
    r"(?:^|[^a-zA-Z])(?i:ids?|uuid|key|index|idx|rows?|rownames?|nr|no)$"
    r"|(?<=[a-z])(?:Id|ID|Nr|No|Key)$|(?i:number|identifier)"
)

# For one column, and for several.
_SENTENCES = {
    "dates": (
        "Column {name} holds dates; they count in days since 1970-01-01{detail}.",
        "{count} columns hold dates, which count in days since 1970-01-01{detail}: {names}.",
    ),
    "durations": (
        "Column {name} holds durations; they count in days.",
        "{count} columns hold durations, which count in days: {names}.",
    ),
    "written": (
        "Column {name} holds numbers written as text; they are read as numbers{detail}.",
        "{count} columns hold numbers written as text, which are read as numbers{detail}: {names}.",
    ),
    "gaps": (
        "Column {name} has signs that count as missing values{detail}.",
        "{count} columns have signs that count as missing values{detail}: {names}.",
    ),
    "slips": (
        "Column {name} has values between the others that cannot be read, and count as missing{detail}.",
        "{count} columns have values that cannot be read, and count as missing{detail}: {names}.",
    ),
    "infinite": (
        "Infinite numbers in column {name} count as the largest or the smallest of the others{detail}.",
        "{count} columns have infinite numbers, which count as the largest or the smallest of the others{detail}: "
        "{names}.",
    ),
    "nothing finite": (
        "Column {name} has no number but infinite ones, which count as missing.",
        "{count} columns have no number but infinite ones, which count as missing: {names}.",
    ),
    "mixed": (
        "Column {name} mixes types{detail}; each value is a category.",
        "{count} columns mix types{detail}, so that each value is a category: {names}.",
    ),
    "objects": (
        "Column {name} holds values of a type that is not known here{detail}; each different one is a category.",
        "{count} columns hold values of types that are not known here{detail}; each different one is a category: "
        "{names}.",
    ),
    "codes": (
        "Column {name} has whole numbers that begin with zeros{detail}, as codes do; each value is a category.",
        "{count} columns have whole numbers that begin with zeros{detail}, as codes do; each value is a category: "
        "{names}.",
    ),
    "partly": (
        "Column {name} is taken as categories, though at least half of its values are numbers{detail}.",
        "{count} columns are taken as categories, though at least half of their values are numbers{detail}: {names}.",
    ),
    "identifier": (
        "Column {name} has another whole number in every row, as an identifier has; it is used as a number. "
        "Leave it out if it only tells rows apart.",
        "{count} columns have another whole number in every row, as an identifier has; they are used as numbers: "
        "{names}. Leave out those that only tell rows apart.",
    ),
}


@dataclass(frozen=True)
class Remark:
    """Something to say of a column: what about, and a detail, which may be empty."""

    about: str
    name: str
    detail: str = ""


def sentences(remarks: Sequence[Remark]) -> list[str]:
    """Return remarks in sentences, one for all those about the same."""
    found = []
    for about in dict.fromkeys(remark.about for remark in remarks):
        same = [remark for remark in remarks if remark.about == about]
        details = [f" ({remark.detail})" if remark.detail else "" for remark in same]
        one, many = _SENTENCES[about]
        if len(same) == 1:
            found.append(one.format(name=repr(same[0].name), detail=details[0]))
            continue
        # What holds for all is said once.
        shared = details[0] if len(set(details)) == 1 else ""
        own = ["" if shared else detail for detail in details]
        names = listed([f"{r.name!r}{detail}" for r, detail in zip(same, own, strict=True)])
        found.append(many.format(count=len(same), names=names, detail=shared))
    return found


@dataclass(frozen=True)
class Table:
    """A table as it is learnt from.

    Each reading gives one or several of the `columns`. `left_out` are columns that should not be used, and why;
    `notes` are sentences.
    """

    readings: tuple[Reading, ...]
    columns: tuple[Column, ...]
    left_out: Mapping[str, str]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Found:
    """How a column is to be read, its values so read (not of categories), and what to say of it."""

    reading: Reading
    values: Array | None = None
    remarks: tuple[Remark, ...] = ()


def inferred(columns: Sequence[RawColumn]) -> Table:
    """Return the columns of a table as numbers and categories, and how each has been read."""
    taken = {column.name for column in columns}
    readings, made = list[Reading](), list[Column]()
    remarks, left_out = list[Remark](), dict[str, str]()
    for raw in columns:
        found = _found(raw, taken)
        reading, values = found.reading, found.values
        readings.append(reading)
        made += reading.read(raw) if values is None else reading.columns_of(values)
        remarks += found.remarks
        if values is None or not _tells_rows_apart(raw, reading, values):
            continue
        named = bool(_IDENTIFIER.search(raw.name))
        from_start = values.min() in (0, 1)
        if (np.diff(values) == 1).all() and (from_start or named):
            left_out[raw.name] = ROW_NUMBER
        elif named or (from_start and np.ptp(values) == len(values) - 1):
            remarks.append(Remark("identifier", raw.name))
    return Table(tuple(readings), tuple(made), left_out, tuple(sentences(remarks)))


def _tells_rows_apart(raw: RawColumn, reading: Reading, values: Array) -> bool:
    """Return whether a column has another whole number in every row."""
    text = isinstance(raw.values, Coded) and reading.kind == "number"
    return (
        (text or raw.was == "whole numbers")
        and len(values) > _FEWEST_COUNTED
        and bool(np.isfinite(values).all() and (values == np.floor(values)).all())
        and len(np.unique(values)) == len(values)
    )


def _found(raw: RawColumn, taken: Iterable[str]) -> _Found:
    """Return what is found of a column; `taken` are the names of all columns."""
    if isinstance(raw.values, np.ndarray):
        if raw.was == "dates":
            return _of_dates(raw, Reading(raw.name, "dates"), raw.values, taken)
        if raw.was == "durations":
            remark = Remark("durations", raw.name)
            return _Found(Reading(raw.name, "durations"), raw.values, (remark,))
        if raw.was == "whole numbers" and _are_compact_dates(raw.values):
            reading = Reading(raw.name, "dates", compact=True)
            return _of_dates(raw, reading, reading.numbers(raw), taken)
        return _of_numbers(raw, Reading(raw.name, "number"), raw.values)
    category = Reading(raw.name, "category")
    sample = _sample_of(raw.values).occurring
    texts = any(isinstance(level, str) for level in sample)
    if raw.was == "categories" or "bool" in raw.types or not texts:
        return _Found(category, remarks=_remarks_on_types(raw))
    best = _best(raw.values, _written_numbers(raw.name, sample))
    codes = [v for v in best.others if isinstance(v, str) and _CODE.fullmatch(v.strip())]
    if best.share >= MOSTLY and _are_compact_dates(best.values):
        best = _read_by(raw.values, Reading(raw.name, "dates", compact=True))
        found = _of_dates(raw, best.reading, best.values, taken)
        return replace(found, remarks=(*found.remarks, *_remarks_on_gaps(raw, best)))
    if best.share >= MOSTLY and not codes:
        odd = tuple(v for v in best.others if isinstance(v, str))
        found = _of_numbers(raw, replace(best.reading, missing=odd), best.values)
        said = (*_remarks_on_texts(raw, best.reading), *_remarks_on_gaps(raw, best))
        return replace(found, remarks=(*said, *found.remarks))
    if codes and best.share >= PARTLY:
        return _Found(category, remarks=(Remark("codes", raw.name, codes[0]),))
    if best.share >= PARTLY:
        shown = listed([repr(v) for v in best.others])
        return _Found(category, remarks=(Remark("partly", raw.name, f"but not {shown}"),))
    best = _best(raw.values, [Reading(raw.name, "durations")])
    if best.share >= MOSTLY:
        said = (Remark("durations", raw.name), *_remarks_on_gaps(raw, best))
        return _Found(best.reading, best.values, said)
    best = _best(raw.values, _written_dates(raw.name, sample))
    if best.share >= MOSTLY:
        found = _of_dates(raw, best.reading, best.values, taken)
        return replace(found, remarks=(*found.remarks, *_remarks_on_gaps(raw, best)))
    return _Found(category, remarks=_remarks_on_types(raw))


def _sample_of(values: Coded) -> Coded:
    return values[:: max(1, len(values) // _SAMPLE)]


def _written_numbers(name: str, sample: Sequence[Any]) -> list[Reading]:
    """Return the ways in which text may be numbers; of several units the most frequent is the column's."""
    tries = []
    for decimal in ".,":
        read = (read_number(v, decimal) for v in sample if isinstance(v, str))
        units = Counter(found[1] for found in read if found and found[1])
        tries.append(Reading(name, "number", decimal, units.most_common(1)[0][0] if units else ""))
    return tries


def _written_dates(name: str, sample: Sequence[Any]) -> list[Reading]:
    unclear = any(isinstance(v, str) and _DAY_OR_MONTH.match(v) for v in sample)
    return [
        Reading(name, "dates", month_first=first)
        for first in ([False, True] if unclear else [False])
    ]


@dataclass(frozen=True)
class _Try:
    """A way to read text: what share of the known values it can read, them, and which others there are."""

    reading: Reading
    share: float = 0.0
    values: Array = field(default_factory=lambda: np.empty(0))
    others: tuple[Any, ...] = ()


def _best(values: Coded, tries: Sequence[Reading]) -> _Try:
    """Return the way by which most can be read.

    Of equals it is the first: "1,234" alone is a comma between thousands. But dates of which each is the
    first of a month in the second way, and of January in the first, are read in the second.
    """
    first = _tried(values, tries[0])
    dates = first.reading.kind == "dates"
    if len(tries) == 1 or (first.share == 1 and not dates):
        return first
    second = _tried(values, tries[1])
    if dates and first.share == second.share >= MOSTLY:
        regular = set(_day_of_month(second.values).tolist()) == {1}
        return second if regular and set(_day_of_month(first.values).tolist()) != {1} else first
    return second if second.share > first.share else first


def _tried(values: Coded, reading: Reading) -> _Try:
    sample = _sample_of(values)
    if len(sample) < len(values) and _read_by(sample, reading).share < PARTLY / 2:
        return _Try(reading)
    return _read_by(values, reading)


def _read_by(values: Coded, reading: Reading) -> _Try:
    counts = values.counts
    read = [reading.level(v) if n else np.nan for v, n in zip(values.levels, counts, strict=True)]
    others = tuple(v for v, number in zip(values.levels, read, strict=True) if number is None)
    numbers = np.array([np.inf if number is None else number for number in read], np.float64)
    odd = np.array([number is None for number in read], bool)
    gap = np.isnan(numbers)
    share = counts[~gap & ~odd].sum() / max(1, counts[~gap].sum())
    return _Try(
        reading, float(share), values.looked_up(np.where(odd, np.nan, numbers), np.nan), others
    )


def _day_of_month(days: Array) -> Array:
    dates = np.floor(days[~np.isnan(days)]).astype(np.int64).astype("M8[D]")
    since: Array = (dates - dates.astype("M8[M]")).astype(np.int64)
    return since + 1


def _of_numbers(raw: RawColumn, reading: Reading, values: Array) -> _Found:
    """Return the reading with the ends of its numbers, and a remark on infinite ones."""
    finite = values[np.isfinite(values)]
    infinite = int(np.isinf(values).sum())
    if finite.size:
        reading = replace(reading, lowest=float(finite.min()), highest=float(finite.max()))
    said = (
        [Remark("infinite", raw.name, f"{infinite:,} of them")]
        if finite.size
        else [Remark("nothing finite", raw.name)]
    )
    return _Found(reading, values, tuple(said) if infinite else ())


def _are_compact_dates(numbers: Array) -> bool:
    """Return whether all numbers are dates of 1900 to 2100 such as 20240331: of others 1 in 27 would be."""
    known = np.unique(numbers[~np.isnan(numbers)])
    if len(known) < _FEWEST_DATES or known[0] < 1900_01_01 or known[-1] > 2100_12_31:
        return False
    return not np.isnan(days_of_compact(known)).any()


def _of_dates(raw: RawColumn, reading: Reading, days: Array, taken: Iterable[str]) -> _Found:
    """Return the reading with the parts that differ between the dates, and a remark on it."""
    # Of dates that are all the first of a month the day of the week means nothing.
    regular = len(set(_day_of_month(days).tolist())) < 2
    parts = {}
    for part in PARTS:
        values = part_of_dates(part, days)
        varies = len(np.unique(values[~np.isnan(values)])) > 1
        if varies and not (regular and part == "day of the week"):
            name = f"{raw.name}: {part}"
            parts[name + "'" * (name in taken)] = part
    said = []
    if reading.compact:
        said.append("numbers such as 20240331")
    if parts:
        said.append(f"with columns of their own for {listed(list(parts.values()), len(PARTS))}")
    if isinstance(raw.values, Coded) and any(
        isinstance(level, str) and _DAY_OR_MONTH.match(level) for level in raw.values.levels
    ):
        said.append("03/04 is " + ("March 4" if reading.month_first else "April 3"))
    remark = Remark("dates", raw.name, "; ".join(said))
    return _Found(replace(reading, parts=parts), days, (remark,))


def _remarks_on_texts(raw: RawColumn, reading: Reading) -> list[Remark]:
    """Return what to say of numbers written as text, with an example of those that are not plain."""
    assert isinstance(raw.values, Coded)
    texts = (level for level in raw.values.levels[:_SAMPLE] if isinstance(level, str))
    odd = [text for text in texts if not _PLAIN.fullmatch(text.strip())]
    read = {text: number for text in odd if np.isfinite(number := reading.level(text) or np.nan)}
    shown = ""
    if read:
        text = max(read, key=len)
        shown = f"{text!r} as {read[text]:.12g}"
    return [Remark("written", raw.name, shown)]


def _remarks_on_gaps(raw: RawColumn, read: _Try) -> list[Remark]:
    """Return what to say of text that counts as missing: the usual signs, and what cannot be read."""
    assert isinstance(raw.values, Coded)
    signs = [repr(v) for v in raw.values.levels if isinstance(v, str) and is_gap(v)]
    said = [Remark("gaps", raw.name, listed(signs))] if signs else []
    if read.others:
        odd = set(read.others)
        first = int(np.argmax(raw.values.looked_up((v in odd for v in raw.values.levels), False)))
        shown = listed([repr(v) for v in read.others])
        said.append(Remark("slips", raw.name, f"{shown}; the first in row {first}, counted from 0"))
    return said


def _remarks_on_types(raw: RawColumn) -> tuple[Remark, ...]:
    names, numbers = set(raw.types), {"int", "float"}
    if len(names - numbers) > 1 or (names & numbers and names - numbers):
        return (Remark("mixed", raw.name, ", ".join(raw.types)),)
    if names - {*numbers, "str", "bool", "bytes"}:
        return (Remark("objects", raw.name, ", ".join(raw.types)),)
    return ()
