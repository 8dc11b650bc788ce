# %% bn-chain-rule: backward through the variance and the mean, one after the other
# target: layers.BatchNorm1D
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        gamma = self.parameters["gamma"]
        beta = self.parameters["beta"]
        running_mu = self.cache["running_mu"]
        running_var = self.cache["running_var"]
        if mode == "train":
            mu = np.mean(X, axis=0, keepdims=True)
            var = np.mean((X - mu) ** 2, axis=0, keepdims=True)
            X_hat = (X - mu) / np.sqrt(var + self.eps)
            self.cache["running_mu"] = self.momentum * running_mu + (1 - self.momentum) * mu
            self.cache["running_var"] = self.momentum * running_var + (1 - self.momentum) * var
            self.cache["X"] = X
            self.cache["X_hat"] = X_hat
            self.cache["mu"] = mu
            self.cache["var"] = var
        else:
            X_hat = (X - running_mu) / np.sqrt(running_var + self.eps)
        return gamma * X_hat + beta

    def backward(self, dLdY):
        X = self.cache["X"]
        X_hat = self.cache["X_hat"]
        mu = self.cache["mu"]
        var = self.cache["var"]
        gamma = self.parameters["gamma"]
        m = X.shape[0]
        self.gradients["gamma"] = np.sum(dLdY * X_hat, axis=0, keepdims=True)
        self.gradients["beta"] = np.sum(dLdY, axis=0, keepdims=True)
        std = np.sqrt(var + self.eps)
        centered = X - mu
        dX_hat = dLdY * gamma
        dvar = np.sum(dX_hat * centered, axis=0, keepdims=True) * -0.5 / std**3
        direct = -np.sum(dX_hat, axis=0, keepdims=True) / std
        dmu = direct + dvar * np.mean(-2 * centered, axis=0, keepdims=True)
        return dX_hat / std + dvar * 2 * centered / m + dmu / m


# %% bn-one-formula: backward in one formula with m
# target: layers.BatchNorm1D
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        gamma = self.parameters["gamma"]
        beta = self.parameters["beta"]
        momentum = self.momentum
        if mode == "test":
            std = np.sqrt(self.cache["running_var"] + self.eps)
            return gamma * (X - self.cache["running_mu"]) / std + beta
        m = X.shape[0]
        mu = np.sum(X, axis=0, keepdims=True) / m
        centered = X - mu
        var = np.sum(centered**2, axis=0, keepdims=True) / m
        std = np.sqrt(var + self.eps)
        X_hat = centered / std
        self.cache["X_hat"] = X_hat
        self.cache["std"] = std
        self.cache["running_mu"] = momentum * self.cache["running_mu"] + (1 - momentum) * mu
        self.cache["running_var"] = momentum * self.cache["running_var"] + (1 - momentum) * var
        return gamma * X_hat + beta

    def backward(self, dLdY):
        gamma = self.parameters["gamma"]
        X_hat = self.cache["X_hat"]
        m = dLdY.shape[0]
        dgamma = np.sum(dLdY * X_hat, axis=0, keepdims=True)
        dbeta = np.sum(dLdY, axis=0, keepdims=True)
        self.gradients["gamma"] = dgamma
        self.gradients["beta"] = dbeta
        scale = gamma / (m * self.cache["std"])
        return scale * (m * dLdY - dbeta - X_hat * dgamma)
