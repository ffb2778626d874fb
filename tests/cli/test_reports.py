"""The option --report: a page beside the model, or beside the scores."""

import sys

import pytest

import pellucid


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "penguins.csv"
    path.write_bytes(pellucid.penguins_path().read_bytes())
    return path


def train(run, table, *more):
    return run(
        "train", table, "-t", "species", "--epochs", 5, "--hidden", 8, "--preset", "plain", *more
    )


def test_train_and_evaluate_write_reports(run, table, tmp_path):
    status, out, err = train(run, table, "--report", tmp_path / "train.html")
    assert status == 0, err
    assert "train.html" in out
    assert "69 rows that were held out of training" in (tmp_path / "train.html").read_text("utf-8")
    model = table.with_suffix(".pellucid")
    status, out, err = run("evaluate", model, table, "--report", tmp_path / "evaluate.html")
    assert status == 0, err
    page = (tmp_path / "evaluate.html").read_text("utf-8")
    assert "All scores are on the 344 rows that were given" in page


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("report.pdf", "ends in .html"),
        ("nowhere/report.html", "There is no folder"),
        ("model.html", "for two things at once"),
    ],
)
def test_a_report_that_cannot_be_written_is_refused_before_training(
    run, table, tmp_path, name, words
):
    status, _, err = train(run, table, "-o", tmp_path / "model.html", "--report", tmp_path / name)
    assert status == 1
    assert words in err
    assert not (tmp_path / "model.html").exists()


def test_a_missing_library_is_told_before_training(run, table, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    status, _, err = train(run, table, "--report", tmp_path / "report.html")
    assert status == 1
    assert "pip install 'pellucid[report]'" in err
    assert not table.with_suffix(".pellucid").exists()
