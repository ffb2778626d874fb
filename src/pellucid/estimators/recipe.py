"""Presets: what the estimators for tables choose where they are not told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.catalogue import Initializer, Optimizer, Schedule, optimizer as find_optimizer
from pellucid.catalogue.initializers import DataDriven, Glorot, NeuralTangent, Zeros
from pellucid.catalogue.optimizers import (
    OPTIMIZERS,
    AdamW,
    DecayWeights,
    ScaleByAdam,
    ScaleByLearningRate,
    ScaleByRole,
)
from pellucid.catalogue.schedules import Cosine, CosineLog, FlatCosine, WarmUp
from pellucid.errors import unknown_name
from pellucid.preparation import BINNED, PLAIN, ROBUST
from pellucid.preparation.record import Kinds
from pellucid.training.batches import batches_per_epoch

Array = NDArray[Any]

# (up to so many rows, batch size)
_BATCHES = ((1_024, 32), (8_192, 128), (30_000, 256), (100_000, 512))
_LARGEST_BATCH = 1_024
# Every row is seen so often, on the largest table too.
_FEWEST_EPOCHS = 8


@dataclass(frozen=True)
class Recipe:
    """What a preset chooses; the parameters of the estimators that are "auto" are taken from here.

    Attributes
    ----------
    hidden_sizes, activation, learning_rate, weight_decay, dropout, label_smoothing
        As the estimators' parameters.
    epochs, batch_size
        The same; None decides by the number of rows.
    updates, epochs_within
        Where rows decide: as many epochs as make so many updates, within these bounds.
    most_updates
        On a large table fewer epochs than that, so that there are not more updates; None for no such limit.
    drop_last
        Whether the rows that no longer fill a batch are left out of an epoch.
    kinds
        How columns are prepared.
    one_output_each
        Whether two classes have an output neuron each.
    input_scale, parametric
        Whether the inputs are multiplied by numbers that are learnt, and activations bent by such.
    initializer, last_initializer
        Start weights of the layers, and of the last one.
    dropout_schedule
        How the share of dropout changes.
    members
        How many networks answer together.
    calibrated, bounded
        Whether chances are calibrated by a temperature, and predicted numbers kept within those of training.
    watch
        By what of the held-out rows the best epoch is found: "loss" or "score".
    early_end
        Whether the last wave of the rate is left out where the one before it has brought nothing better.
    few, on_few
        Up to so many rows of a table, other choices are made: these, by the names of the fields above.
    schedule
        Makes a schedule from the highest rate and the number of updates.
    optimizer
        Makes the optimizer from a schedule and the weight decay.
    """

    hidden_sizes: tuple[int, ...]
    activation: str
    learning_rate: float
    weight_decay: float
    dropout: float
    schedule: Callable[[float, int], Schedule]
    optimizer: Callable[[Schedule, float], Optimizer]
    label_smoothing: float = 0.0
    epochs: int | None = None
    updates: int = 5_000
    epochs_within: tuple[int, int] = (20, 150)
    most_updates: int | None = None
    batch_size: int | None = None
    drop_last: bool = False
    kinds: Kinds = PLAIN
    one_output_each: bool = False
    input_scale: bool = False
    parametric: bool = False
    initializer: Initializer = Glorot()  # noqa: RUF009 (a frozen record)
    last_initializer: Initializer = Glorot()  # noqa: RUF009
    dropout_schedule: str = "constant"
    members: int = 1
    calibrated: bool = False
    bounded: bool = False
    watch: str = "loss"
    early_end: bool = False
    few: int = 0
    on_few: Mapping[str, Any] = field(default_factory=dict)

    def for_rows(self, rows: int) -> Recipe:
        """Return what is chosen for a table of so many rows."""
        return replace(self, **self.on_few) if rows <= self.few else self


def _warmed_up(rate: float, updates: int) -> Schedule:
    """Return a rate that rises over the first twentieth of the updates, and falls along a cosine to 0."""
    return WarmUp(rate, max(1, updates // 20), Cosine(rate))


def _adamw(rate: Schedule, weight_decay: float) -> Optimizer:
    return AdamW(rate, weight_decay=weight_decay)


def _adam_by_role(rate: Schedule, weight_decay: float, epsilon: float = 1e-8) -> Optimizer:
    """Return Adam under the neural tangent parametrization; biases learn slowly, scales fast."""
    return Optimizer(
        ScaleByRole(by_fan_in=True),
        ScaleByAdam(beta_2=0.95, epsilon=epsilon),
        ScaleByRole(bias=0.1, scale=6.0, by_fan_in=True),
        *([DecayWeights(weight_decay)] if weight_decay else []),
        ScaleByLearningRate(rate),
    )


def _adam_by_role_of_half_squares(rate: Schedule, weight_decay: float) -> Optimizer:
    """Return the same for half the squared error, whose gradients are half as large: so is epsilon."""
    return _adam_by_role(rate, weight_decay, 0.5e-8)


_PLAIN_CLASSES = Recipe((64, 64), "silu", 0.01, 0.5, 0.1, _warmed_up, _adamw, label_smoothing=0.05)
# RealMLP-TD-S of Holzmüller, Grinsztajn & Steinwart 2024, table A.1.
_SIMPLE_CLASSES = Recipe(
    (256, 256, 256),
    "selu",
    0.04,
    0.0,
    0.0,
    lambda rate, updates: CosineLog(rate),
    _adam_by_role,
    label_smoothing=0.1,
    epochs=256,
    batch_size=256,
    drop_last=True,
    kinds=ROBUST,
    one_output_each=True,
    input_scale=True,
    initializer=NeuralTangent(),
    last_initializer=Zeros(),
    watch="score",
)

_SIMPLE_NUMBERS = replace(
    _SIMPLE_CLASSES,
    activation="mish",
    learning_rate=0.07,
    label_smoothing=0.0,
    optimizer=_adam_by_role_of_half_squares,
)


def _adam_of_factors(rate: Schedule, weight_decay: float, epsilon: float = 1e-8) -> Optimizer:
    """Return the same with activations that are learnt, and a decay that fades in the second half.

    It decays a parameter by the square of its factor: scales 36 times as much as weights (RealMLP-TD of
    Holzmüller, Grinsztajn & Steinwart 2024, as its authors' program has it).
    """
    fading = []
    if weight_decay:
        constant = DecayWeights(weight_decay, scale=36.0, activation=0.01)  # it checks the number
        fading = [replace(constant, schedule=FlatCosine(weight_decay))]
    return Optimizer(
        ScaleByRole(by_fan_in=True),
        ScaleByAdam(beta_2=0.95, epsilon=epsilon),
        ScaleByRole(bias=0.1, scale=6.0, activation=0.1, by_fan_in=True),
        *fading,
        ScaleByLearningRate(rate),
    )


def _adam_of_factors_of_half_squares(rate: Schedule, weight_decay: float) -> Optimizer:
    return _adam_of_factors(rate, weight_decay, 0.5e-8)


# Found by the ablations in docs/tables.md: fewer epochs of several networks are worth more than all of one.
_DEFAULT: dict[str, Any] = {
    "epochs": None,
    "updates": 1_200,
    "epochs_within": (64, 128),
    "most_updates": 16_000,
    "members": 5,
    "early_end": True,
    "parametric": True,
    "dropout": 0.15,
    "dropout_schedule": "flat_cosine",
    "weight_decay": 0.02,
    "initializer": DataDriven(),
    # An epoch of these takes a third of the time: so there is time for more, which an early end spares where they
    # bring nothing.
    "few": 5_000,
    "on_few": {
        "hidden_sizes": (128, 128, 128),
        "batch_size": 128,
        "dropout": 0.0,
        "updates": 6_000,
        "epochs_within": (64, 256),
    },
}
_DEFAULT_CLASSES = replace(_SIMPLE_CLASSES, **_DEFAULT, optimizer=_adam_of_factors, calibrated=True)
_DEFAULT_NUMBERS = replace(
    _SIMPLE_NUMBERS,
    **_DEFAULT,
    optimizer=_adam_of_factors_of_half_squares,
    kinds=BINNED,
    bounded=True,
)
_BEST: dict[str, Any] = {
    "updates": 2_400,
    "epochs_within": (128, 192),
    "most_updates": 40_000,
    "members": 10,
    "on_few": _DEFAULT["on_few"] | {"members": 15},
}

# For a target of classes, and for one of numbers.
PRESETS = {
    "plain": (
        _PLAIN_CLASSES,
        replace(_PLAIN_CLASSES, weight_decay=0.3, dropout=0.0, label_smoothing=0.0),
    ),
    "simple": (_SIMPLE_CLASSES, _SIMPLE_NUMBERS),
    "default": (_DEFAULT_CLASSES, _DEFAULT_NUMBERS),
    "best": (replace(_DEFAULT_CLASSES, **_BEST), replace(_DEFAULT_NUMBERS, **_BEST)),
}


def recipe_of(preset: Any, *, classes: bool) -> Recipe:
    """Return the recipe of a preset for a target of classes, or of numbers.

    Raises `InputError` for a preset that there is not.
    """
    if not isinstance(preset, str) or preset not in PRESETS:
        raise unknown_name("preset", preset, PRESETS)
    return PRESETS[preset][0 if classes else 1]


def batch_size_for(rows: int) -> int:
    """Return the rows of an update: larger tables have larger batches.

    >>> batch_size_for(300), batch_size_for(20_000), batch_size_for(1_000_000)
    (32, 256, 1024)
    """
    return next((size for most, size in _BATCHES if rows <= most), _LARGEST_BATCH)


def epochs_for(recipe: Recipe, rows: int, batch_size: int | None) -> int:
    """Return the passes over the rows: the recipe's, or enough for its updates, within its bounds."""
    if recipe.epochs is not None:
        return recipe.epochs
    per_epoch = batches_per_epoch(batch_size, rows)
    epochs = int(np.clip(-(-recipe.updates // per_epoch), *recipe.epochs_within))
    if recipe.most_updates is None:
        return epochs
    return min(epochs, max(_FEWEST_EPOCHS, recipe.most_updates // per_epoch))


def optimizer_for(
    recipe: Recipe,
    choice: Any,
    learning_rate: float | Schedule,
    weight_decay: float,
    updates: int,
) -> Optimizer:
    """Return the optimizer: a chain as it is, a name (or "auto") with the recipe's schedule.

    A plain learning rate is the recipe's schedule's highest; a schedule is taken as it is.
    """
    if isinstance(choice, Optimizer):
        return choice
    rate = learning_rate
    if not isinstance(rate, Schedule):
        rate = recipe.schedule(float(rate), updates)
    if choice == "auto":
        return recipe.optimizer(rate, weight_decay)
    if choice == "adamw":
        return AdamW(rate, weight_decay=weight_decay)
    if isinstance(choice, str) and choice in OPTIMIZERS:
        return OPTIMIZERS[choice](rate)
    return find_optimizer(choice)  # raises, with the known names
