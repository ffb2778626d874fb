"""Take parts of the default recipe away, or put others in: ``python benchmarks/tables/ablate.py --help``.

The rows that judge are a quarter of the training rows: no test row is seen. docs/tables.md tells what came of it.
"""

from __future__ import annotations

# ruff: noqa: T201 (a program that tells how far it is)
import argparse
import json
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from data import CLASSES, NUMBER, SOURCES, Table
from fit import divided, errors

from pellucid import TabularClassifier, TabularRegressor
from pellucid.catalogue.initializers import NeuralTangent
from pellucid.estimators.recipe import PRESETS, Recipe
from pellucid.preparation import BINNED, ROBUST
from pellucid.training.events import EpochEnded

BEST = {
    name: getattr(PRESETS["best"][0], name)
    for name in ("updates", "epochs_within", "most_updates", "members")
}
NARROW = {"hidden_sizes": (128, 128, 128), "batch_size": 128}
# What each variant changes: fields of the recipe, or parameters that the estimators have beside it. The default is
# the one for many rows, whatever the table has.
VARIANTS: dict[str, dict[str, Any]] = {
    "default": {},
    "one network": {"members": 1},
    "two networks": {"members": 2},
    "ten networks": {"members": 10},
    "half the epochs": {"updates": 600, "epochs_within": (32, 64)},
    "twice the epochs": {"updates": 2_400, "epochs_within": (128, 256)},
    "no dropout": {"dropout": 0.0},
    "no weight decay": {"weight_decay": 0.0},
    "no parametric activation": {"parametric": False},
    "no data-driven start": {"initializer": NeuralTangent()},
    "bins": {"kinds": BINNED},
    "no bins": {"kinds": ROBUST},
    "no smoothing": {"label_smoothing": 0.0},
    "no temperature": {"calibrated": False},
    "192 wide": {"hidden_sizes": (192, 192, 192)},
    "128 wide": {"hidden_sizes": (128, 128, 128)},
    "512 wide": {"hidden_sizes": (512, 512, 512)},
    "two layers": {"hidden_sizes": (256, 256)},
    "four layers": {"hidden_sizes": (256, 256, 256, 256)},
    "batches of 128": {"batch_size": 128},
    "narrow": NARROW,
    "narrow, ten networks": NARROW | {"members": 10},
    "narrow, twenty networks": NARROW | {"members": 20},
    "narrow, best": NARROW | BEST,
    "as with few rows": dict(PRESETS["default"][0].on_few),
    "best": BEST,
    "half the rate": {"learning_rate": 0.5},
    "three times the rate": {"learning_rate": 3.0},
    "twice the dropout": {"dropout": 0.3},
    "averaged weights": {"averaged": 0.25},
    "an early end": {"patience": 24},
    "log-loss as metric": {"metric": "log_loss"},
}
# Where the default does so already, or cannot, there is nothing to compare.
ONLY = {
    "bins": CLASSES,
    "no bins": NUMBER,
    "no smoothing": CLASSES,
    "no temperature": CLASSES,
    "log-loss as metric": CLASSES,
}
# These are factors of what the recipe has.
FACTORS = ("learning_rate",)


class Averages:
    """A listener that keeps the mean of each member's weights over the last epochs, a share of all."""

    def __init__(self, share: float) -> None:
        self.share, self.sums = share, {}

    def __call__(self, event: Any) -> None:
        """Add the weights of an epoch that counts."""
        if isinstance(event, EpochEnded) and event.number >= (1 - self.share) * event.run.epochs:
            total, count = self.sums.get(event.run.plan.member, (0.0, 0))
            total = total + event.run.updates.flat.astype(np.float64)
            self.sums[event.run.plan.member] = (total, count + 1)

    def put_into(self, model: Any) -> None:
        """Let the members of a fitted estimator answer with these weights."""
        network = model.network_
        model.members_ = tuple(
            replace(member, parameters=network.views(self.sums[at][0] / self.sums[at][1]))
            for at, member in enumerate(model.members_, 1)
        )


def some(table: Table, most: int) -> Table:
    """Return at most so many rows of a table, always the same ones."""
    if len(table.y) <= most:
        return table
    kept = np.random.default_rng(0).permutation(len(table.y))[:most]
    return Table(table.X.iloc[kept], table.y.iloc[kept], table.kind)


def fitted(
    train: Table, judged: Table, changes: dict[str, Any], seed: int, threads: int | None
) -> dict[str, float]:
    """Return the errors, the score of the rows held out, and the seconds of the default recipe with some changes."""
    own, given = {}, {}
    for name, value in changes.items():
        (own if name in Recipe.__dataclass_fields__ else given)[name] = value
    PRESETS["ablation"] = tuple(
        replace(r, few=0, **own | {n: getattr(r, n) * own[n] for n in FACTORS if n in own})
        for r in PRESETS["default"]
    )
    averages = Averages(given.pop("averaged", 1.0))
    kind = TabularClassifier if train.kind == CLASSES else TabularRegressor
    model = kind(preset="ablation", random_state=seed, engine="compiled", n_jobs=threads, **given)
    averaging = "averaged" in changes
    if averaging:
        model.set_params(listeners=[averages])
    started = time.perf_counter()
    model.fit(train.X, train.y)
    seconds = time.perf_counter() - started
    if averaging:
        averages.put_into(model)
    return {"seconds": seconds, "held_out_score": model.summary_["score"], **errors(model, judged)}


def means(title: str, fits: list[dict[str, Any]]) -> None:
    """Print each variant's ratios to the default, geometric means over the fits of some tables."""
    default = {(f["table"], f["split"]): f for f in fits if f["variant"] == "default"}
    print(f"\n{title:26} {'error':>8} {'log-loss':>8} {'time':>8}  fits")
    for name in VARIANTS:
        own = [f for f in fits if f["variant"] == name]
        pairs = [(f, default[f["table"], f["split"]]) for f in own]
        if not pairs:
            continue
        shown = ""
        for of_it, least in (("error", 0.005), ("log_loss", 0.0), ("seconds", 0.0)):
            logs = [
                np.log(max(f[of_it], least) / max(d[of_it], least)) for f, d in pairs if of_it in f
            ]
            shown += f" {np.exp(np.mean(logs)):8.3f}" if logs else " " * 9
        print(f"{name:26}{shown}  {len(pairs)}")


def main() -> None:
    """Fit every variant to every table and split, and print the ratios to the default."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", nargs="+", choices=SOURCES, required=True, metavar="TABLE")
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--splits", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--rows", type=int, default=3_000, help="training rows at most")
    parser.add_argument("--threads", type=int, help="None is one for each processor")
    parser.add_argument(
        "--out", type=Path, help="where each fit is written, a line each; it goes on from there"
    )
    asked = parser.parse_args()
    names = ["default", *(name for name in asked.variants if name != "default")]
    fits: list[dict[str, Any]] = []
    if asked.out and asked.out.exists():
        lines = asked.out.read_text(encoding="utf-8").splitlines()
        fits = [json.loads(line) for line in lines]
    done = {(f["table"], f["split"], f["variant"]) for f in fits}
    warnings.simplefilter("ignore")
    for table in asked.tables:
        source = SOURCES[table].load()
        for split in asked.splits:
            train, judged = divided(divided(source, split)[0], split)
            train = some(train, asked.rows)
            for name in names:
                if (table, split, name) in done or ONLY.get(name, train.kind) != train.kind:
                    continue
                fit = fitted(train, judged, VARIANTS[name], 0, asked.threads)
                line = {
                    "table": table,
                    "split": split,
                    "variant": name,
                    "kind": train.kind,
                    "rows": len(train.y),
                    **fit,
                }
                fits.append(line)
                if asked.out:
                    with asked.out.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(line) + "\n")
                print(
                    f"{table}, split {split}, {name}: {fit['error']:.4f} in {fit['seconds']:.1f} s",
                    flush=True,
                )
    for kind in dict.fromkeys(f["kind"] for f in fits):
        means(kind, [f for f in fits if f["kind"] == kind])


if __name__ == "__main__":
    main()
