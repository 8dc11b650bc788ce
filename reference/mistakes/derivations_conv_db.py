# %% d-conv-db-mean: divides db by m
# target: derivations.conv2d
# element: partly
# says: Your db is divided by m; any 1/m of the loss is already in dZ.
def conv2d_db(f, X, W, dZ):
    return dZ[:, :, :, f].sum() / len(X)


# %% d-conv-db-mean-of-windows: divides db by the number of windows
# target: derivations.conv2d
# element: partly
# says: Your db is divided by H' W', the number of windows in an image.
def conv2d_db(f, X, W, dZ):
    return dZ[:, :, :, f].mean(axis=(1, 2)).sum()


# %% d-conv-db-mean-of-all: takes the mean for db
# target: derivations.conv2d
# element: partly
# says: Your db is the mean of dZ over images and windows, not a sum.
def conv2d_db(f, X, W, dZ):
    return dZ[:, :, :, f].mean()


# %% d-conv-db-first-image: derives db for one image
# target: derivations.conv2d
# element: partly
# says: Your db comes from the first image alone: b_f is used for every image.
def conv2d_db(f, X, W, dZ):
    return dZ[0, :, :, f].sum()


# %% d-conv-db-one-window: sums db over the images alone
# target: derivations.conv2d
# element: partly
# says: Your db has only the first window of every image: b_f is used in every window.
def conv2d_db(f, X, W, dZ):
    return dZ[:, 0, 0, f].sum()


# %% d-conv-db-kernels-summed: sums over the kernels in db
# target: derivations.conv2d
# element: partly
# says: Your db also sums over the kernels: it is the same for every f.
def conv2d_db(f, X, W, dZ):
    return dZ.sum()


# %% d-conv-db-every-position: counts the bias once for every position of the kernel
# target: derivations.conv2d
# element: partly
# says: Your db counts dZ once for every position in the kernel, kh kw times, but each window uses b_f once.
def conv2d_db(f, X, W, dZ):
    return W.shape[0] * W.shape[1] * dZ[:, :, :, f].sum()


# %% d-conv-db-every-weight: counts the bias once for every weight of the kernel
# target: derivations.conv2d
# element: partly
# says: Your db counts dZ once for every weight of the kernel, kh kw C times, but each window uses b_f once.
def conv2d_db(f, X, W, dZ):
    return W[:, :, :, f].size * dZ[:, :, :, f].sum()


# %% d-conv-db-last-window-missing: ends one window early in db
# target: derivations.conv2d
# element: partly
# says: The last row and the last column of windows are missing in your db.
def conv2d_db(f, X, W, dZ):
    return dZ[:, :-1, :-1, f].sum()


# %% d-conv-db-weights: multiplies by W in db
# target: derivations.conv2d
# element: partly
# says: Your db multiplies dZ by the sum of the kernel's weights, but b_f is not multiplied by W.
def conv2d_db(f, X, W, dZ):
    return W[:, :, :, f].sum() * dZ[:, :, :, f].sum()


# %% d-conv-db-ones: leaves dZ out of db
# target: derivations.conv2d
# element: partly
# says: Your db is 1 everywhere: it does not depend on dZ.
def conv2d_db(f, X, W, dZ):
    return 1.0


# %% d-conv-db-count: adds up ones in db
# target: derivations.conv2d
# element: partly
# says: Your db is m H' W', a count of the windows: it does not depend on dZ.
def conv2d_db(f, X, W, dZ):
    return float(dZ[:, :, :, f].size)


# %% d-conv-all-flipped: flips the kernel in dX and dW
# target: derivations.conv2d
# element: partly
# says: The kernel is flipped in your dX and in your dW, as in a true convolution; this layer does not flip it.
# also: d-conv-dx-flipped d-conv-dw-flipped
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r * stride, w + pad[1] - s * stride
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s] @ W[-1 - p, -1 - q, c]
    return total


def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + W.shape[0] - 1 - p - pad[0], s * stride + W.shape[1] - 1 - q - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total


# %% d-conv-all-no-pad: forgets the padding in dX and dW
# target: derivations.conv2d
# element: partly
# says: Neither your dX nor your dW depends on pad.
# also: d-conv-dx-no-pad d-conv-dw-no-pad
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h - r * stride, w - s * stride
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s] @ W[p, q, c]
    return total


def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p, s * stride + q
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total


# %% d-conv-all-pads-swapped: swaps the two paddings in dX and dW
# target: derivations.conv2d
# element: partly
# says: Your dX and your dW use the padding of the columns for the rows, and that of the rows for the columns.
# also: d-conv-dx-pads-swapped d-conv-dw-pads-swapped
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[1] - r * stride, w + pad[0] - s * stride
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s] @ W[p, q, c]
    return total


def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p - pad[1], s * stride + q - pad[0]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total


# %% d-conv-all-no-stride: forgets the stride in dX and dW
# target: derivations.conv2d
# element: partly
# says: Neither your dX nor your dW depends on stride: the windows move by 1.
# also: d-conv-dx-no-stride d-conv-dw-no-stride
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r, w + pad[1] - s
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s] @ W[p, q, c]
    return total


def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r + p - pad[0], s + q - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total


# %% d-conv-all-first-image: derives dW and db for one image
# target: derivations.conv2d
# element: partly
# says: Your dW and your db come from the first image alone: W and b are used for every image.
# also: d-conv-dw-first-image d-conv-db-first-image
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p - pad[0], s * stride + q - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[0, r, s, f] * X[0, h, w, c]
    return total


def conv2d_db(f, X, W, dZ):
    return dZ[0, :, :, f].sum()


# %% d-conv-dw-and-db-mean: divides dW and db by m
# target: derivations.conv2d
# element: partly
# says: Your dW and your db are divided by m; any 1/m of the loss is already in dZ.
# also: d-conv-dw-mean d-conv-db-mean
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p - pad[0], s * stride + q - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total / len(X)


def conv2d_db(f, X, W, dZ):
    return dZ[:, :, :, f].sum() / len(X)


# %% d-conv-all-mean: divides all three by m
# target: derivations.conv2d
# element: failed
# says: All three of your formulas are divided by m; any 1/m of the loss is already in dZ.
# also: d-conv-dx-mean d-conv-dw-mean d-conv-db-mean d-conv-dw-and-db-mean
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r * stride, w + pad[1] - s * stride
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s] @ W[p, q, c]
    return total / len(X)


def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p - pad[0], s * stride + q - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total / len(X)


def conv2d_db(f, X, W, dZ):
    return dZ[:, :, :, f].sum() / len(X)
