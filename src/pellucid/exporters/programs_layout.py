"""How lines of a program are laid out: comments that line up, long formulas in several lines, matrices."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence

# A line of code, and one with a comment beside it.
WIDTH, WIDTH_WITH_COMMENT = 100, 110

# Up to so many decimals, zeros are added until all numbers of a column have the same.
MOST_ADDED = 4

# Where a formula may go on in the next line: after a comma, or before an operator; the last resort last.
_BREAKS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<=,) ",
        r" (?=[&|] )",
        r" (?=(?:[<>=!]=|[<>]) )",
        r" (?=[-+] )",
        r" (?=(?:[*/@]|%\*%) )",
    )
)


def plain(text: str, most: int = 60) -> str:
    r"""Return a name that a user gave as one line of printable letters, cut when it is long.

    >>> plain("a\nb"), plain("x" * 100, 5)
    ('a b', 'xxxx…')
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def comment(text: str, width: int = WIDTH) -> list[str]:
    """Return a text as comment lines."""
    return textwrap.wrap(text, width, initial_indent="# ", subsequent_indent="# ")


def wrapped(start: str, text: str, indent: str, width: int = WIDTH) -> list[str]:
    """Return ``start text`` in one line, or in several: what is in its last parentheses, or all of it, apart."""
    if len(start) + len(text) <= width:
        return [start + text]
    opening = _matching(text)
    if opening is None or len(start) + opening >= width:
        before, inner = f"{start}(", text
    else:
        before, inner = start + text[: opening + 1], text[opening + 1 : -1]
    parts = _parts(inner, indent, width - len(indent))
    return [before, *(indent + part for part in parts), ")"]


def _matching(text: str) -> int | None:
    """Return where the parenthesis opens that the last letter closes."""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] == ")") - (text[at] == "(")
        if depth == 0:
            return at if text.endswith(")") else None
    return None


def _parts(text: str, indent: str, width: int) -> list[str]:
    """Return a text in lines that fit, broken where it is bound least tightly."""
    if len(text) <= width:
        return [text]
    depth, outside = 0, []
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        outside.append(depth == 0)
    for pattern in _BREAKS:
        places = [m.start() for m in pattern.finditer(text) if outside[m.start()]]
        if places:
            ends = zip([-1, *places], [*places, len(text)], strict=True)
            pieces = [text[start + 1 : end] for start, end in ends]
            return [line for piece in pieces for line in _wrapped_piece(piece, indent, width)]
    opening = _matching(text)
    return [text] if opening is None or opening >= width else wrapped("", text, indent, width)


def _wrapped_piece(piece: str, indent: str, width: int) -> list[str]:
    """Return a piece that may begin with an operator and end with a comma."""
    operator = re.match(r"(?:[-+*/@&|<>=!]|%\*%)=? ", piece)
    start = operator[0] if operator else ""
    body, comma = piece[len(start) :], ""
    if body.endswith(","):
        body, comma = body[:-1], ","
    if len(piece) <= width or (_matching(body) is None and not _breakable(body)):
        return [piece]
    lines = wrapped(start, body, indent, width)
    return [*lines[:-1], lines[-1] + comma]


def _breakable(text: str) -> bool:
    return any(pattern.search(text) for pattern in _BREAKS)


def aligned(pairs: Sequence[tuple[list[str], str]], room: int = 0) -> list[str]:
    """Return statements with their comments beside them in one column, or above where that is too wide.

    Parameters
    ----------
    pairs
        For each statement its lines, and what is said about it.
    room
        What an indent takes of the width.
    """
    widest = WIDTH_WITH_COMMENT - room

    def fits(lines: list[str], said: str, column: int = 0) -> bool:
        return len(lines) == 1 and max(column, len(lines[0])) + len("  # ") + len(said) <= widest

    beside = [(lines, said) for lines, said in pairs if said and fits(lines, said)]
    # The widest column that is wide enough for one statement and leaves room for every comment.
    columns = sorted({len(lines[0]) for lines, _ in beside})
    column = max((c for c in columns if all(fits(*pair, c) for pair in beside)), default=0)
    found = []
    for lines, said in pairs:
        if (lines, said) in beside:
            found.append(f"{lines[0]:{column}}  # {said}")
        else:
            found += [*comment(said, WIDTH - room), *lines]
    return found


def columns(cells: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the texts of a matrix's cells so that the numbers of a column stand below each other.

    Short ones get the same number of decimals, which does not change what they are.

    >>> columns([["0.1", "-1"], ["0.25", "3"]])
    [['0.10', '-1'], ['0.25', ' 3']]
    """
    made = [_column(column) for column in zip(*cells, strict=True)]
    return [list(row) for row in zip(*made, strict=True)]


def _column(texts: Sequence[str]) -> list[str]:
    decimals = max(len(text.partition(".")[2]) for text in texts)
    simple = all(re.fullmatch(r"-?\d+(\.\d+)?", text) for text in texts)
    if simple and 0 < decimals <= MOST_ADDED:
        texts = [f"{float(text):.{decimals}f}" for text in texts]
    width = max(map(len, texts))
    return [text.rjust(width) for text in texts]


def filled(items: Iterable[str], width: int, indent: str = "") -> list[str]:
    """Return items with commas between them, in lines of at most a width where they can be."""
    lines: list[str] = []
    for item in items:
        if lines and len(lines[-1]) + len(item) + 3 <= width:
            lines[-1] += f" {item},"
        else:
            lines.append(f"{indent if lines else ''}{item},")
    return lines
