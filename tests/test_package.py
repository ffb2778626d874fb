"""The package's face: what `import pellucid` offers, and what it costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import pellucid


def test_every_public_name_can_be_imported() -> None:
    for name in pellucid.__all__:
        assert getattr(pellucid, name) is not None


def test_type_checkers_see_the_same_names() -> None:
    """The stub and the table of the interpreter name the same things."""
    stub = Path(pellucid.__file__).with_suffix(".pyi")
    tree = ast.parse(stub.read_text(encoding="utf-8"))
    seen = {
        (node.module, alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == {(module, name) for name, module in pellucid._MODULE.items()}


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Netwrok'"):
        _ = pellucid.Netwrok


@pytest.mark.parametrize(
    ("statement", "heavy"),
    [
        ("import pellucid", ["numpy", "scipy", "sklearn", "polars", "rich"]),
        ("import pellucid.cli.main", ["numpy", "scipy", "sklearn", "polars"]),
        ("import pellucid; pellucid.worked_example()", ["scipy", "sklearn", "polars", "rich"]),
        (
            "import pellucid; pellucid.MLPClassifier",
            ["numba", "polars", "pellucid.estimators.base", "pellucid.cli"],
        ),
    ],
)
def test_heavy_packages_are_imported_on_use(statement: str, heavy: list[str]) -> None:
    code = f"import sys; {statement}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
