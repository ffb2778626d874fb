"""The rows that an estimator for tables is judged by: their columns, their targets, and its answers."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import _check_sample_weight

from pellucid.errors import InputError, explain
from pellucid.estimators.frames import RawColumn
from pellucid.preparation import Column

Array = NDArray[Any]


def reading_columns(estimator: Any) -> Any:
    """Return a fitted estimator whose tables are columns that have been read: rows are then mixed quickly."""
    reader = copy.copy(estimator)
    reader._known_columns = lambda columns: [
        made
        for reading, column in zip(estimator.readings_, columns, strict=True)
        for made in reading.columns_of(column.values)
    ]
    return reader


class Judged:
    """Rows of a table with known targets, and what an estimator answers for them.

    Attributes
    ----------
    reader
        The estimator, which takes `columns` and rows of them.
    raw
        All columns of the table, as they came.
    columns
        Those that the estimator uses, of all rows that came, in the order of its `readings_`.
    given, without_target, without_weight
        How many rows came, and how many of them are left out, and why.
    chosen
        The numbers of the others, n of them, among those that came.
    target, weight
        Their targets as codes or numbers, and how often each counts, shape (n,).
    answers, chances
        What is predicted, as codes or numbers, shape (n,); for classes the chances, shape (n, classes).
    unseen
        Whether each row is answered by the networks alone that it was held out from.
    """

    def __init__(
        self, estimator: Any, X: Any, y: Any, sample_weight: Any = None, *, unseen: bool = False
    ) -> None:
        self.raw: tuple[RawColumn, ...] = estimator._read(X, reset=False).columns
        by_name = dict(zip(estimator.feature_labels_, self.raw, strict=True))
        self.columns: list[Column] = [r.read(by_name[r.name])[0] for r in estimator.readings_]
        self.reader = reading_columns(estimator)
        self.given = len(self.raw[0].values)
        self.is_classes = hasattr(estimator, "classes_")
        self.is_weighted = sample_weight is not None
        raw = estimator._raw_target(y, self.given)
        target, present = raw.values, raw.present
        weight = _check_sample_weight(
            sample_weight,
            np.empty((self.given, 0)),
            dtype=np.float64,
            ensure_non_negative=True,
            allow_all_zero_weights=True,
        )
        counted = present & (weight > 0)
        if not counted.any():
            raise InputError(
                explain(
                    expected="rows that have a target and count",
                    got=f"a sample_weight of 0 in all {present.sum()} rows with a target",
                    do="give some of them a weight",
                )
            )
        self.without_target = int((~present).sum())
        self.without_weight = int((present & ~counted).sum())
        self.unseen = unseen
        if unseen:
            counted &= np.isin(np.arange(self.given), np.concatenate(estimator.held_out_rows_))
        self.chosen = np.flatnonzero(counted)
        self.weight = weight[self.chosen]
        # A known target in the place of a missing one keeps the numbers of rows in messages right.
        filled = target.copy()
        filled[~present] = target[present][0]
        coded = estimator._coded(filled)[self.chosen, 0]
        self.target: Array = coded.astype(int) if self.is_classes else coded
        self.answers, self.chances = self._answered()

    @property
    def count(self) -> int:
        """How many rows are judged."""
        return len(self.chosen)

    def rows(self, places: Array) -> list[Column]:
        """Return the columns of some of the judged rows."""
        return [column.rows(self.chosen[places]) for column in self.columns]

    def known(self, places: Array) -> Array:
        """Return the targets of some of the judged rows as the estimator knows them."""
        known: Array = self.reader._as_known(self.target[places].reshape(-1, 1).astype(np.float64))
        return known

    def some(self, most: int) -> Array:
        """Return the places of at most so many judged rows, drawn with a fixed seed, in order."""
        if self.count <= most:
            return np.arange(self.count)
        return np.sort(np.random.default_rng(0).choice(self.count, most, replace=False))

    def _answered(self) -> tuple[Array, Array | None]:
        outputs = self.reader._outputs(self.rows(np.arange(self.count)))
        if self.unseen:
            outputs = [self._of_those_that_held_out(outputs)]
        answers = self.reader._answers(outputs)
        if not self.is_classes:
            return answers["prediction"][:, 0], None
        return answers["predicted_class"][:, 0].astype(int), self.reader._chances(outputs)

    def _of_those_that_held_out(self, outputs: list[Array]) -> Array:
        """Return the mean output of the networks that each row was held out from."""
        total, count = np.zeros_like(outputs[0]), np.zeros((self.count, 1))
        for output, numbers in zip(outputs, self.reader.held_out_rows_, strict=False):
            held = np.isin(self.chosen, numbers)
            total[held] += output[held]
            count[held] += 1
        mean: Array = total / count
        return mean
