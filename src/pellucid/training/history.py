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
        self._curves: dict[str, list[Any]] = {f.name: [] for f in fields(Epoch)}
        self.best = best
        for epoch in epochs:
            self.add(epoch)

    def add(self, epoch: Epoch) -> None:
        """Add the epoch that has just ended."""
        for name, curve in self._curves.items():
            curve.append(getattr(epoch, name))

    def add_several(self, losses: Sequence[float], learning_rate: float, seconds: float) -> None:
        """Add epochs that ended together: each with its loss, and with the same rate and time."""
        count = len(losses)
        same = {"learning_rate": learning_rate, "seconds": seconds / max(count, 1)}
        for name, curve in self._curves.items():
            curve.extend(losses if name == "loss" else [same.get(name)] * count)

    def __len__(self) -> int:
        return len(self._curves["loss"])

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        return Epoch(**{name: curve[at] for name, curve in self._curves.items()})

    def curve(self, name: str) -> list[Any]:
        """Return one value of every epoch, such as "loss" or "score"."""
        return list(self._curves[name])

    def to_data(self) -> dict[str, Any]:
        """Return the history as plain data for a model file."""
        return {"best": self.best, **{f.name: self.curve(f.name) for f in fields(Epoch)}}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> History:
        """Return the history that `to_data` wrote."""
        curves = {f.name: data[f.name] for f in fields(Epoch)}
        rows = zip(*curves.values(), strict=True)
        return cls([Epoch(**dict(zip(curves, row, strict=True))) for row in rows], data["best"])
