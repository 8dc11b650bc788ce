# %% conv-window-by-window: loops over the positions of the output
# target: layers.Conv2D
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W = self.parameters["W"]
        b = self.parameters["b"]
        kh, kw = self.kernel_shape
        rows, columns = self.pad
        stride = self.stride
        m, height, width, channels = X.shape
        X_pad = np.pad(X, ((0, 0), (rows, rows), (columns, columns), (0, 0)))
        high = (height + 2 * rows - kh) // stride + 1
        wide = (width + 2 * columns - kw) // stride + 1
        Z = np.zeros((m, high, wide, self.n_out))
        for i in range(high):
            for j in range(wide):
                top = i * stride
                left = j * stride
                window = X_pad[:, top : top + kh, left : left + kw, :]
                for k in range(self.n_out):
                    Z[:, i, j, k] = np.sum(window * W[:, :, :, k], axis=(1, 2, 3)) + b[0, k]
        self.cache["X_pad"] = X_pad
        self.cache["Z"] = Z
        return self.activation.forward(Z)

    def backward(self, dLdY):
        X_pad = self.cache["X_pad"]
        W = self.parameters["W"]
        kh, kw = self.kernel_shape
        rows, columns = self.pad
        stride = self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        dX = np.zeros(X_pad.shape)
        dW = np.zeros(W.shape)
        for i in range(dZ.shape[1]):
            for j in range(dZ.shape[2]):
                top = i * stride
                left = j * stride
                window = X_pad[:, top : top + kh, left : left + kw, :]
                for k in range(self.n_out):
                    upstream = dZ[:, i, j, k].reshape(-1, 1, 1, 1)
                    dX[:, top : top + kh, left : left + kw, :] += upstream * W[:, :, :, k]
                    dW[:, :, :, k] += np.sum(upstream * window, axis=0)
        db = np.sum(dZ, axis=(0, 1, 2))
        self.gradients["W"] = dW
        self.gradients["b"] = db.reshape(1, -1)
        height, width = X_pad.shape[1], X_pad.shape[2]
        return dX[:, rows : height - rows, columns : width - columns, :]


# %% conv-columns: every window is a row of one large matrix
# target: layers.Conv2D
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W = self.parameters["W"]
        kh, kw = self.kernel_shape
        rows, columns = self.pad
        stride = self.stride
        X_pad = np.pad(X, ((0, 0), (rows, rows), (columns, columns), (0, 0)))
        m, height, width, channels = X_pad.shape
        high = (height - kh) // stride + 1
        wide = (width - kw) // stride + 1
        patches = np.zeros((m, high, wide, kh, kw, channels))
        for i in range(kh):
            for j in range(kw):
                bottom = i + stride * high
                right = j + stride * wide
                patches[:, :, :, i, j, :] = X_pad[:, i:bottom:stride, j:right:stride, :]
        matrix = patches.reshape(m * high * wide, -1)
        Z = matrix @ W.reshape(-1, self.n_out) + self.parameters["b"]
        Z = Z.reshape(m, high, wide, self.n_out)
        self.cache = {"matrix": matrix, "Z": Z, "X_pad": X_pad}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        W = self.parameters["W"]
        kh, kw = self.kernel_shape
        rows, columns = self.pad
        stride = self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        m, high, wide, _ = dZ.shape
        flat = dZ.reshape(-1, self.n_out)
        dW = self.cache["matrix"].T @ flat
        self.gradients["W"] = dW.reshape(W.shape)
        self.gradients["b"] = np.sum(flat, axis=0, keepdims=True)
        dmatrix = flat @ W.reshape(-1, self.n_out).T
        dpatches = dmatrix.reshape(m, high, wide, kh, kw, -1)
        dX = np.zeros(self.cache["X_pad"].shape)
        for i in range(kh):
            for j in range(kw):
                bottom = i + stride * high
                right = j + stride * wide
                dX[:, i:bottom:stride, j:right:stride, :] += dpatches[:, :, :, i, j, :]
        height, width = dX.shape[1], dX.shape[2]
        return dX[:, rows : height - rows, columns : width - columns, :]


# %% conv-full: the gradient of X is a full convolution of dZ with the flipped kernel
# target: layers.Conv2D
class Conv2D:
    def backward(self, dLdY):
        X = self.cache["X"]
        W = self.parameters["W"]
        kh, kw = self.kernel_shape
        rows, columns = self.pad
        stride = self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        m, height, width, channels = X.shape
        X_pad = np.pad(X, ((0, 0), (rows, rows), (columns, columns), (0, 0)))
        high = height + 2 * rows - kh + 1
        wide = width + 2 * columns - kw + 1
        spread = np.zeros((m, high, wide, self.n_out))
        spread[:, ::stride, ::stride, :] = dZ
        around = np.pad(spread, ((0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1), (0, 0)))
        flipped = W[::-1, ::-1, :, :]
        dX = np.zeros(X_pad.shape)
        for i in range(dX.shape[1]):
            for j in range(dX.shape[2]):
                window = around[:, i : i + kh, j : j + kw, :]
                dX[:, i, j, :] = np.tensordot(window, flipped, axes=((1, 2, 3), (0, 1, 3)))
        dW = np.zeros(W.shape)
        for i in range(kh):
            for j in range(kw):
                window = X_pad[:, i : i + high, j : j + wide, :]
                dW[i, j] = np.tensordot(window, spread, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW
        self.gradients["b"] = np.sum(dZ, axis=(0, 1, 2)).reshape(1, -1)
        return dX[:, rows : rows + height, columns : columns + width, :]


# %% conv-in-place: adds directly to the windows of dX, and crops the padding at the end
# target: layers.Conv2D
class Conv2D:
    def backward(self, dLdY):
        X = self.cache["X"]
        W = self.parameters["W"]
        kh, kw = self.kernel_shape
        ph, pw = self.pad
        s = self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        m, height, width, channels = X.shape
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        dX = np.zeros(X_pad.shape)
        dW = np.zeros(W.shape)
        for i in range(dZ.shape[1]):
            for j in range(dZ.shape[2]):
                window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw, :]
                upstream = dZ[:, i, j, :]
                back = np.tensordot(upstream, W, axes=((1,), (3,)))
                dX[:, i * s : i * s + kh, j * s : j * s + kw, :] += back
                dW += np.tensordot(window, upstream, axes=((0,), (0,)))
        self.gradients["W"] = dW
        self.gradients["b"] = np.sum(dZ, axis=(0, 1, 2)).reshape(1, -1)
        return dX[:, ph : ph + height, pw : pw + width, :]
