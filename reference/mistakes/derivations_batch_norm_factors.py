# %% d-bn-unbiased: divides the variance by m - 1
# target: derivations.batch_norm
# element: failed
# says: Your variance is divided by m - 1; batch normalization uses the biased one.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var(ddof=1) + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] / sigma * (dY[i, j] - mean - x_hat[i] * along)


# %% d-bn-unbiased-throughout: derives the gradient with the unbiased variance
# target: derivations.batch_norm
# element: failed
# says: This is the gradient with the unbiased variance, divided by m - 1; batch normalization uses the biased one.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var(ddof=1) + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / (m - 1)
    return gamma[0, j] / sigma * (dY[i, j] - mean - x_hat[i] * along)


# %% d-bn-eps-outside: adds eps to the root
# target: derivations.batch_norm
# element: failed
# says: Your formula adds eps outside the root, to the standard deviation.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var()) + eps
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] / sigma * (dY[i, j] - mean - x_hat[i] * along)


# %% d-bn-no-eps: leaves eps out
# target: derivations.batch_norm
# element: failed
# says: Your result does not depend on eps.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var())
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] / sigma * (dY[i, j] - mean - x_hat[i] * along)


# %% d-bn-no-gamma: leaves gamma out
# target: derivations.batch_norm
# element: failed
# says: Your result does not depend on gamma.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return (dY[i, j] - mean - x_hat[i] * along) / sigma


# %% d-bn-divided-by-gamma: divides by gamma
# target: derivations.batch_norm
# element: failed
# says: Your formula divides by gamma, but Y is multiplied by it.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return (dY[i, j] - mean - x_hat[i] * along) / (sigma * gamma[0, j])


# %% d-bn-gamma-twice: multiplies by gamma twice
# target: derivations.batch_norm
# element: failed
# says: Your formula has gamma^2: gamma is in it twice.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] / sigma * gamma[0, j] * (dY[i, j] - mean - x_hat[i] * along)


# %% d-bn-gamma-first-column: takes the gamma of the first column
# target: derivations.batch_norm
# element: failed
# says: Your formula uses the first column's gamma for all columns.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, 0] / sigma * (dY[i, j] - mean - x_hat[i] * along)


# %% d-bn-sigma-squared: divides by the variance
# target: derivations.batch_norm
# element: failed
# says: The factor in front of your formula divides by var + eps, not by its root.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] / sigma**2 * (dY[i, j] - mean - x_hat[i] * along)


# %% d-bn-no-sigma: does not divide by the standard deviation
# target: derivations.batch_norm
# element: failed
# says: A division by sqrt(var + eps) is missing in front of your formula.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] * (dY[i, j] - mean - x_hat[i] * along)


# %% d-bn-times-sigma: multiplies by the standard deviation
# target: derivations.batch_norm
# element: failed
# says: The factor in front of your formula multiplies by sqrt(var + eps), but Y is divided by it.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] * sigma * (dY[i, j] - mean - x_hat[i] * along)


# %% d-bn-x-for-x-hat: uses X for the normalized X
# target: derivations.batch_norm
# element: failed
# says: The path through var has the entries of X as they are: neither centered nor scaled.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = X[:, j]
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] / sigma * (dY[i, j] - mean - x_hat[i] * along)


# %% d-bn-root-for-power: keeps the power of the root in the path through the variance
# target: derivations.batch_norm
# element: failed
# says: The path through var is off by a factor of var + eps: its exponent is wrong.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] / sigma * (dY[i, j] - mean - sigma**2 * x_hat[i] * along)


# %% d-bn-not-centered: does not subtract the mean in the path through the variance
# target: derivations.batch_norm
# element: failed
# says: The path through var has X without mu subtracted.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = X[:, j] / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] / sigma * (dY[i, j] - mean - x_hat[i] * along)


# %% d-bn-no-x-hat-i: loses the factor of the entry in the path through the variance
# target: derivations.batch_norm
# element: failed
# says: The path through var is the same for all examples of a column: a factor that depends on i is missing.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] / sigma * (dY[i, j] - mean - along)


# %% d-bn-no-x-hat-k: loses a factor in the sum of the path through the variance
# target: derivations.batch_norm
# element: failed
# says: The sum in the path through var adds up dY alone: a factor that depends on the example is missing.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    return gamma[0, j] / sigma * (dY[i, j] - mean - x_hat[i] * mean)


# %% d-bn-twice-variance-path: forgets the 1/2 of the root
# target: derivations.batch_norm
# element: failed
# says: The path through var is twice as large as it should be: the root contributes a factor, too.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] / sigma * (dY[i, j] - mean - 2.0 * x_hat[i] * along)


# %% d-bn-half-variance-path: forgets the 2 of the square
# target: derivations.batch_norm
# element: failed
# says: The path through var is half as large as it should be: the square contributes a factor, too.
def batch_norm_dX(i, j, X, gamma, dY, eps):
    m = len(X)
    mu = X[:, j].mean()
    sigma = np.sqrt(X[:, j].var() + eps)
    x_hat = (X[:, j] - mu) / sigma
    mean = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] / sigma * (dY[i, j] - mean - 0.5 * x_hat[i] * along)
