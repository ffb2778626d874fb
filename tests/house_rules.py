"""The rules of the house, as functions from a source folder to a list of messages: empty when all is well.

`test_house_rules.py` applies them to Pellucid, and to made-up sources that break them.
"""

import ast
import io
import re
import tokenize
from typing import NamedTuple

# What may import what: a module imports its own level and the levels below. Add a new module of pellucid/ here, and
# to the map in CONTRIBUTING.md.
LEVELS = {
    0: ["algebra", "errors", "writing", "blas", "data", "examples", "web"],
    1: ["network", "catalogue"],
    2: ["step", "preparation", "randomness", "names", "rows"],
    3: ["evaluator", "printers"],
    4: ["engine", "views"],
    5: ["training", "exporters", "gradient_check"],
    6: ["cluster", "tracing", "report"],
    7: ["estimators"],
    8: ["cli", "studio", "__main__"],
}
LEVEL_OF = {name: level for level, names in LEVELS.items() for name in names}

# Which one part of pellucid/ may import these packages: the rest stays free of them, and of their start-up time.
OWNERS = {
    "numba": "engine",
    "sklearn": "estimators",
    "dask": "cluster",
    "distributed": "cluster",
    "typer": "cli",
    "rich": "cli",
    "xlsxwriter": "exporters",
    "matplotlib": "report",
}
FORBIDDEN = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal"}

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
CORE = ("algebra", "step", "evaluator")
LARGEST_CORE = 900
LONG_BECAUSE = re.compile(r"#\s*long because:\s*\S")


class Import(NamedTuple):
    """One imported module, `pellucid.views.sheet` or `numpy.linalg`, and the line where it is imported."""

    module: str
    line: int


def sources(root):
    """Yield (path below the root, syntax tree, text) of each Python file below a folder."""
    for path in sorted(root.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        yield path.relative_to(root), ast.parse(text, str(path)), text


def part_of(path):
    """Return the part of the package that a file belongs to: `views` for views/sheet.py, `tracing` for tracing.py."""
    return path.parts[0].removesuffix(".py")


def is_front_door(path):
    """Whether this is the package's own __init__.py: it offers what every level has, lazily."""
    return path.parts == ("__init__.py",)


def imports(path, tree, package="pellucid"):
    """Yield each Import of a file, wherever it stands: at the top, in a function, under TYPE_CHECKING, by name."""
    here = [package, *path.parent.parts]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module.split(".") if node.module else []
            if node.level:
                base = here[: len(here) - node.level + 1] + base
            yield from (Import(".".join([*base, alias.name]), node.lineno) for alias in node.names)
        elif (
            isinstance(node, ast.Call)
            and called_name(node) in {"import_module", "__import__"}
            and node.args
        ):
            name = node.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield Import(name.value, node.lineno)


def called_name(call):
    """Return the last name of what a call calls: `f` in f(…), in module.f(…) and in object.f(…)."""
    return getattr(call.func, "attr", getattr(call.func, "id", None))


def import_direction(root, package="pellucid"):
    """Lower never imports higher."""
    for path, tree, _ in sources(root):
        if is_front_door(path):
            continue
        part = part_of(path)
        if part not in LEVEL_OF:
            yield (
                f"{package}/{path}: {part!r} has no level yet. Decide what it may import, add it to LEVELS in "
                "tests/house_rules.py, and to the map of layers in CONTRIBUTING.md"
            )
            continue
        for module, line in imports(path, tree, package):
            names = module.split(".")
            if names[0] != package:
                continue
            other = names[1] if len(names) > 1 else ""
            if other == "__version__":
                continue
            if other in LEVEL_OF and LEVEL_OF[other] > LEVEL_OF[part]:
                yield (
                    f"{package}/{path}:{line}: {part} (level {LEVEL_OF[part]}) imports {module} (level "
                    f"{LEVEL_OF[other]}). Lower never imports higher, nor inside a function: move what both need "
                    "down, or hand it in as an argument"
                )
            elif other not in LEVEL_OF and LEVEL_OF[part] < max(LEVELS):
                yield (
                    f"{package}/{path}:{line}: imports {module}. Inside the package, import from the module that "
                    f"defines a name, not from {package} itself, which offers every level's (and add a new module "
                    "to LEVELS in tests/house_rules.py)"
                )


def owned_packages(root):
    """Each heavy package is imported by one part only, and nothing that runs code on loading by any."""
    for path, tree, _ in sources(root):
        for module, line in imports(path, tree):
            top = module.split(".")[0]
            if top in FORBIDDEN:
                yield (
                    f"pellucid/{path}:{line}: imports {top}, with which opening a file can run code. "
                    "Model files are safetensors; see the layer `training`"
                )
            elif top in OWNERS and part_of(path) != OWNERS[top]:
                yield (
                    f"pellucid/{path}:{line}: imports {module}, which only pellucid/{OWNERS[top]} may. "
                    f"Put what needs it there, or hand its result in as an argument"
                )


def loading_without_pickle(root):
    """NumPy is never allowed to unpickle."""
    for path, tree, _ in sources(root):
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.keyword)
                and node.arg == "allow_pickle"
                and not is_false(node.value)
            ):
                yield f"pellucid/{path}:{node.value.lineno}: allow_pickle may only be False: no file runs code"


def is_false(node):
    """Whether an expression is the word False."""
    return isinstance(node, ast.Constant) and node.value is False


def printing(root):
    """Only the command line prints."""
    for path, tree, _ in sources(root):
        if part_of(path) == "cli":
            continue
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "print"
            ):
                yield (
                    f"pellucid/{path}:{node.lineno}: prints. Only pellucid/cli does; elsewhere return what there is "
                    "to say, tell a listener, or warn"
                )


def sizes(root):
    """A long file or function says why it is long."""
    for path, tree, text in sources(root):
        lines = text.splitlines()
        code = code_lines(tree, text)
        if len(code) > LONGEST_FILE and not says_why(tree, 1, lines):
            yield f"{path}: {len(code)} lines of code, over {LONGEST_FILE}. {SPLIT_OR_SAY} below its docstring"
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                count = sum(node.lineno <= line <= node.end_lineno for line in code)
                if count > LONGEST_FUNCTION and not says_why(node, node.lineno, lines):
                    yield (
                        f"{path}:{node.lineno}: {node.name} has {count} lines of code, over {LONGEST_FUNCTION}. "
                        f"{SPLIT_OR_SAY} at its top"
                    )


def core_size(root):
    """What defines a training step can be read in an evening."""
    by_file = {
        path: len(code_lines(tree, text))
        for path, tree, text in sources(root)
        if part_of(path) in CORE
    }
    total = sum(by_file.values())
    if total > LARGEST_CORE:
        listing = ", ".join(f"{path} {count}" for path, count in by_file.items())
        yield (
            f"{', '.join(CORE)}: {total} lines of code together, over {LARGEST_CORE} ({listing}). They are to be read "
            "in an evening: move out what the step does not need to compute, or say the same in less"
        )


SPLIT_OR_SAY = "Split it, or write a comment `# long because: …`"


def code_lines(tree, text):
    """Return the numbers of the lines that hold code: not blank, not only a comment, not in a docstring."""
    ignored = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in ignored:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(tree):
        docstring = docstring_of(node)
        if docstring:
            lines.difference_update(range(docstring.lineno, docstring.end_lineno + 1))
    return lines


def docstring_of(node):
    """Return the statement that is a node's docstring, or None."""
    has_one = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    return node.body[0] if has_one and ast.get_docstring(node) is not None else None


def says_why(node, first, lines):
    """Whether a comment `# long because: …` stands near a node's top: before its code, or in its first five lines."""
    docstring = docstring_of(node)
    start = docstring.end_lineno if docstring else first
    return any(
        LONG_BECAUSE.search(line)
        for line in [*lines[max(first - 2, 0) : first], *lines[start : start + 5]]
    )


def missing_docstrings(module):
    """Every public name is explained where `help()` finds it."""
    for name in module.__all__:
        value = getattr(module, name)
        if not callable(value) and not isinstance(value, type(ast)):
            continue  # a version or another constant: it cannot carry a docstring
        text = (value.__doc__ or "").strip()
        if not text or text.startswith(f"{name}("):  # the second is what a dataclass gives itself
            yield f"{module.__name__}.{name} is public and has no docstring: say in it what it is, and for whom"
