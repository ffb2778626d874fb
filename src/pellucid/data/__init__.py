"""The example table that comes with Pellucid."""

from pathlib import Path

__all__ = ["penguins_path"]


def penguins_path() -> Path:
    """Return the path of the example table, Palmer Penguins, as a CSV file.

    344 penguins of three species, four measurements of each, its sex, island and year; 19 cells are empty. Where the
    table comes from stands in the README beside it.

    Examples
    --------
    >>> from pellucid.data import penguins_path
    >>> penguins_path().read_text(encoding="utf-8").splitlines()[1]
    'Adelie,Torgersen,39.1,18.7,181,3750,male,2007'
    """
    return Path(__file__).with_name("penguins.csv")
