# %% ce-forward-sign: forgets the minus sign
# target: losses.CrossEntropy
# shape: partly
# values: failed
# batching: partly
# says: The loss has the opposite sign.
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return np.sum(Y * np.log(Y_hat)) / len(Y)


# %% ce-forward-mean: takes the mean over all entries
# target: losses.CrossEntropy
# shape: partly
# values: failed
# batching: partly
# says: The loss is averaged over all entries instead of over the examples: divide by m alone.
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return -np.mean(Y * np.log(Y_hat))


# %% ce-forward-sum: forgets 1/m in forward
# target: losses.CrossEntropy
# shape: partly
# values: partly
# batching: partly
# says: The loss is a sum over the examples instead of their mean.
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return -np.sum(Y * np.log(Y_hat))


# %% ce-backward-no-mean: forgets 1/m in backward
# target: losses.CrossEntropy
# shape: partly
# gradient: partly
# batching: partly
# says: The gradient is m times too large: the loss has 1/m, and so has its gradient.
class CrossEntropy:
    def backward(self, Y, Y_hat):
        return -Y / Y_hat


# %% ce-backward-mean-twice: divides by m twice
# target: losses.CrossEntropy
# shape: partly
# gradient: partly
# batching: partly
# says: The gradient is m times too small: 1/m is in it twice.
class CrossEntropy:
    def backward(self, Y, Y_hat):
        m = Y.shape[0]
        dY_hat = -(1 / m) * Y / Y_hat
        return dY_hat / m


# %% ce-swapped: has the prediction first and the target second
# target: losses.CrossEntropy
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
# says: Target and prediction are swapped: the target comes first.
class CrossEntropy:
    def forward(self, Y_hat, Y):
        return -np.sum(Y * np.log(Y_hat + 1e-12)) / len(Y)

    def backward(self, Y_hat, Y):
        return -Y / (Y_hat + 1e-12) / len(Y)


# %% ce-forward-swapped: takes the logarithm of the target in forward
# target: losses.CrossEntropy
# shape: partly
# values: failed
# batching: partly
# says: Target and prediction are swapped in forward: it takes the logarithm of the target.
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return float(-np.sum(Y_hat * np.log(Y)) / len(Y))


# %% ce-backward-swapped: divides by the target in backward
# target: losses.CrossEntropy
# shape: partly
# gradient: failed
# batching: partly
# says: The fraction is inverted in backward: target and prediction are swapped.
class CrossEntropy:
    def backward(self, Y, Y_hat):
        return -Y_hat / Y / len(Y)


# %% ce-backward-fused: returns the gradient with respect to the input of the softmax
# target: losses.CrossEntropy
# shape: partly
# gradient: failed
# batching: partly
# says: This is the gradient with respect to the input of a softmax (prediction minus target) instead of the one with respect to the probabilities.
class CrossEntropy:
    def backward(self, Y, Y_hat):
        return (Y_hat - Y) / len(Y)


# %% ce-backward-sign: forgets the minus sign in backward
# target: losses.CrossEntropy
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient has the opposite sign.
class CrossEntropy:
    def backward(self, Y, Y_hat):
        return Y / Y_hat / len(Y)


# %% ce-forward-per-example: returns one loss per example
# target: losses.CrossEntropy
# shape: partly
# values: partly
# batching: partly
# says: One loss per example is returned instead of their mean, a single number.
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return -np.sum(Y * np.log(Y_hat), axis=1) / Y.shape[0]


# %% ce-forward-keepdims: returns a matrix of one entry
# target: losses.CrossEntropy
# shape: partly
# message: loss is an array of shape (1, 1); expected a real number.
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return -np.sum(Y * np.log(Y_hat), keepdims=True) / Y.shape[0]


# %% ce-forward-large-epsilon: adds an epsilon so large that it changes the result
# target: losses.CrossEntropy
# shape: partly
# values: failed
# batching: partly
# says: A constant inside the logarithm is so large that it changes the result; 1e-8 or less would not.
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return -np.sum(Y * np.log(Y_hat + 1e-3)) / Y.shape[0]


# %% ce-forward-log10: takes the wrong logarithm
# target: losses.CrossEntropy
# shape: partly
# values: failed
# batching: partly
# says: The logarithm has base 10 instead of base e.
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return -np.sum(Y * np.log10(Y_hat)) / Y.shape[0]


# %% ce-binary: adds the term of the binary cross-entropy
# target: losses.CrossEntropy
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
# says: The loss has the term (1 - Y) log(1 - Y_hat) of the binary cross-entropy; the multiclass loss has none.
# also: ce-backward-binary
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return -np.sum(Y * np.log(Y_hat) + (1 - Y) * np.log(1 - Y_hat)) / len(Y)

    def backward(self, Y, Y_hat):
        return (-Y / Y_hat + (1 - Y) / (1 - Y_hat)) / len(Y)


# %% ce-argmax: uses only the largest class of each target, which is wrong for soft targets
# target: losses.CrossEntropy
# values: partly
# gradient: partly
# says: Only the class with the largest target counts; targets may be spread over several classes.
class CrossEntropy:
    def forward(self, Y, Y_hat):
        m = len(Y)
        return -np.mean(np.log(Y_hat[np.arange(m), np.argmax(Y, axis=1)]))

    def backward(self, Y, Y_hat):
        m = len(Y)
        rows, classes = np.arange(m), np.argmax(Y, axis=1)
        dY_hat = np.zeros(Y.shape)
        dY_hat[rows, classes] = -1 / Y_hat[rows, classes] / m
        return dY_hat


# %% ce-forward-loop: adds up the losses of the examples in a loop
# target: losses.CrossEntropy
# batching: partly
# message: Do it for all examples at once
class CrossEntropy:
    def forward(self, Y, Y_hat):
        loss = 0.0
        for y, y_hat in zip(Y, Y_hat):
            loss -= np.sum(y * np.log(y_hat))
        return loss / len(Y)


# %% ce-backward-size-from-forward: needs the m that forward stored
# target: losses.CrossEntropy
# shape: partly
# gradient: raised
# batching: partly
# message: backward is called here without an earlier call to forward
class CrossEntropy:
    def forward(self, Y, Y_hat):
        self.m = Y.shape[0]
        return -np.sum(Y * np.log(Y_hat)) / self.m

    def backward(self, Y, Y_hat):
        return -Y / Y_hat / self.m


# %% ce-forward-integer: returns a whole number
# target: losses.CrossEntropy
# shape: partly
# values: failed
# batching: partly
# says: The loss is truncated to a whole number.
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return int(-np.sum(Y * np.log(Y_hat)) / len(Y))


# %% ce-backward-summed: sums the gradients over the examples
# target: losses.CrossEntropy
# shape: partly
# gradient: partly
# batching: partly
# says: The gradients of the examples are summed; each example should have its own row.
class CrossEntropy:
    def backward(self, Y, Y_hat):
        return -np.sum(Y / Y_hat, axis=0) / len(Y)

# %% ce-forward-per-class: divides by the number of classes
# target: losses.CrossEntropy
# shape: partly
# values: failed
# batching: partly
# says: The loss is divided by the number of classes instead of the number of examples.
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return float(-np.sum(Y * np.log(Y_hat)) / Y.shape[1])

# %% ce-forward-no-target: forgets to multiply by the target
# target: losses.CrossEntropy
# shape: partly
# values: failed
# batching: partly
# says: The logarithms of all classes are summed; each should be weighted by its target.
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return float(-np.sum(np.log(Y_hat)) / len(Y))

# %% ce-forward-log-of-target: takes the logarithm of a difference
# target: losses.CrossEntropy
# shape: partly
# values: failed
# batching: partly
# says: The loss has Y_hat log Y_hat, the entropy of the prediction: the target is not in it.
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return float(-np.sum(Y_hat * np.log(Y_hat)) / len(Y))

# %% ce-backward-per-class: divides by the number of classes
# target: losses.CrossEntropy
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient is divided by the number of classes instead of the number of examples.
class CrossEntropy:
    def backward(self, Y, Y_hat):
        return -Y / Y_hat / Y.shape[1]

# %% ce-backward-of-all-entries: divides by the number of entries
# target: losses.CrossEntropy
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient is divided by the number of entries instead of the number of examples.
class CrossEntropy:
    def backward(self, Y, Y_hat):
        return -Y / Y_hat / Y.size

# %% ce-backward-no-division: forgets to divide by the prediction
# target: losses.CrossEntropy
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient is not divided by the prediction: the derivative of log is 1/x.
class CrossEntropy:
    def backward(self, Y, Y_hat):
        return -Y / len(Y)

# %% ce-backward-log: multiplies by the logarithm again
# target: losses.CrossEntropy
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient still contains the logarithm instead of its derivative.
class CrossEntropy:
    def backward(self, Y, Y_hat):
        return -Y * np.log(Y_hat) / len(Y)

# %% ce-backward-binary: has the second term of the binary cross-entropy
# target: losses.CrossEntropy
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient has the binary cross-entropy term (1 - Y) / (1 - Y_hat); the multiclass gradient has none.
# also: ce-backward-binary-of-all-entries
class CrossEntropy:
    def backward(self, Y, Y_hat):
        return (-Y / Y_hat + (1 - Y) / (1 - Y_hat)) / len(Y)


# %% ce-forward-binary-mean: takes the mean of the binary cross-entropy over all entries
# target: losses.CrossEntropy
# shape: partly
# values: failed
# batching: partly
# says: The loss is the binary cross-entropy, averaged over all entries: it has the term (1 - Y) log(1 - Y_hat) and is divided by m k instead of m.
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return -np.mean(Y * np.log(Y_hat) + (1 - Y) * np.log(1 - Y_hat))


# %% ce-forward-other-classes-alone: has only the terms -log(1 - Y_hat) of the other classes
# target: losses.CrossEntropy
# shape: partly
# values: failed
# batching: partly
# says: The loss has only the term (1 - Y) log(1 - Y_hat), for the non-target classes; the target's term is missing.
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return -np.sum((1 - Y) * np.log(1 - Y_hat)) / len(Y)


# %% ce-forward-binary-sign: subtracts the term of the other classes
# target: losses.CrossEntropy
# shape: partly
# values: failed
# batching: partly
# says: The loss subtracts -log(1 - Y_hat) for the non-target classes; it should have no term for them.
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return -np.sum(Y * np.log(Y_hat) - (1 - Y) * np.log(1 - Y_hat)) / len(Y)


# %% ce-backward-binary-of-all-entries: differentiates the mean of the binary cross-entropy over all entries
# target: losses.CrossEntropy
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient is that of the binary cross-entropy, averaged over all entries: it has the term (1 - Y) / (1 - Y_hat) and is divided by m k instead of m.
# also: ce-backward-binary
class CrossEntropy:
    def backward(self, Y, Y_hat):
        return (-Y / Y_hat + (1 - Y) / (1 - Y_hat)) / Y.size


# %% ce-backward-binary-sign: has the term of the other classes with the opposite sign
# target: losses.CrossEntropy
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient subtracts the term (1 - Y) / (1 - Y_hat) of the binary cross-entropy; the multiclass gradient has none.
class CrossEntropy:
    def backward(self, Y, Y_hat):
        return -(Y / Y_hat + (1 - Y) / (1 - Y_hat)) / len(Y)


# %% ce-backward-binary-no-mean: differentiates the sum of the binary cross-entropy
# target: losses.CrossEntropy
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient is that of the binary cross-entropy, summed over the examples: it has the term (1 - Y) / (1 - Y_hat), and 1/m is missing.
# also: ce-backward-binary
class CrossEntropy:
    def backward(self, Y, Y_hat):
        return -Y / Y_hat + (1 - Y) / (1 - Y_hat)
