"""The estimators for raw tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils.class_weight import compute_sample_weight

from pellucid.catalogue import Activation, Loss, Optimizer, Schedule, loss as find_loss
from pellucid.errors import InputError, explain, nearest
from pellucid.estimators.base import Tabular
from pellucid.estimators.calibration import (
    FEWEST_ROWS_TO_CALIBRATE,
    temperature_for,
    temperature_of_mean,
)
from pellucid.estimators.metrics import one_each
from pellucid.estimators.parameters import documented
from pellucid.estimators.targets import classes_of, numbers_of, tail_notes
from pellucid.preparation import CategoryColumn, ClassTarget, NumberTarget
from pellucid.training.events import Listener
from pellucid.training.rows import Rows

Array = NDArray[Any]


@documented
class TabularClassifier(ClassifierMixin, Tabular):
    """A neural network for a raw table with a target of classes.

    Numbers, categories, dates and missing values are prepared inside, by equations that a trace shows.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    classes_
        The classes, sorted.
    notes_
        What was done with the table, in sentences.
    readings_
        How each column that is used has been read; later tables are read in the same way.
    summary_
        The fit in numbers, as plain data.
    members_
        The networks that answer together, each with its parameters and its history.
    held_out_rows_
        For each of them the numbers of the rows that it held out, from 0; not kept in model files.
    network_, optimizer_, parameters_, preparation_, target_, history_
        The parts of the model; `parameters_` (float64 arrays by name) and `history_` are those of the first
        member.
    engine_
        What has trained it: "compiled" or "numpy".

    Examples
    --------
    >>> from pellucid.estimators import TabularClassifier
    >>> X, y = [["red", 1.0], ["blue", 2.0], ["red", 3.0], ["blue", 0.5]] * 5, ["a", "b", "a", "b"] * 5
    >>> TabularClassifier(random_state=0).fit(X, y).predict([["red", 2.0], ["blue", None]]).tolist()
    ['a', 'b']
    """

    def __init__(
        self,
        hidden_sizes: str | Sequence[int] = "auto",
        activation: str | Activation | Sequence[Any] = "auto",
        *,
        preset: str = "default",
        metric: str = "auto",
        members: int | str = "auto",
        optimizer: str | Optimizer = "auto",
        learning_rate: str | float | Schedule = "auto",
        weight_decay: str | float = "auto",
        dropout: str | float | Sequence[float] = "auto",
        label_smoothing: str | float = "auto",
        class_weight: str | Mapping[Any, float] | None = None,
        epochs: int | str = "auto",
        batch_size: int | str | None = "auto",
        validation_fraction: float = 0.2,
        patience: int | None = None,
        time_limit: float | None = None,
        random_state: Any = None,
        verbose: int = 0,
        listeners: Iterable[Listener] | None = None,
        engine: str = "auto",
        n_jobs: int | None = None,
    ) -> None:
        self.hidden_sizes = hidden_sizes
        self.activation = activation
        self.preset = preset
        self.metric = metric
        self.members = members
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.label_smoothing = label_smoothing
        self.class_weight = class_weight
        self.epochs = epochs
        self.batch_size = batch_size
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.time_limit = time_limit
        self.random_state = random_state
        self.verbose = verbose
        self.listeners = listeners
        self.engine = engine
        self.n_jobs = n_jobs

    def predict_proba(self, X: Any) -> Array:
        """Return the chance of each class, shape (n, classes), in the order of `classes_`."""
        return self._chances(self._outputs(X))

    def predict(self, X: Any) -> Array:
        """Return the likeliest class of each row, shape (n,)."""
        codes = self._answers(self._outputs(X))["predicted_class"]
        predicted: Array = self.classes_[codes[:, 0].astype(int)]
        return predicted

    def _chances(self, outputs: list[Array]) -> Array:
        assert isinstance(self.target_, ClassTarget)
        name = self.target_.chances(len(outputs))
        return outputs[0] if name == "output" else self._answers(outputs)[name]

    def _answer_of_held_out(self, output: Array) -> Array:
        return self._chances([output])

    def _weighted(self, codes: Array, weight: Array | None) -> Array | None:
        if self.class_weight is None:
            return weight
        try:
            factors = compute_sample_weight(
                self.class_weight, self.classes_[codes[:, 0].astype(int)]
            )
        except ValueError:
            raise InputError(
                explain(
                    expected="class_weight None, 'balanced', or a weight for each class",
                    got=_weights_in_words(self.class_weight, self.classes_.tolist()),
                    do=f"give for example {{{self.classes_.tolist()[0]!r}: 2.0}}",
                )
            ) from None
        weight = factors[:, None] * (1.0 if weight is None else weight)
        counted: Array = weight / weight.mean()
        return counted

    def _calibrate(self, rows: Rows, judged: Array, output: Array) -> None:
        if not self._recipe().calibrated or len(judged) < FEWEST_ROWS_TO_CALIBRATE:
            return
        assert isinstance(self.target_, ClassTarget)
        weight = None if rows.row_weight is None else rows.row_weight[judged]
        found = temperature_for(one_each(output), one_each(rows.y[judged]), weight)
        together = len(self.members_)
        own = sum(map(len, self.held_out_rows_[:together])) / len(judged)
        temperature = temperature_of_mean(found, own, together)
        self.target_ = replace(self.target_, temperature=temperature)

    def _read_target(self, target: Array, name: str, rows: Array) -> Array:
        self.classes_, codes = classes_of(target)
        one_each = self._recipe().one_output_each
        self.target_ = ClassTarget(name, tuple(self.classes_.tolist()), one_each)
        return codes

    def _coded(self, target: Array) -> Array:
        codes = CategoryColumn("", target.tolist()).codes(self.classes_.tolist())
        if (codes < 0).any():
            row = int(np.argmax(codes[:, 0] < 0))
            known, unknown = [str(c) for c in self.classes_.tolist()], target.tolist()[row]
            raise InputError(
                f"Expected classes that were in training: {', '.join(known)}. Got {unknown!r} in row {row} "
                f"(counted from 0){nearest(str(unknown), known)}. To continue, correct it or leave it out."
            )
        return codes

    def _as_known(self, coded: Array) -> Array:
        known: Array = self.classes_[coded[:, 0].astype(int)]
        return known

    def _loss(self) -> str:
        return "binary_cross_entropy" if self.target_.outputs == 1 else "cross_entropy"

    def _trivial(self, training: Rows, judged: Rows) -> tuple[float, str]:
        metric, (y, weight), known = self._metric(), training.targets, judged.targets
        shares = np.average(one_each(y), axis=0, weights=_column(weight))
        guess = np.tile(shares, (judged.count, 1))
        words = f"always {self.classes_.tolist()[int(np.argmax(shares))]}"
        if metric.of_chances:
            words = "the share of each class"
        return metric.score(guess, *known), words

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        return _tabular(tags)


@documented
class TabularRegressor(RegressorMixin, Tabular):
    """A neural network for a raw table with a target of numbers.

    Numbers, categories, dates and missing values are prepared inside, by equations that a trace shows; the
    target is standardised for training, and predictions are in its own units.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    notes_
        What was done with the table, in sentences.
    readings_
        How each column that is used has been read; later tables are read in the same way.
    summary_
        The fit in numbers, as plain data.
    members_
        The networks that answer together, each with its parameters and its history.
    held_out_rows_
        For each of them the numbers of the rows that it held out, from 0; not kept in model files.
    network_, optimizer_, parameters_, preparation_, target_, history_
        The parts of the model; `parameters_` (float64 arrays by name) and `history_` are those of the first
        member.
    engine_
        What has trained it: "compiled" or "numpy".
    """

    def __init__(
        self,
        hidden_sizes: str | Sequence[int] = "auto",
        activation: str | Activation | Sequence[Any] = "auto",
        *,
        preset: str = "default",
        metric: str = "auto",
        members: int | str = "auto",
        loss: str | Loss = "squared_error",
        optimizer: str | Optimizer = "auto",
        learning_rate: str | float | Schedule = "auto",
        weight_decay: str | float = "auto",
        dropout: str | float | Sequence[float] = "auto",
        epochs: int | str = "auto",
        batch_size: int | str | None = "auto",
        validation_fraction: float = 0.2,
        patience: int | None = None,
        time_limit: float | None = None,
        random_state: Any = None,
        verbose: int = 0,
        listeners: Iterable[Listener] | None = None,
        engine: str = "auto",
        n_jobs: int | None = None,
    ) -> None:
        self.hidden_sizes = hidden_sizes
        self.activation = activation
        self.preset = preset
        self.metric = metric
        self.members = members
        self.loss = loss
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.epochs = epochs
        self.batch_size = batch_size
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.time_limit = time_limit
        self.random_state = random_state
        self.verbose = verbose
        self.listeners = listeners
        self.engine = engine
        self.n_jobs = n_jobs

    def predict(self, X: Any) -> Array:
        """Return the predicted target of each row, shape (n,), in its own units."""
        return self._answers(self._outputs(X))["prediction"][:, 0]

    def _read_target(self, target: Array, name: str, rows: Array) -> Array:
        self.target_ = NumberTarget(name, 0.0, 1.0)
        return numbers_of(target, rows)

    def _coded(self, target: Array) -> Array:
        return numbers_of(target, np.arange(len(target)))

    def _as_known(self, coded: Array) -> Array:
        return coded[:, 0]

    def _fitted_target(self, name: str, target: Array) -> NumberTarget:
        if find_loss(self.loss).target_range[0] == 0:
            # Counts stay counts: only their unit changes, to their mean.
            mean = float(target.mean())
            return NumberTarget(name, 0.0, mean if mean > 0 else 1.0)
        return NumberTarget.fit(name, target, bounded=self._recipe().bounded)

    def _notes_on_target(self, name: str, codes: Array) -> list[str]:
        return tail_notes(name, codes) if find_loss(self.loss).name == "squared_error" else []

    def _loss(self) -> str | Loss:
        return self.loss

    def _trivial(self, training: Rows, judged: Rows) -> tuple[float, str]:
        assert isinstance(self.target_, NumberTarget)
        (y, weight), known = training.targets, judged.targets
        center = float(np.average(y[:, 0], weights=_column(weight)))
        guess = np.full_like(known[0], center)
        mean = center * self.target_.scale + self.target_.mean
        return self._metric().score(guess, *known), f"always {mean:g}"

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        return _tabular(tags)


def _weights_in_words(given: Any, classes: list[Any]) -> str:
    """Return a class_weight that is none, in words."""
    if not isinstance(given, Mapping):
        return repr(given)
    unknown = [name for name in given if name not in classes]
    if not unknown:
        return repr(dict(given))
    return f"one for {unknown[0]!r}, which is no class{nearest(str(unknown[0]), [str(c) for c in classes])}"


def _column(weight: Array | None) -> Array | None:
    return None if weight is None else weight[:, 0]


def _tabular(tags: Any) -> Any:
    tags.input_tags.allow_nan = True
    tags.input_tags.categorical = True
    tags.input_tags.string = True
    return tags
