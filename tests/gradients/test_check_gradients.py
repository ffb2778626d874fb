"""Every network's gradient against central differences, and a wrong gradient is found out."""

from dataclasses import dataclass
from itertools import cycle, product
from typing import ClassVar

import numpy as np
import pytest
from agreement import cases

from pellucid.catalogue import names, register
from pellucid.catalogue.activations import Activation
from pellucid.catalogue.records import unregister
from pellucid.errors import InputError
from pellucid.gradient_check import check_gradients
from pellucid.network import Network
from pellucid.step import backward

LIMIT = 1e-6
ROWS = 4

OPTIONS = [
    {"dropout": dropout, "weighted": weighted, "penalties": penalties, "smooth": smooth}
    for dropout, weighted, penalties, smooth in product([False, True], repeat=4)
]


def checked(hidden, loss, output, outputs, *, dropout, weighted, penalties, smooth, seed=0):
    """Return the check of a small network with these options; label smoothing where the loss has it."""
    rng = np.random.default_rng([seed, outputs])
    classes = loss in ("cross_entropy", "binary_cross_entropy")
    net = Network(
        [3, 4, outputs],
        activation=hidden,
        output_activation=output,
        loss=loss,
        dropout=0.4 if dropout else 0.0,
        l1=0.01 if penalties else 0.0,
        l2=0.1 if penalties else 0.0,
        label_smoothing=0.1 if smooth and classes else 0.0,
    )
    X = rng.uniform(-1, 1, (ROWS, 3))
    y = cases.targets(loss, rng, ROWS, outputs)
    weight = rng.uniform(0.5, 2, ROWS) if weighted else None
    parameters = {name: rng.normal(0, 0.5, shape) for name, shape in net.parameter_shapes.items()}
    return check_gradients(net, X, y, parameters=parameters, row_weight=weight)


def assert_small(check, what):
    smooth = [entry for entry in check.entries if not entry.at_kink]
    assert smooth, f"{what}: every entry is said to be at a kink"
    assert check.max_relative_error < LIMIT, f"{what}\n{check}"


def outputs_for(output):
    return (2, 5) if output == "softmax" else (1, 2, 5)


@pytest.mark.parametrize("loss", names("loss"))
@pytest.mark.parametrize("hidden", cases.hidden_names())
def test_every_hidden_activation_with_every_loss(hidden, loss):
    """With 1, 2 and 5 outputs; the options and the output activations take turns."""
    at = cases.hidden_names().index(hidden)
    outputs = [output for of, output in cases.output_pairs() if of == loss]
    for turn, count in enumerate((1, 2, 5)):
        fitting = [o for o in outputs if count in outputs_for(o)] or outputs
        output = fitting[(at + turn) % len(fitting)]
        if count not in outputs_for(output):
            continue
        options = OPTIONS[(5 * at + 7 * turn + names("loss").index(loss)) % len(OPTIONS)]
        check = checked(hidden, loss, output, count, **options)
        assert_small(check, f"{hidden}, {loss} of {output}, {count} outputs, {options}")


@pytest.mark.parametrize(
    "options", OPTIONS, ids=lambda o: "+".join(k for k, v in o.items() if v) or "plain"
)
def test_every_set_of_options(options):
    for loss, output in (
        ("squared_error", "tanh"),
        ("cross_entropy", "softmax"),
        ("binary_cross_entropy", "sigmoid"),
    ):
        assert_small(checked("tanh", loss, output, 2, **options), f"{loss}, {options}")


@pytest.mark.long
@pytest.mark.parametrize("hidden", cases.hidden_names())
def test_everything_with_everything(hidden):
    """Every loss, every output activation in its range, 1, 2 and 5 outputs, and the options in turn."""
    turns = cycle(OPTIONS)
    for seed, (loss, output) in enumerate(cases.output_pairs()):
        for count in outputs_for(output):
            for _ in range(2):
                options = next(turns)
                check = checked(hidden, loss, output, count, seed=seed, **options)
                assert_small(check, f"{hidden}, {loss} of {output}, {count} outputs, {options}")


def test_smooth_networks_have_no_kinks():
    """What is called a kink is not counted, so a smooth network must not be full of them."""
    for hidden in ("sigmoid", "tanh", "gelu", "silu", "mish", "softplus", "softmax", "exp"):
        for options in (OPTIONS[0], OPTIONS[-1]):
            check = checked(
                hidden, "squared_error", "identity", 2, **{**options, "penalties": False}
            )
            assert not [entry for entry in check.entries if entry.at_kink], hidden


@dataclass(frozen=True)
class Wrong(Activation):
    """tanh with a slope that is off by a thousandth."""

    name: ClassVar[str] = "wrong"

    def formula(self, x):
        return np.tanh(x)

    def slope(self, x, a):
        return 1.001 * (1 - a**2)


def test_a_slope_that_is_off_by_a_thousandth_is_found():
    """It spoils the layers below it, and the entries say by how much."""
    register(Wrong)
    try:
        check = checked("wrong", "squared_error", "identity", 1, **OPTIONS[0])
    finally:
        unregister(Wrong)
    assert check.by_parameter["W1"] == pytest.approx(1e-3, rel=0.05)
    assert check.by_parameter["W2"] < LIMIT
    assert next(iter(check.by_parameter)) in ("W1", "b1")
    assert check.entries[0].relative_error == check.max_relative_error


def test_a_wrong_sign_is_found(monkeypatch):
    slopes = backward._slopes
    turned = lambda *arguments: {at: -slope for at, slope in slopes(*arguments).items()}  # noqa: E731
    monkeypatch.setattr(backward, "_slopes", turned)
    check = checked("tanh", "squared_error", "identity", 1, **OPTIONS[0])
    assert check.max_relative_error > 1


def test_a_sample_of_a_large_network():
    net = Network([30, 40, 1], activation="tanh")
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(5, 30)), rng.normal(size=5)
    check = check_gradients(net, X, y, sample=50)
    assert len(check.entries) == 50
    assert check.parameter_count == net.parameter_count
    assert len({(e.name, e.row, e.column) for e in check.entries}) == 50
    assert check.max_relative_error < LIMIT
    again = check_gradients(net, X, y, sample=50)
    assert [e.name for e in again.entries] == [e.name for e in check.entries]
    assert "50 of 1281 gradients checked" in repr(check)


def test_what_it_takes():
    with pytest.raises(InputError, match=r"Expected a Network or a fitted estimator\. Got int"):
        check_gradients(3, [[1.0]], [1.0])
