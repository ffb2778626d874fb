"""Which engine trains: told from counts, and from one look at the disk."""

import hashlib

import pytest

from pellucid.engine import machine_code
from pellucid.errors import InputError
from pellucid.network import Network
from pellucid.training import choice
from pellucid.training.choice import Job, choose, threads_for


@pytest.fixture(params=[True, False], ids=["kernels on disk", "none there"])
def on_disk(request, monkeypatch):
    monkeypatch.setattr(choice, "are_on_disk", lambda: request.param)
    return request.param


def job(updates, batch=32, sizes=(64, 32, 10)):
    return Job(Network(sizes), batch, updates)


def test_short_jobs_are_numpys(on_disk):
    """A tenth of a second is nothing to wait for; a minute is worth compiling for."""
    one = job(1).seconds_by_numpy
    assert choose("auto", job(int(0.1 / one))) == "numpy"
    assert choose("auto", job(int(4 / one))) == ("compiled" if on_disk else "numpy")
    assert choose("auto", job(int(60 / one))) == "compiled"


def test_who_asks_gets_it(on_disk):
    assert choose("compiled", job(1)) == "compiled"
    assert choose("numpy", job(10**9)) == "numpy"


def test_a_time_limit_makes_a_job_short(on_disk):
    assert choose("auto", job(10**9), time_limit=0.1) == "numpy"
    assert choose("auto", job(10**9), time_limit=60) == "compiled"


def test_an_obstacle(on_disk):
    assert choose("auto", job(10**9), obstacle="a listener") == "numpy"
    assert choose("numpy", job(1), obstacle="a listener") == "numpy"
    with pytest.raises(InputError, match=r"Got a listener\. .*engine='numpy'"):
        choose("compiled", job(10**9), obstacle="a listener")


def test_larger_jobs_take_longer():
    small = job(100).seconds_by_numpy
    for larger in (job(200), job(100, batch=500), job(100, sizes=(64, 300, 10))):
        assert larger.seconds_by_numpy > small
    assert job(100, sizes=(64, 32, 32, 10)).seconds_by_numpy > small


def test_only_the_kernels_of_these_sources_count(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    look = choice.are_on_disk.__wrapped__
    assert not look()
    file, payload = tmp_path / "loop.train-12.kernel", b"name\ncode"
    for stamp, there in ((bytes(32), False), (machine_code.sources(), True)):
        file.write_bytes(stamp + hashlib.sha256(payload).digest() + payload)
        assert look() == there
    file.write_bytes(file.read_bytes()[:-1])
    assert not look()


def test_a_home_that_is_not_there_holds_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "nowhere"))
    assert not choice.are_on_disk.__wrapped__()


def test_n_jobs():
    everyone = choice.processors()
    assert threads_for(-1) == everyone
    assert threads_for(-2) == max(1, everyone - 1)
    for wrong in (0, 1.5, "two", True):
        with pytest.raises(InputError, match="n_jobs as a whole number other than 0"):
            threads_for(wrong)
