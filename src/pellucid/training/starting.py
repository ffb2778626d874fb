"""Start weights that read rows: each layer's are drawn when its signal is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pellucid.names import describe
from pellucid.network import Network
from pellucid.step.forward import forward, signal_into

Array = NDArray[Any]

# Of more rows so many are drawn: a standard deviation is then right to about a hundredth.
MOST_ROWS = 4096


def start_on(
    network: Network,
    X: Array,
    random_state: Any = None,
    parameters: Mapping[str, Any] | None = None,
    dtype: DTypeLike = np.float64,
) -> Array:
    """Return start weights for training on rows, as one flat vector.

    Where no initializer reads rows, they are those of `Network.start`, draw for draw.

    Parameters
    ----------
    network
        The network.
    X
        The rows, shape (n, inputs). What is computed from them has their type.
    random_state, parameters, dtype
        As in `Network.start`, and what it raises.
    """
    rng = np.random.default_rng(random_state)
    if not any(layer.initializer.reads_rows for layer in network.layers):
        return network.start(rng, parameters, dtype)
    flat = np.ones(network.parameter_count, dtype)  # a factor starts at 1
    network.put(flat, parameters or {})
    few = X if len(X) <= MOST_ROWS else X[rng.choice(len(X), MOST_ROWS, replace=False)]
    given = _Drawn(network, few, network.views(flat), rng)
    given |= {name: given.views[name] for name in parameters or {}}
    forward(given.let, network, given)
    return flat


class _Drawn(dict[str, Any]):
    """What a forward pass reads: the weights and biases of a layer are drawn when it asks for them."""

    def __init__(
        self, network: Network, X: Array, views: dict[str, Array], rng: np.random.Generator
    ) -> None:
        super().__init__(X=X)
        self.views, self.made = views, dict[str, Any]()
        self._network, self._rng = network, rng

    def let(self, name: str, value: Any) -> Any:
        return self.made.setdefault(name, value)

    def __missing__(self, name: str) -> Array:
        layer, view = describe(name).layer, self.views[name]
        if name in (f"W{layer}", f"b{layer}"):
            assert layer is not None
            initializer = self._network.layers[layer - 1].initializer
            signal, size = signal_into(self.made, self, layer), view.shape[1]
            view[:] = (
                initializer.weights_on(self._rng, signal, size)
                if name[0] == "W"
                else initializer.bias_on(self._rng, signal, self[f"W{layer}"])
            )
        self[name] = view
        return view
