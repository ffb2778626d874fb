"""What each parameter of the estimators means: written once, and put into the docstring of each class."""

from __future__ import annotations

import inspect
import textwrap
from typing import Any, TypeVar

MEANING = {
    "preset": "What decides where a parameter below is 'auto'. 'default': five networks, narrow ones up to 5,000 rows, "
    "that answer together, each trained as RealMLP-TD-S is (Holzmüller, Grinsztajn & Steinwart 2024), on fewer epochs; "
    "calibrated chances; numbers encoded by bins where the target is one. 'best': ten or fifteen of them, trained "
    "longer. 'simple': RealMLP-TD-S as it was published. 'plain': one small network, soon trained, whose numbers can "
    "be read one by one.",
    "metric": "By what of the held-out rows the best epoch is chosen, and the fit is scored: 'accuracy', "
    "'balanced_accuracy', 'f1_macro', 'log_loss', 'brier' or 'roc_auc' for classes, 'r2', 'rmse' or 'mae' for numbers. "
    "'auto' is accuracy or R².",
    "members": "How many networks are trained, as many at a time as there are threads, and answer together by the "
    "mean of their outputs. Each holds out other rows.",
    "hidden_sizes": "Neurons of each hidden layer.",
    "activation": "Of the hidden layers: one for all, or a sequence with one for each. A name, a record, or a "
    "function of NumPy operations.",
    "loss": "What training makes small: a name such as 'squared_error', 'huber' or 'poisson', or a record.",
    "optimizer": "A name, which is used with the learning rate below, or a chain such as ``pellucid.SGD(0.1)``.",
    "learning_rate": "The highest rate of the preset's schedule: 'plain' warms up to it, and then falls along a cosine "
    "to 0; 'simple' comes to it in four waves. Or a schedule.",
    "weight_decay": "Share of each weight that 'adamw' and 'auto' take away, times the learning rate, in each update. "
    "The other named optimizers take none; a chain of your own has what you put into it.",
    "dropout": "Share of hidden activations left out in training: one number, or one for each layer.",
    "label_smoothing": "Share of each target that is spread evenly over the classes. It helps accuracy and makes "
    "the chances a little too modest; 0 where they matter most.",
    "class_weight": "How much each class counts: None for all the same, 'balanced' for all in sum the same, or a "
    "weight for each class. It multiplies `sample_weight`, in training and in scores.",
    "epochs": "Passes over the rows; the preset 'plain' decides by their number.",
    "batch_size": "Rows of an update; None takes all. The preset 'plain' decides by their number; 'simple' leaves "
    "out of an epoch what no longer fills a batch.",
    "validation_fraction": "Share of the rows that is held out to choose the best epoch; 0 for none, and then the "
    "last is kept. With fewer than 50 rows, or 5 of a class, none are held out.",
    "patience": "Stop after so many epochs without a lower loss of the held-out rows; None: never.",
    "time_limit": "Stop after so many seconds; None: no limit. Where that is too short for all "
    "epochs, fewer are made, and the learning rate's schedule runs through in these.",
    "random_state": "Seed of start weights, held-out rows, shuffling and dropout; None draws one.",
    "verbose": "1 logs every epoch to the logger 'pellucid'.",
    "listeners": "Callables that get the events of the training, those of each update where they are marked with "
    "`every_update`; see `pellucid.training.events`.",
    "engine": "What trains: 'compiled' kernels, 'numpy', or 'auto': NumPy where it is done before kernels would be "
    "ready, and where a listener hears every update. They differ by rounding alone. See "
    "`pellucid.training.choice.choose`.",
    "n_jobs": "Threads of the compiled engine; -1 for one on each processor, None for as many as pay. Equal numbers "
    "give equal bits.",
}

C = TypeVar("C", bound=type[Any])


def documented(estimator: C) -> C:
    """Put the meanings of an estimator's parameters where its docstring says ``{parameters}``."""
    lines = []
    for name in list(inspect.signature(estimator).parameters):
        lines += [
            name,
            *textwrap.wrap(MEANING[name], 90, initial_indent="    ", subsequent_indent="    "),
        ]
    indented = textwrap.indent("\n".join(lines), "    ").strip()
    estimator.__doc__ = str(estimator.__doc__).replace("{parameters}", indented)
    return estimator
