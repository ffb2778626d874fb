"""A step in the order in which it is taught: stages 0 to 11, for any network; 12 where factors are learnt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pellucid.algebra import Equation
from pellucid.network import ParameterSpec
from pellucid.printers.plain_text import equation_text
from pellucid.step import Step
from pellucid.views.words import about, title

# The stage in which a parameter of each role is updated.
_OF_ROLE = {"weight": 10, "bias": 11, "scale": 12, "activation": 12}


@dataclass(frozen=True)
class Stage:
    """One stage of a step.

    Attributes
    ----------
    number
        From 0 (inputs and targets) to 11 (biases), or 12 (the scale of the inputs, weights of activations).
    layer
        The layer it is about, where the stage comes once for each of several; else None. 0 is the inputs.
    title
        Such as ``Delta of the hidden layer``.
    about
        What happens, in plain sentences.
    equations
        Its equations, in an order in which they can be computed.
    computed
        The names that are new: those of the equations, or what is read in stages 0 and 1.
    sources
        The names that the equations read and that are not new.
    """

    number: int
    layer: int | None
    title: str
    about: tuple[str, ...]
    equations: tuple[Equation, ...]
    computed: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def label(self) -> str:
        """The number, with the layer where it comes more than once: ``8 · layer 2``."""
        if self.layer is None:
            return f"{self.number}"
        return f"{self.number} · layer {self.layer}" if self.layer else f"{self.number} · inputs"

    @property
    def texts(self) -> tuple[str, ...]:
        """The equations as text."""
        return tuple(equation_text(e) for e in self.equations)


def stages(
    step: Step, equations: Sequence[Equation] | None = None, inputs: Iterable[str] | None = None
) -> list[Stage]:
    """Return the stages of a step; every equation is in exactly one of them.

    Parameters
    ----------
    step
        The step.
    equations
        Those to show, in order: by default the step's own. A trace may have others around them,
        which prepare a table's columns, and lack some, where there are no targets.
    inputs
        Names of what they read and do not compute; by default the step's inputs.
    """
    equations = step.equations if equations is None else equations
    read = [s.name for s in step.inputs] if inputs is None else list(inputs)
    own = {s.name for s in step.inputs} - {"X", "y", "row_weight"}
    start = {
        0: [name for name in read if name not in own],
        1: [name for name in step.network.parameter_shapes if name in read],
    }
    placed: dict[tuple[int, int | None], list[Equation]] = {(0, None): [], (1, None): []}
    layers = len(step.network.layers)
    specs = {spec.name: spec for spec in step.network.parameter_specs}
    clipped = any(e.name == "gradient_norm" for e in equations)
    split = layers > 2 or bool(step.state_names)
    for equation in equations:
        symbol = equation.symbol
        if symbol.parameter:
            gradient = clipped and equation.stage == "gradient"
            place = _of_parameter(specs[symbol.parameter], layers, gradient=gradient, split=split)
        else:
            place = _place(equation, layers)
        placed.setdefault(place, []).append(equation)

    found = []
    for number, layer in sorted(placed, key=lambda place: _order(*place)):
        here = placed[number, layer]
        here = _by_layer(here) if number in (10, 11) else here
        new = dict.fromkeys([*start.get(number, []), *(e.name for e in here)])
        sources = dict.fromkeys(name for e in here for name in e.inputs if name not in new)
        shown = layer if layers > 2 or number in (10, 11, 12) or layer == 0 else None
        found.append(
            Stage(
                number,
                shown,
                title(number, layer, layers, [e.name for e in here]),
                about(step, number, layer, [e.name for e in here]),
                tuple(here),
                tuple(new),
                tuple(sources),
            )
        )
    return found


def _of_parameter(
    spec: ParameterSpec, layers: int, *, gradient: bool, split: bool
) -> tuple[int, int | None]:
    """Return the stage of a parameter's gradient, states and update.

    `gradient` says that it is the gradient, and that all of them come first: their length is that of
    all together. `split` says whether the biases of each layer have a stage of their own.
    """
    if gradient:
        return 10, None
    number = _OF_ROLE[spec.role]
    several = {10: layers > 1, 11: split, 12: spec.role == "activation"}[number]
    return number, spec.layer if several else None


def _place(equation: Equation, layers: int) -> tuple[int, int | None]:
    """Return the number and layer of the stage that another equation belongs to."""
    name, stage, layer = equation.name, equation.stage, equation.symbol.layer
    if stage == "prepare":
        return 0, None
    if stage in ("loss", "error", "slope"):
        return (6 if stage == "slope" else 5), None
    if name in ("scaled_X", "error_X"):
        return (2 if stage == "forward" else 8), 0
    # What belongs to no layer is the output, and the answer that is made of it.
    if name == f"net_input_{layers}" or (stage == "forward" and not layer):
        return 4, None
    if name == "delta_output":
        return 7, None
    for number, start in ((2, "net_input"), (8, "error_hidden"), (9, "delta_hidden")):
        if layer and name.startswith(start):
            return number, layer
    if layer and stage == "forward":
        return 3, layer
    return 10, None  # the learning rate of this update, the length of the gradients


def _order(number: int, layer: int | None) -> tuple[int, int, int]:
    """Sort forward stages by layer, then backward ones from the last layer to the first."""
    if number in (2, 3):
        return 2, layer or 0, number
    if number in (8, 9):
        return 8, -(layer or 0), number
    return number, -layer if layer else -(10**9), number


def _by_layer(equations: list[Equation]) -> list[Equation]:
    """Put an update right after its gradient, unless all gradients are needed first."""
    if any(not e.symbol.parameter for e in equations):
        return equations
    return sorted(equations, key=lambda e: -(e.symbol.layer or 0))
