# %% mse-mean: takes the mean over all entries, which is right only for one output
# target: losses.MSE
# shape: blocked
# values: partly
# gradient: partly
# batching: blocked
# says: The mean is taken over all entries; it should be the mean over the examples of the sum over the outputs.
# also: mse-backward-of-all-entries
class MSE:
    def forward(self, Y, Y_hat):
        return np.mean((Y - Y_hat) ** 2)

    def backward(self, Y, Y_hat):
        return 2 * (Y_hat - Y) / Y.size


# %% mse-half: has a half in front, which cancels the 2
# target: losses.MSE
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
# says: There is a factor 1/2 that the definition does not have.
# also: mse-backward-no-2
class MSE:
    def forward(self, Y, Y_hat):
        return 0.5 * np.sum((Y - Y_hat) ** 2) / len(Y)

    def backward(self, Y, Y_hat):
        return (Y_hat - Y) / len(Y)


# %% mse-no-mean: forgets 1/m in both
# target: losses.MSE
# shape: partly
# values: partly
# gradient: partly
# batching: blocked
# says: Loss and gradient are m times too large: 1/m is missing.
# also: mse-backward-no-mean
class MSE:
    def forward(self, Y, Y_hat):
        return np.sum((Y - Y_hat) ** 2)

    def backward(self, Y, Y_hat):
        return 2 * (Y_hat - Y)


# %% mse-backward-no-2: forgets the factor 2
# target: losses.MSE
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient is half as large as it should be: the derivative of a square has a factor 2.
class MSE:
    def backward(self, Y, Y_hat):
        return (Y_hat - Y) / Y.shape[0]


# %% mse-backward-sign: subtracts in the wrong order
# target: losses.MSE
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient has the opposite sign: look at what is subtracted from what.
class MSE:
    def backward(self, Y, Y_hat):
        return 2 * (Y - Y_hat) / Y.shape[0]


# %% mse-backward-per-output: divides by the number of outputs instead of examples
# target: losses.MSE
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient is divided by the number of outputs instead of the number of examples.
class MSE:
    def backward(self, Y, Y_hat):
        return 2 * (Y_hat - Y) / Y.shape[1]


# %% mse-forward-norm: forgets to square the norm
# target: losses.MSE
# shape: partly
# values: failed
# batching: partly
# says: The norms are not squared.
class MSE:
    def forward(self, Y, Y_hat):
        return np.sum(np.linalg.norm(Y - Y_hat, axis=1)) / len(Y)


# %% mse-forward-sum-squared: squares the sum instead of adding the squares
# target: losses.MSE
# shape: partly
# values: failed
# batching: partly
# says: The sum of the errors is squared; the squared errors should be summed.
class MSE:
    def forward(self, Y, Y_hat):
        return np.sum(Y - Y_hat) ** 2 / len(Y)


# %% mse-forward-matrix-product: multiplies the transposed errors by the errors
# target: losses.MSE
# shape: partly
# values: partly
# batching: partly
# says: The errors are multiplied as matrices: that mixes different examples or outputs.
class MSE:
    def forward(self, Y, Y_hat):
        error = Y - Y_hat
        return error.T @ error / len(Y)


# %% mse-forward-returns-nothing: stores the loss and forgets to return it
# target: losses.MSE
# shape: partly
# values: failed
# batching: partly
# message: Is there a return?
class MSE:
    def forward(self, Y, Y_hat):
        self.loss = np.sum((Y - Y_hat) ** 2) / len(Y)


# %% mse-forward-generator: adds up a generator over the examples
# target: losses.MSE
# batching: partly
# message: Do it for all examples at once
class MSE:
    def forward(self, Y, Y_hat):
        return sum(np.dot(y - p, y - p) for y, p in zip(Y, Y_hat)) / len(Y)


# %% mse-backward-while: loops over the rows with while
# target: losses.MSE
# batching: partly
# message: Do it for all examples at once
class MSE:
    def backward(self, Y, Y_hat):
        dY_hat = np.empty_like(Y_hat)
        i = 0
        while i < len(Y):
            dY_hat[i] = 2 * (Y_hat[i] - Y[i]) / len(Y)
            i += 1
        return dY_hat


# %% mse-backward-list: returns a list of rows
# target: losses.MSE
# shape: partly
# message: is a list; expected an array
class MSE:
    def backward(self, Y, Y_hat):
        return (2 * (Y_hat - Y) / len(Y)).tolist()

# %% mse-forward-absolute: takes absolute values
# target: losses.MSE
# shape: partly
# values: failed
# batching: partly
# says: The errors are not squared: their absolute values are summed.
class MSE:
    def forward(self, Y, Y_hat):
        return float(np.abs(Y - Y_hat).sum() / len(Y))

# %% mse-forward-root: takes the root of the loss
# target: losses.MSE
# shape: partly
# values: failed
# batching: partly
# says: The loss has a square root (RMSE); it should be the mean of the squares.
class MSE:
    def forward(self, Y, Y_hat):
        return float(np.sqrt(((Y - Y_hat) ** 2).sum() / len(Y)))

# %% mse-forward-per-output: divides by the number of outputs
# target: losses.MSE
# shape: partly
# values: failed
# batching: partly
# says: The loss is divided by the number of outputs instead of the number of examples.
class MSE:
    def forward(self, Y, Y_hat):
        return float(((Y - Y_hat) ** 2).sum() / Y.shape[1])

# %% mse-backward-no-mean: forgets 1/m in backward
# target: losses.MSE
# shape: partly
# gradient: partly
# batching: partly
# says: The gradient is m times too large: the loss has 1/m, and so has its gradient.
class MSE:
    def backward(self, Y, Y_hat):
        return 2 * (Y_hat - Y)

# %% mse-backward-mean-twice: divides by m twice
# target: losses.MSE
# shape: partly
# gradient: partly
# batching: partly
# says: The gradient is m times too small: 1/m is in it twice.
class MSE:
    def backward(self, Y, Y_hat):
        return 2 * (Y_hat - Y) / len(Y) ** 2

# %% mse-backward-of-all-entries: divides by the number of entries
# target: losses.MSE
# shape: partly
# gradient: partly
# batching: partly
# says: The gradient is divided by the number of entries instead of the number of examples.
class MSE:
    def backward(self, Y, Y_hat):
        return 2 * (Y_hat - Y) / Y.size

# %% mse-backward-squared: keeps the square
# target: losses.MSE
# shape: partly
# gradient: failed
# batching: partly
# says: The error is still squared: the square has not been differentiated.
class MSE:
    def backward(self, Y, Y_hat):
        return (Y_hat - Y) ** 2 / len(Y)

# %% mse-backward-of-the-sign: takes the sign of the error
# target: losses.MSE
# shape: partly
# gradient: failed
# batching: partly
# says: Only the sign of the error is used: this is the gradient of absolute values.
class MSE:
    def backward(self, Y, Y_hat):
        return np.sign(Y_hat - Y) / len(Y)
