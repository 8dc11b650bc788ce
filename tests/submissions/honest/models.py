# %% nn-calls-loss-and-layers: calls the objects instead of their forward
# target: models.NeuralNetwork
class NeuralNetwork:
    def forward(self, X):
        out = X
        for layer in self.layers:
            out = layer(out)
        return out

    def backward(self, target, out):
        loss = self.loss(target, out)
        dY = self.loss.backward(target, out)
        for layer in self.layers[::-1]:
            dY = layer.backward(dY)
        return loss

    def predict(self, X, Y):
        Y_hat = self(X) if callable(self) else self.forward(X)
        return Y_hat, self.loss(Y, Y_hat)

# %% nn-predict-calls-backward: predict gets its loss from backward
# target: models.NeuralNetwork
class NeuralNetwork:
    def predict(self, X, Y):
        Y_hat = self.forward(X)
        L = self.backward(Y, Y_hat)
        return Y_hat, L

# %% nn-reduce: functools.reduce over the layers
# target: models.NeuralNetwork
from functools import reduce


class NeuralNetwork:
    def forward(self, X):
        return reduce(lambda out, layer: layer.forward(out), self.layers, X)

    def backward(self, target, out):
        start = self.loss.backward(target, out)
        reduce(lambda grad, layer: layer.backward(grad), reversed(self.layers), start)
        return self.loss.forward(target, out)

# %% nn-recursion: recursion over the layers
# target: models.NeuralNetwork
class NeuralNetwork:
    def forward(self, X, i=0):
        if i == len(self.layers):
            return X
        return self.forward(self.layers[i].forward(X), i + 1)

    def backward(self, target, out):
        def back(grad, layers):
            if not layers:
                return grad
            *rest, last = layers
            return back(last.backward(grad), rest)

        back(self.loss.backward(target, out), self.layers)
        return self.loss.forward(target, out)

# %% nn-keeps-activations: keeps every activation and every gradient in lists
# target: models.NeuralNetwork
class NeuralNetwork:
    def forward(self, X):
        self.activations = [X]
        [self.activations.append(layer.forward(self.activations[-1])) for layer in self.layers]
        return self.activations[-1]

    def backward(self, target, out):
        self.deltas = [self.loss.backward(target, out)]
        for i in range(len(self.layers) - 1, -1, -1):
            self.deltas.append(self.layers[i].backward(self.deltas[-1]))
        self.last_loss = self.loss.forward(target, out)
        return self.last_loss

# %% nn-enumerate-and-print: enumerate, extra prints
# target: models.NeuralNetwork
class NeuralNetwork:
    def forward(self, X):
        for i, layer in enumerate(self.layers):
            X = layer.forward(X)
            print(f"layer {i}: {X.shape}")
        print(X)
        return X

    def backward(self, target, out):
        L = self.loss.forward(target, out)
        dL = self.loss.backward(target, out)
        print("loss", L, "gradient", dL)
        for i, layer in enumerate(reversed(self.layers)):
            dL = layer.backward(dL)
            print(i, dL.shape, dL)
        return L

# %% nn-while-with-pop: a while loop over a copy of the list
# target: models.NeuralNetwork
class NeuralNetwork:
    def backward(self, target, out):
        todo = list(self.layers)
        dLdY = self.loss.backward(target, out)
        while todo:
            dLdY = todo.pop().backward(dLdY)
        return float(self.loss.forward(target, out))

# %% nn-numpy-loss: the loss as a numpy scalar, X turned into an array
# target: models.NeuralNetwork
class NeuralNetwork:
    def forward(self, X):
        X = np.asarray(X, dtype=float)
        for layer in self.layers:
            X = layer.forward(X)
        return X

    def backward(self, target, out):
        grad = self.loss.backward(target, out)
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return np.float64(self.loss.forward(target, out))

    def predict(self, X, Y):
        Y_hat = self.forward(X.copy())
        return Y_hat, np.array(self.loss.forward(Y, Y_hat))

# %% nn-predict-list: predict returns a list
# target: models.NeuralNetwork
class NeuralNetwork:
    def predict(self, X, Y):
        Y_hat = X
        for layer in self.layers:
            Y_hat = layer.forward(Y_hat)
        return [Y_hat, self.loss.forward(Y, Y_hat)]

# %% nn-cleared-gradients-first: clears the gradients before it starts
# target: models.NeuralNetwork
class NeuralNetwork:
    def backward(self, target, out):
        for layer in self.layers:
            layer.clear_gradients()
        grad = self.loss.backward(target, out)
        for layer in sorted(self.layers, key=lambda l: -self.layers.index(l)):
            grad = layer.backward(grad)
        return self.loss.forward(target, out)

# %% nn-homework-style: whole class with its own __init__ and more attributes
# target: models.NeuralNetwork
class NeuralNetwork:
    def __init__(self, loss, layers, optimizer, seed=0):
        seed_weights(seed)
        self.n_layers = len(layers)
        self.layers = []
        for layer_args in layers:
            if isinstance(layer_args, dict):
                self.layers.append(initialize_layer(**layer_args))
            else:
                self.layers.append(layer_args)
        self.loss = initialize_loss(loss) if type(loss) == str else loss
        self.optimizer = optimizer
        self.epoch_losses = []

    def forward(self, X):
        self.input = X
        for k in range(self.n_layers):
            X = self.layers[k].forward(X)
        self.output = X
        return X

    def backward(self, target, out):
        L = self.loss.forward(target, out)
        dLdY = self.loss.backward(target, out)
        for k in range(self.n_layers):
            dLdY = self.layers[-1 - k].backward(dLdY)
        self.epoch_losses.append(L)
        return L

    def predict(self, X, Y):
        Y_hat = self.forward(X)
        L = self.loss.forward(Y, Y_hat)
        return Y_hat, L

# %% nn-accumulate: itertools.accumulate over the layers
# target: models.NeuralNetwork
from itertools import accumulate


class NeuralNetwork:
    def forward(self, X):
        *_, last = accumulate(self.layers, lambda out, layer: layer.forward(out), initial=X)
        return last

# %% nn-dict-of-caches: zip of layers and names, map
# target: models.NeuralNetwork
class NeuralNetwork:
    def forward(self, X):
        self.outputs = {}
        for name, layer in zip(map(str, range(len(self.layers))), self.layers):
            X = self.outputs[name] = layer.forward(X)
        return X

    def backward(self, target, out):
        back = iter(self.layers[::-1])
        grad = self.loss.backward(target, out)
        layer = next(back, None)
        while layer is not None:
            grad = layer.backward(grad)
            layer = next(back, None)
        return self.loss(target, out)

# %% nn-keyword-arguments: passes arguments by keyword
# target: models.NeuralNetwork
class NeuralNetwork:
    def forward(self, X):
        for layer in self.layers:
            X = layer.forward(X=X)
        return X

    def backward(self, target, out):
        grad = self.loss.backward(Y=target, Y_hat=out)
        for layer in reversed(self.layers):
            grad = layer.backward(dLdY=grad)
        return self.loss.forward(Y=target, Y_hat=out)

# %% nn-checks-layer-types: looks for parameters, gradients and activations of its layers
# target: models.NeuralNetwork
class NeuralNetwork:
    def forward(self, X):
        for i, layer in enumerate(self.layers):
            out = layer(X)
            if layer.activation is not None:
                print(i, type(layer.activation).__name__)
            print(i, layer.n_in, layer.n_out, type(layer).__name__, list(layer.parameters))
            layer.cache["out"] = out
            X = out
        print(self.loss.name, type(self.optimizer).__name__)
        return X

# %% nn-forward-in-backward: runs forward of the loss in backward, and a copy of out
# target: models.NeuralNetwork
class NeuralNetwork:
    def backward(self, target, out):
        out = np.copy(out)
        value, dLdY = self.loss.forward(target, out), self.loss.backward(target, out)
        for layer in filter(None, reversed(self.layers)):
            dLdY = layer.backward(dLdY)
            for name in layer.parameters:
                assert layer.gradients[name].shape == layer.parameters[name].shape
        return value


# %% nn-backward-from-the-kept-output: uses the output that forward kept
# target: models.NeuralNetwork
class NeuralNetwork:
    def forward(self, X):
        for layer in self.layers:
            X = layer.forward(X)
        self.out = X
        return X

    def backward(self, target, out):
        gradient = self.loss.backward(target, self.out)
        for layer in reversed(self.layers):
            gradient = layer.backward(gradient)
        return self.loss.forward(target, self.out)
