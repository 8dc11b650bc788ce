# %% pool-dx-assigned-by-window: writes "=" instead of "+=" in a loop over the windows
# target: layers.Pool2D
# shape: partly
# gradient: partly
# says: Where windows overlap, dX keeps only what was written last: = overwrites, += adds, and += on fancy indices adds only once per entry (np.add.at adds every time).
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), winner, s = self.kernel_shape, self.cache["winner"], self.stride
        m, out_h, out_w, channels = dLdY.shape
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        for i in range(out_h):
            for j in range(out_w):
                rows, columns = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                share = np.full((m, kh, kw, channels), 1.0 / (kh * kw))
                if self.mode == "max":
                    share = winner[:, i, j][:, None, None] == np.arange(kh * kw).reshape(kh, kw, 1)
                dX_pad[:, rows, columns] = dLdY[:, i, j][:, None, None] * share
        return _crop(dX_pad, self.pad)
