"""R code of expressions: run by R, it computes what they mean, broadcasting included."""

from __future__ import annotations

import subprocess
from typing import Any

import numpy as np
import pytest
from printers.expressions import SIZES, expressions

import pellucid
from pellucid.algebra import PRIMITIVES, Symbol, erf, node
from pellucid.algebra.values import evaluate
from pellucid.printers.functions import Functions
from pellucid.printers.r_code import HELPERS, PRIMITIVES_WRITTEN, RCode

a, b = Symbol("a"), Symbol("b")
A, W = Symbol("A", ("n", 2)), Symbol("W", (2, 3))
ROW, COLUMN = Symbol("row", (1, 2)), Symbol("column", ("n", 1))


def text(expression: object) -> str:
    return RCode().text(node(expression))


def test_every_primitive_has_a_rule() -> None:
    assert set(PRIMITIVES) == PRIMITIVES_WRITTEN


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (A @ W + Symbol("b", (1, 3)), 'sweep(A %*% W, 2, b, "+")'),
        (ROW * A, 'sweep(A, 2, row, "*")'),
        (A / COLUMN, "A / c(column)"),
        (COLUMN - A, "c(column) - A"),
        (ROW - A, "spread(row, nrow(X), 2) - A"),
        (COLUMN == ROW, 'outer(c(column), c(row), "==")'),
        (np.maximum(0, A), "pmax(A, 0)"),
        (np.where(A > 0, ROW, 1), "ifelse(A > 0, spread(row, nrow(X), 2), 1)"),
        (np.sum(A, axis=1, keepdims=True), "matrix(rowSums(A))"),
        (np.sum(A, axis=0, keepdims=True), "t(colSums(A))"),
        (a * (A @ W), "a * A %*% W"),
        ((a * A) @ W, "(a * A) %*% W"),
        (-(A @ W), "-(A %*% W)"),
        ((-a) ** -b, "(-a)^(-b)"),
        (a * -b, "a * (-b)"),
        ((a > 0) & ~(b > 0), "a > 0 & !b > 0"),
    ],
)
def test_what_broadcasting_becomes(expression: object, written: str) -> None:
    assert text(expression) == written


def _literal(value: Any) -> str:
    numbers = ", ".join(RCode().number(float(v)) for v in np.ravel(value))
    if np.asarray(value).dtype == bool:
        numbers = ", ".join("TRUE" if v else "FALSE" for v in np.ravel(value))
    return f"matrix(c({numbers}), {len(value)}, byrow = TRUE)" if np.ndim(value) else numbers


# Prints a value as its rows, its columns, and its numbers row by row; a single number as 0 rows.
SHOW = """
show <- function(x) {
  size <- if (is.matrix(x)) dim(x) else c(0, length(x))
  cat(size, sprintf("%.17g", as.numeric(if (is.matrix(x)) t(x) else x)), "\\n")
}
"""


def _run(lines: list[str], tmp_path: Any) -> list[Any]:
    script = tmp_path / "expressions.R"
    script.write_text("\n".join([*HELPERS.values(), SHOW, *lines]), encoding="utf-8")
    done = subprocess.run(
        ["Rscript", "--vanilla", str(script)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    found = []
    for line in done.stdout.splitlines():
        rows, columns, *numbers = line.split()
        array = np.array([np.nan if n == "NA" else float(n) for n in numbers])
        found.append(
            array.reshape(int(rows), int(columns)) if int(rows) else array.reshape(int(columns))[0]
        )
    return found


@pytest.mark.needs("Rscript")
def test_every_primitive_computes_what_it_means(tmp_path: Any) -> None:
    """Over operands of every pair of shapes, also where the rows or the columns are one."""
    asked = [
        (RCode(rows=str(rows)).text(expression), expression, values)
        for rows, columns in SIZES
        for expression, values in expressions(rows, columns)
    ]
    lines = []
    for written, _, values in asked:
        lines += [f"{name} <- {_literal(value)}" for name, value in values.items()]
        lines.append(f"show({written})")
    found = _run(lines, tmp_path)
    assert len(found) == len(asked) > 700
    for (written, expression, values), value in zip(asked, found, strict=True):
        expected = evaluate(expression, values)
        assert np.shape(value) == np.shape(expected), written
        assert np.allclose(value, expected, 1e-14, 0, equal_nan=True), (written, value, expected)


@pytest.mark.needs("Rscript")
def test_functions_and_what_r_lacks(tmp_path: Any) -> None:
    """A function's parts are variables, and its sizes those of its parameter."""
    X = np.array([[0.5, -2.0, 30.0], [1e-9, 3.0, -0.25]])
    symbol = Symbol("X", ("n", 3))
    calls = [
        pellucid.Softmax()(symbol),
        pellucid.LeakyRelu(0.2)(symbol),
        pellucid.OwnActivation(lambda x: x / (1 + abs(x) + abs(x) * x**2))(symbol),
        erf(symbol),
    ]
    functions = Functions(calls)
    code = RCode(functions)
    lines = [f"X <- {_literal(X)}"]
    for function in functions:
        parts, result = code.body(function)
        parameters = ", ".join(p.name for p in function.parameters)
        body = "; ".join([*(f"{name} <- {text}" for name, text in parts), result])
        lines.append(f"{function.name} <- function({parameters}) {{ {body} }}")
    assert any("part <-" in line for line in lines)
    lines += [f"show({code.text(call)})" for call in calls]
    for call, value in zip(calls, _run(lines, tmp_path), strict=True):
        assert np.allclose(value, evaluate(call, {"X": X}), 1e-14, 0)
