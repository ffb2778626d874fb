# A neural network of 4 - 3 - 1 neurons. It has 4 inputs, 3 hidden neurons (sigmoid), 1 output
# (sigmoid). Its loss is the squared error, summed over the rows. Prints every number of the first
# step, then trains on. Needs base R alone. Written by Pellucid.
#
# sweep(A, 2, b, "+") adds the row b to every row of the matrix A.

options(digits = 6)

epochs <- 5000  # how often all rows are gone through

# inputs: one row for each example
X <- matrix(c(
  1, 0, 1, 0,
  1, 0, 1, 1,
  0, 1, 0, 1
), ncol = 4, byrow = TRUE)

# targets: what the output should be
y <- matrix(c(
  1,
  1,
  0
), ncol = 1, byrow = TRUE)

# weights into layer 1
W1 <- matrix(c(
  0.42, 0.88, 0.55,
  0.10, 0.73, 0.68,
  0.60, 0.18, 0.47,
  0.92, 0.11, 0.52
), ncol = 3, byrow = TRUE)

# bias of layer 1
b1 <- matrix(c(0.46, 0.72, 0.08), nrow = 1)

# weights into layer 2
W2 <- matrix(c(
  0.30,
  0.25,
  0.23
), ncol = 1, byrow = TRUE)

# bias of layer 2
b2 <- matrix(0.69)

learning_rate <- 0.1  # learning rate of this update

sigmoid <- function(x) 1 / (1 + exp(-x))

show <- function(names) {
  for (name in names) {
    cat("\n", name, "\n", sep = "")
    print(get(name))
  }
}

# What is printed: every number that is computed.
shown <- c(
  "net_input_1", "hidden_1", "net_input_2", "output",
  "row_loss", "loss",
  "error",
  "slope_output", "slope_hidden_1",
  "delta_output", "error_hidden_1", "delta_hidden_1",
  "gradient_W2", "gradient_b2", "gradient_W1", "gradient_b1",
  "W2_next", "W1_next", "b2_next", "b1_next"
)

for (step in seq_len(epochs)) {
  # Forward: from the inputs to the output
  net_input_1 <- sweep(X %*% W1, 2, b1, "+")         # what goes into layer 1's activation
  hidden_1 <- sigmoid(net_input_1)                   # activation of hidden layer 1
  net_input_2 <- sweep(hidden_1 %*% W2, 2, b2, "+")  # what goes into layer 2's activation
  output <- sigmoid(net_input_2)                     # the network's answer

  # What the output costs
  row_loss <- matrix(rowSums((y - output)^2 / 2))  # loss of each row
  loss <- sum(row_loss)                            # loss of these rows

  # Backward: the error
  error <- y - output  # minus the derivative of a row's loss by the output

  # Backward: how easily each neuron moves
  slope_output <- output * (1 - output)        # slope of the output's activation
  slope_hidden_1 <- hidden_1 * (1 - hidden_1)  # slope of hidden layer 1's activation

  # Backward: the error carried back
  delta_output <- error * slope_output               # how much the output neurons should change
  error_hidden_1 <- delta_output %*% t(W2)           # the error that reached hidden layer 1
  delta_hidden_1 <- error_hidden_1 * slope_hidden_1  # how much the neurons of hidden layer 1 should change

  # Gradients: the slope of the loss by each weight and bias
  gradient_W2 <- -(t(hidden_1) %*% delta_output)  # slope of the loss by W2
  gradient_b2 <- -t(colSums(delta_output))        # slope of the loss by b2
  gradient_W1 <- -(t(X) %*% delta_hidden_1)       # slope of the loss by W1
  gradient_b1 <- -t(colSums(delta_hidden_1))      # slope of the loss by b1

  # The update: new weights and biases
  W2_next <- W2 - learning_rate * gradient_W2  # weights into layer 2 after the update
  W1_next <- W1 - learning_rate * gradient_W1  # weights into layer 1 after the update
  b2_next <- b2 - learning_rate * gradient_b2  # bias of layer 2 after the update
  b1_next <- b1 - learning_rate * gradient_b1  # bias of layer 1 after the update

  if (step <= 1) {
    cat("\nStep", step, "\n")
    show(shown)
  }

  # The next step starts from the new numbers.
  W1 <- W1_next; b1 <- b1_next
  W2 <- W2_next; b2 <- b2_next
}

cat("\nAfter", epochs, "epochs\n")
show(c("output", "loss"))
