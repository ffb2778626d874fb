"""Estimators with scikit-learn's interface.

Each is imported when it is first used: a fit of an MLP need not wait for what reads raw tables.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pellucid.estimators.base import NotFittedError
    from pellucid.estimators.mlp import MLPClassifier, MLPRegressor
    from pellucid.estimators.tabular import TabularClassifier, TabularRegressor

__all__ = [
    "MLPClassifier",
    "MLPRegressor",
    "NotFittedError",
    "TabularClassifier",
    "TabularRegressor",
    "load",
]

_MODULE = {
    "MLPClassifier": "mlp",
    "MLPRegressor": "mlp",
    "NotFittedError": "base",
    "TabularClassifier": "tabular",
    "TabularRegressor": "tabular",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)
    globals()[name] = value
    return value


def load(path: str | os.PathLike[str]) -> Any:
    """Return the fitted estimator that was saved in a model file. Opening one runs nothing that is in it.

    Raises
    ------
    ModelFileError
        If the file is missing, damaged, not one of Pellucid's, or of a newer format.
    """
    from pellucid.errors import ModelFileError, explain
    from pellucid.training.storage import read_model

    header, arrays = read_model(path)
    if "place" in header:
        raise ModelFileError(
            explain(
                expected="a model file",
                got=f"{path}, the checkpoint of a fit",
                do=f"fit with the same parameters and rows and resume={str(path)!r}, which ends it, and save that",
            )
        )
    if header.get("estimator") in ("MLPClassifier", "MLPRegressor"):
        from pellucid.estimators.mlp import MLPClassifier, MLPRegressor
        from pellucid.estimators.mlp_files import restored

        kinds: Any = {kind.__name__: kind for kind in (MLPClassifier, MLPRegressor)}
        return restored(path, kinds, header, arrays)
    from pellucid.estimators.files import restored_tabular
    from pellucid.estimators.tabular import TabularClassifier, TabularRegressor

    kinds = {kind.__name__: kind for kind in (TabularClassifier, TabularRegressor)}
    return restored_tabular(path, kinds, header, arrays)
