# %% d-relu-no-dy: derives the slope of ReLU and stops there
# target: derivations.relu
# element: failed
# says: Your result does not depend on dY: it is the slope of ReLU alone.
def relu_dZ(i, j, Z, dY):
    return 1.0 if Z[i, j] > 0 else 0.0


# %% d-relu-dy: passes dY on unchanged
# target: derivations.relu
# element: failed
# says: This is dY_ij everywhere, even where Z_ij is negative.
def relu_dZ(i, j, Z, dY):
    return dY[i, j]


# %% d-relu-mask-inverted: swaps the two cases of ReLU
# target: derivations.relu
# element: failed
# says: Your formula keeps dY_ij where Z_ij is negative and gives 0 where Z_ij is positive.
def relu_dZ(i, j, Z, dY):
    return dY[i, j] if Z[i, j] < 0 else 0.0


# %% d-relu-mask-of-dy: looks at the sign of dY
# target: derivations.relu
# element: failed or partly
# says: Your formula masks dY_ij by its own sign; Z has no effect.
def relu_dZ(i, j, Z, dY):
    return dY[i, j] if dY[i, j] > 0 else 0.0


# %% d-relu-both-masks: looks at the signs of Z and of dY
# target: derivations.relu
# element: failed or partly
# says: Your formula also gives 0 where dY_ij is negative.
def relu_dZ(i, j, Z, dY):
    return dY[i, j] if Z[i, j] > 0 and dY[i, j] > 0 else 0.0


# %% d-relu-times-y: multiplies dY by the output
# target: derivations.relu
# element: failed
# says: Your formula multiplies dY_ij by Y_ij, the value of ReLU, not by its slope.
def relu_dZ(i, j, Z, dY):
    return dY[i, j] * max(Z[i, j], 0.0)


# %% d-relu-times-z: multiplies dY by Z
# target: derivations.relu
# element: failed
# says: Your formula is the product dY_ij Z_ij; ReLU's derivative is missing.
def relu_dZ(i, j, Z, dY):
    return dY[i, j] * Z[i, j]


# %% d-relu-forward: returns the output
# target: derivations.relu
# element: failed
# says: This is Y_ij = ReLU(Z_ij) itself, not a derivative.
def relu_dZ(i, j, Z, dY):
    return max(Z[i, j], 0.0)


# %% d-relu-absolute: differentiates the absolute value
# target: derivations.relu
# element: failed
# says: Your formula gives -dY_ij where Z_ij is negative: this is the gradient of |Z|.
def relu_dZ(i, j, Z, dY):
    return dY[i, j] if Z[i, j] > 0 else -dY[i, j]


# %% d-relu-leaky: differentiates the leaky ReLU
# target: derivations.relu
# element: failed
# says: Where Z_ij is negative, your formula still passes 0.01 dY_ij: this is a leaky ReLU.
def relu_dZ(i, j, Z, dY):
    return dY[i, j] if Z[i, j] > 0 else 0.01 * dY[i, j]


# %% d-relu-one-where-negative: gives slope 1 where the output is 0
# target: derivations.relu
# element: failed
# says: Where Z_ij is negative, your formula gives 1 whatever dY is.
def relu_dZ(i, j, Z, dY):
    return dY[i, j] if Z[i, j] > 0 else 1.0


# %% d-relu-sign: has the opposite sign
# target: derivations.relu
# element: failed
# says: Your formula has the opposite sign.
def relu_dZ(i, j, Z, dY):
    return -dY[i, j] if Z[i, j] > 0 else 0.0


# %% d-relu-mean: divides by m
# target: derivations.relu
# element: failed
# says: Your result is divided by m; any 1/m of the loss is already in dY.
def relu_dZ(i, j, Z, dY):
    return dY[i, j] / Z.shape[0] if Z[i, j] > 0 else 0.0


# %% d-relu-row-summed: adds up the row
# target: derivations.relu
# element: failed
# says: Your formula adds up all columns of row i, but Z_ij affects a single entry of Y.
def relu_dZ(i, j, Z, dY):
    return sum((dY[i, k] for k in range(Z.shape[1]) if Z[i, k] > 0), 0.0)


# %% d-relu-column-summed: adds up the examples
# target: derivations.relu
# element: failed
# says: Your formula adds up all examples of column j, but Z_ij affects a single entry of Y.
def relu_dZ(i, j, Z, dY):
    return sum((dY[k, j] for k in range(Z.shape[0]) if Z[k, j] > 0), 0.0)


# %% d-relu-swapped: swaps i and j
# target: derivations.relu
# element: raised
def relu_dZ(i, j, Z, dY):
    return dY[j, i] if Z[j, i] > 0 else 0.0
