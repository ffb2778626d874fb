"""A trace as a handout in LaTeX: the network, its mathematics, and each stage with its numbers.

It compiles with article, amsmath and what comes with every LaTeX. Every number is the trace's,
rounded; `exercise` leaves blanks and puts an answer key at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.algebra import Cell, Equation, Symbol
from pellucid.errors import InputError, explain, unknown_name
from pellucid.exporters.handout_mathematics import derivation
from pellucid.exporters.handout_picture import picture
from pellucid.exporters.programs_layout import plain
from pellucid.exporters.traced import Traced
from pellucid.names import describe
from pellucid.printers.functions import Functions
from pellucid.printers.latex_math import LatexMath, equation_latex, symbol_latex
from pellucid.printers.latex_text import brackets, math_number, prose
from pellucid.views.cells import cells_in
from pellucid.views.scalar import cell_expression
from pellucid.views.stages import Stage, stages

Array = NDArray[Any]
Lines = list[str]

# A wider matrix would be too small to read, a higher one would leave the page.
MOST_ROWS, MOST_COLUMNS = 40, 30

# Numbers are filled into a formula while that many columns stand side by side.
FILLED_COLUMNS, FILLED_ROWS = 16, 8

# Given numbers are shown as they are up to so many decimals; all others are rounded to as many.
MOST_DECIMALS = 4

# A cell is worked out while it is made from so many others.
WORKED_CELLS = 12

PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[utf8]{inputenc}
\usepackage{amsmath}
\usepackage{color}
\usepackage{graphicx}
\usepackage{longtable}
\usepackage[margin=2.2cm]{geometry}

\setcounter{MaxMatrixCols}{40}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.6em}
\allowdisplaybreaks
\sloppy

% Cells just computed, and places for an answer.
\definecolor{computed}{rgb}{1,0.95,0.62}
\newcommand{\result}[1]{{\setlength{\fboxsep}{2pt}\colorbox{computed}{$\displaystyle #1$}}}
\newcommand{\blank}{{\setlength{\fboxsep}{0pt}\framebox[3em]{\rule[-0.4ex]{0pt}{2ex}}}}

% A formula that is too wide is made smaller.
\newsavebox{\formula}
\newcommand{\fit}[1]{\sbox{\formula}{$\displaystyle #1$}%
  \ifdim\wd\formula>\linewidth\resizebox{\linewidth}{!}{\usebox{\formula}}\else\usebox{\formula}\fi}
"""

Place = tuple[str, int, int]  # a name, a row and a column


def handout(trace: Traced, exercise: bool | Iterable[str] = False) -> str:
    """Return a trace as a LaTeX document.

    Parameters
    ----------
    trace
        What is shown: its first step stage by stage, later ones by their numbers.
    exercise
        True leaves one number of each computed matrix of the first step blank; names, all numbers
        of these matrices. The answers stand on the last page.

    Raises
    ------
    InputError
        If a matrix is too large for a page.
    UnknownNameError
        If a name of `exercise` is not computed.
    """
    _check_size(trace)
    return _Handout(trace, left_blank(trace, exercise)).text()


def left_blank(trace: Traced, exercise: bool | Iterable[str]) -> list[Place]:
    """Return the cells of the first step that are left blank."""
    if exercise is False:
        return []
    if isinstance(exercise, str):
        raise InputError(
            f"Expected exercise=True, or a list of names. Got {exercise!r}. Write [{exercise!r}]."
        )
    values, computed = trace.steps[0].values, list(trace.formulas)
    if exercise is True:
        shapes = [np.atleast_2d(values[name]).shape for name in computed]
        return [
            (n, at % s[0], at % s[1])
            for at, (n, s) in enumerate(zip(computed, shapes, strict=True))
        ]
    chosen = list(dict.fromkeys(exercise))
    for name in chosen:
        if name not in computed:
            raise unknown_name("computed value", name, computed)
    return [
        (name, *place) for name in chosen for place in np.ndindex(np.atleast_2d(values[name]).shape)
    ]


class _Handout:
    def __init__(self, trace: Traced, blank: Sequence[Place]) -> None:
        self.trace = trace
        self.values = trace.steps[0].values
        self.blank = dict.fromkeys(blank)
        found = {n: decimals_of(self.values[n]) for n in trace.symbols}
        self.given_decimals = {n: most for n, most in found.items() if most is not None}
        self.filled = LatexMath(symbol=lambda s: self.number(s.name), cell=self.cell)

    def text(self) -> str:
        """Return the document."""
        body = [*self.opening(), *self.symbols(), *self.functions()]
        body += [line for stage in self.stages() for line in self.stage(stage)]
        if "loss" in self.trace.formulas:
            layers = len(self.trace.description.network.layers)
            written = None if self.blank else self.cell
            body += derivation(layers, self.trace.formulas, self.values, written)
        body += [*self.later_steps(), *self.answers()]
        document = [PREAMBLE, r"\begin{document}", *body, r"\end{document}"]
        return "\n".join(document) + "\n"

    def stages(self) -> list[Stage]:
        """Return the stages of the first step."""
        formulas = list(self.trace.formulas.values())
        return stages(self.trace.description, formulas, self.trace.symbols)

    # Numbers.

    def cell(self, of: Cell) -> str:
        """Return one number, or a blank."""
        if (of.name, of.row, of.column) in self.blank:
            return r"\blank"
        value = float(np.atleast_2d(self.values[of.name])[of.row, of.column])
        decimals = self.given_decimals.get(of.name)
        return math_number(value) if decimals is None else f"{value:.{decimals}f}"

    def number(self, name: str) -> str:
        """Return a matrix of the first step with its blanks, or a single number."""
        value = self.values[name]
        if np.ndim(value) == 0:
            return self.cell(Cell(name, 0, 0))
        rows, columns = value.shape
        return brackets([self.cell(Cell(name, r, c)) for c in range(columns)] for r in range(rows))

    # Parts.

    def opening(self) -> Lines:
        """Return the title, the picture, and what the network is."""
        network = self.trace.description.network
        sizes = " -- ".join(map(str, network.sizes))
        what = "An exercise: one" if self.blank else "One"
        if "loss" not in self.trace.formulas:
            title = rf"The way through a network of {sizes} neurons, number by number"
        else:
            title = rf"{what} training step of a {sizes} network, number by number"
        loss = prose(network.loss.label.replace("_", " "))
        how = {"mean": "averaged", "sum": "summed"}[self.trace.description.reduction]
        layers = ", ".join(
            f"{layer.size} {'output' if at == len(network.layers) else 'hidden'} "
            f"neuron{'s' * (layer.size > 1)} ({prose(plain(layer.activation.label))})"
            for at, layer in enumerate(network.layers, 1)
        )
        many = "s" if network.inputs > 1 else ""
        return [
            rf"\section*{{{title}}}",
            *picture(network),
            f"{network.inputs} input{many}, {layers}. The loss is the {loss}, {how} over the rows. "
            r"Numbers are rounded; those \result{\text{on this ground}} have just been computed. "
            "A row that is added to a matrix is added to each of its rows.",
        ]

    def symbols(self) -> Lines:
        """Return the table of symbols: in mathematics, in programs, in words."""
        lines = [
            r"\section*{The symbols}",
            r"\begin{longtable}{lll}",
            r"symbol & in programs & what it is \\ \hline",
        ]
        shown = (*self.trace.symbols.values(), *(e.symbol for e in self.trace.formulas.values()))
        read = {name for e in self.trace.formulas.values() for name in e.inputs}
        for s in shown:
            if s.name in read or s.name in self.trace.formulas:
                meaning = rf"\parbox[t]{{0.5\linewidth}}{{\raggedright {prose(s.meaning)}}}"
                # Long names go on in the next line.
                name = prose(s.name).replace(r"\_", r"\_\allowbreak{}")
                name = rf"\parbox[t]{{0.3\linewidth}}{{\raggedright\texttt{{{name}}}}}"
                lines.append(rf"${symbol_latex(s)}$ & {name} & {meaning} \\")
        return [*lines, r"\end{longtable}"]

    def functions(self) -> Lines:
        """Return the functions that the formulas call, written out."""
        lines = Lines()
        for function in Functions(e.expression for e in self.trace.formulas.values()):
            parameters = ", ".join(prose(p.name) for p in function.parameters)
            name = rf"\mathrm{{{prose(function.name)}}}"
            body = LatexMath().text(function.body)
            lines.append(rf"\[\fit{{ {name}\left(\mathrm{{{parameters}}}\right) = {body} }}\]")
        return [r"\section*{The functions}", *lines] if lines else []

    def stage(self, stage: Stage) -> Lines:
        """Return a stage: its title, what happens, and each formula with its numbers."""
        lines = [rf"\subsection*{{Stage {prose(stage.label)}: {prose(stage.title)}}}"]
        lines.append(prose(" ".join(stage.about)))
        read = [n for n in stage.computed if n not in self.trace.formulas]
        for name in read:
            if name in self.trace.symbols:
                lines += self.given(self.trace.symbols[name])
        if stage.number == 1:
            lines += self.others()
        for equation in stage.equations:
            lines += self.equation(equation)
        return lines

    def others(self) -> Lines:
        """Return what is given besides rows and parameters: states, masks, hyper-parameters."""
        shown = {name for stage in self.stages() for name in stage.computed}
        read = {name for e in self.trace.formulas.values() for name in e.inputs}
        found = [
            rf"$\fit{{ {symbol_latex(s)} = {self.number(s.name)} }}$\quad"
            for s in self.trace.symbols.values()
            if s.name in read and s.name not in shown
        ]
        return [r"{\raggedright Besides them the step reads:", *found, r"\par}"] if found else []

    def given(self, symbol: Symbol) -> Lines:
        """Return a value that is not computed."""
        lines = [rf"\[\fit{{ {symbol_latex(symbol)} = {self.number(symbol.name)} }}\]"]
        labels = self.trace.labels.get(symbol.name, ())
        if labels:
            listed = ", ".join(f"{at} {prose(plain(label))}" for at, label in enumerate(labels, 1))
            columns = f"The columns of ${symbol_latex(symbol)}$: {listed}."
            lines.append(rf"{{\raggedright {columns}\par}}")
        return lines

    def equation(self, equation: Equation) -> Lines:
        """Return a formula, with its numbers filled in where that can be read, and its value."""
        left, _, right = equation_latex(equation).partition(" = ")
        sides = [right]
        if self.can_be_filled(equation):
            sides.append(self.filled.text(equation.expression))
        value = rf"\result{{{self.number(equation.name)}}}"
        steps = r" \\ &= ".join([*sides, value])
        lines = [
            f"% value {equation.name}",
            rf"\[\fit{{ \begin{{aligned}} {left} &= {steps} \end{{aligned}} }}\]",
        ]
        return [*lines, *self.worked(equation)]

    def can_be_filled(self, equation: Equation) -> bool:
        """Whether all matrices that a formula reads fit side by side."""
        shapes = [np.atleast_2d(self.values[name]).shape for name in equation.inputs]
        wide, high = sum(s[1] for s in shapes), max((s[0] for s in shapes), default=0)
        return wide <= FILLED_COLUMNS and high <= FILLED_ROWS

    def worked(self, equation: Equation) -> Lines:
        """Return the formula of the first cell in numbers, where it is more than a look-up."""
        if not equation.shape or "n" not in self.values:
            return []
        rows, columns = self.values[equation.name].shape
        places = ((r, c) for r in range(rows) for c in range(columns))
        place = next((p for p in places if (equation.name, *p) not in self.blank), None)
        if place is None:
            return []
        expression = cell_expression(equation.expression, *place, {"n": int(self.values["n"])})
        if not 0 < len(cells_in(expression)) <= WORKED_CELLS:
            return []
        text, value = self.filled.text(expression), self.cell(Cell(equation.name, *place))
        where = f"row {place[0] + 1}, column {place[1] + 1}"
        return [
            f"% cell {equation.name} {place[0]} {place[1]}",
            rf"\[\fit{{ \text{{{where}:}}\quad {text} = {value} }}\]",
        ]

    def later_steps(self) -> Lines:
        """Return the numbers of the steps after the first, and the loss by step."""
        if len(self.trace.steps) == 1:
            return []
        later = [math_number(float(s.values["loss"])) for s in self.trace.steps[1:]]
        losses = " & ".join([self.number("loss"), *later])
        numbers = " & ".join(str(at) for at in range(1, len(self.trace.steps) + 1))
        columns = "r" * len(self.trace.steps)
        lines = [
            r"{\raggedright",
            r"\section*{The steps that follow}",
            "Each starts from the weights that the one before left.",
            rf"\[\begin{{array}}{{l|{columns}}} \text{{step}} & {numbers} \\ \hline "
            rf"\text{{loss}} & {losses} \end{{array}}\]",
        ]
        for at, step in enumerate(self.trace.steps[1:], 2):
            rows = ", ".join(str(row + 1) for row in step.rows)
            lines += [rf"\subsection*{{Step {at}}}", f"It is made by the rows {rows}.\n"]
            for name, equation in self.trace.formulas.items():
                value = _matrix(step.values[name])
                lines += [
                    f"% value {name} {at}",
                    rf"$\fit{{ {symbol_latex(equation.symbol)} = \result{{{value}}} }}$\quad",
                ]
        return [*lines, r"\par}"]

    def answers(self) -> Lines:
        """Return the answer key."""
        if not self.blank:
            return []
        lines = [r"\clearpage", r"\section*{Answers}", r"\begin{longtable}{lll}"]
        lines.append(r"number & row, column & answer \\ \hline")
        for name, row, column in self.blank:
            value = float(np.atleast_2d(self.values[name])[row, column])
            latex = describe(name).latex
            lines.append(rf"${latex}$ & {row + 1}, {column + 1} & ${math_number(value)}$ \\")
        return [*lines, r"\end{longtable}"]


def decimals_of(value: Any) -> int | None:
    """Return how many decimals a given value has, or None if it has more than are shown.

    >>> decimals_of(np.array([[0.25, 3.0]])), decimals_of(1 / 3)
    (2, None)
    """
    for decimals in range(MOST_DECIMALS + 1):
        if np.array_equal(np.round(value, decimals), value):
            return decimals
    return None


def _matrix(value: Any) -> str:
    if np.ndim(value) == 0:
        return math_number(float(value))
    return brackets([math_number(float(v)) for v in row] for row in value)


def _check_size(trace: Traced) -> None:
    values: Mapping[str, Any] = trace.steps[0].values
    symbols = {**trace.symbols, **{name: e.symbol for name, e in trace.formulas.items()}}
    shown = [n for n in (*trace.symbols, *trace.formulas) if np.ndim(values[n])]
    for name in shown:
        rows, columns = np.shape(values[name])
        if rows > MOST_ROWS or columns > MOST_COLUMNS:
            of_rows = "n" in symbols[name].shape and columns <= MOST_COLUMNS
            smaller = f"a smaller network, of at most {MOST_COLUMNS} inputs and neurons in a layer"
            raise InputError(
                explain(
                    expected=f"matrices of at most {MOST_ROWS} rows and {MOST_COLUMNS} columns on a page",
                    got=f"{name} with {rows} rows and {columns} columns ({rows * columns:,} cells)",
                    do=f"{'trace fewer rows' if of_rows else f'use {smaller}'}, or save it as .json",
                )
            )
