"""What an exporter is handed: a trace, described by what is read of it, for exporters stand below traces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from pellucid.algebra import Equation, Symbol
from pellucid.step import Step


class TracedStep(Protocol):
    """One step of a trace."""

    @property
    def epoch(self) -> int: ...

    @property
    def rows(self) -> tuple[int, ...]: ...

    @property
    def values(self) -> Mapping[str, Any]: ...


class Traced(Protocol):
    """A trace; `pellucid.Trace` is one."""

    @property
    def description(self) -> Step: ...

    @property
    def steps(self) -> Sequence[TracedStep]: ...

    @property
    def labels(self) -> Mapping[str, Sequence[str]]: ...

    @property
    def symbols(self) -> Mapping[str, Symbol]: ...

    @property
    def formulas(self) -> Mapping[str, Equation]: ...


def how_to_shrink(trace: Traced, names: Iterable[str], most: int) -> str:
    """Return what makes a trace small enough for so many numbers, of which these values are written.

    Fewer rows help only where the numbers that have none are not too many by themselves.
    """
    symbols = {**trace.symbols, **{name: e.symbol for name, e in trace.formulas.items()}}
    values = trace.steps[0].values
    if sum(np.size(values[name]) for name in names if "n" not in symbols[name].shape) > most:
        return (
            "use a smaller network: fewer hidden neurons (hidden_sizes=(16,), or --hidden 16 in the terminal), "
            "or preset='plain' of the estimators for tables (--preset plain); .json and .csv hold any"
        )
    return (
        "trace fewer rows (X[:8] and y[:8], batch_size=8, or --rows 1-8 in the terminal), fewer steps, or a "
        "smaller network; .json and .csv hold any"
    )
