"""Each program of `system_programs.txt` does here, in small, what later tests ask of it."""

import json
import subprocess
from pathlib import Path

import pytest
from system_programs import PROGRAMS

HERE = Path(__file__).parent


def run(*command):
    """Run a program and return what it wrote; a failure shows its own words."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, (
        f"{command[0]} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    )
    return done.stdout


def test_every_program_has_a_test():
    """A line added to the table needs a test here that tries the program."""
    tried = {f"test_{name.lower().replace('-', '_')}" for name in PROGRAMS}
    assert tried <= set(globals())


def r_matrix(rows):
    numbers = ", ".join(repr(number) for row in rows for number in row)
    return f"matrix(c({numbers}), nrow = {len(rows)}, byrow = TRUE)"


@pytest.mark.needs("Rscript")
def test_rscript(tmp_path):
    """R computes the forward pass of the worked example to the same numbers."""
    example = json.loads((HERE / "data" / "worked_example.json").read_text(encoding="utf-8"))
    program = tmp_path / "forward.R"
    program.write_text(
        "\n".join(f"{name} <- {r_matrix(rows)}" for name, rows in example["given"].items())
        + """
        sigmoid <- function(z) 1 / (1 + exp(-z))
        hidden_1 <- sigmoid(X %*% W1 + b1[rep(1, nrow(X)), ])
        output <- sigmoid(hidden_1 %*% W2 + b2[rep(1, nrow(X)), ])
        cat(sprintf("%.17g", output), sep = "\\n")
        """,
        encoding="utf-8",
    )
    output = [float(line) for line in run("Rscript", "--vanilla", program).split()]
    assert output == pytest.approx(
        [row[0] for row in example["values"]["output"]], rel=1e-12, abs=0
    )


SHEET = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
  xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2"
  office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">
<office:body><office:spreadsheet><table:table table:name="step"><table:table-row>
  <table:table-cell office:value-type="float" office:value="3"/>
  <table:table-cell office:value-type="float" office:value="4"/>
  <table:table-cell table:formula="of:=SUMPRODUCT([.A1:.B1];[.A1:.B1])"/>
</table:table-row></table:table></office:spreadsheet></office:body></office:document>
"""


@pytest.mark.needs("soffice")
def test_soffice(tmp_path):
    """LibreOffice computes a formula that came without a value."""
    sheet = tmp_path / "sheet.fods"
    sheet.write_text(SHEET, encoding="utf-8")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    run(
        "soffice",
        profile,
        "--headless",
        "--norestore",
        "--convert-to",
        "csv",
        "--outdir",
        tmp_path,
        sheet,
    )
    assert (tmp_path / "sheet.csv").read_text(encoding="utf-8").strip() == "3,4,25"


CHROMIUM_OPTIONS = [
    "--headless",
    "--no-sandbox",  # CI runs as root, where Chromium refuses its sandbox
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.mark.needs("chromium")
def test_chromium(tmp_path):
    """Chromium opens a page from a file and runs its script."""
    page = tmp_path / "page.html"
    page.write_text(
        '<p id="answer"></p><script>answer.textContent = [3, 4].map(x => x * x).reduce((a, b) => a + b)</script>',
        encoding="utf-8",
    )
    dom = run(
        "chromium",
        *CHROMIUM_OPTIONS,
        f"--user-data-dir={tmp_path / 'profile'}",
        "--dump-dom",
        page.as_uri(),
    )
    assert '<p id="answer">25</p>' in dom


@pytest.mark.needs("firefox-esr")
@pytest.mark.long
def test_firefox_esr(tmp_path):
    """Firefox draws a page from a file."""
    page, picture = tmp_path / "page.html", tmp_path / "page.png"
    page.write_text("<!doctype html><p>25", encoding="utf-8")
    options = ["--headless", "--no-remote", "--profile", tmp_path / "profile"]
    (tmp_path / "profile").mkdir()
    run("firefox-esr", *options, "--window-size", "200,100", "--screenshot", picture, page.as_uri())
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.needs("node")
def test_node():
    """Node computes with double precision."""
    assert run("node", "--print", "Math.expm1(1e-10)").strip() == "1.00000000005e-10"


@pytest.mark.needs("npm")
def test_npm():
    """Node's package manager is there, and new enough to install from a lock file."""
    assert int(run("npm", "--version").split(".")[0]) >= 7


@pytest.mark.needs("pdflatex")
def test_pdflatex(tmp_path):
    """LaTeX has amsmath, and makes a PDF."""
    (tmp_path / "a.tex").write_text(
        r"\documentclass{article}\usepackage{amsmath}\begin{document}$\begin{bmatrix} 1 \end{bmatrix}$"
        r"\end{document}"
    )
    folder = f"-output-directory={tmp_path}"
    run("pdflatex", "-interaction=nonstopmode", "-halt-on-error", folder, tmp_path / "a.tex")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.needs("gcc")
def test_gcc(tmp_path):
    """The compiler finds the headers and the mathematics of the C library."""
    (tmp_path / "a.c").write_text(
        '#include <math.h>\n#include <stdio.h>\nint main(void) { printf("%.11e", expm1(1e-10)); }\n'
    )
    program = tmp_path / "a"
    run("gcc", "-std=c99", tmp_path / "a.c", "-o", program, "-lm")
    assert run(program).strip() == "1.00000000005e-10"
