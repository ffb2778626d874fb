"""A trace: every number of one or several training steps, by name, and how it came about."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pellucid.algebra import Equation, Symbol
from pellucid.catalogue import Optimizer, optimizer as find_optimizer
from pellucid.catalogue.optimizers import SGD
from pellucid.errors import InputError, check_count, explain, optional_library, unknown_name
from pellucid.exporters import data
from pellucid.exporters.inference import Inference
from pellucid.network import Network
from pellucid.printers.latex_math import equation_latex
from pellucid.printers.plain_text import equation_text
from pellucid.rows import as_rows
from pellucid.step import Step
from pellucid.training.batches import batches_per_epoch, epoch_batches
from pellucid.training.starting import start_on
from pellucid.training.updates import Updates
from pellucid.views.cells import CellExplanation, explain_cell
from pellucid.views.chain import ChainRule, chain_rule
from pellucid.writing import known_suffix, replace_file

Array = NDArray[Any]


@dataclass(frozen=True)
class NamedEquation:
    """An equation as people read it.

    `name`, the `stage` of the step it belongs to, its `text`, the same as `latex` for math mode,
    the names of its `inputs`, and what it means.
    """

    name: str
    stage: str
    text: str
    latex: str
    inputs: tuple[str, ...]
    meaning: str

    @classmethod
    def of(cls, equation: Equation) -> NamedEquation:
        """Return the readable form of an equation of the algebra."""
        symbol = equation.symbol
        text = equation_text(equation)
        return cls(
            equation.name,
            equation.stage,
            text,
            equation_latex(equation),
            equation.inputs,
            symbol.meaning,
        )


@dataclass(frozen=True, eq=False)
class TraceStep:
    """One training step: its values by name, and the rows that made it."""

    number: int
    epoch: int
    rows: tuple[int, ...]
    values: Mapping[str, Array]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))

    def __getitem__(self, name: str) -> Array:
        if name not in self.values:
            raise unknown_name("value", name, self.values)
        return self.values[name]


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What an estimator does around its network's step.

    `inputs` are the raw columns and the fitted numbers, `before` the equations that lead to `X`
    and `y`, `after` those that follow `output`.
    """

    inputs: tuple[Symbol, ...] = ()
    before: tuple[Equation, ...] = ()
    after: tuple[Equation, ...] = ()


@dataclass(frozen=True, eq=False)
class Trace:
    """Every value of one or several training steps.

    ``trace[name]`` is a read-only array of the first step, ``trace.step(k)[name]`` of step `k`,
    counted from 1. Names are those of the step: `X`, `W1`, `net_input_1`, `hidden_1`,
    `output`, `loss`, `delta_output`, `gradient_W1`, `W1_next` and so on; `equations` lists them.

    Attributes
    ----------
    description
        The step that was run: network, optimizer, reduction.
    steps
        The steps in order.
    labels
        Names of columns for display, by matrix.
    surroundings
        What comes before `X` and `y` and after `output`, for an estimator's raw columns.
    """

    description: Step
    steps: tuple[TraceStep, ...]
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    surroundings: Surroundings = field(default_factory=lambda: Surroundings())

    def __getitem__(self, name: str) -> Array:
        return self.steps[0][name]

    def __contains__(self, name: object) -> bool:
        return name in self.steps[0].values

    def __repr__(self) -> str:
        sizes = " - ".join(map(str, self.network.sizes))
        return f"<Trace of {len(self.steps)} step(s) of a {sizes} network>"

    @property
    def network(self) -> Network:
        """The network that was trained."""
        return self.description.network

    def step(self, number: int) -> TraceStep:
        """Return step `number`, counted from 1."""
        if not 1 <= number <= len(self.steps):
            raise InputError(
                f"Expected a step from 1 to {len(self.steps)}. Got {number}. "
                "Ask for more with steps=."
            )
        return self.steps[number - 1]

    @cached_property
    def symbols(self) -> Mapping[str, Symbol]:
        """The inputs of the step, and of what surrounds it, by name."""
        made = self.formulas
        inputs = (*self.surroundings.inputs, *self.description.inputs)
        return {s.name: s for s in inputs if s.name in self and s.name not in made}

    @cached_property
    def formulas(self) -> Mapping[str, Equation]:
        """The equations of the algebra that were computed, by name, in order."""
        around, order = self.surroundings, []
        for equation in (*around.before, *self.description.equations):
            order += [equation, *(around.after if equation.name == "output" else ())]
        return {e.name: e for e in order if e.name in self}

    @cached_property
    def equations(self) -> tuple[NamedEquation, ...]:
        """The equations in order, readable."""
        return tuple(NamedEquation.of(e) for e in self.formulas.values())

    def cell(
        self, name: str, row: int = 0, column: int = 0, *, step: int = 1, decimals: int = 4
    ) -> CellExplanation:
        """Return the formula, the numbers and the source cells of one number.

        Rows and columns count from 0 (negative ones from the end); in the texts, from 1.

        Examples
        --------
        >>> worked_example().cell("delta_hidden_1", 0, 2).substituted
        '0.0081 · 0.1874 = 0.0015'
        """
        return explain_cell(
            name,
            row,
            column,
            equations=self.formulas,
            inputs=self.symbols,
            values=self.step(step).values,
            decimals=decimals,
        )

    def chain_rule(self, name: str, row: int = 0, column: int = 0, *, step: int = 1) -> ChainRule:
        """Return the chain rule for one weight or bias, term by term.

        Examples
        --------
        >>> chain = worked_example().chain_rule("W1", 0, 2)
        >>> [f.name for f in chain.paths[0].factors]
        ['error', 'slope_output', 'W2', 'slope_hidden_1', 'X']
        """
        values = self.step(step).values
        if f"gradient_{name}" not in values and name in self.network.parameter_shapes:
            raise InputError(
                f"Expected a trace with targets for the chain rule of {name}. Got one that ends at "
                "the output. Give y as well."
            )
        return chain_rule(self.formulas, values, name, row, column)

    def save(self, path: str | Path, **options: Any) -> Path:
        """Write the trace to a file, in the format its suffix names, and return the path.

        ``.json`` holds equations and values, ``.csv`` one row for each number, ``.xlsx`` every
        number as a live formula (with the extra `excel`), ``.html`` a live page for a
        browser, ``.py`` and ``.R`` a program in NumPy or in
        base R that prints the numbers and trains on, ``.ipynb`` the same as a notebook, ``.tex`` and
        ``.pdf`` a handout. The network alone, as it stands before the
        first step, is ``.onnx`` (with the extra `onnx`) and, for PyTorch, ``.torch.py``, and in C, ``.h``.

        Parameters
        ----------
        path
            The file; what stood there is replaced.
        options
            What the format takes: ``exercise=True``, or a list of names, for a workbook or a
            handout with blanks to fill in; ``epochs=``, how long a program or a notebook trains.

        Raises
        ------
        InputError
            For another suffix, an option that the format does not have, or a trace that is too
            large for it.
        OutputError
            If the file cannot be written.
        """
        suffix = known_suffix(path, SAVERS)
        if not suffix:
            raise InputError(
                explain(
                    expected=f"a file name that ends in {', '.join(SAVERS)}",
                    got=repr(str(path)),
                    do="choose one of these formats",
                )
            )
        saver = SAVERS[suffix]
        known = list(inspect.signature(saver).parameters)[2:]
        for option in options:
            if option not in known:
                raise InputError(
                    f"The format {suffix} has no option {option!r}. "
                    f"It has {', '.join(known) or 'none'}."
                )
        return saver(self, Path(path), **options)


def _save_json(trace: Trace, path: Path) -> Path:
    step = trace.description
    about = {
        "network": list(step.network.sizes),
        "activations": [layer.activation.label for layer in step.network.layers],
        "loss": step.network.loss.label,
        "optimizer": step.optimizer.label if step.optimizer else None,
        "reduction": step.reduction,
        "labels": {name: list(labels) for name, labels in trace.labels.items()},
    }
    steps = [(s.rows, s.values) for s in trace.steps]
    inputs, equations = tuple(trace.symbols.values()), tuple(trace.formulas.values())
    return data.write(path, data.to_json(inputs, equations, steps, about))


def _save_csv(trace: Trace, path: Path) -> Path:
    return data.write(path, data.to_csv([(s.rows, s.values) for s in trace.steps]))


def _save_workbook(trace: Trace, path: Path, exercise: bool | Sequence[str] = False) -> Path:
    optional_library("xlsxwriter", "excel")
    from pellucid.exporters import workbook

    return workbook.write_workbook(trace, path, exercise=exercise)


def _save_python(trace: Trace, path: Path, epochs: int = 5000) -> Path:
    from pellucid.exporters.programs_numpy import numpy_program

    return data.write(path, numpy_program(trace, epochs))


def _save_r(trace: Trace, path: Path, epochs: int = 5000) -> Path:
    from pellucid.exporters.programs_r import r_program

    return data.write(path, r_program(trace, epochs))


def _save_page(trace: Trace, path: Path) -> Path:
    from pellucid.exporters.page import write_page

    return write_page(trace, path)


def _save_notebook(trace: Trace, path: Path, epochs: int = 5000) -> Path:
    from pellucid.exporters.notebook import notebook

    return data.write(path, notebook(trace, epochs))


def _save_handout(trace: Trace, path: Path, exercise: bool | Sequence[str] = False) -> Path:
    from pellucid.exporters.handout import handout

    return data.write(path, handout(trace, exercise))


def _save_pdf(trace: Trace, path: Path, exercise: bool | Sequence[str] = False) -> Path:
    from pellucid.exporters.handout import handout
    from pellucid.exporters.handout_pdf import pdf

    replace_file(path, pdf(handout(trace, exercise)))
    return path


def _save_onnx(trace: Trace, path: Path) -> Path:
    from pellucid.exporters.onnx_model import save_onnx

    return save_onnx(_network_of(trace), path)


def _save_torch(trace: Trace, path: Path) -> Path:
    from pellucid.exporters.torch_module import save_torch

    return save_torch(_network_of(trace), path)


def _save_c(trace: Trace, path: Path) -> Path:
    from pellucid.exporters.c_header import save_c

    return save_c(_network_of(trace), path)


def _network_of(trace: Trace) -> Inference:
    """Return the network as it stands before the first step."""
    parameters = {name: trace[name] for name in trace.network.parameter_shapes}
    return Inference.of_network(trace.network, parameters)


# Another format is one more entry; what its function takes besides trace and path are options of `save`.
SAVERS: dict[str, Callable[..., Path]] = {
    ".json": _save_json,
    ".csv": _save_csv,
    ".onnx": _save_onnx,
    ".py": _save_python,
    ".R": _save_r,
    ".ipynb": _save_notebook,
    ".tex": _save_handout,
    ".pdf": _save_pdf,
    ".torch.py": _save_torch,
    ".h": _save_c,
    ".xlsx": _save_workbook,
    ".html": _save_page,
}


def trace(
    network: Network,
    X: Any,
    y: Any,
    *,
    parameters: Mapping[str, Any] | None = None,
    random_state: int | None = 0,
    optimizer: str | Optimizer | None = None,
    reduction: str = "mean",
    row_weight: Any = None,
    batch_size: int | None = None,
    shuffle: bool = False,
    steps: int = 1,
    dtype: DTypeLike = np.float64,
) -> Trace:
    """Run training steps of a network and keep every number.

    Parameters
    ----------
    network
        What is trained.
    X, y
        Inputs of shape (rows, inputs) and targets of shape (rows, outputs), or (rows,).
    parameters
        Start weights and biases by name; those left out are drawn by the initializers.
    random_state
        Seed of start weights, shuffles and dropout.
    optimizer
        A name or a chain; by default gradient descent with learning rate 0.1.
    reduction
        Whether the loss is the "mean" or the "sum" over the rows of a batch.
    row_weight
        A weight of at least 0 for each row; all count alike by default.
    batch_size
        Rows that make one update; all by default. The last batch of an epoch may be short.
    shuffle
        Whether each epoch takes the rows in a new order.
    steps
        How many updates to make, over as many epochs as that takes.
    dtype
        float64 or float32.

    Raises
    ------
    InputError
        If network, arrays and parameters do not fit together.

    Examples
    --------
    >>> net = Network([2, 2, 1], activation="tanh")
    >>> small = trace(net, [[0, 1], [1, 1]], [1, 0], batch_size=1, steps=4)
    >>> [step.rows for step in small.steps]
    [(0,), (1,), (0,), (1,)]
    """
    check_count(steps, "number of steps")
    chain = SGD(learning_rate=0.1) if optimizer is None else find_optimizer(optimizer)
    inputs, targets, weights = as_rows(network, X, y, row_weight, dtype)
    step = Step(network, chain, reduction, weighted=weights is not None)
    start = start_on(network, inputs, random_state, parameters, dtype)
    updates = Updates(step, start, seed=random_state or 0)
    return Trace(
        step,
        traced_steps(
            updates, inputs, targets, weights, batch_size=batch_size, shuffle=shuffle, steps=steps
        ),
    )


def traced_steps(
    updates: Updates,
    X: Array,
    y: Array,
    row_weight: Array | None = None,
    *,
    batch_size: int | None = None,
    shuffle: bool = False,
    steps: int = 1,
    epoch: int = 0,
) -> tuple[TraceStep, ...]:
    """Make `steps` updates, from the beginning of an epoch, and return each with all its values."""
    done: list[TraceStep] = []
    per_epoch = batches_per_epoch(batch_size, len(X))
    rng = np.random.default_rng(updates.seed) if shuffle else None
    total = updates.number + steps
    for number in range(epoch, epoch - (-steps // per_epoch)):
        for rows in epoch_batches(len(X), batch_size, rng):
            if len(done) == steps:
                break
            weights = None if row_weight is None else row_weight[rows]
            given = updates.given(
                X[rows], y[rows], weights, epoch=number, progress=updates.number / total
            )
            start = {name: kept(value) for name, value in given.items()}
            values = {**start, **updates.make(given)}
            done.append(TraceStep(len(done) + 1, number, tuple(map(int, rows)), values))
    return tuple(done)


def kept(value: Any) -> Array:
    """Return a read-only copy."""
    array = np.array(value)
    array.setflags(write=False)
    return array


EXAMPLE: dict[str, Any] = {
    "X": [[1, 0, 1, 0], [1, 0, 1, 1], [0, 1, 0, 1]],
    "y": [[1], [1], [0]],
    "W1": [[0.42, 0.88, 0.55], [0.10, 0.73, 0.68], [0.60, 0.18, 0.47], [0.92, 0.11, 0.52]],
    "b1": [[0.46, 0.72, 0.08]],
    "W2": [[0.30], [0.25], [0.23]],
    "b2": [[0.69]],
}


def worked_example(steps: int = 1) -> Trace:
    """Return the trace of the worked example: a 4 - 3 - 1 network on three rows.

    Sigmoid in both layers, squared error summed over the rows, full batch, learning rate 0.1.

    Examples
    --------
    >>> round(float(worked_example()["output"][0, 0]), 4)
    0.7893
    """
    return trace(
        Network([4, 3, 1], activation="sigmoid", output_activation="sigmoid"),
        EXAMPLE["X"],
        EXAMPLE["y"],
        parameters={name: EXAMPLE[name] for name in ("W1", "b1", "W2", "b2")},
        optimizer=SGD(learning_rate=0.1),
        reduction="sum",
        steps=steps,
    )
