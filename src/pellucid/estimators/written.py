"""Numbers, dates and times as people write them in a table's cells."""

from __future__ import annotations

import datetime
import re

DAY = 86_400.0

# How people write that a number is missing.
GAPS = {
    *("", "?", "-", "--", ".", "..", "...", "–", "—", "*"),
    *("na", "n/a", "#n/a", "n.a.", "nan", "nat", "none", "null", "nil", "missing", "unknown"),
    *("not available", "not applicable", "tbd", "#value!", "#div/0!", "#ref!"),
}

_CURRENCIES = (
    r"(?:US|A|C|R)?\$|[€£¥₹₽₩₺₪₫₴₦฿]|kr|zł|Kč|Rs"
    "|USD|EUR|GBP|JPY|CHF|CNY|INR|AUD|CAD|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|ZAR"
)
# Between thousands, besides the one of comma and point that does not stand before decimals: spaces of
# several widths, and the apostrophe of Switzerland.
_SPACES = " \u00a0\u2009\u202f'’"


def _number_pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    point, between = re.escape(decimal), f"[{re.escape(thousands)}{_SPACES}]"
    # No number begins with zeros: that is a code of some kind. In India all groups but the last have two digits.
    whole = (
        rf"(?:0|[1-9][0-9]*|[1-9][0-9]{{0,2}}(?:(?P<by>{between})[0-9]{{3}})(?:(?P=by)[0-9]{{3}})*"
        rf"|[1-9][0-9]?(?:{re.escape(thousands)}[0-9]{{2}})+{re.escape(thousands)}[0-9]{{3}})"
    )
    return re.compile(
        rf"(?P<sign>[-+−]?)\s?(?P<before>{_CURRENCIES})?\s?(?P<inner>[-+−]?)"
        rf"(?P<digits>{whole}(?:{point}[0-9]*)?|{point}[0-9]+|inf|infinity|∞)"
        rf"(?P<exponent>e[+-]?[0-9]+)?\s?(?P<after>[%‰]|{_CURRENCIES})?",
        re.IGNORECASE,
    )


_NUMBERS = {".": _number_pattern(".", ","), ",": _number_pattern(",", ".")}
_PLAIN_NUMBER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?")
_NOT_DIGITS = re.compile(rf"[{_SPACES},]")


def is_gap(text: str) -> bool:
    """Return whether a text is one of the usual signs for a missing value."""
    return text.strip().casefold() in GAPS


def read_number(text: str, decimal: str = ".") -> tuple[float, str] | None:
    """Return the number that a text is, and its unit (a currency, "%" or ""); None if it is none.

    `decimal` stands before decimals; the other one of "." and "," may stand between thousands.

    >>> read_number("-$1,234.50"), read_number("€ 1.200,50", ","), read_number("12 %"), read_number("007")
    ((-1234.5, '$'), (1200.5, '€'), (12.0, '%'), None)
    """
    text = text.strip()
    if _PLAIN_NUMBER.fullmatch(text) and (decimal == "." or "." not in text):
        return float(text), ""
    found = _NUMBERS[decimal].fullmatch(text)
    if not found or (found["sign"] and found["inner"]) or (found["before"] and found["after"]):
        return None
    digits = found["digits"].replace("∞", "inf")
    if decimal == ",":
        digits = digits.replace(".", "").replace(",", ".")
    number = float(_NOT_DIGITS.sub("", digits) + (found["exponent"] or ""))
    negative = (found["sign"] or found["inner"]) in ("-", "−")
    return -number if negative else number, found["before"] or found["after"] or ""


_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = r"(?P<name>[a-z]{3})[a-z]*\.?"
_TIME = (
    r"(?P<hour>\d{1,2}):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?:\s?(?P<half>[ap])\.?m\.?)?"
)
_ZONE = r"(?:\s?(?P<zone>Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?))?"
_DATES = tuple(
    re.compile(rf"(?:[a-z]{{3,9}},?\s)?{form}(?:(?:\s?,\s?|\s|T){_TIME}{_ZONE})?", re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})(?P<by>[-/.])(?P<month>\d{1,2})(?:(?P=by)(?P<day>\d{1,2}))?",
        r"(?P<first>\d{1,2})(?P<by>[-/.])(?P<second_>\d{1,2})(?P=by)(?P<year>\d{4})",
        r"(?P<first>\d{1,2})/(?P<second_>\d{1,2})/(?P<year>\d{2})",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-\s.]{{0,2}}{_MONTH}[-\s,]{{0,2}}(?P<year>\d{{4}})",
        rf"{_MONTH}[-\s](?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?[-\s](?P<year>\d{{4}})",
        rf"{_MONTH}[-\s](?P<year>\d{{4}})",
        r"(?P<month>\d{1,2})/(?P<year>\d{4})",
    )
)
_ISO = re.compile(r"\d{4}-\d|\d{8}T\d")
_CLOCK = re.compile(rf"(?P<sign>[+-]?)(?:(?P<days>\d+) days?,? )?{_TIME}", re.IGNORECASE)
_FIRST_DAY = datetime.date(1970, 1, 1).toordinal()


def days_since_1970(value: datetime.date) -> float:
    """Return a date or a moment in days since 1970-01-01; one with a time zone counts in UTC."""
    days: float = value.toordinal() - _FIRST_DAY
    if isinstance(value, datetime.datetime):
        seconds = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
        offset = value.utcoffset()
        days += (seconds - (offset.total_seconds() if offset else 0.0)) / DAY
    return days


def read_date(text: str, *, month_first: bool = False) -> float | None:
    """Return the date that a text is, in days since 1970-01-01 (in UTC if it names a zone); None if it is none.

    Dates are read with the year in front (2024-03-31), with the month by its name (31 Mar 2024), and as
    31/03/2024, or 03/31/2024 where the month is first; each may have a time behind it.

    >>> read_date("1970-01-02T12:00"), read_date("3/1/1970"), read_date("Jan 1970"), read_date("31.2.1970")
    (1.5, 2.0, 0.0, None)
    """
    text = text.strip()
    if _ISO.match(text):
        try:
            return days_since_1970(datetime.datetime.fromisoformat(text))
        except ValueError:
            pass  # what people write may differ from the norm
    for form in _DATES:
        if found := form.fullmatch(text):
            return _days_of(found, month_first)
    return None


def _days_of(found: re.Match[str], month_first: bool) -> float | None:
    parts = found.groupdict()
    year, month, day = parts["year"], parts.get("month"), parts.get("day") or 1
    if parts.get("first"):
        day, month = parts["first"], parts["second_"]
        if month_first:
            day, month = month, day
    if name := parts.get("name"):
        month = _MONTHS.index(name.lower()) + 1 if name.lower() in _MONTHS else 0
    # Of two digits as POSIX reads them: 69 to 99 are of the last century.
    century = 0 if len(year) == 4 else 1900 if int(year) >= 69 else 2000
    try:
        days = datetime.date(century + int(year), int(month or 0), int(day)).toordinal()
    except ValueError:
        return None
    time = _time_of(parts) if parts["hour"] else 0.0
    if time is None or time >= 1:
        return None
    zone = parts["zone"] or ""
    hours = (
        float(zone[:3]) + float(zone[:1] + (zone[3:].strip(":") or "0")) / 60
        if zone[:1] in ("+", "-")
        else 0.0
    )
    return days - _FIRST_DAY + time - hours / 24


def _time_of(parts: dict[str, str | None]) -> float | None:
    """Return the part of a day that has passed, in days."""
    hour = int(parts["hour"] or 0)
    if half := parts["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    seconds = hour * 3600 + int(parts["minute"] or 0) * 60
    return (seconds + float(f"{parts['second'] or 0}.{parts['fraction'] or 0}")) / DAY


def read_duration(text: str) -> float | None:
    """Return the time of day or the duration that a text is, in days; None if it is none.

    >>> read_duration("12:30"), read_duration("6:00 pm"), read_duration("2 days 06:00:00"), read_duration("1:2")
    (0.5208333333333334, 0.75, 2.25, None)
    """
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return None
    parts = found.groupdict()
    time = _time_of(parts)
    if time is None:
        return None
    days = float(parts["days"] or 0) + time
    return -days if parts["sign"] == "-" else days
