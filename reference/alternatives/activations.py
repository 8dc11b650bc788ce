# %% relu-mask: multiplies by a mask, and uses it to set the gradient to 0
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        positive = Z > 0
        return positive * Z

    def backward(self, Z, dY):
        dZ = dY.copy()
        dZ[Z <= 0] = 0
        return dZ


# %% relu-where: chooses with np.where, in both directions
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        return np.where(Z > 0, Z, 0.0)

    def backward(self, Z, dY):
        slope = np.where(Z > 0, 1.0, 0.0)
        return slope * dY


# %% sigmoid-plain: the formula as written, and Y (1 - Y)
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        return 1 / (1 + np.exp(-Z))

    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * (Y * (1 - Y))


# %% sigmoid-by-sign: one formula for each sign, and Y - Y^2
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        Y = np.zeros(Z.shape)
        positive = Z >= 0
        negative = Z < 0
        Y[positive] = 1 / (1 + np.exp(-Z[positive]))
        powers = np.exp(Z[negative])
        Y[negative] = powers / (1 + powers)
        return Y

    def backward(self, Z, dY):
        Y = self.forward(Z)
        slope = Y - Y**2
        return slope * dY


# %% softmax-jacobians: the Jacobian of each row in turn
# target: activations.SoftMax
class SoftMax:
    def forward(self, Z):
        shifted = Z - np.max(Z, axis=1, keepdims=True)
        powers = np.exp(shifted)
        total = np.sum(powers, axis=1, keepdims=True)
        return powers / total

    def backward(self, Z, dY):
        Y = self.forward(Z)
        dZ = np.zeros(Z.shape)
        for row in range(Z.shape[0]):
            J = np.diag(Y[row]) - np.outer(Y[row], Y[row])
            dZ[row] = J @ dY[row]
        return dZ


# %% softmax-two-terms: dY * Y, and Y times its sum over the row
# target: activations.SoftMax
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        direct = dY * Y
        total = np.sum(direct, axis=1, keepdims=True)
        return direct - Y * total
