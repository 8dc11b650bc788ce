# %% d-bn-constants: treats mean and variance as constants
# target: derivations.batch_norm
# element: failed
# says: Your formula treats mu and var as constants, but X_ij affects both.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    return gamma[0, j] / np.sqrt(X[:, j].var() + eps) * dY[i, j]


# %% d-bn-no-mean-path: forgets the path through the mean
# target: derivations.batch_norm
# element: failed
# says: The path through mu is missing: X_ij also affects the mean of its column.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] / sigma * (dY[i, j] - x_hat[i] * along)


# %% d-bn-no-variance-path: forgets the path through the variance
# target: derivations.batch_norm
# element: failed
# says: The path through var is missing: X_ij also affects the variance of its column.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    sigma = np.sqrt(X[:, j].var() + eps)
    mean = sum(dY[k, j] for k in range(m)) / m
    return gamma[0, j] / sigma * (dY[i, j] - mean)


# %% d-bn-no-direct-path: forgets the direct path
# target: derivations.batch_norm
# element: failed
# says: Only the paths through mu and var are in your formula: X_ij is also in the numerator.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return -gamma[0, j] / sigma * (mean + x_hat[i] * along)


# %% d-bn-own-row-only: derives only the entry's effect on its own output
# target: derivations.batch_norm
# element: failed
# says: Your formula has only the effect of X_ij on Y_ij; X_ij also affects the other examples of its column.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    return gamma[0, j] / sigma * dY[i, j] * (1.0 - 1.0 / m - x_hat[i] ** 2 / m)


# %% d-bn-mean-path-sign: adds the path through the mean
# target: derivations.batch_norm
# element: failed
# says: The path through mu has the opposite sign.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] / sigma * (dY[i, j] + mean - x_hat[i] * along)


# %% d-bn-variance-path-sign: adds the path through the variance
# target: derivations.batch_norm
# element: failed
# says: The path through var has the opposite sign.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] / sigma * (dY[i, j] - mean + x_hat[i] * along)


# %% d-bn-both-signs: adds both paths
# target: derivations.batch_norm
# element: failed
# says: The paths through mu and through var both have the opposite sign.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] / sigma * (dY[i, j] + mean + x_hat[i] * along)


# %% d-bn-sign: has the opposite sign
# target: derivations.batch_norm
# element: failed
# says: Your formula has the opposite sign.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return -gamma[0, j] / sigma * (dY[i, j] - mean - x_hat[i] * along)


# %% d-bn-sums: loses 1/m in both paths
# target: derivations.batch_norm
# element: failed
# says: The sums for mu and var in your formula are both missing their 1/m.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    total = sum(dY[k, j] for k in range(m))
    along = sum(dY[k, j] * x_hat[k] for k in range(m))
    return gamma[0, j] / sigma * (dY[i, j] - total - x_hat[i] * along)


# %% d-bn-mean-path-sum: loses 1/m in the path through the mean
# target: derivations.batch_norm
# element: failed
# says: The path through mu is missing the 1/m of the mean.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    total = sum(dY[k, j] for k in range(m))
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] / sigma * (dY[i, j] - total - x_hat[i] * along)


# %% d-bn-variance-path-sum: loses 1/m in the path through the variance
# target: derivations.batch_norm
# element: failed
# says: The path through var is missing the 1/m of the variance.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m))
    return gamma[0, j] / sigma * (dY[i, j] - mean - x_hat[i] * along)


# %% d-bn-times-m: loses 1/m in front of the parentheses
# target: derivations.batch_norm
# element: failed
# says: Your result is m times too large.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    total = sum(dY[k, j] for k in range(m))
    along = sum(dY[k, j] * x_hat[k] for k in range(m))
    return gamma[0, j] / sigma * (m * dY[i, j] - total - x_hat[i] * along)


# %% d-bn-divided-by-m: divides by m
# target: derivations.batch_norm
# element: failed
# says: Your result is m times too small.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] / sigma * (dY[i, j] - mean - x_hat[i] * along) / m
