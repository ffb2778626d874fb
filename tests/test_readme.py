"""What the README says runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import pellucid
from pellucid.cli.main import main

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    table = pl.read_csv(pellucid.penguins_path(), null_values=["", "NA"])
    names = {
        "np": np,
        "X": rng.normal(size=(6, 4)),
        "y": rng.uniform(size=6),
        "frame": table.drop("species"),
        "target": table["species"],
        "new_rows": table.drop("species")[:30],
        "their_target": table["species"][:30],
    }
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), names)
    written = {"model.pellucid", "report.html", "step.html"}
    assert {p.name for p in tmp_path.iterdir()} == written


def test_commands_of_the_readme_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("penguins.csv", "new.csv", "test.csv"):
        Path(name).write_bytes(pellucid.penguins_path().read_bytes())
    commands = [
        shlex.split(line, comments=True)
        for block in blocks("sh")
        for line in block.splitlines()
        if line.startswith("pellucid ")
    ]
    assert len(commands) >= 7
    for command in commands:
        with pytest.raises(SystemExit) as stopped:
            main(command[1:])
        assert not stopped.value.code, (command, capsys.readouterr().err)
    assert Path("penguins.pellucid").exists()
    assert Path("predicted.csv").exists()
