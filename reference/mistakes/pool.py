# %% pool-average-not-divided: sums the window instead of averaging it
# target: layers.Pool2D
# shape: partly
# values: partly
# batching: partly
# says: The average is a sum: it is not divided by the size of the window.
class Pool2D:
    def forward(self, X):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        view = np.lib.stride_tricks.sliding_window_view(X_pad, (kh, kw), axis=(1, 2))
        view = view[:, ::s, ::s]
        flat = view.reshape(*view.shape[:4], kh * kw)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=-1)}
        if self.mode == "max":
            return view.max(axis=(4, 5))
        return view.sum(axis=(4, 5))


# %% pool-average-backward-not-divided: gives every pixel the whole gradient of the average
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# says: Every pixel of a window gets the window's whole gradient; with the average, each gets only its share.
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        m, H, W, C = self.cache["X_shape"]
        _, out_h, out_w, _ = dLdY.shape
        dX_pad = np.zeros((m, H + 2 * ph, W + 2 * pw, C))
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                if self.mode == "max":
                    dX_pad[:, rows, columns] += dLdY * (self.cache["winner"] == u * kw + v)
                else:
                    dX_pad[:, rows, columns] += dLdY
        return dX_pad[:, ph : ph + H, pw : pw + W]


# %% pool-average-over-square: divides by kh * kh, forward and backward
# target: layers.Pool2D
# shape: partly
# values: partly
# gradient: partly
# says: The average is divided by kh * kh; the window has kh * kw pixels.
class Pool2D:
    def forward(self, X):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        view = np.lib.stride_tricks.sliding_window_view(X_pad, (kh, kw), axis=(1, 2))
        view = view[:, ::s, ::s]
        flat = view.reshape(*view.shape[:4], kh * kw)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=-1)}
        if self.mode == "max":
            return view.max(axis=(4, 5))
        return view.sum(axis=(4, 5)) / (kh * kh)

    def backward(self, dLdY):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        m, H, W, C = self.cache["X_shape"]
        _, out_h, out_w, _ = dLdY.shape
        dX_pad = np.zeros((m, H + 2 * ph, W + 2 * pw, C))
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                if self.mode == "max":
                    dX_pad[:, rows, columns] += dLdY * (self.cache["winner"] == u * kw + v)
                else:
                    dX_pad[:, rows, columns] += dLdY / (kh * kh)
        return dX_pad[:, ph : ph + H, pw : pw + W]


# %% pool-average-without-padding: averages only the pixels that are in the image
# target: layers.Pool2D
# shape: partly
# values: partly
# gradient: partly
# says: The average leaves out the padding; its zeros count as well.
class Pool2D:
    def forward(self, X):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        padding = ((0, 0), (ph, ph), (pw, pw), (0, 0))
        X_pad, inside = np.pad(X, padding), np.pad(np.ones(X.shape), padding)
        view = np.lib.stride_tricks.sliding_window_view(X_pad, (kh, kw), axis=(1, 2))
        counts = np.lib.stride_tricks.sliding_window_view(inside, (kh, kw), axis=(1, 2))
        view, counts = view[:, ::s, ::s], counts[:, ::s, ::s].sum(axis=(4, 5))
        flat = view.reshape(*view.shape[:4], kh * kw)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=-1), "counts": counts}
        return flat.max(axis=-1) if self.mode == "max" else flat.sum(axis=-1) / counts

    def backward(self, dLdY):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        m, H, W, C = self.cache["X_shape"]
        _, out_h, out_w, _ = dLdY.shape
        dX_pad = np.zeros((m, H + 2 * ph, W + 2 * pw, C))
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                if self.mode == "max":
                    dX_pad[:, rows, columns] += dLdY * (self.cache["winner"] == u * kw + v)
                else:
                    dX_pad[:, rows, columns] += dLdY / self.cache["counts"]
        return dX_pad[:, ph : ph + H, pw : pw + W]


# %% pool-overlap-overwritten: writes "=" instead of "+=" where windows overlap
# target: layers.Pool2D
# shape: partly
# gradient: partly
# says: Where windows overlap, dX keeps only what was written last: = overwrites, += adds, and += on fancy indices adds only once per entry (np.add.at adds every time).
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        m, H, W, C = self.cache["X_shape"]
        _, out_h, out_w, _ = dLdY.shape
        dX_pad = np.zeros((m, H + 2 * ph, W + 2 * pw, C))
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                if self.mode == "max":
                    dX_pad[:, rows, columns] = dLdY * (self.cache["winner"] == u * kw + v)
                else:
                    dX_pad[:, rows, columns] = dLdY / (kh * kw)
        return dX_pad[:, ph : ph + H, pw : pw + W]


# %% pool-max-gradient-to-all: gives the gradient of the maximum to the whole window
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: The gradient of the maximum goes to the whole window instead of the largest pixel alone.
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        m, H, W, C = self.cache["X_shape"]
        _, out_h, out_w, _ = dLdY.shape
        dX_pad = np.zeros((m, H + 2 * ph, W + 2 * pw, C))
        share = 1.0 if self.mode == "max" else 1.0 / (kh * kw)
        for i in range(out_h):
            for j in range(out_w):
                dy = dLdY[:, i : i + 1, j : j + 1]
                dX_pad[:, i * s : i * s + kh, j * s : j * s + kw] += dy * share
        return dX_pad[:, ph : ph + H, pw : pw + W]


# %% pool-mode-ignored-in-backward: backpropagates through the maximum in both modes
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# says: In average mode, backward gives everything to the largest pixel, as in max mode.
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        m, H, W, C = self.cache["X_shape"]
        _, out_h, out_w, _ = dLdY.shape
        dX_pad = np.zeros((m, H + 2 * ph, W + 2 * pw, C))
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                dX_pad[:, rows, columns] += dLdY * (self.cache["winner"] == u * kw + v)
        return dX_pad[:, ph : ph + H, pw : pw + W]


# %% pool-stride-is-kernel: moves the window by its own size
# target: layers.Pool2D
# shape: partly
# values: partly
# gradient: partly
# says: The window moves by its own size; the stride is a separate argument.
class Pool2D:
    def forward(self, X):
        (kh, kw), (ph, pw) = self.kernel_shape, self.pad
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        view = np.lib.stride_tricks.sliding_window_view(X_pad, (kh, kw), axis=(1, 2))
        view = view[:, ::kh, ::kw]
        flat = view.reshape(*view.shape[:4], kh * kw)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=-1)}
        return flat.max(axis=-1) if self.mode == "max" else flat.mean(axis=-1)


# %% pool-over-channels: takes the maximum or average over the channels too
# target: layers.Pool2D
# shape: partly
# values: partly
# batching: partly
# behaviour: partly
# says: The maximum or average also runs over the channels; each channel should be pooled on its own.
class Pool2D:
    def forward(self, X):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        out_h = (X_pad.shape[1] - kh) // s + 1
        out_w = (X_pad.shape[2] - kw) // s + 1
        Y = np.zeros((X.shape[0], out_h, out_w, X.shape[3]))
        for i in range(out_h):
            for j in range(out_w):
                window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw]
                pool = np.max if self.mode == "max" else np.mean
                Y[:, i, j] = pool(window, axis=(1, 2, 3)).reshape(-1, 1)
        view = np.lib.stride_tricks.sliding_window_view(X_pad, (kh, kw), axis=(1, 2))
        view = view[:, ::s, ::s]
        flat = view.reshape(*view.shape[:4], kh * kw)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=-1)}
        return Y


# %% pool-maximum-of-the-batch: compares with the maximum over all examples in backward
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: The maximum is taken over all examples in backward; each image has its own.
class Pool2D:
    def forward(self, X):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        out_h = (X_pad.shape[1] - kh) // s + 1
        out_w = (X_pad.shape[2] - kw) // s + 1
        Y = np.zeros((X.shape[0], out_h, out_w, X.shape[3]))
        pool = np.max if self.mode == "max" else np.mean
        for i in range(out_h):
            for j in range(out_w):
                window = X_pad[:, i * s : i * s + kh, j * s : j * s + kw]
                Y[:, i, j] = pool(window, axis=(1, 2))
        self.cache = {"X_pad": X_pad}
        return Y

    def backward(self, dLdY):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = self.cache["X_pad"]
        dX_pad = np.zeros(X_pad.shape)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                window = X_pad[:, rows, columns]
                dy = dLdY[:, i : i + 1, j : j + 1]
                if self.mode == "max":
                    dX_pad[:, rows, columns] += dy * (window == np.max(window))
                else:
                    dX_pad[:, rows, columns] += dy / (kh * kw)
        return dX_pad[:, ph : X_pad.shape[1] - ph, pw : X_pad.shape[2] - pw]


# %% pool-dx-kept-between-calls: adds to the dX of the last backward pass
# target: layers.Pool2D
# batching: partly
# behaviour: partly
# says: dX still holds what the last backward pass put there; it should start from zeros in every call.
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        m, H, W, C = self.cache["X_shape"]
        _, out_h, out_w, _ = dLdY.shape
        if "dX" not in self.gradients:
            self.gradients["dX"] = np.zeros((m, H + 2 * ph, W + 2 * pw, C))
        dX_pad = self.gradients["dX"]
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                if self.mode == "max":
                    dX_pad[:, rows, columns] += dLdY * (self.cache["winner"] == u * kw + v)
                else:
                    dX_pad[:, rows, columns] += dLdY / (kh * kw)
        return dX_pad[:, ph : ph + H, pw : pw + W]


# %% pool-loop-array-of-examples: pools one image at a time in np.array([...])
# target: layers.Pool2D
# batching: partly
# message: Do it for all examples at once
class Pool2D:
    def forward(self, X):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        view = np.lib.stride_tricks.sliding_window_view(X_pad, (kh, kw), axis=(1, 2))
        view = view[:, ::s, ::s]
        flat = view.reshape(*view.shape[:4], kh * kw)
        self.cache = {"X_shape": X.shape, "winner": np.array([x.argmax(axis=-1) for x in flat])}
        if self.mode == "max":
            return np.array([x.max(axis=-1) for x in flat])
        return np.array([x.mean(axis=-1) for x in flat])


# %% pool-loop-ndindex: loops over every entry of the output in backward
# target: layers.Pool2D
# batching: partly
# message: Do it for all examples at once
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        m, H, W, C = self.cache["X_shape"]
        dX_pad = np.zeros((m, H + 2 * ph, W + 2 * pw, C))
        for n, i, j, c in np.ndindex(dLdY.shape):
            if self.mode == "max":
                u, v = divmod(self.cache["winner"][n, i, j, c], kw)
                dX_pad[n, i * s + u, j * s + v, c] += dLdY[n, i, j, c]
            else:
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                dX_pad[n, rows, columns, c] += dLdY[n, i, j, c] / (kh * kw)
        return dX_pad[:, ph : ph + H, pw : pw + W]


# %% pool-loop-map-over-images: maps a function for one image over the batch
# target: layers.Pool2D
# batching: partly
# message: Do it for all examples at once
def largest(window):
    return window.reshape(-1, window.shape[-1]).max(axis=0)


def mean(window):
    return window.reshape(-1, window.shape[-1]).mean(axis=0)


class Pool2D:
    def forward(self, X):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        out_h = (X_pad.shape[1] - kh) // s + 1
        out_w = (X_pad.shape[2] - kw) // s + 1
        Y = np.zeros((X.shape[0], out_h, out_w, X.shape[3]))
        for i in range(out_h):
            for j in range(out_w):
                windows = X_pad[:, i * s : i * s + kh, j * s : j * s + kw]
                Y[:, i, j] = list(map(largest if self.mode == "max" else mean, windows))
        view = np.lib.stride_tricks.sliding_window_view(X_pad, (kh, kw), axis=(1, 2))
        view = view[:, ::s, ::s]
        flat = view.reshape(*view.shape[:4], kh * kw)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=-1)}
        return Y


# %% pool-kernel-sides-swapped: reads kernel_shape as (width, height)
# target: layers.Pool2D
# shape: partly
# values: partly
# gradient: partly
# says: Height and width of the window are swapped: kernel_shape is (rows, columns).
class Pool2D:
    def forward(self, X):
        (kw, kh), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        view = np.lib.stride_tricks.sliding_window_view(X_pad, (kh, kw), axis=(1, 2))
        view = view[:, ::s, ::s]
        flat = view.reshape(*view.shape[:4], kh * kw)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=-1)}
        return flat.max(axis=-1) if self.mode == "max" else flat.mean(axis=-1)


# %% pool-unpads-by-negative-slice: crops the padding with [p:-p], which is empty for p = 0
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX is wrong only for padding 0, where the slice [p:-p] is empty.
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        m, H, W, C = self.cache["X_shape"]
        _, out_h, out_w, _ = dLdY.shape
        dX_pad = np.zeros((m, H + 2 * ph, W + 2 * pw, C))
        for u in range(kh):
            for v in range(kw):
                rows, columns = slice(u, u + s * out_h, s), slice(v, v + s * out_w, s)
                if self.mode == "max":
                    dX_pad[:, rows, columns] += dLdY * (self.cache["winner"] == u * kw + v)
                else:
                    dX_pad[:, rows, columns] += dLdY / (kh * kw)
        return dX_pad[:, ph:-ph, pw:-pw, :]


# %% pool-max-padded-with-minus-infinity: pads with minus infinity, which is never the maximum
# target: layers.Pool2D
# values: partly
# gradient: partly
# says: The padding is never the maximum; its zeros count, too.
class Pool2D:
    def forward(self, X):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        fill = -np.inf if self.mode == "max" else 0.0
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)), constant_values=fill)
        view = np.lib.stride_tricks.sliding_window_view(X_pad, (kh, kw), axis=(1, 2))
        view = view[:, ::s, ::s]
        flat = view.reshape(*view.shape[:4], kh * kw)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=-1)}
        return flat.max(axis=-1) if self.mode == "max" else flat.mean(axis=-1)

# %% pool-mode-ignored: takes the maximum in both modes
# target: layers.Pool2D
# shape: partly
# values: partly
# batching: partly
# says: Average mode takes the max: forward ignores the mode.
class Pool2D:
    def forward(self, X):
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        flat = windows.reshape(*windows.shape[:4], -1)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=4)}
        return flat.max(axis=4)

# %% pool-minimum: takes the minimum
# target: layers.Pool2D
# shape: partly
# values: partly
# gradient: partly
# batching: partly
# behaviour: blocked
# says: Max mode takes the minimum.
class Pool2D:
    def forward(self, X):
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        flat = windows.reshape(*windows.shape[:4], -1)
        self.cache = {"X_shape": X.shape, "winner": flat.argmin(axis=4)}
        return flat.min(axis=4) if self.mode == "max" else flat.mean(axis=4)

# %% pool-first-pixel: takes the first pixel instead of the maximum
# target: layers.Pool2D
# shape: partly
# values: partly
# gradient: partly
# batching: partly
# behaviour: blocked
# says: Max mode takes the first pixel of each window.
# also: pool-gradient-to-first-pixel
class Pool2D:
    def forward(self, X):
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        flat = windows.reshape(*windows.shape[:4], -1)
        self.cache = {"X_shape": X.shape, "winner": 0 * flat.argmax(axis=4)}
        return flat[..., 0] if self.mode == "max" else flat.mean(axis=4)

# %% pool-average-backward-twice-divided: divides by the size of the window twice
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# says: The gradient of the average is divided by the size of the window twice.
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), winner = self.kernel_shape, self.cache["winner"]
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        for i, j, rows, columns in _positions((kh, kw), dLdY.shape[1:3], self.stride):
            share = winner == i * kw + j if self.mode == "max" else 1.0 / (kh * kw) ** 2
            dX_pad[:, rows, columns] += dLdY * share
        return _crop(dX_pad, self.pad)

# %% pool-dx-keeps-padding: returns dX with the padding
# target: layers.Pool2D
# shape: partly
# gradient: partly
# says: dX still has the padding around it; X had none.
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), winner = self.kernel_shape, self.cache["winner"]
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        for i, j, rows, columns in _positions((kh, kw), dLdY.shape[1:3], self.stride):
            share = winner == i * kw + j if self.mode == "max" else 1.0 / (kh * kw)
            dX_pad[:, rows, columns] += dLdY * share
        return dX_pad

# %% pool-gradient-to-first-pixel: gives the gradient of the maximum to the first pixel
# target: layers.Pool2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: The gradient of the maximum goes to the first pixel of the window instead of the largest one.
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), winner = self.kernel_shape, self.cache["winner"]
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        for i, j, rows, columns in _positions((kh, kw), dLdY.shape[1:3], self.stride):
            share = i + j == 0 if self.mode == "max" else 1.0 / (kh * kw)
            dX_pad[:, rows, columns] += dLdY * share
        return _crop(dX_pad, self.pad)

# %% pool-backward-divides-by-m: divides by the number of examples
# target: layers.Pool2D
# shape: partly
# gradient: failed
# batching: partly
# behaviour: partly
# says: dX is divided by the number of examples: 1/m is already in the loss.
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), winner = self.kernel_shape, self.cache["winner"]
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        for i, j, rows, columns in _positions((kh, kw), dLdY.shape[1:3], self.stride):
            share = winner == i * kw + j if self.mode == "max" else 1.0 / (kh * kw)
            dX_pad[:, rows, columns] += dLdY * share
        return _crop(dX_pad, self.pad) / len(dLdY)


# %% pool-paddings-swapped: pads rows by the columns' padding and columns by the rows'
# target: layers.Pool2D
# values: partly
# gradient: partly
# says: The paddings of rows and columns are swapped: self.pad is (rows, columns), and rows are axis 1.
class Pool2D:
    def forward(self, X):
        (p, q) = self.pad
        windows = _windows(np.pad(X, ((0, 0), (q, q), (p, p), (0, 0))), self.kernel_shape, self.stride)
        flat = windows.reshape(*windows.shape[:4], -1)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=4)}
        return flat.max(axis=4) if self.mode == "max" else flat.mean(axis=4)


# %% pool-row-padding-for-columns: pads the columns as much as the rows
# target: layers.Pool2D
# values: partly
# gradient: partly
# says: The columns are padded as much as the rows; each has its own padding.
class Pool2D:
    def forward(self, X):
        (p, q) = self.pad
        windows = _windows(np.pad(X, ((0, 0), (p, p), (p, p), (0, 0))), self.kernel_shape, self.stride)
        flat = windows.reshape(*windows.shape[:4], -1)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=4)}
        return flat.max(axis=4) if self.mode == "max" else flat.mean(axis=4)


# %% pool-left-padding-wrong: pads the right by the columns' padding and the left by the rows'
# target: layers.Pool2D
# values: partly
# gradient: partly
# says: The columns are padded differently on the left and right; both sides should get the column padding.
class Pool2D:
    def forward(self, X):
        (p, q) = self.pad
        windows = _windows(np.pad(X, ((0, 0), (p, p), (p, q), (0, 0))), self.kernel_shape, self.stride)
        flat = windows.reshape(*windows.shape[:4], -1)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=4)}
        return flat.max(axis=4) if self.mode == "max" else flat.mean(axis=4)
