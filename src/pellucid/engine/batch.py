"""What a batch reads: its rows, targets and weights, where they stand or copied into buffers."""

from __future__ import annotations

# ruff: noqa: F403, F405 (the names of all columns)
from typing import Any

import numpy as np

from pellucid.engine.compiling import array, compiled
from pellucid.engine.layout import *

Table = Any


@compiled
def number_at(source: int, form: int, at: int) -> float:
    """Return the number at a place of an array of the type `forms.FORMS[form - 1]`."""
    if form == 1:
        return float(array(source + at, 1, np.uint8)[0])
    if form == 2:
        return float(array(source + 2 * at, 1, np.uint16)[0])
    if form == 3:
        return float(array(source + 4 * at, 1, np.uint32)[0])
    if form == 4:
        return float(array(source + 8 * at, 1, np.int64)[0])
    if form == 5:
        return float(array(source + 4 * at, 1, np.float32)[0])
    return float(array(source + 8 * at, 1, np.float64)[0])


@compiled
def gather(source: int, to: int, order: int, first: int, rows: int, width: int) -> None:
    """Copy the rows (`width` bytes each) that `order` names, from its place `first` on."""
    chosen = array(order + first * 4, rows, np.int32)
    for i in range(rows):
        a = array(source + int(chosen[i]) * width, width, np.uint8)
        b = array(to + i * width, width, np.uint8)
        for j in range(width):
            b[j] = a[j]


@compiled
def lengthen(job: Table, first: int, rows: int) -> None:
    """Write a chunk's rows, which stand in float32, into its buffer in float64."""
    width = job[INPUTS]
    for i in range(rows):
        at = first + i
        if job[ORDER_AT]:
            at = array(job[ORDER_AT], job[ROWS] * job[EPOCHS], np.int32)[at]
        a = array(job[X_AT] + int(at) * width * 4, width, np.float32)
        b = array(job[BATCH_X_AT] + i * width * 8, width, np.float64)
        for j in range(width):
            b[j] = a[j]


@compiled
def rows_from(job: Table, X: int, first: int) -> Any:
    """Return where the rows from `first` on begin; of sparse ones it is their table, which is told."""
    if job[SPARSE]:
        array(X, SPARSE_COLUMNS, np.int64)[FIRST] = first
        return X
    return X + first * job[INPUTS] * job[SIZE]


@compiled
def fill_targets(job: Table, first: int, rows: int) -> None:
    """Write the targets of a chunk's rows into its buffer, in the type of X.

    For no and yes these are the two given values; a class's number is a yes at its output alone.
    """
    source, form, outputs, width = job[Y_AT], job[Y_FORM], job[OUTPUTS], job[Y_WIDTH]
    values = array(job[Y_VALUES_AT], 2, np.float64)
    small = array(job[BATCH_Y_AT], job[CHUNK] * outputs, np.float32)
    large = array(job[BATCH_Y_AT], job[CHUNK] * outputs if job[SIZE] == 8 else 0, np.float64)
    for i in range(rows):
        at = first + i
        if job[ORDER_AT]:
            at = array(job[ORDER_AT], job[ROWS] * job[EPOCHS], np.int32)[at]
        number = number_at(source, form, at * width)
        for j in range(outputs):
            if width < outputs:
                value = values[1] if number == j else values[0]
            else:
                value = number_at(source, form, at * width + j)
                if job[Y_VALUES_AT]:
                    value = values[1] if value else values[0]
            if job[SIZE] == 8:
                large[i * outputs + j] = value
            else:
                small[i * outputs + j] = np.float32(value)


@compiled
def weight_at(job: Table, row: int) -> float:
    """Return the weight of a row, which may be that of its class."""
    number = number_at(job[WEIGHT_AT], job[WEIGHT_FORM], row)
    if job[WEIGHT_VALUES_AT]:
        return float(array(job[WEIGHT_VALUES_AT] + 8 * int(number), 1, np.float64)[0])
    return number


@compiled
def fill_weights(job: Table, first: int, rows: int) -> None:
    """Copy the weights of a chunk's rows into its buffer, in the type of X."""
    small = array(job[BATCH_WEIGHT_AT], job[CHUNK], np.float32)
    large = array(job[BATCH_WEIGHT_AT], job[CHUNK] if job[SIZE] == 8 else 0, np.float64)
    for i in range(rows):
        at = first + i
        if job[ORDER_AT]:
            at = array(job[ORDER_AT], job[ROWS] * job[EPOCHS], np.int32)[at]
        weight = weight_at(job, int(at))
        if job[SIZE] == 8:
            large[i] = weight
        else:
            small[i] = np.float32(weight)


@compiled
def total_weight(job: Table, first: int, rows: int) -> float:
    """Return the sum of the weights of a batch: the number of its rows where they have none."""
    if job[WEIGHT_AT] == 0:
        return float(rows)
    total = 0.0
    for i in range(first, first + rows):
        row = array(job[ORDER_AT], job[ROWS] * job[EPOCHS], np.int32)[i] if job[ORDER_AT] else i
        total += weight_at(job, int(row))
    return total
