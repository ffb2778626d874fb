"""How good an MLP is on the rows that judge it: its loss, and scikit-learn's scores to the last bit.

They go through some rows at a time, and keep one number of each, and its weight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy.sparse import issparse
from sklearn.metrics import r2_score
from sklearn.utils.validation import _check_sample_weight

from pellucid.estimators.mlp_choices import printed
from pellucid.estimators.mlp_rows import HeldOut
from pellucid.network import Network
from pellucid.step.forward import forward, loss as name_loss
from pellucid.training.rows import as_numbers

Array = NDArray[Any]

# So many rows at a time have their numbers written down.
AT_A_TIME = 4096


def accuracy(rows: HeldOut, answered: Callable[[HeldOut], tuple[Any, Any] | None]) -> float:
    """Return the share of the rows of which all answers are right.

    `answered` returns the true answers of some rows and those predicted, or None where these come from
    numbers that are not finite; then NaN is returned.
    """
    right, done = np.empty(rows.count, bool), 0
    for part in rows.parts():
        pair = answered(part)
        if pair is None:
            return float("nan")
        wrong = pair[0] != pair[1]
        wrong = wrong.toarray() if issparse(wrong) else np.reshape(wrong, (part.count, -1))
        right[done : done + part.count] = ~wrong.any(axis=1)
        done += part.count
    weight = _weight_of(rows, np.float64)
    if weight is None:
        return float(right.mean())
    total = weight.sum()
    return float(np.multiply(weight, right, out=weight).sum() / total)


def r2(rows: HeldOut, predicted: Callable[[Any], Array]) -> float:
    """Return the coefficient of determination, the mean over the outputs, as ``r2_score`` does.

    `predicted` returns what is predicted for some rows of X, shape (n, outputs); NaN is returned where
    it is not finite.
    """
    values, done = np.empty((0, 0)), 0
    for part in rows.parts():
        some = predicted(part.X)
        if not np.isfinite(some).all():
            return float("nan")
        if not done:
            given = [a.dtype for a in (part.y, some, rows.sample_weight) if a is not None]
            kind = np.result_type(*[k for k in given if k.kind == "f"])
            values = np.empty((rows.count, some.shape[1]), kind)
        if rows.count < 2:
            return float(r2_score(part.y, some))  # which warns
        y = part.y.astype(values.dtype, copy=False)
        np.subtract(y, some, out=values[done : done + part.count])
        done += part.count
    weight = _weight_of(rows, values.dtype)
    column = None if weight is None else weight[:, None]
    unexplained = _squares(values, column)
    _fill(values, rows, rows.y)
    if column is None:
        mean = values.mean(axis=0)
    else:
        mean = np.multiply(values, column, out=values).sum(axis=0) / column.sum(axis=0)
        _fill(values, rows, rows.y)
    spread = _squares(np.subtract(values, mean, out=values), column)
    scores = np.ones(len(spread), values.dtype)
    varied = (spread != 0) & (unexplained != 0)
    scores[varied] = 1 - unexplained[varied] / spread[varied]
    scores[(spread == 0) & (unexplained != 0)] = 0
    return float(scores.mean())


def _fill(to: Array, rows: HeldOut, values: Array) -> None:
    """Write those of some values that belong to the rows."""
    for start in range(0, rows.count, AT_A_TIME):
        at = slice(start, start + AT_A_TIME)
        to[at] = rows.of(values, at)


def _weight_of(rows: HeldOut, dtype: DTypeLike) -> Array | None:
    """Return the weights of the rows in an array of their own, checked as scikit-learn does; None for none."""
    if rows.sample_weight is None:
        return None
    weight = np.empty(rows.count, dtype)
    _fill(weight, rows, rows.sample_weight)
    checked: Array = _check_sample_weight(weight, weight, dtype=weight.dtype)
    return checked


def _squares(values: Array, weight: Array | None) -> Array:
    """Return the weighted sum of squares of each column; the values are written over."""
    np.multiply(values, values, out=values)
    if weight is not None:
        np.multiply(weight, values, out=values)
    total: Array = values.sum(axis=0)
    return total


def mean_loss(network: Network, parameters: Mapping[str, Array], rows: HeldOut) -> float:
    """Return the mean loss of the rows, without dropout and penalties, as scikit-learn prints it."""
    given: dict[str, Any] = {**parameters, **network.settings}
    total = weights = 0.0
    with np.errstate(all="ignore"):
        for part in rows.parts():
            y = as_numbers(part.y, network.outputs, part.X.dtype)
            some = given | {"X": part.X, "y": y}
            count = float(part.X.shape[0])
            if part.row_weight is not None:
                some["row_weight"] = np.asarray(part.row_weight, part.X.dtype)
                count = float(some["row_weight"].sum())
            made = forward(_as_it_is, network, some)
            name_loss(_as_it_is, network, some, made, "sum")
            total, weights = total + float(made["loss"]), weights + count
    return printed(network, total / weights if weights else float("nan"), 0.0)


def _as_it_is(name: str, value: Any) -> Any:
    return value
