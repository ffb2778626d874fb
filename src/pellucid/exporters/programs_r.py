"""A trace as a program in base R."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from numpy.typing import NDArray

from pellucid.exporters.programs import Lines, Program, Words
from pellucid.exporters.programs_layout import WIDTH, columns, comment, filled, wrapped
from pellucid.printers.code import Code
from pellucid.printers.functions import Function
from pellucid.printers.r_code import HELPERS, RCode

WORDS = Words(
    arrow="<-",
    indent="  ",
    gap=1,
    digits="options(digits = 6)",
    origin="1",
    each_step="for (step in seq_len(epochs))",
    each_epoch="for (epoch in seq_len(epochs))",
    each_batch="for (rows in batches)",
    if_traced="if (step <= {count})",
    count_from="step <- 0",
    count_on="step <- step + 1",
    batches="""\
if (epoch <= {count}) {{
  batches <- traced_batches[[epoch]]
}} else {{
  order <- sample({rows})
  batches <- split(order, ceiling(seq_along(order) / {size}))
}}""",
    take="{name} <- {all}[rows, , drop = FALSE]",
    rows="n <- nrow(X)",
    step_epoch="step - 1",
    batch_epoch="epoch - 1",
    done="(step - 1) / (if (step <= {count}) {count} else updates)",
    first_done="(step - 1) / updates",
    seed="set.seed(0)",
    draw="""\
draw <- function(neurons, share) {
  matrix(runif(nrow(X) * neurons) >= share, nrow(X))
}""",
    mask=(
        "{name} <- (if (step <= {count}) traced_{name}[[step]] else draw({size}, {share}))"
        " / (1 - {share})"
    ),
    carry="{a} <- {new_a}; {b} <- {new_b}",
    show="""\
show <- function(names) {
  for (name in names) {
    cat("\\n", name, "\\n", sep = "")
    print(get(name))
  }
}""",
    show_step="""\
cat("\\nStep", step, "\\n")
show(shown)""",
    show_end="""\
cat("\\nAfter", epochs, "epochs\\n")
show(c({names}))""",
    show_all="show(shown)",
    list_opens="c(",
    list_closes=")",
    last_comma=False,
)

_RESERVED = (
    "if else repeat while function for next break in TRUE FALSE NULL Inf NaN NA NA_integer_ NA_real_ "
    "NA_character_ NA_complex_ T F"
)
# Functions of R that a program calls: a value may have such a name in R, a function may not.
_USED = (
    "abs sign floor expm1 log log1p sqrt sin cos erf spread is.na pmax pmin ifelse sum cbind max t "
    "matrix rowSums colSums apply sweep outer c nrow ncol options cat print get seq_len list sample split "
    "ceiling seq_along runif set.seed show"
)
_VARIABLES = "epochs updates step epoch rows batches traced_batches order shown draw neurons share name names"


class RProgram(Program):
    """The program of a trace in R."""

    words: ClassVar[Words] = WORDS
    taken: ClassVar[frozenset[str]] = frozenset(
        (*_RESERVED.split(), *_USED.split(), *_VARIABLES.split())
    )
    plain_names: ClassVar[bool] = True

    def printer(self, rows: str) -> RCode:
        """Return the printer of expressions."""
        return RCode(self.functions, self.name, f"nrow({self.name(rows)})")

    def head(self, about: Lines, body: str) -> Lines:
        """Return what the program is about, as comments, and what its less known functions do."""
        said = [*about, "Needs base R alone. Written by Pellucid."]
        lines = comment(" ".join(said))
        known = {
            "sweep(": 'sweep(A, 2, b, "+") adds the row b to every row of the matrix A.',
            "outer(": 'outer(a, b, "==") compares each number of a with each of b.',
        }
        notes = [line for call, text in known.items() if call in body for line in comment(text)]
        return [*lines, "#", *notes] if notes else lines

    def matrix(self, array: NDArray[Any]) -> Lines:
        """Return a matrix as ``matrix(c(…), byrow = TRUE)``, a row in each line."""
        code = self.printer("X")
        cells = columns([[code.number(float(v)) for v in row] for row in array])
        inline = f"matrix(c({', '.join(cells[0])}), nrow = 1)"
        if array.size == 1:
            return [f"matrix({cells[0][0]})"]
        if len(cells) == 1 and len(inline) < WIDTH - 20:
            return [inline]
        lines = [f"  {line}" for row in cells for line in filled(row, WIDTH - 6, "  ")]
        lines[-1] = lines[-1].removesuffix(",")
        return ["matrix(c(", *lines, f"), ncol = {array.shape[1]}, byrow = TRUE)"]

    def zeros(self, shape: tuple[int, ...]) -> str:
        """Return a matrix of zeros."""
        return f"matrix(0, {shape[0]}, {shape[1]})"

    def sequence(self, items: Sequence[Lines]) -> Lines:
        """Return a list, an item in each line or in several."""
        lines = ["list("]
        for at, item in enumerate(items, 1):
            lines += [f"  {line}" for line in item]
            lines[-1] += "," * (at < len(items))
        return [*lines, ")"]

    def places(self, rows: Sequence[int]) -> str:
        """Return rows as a vector."""
        return f"c({', '.join(str(row + 1) for row in rows)})"

    def names(self, names: Sequence[str]) -> str:
        """Return names as texts."""
        return ", ".join(f'"{name}"' for name in names)

    def function(self, of: Function, code: Code) -> Lines:
        """Return a function's definition; none where R has the function itself."""
        parts, result = code.body(of)
        parameters = ", ".join(self.name(p.name) for p in of.parameters)
        start = f"{of.name} <- function({parameters}) "
        if result == f"{of.name}({parameters})":
            return []
        if not parts and len(start) + len(result) <= WIDTH:
            return [start + result]
        lines = [
            line for name, text in parts for line in wrapped(f"{name} <- ", text, "  ", WIDTH - 2)
        ]
        return self.block(start.rstrip(), [*lines, *wrapped("", result, "  ", WIDTH - 2)])

    def helpers(self, text: str) -> Lines:
        """Return what base R lacks."""
        used = [definition for name, definition in HELPERS.items() if f"{name}(" in text]
        return "\n\n".join(used).splitlines()

    def block(self, opening: str, body: Lines) -> Lines:
        """Return lines in braces after an opening."""
        return [f"{opening} {{", *(f"  {line}" if line else "" for line in body), "}"]


def r_program(trace: Any, epochs: int = 5000) -> str:
    """Return the program of a trace as text; see `Program`."""
    return RProgram(trace, epochs).text()
