# %% conv-flipped-kernel: forward is a true convolution
# target: layers.Conv2D
# truth: forward takes the kernel flipped in both directions (true convolution) instead of cross-correlation; forward only; Y is wrong (and Z in the cache, so through the activation's slope dX, dW and db too), backward itself is right; a 1x1 kernel is not affected
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b, s = self.parameters["W"], self.parameters["b"], self.stride
        (kh, kw), (ph, pw) = self.kernel_shape, self.pad
        m, H, Wd, _ = X.shape
        Hout = (H + 2 * ph - kh) // s + 1
        Wout = (Wd + 2 * pw - kw) // s + 1
        Xp = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        Z = np.zeros((m, Hout, Wout, self.n_out)) + b
        for u in range(kh):
            for v in range(kw):
                patch = Xp[:, u:u + s * Hout:s, v:v + s * Wout:s, :]
                Z += patch @ W[kh - 1 - u, kw - 1 - v]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)


# %% conv-kh-kw-mixed: the width of the output is computed with the kernel's height
# target: layers.Conv2D
# truth: the output's width is computed with the kernel's height kh instead of its width kw; forward only (backward follows the shape it gets); for non-square kernels Y may be too narrow (kh > kw), or a window at the edge is cut off and einsum raises a ValueError (kh < kw); right for square kernels
def out_size(n, k, p, s):
    return int(np.floor((n + 2 * p - k) / s)) + 1


class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        m, h_in, w_in, c = X.shape
        kernel_h, kernel_w = self.kernel_shape
        p0, p1 = self.pad
        h_out = out_size(h_in, kernel_h, p0, self.stride)
        w_out = out_size(w_in, kernel_h, p1, self.stride)
        padded = np.zeros((m, h_in + 2 * p0, w_in + 2 * p1, c))
        padded[:, p0:p0 + h_in, p1:p1 + w_in, :] = X
        Z = np.zeros((m, h_out, w_out, self.n_out))
        for r in range(h_out):
            for q in range(w_out):
                top, left = r * self.stride, q * self.stride
                window = padded[:, top:top + kernel_h, left:left + kernel_w, :]
                Z[:, r, q, :] = np.einsum("mhwc,hwco->mo", window, self.parameters["W"])
        Z += self.parameters["b"]
        self.cache["X"], self.cache["Z"] = X, Z
        return self.activation(Z)


# %% conv-dx-without-stride: scatters dX at (r, c) instead of (r*stride, c*stride)
# target: layers.Conv2D
# truth: when dX is collected, the window of output pixel (r, c) is placed at row r and column c instead of r*stride and c*stride; backward only; only dX is wrong, for stride > 1, gradients W and b are right
class Conv2D:
    def backward(self, dLdY):
        X, W, s = self.cache["X"], self.parameters["W"], self.stride
        kh, kw = self.kernel_shape
        ph, pw = self.pad
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        Xp = np.pad(X, [(0, 0), (ph, ph), (pw, pw), (0, 0)], mode="constant")
        dXp = np.zeros_like(Xp)
        dW = np.zeros_like(W)
        for r in range(dZ.shape[1]):
            for c in range(dZ.shape[2]):
                g = dZ[:, r, c, :]
                win = Xp[:, r * s:r * s + kh, c * s:c * s + kw, :]
                dW += np.einsum("nhwi,no->hwio", win, g)
                dXp[:, r:r + kh, c:c + kw, :] += np.einsum("no,hwio->nhwi", g, W)
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum((0, 1, 2))[None, :]
        return dXp[:, ph:ph + X.shape[1], pw:pw + X.shape[2], :]


# %% conv-full-without-flip: dX as a full convolution, without turning the kernel
# target: layers.Conv2D
# truth: dX is the full correlation of the dilated, padded dZ with the kernel as it is, instead of with the kernel flipped in both spatial directions; backward only; only dX is wrong (1x1 kernels are right), gradients W and b are right
def dilate(dZ, s, H, W):
    """put s-1 zeros between the entries, (H, W) is the size for stride 1"""
    big = np.zeros((dZ.shape[0], H, W, dZ.shape[3]))
    big[:, :s * dZ.shape[1]:s, :s * dZ.shape[2]:s] = dZ
    return big


class Conv2D:
    def backward(self, dLdY):
        X, K = self.cache["X"], self.parameters["W"]
        kh, kw = self.kernel_shape
        ph, pw = self.pad
        H, W = X.shape[1] + 2 * ph, X.shape[2] + 2 * pw
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        D = dilate(dZ, self.stride, H - kh + 1, W - kw + 1)
        Xp = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        view = np.lib.stride_tricks.sliding_window_view

        # dW: correlate the input with the dilated gradient
        self.gradients["W"] = np.einsum("nuvcab,nabo->uvco", view(Xp, D.shape[1:3], axis=(1, 2)), D)
        self.gradients["b"] = np.sum(dZ, axis=(0, 1, 2), keepdims=True).reshape(1, self.n_out)

        # dX: full convolution
        full = np.pad(D, ((0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1), (0, 0)))
        dXp = np.einsum("nabouv,uvco->nabc", view(full, (kh, kw), axis=(1, 2)), K)
        return dXp[:, ph:H - ph, pw:W - pw]


# %% conv-minus-zero-crop: crops with [p:-p]
# target: layers.Conv2D
# truth: the padding is removed from dX with [ph:-ph, pw:-pw], which is empty when ph or pw is 0; backward only; dX comes out with a size of zero for pad="valid", pad 0 or a kernel of height or width 1 or 2 with "same", gradients W and b are right
class Conv2D:
    def backward(self, dLdY):
        X = self.cache["X"]
        W = self.parameters["W"]
        st = self.stride
        ph, pw = self.pad
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        _, oh, ow, _ = dZ.shape
        x_padded = np.pad(X, ((0,), (ph,), (pw,), (0,)))
        dx_padded = np.zeros(x_padded.shape)
        grad_w = np.zeros(W.shape)
        for a, b in np.ndindex(*self.kernel_shape):
            hs = np.s_[a:a + oh * st:st]
            ws = np.s_[b:b + ow * st:st]
            grad_w[a, b] = np.einsum("nhwc,nhwo->co", x_padded[:, hs, ws], dZ)
            dx_padded[:, hs, ws] += np.einsum("nhwo,co->nhwc", dZ, W[a, b])
        self.gradients["W"] = grad_w
        self.gradients["b"] = np.einsum("nhwo->o", dZ).reshape(1, -1)
        return dx_padded[:, ph:-ph, pw:-pw]


# %% conv-im2col-order-and-db-mean: columns and weights are flattened in different orders, db is averaged over the batch
# target: layers.Conv2D
# truth: im2col flattens a window as (C, kh, kw) but the kernel is flattened as (kh, kw, C), so pixels meet the wrong weights; forward only; Y is wrong (and the cached Z, so the slopes of the activation in backward) as soon as C > 1 and the kernel is larger than 1x1
# truth2: gradients b is averaged over the examples instead of summed; backward only; gradients b is too small by the factor m
def im2col(Xp, kh, kw, s):
    w = np.lib.stride_tricks.sliding_window_view(Xp, (kh, kw), axis=(1, 2))[:, ::s, ::s]
    n, oh, ow = w.shape[:3]
    return w.reshape(n * oh * ow, -1), (n, oh, ow)


class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        kh, kw = self.kernel_shape
        Xp = np.pad(X, ((0, 0), (self.pad[0],) * 2, (self.pad[1],) * 2, (0, 0)))
        cols, out_shape = im2col(Xp, kh, kw, self.stride)
        kernel = self.parameters["W"].reshape(-1, self.n_out)
        Z = (cols @ kernel + self.parameters["b"]).reshape(*out_shape, self.n_out)
        self.cache = dict(X=X, Z=Z)
        return self.activation.forward(Z)

    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        s, (p, q) = self.stride, self.pad
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        n, oh, ow, _ = dZ.shape
        Xp = np.pad(X, ((0, 0), (p, p), (q, q), (0, 0)))
        dXp, dW = np.zeros_like(Xp), np.zeros_like(W)
        for i in range(W.shape[0]):
            for j in range(W.shape[1]):
                dW[i, j] = np.tensordot(Xp[:, i:i + s * oh:s, j:j + s * ow:s], dZ, ([0, 1, 2], [0, 1, 2]))
                dXp[:, i:i + s * oh:s, j:j + s * ow:s] += dZ @ W[i, j].T
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(1, 2)).mean(axis=0, keepdims=True)
        return dXp[:, p:p + X.shape[1], q:q + X.shape[2]]


# %% conv-no-bias-and-dw-upstream: the bias is forgotten in forward, dW skips the activation
# target: layers.Conv2D
# truth: forward never adds the bias b; forward only; Y is wrong when b != 0 (and the cached Z, so the slopes of the activation in backward)
# truth2: gradients W is computed from dLdY instead of from dZ, without the activation's slope; backward only; gradients W is wrong for every activation but the identity
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W = self.parameters["W"]
        self.X_shape = X.shape
        pr, pc = self.pad
        Xpad = np.pad(X, ((0, 0), (pr, pr), (pc, pc), (0, 0)), "constant", constant_values=0)
        wins = np.lib.stride_tricks.sliding_window_view(Xpad, self.kernel_shape, (1, 2))
        wins = wins[:, ::self.stride, ::self.stride]
        Z = np.einsum("nrsckl,klcf->nrsf", wins, W)
        self.cache = {"wins": wins, "Z": Z, "Xpad_shape": Xpad.shape}
        return self.activation(Z)

    def backward(self, dLdY):
        W, wins = self.parameters["W"], self.cache["wins"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = np.einsum("nrsckl,nrsf->klcf", wins, dLdY)
        self.gradients["b"] = dZ.reshape(-1, self.n_out).sum(axis=0, keepdims=True)
        dXpad = np.zeros(self.cache["Xpad_shape"])
        per_window = np.einsum("nrsf,klcf->nrsklc", dZ, W)
        for r in range(dZ.shape[1]):
            for c in range(dZ.shape[2]):
                y, x = r * self.stride, c * self.stride
                dXpad[:, y:y + W.shape[0], x:x + W.shape[1]] += per_window[:, r, c]
        return dXpad[:, self.pad[0]:self.pad[0] + self.X_shape[1], self.pad[1]:self.pad[1] + self.X_shape[2]]


# %% conv-overwrites-and-dw-no-stride: dX is assigned where windows overlap, dW slices the input without the stride
# target: layers.Conv2D
# truth: dX is assigned (=) instead of added (+=) for each kernel position, so only the last kernel position that meets a pixel is kept; backward only; only dX is wrong, where windows overlap
# truth2: the slice of the input that dW is computed from leaves out the stride, X_pad[i : i + H'] instead of every stride-th row (and column); backward only; only gradients W is wrong, for stride > 1
class Conv2D:
    def backward(self, dLdY):
        dOut = self.activation.backward(self.cache["Z"], dLdY)
        X, W = self.cache["X"], self.parameters["W"]
        kh, kw, cin, cout = W.shape
        N, Ho, Wo, _ = dOut.shape
        ph, pw = self.pad
        st = self.stride
        Xp = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        dXp = np.zeros_like(Xp)
        dW = np.zeros_like(W)
        flat = dOut.reshape(-1, cout)
        for i in range(kh):
            for j in range(kw):
                x_ij = Xp[:, i:i + Ho, j:j + Wo]
                dW[i, j] = x_ij.reshape(-1, cin).T @ flat
                dXp[:, i:i + Ho * st:st, j:j + Wo * st:st] = dOut.dot(W[i, j].T)
        self.gradients["W"] = dW
        self.gradients["b"] = flat.sum(axis=0)[None]
        return dXp[:, ph:Xp.shape[1] - ph, pw:Xp.shape[2] - pw]


# %% conv-edge-padding-and-uncropped: pads with edge pixels, and returns dX with its padding
# target: layers.Conv2D
# truth: the input is padded with copies of its edge pixels instead of with zeros; forward, and backward through the cached padded input; Y and gradients W are wrong when there is padding (and the slopes of the activation at border pixels), right for pad = 0
# truth2: dX is returned with the padding still on, of shape (m, H + 2ph, W + 2pw, C); backward only; dX has the wrong shape when there is padding, right for pad = 0
def taps(shape, kernel, stride):
    kh, kw = kernel
    last_r, last_c = shape[1] - kh, shape[2] - kw
    for i in range(kh):
        for j in range(kw):
            yield i, j, slice(i, i + last_r + 1, stride), slice(j, j + last_c + 1, stride)


class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        ph, pw = self.pad
        self.Xp = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)), mode="edge")
        Z = 0
        for i, j, rows, cols in taps(self.Xp.shape, self.kernel_shape, self.stride):
            Z = Z + self.Xp[:, rows, cols] @ self.parameters["W"][i, j]
        self.Z = Z + self.parameters["b"]
        return self.activation.forward(self.Z)

    def backward(self, dLdY):
        dZ = self.activation.backward(self.Z, dLdY)
        W = self.parameters["W"]
        self.gradients["W"] = np.zeros_like(W)
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2), keepdims=True)[0, 0]
        dX = np.zeros_like(self.Xp)
        for i, j, rows, cols in taps(self.Xp.shape, self.kernel_shape, self.stride):
            self.gradients["W"][i, j] = np.einsum("nhwc,nhwf->cf", self.Xp[:, rows, cols], dZ)
            dX[:, rows, cols] += np.einsum("nhwf,cf->nhwc", dZ, W[i, j])
        return dX
