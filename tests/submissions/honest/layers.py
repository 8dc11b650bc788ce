# %% fc-einsum: einsum everywhere
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = np.einsum("mi,io->mo", X, self.parameters["W"]) + self.parameters["b"]
        self.cache["X"], self.cache["Z"] = X, Z
        return self.activation(Z)

    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = np.einsum("mi,mo->io", self.cache["X"], dZ, optimize=True)
        self.gradients["b"] = np.einsum("mo->o", dZ)[None, :]
        return np.einsum("mo,io->mi", dZ, self.parameters["W"])

# %% fc-flat-bias: a bias and its gradient of shape (n_out,)
# target: layers.FullyConnected
class FullyConnected:
    def _init_parameters(self, X_shape):
        self.n_in = X_shape[1]
        W = self.init_weights((self.n_in, self.n_out))
        b = np.zeros(self.n_out)
        self.parameters = {"W": W, "b": b}
        self.gradients = {"W": np.zeros_like(W), "b": np.zeros_like(b)}

    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = np.dot(self.cache["X"].T, dZ)
        self.gradients["b"] = np.sum(dZ, axis=0)
        return np.dot(dZ, self.parameters["W"].T)

# %% fc-flat-bias-gradient-only: the bias as given, its gradient of shape (n_out,)
# target: layers.FullyConnected
class FullyConnected:
    def backward(self, dLdY):
        X, Z = self.cache["X"], self.cache["Z"]
        dZ = self.activation.backward(Z, dLdY)
        self.gradients = {"W": X.T.dot(dZ), "b": dZ.sum(0)}
        return dZ.dot(self.parameters["W"].T)

# %% fc-homework-style: a whole class with OrderedDict, in the style of the real homework
# target: layers.FullyConnected
from collections import OrderedDict


class FullyConnected:
    def __init__(self, n_out, activation, weight_init="xavier_uniform"):
        super().__init__()
        self.n_in = None
        self.n_out = n_out
        self.activation = initialize_activation(activation)
        self.init_weights = initialize_weights(weight_init, activation=activation)

    def _init_parameters(self, X_shape):
        self.n_in = X_shape[1]
        W = self.init_weights((self.n_in, self.n_out))
        b = np.zeros((1, self.n_out))
        self.parameters = OrderedDict({"W": W, "b": b})
        self.cache = OrderedDict({"Z": None, "X": None})
        self.gradients = OrderedDict({"W": np.zeros_like(W), "b": np.zeros_like(b)})

    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        Z = X @ W + b
        out = self.activation(Z)
        self.cache["Z"] = Z
        self.cache["X"] = X
        return out

    def backward(self, dLdY):
        W = self.parameters["W"]
        b = self.parameters["b"]
        Z, X = self.cache["Z"], self.cache["X"]
        dLdZ = self.activation.backward(Z, dLdY)
        dX = dLdZ @ W.T
        dW = X.T @ dLdZ
        dB = dLdZ.sum(axis=0, keepdims=True)
        assert dB.shape == b.shape
        self.gradients["W"] = dW
        self.gradients["b"] = dB
        return dX

# %% fc-ones-times-gradient: the bias gradient as ones @ dZ, and a column of ones in X
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        X1 = np.hstack([X, np.ones((X.shape[0], 1))])
        Z = X1 @ np.vstack([self.parameters["W"], self.parameters["b"]])
        self.cache = dict(X1=X1, Z=Z)
        return self.activation.forward(Z)

    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        G = self.cache["X1"].T @ dZ
        self.gradients["W"], self.gradients["b"] = G[:-1], G[-1:]
        return dZ @ self.parameters["W"].T

# %% fc-cache-in-attributes: attributes instead of the cache, lots of printing
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if not self.parameters:
            self._init_parameters(X.shape)
        self.X = X
        self.Z = np.add(np.matmul(X, self.parameters["W"]), self.parameters["b"])
        print("Z", self.Z)
        self.Y = self.activation(self.Z)
        return self.Y

    def backward(self, dLdY):
        print("dLdY has shape", dLdY.shape, "mean", dLdY.mean())
        dZ = self.activation.backward(self.Z, dLdY)
        print(dZ)
        self.gradients["W"][:] = self.X.T @ dZ
        self.gradients["b"][:] = dZ.sum(axis=0)
        return dZ @ self.parameters["W"].T

# %% fc-growing-buffer: a buffer for Z that grows and is reused
# target: layers.FullyConnected
class FullyConnected:
    buffer = None

    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        m = X.shape[0]
        if self.buffer is None or len(self.buffer) < m:
            self.buffer = np.empty((m, self.n_out))
        Z = self.buffer[:m]
        np.matmul(X, self.parameters["W"], out=Z)
        Z += self.parameters["b"]
        self.cache = {"X": X.copy(), "Z": Z}
        return self.activation.forward(Z).copy()

# %% fc-loop-over-outputs: computes output by output
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        Z = np.column_stack([X @ W[:, j] + b[0, j] for j in range(self.n_out)])
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        dW, db, dX = np.zeros(W.shape), np.zeros((1, self.n_out)), np.zeros(X.shape)
        for j in range(self.n_out):
            column = dZ[:, j]
            dW[:, j] = column @ X
            db[0, j] = column.sum()
            dX += np.outer(column, W[:, j])
        self.gradients["W"], self.gradients["b"] = dW, db
        return dX

# %% fc-float32: float32 inside, float32 results
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        X = X.astype(np.float32)
        Z = X @ self.parameters["W"].astype(np.float32)
        Z += self.parameters["b"].astype(np.float32)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY.astype(np.float32))
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].astype(np.float32).T

# %% fc-dataclass-cache: a dataclass holds what backward needs
# target: layers.FullyConnected
from dataclasses import dataclass


@dataclass
class Saved:
    X: np.ndarray
    Z: np.ndarray


class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        saved = Saved(X, self.affine(X))
        self.cache["saved"] = saved
        return self.activation(saved.Z)

    def affine(self, X):
        return np.tensordot(X, self.parameters["W"], axes=1) + self.parameters["b"]

    def backward(self, dLdY):
        s = self.cache["saved"]
        delta = self.activation.backward(s.Z, dLdY)
        self.gradients.update(
            W=np.tensordot(s.X, delta, axes=(0, 0)),
            b=np.add.reduce(delta, axis=0, keepdims=True),
        )
        return np.tensordot(delta, self.parameters["W"], axes=(1, 1))

# %% fc-try-except-init: parameters made in an except clause
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        try:
            W, b = self.parameters["W"], self.parameters["b"]
        except KeyError:
            self._init_parameters(X.shape)
            W, b = self.parameters["W"], self.parameters["b"]
        Z = (W.T @ X.T).T + b
        self.cache["ZX"] = (Z, X)
        return self.activation.forward(Z)

    def backward(self, dLdY):
        Z, X = self.cache["ZX"]
        dZ = self.activation.backward(Z, dLdY)
        for name, value in zip(("W", "b"), (X.T @ dZ, dZ.sum(axis=0, keepdims=True))):
            self.gradients[name] = value
        return (self.parameters["W"] @ dZ.T).T

# %% fc-batch-of-outer-products: an (m, n_in, n_out) batch of outer products, summed
# target: layers.FullyConnected
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        outer = self.cache["X"][:, :, None] * dZ[:, None, :]
        self.gradients["W"] = outer.sum(axis=0)
        self.gradients["b"] = dZ.sum(axis=0).reshape(self.parameters["b"].shape)
        return (dZ[:, None, :] * self.parameters["W"]).sum(axis=2)

# %% fc-single-example-branch: a branch on m == 1
# target: layers.FullyConnected
class FullyConnected:
    def backward(self, dLdY):
        X = self.cache["X"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        if len(X) == 1:
            self.gradients["W"] = np.outer(X, dZ)
            self.gradients["b"] = dZ.copy()
        else:
            self.gradients["W"] = X.T @ dZ
            self.gradients["b"] = dZ.sum(axis=0)[np.newaxis]
        return dZ @ self.parameters["W"].T

# %% conv-as-strided: windows with as_strided, einsum, scatter over kernel positions
# target: layers.Conv2D
class Conv2D:
    def _im2col(self, X):
        kh, kw = self.kernel_shape
        s = self.stride
        m, H, W, C = X.shape
        oh, ow = (H - kh) // s + 1, (W - kw) // s + 1
        a, b, c, d = X.strides
        return np.lib.stride_tricks.as_strided(
            X, (m, oh, ow, kh, kw, C), (a, b * s, c * s, b, c, d)
        )

    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        ph, pw = self.pad
        Xp = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)), mode="constant")
        cols = self._im2col(Xp)
        Z = np.einsum("mhwijc,ijco->mhwo", cols, self.parameters["W"]) + self.parameters["b"]
        self.cache = {"cols": cols, "Z": Z, "shape": Xp.shape}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        kh, kw = self.kernel_shape
        (ph, pw), s = self.pad, self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        _, oh, ow, _ = dZ.shape
        self.gradients["W"] = np.einsum("mhwijc,mhwo->ijco", self.cache["cols"], dZ)
        self.gradients["b"] = np.sum(dZ, axis=(0, 1, 2))[None, :]
        dcols = np.einsum("mhwo,ijco->mhwijc", dZ, self.parameters["W"])
        dX = np.zeros(self.cache["shape"])
        for i in range(kh):
            for j in range(kw):
                dX[:, i : i + s * oh : s, j : j + s * ow : s] += dcols[:, :, :, i, j]
        return dX[:, ph : dX.shape[1] - ph, pw : dX.shape[2] - pw]

# %% conv-output-positions: loops over the output's rows and columns
# target: layers.Conv2D
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        kh, kw, _, n_out = W.shape
        m, in_rows, in_cols, _ = X.shape
        ph, pw = self.pad
        s = self.stride
        H = (in_rows + 2 * ph - kh) // s + 1
        V = (in_cols + 2 * pw - kw) // s + 1
        P = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        Z = np.empty((m, H, V, n_out))
        for r in range(H):
            for c in range(V):
                patch = P[:, r * s : r * s + kh, c * s : c * s + kw, :]
                Z[:, r, c, :] = np.tensordot(patch, W, axes=3) + b
        self.cache["P"], self.cache["Z"] = P, Z
        return self.activation(Z)

    def backward(self, dLdY):
        W = self.parameters["W"]
        kh, kw = self.kernel_shape
        P, Z = self.cache["P"], self.cache["Z"]
        s = self.stride
        dZ = self.activation.backward(Z, dLdY)
        dP, dW = np.zeros_like(P), np.zeros_like(W)
        for r in range(dZ.shape[1]):
            for c in range(dZ.shape[2]):
                window = np.s_[:, r * s : r * s + kh, c * s : c * s + kw, :]
                g = dZ[:, r, c, :]
                dP[window] += np.einsum("mo,ijco->mijc", g, W)
                dW += np.einsum("mijc,mo->ijco", P[window], g)
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2), keepdims=True)[0, 0]
        ph, pw = self.pad
        return dP[:, ph : P.shape[1] - ph, pw : P.shape[2] - pw, :]

# %% conv-fancy-im2col-add-at: fancy indices for im2col, np.add.at for col2im
# target: layers.Conv2D
class Conv2D:
    def _indices(self, H, W):
        kh, kw = self.kernel_shape
        oh, ow = (H - kh) // self.stride + 1, (W - kw) // self.stride + 1
        r0 = self.stride * np.arange(oh)
        c0 = self.stride * np.arange(ow)
        rows = r0[:, None, None, None] + np.arange(kh)[None, None, :, None]
        cols = c0[None, :, None, None] + np.arange(kw)[None, None, None, :]
        return rows, cols

    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        ph, pw = self.pad
        Xp = np.pad(X, [(0, 0), (ph, ph), (pw, pw), (0, 0)])
        rows, cols = self._indices(Xp.shape[1], Xp.shape[2])
        patches = Xp[:, rows, cols, :]
        m, oh, ow = patches.shape[:3]
        flat = patches.reshape(m * oh * ow, -1)
        Z = flat @ self.parameters["W"].reshape(-1, self.n_out) + self.parameters["b"]
        Z = Z.reshape(m, oh, ow, self.n_out)
        self.cache = {"flat": flat, "Z": Z, "Xp": Xp, "index": (rows, cols)}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        c = self.cache
        kh, kw = self.kernel_shape
        dZ = self.activation.backward(c["Z"], dLdY)
        m, oh, ow, _ = dZ.shape
        dflat = dZ.reshape(-1, self.n_out)
        self.gradients["W"] = (c["flat"].T @ dflat).reshape(self.parameters["W"].shape)
        self.gradients["b"] = dflat.sum(axis=0, keepdims=True)
        dpatches = dflat @ self.parameters["W"].reshape(-1, self.n_out).T
        dpatches = dpatches.reshape(m, oh, ow, kh, kw, self.n_in)
        dXp = np.zeros_like(c["Xp"])
        rows, cols = c["index"]
        np.add.at(dXp, (slice(None), rows, cols), dpatches)
        ph, pw = self.pad
        return dXp[:, ph : dXp.shape[1] - ph, pw : dXp.shape[2] - pw]

# %% conv-sum-over-kernel-positions: sum(...) over a generator of kernel positions
# target: layers.Conv2D
class Conv2D:
    def _slice(self, i, j, oh, ow):
        s = self.stride
        return (slice(None), slice(i, i + s * oh, s), slice(j, j + s * ow, s))

    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        kh, kw = self.kernel_shape
        ph, pw = self.pad
        Xp = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        oh = (Xp.shape[1] - kh) // self.stride + 1
        ow = (Xp.shape[2] - kw) // self.stride + 1
        W = self.parameters["W"]
        Z = self.parameters["b"] + sum(
            Xp[self._slice(i, j, oh, ow)] @ W[i, j] for i in range(kh) for j in range(kw)
        )
        self.cache = {"Xp": Xp, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        kh, kw = self.kernel_shape
        Xp = self.cache["Xp"]
        W = self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        _, oh, ow, _ = dZ.shape
        self.gradients["W"] = np.array(
            [
                [
                    np.einsum("mhwc,mhwo->co", Xp[self._slice(i, j, oh, ow)], dZ)
                    for j in range(kw)
                ]
                for i in range(kh)
            ]
        )
        self.gradients["b"] = dZ.reshape(-1, self.n_out).sum(axis=0).reshape(1, -1)
        dXp = np.zeros_like(Xp)
        for i, j in np.ndindex(kh, kw):
            dXp[self._slice(i, j, oh, ow)] += dZ @ W[i, j].T
        ph, pw = self.pad
        return dXp[:, ph : ph + Xp.shape[1] - 2 * ph, pw : pw + Xp.shape[2] - 2 * pw]

# %% conv-while-loops: while loops over kernel positions
# target: layers.Conv2D
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        kh, kw = self.kernel_shape
        s = self.stride
        ph, pw = self.pad
        m, h, w, _ = X.shape
        Xp = np.zeros((m, h + 2 * ph, w + 2 * pw, self.n_in))
        Xp[:, ph : ph + h, pw : pw + w] = X
        oh, ow = (h + 2 * ph - kh) // s + 1, (w + 2 * pw - kw) // s + 1
        Z = np.zeros((m, oh, ow, self.n_out))
        i = 0
        while i < kh:
            j = 0
            while j < kw:
                Z += Xp[:, i : i + s * oh : s, j : j + s * ow : s] @ self.parameters["W"][i, j]
                j += 1
            i += 1
        Z += self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

# %% conv-loop-over-channels: loops over the output channels
# target: layers.Conv2D
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        ph, pw = self.pad
        s = self.stride
        Xp = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        view = np.lib.stride_tricks.sliding_window_view(Xp, self.kernel_shape, axis=(1, 2))
        view = view[:, ::s, ::s]
        maps = []
        for o in range(self.n_out):
            kernel = self.parameters["W"][..., o].transpose(2, 0, 1)
            maps.append(np.sum(view * kernel, axis=(3, 4, 5)) + self.parameters["b"][0, o])
        Z = np.stack(maps, axis=-1)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

# %% conv-flat-bias-gradient: the gradient of b of shape (n_out,)
# target: layers.Conv2D
class Conv2D:
    def _init_parameters(self, X_shape):
        self.n_in = X_shape[3]
        kh, kw = self.kernel_shape
        W = self.init_weights((kh, kw, self.n_in, self.n_out))
        self.parameters = {"W": W, "b": np.zeros(self.n_out)}
        self.gradients = {"W": np.zeros_like(W), "b": np.zeros(self.n_out)}

    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X_pad = _pad(X, self.pad)
        windows = _windows(X_pad, self.kernel_shape, self.stride)
        dX_pad = np.zeros_like(X_pad)
        for i, j, rows, columns in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += np.dot(dZ, W[i, j].T)
        self.gradients["W"] = np.einsum("mhwcij,mhwo->ijco", windows, dZ, optimize=True)
        self.gradients["b"] = dZ.sum((0, 1, 2))
        return _crop(dX_pad, self.pad)

# %% conv-full-convolution-backward: dilates dZ and correlates it with the flipped kernel
# target: layers.Conv2D
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        m, h, w, c = X.shape
        H, V = h + 2 * ph, w + 2 * pw
        oh, ow = dZ.shape[1:3]
        wide = np.zeros((m, H - kh + 1, V - kw + 1, self.n_out))
        wide[:, : s * (oh - 1) + 1 : s, : s * (ow - 1) + 1 : s] = dZ
        around = np.pad(wide, ((0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1), (0, 0)))
        sliding = np.lib.stride_tricks.sliding_window_view
        flipped = W[::-1, ::-1]
        dX = np.einsum("mhwoij,ijco->mhwc", sliding(around, (kh, kw), axis=(1, 2)), flipped)
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        patches = sliding(X_pad, wide.shape[1:3], axis=(1, 2))
        self.gradients["W"] = np.einsum("mijchw,mhwo->ijco", patches, wide)
        self.gradients["b"] = wide.sum(axis=(0, 1, 2)).reshape(1, self.n_out)
        return dX[:, ph : ph + h, pw : pw + w]

# %% conv-fourier-transform: the forward pass with np.fft
# target: layers.Conv2D
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        Xp = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        size = Xp.shape[1:3]
        FX = np.fft.rfft2(Xp, s=size, axes=(1, 2))
        FW = np.fft.rfft2(self.parameters["W"], s=size, axes=(0, 1)).conj()
        product = np.einsum("mhwc,hwco->mhwo", FX, FW)
        full = np.fft.irfft2(product, s=size, axes=(1, 2))
        Z = full[:, : size[0] - kh + 1 : s, : size[1] - kw + 1 : s] + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

# %% conv-float32: float32 inside, and float32 results
# target: layers.Conv2D
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        windows = _windows(_pad(X.astype(np.float32), self.pad), self.kernel_shape, self.stride)
        W, b = self.parameters["W"].astype(np.float32), self.parameters["b"].astype(np.float32)
        Z = np.einsum("mhwcij,ijco->mhwo", windows, W, optimize=True) + b[0]
        self.cache = {"X": X.astype(np.float32), "Z": Z}
        return self.activation.forward(Z)

# %% conv-homework-style: whole class with its own __init__, padding kept as pairs
# target: layers.Conv2D
from collections import OrderedDict


class Conv2D:
    def __init__(
        self, n_out, kernel_shape, activation, stride=1, pad="same", weight_init="xavier_uniform"
    ):
        super().__init__()
        self.n_in = None
        self.n_out = n_out
        self.kernel_shape = kernel_shape
        self.stride = stride
        self.pad = pad
        self.activation = initialize_activation(activation)
        self.init_weights = initialize_weights(weight_init, activation=activation)

    def _init_parameters(self, X_shape):
        self.n_in = X_shape[3]
        W = self.init_weights(tuple(self.kernel_shape) + (self.n_in, self.n_out))
        b = np.zeros((1, self.n_out))
        self.parameters = OrderedDict({"W": W, "b": b})
        self.cache = OrderedDict({"Z": [], "X": []})
        self.gradients = OrderedDict({"W": np.zeros_like(W), "b": np.zeros_like(b)})

    def _pads(self):
        if self.pad == "same":
            return [(k - 1) // 2 for k in self.kernel_shape]
        elif self.pad == "valid":
            return [0, 0]
        elif isinstance(self.pad, int):
            return [self.pad, self.pad]
        else:
            raise ValueError("Invalid Pad mode found in self.pad.")

    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W = self.parameters["W"]
        b = self.parameters["b"]
        kernel_height, kernel_width, in_channels, out_channels = W.shape
        n_examples, in_rows, in_cols, in_channels = X.shape
        p_h, p_w = self._pads()
        X_pad = np.pad(X, ((0, 0), (p_h, p_h), (p_w, p_w), (0, 0)))
        out_rows = int((in_rows + 2 * p_h - kernel_height) / self.stride) + 1
        out_cols = int((in_cols + 2 * p_w - kernel_width) / self.stride) + 1
        Z = np.zeros((n_examples, out_rows, out_cols, out_channels))
        for h in range(out_rows):
            for w in range(out_cols):
                h0, w0 = h * self.stride, w * self.stride
                region = X_pad[:, h0 : h0 + kernel_height, w0 : w0 + kernel_width, :, None]
                Z[:, h, w, :] = np.sum(region * W[None], axis=(1, 2, 3)) + b
        out = self.activation(Z)
        self.cache["Z"] = Z
        self.cache["X"] = X_pad
        return out

    def backward(self, dLdY):
        W = self.parameters["W"]
        X_pad, Z = self.cache["X"], self.cache["Z"]
        kernel_height, kernel_width, _, _ = W.shape
        p_h, p_w = self._pads()
        dZ = self.activation.backward(Z, dLdY)
        dX_pad = np.zeros(X_pad.shape)
        dW = np.zeros(W.shape)
        for h in range(dZ.shape[1]):
            for w in range(dZ.shape[2]):
                h0, w0 = h * self.stride, w * self.stride
                h1, w1 = h0 + kernel_height, w0 + kernel_width
                d = dZ[:, h, w, :][:, None, None, None, :]
                dW += np.sum(X_pad[:, h0:h1, w0:w1, :, None] * d, axis=0)
                dX_pad[:, h0:h1, w0:w1, :] += np.sum(W[None] * d, axis=4)
        self.gradients["W"] = dW
        self.gradients["b"] = np.sum(dZ, axis=(0, 1, 2)).reshape(1, -1)
        dX = dX_pad[:, p_h:, p_w:, :]
        if p_h:
            dX = dX[:, :-p_h]
        if p_w:
            dX = dX[:, :, :-p_w]
        return dX

# %% conv-selection-matrices: one 0/1 matrix per axis and kernel position
# target: layers.Conv2D
class Conv2D:
    def _pick(self, size, pad, kernel):
        out = (size + 2 * pad - kernel) // self.stride + 1
        where = self.stride * np.arange(out)[None, :] + np.arange(kernel)[:, None] - pad
        return (where[:, :, None] == np.arange(size)).astype(float)

    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        (kh, kw), (ph, pw) = self.kernel_shape, self.pad
        R, C = self._pick(X.shape[1], ph, kh), self._pick(X.shape[2], pw, kw)
        patches = np.einsum("irh,jsw,mhwc->mrsijc", R, C, X, optimize=True)
        Z = np.tensordot(patches, self.parameters["W"], 3) + self.parameters["b"]
        self.cache = {"R": R, "C": C, "patches": patches, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        R, C, patches, Z = map(self.cache.get, ("R", "C", "patches", "Z"))
        dZ = self.activation.backward(Z, dLdY)
        self.gradients["W"] = np.einsum("mrsijc,mrso->ijco", patches, dZ)
        self.gradients["b"] = np.einsum("mrso->o", dZ).reshape(1, -1)
        dpatches = np.einsum("mrso,ijco->mrsijc", dZ, self.parameters["W"])
        return np.einsum("mrsijc,irh,jsw->mhwc", dpatches, R, C, optimize=True)

# %% conv-padded-scratch-reused: a padded buffer that grows and is reused between calls
# target: layers.Conv2D
class Conv2D:
    scratch = None

    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        m, h, w, c = X.shape
        ph, pw = self.pad
        shape = (m, h + 2 * ph, w + 2 * pw, c)
        old = self.scratch
        if old is None or old.shape[1:] != shape[1:] or len(old) < m:
            self.scratch = np.zeros(shape)
        Xp = self.scratch[:m]
        Xp[:, ph : ph + h, pw : pw + w] = X
        windows = _windows(Xp, self.kernel_shape, self.stride)
        W = np.moveaxis(self.parameters["W"], 2, 0)
        Z = np.tensordot(windows, W, axes=3) + self.parameters["b"]
        self.cache = {"X": np.array(X), "Z": Z}
        return self.activation(Z)

# %% conv-reduce-over-positions: functools.reduce and map over kernel positions
# target: layers.Conv2D
import functools
import itertools


class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        oh, ow = (Xp.shape[1] - kh) // s + 1, (Xp.shape[2] - kw) // s + 1

        def term(position):
            i, j = position
            part = Xp[:, i : i + s * oh : s, j : j + s * ow : s, :]
            return np.einsum("mhwc,co->mhwo", part, self.parameters["W"][i, j])

        positions = itertools.product(range(kh), range(kw))
        Z = functools.reduce(np.add, map(term, positions)) + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

# %% pool-max-of-shifted-slices: stacks one slice per kernel position
# target: layers.Pool2D
class Pool2D:
    def _stack(self, Xp):
        kh, kw = self.kernel_shape
        s = self.stride
        oh, ow = (Xp.shape[1] - kh) // s + 1, (Xp.shape[2] - kw) // s + 1
        return np.stack(
            [
                Xp[:, i : i + s * oh : s, j : j + s * ow : s, :]
                for i in range(kh)
                for j in range(kw)
            ]
        )

    def forward(self, X):
        ph, pw = self.pad
        Xp = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        stack = self._stack(Xp)
        Y = stack.max(axis=0) if self.mode == "max" else stack.mean(axis=0)
        self.cache = {"Xp": Xp, "stack": stack, "Y": Y}
        return Y

    def backward(self, dLdY):
        kh, kw = self.kernel_shape
        s, (ph, pw) = self.stride, self.pad
        Xp, stack, Y = self.cache["Xp"], self.cache["stack"], self.cache["Y"]
        if self.mode == "max":
            hits = stack == Y
            share = hits / hits.sum(axis=0)
        else:
            share = np.full(stack.shape, 1 / (kh * kw))
        dXp = np.zeros_like(Xp)
        _, oh, ow, _ = dLdY.shape
        for n in range(kh * kw):
            i, j = divmod(n, kw)
            dXp[:, i : i + s * oh : s, j : j + s * ow : s, :] += share[n] * dLdY
        return dXp[:, ph : Xp.shape[1] - ph, pw : Xp.shape[2] - pw, :]

# %% pool-all-ties-output-loop: loops over output positions, every tied maximum gets it all
# target: layers.Pool2D
class Pool2D:
    def forward(self, X):
        kh, kw = self.kernel_shape
        ph, pw = self.pad
        s = self.stride
        m, h, w, c = X.shape
        oh, ow = 1 + (h + 2 * ph - kh) // s, 1 + (w + 2 * pw - kw) // s
        Xp = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        pool_fn = np.max if self.mode == "max" else np.mean
        out = np.empty((m, oh, ow, c))
        for i in range(oh):
            for j in range(ow):
                window = Xp[:, i * s : i * s + kh, j * s : j * s + kw, :]
                out[:, i, j, :] = pool_fn(window, axis=(1, 2))
        self.cache["X_pad"] = Xp
        self.cache["out"] = out
        return out

    def backward(self, dLdY):
        kh, kw = self.kernel_shape
        ph, pw = self.pad
        s = self.stride
        Xp = self.cache["X_pad"]
        dX = np.zeros(Xp.shape)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                rows = slice(i * s, i * s + kh)
                cols = slice(j * s, j * s + kw)
                d = dLdY[:, i : i + 1, j : j + 1, :]
                if self.mode == "max":
                    window = Xp[:, rows, cols, :]
                    dX[:, rows, cols, :] += (window == window.max((1, 2), keepdims=True)) * d
                else:
                    dX[:, rows, cols, :] += d / (kh * kw)
        return dX[:, ph : Xp.shape[1] - ph, pw : Xp.shape[2] - pw, :]

# %% pool-argmax-add-at: argmax and np.add.at with flat positions
# target: layers.Pool2D
class Pool2D:
    def backward(self, dLdY):
        kh, kw = self.kernel_shape
        (ph, pw), s = self.pad, self.stride
        m, h, w, c = self.cache["X_shape"]
        dXp = np.zeros((m, h + 2 * ph, w + 2 * pw, c))
        n, r, q, k = np.indices(dLdY.shape)
        if self.mode == "max":
            di, dj = np.divmod(self.cache["winner"], kw)
            np.add.at(dXp, (n, r * s + di, q * s + dj, k), dLdY)
        else:
            for i in range(kh):
                for j in range(kw):
                    np.add.at(dXp, (n, r * s + i, q * s + j, k), dLdY / kh / kw)
        return dXp[:, ph : ph + h, pw : pw + w]

# %% pool-last-tie-running-maximum: a running maximum over positions, the last tie wins
# target: layers.Pool2D
class Pool2D:
    def forward(self, X):
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        oh, ow = (Xp.shape[1] - kh) // s + 1, (Xp.shape[2] - kw) // s + 1
        best = np.full((X.shape[0], oh, ow, X.shape[3]), -np.inf)
        winner = np.zeros(best.shape, dtype=int)
        total = np.zeros_like(best)
        for i in range(kh):
            for j in range(kw):
                part = Xp[:, i : i + s * oh : s, j : j + s * ow : s]
                better = part >= best
                best = np.where(better, part, best)
                winner[better] = i * kw + j
                total += part
        self.cache = {"X_shape": X.shape, "winner": winner}
        if self.mode == "max":
            return best
        return total / (kh * kw)

# %% pool-loop-over-channels: channel by channel, and a sort for the maximum
# target: layers.Pool2D
class Pool2D:
    def forward(self, X):
        Xp = _pad(X, self.pad)

        def pool(channel):
            view = _windows(Xp[..., channel : channel + 1], self.kernel_shape, self.stride)
            flat = view.reshape(*view.shape[:3], -1)
            value = np.sort(flat, axis=-1)[..., -1] if self.mode == "max" else flat.mean(-1)
            return value, np.argsort(flat, axis=-1)[..., -1]

        pooled = list(map(pool, range(X.shape[3])))
        values, winners = zip(*pooled)
        self.cache = {"X_shape": X.shape, "winner": np.stack(winners, axis=-1)}
        return np.stack(values, axis=-1)

# %% pool-homework-style: whole class with its own __init__ and a pool function
# target: layers.Pool2D
class Pool2D:
    def __init__(self, kernel_shape, mode="max", stride=1, pad=0):
        super().__init__()
        if type(kernel_shape) == int:
            kernel_shape = (kernel_shape, kernel_shape)
        self.kernel_shape = kernel_shape
        self.stride = stride
        if pad == "same":
            self.pad = ((kernel_shape[0] - 1) // 2, (kernel_shape[1] - 1) // 2)
        elif pad == "valid":
            self.pad = (0, 0)
        elif isinstance(pad, int):
            self.pad = (pad, pad)
        else:
            raise ValueError("Invalid Pad mode found in self.pad.")
        self.mode = mode
        if mode == "max":
            self.pool_fn = np.max
            self.arg_pool_fn = np.argmax
        elif mode == "average":
            self.pool_fn = np.mean
        self.cache = {"out_rows": [], "out_cols": [], "X_pad": [], "p": [], "pool_shape": []}
        self.parameters = {}
        self.gradients = {}

    def forward(self, X):
        n, in_rows, in_cols, channels = X.shape
        kernel_h, kernel_w = self.kernel_shape
        X_pad = np.pad(
            X,
            pad_width=((0, 0), (self.pad[0],) * 2, (self.pad[1],) * 2, (0, 0)),
            mode="constant",
        )
        out_rows = int((in_rows + 2 * self.pad[0] - kernel_h) / self.stride + 1)
        out_cols = int((in_cols + 2 * self.pad[1] - kernel_w) / self.stride + 1)
        X_pool = np.zeros((n, out_rows, out_cols, channels))
        for i in range(out_rows):
            for j in range(out_cols):
                i0, j0 = i * self.stride, j * self.stride
                patch = X_pad[:, i0 : i0 + kernel_h, j0 : j0 + kernel_w, :]
                X_pool[:, i, j, :] = self.pool_fn(patch, axis=(1, 2))
        self.cache["out_rows"] = out_rows
        self.cache["out_cols"] = out_cols
        self.cache["X_pad"] = X_pad
        return X_pool

    def backward(self, dLdY):
        X_pad = self.cache["X_pad"]
        kernel_h, kernel_w = self.kernel_shape
        n, H, W, channels = X_pad.shape
        dX = np.zeros_like(X_pad)
        b, c = np.ogrid[:n, :channels]
        for i in range(self.cache["out_rows"]):
            for j in range(self.cache["out_cols"]):
                i0, j0 = i * self.stride, j * self.stride
                if self.mode == "max":
                    patch = X_pad[:, i0 : i0 + kernel_h, j0 : j0 + kernel_w, :]
                    where = self.arg_pool_fn(patch.reshape(n, -1, channels), axis=1)
                    u, v = np.unravel_index(where, self.kernel_shape)
                    dX[b, i0 + u, j0 + v, c] += dLdY[:, i, j, :]
                else:
                    dX[:, i0 : i0 + kernel_h, j0 : j0 + kernel_w, :] += (
                        dLdY[:, i : i + 1, j : j + 1, :] / kernel_h / kernel_w
                    )
        return dX[:, self.pad[0] : H - self.pad[0], self.pad[1] : W - self.pad[1], :]

# %% pool-reduce-maximum: functools.reduce(np.maximum, slices)
# target: layers.Pool2D
from functools import reduce


class Pool2D:
    def forward(self, X):
        Xp = _pad(X, self.pad)
        (kh, kw), s = self.kernel_shape, self.stride
        out = ((Xp.shape[1] - kh) // s + 1, (Xp.shape[2] - kw) // s + 1)
        slices = [Xp[:, r, c] for _, _, r, c in _positions((kh, kw), out, s)]
        if self.mode == "max":
            Y = reduce(np.maximum, slices)
        else:
            Y = sum(slices) / len(slices)
        self.cache = {"X_shape": X.shape, "masks": [part == Y for part in slices]}
        return Y

    def backward(self, dLdY):
        kh, kw = self.kernel_shape
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        positions = _positions((kh, kw), dLdY.shape[1:3], self.stride)
        for mask, (_, _, rows, cols) in zip(self.cache["masks"], positions, strict=True):
            weight = mask.astype(float) if self.mode == "max" else 1 / (kh * kw)
            dX_pad[:, rows, cols] += weight * dLdY
        return _crop(dX_pad, self.pad)

# %% pool-put-along-axis: one-hot windows made by put_along_axis
# target: layers.Pool2D
class Pool2D:
    def backward(self, dLdY):
        kh, kw = self.kernel_shape
        spread = np.zeros((*dLdY.shape, kh * kw))
        if self.mode == "max":
            np.put_along_axis(spread, self.cache["winner"][..., None], dLdY[..., None], axis=-1)
        else:
            spread += dLdY[..., None] / spread.shape[-1]
        spread = spread.reshape(*dLdY.shape, kh, kw)
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        for i, j, rows, columns in _positions((kh, kw), dLdY.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += spread[..., i, j]
        return _crop(dX_pad, self.pad)

# %% pool-reshape-shortcut: a reshape where windows tile the image, slices otherwise
# target: layers.Pool2D
class Pool2D:
    def forward(self, X):
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        m, h, w, c = Xp.shape
        if kh == kw == s and h % s == 0 and w % s == 0:
            tiles = Xp.reshape(m, h // s, s, w // s, s, c).transpose(0, 1, 3, 5, 2, 4)
        else:
            tiles = _windows(Xp, (kh, kw), s)
        flat = tiles.reshape(*tiles.shape[:4], kh * kw)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(-1)}
        if self.mode == "max":
            return np.take_along_axis(flat, self.cache["winner"][..., None], -1)[..., 0]
        return np.einsum("mhwck->mhwc", flat) / (kh * kw)

# %% pool-float32: float32 inside and out
# target: layers.Pool2D
class Pool2D:
    def forward(self, X):
        windows = _windows(_pad(X.astype("f4"), self.pad), self.kernel_shape, self.stride)
        flat = windows.reshape(*windows.shape[:4], -1)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=4)}
        return flat.max(axis=4) if self.mode == "max" else flat.mean(axis=4)

# %% bn-step-by-step: the computational graph in a dozen steps, forward and backward
# target: layers.BatchNorm1D
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        gamma, beta = self.parameters["gamma"], self.parameters["beta"]
        if mode == "test":
            X_hat = (X - self.cache["running_mu"]) / np.sqrt(self.cache["running_var"] + self.eps)
            return gamma * X_hat + beta
        mu = np.mean(X, axis=0)
        xmu = X - mu
        sq = xmu**2
        var = np.mean(sq, axis=0)
        sqrtvar = np.sqrt(var + self.eps)
        ivar = 1.0 / sqrtvar
        xhat = xmu * ivar
        for name, value in (("running_mu", mu), ("running_var", var)):
            self.cache[name] = self.momentum * self.cache[name] + (1 - self.momentum) * value
        self.cache["graph"] = (xhat, xmu, ivar, sqrtvar, var)
        return gamma * xhat + beta

    def backward(self, dLdY):
        xhat, xmu, ivar, sqrtvar, var = self.cache["graph"]
        m = dLdY.shape[0]
        self.gradients["beta"] = np.sum(dLdY, axis=0).reshape(1, -1)
        self.gradients["gamma"] = np.sum(dLdY * xhat, axis=0).reshape(1, -1)
        dxhat = dLdY * self.parameters["gamma"]
        divar = np.sum(dxhat * xmu, axis=0)
        dxmu1 = dxhat * ivar
        dsqrtvar = -1.0 / (sqrtvar**2) * divar
        dvar = 0.5 / np.sqrt(var + self.eps) * dsqrtvar
        dsq = 1.0 / m * np.ones(dLdY.shape) * dvar
        dxmu2 = 2 * xmu * dsq
        dx1 = dxmu1 + dxmu2
        dmu = -np.sum(dx1, axis=0)
        dx2 = 1.0 / m * np.ones(dLdY.shape) * dmu
        return dx1 + dx2

# %% bn-flat-statistics: statistics, parameters and gradients of shape (n,)
# target: layers.BatchNorm1D
class BatchNorm1D:
    def _init_parameters(self, X_shape):
        self.n_in = self.n_out = X_shape[1]
        self.parameters = {"gamma": np.ones(self.n_in), "beta": np.zeros(self.n_in)}
        self.cache = {"running_mu": np.zeros(self.n_in), "running_var": np.zeros(self.n_in)}
        self.gradients = {"gamma": np.zeros(self.n_in), "beta": np.zeros(self.n_in)}

    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        if mode == "train":
            mu, var = X.mean(0), X.var(0)
            p = self.momentum
            self.cache["running_mu"] = p * self.cache["running_mu"] + (1 - p) * mu
            self.cache["running_var"] = p * self.cache["running_var"] + (1 - p) * var
            self.X_hat = (X - mu) / np.sqrt(var + self.eps)
            self.std = np.sqrt(var + self.eps)
            return self.parameters["gamma"] * self.X_hat + self.parameters["beta"]
        X_hat = (X - self.cache["running_mu"]) / np.sqrt(self.cache["running_var"] + self.eps)
        return self.parameters["gamma"] * X_hat + self.parameters["beta"]

    def backward(self, dLdY):
        m = len(dLdY)
        self.gradients["gamma"] = np.sum(dLdY * self.X_hat, axis=0)
        self.gradients["beta"] = np.sum(dLdY, axis=0)
        g = dLdY * self.parameters["gamma"]
        return (m * g - g.sum(0) - self.X_hat * (g * self.X_hat).sum(0)) / (m * self.std)

# %% bn-in-place-running-statistics: moves the running statistics in place
# target: layers.BatchNorm1D
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        if mode == "train":
            mu = X.sum(axis=0, keepdims=True) / X.shape[0]
            var = np.square(X - mu).sum(axis=0, keepdims=True) / X.shape[0]
            self.cache["running_mu"] *= self.momentum
            self.cache["running_mu"] += (1 - self.momentum) * mu
            self.cache["running_var"] *= self.momentum
            self.cache["running_var"] += (1 - self.momentum) * var
        else:
            mu = self.cache["running_mu"].copy()
            var = self.cache["running_var"].copy()
        self.cache["deviation"] = (var + self.eps) ** 0.5
        self.cache["X_hat"] = (X - mu) / self.cache["deviation"]
        return self.parameters["gamma"] * self.cache["X_hat"] + self.parameters["beta"]

# %% bn-projection-matrix: backward with the (m, m) centering matrix
# target: layers.BatchNorm1D
class BatchNorm1D:
    def backward(self, dLdY):
        X_hat, std = self.cache["X_hat"], self.cache["deviation"]
        m = dLdY.shape[0]
        self.gradients["gamma"] = np.einsum("mn,mn->n", dLdY, X_hat)[None]
        self.gradients["beta"] = np.ones((1, m)) @ dLdY
        G = dLdY * self.parameters["gamma"] / std
        centre = np.eye(m) - np.full((m, m), 1 / m)
        return centre @ G - X_hat * np.einsum("mn,mn->n", G, X_hat) / m

# %% bn-three-term-formula: dvar and dmu as in the paper
# target: layers.BatchNorm1D
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        if mode == "train":
            self.mu = np.mean(X, axis=0, keepdims=True)
            self.var = np.mean(X * X, axis=0, keepdims=True) - self.mu**2
            self.X = X
            keep = self.momentum
            self.cache.update(
                running_mu=keep * self.cache["running_mu"] + (1 - keep) * self.mu,
                running_var=keep * self.cache["running_var"] + (1 - keep) * self.var,
            )
            used = self.mu, self.var
        elif mode == "test":
            used = self.cache["running_mu"], self.cache["running_var"]
        else:
            raise ValueError(mode)
        self.X_hat = (X - used[0]) * (used[1] + self.eps) ** -0.5
        return self.parameters["gamma"] * self.X_hat + self.parameters["beta"]

    def backward(self, dLdY):
        m = self.X.shape[0]
        v = self.var + self.eps
        d = dLdY * self.parameters["gamma"]
        dvar = np.sum(d * (self.X - self.mu), axis=0) * -0.5 * v**-1.5
        dmu = -np.sum(d, axis=0) / np.sqrt(v) + dvar * np.mean(-2 * (self.X - self.mu), axis=0)
        self.gradients["gamma"] = np.sum(dLdY * self.X_hat, axis=0, keepdims=True)
        self.gradients["beta"] = np.sum(dLdY, axis=0, keepdims=True)
        return d / np.sqrt(v) + dvar * 2 * (self.X - self.mu) / m + dmu / m

# %% bn-statistics-in-attributes: its own __init__, properties, and np.cov for the variance
# target: layers.BatchNorm1D
class BatchNorm1D:
    def __init__(self, eps=1e-8, momentum=0.9):
        Layer.__init__(self)
        self.eps, self.momentum = eps, momentum
        self.mode = None

    @property
    def gamma(self):
        return self.parameters["gamma"]

    @property
    def beta(self):
        return self.parameters["beta"]

    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        self.mode = mode
        training = mode == "train"
        mu = np.average(X, axis=0)[None, :] if training else self.cache["running_mu"]
        var = np.std(X, axis=0)[None, :] ** 2 if training else self.cache["running_var"]
        if training:
            moved = lambda old, new: old + (1 - self.momentum) * (new - old)
            self.cache["running_mu"] = moved(self.cache["running_mu"], mu)
            self.cache["running_var"] = moved(self.cache["running_var"], var)
        self.cache["deviation"] = np.sqrt(var + self.eps)
        self.cache["X_hat"] = (X - mu) / self.cache["deviation"]
        return self.cache["X_hat"] * self.gamma + self.beta

# %% bn-column-by-column: loops over the columns
# target: layers.BatchNorm1D
class BatchNorm1D:
    def backward(self, dLdY):
        X_hat, std = self.cache["X_hat"], self.cache["deviation"]
        dX = np.empty_like(dLdY)
        dgamma, dbeta = np.zeros_like(std), np.zeros_like(std)
        for j in range(dLdY.shape[1]):
            d, x = dLdY[:, j], X_hat[:, j]
            dgamma[0, j], dbeta[0, j] = d @ x, d.sum()
            scale = self.parameters["gamma"][0, j] / std[0, j]
            dX[:, j] = scale * (d - d.mean() - x * (d * x).mean())
        self.gradients["gamma"], self.gradients["beta"] = dgamma, dbeta
        return dX

# %% fc-multi-dot: fills the parameters in forward, np.linalg.multi_dot
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self.n_in = X.shape[1]
            self.parameters["W"] = self.init_weights((X.shape[1], self.n_out))
            self.parameters["b"] = np.zeros((1, self.n_out))
        self.cache["X"] = X
        self.cache["Z"] = np.linalg.multi_dot([X, np.eye(X.shape[1]), self.parameters["W"]])
        self.cache["Z"] = self.cache["Z"] + self.parameters["b"]
        return self.activation.forward(self.cache["Z"])

# %% fc-pops-the-cache: takes what it needs out of the cache
# target: layers.FullyConnected
class FullyConnected:
    def backward(self, dLdY):
        X, Z = self.cache.pop("X"), self.cache.pop("Z")
        dZ = self.activation.backward(Z, dLdY)
        self.gradients = dict(W=X.T @ dZ, b=dZ.sum(axis=0, keepdims=True))
        return dZ @ self.parameters["W"].T

# %% fc-tiled-bias: tiles the bias m times
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.parameters["W"] + np.tile(self.parameters["b"], (X.shape[0], 1))
        Z2 = X @ self.parameters["W"] + np.repeat(self.parameters["b"], X.shape[0], axis=0)
        assert np.allclose(Z, Z2)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

# %% fc-split-blocks: np.block, np.split over outputs, np.concatenate
# target: layers.FullyConnected
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        XT = self.cache["X"].T
        self.gradients["W"] = np.block([[XT @ p for p in np.split(dZ, self.n_out, axis=1)]])
        self.gradients["b"] = np.concatenate([[p.sum()] for p in dZ.T])[None]
        return np.inner(dZ, self.parameters["W"])

# %% fc-apply-along-columns: np.apply_along_axis over the columns
# target: layers.FullyConnected
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = np.apply_along_axis(lambda d: self.cache["X"].T @ d, 0, dZ)
        self.gradients["b"] = np.apply_along_axis(np.sum, 0, dZ).reshape(1, -1)
        return dZ @ self.parameters["W"].T

# %% conv-lru-cache: index arrays kept with functools.lru_cache
# target: layers.Conv2D
from functools import lru_cache


@lru_cache(maxsize=None)
def window_indices(size, kernel, stride):
    out = (size - kernel) // stride + 1
    return stride * np.arange(out)[:, None] + np.arange(kernel)


class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        I, J = window_indices(Xp.shape[1], kh, s), window_indices(Xp.shape[2], kw, s)
        patches = Xp[:, I][:, :, :, J]
        Z = np.einsum("mrisjc,ijco->mrso", patches, self.parameters["W"])
        Z = Z + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

# %% conv-bincount-col2im: col2im with np.bincount
# target: layers.Conv2D
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        Xp = _pad(X, self.pad)
        ids = np.arange(Xp.size).reshape(Xp.shape)
        where = _windows(ids, self.kernel_shape, self.stride)
        patches = _windows(Xp, self.kernel_shape, self.stride)
        parts = np.einsum("mrso,ijco->mrscij", dZ, W)
        dXp = np.bincount(where.ravel(), weights=parts.ravel(), minlength=Xp.size)
        self.gradients["W"] = np.einsum("mrscij,mrso->ijco", patches, dZ)
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2))[None]
        return _crop(dXp.reshape(Xp.shape), self.pad)

# %% conv-roll: rolls the padded image
# target: layers.Conv2D
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        (kh, kw), s = self.kernel_shape, self.stride
        Xp = _pad(X, self.pad)
        full = 0
        for i, row in enumerate(self.parameters["W"]):
            for j, M in enumerate(row):
                full = full + np.roll(Xp, (-i, -j), axis=(1, 2)) @ M
        Z = full[:, : Xp.shape[1] - kh + 1 : s, : Xp.shape[2] - kw + 1 : s]
        Z = Z + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

# %% conv-dense-matrix: the convolution as one dense matrix of the layer
# target: layers.Conv2D
class Conv2D:
    def _matrix(self, h, w):
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        oh, ow = (h + 2 * ph - kh) // s + 1, (w + 2 * pw - kw) // s + 1
        M = np.zeros((h + 2 * ph, w + 2 * pw, self.n_in, oh, ow, self.n_out))
        for r in range(oh):
            for c in range(ow):
                M[r * s : r * s + kh, c * s : c * s + kw, :, r, c, :] = self.parameters["W"]
        return M[ph : ph + h, pw : pw + w]

    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        M = self._matrix(*X.shape[1:3])
        Z = np.tensordot(X, M, axes=3) + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        X = self.cache["X"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        M = self._matrix(*X.shape[1:3])
        Xp = np.pad(X, [(0, 0)] + [(p, p) for p in self.pad] + [(0, 0)])
        dW = np.zeros_like(self.parameters["W"])
        kh, kw = self.kernel_shape
        for r, c in np.ndindex(*dZ.shape[1:3]):
            y, x = r * self.stride, c * self.stride
            dW += np.tensordot(Xp[:, y : y + kh, x : x + kw], dZ[:, r, c], axes=(0, 0))
        self.gradients["W"] = dW
        self.gradients["b"] = np.einsum("mrso->o", dZ)[np.newaxis, :]
        return np.tensordot(dZ, M, axes=((1, 2, 3), (3, 4, 5)))

# %% conv-nchw-inside: NCHW inside, moves axes at both ends
# target: layers.Conv2D
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        x = np.transpose(X, (0, 3, 1, 2))
        w = np.transpose(self.parameters["W"], (3, 2, 0, 1))
        x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        n, c, h, v = x.shape
        oh, ow = (h - kh) // s + 1, (v - kw) // s + 1
        col = np.zeros((n, c, kh, kw, oh, ow))
        for i in range(kh):
            for j in range(kw):
                col[:, :, i, j] = x[:, :, i : i + s * oh : s, j : j + s * ow : s]
        col = col.transpose(0, 4, 5, 1, 2, 3).reshape(n * oh * ow, -1)
        out = col @ w.reshape(self.n_out, -1).T + self.parameters["b"]
        Z = out.reshape(n, oh, ow, -1)
        self.cache = {"X": X, "Z": Z, "col": col}
        return self.activation(Z)

    def backward(self, dLdY):
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        X = self.cache["X"]
        n, H, V, c = X.shape
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        _, oh, ow, _ = dZ.shape
        d = dZ.reshape(-1, self.n_out)
        dw = (self.cache["col"].T @ d).T.reshape(self.n_out, c, kh, kw)
        self.gradients["W"] = dw.transpose(2, 3, 1, 0)
        self.gradients["b"] = d.sum(0, keepdims=True)
        w = np.transpose(self.parameters["W"], (3, 2, 0, 1)).reshape(self.n_out, -1)
        dcol = (d @ w).reshape(n, oh, ow, c, kh, kw).transpose(0, 3, 4, 5, 1, 2)
        img = np.zeros((n, c, H + 2 * ph + s - 1, V + 2 * pw + s - 1))
        for i in range(kh):
            for j in range(kw):
                img[:, :, i : i + s * oh : s, j : j + s * ow : s] += dcol[:, :, i, j]
        return img[:, :, ph : ph + H, pw : pw + V].transpose(0, 2, 3, 1)

# %% pool-one-hot-windows: one-hot windows, added position by position of the output
# target: layers.Pool2D
class Pool2D:
    def backward(self, dLdY):
        kh, kw = self.kernel_shape
        if self.mode == "max":
            share = np.arange(kh * kw) == self.cache["winner"][..., None]
        else:
            share = np.ones((*dLdY.shape, kh * kw)) / (kh * kw)
        grads = dLdY[..., None] * share
        m, h, w, c = self.cache["X_shape"]
        ph, pw = self.pad
        dXp = np.zeros((m, h + 2 * ph, w + 2 * pw, c))
        for r in range(dLdY.shape[1]):
            for q in range(dLdY.shape[2]):
                y, x = r * self.stride, q * self.stride
                g = grads[:, r, q].reshape(m, c, kh, kw).transpose(0, 2, 3, 1)
                dXp[:, y : y + kh, x : x + kw] += g
        return _crop(dXp, self.pad)

# %% pool-strided-writeable: a writeable strided view
# target: layers.Pool2D
class Pool2D:
    def backward(self, dLdY):
        kh, kw = self.kernel_shape
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        view = np.lib.stride_tricks.sliding_window_view(
            dX_pad, (kh, kw), axis=(1, 2), writeable=True
        )[:, :: self.stride, :: self.stride]
        for n, (i, j) in enumerate(np.ndindex(kh, kw)):
            mine = self.cache["winner"] == n if self.mode == "max" else 1 / (kh * kw)
            view[..., i, j] += mine * dLdY
        return _crop(dX_pad, self.pad)

# %% pool-flat-iterator-scatter: scatters with dX.flat at unique positions
# target: layers.Pool2D
class Pool2D:
    def backward(self, dLdY):
        kh, kw = self.kernel_shape
        m, h, w, c = self.cache["X_shape"]
        ph, pw = self.pad
        dXp = np.zeros((m, h + 2 * ph, w + 2 * pw, c))
        ids = _windows(np.arange(dXp.size).reshape(dXp.shape), self.kernel_shape, self.stride)
        ids = ids.reshape(*ids.shape[:4], -1)
        for n in range(kh * kw):
            mine = self.cache["winner"] == n if self.mode == "max" else 1 / (kh * kw)
            dXp.flat[ids[..., n].ravel()] += (mine * dLdY).ravel()
        return _crop(dXp, self.pad)

# %% pool-ndenumerate: np.ndenumerate over the kernel, adds through a view
# target: layers.Pool2D
class Pool2D:
    def backward(self, dLdY):
        kh, kw = self.kernel_shape
        number = np.arange(kh * kw).reshape(kh, kw)
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        H, W = (n * self.stride for n in dLdY.shape[1:3])
        for (i, j), n in np.ndenumerate(number):
            part = dX_pad[:, i : i + H : self.stride, j : j + W : self.stride]
            part += dLdY * ((self.cache["winner"] == n) if self.mode == "max" else 1 / number.size)
        return _crop(dX_pad, self.pad)

# %% bn-matrix-of-ones: means as products with rows of ones
# target: layers.BatchNorm1D
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c = self.cache
        if mode == "train":
            one = np.full((1, len(X)), 1 / len(X))
            mu = one @ X
            var = one @ (X - mu) ** 2
            c["running_mu"] = np.average([c["running_mu"], mu], axis=0, weights=[
                self.momentum, 1 - self.momentum])
            c["running_var"] = np.average([c["running_var"], var], axis=0, weights=[
                self.momentum, 1 - self.momentum])
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = np.divide(X - mu, c["deviation"])
        return np.multiply(self.parameters["gamma"], c["X_hat"]) + self.parameters["beta"]

# %% bn-test-delegates: separate methods for train and test
# target: layers.BatchNorm1D
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        return {"train": self._train, "test": self._test}[mode](X)

    def _train(self, X):
        mu, var = X.mean(axis=0), np.var(X, axis=0, ddof=0)
        for key, new in zip(["running_mu", "running_var"], [mu, var]):
            self.cache[key] -= (1 - self.momentum) * (self.cache[key] - new)
        self.cache["deviation"] = np.sqrt(var + self.eps)
        self.cache["X_hat"] = (X - mu) / self.cache["deviation"]
        return self.parameters["gamma"] * self.cache["X_hat"] + self.parameters["beta"]

    def _test(self, X):
        scale = self.parameters["gamma"] / np.sqrt(self.cache["running_var"] + self.eps)
        return X * scale + (self.parameters["beta"] - self.cache["running_mu"] * scale)

# %% bn-full-jacobian: the (n, m, m) Jacobian of every column
# target: layers.BatchNorm1D
class BatchNorm1D:
    def backward(self, dLdY):
        x, std = self.cache["X_hat"], self.cache["deviation"]
        m = len(x)
        J = np.eye(m) - 1 / m - np.einsum("an,bn->nab", x, x) / m
        self.gradients["gamma"] = (dLdY * x).sum(axis=0, keepdims=True)
        self.gradients["beta"] = dLdY.sum(axis=0, keepdims=True)
        return np.einsum("nab,bn->an", J, dLdY * self.parameters["gamma"]) / std

# %% bn-float32: float32 inside
# target: layers.BatchNorm1D
class BatchNorm1D:
    def backward(self, dLdY):
        d = dLdY.astype(np.float32)
        x, std = self.cache["X_hat"].astype(np.float32), self.cache["deviation"].astype(np.float32)
        g = self.parameters["gamma"].astype(np.float32)
        self.gradients["gamma"] = (d * x).sum(axis=0, keepdims=True)
        self.gradients["beta"] = d.sum(axis=0, keepdims=True)
        d = d * g
        return (d - d.mean(axis=0) - x * (d * x).mean(axis=0)) / std


# %% fc-backward-uses-its-cache-up: takes what forward kept out of the cache
# target: layers.FullyConnected
class FullyConnected:
    def backward(self, dLdY):
        X, Z = self.cache.pop("X"), self.cache.pop("Z")
        dZ = self.activation.backward(Z, dLdY)
        self.gradients["W"] = X.T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T


# %% pool-offsets-by-keyword: builds a table of offsets with fromiter and stops any() early
# target: layers.Pool2D
class Pool2D:
    def forward(self, X):
        import itertools

        kh, kw = self.kernel_shape
        Xp = np.pad(X, ((0, 0), (self.pad[0],) * 2, (self.pad[1],) * 2, (0, 0)))
        assert any(n * self.stride + kh > Xp.shape[1] for n in itertools.count())
        offsets = np.fromiter(iter=(i for i in range(kh * kw)), dtype=int)
        s, (_, H, W, _) = self.stride, Xp.shape
        oh, ow = (H - kh) // s + 1, (W - kw) // s + 1
        parts = [
            Xp[:, o // kw : o // kw + s * oh : s, o % kw : o % kw + s * ow : s] for o in offsets
        ]
        flat = np.stack(parts, axis=-1)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=-1)}
        return flat.max(axis=-1) if self.mode == "max" else flat.mean(axis=-1)
