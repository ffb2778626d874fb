"""How good answers are: scores, tables and curves of known targets against predictions, in NumPy alone.

Everywhere n rows have weights of shape (n,) that count how often a row is taken; classes are codes from 0 to
k − 1, and chances have the shape (n, k).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# Bins of chances, of equal width, in a reliability curve (Guo et al. 2017, sect. 2, take ten to fifteen).
BINS = 10
# A chance of 0 for what happened would cost infinitely much; scikit-learn takes this smallest one too.
SMALLEST = float(np.finfo(np.float64).eps)
# The standard normal distribution has 95 % between minus and plus this.
NORMAL_95 = 1.959963984540054


@dataclass(frozen=True)
class Score:
    """A score, that of the trivial guess beside it, and whether more of it is better."""

    name: str
    value: float
    trivial: float
    more_is_better: bool


def confusion(true: Array, predicted: Array, weight: Array, classes: int) -> Array:
    """Return the counts of rows by (true, predicted) class, shape (k, k)."""
    counts = np.bincount(true * classes + predicted, weight, classes * classes)
    return counts.reshape(classes, classes)


def by_class(counts: Array) -> list[dict[str, float]]:
    """Return precision, recall and F1 of each class, from a confusion matrix.

    Precision of a class that is never predicted, and recall of one that is absent, are NaN.
    """
    found = []
    for at in range(len(counts)):
        right, said, there = counts[at, at], counts[:, at].sum(), counts[at].sum()
        found.append(
            {
                "rows": float(there),
                "predicted": float(said),
                "precision": _ratio(right, said),
                "recall": _ratio(right, there),
                "f1": _ratio(2 * right, said + there),
            }
        )
    return found


def class_scores(
    true: Array, predicted: Array, chances: Array, weight: Array
) -> tuple[list[Score], int]:
    """Return the scores of a classifier, and the class that the trivial guess always names.

    The trivial guess is the most frequent class of these rows, with the classes' shares as its chances.
    """
    classes = chances.shape[1]
    counts = confusion(true, predicted, weight, classes)
    shares = counts.sum(axis=1) / counts.sum()
    most = int(np.argmax(shares))
    there = shares > 0
    recalls = counts.diagonal()[there] / counts.sum(axis=1)[there]
    always = np.broadcast_to(shares, chances.shape)
    scores = [
        Score("accuracy", float(counts.trace() / counts.sum()), float(shares[most]), True),
        Score("balanced accuracy", float(recalls.mean()), float(1 / there.sum()), True),
        Score("log loss", log_loss(true, chances, weight), log_loss(true, always, weight), False),
        Score("Brier score", brier(true, chances, weight), brier(true, always, weight), False),
    ]
    if classes == 2 and there.all():
        scores.insert(2, Score("ROC AUC", area_under_roc(true, chances[:, 1], weight), 0.5, True))
    return scores, most


def log_loss(true: Array, chances: Array, weight: Array) -> float:
    """Return the mean of minus the logarithm of the chance that was given to the true class."""
    return float(np.average(row_losses(true, chances), weights=weight))


def brier(true: Array, chances: Array, weight: Array) -> float:
    """Return the mean squared distance between chances and what happened (Brier 1950).

    The sum over the classes; half of it for two classes, which is the square of one chance's error.
    """
    happened = true[:, None] == np.arange(chances.shape[1])
    of_rows = ((chances - happened) ** 2).sum(axis=1)
    return float(np.average(of_rows, weights=weight)) / (2 if chances.shape[1] == 2 else 1)


def area_under_roc(positive: Array, chance: Array, weight: Array) -> float:
    """Return how often a row of class 1 has a higher chance than one of class 0; equal ones count half."""
    values, place = np.unique(chance, return_inverse=True)
    ones = np.bincount(place, weight * (positive == 1), len(values))
    zeros = np.bincount(place, weight * (positive == 0), len(values))
    below = np.cumsum(zeros) - zeros
    return float((ones * (below + zeros / 2)).sum() / (ones.sum() * zeros.sum()))


def calibration(chance: Array, happened: Array, weight: Array) -> dict[str, Any]:
    """Return how often what was given a chance came true, in bins of equal width.

    The expected calibration error is the mean distance between chance and share over the bins, each counted
    by its rows (Naeini, Cooper & Hauskrecht 2015). `bias` is above 0 where chances are too low on the whole.
    """
    # A chance between two bins belongs to the lower one, as in scikit-learn's curve.
    place = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], chance)
    inside = np.bincount(place, weight, BINS)
    chances = np.bincount(place, weight * chance, BINS)
    shares = np.bincount(place, weight * happened, BINS)
    filled = inside > 0
    bins = [
        {
            "from": at / BINS,
            "to": (at + 1) / BINS,
            "rows": float(inside[at]),
            "chance": float(chances[at] / inside[at]),
            "share": float(shares[at] / inside[at]),
        }
        for at in np.flatnonzero(filled).tolist()
    ]
    error = abs(chances - shares).sum() / inside.sum()
    bias = (shares - chances).sum() / inside.sum()
    return {"bins": bins, "expected_error": float(error), "bias": float(bias)}


def wilson_interval(share: float, rows: float) -> tuple[float, float]:
    """Return where the share of all such rows lies with 95 %, from that of some (Wilson 1927)."""
    z2 = NORMAL_95**2 / rows
    middle = (share + z2 / 2) / (1 + z2)
    half = NORMAL_95 * np.sqrt(share * (1 - share) / rows + z2 / rows / 4) / (1 + z2)
    return float(middle - half), float(middle + half)


def number_scores(true: Array, predicted: Array, weight: Array) -> tuple[list[Score], float]:
    """Return the scores of predicted numbers, and the mean of these rows, which is the trivial guess.

    R² is left out where all targets are the same.
    """
    mean = float(np.average(true, weights=weight))

    def squared(guess: Any) -> float:
        return float(np.average((true - guess) ** 2, weights=weight))

    def absolute(guess: Any) -> float:
        return float(np.average(abs(true - guess), weights=weight))

    scores = [
        Score("root mean squared error", squared(predicted) ** 0.5, squared(mean) ** 0.5, False),
        Score("mean absolute error", absolute(predicted), absolute(mean), False),
    ]
    if squared(mean) > 0:
        scores.insert(0, Score("R²", 1 - squared(predicted) / squared(mean), 0.0, True))
    return scores, mean


def residuals(true: Array, predicted: Array, weight: Array) -> dict[str, float]:
    """Return what is left of the targets after the prediction, in the target's units.

    `half_within` and `nine_tenths_within` are distances that so many rows do not exceed; `mean` is above 0
    where predictions are too low.
    """
    left = true - predicted
    order = np.argsort(abs(left))
    reached = np.cumsum(weight[order]) / weight.sum()

    def within(share: float) -> float:
        # A hair less, for the sum of many weights ends a little beside its share.
        return float(abs(left)[order][int(np.searchsorted(reached, share * (1 - 1e-12)))])

    return {
        "mean": float(np.average(left, weights=weight)),
        "half_within": within(0.5),
        "nine_tenths_within": within(0.9),
        "lowest": float(left.min()),
        "highest": float(left.max()),
    }


def row_losses(true: Array, chances: Array) -> Array:
    """Return minus the logarithm of the chance given to the true class, for each row."""
    return -np.log(np.maximum(chances[np.arange(len(true)), true], SMALLEST))


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")
