# %% pool-window-by-window: loops over the positions of the output, and a mask of the maxima
# target: layers.Pool2D
class Pool2D:
    def forward(self, X):
        kh, kw = self.kernel_shape
        rows, columns = self.pad
        stride = self.stride
        m, height, width, channels = X.shape
        X_pad = np.pad(X, ((0, 0), (rows, rows), (columns, columns), (0, 0)))
        high = (height + 2 * rows - kh) // stride + 1
        wide = (width + 2 * columns - kw) // stride + 1
        Y = np.zeros((m, high, wide, channels))
        for i in range(high):
            for j in range(wide):
                top = i * stride
                left = j * stride
                window = X_pad[:, top : top + kh, left : left + kw, :]
                if self.mode == "max":
                    Y[:, i, j, :] = np.max(window, axis=(1, 2))
                else:
                    Y[:, i, j, :] = np.mean(window, axis=(1, 2))
        self.cache["X_pad"] = X_pad
        self.cache["Y"] = Y
        return Y

    def backward(self, dLdY):
        X_pad = self.cache["X_pad"]
        Y = self.cache["Y"]
        kh, kw = self.kernel_shape
        rows, columns = self.pad
        stride = self.stride
        dX = np.zeros(X_pad.shape)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                top = i * stride
                left = j * stride
                window = X_pad[:, top : top + kh, left : left + kw, :]
                upstream = dLdY[:, i, j, :].reshape(dLdY.shape[0], 1, 1, -1)
                if self.mode == "max":
                    largest = Y[:, i, j, :].reshape(dLdY.shape[0], 1, 1, -1)
                    mask = window == largest
                    dX[:, top : top + kh, left : left + kw, :] += mask * upstream
                else:
                    dX[:, top : top + kh, left : left + kw, :] += upstream / (kh * kw)
        height, width = X_pad.shape[1], X_pad.shape[2]
        return dX[:, rows : height - rows, columns : width - columns, :]


# %% pool-unraveled: the position of the maximum in each window, from unravel_index
# target: layers.Pool2D
class Pool2D:
    def forward(self, X):
        rows, columns = self.pad
        kh, kw = self.kernel_shape
        X_pad = np.pad(X, ((0, 0), (rows, rows), (columns, columns), (0, 0)))
        self.cache["X_pad"] = X_pad
        high = (X_pad.shape[1] - kh) // self.stride + 1
        wide = (X_pad.shape[2] - kw) // self.stride + 1
        Y = np.zeros((X.shape[0], high, wide, X.shape[3]))
        for i in range(high):
            for j in range(wide):
                top = i * self.stride
                left = j * self.stride
                window = X_pad[:, top : top + kh, left : left + kw, :]
                flat = window.reshape(X.shape[0], kh * kw, X.shape[3])
                Y[:, i, j, :] = flat.max(axis=1) if self.mode == "max" else flat.mean(axis=1)
        return Y

    def backward(self, dLdY):
        X_pad = self.cache["X_pad"]
        rows, columns = self.pad
        kh, kw = self.kernel_shape
        m, high, wide, channels = dLdY.shape
        dX = np.zeros(X_pad.shape)
        for n in range(m):
            for i in range(high):
                for j in range(wide):
                    top = i * self.stride
                    left = j * self.stride
                    for c in range(channels):
                        upstream = dLdY[n, i, j, c]
                        if self.mode == "max":
                            window = X_pad[n, top : top + kh, left : left + kw, c]
                            row, column = np.unravel_index(np.argmax(window), window.shape)
                            dX[n, top + row, left + column, c] += upstream
                        else:
                            share = upstream / (kh * kw)
                            dX[n, top : top + kh, left : left + kw, c] += share
        height, width = X_pad.shape[1], X_pad.shape[2]
        return dX[:, rows : height - rows, columns : width - columns, :]


# %% pool-in-place: compares windows with their maxima, and crops the padding at the end
# target: layers.Pool2D
class Pool2D:
    def forward(self, X):
        kh, kw = self.kernel_shape
        ph, pw = self.pad
        s = self.stride
        m, height, width, channels = X.shape
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        high = (height + 2 * ph - kh) // s + 1
        wide = (width + 2 * pw - kw) // s + 1
        Y = np.zeros((m, high, wide, channels))
        for i in range(high):
            for j in range(wide):
                window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw, :]
                if self.mode == "max":
                    Y[:, i, j, :] = window.max(axis=(1, 2))
                else:
                    Y[:, i, j, :] = window.sum(axis=(1, 2)) / (kh * kw)
        self.cache["X"] = X
        return Y

    def backward(self, dLdY):
        X = self.cache["X"]
        kh, kw = self.kernel_shape
        ph, pw = self.pad
        s = self.stride
        m, height, width, channels = X.shape
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        dX = np.zeros(X_pad.shape)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw, :]
                upstream = dLdY[:, i : i + 1, j : j + 1, :]
                if self.mode == "max":
                    mask = window == np.max(window, axis=(1, 2), keepdims=True)
                    dX[:, i * s : i * s + kh, j * s : j * s + kw, :] += mask * upstream
                else:
                    dX[:, i * s : i * s + kh, j * s : j * s + kw, :] += upstream / (kh * kw)
        return dX[:, ph : ph + height, pw : pw + width, :]
