# %% d-conv-dx-last-window: keeps only the last window in dX
# target: derivations.conv2d
# element: partly
# says: Your dX has only the last of the windows that X_ihwc is in: windows overlap.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r * stride, w + pad[1] - s * stride
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total = dZ[i, r, s] @ W[p, q, c]
    return total


# %% d-conv-dx-first-window: keeps only the first window in dX
# target: derivations.conv2d
# element: partly
# says: Your dX has only the first of the windows that X_ihwc is in: windows overlap.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r * stride, w + pad[1] - s * stride
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                return dZ[i, r, s] @ W[p, q, c]
    return 0.0


# %% d-conv-dx-last-kernel: takes only the last kernel in dX
# target: derivations.conv2d
# element: partly
# says: Your dX has only the last kernel: X_ihwc affects every channel of Z.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r * stride, w + pad[1] - s * stride
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s, -1] * W[p, q, c, -1]
    return total


# %% d-conv-dx-first-kernel: derives dX for one kernel
# target: derivations.conv2d
# element: partly
# says: Your dX has only the first kernel: X_ihwc affects every channel of Z.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r * stride, w + pad[1] - s * stride
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s, 0] * W[p, q, c, 0]
    return total


# %% d-conv-dx-channels-summed: sums over the channels of the input in dX
# target: derivations.conv2d
# element: partly
# says: Your dX also sums over the channels of X: it is the same for every c.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r * stride, w + pad[1] - s * stride
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += (dZ[i, r, s] @ W[p, q].T).sum()
    return total


# %% d-conv-dx-images-summed: sums over the images in dX
# target: derivations.conv2d
# element: partly
# says: Your dX also sums over the images: it is the same for every i.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r * stride, w + pad[1] - s * stride
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += (dZ[:, r, s] @ W[p, q, c]).sum()
    return total


# %% d-conv-dx-no-w: leaves W out of dX
# target: derivations.conv2d
# element: partly
# says: Your dX adds up dZ over the windows that X_ihwc is in: W has no effect on it.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r * stride, w + pad[1] - s * stride
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s].sum()
    return total


# %% d-conv-dx-no-dz: leaves dZ out of dX
# target: derivations.conv2d
# element: partly
# says: Your dX adds up the weights that X_ihwc is multiplied by: dZ has no effect on it.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r * stride, w + pad[1] - s * stride
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += W[p, q, c].sum()
    return total


# %% d-conv-dx-x-for-w: multiplies by X in dX
# target: derivations.conv2d
# element: partly
# says: Your dX is multiplied by X_ihwc, which should be gone after differentiating, and W has no effect on it.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r * stride, w + pad[1] - s * stride
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s].sum() * X[i, h, w, c]
    return total


# %% d-conv-dx-separate-sums: sums dZ and W over the kernels separately
# target: derivations.conv2d
# element: partly
# says: Your dX sums dZ and W over the kernels separately: entries of different kernels are multiplied.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r * stride, w + pad[1] - s * stride
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s].sum() * W[p, q, c].sum()
    return total


# %% d-conv-dx-mean: divides dX by m
# target: derivations.conv2d
# element: partly
# says: Your dX is divided by m; any 1/m of the loss is already in dZ.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r * stride, w + pad[1] - s * stride
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s] @ W[p, q, c]
    return total / len(X)


# %% d-conv-dx-same-position: uses dZ at the pixel's own position
# target: derivations.conv2d
# element: partly
# says: Your dX multiplies each weight by dZ at row h, column w, not at the windows that X_ihwc is in.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    if h >= dZ.shape[1] or w >= dZ.shape[2]:
        return 0.0
    return dZ[i, h, w] @ W[:, :, c].sum(axis=(0, 1))
