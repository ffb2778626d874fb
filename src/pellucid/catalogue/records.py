"""Records: what can be chosen by name, given with its own parameters, shown and stored."""

from __future__ import annotations

import copy
import dataclasses
import functools
import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self, TypeVar

from pellucid.errors import InputError, ModelFileError, explain, unknown_name


class Record:
    """Base of the catalogue's frozen records.

    `kind` says what it is ("activation", "loss" …), `name` is what users write,
    `aliases` are other names of the same, `source` is where the formula was published.
    """

    kind: ClassVar[str]
    name: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    source: ClassVar[str] = ""

    @classmethod
    def check_registered(cls) -> None:
        """Raise `InputError` if a new record of this class cannot be used."""

    @property
    def numbers(self) -> dict[str, Any]:
        """The fields that are numbers, by name: the hyper-parameters that formulas read."""
        kind: Any = type(self)
        return {name: getattr(self, name) for name in _names_of_numbers(kind)}

    def using(self, numbers: Mapping[str, Any]) -> Self:
        """Return the record with other numbers, or with symbols in their place.

        What is given is not checked: symbols have no values, and numbers were checked before.
        """
        changed = copy.copy(self) if numbers else self
        for name, value in numbers.items():
            object.__setattr__(changed, name, value)
        return changed

    @property
    def label(self) -> str:
        """The name with the parameters that differ from their defaults."""
        shown = [
            f"{f.name}={getattr(self, f.name):g}"
            if isinstance(getattr(self, f.name), float)
            else f"{f.name}={getattr(self, f.name)!r}"
            for f in dataclasses.fields(self)  # type: ignore[arg-type]
            if getattr(self, f.name) != f.default
        ]
        return f"{self.name}({', '.join(shown)})" if shown else self.name


@functools.cache
def _names_of_numbers(record: Any) -> tuple[str, ...]:
    fields = getattr(record, "__dataclass_fields__", {}).values()
    return tuple(f.name for f in fields if f.type in ("float", float))


def check_number(
    record: Record, field: str, low: float = -math.inf, *, above: bool = False
) -> None:
    """Raise `InputError` unless a field of a record is a finite number of at least (or above) `low`."""
    value = getattr(record, field)
    known = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not known or value < low or (above and value == low):
        limit = "" if math.isinf(low) else f" {'above' if above else 'of at least'} {low:g}"
        raise InputError(
            explain(
                expected=f"a finite number{limit} for {field} of {record.name}",
                got=repr(value),
                do="leave it out for its usual value",
            )
        )


R = TypeVar("R", bound=Record)
_REGISTRY: dict[str, dict[str, type[Record]]] = {}
_ALIASES: dict[str, dict[str, str]] = {}


def register(record: type[R]) -> type[R]:
    """Make a record class known by its `name` (a class decorator).

    From then on every place that takes a name takes this one: networks, estimators,
    model files, the command line. Raises `InputError` if the name is taken.
    """
    taken = _REGISTRY.get(record.kind, {}).get(record.name)
    if taken is not None and taken.__qualname__ != record.__qualname__:
        raise InputError(
            f"Expected a new name for the {record.kind}. Got {record.name!r}, which is that of "
            f"{taken.__name__}. Choose another."
        )
    record.check_registered()
    _REGISTRY.setdefault(record.kind, {})[record.name] = record
    _ALIASES.setdefault(record.kind, {}).update(dict.fromkeys(record.aliases, record.name))
    return record


def unregister(record: type[Record]) -> None:
    """Forget a record class, so that a test can leave the catalogue as it was."""
    del _REGISTRY[record.kind][record.name]
    for alias in record.aliases:
        _ALIASES[record.kind].pop(alias, None)


def names(kind: str) -> tuple[str, ...]:
    """Return the registered names of a kind, in the order they were added."""
    return tuple(_REGISTRY.get(kind, {}))


def _names_enough(kind: str) -> list[str]:
    """Return the names that can be used alone, because every parameter has a default."""
    return [
        name
        for name, record in _REGISTRY.get(kind, {}).items()
        if all(f.default is not dataclasses.MISSING for f in dataclasses.fields(record))  # type: ignore[arg-type]
    ]


def find(kind: str, choice: Any, otherwise: Callable[[Any], Any] | None = None) -> Any:
    """Return the record for `choice`: a record itself, or its name.

    `otherwise` is tried on anything else (a callable, for activations).
    Raises `UnknownNameError` for an unknown name and `InputError` for another type.
    """
    if isinstance(choice, str):
        registered = _REGISTRY.get(kind, {})
        known = choice if choice in registered else _ALIASES.get(kind, {}).get(choice)
        if known not in registered:
            raise unknown_name(kind, choice, [*_names_enough(kind), *_ALIASES.get(kind, {})])
        try:
            return registered[known]()
        except TypeError as error:
            raise InputError(
                f"The {kind} {choice!r} needs parameters. Give a record instead of the name."
            ) from error
    if isinstance(choice, Record) and choice.kind == kind:
        return choice
    if otherwise is not None:
        return otherwise(choice)
    raise InputError(
        f"Expected a name or a record for {kind}. Got {choice!r}. Names: {', '.join(_names_enough(kind))}."
    )


def to_data(record: Any) -> Any:
    """Return a record, or a tuple of records, as plain data for a model file."""
    if isinstance(record, Record):
        custom = getattr(record, "stored", None)
        fields: dict[str, Any] = (
            custom()
            if custom
            else {
                f.name: to_data(getattr(record, f.name))
                for f in dataclasses.fields(record)  # type: ignore[arg-type]
            }
        )
        return {"kind": record.kind, "name": record.name, **({"with": fields} if fields else {})}
    if isinstance(record, tuple | list):
        return [to_data(r) for r in record]
    if record is None or isinstance(record, bool | int | float | str):
        return record
    raise InputError(f"{record!r} cannot be stored. Use a record of the catalogue instead.")


def from_data(data: Any) -> Any:
    """Return the record that `to_data` wrote; `ModelFileError` if it is none."""
    if isinstance(data, list):
        return tuple(from_data(d) for d in data)
    if not isinstance(data, dict):
        return data
    try:
        record = _REGISTRY[data["kind"]][data["name"]]
        fields = {k: from_data(v) for k, v in data.get("with", {}).items()}
        for field in dataclasses.fields(record):  # type: ignore[arg-type]
            if field.type == "float" and not isinstance(fields.get(field.name, 0.0), int | float):
                raise TypeError(f"{field.name} is no number")
        restore: Callable[..., Any] = getattr(record, "restored", record)
        return restore(**fields)
    except (KeyError, TypeError, AttributeError) as error:
        raise ModelFileError(
            f"Expected a record of the catalogue. Got {str(data)[:80]}. "
            "The file is damaged, or from a newer Pellucid."
        ) from error
