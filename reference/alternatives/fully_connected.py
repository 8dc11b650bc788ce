# %% fc-step-by-step: a separate step for every quantity that has a name
# target: layers.FullyConnected
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W = self.parameters["W"]
        b = self.parameters["b"]
        Z = np.dot(X, W) + b
        Y = self.activation.forward(Z)
        self.cache["X"] = X
        self.cache["Z"] = Z
        return Y

    def backward(self, dLdY):
        X = self.cache["X"]
        Z = self.cache["Z"]
        W = self.parameters["W"]
        dZ = self.activation.backward(Z, dLdY)
        dW = np.dot(X.T, dZ)
        db = np.sum(dZ, axis=0, keepdims=True)
        dX = np.dot(dZ, W.T)
        self.gradients["W"] = dW
        self.gradients["b"] = db
        return dX


# %% fc-example-by-example: outer products, one example at a time
# target: layers.FullyConnected
class FullyConnected:
    def backward(self, dLdY):
        X = self.cache["X"]
        W = self.parameters["W"]
        b = self.parameters["b"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        dW = np.zeros(W.shape)
        db = np.zeros(b.shape)
        dX = np.zeros(X.shape)
        for i in range(X.shape[0]):
            dW += np.outer(X[i], dZ[i])
            db += dZ[i]
            dX[i] = W @ dZ[i]
        self.gradients["W"] = dW
        self.gradients["b"] = db
        return dX
