"""Fitted estimators to model files, and back."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid import __version__
from pellucid.catalogue import activation as find_activation, from_data, to_data
from pellucid.errors import InputError, ModelFileError
from pellucid.preparation import ClassTarget, NumberTarget, Preparation
from pellucid.preparation.record import stored_shapes
from pellucid.step import Step
from pellucid.training.history import History
from pellucid.training.storage import (
    READING_ERRORS,
    check_arrays,
    network_from_data,
    network_to_data,
    write_model,
)

Array = NDArray[Any]

# Fitted attributes that are plain data as they are.
_PLAIN = ("settings_", "clock_", "notes_", "summary_", "stopped_because_", "interrupted_")
_CLASS_TYPES = {
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64", "object"
}  # fmt: skip


def write_estimator(estimator: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted estimator to a model file; see `pellucid.training.storage.write_model`."""
    header = {
        "version": __version__,
        "written_with": {"python": platform.python_version(), "numpy": np.__version__},
        "estimator": type(estimator).__name__,
        "choices": _choices(estimator),
        "network": network_to_data(estimator.network_),
        "optimizer": to_data(estimator.optimizer_),
        "preparation": estimator.preparation_.to_data(),
        "target": _target_to_data(estimator),
        "columns": estimator.columns_,
        "features": estimator.feature_labels_,
        "features_have_names": hasattr(estimator, "feature_names_in_"),
        "history": estimator.history_.to_data(),
        **{name: getattr(estimator, name) for name in (*_PLAIN, "engine_")},
    }
    prepared = estimator.preparation_.stored
    write_model(path, header, {**prepared, **estimator.parameters_, **estimator.states_})


def restored_tabular(
    path: str | os.PathLike[str],
    kinds: Mapping[str, type[Any]],
    header: Mapping[str, Any],
    arrays: dict[str, Array],
) -> Any:
    """Return the estimator of what was read from a model file; `kinds` are its classes by name.

    Raises `ModelFileError` if its parts do not fit together.
    """
    try:
        estimator = kinds[header["estimator"]](
            **{k: from_data(v) for k, v in header["choices"].items()}
        )
        _restore(estimator, header, arrays)
    except READING_ERRORS as error:
        reason = (
            str(error) if isinstance(error, ModelFileError) else f"{type(error).__name__}: {error}"
        )
        raise ModelFileError(
            f"Expected a model file that hangs together. Got {path}, which does not: {reason[:300]} "
            "To continue, take a copy of it, or train the model again."
        ) from error
    return estimator


def _restore(estimator: Any, header: Mapping[str, Any], arrays: dict[str, Array]) -> None:
    network = network_from_data(header["network"])
    optimizer = from_data(header["optimizer"])
    step = Step(network, optimizer)
    shapes: dict[str, tuple[int, ...]] = dict(network.parameter_shapes)
    shapes |= {name: network.parameter_shapes[p] for name, (_, p) in step.state_names.items()}
    shapes |= stored_shapes(header["preparation"], network.inputs)
    check_arrays(arrays, shapes)
    arrays = {name: array.astype(np.float64) for name, array in arrays.items()}

    preparation = Preparation.from_data(header["preparation"], arrays)
    known = {*preparation.numbers, *(c.name for c in preparation.categories)}
    columns = tuple((str(name), str(kind)) for name, kind in header["columns"])
    labels = estimator.feature_labels_ = tuple(str(name) for name in header["features"])
    estimator.n_features_in_ = len(labels)
    if header["features_have_names"]:
        estimator.feature_names_in_ = np.array(labels, dtype=object)
    categories = {name for name, kind in columns if kind == "category"}
    fits = (
        categories == {c.name for c in preparation.categories}
        and {kind for _, kind in columns} <= {"number", "category", "dates", "durations"}
        and {name for name, _ in columns} == known <= set(labels)
        and len(preparation.labels["X"]) == network.inputs
        and len(set(labels)) == len(labels)
        and set(header["settings_"]) | set(network.settings) == set(step.settings)
        and set(header["clock_"]) == {"update_number", "epoch_number", "progress"}
    )
    _restore_target(estimator, header["target"])
    if not fits or estimator.target_.outputs != network.outputs:
        raise ModelFileError("Its columns, classes and network do not fit together.")
    estimator.preparation_, estimator.columns_ = preparation, columns
    estimator.network_, estimator.optimizer_ = network, optimizer
    estimator.parameters_ = {name: arrays[name] for name in network.parameter_shapes}
    estimator.states_ = {name: arrays[name] for name in step.state_names}
    estimator.history_ = History.from_data(header["history"])
    for name in _PLAIN:
        setattr(estimator, name, header[name])
    # Files of 0.1 do not name the numbers of activations and losses among the settings.
    estimator.settings_ = {**network.settings, **header["settings_"]}
    # Files that were written before there was a choice have been trained by NumPy.
    estimator.engine_ = str(header.get("engine_", "numpy"))
    estimator.notes_ = tuple(str(note) for note in header["notes_"])


def _choices(estimator: Any) -> dict[str, Any]:
    """Return the constructor's parameters as plain data; what is only of this session is left out."""
    choices = estimator.get_params(deep=False)
    seed = choices["random_state"]
    choices |= {
        "listeners": None,
        "random_state": int(seed) if isinstance(seed, int | np.integer) else None,
    }
    activation = choices["activation"]
    if callable(activation):
        choices["activation"] = find_activation(activation)
    elif isinstance(activation, list | tuple):
        choices["activation"] = tuple(find_activation(a) for a in activation)
    return {name: _stored(value) for name, value in choices.items()}


def _stored(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_stored(v) for v in value]
    return to_data(value)


def _target_to_data(estimator: Any) -> dict[str, Any]:
    target = estimator.target_
    if isinstance(target, NumberTarget):
        return {"name": target.name, "mean": target.mean, "scale": target.scale}
    classes = estimator.classes_
    kind = "str" if classes.dtype.kind == "U" else classes.dtype.name
    if kind != "str" and kind not in _CLASS_TYPES:
        raise InputError(
            f"Expected classes that are texts, numbers or booleans. Got {kind}, which a model file has no place for. "
            "To continue, fit with the classes written as text."
        )
    return {
        "name": target.name,
        "classes": list(target.classes),
        "type": kind,
        "one_each": target.one_each,
    }


def _restore_target(estimator: Any, data: Mapping[str, Any]) -> None:
    if "classes" not in data:
        mean, scale = float(data["mean"]), float(data["scale"])
        if not (np.isfinite(mean) and np.isfinite(scale)):
            raise ModelFileError("The target's mean and scale are not finite.")
        estimator.target_ = NumberTarget(str(data["name"]), mean, scale)
        return
    classes, kind = data["classes"], data["type"]
    if kind == "str" and all(isinstance(c, str) for c in classes):
        estimator.classes_ = np.array(classes)
    elif kind in _CLASS_TYPES and all(isinstance(c, str | bool | int | float) for c in classes):
        estimator.classes_ = np.array(classes, dtype=kind)
    else:
        raise ModelFileError("The classes are not of the type that the file names.")
    if len(set(classes)) != len(classes) or len(classes) < 2:
        raise ModelFileError("The classes are fewer than two, or not all different.")
    estimator.target_ = ClassTarget(
        str(data["name"]), tuple(classes), bool(data.get("one_each", False))
    )
