"""The main job from the command line: train, predict, evaluate, explain, and what can go wrong."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from cli.commands import QUICK, same_text

import pellucid
from pellucid.cli.main import main


def test_train_says_what_it_did(run, tmp_path: Path) -> None:
    table = tmp_path / "penguins.csv"
    table.write_bytes(pellucid.penguins_path().read_bytes())
    status, out, err = run("train", table, "--target", "species", *QUICK)
    out = same_text(out)
    assert status == 0, err
    assert "344 rows; learnt from 5 columns of numbers and 2 of categories" in out
    assert "species: classification into 3 classes, because it is text" in out
    assert "20 epochs" in out
    assert "rows held out, which also chose the epoch (always Adelie would score" in out
    assert (tmp_path / "penguins.pellucid").exists()


def test_regression_is_told_from_the_target(run, tmp_path: Path) -> None:
    out_path = tmp_path / "mass.pellucid"
    status, out, _ = run(
        "train", pellucid.penguins_path(), "-t", "body_mass_g", "-o", out_path, *QUICK
    )
    out = same_text(out)
    assert status == 0
    assert "body_mass_g: regression, because it has numbers of 94 different values" in out
    assert "2 rows without a target are left out" in out
    assert isinstance(pellucid.load(out_path), pellucid.TabularRegressor)


def test_a_preset_is_chosen_by_name(run, tmp_path: Path) -> None:
    out_path = tmp_path / "p.pellucid"
    asked = ("-t", "species", "--preset", "simple", "--epochs", "2", "-o", out_path)
    status, out, _ = run("train", pellucid.penguins_path(), *asked)
    assert status == 0
    assert "256 → 256 → 256" in out
    assert pellucid.load(out_path).preset == "simple"
    status, out, _ = run("explain", out_path, pellucid.penguins_path(), "--row", "1")
    assert status == 0
    assert "scaled_X = X ⊙ input_scale" in out
    assert "input_scale_next" in out


def test_predict_writes_the_table_and_its_predictions(run, penguins: Path) -> None:
    status, _, err = run(
        "predict",
        penguins / "penguins.pellucid",
        penguins / "penguins.csv",
        "-o",
        penguins / "p.csv",
    )
    assert status == 0, err
    table = pl.read_csv(penguins / "p.csv", null_values=[""])
    model = pellucid.load(penguins / "penguins.pellucid")
    X = table.select(model.feature_labels_)
    assert table["predicted species"].to_list() == model.predict(X).tolist()
    chances = table.select(pl.col("^chance of .*$")).to_numpy()
    np.testing.assert_allclose(chances, model.predict_proba(X))


def test_predict_prints_without_a_file(run, penguins: Path) -> None:
    status, out, _ = run("predict", penguins / "penguins.pellucid", penguins / "penguins.csv")
    assert status == 0
    lines = out.splitlines()
    assert lines[0] == "predicted species,chance of Adelie,chance of Chinstrap,chance of Gentoo"
    assert len(lines) == 345


def test_columns_are_matched_by_name_and_extra_ones_named(run, penguins: Path) -> None:
    table = pl.read_csv(penguins / "penguins.csv")
    changed = table.select(reversed(table.columns)).with_columns(pl.lit(1).alias("surplus"))
    changed.drop("species").write_csv(penguins / "changed.csv")
    model = penguins / "penguins.pellucid"
    _, straight, _ = run("predict", model, penguins / "penguins.csv")
    status, out, err = run("predict", model, penguins / "changed.csv")
    assert status == 0
    assert out == straight
    assert "left out: surplus" in err


def test_evaluate_scores_against_the_trivial_guess(run, penguins: Path) -> None:
    status, out, _ = run("evaluate", penguins / "penguins.pellucid", penguins / "penguins.csv")
    assert status == 0
    model = pellucid.load(penguins / "penguins.pellucid")
    table = pl.read_csv(penguins / "penguins.csv")
    right = (
        model.predict(table.select(model.feature_labels_)) == table["species"].to_numpy()
    ).mean()
    assert f"{100 * right:.1f} %   trivial guess    44.2 %" in out
    assert "Chinstrap" in out


def test_explain_shows_preparation_prediction_and_training_step(
    run, penguins: Path, tmp_path: Path
) -> None:
    status, out, _ = run(
        "explain",
        penguins / "penguins.pellucid",
        penguins / "penguins.csv",
        "--row",
        "4",
        "--save",
        tmp_path / "row.json",
    )
    assert status == 0
    assert "Row 4: species is predicted to be" in out
    assert re.search(r"bill_length_mm missing +missing +1\n", out)
    document = json.loads((tmp_path / "row.json").read_text("utf-8"))
    values = document["steps"][0]["values"]
    assert values["missing"][0] == [1, 1, 1, 1]
    for name in ("net_input_1", "output", "delta_output", "gradient_W1", "W1_next", "b1_next"):
        assert f"\n{name}  " in out
    assert max(len(line) for line in out.splitlines()) <= 80


def test_explain_all_prints_every_number(run, penguins: Path) -> None:
    model, table = penguins / "penguins.pellucid", penguins / "penguins.csv"
    _, short, _ = run("explain", model, table)
    _, out, _ = run("explain", model, table, "--all")
    assert "numbers, from" in short
    assert "numbers, from" not in out
    assert out.count("\n") > short.count("\n") + 500


def test_explain_without_a_target_ends_at_the_output(run, penguins: Path) -> None:
    pl.read_csv(penguins / "penguins.csv").drop("species").write_csv(penguins / "unknown.csv")
    status, out, _ = run("explain", penguins / "penguins.pellucid", penguins / "unknown.csv")
    assert status == 0
    assert "\noutput  " in out
    assert "delta_output" not in out
    assert "no loss and no training step" in same_text(out)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "absent.csv", "-t", "species"], "There is no file absent.csv"),
        (["train", "penguins.csv", "-t", "specis"], "did you mean 'species'"),
        (["train", "penguins.csv", "-t", "species", "--drop", "yeer"], "did you mean 'year'"),
        (
            ["train", "penguins.csv", "-t", "species", "--hidden", "a,b"],
            "--hidden as whole numbers",
        ),
        (["train", "penguins.csv", "-t", "species", "--activation", "relo"], "mean 'relu'"),
        (["train", "penguins.csv", "-t", "species", "-o", "absent/m"], "no folder absent"),
        (["train", "one.csv", "-t", "y"], "'a' in every row of 'y'"),
        (["train", "empty.csv", "-t", "y"], "empty file"),
        (["train", "gone.csv", "-t", "y"], "missing"),
        (["predict", "penguins.csv", "penguins.csv"], "penguins.csv"),
        (["predict", "absent.pellucid", "penguins.csv"], "absent.pellucid"),
        (["predict", "penguins.pellucid", "few.csv"], "Missing: island"),
        (["predict", "penguins.pellucid", "text.csv"], "'heavy'"),
        (["evaluate", "penguins.pellucid", "few.csv"], "Missing: island"),
        (["explain", "penguins.pellucid", "penguins.csv", "--row", "345"], "row from 1 to 344"),
    ],
)
def test_each_error_is_one_message_and_no_traceback(
    run, penguins: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(penguins)
    Path("empty.csv").write_text("")
    Path("one.csv").write_text("x,y\n" + "1,a\n2,a\n" * 10)
    Path("gone.csv").write_text("x,y\n1,\n2,\n")
    Path("few.csv").write_text("sex\nmale\n")
    table = pl.read_csv("penguins.csv", schema_overrides={"body_mass_g": pl.String})
    table.with_columns(pl.lit("heavy").alias("body_mass_g")).write_csv("text.csv")
    before = {p.name: p.read_bytes() for p in Path().iterdir()}
    status, out, err = run(*arguments)
    assert status == 1
    assert out == ""
    assert err.startswith("pellucid: ")
    assert message in err
    assert "Traceback" not in err
    assert before == {p.name: p.read_bytes() for p in Path().iterdir()}


def test_debug_shows_where_it_was() -> None:
    with pytest.raises(pellucid.InputError):
        main(["train", "absent.csv", "-t", "y", "--debug"])


def test_unknown_categories_and_empty_rows_are_predicted(run, penguins: Path) -> None:
    table = pl.read_csv(penguins / "penguins.csv")
    strange = table.with_columns(pl.lit("Atlantis").alias("island"))
    empty = table.head(1).with_columns(pl.lit(None).alias(c) for c in table.columns)
    pl.concat([strange, empty], how="vertical_relaxed").write_csv(penguins / "strange.csv")
    status, out, err = run("predict", penguins / "penguins.pellucid", penguins / "strange.csv")
    assert status == 0, err
    assert len(out.splitlines()) == 346


def test_the_same_seed_gives_the_same_file_content(run, tmp_path: Path) -> None:
    for name in ("a", "b"):
        run("train", pellucid.penguins_path(), "-t", "species", "-o", tmp_path / name, *QUICK)
    one, two = (pellucid.load(tmp_path / name) for name in ("a", "b"))
    for name, value in one.parameters_.items():
        np.testing.assert_array_equal(value, two.parameters_[name])


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_keeps_what_has_been_trained_beside_the_target(tmp_path: Path) -> None:
    """Without a terminal to ask on, an interrupted network goes to a file of its own."""
    target = tmp_path / "m.pellucid"
    target.write_bytes(b"precious")
    # The program itself, except that it says when the first epoch has ended.
    program = """if True:
        import sys
        from pellucid.cli import main, train
        from pellucid.training.events import EpochEnded
        shown = train.ProgressBar.__call__
        def tell(self, event):
            shown(self, event)
            if isinstance(event, EpochEnded) and event.number == 0:
                print("first epoch", flush=True)
        train.ProgressBar.__call__ = tell
        main.main()
    """
    process = subprocess.Popen(
        [
            *(sys.executable, "-u", "-c", program, "train", str(pellucid.penguins_path())),
            *("-t", "species", "-o", str(target), "--epochs", "1000000", "--preset", "plain"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "first epoch\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert target.read_bytes() == b"precious"
    assert pellucid.load(tmp_path / "m-interrupted.pellucid").interrupted_
    assert "Stopped after" in out
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m-interrupted.pellucid", "m.pellucid"]


def test_help_lists_the_commands_and_is_quick(run) -> None:
    status, out, _ = run("--help")
    assert status == 0
    for command in ("walkthrough", "lesson", "train", "predict", "evaluate", "explain"):
        assert command in out


def test_a_model_whose_place_is_full_is_saved_elsewhere(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full costs neither the earlier model nor the training."""
    target, elsewhere = tmp_path / "full" / "m.pellucid", tmp_path / "elsewhere"
    target.parent.mkdir()
    elsewhere.mkdir()
    target.write_bytes(b"precious")
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    fsync = os.fsync

    def full(handle: int) -> None:
        if f"{target.parent}/." in str(Path(f"/proc/self/fd/{handle}").readlink()):
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(handle)

    monkeypatch.setattr("os.fsync", full)
    status, _, err = run("train", pellucid.penguins_path(), "-t", "species", "-o", target, *QUICK)
    assert status == 1
    assert "a disk that is full" in err
    assert target.read_bytes() == b"precious"
    assert [p.name for p in target.parent.iterdir()] == ["m.pellucid"]
    (saved,) = elsewhere.iterdir()
    assert str(saved) in err
    assert pellucid.load(saved).classes_.tolist() == ["Adelie", "Chinstrap", "Gentoo"]


def test_a_prediction_can_be_made_again_on_its_own_output(run, penguins: Path) -> None:
    model = penguins / "penguins.pellucid"
    run("predict", model, penguins / "penguins.csv", "-o", penguins / "once.csv")
    status, _, err = run("predict", model, penguins / "once.csv", "-o", penguins / "twice.csv")
    assert status == 0
    assert "earlier prediction are replaced: predicted species" in err
    assert (penguins / "once.csv").read_bytes() == (penguins / "twice.csv").read_bytes()


def test_explain_shows_the_prediction_for_a_class_that_was_not_in_training(
    run, penguins: Path
) -> None:
    table = pl.read_csv(penguins / "penguins.csv").with_columns(pl.lit("Emperor").alias("species"))
    table.write_csv(penguins / "emperor.csv")
    status, out, err = run("explain", penguins / "penguins.pellucid", penguins / "emperor.csv")
    assert status == 0
    assert "'Emperor'" in err
    assert "Only the prediction is shown" in err
    assert "\noutput  " in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "penguins.csv", "-t", "species", "-o", "penguins.csv", *QUICK],
        ["predict", "penguins.pellucid", "penguins.csv", "-o", "penguins.pellucid"],
        ["predict", "penguins.pellucid", "penguins.csv", "-o", "penguins.csv"],
        ["explain", "penguins.pellucid", "penguins.csv", "--save", "penguins.csv"],
    ],
)
def test_what_is_read_is_never_written_over(
    run, penguins: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(penguins)
    before = {p.name: p.read_bytes() for p in Path().iterdir()}
    status, out, err = run(*arguments)
    assert (status, out) == (1, "")
    assert "would be lost" in err
    assert before == {p.name: p.read_bytes() for p in Path().iterdir()}


def test_a_device_is_not_replaced(run, penguins: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pellucid")
    status, _, err = run(
        "train",
        penguins / "penguins.csv",
        "-t",
        "species",
        "-o",
        tmp_path / "pipe.pellucid",
        *QUICK,
    )
    assert status == 1
    assert "a device" in err
    assert (tmp_path / "pipe.pellucid").is_fifo()


def test_a_screen_without_arrows_loses_nothing(penguins: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    program = [sys.executable, "-m", "pellucid"]
    target = tmp_path / "m.pellucid"
    for arguments in (
        ["train", penguins / "penguins.csv", "-t", "species", "-o", target, *QUICK],
        ["explain", target, penguins / "penguins.csv"],
    ):
        done = subprocess.run(
            [*program, *map(str, arguments)], capture_output=True, env=environment, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.isascii()
    assert target.exists()
