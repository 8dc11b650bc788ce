# %% fc-activation-of-output: caches act(Z) and gives that to activation.backward
# target: layers.FullyConnected
# truth: forward caches the output act(Z), and backward hands it to activation.backward, which expects the pre-activation Z; dX, dW and db are wrong for tanh, sigmoid and softmax (right for identity and relu); forward is right
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        out = self.activation(np.dot(X, W) + b)
        self.cache["input"] = X
        self.cache["output"] = out
        return out

    def backward(self, dLdY):
        X, out = self.cache["input"], self.cache["output"]
        delta = self.activation.backward(out, dLdY)
        self.gradients["W"] = np.dot(X.T, delta)
        self.gradients["b"] = np.sum(delta, axis=0).reshape(1, -1)
        return np.dot(delta, self.parameters["W"].T)


# %% fc-stale-input: the input is cached at the first forward pass only
# target: layers.FullyConnected
# truth: forward stores X in the cache only if there is none yet, so from the second mini-batch on backward computes dW from the X of the first mini-batch; gradients["W"] is wrong after any later forward (or raises if the batch size changed); forward, dX and db are right
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        if "X" not in self.cache:
            self.cache["X"] = X
        Z = np.einsum("mi,io->mo", X, self.parameters["W"]) + self.parameters["b"]
        self.cache["Z"] = Z
        return self.activation.forward(Z)

    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = np.einsum("mi,mo->io", self.cache["X"], dZ)
        self.gradients["b"] = np.einsum("mo->o", dZ)[None, :]
        return np.einsum("mo,io->mi", dZ, self.parameters["W"])


# %% fc-accumulates-and-nielsen: gradients are added up with +=; dX goes through the activation once more, at X
# target: layers.FullyConnected
# truth: backward adds the new gradients to the old ones (+=, for W and for b) where it has to overwrite; gradients W and b are wrong from the second backward on
# truth2: backward multiplies dX by the slope of its own activation at the INPUT X (delta_l = (delta W^T) * sigma'(..) from a book where the activation belongs to the layer before); dX is wrong for every activation but the identity
class FullyConnected:
    def backward(self, dLdY):
        X = self.cache["X"]
        delta = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] += np.matmul(X.transpose(), delta)
        self.gradients["b"] += delta.sum(0, keepdims=True)
        # delta for the previous layer
        prev = np.matmul(delta, self.parameters["W"].transpose())
        prev = self.activation.backward(X, prev)
        return prev


# %% fc-steps-inside-backward: backward already takes a gradient step, before dX
# target: layers.FullyConnected
# truth: backward itself takes a gradient step (W and b are decreased in place by 0.01 times their gradients), and computes dX with the changed W; dX is wrong, and the parameters W and b are no longer what they were after backward (so later forwards differ too); gradients W and b of that call are right
class FullyConnected:
    def backward(self, dLdY):
        lr = 0.01
        grad_z = self.activation.backward(self.cache["Z"], dLdY)
        grads = {}
        grads["W"] = self.cache["X"].T.dot(grad_z)
        grads["b"] = grad_z.sum(axis=0)[np.newaxis]
        for key in grads:
            self.gradients[key] = grads[key]
            self.parameters[key] -= lr * grads[key]
        return grad_z.dot(self.parameters["W"].T)
