"""scikit-learn's MLP, started from the same weights, arrives at the same weights: an oracle that others wrote."""

import numpy as np
import pytest
from agreement.relative import assert_agree
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from pellucid.catalogue.optimizers import SGD, Adam
from pellucid.network import Network
from pellucid.step import Step
from pellucid.training.batches import batches_per_epoch, epoch_batches
from pellucid.training.updates import Updates

EPOCHS, ROWS, INPUTS = 10, 11, 3

# scikit-learn adds epsilon before Adam's correction of the bias, and we after: it is made too small to be seen.
OPTIMIZERS = {
    "sgd": (SGD(0.1), {"solver": "sgd", "learning_rate_init": 0.1, "momentum": 0.0}),
    "momentum": (
        SGD(0.05, momentum=0.8),
        {"solver": "sgd", "learning_rate_init": 0.05, "momentum": 0.8, "nesterovs_momentum": False},
    ),
    "nesterov": (
        SGD(0.05, momentum=0.8, nesterov=True),
        {"solver": "sgd", "learning_rate_init": 0.05, "momentum": 0.8, "nesterovs_momentum": True},
    ),
    "adam": (
        Adam(0.01, epsilon=1e-100),
        {"solver": "adam", "learning_rate_init": 0.01, "epsilon": 1e-100},
    ),
}

# what it is called -> (scikit-learn's class, loss, output activation, outputs)
TASKS = {
    "one number": (MLPRegressor, "squared_error", "identity", 1),
    "two numbers": (MLPRegressor, "squared_error", "identity", 2),
    "counts": (MLPRegressor, "poisson", "exp", 1),
    "two classes": (MLPClassifier, "binary_cross_entropy", "sigmoid", 1),
    "three classes": (MLPClassifier, "cross_entropy", "softmax", 3),
}


def targets(task, rng):
    """Return targets as scikit-learn takes them, and as the network does."""
    _, loss, _, outputs = TASKS[task]
    if loss == "squared_error":
        y = rng.normal(size=(ROWS, outputs))
    elif loss == "poisson":
        y = rng.poisson(3.0, (ROWS, 1)).astype(float)
    elif loss == "binary_cross_entropy":
        y = (np.arange(ROWS) % 2).reshape(-1, 1).astype(float)
    else:
        labels = np.arange(ROWS) % outputs
        return labels, np.eye(outputs)[labels]
    return (y if outputs > 1 else y.ravel()), y


def theirs(task, network, start, X, y, weight, **options):
    """Return scikit-learn's weights and biases after the epochs, from our start weights, by our names."""
    kind, loss, _, _ = TASKS[task]
    options |= {"loss": loss} if kind is MLPRegressor else {}
    model = kind(
        hidden_layer_sizes=network.sizes[1:-1],
        alpha=0.0,
        shuffle=False,
        warm_start=True,
        max_iter=1,
        tol=0.0,
        n_iter_no_change=1000,
        random_state=0,
        **options,
    )
    with pytest.warns(ConvergenceWarning):
        model.fit(X, y)
    depth = len(network.layers)
    # A warm start takes the weights that stand in these lists.
    model.coefs_ = [start[f"W{at}"].copy() for at in range(1, depth + 1)]
    model.intercepts_ = [start[f"b{at}"].ravel().copy() for at in range(1, depth + 1)]
    model.max_iter, model.n_iter_ = EPOCHS, 0
    with pytest.warns(ConvergenceWarning):
        model.fit(X, y, **({} if weight is None else {"sample_weight": weight.ravel()}))
    ours = {f"W{at}": W for at, W in enumerate(model.coefs_, 1)}
    return ours | {f"b{at}": b.reshape(1, -1) for at, b in enumerate(model.intercepts_, 1)}


def both(task, activation, optimizer, batch_size=None, weighted=False):
    """Return the parameters after the epochs, ours and theirs."""
    rng = np.random.default_rng(3)
    _, loss, last, outputs = TASKS[task]
    X = rng.normal(size=(ROWS, INPUTS))
    labels, y = targets(task, rng)
    weight = rng.uniform(0.5, 2, (ROWS, 1)) if weighted else None
    ours = {"relu": "relu", "tanh": "tanh", "logistic": "sigmoid", "identity": "identity"}[
        activation
    ]
    network = Network([INPUTS, 5, 4, outputs], activation=ours, output_activation=last, loss=loss)
    chain, options = OPTIMIZERS[optimizer]
    updates = Updates(Step(network, chain, weighted=weighted), network.start(rng))
    start = {name: value.copy() for name, value in updates.parameters.items()}
    total = EPOCHS * batches_per_epoch(batch_size, ROWS)
    for epoch in range(EPOCHS):
        for rows in epoch_batches(ROWS, batch_size):
            some = None if weight is None else weight[rows]
            updates.make(
                updates.given(X[rows], y[rows], some, epoch=epoch, progress=updates.number / total)
            )
    options = {**options, "activation": activation, "batch_size": batch_size or ROWS}
    return updates.parameters, theirs(task, network, start, X, labels, weight, **options)


def assert_same(ours, theirs):
    for name, value in ours.items():
        assert_agree(value, theirs[name], 1e-10, name)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("task", TASKS)
def test_tasks_and_optimizers(task, optimizer):
    assert_same(*both(task, "tanh", optimizer))


@pytest.mark.parametrize("activation", ["relu", "logistic", "identity"])
def test_activations(activation):
    assert_same(*both("two numbers", activation, "momentum"))


@pytest.mark.parametrize("task", ["two numbers", "three classes"])
def test_batches_and_a_short_last_one(task):
    assert_same(*both(task, "relu", "adam", batch_size=4))


@pytest.mark.parametrize("task", ["one number", "three classes"])
def test_weights_of_rows(task):
    assert_same(*both(task, "tanh", "sgd", weighted=True))
