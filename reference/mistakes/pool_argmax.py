# %% pool-argmax-decoded-by-height: decodes the position of the maximum by the window's height
# target: layers.Pool2D
# gradient: partly
# says: Where the window is not square, the maximum's gradient goes to the wrong pixel: its place in the flattened window is split into row and column by the height, not by the width.
class Pool2D:
    def forward(self, X):
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return windows.max(axis=(4, 5)) if self.mode == "max" else windows.mean(axis=(4, 5))

    def backward(self, dLdY):
        (kh, kw), s, X_pad = self.kernel_shape, self.stride, _pad(self.cache["X"], self.pad)
        m, out_h, out_w, channels = dLdY.shape
        dX_pad = np.zeros(X_pad.shape)
        image, channel = np.ogrid[:m, :channels]
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                if self.mode == "average":
                    dX_pad[:, rows, columns] += dLdY[:, i : i + 1, j : j + 1] / (kh * kw)
                    continue
                window = X_pad[:, rows, columns]
                place = window.reshape(m, kh * kw, channels).argmax(axis=1)
                row, column = place // kh, place % kh
                dX_pad[image, i * s + row, j * s + column, channel] += dLdY[:, i, j]
        return _crop(dX_pad, self.pad)


# %% pool-argmax-row-and-column-swapped: swaps the row and column of the maximum
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: The maximum's gradient goes to the wrong pixel: the row and column of the maximum are swapped.
class Pool2D:
    def forward(self, X):
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return windows.max(axis=(4, 5)) if self.mode == "max" else windows.mean(axis=(4, 5))

    def backward(self, dLdY):
        (kh, kw), s, X_pad = self.kernel_shape, self.stride, _pad(self.cache["X"], self.pad)
        m, out_h, out_w, channels = dLdY.shape
        dX_pad = np.zeros(X_pad.shape)
        image, channel = np.ogrid[:m, :channels]
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                if self.mode == "average":
                    dX_pad[:, rows, columns] += dLdY[:, i : i + 1, j : j + 1] / (kh * kw)
                    continue
                window = X_pad[:, rows, columns]
                place = window.reshape(m, kh * kw, channels).argmax(axis=1)
                column, row = place // kw, place % kw
                dX_pad[image, i * s + row, j * s + column, channel] += dLdY[:, i, j]
        return _crop(dX_pad, self.pad)


# %% pool-argmax-decoded-by-columns: decodes the position of the maximum column by column
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: The maximum's gradient goes to the wrong pixel: its place is decoded column by column, but the window was flattened row by row.
class Pool2D:
    def forward(self, X):
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return windows.max(axis=(4, 5)) if self.mode == "max" else windows.mean(axis=(4, 5))

    def backward(self, dLdY):
        (kh, kw), s, X_pad = self.kernel_shape, self.stride, _pad(self.cache["X"], self.pad)
        m, out_h, out_w, channels = dLdY.shape
        dX_pad = np.zeros(X_pad.shape)
        image, channel = np.ogrid[:m, :channels]
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                if self.mode == "average":
                    dX_pad[:, rows, columns] += dLdY[:, i : i + 1, j : j + 1] / (kh * kw)
                    continue
                window = X_pad[:, rows, columns]
                place = window.reshape(m, kh * kw, channels).argmax(axis=1)
                column, row = place // kh, place % kh
                dX_pad[image, i * s + row, j * s + column, channel] += dLdY[:, i, j]
        return _crop(dX_pad, self.pad)


# %% pool-argmax-of-mixed-window: reshapes (kh, kw, C) to (C, kh kw) before argmax
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: The maximum's gradient goes to the wrong pixel: the window (kh, kw, C) is reshaped to (C, kh kw) before argmax, which mixes its channels. reshape does not move axes.
class Pool2D:
    def forward(self, X):
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return windows.max(axis=(4, 5)) if self.mode == "max" else windows.mean(axis=(4, 5))

    def backward(self, dLdY):
        (kh, kw), s, X_pad = self.kernel_shape, self.stride, _pad(self.cache["X"], self.pad)
        m, out_h, out_w, channels = dLdY.shape
        dX_pad = np.zeros(X_pad.shape)
        image, channel = np.ogrid[:m, :channels]
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                if self.mode == "average":
                    dX_pad[:, rows, columns] += dLdY[:, i : i + 1, j : j + 1] / (kh * kw)
                    continue
                window = X_pad[:, rows, columns]
                place = window.reshape(m, channels, kh * kw).argmax(axis=2)
                row, column = place // kw, place % kw
                dX_pad[image, i * s + row, j * s + column, channel] += dLdY[:, i, j]
        return _crop(dX_pad, self.pad)


# %% pool-gradient-to-every-column: takes the maximum of every column of the window in backward
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: The gradient of the maximum goes to the largest pixel of every column of the window; only the window's largest should get it.
class Pool2D:
    def forward(self, X):
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return windows.max(axis=(4, 5)) if self.mode == "max" else windows.mean(axis=(4, 5))

    def backward(self, dLdY):
        (kh, kw), s, X_pad = self.kernel_shape, self.stride, _pad(self.cache["X"], self.pad)
        m, out_h, out_w, channels = dLdY.shape
        dX_pad = np.zeros(X_pad.shape)
        image, channel = np.ogrid[:m, :channels]
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                if self.mode == "average":
                    dX_pad[:, rows, columns] += dLdY[:, i : i + 1, j : j + 1] / (kh * kw)
                    continue
                window = X_pad[:, rows, columns]
                largest = window == window.max(axis=1, keepdims=True)
                dX_pad[:, rows, columns] += dLdY[:, i : i + 1, j : j + 1] * largest
        return _crop(dX_pad, self.pad)


# %% pool-gradient-to-every-row: takes the maximum of every row of the window in backward
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: The gradient of the maximum goes to the largest pixel of every row of the window; only the window's largest should get it.
class Pool2D:
    def forward(self, X):
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return windows.max(axis=(4, 5)) if self.mode == "max" else windows.mean(axis=(4, 5))

    def backward(self, dLdY):
        (kh, kw), s, X_pad = self.kernel_shape, self.stride, _pad(self.cache["X"], self.pad)
        m, out_h, out_w, channels = dLdY.shape
        dX_pad = np.zeros(X_pad.shape)
        image, channel = np.ogrid[:m, :channels]
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                if self.mode == "average":
                    dX_pad[:, rows, columns] += dLdY[:, i : i + 1, j : j + 1] / (kh * kw)
                    continue
                window = X_pad[:, rows, columns]
                largest = window == window.max(axis=2, keepdims=True)
                dX_pad[:, rows, columns] += dLdY[:, i : i + 1, j : j + 1] * largest
        return _crop(dX_pad, self.pad)


# %% pool-argmax-of-the-whole-batch: uses one position of the maximum for all images and channels
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: The gradient of the maximum goes to the same pixel of the window in all images and channels; each has its own maximum.
class Pool2D:
    def forward(self, X):
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X}
        return windows.max(axis=(4, 5)) if self.mode == "max" else windows.mean(axis=(4, 5))

    def backward(self, dLdY):
        (kh, kw), s, X_pad = self.kernel_shape, self.stride, _pad(self.cache["X"], self.pad)
        m, out_h, out_w, channels = dLdY.shape
        dX_pad = np.zeros(X_pad.shape)
        image, channel = np.ogrid[:m, :channels]
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                if self.mode == "average":
                    dX_pad[:, rows, columns] += dLdY[:, i : i + 1, j : j + 1] / (kh * kw)
                    continue
                window = X_pad[:, rows, columns]
                place = int(window.reshape(m, kh * kw, channels).max(axis=(0, 2)).argmax())
                dX_pad[:, i * s + place // kw, j * s + place % kw] += dLdY[:, i, j]
        return _crop(dX_pad, self.pad)
