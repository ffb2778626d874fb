"""What an exporter is handed: a trace, described by what is read of it, for exporters stand below traces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

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
