# %% conv-dw-reshaped: reshapes dW of shape (n_out, kh kw C) where it has to be transposed
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] has the right numbers in the wrong places: an array whose rows are the n_out kernels is reshaped to (kh, kw, C, n_out); reshape does not move the kernels to the last axis.
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, channels, n_out = W.shape
        X_pad = _pad(X, self.pad)
        dX_pad = np.zeros(X_pad.shape)
        for i, j, rows, columns in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += dZ @ W[i, j].T
        windows = _windows(X_pad, self.kernel_shape, self.stride)
        flat_X = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kh * kw * channels)
        flat_dZ = dZ.reshape(-1, n_out)
        self.gradients["W"] = (flat_dZ.T @ flat_X).reshape(W.shape)
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)


# %% conv-dw-reshaped-by-columns: reshapes dW in Fortran order
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] has the right numbers in the wrong places: it is reshaped column by column (order 'F'); the windows were flattened row by row.
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, channels, n_out = W.shape
        X_pad = _pad(X, self.pad)
        dX_pad = np.zeros(X_pad.shape)
        for i, j, rows, columns in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += dZ @ W[i, j].T
        windows = _windows(X_pad, self.kernel_shape, self.stride)
        flat_X = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kh * kw * channels)
        flat_dZ = dZ.reshape(-1, n_out)
        self.gradients["W"] = np.reshape(flat_X.T @ flat_dZ, W.shape, order="F")
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)


# %% conv-dw-channels-first: reshapes dW of shape (C kh kw, n_out), whose channels come first
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] has the right numbers in the wrong places: the windows were flattened with the channels first, (C, kh, kw), but are read as (kh, kw, C).
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, channels, n_out = W.shape
        X_pad = _pad(X, self.pad)
        dX_pad = np.zeros(X_pad.shape)
        for i, j, rows, columns in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += dZ @ W[i, j].T
        windows = _windows(X_pad, self.kernel_shape, self.stride)
        flat_X = windows.reshape(-1, kh * kw * channels)
        flat_dZ = dZ.reshape(-1, n_out)
        self.gradients["W"] = (flat_X.T @ flat_dZ).reshape(W.shape)
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)


# %% conv-dw-kernels-and-channels-first: reshapes dW of shape (n_out, C kh kw), whose kernels and channels come first
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] has the right numbers in the wrong places: an array whose axes are kernels, channels, rows and columns is reshaped to (kh, kw, C, n_out); reshape does not move axes.
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, channels, n_out = W.shape
        X_pad = _pad(X, self.pad)
        dX_pad = np.zeros(X_pad.shape)
        for i, j, rows, columns in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += dZ @ W[i, j].T
        windows = _windows(X_pad, self.kernel_shape, self.stride)
        flat_X = windows.reshape(-1, kh * kw * channels)
        flat_dZ = dZ.reshape(-1, n_out)
        self.gradients["W"] = (flat_dZ.T @ flat_X).reshape(W.shape)
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)


# %% conv-dw-axes-reversed: transposes dW (n_out, C, kh, kw), swapping the kernel's rows and columns
# target: layers.Conv2D
# shape: partly
# gradient: partly
# batching: partly
# behaviour: partly
# says: gradients['W'] has the kernel's rows and columns swapped: its shape is (kw, kh, C, n_out), as from .T of an (n_out, C, kh, kw) array.
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        kh, kw, channels, n_out = W.shape
        X_pad = _pad(X, self.pad)
        dX_pad = np.zeros(X_pad.shape)
        for i, j, rows, columns in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += dZ @ W[i, j].T
        windows = _windows(X_pad, self.kernel_shape, self.stride)
        flat_X = windows.reshape(-1, kh * kw * channels)
        flat_dZ = dZ.reshape(-1, n_out)
        self.gradients["W"] = (flat_dZ.T @ flat_X).reshape(n_out, channels, kh, kw).T
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)
