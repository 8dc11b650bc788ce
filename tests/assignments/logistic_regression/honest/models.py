# %% lr-attributes: keeps the batch in attributes, and b's gradient as a row
# target: models.LogisticRegression
class LogisticRegression:
    def forward(self, X):
        self.X = X
        self.Z = np.dot(X, self.parameters["w"]) + self.parameters["b"]
        return self.activation.forward(self.Z)

    def backward(self, dY):
        delta = self.activation.backward(self.Z, dY)
        self.gradients["w"] = np.dot(self.X.T, delta)
        self.gradients["b"] = np.sum(delta, axis=0)


# %% lr-einsum: einsum, and gradients that are returned, too
# target: models.LogisticRegression
class LogisticRegression:
    def forward(self, X):
        Z = np.einsum("mn,no->mo", X, self.parameters["w"]) + self.parameters["b"]
        self.cache.update(X=X.copy(), Z=Z)
        return self.activation.forward(Z)

    def backward(self, dY):
        dZ = self.activation.backward(self.cache["Z"], dY)
        ones = np.ones((1, len(dZ)))
        self.gradients = {"b": ones @ dZ, "w": np.einsum("mn,mo->no", self.cache["X"], dZ)}
        return self.gradients


# %% lr-column-of-ones: b as the weight of one more feature
# target: models.LogisticRegression
class LogisticRegression:
    def forward(self, X):
        wide = np.hstack([np.ones((X.shape[0], 1)), X])
        self.cache = {"wide": wide, "Z": wide @ np.vstack([self.parameters["b"], self.parameters["w"]])}
        return self.activation.forward(self.cache["Z"])

    def backward(self, dY):
        both = self.cache["wide"].T @ self.activation.backward(self.cache["Z"], dY)
        self.gradients = {"b": both[:1], "w": both[1:]}
