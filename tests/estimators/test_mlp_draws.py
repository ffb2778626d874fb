"""Which rows an MLP holds out: those that scikit-learn's draws hold out, in its order."""

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from pellucid.estimators import mlp_draws
from pellucid.estimators.mlp_draws import drawn, drawn_by_class


@pytest.fixture(params=[5, 8_192])
def at_a_time(request, monkeypatch):
    """How many rows are looked at together, which must not matter."""
    monkeypatch.setattr(mlp_draws, "AT_A_TIME", request.param)


def both(found, count, share, stratify=None):
    """Hold what was drawn, and the generator behind it, to scikit-learn's draw."""
    generator = np.random.RandomState(3)
    wanted = train_test_split(
        np.arange(count), test_size=share, random_state=generator, stratify=stratify
    )
    own = np.random.RandomState(3)
    for mine, its in zip(found(own), wanted, strict=True):
        np.testing.assert_array_equal(mine, its)
        assert mine.dtype == np.int32
    assert own.randint(10**9) == generator.randint(10**9)


@pytest.mark.parametrize("share", [0.1, 0.37, 0.9, 4])
@pytest.mark.parametrize("count", [11, 100, 1001])
def test_of_all_rows(count, share):
    both(lambda own: drawn(count, share, own), count, share)


@pytest.mark.parametrize("share", [0.1, 0.37, 0.5, 0.9])
@pytest.mark.parametrize("of_yes", [0, 2, 7, 20, 38, 40])
def test_by_class(at_a_time, of_yes, share):
    """Where one class is small, or absent, and where shares leave a draw to be made between them."""
    yes = np.random.default_rng(of_yes).permutation(np.arange(40) < of_yes)
    both(lambda own: drawn_by_class(yes, share, own), 40, share, stratify=yes)


def test_many_rows(at_a_time):
    yes = np.random.default_rng(0).random(2011) < 0.3
    both(lambda own: drawn_by_class(yes, 0.1, own), 2011, 0.1, stratify=yes)


@pytest.mark.parametrize(
    ("of_yes", "share", "words"),
    [(1, 0.2, "members are: \\['True'\\]"), (5, 0.05, "test_size = 1"), (5, 1.5, "test_size=1.5")],
)
def test_what_cannot_be_drawn_gets_scikit_learns_words(of_yes, share, words):
    yes = np.arange(20) < of_yes
    with pytest.raises(ValueError, match=words):
        drawn_by_class(yes, share, np.random.RandomState(0))
