# %% sigmoid-sign: forgets the minus in the exponent
# target: activations.Sigmoid
# shape: partly
# values: failed
# batching: partly
# says: The exponent has the wrong sign: your curve falls where it should rise.
class Sigmoid:
    def forward(self, Z):
        return 1 / (1 + np.exp(Z))


# %% sigmoid-overflow: divides infinity by infinity where z is large
# target: activations.Sigmoid
# values: partly
# gradient: partly
# says: For large z, exp overflows, and infinity divided by infinity is NaN.
class Sigmoid:
    def forward(self, Z):
        return np.exp(Z) / (1 + np.exp(Z))


# %% sigmoid-backward-at-z: puts the pre-activation where the output belongs
# target: activations.Sigmoid
# shape: partly
# gradient: failed
# batching: partly
# says: The slope is computed from Z itself; the formula you have in mind uses the output.
class Sigmoid:
    def backward(self, Z, dY):
        return dY * Z * (1 - Z)


# %% sigmoid-backward-forgets-dy: returns the slope without the gradient from above
# target: activations.Sigmoid
# shape: partly
# gradient: failed
# batching: partly
# says: This is only the slope of the sigmoid: the gradient from above, dY, is not used.
class Sigmoid:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return Y * (1 - Y)


# %% sigmoid-backward-remembers: takes the output of the last forward
# target: activations.Sigmoid
# shape: partly
# gradient: raised
# batching: partly
# message: backward is called here without an earlier call to forward
class Sigmoid:
    def forward(self, Z):
        self.Y = 0.5 + 0.5 * np.tanh(Z / 2)
        return self.Y

    def backward(self, Z, dY):
        return dY * self.Y * (1 - self.Y)


# %% sigmoid-loop: fills the output row by row
# target: activations.Sigmoid
# batching: failed
# message: Do it for all examples at once
class Sigmoid:
    def forward(self, Z):
        Y = np.zeros(Z.shape)
        for i in range(len(Z)):
            Y[i] = 1 / (1 + np.exp(-np.clip(Z[i], -500, 500)))
        return Y
