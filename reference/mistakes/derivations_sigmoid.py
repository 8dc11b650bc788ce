# %% d-sigmoid-no-dy: derives the slope of sigma and stops there
# target: derivations.sigmoid
# element: failed
# says: Your result does not depend on dY: it is the slope of sigma alone.
def sigmoid_dZ(i, j, Z, dY):
    y = 1.0 / (1.0 + np.exp(-Z[i, j]))
    return y * (1.0 - y)


# %% d-sigmoid-dy: passes dY on unchanged
# target: derivations.sigmoid
# element: failed
# says: This is dY_ij itself: sigma's derivative is missing.
def sigmoid_dZ(i, j, Z, dY):
    return dY[i, j]


# %% d-sigmoid-z-for-y: writes z (1 - z)
# target: derivations.sigmoid
# element: failed
# says: The slope in your formula is Z_ij (1 - Z_ij): sigma has not been applied to Z_ij.
def sigmoid_dZ(i, j, Z, dY):
    return dY[i, j] * Z[i, j] * (1.0 - Z[i, j])


# %% d-sigmoid-twice: takes the derivative at the output
# target: derivations.sigmoid
# element: failed
# says: Your formula takes the slope of sigma at Y_ij: sigma is applied twice in it.
def sigmoid_dZ(i, j, Z, dY):
    y = 1.0 / (1.0 + np.exp(-Z[i, j]))
    again = 1.0 / (1.0 + np.exp(-y))
    return dY[i, j] * again * (1.0 - again)


# %% d-sigmoid-twice-chain: differentiates sigma of sigma
# target: derivations.sigmoid
# element: failed
# says: This is the gradient of sigma(sigma(Z)): there is one sigma too many.
def sigmoid_dZ(i, j, Z, dY):
    y = 1.0 / (1.0 + np.exp(-Z[i, j]))
    again = 1.0 / (1.0 + np.exp(-y))
    return dY[i, j] * again * (1.0 - again) * y * (1.0 - y)


# %% d-sigmoid-y-alone: multiplies dY by the output
# target: derivations.sigmoid
# element: failed
# says: The slope in your formula is Y_ij, the value of sigma itself.
def sigmoid_dZ(i, j, Z, dY):
    return dY[i, j] / (1.0 + np.exp(-Z[i, j]))


# %% d-sigmoid-square-forgotten: does not square the denominator
# target: derivations.sigmoid
# element: failed
# says: The slope in your formula equals 1 - Y_ij, which goes to 1 for very negative Z_ij, where sigma is flat.
def sigmoid_dZ(i, j, Z, dY):
    power = np.exp(-Z[i, j])
    return dY[i, j] * power / (1.0 + power)


# %% d-sigmoid-y-squared: forgets the factor of the exponent
# target: derivations.sigmoid
# element: failed
# says: The slope in your formula equals Y_ij^2: the factor from the inner derivative, that of 1 + e^(-Z_ij), is missing.
# also: d-sigmoid-inner-missing
def sigmoid_dZ(i, j, Z, dY):
    return dY[i, j] / (1.0 + np.exp(-Z[i, j])) ** 2


# %% d-sigmoid-inner-missing: forgets the inner derivative, its sign included
# target: derivations.sigmoid
# element: failed
# says: The slope in your formula equals -Y_ij^2: the inner derivative, that of 1 + e^(-Z_ij), is missing.
# also: d-sigmoid-y-squared
def sigmoid_dZ(i, j, Z, dY):
    return -dY[i, j] / (1.0 + np.exp(-Z[i, j])) ** 2


# %% d-sigmoid-outer-missing: differentiates the denominator alone
# target: derivations.sigmoid
# element: failed
# says: The slope in your formula is -e^(-Z_ij), the inner derivative alone.
def sigmoid_dZ(i, j, Z, dY):
    return -dY[i, j] * np.exp(-Z[i, j])


# %% d-sigmoid-exponent-sign: loses the minus sign in the exponent
# target: derivations.sigmoid
# element: failed
# says: The slope in your formula is e^(Z_ij) / (1 + e^(-Z_ij))^2: the two exponents do not have the same sign.
def sigmoid_dZ(i, j, Z, dY):
    return dY[i, j] * np.exp(Z[i, j]) / (1.0 + np.exp(-Z[i, j])) ** 2


# %% d-sigmoid-plus: writes y (1 + y)
# target: derivations.sigmoid
# element: failed
# says: The slope in your formula is Y_ij (1 + Y_ij), which goes to 2 for large Z_ij, where sigma is flat.
def sigmoid_dZ(i, j, Z, dY):
    y = 1.0 / (1.0 + np.exp(-Z[i, j]))
    return dY[i, j] * y * (1.0 + y)


# %% d-sigmoid-tanh: takes the slope of tanh
# target: derivations.sigmoid
# element: failed
# says: The slope in your formula is 1 - Y_ij^2, which belongs to tanh.
def sigmoid_dZ(i, j, Z, dY):
    return dY[i, j] * (1.0 - 1.0 / (1.0 + np.exp(-Z[i, j])) ** 2)


# %% d-sigmoid-brackets: leaves the parentheses out
# target: derivations.sigmoid
# element: failed
# says: Your formula is dY_ij Y_ij - Y_ij: parentheses are missing.
def sigmoid_dZ(i, j, Z, dY):
    y = 1.0 / (1.0 + np.exp(-Z[i, j]))
    return dY[i, j] * y * 1.0 - y


# %% d-sigmoid-dy-for-y: computes the slope from dY
# target: derivations.sigmoid
# element: failed
# says: Your formula is dY_ij (1 - dY_ij): Z has no effect on it.
def sigmoid_dZ(i, j, Z, dY):
    return dY[i, j] * (1.0 - dY[i, j])


# %% d-sigmoid-z-for-dy: multiplies the slope by Z
# target: derivations.sigmoid
# element: failed
# says: Your formula multiplies the slope of sigma by Z_ij; dY has no effect on it.
def sigmoid_dZ(i, j, Z, dY):
    y = 1.0 / (1.0 + np.exp(-Z[i, j]))
    return Z[i, j] * y * (1.0 - y)


# %% d-sigmoid-forward: returns the output
# target: derivations.sigmoid
# element: failed
# says: This is Y_ij = sigma(Z_ij) itself, not a derivative.
def sigmoid_dZ(i, j, Z, dY):
    return 1.0 / (1.0 + np.exp(-Z[i, j]))


# %% d-sigmoid-sign: has the opposite sign
# target: derivations.sigmoid
# element: failed
# says: Your formula has the opposite sign.
def sigmoid_dZ(i, j, Z, dY):
    y = 1.0 / (1.0 + np.exp(-Z[i, j]))
    return dY[i, j] * y * (y - 1.0)


# %% d-sigmoid-mean: divides by m
# target: derivations.sigmoid
# element: failed
# says: Your result is divided by m; any 1/m of the loss is already in dY.
def sigmoid_dZ(i, j, Z, dY):
    y = 1.0 / (1.0 + np.exp(-Z[i, j]))
    return dY[i, j] * y * (1.0 - y) / Z.shape[0]


# %% d-sigmoid-dy-row-summed: adds dY up over the row
# target: derivations.sigmoid
# element: failed
# says: Your formula adds up dY over row i, but Z_ij affects a single entry of Y.
def sigmoid_dZ(i, j, Z, dY):
    y = 1.0 / (1.0 + np.exp(-Z[i, j]))
    return sum(dY[i, k] for k in range(Z.shape[1])) * y * (1.0 - y)


# %% d-sigmoid-swapped: swaps i and j
# target: derivations.sigmoid
# element: raised
def sigmoid_dZ(i, j, Z, dY):
    y = 1.0 / (1.0 + np.exp(-Z[j, i]))
    return dY[j, i] * y * (1.0 - y)
