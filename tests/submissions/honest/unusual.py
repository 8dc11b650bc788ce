# %% h-relu-clip-none: np.clip with None
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return np.clip(Z, 0, None)
    def backward(self, Z, dY):
        dZ = dY.copy()
        np.copyto(dZ, 0, where=Z <= 0)
        return dZ

# %% h-relu-fortran: Fortran-ordered results
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return np.asfortranarray(Z * (Z >= 0))
    def backward(self, Z, dY):
        return np.asfortranarray(np.where(Z >= 0, dY, 0))

# %% h-relu-bitwise: sign bit and copysign
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return np.where(np.signbit(Z), 0.0, Z)
    def backward(self, Z, dY):
        return np.multiply(dY, 0.5 * (1 + np.sign(Z)))

# %% h-relu-fmax-lambda: lambdas stored in the constructor
# target: activations.ReLU
class ReLU:
    def __init__(self):
        self.f = lambda z: np.fmax(z, 0)
        self.df = lambda z: np.greater(z, 0).astype(z.dtype)
    def forward(self, Z):
        return self.f(Z)
    def backward(self, Z, dY):
        return self.df(Z) * dY

# %% h-relu-property-slots: slots, property, staticmethod, decorator
# target: activations.ReLU
import functools
def shape_preserving(f):
    @functools.wraps(f)
    def wrapper(self, Z, *rest):
        out = f(self, Z, *rest)
        assert out.shape == Z.shape
        return out
    return wrapper
class ReLU:
    @staticmethod
    def _mask(Z: np.ndarray) -> np.ndarray:
        return Z > 0
    @shape_preserving
    def forward(self, Z):
        return Z * self._mask(Z)
    @shape_preserving
    def backward(self, Z, dY):
        return dY * self._mask(Z)

# %% h-relu-compress: boolean compress, unravel
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        out = np.zeros(Z.size)
        idx = np.flatnonzero(Z.ravel() > 0)
        out[idx] = Z.ravel()[idx]
        return out.reshape(Z.shape)
    def backward(self, Z, dY):
        out = np.zeros(Z.size)
        idx = np.argwhere(Z.ravel() > 0)[:, 0]
        np.add.at(out, idx, dY.ravel()[idx])
        return out.reshape(Z.shape)

# %% h-relu-logical-pad: via sort with zeros and stack, integer exponent
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return np.sort(np.stack([Z, np.zeros(Z.shape)], axis=-1), axis=-1)[..., 1]
    def backward(self, Z, dY):
        return np.where(np.isclose(self.forward(Z), Z, rtol=0, atol=0), dY, 0.0)

# %% h-sig-expit-tanh-half: expit via tanh, derivative by (1 - tanh^2)/4
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        return 0.5 * np.tanh(0.5 * Z) + 0.5
    def backward(self, Z, dY):
        t = np.tanh(Z / 2)
        return dY * (1 - t * t) / 4

# %% h-sig-sech: derivative by exp(-|z|)
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        e = np.exp(-abs(Z))
        big = 1 / (1 + e)
        return big * (Z >= 0) + (1 - big) * (Z < 0)
    def backward(self, Z, dY):
        e = np.exp(-abs(Z))
        return dY * e / np.square(1 + e)

# %% h-sig-errstate-exp2: exp2 in errstate
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        with np.errstate(over="ignore"):
            return np.reciprocal(1 + np.exp2(-Z / np.log(2)))
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return np.einsum("...,...,...->...", dY, Y, 1 - Y)

# %% h-sig-indices: np.nonzero for each sign, float64 buffer
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        out = np.empty(Z.shape, dtype=np.float64)
        p, n = np.nonzero(Z >= 0), np.nonzero(Z < 0)
        out[p] = 1 / (1 + np.exp(-Z[p]))
        t = np.exp(Z[n])
        out[n] = t / (t + 1)
        return out
    def backward(self, Z, dY):
        return (lambda s: dY * s * (1 - s))(self(Z))

# %% h-sig-clip709: clip at 709
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        return 1.0 / (1.0 + np.exp(np.minimum(-Z, 709.0)))
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * (Y - Y ** 2)

# %% h-sig-float32-inside: float32 inside, float64 out
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        z = np.clip(Z, -80, 80).astype(np.float32)
        return (1 / (1 + np.exp(-z))).astype(np.float64)
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * Y * (1 - Y)

# %% h-sm-lse-where: log-sum-exp with keepdims via [:, None] and np.subtract.outer free
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        M = np.amax(Z, 1)[:, np.newaxis]
        return np.exp(Z - M - np.log(np.exp(Z - M).sum(1))[:, np.newaxis])
    def backward(self, Z, dY):
        S = self(Z)
        J = S[:, :, None] * (np.eye(S.shape[1])[None] - S[:, None, :])
        return (J @ dY[..., None])[..., 0]

# %% h-sm-fortran-loop-kk: fills the Jacobian with double loop over classes
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        E = np.exp((Z.T - Z.max(axis=1)).T)
        return (E.T / E.sum(axis=1)).T
    def backward(self, Z, dY):
        Y = self.forward(Z)
        m, k = Z.shape
        J = np.zeros((m, k, k), order="F")
        for i in range(k):
            for j in range(k):
                J[:, i, j] = Y[:, i] * ((i == j) - Y[:, j])
        return np.matmul(dY[:, None, :], J).squeeze(1)

# %% h-sm-vectorised-diag: diag via broadcasting where, tensordot diag extraction
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        E = np.exp(Z - np.max(Z, axis=-1, keepdims=True))
        return np.divide(E, np.linalg.norm(E, ord=1, axis=1, keepdims=True))
    def backward(self, Z, dY):
        Y = self.forward(Z)
        inner = np.einsum("ij,ij->i", Y, dY)
        return Y * dY - Y * inner.reshape(-1, 1)

# %% h-sm-min-trick: subtracts max through -min(-Z), sums with matmul by ones
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        E = np.exp(Z + np.min(-Z, axis=1, keepdims=True))
        return E / (E @ np.ones((Z.shape[1], 1)))
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return Y * (dY - (Y * dY) @ np.ones((Z.shape[1], Z.shape[1])))

# %% h-sm-class-generator: generator over classes and dict of columns
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        top = np.maximum.reduce([Z[:, j] for j in range(Z.shape[1])])
        cols = {j: np.exp(Z[:, j] - top) for j in range(Z.shape[1])}
        total = sum(cols.values())
        return np.column_stack([cols[j] / total for j in cols])
    def backward(self, Z, dY):
        Y = self.forward(Z)
        dot = sum(a * b for a, b in zip(Y.T, dY.T))
        return np.array([y * (d - dot) for y, d in zip(Y.T, dY.T)]).T

# %% h-ce-xlogy: xlogy through where, 1e-10
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        logs = np.where(Y > 0, np.log(np.where(Y > 0, Y_hat, 1.0)), 0.0)
        return -np.einsum("ij,ij", Y, logs) / len(Y)
    def backward(self, Y, Y_hat):
        return np.negative(np.true_divide(Y, Y_hat * np.shape(Y)[0]))

# %% h-ce-mean-of-rows: mean over rows of a method chain, np.float64
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y: np.ndarray, Y_hat: np.ndarray):
        per_example = -(Y * np.log(Y_hat + 1e-12)).sum(axis=1)
        return np.mean(per_example)
    def backward(self, Y, Y_hat):
        m, _ = Y.shape
        grad = np.zeros_like(Y_hat)
        mask = Y != 0
        grad[mask] = -Y[mask] / (m * Y_hat[mask])
        return grad

# %% h-ce-log1p: log1p(y-1), lists of classes
# target: losses.CrossEntropy
class CrossEntropy:
    EPS = 1e-9
    def forward(self, Y, Y_hat):
        return float(np.tensordot(Y, np.log1p(Y_hat - 1), axes=2)) / -Y.shape[0]
    def backward(self, Y, Y_hat):
        return -(Y / (Y_hat + self.EPS)) / Y.shape[0]

# %% h-ce-matmul-diag: diagonal of the matrix product
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return -np.mean(np.diagonal(Y @ np.log(Y_hat).T))

# %% h-mse-np-sum-where: dtype, out
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        D = np.empty_like(Y)
        np.subtract(Y, Y_hat, out=D)
        return np.add.reduce(D * D, axis=None) / D.shape[0]
    def backward(self, Y, Y_hat):
        g = Y_hat - Y
        g *= 2
        g /= g.shape[0]
        return g

# %% h-mse-std: var + mean^2 identity
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        D = Y - Y_hat
        return float((D.var() + D.mean() ** 2) * D.shape[1])

# %% h-mse-inner1d: matmul of rows
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        D = Y - Y_hat
        return (D[:, None, :] @ D[:, :, None]).mean().item()
    def backward(self, Y, Y_hat):
        return np.full_like(Y, 2 / len(Y)) * (Y_hat - Y)

# %% h-fc-augmented: X with a column of ones, b stacked under W
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        A = np.hstack([X, np.ones((len(X), 1))])
        V = np.vstack([self.parameters["W"], self.parameters["b"]])
        Z = A @ V
        self.A, self.V, self.Z = A, V, Z
        return self.activation(Z)
    def backward(self, dLdY):
        dZ = self.activation.backward(self.Z, dLdY)
        G = self.A.T @ dZ
        self.gradients["W"], self.gradients["b"] = G[:-1], G[-1:]
        return (dZ @ self.V.T)[:, :-1]

# %% h-fc-attributes-views: gradients are views of one flat vector
# target: layers.FullyConnected
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        W = self.parameters["W"]
        flat = np.empty(W.size + self.n_out)
        dW, db = flat[:W.size].reshape(W.shape), flat[W.size:].reshape(1, -1)
        np.matmul(self.cache["X"].T, dZ, out=dW)
        np.sum(dZ, axis=0, keepdims=True, out=db)
        self.gradients = {"W": dW, "b": db}
        return np.dot(dZ, W.T)

# %% h-fc-mixin: inheritance from a mixin with properties
# target: layers.FullyConnected
class _Params:
    @property
    def W(self):
        return self.parameters["W"]
    @property
    def b(self):
        return self.parameters["b"]
class FullyConnected(_Params, Layer):
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        self.X = np.array(X, copy=True)
        self.Z = np.add(np.dot(self.X, self.W), self.b)
        return self.activation.forward(self.Z)
    def backward(self, dLdY):
        d = self.activation.backward(self.Z, dLdY)
        self.gradients.update(W=np.transpose(self.X).dot(d), b=np.ones((1, len(d))) @ d)
        return np.inner(d, self.W)

# %% h-fc-closure: backward is a closure made in forward
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        Z = np.tensordot(X, W, 1) + np.broadcast_to(b, (X.shape[0], self.n_out))
        def back(d):
            dZ = self.activation.backward(Z, d)
            return dZ @ W.T, {"W": X.T @ dZ, "b": dZ.sum(0, keepdims=True)}
        self._back = back
        return self.activation(Z)
    def backward(self, dLdY):
        dX, self.gradients = self._back(dLdY)
        return dX

# %% h-fc-namedtuple-readonly: namedtuple cache, read-only gradients
# target: layers.FullyConnected
from collections import namedtuple
Saved = namedtuple("Saved", "X Z")
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        self.saved = Saved(X, X @ self.parameters["W"] + self.parameters["b"])
        return self.activation.forward(self.saved.Z)
    def backward(self, dLdY):
        dZ = self.activation.backward(self.saved.Z, dLdY)
        dW = self.saved.X.T @ dZ
        dW.setflags(write=False)
        self.gradients["W"] = dW
        self.gradients["b"] = np.add.reduce(dZ, axis=0)[np.newaxis]
        return dZ @ self.parameters["W"].T

# %% h-fc-loop-over-inputs: loops over n_in, outer sums
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = np.repeat(self.parameters["b"].reshape(1, -1), X.shape[0], axis=0)
        for x, w in zip(X.T, self.parameters["W"]):
            Z += np.outer(x, w)
        self.cache = dict(X=X, Z=Z)
        return self.activation.forward(Z)
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = np.array([x @ dZ for x in self.cache["X"].T])
        self.gradients["b"] = np.atleast_2d(dZ.T.sum(axis=-1))
        return np.stack([dZ @ w for w in self.parameters["W"]], axis=1)

# %% h-fc-print-debug: prints and asserts, f-strings with arrays
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.parameters["W"] + self.parameters["b"]
        print(f"Z = {Z!r}, mean {Z.mean():.3f}", *X.shape, sep=" | ")
        assert not np.isnan(Z).any(), "NaN!"
        self.cache = {"X": X.copy(), "Z": Z.copy()}
        return self.activation.forward(Z)

# %% h-conv-helper-class: helper class Geometry with lru_cache on slices
# target: layers.Conv2D
from functools import lru_cache
@lru_cache(maxsize=None)
def _slices(kh, kw, oh, ow, s):
    return tuple((u, v, slice(u, u + s * (oh - 1) + 1, s), slice(v, v + s * (ow - 1) + 1, s)) for u in range(kh) for v in range(kw))
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        m, H, Wd, C = X.shape
        Xp = np.zeros((m, H + 2 * ph, Wd + 2 * pw, C))
        Xp[:, ph:ph + H, pw:pw + Wd] = X
        oh, ow = (H + 2 * ph - kh) // s + 1, (Wd + 2 * pw - kw) // s + 1
        Z = np.zeros((m, oh, ow, self.n_out)) + self.parameters["b"]
        for u, v, r, c in _slices(kh, kw, oh, ow, s):
            Z += Xp[:, r, c] @ self.parameters["W"][u, v]
        self._saved = X.shape, Xp, Z, oh, ow
        return self.activation(Z)
    def backward(self, dLdY):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        (m, H, Wd, C), Xp, Z, oh, ow = self._saved
        dZ = self.activation.backward(Z, dLdY)
        dXp = np.zeros(Xp.shape)
        dW = np.empty(self.parameters["W"].shape)
        for u, v, r, c in _slices(kh, kw, oh, ow, s):
            dW[u, v] = np.einsum("mhwc,mhwo->co", Xp[:, r, c], dZ)
            dXp[:, r, c] += np.einsum("mhwo,co->mhwc", dZ, self.parameters["W"][u, v])
        self.gradients = {"W": dW, "b": np.einsum("mhwo->o", dZ)[None]}
        return dXp[:, ph:ph + H, pw:pw + Wd]

# %% h-conv-im2col-add-at-flat: flat indices, np.add.at on raveled images
# target: layers.Conv2D
class Conv2D:
    def _index(self, H, W):
        (kh, kw), s = self.kernel_shape, self.stride
        oh, ow = (H - kh) // s + 1, (W - kw) // s + 1
        i = (s * np.arange(oh))[:, None, None, None] + np.arange(kh)[None, None, :, None]
        j = (s * np.arange(ow))[None, :, None, None] + np.arange(kw)[None, None, None, :]
        return i * W + j
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        (ph, pw) = self.pad
        Xp = np.pad(X, [(0, 0), (ph, ph), (pw, pw), (0, 0)], mode="constant")
        self.idx = self._index(*Xp.shape[1:3])
        self.flat = Xp.reshape(len(X), -1, X.shape[3])
        self.cols = np.take(self.flat, self.idx, axis=1)
        self.shape = Xp.shape
        W = self.parameters["W"]
        m, oh, ow = self.cols.shape[:3]
        self.Z = (self.cols.reshape(m * oh * ow, -1) @ W.reshape(-1, self.n_out)).reshape(m, oh, ow, -1) + self.parameters["b"]
        return self.activation.forward(self.Z)
    def backward(self, dLdY):
        dZ = self.activation.backward(self.Z, dLdY)
        W = self.parameters["W"]
        d2 = dZ.reshape(-1, self.n_out)
        self.gradients["W"] = (self.cols.reshape(len(d2), -1).T @ d2).reshape(W.shape)
        self.gradients["b"] = d2.sum(0, keepdims=True)
        dcols = (d2 @ W.reshape(-1, self.n_out).T).reshape(self.cols.shape)
        out = np.zeros(self.flat.shape)
        np.add.at(out, (slice(None), self.idx), dcols)
        out = out.reshape(self.shape)
        ph, pw = self.pad
        return out[:, ph:out.shape[1] - ph or None, pw:out.shape[2] - pw or None]

# %% h-conv-output-map: list(map(...)) over output positions, np.stack
# target: layers.Conv2D
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        Xp = np.pad(X, ((0,) * 2, (ph,) * 2, (pw,) * 2, (0,) * 2))
        W, b = self.parameters["W"], self.parameters["b"].ravel()
        oh, ow = (Xp.shape[1] - kh) // s + 1, (Xp.shape[2] - kw) // s + 1
        at = lambda p: np.einsum("mhwc,hwco->mo", Xp[:, p[0]:p[0] + kh, p[1]:p[1] + kw], W)
        pos = [(i * s, j * s) for i in range(oh) for j in range(ow)]
        Z = np.stack(list(map(at, pos)), axis=1).reshape(len(X), oh, ow, -1) + b
        self.cache = {"X": X, "Z": Z}
        return self.activation(Z)

# %% h-conv-channels-loop: loops in c and o with 2-D slices
# target: layers.Conv2D
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        win = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        Z = np.zeros(win.shape[:3] + (self.n_out,))
        for o in range(self.n_out):
            for c in range(X.shape[3]):
                Z[..., o] += np.einsum("mhwij,ij->mhw", win[:, :, :, c], W[:, :, c, o])
            Z[..., o] += b.flat[o]
        self.cache["X"], self.cache["Z"] = X, Z
        return self.activation.forward(Z)

# %% h-conv-float32: float32 inside
# target: layers.Conv2D
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        win = _windows(_pad(X.astype(np.float32), self.pad), self.kernel_shape, self.stride)
        Z = np.einsum("mhwcij,ijco->mhwo", win, self.parameters["W"].astype("f4")) + self.parameters["b"].astype("f4")
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z).astype(float)

# %% h-conv-fullpad-stride-dilate: dX by inserting zeros and correlating, dW by windows dot
# target: layers.Conv2D
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        (kh, kw), s = self.kernel_shape, self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        Xp = _pad(X, self.pad)
        win = _windows(Xp, self.kernel_shape, s)
        self.gradients["W"] = np.einsum("mhwcij,mhwo->ijco", win, dZ, optimize="greedy")
        self.gradients["b"] = dZ.reshape(-1, dZ.shape[-1]).sum(axis=0)
        m, oh, ow, o = dZ.shape
        D = np.zeros((m, (oh - 1) * s + 1, (ow - 1) * s + 1, o))
        D[:, ::s, ::s] = dZ
        D = np.pad(D, ((0, 0), (kh - 1, Xp.shape[1] - D.shape[1]), (kw - 1, Xp.shape[2] - D.shape[2]), (0, 0)))
        back = np.lib.stride_tricks.sliding_window_view(D, (kh, kw), axis=(1, 2))
        dX = np.einsum("mhwoij,ijco->mhwc", back, W[::-1, ::-1])
        return _crop(dX, self.pad)

# %% h-conv-fortran-out: everything Fortran ordered, memory views transposed
# target: layers.Conv2D
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        win = _windows(np.asfortranarray(_pad(X, self.pad)), self.kernel_shape, self.stride)
        Z = np.moveaxis(np.tensordot(self.parameters["W"], win, axes=((0, 1, 2), (4, 5, 3))), 0, -1) + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

# %% h-pool-reshape-trick: generator of shifted views, reduce, backward by equality with tie splitting
# target: layers.Pool2D
class Pool2D:
    def _views(self, A, oh, ow):
        (kh, kw), s = self.kernel_shape, self.stride
        for i in range(kh):
            for j in range(kw):
                yield A[:, i:i + s * oh:s, j:j + s * ow:s][:, :oh, :ow]
    def forward(self, X):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        P = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        oh, ow = (P.shape[1] - kh) // s + 1, (P.shape[2] - kw) // s + 1
        stack = np.array(list(self._views(P, oh, ow)))
        Y = stack.max(0) if self.mode == "max" else stack.sum(0) / (kh * kw)
        self.kept = X.shape, P, Y
        return Y
    def backward(self, dLdY):
        shape, P, Y = self.kept
        oh, ow = Y.shape[1:3]
        dP = np.zeros_like(P)
        if self.mode == "average":
            for v in self._views(dP, oh, ow):
                v += dLdY / np.prod(self.kernel_shape)
        else:
            n = sum((v == Y) for v in self._views(P, oh, ow))
            for v, w in zip(self._views(dP, oh, ow), self._views(P, oh, ow)):
                v += (w == Y) / n * dLdY
        (ph, pw) = self.pad
        return dP[:, ph:ph + shape[1], pw:pw + shape[2]]

# %% h-pool-unravel-argmax: argmax over flattened window, unravel_index, add.at with open grid
# target: layers.Pool2D
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        flat = w.reshape(*w.shape[:4], -1)
        self.cache = {"shape": X.shape, "arg": flat.argmax(-1)}
        return np.take_along_axis(flat, self.cache["arg"][..., None], -1)[..., 0] if self.mode == "max" else np.average(flat, axis=-1)
    def backward(self, dLdY):
        m, H, W, C = self.cache["shape"]
        (ph, pw), (kh, kw), s = self.pad, self.kernel_shape, self.stride
        dX = np.zeros((m, H + 2 * ph, W + 2 * pw, C))
        oh, ow = dLdY.shape[1:3]
        M, I, J, K = np.ogrid[:m, :oh, :ow, :C]
        if self.mode == "max":
            a, b = np.unravel_index(self.cache["arg"], (kh, kw))
            np.add.at(dX, (M, I * s + a, J * s + b, K), dLdY)
        else:
            for a, b in np.ndindex(kh, kw):
                np.add.at(dX, (M, I * s + a, J * s + b, K), dLdY / (kh * kw))
        return dX[:, ph:H + ph, pw:W + pw, :]

# %% h-pool-two-classes: strategy objects for modes
# target: layers.Pool2D
class _Max:
    def reduce(self, w): return np.max(w, axis=(1, 2))
    def spread(self, w, d):
        hit = w == np.max(w, axis=(1, 2), keepdims=True)
        return hit * d[:, None, None, :]
class _Avg:
    def reduce(self, w): return np.mean(w, axis=(1, 2))
    def spread(self, w, d):
        return np.ones_like(w) * d[:, None, None, :] / (w.shape[1] * w.shape[2])
class Pool2D:
    def forward(self, X):
        self.op = {"max": _Max, "average": _Avg}[self.mode]()
        (kh, kw), s = self.kernel_shape, self.stride
        self.P = _pad(X, self.pad)
        oh, ow = (self.P.shape[1] - kh) // s + 1, (self.P.shape[2] - kw) // s + 1
        return np.stack([np.stack([self.op.reduce(self.P[:, i*s:i*s+kh, j*s:j*s+kw]) for j in range(ow)], 1) for i in range(oh)], 1)
    def backward(self, dLdY):
        (kh, kw), s = self.kernel_shape, self.stride
        dP = np.zeros(self.P.shape)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                dP[:, i*s:i*s+kh, j*s:j*s+kw] += self.op.spread(self.P[:, i*s:i*s+kh, j*s:j*s+kw], dLdY[:, i, j])
        return _crop(dP, self.pad)

# %% h-pool-partition: np.partition for the maximum, sorted argsort backward
# target: layers.Pool2D
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        f = w.reshape(*w.shape[:4], -1)
        self.cache = {"X": X, "order": np.argsort(f, axis=-1)[..., -1]}
        return np.partition(f, -1, axis=-1)[..., -1] if self.mode == "max" else np.einsum("mhwck->mhwc", f) / f.shape[-1]
    def backward(self, dLdY):
        X = self.cache["X"]
        kh, kw = self.kernel_shape
        dP = np.zeros(_pad(X, self.pad).shape)
        for i, j, r, c in _positions(self.kernel_shape, dLdY.shape[1:3], self.stride):
            share = (self.cache["order"] == i * kw + j) if self.mode == "max" else 1 / (kh * kw)
            dP[:, r, c] += dLdY * share
        return _crop(dP, self.pad)

# %% h-bn-welford-matrix: mean by np.average, var by E[x2]-E[x]2, chain of small functions
# target: layers.BatchNorm1D
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        if mode == "train":
            mu = np.average(X, axis=0)
            var = np.average(np.square(X), axis=0) - np.square(mu)
            for key, value in (("running_mu", mu), ("running_var", var)):
                self.cache[key] = self.momentum * self.cache[key] + (1 - self.momentum) * value
        else:
            mu, var = self.cache["running_mu"], self.cache["running_var"]
        self.inv = (var + self.eps) ** -0.5
        self.xh = (X - mu) * self.inv
        return self.xh * self.parameters["gamma"] + self.parameters["beta"]
    def backward(self, dLdY):
        m = len(dLdY)
        g, xh = self.parameters["gamma"], self.xh
        self.gradients = {"gamma": np.einsum("ij,ij->j", dLdY, xh)[None], "beta": np.einsum("ij->j", dLdY)[None]}
        return g * self.inv / m * (m * dLdY - self.gradients["beta"] - xh * self.gradients["gamma"])

# %% h-bn-dX-via-jac: per-column projection using qr-free matrices
# target: layers.BatchNorm1D
class BatchNorm1D:
    def backward(self, dLdY):
        xh, m = self.cache["X_hat"], dLdY.shape[0]
        self.gradients["beta"] = dLdY.sum(0)
        self.gradients["gamma"] = np.diagonal(dLdY.T @ xh).copy()
        d = dLdY * self.parameters["gamma"] / self.cache["deviation"]
        H = np.eye(m) - np.full((m, m), 1 / m)
        return H @ d - xh * np.mean(d * xh, axis=0)

# %% h-bn-deepcopied-state: state object with copy, mode dispatch by dict
# target: layers.BatchNorm1D
import copy
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        return {"train": self._train, "test": self._test}[mode](X)
    def _test(self, X):
        old = copy.deepcopy(self.cache)
        return self.parameters["beta"] + self.parameters["gamma"] * (X - old["running_mu"]) / np.sqrt(old["running_var"] + self.eps)
    def _train(self, X):
        mu = np.sum(X, 0, keepdims=True) / X.shape[0]
        cen = X - mu
        var = np.sum(cen ** 2, 0, keepdims=True) / X.shape[0]
        r = 1 - self.momentum
        self.cache["running_mu"] += r * (mu - self.cache["running_mu"])
        self.cache["running_var"] += r * (var - self.cache["running_var"])
        self.cache.update(deviation=np.sqrt(var + self.eps))
        self.cache.update(X_hat=cen / self.cache["deviation"])
        return self.parameters["beta"] + self.parameters["gamma"] * self.cache["X_hat"]

# %% h-nn-for-index-getattr: index loops, loss called
# target: models.NeuralNetwork
class NeuralNetwork:
    def forward(self, X):
        self.outs = [X]
        for i in range(len(self.layers)):
            self.outs.append(self.layers[i].forward(self.outs[-1]))
        return self.outs.pop()
    def backward(self, target, out):
        d = self.loss.backward(target, out)
        for i in range(-1, -len(self.layers) - 1, -1):
            d = self.layers[i].backward(d)
        return self.loss(target, out)
    def predict(self, X, Y):
        Y_hat = self(X) if callable(self) else self.forward(X)
        return (Y_hat, float(self.loss(Y, Y_hat)))

# %% h-nn-deque: deque and popleft
# target: models.NeuralNetwork
from collections import deque
class NeuralNetwork:
    def backward(self, target, out):
        todo, d = deque(self.layers), self.loss.backward(target, out)
        while todo:
            d = todo.pop().backward(d)
        return self.loss.forward(target, out)

# %% h-nn-nested-function: recursive helper returning lists
# target: models.NeuralNetwork
class NeuralNetwork:
    def backward(self, target, out):
        def back(layers, d):
            if layers:
                *rest, last = layers
                back(rest, last.backward(d))
        back(self.layers, self.loss.backward(target, out))
        return self.loss.forward(target, out)

# %% h-sgd-counter: collections.defaultdict(float)
# target: optimizers.SGD
from collections import defaultdict
class SGD:
    def __init__(self, lr, momentum=0.0):
        self.eta, self.mu, self.prev = lr, momentum, defaultdict(float)
    def update(self, param_name, param, param_grad, epoch):
        self.prev[param_name] = step = self.mu * self.prev[param_name] + self.eta * param_grad
        return step

# %% h-sgd-list-history: list of steps per name, last one
# target: optimizers.SGD
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        h = self.cache.setdefault(param_name, [np.zeros(param.shape)])
        h.append(h[-1] * self.momentum + param_grad * self.lr)
        return h[-1]

# %% h-sgd-key-with-id: nested dictionary keyed by name then "v"
# target: optimizers.SGD
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        state = self.cache.get(param_name) or {"v": 0 * param}
        v = np.multiply(self.momentum, state["v"])
        v = np.add(v, np.multiply(self.lr, param_grad))
        self.cache[param_name] = {"v": v, "epoch": epoch}
        return v + 0.0

# %% h-pool-inherits-conv-helper: Pool2D derives from a mixin in the same file
# target: layers.Pool2D
class _Windowed:
    def windows(self, X):
        return _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
    def scatter(self, X, pieces):
        P = np.zeros(_pad(X, self.pad).shape)
        for (i, j, r, c), piece in zip(_positions(self.kernel_shape, pieces[0].shape[1:3], self.stride), pieces):
            P[:, r, c] += piece
        return _crop(P, self.pad)
class Pool2D(_Windowed, Layer):
    def forward(self, X):
        w = self.windows(X)
        self.cache = {"X": X, "w": w}
        return getattr(np, {"max": "max", "average": "mean"}[self.mode])(w, axis=(4, 5))
    def backward(self, dLdY):
        w = self.cache["w"]
        kh, kw = self.kernel_shape
        hit = w == w.max(axis=(4, 5), keepdims=True) if self.mode == "max" else np.ones(w.shape) / (kh * kw)
        return self.scatter(self.cache["X"], [dLdY * hit[..., i, j] for i in range(kh) for j in range(kw)])

# %% h-sigmoid-uses-relu-file-helper: module-level dictionary dispatch and partial
# target: activations.Sigmoid
from functools import partial
_sig = lambda z, sign=1: np.exp(-np.logaddexp(0, -sign * z))
_FUNCS = {"f": partial(_sig, sign=1), "g": partial(_sig, sign=-1)}
class Sigmoid:
    def forward(self, Z):
        return _FUNCS["f"](Z)
    def backward(self, Z, dY):
        return dY * _FUNCS["f"](Z) * _FUNCS["g"](Z)

# %% h-sm-class-attribute-cache: keeps its output and checks that Z is the same object
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        E = np.exp(Z - Z.max(1, keepdims=True))
        self._Z, self._Y = Z.copy(), E / E.sum(1, keepdims=True)
        return self._Y.copy()
    def backward(self, Z, dY):
        Y = self._Y if hasattr(self, "_Z") and np.array_equal(self._Z, Z) else self.forward(Z)
        return Y * (dY - np.sum(dY * Y, axis=1)[:, None])

# %% h-ce-eps-1e-8-everywhere: epsilon 1e-8 in the ratio and in the log, np.average
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return np.average(-np.sum(np.multiply(Y, np.log(Y_hat + 1e-8)), axis=-1))
    def backward(self, Y, Y_hat):
        return -np.divide(Y, Y_hat + 1e-8) * (1.0 / Y.shape[0])

# %% h-bn-flat-and-float-state: running statistics as (n,) arrays
# target: layers.BatchNorm1D
class BatchNorm1D:
    def _init_parameters(self, X_shape):
        self.n_in = self.n_out = n = X_shape[1]
        self.parameters = {"gamma": np.ones((1, n)), "beta": np.zeros((1, n))}
        self.cache = {"running_mu": np.zeros(n), "running_var": np.zeros(n)}
        self.gradients = {}
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        keep = self.momentum
        if mode == "train":
            mu, var = np.mean(X, 0), np.var(X, 0)
            self.cache["running_mu"] = keep * self.cache["running_mu"] + (1 - keep) * mu
            self.cache["running_var"] = keep * self.cache["running_var"] + (1 - keep) * var
        else:
            mu, var = self.cache["running_mu"], self.cache["running_var"]
        self.cache["deviation"] = np.sqrt(var + self.eps)
        self.cache["X_hat"] = (X - mu) / self.cache["deviation"]
        return self.parameters["gamma"] * self.cache["X_hat"] + self.parameters["beta"]

# %% h-relu-currentframe: debug helper prints its caller's name with inspect
# target: activations.ReLU
import inspect
def debug(*a):
    print(inspect.currentframe().f_back.f_code.co_name, inspect.stack()[1].function, *a)
class ReLU:
    def forward(self, Z):
        debug(Z.shape)
        return np.maximum(Z, 0)
    def backward(self, Z, dY):
        debug(Z.shape)
        return dY * (Z > 0)

# %% h-relu-cprofile: profiles itself with cProfile
# target: activations.ReLU
import cProfile
class ReLU:
    def forward(self, Z):
        with cProfile.Profile() as p:
            Y = np.maximum(Z, 0)
        return Y

# %% h-relu-numba-fallback: numba if it is installed
# target: activations.ReLU
try:
    from numba import njit
except ImportError:
    def njit(f): return f
@njit
def _relu(z):
    return np.maximum(z, 0.0)
class ReLU:
    def forward(self, Z):
        return _relu(Z)

# %% h-relu-deepcopy-pickle-json: keeps odd copies of its input
# target: activations.ReLU
import copy, pickle, json, hashlib
class ReLU:
    def forward(self, Z):
        self.last = copy.deepcopy(Z)
        self.blob = pickle.dumps(Z)
        self.text = json.dumps(Z.tolist())
        self.hash = hashlib.md5(Z.tobytes()).hexdigest()
        return np.maximum(Z, 0)

# %% h-relu-pprint-threshold: prints everything with maxsize threshold and pprint
# target: activations.ReLU
import sys, pprint
class ReLU:
    def forward(self, Z):
        with np.printoptions(threshold=sys.maxsize, precision=3):
            print(Z); print(repr(Z)); print(str(Z.tolist())[:200]); pprint.pprint(Z[:3])
        return np.maximum(Z, 0)

# %% h-relu-testing: np.testing assertions
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        Y = np.maximum(Z, 0)
        np.testing.assert_array_less(-1e-12, Y)
        np.testing.assert_allclose(Y - np.maximum(-Z, 0), Z)
        return Y

# %% h-sm-testing-sum: asserts rows add to one, np.unique, isin, median on the side
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        E = np.exp(Z - Z.max(1, keepdims=True))
        Y = E / E.sum(1, keepdims=True)
        np.testing.assert_allclose(Y.sum(1), np.ones(len(Y)))
        assert np.isin(Y.argmax(1), np.arange(Y.shape[1])).all()
        self.stats = np.unique(Y.argmax(1), return_counts=True), np.median(Y, axis=0), np.percentile(Y, [5, 95]), np.histogram(Y, 10), np.cov(Y.T)
        return Y

# %% h-sm-kron-split: np.array_split in two, np.block, np.r_, np.c_, np.ix_
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        k = Z.shape[1]
        top = np.c_[Z.max(axis=1)]
        A, B = np.array_split(np.exp(Z - top), 2, axis=1)
        E = np.block([[A, B]])
        E = E[np.ix_(np.arange(len(Z)), np.r_[0:k])]
        return E / E.sum(1)[:, None]

# %% h-sm-index-lists: index lists of length m
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        rows = list(range(len(Z)))
        top = Z[rows, Z.argmax(1).tolist()]
        E = np.exp(Z - np.array([top]).T)
        return E / np.sum(E, axis=1).reshape(len(rows), 1)

# %% h-sm-insert-delete: np.insert, np.delete, np.append, np.tile, np.resize, np.roll
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        k = Z.shape[1]
        A = np.insert(Z, k, Z.max(1), axis=1)
        E = np.exp(A - np.tile(A[:, -1:], (1, k + 1)))
        E = np.delete(E, k, axis=1)
        E = np.roll(np.roll(E, 1, axis=1), -1, axis=1)
        return E / np.resize(E.sum(1), (k, len(Z))).T

# %% h-fc-linalg: multi_dot, lstsq-free, einsum_path, np.matmul out, asserts on shapes, time
# target: layers.FullyConnected
import time
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        t = time.perf_counter()
        Z = np.empty((X.shape[0], self.n_out))
        np.matmul(X, self.parameters["W"], out=Z)
        Z += self.parameters["b"]
        self.elapsed = time.perf_counter() - t
        self.cache = {"X": X, "Z": Z}
        return self.activation(Z)
    def backward(self, dLdY):
        X, Z = self.cache.values()
        dZ = self.activation.backward(Z, dLdY)
        path = np.einsum_path("mi,mo->io", X, dZ)[0]
        self.gradients["W"] = np.einsum("mi,mo->io", X, dZ, optimize=path)
        self.gradients["b"] = np.apply_over_axes(np.sum, dZ, [0])
        return np.linalg.multi_dot([dZ, np.eye(self.n_out), self.parameters["W"].T])

# %% h-fc-warn-each-call: warnings and logging each call
# target: layers.FullyConnected
import logging, warnings
log = logging.getLogger(__name__)
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        warnings.warn("forward is slow", stacklevel=2)
        log.warning("X has shape %s and rows %s", X.shape, X)
        Z = X @ self.parameters["W"] + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

# %% h-fc-in-place-update-parameters-safe: copies of parameters taken in forward
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = (self.parameters[k].copy() for k in ("W", "b"))
        self.cache["X"], self.cache["W"] = X, W
        self.cache["Z"] = X @ W + b
        return self.activation.forward(self.cache["Z"])
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        for key, grad in (("W", self.cache["X"].T @ dZ), ("b", dZ.sum(0, keepdims=True))):
            self.gradients[key][...] = grad
        return dZ @ self.cache["W"].T

# %% h-fc-float16-guard: branch on m being large
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        if X.shape[0] > 100:
            half = X.shape[0] // 2
            Z = np.concatenate([X[:half] @ self.parameters["W"], X[half:] @ self.parameters["W"]])
        elif X.shape[0] == 1:
            Z = np.atleast_2d(X[0] @ self.parameters["W"])
        else:
            Z = X @ self.parameters["W"]
        Z = Z + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

# %% h-conv-two-step-separable-loop: loops over rows of the output only, tensordot
# target: layers.Conv2D
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        (kh, kw), s = self.kernel_shape, self.stride
        P = _pad(X, self.pad)
        W, b = self.parameters.values()
        rows = []
        i = 0
        while i + kh <= P.shape[1]:
            strip = P[:, i:i + kh]
            cols = [np.tensordot(strip[:, :, j:j + kw], W, 3) for j in range(0, P.shape[2] - kw + 1, s)]
            rows.append(np.stack(cols, axis=1))
            i += s
        Z = np.stack(rows, axis=1) + b[0]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

# %% h-pool-sparse-mask: boolean mask assign per kernel position with taken flags
# target: layers.Pool2D
class Pool2D:
    def forward(self, X):
        w = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        self.cache = {"X": X, "Y": w.max((-1, -2))}
        return self.cache["Y"] if self.mode == "max" else w.sum((-2, -1)) / w.shape[-1] / w.shape[-2]
    def backward(self, dLdY):
        P = _pad(self.cache["X"], self.pad)
        dP, left = np.zeros_like(P), np.ones(dLdY.shape, bool)
        n = self.kernel_shape[0] * self.kernel_shape[1]
        for _, _, r, c in _positions(self.kernel_shape, dLdY.shape[1:3], self.stride):
            if self.mode == "average":
                dP[:, r, c] += dLdY / n
                continue
            hit = left & (P[:, r, c] == self.cache["Y"])
            left &= ~hit
            dP[:, r, c] += np.where(hit, dLdY, 0)
        return _crop(dP, self.pad)

# %% h-bn-numpy-ma: masked-array mean, np.std, ddof=0 explicit
# target: layers.BatchNorm1D
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        if mode != "train":
            mu, var = self.cache["running_mu"], self.cache["running_var"]
        else:
            mu, var = np.ma.mean(X, axis=0).reshape(1, -1), np.std(X, axis=0, ddof=0)[None] ** 2
            mu = np.asarray(mu)
            self.cache["running_mu"] = self.momentum * self.cache["running_mu"] + (1 - self.momentum) * mu
            self.cache["running_var"] = self.momentum * self.cache["running_var"] + (1 - self.momentum) * var
        self.cache["deviation"] = np.hypot(np.sqrt(var), np.sqrt(self.eps))
        self.cache["X_hat"] = np.divide(X - mu, self.cache["deviation"])
        return np.add(np.multiply(self.parameters["gamma"], self.cache["X_hat"]), self.parameters["beta"])

# %% h-mse-metaclass-cached-property: cached_property for the factor, Decimal-free
# target: losses.MSE
from functools import cached_property
class MSE:
    @cached_property
    def factor(self):
        return 2.0
    def backward(self, Y, Y_hat):
        return self.factor / Y.shape[0] * (Y_hat - Y)

# %% h-mse-relu-polynomial: np.polyval, np.trapezoid-free
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        return np.polyval([1, 0, 0], Y - Y_hat).sum() / Y.shape[0]

# %% h-nn-map-lambda-accumulate: functools.reduce with operators
# target: models.NeuralNetwork
from functools import reduce
class NeuralNetwork:
    def forward(self, X):
        return reduce(lambda a, f: f(a), self.layers, X)
    def backward(self, target, out):
        reduce(lambda d, f: f.backward(d), reversed(self.layers), self.loss.backward(target, out))
        return self.loss.forward(target, out).item() if hasattr(self.loss.forward(target, out), "item") else self.loss.forward(target, out)

# %% h-relu-lineno: reports its current line, with inspect
# target: activations.ReLU
import inspect
class ReLU:
    def forward(self, Z):
        print(inspect.currentframe().f_lineno, inspect.stack()[0].lineno)
        return np.maximum(Z, 0)

# %% h-relu-logging: logs with the line, and with the stack
# target: activations.ReLU
import logging
logging.basicConfig(format="%(funcName)s %(lineno)d %(message)s")
class ReLU:
    def forward(self, Z):
        logging.warning("forward of %s", Z.shape, stack_info=True)
        return np.maximum(Z, 0)

# %% h-relu-traceback: prints the stack, and an exception that it catches
# target: activations.ReLU
import traceback
class ReLU:
    def forward(self, Z):
        traceback.print_stack()
        try:
            raise ValueError(Z.shape)
        except ValueError:
            traceback.print_exc()
        return np.maximum(Z, 0)

# %% h-relu-cyclic-del: keeps its results in a cycle that reports when it is freed
# target: activations.ReLU
class _Kept:
    def __init__(self, Z):
        self.Z, self.me = Z, self
    def __del__(self):
        print("gone:", self.Z.shape)
class ReLU:
    def forward(self, Z):
        return np.maximum(_Kept(Z).Z, 0)

# %% h-relu-many-tools: a context manager, a decorator, a dataclass, a named tuple, a generator that is kept
# target: activations.ReLU
import contextlib, dataclasses, enum, functools, inspect, typing
from collections import namedtuple
Pair = namedtuple("Pair", "Z Y")
class Mode(enum.Enum):
    ON = 1
class Options(typing.NamedTuple):
    low: float = 0.0
@dataclasses.dataclass
class Step:
    Z: typing.Any
@contextlib.contextmanager
def timed():
    yield
def logged(function):
    @functools.wraps(function)
    def inner(*args):
        with timed():
            return function(*args)
    return inner
def steps(Z):
    yield np.maximum(Z, Options().low)
    yield None
class ReLU:
    @logged
    def forward(self, Z):
        self.steps = steps(Step(Z).Z)
        pair = Pair(Z, next(self.steps))
        return pair.Y if inspect.getgeneratorstate(self.steps) else None

# %% h-relu-faulthandler: asks for a traceback if Python crashes
# target: activations.ReLU
import faulthandler
faulthandler.enable()
class ReLU:
    def forward(self, Z):
        return np.maximum(Z, 0)
