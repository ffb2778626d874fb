"""Sparse rows, as the engine reads them: their stored entries, in SciPy's CSR format, where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import InputError, explain

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class SparseRows:
    """Rows by their stored entries.

    Attributes
    ----------
    data, columns
        The entries, in float32 or float64, and the column of each; in any order within a row, and one that
        stands there twice counts twice.
    starts
        Where the entries of each row begin, and after the last one their end; of the type of `columns`.
    shape
        (n, inputs).
    """

    data: Array
    columns: Array
    starts: Array
    shape: tuple[int, int]

    @classmethod
    def of(cls, X: Any) -> SparseRows:
        """Return SciPy's CSR matrix or array as rows; what is contiguous, with one type of index, is not copied.

        Raises
        ------
        InputError
            If its columns or rows point outside: compiled code would read there.
        """
        small = X.indices.dtype == X.indptr.dtype == np.int32
        kind: Any = np.int32 if small else np.int64
        columns: Array = np.ascontiguousarray(X.indices, kind)
        starts: Array = np.ascontiguousarray(X.indptr, kind)
        rows = cls(np.ascontiguousarray(X.data), columns, starts, X.shape)
        wrong = "another format" if X.format != "csr" else rows._wrong()
        if wrong:
            n, inputs = X.shape
            raise InputError(
                explain(
                    expected=f"a sparse X in CSR format, whose entries lie in its {n} rows and {inputs} columns",
                    got=wrong,
                    do="make it anew",
                )
            )
        return rows

    def _wrong(self) -> str:
        """Return what points outside, or ""."""
        columns, starts = self.columns, self.starts
        inside = len(starts) == len(self) + 1 and starts[0] >= 0
        inside = inside and starts[-1] <= min(len(columns), len(self.data))
        if not (inside and (starts[:-1] <= starts[1:]).all()):
            return f"an indptr that does not rise from 0 to at most {len(columns)}, a number for each row and the end"
        used = columns[starts[0] : starts[-1]]
        if not used.size or 0 <= used.min() <= used.max() < self.shape[1]:
            return ""
        at = starts[0] + int(np.argmax((used < 0) | (used >= self.shape[1])))
        row = int(np.searchsorted(starts, at, "right")) - 1
        return f"column {columns[at]} in row {row} (counted from 0)"

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the entries."""
        return self.data.dtype

    def __len__(self) -> int:
        """Return the number of rows."""
        return self.shape[0]

    @property
    def entries(self) -> float:
        """How many entries a row has, on the mean."""
        return float(self.starts[-1] - self.starts[0]) / max(1, self.shape[0])


def in_place(X: Any, dtype: Any) -> Array | SparseRows:
    """Return rows as the engine reads them, in its type; what is so already is not copied."""
    if hasattr(X, "indptr"):
        return SparseRows.of(X.astype(dtype, copy=False))
    return np.ascontiguousarray(X, dtype)


def handle(X: Array | SparseRows) -> Array:
    """Return the array whose address stands for rows: dense ones themselves, or a new table of sparse ones.

    A table stands for all rows as they come, and for as long as these live.
    """
    if isinstance(X, SparseRows):
        places = [int(a.ctypes.data) for a in (X.data, X.columns, X.starts)]
        return np.array([*places, 0, 0], np.int64)
    return X


def chosen_of(X: Array) -> Array:
    """Return a new table that stands for dense rows in an order, which is to be told; while they live."""
    return np.array([int(X.ctypes.data), 0, 0, 0, 0], np.int64)


def index_of(X: Array | SparseRows) -> str:
    """Return the type in which sparse rows number their columns; "" for dense rows."""
    return X.columns.dtype.name if isinstance(X, SparseRows) else ""
