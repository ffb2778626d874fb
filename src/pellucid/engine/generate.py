"""Writes the engine's kernels: ``python -m pellucid.engine.generate``.

Run it after a change to the catalogue, the printer or the mathematics; a test says when.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from pellucid.catalogue import OPTIMIZERS, Activation, Loss, Optimizer, names
from pellucid.catalogue.optimizers import (
    SGD,
    Adam,
    AdamW,
    DecayWeights,
    RMSprop,
    ScaleByAdam,
    ScaleByLearningRate,
    ScaleByRole,
)
from pellucid.catalogue.records import find
from pellucid.catalogue.schedules import Constant
from pellucid.engine import source

FOLDER = Path(__file__).parent / "generated"
TYPES = ("float32", "float64")

# Chains that are compiled ahead; any other is written to the user's cache when it is first used.
CHAINS = (
    *(make() for make in OPTIMIZERS.values()),
    SGD(weight_decay=0.1),
    SGD(momentum=0.9, weight_decay=0.1),
    RMSprop(momentum=0.9),
    SGD(clip_norm=1.0),
    SGD(momentum=0.9, clip_norm=1.0),
    Adam(clip_norm=1.0),
    AdamW(clip_norm=1.0),
    # What `MLPClassifier` and `MLPRegressor` take where nothing is asked for.
    Optimizer(ScaleByAdam(epsilon_first=True), ScaleByLearningRate(Constant())),
    Optimizer(
        ScaleByRole(by_fan_in=True),
        ScaleByAdam(),
        ScaleByRole(bias=0.1, scale=6.0, by_fan_in=True),
        ScaleByLearningRate(Constant()),
    ),
    Optimizer(
        ScaleByRole(by_fan_in=True),
        ScaleByAdam(),
        ScaleByRole(bias=0.1, scale=6.0, activation=0.1, by_fan_in=True),
        DecayWeights(scale=36.0, activation=0.01),
        ScaleByLearningRate(Constant()),
    ),
)

# What stands in a chain's kernel for a role, between the name of the chain and the end.
UPDATE_OF = {"weight": "", "bias": "_biases", "scale": "_scales", "activation": "_activations"}


def header(dtype: str) -> str:
    """Return the lines above kernels of a type.

    A change of the mathematics changes them too, so that no kernel compiled with the old one is used again.
    """
    text = Path(__file__).with_name(f"mathematics_{dtype}.py").read_text(encoding="utf-8")
    stamp = hashlib.sha256(text.encode()).hexdigest()[:16]
    return (
        '"""Kernels printed from the catalogue by ``python -m pellucid.engine.generate``."""\n'
        "# long because: one function for each formula\n"
        "# ruff: noqa: D401, E501, F401, I001, RUF100\n"
        "# fmt: off\n"
        f"# with the mathematics {stamp}\n\n"
        "import math\n\n"
        "import numpy as np\n\n"
        "from pellucid.engine.compiling import array\n"
        f"from pellucid.engine.mathematics_{dtype} import (\n"
        "    absolute, cos, erf, exp, expm1, floor, isnan, log, log1p,\n"
        "    maximum, minimum, power, sign, sin, sqrt, tanh, tanh_softplus,\n"
        ")\n\n"
        f"T = np.{dtype}\nSIZE = {4 if dtype == 'float32' else 8}\n"
    )


def file(kernels: list[str], dtype: str) -> str:
    """Return a whole file of kernels."""
    return "\n\n".join([header(dtype), *dict.fromkeys(kernels)])


def activations() -> list[str]:
    """Return the kernels of every activation."""
    records: list[Activation] = [find("activation", n) for n in names("activation") if n != "own"]
    plain, parametric = (
        (source.forward, source.delta),
        (source.parametric_forward, source.parametric_delta),
    )
    return [
        make(r, r.name)
        for r in records
        for make in (plain + parametric if r.elementwise else plain)
    ]


def losses() -> list[str]:
    """Return the kernels of every loss, by itself and with its matching activation."""
    records: list[Loss] = [find("loss", n) for n in names("loss")]
    made = [source.loss(r, r.name, matching=False) for r in records]
    return made + [
        source.loss(r, f"{r.name}_matching", matching=True) for r in records if r.matching
    ]


def chain(optimizer: Optimizer, name: str) -> list[str]:
    """Return the kernels of a chain: one for each role, but where it would be that of the role before."""
    made, before = [], ""
    for role, part in UPDATE_OF.items():
        text = source.update(optimizer, name, role=role)
        if text != before:
            made.append(source.update(optimizer, name + part, role=role))
        before = text
    shared = source.share(optimizer, name)
    return made if shared is None else [shared, *made]


def optimizers() -> list[str]:
    """Return the kernels of the common chains."""
    return [kernel for o in CHAINS for kernel in chain(o, source.optimizer_name(o))]


def files() -> dict[str, str]:
    """Return the text of every generated file by its name."""
    kinds = {"activations": activations(), "losses": losses(), "optimizers": optimizers()}
    return {
        f"{kind}_{dtype}.py": file(made, dtype) for kind, made in kinds.items() for dtype in TYPES
    }


if __name__ == "__main__":
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
