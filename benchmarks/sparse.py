"""How fast the MLPs train on sparse rows beside scikit-learn's: ``python benchmarks/sparse.py [--repeats 5]``.

All are timed in turns. A time is the marginal one of an epoch, (t of 3n epochs - t of n) / 2n; numbers are
medians over the turns. Beside it stands the processor time of all threads, which other programs on the
machine change less.
"""

from __future__ import annotations

# ruff: noqa: T201 (a program that prints its table)
import argparse
import os
import time
import warnings
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import scipy.sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier as Theirs

from pellucid import MLPClassifier

# Rows, columns, the share that is stored, hidden neurons; the default batch of 200 rows.
WORKLOADS = [(20_000, 5_000, 0.01, 100), (20_000, 500, 0.1, 100), (20_000, 1_000, 0.01, 20)]


def seconds(make: Callable[[int], Any], X: Any, y: Any, epochs: int) -> tuple[float, float]:
    """Return the time of a fit, and the processor time of all its threads."""
    begun = time.perf_counter(), time.process_time()
    make(epochs).fit(X, y)
    return time.perf_counter() - begun[0], time.process_time() - begun[1]


def an_epoch(make: Callable[[int], Any], X: Any, y: Any, epochs: int = 1) -> tuple[float, float]:
    """Return the marginal times of an epoch."""
    few, many = (seconds(make, X, y, n) for n in (epochs, 3 * epochs))
    return (many[0] - few[0]) / (2 * epochs), (many[1] - few[1]) / (2 * epochs)


def main() -> None:
    """Print a table for each workload and type."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    warnings.simplefilter("ignore", ConvergenceWarning)
    options = {"random_state": 0, "tol": 0.0}
    for rows, columns, share, hidden in WORKLOADS:
        for dtype in (np.float32, np.float64):
            X = scipy.sparse.random(rows, columns, share, format="csr", random_state=0, dtype=dtype)
            y = np.arange(rows) % 2
            ways: dict[str, Callable[[int], Any]] = {
                "scikit-learn": lambda n, h=hidden: Theirs((h,), max_iter=n, **options)
            }
            for engine, jobs in (("numpy", 1), ("compiled", 1), ("compiled", 2)):
                ways[f"{engine}, n_jobs={jobs}"] = lambda n, h=hidden, e=engine, j=jobs: (
                    MLPClassifier((h,), max_iter=n, engine=e, n_jobs=j, **options)
                )
            for make in ways.values():
                make(1).fit(X, y)  # kernels are there
            found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
            for _ in range(repeats):
                for name, make in ways.items():
                    found[name].append(an_epoch(make, X, y))
            print(f"\n{rows} x {columns}, {share:.0%} stored, {hidden} hidden, {dtype.__name__}")
            base = [median(t) for t in zip(*found["scikit-learn"], strict=True)]
            for name, times in found.items():
                wall, busy = (median(t) for t in zip(*times, strict=True))
                print(
                    f"{name:20} {wall * 1e3:7.1f} ms an epoch, {base[0] / wall:5.1f} x;"
                    f" processor {busy * 1e3:7.1f} ms, {base[1] / busy:5.1f} x"
                )
    print(f"\nload {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
