"""What docs/gradient-check.md says of scikit-learn's lbfgs, measured again."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.neural_network import MLPRegressor

import pellucid


class Watched(MLPRegressor):  # type: ignore[misc]
    """Keeps the ratio of the first gradient to a central difference of the loss."""

    ratio: float | None = None

    def _loss_grad_lbfgs(self, packed: np.ndarray, *rest: Any, **named: Any) -> Any:
        def loss_and_gradient(at: np.ndarray) -> Any:
            loss, gradient = super(Watched, self)._loss_grad_lbfgs(at, *rest, **named)
            return loss, gradient.copy()

        if self.ratio is None:
            gradient = loss_and_gradient(packed)[1]
            largest = int(np.argmax(abs(gradient)))
            step = np.zeros_like(packed)
            step[largest] = 1e-6
            change = loss_and_gradient(packed + step)[0] - loss_and_gradient(packed - step)[0]
            self.ratio = float(gradient[largest] / (change / 2e-6))
        return loss_and_gradient(packed)


@pytest.mark.parametrize("outputs", [1, 2, 3, 5])
def test_gradient_is_as_many_times_too_large_as_there_are_outputs(outputs: int) -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 4)), rng.normal(size=(20, outputs))
    watched = Watched(
        hidden_layer_sizes=(6,),
        activation="tanh",
        solver="lbfgs",
        alpha=0,
        max_iter=1,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        watched.fit(X, y if outputs > 1 else y[:, 0])
    assert watched.ratio == pytest.approx(outputs, rel=1e-5)
    ours = pellucid.check_gradients(pellucid.Network([4, 6, outputs], activation="tanh"), X, y)
    assert ours.max_relative_error < 1e-6
