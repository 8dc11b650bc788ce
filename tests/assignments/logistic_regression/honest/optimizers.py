# %% gd-in-place: changes the arrays of the parameters
# target: optimizers.GradientDescent
class GradientDescent:
    def step(self, model):
        for key in model.parameters:
            model.parameters[key] -= self.lr * model.gradients[key]


# %% gd-new-dict: gives the model a new dict, and returns the model
# target: optimizers.GradientDescent
class GradientDescent:
    def step(self, model):
        model.parameters = {k: p - self.lr * model.gradients[k] for k, p in model.parameters.items()}
        return model
