# %% mse-mean-over-all: the sklearn convention, mean over all m*k entries
# target: losses.MSE
# truth: both methods average over all m*k entries (np.mean, / Y.size) instead of summing over the k columns and dividing by m only; forward and backward; loss and dY_hat are too small by the factor k
class MSE:
    def forward(self, Y, Y_hat):
        return float(np.mean(np.square(Y_hat - Y)))

    def backward(self, Y, Y_hat):
        residual = Y_hat - Y
        return 2 * residual / residual.size


# %% mse-one-half: the 1/2 convention of another course
# target: losses.MSE
# truth: the loss is defined with an extra factor 1/2 (1/(2m) sum of squares), so the 2 is gone from the gradient as well; forward and backward; loss and dY_hat are half of what they should be
class MSE:
    def forward(self, Y, Y_hat):
        e = (Y - Y_hat).ravel()
        return 0.5 * np.dot(e, e) / len(Y)

    def backward(self, Y, Y_hat):
        return (Y_hat - Y) / len(Y)


# %% mse-norm-without-square: averages the norms, not their squares
# target: losses.MSE
# truth: forward averages the Euclidean norms ||y - y_hat|| of the rows without squaring them; forward only; the loss is wrong, backward is right
class MSE:
    def forward(self, Y, Y_hat):
        dist = np.linalg.norm(Y - Y_hat, axis=1)
        return float(dist.sum() / dist.shape[0])


# %% mse-square-of-sum-and-sign: squares after the sum over the columns, and the gradient has the sign of d/dY
# target: losses.MSE
# truth: forward sums the differences of a row first and squares that sum, instead of summing the squared differences; forward only; the loss is wrong as soon as there is more than one column
# truth2: backward returns 2 (Y - Y_hat)/m, the gradient with respect to Y, with the opposite sign; backward only; dY_hat has the wrong sign
class MSE:
    def forward(self, Y, Y_hat):
        n_examples = Y.shape[0]
        sq = np.sum(Y - Y_hat, axis=1) ** 2
        return float(np.sum(sq) / n_examples)

    def backward(self, Y, Y_hat):
        n_examples = Y.shape[0]
        diff = Y - Y_hat
        return (2 / n_examples) * diff
