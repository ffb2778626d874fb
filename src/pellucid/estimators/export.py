"""Fitted estimators as files for other programs: the network with what stands around it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from pellucid.algebra import Equation, Symbol
from pellucid.exporters.inference import (
    Inference,
    InputColumn,
    about,
    fixed_inputs,
    of_member,
)
from pellucid.preparation.lines import answer_classes, answer_two_classes
from pellucid.preparation.record import recorded
from pellucid.step import Step, named


def tabular_inference(estimator: Any) -> Inference:
    """Return a fitted estimator for tables as it answers, from raw columns to the answer."""
    preparation, target = estimator.preparation_, estimator.target_
    network = estimator.network_
    equations = [*preparation.equations, *Step(network).inference]
    values = {**preparation.fitted, **network.settings, **target.fitted}
    for at, member in enumerate(estimator.members_, 1):
        parameters = member.parameters
        if at > 1:
            equations += of_member(Step(network).inference, at, tuple(parameters))
            parameters = {f"{name}_of_{at}": array for name, array in parameters.items()}
        values |= parameters
    equations += target.answer_equations(len(estimator.members_))
    fitted = set(preparation.fitted)
    raw = tuple(s for s in preparation.inputs if s.name not in fitted)
    # A column of dates gives several, which stand together.
    meanings = {n: words for reading in estimator.readings_ for n, words in reading.columns.items()}
    columns = [
        InputColumn(name, "numbers", at, meaning=meanings[name])
        for at, name in enumerate(preparation.numbers)
    ]
    columns += [
        InputColumn(c.name, f"codes_{at}", 0, c.levels, meanings[c.name])
        for at, c in enumerate(preparation.categories, 1)
    ]
    order = list(meanings)
    classes = tuple(np.asarray(c).item() for c in getattr(estimator, "classes_", ()))
    members = len(estimator.members_)
    return Inference(
        tuple(equations),
        raw,
        fixed_inputs(equations, values),
        ("predicted_class", target.chances(members)) if classes else ("prediction",),
        tuple(sorted(columns, key=lambda column: order.index(column.name))),
        classes,
        about(network, members),
    )


def mlp_inference(estimator: Any) -> Inference:
    """Return a fitted MLP as it answers, from `X` on."""
    network, parameters = estimator._network_now(), estimator._parameters()
    step = Step(network)
    classes: tuple[Any, ...] = ()
    answers: tuple[str, ...] = ("output",)
    equations = step.inference
    fixed: dict[str, Any] = {**parameters, **network.settings}
    answer = class_answer(estimator)
    if answer is not None:
        classes = tuple(np.asarray(c).item() for c in estimator.classes_)
        equations = (*equations, *answer.equations)
        fixed |= answer.fitted
        answers = ("predicted_class", "probability" if network.outputs == 1 else "output")
    return Inference(
        equations,
        tuple(s for s in step.inputs if s.name == "X"),
        fixed_inputs(equations, fixed),
        answers,
        classes=classes,
        about=about(network),
    )


@dataclass(frozen=True, eq=False)
class ClassAnswer:
    """What follows a classifier's output: its lines, their equations, and the numbers that they read."""

    lines: Callable[[Any, Any], Any]
    inputs: tuple[Symbol, ...]
    fitted: dict[str, Any]

    @property
    def equations(self) -> tuple[Equation, ...]:
        """The equations from `output` on."""
        return recorded(self.lines, self.inputs, "forward")


def class_answer(estimator: Any) -> ClassAnswer | None:
    """Return what follows an MLP's output, or None where the output itself is the answer."""
    if not hasattr(estimator, "classes_") or estimator._target_type() == "multilabel-indicator":
        return None
    outputs = estimator.n_outputs_
    output = named("output", ("n", outputs))
    if outputs == 1:
        return ClassAnswer(answer_two_classes, (output,), {})
    codes = np.arange(outputs, dtype=float).reshape(1, -1)
    inputs = (output, named("class_codes", (1, outputs)))
    return ClassAnswer(answer_classes, inputs, {"class_codes": codes})


def inference_of(estimator: Any) -> Inference:
    """Return a fitted estimator as it answers."""
    return (mlp_inference if hasattr(estimator, "coefs_") else tabular_inference)(estimator)


class Exports:
    """The methods that write a fitted estimator for other programs; a part of every estimator."""

    def to_onnx(self, path: str | os.PathLike[str]) -> Path:
        """Write the fitted estimator as an ONNX model, and return the path.

        The model takes raw rows and answers as `predict` and `predict_proba` do, in float32: an estimator
        for tables takes each column by its name, shape (n, 1) – float64, NaN for a missing number, days
        for dates and durations; texts for categories, where an empty one is missing –, an MLP takes `X` in
        float32. Classes come as `label` and `probabilities`, numbers as `prediction`.

        Raises
        ------
        InputError
            If the network is larger than an ONNX file can be.
        MissingLibraryError
            If the library onnx is not installed (``pip install 'pellucid[onnx]'``).
        OutputError
            If the file cannot be written.
        """
        from pellucid.exporters.onnx_model import (
            save_onnx,
        )  # on use, to keep the import of estimators quick

        check_is_fitted(self)
        return save_onnx(inference_of(self), Path(path))

    def to_torch(self, path: str | os.PathLike[str]) -> Path:
        """Write the fitted estimator as a file of Python with a PyTorch module, and return the path.

        ``Network()`` in it has the trained weights in float64 and returns chances or numbers; what its
        inputs are stands in its docstring. Of a large network the weights stand at the end, in base64.

        Raises
        ------
        InputError
            If the network has more than 20 million numbers.
        OutputError
            If the file cannot be written.
        """
        from pellucid.exporters.torch_module import (
            save_torch,
        )  # on use, to keep the import of estimators quick

        check_is_fitted(self)
        return save_torch(inference_of(self), Path(path))

    def to_c(self, path: str | os.PathLike[str]) -> Path:
        """Write the fitted estimator as a C header without dependencies, and return the path.

        ``predict`` in it takes one row in doubles; what its arguments are stands at the top.

        Raises
        ------
        InputError
            If the network has more than 5 million numbers.
        OutputError
            If the file cannot be written.
        """
        from pellucid.exporters.c_header import (
            save_c,
        )  # on use, to keep the import of estimators quick

        check_is_fitted(self)
        return save_c(inference_of(self), Path(path))


def _save_c(estimator: Exports, path: Path) -> Path:
    return estimator.to_c(path)


def _save_torch(estimator: Exports, path: Path) -> Path:
    return estimator.to_torch(path)


def _save_onnx(estimator: Exports, path: Path) -> Path:
    return estimator.to_onnx(path)


# Formats of a trained network, by suffix; another format is one more entry.
MODEL_SAVERS: dict[str, Callable[[Any, Path], Path]] = {
    ".onnx": _save_onnx,
    ".torch.py": _save_torch,
    ".h": _save_c,
}
