"""Tables from files, and the errors a file can have."""

from __future__ import annotations

import datetime
from pathlib import Path

import polars as pl
import pytest

from pellucid.cli.tables import match_columns, read_table, target_column, task_of, write_table
from pellucid.errors import InputError, OutputError


def file(folder: Path, content: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("separator", list(",;\t|"))
def test_separator_is_told_from_the_first_line(tmp_path: Path, separator: str) -> None:
    text = "a,b,c\n1,x,2.5\n,y,NA\n".replace(",", separator)
    table = read_table(file(tmp_path, text))
    assert table.to_dict(as_series=False) == {"a": [1, None], "b": ["x", "y"], "c": [2.5, None]}


def test_decimal_commas_are_read_where_the_comma_does_not_separate(tmp_path: Path) -> None:
    table = read_table(file(tmp_path, "a;b\n1,5;x\n-2,25;y\n"))
    assert table["a"].to_list() == [1.5, -2.25]


def test_missing_values_have_several_spellings(tmp_path: Path) -> None:
    table = read_table(file(tmp_path, "a,b\nNA,x\nnan,\nN/A,null\n3,y\n"))
    assert table["a"].to_list() == [None, None, None, 3]
    assert table["b"].to_list() == ["x", None, None, "y"]


def test_booleans_and_late_text_are_told_from_the_whole_column(tmp_path: Path) -> None:
    numbers = "\n".join(f"{i},2024-01-{i % 28 + 1:02},true" for i in range(2000))
    table = read_table(file(tmp_path, f"a,day,yes\n{numbers}\nlate,2024-02-01,false\n"))
    assert table["a"].dtype == pl.String
    assert table["day"][0] == "2024-01-01"  # the estimators read dates
    assert table["yes"].dtype == pl.Boolean


def test_a_mark_in_front_and_other_encodings_are_read(tmp_path: Path) -> None:
    assert read_table(file(tmp_path, b"\xef\xbb\xbfname,b\n\xc3\xa9,1\n"))["name"][0] == "é"
    assert read_table(file(tmp_path, b"name,b\n\xe9,1\n"))["name"][0] == "é"
    assert read_table(file(tmp_path, b"name,b\n5 \x80,1\n"))["name"][0] == "5 €"  # Windows
    assert read_table(file(tmp_path, b"name,b\n\xe9\x81,1\n"))["name"][0] == "é\x81"
    assert read_table(file(tmp_path, "name\tb\né\t1\n".encode("utf-16")))["name"][0] == "é"


def test_codes_keep_the_zeros_in_front(tmp_path: Path) -> None:
    table = read_table(file(tmp_path, 'a,"zip",n,m\n1,01234,0,0.5\n2,,10,"01"\n0,56789,3,2\n'))
    assert table.to_dict(as_series=False) == {
        "a": [1, 2, 0],
        "zip": ["01234", None, "56789"],
        "n": [0, 10, 3],
        "m": [0.5, 1.0, 2.0],
    }


def test_lines_end_and_begin_in_several_ways(tmp_path: Path) -> None:
    for content in ("a;b\r\n1;x\r\n", "a;b\r1;x\r", "sep=;\r\na;b\r\n1;x\r\n", "\na;b\n1;x\n"):
        table = read_table(file(tmp_path, content))
        assert table.to_dict(as_series=False) == {"a": [1], "b": ["x"]}, content


def test_a_separator_inside_a_quoted_name_does_not_count(tmp_path: Path) -> None:
    table = read_table(file(tmp_path, '"a, b, c";d\n1;2\n'))
    assert table.columns == ["a, b, c", "d"]


def test_spaces_around_names_are_no_part_of_them(tmp_path: Path) -> None:
    assert read_table(file(tmp_path, "a , b\n1, 2\n")).columns == ["a", "b"]


def test_columns_of_one_name_are_told_apart_and_a_line_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = read_table(file(tmp_path, '"x\ny",a,a\n1,2,3\n'))
    assert table.to_dict(as_series=False) == {"x\ny": [1], "a": [2], "a (2)": [3]}
    assert "the later ones are called 'a (2)'" in capsys.readouterr().err
    with pytest.raises(InputError, match="Expected one column 'a' as the target"):
        target_column(table, "a")


def test_quotes_and_line_ends_in_the_name_of_a_column_are_read(tmp_path: Path) -> None:
    content = '"he said ""hi""","two\nlines","""a"""\n1,2,3\n4,5,6\n'
    assert read_table(file(tmp_path, content)).columns == ['he said "hi"', "two\nlines", '"a"']


def test_parquet_goes_there_and_back(tmp_path: Path) -> None:
    table = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    write_table(table, tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet").equals(table)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "empty file"),
        ("a,b\n", "0 rows"),
        (b"a\0b\0\n\0", "binary data"),
        ('a,b\n"1\n",2\n1,2,3,x\n', "as in the first, 2. Got 4 in line 4, .* 'x'"),
        ('a,b\n1,2\n"3,4\n', "cannot be read"),
    ],
)
def test_bad_files_have_one_clear_error(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_table(file(tmp_path, content))


def test_a_file_that_is_not_there_is_named_with_the_nearest(tmp_path: Path) -> None:
    file(tmp_path, "a\n1\n", "penguins.csv")
    with pytest.raises(InputError, match=r"There is no file .*did you mean 'penguins\.csv'"):
        read_table(tmp_path / "pengins.csv")
    with pytest.raises(InputError, match="Got the folder"):
        read_table(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read_table(file(tmp_path, "a\n1\n", "t.parquet"))


def test_columns_are_matched_by_name_and_extra_ones_named() -> None:
    table = pl.DataFrame({"extra": [1], "b": [2], "y": [3], "a": [4]})
    matched, extra = match_columns(table, ["a", "b"], ignore="y")
    assert (matched.columns, extra) == (["a", "b"], ["extra"])
    with pytest.raises(InputError, match=r"Missing: extr.*did you mean 'extra'"):
        match_columns(table, ["a", "extr"])


def test_a_target_that_is_not_there_lists_those_that_are() -> None:
    table = pl.DataFrame({"species": ["a"], "island": ["b"]})
    with pytest.raises(InputError, match=r"did you mean 'species'.*has: species, island"):
        target_column(table, "specis")


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["a", "b"], "classification"),
        ([True, False], "classification"),
        (list(range(20)), "classification"),
        (list(range(21)), "regression"),
        ([1.0, 2.0], "regression"),
        ([*range(20), None], "classification"),
        (["$1.50", "$2.75"], "regression"),
        ([f"{i},000" for i in range(1, 30)], "regression"),
        (["1,000", "2,000", None], "classification"),
        (["1,5", "2,5", "n/a"], "regression"),
    ],
)
def test_task_is_told_from_the_target(values: list[object], task: str) -> None:
    assert task_of(pl.Series("y", values))[0] == task


def test_a_date_is_no_target() -> None:
    with pytest.raises(InputError, match="Got Date"):
        task_of(pl.Series("y", [datetime.date(2024, 1, 1)]))
    with pytest.raises(InputError, match="Got text that holds dates"):
        task_of(pl.Series("y", ["2024-01-01", "2024-02-01"]))


def test_a_table_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    old = file(tmp_path, "old")
    with pytest.raises(OutputError, match="Expected to write"):
        write_table(pl.DataFrame({"a": [1]}), tmp_path / "absent" / "t.csv")
    write_table(pl.DataFrame({"a": [1]}), old)
    assert old.read_text() == "a\n1\n"
    assert [p.name for p in tmp_path.iterdir()] == ["t.csv"]
