"""A trained network as an ONNX model, its preparation included.

Raw columns and the answer are computed in float64, as large numbers that differ little (years, dates)
need it; the network between them in float32.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from pellucid.errors import InputError, optional_library
from pellucid.exporters.inference import Inference, InputColumn
from pellucid.printers.onnx_graph import BOOL, DOUBLE, FLOAT, INT64, STRING, OnnxGraph
from pellucid.writing import replace_file

# Of 2023: what the runtimes in use know.
OPSET, ML_OPSET, IR_VERSION = 18, 3, 8

# An ONNX file is one protobuf message, which cannot be larger.
MOST_BYTES = 2_000_000_000


def save_onnx(inference: Inference, path: Path) -> Path:
    """Write a trained network as an ONNX model and return the path.

    Its inputs are the table's columns (float64 of shape (n, 1); text for categories that are text), or
    for a bare network `X` in float32. Its outputs are those of `inference.answers`; classes come as
    `label`, their chances as `probabilities`.

    Raises
    ------
    InputError
        If the network is larger than an ONNX file can be.
    MissingLibraryError
        If the library onnx is not installed.
    """
    size = sum(4 * np.size(v) for v in inference.fixed.values())
    if size > MOST_BYTES:
        raise InputError(
            f"Expected a network of at most {MOST_BYTES:,} bytes for an ONNX file. Got {size:,}. "
            "Use a smaller network, or the model file of Pellucid."
        )
    onnx = optional_library("onnx", "onnx")
    model = _Model(onnx, inference).made()
    onnx.checker.check_model(model, full_check=True)
    replace_file(path, model.SerializeToString())
    return path


def _around(inference: Inference) -> set[str]:
    """Return the names of what is computed in float64: before the network of a table, and after its outputs."""
    equations = inference.equations
    before = {e.name for e in equations if e.stage == "prepare"}
    if not inference.columns:
        return before
    names = [e.name for e in equations]
    outputs = [at for at, name in enumerate(names) if re.fullmatch(r"output(_of_\d+)?", name)]
    return before | set(names[max(outputs) + 1 :])


class _Model:
    """Puts a graph together from the equations of an inference."""

    def __init__(self, onnx: Any, inference: Inference) -> None:
        self.onnx, self.inference = onnx, inference
        self.graph = OnnxGraph()
        self.around = _around(inference)
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []
        self.initializers: list[Any] = []

    def made(self) -> Any:
        """Return the model."""
        helper = self.onnx.helper
        self._read_raw()
        self._fix_numbers()
        for equation in self.inference.equations:
            self.graph.equation(equation, DOUBLE if equation.name in self.around else FLOAT)
        self._answer()
        constants = [self._constant(name, *c) for name, c in self.graph.constants.items()]
        graph = helper.make_graph(
            [self._node(node) for node in self.graph.nodes],
            "pellucid",
            self.inputs,
            self.outputs,
            [*self.initializers, *constants],
            doc_string=self.inference.about,
        )
        opsets = [
            helper.make_opsetid("", OPSET),
            helper.make_opsetid("ai.onnx.ml", ML_OPSET),
        ]
        return helper.make_model(
            graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="pellucid"
        )

    def _read_raw(self) -> None:
        if not self.inference.columns:
            for symbol in self.inference.raw:
                tensor = self._input(symbol.name, FLOAT, int(symbol.shape[1]), symbol.meaning)  # type: ignore[misc]
                self.graph.is_given(symbol.name, tensor, FLOAT)
            return
        # All inputs first: a column keeps its name, and a value inside of the same name gives way.
        read = [(column, *self._column(column)) for column in self.inference.columns]
        for symbol in self.inference.raw:
            parts = [
                self.code(column, tensor, kind) if column.levels else tensor
                for column, tensor, kind in sorted(read, key=lambda each: each[0].at)
                if column.into == symbol.name
            ]
            whole = self.graph.add("Concat", parts, symbol.name, axis=1)
            self.graph.is_given(symbol.name, whole, DOUBLE)

    def _column(self, column: InputColumn) -> tuple[str, str]:
        texts = bool(column.levels) and any(isinstance(v, str) for v in column.levels)
        kind = STRING if texts else DOUBLE
        return self._input(column.name, kind, 1, column.meaning), kind

    def code(self, column: InputColumn, tensor: str, kind: str) -> str:
        """Return the tensor of a column's codes: the place among its levels, or -1."""
        graph = self.graph
        if kind == STRING:
            texts = [str(v) for v in column.levels]
            code = graph.add(
                "LabelEncoder",
                [tensor],
                f"code of {column.name}",
                domain="ai.onnx.ml",
                keys_strings=texts,
                values_floats=[float(at) for at in range(len(texts))],
                default_float=-1.0,
            )
            return graph.cast(code, DOUBLE)
        levels = graph.constant([[float(v) for v in column.levels]], DOUBLE, "levels")
        places = graph.constant([[float(at + 1)] for at in range(len(column.levels))], DOUBLE)
        is_level = graph.cast(graph.add("Equal", [tensor, levels], "is_level"), DOUBLE)
        place = graph.add("MatMul", [is_level, places], "place")
        return graph.add("Sub", [place, graph.constant(1.0, DOUBLE)], f"code of {column.name}")

    def _fix_numbers(self) -> None:
        helper, raw = self.onnx.numpy_helper, {s.name for s in self.inference.raw}
        precise = {
            name
            for equation in self.inference.equations
            if equation.name in self.around
            for name in equation.inputs
        }
        for name, value in self.inference.fixed.items():
            if name in raw:
                continue
            kind = DOUBLE if name in precise else FLOAT
            tensor = self.graph.name(name)
            self.initializers.append(helper.from_array(np.asarray(value, kind), tensor))
            self.graph.is_given(name, tensor, kind)

    def _answer(self) -> None:
        kinds = {FLOAT: self.onnx.TensorProto.FLOAT, DOUBLE: self.onnx.TensorProto.DOUBLE}
        shapes = {e.name: e.shape for e in self.inference.equations}
        for name in self.inference.answers:
            if name == "predicted_class" and self.inference.classes:
                self._label()
                continue
            shown = "probabilities" if name == "probability" or self._is_chance(name) else name
            kind = FLOAT if shown == "probabilities" else self._kind(name)
            tensor = self.graph.tensor(name, kind)
            if tensor != shown:
                tensor = self.graph.add("Identity", [tensor], shown)
            shape = ["n", int(shapes[name][1])]  # type: ignore[misc]
            self.outputs.append(self.onnx.helper.make_tensor_value_info(tensor, kinds[kind], shape))

    def _is_chance(self, name: str) -> bool:
        return name in ("output", "mean_output") and bool(self.inference.classes)

    def _kind(self, name: str) -> str:
        return DOUBLE if name == "prediction" else FLOAT

    def _label(self) -> None:
        """Name the class that the code stands for, as text, whole numbers, yes or no, or numbers."""
        proto, helper = self.onnx.TensorProto, self.onnx.helper
        classes = list(self.inference.classes)
        if all(isinstance(c, bool) for c in classes):
            kind, data = BOOL, classes
        elif all(isinstance(c, int) and not isinstance(c, bool) for c in classes):
            kind, data = INT64, classes
        elif all(isinstance(c, float) for c in classes):
            kind, data = DOUBLE, classes
        else:
            kind, data = STRING, [str(c) for c in classes]
        codes = self.graph.cast(self.graph.tensor("predicted_class", DOUBLE), INT64)
        axis = self.graph.constant([1], INT64, "axes")
        flat = self.graph.add("Squeeze", [codes, axis], "code_of_each_row")
        known = self.graph.constant(data, kind, "classes")
        label = self.graph.add("Gather", [known, flat], "label", axis=0)
        kinds = {BOOL: proto.BOOL, INT64: proto.INT64, DOUBLE: proto.DOUBLE, STRING: proto.STRING}
        self.outputs.insert(0, helper.make_tensor_value_info(label, kinds[kind], ["n"]))

    def _input(self, name: str, kind: str, width: int, meaning: str) -> str:
        proto = self.onnx.TensorProto
        kinds = {FLOAT: proto.FLOAT, DOUBLE: proto.DOUBLE, STRING: proto.STRING}
        tensor = self.graph.name(name)
        self.inputs.append(
            self.onnx.helper.make_tensor_value_info(tensor, kinds[kind], ["n", width], meaning)
        )
        return tensor

    def _constant(self, name: str, value: Any, kind: str) -> Any:
        if kind == STRING:
            return self.onnx.helper.make_tensor(
                name, self.onnx.TensorProto.STRING, [len(value)], [v.encode() for v in value]
            )
        return self.onnx.numpy_helper.from_array(np.asarray(value, kind), name)

    def _node(self, node: Any) -> Any:
        proto, given = self.onnx.TensorProto, dict(node.attributes)
        if "to" in given:
            given["to"] = {
                BOOL: proto.BOOL,
                FLOAT: proto.FLOAT,
                DOUBLE: proto.DOUBLE,
                INT64: proto.INT64,
            }[given["to"]]
        return self.onnx.helper.make_node(
            node.operator, list(node.inputs), [node.output], name=node.output, **given
        )
