# %% d-fc-db-mean: divides db by m
# target: derivations.fully_connected
# element: partly
# says: Your db is divided by m; any 1/m of the loss is already in dZ.
def fully_connected_db(j, X, W, dZ):
    return sum(dZ[k, j] for k in range(X.shape[0])) / X.shape[0]


# %% d-fc-db-range: ends the sum in db at the number of units
# target: derivations.fully_connected
# element: partly or raised
def fully_connected_db(j, X, W, dZ):
    return sum(dZ[k, j] for k in range(W.shape[1]))


# %% d-fc-db-first-example: derives db for one example
# target: derivations.fully_connected
# element: partly
# says: Your db comes from the first example alone: b_j is used for every example.
def fully_connected_db(j, X, W, dZ):
    return dZ[0, j]


# %% d-fc-db-total: sums db over everything
# target: derivations.fully_connected
# element: partly
# says: Your db also sums over the units, but b_j affects only column j of Z.
def fully_connected_db(j, X, W, dZ):
    return sum(dZ[k, u] for k in range(X.shape[0]) for u in range(W.shape[1]))


# %% d-fc-db-row: sums row j of dZ
# target: derivations.fully_connected
# element: partly or raised
def fully_connected_db(j, X, W, dZ):
    return sum(dZ[j, k] for k in range(W.shape[1]))


# %% d-fc-db-ones: leaves dZ out of db
# target: derivations.fully_connected
# element: partly
# says: Your db is 1 everywhere: it does not depend on dZ.
def fully_connected_db(j, X, W, dZ):
    return 1.0


# %% d-fc-db-count: adds up ones in db
# target: derivations.fully_connected
# element: partly
# says: Your db is m everywhere: it does not depend on dZ.
def fully_connected_db(j, X, W, dZ):
    return float(X.shape[0])


# %% d-fc-db-x: multiplies by X in db
# target: derivations.fully_connected
# element: partly
# says: Your db multiplies dZ by the sum of each row of X, but b_j is not multiplied by X.
def fully_connected_db(j, X, W, dZ):
    return sum(X[k, p] * dZ[k, j] for k in range(X.shape[0]) for p in range(W.shape[0]))


# %% d-fc-dw-and-db-mean: divides dW and db by m
# target: derivations.fully_connected
# element: partly
# says: Your dW and your db are divided by m; any 1/m of the loss is already in dZ.
# also: d-fc-dw-mean d-fc-db-mean
def fully_connected_dW(i, j, X, W, dZ):
    return sum(X[k, i] * dZ[k, j] for k in range(X.shape[0])) / X.shape[0]


def fully_connected_db(j, X, W, dZ):
    return sum(dZ[k, j] for k in range(X.shape[0])) / X.shape[0]


# %% d-fc-all-mean: divides all three by m
# target: derivations.fully_connected
# element: failed
# says: All three of your formulas are divided by m; any 1/m of the loss is already in dZ.
# also: d-fc-dx-mean d-fc-dw-mean d-fc-db-mean d-fc-dw-and-db-mean
def fully_connected_dX(i, j, X, W, dZ):
    return sum(dZ[i, k] * W[j, k] for k in range(W.shape[1])) / X.shape[0]


def fully_connected_dW(i, j, X, W, dZ):
    return sum(X[k, i] * dZ[k, j] for k in range(X.shape[0])) / X.shape[0]


def fully_connected_db(j, X, W, dZ):
    return sum(dZ[k, j] for k in range(X.shape[0])) / X.shape[0]


# %% d-fc-first-example: derives dW and db for one example
# target: derivations.fully_connected
# element: partly
# says: Your dW and your db come from the first example alone: W and b are used for every example.
# also: d-fc-dw-first-example d-fc-db-first-example
def fully_connected_dW(i, j, X, W, dZ):
    return X[0, i] * dZ[0, j]


def fully_connected_db(j, X, W, dZ):
    return dZ[0, j]
