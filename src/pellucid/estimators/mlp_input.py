"""What the MLP estimators take from users: rows, weights, and words about what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from sklearn.utils.validation import _check_sample_weight

from pellucid.engine.forms import ByClass
from pellucid.errors import InputError

Array = NDArray[Any]

# So many rows at a time have the weights of their classes looked up.
MULTIPLIED_AT_A_TIME = 4096

_NOT_FINITE = re.compile(r"Input (\S+) contains (NaN|infinity)", re.IGNORECASE)


def naming_cells(check: Callable[[], Any], X: Any, y: Any, suffix: str = "") -> Any:
    """Run scikit-learn's check of `X` and `y`; where it finds NaN or infinity, say in which cell.

    `suffix` is what their names end in, such as "_val".

    Raises
    ------
    InputError
        That begins with scikit-learn's own words.
    """
    try:
        return check()
    except ValueError as error:
        found = _NOT_FINITE.match(str(error))
        if found is None:
            raise
        which = found.group(1)
        where = _first_bad(y if which == "y" else X)
        if where is None:
            raise
        first = str(error).split("\n")[0]
        raise InputError(
            f"{first} Expected finite numbers in {which}{suffix}. Got {where}. To continue, fill it in (for example "
            "with sklearn.impute.SimpleImputer) or leave the row out."
        ) from None


def _first_bad(values: Any) -> str | None:
    """Return the first value that is not finite, with its row and column, in words."""
    # pyarrow calls its columns themselves `columns`.
    names = getattr(values, "column_names", None)
    names = getattr(values, "columns", None) if names is None else names
    if scipy.sparse.issparse(values):
        entries = values.tocoo()
        bad = np.flatnonzero(~np.isfinite(entries.data))
        if not bad.size:
            return None
        at = bad[np.lexsort((entries.col[bad], entries.row[bad]))[0]]
        row, column, value = entries.row[at], entries.col[at], entries.data[at]
        return f"{value} in row {row}, column {column} (counted from 0)"
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    places = np.argwhere(~np.isfinite(array))
    if not places.size:
        return None
    row, value = places[0][0], array[tuple(places[0])]
    if array.ndim == 1:
        return f"{value} in row {row} (counted from 0)"
    column = places[0][1]
    named = f" {str(names[column])!r}," if names is not None and not callable(names) else ""
    return f"{value} in row {row}, column {column},{named} counted from 0"


def one_column(y: Array) -> Array:
    """Return targets with two axes."""
    return y.reshape(-1, 1) if y.ndim == 1 else y


def checked_weight(sample_weight: Any, X: Any) -> Any:
    """Return the weights of rows as scikit-learn checks them; whole numbers stay what they are."""
    kind = sample_weight.dtype.kind if isinstance(sample_weight, np.ndarray) else "O"
    return _check_sample_weight(sample_weight, X, force_float_dtype=kind not in "biu")


def row_weights(sample_weight: Array | None, class_weight: Array | ByClass | None) -> Any:
    """Return the weight of each row, shape (n, 1), or None where none is given.

    What classes alone weigh stays what it is.
    """
    if sample_weight is None or class_weight is None:
        return class_weight if sample_weight is None else one_column(sample_weight)
    given = one_column(sample_weight)
    weight = np.empty(given.shape)
    for start in range(0, len(given), MULTIPLIED_AT_A_TIME):
        part = slice(start, start + MULTIPLIED_AT_A_TIME)
        weight[part] = given[part] * class_weight[part]
    return weight
