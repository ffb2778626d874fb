"""The peers: each function returns an estimator that takes a raw frame, with its own defaults.

What a peer needs done to a frame is part of its estimator, fitted to the training rows and timed with
it. A name may carry options of the estimator: ``pellucid:preset=best,epochs=64``.
"""

from __future__ import annotations

import ast
import importlib.metadata
import inspect
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Each import stands in the function that needs it: one peer's threads and memory are not another's, and
# the program that starts them stays small.

GAP = "?"


def categoricals(*, fill: bool) -> Any:
    """Return a transformer of texts into pandas' categoricals, with the levels of the training rows.

    With `fill`, a missing number becomes the column's median and a missing or unknown category the
    level "?". Without it, both stay missing.
    """
    import pandas as pd
    from sklearn.base import BaseEstimator, TransformerMixin

    class Categoricals(TransformerMixin, BaseEstimator):
        def fit(self, X: pd.DataFrame, y: Any = None) -> Categoricals:
            texts = X.select_dtypes(exclude="number").columns
            self.levels_ = {name: pd.Categorical(X[name]).categories for name in texts}
            self.medians_ = X.drop(columns=texts).median()
            return self

        def transform(self, X: pd.DataFrame) -> pd.DataFrame:
            X = X.fillna(self.medians_) if fill else X.copy()
            for name, levels in self.levels_.items():
                known = X[name].where(X[name].isin(levels))
                column = pd.Series(pd.Categorical(known, levels), X.index)
                if fill and GAP not in levels:
                    column = column.cat.add_categories(GAP)
                X[name] = column.fillna(GAP) if fill else column
            return X

    return Categoricals()


def scikit_learn(classes: bool, seed: int, threads: int, **options: Any) -> Any:
    """Return scikit-learn's MLP behind what its guide asks for: filled, scaled, one-hot; a scaled target."""
    from sklearn.compose import (
        TransformedTargetRegressor,
        make_column_selector,
        make_column_transformer,
    )
    from sklearn.impute import SimpleImputer
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    prepare = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (
            OneHotEncoder(handle_unknown="ignore", sparse_output=False),
            make_column_selector(dtype_exclude="number"),
        ),
    )
    if classes:
        return make_pipeline(prepare, MLPClassifier(random_state=seed, **options))
    net = make_pipeline(prepare, MLPRegressor(random_state=seed, **options))
    return TransformedTargetRegressor(net, transformer=StandardScaler())


def realmlp_td_s(classes: bool, seed: int, threads: int, **options: Any) -> Any:
    """Return pytabkit's RealMLP-TD-S, on the CPU."""
    from pytabkit import RealMLP_TD_S_Classifier, RealMLP_TD_S_Regressor
    from sklearn.pipeline import make_pipeline

    kind = RealMLP_TD_S_Classifier if classes else RealMLP_TD_S_Regressor
    options = {"device": "cpu", "n_threads": threads, "random_state": seed} | options
    return make_pipeline(categoricals(fill=True), kind(**options))


def lightgbm(classes: bool, seed: int, threads: int, **options: Any) -> Any:
    """Return LightGBM's estimator, which takes missing values and categories itself."""
    from lightgbm import LGBMClassifier, LGBMRegressor
    from sklearn.pipeline import make_pipeline

    options = {"n_jobs": threads, "random_state": seed, "verbose": -1} | options
    kind = LGBMClassifier if classes else LGBMRegressor
    return make_pipeline(categoricals(fill=False), kind(**options))


def pellucid(classes: bool, seed: int, threads: int, **options: Any) -> Any:
    """Return ours, which takes the frame as it is."""
    from pellucid import TabularClassifier, TabularRegressor

    options = {"n_jobs": threads, "random_state": seed} | options
    return (TabularClassifier if classes else TabularRegressor)(**options)


# The function, and the package whose version is recorded.
PEERS: dict[str, tuple[Callable[..., Any], str]] = {
    "sklearn": (scikit_learn, "scikit-learn"),
    "realmlp-td-s": (realmlp_td_s, "pytabkit"),
    "lightgbm": (lightgbm, "lightgbm"),
    "pellucid": (pellucid, "pellucid"),
}


def parsed(name: str) -> tuple[str, dict[str, Any]]:
    """Return a peer and the options that its name carries; `ValueError` says what is wrong with it.

    >>> parsed("pellucid:preset=best,epochs=64")
    ('pellucid', {'preset': 'best', 'epochs': 64})
    """
    peer, _, rest = name.partition(":")
    if peer not in PEERS:
        raise ValueError(f"Expected a peer of {', '.join(PEERS)}. Got {peer!r}.")
    options = {}
    for option in filter(None, rest.split(",")):
        key, equals, value = option.partition("=")
        if not equals:
            raise ValueError(f"Expected options such as preset=best. Got {option!r} in {name!r}.")
        try:
            options[key] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            options[key] = value
    return peer, options


def make(name: str, classes: bool, seed: int, threads: int, *, warm_up: bool = False) -> Any:
    """Return a new estimator of a peer; for a warm-up, one that brings in all that it can need."""
    peer, options = parsed(name)
    if warm_up and peer == "pellucid":
        options["engine"] = "compiled"  # by itself it would not load kernels for a tiny table
    return PEERS[peer][0](classes, seed, threads, **options)


def standard() -> list[str]:
    """Return the peers to measure unless others are asked for: each of them, and each preset of ours."""
    from pellucid import TabularClassifier

    presets = (
        ["simple", "best"] if "preset" in inspect.signature(TabularClassifier).parameters else []
    )
    return [*PEERS, *(f"pellucid:preset={preset}" for preset in presets)]


def version(name: str) -> str:
    """Return the version of a peer's package, and of ours also the commit."""
    package = PEERS[parsed(name)[0]][1]
    number = importlib.metadata.version(package)
    if package != "pellucid":
        return number
    import pellucid

    assert pellucid.__file__ is not None
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=Path(pellucid.__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return f"{number} {described.stdout.strip()}".strip()
