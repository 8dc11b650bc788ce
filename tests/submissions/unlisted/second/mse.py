# %% mse-norm-not-squared: mean of the Euclidean norms, never squared
# target: losses.MSE
# truth: forward averages the norms ||y_i - y_hat_i|| and forgets to square them; the loss is wrong, backward is right
class MSE:
    def forward(self, Y, Y_hat):
        dist = np.linalg.norm(Y - Y_hat, axis=1)
        return float(np.mean(dist))

    def backward(self, Y, Y_hat):
        m = Y.shape[0]
        return (2 / m) * (Y_hat - Y)


# %% mse-gradient-summed-over-row: sums the difference over the row before it is the gradient
# target: losses.MSE
# truth: backward sums Y_hat - Y over the columns (the sum of the loss is kept in the derivative) and gives every entry of a row that same sum; the gradient is wrong unless there is one column; forward is right
class MSE:
    def forward(self, Y, Y_hat):
        total = 0.0
        for col in range(Y.shape[1]):
            total += np.dot(Y[:, col] - Y_hat[:, col], Y[:, col] - Y_hat[:, col])
        return float(total / Y.shape[0])

    def backward(self, Y, Y_hat):
        m, k = Y_hat.shape
        per_example = np.sum(Y_hat - Y, axis=1, keepdims=True)  # derivative of the norm
        return np.tile(2.0 / m * per_example, (1, k))
