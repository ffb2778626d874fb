"""What users install is the built wheel, so it is tried from another folder, away from the source."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

TOP = Path(__file__).parent.parent


def run(*command, **options):
    """Run a program and return what it wrote; a failure shows its own words."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, (
        f"{command[0]} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    )
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel, without fetching anything."""
    folder = tmp_path_factory.mktemp("dist")
    run(
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "--target",
        "wheel",
        "--directory",
        folder,
        cwd=TOP,
    )
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Install the wheel into a folder of its own; the packages it depends on are those of this environment."""
    folder = tmp_path_factory.mktemp("installed")
    options = ["--quiet", "--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check"]
    run(sys.executable, "-m", "pip", "install", *options, "--target", folder, wheel)
    return folder


def run_installed(installed, *command):
    """Run a program that finds the installed wheel before the source, in a folder that holds neither."""
    elsewhere = installed.parent
    return run(*command, cwd=elsewhere, env={**os.environ, "PYTHONPATH": str(installed)})


def test_holds_every_file(wheel):
    """The wheel holds every file of src/ that is ours, the example table and the mark of typed packages among them."""
    source = TOP / "src"
    ours = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"pellucid/py.typed", "pellucid/data/penguins.csv"} <= names
    assert not ours - names
    assert not {name for name in names - ours if ".dist-info/" not in name}
    assert any(name.endswith("/licenses/LICENSE") for name in names)


IMPORT_EVERYTHING = """
import importlib, pathlib, pkgutil, pellucid, pellucid.data
for module in pkgutil.walk_packages(pellucid.__path__, "pellucid."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(pathlib.Path(pellucid.__file__).parent.parent)
print(pellucid.data.penguins_path().read_text(encoding="utf-8").count("\\n"))
"""


def test_imports_elsewhere(installed):
    """Every module can be imported from the installed wheel, and the example table is found there."""
    place, lines = run_installed(installed, sys.executable, "-c", IMPORT_EVERYTHING).split("\n")[:2]
    assert Path(place).resolve() == installed.resolve()
    assert int(lines) == 345


def test_command(installed):
    """The program `pellucid` comes with the wheel and starts."""
    assert "train" in run_installed(
        installed, sys.executable, installed / "bin" / "pellucid", "--help"
    )
