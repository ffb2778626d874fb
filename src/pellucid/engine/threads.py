"""Worker threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable


def processors() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_all(
    work: Callable[[int], int], workers: int, stop: Callable[[], None], *, apart: bool = False
) -> list[int]:
    """Run `work` once for each worker, at the same time, and return what each gave.

    The workers wait for each other, so all threads stand ready before the first begins; when one
    cannot be started, none begins. Ctrl-C comes between two lines of Python, so none of the several
    runs in the caller's thread: an interrupted caller calls `stop`, waits for them all, and goes on
    with its exception. A single one does run there unless it is to work `apart`.
    """
    if workers == 1 and not apart:
        return [work(0)]
    results: list[int] = [0] * workers
    ready = threading.Event()
    begun = False

    def one(worker: int) -> None:
        ready.wait()
        if begun:
            results[worker] = work(worker)

    threads = [threading.Thread(target=one, args=(w,), daemon=True) for w in range(workers)]
    started = []
    try:
        for thread in threads:
            thread.start()
            started.append(thread)
        begun = True
        ready.set()
        for thread in started:
            thread.join()
    except BaseException:
        stop()
        ready.set()
        for thread in started:
            thread.join()
        raise
    return results
