"""The way of rows through a fitted MLP: short for plain arrays of floats, compiled where the fit was."""

from __future__ import annotations

import math
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import is_
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from pellucid.errors import AlgebraError, InputError, explain
from pellucid.estimators.mlp_plan import Plan
from pellucid.network import Network
from pellucid.step import Step, forward
from pellucid.training.choice import are_on_disk

if TYPE_CHECKING:
    from pellucid.engine.predictor import Predictor

Array = NDArray[Any]

# From so many multiplications on, kernels that are on the disk are worth loading for one prediction.
WORTH_LOADING = 1_000_000_000


@dataclass(eq=False)
class Ready:
    """A fitted network as the user's two lists have it, ready to answer.

    Attributes
    ----------
    arrays
        The arrays of the lists, weights and bias of each layer in turn.
    network, output
        Of the lists, and the output activation's name that was asked for.
    parameters
        The arrays by their names in a step.
    flat
        The vector that all arrays are views of, or None: then it has to be put together for each call,
        because an array of a user's own may be changed at any time.
    """

    arrays: tuple[Any, ...]
    network: Network
    output: Any
    parameters: dict[str, Array]
    flat: Array | None
    predictors: dict[tuple[str, bool, str], Predictor] = field(default_factory=dict)
    plans: dict[str, Callable[[Any], Array]] = field(default_factory=dict)

    def fits(self, model: Any) -> bool:
        """Return whether the estimator still has these arrays, and this output."""
        coefs, intercepts, layers = model.coefs_, model.intercepts_, len(self.arrays) // 2
        return (
            model.out_activation_ is self.output
            and len(coefs) == len(intercepts) == layers
            and all(map(is_, coefs, self.arrays[::2]))
            and all(map(is_, intercepts, self.arrays[1::2]))
        )

    def value(self, X: Any, wanted: str) -> Array:
        """Return a value of the forward pass for rows, by NumPy."""
        if wanted not in self.plans:
            self.plans[wanted] = self._planned(wanted)
        return self.plans[wanted](X)

    def _planned(self, wanted: str) -> Callable[[Any], Array]:
        try:
            equations = Step(self.network, dropout=False).inference
            return Plan(equations, {**self.parameters, **self.network.settings}, wanted)
        except (AlgebraError, TypeError):
            return lambda X: self._by_lines(X)[wanted]  # a user's own function can be no equation

    def _by_lines(self, X: Any) -> dict[str, Any]:
        with np.errstate(all="ignore"):
            return forward(_as_it_is, self.network, {"X": X, **self.parameters})

    def compiled(self, X: Any) -> Array:
        """Return the outputs for rows, by kernels; sparse rows stay sparse."""
        flat = self.flat
        if flat is None:
            flat = np.concatenate([np.ravel(p) for p in self.parameters.values()])
        # Kernels know two types; numbers of more digits go in float64.
        common = X.dtype if X.dtype == flat.dtype else np.result_type(X.dtype, flat.dtype)
        small = common == np.float32
        dtype, sparse = np.dtype(np.float32 if small else np.float64), ""
        if type(X) is np.ndarray:
            X = np.ascontiguousarray(X, dtype)
        else:
            from pellucid.engine.sparse import in_place, index_of

            X = in_place(X, dtype)
            sparse = index_of(X)
        flat, one = np.ascontiguousarray(flat, dtype), len(X) == 1
        kind = (dtype.name, one, sparse)
        if kind not in self.predictors:
            from pellucid.engine.engine import CHUNK
            from pellucid.engine.predictor import Predictor

            rows = 1 if one else CHUNK
            self.predictors[kind] = Predictor(self.network, dtype, rows, sparse=sparse)
        predictor = self.predictors[kind]
        return predictor.of_sparse(flat, X) if sparse else predictor(flat, X)


def _as_it_is(name: str, value: Any) -> Any:
    return value


# A predictor's buffers are of one thread, and no part of the estimator that is copied or saved.
_of_this_thread = threading.local()


def ready(model: Any) -> Ready:
    """Return the estimator's network, ready to answer; what was made ready before, if nothing changed."""
    known: WeakKeyDictionary[Any, Ready] | None = getattr(_of_this_thread, "known", None)
    if known is None:
        known = _of_this_thread.known = WeakKeyDictionary()
    found = known.get(model)
    if found is None or not found.fits(model):
        found = known[model] = _made_ready(model)
        if not all(isinstance(a, np.ndarray) for a in found.arrays):
            del known[model]  # of a list it has a copy, and would not see what changes in it
    return found


def _made_ready(model: Any) -> Ready:
    parameters = model._parameters()
    arrays = tuple(a for pair in zip(model.coefs_, model.intercepts_, strict=True) for a in pair)
    for layer, (W, b) in enumerate(zip(model.coefs_, model.intercepts_, strict=True), 1):
        if np.size(b) != np.shape(W)[1]:
            raise InputError(
                explain(
                    expected=f"as many biases in layer {layer} as it has neurons, {np.shape(W)[1]}",
                    got=f"{np.size(b)} in intercepts_[{layer - 1}]",
                    do="give each array of coefs_ its array of intercepts_",
                )
            )
    network = model._network_now()
    ordered = {name: parameters[name] for name in network.parameter_shapes}
    return Ready(arrays, network, model.out_activation_, ordered, _shared_vector(arrays, network))


def _shared_vector(arrays: tuple[Any, ...], network: Network) -> Array | None:
    """Return the flat vector that arrays are views of, in its order, without a gap; None otherwise."""
    flat: Array | None = getattr(arrays[0], "base", None)
    whole = isinstance(flat, np.ndarray) and flat.shape == (network.parameter_count,)
    if flat is None or not whole or not flat.flags.c_contiguous:
        return None
    at = flat.ctypes.data
    for array in arrays:
        place = isinstance(array, np.ndarray) and array.dtype == flat.dtype
        if not (place and array.flags.c_contiguous and array.ctypes.data == at):
            return None
        at += array.nbytes
    return flat


def is_compiled(model: Any, X: Any) -> bool:
    """Return whether rows are predicted by kernels.

    They are where the fit was, and with engine="auto" also where there are very many of them and the
    kernels are on the disk. Of a sparse row's first layer, the stored entries count.
    """
    if type(X) is not np.ndarray and not issparse(X):
        return False
    if model.engine_ == "compiled":
        return True
    if model.engine != "auto" or X.shape[0] == 1:
        return False  # one row goes the shortest way
    first, *others = (np.size(W) for W in model.coefs_)
    work = X.shape[0] * sum(others)
    work += X.nnz * np.shape(model.coefs_[0])[1] if issparse(X) else X.shape[0] * first
    return bool(work > WORTH_LOADING and are_on_disk())


def plain_rows(model: Any, X: Any) -> bool:
    """Return whether `X` is an array of floats that needs no further check.

    It has two axes, the right number of columns, and finite numbers. Where the estimator knows the names
    of its columns, an array without names gets scikit-learn's warning.
    """
    if type(X) is not np.ndarray or X.ndim != 2 or X.dtype.char not in "fd":
        return False
    if not (hasattr(model, "coefs_") and len(X) and X.shape[1] == model.n_features_in_):
        return False
    # One pass without a copy; squares beyond the type's range are told apart by the long way.
    if not math.isfinite(np.vdot(X, X)):
        return False
    if hasattr(model, "feature_names_in_"):
        warnings.warn(
            f"X does not have valid feature names, but {type(model).__name__} was fitted with feature "
            "names",
            UserWarning,
            stacklevel=4,
        )
    return True
