"""BLAS held to one thread while Pellucid trains."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from threadpoolctl import ThreadpoolController

# threadpoolctl's limits are those of the whole process, so overlapping trainings share one.
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
