"""What the commands tell of a table, a target or a score that is not as it might be."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from cli.commands import QUICK, same_text

import pellucid


def test_new_categories_are_counted(run, penguins: Path) -> None:
    table = pl.read_csv(penguins / "penguins.csv")
    table.with_columns(pl.lit("Atlantis").alias("island")).write_csv(penguins / "new.csv")
    status, _, err = run("predict", penguins / "penguins.pellucid", penguins / "new.csv")
    assert status == 0
    assert "Column 'island': 344 values were not in training, such as 'Atlantis'" in err


def test_columns_that_the_model_does_not_use_may_be_missing(run, tmp_path: Path) -> None:
    lines = [f"{i / 7:.3f},5,row {i},{3 * i / 7:.3f}" for i in range(200)]
    (tmp_path / "t.csv").write_text("\n".join(["a,const,id,y", *lines]))
    status, out, _ = run("train", tmp_path / "t.csv", "-t", "y", *QUICK)
    assert "'const' is not used" in same_text(out)
    assert "'id' is not used" in same_text(out)
    (tmp_path / "new.csv").write_text("a\n1.5\n2.5\n")
    status, out, err = run("predict", tmp_path / "t.pellucid", tmp_path / "new.csv")
    assert (status, err) == (0, "")
    assert len(out.splitlines()) == 3
    (tmp_path / "none.csv").write_text("id\nrow 1\n")
    status, _, err = run("predict", tmp_path / "t.pellucid", tmp_path / "none.csv")
    assert status == 1
    assert "Missing: a." in same_text(err)


def test_a_folder_is_no_table(run) -> None:
    status, _, err = run("train", ".", "-t", "y")
    assert status == 1
    assert "Expected a CSV or Parquet file. Got the folder ." in same_text(err)


def test_a_score_no_better_than_the_trivial_guess_is_told(run, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    lines = [
        f"{x:.3f},{c}"
        for x, c in zip(rng.normal(size=90), rng.permutation(90) % 5 > 0, strict=True)
    ]
    (tmp_path / "t.csv").write_text("\n".join(["a,y", *lines]))
    told = []
    for seed in range(4):
        _, out, _ = run("train", tmp_path / "t.csv", "-t", "y", "--seed", seed, *QUICK)
        score, trivial = re.findall(r"([\d.]+) %", same_text(out))
        told.append("no better than that guess" in same_text(out))
        assert told[-1] == (float(score) <= float(trivial))
    assert any(told)


def test_a_short_time_is_told(run, penguins: Path, tmp_path: Path) -> None:
    path, out = penguins / "penguins.csv", tmp_path / "m.pellucid"
    asked = ["--preset", "plain", "--epochs", "1000000", "--time-limit", "0.2"]
    status, text, _ = run("train", path, "-t", "species", "-o", out, *asked)
    assert status == 0
    assert re.search(r"\d+ epochs? in \d+\.\d s, when the time was up; kept", same_text(text))
    status, _, err = run("train", path, "-t", "species", "-o", out, "--time-limit", "0")
    assert status == 1
    assert "more than 0 seconds" in same_text(err)


def test_a_slip_in_a_column_of_numbers_is_told(run, tmp_path: Path) -> None:
    lines = [f"{i / 7:.3f},{i % 5},{3 * i / 7:.3f}" for i in range(200)]
    lines[40] = f"abc,{40 % 5},{3 * 40 / 7:.3f}"
    lines[50] = f"?,{50 % 5},{3 * 50 / 7:.3f}"
    (tmp_path / "t.csv").write_text("\n".join(["a,b,y", *lines]))
    status, out, _ = run("train", tmp_path / "t.csv", "-t", "y", *QUICK)
    out = same_text(out)
    assert status == 0
    assert "Column 'a' has values between the others that cannot be read, and count as" in out
    assert "missing ('abc'; the first in row 40, counted from 0)" in out
    assert "Column 'a' has signs that count as missing values ('?')" in out
    assert "2 columns of numbers" in out


def test_large_and_small_targets_are_learnt_alike(run, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    scores = []
    for unit in (1.0, 1e290, 1e-290):
        model = pellucid.TabularRegressor((8,), epochs=20, random_state=0, preset="plain")
        scores.append(model.fit(x.reshape(-1, 1), x * unit).summary_["score"])
    assert scores == pytest.approx([scores[0]] * 3, abs=1e-6)
    (tmp_path / "t.csv").write_text("a,y\n" + "\n".join(f"{v},{v * 1e307}" for v in x))
    status, _, err = run("train", tmp_path / "t.csv", "-t", "y")
    assert status == 1
    assert "1e+300" in err


def test_a_date_is_explained_with_its_parts_and_one_that_is_none_is_told(
    run, tmp_path: Path
) -> None:
    lines = [f"{i % 7},{1 + i % 28:02}/{1 + i % 12:02}/2024,{i % 12}" for i in range(200)]
    (tmp_path / "t.csv").write_text("\n".join(["a,day,y", *lines]))
    status, out, _ = run("train", tmp_path / "t.csv", "-t", "y", "--task", "regression", *QUICK)
    assert status == 0
    assert "Column 'day' holds dates" in out
    model = tmp_path / "t.pellucid"
    _, out, _ = run("explain", model, tmp_path / "t.csv", "--row", "3")
    (row,) = [line for line in out.splitlines() if line.strip().startswith("day: month = 3 ")]
    assert row.split() == ["day:", "month", "=", "3", "03/03/2024", "1"]
    (tmp_path / "new.csv").write_text("a,day\n1,soon\n2,01/02/2024\n")
    _, out, err = run("predict", model, tmp_path / "new.csv")
    assert "Column 'day': 1 value cannot be read as dates, such as 'soon'" in same_text(err)
    assert len(out.splitlines()) == 3
