"""Fitted MLP estimators to model files, and back."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import LabelBinarizer

from pellucid import __version__
from pellucid.catalogue import activation as find_activation, from_data, to_data
from pellucid.errors import InputError, ModelFileError
from pellucid.estimators.mlp_choices import flat_of, lists_of
from pellucid.estimators.mlp_fit import OptimizerState
from pellucid.network import Network
from pellucid.training.history import History
from pellucid.training.storage import (
    READING_ERRORS,
    check_arrays,
    network_from_data,
    network_to_data,
    write_model,
)

Array = NDArray[Any]

# Fitted attributes that are numbers, texts, or lists of numbers; not every fit has each.
_PLAIN = (
    "n_iter_", "t_", "loss_", "best_loss_", "loss_curve_", "validation_scores_", "stopped_because_",
    "best_validation_score_", "validation_loss_curve_", "_no_improvement_count", "engine_",
)  # fmt: skip
# Parameters that are functions or arrays of this session; a file has no place for them.
_OF_THIS_SESSION = ("listeners", "start_weights")


def write_mlp(model: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted MLP estimator to a model file, the state of its optimizer included."""
    state = getattr(model, "_optimizer", None)
    write_model(path, *content(model, state, getattr(model, "history_", None)))


def content(
    model: Any, state: OptimizerState | None, history: History | None
) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return header and arrays of a model file, for an optimizer's state and a history."""
    network: Network = model._network_now()
    arrays = dict(network.views(flat_of(model.coefs_, model.intercepts_, model._float_type())))
    best = getattr(model, "_best", None)
    arrays |= {} if best is None else {"best": best}
    about = None
    if state is not None:
        arrays |= {f"state_{name}": vector for name, vector in state.states.items()}
        about = {
            "optimizer": to_data(state.optimizer),
            "settings": state.settings,
            "number": state.number,
            "epoch": state.epoch,
        }
    names = getattr(model, "feature_names_in_", None)
    header = {
        "version": __version__,
        "written_with": {"python": platform.python_version(), "numpy": np.__version__},
        "estimator": type(model).__name__,
        "choices": choices_of(model),
        "network": network_to_data(network),
        "output": to_data(model.out_activation_),
        "n_features": model.n_features_in_,
        "feature_names": None if names is None else list(names),
        "classes": _classes(model),
        "state": about,
        "history": None if history is None else history.to_data(),
        "fitted": {name: getattr(model, name) for name in _PLAIN if hasattr(model, name)},
    }
    return header, arrays


def restored(
    path: Any, kinds: Mapping[str, type[Any]], header: Mapping[str, Any], arrays: dict[str, Array]
) -> Any:
    """Return the estimator of what was read from a model file.

    Raises `ModelFileError` if its parts do not fit together.
    """
    try:
        choices = {name: _unpacked(value) for name, value in header["choices"].items()}
        if choices["n_iter_no_change"] == "inf":
            choices["n_iter_no_change"] = np.inf
        model = kinds[header["estimator"]](**choices)
        _restore(model, header, arrays)
    except READING_ERRORS as error:
        raise ModelFileError(
            f"Expected a model file that hangs together. Got {path}, which does not: "
            f"{type(error).__name__}: {str(error)[:300]} To continue, take a copy of it, or train the model again."
        ) from error
    return model


def _restore(model: Any, header: Mapping[str, Any], arrays: dict[str, Array]) -> None:
    network = network_from_data(header["network"])
    shapes: dict[str, tuple[int, ...]] = dict(network.parameter_shapes)
    flat = {name: (network.parameter_count,) for name in arrays if name == "best"}
    about = header["state"]
    optimizer = None if about is None else from_data(about["optimizer"])
    flat |= (
        {}
        if optimizer is None
        else dict.fromkeys(
            (f"state_{name}" for name in optimizer.states), (network.parameter_count,)
        )
    )
    check_arrays(arrays, shapes | flat)
    names, classes = header["feature_names"], header["classes"]
    if int(header["n_features"]) != network.inputs or (names and len(names) != network.inputs):
        raise ModelFileError("Its columns and its network do not fit together.")
    vector = np.concatenate([arrays[name].ravel() for name in shapes])
    model.coefs_, model.intercepts_ = lists_of(network, vector)
    model.network_, model._best = network, arrays.get("best")
    model.out_activation_ = from_data(header["output"])
    find_activation(model.out_activation_)  # raises for one that is none
    model.n_features_in_ = network.inputs
    model.n_outputs_, model.n_layers_ = network.outputs, len(network.sizes)
    if names is not None:
        model.feature_names_in_ = np.array([str(n) for n in names], dtype=object)
    if classes is not None:
        _restore_classes(model, classes, network)
    if optimizer is not None:
        states = {name: arrays[f"state_{name}"] for name in optimizer.states}
        if set(about["settings"]) != set(optimizer.settings):
            raise ModelFileError("Its optimizer and the optimizer's numbers do not fit together.")
        numbers = {name: float(value) for name, value in about["settings"].items()}
        model._optimizer = OptimizerState(
            optimizer, states, numbers, int(about["number"]), int(about["epoch"])
        )
    if header["history"] is not None:
        model.history_ = History.from_data(header["history"])
    for name in _PLAIN:
        if name in header["fitted"]:
            setattr(model, name, header["fitted"][name])


def choices_of(model: Any) -> dict[str, Any]:
    """Return the constructor's parameters as plain data."""
    choices = model.get_params(deep=False) | dict.fromkeys(_OF_THIS_SESSION)
    seed = choices["random_state"]
    choices["random_state"] = int(seed) if isinstance(seed, int | np.integer) else None
    if callable(choices["scoring"]):
        choices["scoring"] = None
    for name in ("activation", "output_activation"):
        choice = choices[name]
        if isinstance(choice, list | tuple):
            choices[name] = [find_activation(a) for a in choice]
        elif callable(choice):
            choices[name] = find_activation(choice)
    # JSON has no infinity, and only texts as keys.
    if choices["n_iter_no_change"] == np.inf:
        choices["n_iter_no_change"] = "inf"
    if isinstance(choices.get("class_weight"), dict):
        choices["class_weight"] = [
            ["of", _plain(k), _plain(v)] for k, v in choices["class_weight"].items()
        ]
    return {name: _packed(value) for name, value in choices.items()}


def _packed(value: Any) -> Any:
    value = _plain(value)
    return [_packed(v) for v in value] if isinstance(value, list | tuple) else to_data(value)


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _unpacked(value: Any) -> Any:
    if (
        isinstance(value, list)
        and value
        and all(isinstance(v, list) and v[:1] == ["of"] for v in value)
    ):
        return {key: weight for _, key, weight in value}
    return from_data(value)


def _classes(model: Any) -> dict[str, Any] | None:
    classes = getattr(model, "classes_", None)
    if classes is None:
        return None
    kind = "str" if classes.dtype.kind in "U" else classes.dtype.name
    if classes.dtype.kind not in "UbiufO" or not all(
        isinstance(c, str | bool | int | float) for c in classes.tolist()
    ):
        raise InputError(
            f"Expected classes that are texts, numbers or booleans. Got {kind}, which a model file has no place "
            "for. To continue, fit with the classes written as text."
        )
    return {"values": classes.tolist(), "type": kind, "of": model._target_type()}


def _restore_classes(model: Any, about: Mapping[str, Any], network: Network) -> None:
    values, kind = about["values"], about["type"]
    if kind != "str" and np.dtype(kind).kind not in "biufO":
        raise ModelFileError("The classes are not of the type that the file names.")
    classes = np.array(values, dtype=None if kind == "str" else kind)
    several = str(about["of"]).startswith("multilabel")
    binarizer = LabelBinarizer().fit(np.zeros((1, len(classes)), int) if several else classes)
    outputs = 1 if len(classes) <= 2 and not several else len(classes)
    if not np.array_equal(binarizer.classes_, classes) or outputs != network.outputs:
        raise ModelFileError("The classes and the network do not fit together.")
    model.classes_, model._label_binarizer = classes, binarizer
