# %% relu-forward-abs: takes the absolute value instead of cutting at zero
# target: activations.ReLU
# shape: partly
# values: failed
# batching: partly
class ReLU:
    def forward(self, Z):
        return np.abs(Z)


# %% relu-backward-mask-inverted: lets the gradient through where the unit is off
# target: activations.ReLU
# shape: partly
# gradient: failed
# batching: partly
class ReLU:
    def backward(self, Z, dY):
        return dY * (Z < 0)
