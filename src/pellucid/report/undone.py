"""What a training and its report left undone, read from the report's data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pellucid.report.markup import count, cut
from pellucid.report.training import still_improving

# Fewer rows of a class, or in all, give scores that say little.
RARE, FEW = 10, 100


def undone(data: Mapping[str, Any]) -> list[str]:
    """Return what was left out, cut short or not tried, in sentences with what to do."""
    found = [
        *_of_training(data["training"]),
        *_of_rows(data),
        *_of_columns(data["table"]["columns"]),
    ]
    if data["classes"]:
        found += _of_classes(data["classes"])
    importance = data["importance"]
    if importance["rows"] < data["rows"]["judged"]:
        found.append(
            f"The importance of columns was measured on {importance['rows']:,} of the rows, drawn at random."
        )
    members = len(data["training"]["members"])
    if members == 1:
        found.append(
            "One network was trained from one seed. Another random_state gives somewhat other numbers; several "
            "fits show by how much."
        )
    found.append(
        "Nothing was tuned: sizes, rates and penalties are those that were given, or the preset's. What decides "
        "such choices are rows that this report has not seen."
    )
    return found


def _of_training(training: Mapping[str, Any]) -> list[str]:
    found = []
    epochs = len(training["members"][0]["loss"])
    if training["interrupted"]:
        members = len(training["members"])
        done = count(epochs, "epoch") if members == 1 else count(members, "network")
        found.append(f"Training was interrupted after {done}: fit again for all of them.")
    elif "time limit" in training["stopped_because"]:
        found.append(
            f"Training ended early, for {training['stopped_because']}. A longer limit may do better."
        )
    if not training["validation_rows"]:
        found.append(
            "No rows were held out in training: how well it generalises, only other rows can tell."
        )
    if still_improving(training["members"][0]):
        found.append("The loss was still falling in the last epoch: more epochs may do better.")
    return found


def _of_rows(data: Mapping[str, Any]) -> list[str]:
    rows, found = data["rows"], []
    if rows["without_target"]:
        found.append(
            f"{count(rows['without_target'], 'row')} without a target could not be judged."
        )
    if rows["without_weight"]:
        found.append(f"{count(rows['without_weight'], 'row')} with a weight of 0 were left out.")
    if rows["judged"] < FEW:
        found.append(
            f"{count(rows['judged'], 'row')} are few: every score here could be off by some points. More rows "
            "would say more."
        )
    return found


def _of_columns(columns: list[Mapping[str, Any]]) -> list[str]:
    found = []
    unused = [c["name"] for c in columns if c["not_used"]]
    if unused:
        found.append(f"Not learnt from, for the reasons given above: {_listed(unused)}.")
    for column in columns:
        name = cut(column["name"])
        if column["merged"]:
            found.append(
                f"Column {name}: {column['merged']:,} rare categories have no input of their own, and count as unknown."
            )
        if column["unknown"]:
            found.append(
                f"Column {name}: {count(column['unknown'], 'value')} of these rows are categories that the network "
                "does not know, and count as missing."
            )
    return found


def _of_classes(classes: list[Mapping[str, Any]]) -> list[str]:
    absent = [c["name"] for c in classes if not c["rows"]]
    rare = [c["name"] for c in classes if 0 < c["rows"] < RARE]
    found = []
    if absent:
        found.append(f"Not judged, since absent from these rows: {_listed(absent)}.")
    if rare:
        found.append(
            f"With fewer than {RARE} rows, too rare for scores of their own to mean much: {_listed(rare)}."
        )
    return found


def _listed(names: list[Any], most: int = 8) -> str:
    shown = ", ".join(cut(name, 40) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
