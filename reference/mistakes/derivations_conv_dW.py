# %% d-conv-dw-flipped: flips the kernel in dW
# target: derivations.conv2d
# element: partly
# says: Your dW is flipped: its last position is where its first should be.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + W.shape[0] - 1 - p - pad[0], s * stride + W.shape[1] - 1 - q - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total


# %% d-conv-dw-no-pad: forgets the padding in dW
# target: derivations.conv2d
# element: partly
# says: Your dW does not depend on pad: its windows start at the first row and column of X.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p, s * stride + q
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total


# %% d-conv-dw-pad-sign: has the wrong sign for the padding in dW
# target: derivations.conv2d
# element: partly
# says: The padding moves the windows the wrong way in your dW: pad has the opposite sign.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p + pad[0], s * stride + q + pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total


# %% d-conv-dw-pads-swapped: swaps the two paddings in dW
# target: derivations.conv2d
# element: partly
# says: Your dW uses the padding of the columns for the rows, and that of the rows for the columns.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p - pad[1], s * stride + q - pad[0]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total


# %% d-conv-dw-one-pad: pads the columns like the rows in dW
# target: derivations.conv2d
# element: partly
# says: Your dW uses the padding of the rows for the columns as well.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p - pad[0], s * stride + q - pad[0]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total


# %% d-conv-dw-negative-indices: reads beyond the border of X in dW
# target: derivations.conv2d
# element: partly or raised
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p - pad[0], s * stride + q - pad[1]
            total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total


# %% d-conv-dw-no-stride: forgets the stride in dW
# target: derivations.conv2d
# element: partly
# says: Your dW does not depend on stride: its windows move by 1.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r + p - pad[0], s + q - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total


# %% d-conv-dw-stride-of-rows-only: forgets the stride of the columns in dW
# target: derivations.conv2d
# element: partly
# says: In your dW, the stride moves the windows down but not to the right.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p - pad[0], s + q - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total


# %% d-conv-dw-stride-on-kernel: multiplies the position in the kernel by the stride in dW
# target: derivations.conv2d
# element: partly
# says: Your dW multiplies p and q by the stride: the windows have gaps in them, and move by 1.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r + p * stride - pad[0], s + q * stride - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total


# %% d-conv-dw-stride-on-both: multiplies both positions by the stride in dW
# target: derivations.conv2d
# element: partly
# says: Your dW also multiplies p and q by the stride: the windows have gaps in them.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = (r + p) * stride - pad[0], (s + q) * stride - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total


# %% d-conv-dw-stride-on-pad: multiplies the padding by the stride in dW
# target: derivations.conv2d
# element: partly
# says: Your dW also multiplies pad by the stride.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = (r - pad[0]) * stride + p, (s - pad[1]) * stride + q
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total


# %% d-conv-dw-axes-swapped: swaps rows and columns of the kernel in dW
# target: derivations.conv2d
# element: partly
# says: Rows and columns of the kernel are swapped in your dW.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + q - pad[0], s * stride + p - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total


# %% d-conv-dw-off-by-one: shifts the windows by one in dW
# target: derivations.conv2d
# element: partly
# says: The windows are shifted by one row and one column in your dW: indices count from 0.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1]):
        for s in range(dZ.shape[2]):
            h, w = r * stride + p - pad[0] + 1, s * stride + q - pad[1] + 1
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total


# %% d-conv-dw-last-window-missing: ends one window early in dW
# target: derivations.conv2d
# element: partly
# says: The last row and the last column of windows are missing in your dW.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(dZ.shape[1] - 1):
        for s in range(dZ.shape[2] - 1):
            h, w = r * stride + p - pad[0], s * stride + q - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total


# %% d-conv-dw-first-window-missing: counts the windows from 1 in dW
# target: derivations.conv2d
# element: partly
# says: The first row and the first column of windows are missing in your dW: indices count from 0.
def conv2d_dW(p, q, c, f, X, W, dZ, stride, pad):
    total = 0.0
    for r in range(1, dZ.shape[1]):
        for s in range(1, dZ.shape[2]):
            h, w = r * stride + p - pad[0], s * stride + q - pad[1]
            if 0 <= h < X.shape[1] and 0 <= w < X.shape[2]:
                total += dZ[:, r, s, f] @ X[:, h, w, c]
    return total
