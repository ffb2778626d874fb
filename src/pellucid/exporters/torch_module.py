"""A trained network as a PyTorch module: a file of Python that needs PyTorch alone."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.exporters.inference import Inference, check_numbers, count_of, needed
from pellucid.exporters.programs_layout import comment, plain, wrapped
from pellucid.names import belongs_to
from pellucid.printers.code import Names
from pellucid.printers.functions import Functions
from pellucid.printers.torch_code import TorchCode
from pellucid.writing import replace_file

_WORDS = frozenset(
    "False None True and as assert async await break class continue def del elif else except finally "
    "for from global if import in is lambda nonlocal not or pass raise return try while with yield "
    "abs max min sum float math torch self super Network array base64 sys unpacked PACKED".split()
)
INDENT = " " * 8
LINE = 96

MOST_NUMBERS = 20_000_000
# A module of more numbers is no text to read: its larger arrays then stand packed at the end.
MOST_READABLE = 200_000
FEWEST_PACKED = 100

_UNPACKED = """\
def unpacked(name, kind, *shape):
    \"\"\"Return an array of PACKED; its kind is "f" for float32 or "d" for float64.\"\"\"
    numbers = array.array(kind, base64.b64decode(PACKED[name]))
    if sys.byteorder == "big":
        numbers.byteswap()
    return torch.tensor(numbers, dtype=torch.float64).reshape(shape)
"""


def save_torch(inference: Inference, path: Path) -> Path:
    """Write a trained network as a module of PyTorch and return the path.

    Raises
    ------
    InputError
        If the network has more numbers than a file of Python should hold.
    """
    check_numbers(inference, MOST_NUMBERS, "a PyTorch file")
    replace_file(path, torch_module(inference).encode())
    return path


def torch_module(inference: Inference) -> str:
    """Return the text of the module; many numbers stand packed at its end, in base64."""
    answer = next(name for name in reversed(inference.answers) if name != "predicted_class")
    equations = needed(inference.equations, (answer,))
    read = {name for e in equations for name in e.inputs}
    fixed = {name: value for name, value in inference.fixed.items() if name in read}
    names = Names(_WORDS)
    inputs = [names(s.name) for s in inference.raw]
    local = {e.name: names(e.name) for e in equations}
    packed = {names(name): value for name, value in fixed.items() if _is_packed(inference, value)}
    functions = Functions([e.expression for e in equations], taken={*_WORDS, *inputs, *local})
    code = TorchCode(functions, lambda n: f"self.{names(n)}" if n in fixed else names(n))
    body = [
        line
        for e in equations
        for line in wrapped(f"{INDENT}{local[e.name]} = ", code.text(e.expression), INDENT + "    ")
    ]
    text = [
        *_functions(functions, code),
        "",
        "class Network(torch.nn.Module):",
        *_docstring(inference, inputs, answer),
        "",
        "    def __init__(self):",
        "        super().__init__()",
        *(
            line
            for name, value in fixed.items()
            for line in _fixed(names(name), name, value, packed)
        ),
        "",
        f"    def forward(self, {', '.join(inputs)}):",
        *body,
        f"        return {local[answer]}",
        "",
    ]
    imports = ["array", "base64"] if packed else []
    imports += ["math"] if any("math." in line for line in text) else []
    imports += ["sys"] if packed else []
    start = [
        '"""A trained network as a PyTorch module, written by Pellucid. It needs PyTorch alone."""',
        "",
        *(f"import {name}" for name in imports),
        *([""] if imports else []),
        "import torch",
        "",
    ]
    return "\n".join([*start, *text, *_packed(packed)])


def _functions(functions: Functions, code: TorchCode) -> list[str]:
    found = []
    for function in functions:
        lines, result = code.body(function)
        parameters = ", ".join(p.name for p in function.parameters)
        found += ["", f"def {function.name}({parameters}):"]
        found += [f"    {name} = {text}" for name, text in lines]
        found += [f"    return {result}", ""]
    return found


def _docstring(inference: Inference, inputs: list[str], answer: str) -> list[str]:
    said = [inference.about, ""]
    for name, symbol in zip(inputs, inference.raw, strict=True):
        columns = [c for c in inference.columns if c.into == symbol.name]
        if not columns:
            said.append(f"{name}: inputs, shape (n, {symbol.shape[1]}), float64.")  # type: ignore[misc]
        elif columns[0].levels:
            levels = ", ".join(plain(repr(level)) for level in columns[0].levels)
            said.append(
                f"{name}: shape (n, 1), the place of {plain(repr(columns[0].name))} among {levels}, "
                "from 0; -1 where it is missing or none of them."
            )
        else:
            listed = ", ".join(plain(repr(c.name)) for c in sorted(columns, key=lambda c: c.at))
            said.append(f"{name}: shape (n, {len(columns)}), NaN where one is missing: {listed}.")
    answers = {
        "output": "the outputs",
        "prediction": "the predicted numbers",
        "probability": "the chance of each class",
    }
    what = "the chance of each class" if inference.classes else answers[answer]
    classes = ", ".join(plain(repr(c)) for c in inference.classes)
    said.append(f"Returns {what}{f': {classes}' if classes else ''}.")
    lines = [line[2:] for text in said for line in (comment(text, 90) or ["# "])]
    safe = [line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"') for line in lines]
    return [
        f'    """{safe[0]}',
        *(f"    {line}".rstrip() for line in safe[1:]),
        '    """',
    ]


def _is_packed(inference: Inference, value: Any) -> bool:
    return count_of(inference) > MOST_READABLE and np.size(value) > FEWEST_PACKED


def _fixed(attribute: str, name: str, value: Any, packed: Mapping[str, Any]) -> list[str]:
    array = np.asarray(value, np.float64)
    if array.ndim == 0:
        return [f"        self.{attribute} = {float(array)!r}"]
    start = (
        f"        self.{attribute} = torch.nn.Parameter("
        if belongs_to(name)
        else f'        self.register_buffer("{attribute}", '
    )
    if attribute in packed:
        kind = _packed_type(array).char
        return [f'{start}unpacked("{attribute}", "{kind}", {array.shape[0]}, {array.shape[1]}))']
    rows = [f"            [{', '.join(repr(float(v)) for v in row)}]," for row in array]
    return [f"{start}torch.tensor([", *rows, "        ], dtype=torch.float64))"]


def _packed(arrays: Mapping[str, Any]) -> list[str]:
    """Return the lines of the arrays in base64, lowest byte first, and of the function that reads them."""
    if not arrays:
        return []
    found = ["", *_UNPACKED.splitlines(), "", "", "PACKED = {"]
    for name, value in arrays.items():
        array = np.asarray(value, np.float64)
        text = base64.b64encode(array.astype(_packed_type(array)).tobytes()).decode()
        lines = [text[at : at + LINE] for at in range(0, len(text), LINE)]
        found += [f'    "{name}": """', *lines, '""",']
    return [*found, "}", ""]


def _packed_type(array: NDArray[np.float64]) -> np.dtype[Any]:
    """Return float32 where it holds the numbers exactly, as it does what was trained in it."""
    with np.errstate(over="ignore"):
        exact = np.array_equal(array.astype(np.float32), array, equal_nan=True)
    return np.dtype("<f4" if exact else "<f8")
