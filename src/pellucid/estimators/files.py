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
from pellucid.estimators.members import Member
from pellucid.estimators.readings import Reading
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
_PLAIN = ("notes_", "summary_", "interrupted_")
# What a file holds of each member besides its arrays; of the first one at the top.
_OF_MEMBER = ("settings", "clock", "stopped_because")
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
        "columns": [reading.to_data() for reading in estimator.readings_],
        "features": estimator.feature_labels_,
        "features_have_names": hasattr(estimator, "feature_names_in_"),
        "members": [_member_to_data(member) for member in estimator.members_],
        **{name: getattr(estimator, name) for name in (*_PLAIN, "engine_")},
    }
    arrays = estimator.preparation_.stored
    for at, member in enumerate(estimator.members_, 1):
        own = {**member.parameters, **member.states}
        arrays |= {_of(name, at): _smallest(array) for name, array in own.items()}
    write_model(path, header, arrays)


def _smallest(array: Array) -> Array:
    """Return numbers that were trained in float32 in half the space, where nothing is lost."""
    with np.errstate(over="ignore"):
        small = array.astype(np.float32)
    return small if np.array_equal(small, array) else array


def _of(name: str, member: int) -> str:
    return name if member == 1 else f"{name}_of_{member}"


def _member_to_data(member: Member) -> dict[str, Any]:
    plain = {name: getattr(member, name) for name in _OF_MEMBER}
    return {**plain, "history": member.history.to_data()}


def _members_data(header: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what is stored of each member; before format 3 there was one, at the top of the header."""
    if "members" in header:
        return list(header["members"])
    return [{"history": header["history"], **{n: header[f"{n}_"] for n in _OF_MEMBER}}]


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
    own: dict[str, tuple[int, ...]] = dict(network.parameter_shapes)
    own |= {name: network.parameter_shapes[p] for name, (_, p) in step.state_names.items()}
    members = _members_data(header)
    shapes = {_of(n, at): shape for at in range(1, len(members) + 1) for n, shape in own.items()}
    shapes |= stored_shapes(header["preparation"], network.inputs)
    check_arrays(arrays, shapes)
    arrays = {name: array.astype(np.float64) for name, array in arrays.items()}

    preparation = Preparation.from_data(header["preparation"], arrays)
    known = {*preparation.numbers, *(c.name for c in preparation.categories)}
    readings = tuple(Reading.from_data(data) for data in header["columns"])
    made = [name for reading in readings for name in reading.columns]
    labels = estimator.feature_labels_ = tuple(str(name) for name in header["features"])
    estimator.n_features_in_ = len(labels)
    if header["features_have_names"]:
        estimator.feature_names_in_ = np.array(labels, dtype=object)
    categories = {name for reading in readings for name in reading.categories}
    fits = (
        {c.name for c in preparation.categories} <= categories
        and set(preparation.numbers) <= set(made) - categories
        and all(known & set(reading.columns) for reading in readings)
        and {reading.name for reading in readings} <= set(labels)
        and len(set(made)) == len(made)
        and len(preparation.labels["X"]) == network.inputs
        and len(set(labels)) == len(labels)
        and len(members) > 0
        and all(set(m["settings"]) | set(network.settings) == set(step.settings) for m in members)
        and all(set(m["clock"]) == {"update_number", "epoch_number", "progress"} for m in members)
    )
    _restore_target(estimator, header["target"])
    if not fits or estimator.target_.outputs != network.outputs:
        raise ModelFileError("Its columns, classes and network do not fit together.")
    estimator.preparation_, estimator.readings_ = preparation, readings
    estimator.network_, estimator.optimizer_ = network, optimizer
    estimator.members_ = tuple(
        Member(
            {name: arrays[_of(name, at)] for name in network.parameter_shapes},
            {name: arrays[_of(name, at)] for name in step.state_names},
            # Files of 0.1 do not name the numbers of activations and losses among the settings.
            {**network.settings, **member["settings"]},
            dict(member["clock"]),
            History.from_data(member["history"]),
            str(member["stopped_because"]),
        )
        for at, member in enumerate(members, 1)
    )
    for name in _PLAIN:
        setattr(estimator, name, header[name])
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
        numbers = {"name": target.name, "mean": target.mean, "scale": target.scale}
        reading = estimator.target_reading_
        written = None if reading is None else reading.to_data()
        return {**numbers, "bounds": target.bounds, "reading": written}
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
        "temperature": target.temperature,
    }


def _restore_target(estimator: Any, data: Mapping[str, Any]) -> None:
    reading = data.get("reading")
    estimator.target_reading_ = None if reading is None else Reading.from_data(reading)
    if "classes" not in data:
        mean, scale = float(data["mean"]), float(data["scale"])
        if not (np.isfinite(mean) and np.isfinite(scale)):
            raise ModelFileError("The target's mean and scale are not finite.")
        bounds = data.get("bounds")
        if bounds is not None:
            lowest, highest = map(float, bounds)
            if not lowest <= highest:
                raise ModelFileError("The target's bounds are not in order.")
            bounds = (lowest, highest)
        estimator.target_ = NumberTarget(str(data["name"]), mean, scale, bounds)
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
    temperature = data.get("temperature")
    if temperature is not None and not 0 < float(temperature) < np.inf:
        raise ModelFileError("The temperature of the chances is not above 0.")
    estimator.target_ = ClassTarget(
        str(data["name"]), tuple(classes), bool(data.get("one_each", False)), temperature
    )
