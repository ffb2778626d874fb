"""What the parameters and attributes of the MLP estimators mean: written once, for both docstrings."""

from __future__ import annotations

import inspect
from typing import Any, TypeVar

C = TypeVar("C", bound=type)

PARAMETERS = {
    "hidden_layer_sizes": "The number of neurons in each hidden layer; empty for a linear model.",
    "activation": "Of the hidden layers: a name, a record such as ``pellucid.LeakyRelu(0.1)``, a function of "
    "NumPy operations, or a list with one of these for each layer.",
    "solver": "'sgd', 'adam' (both in scikit-learn's form), 'lbfgs', the name of another optimizer such as "
    "'adamw' or 'rmsprop', or a chain such as ``pellucid.SGD(0.1)``, which has its own rate.",
    "alpha": "Strength of the L2 penalty; it is divided by the number of rows of the batch, as in scikit-learn.",
    "batch_size": "Rows that make one update; 'auto' is 200, or all if there are fewer; 'by_rows' grows with the "
    "table, from 32 to 1,024. L-BFGS takes all.",
    "learning_rate": "How the rate changes. 'constant', 'invscaling' and 'adaptive' are scikit-learn's and serve "
    "'sgd'. Another schedule, by name or as a record such as ``pellucid.Cosine(0.01)``, serves every "
    "stochastic solver; a record has its own rate.",
    "learning_rate_init": "The rate at the start.",
    "power_t": "Exponent of 'invscaling': the rate is divided by (rows seen + 1) to this power after each epoch.",
    "max_iter": "The largest number of epochs, or of iterations of L-BFGS.",
    "shuffle": "Whether the rows are shuffled before each epoch.",
    "random_state": "Seed of start weights, validation rows and shuffles, drawn as scikit-learn draws them.",
    "tol": "What counts as progress of the loss or the score; for L-BFGS the gradient at which it ends.",
    "verbose": "Whether each epoch is written to the standard output.",
    "warm_start": "Whether `fit` starts from the weights there are, with a new optimizer.",
    "momentum": "Share of the velocity that 'sgd' keeps.",
    "nesterovs_momentum": "Whether 'sgd' looks one step ahead.",
    "early_stopping": "Whether held-out rows end the training, and the weights of the best epoch are kept.",
    "validation_fraction": "The share of rows that early stopping sets aside.",
    "beta_1": "Share of the mean gradient that 'adam' keeps.",
    "beta_2": "Share of the mean squared gradient that 'adam' keeps.",
    "epsilon": "What keeps the division of 'adam' finite.",
    "n_iter_no_change": "So many epochs without progress are allowed; `numpy.inf` for any number.",
    "max_fun": "The largest number of losses that L-BFGS computes.",
    "loss": "A name or a record. 'log_loss' is cross-entropy: of one choice with 'softmax', of a yes or no for "
    "each output with 'logistic'.",
    "output_activation": "Of the last layer; None for the one that goes with target and loss.",
    "dropout": "Share of hidden activations left out in training: one number, or one for each hidden layer.",
    "l1": "Strength of a penalty on the absolute weights; it is divided by nothing.",
    "clip_norm": "All gradients together are shortened to this length.",
    "clip_value": "Each entry of the gradients is kept between minus this and this.",
    "initializer": "How start weights are drawn: a name, a record, or one for each layer. None is scikit-learn's.",
    "start_weights": "Weights and biases to start from, by their names W1, b1, W2, …; the others are drawn.",
    "class_weight": "How much each class counts: a dictionary, or 'balanced' for the inverse of its frequency.",
    "label_smoothing": "Share of each target that is spread evenly over the classes.",
    "scoring": "What judges the held-out rows: a scorer or its name, 'loss' for minus their loss, None for `score`.",
    "restore_best_weights": "Whether the weights of the best epoch are kept without early stopping too.",
    "time_limit": "Seconds after which no further update is begun.",
    "listeners": "Functions that are called with the events of the training, of each update where they are marked "
    "with `every_update`; see `pellucid.training.events`.",
    "engine": "What trains: 'compiled' kernels, 'numpy', or 'auto': NumPy where it is done before kernels would be "
    "ready, and where a listener hears every update. They differ by rounding alone. See "
    "`pellucid.training.choice.choose`.",
    "n_jobs": "Threads of the compiled engine; -1 for one on each processor, None for as many as pay. Equal numbers "
    "give equal bits.",
}

ATTRIBUTES = {
    "coefs_, intercepts_": "Weights and biases, layer by layer. Prediction and continued fits read what stands here.",
    "classes_": "The classes, sorted.",
    "loss_, best_loss_, loss_curve_": "The loss of the last epoch, the smallest, and that of each epoch.",
    "validation_scores_, best_validation_score_": "The score of held-out rows after each epoch, and the best; None "
    "without such rows.",
    "validation_loss_curve_": "The loss of held-out rows after each epoch, without penalties; None without such rows.",
    "n_iter_, t_": "Epochs (or iterations) of the last fit; rows that all epochs have seen.",
    "n_layers_, n_outputs_, out_activation_": "Layers with the inputs', output neurons, their activation.",
    "n_features_in_, feature_names_in_": "Columns of the rows that were fitted, and their names if they had any.",
    "engine_": "What has trained it: 'compiled' or 'numpy'.",
    "network_": "The network, as `pellucid.Network`.",
    "history_": "Every epoch of the last fit.",
    "stopped_because_": "Why the last fit ended.",
}


def with_parameters(kind: C) -> C:
    """Add the meaning of its parameters and attributes to a class's docstring."""
    lines = ["Parameters", "----------"]
    for name, parameter in inspect.signature(kind).parameters.items():
        lines += [f"{name} : default={parameter.default!r}", f"    {PARAMETERS[name]}"]
    lines += ["", "Attributes", "----------"]
    for names, meaning in ATTRIBUTES.items():
        if names != "classes_" or "Classifier" in kind.__name__:
            lines += [names, f"    {meaning}"]
    described: Any = kind
    described.__doc__ = f"{inspect.cleandoc(kind.__doc__ or '')}\n\n" + "\n".join(lines) + "\n"
    return kind
