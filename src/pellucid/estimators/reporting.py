"""What a report says of a fitted estimator for tables, gathered as plain data."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from pellucid import __version__
from pellucid.blas import one_blas_thread
from pellucid.catalogue import Schedule
from pellucid.estimators.judged import Judged
from pellucid.estimators.reporting_columns import described, importance, most_missed, one_row
from pellucid.training.history import History

if TYPE_CHECKING:
    from pellucid.report import Report

Array = NDArray[Any]

# Every number of a step is looked at for so many rows at most.
ROWS_FOR_HEALTH = 1_000
# So many rows are drawn as dots.
ROWS_DRAWN = 1_000
# Parameters of an estimator that say nothing of what it learns.
NOT_OF_THE_RECIPE = {"random_state", "verbose", "listeners", "engine", "n_jobs", "preset"}


class Reports:
    """The method that reports on a fitted estimator; a part of `Tabular`."""

    @overload
    def report(self, X: Any, y: Any, path: None = None, *, sample_weight: Any = None) -> Report: ...

    @overload
    def report(
        self, X: Any, y: Any, path: str | os.PathLike[str], *, sample_weight: Any = None
    ) -> Path: ...

    def report(
        self,
        X: Any,
        y: Any,
        path: str | os.PathLike[str] | None = None,
        *,
        sample_weight: Any = None,
    ) -> Report | Path:
        """Report on the estimator, judged on these rows: one page that needs no network.

        It tells of the table, the network, its learning curves, scores beside the trivial guess, mistakes,
        calibration, the importance of columns, the health of each layer, one prediction worked out in
        numbers, and what was left undone. On rows that it was trained on the scores are too good.

        Parameters
        ----------
        X, y
            Rows of a table like the one that was fitted, and their targets. Rows in which the target is
            missing are left out, and counted.
        path
            The HTML file to write; without it the report is returned.
        sample_weight
            How much each row counts in the scores, at least 0.

        Returns
        -------
        Report or Path
            The report, with `.html`, `.save(path)` and `.data`, which has every number in it; or the path.

        Raises
        ------
        InputError
            If the rows do not fit the table that was fitted, or have a class that was not in training.
        MissingLibraryError
            If Matplotlib is not installed (``pip install 'pellucid[report]'``).
        OutputError
            If the file cannot be written.
        """
        report = report_of(self, X, y, sample_weight)
        return report if path is None else report.save(path)


def report_of(
    estimator: Any, X: Any, y: Any, sample_weight: Any = None, *, unseen: bool = False
) -> Report:
    """Return the report on some rows.

    With `unseen` the rows are those of the fit just made, and those that were held out in it judge, each
    answered by the networks that had not seen it; where none were held out, all judge.
    """
    from pellucid.report import Report, check_matplotlib  # on use, as is Matplotlib

    estimator._check_fitted()
    check_matplotlib()
    unseen = unseen and any(len(rows) for rows in estimator.held_out_rows_)
    # Hundreds of small products: a second thread of BLAS is waited for more than it helps.
    with one_blas_thread():
        rows = Judged(estimator, X, y, sample_weight, unseen=unseen)
        return Report(_plain(_gathered(estimator, rows)))


def histories_of(estimator: Any) -> list[History]:
    """Return the history of each network."""
    return [member.history for member in estimator.members_]


def _gathered(estimator: Any, rows: Judged) -> dict[str, Any]:
    from pellucid.report import health

    looked_at = rows.some(ROWS_FOR_HEALTH)
    trace = rows.reader.trace(rows.rows(looked_at), rows.known(looked_at))
    layers = health.layer_health(trace)
    summary = estimator.summary_
    return {
        "format": 1,
        "about": {
            "estimator": type(estimator).__name__,
            "target": estimator.target_.name,
            "task": "classification" if rows.is_classes else "regression",
            "classes": list(estimator.target_.classes) if rows.is_classes else [],
            "pellucid": __version__,
        },
        "rows": {
            "given": rows.given,
            "judged": rows.count,
            "without_target": rows.without_target,
            "without_weight": rows.without_weight,
            "weighted": rows.is_weighted,
            "unseen": rows.unseen,
            "as_many_as_fitted": rows.given == summary["rows"],
        },
        "table": {
            "rows": summary["rows"],
            "rows_left_out": summary["rows_left_out"],
            "columns": described(estimator, rows),
            "notes": list(estimator.notes_),
        },
        "network": _network(estimator),
        "training": _training(estimator),
        **_scores(estimator, rows),
        "missed": most_missed(estimator, rows),
        "importance": importance(estimator, rows),
        "health": {
            "rows": len(looked_at),
            "inputs": {"mean": float(trace["X"].mean()), "spread": float(trace["X"].std())},
            "layers": layers,
            "advice": health.advice(layers, len(looked_at)),
        },
        "example": one_row(estimator, rows),
    }


def _network(estimator: Any) -> dict[str, Any]:
    network, chosen = estimator.network_, estimator.get_params(deep=False)
    usual = type(estimator)().get_params(deep=False)
    return {
        "sizes": list(network.sizes),
        "activations": [layer.activation.label for layer in network.layers],
        "dropout": [layer.dropout for layer in network.layers],
        "loss": network.loss.label,
        "parameters": network.parameter_count,
        "members": len(estimator.members_),
        "temperature": getattr(estimator.target_, "temperature", None),
        "optimizer": [_piece(piece) for piece in estimator.optimizer_.pieces],
        "preset": str(chosen["preset"]),
        "given": {
            name: str(value)
            for name, value in chosen.items()
            if name not in NOT_OF_THE_RECIPE and str(value) != str(usual[name])
        },
        "engine": estimator.engine_,
    }


def _piece(piece: Any) -> str:
    """Return a piece of an optimizer with its numbers, where they are not the usual ones."""
    numbers = []
    for field in dataclasses.fields(piece):
        value = getattr(piece, field.name)
        if value == field.default:
            continue
        if isinstance(value, Schedule):
            numbers.append(f"{type(value).__name__} {value.learning_rate:g}")
        elif isinstance(value, float):
            numbers.append(f"{field.name} {value:g}")
    return f"{type(piece).__name__} ({', '.join(numbers)})" if numbers else type(piece).__name__


def _training(estimator: Any) -> dict[str, Any]:
    from pellucid.report import training

    summary, members = estimator.summary_, training.curves(histories_of(estimator))
    kept = (
        "training_rows",
        "validation_rows",
        "metric",
        "judged_on",
        "score",
        "trivial_score",
        "trivial_guess",
        "seconds",
    )
    return {
        **{name: summary[name] for name in kept},
        "higher_is_better": estimator._metric().higher,
        "stopped_because": estimator.stopped_because_,
        "interrupted": estimator.interrupted_,
        "members": members,
        "reading": training.reading(members[0]),
    }


def _scores(estimator: Any, rows: Judged) -> dict[str, Any]:
    """Return what the answers of the judged rows are worth; parts that do not apply are empty."""
    from pellucid.report import measures

    empty: dict[str, Any] = {
        "classes": [],
        "confusion": [],
        "accuracy_interval": None,
        "calibration": None,
        "residuals": None,
    }
    if rows.chances is None:
        scores, guess = measures.number_scores(rows.target, rows.answers, rows.weight)
        drawn = rows.some(ROWS_DRAWN)
        residuals = {
            **measures.residuals(rows.target, rows.answers, rows.weight),
            "true": rows.target[drawn].tolist(),
            "predicted": rows.answers[drawn].tolist(),
        }
        found = [vars(score) for score in scores]
        return {**empty, "scores": found, "trivial_guess": guess, "residuals": residuals}
    classes = list(estimator.target_.classes)
    scores, most = measures.class_scores(rows.target, rows.answers, rows.chances, rows.weight)
    counts = measures.confusion(rows.target, rows.answers, rows.weight, len(classes))
    # Of two classes the chance of the second says all; of more, the one of the class that was predicted.
    two = len(classes) == 2
    chance = rows.chances[:, 1] if two else rows.chances.max(axis=1)
    happened = rows.target == (1 if two else rows.answers)
    reliability = measures.calibration(chance, happened, rows.weight)
    right = float(counts.trace() / counts.sum())
    by_class = measures.by_class(counts)
    return {
        **empty,
        "scores": [vars(score) for score in scores],
        "trivial_guess": classes[most],
        "accuracy_interval": None
        if rows.is_weighted
        else measures.wilson_interval(right, rows.count),
        "classes": [{"name": c, **found} for c, found in zip(classes, by_class, strict=True)],
        "confusion": counts.tolist(),
        "calibration": {"of": classes[1] if two else None, **reliability},
    }


def _plain(value: Any) -> Any:
    """Return data as JSON can hold it: no arrays, and None for a number that is not finite."""
    if isinstance(value, dict):
        return {str(name): _plain(v) for name, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value if isinstance(value, str | int | bool | None) else str(value)
