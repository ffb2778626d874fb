"""Train `simple` and pytabkit's RealMLP-TD-S on the same draws: ``python benchmarks/tables/same.py --help``.

Both get the same rows to learn from, start weights and batches, by replacing pytabkit's draws with ours.
What is left is arithmetic, so their errors on the test rows should differ by rounding, and where rounding
tips an epoch's choice or a row's class, by a row or two.
"""

from __future__ import annotations

# ruff: noqa: T201 (a program that prints what it finds)
import argparse
import re
import warnings
from typing import Any

import numpy as np
import pytabkit.models.data.data as batches_of_pytabkit
import pytabkit.models.data.splits as splits_of_pytabkit
import torch
from data import CLASSES, SOURCES
from fit import divided, errors
from peers import realmlp_td_s
from pytabkit.models.training.lightning_modules import TabNNModule

from pellucid import TabularClassifier, TabularRegressor
from pellucid.estimators import base, members

# Of the fit at hand: the seed of its batches, its start weights by name, and its parts of the rows.
drawn: dict[str, Any] = {}


def note_our_draws() -> None:
    """Let our estimators write down what they draw."""
    start_on, hold_out = members.start_on, base.hold_out

    def start(network: Any, X: Any, seed: int, **options: Any) -> Any:
        flat = start_on(network, X, seed, **options)
        views = network.views(flat.copy())
        drawn.update(seed=seed, start={name: np.array(view) for name, view in views.items()})
        return flat

    def parts(*given: Any) -> Any:
        found = hold_out(*given)
        drawn["parts"] = found[0][0]
        return found

    members.start_on, base.hold_out = start, parts


def use_them_in_pytabkit() -> None:
    """Let pytabkit take what was written down in place of its own draws."""
    splitter = splits_of_pytabkit.RandomSplitter
    splitter.get_idxs = lambda self, rows: tuple(map(torch.as_tensor, drawn["parts"]))
    splitter.get_split_sizes = lambda self, count: tuple(map(len, drawn["parts"]))
    begin = TabNNModule.on_fit_start

    def order(networks: int, rows: int, device: Any = None) -> Any:
        rng = np.random.default_rng([drawn["seed"], drawn["epoch"]])
        drawn["epoch"] += 1
        return torch.as_tensor(rng.permutation(rows))[None]

    def start(module: Any) -> None:
        begin(module)
        drawn["epoch"] = 0
        with torch.no_grad():
            for name, parameter in module.model.named_parameters():
                parameter[:] = torch.as_tensor(started(name).reshape(parameter.shape))

    batches_of_pytabkit.batch_randperm = order
    TabNNModule.on_fit_start = start


def started(name: str) -> Any:
    """Return the start value of one of pytabkit's parameters, which keeps weights times √inputs."""
    if name.endswith("scale"):
        return drawn["start"]["input_scale"]
    layer = int(re.findall(r"tfms\.(\d+)\.tfms\.\d+\.\w+$", name)[0]) + 1
    if name.endswith("bias"):
        return drawn["start"][f"b{layer}"]
    W = drawn["start"][f"W{layer}"]
    return W * np.sqrt(W.shape[0])


def main() -> None:
    """Train both on each table with each seed, and print their errors side by side."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", nargs="+", choices=SOURCES, required=True, metavar="TABLE")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument("--split", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    note_our_draws()
    use_them_in_pytabkit()
    print(f"{'':14} seed     simple       TD-S")
    logs = []
    for name in asked.tables:
        table = SOURCES[name].load()
        train, test = divided(table, asked.split)
        classes = table.kind == CLASSES
        kind = TabularClassifier if classes else TabularRegressor
        found = []
        for seed in asked.seeds:
            ours = kind(
                preset="simple", random_state=seed, engine="compiled", n_jobs=asked.threads
            ).fit(train.X, train.y)
            theirs = realmlp_td_s(classes, seed, asked.threads).fit(train.X, train.y)
            found.append([errors(model, test)["error"] for model in (ours, theirs)])
            print(f"{name:14} {seed:4} {found[-1][0]:10.5f} {found[-1][1]:10.5f}", flush=True)
        mean = np.mean(found, axis=0)
        logs.append(np.log(mean[0] / mean[1]))
        print(f"{name:14} mean {mean[0]:10.5f} {mean[1]:10.5f}   ratio {mean[0] / mean[1]:.4f}")
    print(f"geometric mean of the ratios: {np.exp(np.mean(logs)):.4f}")


if __name__ == "__main__":
    main()
