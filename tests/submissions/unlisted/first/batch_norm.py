# %% bn-sample-variance: normalizes with the unbiased variance
# target: layers.BatchNorm1D
# truth: the variance divides by m - 1 (ddof=1) instead of by m; forward, and backward through the cached standard deviation and X_hat; Y, running_var (and so the output of test mode), dX and gradients gamma are slightly wrong, running_mu and gradients beta are right
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c = self.cache
        if mode == "train":
            mean = np.average(X, axis=0)[None, :]
            variance = np.sum((X - mean) ** 2, axis=0, keepdims=True) / (X.shape[0] - 1)
            for key, stat in (("running_mu", mean), ("running_var", variance)):
                c[key] = self.momentum * c[key] + (1 - self.momentum) * stat
        else:
            mean, variance = c["running_mu"], c["running_var"]
        c["deviation"] = (variance + self.eps) ** 0.5
        c["X_hat"] = (X - mean) / c["deviation"]
        return c["X_hat"] * self.parameters["gamma"] + self.parameters["beta"]


# %% bn-momentum-reversed: PyTorch's meaning of momentum
# target: layers.BatchNorm1D
# truth: the running statistics weigh the batch with momentum and the old value with 1 - momentum (the convention of PyTorch), reversed; forward; running_mu and running_var are wrong, and with them the output of test mode; train mode's Y and backward are right
def ema(old, new, alpha):
    return (1 - alpha) * old + alpha * new


class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        g, b = self.parameters["gamma"], self.parameters["beta"]
        if mode == "test":
            std = np.sqrt(self.cache["running_var"] + self.eps)
            return g * (X - self.cache["running_mu"]) / std + b
        mu = X.mean(0, keepdims=True)
        xc = X - mu
        var = np.mean(xc * xc, axis=0, keepdims=True)
        self.cache["running_mu"] = ema(self.cache["running_mu"], mu, self.momentum)
        self.cache["running_var"] = ema(self.cache["running_var"], var, self.momentum)
        self.cache["deviation"] = np.sqrt(var + self.eps)
        self.cache["X_hat"] = xc / self.cache["deviation"]
        return g * self.cache["X_hat"] + b


# %% bn-dvar-loses-two: the long chain rule, with the 2 of d(x - mu)^2 lost
# target: layers.BatchNorm1D
# truth: the term of dX that comes through the variance is dvar * (X - mu)/m and lacks the factor 2 of the derivative of (x - mu)^2; backward only; only dX is wrong, gradients gamma and beta are right
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
            k = self.momentum
            self.cache["running_mu"] = k * self.cache["running_mu"] + (1 - k) * mu
            self.cache["running_var"] = k * self.cache["running_var"] + (1 - k) * var
        else:
            mu, var = self.cache["running_mu"], self.cache["running_var"]
        self.cache.update(X=X, mu=mu, var=var)
        return self.parameters["gamma"] * (X - mu) / np.sqrt(var + self.eps) + self.parameters["beta"]

    def backward(self, dLdY):
        X, mu, var = self.cache["X"], self.cache["mu"], self.cache["var"]
        m = X.shape[0]
        ivar = 1.0 / np.sqrt(var + self.eps)
        xmu = X - mu
        self.gradients["gamma"] = np.sum(dLdY * xmu * ivar, axis=0, keepdims=True)
        self.gradients["beta"] = np.sum(dLdY, axis=0, keepdims=True)
        dxhat = dLdY * self.parameters["gamma"]
        dvar = np.sum(dxhat * xmu, axis=0, keepdims=True) * -0.5 * ivar ** 3
        dmu = -np.sum(dxhat, axis=0, keepdims=True) * ivar
        return dxhat * ivar + dvar * xmu / m + dmu / m


# %% bn-test-uses-batch-and-no-gamma: test mode normalizes with the batch, backward forgets gamma
# target: layers.BatchNorm1D
# truth: test mode normalizes with the mean and variance of the batch it is given instead of with the running statistics; forward; only the output of test mode is wrong
# truth2: dX is computed from dLdY without multiplying by gamma; backward only; only dX is wrong, when gamma is not all ones
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        mu = np.mean(X, axis=0, keepdims=True)
        var = np.var(X, axis=0, keepdims=True)
        if mode == "train":
            self.cache["running_mu"] *= self.momentum
            self.cache["running_mu"] += (1 - self.momentum) * mu
            self.cache["running_var"] *= self.momentum
            self.cache["running_var"] += (1 - self.momentum) * var
        self.xhat = (X - mu) / np.sqrt(var + self.eps)
        self.istd = 1 / np.sqrt(var + self.eps)
        return self.parameters["gamma"] * self.xhat + self.parameters["beta"]

    def backward(self, dLdY):
        N = len(dLdY)
        dbeta = np.sum(dLdY, 0, keepdims=True)
        dgamma = np.sum(dLdY * self.xhat, 0, keepdims=True)
        self.gradients["gamma"], self.gradients["beta"] = dgamma, dbeta
        # one-line formula from a blog
        return self.istd / N * (N * dLdY - dbeta - self.xhat * dgamma)


# %% bn-running-std-and-dgamma-x: the running variance averages standard deviations, dgamma uses X
# target: layers.BatchNorm1D
# truth: running_var is fed with the batch's standard deviation instead of its variance; forward; running_var, and with it the output of test mode, is wrong; train mode's Y is right
# truth2: gradients gamma sums dLdY * X, with the raw input, instead of dLdY * X_hat; backward only; only gradients gamma is wrong
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        m = self.momentum
        if mode == "test":
            mu, sigma = self.cache["running_mu"], np.sqrt(self.cache["running_var"] + self.eps)
        else:
            mu = X.mean(axis=0).reshape(1, -1)
            sigma = np.sqrt(((X - mu) ** 2).mean(axis=0) + self.eps).reshape(1, -1)
            self.cache["running_mu"] = m * self.cache["running_mu"] + (1 - m) * mu
            self.cache["running_var"] = m * self.cache["running_var"] + (1 - m) * sigma
        self.cache["X"], self.cache["sigma"] = X, sigma
        self.cache["normed"] = (X - mu) / sigma
        return self.cache["normed"] * self.parameters["gamma"] + self.parameters["beta"]

    def backward(self, dLdY):
        h = self.cache["normed"]
        self.gradients["gamma"] = np.einsum("ij,ij->j", dLdY, self.cache["X"])[None]
        self.gradients["beta"] = np.einsum("ij->j", dLdY)[None]
        d = dLdY * self.parameters["gamma"]
        d = d - d.mean(axis=0) - h * (d * h).mean(axis=0)
        return d / self.cache["sigma"]
