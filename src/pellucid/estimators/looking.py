"""Looking into a fitted estimator: its next training step on chosen rows, and its gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.catalogue import Optimizer
from pellucid.catalogue.schedules import Clock
from pellucid.errors import InputError, check_count
from pellucid.estimators.export import Exports
from pellucid.estimators.frames import RawTable
from pellucid.estimators.members import Member
from pellucid.estimators.readings import Reading
from pellucid.estimators.targets import RawTarget
from pellucid.evaluator import compute, predict, run
from pellucid.network import Network
from pellucid.preparation import CategoryColumn, ClassTarget, Column, NumberTarget, Preparation
from pellucid.preparation.target import outputs_of
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
    members_: tuple[Member, ...]
    readings_: tuple[Reading, ...]
    feature_labels_: tuple[str, ...]

    def _check_fitted(self) -> None:
        raise NotImplementedError

    def _known_columns(self, X: Any) -> list[Column]:
        raise NotImplementedError

    def _read(self, X: Any, *, reset: bool) -> RawTable:
        raise NotImplementedError

    def _raw_target(self, y: Any, rows: int) -> RawTarget:
        raise NotImplementedError

    def _coded(self, target: Array) -> Array:
        raise NotImplementedError

    def trace(
        self, X: Any, y: Any = None, *, steps: int = 1, dropout: bool = False, member: int = 1
    ) -> Trace:
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
        member
            Which of the estimator's networks, from 1. What the others answer to these rows stands in the
            trace as `output_of_2` and so on, and the answer of all follows.

        Raises
        ------
        InputError
            If the rows do not fit the table that was fitted, or there is no such member.
        """
        self._check_fitted()
        if check_count(member, "member") > len(self.members_):
            raise InputError(
                f"Expected a member from 1 to {len(self.members_)}. Got {member}. "
                "The estimator has no more networks."
            )
        chosen = self.members_[member - 1]
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
        others = {
            f"output_of_{at}": predict(self.network_, other.parameters, values["X"])["output"]
            for at, other in enumerate((m for m in self.members_ if m is not chosen), 2)
        }
        raw |= {**self.target_.fitted, **others}
        outputs = outputs_of(len(self.members_), self.network_.outputs)[1:]
        inputs = tuple({s.name: s for s in (*inputs, *self.target_.inputs, *outputs)}.values())
        done: list[TraceStep] = []
        given = self._given(step, values, chosen)
        for number in range(1, steps + 1):
            if number > 1:
                given = given_after(step, given, done[-1].values)
            made = (
                run(step, given)
                if y is not None
                else predict(self.network_, chosen.parameters, given["X"])
            )
            answers = {**self.target_.fitted, "output": made["output"], **others}
            made = {**made, **compute(self.target_.answer, answers)}
            everything = {name: kept(v) for name, v in {**raw, **values, **given, **made}.items()}
            rows = tuple(range(len(given["X"])))
            done.append(TraceStep(number, int(chosen.clock["epoch_number"]), rows, everything))
        labels = {**self.preparation_.labels, **self.target_.labels}
        return Trace(
            step,
            tuple(done),
            labels | dict.fromkeys(others, labels["output"]),
            Surroundings(inputs, before, self.target_.answer_equations(len(self.members_))),
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

    def unread_values(self, X: Any) -> dict[str, tuple[int, Any]]:
        """Return, for each column of dates or durations with texts that are none, how many and one of them."""
        self._check_fitted()
        # By the names of training: those of an array's columns are their places.
        raw = dict(zip(self.feature_labels_, self._read(X, reset=False).columns, strict=True))
        found = {}
        for reading in self.readings_:
            values = raw[reading.name].values
            if reading.kind not in ("dates", "durations") or isinstance(values, np.ndarray):
                continue
            wrong = values.looked_up((reading.level(v) is None for v in values.levels), False)
            if wrong.any():
                found[reading.name] = (int(wrong.sum()), values[int(np.argmax(wrong))])
        return found

    def coded_target(self, y: Any, rows: int) -> Array:
        """Return targets as the preparation takes them, shape (n, 1); all must be known."""
        target = self._raw_target(y, rows)
        if not target.present.all():
            missing = int(np.argmin(target.present))
            raise InputError(
                f"Expected a target in every row. Got none in row {missing} (counted from 0)."
            )
        return self._coded(target.values)

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
            self.members_[0].parameters,
        )

    def _given(self, step: Step, values: Mapping[str, Any], member: Member) -> dict[str, Any]:
        rows = len(values["X"])
        given = {
            "X": values["X"],
            **({"y": values["y"]} if "y" in values else {}),
            **member.parameters,
            **member.states,
            **member.settings,
            "n": rows,
            **member.clock,
        }
        return given | masks_of(step, Clock(**member.clock), rows)
