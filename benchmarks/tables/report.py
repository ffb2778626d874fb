"""Make one table of saved fits: ``python benchmarks/tables/report.py results/FILE.json [MORE.json …]``.

An error is 1 - accuracy, or the root of the mean squared error divided by the target's standard deviation.
Of a table it is the mean over the splits, of a split the mean over its fits. Peers are compared by
the ratio of their errors on the splits that both have, and over tables by the geometric mean of these.
"""

from __future__ import annotations

# ruff: noqa: T201 (a program that prints its table)
import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np

# Smaller errors count as this one: a handful of rows would decide a ratio otherwise.
FLOOR = 0.005
RESAMPLES = 10_000
# By table and peer, what was measured on each split.
Measured = dict[str, dict[str, dict[int, list[float]]]]


def measured(fits: list[dict[str, Any]], what: str) -> Measured:
    """Return one of the numbers of the fits, by table, peer and split."""
    found: Measured = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for fit in fits:
        if what in fit:
            found[fit["table"]][fit["peer"]][fit["split"]].append(fit[what])
    return found


def mean(by_split: dict[int, list[float]], splits: Sequence[int]) -> float:
    """Return the mean over splits of the means over their fits."""
    return fmean(fmean(by_split[split]) for split in splits)


def ratios(found: Measured, peer: str, reference: str, floor: float) -> list[float]:
    """Return the peer's number divided by the reference's, of each table that both were fitted to."""
    result = []
    for peers in found.values():
        splits = sorted(set(peers.get(peer, ())) & set(peers.get(reference, ())))
        if splits:
            own, other = (max(floor, mean(peers[name], splits)) for name in (peer, reference))
            result.append(round(own / other, 9))  # equal but for the order of a sum is equal
    return result


def interval(values: list[float]) -> tuple[float, float]:
    """Return the 95 % interval of the geometric mean, from tables drawn with replacement."""
    rng = np.random.default_rng(0)
    logs = np.log(values)
    drawn = rng.integers(len(logs), size=(RESAMPLES, len(logs)))
    low, high = np.exp(np.quantile(logs[drawn].mean(axis=1), [0.025, 0.975]))
    return float(low), float(high)


def judged(values: list[float]) -> list[str]:
    """Return three cells: the geometric mean of ratios, its interval, and how many are below 1."""
    if not values:
        return ["–"] * 3
    low, high = interval(values)
    better, equal = sum(v < 1 for v in values), sum(v == 1 for v in values)
    counted = f"{better} of {len(values)}" + (f", {equal} equal" if equal else "")
    spread = f"{low:.3f} to {high:.3f}" if len(values) > 1 else "–"
    return [f"{np.exp(np.mean(np.log(values))):.3f}", spread, counted]


def markdown(head: list[str], rows: list[list[str]]) -> str:
    """Return a table; the columns after the first stand to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def each_table(fits: list[dict[str, Any]], what: str, peers: list[str], *, timed: bool) -> str:
    """Return one of the numbers for each table and peer, the lowest in bold, with the seconds of a fit."""
    found, seconds = measured(fits, what), measured(fits, "seconds")
    rows = []
    for table, by_peer in found.items():
        means = {peer: mean(by, sorted(by)) for peer, by in by_peer.items()}
        cells = []
        for peer in peers:
            if peer not in means:
                cells.append("–")
                continue
            text = f"{means[peer]:.4f}"
            text = f"**{text}**" if means[peer] == min(means.values()) else text
            times = [t for split in seconds[table][peer].values() for t in split]
            cells.append(f"{text} ({median(times):.1f} s)" if timed else text)
        rows.append([table, *cells])
    return markdown(["", *peers], rows)


def against(fits: list[dict[str, Any]], reference: str, peers: list[str], *, timed: bool) -> str:
    """Return how the other peers compare with one of them."""
    head = ["", "error, ratio", "95 % interval", "better on"]
    head += ["log-loss, ratio", "95 % interval", "better on"]
    rows = []
    for peer in peers:
        if peer == reference:
            continue
        cells = judged(ratios(measured(fits, "error"), peer, reference, FLOOR))
        cells += judged(ratios(measured(fits, "log_loss"), peer, reference, 0.0))
        if timed:
            cells += judged(time_ratios(fits, peer, reference))[:1]
        rows.append([peer, *cells])
    return markdown([*head, *(["time, ratio"] if timed else [])], rows)


def time_ratios(fits: list[dict[str, Any]], peer: str, reference: str) -> list[float]:
    """Return the ratio of the median seconds of a fit, of each table that both were fitted to."""
    found = measured(fits, "seconds")
    medians = [
        [median(t for split in peers[name].values() for t in split) for name in (peer, reference)]
        for peers in found.values()
        if peer in peers and reference in peers
    ]
    return [own / other for own, other in medians]


def memory(fits: list[dict[str, Any]], peers: list[str]) -> str:
    """Return the most memory that a process of each peer has held, by table."""
    found = measured([f for f in fits if f.get("memory_peak_mb")], "memory_peak_mb")
    rows = [
        [table, *(f"{max(map(max, by[p].values())):.0f}" if p in by else "–" for p in peers)]
        for table, by in found.items()
    ]
    return markdown(["MB", *peers], rows)


def told(fits: list[dict[str, Any]]) -> str:
    """Return what the estimators said of each table: their notes, and warnings."""
    said: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for fit in fits:
        lines = [*fit.get("notes", []), *fit.get("warnings", [])]
        said[fit["table"], fit["peer"]].update(dict.fromkeys(lines))
    blocks = [
        "\n".join([f"{table}, {peer}:", "", *(f"- {line}" for line in lines)])
        for (table, peer), lines in said.items()
        if lines
    ]
    return "\n\n".join(blocks)


def report(runs: list[dict[str, Any]], references: list[str], *, with_notes: bool) -> str:
    """Return the report of one or more saved runs."""
    fits = [fit for run in runs for fit in run["fits"] if "failed" not in fit]
    failed = [fit for run in runs for fit in run["fits"] if "failed" in fit]
    peers = list(dict.fromkeys(fit["peer"] for fit in fits))
    machines = {(run["machine"], run["threads"]) for run in runs}
    timed = not any(run["shared"] for run in runs) and len(machines) == 1
    splits, seeds = ({fit[name] for fit in fits} for name in ("split", "seed"))
    parts = [f"Splits {sorted(splits)}, seeds {sorted(seeds)}."]
    parts += [] if timed else ["Times were not measured alike and are left out."]
    parts += ["The rows that judge are training rows." for run in runs[:1] if run["tuning"]]
    parts += ["### Error", each_table(fits, "error", peers, timed=timed)]
    if any("log_loss" in fit for fit in fits):
        parts += ["### Log-loss", each_table(fits, "log_loss", peers, timed=False)]
    for reference in references:
        if reference in peers:
            parts += [f"### Compared with {reference}"]
            parts += [against(fits, reference, peers, timed=timed)]
    parts += ["### Most memory of a process", memory(fits, peers)]
    if with_notes:
        parts += ["### Notes and warnings", told(fits)]
    if failed:
        parts += ["### Failed"]
        parts += [
            f"{f['table']}, {f['peer']}, split {f['split']}, seed {f['seed']}:\n\n```\n{f['failed']}\n```"
            for f in failed
        ]
    return "\n\n".join(parts)


def main() -> None:
    """Read and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--references", nargs="*", default=["realmlp-td-s", "lightgbm"])
    parser.add_argument("--notes", action="store_true", help="what the estimators said, too")
    asked = parser.parse_args()
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in asked.files]
    if len({run["tuning"] for run in runs}) > 1:
        parser.error("Expected runs that are judged by the same rows. Got some with --tuning.")
    print(report(runs, asked.references, with_notes=asked.notes))


if __name__ == "__main__":
    main()
