"""The component in the package is what its TypeScript makes."""

import shutil
import subprocess
from pathlib import Path

import pytest

from pellucid import web

TOP = Path(__file__).parent.parent


@pytest.mark.long
@pytest.mark.needs("npm")
def test_it_is_what_its_source_makes(tmp_path):
    """Built anew from the lock file, types checked, script and style are those of the package."""
    copy = tmp_path / "web"
    shutil.copytree(TOP / "web", copy, ignore=shutil.ignore_patterns("node_modules"))
    (tmp_path / "src" / "pellucid" / "web").mkdir(parents=True)
    for command in (["ci", "--no-audit", "--no-fund"], ["run", "check"], ["run", "build"]):
        done = subprocess.run(
            ["npm", *command], cwd=copy, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    built = tmp_path / "src" / "pellucid" / "web"
    advice = "Run `npm ci` and `npm run build` in web/."
    assert (built / "component.js").read_text("utf-8") == web.script(), advice
    assert (built / "component.css").read_text("utf-8") == web.style(), advice


def test_nothing_in_it_ends_a_script_element():
    """The script stands inside a page's script element."""
    assert "</script" not in web.script().lower()
    assert "<!--" not in web.script()
    assert "</style" not in web.style().lower()
