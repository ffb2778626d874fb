"""A trained network as a C header: one file, the standard library alone, one row at a time."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from pellucid.exporters.inference import Inference, InputColumn, check_numbers, needed
from pellucid.exporters.programs_layout import plain
from pellucid.printers.c_code import SIGN, CCode
from pellucid.printers.loops import indented
from pellucid.writing import replace_file

WIDTH = 96

# gcc compiles a million numbers in some seconds, with 200 MB of memory, and more in proportion.
MOST_NUMBERS = 5_000_000


def save_c(inference: Inference, path: Path) -> Path:
    """Write a trained network as a C header and return the path.

    Raises
    ------
    InputError
        If the network has more numbers than a compiler should read.
    """
    check_numbers(inference, MOST_NUMBERS, "a C header")
    replace_file(path, c_header(inference).encode())
    return path


def c_header(inference: Inference) -> str:
    """Return the text of the header."""
    answer = next(name for name in reversed(inference.answers) if name != "predicted_class")
    equations = needed(inference.equations, (answer,))
    read = {name for e in equations for name in e.inputs}
    fixed = {name: value for name, value in inference.fixed.items() if name in read}
    names = [*fixed, *(s.name for s in inference.raw), *(e.name for e in equations)]
    code = CCode(names, equations)
    width = equations[-1].shape[1]  # type: ignore[misc]
    body: list[str] = []
    for equation in equations:
        body += [*code.equation(equation), ""]
    last = code.variable(answer)
    body.append(f"for (int j = 0; j < {width}; j++) answer[j] = {last}[j];")
    inputs = ", ".join(f"const double *{code.variable(s.name)}" for s in inference.raw)
    functions = code.functions()
    if any("sign(" in line for line in (*functions, *body)):
        functions.insert(0, SIGN)
    texts = [c for c in inference.columns if c.levels and isinstance(c.levels[0], str)]
    parts = [
        _about(inference, code, answer),
        "#ifndef PELLUCID_NETWORK_H\n#define PELLUCID_NETWORK_H\n",
        "#include <math.h>\n#include <string.h>\n" if texts else "#include <math.h>\n",
        *(_array(code.variable(name), value) for name, value in fixed.items()),
        *_levels(texts, code),
        *_classes(inference.classes),
        *(f"{text}\n" for text in functions),
        "\n".join(
            [f"static inline void predict({inputs}, double *answer) {{", *indented(body), "}"]
        ),
        "\n#endif\n",
    ]
    return "\n".join(parts)


def _about(inference: Inference, code: CCode, answer: str) -> str:
    said = [f"{inference.about} Written by Pellucid; needs the C standard library alone (-lm)."]
    for symbol in inference.raw:
        name = code.variable(symbol.name)
        columns = sorted(
            (c for c in inference.columns if c.into == symbol.name), key=lambda c: c.at
        )
        if not columns:
            said.append(f"{name}: the {symbol.shape[1]} inputs.")  # type: ignore[misc]
        elif columns[0].levels:
            levels = ", ".join(plain(repr(level)) for level in columns[0].levels)
            said.append(
                f"{name}: the place of {plain(repr(columns[0].name))} among {levels}, from 0; -1 where "
                "it is missing or none of them."
            )
        else:
            listed = ", ".join(plain(repr(c.name)) for c in columns)
            said.append(f"{name}: {len(columns)} numbers, NAN where one is missing: {listed}.")
    what = {"prediction": "the predicted number", "output": "the outputs"}
    chances = "the chance of each class, in the order of classes[]"
    said.append(f"answer: {chances if inference.classes else what[answer]}.")
    lines = [line for text in said for line in textwrap.wrap(text, WIDTH)]
    # A name of a user's must not end the comment.
    apart = (line.replace("*/", "* /").replace("/*", "/ *") for line in lines)
    return "\n".join(["/*", *(f" * {line}" for line in apart), " */"])


def _array(name: str, value: Any) -> str:
    """Return an array of C: of floats where they hold the numbers exactly and say them more shortly."""
    array = np.asarray(value, np.float64).ravel()
    with np.errstate(over="ignore"):
        single = array.astype(np.float32)
    if (single == array).all() and np.isfinite(array).all():
        short = [str(v) for v in single]
        if short != [repr(v) for v in array.tolist()]:
            return _listing("float", name, [f"{v}f" for v in short])
    return _listing("double", name, [_number(v) for v in array])


def _listing(kind: str, name: str, numbers: list[str]) -> str:
    return f"static const {kind} {name}[{len(numbers)}] = {{\n{_listed(numbers)}\n}};\n"


def _number(value: float) -> str:
    if value != value:
        return "NAN"
    return repr(float(value)) if abs(value) != float("inf") else f"{'-' * (value < 0)}INFINITY"


def _levels(columns: Iterable[InputColumn], code: CCode) -> list[str]:
    """Return the texts of each column of categories, and the function that finds a text among them."""
    found = []
    for column in columns:
        name = code.variable(column.into)
        texts = _listed([_quoted(str(level)) for level in column.levels])
        count = len(column.levels)
        found.append(f"static const char *const levels_of_{name}[{count}] = {{\n{texts}\n}};\n")
    if found:
        found.append(
            "/* The place of a text among some levels, or -1. */\n"
            "static inline double code_of(const char *text, const char *const *levels, int count) {\n"
            "  for (int i = 0; i < count; i++)\n"
            "    if (strcmp(text, levels[i]) == 0) return i;\n"
            "  return -1;\n}\n"
        )
    return found


def _classes(classes: tuple[Any, ...]) -> list[str]:
    if not classes:
        return []
    texts = _listed([_quoted(str(c)) for c in classes])
    return [f"static const char *const classes[{len(classes)}] = {{\n{texts}\n}};\n"]


def _listed(items: list[str]) -> str:
    return (
        textwrap.indent(
            textwrap.fill(", ".join(items), WIDTH, break_long_words=False, break_on_hyphens=False),
            "  ",
        )
        if not any(" " in item for item in items)
        else ",\n".join(f"  {item}" for item in items)
    )


def _quoted(text: str) -> str:
    """Return a text as a literal of C, in UTF-8; bytes outside ASCII are written in octal."""
    found = []
    for byte in text.encode():
        letter = chr(byte)
        if letter in '"\\?':
            found.append(f"\\{letter}")
        else:
            found.append(letter if 32 <= byte < 127 else f"\\{byte:03o}")
    return f'"{"".join(found)}"'
