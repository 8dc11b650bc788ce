# %% d-mse-sign: forgets the inner derivative
# target: derivations.mse
# element: failed
# says: Your formula has the opposite sign: check the inner derivative of Y - Y_hat.
def mse_dY_hat(i, j, Y, Y_hat):
    return 2.0 * (Y[i, j] - Y_hat[i, j]) / Y.shape[0]


# %% d-mse-no-2: loses the 2
# target: derivations.mse
# element: failed
# says: Your result is half as large as it should be: the exponent 2 is missing as a factor.
def mse_dY_hat(i, j, Y, Y_hat):
    return (Y_hat[i, j] - Y[i, j]) / Y.shape[0]


# %% d-mse-no-2-sign: loses the 2 and the inner derivative
# target: derivations.mse
# element: failed
# says: Your formula is (Y_ij - Y_hat_ij) / m, the error itself divided by m: the square has not been differentiated.
def mse_dY_hat(i, j, Y, Y_hat):
    return (Y[i, j] - Y_hat[i, j]) / Y.shape[0]


# %% d-mse-no-mean: loses 1/m
# target: derivations.mse
# element: failed
# says: Your result is m times too large: the 1/m of the loss is missing.
def mse_dY_hat(i, j, Y, Y_hat):
    return 2.0 * (Y_hat[i, j] - Y[i, j])


# %% d-mse-no-mean-sign: loses 1/m and the inner derivative
# target: derivations.mse
# element: failed
# says: Your formula is 2 (Y_ij - Y_hat_ij): the 1/m of the loss is missing, and the sign is reversed.
def mse_dY_hat(i, j, Y, Y_hat):
    return 2.0 * (Y[i, j] - Y_hat[i, j])


# %% d-mse-difference: loses the 2 and 1/m
# target: derivations.mse
# element: failed or partly
# says: Your formula is the difference Y_hat_ij - Y_ij alone: all constant factors are missing.
def mse_dY_hat(i, j, Y, Y_hat):
    return Y_hat[i, j] - Y[i, j]


# %% d-mse-mean-twice: divides by m twice
# target: derivations.mse
# element: failed
# says: Your result is m times too small: 1/m is in it twice.
def mse_dY_hat(i, j, Y, Y_hat):
    return 2.0 * (Y_hat[i, j] - Y[i, j]) / Y.shape[0] ** 2


# %% d-mse-divided-by-k: divides by the number of columns
# target: derivations.mse
# element: failed
# says: Your formula is divided by the number of columns k, not by the number of examples m.
def mse_dY_hat(i, j, Y, Y_hat):
    return 2.0 * (Y_hat[i, j] - Y[i, j]) / Y.shape[1]


# %% d-mse-divided-by-all: divides by the number of entries
# target: derivations.mse
# element: failed
# says: Your formula is divided by m k, the number of entries; the loss is not.
def mse_dY_hat(i, j, Y, Y_hat):
    return 2.0 * (Y_hat[i, j] - Y[i, j]) / Y.size


# %% d-mse-term-of-the-loss: does not differentiate
# target: derivations.mse
# element: failed
# says: This is the term of the loss itself: the square has not been differentiated.
# also: d-mse-square-kept
def mse_dY_hat(i, j, Y, Y_hat):
    return (Y[i, j] - Y_hat[i, j]) ** 2 / Y.shape[0]


# %% d-mse-loss: returns the loss
# target: derivations.mse
# element: failed
# says: This is the loss L itself, the same number for all entries.
def mse_dY_hat(i, j, Y, Y_hat):
    return np.sum((Y - Y_hat) ** 2) / Y.shape[0]


# %% d-mse-square-kept: multiplies by 2 and keeps the square
# target: derivations.mse
# element: failed
# says: The factor 2 is there, but the error is still squared.
# also: d-mse-term-of-the-loss
def mse_dY_hat(i, j, Y, Y_hat):
    return 2.0 * (Y[i, j] - Y_hat[i, j]) ** 2 / Y.shape[0]


# %% d-mse-no-target: loses the target
# target: derivations.mse
# element: failed
# says: Your formula is 2 Y_hat_ij / m: Y has no effect on it.
def mse_dY_hat(i, j, Y, Y_hat):
    return 2.0 * Y_hat[i, j] / Y.shape[0]


# %% d-mse-plus: adds target and prediction
# target: derivations.mse
# element: failed
# says: Your formula adds Y_ij and Y_hat_ij: it is not 0 where the prediction is perfect.
def mse_dY_hat(i, j, Y, Y_hat):
    return 2.0 * (Y_hat[i, j] + Y[i, j]) / Y.shape[0]


# %% d-mse-absolute: differentiates the absolute error
# target: derivations.mse
# element: failed
# says: Your formula depends only on the sign of the error: this is the gradient of absolute values.
def mse_dY_hat(i, j, Y, Y_hat):
    return np.sign(Y_hat[i, j] - Y[i, j]) / Y.shape[0]


# %% d-mse-norm: differentiates the norms without the square
# target: derivations.mse
# element: failed
# says: Your formula divides the error by its norm over row i: this is the gradient of norms that are not squared.
def mse_dY_hat(i, j, Y, Y_hat):
    norm = np.sqrt(sum((Y[i, k] - Y_hat[i, k]) ** 2 for k in range(Y.shape[1])))
    return (Y_hat[i, j] - Y[i, j]) / (norm * Y.shape[0])


# %% d-mse-row-summed: sums over the columns
# target: derivations.mse
# element: failed
# says: Your formula still sums over the columns of row i.
def mse_dY_hat(i, j, Y, Y_hat):
    return 2.0 * sum(Y_hat[i, k] - Y[i, k] for k in range(Y.shape[1])) / Y.shape[0]


# %% d-mse-column-summed: sums over the examples
# target: derivations.mse
# element: failed
# says: Your formula still sums over the examples of column j.
def mse_dY_hat(i, j, Y, Y_hat):
    return 2.0 * sum(Y_hat[k, j] - Y[k, j] for k in range(Y.shape[0])) / Y.shape[0]


# %% d-mse-swapped: swaps i and j
# target: derivations.mse
# element: raised
def mse_dY_hat(i, j, Y, Y_hat):
    return 2.0 * (Y_hat[j, i] - Y[j, i]) / Y.shape[0]
