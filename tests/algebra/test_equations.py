"""The checker of a list of equations finds what is wrong, and shows where."""

import pytest

from pellucid.algebra import Call, Equation, Symbol, call, check
from pellucid.errors import AlgebraError

X = Symbol("X", ("n", 2))


def chain(count):
    """Return the equations e0 = X + 1, e1 = e0 + 1, and so on."""
    equations, last = [], X
    for i in range(count):
        symbol = Symbol(f"e{i}", X.shape)
        equations.append(Equation(symbol, last + 1, "forward"))
        last = symbol
    return equations


def test_a_well_formed_list_passes():
    check([X], chain(12))


def test_an_equation_knows_its_name_shape_and_inputs():
    equation = Equation(Symbol("z", ("n", 2)), X * Symbol("k") + X, "forward")
    assert (equation.name, equation.shape, equation.inputs) == ("z", ("n", 2), ("X", "k"))


def test_neighbours_are_printed_and_the_faulty_one_marked():
    """Five equations on either side, each on its line, and >> before the one that is wrong."""
    equations = chain(20)
    equations[10] = Equation(equations[10].symbol, Symbol("nobody", X.shape) + 1, "forward")
    with pytest.raises(AlgebraError) as error:
        check([X], equations)
    reason, *listing = str(error.value).splitlines()
    assert reason == "nobody has no value yet:"
    assert [line[3:].split(" = ")[0] for line in listing] == [f"e{i}" for i in range(5, 16)]
    assert [line for line in listing if line.startswith(">>")] == [">> e10 = … (nobody)"]
    assert all(line.startswith(("   ", ">> ")) for line in listing)


def test_the_first_equations_are_marked_right_too():
    equations = chain(3)
    equations[0] = Equation(equations[0].symbol, Symbol("nobody", X.shape) + 1, "forward")
    with pytest.raises(AlgebraError, match=r"\n>> e0 = … \(nobody\)\n   e1 = "):
        check([X], equations)


def test_the_listing_is_written_by_whoever_prints():
    equations = [Equation(Symbol("z", (1, 1)), X + 1, "forward")]
    with pytest.raises(AlgebraError, match=r"\n>> <z>$"):
        check([X], equations, text=lambda equation: f"<{equation.name}>")


def other(name, expression):
    return Equation(Symbol(name, expression.shape), expression, "forward")


WRONG = {
    "given twice": ([other("z", X + 1), other("z", X + 2)], "z has a value already"),
    "an input's name": ([other("X", X + 1)], "X has a value already"),
    "read before it is made": (
        [other("a", Symbol("b", X.shape) + 1), other("b", X + 1)],
        "b has no value yet",
    ),
    "of itself": ([other("a", Symbol("a", X.shape) + 1)], "a has no value yet"),
    "another shape": (
        [Equation(Symbol("z", (1, 1)), X + 1, "forward")],
        r"its symbol has shape \(1, 1\), its value \('n', 2\)",
    ),
    "read in another shape": (
        [other("z", Symbol("X", (2, 2)) + 1)],
        r"X is read with shape \(2, 2\) and has \('n', 2\)",
    ),
    "inside a call's arguments": (
        [other("z", call("double", lambda x: 2 * x, Symbol("b", X.shape)))],
        "b has no value yet",
    ),
    "a call that reads past its arguments": (
        [
            other(
                "z",
                Call("leak", (X,), (Symbol("x", X.shape),), Symbol("secret", X.shape) + 1, X.shape),
            )
        ],
        "the body of leak reads secret from outside",
    ),
}


@pytest.mark.parametrize(("equations", "reason"), WRONG.values(), ids=WRONG.keys())
def test_faults(equations, reason):
    with pytest.raises(AlgebraError, match=reason):
        check([X], equations)
