"""Where the loop finds what it is handed: the columns of its tables of whole numbers.

Nothing here needs Numba: kernels that are on the disk run without it.
"""

from __future__ import annotations

# Columns of `job`; what ends in _AT is an address.
(
    WORKER, WORKERS, MEETING_AT, SHARED_AT, YIELD_AT, STOP_AT,
    X_AT, Y_AT, WEIGHT_AT, ORDER_AT, ROWS, BATCH, EPOCHS, MEAN,
    INPUTS, OUTPUTS, SIZE, CHUNK, BATCH_X_AT, BATCH_Y_AT, BATCH_WEIGHT_AT,
    FLAT_AT, GRADIENT_AT, GRADIENTS_AT, STRIDE, STATES_AT, PARAMETERS,
    LOSS, LOSS_NUMBERS_AT, SCALE_AT, SHARE, BLOCKS_AT, BLOCKS, NUMBERS_AT, NUMBERS,
    RATES_AT, RATES_STEP, EPOCH, RESULTS_AT, SEED, LEFT_OUT_AT, PENALTIES_AT,
    PRODUCT, SCRATCH_AT, COLUMN_SUMS, ADD_UP, MULTIPLY,
    ADD_PENALTIES, MASK, MEETINGS, DONE, BAD,
    Y_FORM, Y_WIDTH, Y_VALUES_AT, WEIGHT_FORM, WEIGHT_VALUES_AT, L2_BY_ROWS, LIMIT,
    INPUT_SCALE_AT, SCALED_W_AT, MULTIPLY_ROWS, ROW_PRODUCTS, RATES, FACTORS_AT, FACTORS_STEP, FACTOR_AT,
    UPDATES_BEFORE, PLANNED, SPARSE, INPUT_PRODUCT, X_IS_SHORT, CHOSEN_ROWS_AT,
    JOB_COLUMNS,
) = range(74)  # fmt: skip

# Columns of `layers`.
(
    FAN_IN, FAN_OUT, W_START, B_START, FORWARD, DELTA, ELEMENTWISE, ACTIVATION_NUMBERS_AT,
    Z_AT, A_AT, KEPT_AT, MASK_AT, DELTA_AT, DROPOUT_AT, WEIGHT_START,
    LAYER_COLUMNS,
) = range(16)  # fmt: skip

# Columns of the table at BLOCKS_AT, which has a row for each stretch of parameters that one kernel updates.
START, STOP, UPDATE, BLOCK_FAN_IN, BLOCK_COLUMNS = range(5)

# Columns of `results`, of which each epoch has a row: sums over its batches. The last one counts all rows
# that came by, also those of batches that were left out because no row of them has a weight.
LOSSES, WEIGHTS, MEAN_LOSSES, PENALTIES, ROWS_SEEN, RESULT_COLUMNS = range(6)

# Columns of the table that stands for sparse rows, or for dense ones that are read in an order: where the
# entries, their columns, and each row's first entry are (of dense rows the entries alone); the numbers (of 4
# bytes) of the rows that are meant, or 0 for all as they come; and at which of these a product begins.
ENTRIES_AT, COLUMNS_AT, STARTS_AT, CHOSEN_AT, FIRST, SPARSE_COLUMNS = range(6)

# Numbers that a product needs beside its matrices: as many as vectors of 64 bytes ask for.
SCRATCH = 16_384
