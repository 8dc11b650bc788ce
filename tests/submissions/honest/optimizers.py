# %% sgd-setdefault: dict.setdefault
# target: optimizers.SGD
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        self.cache.setdefault(param_name, np.zeros_like(param))
        self.cache[param_name] = self.momentum * self.cache[param_name] + self.lr * param_grad
        return self.cache[param_name]

# %% sgd-defaultdict: a defaultdict of zeros
# target: optimizers.SGD
from collections import defaultdict


class SGD:
    def __init__(self, lr, momentum=0.0):
        self.lr = lr
        self.momentum = momentum
        self.cache = defaultdict(float)

    def update(self, param_name, param, param_grad, epoch):
        delta = self.momentum * self.cache[param_name] + self.lr * param_grad
        self.cache[param_name] = delta
        return delta

# %% sgd-in-place-velocity: moves the velocity in place, returns a copy
# target: optimizers.SGD
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        if param_name not in self.cache:
            self.cache[param_name] = np.zeros(param.shape)
        v = self.cache[param_name]
        v *= self.momentum
        v += self.lr * param_grad
        return v.copy()

# %% sgd-in-place-velocity-itself: returns the velocity that it moves in place
# target: optimizers.SGD
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        v = self.cache.setdefault(param_name, np.zeros_like(param_grad))
        np.multiply(v, self.momentum, out=v)
        np.add(v, self.lr * param_grad, out=v)
        return v

# %% sgd-velocity-form: velocity = momentum * velocity + gradient, delta = lr * velocity
# target: optimizers.SGD
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        v = self.momentum * self.cache.get(param_name, 0) + param_grad
        self.cache[param_name] = v
        return self.lr * v

# %% sgd-negative-velocity: keeps a velocity with the opposite sign
# target: optimizers.SGD
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        v = self.cache.get(param_name, 0.0) * self.momentum - self.lr * param_grad
        self.cache[param_name] = v
        return -v

# %% sgd-try-except: a KeyError at the first update
# target: optimizers.SGD
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        try:
            previous = self.cache[param_name]
        except KeyError:
            previous = 0
        self.cache[param_name] = previous * self.momentum + param_grad * self.lr
        return self.cache[param_name]

# %% sgd-branch-on-momentum: without momentum it keeps nothing
# target: optimizers.SGD
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        if not self.momentum:
            return self.lr * param_grad
        delta = self.lr * param_grad
        if param_name in self.cache:
            delta += self.momentum * self.cache[param_name]
        self.cache[param_name] = delta.copy()
        return delta

# %% sgd-whole-history: a weighted sum of all gradients so far, for each parameter
# target: optimizers.SGD
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        history = self.cache.setdefault(param_name, [])
        history.append(np.array(param_grad))
        terms = (self.momentum**age * g for age, g in enumerate(reversed(history)))
        return self.lr * sum(terms)

# %% sgd-own-attributes: its own attributes, no cache, printing
# target: optimizers.SGD
class SGD:
    def __init__(self, lr, momentum=0.0):
        self.learning_rate = lr
        self.beta = momentum
        self.previous = {}
        self.steps = 0

    def update(self, param_name, param, param_grad, epoch):
        self.steps += 1
        old = self.previous[param_name] if param_name in self.previous else np.zeros_like(param)
        new = self.beta * old + self.learning_rate * param_grad
        print(f"epoch {epoch}, step {self.steps}: {param_name} moves by {np.abs(new).max():.2e}")
        self.previous[param_name] = new
        return new

# %% sgd-float32-steps: float32 steps
# target: optimizers.SGD
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        previous = self.cache.get(param_name, np.zeros(param.shape, dtype=np.float32))
        delta = np.float32(self.momentum) * previous
        delta = delta + np.float32(self.lr) * param_grad.astype(np.float32)
        self.cache[param_name] = delta
        return delta

# %% sgd-dataclass-state: a small dataclass for the state of each parameter
# target: optimizers.SGD
from dataclasses import dataclass, field


@dataclass
class Velocity:
    value: np.ndarray
    updates: int = 0
    norms: list = field(default_factory=list)

    def step(self, gradient, lr, momentum):
        self.value = momentum * self.value + lr * gradient
        self.updates += 1
        self.norms.append(float(np.linalg.norm(self.value)))
        return self.value


class SGD:
    def update(self, param_name, param, param_grad, epoch):
        if param_name not in self.cache:
            self.cache[param_name] = Velocity(np.zeros_like(param_grad))
        return self.cache[param_name].step(param_grad, self.lr, self.momentum)

# %% sgd-difference-of-parameters: the delta as the difference of the old and the new parameter
# target: optimizers.SGD
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        new = param.copy()
        new -= self.lr * param_grad
        if param_name in self.cache:
            new -= self.momentum * self.cache[param_name]
        self.cache[param_name] = param - new
        return param - new

# %% sgd-keyed-by-shape-too: keys of name and shape
# target: optimizers.SGD
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        key = (param_name, param.shape)
        before = self.cache.get(key)
        if before is None:
            before = np.zeros_like(param)
        after = np.sum([self.momentum * before, self.lr * param_grad], axis=0)
        self.cache[key] = after
        return after

# %% sgd-attributes-by-name: setattr and getattr
# target: optimizers.SGD
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        name = "delta_" + param_name
        delta = self.momentum * getattr(self, name, 0) + self.lr * param_grad
        setattr(self, name, delta)
        return delta

# %% sgd-closures: a generator for each parameter
# target: optimizers.SGD
class SGD:
    def deltas(self):
        delta, gradient = 0, (yield)
        while True:
            delta = self.momentum * delta + self.lr * gradient
            gradient = yield delta

    def update(self, param_name, param, param_grad, epoch):
        if param_name not in self.cache:
            self.cache[param_name] = self.deltas()
            next(self.cache[param_name])
        return self.cache[param_name].send(param_grad)
