# %% n-relu-select: picks from a list of conditions with np.select
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return np.select([Z > 0], [Z], default=0.0)

    def backward(self, Z, dY):
        return np.select([Z < 0, Z >= 0], [np.zeros_like(dY), dY])

# %% n-relu-masked: masks the negative entries and fills them with zeros
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return np.ma.masked_less(np.array(Z, copy=True), 0.0).filled(0.0)

    def backward(self, Z, dY):
        return np.ma.array(dY, mask=np.less_equal(Z, 0.0), copy=True).filled(0.0)

# %% n-relu-piecewise: np.piecewise forward and a Heaviside step backward
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return np.piecewise(Z, [Z < 0, Z >= 0], [0.0, lambda part: part])

    def backward(self, Z, dY):
        return np.multiply(np.heaviside(Z, 0.5), dY)

# %% n-relu-copyto: copies the positive entries into a Fortran ordered array
# target: activations.ReLU
class ReLU:
    def _keep(self, gate, values):
        kept = np.zeros(values.shape, order="F")
        np.copyto(kept, values, where=gate)
        return kept

    def forward(self, Z):
        return self._keep(Z > 0.0, Z)

    def backward(self, Z, dY):
        return self._keep(Z > 0.0, dY)

# %% n-relu-strict: insists on plain arrays and halves z plus its absolute value
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        if type(Z) is not np.ndarray:
            raise TypeError(f"Z must be a numpy array, not {type(Z).__name__}")
        return (np.fabs(Z) + Z) / 2.0

    def backward(self, Z, dY):
        if type(Z) is not np.ndarray or type(dY) is not np.ndarray:
            raise TypeError("Z and dY must be numpy arrays")
        return dY * (np.sign(Z) + 1.0) / 2.0

# %% n-relu-choose: np.choose between zeros and the values
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return np.choose((Z > 0).astype(np.intp), [np.zeros_like(Z), Z])

    def backward(self, Z, dY):
        return np.choose(np.signbit(Z).astype(np.intp), (dY, np.zeros(dY.shape)))

# %% n-relu-grown: a flat work buffer that doubles when the input is too big
# target: activations.ReLU
class ReLU:
    def _room(self, size):
        buffer = getattr(self, "_buffer", None)
        if buffer is None or len(buffer) < size:
            cap = 1
            while cap < size:
                cap *= 2
            buffer = self._buffer = np.empty(cap)
        return buffer[:size]

    def forward(self, Z):
        work = self._room(Z.size)
        np.clip(Z.ravel(), 0.0, np.inf, out=work)
        return work.copy().reshape(Z.shape)

    def backward(self, Z, dY):
        work = self._room(Z.size)
        np.greater(Z.ravel(), 0.0, out=work, casting="unsafe")
        work *= dY.ravel()
        return np.array(work).reshape(Z.shape)

# %% n-relu-flat: gathers and puts by flat positions
# target: activations.ReLU
def _scatter_positive(Z, values):
    where = np.flatnonzero(Z > 0)
    flat = np.zeros(Z.size)
    np.put(flat, where, np.take(values, where))
    return flat.reshape(Z.shape)


class ReLU:
    def forward(self, Z):
        return _scatter_positive(Z, Z)

    def backward(self, Z, dY):
        return _scatter_positive(Z, dY)

# %% n-relu-structured: a structured array holds value and gate side by side
# target: activations.ReLU
class ReLU:
    def _pack(self, Z, values):
        pack = np.empty(Z.shape, dtype=[("value", np.float64), ("open", np.int8)])
        pack["value"] = values
        pack["open"] = Z > 0
        return pack

    def forward(self, Z):
        pack = self._pack(Z, Z)
        return pack["value"] * pack["open"]

    def backward(self, Z, dY):
        pack = self._pack(Z, dY)
        return np.multiply(pack["open"], pack["value"], dtype=np.float64)

# %% n-relu-table: looks the answer up along a stacked first axis
# target: activations.ReLU
class ReLU:
    def _pick(self, Z, values):
        table = np.stack([np.zeros(Z.shape), values])
        gate = np.greater(Z, 0)[np.newaxis].astype(np.int64)
        return np.take_along_axis(table, gate, axis=0)[0]

    def forward(self, Z):
        return self._pick(Z, Z)

    def backward(self, Z, dY):
        return self._pick(Z, dY)

# %% n-relu-subtract: takes the negative part away with a where argument
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return Z - np.fmin(Z, 0.0)

    def backward(self, Z, dY):
        answer = dY.astype(float, copy=True)
        return np.subtract(answer, dY, out=answer, where=np.asarray(Z < 0))

# %% n-sigmoid-logaddexp: exponential of a log-sigmoid made with np.logaddexp
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        return np.exp(-np.logaddexp(0.0, -Z))

    def backward(self, Z, dY):
        return dY * np.exp(-np.logaddexp(0.0, -Z) - np.logaddexp(0.0, Z))

# %% n-sigmoid-masks: two boolean masks and two formulas
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        Y = np.empty_like(Z, dtype=float)
        up = Z >= 0
        Y[up] = 1.0 / (1.0 + np.exp(-Z[up]))
        small = np.exp(Z[~up])
        Y[~up] = small / (small + 1.0)
        return Y

    def backward(self, Z, dY):
        tail = np.exp(-np.abs(Z))
        return dY * tail / np.square(1.0 + tail)

# %% n-sigmoid-piecewise: np.piecewise with one call per side
# target: activations.Sigmoid
import functools


def _right(z, sign=1.0):
    return np.reciprocal(1.0 + np.exp(-sign * z))


def _left(z, sign=1.0):
    e = np.exp(sign * z)
    return np.true_divide(e, e + 1.0)


class Sigmoid:
    def _both(self, Z, sign):
        parts = [functools.partial(_left, sign=sign), functools.partial(_right, sign=sign)]
        return np.piecewise(Z, [sign * Z < 0, sign * Z >= 0], parts)

    def forward(self, Z):
        return self._both(Z, 1.0)

    def backward(self, Z, dY):
        return np.multiply(dY, self._both(Z, 1.0)) * self._both(Z, -1.0)

# %% n-sigmoid-longdouble: computes in long double and comes back to float64
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        with np.errstate(over="ignore"):
            wide = np.asarray(Z).astype(np.longdouble)
            return (1 / (1 + np.exp(-wide))).astype(np.float64)

    def backward(self, Z, dY):
        wide = np.asarray(Z).astype(np.longdouble)
        decay = np.exp(-np.absolute(wide))
        return (dY * decay / (1 + decay) ** 2).astype(np.float64)

# %% n-sigmoid-errstate: errstate as a decorator and the hyperbolic cosine
# target: activations.Sigmoid
class Sigmoid:
    @np.errstate(over="ignore", under="ignore")
    def forward(self, Z):
        return 1.0 / (1.0 + np.exp(-Z))

    @np.errstate(over="ignore", under="ignore")
    def backward(self, Z, dY):
        return dY / (2.0 + 2.0 * np.cosh(Z))

# %% n-sigmoid-log1p: log of the sigmoid with log1p and minimum
# target: activations.Sigmoid
class Sigmoid:
    def log_forward(self, Z):
        return np.minimum(Z, 0.0) - np.log1p(np.exp(-np.abs(Z)))

    def forward(self, Z):
        return np.exp(self.log_forward(Z))

    def backward(self, Z, dY):
        return dY * np.exp(self.log_forward(Z) + self.log_forward(np.negative(Z)))

# %% n-sigmoid-pair: a softmax over the two logits zero and z
# target: activations.Sigmoid
class Sigmoid:
    def _pair(self, Z):
        logits = np.stack((np.zeros(np.shape(Z)), Z), axis=-1)
        logits = logits - np.amax(logits, axis=-1, keepdims=True)
        np.exp(logits, out=logits)
        return logits / np.sum(logits, axis=-1, keepdims=True)

    def forward(self, Z):
        return self._pair(Z)[..., 1]

    def backward(self, Z, dY):
        return dY * self._pair(Z).prod(axis=-1)

# %% n-sigmoid-where-out: ufuncs with where and out arguments on one array
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        if not isinstance(Z, np.ndarray):
            raise TypeError("Sigmoid wants an ndarray")
        low = np.asarray(Z < 0)
        e = np.array(Z, order="K")
        np.negative(e, out=e, where=~low)
        np.exp(e, out=e)
        top = np.ones_like(e)
        np.copyto(top, e, where=low)
        np.add(e, 1.0, out=e)
        return np.divide(top, e, out=top)

    def backward(self, Z, dY):
        if not isinstance(dY, np.ndarray):
            raise TypeError("Sigmoid wants an ndarray")
        slope = self.forward(Z)
        slope *= self.forward(np.asarray(-Z))
        slope *= dY
        return slope

# %% n-softmax-logaddexp: log-sum-exp by np.logaddexp.reduce
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        return np.exp(Z - np.logaddexp.reduce(Z, axis=1, keepdims=True))

    def backward(self, Z, dY):
        Y = self.forward(Z)
        weighted = Y * dY
        return weighted - Y * np.add.reduce(weighted, axis=1, keepdims=True)

# %% n-softmax-jacobian: builds all Jacobians as one array of shape m, k, k
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        E = np.exp(Z - np.nanmax(Z, axis=1)[:, None])
        return np.einsum("ij,i->ij", E, 1.0 / np.nansum(E, axis=1))

    def backward(self, Z, dY):
        Y = self.forward(Z)
        J = np.einsum("ij,jl->ijl", Y, np.eye(Y.shape[1])) - Y[:, :, None] * Y[:, None, :]
        return np.matmul(dY[:, None, :], J)[:, 0, :]

# %% n-softmax-columns: walks over the columns only
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        top = Z[:, 0].copy()
        for j in range(1, Z.shape[1]):
            np.maximum(top, Z[:, j], out=top)
        columns = [np.exp(Z[:, j] - top) for j in range(Z.shape[1])]
        total = sum(columns)
        return np.column_stack([column / total for column in columns])

    def backward(self, Z, dY):
        Y = self.forward(Z)
        k = Y.shape[1]
        dZ = np.zeros((Y.shape[0], k), order="F")
        for j in range(k):
            for l in range(k):
                dZ[:, j] += dY[:, l] * Y[:, l] * ((1.0 if j == l else 0.0) - Y[:, j])
        return dZ

# %% n-softmax-reduceat: sums the flattened rows with np.add.reduceat
# target: activations.SoftMax
class SoftMax:
    def _row_sums(self, A):
        m, k = A.shape
        return np.add.reduceat(A.ravel(), np.arange(0, m * k, k))

    def forward(self, Z):
        m, k = Z.shape
        peak = np.maximum.reduceat(Z.ravel(), np.arange(0, m * k, k))
        E = np.exp(Z - np.repeat(peak, k).reshape(m, k))
        return E / np.repeat(self._row_sums(E), k).reshape(m, k)

    def backward(self, Z, dY):
        Y = self.forward(Z)
        return Y * (dY - self._row_sums(dY * Y)[:, np.newaxis])

# %% n-softmax-bincount: row sums by np.bincount with weights
# target: activations.SoftMax
class SoftMax:
    def _sums(self, A):
        rows = np.indices(A.shape)[0].ravel()
        return np.bincount(rows, weights=A.ravel(), minlength=A.shape[0]).reshape(-1, 1)

    def forward(self, Z):
        powers = np.exp(Z - np.sort(Z, axis=1)[:, -1:])
        return powers / self._sums(powers)

    def backward(self, Z, dY):
        Y = self.forward(Z)
        return (dY - self._sums(np.multiply(Y, dY))) * Y

# %% n-softmax-over-axes: np.apply_over_axes for the maximum and the sum
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        shifted = np.subtract(Z, np.apply_over_axes(np.max, Z, [1]))
        powers = np.exp(shifted)
        return np.divide(powers, np.apply_over_axes(np.sum, powers, [1]))

    def backward(self, Z, dY):
        Y = self.forward(Z)
        inner = np.apply_over_axes(np.sum, Y * dY, (1,))
        return Y * dY - Y * inner

# %% n-softmax-matrix: np.matrix inside and a plain array outside
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        M = np.asmatrix(Z)
        E = np.exp(M - M.max(1))
        ones = np.asmatrix(np.ones((Z.shape[1], 1)))
        return np.asarray(np.divide(E, E * ones))

    def backward(self, Z, dY):
        Y = np.asmatrix(self.forward(Z))
        G = np.asmatrix(dY)
        ones = np.asmatrix(np.ones((Z.shape[1], Z.shape[1])))
        P = np.multiply(Y, G)
        return np.asarray(P - np.multiply(Y, P * ones))

# %% n-softmax-tournament: halves the columns until one maximum is left
# target: activations.SoftMax
class SoftMax:
    def _fold(self, A, combine):
        while A.shape[1] > 1:
            half = A.shape[1] // 2
            left, right, rest = np.split(A, [half, 2 * half], axis=1)
            A = np.hstack([combine(left, right), rest])
        return A

    def forward(self, Z):
        if type(Z) is not np.ndarray or Z.ndim != 2:
            raise TypeError("softmax wants a two-dimensional numpy array")
        E = np.exp(Z - self._fold(Z, np.maximum))
        return E / self._fold(E, np.add)

    def backward(self, Z, dY):
        Y = self.forward(Z)
        return Y * (dY - self._fold(Y * dY, np.add))

# %% n-softmax-grown: padded rows in a kept buffer of doubling height
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        m, k = Z.shape
        kept = getattr(self, "_kept", None)
        if kept is None or kept.shape[0] < m or kept.shape[1] != k:
            cap = 1
            while cap < len(Z):
                cap *= 2
            kept = self._kept = np.zeros((cap, k))
        kept[:m] = Z
        kept[m:] = 0.0
        kept -= np.percentile(kept, 100, axis=1, keepdims=True)
        np.exp(kept, out=kept)
        kept /= kept @ np.ones((k, 1))
        return kept[:m].copy()

    def backward(self, Z, dY):
        Y = self.forward(Z)
        return Y * dY - Y * np.einsum("ij,ij->i", Y, dY).reshape(-1, 1)

# %% n-softmax-unstack: transposed work on views with the classes first
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        by_class = Z.T
        by_class = by_class - by_class.max(axis=0)
        e = np.exp(by_class, order="C")
        return (e / e.sum(axis=0)).T

    def backward(self, Z, dY):
        y = np.swapaxes(self.forward(Z), 0, 1)
        g = np.swapaxes(dY, 0, 1)
        return np.moveaxis(y * (g - np.einsum("ji,ji->i", y, g)), 0, 1)

# %% n-ce-vdot: one inner product of targets and logarithms
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return float(-np.vdot(Y, np.log(Y_hat)) / len(Y))

    def backward(self, Y, Y_hat):
        return np.negative(np.divide(Y, Y_hat)) / len(Y)

# %% n-ce-where: takes logarithms only where there is a target
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        used = Y != 0
        logs = np.log(Y_hat, out=np.zeros(Y.shape), where=used)
        return -(Y * logs).sum() / Y.shape[0]

    def backward(self, Y, Y_hat):
        ratio = np.divide(Y, Y_hat, out=np.zeros_like(Y), where=Y != 0)
        ratio *= -1.0 / Y.shape[0]
        return ratio

# %% n-ce-nonzero: works on the list of nonzero targets
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        at = np.nonzero(Y)
        return float(np.sum(Y[at] * -np.log(Y_hat[at])) / np.shape(Y)[0])

    def backward(self, Y, Y_hat):
        at = np.nonzero(Y)
        dY_hat = np.zeros(np.shape(Y_hat))
        np.subtract.at(dY_hat, at, Y[at] / Y_hat[at])
        return dY_hat / np.shape(Y)[0]

# %% n-ce-trace: the trace of a small class by class product
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return float(-np.trace(Y.T @ np.log(Y_hat)) / Y.shape[0])

    def backward(self, Y, Y_hat):
        return np.multiply(-Y, np.power(Y_hat, -1.0)) * (1.0 / Y.shape[0])

# %% n-ce-frexp: splits mantissa and exponent before taking logarithms
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        mantissa, exponent = np.frexp(Y_hat)
        logs = np.log(mantissa) + exponent * np.log(2.0)
        return float(np.mean(-np.sum(Y * logs, axis=1)))

    def backward(self, Y, Y_hat):
        mantissa, exponent = np.frexp(Y_hat)
        return -np.ldexp(Y / mantissa, -exponent) / Y.shape[0]

# %% n-ce-multidot: sums with a chain of matrix products
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        m, k = Y.shape
        chain = [np.full((1, m), -1.0 / m), Y * np.log2(Y_hat), np.ones((k, 1))]
        return float(np.linalg.multi_dot(chain)[0, 0] * np.log(2.0))

    def backward(self, Y, Y_hat):
        return np.copysign(Y, -1.0) * np.abs(1.0 / (Y.shape[0] * Y_hat))

# %% n-ce-fold: adds the rows up by halving the batch
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        assert isinstance(Y, np.ndarray) and isinstance(Y_hat, np.ndarray)
        rows = Y * np.log(Y_hat)
        while len(rows) > 1:
            half = len(rows) // 2
            rows = np.vstack([rows[:half] + rows[half : 2 * half], rows[2 * half :]])
        return -float(rows.sum()) / len(Y)

    def backward(self, Y, Y_hat):
        G = np.array(Y, dtype=float)
        G /= Y_hat
        G /= -len(Y)
        return G

# %% n-ce-bincount: a loss per class with np.bincount and weights
# target: losses.CrossEntropy
class CrossEntropy:
    def forward(self, Y, Y_hat):
        m, k = Y.shape
        classes = np.tile(np.arange(k), m)
        surprise = np.negative(np.log(Y_hat))
        per_class = np.bincount(classes, weights=(Y * surprise).reshape(-1), minlength=k)
        return per_class.sum() / m

    def backward(self, Y, Y_hat):
        safe = np.fmax(Y_hat, np.finfo(float).tiny)
        return np.true_divide(Y, -Y.shape[0] * safe)

# %% n-mse-norm: squares the Frobenius norm
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        return float(np.linalg.norm(Y - Y_hat, "fro") ** 2 / Y.shape[0])

    def backward(self, Y, Y_hat):
        return np.add(Y_hat - Y, Y_hat - Y) / Y.shape[0]

# %% n-mse-moments: variance plus squared mean of every column
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        D = Y_hat - Y
        return float((np.var(D, axis=0) + np.mean(D, axis=0) ** 2).sum())

    def backward(self, Y, Y_hat):
        return np.einsum(",ij->ij", 2.0 / Y.shape[0], Y_hat - Y)

# %% n-mse-hypot: the length of all differences by np.hypot.reduce
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        length = np.hypot.reduce((Y - Y_hat).ravel())
        return length * length / len(Y)

    def backward(self, Y, Y_hat):
        both = np.dstack([Y_hat, Y])
        return both @ np.array([2.0, -2.0]) / len(Y)

# %% n-mse-complex: squared modulus of complex differences
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        D = (Y_hat - Y).astype(np.complex128) * 1j
        return float((D * D.conj()).real.sum() / Y.shape[0])

    def backward(self, Y, Y_hat):
        twice = np.ldexp(np.subtract(Y_hat, Y), 1)
        return np.real(twice / complex(Y.shape[0]))

# %% n-mse-matrix: the trace of D transposed times D with np.matrix
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        D = np.matrix(Y) - np.matrix(Y_hat)
        return float(np.trace(D.T * D) / Y.shape[0])

    def backward(self, Y, Y_hat):
        D = np.matrix(Y_hat, copy=True)
        D -= Y
        return (D * (2.0 / Y.shape[0])).A

# %% n-mse-cumsum: last entry of a running sum of differences along a stack
# target: losses.MSE
class MSE:
    def forward(self, Y, Y_hat):
        D = np.diff(np.stack([Y, Y_hat]), axis=0)
        return float(np.cumsum(np.square(D), axis=None, dtype=np.longdouble)[-1] / Y.shape[0])

    def backward(self, Y, Y_hat):
        return np.diff(np.stack([Y, Y_hat]), axis=0)[0] * 2.0 / Y.shape[0]

# %% n-fc-halves: splits the columns of W in two halves
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        left, right = np.array_split(self.parameters["W"], 2, axis=1)
        Z = np.hstack([X @ left, X @ right]) + self.parameters["b"]
        self.cache["X"], self.cache["Z"] = X, Z
        return self.activation(Z)

    def backward(self, dLdY):
        X, Z = self.cache["X"], self.cache["Z"]
        dZ = self.activation.backward(Z, dLdY)
        halves = np.array_split(dZ, 2, axis=1)
        weights = np.array_split(self.parameters["W"], 2, axis=1)
        self.gradients["W"] = np.concatenate([X.T @ half for half in halves], axis=1)
        self.gradients["b"] = np.atleast_2d(dZ.sum(axis=0))
        return sum(half @ weight.T for half, weight in zip(halves, weights))

# %% n-fc-augmented: a column of ones carries the bias
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        X1 = np.block([X, np.ones((X.shape[0], 1))])
        W1 = np.block([[self.parameters["W"]], [self.parameters["b"]]])
        Z = X1 @ W1
        self.cache = {"X1": X1, "W1": W1, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        G = self.cache["X1"].T @ dZ
        self.gradients["W"], self.gradients["b"] = np.split(G, [self.n_in], axis=0)
        return (dZ @ self.cache["W1"].T)[:, :-1]

# %% n-fc-einsum: einsum with a path for every product
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        P = self.parameters
        Z = np.einsum("mi,io->mo", X, P["W"], optimize=True)
        Z = Z + P["b"]
        self.cache.update(X=X, Z=Z)
        return self.activation.forward(Z)

    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients.update(
            W=np.einsum("mi,mo->io", self.cache["X"], dZ, optimize="greedy"),
            b=np.einsum("mo->o", dZ)[None, :],
        )
        return np.einsum("mo,io->mi", dZ, self.parameters["W"], optimize="optimal")

# %% n-fc-outer: adds outer products over the input columns
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        Z = np.repeat(b.reshape(1, -1), X.shape[0], axis=0)
        for i in range(self.n_in):
            Z += np.multiply.outer(X[:, i], W[i])
        self.cache["pair"] = (X, Z)
        return self.activation.forward(Z)

    def backward(self, dLdY):
        X, Z = self.cache["pair"]
        dZ = self.activation.backward(Z, dLdY)
        dW = np.empty_like(self.parameters["W"])
        dX = np.empty(X.shape, order="F")
        for i in range(self.n_in):
            np.dot(X[:, i], dZ, out=dW[i])
            dX[:, i] = np.dot(dZ, self.parameters["W"][i])
        self.gradients["W"] = dW
        self.gradients["b"] = np.dot(np.ones((1, len(dZ))), dZ)
        return dX

# %% n-fc-matrix: the operators of np.matrix inside
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        M = np.asmatrix(X) * np.asmatrix(self.parameters["W"]) + self.parameters["b"]
        self.cache = dict(X=X, Z=np.array(M))
        return self.activation.forward(self.cache["Z"])

    def backward(self, dLdY):
        G = np.asmatrix(self.activation.backward(self.cache["Z"], dLdY))
        self.gradients["W"] = (np.asmatrix(self.cache["X"]).T * G).A
        self.gradients["b"] = G.sum(0).A
        return (G * np.asmatrix(self.parameters["W"]).T).A

# %% n-fc-grown: matmul into a kept buffer of doubling capacity
# target: layers.FullyConnected
class FullyConnected:
    def _work(self, rows):
        kept = getattr(self, "_rows", None)
        if kept is None or kept.shape[0] < rows or kept.shape[1] != self.n_out:
            cap = 1
            while cap < rows:
                cap *= 2
            kept = self._rows = np.empty((cap, self.n_out))
        return kept[:rows]

    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        work = self._work(len(X))
        np.matmul(X, self.parameters["W"], out=work)
        np.add(work, self.parameters["b"], out=work)
        self.cache["X"] = np.ascontiguousarray(X)
        self.cache["Z"] = work.copy()
        return self.activation.forward(self.cache["Z"])

    def backward(self, dLdY):
        dZ = self._work(len(dLdY))
        dZ[...] = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = np.matmul(self.cache["X"].T, dZ)
        self.gradients["b"] = np.sum(dZ, axis=0, keepdims=True)
        return np.matmul(dZ, self.parameters["W"].T)

# %% n-fc-broadcast: one three-dimensional product and sums, no matrix product
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = np.sum(X[:, :, np.newaxis] * self.parameters["W"][np.newaxis], axis=1)
        Z = Z + self.parameters["b"]
        self.cache["input"] = X.view()
        self.cache["pre"] = Z
        return self.activation.forward(Z)

    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["pre"], dLdY)
        X = self.cache["input"]
        self.gradients["W"] = (X[:, :, None] * dZ[:, None, :]).sum(axis=0)
        self.gradients["b"] = np.expand_dims(dZ.sum(axis=0), 0)
        return (dZ[:, None, :] * self.parameters["W"]).sum(axis=-1)

# %% n-fc-strict: refuses anything but a plain array and stores Fortran copies
# target: layers.FullyConnected
class FullyConnected:
    @staticmethod
    def _plain(A):
        if type(A) is not np.ndarray:
            raise TypeError(f"expected numpy.ndarray, got {type(A)!r}")
        return np.require(A, dtype=np.float64, requirements=["F", "A"])

    def forward(self, X):
        X = self._plain(X)
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = np.inner(X, self.parameters["W"].T)
        Z += self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], self._plain(dLdY))
        self.gradients["W"] = np.tensordot(self.cache["X"], dZ, axes=[[0], [0]])
        self.gradients["b"] = np.tensordot(np.ones((len(dZ), 1)), dZ, axes=[[0], [0]])
        return np.inner(dZ, self.parameters["W"])

# %% n-fc-tape: keeps a partial function that is the backward pass
# target: layers.FullyConnected
import functools
from dataclasses import dataclass


@dataclass
class _Tape:
    inputs: object
    pre: object
    kernel: object

    def pull(self, activation, upstream):
        delta = activation.backward(self.pre, upstream)
        return delta @ self.kernel.T, self.inputs.T @ delta, np.add.reduce(delta, 0, keepdims=True)


class FullyConnected:
    @property
    def W(self):
        return self.parameters["W"]

    @property
    def bias(self):
        return self.parameters["b"]

    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        tape = _Tape(X, np.matmul(X, self.W) + self.bias, self.W)
        self.cache["pull"] = functools.partial(tape.pull, self.activation)
        return self.activation(tape.pre)

    def backward(self, dLdY):
        dX, self.gradients["W"], self.gradients["b"] = self.cache["pull"](dLdY)
        return dX

# %% n-fc-two-parts: cuts the batch in an upper and a lower half
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        upper, lower = np.array_split(X, 2)
        Z = np.vstack([upper @ W + b, lower @ W + b])
        self.cache = {"upper": upper, "lower": lower, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        top, bottom = np.array_split(dZ, 2)
        self.gradients["W"] = self.cache["upper"].T @ top + self.cache["lower"].T @ bottom
        self.gradients["b"] = (top.sum(axis=0) + bottom.sum(axis=0)).reshape(1, self.n_out)
        return np.concatenate((top, bottom)) @ self.parameters["W"].T

# %% n-conv-fft: correlation theorem with real FFTs
# target: layers.Conv2D
class Conv2D:
    def _sizes(self, X):
        return tuple(X.shape[1 + a] + 2 * self.pad[a] for a in (0, 1))

    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        size, (kh, kw), s = self._sizes(X), self.kernel_shape, self.stride
        ph, pw = self.pad
        X_pad = np.pad(X, [(0, 0), (ph, ph), (pw, pw), (0, 0)])
        FX = np.fft.rfft2(X_pad, axes=(1, 2))
        FW = np.fft.rfft2(self.parameters["W"], s=size, axes=(0, 1))
        full = np.fft.irfft2(np.einsum("mhwc,hwco->mhwo", FX, FW.conj()), s=size, axes=(1, 2))
        Z = full[:, : size[0] - kh + 1 : s, : size[1] - kw + 1 : s] + self.parameters["b"]
        self.cache = {"FX": FX, "FW": FW, "size": size, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        size, (kh, kw), s = self.cache["size"], self.kernel_shape, self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        spread = np.zeros((dZ.shape[0], *size, dZ.shape[3]))
        spread[:, : size[0] - kh + 1 : s, : size[1] - kw + 1 : s] = dZ
        FG = np.fft.rfft2(spread, axes=(1, 2))
        FdW = np.einsum("mhwc,mhwo->hwco", self.cache["FX"], FG.conj())
        self.gradients["W"] = np.fft.irfft2(FdW, s=size, axes=(0, 1))[:kh, :kw]
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2))[None]
        FdX = np.einsum("mhwo,hwco->mhwc", FG, self.cache["FW"])
        dX = np.fft.irfft2(FdX, s=size, axes=(1, 2))
        (ph, pw), (height, width) = self.pad, size
        return dX[:, ph : height - ph, pw : width - pw]

# %% n-conv-lru-index: cached index arrays and np.add.at
# target: layers.Conv2D
import functools


@functools.lru_cache(maxsize=128)
def _window_index(height, width, kh, kw, stride):
    top = stride * np.arange((height - kh) // stride + 1)
    left = stride * np.arange((width - kw) // stride + 1)
    rows = top[:, None, None, None] + np.arange(kh)[None, None, :, None]
    columns = left[None, :, None, None] + np.arange(kw)[None, None, None, :]
    return rows, columns


class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        m, H, W, C = X.shape
        ph, pw = self.pad
        big = np.zeros((m, H + 2 * ph, W + 2 * pw, C))
        big[:, ph : ph + H, pw : pw + W] = X
        index = _window_index(H + 2 * ph, W + 2 * pw, *self.kernel_shape, self.stride)
        patches = big[:, index[0], index[1]]
        Z = np.tensordot(patches, self.parameters["W"], axes=3) + self.parameters["b"]
        self.cache = {"patches": patches, "index": index, "padded": big.shape, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        over = (0, 1, 2)
        self.gradients["W"] = np.tensordot(self.cache["patches"], dZ, axes=(over, over))
        self.gradients["b"] = dZ.sum(axis=over, keepdims=True)[0, 0]
        d_patches = np.tensordot(dZ, self.parameters["W"], axes=([3], [3]))
        big = np.zeros(self.cache["padded"])
        np.add.at(big, (slice(None), *self.cache["index"]), d_patches)
        (ph, pw), (_, height, width, _) = self.pad, big.shape
        return big[:, ph : height - ph, pw : width - pw]

# %% n-conv-bincount: windows of flat positions, scattered back with np.bincount
# target: layers.Conv2D
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        ph, pw = self.pad
        X_pad = np.pad(X, ((0,), (ph,), (pw,), (0,)), mode="constant", constant_values=0.0)
        number = np.arange(X_pad.size).reshape(X_pad.shape)
        views = np.lib.stride_tricks.sliding_window_view(number, self.kernel_shape, axis=(1, 2))
        where = np.moveaxis(views[:, :: self.stride, :: self.stride], 3, 5)
        patches = X_pad.ravel()[where]
        Z = np.einsum("mabuvc,uvco->mabo", patches, self.parameters["W"], optimize=True)
        Z += self.parameters["b"]
        self.cache.update(where=where, patches=patches, shape=X_pad.shape, Z=Z)
        return self.activation.forward(Z)

    def backward(self, dLdY):
        c, W = self.cache, self.parameters["W"]
        dZ = self.activation.backward(c["Z"], dLdY)
        self.gradients["W"] = np.einsum("mabuvc,mabo->uvco", c["patches"], dZ, optimize=True)
        self.gradients["b"] = np.einsum("mabo->o", dZ).reshape(1, -1)
        d_patches = np.einsum("mabo,uvco->mabuvc", dZ, W, optimize=True)
        size = int(np.prod(c["shape"]))
        flat = np.bincount(c["where"].ravel(), weights=d_patches.ravel(), minlength=size)
        (ph, pw), (_, height, width, _) = self.pad, c["shape"]
        return flat.reshape(c["shape"])[:, ph : height - ph, pw : width - pw, :]

# %% n-conv-flipped: strided windows forward, flipped kernel over spread gradients backward
# target: layers.Conv2D
def _strided(A, kh, kw, step):
    m, height, width, channels = A.shape
    shape = (m, (height - kh) // step + 1, (width - kw) // step + 1, kh, kw, channels)
    a, b, c, d = A.strides
    return np.lib.stride_tricks.as_strided(
        A, shape, (a, b * step, c * step, b, c, d), writeable=False
    )


class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        (kh, kw), (ph, pw) = self.kernel_shape, self.pad
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        windows = _strided(X_pad, kh, kw, self.stride)
        Z = np.tensordot(windows, self.parameters["W"], axes=([3, 4, 5], [0, 1, 2]))
        Z = Z + self.parameters["b"]
        self.cache = {"windows": windows, "X_pad": X_pad, "X": X, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        axes = ([0, 1, 2], [0, 1, 2])
        self.gradients["W"] = np.tensordot(self.cache["windows"], dZ, axes=axes)
        self.gradients["b"] = dZ.reshape(-1, self.n_out).sum(axis=0, keepdims=True)
        (kh, kw), s = self.kernel_shape, self.stride
        m, height, width, _ = self.cache["X_pad"].shape
        spread = np.zeros((m, height + kh - 1, width + kw - 1, self.n_out))
        spread[:, kh - 1 : height : s, kw - 1 : width : s] = dZ
        turned = np.flip(self.parameters["W"], axis=(0, 1)).swapaxes(2, 3)
        dX_pad = np.tensordot(_strided(spread, kh, kw, 1), turned, axes=3)
        ph, pw = self.pad
        return dX_pad[:, ph : ph + self.cache["X"].shape[1], pw : pw + self.cache["X"].shape[2]]

# %% n-conv-kron: one big matrix made with np.kron
# target: layers.Conv2D
def _pickers(size, kernel, stride, pad):
    out = (size + 2 * pad - kernel) // stride + 1
    hit = stride * np.arange(out)[:, None] - pad + np.arange(kernel)[:, None, None]
    return (hit == np.arange(size)).astype(float)


class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W = self.parameters["W"]
        m, height, width, channels = X.shape
        kh, kw = self.kernel_shape
        R = _pickers(height, kh, self.stride, self.pad[0])
        S = _pickers(width, kw, self.stride, self.pad[1])
        big = np.zeros((height * width * channels, R.shape[1] * S.shape[1] * self.n_out))
        for u in range(kh):
            for v in range(kw):
                big += np.kron(np.kron(R[u].T, S[v].T), W[u, v])
        Z = (X.reshape(m, -1) @ big).reshape(m, R.shape[1], S.shape[1], self.n_out)
        Z = Z + self.parameters["b"].ravel()
        self.cache = {"X": X, "Z": Z, "big": big, "R": R, "S": S}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        X, R, S = self.cache["X"], self.cache["R"], self.cache["S"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        flat = dZ.reshape(len(dZ), -1)
        d_big = (X.reshape(len(X), -1).T @ flat).reshape(X.shape[1:] + dZ.shape[1:])
        self.gradients["W"] = np.einsum("hwcabo,uah,vbw->uvco", d_big, R, S, optimize=True)
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return (flat @ self.cache["big"].T).reshape(X.shape)

# %% n-conv-selectors: zero-one selector arrays and einsum, no padding at all
# target: layers.Conv2D
class Conv2D:
    def _selector(self, size, axis):
        k, s, p = self.kernel_shape[axis], self.stride, self.pad[axis]
        out = (size + 2 * p - k) // s + 1
        u, a = np.meshgrid(np.arange(k), np.arange(out), indexing="ij")
        at = s * a + u - p
        inside = (at >= 0) & (at < size)
        chosen = np.zeros((k, out, size))
        chosen[u[inside], a[inside], at[inside]] = 1.0
        return chosen

    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        R, S = self._selector(X.shape[1], 0), self._selector(X.shape[2], 1)
        path = "nhwc,uah,vbw,uvco->nabo"
        Z = np.einsum(path, X, R, S, self.parameters["W"], optimize=True)
        Z = Z + self.parameters["b"]
        self.cache = {"X": X, "R": R, "S": S, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        X, R, S, Z = (self.cache[key] for key in ("X", "R", "S", "Z"))
        dZ = self.activation.backward(Z, dLdY)
        self.gradients["W"] = np.einsum("nhwc,uah,vbw,nabo->uvco", X, R, S, dZ, optimize=True)
        self.gradients["b"] = np.einsum("nabo->o", dZ)[np.newaxis, :]
        W = self.parameters["W"]
        return np.einsum("nabo,uah,vbw,uvco->nhwc", dZ, R, S, W, optimize=True)

# %% n-conv-roll: rolls the padded images by every kernel position
# target: layers.Conv2D
import itertools


class Conv2D:
    def _corners(self, shape):
        (kh, kw), s = self.kernel_shape, self.stride
        return slice(0, shape[1] - kh + 1, s), slice(0, shape[2] - kw + 1, s)

    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        ph, pw = self.pad
        frame = ((0, 0), (ph, ph), (pw, pw), (0, 0))
        X_pad = np.pad(X, frame, mode="edge") * np.pad(np.ones(X.shape), frame)
        rows, columns = self._corners(X_pad.shape)
        Z = self.parameters["b"].reshape(1, 1, 1, -1)
        for u, v in itertools.product(*map(range, self.kernel_shape)):
            moved = np.roll(X_pad, shift=(-u, -v), axis=(1, 2))
            Z = Z + moved[:, rows, columns] @ self.parameters["W"][u, v]
        self.cache = {"X_pad": X_pad, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        X_pad, W = self.cache["X_pad"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        spread = np.zeros(X_pad.shape[:3] + (self.n_out,))
        spread[(slice(None), *self._corners(X_pad.shape))] = dZ
        dX_pad, dW = np.zeros_like(X_pad), np.zeros_like(W)
        for u, v in itertools.product(*map(range, self.kernel_shape)):
            dX_pad += np.roll(spread @ W[u, v].T, (u, v), (1, 2))
            moved = np.roll(X_pad, (-u, -v), (1, 2))
            dW[u, v] = moved.reshape(-1, W.shape[2]).T @ spread.reshape(-1, self.n_out)
        self.gradients = {"W": dW, "b": dZ.sum((0, 1, 2)).reshape(1, -1)}
        ph, pw = self.pad
        return dX_pad[:, ph : X_pad.shape[1] - ph, pw : X_pad.shape[2] - pw]

# %% n-conv-channels-first: NCHW inside with one matrix of columns
# target: layers.Conv2D
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        m, H, W, C = X.shape
        P = np.pad(np.rollaxis(X, 3, 1), ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        h_out, w_out = (H + 2 * ph - kh) // s + 1, (W + 2 * pw - kw) // s + 1
        i0 = np.tile(np.repeat(np.arange(kh), kw), C)
        j0 = np.tile(np.arange(kw), kh * C)
        i1 = s * np.repeat(np.arange(h_out), w_out)
        j1 = s * np.tile(np.arange(w_out), h_out)
        k = np.repeat(np.arange(C), kh * kw).reshape(-1, 1)
        i, j = i0.reshape(-1, 1) + i1, j0.reshape(-1, 1) + j1
        cols = P[:, k, i, j].transpose(1, 2, 0).reshape(C * kh * kw, -1)
        flat = self.parameters["W"].transpose(3, 2, 0, 1).reshape(self.n_out, -1)
        res = flat @ cols + self.parameters["b"].reshape(-1, 1)
        Z = res.reshape(self.n_out, h_out, w_out, m).transpose(3, 1, 2, 0)
        self.cache = {"cols": cols, "Z": Z, "index": (k, i, j), "P": P.shape}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        (kh, kw), (ph, pw), C = self.kernel_shape, self.pad, self.n_in
        k, i, j = self.cache["index"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        D = dZ.transpose(3, 1, 2, 0).reshape(self.n_out, -1)
        dW = (D @ self.cache["cols"].T).reshape(self.n_out, C, kh, kw)
        self.gradients["W"] = dW.transpose(2, 3, 1, 0)
        self.gradients["b"] = D.sum(axis=1).reshape(1, -1)
        flat = self.parameters["W"].transpose(3, 2, 0, 1).reshape(self.n_out, -1)
        d_cols = (flat.T @ D).reshape(C * kh * kw, -1, len(dZ)).transpose(2, 0, 1)
        dP = np.zeros(self.cache["P"])
        np.add.at(dP, (slice(None), k, i, j), d_cols)
        height, width = dP.shape[2:]
        return dP[:, :, ph : height - ph, pw : width - pw].transpose(0, 2, 3, 1)

# %% n-conv-polyphase: turns strides into extra channels first
# target: layers.Conv2D
class Conv2D:
    def _folded_kernel(self):
        (kh, kw), s = self.kernel_shape, self.stride
        qh, qw = -(-kh // s), -(-kw // s)
        W = self.parameters["W"]
        W = np.pad(W, ((0, qh * s - kh), (0, qw * s - kw), (0, 0), (0, 0)))
        return W.reshape(qh, s, qw, s, *W.shape[2:])

    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        m, H, W, C = X.shape
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        K = self._folded_kernel()
        h_out, w_out = (H + 2 * ph - kh) // s + 1, (W + 2 * pw - kw) // s + 1
        h_all, w_all = h_out + K.shape[0] - 1, w_out + K.shape[2] - 1
        canvas = np.zeros((m, max(h_all * s, H + 2 * ph), max(w_all * s, W + 2 * pw), C))
        canvas[:, ph : ph + H, pw : pw + W] = X
        cut = canvas[:, : h_all * s, : w_all * s].reshape(m, h_all, s, w_all, s, C)
        Z = np.zeros((m, h_out, w_out, self.n_out))
        for a, b in np.ndindex(K.shape[0], K.shape[2]):
            part = cut[:, a : a + h_out, :, b : b + w_out]
            Z += np.tensordot(part, K[a, :, b], axes=([2, 4, 5], [0, 1, 2]))
        Z += self.parameters["b"]
        self.cache = {"cut": cut, "Z": Z, "canvas": canvas.shape, "X": X.shape}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        cut, K = self.cache["cut"], self._folded_kernel()
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        _, h_out, w_out, _ = dZ.shape
        d_cut, dK = np.zeros_like(cut), np.zeros_like(K)
        for a, b in np.ndindex(K.shape[0], K.shape[2]):
            part = np.s_[:, a : a + h_out, :, b : b + w_out]
            dK[a, :, b] = np.tensordot(cut[part], dZ, axes=([0, 1, 3], [0, 1, 2]))
            back = np.tensordot(dZ, K[a, :, b], axes=([3], [3]))
            d_cut[part] += back.transpose(0, 1, 3, 2, 4, 5)
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        dK = dK.reshape(K.shape[0] * s, K.shape[2] * s, *K.shape[4:])
        self.gradients["W"] = np.ascontiguousarray(dK[:kh, :kw])
        self.gradients["b"] = np.sum(dZ, axis=(0, 1, 2))[np.newaxis]
        m, H, W, C = self.cache["X"]
        canvas = np.zeros(self.cache["canvas"])
        rows, columns = cut.shape[1] * s, cut.shape[3] * s
        canvas[:, :rows, :columns] = d_cut.reshape(m, rows, columns, C)
        return canvas[:, ph : ph + H, pw : pw + W]

# %% n-conv-recursive: halves the list of kernel positions recursively
# target: layers.Conv2D
class Conv2D:
    def _halve(self, positions, term):
        if len(positions) == 1:
            return term(*positions[0])
        middle = len(positions) // 2
        return self._halve(positions[:middle], term) + self._halve(positions[middle:], term)

    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)), mode="constant")
        h = (X_pad.shape[1] - kh) // s + 1
        w = (X_pad.shape[2] - kw) // s + 1
        here, sides = np.arange(len(X)), np.arange(X.shape[3])
        boxes = {
            (u, v): np.ix_(here, u + s * np.arange(h), v + s * np.arange(w), sides)
            for u in range(kh)
            for v in range(kw)
        }
        W = self.parameters["W"]
        Z = self._halve(list(boxes), lambda u, v: np.dot(X_pad[boxes[u, v]], W[u, v]))
        Z = Z + self.parameters["b"]
        self.cache = {"boxes": boxes, "X_pad": X_pad, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        boxes, X_pad, W = self.cache["boxes"], self.cache["X_pad"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        dX_pad, dW = np.zeros(X_pad.shape, order="F"), np.zeros(W.shape)
        for (u, v), box in boxes.items():
            dX_pad[box] += np.inner(dZ, W[u, v])
            dW[u, v] = np.einsum("mabc,mabo->co", X_pad[box], dZ)
        self.gradients["W"], self.gradients["b"] = dW, dZ.sum(axis=(0, 1, 2), keepdims=True)[0, 0]
        (ph, pw), (_, height, width, _) = self.pad, X_pad.shape
        return np.copy(dX_pad[:, ph : height - ph, pw : width - pw])

# %% n-conv-grown: patches live in a kept buffer of doubling size
# target: layers.Conv2D
class Conv2D:
    def _patches(self, shape):
        size = int(np.prod(shape))
        cap = 1
        while cap < size:
            cap *= 2
        if getattr(self, "_pool", None) is None or self._pool.size < cap:
            self._pool = np.empty(cap)
        return self._pool[:size].reshape(shape)

    def forward(self, X):
        if type(X) is not np.ndarray:
            raise TypeError("images must be a numpy.ndarray")
        if self.n_in is None:
            self._init_parameters(X.shape)
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        m, H, W, C = X.shape
        h, w = (H + 2 * ph - kh) // s + 1, (W + 2 * pw - kw) // s + 1
        X_pad = np.zeros((m, H + 2 * ph, W + 2 * pw, C))
        np.copyto(X_pad[:, ph : ph + H, pw : pw + W], X)
        patches = self._patches((m, h, w, kh, kw, C))
        for u in range(kh):
            for v in range(kw):
                patches[:, :, :, u, v] = X_pad[:, u : u + s * h : s, v : v + s * w : s]
        flat = patches.reshape(m * h * w, kh * kw * C)
        Z = flat @ self.parameters["W"].reshape(-1, self.n_out)
        Z = Z.reshape(m, h, w, -1) + self.parameters["b"]
        self.cache = {"flat": flat, "padded": X_pad.shape, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        m, h, w, _ = dZ.shape
        rows = dZ.reshape(-1, self.n_out)
        W = self.parameters["W"]
        self.gradients["W"] = (self.cache["flat"].T @ rows).reshape(W.shape)
        self.gradients["b"] = np.ones((1, len(rows))) @ rows
        d_patches = (rows @ W.reshape(-1, self.n_out).T).reshape(m, h, w, kh, kw, -1)
        dX_pad = np.zeros(self.cache["padded"])
        for u in range(kh):
            for v in range(kw):
                target = dX_pad[:, u : u + s * h : s, v : v + s * w : s]
                np.add(target, d_patches[:, :, :, u, v], out=target)
        height, width = dX_pad.shape[1:3]
        return dX_pad[:, ph : height - ph, pw : width - pw]

# %% n-conv-channel-pairs: loops over input and output channels, positions by strided views
# target: layers.Conv2D
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        W = self.parameters["W"]
        X_pad = np.pad(np.asarray(X), ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        planes = []
        for c in range(self.n_in):
            one = np.lib.stride_tricks.sliding_window_view(X_pad[..., c], (kh, kw), (1, 2))
            planes.append(one[:, ::s, ::s])
        outputs = []
        for o in range(self.n_out):
            total = np.full(planes[0].shape[:3], self.parameters["b"].flat[o])
            for c, plane in enumerate(planes):
                total += np.tensordot(plane, W[:, :, c, o], axes=2)
            outputs.append(total)
        Z = np.stack(outputs, axis=-1)
        self.cache.update({"planes": planes, "Z": Z, "shape": X_pad.shape})
        return self.activation.forward(Z)

    def backward(self, dLdY):
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        W, planes = self.parameters["W"], self.cache["planes"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        dW, dX_pad = np.zeros(W.shape), np.zeros(self.cache["shape"])
        for c, plane in enumerate(planes):
            dW[:, :, c] = np.tensordot(plane, dZ, axes=((0, 1, 2), (0, 1, 2)))
            windows = np.lib.stride_tricks.sliding_window_view(
                dX_pad[..., c], (kh, kw), axis=(1, 2), writeable=True
            )[:, ::s, ::s]
            for u, v in np.ndindex(kh, kw):
                windows[..., u, v] += dZ @ W[u, v, c]
        self.gradients["W"] = dW
        self.gradients["b"] = np.apply_over_axes(np.sum, dZ, [0, 1, 2]).reshape(1, -1)
        _, height, width, _ = dX_pad.shape
        return dX_pad[:, ph : height - ph, pw : width - pw]

# %% n-pool-reduce: functools.reduce over a generator of kernel positions
# target: layers.Pool2D
import functools
import itertools


class Pool2D:
    def _views(self, A):
        (kh, kw), s = self.kernel_shape, self.stride
        h, w = (A.shape[1] - kh) // s + 1, (A.shape[2] - kw) // s + 1
        for u, v in itertools.product(range(kh), range(kw)):
            yield A[:, u : u + s * h : s, v : v + s * w : s]

    def forward(self, X):
        ph, pw = self.pad
        X_pad = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        if self.mode == "max":
            Y = functools.reduce(np.maximum, self._views(X_pad), -np.inf)
        else:
            Y = functools.reduce(np.add, self._views(X_pad)) / np.prod(self.kernel_shape)
        self.cache = {"X_pad": X_pad, "Y": Y}
        return Y

    def backward(self, dLdY):
        X_pad, Y = self.cache["X_pad"], self.cache["Y"]
        dX_pad = np.zeros(X_pad.shape)
        if self.mode == "max":
            count = sum((view == Y).astype(float) for view in self._views(X_pad))
            for view, target in zip(self._views(X_pad), self._views(dX_pad)):
                target += (view == Y) * (dLdY / count)
        else:
            for target in self._views(dX_pad):
                target += dLdY / np.prod(self.kernel_shape)
        (ph, pw), (_, height, width, _) = self.pad, X_pad.shape
        return dX_pad[:, ph : height - ph, pw : width - pw]

# %% n-pool-unravel: np.unravel_index of the winner and np.add.at
# target: layers.Pool2D
class Pool2D:
    def forward(self, X):
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        m, H, W, C = X.shape
        P = np.zeros((m, H + 2 * ph, W + 2 * pw, C))
        P[:, ph : ph + H, pw : pw + W, :] = X
        a, b, c, d = P.strides
        shape = (m, (P.shape[1] - kh) // s + 1, (P.shape[2] - kw) // s + 1, C, kh, kw)
        windows = np.lib.stride_tricks.as_strided(P, shape, (a, s * b, s * c, d, b, c))
        self.cache["padded"] = P.shape
        if self.mode == "average":
            return windows.mean(axis=(-2, -1))
        flat = windows.reshape(*shape[:4], kh * kw)
        self.cache["winner"] = np.unravel_index(flat.argmax(axis=-1), (kh, kw))
        return flat.max(axis=-1)

    def backward(self, dLdY):
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        dP = np.zeros(self.cache["padded"])
        n, r, q, c = np.indices(dLdY.shape, sparse=True)
        if self.mode == "max":
            u, v = self.cache["winner"]
            np.add.at(dP, (n, s * r + u, s * q + v, c), dLdY)
        else:
            for u, v in np.ndindex(kh, kw):
                np.add.at(dP, (n, s * r + u, s * q + v, c), dLdY / (kh * kw))
        return dP[:, ph : dP.shape[1] - ph, pw : dP.shape[2] - pw]

# %% n-pool-put-along: marks the winner with np.put_along_axis
# target: layers.Pool2D
class Pool2D:
    def forward(self, X):
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        P = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(P, (kh, kw), axis=(1, 2))
        flat = np.array(windows[:, ::s, ::s]).reshape(len(X), *self._out(P), X.shape[3], -1)
        best = np.argsort(flat, axis=-1, kind="stable")[..., -1:]
        weights = np.zeros_like(flat)
        if self.mode == "max":
            np.put_along_axis(weights, best, 1.0, axis=-1)
        else:
            weights[...] = 1.0 / flat.shape[-1]
        self.cache = {"weights": weights, "P": P.shape}
        return np.einsum("...k,...k->...", flat, weights)

    def _out(self, P):
        return tuple((P.shape[1 + a] - self.kernel_shape[a]) // self.stride + 1 for a in (0, 1))

    def backward(self, dLdY):
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        shares = self.cache["weights"] * dLdY[..., np.newaxis]
        _, h, w, _ = dLdY.shape
        dP = np.zeros(self.cache["P"])
        for number in range(kh * kw):
            u, v = divmod(number, kw)
            dP[:, u : u + s * h : s, v : v + s * w : s] += shares[..., number]
        return dP[:, ph : dP.shape[1] - ph, pw : dP.shape[2] - pw]

# %% n-pool-bincount: flat positions of the winners and np.bincount
# target: layers.Pool2D
class Pool2D:
    def forward(self, X):
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        P = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)), mode="wrap")
        rows, columns = np.arange(P.shape[1]), np.arange(P.shape[2])
        real = np.logical_and.outer(
            (rows >= ph) & (rows < P.shape[1] - ph), (columns >= pw) & (columns < P.shape[2] - pw)
        )
        P = np.where(real[None, :, :, None], P, 0.0)
        number = np.arange(P.size).reshape(P.shape)
        spots = [
            number[:, u : P.shape[1] - kh + u + 1 : s, v : P.shape[2] - kw + v + 1 : s]
            for u in range(kh)
            for v in range(kw)
        ]
        spots = np.stack(spots, axis=-1)
        values = P.take(spots)
        if self.mode == "max":
            spots = np.take_along_axis(spots, values.argmax(axis=-1)[..., None], axis=-1)
            values = P.take(spots)
        self.cache = {"spots": spots, "P": P.shape}
        return np.average(values, axis=-1)

    def backward(self, dLdY):
        spots, shape = self.cache["spots"], self.cache["P"]
        shares = np.broadcast_to((dLdY / spots.shape[-1])[..., None], spots.shape)
        flat = np.bincount(spots.ravel(), weights=shares.ravel(), minlength=int(np.prod(shape)))
        ph, pw = self.pad
        return flat.reshape(shape)[:, ph : shape[1] - ph, pw : shape[2] - pw]

# %% n-pool-running: keeps a running best and its position number
# target: layers.Pool2D
class Pool2D:
    def forward(self, X):
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        m, H, W, C = X.shape
        P = np.zeros((m, H + 2 * ph, W + 2 * pw, C))
        P[:, ph : H + ph, pw : W + pw] = X
        h, w = (H + 2 * ph - kh) // s + 1, (W + 2 * pw - kw) // s + 1
        best = np.full((m, h, w, C), -np.inf)
        mean = np.zeros((m, h, w, C))
        number = np.full((m, h, w, C), -1)
        for u in range(kh):
            for v in range(kw):
                now = P[:, u : u + s * h : s, v : v + s * w : s]
                better = now > best
                np.copyto(best, now, where=better)
                np.putmask(number, better, u * kw + v)
                mean += now / (kh * kw)
        self.cache = {"number": number, "P": P.shape}
        return {"max": best, "average": mean}[self.mode]

    def backward(self, dLdY):
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        dP = np.zeros(self.cache["P"])
        h, w = dLdY.shape[1:3]
        for u in range(kh):
            for v in range(kw):
                here = dP[:, u : u + s * h : s, v : v + s * w : s]
                if self.mode == "max":
                    np.add(here, dLdY, out=here, where=self.cache["number"] == u * kw + v)
                else:
                    here += dLdY / (kh * kw)
        return dP[:, ph : dP.shape[1] - ph, pw : dP.shape[2] - pw]

# %% n-pool-separable: first along the rows and then along the columns
# target: layers.Pool2D
class Pool2D:
    def _squeeze(self, A, axis, k):
        n = (A.shape[axis] - k) // self.stride + 1
        take = self.stride * np.arange(n)
        pile = np.stack([np.take(A, take + u, axis=axis) for u in range(k)])
        if self.mode == "average":
            return np.mean(pile, axis=0), None
        first = np.argmax(pile, axis=0)
        return np.take_along_axis(pile, first[None], axis=0)[0], first

    def _spread(self, G, axis, k, first, size):
        shape = list(G.shape)
        shape[axis] = size
        out = np.moveaxis(np.zeros(shape), axis, 0)
        for u in range(k):
            part = G / k if first is None else np.where(first == u, G, 0.0)
            out[u + self.stride * np.arange(G.shape[axis])] += np.moveaxis(part, axis, 0)
        return np.moveaxis(out, 0, axis)

    def forward(self, X):
        ph, pw = self.pad
        P = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        half, rows = self._squeeze(P, 1, self.kernel_shape[0])
        Y, columns = self._squeeze(half, 2, self.kernel_shape[1])
        self.cache = {"rows": rows, "columns": columns, "size": P.shape[1:3]}
        return Y

    def backward(self, dLdY):
        (kh, kw), (ph, pw), (height, width) = self.kernel_shape, self.pad, self.cache["size"]
        half = self._spread(dLdY, 2, kw, self.cache["columns"], width)
        dP = self._spread(half, 1, kh, self.cache["rows"], height)
        return dP[:, ph : height - ph, pw : width - pw]

# %% n-pool-fast-path: a reshape when windows tile the image, general code otherwise
# target: layers.Pool2D
class Pool2D:
    def _pieces(self, P):
        (kh, kw), s = self.kernel_shape, self.stride
        m, height, width, C = P.shape
        if kh == kw == s:
            h, w = height // s, width // s
            tiles = P[:, : h * s, : w * s].reshape(m, h, s, w, s, C)
            return tiles.swapaxes(2, 3)
        view = np.lib.stride_tricks.sliding_window_view(P, (kh, kw), axis=(1, 2))
        return np.moveaxis(view[:, ::s, ::s], (4, 5), (3, 4))

    def forward(self, X):
        ph, pw = self.pad
        P = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        pieces = self._pieces(P)
        Y = np.apply_over_axes(np.max if self.mode == "max" else np.mean, pieces, [3, 4])
        self.cache = {"P": P, "Y": Y}
        return Y[:, :, :, 0, 0]

    def backward(self, dLdY):
        P, Y = self.cache["P"], self.cache["Y"]
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        G = dLdY[:, :, :, None, None]
        if self.mode == "max":
            tied = self._pieces(P) == Y
            G = G * tied / np.count_nonzero(tied, axis=(3, 4), keepdims=True)
        else:
            G = np.broadcast_to(G / (kh * kw), Y.shape[:3] + (kh, kw) + Y.shape[5:])
        dP = np.zeros(P.shape)
        _, h, w = dLdY.shape[:3]
        if kh == kw == s:
            m, C = P.shape[0], P.shape[3]
            dP[:, : h * s, : w * s] = G.swapaxes(2, 3).reshape(m, h * s, w * s, C)
        else:
            for u, v in np.ndindex(kh, kw):
                dP[:, u : u + h * s : s, v : v + w * s : s] += G[:, :, :, u, v]
        return dP[:, ph : P.shape[1] - ph, pw : P.shape[2] - pw]

# %% n-pool-nanmax: writes the frame by masks and reduces with np.nanmax and np.nanmean
# target: layers.Pool2D
class Pool2D:
    def forward(self, X):
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        frame = np.full((len(X), X.shape[1] + 2 * ph, X.shape[2] + 2 * pw, X.shape[3]), np.nan)
        frame[:, ph : ph + X.shape[1], pw : pw + X.shape[2]] = X
        frame = np.nan_to_num(frame, copy=True, nan=0.0)
        h, w = (frame.shape[1] - kh) // s + 1, (frame.shape[2] - kw) // s + 1
        pile = np.empty((kh * kw, len(X), h, w, X.shape[3]))
        for place, (u, v) in enumerate(np.ndindex(kh, kw)):
            pile[place] = frame[:, u:, v:][:, ::s, ::s][:, :h, :w]
        self.cache = {"winner": np.nanargmax(pile, axis=0), "frame": frame.shape}
        return (np.nanmax if self.mode == "max" else np.nanmean)(pile, axis=0)

    def backward(self, dLdY):
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        frame = np.zeros(self.cache["frame"])
        h, w = dLdY.shape[1:3]
        if self.mode == "max":
            shares = np.equal.outer(np.arange(kh * kw), self.cache["winner"]) * dLdY
        else:
            shares = np.tile(dLdY / (kh * kw), (kh * kw, 1, 1, 1, 1))
        for place, (u, v) in enumerate(np.ndindex(kh, kw)):
            frame[:, u:, v:][:, ::s, ::s][:, :h, :w] += shares[place]
        return frame[:, ph : frame.shape[1] - ph, pw : frame.shape[2] - pw]

# %% n-pool-strategies: one small class per mode and np.maximum.reduceat
# target: layers.Pool2D
class _Pooling:
    def __init__(self, size):
        self.size = size

    def summarize(self, flat):
        raise NotImplementedError

    def share(self, flat):
        raise NotImplementedError


class _MaxPooling(_Pooling):
    def summarize(self, flat):
        starts = np.arange(0, flat.size, self.size)
        return np.maximum.reduceat(flat.ravel(), starts).reshape(flat.shape[:-1])

    def share(self, flat):
        return np.eye(self.size)[flat.argmax(axis=-1)]


class _AveragePooling(_Pooling):
    def summarize(self, flat):
        return flat @ np.full(self.size, 1.0 / self.size)

    def share(self, flat):
        return np.full(flat.shape, 1.0 / self.size)


class Pool2D:
    def forward(self, X):
        if not isinstance(X, np.ndarray):
            raise TypeError("Pool2D works on numpy arrays")
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        kinds = {"max": _MaxPooling, "average": _AveragePooling}
        pooling = kinds[self.mode](kh * kw)
        P = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        view = np.lib.stride_tricks.sliding_window_view(P, (kh, kw), axis=(1, 2))[:, ::s, ::s]
        flat = view.reshape(*view.shape[:4], kh * kw)
        self.cache = {"share": pooling.share(flat), "P": P.shape}
        return pooling.summarize(flat)

    def backward(self, dLdY):
        (kh, kw), s, (ph, pw) = self.kernel_shape, self.stride, self.pad
        dP = np.zeros(self.cache["P"])
        windows = np.lib.stride_tricks.sliding_window_view(
            dP, (kh, kw), axis=(1, 2), writeable=True
        )[:, ::s, ::s]
        shares = np.expand_dims(dLdY, -1) * self.cache["share"]
        shares = shares.reshape(windows.shape)
        for u, v in np.ndindex(kh, kw):
            windows[..., u, v] += shares[..., u, v]
        return dP[:, ph : dP.shape[1] - ph, pw : dP.shape[2] - pw]

# %% n-bn-cov: the variance from the diagonal of np.cov
# target: layers.BatchNorm1D
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        if mode == "train":
            mu = np.average(X, axis=0)[None]
            var = np.diag(np.atleast_2d(np.cov((X - mu).T, bias=True)))[None]
            for name, value in (("running_mu", mu), ("running_var", var)):
                old = self.cache[name]
                self.cache[name] = np.average([old, value], 0, [self.momentum, 1 - self.momentum])
        else:
            mu, var = self.cache["running_mu"], self.cache["running_var"]
        inv = np.power(var + self.eps, -0.5)
        X_hat = (X - mu) * inv
        self.cache.update(X_hat=X_hat, inv=inv)
        return X_hat * self.parameters["gamma"] + self.parameters["beta"]

    def backward(self, dLdY):
        X_hat, inv = self.cache["X_hat"], self.cache["inv"]
        m = len(dLdY)
        self.gradients["beta"] = dLdY.sum(axis=0)[None]
        self.gradients["gamma"] = np.einsum("ij,ij->j", dLdY, X_hat)[None]
        g = dLdY * self.parameters["gamma"]
        return inv / m * (m * g - g.sum(0) - X_hat * np.einsum("ij,ij->j", g, X_hat))

# %% n-bn-graph: every node of the graph on its own line
# target: layers.BatchNorm1D
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        gamma, beta = self.parameters["gamma"], self.parameters["beta"]
        if mode != "train":
            mu, var = self.cache["running_mu"], self.cache["running_var"]
            return gamma * ((X - mu) / np.sqrt(var + self.eps)) + beta
        m = X.shape[0]
        mu = np.add.reduceat(X, [0], axis=0) / m
        xmu = X - mu
        sq = np.square(xmu)
        var = np.add.reduceat(sq, [0], axis=0) / m
        sqrtvar = np.sqrt(var + self.eps)
        ivar = 1.0 / sqrtvar
        xhat = xmu * ivar
        a = self.momentum
        self.cache["running_mu"] = a * self.cache["running_mu"] + (1 - a) * mu
        self.cache["running_var"] = a * self.cache["running_var"] + (1 - a) * var
        self.cache["nodes"] = (xmu, sqrtvar, ivar, xhat)
        return gamma * xhat + beta

    def backward(self, dLdY):
        xmu, sqrtvar, ivar, xhat = self.cache["nodes"]
        m = dLdY.shape[0]
        dbeta = np.sum(dLdY, axis=0, keepdims=True)
        dgamma = np.sum(dLdY * xhat, axis=0, keepdims=True)
        dxhat = dLdY * self.parameters["gamma"]
        divar = np.sum(dxhat * xmu, axis=0, keepdims=True)
        dxmu1 = dxhat * ivar
        dsqrtvar = -divar / sqrtvar**2
        dvar = 0.5 * dsqrtvar / sqrtvar
        dsq = np.ones(dLdY.shape) * dvar / m
        dxmu2 = 2 * xmu * dsq
        dx1 = dxmu1 + dxmu2
        dmu = -np.sum(dx1, axis=0, keepdims=True)
        self.gradients["gamma"], self.gradients["beta"] = dgamma, dbeta
        return dx1 + np.ones(dLdY.shape) * dmu / m

# %% n-bn-inplace: moves the running statistics in their own arrays
# target: layers.BatchNorm1D
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        if mode == "train":
            mu = np.nanmean(X, axis=0, keepdims=True)
            var = np.nanvar(X, axis=0, keepdims=True)
            self.cache["running_mu"] *= self.momentum
            self.cache["running_mu"] += (1.0 - self.momentum) * mu
            self.cache["running_var"] *= self.momentum
            self.cache["running_var"] += (1.0 - self.momentum) * var
        else:
            mu, var = self.cache["running_mu"], self.cache["running_var"]
        Y = X.astype(float, copy=True)
        Y -= mu
        Y /= np.sqrt(var + self.eps)
        self.cache["normal"] = Y.copy()
        self.cache["scale"] = np.sqrt(var + self.eps)
        Y *= self.parameters["gamma"]
        Y += self.parameters["beta"]
        return Y

    def backward(self, dLdY):
        normal = self.cache["normal"]
        self.gradients["gamma"] = np.nansum(dLdY * normal, axis=0, keepdims=True)
        self.gradients["beta"] = np.nansum(dLdY, axis=0, keepdims=True)
        dX = dLdY - self.gradients["beta"] / len(dLdY)
        dX -= normal * (self.gradients["gamma"] / len(dLdY))
        dX *= self.parameters["gamma"] / self.cache["scale"]
        return dX

# %% n-bn-hypot: column norms and a hypotenuse in place of the variance
# target: layers.BatchNorm1D
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if type(X) is not np.ndarray:
            raise TypeError("X has to be a numpy.ndarray")
        if self.n_in is None:
            self._init_parameters(X.shape)
        c = self.cache
        if mode == "train":
            m = X.shape[0]
            mu = np.full((1, m), 1.0) @ X / m
            std = np.linalg.norm(X - mu, axis=0, keepdims=True) / np.sqrt(m)
            c["running_mu"] = c["running_mu"] + (1 - self.momentum) * (mu - c["running_mu"])
            c["running_var"] = c["running_var"] + (1 - self.momentum) * (std**2 - c["running_var"])
        else:
            mu, std = c["running_mu"], np.sqrt(c["running_var"])
        c["spread"] = np.hypot(std, np.sqrt(self.eps))
        c["X_hat"] = np.divide(np.subtract(X, mu), c["spread"])
        return np.add(np.multiply(c["X_hat"], self.parameters["gamma"]), self.parameters["beta"])

    def backward(self, dLdY):
        c, m = self.cache, len(dLdY)
        ones = np.ones((1, m))
        self.gradients.update(gamma=ones @ (dLdY * c["X_hat"]), beta=ones @ dLdY)
        g = dLdY * self.parameters["gamma"]
        for direction in (np.ones_like(g), c["X_hat"]):
            g = g - direction * np.mean(direction * dLdY * self.parameters["gamma"], 0, keepdims=True)
        return g / c["spread"]

# %% n-bn-merge: merges means and variances of halves, log m rounds
# target: layers.BatchNorm1D
class BatchNorm1D:
    def _moments(self, X):
        count = np.ones((len(X), 1))
        mean, spread = np.array(X, dtype=float), np.zeros(X.shape)
        while len(count) > 1:
            half = len(count) // 2
            a, b, rest = np.s_[:half], np.s_[half : 2 * half], np.s_[2 * half :]
            total = count[a] + count[b]
            gap = mean[b] - mean[a]
            new_mean = mean[a] + gap * (count[b] / total)
            new_spread = spread[a] + spread[b] + gap**2 * (count[a] * count[b] / total)
            mean = np.vstack((new_mean, mean[rest]))
            spread = np.vstack((new_spread, spread[rest]))
            count = np.vstack((total, count[rest]))
        return mean, spread / count

    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        if mode == "train":
            mu, var = self._moments(X)
            mix = np.array([self.momentum, 1.0 - self.momentum])
            self.cache["running_mu"] = np.tensordot(mix, [self.cache["running_mu"], mu], 1)
            self.cache["running_var"] = np.tensordot(mix, [self.cache["running_var"], var], 1)
        else:
            mu, var = self.cache["running_mu"], self.cache["running_var"]
        self.cache["sigma"] = np.sqrt(var + self.eps)
        self.cache["hat"] = (X - mu) / self.cache["sigma"]
        return self.parameters["gamma"] * self.cache["hat"] + self.parameters["beta"]

    def backward(self, dLdY):
        hat, sigma = self.cache["hat"], self.cache["sigma"]
        both = np.stack([dLdY * hat, dLdY]).sum(axis=1, keepdims=True)
        self.gradients["gamma"], self.gradients["beta"] = both
        pull = (hat * both[0] + both[1]) / len(dLdY)
        return (dLdY - pull) * self.parameters["gamma"] / sigma

# %% n-bn-structured: running statistics are fields of one structured array
# target: layers.BatchNorm1D
class BatchNorm1D:
    def _statistics(self, X):
        rows = np.ma.masked_invalid(X)
        record = np.zeros((1, X.shape[1]), dtype=[("mu", "f8"), ("var", "f8")])
        record["mu"] = np.ma.getdata(rows.mean(axis=0))
        record["var"] = np.ma.getdata(rows.var(axis=0))
        return record

    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        if mode == "train":
            now = self._statistics(X)
            blend = np.zeros_like(now)
            for field in now.dtype.names:
                old = self.cache["running_" + field]
                blend[field] = self.momentum * old + (1 - self.momentum) * now[field]
                self.cache["running_" + field] = blend[field]
        else:
            now = np.rec.fromarrays(
                [self.cache["running_mu"], self.cache["running_var"]], names="mu,var"
            )
        sigma = np.sqrt(np.asarray(now["var"]) + self.eps)
        X_hat = (X - np.asarray(now["mu"])) / sigma
        self.cache["saved"] = X_hat, sigma
        return self.parameters["gamma"] * X_hat + self.parameters["beta"]

    def backward(self, dLdY):
        X_hat, sigma = self.cache["saved"]
        self.gradients["gamma"] = np.sum(dLdY * X_hat, axis=0).reshape(1, -1)
        self.gradients["beta"] = np.sum(dLdY, axis=0).reshape(1, -1)
        G = dLdY - dLdY.mean(axis=0) - X_hat * (dLdY * X_hat).mean(axis=0)
        return self.parameters["gamma"] * G / sigma

# %% n-net-reduce: functools.reduce over the layers
# target: models.NeuralNetwork
import functools


class NeuralNetwork:
    def forward(self, X):
        return functools.reduce(lambda value, layer: layer.forward(value), self.layers, X)

    def backward(self, target, out):
        functools.reduce(
            lambda gradient, layer: layer.backward(gradient),
            self.layers[::-1],
            self.loss.backward(target, out),
        )
        return self.loss.forward(target, out)

    def predict(self, X, Y):
        Y_hat = self.forward(X)
        return Y_hat, self.loss.forward(Y, Y_hat)

# %% n-net-recursive: one recursive step per layer
# target: models.NeuralNetwork
class NeuralNetwork:
    def _up(self, value, depth):
        if depth == len(self.layers):
            return value
        return self._up(self.layers[depth].forward(value), depth + 1)

    def _down(self, gradient, depth):
        if depth >= 0:
            self._down(self.layers[depth].backward(gradient), depth - 1)

    def forward(self, X):
        return self._up(X, 0)

    def backward(self, target, out):
        value = self.loss.forward(target, out)
        self._down(self.loss.backward(target, out), len(self.layers) - 1)
        return float(value)

    def predict(self, X, Y):
        out = self._up(X, 0)
        return out, float(self.loss.forward(Y, out))

# %% n-net-accumulate: itertools.accumulate and the last of its values
# target: models.NeuralNetwork
import collections
import itertools


class NeuralNetwork:
    def _last(self, values):
        return collections.deque(values, maxlen=1).pop()

    def forward(self, X):
        steps = itertools.accumulate(self.layers, lambda v, layer: layer.forward(v), initial=X)
        return self._last(steps)

    def backward(self, target, out):
        start = self.loss.backward(target, out)
        downhill = reversed(self.layers)
        self._last(itertools.accumulate(downhill, lambda g, x: x.backward(g), initial=start))
        return self.loss.forward(target, out)

    def predict(self, X, Y):
        *_, Y_hat = itertools.accumulate(self.layers, lambda v, x: x.forward(v), initial=X)
        return Y_hat, self.loss.forward(Y, Y_hat)

# %% n-net-stack: pops the layers off a stack
# target: models.NeuralNetwork
class NeuralNetwork:
    def forward(self, X):
        if not isinstance(X, np.ndarray):
            raise TypeError("the network takes a numpy array")
        waiting = list(reversed(self.layers))
        while waiting:
            X = waiting.pop().forward(X)
        return X

    def backward(self, target, out):
        gradient, value = self.loss.backward(target, out), self.loss.forward(target, out)
        done = self.layers.copy()
        while done:
            gradient = done.pop().backward(gradient)
        return value

    def predict(self, X, Y):
        prediction = self.forward(X)
        return (prediction, self.loss.forward(Y, prediction))

# %% n-net-compose: composes one function of all layers and calls it
# target: models.NeuralNetwork
import functools
import operator


def _then(first, second):
    return lambda value: second(first(value))


class NeuralNetwork:
    @property
    def pipeline(self):
        return functools.reduce(_then, (layer.forward for layer in self.layers), np.asarray)

    def forward(self, X):
        return self.pipeline(X)

    def backward(self, target, out):
        back = map(operator.attrgetter("backward"), self.layers[::-1])
        functools.reduce(_then, back, lambda pair: self.loss.backward(*pair))((target, out))
        return self.loss.forward(target, out)

    def predict(self, X, Y):
        return (lambda out: (out, self.loss.forward(Y, out)))(self.pipeline(X))

# %% n-net-calls: calls layers and the loss as functions
# target: models.NeuralNetwork
class NeuralNetwork:
    def forward(self, X):
        signals = [X]
        for layer in self.layers:
            signals.append(layer(signals[-1]))
        return signals[-1]

    def backward(self, target, out):
        signals = [self.loss.backward(target, out)]
        for number in range(len(self.layers) - 1, -1, -1):
            signals.insert(0, self.layers[number].backward(signals[0]))
        return self.loss(target, out)

    def predict(self, X, Y):
        return (Y_hat := self.forward(X)), self.loss(Y, Y_hat)

# %% n-sgd-defaultdict: velocities in a default dictionary
# target: optimizers.SGD
import collections


class SGD:
    def __init__(self, lr, momentum=0.0):
        self.lr = lr
        self.momentum = momentum
        self.velocity = collections.defaultdict(float)

    def update(self, param_name, param, param_grad, epoch):
        self.velocity[param_name] = self.momentum * self.velocity[param_name] + self.lr * param_grad
        return 1.0 * self.velocity[param_name]

# %% n-sgd-arena: one flat array that doubles holds all velocities
# target: optimizers.SGD
class SGD:
    def _span(self, name, size):
        if not hasattr(self, "_arena"):
            self._arena, self._used, self._spans = np.zeros(1), 0, {}
        if name not in self._spans:
            self._spans[name] = slice(self._used, self._used + size)
            self._used += size
            cap = self._arena.size
            while cap < self._used:
                cap *= 2
            grown = np.zeros(cap)
            grown[: self._arena.size] = self._arena
            self._arena = grown
        return self._arena[self._spans[name]]

    def update(self, param_name, param, param_grad, epoch):
        velocity = self._span(param_name, np.size(param_grad))
        velocity *= self.momentum
        velocity += self.lr * np.ravel(param_grad)
        return velocity.reshape(np.shape(param_grad)).copy()

# %% n-sgd-tensordot: mixes the stacked step and gradient with np.tensordot
# target: optimizers.SGD
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        previous = self.cache.setdefault(param_name, np.zeros(np.shape(param)))
        mix = np.array([self.momentum, self.lr])
        self.cache[param_name] = np.tensordot(mix, np.stack([previous, param_grad]), axes=1)
        return np.array(self.cache[param_name])

# %% n-sgd-coroutine: a generator per parameter remembers its step
# target: optimizers.SGD
def _stepper(lr, momentum):
    delta = 0.0
    while True:
        gradient = yield np.array(delta)
        delta = momentum * delta + lr * gradient


class SGD:
    def update(self, param_name, param, param_grad, epoch):
        if param_name not in self.cache:
            self.cache[param_name] = _stepper(self.lr, self.momentum)
            next(self.cache[param_name])
        return self.cache[param_name].send(param_grad)

# %% n-sgd-history: weighs all earlier gradients by powers of the momentum
# target: optimizers.SGD
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        past = self.cache.setdefault(param_name, [])
        past.append(np.array(param_grad, copy=True))
        powers = np.power(float(self.momentum), np.arange(len(past))[::-1])
        return self.lr * np.einsum("t,t...->...", powers, np.stack(past))

# %% n-sgd-record: a structured array keeps step and count in long double
# target: optimizers.SGD
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        kind = np.dtype([("step", np.longdouble), ("count", np.int64)])
        slot = self.cache.get(param_name)
        if slot is None:
            slot = self.cache[param_name] = np.zeros(np.shape(param_grad), dtype=kind)
        slot["step"] = self.momentum * slot["step"] + self.lr * param_grad
        slot["count"] += 1
        return slot["step"].astype(np.float64)
