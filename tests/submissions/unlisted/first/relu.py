# %% relu-cached-mask: keeps the mask of the forward call and uses it in backward instead of looking at Z
# target: activations.ReLU
# truth: backward uses self.mask, which forward stored, instead of a mask computed from the Z it is given, so without an earlier forward it fails (AttributeError) and after a forward of another Z it masks the wrong entries; backward only; dZ is wrong, forward is right
class ReLU:
    def forward(self, Z):
        self.mask = (Z >= 0)
        out = Z.copy()
        out[~self.mask] = 0
        return out

    def backward(self, Z, dY):
        dZ = dY.copy()
        dZ[~self.mask] = 0
        return dZ


# %% relu-leaky: writes the leaky ReLU of a PyTorch blog
# target: activations.ReLU
# truth: negative entries are multiplied by 0.01 instead of becoming 0 (leaky ReLU); forward and backward; Y and dZ are wrong wherever z < 0
class ReLU:
    def forward(self, Z):
        return np.maximum(0.01 * Z, Z)

    def backward(self, Z, dY):
        local_grad = np.ones(Z.shape)
        local_grad[Z < 0] = 0.01
        return local_grad * dY


# %% relu-masks-by-upstream: backward masks by the sign of dY
# target: activations.ReLU
# truth: backward keeps dY where dY itself is positive (it applies ReLU to the upstream gradient) instead of where Z is positive; backward only; dZ is wrong, forward is right
class ReLU:
    def forward(self, Z):
        return np.where(Z < 0, 0.0, Z)

    def backward(self, Z, dY):
        # relu again, but on the gradient
        return np.where(dY < 0, 0.0, dY)


# %% relu-abs-trick: (z + |z|) without the half, and backward multiplies by relu(z)
# target: activations.ReLU
# truth: forward computes z + |z| without dividing by 2, so positive entries come out doubled; forward only; Y is wrong wherever z > 0
# truth2: backward multiplies dY by the value ReLU(z) = max(z, 0) instead of by the slope, 1 or 0; backward only; dZ is wrong wherever z > 0
class ReLU:
    def forward(self, Z):
        return Z + np.abs(Z)

    def backward(self, Z, dY):
        sigma_prime = np.clip(Z, 0, None)
        dZ = np.multiply(dY, sigma_prime)
        return dZ
