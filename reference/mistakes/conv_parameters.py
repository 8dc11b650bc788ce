# %% conv-new-parameters-each-forward: recreates the parameters in every forward
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Every forward creates new W and b: Y is computed with them, and what self.parameters held before is lost.
class Conv2D:
    def forward(self, X):
        self._init_parameters(X.shape)
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        Z = np.tensordot(windows, self.parameters["W"], axes=((4, 5, 3), (0, 1, 2))) + self.parameters["b"].reshape(-1)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% conv-first-w-kept: keeps the W of the first forward in an attribute and computes with that
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Y is computed with W from the first forward, not the current self.parameters['W']: an update puts a new array there.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
            self.W = self.parameters["W"]
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        Z = np.tensordot(windows, self.W, axes=((4, 5, 3), (0, 1, 2))) + self.parameters["b"].reshape(-1)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        X, W = self.cache["X"], self.W
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for i, j, rows, columns in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += dZ @ W[i, j].T
            dW[i, j] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)


# %% conv-first-w-kept-in-forward: uses the first forward's W in forward only
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Y is computed with W from the first forward, not the current self.parameters['W']: an update puts a new array there.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
            self.W = self.parameters["W"]
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        Z = np.tensordot(windows, self.W, axes=((4, 5, 3), (0, 1, 2))) + self.parameters["b"].reshape(-1)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% conv-first-w-kept-in-backward: uses the first forward's W in dX only
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX is computed with W from the first forward, not the current self.parameters['W']: an update puts a new array there.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
            self.W = self.parameters["W"]
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        Z = np.tensordot(windows, self.parameters["W"], axes=((4, 5, 3), (0, 1, 2))) + self.parameters["b"].reshape(-1)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        X, W = self.cache["X"], self.W
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for i, j, rows, columns in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += dZ @ W[i, j].T
            dW[i, j] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)


# %% conv-first-parameters-kept: keeps W and b of the first forward in attributes and computes with those
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Y is computed with W and b from the first forward, not those now in self.parameters: an update puts new arrays there.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
            self.W = self.parameters["W"]
            self.b = self.parameters["b"]
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        Z = np.tensordot(windows, self.W, axes=((4, 5, 3), (0, 1, 2))) + self.b.reshape(-1)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        X, W = self.cache["X"], self.W
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for i, j, rows, columns in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += dZ @ W[i, j].T
            dW[i, j] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)


# %% conv-first-parameters-kept-in-forward: uses the first forward's W and b in forward only
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Y is computed with W and b from the first forward, not those now in self.parameters: an update puts new arrays there.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
            self.W = self.parameters["W"]
            self.b = self.parameters["b"]
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        Z = np.tensordot(windows, self.W, axes=((4, 5, 3), (0, 1, 2))) + self.b.reshape(-1)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)
