"""What `MLPClassifier` and `MLPRegressor` share: checking, starting, fitting, predicting."""

from __future__ import annotations

import functools
import os
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, _fit_context, is_classifier
from sklearn.callback import CallbackSupportMixin
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from pellucid.catalogue import activation as find_activation
from pellucid.engine.forms import ByClass
from pellucid.errors import InputError, explain
from pellucid.estimators.mlp_callbacks import Callbacks
from pellucid.estimators.mlp_choices import (
    check_lbfgs,
    default_output,
    flat_of,
    hidden_sizes,
    lists_of,
    network_for,
    optimizer_for,
    output_name,
    sizes_of,
    start,
)
from pellucid.estimators.mlp_constraints import CONSTRAINTS
from pellucid.estimators.mlp_draws import drawn, drawn_by_class
from pellucid.estimators.mlp_files import write_mlp
from pellucid.estimators.mlp_fit import (
    OptimizerState,
    Place,
    StochasticFit,
)
from pellucid.estimators.mlp_input import (
    checked_weight,
    naming_cells,
    one_column,
    row_weights,
)
from pellucid.estimators.mlp_lbfgs import fit_lbfgs
from pellucid.estimators.mlp_looking import Looking
from pellucid.estimators.mlp_predict import is_compiled, plain_rows, ready
from pellucid.estimators.mlp_resume import Checkpoints, changed_parameters, place_in
from pellucid.estimators.mlp_rows import Examples, HeldOut
from pellucid.estimators.mlp_scores import mean_loss
from pellucid.network import Network
from pellucid.training.rows import ROWS_AT_A_TIME, as_numbers

Array = NDArray[Any]

F = TypeVar("F", bound=Callable[..., Any])


def checking_parameters(method: F) -> F:
    """Have the constructor's parameters checked when a method is called, as scikit-learn does."""
    checked: F = _fit_context(prefer_skip_nested_validation=True)(method)
    return checked


def where_stochastic(method: F) -> F:
    """Offer a method only with a solver that goes by epochs."""
    offered: F = available_if(lambda model: model._check_solver())(method)
    return offered


@dataclass(frozen=True, eq=False)
class Asked:
    """What a call of `fit` or `partial_fit` was given; `held` are validation rows, targets and weights."""

    X: Any
    y: Any
    sample_weight: Any
    held: tuple[Any, Any, Any] = (None, None, None)
    incremental: bool = False
    checkpoint: Any = None
    resume: Any = None


class MultilayerPerceptron(Looking, CallbackSupportMixin, BaseEstimator):
    """Base of `MLPClassifier` and `MLPRegressor`, not to be used itself."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = CONSTRAINTS

    coefs_: list[Array]
    intercepts_: list[Array]
    network_: Network
    n_outputs_: int
    n_layers_: int
    out_activation_: Any
    _optimizer: OptimizerState

    @classmethod
    def _get_param_names(cls) -> list[str]:
        """Return the names of the constructor's parameters, as scikit-learn finds them."""
        kind: Any = cls
        return list(_parameter_names(kind))

    def _take(self, given: dict[str, Any]) -> None:
        """Keep the constructor's parameters as they were given."""
        for name in self._get_param_names():
            setattr(self, name, given[name])

    # What the classifier and the regressor do each in their way.

    @abstractmethod
    def _encoded(self, y: Array, *, incremental: bool) -> Array:
        """Return targets as the network has them, and remember their classes."""

    @abstractmethod
    def _score_outputs(self, rows: HeldOut) -> float:
        """Return accuracy or R² of held-out rows."""

    @abstractmethod
    def _held_out(self, answers: Array) -> Array:
        """Return given validation targets as the network has them."""

    def _check_known(self, y: Array, name: str) -> None:
        """Raise `InputError` for answers that were not there in the fit."""

    def _target_type(self) -> str | None:
        return None

    def _adds_up(self) -> bool:
        """Return whether outputs are divided by their sum to be probabilities."""
        return False

    def _class_weights(
        self, y: Array, encoded: Array, *, incremental: bool
    ) -> Array | ByClass | None:
        return None

    # Fitting

    def _fit(self, asked: Asked) -> Any:
        """Fit, or leave everything as it was."""
        callbacks = None
        if not asked.incremental:
            tasks = 0 if self.solver == "lbfgs" else self.max_iter
            context = self._init_callback_context(max_subtasks=tasks)
            callbacks = Callbacks(self, context, asked.X, asked.y, asked.sample_weight)
        before = dict(vars(self))
        try:
            self._fit_checked(asked, callbacks)
        except BaseException:
            self._go_back(before)
            raise
        if callbacks is not None:
            callbacks.close()
        return self

    def _go_back(self, before: dict[str, Any]) -> None:
        """Put every attribute back to what it was."""
        self.__dict__.clear()
        self.__dict__.update(before)

    def _fit_checked(self, asked: Asked, callbacks: Callbacks | None) -> None:
        incremental, place = asked.incremental, None
        if self.early_stopping and incremental and self.solver != "lbfgs":
            raise InputError("partial_fit does not support early_stopping=True")
        hidden = hidden_sizes(self.hidden_layer_sizes)
        first = not hasattr(self, "coefs_") or not (self.warm_start or incremental)
        first = first or asked.resume is not None
        X, y = self._rows(asked.X, asked.y, reset=first)
        encoded = one_column(self._encoded(y, incremental=incremental))
        sample_weight = asked.sample_weight
        if sample_weight is not None:
            sample_weight = checked_weight(sample_weight, X)
        class_weight = self._class_weights(y, encoded, incremental=incremental)
        random_state = check_random_state(self.random_state)

        self.n_outputs_ = self._outputs_of(encoded)
        sizes = [X.shape[1], *hidden, self.n_outputs_]
        if asked.resume is not None:
            place, random_state = self._return_to(asked.resume, sizes, X.shape[0])
        elif first:
            self._begin(sizes, random_state, X.dtype)
        else:
            self._go_on(sizes)
        flat = flat_of(self.coefs_, self.intercepts_, self._float_type())
        # From here on the lists are views of the vector: who looks, listeners too, sees what is trained.
        self.coefs_, self.intercepts_ = lists_of(self.network_, flat)
        X = X.astype(flat.dtype, copy=False)
        weight = row_weights(sample_weight, class_weight)
        self._check_targets(encoded)
        if self.solver == "lbfgs":
            check_lbfgs(self, asked.checkpoint, asked.held[0])
            fit_lbfgs(self, self.network_, flat, Examples(X, encoded, weight))
            return
        examples = Examples(X, encoded, weight)
        data = "" if asked.checkpoint is None and place is None else examples.digest()
        if place is not None and place.data not in ("", data):
            raise InputError(
                explain(
                    expected="the X, y and sample_weight that the fit was begun with",
                    got="others, of the same shape",
                    do="resume it with the same parameters, X and y",
                )
            )
        judging = self._given_to_judge(*asked.held)
        if judging is None and self.early_stopping:
            examples, judging = self._split(examples, y, sample_weight, random_state, place)
        self._begin_counting(first and place is None, judging)
        keep = None if asked.checkpoint is None else Checkpoints(asked.checkpoint, data)
        fit = self._prepared_fit(flat, examples, judging, asked, place, random_state, keep)
        self._optimizer = fit(callbacks if hasattr(self, "_skl_callbacks") else None)
        self.history_ = fit.run.history

    def _prepared_fit(
        self,
        flat: Array,
        examples: Examples,
        judging: HeldOut | None,
        asked: Asked,
        place: Place | None,
        random_state: np.random.RandomState,
        checkpoint: Checkpoints | None,
    ) -> StochasticFit:
        going_on = asked.incremental or place is not None
        continued: OptimizerState | None = getattr(self, "_optimizer", None) if going_on else None
        if continued is not None and any(v.shape != flat.shape for v in continued.states.values()):
            continued = None  # the layers have been changed by hand
        return StochasticFit(
            self,
            self.network_,
            flat,
            examples,
            judging,
            optimizer=optimizer_for(self) if continued is None else continued.optimizer,
            continued=continued,
            incremental=asked.incremental,
            random_state=random_state,
            place=place,
            checkpoint=checkpoint,
        )

    def _return_to(
        self, path: Any, sizes: list[int], rows: int
    ) -> tuple[Place, np.random.RandomState]:
        """Take over what a checkpoint holds; return the place of its fit, and its random numbers."""
        check_lbfgs(self, path)
        saved, place = place_in(path, self, rows)
        classes: Any = getattr(self, "classes_", None)
        then: Any = getattr(saved, "classes_", None)
        if list(saved.network_.sizes) != sizes or not np.array_equal(then, classes):
            raise InputError(
                explain(
                    expected=f"the network {list(saved.network_.sizes)} and the classes that the fit was begun with",
                    got=f"{sizes}"
                    + ("" if classes is None else f" and the classes {classes.tolist()}"),
                    do="resume it with the same parameters, X and y",
                )
            )
        changed = changed_parameters(saved, self)
        if changed:
            raise InputError(
                explain(
                    expected="the parameters that the fit was begun with; max_iter may be another",
                    got=f"another {', another '.join(changed)}",
                    do="resume it with the same parameters, X and y",
                )
            )
        kept = {"n_features_in_", "feature_names_in_", "classes_", "_label_binarizer"}
        for name, value in vars(saved).items():
            if name not in kept and name not in self._get_param_names():
                setattr(self, name, value)
        self.network_ = network_for(self, sizes, self.out_activation_)
        random_state = np.random.RandomState()
        random_state.set_state(place.generator)
        return place, random_state

    def _rows(self, X: Any, y: Any, *, reset: bool, suffix: str = "") -> tuple[Any, Array]:
        """Return inputs and targets, checked as scikit-learn checks them."""
        X, y = naming_cells(
            lambda: validate_data(
                self,
                X,
                y,
                accept_sparse="csr",
                multi_output=True,
                y_numeric=not is_classifier(self),
                dtype=(np.float64, np.float32),
                reset=reset,
            ),
            X,
            y,
            suffix,
        )
        return X, y

    def _begin(self, sizes: list[int], random_state: np.random.RandomState, dtype: Any) -> None:
        """Set what a first fit starts from: the network, its weights, and empty counts."""
        self.n_iter_ = self.t_ = 0
        self.n_layers_ = len(sizes)
        if self.output_activation is None:
            self.out_activation_ = default_output(self.loss, self._target_type())
        else:
            self.out_activation_ = output_name(find_activation(self.output_activation))
        self.network_ = network_for(self, sizes, self.out_activation_)
        self._check_output(self.network_)
        flat = start(self, self.network_, random_state, dtype)
        self.coefs_, self.intercepts_ = lists_of(self.network_, flat)
        self._best = None
        self.__dict__.pop("_optimizer", None)

    def _check_output(self, network: Network) -> None:
        """Raise `InputError` if the output cannot be what it has to be."""

    def _go_on(self, sizes: list[int]) -> None:
        """Set the network of weights that stand in the lists, whoever put them there."""
        there = sizes_of(self.coefs_)
        if (there[0], there[-1]) != (sizes[0], sizes[-1]):
            raise InputError(
                explain(
                    expected=f"rows for the {there[0]} inputs and {there[-1]} outputs of the fitted network",
                    got=f"{sizes[0]} inputs and {sizes[-1]} outputs",
                    do="fit a new estimator, or one with warm_start=False",
                )
            )
        self.network_ = network_for(self, there, self.out_activation_)
        best = getattr(self, "_best", None)
        if best is not None and best.shape != (self.network_.parameter_count,):
            self._best = None

    def _float_type(self) -> Any:
        kind = np.result_type(*self.coefs_, *self.intercepts_)
        return kind if kind in (np.float32, np.float64) else np.dtype(np.float64)

    def _begin_counting(self, first: bool, judging: HeldOut | None) -> None:
        """Set the curves; a continued fit goes on with copies of its own."""
        kept = {} if first else vars(self)
        held = judging is not None
        self.loss_curve_ = list(kept.get("loss_curve_", ()))
        self._no_improvement_count = kept.get("_no_improvement_count", 0)
        self.t_ = kept.get("t_", 0)
        scores = list(kept.get("validation_scores_") or ())
        losses = list(kept.get("validation_loss_curve_") or ())
        self.validation_scores_ = scores if held else None
        self.validation_loss_curve_ = losses if held else None
        best_score, best_loss = kept.get("best_validation_score_"), kept.get("best_loss_")
        if self.early_stopping:
            self.best_validation_score_ = -np.inf if best_score is None else best_score
            self.best_loss_ = None
        else:
            self.best_validation_score_ = best_score if held else None
            self.best_loss_ = np.inf if best_loss is None else best_loss

    def _given_to_judge(self, X: Any, y: Any, sample_weight: Any) -> HeldOut | None:
        """Return the validation rows that a user gave, if any."""
        if (X is None) != (y is None):
            raise InputError("Expected X_val and y_val together. Got only one of them.")
        if X is None:
            if sample_weight is not None:
                raise InputError("Expected X_val and y_val with sample_weight_val. Got neither.")
            return None
        X, y = self._rows(X, y, reset=False, suffix="_val")
        X = X.astype(self._float_type(), copy=False)
        target = self._targets_of(y, "y_val")
        if sample_weight is not None:
            sample_weight = checked_weight(sample_weight, X)
        self._check_targets(target)
        return HeldOut(X, y, target, sample_weight, row_weights(sample_weight, None))

    def _targets_of(self, y: Array, name: str) -> Array:
        """Return answers to a fitted network as it has them, or raise `InputError` with their name."""
        self._check_known(y, name)
        targets = one_column(self._held_out(y))
        if self._outputs_of(targets) != self.n_outputs_:
            raise InputError(
                explain(
                    expected=f"{name} for {self.n_outputs_} outputs, as y had them",
                    got=f"{self._outputs_of(targets)}",
                    do="give as many columns as in the fit",
                )
            )
        return targets

    def _outputs_of(self, encoded: Array) -> int:
        """Return how many outputs encoded targets are for."""
        return int(encoded.shape[1])

    def _check_targets(self, encoded: Array) -> None:
        """Raise `InputError` for targets that do not suit the loss; of classes, one row stands for all."""
        numbered = encoded.shape[1] != self.n_outputs_
        rows = as_numbers(encoded[:1], self.n_outputs_, float) if numbered else encoded
        self.network_.loss.check_targets(rows)

    def _split(
        self,
        whole: Examples,
        answers: Array,
        sample_weight: Array | None,
        random_state: np.random.RandomState,
        place: Place | None,
    ) -> tuple[Examples, HeldOut]:
        """Return the rows to learn from, and those that judge, drawn as scikit-learn draws them."""
        share = self.validation_fraction
        if place is not None:
            rows, judging = place.order, place.judging
        elif is_classifier(self) and self.n_outputs_ == 1:
            rows, judging = drawn_by_class(whole.y[:, 0], share, random_state)
        else:
            rows, judging = drawn(whole.count, share, random_state)
        if judging is None or len(judging) < 2:
            raise InputError(
                "The validation set is too small. Increase 'validation_fraction' or the size of your dataset."
            )
        held_out = HeldOut(whole.X, answers, whole.y, sample_weight, whole.row_weight, judging)
        return replace(whole, rows=rows), held_out

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted estimator to a model file, which `pellucid.load` reads.

        The file is either written whole, or what was there before stays. Listeners, start weights and
        a scorer that is a function are left out.

        Raises
        ------
        ModelFileError
            If the file cannot be written, for example because the disk is full.
        InputError
            If a part cannot be stored, such as an activation that has no expression.
        """
        check_is_fitted(self)
        write_mlp(self, path)

    # Predicting

    def _parameters(self) -> dict[str, Array]:
        """Return weights and biases as they stand in the two lists, by their names in a step."""
        weights = {f"W{at}": np.asarray(W) for at, W in enumerate(self.coefs_, 1)}
        biases = {f"b{at}": np.reshape(b, (1, -1)) for at, b in enumerate(self.intercepts_, 1)}
        return weights | biases

    def _network_now(self) -> Network:
        """Return the network of the lists as they stand, also where a user has changed something."""
        network: Network | None = getattr(self, "network_", None)
        sizes = sizes_of(self.coefs_)
        output = find_activation(self.out_activation_)
        if (
            network is not None
            and list(network.sizes) == sizes
            and network.layers[-1].activation == output
        ):
            return network
        return network_for(self, sizes, output)

    def _values(self, X: Any, wanted: str = "output") -> Array:
        """Return one value of the forward pass for each row, some rows at a time."""
        now = ready(self)
        if wanted == "output" and is_compiled(self, X):
            return now.compiled(X)
        if X.shape[0] <= ROWS_AT_A_TIME:
            return now.value(X, wanted)
        starts = range(0, X.shape[0], ROWS_AT_A_TIME)
        return np.concatenate([now.value(X[at : at + ROWS_AT_A_TIME], wanted) for at in starts])

    def _checked_inputs(self, X: Any) -> Any:
        """Return rows to predict, checked against those that were fitted."""
        if plain_rows(self, X):
            return X
        check_is_fitted(self)
        return naming_cells(
            lambda: validate_data(self, X, accept_sparse="csr", reset=False), X, None
        )

    def _loss_of(self, rows: HeldOut) -> float:
        """Return the mean loss of held-out rows, without dropout and penalties, as scikit-learn prints it."""
        return mean_loss(self.network_, self._parameters(), rows)

    def _check_solver(self) -> bool:
        if self.solver == "lbfgs":
            raise AttributeError(
                f"partial_fit is only available for stochastic optimizers. {self.solver} is not stochastic."
            )
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


@functools.cache
def _parameter_names(kind: Any) -> tuple[str, ...]:
    """Return what scikit-learn finds in the signature, which it reads anew twice in every fit."""
    return tuple(super(MultilayerPerceptron, kind)._get_param_names())
