# %% m-d-relu-gate-on-dY: tested the sign of the upstream gradient instead of the sign of Z
# target: derivations.relu
# element: failed
# also: d-relu-mask-of-dy
def relu_dZ(i, j, Z, dY):
    if dY[i, j] > 0:
        return dY[i, j]
    return 0


# %% m-d-relu-z-for-derivative: multiplied dY by the ReLU itself instead of by its derivative
# target: derivations.relu
# element: failed
# also: d-relu-times-y
def relu_dZ(i, j, Z, dY):
    y = max(Z[i, j], 0)
    return dY[i, j] * y


# %% m-d-relu-no-else: wrote only the case Z > 0, nothing is returned in the other case
# target: derivations.relu
# element: failed
def relu_dZ(i, j, Z, dY):
    if Z[i, j] > 0:
        return dY[i, j]


# %% m-d-sigmoid-z-as-y: used y (1 - y) with y = Z, without applying the sigmoid
# target: derivations.sigmoid
# element: failed
# also: d-sigmoid-z-for-y
def sigmoid_dZ(i, j, Z, dY):
    y = Z[i, j]
    return dY[i, j] * y * (1 - y)


# %% m-d-sigmoid-lost-square: lost the square of the denominator in the quotient rule
# target: derivations.sigmoid
# element: failed
# also: d-sigmoid-square-forgotten
def sigmoid_dZ(i, j, Z, dY):
    e = np.exp(-Z[i, j])
    return dY[i, j] * e / (1 + e)


# %% m-d-sigmoid-row-sum: took the product with the derivative as a dot product over the row
# target: derivations.sigmoid
# element: failed
def sigmoid_dZ(i, j, Z, dY):
    total = 0.0
    for k in range(Z.shape[1]):
        y = 1 / (1 + np.exp(-Z[i, k]))
        total += dY[i, k] * y * (1 - y)
    return total


# %% m-d-fully_connected-w-not-transposed: swapped the indices of W in dX
# target: derivations.fully_connected
# element: partly
def fully_connected_dX(i, j, X, W, dZ):
    total = 0.0
    for k in range(W.shape[0]):
        total += dZ[i, k] * W[k, j]
    return total


# %% m-d-fully_connected-sum-to-n-minus-1: the sum of dX ends one unit too early
# target: derivations.fully_connected
# element: partly
# also: d-fc-dx-last-missing
def fully_connected_dX(i, j, X, W, dZ):
    n = W.shape[1]
    return sum(dZ[i, k] * W[j, k] for k in range(0, n - 1))


# %% m-d-fully_connected-sum-over-examples: summed dX over the examples too, since L is a sum over all entries of Z
# target: derivations.fully_connected
# element: partly
# also: d-fc-dx-examples-summed
def fully_connected_dX(i, j, X, W, dZ):
    m, n_out = dZ.shape
    total = 0.0
    for r in range(m):
        for k in range(n_out):
            total += dZ[r, k] * W[j, k]
    return total


# %% m-d-fully_connected-dw-mean: averaged dW over the batch
# target: derivations.fully_connected
# element: partly
# also: d-fc-dw-mean
def fully_connected_dW(i, j, X, W, dZ):
    m = X.shape[0]
    return 1 / m * sum(X[k, i] * dZ[k, j] for k in range(m))


# %% m-d-fully_connected-dw-from-one: kept the sum k = 1 ... m of the paper although indices count from 0
# target: derivations.fully_connected
# element: partly
# also: d-fc-dw-first-missing
def fully_connected_dW(i, j, X, W, dZ):
    m = X.shape[0]
    total = 0
    for k in range(1, m):
        total += X[k, i] * dZ[k, j]
    return total


# %% m-d-fully_connected-db-row: summed row j of dZ instead of column j
# target: derivations.fully_connected
# element: partly
def fully_connected_db(j, X, W, dZ):
    return sum(dZ[j, k] for k in range(dZ.shape[1]))


# %% m-d-fully_connected-db-string: returned the number as a formatted string
# target: derivations.fully_connected
# element: partly
def fully_connected_db(j, X, W, dZ):
    total = 0.0
    for k in range(X.shape[0]):
        total += dZ[k, j]
    return f"{total:.4f}"


# %% m-d-fully_connected-db-list: listed the summands of db and forgot the sum
# target: derivations.fully_connected
# element: partly
def fully_connected_db(j, X, W, dZ):
    return [dZ[k, j] for k in range(X.shape[0])]


# %% m-d-softmax-diagonal: used y (1 - y) as for the sigmoid, only the diagonal of the Jacobian
# target: derivations.softmax
# element: failed
# also: d-softmax-diagonal
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i, j]) / sum(np.exp(Z[i, k]) for k in range(Z.shape[1]))
    return dY[i, j] * y * (1 - y)


# %% m-d-softmax-plus: sign slip off the diagonal of the Jacobian, + y_k y_j
# target: derivations.softmax
# element: failed
# also: d-softmax-off-diagonal-sign
def softmax_dZ(i, j, Z, dY):
    n = Z.shape[1]
    s = sum(np.exp(Z[i, k]) for k in range(n))
    y = [np.exp(Z[i, k]) / s for k in range(n)]
    total = 0.0
    for k in range(n):
        if k == j:
            total += dY[i, k] * y[j] * (1 - y[j])
        else:
            total += dY[i, k] * y[k] * y[j]
    return total


# %% m-d-softmax-columns: normalized every column over the examples instead of every row over the classes
# target: derivations.softmax
# element: failed
# also: d-softmax-columns-throughout
def softmax_dZ(i, j, Z, dY):
    m = Z.shape[0]
    e = [np.exp(Z[r, j]) for r in range(m)]
    y = [a / sum(e) for a in e]
    return sum(dY[r, j] * y[r] * ((r == i) - y[i]) for r in range(m))


# %% m-d-softmax-y-minus-dy: used the remembered result "Y_hat - Y" of softmax with cross-entropy, with dY as Y
# target: derivations.softmax
# element: failed
# also: d-softmax-fused
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / np.sum(np.exp(Z[i]))
    return y[j] - dY[i, j]


# %% m-d-cross_entropy-binary: differentiated the binary cross-entropy, with a term for 1 - Y
# target: derivations.cross_entropy
# element: failed
# also: d-ce-binary
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    m = Y.shape[0]
    return -(Y[i, j] / Y_hat[i, j] - (1 - Y[i, j]) / (1 - Y_hat[i, j])) / m


# %% m-d-cross_entropy-argument-order: took the arguments in the order predictions, targets
# target: derivations.cross_entropy
# element: failed
# also: d-ce-inverted
def cross_entropy_dY_hat(i, j, Y_hat, Y):
    m = Y.shape[0]
    return -Y[i, j] / (m * Y_hat[i, j])


# %% m-d-cross_entropy-no-minus-no-m: lost the minus sign and the 1/m on the way (two mistakes)
# target: derivations.cross_entropy
# element: failed
# also: d-ce-sign-no-mean
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return Y[i, j] / Y_hat[i, j]


# %% m-d-mse-inner-derivative: forgot that the inner derivative of Y - Y_hat is -1
# target: derivations.mse
# element: failed
# also: d-mse-sign
def mse_dY_hat(i, j, Y, Y_hat):
    m = Y.shape[0]
    return 2 / m * (Y[i, j] - Y_hat[i, j])


# %% m-d-mse-no-2-all-entries: dropped the 2 and divided by the number of all entries (two mistakes)
# target: derivations.mse
# element: failed
def mse_dY_hat(i, j, Y, Y_hat):
    m, k = Y.shape
    return (Y_hat[i, j] - Y[i, j]) / (m * k)


# %% m-d-mse-prints: printed the entry instead of returning it
# target: derivations.mse
# element: failed
def mse_dY_hat(i, j, Y, Y_hat):
    m = Y.shape[0]
    grad = -2 * (Y[i, j] - Y_hat[i, j]) / m
    print(grad)


# %% m-d-conv2d-dx-flipped: flipped the kernel once more in dX, "the backward pass is a convolution with the flipped kernel"
# target: derivations.conv2d
# element: partly
# also: d-conv-dx-flipped
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    kh, kw, C, n_out = W.shape
    m, H2, W2, n_out = dZ.shape
    total = 0.0
    for r in range(H2):
        for s in range(W2):
            p = h + pad[0] - r * stride
            q = w + pad[1] - s * stride
            if 0 <= p < kh and 0 <= q < kw:
                for f in range(n_out):
                    total += dZ[i, r, s, f] * W[kh - 1 - p, kw - 1 - q, c, f]
    return total


# %% m-d-conv2d-dx-no-stride: derived dX as if windows moved by one
# target: derivations.conv2d
# element: partly
# also: d-conv-dx-no-stride
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    kh, kw = W.shape[0], W.shape[1]
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p = h + pad[0] - r
            q = w + pad[1] - s
            if p >= 0 and p < kh and q >= 0 and q < kw:
                for f in range(dZ.shape[3]):
                    total += dZ[i, r, s, f] * W[p, q, c, f]
    return total


# %% m-d-conv2d-dx-negative-index: left out windows by catching IndexError, but negative indices count from the end
# target: derivations.conv2d
# element: partly
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p = h + pad[0] - r * stride
            q = w + pad[1] - s * stride
            for f in range(dZ.shape[3]):
                try:
                    total += dZ[i, r, s, f] * W[p, q, c, f]
                except IndexError:
                    pass
    return total


# %% m-d-conv2d-dw-no-pad: forgot the padding in dW
# target: derivations.conv2d
# element: partly
# also: d-conv-dw-no-pad
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    m, H, Wd, C = X.shape
    total = 0.0
    for i in range(m):
        for r in range(dZ.shape[1]):
            for s in range(dZ.shape[2]):
                h = r * stride + p
                w = s * stride + q
                if h < H and w < Wd:
                    total += dZ[i, r, s, f] * X[i, h, w, c]
    return total


# %% m-d-conv2d-dw-pads-swapped: took pad as (columns, rows)
# target: derivations.conv2d
# element: partly
# also: d-conv-dw-pads-swapped
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    pad_w, pad_h = pad
    total = 0.0
    for i in range(X.shape[0]):
        for r in range(dZ.shape[1]):
            for s in range(dZ.shape[2]):
                h = r * stride + p - pad_h
                w = s * stride + q - pad_w
                if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                    total += dZ[i, r, s, f] * X[i, h, w, c]
    return total


# %% m-d-conv2d-dw-outside: never asked whether an entry of the window lies in the padding
# target: derivations.conv2d
# element: partly
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    m, rows, columns, n_out = dZ.shape
    total = 0.0
    for i in range(m):
        for r in range(rows):
            for s in range(columns):
                total += dZ[i, r, s, f] * X[i, r * stride + p - pad[0], s * stride + q - pad[1], c]
    return total


# %% m-d-conv2d-db-mean: averaged db over the images and the positions
# target: derivations.conv2d
# element: partly
# also: d-conv-db-mean-of-all
def conv2d_db(f, X, W, dZ):
    m, rows, columns, n_out = dZ.shape
    total = 0.0
    for i in range(m):
        for r in range(rows):
            for s in range(columns):
                total += dZ[i, r, s, f]
    return total / (m * rows * columns)


# %% m-d-conv2d-db-all-kernels: summed db over the kernels as well
# target: derivations.conv2d
# element: partly
# also: d-conv-db-kernels-summed
def conv2d_db(f, X, W, dZ):
    total = 0.0
    for i in range(dZ.shape[0]):
        for r in range(dZ.shape[1]):
            for s in range(dZ.shape[2]):
                for g in range(dZ.shape[3]):
                    total += dZ[i, r, s, g]
    return total


# %% m-d-batch_norm-constants: took the mean and the variance as constants
# target: derivations.batch_norm
# element: failed
# also: d-bn-constants
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = X.shape[0]
    mu = sum(X[k, j] for k in range(m)) / m
    var = sum((X[k, j] - mu) ** 2 for k in range(m)) / m
    return dY[i, j] * gamma[0, j] / np.sqrt(var + eps)


# %% m-d-batch_norm-eps-outside: added eps to the standard deviation instead of to the variance
# target: derivations.batch_norm
# element: failed
# also: d-bn-eps-outside
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = X.shape[0]
    x, g = X[:, j], dY[:, j] * gamma[0, j]
    std = np.sqrt(np.mean((x - np.mean(x)) ** 2)) + eps
    x_hat = (x - np.mean(x)) / std
    return (m * g[i] - np.sum(g) - x_hat[i] * np.sum(g * x_hat)) / (m * std)


# %% m-d-batch_norm-unbiased-no-mean-term: divided the variance by m - 1 and forgot that the mean depends on X (two mistakes)
# target: derivations.batch_norm
# element: failed
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = X.shape[0]
    mu = sum(X[k, j] for k in range(m)) / m
    var = sum((X[k, j] - mu) ** 2 for k in range(m)) / (m - 1)
    s = np.sqrt(var + eps)
    x_hat = [(X[k, j] - mu) / s for k in range(m)]
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] / s * (dY[i, j] - x_hat[i] * along)
