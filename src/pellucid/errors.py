"""The errors Pellucid raises.

Each message has three parts: what was expected, what came, and what to do.
Each class also inherits the standard exception that a caller would catch.
"""

from __future__ import annotations

import difflib
import importlib
import operator
from collections.abc import Iterable
from typing import Any


class PellucidError(Exception):
    """Base of every error that Pellucid raises on purpose."""


class InputError(PellucidError, ValueError):
    """An argument, a table or a file holds something that cannot be used."""


class UnknownNameError(InputError):
    """A name that stands for nothing; the message suggests the nearest one."""


class AlgebraError(PellucidError, TypeError):
    """A formula uses something outside the vocabulary, or its shapes do not fit."""


class DivergedError(PellucidError, ValueError):
    """Training produced a loss that is not finite."""


class OutputError(PellucidError, OSError):
    """A file could not be written; what was there before is unchanged."""


class ModelFileError(PellucidError, ValueError):
    """A model file is damaged, foreign, or of a newer version."""


class MissingLibraryError(PellucidError, ImportError):
    """A format needs a library that is not installed; the message says which extra brings it."""


def optional_library(module: str, extra: str) -> Any:
    """Return a module of an optional dependency.

    Raises `MissingLibraryError` if it is not installed: ``pip install 'pellucid[extra]'`` brings it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        library = module.split(".")[0]
        raise MissingLibraryError(
            explain(
                expected=f"the library {library}, which this format needs",
                got=str(error),
                do=f"install it: pip install 'pellucid[{extra}]'",
            )
        ) from error


def explain(*, expected: str, got: str, do: str) -> str:
    """Return the three parts of a message as one sentence each.

    >>> explain(expected="a number", got="'abc'", do="remove the quotes")
    "Expected a number. Got 'abc'. To continue, remove the quotes."
    """
    return f"Expected {expected}. Got {got}. To continue, {do}."


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``" (did you mean 'x'?)"`` for the known name closest to `name`, or ``""``.

    >>> nearest("specis", ["species", "island"])
    " (did you mean 'species'?)"
    """
    by_folded = {k.casefold(): k for k in known}
    close = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.5)
    return f" (did you mean {by_folded[close[0]]!r}?)" if close else ""


def unknown_name(what: str, name: object, known: Iterable[str]) -> UnknownNameError:
    """Return the error for a `name` that is none of the `known` names of `what`."""
    names = list(known)
    guess = nearest(name, names) if isinstance(name, str) else ""
    return UnknownNameError(f"There is no {what} {name!r}{guess}. Known: {', '.join(names)}.")


def check_count(value: object, what: str) -> int:
    """Return `value` as an int; `InputError` unless it is a whole number of 1 or more."""
    try:
        count = 0 if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        count = 0
    if count < 1:
        raise InputError(
            explain(
                expected=f"a {what} of 1 or more",
                got=repr(value),
                do="give a positive whole number",
            )
        )
    return count
