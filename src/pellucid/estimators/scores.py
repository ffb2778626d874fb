"""How good a fitted estimator is on rows with known targets, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics
from sklearn.base import is_classifier

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of a model on some rows.

    Attributes
    ----------
    rows
        How many rows had a target and were scored.
    scores
        Each score by its name, with that of the trivial guess beside it: always the most frequent
        class, or the mean, of these rows.
    classes, confusion
        For classification: the classes, and the counts of rows by (true, predicted) class.
    """

    rows: int
    scores: dict[str, tuple[float, float]]
    classes: tuple[Any, ...] = ()
    confusion: Array | None = None


def scores_of(model: Any, X: Any, y: Array) -> Scores:
    """Return the scores of a fitted estimator for the rows of a table.

    Classification: accuracy, balanced accuracy, log loss. Regression: R², root mean squared
    error, mean absolute error, in the target's units.
    """
    return _classes(model, X, y) if is_classifier(model) else _numbers(model, X, y)


def _classes(model: Any, X: Any, y: Array) -> Scores:
    classes = model.classes_
    chances = model.predict_proba(X)
    predicted = classes[np.argmax(chances, axis=1)]
    true = np.asarray([{c: at for at, c in enumerate(classes.tolist())}[v] for v in y.tolist()])
    counts = np.bincount(true, minlength=len(classes))
    most = np.full(len(y), classes[np.argmax(counts)], classes.dtype)
    known = classes[true]
    scores = {
        "accuracy": (metrics.accuracy_score(known, predicted), metrics.accuracy_score(known, most)),
        # The mean over the classes of the share found in each; one that is absent does not count.
        "balanced accuracy": (_balanced(known, predicted), 1 / int((counts > 0).sum())),
        "log loss": (_log_loss(true, chances), _log_loss(true, counts / len(y))),
    }
    confusion = metrics.confusion_matrix(known, predicted, labels=classes)
    return Scores(len(y), scores, tuple(classes.tolist()), confusion)


def _balanced(known: Array, predicted: Array) -> float:
    shares = [(predicted[known == c] == c).mean() for c in np.unique(known)]
    return float(np.mean(shares))


def _log_loss(true: Array, chances: Array) -> float:
    smallest = np.finfo(np.float64).eps
    of_rows = np.broadcast_to(chances, (len(true), np.shape(chances)[-1]))
    return float(-np.log(np.maximum(of_rows[np.arange(len(true)), true], smallest)).mean())


def _numbers(model: Any, X: Any, y: Array) -> Scores:
    y = np.asarray(y, np.float64)
    predicted, mean = model.predict(X), np.full(len(y), np.mean(y))

    def both(metric: Any) -> tuple[float, float]:
        return float(metric(y, predicted)), float(metric(y, mean))

    scores = {
        "root mean squared error": both(metrics.root_mean_squared_error),
        "mean absolute error": both(metrics.mean_absolute_error),
    }
    if len(y) > 1:
        scores = {"R²": both(metrics.r2_score), **scores}
    return Scores(len(y), scores)
