"""Ctrl-C during training: it ends the training after the update at hand, never in the middle of one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType


class Interrupts:
    """While this context is open, the first Ctrl-C is only noted in `came`; a second one interrupts at once.

    Each of `stops` is called when it comes: by it a compiled call hears that it has to end.

    Signals reach the main thread alone, so in another thread, and where a program handles Ctrl-C in a way
    of its own, nothing is changed.
    """

    def __init__(self) -> None:
        self.came = False
        self.stops: list[Callable[[], None]] = []
        self._taken_over = False

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.came:
            raise KeyboardInterrupt
        self.came = True
        for stop in self.stops:
            stop()

    def __enter__(self) -> Interrupts:
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._note)
            self._taken_over = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        if self._taken_over:
            signal.signal(signal.SIGINT, signal.default_int_handler)
