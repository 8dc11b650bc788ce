# %% nn-first-to-last: backward goes through the layers in forward order
# target: models.NeuralNetwork
# truth: backward sends the gradient through the layers from first to last instead of from last to first; backward only; the gradients every layer gets are wrong, the returned loss is right
class NeuralNetwork:
    def backward(self, target, out):
        L = self.loss(target, out)
        grad = self.loss.backward(target, out)
        for i in range(len(self.layers)):
            grad = self.layers[i].backward(grad)
        return L


# %% nn-no-chain: every layer gets the gradient of the loss
# target: models.NeuralNetwork
# truth: backward does not pass on what a layer's backward returns, so every layer is given the loss gradient itself instead of that of the layer after it; backward only; all layers but the last get a wrong gradient, the returned loss is right
class NeuralNetwork:
    def backward(self, target, out):
        loss_value = self.loss.forward(target, out)
        dLdY = self.loss.backward(target, out)
        n = len(self.layers)
        while n > 0:
            n -= 1
            dLdX = self.layers[n].backward(dLdY)
        return loss_value


# %% nn-predict-labels: predict returns class numbers
# target: models.NeuralNetwork
# truth: predict returns the argmax class of every row, of shape (m,), instead of the output Y_hat itself; predict only; the predictions are wrong, the loss is right
class NeuralNetwork:
    def predict(self, X, Y):
        scores = self.forward(X)
        loss = self.loss.forward(Y, scores)
        preds = scores.argmax(axis=1)
        return preds, loss


# %% nn-skips-first-layer: backward stops before layer 0
# target: models.NeuralNetwork
# truth: the range of backward ends at index 1, so the first layer's backward is never called; backward only; the first layer gets no gradient, the others and the returned loss are right
class NeuralNetwork:
    def backward(self, target, out):
        g = self.loss.backward(target, out)
        for idx in range(len(self.layers) - 1, 0, -1):
            g = self.layers[idx].backward(g)
        return self.loss.forward(target, out)


# %% nn-flattens-and-swaps: forward flattens its input, backward gives the loss its arguments in the wrong order
# target: models.NeuralNetwork
# truth: forward reshapes X to (m, -1) before the first layer instead of passing it on as it is; forward (and predict); wrong for inputs with more than two axes, such as images
# truth2: backward calls loss.backward(out, target) with the arguments swapped (the target comes first); backward only; the gradient that the layers get is wrong, the returned loss is right
class NeuralNetwork:
    def forward(self, X):
        a = X.reshape(X.shape[0], -1)
        for l in self.layers:
            a = l.forward(a)
        return a

    def backward(self, target, out):
        cost = self.loss.forward(target, out)
        delta = self.loss.backward(out, target)
        for l in self.layers[::-1]:
            delta = l.backward(delta)
        return cost


# %% nn-swapped-tuple-and-second-mean: predict returns (loss, Y_hat), backward divides by m once more
# target: models.NeuralNetwork
# truth: predict returns its pair in the wrong order, (loss, Y_hat) instead of (Y_hat, loss); predict only
# truth2: backward divides the loss gradient by the batch size m, though the loss has averaged already; backward only; every layer's gradient is too small by the factor m, the returned loss is right
class NeuralNetwork:
    def backward(self, target, out):
        m = target.shape[0]
        grads = [self.loss.backward(target, out) / m]
        for layer in self.layers[::-1]:
            grads.append(layer.backward(grads[-1]))
        return self.loss.forward(target, out)

    def predict(self, X, Y):
        y = self.forward(X)
        return self.loss(Y, y), y
