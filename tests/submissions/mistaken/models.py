# %% m-nn-forward-before-loss: predict uses error as loss of transposed etc: loss of argmax one-hot
# target: models.NeuralNetwork
# values: partly
# batching: partly
# behaviour: partly
# also: nn-predict-error
class NeuralNetwork:
    def predict(self, X, Y):
        out = self.forward(X)
        return out, float(np.mean(out.argmax(1) != Y.argmax(1)))


# %% m-nn-loss-twice: loss.backward called with loss value as out
# target: models.NeuralNetwork
# gradient: partly
# batching: partly
# behaviour: partly
class NeuralNetwork:
    def backward(self, target, out):
        L = self.loss.forward(target, out)
        d = self.loss.backward(target, L)
        for layer in reversed(self.layers):
            d = layer.backward(d)
        return L


# %% m-nn-reversed-list: self.layers.reverse() in place
# target: models.NeuralNetwork
# gradient: raised
# batching: partly
# behaviour: partly
class NeuralNetwork:
    def backward(self, target, out):
        g = self.loss.backward(target, out)
        for layer in self.layers[::-1]:
            layer.backward(g)
        return self.loss.forward(target, out)


# %% m-nn-args-swapped-everywhere: loss(out, target)
# target: models.NeuralNetwork
# values: partly
# gradient: failed
# batching: partly
# behaviour: partly
# also: nn-backward-loss-swapped
class NeuralNetwork:
    def backward(self, target, out):
        L = self.loss(out, target)
        d = self.loss.backward(out, target)
        for layer in reversed(self.layers):
            d = layer.backward(d)
        return L
    def predict(self, X, Y):
        out = self.forward(X)
        return out, self.loss(out, Y)


# %% m-nn-range-off: range(len-1, 0, -1)
# target: models.NeuralNetwork
# gradient: partly
# batching: partly
# behaviour: partly
# also: nn-backward-first-layer-skipped
class NeuralNetwork:
    def backward(self, target, out):
        L = self.loss.forward(target, out)
        d = self.loss.backward(target, out)
        for i in range(len(self.layers) - 1, 0, -1):
            d = self.layers[i].backward(d)
        return L


# %% m-nn-return-inside: returns inside the loop
# target: models.NeuralNetwork
# gradient: partly
# batching: partly
# behaviour: partly
# also: nn-backward-first-layer-skipped
class NeuralNetwork:
    def backward(self, target, out):
        L = self.loss.forward(target, out)
        d = self.loss.backward(target, out)
        for layer in reversed(self.layers):
            d = layer.backward(d)
            return L


# %% m-nn-predict-argmax-loss-mean: predict returns out and loss divided by m
# target: models.NeuralNetwork
# values: partly
# batching: partly
# behaviour: partly
class NeuralNetwork:
    def predict(self, X, Y):
        out = self.forward(X)
        return out, self.loss.forward(Y, out) / len(X)


# %% m-nn-predict-softmax: predict applies softmax to outputs
# target: models.NeuralNetwork
# values: partly
# batching: partly
# behaviour: partly
class NeuralNetwork:
    def predict(self, X, Y):
        out = self.forward(X)
        e = np.exp(out); P = e / e.sum(1, keepdims=True)
        return P, self.loss.forward(Y, P)


# %% m-nn-cached-out: forward caches output; backward ignores "out" and uses forward(X0) of first batch
# target: models.NeuralNetwork
# values: partly
# batching: partly
# behaviour: partly
class NeuralNetwork:
    def forward(self, X):
        if not hasattr(self, "X"):
            self.X = X
        for layer in self.layers:
            X = layer.forward(X)
        return X
    def predict(self, X, Y):
        out = self.forward(self.X)
        return out, self.loss.forward(Y, out)


# %% m-nn-clears-layer-gradients: clear_gradients after backward
# target: models.NeuralNetwork
# gradient: partly
# batching: partly
# behaviour: partly
# also: nn-backward-first-layer-skipped
class NeuralNetwork:
    def backward(self, target, out):
        L = self.loss.forward(target, out)
        d = self.loss.backward(target, out)
        for layer in reversed(self.layers):
            d = layer.backward(d)
            layer.clear_gradients()
        return L


# %% m-nn-typo-layers: self.layer
# target: models.NeuralNetwork
# values: raised
# batching: partly
# behaviour: raised
class NeuralNetwork:
    def forward(self, X):
        for layer in self.layer:
            X = layer(X)
        return X


# %% m-nn-backward-calls-update: backward calls self.update(0) at end
# target: models.NeuralNetwork
# gradient: partly
# batching: partly
# behaviour: partly
# also: nn-backward-first-layer-skipped
class NeuralNetwork:
    def backward(self, target, out):
        L = self.loss.forward(target, out)
        d = self.loss.backward(target, out)
        for layer in reversed(self.layers):
            d = layer.backward(d)
        self.update(0)
        return L


# %% m-nn-predict-update: predict calls backward (no step) and update
# target: models.NeuralNetwork
# batching: partly
# behaviour: partly
# also: nn-predict-trains
class NeuralNetwork:
    def predict(self, X, Y):
        out = self.forward(X)
        L = self.backward(Y, out)
        self.update(0)
        return out, L


# %% m-nn-predict-list-loop: predicts example by example
# target: models.NeuralNetwork
# batching: partly
class NeuralNetwork:
    def predict(self, X, Y):
        outs = [self.forward(x[None]) for x in X]
        out = np.concatenate(outs)
        return out, self.loss.forward(Y, out)


# %% m-nn-predict-loop: predict goes through the examples one by one
# target: models.NeuralNetwork
# batching: partly
class NeuralNetwork:
    def predict(self, X, Y):
        out = np.concatenate([self.forward(X[i:i + 1]) for i in range(len(X))])
        return out, self.loss.forward(Y, out)


# %% m-nn-first-gradient-cleared: all layers done, but the first one's gradients cleared by a stray call
# target: models.NeuralNetwork
# gradient: partly
# batching: partly
# behaviour: partly
# also: nn-backward-first-layer-skipped
class NeuralNetwork:
    def backward(self, target, out):
        L = self.loss.forward(target, out)
        d = self.loss.backward(target, out)
        for layer in reversed(self.layers):
            d = layer.backward(d)
        layer.clear_gradients()
        return L
