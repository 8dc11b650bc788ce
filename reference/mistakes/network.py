# %% nn-backward-first-layer-skipped: stops before the first layer
# target: models.NeuralNetwork
# gradient: partly
# batching: partly
# behaviour: partly
# says: The gradient of the first layer is the same as before backward: the backward pass stops before it, or the gradient is cleared again.
class NeuralNetwork:
    def backward(self, target, out):
        dY = self.loss.backward(target, out)
        for i in range(len(self.layers) - 1, 0, -1):
            dY = self.layers[i].backward(dY)
        return self.loss.forward(target, out)


# %% nn-backward-first-to-last: goes through the layers in forward order
# target: models.NeuralNetwork
# gradient: raised
# batching: partly
# behaviour: partly
# message: got a gradient of shape
class NeuralNetwork:
    def backward(self, target, out):
        dY = self.loss.backward(target, out)
        for layer in self.layers:
            dY = layer.backward(dY)
        return self.loss.forward(target, out)


# %% nn-backward-not-chained: gives every layer the gradient of the loss
# target: models.NeuralNetwork
# gradient: raised
# batching: partly
# behaviour: partly
# message: got a gradient of shape
class NeuralNetwork:
    def backward(self, target, out):
        dY = self.loss.backward(target, out)
        for layer in reversed(self.layers):
            layer.backward(dY)
        return self.loss.forward(target, out)


# %% nn-backward-from-loss-value: sends the value of the loss back instead of its gradient
# target: models.NeuralNetwork
# gradient: raised
# batching: partly
# behaviour: partly
# message: got a gradient of shape
class NeuralNetwork:
    def backward(self, target, out):
        loss = self.loss.forward(target, out)
        dY = loss
        for layer in reversed(self.layers):
            dY = layer.backward(dY)
        return loss


# %% nn-backward-no-loss: does not return the loss
# target: models.NeuralNetwork
# gradient: partly
# batching: partly
# behaviour: partly
# message: Is there a return?
class NeuralNetwork:
    def backward(self, target, out):
        dY = self.loss.backward(target, out)
        for layer in reversed(self.layers):
            dY = layer.backward(dY)


# %% nn-backward-returns-gradient: returns the gradient of the input instead of the loss
# target: models.NeuralNetwork
# gradient: partly
# batching: partly
# behaviour: partly
# says: backward returns the gradient of the input instead of the value of the loss.
class NeuralNetwork:
    def backward(self, target, out):
        dY = self.loss.backward(target, out)
        for layer in reversed(self.layers):
            dY = layer.backward(dY)
        return dY


# %% nn-backward-loss-swapped: gives the loss the prediction first, in both calls
# target: models.NeuralNetwork
# gradient: failed
# batching: partly
# behaviour: partly
# says: The loss is called with the prediction first; the target comes first.
# also: nn-backward-value-swapped nn-backward-gradient-swapped
class NeuralNetwork:
    def backward(self, target, out):
        dY = self.loss.backward(out, target)
        for layer in reversed(self.layers):
            dY = layer.backward(dY)
        return self.loss.forward(out, target)


# %% nn-backward-gradient-swapped: gives the loss's backward the prediction first
# target: models.NeuralNetwork
# gradient: partly
# batching: partly
# behaviour: partly
# says: self.loss.backward is called with the prediction first; the target comes first.
class NeuralNetwork:
    def backward(self, target, out):
        dY = self.loss.backward(out, target)
        for layer in reversed(self.layers):
            dY = layer.backward(dY)
        return self.loss.forward(target, out)


# %% nn-backward-value-swapped: gives the loss's forward the prediction first
# target: models.NeuralNetwork
# gradient: partly
# batching: partly
# behaviour: partly
# says: self.loss.forward is called with the prediction first; the target comes first.
class NeuralNetwork:
    def backward(self, target, out):
        dY = self.loss.backward(target, out)
        for layer in reversed(self.layers):
            dY = layer.backward(dY)
        return self.loss.forward(out, target)


# %% nn-backward-mean-twice: divides by m, which the loss has already done
# target: models.NeuralNetwork
# gradient: partly
# batching: partly
# behaviour: partly
# says: The gradient is divided by m again: the loss has already done that.
class NeuralNetwork:
    def backward(self, target, out):
        dY = self.loss.backward(target, out) / len(out)
        for layer in reversed(self.layers):
            dY = layer.backward(dY)
        return self.loss.forward(target, out)


# %% nn-backward-reverses-layers: reverses the list of layers in place
# target: models.NeuralNetwork
# batching: partly
# behaviour: partly
# says: backward leaves self.layers in reverse order: the next forward begins with the last layer.
class NeuralNetwork:
    def backward(self, target, out):
        dY = self.loss.backward(target, out)
        self.layers.reverse()
        for layer in self.layers:
            dY = layer.backward(dY)
        return self.loss.forward(target, out)


# %% nn-backward-total-loss: returns the sum of all losses so far
# target: models.NeuralNetwork
# batching: partly
# behaviour: partly
# says: backward returns the sum of all losses so far instead of the loss of this batch.
class NeuralNetwork:
    total = 0.0

    def backward(self, target, out):
        dY = self.loss.backward(target, out)
        for layer in reversed(self.layers):
            dY = layer.backward(dY)
        self.total += self.loss.forward(target, out)
        return self.total


# %% nn-backward-updates-too: already changes the parameters in backward
# target: models.NeuralNetwork
# batching: partly
# behaviour: partly
# says: backward already changes the parameters: that is the job of update.
class NeuralNetwork:
    def backward(self, target, out):
        dY = self.loss.backward(target, out)
        for layer in reversed(self.layers):
            dY = layer.backward(dY)
        for i, layer in enumerate(self.layers):
            for name, value in layer.parameters.items():
                step = self.optimizer.update(f"{name}{i}", value, layer.gradients[name], 0)
                layer.parameters[name] = value - step
        return self.loss.forward(target, out)


# %% nn-forward-not-chained: gives X to every layer
# target: models.NeuralNetwork
# values: raised
# batching: partly
# behaviour: partly
class NeuralNetwork:
    def forward(self, X):
        for layer in self.layers:
            out = layer.forward(X)
        return out


# %% nn-forward-last-layer-skipped: stops before the last layer
# target: models.NeuralNetwork
# values: raised
# batching: partly
# behaviour: partly
class NeuralNetwork:
    def forward(self, X):
        for i in range(len(self.layers) - 1):
            X = self.layers[i].forward(X)
        return X


# %% nn-forward-no-return: forgets to return the output
# target: models.NeuralNetwork
# values: raised
# batching: partly
# behaviour: partly
# message: Is there a return?
class NeuralNetwork:
    def forward(self, X):
        for layer in self.layers:
            X = layer.forward(X)


# %% nn-forward-all-outputs: returns the outputs of all layers
# target: models.NeuralNetwork
# values: raised
# batching: partly
# behaviour: partly
# message: is a list; expected an array
class NeuralNetwork:
    def forward(self, X):
        outputs = [X]
        for layer in self.layers:
            outputs.append(layer.forward(outputs[-1]))
        return outputs


# %% nn-forward-returns-after-first: puts the return inside the loop
# target: models.NeuralNetwork
# values: raised
# batching: partly
# behaviour: partly
class NeuralNetwork:
    def forward(self, X):
        for layer in self.layers:
            X = layer.forward(X)
            return X


# %% nn-forward-loop: sends the examples through one by one
# target: models.NeuralNetwork
# batching: partly
# message: Do it for all examples at once
class NeuralNetwork:
    def forward(self, X):
        outputs = []
        for x in X:
            x = x[None]
            for layer in self.layers:
                x = layer.forward(x)
            outputs.append(x)
        return np.concatenate(outputs)


# %% nn-predict-only-outputs: returns the predictions without the loss
# target: models.NeuralNetwork
# values: partly
# batching: partly
# behaviour: partly
# message: predict must return the tuple
class NeuralNetwork:
    def predict(self, X, Y):
        return self.forward(X)


# %% nn-predict-order: returns the loss first
# target: models.NeuralNetwork
# values: partly
# batching: partly
# behaviour: partly
# says: predict returns the loss first; expected (Y_hat, loss).
class NeuralNetwork:
    def predict(self, X, Y):
        Y_hat = self.forward(X)
        return self.loss.forward(Y, Y_hat), Y_hat


# %% nn-predict-loss-swapped: gives the loss the prediction first
# target: models.NeuralNetwork
# values: partly
# batching: partly
# behaviour: partly
# says: The loss is called with the prediction first; the target comes first.
class NeuralNetwork:
    def predict(self, X, Y):
        Y_hat = self.forward(X)
        return Y_hat, self.loss.forward(Y_hat, Y)


# %% nn-predict-classes: returns the index of the largest output
# target: models.NeuralNetwork
# values: partly
# batching: partly
# behaviour: partly
# says: predict returns classes instead of the output of the last layer.
class NeuralNetwork:
    def predict(self, X, Y):
        out = self.forward(X)
        return np.argmax(out, axis=1), self.loss.forward(Y, out)


# %% nn-predict-error: returns the error rate instead of the loss
# target: models.NeuralNetwork
# values: partly
# batching: partly
# behaviour: partly
# says: predict returns the error rate instead of the value of the loss.
class NeuralNetwork:
    def predict(self, X, Y):
        Y_hat = self.forward(X)
        return Y_hat, self.error(Y, Y_hat)


# %% nn-predict-trains: takes a training step in predict
# target: models.NeuralNetwork
# batching: partly
# behaviour: partly
# says: predict changes the network; it should only run forward.
class NeuralNetwork:
    def predict(self, X, Y):
        Y_hat = self.forward(X)
        loss = self.backward(Y, Y_hat)
        self.update(0)
        return Y_hat, loss


# %% nn-backward-fused: begins with the gradient at the input of a softmax
# target: models.NeuralNetwork
# gradient: partly
# batching: partly
# behaviour: partly
# says: backward begins with (out - target) / m, whatever the loss is; it should begin with what self.loss.backward returns.
# also: nn-backward-fused-mse nn-backward-difference
class NeuralNetwork:
    def backward(self, target, out):
        dY = (out - target) / len(target)
        for layer in reversed(self.layers):
            dY = layer.backward(dY)
        return self.loss.forward(target, out)


# %% nn-backward-fused-mse: begins with the gradient of a mean squared error
# target: models.NeuralNetwork
# gradient: partly
# batching: partly
# behaviour: partly
# says: backward begins with 2 (out - target) / m, whatever the loss is; it should begin with what self.loss.backward returns.
# also: nn-backward-fused nn-backward-difference
class NeuralNetwork:
    def backward(self, target, out):
        dY = 2 * (out - target) / len(target)
        for layer in reversed(self.layers):
            dY = layer.backward(dY)
        return self.loss.forward(target, out)


# %% nn-backward-difference: begins with out - target
# target: models.NeuralNetwork
# gradient: partly
# batching: partly
# behaviour: partly
# says: backward begins with out - target, whatever the loss is; it should begin with what self.loss.backward returns.
# also: nn-backward-fused nn-backward-fused-mse
class NeuralNetwork:
    def backward(self, target, out):
        dY = out - target
        for layer in reversed(self.layers):
            dY = layer.backward(dY)
        return self.loss.forward(target, out)
