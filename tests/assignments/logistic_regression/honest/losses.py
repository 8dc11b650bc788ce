# %% bce-where: picks one probability an example, that of its label
# target: losses.BinaryCrossEntropy
class BinaryCrossEntropy:
    def forward(self, Y, Y_hat):
        return -np.log(np.where(Y == 1, Y_hat, 1 - Y_hat)).mean()

    def backward(self, Y, Y_hat):
        return np.where(Y == 1, -1 / Y_hat, 1 / (1 - Y_hat)) / Y.shape[0]


# %% bce-two-terms: the two terms one by one, with a small epsilon
# target: losses.BinaryCrossEntropy
class BinaryCrossEntropy:
    def forward(self, Y, Y_hat):
        ones = float((Y.T @ np.log(Y_hat + 1e-12)).item())
        zeros = float(((1 - Y).T @ np.log(1 - Y_hat + 1e-12)).item())
        return -(ones + zeros) / len(Y)

    def backward(self, Y, Y_hat):
        m = Y.shape[0]
        return -(Y / (Y_hat + 1e-12) - (1 - Y) / (1 - Y_hat + 1e-12)) / m
