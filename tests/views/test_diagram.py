import pytest

from pellucid.network import Network
from pellucid.views.diagram import diagram, layer_table

SIZES = [
    [4, 3, 1],
    [1, 1],
    [2, 1],
    [10, 50, 7, 3],
    [3, 4, 4, 4, 4, 4, 4, 2],
    [3, *[4] * 14, 2],
    [1000, 1000, 1000],
]


def test_the_worked_example_shows_every_neuron():
    picture = "\n".join(diagram(Network([4, 3, 1])))
    for name in ("x1", "x2", "x3", "x4", "h1", "h2", "h3", "o1"):
        assert picture.count(f"({name})") == 1
    assert "h4" not in picture
    assert "⋮" not in picture


def test_every_neuron_of_a_small_network_is_joined_to_the_bar():
    lines = diagram(Network([4, 3, 1]))[3:]
    assert [line for line in lines if "(x" in line and ")─" not in line] == []
    assert [line for line in lines if "(h" in line and "▶(h" not in line] == []


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("ascii_only", [False, True])
def test_a_picture_fits_80_columns(sizes, ascii_only):
    lines = diagram(Network(sizes), ascii_only=ascii_only)
    assert max(map(len, lines)) <= 80
    if ascii_only:
        assert "".join(lines).isascii()


def test_large_layers_show_their_size_and_leave_neurons_out():
    picture = "\n".join(diagram(Network([10, 50, 3])))
    assert "50" in picture
    assert "⋮" in picture
    assert "(h50)" in picture
    assert "h20" not in picture


def test_many_layers_leave_some_out_and_keep_both_ends():
    picture = "\n".join(diagram(Network([3, *[4] * 30, 2])))
    assert "…" in picture
    assert picture.split()[0] == "in"
    assert "out" in picture


def test_numbers_stand_in_the_neurons():
    picture = diagram(Network([2, 1]), neurons=[["1", "0"], ["0.79"]])
    assert any("(1)" in line for line in picture)
    assert any("(0.79)" in line for line in picture)


def test_the_table_names_each_layer():
    table = layer_table(Network([4, 3, 1], activation="tanh", dropout=0.2))
    assert table[1].split()[:3] == ["hidden", "layer", "3"]
    assert "tanh, dropout 0.2" in table[1]
    assert "W2  3 × 1" in table[2]


def test_the_table_names_the_weights_of_activations():
    table = layer_table(Network([4, 3, 2, 1], parametric_activation=True, input_scale=True))
    assert table[0].endswith("biases     of activations")
    assert table[2].endswith("b1  1 × 3  activation_weight_1  1 × 3")
    assert table[3].endswith("b2  1 × 2  activation_weight_2  1 × 2")
    assert table[4].endswith("b3  1 × 1")


def test_the_table_has_a_line_for_scaled_inputs():
    table = layer_table(Network([4, 3, 1], input_scale=True))
    assert table[1].split() == ["scaled", "inputs", "4", "input_scale", "1", "×", "4"]
