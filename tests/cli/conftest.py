"""Commands run in this process, and a folder to run them in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import pellucid
from pellucid.cli.main import main


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the command line in this process; return its exit status and what it printed."""

    def go(*arguments: object) -> tuple[int, str, str]:
        status = 0
        try:
            main([str(a) for a in arguments])
        except SystemExit as stopped:
            status = int(stopped.code or 0)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return go


@pytest.fixture(scope="module")
def penguins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the table and a model trained on it."""
    folder = tmp_path_factory.mktemp("penguins")
    (folder / "penguins.csv").write_bytes(pellucid.penguins_path().read_bytes())
    with pytest.raises(SystemExit) as stopped:
        main(
            [
                "train",
                str(folder / "penguins.csv"),
                "--target",
                "species",
                "--epochs",
                "40",
                "--preset",
                "plain",
            ]
        )
    assert not stopped.value.code
    return folder
