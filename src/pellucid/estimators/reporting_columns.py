"""The raw columns in a report: what is in them, how much they matter, and what they did to one prediction."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.inspection import permutation_importance

from pellucid.estimators.inferring import inferred
from pellucid.estimators.judged import Judged
from pellucid.preparation import Column, NumberColumn

Array = NDArray[Any]

# Shuffles of a column, and rows that all shuffles together predict at most, which takes seconds.
REPEATS = 5
ROWS_PREDICTED = 200_000
FEWEST_ROWS, MOST_ROWS = 100, 1_000
# Levels of a category that are named, and rows that are missed most.
NAMED, MISSED = 3, 5


def described(estimator: Any, rows: Judged) -> list[dict[str, Any]]:
    """Return what each column of the table holds, and whether the model uses it."""
    kinds, dropped = dict(estimator.columns_), estimator.preparation_.dropped
    used = dict(zip(kinds, rows.columns, strict=True))
    merged = {c.name: c.left_out for c in estimator.preparation_.categories}
    unknown = rows.reader.unknown_categories(rows.columns)
    found = []
    for name, raw in zip(estimator.feature_labels_, rows.raw, strict=True):
        if name in used:
            column, kind = used[name], kinds[name]
        else:
            table = inferred([raw])
            column, kind = table.columns[0], table.readings[0].kind
        found.append(
            {
                "name": name,
                "kind": kind,
                **_held(column, kind),
                "merged": merged.get(name, 0),
                "unknown": unknown[name][0] if name in unknown else 0,
                "not_used": dropped.get(name, ""),
            }
        )
    return found


def _held(column: Column, kind: str) -> dict[str, Any]:
    """Return how many values are missing, and what the others are."""
    if not isinstance(column, NumberColumn):
        values = column.values
        order = np.argsort(-values.counts, kind="stable")[:NAMED]
        most = [
            {"value": str(values.levels[at]), "rows": int(values.counts[at])}
            for at in order
            if values.counts[at]
        ]
        return {
            "missing": values.missing,
            "holds": {"levels": int((values.counts > 0).sum()), "most": most},
        }
    missing = np.isnan(column.values)
    known = column.values[~missing]
    three = (
        {"lowest": known.min(), "median": np.median(known), "highest": known.max()}
        if known.size
        else {}
    )
    holds = {name: _number_or_date(float(value), kind) for name, value in three.items()}
    return {"missing": int(missing.sum()), "holds": holds}


def _number_or_date(value: float, kind: str) -> float | str:
    """Return a number; days since 1970 as the date that they are."""
    if kind != "dates":
        return value
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(days=value)
    return moment.date().isoformat() if value.is_integer() else moment.isoformat(" ", "minutes")


def importance(estimator: Any, rows: Judged) -> dict[str, Any]:
    """Return by how much scores get worse when a column's values are shuffled between rows (Breiman 2001).

    `score` falls by so much – accuracy or R² –, and `loss` rises: log loss, or root mean squared error;
    each with the standard deviation over the shuffles. Columns that the model does not use cannot matter.
    """
    names = list(dict(estimator.columns_))
    most = ROWS_PREDICTED // (len(names) * REPEATS * len(estimator.members_))
    some = rows.some(min(max(most, FEWEST_ROWS), MOST_ROWS))
    # What is shuffled are the numbers of rows, so columns may be of any kind.
    numbers = np.repeat(rows.chosen[some][:, None], len(names), axis=1)

    def score(_: Any, taken: Array, target: Array, sample_weight: Array) -> dict[str, float]:
        mixed = [column.rows(taken[:, at]) for at, column in enumerate(rows.columns)]
        return _two_scores(rows, mixed, target, sample_weight)

    found: Any = permutation_importance(
        estimator,
        numbers,
        rows.target[some],
        scoring=score,
        n_repeats=REPEATS,
        random_state=0,
        sample_weight=rows.weight[some],
    )
    columns = [
        {
            "name": name,
            **{
                which: {
                    "mean": found[which].importances_mean[at],
                    "spread": found[which].importances_std[at],
                }
                for which in ("score", "loss")
            },
        }
        for at, name in enumerate(names)
    ]
    columns.sort(key=lambda column: -column["loss"]["mean"])
    return {
        "rows": len(some),
        "repeats": REPEATS,
        "score": "accuracy" if rows.is_classes else "R²",
        "loss": "log loss" if rows.is_classes else "root mean squared error",
        "columns": columns,
    }


def _two_scores(rows: Judged, X: list[Column], target: Array, weight: Array) -> dict[str, float]:
    """Return a score and minus a loss, so that a fall of either is for the worse."""
    from pellucid.report import measures

    if rows.is_classes:
        chances = rows.reader.predict_proba(X)
        right = np.argmax(chances, axis=1) == target
        loss = measures.log_loss(target, chances, weight)
        return {"score": float(np.average(right, weights=weight)), "loss": -loss}
    scores = measures.number_scores(target, rows.reader.predict(X), weight)[0]
    values = {score.name: score.value for score in scores}
    return {"score": values.get("R²", 0.0), "loss": -values["root mean squared error"]}


def most_missed(estimator: Any, rows: Judged) -> list[dict[str, Any]]:
    """Return the rows whose answers are furthest from the truth, the worst first."""
    far = _how_far(rows)
    order = np.argsort(-far, kind="stable")
    if rows.chances is None:
        order = order[far[order] > 0][:MISSED]
        return [
            {
                "row": int(rows.chosen[at]),
                "true": float(rows.target[at]),
                "predicted": float(rows.answers[at]),
            }
            for at in order
        ]
    classes = list(estimator.target_.classes)
    order = order[rows.answers[order] != rows.target[order]][:MISSED]
    return [
        {
            "row": int(rows.chosen[at]),
            "true": classes[rows.target[at]],
            "predicted": classes[rows.answers[at]],
            "chance_of_true": float(rows.chances[at, rows.target[at]]),
            "chance_of_predicted": float(rows.chances[at, rows.answers[at]]),
        }
        for at in order.tolist()
    ]


def _how_far(rows: Judged) -> Array:
    """Return how far each answer is from the truth: its loss, or its distance."""
    from pellucid.report import measures

    if rows.chances is None:
        distance: Array = abs(rows.target - rows.answers)
        return distance
    return measures.row_losses(rows.target, rows.chances)


def one_row(estimator: Any, rows: Judged) -> dict[str, Any]:
    """Return one prediction in numbers: the row that does middling well.

    For each column, `without` is the answer (the chance of the predicted class) when the column has its
    typical value in these rows: the middle number, or the most frequent category.
    """
    from pellucid.report import example

    place = np.argsort(_how_far(rows), kind="stable")[[(rows.count - 1) // 2]]
    row = int(rows.chosen[place[0]])
    trace = rows.reader.trace(rows.rows(place), rows.known(place))
    typical = [_typical(column, rows.chosen) for column in rows.columns]
    # The row as it is, and then once for each column with this one exchanged.
    taken = np.full((1 + len(typical), len(typical)), row)
    taken[1:][np.diag_indices(len(typical))] = typical
    mixed = [column.rows(taken[:, at]) for at, column in enumerate(rows.columns)]
    answers, said = _answers(estimator, rows, mixed)
    kinds = dict(estimator.columns_)
    columns = [
        {
            "name": name,
            "value": _shown(column, row, kinds[name]),
            "typical": _shown(column, other, kinds[name]),
            "without": float(answer),
            "moved": float(answers[0] - answer),
        }
        for name, column, other, answer in zip(
            kinds, rows.columns, typical, answers[1:], strict=True
        )
    ]
    columns.sort(key=lambda column: -abs(column["moved"]))
    true = rows.known(place).tolist()[0]
    return {
        "row": row,
        "answer": float(answers[0]),
        "true": true,
        **said,
        "columns": columns,
        "inputs": example.prepared(trace),
        "equations": example.worked(trace),
    }


def _answers(estimator: Any, rows: Judged, X: list[Column]) -> tuple[Array, dict[str, Any]]:
    """Return the answer for each row as one number, and what is predicted for the first."""
    if not rows.is_classes:
        numbers: Array = rows.reader.predict(X)
        return numbers, {"predicted": float(numbers[0])}
    chances = rows.reader.predict_proba(X)
    predicted = rows.reader.predict([column.rows(np.arange(1)) for column in X]).tolist()[0]
    at = list(estimator.target_.classes).index(predicted)
    return chances[:, at], {"predicted": predicted, "chances": chances[0].tolist()}


def _typical(column: Column, chosen: Array) -> int:
    """Return the row that has the column's middle number or most frequent category, among some rows."""
    of_these = column.rows(chosen)
    if isinstance(of_these, NumberColumn):
        order = np.argsort(of_these.values, kind="stable")  # NaN comes last
        known = int((~np.isnan(of_these.values)).sum())
        return int(chosen[order[max(known - 1, 0) // 2]])
    values = of_these.values
    if values.missing == len(values):
        return int(chosen[0])
    return int(chosen[np.argmax(values.places == int(np.argmax(values.counts)))])


def _shown(column: Column, row: int, kind: str) -> Any:
    """Return a raw value to show; None where it is missing."""
    value = column.values[row]
    if isinstance(column, NumberColumn):
        return None if np.isnan(value) else _number_or_date(float(value), kind)
    return value
