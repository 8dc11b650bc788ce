# %% d-conv-dw-last-window: keeps only the last window in dW
# target: derivations.conv2d
# element: partly
# says: Your dW has only the last window in which position (p, q) lies on X: every window uses the same weight.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p - pad[0], s * stride + q - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total = dZ[:, r, s, f] @ X[:, h, w, c]
    return total


# %% d-conv-dw-one-window: derives dW for one window
# target: derivations.conv2d
# element: partly
# says: Your dW has only the first window: every window uses the same weight.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(1):
        for s in range(1):
            h, w = r * stride + p - pad[0], s * stride + q - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total


# %% d-conv-dw-first-image: derives dW for one image
# target: derivations.conv2d
# element: partly
# says: Your dW comes from the first image alone: the kernel is used for every image.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p - pad[0], s * stride + q - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[0, r, s, f] * X[0, h, w, c]
    return total


# %% d-conv-dw-last-image: keeps only the last image in dW
# target: derivations.conv2d
# element: partly
# says: Your dW comes from the last image alone: the kernel is used for every image.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p - pad[0], s * stride + q - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[-1, r, s, f] * X[-1, h, w, c]
    return total


# %% d-conv-dw-images-apart: sums X and dZ over the images separately
# target: derivations.conv2d
# element: partly
# says: Your dW sums X and dZ over the images separately: entries of different images are multiplied.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p - pad[0], s * stride + q - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f].sum() * X[:, h, w, c].sum()
    return total


# %% d-conv-dw-channels-summed: sums over the channels of the input in dW
# target: derivations.conv2d
# element: partly
# says: Your dW also sums over the channels of X: it is the same for every c.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p - pad[0], s * stride + q - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += (dZ[:, r, s, f] @ X[:, h, w]).sum()
    return total


# %% d-conv-dw-kernels-summed: sums over the kernels in dW
# target: derivations.conv2d
# element: partly
# says: Your dW also sums over the kernels: it is the same for every f.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p - pad[0], s * stride + q - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += (X[:, h, w, c] @ dZ[:, r, s]).sum()
    return total


# %% d-conv-dw-no-x: leaves X out of dW
# target: derivations.conv2d
# element: partly
# says: Your dW is the sum of dZ over images and windows: X has no effect on it.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    return dZ[:, :, :, f].sum()


# %% d-conv-dw-no-dz: leaves dZ out of dW
# target: derivations.conv2d
# element: partly
# says: Your dW adds up the entries of X at position (p, q) of the windows: dZ has no effect on it.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p - pad[0], s * stride + q - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += X[:, h, w, c].sum()
    return total


# %% d-conv-dw-w-for-x: multiplies by W in dW
# target: derivations.conv2d
# element: partly
# says: Your dW is multiplied by W_pqcf, which should be gone after differentiating, and X has no effect on it.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    return W[p, q, c, f] * dZ[:, :, :, f].sum()


# %% d-conv-dw-mean: divides dW by m
# target: derivations.conv2d
# element: partly
# says: Your dW is divided by m; any 1/m of the loss is already in dZ.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p - pad[0], s * stride + q - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total / len(X)


# %% d-conv-dw-mean-of-windows: divides dW by the number of windows
# target: derivations.conv2d
# element: partly
# says: Your dW is divided by H' W', the number of windows in an image.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p - pad[0], s * stride + q - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total / (dZ.shape[1] * dZ.shape[2])
