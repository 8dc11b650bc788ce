# %% sigmoid-clipped: clips where float64 has nothing left to tell
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        return 1 / (1 + np.exp(-np.clip(Z, -500, 500)))


# %% sigmoid-two-branches: a formula for each sign, through masks
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        Y = np.empty_like(Z, dtype=float)
        positive = Z >= 0
        Y[positive] = 1 / (1 + np.exp(-Z[positive]))
        powers = np.exp(Z[~positive])
        Y[~positive] = powers / (1 + powers)
        return Y

    def backward(self, Z, dY):
        return dY * self.forward(Z) * self.forward(-Z)
