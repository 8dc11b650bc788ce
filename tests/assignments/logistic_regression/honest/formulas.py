# %% formula-quotient: the derivative as the quotient rule leaves it
# target: formulas.sigmoid
def sigmoid_dZ(i, j, Z, dY):
    e = np.exp(-Z[i, j])
    return dY[i, j] * e / (1 + e) ** 2
