# %% gd-uphill: adds the step
# target: optimizers.GradientDescent
# values: failed
# behaviour: blocked
# says: The step goes uphill: it makes the loss larger.
class GradientDescent:
    def step(self, model):
        for name, gradient in model.gradients.items():
            model.parameters[name] = model.parameters[name] + self.lr * gradient


# %% gd-no-rate: forgets the learning rate
# target: optimizers.GradientDescent
# values: failed
# behaviour: blocked
# says: The step is the whole gradient: the learning rate has no effect.
class GradientDescent:
    def step(self, model):
        for name, gradient in model.gradients.items():
            model.parameters[name] = model.parameters[name] - gradient


# %% gd-only-gradient: replaces the parameter by its step
# target: optimizers.GradientDescent
# values: failed
# behaviour: blocked
# says: The new parameter is the step alone: its old value is lost.
class GradientDescent:
    def step(self, model):
        for name, gradient in model.gradients.items():
            model.parameters[name] = -self.lr * gradient


# %% gd-returns: returns the new parameters, and leaves the model as it was
# target: optimizers.GradientDescent
# values: failed
# behaviour: blocked
# says: The model still has its parameters from before the step.
class GradientDescent:
    def step(self, model):
        return {k: p - self.lr * model.gradients[k] for k, p in model.parameters.items()}


# %% gd-only-w-and-b: knows only two names
# target: optimizers.GradientDescent
# values: partly
# message: step raised KeyError: 'w'
class GradientDescent:
    def step(self, model):
        model.parameters["w"] = model.parameters["w"] - self.lr * model.gradients["w"]
        model.parameters["b"] = model.parameters["b"] - self.lr * model.gradients["b"]


# %% gd-rate-decays: halves the learning rate in every step
# target: optimizers.GradientDescent
# behaviour: partly
# says: The second step is smaller than the first, with the same gradients: the learning rate is fixed.
class GradientDescent:
    def step(self, model):
        for name, gradient in model.gradients.items():
            model.parameters[name] = model.parameters[name] - self.lr * gradient
        self.lr = self.lr / 2


# %% gd-scales-gradients: multiplies the gradients themselves by the learning rate
# target: optimizers.GradientDescent
# behaviour: failed
# says: The step also changes the model's gradients; they should stay as they are.
class GradientDescent:
    def step(self, model):
        for name in model.parameters:
            model.gradients[name] *= self.lr
            model.parameters[name] = model.parameters[name] - model.gradients[name]
