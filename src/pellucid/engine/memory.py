"""The memory of an engine: the buffers of every worker, and the tables that say where they stand."""

from __future__ import annotations

import ctypes
import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.engine import kernels, layout, source
from pellucid.engine.forms import name_of
from pellucid.engine.machine_code import yield_address
from pellucid.network import Network
from pellucid.step import Step

Array = NDArray[Any]

# Buffers that are smaller than this stand side by side in memory of this size.
SHARED_BYTES = 16_384


def address(array: Any) -> int:
    """Return where the numbers of an array begin."""
    # This takes a quarter of the time of `array.ctypes`, but nothing read-only or empty.
    try:
        return ctypes.addressof(ctypes.c_char.from_buffer(array))
    except (TypeError, ValueError, BufferError):
        return int(array.ctypes.data)


def starts_of(network: Network) -> dict[str, int]:
    """Return where each parameter begins in the flat vector."""
    specs = network.parameter_specs
    ends = itertools.accumulate((spec.size for spec in specs), initial=0)
    return {spec.name: start for spec, start in zip(specs, ends, strict=False)}


def _kernels_by_hand(step: Step, kind: str, workers: int, sparse: str) -> dict[str, int]:
    """Return the addresses of the kernels that are no formula, by their columns in the loop's table."""
    network, masked = step.network, bool(step.masks)
    wanted = {
        "product": True,
        "column_sums": True,
        "add_up": workers > 1,
        "multiply": masked,
        "add_penalties": bool(network.l1 or network.l2),
        "multiply_rows": network.input_scale,
        "row_products": network.input_scale,
        "mask": masked,
    }
    files = {"add_penalties": "penalties", "mask": "dropout_mask"}
    found = {
        name.upper(): kernels.by_hand_kernel(files.get(name, name), kind)
        for name, needed in wanted.items()
        if needed
    }
    of_inputs = kernels.sparse_product(kind, sparse) if sparse else found["PRODUCT"]
    return {**found, "INPUT_PRODUCT": of_inputs}


class Memory:
    """The buffers of every worker, and the tables that say where they stand."""

    _next = _free = 0  # where small buffers go on, and how many bytes they have left

    def __init__(
        self,
        step: Step,
        dtype: Any,
        workers: int,
        chunk: int,
        numbers: int = 0,
        *,
        gathers: bool = True,
        sparse: str = "",
    ) -> None:
        """Make the buffers of so many workers, for chunks of so many rows and an optimizer's `numbers`.

        `gathers` is whether rows are copied into batches, and `sparse` the type of the columns of sparse
        rows, "" for dense ones: those are never copied.
        """
        network = step.network
        gathered = chunk if gathers else 0  # predictions read rows where they stand
        gathered_X = 0 if sparse else gathered
        size, kind = dtype.itemsize, name_of(dtype)
        stride = -(-network.parameter_count // 16) * 16
        self.gradients = np.zeros((workers, stride), dtype)
        self.numbers = [np.zeros(max(numbers, 4)) for _ in range(workers)]
        self.shared = np.zeros(3 * workers + 1 + max(numbers, 4))
        self.meeting = np.zeros(1, np.int64)
        self.penalties = np.zeros((workers, 3))
        self.scales = np.zeros(workers)
        self._kept: list[Array] = []
        layers, jobs = [], []
        for worker in range(workers):
            layers.append(self._layers(step, dtype, chunk))
            job = np.zeros(layout.JOB_COLUMNS, np.int64)
            values = {
                "WORKER": worker, "WORKERS": workers, "MEETING_AT": address(self.meeting),
                "SHARED_AT": address(self.shared), "YIELD_AT": yield_address(),
                "INPUTS": network.inputs, "OUTPUTS": network.outputs, "SIZE": size, "CHUNK": chunk,
                "BATCH_X_AT": self._buffer(gathered_X * network.inputs, dtype),
                "BATCH_Y_AT": self._buffer(gathered * network.outputs, dtype),
                "BATCH_WEIGHT_AT": self._keep(np.ones(chunk, dtype)),
                "GRADIENT_AT": address(self.gradients[worker]), "GRADIENTS_AT": address(self.gradients),
                "STRIDE": stride * size, "PARAMETERS": network.parameter_count,
                "SCRATCH_AT": self._buffer(layout.SCRATCH, dtype),
                "LOSS": kernels.loss(network.loss, kind, matching=network.is_matching_pair),
                "LOSS_NUMBERS_AT": self._numbers_of(network.loss),
                "SCALE_AT": address(self.scales[worker:]), "NUMBERS_AT": address(self.numbers[worker]),
                "NUMBERS": len(self.numbers[worker]), "SPARSE": bool(sparse),
            }  # fmt: skip
            values |= _kernels_by_hand(step, kind, workers, sparse)
            if network.input_scale:
                scaled = network.inputs * network.layers[0].size
                values["SCALED_W_AT"] = self._buffer(scaled, dtype)
                values["INPUT_SCALE_AT"] = starts_of(network)["input_scale"] * size
            for name, value in values.items():
                job[getattr(layout, name)] = value
            jobs.append(job)
        self.layers, self.jobs = layers, jobs

    def _buffer(self, count: int, dtype: Any) -> int:
        """Return where zeros begin, a multiple of 64 bytes; small buffers share their memory."""
        wanted = -(-count * dtype.itemsize // 64) * 64
        if wanted > self._free:
            self._free = max(wanted, SHARED_BYTES)
            at = self._keep(np.zeros(self._free + 64, np.uint8))
            self._next = at + -at % 64
        at = self._next
        self._next, self._free = at + wanted, self._free - wanted
        return at

    def _keep(self, array: Array) -> int:
        """Return the address of an array that has to live as long as this."""
        self._kept.append(array)
        return address(array)

    def _numbers_of(self, record: Any) -> int:
        """Return where the numbers of a record stand; 0 where it has none."""
        numbers = [getattr(record, name) for name in source.fields(record)]
        return self._keep(np.array(numbers)) if numbers else 0

    def _layers(self, step: Step, dtype: Any, chunk: int) -> Array:
        network = step.network
        table = np.zeros((len(network.layers), layout.LAYER_COLUMNS), np.int64)
        starts, kind = starts_of(network), name_of(dtype)
        for at, layer in enumerate(network.layers):
            fan_in, fan_out, last = network.sizes[at], layer.size, at == len(network.layers) - 1
            matched = last and network.is_matching_pair
            masked = f"mask_{at + 1}" in step.masks
            activation, count = layer.activation, chunk * fan_out
            parametric = network.is_parametric(at + 1)
            kernel = "parametric_" if parametric else ""
            values = {
                "FAN_IN": fan_in, "FAN_OUT": fan_out, "W_START": starts[f"W{at + 1}"],
                "B_START": starts[f"b{at + 1}"],
                "WEIGHT_START": starts.get(f"activation_weight_{at + 1}", 0),
                "ELEMENTWISE": activation.elementwise and not parametric,
                "FORWARD": kernels.activation(activation, f"{kernel}forward", kind),
                "DELTA": 0 if matched else kernels.activation(activation, f"{kernel}delta", kind),
                "ACTIVATION_NUMBERS_AT": self._numbers_of(activation),
                **{f"{name}_AT": self._buffer(count, dtype) for name in ("Z", "A", "DELTA")},
            }  # fmt: skip
            if masked:
                values |= {
                    "KEPT_AT": self._buffer(count, dtype),
                    "MASK_AT": self._buffer(count, dtype),
                    "DROPOUT_AT": self._keep(np.array([layer.dropout])),
                }
            for name, value in values.items():
                table[at, getattr(layout, name)] = value
        return table
