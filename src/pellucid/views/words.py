"""What each stage of a step is called, and what happens in it, in a teacher's words."""

from __future__ import annotations

from collections.abc import Sequence

from pellucid.catalogue.schedules import Constant
from pellucid.network import Network
from pellucid.step import Step

# What the tutorial that the worked example comes from has wrong, by stage.
TUTORIAL_NOTES = {
    2: (
        "In the tutorial's program the 3 neurons of this layer were first called the number of "
        "hidden layers. There is one hidden layer here; it has three neurons.",
    ),
    7: (
        "The tutorial's heading for this step multiplies by the learning rate as well. Its "
        "numbers do not, rightly: the rate is applied once, when the weights move.",
    ),
    10: (
        "In its mathematics the tutorial adds learning rate · ∂E/∂W. To go down, one "
        "subtracts the slope. Its programs come out right because they use y - output, which is "
        "minus that slope already.",
    ),
    11: (
        "The tutorial's text for this step adds the output layer's delta to the hidden bias; its "
        "formula has the hidden layer's, and that is right.",
        "Its R program keeps one bias for each training row, and sums over the neurons. Such a "
        "bias says nothing about a new row: there is one bias for each neuron, and it moves by "
        "the sum over the rows.",
    ),
}


def title(number: int, layer: int | None, layers: int, names: Sequence[str]) -> str:
    """Return the title of a stage; `names` are those of its equations."""
    hidden = "the hidden layer" if layers == 2 else f"hidden layer {layer}"
    which = "" if layer is None else f" of layer {layer}"
    if number == 6:
        return "Slopes"
    if number == 10 and any(n.startswith("gradient_b") for n in names):
        return "All gradients, and their length"
    if number == 10 and list(names) == ["learning_rate"]:
        return "Learning rate of this update"
    return {
        0: "Inputs and targets",
        1: "Start weights and biases",
        2: f"Into {hidden}" if layer != 0 else "Inputs, scaled",
        3: f"Activation of {hidden}",
        4: "Output layer",
        5: "Error",
        7: "Delta of the output",
        8: f"Error sent back to {hidden if layer != 0 else 'the inputs'}",
        9: f"Delta of {hidden}",
        10: f"Weights{which}",
        11: f"Biases{which}",
        12: "Scale of the inputs" if layer is None else f"Bend of {hidden}",
    }[number]


def about(step: Step, number: int, layer: int | None, names: Sequence[str]) -> tuple[str, ...]:
    """Return what happens in a stage; `names` are those of its equations."""
    if number in (0, 1):
        return _start(step, number)
    if layer == 0:
        return _inputs(number)
    if number in (2, 3, 4):
        return (*_forward(step, number, layer or 1), *_answer(names))
    if number == 5:
        return _error(step)
    if number in (10, 11, 12):
        return _update(step, number, layer, names)
    return _backward(step, number, layer or 1)


def _answer(names: Sequence[str]) -> tuple[str, ...]:
    """Return what becomes of the output where an estimator has several networks, or calibrates chances."""
    found = []
    if "mean_output" in names:
        found.append(
            "What the other networks of the estimator say of these rows is given. All of them count the same: "
            "the mean is the answer."
        )
    if "sharpened" in names:
        found.append(
            "The temperature was found on held-out rows: above 1 it makes chances more careful, below 1 "
            "surer. Then the chances of a row are made to add up to 1 again."
        )
    return tuple(found)


def _start(step: Step, number: int) -> tuple[str, ...]:
    network = step.network
    if number == 1:
        return (
            "The numbers that learning changes. A weight matrix has a row for each number that "
            "comes in and a column for each neuron; a bias is one number for each neuron.",
            "A new network draws them at random; later ones are what the update before left.",
        )
    weights = " row_weight says how much each row counts." if step.weighted else ""
    outputs = "the target" if network.outputs == 1 else f"the {network.outputs} targets"
    return (
        f"Each row of X is one example with {_count(network.inputs, 'input')}. The same row of y "
        f"holds {outputs}: what the network should answer.{weights}",
    )


def _inputs(number: int) -> tuple[str, ...]:
    if number == 2:
        return (
            "Each input is multiplied by a number of its own, which is learnt like a weight: one that "
            "does not help shrinks.",
        )
    return (
        "Each scaled input gets its share of the error: the deltas of the first layer, each times the "
        "weight that joins the two.",
    )


def _forward(step: Step, number: int, layer: int) -> tuple[str, ...]:
    network = step.network
    if number == 4:
        last = network.layers[-1].activation.label
        bend = (
            "The identity leaves the sum as it is."
            if last == "identity"
            else f"Then {last} turns the sum into the answer."
        )
        return (
            f"The output layer adds up in the same way: inputs times weights, plus bias. {bend}",
        )
    what = "each input" if layer == 1 else f"each activation of layer {layer - 1}"
    if number == 2:
        return (
            f"Every neuron adds up what comes in: {what} times its weight, plus the neuron's "
            "bias. So far nothing bends: this is a weighted sum.",
        )
    chosen = network.layers[layer - 1]
    if chosen.activation.label == "identity":
        text = "The identity leaves each sum as it is: this layer stays a straight line."
    else:
        text = (
            f"Each neuron answers with {chosen.activation.label} of its sum. This bend is what "
            "lets several layers say more than one."
        )
    if network.is_parametric(layer):
        text += (
            " How far it goes from the straight line towards that bend is learnt, for each neuron: with a "
            f"weight of 0 in activation_weight_{layer} it would hand on its sum, with 1 it bends all the way. "
            "Each starts at 1."
        )
    if f"mask_{layer}" in step.masks:
        most = "" if isinstance(network.dropout_schedule, Constant) else "up to "
        text += (
            f" Dropout leaves out {most}{100 * chosen.dropout:g} % of the answers at random in this "
            "update (0 in the mask) and enlarges the others to make up for it."
        )
    return (text,)


def _error(step: Step) -> tuple[str, ...]:
    network = step.network
    how = "mean" if step.reduction == "mean" else "sum"
    first = (
        f"What the answers cost: row_loss is the {_words(network.loss.name)} of each row, loss "
        f"the {how} over the rows{', by their weights' if step.weighted else ''}."
    )
    if network.label_smoothing:
        first += f" {100 * network.label_smoothing:g} % of each target is spread over the classes."
    if network.l1 or network.l2:
        first += " The penalty on large weights is added once."
    if network.is_matching_pair:
        pair = f"{network.layers[-1].activation.label} with {_words(network.loss.name)}"
        return (first, f"For {pair} the error needs no step of its own: see step 7.")
    if network.loss.name == "squared_error":
        return (
            first,
            "error is how far the answer is from the target: above 0 where it should be larger.",
        )
    return (
        first,
        "error is minus the slope of a row's loss: the way in which the answer should move.",
    )


def _backward(step: Step, number: int, layer: int) -> tuple[str, ...]:
    network = step.network
    if number == 6:
        return (
            "How easily does each neuron move? The slope says how much its activation changes "
            "when the sum that goes in changes a little. A neuron at the flat end hardly moves.",
            *_mixed_slopes(network),
        )
    if number == 8:
        after = "output" if layer == len(network.layers) - 1 else f"hidden layer {layer + 1}"
        mask = " What dropout left out gets none." if f"mask_{layer}" in step.masks else ""
        return (
            f"Each neuron of hidden layer {layer} gets its share of the error: the deltas of the "
            f"{after}, each times the weight that joins the two. The weights of the way forward "
            f"are used again, backwards.{mask}",
        )
    if number == 9:
        return (
            "How much should each neuron change, for each row? The error that reached it, times "
            "how easily it moves.",
        )
    last = network.layers[-1].activation
    if network.is_matching_pair:
        text = (
            f"With {_words(network.loss.name)} and {last.label} the slopes cancel, and what is "
            "left is simply how far the answer is from the target."
        )
    elif not last.elementwise:
        text = (
            f"With {last.label} every answer of a row depends on every sum of the row, so the "
            "error is carried back through all of them at once."
        )
    else:
        text = (
            "How much should each output neuron change, for each row? Its error, times how easily "
            "it moves."
        )
    return (text + (" Rows that count more pull harder." if step.weighted else ""),)


def _mixed_slopes(network: Network) -> tuple[str, ...]:
    if not network.is_parametric(1):
        return ()
    return (
        "Where a weight says how far a neuron bends, its slope lies as far between 1, that of the straight "
        "line, and that of the activation.",
    )


def _update(step: Step, number: int, layer: int | None, names: Sequence[str]) -> tuple[str, ...]:
    if number == 10 and any(n.startswith("gradient_b") for n in names):
        return (
            "The gradient is the slope of the loss by each weight and bias. When all of them "
            "together are longer than clip_norm, every one is shortened by clip_factor.",
        )
    if list(names) == ["learning_rate"]:
        return ("The schedule says how large the steps are at this point of the training.",)
    many = "averaged" if step.reduction == "mean" else "added up"
    what = {
        10: f"The gradient of a weight is minus what came in times the delta it led to, {many} over "
        "the rows.",
        11: f"The gradient of a bias is minus its neuron's delta, {many} over the rows: one "
        "number for each neuron.",
        12: f"The gradient of a scale is minus its input times the error that reached it, {many} over "
        "the rows.",
    }
    if number == 12 and layer:
        what[12] = (
            f"The gradient of an activation's weight is minus its bend times the error that reached it, {many} "
            "over the rows."
        )
    if step.optimizer is None:  # as of L-BFGS, whose update is no formula of one step
        return (what[number],)
    found = [what[number], "Learning subtracts learning rate · gradient, and so goes downhill."]
    states = step.optimizer.states
    if states:
        found[1] = "Learning goes downhill: the change is subtracted."
    if "velocity" in states:
        found.append("velocity keeps a share of the changes before: the step has momentum.")
    if "second_moment" in states:
        found.append(
            "Running means of the gradient's size make the steps of all weights alike in size."
        )
    if step.network.l1 or step.network.l2:
        found.append("The slope of the penalty is part of the gradients of the weights.")
    return tuple(found)


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _words(name: str) -> str:
    return name.replace("_", " ")
