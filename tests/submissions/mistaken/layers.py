# %% m-bn-f32-eps: float32 inside and a hard eps of 1e-3 outside the root
# target: layers.BatchNorm1D
# shape: partly
# values: partly
# gradient: partly
# batching: partly
# behaviour: partly
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        X = X.astype(np.float32)
        c = self.cache
        if mode == "train":
            mu, var = X.mean(0, keepdims=True), X.var(0, keepdims=True)
            c["running_mu"] = self.momentum * c["running_mu"] + (1 - self.momentum) * mu
            c["running_var"] = self.momentum * c["running_var"] + (1 - self.momentum) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var) + 3e-4
        c["X_hat"] = (X - mu) / c["deviation"]
        return (self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]).astype(np.float32)


# %% m-bn-running-never-because-local: running statistics as local variables
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# also: bn-running-never-updated
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c = self.cache
        running_mu, running_var = c["running_mu"], c["running_var"]
        if mode == "train":
            mu, var = X.mean(0, keepdims=True), X.var(0, keepdims=True)
            running_mu = self.momentum * running_mu + (1 - self.momentum) * mu
            running_var = self.momentum * running_var + (1 - self.momentum) * var
        else:
            mu, var = running_mu, running_var
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% m-fc-dz-in-place-on-dldy-x2: forgets activation because backward's result is discarded
# target: layers.FullyConnected
# gradient: partly
# also: fc-all-without-slope
class FullyConnected:
    def backward(self, dLdY):
        self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dLdY
        self.gradients["b"] = dLdY.sum(axis=0, keepdims=True)
        return dLdY @ self.parameters["W"].T


# %% m-fc-act-result-discarded: calls the activation and returns Z
# target: layers.FullyConnected
# values: partly
# also: fc-activation-forgotten
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.parameters["W"] + self.parameters["b"]
        self.activation.forward(Z)
        self.cache = {"X": X, "Z": Z}
        return Z


# %% m-fc-act-hard-tanh: np.tanh hard-coded whatever the activation
# target: layers.FullyConnected
# shape: partly
# values: partly
# batching: partly
# behaviour: partly
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.parameters["W"] + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return np.tanh(Z)


# %% m-conv-pad-mode-symmetric: pads with mode="symmetric"
# target: layers.Conv2D
# shape: partly
# values: partly
# gradient: partly
# batching: partly
# behaviour: partly
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        (ph, pw) = self.pad
        P = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)), mode="symmetric")
        Z = np.tensordot(_windows(P, self.kernel_shape, self.stride), self.parameters["W"], axes=((4, 5, 3), (0, 1, 2))) + self.parameters["b"].reshape(-1)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-conv-clears: clear_gradients at the end
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# also: conv-dw-zero
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for i, j, rows, columns in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += dZ @ W[i, j].T
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)


# %% m-bn-eps-squared: sqrt(var + eps**2)
# target: layers.BatchNorm1D
# values: partly
# gradient: partly
# batching: partly
# behaviour: partly
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c = self.cache
        if mode == "train":
            mu, var = X.mean(0, keepdims=True), X.var(0, keepdims=True)
            c["running_mu"] = self.momentum * c["running_mu"] + (1 - self.momentum) * mu
            c["running_var"] = self.momentum * c["running_var"] + (1 - self.momentum) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps ** 2)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% m-bn-eps-only-backward-missing: backward's deviation without eps
# target: layers.BatchNorm1D
# gradient: partly
class BatchNorm1D:
    def backward(self, dLdY):
        X_hat = self.cache["X_hat"]
        std = np.sqrt(self.cache["deviation"] ** 2 - self.eps)
        self.gradients["gamma"] = (dLdY * X_hat).sum(axis=0, keepdims=True)
        self.gradients["beta"] = dLdY.sum(axis=0, keepdims=True)
        d = dLdY * self.parameters["gamma"]
        return (d - d.mean(0) - X_hat * (d * X_hat).mean(0)) / std


# %% m-bn-ddof-backward: m-1 in backward only
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
class BatchNorm1D:
    def backward(self, dLdY):
        X_hat = self.cache["X_hat"]
        m = len(dLdY)
        self.gradients["gamma"] = (dLdY * X_hat).sum(axis=0, keepdims=True)
        self.gradients["beta"] = dLdY.sum(axis=0, keepdims=True)
        d = dLdY * self.parameters["gamma"]
        return (d - d.mean(0) - X_hat * (d * X_hat).sum(0) / (m - 1)) / self.cache["deviation"]


# %% m-bn-mode-capital: mode == "Train"
# target: layers.BatchNorm1D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c = self.cache
        if mode == "Train":
            mu, var = X.mean(0, keepdims=True), X.var(0, keepdims=True)
            c["running_mu"] = self.momentum * c["running_mu"] + (1 - self.momentum) * mu
            c["running_var"] = self.momentum * c["running_var"] + (1 - self.momentum) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% m-bn-test-no-sqrt: running_var without a root in test mode
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c = self.cache
        if mode == "test":
            return self.parameters["gamma"] * (X - c["running_mu"]) / (c["running_var"] + self.eps) + self.parameters["beta"]
        mu, var = X.mean(0, keepdims=True), X.var(0, keepdims=True)
        c["running_mu"] = self.momentum * c["running_mu"] + (1 - self.momentum) * mu
        c["running_var"] = self.momentum * c["running_var"] + (1 - self.momentum) * var
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% m-bn-test-mean-mixed: test mode with running mean and the batch's variance
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c = self.cache
        mu, var = X.mean(0, keepdims=True), X.var(0, keepdims=True)
        if mode == "train":
            c["running_mu"] = self.momentum * c["running_mu"] + (1 - self.momentum) * mu
            c["running_var"] = self.momentum * c["running_var"] + (1 - self.momentum) * var
        else:
            mu = c["running_mu"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% m-bn-running-no-1-minus: running = momentum*running + batch
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c = self.cache
        if mode == "train":
            mu, var = X.mean(0, keepdims=True), X.var(0, keepdims=True)
            c["running_mu"] = self.momentum * c["running_mu"] + mu
            c["running_var"] = self.momentum * c["running_var"] + var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% m-bn-running-momentum-09: 0.9 hard-coded momentum
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c = self.cache
        if mode == "train":
            mu, var = X.mean(0, keepdims=True), X.var(0, keepdims=True)
            c["running_mu"] = 0.9 * c["running_mu"] + 0.1 * mu
            c["running_var"] = 0.9 * c["running_var"] + 0.1 * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% m-bn-running-var-initial-ones: running var starts at one
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# also: bn-running-variance-from-ones
class BatchNorm1D:
    def _init_parameters(self, X_shape):
        self.n_in = self.n_out = n = X_shape[1]
        self.parameters = {"gamma": np.ones((1, n)), "beta": np.zeros((1, n))}
        self.cache = {"running_mu": np.zeros((1, n)), "running_var": np.ones((1, n))}
        self.clear_gradients()


# %% m-bn-running-attributes: self.running_mu only, not in cache
# target: layers.BatchNorm1D
# behaviour: partly
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
            self.running_mu = 0.0
            self.running_var = 0.0
        c = self.cache
        if mode == "train":
            mu, var = X.mean(0, keepdims=True), X.var(0, keepdims=True)
            self.running_mu = self.momentum * self.running_mu + (1 - self.momentum) * mu
            self.running_var = self.momentum * self.running_var + (1 - self.momentum) * var
        else:
            mu, var = self.running_mu, self.running_var
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% m-bn-gamma-alias-in-place: backward scales dLdY by gamma in place before dgamma
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
class BatchNorm1D:
    def backward(self, dLdY):
        X_hat = self.cache["X_hat"]
        d = dLdY
        d *= self.parameters["gamma"]
        self.gradients["gamma"] = (dLdY * X_hat).sum(axis=0, keepdims=True)
        self.gradients["beta"] = dLdY.sum(axis=0, keepdims=True)
        return (d - d.mean(0) - X_hat * (d * X_hat).mean(0)) / self.cache["deviation"]


# %% m-bn-in-place-xhat: Y computed in place over cached X_hat
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c = self.cache
        if mode == "train":
            mu, var = X.mean(0, keepdims=True), X.var(0, keepdims=True)
            c["running_mu"] = self.momentum * c["running_mu"] + (1 - self.momentum) * mu
            c["running_var"] = self.momentum * c["running_var"] + (1 - self.momentum) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        Y = c["X_hat"]
        Y *= self.parameters["gamma"]
        Y += self.parameters["beta"]
        return Y


# %% m-bn-dx-var-sign: sign of variance term
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
class BatchNorm1D:
    def backward(self, dLdY):
        X_hat = self.cache["X_hat"]
        self.gradients["gamma"] = (dLdY * X_hat).sum(axis=0, keepdims=True)
        self.gradients["beta"] = dLdY.sum(axis=0, keepdims=True)
        d = dLdY * self.parameters["gamma"]
        return (d - d.mean(0) + X_hat * (d * X_hat).mean(0)) / self.cache["deviation"]


# %% m-bn-dx-mean-forgotten: mean term forgotten, only var
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
class BatchNorm1D:
    def backward(self, dLdY):
        X_hat = self.cache["X_hat"]
        self.gradients["gamma"] = (dLdY * X_hat).sum(axis=0, keepdims=True)
        self.gradients["beta"] = dLdY.sum(axis=0, keepdims=True)
        d = dLdY * self.parameters["gamma"]
        return (d - X_hat * (d * X_hat).mean(0)) / self.cache["deviation"]


# %% m-bn-dx-over-m-once-more: /m
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
class BatchNorm1D:
    def backward(self, dLdY):
        X_hat = self.cache["X_hat"]
        m = dLdY.shape[0]
        self.gradients["gamma"] = (dLdY * X_hat).sum(axis=0, keepdims=True)
        self.gradients["beta"] = dLdY.sum(axis=0, keepdims=True)
        d = dLdY * self.parameters["gamma"]
        return (d - d.mean(0) - X_hat * (d * X_hat).mean(0)) / self.cache["deviation"] / m


# %% m-bn-total-mean: mean over everything (no axis)
# target: layers.BatchNorm1D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c = self.cache
        if mode == "train":
            mu, var = X.mean(keepdims=True), X.var(keepdims=True)
            c["running_mu"] = self.momentum * c["running_mu"] + (1 - self.momentum) * mu
            c["running_var"] = self.momentum * c["running_var"] + (1 - self.momentum) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% m-bn-gamma-sqrt: gamma and beta swapped
# target: layers.BatchNorm1D
# shape: partly
# values: failed
# batching: partly
# behaviour: partly
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c = self.cache
        if mode == "train":
            mu, var = X.mean(0, keepdims=True), X.var(0, keepdims=True)
            c["running_mu"] = self.momentum * c["running_mu"] + (1 - self.momentum) * mu
            c["running_var"] = self.momentum * c["running_var"] + (1 - self.momentum) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["beta"] * c["X_hat"] + self.parameters["gamma"]


# %% m-pool-fancy-plus-equals: the same for pooling
# target: layers.Pool2D
# shape: partly
# gradient: partly
# also: pool-dx-assigned-by-window
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return w.max(axis=(4, 5)) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        oh, ow = dLdY.shape[1:3]
        i = s * np.arange(oh)[:, None, None, None] + np.arange(kh)[None, None, :, None]
        j = s * np.arange(ow)[None, :, None, None] + np.arange(kw)[None, None, None, :]
        cols = Xp[:, i, j]
        d = dLdY[:, :, :, None, None, :]
        share = (cols == cols.max(axis=(3, 4), keepdims=True)) if self.mode == "max" else np.full(cols.shape, 1 / (kh * kw))
        dXp = np.zeros_like(Xp)
        dXp[:, i, j] += share * d
        return _crop(dXp, self.pad)


# %% m-conv-odd-pad-int: pad given as an int ignored when stride > 1
# target: layers.Conv2D
# shape: partly
# values: partly
# gradient: partly
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        pad = self.pad if self.stride == 1 else (0, 0)
        Z = np.tensordot(_windows(_pad(X, pad), self.kernel_shape, self.stride), self.parameters["W"], axes=((4, 5, 3), (0, 1, 2))) + self.parameters["b"].reshape(-1)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-fc-weights-alias: keeps self.W from the start and uses it
# target: layers.FullyConnected
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# also: fc-first-parameters-kept
class FullyConnected:
    def _init_parameters(self, X_shape):
        self.n_in = X_shape[1]
        self.W = self.init_weights((self.n_in, self.n_out))
        self.b = np.zeros((1, self.n_out))
        self.parameters = {"W": self.W, "b": self.b}
        self.clear_gradients()
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.W + self.b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.W.T


# %% m-fc-cache-z-no-bias: caches Z before the bias
# target: layers.FullyConnected
# gradient: partly
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.parameters["W"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z + self.parameters["b"])


# %% m-fc-accumulate-b-only: db += while W overwritten
# target: layers.FullyConnected
# batching: partly
# behaviour: partly
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] += dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T


# %% m-fc-act-args-swapped: activation.backward(dLdY, Z)
# target: layers.FullyConnected
# shape: partly
# gradient: failed
# batching: partly
# behaviour: partly
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(dLdY, self.cache["Z"])
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T


# %% m-fc-two: dW without slope and db mean
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# also: fc-db-mean fc-dw-without-slope
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dLdY
        self.gradients["b"] = dZ.mean(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T


# %% m-fc-updates-in-backward: takes a step with lr 0.1 inside backward before dX
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        self.parameters["W"] = self.parameters["W"] - 0.1 * self.gradients["W"]
        return dZ @ self.parameters["W"].T


# %% m-fc-updates-after: takes a step after dX, in place
# target: layers.FullyConnected
# batching: partly
# behaviour: partly
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        dX = dZ @ self.parameters["W"].T
        self.parameters["W"] -= 0.1 * self.gradients["W"]
        return dX


# %% m-fc-int-buffer: Z buffer of X's... ints
# target: layers.FullyConnected
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = np.zeros((X.shape[0], self.n_out), dtype=int)
        Z[:] = X @ self.parameters["W"] + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-fc-b-added-twice: adds the bias twice
# target: layers.FullyConnected
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.parameters["W"]
        Z += self.parameters["b"]
        Z += self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-fc-gradient-view-of-parameters: gradient written into the parameter array
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        dW = self.parameters["W"]
        dW[...] = self.cache["X"].T @ dZ
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T


# %% m-fc-dz-mean-x: dX averaged and everything without slope
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# also: fc-dx-without-slope fc-dw-without-slope fc-db-without-slope
class FullyConnected:
    def backward(self, dLdY):
        m = dLdY.shape[0]
        self.gradients["W"] = self.cache["X"].T @ dLdY / m
        self.gradients["b"] = dLdY.sum(axis=0, keepdims=True) / m
        return dLdY @ self.parameters["W"].T


# %% m-fc-no-return: backward without return
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        dX = dZ @ self.parameters["W"].T


# %% m-fc-b-sum-no-keepdims-2d: db as (n_out, 1)
# target: layers.FullyConnected
# shape: partly
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0).reshape(-1, 1)
        return dZ @ self.parameters["W"].T


# %% m-fc-x-modified: forward scales X in place after caching (X /= 255)
# target: layers.FullyConnected
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        X /= 255
        Z = X @ self.parameters["W"] + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-fc-forward-again-in-backward: backward uses W.T of the first layer name 'w'
# target: layers.FullyConnected
# shape: partly
# gradient: raised
# batching: partly
# behaviour: raised
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradient["W"] = self.cache["X"].T @ dZ
        return dZ @ self.parameters["W"].T


# %% m-fc-flatten-loop-comprehension-only-backward: list comprehension over m in db
# target: layers.FullyConnected
# batching: partly
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = np.array([sum(dZ[i][j] for i in range(dZ.shape[0])) for j in range(dZ.shape[1])])[None]
        return dZ @ self.parameters["W"].T


# %% m-fc-vectorize-sig: np.vectorize with signature per row
# target: layers.FullyConnected
# batching: partly
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        f = np.vectorize(lambda x: x @ self.parameters["W"] + self.parameters["b"][0], signature="(n)->(k)")
        Z = f(X)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-fc-chunks-100: chunks of 50 rows
# target: layers.FullyConnected
# batching: partly
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        parts = []
        start = 0
        while start < len(X):
            parts.append(X[start:start + 16] @ self.parameters["W"])
            start += 16
        Z = np.concatenate(parts) + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-fc-einsum-in-loop: einsum inside enumerate loop
# target: layers.FullyConnected
# batching: partly
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = np.empty((X.shape[0], self.n_out))
        for i, x in enumerate(X):
            Z[i] = np.einsum("i,io->o", x, self.parameters["W"])
        Z = Z + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-fc-fromiter: np.fromiter of generator of floats
# target: layers.FullyConnected
# batching: partly
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X = self.cache["X"]
        self.gradients["W"] = np.add.reduce([np.outer(x, z) for x, z in zip(X, dZ)])
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T


# %% m-fc-kron: block over rows with np.block of list
# target: layers.FullyConnected
# batching: partly
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X = self.cache["X"]
        self.gradients["W"] = X.T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return np.vstack(tuple(row @ self.parameters["W"].T for row in dZ))


# %% m-conv-pad-swapped: (pw, ph) instead of (ph, pw)
# target: layers.Conv2D
# values: partly
# gradient: partly
# also: conv-paddings-swapped
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        (kh, kw), (pw, ph), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        oh = (X_pad.shape[1] - kh) // s + 1
        ow = (X_pad.shape[2] - kw) // s + 1
        Z = np.zeros((X.shape[0], oh, ow, self.n_out))
        for i in range(oh):
            for j in range(ow):
                Z[:, i, j] = np.tensordot(X_pad[:, i*s:i*s+kh, j*s:j*s+kw], W, axes=3) + b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-conv-stride-forgotten-in-window: window at i, not i*s
# target: layers.Conv2D
# shape: partly
# values: partly
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        oh = (X_pad.shape[1] - kh) // s + 1
        ow = (X_pad.shape[2] - kw) // s + 1
        Z = np.zeros((X.shape[0], oh, ow, self.n_out))
        for i in range(oh):
            for j in range(ow):
                Z[:, i, j] = np.tensordot(X_pad[:, i:i+kh, j:j+kw], W, axes=3) + b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-conv-pad-one-side: pads only top and left (2p, 0)
# target: layers.Conv2D
# shape: partly
# values: partly
# gradient: partly
# batching: partly
# behaviour: partly
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (2 * ph, 0), (2 * pw, 0), (0, 0)))
        oh = (X_pad.shape[1] - kh) // s + 1
        ow = (X_pad.shape[2] - kw) // s + 1
        Z = np.zeros((X.shape[0], oh, ow, self.n_out))
        for i in range(oh):
            for j in range(ow):
                Z[:, i, j] = np.tensordot(X_pad[:, i*s:i*s+kh, j*s:j*s+kw], W, axes=3) + b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-conv-im2col-order: columns (C, kh, kw) against W (kh, kw, C)
# target: layers.Conv2D
# shape: partly
# values: partly
# gradient: partly
# batching: partly
# behaviour: partly
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        win = np.lib.stride_tricks.sliding_window_view(X_pad, (kh, kw), axis=(1, 2))[:, ::s, ::s]
        m, oh, ow = win.shape[:3]
        cols = win.reshape(m * oh * ow, -1)
        Z = (cols @ W.reshape(-1, self.n_out) + b).reshape(m, oh, ow, self.n_out)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-conv-reshape-output-order: result reshaped as (oh, ow, m, n)
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        win = np.lib.stride_tricks.sliding_window_view(X_pad, (kh, kw), axis=(1, 2))[:, ::s, ::s]
        m, oh, ow = win.shape[:3]
        Z = np.einsum("mhwcij,ijco->hwmo", win, W).reshape(m, oh, ow, self.n_out) + b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-conv-einsum-letters: repeats h for kernel rows
# target: layers.Conv2D
# shape: partly
# values: partly
# gradient: partly
# batching: partly
# behaviour: partly
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        win = np.lib.stride_tricks.sliding_window_view(X_pad, (kh, kw), axis=(1, 2))[:, ::s, ::s]
        Z = np.einsum("mhwcij,ijno->mhwo", win, W) + b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-conv-caches-padded: caches X_pad as X; dX of padded shape
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        dX, dW = np.zeros_like(X_pad), np.zeros_like(W)
        for i in range(dZ.shape[1]):
            for j in range(dZ.shape[2]):
                w = X_pad[:, i*s:i*s+kh, j*s:j*s+kw]
                dW += np.tensordot(w, dZ[:, i, j], axes=(0, 0))
                dX[:, i*s:i*s+kh, j*s:j*s+kw] += np.tensordot(dZ[:, i, j], W, axes=(1, 3))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2))[None]
        H, Wd = X.shape[1:3]
        return dX[:, :H, :Wd]


# %% m-conv-dw-mean-positions: dW averaged over positions
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# also: conv-dw-assigned
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        dX, dW = np.zeros_like(X_pad), np.zeros_like(W)
        for i in range(dZ.shape[1]):
            for j in range(dZ.shape[2]):
                w = X_pad[:, i*s:i*s+kh, j*s:j*s+kw]
                dW = np.tensordot(w, dZ[:, i, j], axes=(0, 0))
                dX[:, i*s:i*s+kh, j*s:j*s+kw] += np.tensordot(dZ[:, i, j], W, axes=(1, 3))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2))[None]
        return dX[:, ph:dX.shape[1]-ph, pw:dX.shape[2]-pw]


# %% m-conv-db-axes-012-keep: db summed over (0, 1) only
# target: layers.Conv2D
# shape: partly
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        dX, dW = np.zeros_like(X_pad), np.zeros_like(W)
        for i in range(dZ.shape[1]):
            for j in range(dZ.shape[2]):
                w = X_pad[:, i*s:i*s+kh, j*s:j*s+kw]
                dW += np.tensordot(w, dZ[:, i, j], axes=(0, 0))
                dX[:, i*s:i*s+kh, j*s:j*s+kw] += np.tensordot(dZ[:, i, j], W, axes=(1, 3))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2), keepdims=True)
        return dX[:, ph:dX.shape[1]-ph, pw:dX.shape[2]-pw]


# %% m-conv-crop-pw-for-rows: crops rows by pw and columns by ph
# target: layers.Conv2D
# gradient: partly
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        dX, dW = np.zeros_like(X_pad), np.zeros_like(W)
        for i in range(dZ.shape[1]):
            for j in range(dZ.shape[2]):
                w = X_pad[:, i*s:i*s+kh, j*s:j*s+kw]
                dW += np.tensordot(w, dZ[:, i, j], axes=(0, 0))
                dX[:, i*s:i*s+kh, j*s:j*s+kw] += np.tensordot(dZ[:, i, j], W, axes=(1, 3))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return dX[:, pw:dX.shape[1]-pw, ph:dX.shape[2]-ph]


# %% m-conv-last-row-missing: range(oh - 1)
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        oh = (X_pad.shape[1] - kh) // s + 1
        ow = (X_pad.shape[2] - kw) // s + 1
        Z = np.zeros((X.shape[0], oh, ow, self.n_out))
        for i in range(oh - 1):
            for j in range(ow - 1):
                Z[:, i, j] = np.tensordot(X_pad[:, i*s:i*s+kh, j*s:j*s+kw], W, axes=3) + b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-conv-in-place-tanh-cache: activation result written over Z
# target: layers.Conv2D
# gradient: partly
# also: conv-caches-post-activation
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        Z = np.tensordot(windows, self.parameters["W"], axes=((4, 5, 3), (0, 1, 2))) + self.parameters["b"].reshape(-1)
        self.cache = {"X": X, "Z": Z}
        Z[...] = self.activation.forward(Z)
        return Z


# %% m-conv-same-tf: "same" computed as TF does: output = ceil(H / stride)
# target: layers.Conv2D
# values: partly
# gradient: partly
class Conv2D:
    def __init__(self, n_out, kernel_shape, activation, stride=1, pad="same", weight_init="xavier_uniform"):
        super().__init__()
        self.n_out, self.kernel_shape, self.stride = n_out, kernel_shape, stride
        self.pad = (kernel_shape[0] // 2, kernel_shape[1] // 2) if pad == "same" else _padding(kernel_shape, pad)
        self.activation = initialize_activation(activation)
        self.init_weights = initialize_weights(weight_init, activation=activation)


# %% m-conv-m-h-w-flat-loop: loops over m * oh * ow windows
# target: layers.Conv2D
# batching: partly
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        oh = (X_pad.shape[1] - kh) // s + 1
        ow = (X_pad.shape[2] - kw) // s + 1
        Z = np.zeros((X.shape[0] * oh * ow, self.n_out))
        for t in range(len(Z)):
            k, r = divmod(t, oh * ow)
            i, j = divmod(r, ow)
            Z[t] = np.tensordot(X_pad[k, i*s:i*s+kh, j*s:j*s+kw], W, axes=3) + b
        Z = Z.reshape(X.shape[0], oh, ow, self.n_out)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-conv-as-strided-bytes: as_strided with the wrong strides
# target: layers.Conv2D
# shape: partly
# values: partly
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        Xp = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        m, H, Wd, C = Xp.shape
        oh, ow = (H - kh) // s + 1, (Wd - kw) // s + 1
        a, bb, c, d = Xp.strides
        win = np.lib.stride_tricks.as_strided(Xp, (m, oh, ow, kh, kw, C), (a, bb, c, bb, c, d))
        Z = np.tensordot(win, W, axes=3) + b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-conv-no-kernel-tuple: takes kernel_shape as an int
# target: layers.Conv2D
# shape: partly
# values: partly
# gradient: partly
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        k = self.kernel_shape[0]
        W, b, s = self.parameters["W"], self.parameters["b"], self.stride
        Xp = np.pad(X, ((0, 0), (self.pad[0],) * 2, (self.pad[1],) * 2, (0, 0)))
        oh, ow = (Xp.shape[1] - k) // s + 1, (Xp.shape[2] - k) // s + 1
        Z = np.zeros((len(X), oh, ow, self.n_out))
        for i in range(oh):
            for j in range(ow):
                Z[:, i, j] = np.einsum("mhwc,hwco->mo", Xp[:, i*s:i*s+k, j*s:j*s+k], W) + b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-conv-transposed-hw: sliding windows with axes (2, 1)
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        P = _pad(X, self.pad)
        w = np.lib.stride_tricks.sliding_window_view(P, self.kernel_shape, axis=(2, 1))[:, ::self.stride, ::self.stride]
        Z = np.tensordot(w, self.parameters["W"], axes=((4, 5, 3), (0, 1, 2))) + self.parameters["b"].reshape(-1)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-conv-map-lambda-backward: list(map) over images in backward
# target: layers.Conv2D
# batching: partly
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        def one(args):
            x, d = args
            P = _pad(x[None], self.pad); dP = np.zeros(P.shape); dW = np.zeros(W.shape)
            for i, j, r, c in _positions(self.kernel_shape, d.shape[:2], self.stride):
                dP[:, r, c] += d[None] @ W[i, j].T
                dW[i, j] = np.tensordot(P[0, r, c], d, axes=((0, 1), (0, 1)))
            return _crop(dP, self.pad)[0], dW
        dX, dW = zip(*map(one, zip(X, dZ)))
        self.gradients["W"] = np.sum(dW, axis=0)
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2))[None]
        return np.array(dX)


# %% m-fc-n-in-zero: n_in from X.shape[0]
# target: layers.FullyConnected
# shape: raised
# values: raised
# gradient: raised
# batching: raised
# behaviour: raised
class FullyConnected:
    def _init_parameters(self, X_shape):
        self.n_in = X_shape[0]
        self.parameters = {"W": self.init_weights((self.n_in, self.n_out)), "b": np.zeros((1, self.n_out))}
        self.clear_gradients()


# %% m-fc-db-first-only-loop: returns inside the loop... db = dZ[0] via early break; dW fine
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# also: fc-db-zero
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["B"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T


# %% m-bn-momentum-arg-ignored-train-only: test mode right, running stats only moved on the first call
# target: layers.BatchNorm1D
# behaviour: partly
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c = self.cache
        if mode == "train":
            mu, var = X.mean(0, keepdims=True), X.var(0, keepdims=True)
            if not c.get("moved"):
                c["running_mu"] = self.momentum * c["running_mu"] + (1 - self.momentum) * mu
                c["running_var"] = self.momentum * c["running_var"] + (1 - self.momentum) * var
                c["moved"] = True
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% m-bn-test-flag-attribute: looks at self.mode (always "train") and not at the argument
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# also: bn-mode-never-looked-at
class BatchNorm1D:
    mode = "train"
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c = self.cache
        if self.mode == "train":
            mu, var = X.mean(0, keepdims=True), X.var(0, keepdims=True)
            c["running_mu"] = self.momentum * c["running_mu"] + (1 - self.momentum) * mu
            c["running_var"] = self.momentum * c["running_var"] + (1 - self.momentum) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% m-conv-last-kernel-because-of-empty: Z reset inside the loop with zeros then added
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# also: conv-assigns-in-kernel-loop
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        P = _pad(X, self.pad)
        kh, kw = self.kernel_shape
        oh, ow = (P.shape[1] - kh) // self.stride + 1, (P.shape[2] - kw) // self.stride + 1
        for i, j, r, c in _positions(self.kernel_shape, (oh, ow), self.stride):
            Z = np.zeros((len(X), oh, ow, self.n_out))
            Z += P[:, r, c] @ self.parameters["W"][i, j]
        Z += self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-pool-abs: max of absolute values
# target: layers.Pool2D
# shape: partly
# values: partly
# batching: partly
# behaviour: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return np.abs(w).max(axis=(4, 5)) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kh * kw)
        return _crop(dX, self.pad)


# %% m-pool-mode-avg: mode == avg
# target: layers.Pool2D
# shape: partly
# values: partly
# batching: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        if self.mode == "max":
            return w.max(axis=(4, 5))
        elif self.mode == "avg":
            return w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kh * kw)
        return _crop(dX, self.pad)


# %% m-pool-avg-stride: average divided by stride**2
# target: layers.Pool2D
# shape: partly
# values: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return w.max(axis=(4, 5)) if self.mode == "max" else w.sum(axis=(4, 5)) / self.stride ** 2
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kh * kw)
        return _crop(dX, self.pad)


# %% m-pool-avg-kw2: average divided by kw * kw
# target: layers.Pool2D
# shape: partly
# values: partly
# gradient: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return w.max(axis=(4, 5)) if self.mode == "max" else w.sum(axis=(4, 5)) / self.kernel_shape[1] ** 2
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kw * kw)
        return _crop(dX, self.pad)


# %% m-pool-avg-back-kw2: backward average divided by kw * kw
# target: layers.Pool2D
# shape: partly
# gradient: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return w.max(axis=(4, 5)) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kw * kw)
        return _crop(dX, self.pad)


# %% m-pool-avg-back-kh2: backward average divided by kh ** 2 only
# target: layers.Pool2D
# shape: partly
# gradient: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return w.max(axis=(4, 5)) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kh ** 2)
        return _crop(dX, self.pad)


# %% m-pool-median: median for the average
# target: layers.Pool2D
# shape: partly
# values: partly
# batching: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return w.max(axis=(4, 5)) if self.mode == "max" else np.median(w, axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kh * kw)
        return _crop(dX, self.pad)


# %% m-pool-pad-twice: pads twice
# target: layers.Pool2D
# shape: partly
# values: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(_pad(X, self.pad), self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return w.max(axis=(4, 5)) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kh * kw)
        return _crop(dX, self.pad)


# %% m-pool-no-pad: ignores padding
# target: layers.Pool2D
# shape: partly
# values: partly
class Pool2D:
    def forward(self, X):
        w = _windows(X, self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return w.max(axis=(4, 5)) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kh * kw)
        return _crop(dX, self.pad)


# %% m-pool-pad-nan: pads with nan-like min value
# target: layers.Pool2D
# shape: partly
# values: partly
# also: pool-max-padded-with-minus-infinity
class Pool2D:
    def forward(self, X):
        w = _windows(np.pad(X, ((0,0),(self.pad[0],)*2,(self.pad[1],)*2,(0,0)), constant_values=X.min()), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return w.max(axis=(4, 5)) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kh * kw)
        return _crop(dX, self.pad)


# %% m-pool-assign: assigns, max and average
# target: layers.Pool2D
# shape: partly
# gradient: partly
# also: pool-dx-assigned-by-window
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return w.max(axis=(4, 5)) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] = (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] = (d + 0 * w) / (kh * kw)
        return _crop(dX, self.pad)


# %% m-pool-assign-max-only: assigns in max only
# target: layers.Pool2D
# gradient: partly
# also: pool-overlap-overwritten pool-dx-assigned-by-window
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return w.max(axis=(4, 5)) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] = (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kh * kw)
        return _crop(dX, self.pad)


# %% m-pool-mask-channels: max over channels in backward
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return w.max(axis=(4, 5)) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w == w.max(axis=(1, 2, 3), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kh * kw)
        return _crop(dX, self.pad)


# %% m-pool-mask-batch: max over batch in backward
# target: layers.Pool2D
# gradient: partly
# batching: partly
# behaviour: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return w.max(axis=(4, 5)) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w == w.max(axis=(0, 1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kh * kw)
        return _crop(dX, self.pad)


# %% m-pool-first-batch-kept: X kept from the first batch
# target: layers.Pool2D
# batching: partly
# behaviour: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache.setdefault("X", X)
        return w.max(axis=(4, 5)) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kh * kw)
        return _crop(dX, self.pad)


# %% m-pool-int: integer dX
# target: layers.Pool2D
# shape: partly
# gradient: failed
# batching: partly
# behaviour: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return w.max(axis=(4, 5)) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros(Xp.shape, int)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w == w.max(axis=(1, 2), keepdims=True)) * d.astype(int)
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += ((d + 0 * w) / (kh * kw)).astype(int)
        return _crop(dX, self.pad)


# %% m-pool-backward-no-crop-when-uneven: dX of shape of windows only (smaller when the last window is dropped)
# target: layers.Pool2D
# shape: partly
# gradient: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return w.max(axis=(4, 5)) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kh * kw)
        return _crop(dX[:, :s*dLdY.shape[1], :s*dLdY.shape[2]], self.pad)


# %% m-pool-times-x: gradient multiplied by X instead of the mask
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return w.max(axis=(4, 5)) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w * (w == w.max(axis=(1, 2), keepdims=True))) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kh * kw)
        return _crop(dX, self.pad)


# %% m-pool-sums-dy: uses total dY in each window
# target: layers.Pool2D
# shape: partly
# gradient: failed
# batching: partly
# behaviour: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return w.max(axis=(4, 5)) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1].sum(axis=0, keepdims=True)
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kh * kw)
        return _crop(dX, self.pad)


# %% m-pool-in-place-zero: zeroes X outside of maxima in forward (in place cache corruption)
# target: layers.Pool2D
# gradient: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        Xp = X; out = w.copy()
        X -= X.mean()
        w = out
        return w.max(axis=(4, 5)) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kh * kw)
        return _crop(dX, self.pad)


# %% m-pool-swap-stride-rows: stride on rows only in backward
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return w.max(axis=(4, 5)) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j:j+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j:j+kw] += (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j:j+kw] += (d + 0 * w) / (kh * kw)
        return _crop(dX, self.pad)


# %% m-pool-loop-generator: generator over images
# target: layers.Pool2D
# batching: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return np.array([v.max(axis=(3, 4)) for v in w]) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kh * kw)
        return _crop(dX, self.pad)


# %% m-pool-flat-window-loop: loops over flattened m*oh*ow windows
# target: layers.Pool2D
# batching: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return np.array(list(map(lambda v: v.max(axis=(1, 2)), w.reshape(-1, *w.shape[3:])))).reshape(w.shape[:4]) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kh * kw)
        return _crop(dX, self.pad)


# %% m-pool-mean-of-max: two mistakes: stride = kernel in backward and assigns
# target: layers.Pool2D
# shape: partly
# gradient: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return w.max(axis=(4, 5)) if self.mode == "max" else w.mean(axis=(4, 5))
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*kh:i*kh+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*kh:i*kh+kh, j*s:j*s+kw] = (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*kh:i*kh+kh, j*s:j*s+kw] = (d + 0 * w) / (kh * kw)
        return _crop(dX, self.pad)


# %% m-fc-b-alias: self.b kept from the start, W read from parameters
# target: layers.FullyConnected
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# also: fc-bias-forgotten
class FullyConnected:
    def _init_parameters(self, X_shape):
        self.n_in = X_shape[1]
        self.b = np.zeros((1, self.n_out))
        self.parameters = {"W": self.init_weights((self.n_in, self.n_out)), "b": self.b}
        self.clear_gradients()
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.parameters["W"] + self.b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-conv-b-alias: the same for Conv2D
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# also: conv-bias-forgotten
class Conv2D:
    def _init_parameters(self, X_shape):
        self.n_in = X_shape[3]
        self.b = np.zeros((1, self.n_out))
        self.parameters = {"W": self.init_weights((*self.kernel_shape, self.n_in, self.n_out)), "b": self.b}
        self.clear_gradients()
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = np.tensordot(_windows(_pad(X, self.pad), self.kernel_shape, self.stride), self.parameters["W"], axes=((4, 5, 3), (0, 1, 2))) + self.b.reshape(-1)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% m-bn-gamma-alias: self.gamma kept from the start
# target: layers.BatchNorm1D
# shape: partly
# values: failed
# batching: partly
# behaviour: partly
# also: bn-gamma-ignored
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
            self.gamma = self.parameters["gamma"]
        c = self.cache
        if mode == "train":
            mu, var = X.mean(0, keepdims=True), X.var(0, keepdims=True)
            c["running_mu"] = self.momentum * c["running_mu"] + (1 - self.momentum) * mu
            c["running_var"] = self.momentum * c["running_var"] + (1 - self.momentum) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.gamma * c["X_hat"] + self.parameters["beta"]


# %% m-bn-beta-alias: self.beta kept from the start
# target: layers.BatchNorm1D
# shape: partly
# values: failed
# batching: partly
# behaviour: partly
# also: bn-beta-ignored
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
            self.beta = self.parameters["beta"]
        c = self.cache
        if mode == "train":
            mu, var = X.mean(0, keepdims=True), X.var(0, keepdims=True)
            c["running_mu"] = self.momentum * c["running_mu"] + (1 - self.momentum) * mu
            c["running_var"] = self.momentum * c["running_var"] + (1 - self.momentum) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.beta


# %% m-bn-running-keys: kept under other keys
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# also: bn-running-never-updated
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c = self.cache
        c.setdefault("running_mean", 0 * X[:1]); c.setdefault("running_variance", 0 * X[:1])
        if mode == "train":
            mu, var = X.mean(0, keepdims=True), X.var(0, keepdims=True)
            c["running_mean"] = self.momentum * c["running_mean"] + (1 - self.momentum) * mu
            c["running_variance"] = self.momentum * c["running_variance"] + (1 - self.momentum) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% m-bn-eps-hard: eps 1e-5 hard-coded
# target: layers.BatchNorm1D
# shape: partly or passed
# values: partly
# gradient: partly
# batching: partly
# behaviour: partly
# also: bn-eps-forgotten
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c = self.cache
        if mode == "train":
            mu, var = X.mean(0, keepdims=True), X.var(0, keepdims=True)
            c["running_mu"] = self.momentum * c["running_mu"] + (1 - self.momentum) * mu
            c["running_var"] = self.momentum * c["running_var"] + (1 - self.momentum) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + 1e-5)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% m-conv-fancy-plus-equals: dX_pad[fancy] += cols (numpy keeps one of the duplicates)
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# also: conv-overlap-overwritten
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        Xp = _pad(X, self.pad)
        oh, ow = dZ.shape[1:3]
        i = s * np.arange(oh)[:, None, None, None] + np.arange(kh)[None, None, :, None]
        j = s * np.arange(ow)[None, :, None, None] + np.arange(kw)[None, None, None, :]
        cols = Xp[:, i, j]
        self.gradients["W"] = np.einsum("mhwijc,mhwo->ijco", cols, dZ)
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2))[None]
        dXp = np.zeros_like(Xp)
        dXp[:, i, j] += np.einsum("mhwo,ijco->mhwijc", dZ, W)
        return _crop(dXp, self.pad)


# %% m-fc-f32-dropped-entry: float32 gradient with its last entry a little off
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY).astype(np.float32)
        self.gradients["W"] = (self.cache["X"].astype(np.float32).T @ dZ)
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].astype(np.float32).T * np.float32(1 - 3e-4)


# %% m-fc-clears-after: clears gradients at the end of backward
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# also: fc-gradients-not-stored
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        dX = dZ @ self.parameters["W"].T
        self.clear_gradients()
        return dX


# %% m-fc-dw-zeros-local: fills a local dW that is not what is stored
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# also: fc-key-lower-case
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        dW = np.zeros_like(self.parameters["W"])
        dW + self.cache["X"].T @ dZ
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T


# %% m-fc-keys-dw-db: keys "dW" and "db"
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# also: fc-gradients-not-stored
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["dW"] = self.cache["X"].T @ dZ
        self.gradients["db"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T


# %% m-fc-float32-slightly-wrong-backward: right forward, dX times 1.0005 in float32
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return (dZ @ self.parameters["W"].T * 1.0005).astype(np.float32)


# %% m-pool-loop-average-only: loops over images only in average mode
# target: layers.Pool2D
# batching: partly
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        if self.mode == "max":
            return w.max(axis=(4, 5))
        return np.array([v.mean(axis=(3, 4)) for v in w])
    def backward(self, dLdY):
        X = self.cache["X"]
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        dX = np.zeros_like(Xp)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                w = Xp[:, i*s:i*s+kh, j*s:j*s+kw]
                d = dLdY[:, i:i+1, j:j+1]
                if self.mode == "max":
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (w == w.max(axis=(1, 2), keepdims=True)) * d
                else:
                    dX[:, i*s:i*s+kh, j*s:j*s+kw] += (d + 0 * w) / (kh * kw)
        return _crop(dX, self.pad)


# %% m-bn-loop-test-mode: loops over the examples in test mode
# target: layers.BatchNorm1D
# batching: partly
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c = self.cache
        if mode == "test":
            return np.array([self.parameters["gamma"][0] * (x - c["running_mu"][0]) / np.sqrt(c["running_var"][0] + self.eps) + self.parameters["beta"][0] for x in X])
        mu, var = X.mean(0, keepdims=True), X.var(0, keepdims=True)
        c["running_mu"] = self.momentum * c["running_mu"] + (1 - self.momentum) * mu
        c["running_var"] = self.momentum * c["running_var"] + (1 - self.momentum) * var
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% m-bn-eps-default-hard: eps 1e-8 hard-coded
# target: layers.BatchNorm1D
# values: partly
# gradient: partly
# batching: partly
# behaviour: partly
# also: bn-eps-forgotten
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c = self.cache
        if mode == "train":
            mu, var = X.mean(0, keepdims=True), X.var(0, keepdims=True)
            c["running_mu"] = self.momentum * c["running_mu"] + (1 - self.momentum) * mu
            c["running_var"] = self.momentum * c["running_var"] + (1 - self.momentum) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + 1e-8)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% m-fc-w-zero-because-x-zeroed: forward clears the cached X in place after use
# target: layers.FullyConnected
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# also: fc-key-lower-case
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.parameters["W"] + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        X *= 0
        return self.activation.forward(Z)
