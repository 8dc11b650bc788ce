# %% sgd-caches-gradient-step: remembers lr * grad, not the delta
# target: optimizers.SGD
# truth: update stores lr * param_grad as the "previous delta" instead of the whole delta, so the momentum reaches back one step only; delta is wrong from the third update of a parameter on (momentum > 0), the first two and momentum 0 are right
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        step = self.lr * param_grad
        if param_name in self.cache:
            delta = step + self.momentum * self.cache[param_name]
        else:
            delta = step
        self.cache[param_name] = step
        return delta


# %% sgd-decay-and-minus: learning rate decays with the epoch; momentum term has a minus
# target: optimizers.SGD
# truth: update divides the learning rate by (1 + epoch), a decay that is not part of this optimizer; delta is wrong in every epoch after epoch 0
# truth2: update subtracts momentum * previous delta where it must add it (sign mixed up with v = mu v - lr g); delta is wrong from the second update of a parameter on if momentum > 0
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        rate = self.lr / (1.0 + epoch)
        v = self.cache.setdefault(param_name, np.zeros(param.shape))
        v = rate * param_grad - self.momentum * v
        self.cache[param_name] = v
        return v.copy()
