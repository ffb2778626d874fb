"""The rules of the house hold for Pellucid, and each of them notices when it is broken."""

import types
from pathlib import Path

import house_rules
import pytest

import pellucid

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src" / "pellucid"

RULES_OF_THE_SOURCE = [
    house_rules.import_direction,
    house_rules.owned_packages,
    house_rules.loading_without_pickle,
    house_rules.printing,
    house_rules.sizes,
    house_rules.core_size,
]


def hold(messages):
    messages = list(messages)
    assert not messages, "\n" + "\n".join(messages)


@pytest.mark.parametrize("rule", RULES_OF_THE_SOURCE, ids=lambda rule: rule.__name__)
def test_source_keeps(rule):
    hold(rule(SOURCE))


def test_tests_keep_sizes():
    hold(house_rules.sizes(TESTS))


def test_public_names_have_docstrings():
    hold(house_rules.missing_docstrings(pellucid))


def test_map_of_layers_is_whole():
    """The map in CONTRIBUTING.md names every part that has a level, in the row of that level."""
    text = (TESTS.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = {
        int(words[0]): set(words)
        for line in text.splitlines()
        if (words := line.split()) and words[0].isdigit()
    }
    absent = [
        f"{part} (level {level})"
        for part, level in house_rules.LEVEL_OF.items()
        if part != "__main__" and part not in rows.get(level, set())
    ]
    assert not absent, (
        f"add to the map of layers in CONTRIBUTING.md, in the row of its level: {', '.join(absent)}"
    )


@pytest.fixture
def tree(tmp_path):
    """Return a function that writes files {path: source} and returns their folder."""

    def write(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


def only(messages):
    (message,) = messages
    return message


UPWARD = {
    "absolute": "import pellucid.views.sheet\n",
    "from": "from pellucid.views import sheet\n",
    "from the package": "from pellucid import views\n",
    "relative": "from ..views import sheet\n",
    "relative, the part itself": "from .. import views\n",
    "in a function": "def f():\n    from pellucid.views import sheet\n    return sheet\n",
    "for types only": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pellucid.views import sheet\n",
    "by name": "import importlib\nimportlib.import_module('pellucid.views')\n",
}


@pytest.mark.parametrize("source", UPWARD.values(), ids=UPWARD.keys())
def test_upward_imports_are_seen(tree, source):
    """However a lower part imports a higher one, the message names both, their levels and the line."""
    root = tree({"algebra/__init__.py": "", "algebra/nodes.py": source, "views/__init__.py": ""})
    message = only(house_rules.import_direction(root))
    assert message.startswith("pellucid/algebra/nodes.py:")
    assert "algebra (level 0) imports pellucid.views" in message
    assert "(level 4)" in message


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (
            "views/sheet.py",
            "from ..algebra import nodes\nfrom . import cells\nfrom pellucid.evaluator import run\n",
        ),
        (
            "algebra/nodes.py",
            "from .shapes import Shape\nfrom ..errors import PellucidError\nimport numpy as np\n",
        ),
        ("training/files.py", "from pellucid import __version__\n"),
        ("tracing.py", "from .views import sheet\nfrom .training import loop\n"),
        ("cli/main.py", "import pellucid\nfrom pellucid import MLPClassifier\n"),
        ("__init__.py", "from .estimators import MLPClassifier\n"),
    ],
)
def test_downward_imports_are_fine(tree, path, source):
    hold(house_rules.import_direction(tree({path: source})))


def test_unknown_part(tree):
    """A new module is told where to find its level."""
    message = only(house_rules.import_direction(tree({"magic.py": ""})))
    assert "'magic' has no level yet" in message
    assert "LEVELS in tests/house_rules.py" in message


@pytest.mark.parametrize(
    "source", ["import pellucid\n", "from pellucid import Network\n", "from .. import Network\n"]
)
def test_front_door_is_for_users(tree, source):
    """A name taken from the package itself would hide its level."""
    assert "import from the module that defines" in only(
        house_rules.import_direction(tree({"step/a.py": source}))
    )


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("training/a.py", "import numba\n"),
        ("training/a.py", "def f():\n    from sklearn.metrics import r2_score\n"),
        ("engine/a.py", "from dask import delayed\n"),
        ("studio/a.py", "from rich.table import Table\n"),
        ("estimators/a.py", "import pickle\n"),
        ("training/a.py", "def f():\n    import shelve\n"),
    ],
)
def test_owned_and_forbidden_packages_are_seen(tree, path, source):
    assert only(house_rules.owned_packages(tree({path: source}))).startswith(f"pellucid/{path}:")


def test_owners_may(tree):
    files = {
        "engine/a.py": "import numba\n",
        "estimators/a.py": "import sklearn\n",
        "cli/a.py": "import rich.table\n",
    }
    hold(house_rules.owned_packages(tree(files)))


def test_unpickling_numpy_is_seen(tree):
    assert only(
        house_rules.loading_without_pickle(tree({"step/a.py": "np.load(f, allow_pickle=True)\n"}))
    )
    hold(
        house_rules.loading_without_pickle(tree({"step/a.py": "np.load(f, allow_pickle=False)\n"}))
    )


def test_printing_is_seen(tree):
    """A call of print is seen outside the command line; the word in a text is not."""
    root = tree(
        {"views/a.py": "text = 'print(1)'\ndef f():\n    print(1)\n", "cli/a.py": "print(1)\n"}
    )
    assert only(house_rules.printing(root)).startswith("pellucid/views/a.py:3")


LONG_FILE = "x = 1\n" * 401
LONG_BODY = "    x = 1\n" * 60


def test_long_files_are_seen(tree):
    """401 lines of code are too many; blank lines, comments and docstrings are not code."""
    assert "a.py: 401 lines of code" in only(house_rules.sizes(tree({"a.py": LONG_FILE})))
    hold(
        house_rules.sizes(
            tree({"a.py": '"""Text.\n' + "\n" * 50 + '"""\n' + "# note\n" * 50 + "\nx = 1\n" * 400})
        )
    )


def test_long_functions_are_seen(tree):
    assert "f has 61 lines" in only(house_rules.sizes(tree({"a.py": f"def f():\n{LONG_BODY}"})))
    hold(
        house_rules.sizes(
            tree({"a.py": f'def f():\n    """Text.\n\n    More.\n    """\n{LONG_BODY[10:]}'})
        )
    )


def test_a_large_core_is_seen(tree):
    """The lines of all three parts count together; other parts, comments and docstrings do not."""
    root = tree(
        {
            "algebra/a.py": "x = 1\n" * 400,
            "step/a.py": "x = 1\n" * 300,
            "views/a.py": "x = 1\n" * 400,
        }
    )
    hold(house_rules.core_size(root))
    tree({"evaluator.py": '"""Text.\n\nMore.\n"""\n# note\n' + "x = 1\n" * 201})
    message = only(house_rules.core_size(root))
    assert message.startswith("algebra, step, evaluator: 901 lines of code together, over 900")
    assert "algebra/a.py 400" in message


@pytest.mark.parametrize(
    "source",
    [
        f'"""Table."""\n# long because: it is a table\n{LONG_FILE}',
        f"def f():\n    # long because: it is a table\n{LONG_BODY}",
        f'def f():\n    """Text."""\n    # long because: it is a table\n{LONG_BODY}',
        f"# long because: it is a table\ndef f():\n{LONG_BODY}",
    ],
)
def test_long_with_a_reason(tree, source):
    hold(house_rules.sizes(tree({"a.py": source})))


def test_a_reason_is_words(tree):
    """`# long because:` with nothing behind it is no reason."""
    assert only(house_rules.sizes(tree({"a.py": f"def f():\n    # long because:\n{LONG_BODY}"})))


def test_missing_docstrings_are_seen():
    """A function without one, and a class with the signature that a dataclass writes for it, are both named."""
    module = types.ModuleType("m")
    module.__all__ = ["good", "bare", "Data", "__version__"]
    module.good = lambda: None
    module.good.__doc__ = "Be good."
    module.bare = lambda: None
    module.Data = type("Data", (), {"__doc__": "Data(x: int)"})
    module.__version__ = "1"
    assert [message.split()[0] for message in house_rules.missing_docstrings(module)] == [
        "m.bare",
        "m.Data",
    ]
