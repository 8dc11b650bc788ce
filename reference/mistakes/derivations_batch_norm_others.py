# %% d-bn-rows: normalizes the rows
# target: derivations.batch_norm
# element: failed
# says: This is the gradient of a layer that normalizes every row: your statistics run over the columns of an example.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    n = X.shape[1]
    sigma = np.sqrt(X[i].var() + eps)
    x_hat = (X[i] - X[i].mean()) / sigma
    mean = sum(dY[i, k] for k in range(n)) / n
    along = sum(dY[i, k] * x_hat[k] for k in range(n)) / n
    return gamma[0, j] / sigma * (dY[i, j] - mean - x_hat[j] * along)


# %% d-bn-sums-over-columns: sums the paths over the columns
# target: derivations.batch_norm
# element: failed
# says: The sums in your formula run over the columns of row i, not over the batch.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    n = X.shape[1]
    sigma = np.sqrt(X.var(axis=0) + eps)
    x_hat = (X[i] - X.mean(axis=0)) / sigma
    mean = sum(dY[i, k] for k in range(n)) / n
    along = sum(dY[i, k] * x_hat[k] for k in range(n)) / n
    return gamma[0, j] / sigma[j] * (dY[i, j] - mean - x_hat[j] * along)


# %% d-bn-divided-by-n: divides the means by the number of features
# target: derivations.batch_norm
# element: failed
# says: All means in your formula are divided by n, the number of features, but they run over the batch.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m, n = X.shape
    mu = sum(X[k, j] for k in range(m)) / n
    sigma = np.sqrt(sum((X[k, j] - mu) ** 2 for k in range(m)) / n + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / n
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / n
    return gamma[0, j] / sigma * (dY[i, j] - mean - x_hat[i] * along)


# %% d-bn-dgamma: returns the gradient of gamma
# target: derivations.batch_norm
# element: failed
# says: This is dL/dgamma_j, the same for all examples of a column; the question is about X.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    return sum(dY[k, j] * x_hat[k] for k in range(m))


# %% d-bn-dbeta: returns the gradient of beta
# target: derivations.batch_norm
# element: failed
# says: This is dL/dbeta_j, the same for all examples of a column; the question is about X.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    return sum(dY[k, j] for k in range(len(X)))


# %% d-bn-dx-hat: stops at the normalized X
# target: derivations.batch_norm
# element: failed
# says: Your formula is gamma_j dY_ij, the gradient at the normalized X: the path from there to X is missing.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    return gamma[0, j] * dY[i, j]


# %% d-bn-no-dy: leaves dY out
# target: derivations.batch_norm
# element: failed
# says: Your formula is gamma_j / sqrt(var_j + eps): it does not depend on dY.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    return gamma[0, j] / np.sqrt(X[:, j].var() + eps)


# %% d-bn-forward: returns the output
# target: derivations.batch_norm
# element: failed
# says: This is the normalized X times gamma, the output without beta, not a derivative.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    return gamma[0, j] * x_hat[i]


# %% d-bn-swapped: swaps i and j
# target: derivations.batch_norm
# element: raised
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, i].mean()
    sigma = np.sqrt(X[:, i].var() + eps)
    x_hat = (X[:, i] - mu) / sigma
    mean = sum(dY[k, i] for k in range(m)) / m
    along = sum(dY[k, i] * x_hat[k] for k in range(m)) / m
    return gamma[0, i] / sigma * (dY[j, i] - mean - x_hat[j] * along)
