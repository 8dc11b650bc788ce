# %% nn-not-chained: every layer is given the network's input X
# target: models.NeuralNetwork
# truth: forward gives the network's input X to every layer instead of the output of the layer before, and so returns the last layer applied to X; forward is wrong with two layers or more, and predict with it
class NeuralNetwork:
    def forward(self, X):
        out = None
        for i in range(len(self.layers)):
            out = self.layers[i].forward(X)
        return out


# %% nn-skips-first-layer: the loop backwards stops before layer 0
# target: models.NeuralNetwork
# truth: backward loops while the index is > 0, which stops before layer 0: the first layer's backward is never called, its gradients stay as they were; the other layers and the returned loss are right
class NeuralNetwork:
    def backward(self, target, out):
        value = self.loss.forward(target, out)
        grad = self.loss.backward(target, out)
        idx = len(self.layers) - 1
        while idx > 0:
            grad = self.layers[idx].backward(grad)
            idx -= 1
        return value


# %% nn-clears-and-swaps: clears the gradients right after backward; predict swaps target and prediction
# target: models.NeuralNetwork
# truth: backward calls clear_gradients() on every layer right after that layer's backward, so that all gradients are zeros when update needs them; the stored gradients are wrong, the returned loss is right
# truth2: predict calls the loss with (prediction, target) instead of (target, prediction); the loss that predict returns is wrong for a loss that is not symmetric (cross-entropy), Y_hat is right
class NeuralNetwork:
    def backward(self, target, out):
        loss = self.loss.forward(target, out)
        dout = self.loss.backward(target, out)
        for layer in self.layers[::-1]:
            dout = layer.backward(dout)
            layer.clear_gradients()  # zero_grad
        return loss

    def predict(self, X, Y):
        pred = self.forward(X)
        err = self.loss.forward(pred, Y)
        return pred, err
