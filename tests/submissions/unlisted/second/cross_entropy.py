# %% ce-binary: uses the binary cross-entropy, with the (1 - Y) terms
# target: losses.CrossEntropy
# truth: the formula is the binary cross-entropy, which adds (1 - Y) ln(1 - Y_hat) for every entry; the loss of forward is wrong, and backward is the gradient of that other loss: wrong wherever Y is not 1
class CrossEntropy:
    def forward(self, Y, Y_hat):
        m = len(Y)
        p = np.clip(Y_hat, 1e-12, 1 - 1e-12)
        on = Y * np.log(p)
        off = (1 - Y) * np.log(1 - p)
        return float(-(on + off).sum() / m)

    def backward(self, Y, Y_hat):
        m = len(Y)
        p = np.clip(Y_hat, 1e-12, 1 - 1e-12)
        return -(Y / p - (1 - Y) / (1 - p)) / m


# %% ce-log2-and-classes: logarithm to base 2; gradient divided by the number of classes
# target: losses.CrossEntropy
# truth: forward takes the logarithm to base 2 where the natural one is asked for; the loss is too large by the factor 1 / ln 2
# truth2: backward divides by Y.shape[1], the number of classes, where it must divide by the batch size m; the gradient is wrong by the factor m / k (right only if m = k)
class CrossEntropy:
    def forward(self, Y, Y_hat):
        losses = -np.einsum("ij,ij->i", Y, np.log2(Y_hat + 1e-12))
        return float(np.mean(losses))

    def backward(self, Y, Y_hat):
        n = Y.shape[1]
        return np.divide(-Y, n * (Y_hat + 1e-12))
