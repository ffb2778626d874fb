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
from data import CLASSES, SOURCES, Table
from fit import divided, errors

from pellucid import TabularClassifier, TabularRegressor
from pellucid.catalogue.initializers import NeuralTangent
from pellucid.estimators.recipe import PRESETS
from pellucid.preparation import BINNED, ROBUST

# What each variant changes; a name that is a parameter of the estimators goes there.
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
}


def some(table: Table, most: int) -> Table:
    """Return at most so many rows of a table, always the same ones."""
    if len(table.y) <= most:
        return table
    kept = np.random.default_rng(0).permutation(len(table.y))[:most]
    return Table(table.X.iloc[kept], table.y.iloc[kept], table.kind)


def fitted(train: Table, judged: Table, changes: dict[str, Any], seed: int) -> dict[str, float]:
    """Return the error and the seconds of the default recipe with some changes."""
    recipes = PRESETS["default"]
    PRESETS["ablation"] = tuple(replace(recipe, **changes) for recipe in recipes)
    kind = TabularClassifier if train.kind == CLASSES else TabularRegressor
    model = kind(preset="ablation", random_state=seed, engine="compiled")
    started = time.perf_counter()
    model.fit(train.X, train.y)
    return {"seconds": time.perf_counter() - started, **errors(model, judged)}


def main() -> None:
    """Fit every variant to every table and split, and print the ratios to the default."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", nargs="+", choices=SOURCES, required=True, metavar="TABLE")
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--splits", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--rows", type=int, default=3_000, help="training rows at most")
    parser.add_argument("--out", type=Path, help="where each fit is written, a line each")
    asked = parser.parse_args()
    names = ["default", *(name for name in asked.variants if name != "default")]
    logs: dict[str, list[float]] = {name: [] for name in names}
    warnings.simplefilter("ignore")
    for table in asked.tables:
        source = SOURCES[table].load()
        for split in asked.splits:
            train, judged = divided(divided(source, split)[0], split)
            train = some(train, asked.rows)
            found = {name: fitted(train, judged, VARIANTS[name], 0) for name in names}
            for name, fit in found.items():
                logs[name].append(
                    np.log(max(fit["error"], 0.005) / max(found["default"]["error"], 0.005))
                )
                line = {"table": table, "split": split, "variant": name, **fit}
                if asked.out:
                    with asked.out.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(line) + "\n")
                ratio = f"{np.exp(logs[name][-1]):.3f}"
                print(
                    f"{table}, split {split}, {name}: {ratio} in {fit['seconds']:.1f} s", flush=True
                )
    for name, of_it in logs.items():
        print(f"{name:26} {np.exp(np.mean(of_it)):.3f} × the default's error")


if __name__ == "__main__":
    main()
