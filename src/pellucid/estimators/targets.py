"""The target: which rows have one, and what kind of thing it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import column_or_1d

from pellucid.errors import InputError, explain
from pellucid.estimators.frames import read_objects
from pellucid.estimators.inferring import inferred
from pellucid.estimators.readings import Reading

Array = NDArray[Any]

# How many times as far from the median the last hundredth of a target begins as its last quarter, where that is
# told: 3.4 times for a normal distribution, 5.6 for an exponential one, 9.6 for a log-normal one.
LONG_TAIL = 8.0

_INSTEAD = {
    "dates": "give numbers instead, such as the days since a day that you choose",
    "durations": "give numbers instead, such as days or hours",
}


@dataclass(frozen=True, eq=False)
class RawTarget:
    """A target at the door.

    Attributes
    ----------
    values, present
        Of all n rows, shape (n,), and which of them have one.
    name
        Its own, or "target".
    reading
        Of numbers written as text: how they have been read.
    notes
        What was done, in sentences.
    """

    values: Array
    present: Array
    name: str
    reading: Reading | None = None
    notes: tuple[str, ...] = ()


def read_target(
    y: Any, rows: int, *, numbers: bool = False, reading: Reading | None = None
) -> RawTarget:
    """Return the target of so many rows.

    Parameters
    ----------
    numbers
        Whether it is to be numbers; text is then read as such.
    reading
        How it was read in training, if it was text.

    Raises
    ------
    InputError
        If there is no target at all, or not one for each row; for text and dates where there should be numbers.
    """
    name = getattr(y, "name", None)
    if nw.dependencies.is_into_series(y):
        values: Any = y.to_numpy() if hasattr(y, "to_numpy") else np.array(y.to_pylist())
    elif nw.dependencies.is_into_dataframe(y):
        frame = nw.from_native(y, eager_only=True)
        name = frame.columns[0] if frame.shape[1] == 1 else None
        values = frame.to_numpy()
    else:
        values = y
    if values is None:
        raise InputError("This estimator requires y to be passed, but the target y is None.")
    array: Array = column_or_1d(values, warn=True)
    if len(array) != rows:
        raise InputError(
            explain(
                expected=f"a target for each of the {rows} rows of X",
                got=f"{len(array)} (found input variables with inconsistent numbers of samples: {[rows, len(array)]})",
                do="give X and y from the same table",
            )
        )
    name = str(name) if isinstance(name, str) and name else "target"
    notes: list[str] = []
    if numbers:
        array, reading, notes = _as_numbers(array, name, reading)
    if array.dtype.kind in "fM":
        present = array == array
    else:
        present = np.array([not _is_missing(v) for v in array], bool)
    if not present.any():
        raise InputError(
            explain(
                expected="a target in at least some rows",
                got=f"{rows} rows, in all of which it is missing" if rows else "no rows",
                do="give another target column, or fill it in",
            )
        )
    return RawTarget(array, present, name, reading, tuple(notes))


def _is_missing(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip()
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return bool(value != value) if isinstance(value, float | np.floating | np.datetime64) else False


def _as_numbers(
    target: Array, name: str, known: Reading | None
) -> tuple[Array, Reading | None, list[str]]:
    """Return a target of numbers in text as float64, NaN for a missing one, how it is read, and notes."""
    if target.dtype.kind in "biuf":
        return target, None, []
    raw = read_objects(name, target.tolist() if target.dtype.kind != "M" else list(target))
    table = inferred([raw])
    reading = known or table.readings[0]
    if isinstance(raw.values, np.ndarray):
        if raw.was:
            raise _no_numbers(raw.was, _INSTEAD[raw.was])
        return raw.values, None, []
    if reading.kind == "category":
        return target, None, []  # what is no number is named where it is taken for one
    if reading.kind != "number":
        example = next(v for v in raw.values if v is not None)
        raise _no_numbers(f"{reading.kind} such as {example!r}", _INSTEAD[reading.kind])
    wrong = raw.values.looked_up((reading.level(v) is None for v in raw.values.levels), False)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise _no_numbers(
            f"{raw.values[row]!r} in row {row} (counted from 0)",
            "correct it, or leave it empty: rows without a target are left out",
        )
    return reading.numbers(raw), reading, list(table.notes)


def _no_numbers(got: str, do: str) -> InputError:
    return InputError(explain(expected="numbers as the target of a regression", got=got, do=do))


def numbers_of(target: Array, rows: Array) -> Array:
    """Return a target of numbers as float64 of shape (n, 1).

    Raises `InputError` naming the first that is none, by its number in the table, from `rows`.
    """
    try:
        numbers: Array = target.astype(np.float64)
    except (TypeError, ValueError):
        for row, value in zip(rows, target.tolist(), strict=True):
            try:
                float(value)
            except (TypeError, ValueError):
                raise _no_numbers(
                    f"{value!r} in row {row} (counted from 0)",
                    "use TabularClassifier (--task classification) for a target of classes",
                ) from None
        raise
    infinite = np.isinf(numbers)
    if infinite.any():
        raise InputError(
            explain(
                expected="finite numbers as the target",
                got=f"inf (an infinite number) in row {rows[np.argmax(infinite)]} (counted from 0)",
                do="leave the row out, or leave its target empty",
            )
        )
    return numbers.reshape(-1, 1)


def tail_notes(name: str, numbers: Array) -> list[str]:
    """Return a note on a target of numbers with a long tail, if it has one.

    Whether a logarithm helps follows from what is asked: it makes the usual error in percent small, and the mean
    of the squared errors larger where the tail is noise. So it is left to the reader.
    """
    first, low, middle, high, last = np.quantile(numbers, [0.01, 0.25, 0.5, 0.75, 0.99])
    above = high > middle and last - middle > LONG_TAIL * (high - middle)
    below = middle > low and middle - first > LONG_TAIL * (middle - low)
    if not (above or below):
        return []
    end = f"above {last:.4g}" if above else f"below {first:.4g}"
    do = "loss='huber' gives them less weight"
    if above and not below and numbers.min() >= 0:
        do = f"to make errors small in percent, predict its logarithm; {do}"
    return [
        f"The target {name!r} has a long tail: half of it lies between {low:.4g} and {high:.4g}, a hundredth "
        f"{end}, and the squared errors of these few count most ({do})."
    ]


def classes_of(target: Array) -> tuple[Array, Array]:
    """Return the classes, sorted, and the code of each row's, float64 of shape (n, 1).

    Raises `InputError` for a single class, for numbers that look measured rather than counted, and for what
    is neither text nor number nor boolean.
    """
    if target.dtype.kind == "O":
        kinds = {type(v) for v in target}
        if len(kinds) == 1 and kinds <= {str, bool, int}:
            target = np.array(target.tolist())
        elif len(kinds) > 1 and str in kinds:
            raise InputError(
                explain(
                    expected="classes of one type",
                    got=f"a target that mixes {', '.join(sorted(k.__name__ for k in kinds))}",
                    do="write all classes as text",
                )
            )
    odd = next(
        (v for v in target[:1].tolist() if not isinstance(v, str | bool | int | float)), None
    )
    if odd is not None or target.dtype.kind in "mM":
        raise InputError(
            explain(
                expected="classes that are texts, numbers or booleans",
                got=f"{target[0]!s} ({type(target[0]).__name__})",
                do="write all classes as text",
            )
        )
    if target.dtype.kind == "f" and (target != np.floor(target)).any():
        measured = float(target[target != np.floor(target)][0])
        raise InputError(
            explain(
                expected="classes as the target",
                got=f"numbers such as {measured!r} (Unknown label type: continuous)",
                do="use TabularRegressor (--task regression) for a target of numbers",
            )
        )
    classes, codes = np.unique(target, return_inverse=True)
    if len(classes) < 2:
        raise InputError(
            explain(
                expected="two classes or more in the target",
                got=f"only 1 class, {classes.tolist()[0]!r}, in all {len(target)} rows",
                do="give rows of another class too, or another target column",
            )
        )
    return classes, codes.reshape(-1, 1).astype(np.float64)
