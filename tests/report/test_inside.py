"""What a report says of the inside of a fit."""

import pytest

from pellucid.report.inside import _temperature


@pytest.mark.parametrize(
    ("temperature", "said"),
    [(None, ""), (0.8, "more decided"), (1.0, "left as they are"), (1.3, "more modest")],
)
def test_it_says_which_way_a_temperature_moves_chances(temperature, said):
    sentence = _temperature(temperature)
    assert said in sentence
    assert bool(sentence) is (temperature is not None)
