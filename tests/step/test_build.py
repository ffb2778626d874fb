"""From a description to its equations: well formed, cut at every name, the same list for every number of rows."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from agreement import cases

from pellucid.algebra import Call, check, children
from pellucid.algebra.values import evaluate
from pellucid.catalogue.activations import Activation, Elu, LeakyRelu
from pellucid.catalogue.losses import Huber
from pellucid.catalogue.optimizers import SGD, Adam
from pellucid.catalogue.schedules import Cosine
from pellucid.errors import InputError
from pellucid.evaluator import predict, run
from pellucid.names import STAGES
from pellucid.network import Network
from pellucid.step import Recorder, Step, named


def names_of(equations):
    return [equation.name for equation in equations]


def size(expression):
    """Return the number of nodes of an expression, calls opened."""
    below = [expression.body] if isinstance(expression, Call) else []
    return 1 + sum(size(e) for e in (*children(expression), *below))


def test_the_tutorials_equations_in_order():
    """What the worked example computes is named in the order in which it is computed."""
    network = Network([4, 3, 1], activation="sigmoid", output_activation="sigmoid")
    assert names_of(Step(network, SGD(0.1), reduction="sum").equations) == [
        "net_input_1",
        "hidden_1",
        "net_input_2",
        "output",
        "row_loss",
        "loss",
        "error",
        "slope_output",
        "slope_hidden_1",
        "delta_output",
        "error_hidden_1",
        "delta_hidden_1",
        "gradient_W2",
        "gradient_b2",
        "gradient_W1",
        "gradient_b1",
        "W2_next",
        "W1_next",
        "b2_next",
        "b1_next",
    ]


def test_eight_mish_layers_stay_small():
    """Each name cuts the expression: without that, eight mish layers are one expression of thousands of nodes."""
    step = Step(Network([4, *[5] * 8, 1], activation="mish"))
    assert len(step.equations) > 50
    assert max(size(equation.expression) for equation in step.equations) < 60
    assert all(len(equation.inputs) <= 6 for equation in step.equations)


def test_an_equation_reads_the_name_not_the_formula():
    by_name = {e.name: e for e in Step(Network([4, 3, 1], activation="mish")).equations}
    assert by_name["hidden_1"].inputs == ("net_input_1",)
    assert by_name["delta_hidden_1"].inputs == ("error_hidden_1", "slope_hidden_1")
    assert by_name["error_hidden_1"].inputs == ("delta_output", "W2")
    assert by_name["hidden_1"].expression.name == "mish"


def test_a_recorder_hands_back_a_fresh_symbol():
    recorder = Recorder()
    x = named("net_input_1", ("n", 2))
    symbol = recorder("hidden_1", x * 2)
    assert (symbol.name, symbol.shape, symbol.meaning) == (
        "hidden_1",
        ("n", 2),
        "activation of hidden layer 1",
    )
    assert recorder.equations[0].expression is not symbol
    assert recorder.equations[0].stage == "forward"


@pytest.mark.parametrize("case", cases.TABLE, ids=str)
def test_every_case_is_well_formed_and_in_order(case):
    """Checked from outside as well; stages never go back, but that the clipping norm follows the gradients."""
    step = cases.step(case)
    check(step.inputs, step.equations)
    order = list(STAGES)
    stages = [order.index(equation.stage) for equation in step.equations]
    assert stages == sorted(stages)
    assert len({symbol.name for symbol in step.inputs}) == len(step.inputs)


@pytest.mark.parametrize("case", cases.TABLE, ids=str)
def test_shapes_of_equations_are_the_shapes_of_the_arrays(case):
    """With n as the number of rows of the batch, each equation's shape is its value's."""
    by_name = {equation.name: equation for equation in cases.step(case).equations}
    for given, values in cases.updates(case):
        sizes = {"n": len(given["X"])}
        for name, value in values.items():
            assert tuple(sizes.get(s, s) for s in by_name[name].shape) == value.shape, name


@pytest.mark.parametrize("case", cases.TABLE, ids=str)
def test_the_inputs_are_what_an_update_is_given(case):
    step = cases.step(case)
    for given, _ in cases.updates(case):
        assert {symbol.name for symbol in step.inputs} == set(given)


def test_no_input_is_read_by_nobody_but_the_clock_and_n():
    """An input that no equation reads would be a number that seems to matter."""
    clock = {"n", "update_number", "epoch_number", "progress"}
    for case in cases.TABLE:
        step = cases.step(case)
        read = {name for equation in step.equations for name in equation.inputs}
        assert {symbol.name for symbol in step.inputs} - read <= clock, case


def test_without_an_optimizer_it_ends_at_the_gradients():
    step = Step(Network([2, 1]))
    assert step.equations[-1].name == "gradient_b1"
    assert {s.name for s in step.inputs} == {"X", "y", "W1", "b1", "n"}


def test_a_matching_pair_names_its_simplification():
    """Sigmoid with cross-entropy goes straight from y - output to the delta; with squared error it does not."""
    short = Step(Network([2, 1], loss="binary_cross_entropy"))
    assert {"error", "slope_output"}.isdisjoint(names_of(short.equations))
    long = Step(Network([2, 1], output_activation="sigmoid"))
    assert {"error", "slope_output"} <= set(names_of(long.equations))


def test_masks_are_inputs_and_inference_has_none():
    network = Network([2, 3, 4, 1], dropout=[0.0, 0.5])
    step = Step(network)
    assert step.masks == {"mask_2": ("n", 4)}
    assert "kept_2" in names_of(step.equations)
    assert "kept_1" not in names_of(step.equations)
    assert not any(name.startswith(("kept", "mask")) for name in names_of(step.inference))
    assert step.inference[-1].name == "output"
    assert not Step(network, dropout=False).masks
    assert "kept_2" not in names_of(Step(network, dropout=False).equations)


def test_a_schedule_renames_the_rate_that_is_given():
    """The rate of the update is then an equation, and what it starts from is the input."""
    network = Network([2, 1])
    plain, scheduled = Step(network, SGD(0.1)), Step(network, SGD(Cosine(0.1)))
    assert plain.settings == {"learning_rate": 0.1}
    assert scheduled.settings == {"base_learning_rate": 0.1}
    assert "learning_rate" in names_of(scheduled.equations)
    assert "learning_rate" not in names_of(plain.equations)


def test_settings_are_the_numbers_that_are_used():
    network = Network([2, 2], loss="cross_entropy", l2=0.1, label_smoothing=0.2)
    assert Step(network, Adam(0.01)).settings == {
        "label_smoothing": 0.2,
        "l2": 0.1,
        "beta_1": 0.9,
        "beta_2": 0.999,
        "epsilon": 1e-8,
        "learning_rate": 0.01,
    }


def test_states_are_named_by_parameter():
    names = Step(Network([2, 1]), Adam()).state_names
    assert names["first_moment_W1"] == ("first_moment", "W1")
    assert set(names) == {f"{m}_moment_{p}" for m in ("first", "second") for p in ("W1", "b1")}


def test_a_reduction_is_mean_or_sum():
    with pytest.raises(InputError, match=r"Expected the reduction 'mean' or 'sum'\. Got 'median'"):
        Step(Network([2, 1]), reduction="median")


def test_one_step_serves_every_number_of_rows():
    """The list of equations holds the symbol n; nothing in it is a number of rows."""
    network = Network([2, 3, 1], activation="tanh")
    step, parameters = Step(network), network.views(network.start(0))
    equations = step.equations
    for rows in (1, 2, 7):
        run(step, {"X": np.ones((rows, 2)), "y": np.ones((rows, 1)), **parameters})
        assert step.equations is equations


def test_inference_is_what_predict_computes():
    network = Network([2, 3, 3, 1], activation="tanh", dropout=0.5)
    parameters = network.views(network.start(0))
    assert names_of(Step(network).inference) == list(predict(network, parameters, np.ones((2, 2))))


@pytest.mark.parametrize("weighted", [False, True])
def test_l2_may_be_shared_by_the_rows(weighted):
    """scikit-learn's alpha: the penalty is divided by what the loss is divided by, and so is its gradient."""
    rng = np.random.default_rng(0)
    given = {"X": rng.normal(size=(4, 2)), "y": rng.normal(size=(4, 1))}
    weight = rng.uniform(1, 2, (4, 1))
    divisor = weight.sum() if weighted else 4
    given |= {"row_weight": weight} if weighted else {}
    values = {}
    for shared in (False, True):
        network = Network([2, 3, 1], activation="tanh", l2=0.5, l2_by_rows=shared)
        step = Step(network, weighted=weighted)
        values[shared] = run(step, given | network.views(network.start(1)) | step.settings)
        assert check(step.inputs, step.equations) is None
    assert values[True]["penalty"] == pytest.approx(values[False]["penalty"] / divisor)
    W = network.views(network.start(1))["W1"]
    difference = values[False]["gradient_W1"] - values[True]["gradient_W1"]
    assert difference == pytest.approx(0.5 * W * (1 - 1 / divisor))


def test_numbers_of_functions_are_inputs():
    """What an activation or a loss is given is a symbol of the step, so that it can be changed like any number."""
    network = Network(
        [2, 3, 2, 1],
        activation=[LeakyRelu(0.2), Elu(0.7)],
        output_activation="tanh",
        loss=Huber(0.4),
    )
    step = Step(network)
    assert step.settings == {"negative_slope_1": 0.2, "alpha_2": 0.7, "huber_delta": 0.4}
    reads = {e.name: set(e.inputs) for e in step.equations}
    assert reads["hidden_1"] == {"net_input_1", "negative_slope_1"}
    assert "alpha_2" in reads["slope_hidden_2"]
    assert "huber_delta" in reads["error"] & reads["row_loss"]

    rng = np.random.default_rng(0)
    given = {"X": rng.normal(size=(5, 2)), "y": rng.normal(size=(5, 1))}
    given |= network.views(network.start(1))
    other = Network(
        [2, 3, 2, 1],
        activation=[LeakyRelu(0.5), Elu(0.1)],
        output_activation="tanh",
        loss=Huber(0.9),
    )
    changed = run(step, given | other.settings)
    expected = run(Step(other), given | other.settings)
    assert {name: value.tolist() for name, value in changed.items()} == {
        name: value.tolist() for name, value in expected.items()
    }


def test_a_derived_slope_reads_the_numbers_too():
    @dataclass(frozen=True)
    class Bent(Activation):
        name: ClassVar[str] = "bent"
        bend: float = 0.5

        def formula(self, x):
            return x + self.bend * np.sin(x)

    step = Step(Network([1, 2, 1], activation=Bent(0.3)))
    slope = next(e for e in step.equations if e.name == "slope_hidden_1")
    assert slope.inputs == ("net_input_1", "bend_1")
    given = {"X": np.ones((1, 1)), "y": np.ones((1, 1)), "bend_1": 0.25}
    values = run(step, given | step.network.views(step.network.start(0)))
    assert values["slope_hidden_1"] == pytest.approx(1 + 0.25 * np.cos(values["net_input_1"]))
    assert evaluate(slope.expression, given | values) == pytest.approx(values["slope_hidden_1"])
