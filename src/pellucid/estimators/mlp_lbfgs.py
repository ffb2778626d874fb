"""Fitting by L-BFGS: SciPy's, on the flat vector, with the evaluator's loss and gradient."""

from __future__ import annotations

import logging
import time
from typing import Any

import numpy as np
import scipy.optimize
from numpy.typing import NDArray
from sklearn.utils.optimize import _check_optimize_result

from pellucid.errors import DivergedError
from pellucid.estimators.mlp_choices import printed
from pellucid.estimators.mlp_epochs import NOT_FINITE
from pellucid.estimators.mlp_fit import Examples
from pellucid.evaluator import run
from pellucid.network import Network
from pellucid.step import Step

Array = NDArray[Any]

logger = logging.getLogger("pellucid")


def fit_lbfgs(model: Any, network: Network, flat: Array, examples: Examples) -> None:
    """Minimise the objective from the flat vector on; leave the best point found in it.

    It is computed in float64 whatever the type of the weights: the line search compares losses that
    differ in digits float32 has not. With several outputs the loss is their sum, whose gradient this
    is; scikit-learn minimises their mean with the gradient of the sum.
    """
    step = Step(network, weighted=examples.row_weight is not None, dropout=False)
    X = examples.X.astype(np.float64, copy=False)
    given: dict[str, Any] = {"X": X, "y": np.asarray(examples.y, np.float64), "n": X.shape[0]}
    given |= step.settings
    if examples.row_weight is not None:
        given["row_weight"] = examples.row_weight.astype(np.float64, copy=False)
    gradient = np.empty(network.parameter_count)
    gradients = network.views(gradient)

    def computed(point: Array) -> dict[str, Array]:
        return run(step, {**given, **network.views(point)})

    def objective(point: Array) -> tuple[float, Array]:
        values = computed(point)
        for name, view in gradients.items():
            view[:] = values[f"gradient_{name}"]
        return float(values.get("objective", values["loss"])), gradient

    start = flat.astype(np.float64)
    if not np.isfinite(objective(start)[0]):
        raise _diverged(step, computed(start), "at the start weights")
    limit = None if model.time_limit is None else time.perf_counter() + float(model.time_limit)

    def look_at_the_clock(intermediate_result: Any) -> None:
        logger.debug("L-BFGS: objective %g", intermediate_result.fun)
        if limit is not None and time.perf_counter() > limit:
            raise StopIteration

    result = scipy.optimize.minimize(
        objective,
        start,
        method="L-BFGS-B",
        jac=True,
        options={"maxfun": model.max_fun, "maxiter": model.max_iter, "gtol": model.tol},
        callback=look_at_the_clock,
    )
    if limit is not None and time.perf_counter() > limit:
        model.n_iter_ = int(min(result.nit, model.max_iter))
        model.stopped_because_ = f"the time limit of {model.time_limit:g} seconds was reached"
    else:
        model.n_iter_ = int(_check_optimize_result("lbfgs", result, model.max_iter))
        model.stopped_because_ = str(result.message)
    values = computed(result.x)
    model.loss_ = printed(network, float(values["loss"]), float(values.get("penalty", 0.0)))
    if not (np.isfinite(model.loss_) and np.isfinite(result.x).all()):
        raise _diverged(step, values, f"after {model.n_iter_} iterations")
    flat[:] = result.x


def _diverged(step: Step, values: dict[str, Array], when: str) -> DivergedError:
    first = next((e.name for e in step.equations if not np.isfinite(values[e.name]).all()), "loss")
    return DivergedError(
        f"{NOT_FINITE} With L-BFGS {when}, the first value that is not finite is {first}. To continue, scale the "
        "inputs and the targets, for example with sklearn.preprocessing.StandardScaler. No weights are returned."
    )
