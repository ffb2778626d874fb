"""The table of names: every value of a step has a meaning, a stage and a way to be written."""

import pytest

from pellucid.names import NAMES, STAGES, describe


def test_meanings_know_the_layer_and_the_parameter():
    assert describe("net_input_12").meaning == "what goes into layer 12's activation"
    assert describe("gradient_W2").meaning == "slope of the loss by W2"
    assert (
        describe("second_moment_b3_next").meaning
        == "new running mean of the squared gradient of b3"
    )


def test_what_belongs_to_a_parameter_and_to_a_layer_says_so():
    """So no reader of a step has to take names apart, or to know which letters there are."""
    found = {
        name: (describe(name).parameter, describe(name).layer)
        for name in (
            "W12",
            "gradient_b2",
            "second_moment_W1_next",
            "first_moment_input_scale",
            "gradient_activation_weight_3",
        )
    }
    assert found == {
        "W12": ("W12", 12),
        "gradient_b2": ("b2", 2),
        "second_moment_W1_next": ("W1", 1),
        "first_moment_input_scale": ("input_scale", None),
        "gradient_activation_weight_3": ("activation_weight_3", 3),
    }
    assert describe("input_scale_next").parameter == "input_scale"
    assert describe("hidden_3").layer == 3
    assert describe("hidden_3").parameter == describe("output").parameter == ""
    assert describe("output").layer is None


def test_latex_has_no_blank_left():
    assert describe("delta_hidden_2").latex == r"\delta_{2}"
    assert describe("gradient_W12").latex == r"\nabla {W_{12}}"
    for name in ("kept_1", "W3_next", "velocity_b2", "first_moment_W1_next", "mask_1"):
        latex = describe(name).latex
        assert "{l}" not in latex
        assert "{p}" not in latex
    assert describe("gradient_input_scale").latex == r"\nabla {s_X}"


def test_one_name_has_one_entry():
    """No name is matched by two patterns, so the order of the table decides nothing."""
    import re

    filled = [
        re.sub(r"\(\?P<\w>(.*)\)", "W7" if "[Wb]" in n.pattern else "7", n.pattern) for n in NAMES
    ]
    for name in filled:
        matching = [n.pattern for n in NAMES if re.fullmatch(n.pattern, name)]
        assert len(matching) == 1, f"{name}: {matching}"


def test_every_stage_is_one_of_a_step():
    assert {n.stage for n in NAMES} <= set(STAGES)


@pytest.mark.parametrize("name", ["hidden", "hidden_x", "W", "W1_step", "outputs", "gradient_"])
def test_an_unknown_name_says_where_to_add_it(name):
    with pytest.raises(KeyError, match=r"not in the table of names; add it to NAMES in names\.py"):
        describe(name)
