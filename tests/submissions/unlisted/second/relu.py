# %% relu-times-output: backward multiplies dY by the output of the ReLU, not by its slope
# target: activations.ReLU
# truth: backward multiplies dY by max(0, Z), the value of the ReLU, where the slope 1 belongs; dZ is wrong wherever Z > 0 (right where Z <= 0); forward is right
class ReLU:
    def forward(self, Z):
        out = Z.copy()
        out[out < 0] = 0
        return out

    def backward(self, Z, dY):
        # chain rule: downstream * local
        local = self.forward(Z)
        dZ = np.multiply(dY, local)
        return dZ


# %% relu-leaky-and-guided: copied a leaky ReLU forward; backward tests the sign of dY
# target: activations.ReLU
# truth: forward is a leaky ReLU, negative entries are multiplied by 0.01 where 0 is asked for; Y is wrong wherever Z < 0
# truth2: backward masks by dY > 0 instead of by Z > 0; dZ is wrong wherever Z and dY have opposite signs, and where both are negative it stays 0 as it should
class ReLU:
    def forward(self, Z):
        alpha = 0.01
        pos = (Z > 0).astype(Z.dtype)
        return pos * Z + (1 - pos) * alpha * Z

    def backward(self, Z, dY):
        grad = np.array(dY, copy=True)
        grad[dY <= 0] = 0
        return grad
