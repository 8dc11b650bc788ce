"""Mistakes that show in a training run: the network learns too little or nothing, or cannot run."""

# %% iris-never-moves: update returns zeros, so that no parameter changes
# target: train.iris
# module: optimizers
# training: failed
# message: expected at least 0.93. Fix the earlier questions first.
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        return np.zeros_like(param_grad)

# %% iris-uphill: the step goes up the gradient
# target: train.iris
# module: optimizers
# training: failed
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        previous = self.cache.get(param_name, np.zeros_like(param_grad))
        self.cache[param_name] = self.momentum * previous - self.lr * param_grad
        return self.cache[param_name]

# %% iris-classes: forward returns the class of every example instead of its probabilities
# target: train.iris
# module: models
# training: raised
class NeuralNetwork:
    def forward(self, X):
        for layer in self.layers:
            X = layer.forward(X)
        return X.argmax(axis=1)

# %% iris-no-layer: the gradient of the loss is sent through no layer
# target: train.iris
# module: models
# training: failed
# message: expected at least 0.93. Fix the earlier questions first.
class NeuralNetwork:
    def backward(self, target, out):
        self.loss.backward(target, out)
        return self.loss.forward(target, out)

# %% iris-hole: one of the parts is not written yet
# target: train.iris
# module: activations
# training: not_implemented
class ReLU:
    def backward(self, Z, dY):
        raise NotImplementedError

# %% digits-step-too-large: the learning rate is forgotten
# target: train.digits
# module: optimizers
# training: failed
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        previous = self.cache.get(param_name, np.zeros_like(param_grad))
        self.cache[param_name] = self.momentum * previous + 20 * param_grad
        return self.cache[param_name]

# %% digits-uphill: the gradient of the loss has the wrong sign
# target: train.digits
# module: losses
# training: failed
class CrossEntropy:
    def backward(self, Y, Y_hat):
        return Y / np.maximum(Y_hat, 1e-300) / len(Y)

# %% digits-first-example: every answer is that for the first example
# target: train.digits
# module: models
# training: failed
# message: expected at least 0.93. Fix the earlier questions first.
class NeuralNetwork:
    def forward(self, X):
        X = np.broadcast_to(X[:1], X.shape)
        for layer in self.layers:
            X = layer.forward(X)
        return X

# %% digits-hole: one of the layers is not written yet
# target: train.digits
# module: layers
# training: not_implemented
class Flatten:
    def forward(self, X):
        raise NotImplementedError
