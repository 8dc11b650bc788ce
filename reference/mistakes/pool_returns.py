# %% pool-returned-after-window: returns after the first window
# target: layers.Pool2D
# shape: partly
# values: failed
# batching: partly
# behaviour: partly
# says: Y is filled for the first window only; the rest is still zero: check whether the return is inside the loop.
# also: pool-max-returned-after-window
class Pool2D:
    def forward(self, X):
        (kh, kw), s = self.kernel_shape, self.stride
        X_pad = _pad(X, self.pad)
        windows = _windows(X_pad, (kh, kw), s)
        flat = windows.reshape(*windows.shape[:4], kh * kw)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=4)}
        m, out_h, out_w, channels, _ = flat.shape
        pool = np.max if self.mode == "max" else np.mean
        Y = np.zeros((m, out_h, out_w, channels))
        for i in range(out_h):
            for j in range(out_w):
                window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw]
                Y[:, i, j] = pool(window, axis=(1, 2))
                return Y


# %% pool-returned-after-row: returns after the first row of windows
# target: layers.Pool2D
# shape: partly
# values: failed
# batching: partly
# behaviour: partly
# says: Y is filled for the first row of windows only; the rest is still zero: check whether the return is inside the loop.
# also: pool-max-returned-after-row
class Pool2D:
    def forward(self, X):
        (kh, kw), s = self.kernel_shape, self.stride
        X_pad = _pad(X, self.pad)
        windows = _windows(X_pad, (kh, kw), s)
        flat = windows.reshape(*windows.shape[:4], kh * kw)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=4)}
        m, out_h, out_w, channels, _ = flat.shape
        pool = np.max if self.mode == "max" else np.mean
        Y = np.zeros((m, out_h, out_w, channels))
        for i in range(out_h):
            for j in range(out_w):
                window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw]
                Y[:, i, j] = pool(window, axis=(1, 2))
            return Y


# %% pool-returned-after-channel: returns after the first channel
# target: layers.Pool2D
# shape: partly
# values: partly
# batching: partly
# behaviour: partly
# says: Y is filled for the first channel only; the rest is still zero: check whether the return is inside the loop.
class Pool2D:
    def forward(self, X):
        (kh, kw), s = self.kernel_shape, self.stride
        X_pad = _pad(X, self.pad)
        windows = _windows(X_pad, (kh, kw), s)
        flat = windows.reshape(*windows.shape[:4], kh * kw)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=4)}
        m, out_h, out_w, channels, _ = flat.shape
        pool = np.max if self.mode == "max" else np.mean
        Y = np.zeros((m, out_h, out_w, channels))
        for c in range(channels):
            for i in range(out_h):
                for j in range(out_w):
                    window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw, c]
                    Y[:, i, j, c] = pool(window, axis=(1, 2))
            return Y


# %% pool-returned-after-window-of-channel: returns after the first channel's first window
# target: layers.Pool2D
# shape: partly
# values: failed
# batching: partly
# behaviour: partly
# says: Y is filled for the first window of the first channel only; the rest is still zero: check whether the return is inside the loop.
class Pool2D:
    def forward(self, X):
        (kh, kw), s = self.kernel_shape, self.stride
        X_pad = _pad(X, self.pad)
        windows = _windows(X_pad, (kh, kw), s)
        flat = windows.reshape(*windows.shape[:4], kh * kw)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=4)}
        m, out_h, out_w, channels, _ = flat.shape
        pool = np.max if self.mode == "max" else np.mean
        Y = np.zeros((m, out_h, out_w, channels))
        for c in range(channels):
            for i in range(out_h):
                for j in range(out_w):
                    window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw, c]
                    Y[:, i, j, c] = pool(window, axis=(1, 2))
                    return Y


# %% pool-returned-after-row-of-channel: returns after the first channel's first row of windows
# target: layers.Pool2D
# shape: partly
# values: failed
# batching: partly
# behaviour: partly
# says: Y is filled for the first row of windows of the first channel only; the rest is still zero: check whether the return is inside the loop.
class Pool2D:
    def forward(self, X):
        (kh, kw), s = self.kernel_shape, self.stride
        X_pad = _pad(X, self.pad)
        windows = _windows(X_pad, (kh, kw), s)
        flat = windows.reshape(*windows.shape[:4], kh * kw)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=4)}
        m, out_h, out_w, channels, _ = flat.shape
        pool = np.max if self.mode == "max" else np.mean
        Y = np.zeros((m, out_h, out_w, channels))
        for c in range(channels):
            for i in range(out_h):
                for j in range(out_w):
                    window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw, c]
                    Y[:, i, j, c] = pool(window, axis=(1, 2))
                return Y


# %% pool-returned-after-example: returns after the first example
# target: layers.Pool2D
# shape: partly
# values: failed
# batching: partly
# behaviour: partly
# says: Y is filled for the first example only; the rest is still zero: check whether the return is inside the loop.
class Pool2D:
    def forward(self, X):
        (kh, kw), s = self.kernel_shape, self.stride
        X_pad = _pad(X, self.pad)
        windows = _windows(X_pad, (kh, kw), s)
        flat = windows.reshape(*windows.shape[:4], kh * kw)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=4)}
        m, out_h, out_w, channels, _ = flat.shape
        pool = np.max if self.mode == "max" else np.mean
        Y = np.zeros((m, out_h, out_w, channels))
        for n in range(m):
            for i in range(out_h):
                for j in range(out_w):
                    window = X_pad[n, i * s : i * s + kh, j * s : j * s + kw]
                    Y[n, i, j] = pool(window, axis=(0, 1))
            return Y


# %% pool-max-returned-after-window: returns after the first window, in max mode only
# target: layers.Pool2D
# shape: partly
# values: partly
# batching: partly
# behaviour: partly
# says: In max mode, Y is filled for the first window only; the rest is still zero: check whether the return is inside the loop.
class Pool2D:
    def forward(self, X):
        (kh, kw), s = self.kernel_shape, self.stride
        X_pad = _pad(X, self.pad)
        windows = _windows(X_pad, (kh, kw), s)
        flat = windows.reshape(*windows.shape[:4], kh * kw)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=4)}
        m, out_h, out_w, channels, _ = flat.shape
        Y = np.zeros((m, out_h, out_w, channels))
        if self.mode == "max":
            for i in range(out_h):
                for j in range(out_w):
                    window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw]
                    Y[:, i, j] = np.max(window, axis=(1, 2))
                    return Y
        return flat.mean(axis=4)


# %% pool-max-returned-after-row: returns after the first row of windows, in max mode only
# target: layers.Pool2D
# shape: partly
# values: partly
# batching: partly
# behaviour: partly
# says: In max mode, Y is filled for the first row of windows only; the rest is still zero: check whether the return is inside the loop.
class Pool2D:
    def forward(self, X):
        (kh, kw), s = self.kernel_shape, self.stride
        X_pad = _pad(X, self.pad)
        windows = _windows(X_pad, (kh, kw), s)
        flat = windows.reshape(*windows.shape[:4], kh * kw)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=4)}
        m, out_h, out_w, channels, _ = flat.shape
        Y = np.zeros((m, out_h, out_w, channels))
        if self.mode == "max":
            for i in range(out_h):
                for j in range(out_w):
                    window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw]
                    Y[:, i, j] = np.max(window, axis=(1, 2))
                return Y
        return flat.mean(axis=4)


# %% pool-average-returned-after-window: returns after the first window, in average mode only
# target: layers.Pool2D
# shape: partly
# values: partly
# batching: partly
# says: In average mode, Y is filled for the first window only; the rest is still zero: check whether the return is inside the loop.
class Pool2D:
    def forward(self, X):
        (kh, kw), s = self.kernel_shape, self.stride
        X_pad = _pad(X, self.pad)
        windows = _windows(X_pad, (kh, kw), s)
        flat = windows.reshape(*windows.shape[:4], kh * kw)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=4)}
        m, out_h, out_w, channels, _ = flat.shape
        Y = np.zeros((m, out_h, out_w, channels))
        if self.mode == "average":
            for i in range(out_h):
                for j in range(out_w):
                    window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw]
                    Y[:, i, j] = np.mean(window, axis=(1, 2))
                    return Y
        return flat.max(axis=4)


# %% pool-average-returned-after-row: returns after the first row of windows, in average mode only
# target: layers.Pool2D
# shape: partly
# values: partly
# batching: partly
# says: In average mode, Y is filled for the first row of windows only; the rest is still zero: check whether the return is inside the loop.
class Pool2D:
    def forward(self, X):
        (kh, kw), s = self.kernel_shape, self.stride
        X_pad = _pad(X, self.pad)
        windows = _windows(X_pad, (kh, kw), s)
        flat = windows.reshape(*windows.shape[:4], kh * kw)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=4)}
        m, out_h, out_w, channels, _ = flat.shape
        Y = np.zeros((m, out_h, out_w, channels))
        if self.mode == "average":
            for i in range(out_h):
                for j in range(out_w):
                    window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw]
                    Y[:, i, j] = np.mean(window, axis=(1, 2))
                return Y
        return flat.max(axis=4)


# %% pool-dx-returned-after-window: returns dX after the first window
# target: layers.Pool2D
# shape: partly
# gradient: failed
# batching: partly
# behaviour: partly
# says: dX has only the terms from the first window; the rest is still zero: check whether the return is inside the loop.
# also: pool-max-dx-returned-after-window
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), winner, s = self.kernel_shape, self.cache["winner"], self.stride
        m, out_h, out_w, channels = dLdY.shape
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                share = np.full((m, kh, kw, channels), 1.0 / (kh * kw))
                if self.mode == "max":
                    share = winner[:, i, j][:, None, None] == np.arange(kh * kw).reshape(kh, kw, 1)
                dX_pad[:, rows, columns] += dLdY[:, i, j][:, None, None] * share
                return _crop(dX_pad, self.pad)


# %% pool-dx-returned-after-row: returns dX after the first row of windows
# target: layers.Pool2D
# shape: partly
# gradient: failed
# batching: partly
# behaviour: partly
# says: dX has only the terms from the first row of windows; the rest is still zero: check whether the return is inside the loop.
# also: pool-max-dx-returned-after-row
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), winner, s = self.kernel_shape, self.cache["winner"], self.stride
        m, out_h, out_w, channels = dLdY.shape
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                share = np.full((m, kh, kw, channels), 1.0 / (kh * kw))
                if self.mode == "max":
                    share = winner[:, i, j][:, None, None] == np.arange(kh * kw).reshape(kh, kw, 1)
                dX_pad[:, rows, columns] += dLdY[:, i, j][:, None, None] * share
            return _crop(dX_pad, self.pad)


# %% pool-dx-returned-after-channel: returns dX after the first channel
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX has only the terms from the first channel; the rest is still zero: check whether the return is inside the loop.
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), winner, s = self.kernel_shape, self.cache["winner"], self.stride
        m, out_h, out_w, channels = dLdY.shape
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        for c in range(channels):
            for i in range(out_h):
                for j in range(out_w):
                    rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                    share = np.full((m, kh, kw), 1.0 / (kh * kw))
                    if self.mode == "max":
                        share = winner[:, i, j, c][:, None, None] == np.arange(kh * kw).reshape(kh, kw)
                    dX_pad[:, rows, columns, c] += dLdY[:, i, j, c][:, None, None] * share
            return _crop(dX_pad, self.pad)


# %% pool-dx-returned-after-window-of-channel: returns dX after the first channel's first window
# target: layers.Pool2D
# shape: partly
# gradient: failed
# batching: partly
# behaviour: partly
# says: dX has only the terms from the first window of the first channel; the rest is still zero: check whether the return is inside the loop.
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), winner, s = self.kernel_shape, self.cache["winner"], self.stride
        m, out_h, out_w, channels = dLdY.shape
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        for c in range(channels):
            for i in range(out_h):
                for j in range(out_w):
                    rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                    share = np.full((m, kh, kw), 1.0 / (kh * kw))
                    if self.mode == "max":
                        share = winner[:, i, j, c][:, None, None] == np.arange(kh * kw).reshape(kh, kw)
                    dX_pad[:, rows, columns, c] += dLdY[:, i, j, c][:, None, None] * share
                    return _crop(dX_pad, self.pad)


# %% pool-dx-returned-after-row-of-channel: returns dX after the first channel's first row of windows
# target: layers.Pool2D
# shape: partly
# gradient: failed
# batching: partly
# behaviour: partly
# says: dX has only the terms from the first row of windows of the first channel; the rest is still zero: check whether the return is inside the loop.
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), winner, s = self.kernel_shape, self.cache["winner"], self.stride
        m, out_h, out_w, channels = dLdY.shape
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        for c in range(channels):
            for i in range(out_h):
                for j in range(out_w):
                    rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                    share = np.full((m, kh, kw), 1.0 / (kh * kw))
                    if self.mode == "max":
                        share = winner[:, i, j, c][:, None, None] == np.arange(kh * kw).reshape(kh, kw)
                    dX_pad[:, rows, columns, c] += dLdY[:, i, j, c][:, None, None] * share
                return _crop(dX_pad, self.pad)


# %% pool-dx-returned-after-position: returns dX after the first position in the window
# target: layers.Pool2D
# shape: partly
# gradient: failed
# batching: partly
# behaviour: partly
# says: dX has only the terms from the first position in the window; the rest is still zero: check whether the return is inside the loop.
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), winner, s = self.kernel_shape, self.cache["winner"], self.stride
        m, out_h, out_w, channels = dLdY.shape
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                share = winner == u * kw + v if self.mode == "max" else 1.0 / (kh * kw)
                dX_pad[:, rows, columns] += dLdY * share
                return _crop(dX_pad, self.pad)


# %% pool-dx-returned-after-row-of-positions: returns dX after the first row of the window
# target: layers.Pool2D
# shape: partly
# gradient: failed
# batching: partly
# behaviour: partly
# says: dX has only the terms from the first row of the window; the rest is still zero: check whether the return is inside the loop.
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), winner, s = self.kernel_shape, self.cache["winner"], self.stride
        m, out_h, out_w, channels = dLdY.shape
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                share = winner == u * kw + v if self.mode == "max" else 1.0 / (kh * kw)
                dX_pad[:, rows, columns] += dLdY * share
            return _crop(dX_pad, self.pad)


# %% pool-dx-returned-after-example: returns dX after the first example
# target: layers.Pool2D
# shape: partly
# gradient: failed
# batching: partly
# behaviour: partly
# says: dX has only the terms from the first example; the rest is still zero: check whether the return is inside the loop.
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), winner, s = self.kernel_shape, self.cache["winner"], self.stride
        m, out_h, out_w, channels = dLdY.shape
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        for n in range(m):
            for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
                share = winner[n] == u * kw + v if self.mode == "max" else 1.0 / (kh * kw)
                dX_pad[n, rows, columns] += dLdY[n] * share
            return _crop(dX_pad, self.pad)


# %% pool-max-dx-returned-after-window: returns dX after the first window, in max mode only
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: In max mode, dX has only the terms from the first window; the rest is still zero: check whether the return is inside the loop.
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), winner, s = self.kernel_shape, self.cache["winner"], self.stride
        m, out_h, out_w, channels = dLdY.shape
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        if self.mode == "max":
            for i in range(out_h):
                for j in range(out_w):
                    rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                    share = winner[:, i, j][:, None, None] == np.arange(kh * kw).reshape(kh, kw, 1)
                    dX_pad[:, rows, columns] += dLdY[:, i, j][:, None, None] * share
                    return _crop(dX_pad, self.pad)
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dX_pad[:, rows, columns] += dLdY * 1.0 / (kh * kw)
        return _crop(dX_pad, self.pad)


# %% pool-max-dx-returned-after-row: returns dX after the first row of windows, in max mode only
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: In max mode, dX has only the terms from the first row of windows; the rest is still zero: check whether the return is inside the loop.
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), winner, s = self.kernel_shape, self.cache["winner"], self.stride
        m, out_h, out_w, channels = dLdY.shape
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        if self.mode == "max":
            for i in range(out_h):
                for j in range(out_w):
                    rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                    share = winner[:, i, j][:, None, None] == np.arange(kh * kw).reshape(kh, kw, 1)
                    dX_pad[:, rows, columns] += dLdY[:, i, j][:, None, None] * share
                return _crop(dX_pad, self.pad)
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dX_pad[:, rows, columns] += dLdY * 1.0 / (kh * kw)
        return _crop(dX_pad, self.pad)


# %% pool-average-dx-returned-after-window: returns dX after the first window, in average mode only
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# says: In average mode, dX has only the terms from the first window; the rest is still zero: check whether the return is inside the loop.
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), winner, s = self.kernel_shape, self.cache["winner"], self.stride
        m, out_h, out_w, channels = dLdY.shape
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        if self.mode == "average":
            for i in range(out_h):
                for j in range(out_w):
                    rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                    share = np.full((m, kh, kw, channels), 1.0 / (kh * kw))
                    dX_pad[:, rows, columns] += dLdY[:, i, j][:, None, None] * share
                    return _crop(dX_pad, self.pad)
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dX_pad[:, rows, columns] += dLdY * (winner == u * kw + v)
        return _crop(dX_pad, self.pad)


# %% pool-average-dx-returned-after-row: returns dX after the first row of windows, in average mode only
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# says: In average mode, dX has only the terms from the first row of windows; the rest is still zero: check whether the return is inside the loop.
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), winner, s = self.kernel_shape, self.cache["winner"], self.stride
        m, out_h, out_w, channels = dLdY.shape
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        if self.mode == "average":
            for i in range(out_h):
                for j in range(out_w):
                    rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                    share = np.full((m, kh, kw, channels), 1.0 / (kh * kw))
                    dX_pad[:, rows, columns] += dLdY[:, i, j][:, None, None] * share
                return _crop(dX_pad, self.pad)
        for u, v, rows, columns in _positions((kh, kw), (out_h, out_w), s):
            dX_pad[:, rows, columns] += dLdY * (winner == u * kw + v)
        return _crop(dX_pad, self.pad)
