"""The networks that every way of computing a step is tried on: a table, and a generator of random ones.

A case is plain data. `network`, `step` and `numbers` make of it what Pellucid takes; `naive_network` what the oracle
takes. Nothing else knows both sides.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pellucid.catalogue import names, optimizers
from pellucid.catalogue.records import find
from pellucid.errors import InputError
from pellucid.network import Network
from pellucid.step import Step
from pellucid.training.batches import epoch_batches
from pellucid.training.updates import Updates

Named = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """A network, how it is trained, and the seed of its numbers."""

    name: str
    sizes: tuple[int, ...]
    activations: tuple[Named, ...]  # of the hidden layers and of the output
    loss: Named = ("squared_error", {})
    optimizer: dict[str, Any] = field(default_factory=lambda: {"name": "sgd", "learning_rate": 0.1})
    dropout: tuple[float, ...] = ()  # of the hidden layers; () for none
    dropout_schedule: Named = ("constant", {})
    label_smoothing: float = 0.0
    l1: float = 0.0
    l2: float = 0.0
    input_scale: bool = False
    parametric: bool = False
    weighted: bool = False
    reduction: str = "mean"
    rows: int = 5
    batch_size: int | None = None
    epochs: int = 2
    seed: int = 0

    def __str__(self):
        return self.name


@dataclass(frozen=True)
class Numbers:
    """Arrays of a case: start parameters, rows, and the weights of rows (None without)."""

    flat: Any
    X: Any
    y: Any
    row_weight: Any


def record(kind, named):
    """Return the record of a name with its parameters."""
    name, parameters = named
    return type(find(kind, name))(**parameters)


def schedule(optimizer):
    name, parameters = optimizer.get("schedule", ("constant", {}))
    if "after" in parameters:
        parameters = parameters | {"after": record("schedule", parameters["after"])}
    return replace(record("schedule", (name, parameters)), learning_rate=optimizer["learning_rate"])


def adam_by_role(
    rate,
    beta_1,
    beta_2,
    epsilon,
    weight_factor=1.0,
    bias_factor=1.0,
    scale_factor=1.0,
    activation_factor=1.0,
    by_fan_in=False,
    weight_decay=0.0,
    bias_decay_factor=0.0,
    scale_decay_factor=0.0,
    activation_decay_factor=0.0,
    decay_schedule=("constant", {}),
    clip_norm=None,
    clip_value=None,
):
    """Return Adam with factors of its rate, the same chain as `naive.adam` computes."""
    pieces = [] if clip_norm is None else [optimizers.ClipNorm(clip_norm)]
    pieces += [] if clip_value is None else [optimizers.ClipValue(clip_value)]
    pieces += [optimizers.ScaleByRole(by_fan_in=True)] if by_fan_in else []
    factors = optimizers.ScaleByRole(
        weight_factor, bias_factor, scale_factor, by_fan_in, activation_factor
    )
    falling = record("schedule", decay_schedule)
    decays = bias_decay_factor, scale_decay_factor, falling, activation_decay_factor
    decay = [optimizers.DecayWeights(weight_decay, False, *decays)] if weight_decay else []
    adam = optimizers.ScaleByAdam(beta_1, beta_2, epsilon)
    return optimizers.Optimizer(
        *pieces, adam, factors, *decay, optimizers.ScaleByLearningRate(rate)
    )


MAKERS = {
    "sgd": optimizers.SGD,
    "rmsprop": optimizers.RMSprop,
    "adam": optimizers.Adam,
    "adamw": optimizers.AdamW,
    "adam by role": adam_by_role,
}


def optimizer(case):
    own = {
        k: v for k, v in case.optimizer.items() if k not in ("name", "learning_rate", "schedule")
    }
    return MAKERS[case.optimizer["name"]](schedule(case.optimizer), **own)


def network(case):
    *hidden, last = (record("activation", named) for named in case.activations)
    return Network(
        case.sizes,
        activation=hidden,
        output_activation=last,
        loss=record("loss", case.loss),
        dropout=case.dropout or 0.0,
        dropout_schedule=record("schedule", case.dropout_schedule),
        label_smoothing=case.label_smoothing,
        l1=case.l1,
        l2=case.l2,
        input_scale=case.input_scale,
        parametric_activation=case.parametric,
    )


def step(case):
    return Step(network(case), optimizer(case), reduction=case.reduction, weighted=case.weighted)


def naive_network(case):
    return {
        "layers": list(case.activations),
        "loss": case.loss,
        "label_smoothing": case.label_smoothing,
        "l1": case.l1,
        "l2": case.l2,
        "input_scale": case.input_scale,
        "parametric": case.parametric,
    }


def numbers(case, dtype=np.float64):
    """Return the arrays of a case, drawn from its seed; targets suit its loss."""
    rng = np.random.default_rng([case.seed, 1])
    rows, outputs = case.rows, case.sizes[-1]
    flat = network(case).start(rng, dtype=dtype)
    flat += rng.normal(0, 0.1, flat.shape).astype(dtype)  # so that biases are not 0
    X = rng.uniform(-1, 1, (rows, case.sizes[0])).astype(dtype)
    classes = case.activations[-1][0] == "softmax"
    y = targets("cross_entropy" if classes else case.loss[0], rng, rows, outputs).astype(dtype)
    weight = rng.uniform(0.2, 3, (rows, 1)).astype(dtype) if case.weighted else None
    return Numbers(flat, X, y, weight)


def targets(loss, rng, rows, outputs):
    """Return targets in the range of a loss."""
    if loss == "cross_entropy":
        return np.eye(outputs)[rng.integers(outputs, size=rows)]
    if loss == "binary_cross_entropy":
        return rng.integers(2, size=(rows, outputs)).astype(float)
    if loss == "poisson":
        return rng.poisson(2.0, (rows, outputs)).astype(float)
    return rng.normal(0, 1, (rows, outputs))


def updates(case, dtype=np.float64):
    """Yield (given, values) of each update of a case, one after the other."""
    start = numbers(case, dtype)
    maker = Updates(step(case), start.flat, seed=case.seed)
    batches = [
        (epoch, rows)
        for epoch in range(case.epochs)
        for rows in epoch_batches(case.rows, case.batch_size)
    ]
    for done, (epoch, rows) in enumerate(batches):
        weight = None if start.row_weight is None else start.row_weight[rows]
        given = maker.given(
            start.X[rows], start.y[rows], weight, epoch=epoch, progress=done / len(batches)
        )
        before = {k: v.copy() if isinstance(v, np.ndarray) else v for k, v in given.items()}
        yield before, maker.make(given)


# The table: one case for each thing worth a name of its own.

SIGMOID, TANH, RELU, SOFTMAX, IDENTITY = (
    ("sigmoid", {}),
    ("tanh", {}),
    ("relu", {}),
    ("softmax", {}),
    ("identity", {}),
)
ADAM = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}

TABLE = [
    Case("the tutorial's", (4, 3, 1), (SIGMOID, SIGMOID), reduction="sum", rows=3),
    Case("no hidden layer", (3, 1), (IDENTITY,)),
    Case("one row", (3, 4, 2), (TANH, IDENTITY), rows=1),
    Case("a short last batch", (3, 4, 2), (TANH, IDENTITY), rows=7, batch_size=3),
    Case("two classes, one neuron", (3, 4, 1), (RELU, SIGMOID), ("binary_cross_entropy", {})),
    Case("two classes, two neurons", (3, 4, 2), (RELU, SOFTMAX), ("cross_entropy", {})),
    Case(
        "several labels at once",
        (3, 4, 5),
        (TANH, SIGMOID),
        ("binary_cross_entropy", {}),
        label_smoothing=0.1,
    ),
    Case("softmax with a loss that is not its own", (3, 4, 3), (TANH, SOFTMAX)),
    Case("softmax inside", (3, 4, 3, 2), (SOFTMAX, TANH, IDENTITY)),
    Case("counts", (3, 4, 1), (TANH, ("exp", {})), ("poisson", {})),
    Case("a median", (3, 4, 1), (("gelu", {}), IDENTITY), ("quantile", {"quantile": 0.3})),
    Case("outliers", (3, 4, 1), (("mish", {}), IDENTITY), ("huber", {"delta": 0.4})),
    Case(
        "rows that count",
        (3, 4, 3),
        (TANH, SOFTMAX),
        ("cross_entropy", {}),
        weighted=True,
        label_smoothing=0.2,
    ),
    Case("weights and the sum", (3, 4, 1), (TANH, IDENTITY), weighted=True, reduction="sum"),
    Case("dropout", (3, 6, 5, 1), (RELU, TANH, IDENTITY), dropout=(0.5, 0.2), rows=6),
    Case(
        "dropout that falls",
        (3, 6, 5, 1),
        (RELU, TANH, IDENTITY),
        dropout=(0.5, 0.2),
        dropout_schedule=("flat_cosine", {}),
        rows=8,
        batch_size=2,
    ),
    Case("dropout in one layer", (3, 6, 5, 1), (RELU, TANH, IDENTITY), dropout=(0.0, 0.3), rows=6),
    Case("penalties", (3, 4, 1), (TANH, IDENTITY), l1=0.01, l2=0.1),
    Case("scaled inputs", (3, 4, 2), (TANH, IDENTITY), input_scale=True, l1=0.01, l2=0.1),
    Case("scaled inputs, no hidden layer", (3, 2), (IDENTITY,), input_scale=True, weighted=True),
    Case("parametric activations", (3, 4, 2), (TANH, IDENTITY), parametric=True, l1=0.01, l2=0.1),
    Case(
        "parametric activations and dropout",
        (3, 6, 5, 1),
        (("mish", {}), ("leaky_relu", {"negative_slope": 0.2}), IDENTITY),
        optimizer={"name": "sgd", "learning_rate": 0.1, "momentum": 0.8, "clip_norm": 0.5},
        dropout=(0.5, 0.2),
        parametric=True,
        weighted=True,
        rows=6,
    ),
    Case(
        "factors by role",
        (3, 6, 5, 2),
        (("selu", {}), ("mish", {}), SOFTMAX),
        ("cross_entropy", {}),
        {
            "name": "adam by role",
            "learning_rate": 0.04,
            **{**ADAM, "beta_2": 0.95},
            "bias_factor": 0.1,
            "scale_factor": 6.0,
            "activation_factor": 0.1,
            "by_fan_in": True,
            "weight_decay": 0.5,
            "scale_decay_factor": 36.0,
            "activation_decay_factor": 0.01,
            "decay_schedule": ("flat_cosine", {}),
            "schedule": ("cosine_log", {}),
        },
        label_smoothing=0.1,
        input_scale=True,
        parametric=True,
        rows=8,
        batch_size=4,
        epochs=3,
    ),
    Case(
        "every piece at once",
        (3, 5, 1),
        (("silu", {}), IDENTITY),
        optimizer={
            "name": "sgd",
            "learning_rate": 0.1,
            "momentum": 0.8,
            "nesterov": True,
            "weight_decay": 0.05,
            "clip_norm": 0.5,
            "clip_value": 0.2,
            "schedule": ("warm_up", {"updates": 3, "after": ("cosine", {"final": 0.1})}),
        },
        rows=8,
        batch_size=2,
    ),
]


# The generator.

PARAMETERS = {
    "leaky_relu": lambda rng: {"negative_slope": rng.uniform(0.01, 0.5)},
    "elu": lambda rng: {"alpha": rng.uniform(0.5, 2)},
    "huber": lambda rng: {"delta": rng.uniform(0.3, 2)},
    "quantile": lambda rng: {"quantile": rng.uniform(0.1, 0.9)},
    "step": lambda rng: {"drop": rng.uniform(0.2, 0.9), "every": int(rng.integers(1, 3))},
    "exponential": lambda rng: {"decay": rng.uniform(0.5, 0.99)},
    "cosine": lambda rng: {"final": rng.uniform(0, 0.5)},
    "warm_up": lambda rng: {
        "updates": int(rng.integers(1, 5)),
        "after": ("exponential", {"decay": 0.9}),
    },
    "inverse_scaling": lambda rng: {"power": rng.uniform(0.2, 1)},
}

OPTIMIZERS = {
    "gradient descent": lambda rng: {"name": "sgd"},
    "gradient descent with decay": lambda rng: {
        "name": "sgd",
        "weight_decay": rng.uniform(0.01, 0.3),
    },
    "momentum": lambda rng: {"name": "sgd", "momentum": rng.uniform(0.3, 0.95)},
    "nesterov": lambda rng: {"name": "sgd", "momentum": rng.uniform(0.3, 0.95), "nesterov": True},
    "rmsprop": lambda rng: {"name": "rmsprop", "decay": rng.uniform(0.8, 0.99), "epsilon": 1e-6},
    "rmsprop with momentum": lambda rng: {
        "name": "rmsprop",
        "decay": 0.9,
        "epsilon": 1e-6,
        "momentum": 0.5,
        "weight_decay": 0.1,
    },
    "adam": lambda rng: {
        "name": "adam",
        "beta_1": rng.uniform(0.5, 0.95),
        "beta_2": 0.99,
        "epsilon": 1e-6,
    },
    "adamw": lambda rng: {"name": "adamw", **ADAM, "weight_decay": rng.uniform(0.01, 0.3)},
    "adam by role": lambda rng: {
        "name": "adam by role",
        **ADAM,
        "bias_factor": rng.uniform(0.1, 2),
        "scale_factor": rng.uniform(0.5, 6),
        "by_fan_in": bool(rng.random() < 0.5),
        "weight_decay": rng.uniform(0.01, 0.3),
        "bias_decay_factor": rng.uniform(0, 2),
        "scale_decay_factor": rng.uniform(0.1, 9),
        **({"decay_schedule": ("flat_cosine", {})} if rng.random() < 0.5 else {}),
    },
}


def hidden_names():
    """Return the activations that a hidden layer is given: all but a user's own."""
    return [name for name in names("activation") if name != "own"]


def fits(loss, output, outputs):
    """Whether a network may have this loss, output activation and number of outputs."""
    try:
        Network((2, outputs), output_activation=output, loss=loss)
    except InputError:
        return False
    return True


def output_pairs():
    """Return every (loss, output activation) that fits."""
    return [
        (loss, output)
        for loss in names("loss")
        for output in hidden_names()
        if fits(loss, output, 2)
    ]


def random_cases(count):
    """Return random cases, the same ones each time; they go round every pair, optimizer and schedule."""
    order = np.random.default_rng(20260)
    pairs = [output_pairs()[at] for at in order.permutation(len(output_pairs()))]
    return [random_case(number, pairs) for number in range(count)]


def random_case(number, pairs):
    rng = np.random.default_rng([20260, number])
    if number % 2:
        loss, output = pairs[number // 2 % len(pairs)]
    else:
        loss = names("loss")[number // 2 % len(names("loss"))]
        output = str(rng.choice([o for of, o in pairs if of == loss]))
    outputs = 2 if output == "softmax" and number % 3 == 0 else (1, 2, 5)[number % 3]

    def named(name):
        return name, PARAMETERS.get(name, lambda rng: {})(rng)

    depth = int(rng.integers(1, 5))
    widths = rng.integers(1, 6, depth + 1)
    # Each activation at most once: exp of exp of exp overflows.
    hidden = [str(name) for name in rng.choice(hidden_names(), depth, replace=False)]
    # A softmax of one neuron is 1 whatever comes in, and its deltas are 0 but for rounding.
    widths[1:][[name == "softmax" for name in hidden]] += 1
    schedules = names("schedule")
    chosen = list(OPTIMIZERS.values())[number % len(OPTIMIZERS)](rng)
    chosen |= {
        "learning_rate": rng.uniform(0.001, 0.05),
        "schedule": named(schedules[number % len(schedules)]),
    }
    if rng.random() < 0.3:
        chosen["clip_norm"] = rng.uniform(0.05, 2)
    if rng.random() < 0.3:
        chosen["clip_value"] = rng.uniform(0.01, 0.5)
    smooth = loss in ("cross_entropy", "binary_cross_entropy") and rng.random() < 0.5
    # Of its own, so that what else is drawn stays as it was.
    other = np.random.default_rng([20260, number, 1])
    if chosen["name"] == "adam by role":
        chosen |= {
            "activation_factor": other.uniform(0.1, 2),
            "activation_decay_factor": other.uniform(0, 2),
        }
    return Case(
        f"random {number}",
        tuple(int(s) for s in (*widths, outputs)),
        tuple(named(name) for name in (*hidden, output)),
        named(loss),
        chosen,
        dropout=tuple(rng.choice([0.0, 0.2, 0.5], depth)) if rng.random() < 0.4 else (),
        label_smoothing=rng.uniform(0.05, 0.3) if smooth else 0.0,
        l1=rng.uniform(0.001, 0.1) if rng.random() < 0.3 else 0.0,
        l2=rng.uniform(0.001, 0.1) if rng.random() < 0.3 else 0.0,
        weighted=bool(rng.random() < 0.4),
        reduction=str(rng.choice(["mean", "sum"])),
        rows=int(rng.integers(2, 8)),
        batch_size=int(rng.integers(2, 5)) if rng.random() < 0.6 else None,
        input_scale=bool(rng.random() < 0.3),
        dropout_schedule=named("flat_cosine") if rng.random() < 0.5 else ("constant", {}),
        parametric="softmax" not in hidden and bool(other.random() < 0.4),
        seed=number,
    )
