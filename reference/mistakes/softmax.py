# %% softmax-axis-0: normalizes the columns, over the examples
# target: activations.SoftMax
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
# says: The columns sum to 1 instead of the rows; each row is one example.
class SoftMax:
    def forward(self, Z):
        e = np.exp(Z - np.max(Z, axis=0))
        return e / np.sum(e, axis=0)


# %% softmax-no-axis: divides by the sum over the whole batch
# target: activations.SoftMax
# shape: partly
# values: failed
# gradient: failed
# batching: blocked
# says: The whole batch sums to 1; each row should.
class SoftMax:
    def forward(self, Z):
        e = np.exp(Z - np.max(Z))
        return e / np.sum(e)


# %% softmax-unstable: takes exp of Z without subtracting the maximum
# target: activations.SoftMax
# values: partly
# gradient: partly
# says: Large numbers give NaN: exp overflows. Subtract the largest entry of every row before exp; the softmax stays the same.
class SoftMax:
    def forward(self, Z):
        e = np.exp(Z)
        return e / np.sum(e, axis=1, keepdims=True)


# %% softmax-global-max: subtracts the maximum of the batch, so that small rows become 0 / 0
# target: activations.SoftMax
# values: partly
# gradient: partly
# says: The maximum of the whole batch is subtracted: rows far below it become 0 / 0. Each row has its own maximum.
class SoftMax:
    def forward(self, Z):
        e = np.exp(Z - np.max(Z))
        return e / np.sum(e, axis=1, keepdims=True)


# %% softmax-divides-by-max: divides by the largest entry instead of subtracting it
# target: activations.SoftMax
# shape: partly
# values: failed
# batching: partly
# says: The rows are divided by their maximum; subtracting it leaves the softmax unchanged, dividing does not.
class SoftMax:
    def forward(self, Z):
        e = np.exp(Z / np.max(np.abs(Z), axis=1, keepdims=True))
        return e / np.sum(e, axis=1, keepdims=True)

    def backward(self, Z, dY):
        e = np.exp(Z - np.max(Z, axis=1, keepdims=True))
        Y = e / np.sum(e, axis=1, keepdims=True)
        return Y * (dY - np.sum(dY * Y, axis=1, keepdims=True))


# %% softmax-keepdims-forgotten: divides (m, k) by (m,)
# target: activations.SoftMax
# shape: partly
# values: raised
# gradient: raised
# batching: raised
class SoftMax:
    def forward(self, Z):
        e = np.exp(Z - np.max(Z, axis=1, keepdims=True))
        return e / np.sum(e, axis=1)


# %% softmax-log: returns the logarithm of the probabilities
# target: activations.SoftMax
# shape: partly
# values: failed
# batching: partly
# says: This is the logarithm of the softmax.
class SoftMax:
    def forward(self, Z):
        Z = Z - np.max(Z, axis=1, keepdims=True)
        return Z - np.log(np.sum(np.exp(Z), axis=1, keepdims=True))

    def backward(self, Z, dY):
        Y = np.exp(self.forward(Z))
        return Y * (dY - np.sum(dY * Y, axis=1, keepdims=True))


# %% softmax-backward-diagonal: takes only the diagonal of the Jacobian, as for a sigmoid
# target: activations.SoftMax
# shape: partly
# gradient: failed
# batching: partly
# says: Only the diagonal of the Jacobian is used; every output depends on all entries of its row.
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * Y * (1 - Y)


# %% softmax-backward-sign: has the opposite sign in the Jacobian
# target: activations.SoftMax
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient has the opposite sign.
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        k = Y.shape[1]
        J = Y[:, :, None] * Y[:, None, :] - Y[:, :, None] * np.eye(k)
        return np.einsum("mij,mj->mi", J, dY)


# %% softmax-backward-fused: returns the gradient of softmax and cross-entropy together
# target: activations.SoftMax
# shape: partly
# gradient: failed
# batching: partly
# says: This is the gradient of softmax and cross-entropy together instead of the softmax alone.
class SoftMax:
    def backward(self, Z, dY):
        return self.forward(Z) - dY


# %% softmax-backward-at-z: uses the pre-activation as the probabilities
# target: activations.SoftMax
# shape: partly
# gradient: failed
# batching: partly
# says: The Jacobian is computed from Z itself instead of from the probabilities.
class SoftMax:
    def backward(self, Z, dY):
        return Z * (dY - np.sum(dY * Z, axis=1, keepdims=True))


# %% softmax-backward-batch-sum: sums dY * Y over the whole batch
# target: activations.SoftMax
# shape: partly
# gradient: failed
# batching: partly
# says: A sum runs over the whole batch instead of over each row.
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return Y * (dY - np.sum(dY * Y))


# %% softmax-backward-divides-by-m: averages over the examples
# target: activations.SoftMax
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient is averaged over the examples: 1/m is already in the loss.
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return Y * (dY - np.sum(dY * Y, axis=1, keepdims=True)) / Z.shape[0]


# %% softmax-backward-jacobian: returns the Jacobians instead of their products with dY
# target: activations.SoftMax
# shape: partly
# gradient: failed
# batching: partly
# says: The Jacobians are returned instead of their products with dY.
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return Y[:, :, None] * (np.eye(Y.shape[1]) - Y[:, None, :])


# %% softmax-backward-stale: reuses the output of the first call for all later ones
# target: activations.SoftMax
# gradient: partly
# batching: partly
# says: backward uses what an earlier call left behind; it must start from the Z that it gets.
class SoftMax:
    Y = None

    def backward(self, Z, dY):
        if self.Y is None:
            self.Y = self.forward(Z)
        return self.Y * (dY - np.sum(dY * self.Y, axis=1, keepdims=True))


# %% softmax-backward-loop: builds one Jacobian per example
# target: activations.SoftMax
# batching: partly
# message: Do it for all examples at once
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        dZ = np.zeros(Z.shape)
        for i, y in enumerate(Y):
            J = np.diag(y) - np.outer(y, y)
            dZ[i] = J @ dY[i]
        return dZ


# %% softmax-backward-chunks: processes the batch eight examples at a time
# target: activations.SoftMax
# batching: partly
# message: Do it for all examples at once
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        parts = []
        for i in range(0, len(Z), 8):
            y, dy = Y[i : i + 8], dY[i : i + 8]
            J = y[:, :, None] * (np.eye(y.shape[1]) - y[:, None, :])
            parts.append((J @ dy[:, :, None])[:, :, 0])
        return np.concatenate(parts)


# %% softmax-forward-apply-along-axis: applies a function to every row
# target: activations.SoftMax
# batching: partly
# message: Do it for all examples at once
class SoftMax:
    def forward(self, Z):
        def one(z):
            e = np.exp(z - np.max(z))
            return e / np.sum(e)

        return np.apply_along_axis(one, 1, Z)

    def backward(self, Z, dY):
        e = np.exp(Z - Z.max(axis=1, keepdims=True))
        Y = e / e.sum(axis=1, keepdims=True)
        return Y * (dY - (dY * Y).sum(axis=1, keepdims=True))


# %% softmax-forward-recursion: takes the first row, and calls itself for the others
# target: activations.SoftMax
# batching: failed
# message: Do it for all examples at once
class SoftMax:
    def forward(self, Z):
        e = np.exp(Z[:1] - Z[:1].max())
        first = e / e.sum()
        if len(Z) == 1:
            return first
        return np.vstack([first, self.forward(Z[1:])])


# %% softmax-backward-stale-of-the-same-shape: trusts the output of the last forward
# target: activations.SoftMax
# gradient: partly
# also: softmax-backward-stale
# says: backward uses what an earlier call left behind; it must start from the Z that it gets.
class SoftMax:
    Y = None

    def forward(self, Z):
        e = np.exp(Z - np.max(Z, axis=1, keepdims=True))
        self.Y = e / np.sum(e, axis=1, keepdims=True)
        return self.Y

    def backward(self, Z, dY):
        if self.Y is None or self.Y.shape != Z.shape:
            self.forward(Z)
        return self.Y * (dY - np.sum(dY * self.Y, axis=1, keepdims=True))

# %% softmax-not-normalized: forgets to divide by the sum
# target: activations.SoftMax
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
# says: The exponentials are not divided by their sum: the rows do not sum to 1.
class SoftMax:
    def forward(self, Z):
        return np.exp(Z - Z.max(axis=1, keepdims=True))

# %% softmax-base-two: takes powers of two
# target: activations.SoftMax
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
# says: The exponential has base 2 instead of e.
class SoftMax:
    def forward(self, Z):
        powers = np.exp2(Z - Z.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

# %% softmax-backward-y-forgotten: forgets the factor Y in front
# target: activations.SoftMax
# shape: partly
# gradient: failed
# batching: partly
# says: The factor Y in front of the parentheses is missing.
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY - (dY * Y).sum(axis=1, keepdims=True)

# %% softmax-backward-plain-sum: sums dY without weighting it by Y
# target: activations.SoftMax
# shape: partly
# gradient: failed
# batching: partly
# says: The sum over the row is of dY alone; each term should be weighted by its probability.
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return Y * (dY - dY.sum(axis=1, keepdims=True))

# %% softmax-backward-first-term: keeps only the first term
# target: activations.SoftMax
# shape: partly
# gradient: failed
# batching: partly
# says: Only Y * dY is there: the part through the sum in the denominator is missing.
class SoftMax:
    def backward(self, Z, dY):
        return self.forward(Z) * dY

# %% softmax-backward-sum-over-examples: adds up over the examples
# target: activations.SoftMax
# shape: partly
# gradient: failed
# batching: partly
# says: The sum runs over the examples (axis 0) instead of the row (axis 1).
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return Y * (dY - (dY * Y).sum(axis=0, keepdims=True))

# %% softmax-backward-mean-of-row: averages over the row
# target: activations.SoftMax
# shape: partly
# gradient: failed
# batching: partly
# says: The sum over the row is a mean: it is divided by the number of classes.
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return Y * (dY - (dY * Y).mean(axis=1, keepdims=True))


# %% softmax-backward-identity: passes the gradient on unchanged
# target: activations.SoftMax
# shape: partly
# gradient: failed
# batching: partly
# says: dY is returned unchanged: the derivative of the softmax is missing.
class SoftMax:
    def backward(self, Z, dY):
        return dY


# %% softmax-jacobian-off-diagonal: has the wrong sign off the diagonal
# target: activations.SoftMax
# shape: partly
# gradient: failed
# batching: partly
# says: Off its diagonal, your Jacobian has the opposite sign: there dY_i/dZ_j is -Y_i Y_j.
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return Y * (1 - 2 * Y) * dY + Y * np.sum(Y * dY, axis=1, keepdims=True)


# %% softmax-jacobian-diagonal: has Y on its diagonal
# target: activations.SoftMax
# shape: partly
# gradient: failed
# batching: partly
# says: On its diagonal, your Jacobian has Y_i; there dY_i/dZ_i is Y_i (1 - Y_i).
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return Y * (1 + Y) * dY - Y * np.sum(Y * dY, axis=1, keepdims=True)
