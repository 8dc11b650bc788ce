# %% fc-stale-cache: the cache is filled only by the first forward
# target: layers.FullyConnected
# truth: forward stores X and Z only if the cache is still empty, so after a second forward backward still works with the first mini-batch; forward (cache), seen in backward; from the second forward on gradients W is wrong, for a non-linear activation dX and gradients b as well, and another batch size fails on shapes (ValueError); Y is right
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        w, b = self.parameters["W"], self.parameters["b"]
        Z = np.dot(X, w) + b
        if not self.cache:
            self.cache["X"] = X
            self.cache["Z"] = Z
        return self.activation(Z)


# %% fc-caches-output: keeps act(Z) and differentiates at it
# target: layers.FullyConnected
# truth: the activation's backward is given the output act(Z), which forward stored under "Z", instead of the pre-activation Z; forward (cache), seen in backward; dX, dW and db are wrong for every activation but the identity, Y is right
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        self.cache["X"] = X
        Z = X.dot(self.parameters["W"])
        Z = Z + self.parameters["b"]
        Z = self.activation(Z)
        self.cache["Z"] = Z
        return Z


# %% fc-dx-from-dldy: dX skips the activation
# target: layers.FullyConnected
# truth: dX is computed from dLdY instead of from dZ, so the activation's slope is missing in it; backward only; only dX is wrong (right for the identity), gradients W and b are right
class FullyConnected:
    def backward(self, dLdY):
        X, Z = self.cache["X"], self.cache["Z"]
        W = self.parameters["W"]
        delta = self.activation.backward(Z, dLdY)
        self.gradients = dict(
            W=np.einsum("bi,bo->io", X, delta),
            b=np.einsum("bo->o", delta)[np.newaxis],
        )
        return np.einsum("bo,io->bi", dLdY, W)


# %% fc-dx-no-transpose: multiplies by W without transposing it
# target: layers.FullyConnected
# truth: dX is dZ @ W without the transpose of W, which raises a ValueError for n_in != n_out and gives wrong numbers when W is square; backward only; dX is missing or wrong, gradients W and b are stored before and are right
class FullyConnected:
    def backward(self, dLdY):
        X = self.cache["X"]
        W = self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        ones = np.ones((1, X.shape[0]))
        self.gradients["b"] = ones @ dZ
        self.gradients["W"] = np.matmul(X.T, dZ)
        dX = np.matmul(dZ, W)
        return dX


# %% fc-bias-outside-and-mean: adds the bias after the activation, averages dW over the batch
# target: layers.FullyConnected
# truth: forward computes act(XW) + b instead of act(XW + b), and caches Z without the bias; forward, and through the cached Z backward too; with b != 0 and a non-linear activation Y, dX, dW and db are wrong
# truth2: backward divides the gradient of W by the batch size m, though the loss has the 1/m already; backward only; gradients W is too small by the factor m
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        lin = X @ self.parameters["W"]
        self.cache = {"X": X, "lin": lin}
        return self.activation.forward(lin) + self.parameters["b"]

    def backward(self, dLdY):
        m = dLdY.shape[0]
        g = self.activation.backward(self.cache["lin"], dLdY)
        self.gradients["W"] = (1 / m) * self.cache["X"].T @ g
        self.gradients["b"] = np.sum(g, axis=0).reshape(1, -1)
        return g @ self.parameters["W"].T


# %% fc-dw-transposed-and-db-upstream: dW comes out transposed, db from the wrong gradient
# target: layers.FullyConnected
# truth: gradients W is dZ^T X, of shape (n_out, n_in), the transpose of the right X^T dZ; backward only; gradients W has the wrong shape (for square W the numbers are transposed)
# truth2: gradients b sums dLdY instead of dZ, so the slope of the activation is missing; backward only; gradients b is wrong for every activation but the identity
class FullyConnected:
    def backward(self, dLdY):
        x_in = self.cache["X"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        # Stanford notes: dW = delta x^T
        self.gradients["W"] = np.dot(dZ.T, x_in)
        self.gradients["b"] = np.sum(dLdY, axis=0, keepdims=True)
        return np.dot(dZ, self.parameters["W"].T)


# %% fc-augmented: bias as an extra column; drops the wrong column of dX, and multiplies by act instead of act'
# target: layers.FullyConnected
# truth: the gradient of the augmented input [X, 1] loses its first column instead of its last (the column of ones), so dX is shifted by one feature; backward only; only dX is wrong
# truth2: dZ is act(Z) * dLdY, the value of the activation times the gradient, instead of activation.backward(Z, dLdY); backward only; dX, gradients W and gradients b are wrong
def add_ones(X):
    return np.hstack([X, np.ones((X.shape[0], 1))])


class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        theta = np.vstack([self.parameters["W"], self.parameters["b"]])
        Xa = add_ones(X)
        Z = Xa @ theta
        self.cache = {"Xa": Xa, "theta": theta, "Z": Z}
        return self.activation(Z)

    def backward(self, dLdY):
        Xa, theta, Z = self.cache["Xa"], self.cache["theta"], self.cache["Z"]
        dZ = self.activation(Z) * dLdY
        dtheta = Xa.T @ dZ
        self.gradients["W"] = dtheta[:-1]
        self.gradients["b"] = dtheta[-1:]
        dXa = dZ @ theta.T
        return dXa[:, 1:]
