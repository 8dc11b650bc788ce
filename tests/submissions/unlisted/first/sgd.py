# %% sgd-nesterov: Nesterov's look-ahead instead of plain momentum
# target: optimizers.SGD
# truth: the returned step is Nesterov's, momentum * (new delta) + lr * gradient, instead of the new delta itself; update; every step is wrong when momentum > 0 (the first one too), right for momentum = 0
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        v = self.cache.get(param_name)
        if v is None:
            v = np.zeros(param.shape)
        v = self.momentum * v + self.lr * param_grad
        self.cache[param_name] = v
        return self.momentum * v + self.lr * param_grad


# %% sgd-moving-average: momentum as an exponential moving average of the gradients
# target: optimizers.SGD
# truth: the velocity is an exponential moving average, momentum * v + (1 - momentum) * gradient, so the gradient has an extra factor (1 - momentum); update; every step is too small when momentum > 0, right for momentum = 0
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        beta = self.momentum
        if param_name not in self.cache:
            self.cache[param_name] = np.zeros_like(param)
        v_old = self.cache[param_name]
        self.cache[param_name] = beta * v_old + (1 - beta) * param_grad
        return self.lr * self.cache[param_name]


# %% sgd-one-velocity: one velocity for all the parameters
# target: optimizers.SGD
# truth: one velocity is kept for all parameters instead of one for each param_name, so a parameter's step has the previous step of another one in it; update; wrong from the second parameter on when momentum > 0; when the shapes differ even for momentum = 0 (a ValueError, or a step of the broadcast shape); right for a single parameter
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        prev = getattr(self, "velocity", 0.0)
        self.velocity = self.momentum * prev + self.lr * param_grad
        return self.velocity.copy()


# %% sgd-moves-param-itself: subtracts delta from the parameter in place and returns delta
# target: optimizers.SGD
# truth: update subtracts delta from param in place although the caller decreases the parameter by the returned delta, so the parameter moves twice; update; the returned delta is right, the parameter handed in is changed
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        step = self.lr * param_grad
        if param_name in self.cache:
            step = step + self.momentum * self.cache[param_name]
        self.cache[param_name] = step
        param -= step
        return step.copy()


# %% sgd-decay-and-previous-gradient: learning rate decays with the epoch, and momentum looks at the last gradient only
# target: optimizers.SGD
# truth: the learning rate is divided by (1 + epoch), though epoch is not to be used; update; the step is too small for epoch > 0, right at epoch 0
# truth2: the cache keeps the previous gradient and momentum is applied to lr * previous gradient instead of to the previous delta; update; steps are wrong from the third update of a parameter on, when momentum > 0
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        lr_t = self.lr / (1 + epoch)
        old_grad = self.cache.get(param_name, 0)
        self.cache[param_name] = param_grad.copy()
        return lr_t * param_grad + self.momentum * self.lr * old_grad
