"""What the parameters of the MLP estimators may be, in scikit-learn's terms."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval, Options, StrOptions

from pellucid.catalogue import Activation, Initializer, Loss, Optimizer, Schedule
from pellucid.training.choice import ENGINES

_AT_LEAST_0 = Interval(Real, 0, None, closed="left")
_ABOVE_0 = Interval(Real, 0, None, closed="neither")
_COUNT = Interval(Integral, 1, None, closed="left")
_SHARE = Interval(Real, 0, 1, closed="left")

# Names are looked up when a fit begins: the catalogue has those that users have added too.
CONSTRAINTS: dict[str, list[Any]] = {
    "hidden_layer_sizes": ["array-like", _COUNT],
    "activation": [str, Activation, callable, list, tuple],
    "solver": [str, Optimizer],
    "alpha": [_AT_LEAST_0],
    "batch_size": [StrOptions({"auto", "by_rows"}), _COUNT],
    "learning_rate": [str, Schedule],
    "learning_rate_init": [_ABOVE_0],
    "power_t": [_AT_LEAST_0],
    "max_iter": [_COUNT],
    "shuffle": ["boolean"],
    "random_state": ["random_state"],
    "tol": [_AT_LEAST_0],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "momentum": [Interval(Real, 0, 1, closed="both")],
    "nesterovs_momentum": ["boolean"],
    "early_stopping": ["boolean"],
    "validation_fraction": [_SHARE],
    "beta_1": [_SHARE],
    "beta_2": [_SHARE],
    "epsilon": [_ABOVE_0],
    "n_iter_no_change": [_COUNT, Options(Real, {np.inf})],
    "max_fun": [_COUNT],
    "loss": [str, Loss],
    "output_activation": [None, str, Activation, callable],
    "dropout": [_SHARE, list, tuple],
    "l1": [_AT_LEAST_0],
    "clip_norm": [None, _ABOVE_0],
    "clip_value": [None, _ABOVE_0],
    "initializer": [None, str, Initializer, list, tuple],
    "start_weights": [None, Mapping],
    "scoring": [None, str, callable],
    "restore_best_weights": ["boolean"],
    "time_limit": [None, _ABOVE_0],
    "listeners": [None, list, tuple],
    "engine": [StrOptions(set(ENGINES))],
    "n_jobs": [None, _COUNT, Interval(Integral, None, -1, closed="right")],
}
