# %% sgd-first-step: a separate branch for the first step
# target: optimizers.SGD
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        if param_name in self.cache:
            delta = self.momentum * self.cache[param_name] + self.lr * param_grad
        else:
            delta = self.lr * param_grad
        self.cache[param_name] = delta
        return delta.copy()


# %% sgd-velocity: the velocity of a new parameter starts at zero
# target: optimizers.SGD
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        if param_name not in self.cache:
            self.cache[param_name] = np.zeros(param.shape)
        velocity = self.cache[param_name]
        velocity = self.momentum * velocity + self.lr * param_grad
        self.cache[param_name] = velocity
        return velocity.copy()


# %% sgd-rate-last: accumulates gradients, and multiplies by the learning rate at the end
# target: optimizers.SGD
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        velocity = self.cache.get(param_name, np.zeros(param.shape))
        velocity = self.momentum * velocity + param_grad
        self.cache[param_name] = velocity
        return self.lr * velocity
