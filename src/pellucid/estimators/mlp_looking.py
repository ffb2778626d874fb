"""Looking into a fitted MLP: hidden layers, gradients, and its next training step on chosen rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from sklearn import get_config
from sklearn.utils.validation import check_is_fitted

from pellucid.catalogue.schedules import Clock
from pellucid.errors import InputError, explain, optional_library
from pellucid.estimators.export import Exports, class_answer
from pellucid.estimators.mlp_input import checked_weight, row_weights
from pellucid.evaluator import compute, run
from pellucid.network import Network
from pellucid.step import Step, forward
from pellucid.tracing import Surroundings, Trace, TraceStep, kept
from pellucid.training.rows import as_numbers
from pellucid.training.updates import check_steps, given_after, masks_of

Array = NDArray[Any]


class Looking(Exports):
    """The methods that show a fitted estimator's numbers; a part of the MLP estimators."""

    def hidden_output(self: Any, X: Any, layer: Any = -1) -> Any:
        """Return the activations of a hidden layer, as `transform` would.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.
        layer : int, default=-1
            Number of the hidden layer, from 1; negative ones count from the last.

        Returns
        -------
        ndarray of shape (n_samples, neurons of the layer), or the data frame that `set_output` asked for
        """
        rows, X = X, self._checked_inputs(X)
        hidden = len(self.coefs_) - 1
        whole = isinstance(layer, int | np.integer) and not isinstance(layer, bool)
        number = hidden + 1 + layer if whole and layer < 0 else layer
        if not (whole and 1 <= number <= hidden):
            raise InputError(
                explain(
                    expected=f"a hidden layer from 1 to {hidden}",
                    got=repr(layer),
                    do="count from 1, or from -1 backwards",
                )
            )
        values = self._values(X, f"hidden_{number}")
        return _in_container(self, values, f"hidden{number}_", rows)

    def set_output(self: Any, *, transform: str | None = None) -> Any:
        """Choose what `hidden_output` returns, as scikit-learn's transformers do for `transform`.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"}, default=None
            An array, or a data frame with a column for each neuron; None leaves it as it is. Without a
            choice here, `sklearn.set_config(transform_output=…)` counts.

        Returns
        -------
        self
        """
        if transform not in (None, *_CONTAINERS):
            raise InputError(
                explain(
                    expected=f"one of {', '.join(map(repr, _CONTAINERS))}",
                    got=repr(transform),
                    do="leave it out for an array",
                )
            )
        if transform is not None:
            # Where scikit-learn keeps it, so that clones and pipelines know it.
            self._sklearn_output_config = {"transform": transform}
        return self

    def input_gradients(self: Any, X: Any) -> Array:
        """Return how fast each output changes with each input, row by row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        ndarray of shape (n_samples, n_features), or (n_samples, n_outputs, n_features)
            The derivatives of the output (of a classifier: of its probabilities; of two classes, of
            that of the second) by the inputs.
        """
        X = _dense(self._checked_inputs(X))
        network, parameters = self._network_now(), self._parameters()
        X = X.astype(np.result_type(X.dtype, *parameters.values()), copy=False)
        with np.errstate(all="ignore"):
            made = forward(lambda _, value: value, network, {"X": X, **parameters})
            gradients = np.empty((len(X), network.outputs, X.shape[1]), X.dtype)
            for output in range(network.outputs):
                error = np.zeros((len(X), network.outputs), X.dtype)
                error[:, output] = 1
                gradients[:, output] = _carried_back(network, parameters, made, error)
            if self._adds_up():
                total = made["output"].sum(axis=1)[:, None, None]
                share = made["output"][:, :, None] / total
                gradients = (gradients - share * gradients.sum(axis=1, keepdims=True)) / total
        return gradients[:, 0] if network.outputs == 1 else gradients

    def trace(
        self: Any,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        steps: int = 1,
        dropout: bool = False,
    ) -> Trace:
        """Return every number of the next update that these rows would make, in float64.

        It is the update that `partial_fit` would make next, with these rows as its batch, the
        optimizer's state and the learning rate as they stand; after L-BFGS, loss and gradients alone.
        Rows count by `class_weight` too; "balanced" weighs the classes as they are among these rows.

        Parameters
        ----------
        X, y : rows and their targets
            As `fit` takes them.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each row counts.
        steps : int, default=1
            How many updates, one after the other, with these rows each time.
        dropout : bool, default=False
            Whether neurons are left out as in training.
        """
        network, rows, targets, weight, parameters = self.gradient_inputs(X, y, sample_weight)
        state = getattr(self, "_optimizer", None)
        optimizer = None if state is None else state.optimizer
        step = Step(network, optimizer, weighted=weight is not None, dropout=dropout)
        number = 1 if state is None else state.number + 1
        epoch = 0 if state is None else state.epoch
        given: dict[str, Any] = {"X": rows, "y": targets, **parameters, **step.settings}
        progress = min((number - 1) / self.max_iter, 1.0)
        given |= {"n": len(rows), "update_number": number, "epoch_number": epoch}
        given["progress"] = progress
        if weight is not None:
            given["row_weight"] = weight
        if state is not None:
            rate = "learning_rate" if "learning_rate" in given else "base_learning_rate"
            given[rate] = state.learning_rate
            for name, vector in state.states.items():
                views = network.views(vector.astype(np.float64))
                given |= {f"{name}_{parameter}": view for parameter, view in views.items()}
        given |= masks_of(step, Clock(number, epoch, progress), len(rows))
        check_steps(step, steps)
        around, answer = Surroundings(), class_answer(self)
        if answer is not None:
            around = Surroundings(answer.inputs[1:], after=answer.equations)
        done: list[TraceStep] = []
        for count in range(1, steps + 1):
            if count > 1:
                given = given_after(step, given, done[-1].values)
            made: dict[str, Any] = {**given, **run(step, given)}
            if answer is not None:
                made |= answer.fitted
                made |= compute(answer.lines, {"output": made["output"], **answer.fitted})
            everything = {name: kept(value) for name, value in made.items()}
            done.append(TraceStep(count, epoch, tuple(range(len(rows))), everything))
        return Trace(step, tuple(done), self._labels(), around)

    def gradient_inputs(
        self: Any, X: Any, y: Any, row_weight: Any
    ) -> tuple[Network, Array, Array, Any, Mapping[str, Array]]:
        """Return what `pellucid.check_gradients` compares: network, rows, targets, weights, parameters."""
        check_is_fitted(self)
        X, y = self._rows(X, y, reset=False)
        if row_weight is not None:
            row_weight = checked_weight(row_weight, X)
        encoded = self._targets_of(y, "y")
        weight = row_weights(row_weight, self._class_weights(y, encoded, incremental=False))
        weight = None if weight is None else weight[:].astype(np.float64)
        parameters = {name: value.astype(np.float64) for name, value in self._parameters().items()}
        targets = as_numbers(encoded, self.n_outputs_, np.float64)
        network = self._network_now()
        return network, _dense(X).astype(np.float64), targets, weight, parameters

    def _labels(self: Any) -> dict[str, tuple[str, ...]]:
        labels = {}
        if hasattr(self, "feature_names_in_"):
            labels["X"] = tuple(map(str, self.feature_names_in_))
        classes = getattr(self, "classes_", ())
        if len(classes) == self.n_outputs_:
            labels["y"] = labels["output"] = labels["class_codes"] = tuple(map(str, classes))
        elif len(classes) == 2:
            labels["probability"] = tuple(map(str, classes))
        return labels


def _carried_back(
    network: Network, parameters: Mapping[str, Array], made: Mapping[str, Any], error: Array
) -> Array:
    """Return an error at the output, carried back to the inputs."""
    for at in range(len(network.layers), 0, -1):
        activation = network.layers[at - 1].activation
        z = made[f"net_input_{at}"]
        a = made["output" if at == len(network.layers) else f"hidden_{at}"]
        slope = activation.slope(z, a) if activation.elementwise else None
        error = activation.delta(error, z, a, slope) @ parameters[f"W{at}"].T
    return error


_CONTAINERS = ("default", "pandas", "polars")


def _in_container(estimator: Any, values: Array, prefix: str, rows: Any) -> Any:
    """Return activations as the kind of table that was asked for, with the index of `rows` if they have one."""
    chosen = getattr(estimator, "_sklearn_output_config", {}).get("transform")
    chosen = chosen or get_config()["transform_output"]
    if chosen == "default":
        return values
    columns = [f"{prefix}{neuron}" for neuron in range(values.shape[1])]
    if chosen == "polars":
        return optional_library("polars", "polars").DataFrame(values, schema=columns)
    pandas = optional_library("pandas", "pandas")
    index = rows.index if isinstance(rows, pandas.DataFrame) else None
    return pandas.DataFrame(values, columns=columns, index=index)


def _dense(X: Any) -> Array:
    dense: Array = X.toarray() if scipy.sparse.issparse(X) else X
    return dense
