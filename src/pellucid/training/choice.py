"""Which engine trains: compiled kernels, or NumPy where the job is done before they would be ready."""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass
from typing import Any

from pellucid.engine.machine_code import is_on_disk
from pellucid.engine.threads import processors
from pellucid.errors import InputError, explain, unknown_name
from pellucid.network import Network
from pellucid.rows import products_of_a_row

ENGINES = ("auto", "compiled", "numpy")

# Seconds until the first compiled update of a process: with kernels on the disk, and with none there.
LOADING, COMPILING = 0.2, 8.0
# Seconds of one update by NumPy: by itself, for each layer, for each activation, for each parameter, and
# for each product of a row's number and a weight; of a sparse row's stored number SciPy makes it.
UPDATE, LAYER, ACTIVATION, PARAMETER, PRODUCT = 30e-6, 45e-6, 8e-9, 5e-9, 0.08e-9
SPARSE_PRODUCT = 1.5e-9


@dataclass(frozen=True)
class Job:
    """What a training comes to, in counts: the network, the rows of an update, and the updates.

    `entries` are those that a sparse row has stored, on the mean; None for dense rows.
    """

    network: Network
    batch: int
    updates: int
    entries: float | None = None

    @property
    def seconds_by_numpy(self) -> float:
        """About how long NumPy takes, by the counts alone."""
        network = self.network
        neurons = sum(layer.size for layer in network.layers)
        one = UPDATE + LAYER * len(network.layers) + ACTIVATION * self.batch * neurons
        one += PARAMETER * network.parameter_count
        if self.entries is None:
            one += PRODUCT * self.batch * network.parameter_count
        else:
            one += PRODUCT * self.batch * products_of_a_row(network, 0)
            one += SPARSE_PRODUCT * self.batch * self.entries * network.layers[0].size
        return self.updates * one


def check_engine(asked: Any) -> str:
    """Return the name of an engine, or raise `InputError` with those there are."""
    if asked not in ENGINES:
        raise unknown_name("engine", asked, ENGINES)
    name: str = asked
    return name


def choose(asked: Any, job: Job, *, obstacle: str = "", time_limit: float | None = None) -> str:
    """Return "compiled" or "numpy".

    "auto" is "numpy" where there is an obstacle, and where NumPy takes no longer than it takes until
    kernels can run: a fifth of a second where they are on the disk already, else about eight. How long NumPy
    takes is told from the counts of the job, and whether kernels are on the disk is looked up once in a
    process: so the same job is always done in the same way there, to the same bits.

    Raises
    ------
    InputError
        For another name, and for "compiled" where there is an obstacle.
    """
    if check_engine(asked) == "numpy":
        return "numpy"
    if obstacle:
        if asked == "compiled":
            raise not_compiled(obstacle)
        return "numpy"
    if asked == "compiled":
        return "compiled"
    seconds = min(job.seconds_by_numpy, float("inf") if time_limit is None else float(time_limit))
    return "compiled" if seconds > (LOADING if are_on_disk() else COMPILING) else "numpy"


def not_compiled(obstacle: str) -> InputError:
    """Return the error for what the compiled engine cannot do."""
    return InputError(
        explain(
            expected="with engine='compiled' what it can do",
            got=obstacle,
            do="use engine='auto' or engine='numpy'",
        )
    )


def threads_for(n_jobs: Any) -> int | None:
    """Return the number of worker threads for scikit-learn's `n_jobs`; None for as many as pay.

    Minus 1 is one for each processor, minus 2 leaves one processor out, and so on.

    >>> threads_for(3), threads_for(None), threads_for(-10_000)
    (3, None, 1)
    """
    if n_jobs is None:
        return None
    try:
        count = 0 if isinstance(n_jobs, bool) else operator.index(n_jobs)
    except TypeError:
        count = 0
    if count == 0:
        raise InputError(
            explain(
                expected="n_jobs as a whole number other than 0, or None",
                got=repr(n_jobs),
                do="give 1 for one thread, or -1 for one on each processor",
            )
        )
    return count if count > 0 else max(1, processors() + 1 + count)


@functools.cache
def are_on_disk() -> bool:
    """Return whether the compiled loop is on the disk. Looked up once in a process."""
    return is_on_disk("loop.train")
