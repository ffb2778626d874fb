"""Sparse rows as nobody would write them, and as they do come: for the tests of whatever reads them."""

import numpy as np
import scipy.sparse


def thinned(X, rng, share=0.3):
    """Return a copy of dense rows of which about `share` is left; in about every fifth row nothing is."""
    kept = rng.random(X.shape) < share
    kept[rng.random(len(X)) < 0.2] = False
    return np.where(kept, X, X.dtype.type(0))


def untidy(X, rng, index=np.int32):
    """Return dense rows as CSR with entries in no order, zeros that are stored, and numbers in two parts.

    The arrays go on behind the last entry, which CSR allows. Two parts are halves, so that their sum is
    exact.
    """
    data, columns, starts = [], [], [0]
    for row in X:
        given = np.flatnonzero(row)
        halved = given[rng.random(len(given)) < 0.3]
        zeros = rng.integers(len(row), size=int(rng.integers(3)))
        values = np.concatenate([row[given], row[halved] / 2, np.zeros(len(zeros))])
        values[np.isin(given, halved).nonzero()] /= 2
        places = np.concatenate([given, halved, zeros])
        order = rng.permutation(len(places))
        data.append(values[order])
        columns.append(places[order])
        starts.append(starts[-1] + len(places))
    data, columns = np.concatenate(data).astype(X.dtype), np.concatenate(columns).astype(index)
    made = scipy.sparse.csr_array((data, columns, np.array(starts, index)), shape=X.shape)
    behind = np.full(3, -7)  # read by mistake, it would be noticed
    made.data = np.append(made.data, behind.astype(X.dtype))
    made.indices = np.append(made.indices, behind.astype(index))
    return made
