"""The loop: every batch of one or several epochs, in one compiled call.

Every worker thread runs `train` on its share of each batch's rows, with a gradient vector of its own,
and meets the others twice an update: when the gradients are there, and when the parameters are new.
What it works on stands in two tables of whole numbers, `job` and `layers`: addresses and counts. So the
loop is compiled once for all networks, activations, losses, optimizers, and both precisions.
"""

from __future__ import annotations

# ruff: noqa: F403, F405 (the names of all columns)
import math
from typing import Any

import numpy as np

from pellucid.engine.batch import (
    fill_targets,
    fill_weights,
    gather,
    lengthen,
    rows_from,
    total_weight,
)
from pellucid.engine.compiling import (
    add_atomically,
    array,
    call,
    call_plain,
    compiled,
    read_atomically,
    table,
)
from pellucid.engine.layout import *
from pellucid.engine.products import CHOSEN, OF_TRANSPOSED, PLAIN, WITH_TRANSPOSED

# What is handed to functions of the loop: for a plain 0 or 1 Numba compiles a function once more.
NO_UPDATE: Any = np.int64(0)
AS_THEY_COME: Any = np.int64(0)
LOSSES_OF: Any = np.int64(0)
CHECKS_OF: Any = np.int64(1)
PENALTIES_OF: Any = np.int64(2)

# The rows of a layer of fewer neurons go through its activation as one row, which fills whole vectors.
NARROW = 32

Table = Any


@compiled
def scale_weights(job: Table, layers: Table) -> None:
    """Multiply the rows of W1 by the scale of the inputs: X times this is what scaled X times W1 is."""
    if job[SCALED_W_AT]:
        W = job[FLAT_AT] + layers[0, W_START] * job[SIZE]
        rows, columns = layers[0, FAN_IN], layers[0, FAN_OUT]
        scale = job[FLAT_AT] + job[INPUT_SCALE_AT]
        call(job[MULTIPLY_ROWS], scale, W, job[SCALED_W_AT], rows, columns, 0, 0, 0, 0)


@compiled
def unscale_gradient(job: Table, layers: Table) -> None:
    """Turn the gradient of the scaled W1, which stands in the place of W1's, into those of both factors."""
    if job[SCALED_W_AT]:
        size, rows, columns = job[SIZE], layers[0, FAN_IN], layers[0, FAN_OUT]
        W, G = layers[0, W_START] * size, job[GRADIENT_AT] + layers[0, W_START] * size
        of_scale = job[GRADIENT_AT] + job[INPUT_SCALE_AT]
        scale = job[FLAT_AT] + job[INPUT_SCALE_AT]
        call(job[ROW_PRODUCTS], job[FLAT_AT] + W, G, of_scale, rows, columns, 0, 0, 0, 0)
        call(job[MULTIPLY_ROWS], scale, G, G, rows, columns, 0, 0, 0, 0)


@compiled
def repeat(source: int, to: int, times: int, count: int, size: int) -> None:
    """Write `count` numbers so many times, one after the other."""
    a = array(source, count * size // 4, np.int32)
    for i in range(times):
        b = array(to + i * count * size, count * size // 4, np.int32)
        for j in range(count * size // 4):
            b[j] = a[j]


@compiled
def forward(
    job: Table, layers: Table, X: int, chosen: int, rows: int, first: int, update: int
) -> None:
    """Fill net inputs and activations of every layer; with `update` 0 nothing is dropped.

    `X` is where the rows are; with `chosen`, a table that names them.
    """
    signal, flat = X, job[FLAT_AT]
    for at in range(layers.shape[0]):
        fan_in, fan_out = layers[at, FAN_IN], layers[at, FAN_OUT]
        z, a = layers[at, Z_AT], layers[at, A_AT]
        W = flat + layers[at, W_START] * job[SIZE]
        if at == 0 and job[SCALED_W_AT]:
            W = job[SCALED_W_AT]
        product, kind = job[PRODUCT], PLAIN
        if at == 0:
            product, kind = job[INPUT_PRODUCT], PLAIN + chosen
        call(product, signal, W, z, rows, fan_out, fan_in, kind, 0, job[SCRATCH_AT])
        bias, count, columns = flat + layers[at, B_START] * job[SIZE], rows, fan_out
        narrow = fan_out < NARROW and 1 < rows <= SCRATCH // NARROW
        if layers[at, ELEMENTWISE] and narrow:
            repeat(bias, job[SCRATCH_AT], rows, fan_out, job[SIZE])
            bias, count, columns = job[SCRATCH_AT], 1, rows * fan_out
        numbers = layers[at, ACTIVATION_NUMBERS_AT]
        weights = flat + layers[at, WEIGHT_START] * job[SIZE]
        call(layers[at, FORWARD], z, bias, a, count, columns, numbers, weights, 0, 0)
        signal = a
        if layers[at, MASK_AT] and update:
            mask, share = layers[at, MASK_AT], layers[at, DROPOUT_AT]
            factor = job[FACTOR_AT]
            call(job[MASK], mask, rows, fan_out, first, job[SEED], at + 1, update, share, factor)
            call(job[MULTIPLY], a, mask, layers[at, KEPT_AT], rows * fan_out, 0, 0, 0, 0, 0)
            signal = layers[at, KEPT_AT]


@compiled
def carry_back(job: Table, layers: Table, at: int, rows: int, error: int, add: int) -> None:
    """Turn the error at a layer's output into its delta, in its place.

    Where the activation has weights, their gradient is written, or added if `add`.
    """
    count, columns = rows, layers[at, FAN_OUT]
    if layers[at, ELEMENTWISE]:
        count, columns = 1, rows * columns
    numbers, weight = layers[at, ACTIVATION_NUMBERS_AT], layers[at, WEIGHT_START] * job[SIZE]
    call(
        layers[at, DELTA],
        error,
        layers[at, Z_AT],
        layers[at, A_AT],
        count,
        columns,
        numbers,
        job[FLAT_AT] + weight,
        job[GRADIENT_AT] + weight,
        add,
    )


@compiled
def backward(job: Table, layers: Table, X: int, rows: int, add: int, update: int) -> None:
    """Carry the last layer's delta back, and write (or add) the gradients of every layer."""
    flat, gradient, size = job[FLAT_AT], job[GRADIENT_AT], job[SIZE]
    for at in range(layers.shape[0] - 1, -1, -1):
        fan_in, fan_out, error = layers[at, FAN_IN], layers[at, FAN_OUT], layers[at, DELTA_AT]
        signal = X
        if at:
            dropped = layers[at - 1, MASK_AT] != 0 and update != 0
            signal = layers[at - 1, KEPT_AT] if dropped else layers[at - 1, A_AT]
        W = gradient + layers[at, W_START] * size
        scratch, product = job[SCRATCH_AT], job[PRODUCT] if at else job[INPUT_PRODUCT]
        call(product, signal, error, W, fan_in, fan_out, rows, OF_TRANSPOSED, add, scratch)
        bias = gradient + layers[at, B_START] * size
        call(job[COLUMN_SUMS], error, bias, rows, fan_out, add, 0, 0, 0, 0)
        if at:
            sent = layers[at - 1, DELTA_AT]
            W = flat + layers[at, W_START] * size
            call(job[PRODUCT], error, W, sent, rows, fan_in, fan_out, WITH_TRANSPOSED, 0, scratch)
            if layers[at - 1, MASK_AT] and update:
                call(
                    job[MULTIPLY], sent, layers[at - 1, MASK_AT], sent, rows * fan_in, 0, 0, 0, 0, 0
                )
            carry_back(job, layers, at - 1, rows, sent, add)


@compiled
def gradient_of(
    job: Table, layers: Table, start: int, offset: int, rows: int, update: int
) -> float:
    """Fill this worker's gradient from `rows` rows of the batch at `start`; return their losses."""
    last, total = layers.shape[0] - 1, 0.0
    scale_weights(job, layers)
    inputs, outputs = job[INPUTS] * job[SIZE], job[OUTPUTS] * job[SIZE]
    done = 0
    while done < rows:
        count = min(job[CHUNK], rows - done)
        first = start + offset + done
        X, y = rows_from(job, job[X_AT], first), job[Y_AT] + first * outputs
        chosen = AS_THEY_COME
        if job[X_IS_SHORT]:
            X = job[BATCH_X_AT]
            lengthen(job, first, count)
        elif job[CHOSEN_ROWS_AT] and count > 1:
            X, chosen = job[CHOSEN_ROWS_AT], CHOSEN
            array(X, SPARSE_COLUMNS, np.int64)[FIRST] = first
        elif job[ORDER_AT] and job[SPARSE] == 0:
            X = job[BATCH_X_AT]
            gather(job[X_AT], X, job[ORDER_AT], first, count, inputs)
        if job[ORDER_AT]:
            y = job[BATCH_Y_AT]
            if job[Y_FORM] == 0:
                gather(job[Y_AT], y, job[ORDER_AT], first, count, outputs)
        if job[Y_FORM]:
            y = job[BATCH_Y_AT]
            fill_targets(job, first, count)
        weight = job[BATCH_WEIGHT_AT]
        if job[WEIGHT_AT]:
            fill_weights(job, first, count)
        forward(job, layers, X, chosen, count, offset + done, update)
        if chosen:
            # They are near by now. To fetch them from far away while a product is computed takes less
            # than to copy them before it.
            X = job[BATCH_X_AT]
            gather(job[X_AT], X, job[ORDER_AT], first, count, inputs)
        z, a, error = layers[last, Z_AT], layers[last, A_AT], layers[last, DELTA_AT]
        numbers, scale = job[LOSS_NUMBERS_AT], job[SCALE_AT]
        total += call(job[LOSS], z, a, y, error, weight, count, job[OUTPUTS], numbers, scale)
        if layers[last, DELTA]:
            carry_back(job, layers, last, count, error, NO_UPDATE)
        backward(job, layers, X, count, 1 if done else 0, update)
        done += count
    unscale_gradient(job, layers)
    if rows == 0:
        whole = array(job[GRADIENT_AT], job[PARAMETERS] * job[SIZE], np.uint8)
        for i in range(len(whole)):
            whole[i] = 0
    return total


@compiled
def meet(job: Table) -> None:
    """Wait until every worker has come here as often as this one."""
    if job[WORKERS] == 1:
        return
    job[MEETINGS] += 1
    expected, waited = job[MEETINGS] * job[WORKERS], 0
    add_atomically(job[MEETING_AT], 1)
    while read_atomically(job[MEETING_AT]) < expected:
        waited += 1
        if waited > 4000 and job[YIELD_AT]:
            call_plain(job[YIELD_AT])


@compiled
def finish_gradient(job: Table, layers: Table, low: int, high: int) -> float:
    """Add up the workers' gradients from parameter `low` to `high`, and the penalties; return these."""
    size, to, penalty = job[SIZE], job[GRADIENTS_AT], 0.0
    if job[WORKERS] > 1:
        call(job[ADD_UP], to + low * size, job[STRIDE], job[WORKERS], high - low, 0, 0, 0, 0, 0)
    if job[PENALTIES_AT]:
        for at in range(layers.shape[0]):
            start, stop = max(layers[at, W_START], low), min(layers[at, B_START], high)
            if start < stop:
                g, w = to + start * size, job[FLAT_AT] + start * size
                at_l1_l2 = job[PENALTIES_AT]
                penalty += call(job[ADD_PENALTIES], g, w, stop - start, at_l1_l2, 0, 0, 0, 0, 0)
    return penalty


@compiled
def update_slice(job: Table, low: int, high: int) -> float:
    """Update the parameters from `low` to `high`; return 0, or NaN if one is not finite."""
    size, check = job[SIZE], 0.0
    for at in range(job[BLOCKS]):
        block = array(job[BLOCKS_AT] + 8 * BLOCK_COLUMNS * at, BLOCK_COLUMNS, np.int64)
        start, stop = max(block[START], low), min(block[STOP], high)
        if start < stop:
            value, gradient = job[FLAT_AT] + start * size, job[GRADIENTS_AT] + start * size
            states, numbers = job[STATES_AT] + start * size, job[NUMBERS_AT]
            kernel, stride, fan_in = block[UPDATE], job[STRIDE], block[BLOCK_FAN_IN]
            check += call(
                kernel, value, gradient, states, stride, stop - start, numbers, fan_in, 0, 0
            )
    return check


@compiled
def apply_update(job: Table, low: int, high: int) -> float:
    """Make the update from the finished gradient; one number of all gradients comes first."""
    if job[SHARE]:
        meet(job)
        if job[WORKER] == 0:
            call(job[SHARE], job[GRADIENTS_AT], job[PARAMETERS], job[NUMBERS_AT], 0, 0, 0, 0, 0, 0)
            shared = array(job[SHARED_AT], 3 * job[WORKERS] + 1 + job[NUMBERS], np.float64)
            own = array(job[NUMBERS_AT], job[NUMBERS], np.float64)
            for i in range(job[NUMBERS]):
                shared[3 * job[WORKERS] + 1 + i] = own[i]
        meet(job)
        if job[WORKER]:
            shared = array(job[SHARED_AT], 3 * job[WORKERS] + 1 + job[NUMBERS], np.float64)
            own = array(job[NUMBERS_AT], job[NUMBERS], np.float64)
            for i in range(job[NUMBERS]):
                own[i] = shared[3 * job[WORKERS] + 1 + i]
    return update_slice(job, low, high)


@compiled
def sum_of(job: Table, column: int) -> float:
    """Return the sum of what the workers left in a column of the shared numbers."""
    shared = array(job[SHARED_AT], 3 * job[WORKERS] + 1, np.float64)
    total = 0.0
    for worker in range(job[WORKERS]):
        total += shared[column * job[WORKERS] + worker]
    return total


@compiled
def set_strengths(job: Table, weight: float) -> None:
    """Set the strength of L2 for a batch: as it is, or divided by the weight of the batch."""
    if job[PENALTIES_AT]:
        strengths = array(job[PENALTIES_AT], 3, np.float64)
        strengths[1] = strengths[2] / weight if job[L2_BY_ROWS] else strengths[2]


@compiled
def set_numbers(job: Table, at: int, number: int, epoch: int) -> None:
    """Set the numbers that change from update to update, as `source.optimizer_numbers` orders them."""
    numbers = array(job[NUMBERS_AT], 3 + job[RATES], np.float64)
    rates = array(job[RATES_AT] + at * job[RATES_STEP], job[RATES], np.float64)
    numbers[0] = rates[0]
    numbers[1] = number
    numbers[2] = job[EPOCH] + epoch
    numbers[3] = min((number - 1) / job[PLANNED], 1.0)
    for k in range(1, job[RATES]):
        numbers[3 + k] = rates[k]


@compiled
def count(
    job: Table, results: Table, loss: float, weight: float, size: int, penalty: float
) -> None:
    """Add what came of a batch to its epoch's results."""
    results[LOSSES] += loss
    results[WEIGHTS] += weight
    results[MEAN_LOSSES] += size * (loss / weight if job[MEAN] else loss)
    results[PENALTIES] += size * penalty
    results[ROWS_SEEN] += size


@compiled
def share_begins(count: int, worker: int, workers: int) -> int:
    """Return where a worker's share begins; behind the last one it is the end."""
    if worker == 0 or worker == workers:
        return count if worker else 0
    return count * worker // workers


def train(
    job_at: int, layers_at: int, depth: int, _4: int, _5: int, _6: int, _7: int, _8: int, _9: int
) -> float:
    """Make every update of the epochs; with no block to update, fill the gradient alone.

    Ends early when the number at STOP_AT is not 0, after LIMIT updates, or at the first loss or
    parameter that is not finite: then job[BAD] is 1 (a loss; nothing was changed) or 2 (a parameter).
    How many updates were made stands in job[DONE].
    """
    job, layers = array(job_at, JOB_COLUMNS, np.int64), table(layers_at, depth, LAYER_COLUMNS)
    workers, worker, done, at, stop = job[WORKERS], job[WORKER], 0, -1, 0.0
    shared = array(job[SHARED_AT], 3 * workers + 1, np.float64)
    low = share_begins(job[PARAMETERS], worker, workers) // 16 * 16
    high = share_begins(job[PARAMETERS], worker + 1, workers)
    if worker + 1 < workers:
        high = high // 16 * 16
    batches = -(-job[ROWS] // job[BATCH])
    for epoch in range(job[EPOCHS]):
        place = job[RESULTS_AT] + 8 * RESULT_COLUMNS * epoch
        results = array(place, RESULT_COLUMNS, np.float64)
        for batch in range(batches):
            begin = batch * job[BATCH]
            if done == job[LIMIT]:
                return 0.0
            at += 1
            size = min(job[BATCH], job[ROWS] - begin)
            number = job[UPDATES_BEFORE] + done + 1
            if job[LEFT_OUT_AT] and array(job[LEFT_OUT_AT] + at, 1, np.uint8)[0]:
                if worker == 0:
                    results[ROWS_SEEN] += size
                continue
            start = begin + (epoch * job[ROWS] if job[ORDER_AT] else 0)
            first = share_begins(size, worker, workers)
            past = share_begins(size, worker + 1, workers)
            weight = total_weight(job, start, size)
            array(job[SCALE_AT], 1, np.float64)[0] = 1.0 / weight if job[MEAN] else 1.0
            set_strengths(job, weight)
            # Of the shares that dropout leaves out.
            job[FACTOR_AT] = job[FACTORS_AT] + at * job[FACTORS_STEP]
            shared[worker] = gradient_of(job, layers, start, first, past - first, number)
            if worker == 0:
                shared[3 * workers] = array(job[STOP_AT], 1, np.float64)[0]
            meet(job)
            loss = sum_of(job, LOSSES_OF)
            if not math.isfinite(loss):
                job[BAD] = 1
                return 0.0
            shared[2 * workers + worker] = finish_gradient(job, layers, low, high)
            if job[BLOCKS] == 0:
                meet(job)
            else:
                set_numbers(job, at, number, epoch)
                shared[workers + worker] = apply_update(job, low, high)
                stop = shared[3 * workers]
                meet(job)
            penalty = sum_of(job, PENALTIES_OF)
            if worker == 0:
                count(job, results, loss, weight, size, penalty)
            if job[BLOCKS] and not math.isfinite(sum_of(job, CHECKS_OF) + penalty):
                job[BAD] = 2
                return 0.0
            done += 1
            job[DONE] = done
            if stop != 0.0:
                return 0.0
    return 0.0


def predict(
    job_at: int, layers_at: int, depth: int, X: int, rows: int, out: int, _7: int, _8: int, _9: int
) -> float:
    """Write the outputs of rows to `out`, chunk by chunk.

    With an address at RESULTS_AT, the sum of the weighted losses of the rows, whose targets and weights
    stand at Y_AT and WEIGHT_AT, is written there.
    """
    job, layers = array(job_at, JOB_COLUMNS, np.int64), table(layers_at, depth, LAYER_COLUMNS)
    last, total, done = layers.shape[0] - 1, 0.0, 0
    z, a, error = layers[last, Z_AT], layers[last, A_AT], layers[last, DELTA_AT]
    width = job[OUTPUTS] * job[SIZE]
    scale_weights(job, layers)
    while done < rows:
        several = min(job[CHUNK], rows - done)
        X_at = rows_from(job, X, done)
        forward(job, layers, X_at, AS_THEY_COME, several, done, NO_UPDATE)
        source = array(a, several * width, np.uint8)
        to = array(out + done * width, several * width, np.uint8)
        for i in range(several * width):
            to[i] = source[i]
        if job[RESULTS_AT]:
            y, weight = job[Y_AT] + done * width, job[BATCH_WEIGHT_AT]
            if job[WEIGHT_AT]:
                weight = job[WEIGHT_AT] + done * job[SIZE]
            numbers, scale = job[LOSS_NUMBERS_AT], job[SCALE_AT]
            total += call(job[LOSS], z, a, y, error, weight, several, job[OUTPUTS], numbers, scale)
        done += several
    if job[RESULTS_AT]:
        array(job[RESULTS_AT], 1, np.float64)[0] = total
    return 0.0
