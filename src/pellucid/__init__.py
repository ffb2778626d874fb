"""Pellucid: neural networks on tables, with every number of every step in view.

Names are imported when they are first used, so that ``import pellucid`` is instant.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_WHERE = {
    "pellucid.catalogue.activations": (
        "Activation Elu Exp Gelu Identity LeakyRelu Mish OwnActivation Relu Selu Sigmoid Silu "
        "Softmax Softplus Tanh Threshold"
    ),
    "pellucid.catalogue.initializers": "Given Glorot He LeCun Normal Uniform",
    "pellucid.catalogue.losses": (
        "AbsoluteError BinaryCrossEntropy CrossEntropy Huber Loss Poisson Quantile SquaredError"
    ),
    "pellucid.catalogue.optimizers": (
        "SGD Adam AdamW ClipNorm ClipValue DecayWeights Momentum Optimizer RMSprop ScaleByAdam "
        "ScaleByLearningRate ScaleByRms"
    ),
    "pellucid.catalogue.records": "register",
    "pellucid.catalogue.schedules": (
        "Adaptive Constant Cosine Exponential InverseScaling StepDecay WarmUp"
    ),
    "pellucid.data": "penguins_path",
    "pellucid.errors": "DivergedError InputError ModelFileError PellucidError",
    "pellucid.estimators": "MLPClassifier MLPRegressor TabularClassifier TabularRegressor load",
    "pellucid.gradient_check": "GradientCheck check_gradients",
    "pellucid.network": "Layer Network",
    "pellucid.tracing": "Trace trace worked_example",
}
_MODULE = {name: module for module, names in _WHERE.items() for name in names.split()}

__all__ = sorted([*_MODULE, "__version__"])


def __getattr__(name: str) -> Any:
    if name not in _MODULE:
        raise AttributeError(f"module 'pellucid' has no attribute {name!r}")
    value = getattr(import_module(_MODULE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
