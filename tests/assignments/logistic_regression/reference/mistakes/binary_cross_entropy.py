# %% bce-sign: forgets the minus in front
# target: losses.BinaryCrossEntropy
# shape: partly
# values: failed
# batching: partly
# says: The sign of the loss is flipped: a logarithm of a probability is never positive, a loss never negative.
class BinaryCrossEntropy:
    def forward(self, Y, Y_hat):
        return np.mean(Y * np.log(Y_hat) + (1 - Y) * np.log(1 - Y_hat))


# %% bce-sum: adds up over the examples, in the loss and in its gradient
# target: losses.BinaryCrossEntropy
# shape: partly
# values: partly
# gradient: partly
# batching: blocked
# says: You sum over the examples; the loss is their average.
# also: bce-backward-no-mean
class BinaryCrossEntropy:
    def forward(self, Y, Y_hat):
        return -np.sum(Y * np.log(Y_hat) + (1 - Y) * np.log(1 - Y_hat))

    def backward(self, Y, Y_hat):
        return (Y_hat - Y) / (Y_hat * (1 - Y_hat))


# %% bce-only-ones: leaves out the examples of class 0
# target: losses.BinaryCrossEntropy
# shape: partly
# values: partly
# batching: partly
# says: Only examples with the label 1 count here; those with the label 0 have a term of their own.
class BinaryCrossEntropy:
    def forward(self, Y, Y_hat):
        return -np.mean(Y * np.log(Y_hat))


# %% bce-labels-swapped: gives each label the other one's probability
# target: losses.BinaryCrossEntropy
# shape: partly
# values: failed
# batching: partly
# says: Each label gets the probability of the other one: check what Y_hat is the probability of.
class BinaryCrossEntropy:
    def forward(self, Y, Y_hat):
        return -np.mean(Y * np.log(1 - Y_hat) + (1 - Y) * np.log(Y_hat))


# %% bce-backward-sign: subtracts the wrong way round
# target: losses.BinaryCrossEntropy
# shape: partly
# gradient: failed
# batching: partly
# says: The gradient has the opposite sign: check what is subtracted from what.
class BinaryCrossEntropy:
    def backward(self, Y, Y_hat):
        return (Y - Y_hat) / (Y_hat * (1 - Y_hat)) / len(Y)


# %% bce-backward-no-mean: forgets 1/m in the gradient
# target: losses.BinaryCrossEntropy
# shape: partly
# gradient: partly
# batching: partly
# says: The gradient is m times too large: the loss is an average, and its gradient shows that.
class BinaryCrossEntropy:
    def backward(self, Y, Y_hat):
        return (Y_hat - Y) / (Y_hat * (1 - Y_hat))


# %% bce-backward-fused: returns the gradient behind the sigmoid
# target: losses.BinaryCrossEntropy
# shape: partly
# gradient: failed
# batching: partly
# says: This is the gradient with respect to Z, the sigmoid's input; the question asks for the one with respect to Y_hat.
class BinaryCrossEntropy:
    def backward(self, Y, Y_hat):
        return (Y_hat - Y) / len(Y)


# %% bce-backward-same-sign: adds the two terms where one is negative
# target: losses.BinaryCrossEntropy
# shape: partly
# gradient: partly
# batching: partly
# says: For the label 0 the gradient has the wrong sign: ln(1 - y_hat) also has an inner derivative.
class BinaryCrossEntropy:
    def backward(self, Y, Y_hat):
        return -(Y / Y_hat + (1 - Y) / (1 - Y_hat)) / len(Y)
