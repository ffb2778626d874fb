"""One training step in loops over single numbers: the oracle of every other way to compute it.

It knows nothing of Pellucid and nothing of NumPy: numbers, lists, `math`, and the mathematics as text books have it.
Derivatives are written out by the chain rule, through the whole Jacobian where outputs depend on each other, and no
named simplification is used, so a slip in Pellucid's formulas does not stand here too.

A network is plain data:

    {"layers": [("tanh", {}), ("softmax", {})], "loss": ("huber", {"delta": 2.0}),
     "label_smoothing": 0.0, "l1": 0.0, "l2": 0.0, "input_scale": False, "parametric": False}

and so is an optimizer: {"name": "adam", "learning_rate": 0.1, "schedule": ("cosine", {"final": 0.0}), …}. Matrices are
lists of rows. `step` returns every value under the name it has in a trace.
"""

import math

# A probability or a count at the very end of its range has an infinite logarithm; it is moved in by this much.
SMALLEST = 1e-12


def step(network, given, optimizer=None, reduction="mean"):
    """Return every value of one training step on the rows and parameters in `given`, by name."""
    trace = {}
    forward(network, given, trace)
    targets = smoothed_targets(network, given, trace)
    losses(network, given, targets, reduction, trace)
    deltas = backward(network, given, targets, trace)
    gradients(network, given, deltas, reduction, trace)
    if optimizer is not None:
        update(network, given, optimizer, trace)
    return trace


# Forward


def forward(network, given, trace):
    signal = given["X"]
    if network["input_scale"]:
        trace["scaled_X"] = signal = [
            [x * s for x, s in zip(row, given["input_scale"][0], strict=True)] for row in signal
        ]
    for at, (name, parameters) in enumerate(network["layers"], 1):
        W, b = given[f"W{at}"], given[f"b{at}"]
        z = [
            [sum(row[k] * W[k][j] for k in range(len(W))) + b[0][j] for j in range(len(b[0]))]
            for row in signal
        ]
        trace[f"net_input_{at}"] = z
        last = at == len(network["layers"])
        signal = [activated(name, parameters, row) for row in z]
        if network["parametric"] and not last:
            w = given[f"activation_weight_{at}"][0]
            trace[f"curved_{at}"] = curved = signal
            trace[f"bend_{at}"] = [
                [c - x for c, x in zip(*rows, strict=True)] for rows in zip(curved, z, strict=True)
            ]
            signal = [
                [(1 - w[j]) * row[j] + w[j] * bent[j] for j in range(len(w))]
                for row, bent in zip(z, curved, strict=True)
            ]
        trace["output" if last else f"hidden_{at}"] = signal
        if f"mask_{at}" in given:
            signal = [
                [a * m for a, m in zip(row, mask, strict=True)]
                for row, mask in zip(signal, given[f"mask_{at}"], strict=True)
            ]
            trace[f"kept_{at}"] = signal


def activated(name, parameters, row):
    """Return the activations of one row of net inputs."""
    if name == "softmax":
        return softmax(row)
    return [ACTIVATIONS[name][0](x, **parameters) for x in row]


def softmax(row):
    powers = [math.exp(x) for x in row]
    return [p / sum(powers) for p in powers]


def jacobian(name, parameters, z):
    """Return the matrix of the derivatives of each activation of a row by each of its net inputs."""
    size = len(z)
    if name == "softmax":
        a = softmax(z)
        return [
            [a[i] * ((1.0 if i == j else 0.0) - a[j]) for j in range(size)] for i in range(size)
        ]
    slope = ACTIVATIONS[name][1]
    return [
        [slope(z[i], **parameters) if i == j else 0.0 for j in range(size)] for i in range(size)
    ]


def sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (math.exp(x) + 1)


def mish(x):
    e = math.exp(x)
    return x * ((1 + e) ** 2 - 1) / ((1 + e) ** 2 + 1)


def mish_slope(x):
    e = math.exp(x)
    omega = 4 * (x + 1) + 4 * e**2 + e**3 + e * (4 * x + 6)
    return e * omega / (2 * e + e**2 + 2) ** 2


def selu_constants():
    """Return (scale, alpha) that make mean 0 and variance 1 a fixed point (Klambauer et al. 2017, appendix)."""
    c, root = math.erfc(1 / math.sqrt(2)), math.sqrt(math.e)
    alpha = math.sqrt(2 / math.pi) / (1 - c * root)
    variance = 2 * math.erfc(math.sqrt(2)) * math.e**2 + math.pi * c**2 * math.e
    variance += -2 * (2 + math.pi) * c * root + math.pi + 2
    return (1 - c * root) * math.sqrt(2 * math.pi / variance), alpha


SCALE, ALPHA = selu_constants()

# name -> (formula, slope); at a kink the slope is 0 where that is the slope of one side, else the left side's
ACTIVATIONS = {
    "identity": (lambda x: x, lambda x: 1.0),
    "threshold": (lambda x: 1.0 if x > 0 else 0.0, lambda x: 0.0),
    "sigmoid": (sigmoid, lambda x: 1 / ((1 + math.exp(x)) * (1 + math.exp(-x)))),
    "tanh": (math.tanh, lambda x: 1 / math.cosh(x) ** 2),
    "relu": (lambda x: x if x > 0 else 0.0, lambda x: 1.0 if x > 0 else 0.0),
    "leaky_relu": (
        lambda x, negative_slope=0.01: x if x > 0 else x * negative_slope,
        lambda x, negative_slope=0.01: 1.0 if x > 0 else negative_slope,
    ),
    "elu": (
        lambda x, alpha=1.0: x if x > 0 else alpha * math.exp(x) - alpha,
        lambda x, alpha=1.0: 1.0 if x > 0 else alpha * math.exp(x),
    ),
    "selu": (
        lambda x: SCALE * x if x > 0 else SCALE * ALPHA * (math.exp(x) - 1),
        lambda x: SCALE if x > 0 else SCALE * ALPHA * math.exp(x),
    ),
    "gelu": (
        lambda x: x * math.erfc(-x / math.sqrt(2)) / 2,
        lambda x: (
            math.erfc(-x / math.sqrt(2)) / 2 + x * math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
        ),
    ),
    "silu": (
        lambda x: x / (1 + math.exp(-x)),
        lambda x: (1 + math.exp(-x) + x * math.exp(-x)) / (1 + math.exp(-x)) ** 2,
    ),
    "mish": (mish, mish_slope),
    "softplus": (lambda x: math.log(1 + math.exp(x)), lambda x: math.exp(x) / (1 + math.exp(x))),
    "exp": (math.exp, math.exp),
}


# Loss


def smoothed_targets(network, given, trace):
    share = network["label_smoothing"]
    if not share:
        return given["y"]
    classes = 2 if network["loss"][0] == "binary_cross_entropy" else len(given["y"][0])
    trace["smoothed_y"] = [[(1 - share) * y + share / classes for y in row] for row in given["y"]]
    return trace["smoothed_y"]


def inside(value):
    return max(value, SMALLEST)


def squared_error(o, y):
    return 0.5 * (o - y) * (o - y), o - y


def absolute_error(o, y):
    return (o - y, 1.0) if o > y else (y - o, -1.0 if o < y else 0.0)


def huber(o, y, delta=1.0):
    far = abs(o - y)
    if far <= delta:
        return far * far / 2, o - y
    return delta * far - delta * delta / 2, delta if o > y else -delta


def quantile(o, y, quantile=0.5):
    if o == y:
        return 0.0, 0.0
    return ((1 - quantile) * (o - y), 1 - quantile) if o > y else (quantile * (y - o), -quantile)


def poisson(o, y):
    constant = y * math.log(y) - y if y > 0 else 0.0
    return o - y * math.log(inside(o)) + constant, 1 - y / inside(o)


def binary_cross_entropy(o, y):
    value = -(y * math.log(inside(o)) + (1 - y) * math.log(inside(1 - o)))
    return value, (1 - y) / inside(1 - o) - y / inside(o)


def cross_entropy(o, y):
    return -y * math.log(inside(o)), -y / inside(o)


# name -> function of (output, target) that returns the loss and its derivative by the output
LOSSES = {
    f.__name__: f
    for f in (
        squared_error,
        absolute_error,
        huber,
        quantile,
        poisson,
        binary_cross_entropy,
        cross_entropy,
    )
}


def losses(network, given, targets, reduction, trace):
    name, parameters = network["loss"]
    rows = [
        [LOSSES[name](o, y, **parameters)[0] for o, y in zip(outputs, wanted, strict=True)]
        for outputs, wanted in zip(trace["output"], targets, strict=True)
    ]
    trace["row_loss"] = [[sum(row)] for row in rows]
    loss = sum(w * sum(row) for w, row in zip(row_weights(given), rows, strict=True))
    if reduction == "mean":
        loss /= sum(row_weights(given))
        if "row_weight" in given:
            trace["weight_total"] = sum(row_weights(given))
    trace["loss"] = loss
    l1, l2 = network["l1"], network["l2"]
    if l1 or l2:
        every = [
            w for at in range(1, len(network["layers"]) + 1) for row in given[f"W{at}"] for w in row
        ]
        trace["penalty"] = sum(l1 * abs(w) + l2 * w * w / 2 for w in every)
        trace["objective"] = trace["loss"] + trace["penalty"]


def row_weights(given):
    return (
        [row[0] for row in given["row_weight"]]
        if "row_weight" in given
        else [1.0] * len(given["X"])
    )


# Backward


def backward(network, given, targets, trace):
    """Name errors, slopes and deltas; return the deltas by layer."""
    layers = network["layers"]
    name, parameters = network["loss"]
    error = [
        [-LOSSES[name](o, y, **parameters)[1] for o, y in zip(outputs, wanted, strict=True)]
        for outputs, wanted in zip(trace["output"], targets, strict=True)
    ]
    trace["error"] = error
    deltas = {}
    for at in range(len(layers), 0, -1):
        last = at == len(layers)
        jacobians = [jacobian(*layers[at - 1], z) for z in trace[f"net_input_{at}"]]
        if network["parametric"] and not last:
            w = given[f"activation_weight_{at}"][0]
            trace[f"slope_curved_{at}"] = [
                [rows[j][j] for j in range(len(w))] for rows in jacobians
            ]
            for rows in jacobians:
                for j in range(len(w)):
                    rows[j][j] = (1 - w[j]) + w[j] * rows[j][j]
        if layers[at - 1][0] != "softmax":
            slopes = [[rows[j][j] for j in range(len(rows))] for rows in jacobians]
            trace["slope_output" if last else f"slope_hidden_{at}"] = slopes
        delta = [through(e, rows) for e, rows in zip(error, jacobians, strict=True)]
        if last:
            delta = [[d * w for d in row] for row, w in zip(delta, row_weights(given), strict=True)]
        trace["delta_output" if last else f"delta_hidden_{at}"] = deltas[at] = delta
        if at == 1 and not network["input_scale"]:
            return deltas
        error = [through(d, transposed(given[f"W{at}"])) for d in delta]
        if at == 1:
            trace["error_X"] = error
            return deltas
        if f"mask_{at - 1}" in given:
            error = [
                [e * m for e, m in zip(row, mask, strict=True)]
                for row, mask in zip(error, given[f"mask_{at - 1}"], strict=True)
            ]
        trace[f"error_hidden_{at - 1}"] = error
    raise ValueError("a network has at least one layer")


def through(row, matrix):
    """Return the row times the matrix."""
    return [sum(row[i] * matrix[i][j] for i in range(len(row))) for j in range(len(matrix[0]))]


def transposed(matrix):
    return [[row[j] for row in matrix] for j in range(len(matrix[0]))]


def gradients(network, given, deltas, reduction, trace):
    divisor = sum(row_weights(given)) if reduction == "mean" else 1.0
    l1, l2 = network["l1"], network["l2"]
    for at, delta in deltas.items():
        W = given[f"W{at}"]
        signal = (
            trace.get("scaled_X", given["X"])
            if at == 1
            else trace.get(f"kept_{at - 1}", trace.get(f"hidden_{at - 1}"))
        )
        rows, neurons = range(len(delta)), range(len(W[0]))
        trace[f"gradient_W{at}"] = [
            [
                -sum(signal[r][k] * delta[r][j] for r in rows) / divisor
                + l1 * ((W[k][j] > 0) - (W[k][j] < 0))
                + l2 * W[k][j]
                for j in neurons
            ]
            for k in range(len(W))
        ]
        trace[f"gradient_b{at}"] = [[-sum(delta[r][j] for r in rows) / divisor for j in neurons]]
        if f"curved_{at}" in trace:
            # The derivative of (1 - w) · z + w · σ(z) by w.
            by_w = [
                [trace[f"curved_{at}"][r][j] - trace[f"net_input_{at}"][r][j] for j in neurons]
                for r in rows
            ]
            error = trace[f"error_hidden_{at}"]
            trace[f"gradient_activation_weight_{at}"] = [
                [-sum(error[r][j] * by_w[r][j] for r in rows) / divisor for j in neurons]
            ]
    if network["input_scale"]:
        X, error = given["X"], trace["error_X"]
        trace["gradient_input_scale"] = [
            [-sum(X[r][i] * error[r][i] for r in range(len(X))) / divisor for i in range(len(X[0]))]
        ]


# Update


def update(network, given, optimizer, trace):
    rate = learning_rate(optimizer, given)
    if optimizer.get("schedule", ("constant", {}))[0] not in ("constant", "adaptive"):
        trace["learning_rate"] = rate
    decay_rate = optimizer.get("weight_decay", 0.0)
    if "decay_schedule" in optimizer:
        schedule, parameters = optimizer["decay_schedule"]
        decay_rate *= SCHEDULES[schedule](given, **parameters)
        trace["weight_decay"] = decay_rate
    names = [f"{letter}{at}" for at in range(1, len(network["layers"]) + 1) for letter in "Wb"]
    names += ["input_scale"] if network["input_scale"] else []
    if network["parametric"]:
        names += [f"activation_weight_{at}" for at in range(1, len(network["layers"]))]
    factor = 1.0
    if optimizer.get("clip_norm") is not None:
        norm = math.sqrt(
            sum(g * g for name in names for row in trace[f"gradient_{name}"] for g in row)
        )
        factor = optimizer["clip_norm"] / norm if norm > optimizer["clip_norm"] else 1.0
        trace["gradient_norm"], trace["clip_factor"] = norm, factor
    for name in names:
        old = given[name]
        results = {}
        for i, row in enumerate(old):
            for j, value in enumerate(row):
                gradient = factor * trace[f"gradient_{name}"][i][j]
                if (
                    optimizer.get("clip_value") is not None
                    and abs(gradient) > optimizer["clip_value"]
                ):
                    gradient = math.copysign(optimizer["clip_value"], gradient)
                state = {s: given[f"{s}_{name}"][i][j] for s in states(optimizer)}
                decay = (
                    decay_rate
                    * {
                        "weight": 1.0,
                        "bias": optimizer.get("bias_decay_factor", 0.0),
                        "scale": optimizer.get("scale_decay_factor", 0.0),
                        "activation": optimizer.get("activation_decay_factor", 0.0),
                    }[role(name)]
                )
                number = given["update_number"]
                # By fan in, what is updated is V = W · √(fan in), with a gradient of its own.
                size = math.sqrt(len(old)) if optimizer.get("by_fan_in") and name[0] == "W" else 1.0
                next_value, state = OPTIMIZERS[optimizer["name"]](
                    {**optimizer, "factor": optimizer.get(f"{role(name)}_factor", 1.0)},
                    rate,
                    value * size,
                    gradient / size,
                    decay,
                    state,
                    number,
                )
                next_value /= size
                for key, result in {
                    f"{name}_next": next_value,
                    **{f"{s}_{name}_next": state[s] for s in state},
                }.items():
                    results.setdefault(key, [[0.0] * len(row) for _ in old])[i][j] = result
        trace.update(results)


def role(name):
    return {"W": "weight", "b": "bias", "i": "scale", "a": "activation"}[name[0]]


def states(optimizer):
    """Return the names of the numbers that an optimizer keeps for each parameter."""
    moments = {"sgd": [], "rmsprop": ["second_moment"]}.get(
        optimizer["name"], ["first_moment", "second_moment"]
    )
    return [*moments, *(["velocity"] if optimizer.get("momentum") else [])]


def sgd(optimizer, rate, value, gradient, decay, state, number):
    return decayed(moved(optimizer, value, rate * gradient, state), rate * decay * value)


def rmsprop(optimizer, rate, value, gradient, decay, state, number):
    kept = optimizer["decay"]
    second = kept * state["second_moment"] + (1 - kept) * gradient * gradient
    direction = gradient / (math.sqrt(second) + optimizer["epsilon"])
    after = moved(optimizer, value, rate * direction, {**state, "second_moment": second})
    return decayed(after, rate * decay * value)


def decayed(after, share):
    """Take a share of the weight away beside the step: no state sees it."""
    return after[0] - share, after[1]


def moved(optimizer, value, change, state):
    """Return the value after the change, or after the velocity that the change adds to, and the state."""
    momentum = optimizer.get("momentum", 0.0)
    if not momentum:
        return value - change, state
    velocity = momentum * state["velocity"] + change
    if optimizer.get("nesterov"):
        # The step that is made from where the velocity alone would lead.
        return value - momentum * momentum * state["velocity"] - (1 + momentum) * change, {
            **state,
            "velocity": velocity,
        }
    return value - velocity, {**state, "velocity": velocity}


def adam(optimizer, rate, value, gradient, decay, state, number):
    beta_1, beta_2 = optimizer["beta_1"], optimizer["beta_2"]
    first = state["first_moment"] + (1 - beta_1) * (gradient - state["first_moment"])
    second = state["second_moment"] + (1 - beta_2) * (gradient**2 - state["second_moment"])
    # The order of computation that Kingma & Ba give at the end of their section 2.
    root = math.sqrt(1 - beta_2**number)
    direction = (
        root / (1 - beta_1**number) * first / (math.sqrt(second) + optimizer["epsilon"] * root)
    )
    return value - rate * optimizer["factor"] * direction - rate * decay * value, {
        "first_moment": first,
        "second_moment": second,
    }


OPTIMIZERS = {"sgd": sgd, "rmsprop": rmsprop, "adam": adam, "adamw": adam, "adam by role": adam}


def learning_rate(optimizer, given):
    name, parameters = optimizer.get("schedule", ("constant", {}))
    return optimizer["learning_rate"] * SCHEDULES[name](given, **parameters)


def step_decay(given, drop=0.5, every=10):
    factor = 1.0
    for epoch in range(1, int(given["epoch_number"]) + 1):
        factor *= drop if epoch % every == 0 else 1.0
    return factor


def exponential(given, decay=0.95):
    factor = 1.0
    for _ in range(int(given["epoch_number"])):
        factor *= decay
    return factor


def cosine(given, final=0.0):
    return final + (1 - final) * math.cos(math.pi * given["progress"] / 2) ** 2


def cosine_log(given, waves=4):
    # 1 - cos(2a) is 2 sin²(a).
    turns = math.log2(1 + (2**waves - 1) * given["progress"])
    return math.sin(math.pi * turns) ** 2


def flat_cosine(given):
    done = given["progress"]
    return 1.0 if done <= 0.5 else math.sin(math.pi * done) ** 2


def warm_up(given, updates=100, after=None):
    rising = given["update_number"] / updates if given["update_number"] < updates else 1.0
    return rising * SCHEDULES[after[0]](given, **after[1]) if after else rising


def inverse_scaling(given, power=0.5):
    return given["update_number"] ** -power


def unchanged(given, **parameters):
    return 1.0


SCHEDULES = {
    "constant": unchanged,
    "step": step_decay,
    "exponential": exponential,
    "cosine": cosine,
    "cosine_log": cosine_log,
    "flat_cosine": flat_cosine,
    "warm_up": warm_up,
    "inverse_scaling": inverse_scaling,
    "adaptive": unchanged,  # how training goes decides; within an update it is a given number
}
