# %% fc-bias-forgotten: forgets the bias in forward
# target: layers.FullyConnected
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Only the bias in the output is wrong: forward omits the b in parameters or adds an old copy.
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.parameters["W"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% fc-activation-forgotten: returns the pre-activation
# target: layers.FullyConnected
# values: partly
# says: The pre-activation is returned; the activation is part of this layer.
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = np.dot(X, self.parameters["W"]) + self.parameters["b"]
        self.cache["X"] = X
        self.cache["Z"] = Z
        return Z


# %% fc-caches-post-activation: stores Y in the cache under the name Z
# target: layers.FullyConnected
# gradient: partly
# says: The activation's derivative is taken at its output Y instead of at the pre-activation Z.
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        out = self.activation(X @ self.parameters["W"] + self.parameters["b"])
        self.cache["X"] = X
        self.cache["Z"] = out
        return out


# %% fc-dw-without-slope: forgets the activation's derivative in dW
# target: layers.FullyConnected
# gradient: partly
# says: gradients['W'] leaves out the activation's derivative: it is computed from dL/dY instead of dL/dZ.
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dLdY
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T


# %% fc-db-without-slope: forgets the activation's derivative in db
# target: layers.FullyConnected
# gradient: partly
# says: gradients['b'] leaves out the activation's derivative: it is computed from dL/dY instead of dL/dZ.
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = np.sum(dLdY, axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T


# %% fc-dx-without-slope: forgets the activation's derivative in dX
# target: layers.FullyConnected
# gradient: partly
# says: dX leaves out the activation's derivative: it is computed from dL/dY instead of dL/dZ.
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dLdY @ self.parameters["W"].T


# %% fc-slope-twice: multiplies by the activation's derivative once more in dX
# target: layers.FullyConnected
# gradient: partly
# says: dX contains the activation's derivative twice.
class FullyConnected:
    def backward(self, dLdY):
        Z = self.cache["Z"]
        dZ = self.activation.backward(Z, dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return self.activation.backward(Z, dZ) @ self.parameters["W"].T


# %% fc-divides-by-m: averages dW and db over the batch
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] and gradients['b'] are averaged over the batch instead of summed: 1/m is already in the loss.
# also: fc-dw-mean fc-db-mean
class FullyConnected:
    def backward(self, dLdY):
        m = dLdY.shape[0]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ / m
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True) / m
        return dZ @ self.parameters["W"].T


# %% fc-db-mean: takes the mean instead of the sum for db
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['b'] is averaged over the batch instead of summed: 1/m is already in the loss.
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.mean(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T


# %% fc-db-wrong-axis: adds db up over the outputs instead of the examples
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['b'] is summed over the outputs (axis 1) instead of the examples (axis 0).
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=1, keepdims=True)
        return dZ @ self.parameters["W"].T


# %% fc-db-missing: replaces the gradients with a dictionary without b
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# message: gradients has no 'b'; it has 'W'.
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients = {"W": self.cache["X"].T @ dZ}
        return dZ @ self.parameters["W"].T


# %% fc-key-lower-case: stores dW as "w"
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] is zero after backward: it is stored under another key, computed from zeros, or not stored.
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["w"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T


# %% fc-gradients-not-stored: computes dW and db but does not store them
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] and gradients['b'] are zeros after backward: they are stored under other keys, cleared, or not stored.
# also: fc-key-lower-case fc-db-zero
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        dW = self.cache["X"].T @ dZ
        db = dZ.sum(axis=0, keepdims=True)
        dX = dZ @ self.parameters["W"].T
        return dX


# %% fc-dw-transposed: stores dW as (n_out, n_in)
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] is transposed; it must have the shape of W, (n_in, n_out).
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = dZ.T @ self.cache["X"]
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T


# %% fc-dx-with-w-not-transposed: multiplies dZ by W instead of its transpose
# target: layers.FullyConnected
# shape: partly
# gradient: raised
# batching: partly
# behaviour: raised
# message: self.parameters['W'] is (
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"]


# %% fc-accumulates: adds to the existing gradients
# target: layers.FullyConnected
# batching: partly
# behaviour: partly
# says: The gradients grow with every backward pass; they must be overwritten.
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] += self.cache["X"].T @ dZ
        self.gradients["b"] += dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T


# %% fc-new-parameters-each-forward: recreates the parameters in every forward
# target: layers.FullyConnected
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Every forward creates new W and b: Y is computed with them, and what self.parameters held before is lost.
class FullyConnected:
    def forward(self, X):
        self._init_parameters(X.shape)
        Z = X @ self.parameters["W"] + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% fc-first-batch-size-kept: sums db with a row of ones as long as the first batch
# target: layers.FullyConnected
# batching: partly
# behaviour: partly
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
            self.ones = np.ones((1, X.shape[0]))
        Z = X @ self.parameters["W"] + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = self.ones @ dZ
        return dZ @ self.parameters["W"].T


# %% fc-x-cached-once: caches only the first X
# target: layers.FullyConnected
# batching: partly
# behaviour: partly
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
            self.cache["X"] = X
        Z = X @ self.parameters["W"] + self.parameters["b"]
        self.cache["Z"] = Z
        return self.activation.forward(Z)


# %% fc-loop-dot-per-row: loops over the rows of X in forward
# target: layers.FullyConnected
# batching: partly
# message: Do it for all examples at once
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        Z = np.zeros((X.shape[0], self.n_out))
        for i in range(X.shape[0]):
            Z[i] = X[i] @ W + b[0]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% fc-loop-outer-products: adds up the outer products of the examples for dW
# target: layers.FullyConnected
# batching: partly
# message: Do it for all examples at once
class FullyConnected:
    def backward(self, dLdY):
        X = self.cache["X"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        dW = np.zeros(self.parameters["W"].shape)
        for x, dz in zip(X, dZ):
            dW += np.outer(x, dz)
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T


# %% fc-loop-sum-of-generator: sums a generator of one matrix per example
# target: layers.FullyConnected
# batching: partly
# message: Do it for all examples at once
class FullyConnected:
    def backward(self, dLdY):
        X = self.cache["X"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = sum(X[i][:, None] * dZ[i][None, :] for i in range(len(X)))
        self.gradients["b"] = sum(dZ).reshape(1, -1)
        return dZ @ self.parameters["W"].T


# %% fc-loop-map: maps a function over the rows, forward and backward
# target: layers.FullyConnected
# batching: failed
# message: Do it for all examples at once
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        Z = np.array(list(map(lambda x: x @ W + b[0], X)))
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        W = self.parameters["W"]
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return np.array(list(map(W.dot, dZ)))


# %% fc-loop-apply-along-axis: has numpy call a Python function for every row
# target: layers.FullyConnected
# batching: partly
# message: Do it for all examples at once
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        Z = np.apply_along_axis(lambda x: x @ W, 1, X) + b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% fc-loop-while: steps through the examples with a while loop in backward
# target: layers.FullyConnected
# batching: partly
# message: Do it for all examples at once
class FullyConnected:
    def backward(self, dLdY):
        W = self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        dX, n = np.zeros(self.cache["X"].shape), 0
        while n < dZ.shape[0]:
            dX[n, :] = np.einsum("o,io->i", dZ[n], W)
            n += 1
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dX


# %% fc-loop-chunks-of-32: multiplies 32 examples at a time
# target: layers.FullyConnected
# batching: partly
# message: Do it for all examples at once
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        parts = []
        for start in range(0, X.shape[0], 32):
            parts.append(X[start : start + 32] @ self.parameters["W"])
        Z = np.concatenate(parts) + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

# %% fc-bias-after-activation: adds the bias to the output
# target: layers.FullyConnected
# values: partly
# gradient: partly
# says: The bias is added after the activation; it belongs to the pre-activation.
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.parameters["W"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z) + self.parameters["b"]

# %% fc-bias-subtracted: subtracts the bias
# target: layers.FullyConnected
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: The bias is subtracted.
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.parameters["W"] - self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

# %% fc-activation-twice: applies the activation twice
# target: layers.FullyConnected
# values: partly
# says: The activation is applied twice.
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.parameters["W"] + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(self.activation.forward(Z))

# %% fc-all-without-slope: forgets the activation in backward
# target: layers.FullyConnected
# gradient: partly
# says: The activation's derivative is left out everywhere: backward starts with dL/dY instead of dL/dZ.
# also: fc-dx-without-slope fc-dw-without-slope fc-db-without-slope
class FullyConnected:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = dLdY
        self.gradients["W"] = X.T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ W.T

# %% fc-slope-at-x: takes the slope without the gradient from above
# target: layers.FullyConnected
# shape: partly
# gradient: failed
# batching: partly
# behaviour: partly
# says: dL/dZ is the activation's slope alone: the gradient from above (dL/dY) is not multiplied in.
class FullyConnected:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], np.ones_like(dLdY))
        self.gradients["W"] = X.T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ W.T

# %% fc-dw-mean: averages dW
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] is averaged over the batch instead of summed: 1/m is already in the loss.
class FullyConnected:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = X.T @ dZ / len(X)
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ W.T

# %% fc-dw-sign: gives dW the opposite sign
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] has the opposite sign.
class FullyConnected:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = -X.T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ W.T

# %% fc-db-not-summed: does not sum db
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['b'] is not summed over the examples: it has a row for each.
class FullyConnected:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = X.T @ dZ
        self.gradients["b"] = dZ
        return dZ @ W.T

# %% fc-db-total: adds db up over everything
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['b'] is summed over examples and outputs; each output has its own bias.
class FullyConnected:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = X.T @ dZ
        self.gradients["b"] = np.full((1, self.n_out), dZ.sum())
        return dZ @ W.T

# %% fc-db-zero: leaves db at zero
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['b'] is zero after backward: it is stored under another key, computed from zeros, or not stored.
class FullyConnected:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = X.T @ dZ
        self.gradients["b"] = np.zeros((1, self.n_out))
        return dZ @ W.T

# %% fc-db-of-first-example: computes db from the first example only
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['b'] comes from the first example alone.
class FullyConnected:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = X.T @ dZ
        self.gradients["b"] = dZ[:1].copy()
        return dZ @ W.T

# %% fc-dx-mean: averages dX
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX is divided by the number of examples: 1/m is already in the loss.
class FullyConnected:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = X.T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ W.T / len(X)

# %% fc-dx-sign: gives dX the opposite sign
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX has the opposite sign.
class FullyConnected:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = X.T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return -dZ @ W.T

# %% fc-dx-transposed: returns dX transposed
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX is transposed; it must have the shape of X.
class FullyConnected:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = X.T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return (dZ @ W.T).T

# %% fc-all-divided-by-m: divides all three by m
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: All gradients are divided by m: 1/m is already in the loss.
# also: fc-dx-mean fc-dw-mean fc-db-mean
class FullyConnected:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = X.T @ dZ / len(X)
        self.gradients["b"] = dZ.mean(axis=0, keepdims=True)
        return dZ @ W.T / len(X)


# %% fc-activation-of-single-entries: passes the activation one entry at a time
# target: layers.FullyConnected
# values: partly
# says: The activation gets single entries of Z; it should get the whole matrix (m, n_out) in one call, because it may need whole rows, as softmax does.
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.parameters["W"] + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z.reshape(-1, 1)).reshape(Z.shape)


# %% fc-activation-of-the-transpose: gives the activation the transposed Z
# target: layers.FullyConnected
# values: partly
# says: The activation gets the transpose of Z; its rows must be the examples, because it may need whole rows, as softmax does.
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.parameters["W"] + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z.T).T


# %% fc-activation-of-one-row: gives the activation all entries in one row
# target: layers.FullyConnected
# values: partly
# says: The activation gets all entries of Z in one row; it should get the matrix (m, n_out), because it may need each example's row, as softmax does.
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.parameters["W"] + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z.reshape(1, -1)).reshape(Z.shape)


# %% fc-first-w-kept: keeps the W of the first forward in an attribute and computes with that
# target: layers.FullyConnected
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Y is computed with W from the first forward, not the current self.parameters['W']: an update puts a new array there.
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
            self.W = self.parameters["W"]
        Z = X @ self.W + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.W.T


# %% fc-first-w-kept-in-forward: uses the first forward's W in forward only
# target: layers.FullyConnected
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Y is computed with W from the first forward, not the current self.parameters['W']: an update puts a new array there.
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
            self.W = self.parameters["W"]
        Z = X @ self.W + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% fc-first-w-kept-in-backward: uses the first forward's W in dX only
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX is computed with W from the first forward, not the current self.parameters['W']: an update puts a new array there.
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
            self.W = self.parameters["W"]
        Z = X @ self.parameters["W"] + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.W.T


# %% fc-first-parameters-kept: keeps W and b of the first forward in attributes and computes with those
# target: layers.FullyConnected
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Y is computed with W and b from the first forward, not those now in self.parameters: an update puts new arrays there.
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
            self.W = self.parameters["W"]
            self.b = self.parameters["b"]
        Z = X @ self.W + self.b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.W.T


# %% fc-first-parameters-kept-in-forward: uses the first forward's W and b in forward only
# target: layers.FullyConnected
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Y is computed with W and b from the first forward, not those now in self.parameters: an update puts new arrays there.
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
            self.W = self.parameters["W"]
            self.b = self.parameters["b"]
        Z = X @ self.W + self.b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% fc-dw-reshaped: reshapes the transposed dW
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] has the right numbers in the wrong places: it is filled row by row from the transposed array, or from one that was flattened column by column (order 'F'). reshape does not swap rows and columns.
class FullyConnected:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = (dZ.T @ X).reshape(W.shape)
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ W.T


# %% fc-dw-reshaped-by-columns: reshapes the transposed dW in Fortran order
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] has the right numbers in the wrong places: the transposed array is reshaped column by column (order 'F'), which does not swap rows and columns.
class FullyConnected:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = (dZ.T @ X).reshape(W.shape, order="F")
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ W.T


# %% fc-dx-reshaped: reshapes the transposed dX
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX has the right numbers in the wrong places: it is filled row by row from the transposed array. reshape does not swap rows and columns.
class FullyConnected:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = X.T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return (W @ dZ.T).reshape(X.shape)


# %% fc-x-times-w: multiplies X and W entry by entry
# target: layers.FullyConnected
# shape: raised
# values: raised
# gradient: raised
# batching: raised
# behaviour: raised
# message: operands could not be broadcast together
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X * self.parameters["W"] + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% fc-dw-entry-by-entry: multiplies X and dZ entry by entry for dW
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: raised
# message: operands could not be broadcast together
class FullyConnected:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = X.T * dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ W.T


# %% fc-dx-entry-by-entry: multiplies dZ and W entry by entry for dX
# target: layers.FullyConnected
# shape: partly
# gradient: raised
# batching: partly
# behaviour: raised
# message: operands could not be broadcast together
class FullyConnected:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = X.T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ * W.T
