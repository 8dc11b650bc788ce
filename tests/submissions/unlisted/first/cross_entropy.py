# %% ce-mean-of-everything: np.mean over all entries in the forward
# target: losses.CrossEntropy
# truth: forward takes np.mean over all m*k entries, so the loss is divided by m*k instead of by m; forward only; the loss is too small by the number of classes k, backward is right
class CrossEntropy:
    def forward(self, Y, Y_hat):
        per_entry = Y * np.log(Y_hat + 1e-12)
        return float(-per_entry.mean())

    def backward(self, Y, Y_hat):
        m = len(Y)
        return np.divide(Y, Y_hat + 1e-12) * (-1 / m)


# %% ce-fused-with-softmax: backward is the gradient with respect to the logits
# target: losses.CrossEntropy
# truth: backward returns (Y_hat - Y)/m, the gradient at the logits of a softmax, instead of the gradient with respect to the probabilities, -Y/Y_hat/m; backward only; dY_hat is wrong, forward is right
class CrossEntropy:
    def forward(self, Y, Y_hat):
        eps = 1e-10
        batch = Y.shape[0]
        L = 0.0
        for c in range(Y.shape[1]):
            L += Y[:, c] @ np.log(Y_hat[:, c] + eps)
        return -L / batch

    def backward(self, Y, Y_hat):
        batch = Y.shape[0]
        dlogits = Y_hat - Y
        return dlogits / batch


# %% ce-argmax-label: forward picks the label with argmax, so soft targets are lost
# target: losses.CrossEntropy
# truth: forward turns the target into its argmax class and takes only that class's -log probability, as if every row were one-hot; forward only; the loss is wrong for rows of soft probabilities (right for one-hot targets), backward is right
class CrossEntropy:
    def forward(self, Y, Y_hat):
        labels = np.argmax(Y, axis=1)
        n = labels.size
        picked = Y_hat[np.arange(n), labels]
        return float(np.sum(-np.log(picked)) / n)


# %% ce-no-minus-no-m: minus sign missing in forward, 1/m missing in backward
# target: losses.CrossEntropy
# truth: forward has no minus sign, so the loss is negative; forward only; the loss has the wrong sign
# truth2: backward does not divide by the batch size m; backward only; dY_hat is too large by the factor m
class CrossEntropy:
    def forward(self, Y, Y_hat):
        log_p = np.log(np.clip(Y_hat, 1e-15, 1))
        per_example = np.einsum("ij,ij->i", Y, log_p)
        return np.average(per_example)

    def backward(self, Y, Y_hat):
        safe = np.clip(Y_hat, 1e-15, 1)
        return -(Y / safe)


# %% ce-binary-and-wrong-count: binary cross-entropy in forward, divides by the number of classes in backward
# target: losses.CrossEntropy
# truth: forward is the binary cross-entropy: it adds the terms (1 - Y) log(1 - Y_hat), which do not belong in the multi-class loss; forward only; the loss is too large
# truth2: backward divides by Y.shape[1], the number of classes, instead of by Y.shape[0], the batch size; backward only; dY_hat is wrong by the factor m/k
class CrossEntropy:
    def forward(self, Y, Y_hat):
        m = Y.shape[0]
        p = np.clip(Y_hat, 1e-12, 1 - 1e-12)
        logprobs = Y * np.log(p) + (1 - Y) * np.log(1 - p)
        cost = -(1 / m) * np.sum(logprobs)
        return float(np.squeeze(cost))

    def backward(self, Y, Y_hat):
        m = Y.shape[1]
        p = np.clip(Y_hat, 1e-12, 1 - 1e-12)
        dA = -Y / p
        return dA / m
