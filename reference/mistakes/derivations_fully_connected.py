# %% d-fc-dx-w-indices: swaps the indices of W in dX
# target: derivations.fully_connected
# element: partly
def fully_connected_dX(i, j, X, W, dZ):
    return sum(dZ[i, k] * W[k, j] for k in range(W.shape[1]))


# %% d-fc-dx-no-dz: leaves dZ out of dX
# target: derivations.fully_connected
# element: partly
# says: Your dX is the sum of row j of W: it does not depend on dZ.
def fully_connected_dX(i, j, X, W, dZ):
    return sum(W[j, k] for k in range(W.shape[1]))


# %% d-fc-dx-no-w: leaves W out of dX
# target: derivations.fully_connected
# element: partly
# says: Your dX is the sum of row i of dZ: it does not depend on W.
def fully_connected_dX(i, j, X, W, dZ):
    return sum(dZ[i, k] for k in range(W.shape[1]))


# %% d-fc-dx-x-for-w: multiplies by X in dX
# target: derivations.fully_connected
# element: partly
# says: Your dX is X_ij times the sum of row i of dZ: X itself stays in the derivative with respect to X, and W is not in it.
def fully_connected_dX(i, j, X, W, dZ):
    return sum(dZ[i, k] * X[i, j] for k in range(W.shape[1]))


# %% d-fc-dx-last-term: keeps only the last term of the sum in dX
# target: derivations.fully_connected
# element: partly
# says: Your dX is the term of the last unit alone: X_ij affects every unit.
def fully_connected_dX(i, j, X, W, dZ):
    total = 0.0
    for k in range(W.shape[1]):
        total = dZ[i, k] * W[j, k]
    return total


# %% d-fc-dx-first-term: takes only the first term of the sum in dX
# target: derivations.fully_connected
# element: partly
# says: Your dX is the term of the first unit alone: X_ij affects every unit.
def fully_connected_dX(i, j, X, W, dZ):
    return dZ[i, 0] * W[j, 0]


# %% d-fc-dx-last-missing: ends the sum one unit early in dX
# target: derivations.fully_connected
# element: partly
# says: The sum in your dX is missing its last term: it ends one unit early.
def fully_connected_dX(i, j, X, W, dZ):
    return sum(dZ[i, k] * W[j, k] for k in range(W.shape[1] - 1))


# %% d-fc-dx-first-missing: counts the units from 1 in dX
# target: derivations.fully_connected
# element: partly
# says: The sum in your dX is missing its first term: indices count from 0.
def fully_connected_dX(i, j, X, W, dZ):
    return sum(dZ[i, k] * W[j, k] for k in range(1, W.shape[1]))


# %% d-fc-dx-examples-summed: sums dX over the examples, too
# target: derivations.fully_connected
# element: partly
# says: Your dX also sums over the examples, but X_ij affects only row i of Z.
def fully_connected_dX(i, j, X, W, dZ):
    return sum(dZ[r, k] * W[j, k] for r in range(X.shape[0]) for k in range(W.shape[1]))


# %% d-fc-dx-separate-sums: multiplies two sums in dX
# target: derivations.fully_connected
# element: partly
# says: Your dX is a product of two separate sums, one of dZ and one of W: entries of different units are multiplied.
def fully_connected_dX(i, j, X, W, dZ):
    return sum(dZ[i, k] for k in range(W.shape[1])) * sum(W[j, k] for k in range(W.shape[1]))


# %% d-fc-dx-mean: divides dX by m
# target: derivations.fully_connected
# element: partly
# says: Your dX is divided by m; any 1/m of the loss is already in dZ.
def fully_connected_dX(i, j, X, W, dZ):
    return sum(dZ[i, k] * W[j, k] for k in range(W.shape[1])) / X.shape[0]


# %% d-fc-dx-mean-of-units: divides dX by the number of units
# target: derivations.fully_connected
# element: partly
# says: Your dX is divided by n_out: it averages over the units.
def fully_connected_dX(i, j, X, W, dZ):
    return sum(dZ[i, k] * W[j, k] for k in range(W.shape[1])) / W.shape[1]


# %% d-fc-dx-range: ends the sum in dX at the number of features
# target: derivations.fully_connected
# element: partly or raised
# also: d-fc-dx-last-missing
def fully_connected_dX(i, j, X, W, dZ):
    return sum(dZ[i, k] * W[j, k] for k in range(W.shape[0]))


# %% d-fc-dw-indices: swaps i and j in dW
# target: derivations.fully_connected
# element: partly
def fully_connected_dW(i, j, X, W, dZ):
    return sum(X[k, j] * dZ[k, i] for k in range(X.shape[0]))


# %% d-fc-dw-no-dz: leaves dZ out of dW
# target: derivations.fully_connected
# element: partly
# says: Your dW is the sum of column i of X: it does not depend on dZ.
def fully_connected_dW(i, j, X, W, dZ):
    return sum(X[k, i] for k in range(X.shape[0]))


# %% d-fc-dw-no-x: leaves X out of dW
# target: derivations.fully_connected
# element: partly
# says: Your dW is the sum of column j of dZ: it does not depend on X.
def fully_connected_dW(i, j, X, W, dZ):
    return sum(dZ[k, j] for k in range(X.shape[0]))


# %% d-fc-dw-w-for-x: multiplies by W in dW
# target: derivations.fully_connected
# element: partly
# says: Your dW is W_ij times the sum of column j of dZ: W itself stays in the derivative with respect to W, and X is not in it.
def fully_connected_dW(i, j, X, W, dZ):
    return sum(W[i, j] * dZ[k, j] for k in range(X.shape[0]))


# %% d-fc-dw-last-example: keeps only the last example in dW
# target: derivations.fully_connected
# element: partly
# says: Your dW is the term of the last example alone: W_ij is used for every example.
def fully_connected_dW(i, j, X, W, dZ):
    total = 0.0
    for k in range(X.shape[0]):
        total = X[k, i] * dZ[k, j]
    return total


# %% d-fc-dw-first-example: derives dW for one example
# target: derivations.fully_connected
# element: partly
# says: Your dW is the term of the first example alone: W_ij is used for every example.
def fully_connected_dW(i, j, X, W, dZ):
    return X[0, i] * dZ[0, j]


# %% d-fc-dw-last-missing: ends the sum one example early in dW
# target: derivations.fully_connected
# element: partly
# says: The sum in your dW is missing its last term: it ends one example early.
def fully_connected_dW(i, j, X, W, dZ):
    return sum(X[k, i] * dZ[k, j] for k in range(X.shape[0] - 1))


# %% d-fc-dw-first-missing: counts the examples from 1 in dW
# target: derivations.fully_connected
# element: partly
# says: The sum in your dW is missing its first term: indices count from 0.
def fully_connected_dW(i, j, X, W, dZ):
    return sum(X[k, i] * dZ[k, j] for k in range(1, X.shape[0]))


# %% d-fc-dw-separate-sums: multiplies two sums in dW
# target: derivations.fully_connected
# element: partly
# says: Your dW is a product of two separate sums, one of X and one of dZ: entries of different examples are multiplied.
def fully_connected_dW(i, j, X, W, dZ):
    return sum(X[k, i] for k in range(X.shape[0])) * sum(dZ[k, j] for k in range(X.shape[0]))


# %% d-fc-dw-units-summed: sums dW over the units, too
# target: derivations.fully_connected
# element: partly
# says: Your dW also sums over the units, but W_ij affects only column j of Z.
def fully_connected_dW(i, j, X, W, dZ):
    return sum(X[k, i] * dZ[k, u] for k in range(X.shape[0]) for u in range(W.shape[1]))


# %% d-fc-dw-features-summed: sums dW over the features, too
# target: derivations.fully_connected
# element: partly
# says: Your dW also sums over the features of X, but W_ij is multiplied only by column i of X.
def fully_connected_dW(i, j, X, W, dZ):
    return sum(X[k, p] * dZ[k, j] for k in range(X.shape[0]) for p in range(W.shape[0]))


# %% d-fc-dw-mean: divides dW by m
# target: derivations.fully_connected
# element: partly
# says: Your dW is divided by m; any 1/m of the loss is already in dZ.
def fully_connected_dW(i, j, X, W, dZ):
    return sum(X[k, i] * dZ[k, j] for k in range(X.shape[0])) / X.shape[0]


# %% d-fc-dw-range: ends the sum in dW at the number of features
# target: derivations.fully_connected
# element: partly or raised
# also: d-fc-dw-last-missing
def fully_connected_dW(i, j, X, W, dZ):
    return sum(X[k, i] * dZ[k, j] for k in range(W.shape[0]))
