# %% d-ce-no-mean: loses 1/m
# target: derivations.cross_entropy
# element: failed
# says: Your result is m times too large: the 1/m of the loss is missing.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -Y[i, j] / Y_hat[i, j]


# %% d-ce-mean-twice: divides by m twice
# target: derivations.cross_entropy
# element: failed
# says: Your result is m times too small: 1/m is in it twice.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -Y[i, j] / Y_hat[i, j] / Y.shape[0] ** 2


# %% d-ce-sign: loses the minus sign
# target: derivations.cross_entropy
# element: failed
# says: Your formula has the opposite sign.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return Y[i, j] / (Y.shape[0] * Y_hat[i, j])


# %% d-ce-sign-no-mean: loses the minus sign and 1/m
# target: derivations.cross_entropy
# element: failed
# says: Your formula is Y_ij / Y_hat_ij: the factor in front of the sum in the loss is missing.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return Y[i, j] / Y_hat[i, j]


# %% d-ce-divided-by-k: divides by the number of classes
# target: derivations.cross_entropy
# element: failed
# says: Your formula is divided by the number of classes k, not by the number of examples m.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -Y[i, j] / (Y.shape[1] * Y_hat[i, j])


# %% d-ce-divided-by-all: divides by the number of entries
# target: derivations.cross_entropy
# element: failed
# says: Your formula is divided by m k, the number of entries; the loss is not.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -Y[i, j] / (Y.size * Y_hat[i, j])


# %% d-ce-inverted: inverts the fraction
# target: derivations.cross_entropy
# element: failed
# says: The fraction is inverted: your formula has Y_hat_ij / Y_ij.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -Y_hat[i, j] / (Y.shape[0] * Y[i, j])


# %% d-ce-fused: takes the gradient at the input of a softmax
# target: derivations.cross_entropy
# element: failed
# says: This is (Y_hat_ij - Y_ij) / m, the gradient at the input of a softmax; the question is about Y_hat.
# also: d-ce-fused-no-mean
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return (Y_hat[i, j] - Y[i, j]) / Y.shape[0]


# %% d-ce-fused-no-mean: takes the gradient at the input of a softmax, without 1/m
# target: derivations.cross_entropy
# element: failed
# says: This is Y_hat_ij - Y_ij, the gradient at the input of a softmax without its 1/m; the question is about Y_hat.
# also: d-ce-fused
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return Y_hat[i, j] - Y[i, j]


# %% d-ce-term-of-the-loss: does not differentiate
# target: derivations.cross_entropy
# element: failed
# says: This is the term of the loss itself: the logarithm has not been differentiated.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -Y[i, j] * np.log(Y_hat[i, j]) / Y.shape[0]


# %% d-ce-loss: returns the loss
# target: derivations.cross_entropy
# element: failed
# says: This is the loss L itself, the same number for all entries.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -np.sum(Y * np.log(Y_hat)) / Y.shape[0]


# %% d-ce-log-kept: keeps the logarithm along with its derivative
# target: derivations.cross_entropy
# element: failed
# says: Your formula is divided by Y_hat_ij and still contains ln Y_hat_ij.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -Y[i, j] * np.log(Y_hat[i, j]) / (Y.shape[0] * Y_hat[i, j])


# %% d-ce-inverse-of-log: takes 1 / ln as the derivative of ln
# target: derivations.cross_entropy
# element: failed
# says: Your formula divides by ln Y_hat_ij: the reciprocal of the logarithm is not its derivative.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -Y[i, j] / (Y.shape[0] * np.log(Y_hat[i, j]))


# %% d-ce-not-divided: drops the logarithm
# target: derivations.cross_entropy
# element: failed
# says: Your formula is -Y_ij / m: the logarithm is gone, but its derivative is missing.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -Y[i, j] / Y.shape[0]


# %% d-ce-product: multiplies by the prediction
# target: derivations.cross_entropy
# element: failed
# says: Your formula multiplies Y_ij by Y_hat_ij: that is not the derivative of a logarithm.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -Y[i, j] * Y_hat[i, j] / Y.shape[0]


# %% d-ce-squared: squares the denominator
# target: derivations.cross_entropy
# element: failed
# says: Your formula divides by Y_hat_ij twice: the square is one division too many.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -Y[i, j] / (Y.shape[0] * Y_hat[i, j] ** 2)


# %% d-ce-no-target: drops the target
# target: derivations.cross_entropy
# element: failed
# says: Your formula is -1 / (m Y_hat_ij): Y has no effect on it, as if every target were 1.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -1.0 / (Y.shape[0] * Y_hat[i, j])


# %% d-ce-of-target: differentiates with respect to the target
# target: derivations.cross_entropy
# element: failed
# says: Your formula is -ln(Y_hat_ij) / m, the derivative with respect to Y_ij, not to Y_hat_ij.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -np.log(Y_hat[i, j]) / Y.shape[0]


# %% d-ce-product-rule: differentiates the target, too
# target: derivations.cross_entropy
# element: failed
# says: Your formula also contains -ln(Y_hat_ij) / m: Y is treated as if it changed with Y_hat.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -(np.log(Y_hat[i, j]) + Y[i, j] / Y_hat[i, j]) / Y.shape[0]


# %% d-ce-roles-swapped: puts the target into the logarithm
# target: derivations.cross_entropy
# element: failed
# says: Your formula is -ln(Y_ij) / m, as if the logarithm were of Y.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -np.log(Y[i, j]) / Y.shape[0]


# %% d-ce-binary: differentiates the binary cross-entropy
# target: derivations.cross_entropy
# element: failed
# says: Your formula also has the term (1 - Y_ij) / (1 - Y_hat_ij) of the binary cross-entropy, which is not in this loss.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    y, y_hat = Y[i, j], Y_hat[i, j]
    return ((1.0 - y) / (1.0 - y_hat) - y / y_hat) / Y.shape[0]


# %% d-ce-largest-target: keeps the class with the largest target
# target: derivations.cross_entropy
# element: failed
# says: Your formula is 0 except for the class with the largest target in row i; the loss counts every class.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -Y[i, j] / (Y.shape[0] * Y_hat[i, j]) if j == np.argmax(Y[i]) else 0.0


# %% d-ce-row-summed: sums over the classes
# target: derivations.cross_entropy
# element: failed
# says: Your formula still sums over the classes of row i.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -sum(Y[i, k] / Y_hat[i, k] for k in range(Y.shape[1])) / Y.shape[0]


# %% d-ce-column-summed: sums over the examples
# target: derivations.cross_entropy
# element: failed
# says: Your formula still sums over the examples of column j.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -sum(Y[k, j] / Y_hat[k, j] for k in range(Y.shape[0])) / Y.shape[0]


# %% d-ce-base-10: takes the logarithm to the base 10
# target: derivations.cross_entropy
# element: failed
# says: Your result has an extra factor 1 / ln 10, as for a logarithm with base 10.
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -Y[i, j] / (Y.shape[0] * Y_hat[i, j] * np.log(10.0))


# %% d-ce-swapped: swaps i and j
# target: derivations.cross_entropy
# element: raised
def cross_entropy_dY_hat(i, j, Y, Y_hat):
    return -Y[j, i] / (Y.shape[0] * Y_hat[j, i])
