"""The tutorial's example: every number of its step, and where its training ends."""

import json
from pathlib import Path

import numpy as np
import pytest

from pellucid.catalogue.optimizers import SGD
from pellucid.evaluator import predict, run
from pellucid.network import Network
from pellucid.step import Step
from pellucid.training.updates import Updates

EXAMPLE = json.loads(
    (Path(__file__).parents[1] / "data" / "worked_example.json").read_text(encoding="utf-8")
)

# The page of the example gives these to four digits.
PRINTED = {
    "net_input_1": "1.48 1.78 1.10; 2.40 1.89 1.62; 1.48 1.56 1.28",
    "hidden_1": ".8146 .8557 .7503; .9168 .8688 .8348; .8146 .8264 .7824",
    "net_input_2": "1.3209; 1.3742; 1.3209",
    "output": ".7893; .7981; .7893",
    "error": ".2107; .2019; -.7893",
    "slope_output": ".1663; .1612; .1663",
    "slope_hidden_1": ".1510 .1235 .1874; .0763 .1140 .1379; .1510 .1435 .1702",
    "delta_output": ".0350; .0325; -.1313",
    "error_hidden_1": ".0105 .0088 .0081; .0098 .0081 .0075; -.0394 -.0328 -.0302",
    "delta_hidden_1": ".0016 .0011 .0015; .0007 .0009 .0010; -.0059 -.0047 -.0051",
    "W2_next": ".2951; .2450; .2251",
    "b2_next": ".6836",
    "W1_next": ".4202 .8802 .5503; .0994 .7295 .6795; .6002 .1802 .4703; .9195 .1096 .5196",
    "b1_next": ".4596 .7197 .0797",
}

NETWORK = Network(
    [4, 3, 1], activation="sigmoid", output_activation="sigmoid", loss="squared_error"
)
STEP = Step(NETWORK, SGD(learning_rate=EXAMPLE["learning_rate"]), reduction=EXAMPLE["reduction"])


def arrays(dtype=np.float64):
    return {name: np.array(value, dtype) for name, value in EXAMPLE["given"].items()}


def first_step():
    given = arrays() | STEP.settings | {"update_number": 1, "epoch_number": 0, "progress": 0.0}
    return run(STEP, given)


def outputs_after(epochs):
    given = arrays()
    start = {name: given.pop(name) for name in ("W1", "b1", "W2", "b2")}
    updates = Updates(STEP, NETWORK.start(parameters=start))
    for epoch in range(epochs):
        updates.make(updates.given(given["X"], given["y"], epoch=epoch, progress=epoch / epochs))
    return predict(NETWORK, updates.parameters, given["X"])["output"].ravel()


def test_every_value_of_the_first_step():
    """Every value of the example, by its name and with its sign, to 1e-12; and nothing else is computed."""
    values = first_step()
    assert set(EXAMPLE["values"]) <= set(values)
    assert set(values) - set(EXAMPLE["values"]) <= {
        "row_loss",
        "gradient_W1",
        "gradient_b1",
        "gradient_W2",
        "gradient_b2",
    }
    for name, expected in EXAMPLE["values"].items():
        assert values[name].shape == np.shape(expected), name
        np.testing.assert_allclose(values[name], expected, rtol=1e-12, atol=0, err_msg=name)


@pytest.mark.parametrize("name", PRINTED)
def test_the_printed_page(name):
    """The page of the example, which was typed by hand, shows these numbers to its four digits."""
    printed = np.array([[float(v) for v in row.split()] for row in PRINTED[name].split(";")])
    np.testing.assert_allclose(first_step()[name], printed, rtol=0, atol=0.5001e-4)


ENDS = [
    (5_000, [0.9776, 0.9660, 0.0473]),
    (10_000, [0.9862, 0.9793, 0.0286]),
    pytest.param(50_000, [0.9946, 0.9920, 0.0108], marks=pytest.mark.long),
]


@pytest.mark.parametrize(("epochs", "expected"), ENDS)
def test_outputs_after_many_epochs(epochs, expected):
    np.testing.assert_allclose(outputs_after(epochs), expected, rtol=0, atol=0.5001e-4)
