"""Errors are what a caller would catch, and say what was expected, what came, and what to do."""

import pytest

from pellucid import errors


@pytest.mark.parametrize(
    ("error", "standard"),
    [
        (errors.InputError, ValueError),
        (errors.UnknownNameError, ValueError),
        (errors.AlgebraError, TypeError),
        (errors.DivergedError, ValueError),
        (errors.ModelFileError, ValueError),
    ],
)
def test_each_is_a_standard_exception_too(error, standard):
    assert issubclass(error, errors.PellucidError)
    assert issubclass(error, standard)


def test_nearest_looks_past_case_and_finds_nothing_far():
    assert errors.nearest("SPECIES", ["species", "island"]) == " (did you mean 'species'?)"
    assert errors.nearest("weight", ["Bill_Length", "island"]) == ""
    assert (
        errors.nearest("bill_lenght", ["Bill_Length", "island"]) == " (did you mean 'Bill_Length'?)"
    )
    assert errors.nearest("x", []) == ""


def test_an_unknown_name_lists_the_known_ones():
    error = errors.unknown_name("colour", "gren", ["red", "green"])
    assert str(error) == "There is no colour 'gren' (did you mean 'green'?). Known: red, green."
    assert str(errors.unknown_name("colour", 3, ["red"])) == "There is no colour 3. Known: red."
