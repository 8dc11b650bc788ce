"""Other ways to write what trainings need."""

# %% iris-velocity: the optimizer keeps velocities and counts its steps
# target: train.iris
# module: optimizers
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        velocity = self.cache.setdefault(param_name, np.zeros_like(param))
        velocity *= self.momentum
        velocity += self.lr * param_grad
        return velocity.copy()

# %% digits-recursive: forward calls itself for the layers that are left
# target: train.digits
# module: models
class NeuralNetwork:
    def forward(self, X, done=0):
        if done == len(self.layers):
            return X
        return self.forward(self.layers[done].forward(X), done + 1)
