"""Records: found by name, stored, restored; and a new one is known everywhere at once."""

import json
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from pellucid.catalogue import find, from_data, names, register, to_data
from pellucid.catalogue.activations import Activation, Elu, LeakyRelu, Relu
from pellucid.catalogue.initializers import Normal, Uniform
from pellucid.catalogue.losses import Huber, Loss
from pellucid.catalogue.records import unregister
from pellucid.catalogue.schedules import Adaptive, Cosine, Exponential, InverseScaling, StepDecay
from pellucid.errors import InputError, ModelFileError, UnknownNameError
from pellucid.evaluator import run
from pellucid.network import Network
from pellucid.step import Step

KINDS = ("activation", "loss", "schedule", "initializer")
NEED_PARAMETERS = {"own", "given"}
ALL = [find(kind, name) for kind in KINDS for name in names(kind) if name not in NEED_PARAMETERS]


@pytest.fixture
def registered():
    """Register record classes for one test."""
    classes = []

    def add(record):
        classes.append(record)
        return register(record)

    yield add
    for record in classes:
        unregister(record)


@dataclass(frozen=True)
class Bend(Activation):
    """x / (1 + |x|), the softsign; with a parameter of its own."""

    name: ClassVar[str] = "bend"
    aliases: ClassVar[tuple[str, ...]] = ("softsign",)

    stiffness: float = 1.0

    def formula(self, x):
        return x / (1 + self.stiffness * abs(x))


@dataclass(frozen=True)
class LogCosh(Loss):
    """log(cosh(y - output))."""

    name: ClassVar[str] = "log_cosh"

    def each(self, output, y):
        r = y - output
        return np.logaddexp(r, -r) - np.log(2.0)


@pytest.mark.parametrize("record", ALL, ids=lambda r: f"{r.kind} {r.name}")
def test_there_and_back(record):
    data = json.loads(json.dumps(to_data(record)))
    assert (data["kind"], data["name"]) == (record.kind, record.name)
    assert from_data(data) == record


def test_parameters_there_and_back():
    for record in (LeakyRelu(0.3), Huber(2.5)):
        assert from_data(to_data(record)) == record
    assert from_data(to_data((Relu(), LeakyRelu(0.3)))) == (Relu(), LeakyRelu(0.3))


def test_every_record_says_what_it_is():
    """A docstring for people; its formula is in it, so it is short."""
    for record in ALL:
        assert type(record).__doc__
        assert not type(record).__doc__.startswith(f"{type(record).__name__}("), record.name


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "activation", "name": "never"},
        {"kind": "spaceship", "name": "relu"},
        {"kind": "activation"},
        {"name": "relu"},
        {},
        {"kind": ["activation"], "name": "relu"},
        {"kind": "activation", "name": "relu", "with": {"slope": 1}},
        {"kind": "activation", "name": "relu", "with": [1]},
        {"kind": "activation", "name": "leaky_relu", "with": {"negative_slope": "steep"}},
        {"kind": "activation", "name": "leaky_relu", "with": {"negative_slope": None}},
        {"kind": "loss", "name": "huber", "with": {"delta": "wide"}},
        {"kind": "optimizer", "name": "chain", "with": {"pieces": 3}},
    ],
)
def test_damaged_data(data):
    with pytest.raises(ModelFileError, match=r"Expected a record of the catalogue\. Got"):
        from_data(data)


def test_what_is_no_record_cannot_be_stored():
    with pytest.raises(InputError, match="cannot be stored"):
        to_data(object())
    assert to_data([1, 2.5, "a", None, True]) == [1, 2.5, "a", None, True]


def test_find_takes_a_record_or_a_name_of_its_kind():
    relu = Relu()
    assert find("activation", relu) is relu
    with pytest.raises(InputError, match="Expected a name or a record for loss"):
        find("loss", relu)
    with pytest.raises(UnknownNameError, match="There is no loss 'relu'"):
        find("loss", "relu")


def test_a_new_activation_is_known_everywhere_at_once(registered):
    """One class, and networks, the evaluator, the equations, slopes and files have it."""
    registered(Bend)
    assert "bend" in names("activation")
    network = Network([2, 3, 1], activation="bend")
    step = Step(network)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(4, 2)), rng.normal(size=(4, 1))
    values = run(step, {"X": X, "y": y, **network.views(network.start(rng))})
    z = values["net_input_1"]
    np.testing.assert_allclose(values["hidden_1"], z / (1 + abs(z)), rtol=1e-15)
    np.testing.assert_allclose(values["slope_hidden_1"], 1 / (1 + abs(z)) ** 2, rtol=1e-13)

    by_name = {equation.name: equation.expression for equation in step.equations}
    assert by_name["hidden_1"].name == "bend"
    assert by_name["slope_hidden_1"].shape == ("n", 3)
    assert find("activation", "softsign") == Bend()
    assert from_data(to_data(Bend(2.0))) == Bend(2.0)


def test_a_new_loss_is_known_everywhere_at_once(registered):
    registered(LogCosh)
    network = Network([2, 1], loss="log_cosh")
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(4, 2)), rng.normal(size=(4, 1))
    values = run(Step(network), {"X": X, "y": y, **network.views(network.start(rng))})
    np.testing.assert_allclose(values["error"], np.tanh(y - values["output"]), rtol=1e-12)
    assert "error" in [equation.name for equation in Step(network).equations]


def test_an_unregistered_record_is_forgotten(registered):
    registered(Bend)
    assert find("activation", "bend") == Bend()
    unregister(Bend)
    try:
        for name in ("bend", "softsign"):
            with pytest.raises(UnknownNameError):
                find("activation", name)
    finally:
        register(Bend)  # the fixture takes it out again


def test_a_name_goes_before_another_records_alias(registered):
    """Who registers `swish` gets it, though silu has that name too."""

    @dataclass(frozen=True)
    class Swish(Activation):
        """x · sigmoid(2x)."""

        name: ClassVar[str] = "swish"

        def formula(self, x):
            # Written with exp(-2x), its slope would be infinity over infinity at -800, and be refused.
            return x * (1 + np.tanh(x)) / 2

    assert find("activation", "swish").name == "silu"
    registered(Swish)
    assert find("activation", "swish") == Swish()


@pytest.mark.parametrize(
    "make",
    [
        lambda: LeakyRelu(float("nan")),
        lambda: Elu("a"),
        lambda: Exponential(0.1, decay=-1),
        lambda: StepDecay(0.1, drop=-2),
        lambda: Cosine(0.1, final=-3),
        lambda: InverseScaling(0.1, power=float("nan")),
        lambda: Adaptive(0.1, divisor=0),
        lambda: Adaptive(0.1, patience=0),
        lambda: Normal(float("nan")),
        lambda: Uniform(2.0, 1.0),
    ],
)
def test_numbers_that_cannot_be_meant_are_refused(make):
    with pytest.raises(InputError, match=r"Expected .* Got "):
        make()


def test_a_taken_name_is_refused():
    with pytest.raises(InputError, match="which is that of Tanh"):

        @register
        @dataclass(frozen=True)
        class Mine(Activation):
            name: ClassVar[str] = "tanh"


def test_a_slope_found_for_a_new_class_is_tried_when_it_is_registered():
    """exp(x) · exp(-x) is 1 on paper, and infinity times 0 at 800."""
    before = names("activation")
    with pytest.raises(InputError, match=r"the slope of flat to be finite\. Got nan at x = -?800"):

        @register
        @dataclass(frozen=True)
        class Flat(Activation):
            name: ClassVar[str] = "flat"

            def formula(self, x):
                return np.exp(x) * np.exp(-x)

    assert names("activation") == before
