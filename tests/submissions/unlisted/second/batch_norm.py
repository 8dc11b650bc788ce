# %% bn-staged-missing-square: step-by-step backward, derivative of 1/sqrt(var) without the square
# target: layers.BatchNorm1D
# truth: backward, written step by step, takes the derivative of 1/s with respect to s = sqrt(var + eps) as -1/s instead of -1/s**2; the part of dX that goes through the variance is wrong by the factor s, so dX is wrong; forward and gradients gamma and beta are right
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c, mom = self.cache, self.momentum
        if mode == "test":
            norm = (X - c["running_mu"]) / np.sqrt(c["running_var"] + self.eps)
            return norm * self.parameters["gamma"] + self.parameters["beta"]
        N = X.shape[0]
        mu = np.sum(X, axis=0, keepdims=True) / N
        xmu = X - mu
        var = np.sum(xmu**2, axis=0, keepdims=True) / N
        sqrtvar = np.sqrt(var + self.eps)
        c["xmu"], c["sqrtvar"], c["xhat"] = xmu, sqrtvar, xmu / sqrtvar
        c["running_mu"] = mom * c["running_mu"] + (1 - mom) * mu
        c["running_var"] = mom * c["running_var"] + (1 - mom) * var
        return c["xhat"] * self.parameters["gamma"] + self.parameters["beta"]

    def backward(self, dLdY):
        xmu, sqrtvar, xhat = self.cache["xmu"], self.cache["sqrtvar"], self.cache["xhat"]
        N, D = dLdY.shape
        # step 9, 8
        self.gradients["beta"] = np.sum(dLdY, axis=0, keepdims=True)
        self.gradients["gamma"] = np.sum(dLdY * xhat, axis=0, keepdims=True)
        dxhat = dLdY * self.parameters["gamma"]
        # step 7
        divar = np.sum(dxhat * xmu, axis=0, keepdims=True)
        dxmu1 = dxhat / sqrtvar
        # step 6, 5
        dsqrtvar = -1.0 / sqrtvar * divar
        dvar = 0.5 / sqrtvar * dsqrtvar
        # step 4, 3
        dsq = np.ones((N, D)) / N * dvar
        dxmu2 = 2 * xmu * dsq
        # step 2, 1, 0
        dx1 = dxmu1 + dxmu2
        dmu = -np.sum(dx1, axis=0, keepdims=True)
        return dx1 + np.ones((N, D)) / N * dmu


# %% bn-running-unbiased: the running variance is fed with the unbiased variance
# target: layers.BatchNorm1D
# truth: the running variance is updated with the unbiased variance (ddof=1, as torch does) where the biased one is asked for; cache["running_var"] and the output of test mode are wrong; train mode's output and all gradients are right
def ema(old, new, keep):
    return old * keep + new * (1 - keep)


class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        gamma, beta = self.parameters["gamma"], self.parameters["beta"]
        if mode == "train":
            mean, var = X.mean(0, keepdims=True), X.var(0, keepdims=True)
            self.cache["running_mu"] = ema(self.cache["running_mu"], mean, self.momentum)
            unbiased = X.var(0, ddof=1, keepdims=True)
            self.cache["running_var"] = ema(self.cache["running_var"], unbiased, self.momentum)
            self.cache["deviation"] = (var + self.eps) ** 0.5
            self.cache["X_hat"] = (X - mean) / self.cache["deviation"]
            return gamma * self.cache["X_hat"] + beta
        scale = gamma / np.sqrt(self.cache["running_var"] + self.eps)
        return scale * X + (beta - scale * self.cache["running_mu"])


# %% bn-momentum-swapped-and-dgamma: running statistics weigh the batch by momentum; dgamma from X - mu
# target: layers.BatchNorm1D
# truth: forward updates the running statistics as (1 - momentum) * running + momentum * batch, the two weights are swapped; cache["running_mu"], cache["running_var"] and the output of test mode are wrong; train mode's output is right
# truth2: backward computes the gradient of gamma from the centred X - mu, without dividing by the deviation (X_hat is needed); gradients["gamma"] is wrong; dX and gradients["beta"] are right
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        if mode == "train":
            mu = np.mean(X, axis=0)
            var = np.mean((X - mu) ** 2, axis=0)
            a = self.momentum
            self.cache["running_mu"] = (1 - a) * self.cache["running_mu"] + a * mu
            self.cache["running_var"] = (1 - a) * self.cache["running_var"] + a * var
            self.cache["centred"] = X - mu
            self.cache["ivar"] = 1.0 / np.sqrt(var + self.eps)
            normed = self.cache["centred"] * self.cache["ivar"]
        else:
            normed = (X - self.cache["running_mu"]) / np.sqrt(self.cache["running_var"] + self.eps)
        return self.parameters["gamma"] * normed + self.parameters["beta"]

    def backward(self, dLdY):
        m = dLdY.shape[0]
        centred, ivar = self.cache["centred"], self.cache["ivar"]
        xhat = centred * ivar
        self.gradients["gamma"] = np.sum(dLdY * centred, axis=0).reshape(1, -1)
        self.gradients["beta"] = np.sum(dLdY, axis=0).reshape(1, -1)
        dxhat = dLdY * self.parameters["gamma"]
        inner = m * dxhat - dxhat.sum(0) - xhat * (dxhat * xhat).sum(0)
        return ivar / m * inner
