# %% ce-row-by-row: the loss of every row, then their mean
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        logs = np.log(np.maximum(Y_hat, SMALLEST))
        rows = -np.sum(Y * logs, axis=1)
        return float(np.mean(rows))

    def backward(self, Y, Y_hat):
        m = Y.shape[0]
        ratio = Y / np.maximum(Y_hat, SMALLEST)
        dY_hat = -ratio
        return dY_hat / m


# %% mse-row-by-row: squared differences, summed in each row, then averaged
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        difference = Y - Y_hat
        rows = np.sum(difference**2, axis=1)
        return float(np.mean(rows))

    def backward(self, Y, Y_hat):
        m = Y.shape[0]
        difference = Y_hat - Y
        dY_hat = 2 * difference
        return dY_hat / m


# %% mse-step-by-step: one sum over all entries, divided by m in a separate step
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        m = len(Y)
        difference = Y_hat - Y
        total = np.sum(difference**2)
        return float(total / m)

    def backward(self, Y, Y_hat):
        m = len(Y)
        return (2 / m) * (Y_hat - Y)
