"""The networks of an estimator for tables: how they are trained, and what they answer together."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier

from pellucid.catalogue import Loss, Optimizer
from pellucid.engine.threads import processors
from pellucid.errors import InputError, check_count, explain
from pellucid.estimators.holding_out import Parts
from pellucid.estimators.metrics import Metric, metric_of
from pellucid.estimators.readings import Reading
from pellucid.estimators.recipe import (
    Recipe,
    batch_size_for,
    epochs_for,
    optimizer_for,
    recipe_of,
)
from pellucid.evaluator import compute, predict
from pellucid.network import Network
from pellucid.preparation import ClassTarget, NumberTarget, Preparation
from pellucid.step import Step
from pellucid.training.batches import batch_rows, batches_per_epoch
from pellucid.training.choice import threads_for
from pellucid.training.events import CompilationStarted, EpochEnded
from pellucid.training.history import History
from pellucid.training.loop import Task, train_together
from pellucid.training.rows import Rows, rows_at_a_time
from pellucid.training.run import Plan, Trained
from pellucid.training.starting import MOST_ROWS, start_on
from pellucid.training.updates import Updates

Array = NDArray[Any]

logger = logging.getLogger("pellucid")

# Weights and activations of a table's size train as well in float32 as in float64, in two thirds of the time.
TRAINING_TYPE = np.float32


@dataclass(frozen=True, eq=False)
class Member:
    """One of the networks that answer together, at its best moment, in float64.

    Attributes
    ----------
    parameters, states
        Weights and biases, and the optimizer's states, by their names in the step.
    settings, clock
        The hyper-parameters, and the time that the next update would see.
    history
        Every epoch, and which of them was best.
    stopped_because
        Why its training ended.
    """

    parameters: dict[str, Array]
    states: dict[str, Array]
    settings: dict[str, float]
    clock: dict[str, Any]
    history: History
    stopped_because: str

    @classmethod
    def of(cls, network: Network, trained: Trained) -> Member:
        """Return what a training has come to."""
        best = trained.best
        states = {
            f"{state}_{name}": view
            for state, flat in best.states.items()
            for name, view in network.views(flat.astype(np.float64)).items()
        }
        clock = {
            "update_number": best.number + 1,
            "epoch_number": best.epoch,
            "progress": best.progress,
        }
        return cls(
            network.views(best.flat.astype(np.float64)),
            states,
            dict(best.settings),
            clock,
            trained.history,
            trained.reason,
        )


class Members:
    """The part of `Tabular` that trains its members and lets them answer."""

    preset: str
    metric: str
    preparation_: Preparation
    target_: ClassTarget | NumberTarget
    network_: Network
    optimizer_: Optimizer
    engine_: str
    members_: tuple[Member, ...]
    held_out_rows_: tuple[Array, ...]
    notes_: tuple[str, ...]
    readings_: tuple[Reading, ...]

    @property
    def parameters_(self) -> dict[str, Array]:
        """Weights and biases of the first member, float64 arrays by name."""
        return self.members_[0].parameters

    @property
    def states_(self) -> dict[str, Array]:
        """States of the first member's optimizer, by name."""
        return self.members_[0].states

    @property
    def settings_(self) -> dict[str, float]:
        """The hyper-parameters of the first member's best moment."""
        return self.members_[0].settings

    @property
    def clock_(self) -> dict[str, Any]:
        """The time that the first member's next update would see."""
        return self.members_[0].clock

    @property
    def history_(self) -> History:
        """Every epoch of the first member."""
        return self.members_[0].history

    @property
    def stopped_because_(self) -> str:
        """Why the training of the first member ended."""
        return self.members_[0].stopped_because

    def _recipe(self, rows: int | None = None) -> Recipe:
        """Return what the preset chooses, for a table of so many rows; `InputError` for one that there is not."""
        recipe = recipe_of(self.preset, classes=is_classifier(self))
        return recipe if rows is None else recipe.for_rows(rows)

    def _metric(self) -> Metric:
        metric = metric_of(self.metric, classes=is_classifier(self))
        target = getattr(self, "target_", None)
        if metric.in_units and isinstance(target, NumberTarget):
            return replace(metric, unit=target.scale)
        return metric

    def _chosen(self, name: str, rows: int) -> Any:
        """Return a parameter, or what the preset chooses for so many rows where it is "auto"."""
        value = getattr(self, name)
        if isinstance(value, str) and value == "auto":
            return getattr(self._recipe(rows), name)
        if isinstance(value, str) and name != "activation":
            raise InputError(
                explain(
                    expected=f"numbers for {name}, or 'auto'",
                    got=repr(value),
                    do="leave it out for what the preset chooses",
                )
            )
        return value

    def _member_count(self, rows: int) -> int:
        return check_count(self._chosen("members", rows), "members")

    def _network(self, inputs: int, rows: int) -> Network:
        """Return the network for so many inputs, which a table of so many rows has."""
        recipe, hidden = self._recipe(rows), self._chosen("hidden_sizes", rows)
        sizes = tuple(hidden) if isinstance(hidden, Iterable) else (hidden,)
        smoothing = self._chosen("label_smoothing", rows) if is_classifier(self) else 0.0
        if self._metric().of_chances and self._is_auto("label_smoothing") and not recipe.calibrated:
            smoothing = 0.0  # it makes chances too modest, which a temperature undoes
        return Network(
            [inputs, *sizes, self.target_.outputs],
            activation=self._chosen("activation", rows),
            loss=self._loss(),
            dropout=self._chosen("dropout", rows),
            initializer=[*[recipe.initializer] * len(sizes), recipe.last_initializer],
            label_smoothing=smoothing,
            input_scale=recipe.input_scale,
            parametric_activation=recipe.parametric and self._is_auto("activation"),
            dropout_schedule=recipe.dropout_schedule,
        )

    def _is_auto(self, name: str) -> bool:
        value = getattr(self, name)
        return isinstance(value, str) and value == "auto"

    def _train_members(self, rows: Rows, parts: Parts, seed: int) -> None:
        """Train a network on each part, and keep those that were trained to the end.

        As many are trained at the same time as there are threads.
        """
        members, threads = len(parts), threads_for(vars(self)["n_jobs"])
        self.network_ = self._network(rows.X.shape[1], rows.count)
        self.network_.loss.check_targets(rows.targets[0])
        at_once = min(members, threads or processors())
        trained = self._train(self._tasks(rows, parts, seed, at_once), at_once, threads)
        # Half of a training would pull whole ones down.
        whole = list(takewhile(lambda one: not one.interrupted, trained)) or trained
        self.members_ = tuple(Member.of(self.network_, one) for one in whole)
        self.engine_ = trained[0].engine
        self.interrupted_ = any(one.interrupted for one in trained)
        if self.interrupted_:
            self.notes_ = (*self.notes_, f"Training was interrupted after {self.got_to_}.")

    def _tasks(self, rows: Rows, parts: Parts, seed: int, at_once: int) -> Iterator[Task]:
        """Yield the training of each member when its turn comes, with its share of the time that is left."""
        limit, began = vars(self)["time_limit"], time.perf_counter()
        rounds = -(-len(parts) // at_once)
        for at in range(len(parts)):
            left = None
            if limit is not None:
                spent = time.perf_counter() - began
                left = max(0.0, limit - spent) / (rounds - at // at_once)
            yield self._task(rows, parts, at, seed, left)

    @property
    def got_to_(self) -> str:
        """How far a training that was interrupted has come, in words."""
        done, members = self.members_, len(self.held_out_rows_)
        if members == 1:
            return f"{len(done[0].history)} epochs"
        halves = done[0].stopped_because == "interrupted"
        return (
            f"{len(done[0].history)} epochs of {len(done)} of {members} networks"
            if halves
            else f"{len(done)} of {members} networks"
        )

    def _plan(
        self, part: tuple[Array, Array], seed: int, time_limit: float | None, place: tuple[int, int]
    ) -> Plan:
        rows, held = map(len, part)
        recipe, given = self._recipe(rows + held), vars(self)
        size, epochs = given["batch_size"], given["epochs"]
        if size == "auto":
            size = recipe.batch_size or batch_size_for(rows)
        size = batch_rows(size, rows)
        if epochs == "auto":
            epochs = epochs_for(recipe, rows, size)
        watch = recipe.watch if self._is_auto("metric") else "score"
        return Plan(
            epochs,
            size,
            recipe.drop_last,
            seed=seed,
            watch=watch if held else "nothing",
            patience=given["patience"] if held else None,
            early_end=recipe.early_end and held > 0 and self._is_auto("epochs"),
            time_limit=time_limit,
            member=place[0],
            members=place[1],
        )

    def _task(self, rows: Rows, parts: Parts, at: int, seed: int, time_limit: float | None) -> Task:
        """Return the training of one member; its optimizer, too, is remembered as the estimator's."""
        training, held = parts[at]
        own_seed = seed if at == 0 else int(np.random.default_rng([seed, at]).integers(2**31))
        plan = self._plan(parts[at], own_seed, time_limit, (at + 1, len(parts)))
        learnt, size = rows.only(training), plan.batch_size
        updates_in_all = plan.epochs * batches_per_epoch(size, plan.rows_per_epoch(learnt.count))
        self.optimizer_ = optimizer_for(
            self._recipe(rows.count),
            vars(self)["optimizer"],
            self._chosen("learning_rate", rows.count),
            self._chosen("weight_decay", rows.count),
            updates_in_all,
        )
        step = Step(self.network_, self.optimizer_, weighted=rows.row_weight is not None)
        few = np.linspace(0, learnt.count - 1, min(learnt.count, MOST_ROWS)).astype(int)
        start = start_on(self.network_, learnt.part(few).X, plan.seed, dtype=TRAINING_TYPE)
        judged = rows.only(held) if len(held) else None
        return Task(Updates(step, start, seed=plan.seed), learnt, plan, judged)

    def _train(self, tasks: Iterator[Task], at_once: int, threads: int | None) -> list[Trained]:
        given = vars(self)
        listeners = [*(given["listeners"] or ()), *([_log] if given["verbose"] else [])]
        if at_once > 1:
            threads = threads or processors()
        return train_together(
            tasks,
            at_once=at_once,
            scorer=self._metric().score,
            listeners=listeners,
            engine=given["engine"],
            threads=threads,
        )

    def _member_outputs(self, prepared: Array) -> list[Array]:
        """Return each member's output for prepared rows."""
        return [predict(self.network_, m.parameters, prepared)["output"] for m in self.members_]

    def _answers(self, outputs: list[Array]) -> dict[str, Array]:
        """Return what follows the members' outputs, by name."""
        given = {"output": outputs[0], **self.target_.fitted}
        given |= {f"output_of_{at}": output for at, output in enumerate(outputs[1:], 2)}
        return compute(self.target_.answer, given)

    def _judged(self, rows: Rows, parts: Parts) -> tuple[Array, Array]:
        """Return the numbers of the rows that members held out, and the outputs of those that did.

        Where none were held out they are all rows, and all members have seen them.
        """
        total = np.zeros((rows.count, self.network_.outputs))
        counts = np.zeros((rows.count, 1))
        several = rows_at_a_time(self.network_.inputs)
        for member, (_, held) in zip(self.members_, parts, strict=False):
            judged = held if len(held) else np.arange(rows.count)
            for start in range(0, len(judged), several):
                at = judged[start : start + several]
                X = rows.part(at).X.astype(np.float64)
                total[at] += predict(self.network_, member.parameters, X)["output"]
            counts[judged] += 1
        judged = np.flatnonzero(counts)
        return judged, total[judged] / counts[judged]

    def _answer_of_held_out(self, output: Array) -> Array:
        """Return what the metric judges: chances as they are given out, or the output of a regression."""
        return output

    def _summary(
        self, rows: Rows, parts: Parts, judged: tuple[Array, Array], read: int, seconds: float
    ) -> dict[str, Any]:
        metric, held = self._metric(), bool(len(parts[0][1]))
        at, output = judged
        training = np.unique(np.concatenate([t for t, _ in parts[: len(self.members_)]]))
        trivial, guess = self._trivial(rows.only(training), rows.only(at))
        weight = None if rows.row_weight is None else rows.row_weight[at]
        output = self._answer_of_held_out(output)
        sign = 1 if metric.higher else -1
        kinds = [reading.kind for reading in self.readings_]
        return {
            "task": "classification" if isinstance(self.target_, ClassTarget) else "regression",
            "rows": read,
            "rows_left_out": read - rows.count,
            "training_rows": len(parts[0][0]),
            "validation_rows": len(at) if held else 0,
            "number_columns": len(kinds) - kinds.count("category"),
            "category_columns": kinds.count("category"),
            "dropped_columns": dict(self.preparation_.dropped),
            "sizes": list(self.network_.sizes),
            "parameters": self.network_.parameter_count,
            "members": len(self.members_),
            "metric": metric.label,
            "higher_is_better": metric.higher,
            "judged_on": "validation rows" if held else "training rows",
            "score": sign * metric.score(output, rows.y[at], weight),
            "trivial_score": sign * trivial,
            "trivial_guess": guess,
            "epochs": len(self.history_),
            "best_epoch": self.history_.best,
            "stopped_because": self.stopped_because_,
            "seconds": seconds,
        }

    def _loss(self) -> str | Loss:
        raise NotImplementedError

    def _trivial(self, training: Rows, judged: Rows) -> tuple[float, str]:
        raise NotImplementedError


def _log(event: Any) -> None:
    if isinstance(event, EpochEnded):
        logger.info("epoch %d: %s", event.number + 1, event.epoch)
    if isinstance(event, CompilationStarted):
        logger.info("compiling, which is done once")
