"""Optimizers as chains of pieces.

A piece takes the change that the pieces before it propose for a parameter (at first its
gradient) and returns a new one, in element-wise formulas; what comes out of the last piece is
subtracted. So L2 in the gradient and decoupled decay differ by the position of one piece.
At most one piece reads all gradients at once: the clipping of their norm.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pellucid.catalogue.records import Record, check_number, find, register, to_data
from pellucid.catalogue.schedules import Clock, Constant, Schedule, schedule
from pellucid.errors import InputError, explain, unknown_name

Let = Callable[[str, Any], Any]


@dataclass(frozen=True)
class Parameter:
    """What a piece sees of the parameter at hand; values are arrays, or symbols.

    `role` is "weight", "bias", "scale" or "activation"; `fan_in` is how many numbers a neuron of its layer
    adds up, for pieces that read it. `settings` are the optimizer's own numbers by name, `shared` what was
    computed once for all parameters, `clock` the time. `remember(state, value)` names the next value of a state.
    """

    value: Any
    role: str
    fan_in: Any
    states: Mapping[str, Any]
    settings: Mapping[str, Any]
    shared: Mapping[str, Any]
    clock: Clock
    remember: Let

    @property
    def is_weight(self) -> bool:
        """Whether it is a matrix of weights."""
        return self.role == "weight"


def _check(name: str, value: float, low: float, top: float, *, closed: bool = False) -> None:
    if not (low <= value < top or (closed and value == top)):
        raise InputError(
            explain(
                expected=f"{name} of at least {low} and {'at most' if closed else 'below'} {top}",
                got=repr(value),
                do="leave it out for its usual value",
            )
        )


def _check_limit(name: str, value: float) -> None:
    if not value > 0:
        raise InputError(
            explain(expected=f"{name} above 0", got=repr(value), do="give None for no clipping")
        )


class Piece(Record):
    """Base of the pieces. `states` are the arrays it keeps for each parameter, 0 at first."""

    kind: ClassVar[str] = "piece"
    states: ClassVar[tuple[str, ...]] = ()

    @property
    def reads_fan_in(self) -> bool:
        """Whether it needs to know how many numbers a neuron adds up."""
        return False

    def settings(self) -> dict[str, float]:
        """Return its numbers by the names they have in the equations."""
        return {}

    @property
    def schedules(self) -> dict[str, Schedule]:
        """For those of its numbers that may change from update to update, how; they are in `shared`."""
        return {}

    @property
    def form(self) -> str:
        """A name for its formula; pieces of one form differ by numbers alone."""
        flags = [
            f"_{f.name}"
            for f in dataclasses.fields(self)  # type: ignore[arg-type]
            if f.type == "bool" and getattr(self, f.name)
        ]
        return self.name + "".join(flags)

    def share(self, let: Let, gradients: list[Any], settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is computed once from all gradients."""
        return {}

    def change(self, change: Any, at: Parameter) -> Any:
        """Return the change to hand on."""
        raise NotImplementedError


@register
@dataclass(frozen=True)
class ScaleByLearningRate(Piece):
    """Multiplies by the learning rate."""

    name: ClassVar[str] = "scale_by_learning_rate"

    schedule: Schedule

    def settings(self) -> dict[str, float]:
        return {"learning_rate": self.schedule.learning_rate}

    @property
    def schedules(self) -> dict[str, Schedule]:
        return {"learning_rate": self.schedule}

    def change(self, change: Any, at: Parameter) -> Any:
        return at.shared["learning_rate"] * change


@register
@dataclass(frozen=True)
class Momentum(Piece):
    """velocity_next = momentum · velocity + change; Nesterov's form looks one step ahead."""

    name: ClassVar[str] = "momentum"
    states: ClassVar[tuple[str, ...]] = ("velocity",)
    source: ClassVar[str] = "Polyak 1964; Sutskever et al. 2013, eqs. 1-4"

    momentum: float = 0.9
    nesterov: bool = False

    def __post_init__(self) -> None:
        _check("momentum", self.momentum, 0, 1, closed=True)

    def settings(self) -> dict[str, float]:
        return {"momentum": self.momentum}

    def change(self, change: Any, at: Parameter) -> Any:
        momentum = at.settings["momentum"]
        velocity = at.remember("velocity", momentum * at.states["velocity"] + change)
        return momentum * velocity + change if self.nesterov else velocity


@register
@dataclass(frozen=True)
class ScaleByRms(Piece):
    """Divides by the root of a running mean of the squared gradient."""

    name: ClassVar[str] = "scale_by_rms"
    states: ClassVar[tuple[str, ...]] = ("second_moment",)
    source: ClassVar[str] = "Tieleman & Hinton 2012, lecture 6.5"

    decay: float = 0.9
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        _check("decay", self.decay, 0, 1)
        _check("epsilon", self.epsilon, 0, math.inf)

    def settings(self) -> dict[str, float]:
        return {"decay": self.decay, "epsilon": self.epsilon}

    def change(self, change: Any, at: Parameter) -> Any:
        decay = at.settings["decay"]
        second = at.remember(
            "second_moment", decay * at.states["second_moment"] + (1 - decay) * change**2
        )
        return change / (np.sqrt(second) + at.settings["epsilon"])


@register
@dataclass(frozen=True)
class ScaleByAdam(Piece):
    """The running mean of the gradient, divided by the root of that of its square.

    With `epsilon_first`, epsilon is added before the bias is corrected, as scikit-learn and Keras
    do. Beside the corrected root stands then ε / √(1 - β₂ᵗ), which is larger in early updates.
    """

    name: ClassVar[str] = "scale_by_adam"
    states: ClassVar[tuple[str, ...]] = ("first_moment", "second_moment")
    source: ClassVar[str] = "Kingma & Ba 2015, algorithm 1"

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    epsilon_first: bool = False

    def __post_init__(self) -> None:
        _check("beta_1", self.beta_1, 0, 1)
        _check("beta_2", self.beta_2, 0, 1)
        _check("epsilon", self.epsilon, 0, math.inf)

    def settings(self) -> dict[str, float]:
        return {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}

    def change(self, change: Any, at: Parameter) -> Any:
        beta_1, beta_2 = at.settings["beta_1"], at.settings["beta_2"]
        t = at.clock.update_number
        first = at.remember(
            "first_moment", beta_1 * at.states["first_moment"] + (1 - beta_1) * change
        )
        second = at.remember(
            "second_moment", beta_2 * at.states["second_moment"] + (1 - beta_2) * change**2
        )
        if self.epsilon_first:
            correction = (1 - beta_2**t) ** 0.5 / (1 - beta_1**t)
            return correction * first / (np.sqrt(second) + at.settings["epsilon"])
        corrected = first / (1 - beta_1**t)
        return corrected / (np.sqrt(second / (1 - beta_2**t)) + at.settings["epsilon"])


@register
@dataclass(frozen=True)
class DecayWeights(Piece):
    """Adds a share of the weight itself; what is no weight is left alone, unless its role has a factor.

    Before the learning rate it is multiplied by the rate like all else. After it (and after a
    momentum, so that the velocity does not see it) `with_rate` multiplies it here. Of `schedule` the
    form counts: it multiplies the share.
    """

    name: ClassVar[str] = "decay_weights"
    source: ClassVar[str] = "Loshchilov & Hutter 2019, algorithm 2"

    weight_decay: float = 0.01
    with_rate: bool = False
    bias: float = 0.0
    scale: float = 0.0
    schedule: Schedule = Constant()  # noqa: RUF009 (a frozen record)
    activation: float = 0.0

    def __post_init__(self) -> None:
        _check("weight_decay", self.weight_decay, 0, math.inf)
        for role in ("bias", "scale", "activation"):
            check_number(self, role, 0)

    @property
    def _factors(self) -> dict[str, float]:
        factors = {"bias": self.bias, "scale": self.scale, "activation": self.activation}
        return {f"{role}_decay_factor": factor for role, factor in factors.items() if factor}

    def settings(self) -> dict[str, float]:
        return {"weight_decay": self.weight_decay, **self._factors}

    @property
    def schedules(self) -> dict[str, Schedule]:
        return {"weight_decay": self.schedule}

    @property
    def form(self) -> str:
        return "_".join([super().form, *self._factors])

    def change(self, change: Any, at: Parameter) -> Any:
        share = at.shared["weight_decay"] * at.value
        if not at.is_weight:
            factor = f"{at.role}_decay_factor"
            if factor not in self._factors:
                return change
            share = at.settings[factor] * share
        return change + (at.shared["learning_rate"] * share if self.with_rate else share)


@register
@dataclass(frozen=True)
class ScaleByRole(Piece):
    """Multiplies by a factor for weights, for biases, for scales, and for weights of activations.

    With `by_fan_in` that of weights is divided by √(fan in) as well. Once as the first piece and once
    behind what an optimizer does, that is the neural tangent parametrization: W moves as V / √(fan in)
    does where net_input = signal @ V / √(fan in) + b and the optimizer moves V.
    """

    name: ClassVar[str] = "scale_by_role"
    source: ClassVar[str] = "Holzmüller, Grinsztajn & Steinwart 2024, sect. 3"

    weight: float = 1.0
    bias: float = 1.0
    scale: float = 1.0
    by_fan_in: bool = False
    activation: float = 1.0

    def __post_init__(self) -> None:
        for role in ("weight", "bias", "scale", "activation"):
            check_number(self, role, 0)

    @property
    def reads_fan_in(self) -> bool:
        return self.by_fan_in

    def settings(self) -> dict[str, float]:
        factors = {
            "weight": self.weight,
            "bias": self.bias,
            "scale": self.scale,
            "activation": self.activation,
        }
        return {f"{role}_factor": factor for role, factor in factors.items() if factor != 1}

    @property
    def form(self) -> str:
        return "_".join([super().form, *self.settings()])

    def change(self, change: Any, at: Parameter) -> Any:
        factor = f"{at.role}_factor"
        if factor in self.settings():
            change = at.settings[factor] * change
        return change / at.fan_in**0.5 if self.by_fan_in and at.is_weight else change


@register
@dataclass(frozen=True)
class ClipValue(Piece):
    """Keeps every entry between -limit and limit."""

    name: ClassVar[str] = "clip_value"

    limit: float = 1.0

    def __post_init__(self) -> None:
        _check_limit("clip_value", self.limit)

    def settings(self) -> dict[str, float]:
        return {"clip_value": self.limit}

    def change(self, change: Any, at: Parameter) -> Any:
        limit = at.settings["clip_value"]
        return np.minimum(np.maximum(change, -limit), limit)


@register
@dataclass(frozen=True)
class ClipNorm(Piece):
    """Shortens all gradients together to a length of at most `limit`."""

    name: ClassVar[str] = "clip_norm"
    source: ClassVar[str] = "Pascanu, Mikolov & Bengio 2013, algorithm 1"

    limit: float = 1.0

    def __post_init__(self) -> None:
        _check_limit("clip_norm", self.limit)

    def settings(self) -> dict[str, float]:
        return {"clip_norm": self.limit}

    def share(self, let: Let, gradients: list[Any], settings: Mapping[str, Any]) -> dict[str, Any]:
        squares = [np.sum(g**2) for g in gradients]
        norm = let("gradient_norm", np.sqrt(sum(squares[1:], start=squares[0])))
        limit = settings["clip_norm"]
        return {"clip_factor": let("clip_factor", limit / np.maximum(norm, limit))}

    def change(self, change: Any, at: Parameter) -> Any:
        return at.shared["clip_factor"] * change


@dataclass(frozen=True, init=False)
class Optimizer(Record):
    """A chain of pieces. ``parameter_next = parameter - `` what the last piece hands on.

    Raises `InputError` if two pieces use one name for a number or a state, if there is not
    exactly one learning rate, or if the norm is clipped after the first piece.
    """

    kind: ClassVar[str] = "optimizer"
    name: ClassVar[str] = "chain"

    pieces: tuple[Piece, ...]

    def __init__(self, *pieces: Piece) -> None:
        for piece in pieces:
            find("piece", piece)
        object.__setattr__(self, "pieces", pieces)
        named = [n for p in pieces for n in (*p.settings(), *p.states)]
        twice = sorted({n for n in named if named.count(n) > 1})
        if twice:
            raise InputError(
                f"Two pieces of the optimizer use {', '.join(twice)}. Expected each piece once."
            )
        if named.count("learning_rate") != 1:
            raise InputError("Expected one ScaleByLearningRate in the chain. Got none.")
        if any(isinstance(p, ClipNorm) for p in pieces[1:]):
            raise InputError("ClipNorm reads the gradients. Expected it as the first piece.")

    @property
    def label(self) -> str:
        """The pieces, in order."""
        return " → ".join(p.label for p in self.pieces)

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the arrays kept for each parameter."""
        return tuple(s for p in self.pieces for s in p.states)

    @property
    def settings(self) -> dict[str, float]:
        """The numbers of all pieces by name."""
        return {k: v for p in self.pieces for k, v in p.settings().items()}

    @property
    def reads_fan_in(self) -> bool:
        """Whether a piece needs to know how many numbers a neuron adds up."""
        return any(p.reads_fan_in for p in self.pieces)

    @property
    def schedules(self) -> dict[str, Schedule]:
        """For each number that may change from update to update, how; the learning rate comes first."""
        found = {name: schedule for p in self.pieces for name, schedule in p.schedules.items()}
        return {"learning_rate": found["learning_rate"]} | found

    @property
    def schedule(self) -> Schedule:
        """The learning rate's schedule."""
        return self.schedules["learning_rate"]

    def stored(self) -> dict[str, Any]:
        """Return the pieces for a model file."""
        return {"pieces": to_data(self.pieces)}

    @classmethod
    def restored(cls, pieces: tuple[Piece, ...]) -> Optimizer:
        """Return the chain of stored pieces."""
        return cls(*pieces)


def _clipping(clip_norm: float | None, clip_value: float | None) -> list[Piece]:
    pieces: list[Piece] = [] if clip_norm is None else [ClipNorm(clip_norm)]
    return pieces if clip_value is None else [*pieces, ClipValue(clip_value)]


def _decay(weight_decay: float, *, with_rate: bool = False) -> list[Piece]:
    return [DecayWeights(weight_decay, with_rate)] if weight_decay else []


def _descent(
    rate: float | Schedule, momentum: float, weight_decay: float, *, nesterov: bool = False
) -> list[Piece]:
    """Return the end of a chain: rate, momentum if any, and a decay that the momentum does not see."""
    by_rate = ScaleByLearningRate(schedule(rate))
    if not momentum:
        return [*_decay(weight_decay), by_rate]
    return [by_rate, Momentum(momentum, nesterov), *_decay(weight_decay, with_rate=True)]


def SGD(
    learning_rate: float | Schedule = 0.01,
    *,
    momentum: float = 0.0,
    nesterov: bool = False,
    weight_decay: float = 0.0,
    clip_norm: float | None = None,
    clip_value: float | None = None,
) -> Optimizer:
    """Return gradient descent, with momentum if given.

    The rate multiplies before the momentum is added (Sutskever et al. 2013), as in
    scikit-learn and Keras: a changed rate acts on new gradients alone.
    """
    return Optimizer(
        *_clipping(clip_norm, clip_value),
        *_descent(learning_rate, momentum, weight_decay, nesterov=nesterov),
    )


def RMSprop(
    learning_rate: float | Schedule = 0.001,
    *,
    decay: float = 0.9,
    epsilon: float = 1e-8,
    momentum: float = 0.0,
    weight_decay: float = 0.0,
    clip_norm: float | None = None,
    clip_value: float | None = None,
) -> Optimizer:
    """Return RMSprop (Tieleman & Hinton 2012)."""
    return Optimizer(
        *_clipping(clip_norm, clip_value),
        ScaleByRms(decay, epsilon),
        *_descent(learning_rate, momentum, weight_decay),
    )


def Adam(
    learning_rate: float | Schedule = 0.001,
    *,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-8,
    clip_norm: float | None = None,
    clip_value: float | None = None,
) -> Optimizer:
    """Return Adam (Kingma & Ba 2015, algorithm 1)."""
    return AdamW(
        learning_rate,
        beta_1=beta_1,
        beta_2=beta_2,
        epsilon=epsilon,
        weight_decay=0.0,
        clip_norm=clip_norm,
        clip_value=clip_value,
    )


def AdamW(
    learning_rate: float | Schedule = 0.001,
    *,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-8,
    weight_decay: float = 0.01,
    clip_norm: float | None = None,
    clip_value: float | None = None,
) -> Optimizer:
    """Return Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2)."""
    return Optimizer(
        *_clipping(clip_norm, clip_value),
        ScaleByAdam(beta_1, beta_2, epsilon),
        *_descent(learning_rate, 0.0, weight_decay),
    )


register(Optimizer)

OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "sgd": SGD,
    "momentum": lambda rate=0.01: SGD(rate, momentum=0.9),
    "nesterov": lambda rate=0.01: SGD(rate, momentum=0.9, nesterov=True),
    "rmsprop": RMSprop,
    "adam": Adam,
    "adamw": AdamW,
}


def optimizer(choice: str | Optimizer) -> Optimizer:
    """Return the optimizer for a name or a chain."""
    if isinstance(choice, str) and choice in OPTIMIZERS:
        return OPTIMIZERS[choice]()
    if isinstance(choice, Optimizer):
        return choice
    if isinstance(choice, str):
        raise unknown_name("optimizer", choice, OPTIMIZERS)
    raise InputError(
        f"Expected an optimizer. Got {choice!r}. Names: {', '.join(OPTIMIZERS)}; "
        "or a chain, such as pellucid.SGD(learning_rate=0.1)."
    )
