"""The learning curves of a fitted estimator, as plain data, and what can be read from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pellucid.training.history import History

# The loss has come to rest when the last tenth of the epochs lowered it by less than this share.
AT_REST = 0.01
# A held-out loss so much above its lowest, at the end, was learning by heart.
BY_HEART = 1.1


def curves(histories: Sequence[History]) -> list[dict[str, Any]]:
    """Return the curves of each member; `best_epoch` is the one whose weights were kept, from 1."""
    return [
        {
            **{name: history.curve(name) for name in ("loss", "validation_loss", "score")},
            "learning_rate": history.curve("learning_rate"),
            "best_epoch": None if history.best is None else history.best + 1,
        }
        for history in histories
    ]


def still_improving(member: Mapping[str, Any]) -> bool:
    """Tell whether the last epoch was the best one, and the last tenth of them still lowered the loss."""
    watched = _watched(member)
    epochs = len(watched)
    if epochs < 2 or member["best_epoch"] != epochs:
        return False
    before = watched[epochs - 1 - max(1, epochs // 10)]
    return bool(watched[-1] < before - AT_REST * abs(before))


def reading(member: Mapping[str, Any]) -> list[str]:
    """Return what the curves say, in sentences."""
    held = [v for v in member["validation_loss"] if v is not None]
    best, epochs = member["best_epoch"], len(member["loss"])
    if not held or best is None:
        return [
            "No rows were held out, so nothing shows when the network began to learn the rows by heart; the "
            "weights of the last epoch were kept."
        ]
    found = [
        f"The weights of epoch {best} of {epochs} were kept: it did best on the held-out rows."
    ]
    if held[-1] > BY_HEART * min(held):
        found.append(
            "After its lowest point the held-out loss rose again: later epochs learnt the training rows by heart. "
            "That costs nothing here, as their weights were not kept; more dropout or weight decay may help."
        )
    if still_improving(member):
        found.append(
            "The last epoch was the best, and the loss was still falling: give it more epochs."
        )
    return found


def _watched(member: Mapping[str, Any]) -> list[float]:
    held = [v for v in member["validation_loss"] if v is not None]
    return held if len(held) == len(member["loss"]) else list(member["loss"])
