# %% relu-forward-abs: takes the absolute value instead of clipping at zero
# target: activations.ReLU
# shape: partly
# values: failed
# batching: partly
# says: This is the absolute value; negative numbers should become 0.
class ReLU:
    def forward(self, Z):
        return np.abs(Z)


# %% relu-backward-mask-inverted: lets the gradient through where the unit is off
# target: activations.ReLU
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient passes where Z is negative and is zero where Z is positive: the mask is inverted.
class ReLU:
    def backward(self, Z, dY):
        return dY * (Z < 0)


# %% relu-backward-forgets-dy: returns the slope without the gradient from above
# target: activations.ReLU
# shape: partly
# gradient: failed
# batching: partly
# says: This is the slope alone: the gradient from above (dY) is not multiplied in.
class ReLU:
    def backward(self, Z, dY):
        return np.where(Z > 0, 1.0, 0.0)


# %% relu-backward-returns-mask: returns the boolean mask itself
# target: activations.ReLU
# shape: partly
# gradient: failed
# batching: partly
# also: relu-backward-forgets-dy
# message: has dtype bool; expected float64
class ReLU:
    def backward(self, Z, dY):
        return Z > 0


# %% relu-backward-mask-from-forward: stores the mask in forward and needs it in backward
# target: activations.ReLU
# shape: partly
# gradient: raised
# batching: partly
# message: backward is called here without an earlier call to forward
class ReLU:
    def forward(self, Z):
        self.mask = Z > 0
        return Z * self.mask

    def backward(self, Z, dY):
        return dY * self.mask


# %% relu-forward-python-max: takes Python's max of a number and an array
# target: activations.ReLU
# shape: partly
# values: raised
# batching: partly
# message: for arrays, use np.where, np.maximum, or a mask
class ReLU:
    def forward(self, Z):
        return max(0, Z)


# %% relu-forward-comprehension: loops over the entries of a matrix
# target: activations.ReLU
# shape: partly
# values: partly
# batching: partly
# message: Do it for all examples at once
class ReLU:
    def forward(self, Z):
        return np.array([[max(0.0, z) for z in row] for row in Z])


# %% relu-vectorize: wraps a function of one number in np.vectorize, twice
# target: activations.ReLU
# batching: failed
# message: Do it for all examples at once
class ReLU:
    def forward(self, Z):
        return np.vectorize(lambda z: z if z > 0 else 0.0)(Z)

    def backward(self, Z, dY):
        slope = np.vectorize(lambda z: 1.0 if z > 0 else 0.0)
        return dY * slope(Z)


# %% relu-forward-no-return: changes Z in place and forgets to return it
# target: activations.ReLU
# shape: partly
# values: failed
# batching: partly
# message: Is there a return?
class ReLU:
    def forward(self, Z):
        Z[Z < 0] = 0


# %% relu-forward-integers: truncates the results to integers
# target: activations.ReLU
# shape: partly
# values: failed
# batching: partly
# says: The numbers are truncated to integers.
class ReLU:
    def forward(self, Z):
        return np.maximum(Z, 0).astype(int)


# %% relu-backward-matrices-only: unpacks the shape into two numbers
# target: activations.ReLU
# shape: partly
# gradient: partly
class ReLU:
    def backward(self, Z, dY):
        m, n = Z.shape
        slope = np.zeros((m, n))
        slope[Z > 0] = 1
        return slope * dY


# %% relu-backward-cuts-dy: zeros the gradient where the gradient itself is negative
# target: activations.ReLU
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient is masked by its own sign; the sign of Z should decide.
class ReLU:
    def backward(self, Z, dY):
        return np.maximum(dY, 0)

# %% relu-forward-leaky: scales negative numbers by 0.01
# target: activations.ReLU
# shape: partly
# values: failed
# batching: partly
# says: Negative numbers are scaled down instead of set to 0: this is a leaky ReLU.
class ReLU:
    def forward(self, Z):
        return np.where(Z > 0, Z, 0.01 * Z)

# %% relu-forward-step: returns one where Z is positive
# target: activations.ReLU
# shape: partly
# values: failed
# batching: partly
# says: Positive numbers become 1: this is the slope of ReLU, not ReLU.
class ReLU:
    def forward(self, Z):
        return (Z > 0) * 1.0

# %% relu-forward-minimum: takes the minimum
# target: activations.ReLU
# shape: partly
# values: failed
# batching: partly
# says: Positive numbers become 0 and negative ones stay; it should be the reverse.
class ReLU:
    def forward(self, Z):
        return np.minimum(Z, 0)

# %% relu-backward-identity: passes the gradient on unchanged
# target: activations.ReLU
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient passes unchanged, even where Z is negative.
class ReLU:
    def backward(self, Z, dY):
        return dY.copy()

# %% relu-backward-times-z: multiplies by Z instead of the slope
# target: activations.ReLU
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient is multiplied by Z, or by the output, where Z is positive; the slope there is 1.
class ReLU:
    def backward(self, Z, dY):
        return dY * np.maximum(Z, 0)

# %% relu-backward-sign: has the opposite sign
# target: activations.ReLU
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient has the opposite sign.
class ReLU:
    def backward(self, Z, dY):
        return -dY * (Z > 0)

# %% relu-backward-mean: divides by the number of examples
# target: activations.ReLU
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient is divided by the number of examples: 1/m is already in the loss.
class ReLU:
    def backward(self, Z, dY):
        return dY * (Z > 0) / len(Z)
