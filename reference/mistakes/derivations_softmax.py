# %% d-softmax-diagonal: takes only the diagonal of the Jacobian
# target: derivations.softmax
# element: failed
# says: Only the diagonal term is in your formula, but Z_ij affects every entry of row i of Y.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / sum(np.exp(Z[i]))
    return dY[i, j] * y[j] * (1.0 - y[j])


# %% d-softmax-off-diagonal: leaves the diagonal out
# target: derivations.softmax
# element: failed
# says: The diagonal term is missing: your sum has only the effect of Z_ij on the other entries of its row.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / sum(np.exp(Z[i]))
    return sum(-dY[i, k] * y[k] * y[j] for k in range(len(y)) if k != j)


# %% d-softmax-denominator-constant: differentiates the numerator alone
# target: derivations.softmax
# element: failed
# says: Your formula is dY_ij Y_ij: the denominator of the softmax is treated as a constant.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / sum(np.exp(Z[i]))
    return dY[i, j] * y[j]


# %% d-softmax-diagonal-denominator-constant: forgets the denominator on the diagonal
# target: derivations.softmax
# element: failed
# says: Your diagonal term is dY_ij Y_ij: the denominator is treated as a constant there.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / sum(np.exp(Z[i]))
    return dY[i, j] * y[j] - sum(dY[i, k] * y[k] * y[j] for k in range(len(y)) if k != j)


# %% d-softmax-numerator-constant: differentiates the denominator alone
# target: derivations.softmax
# element: failed
# says: Only the denominator is differentiated; the numerator of Y_ij also depends on Z_ij.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / sum(np.exp(Z[i]))
    return -y[j] * sum(dY[i, k] * y[k] for k in range(len(y)))


# %% d-softmax-plus: adds the sum over the row
# target: derivations.softmax
# element: failed
# says: Your formula adds the term of the denominator; check its sign in the quotient rule.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / sum(np.exp(Z[i]))
    return y[j] * (dY[i, j] + sum(dY[i, k] * y[k] for k in range(len(y))))


# %% d-softmax-off-diagonal-sign: has the wrong sign on the off-diagonal terms
# target: derivations.softmax
# element: failed
# says: The terms off the diagonal have the opposite sign.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / sum(np.exp(Z[i]))
    return dY[i, j] * y[j] * (1.0 - y[j]) + sum(
        dY[i, k] * y[k] * y[j] for k in range(len(y)) if k != j
    )


# %% d-softmax-fused: takes the gradient of softmax and cross-entropy
# target: derivations.softmax
# element: failed
# says: This is Y_ij - dY_ij, the result for softmax and cross-entropy together with dY in place of the targets; the question is about the softmax alone.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / sum(np.exp(Z[i]))
    return y[j] - dY[i, j]


# %% d-softmax-z-for-y: uses Z for the probabilities
# target: derivations.softmax
# element: failed
# says: Your formula has the entries of Z in place of probabilities: the softmax has not been applied.
def softmax_dZ(i, j, Z, dY):
    y = Z[i]
    return sum(dY[i, k] * y[k] * ((k == j) - y[j]) for k in range(len(y)))


# %% d-softmax-no-dy: writes the diagonal of the Jacobian
# target: derivations.softmax
# element: failed
# says: Your formula is Y_ij (1 - Y_ij): it does not depend on dY.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / sum(np.exp(Z[i]))
    return y[j] * (1.0 - y[j])


# %% d-softmax-dy-index: takes dY out of the sum
# target: derivations.softmax
# element: failed
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / sum(np.exp(Z[i]))
    return dY[i, j] * sum(y[k] * ((k == j) - y[j]) for k in range(len(y)))


# %% d-softmax-same-index: has one index twice in the product
# target: derivations.softmax
# element: failed
# says: Your sum contains Y_ik^2: both probabilities in the product have the same index.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / sum(np.exp(Z[i]))
    return sum(dY[i, k] * y[k] * ((k == j) - y[k]) for k in range(len(y)))


# %% d-softmax-sum-without-weights: adds up dY alone
# target: derivations.softmax
# element: failed
# says: Your sum over row i adds up dY_ik alone: a factor that depends on k is missing.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / sum(np.exp(Z[i]))
    return y[j] * (dY[i, j] - sum(dY[i, k] for k in range(len(y))))


# %% d-softmax-no-front-factor: loses the factor in front of the parentheses
# target: derivations.softmax
# element: failed
# says: Your formula is dY_ij minus the sum of dY_ik Y_ik: a factor in front of it is missing.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / sum(np.exp(Z[i]))
    return dY[i, j] - sum(dY[i, k] * y[k] for k in range(len(y)))


# %% d-softmax-factor-off-bracket: multiplies only the first term
# target: derivations.softmax
# element: failed
# says: The sum over row i is subtracted without the factor that your first term, Y_ij dY_ij, has.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / sum(np.exp(Z[i]))
    return y[j] * dY[i, j] - sum(dY[i, k] * y[k] for k in range(len(y)))


# %% d-softmax-square-forgotten: does not square the denominator
# target: derivations.softmax
# element: failed
# says: Your result is sum_k e^(Z_ik) times too large: look at the denominator in the quotient rule.
def softmax_dZ(i, j, Z, dY):
    powers = np.exp(Z[i])
    y = powers / sum(powers)
    return sum(dY[i, k] * powers[k] * ((k == j) - y[j]) for k in range(len(y)))


# %% d-softmax-sum-over-examples: sums over the examples
# target: derivations.softmax
# element: failed
# says: The sum in your formula runs over the examples of column j; the softmax never mixes examples.
def softmax_dZ(i, j, Z, dY):
    Y = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    return Y[i, j] * (dY[i, j] - sum(dY[k, j] * Y[k, j] for k in range(len(Y))))


# %% d-softmax-sum-over-all: sums over the whole batch
# target: derivations.softmax
# element: failed
# says: The sum in your formula runs over the whole batch; the softmax never mixes examples.
def softmax_dZ(i, j, Z, dY):
    Y = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    return Y[i, j] * (dY[i, j] - (dY * Y).sum())


# %% d-softmax-columns: normalizes the columns
# target: derivations.softmax
# element: failed
# says: The probabilities in your formula add up to 1 over the examples of a column; the softmax never mixes examples.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / np.exp(Z).sum(axis=0)
    return sum(dY[i, k] * y[k] * ((k == j) - y[j]) for k in range(len(y)))


# %% d-softmax-columns-throughout: differentiates the softmax of the columns
# target: derivations.softmax
# element: failed
# says: This is the gradient of a softmax over the columns of Z, which mixes the examples.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[:, j]) / sum(np.exp(Z[:, j]))
    return y[i] * (dY[i, j] - sum(dY[k, j] * y[k] for k in range(len(y))))


# %% d-softmax-normalized-over-all: divides by the sum over the batch
# target: derivations.softmax
# element: failed
# says: The probabilities in your formula add up to 1 over the whole batch; the softmax never mixes examples.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / np.exp(Z).sum()
    return sum(dY[i, k] * y[k] * ((k == j) - y[j]) for k in range(len(y)))


# %% d-softmax-not-normalized: uses the exponentials as the probabilities
# target: derivations.softmax
# element: failed
# says: Your formula has e^Z in place of probabilities: it is not divided by the sum of its row.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i])
    return sum(dY[i, k] * y[k] * ((k == j) - y[j]) for k in range(len(y)))


# %% d-softmax-sigmoid: applies sigma to every entry
# target: derivations.softmax
# element: failed
# says: This is the gradient of the sigmoid, entry by entry, not of the softmax.
def softmax_dZ(i, j, Z, dY):
    y = 1.0 / (1.0 + np.exp(-Z[i, j]))
    return dY[i, j] * y * (1.0 - y)


# %% d-softmax-sum-mean: divides the sum by k
# target: derivations.softmax
# element: failed
# says: The sum over row i is divided by the number of classes k in your formula.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / sum(np.exp(Z[i]))
    return y[j] * (dY[i, j] - sum(dY[i, k] * y[k] for k in range(len(y))) / len(y))


# %% d-softmax-last-class-missing: ends the sum one class early
# target: derivations.softmax
# element: failed
# says: Your sum ends one class early: the last class of row i is missing.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / sum(np.exp(Z[i]))
    return sum(dY[i, k] * y[k] * ((k == j) - y[j]) for k in range(len(y) - 1))


# %% d-softmax-range: ends the sum at the number of examples
# target: derivations.softmax
# element: failed or raised
# also: d-softmax-last-class-missing
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / sum(np.exp(Z[i]))
    return sum(dY[i, k] * y[k] * ((k == j) - y[j]) for k in range(Z.shape[0]))


# %% d-softmax-sign: has the opposite sign
# target: derivations.softmax
# element: failed
# says: Your formula has the opposite sign.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / sum(np.exp(Z[i]))
    return sum(dY[i, k] * y[k] * (y[j] - (k == j)) for k in range(len(y)))


# %% d-softmax-mean: divides by m
# target: derivations.softmax
# element: failed
# says: Your result is divided by m; any 1/m of the loss is already in dY.
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[i]) / sum(np.exp(Z[i]))
    return sum(dY[i, k] * y[k] * ((k == j) - y[j]) for k in range(len(y))) / len(Z)


# %% d-softmax-dy: passes dY on unchanged
# target: derivations.softmax
# element: failed
# says: This is dY_ij itself: the softmax derivative is missing.
def softmax_dZ(i, j, Z, dY):
    return dY[i, j]


# %% d-softmax-forward: returns the output
# target: derivations.softmax
# element: failed
# says: This is Y_ij, the softmax itself, not a derivative.
def softmax_dZ(i, j, Z, dY):
    return np.exp(Z[i, j]) / sum(np.exp(Z[i]))


# %% d-softmax-swapped: swaps i and j
# target: derivations.softmax
# element: raised
def softmax_dZ(i, j, Z, dY):
    y = np.exp(Z[j]) / sum(np.exp(Z[j]))
    return sum(dY[j, k] * y[k] * ((k == i) - y[i]) for k in range(len(y)))
