# %% sgd-sign: returns a step to be added instead of subtracted
# target: optimizers.SGD
# values: failed
# behaviour: blocked
# says: The step has the opposite sign: what update returns is subtracted from the parameter.
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        v = self.momentum * self.cache.get(param_name, 0) - self.lr * param_grad
        self.cache[param_name] = v
        return v


# %% sgd-returns-parameter: returns the new parameter instead of the step
# target: optimizers.SGD
# values: failed
# behaviour: blocked
# says: update returns the new parameter instead of the step, which the caller subtracts.
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        delta = self.momentum * self.cache.get(param_name, 0) + self.lr * param_grad
        self.cache[param_name] = delta
        return param - delta


# %% sgd-returns-nothing: changes the parameter and returns None
# target: optimizers.SGD
# values: failed
# behaviour: blocked
# message: Is there a return?
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        delta = self.momentum * self.cache.get(param_name, 0) + self.lr * param_grad
        self.cache[param_name] = delta
        param -= delta


# %% sgd-in-place-too: changes the parameter, and so does the caller
# target: optimizers.SGD
# behaviour: partly
# says: update changes the parameter itself, and then the caller changes it again.
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        delta = self.momentum * self.cache.get(param_name, 0) + self.lr * param_grad
        self.cache[param_name] = delta
        param -= delta
        return delta


# %% sgd-one-velocity: keeps one velocity for all parameters
# target: optimizers.SGD
# behaviour: partly
# says: One velocity is shared by all parameters; each needs its own, under its name.
class SGD:
    velocity = 0

    def update(self, param_name, param, param_grad, epoch):
        self.velocity = self.momentum * self.velocity + self.lr * param_grad
        return self.velocity


# %% sgd-velocity-reset: starts a new velocity whenever the shape changes
# target: optimizers.SGD
# behaviour: partly
# says: The previous step is lost when another parameter is updated in between.
class SGD:
    velocity = None

    def update(self, param_name, param, param_grad, epoch):
        if self.velocity is None or self.velocity.shape != param.shape:
            self.velocity = np.zeros(param.shape)
        self.velocity = self.momentum * self.velocity + self.lr * param_grad
        return self.velocity


# %% sgd-velocity-not-stored: never writes the velocity back
# target: optimizers.SGD
# behaviour: partly
# says: Momentum has no effect: the previous step is not stored under the parameter's name, or momentum times that step is not added.
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        previous = self.cache.get(param_name, np.zeros(param.shape))
        return self.momentum * previous + self.lr * param_grad


# %% sgd-previous-gradient: keeps the gradient instead of the step
# target: optimizers.SGD
# behaviour: partly
# says: The previous gradient is kept instead of the previous step.
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        previous = self.cache.get(param_name, np.zeros(param.shape))
        self.cache[param_name] = param_grad
        return self.momentum * previous + self.lr * param_grad


# %% sgd-learning-rate-twice: multiplies the previous step by the learning rate again
# target: optimizers.SGD
# behaviour: partly
# says: The previous step is multiplied by the learning rate again; it already contains it.
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        previous = self.cache.get(param_name, np.zeros(param.shape))
        delta = self.lr * (self.momentum * previous + param_grad)
        self.cache[param_name] = delta
        return delta


# %% sgd-epoch-decay: lowers the learning rate from epoch to epoch
# target: optimizers.SGD
# values: partly
# behaviour: partly
# says: The learning rate changes with the epoch; it should be constant.
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        previous = self.cache.get(param_name, np.zeros(param.shape))
        delta = self.momentum * previous + self.lr / (1 + epoch) * param_grad
        self.cache[param_name] = delta
        return delta


# %% sgd-momentum-always: hard-codes a momentum of 0.9
# target: optimizers.SGD
# values: partly
# behaviour: partly
# says: The momentum is 0.9, whatever the constructor was given.
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        previous = self.cache.get(param_name, np.zeros(param.shape))
        delta = 0.9 * previous + self.lr * param_grad
        self.cache[param_name] = delta
        return delta


# %% sgd-key-error: reads the velocity before there is one
# target: optimizers.SGD
# values: raised
# behaviour: raised
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        delta = self.momentum * self.cache[param_name] + self.lr * param_grad
        self.cache[param_name] = delta
        return delta


# %% sgd-memory-by-shape: keeps one velocity for all parameters of the same shape
# target: optimizers.SGD
# behaviour: partly
# says: Different parameters share their previous step; each name needs its own.
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        delta = self.momentum * self.cache.get(param.shape, 0) + self.lr * param_grad
        self.cache[param.shape] = delta
        return delta


# %% sgd-memory-by-first-letter: keeps one velocity for all weights and one for all biases
# target: optimizers.SGD
# behaviour: partly
# says: Different parameters share their previous step; each name needs its own.
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        key = param_name[0]
        previous = self.cache.get(key)
        if previous is None or previous.shape != param.shape:
            previous = np.zeros_like(param)
        self.cache[key] = self.momentum * previous + self.lr * param_grad
        return self.cache[key].copy()


# %% sgd-moving-average: averages the gradients instead of adding them up
# target: optimizers.SGD
# values: partly
# behaviour: blocked
# says: The gradient is weighted by 1 - momentum, as in a moving average; it should count in full.
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        previous = self.cache.get(param_name, np.zeros(param.shape))
        delta = self.momentum * previous + (1 - self.momentum) * self.lr * param_grad
        self.cache[param_name] = delta
        return delta

# %% sgd-learning-rate-forgotten: forgets the learning rate
# target: optimizers.SGD
# values: failed
# behaviour: blocked
# says: The gradient is not multiplied by the learning rate.
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        previous = self.cache.get(param_name, np.zeros_like(param_grad))
        delta = self.momentum * previous + param_grad
        self.cache[param_name] = delta
        return np.array(delta)

# %% sgd-momentum-sign: subtracts the previous step
# target: optimizers.SGD
# behaviour: partly
# says: The previous step is subtracted; momentum keeps its direction.
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        previous = self.cache.get(param_name, np.zeros_like(param_grad))
        delta = self.lr * param_grad - self.momentum * previous
        self.cache[param_name] = delta
        return np.array(delta)

# %% sgd-nesterov: looks ahead
# target: optimizers.SGD
# values: partly
# behaviour: blocked
# says: The step looks ahead (Nesterov momentum) instead of using plain momentum.
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        previous = self.cache.get(param_name, np.zeros_like(param_grad))
        delta = self.momentum * previous + self.lr * param_grad
        self.cache[param_name] = delta
        return np.array(self.momentum * delta + self.lr * param_grad)

# %% sgd-momentum-forgotten: adds the whole previous step
# target: optimizers.SGD
# values: partly
# behaviour: partly
# says: The whole previous step is added: it is not multiplied by momentum.
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        previous = self.cache.get(param_name, np.zeros_like(param_grad))
        delta = previous + self.lr * param_grad
        self.cache[param_name] = delta
        return np.array(delta)

# %% sgd-gradient-of-sign: takes the sign of the gradient
# target: optimizers.SGD
# values: failed
# behaviour: blocked
# says: Only the sign of the gradient is used.
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        previous = self.cache.get(param_name, np.zeros_like(param_grad))
        delta = self.momentum * previous + self.lr * np.sign(param_grad)
        self.cache[param_name] = delta
        return np.array(delta)

# %% sgd-normalized: divides by the norm of the gradient
# target: optimizers.SGD
# values: failed
# behaviour: blocked
# says: The gradient is divided by its norm.
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        previous = self.cache.get(param_name, np.zeros_like(param_grad))
        delta = self.momentum * previous + self.lr * param_grad / np.linalg.norm(param_grad)
        self.cache[param_name] = delta
        return np.array(delta)


# %% sgd-keeps-the-step-of-the-gradient: keeps lr times the gradient, not the whole step
# target: optimizers.SGD
# behaviour: partly
# says: What is kept for the next update is lr times the gradient; it should be the whole delta, including the momentum term.
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        previous = self.cache.get(param_name, np.zeros_like(param_grad))
        self.cache[param_name] = self.lr * param_grad
        return self.momentum * previous + self.lr * param_grad
