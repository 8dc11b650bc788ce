# %% conv-true-convolution: flips the kernel
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: The kernel is flipped (a true convolution); this layer computes a cross-correlation, which does not flip it.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"][::-1, ::-1], self.parameters["b"]
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        out_h = (X_pad.shape[1] - kh) // s + 1
        out_w = (X_pad.shape[2] - kw) // s + 1
        Z = np.zeros((X.shape[0], out_h, out_w, self.n_out))
        for i in range(out_h):
            for j in range(out_w):
                window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw]
                Z[:, i, j] = np.tensordot(window, W, axes=3) + b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% conv-stride-on-rows-only: moves the window by one column, whatever the stride
# target: layers.Conv2D
# shape: partly
# values: partly
# says: The stride moves the window down but not to the right: columns advance by 1.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        out_h = (X_pad.shape[1] - kh) // s + 1
        out_w = (X_pad.shape[2] - kw) // s + 1
        Z = np.zeros((X.shape[0], out_h, out_w, self.n_out))
        for i in range(out_h):
            for j in range(out_w):
                window = X_pad[:, i * s : i * s + kh, j : j + kw, :]
                Z[:, i, j] = np.einsum("mhwc,hwco->mo", window, W) + b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% conv-row-padding-for-columns: pads the columns as much as the rows
# target: layers.Conv2D
# values: partly
# gradient: partly
# says: The columns are padded as much as the rows; each has its own padding.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        (kh, kw), p, s = self.kernel_shape, self.pad[0], self.stride
        X_pad = np.pad(X, ((0, 0), (p, p), (p, p), (0, 0)))
        out_h = (X_pad.shape[1] - kh) // s + 1
        out_w = (X_pad.shape[2] - kw) // s + 1
        Z = np.zeros((X.shape[0], out_h, out_w, self.n_out))
        for i in range(out_h):
            for j in range(out_w):
                window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw]
                Z[:, i, j] = np.tensordot(window, W, axes=3) + b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% conv-padding-always-same: pads by (k - 1) // 2 whatever was asked for
# target: layers.Conv2D
# shape: partly
# values: partly
# gradient: partly
# says: The padding is always (k - 1) // 2; 'valid' and integers ask for a different one.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        (kh, kw), s = self.kernel_shape, self.stride
        ph, pw = (kh - 1) // 2, (kw - 1) // 2
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        out_h = (X_pad.shape[1] - kh) // s + 1
        out_w = (X_pad.shape[2] - kw) // s + 1
        Z = np.zeros((X.shape[0], out_h, out_w, self.n_out))
        for i in range(out_h):
            for j in range(out_w):
                window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw]
                Z[:, i, j] = np.tensordot(window, W, axes=3) + b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% conv-output-size-ceil: rounds the size of the output up
# target: layers.Conv2D
# values: partly
# gradient: partly
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        out_h = int(np.ceil((X_pad.shape[1] - kh) / s)) + 1
        out_w = int(np.ceil((X_pad.shape[2] - kw) / s)) + 1
        Z = np.zeros((X.shape[0], out_h, out_w, self.n_out))
        for i in range(out_h):
            for j in range(out_w):
                window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw]
                Z[:, i, j] = np.tensordot(window, W, axes=3) + b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% conv-bias-for-every-kernel-position: adds the bias inside the loop over the kernel
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: The bias is added once per kernel position: check whether it is inside the loop.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        out_h = (X_pad.shape[1] - kh) // s + 1
        out_w = (X_pad.shape[2] - kw) // s + 1
        Z = np.zeros((X.shape[0], out_h, out_w, self.n_out))
        for u in range(kh):
            for v in range(kw):
                part = X_pad[:, u : u + s * out_h : s, v : v + s * out_w : s]
                Z += part @ W[u, v] + b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% conv-assigns-in-kernel-loop: keeps only the last kernel position
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: The output has only the last kernel position; the positions must be summed.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        out_h = (X_pad.shape[1] - kh) // s + 1
        out_w = (X_pad.shape[2] - kw) // s + 1
        for u in range(kh):
            for v in range(kw):
                part = X_pad[:, u : u + s * out_h : s, v : v + s * out_w : s]
                Z = part @ W[u, v]
        Z = Z + b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% conv-kernel-sides-swapped: reads kernel_shape as (width, height)
# target: layers.Conv2D
# shape: partly
# values: partly
# gradient: partly
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        (kw, kh), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        out_h = (X_pad.shape[1] - kh) // s + 1
        out_w = (X_pad.shape[2] - kw) // s + 1
        Z = np.zeros((X.shape[0], out_h, out_w, self.n_out))
        for i in range(out_h):
            for j in range(out_w):
                window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw]
                Z[:, i, j] = np.einsum("mhwc,hwco->mo", window, W) + b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% conv-bias-forgotten: creates the bias but never adds it
# target: layers.Conv2D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Only the bias in the output is wrong: forward omits the b in parameters or adds an old copy.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W = self.parameters["W"]
        (ph, pw), s = self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        view = np.lib.stride_tricks.sliding_window_view(X_pad, self.kernel_shape, axis=(1, 2))
        Z = np.einsum("mijchw,hwco->mijo", view[:, ::s, ::s], W)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% conv-output-kept-from-first-batch: allocates the output array only once
# target: layers.Conv2D
# batching: raised
# behaviour: partly
class Conv2D:
    def forward(self, X):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        out_h = (X_pad.shape[1] - kh) // s + 1
        out_w = (X_pad.shape[2] - kw) // s + 1
        if self.n_in is None:
            self._init_parameters(X.shape)
            self.Z = np.zeros((X.shape[0], out_h, out_w, self.n_out))
        W, b = self.parameters["W"], self.parameters["b"]
        for i in range(out_h):
            for j in range(out_w):
                window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw]
                self.Z[:, i, j] = np.tensordot(window, W, axes=3) + b
        self.cache = {"X": X, "Z": self.Z}
        return self.activation.forward(self.Z)


# %% conv-stride-ignored-in-backward: goes back as if the stride were 1
# target: layers.Conv2D
# shape: partly
# gradient: partly
# says: dX is what stride 1 would give: backward must put each gradient where forward took the window.
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        (kh, kw), (ph, pw) = self.kernel_shape, self.pad
        _, H, width, _ = X.shape
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        _, out_h, out_w, _ = dZ.shape
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for i in range(out_h):
            for j in range(out_w):
                dz = dZ[:, i, j]
                dW += np.tensordot(X_pad[:, i : i + kh, j : j + kw], dz, axes=(0, 0))
                dX_pad[:, i : i + kh, j : j + kw] += np.einsum("mo,hwco->mhwc", dz, W)
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return dX_pad[:, ph : ph + H, pw : pw + width]


# %% conv-unpads-by-negative-slice: crops the padding with [p:-p], which is empty for p = 0
# target: layers.Conv2D
# shape: partly
# gradient: partly
# says: dX is wrong only for padding 0, where the slice [p:-p] is empty.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        (kh, kw), (ph, pw) = self.kernel_shape, self.pad
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        _, out_h, out_w, _ = dZ.shape
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                dW += np.tensordot(X_pad[:, rows, columns], dZ[:, i, j], axes=(0, 0))
                dX_pad[:, rows, columns] += np.einsum("mo,hwco->mhwc", dZ[:, i, j], W)
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return dX_pad[:, ph:-ph, pw:-pw, :]


# %% conv-overlap-overwritten: writes "=" instead of "+=" where windows overlap
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: Where windows overlap, dX keeps only what was written last: = overwrites, += adds, and += on fancy indices adds only once per entry (np.add.at adds every time).
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        (kh, kw), (ph, pw) = self.kernel_shape, self.pad
        _, H, width, _ = X.shape
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        _, out_h, out_w, _ = dZ.shape
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                dW += np.tensordot(X_pad[:, rows, columns], dZ[:, i, j], axes=(0, 0))
                dX_pad[:, rows, columns] = np.einsum("mo,hwco->mhwc", dZ[:, i, j], W)
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return dX_pad[:, ph : ph + H, pw : pw + width]


# %% conv-dx-keeps-padding: returns dX with the padding
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX still has the padding around it; X had none.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        (kh, kw), (ph, pw) = self.kernel_shape, self.pad
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        _, out_h, out_w, _ = dZ.shape
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        dX, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                dW[u, v] = np.einsum("mijc,mijo->co", X_pad[:, rows, columns], dZ)
                dX[:, rows, columns] += dZ @ W[u, v].T
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return dX


# %% conv-dw-from-unpadded-x: takes the windows for dW from X without its padding
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] is computed from X without the padding that forward put around it.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        (kh, kw), (ph, pw) = self.kernel_shape, self.pad
        _, H, width, _ = X.shape
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        _, out_h, out_w, _ = dZ.shape
        dX_pad = np.zeros((X.shape[0], H + 2 * ph, width + 2 * pw, X.shape[3]))
        dW = np.zeros(W.shape)
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                window = X[:, rows, columns]
                h, w = window.shape[1:3]
                dW[:h, :w] += np.tensordot(window, dZ[:, i, j], axes=(0, 0))
                dX_pad[:, rows, columns] += np.einsum("mo,hwco->mhwc", dZ[:, i, j], W)
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return dX_pad[:, ph : ph + H, pw : pw + width]


# %% conv-without-slope: forgets the activation in backward
# target: layers.Conv2D
# gradient: partly
# says: The activation's derivative is left out: backward starts with dL/dY instead of dL/dZ.
# also: conv-dx-without-slope conv-dw-without-slope conv-db-without-slope
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        (kh, kw), (ph, pw) = self.kernel_shape, self.pad
        _, H, width, _ = X.shape
        _, out_h, out_w, _ = dLdY.shape
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                dW[u, v] = np.einsum("mijc,mijo->co", X_pad[:, rows, columns], dLdY)
                dX_pad[:, rows, columns] += dLdY @ W[u, v].T
        self.gradients["W"] = dW
        self.gradients["b"] = dLdY.sum(axis=(0, 1, 2)).reshape(1, -1)
        return dX_pad[:, ph : ph + H, pw : pw + width]


# %% conv-db-over-examples-only: does not sum db over the positions
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['b'] is summed only over the examples; every position in the image also uses the bias.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        (kh, kw), (ph, pw) = self.kernel_shape, self.pad
        _, H, width, _ = X.shape
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        _, out_h, out_w, _ = dZ.shape
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                dW[u, v] = np.einsum("mijc,mijo->co", X_pad[:, rows, columns], dZ)
                dX_pad[:, rows, columns] += dZ @ W[u, v].T
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=0)
        return dX_pad[:, ph : ph + H, pw : pw + width]


# %% conv-divides-by-m: averages dW and db over the batch
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] and gradients['b'] are averaged over the batch instead of summed: 1/m is already in the loss.
# also: conv-dw-mean
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        (kh, kw), (ph, pw) = self.kernel_shape, self.pad
        m, H, width, _ = X.shape
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        _, out_h, out_w, _ = dZ.shape
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                dW[u, v] = np.einsum("mijc,mijo->co", X_pad[:, rows, columns], dZ)
                dX_pad[:, rows, columns] += dZ @ W[u, v].T
        self.gradients["W"] = dW / m
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1) / m
        return dX_pad[:, ph : ph + H, pw : pw + width]


# %% conv-dw-accumulates: adds dW directly to the existing gradients
# target: layers.Conv2D
# batching: partly
# behaviour: partly
# says: gradients['W'] grows with every backward pass; it must be overwritten.
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        (kh, kw), (ph, pw) = self.kernel_shape, self.pad
        _, H, width, _ = X.shape
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        _, out_h, out_w, _ = dZ.shape
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        dX_pad = np.zeros(X_pad.shape)
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                self.gradients["W"][u, v] += np.einsum(
                    "mijc,mijo->co", X_pad[:, rows, columns], dZ
                )
                dX_pad[:, rows, columns] += dZ @ W[u, v].T
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return dX_pad[:, ph : ph + H, pw : pw + width]


# %% conv-loop-four-deep: loops over examples, rows, columns and kernels
# target: layers.Conv2D
# batching: partly
# message: Do it for all examples at once
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        out_h = (X_pad.shape[1] - kh) // s + 1
        out_w = (X_pad.shape[2] - kw) // s + 1
        Z = np.zeros((X.shape[0], out_h, out_w, self.n_out))
        for n in range(X.shape[0]):
            for i in range(out_h):
                for j in range(out_w):
                    for o in range(self.n_out):
                        window = X_pad[n, i * s : i * s + kh, j * s : j * s + kw]
                        Z[n, i, j, o] = np.sum(window * W[:, :, :, o]) + b[0, o]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% conv-loop-helper-for-one-image: calls a function for each image and stacks the results
# target: layers.Conv2D
# batching: partly
# message: Do it for all examples at once
def one_image(image, W, s):
    kh, kw = W.shape[:2]
    view = np.lib.stride_tricks.sliding_window_view(image, (kh, kw), axis=(0, 1))
    return np.einsum("ijchw,hwco->ijo", view[::s, ::s], W)


class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        ph, pw = self.pad
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        Z = np.stack([one_image(image, W, self.stride) for image in X_pad]) + b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% conv-loop-chunks: processes the batch four images at a time to save memory
# target: layers.Conv2D
# batching: partly
# message: Do it for all examples at once
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        (ph, pw), s = self.pad, self.stride
        parts = []
        for start in range(0, X.shape[0], 4):
            chunk = np.pad(X[start : start + 4], ((0, 0), (ph, ph), (pw, pw), (0, 0)))
            view = np.lib.stride_tricks.sliding_window_view(chunk, self.kernel_shape, axis=(1, 2))
            parts.append(np.einsum("mijchw,hwco->mijo", view[:, ::s, ::s], W))
        Z = np.concatenate(parts) + b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% conv-loop-einsum-per-example: contracts one example at a time in backward
# target: layers.Conv2D
# batching: partly
# message: Do it for all examples at once
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        (kh, kw), (ph, pw) = self.kernel_shape, self.pad
        m, H, width, _ = X.shape
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        _, out_h, out_w, _ = dZ.shape
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                for n in range(m):
                    dW[u, v] += np.einsum("ijc,ijo->co", X_pad[n, rows, columns], dZ[n])
                    dX_pad[n, rows, columns] += np.einsum("ijo,co->ijc", dZ[n], W[u, v])
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return dX_pad[:, ph : ph + H, pw : pw + width]

# %% conv-activation-forgotten: returns the pre-activation
# target: layers.Conv2D
# values: partly
# says: The pre-activation is returned; the activation is part of this layer.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        W, b = self.parameters["W"], self.parameters["b"]
        Z = np.tensordot(windows, W, axes=((4, 5, 3), (0, 1, 2))) + b.reshape(-1)
        self.cache = {"X": X, "Z": Z}
        return Z

# %% conv-caches-post-activation: stores Y in the cache under the name Z
# target: layers.Conv2D
# gradient: partly
# says: The activation's derivative is taken at its output Y instead of at the pre-activation Z.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        W, b = self.parameters["W"], self.parameters["b"]
        Z = np.tensordot(windows, W, axes=((4, 5, 3), (0, 1, 2))) + b.reshape(-1)
        self.cache = {"X": X, "Z": self.activation.forward(Z)}
        return self.activation.forward(Z)

# %% conv-pads-with-edges: pads by repeating the border instead of with zeros
# target: layers.Conv2D
# shape: partly
# values: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: The padding repeats the border of the image instead of being zeros.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        windows = _windows(np.pad(X, ((0, 0), (self.pad[0],) * 2, (self.pad[1],) * 2, (0, 0)), mode="edge"), self.kernel_shape, self.stride)
        W, b = self.parameters["W"], self.parameters["b"]
        Z = np.tensordot(windows, W, axes=((4, 5, 3), (0, 1, 2))) + b.reshape(-1)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

# %% conv-db-mean: averages db
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['b'] is averaged over examples and positions instead of summed.
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for i, j, rows, columns in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += dZ @ W[i, j].T
            dW[i, j] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.mean(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)

# %% conv-dw-mean: averages dW
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] is averaged over the batch instead of summed: 1/m is already in the loss.
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for i, j, rows, columns in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += dZ @ W[i, j].T
            dW[i, j] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW / len(X)
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)

# %% conv-dw-without-slope: forgets the slope in dW
# target: layers.Conv2D
# gradient: partly
# says: gradients['W'] leaves out the activation's derivative: it is computed from dL/dY instead of dL/dZ.
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for i, j, rows, columns in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += dZ @ W[i, j].T
            dW[i, j] = np.tensordot(X_pad[:, rows, columns], dLdY, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)

# %% conv-db-without-slope: forgets the slope in db
# target: layers.Conv2D
# gradient: partly
# says: gradients['b'] leaves out the activation's derivative: it is computed from dL/dY instead of dL/dZ.
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for i, j, rows, columns in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += dZ @ W[i, j].T
            dW[i, j] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW
        self.gradients["b"] = dLdY.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)

# %% conv-dx-without-slope: forgets the slope in dX
# target: layers.Conv2D
# gradient: partly
# says: dX leaves out the activation's derivative: it is computed from dL/dY instead of dL/dZ.
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for i, j, rows, columns in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += dLdY @ W[i, j].T
            dW[i, j] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)

# %% conv-dx-turned-kernel: flips the kernel in dX
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX is computed with the kernel flipped.
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for i, j, rows, columns in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += dZ @ W[-1 - i, -1 - j].T
            dW[i, j] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)

# %% conv-dw-turned: stores dW flipped
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] is flipped: its first position is where the last one should be.
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for i, j, rows, columns in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += dZ @ W[i, j].T
            dW[i, j] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW[::-1, ::-1].copy()
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)

# %% conv-dw-of-first-example: computes dW from the first example only
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] comes from the first example alone.
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for i, j, rows, columns in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += dZ @ W[i, j].T
            dW[i, j] = np.tensordot(X_pad[:1, rows, columns], dZ[:1], axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)


# %% conv-activation-of-flat-images: passes the activation one row per image
# target: layers.Conv2D
# values: partly
# says: The activation gets Z with one row per image; it should get the array (m, H', W', n_out), because it may need the channels of each pixel, as softmax does.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        Z = np.tensordot(windows, W, axes=((4, 5, 3), (0, 1, 2))) + b.reshape(-1)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z.reshape(len(Z), -1)).reshape(Z.shape)


# %% conv-activation-of-single-entries: passes the activation one entry at a time
# target: layers.Conv2D
# values: partly
# says: The activation gets single entries of Z; it should get the array (m, H', W', n_out) in one call, because it may need the channels of each pixel, as softmax does.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        Z = np.tensordot(windows, W, axes=((4, 5, 3), (0, 1, 2))) + b.reshape(-1)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z.reshape(-1, 1)).reshape(Z.shape)


# %% conv-paddings-swapped: pads rows by the columns' padding and columns by the rows'
# target: layers.Conv2D
# values: partly
# gradient: partly
# says: The paddings of rows and columns are swapped: self.pad is (rows, columns), and rows are axis 1.
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        windows = _windows(_pad(X, self.pad[::-1]), self.kernel_shape, self.stride)
        Z = np.tensordot(windows, W, axes=((4, 5, 3), (0, 1, 2))) + b.reshape(-1)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)
