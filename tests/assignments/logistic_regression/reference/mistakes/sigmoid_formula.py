# %% formula-forgets-dy: returns the slope without the gradient from above
# target: formulas.sigmoid
# element: failed
# says: Your formula is the slope alone: dY is not in it.
def sigmoid_dZ(i, j, Z, dY):
    y = 1.0 / (1.0 + np.exp(-Z[i, j]))
    return y * (1.0 - y)


# %% formula-slope-at-output: takes the slope at the output
# target: formulas.sigmoid
# element: failed
# says: Your formula applies sigma twice before it takes the slope.
def sigmoid_dZ(i, j, Z, dY):
    y = 1.0 / (1.0 + np.exp(-Z[i, j]))
    y = 1.0 / (1.0 + np.exp(-y))
    return dY[i, j] * y * (1.0 - y)
