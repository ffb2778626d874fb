"""What the two estimators for tables share: reading, training, tracing."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, is_classifier
from sklearn.exceptions import NotFittedError as SklearnNotFittedError
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, validate_data

from pellucid.errors import InputError, PellucidError
from pellucid.estimators.files import write_estimator
from pellucid.estimators.frames import RawColumn, RawTable, read_frame
from pellucid.estimators.holding_out import hold_out
from pellucid.estimators.inferring import inferred
from pellucid.estimators.looking import Looking
from pellucid.estimators.members import TRAINING_TYPE, Members
from pellucid.estimators.readings import Reading
from pellucid.estimators.reporting import Reports
from pellucid.estimators.targets import RawTarget, read_target
from pellucid.evaluator import compute
from pellucid.network import Network
from pellucid.preparation import (
    CategoryColumn,
    ClassTarget,
    Column,
    NumberTarget,
    Preparation,
)
from pellucid.preparation.columns import listed
from pellucid.training.choice import check_engine, threads_for
from pellucid.training.rows import Rows, rows_at_a_time, sparse_pays
from pellucid.training.stopping import check_time_limit

Array = NDArray[Any]

# So many rows tell how many of the network's inputs are 0.
ROWS_TO_TELL = 512


class NotFittedError(PellucidError, SklearnNotFittedError):
    """The estimator has not been fitted yet."""


class Tabular(Reports, Members, Looking, BaseEstimator):
    """Base of the estimators for raw tables; see `TabularClassifier` and `TabularRegressor`."""

    preparation_: Preparation
    target_: ClassTarget | NumberTarget
    network_: Network
    engine_: str
    readings_: tuple[Reading, ...]
    target_reading_: Reading | None
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
        check_time_limit(vars(self)["time_limit"])
        self._recipe()
        threads_for(self.n_jobs)
        # If this fit fails, nothing is left of an earlier one that could be taken for its result.
        self.__dict__.pop("members_", None)
        columns, chosen, target, name, weight, notes = self._read_rows(X, y, sample_weight)
        codes = self._read_target(
            target, name, chosen
        )  # sets `target_` except for what is fitted to it
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        is_classes = isinstance(self.target_, ClassTarget)
        members = self._member_count(len(codes))
        parts, note = hold_out(
            len(codes),
            self.validation_fraction,
            codes[:, 0] if is_classes else None,
            seed,
            members,
        )
        notes += [*([note] if note else []), *self._notes_on_target(name, codes)]
        # Which rows of the table each member held out: the report after a fit judges by them.
        self.held_out_rows_ = tuple(chosen[held] for _, held in parts)
        # One network learns the columns' middles from the rows that it is trained on. Several share them.
        training = parts[0][0] if members == 1 else np.arange(len(codes))

        table = inferred(columns)
        part = [c.rows(chosen) for c in table.columns]
        self.preparation_ = Preparation.fit(
            [c.rows(training) for c in part], self._recipe().kinds, table.left_out
        )
        if isinstance(self.target_, NumberTarget):
            self.target_ = self._fitted_target(name, codes[training])
        used = {*self.preparation_.numbers, *(c.name for c in self.preparation_.categories)}
        self.readings_ = tuple(r for r in table.readings if used & set(r.columns))
        # A gap in a date is told of the date, not of its parts.
        own = used & {reading.name for reading in self.readings_}
        gaps = _category_gaps([c for c in part if c.name in own])
        self.notes_ = (*notes, *table.notes, *self.preparation_.notes, *gaps)

        rows = self._prepared(part, codes, self._weighted(codes, weight))
        self._train_members(rows, parts, seed)
        judged = self._judged(rows, parts)
        if len(parts[0][1]):
            self._calibrate(rows, *judged)
        seconds = time.perf_counter() - started
        self.summary_ = self._summary(rows, parts, judged, len(columns[0].values), seconds)
        return self

    def _read_rows(
        self, X: Any, y: Any, sample_weight: Any
    ) -> tuple[tuple[RawColumn, ...], Array, Array, str, Array | None, list[str]]:
        """Return the columns, the rows to use, their target, its name, their weights, and notes."""
        table = self._read(X, reset=True)
        columns = table.columns
        # For a reader; those of an array are x0, x1, … `feature_names_in_` exists only where all are text.
        self.feature_labels_ = tuple(column.name for column in columns)
        rows = len(columns[0].values)
        self.target_reading_ = None
        target = self._raw_target(y, rows)
        self.target_reading_, present = target.reading, target.present
        notes = [*table.notes, *target.notes]
        if not present.all():
            missing = int((~present).sum())
            rows_are = "row without a target is" if missing == 1 else "rows without a target are"
            notes.append(f"{missing:,} {rows_are} left out.")
        if sample_weight is None:
            return columns, present.nonzero()[0], target.values[present], target.name, None, notes
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
        return columns, counted.nonzero()[0], target.values[counted], target.name, weight, notes

    def _raw_target(self, y: Any, rows: int) -> RawTarget:
        return read_target(y, rows, numbers=not is_classifier(self), reading=self.target_reading_)

    def _read(self, X: Any, *, reset: bool) -> RawTable:
        """Return the columns of a table, whose names and number are remembered, or held to those of `fit`."""
        table = read_frame(X)
        try:
            validate_data(self, X=table.frame, reset=reset, skip_check_array=True)
        except ValueError as error:
            raise InputError(
                f"{str(error).strip()}\nTo continue, give the columns of the table that was fitted, in that order."
            ) from None
        return table

    def _prepared(self, columns: list[Column], codes: Array, weight: Array | None) -> Rows:
        parts = (part.astype(TRAINING_TYPE) for part in self._inputs_of(columns))
        X: Any
        if self._is_sparse(columns):
            X = scipy.sparse.vstack([scipy.sparse.csr_array(part) for part in parts], "csr")
        else:
            X = np.concatenate(list(parts))
        y = compute(self.target_.lines, {"target": codes, **self.target_.fitted})["y"].astype(
            TRAINING_TYPE
        )
        return Rows(X, y, None if weight is None else weight.astype(TRAINING_TYPE))

    def _is_sparse(self, columns: list[Column]) -> bool:
        """Return whether rows are kept sparse: so many, from everywhere in the table, tell."""
        count = len(columns[0].values)
        few = np.linspace(0, count - 1, min(count, ROWS_TO_TELL)).astype(int)
        stored, numbers = 0, 0
        for part in self._inputs_of([column.rows(few) for column in columns]):
            stored, numbers = stored + int(np.count_nonzero(part)), numbers + part.size
        return sparse_pays(numbers // len(few), stored / numbers)

    def _inputs_of(self, columns: list[Column]) -> Iterator[Array]:
        """Yield the network's inputs in float64, some rows at a time: most of them are zeros of categories."""
        given = self.preparation_.given(columns)
        fitted = self.preparation_.fitted
        raw = [name for name in given if name not in fitted]
        several = rows_at_a_time(len(self.preparation_.labels["X"]))
        for start in range(0, len(given[raw[0]]), several):
            part = {name: given[name][start : start + several] for name in raw}
            yield compute(self.preparation_.lines, fitted | part)["X"]

    def _outputs(self, X: Any) -> list[Array]:
        """Return each member's output for each row of a table, in float64, some rows at a time."""
        parts = [self._member_outputs(part) for part in self._inputs_of(self._known_columns(X))]
        return [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]

    def _known_columns(self, X: Any) -> list[Column]:
        """Return the columns that the preparation uses, as the kinds that they were in training."""
        self._check_fitted()
        # Their names have been compared where both tables have some; the places are the same in any case.
        columns = self._read(X, reset=False).columns
        places = {name: at for at, name in enumerate(self.feature_labels_)}
        return [
            column
            for reading in self.readings_
            for column in reading.read(columns[places[reading.name]])
        ]

    @property
    def columns_(self) -> tuple[tuple[str, str], ...]:
        """The columns that are used, and what each is: "number", "category", "dates" or "durations"."""
        return tuple((reading.name, reading.kind) for reading in self.readings_)

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
        target = self._raw_target(y, np.shape(y)[0])
        return self._as_known(self._coded(target.values[target.present]))

    def _check_fitted(self) -> None:
        if not hasattr(self, "members_"):
            raise NotFittedError(
                f"This {type(self).__name__} instance is not fitted yet. Call 'fit' with a table and its target first."
            )

    # What the classifier and the regressor give, each in its way.

    def _read_target(self, target: Array, name: str, rows: Array) -> Array:
        raise NotImplementedError

    def _coded(self, target: Array) -> Array:
        raise NotImplementedError

    def _as_known(self, coded: Array) -> Array:
        raise NotImplementedError

    def _fitted_target(self, name: str, target: Array) -> NumberTarget:
        raise NotImplementedError

    def _notes_on_target(self, name: str, codes: Array) -> list[str]:
        """Return what to say of the target, in sentences."""
        return []

    def _weighted(self, codes: Array, weight: Array | None) -> Array | None:
        """Return how much each row counts, shape (n, 1), or None where all count the same."""
        return weight

    def _calibrate(self, rows: Rows, judged: Array, output: Array) -> None:
        """Fit what follows the output to held-out rows: their numbers, and their outputs."""


def _category_gaps(columns: list[Column]) -> list[str]:
    """Return a note on the columns of categories that have missing values, if any."""
    counts = {c.name: c.values.missing for c in columns if isinstance(c, CategoryColumn)}
    shown = listed([f"{name} ({count:,} missing)" for name, count in counts.items() if count], 5)
    return [f"A missing category counts as none of those known: {shown}."] if shown else []
