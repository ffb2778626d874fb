"""The rows that an MLP's early stopping holds out: scikit-learn's draws, in four bytes for each row.

scikit-learn makes its draws on numbers of eight bytes, several times over, and by class in a list of Python's.
The same calls of the generator are made here on one array, in its place.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split
from sklearn.model_selection._split import _validate_shuffle_split
from sklearn.utils.extmath import _approximate_mode

Array = NDArray[Any]

# So many rows at a time are told apart by class, and moved.
AT_A_TIME = 8_192


def numbered(count: int) -> Array:
    """Return the numbers from 0, in half the memory where they are small enough."""
    return np.arange(count, dtype=np.int32 if count < 2**31 else np.int64)


def drawn(count: int, share: Any, random_state: np.random.RandomState) -> tuple[Array, Array]:
    """Return the numbers of the rows to learn from, and of those held out, of so many.

    The draw is that of ``train_test_split(range(count), test_size=share)``, which raises what is wrong.
    """
    learning, held = _validate_shuffle_split(count, share, None)
    numbers = numbered(count)
    random_state.shuffle(numbers)
    return numbers[held : held + learning], numbers[:held]


def drawn_by_class(
    yes: Array, share: Any, random_state: np.random.RandomState
) -> tuple[Array, Array]:
    """Return the same for rows of two classes, `yes` or not, each of them held out in its share.

    The draw is that of ``train_test_split(…, stratify=yes)``, which raises what is wrong; both classes then
    need two rows or more.
    """
    count = len(yes)
    counts = np.array([count - np.count_nonzero(yes), np.count_nonzero(yes)])
    present = np.flatnonzero(counts)
    learning, held = _validate_shuffle_split(count, share, None)
    if counts[present].min() < 2 or min(learning, held) < len(present):
        # As text, which is how scikit-learn then names the classes.
        train_test_split(numbered(count), test_size=share, stratify=yes.astype(str))
    numbers = _class_after_class(yes, counts[0])
    of_learning = _approximate_mode(counts[present], learning, random_state)
    of_held = _approximate_mode(counts[present] - of_learning, held, random_state)
    judging, begin, end = [], 0, 0
    for size, to_learn, to_hold in zip(counts[present], of_learning, of_held, strict=True):
        own = numbers[begin : begin + size]
        random_state.shuffle(own)
        judging.append(own[to_learn : to_learn + to_hold].copy())
        _move_down(numbers, begin, end, to_learn)
        begin, end = begin + size, end + to_learn
    rows, held_out = numbers[:learning], numbers[learning : learning + held]
    np.concatenate(judging, out=held_out)
    random_state.shuffle(rows)
    random_state.shuffle(held_out)
    return rows, held_out


def _class_after_class(yes: Array, first: int) -> Array:
    """Return the numbers of the rows in order, those of no (`first` of them) before those of yes."""
    numbers = numbered(len(yes))
    ends = [0, first]
    for start in range(0, len(yes), AT_A_TIME):
        part = yes[start : start + AT_A_TIME]
        for which, chosen in enumerate((~part, part)):
            found = np.flatnonzero(chosen)
            numbers[ends[which] : ends[which] + len(found)] = found + start
            ends[which] += len(found)
    return numbers


def _move_down(numbers: Array, source: int, to: int, count: int) -> None:
    """Move numbers to an earlier place of their array, some at a time."""
    for at in range(0, count if source > to else 0, AT_A_TIME):
        stop = min(at + AT_A_TIME, count)
        numbers[to + at : to + stop] = numbers[source + at : source + stop].copy()
