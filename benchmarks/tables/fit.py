"""One fit in a process of its own: reads what to fit from its argument, prints what came of it; see run.py."""

from __future__ import annotations

# ruff: noqa: T201 (it answers the program that started it)
import json
import sys
import time
import warnings
from typing import Any

import numpy as np
import pandas as pd
from data import CLASSES, SOURCES, Table
from peers import make, version
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

SHARE = 0.25
# Enough rows for any peer to hold some out, and few enough to cost next to nothing.
WARM_UP_ROWS = 100


def divided(table: Table, split: int) -> tuple[Table, Table]:
    """Return the training rows and the others, each class in its share."""
    rows = np.arange(len(table.y))
    stratify = table.y if table.kind == CLASSES else None
    parts = train_test_split(rows, test_size=SHARE, stratify=stratify, random_state=split)
    train, other = (Table(table.X.iloc[p], table.y.iloc[p], table.kind) for p in parts)
    return train, other


def warm_up(peer: str, classes: bool, threads: int) -> None:
    """Fit a tiny made-up table: what is imported or compiled on first use is not timed, for any peer."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "number": rng.normal(size=WARM_UP_ROWS),
            "category": rng.choice(["a", "b", "c"], size=WARM_UP_ROWS),
        }
    )
    y = X["number"] + rng.normal(size=WARM_UP_ROWS)
    model = make(peer, classes, 0, threads, warm_up=True)
    model.fit(X, (y > 0).astype(int) if classes else y)
    (model.predict_proba if classes else model.predict)(X)


def errors(model: Any, rows: Table) -> dict[str, float]:
    """Return the error on these rows, for classes the log-loss too, and the seconds of a prediction."""
    started = time.perf_counter()
    if rows.kind != CLASSES:
        predicted = np.asarray(model.predict(rows.X), np.float64)
        seconds = time.perf_counter() - started
        rmse = np.sqrt(np.mean((predicted - rows.y.to_numpy()) ** 2))
        return {"error": float(rmse / rows.y.std(ddof=0)), "predict_seconds": seconds}
    chances = np.asarray(model.predict_proba(rows.X), np.float64)
    seconds = time.perf_counter() - started
    wrong = np.mean(np.asarray(model.predict(rows.X)) != rows.y.to_numpy())
    chances = chances / chances.sum(axis=1, keepdims=True)  # float32 sums to 1 only nearly
    loss = log_loss(rows.y, chances, labels=model.classes_)
    return {"error": float(wrong), "log_loss": float(loss), "predict_seconds": seconds}


def peak_mb() -> float | None:
    """Return the most memory that this process has held, in MB; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e6 / 1024), 1)


def fit(job: dict[str, Any]) -> dict[str, Any]:
    """Fit one peer to the training rows of one split of a table, and return what came of it.

    With ``tuning``, the rows that judge are a quarter of the training rows: the test rows are not seen.
    """
    table = SOURCES[job["table"]].load()
    train, judged = divided(table, job["split"])
    if job["tuning"]:
        train, judged = divided(train, job["split"])
    classes = table.kind == CLASSES
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warm_up(job["peer"], classes, job["threads"])
    before = peak_mb()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        model = make(job["peer"], classes, job["seed"], job["threads"])
        started = time.perf_counter()
        model.fit(train.X, train.y)
        seconds = time.perf_counter() - started
        found = errors(model, judged)
    told = dict.fromkeys(f"{w.category.__name__}: {w.message}"[:300] for w in caught)
    return {
        "version": version(job["peer"]),
        "kind": table.kind,
        "rows": len(table.y),
        "columns": table.X.shape[1],
        **found,
        "seconds": seconds,
        "memory_before_mb": before,
        "memory_peak_mb": peak_mb(),
        "warnings": list(told),
        "notes": list(getattr(model, "notes_", [])),
    }


if __name__ == "__main__":
    answer = fit(json.loads(sys.argv[1]))
    # On a line of its own: some peers print too.
    print("\n" + json.dumps(answer))
