# %% conv-dx-assigned-by-position: writes "=" instead of "+=" in a loop over the kernel positions
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: Where windows overlap, dX keeps only what was written last: = overwrites, += adds, and += on fancy indices adds only once per entry (np.add.at adds every time).
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                dW[u, v] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
                dX_pad[:, rows, columns] = dZ @ W[u, v].T
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)


# %% conv-dx-assigned-by-kernel: writes "=" instead of "+=" in loops over windows and kernels
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX has only the last kernel's terms and, where windows overlap, only what was written last: = replaces what is there, += adds to it.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                dW += np.tensordot(X_pad[:, rows, columns], dZ[:, i, j], axes=(0, 0))
                for f in range(n_out):
                    dX_pad[:, rows, columns] = dZ[:, i, j, f, None, None, None] * W[..., f]
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)


# %% conv-dx-assigned-by-position-and-kernel: writes "=" instead of "+=" over positions and kernels
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX has only the last kernel's terms and, where windows overlap, only what was written last: = replaces what is there, += adds to it.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                dW[u, v] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
                for f in range(n_out):
                    dX_pad[:, rows, columns] = dZ[..., f, None] * W[u, v, :, f]
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)


# %% conv-dw-assigned: writes "=" instead of "+=" in a loop over the windows
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] has only the terms from the last window of each image: = replaces what is there, += adds to it.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                dW = np.tensordot(X_pad[:, rows, columns], dZ[:, i, j], axes=(0, 0))
                dX_pad[:, rows, columns] += np.tensordot(dZ[:, i, j], W, axes=(1, 3))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)


# %% conv-dw-assigned-by-example: writes "=" instead of "+=" in a loop over the examples
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] has only the terms from the last example: = replaces what is there, += adds to it.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                dX_pad[:, rows, columns] += dZ @ W[u, v].T
                for n in range(m):
                    dW[u, v] = np.tensordot(X_pad[n, rows, columns], dZ[n], axes=((0, 1), (0, 1)))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)


# %% conv-dw-assigned-by-example-and-window: writes "=" instead of "+=" over examples and windows
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] has only the terms from the last window of the last example: = replaces what is there, += adds to it.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                dX_pad[:, rows, columns] += np.tensordot(dZ[:, i, j], W, axes=(1, 3))
                for n in range(m):
                    dW = X_pad[n, rows, columns, :, None] * dZ[n, i, j]
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)


# %% conv-db-assigned: writes "=" instead of "+=" for db in a loop over the windows
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['b'] has only the terms from the last window of each image: = replaces what is there, += adds to it.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                dW[u, v] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
                dX_pad[:, rows, columns] += dZ @ W[u, v].T
        for i in range(out_h):
            for j in range(out_w):
                db = dZ[:, i, j].sum(axis=0)
        self.gradients["W"] = dW
        self.gradients["b"] = db.reshape(1, -1)
        return _crop(dX_pad, self.pad)


# %% conv-db-assigned-by-example: writes "=" instead of "+=" for db in a loop over the examples
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['b'] has only the terms from the last example: = replaces what is there, += adds to it.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                dW[u, v] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
                dX_pad[:, rows, columns] += dZ @ W[u, v].T
        for n in range(m):
            db = dZ[n].sum(axis=(0, 1))
        self.gradients["W"] = dW
        self.gradients["b"] = db.reshape(1, -1)
        return _crop(dX_pad, self.pad)


# %% conv-dw-zero: computes dW but does not store it
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] is zero after backward: it is stored under another key, cleared, computed from zeros, or not stored.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                dW[u, v] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
                dX_pad[:, rows, columns] += dZ @ W[u, v].T
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)


# %% conv-db-zero: computes db but does not store it
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['b'] is zero after backward: it is stored under another key, cleared, computed from zeros, or not stored.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                dW[u, v] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
                dX_pad[:, rows, columns] += dZ @ W[u, v].T
        self.gradients["W"] = dW
        return _crop(dX_pad, self.pad)


# %% conv-assigns-in-channel-loop: keeps only the last channel of X
# target: layers.Conv2D
# shape: partly
# values: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: Y has only the terms from the last channel of X: = replaces what is there, += adds to it.
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
        for c in range(channels):
            for i in range(out_h):
                for j in range(out_w):
                    window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw, c]
                    Z[:, i, j] = np.tensordot(window, W[:, :, c], axes=2) + b
        return self.activation.forward(Z)
