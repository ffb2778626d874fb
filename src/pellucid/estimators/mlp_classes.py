"""The classes of an MLP's answers: which there are, and the number of each row's, some rows at a time.

scikit-learn sorts a copy of all answers to find their classes, and encodes them in eight bytes for each
class of each row. A number of one byte for each row tells the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight

Array = NDArray[Any]

# So many rows at a time have their classes found, and encoded.
AT_A_TIME = 4096


def few_of(y: Any) -> Any:
    """Return rows with the different values of an array of answers, which is what its classes hang on.

    Anything else, and values that cannot be ordered, are returned as they are.
    """
    if not isinstance(y, np.ndarray) or not y.size:
        return y
    starts = range(0, len(y), AT_A_TIME)
    try:
        found = np.unique(np.concatenate([np.unique(y[at : at + AT_A_TIME]) for at in starts]))
    except TypeError:
        return y
    columns = int(np.prod(y.shape[1:]))
    return np.resize(found, (-(-len(found) // columns), *y.shape[1:]))


def numbers_of(y: Array, classes: Array) -> Array:
    """Return the number of each row's class among the sorted classes, in a column of the smallest type.

    Of at most two classes these are booleans.
    """
    kind: Any = np.min_scalar_type(len(classes) - 1) if len(classes) > 2 else bool
    numbers = np.empty((len(y), 1), kind)
    for at in range(0, len(y), AT_A_TIME):
        part = slice(at, at + AT_A_TIME)
        numbers[part, 0] = np.searchsorted(classes, y[part])
    return numbers


def weights_of(choice: Any, numbers: Array, classes: Array) -> Array:
    """Return the weight of each class, as scikit-learn finds it from a choice and the rows that there are.

    `numbers` are those of the rows' classes. Of classes without a row it is 1.
    """
    counts = np.zeros(len(classes), np.intp)
    for at in range(0, len(numbers), AT_A_TIME):
        part = numbers[at : at + AT_A_TIME, 0].astype(np.intp)
        counts += np.bincount(part, minlength=len(classes))
    present = counts > 0
    few, weights = classes[present], np.ones(len(classes))
    if choice == "balanced":
        weights[present] = compute_class_weight(
            choice, classes=few, y=few, sample_weight=counts[present]
        )
    else:
        weights[present] = compute_sample_weight(choice, few)
    return weights


def yes_or_no(y: Any, binarizer: Any) -> Array:
    """Return what an encoder makes of answers with several labels, as booleans."""
    count, encoded = y.shape[0], np.empty((0, 0), bool)
    for start in range(0, count, AT_A_TIME):
        some = binarizer.transform(y[start : start + AT_A_TIME])
        if not start:
            encoded = np.empty((count, some.shape[1]), bool)
        encoded[start : start + len(some)] = some
    return encoded
