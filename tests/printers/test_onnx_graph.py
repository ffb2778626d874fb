"""ONNX nodes: a rule for every primitive, and the digits of small numbers."""

import numpy as np
import pytest

from pellucid.algebra import Equation, Symbol, node
from pellucid.algebra.nodes import Cell, operation
from pellucid.algebra.primitives import PRIMITIVES
from pellucid.errors import AlgebraError
from pellucid.printers import onnx_graph
from pellucid.printers.onnx_graph import DOUBLE, FLOAT, OnnxGraph

x = Symbol("x", ("n", 3))


def test_every_primitive_that_equations_have_is_written():
    """The two that only single cells have are left out: a graph is written of whole matrices."""
    assert set(PRIMITIVES) - onnx_graph.PRIMITIVES_WRITTEN == {"sum_of", "max_of"}


@pytest.mark.parametrize("of", [Cell("x", 0, 0), operation("sum_of", x, x), Symbol("unknown")])
def test_what_has_no_rule_is_named(of):
    with pytest.raises(AlgebraError, match="OnnxGraph has no rule for"):
        OnnxGraph().equation(Equation(Symbol("a", of.shape), of, "forward"), FLOAT)


def run(expression, values, kind):
    """Return the value of an expression of x by ONNX Runtime."""
    onnx, runtime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    graph = OnnxGraph()
    graph.is_given("x", graph.name("x"), kind)
    out = graph.equation(Equation(Symbol("a", expression.shape), expression, "forward"), kind)
    types = {FLOAT: onnx.TensorProto.FLOAT, DOUBLE: onnx.TensorProto.DOUBLE, "bool": 9, "int64": 7}
    nodes = [
        onnx.helper.make_node(
            n.operator,
            n.inputs,
            [n.output],
            **{k: types[v] if k == "to" else v for k, v in n.attributes.items()},
        )
        for n in graph.nodes
    ]
    constants = [
        onnx.numpy_helper.from_array(np.asarray(v, k), name)
        for name, (v, k) in graph.constants.items()
    ]
    shape = [None, 3]
    made = onnx.helper.make_graph(
        nodes,
        "test",
        [onnx.helper.make_tensor_value_info("x", types[kind], shape)],
        [onnx.helper.make_tensor_value_info(out, types[kind], None)],
        constants,
    )
    model = onnx.helper.make_model(
        made, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=8
    )
    session = runtime.InferenceSession(model.SerializeToString())
    return session.run(None, {"x": np.asarray(values, kind)})[0]


@pytest.mark.parametrize("kind", [FLOAT, DOUBLE])
@pytest.mark.parametrize("name", ["expm1", "log1p"])
def test_small_numbers_keep_their_digits(name, kind):
    values = np.array([[1e-9, -1e-9, 0.0], [1e-4, -0.3, 0.9], [3.0, 1.1, -0.9]], kind)
    function = getattr(np, name)
    found = run(node(function(x)), values, kind)
    assert found == pytest.approx(function(values), rel=8 * float(np.finfo(kind).eps), abs=0)


def test_yes_and_no_become_numbers_where_numbers_are_needed():
    values = [[1.0, -1.0, np.nan], [2.0, 2.0, 0.0]]
    inside = np.where(np.isnan(x), 0, x)
    expression = 2 * np.sum((inside > 0) | (inside == -1), axis=1, keepdims=True)
    assert run(node(expression), values, FLOAT).tolist() == [[4.0], [4.0]]
