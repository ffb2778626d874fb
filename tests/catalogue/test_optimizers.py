"""Optimizers are chains of pieces; what one update does to one parameter can be checked by hand."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from pellucid.catalogue.optimizers import (
    OPTIMIZERS,
    SGD,
    Adam,
    AdamW,
    ClipNorm,
    ClipValue,
    DecayWeights,
    Momentum,
    Optimizer,
    Piece,
    RMSprop,
    ScaleByAdam,
    ScaleByLearningRate,
    ScaleByRms,
    ScaleByRole,
    optimizer,
)
from pellucid.catalogue.records import from_data, to_data
from pellucid.catalogue.schedules import Constant, Cosine
from pellucid.errors import InputError, UnknownNameError
from pellucid.network import Network
from pellucid.step.update import update
from pellucid.tracing import trace


def values(chain, gradients, parameters=None, number=1, **states):
    """Return what one update names, for parameters W1 (default 2) and b1 (default 1) of a single number each."""
    given = {"W1": 2.0, "b1": 1.0} | (parameters or {})
    parametric = "activation_weight_1" in given
    network = Network(
        [1, 1, 1][: 2 + parametric],
        input_scale="input_scale" in given,
        parametric_activation=parametric,
    )
    given |= {"W2": 0.0, "b2": 0.0} if parametric else {}
    gradients = {"W2": 0.0, "b2": 0.0} | gradients
    given |= {f"{state}_{name}": 0.0 for state in chain.states for name in given} | states
    given |= chain.settings | {"update_number": number, "epoch_number": 0, "progress": 0.0}
    made = {}

    def let(name, value):
        made[name] = np.float64(value)
        return made[name]

    update(let, network, chain, given, gradients)
    return made


BOTH = {"W1": 3.0, "b1": 4.0}


def test_gradient_descent():
    made = values(SGD(0.1), BOTH)
    assert (made["W1_next"], made["b1_next"]) == pytest.approx((2 - 0.3, 1 - 0.4))


def test_momentum():
    """Velocity' = momentum · velocity + rate · gradient, and that is subtracted."""
    made = values(SGD(0.1, momentum=0.5), BOTH, velocity_W1=1.0)
    assert made["velocity_W1_next"] == pytest.approx(0.8)
    assert made["W1_next"] == pytest.approx(1.2)


def test_nesterov_looks_one_step_ahead():
    made = values(SGD(0.1, momentum=0.5, nesterov=True), BOTH, velocity_W1=1.0)
    assert made["velocity_W1_next"] == pytest.approx(0.8)
    assert made["W1_next"] == pytest.approx(2 - (0.5 * 0.8 + 0.3))


def test_rmsprop():
    made = values(RMSprop(0.1, decay=0.9, epsilon=0.0), BOTH)
    assert made["second_moment_W1_next"] == pytest.approx(0.9)
    assert made["W1_next"] == pytest.approx(2 - 0.1 * 3 / np.sqrt(0.9))


def test_adams_first_step_is_the_rate_whatever_the_gradient():
    """That is what the correction of the bias is for."""
    for gradient in (1e-3, 1.0, 1e3):
        made = values(Adam(0.1, epsilon=0.0), {"W1": gradient, "b1": -gradient})
        assert (made["W1_next"], made["b1_next"]) == pytest.approx((1.9, 1.1))


def test_adams_epsilon_stands_beside_the_corrected_root():
    made = values(Adam(0.1, epsilon=1.0), BOTH)
    assert made["W1_next"] == pytest.approx(2 - 0.1 * 3 / (3 + 1))


def test_adams_epsilon_may_stand_beside_the_root_before_its_correction():
    """That is scikit-learn's form: its epsilon weighs more in the first updates."""
    chain = Optimizer(
        ScaleByAdam(0.9, 0.99, 1.0, epsilon_first=True), ScaleByLearningRate(Constant(0.1))
    )
    made = values(chain, BOTH, number=1)
    first, second = 0.1 * 3, 0.01 * 3**2
    rate = 0.1 * np.sqrt(1 - 0.99) / (1 - 0.9)
    assert made["W1_next"] == pytest.approx(2 - rate * first / (np.sqrt(second) + 1))
    assert from_data(to_data(chain)) == chain


def test_weight_decay_is_decoupled_and_leaves_biases_alone():
    """AdamW takes rate · decay · weight beside Adam's step: the gradient's moments do not see it."""
    adam, adamw = (values(make, BOTH) for make in (Adam(0.1), AdamW(0.1, weight_decay=0.5)))
    assert adamw["W1_next"] == pytest.approx(adam["W1_next"] - 0.1 * 0.5 * 2.0)
    assert adamw["b1_next"] == adam["b1_next"]
    assert adamw["second_moment_W1_next"] == adam["second_moment_W1_next"]
    assert values(SGD(0.1, weight_decay=0.5), BOTH)["W1_next"] == pytest.approx(
        2 - 0.1 * (3 + 0.5 * 2)
    )


def test_factors_by_role_multiply_the_step_of_each_kind_of_parameter():
    """With `by_fan_in`, that of weights is divided by the root of the numbers that a neuron adds up."""
    pieces = ScaleByRole(bias=0.1, scale=6.0, by_fan_in=True), ScaleByLearningRate(Constant(0.1))
    given = {"W1": 2.0, "b1": 1.0, "input_scale": 1.0}
    made = values(Optimizer(*pieces), {**BOTH, "input_scale": 5.0}, given, fan_in_1=25)
    expected = 2 - 0.1 / 5 * 3, 1 - 0.1 * 0.1 * 4, 1 - 0.1 * 6 * 5
    assert tuple(made[f"{name}_next"] for name in given) == pytest.approx(expected)


def test_weights_of_activations_have_a_factor_and_a_decay_of_their_own():
    """Left out, they move as all else does, and do not decay."""
    given, gradients = {"activation_weight_1": 0.8}, BOTH | {"activation_weight_1": 5.0}
    rate = ScaleByLearningRate(Constant(0.1))
    for factor, decay, expected in ((0.3, 0.2, 0.3 * 5 + 0.2 * 0.5 * 0.8), (1.0, 0.0, 5.0)):
        pieces = ScaleByRole(bias=0.1, activation=factor), DecayWeights(0.5, activation=decay), rate
        made = values(Optimizer(*pieces), gradients, given)
        assert made["activation_weight_1_next"] == pytest.approx(0.8 - 0.1 * expected)


def test_by_fan_in_on_both_sides_is_the_neural_tangent_parametrization():
    """Written as V / √(fan in), with an optimizer that moves V, a weight goes the same way."""
    rng = np.random.default_rng(0)
    fan_in, rate = 9, ScaleByLearningRate(Constant(0.05))
    by_fan_in = ScaleByRole(by_fan_in=True)
    for pieces in ([ScaleByAdam(epsilon=0.01)], [ClipValue(0.2), Momentum(0.8)], [ScaleByRms()]):
        plain, both = Optimizer(*pieces, rate), Optimizer(by_fan_in, *pieces, by_fan_in, rate)
        W, V = 0.3, 0.3 * fan_in**0.5
        of_W = {f"{state}_W1": 0.0 for state in plain.states}
        of_V = dict(of_W)
        for number in range(1, 20):
            slope = rng.normal()  # by W; by V it is that much smaller
            given = {"W1": W}, number
            made_W = values(both, {"W1": slope, "b1": 1.0}, *given, fan_in_1=fan_in, **of_W)
            made_V = values(
                plain, {"W1": slope / fan_in**0.5, "b1": 1.0}, {"W1": V}, number, **of_V
            )
            W, V = made_W["W1_next"], made_V["W1_next"]
            of_W, of_V = ({s: made[f"{s}_next"] for s in of_W} for made in (made_W, made_V))
            assert pytest.approx(V / fan_in**0.5, rel=1e-12) == W


def test_clipping_by_value():
    made = values(SGD(1.0, clip_value=3.5), {"W1": 3.0, "b1": -4.0})
    assert (made["W1_next"], made["b1_next"]) == pytest.approx((2 - 3, 1 + 3.5))


def test_clipping_by_norm_shortens_all_together():
    made = values(SGD(1.0, clip_norm=1.0), BOTH)
    assert made["gradient_norm"] == 5.0
    assert made["clip_factor"] == pytest.approx(0.2)
    assert (made["W1_next"], made["b1_next"]) == pytest.approx((2 - 0.6, 1 - 0.8))


def test_clipping_by_norm_leaves_short_gradients_and_zero():
    assert values(SGD(1.0, clip_norm=10.0), BOTH)["clip_factor"] == 1.0
    assert values(SGD(1.0, clip_norm=10.0), {"W1": 0.0, "b1": 0.0})["W1_next"] == 2.0


def test_the_order_of_the_pieces_is_the_difference():
    """Decay before the running means is L2; after them it is decoupled."""
    plain = AdamW(0.1, weight_decay=0.5)
    scale, decay, rate = plain.pieces
    coupled = Optimizer(decay, scale, rate)
    assert coupled.settings == plain.settings
    assert (
        values(coupled, BOTH)["second_moment_W1_next"]
        > values(plain, BOTH)["second_moment_W1_next"]
    )


def test_a_schedule_makes_the_rate_an_equation():
    chain = SGD(Cosine(0.1))
    given = {"W1": 2.0, "b1": 1.0, "base_learning_rate": 0.1}
    made = {}
    update(
        lambda name, value: made.setdefault(name, value),
        Network([1, 1]),
        chain,
        given | {"update_number": 1, "epoch_number": 0, "progress": 0.5},
        BOTH,
    )
    assert made["learning_rate"] == pytest.approx(0.05)
    assert made["W1_next"] == pytest.approx(2 - 0.05 * 3)


def test_settings_states_schedule_and_label():
    chain = SGD(0.1, momentum=0.9, clip_norm=1.0)
    assert chain.settings == {"clip_norm": 1.0, "learning_rate": 0.1, "momentum": 0.9}
    assert chain.states == ("velocity",)
    assert chain.schedule == Constant(0.1)
    assert chain.label.split(" → ")[0] == "clip_norm"


def test_names():
    assert set(OPTIMIZERS) >= {"sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"}
    for name in OPTIMIZERS:
        assert isinstance(optimizer(name), Optimizer)
    assert optimizer("nesterov") == SGD(momentum=0.9, nesterov=True)
    chain = SGD(0.3)
    assert optimizer(chain) is chain


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_there_and_back(name):
    chain = optimizer(name)
    assert from_data(to_data(chain)) == chain


RATE = ScaleByLearningRate(Constant(0.1))

WRONG = {
    "a piece twice": (
        lambda: Optimizer(RATE, Momentum(0.5), Momentum(0.9)),
        "use momentum, velocity",
    ),
    "no rate": (lambda: Optimizer(Momentum()), "Expected one ScaleByLearningRate in the chain"),
    "two rates": (lambda: Optimizer(RATE, RATE), "Two pieces of the optimizer use learning_rate"),
    "the norm last": (lambda: Optimizer(RATE, ClipNorm()), "Expected it as the first piece"),
    "no piece": (lambda: Optimizer("sgd"), "There is no piece 'sgd'"),
    "another record": (lambda: Optimizer(Constant()), "Expected a name or a record for piece"),
    "a rate of 0": (lambda: SGD(0.0), "Expected a learning rate above 0. Got 0.0"),
    "not a number": (lambda: SGD(float("nan")), "Expected a learning rate above 0. Got nan"),
    "a wrong name": (lambda: optimizer("adm"), r"no optimizer 'adm' \(did you mean 'adam'\?\)"),
    "a class": (lambda: optimizer(Adam), "Expected an optimizer. Got <function Adam"),
}


@pytest.mark.parametrize(("make", "reason"), WRONG.values(), ids=WRONG.keys())
def test_wrong_chains(make, reason):
    with pytest.raises(InputError, match=reason):
        make()


def test_a_wrong_name_is_its_own_error():
    with pytest.raises(UnknownNameError):
        optimizer("adm")


def test_pieces_can_be_put_together_freely():
    chain = Optimizer(ClipValue(1.0), DecayWeights(0.1), RATE, Momentum(0.5))
    assert values(chain, {"W1": 3.0, "b1": 0.5})["W1_next"] == pytest.approx(2 - 0.1 * (1 + 0.2))


def test_a_momentum_does_not_see_the_decay():
    """The weight is smaller by rate · decay · weight; the velocity is what it is without decay."""
    plain, decayed = (
        values(SGD(0.1, momentum=0.9, weight_decay=share), BOTH, velocity_W1=0.5)
        for share in (0.0, 0.5)
    )
    assert decayed["W1_next"] == pytest.approx(plain["W1_next"] - 0.1 * 0.5 * 2.0)
    assert decayed["velocity_W1_next"] == plain["velocity_W1_next"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: SGD(momentum=1.5),
        lambda: SGD(momentum=-0.1),
        lambda: Adam(beta_1=1),
        lambda: Adam(epsilon=-1),
        lambda: SGD(clip_norm=0),
        lambda: SGD(clip_value=-1),
        lambda: AdamW(weight_decay=-1),
        lambda: RMSprop(decay=2),
    ],
)
def test_numbers_out_of_range_are_refused(make):
    with pytest.raises(InputError, match=r"Expected .* Got"):
        make()


def test_a_piece_of_ones_own_costs_one_class():
    """Its state and its number appear in the equations, and are read and kept like the others."""

    @dataclass(frozen=True)
    class Adagrad(Piece):
        name: ClassVar[str] = "scale_by_adagrad"
        states: ClassVar[tuple[str, ...]] = ("square_sum",)
        offset: float = 0.5

        def settings(self):
            return {"offset": self.offset}

        def change(self, change, at):
            total = at.remember("square_sum", at.states["square_sum"] + change**2)
            return change / (np.sqrt(total) + at.settings["offset"])

    chain = Optimizer(Adagrad(), ScaleByLearningRate(Constant(0.1)))
    made = trace(Network([2, 1]), [[1, 2], [3, 4]], [1, 0], optimizer=chain, steps=2)
    first, second = made.steps
    g = first["gradient_W1"]
    np.testing.assert_allclose(first["W1"] - first["W1_next"], 0.1 * g / (abs(g) + 0.5))
    np.testing.assert_array_equal(second["square_sum_W1"], g**2)
    assert made.cell("square_sum_b1_next").meaning == "new square sum of b1"
    assert made.symbols["offset"].meaning == "offset"
