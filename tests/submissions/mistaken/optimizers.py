# %% m-sgd-shared-buffer: velocity shared, one buffer per shape reset when names differ
# target: optimizers.SGD
# behaviour: partly
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        if getattr(self, "name", None) != param_name:
            self.v = np.zeros_like(param)
            self.name = param_name
        self.v = self.momentum * self.v + self.lr * param_grad
        return self.v


# %% m-sgd-cache-in-class: cache is a class attribute shared between optimizers
# target: optimizers.SGD
# values: partly
# behaviour: partly
class SGD:
    shared = {}
    def __init__(self, lr, momentum=0.0):
        self.lr, self.momentum = lr, momentum
    def update(self, param_name, param, param_grad, epoch):
        prev = SGD.shared.get(param_name, np.zeros_like(param))
        SGD.shared[param_name] = self.momentum * prev + self.lr * param_grad
        return SGD.shared[param_name].copy()


# %% m-sgd-two: sign and no lr on momentum
# target: optimizers.SGD
# values: failed
# behaviour: blocked
# also: sgd-returns-parameter
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        v = self.momentum * self.cache.get(param_name, np.zeros_like(param)) - self.lr * param_grad
        self.cache[param_name] = v
        return param + v


# %% m-sgd-weight-decay: adds weight decay
# target: optimizers.SGD
# values: failed
# behaviour: blocked
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        g = param_grad + 1e-2 * param
        delta = self.momentum * self.cache.get(param_name, 0) + self.lr * g
        self.cache[param_name] = delta
        return delta.copy()


# %% m-sgd-clip: clips gradient norm to 1
# target: optimizers.SGD
# values: failed
# behaviour: blocked
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        g = np.clip(param_grad, -1, 1)
        delta = self.momentum * self.cache.get(param_name, 0) + self.lr * g
        self.cache[param_name] = delta
        return delta.copy()


# %% m-sgd-mean-over-epoch: divides by epoch + 1
# target: optimizers.SGD
# behaviour: partly
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        delta = self.momentum * self.cache.get(param_name, 0) * epoch + self.lr * param_grad
        self.cache[param_name] = delta
        return delta.copy()


# %% m-sgd-one-minus-both: delta = m*prev + (1-m)*lr*g, and keyed by shape
# target: optimizers.SGD
# values: partly
# behaviour: blocked
# also: sgd-moving-average
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        k = param.shape
        delta = self.momentum * self.cache.get(k, 0) + (1 - self.momentum) * self.lr * param_grad
        self.cache[k] = delta
        return delta.copy()


# %% m-sgd-second-step-only: uses "previous" of two steps ago
# target: optimizers.SGD
# behaviour: partly
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        prev = self.cache.get(param_name, (0, 0))
        delta = self.momentum * prev[0] + self.lr * param_grad
        self.cache[param_name] = (prev[1], delta)
        return delta


# %% m-sgd-list: returns a Python list
# target: optimizers.SGD
# behaviour: partly
# also: sgd-velocity-not-stored
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        return (self.lr * param_grad).tolist()


# %% m-sgd-no-init: __init__ forgets the cache
# target: optimizers.SGD
# values: raised
# behaviour: raised
class SGD:
    def __init__(self, lr, momentum=0.0):
        self.lr = lr
        self.momentum = momentum


# %% m-sgd-positional: signature without epoch
# target: optimizers.SGD
# values: raised
# behaviour: raised
class SGD:
    def update(self, param_name, param, param_grad):
        return self.lr * param_grad


# %% m-sgd-key-by-param-id: keyed by id(param), which update replaces every step
# target: optimizers.SGD
# behaviour: partly
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        delta = self.momentum * self.cache.get(id(param), np.zeros_like(param)) + self.lr * param_grad
        self.cache[id(param)] = delta
        return delta.copy()


# %% m-sgd-velocity-lost-copy: copies the dict, so nothing is kept
# target: optimizers.SGD
# behaviour: partly
# also: sgd-velocity-not-stored
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        cache = dict(self.cache)
        delta = self.momentum * cache.get(param_name, 0) + self.lr * param_grad
        cache[param_name] = delta
        return delta


# %% m-sgd-momentum-int: momentum cast to int
# target: optimizers.SGD
# behaviour: partly
# also: sgd-velocity-not-stored
class SGD:
    def __init__(self, lr, momentum=0.0):
        self.lr, self.momentum, self.cache = lr, int(momentum), {}


# %% m-sgd-previous-undefined-branch: `if epoch > 0` uses momentum only from second epoch
# target: optimizers.SGD
# behaviour: partly
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        if epoch == 0:
            self.cache[param_name] = self.lr * param_grad
        else:
            self.cache[param_name] = self.momentum * self.cache.get(param_name, 0) + self.lr * param_grad
        return self.cache[param_name].copy()


# %% m-sgd-stored-not-used: stores the step and never adds it
# target: optimizers.SGD
# behaviour: partly
# also: sgd-velocity-not-stored
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        delta = self.lr * param_grad
        self.cache[param_name] = delta
        return delta


# %% m-sgd-momentum-not-kept: constructor drops momentum
# target: optimizers.SGD
# behaviour: partly
# also: sgd-velocity-not-stored
class SGD:
    def __init__(self, lr, momentum=0.0):
        self.lr = lr
        self.momentum = 0.0
        self.cache = {}


# %% m-sgd-cleared-each-epoch: forgets when the epoch changes
# target: optimizers.SGD
# behaviour: partly
class SGD:
    last = 0
    def update(self, param_name, param, param_grad, epoch):
        if epoch != self.last:
            self.cache = {}
            self.last = epoch
        delta = self.momentum * self.cache.get(param_name, 0) + self.lr * param_grad
        self.cache[param_name] = delta
        return delta.copy()


# %% m-sgd-init-at-epoch-0: starts the velocity while epoch == 0
# target: optimizers.SGD
# behaviour: partly
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        if epoch == 0:
            self.cache[param_name] = np.zeros_like(param)
        delta = self.momentum * self.cache.get(param_name, 0) + self.lr * param_grad
        self.cache[param_name] = delta
        return delta.copy()


# %% m-sgd-key-with-epoch: keyed by name and epoch
# target: optimizers.SGD
# behaviour: partly
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        key = f"{param_name}_{epoch}"
        delta = self.momentum * self.cache.get(key, np.zeros_like(param)) + self.lr * param_grad
        self.cache[key] = delta
        return delta.copy()


# %% m-sgd-setdefault-zeros: setdefault keeps zeros forever
# target: optimizers.SGD
# behaviour: partly
# also: sgd-velocity-not-stored
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        prev = self.cache.setdefault(param_name, np.zeros_like(param))
        return self.momentum * prev + self.lr * param_grad
