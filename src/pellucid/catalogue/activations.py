"""Activation functions: each is one formula in NumPy operations, and its slope.

To add one, add a class here with `@register`. Nothing else has to change.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pellucid.algebra import Node, Symbol, call, derivative, erf, node, substitute, symbols_in
from pellucid.algebra.storage import (
    from_data as expression_from_data,
    to_data as expression_to_data,
)
from pellucid.algebra.values import evaluate
from pellucid.catalogue.records import Record, check_number, find, register
from pellucid.errors import AlgebraError, InputError

INFINITY = math.inf

# Where an activation that nobody has proved is tried.
TRIED_AT = (0.0, 1.0, -1.0, 50.0, -50.0, 800.0, -800.0)


class Activation(Record):
    """Base of activations: ``a = formula(x)``, element by element.

    A subclass gives `formula(x)` and may give `slope(x, a)`, the derivative by x, where
    `a` is the formula's value; without it the slope is found by differentiation.

    `range` is the interval that outputs lie in; `kinks` are the x without a derivative.
    There the slopes written out here are one-sided: 0 where that is one of the two, else the left
    one. A slope found by differentiation is the mean of the two (see `pellucid.algebra`).
    """

    kind: ClassVar[str] = "activation"
    range: ClassVar[tuple[float, float]] = (-INFINITY, INFINITY)
    kinks: ClassVar[tuple[float, ...]] = ()
    elementwise: ClassVar[bool] = True

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            check_number(self, field.name)

    def _try(self, function: Callable[[Any], Any], what: str) -> None:
        for dtype in (np.float64, np.float32):
            points = np.array([TRIED_AT, TRIED_AT[::-1]], dtype).T
            try:
                with np.errstate(all="ignore"):
                    values = np.asarray(function(points))
                    alone = np.ravel([function(point) for point in points.reshape(-1, 1, 1)])
            except (TypeError, ValueError) as error:
                raise InputError(
                    f"Expected {what} to take an array. Got an error: {error} Write it with NumPy "
                    "functions; np.where(x > 0, a, b) takes the place of an if."
                ) from error
            fits = values.shape == points.shape and alone.size == values.size
            if not fits or not np.allclose(alone, values.ravel(), equal_nan=True):
                got = "values that depend on their neighbours" if fits else f"shape {values.shape}"
                raise InputError(
                    f"Expected {what} to work element by element. Got {got} for an array of "
                    f"shape {points.shape}. Write it with NumPy functions of x alone."
                )
            bad = ~np.isfinite(values)
            if bad.any():
                raise InputError(
                    f"Expected {what} to be finite. Got {values[bad][0]} at x = "
                    f"{points[bad][0]:g} in {np.dtype(dtype).name}. Limit x inside it, for "
                    "example with np.clip(x, -50, 50), or give a slope of its own."
                )

    @classmethod
    def check_registered(cls) -> None:
        """Try a slope that is found by differentiation; `InputError` where it is not finite."""
        if cls.elementwise and cls.slope is Activation.slope:
            usual = cls()
            usual._try(lambda x: usual.slope(x, usual.formula(x)), f"the slope of {usual.name}")

    def formula(self, x: Any) -> Any:
        """Return the activation of the net input `x`."""
        raise NotImplementedError

    def slope(self, x: Any, a: Any) -> Any:
        """Return the derivative of the formula at `x`, where its value is `a`."""
        if isinstance(x, Node):

            def formula(x: Any, **numbers: Any) -> Any:
                symbol, slope = _derive_slope(self.using(numbers))
                return _replaced(slope, symbol, x)

            return call(f"{self.name}_slope", formula, x, **self.numbers)
        _, slope = _derived_slope(self)
        return evaluate(slope, {"x": x}, np.asarray(x).dtype)

    def delta(self, error: Any, x: Any, a: Any, slope: Any) -> Any:
        """Return the error at the output carried back to the net input."""
        return error * slope

    def __call__(self, x: Any) -> Any:
        """Return the activation of an array, or of a symbol as a call that can be opened."""
        if isinstance(x, Node):

            def formula(x: Any, **numbers: Any) -> Any:
                return self.using(numbers).formula(x)

            return call(self.name, formula, x, **self.numbers)
        with np.errstate(over="ignore", under="ignore"):
            return self.formula(x)


def _derive_slope(activation: Activation) -> tuple[Symbol, Node]:
    """Return the slope of an activation by differentiation, and the symbol that it is written in."""
    symbol = Symbol("x")
    slope = derivative(node(activation.formula(symbol)), symbol)
    # 0 * x gives a slope that is the same everywhere the shape that arrays have.
    return symbol, slope if "x" in symbols_in(slope) else 0 * symbol + slope


_derived_slope = functools.lru_cache(maxsize=256)(_derive_slope)


def _replaced(expression: Node, symbol: Symbol, by: Node) -> Node:
    return substitute(expression, lambda n: by if n is symbol else None)


@register
@dataclass(frozen=True)
class Identity(Activation):
    """a = x."""

    name: ClassVar[str] = "identity"

    def formula(self, x: Any) -> Any:
        return x

    def slope(self, x: Any, a: Any) -> Any:
        return 0 * x + 1


@register
@dataclass(frozen=True)
class Threshold(Activation):
    """a = 1 where x > 0, else 0: the perceptron's. Its slope is 0 everywhere."""

    name: ClassVar[str] = "threshold"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    kinks: ClassVar[tuple[float, ...]] = (0.0,)
    source: ClassVar[str] = "Rosenblatt 1958"

    def formula(self, x: Any) -> Any:
        return np.where(x > 0, 1.0, 0.0)

    def slope(self, x: Any, a: Any) -> Any:
        return 0 * x


@register
@dataclass(frozen=True)
class Sigmoid(Activation):
    """a = 1 / (1 + exp(-x))."""

    name: ClassVar[str] = "sigmoid"
    aliases: ClassVar[tuple[str, ...]] = ("logistic",)
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)

    def formula(self, x: Any) -> Any:
        return 1 / (1 + np.exp(-x))

    def slope(self, x: Any, a: Any) -> Any:
        return a * (1 - a)


SIGMOID = Sigmoid()


@register
@dataclass(frozen=True)
class Tanh(Activation):
    """a = tanh(x)."""

    name: ClassVar[str] = "tanh"
    range: ClassVar[tuple[float, float]] = (-1.0, 1.0)

    def formula(self, x: Any) -> Any:
        return np.tanh(x)

    def slope(self, x: Any, a: Any) -> Any:
        return 1 - a**2


@register
@dataclass(frozen=True)
class Relu(Activation):
    """a = max(x, 0)."""

    name: ClassVar[str] = "relu"
    range: ClassVar[tuple[float, float]] = (0.0, INFINITY)
    kinks: ClassVar[tuple[float, ...]] = (0.0,)
    source: ClassVar[str] = "Nair & Hinton 2010"

    def formula(self, x: Any) -> Any:
        return np.maximum(x, 0)

    def slope(self, x: Any, a: Any) -> Any:
        return np.where(x > 0, 1.0, 0.0)


@register
@dataclass(frozen=True)
class LeakyRelu(Activation):
    """a = x where x > 0, else negative_slope · x."""

    name: ClassVar[str] = "leaky_relu"
    kinks: ClassVar[tuple[float, ...]] = (0.0,)
    source: ClassVar[str] = "Maas, Hannun & Ng 2013"

    negative_slope: float = 0.01

    def formula(self, x: Any) -> Any:
        return np.where(x > 0, x, self.negative_slope * x)

    def slope(self, x: Any, a: Any) -> Any:
        return np.where(x > 0, 1.0, self.negative_slope)


@register
@dataclass(frozen=True)
class Elu(Activation):
    """a = x where x > 0, else alpha · (exp(x) - 1)."""

    name: ClassVar[str] = "elu"
    kinks: ClassVar[tuple[float, ...]] = (0.0,)
    source: ClassVar[str] = "Clevert, Unterthiner & Hochreiter 2016, eq. 15"

    alpha: float = 1.0

    # The smaller of x and 0 keeps the branch that is not taken finite.
    def formula(self, x: Any) -> Any:
        return np.where(x > 0, x, self.alpha * np.expm1(np.minimum(x, 0)))

    def slope(self, x: Any, a: Any) -> Any:
        return np.where(x > 0, 1.0, self.alpha * np.exp(np.minimum(x, 0)))


SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


@register
@dataclass(frozen=True)
class Selu(Activation):
    """a = scale · (x where x > 0, else alpha · (exp(x) - 1)), with fixed scale and alpha."""

    name: ClassVar[str] = "selu"
    range: ClassVar[tuple[float, float]] = (-SELU_SCALE * SELU_ALPHA, INFINITY)
    kinks: ClassVar[tuple[float, ...]] = (0.0,)
    source: ClassVar[str] = "Klambauer et al. 2017, eq. 2"

    def formula(self, x: Any) -> Any:
        return SELU_SCALE * np.where(x > 0, x, SELU_ALPHA * np.expm1(np.minimum(x, 0)))

    def slope(self, x: Any, a: Any) -> Any:
        return SELU_SCALE * np.where(x > 0, 1.0, SELU_ALPHA * np.exp(np.minimum(x, 0)))


@register
@dataclass(frozen=True)
class Gelu(Activation):
    """a = x · Φ(x), with the exact normal distribution function Φ."""

    name: ClassVar[str] = "gelu"
    range: ClassVar[tuple[float, float]] = (-0.17, INFINITY)
    source: ClassVar[str] = "Hendrycks & Gimpel 2016"

    def formula(self, x: Any) -> Any:
        return x * (0.5 * (1 + erf(x / math.sqrt(2))))

    def slope(self, x: Any, a: Any) -> Any:
        density = np.exp(-0.5 * x**2) / math.sqrt(2 * math.pi)
        return 0.5 * (1 + erf(x / math.sqrt(2))) + x * density


@register
@dataclass(frozen=True)
class Silu(Activation):
    """a = x · sigmoid(x)."""

    name: ClassVar[str] = "silu"
    aliases: ClassVar[tuple[str, ...]] = ("swish",)
    range: ClassVar[tuple[float, float]] = (-0.28, INFINITY)
    source: ClassVar[str] = "Elfwing, Uchibe & Doya 2018"

    def formula(self, x: Any) -> Any:
        return x * SIGMOID(x)

    def slope(self, x: Any, a: Any) -> Any:
        gate = SIGMOID(x)
        return gate + a * (1 - gate)


@register
@dataclass(frozen=True)
class Softplus(Activation):
    """a = log(1 + exp(x)), written so that large x stay finite."""

    name: ClassVar[str] = "softplus"
    range: ClassVar[tuple[float, float]] = (0.0, INFINITY)
    source: ClassVar[str] = "Dugas et al. 2001"

    def formula(self, x: Any) -> Any:
        return np.maximum(x, 0) + np.log1p(np.exp(-abs(x)))

    def slope(self, x: Any, a: Any) -> Any:
        return SIGMOID(x)


SOFTPLUS = Softplus()


@register
@dataclass(frozen=True)
class Mish(Activation):
    """a = x · tanh(softplus(x))."""

    name: ClassVar[str] = "mish"
    range: ClassVar[tuple[float, float]] = (-0.31, INFINITY)
    source: ClassVar[str] = "Misra 2019"

    def formula(self, x: Any) -> Any:
        return x * np.tanh(SOFTPLUS(x))

    def slope(self, x: Any, a: Any) -> Any:
        gate = np.tanh(SOFTPLUS(x))
        return gate + x * SIGMOID(x) * (1 - gate**2)


@register
@dataclass(frozen=True)
class Exp(Activation):
    """a = exp(x): for outputs that are positive, such as expected counts."""

    name: ClassVar[str] = "exp"
    range: ClassVar[tuple[float, float]] = (0.0, INFINITY)

    def formula(self, x: Any) -> Any:
        return np.exp(x)

    def slope(self, x: Any, a: Any) -> Any:
        return a


@register
@dataclass(frozen=True)
class Softmax(Activation):
    """a = exp(x) / the sum of exp(x) over the row: positive, and a row adds up to 1.

    Every output depends on every net input of its row, so there is no slope for one neuron;
    `delta` is the error times the whole Jacobian, in its short form.
    """

    name: ClassVar[str] = "softmax"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    elementwise: ClassVar[bool] = False
    source: ClassVar[str] = "Bridle 1990"

    def formula(self, x: Any) -> Any:
        # Less the largest of the row: the same quotient, and exp cannot overflow.
        powers = np.exp(x - np.max(x, axis=1, keepdims=True))
        return powers / np.sum(powers, axis=1, keepdims=True)

    def delta(self, error: Any, x: Any, a: Any, slope: Any) -> Any:
        return a * (error - np.sum(error * a, axis=1, keepdims=True))


@register
@dataclass(frozen=True)
class OwnActivation(Activation):
    """An activation of the user's: any function of NumPy operations.

    Parameters
    ----------
    function
        ``function(x)`` in NumPy operations, element by element.
    slope_function
        ``slope_function(x)``, its derivative; found by differentiation when left out.
    label_
        The name to show; the function's own name by default.

    Raises
    ------
    AlgebraError
        If the function uses something outside the vocabulary and has no slope of its own.
    InputError
        If the function or its slope is not finite at 0, ±1, ±50 or ±800.

    Examples
    --------
    >>> bump = OwnActivation(lambda x: np.exp(-x**2))
    >>> float(bump.slope(np.array([0.0]), None)[0])
    -0.0
    """

    name: ClassVar[str] = "own"

    function: Callable[[Any], Any]
    slope_function: Callable[[Any], Any] | None = None
    label_: str = ""

    def __post_init__(self) -> None:
        expression = self._expression(self.function)
        self._try(self.formula, f"the activation {self.label}")
        if self.slope_function is None and expression is None:
            self.function(Symbol("x"))  # raises with the reason
        self._try(lambda x: self.slope(x, self.formula(x)), f"the slope of {self.label}")

    @property
    def label(self) -> str:
        """The name to show."""
        given = self.label_ or getattr(self.function, "__name__", "own")
        return "own" if given == "<lambda>" else given

    def formula(self, x: Any) -> Any:
        return self.function(x)

    def slope(self, x: Any, a: Any) -> Any:
        return super().slope(x, a) if self.slope_function is None else self.slope_function(x)

    def __call__(self, x: Any) -> Any:
        return call(self.label, self.function, x) if isinstance(x, Node) else super().__call__(x)

    @staticmethod
    def _expression(function: Callable[[Any], Any]) -> Node | None:
        try:
            result = function(Symbol("x", ("n", 1)))
        except (AlgebraError, TypeError):
            return None
        return result if isinstance(result, Node) else None

    def stored(self) -> dict[str, Any]:
        """Return the function as its expression; `InputError` if it has none."""
        data: dict[str, Any] = {"label_": self.label}
        for field in ("function", "slope_function"):
            function = getattr(self, field)
            expression = None if function is None else self._expression(function)
            if function is not None and expression is None:
                raise InputError(
                    f"The activation {self.label} cannot be stored: it has no expression, because "
                    "it uses more than NumPy's element-wise functions. Write it with those."
                )
            data[field] = None if expression is None else [expression_to_data(expression)]
        return data

    @classmethod
    def restored(cls, label_: str, function: Any, slope_function: Any) -> OwnActivation:
        """Return the activation that `stored` described."""

        def made(data: Any) -> Callable[[Any], Any] | None:
            if data is None:
                return None
            symbol = Symbol("x")
            expression = expression_from_data(_as_lists(data[0]), {"x": symbol})

            def function(x: Any) -> Any:
                if isinstance(x, Node):
                    return _replaced(expression, symbol, x)
                return evaluate(expression, {"x": x}, np.asarray(x).dtype)

            return function

        restored = made(function)
        if restored is None:
            raise TypeError("an activation without a function")
        return cls(restored, made(slope_function), label_)


def _as_lists(data: Any) -> Any:
    return [_as_lists(d) for d in data] if isinstance(data, tuple) else data


def activation(choice: str | Activation | Callable[[Any], Any]) -> Activation:
    """Return the activation for a name, a record, or a function of NumPy operations."""
    found: Activation = find("activation", choice, OwnActivation if callable(choice) else None)
    return found
