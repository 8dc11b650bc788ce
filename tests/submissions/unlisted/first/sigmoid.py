# %% sigmoid-z-is-output: backward takes Z for the output of the sigmoid
# target: activations.Sigmoid
# truth: backward computes dY * Z * (1 - Z), using the pre-activation Z where the output sigma(Z) belongs; backward only; dZ is wrong, forward is right
def sigmoid_deriv(s):
    return s * (1 - s)


class Sigmoid:
    def backward(self, Z, dY):
        return dY * sigmoid_deriv(Z)


# %% sigmoid-negative-branch: the branch for negative z has the wrong numerator
# target: activations.Sigmoid
# truth: in the two-branch stable formula the branch for z < 0 returns 1 / (1 + exp(z)) instead of exp(z) / (1 + exp(z)), which is sigma(-z) = 1 - sigma(z); forward only (backward happens to be right, since s(1 - s) is the same for s and 1 - s); Y is wrong wherever z < 0
class Sigmoid:
    def forward(self, Z):
        res = np.empty(Z.shape)
        pos = Z >= 0
        neg = np.logical_not(pos)
        res[pos] = 1 / (1 + np.exp(-Z[pos]))
        ez = np.exp(Z[neg])
        res[neg] = 1 / (1 + ez)
        return res

    def backward(self, Z, dY):
        s = self.forward(Z)
        return dY * s * (1 - s)


# %% sigmoid-clipped-too-early: clips z to [-5, 5] against overflow
# target: activations.Sigmoid
# truth: Z is clipped to [-5, 5] before the exponential, far too tight to guard against overflow, so every entry with |z| > 5 gets the values of z = 5 or -5; forward and backward; Y and dZ are wrong wherever |z| > 5 (0.9933 instead of 1 at z = 1000)
class Sigmoid:
    def forward(self, Z):
        z = np.clip(Z, -5, 5)  # np.exp complained about overflow
        return np.power(1 + np.exp(-z), -1)

    def backward(self, Z, dY):
        sig = self.forward(Z)
        grad = sig - sig ** 2
        return grad * dY


# %% sigmoid-sign-and-square: exponent with the wrong sign, and the square forgotten in the derivative
# target: activations.Sigmoid
# truth: forward swaps the two branches, giving exp(-z)/(1 + exp(-z)) = sigma(-z) instead of sigma(z); forward only; Y is wrong everywhere except at z = 0
# truth2: backward's derivative is e/(1 + e) with e = exp(-|z|), without the square on the denominator, instead of e/(1 + e)^2; backward only; dZ is wrong
def _exp_neg_abs(z):
    return np.exp(-np.abs(z))


class Sigmoid:
    def forward(self, Z):
        e = _exp_neg_abs(Z)
        return np.where(Z < 0, 1 / (1 + e), e / (1 + e))

    def backward(self, Z, dY):
        # d/dz (1+e^-z)^-1 = e^-z / (1+e^-z)^2, symmetric in z
        e = _exp_neg_abs(Z)
        return dY * (e / (1 + e))
