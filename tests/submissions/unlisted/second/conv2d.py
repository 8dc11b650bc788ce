# %% conv-dx-not-flipped: dX as a full correlation with the kernel not rotated
# target: layers.Conv2D
# truth: backward computes dX as the correlation of the dilated, padded dZ with W, without rotating the kernel by 180 degrees; dX is wrong (except for 1x1 kernels); gradients W and b and forward are right
def spread(g, s):
    m, h, w, c = g.shape
    big = np.zeros((m, (h - 1) * s + 1, (w - 1) * s + 1, c))
    big[:, ::s, ::s] = g
    return big


class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        ph, pw = self.pad
        kh, kw = self.kernel_shape
        s = self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        _, oh, ow, _ = dZ.shape
        Xp = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        m, H, Wd, C = Xp.shape

        dW = np.zeros_like(W)
        for a in range(kh):
            for b in range(kw):
                piece = Xp[:, a : a + (oh - 1) * s + 1 : s, b : b + (ow - 1) * s + 1 : s]
                dW[a, b] = np.einsum("mhwc,mhwf->cf", piece, dZ)
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2))[None]

        # "full" convolution of dZ with the kernel
        big = spread(dZ, s)
        rest_h = H - (big.shape[1] + kh - 1)
        rest_w = Wd - (big.shape[2] + kw - 1)
        big = np.pad(big, ((0, 0), (kh - 1, kh - 1 + rest_h), (kw - 1, kw - 1 + rest_w), (0, 0)))
        dXp = np.zeros(Xp.shape)
        for a in range(kh):
            for b in range(kw):
                dXp += big[:, a : a + H, b : b + Wd] @ W[a, b].T
        return dXp[:, ph : H - ph, pw : Wd - pw]


# %% conv-im2col-channel-order: im2col columns are (C, kh, kw), W is flattened as (kh, kw, C)
# target: layers.Conv2D
# truth: the columns of im2col are in the order (C, kh, kw) while W is flattened in its own order (kh, kw, C), so pixels meet the wrong weights; forward is wrong as soon as C > 1 and the kernel is larger than 1x1, and dX and dW are wrong with it (the same mixed-up order in backward); db is right where the activation is the identity
def im2col(images, kh, kw, step):
    n, H, W, C = images.shape
    oh, ow = (H - kh) // step + 1, (W - kw) // step + 1
    sn, sh, sw, sc = images.strides
    col = np.lib.stride_tricks.as_strided(
        images,
        shape=(n, oh, ow, C, kh, kw),
        strides=(sn, sh * step, sw * step, sc, sh, sw),
    )
    return col.reshape(n * oh * ow, -1), oh, ow


class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        ph, pw = self.pad
        kh, kw = self.kernel_shape
        Xp = np.pad(X, [(0, 0), (ph, ph), (pw, pw), (0, 0)], mode="constant")
        col, oh, ow = im2col(Xp, kh, kw, self.stride)
        Wcol = self.parameters["W"].reshape(-1, self.n_out)
        Z = (col @ Wcol + self.parameters["b"]).reshape(X.shape[0], oh, ow, self.n_out)
        self.cache["Xp_shape"], self.cache["col"], self.cache["Z"] = Xp.shape, col, Z
        return self.activation(Z)

    def backward(self, dLdY):
        kh, kw = self.kernel_shape
        ph, pw = self.pad
        s = self.stride
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        n, oh, ow, f = dZ.shape
        _, H, Wd, C = self.cache["Xp_shape"]
        flat = dZ.reshape(-1, f)
        self.gradients["W"] = (self.cache["col"].T @ flat).reshape(self.parameters["W"].shape)
        self.gradients["b"] = flat.sum(axis=0, keepdims=True)
        dcol = (flat @ self.parameters["W"].reshape(-1, f).T).reshape(n, oh, ow, C, kh, kw)
        dXp = np.zeros((n, H, Wd, C))
        for y in range(kh):
            for x in range(kw):
                dXp[:, y : y + s * oh : s, x : x + s * ow : s, :] += dcol[..., y, x]
        return dXp[:, ph : H - ph, pw : Wd - pw, :]


# %% conv-window-without-stride: forward takes the window at (r, c), not at (r * stride, c * stride)
# target: layers.Conv2D
# truth: forward takes window (r, c) of the output at row r and column c of the padded input, and forgets to multiply them by the stride (the output's shape is right); Y is wrong for stride > 1; backward steps by the stride, and its gradients are right with the identity (with another activation they inherit the wrong Z)
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        kh, kw = self.kernel_shape
        m, H, Wd, C = X.shape
        Xp = np.zeros((m, H + 2 * self.pad[0], Wd + 2 * self.pad[1], C))
        Xp[:, self.pad[0] : self.pad[0] + H, self.pad[1] : self.pad[1] + Wd] = X
        out_h = (H + 2 * self.pad[0] - kh) // self.stride + 1
        out_w = (Wd + 2 * self.pad[1] - kw) // self.stride + 1
        Z = np.zeros((m, out_h, out_w, self.n_out))
        for r in range(out_h):
            for c in range(out_w):
                window = Xp[:, r : r + kh, c : c + kw, :]
                Z[:, r, c, :] = np.einsum("mijk,ijkf->mf", window, W) + b
        self.cache = {"X": X, "Xp": Xp, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        W, Xp = self.parameters["W"], self.cache["Xp"]
        kh, kw = self.kernel_shape
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        dXp, dW = np.zeros_like(Xp), np.zeros_like(W)
        for r in range(dZ.shape[1]):
            for c in range(dZ.shape[2]):
                top, left = r * self.stride, c * self.stride
                g = dZ[:, r, c, :]
                dXp[:, top : top + kh, left : left + kw] += np.einsum("mf,ijkf->mijk", g, W)
                dW += np.einsum("mijk,mf->ijkf", Xp[:, top : top + kh, left : left + kw], g)
        self.gradients = {"W": dW, "b": dZ.sum((0, 1, 2)).reshape(1, -1)}
        _, H, Wd, _ = self.cache["X"].shape
        p, q = self.pad
        return dXp[:, p : p + H, q : q + Wd]


# %% conv-overwrites-and-db: dX is assigned where windows overlap; db sums dLdY without the activation
# target: layers.Conv2D
# truth: backward writes each window's contribution into dX with = instead of +=, so where windows overlap only the last one stays; dX is wrong if the stride is less than the kernel
# truth2: backward sums dLdY, not dZ, for the bias (the activation's slope is left out); gradients["b"] is wrong for every activation but the identity
class Conv2D:
    def backward(self, dLdY):
        (p, q), s = self.pad, self.stride
        kh, kw = self.kernel_shape
        W = self.parameters["W"]
        x = np.pad(self.cache["X"], ((0, 0), (p, p), (q, q), (0, 0)))
        dz = self.activation.backward(self.cache["Z"], dLdY)
        m, oh, ow, f = dz.shape

        dx = np.zeros(x.shape)
        dw = np.zeros(W.shape)
        kernel = W.reshape(-1, f)
        for h in range(oh):
            for w in range(ow):
                rows = slice(h * s, h * s + kh)
                cols = slice(w * s, w * s + kw)
                patch = x[:, rows, cols, :].reshape(m, -1)
                dw += (patch.T @ dz[:, h, w]).reshape(W.shape)
                dx[:, rows, cols, :] = (dz[:, h, w] @ kernel.T).reshape(m, kh, kw, -1)
        self.gradients["W"] = dw
        self.gradients["b"] = np.sum(np.sum(np.sum(dLdY, axis=0), axis=0), axis=0, keepdims=True).reshape(1, f)
        return dx[:, p : dx.shape[1] - p, q : dx.shape[2] - q, :]
