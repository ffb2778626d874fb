"""How fast the engine trains beside its peers: ``python benchmarks/engine.py [W1 W2 …] [--repeats 5]``.

All are timed in turns within one run, each in a process of its own. A time is the marginal one of an
epoch, (t of 3n epochs - t of n) / 2n, and for W1 that of the whole call; numbers are medians over the
turns, and of one peer with several numbers of threads the best. Peers that are not installed are left
out. The result is printed and saved as JSON beside this file, with the load of the machine before and
after each workload: 0 before it would be an idle one. Workloads that were not asked for stay in the
day's file as they are.
"""

from __future__ import annotations

# ruff: noqa: T201 (a program that prints its table)
import argparse
import json
import os
import platform
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from statistics import median

from peers import PEERS, WORKLOADS

HERE = Path(__file__).parent


def serve(peer: str) -> None:
    """Answer each line "workload epochs" with the seconds that the fit took."""
    make, threads, _ = PEERS[peer]
    fits = {}
    for line in sys.stdin:
        name, epochs = line.split()
        if name not in fits:
            try:
                fits[name] = make(WORKLOADS[name], threads)
            except ImportError:
                print("missing", flush=True)
                continue
            fits[name](1)
        started = time.perf_counter()
        fits[name](int(epochs))
        print(time.perf_counter() - started, flush=True)


class Peer:
    """A process that serves one peer."""

    def __init__(self, name: str) -> None:
        command = [sys.executable, __file__, "--serve", name]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE
        )

    def seconds(self, workload: str, epochs: int) -> float | None:
        """Return the time of a fit, or None where the peer is not installed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(workload, epochs, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().strip()
        return None if answer in ("missing", "") else float(answer)

    def epoch(self, workload: str) -> float | None:
        """Return the marginal time of an epoch; of W1, the time of all its epochs."""
        n = WORKLOADS[workload].epochs
        if workload == "W1":
            return self.seconds(workload, n)
        short, long = self.seconds(workload, n), self.seconds(workload, 3 * n)
        return None if short is None or long is None else (long - short) / (2 * n)


def measure(
    workloads: list[str], repeats: int
) -> tuple[dict[str, dict[str, list[float]]], dict[str, list[float]]]:
    """Return every time, by workload and peer, taken in turns, and the loads around each workload."""
    peers = {name: Peer(name) for name in PEERS}
    times: dict[str, dict[str, list[float]]] = {}
    loads: dict[str, list[float]] = {}
    try:
        for workload in workloads:
            before = os.getloadavg()[0]
            at_work = [name for name in PEERS if workload in PEERS[name][2]]
            times[workload] = {name: [] for name in at_work}
            for turn in range(repeats):
                # Another one begins each time: a core's clock falls while it is kept busy, so that what
                # comes right after an idle neighbour looks faster than it is.
                begin = turn % len(at_work)
                for name in at_work[begin:] + at_work[:begin]:
                    found = peers[name].epoch(workload)
                    if found is not None:
                        times[workload][name].append(found)
                    print(workload, name, found, file=sys.stderr, flush=True)
            loads[workload] = [before, os.getloadavg()[0]]
    finally:
        for peer in peers.values():
            peer.process.kill()
    return times, loads


def best(times: dict[str, list[float]]) -> dict[str, float]:
    """Return the median of each peer at its best number of threads."""
    found: dict[str, float] = {}
    for name, values in times.items():
        if values:
            plain = name.rstrip(" 12")
            found[plain] = min(found.get(plain, float("inf")), median(values))
    return found


def table(times: dict[str, dict[str, list[float]]]) -> str:
    """Return seconds, and how many times Pellucid's the others' are, as a Markdown table."""
    names = list(dict.fromkeys(n.rstrip(" 12") for n in PEERS))
    lines = [f"| | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for workload, of in times.items():
        medians = best(of)
        own = medians["pellucid"]
        cells = [
            f"{medians[n]:.3g} s ({medians[n] / own:.2f} ×)" if n in medians else "–" for n in names
        ]
        lines.append(f"| {workload} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workloads", nargs="*", metavar="W1 … W5")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        serve(asked.serve)
        return
    times, loads = measure(asked.workloads or list(WORKLOADS), asked.repeats)
    print(table(times))
    path = HERE / "results" / f"engine-{date.today()}.json"
    path.parent.mkdir(exist_ok=True)
    saved = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    saved |= {"date": str(date.today()), "machine": platform.processor() or platform.machine()}
    saved["seconds"] = saved.get("seconds", {}) | times
    saved["load before and after"] = saved.get("load before and after", {}) | loads
    path.write_text(json.dumps(saved, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
