"""What the two estimators for tables share: reading, training, tracing."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, is_classifier
from sklearn.exceptions import NotFittedError as SklearnNotFittedError
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, validate_data

from pellucid.catalogue import Loss
from pellucid.errors import InputError, PellucidError, explain
from pellucid.estimators.files import write_estimator
from pellucid.estimators.frames import RawColumn, read_columns
from pellucid.estimators.looking import Looking
from pellucid.estimators.recipe import (
    Recipe,
    batch_size_for,
    epochs_for,
    hold_out,
    optimizer_for,
    recipe_of,
)
from pellucid.estimators.targets import read_target
from pellucid.evaluator import compute, predict
from pellucid.network import Network
from pellucid.preparation import (
    CategoryColumn,
    ClassTarget,
    Column,
    NumberColumn,
    NumberTarget,
    Preparation,
)
from pellucid.step import Step
from pellucid.training.batches import batch_rows, batches_per_epoch
from pellucid.training.choice import check_engine, threads_for
from pellucid.training.events import CompilationStarted, EpochEnded
from pellucid.training.loop import ROWS_AT_A_TIME, train
from pellucid.training.rows import Rows
from pellucid.training.run import Plan, Trained
from pellucid.training.updates import Updates

Array = NDArray[Any]

logger = logging.getLogger("pellucid")

# Weights and activations of a table's size train as well in float32 as in float64, in two thirds of the time.
TRAINING_TYPE = np.float32


class NotFittedError(PellucidError, SklearnNotFittedError):
    """The estimator has not been fitted yet."""


class Tabular(Looking, BaseEstimator):
    """Base of the estimators for raw tables; see `TabularClassifier` and `TabularRegressor`."""

    preparation_: Preparation
    target_: ClassTarget | NumberTarget
    network_: Network
    engine_: str
    parameters_: dict[str, Array]

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Learn from a table.

        Parameters
        ----------
        X
            The table: a data frame (pandas, Polars, pyarrow) or a 2-D array, with numbers, categories,
            dates and missing values as they are.
        y
            The target of each row; rows in which it is missing are left out.
        sample_weight
            How much each row counts, at least 0; by default all count the same.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If the table or the target cannot be used; the message names column and row.
        DivergedError
            If training runs out of the range of numbers.
        """
        started = time.perf_counter()
        check_engine(self.engine)
        self._recipe()
        threads_for(self.n_jobs)
        # If this fit fails, nothing is left of an earlier one that could be taken for its result.
        self.__dict__.pop("parameters_", None)
        columns, chosen, target, name, weight, notes = self._read_rows(X, y, sample_weight)
        codes = self._read_target(
            target, name, chosen
        )  # sets `target_` except for what is fitted to it
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        is_classes = isinstance(self.target_, ClassTarget)
        training, held, note = hold_out(
            len(codes), self.validation_fraction, codes[:, 0] if is_classes else None, seed
        )
        notes += [note] if note else []

        known, column_notes = _inferred(columns)
        part = [c.rows(chosen) for c in known]
        self.preparation_ = Preparation.fit([c.rows(training) for c in part], self._recipe().kinds)
        if isinstance(self.target_, NumberTarget):
            self.target_ = self._fitted_target(name, codes[training])
        used = {*self.preparation_.numbers, *(c.name for c in self.preparation_.categories)}
        self.columns_ = tuple(
            (raw.name, raw.was or ("number" if isinstance(c, NumberColumn) else "category"))
            for raw, c in zip(columns, known, strict=True)
            if c.name in used
        )
        gaps = _category_gaps([c for c in part if c.name in used])
        self.notes_ = (*notes, *column_notes, *self.preparation_.notes, *gaps)

        rows = self._prepared(part, codes, weight)
        self._train(rows.only(training), rows.only(held) if len(held) else None, seed)
        self.summary_ = self._summary(
            rows, training, held, len(columns[0].values), time.perf_counter() - started
        )
        return self

    def _read_rows(
        self, X: Any, y: Any, sample_weight: Any
    ) -> tuple[list[RawColumn], Array, Array, str, Array | None, list[str]]:
        """Return the columns, the rows to use, their target, its name, their weights, and notes."""
        columns = self._read(X, reset=True)
        # For a reader; those of an array are x0, x1, … `feature_names_in_` exists only where all are text.
        self.feature_labels_ = tuple(column.name for column in columns)
        rows = len(columns[0].values)
        target, present, name = read_target(y, rows)
        notes = []
        if not present.all():
            notes.append(f"{(~present).sum():,} rows without a target are left out.")
        if sample_weight is None:
            return columns, present.nonzero()[0], target[present], name, None, notes
        weight = _check_sample_weight(sample_weight, np.empty((rows, 0)), ensure_non_negative=True)
        counted = present & (weight > 0)
        if not counted.any():
            raise InputError(
                "Expected rows that count. Got a sample_weight of 0 in every row with a target."
            )
        if counted.sum() < present.sum():
            notes.append(f"{present.sum() - counted.sum():,} rows with a weight of 0 are left out.")
        weight = weight[counted].reshape(-1, 1)
        # Weights that are all the same change nothing: the loss is a mean.
        weight = None if (weight == weight[0]).all() else weight / weight.mean()
        return columns, counted.nonzero()[0], target[counted], name, weight, notes

    def _read(self, X: Any, *, reset: bool) -> list[RawColumn]:
        """Return the columns of a table, whose names and number are remembered, or held to those of `fit`."""
        columns = read_columns(X)
        try:
            validate_data(self, X=X, reset=reset, skip_check_array=True)
        except ValueError as error:
            raise InputError(
                f"{str(error).strip()}\nTo continue, give the columns of the table that was fitted, in that order."
            ) from None
        return columns

    def _prepared(self, columns: list[Column], codes: Array, weight: Array | None) -> Rows:
        X = compute(self.preparation_.lines, self.preparation_.given(columns))["X"].astype(
            TRAINING_TYPE
        )
        y = compute(self.target_.lines, {"target": codes, **self.target_.fitted})["y"].astype(
            TRAINING_TYPE
        )
        return Rows(X, y, None if weight is None else weight.astype(TRAINING_TYPE))

    def _train(self, rows: Rows, held_out: Rows | None, seed: int) -> None:
        count, recipe = rows.count, self._recipe()
        size = self.batch_size
        if size == "auto":
            size = recipe.batch_size or batch_size_for(count)
        size = batch_rows(size, count)
        epochs = self.epochs
        if epochs == "auto":
            epochs = recipe.epochs or epochs_for(count, size)
        plan = Plan(
            epochs,
            size,
            recipe.drop_last,
            seed=seed,
            watch="nothing" if held_out is None else recipe.watch,
            patience=None if held_out is None else self.patience,
            time_limit=self.time_limit,
        )
        self.network_ = self._network(rows.X.shape[1])
        self.network_.loss.check_targets(rows.targets[0])
        updates_in_all = epochs * batches_per_epoch(size, plan.rows_per_epoch(count))
        self.optimizer_ = optimizer_for(
            recipe,
            self.optimizer,
            self._chosen("learning_rate"),
            self._chosen("weight_decay"),
            updates_in_all,
        )
        step = Step(self.network_, self.optimizer_, weighted=rows.row_weight is not None)
        updates = Updates(step, self.network_.start(seed, dtype=TRAINING_TYPE), seed=seed)
        listeners = [*(self.listeners or ()), *([_log] if self.verbose else [])]
        trained = train(
            updates,
            rows,
            plan,
            held_out=held_out,
            scorer=self._score_outputs,
            listeners=listeners,
            engine=self.engine,
            threads=threads_for(self.n_jobs),
        )
        self._keep(trained)

    def _recipe(self) -> Recipe:
        """Return what the preset chooses; `InputError` for one that there is not."""
        return recipe_of(self.preset, classes=is_classifier(self))

    def _chosen(self, name: str) -> Any:
        """Return a parameter, or what the preset chooses where it is "auto"."""
        value = getattr(self, name)
        if isinstance(value, str) and value == "auto":
            return getattr(self._recipe(), name)
        if isinstance(value, str) and name != "activation":
            raise InputError(
                explain(
                    expected=f"numbers for {name}, or 'auto'",
                    got=repr(value),
                    do="leave it out for what the preset chooses",
                )
            )
        return value

    def _network(self, inputs: int) -> Network:
        recipe, hidden = self._recipe(), self._chosen("hidden_sizes")
        sizes = tuple(hidden) if isinstance(hidden, Iterable) else (hidden,)
        smoothing = self._chosen("label_smoothing") if is_classifier(self) else 0.0
        return Network(
            [inputs, *sizes, self.target_.outputs],
            activation=self._chosen("activation"),
            loss=self._loss(),
            dropout=self._chosen("dropout"),
            initializer=[*[recipe.initializer] * len(sizes), recipe.last_initializer],
            label_smoothing=smoothing,
            input_scale=recipe.input_scale,
        )

    def _keep(self, trained: Trained) -> None:
        """Keep the best moment, in float64: its weights, its optimizer state, and its time."""
        best = trained.best
        self.parameters_ = self.network_.views(best.flat.astype(np.float64))
        self.states_ = {
            f"{state}_{name}": view
            for state, flat in best.states.items()
            for name, view in self.network_.views(flat.astype(np.float64)).items()
        }
        self.settings_ = dict(best.settings)
        self.clock_ = {
            "update_number": best.number + 1,
            "epoch_number": best.epoch,
            "progress": best.progress,
        }
        self.history_ = trained.history
        self.stopped_because_ = trained.reason
        self.interrupted_ = trained.interrupted
        self.engine_ = trained.engine
        if trained.interrupted:
            self.notes_ = (
                *self.notes_,
                f"Training was interrupted after {len(trained.history)} epochs.",
            )

    def _outputs(self, X: Any) -> Array:
        """Return the network's output for each row of a table, in float64, some rows at a time."""
        columns = self._known_columns(X)
        given = self.preparation_.given(columns)
        fitted = self.preparation_.fitted
        raw = [name for name in given if name not in fitted]
        outputs = []
        for start in range(0, len(given[raw[0]]), ROWS_AT_A_TIME):
            part = {name: given[name][start : start + ROWS_AT_A_TIME] for name in raw}
            prepared = compute(self.preparation_.lines, fitted | part)["X"]
            outputs.append(predict(self.network_, self.parameters_, prepared)["output"])
        return np.concatenate(outputs)

    def _answers(self, output: Array) -> dict[str, Array]:
        """Return what follows the network's output, by name."""
        return compute(self.target_.answer, {"output": output, **self.target_.fitted})

    def _known_columns(self, X: Any) -> list[Column]:
        """Return the columns that the preparation uses, as the kinds that they were in training."""
        self._check_fitted()
        kinds = dict(self.columns_)
        # Their names have been compared where both tables have some; the places are the same in any case.
        columns = self._read(X, reset=False)
        places = {name: at for at, name in enumerate(self.feature_labels_)}
        return [columns[places[name]].as_kind(kind, name) for name, kind in kinds.items()]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted estimator to a model file, which `pellucid.load` reads.

        The file is either written whole, or what was there before stays.

        Raises
        ------
        ModelFileError
            If the file cannot be written, for example because the disk is full.
        InputError
            If a part cannot be stored, such as an activation that has no expression.
        """
        self._check_fitted()
        write_estimator(self, path)

    def check_target(self, y: Any) -> Array:
        """Return known targets, shape (n,), as the model knows them: its classes, or numbers.

        Raises `InputError` for a class that was not in training, and for text that is no number.
        """
        self._check_fitted()
        target, present, _ = read_target(y, np.shape(y)[0])
        return self._as_known(self._coded(target[present]))

    def _check_fitted(self) -> None:
        if not hasattr(self, "parameters_"):
            raise NotFittedError(
                f"This {type(self).__name__} instance is not fitted yet. Call 'fit' with a table and its target first."
            )

    def _summary(
        self, rows: Rows, training: Array, held: Array, read: int, seconds: float
    ) -> dict[str, Any]:
        judged = held if len(held) else training
        trivial, guess = self._trivial(rows.part(training), rows.part(judged))
        outputs = [
            predict(
                self.network_,
                self.parameters_,
                rows.X[judged[at : at + ROWS_AT_A_TIME]].astype(np.float64),
            )
            for at in range(0, len(judged), ROWS_AT_A_TIME)
        ]
        output = np.concatenate([o["output"] for o in outputs])
        weight = None if rows.row_weight is None else rows.row_weight[judged]
        kinds = [kind for _, kind in self.columns_]
        return {
            "task": "classification" if isinstance(self.target_, ClassTarget) else "regression",
            "rows": read,
            "rows_left_out": read - len(rows.X),
            "training_rows": len(training),
            "validation_rows": len(held),
            "number_columns": len(kinds) - kinds.count("category"),
            "category_columns": kinds.count("category"),
            "dropped_columns": dict(self.preparation_.dropped),
            "sizes": list(self.network_.sizes),
            "parameters": self.network_.parameter_count,
            "metric": self._metric,
            "judged_on": "validation rows" if len(held) else "training rows",
            "score": self._score_outputs(output, rows.y[judged], weight),
            "trivial_score": trivial,
            "trivial_guess": guess,
            "epochs": len(self.history_),
            "best_epoch": self.history_.best,
            "stopped_because": self.stopped_because_,
            "seconds": seconds,
        }

    # What the classifier and the regressor give, each in its way.
    _metric: str

    def _read_target(self, target: Array, name: str, rows: Array) -> Array:
        raise NotImplementedError

    def _coded(self, target: Array) -> Array:
        raise NotImplementedError

    def _as_known(self, coded: Array) -> Array:
        raise NotImplementedError

    def _fitted_target(self, name: str, target: Array) -> NumberTarget:
        raise NotImplementedError

    def _loss(self) -> str | Loss:
        raise NotImplementedError

    def _score_outputs(self, output: Array, y: Array, row_weight: Array | None) -> float:
        raise NotImplementedError

    def _trivial(self, training: Rows, judged: Rows) -> tuple[float, str]:
        raise NotImplementedError


def _category_gaps(columns: list[Column]) -> list[str]:
    """Return a note on the columns of categories that have missing values, if any."""
    counts = {c.name: c.values.missing for c in columns if isinstance(c, CategoryColumn)}
    shown = ", ".join(f"{name} ({count:,} missing)" for name, count in counts.items() if count)
    return [f"A missing category counts as none of those known: {shown}."] if shown else []


def _inferred(columns: list[RawColumn]) -> tuple[list[Column], list[str]]:
    known, notes = [], []
    for raw in columns:
        column, note = raw.infer()
        known.append(column)
        notes += [note] if note else []
    return known, notes


def _log(event: Any) -> None:
    if isinstance(event, EpochEnded):
        logger.info("epoch %d: %s", event.number + 1, event.epoch)
    if isinstance(event, CompilationStarted):
        logger.info("compiling, which is done once")
