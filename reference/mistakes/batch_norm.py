# %% bn-unbiased-variance: divides by m - 1
# target: layers.BatchNorm1D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: The variance is divided by m - 1; batch normalization divides it by m (the biased variance).
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c, k = self.cache, self.momentum
        if mode == "train":
            mu = X.mean(axis=0, keepdims=True)
            var = X.var(axis=0, ddof=1, keepdims=True)
            c["running_mu"] = k * c["running_mu"] + (1 - k) * mu
            c["running_var"] = k * c["running_var"] + (1 - k) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% bn-unbiased-running-variance: keeps the unbiased variance for test mode
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# says: cache['running_var'] uses the unbiased variance (m - 1); it should use the biased one as well.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c, k, m = self.cache, self.momentum, X.shape[0]
        if mode == "train":
            mu = X.mean(axis=0, keepdims=True)
            var = X.var(axis=0, keepdims=True)
            c["running_mu"] = k * c["running_mu"] + (1 - k) * mu
            c["running_var"] = k * c["running_var"] + (1 - k) * var * m / (m - 1)
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% bn-eps-forgotten: leaves eps out
# target: layers.BatchNorm1D
# values: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: The results match an eps close to 0, whatever eps the constructor gets: it is missing under the root, or a fixed number is used instead.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c, k = self.cache, self.momentum
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
            c["running_mu"] = k * c["running_mu"] + (1 - k) * mu
            c["running_var"] = k * c["running_var"] + (1 - k) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% bn-eps-outside-the-root: adds eps to the standard deviation
# target: layers.BatchNorm1D
# values: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: eps is added to the standard deviation; it belongs to the variance, inside the root.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c, k = self.cache, self.momentum
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
            c["running_mu"] = k * c["running_mu"] + (1 - k) * mu
            c["running_var"] = k * c["running_var"] + (1 - k) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var) + self.eps
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% bn-momentum-swapped: weights the new batch by the momentum
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# says: The new batch is weighted by momentum and the old statistics by 1 - momentum; it should be the reverse.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c, k = self.cache, self.momentum
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
            c["running_mu"] = (1 - k) * c["running_mu"] + k * mu
            c["running_var"] = (1 - k) * c["running_var"] + k * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% bn-running-never-updated: leaves the running statistics at zero
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# says: cache['running_mu'] and cache['running_var'] do not change: forward in train mode must update them under these keys.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
        else:
            mu, var = self.cache["running_mu"], self.cache["running_var"]
        self.cache["deviation"] = np.sqrt(var + self.eps)
        self.cache["X_hat"] = (X - mu) / self.cache["deviation"]
        return self.parameters["gamma"] * self.cache["X_hat"] + self.parameters["beta"]


# %% bn-running-from-first-batch: starts the running statistics with the first batch
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# says: The running statistics start at those of the first batch; they should start at zero and be averaged from there.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
            self.cache["running_mu"] = X.mean(axis=0, keepdims=True)
            self.cache["running_var"] = X.var(axis=0, keepdims=True)
        c, k = self.cache, self.momentum
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
            c["running_mu"] = k * c["running_mu"] + (1 - k) * mu
            c["running_var"] = k * c["running_var"] + (1 - k) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% bn-test-mode-ignored: uses the batch's statistics in test mode
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# says: Test mode uses the batch's own statistics instead of the running ones.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c, k = self.cache, self.momentum
        mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
        if mode == "train":
            c["running_mu"] = k * c["running_mu"] + (1 - k) * mu
            c["running_var"] = k * c["running_var"] + (1 - k) * var
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% bn-test-mode-updates: updates the running statistics in test mode, too
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# says: forward in test mode updates the running statistics; it should only read them.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c, k = self.cache, self.momentum
        mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
        old_mu, old_var = c["running_mu"], c["running_var"]
        c["running_mu"] = k * old_mu + (1 - k) * mu
        c["running_var"] = k * old_var + (1 - k) * var
        if mode == "test":
            mu, var = old_mu, old_var
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% bn-cache-replaced: throws the running statistics away with the old cache
# target: layers.BatchNorm1D
# shape: raised
# values: raised
# gradient: raised
# batching: raised
# behaviour: raised
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c, k = self.cache, self.momentum
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
            c["running_mu"] = k * c["running_mu"] + (1 - k) * mu
            c["running_var"] = k * c["running_var"] + (1 - k) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        deviation = np.sqrt(var + self.eps)
        X_hat = (X - mu) / deviation
        self.cache = {"X_hat": X_hat, "deviation": deviation}
        return self.parameters["gamma"] * X_hat + self.parameters["beta"]


# %% bn-statistics-of-rows: takes the mean and variance of each example
# target: layers.BatchNorm1D
# shape: partly
# values: failed
# gradient: partly
# batching: raised
# behaviour: partly
# says: The mean and variance are taken per example (axis 1) instead of per feature, over the batch.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c, k = self.cache, self.momentum
        if mode == "train":
            mu, var = X.mean(axis=1, keepdims=True), X.var(axis=1, keepdims=True)
            c["running_mu"] = k * c["running_mu"] + (1 - k) * mu
            c["running_var"] = k * c["running_var"] + (1 - k) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% bn-dx-with-constant-statistics: treats mean and variance as constants
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX treats the mean and variance as constants; both depend on X, and the gradient flows through them.
class BatchNorm1D:
    def backward(self, dLdY):
        X_hat = self.cache["X_hat"]
        self.gradients["gamma"] = np.sum(dLdY * X_hat, axis=0, keepdims=True)
        self.gradients["beta"] = np.sum(dLdY, axis=0, keepdims=True)
        return dLdY * self.parameters["gamma"] / self.cache["deviation"]


# %% bn-dx-with-constant-variance: forgets the path through the variance
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX is missing the path through the variance, which also depends on X.
class BatchNorm1D:
    def backward(self, dLdY):
        X_hat = self.cache["X_hat"]
        self.gradients["gamma"] = np.sum(dLdY * X_hat, axis=0, keepdims=True)
        self.gradients["beta"] = np.sum(dLdY, axis=0, keepdims=True)
        dX_hat = dLdY * self.parameters["gamma"]
        return (dX_hat - dX_hat.mean(axis=0)) / self.cache["deviation"]


# %% bn-gamma-forgotten-in-dx: leaves gamma out of dX
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX is right except for gamma: the gradient also flows back through the scaling.
class BatchNorm1D:
    def backward(self, dLdY):
        m, X_hat = dLdY.shape[0], self.cache["X_hat"]
        dgamma = np.sum(dLdY * X_hat, axis=0, keepdims=True)
        dbeta = np.sum(dLdY, axis=0, keepdims=True)
        self.gradients["gamma"] = dgamma
        self.gradients["beta"] = dbeta
        return (m * dLdY - dbeta - X_hat * dgamma) / (m * self.cache["deviation"])


# %% bn-dgamma-with-x: multiplies by X instead of the normalized X for dgamma
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['gamma'] is computed with X instead of the normalized X.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c, k = self.cache, self.momentum
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
            c["running_mu"] = k * c["running_mu"] + (1 - k) * mu
            c["running_var"] = k * c["running_var"] + (1 - k) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["X"] = X
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]

    def backward(self, dLdY):
        X_hat = self.cache["X_hat"]
        self.gradients["gamma"] = np.sum(dLdY * self.cache["X"], axis=0, keepdims=True)
        self.gradients["beta"] = np.sum(dLdY, axis=0, keepdims=True)
        d = dLdY * self.parameters["gamma"]
        dX = d - d.mean(axis=0) - X_hat * (d * X_hat).mean(axis=0)
        return dX / self.cache["deviation"]


# %% bn-dbeta-mean: averages dgamma and dbeta over the batch
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['gamma'] and gradients['beta'] are averaged over the batch instead of summed.
# also: bn-dgamma-mean bn-dbeta-alone-mean
class BatchNorm1D:
    def backward(self, dLdY):
        X_hat = self.cache["X_hat"]
        self.gradients["gamma"] = np.mean(dLdY * X_hat, axis=0, keepdims=True)
        self.gradients["beta"] = np.mean(dLdY, axis=0, keepdims=True)
        d = dLdY * self.parameters["gamma"]
        dX = d - d.mean(axis=0) - X_hat * (d * X_hat).mean(axis=0)
        return dX / self.cache["deviation"]


# %% bn-loop-mean-over-rows: sums up the mean row by row
# target: layers.BatchNorm1D
# batching: partly
# message: Do it for all examples at once
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c, k, m = self.cache, self.momentum, X.shape[0]
        if mode == "train":
            mu = np.zeros((1, X.shape[1]))
            for row in X:
                mu += row / m
            var = np.mean((X - mu) ** 2, axis=0, keepdims=True)
            c["running_mu"] = k * c["running_mu"] + (1 - k) * mu
            c["running_var"] = k * c["running_var"] + (1 - k) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% bn-loop-dx-of-each-example: computes dX one example at a time
# target: layers.BatchNorm1D
# batching: partly
# message: Do it for all examples at once
class BatchNorm1D:
    def backward(self, dLdY):
        m, X_hat = dLdY.shape[0], self.cache["X_hat"]
        dgamma = np.sum(dLdY * X_hat, axis=0, keepdims=True)
        dbeta = np.sum(dLdY, axis=0, keepdims=True)
        self.gradients["gamma"] = dgamma
        self.gradients["beta"] = dbeta
        scale = self.parameters["gamma"] / self.cache["deviation"]
        rows = [dLdY[i] - (dbeta + X_hat[i] * dgamma) / m for i in range(m)]
        return scale * np.concatenate(rows)


# %% bn-running-standard-deviation: keeps the running standard deviation instead of the variance
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# says: cache['running_var'] holds the standard deviation instead of the variance.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c, k = self.cache, self.momentum
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
            c["running_mu"] = k * c["running_mu"] + (1 - k) * mu
            c["running_var"] = k * c["running_var"] + (1 - k) * np.sqrt(var)
        else:
            mu, var = c["running_mu"], c["running_var"] ** 2
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]

# %% bn-divides-by-variance: divides by the variance
# target: layers.BatchNorm1D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: X is divided by the variance instead of the standard deviation.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        cache, keep = self.cache, self.momentum
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
            cache["running_mu"] = keep * cache["running_mu"] + (1.0 - keep) * mu
            cache["running_var"] = keep * cache["running_var"] + (1.0 - keep) * var
        else:
            mu, var = cache["running_mu"], cache["running_var"]
        cache["deviation"] = var + self.eps
        cache["X_hat"] = (X - mu) / cache["deviation"]
        return self.parameters["gamma"] * cache["X_hat"] + self.parameters["beta"]

# %% bn-gamma-ignored: forgets gamma in forward
# target: layers.BatchNorm1D
# shape: partly
# values: failed
# batching: partly
# behaviour: partly
# says: Y does not change with the gamma in parameters: forward does not use it, or uses an old copy.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        cache, keep = self.cache, self.momentum
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
            cache["running_mu"] = keep * cache["running_mu"] + (1.0 - keep) * mu
            cache["running_var"] = keep * cache["running_var"] + (1.0 - keep) * var
        else:
            mu, var = cache["running_mu"], cache["running_var"]
        cache["deviation"] = np.sqrt(var + self.eps)
        cache["X_hat"] = (X - mu) / cache["deviation"]
        return cache["X_hat"] + self.parameters["beta"]

# %% bn-beta-ignored: forgets beta in forward
# target: layers.BatchNorm1D
# shape: partly
# values: failed
# batching: partly
# behaviour: partly
# says: Y does not change with the beta in parameters: forward does not use it, or uses an old copy.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        cache, keep = self.cache, self.momentum
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
            cache["running_mu"] = keep * cache["running_mu"] + (1.0 - keep) * mu
            cache["running_var"] = keep * cache["running_var"] + (1.0 - keep) * var
        else:
            mu, var = cache["running_mu"], cache["running_var"]
        cache["deviation"] = np.sqrt(var + self.eps)
        cache["X_hat"] = (X - mu) / cache["deviation"]
        return self.parameters["gamma"] * cache["X_hat"]

# %% bn-running-mean-replaced: keeps only the last batch's mean
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# says: cache['running_mu'] is the last batch's mean; it should be a running average over the batches.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        cache, keep = self.cache, self.momentum
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
            cache["running_mu"] = mu
            cache["running_var"] = keep * cache["running_var"] + (1.0 - keep) * var
        else:
            mu, var = cache["running_mu"], cache["running_var"]
        cache["deviation"] = np.sqrt(var + self.eps)
        cache["X_hat"] = (X - mu) / cache["deviation"]
        return self.parameters["gamma"] * cache["X_hat"] + self.parameters["beta"]

# %% bn-dgamma-mean: averages dgamma
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['gamma'] is averaged over the batch instead of summed.
class BatchNorm1D:
    def backward(self, dLdY):
        X_hat = self.cache["X_hat"]
        self.gradients["gamma"] = (dLdY * X_hat).mean(axis=0, keepdims=True)
        self.gradients["beta"] = dLdY.sum(axis=0, keepdims=True)
        dX_hat = dLdY * self.parameters["gamma"]
        along = (dX_hat * X_hat).mean(axis=0, keepdims=True)
        dX = dX_hat - dX_hat.mean(axis=0, keepdims=True) - X_hat * along
        return dX / self.cache["deviation"]

# %% bn-dbeta-alone-mean: averages dbeta
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['beta'] is averaged over the batch instead of summed.
class BatchNorm1D:
    def backward(self, dLdY):
        X_hat = self.cache["X_hat"]
        self.gradients["gamma"] = (dLdY * X_hat).sum(axis=0, keepdims=True)
        self.gradients["beta"] = dLdY.mean(axis=0, keepdims=True)
        dX_hat = dLdY * self.parameters["gamma"]
        along = (dX_hat * X_hat).mean(axis=0, keepdims=True)
        dX = dX_hat - dX_hat.mean(axis=0, keepdims=True) - X_hat * along
        return dX / self.cache["deviation"]

# %% bn-dgamma-not-normalized: forgets X_hat in dgamma
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['gamma'] is missing the factor X_hat: it is the gradient of beta.
class BatchNorm1D:
    def backward(self, dLdY):
        X_hat = self.cache["X_hat"]
        self.gradients["gamma"] = dLdY.sum(axis=0, keepdims=True)
        self.gradients["beta"] = dLdY.sum(axis=0, keepdims=True)
        dX_hat = dLdY * self.parameters["gamma"]
        along = (dX_hat * X_hat).mean(axis=0, keepdims=True)
        dX = dX_hat - dX_hat.mean(axis=0, keepdims=True) - X_hat * along
        return dX / self.cache["deviation"]

# %% bn-dx-sums: forgets 1/m in dX
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX has sums over the batch instead of means.
# also: bn-dx-direct-path-divided
class BatchNorm1D:
    def backward(self, dLdY):
        X_hat = self.cache["X_hat"]
        self.gradients["gamma"] = (dLdY * X_hat).sum(axis=0, keepdims=True)
        self.gradients["beta"] = dLdY.sum(axis=0, keepdims=True)
        dX_hat = dLdY * self.parameters["gamma"]
        along = (dX_hat * X_hat).sum(axis=0, keepdims=True)
        dX = dX_hat - dX_hat.sum(axis=0, keepdims=True) - X_hat * along
        return dX / self.cache["deviation"]

# %% bn-dx-without-deviation: forgets to divide dX
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX is not divided by the standard deviation.
class BatchNorm1D:
    def backward(self, dLdY):
        X_hat = self.cache["X_hat"]
        self.gradients["gamma"] = (dLdY * X_hat).sum(axis=0, keepdims=True)
        self.gradients["beta"] = dLdY.sum(axis=0, keepdims=True)
        dX_hat = dLdY * self.parameters["gamma"]
        along = (dX_hat * X_hat).mean(axis=0, keepdims=True)
        dX = dX_hat - dX_hat.mean(axis=0, keepdims=True) - X_hat * along
        return dX 


# %% bn-mode-without-effect: always uses the batch's statistics and never updates the running ones
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# says: The mode has no effect: test mode uses the statistics of the batch, and train mode leaves the running statistics at zero.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        cache = self.cache
        mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
        cache["deviation"] = np.sqrt(var + self.eps)
        cache["X_hat"] = (X - mu) / cache["deviation"]
        return self.parameters["gamma"] * cache["X_hat"] + self.parameters["beta"]


# %% bn-running-variance-around-the-old-mean: centers the running variance at the old running mean
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# says: The running variance is computed around the running mean from before this batch instead of around the batch's own mean.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        cache, keep = self.cache, self.momentum
        mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
        if mode == "train":
            around = ((X - cache["running_mu"]) ** 2).mean(axis=0, keepdims=True)
            cache["running_mu"] = keep * cache["running_mu"] + (1.0 - keep) * mu
            cache["running_var"] = keep * cache["running_var"] + (1.0 - keep) * around
        else:
            mu, var = cache["running_mu"], cache["running_var"]
        cache["deviation"] = np.sqrt(var + self.eps)
        cache["X_hat"] = (X - mu) / cache["deviation"]
        return self.parameters["gamma"] * cache["X_hat"] + self.parameters["beta"]


# %% bn-running-variance-around-the-new-mean: centers the running variance at the new running mean
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# says: The running variance is computed around the running mean instead of around the batch's own mean.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        cache, keep = self.cache, self.momentum
        mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
        if mode == "train":
            cache["running_mu"] = keep * cache["running_mu"] + (1.0 - keep) * mu
            around = ((X - cache["running_mu"]) ** 2).mean(axis=0, keepdims=True)
            cache["running_var"] = keep * cache["running_var"] + (1.0 - keep) * around
        else:
            mu, var = cache["running_mu"], cache["running_var"]
        cache["deviation"] = np.sqrt(var + self.eps)
        cache["X_hat"] = (X - mu) / cache["deviation"]
        return self.parameters["gamma"] * cache["X_hat"] + self.parameters["beta"]


# %% bn-running-variance-around-zero: keeps the mean of the squares
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# says: The running variance is the mean of the squares of X: the mean is not subtracted first.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        cache, keep = self.cache, self.momentum
        mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
        if mode == "train":
            cache["running_mu"] = keep * cache["running_mu"] + (1.0 - keep) * mu
            squares = (X**2).mean(axis=0, keepdims=True)
            cache["running_var"] = keep * cache["running_var"] + (1.0 - keep) * squares
        else:
            mu, var = cache["running_mu"], cache["running_var"]
        cache["deviation"] = np.sqrt(var + self.eps)
        cache["X_hat"] = (X - mu) / cache["deviation"]
        return self.parameters["gamma"] * cache["X_hat"] + self.parameters["beta"]


# %% bn-mode-never-looked-at: uses the batch's statistics and updates the running ones in both modes
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# says: The mode is ignored: test mode uses the statistics of the batch and updates the running ones, as train mode does.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        cache, keep = self.cache, self.momentum
        mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
        cache["running_mu"] = keep * cache["running_mu"] + (1.0 - keep) * mu
        cache["running_var"] = keep * cache["running_var"] + (1.0 - keep) * var
        cache["deviation"] = np.sqrt(var + self.eps)
        cache["X_hat"] = (X - mu) / cache["deviation"]
        return self.parameters["gamma"] * cache["X_hat"] + self.parameters["beta"]


# %% bn-test-mode-updates-first: updates the running statistics in test mode, then uses them
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# says: Test mode updates the running statistics with its batch before using them; it should leave them unchanged.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        cache, keep = self.cache, self.momentum
        mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
        cache["running_mu"] = keep * cache["running_mu"] + (1.0 - keep) * mu
        cache["running_var"] = keep * cache["running_var"] + (1.0 - keep) * var
        if mode != "train":
            mu, var = cache["running_mu"], cache["running_var"]
        cache["deviation"] = np.sqrt(var + self.eps)
        cache["X_hat"] = (X - mu) / cache["deviation"]
        return self.parameters["gamma"] * cache["X_hat"] + self.parameters["beta"]


# %% bn-running-variance-replaced: keeps only the last batch's variance
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# says: cache['running_var'] is the variance of the last batch alone: the momentum and the earlier value are missing.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        cache, keep = self.cache, self.momentum
        mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
        if mode == "train":
            cache["running_mu"] = keep * cache["running_mu"] + (1.0 - keep) * mu
            cache["running_var"] = var
        else:
            mu, var = cache["running_mu"], cache["running_var"]
        cache["deviation"] = np.sqrt(var + self.eps)
        cache["X_hat"] = (X - mu) / cache["deviation"]
        return self.parameters["gamma"] * cache["X_hat"] + self.parameters["beta"]


# %% bn-running-variance-from-ones: starts the running variance at ones
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# says: The running variance starts at one; it should start at zero, like the running mean.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
            self.cache["running_var"] = np.ones((1, X.shape[1]))
        cache, keep = self.cache, self.momentum
        mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
        if mode == "train":
            cache["running_mu"] = keep * cache["running_mu"] + (1.0 - keep) * mu
            cache["running_var"] = keep * cache["running_var"] + (1.0 - keep) * var
        else:
            mu, var = cache["running_mu"], cache["running_var"]
        cache["deviation"] = np.sqrt(var + self.eps)
        cache["X_hat"] = (X - mu) / cache["deviation"]
        return self.parameters["gamma"] * cache["X_hat"] + self.parameters["beta"]


# %% bn-new-parameters-each-forward: recreates gamma, beta and running statistics in every forward
# target: layers.BatchNorm1D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Every forward creates gamma, beta and the running statistics again: Y is computed with gamma = 1 and beta = 0, and what the layer held before is lost.
# also: bn-gamma-forgotten-in-dx
class BatchNorm1D:
    def forward(self, X, mode="train"):
        self._init_parameters(X.shape)
        c, k = self.cache, self.momentum
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
            c["running_mu"] = k * c["running_mu"] + (1 - k) * mu
            c["running_var"] = k * c["running_var"] + (1 - k) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% bn-train-mode-takes-running: normalizes with the running statistics in train mode, too
# target: layers.BatchNorm1D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Train mode normalizes with the running statistics after updating them; it should use the statistics of its own batch.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c, k = self.cache, self.momentum
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
            c["running_mu"] = k * c["running_mu"] + (1 - k) * mu
            c["running_var"] = k * c["running_var"] + (1 - k) * var
        mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% bn-train-mode-takes-old-running: normalizes with the old running statistics in train mode, too
# target: layers.BatchNorm1D
# shape: partly
# values: failed
# gradient: partly
# batching: partly
# behaviour: partly
# says: Train mode normalizes with the running statistics from before its batch; it should use the statistics of its own batch.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c, k = self.cache, self.momentum
        mu, var = c["running_mu"], c["running_var"]
        if mode == "train":
            c["running_mu"] = k * mu + (1 - k) * X.mean(axis=0, keepdims=True)
            c["running_var"] = k * var + (1 - k) * X.var(axis=0, keepdims=True)
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% bn-cache-replaced-from-zeros: replaces the cache, restarting the running statistics at zero
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# says: The running statistics start at zero again in every forward: what earlier batches left in self.cache is lost when a new dict takes its place.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        k, zeros = self.momentum, np.zeros((1, X.shape[1]))
        self.cache = c = {"running_mu": zeros, "running_var": zeros}
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
            c["running_mu"] = k * c["running_mu"] + (1 - k) * mu
            c["running_var"] = k * c["running_var"] + (1 - k) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]


# %% bn-cache-replaced-with-default: replaces the cache; missing running statistics are read as zero
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# says: cache['running_mu'] and cache['running_var'] are gone after forward: self.cache has been replaced by a new dict.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c, k = self.cache, self.momentum
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
            old_mu, old_var = c.get("running_mu", 0), c.get("running_var", 0)
            c["running_mu"] = k * old_mu + (1 - k) * mu
            c["running_var"] = k * old_var + (1 - k) * var
        else:
            mu, var = c.get("running_mu", 0), c.get("running_var", 0)
        deviation = np.sqrt(var + self.eps)
        X_hat = (X - mu) / deviation
        self.cache = {"X_hat": X_hat, "deviation": deviation}
        return self.parameters["gamma"] * X_hat + self.parameters["beta"]


# %% bn-cache-replaced-in-test-mode: replaces the cache in test mode only
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c, k = self.cache, self.momentum
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
            c["running_mu"] = k * c["running_mu"] + (1 - k) * mu
            c["running_var"] = k * c["running_var"] + (1 - k) * var
        else:
            mu, var = c["running_mu"], c["running_var"]
        deviation = np.sqrt(var + self.eps)
        X_hat = (X - mu) / deviation
        if mode == "train":
            c["X_hat"], c["deviation"] = X_hat, deviation
        else:
            self.cache = {"X_hat": X_hat, "deviation": deviation}
        return self.parameters["gamma"] * X_hat + self.parameters["beta"]


# %% bn-dx-mean-summed: forgets 1/m on the path through the mean
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: In dX, the path through the mean has a sum instead of a mean.
class BatchNorm1D:
    def backward(self, dLdY):
        m, X_hat = len(dLdY), self.cache["X_hat"]
        self.gradients["gamma"] = (dLdY * X_hat).sum(axis=0, keepdims=True)
        self.gradients["beta"] = dLdY.sum(axis=0, keepdims=True)
        dX_hat = dLdY * self.parameters["gamma"]
        through_mean = dX_hat.sum(axis=0, keepdims=True)
        through_variance = X_hat * (dX_hat * X_hat).sum(axis=0, keepdims=True)
        return (dX_hat - through_mean - through_variance / m) / self.cache["deviation"]


# %% bn-dx-variance-summed: forgets 1/m on the path through the variance
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: In dX, the path through the variance has a sum instead of a mean.
class BatchNorm1D:
    def backward(self, dLdY):
        m, X_hat = len(dLdY), self.cache["X_hat"]
        self.gradients["gamma"] = (dLdY * X_hat).sum(axis=0, keepdims=True)
        self.gradients["beta"] = dLdY.sum(axis=0, keepdims=True)
        dX_hat = dLdY * self.parameters["gamma"]
        through_mean = dX_hat.sum(axis=0, keepdims=True)
        through_variance = X_hat * (dX_hat * X_hat).sum(axis=0, keepdims=True)
        return (dX_hat - through_mean / m - through_variance) / self.cache["deviation"]


# %% bn-dx-direct-path-divided: forgets the m in front of the direct path, and divides all three by m
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX divides the direct path by m; only the paths through the mean and the variance are divided by it.
# also: bn-dx-sums
class BatchNorm1D:
    def backward(self, dLdY):
        m, X_hat = len(dLdY), self.cache["X_hat"]
        self.gradients["gamma"] = (dLdY * X_hat).sum(axis=0, keepdims=True)
        self.gradients["beta"] = dLdY.sum(axis=0, keepdims=True)
        dX_hat = dLdY * self.parameters["gamma"]
        through_mean = dX_hat.sum(axis=0, keepdims=True)
        through_variance = X_hat * (dX_hat * X_hat).sum(axis=0, keepdims=True)
        return (dX_hat - through_mean - through_variance) / m / self.cache["deviation"]


# %% bn-dx-not-divided: forgets 1/m in front of all three paths
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: dX is m times too large: 1/m in front of the three paths is missing.
class BatchNorm1D:
    def backward(self, dLdY):
        m, X_hat = len(dLdY), self.cache["X_hat"]
        self.gradients["gamma"] = (dLdY * X_hat).sum(axis=0, keepdims=True)
        self.gradients["beta"] = dLdY.sum(axis=0, keepdims=True)
        dX_hat = dLdY * self.parameters["gamma"]
        through_mean = dX_hat.sum(axis=0, keepdims=True)
        through_variance = X_hat * (dX_hat * X_hat).sum(axis=0, keepdims=True)
        return (m * dX_hat - through_mean - through_variance) / self.cache["deviation"]


# %% bn-dgamma-centered: multiplies by the centered X, not yet divided, for dgamma
# target: layers.BatchNorm1D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['gamma'] is computed with X minus its mean, not yet divided by the standard deviation.
class BatchNorm1D:
    def backward(self, dLdY):
        X_hat, deviation = self.cache["X_hat"], self.cache["deviation"]
        self.gradients["gamma"] = np.sum(dLdY * X_hat * deviation, axis=0, keepdims=True)
        self.gradients["beta"] = np.sum(dLdY, axis=0, keepdims=True)
        d = dLdY * self.parameters["gamma"]
        dX = d - d.mean(axis=0) - X_hat * (d * X_hat).mean(axis=0)
        return dX / deviation


# %% bn-running-deviation: averages standard deviations in the running variance
# target: layers.BatchNorm1D
# batching: partly
# behaviour: partly
# says: cache['running_var'] averages the standard deviations of the batches instead of their variances.
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c, k = self.cache, self.momentum
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
            c["running_mu"] = k * c["running_mu"] + (1 - k) * mu
            c["running_var"] = k * c["running_var"] + (1 - k) * np.sqrt(var)
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]
