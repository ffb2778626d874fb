"""A trace that a format has no room for is refused, and the message names what helps."""

from functools import cache

import numpy as np
import pytest

import pellucid
from pellucid.errors import InputError

LIMITED = (".xlsx", ".html", ".py", ".R", ".ipynb")


@cache
def trace(**choices):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 4)), rng.integers(3, size=60)
    model = pellucid.TabularClassifier(epochs=1, random_state=0, **choices)
    return model.fit(X, y).trace(X[:3], y[:3])


@pytest.mark.parametrize("suffix", LIMITED)
def test_a_network_that_is_too_large_by_itself(suffix, tmp_path):
    """No choice of rows would help, so none is advised; both that is advised does."""
    with pytest.raises(InputError, match="use a smaller network: fewer hidden neurons") as told:
        trace(preset="default", members=2, hidden_sizes=(256, 256, 256)).save(
            tmp_path / f"large{suffix}"
        )
    assert "rows (" not in str(told.value)
    assert not list(tmp_path.iterdir())
    assert "hidden_sizes=(16,)" in str(told.value)
    assert "preset='plain'" in str(told.value)
    trace(preset="default", members=2, hidden_sizes=(16,)).save(tmp_path / f"small{suffix}")
    trace(preset="plain").save(tmp_path / f"plain{suffix}")


def test_a_handout_has_room_for_few_neurons(tmp_path):
    with pytest.raises(InputError, match="smaller network, of at most 30 inputs and neurons"):
        trace(preset="plain").save(tmp_path / "large.tex")
    assert not list(tmp_path.iterdir())
    trace(preset="default", members=2, hidden_sizes=(16,)).save(tmp_path / "small.tex")


@pytest.mark.parametrize("suffix", [*LIMITED, ".tex"])
def test_too_many_rows(suffix, tmp_path):
    rng = np.random.default_rng(0)
    network = pellucid.Network([4, 3, 2])
    large = pellucid.trace(network, rng.normal(size=(50_000, 4)), rng.normal(size=(50_000, 2)))
    with pytest.raises(InputError, match="trace fewer rows"):
        large.save(tmp_path / f"large{suffix}")
    assert not list(tmp_path.iterdir())
