"""Arrays as a network takes them: checked, two-dimensional, in one type."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pellucid.errors import InputError
from pellucid.network import Network

Array = NDArray[Any]


def as_matrix(values: Any, name: str, dtype: DTypeLike = np.float64) -> Array:
    """Return `values` as a matrix of finite numbers, a single column if it has one axis.

    Raises `InputError` naming the first row and column that holds something else.
    """
    try:
        matrix = np.array(values, dtype)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"Expected numbers in {name}. Got {type(values).__name__}: {error}. Text columns are "
            "for TabularClassifier and TabularRegressor."
        ) from error
    if matrix.ndim == 1:
        matrix = matrix.reshape(-1, 1)
    if matrix.ndim != 2 or not matrix.size:
        raise InputError(
            f"Expected {name} with rows and columns. Got an array of shape {matrix.shape}."
        )
    bad = np.argwhere(~np.isfinite(matrix))
    if bad.size:
        row, column = bad[0]
        raise InputError(
            f"Expected finite numbers in {name}. Got {matrix[row, column]} in row {row}, "
            f"column {column} (counted from 0). Fill it in or leave the row out."
        )
    return matrix


def as_rows(
    network: Network, X: Any, y: Any, row_weight: Any = None, dtype: DTypeLike = np.float64
) -> tuple[Array, Array, Array | None]:
    """Return inputs, targets and row weights for a network, checked against it and its loss.

    One axis of `y` is one target for each row; for several classes it may be their numbers
    from 0. Raises `InputError` where sizes or values do not fit.
    """
    inputs = as_matrix(X, "X", dtype)
    if inputs.shape[1] != network.inputs:
        raise InputError(
            f"Expected X with {network.inputs} columns, one for each input of the network. "
            f"Got {inputs.shape[1]}."
        )
    targets = as_matrix(y, "y", dtype)
    if targets.shape[1] == 1 and network.outputs > 1 and network.loss.name == "cross_entropy":
        targets = _one_hot(targets[:, 0], network.outputs)
    if targets.shape != (inputs.shape[0], network.outputs):
        raise InputError(
            f"Expected y of shape {(inputs.shape[0], network.outputs)}: a row for each row of X, "
            f"a column for each output. Got {targets.shape}."
        )
    network.loss.check_targets(targets)
    if row_weight is None:
        return inputs, targets, None
    weights = as_matrix(row_weight, "row_weight", dtype)
    if weights.shape != (inputs.shape[0], 1) or (weights < 0).any() or not weights.any():
        raise InputError(
            f"Expected one weight of at least 0 for each of the {inputs.shape[0]} rows, not all "
            f"0. Got shape {weights.shape}, from {weights.min():g} to {weights.max():g}."
        )
    return inputs, targets, weights


def entries_of_a_row(X: Any) -> float | None:
    """Return how many entries SciPy's sparse rows have stored, on the mean; None for dense rows."""
    stored = getattr(X, "nnz", None)
    return None if stored is None else stored / max(1, X.shape[0])


def products_of_a_row(network: Network, entries: float | None = None) -> float:
    """Return about how many products of a number and a weight take a row through a network.

    `entries` are those that a sparse row has stored, on the mean; None for a dense row.
    """
    first = network.inputs if entries is None else entries
    return network.parameter_count - (network.inputs - first) * network.layers[0].size


def _one_hot(classes: Array, count: int) -> Array:
    known = np.arange(count)
    if not np.isin(classes, known).all():
        bad = classes[~np.isin(classes, known)][0]
        raise InputError(
            f"Expected class numbers from 0 to {count - 1} in y, one output neuron for each. "
            f"Got {bad:g}."
        )
    rows: Array = (classes.reshape(-1, 1) == known).astype(classes.dtype)
    return rows
