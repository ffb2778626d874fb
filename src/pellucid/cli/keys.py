"""Single keys from the terminal, on Unix and on Windows."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

NEXT, BACK, QUIT = "next", "back", "quit"

_NAMED = {
    " ": NEXT,
    "\r": NEXT,
    "\n": NEXT,
    "n": NEXT,
    "\x1b[C": NEXT,
    "\x1bOC": NEXT,
    "\x1b[B": NEXT,
    "\x1bOB": NEXT,
    "\x1b[6~": NEXT,
    "\xe0M": NEXT,
    "\xe0P": NEXT,
    "b": BACK,
    "\x1b[D": BACK,
    "\x1bOD": BACK,
    "\x1b[A": BACK,
    "\x1bOA": BACK,
    "\x1b[5~": BACK,
    "\x7f": BACK,
    "\x08": BACK,
    "\xe0K": BACK,
    "\xe0H": BACK,
    "q": QUIT,
    "\x1b": QUIT,
    "\x03": QUIT,
    "\x04": QUIT,
    "": QUIT,
}


def key_name(pressed: str) -> str:
    r"""Return ``next``, ``back`` or ``quit`` for the keys that mean it; others as they are.

    >>> key_name(" "), key_name("\x1b[D"), key_name("7")
    ('next', 'back', '7')
    """
    return _NAMED.get(pressed, pressed)


def read_key() -> str:
    """Wait for one key and return it; an arrow comes as its whole sequence, no more input as ''."""
    if sys.platform == "win32":
        import msvcrt

        pressed = msvcrt.getwch()
        return "\xe0" + msvcrt.getwch() if pressed in ("\x00", "\xe0") else pressed
    import select
    import termios
    import tty

    handle = sys.stdin.fileno()
    before = termios.tcgetattr(handle)
    try:
        tty.setcbreak(handle, termios.TCSANOW)
        pressed = os.read(handle, 1)
        # What follows an escape at once belongs to the same key.
        while pressed.startswith(b"\x1b") and select.select([handle], [], [], 0.03)[0]:
            pressed += os.read(handle, 1)
            if (len(pressed) > 2 and pressed[-1:].isalpha()) or pressed.endswith(b"~"):
                break
        # The rest of a letter of several bytes.
        while pressed[0:1] >= b"\xc0" and select.select([handle], [], [], 0.03)[0]:
            pressed += os.read(handle, 1)
    except KeyboardInterrupt:
        return "\x03"
    finally:
        termios.tcsetattr(handle, termios.TCSANOW, before)
    return pressed.decode("utf-8", "replace")


def read_line(
    show: Callable[[str], None], start: str = "", read: Callable[[], str] = read_key
) -> str | None:
    """Return a line that is typed key by key, or None when it is left with escape.

    `show` writes what is to be seen; `start` has been typed already.
    """
    typed = start
    show(start)
    while True:
        pressed = read()
        if pressed in ("\r", "\n"):
            show("\n")
            return typed
        if pressed in ("\x1b", "\x03", "\x04", ""):
            show("\n")
            return None
        if pressed in ("\x7f", "\x08"):
            if typed:
                typed = typed[:-1]
                show("\b \b")
        elif pressed.isprintable():
            typed += pressed
            show(pressed)
