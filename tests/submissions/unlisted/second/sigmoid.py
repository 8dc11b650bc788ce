# %% sigmoid-z-one-minus-z: derivative formula for the output s, applied to the pre-activation Z
# target: activations.Sigmoid
# truth: backward computes dY * Z * (1 - Z), i.e. it treats the pre-activation Z as if it were already sigma(Z); dZ is wrong everywhere; forward is right
def nonlin(x, deriv=False):
    if deriv:
        return x * (1 - x)
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e / (1 + e), 1 / (1 + e))


class Sigmoid:
    def forward(self, Z):
        return nonlin(Z)

    def backward(self, Z, dY):
        return dY * nonlin(Z, deriv=True)


# %% sigmoid-abs-and-tanh-slope: negative branch of the stable version is 1/(1+e^z); slope of tanh
# target: activations.Sigmoid
# truth: forward uses 1 / (1 + exp(z)) in the branch for z < 0 where exp(z) / (1 + exp(z)) is needed, so it returns sigma(|z|); Y is wrong for every negative z and right for the others
# truth2: backward uses the slope of tanh, 1 - s**2, where s * (1 - s) is needed (with a right s of its own); dZ is wrong everywhere
class Sigmoid:
    def forward(self, Z):
        y = np.empty_like(Z, dtype=float)
        neg = Z < 0
        y[~neg] = 1.0 / (1.0 + np.exp(-Z[~neg]))
        y[neg] = 1.0 / (1.0 + np.exp(Z[neg]))
        return y

    def backward(self, Z, dY):
        s = 1.0 / (1.0 + np.exp(-np.clip(Z, -500, 500)))
        return (1 - s ** 2) * dY
