"""`MLPClassifier` and `MLPRegressor`: scikit-learn's, and more."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import _check_partial_fit_first_call, type_of_target, unique_labels
from sklearn.utils.validation import column_or_1d

from pellucid.engine.forms import ByClass
from pellucid.errors import InputError, explain
from pellucid.estimators.mlp_base import (
    Asked,
    MultilayerPerceptron,
    checking_parameters,
    where_stochastic,
)
from pellucid.estimators.mlp_classes import few_of, numbers_of, weights_of, yes_or_no
from pellucid.estimators.mlp_input import one_column
from pellucid.estimators.mlp_rows import HeldOut
from pellucid.estimators.mlp_scores import accuracy, r2
from pellucid.estimators.mlp_words import with_parameters
from pellucid.network import Network
from pellucid.training.rows import as_numbers

Array = NDArray[Any]


@with_parameters
class MLPClassifier(ClassifierMixin, MultilayerPerceptron):
    """A multi-layer perceptron that tells classes; scikit-learn's `MLPClassifier` and more.

    Parameters, attributes and random draws are those of scikit-learn 1.9, so that changing the
    import is enough: in float64 the weights are the same. What is added comes after `max_fun`.
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **MultilayerPerceptron._parameter_constraints,
        "class_weight": [None, dict, list, StrOptions({"balanced"})],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
    }

    _label_binarizer: LabelBinarizer
    classes_: Array

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: Any = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: Any = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: Any = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: Any = 10,
        max_fun: int = 15000,
        loss: Any = "log_loss",
        output_activation: Any = None,
        dropout: Any = 0.0,
        l1: float = 0.0,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        initializer: Any = None,
        start_weights: Any = None,
        class_weight: Any = None,
        label_smoothing: float = 0.0,
        scoring: Any = None,
        restore_best_weights: bool = False,
        time_limit: float | None = None,
        listeners: Any = None,
        engine: str = "auto",
        n_jobs: int | None = None,
    ) -> None:
        self._take(locals())

    @checking_parameters
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
        checkpoint: Any = None,
        resume: Any = None,
    ) -> Any:
        """Learn from rows and their classes.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Their classes, or for several labels a row an array of 0 and 1.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each row counts.
        X_val, y_val, sample_weight_val : as above, default=None
            Rows of your own that judge each epoch, in place of a share of `X` that `early_stopping`
            would set aside. Without `early_stopping` they are only looked at.
        checkpoint : path, default=None
            A file to which the fit is written after its epochs (once a second, and after the last).
        resume : path, default=None
            A file that `checkpoint` wrote: the fit goes on from there and ends with exactly the weights
            of one that was never interrupted, given the same parameters and rows.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If something cannot be used; of NaN and infinity the message names row and column.
        DivergedError
            If the loss, or a weight, is no longer a finite number. The estimator is then as before.
        """
        held = (X_val, y_val, sample_weight_val)
        return self._fit(Asked(X, y, sample_weight, held, checkpoint=checkpoint, resume=resume))

    @where_stochastic
    @checking_parameters
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Any:
        """Learn from rows in one epoch, from where the last one ended, the optimizer's state included.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`; not every class has to be there.
        classes : array of shape (n_classes,), default=None
            All classes there are; needed in the first call.

        Returns
        -------
        self
        """
        before = dict(vars(self))
        try:
            if _check_partial_fit_first_call(self, classes):
                several = type_of_target(few_of(y)).startswith("multilabel")
                self._label_binarizer = LabelBinarizer().fit(y if several else classes)
            return self._fit(Asked(X, y, sample_weight, incremental=True))
        except BaseException:
            self._go_back(before)
            raise

    def predict(self, X: Any) -> Array:
        """Return the class of each row, or its labels.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
        """
        return self._answers(self._values(self._checked_inputs(X)))

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class, in the order of `classes_`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        output = self._values(self._checked_inputs(X))
        if self.n_outputs_ == 1:
            return np.concatenate((1 - output, output), axis=1)
        if self._adds_up():
            # Each output says yes or no of its own; of one choice the chances add up to 1.
            total = output.sum(axis=1, keepdims=True)
            return np.where(total > 0, output / np.where(total > 0, total, 1), 1 / self.n_outputs_)
        return output

    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithm of `predict_proba`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        proba = self.predict_proba(X)
        with np.errstate(divide="ignore"):
            return np.log(proba, out=proba)

    def _answers(self, output: Array) -> Array:
        classes, kind = self._label_binarizer.classes_, self._label_binarizer.y_type_
        answers: Array
        # What the encoder gives back of dense outputs, without the time that its checks take.
        if kind == "multiclass":
            answers = classes.take(output.argmax(axis=1), mode="clip")
        elif kind == "binary":
            answers = classes.take(output.ravel() > 0.5, mode="clip")
        else:
            answers = self._label_binarizer.inverse_transform(output)
        return answers

    def _encoded(self, y: Array, *, incremental: bool) -> Array:
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        few = few_of(y)
        if not hasattr(self, "classes_") or not (self.warm_start or incremental):
            self._label_binarizer = LabelBinarizer().fit(few)
            self.classes_ = self._label_binarizer.classes_
        else:
            classes = unique_labels(few)
            if self.warm_start and set(classes) != set(self.classes_):
                raise InputError(
                    "warm_start can only be used where `y` has the same classes as in the previous "
                    f"call to fit. Previously got {self.classes_}, `y` has {classes}"
                )
            if len(np.setdiff1d(classes, self.classes_, assume_unique=True)):
                raise InputError(
                    "`y` has classes not in `self.classes_`. "
                    f"`self.classes_` has {self.classes_}. 'y' has {classes}."
                )
        return self._held_out(y)

    def _held_out(self, answers: Array) -> Array:
        if answers.ndim == 2 and answers.shape[1] == 1:
            answers = column_or_1d(answers, warn=True)
        if answers.ndim == 2 or str(self._target_type()).startswith("multilabel"):
            return yes_or_no(answers, self._label_binarizer)
        return numbers_of(answers, self._label_binarizer.classes_)

    def _outputs_of(self, encoded: Array) -> int:
        several = self._target_type() == "multiclass"
        return len(self._label_binarizer.classes_) if several else int(encoded.shape[1])

    def _check_known(self, y: Array, name: str) -> None:
        new = np.setdiff1d(unique_labels(few_of(y)), self.classes_)
        if new.size:
            raise InputError(
                explain(
                    expected=f"{name} with the classes that y had, {self.classes_.tolist()}",
                    got=f"{new.tolist()} as well",
                    do="leave their rows out, or fit with rows of them",
                )
            )

    def _target_type(self) -> str | None:
        return str(self._label_binarizer.y_type_)

    def _adds_up(self) -> bool:
        several = self.n_outputs_ > 1 and self._target_type() == "multiclass"
        return several and self.out_activation_ != "softmax"

    def _check_output(self, network: Network) -> None:
        last = network.layers[-1].activation
        if last.range[0] < 0 or last.range[1] > 1:
            raise InputError(
                explain(
                    expected="an output activation with values between 0 and 1",
                    got=f"{last.label}, with values between {last.range[0]:g} and {last.range[1]:g}",
                    do="use 'softmax' or 'logistic': the outputs are probabilities",
                )
            )

    def _class_weights(
        self, y: Array, encoded: Array, *, incremental: bool
    ) -> Array | ByClass | None:
        if self.class_weight is None:
            return None
        if incremental and self.class_weight == "balanced":
            raise InputError(
                "class_weight='balanced' is not supported for partial_fit, which sees some rows only. "
                "To continue, use sklearn.utils.compute_class_weight on all of y and give the result."
            )
        if str(self._target_type()).startswith("multilabel"):
            of_rows: Array = one_column(compute_sample_weight(self.class_weight, y))
            return of_rows
        return ByClass(encoded, weights_of(self.class_weight, encoded, self.classes_))

    def _score_outputs(self, rows: HeldOut) -> float:
        def answered(part: HeldOut) -> tuple[Any, Any] | None:
            output = self._values(part.X)
            if not np.isfinite(output).all():
                return None
            # Of answers that were held out scikit-learn takes those that the encoding gives back.
            y = as_numbers(part.y, self.n_outputs_, output.dtype)
            return self._label_binarizer.inverse_transform(y), self._answers(output)

        return accuracy(rows, answered)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


@with_parameters
class MLPRegressor(RegressorMixin, MultilayerPerceptron):
    """A multi-layer perceptron that predicts numbers; scikit-learn's `MLPRegressor` and more.

    Parameters, attributes and random draws are those of scikit-learn 1.9, so that changing the
    import is enough: in float64 the weights are the same. What is added comes after `max_fun`.
    """

    def __init__(
        self,
        loss: Any = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: Any = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: Any = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: Any = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: Any = 10,
        max_fun: int = 15000,
        output_activation: Any = None,
        dropout: Any = 0.0,
        l1: float = 0.0,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        initializer: Any = None,
        start_weights: Any = None,
        scoring: Any = None,
        restore_best_weights: bool = False,
        time_limit: float | None = None,
        listeners: Any = None,
        engine: str = "auto",
        n_jobs: int | None = None,
    ) -> None:
        self._take(locals())

    @checking_parameters
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
        checkpoint: Any = None,
        resume: Any = None,
    ) -> Any:
        """Learn from rows and their numbers.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            What is to be predicted.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each row counts.
        X_val, y_val, sample_weight_val : as above, default=None
            Rows of your own that judge each epoch, in place of a share of `X` that `early_stopping`
            would set aside. Without `early_stopping` they are only looked at.
        checkpoint : path, default=None
            A file to which the fit is written after its epochs (once a second, and after the last).
        resume : path, default=None
            A file that `checkpoint` wrote: the fit goes on from there and ends with exactly the weights
            of one that was never interrupted, given the same parameters and rows.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If something cannot be used; of NaN and infinity the message names row and column.
        DivergedError
            If the loss, or a weight, is no longer a finite number. The estimator is then as before.
        """
        held = (X_val, y_val, sample_weight_val)
        return self._fit(Asked(X, y, sample_weight, held, checkpoint=checkpoint, resume=resume))

    @where_stochastic
    @checking_parameters
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Learn from rows in one epoch, from where the last one ended, the optimizer's state included.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.

        Returns
        -------
        self
        """
        return self._fit(Asked(X, y, sample_weight, incremental=True))

    def predict(self, X: Any) -> Array:
        """Return the predicted number, or numbers, of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
        """
        return self._answers(self._values(self._checked_inputs(X)))

    def _answers(self, output: Array) -> Array:
        return output.ravel() if output.shape[1] == 1 else output

    def _encoded(self, y: Array, *, incremental: bool) -> Array:
        if issparse(y) or y.dtype.kind not in "biuf":
            raise InputError(
                explain(
                    expected="numbers as y, in an array that is not sparse",
                    got=f"{type(y).__name__} of {y.dtype}",
                    do="convert it, or for names of classes use MLPClassifier",
                )
            )
        return self._held_out(y)

    def _held_out(self, answers: Array) -> Array:
        if answers.ndim == 2 and answers.shape[1] == 1:
            answers = column_or_1d(answers, warn=True)
        return answers

    def _score_outputs(self, rows: HeldOut) -> float:
        return r2(rows, self._values)
