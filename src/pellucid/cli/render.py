"""Sheets, texts and rules as lines for a terminal of at least 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pellucid.views.plain_letters import plain_letters
from pellucid.views.sheet import COMPUTED, PLAIN, SOURCE, Sheet, SheetCell

if TYPE_CHECKING:
    from rich.console import Console

NARROWEST, WIDEST = 80, 100
MOST_ROWS = 10
LABEL = 7  # so much of a column's label is shown, though its numbers are shorter

# Dark letters on these colours are readable whether the terminal is light or dark.
FILL = {
    (COMPUTED, False): "color(16) on #ffe98f",
    (COMPUTED, True): "bold color(16) on #ffc61a",
    (SOURCE, False): "color(16) on #ffd0a3",
    (SOURCE, True): "bold color(16) on #ff9d4d",
    (PLAIN, False): "",
    (PLAIN, True): "bold",
}
MARKS = {COMPUTED: ("[", "]"), SOURCE: ("‹", "›"), PLAIN: (" ", "│")}
# A grey and a blue of middling lightness, from the fixed palette: some terminals' own greys are
# the colour of their background.
QUIET = "color(244)"
HEADING = "bold"
FORMULA = "bold color(32)"
NOTE = "italic"

# A line is pieces of text with a style each.
Piece = tuple[str, str]
Line = tuple[Piece, ...]


def width_of(line: Line) -> int:
    """Return the number of columns that a line takes."""
    return sum(len(text) for text, _ in line)


def line(*pieces: str | Piece) -> Line:
    """Return a line from texts and (text, style) pairs."""
    return tuple((p, "") if isinstance(p, str) else p for p in pieces)


def wrapped(
    text: str, width: int, style: str = "", indent: str = "", later: str | None = None
) -> list[Line]:
    """Return a text as lines of at most `width` columns, each with an indent."""
    import textwrap

    rest = indent if later is None else later
    return [
        line((part, style))
        for part in textwrap.wrap(
            text, width, initial_indent=indent, subsequent_indent=rest, break_on_hyphens=False
        )
    ]


def rule(text: str, width: int, right: str = "") -> Line:
    """Return a heading with a line after it, and a small text at its end."""
    tail = f" {right} ──" if right else ""
    dashes = "─" * max(2, width - len(text) - len(tail) - 5)
    return line(("── ", QUIET), (text, HEADING), (f" {dashes}{tail}", QUIET))


@dataclass(frozen=True)
class Block:
    """Lines of equal width that are placed beside others."""

    lines: tuple[Line, ...]
    width: int

    @classmethod
    def of(cls, lines: Iterable[Line]) -> Block:
        """Return a block as wide as its widest line."""
        kept = tuple(lines)
        width = max(map(width_of, kept), default=0)
        return cls(tuple(_filled(each, width) for each in kept), width)


def _filled(of: Line, width: int) -> Line:
    missing = width - width_of(of)
    return (*of, (" " * missing, "")) if missing > 0 else of


def beside(blocks: Sequence[Block], gap: int = 2) -> list[Line]:
    """Return blocks side by side, aligned at the top."""
    height = max(len(b.lines) for b in blocks)
    lines = []
    for at in range(height):
        pieces: list[Piece] = []
        for k, block in enumerate(blocks):
            if k:
                pieces.append((" " * gap, ""))
            pieces += block.lines[at] if at < len(block.lines) else [(" " * block.width, "")]
        lines.append(tuple(pieces))
    return lines


def stacked(blocks: Sequence[Block]) -> Block:
    """Return blocks one below the other."""
    return blocks[0] if len(blocks) == 1 else Block.of(each for b in blocks for each in b.lines)


def table(rows: Sequence[Sequence[str]], gap: int = 2, left: int = 0) -> list[Line]:
    """Return rows of texts in columns; the first row is a heading.

    The first `left` columns are aligned on the left, the others, numbers, on the right.
    """
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = []
    for at, row in enumerate(rows):
        text = (" " * gap).join(
            cell.ljust(w) if k < left else cell.rjust(w)
            for k, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        lines.append(line((text.rstrip(), "" if at else QUIET)))
    return lines


def arrow(height: int) -> Block:
    """Return the arrow between what is read and what comes of it."""
    return Block(tuple(line("→" if at == height else " ") for at in range(height + 1)), 1)


def sheet_block(sheet: Sheet, *, colour: bool, width: int, rows: int = MOST_ROWS) -> Block:
    """Return a sheet with its grid; what does not fit is left out and marked with ``…``.

    With `colour` the roles of cells are shown by their background; without it a computed cell is
    ``[0.0015]`` and one that it comes from ``‹0.0081›``.
    """
    shown_rows, cell, side, fits = _measured(sheet, width, rows)
    single = not any(sheet.axes)
    columns = _some(sheet.shape[1], fits)
    rim = [cell + 1 if c is not None else 2 for c in columns]

    def border(left: str, middle: str, right: str) -> Line:
        text = " " * side + left + middle.join("─" * w for w in rim) + right
        return line((text, QUIET))

    heads = " " * side + " "
    for c, w in zip(columns, rim, strict=True):
        heads += ("…" if c is None else _cut(sheet.column_headers[c], w)).center(w) + " "
    lines = [_title(sheet, len(border("┌", "┬", "┐")[0][0]))]
    lines.append(line((heads, QUIET)))
    lines.append(border("┌", "┬", "┐"))
    for r in shown_rows:
        if r is None:
            text = " " * side + "│" + "│".join("…".rjust(w) for w in rim) + "│"
            lines.append(line((text, QUIET)))
            continue
        head = "" if single else sheet.row_headers[r].rjust(side - 1) + " "
        pieces: list[Piece] = [(head + "│", QUIET)]
        for c, w in zip(columns, rim, strict=True):
            if c is None:
                pieces += [("…".rjust(w), QUIET), ("│", QUIET)]
            else:
                pieces += _cell(sheet.cells[r][c], w - 1, colour)
        if colour:
            pieces[-1] = ("│", QUIET)
        lines.append(tuple(pieces))
    lines.append(border("└", "┴", "┘"))
    return Block.of(lines)


def _cell(cell: SheetCell, width: int, colour: bool) -> list[Piece]:
    text = cell.text.rjust(width)
    if colour:
        fill = FILL[cell.role, cell.marked]
        ground = fill[fill.index(" on ") :] if " on " in fill else ""
        return [(f" {text}", fill), ("│", f"{QUIET}{ground}")]
    left, right = MARKS[cell.role]
    return [(left, ""), (text, ""), (right, "" if cell.role != PLAIN else QUIET)]


def _title(sheet: Sheet, width: int) -> Line:
    rows, columns = sheet.shape
    short = f"{rows}×{columns}"
    by = [axis for axis in sheet.axes if axis]
    for caption in (f"{short}  {' × '.join(by)}" if by else "", short):
        if caption and len(sheet.name) + 2 + len(caption) <= width:
            return line((sheet.name, HEADING), "  ", (caption, QUIET))
    return line((sheet.name, HEADING))


def _some(count: int, most: int) -> list[int | None]:
    """Return the positions to show: all, or the first ones, a gap, and the last."""
    if count <= most:
        return list(range(count))
    return [*range(most - 2), None, count - 1]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def is_cut(sheet: Sheet, width: int, rows: int = MOST_ROWS) -> bool:
    """Tell whether `sheet_block` leaves out a part of the sheet."""
    return sheet.shape[0] > rows or sheet.shape[1] > _measured(sheet, width, rows)[3]


def _measured(sheet: Sheet, width: int, rows: int) -> tuple[list[int | None], int, int, int]:
    """Return the rows to show, the width of a cell and of the row headers, and what fits."""
    shown_rows = _some(sheet.shape[0], rows)
    shown = [r for r in shown_rows if r is not None]
    longest = max(map(len, sheet.column_headers), default=0)
    cell = max((len(c.text) for r in shown for c in sheet.cells[r]), default=1)
    cell = max(cell, min(longest, LABEL) - 1)
    side = max((len(sheet.row_headers[r]) for r in shown), default=1) + 1
    side = side if any(sheet.axes) else 0
    fits = max(2, (min(width, WIDEST) - side - 1) // (cell + 2))
    return shown_rows, cell, side, fits


class Screen:
    """Where pages are written: a rich console, its width, and what it can show.

    Parameters
    ----------
    console
        A console to write to; by default one on standard output.

    Attributes
    ----------
    width
        Columns that a page may take, from 80 to 100.
    colour
        Whether it shows colours; without, no escape codes are written at all.
    """

    def __init__(self, console: Console | None = None) -> None:
        import os

        from rich.console import Console

        found = console or Console(highlight=False)
        if os.environ.get("NO_COLOR") and console is None:
            found = Console(highlight=False, color_system=None)
        self.colour = found.color_system is not None and not found.no_color
        self.console = found
        self.width = max(NARROWEST, min(WIDEST, found.width))
        self.height = max(20, found.height)
        self.ascii = not _encodes(found.encoding)

    @property
    def is_interactive(self) -> bool:
        """Whether a person sits at both ends: pages can wait for a key."""
        import sys

        return self.console.is_terminal and sys.stdin.isatty()

    def write(self, lines: Iterable[Line]) -> None:
        """Write lines, none of them broken."""
        from rich.text import Text

        for each in lines:
            pieces = [(plain_letters(t) if self.ascii else t, style) for t, style in each]
            if not self.colour:
                pieces = [("".join(text for text, _ in pieces).rstrip(), "")]
            self.console.print(
                Text.assemble(*pieces), no_wrap=True, overflow="ignore", crop=False, soft_wrap=True
            )

    def clear(self) -> None:
        """Empty the screen; without escape codes, leave a line empty instead."""
        if self.colour:
            self.console.clear()
        else:
            self.write([()])


def _encodes(encoding: str) -> bool:
    try:
        "│─┼▶●·⊙ᵀ‹›→…█".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
