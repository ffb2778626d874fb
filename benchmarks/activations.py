"""How long the float32 forward passes take beside NumPy's exp: ``python benchmarks/activations.py``.

Each is the whole kernel, bias included, over 256 · 256 numbers on one thread. The times are medians
of kernels and NumPy in turns; the ratios are what counts.
"""

from __future__ import annotations

# ruff: noqa: T201 (a program that prints its table)
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from pellucid.catalogue import names
from pellucid.catalogue.records import find
from pellucid.engine import kernels
from pellucid.engine.machine_code import function

ROWS, COLUMNS, CALLS, TURNS = 256, 256, 100, 9


def seconds(work: Callable[[], object]) -> float:
    """Return the time of one element."""
    started = time.perf_counter()
    for _ in range(CALLS):
        work()
    return (time.perf_counter() - started) / (CALLS * ROWS * COLUMNS)


def main() -> None:
    """Measure and print."""
    x = np.random.default_rng(0).normal(scale=2, size=(ROWS, COLUMNS)).astype(np.float32)
    z, a, bias, numbers = x.copy(), np.empty_like(x), np.zeros(COLUMNS, np.float32), np.ones(8)
    at = [int(v.ctypes.data) for v in (z, bias, a)]
    works: dict[str, Callable[[], object]] = {"np.exp": lambda: np.exp(x, out=a)}
    for name in dict.fromkeys(n for n in names("activation") if n != "own"):
        kernel = function(kernels.activation(find("activation", name), "forward", "float32"))

        def work(kernel: Callable[..., object] = kernel) -> object:
            return kernel(*at, ROWS, COLUMNS, int(numbers.ctypes.data), 0, 0, 0)

        works[name] = work
        work()
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(TURNS):
        for name, work in works.items():
            times[name].append(seconds(work))
    base = median(times["np.exp"])
    print("| float32 forward | ns an element | times np.exp |\n|---|---|---|")
    for name, values in times.items():
        print(f"| {name} | {median(values) * 1e9:.2f} | {median(values) / base:.2f} |")


if __name__ == "__main__":
    main()
