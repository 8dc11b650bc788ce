# %% lr-no-bias: leaves the bias out
# target: models.LogisticRegression
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
# behaviour: blocked
# says: The bias b is not added.
class LogisticRegression:
    def forward(self, X):
        Z = X @ self.parameters["w"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% lr-no-activation: returns the weighted sum
# target: models.LogisticRegression
# shape: partly
# values: failed
# batching: partly
# behaviour: partly
# says: This is the weighted sum Z; the activation is not applied to it.
class LogisticRegression:
    def forward(self, X):
        Z = X @ self.parameters["w"] + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return Z


# %% lr-own-sigmoid: writes the sigmoid out, whatever activation was given
# target: models.LogisticRegression
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
# behaviour: blocked
# says: The model always takes the sigmoid; it should use the activation that it was given.
class LogisticRegression:
    def forward(self, X):
        Z = X @ self.parameters["w"] + self.parameters["b"]
        self.cache = {"X": X, "Y": 1 / (1 + np.exp(-Z))}
        return self.cache["Y"]

    def backward(self, dY):
        dZ = dY * self.cache["Y"] * (1 - self.cache["Y"])
        self.gradients = {"w": self.cache["X"].T @ dZ, "b": dZ.sum(axis=0, keepdims=True)}


# %% lr-imports-sigmoid: calls the sigmoid of question 1, which has a hole here
# target: models.LogisticRegression
# shape: not_implemented
# values: not_implemented
# gradient: not_implemented
# batching: not_implemented
# behaviour: not_implemented
class LogisticRegression:
    def forward(self, X):
        Z = X @ self.parameters["w"] + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return Sigmoid().forward(Z)

    def backward(self, dY):
        dZ = Sigmoid().backward(self.cache["Z"], dY)
        self.gradients = {"w": self.cache["X"].T @ dZ, "b": dZ.sum(axis=0, keepdims=True)}


# %% lr-db-mean: averages the gradient of b
# target: models.LogisticRegression
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: The gradient of b is an average over the batch; the loss already has its 1/m.
class LogisticRegression:
    def backward(self, dY):
        dZ = self.activation.backward(self.cache["Z"], dY)
        self.gradients = {"w": self.cache["X"].T @ dZ, "b": dZ.mean(axis=0, keepdims=True)}


# %% lr-mean-again: divides both gradients by m
# target: models.LogisticRegression
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: Both gradients are divided by m; the loss already has its 1/m.
# also: lr-db-mean
class LogisticRegression:
    def backward(self, dY):
        dZ = self.activation.backward(self.cache["Z"], dY) / len(dY)
        self.gradients = {"w": self.cache["X"].T @ dZ, "b": dZ.sum(axis=0, keepdims=True)}


# %% lr-backward-skips-activation: multiplies X by dY itself
# target: models.LogisticRegression
# shape: partly
# gradient: failed
# batching: partly
# behaviour: partly
# says: The gradient from above does not go through the activation before it reaches w and b.
class LogisticRegression:
    def backward(self, dY):
        self.gradients = {"w": self.cache["X"].T @ dY, "b": dY.sum(axis=0, keepdims=True)}


# %% lr-gradients-add-up: adds to the gradients of the last batch
# target: models.LogisticRegression
# batching: partly
# behaviour: partly
# says: The gradients still contain those of an earlier batch; each batch should start from zero.
class LogisticRegression:
    def backward(self, dY):
        dZ = self.activation.backward(self.cache["Z"], dY)
        new = {"w": self.cache["X"].T @ dZ, "b": dZ.sum(axis=0, keepdims=True)}
        self.gradients = {k: self.gradients.get(k, 0) + g for k, g in new.items()}


# %% lr-backward-returns: returns the gradients and stores nothing
# target: models.LogisticRegression
# shape: partly
# gradient: failed
# batching: partly
# behaviour: partly
# message: gradients has no 'w'; it has no entries
class LogisticRegression:
    def backward(self, dY):
        dZ = self.activation.backward(self.cache["Z"], dY)
        return {"w": self.cache["X"].T @ dZ, "b": dZ.sum(axis=0, keepdims=True)}


# %% lr-loop: adds the gradient of w up, example by example
# target: models.LogisticRegression
# batching: partly
# message: Do it for all examples at once
class LogisticRegression:
    def backward(self, dY):
        dZ = self.activation.backward(self.cache["Z"], dY)
        dw = np.zeros((self.cache["X"].shape[1], 1))
        for x, dz in zip(self.cache["X"], dZ):
            dw[:, 0] += x * dz
        self.gradients = {"w": dw, "b": dZ.sum(axis=0, keepdims=True)}
