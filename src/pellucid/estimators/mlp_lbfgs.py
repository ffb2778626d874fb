"""Fitting by L-BFGS: SciPy's, on the flat vector, with the loss and gradient of the step."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.optimize
from numpy.typing import NDArray
from sklearn.utils.optimize import _check_optimize_result

from pellucid.blas import one_blas_thread
from pellucid.errors import DivergedError
from pellucid.estimators.mlp_choices import printed
from pellucid.estimators.mlp_epochs import NOT_FINITE
from pellucid.estimators.mlp_fit import Teller
from pellucid.estimators.mlp_rows import Examples
from pellucid.evaluator import run
from pellucid.network import Network
from pellucid.rows import entries_of_a_row
from pellucid.step import Step
from pellucid.training.choice import Job, threads_for
from pellucid.training.compiled import compiled_if_chosen, engine_for
from pellucid.training.divergence import first_not_finite
from pellucid.training.interrupt import Interrupts
from pellucid.training.rows import Rows, as_numbers
from pellucid.training.stopping import TimeLimit

if TYPE_CHECKING:
    from pellucid.engine.engine import Engine

Array = NDArray[Any]

logger = logging.getLogger("pellucid")


class _Objective:
    """The objective of all rows, its gradient, and its parts, in float64: by NumPy, or compiled."""

    def __init__(self, network: Network, examples: Examples) -> None:
        self.network = network
        self.step = Step(network, weighted=examples.row_weight is not None, dropout=False)
        self.rows = Rows(examples.X, examples.y, examples.row_weight)
        self.engine: Engine | None = None
        self._gradient = np.empty(network.parameter_count)
        self._gradients = network.views(self._gradient)

    def choose(self, model: Any) -> None:
        """Choose what computes, and prepare it."""

        def make() -> Engine:
            teller: Callable[[], object] = Teller().compiling if model.verbose else lambda: None
            return engine_for(
                self.step,
                self.rows,
                threads=threads_for(model.n_jobs),
                dtype=np.float64,
                compiling=teller,
            )

        count, evaluations = self.rows.count, min(int(model.max_iter), int(model.max_fun))
        self.engine = compiled_if_chosen(
            make,
            model.engine,
            Job(self.network, count, evaluations, entries_of_a_row(self.rows.X)),
            time_limit=model.time_limit,
        )

    def values(self, point: Array) -> dict[str, Array]:
        """Return every value of the step at a point, by NumPy."""
        rows = self.rows
        y = as_numbers(rows.y, self.network.outputs, np.float64)
        given: dict[str, Any] = {"X": rows.X.astype(np.float64, copy=False), "y": y}
        given |= {"n": rows.X.shape[0], **self.step.settings, **self.network.views(point)}
        if rows.row_weight is not None:
            given["row_weight"] = np.asarray(rows.row_weight[:], np.float64)
        return run(self.step, given)

    def __call__(self, point: Array) -> tuple[float, Array]:
        """Return the objective and its gradient at a point."""
        if self.engine is not None:
            return self.engine.loss_and_gradient(point)
        values = self.values(point)
        for name, view in self._gradients.items():
            view[:] = values[f"gradient_{name}"]
        return float(values.get("objective", values["loss"])), self._gradient

    def parts(self, point: Array) -> tuple[float, float]:
        """Return the loss and the penalty at a point."""
        if self.engine is not None:
            return self.engine.loss_and_penalty(point)
        values = self.values(point)
        return float(values["loss"]), float(values.get("penalty", 0.0))


def fit_lbfgs(model: Any, network: Network, flat: Array, examples: Examples) -> None:
    """Minimise the objective from the flat vector on; leave the best point found in it.

    It is computed in float64 whatever the type of the weights: the line search compares losses that
    differ in digits float32 has not. With several outputs the loss is their sum, whose gradient this
    is; scikit-learn minimises their mean with the gradient of the sum.
    """
    objective = _Objective(network, examples)
    objective.choose(model)
    model.engine_ = "numpy" if objective.engine is None else "compiled"
    start = flat.astype(np.float64)
    if not np.isfinite(objective(start)[0]):
        raise _diverged(objective, start, "at the start weights")
    limit = TimeLimit(model.time_limit)

    def look_at_the_clock(intermediate_result: Any) -> None:
        logger.debug("L-BFGS: objective %g", intermediate_result.fun)
        if limit.is_over or interrupts.came:
            raise StopIteration

    with Interrupts() as interrupts, one_blas_thread():
        result = scipy.optimize.minimize(
            objective,
            start,
            method="L-BFGS-B",
            jac=True,
            options={"maxfun": model.max_fun, "maxiter": model.max_iter, "gtol": model.tol},
            callback=look_at_the_clock,
        )
    if limit.is_over or interrupts.came:
        model.n_iter_ = int(min(result.nit, model.max_iter))
        model.stopped_because_ = "interrupted" if interrupts.came else limit.reason
    else:
        model.n_iter_ = int(_check_optimize_result("lbfgs", result, model.max_iter))
        model.stopped_because_ = str(result.message)
    model.loss_ = printed(network, *objective.parts(np.ascontiguousarray(result.x)))
    if not (np.isfinite(model.loss_) and np.isfinite(result.x).all()):
        raise _diverged(objective, result.x, f"after {model.n_iter_} iterations")
    flat[:] = result.x
    if interrupts.came:
        warnings.warn("Training interrupted by user.", stacklevel=2)


def _diverged(objective: _Objective, point: Array, when: str) -> DivergedError:
    values = objective.values(point)
    first = first_not_finite(values) or "loss"
    return DivergedError(
        f"{NOT_FINITE} With L-BFGS {when}, the first value that is not finite is {first}. To continue, scale the "
        "inputs and the targets, for example with sklearn.preprocessing.StandardScaler. No weights are returned."
    )
