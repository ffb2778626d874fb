"""Estimators with scikit-learn's interface."""

import os
from typing import Any

from pellucid.estimators.base import NotFittedError
from pellucid.estimators.files import restored_tabular
from pellucid.estimators.mlp import MLPClassifier, MLPRegressor
from pellucid.estimators.mlp_files import restored
from pellucid.estimators.tabular import TabularClassifier, TabularRegressor
from pellucid.training.storage import read_model

__all__ = [
    "MLPClassifier",
    "MLPRegressor",
    "NotFittedError",
    "TabularClassifier",
    "TabularRegressor",
    "load",
]

# What a model file may hold, by the name in it.
KINDS: dict[str, type[Any]] = {c.__name__: c for c in (TabularClassifier, TabularRegressor)}
MLP_KINDS: dict[str, type[Any]] = {c.__name__: c for c in (MLPClassifier, MLPRegressor)}


def load(path: str | os.PathLike[str]) -> Any:
    """Return the fitted estimator that was saved in a model file. Opening one runs nothing that is in it.

    Raises
    ------
    ModelFileError
        If the file is missing, damaged, not one of Pellucid's, or of a newer format.
    """
    header, arrays = read_model(path)
    if str(header.get("estimator")) in MLP_KINDS:
        return restored(path, MLP_KINDS, header, arrays)
    return restored_tabular(path, KINDS, header, arrays)
