import numpy as np

from pellucid.views.curves import area
from pellucid.views.plain_letters import plain_letters


def test_a_curve_has_its_height_and_at_most_its_width():
    lines = area(np.linspace(0, 1, 1000), width=40, height=5)
    assert len(lines) == 5
    assert {len(line) for line in lines} == {40}


def test_the_highest_value_fills_all_lines_and_the_lowest_is_thin():
    assert area([0, 1], height=2) == (" █", "▁█")


def test_a_flat_curve_and_one_with_gaps_can_be_drawn():
    assert area([3, 3, 3], height=1) == ("▁▁▁",)
    assert area([0, np.nan, 1], height=1) == ("▁ █",)
    assert area([np.nan], height=2) == ("", "")


def test_curves_can_share_a_scale():
    assert area([1, 2], height=1, limits=(0, 8)) == ("▂▃",)


def test_texts_in_ascii():
    """What a text of ours consists of has a sign in ASCII: nothing becomes a question mark."""
    text = "│─┌┐└┘├┤┬┴┼▶●⋮·⊙×→ᵀ²‹›…∂−≤▁▂▃▄▅▆▇█▒∇δηŷℓ₀₉"
    plain = plain_letters(text)
    assert plain.isascii()
    assert "?" not in plain
