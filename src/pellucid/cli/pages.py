"""A trace as pages: the picture of the network, the stages of a step, a cell, a weight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pellucid.cli.render import (
    FORMULA,
    HEADING,
    NOTE,
    QUIET,
    Block,
    Line,
    Screen,
    arrow,
    beside,
    is_cut,
    line,
    rule,
    sheet_block,
    stacked,
    width_of,
    wrapped,
)
from pellucid.printers.numbers import number
from pellucid.views.sheet import COMPUTED, PLAIN, SOURCE, Sheet, axes_of, sheet

if TYPE_CHECKING:
    from pellucid.tracing import Trace
    from pellucid.views.cells import CellExplanation
    from pellucid.views.stages import Stage

Position = tuple[int, int]
Part = list[Line]

SIGNS = (
    "A · B multiplies rows by columns and adds up, or numbers; A ⊙ B multiplies cell by cell; "
    "Aᵀ has rows and columns swapped; W1[2,3] is row 2, column 3."
)


@dataclass(frozen=True)
class Page:
    """One page: the number it is found by (None for one without), a title, and its parts.

    A part is a few lines that stay together where a page is longer than the screen.
    """

    number: int | None
    label: str
    title: str
    parts: tuple[Part, ...]

    @property
    def heading(self) -> str:
        """What stands in the line at its top."""
        return f"Step {self.label}: {self.title}" if self.label else self.title


@dataclass(frozen=True)
class TracePages:
    """Makes pages of a trace.

    Attributes
    ----------
    trace
        The numbers.
    screen
        Its width and what it can show.
    step
        Which of the trace's steps, from 1.
    decimals
        Decimals of numbers that are not whole.
    notes
        Remarks by number of a stage.
    """

    trace: Trace
    screen: Screen
    step: int = 1
    decimals: int = 4
    notes: Mapping[int, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """The values of the step, by name."""
        return self.trace.step(self.step).values

    @cached_property
    def shapes(self) -> dict[str, Any]:
        """The shape of each symbol, by name."""
        shapes = {name: symbol.shape for name, symbol in self.trace.symbols.items()}
        return shapes | {name: e.shape for name, e in self.trace.formulas.items()}

    @cached_property
    def stages(self) -> list[Stage]:
        """The stages of the step."""
        from pellucid.views.stages import stages

        equations = tuple(self.trace.formulas.values())
        return stages(self.trace.description, equations, self.trace.symbols)

    def pages(self) -> list[Page]:
        """Return a page for each stage, in order."""
        return [self.stage_page(stage) for stage in self.stages]

    def sheet(
        self,
        name: str,
        role: str = PLAIN,
        roles: Mapping[Position, str] | None = None,
        marked: Sequence[Position] = (),
    ) -> Sheet:
        """Return one matrix of the step as a sheet."""
        return sheet(
            name,
            self.values[name],
            axes=axes_of(name, self.shapes.get(name, ()), self.trace.network),
            role=role,
            roles=roles,
            marked=marked,
            decimals=self.decimals,
            labels=self.trace.labels.get(name, ()),
        )

    def stage_page(self, stage: Stage) -> Page:
        """Return the page of a stage: what happens, formulas, sheets, one number worked out."""
        width = self.screen.width
        examples = self._examples(stage)
        marked: dict[str, list[Position]] = {}
        for cell in examples:
            marked.setdefault(cell.name, []).append((cell.row, cell.column))
            for name, row, column in cell.inputs:
                marked.setdefault(name, []).append((row, column))
        parts: list[Part] = [
            [each for text in stage.about for each in wrapped(text, width - 2)],
        ]
        if stage.equations:
            parts.append([line(), *self._formulas(stage)])
        parts += self._sheets(stage, marked)
        parts += [[line(), *self.worked_out(cell)] for cell in examples]
        first = next(s for s in self.stages if s.number == stage.number)
        for note in self.notes.get(stage.number, ()) if stage is first else ():
            parts.append([line(), *wrapped(note, width - 4, NOTE, "  ")])
        return Page(stage.number, str(stage.number), stage.title, tuple(parts))

    def _examples(self, stage: Stage) -> list[CellExplanation]:
        """Return one number for each of the stage's last two formulas, explained."""
        found = []
        for equation in stage.equations[-2:]:
            shape = self.values[equation.name].shape
            column = min(2, shape[1] - 1) if len(shape) == 2 else 0
            found.append(
                self.trace.cell(equation.name, 0, column, step=self.step, decimals=self.decimals)
            )
        return found

    def _formulas(self, stage: Stage) -> Iterator[Line]:
        width = self.screen.width
        for equation, text in zip(stage.equations, stage.texts, strict=True):
            lines = wrapped(text, width - 2, FORMULA, "  ", later="      ")
            meaning = equation.symbol.meaning
            if len(lines) == 1 and width_of(lines[0]) + len(meaning) + 3 <= width:
                yield line(*lines[0], (f"   {meaning}", QUIET))
            else:
                yield from lines
                yield line((f"      {meaning}", QUIET))

    def _sheets(self, stage: Stage, marked: Mapping[str, Sequence[Position]]) -> list[Part]:
        """Return the stage's matrices, what is read on the left of what comes of it."""
        shown: dict[str, None] = {}
        groups: list[list[Block]] = []
        names = [e.name for e in stage.equations]
        read = [name for name in stage.computed if name not in names]
        if read:
            groups.append(self._blocks(read, COMPUTED, marked, shown))
        latest = ""
        for equation in stage.equations:
            sources = self._blocks(
                equation.inputs, SOURCE, marked, shown, computed=set(stage.computed)
            )
            made = self._blocks([equation.name], COMPUTED, marked, shown)
            # The arrow stands where the block on its left is one that the result comes from.
            follows = bool(sources) or latest in equation.inputs
            if made:
                groups.append(self._joined(sources, made[0], follows=follows))
                latest = equation.name
            elif sources:
                groups.append(sources)
        parts = [[line(), *band] for band in _flowed(groups, self.screen.width)]
        single = self._singles(stage, marked)
        if single:
            parts.append([line(), *single])
        cut = [n for n in shown if is_cut(self.sheet(n), self.screen.width)]
        if cut:
            text = f"Parts of {', '.join(cut)} are left out (…). The key c shows any of its cells."
            parts.append(wrapped(text, self.screen.width - 2, QUIET))
        return parts

    def _blocks(
        self,
        names: Sequence[str],
        role: str,
        marked: Mapping[str, Sequence[Position]],
        shown: dict[str, None],
        computed: set[str] | None = None,
    ) -> list[Block]:
        """Return blocks for the matrices not shown yet; a bias stands below its weights."""
        blocks: list[list[Block]] = []
        before = ""
        for name in names:
            if name in shown or self.values[name].ndim != 2:
                continue
            shown[name] = None
            own = COMPUTED if computed and name in computed else role
            block = sheet_block(
                self.sheet(name, own, marked=marked.get(name, ())),
                colour=self.screen.colour,
                width=self.screen.width,
            )
            if name == f"b{before[1:]}" and before == f"W{name[1:]}":
                blocks[-1].append(block)
            else:
                blocks.append([block])
            before = name
        return [stacked(each) for each in blocks]

    def _joined(self, sources: list[Block], made: Block, *, follows: bool) -> list[Block]:
        """Return sources, an arrow, and the result; sources that are too wide stand in a pile."""
        if not sources:
            return [arrow(3), made] if follows else [made]
        wide = sum(b.width for b in sources) + 2 * len(sources) + 3 + made.width
        if wide > self.screen.width and len(sources) > 1:
            pile = stacked(sources)
            if pile.width + made.width + 5 <= self.screen.width:
                return [pile, arrow(3), made]
        return [*sources, arrow(3), made]

    def _singles(self, stage: Stage, marked: Mapping[str, Sequence[Position]]) -> list[Line]:
        """Return lines for the single numbers that a stage reads and computes."""
        pieces: list[Line] = []
        for names, role in ((stage.sources, SOURCE), (stage.computed, COMPUTED)):
            for name in names:
                if self.values[name].ndim == 0:
                    pieces.append(self.single(name, role, marked=name in marked))
        lines: list[Line] = []
        for each in pieces:
            if lines and width_of(lines[-1]) + width_of(each) + 3 <= self.screen.width:
                lines[-1] = (*lines[-1], ("   ", ""), *each)
            else:
                lines.append(each)
        return lines

    def single(self, name: str, role: str, *, marked: bool = False) -> Line:
        """Return one number with its name, coloured by its role."""
        from pellucid.cli.render import FILL, MARKS

        value = float(self.values[name])
        short = f"{value:g}"
        text = short if float(short) == value else number(value, self.decimals)
        if self.screen.colour:
            return line((name, HEADING), " ", (f" {text} ", FILL[role, marked]))
        left, right = MARKS[role]
        return line(f"{name} {left}{text}{right}")

    def worked_out(self, cell: CellExplanation) -> list[Line]:
        """Return one number's formula, and the formula with its numbers."""
        width = self.screen.width
        by = self.sheet(cell.name)
        place = ""
        if by.shape != (1, 1):
            place = f", {_place(by, cell.row, cell.column)}"
        lines = [line(("One number: ", QUIET), (cell.name + place, HEADING))]
        lines += wrapped(cell.formula, width - 2, "", "  ", later="      ")
        left, sign, right = cell.substituted.rpartition(" = ")
        text = f"= {left}{sign}{right}" if sign else cell.substituted
        return lines + wrapped(text, width - 2, FORMULA, "  ", later="      ")

    def cell_page(self, name: str, row: int, column: int) -> Page:
        """Return the page of one cell, counted from 0: its formula and its exact sources.

        Raises `InputError` for a cell that there is not.
        """
        cell = self.trace.cell(name, row, column, step=self.step, decimals=self.decimals)
        by: dict[str, dict[Position, str]] = {name: {(cell.row, cell.column): COMPUTED}}
        for source, r, c in cell.inputs:
            by.setdefault(source, {})[r, c] = SOURCE
        blocks = [
            sheet_block(
                self.sheet(matrix, roles=roles, marked=tuple(roles)),
                colour=self.screen.colour,
                width=self.screen.width,
            )
            for matrix, roles in by.items()
            if self.values[matrix].ndim == 2
        ]
        first, *rest = blocks or [Block((), 0)]
        parts: list[Part] = [
            wrapped(f"{name}: {cell.meaning}.", self.screen.width - 2),
            [line(), *self.worked_out(cell)],
        ]
        group = self._joined(rest, first, follows=False)
        parts += [[line(), *band] for band in _flowed([group], self.screen.width)]
        singles = [
            self.single(matrix, COMPUTED if matrix == name else SOURCE, marked=True)
            for matrix in by
            if self.values[matrix].ndim == 0
        ]
        parts += [[line(), *singles]] if singles else []
        if not cell.inputs:
            text = "It is given, not computed: the data, a start weight, or a setting."
            parts[1] = [
                line(),
                line(f"{name}[{cell.row + 1},{cell.column + 1}] = {cell.value:.6g}"),
            ]
            parts.append([line(), line((text, QUIET))])
        return Page(None, "", f"One cell: {name}[{cell.row + 1},{cell.column + 1}]", tuple(parts))

    def chain_page(self, name: str, row: int, column: int) -> Page:
        """Return the page of one weight or bias, counted from 0: its chain rule term by term."""
        chain = self.trace.chain_rule(name, row, column, step=self.step)
        text = chain.text.splitlines()
        starts = [at for at, each in enumerate(text) if each.startswith(("row ", "gradient "))]
        parts = [
            [line(), *(line(each) for each in text[a:b])]
            for a, b in zip(starts, [*starts[1:], len(text)], strict=True)
        ]
        intro = (
            "Every way from the loss back to this weight is one product. Together they are the "
            "slope of the loss by this weight, with the other sign: error is target - answer."
        )
        return Page(
            None,
            "",
            f"Chain rule of {name}[{chain.row + 1},{chain.column + 1}]",
            (wrapped(intro, self.screen.width - 2), *parts),
        )

    def legend(self) -> Line:
        """Return the line that explains the colours, or the marks."""
        from pellucid.cli.render import FILL

        if self.screen.colour:
            return line(
                (" 0.1 ", FILL[COMPUTED, False]),
                (" computed here   ", QUIET),
                (" 0.2 ", FILL[SOURCE, False]),
                (" what it comes from   ", QUIET),
                (" 0.1 ", FILL[COMPUTED, True]),
                (" ", ""),
                (" 0.2 ", FILL[SOURCE, True]),
                (" worked out", QUIET),
            )
        return line("[0.1] computed here   ‹0.2› what it comes from")


def _place(by: Sheet, row: int, column: int) -> str:
    words = []
    for axis, header in zip(by.axes, (by.row_headers[row], by.column_headers[column]), strict=True):
        if axis:
            words.append(f"{axis.removesuffix('s')} {header}")
    if words and by.axes[0] not in ("rows", "") and len(words) == 2:
        return f"from {words[0]} to {words[1]}"
    return ", ".join(words)


def _flowed(groups: list[list[Block]], width: int) -> list[list[Line]]:
    """Return groups of blocks in bands: side by side while they fit, else on a new band."""
    bands: list[list[Block]] = []

    def total(blocks: list[Block]) -> int:
        return sum(b.width for b in blocks) + 2 * (len(blocks) - 1)

    for group in groups:
        if bands and total([*bands[-1], *group]) <= width:
            bands[-1] += group
            continue
        bands.append([])
        for block in group:
            if bands[-1] and total([*bands[-1], block]) > width:
                bands.append([])
            bands[-1].append(block)
    return [beside(band) for band in bands if band]


__all__ = ["SIGNS", "Page", "TracePages", "rule"]
