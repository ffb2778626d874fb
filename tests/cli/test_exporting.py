"""``pellucid export`` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import pellucid
from pellucid.cli.main import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a table, and a model trained on it."""
    folder = tmp_path_factory.mktemp("export")
    (folder / "penguins.csv").write_bytes(pellucid.penguins_path().read_bytes())
    command = [
        "train",
        str(folder / "penguins.csv"),
        "--target",
        "species",
        "--epochs",
        "3",
        "--preset",
        "plain",
    ]
    with pytest.raises(SystemExit) as stopped:
        main([*command, "-o", str(folder / "model.pellucid")])
    assert not stopped.value.code
    return folder


def run(capsys, *arguments: object) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stopped:
        main(["export", *map(str, arguments)])
    return int(stopped.value.code or 0), capsys.readouterr().err


def test_the_example_needs_no_table(capsys, tmp_path: Path) -> None:
    status, said = run(capsys, "example", tmp_path / "step.json", "--steps", 3)
    assert (status, said) == (0, f"Wrote {tmp_path / 'step.json'}.\n")
    assert len(json.loads((tmp_path / "step.json").read_text())["steps"]) == 3


def test_an_exercise_has_blanks(capsys, tmp_path: Path) -> None:
    assert run(capsys, "example", tmp_path / "step.tex", "--exercise")[0] == 0
    assert "Answers" in (tmp_path / "step.tex").read_text()


def test_the_rows_that_were_asked_for(capsys, folder: Path, tmp_path: Path) -> None:
    model, table = folder / "model.pellucid", folder / "penguins.csv"
    status, _ = run(capsys, model, table, tmp_path / "step.json", "--rows", "7,1-2")
    assert status == 0
    step = json.loads((tmp_path / "step.json").read_text())["steps"][0]
    assert [round(row[0]) for row in step["values"]["numbers"]] == [39, 39, 40]
    assert "W1_next" in step["values"]


@pytest.fixture(scope="module")
def default_model(folder: Path) -> Path:
    """A model of the preset that is chosen where none is named, as large as it is by default."""
    model = folder / "default.pellucid"
    command = ["train", str(folder / "penguins.csv"), "--target", "species", "--epochs", "2"]
    with pytest.raises(SystemExit) as stopped:
        main([*command, "-o", str(model)])
    assert not stopped.value.code
    return model


@pytest.mark.parametrize("suffix", [".onnx", ".torch.py", ".h"])
def test_a_default_model_is_written_for_other_programs(
    capsys, default_model: Path, tmp_path: Path, suffix: str
) -> None:
    if suffix == ".onnx":
        pytest.importorskip("onnx")
    written = tmp_path / f"model{suffix}"
    assert run(capsys, default_model, written) == (0, f"Wrote {written}.\n")
    model = pellucid.load(default_model)
    numbers = len(model.members_) * model.network_.parameter_count
    assert written.stat().st_size > 4 * numbers  # every network is there


def test_a_step_of_a_default_model_is_too_large_for_a_page(
    capsys, folder: Path, default_model: Path, tmp_path: Path
) -> None:
    status, said = run(capsys, default_model, folder / "penguins.csv", tmp_path / "step.html")
    assert status == 1
    assert "--hidden 16 in the terminal" in said
    assert "fewer rows" not in said
    assert run(capsys, default_model, folder / "penguins.csv", tmp_path / "step.json")[0] == 0
    assert [path.name for path in tmp_path.iterdir()] == ["step.json"]


def test_several_steps_of_a_model(capsys, folder: Path, tmp_path: Path) -> None:
    model, table = folder / "model.pellucid", folder / "penguins.csv"
    assert run(capsys, model, table, tmp_path / "step.json", "--steps", 2)[0] == 0
    first, second = json.loads((tmp_path / "step.json").read_text())["steps"]
    assert second["values"]["W1"] == first["values"]["W1_next"]


def test_a_whole_model_needs_no_table(capsys, folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    status, _ = run(capsys, folder / "model.pellucid", tmp_path / "model.onnx")
    assert status == 0
    assert (tmp_path / "model.onnx").stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["MODEL", "TABLE", "step.doc"], "Expected a file name that ends in .json"),
        (["MODEL", "step.json"], "write: pellucid export MODEL TABLE FILE"),
        (["MODEL", "TABLE", "model.onnx"], "Expected only the file to write"),
        (["example", "TABLE", "step.json"], "write: pellucid export example"),
        (["MODEL", "TABLE", "step.json", "--rows", "0"], "Rows are counted from 1"),
        (["MODEL", "TABLE", "step.json", "--rows", "1-9999"], "from 1 to 344"),
        (["MODEL", "TABLE", "step.json", "--rows", "5-1"], "Rows are counted from 1"),
        (["MODEL", "TABLE", "step.json", "--rows", "first"], "Expected rows such as 5 or 1-3,8"),
        (["MODEL", "TABLE", "TABLE"], "would be lost"),
        (["MODEL", "model.onnx", "--exercise"], "Expected a format of a training step"),
        (["MODEL", "model.onnx", "--rows", "1"], "Expected --rows with a model and a table only"),
        (["example", "step.json", "--rows", "1"], "Expected --rows with a model and a table only"),
        (
            ["MODEL", "model.onnx", "--steps", "3"],
            "Expected --steps for a format of training steps",
        ),
        (["MODEL", "TABLE", "step.json", "--steps", "0"], "number of steps"),
        (["example", "step.R", "--exercise"], "The format .R has no option 'exercise'"),
        (["TABLE", "TABLE", "step.json"], "Expected a model file"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: list[str], message: str, capsys, folder: Path, tmp_path: Path
) -> None:
    places = {"MODEL": folder / "model.pellucid", "TABLE": folder / "penguins.csv"}
    given = [
        places.get(a, tmp_path / a if a.startswith(("step", "model.")) else a) for a in arguments
    ]
    status, said = run(capsys, *given)
    assert status == 1
    assert message in said
    assert not list(tmp_path.iterdir())


def test_a_model_of_arrays_has_no_table(capsys, folder: Path, tmp_path: Path) -> None:
    X = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]] * 5
    model = pellucid.MLPClassifier((2,), solver="lbfgs", max_iter=100, random_state=0)
    model.fit(X, [0, 1, 1, 0] * 5).save(tmp_path / "mlp.pellucid")
    status, said = run(
        capsys, tmp_path / "mlp.pellucid", folder / "penguins.csv", tmp_path / "step.json"
    )
    assert status == 1
    assert "Got an MLPClassifier" in said
    assert "pellucid.load(" in said
