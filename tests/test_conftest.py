"""Long tests are left out by default, and a missing program skips a test, or fails it with CI=true."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture
def project(pytester, monkeypatch):
    """Make a small project with our conftest, one long test, and one test of a program that nobody has."""
    monkeypatch.delenv("CI", raising=False)
    for name in ("conftest.py", "system_programs.py"):
        (pytester.path / name).write_text(
            (HERE / name).read_text(encoding="utf-8"), encoding="utf-8"
        )
    (pytester.path / "system_programs.txt").write_text(
        "no-such-program | no-such-package | counts angels\n"
    )
    pytester.makeini("[pytest]\npythonpath = .\nmarkers =\n    long\n    needs(program)\n")
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.long
        def test_long(): pass

        @pytest.mark.needs("no-such-program")
        def test_angels(): pass

        def test_short(): pass
        """
    )
    return pytester


def test_by_default(project):
    """The long test is deselected, and one line says which program is missing and why it is wanted."""
    result = project.runpytest_subprocess("-ra")
    result.assert_outcomes(passed=1, skipped=1, deselected=1)
    result.stdout.fnmatch_lines(
        ["SKIPPED*no-such-program is not installed (Debian package no-such-package)*angels*"]
    )


@pytest.mark.parametrize("arguments", [["--long"], ["-m", "long or not long"]])
def test_long_on_demand(project, arguments):
    """`--long`, or an expression that names the marker, brings the long test in."""
    project.runpytest_subprocess(*arguments).assert_outcomes(passed=2, skipped=1)


def test_on_ci(project, monkeypatch):
    """With CI=true the long test runs and the missing program is an error, not a skip."""
    monkeypatch.setenv("CI", "true")
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*With CI=true nothing is skipped*"])


def test_program_outside_the_table(project):
    """A marker with a program that the table does not list says where to add it."""
    project.makepyfile(
        test_typo="import pytest\n\n@pytest.mark.needs('Rscritp')\ndef test(): pass\n"
    )
    result = project.runpytest_subprocess("test_typo.py")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*no program 'Rscritp' in tests/system_programs.txt*"])
