"""Kernels as Python source: a formula of the catalogue, and the loop around it.

A kernel takes addresses and counts; `numbers` is the address of double-precision numbers that
hold for the whole call, such as a learning rate. The by-hand part is only the loop.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from textwrap import indent
from typing import Any

import numpy as np

from pellucid.algebra import Node, Operation, Symbol, node
from pellucid.catalogue import Activation, Loss, Optimizer
from pellucid.catalogue.optimizers import Parameter
from pellucid.catalogue.schedules import Clock
from pellucid.printers.numba_code import Block, NumbaCode, bare

ARGUMENTS = {
    "forward": "z, bias, a, rows, columns, numbers, weight, _8, _9",
    "delta": "error, z, a, rows, columns, numbers, weight, gradient, add",
    "loss": "z, a, y, error, weight, rows, columns, numbers, scale",
    "update": "value, gradient, states, stride, columns, numbers, fan_in, _8, _9",
    "share": "gradient, columns, numbers, _4, _5, _6, _7, _8, _9",
}
MATRIX = ("n", "m")
# Numba's cache has files of a function's name and some more; many systems end names at 255 letters.
LONGEST_NAME = 120


def fields(record: Any) -> tuple[str, ...]:
    """Return the fields of a record that are numbers, which its kernels read when they run."""
    return tuple(record.numbers)


def _with_symbols(record: Any) -> Any:
    return record.using({name: Symbol(name) for name in record.numbers})


class _Loops:
    """A printer, the loops over a row that stand before the last one, and the last one's lines."""

    def __init__(
        self,
        elements: Mapping[str, str],
        numbers: Iterable[str],
        scratch: str,
        others: Mapping[str, str] | None = None,
    ) -> None:
        self.elements = dict(elements)
        slots = {name: f"P[{at}]" for at, name in enumerate(numbers)} | dict(others or {})
        self.printer = NumbaCode(self.elements, slots, self._reduced)
        self.before: list[str] = []
        self.last = Block()
        self._scratch = scratch
        self._reductions: dict[int, tuple[Node, str]] = {}  # the node is kept, and so its id
        self._reading: list[str] = []

    def reading(self, *lines: str) -> _Loops:
        """Say which lines read one element, at the start of every loop over a row."""
        self._reading = list(lines)
        return self

    def text(self, of: Any) -> str:
        """Return the text of an expression in the last loop."""
        return self.printer.text(node(of), self.last)

    def let(self, name: str, value: Any) -> Symbol:
        """Keep a value in a variable of the last loop; return its symbol."""
        self.elements[name] = self.printer.keep(self.text(value), self.last)
        return Symbol(name, node(value).shape)

    def _reduced(self, of: Operation) -> str:
        if id(of) in self._reductions:
            return self._reductions[id(of)][1]
        block, argument = Block(), of.arguments[0]
        text = self.printer.text(argument, block)
        name = self.printer.fresh("r")
        largest = of.primitive == "row_max"
        step = f"{name} = maximum({name}, {text})" if largest else f"{name} = {name} + {text}"
        self.before.append(f"{name} = T(-np.inf)" if largest else f"{name} = T(0)")
        kept = []
        if self._scratch and "exp(" in " ".join(block.lines):
            # Used again below, and exp is what costs: it is written where the result will stand.
            name_of = self.last.known.get(self._value_of(text, block))
            if name_of is not None:
                kept = [f"{self._scratch}[j] = {text}"]
                self.last.lines.remove(f"{name_of} = {self._value_of(text, block)}")
                self.last.lines.append(f"{name_of} = {self._scratch}[j]")
        self.before.append(self._over([*block.lines, *kept, step]))
        self._reductions[id(of)] = (of, name)
        return name

    def _over(self, lines: list[str]) -> str:
        """Return a loop over a row, which reads what its lines use."""
        words = set(re.findall(r"\w+", " ".join(lines)))
        return _loop([*(r for r in self._reading if r.split(" = ")[0] in words), *lines])

    @staticmethod
    def _value_of(variable: str, block: Block) -> str:
        return next((text for text, name in block.known.items() if name == variable), "")

    def whole(self, name: str, summary: str, head: Iterable[str], rows: Iterable[str]) -> str:
        """Return a kernel that goes over rows: `head` once, then for each row `rows` and the loops."""
        loops = [*self.before, self._over(self.last.lines)]
        words = set(re.findall(r"\w+", " ".join(loops)))
        body = [*(r for r in rows if r.split(" = ")[0] in words), *loops]
        kind = name.rsplit("_", 1)[-1]
        return _function(
            name,
            kind,
            summary,
            [*head, *self.printer.preparation.lines, "for i in range(rows):", _in(body)],
            "total" if kind == "loss" else "0.0",
        )


def _in(lines: Iterable[str]) -> str:
    return indent("\n".join(lines), "    ")


def _loop(lines: Iterable[str]) -> str:
    return f"for j in range(columns):\n{_in(lines)}"


def _function(name: str, kind: str, summary: str, lines: Iterable[str], result: str) -> str:
    arguments = ARGUMENTS[kind].replace(",", ": int,") + ": int"
    return (
        f"def {name}({arguments}) -> float:\n"
        f'    """{summary}"""\n{_in(lines)}\n    return {result}\n'
    )


def _row(letter: str, address: str, offset: str = "i * columns * SIZE") -> str:
    return f"{letter} = array({address} + {offset}, columns, T)"


def _numbers(count: int) -> list[str]:
    return [f"P = array(numbers, {count}, np.float64)"] if count else []


def forward(record: Activation, name: str) -> str:
    """Return the kernel `name_forward`: bias added and activation, in one pass."""
    return _forward(record, name, parametric=False)


def parametric_forward(record: Activation, name: str) -> str:
    """Return the kernel `name_parametric_forward`: the same, with a learnt weight for each neuron."""
    return _forward(record, name, parametric=True)


def _forward(record: Activation, name: str, *, parametric: bool) -> str:
    own = _with_symbols(record)
    elements = {"x": "x", "weight": "W[j]"}
    loops = _Loops(elements, fields(record), "A").reading("x = Z[j] + B[j]")
    x, weight = Symbol("x", MATRIX), Symbol("weight", MATRIX)
    made = own.formula(x) if record.name != "own" else record(x)
    text = loops.text(x + weight * (made - x) if parametric else made)
    loops.last.lines += ["Z[j] = x", f"A[j] = {bare(text)}"]
    head = [*_numbers(len(fields(record))), "B = array(bias, columns, T)"]
    head += ["W = array(weight, columns, T)"] if parametric else []
    name, more = (f"{name}_parametric", ", by its weight") if parametric else (name, "")
    summary = f"{record.name}: z + bias, and its activation{more}."
    return loops.whole(f"{name}_forward", summary, head, [_row("Z", "z"), _row("A", "a")])


def delta(record: Activation, name: str) -> str:
    """Return the kernel `name_delta`: the error, carried back to the net input, in its place."""
    own = _with_symbols(record)
    read = ("x = Z[j]", "a_j = A[j]", "e = E[j]")
    loops = _Loops({"x": "x", "a": "a_j", "error": "e"}, fields(record), "").reading(*read)
    x, a, error = (Symbol(s, MATRIX) for s in ("x", "a", "error"))
    slope = own.slope(x, a) if own.elementwise else None
    loops.last.lines.append(f"E[j] = {bare(loops.text(own.delta(error, x, a, slope)))}")
    head = _numbers(len(fields(record)))
    rows = [_row("Z", "z"), _row("A", "a"), _row("E", "error")]
    return loops.whole(f"{name}_delta", f"{name}: the error times its slope.", head, rows)


def parametric_delta(record: Activation, name: str) -> str:
    """Return the kernel `name_parametric_delta` for an activation with a learnt weight for each neuron.

    It carries the error back to the net input, in its place, and writes the gradient of the weights, or
    adds it to what stands there if `add`. The activation is computed again: it is not what stands in `a`.
    """
    own = _with_symbols(record)
    read = ("x = Z[j]", "e = E[j]")
    elements = {"x": "x", "error": "e", "weight": "W[j]", "sum": "G[j]"}
    loops = _Loops(elements, fields(record), "").reading(*read)
    x, error, weight, total = (Symbol(s, MATRIX) for s in ("x", "error", "weight", "sum"))
    curved = loops.let("curved", own.formula(x) if record.name != "own" else record(x))
    slope = 1 + weight * (own.slope(x, curved) - 1)
    loops.last.lines += [
        f"G[j] = {bare(loops.text(total - error * (curved - x)))}",
        f"E[j] = {bare(loops.text(error * slope))}",
    ]
    head = [
        *_numbers(len(fields(record))),
        "W = array(weight, columns, T)",
        "G = array(gradient, columns, T)",
        f"if not add:\n{_in([_loop(['G[j] = T(0)'])])}",
    ]
    summary = f"{record.name}: the error times its slope by its weight, and the weight's gradient."
    rows = [_row("Z", "z"), _row("E", "error")]
    return loops.whole(f"{name}_parametric_delta", summary, head, rows)


def loss(record: Loss, name: str, *, matching: bool) -> str:
    """Return the kernel `name_loss`: the counted losses, added up, and each output's error.

    The error is multiplied by the row's weight and by the number at `scale`. For a matching pair
    it is the delta already, and the loss comes from the net input.
    """
    own = _with_symbols(record)
    read = ("x = Z[j]", "a_j = A[j]", "y_j = Y[j]")
    elements = {"z": "x", "output": "a_j", "y": "y_j"}
    loops = _Loops(elements, fields(record), "").reading(*read)
    z, output, y = (Symbol(s, MATRIX) for s in ("z", "output", "y"))
    each = own.each_from_net_input(z, y) if matching else None
    each = own.each(output, y) if each is None else each
    row_loss = loops.text(np.sum(each, axis=1, keepdims=True))
    loops.before.append(f"total += np.float64({bare(row_loss)}) * np.float64(W[i])")
    error = loops.text(y - output if matching else own.error(output, y))
    loops.last.lines.append(f"E[j] = {error} * factor")
    head = [
        *_numbers(len(fields(record))),
        "W = array(weight, rows, T)",
        "S = array(scale, 1, np.float64)",
        "total = 0.0",
    ]
    rows = [_row("Z", "z"), _row("A", "a"), _row("Y", "y"), _row("E", "error")]
    rows.append("factor = T(np.float64(W[i]) * S[0])")
    summary = f"{name}: weighted losses of the rows, and minus their derivatives."
    return loops.whole(f"{name}_loss", summary, head, rows)


CLOCK = ("learning_rate", "update_number", "epoch_number", "progress")


def optimizer_numbers(optimizer: Optimizer) -> tuple[str, ...]:
    """Return the names of the numbers that an optimizer's kernels read, in their order.

    Those that may change from update to update stand behind the clock, in the order of its schedules.
    """
    scheduled = [name for name in optimizer.schedules if name != "learning_rate"]
    own = [name for name in optimizer.settings if name not in optimizer.schedules]
    return (*CLOCK, *scheduled, *own, *_shared(optimizer, None))


def _shared(optimizer: Optimizer, loops: _Loops | None) -> dict[str, Any]:
    let = loops.let if loops else lambda name, value: Symbol(name, node(value).shape)
    settings = {name: Symbol(name) for name in optimizer.settings}
    shared: dict[str, Any] = {}
    for piece in optimizer.pieces:
        shared |= piece.share(let, [Symbol("gradient", (1, "p"))], settings)
    return shared


def optimizer_name(optimizer: Optimizer) -> str:
    """Return the name of a chain's kernels; of a long chain the beginning, and a hash of all."""
    name = "_then_".join(p.form for p in optimizer.pieces)
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - 13]}_{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def share(optimizer: Optimizer, name: str) -> str | None:
    """Return the kernel `name_share`, which fills the numbers made of all gradients, or None."""
    numbers = optimizer_numbers(optimizer)
    loops = _Loops({"gradient": "g"}, numbers, "").reading("g = G[j]")
    shared = _shared(optimizer, loops)
    if not shared:
        return None
    lines = [
        *_numbers(len(numbers)),
        *loops.printer.preparation.lines,
        "G = array(gradient, columns, T)",
        *loops.before,
        *loops.last.lines,
        *(f"P[{numbers.index(key)}] = {loops.elements[s.name]}" for key, s in shared.items()),
    ]
    summary = "What is computed once from all gradients."
    return _function(f"{name}_share", "share", summary, lines, "0.0")


def update(optimizer: Optimizer, name: str, *, role: str) -> str:
    """Return the kernel `name_update` for parameters of a role: one pass over them, gradient and states.

    It returns 0, or NaN if a new parameter is not finite.
    """
    numbers = optimizer_numbers(optimizer)
    states = optimizer.states
    elements = {"value": "w", "gradient": "g"} | {s: f"s{at}" for at, s in enumerate(states)}
    reading = ["w = X[j]", "g = G[j]", *(f"s{at} = S{at}[j]" for at in range(len(states)))]
    loops = _Loops(elements, numbers, "", {"fan_in": "fan_in"})
    shape = ("n", "m")
    symbols = {s: Symbol(s, shape) for s in ("value", "gradient", *states)}

    def remember(state: str, value: Any) -> Symbol:
        made = loops.let(f"{state}_next", value)
        loops.last.lines.append(f"S{states.index(state)}[j] = {loops.elements[f'{state}_next']}")
        return made

    given = {n: Symbol(n) for n in numbers}
    at = Parameter(
        value=symbols["value"],
        role=role,
        fan_in=Symbol("fan_in"),
        states={s: symbols[s] for s in states},
        settings=given,
        shared=given,
        clock=Clock(*(given[n] for n in CLOCK[1:])),
        remember=remember,
    )
    change: Node = symbols["gradient"]
    for piece in optimizer.pieces:
        change = piece.change(change, at)
    loops.last.lines += [
        f"new = {bare(loops.text(symbols['value'] - change))}",
        "X[j] = new",
        "check = check + new * T(0)",
    ]
    lines = [
        *_numbers(len(numbers)),
        *loops.printer.preparation.lines,
        "X = array(value, columns, T)",
        "G = array(gradient, columns, T)",
        *(f"S{at} = array(states + {at} * stride, columns, T)" for at in range(len(states))),
        "check = T(0)",
        _loop([*reading, *loops.last.lines]),
    ]
    return _function(
        f"{name}_update", "update", "The next parameters and states.", lines, "float(check)"
    )
