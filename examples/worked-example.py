"""A neural network of 4 - 3 - 1 neurons.

It has 4 inputs, 3 hidden neurons (sigmoid), 1 output (sigmoid). Its loss is the squared error,
summed over the rows. Prints every number of the first step, then trains on. Needs NumPy alone.
Written by Pellucid.
"""

import numpy as np

np.set_printoptions(precision=6, threshold=np.inf)

epochs = 5000  # how often all rows are gone through

# inputs: one row for each example
X = np.array([
    [1, 0, 1, 0],
    [1, 0, 1, 1],
    [0, 1, 0, 1],
], dtype=float)

# targets: what the output should be
y = np.array([
    [1],
    [1],
    [0],
], dtype=float)

# weights into layer 1
W1 = np.array([
    [0.42, 0.88, 0.55],
    [0.10, 0.73, 0.68],
    [0.60, 0.18, 0.47],
    [0.92, 0.11, 0.52],
])

# bias of layer 1
b1 = np.array([[0.46, 0.72, 0.08]])

# weights into layer 2
W2 = np.array([
    [0.30],
    [0.25],
    [0.23],
])

# bias of layer 2
b2 = np.array([[0.69]])

learning_rate = 0.1  # learning rate of this update


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def show(names):
    for name in names:
        print(f"\n{name}\n{globals()[name]}")


# What is printed: every number that is computed.
shown = [
    "net_input_1", "hidden_1", "net_input_2", "output",
    "row_loss", "loss",
    "error",
    "slope_output", "slope_hidden_1",
    "delta_output", "error_hidden_1", "delta_hidden_1",
    "gradient_W2", "gradient_b2", "gradient_W1", "gradient_b1",
    "W2_next", "W1_next", "b2_next", "b1_next",
]

for step in range(1, epochs + 1):
    # Forward: from the inputs to the output
    net_input_1 = X @ W1 + b1         # what goes into layer 1's activation
    hidden_1 = sigmoid(net_input_1)   # activation of hidden layer 1
    net_input_2 = hidden_1 @ W2 + b2  # what goes into layer 2's activation
    output = sigmoid(net_input_2)     # the network's answer

    # What the output costs
    row_loss = np.sum((y - output)**2 / 2, axis=1, keepdims=True)  # loss of each row
    loss = np.sum(row_loss)                                        # loss of these rows

    # Backward: the error
    error = y - output  # minus the derivative of a row's loss by the output

    # Backward: how easily each neuron moves
    slope_output = output * (1 - output)        # slope of the output's activation
    slope_hidden_1 = hidden_1 * (1 - hidden_1)  # slope of hidden layer 1's activation

    # Backward: the error carried back
    delta_output = error * slope_output   # how much the output neurons should change
    error_hidden_1 = delta_output @ W2.T  # the error that reached hidden layer 1
    # how much the neurons of hidden layer 1 should change
    delta_hidden_1 = error_hidden_1 * slope_hidden_1

    # Gradients: the slope of the loss by each weight and bias
    gradient_W2 = -(hidden_1.T @ delta_output)                    # slope of the loss by W2
    gradient_b2 = -np.sum(delta_output, axis=0, keepdims=True)    # slope of the loss by b2
    gradient_W1 = -(X.T @ delta_hidden_1)                         # slope of the loss by W1
    gradient_b1 = -np.sum(delta_hidden_1, axis=0, keepdims=True)  # slope of the loss by b1

    # The update: new weights and biases
    W2_next = W2 - learning_rate * gradient_W2  # weights into layer 2 after the update
    W1_next = W1 - learning_rate * gradient_W1  # weights into layer 1 after the update
    b2_next = b2 - learning_rate * gradient_b2  # bias of layer 2 after the update
    b1_next = b1 - learning_rate * gradient_b1  # bias of layer 1 after the update

    if step <= 1:
        print(f"\nStep {step}")
        show(shown)

    # The next step starts from the new numbers.
    W1, b1 = W1_next, b1_next
    W2, b2 = W2_next, b2_next

print(f"\nAfter {epochs} epochs")
show(["output", "loss"])
