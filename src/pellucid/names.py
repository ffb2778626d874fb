"""The names of a step's values: what each means, where it belongs, how mathematics writes it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

# stage -> its heading, in the order of a step
STAGES = {
    "read": "The rows that make this update, and the weights it starts from",
    "prepare": "From the table to the network's inputs",
    "forward": "Forward: from the inputs to the output",
    "loss": "What the output costs",
    "error": "Backward: the error",
    "slope": "Backward: how easily each neuron moves",
    "delta": "Backward: the error carried back",
    "gradient": "Gradients: the slope of the loss by each weight and bias",
    "update": "The update: new weights and biases",
}


@dataclass(frozen=True)
class Name:
    """What a name stands for. `{l}` is the layer's number, `{p}` a parameter's name.

    Of a described name, `layer` and `parameter` are the layer and the parameter that it belongs to, if any;
    `W1_next`, `gradient_W1` and `W1` itself belong to `W1`.
    """

    pattern: str
    stage: str
    meaning: str
    latex: str
    layer: int | None = None
    parameter: str = ""


_PARAMETER = r"(?P<p>(?:[Wb]|activation_weight_)(?P<l>\d+)|input_scale)"

NAMES = (
    Name(r"X", "read", "inputs: one row for each example", r"X"),
    Name(r"y", "read", "targets: what the output should be", r"y"),
    Name(r"row_weight", "read", "how much each row counts", r"r"),
    Name(r"n", "read", "number of rows", r"n"),
    Name(r"numbers", "prepare", "the table's columns of numbers; NaN is a missing one", r"N"),
    Name(r"median", "prepare", "median of each column in training", r"m"),
    Name(r"mean", "prepare", "mean of each column in training", r"\bar N"),
    Name(r"scale", "prepare", "1 / the width of the middle half of each column", r"s"),
    Name(r"filled", "prepare", "numbers, with the middle of the column where one is missing", r"F"),
    Name(r"scaled", "prepare", "distance from the median, in widths of the middle half", r"U"),
    Name(r"clipped", "prepare", "scaled numbers, outliers drawn in to between -3 and 3", r"C"),
    Name(r"bin_columns", "prepare", "picks the column that each bin belongs to", r"B"),
    Name(r"bin_start", "prepare", "where each bin begins: a quantile of its column", r"q"),
    Name(r"bin_width", "prepare", "how wide each bin is", r"d"),
    Name(r"in_bins", "prepare", "how far each bin is passed, around 0", r"Q"),
    Name(r"gaps", "prepare", "1 where a number is missing", r"G"),
    Name(r"missing_columns", "prepare", "picks the columns that had gaps in training", r"K"),
    Name(r"missing", "prepare", "1 where a number of such a column is missing", r"M"),
    Name(r"present", "prepare", "1 where a number of such a column is there, else -1", r"M"),
    Name(
        r"codes_(?P<l>\d+)",
        "prepare",
        "category column {l} as codes; -1 is missing or unknown",
        r"c_{l}",
    ),
    Name(r"levels_(?P<l>\d+)", "prepare", "the codes that category column {l} can have", r"k_{l}"),
    Name(
        r"one_hot_(?P<l>\d+)", "prepare", "1 for the row's category of column {l}, else 0", r"H_{l}"
    ),
    Name(
        r"sign_(?P<l>\d+)",
        "prepare",
        "1 for the first category of column {l}, -1 for the second",
        r"h_{l}",
    ),
    Name(r"joined", "prepare", "the columns of all blocks, side by side", r"J"),
    Name(r"target", "prepare", "the target column: numbers, or the classes' codes", r"T"),
    Name(r"y_mean", "prepare", "mean of the target in training", r"\bar T"),
    Name(r"y_scale", "prepare", "standard deviation of the target in training", r"\sigma_T"),
    Name(r"y_lowest", "prepare", "smallest target in training", r"T_{\min}"),
    Name(r"y_highest", "prepare", "largest target in training", r"T_{\max}"),
    Name(r"temperature", "read", "what the logarithms of the chances are divided by", r"\tau"),
    Name(r"mean_output", "forward", "mean of the members' outputs", r"\bar y"),
    Name(r"chances", "forward", "chance of each class, before it is calibrated", r"\hat P"),
    Name(r"sharpened", "forward", "chances to the power of 1 / temperature", r"\hat P^{1/\tau}"),
    Name(r"class_codes", "prepare", "the class that each output neuron stands for", r"k"),
    Name(r"prediction", "forward", "the output in the units of the target", r"\hat T"),
    Name(r"probability", "forward", "chance of each class", r"P"),
    Name(r"predicted_class", "forward", "code of the likeliest class, from 0", r"\hat k"),
    Name(r"mask_(?P<l>\d+)", "read", "dropout: which activations of layer {l} are kept", r"M_{l}"),
    Name(r"W(?P<l>\d+)", "read", "weights into layer {l}", r"W_{l}"),
    Name(r"b(?P<l>\d+)", "read", "bias of layer {l}", r"b_{l}"),
    Name(
        r"activation_weight_(?P<l>\d+)",
        "read",
        "how far each neuron of layer {l} bends; it is learnt",
        r"w_{l}",
    ),
    Name(r"input_scale", "read", "what each input is multiplied by; it is learnt", r"s_X"),
    Name(r"velocity_" + _PARAMETER, "read", "velocity of {p}", r"v_{p}"),
    Name(r"first_moment_" + _PARAMETER, "read", "running mean of the gradient of {p}", r"m_{p}"),
    Name(
        r"second_moment_" + _PARAMETER,
        "read",
        "running mean of the squared gradient of {p}",
        r"s_{p}",
    ),
    Name(r"learning_rate", "update", "learning rate of this update", r"\eta"),
    Name(r"base_learning_rate", "read", "learning rate before the schedule", r"\eta_0"),
    Name(r"momentum", "read", "share of the velocity that is kept", r"\mu"),
    Name(r"decay", "read", "share of the running mean that is kept", r"\rho"),
    Name(r"beta_1", "read", "share of the mean gradient that is kept", r"\beta_1"),
    Name(r"beta_2", "read", "share of the mean squared gradient that is kept", r"\beta_2"),
    Name(r"epsilon", "read", "small number that keeps the division finite", r"\varepsilon"),
    Name(r"weight_decay", "update", "share of each weight taken away", r"\lambda"),
    Name(r"base_weight_decay", "read", "share taken away, before its schedule", r"\lambda_0"),
    Name(r"bias_decay_factor", "read", "how much more biases decay than weights", r"\kappa_b"),
    Name(r"scale_decay_factor", "read", "how much more scales decay than weights", r"\kappa_s"),
    Name(
        r"activation_decay_factor",
        "read",
        "how much more weights of activations decay than weights",
        r"\kappa_w",
    ),
    Name(r"weight_factor", "read", "factor of the steps of weights", r"\phi_W"),
    Name(r"bias_factor", "read", "factor of the steps of biases", r"\phi_b"),
    Name(r"scale_factor", "read", "factor of the steps of scales", r"\phi_s"),
    Name(r"activation_factor", "read", "factor of the steps of activations' weights", r"\phi_w"),
    Name(r"fan_in_(?P<l>\d+)", "read", "how many numbers a neuron of layer {l} adds up", r"f_{l}"),
    Name(r"clip_value", "read", "largest change of a single number", r"c"),
    Name(r"clip_norm", "read", "largest length of the gradient", r"c"),
    Name(r"label_smoothing", "read", "share of the target spread over the classes", r"\alpha"),
    Name(r"l1", "read", "strength of the penalty on |W|", r"\lambda_1"),
    Name(r"l2", "read", "strength of the penalty on W²", r"\lambda_2"),
    Name(
        r"negative_slope_(?P<l>\d+)",
        "read",
        "slope of layer {l} for negative net inputs",
        r"\gamma_{l}",
    ),
    Name(
        r"alpha_(?P<l>\d+)", "read", "what layer {l} tends to, negated, far below 0", r"\alpha_{l}"
    ),
    Name(r"huber_delta", "read", "how far the loss is a square: beyond, it is a line", r"\delta_H"),
    Name(r"quantile", "read", "share of targets that should lie below the output", r"q"),
    Name(r"update_number", "read", "number of this update, from 1", r"t"),
    Name(r"epoch_number", "read", "number of this epoch, from 0", r"e"),
    Name(r"progress", "read", "share of all updates done before this one", r"p"),
    Name(r"scaled_X", "forward", "inputs, each times its scale", r"\tilde X"),
    Name(r"net_input_(?P<l>\d+)", "forward", "what goes into layer {l}'s activation", r"Z_{l}"),
    Name(
        r"curved_(?P<l>\d+)",
        "forward",
        "activation of hidden layer {l} before its weight",
        r"C_{l}",
    ),
    Name(
        r"bend_(?P<l>\d+)",
        "forward",
        "how far the activation of hidden layer {l} is from its net input",
        r"B_{l}",
    ),
    Name(r"hidden_(?P<l>\d+)", "forward", "activation of hidden layer {l}", r"A_{l}"),
    Name(r"kept_(?P<l>\d+)", "forward", "what dropout kept of hidden layer {l}", r"\tilde A_{l}"),
    Name(r"output", "forward", "the network's answer", r"\hat y"),
    Name(r"smoothed_y", "loss", "targets after label smoothing", r"\tilde y"),
    Name(r"row_loss", "loss", "loss of each row", r"\ell"),
    Name(r"weight_total", "loss", "sum of the row weights", r"R"),
    Name(r"loss", "loss", "loss of these rows", r"L"),
    Name(r"penalty", "loss", "penalty on the weights", r"P"),
    Name(r"objective", "loss", "loss and penalty: what training makes smaller", r"J"),
    Name(r"error", "error", "minus the derivative of a row's loss by the output", r"E"),
    Name(r"slope_output", "slope", "slope of the output's activation", r"S"),
    Name(
        r"slope_curved_(?P<l>\d+)",
        "slope",
        "slope of hidden layer {l}'s activation before its weight",
        r"S^C_{l}",
    ),
    Name(r"slope_hidden_(?P<l>\d+)", "slope", "slope of hidden layer {l}'s activation", r"S_{l}"),
    Name(r"delta_output", "delta", "how much the output neurons should change", r"\delta"),
    Name(r"error_hidden_(?P<l>\d+)", "delta", "the error that reached hidden layer {l}", r"E_{l}"),
    Name(
        r"delta_hidden_(?P<l>\d+)",
        "delta",
        "how much the neurons of hidden layer {l} should change",
        r"\delta_{l}",
    ),
    Name(r"error_X", "delta", "the error that reached the scaled inputs", r"E_X"),
    Name(r"gradient_" + _PARAMETER, "gradient", "slope of the loss by {p}", r"\nabla {p}"),
    Name(r"gradient_norm", "gradient", "length of all gradients together", r"\|\nabla\|"),
    Name(r"clip_factor", "gradient", "what clipping multiplies the gradients by", r"k"),
    Name(r"velocity_" + _PARAMETER + "_next", "update", "new velocity of {p}", r"v_{p}'"),
    Name(
        r"first_moment_" + _PARAMETER + "_next",
        "update",
        "new running mean of the gradient of {p}",
        r"m_{p}'",
    ),
    Name(
        r"second_moment_" + _PARAMETER + "_next",
        "update",
        "new running mean of the squared gradient of {p}",
        r"s_{p}'",
    ),
    Name(r"W(?P<l>\d+)_next", "update", "weights into layer {l} after the update", r"W_{l}'"),
    Name(r"b(?P<l>\d+)_next", "update", "bias of layer {l} after the update", r"b_{l}'"),
    Name(
        r"activation_weight_(?P<l>\d+)_next",
        "update",
        "weights of layer {l}'s activations after the update",
        r"w_{l}'",
    ),
    Name(r"input_scale_next", "update", "scale of the inputs after the update", r"s_X'"),
)

# What the pieces of an own optimizer keep; asked after all others.
OWN_STATES = (
    Name(
        r"(?P<s>[a-z][a-z_0-9]*?)_" + _PARAMETER + "_next", "update", "new {s} of {p}", r"{s}_{p}'"
    ),
    Name(r"(?P<s>[a-z][a-z_0-9]*?)_" + _PARAMETER, "read", "{s} of {p}", r"{s}_{p}"),
)

# Where several networks answer together, the values of all but the first end in their number.
_MEMBER = re.compile(r"(?P<name>.+)_of_(?P<member>[2-9]|[1-9]\d+)")

_COMPILED = [(re.compile(n.pattern), n) for n in (*NAMES, *OWN_STATES)]


def belongs_to(name: str) -> str:
    """Return the parameter that a value belongs to; "" for none, also where the name is not in the table.

    >>> belongs_to("gradient_W1"), belongs_to("loss"), belongs_to("a user's own")
    ('W1', '', '')
    """
    try:
        return describe(name).parameter
    except KeyError:
        return ""


def describe(name: str) -> Name:
    """Return what `name` stands for, with its layer and parameter filled in.

    >>> describe("delta_hidden_2").meaning
    'how much the neurons of hidden layer 2 should change'
    """
    of_member = _MEMBER.fullmatch(name)
    if of_member:
        known, number = describe(of_member["name"]), of_member["member"]
        return replace(
            known,
            pattern=name,
            meaning=f"{known.meaning} (member {number})",
            latex=f"{{{known.latex}}}^{{({number})}}",
            parameter=known.parameter and f"{known.parameter}_of_{number}",
        )
    for pattern, known in _COMPILED:
        match = pattern.fullmatch(name)
        if match:
            parts = {k: v or "" for k, v in match.groupdict().items()}
            state, layer = parts.get("s", "").replace("_", " "), parts.get("l", "")
            parameter = parts.get("p", "")
            latex = known.latex.replace("{s}", rf"\mathrm{{{state}}}").replace(
                "{l}", f"{{{layer}}}"
            )
            if parameter:
                latex = latex.replace("{p}", "{" + describe(parameter).latex + "}")
            bare = name.removesuffix("_next")
            return Name(
                name,
                known.stage,
                known.meaning.format(**{**parts, "s": state}),
                latex,
                int(layer) if layer else None,
                parameter or (bare if re.fullmatch(_PARAMETER, bare) else ""),
            )
    raise KeyError(f"{name} is not in the table of names; add it to NAMES in names.py")
