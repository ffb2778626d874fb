"""Templates of HTML in which every text is escaped unless it is HTML already."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

# One that no line breaks at.
SPACE = "\N{NO-BREAK SPACE}"
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# A table shows so many lines; the others are folded away.
MOST_LINES = 20
# More decimals than these are written with a power of ten.
LONGEST_DECIMALS = 6
# So are numbers from here on.
LARGEST_PLAIN = 1e7


class Html(str):
    """Text that is HTML already; text that is added to it is escaped."""

    __slots__ = ()

    def __add__(self, other: str) -> Html:
        return Html(str(self) + (other if isinstance(other, Html) else escape(other)))


def fill(template: str, **values: Any) -> Html:
    """Return a template, as of `str.format`, with its values; what is not `Html` is escaped.

    >>> fill("<b>{name}</b>{rest}", name="<&>", rest=Html("<br>"))
    '<b>&lt;&amp;&gt;</b><br>'
    """
    safe = {name: v if isinstance(v, Html) else escape(str(v)) for name, v in values.items()}
    return Html(template.format_map(safe))


def joined(parts: Iterable[Html], between: str = "") -> Html:
    """Return pieces of HTML one after the other."""
    return Html(between.join(parts))


def shown(value: float | None, figures: int = 4) -> str:
    """Return a number for a reader, with so many figures; a dash where there is none.

    >>> shown(0.123456), shown(None), shown(-1234.5), shown(31.0)
    ('0.1235', '–', '−1,234', '31')
    >>> shown(0.0000813)
    '8.13 · 10⁻⁵'
    """
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{value:,.0f}" if 1000 <= abs(value) < LARGEST_PLAIN else f"{value:.{figures}g}"
    text, _, power = text.partition("e")
    if power:
        text += " · 10" + str(int(power)).translate(_RAISED)
    return text.replace("-", "−", 1)


def plus_minus(mean: float, spread: float) -> str:
    """Return a mean and its spread, both to the second figure of the spread.

    >>> plus_minus(0.754123, 0.1834), plus_minus(-1.67e-6, 0.00442), plus_minus(1234.5, 67.8), plus_minus(0.5, 0)
    ('0.75 ± 0.18', '0.0000 ± 0.0044', '1,234 ± 68', '0.5 ± 0')
    """
    if not spread:
        return f"{shown(mean)} ± 0"
    decimals = max(0, 1 - math.floor(math.log10(spread)))
    if decimals > LONGEST_DECIMALS or abs(mean) >= LARGEST_PLAIN:
        return f"{shown(mean, 2)} ± {shown(spread, 2)}"
    # + 0.0 takes the sign off a zero.
    text = f"{round(mean, decimals) + 0.0:,.{decimals}f} ± {spread:,.{decimals}f}"
    return text.replace("-", "−", 1)


def raw(value: Any) -> str:
    """Return a value of a table as it may have stood there; "missing" where there is none.

    >>> raw(2007.0), raw(44.45), raw(None), raw("<a>")
    ('2007', '44.45', 'missing', '<a>')
    """
    if value is None:
        return "missing"
    if isinstance(value, float):
        text = f"{value:,.0f}" if 1e6 <= abs(value) < 1e15 else f"{value:.6g}"
        return text.replace("-", "−", 1)
    return cut(value, 40)


def share(value: float | None) -> str:
    r"""Return a share as a percentage; a dash where there is none.

    >>> share(0.98837), share(None)
    ('98.8\xa0%', '–')
    """
    return "–" if value is None or not math.isfinite(value) else f"{100 * value:.1f}{SPACE}%"


def points(value: float) -> str:
    """Return a difference of two shares, in points of a hundred.

    >>> points(0.0491), points(-0.2), points(-1e-9)
    ('+4.9', '−20.0', '0.0')
    """
    rounded = round(100 * value, 1)
    figure = f"{rounded:+.1f}" if rounded else "0.0"
    return figure.replace("-", "−")


def heading(text: str) -> Html:
    """Return the heading of a part of a section."""
    return fill("<h3>{text}</h3>\n", text=text)


def count(value: float, one: str, many: str = "") -> str:
    """Return a count with its noun; sums of weights keep a decimal.

    >>> count(1, "row"), count(2000, "row"), count(2.5, "class", "classes")
    ('1 row', '2,000 rows', '2.5 classes')
    """
    figure = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return f"{figure} {one if value == 1 else many or one + 's'}"


def cut(text: Any, longest: int = 60) -> str:
    """Return a text of at most so many letters; its middle is left out."""
    line = " ".join(str(text).split())
    if len(line) <= longest:
        return line
    tail = longest // 3
    return f"{line[: longest - tail - 1]}…{line[-tail:]}"


def table(
    heads: Sequence[Any],
    rows: Iterable[Sequence[Any]],
    *,
    numbers: Iterable[int] = (),
    kind: str = "",
) -> Html:
    """Return a table; the columns in `numbers`, from 0, are lined up to the right.

    The first cell of a row is its head.
    """
    right = set(numbers)

    def cell(at: int, value: Any, name: str, scope: str = "") -> Html:
        opening = f"<{name}{scope}{' class=n' if at in right else ''}>"
        return fill(
            "{opening}{value}{closing}",
            opening=Html(opening),
            value=value,
            closing=Html(f"</{name}>"),
        )

    head = joined(cell(at, value, "th", " scope=col") for at, value in enumerate(heads))
    body = joined(
        fill(
            "<tr>{cells}</tr>\n",
            cells=joined(
                cell(at, value, "td" if at else "th", "" if at else " scope=row")
                for at, value in enumerate(row)
            ),
        )
        for row in rows
    )
    return fill(
        '<div class="wide"><table class="{kind}"><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>\n',
        kind=kind,
        head=head,
        body=body,
    )


def long_table(
    heads: Sequence[Any],
    rows: Sequence[Sequence[Any]],
    *,
    numbers: Iterable[int] = (),
    kind: str = "",
) -> Html:
    """Return a table whose lines after the first ones are folded away."""
    numbers = tuple(numbers)
    first = table(heads, rows[:MOST_LINES], numbers=numbers, kind=kind)
    rest = rows[MOST_LINES:]
    if not rest:
        return first
    more = fill(
        "<details><summary>{many} more</summary>{table}</details>\n",
        many=len(rest),
        table=table(heads, rest, numbers=numbers, kind=kind),
    )
    return Html(first + more)


def figure(picture: Html, caption: str) -> Html:
    """Return a picture with what is seen on it."""
    return fill(
        "<figure>{picture}<figcaption>{caption}</figcaption></figure>\n",
        picture=picture,
        caption=caption,
    )


def bar(part: float, kind: str = "") -> Html:
    """Return a bar that fills this part, from 0 to 1, of its cell."""
    return fill(
        '<span class="bar {kind}" style="--part:{part}"></span>',
        kind=kind,
        part=f"{min(max(part, 0.0), 1.0):.4f}",
    )


def paragraphs(texts: Iterable[Any], kind: str = "") -> Html:
    """Return each text as a paragraph."""
    return joined(fill('<p class="{kind}">{text}</p>\n', kind=kind, text=text) for text in texts)


def bullets(texts: Iterable[Any], kind: str = "") -> Html:
    """Return texts as a list."""
    items = joined(fill("<li>{text}</li>\n", text=text) for text in texts)
    return fill('<ul class="{kind}">{items}</ul>\n', kind=kind, items=items)
