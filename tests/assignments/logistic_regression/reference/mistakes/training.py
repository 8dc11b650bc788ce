"""Mistakes that the training run shows."""

# %% training-never-moves: step changes nothing
# target: train.iris
# module: optimizers
# training: failed
class GradientDescent:
    def step(self, model):
        pass

# %% training-uphill: the step goes up the gradient
# target: train.iris
# module: optimizers
# training: failed
class GradientDescent:
    def step(self, model):
        for name, gradient in model.gradients.items():
            model.parameters[name] = model.parameters[name] + self.lr * gradient
