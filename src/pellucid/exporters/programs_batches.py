"""Which rows make which update of a program: those of the traced steps, and what follows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

Rows = tuple[int, ...]


@dataclass(frozen=True)
class Batches:
    """The rows that a program holds, and the order in which it takes them.

    Attributes
    ----------
    rows
        The numbers of its rows in the table that was traced. A place in this tuple is what the
        batches hold.
    epochs
        For each epoch its batches; one epoch that all others repeat, unless they are shuffled.
    shuffled
        Whether each epoch takes the rows in an order of its own.
    """

    rows: Rows
    epochs: tuple[tuple[Rows, ...], ...]
    shuffled: bool

    @property
    def full(self) -> bool:
        """Whether every update takes all rows, in the same order."""
        return not self.shuffled and len(self.epochs[0]) == 1

    @property
    def size(self) -> int:
        """The rows of a batch; the last one of an epoch may have fewer."""
        return len(self.epochs[0][0])


def batches_of(steps: Sequence[tuple[int, Sequence[int]]]) -> Batches:
    """Return the batches of traced steps, of each its epoch and its rows.

    Rows that no traced step met are unknown: an epoch of the program then has the others alone.
    Where epochs are shuffled and the last one was not traced to its end, its other rows follow in
    their order.

    >>> batches_of([(0, (0, 1)), (0, (2,)), (1, (0, 1))]).epochs
    (((0, 1), (2,)),)
    """
    first = tuple(steps[0][1])
    if all(tuple(rows) == first for _, rows in steps):
        return Batches(first, ((tuple(range(len(first))),),), shuffled=False)
    known = tuple(sorted({row for _, rows in steps for row in rows}))
    places = {row: place for place, row in enumerate(known)}
    epochs = [
        [tuple(places[row] for row in rows) for _, rows in group]
        for _, group in groupby(steps, key=lambda step: step[0])
    ]
    made = [batch for epoch in epochs for batch in epoch]
    if all(batch == epochs[0][at % len(epochs[0])] for at, batch in enumerate(made)):
        return Batches(known, (tuple(epochs[0]),), shuffled=False)
    met = {place for batch in epochs[-1] for place in batch}
    rest, size = [place for place in range(len(known)) if place not in met], len(made[0])
    epochs[-1] += [tuple(rest[at : at + size]) for at in range(0, len(rest), size)]
    return Batches(known, tuple(map(tuple, epochs)), shuffled=True)
