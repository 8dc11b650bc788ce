# %% softmax-global-max: subtracts the maximum of the whole batch
# target: activations.SoftMax
# truth: the maximum of the whole array is subtracted instead of the maximum of each row, so a row that lies far below the largest entry of the batch underflows to 0/0 = NaN; forward, and backward through it; Y and dZ are NaN in such rows, and right otherwise
class SoftMax:
    def forward(self, Z):
        shifted = Z - np.amax(Z)
        num = np.exp(shifted)
        den = np.sum(num, axis=1)[:, None]
        return num / den

    def backward(self, Z, dY):
        S = self.forward(Z)
        inner = np.einsum("ij,ij->i", S, dY)
        return S * (dY - inner[:, None])


# %% softmax-diagonal-only: backward uses only the diagonal of the Jacobian
# target: activations.SoftMax
# truth: backward uses only the diagonal of the Jacobian, y_j (1 - y_j), and drops the off-diagonal terms -y_j y_l; backward only; dZ is wrong, forward is right
class SoftMax:
    def forward(self, Z):
        t = np.exp((Z.T - Z.max(1)).T)
        return (t.T / t.sum(1)).T

    def backward(self, Z, dY):
        p = self.forward(Z)
        dp_dz = p - np.square(p)
        return dp_dz * dY


# %% softmax-minus-target: backward is the softmax + cross-entropy shortcut
# target: activations.SoftMax
# truth: backward returns softmax(Z) - dY, the shortcut for softmax fused with cross-entropy, as if dY were the target, instead of multiplying dY by the Jacobian; backward only; dZ is wrong, forward is right
class SoftMax:
    def backward(self, Z, dY):
        probs = self.forward(Z)
        grad = probs.copy()
        grad -= dY
        return grad


# %% softmax-jacobian-plus: builds the Jacobian with a plus sign
# target: activations.SoftMax
# truth: the Jacobian is built as diag(y) + y y^T instead of diag(y) - y y^T; backward only; dZ is wrong, forward is right
def jac(p):
    """(m, k) -> (m, k, k)"""
    k = p.shape[1]
    D = p[:, :, None] * np.eye(k)[None]
    outer = p[:, :, None] * p[:, None, :]
    return D + outer


class SoftMax:
    def backward(self, Z, dY):
        J = jac(self.forward(Z))
        return np.squeeze(J @ dY[:, :, None], axis=2)


# %% softmax-log-and-unweighted-sum: forward stops at log-softmax, backward forgets the weights in the inner sum
# target: activations.SoftMax
# truth: forward returns the log-softmax z - logsumexp(z) and never exponentiates it; forward only (backward takes exp of it); Y is wrong, its rows are logarithms
# truth2: backward subtracts the plain sum of dY over the row, instead of the sum of dY weighted by the probabilities, sum_l dY_l y_l; backward only; dZ is wrong
def log_softmax(Z):
    m = Z.max(axis=-1, keepdims=True)
    lse = m + np.log(np.exp(Z - m).sum(axis=-1, keepdims=True))
    return Z - lse


class SoftMax:
    def forward(self, Z):
        return log_softmax(Z)

    def backward(self, Z, dY):
        P = np.exp(log_softmax(Z))
        total = dY.sum(axis=1, keepdims=True)
        return P * dY - P * total


# %% softmax-mean-shift-and-lost-factor: shifts by the mean, and drops the outer factor in backward
# target: activations.SoftMax
# truth: the mean of each row is subtracted instead of its maximum, so that exp still overflows for entries around 1000 and gives inf/inf = NaN; forward, and backward through it; Y and dZ are NaN for large |z|, and unaffected for small z
# truth2: backward returns dY - sum_l dY_l y_l without multiplying by y_j; backward only; dZ is wrong
class SoftMax:
    def forward(self, Z):
        centered = Z - Z.mean(axis=1).reshape(-1, 1)
        E = np.exp(centered)
        return E / E.sum(axis=1).reshape(-1, 1)

    def backward(self, Z, dY):
        A = self.forward(Z)
        weighted = np.sum(A * dY, axis=1).reshape(-1, 1)
        dZ = dY - weighted
        return dZ
