"""What each epoch of a training came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Epoch:
    """One pass over the rows.

    Attributes
    ----------
    loss
        Mean loss of the rows, each as it was when its update was made; penalties are not in it.
    learning_rate
        The rate of the epoch's last update.
    seconds
        How long the epoch took, the held-out rows included.
    validation_loss, score
        Of the held-out rows after the epoch; None without such rows or without a scorer.
    """

    loss: float
    learning_rate: float
    seconds: float
    validation_loss: float | None = None
    score: float | None = None


class History(Sequence[Epoch]):
    """The epochs of a training in order, and which of them is best.

    Attributes
    ----------
    best
        Number of the epoch whose weights were kept, from 0; None before the first one has ended.
    """

    def __init__(self, epochs: Sequence[Epoch] = (), best: int | None = None) -> None:
        self._epochs = list(epochs)
        self.best = best

    def add(self, epoch: Epoch) -> None:
        """Add the epoch that has just ended."""
        self._epochs.append(epoch)

    def __len__(self) -> int:
        return len(self._epochs)

    def __getitem__(self, at: Any) -> Any:
        return self._epochs[at]

    def curve(self, name: str) -> list[Any]:
        """Return one value of every epoch, such as "loss" or "score"."""
        return [getattr(epoch, name) for epoch in self._epochs]

    def to_data(self) -> dict[str, Any]:
        """Return the history as plain data for a model file."""
        return {"best": self.best, **{f.name: self.curve(f.name) for f in fields(Epoch)}}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> History:
        """Return the history that `to_data` wrote."""
        curves = {f.name: data[f.name] for f in fields(Epoch)}
        rows = zip(*curves.values(), strict=True)
        return cls([Epoch(**dict(zip(curves, row, strict=True))) for row in rows], data["best"])
