# %% d-conv-dx-flipped: flips the kernel in dX
# target: derivations.conv2d
# element: partly
# says: The kernel is flipped in your dX: its last position is where its first should be.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r * stride, w + pad[1] - s * stride
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s] @ W[-1 - p, -1 - q, c]
    return total


# %% d-conv-dx-no-pad: forgets the padding in dX
# target: derivations.conv2d
# element: partly
# says: Your dX does not depend on pad: it is the gradient without padding.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h - r * stride, w - s * stride
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s] @ W[p, q, c]
    return total


# %% d-conv-dx-pad-sign: has the wrong sign for the padding in dX
# target: derivations.conv2d
# element: partly
# says: The padding moves the windows the wrong way in your dX: pad has the opposite sign.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h - pad[0] - r * stride, w - pad[1] - s * stride
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s] @ W[p, q, c]
    return total


# %% d-conv-dx-pads-swapped: swaps the two paddings in dX
# target: derivations.conv2d
# element: partly
# says: Your dX uses the padding of the columns for the rows, and that of the rows for the columns.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[1] - r * stride, w + pad[0] - s * stride
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s] @ W[p, q, c]
    return total


# %% d-conv-dx-one-pad: pads the columns like the rows in dX
# target: derivations.conv2d
# element: partly
# says: Your dX uses the padding of the rows for the columns as well.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r * stride, w + pad[0] - s * stride
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s] @ W[p, q, c]
    return total


# %% d-conv-dx-no-stride: forgets the stride in dX
# target: derivations.conv2d
# element: partly
# says: Your dX does not depend on stride: its windows move by 1.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r, w + pad[1] - s
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s] @ W[p, q, c]
    return total


# %% d-conv-dx-stride-of-rows-only: forgets the stride of the columns in dX
# target: derivations.conv2d
# element: partly
# says: In your dX, the stride moves the windows down but not to the right.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r * stride, w + pad[1] - s
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s] @ W[p, q, c]
    return total


# %% d-conv-dx-stride-on-x: multiplies the position in X by the stride
# target: derivations.conv2d
# element: partly
# says: Your dX multiplies h and w by the stride: the stride is applied to positions in X.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = (h + pad[0]) * stride - r, (w + pad[1]) * stride - s
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s] @ W[p, q, c]
    return total


# %% d-conv-dx-stride-on-kernel: multiplies the position in the kernel by the stride
# target: derivations.conv2d
# element: partly
# says: Your dX multiplies the positions in the kernel by the stride: the windows have gaps in them, and move by 1.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for p in range(W.shape[0]):
        for q in range(W.shape[1]):
            r, s = h + pad[0] - p * stride, w + pad[1] - q * stride
            if 0 <= r < dZ.shape[1] and 0 <= s < dZ.shape[2]:
                total += dZ[i, r, s] @ W[p, q, c]
    return total


# %% d-conv-dx-floor-division: divides by the stride and rounds down in dX
# target: derivations.conv2d
# element: partly
# says: Your dX also counts windows whose position is not a whole number: the division by the stride is rounded down.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for p in range(W.shape[0]):
        for q in range(W.shape[1]):
            r, s = (h + pad[0] - p) // stride, (w + pad[1] - q) // stride
            if 0 <= r < dZ.shape[1] and 0 <= s < dZ.shape[2]:
                total += dZ[i, r, s] @ W[p, q, c]
    return total


# %% d-conv-dx-correlated: slides the windows forward in dX
# target: derivations.conv2d
# element: partly
# says: In your dX the position in the kernel moves the wrong way: it grows with the position of the window.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = r * stride - h + pad[0], s * stride - w + pad[1]
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s] @ W[p, q, c]
    return total


# %% d-conv-dx-axes-swapped: swaps rows and columns of the kernel in dX
# target: derivations.conv2d
# element: partly
# says: Rows and columns of the kernel are swapped in your dX.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r * stride, w + pad[1] - s * stride
            if 0 <= p < W.shape[1] and 0 <= q < W.shape[0]:
                total += dZ[i, r, s] @ W[q, p, c]
    return total


# %% d-conv-dx-off-by-one: shifts the windows by one in dX
# target: derivations.conv2d
# element: partly
# says: The windows are shifted by one row and one column in your dX: indices count from 0.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r * stride - 1, w + pad[1] - s * stride - 1
            if 0 <= p < W.shape[0] and 0 <= q < W.shape[1]:
                total += dZ[i, r, s] @ W[p, q, c]
    return total


# %% d-conv-dx-first-position-missing: counts the kernel's positions from 1 in dX
# target: derivations.conv2d
# element: partly
# says: The first row and the first column of the kernel are missing in your dX: indices count from 0.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r * stride, w + pad[1] - s * stride
            if 0 < p < W.shape[0] and 0 < q < W.shape[1]:
                total += dZ[i, r, s] @ W[p, q, c]
    return total


# %% d-conv-dx-last-position-missing: ends one position early in the kernel in dX
# target: derivations.conv2d
# element: partly
# says: The last row and the last column of the kernel are missing in your dX.
def conv2d_dX(i, h, w, c, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            p, q = h + pad[0] - r * stride, w + pad[1] - s * stride
            if 0 <= p < W.shape[0] - 1 and 0 <= q < W.shape[1] - 1:
                total += dZ[i, r, s] @ W[p, q, c]
    return total
