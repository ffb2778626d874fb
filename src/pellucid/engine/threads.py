"""Worker threads, and BLAS held to one thread each while they work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
_inside = 0
_limit: Any = None
_controller: ThreadpoolController | None = None


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold BLAS to one thread; the last one to leave puts back what the first one found."""
    global _inside, _limit, _controller
    with _lock:
        if _inside == 0:
            _controller = _controller or ThreadpoolController()
            _limit = _controller.limit(limits=1, user_api="blas")
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _limit.restore_original_limits()
                _limit = None


def run_all(work: Callable[[int], int], workers: int, stop: Callable[[], None]) -> list[int]:
    """Run `work` once for each worker, at the same time, and return what each gave.

    The workers wait for each other, so all threads stand ready before the first begins; when one
    cannot be started, none begins. Ctrl-C comes between two lines of Python, so none of the several
    runs in the caller's thread: an interrupted caller calls `stop`, waits for them all, and goes on
    with its exception.
    """
    if workers == 1:
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
