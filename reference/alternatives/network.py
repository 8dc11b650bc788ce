# %% nn-indices: loops over the layer numbers in forward, and over a reversed list in backward
# target: models.NeuralNetwork
class NeuralNetwork:
    def forward(self, X):
        out = X
        for number in range(len(self.layers)):
            out = self.layers[number].forward(out)
        return out

    def backward(self, target, out):
        loss = self.loss.forward(target, out)
        gradient = self.loss.backward(target, out)
        for layer in self.layers[::-1]:
            gradient = layer.backward(gradient)
        return loss

    def predict(self, X, Y):
        out = self.forward(X)
        loss = self.loss.forward(Y, out)
        return out, loss
