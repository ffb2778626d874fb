"""From the constructor's parameters of the MLP estimators to a network, an optimizer and start weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pellucid.catalogue import (
    OPTIMIZERS,
    Activation,
    Optimizer,
    Schedule,
    activation as find_activation,
    schedule as find_schedule,
)
from pellucid.catalogue.activations import Sigmoid, Softmax
from pellucid.catalogue.optimizers import (
    SGD,
    AdamW,
    ClipNorm,
    ClipValue,
    Piece,
    RMSprop,
    ScaleByAdam,
    ScaleByLearningRate,
)
from pellucid.catalogue.schedules import Constant, InverseScaling
from pellucid.errors import InputError, explain, unknown_name
from pellucid.network import Network

Array = NDArray[Any]

# Of these schedules the fit sets the rate after each epoch, as scikit-learn does.
RULES = ("constant", "invscaling", "adaptive")
# Losses that scikit-learn adds up over the outputs when it prints; of others it prints the mean.
ADDED_UP = ("poisson", "cross_entropy", "binary_cross_entropy")
_LOG_LOSSES = ("log_loss", "cross_entropy")


def hidden_sizes(given: Any) -> list[int]:
    """Return the sizes of the hidden layers as a list."""
    sizes = list(given) if hasattr(given, "__iter__") else [given]
    if any(not s > 0 for s in sizes):
        raise InputError(f"hidden_layer_sizes must be > 0, got {sizes}.")
    return [int(s) for s in sizes]


def output_name(choice: Activation) -> Any:
    """Return the name of an output activation as scikit-learn has it, or the record where no name tells all."""
    if isinstance(choice, Sigmoid):
        return "logistic"
    return choice.name if choice.label == choice.name else choice


def default_output(loss: Any, target_type: str | None) -> str:
    """Return the output activation for a kind of target: of a classifier, or (None) for numbers."""
    name = getattr(loss, "name", loss)
    if target_type is None and name in _LOG_LOSSES:
        raise InputError(
            explain(
                expected="a loss for numbers, or the output_activation that makes them shares",
                got=f"loss={name!r} for a regressor",
                do="choose 'squared_error', give output_activation='softmax', or take MLPClassifier",
            )
        )
    yes_or_no = name in ("binary_cross_entropy", "binary_log_loss")
    if target_type is None:
        return "logistic" if yes_or_no else "exp" if name == "poisson" else "identity"
    one_of_many = target_type == "multiclass" and not yes_or_no
    return "softmax" if one_of_many else "logistic"


def network_for(model: Any, sizes: Sequence[int], output: Any) -> Network:
    """Return the network that an estimator's parameters describe."""
    last = find_activation(output)
    loss = model.loss
    if getattr(loss, "name", loss) in _LOG_LOSSES:
        loss = "cross_entropy" if isinstance(last, Softmax) else "binary_cross_entropy"
    return Network(
        sizes,
        activation=model.activation,
        output_activation=last,
        loss=loss,
        dropout=model.dropout,
        initializer="glorot" if model.initializer is None else model.initializer,
        label_smoothing=getattr(model, "label_smoothing", 0.0),
        l1=model.l1,
        l2=float(model.alpha),
        l2_by_rows=True,
    )


def printed(network: Network, loss: float, penalty: float) -> float:
    """Return a loss as scikit-learn prints it: for numbers the mean over outputs, and the penalty."""
    return loss / (1 if network.loss.name in ADDED_UP else network.outputs) + penalty


def optimizer_for(model: Any) -> Optimizer:
    """Return the optimizer of a stochastic solver; scikit-learn's two have its own form."""
    clipping: list[Piece] = [] if model.clip_norm is None else [ClipNorm(float(model.clip_norm))]
    clipping += [] if model.clip_value is None else [ClipValue(float(model.clip_value))]
    solver = model.solver
    if isinstance(solver, Optimizer):
        return Optimizer(*clipping, *solver.pieces) if clipping else solver
    rate = _schedule(model)
    betas = {"beta_1": model.beta_1, "beta_2": model.beta_2, "epsilon": model.epsilon}
    if solver == "adam":
        chain = Optimizer(ScaleByAdam(**betas, epsilon_first=True), ScaleByLearningRate(rate))
    elif solver == "sgd":
        chain = SGD(rate, momentum=model.momentum, nesterov=model.nesterovs_momentum)
    elif solver == "adamw":
        chain = AdamW(rate, **betas)
    elif solver == "rmsprop":
        chain = RMSprop(rate, epsilon=model.epsilon)
    elif solver in OPTIMIZERS:
        chain = OPTIMIZERS[solver](rate)
    else:
        raise unknown_name("solver", solver, ["lbfgs", *OPTIMIZERS])
    return Optimizer(*clipping, *chain.pieces)


def rate_rule(model: Any) -> str:
    """Return which of scikit-learn's three rules sets the learning rate; "constant" where none does."""
    by_name = isinstance(model.solver, str) and model.solver not in ("adam", "lbfgs")
    rule = model.learning_rate
    return rule if by_name and isinstance(rule, str) and rule in RULES else "constant"


def _schedule(model: Any) -> Schedule:
    choice = model.learning_rate
    if isinstance(choice, str) and choice in RULES:
        return Constant(float(model.learning_rate_init))
    if isinstance(choice, Schedule):
        return choice
    found: Any = replace(find_schedule(choice), learning_rate=float(model.learning_rate_init))  # type: ignore[type-var]
    return replace(found, power=model.power_t) if isinstance(found, InverseScaling) else found


def check_lbfgs(model: Any, checkpoint: Any = None, X_val: Any = None) -> None:
    """Raise `InputError` for what has no meaning with L-BFGS."""
    if model.solver != "lbfgs":
        return
    if checkpoint is not None:
        raise InputError(
            "Expected checkpoint and resume with a stochastic solver. Got solver='lbfgs'."
        )
    if X_val is not None:
        raise InputError(
            explain(
                expected="X_val and y_val, which judge epochs, with a stochastic solver",
                got="solver='lbfgs', which has none",
                do="choose solver='adam', or leave them out",
            )
        )
    wrong = {
        "dropout": bool(np.any(np.asarray(model.dropout) != 0)),
        "clip_norm": model.clip_norm is not None,
        "clip_value": model.clip_value is not None,
        "listeners": bool(model.listeners),
        "scoring": model.scoring is not None,
        "restore_best_weights": bool(model.restore_best_weights),
    }
    for name, given in wrong.items():
        if given:
            raise InputError(
                explain(
                    expected=f"{name} only with a stochastic solver",
                    got=f"{name}={getattr(model, name)!r} with solver='lbfgs'",
                    do="choose solver='adam', or leave it out",
                )
            )


def start(
    model: Any, network: Network, random_state: np.random.RandomState, dtype: DTypeLike
) -> Array:
    """Return start weights as one flat vector: scikit-learn's draws, or the initializers'.

    scikit-learn draws weights and biases uniformly, layer by layer, within √(6 / (inputs + outputs)),
    or √(2 / …) for networks of sigmoids.
    """
    if model.initializer is not None:
        seed = int(random_state.randint(np.iinfo(np.int32).max))
        return network.start(seed, model.start_weights, dtype)
    drawn: dict[str, Array] = {}
    hidden = [layer.activation for layer in network.layers[:-1]]
    of_all = find_activation(model.activation) if not hidden and _is_one(model.activation) else None
    for at, (fan_in, fan_out) in enumerate(zip(network.sizes, network.sizes[1:], strict=False)):
        near = hidden[min(at, len(hidden) - 1)] if hidden else of_all
        bound = math.sqrt((2.0 if isinstance(near, Sigmoid) else 6.0) / (fan_in + fan_out))
        drawn[f"W{at + 1}"] = random_state.uniform(-bound, bound, (fan_in, fan_out))
        drawn[f"b{at + 1}"] = random_state.uniform(-bound, bound, fan_out)
    if model.start_weights is not None:
        return network.start(0, {**drawn, **model.start_weights}, dtype)
    return np.concatenate([value.ravel() for value in drawn.values()]).astype(dtype, copy=False)


def _is_one(activation: Any) -> bool:
    return not isinstance(activation, list | tuple)


def flat_of(coefs: Sequence[Array], intercepts: Sequence[Array], dtype: DTypeLike) -> Array:
    """Return weights and biases, however a user left them, as one new flat vector."""
    parts = [np.ravel(p) for pair in zip(coefs, intercepts, strict=True) for p in pair]
    return np.concatenate(parts).astype(dtype, copy=False)


def lists_of(network: Network, flat: Array) -> tuple[list[Array], list[Array]]:
    """Return scikit-learn's two lists, of weights and of biases, as views into a flat vector."""
    views = network.views(flat)
    depth = range(1, len(network.layers) + 1)
    return [views[f"W{at}"] for at in depth], [views[f"b{at}"][0] for at in depth]


def sizes_of(coefs: Sequence[Array]) -> list[int]:
    """Return the sizes of the layers that weight matrices connect."""
    return [np.shape(coefs[0])[0], *(np.shape(c)[1] for c in coefs)]
