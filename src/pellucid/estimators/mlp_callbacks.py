"""scikit-learn's own callbacks, told of each epoch: a listener that passes our events on."""

from __future__ import annotations

from typing import Any

from pellucid.training.events import EpochEnded, EpochStarted, Event


class Callbacks:
    """Passes a fit and its epochs on to the callbacks that ``set_callbacks`` was given.

    One that answers True at the end of an epoch ends the training.
    """

    def __init__(self, model: Any, context: Any, X: Any, y: Any, sample_weight: Any) -> None:
        self.model, self.context = model, context
        self.epoch: Any = None
        metadata = {} if sample_weight is None else {"sample_weight": sample_weight}
        self.about = {"estimator": model, "X": X, "y": y, "metadata": metadata}
        self.context.call_on_fit_task_begin(**self.about)

    def __call__(self, event: Event) -> None:
        """Begin or end the task of an epoch."""
        if isinstance(event, EpochStarted):
            self.epoch = self.context.subcontext(task_name="epoch")
            self.epoch.call_on_fit_task_begin(**self.about)
        elif isinstance(event, EpochEnded) and self.epoch is not None:
            asks_to_stop = self.epoch.call_on_fit_task_end(
                **self.about, reconstruction_attributes=self._fitted
            )
            if asks_to_stop:
                event.run.stop("a callback has ended it")

    def close(self) -> None:
        """End the task of the fit."""
        self.context.call_on_fit_task_end(**self.about, reconstruction_attributes=self._fitted)

    def _fitted(self) -> dict[str, Any]:
        """Return what a copy of the estimator needs to stay as it is now: weights of its own."""
        lists = {name: getattr(self.model, name) for name in ("coefs_", "intercepts_")}
        return {name: [value.copy() for value in values] for name, values in lists.items()}
