"""The generated kernels are those of today's catalogue, and their texts are what Numba needs."""

import re
from pathlib import Path

import numpy as np
import pytest
from agreement import cases

from pellucid.algebra import PRIMITIVES, Symbol, node, operation
from pellucid.algebra.primitives import BINARY, UNARY
from pellucid.catalogue.activations import Softplus
from pellucid.engine import generate
from pellucid.errors import AlgebraError
from pellucid.printers.numba_code import PRIMITIVES_WRITTEN, Block, NumbaCode

FILES = generate.files()


@pytest.mark.parametrize("name", FILES)
def test_current(name):
    """A change of the catalogue, the printer or the mathematics is followed by generating anew."""
    written = (generate.FOLDER / name).read_text(encoding="utf-8")
    assert written == FILES[name], "run: python -m pellucid.engine.generate"


def test_nothing_else_is_generated():
    names = {path.name for path in Path(generate.FOLDER).glob("*.py")} - {"__init__.py"}
    assert names == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_no_number_without_a_type(name):
    """In a loop over elements every number has the type of the arrays: no float64 in a float32 formula."""
    for line in FILES[name].splitlines():
        if line.startswith("            ") and "range(" not in line:
            bare = re.sub(r"T\([^()]*\)", "", line)
            assert not re.search(r"(?<![\w.])\d", bare), line


def text(formula):
    x = Symbol("x")
    printer, block = NumbaCode({"x": "x"}, {"rate": "P[0]"}), Block()
    result = printer.text(node(formula(x, Symbol("rate"))), block)
    return printer.preparation.lines, block.lines, result


def test_formula():
    prepared, lines, result = text(lambda x, rate: np.where(x > 0, x, (1 - rate) * np.expm1(x)))
    assert prepared == ["c1 = T(1.0 - P[0])"]
    assert lines == ["v2 = expm1(x)", "v3 = c1 * v2", "v4 = x if (x > T(0.0)) else v3"]
    assert result == "v4"


def test_functions_are_computed_once():
    _, lines, result = text(lambda x, rate: np.exp(x) + np.exp(x) ** 2)
    assert lines == ["v1 = exp(x)"]
    assert result == "(v1 + (v1 * v1))"


def test_tanh_of_softplus_is_one_function():
    """However softplus is named; what only looks like it is written as it stands."""

    def softplus(x, y):
        return np.maximum(x, 0) + np.log1p(np.exp(-abs(y)))

    called = text(lambda x, rate: np.tanh(Softplus()(2 * x)))
    assert called[1] == ["v1 = tanh_softplus(T(2.0) * x)"]
    assert text(lambda x, rate: np.tanh(softplus(x, x)))[1] == ["v1 = tanh_softplus(x)"]
    other = text(lambda x, rate: np.tanh(softplus(x, rate)))[1]
    assert other[-1] == "v3 = tanh(v1 + c2)"


@pytest.mark.parametrize("name", [n for n, p in PRIMITIVES.items() if p.elementwise])
def test_every_elementwise_primitive_is_written(name):
    assert name in PRIMITIVES_WRITTEN
    arity = PRIMITIVES[name].arity
    prepared, _, result = text(lambda x, rate: operation(name, *[x] * arity))
    assert result
    assert not prepared


def test_unknown_nodes_are_refused():
    """There is no fallback: the printer and the node are named."""
    x = Symbol("x", ("n", 2))
    with pytest.raises(AlgebraError, match="NumbaCode has no rule for matmul"):
        NumbaCode({"x": "x"}, {}).text(x.T @ x, Block())
    with pytest.raises(AlgebraError, match="NumbaCode has no rule for Symbol strange"):
        NumbaCode({"x": "x"}, {}).text(Symbol("strange"), Block())


def test_kernels_are_made_for_each_record():
    """Two of each activation, and two with a learnt weight of those that work element by element."""
    assert len(generate.activations()) == 4 * (len(cases.hidden_names()) - 1) + 2
    assert set(UNARY) | set(BINARY) | {"where"} == PRIMITIVES_WRITTEN
    assert generate.SGD(momentum=0.5, nesterov=True).pieces[-1].form == ("momentum_nesterov")
