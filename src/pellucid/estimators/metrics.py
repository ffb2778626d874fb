"""By what the best epoch is chosen, and a fit is scored: each metric takes outputs as the network gives them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import balanced_accuracy_score, f1_score, roc_auc_score

from pellucid.errors import unknown_name

Array = NDArray[Any]
# What it came to, of chances or numbers, targets of the same shape, and the weights of the rows.
Value = Callable[[Array, Array, Array | None], float]

# A chance of 0 costs no more than this one does.
SMALLEST_CHANCE = 1e-15


@dataclass(frozen=True)
class Metric:
    """A metric: what users write, how it is called, its value, and whether more is better.

    `of_chances` says that it judges chances, not only which of them is largest. `in_units` says that it has
    the units of a target of numbers, of which one of the network's, standardised as it is, has `unit`.
    """

    name: str
    label: str
    value: Value
    higher: bool = True
    of_chances: bool = False
    in_units: bool = False
    unit: float = 1.0

    def score(self, outputs: Array, y: Array, row_weight: Array | None = None) -> float:
        """Return the value, negated where less is better: higher is always better.

        `outputs` and `y` have shape (n, outputs), `row_weight` (n, 1) or is None. Rows without a value, such
        as a single one for R², give NaN.
        """
        if self.name in CLASS_METRICS:
            outputs, y = one_each(outputs), one_each(y)
        weight = None if row_weight is None else row_weight[:, 0]
        value = self.unit * self.value(outputs, y, weight)
        return value if self.higher else -value


def one_each(chances: Array) -> Array:
    """Return chances with a column for each class, also where two classes share one: that of the second."""
    return chances if chances.shape[1] > 1 else np.concatenate([1 - chances, chances], axis=1)


def likeliest(chances: Array) -> Array:
    """Return the code of the likeliest class of each row, of chances with a column for each class."""
    codes: Array = np.argmax(chances, axis=1)
    return codes


def _accuracy(chances: Array, y: Array, weight: Array | None) -> float:
    return float(np.average(likeliest(chances) == likeliest(y), weights=weight))


def _balanced_accuracy(chances: Array, y: Array, weight: Array | None) -> float:
    return float(balanced_accuracy_score(likeliest(y), likeliest(chances), sample_weight=weight))


def _f1(chances: Array, y: Array, weight: Array | None) -> float:
    codes = likeliest(y), likeliest(chances)
    return float(f1_score(*codes, average="macro", sample_weight=weight, zero_division=0))


def log_loss(chances: Array, y: Array, weight: Array | None) -> float:
    """Return the mean of minus the logarithm of the chance of each row's class."""
    of_class = chances[np.arange(len(y)), likeliest(y)].astype(np.float64)
    return float(np.average(-np.log(np.maximum(of_class, SMALLEST_CHANCE)), weights=weight))


def _brier(chances: Array, y: Array, weight: Array | None) -> float:
    return float(np.average(((chances - y) ** 2).sum(axis=1), weights=weight))


def _roc_auc(chances: Array, y: Array, weight: Array | None) -> float:
    present = y.sum(axis=0) > 0
    if present.sum() < 2:
        return float("nan")
    areas = [
        roc_auc_score(y[:, at], chances[:, at], sample_weight=weight)
        for at in np.flatnonzero(present)
    ]
    return float(np.mean(areas))


def _r2(output: Array, y: Array, weight: Array | None) -> float:
    """Return 1 - Σw(y - output)² / Σw(y - mean)², as scikit-learn has it, which checks for longer than this takes."""
    if len(y) < 2:
        return float("nan")
    y, output = y[:, 0].astype(np.float64), output[:, 0].astype(np.float64)
    mean = np.average(y, weights=weight)
    left, spread = (np.average((y - of) ** 2, weights=weight) for of in (output, mean))
    if not spread:
        return 0.0 if left else 1.0
    return float(1 - left / spread)


def _rmse(output: Array, y: Array, weight: Array | None) -> float:
    return float(np.sqrt(np.average((output - y)[:, 0] ** 2, weights=weight)))


def _mae(output: Array, y: Array, weight: Array | None) -> float:
    return float(np.average(np.abs(output - y)[:, 0], weights=weight))


CLASS_METRICS = {
    metric.name: metric
    for metric in (
        Metric("accuracy", "accuracy", _accuracy),
        Metric("balanced_accuracy", "balanced accuracy", _balanced_accuracy),
        Metric("f1_macro", "mean F1 of the classes", _f1),
        Metric("log_loss", "log-loss", log_loss, higher=False, of_chances=True),
        Metric("brier", "Brier score", _brier, higher=False, of_chances=True),
        Metric("roc_auc", "mean area under the ROC curve", _roc_auc, of_chances=True),
    )
}
NUMBER_METRICS = {
    metric.name: metric
    for metric in (
        Metric("r2", "R²", _r2),
        Metric("rmse", "RMSE", _rmse, higher=False, in_units=True),
        Metric("mae", "mean absolute error", _mae, higher=False, in_units=True),
    )
}


def metric_of(name: Any, *, classes: bool) -> Metric:
    """Return the metric of a name, for "auto" accuracy or R²; `InputError` for one that there is not."""
    known = CLASS_METRICS if classes else NUMBER_METRICS
    if isinstance(name, str) and name == "auto":
        return next(iter(known.values()))
    if not isinstance(name, str) or name not in known:
        raise unknown_name("metric", name, known)
    return known[name]


__all__ = [
    "CLASS_METRICS",
    "NUMBER_METRICS",
    "Metric",
    "likeliest",
    "log_loss",
    "metric_of",
    "one_each",
]
