# %% d-fully_connected-dw-one-by-one: cut out columns as matrices and returned their product, a 1 x 1 matrix
# target: derivations.fully_connected
def fully_connected_dW(i, j, X, W, dZ):
    x = X[:, i : i + 1]
    d = dZ[:, j : j + 1]
    return x.T @ d


# %% d-relu-central-differences: differentiates the forward formula numerically
# target: derivations.relu
def relu_dZ(i, j, Z, dY):
    step = 1e-6

    def loss(shift):
        moved = Z.astype(float)
        moved[i, j] += shift
        return np.maximum(moved, 0)[i, j] * dY[i, j]

    return (loss(step) - loss(-step)) / (2 * step)


# %% d-relu-and: a Boolean False stands for zero, through `and`
# target: derivations.relu
def relu_dZ(i, j, Z, dY):
    return Z[i, j] > 0 and dY[i, j]


# %% d-sigmoid-complex-step: complex-step differentiation of the forward formula
# target: derivations.sigmoid
def sigmoid_dZ(i, j, Z, dY):
    z = Z[i, j] + 1e-30j
    y = 1 / (1 + np.exp(-z))
    return dY[i, j] * y.imag / 1e-30


# %% d-sigmoid-mirrored: uses 1 / (1 + e^z), which gives the same product, on the whole matrix with np.vectorize
# target: derivations.sigmoid
mirrored = np.vectorize(lambda z: 1 / (1 + np.exp(z)))


def sigmoid_dZ(i, j, Z, dY):
    y = mirrored(Z)
    return (dY * (1 - y) * y)[i, j]


# %% d-fully_connected-dx-einsum: builds the whole matrix with np.einsum and picks the entry
# target: derivations.fully_connected
def fully_connected_dX(i, j, X, W, dZ):
    return np.einsum("rk,sk->rs", dZ, W)[i, j]


# %% d-fully_connected-dx-recursion: the sum as a recursion over an additional default argument
# target: derivations.fully_connected
def fully_connected_dX(i, j, X, W, dZ, k=0):
    if k == W.shape[1]:
        return 0
    return dZ[i, k] * W[j, k] + fully_connected_dX(i, j, X, W, dZ, k + 1)


# %% d-fully_connected-dw-cache: keeps the whole matrix in a global between calls, by the contents of the arrays
# target: derivations.fully_connected
_known = {}


def fully_connected_dW(i, j, X, W, dZ):
    key = (X.shape, X.dtype.str, X.tobytes(), dZ.shape, dZ.dtype.str, dZ.tobytes())
    if key not in _known:
        _known[key] = X.T @ dZ
    return _known[key][i, j]


# %% d-fully_connected-dw-kronecker: the chain rule over all entries of Z with a Kronecker delta
# target: derivations.fully_connected
def delta(a, b):
    return 1 if a == b else 0


def fully_connected_dW(i, j, X, W, dZ):
    m, n_out = dZ.shape
    n_in = X.shape[1]
    total = 0
    for r in range(m):
        for s in range(n_out):
            dz_rs = sum(X[r, t] * delta(t, i) * delta(s, j) for t in range(n_in))
            total = total + dZ[r, s] * dz_rs
    return total


# %% d-fully_connected-db-args: takes all arrays as *args and uses the last one
# target: derivations.fully_connected
def fully_connected_db(j, *arrays):
    return arrays[-1][:, j].sum()


# %% d-fully_connected-db-zero-d: returns an array without axes
# target: derivations.fully_connected
def fully_connected_db(j, X, W, dZ):
    ones = np.ones((1, X.shape[0]))
    return np.array((ones @ dZ)[0, j])


# %% d-softmax-jacobian: the explicit Jacobian of a row, with the maximum subtracted
# target: derivations.softmax
def softmax_dZ(i, j, Z, dY):
    e = np.exp(Z[i] - np.max(Z[i]))
    y = e / e.sum()
    J = np.diag(y) - np.outer(y, y)
    return (J @ dY[i])[j]


# %% d-softmax-math: factored formula y_j (dY_j - sum of dY_k y_k) with Python floats and a local import of math
# target: derivations.softmax
def softmax_dZ(i, j, Z, dY):
    from math import exp, fsum

    e = [exp(z) for z in Z[i].tolist()]
    s = fsum(e)
    return e[j] / s * (float(dY[i, j]) - fsum(d * a / s for d, a in zip(dY[i].tolist(), e)))


# %% d-cross_entropy-fraction: exact arithmetic, returns a Fraction
# target: derivations.cross_entropy
from fractions import Fraction


def cross_entropy_dY_hat(i, j, Y, Y_hat):
    m = len(Y)
    return -Fraction(float(Y[i, j])) / (m * Fraction(float(Y_hat[i, j])))


# %% d-cross_entropy-lambda: the function is a lambda that is assigned to the name
# target: derivations.cross_entropy
cross_entropy_dY_hat = lambda i, j, Y, Y_hat: -((Y / Y_hat) / len(Y))[i][j]


# %% d-mse-float32: returns a number of single precision
# target: derivations.mse
def mse_dY_hat(i, j, Y, Y_hat):
    return np.float32(-2 / Y.shape[0] * (Y[i, j] - Y_hat[i, j]))


# %% d-mse-differences-of-whole-loss: central differences of the whole loss, exact for a square
# target: derivations.mse
def mse_dY_hat(i, j, Y, Y_hat):
    def L(P):
        return np.sum((Y - P) ** 2) / Y.shape[0]

    E = np.zeros(Y.shape)
    E[i, j] = 0.5
    return L(Y_hat + E) - L(Y_hat - E)


# %% d-conv2d-dx-scatter: adds every window into the padded gradient, cuts off the padding, picks the entry
# target: derivations.conv2d
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    m, H, width, C = X.shape
    kh, kw = W.shape[:2]
    padded = np.zeros((m, H + 2 * pad[0], width + 2 * pad[1], C))
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            a, b = r * stride, s * stride
            padded[:, a : a + kh, b : b + kw, :] += np.tensordot(dZ[:, r, s], W, axes=(1, 3))
    return padded[:, pad[0] : pad[0] + H, pad[1] : pad[1] + width][i, h, w, c]


# %% d-conv2d-dx-unit-image: Z is linear in X, so the entry is the product of dZ with the layer's output for a unit image
# target: derivations.conv2d
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    E = np.zeros(X.shape)
    E[i, h, w, c] = 1
    E = np.pad(E, ((0, 0), (pad[0], pad[0]), (pad[1], pad[1]), (0, 0)))
    kh, kw = W.shape[:2]
    windows = np.lib.stride_tricks.sliding_window_view(E, (kh, kw), axis=(1, 2))
    Z = np.einsum("irscpq,pqcf->irsf", windows[:, ::stride, ::stride], W)
    return np.vdot(dZ, Z)


# %% d-conv2d-dw-slices: one strided slice of the padded images against one channel of dZ
# target: derivations.conv2d
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    padded = np.pad(X, [(0, 0), (pad[0],) * 2, (pad[1],) * 2, (0, 0)])
    rows, columns = dZ.shape[1:3]
    part = padded[:, p : p + stride * rows : stride, q : q + stride * columns : stride, c]
    return (part[:, :rows, :columns] * dZ[..., f]).sum()


# %% d-conv2d-dw-differences: central differences of the loss sum(dZ * Z) through a forward pass with loops
# target: derivations.conv2d
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    kh, kw = W.shape[:2]
    padded = np.pad(X, ((0, 0), (pad[0], pad[0]), (pad[1], pad[1]), (0, 0)))

    def loss(kernels):
        total = 0.0
        for r in range(dZ.shape[1]):
            for s in range(dZ.shape[2]):
                window = padded[:, r * stride : r * stride + kh, s * stride : s * stride + kw]
                total += np.sum(np.tensordot(window, kernels, axes=3) * dZ[:, r, s])
        return total

    plus, minus = W.astype(float), W.astype(float)
    plus[p, q, c, f] += 1e-3
    minus[p, q, c, f] -= 1e-3
    return (loss(plus) - loss(minus)) / 2e-3


# %% d-conv2d-db-prints: computes all of db, prints on the way and returns the entry as a Python float
# target: derivations.conv2d
def conv2d_db(f, X, W, dZ):
    db = np.add.reduce(dZ.reshape(-1, dZ.shape[-1]))
    print("db has the shape", db.shape)
    print("entry", f, "is", db[f])
    return db[f].item()


# %% d-conv2d-db-recursion: recursion over the axes of dZ
# target: derivations.conv2d
def add_up(a):
    return a if np.ndim(a) == 0 else sum(add_up(b) for b in a)


def conv2d_db(f, X, W, dZ):
    return add_up(dZ[:, :, :, f])


# %% d-batch_norm-jacobian: the explicit m x m Jacobian of one column
# target: derivations.batch_norm
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    centering = np.eye(m) - np.ones((m, m)) / m
    x = centering @ X[:, j]
    v = x @ x / m + eps
    # d x_hat_a / d x_b = (delta_ab - 1/m) v^(-1/2) - x_a x_b v^(-3/2) / m
    J = centering * v**-0.5 - np.outer(x, x) * v**-1.5 / m
    return gamma.flat[j] * (J.T @ dY[:, j])[i]


# %% d-batch_norm-complex-step: complex-step differentiation of the forward formula
# target: derivations.batch_norm
def batch_norm_dX(i, j, X, gamma, dY, eps):
    x = X.astype(complex)
    x[i, j] += 1e-30j
    mu = x.mean(axis=0)
    var = ((x - mu) ** 2).mean(axis=0)  # not np.var, which takes absolute values
    y = gamma * (x - mu) / np.sqrt(var + eps)
    return (dY * y).sum().imag / 1e-30
