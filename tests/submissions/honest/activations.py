# %% relu-mask-multiplication: multiplies by the mask
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return Z * (Z > 0)

# %% relu-where: np.where in both directions, slope 1 at zero
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return np.where(Z < 0, 0, Z)

    def backward(self, Z, dY):
        return np.where(Z < 0, 0, dY)

# %% relu-copy-boolean-indexing: assigns zeros through a mask, on copies
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        Y = Z.copy()
        Y[Y < 0] = 0
        return Y

    def backward(self, Z, dY):
        dZ = np.array(dY, copy=True)
        dZ[Z <= 0] = 0
        return dZ

# %% relu-absolute-value: (z + |z|) / 2, and a slope of 1/2 at zero
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return (Z + np.abs(Z)) / 2

    def backward(self, Z, dY):
        slope = (np.sign(Z) + 1) / 2
        return slope * dY

# %% relu-heaviside-clip: np.clip and np.heaviside
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return np.clip(Z, 0, None)

    def backward(self, Z, dY):
        return np.multiply(dY, np.heaviside(Z, 0.5))

# %% relu-scatter-where-indices: fills zeros at np.nonzero positions
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        out = np.zeros_like(Z)
        idx = np.nonzero(Z > 0)
        out[idx] = Z[idx]
        return out

    def backward(self, Z, dY):
        out = np.zeros(Z.shape)
        idx = np.nonzero(Z > 0)
        out[idx] = dY[idx]
        return out

# %% relu-float32-results: computes and returns float32
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return np.maximum(0, Z).astype(np.float32)

    def backward(self, Z, dY):
        return (dY * (Z > 0)).astype(np.float32)

# %% relu-prints-and-counts: prints shapes, keeps a counter and the last input
# target: activations.ReLU
class ReLU:
    calls = 0

    def forward(self, Z):
        self.calls += 1
        self.Z = Z
        print("relu forward", Z.shape, "call", self.calls)
        return np.maximum(Z, 0)

    def backward(self, Z, dY):
        print("relu backward", Z)
        print(f"min of dY: {dY.min():.3f}")
        return dY * np.greater(Z, 0).astype(float)

# %% relu-out-arguments: writes into an array made with np.empty_like
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        Y = np.empty_like(Z)
        np.maximum(Z, 0.0, out=Y)
        return Y

    def backward(self, Z, dY):
        dZ = np.zeros_like(Z)
        np.copyto(dZ, dY, where=Z > 0)
        return dZ

# %% relu-flattened: flattens, works on the vector, and reshapes
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        z = Z.ravel()
        return np.where(z > 0, z, 0.0).reshape(Z.shape)

    def backward(self, Z, dY):
        z, dy = Z.reshape(-1), dY.reshape(-1)
        return np.where(z > 0, dy, 0.0).reshape(Z.shape)

# %% relu-select-piecewise: np.piecewise forward, np.select backward
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return np.piecewise(Z, [Z < 0, Z >= 0], [0.0, lambda z: z])

    def backward(self, Z, dY):
        return np.select([Z > 0, Z < 0, Z == 0], [dY, 0.0, 0.5 * dY])

# %% relu-masked-array: hides the negative entries in a masked array
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return np.ma.masked_less(Z, 0).filled(0)

    def backward(self, Z, dY):
        return np.ma.array(dY, mask=Z < 0).filled(0)

# %% relu-leaky-with-zero-leak: a leaky unit whose leak is 0, with nested functions
# target: activations.ReLU
class ReLU:
    def __init__(self, leak=0.0):
        super().__init__()
        self.leak = leak

    def forward(self, Z):
        def unit(z):
            return np.maximum(self.leak * z, z)

        return unit(Z)

    def backward(self, Z, dY):
        derivative = lambda z: np.where(z > 0, 1.0, self.leak)
        return derivative(Z) * dY

# %% relu-einsum-backward: an element-wise product with einsum and an ellipsis
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return np.einsum("...,...->...", Z, (Z > 0).astype(Z.dtype))

    def backward(self, Z, dY):
        return np.einsum("...,...->...", dY, (Z > 0).astype(dY.dtype), optimize=True)

# %% relu-max-over-stack: the maximum of a stack with zeros, slope from its argmax
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return np.stack([Z, np.zeros_like(Z)]).max(axis=0)

    def backward(self, Z, dY):
        return dY * (1 - np.stack([Z, np.zeros_like(Z)]).argmax(axis=0))

# %% relu-slope-from-own-output: a loop over the shape, the slope from its own output
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        total = 1
        for size in Z.shape:
            total *= size
        flat = Z.reshape(total)
        return np.fmax(flat, 0).reshape(Z.shape)

    def backward(self, Z, dY):
        assert Z.shape == dY.shape, (Z.shape, dY.shape)
        return np.where(self.forward(Z) == 0, 0, dY)

# %% sigmoid-tanh: (1 + tanh(z / 2)) / 2
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        return 0.5 * (1 + np.tanh(Z / 2))

    def backward(self, Z, dY):
        s = 0.5 * (1 + np.tanh(0.5 * Z))
        return s * (1 - s) * dY

# %% sigmoid-naive: 1 / (1 + exp(-z)): a warning, and the right numbers
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        return 1 / (1 + np.exp(-Z))

    def backward(self, Z, dY):
        Y = 1 / (1 + np.exp(-Z))
        return dY * (Y - Y**2)

# %% sigmoid-piecewise: np.piecewise with a formula for each sign
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        return np.piecewise(
            Z,
            [Z >= 0, Z < 0],
            [lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(z) / (1 + np.exp(z))],
        )

# %% sigmoid-masked-assignment: fills an array in two steps, through masks
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        Y = np.zeros_like(Z, dtype=float)
        pos = Z >= 0
        neg = ~pos
        Y[pos] = 1.0 / (1.0 + np.exp(-Z[pos]))
        e = np.exp(Z[neg])
        Y[neg] = e / (1.0 + e)
        return Y

    def backward(self, Z, dY):
        sig = self.forward(Z)
        grad = np.empty_like(dY)
        grad[:] = dY
        grad *= sig
        grad *= 1 - sig
        return grad

# %% sigmoid-where-both-branches: np.where evaluates both branches, one overflows
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        return np.where(Z >= 0, 1 / (1 + np.exp(-Z)), np.exp(Z) / (np.exp(Z) + 1))

    def backward(self, Z, dY):
        return dY * self.forward(Z) * self.forward(-Z)

# %% sigmoid-logaddexp: exp of minus log(1 + exp(-z))
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        return np.exp(-np.logaddexp(0, -Z))

    def backward(self, Z, dY):
        return dY * np.exp(-np.logaddexp(0, -Z) - np.logaddexp(0, Z))

# %% sigmoid-clipped-input: clips z at 500 first
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        Z = np.clip(Z, -500, 500)
        return 1 / (1 + np.exp(-Z))

    def backward(self, Z, dY):
        Y = self(Z)
        return np.multiply(np.multiply(Y, 1 - Y), dY)

# %% sigmoid-errstate: hides the warning with np.errstate, and a module-level helper
# target: activations.Sigmoid
def logistic(z):
    with np.errstate(over="ignore"):
        return np.reciprocal(1.0 + np.exp(-z))


class Sigmoid:
    def forward(self, Z):
        return logistic(Z)

    def backward(self, Z, dY):
        return dY * logistic(Z) * (1 - logistic(Z))

# %% sigmoid-cosh-derivative: 1 / (4 cosh^2(z / 2)) as the slope, with clipping
# target: activations.Sigmoid
class Sigmoid:
    def backward(self, Z, dY):
        half = np.clip(Z / 2, -300, 300)
        return dY / (4 * np.cosh(half) ** 2)

# %% sigmoid-cached-output: keeps the output, uses it only for the very same array
# target: activations.Sigmoid
class Sigmoid:
    def __init__(self):
        self._seen = None
        self._out = None

    def forward(self, Z):
        e = np.exp(-abs(Z))
        self._seen, self._out = Z, np.where(Z < 0, e / (1 + e), 1 / (1 + e))
        return self._out.copy()

    def backward(self, Z, dY):
        if self._seen is not Z:
            self.forward(Z)
        Y = self._out
        return Y * (1 - Y) * dY

# %% sigmoid-float32-results: float32 in, float32 out
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        Z = np.asarray(Z, dtype="float32")
        return np.float32(0.5) * (np.tanh(Z * np.float32(0.5)) + np.float32(1))

    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY.astype(np.float32) * Y * (1 - Y)

# %% softmax-batch-jacobian-einsum: the Jacobian as an (m, k, k) batch
# target: activations.SoftMax
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        m, k = Y.shape
        J = np.einsum("ij,jk->ijk", Y, np.eye(k)) - np.einsum("ij,ik->ijk", Y, Y)
        return np.einsum("ijk,ik->ij", J, dY)

# %% softmax-jacobian-matmul: a diagonal minus an outer product, with matmul
# target: activations.SoftMax
class SoftMax:
    def backward(self, Z, dY):
        S = self.forward(Z)
        diagonal = S[:, :, None] * np.eye(S.shape[1])[None]
        outer = S[:, :, np.newaxis] @ S[:, np.newaxis, :]
        return ((diagonal - outer) @ dY[:, :, None]).squeeze(-1)

# %% softmax-transposed: works on the transpose
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        A = Z.T - np.max(Z, axis=1)
        E = np.exp(A)
        return (E / np.sum(E, axis=0)).T

    def backward(self, Z, dY):
        S, D = self.forward(Z).T, dY.T
        return (S * D - S * np.sum(S * D, axis=0)).T

# %% softmax-logsumexp: exp(z - logsumexp(z))
# target: activations.SoftMax
def logsumexp(a):
    top = np.amax(a, axis=1).reshape(-1, 1)
    return top + np.log(np.sum(np.exp(a - top), axis=1)).reshape(-1, 1)


class SoftMax:
    def forward(self, Z):
        return np.exp(Z - logsumexp(Z))

    def backward(self, Z, dY):
        Y = np.exp(Z - logsumexp(Z))
        return Y * (dY - np.einsum("ij,ij->i", Y, dY)[:, None])

# %% softmax-logaddexp-reduce: the ufunc's own reduce
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        return np.exp(Z - np.logaddexp.reduce(Z, axis=1, keepdims=True))

# %% softmax-in-place-on-a-copy: subtracts, exponentiates and divides in place on a copy
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        out = Z.astype(np.float64, copy=True)
        out -= out.max(1)[:, None]
        np.exp(out, out)
        out /= out.sum(1)[:, None]
        return out

# %% softmax-loop-over-classes: a Jacobian whose columns are filled class by class
# target: activations.SoftMax
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        dZ = np.zeros_like(Z)
        k = Z.shape[1]
        for i in range(k):
            for j in range(k):
                if i == j:
                    dZ[:, i] += dY[:, j] * Y[:, i] * (1 - Y[:, i])
                else:
                    dZ[:, i] -= dY[:, j] * Y[:, i] * Y[:, j]
        return dZ

# %% softmax-diagonal-by-fancy-index: writes the diagonal of the batch with np.arange
# target: activations.SoftMax
class SoftMax:
    def backward(self, Z, dY):
        S = self.forward(Z)
        m, k = S.shape
        J = -S.reshape(m, k, 1) * S.reshape(m, 1, k)
        d = np.arange(k)
        J[:, d, d] += S
        return np.matmul(dY[:, None, :], J).reshape(m, k)

# %% softmax-tensordot-einsum-optimize: three operands in one optimized einsum
# target: activations.SoftMax
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        first = np.einsum("mk,kl,ml->mk", Y, np.eye(Y.shape[1]), dY, optimize=True)
        second = np.einsum("mk,ml,ml->mk", Y, Y, dY, optimize="greedy")
        return first - second

# %% softmax-tiny-in-the-denominator: adds 1e-12 to the sum
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        shifted = Z - np.max(Z, axis=-1, keepdims=True)
        e = np.exp(shifted)
        return e / (np.sum(e, axis=-1, keepdims=True) + 1e-12)

# %% softmax-single-example-branch: a shortcut for m = 1
# target: activations.SoftMax
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        if Z.shape[0] == 1:
            y = Y[0]
            J = np.diag(y) - np.outer(y, y)
            return dY @ J
        return Y * dY - Y * np.sum(Y * dY, axis=1, keepdims=True)

# %% softmax-sorted-maxima: the maximum by np.sort, powers of two
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        top = np.sort(Z, axis=1)[:, -1:]
        e = np.exp2((Z - top) / np.log(2))
        return np.divide(e, np.add.reduce(e, axis=1, keepdims=True))

# %% softmax-float32-results: works in float32 throughout
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        Z = Z.astype(np.float32)
        E = np.exp(Z - Z.max(axis=1, keepdims=True))
        return E / E.sum(axis=1, keepdims=True)

    def backward(self, Z, dY):
        Y = self.forward(Z)
        dY = dY.astype(np.float32)
        return Y * (dY - np.sum(dY * Y, axis=1, keepdims=True))

# %% softmax-ratios-of-exponentials: 1 / sum_l exp(z_l - z_j), through all pairs of classes
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        pairs = Z[:, None, :] - Z[:, :, None]
        with np.errstate(over="ignore"):
            return 1 / np.exp(pairs).sum(axis=2)

# %% softmax-recursive-sum: a recursive helper over the classes
# target: activations.SoftMax
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)

        def inner(j):
            if j == 0:
                return 0.0
            return inner(j - 1) + Y[:, j - 1] * dY[:, j - 1]

        return Y * (dY - inner(Y.shape[1])[:, None])

# %% relu-in-place-on-the-input: overwrites its argument (advice only)
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        Z[Z < 0] = 0
        return Z

    def backward(self, Z, dY):
        dY[Z <= 0] = 0
        return dY

# %% relu-put-and-place: np.put and np.place on copies
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        Y = Z.copy()
        np.place(Y, Y < 0, 0)
        return Y

    def backward(self, Z, dY):
        dZ = dY.copy()
        np.put(dZ, np.flatnonzero(Z < 0), 0)
        return dZ

# %% relu-array2string: prints the whole batch with np.array2string and set_printoptions
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        np.set_printoptions(threshold=np.inf, precision=2)
        print(np.array2string(Z, separator=", "), str(Z), repr(Z), f"{Z}")
        return np.maximum(Z, 0)

# %% relu-type-asserts: checks the type of its arguments
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        assert type(Z) is np.ndarray and Z.dtype == np.float64
        assert not np.any(np.isnan(Z)), "nan"
        return np.maximum(Z, 0)

    def backward(self, Z, dY):
        np.testing.assert_equal(Z.shape, dY.shape)
        np.testing.assert_array_less(-np.inf, Z)
        if not isinstance(dY, np.ndarray):
            raise TypeError("no array")
        return np.where(Z > 0, dY, 0)

# %% relu-max-of-array-shape: builtin max, min, any, all, sorted on shapes
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        if min(Z.shape) == 0 or max(Z.shape, default=0) < 1 or not all(n > 0 for n in Z.shape):
            raise ValueError(sorted(Z.shape, reverse=True))
        if any(map(lambda n: n < 0, Z.shape)):
            return None
        return np.maximum(Z, 0)

# %% relu-longdouble: long doubles
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return np.maximum(Z.astype(np.longdouble), 0)

    def backward(self, Z, dY):
        return dY.astype(np.longdouble) * (Z > 0)

# %% relu-nan-to-num: the slope as Y / Y, with 0 / 0 replaced
# target: activations.ReLU
class ReLU:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * np.nan_to_num(Y / Y, nan=0.0)

# %% relu-choose: np.choose in both directions
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return np.choose(Z > 0, [0.0, Z])

    def backward(self, Z, dY):
        return np.choose((Z > 0).astype(int), (np.zeros_like(dY), dY))

# %% relu-doubling-buffer: a buffer that doubles until it is large enough
# target: activations.ReLU
class ReLU:
    def __init__(self):
        self.room = np.empty(16)

    def forward(self, Z):
        while self.room.size < Z.size:
            self.room = np.empty(2 * self.room.size)
        out = self.room[: Z.size].reshape(Z.shape)
        np.maximum(Z, 0, out=out)
        return out

# %% sigmoid-vectorize-signature: np.vectorize with a signature over the whole array
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        f = np.vectorize(lambda z: 1 / (1 + np.exp(-z)), signature="(m)->(m)")
        return f(Z.ravel()).reshape(Z.shape)

# %% sigmoid-warnings-off: warnings.catch_warnings
# target: activations.Sigmoid
import warnings


class Sigmoid:
    def forward(self, Z):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return 1 / (1 + np.exp(-Z))

# %% sigmoid-seterr: np.seterr(over="ignore") in the constructor
# target: activations.Sigmoid
class Sigmoid:
    def __init__(self):
        np.seterr(over="ignore")

    def forward(self, Z):
        return (1 + np.exp(-Z)) ** -1

# %% sigmoid-logging: logging and time
# target: activations.Sigmoid
import logging
import time


class Sigmoid:
    def backward(self, Z, dY):
        start = time.perf_counter()
        Y = self.forward(Z)
        logging.warning("sigmoid %s %.3f", Y, time.perf_counter() - start)
        return dY * Y * (1 - Y)

# %% sigmoid-nditer-external: np.nditer in chunks with external_loop
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        Y = np.empty(Z.shape)
        with np.nditer(
            [Z, Y],
            flags=["external_loop"],
            op_flags=[["readonly"], ["writeonly"]],
        ) as it:
            for z, y in it:
                y[...] = 0.5 + 0.5 * np.tanh(z / 2)
        return Y

# %% softmax-apply-along-columns: iterates over the classes by transposing
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        top = Z[:, 0]
        for column in Z.T:
            top = np.maximum(top, column)
        powers = [np.exp(column - top) for column in Z.T]
        total = sum(powers)
        return np.array([p / total for p in powers]).T

# %% softmax-maximum-accumulate: maximum.accumulate and cumsum
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        top = np.maximum.accumulate(Z, axis=1)[:, -1:]
        e = np.exp(Z - top)
        return e / np.cumsum(e, axis=1)[:, [-1]]

# %% softmax-block-diagonal: one (mk, mk) block-diagonal Jacobian by broadcasting
# target: activations.SoftMax
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        m, k = Y.shape
        big = np.zeros((m, k, m, k))
        n = np.arange(m)
        big[n, :, n, :] = Y[:, :, None] * np.eye(k) - Y[:, :, None] * Y[:, None, :]
        return (big.reshape(m * k, m * k) @ dY.ravel()).reshape(m, k)

# %% softmax-masked-off-diagonal: two cases of the Jacobian, with np.where and np.tril
# target: activations.SoftMax
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        k = Y.shape[1]
        same = np.identity(k, dtype=bool)
        cross = -np.multiply.outer(Y, np.ones(k)) * Y[:, None]
        J = np.where(same, (Y * (1 - Y))[:, :, None], cross)
        return np.tensordot(J * dY[:, None, :], np.ones(k), axes=1)

# %% softmax-in-place-on-the-input: subtracts the maximum in place (advice only)
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        Z -= Z.max(axis=1, keepdims=True)
        np.exp(Z, out=Z)
        Z /= Z.sum(axis=1, keepdims=True)
        return Z

    def backward(self, Z, dY):
        Y = self.forward(Z)
        dY -= (Y * dY).sum(axis=1, keepdims=True)
        return Y * dY


# %% relu-flat-assignment: clears the negative entries through .flat
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        Y = Z.copy()
        Y.flat[np.flatnonzero(Z < 0)] = 0
        return Y

    def backward(self, Z, dY):
        dZ = dY.flatten().reshape(Z.shape)
        dZ.flat[np.flatnonzero(Z.flat[:] < 0)] = 0
        return dZ


# %% relu-any-stops-early: asks a question whose second half would fail
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        if any(Z.ndim < n or Z.shape[n - 1] == 0 for n in (9, -9)):
            print("Z =", Z.tolist())
        return np.maximum(Z, 0.0)
