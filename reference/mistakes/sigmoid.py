# %% sigmoid-forward-sign: forgets the minus sign in the exponent; the slope is the same by symmetry
# target: activations.Sigmoid
# shape: partly
# values: failed
# batching: partly
# says: The exponent has the wrong sign: this is sigma(-z).
class Sigmoid:
    def forward(self, Z):
        return 1 / (1 + np.exp(Z))


# %% sigmoid-overflow: divides infinity by infinity where z is large
# target: activations.Sigmoid
# values: partly
# gradient: partly
# says: Large |z| gives NaN: exp overflows, and infinity is divided by infinity.
class Sigmoid:
    def forward(self, Z):
        return np.exp(Z) / (1 + np.exp(Z))


# %% sigmoid-clipped-too-early: clips Z to [-5, 5] to avoid the overflow warning
# target: activations.Sigmoid
# values: partly
# gradient: partly
# says: Z is clipped so tightly that it changes the results; in float64, no clipping is needed for |z| below about 30.
class Sigmoid:
    def forward(self, Z):
        return 1 / (1 + np.exp(-np.clip(Z, -5, 5)))


# %% sigmoid-backward-at-z: uses the pre-activation as the output
# target: activations.Sigmoid
# shape: partly
# gradient: failed
# batching: partly
# says: The derivative is computed from Z itself instead of from the output sigma(Z).
class Sigmoid:
    def backward(self, Z, dY):
        return dY * Z * (1 - Z)


# %% sigmoid-backward-forward-twice: takes the derivative at the output instead of at Z
# target: activations.Sigmoid
# shape: partly
# gradient: failed
# batching: partly
# says: The derivative is taken at the output: forward is applied twice.
class Sigmoid:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * self.forward(Y) * (1 - self.forward(Y))


# %% sigmoid-backward-forgets-dy: returns the slope without the gradient from above
# target: activations.Sigmoid
# shape: partly
# gradient: failed
# batching: partly
# says: This is the slope alone: the gradient from above (dY) is not multiplied in.
class Sigmoid:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return Y * (1 - Y)


# %% sigmoid-backward-precedence: forgets the parentheses around 1 - Y
# target: activations.Sigmoid
# shape: partly
# gradient: failed
# batching: partly
# says: Parentheses are missing: Y * 1 - Y is not Y * (1 - Y).
class Sigmoid:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * Y * 1 - Y


# %% sigmoid-backward-output-from-forward: stores the output in forward and needs it in backward
# target: activations.Sigmoid
# shape: partly
# gradient: raised
# batching: partly
# message: backward is called here without an earlier call to forward
class Sigmoid:
    def forward(self, Z):
        self.Y = 0.5 * (1 + np.tanh(Z / 2))
        return self.Y

    def backward(self, Z, dY):
        return dY * self.Y * (1 - self.Y)


# %% sigmoid-math-exp: calls math.exp on an array
# target: activations.Sigmoid
# shape: raised
# values: raised
# gradient: raised
# batching: raised
# message: numpy has versions for arrays, such as np.exp
import math


class Sigmoid:
    def forward(self, Z):
        return 1 / (1 + math.exp(-Z))


# %% sigmoid-forward-loop: fills the output row by row, in forward and so in backward
# target: activations.Sigmoid
# batching: failed
# message: Do it for all examples at once
class Sigmoid:
    def forward(self, Z):
        Y = np.zeros(Z.shape)
        for i in range(Z.shape[0]):
            Y[i] = 1 / (1 + np.exp(-Z[i]))
        return Y


# %% sigmoid-backward-map: maps a function over the rows in backward
# target: activations.Sigmoid
# batching: partly
# message: Do it for all examples at once
class Sigmoid:
    def backward(self, Z, dY):
        def one(z, dy):
            y = self.forward(z)
            return dy * y * (1 - y)

        return np.stack(list(map(one, Z, dY)))


# %% sigmoid-forward-list: returns a list
# target: activations.Sigmoid
# shape: partly
# message: is a list; expected an array
class Sigmoid:
    def forward(self, Z):
        return list(0.5 + 0.5 * np.tanh(Z / 2))

    def backward(self, Z, dY):
        Y = 0.5 + 0.5 * np.tanh(Z / 2)
        return dY * Y * (1 - Y)


# %% sigmoid-integer-output: writes the two halves into an array of integers
# target: activations.Sigmoid
# shape: failed
# values: failed
# gradient: failed
# batching: blocked
# says: The numbers are truncated to integers: look at the dtype of the array that is filled.
class Sigmoid:
    def forward(self, Z):
        Y = np.zeros_like(Z, dtype=int)
        positive = Z >= 0
        Y[positive] = 1 / (1 + np.exp(-Z[positive]))
        Y[~positive] = np.exp(Z[~positive]) / (1 + np.exp(Z[~positive]))
        return Y


# %% sigmoid-rounded: rounds to four decimals
# target: activations.Sigmoid
# shape: partly
# values: failed
# batching: partly
# says: The numbers are rounded to a few decimals.
class Sigmoid:
    def forward(self, Z):
        return np.round(1 / (1 + np.exp(-Z)), 4)

    def backward(self, Z, dY):
        Y = 1 / (1 + np.exp(-Z))
        return dY * Y * (1 - Y)

# %% sigmoid-forward-tanh: takes the hyperbolic tangent
# target: activations.Sigmoid
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
# says: This is tanh, which runs from -1 to 1; the sigmoid runs from 0 to 1.
class Sigmoid:
    def forward(self, Z):
        return np.tanh(Z)

# %% sigmoid-backward-y-alone: forgets the factor 1 - Y
# target: activations.Sigmoid
# shape: partly
# gradient: failed
# batching: partly
# says: The slope is missing a factor: it is a product of two terms.
class Sigmoid:
    def backward(self, Z, dY):
        return dY * self.forward(Z)

# %% sigmoid-backward-one-minus-y-alone: forgets the factor Y
# target: activations.Sigmoid
# shape: partly
# gradient: failed
# batching: partly
# says: The slope is missing a factor: it is a product of two terms, and this is the second one alone.
class Sigmoid:
    def backward(self, Z, dY):
        return dY * (1.0 - self.forward(Z))

# %% sigmoid-backward-tanh: takes the slope of tanh
# target: activations.Sigmoid
# shape: partly
# gradient: failed
# batching: partly
# says: The slope is that of tanh (1 minus a square).
class Sigmoid:
    def backward(self, Z, dY):
        return dY * (1.0 - self.forward(Z) ** 2)

# %% sigmoid-backward-sign: has the opposite sign
# target: activations.Sigmoid
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient has the opposite sign.
class Sigmoid:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return -dY * Y * (1.0 - Y)

# %% sigmoid-backward-mean: divides by the number of examples
# target: activations.Sigmoid
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient is divided by the number of examples: 1/m is already in the loss.
class Sigmoid:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * Y * (1.0 - Y) / len(Z)


# %% sigmoid-backward-identity: passes the gradient on unchanged
# target: activations.Sigmoid
# shape: partly
# gradient: failed
# batching: partly
# says: dY is returned unchanged: the derivative of the sigmoid is missing.
class Sigmoid:
    def backward(self, Z, dY):
        return dY


# %% sigmoid-forward-precedence: forgets the parentheses around the denominator
# target: activations.Sigmoid
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
# says: Y is 1 + exp(-Z) instead of 1 divided by it: parentheses around the denominator are missing.
class Sigmoid:
    def forward(self, Z):
        return 1 / 1 + np.exp(-Z)

    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * Y * (1 - Y)


# %% sigmoid-forward-precedence-of-exp: forgets the parentheses around the denominator, with exp(Z) above it
# target: activations.Sigmoid
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
# says: Y is exp(Z) + exp(Z): exp(Z) is divided by 1 alone, because parentheses around the denominator are missing.
class Sigmoid:
    def forward(self, Z):
        return np.exp(Z) / 1 + np.exp(Z)

    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * Y * (1 - Y)


# %% sigmoid-forward-precedence-where-positive: forgets the parentheses around the denominator in the branch for positive numbers
# target: activations.Sigmoid
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
# says: Where Z is positive, Y is 1 + exp(-Z) instead of 1 divided by it: parentheses around the denominator are missing.
class Sigmoid:
    def forward(self, Z):
        Y = np.zeros_like(Z)
        positive = Z >= 0
        Y[positive] = 1 / 1 + np.exp(-Z[positive])
        Y[~positive] = np.exp(Z[~positive]) / (1 + np.exp(Z[~positive]))
        return Y

    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * Y * (1 - Y)


# %% sigmoid-forward-precedence-where-negative: forgets the parentheses around the denominator in the branch for negative numbers
# target: activations.Sigmoid
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
# says: Where Z is negative, Y is exp(Z) + exp(Z): exp(Z) is divided by 1 alone, because parentheses around the denominator are missing.
class Sigmoid:
    def forward(self, Z):
        Y = np.zeros_like(Z)
        positive = Z >= 0
        Y[positive] = 1 / (1 + np.exp(-Z[positive]))
        Y[~positive] = np.exp(Z[~positive]) / 1 + np.exp(Z[~positive])
        return Y

    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * Y * (1 - Y)


# %% sigmoid-tanh-not-halved: uses tanh(Z) where tanh(Z / 2) belongs
# target: activations.Sigmoid
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
# says: This is the sigmoid of 2 Z: in 0.5 (1 + tanh(...)), Z must be halved.
class Sigmoid:
    def forward(self, Z):
        return 0.5 * (1 + np.tanh(Z))

    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * Y * (1 - Y)
