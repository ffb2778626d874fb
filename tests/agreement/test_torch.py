"""What PyTorch computes from an exported module is what the evaluator and the estimators compute."""

import numpy as np
import pytest
from agreement import tables, traces
from agreement.relative import assert_agree

import pellucid
from pellucid.algebra import Constant, Symbol
from pellucid.algebra.nodes import operation
from pellucid.errors import AlgebraError, InputError
from pellucid.evaluator import predict
from pellucid.exporters import torch_module
from pellucid.printers import torch_code
from pellucid.printers.torch_code import TorchCode

needs_torch = pytest.mark.needs_library("torch")


def network_of(path):
    """Return the module that a file defines, made."""
    made = {}
    exec(path.read_text(), made)
    return made["Network"]()


def answer(network, *arrays):
    import torch

    with torch.no_grad():
        return network(*(torch.tensor(a) for a in arrays)).numpy()


@needs_torch
@pytest.mark.parametrize("case", traces.drawn(), ids=str)
def test_a_bare_network(case, tmp_path):
    trace = traces.traced(case)
    network = network_of(trace.save(tmp_path / "network.torch.py"))
    parameters = {name: trace[name] for name in trace.network.parameter_shapes}
    expected = predict(trace.network, parameters, trace["X"])["output"]
    assert_agree(answer(network, trace["X"]), expected, 1e-9)
    single = answer(network.float(), trace["X"].astype(np.float32))
    assert single.dtype == np.float32


@needs_torch
def test_an_estimator_for_tables(tmp_path):
    rng = np.random.default_rng(0)
    numbers = np.where(rng.random((60, 2)) < 0.1, np.nan, rng.normal(size=(60, 2)))
    names = rng.choice(['"""', "back\\slash", "third\nline"], 60)
    table = {"one": numbers[:, 0], "=two": numbers[:, 1], '"""name\n': names}
    import pandas as pd

    frame = pd.DataFrame(table)
    y = rng.choice(["no", "yes"], 60)
    model = pellucid.TabularClassifier((5,), epochs=3, random_state=0, preset="plain").fit(frame, y)
    network = network_of(model.to_torch(tmp_path / "model.torch.py"))
    levels = list(model.preparation_.categories[0].levels)
    codes = np.array([[float(levels.index(v))] for v in names])
    assert_agree(answer(network, numbers, codes), model.predict_proba(frame), 1e-9)


@needs_torch
@pytest.mark.parametrize("kind", tables.KINDS)
def test_several_networks_that_answer_together(kind, tmp_path):
    model, data = tables.default_model(kind), tables.rows_to_ask(kind)
    network = network_of(model.to_torch(tmp_path / "model.torch.py"))
    found = answer(network, *tables.matrices(model, data))
    assert_agree(found, tables.answers_of(model, data), 1e-9)


@needs_torch
def test_its_weights_can_be_trained_further(tmp_path):
    network = network_of(pellucid.worked_example().save(tmp_path / "example.torch.py"))
    assert [name for name, _ in network.named_parameters()] == ["W1", "b1", "W2", "b2"]


@needs_torch
def test_the_weights_of_all_networks_can_be_trained(tmp_path):
    model = tables.default_model("numbers")
    network = network_of(model.to_torch(tmp_path / "model.torch.py"))
    own = tuple(model.parameters_)
    expected = [*own, *(f"{name}_of_{at}" for at in (2, 3) for name in own)]
    assert [name for name, _ in network.named_parameters()] == expected


@needs_torch
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_many_numbers_stand_packed_at_the_end_and_are_the_same(dtype, tmp_path, monkeypatch):
    """Numbers of float32 in half the space; what they are packed for is read above them."""
    rng = np.random.default_rng(0)
    network = pellucid.Network([6, 8, 2], activation=lambda x: np.where(x > np.inf, 0, np.tanh(x)))
    parameters = {
        name: rng.normal(size=shape).astype(dtype).astype(np.float64)
        for name, shape in network.parameter_shapes.items()
    }
    X, y = rng.normal(size=(5, 6)), np.zeros((5, 2))
    trace = pellucid.trace(network, X, y, parameters=parameters)
    plain = network_of(trace.save(tmp_path / "plain.torch.py"))
    monkeypatch.setattr(torch_module, "MOST_READABLE", 70)
    monkeypatch.setattr(torch_module, "FEWEST_PACKED", 10)
    path = trace.save(tmp_path / "packed.torch.py")
    network_above, packed = path.read_text().split("PACKED = {")
    assert [line for line in packed.splitlines() if line.startswith("    ")] == [
        '    "W1": """',
        '    "W2": """',
    ]
    assert len("".join(packed.split('"""')[1].split())) == 48 * np.dtype(dtype).itemsize * 4 // 3
    assert "forward(self, X)" in network_above
    found = network_of(path)
    for name, value in found.state_dict().items():
        assert value.equal(plain.state_dict()[name]), name
    assert_agree(answer(found, trace["X"]), trace["output"], 1e-9)


def test_too_many_numbers_are_refused_before_writing(tmp_path, monkeypatch):
    monkeypatch.setattr(torch_module, "MOST_NUMBERS", 10)
    with pytest.raises(InputError, match=r"at most 10 numbers for a PyTorch file. Got 19.*ONNX"):
        pellucid.worked_example().save(tmp_path / "example.torch.py")
    assert not list(tmp_path.iterdir())


def test_every_primitive_is_written():
    from pellucid.algebra.primitives import PRIMITIVES

    assert set(PRIMITIVES) == torch_code.PRIMITIVES_WRITTEN


def test_a_choice_that_depends_on_no_matrix_has_no_rule():
    number = Symbol("number")
    choice = operation("where", number > 0, Constant(1.0), Constant(2.0))
    with pytest.raises(AlgebraError, match="has no rule"):
        TorchCode().text(choice)
