"""One function for each peer: `prepare(workload)` returns `fit(epochs)`, which trains from the start.

Every peer runs in a process of its own, so that no one's idle threads disturb another's.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Fit = Callable[[int], object]


@dataclass(frozen=True)
class Workload:
    """Rows, layers and batch of the speed table; `epochs` is n of t(3n) - t(n).

    With n = 1 the first epoch, on cold caches and waking cores, makes t(n) long and the marginal
    time short: W3 looked a quarter faster than it was.
    """

    rows: int
    sizes: tuple[int, ...]
    batch: int
    epochs: int


WORKLOADS = {
    "W1": Workload(3, (4, 3, 1), 3, 5000),
    "W2": Workload(60_000, (784, 128, 10), 128, 2),
    "W3": Workload(20_000, (16, 256, 256, 256, 26), 256, 3),
    "W4": Workload(1_797, (64, 32, 10), 32, 20),
    "W5": Workload(1_797, (64, 32, 10), 1, 2),
}


def data(work: Workload) -> tuple[Any, Any]:
    """Return float32 inputs and class numbers."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(work.rows, work.sizes[0])).astype(np.float32)
    return X, rng.integers(work.sizes[-1], size=work.rows)


def pellucid(work: Workload, threads: int) -> Fit:
    """Train by the engine's calls, an epoch each, with a new order for each epoch."""
    from pellucid.catalogue.optimizers import SGD, Adam
    from pellucid.engine.engine import Engine
    from pellucid.network import Network
    from pellucid.step import Step

    if work.rows == 3:
        X, y = worked()
        net = Network(work.sizes, activation="sigmoid", output_activation="sigmoid")
        start = net.start(0)
        whole = Step(net, SGD(0.1), reduction="sum")

        def all_at_once(epochs: int) -> object:
            engine = Engine(whole, X, y, threads=1)
            return engine.run(start.copy(), engine.states(), epochs=epochs)

        return all_at_once
    X, classes = data(work)
    y = np.eye(work.sizes[-1], dtype=np.float32)[classes]
    net = Network(work.sizes, loss="cross_entropy")
    step = Step(net, Adam())
    per_epoch = -(-work.rows // work.batch)

    def fit(epochs: int) -> object:
        rng = np.random.default_rng(1)
        engine = Engine(step, X, y, batch_size=work.batch, threads=threads or None)
        flat, states = net.start(0, dtype=np.float32), engine.states()
        for epoch in range(epochs):
            order = rng.permutation(work.rows)
            engine.run(flat, states, order=order, epoch=epoch, made=epoch * per_epoch)
        return flat

    return fit


def worked() -> tuple[Any, Any]:
    """Return three rows of four inputs and their targets."""
    rng = np.random.default_rng(0)
    return rng.uniform(size=(3, 4)), rng.uniform(size=(3, 1))


def tutorial(work: Workload, threads: int) -> Fit:
    """Train by the loop of a NumPy tutorial, for the worked example."""
    X, y = worked()

    def sigmoid(x: Any) -> Any:
        return 1 / (1 + np.exp(-x))

    def fit(epochs: int) -> object:
        rng = np.random.default_rng(0)
        W1, b1 = rng.uniform(size=(4, 3)), rng.uniform(size=(1, 3))
        W2, b2 = rng.uniform(size=(3, 1)), rng.uniform(size=(1, 1))
        for _ in range(epochs):
            hidden = sigmoid(np.dot(X, W1) + b1)
            output = sigmoid(np.dot(hidden, W2) + b2)
            delta_output = (y - output) * (output * (1 - output))
            delta_hidden = delta_output.dot(W2.T) * (hidden * (1 - hidden))
            W2 += hidden.T.dot(delta_output) * 0.1
            b2 += np.sum(delta_output, axis=0, keepdims=True) * 0.1
            W1 += X.T.dot(delta_hidden) * 0.1
            b1 += np.sum(delta_hidden, axis=0, keepdims=True) * 0.1
        return W1

    return fit


def scikit_learn(work: Workload, threads: int) -> Fit:
    """MLPClassifier, or for the worked example MLPRegressor, without penalty and early end."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from threadpoolctl import threadpool_limits

    threadpool_limits(threads)
    return fits(work, MLPClassifier, MLPRegressor)


def estimator(work: Workload, threads: int) -> Fit:
    """Pellucid's estimators of the same names: whole fits, with all that stands around the engine."""
    from pellucid import MLPClassifier, MLPRegressor

    return fits(work, MLPClassifier, MLPRegressor, engine="compiled")


def fits(work: Workload, classifier: Any, regressor: Any, **own: Any) -> Fit:
    """Return the fit of an estimator with scikit-learn's parameters."""
    warnings.simplefilter("ignore")
    options: dict[str, Any] = {
        "hidden_layer_sizes": work.sizes[1:-1],
        "alpha": 0.0,
        "tol": 0.0,
        "n_iter_no_change": 10**9,
        "batch_size": work.batch,
        "random_state": 0,
        **own,
    }
    if work.rows == 3:
        X, y = worked()
        plain = {"solver": "sgd", "activation": "logistic", "momentum": 0.0, "shuffle": False}
        return lambda epochs: regressor(**options, **plain, max_iter=epochs).fit(X, y.ravel())
    X, classes = data(work)
    return lambda epochs: classifier(**options, max_iter=epochs).fit(X, classes)


def torch(work: Workload, threads: int) -> Fit:
    """PyTorch eager: tensors indexed by a permutation, fused Adam."""
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    X, classes = data(work)
    inputs, targets = torch.from_numpy(X), torch.from_numpy(classes)

    def fit(epochs: int) -> object:
        layers: list[Any] = []
        for fan_in, fan_out in zip(work.sizes, work.sizes[1:], strict=False):
            layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
        net = nn.Sequential(*layers[:-1])
        optimizer = torch.optim.Adam(net.parameters(), fused=True)
        loss = nn.CrossEntropyLoss()
        for _ in range(epochs):
            order = torch.randperm(work.rows)
            for start in range(0, work.rows, work.batch):
                chosen = order[start : start + work.batch]
                optimizer.zero_grad(set_to_none=True)
                loss(net(inputs[chosen]), targets[chosen]).backward()
                optimizer.step()
        return net

    return fit


def jax(work: Workload, threads: int) -> Fit:
    """JAX: a whole epoch, gathered by a permutation, in one jitted scan."""
    import jax
    import jax.numpy as jnp

    X, classes = data(work)
    inputs, targets = jnp.asarray(X), jnp.asarray(classes)
    batches = work.rows // work.batch

    def loss(parameters: Any, x: Any, y: Any) -> Any:
        for W, b in parameters[:-1]:
            x = jax.nn.relu(x @ W + b)
        W, b = parameters[-1]
        return -jnp.mean(jax.nn.log_softmax(x @ W + b)[jnp.arange(len(y)), y])

    def one(carry: Any, chosen: Any) -> Any:
        parameters, first, second, t = carry
        gradient = jax.grad(loss)(parameters, inputs[chosen], targets[chosen])
        t = t + 1
        map_ = jax.tree_util.tree_map
        first = map_(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = map_(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
        parameters = map_(
            lambda p, m, v: p - 1e-3 * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8),
            parameters,
            first,
            second,
        )
        return (parameters, first, second, t), None

    @jax.jit
    def epoch(carry: Any, key: Any) -> Any:
        order = jax.random.permutation(key, work.rows)[: batches * work.batch]
        return jax.lax.scan(one, carry, order.reshape(batches, work.batch))[0]

    rng = np.random.default_rng(0)
    start = [
        (
            jnp.asarray(rng.normal(0, a**-0.5, (a, b)).astype(np.float32)),
            jnp.zeros(b, jnp.float32),
        )
        for a, b in zip(work.sizes, work.sizes[1:], strict=False)
    ]
    zeros = jax.tree_util.tree_map(jnp.zeros_like, start)

    def fit(epochs: int) -> object:
        carry: Any = (start, zeros, zeros, jnp.float32(0))
        for key in jax.random.split(jax.random.key(0), epochs):
            carry = epoch(carry, key)
        return jax.block_until_ready(carry)

    return fit


def floor(work: Workload, threads: int) -> Fit:
    """Compute the matrix products alone, by NumPy into memory that is there."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(threads)
    signals = [np.ones((work.batch, s), np.float32) for s in work.sizes]
    errors = [np.ones((work.batch, s), np.float32) for s in work.sizes]
    weights = [
        np.ones((a, b), np.float32) for a, b in zip(work.sizes, work.sizes[1:], strict=False)
    ]
    gradients = [np.empty_like(W) for W in weights]

    def fit(epochs: int) -> object:
        for _ in range(epochs * -(-work.rows // work.batch)):
            for at, W in enumerate(weights):
                np.dot(signals[at], W, out=signals[at + 1])
            for at in range(len(weights) - 1, -1, -1):
                np.dot(signals[at].T, errors[at + 1], out=gradients[at])
                if at:
                    np.dot(errors[at + 1], weights[at].T, out=errors[at])
        return gradients

    return fit


PEERS: dict[str, tuple[Callable[[Workload, int], Fit], int, tuple[str, ...]]] = {
    "pellucid": (pellucid, 0, tuple(WORKLOADS)),
    "whole fit": (estimator, 0, tuple(WORKLOADS)),
    "tutorial": (tutorial, 1, ("W1",)),
    "scikit-learn 1": (scikit_learn, 1, tuple(WORKLOADS)),
    "scikit-learn 2": (scikit_learn, 2, ("W2", "W3")),
    "torch 1": (torch, 1, ("W2", "W3", "W4", "W5")),
    "torch 2": (torch, 2, ("W2", "W3")),
    "jax": (jax, 0, ("W2", "W3", "W4", "W5")),
    "floor 1": (floor, 1, ("W2", "W3", "W4")),
    "floor 2": (floor, 2, ("W2", "W3")),
}
