"""Looking into a fitted estimator: its next training step on chosen rows, and its gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.catalogue import Optimizer
from pellucid.catalogue.schedules import Clock
from pellucid.errors import InputError
from pellucid.estimators.export import Exports
from pellucid.estimators.targets import read_target
from pellucid.evaluator import compute, predict, run
from pellucid.network import Network
from pellucid.preparation import CategoryColumn, ClassTarget, Column, NumberTarget, Preparation
from pellucid.step import Step
from pellucid.tracing import Surroundings, Trace, TraceStep, kept
from pellucid.training.updates import check_steps, given_after, masks_of

Array = NDArray[Any]


class Looking(Exports):
    """The methods that show a fitted estimator's numbers; a part of `Tabular`."""

    preparation_: Preparation
    target_: ClassTarget | NumberTarget
    network_: Network
    optimizer_: Optimizer
    parameters_: dict[str, Array]
    states_: dict[str, Array]
    settings_: dict[str, float]
    clock_: dict[str, Any]

    def _known_columns(self, X: Any) -> list[Column]:
        raise NotImplementedError

    def _coded(self, target: Array) -> Array:
        raise NotImplementedError

    def trace(self, X: Any, y: Any = None, *, steps: int = 1, dropout: bool = False) -> Trace:
        """Return every number of the next update that these rows would make.

        The update is the one that would follow the moment whose weights were kept, with the
        optimizer's state and the learning rate of that moment. The preparation of the raw columns is
        part of the trace. Without `y` there is no loss and no update: the trace ends at the output.

        Parameters
        ----------
        X, y
            Rows of a table like the one that was fitted, and their targets, all known.
        steps
            How many updates, one after the other, with these rows each time.
        dropout
            Whether neurons are left out as in training.

        Raises
        ------
        InputError
            If the rows do not fit the table that was fitted.
        """
        columns = self._known_columns(X)
        raw: dict[str, Any] = dict(self.preparation_.given(columns))
        values: dict[str, Any] = dict(compute(self.preparation_.lines, raw))
        inputs, before = self.preparation_.inputs, self.preparation_.equations
        if y is not None:
            target = {"target": self.coded_target(y, len(values["X"])), **self.target_.fitted}
            values |= compute(self.target_.lines, target)
            raw |= target
            inputs, before = (*inputs, *self.target_.inputs), (*before, *self.target_.equations)
        step = Step(self.network_, self.optimizer_, dropout=dropout)
        check_steps(step if y is not None else Step(self.network_), steps)
        raw |= self.target_.fitted
        inputs = tuple({s.name: s for s in (*inputs, *self.target_.inputs)}.values())
        done: list[TraceStep] = []
        given = self._given(step, values)
        for number in range(1, steps + 1):
            if number > 1:
                given = given_after(step, given, done[-1].values)
            made = (
                run(step, given)
                if y is not None
                else predict(self.network_, self.parameters_, given["X"])
            )
            answers = {**self.target_.fitted, "output": made["output"]}
            made = {**made, **compute(self.target_.answer, answers)}
            everything = {name: kept(v) for name, v in {**raw, **values, **given, **made}.items()}
            rows = tuple(range(len(given["X"])))
            done.append(TraceStep(number, int(self.clock_["epoch_number"]), rows, everything))
        return Trace(
            step,
            tuple(done),
            {**self.preparation_.labels, **self.target_.labels},
            Surroundings(inputs, before, self.target_.answer_equations),
        )

    def unknown_categories(self, X: Any) -> dict[str, tuple[int, Any]]:
        """Return, for each column with categories that were not in training, how many and one of them."""
        by_name = {column.name: column for column in self._known_columns(X)}
        found = {}
        for fitted in self.preparation_.categories:
            column = by_name[fitted.name]
            assert isinstance(column, CategoryColumn)
            unknown = column.codes(fitted.levels)[:, 0] < 0
            new = (unknown & (column.values.places >= 0)).nonzero()[0]
            if len(new):
                found[fitted.name] = (len(new), column.values[int(new[0])])
        return found

    def coded_target(self, y: Any, rows: int) -> Array:
        """Return targets as the preparation takes them, shape (n, 1); all must be known."""
        target, present, _ = read_target(y, rows)
        if not present.all():
            missing = int(np.argmin(present))
            raise InputError(
                f"Expected a target in every row. Got none in row {missing} (counted from 0)."
            )
        return self._coded(target)

    def gradient_inputs(
        self, X: Any, y: Any, row_weight: Any
    ) -> tuple[Network, Array, Array, Any, Mapping[str, Array]]:
        """Return what `pellucid.check_gradients` compares: network, prepared rows, and weights."""
        columns = self._known_columns(X)
        prepared = compute(self.preparation_.lines, self.preparation_.given(columns))["X"]
        target = {"target": self.coded_target(y, len(prepared)), **self.target_.fitted}
        return (
            self.network_,
            prepared,
            compute(self.target_.lines, target)["y"],
            row_weight,
            self.parameters_,
        )

    def _given(self, step: Step, values: Mapping[str, Any]) -> dict[str, Any]:
        rows = len(values["X"])
        given = {
            "X": values["X"],
            **({"y": values["y"]} if "y" in values else {}),
            **self.parameters_,
            **self.states_,
            **self.settings_,
            "n": rows,
            **self.clock_,
        }
        return given | masks_of(step, Clock(**self.clock_), rows)
