"""A trace as a Python program that needs NumPy alone."""

from __future__ import annotations

import keyword
import textwrap
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pellucid.exporters.programs import Lines, Program, Words
from pellucid.exporters.programs_layout import WIDTH, columns, filled, wrapped
from pellucid.printers.code import Code
from pellucid.printers.functions import Function
from pellucid.printers.numpy_code import HELPERS, NumpyCode

WORDS = Words(
    arrow="=",
    indent="    ",
    gap=2,
    digits="np.set_printoptions(precision=6, threshold=np.inf)",
    origin="0",
    each_step="for step in range(1, epochs + 1):",
    each_epoch="for epoch in range(epochs):",
    each_batch="for rows in batches:",
    if_traced="if step <= {count}:",
    count_from="step = 0",
    count_on="step += 1",
    batches="""\
if epoch < {count}:
    batches = traced_batches[epoch]
else:
    order = rng.permutation({rows})
    batches = [order[at : at + {size}] for at in range(0, {rows}, {size})]""",
    take="{name} = {all}[rows]",
    rows="n = len(X)",
    step_epoch="step - 1",
    batch_epoch="epoch",
    done="(step - 1) / ({count} if step <= {count} else updates)",
    first_done="(step - 1) / updates",
    seed="rng = np.random.default_rng(0)",
    draw="""\
def draw(neurons, share):
    return rng.random((len(X), neurons)) >= share""",
    mask=(
        "{name} = (traced_{name}[step - 1] if step <= {count} else draw({size}, {share}))"
        " / (1 - {share})"
    ),
    carry="{a}, {b} = {new_a}, {new_b}",
    show="""\
def show(names):
    for name in names:
        print(f"\\n{name}\\n{globals()[name]}")""",
    show_step="""\
print(f"\\nStep {step}")
show(shown)""",
    show_end="""\
print(f"\\nAfter {{epochs}} epochs")
show([{names}])""",
    show_all="show(shown)",
    list_opens="[",
    list_closes="]",
    last_comma=True,
)

_USED = "np math erf abs sum max range len print globals"
_VARIABLES = (
    "epochs updates step epoch rows batches traced_batches order at rng shown show draw neurons share "
    "name names"
)


class NumpyProgram(Program):
    """The program of a trace in Python."""

    words: ClassVar[Words] = WORDS
    taken: ClassVar[frozenset[str]] = frozenset(
        (*keyword.kwlist, *keyword.softkwlist, *_USED.split(), *_VARIABLES.split())
    )

    def printer(self, rows: str) -> Code:
        """Return the printer of expressions; NumPy broadcasts by itself, whatever the rows."""
        return NumpyCode(self.functions, self.name)

    def head(self, about: Lines, body: str) -> Lines:
        """Return the docstring and the imports."""
        first, *rest = (text.replace("\\", "/").replace('"', "'") for text in about)
        said = " ".join([*rest, "Needs NumPy alone. Written by Pellucid."])
        standard = ["import math", ""] if "math." in body else []
        return [
            f'"""{first}',
            "",
            *textwrap.wrap(said, WIDTH),
            '"""',
            "",
            *standard,
            "import numpy as np",
        ]

    def matrix(self, array: NDArray[Any]) -> Lines:
        """Return a matrix as ``np.array([…])``, a row in each line."""
        code = self.printer("X")
        cells = columns([[code.number(float(v)) for v in row] for row in array])
        whole = bool(np.all(np.isfinite(array)) and np.all(array == np.round(array)))
        kind = ", dtype=float" if whole else ""
        inline = f"np.array([[{', '.join(cells[0])}]]{kind})"
        if len(cells) == 1 and len(inline) < WIDTH - 20:
            return [inline]
        lines = ["np.array(["]
        for row in cells:
            first, *rest = filled(row, WIDTH - 8, " ")
            written = [f"    [{first}", *(f"    {line}" for line in rest)]
            written[-1] = f"{written[-1].removesuffix(',')}],"
            lines += written
        return [*lines, f"]{kind})"]

    def zeros(self, shape: tuple[int, ...]) -> str:
        """Return a matrix of zeros."""
        return f"np.zeros({shape})"

    def sequence(self, items: Sequence[Lines]) -> Lines:
        """Return a list, an item in each line or in several."""
        lines = ["["]
        for item in items:
            lines += [f"    {line}" for line in item]
            lines[-1] += ","
        return [*lines, "]"]

    def places(self, rows: Sequence[int]) -> str:
        """Return rows as a list."""
        return f"[{', '.join(map(str, rows))}]"

    def names(self, names: Sequence[str]) -> str:
        """Return names as texts."""
        return ", ".join(f'"{name}"' for name in names)

    def function(self, of: Function, code: Code) -> Lines:
        """Return a function's definition."""
        parts, result = code.body(of)
        parameters = ", ".join(self.name(p.name) for p in of.parameters)
        lines = [f"def {of.name}({parameters}):"]
        for start, text in [*((f"{name} = ", text) for name, text in parts), ("return ", result)]:
            lines += [f"    {line}" for line in wrapped(start, text, "    ", WIDTH - 4)]
        return lines

    def helpers(self, text: str) -> Lines:
        """Return what NumPy lacks."""
        return [definition for name, definition in HELPERS.items() if f"{name}(" in text]

    def block(self, opening: str, body: Lines) -> Lines:
        """Return lines below an opening."""
        return [opening, *(f"    {line}" if line else "" for line in body)]


def numpy_program(trace: Any, epochs: int = 5000) -> str:
    """Return the program of a trace as text; see `Program`."""
    return NumpyProgram(trace, epochs).text()
