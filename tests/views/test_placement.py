"""The places of a step's values on a sheet of all of them."""

from agreement import traces

import pellucid
from pellucid.views.placement import placement


def placed(trace):
    sheet = placement(
        (*trace.symbols, *trace.formulas),
        trace.network,
        settings=trace.description.settings,
    )
    columns = [n for c in sheet.columns for n in (*c.forward, *c.backward, *c.update)]
    return sheet, [*sheet.prepare, *columns, *sheet.settings, *sheet.clock]


def test_every_value_has_one_place():
    for case in traces.drawn():
        trace = traces.traced(case)
        _, names = placed(trace)
        assert sorted(names) == sorted([*trace.symbols, *trace.formulas])


def test_the_worked_example():
    """What belongs to a matrix on the way back stands beneath it, and what becomes of a weight beneath the weight."""
    sheet, _ = placed(pellucid.worked_example())
    columns = {c.key: (c.forward, c.backward, c.update) for c in sheet.columns}
    assert list(columns) == "X W1 net_input_1 hidden_1 W2 net_input_2 output y loss".split()
    assert columns["W1"] == (["W1", "b1"], ["gradient_W1", "gradient_b1"], ["W1_next", "b1_next"])
    assert columns["net_input_1"][1] == ["delta_hidden_1"]
    assert columns["hidden_1"][1] == ["error_hidden_1", "slope_hidden_1"]
    assert columns["output"][1] == ["error", "slope_output"]
    assert sheet.settings == ["learning_rate"]


def test_dropout_comes_after_what_it_drops():
    case = next(c for c in traces.drawn() if c.dropout and c.dropout[0])
    sheet, _ = placed(traces.traced(case))
    hidden = next(c.forward for c in sheet.columns if c.key == "hidden_1")
    assert hidden == ["hidden_1", "mask_1", "kept_1"]


def test_a_scale_stands_with_the_inputs():
    network = pellucid.Network([2, 3, 1], input_scale=True)
    trace = pellucid.trace(network, [[0, 1], [1, 1]], [1, 0], optimizer="adam")
    sheet, _ = placed(trace)
    inputs = sheet.columns[0]
    assert inputs.forward == ["X", "input_scale", "scaled_X"]
    assert inputs.backward == ["error_X", "gradient_input_scale"]
    assert inputs.update[-1] == "input_scale_next"


def test_the_weights_of_activations_stand_with_the_activations():
    network = pellucid.Network([2, 3, 1], parametric_activation=True)
    trace = pellucid.trace(network, [[0, 1], [1, 1]], [1, 0], optimizer="adam")
    sheet, _ = placed(trace)
    hidden = next(c for c in sheet.columns if c.key == "hidden_1")
    assert hidden.forward == ["activation_weight_1", "curved_1", "bend_1", "hidden_1"]
    assert set(hidden.backward) == {
        "error_hidden_1",
        "slope_curved_1",
        "slope_hidden_1",
        "gradient_activation_weight_1",
    }
    assert hidden.update[-1] == "activation_weight_1_next"


def test_a_state_stands_beside_its_next_value():
    case = next(c for c in traces.drawn() if c.optimizer["name"] == "adam")
    sheet, _ = placed(traces.traced(case))
    update = next(c.update for c in sheet.columns if c.key == "W1")
    assert update[:2] == ["first_moment_W1", "first_moment_W1_next"]
    assert update[-1] == "b1_next"
