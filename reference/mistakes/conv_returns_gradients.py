# %% conv-dw-returned-after-window: stores dW and returns after the first window
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] has only the terms from the first window of each image: check whether the return is inside the loop.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dX_pad[:, rows, columns] += dZ @ W[u, v].T
        dX = _crop(dX_pad, self.pad)
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                dW += np.tensordot(X_pad[:, rows, columns], dZ[:, i, j], axes=(0, 0))
                self.gradients["W"] = dW
                return dX


# %% conv-dw-returned-after-row: stores dW and returns after the first row of windows
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] has only the terms from the first row of windows of each image: check whether the return is inside the loop.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dX_pad[:, rows, columns] += dZ @ W[u, v].T
        dX = _crop(dX_pad, self.pad)
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                dW += np.tensordot(X_pad[:, rows, columns], dZ[:, i, j], axes=(0, 0))
            self.gradients["W"] = dW
            return dX


# %% conv-dw-returned-after-position: stores dW and returns after the first position of the kernel
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] has only the terms from the first kernel position: check whether the return is inside the loop.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dX_pad[:, rows, columns] += dZ @ W[u, v].T
        dX = _crop(dX_pad, self.pad)
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                dW[u, v] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
                self.gradients["W"] = dW
                return dX


# %% conv-dw-returned-after-row-of-positions: stores dW and returns after the first row of the kernel
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] has only the terms from the first kernel row: check whether the return is inside the loop.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dX_pad[:, rows, columns] += dZ @ W[u, v].T
        dX = _crop(dX_pad, self.pad)
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                dW[u, v] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
            self.gradients["W"] = dW
            return dX


# %% conv-dw-returned-after-kernel: stores dW and returns after the first kernel
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] has only the terms from the first of the n_out kernels: check whether the return is inside the loop.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dX_pad[:, rows, columns] += dZ @ W[u, v].T
        dX = _crop(dX_pad, self.pad)
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        for f in range(n_out):
            for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
                dW[u, v, :, f] = np.tensordot(X_pad[:, rows, columns], dZ[..., f], axes=((0, 1, 2), (0, 1, 2)))
            self.gradients["W"] = dW
            return dX


# %% conv-db-returned-after-window: stores db and returns after the first window
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['b'] has only the terms from the first window of each image: check whether the return is inside the loop.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW, db = np.zeros(X_pad.shape), np.zeros(W.shape), np.zeros((1, n_out))
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dW[u, v] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
            dX_pad[:, rows, columns] += dZ @ W[u, v].T
        dX = _crop(dX_pad, self.pad)
        self.gradients["W"] = dW
        for i in range(out_h):
            for j in range(out_w):
                db += dZ[:, i, j].sum(axis=0)
                self.gradients["b"] = db
                return dX


# %% conv-db-returned-after-row: stores db and returns after the first row of windows
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['b'] has only the terms from the first row of windows of each image: check whether the return is inside the loop.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW, db = np.zeros(X_pad.shape), np.zeros(W.shape), np.zeros((1, n_out))
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dW[u, v] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
            dX_pad[:, rows, columns] += dZ @ W[u, v].T
        dX = _crop(dX_pad, self.pad)
        self.gradients["W"] = dW
        for i in range(out_h):
            for j in range(out_w):
                db += dZ[:, i, j].sum(axis=0)
            self.gradients["b"] = db
            return dX


# %% conv-db-returned-after-kernel: stores db and returns after the first kernel
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['b'] has only the terms from the first of the n_out kernels: check whether the return is inside the loop.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW, db = np.zeros(X_pad.shape), np.zeros(W.shape), np.zeros((1, n_out))
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dW[u, v] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
            dX_pad[:, rows, columns] += dZ @ W[u, v].T
        dX = _crop(dX_pad, self.pad)
        self.gradients["W"] = dW
        for f in range(n_out):
            db[0, f] = dZ[..., f].sum()
            self.gradients["b"] = db
            return dX


# %% conv-db-returned-after-example: stores db and returns after the first example
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['b'] has only the terms from the first example: check whether the return is inside the loop.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, _, n_out = W.shape
        m, out_h, out_w, _ = dZ.shape
        X_pad = _pad(X, self.pad)
        dX_pad, dW, db = np.zeros(X_pad.shape), np.zeros(W.shape), np.zeros((1, n_out))
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dW[u, v] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
            dX_pad[:, rows, columns] += dZ @ W[u, v].T
        dX = _crop(dX_pad, self.pad)
        self.gradients["W"] = dW
        for n in range(m):
            db += dZ[n].sum(axis=(0, 1))
            self.gradients["b"] = db
            return dX
