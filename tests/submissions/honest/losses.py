# %% ce-epsilon-1e-8: adds 1e-8 in the logarithm and in the denominator
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        m = Y.shape[0]
        return -np.sum(Y * np.log(Y_hat + 1e-8)) / m

    def backward(self, Y, Y_hat):
        m = Y.shape[0]
        return -(Y / (Y_hat + 1e-8)) / m

# %% ce-no-epsilon: the formula as it stands
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return -1 / len(Y) * (Y * np.log(Y_hat)).sum()

    def backward(self, Y, Y_hat):
        return -1 / len(Y) * Y / Y_hat

# %% ce-clipped-probabilities: clips to [1e-15, 1 - 1e-15]
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        p = np.clip(Y_hat, 1e-15, 1 - 1e-15)
        return np.mean(-np.sum(Y * np.log(p), axis=1))

    def backward(self, Y, Y_hat):
        p = np.clip(Y_hat, 1e-15, 1 - 1e-15)
        return -np.divide(Y, p) / Y.shape[0]

# %% ce-einsum: einsum with an epsilon of 1e-12
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return -np.einsum("ij,ij->", Y, np.log(Y_hat + 1e-12)) / Y.shape[0]

# %% ce-trace-and-vdot: np.vdot of the two matrices, the reciprocal backward
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return np.vdot(Y, -np.log(Y_hat)) / np.size(Y, 0)

    def backward(self, Y, Y_hat):
        return np.negative(Y) * np.reciprocal(Y_hat * Y_hat.shape[0])

# %% ce-mean-times-classes: np.mean over all entries, times the number of classes
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return float(np.mean(-Y * np.log(Y_hat)) * Y.shape[1])

# %% ce-masked-log: takes logarithms only where the target is not zero
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        hot = Y > 0
        return -(Y[hot] * np.log(Y_hat[hot])).sum() / Y.shape[0]

    def backward(self, Y, Y_hat):
        out = np.zeros_like(Y_hat)
        np.divide(-Y, Y_hat * len(Y), out=out, where=Y != 0)
        return out

# %% ce-log-where-out: np.log with where= and out=
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        logs = np.log(Y_hat, out=np.zeros_like(Y_hat), where=Y_hat > 0)
        per_example = -np.sum(np.multiply(Y, logs), axis=1)
        return per_example.mean()

# %% ce-zero-dimensional-array: returns a 0-d array
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return np.array(-np.sum(Y * np.log(Y_hat)) / Y.shape[0])

# %% ce-float32-results: works in float32
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        Y, Y_hat = Y.astype(np.float32), Y_hat.astype(np.float32)
        return -np.sum(Y * np.log(Y_hat)) / np.float32(len(Y))

    def backward(self, Y, Y_hat):
        Y, Y_hat = Y.astype(np.float32), Y_hat.astype(np.float32)
        return -Y / Y_hat / np.float32(len(Y))

# %% ce-trace-of-product: the trace of Y log(Y_hat)^T
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return -np.trace(Y @ np.log(Y_hat).T) / Y.shape[0]

# %% ce-own-init-and-cache: its own __init__ with an epsilon, keeps what it saw
# target: losses.CrossEntropy
class CrossEntropy:
    def __init__(self, name, eps=1e-10):
        self.name = name
        self.eps = eps
        self.history = []

    def forward(self, Y, Y_hat):
        loss = -np.sum(Y * np.log(Y_hat + self.eps)) / Y.shape[0]
        self.history.append(loss)
        print("loss", loss)
        return loss

    def backward(self, Y, Y_hat):
        self.last = (Y, Y_hat)
        return -Y / ((Y_hat + self.eps) * Y.shape[0])

# %% ce-loop-over-classes: a sum over the columns
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        m, k = Y.shape
        return -sum(np.dot(Y[:, j], np.log(Y_hat[:, j])) for j in range(k)) / m

    def backward(self, Y, Y_hat):
        columns = [-Y[:, j] / Y_hat[:, j] for j in range(Y.shape[1])]
        return np.stack(columns, axis=1) / Y.shape[0]

# %% ce-reshapes-single-example: treats a vector as a batch of one
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        Y, Y_hat = np.atleast_2d(Y), np.atleast_2d(Y_hat)
        n = Y.shape[0]
        if n == 1:
            return -float((Y * np.log(Y_hat)).sum())
        return -float((Y * np.log(Y_hat)).sum()) / n

# %% ce-log-of-power-product: log of the product of powers of every row
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        likelihood = np.prod(Y_hat**Y, axis=1)
        return -np.log(likelihood).mean()

# %% ce-boolean-fill-in-place: raises small probabilities on a copy
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        P = np.array(Y_hat)
        P[P < 1e-12] = 1e-12
        return -np.average(np.sum(Y * np.log(P), axis=1))

    def backward(self, Y, Y_hat):
        P = np.array(Y_hat)
        P[P < 1e-12] = 1e-12
        G = np.copy(Y)
        G /= P
        G *= -1 / len(Y)
        return G

# %% ce-eps-of-the-machine: np.finfo(float).eps in the logarithm, log2 times ln 2
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        eps = np.finfo(float).eps
        bits = -(Y * np.log2(Y_hat + eps)).sum(axis=1)
        return np.mean(bits * np.log(2))

# %% mse-norm-squared: np.linalg.norm squared
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        return np.linalg.norm(Y - Y_hat) ** 2 / Y.shape[0]

    def backward(self, Y, Y_hat):
        return -2 / Y.shape[0] * (Y - Y_hat)

# %% mse-row-norms: the mean of the squared row norms
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        return np.mean(np.linalg.norm(Y_hat - Y, axis=1) ** 2)

# %% mse-mean-times-outputs: np.mean times k
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        return np.mean((Y - Y_hat) ** 2) * Y.shape[1]

    def backward(self, Y, Y_hat):
        return 2 * (Y_hat - Y) / len(Y_hat)

# %% mse-einsum: einsum of the difference with itself
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        D = Y_hat - Y
        return np.einsum("ij,ij", D, D) / D.shape[0]

    def backward(self, Y, Y_hat):
        D = np.subtract(Y_hat, Y)
        D *= 2
        D /= D.shape[0]
        return D

# %% mse-expanded-square: the expanded square, and vdot
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        return (np.vdot(Y, Y) - 2 * np.vdot(Y, Y_hat) + np.vdot(Y_hat, Y_hat)) / Y.shape[0]

# %% mse-trace: the trace of D D^T
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        D = Y - Y_hat
        return np.trace(D.T @ D) / len(D)

# %% mse-class-wise-comprehension: a list comprehension over the outputs
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        errors = [np.mean((Y[:, j] - Y_hat[:, j]) ** 2) for j in range(Y.shape[1])]
        return float(np.sum(errors))

# %% mse-float32-results: float32 inside
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        D = (Y - Y_hat).astype(np.float32)
        return np.square(D).sum() / np.float32(D.shape[0])

    def backward(self, Y, Y_hat):
        return np.float32(2 / len(Y)) * (Y_hat - Y).astype(np.float32)

# %% mse-prints-helper: a static helper, printing, and int batch size from np.shape
# target: losses.MSE
class MSE:
    @staticmethod
    def _difference(Y, Y_hat):
        return np.add(Y_hat, -Y)

    def forward(self, Y, Y_hat):
        m = np.shape(Y)[0]
        d = self._difference(Y, Y_hat)
        print("mse", d.shape, d)
        return (d * d).sum(axis=1).sum() / m

    def backward(self, Y, Y_hat):
        m = np.shape(Y)[0]
        return (1 / m) * 2 * self._difference(Y, Y_hat)

# %% mse-power-and-average: np.power, np.average and np.divide
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        return np.average(np.power(Y - Y_hat, 2).sum(axis=-1))

    def backward(self, Y, Y_hat):
        return np.divide(np.multiply(2, Y_hat - Y), Y.shape[0])

# %% ce-in-place-on-the-input: raises zeros in its argument in place (advice only)
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        Y_hat[Y_hat == 0] = 1e-10
        return -np.sum(Y * np.log(Y_hat)) / len(Y)

    def backward(self, Y, Y_hat):
        Y_hat += 1e-10
        return -Y / Y_hat / len(Y)

# %% ce-negative-zero: np.nan_to_num of the product
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return np.nan_to_num(-Y * np.log(Y_hat)).sum() / Y.shape[0]

    def backward(self, Y, Y_hat):
        return np.nan_to_num(-Y / Y_hat) / Y.shape[0]

# %% ce-argmax-for-one-hot: a fast path where the targets are one-hot
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        m = Y.shape[0]
        if np.array_equal(Y, Y.astype(bool)) and np.all(Y.sum(axis=1) == 1):
            return -np.log(Y_hat[np.arange(m), Y.argmax(axis=1)]).mean()
        return -(Y * np.log(Y_hat)).sum() / m

# %% ce-epsilon-inside-only: 1e-9 forward, the plain formula backward
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat, epsilon=1e-9):
        Y_hat = np.clip(Y_hat, epsilon, 1.0 - epsilon)
        N = Y_hat.shape[0]
        return -np.sum(Y * np.log(Y_hat + 1e-9)) / N

    def backward(self, Y, Y_hat):
        return -(1 / Y_hat.shape[0]) * (Y / Y_hat)

# %% ce-static-methods: static methods, and a keyword for the epsilon
# target: losses.CrossEntropy
class CrossEntropy:
    @staticmethod
    def forward(Y, Y_hat):
        return -(Y * np.log(Y_hat)).sum(axis=1).mean()

    @classmethod
    def backward(cls, Y, Y_hat):
        return -Y / (len(Y) * Y_hat)
