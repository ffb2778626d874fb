"""The example table is the one that its README describes."""

import csv
from collections import Counter

from pellucid.data import penguins_path

COLUMNS = [
    "species", "island", "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "sex", "year",
]  # fmt: skip


def test_penguins_are_all_there():
    """344 rows, eight columns, and as many of each species and as many empty cells as were published."""
    with penguins_path().open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == COLUMNS
    assert {len(row) for row in rows} == {8}
    assert Counter(row[0] for row in rows) == {"Adelie": 152, "Chinstrap": 68, "Gentoo": 124}
    empty = [sum(row[column] == "" for row in rows) for column in range(8)]
    assert empty == [0, 0, 2, 2, 2, 2, 11, 0]
