# %% pool-pads-minus-infinity: max mode pads with -inf, as torch does
# target: layers.Pool2D
# truth: in max mode the padding is minus infinity instead of zeros, so padding never wins; forward is wrong for max with pad > 0 in border windows whose pixels are all negative, and backward sends their gradient to a pixel where the padding should have swallowed it; average mode and pad 0 are right
def patches(Xp, kernel_shape, s, oh, ow):
    kh, kw = kernel_shape
    return [
        Xp[:, a : a + s * (oh - 1) + 1 : s, b : b + s * (ow - 1) + 1 : s]
        for a in range(kh)
        for b in range(kw)
    ]


class Pool2D:
    def forward(self, X):
        ph, pw = self.pad
        fill = -np.inf if self.mode == "max" else 0.0
        Xp = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)), constant_values=fill)
        oh = (Xp.shape[1] - self.kernel_shape[0]) // self.stride + 1
        ow = (Xp.shape[2] - self.kernel_shape[1]) // self.stride + 1
        stack = np.stack(patches(Xp, self.kernel_shape, self.stride, oh, ow), axis=0)
        out = stack.max(axis=0) if self.mode == "max" else stack.mean(axis=0)
        self.cache = {"Xp": Xp, "out": out}
        return out

    def backward(self, dLdY):
        Xp, out = self.cache["Xp"], self.cache["out"]
        oh, ow = dLdY.shape[1:3]
        dXp = np.zeros(Xp.shape)
        targets = patches(dXp, self.kernel_shape, self.stride, oh, ow)
        for piece, view in zip(patches(Xp, self.kernel_shape, self.stride, oh, ow), targets):
            if self.mode == "max":
                view += dLdY * (piece == out)
            else:
                view += dLdY / len(targets)
        ph, pw = self.pad
        return dXp[:, ph : Xp.shape[1] - ph, pw : Xp.shape[2] - pw]


# %% pool-assigns-and-square: max gradient assigned instead of added; average divides by kh squared
# target: layers.Pool2D
# truth: in max mode backward assigns (=) each window's gradient where it must add it (+=), and so wipes what an earlier window put there; dX of max mode is wrong where windows overlap (stride less than the kernel)
# truth2: in average mode the sum is divided by kh * kh instead of kh * kw, in forward and in backward; Y and dX of average mode are wrong for kernels that are not square
class Pool2D:
    def forward(self, X):
        n, H, W, C = X.shape
        ph, pw = self.pad
        kh, kw = self.kernel_shape
        padded = np.zeros((n, H + 2 * ph, W + 2 * pw, C))
        padded[:, ph : ph + H, pw : pw + W] = X
        nh = 1 + (H + 2 * ph - kh) // self.stride
        nw = 1 + (W + 2 * pw - kw) // self.stride
        Y = np.zeros((n, nh, nw, C))
        for i in range(nh):
            for j in range(nw):
                y, x = i * self.stride, j * self.stride
                win = padded[:, y : y + kh, x : x + kw]
                if self.mode == "max":
                    Y[:, i, j] = np.max(win, axis=(1, 2))
                else:
                    Y[:, i, j] = np.sum(win, axis=(1, 2)) / kh**2
        self.cache = {"padded": padded, "shape": X.shape}
        return Y

    def backward(self, dLdY):
        padded = self.cache["padded"]
        _, H, W, _ = self.cache["shape"]
        ph, pw = self.pad
        kh, kw = self.kernel_shape
        dX = np.zeros_like(padded)
        for i in range(dLdY.shape[1]):
            for j in range(dLdY.shape[2]):
                y, x = i * self.stride, j * self.stride
                g = dLdY[:, i, j][:, None, None, :]
                if self.mode == "max":
                    win = padded[:, y : y + kh, x : x + kw]
                    best = win.max(axis=(1, 2), keepdims=True)
                    dX[:, y : y + kh, x : x + kw] = g * (win == best)
                else:
                    dX[:, y : y + kh, x : x + kw] += g / kh**2
        return dX[:, ph : ph + H, pw : pw + W]


# %% pool-reshape-trick: takes blocks by reshape, as if the stride were the kernel's size
# target: layers.Pool2D
# truth: the windows are taken by reshaping into blocks of kh x kw, as if the stride always were the kernel's size, self.stride is never used; forward has the wrong shape and values if the stride differs from the kernel, and backward raises there (shapes do not match); right if stride = kh = kw
def to_blocks(A, kh, kw):
    n, H, W, C = A.shape
    A = A[:, : H // kh * kh, : W // kw * kw]
    return A.reshape(n, H // kh, kh, W // kw, kw, C)


class Pool2D:
    def forward(self, X):
        (ph, pw) = self.pad
        self.cache["padded"] = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        blocks = to_blocks(self.cache["padded"], *self.kernel_shape)
        if self.mode == "max":
            return blocks.max(axis=(2, 4))
        return blocks.mean(axis=(2, 4))

    def backward(self, dLdY):
        kh, kw = self.kernel_shape
        ph, pw = self.pad
        padded = self.cache["padded"]
        blocks = to_blocks(padded, kh, kw)
        if self.mode == "max":
            mask = blocks == blocks.max(axis=(2, 4), keepdims=True)
            d = mask * dLdY[:, :, None, :, None, :]
        else:
            d = np.ones(blocks.shape) * dLdY[:, :, None, :, None, :] / (kh * kw)
        n, a, _, b, _, C = d.shape
        full = np.zeros(padded.shape)
        full[:, : a * kh, : b * kw] = d.reshape(n, a * kh, b * kw, C)
        return full[:, ph : full.shape[1] - ph, pw : full.shape[2] - pw]
