"""Pages on a screen: all at once, or one after the other by keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pellucid.cli.keys import BACK, NEXT, QUIT, key_name, read_key, read_line
from pellucid.cli.pages import Page, TracePages
from pellucid.cli.render import HEADING, QUIET, Line, Screen, line, rule, wrapped
from pellucid.errors import InputError

HELP = (
    ("space, enter, n, →, ↓", "next"),
    ("b, ←, ↑", "back"),
    ("a number and enter; g", "to this step, such as 9"),
    ("q", "quit"),
    ("?", "this list"),
)
HELP_TRACE = (
    ("c", "one number, its formula and its sources; such as: W1_next 2 3"),
    ("w", "the chain rule of one weight or bias; such as: W1 2 3"),
)


def print_all(pages: Sequence[Page], screen: Screen, closing: Line = ()) -> None:
    """Write all pages, one below the other."""
    for page in pages:
        screen.write([rule(page.heading, screen.width)])
        for part in page.parts:
            screen.write(part)
        screen.write([line()])
    if closing:
        screen.write([closing])


@dataclass
class Walk:
    """Shows pages one after the other, as keys ask for them.

    Attributes
    ----------
    pages
        What there is to show.
    screen
        Where.
    trace_pages
        Makes the pages for the keys c and w; without it there are no such keys.
    read
        Waits for a key.
    """

    pages: Sequence[Page]
    screen: Screen
    trace_pages: TracePages | None = None
    read: Callable[[], str] = read_key

    def run(self, start: int = 0) -> None:
        """Show pages until the last one is left, or q is pressed."""
        at, piece, message = start, 0, ""
        while 0 <= at < len(self.pages):
            pieces = self._pieces(self.pages[at])
            piece = min(piece, len(pieces) - 1)
            self._show(self.pages[at], pieces, piece, f"{at + 1} of {len(self.pages)}", message)
            message = ""
            pressed = self.read()
            key = key_name(pressed)
            if key == QUIT:
                return
            if key == NEXT:
                if piece + 1 < len(pieces):
                    piece += 1
                elif at + 1 == len(self.pages):
                    return
                else:
                    at, piece = at + 1, 0
            elif key == BACK:
                if piece:
                    piece -= 1
                elif at:
                    at -= 1
                    piece = len(self._pieces(self.pages[at])) - 1
            elif key == "g" or key.isdigit():
                typed = self._ask("step", key if key.isdigit() else "")
                found = self._page_of(typed)
                if found is None and typed:
                    message = f"There is no step {typed}. There are {self._numbers()}."
                elif found is not None:
                    at, piece = found, 0
            else:
                message = self._aside(key)

    def _aside(self, key: str) -> str:
        """Show what a key asks for beside the pages; return a message where it cannot."""
        if key == "?":
            self._show_and_wait(self._help())
        elif self.trace_pages is not None and key in ("c", "w"):
            what = "number (name row column)" if key == "c" else "weight (name row column)"
            typed = self._ask(what)
            if not typed:
                return ""
            try:
                name, row, column = parse_cell(typed)
                make = self.trace_pages.cell_page if key == "c" else self.trace_pages.chain_page
                self._show_and_wait(make(name, row, column))
            except InputError as error:
                return str(error)
        else:
            return "Press ? for the list of keys."
        return ""

    def _show_and_wait(self, page: Page) -> None:
        pieces = self._pieces(page)
        at = 0
        while 0 <= at < len(pieces):
            more = at + 1 < len(pieces)
            self._show(page, pieces, at, "", "", "space goes on" if more else "any key goes back")
            key = key_name(self.read())
            if key == QUIT:
                return
            at += -1 if key == BACK else 1

    def _show(
        self,
        page: Page,
        pieces: list[list[Line]],
        piece: int,
        place: str,
        message: str,
        keys: str = "",
    ) -> None:
        screen = self.screen
        screen.clear()
        heading = page.heading + (f"  ({piece + 1}/{len(pieces)})" if len(pieces) > 1 else "")
        screen.write([rule(heading, screen.width, place), *pieces[piece], line()])
        if self.trace_pages is not None and page.number is not None and page.number > 1:
            screen.write([self.trace_pages.legend()])
        if message:
            screen.write(wrapped(message, screen.width - 2, HEADING))
        more = "0-11 step   c number   w chain rule   " if self.trace_pages else ""
        screen.write([line((keys or f"space next   b back   {more}? help   q quit", QUIET))])

    def _pieces(self, page: Page) -> list[list[Line]]:
        """Cut a page into pieces that fit the screen, between its parts where possible."""
        room = self.screen.height - 5  # heading, empty line, legend, keys, cursor
        total = sum(map(len, page.parts))
        # Pieces of about equal length: nothing is left over for a last one of a few lines.
        enough = total / -(-total // room) - 2 if total > room else room
        pieces: list[list[Line]] = [[]]
        for part in page.parts:
            here = len(pieces[-1])
            if here and (here >= enough or here + len(part) > room):
                pieces.append([])
            for each in part:
                if len(pieces[-1]) >= room:
                    pieces.append([])
                if pieces[-1] or each:  # no empty line at the top
                    pieces[-1].append(each)
        return pieces

    def _ask(self, what: str, start: str = "") -> str:
        self.screen.write([line((f"{what}, then enter (escape leaves):", QUIET))])

        def show(text: str) -> None:
            self.screen.console.out(text, end="", highlight=False)
            self.screen.console.file.flush()

        return (read_line(show, start, self.read) or "").strip()

    def _numbers(self) -> str:
        found = sorted({p.number for p in self.pages if p.number is not None})
        if not found:
            return "no numbered ones"
        whole = all(b == a + 1 for a, b in pairwise(found))
        return f"{found[0]} to {found[-1]}" if whole else ", ".join(map(str, found))

    def _page_of(self, typed: str) -> int | None:
        numbers = [page.number for page in self.pages]
        if typed.isdigit() and int(typed) in numbers:
            return numbers.index(int(typed))
        return None

    def _help(self) -> Page:
        rows = (*HELP, *(HELP_TRACE if self.trace_pages else ()))
        lines = [line((f"{keys:<24}", HEADING), what) for keys, what in rows]
        if self.trace_pages:
            from pellucid.cli.pages import SIGNS

            lines += [line(), *wrapped(SIGNS, self.screen.width - 2)]
            names = ", ".join(self.trace_pages.values)
            lines += [line(), *wrapped(f"Names: {names}.", self.screen.width - 2, QUIET)]
        return Page(None, "", "Keys", (lines,))


def parse_cell(text: str) -> tuple[str, int, int]:
    """Return name, row and column from 0 of ``W1 2 3`` or ``W1[2,3]``, counted from 1.

    Row and column may be left out for a single number. Raises `InputError` for anything else.

    >>> parse_cell("W1[2,3]"), parse_cell("loss")
    (('W1', 1, 2), ('loss', 0, 0))
    """
    words = text.replace("[", " ").replace("]", " ").replace(",", " ").split()
    numbers = words[1:]
    if not words or len(numbers) > 2 or not all(n.isdigit() and int(n) for n in numbers):
        raise InputError(
            f"Expected a name, a row and a column, counted from 1, such as W1 2 3. Got {text!r}."
        )
    places = [int(n) - 1 for n in numbers] + [0] * (2 - len(numbers))
    return words[0], places[0], places[1]
