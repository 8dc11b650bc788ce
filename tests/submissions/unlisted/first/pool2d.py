# %% pool-minus-inf-padding: pads with -inf in max mode
# target: layers.Pool2D
# truth: max mode pads with -inf (the convention of PyTorch) instead of with zeros, so the padding never wins; forward, and backward through the winners; Y and dX are wrong in max mode where pad > 0 and all real pixels of a border window are negative (-inf where a window is all padding); average mode is right
class Pool2D:
    def forward(self, X):
        kh, kw = self.kernel_shape
        ph, pw = self.pad
        fill = -np.inf if self.mode == "max" else 0.0
        Xp = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)), constant_values=fill)
        s = self.stride
        H = (Xp.shape[1] - kh) // s + 1
        W = (Xp.shape[2] - kw) // s + 1
        stack = np.stack([Xp[:, i:i + s * H:s, j:j + s * W:s] for i in range(kh) for j in range(kw)])
        self.cache = {"X_shape": X.shape, "winner": stack.argmax(axis=0)}
        return stack.max(axis=0) if self.mode == "max" else stack.mean(axis=0)


# %% pool-average-not-shared: average backward gives every pixel the whole gradient
# target: layers.Pool2D
# truth: in average mode backward gives every pixel of a window the whole gradient instead of 1/(kh*kw) of it; backward only; dX is too large by kh*kw in average mode, max mode is right
class Pool2D:
    def forward(self, X):
        kh, kw = self.kernel_shape
        ph, pw = self.pad
        s = self.stride
        P = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        oh, ow = (P.shape[1] - kh) // s + 1, (P.shape[2] - kw) // s + 1
        out = np.zeros((X.shape[0], oh, ow, X.shape[3]))
        f = np.max if self.mode == "max" else np.mean
        for r in range(oh):
            for c in range(ow):
                out[:, r, c] = f(P[:, r * s:r * s + kh, c * s:c * s + kw], axis=(1, 2))
        self.cache["P"] = P
        self.cache["out"] = out
        return out

    def backward(self, dLdY):
        P, out = self.cache["P"], self.cache["out"]
        kh, kw = self.kernel_shape
        s = self.stride
        dP = np.zeros(P.shape)
        for r in range(out.shape[1]):
            for c in range(out.shape[2]):
                where = np.s_[:, r * s:r * s + kh, c * s:c * s + kw]
                g = dLdY[:, r, c][:, None, None]
                if self.mode == "max":
                    hit = P[where] == out[:, r, c][:, None, None]
                    dP[where] += g * hit / hit.sum(axis=(1, 2), keepdims=True)
                else:
                    dP[where] += g * np.ones((1, kh, kw, 1))
        return dP[:, self.pad[0]:P.shape[1] - self.pad[0], self.pad[1]:P.shape[2] - self.pad[1]]


# %% pool-winner-index: decodes the argmax with the kernel's height
# target: layers.Pool2D
# truth: the flat index of the maximum is decoded with kh instead of kw (divmod by kh), so the gradient goes to the wrong pixel of a non-square window; backward only; dX is wrong in max mode for kh != kw, square windows and average mode are right
class Pool2D:
    def backward(self, dLdY):
        kh, kw = self.kernel_shape
        (m, H, W, C), s = self.cache["X_shape"], self.stride
        ph, pw = self.pad
        dXp = np.zeros((m, H + 2 * ph + kh + kw, W + 2 * pw + kh + kw, C))
        _, oh, ow, _ = dLdY.shape
        n, r, c, ch = np.indices(dLdY.shape)
        if self.mode == "max":
            di, dj = np.divmod(self.cache["winner"], kh)
            np.add.at(dXp, (n, r * s + di, c * s + dj, ch), dLdY)
        else:
            for i in range(kh):
                for j in range(kw):
                    np.add.at(dXp, (n, r * s + i, c * s + j, ch), dLdY / (kh * kw))
        return dXp[:, ph:ph + H, pw:pw + W]


# %% pool-reshape-ignores-stride: cuts the image into tiles, as if stride were the kernel's size
# target: layers.Pool2D
# truth: the image is cut into non-overlapping tiles of the kernel's size by a reshape, so self.stride is never used; forward and backward; Y and dX are wrong (other shapes) whenever the stride is not equal to both sides of the kernel, right for stride = kh = kw
def tiles(X, kernel, pad):
    kh, kw = kernel
    ph, pw = pad
    Xp = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
    m, H, W, C = Xp.shape
    Ho, Wo = H // kh, W // kw
    return Xp[:, :Ho * kh, :Wo * kw].reshape(m, Ho, kh, Wo, kw, C), Xp.shape


class Pool2D:
    def forward(self, X):
        t, _ = tiles(X, self.kernel_shape, self.pad)
        self.cache["X"] = X
        return t.max(axis=(2, 4)) if self.mode == "max" else t.mean(axis=(2, 4))

    def backward(self, dLdY):
        X = self.cache["X"]
        t, full = tiles(X, self.kernel_shape, self.pad)
        up = dLdY[:, :, None, :, None, :]
        if self.mode == "max":
            eq = t == t.max(axis=(2, 4), keepdims=True)
            d = up * eq / eq.sum(axis=(2, 4), keepdims=True)
        else:
            d = up * np.full(t.shape, 1.0 / (t.shape[2] * t.shape[4]))
        m, Ho, kh, Wo, kw, C = d.shape
        dXp = np.zeros(full)
        dXp[:, :Ho * kh, :Wo * kw] = d.reshape(m, Ho * kh, Wo * kw, C)
        ph, pw = self.pad
        return dXp[:, ph:ph + X.shape[1], pw:pw + X.shape[2]]


# %% pool-overwrites-max-and-wrong-count: max gradients overwrite each other, average divides by the number of output pixels
# target: layers.Pool2D
# truth: in max mode the gradients are assigned (=) window by window instead of added, so where windows overlap a pixel keeps only what the last window gave it; backward only; dX is wrong in max mode when windows overlap (stride < kernel)
# truth2: in average mode the gradient is divided by H'*W', the number of output pixels, instead of by kh*kw; backward only; dX is wrong by a factor in average mode
class Pool2D:
    def forward(self, X):
        self.X_pad = np.pad(X, ((0, 0), (self.pad[0], self.pad[0]), (self.pad[1], self.pad[1]), (0, 0)))
        k0, k1 = self.kernel_shape
        v = np.lib.stride_tricks.sliding_window_view(self.X_pad, (k0, k1), axis=(1, 2))
        v = v[:, ::self.stride, ::self.stride]
        if self.mode == "max":
            return v.max(axis=(-2, -1))
        return v.mean(axis=(-2, -1))

    def backward(self, dLdY):
        k0, k1 = self.kernel_shape
        n_b, n_r, n_c, n_ch = dLdY.shape
        grad = np.zeros(self.X_pad.shape)
        for r in range(n_r):
            for c in range(n_c):
                y0, x0 = r * self.stride, c * self.stride
                g = dLdY[:, r:r + 1, c:c + 1, :]
                region = self.X_pad[:, y0:y0 + k0, x0:x0 + k1, :]
                target = grad[:, y0:y0 + k0, x0:x0 + k1, :]
                if self.mode == "max":
                    mask = region == region.max(axis=(1, 2), keepdims=True)
                    share = g * mask / mask.sum(axis=(1, 2), keepdims=True)
                    target[...] = share
                else:
                    target += g / (n_r * n_c)
        ph, pw = self.pad
        return grad[:, ph:grad.shape[1] - ph, pw:grad.shape[2] - pw, :]
