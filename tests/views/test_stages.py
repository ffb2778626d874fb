"""The stages of a step: every equation in one place, in an order in which it can be computed."""

import pytest
from agreement import cases, tables

from pellucid.catalogue.optimizers import SGD, Adam
from pellucid.network import Network
from pellucid.printers.plain_text import equation_text
from pellucid.step import Step
from pellucid.tracing import worked_example
from pellucid.views.stages import stages

CASES = cases.random_cases(80)


def numbers(found):
    return [stage.number for stage in found]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_equation_is_in_one_stage(case):
    """Nothing of a step is left out or shown twice, whatever the network, loss and optimizer."""
    step = cases.step(case)
    placed = [equation for stage in stages(step) for equation in stage.equations]
    assert len(placed) == len(step.equations)
    assert set(placed) == set(step.equations)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_stages_can_be_computed_in_their_order(case):
    step = cases.step(case)
    known = {symbol.name for symbol in step.inputs}
    for stage in stages(step):
        for equation in stage.equations:
            assert set(equation.inputs) <= known, f"{equation.name} in stage {stage.label}"
            known.add(equation.name)


@pytest.mark.parametrize("case", CASES[:20], ids=str)
def test_sources_come_from_the_equations(case):
    for stage in stages(cases.step(case)):
        read = {name for equation in stage.equations for name in equation.inputs}
        assert set(stage.sources) == read - set(stage.computed)
        assert stage.texts == tuple(map(equation_text, stage.equations))
        assert stage.title
        assert stage.about


def test_worked_example_has_the_tutorials_steps():
    found = {(s.number, s.layer): s for s in stages(worked_example().description)}
    assert numbers(found.values()) == [*range(10), 10, 10, 11]
    assert found[0, None].computed == ("X", "y")
    assert found[1, None].computed == ("W1", "b1", "W2", "b2")
    assert found[4, None].computed == ("net_input_2", "output")
    assert found[9, None].sources == ("error_hidden_1", "slope_hidden_1")
    assert found[10, 1].computed == ("gradient_W1", "W1_next")
    assert found[11, None].computed == ("gradient_b2", "b2_next", "gradient_b1", "b1_next")


def test_deeper_networks_repeat_stages_forward_and_back():
    step = Step(Network([2, 3, 4, 1], output_activation="sigmoid"), SGD(0.1))
    found = [(s.number, s.layer) for s in stages(step)]
    middle = [(2, 1), (3, 1), (2, 2), (3, 2), (4, None), (5, None), (6, None), (7, None)]
    assert found[2:10] == middle
    assert found[10:14] == [(8, 2), (9, 2), (8, 1), (9, 1)]
    assert [label for label in (s.label for s in stages(step)) if label.startswith("8")] == [
        "8 · layer 2",
        "8 · layer 1",
    ]


def test_no_hidden_layer_leaves_its_stages_out():
    step = Step(Network([2, 1]), SGD(0.1))
    assert numbers(stages(step)) == [0, 1, 4, 5, 7, 10, 11]


def test_scaled_inputs_have_stages_of_their_own():
    step = Step(Network([2, 3, 1], input_scale=True), SGD(0.1))
    found = {stage.label: stage for stage in stages(step)}
    assert list(found)[2:5] == ["2 · inputs", "2", "3"]
    assert found["2 · inputs"].computed == ("scaled_X",)
    assert found["8 · inputs"].computed == ("error_X",)
    assert found["12"].computed == ("gradient_input_scale", "input_scale_next")
    assert found["12"].title == "Scale of the inputs"


def test_weights_of_activations_have_stages_of_their_own():
    network = Network([2, 3, 4, 1], activation="tanh", input_scale=True, parametric_activation=True)
    step = Step(network, SGD(0.1))
    found = {stage.label: stage for stage in stages(step)}
    assert found["3 · layer 2"].computed == ("curved_2", "bend_2", "hidden_2")
    assert [label for label in found if label.startswith("12")] == [
        "12",
        "12 · layer 2",
        "12 · layer 1",
    ]
    assert found["12 · layer 1"].computed == (
        "gradient_activation_weight_1",
        "activation_weight_1_next",
    )
    assert found["12 · layer 1"].title == "Bend of hidden layer 1"
    assert "activation_weight_2" in found["3 · layer 2"].about[0]
    assert "activation_weight_1" in found["1"].computed
    assert len(found["6"].about) == 2


def test_a_matching_pair_says_why_there_is_no_error():
    network = Network([2, 3, 1], loss="binary_cross_entropy")
    five = next(s for s in stages(Step(network, SGD(0.1))) if s.number == 5)
    assert "error" not in five.computed
    assert "see step 7" in " ".join(five.about)


def test_states_masks_and_clipping_are_explained():
    network = Network([2, 3, 1], dropout=0.5, l2=0.1)
    found = stages(Step(network, Adam(0.1, clip_norm=1.0), weighted=True))
    text = " ".join(sentence for stage in found for sentence in stage.about)
    for word in ("Dropout", "50 %", "penalty", "row_weight", "clip_factor", "Running means"):
        assert word in text
    assert "gradient_b1" in next(s for s in found if s.number == 10).computed


def test_a_trace_without_targets_stops_at_the_output():
    """What a trace did not compute is not shown: stages take the equations that there are."""
    trace = worked_example()
    forward = [e for e in trace.formulas.values() if e.stage == "forward"]
    found = stages(trace.description, forward, ["X", "W1", "b1", "W2", "b2"])
    assert numbers(found) == [0, 1, 2, 3, 4]
    assert found[0].computed == ("X",)


@pytest.mark.parametrize("kind", tables.KINDS)
def test_the_answer_of_several_networks_follows_the_output(kind):
    """Means, chances and their calibration are no part of the update, and are computed in order."""
    trace = tables.traced(kind)
    equations, inputs = tuple(trace.formulas.values()), tuple(trace.symbols)
    found = stages(trace.description, equations, inputs)
    (last,) = (s for s in found if s.number == 4)
    after = [e.name for e in trace.surroundings.after]
    assert "mean_output" in after
    assert list(last.computed) == ["net_input_2", "output", *after]
    assert "the other networks" in " ".join(last.about)
    known = set(inputs)
    for equation in (e for stage in found for e in stage.equations):
        assert set(equation.inputs) <= known, equation.name
        known.add(equation.name)


def test_a_step_without_an_optimizer_ends_at_its_gradients():
    """L-BFGS has no formula of one step: the stages tell of gradients, and of no learning rate."""
    found = stages(Step(Network([2, 2, 1])))
    assert numbers(found)[-2:] == [10, 11]
    assert not any("earning" in text for stage in found for text in stage.about if stage.number > 9)
