"""Every loss: what it costs, what it goes with, and which targets it takes."""

import numpy as np
import pytest

from pellucid.algebra import Symbol
from pellucid.catalogue import activation, loss, names
from pellucid.catalogue.losses import Huber, Loss, Quantile
from pellucid.errors import InputError, UnknownNameError

RECORDS = [loss(name) for name in names("loss")]


def by_name(record):
    return record.name


def inside(interval, share):
    low, high = max(interval[0], -2), min(interval[1], 2)
    return low + (high - low) * share


def targets_for(record, share):
    return np.array([[inside(record.target_range, share)]])


def test_the_catalogue_has_what_is_promised():
    promised = (
        "squared_error absolute_error huber quantile poisson binary_cross_entropy cross_entropy"
    )
    assert set(promised.split()) <= set(names("loss"))
    assert (loss("log_loss").name, loss("pinball").name) == ("cross_entropy", "quantile")


def test_values_that_a_person_can_check():
    o, y = np.array([[1.0]]), np.array([[3.0]])
    assert loss("squared_error").each(o, y) == 2.0
    assert loss("absolute_error").each(o, y) == 2.0
    assert Huber(1.0).each(o, y) == 1.5
    assert Huber(5.0).each(o, y) == 2.0
    assert Quantile(0.9).each(o, y) == pytest.approx(1.8)
    assert Quantile(0.9).each(y, o) == pytest.approx(0.2)
    assert loss("poisson").each(o, y) == pytest.approx(1 - 3 + 3 * np.log(3))
    half = np.array([[0.5, 0.5]])
    assert loss("binary_cross_entropy").each(half, np.array([[1.0, 0.0]])).sum() == pytest.approx(
        2 * np.log(2)
    )
    assert loss("cross_entropy").each(half, np.array([[1.0, 0.0]])).sum() == pytest.approx(
        np.log(2)
    )


@pytest.mark.parametrize("record", RECORDS, ids=by_name)
def test_the_loss_of_a_right_answer_is_the_smallest(record):
    y = targets_for(record, 0.4)
    others = [inside(record.output_range, share) for share in np.linspace(0.01, 0.99, 50)]
    right = record.each(y, y)
    if (
        record.name == "cross_entropy"
    ):  # its minimum is over rows that add up to 1, not over single numbers
        return
    assert all(record.each(np.array([[o]]), y) >= right - 1e-12 for o in others)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("record", RECORDS, ids=by_name)
def test_outputs_at_the_ends_of_the_range_stay_finite(record, dtype):
    """Sigmoid and relu round to 0 and 1 in earnest: logarithms and quotients are kept finite there."""
    for o in [v for v in record.output_range if np.isfinite(v)] or [0.0]:
        for y in [v for v in record.target_range if np.isfinite(v)] or [1.0]:
            output, target = np.array([[o]], dtype), np.array([[y]], dtype)
            assert np.isfinite(record.each(output, target)).all()
            assert np.isfinite(record.error(output, target)).all()


@pytest.mark.parametrize("record", [r for r in RECORDS if r.matching], ids=by_name)
def test_the_loss_from_the_net_input_is_the_same(record):
    z = np.array([[-2.0, 0.5, 1.0], [3.0, -1.0, 0.0]])
    y = np.eye(3)[[0, 2]]
    own = record.each_from_net_input(z, y)
    if own is not None:
        np.testing.assert_allclose(own, record.each(activation(record.matching)(z), y), rtol=1e-12)


def test_an_error_can_be_left_out_of_a_record():
    """Found by differentiation, on arrays and on symbols: a formula is all a new loss needs."""

    class Quartic(Loss):
        name = "quartic"

        def each(self, output, y):
            return (y - output) ** 4

    o, y = np.array([[1.0, 2.0]], np.float32), np.array([[3.0, 2.0]], np.float32)
    found = Quartic().error(o, y)
    assert found.dtype == np.float32
    assert found.tolist() == [[32.0, 0.0]]
    shape = ("n", 2)
    assert Quartic().error(Symbol("output", shape), Symbol("y", shape)).shape == shape


WRONG_PAIRS = [
    (
        "poisson",
        "tanh",
        r"values in \(0, inf\) for the loss poisson. Got tanh, with values in \(-1, 1\)",
    ),
    ("poisson", "identity", "use output_activation='exp'"),
    ("binary_cross_entropy", "relu", r"values in \(0, 1\)"),
    ("binary_cross_entropy", "softmax", "share one choice. Use output_activation='sigmoid'"),
    ("cross_entropy", "sigmoid", "add up to 1 over the classes. Got sigmoid"),
]


@pytest.mark.parametrize(("name", "output", "reason"), WRONG_PAIRS)
def test_output_activations_out_of_range(name, output, reason):
    with pytest.raises(InputError, match=reason):
        loss(name).check_activation(activation(output))


WRONG_TARGETS = [
    (
        "poisson",
        [[1.0], [-1.0]],
        r"targets in \[0, inf\) for the loss poisson. Got \[-1.0\] in row 1",
    ),
    ("binary_cross_entropy", [[0.0], [2.0]], r"targets in \[0, 1\].*Got \[2.0\] in row 1"),
    ("binary_cross_entropy", [[np.nan]], "in row 0"),
    (
        "cross_entropy",
        [[1.0, 0.0], [1.0, 1.0]],
        "add up to 1 over the classes of a row. Got .* in row 1",
    ),
]


@pytest.mark.parametrize(("name", "y", "reason"), WRONG_TARGETS)
def test_targets_out_of_range_name_the_row(name, y, reason):
    with pytest.raises(InputError, match=reason):
        loss(name).check_targets(np.array(y))


def test_good_targets_pass():
    for record in RECORDS:
        y = np.array([[0.0, 1.0], [1.0, 0.0]])
        record.check_targets(y)


def test_label_smoothing():
    """It is spread over the classes: all outputs of a softmax, and yes and no of each sigmoid."""
    y = np.array([[1.0, 0.0, 0.0, 0.0]])
    np.testing.assert_allclose(
        loss("cross_entropy").smoothed(y, 0.2, 4), [[0.85, 0.05, 0.05, 0.05]]
    )
    np.testing.assert_allclose(
        loss("binary_cross_entropy").smoothed(y, 0.2, 4), [[0.9, 0.1, 0.1, 0.1]]
    )
    with pytest.raises(InputError, match=r"Label smoothing is for classes\. Got the loss huber"):
        Huber().smoothed(y, 0.2, 4)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: Huber(0.0), "a delta above 0. Got 0.0"),
        (lambda: Quantile(1.0), "a quantile between 0 and 1. Got 1.0"),
        (lambda: loss("square_error"), r"did you mean 'squared_error'\?"),
        (lambda: loss(None), "Expected a name or a record for loss. Got None"),
    ],
)
def test_wrong_choices(make, reason):
    with pytest.raises(InputError, match=reason):
        make()
    assert issubclass(UnknownNameError, ValueError)
