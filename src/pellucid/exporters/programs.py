"""A trace as a program: what it holds and in which order, for every language.

A language is a subclass of `Program`: its printer, and its words for a matrix, a function, a loop.
No formula stands here; each is printed from the step's equations.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pellucid.algebra import Equation, Symbol, node, symbols_in
from pellucid.catalogue.schedules import Clock
from pellucid.errors import InputError, check_count, explain
from pellucid.exporters.programs_batches import batches_of
from pellucid.exporters.programs_layout import WIDTH, aligned, comment, filled, plain, wrapped
from pellucid.exporters.traced import Traced, how_to_shrink
from pellucid.names import STAGES
from pellucid.printers.code import Code, Names
from pellucid.printers.functions import Function, Functions

Array = NDArray[Any]
Lines = list[str]
Statement = tuple[Lines, str]  # its lines, and what is said about it

# The names of a step's place in time.
CLOCK = ("update_number", "epoch_number", "progress")

# With more numbers the file is no program to read.
MOST_NUMBERS = 200_000

# Titles of sections.
FUNCTIONS, SHOWN, ONCE = "Functions", "What is printed", "The way through the network"
TRAINING, RESULT = "Training", "The result"


@dataclass(frozen=True)
class Section:
    """A part of a program: a title, what is to be said about it, and its lines."""

    title: str
    prose: str
    lines: Lines


@dataclass(frozen=True)
class Words:
    """What a language says in a program, as texts with places to fill in.

    Attributes
    ----------
    arrow, indent
        Between a name and its value; before lines inside a loop.
    gap
        Blank lines around a function.
    digits
        How many digits are printed.
    origin
        What rows are counted from.
    each_step, each_epoch, each_batch, if_traced
        Openings of loops and of the condition that a step was traced, among `count`.
    count_from, count_on
        The counter of steps, where a loop over epochs and batches has none.
    batches
        How an epoch gets its `batches`: the traced ones of `count` epochs, then `rows` rows in a new
        order, `size` to a batch.
    take
        How `name` gets its rows of `all`.
    rows
        How `n` is found.
    step_epoch, batch_epoch
        The number of the epoch, from 0, in a loop over steps and in one over batches.
    done
        The share of all steps before this one; among the traced ones, of `count` steps.
    first_done
        The same where one step was traced.
    seed, draw, mask
        The start of the random numbers; the definition of a function that draws which activations are
        kept, 1 or 0; a step's mask `name`, from those of the traced steps or from new ones for `size`
        neurons, of which the `share` is left out.
    carry
        Two numbers that take the values of two others.
    show
        The definition of a function that prints values by name, and its parts.
    show_step, show_end, show_all
        What prints a traced step, the result, and everything.
    list_opens, list_closes, last_comma
        How a long list stands in lines of its own.
    """

    arrow: str
    indent: str
    gap: int
    digits: str
    origin: str
    each_step: str
    each_epoch: str
    each_batch: str
    if_traced: str
    count_from: str
    count_on: str
    batches: str
    take: str
    rows: str
    step_epoch: str
    batch_epoch: str
    done: str
    first_done: str
    seed: str
    draw: str
    mask: str
    carry: str
    show: str
    show_step: str
    show_end: str
    show_all: str
    list_opens: str
    list_closes: str
    last_comma: bool


class Program(ABC):
    """The program of a trace: it prints every number of the traced steps, and trains on.

    Parameters
    ----------
    trace
        What is written. One without targets ends at the output, and so does its program.
    epochs
        How often the program goes through the rows, the traced steps included.

    Raises
    ------
    InputError
        If the trace holds too many numbers for a program.
    """

    words: ClassVar[Words]
    taken: ClassVar[frozenset[str]]
    plain_names: ClassVar[bool] = False

    def __init__(self, trace: Traced, epochs: int = 5000) -> None:
        self.trace = trace
        self.epochs = check_count(epochs, "number of epochs")
        self.count = len(trace.steps)
        self.first = trace.steps[0].values
        equations = list(trace.formulas.values())
        self.prepared = [e for e in equations if e.stage == "prepare"]
        self.made = [e for e in equations if e.stage != "prepare"]
        self.trains = any(e.stage == "update" for e in equations)
        self.read = {name for e in equations for name in e.inputs}
        for share in self._shares().values():
            self.read |= set(symbols_in(node(share)))
        self.batches = batches_of([(s.epoch, s.rows) for s in trace.steps])
        values = (*trace.symbols, *trace.formulas)
        self.name = Names(self.taken, plain=self.plain_names)
        written = [self.name(value) for value in values]
        self.functions = Functions((e.expression for e in equations), {*self.taken, *written})
        _check_size(self._arrays(), trace)

    # What a language says.

    @abstractmethod
    def printer(self, rows: str) -> Code:
        """Return the printer of expressions; `rows` is the name of a matrix with all rows."""

    @abstractmethod
    def head(self, about: Lines, body: str) -> Lines:
        """Return what stands before the `body`: what the program is about, and what it takes in."""

    @abstractmethod
    def matrix(self, array: Array) -> Lines:
        """Return a matrix as it is written, the first line to follow its name."""

    @abstractmethod
    def zeros(self, shape: tuple[int, ...]) -> str:
        """Return a matrix of zeros."""

    @abstractmethod
    def sequence(self, items: Sequence[Lines]) -> Lines:
        """Return a list of things."""

    @abstractmethod
    def places(self, rows: Sequence[int]) -> str:
        """Return a list of rows, given by their places from 0."""

    @abstractmethod
    def names(self, names: Sequence[str]) -> str:
        """Return names of values as texts, with commas between."""

    @abstractmethod
    def function(self, of: Function, code: Code) -> Lines:
        """Return the definition of a function."""

    @abstractmethod
    def helpers(self, text: str) -> Lines:
        """Return the definitions of what the language lacks and `text` uses."""

    @abstractmethod
    def block(self, opening: str, body: Lines) -> Lines:
        """Return lines inside a loop or a condition."""

    # What every program has.

    def text(self) -> str:
        """Return the program's text."""
        lines, around = Lines(), 1
        for section in self.sections():
            gap = self.words.gap if section.title == FUNCTIONS else 1
            lines += [*[""] * max(gap, around), *section.lines]
            around = gap
        return "\n".join([*self.head(self.about(), "\n".join(lines)), *lines]) + "\n"

    def about(self) -> Lines:
        """Return sentences on what the program does."""
        network = self.trace.description.network
        layers = [f"{network.inputs} input{'s' * (network.inputs > 1)}"]
        for at, layer in enumerate(network.layers, 1):
            kind = "output" if at == len(network.layers) else "hidden neuron"
            many = "s" if layer.size > 1 else ""
            layers.append(f"{layer.size} {kind}{many} ({plain(layer.activation.label)})")
        learns = "loss" in self.trace.formulas
        does = f"Computes the output{', the loss and its gradients' if learns else ''}"
        if self.trains:
            first = "the first step" if self.count == 1 else f"the first {self.count} steps"
            does = f"Prints every number of {first}, then trains on"
        how = {"mean": "averaged", "sum": "summed"}[self.trace.description.reduction]
        loss = f"Its loss is the {network.loss.label.replace('_', ' ')}, {how} over the rows."
        sizes = " - ".join(map(str, network.sizes))
        first = f"A neural network of {sizes} neurons."
        found = [first, f"It has {', '.join(layers)}.", *[loss] * learns, f"{does}."]
        if self.first["X"].dtype == np.float32:
            found.append("What was traced was computed in single precision, this is in double.")
        return found

    def sections(self) -> list[Section]:
        """Return the parts of the program, in order; those without lines are left out."""
        rows, start, states, numbers = self._sorted()
        if self.trains:
            rest = [self._shown(), self._start(), self._loop(), self._end()]
        else:
            rest = [self._shown(), self._start(), self._once()]
        code = self.printer(rows[0].name if self.prepared else "X")
        parts = [
            Section(
                "Settings", "How numbers are printed, and how long it trains.", self._settings()
            ),
            Section("The rows", "What the network learns from.", self._rows(rows)),
            Section("Weights and biases", "The numbers that learning changes.", self._all(start)),
            Section("The optimizer's state", "What it keeps between steps.", self._all(states)),
            Section("Other numbers", "Chosen by hand, or fitted before.", self._all(numbers)),
            Section("Dropout", "Which activations the traced steps keep.", self._masks()),
            Section(FUNCTIONS, "What the formulas call.", self._functions()),
            Section("Preparation", f"{STAGES['prepare']}.", self._groups(self.prepared, code)),
            *rest,
        ]
        return [part for part in parts if part.lines]

    def _sorted(self) -> tuple[list[Symbol], list[Symbol], list[Symbol], list[Symbol]]:
        """Return what is read: values with rows, parameters, states, and other numbers."""
        description = self.trace.description
        known = [s for s in self.trace.symbols.values() if s.name in self.read]
        apart = {"n", "update_number", "epoch_number", "progress", *description.masks}
        known = [s for s in known if s.name not in apart]
        parameters, states = description.network.parameter_shapes, description.state_names
        rows = [s for s in known if s.shape and s.shape[0] == "n"]
        start = [s for s in known if s.name in parameters]
        kept = [s for s in known if s.name in states]
        taken = {s.name for s in (*rows, *start, *kept)}
        return rows, start, kept, [s for s in known if s.name not in taken]

    def _arrays(self) -> dict[str, Array]:
        """Return the matrices that the program holds, by name."""
        rows, start, states, numbers = self._sorted()
        arrays = {s.name: self._all_rows(s.name) for s in rows}
        arrays |= {s.name: self.first[s.name] for s in (*start, *states, *numbers)}
        for name in self._mask_names():
            arrays[name] = np.concatenate([step.values[name] for step in self.trace.steps])
        return arrays

    def _mask_names(self) -> list[str]:
        return [name for name in self.trace.description.masks if name in self.read]

    def _all_rows(self, name: str) -> Array:
        """Return a value's rows in the program's order, from the steps that met them."""
        found = {
            row: line
            for step in reversed(self.trace.steps)
            for row, line in zip(step.rows, step.values[name], strict=True)
        }
        return np.array([found[row] for row in self.batches.rows])

    # Sections.

    def _settings(self) -> Lines:
        epochs = f"epochs {self.words.arrow} {self.epochs}"
        said = "how often all rows are gone through"
        return [self.words.digits, *["", *aligned([([epochs], said)])] * self.trains]

    def _given(self, name: str, symbol: Symbol, literal: Lines) -> Lines:
        """Return a matrix with what it means and what its columns are."""
        said = comment(symbol.meaning.replace("NaN", self.printer("X").nan))
        labels = self.trace.labels.get(symbol.name, ())
        if labels:
            said += comment("columns: " + ", ".join(map(plain, labels)))
        return [*said, f"{name} {self.words.arrow} {literal[0]}", *literal[1:]]

    def _all(self, symbols: Sequence[Symbol]) -> Lines:
        code, lines, single = self.printer("X"), Lines(), []
        for symbol in symbols:
            name, value = self.name(symbol.name), self.first[symbol.name]
            if symbol.shape:
                literal = self.matrix(value) if np.any(value) else [self.zeros(value.shape)]
                lines += ["", *self._given(name, symbol, literal)]
            else:
                number = code.number(float(value))
                single.append(([f"{name} {self.words.arrow} {number}"], symbol.meaning))
        return [*aligned(single), *lines] if single else lines[1:]

    def _rows(self, symbols: Sequence[Symbol]) -> Lines:
        lines = Lines()
        for symbol in symbols:
            name = self.name(symbol.name if self.batches.full else f"all_{symbol.name}")
            lines += ["", *self._given(name, symbol, self.matrix(self._all_rows(symbol.name)))]
        if not self.batches.full:
            lines += ["", *self._batches()]
        return lines[1:]

    def _batches(self) -> Lines:
        words = self.words
        said = f"The rows of each update, counted from {words.origin}."
        epochs = [self.sequence([[self.places(b)] for b in e]) for e in self.batches.epochs]
        if not self.batches.shuffled:
            first, *rest = epochs[0]
            return [*comment(said), f"batches {self.words.arrow} {first}", *rest]
        said += " Each epoch has its own order; after the traced epochs it is drawn anew."
        first, *rest = self.sequence(epochs)
        return [*comment(said), f"traced_batches {self.words.arrow} {first}", *rest]

    def _masks(self) -> Lines:
        lines = Lines()
        for name in self._mask_names():
            layer = name.removeprefix("mask_")
            said = (
                f"dropout: which activations of layer {layer} the traced steps keep, step by step"
            )
            # Kept or not, 1 or 0; each step divides by the share that is kept.
            kept = [self.matrix(np.sign(step.values[name])) for step in self.trace.steps]
            first, *rest = self.sequence(kept)
            lines += ["", *comment(said), f"traced_{name} {self.words.arrow} {first}", *rest]
        return lines[1:]

    def _functions(self) -> Lines:
        code = self.printer("X")
        definitions = [self.function(function, code) for function in self.functions]
        texts = [code.text(e.expression) for e in self.trace.formulas.values()]
        made = [d for d in definitions if d]
        text = "\n".join([*texts, *(line for d in made for line in d)])
        shows = self.words.show.splitlines()
        masks = self.words.draw.splitlines() if self._mask_names() else []
        return self._apart([self.helpers(text), *made, masks, shows], self.words.gap)

    def _apart(self, blocks: Iterable[Lines], gap: int = 1) -> Lines:
        """Return blocks of lines with blank ones between them."""
        lines = Lines()
        for block in blocks:
            lines += [*[""] * gap, *block] if block and lines else block
        return lines

    def _groups(self, equations: Sequence[Equation], code: Code) -> Lines:
        """Return equations, those of a stage together under its heading."""
        blocks = []
        for stage, group in groupby(equations, key=lambda e: e.stage):
            lines = [self._line(e, code) for e in group]
            blocks.append([*comment(STAGES[stage]), *aligned(lines, 2 * len(self.words.indent))])
        return self._apart(blocks)

    def _line(self, equation: Equation, code: Code) -> Statement:
        start = f"{self.name(equation.name)} {self.words.arrow} "
        # Inside the loops there is less room.
        width = WIDTH - 2 * len(self.words.indent)
        lines = wrapped(start, code.text(equation.expression), self.words.indent, width)
        return lines, equation.symbol.meaning

    def _shown(self) -> Section:
        """Return the list of names that are printed."""
        stages = groupby((*self.prepared, *self.made), key=lambda e: e.stage)
        listed = [line for _, group in stages for line in self._listed([e.name for e in group])]
        words = self.words
        lines = [
            *comment("What is printed: every number that is computed."),
            f"shown {self.words.arrow} {words.list_opens}",
            *[self.words.indent + line for line in listed[:-1]],
            self.words.indent + (listed[-1] if words.last_comma else listed[-1].rstrip(",")),
            words.list_closes,
        ]
        return Section(SHOWN, "Every number that a traced step computes.", lines)

    def _listed(self, names: Sequence[str]) -> Lines:
        return filled((self.names([self.name(n)]) for n in names), WIDTH - len(self.words.indent))

    def _loop(self) -> Section:
        words = self.words
        step = [
            *self._taken(),
            *self._groups(self.made, self.printer("X")),
            "",
            *self.block(words.if_traced.format(count=self.count), words.show_step.splitlines()),
            "",
            *comment("The next step starts from the new numbers."),
            *self._carried(),
        ]
        if self.batches.full:
            lines = self.block(words.each_step, step)
        else:
            batch = self.block(words.each_batch, [words.count_on, *step])
            order = words.batches.format(
                count=len(self.batches.epochs), rows=len(self.batches.rows), size=self.batches.size
            )
            epoch = [*order.splitlines(), *batch] if self.batches.shuffled else batch
            lines = [words.count_from, *self.block(words.each_epoch, epoch)]
        return Section(
            TRAINING, "All stages in a loop: each step starts from what the one before left.", lines
        )

    def _start(self) -> Section:
        """Return what is known before the first step and stays as it is."""
        words, lines = self.words, Lines()
        if "n" in self.read and self.batches.full:
            lines += aligned([([words.rows], "number of rows")])
        if "progress" in self.read and not self._stays("progress"):
            updates = f"updates {words.arrow} epochs * {len(self.batches.epochs[0])}"
            lines += aligned([([updates], "the number of all steps")])
        if self._mask_names() or self.batches.shuffled:
            lines.append(words.seed)
        return Section("Before the first step", "What stays the same in all steps.", lines)

    def _taken(self) -> Lines:
        """Return what a step starts with: its rows, its place in time, its masks."""
        words, code = self.words, self.printer("X")
        found: list[Statement] = []
        if not self.batches.full:
            rows, *_ = self._sorted()
            for name in (self.name(s.name) for s in rows):
                found.append(([words.take.format(name=name, all=self.name(f"all_{name}"))], ""))
            if "n" in self.read:
                found.append(([words.rows], "number of rows"))
        symbols = self.trace.symbols
        for name, text in self._clock(code).items():
            if name in self.read:
                found.append(([f"{name} {self.words.arrow} {text}"], symbols[name].meaning))
        lines = aligned(found)
        for name in self._mask_names():
            layer = self.trace.description.network.layers[int(name.removeprefix("mask_")) - 1]
            share = code.text(node(self._shares()[name]))
            drawn = words.mask.format(name=name, count=self.count, size=layer.size, share=share)
            lines += [
                *comment(symbols[name].meaning + "; after the traced steps drawn anew"),
                drawn,
            ]
        return [*lines, ""] if lines else []

    def _shares(self) -> dict[str, Any]:
        """Return for each dropout mask the share that is left out, an expression of the time."""
        network = self.trace.description.network
        clock = Clock(*(self.trace.symbols.get(name, 0.0) for name in CLOCK))
        masks = (name for name in self.trace.description.masks if name in self.trace.symbols)
        return {m: network.dropout_share(int(m.removeprefix("mask_")), clock) for m in masks}

    def _clock(self, code: Code) -> dict[str, str]:
        """Return how a step's place in time is computed; the traced steps have that of the trace."""
        words = self.words
        first = {name: float(self.first.get(name, 0)) for name in ("update_number", "epoch_number")}
        start, count = float(self.first.get("progress", 0)), self.count
        epoch = words.step_epoch if self.batches.full else words.batch_epoch
        done = words.done.format(count=count) if count > 1 else words.first_done
        if start:
            done = f"{code.number(start)} + {code.number(1 - start)} * {done}"
        clock = {
            "update_number": _later("step", first["update_number"] - 1, code),
            "epoch_number": _later(epoch, first["epoch_number"], code),
            "progress": done,
        }
        staying = [name for name in clock if self._stays(name)]
        return clock | {name: code.number(float(self.first[name])) for name in staying}

    def _stays(self, name: str) -> bool:
        """Tell whether all steps have one place in time, as those of a fitted estimator have."""
        places = [float(step.values.get(name, 0)) for step in self.trace.steps]
        return self.batches.full and self.count > 1 and len(set(places)) == 1

    def _carried(self) -> Lines:
        """Return the lines that put the new parameters and states in the place of the old."""
        carry = self.words.carry
        _, start, states, _ = self._sorted()
        names = [self.name(s.name) for s in (*start, *states)]
        new = {self.name(s.name): self.name(f"{s.name}_next") for s in (*start, *states)}
        pairs = [names[at : at + 2] for at in range(0, len(names), 2)]
        return [
            carry.format(a=pair[0], b=pair[-1], new_a=new[pair[0]], new_b=new[pair[-1]])
            for pair in pairs
        ]

    def _end(self) -> Section:
        words = self.words
        answers = [e for e in self.made if e.stage == "forward"]
        inner = {e.name for e in self.trace.description.equations} - {"output"}
        shown = [self.name(e.name) for e in answers if e.name not in inner]
        lines = Lines()
        if self.batches.full and not self._mask_names():
            shown += [self.name("loss")]
        else:
            after = [e for e in answers if e.name not in inner | {"output"}]
            lines = comment("What the network says of all rows, with all its neurons")
            if not self.batches.full:
                lines.append(f"X {self.words.arrow} {self.name('all_X')}")
            lines += self._groups([*self.trace.description.inference, *after], self.printer("X"))[
                1:
            ]
        last = words.show_end.format(names=self.names(shown)).splitlines()
        return Section(
            "The result",
            "What the network answers after the last epoch.",
            self._apart([lines, last]),
        )

    def _once(self) -> Section:
        lines = [*self._groups(self.made, self.printer("X")), "", self.words.show_all]
        return Section(ONCE, "From the inputs to the output.", lines)


def _later(count: str, more: float, code: Code) -> str:
    return f"{count} + {code.number(more)}" if more else count


def _check_size(arrays: Mapping[str, Array], trace: Traced) -> None:
    sizes = {name: int(np.size(value)) for name, value in arrays.items()}
    total = sum(sizes.values())
    if total > MOST_NUMBERS:
        largest = max(sizes, key=lambda name: sizes[name])
        raise InputError(
            explain(
                expected=f"at most {MOST_NUMBERS:,} numbers for a program to read",
                got=f"{total:,}, of which {largest} has {sizes[largest]:,}",
                do=how_to_shrink(trace, arrays, MOST_NUMBERS),
            )
        )
