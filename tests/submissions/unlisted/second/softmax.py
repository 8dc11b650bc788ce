# %% softmax-jacobian-plus: the off-diagonal part of the Jacobian has the wrong sign
# target: activations.SoftMax
# truth: backward builds the Jacobian as diag(y) + y y^T where it is diag(y) - y y^T (sign of the outer product); dZ is wrong everywhere; forward is right
class SoftMax:
    def forward(self, Z):
        shifted = Z - np.max(Z, axis=-1)[:, np.newaxis]
        num = np.exp(shifted)
        den = np.sum(num, axis=-1)[:, np.newaxis]
        return num / den

    def backward(self, Z, dY):
        S = self.forward(Z)
        k = S.shape[1]
        diag = np.einsum("ij,jk->ijk", S, np.eye(k))
        outer = np.einsum("ij,ik->ijk", S, S)
        J = diag + outer
        return np.einsum("ijk,ik->ij", J, dY)


# %% softmax-shift-by-column: subtracts the maximum of every column (axis 0) for stability
# target: activations.SoftMax
# truth: the helper subtracts the maximum over axis 0 (of each column over the batch) instead of each row's own maximum, so entries of one row are shifted by different amounts; forward is wrong (rows still sum to 1), and backward, which takes Y from the same helper, is wrong with it although its formula is right
def row_probs(scores):
    scores = scores - scores.max(0)
    ex = np.exp(scores)
    total = ex.sum(1).reshape(-1, 1)
    return ex / total


class SoftMax:
    def forward(self, Z):
        return row_probs(Z)

    def backward(self, Z, dY):
        p = row_probs(Z)
        weighted = p * dY
        return weighted - p * np.sum(weighted, axis=1, keepdims=True)


# %% softmax-no-keepdims-diagonal: forward forgets keepdims in the sum; backward keeps only the diagonal
# target: activations.SoftMax
# truth: forward divides by np.sum(e, axis=1) without keepdims, of shape (m,), which does not broadcast against (m, k): it raises unless m equals k (or m is 1), and for m = k divides column j by the sum of row j; Y is wrong
# truth2: backward uses only the diagonal of the Jacobian, p * (1 - p) * dY, and leaves out the off-diagonal terms -p_i p_j; dZ is wrong everywhere (its own p is right)
class SoftMax:
    def forward(self, Z):
        e = np.exp(Z - np.amax(Z, axis=1, keepdims=True))
        return e / np.sum(e, axis=1)

    def backward(self, Z, dY):
        p = np.exp(Z - np.amax(Z, axis=1, keepdims=True))
        p /= p.sum(axis=1)[:, None]
        dsoft = p * (1.0 - p)
        return dsoft * dY
