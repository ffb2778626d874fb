"""Fit peers to public tables and save what came of it: ``python benchmarks/tables/run.py --help``.

Each fit runs in a process of its own, and the peers take turns. The file is written after every fit, and
what it holds already is not fitted again, so a run can be cut and continued. ``report.py`` makes the table.
"""

from __future__ import annotations

# ruff: noqa: T201 (a program that tells how far it is)
import argparse
import itertools
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from data import LARGE, SMALL, SOURCES
from peers import parsed, standard

HERE = Path(__file__).parent
# What tells one fit from another.
KEY = ("table", "peer", "split", "seed", "repeat")
LAST_LINES = 5


def jobs(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Yield what is to be fitted: table by table, and the peers in turns."""
    turns = itertools.product(
        asked.tables, range(asked.repeat), asked.splits, asked.seeds, asked.peers
    )
    for table, repeat, split, seed, peer in turns:
        yield {"table": table, "peer": peer, "split": split, "seed": seed, "repeat": repeat}


def fitted(job: dict[str, Any], threads: int, tuning: bool, limit: float) -> dict[str, Any]:
    """Return the job and what came of it: its numbers, or why there are none."""
    command = [
        sys.executable,
        str(HERE / "fit.py"),
        json.dumps({**job, "threads": threads, "tuning": tuning}),
    ]
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LOKY_MAX_CPU_COUNT")
    environment = os.environ | dict.fromkeys(names, str(threads))
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired:
        return {**job, "failed": f"not done after {limit:g} seconds"}
    if done.returncode:
        last = done.stderr.strip().splitlines()[-LAST_LINES:]
        return {**job, "failed": "\n".join(last) or f"ended with {done.returncode}"}
    return {**job, **json.loads(done.stdout.strip().splitlines()[-1])}


def same(job: dict[str, Any]) -> tuple[Any, ...]:
    """Return what tells a fit from the others."""
    return tuple(job[name] for name in KEY)


def read(path: Path, head: dict[str, Any]) -> dict[str, Any]:
    """Return what a file holds, or the beginning of a new one; ends if they do not go together."""
    if not path.exists():
        return {**head, "fits": []}
    saved: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for name in ("threads", "tuning", "machine"):
        if saved[name] != head[name]:
            sys.exit(
                f"Expected {path} to hold a run with {name} {head[name]!r}. Got {saved[name]!r}. "
                "Give the same, or another file with --out."
            )
    return saved


def write(path: Path, results: dict[str, Any]) -> None:
    """Write the results with a line for each fit, whole or not at all."""
    head = json.dumps(
        {k: v for k, v in results.items() if k != "fits"}, indent=1, ensure_ascii=False
    )
    lines = ",\n".join("  " + json.dumps(fit, ensure_ascii=False) for fit in results["fits"])
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(f'{head[:-2]},\n "fits": [\n{lines}\n ]\n}}\n', encoding="utf-8")
    unfinished.replace(path)


def arguments() -> argparse.Namespace:
    """Return what was asked for; a table or peer that is not known ends the program."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    usual = [name for name in SOURCES if name not in (*LARGE, *SMALL)]
    parser.add_argument(
        "--tables", nargs="+", choices=[*SOURCES, "small"], default=usual, metavar="TABLE"
    )
    parser.add_argument(
        "--peers", nargs="+", metavar="PEER", help="also with options: pellucid:preset=best"
    )
    parser.add_argument("--splits", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--repeat", type=int, default=1, help="fits of the same, for their time")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=float, default=1800, help="seconds for a fit")
    parser.add_argument("--retry", action="store_true", help="fit again what has failed")
    parser.add_argument(
        "--tuning", action="store_true", help="judge by a quarter of the training rows instead"
    )
    parser.add_argument("--shared", action="store_true", help="note that the machine was not idle")
    parser.add_argument("--note", default="", help="a sentence for the file")
    parser.add_argument("--out", type=Path, default=HERE / f"results/tables-{date.today()}.json")
    asked = parser.parse_args()
    if "small" in asked.tables:
        asked.tables = [*(name for name in asked.tables if name != "small"), *SMALL]
    asked.peers = asked.peers or standard()
    try:
        for peer in asked.peers:
            parsed(peer)
    except ValueError as error:
        parser.error(str(error))
    return asked


def main() -> None:
    """Fit, and save after each fit."""
    asked = arguments()
    head = {
        "date": str(date.today()),
        "machine": f"{platform.machine()}, {os.cpu_count()} processors",
        "python": platform.python_version(),
        "threads": asked.threads,
        "tuning": asked.tuning,
        "shared": asked.shared,
        "note": asked.note,
    }
    results = read(asked.out, head)
    # A machine that was shared for some of the fits gives no times to compare.
    results["shared"] = results["shared"] or asked.shared
    if asked.retry:
        results["fits"] = [fit for fit in results["fits"] if "failed" not in fit]
    done = {same(fit) for fit in results["fits"]}
    left = [job for job in jobs(asked) if same(job) not in done]
    started = time.perf_counter()
    for at, job in enumerate(left, 1):
        fit = fitted(job, asked.threads, asked.tuning, asked.limit)
        results["fits"].append(fit)
        write(asked.out, results)
        came = (
            f"failed: {fit['failed'].splitlines()[-1]}"
            if "failed" in fit
            else f"error {fit['error']:.4f} in {fit['seconds']:.1f} s"
        )
        print(
            f"{time.perf_counter() - started:6.0f} s  {at}/{len(left)}  {job['table']}, {job['peer']}, "
            f"split {job['split']}, seed {job['seed']}: {came}",
            flush=True,
        )


if __name__ == "__main__":
    main()
