# %% conv-dx-returned-after-window: returns dX after the first window
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX has only the terms from the first window; the rest is still zero: check whether the return is inside the loop.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dW[u, v] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                dX_pad[:, rows, columns] += np.tensordot(dZ[:, i, j], W, axes=(1, 3))
                return _crop(dX_pad, self.pad)


# %% conv-dx-returned-after-row: returns dX after the first row of windows
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX has only the terms from the first row of windows; the rest is still zero: check whether the return is inside the loop.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dW[u, v] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                dX_pad[:, rows, columns] += np.tensordot(dZ[:, i, j], W, axes=(1, 3))
            return _crop(dX_pad, self.pad)


# %% conv-dx-returned-after-kernel: returns dX after the first kernel
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX has only the terms from the first of the n_out kernels; the rest is still zero: check whether the return is inside the loop.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dW[u, v] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        for f in range(n_out):
            for i in range(out_h):
                for j in range(out_w):
                    rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                    dX_pad[:, rows, columns] += dZ[:, i, j, f, None, None, None] * W[..., f]
            return _crop(dX_pad, self.pad)


# %% conv-dx-returned-after-window-of-kernel: returns dX after the first kernel's first window
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX has only the terms from the first window of the first of the n_out kernels; the rest is still zero: check whether the return is inside the loop.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dW[u, v] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                for f in range(n_out):
                    dX_pad[:, rows, columns] += dZ[:, i, j, f, None, None, None] * W[..., f]
                    return _crop(dX_pad, self.pad)


# %% conv-dx-returned-after-row-of-kernel: returns dX after the first kernel's first row of windows
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX has only the terms from the first row of windows of the first of the n_out kernels; the rest is still zero: check whether the return is inside the loop.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dW[u, v] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        for f in range(n_out):
            for i in range(out_h):
                for j in range(out_w):
                    rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                    dX_pad[:, rows, columns] += dZ[:, i, j, f, None, None, None] * W[..., f]
                return _crop(dX_pad, self.pad)


# %% conv-dx-returned-after-position: returns dX after the first position of the kernel
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX has only the terms from the first kernel position; the rest is still zero: check whether the return is inside the loop.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dW[u, v] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                dX_pad[:, rows, columns] += dZ @ W[u, v].T
                return _crop(dX_pad, self.pad)


# %% conv-dx-returned-after-row-of-positions: returns dX after the first row of the kernel
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX has only the terms from the first kernel row; the rest is still zero: check whether the return is inside the loop.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dW[u, v] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                dX_pad[:, rows, columns] += dZ @ W[u, v].T
            return _crop(dX_pad, self.pad)


# %% conv-dx-returned-after-example: returns dX after the first example
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX has only the terms from the first example; the rest is still zero: check whether the return is inside the loop.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dW[u, v] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        for n in range(m):
            for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
                dX_pad[n, rows, columns] += dZ[n] @ W[u, v].T
            return _crop(dX_pad, self.pad)


# %% conv-returned-after-window: returns after the first window
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Y is filled for the first window only; the rest is computed from zeros: check whether the return is inside the loop.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b, s = self.parameters["W"], self.parameters["b"], self.stride
        kh, kw, channels, n_out = W.shape
        X_pad = _pad(X, self.pad)
        out_h, out_w = (X_pad.shape[1] - kh) // s + 1, (X_pad.shape[2] - kw) // s + 1
        Z = np.zeros((len(X), out_h, out_w, n_out))
        self.cache = {"X": X, "Z": Z}
        for i in range(out_h):
            for j in range(out_w):
                window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw]
                Z[:, i, j] = np.tensordot(window, W, axes=3) + b
                return self.activation.forward(Z)


# %% conv-returned-after-row: returns after the first row of windows
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Y is filled for the first row of windows only; the rest is computed from zeros: check whether the return is inside the loop.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b, s = self.parameters["W"], self.parameters["b"], self.stride
        kh, kw, channels, n_out = W.shape
        X_pad = _pad(X, self.pad)
        out_h, out_w = (X_pad.shape[1] - kh) // s + 1, (X_pad.shape[2] - kw) // s + 1
        Z = np.zeros((len(X), out_h, out_w, n_out))
        self.cache = {"X": X, "Z": Z}
        for i in range(out_h):
            for j in range(out_w):
                window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw]
                Z[:, i, j] = np.tensordot(window, W, axes=3) + b
            return self.activation.forward(Z)


# %% conv-returned-after-kernel: returns after the first kernel
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Y is filled for the first of the n_out kernels only; the rest is computed from zeros: check whether the return is inside the loop.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b, s = self.parameters["W"], self.parameters["b"], self.stride
        kh, kw, channels, n_out = W.shape
        X_pad = _pad(X, self.pad)
        out_h, out_w = (X_pad.shape[1] - kh) // s + 1, (X_pad.shape[2] - kw) // s + 1
        Z = np.zeros((len(X), out_h, out_w, n_out))
        self.cache = {"X": X, "Z": Z}
        for f in range(n_out):
            for i in range(out_h):
                for j in range(out_w):
                    window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw]
                    Z[:, i, j, f] = np.sum(window * W[..., f], axis=(1, 2, 3)) + b.flat[f]
            return self.activation.forward(Z)


# %% conv-returned-after-window-of-kernel: returns after the first kernel's first window
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Y is filled for the first window of the first of the n_out kernels only; the rest is computed from zeros: check whether the return is inside the loop.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b, s = self.parameters["W"], self.parameters["b"], self.stride
        kh, kw, channels, n_out = W.shape
        X_pad = _pad(X, self.pad)
        out_h, out_w = (X_pad.shape[1] - kh) // s + 1, (X_pad.shape[2] - kw) // s + 1
        Z = np.zeros((len(X), out_h, out_w, n_out))
        self.cache = {"X": X, "Z": Z}
        for i in range(out_h):
            for j in range(out_w):
                window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw]
                for f in range(n_out):
                    Z[:, i, j, f] = np.sum(window * W[..., f], axis=(1, 2, 3)) + b.flat[f]
                    return self.activation.forward(Z)


# %% conv-returned-after-row-of-kernel: returns after the first kernel's first row of windows
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Y is filled for the first row of windows of the first of the n_out kernels only; the rest is computed from zeros: check whether the return is inside the loop.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b, s = self.parameters["W"], self.parameters["b"], self.stride
        kh, kw, channels, n_out = W.shape
        X_pad = _pad(X, self.pad)
        out_h, out_w = (X_pad.shape[1] - kh) // s + 1, (X_pad.shape[2] - kw) // s + 1
        Z = np.zeros((len(X), out_h, out_w, n_out))
        self.cache = {"X": X, "Z": Z}
        for f in range(n_out):
            for i in range(out_h):
                for j in range(out_w):
                    window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw]
                    Z[:, i, j, f] = np.sum(window * W[..., f], axis=(1, 2, 3)) + b.flat[f]
                return self.activation.forward(Z)


# %% conv-returned-after-example: returns after the first example
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Y is filled for the first example only; the rest is computed from zeros: check whether the return is inside the loop.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b, s = self.parameters["W"], self.parameters["b"], self.stride
        kh, kw, channels, n_out = W.shape
        X_pad = _pad(X, self.pad)
        out_h, out_w = (X_pad.shape[1] - kh) // s + 1, (X_pad.shape[2] - kw) // s + 1
        Z = np.zeros((len(X), out_h, out_w, n_out))
        self.cache = {"X": X, "Z": Z}
        for n in range(len(X)):
            for i in range(out_h):
                for j in range(out_w):
                    window = X_pad[n, i * s : i * s + kh, j * s : j * s + kw]
                    Z[n, i, j] = np.tensordot(window, W, axes=3) + b
            return self.activation.forward(Z)


# %% conv-returned-after-position: returns after the first position of the kernel
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Y has only the terms from the first kernel position: check whether the return is inside the loop.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b, s = self.parameters["W"], self.parameters["b"], self.stride
        kh, kw, channels, n_out = W.shape
        X_pad = _pad(X, self.pad)
        out_h, out_w = (X_pad.shape[1] - kh) // s + 1, (X_pad.shape[2] - kw) // s + 1
        Z = np.zeros((len(X), out_h, out_w, n_out))
        self.cache = {"X": X, "Z": Z}
        Z += b
        for u in range(kh):
            for v in range(kw):
                Z += X_pad[:, u : u + s * out_h : s, v : v + s * out_w : s] @ W[u, v]
                return self.activation.forward(Z)


# %% conv-returned-after-row-of-positions: returns after the first row of the kernel
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Y has only the terms from the first kernel row: check whether the return is inside the loop.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b, s = self.parameters["W"], self.parameters["b"], self.stride
        kh, kw, channels, n_out = W.shape
        X_pad = _pad(X, self.pad)
        out_h, out_w = (X_pad.shape[1] - kh) // s + 1, (X_pad.shape[2] - kw) // s + 1
        Z = np.zeros((len(X), out_h, out_w, n_out))
        self.cache = {"X": X, "Z": Z}
        Z += b
        for u in range(kh):
            for v in range(kw):
                Z += X_pad[:, u : u + s * out_h : s, v : v + s * out_w : s] @ W[u, v]
            return self.activation.forward(Z)
