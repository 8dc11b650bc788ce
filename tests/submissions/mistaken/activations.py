# %% m-relu-forward-ge-cut1: cuts at 1 instead of 0
# target: activations.ReLU
# shape: partly
# values: partly
# batching: partly
class ReLU:
    def forward(self, Z):
        return np.where(Z > 1, Z, 0)


# %% m-relu-backward-ones-where: np.where(Z>0, 1, dY)
# target: activations.ReLU
# shape: partly
# gradient: failed
# batching: partly
class ReLU:
    def backward(self, Z, dY):
        return np.where(Z > 0, 1.0, dY)


# %% m-relu-backward-dy-plus-mask: adds instead of multiplies
# target: activations.ReLU
# shape: partly
# gradient: failed
# batching: partly
class ReLU:
    def backward(self, Z, dY):
        return dY + (Z > 0)


# %% m-relu-backward-matmul: dY @ mask.T
# target: activations.ReLU
# shape: partly
# gradient: raised
# batching: partly
class ReLU:
    def backward(self, Z, dY):
        return dY @ (Z > 0).astype(float).T


# %% m-relu-args-swapped: backward(self, dY, Z)
# target: activations.ReLU
# shape: partly
# gradient: failed
# batching: partly
class ReLU:
    def backward(self, dY, Z):
        return dY * (Z > 0)


# %% m-relu-backward-one-arg: old interface backward(dY) with cached Z
# target: activations.ReLU
# shape: partly
# gradient: raised
# batching: partly
class ReLU:
    def forward(self, Z):
        self.Z = Z
        return np.maximum(0, Z)
    def backward(self, dY):
        return dY * (self.Z > 0)


# %% m-relu-forward-max-axis: np.max(0, Z)
# target: activations.ReLU
# shape: partly
# values: raised
# batching: partly
class ReLU:
    def forward(self, Z):
        return np.max(0, Z)


# %% m-relu-forward-if: if Z < 0
# target: activations.ReLU
# shape: partly
# values: raised
# batching: partly
class ReLU:
    def forward(self, Z):
        if Z < 0:
            return 0
        else:
            return Z


# %% m-relu-forward-zeros-like-int: result built with np.zeros(Z.shape, dtype=int)
# target: activations.ReLU
# shape: partly
# values: failed
# batching: partly
# also: relu-forward-integers
class ReLU:
    def forward(self, Z):
        out = np.zeros(Z.shape, dtype=int)
        out[Z > 0] = Z[Z > 0]
        return out


# %% m-relu-forward-matrix: returns np.matrix
# target: activations.ReLU
# shape: partly
# values: partly
class ReLU:
    def forward(self, Z):
        return np.matrix(np.maximum(Z, 0))


# %% m-relu-torch: imports torch
# target: activations.ReLU
# shape: raised
# values: raised
# gradient: raised
# batching: raised
import torch
class ReLU:
    def forward(self, Z):
        return torch.relu(torch.tensor(Z)).numpy()


# %% m-relu-abs-import: from layers import Layer at top (absolute)
# target: activations.ReLU
# shape: raised
# values: raised
# gradient: raised
# batching: raised
from layers import Layer


# %% m-relu-np-missing: wrote numpy.maximum without importing numpy by that name
# target: activations.ReLU
# shape: partly
# values: raised
# batching: partly
class ReLU:
    def forward(self, Z):
        return numpy.maximum(Z, 0)


# %% m-relu-unfinished: pass in backward
# target: activations.ReLU
# shape: partly
# gradient: failed
# batching: partly
class ReLU:
    def backward(self, Z, dY):
        pass


# %% m-relu-unfinished-ellipsis: "..." in forward
# target: activations.ReLU
# shape: partly
# values: failed
# batching: partly
class ReLU:
    def forward(self, Z):
        ### YOUR CODE HERE ###
        ...


# %% m-relu-return-in-loop: returns after the first row
# target: activations.ReLU
# shape: partly
# values: failed
# batching: partly
class ReLU:
    def forward(self, Z):
        out = []
        for row in Z:
            out.append(np.maximum(row, 0))
            return np.array(out)


# %% m-relu-input: waits for input()
# target: activations.ReLU
# shape: partly
# values: raised
# batching: partly
class ReLU:
    def forward(self, Z):
        input("continue?")
        return np.maximum(Z, 0)


# %% m-relu-exit: calls exit() for debugging in backward
# target: activations.ReLU
# shape: partly
# gradient: raised
# batching: partly
class ReLU:
    def backward(self, Z, dY):
        print(Z.shape)
        exit()


# %% m-relu-returns-tuple: returns (Y, cache)
# target: activations.ReLU
# shape: partly
# values: failed
# batching: partly
class ReLU:
    def forward(self, Z):
        return np.maximum(Z, 0), Z


# %% m-relu-backward-mask-of-dy-shape: Z.any()
# target: activations.ReLU
# shape: partly
# gradient: failed
# batching: partly
# also: relu-backward-identity
class ReLU:
    def backward(self, Z, dY):
        return dY if (Z > 0).any() else np.zeros_like(dY)


# %% m-relu-slope-of-forward-eq: dY * (self.forward(Z) == Z).all(axis=...)
# target: activations.ReLU
# shape: partly
# gradient: failed
# batching: partly
class ReLU:
    def backward(self, Z, dY):
        mask = (Z > 0).all(axis=-1, keepdims=True)
        return dY * mask


# %% m-relu-float-mask-uint8: mask as uint8, negative
# target: activations.ReLU
# shape: partly
# gradient: failed
# batching: partly
class ReLU:
    def backward(self, Z, dY):
        return dY.astype(np.uint8) * (Z > 0)


# %% m-relu-backward-exchanged-z: uses relu of Z for dY sign
# target: activations.ReLU
# shape: partly
# gradient: failed
# batching: partly
class ReLU:
    def backward(self, Z, dY):
        return np.maximum(dY * Z, 0)


# %% m-sig-forward-eps-denominator: 1/(1+exp(-z)+1e-8) is harmless, 1e-3 is not
# target: activations.Sigmoid
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
class Sigmoid:
    def forward(self, Z):
        return 1 / (1 + np.exp(-Z) + 1e-3)
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * Y * (1 - Y)


# %% m-sig-clip-wrong-args: np.clip(Z, 500, -500)
# target: activations.Sigmoid
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
class Sigmoid:
    def forward(self, Z):
        Z = np.clip(Z, 500, -500)
        return 1 / (1 + np.exp(-Z))
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * Y * (1 - Y)


# %% m-sig-overflow-plain: exp(z)/(1+exp(z)), backward via exp(-z)/(1+exp(-z))**2
# target: activations.Sigmoid
# values: partly
# gradient: partly
# also: sigmoid-overflow
class Sigmoid:
    def forward(self, Z):
        return np.exp(Z) / (1 + np.exp(Z))
    def backward(self, Z, dY):
        e = np.exp(-Z)
        return dY * e / (1 + e) ** 2


# %% m-sig-forward-right-backward-exp: forward fine, backward overflows in e/(1+e)**2
# target: activations.Sigmoid
# gradient: partly
class Sigmoid:
    def backward(self, Z, dY):
        e = np.exp(-Z)
        return dY * e / (1 + e) ** 2


# %% m-sig-square-brackets: Y * (1 - Y) ** 2
# target: activations.Sigmoid
# shape: partly
# gradient: failed
# batching: partly
class Sigmoid:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * Y * (1 - Y) ** 2


# %% m-sig-plus: Y * (1 + Y)
# target: activations.Sigmoid
# shape: partly
# gradient: failed
# batching: partly
class Sigmoid:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * Y * (1 + Y)


# %% m-sig-y-minus-one: Y * (Y - 1)
# target: activations.Sigmoid
# shape: partly
# gradient: failed
# batching: partly
# also: sigmoid-backward-sign
class Sigmoid:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * Y * (Y - 1)


# %% m-sig-dy-as-output: treats dY as the output sigma(Z)
# target: activations.Sigmoid
# shape: partly
# gradient: failed
# batching: partly
class Sigmoid:
    def backward(self, Z, dY):
        return dY * (1 - dY)


# %% m-sig-mask-swap: branches of the stable form swapped
# target: activations.Sigmoid
# shape: partly
# values: failed
# batching: partly
# also: sigmoid-forward-sign
class Sigmoid:
    def forward(self, Z):
        return np.where(Z < 0, 1 / (1 + np.exp(-np.abs(Z))), np.exp(-np.abs(Z)) / (1 + np.exp(-np.abs(Z))))


# %% m-sig-in-place-corrupt: forward overwrites Z, backward calls forward then uses Z
# target: activations.Sigmoid
# shape: partly
# gradient: failed
# batching: partly
class Sigmoid:
    def forward(self, Z):
        np.negative(Z, out=Z)
        np.clip(Z, -500, 500, out=Z)
        np.exp(Z, out=Z)
        Z += 1
        np.reciprocal(Z, out=Z)
        return Z
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * (Y * (1 - Z)) * Z


# %% m-sig-python-branch: uses first element's sign to choose the formula
# target: activations.Sigmoid
# values: partly
# gradient: partly
# also: sigmoid-overflow
class Sigmoid:
    def forward(self, Z):
        if np.all(Z >= 0):
            return 1 / (1 + np.exp(-Z))
        return np.exp(Z) / (1 + np.exp(Z))


# %% m-sm-minus-mean: subtracts the mean instead of max
# target: activations.SoftMax
# values: partly
# gradient: partly
# also: softmax-unstable
class SoftMax:
    def forward(self, Z):
        e = np.exp(Z - Z.mean(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)


# %% m-sm-colmax: subtracts the maxima of columns
# target: activations.SoftMax
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
class SoftMax:
    def forward(self, Z):
        e = np.exp(Z - Z.max(axis=0))
        return e / e.sum(axis=1, keepdims=True)


# %% m-sm-minus-min: subtracts the min
# target: activations.SoftMax
# values: partly
# gradient: partly
# also: softmax-unstable
class SoftMax:
    def forward(self, Z):
        e = np.exp(Z - np.min(Z, axis=1, keepdims=True))
        return e / np.sum(e, axis=1, keepdims=True)


# %% m-sm-add-max: adds the max
# target: activations.SoftMax
# values: partly
# gradient: partly
# also: softmax-unstable
class SoftMax:
    def forward(self, Z):
        e = np.exp(Z + np.max(Z, axis=1, keepdims=True))
        return e / np.sum(e, axis=1, keepdims=True)


# %% m-sm-sum-of-z: exp(z)/sum(z)
# target: activations.SoftMax
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
class SoftMax:
    def forward(self, Z):
        Z = Z - Z.max(axis=1, keepdims=True)
        return np.exp(Z) / np.sum(Z, axis=1, keepdims=True)


# %% m-sm-eps-big: + 1e-3 in the denominator
# target: activations.SoftMax
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
class SoftMax:
    def forward(self, Z):
        e = np.exp(Z - Z.max(axis=1, keepdims=True))
        return e / (e.sum(axis=1, keepdims=True) + 1e-3)


# %% m-sm-backward-double-loop-j: Jacobian filled with Z index mistakes: J = diag(Y) - Y Y (elementwise)
# target: activations.SoftMax
# shape: partly
# gradient: failed
# batching: partly
# also: softmax-backward-diagonal
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return Y * dY - Y * Y * dY


# %% m-sm-backward-jac-of-first: Jacobian of the first example for all
# target: activations.SoftMax
# shape: partly
# gradient: failed
# batching: partly
class SoftMax:
    def backward(self, Z, dY):
        y = self.forward(Z)[0]
        J = np.diag(y) - np.outer(y, y)
        return dY @ J


# %% m-sm-backward-einsum-wrong: einsum over examples by wrong letters
# target: activations.SoftMax
# shape: partly
# gradient: failed
# batching: partly
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        J = np.einsum("ij,jk->ijk", Y, np.eye(Y.shape[1])) - np.einsum("ij,ik->ijk", Y, Y)
        return np.einsum("ijk,ij->ij", J, dY)


# %% m-sm-backward-dot-total: np.sum(dY*Y) with axis=1 without keepdims (raises or broadcasts when m == k)
# target: activations.SoftMax
# shape: partly
# gradient: raised
# batching: partly
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return Y * (dY - np.sum(dY * Y, axis=1))


# %% m-sm-transposed-twice: e / sum (k, m) wrong broadcasting for square
# target: activations.SoftMax
# shape: raised
# values: failed
# gradient: raised
# batching: raised
class SoftMax:
    def forward(self, Z):
        e = np.exp(Z - np.max(Z, axis=1)[:, None])
        return (e / e.sum(axis=0)).T


# %% m-sm-backward-uses-dy-norm: fused with dY as target: Y - dY
# target: activations.SoftMax
# shape: partly
# gradient: failed
# batching: partly
# also: softmax-backward-fused
class SoftMax:
    def backward(self, Z, dY):
        return (self.forward(Z) - dY) / Z.shape[0]


# %% m-sm-logits-clip: clip(Z,-50,50) first
# target: activations.SoftMax
# values: partly
# gradient: partly
class SoftMax:
    def forward(self, Z):
        e = np.exp(np.clip(Z, -50, 50))
        return e / e.sum(axis=1, keepdims=True)


# %% m-sm-two-mistakes: no max, divides grad by m
# target: activations.SoftMax
# shape: partly
# values: partly
# gradient: failed
# batching: partly
# also: softmax-unstable softmax-backward-divides-by-m
class SoftMax:
    def forward(self, Z):
        e = np.exp(Z)
        return e / e.sum(axis=1, keepdims=True)
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return Y * (dY - (dY * Y).sum(axis=1, keepdims=True)) / len(Z)


# %% m-relu-backward-of-y: expects the output, works (fine); and dY mean over axis 0
# target: activations.ReLU
# shape: partly
# gradient: failed
# batching: partly
class ReLU:
    def backward(self, Z, dY):
        return (Z > 0) * dY.mean(axis=0, keepdims=True)


# %% m-relu-forward-shifted: forward max(Z, 0) + 1, backward uses forward
# target: activations.ReLU
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
# also: relu-backward-identity
class ReLU:
    def forward(self, Z):
        return np.maximum(Z, 0) + 1
    def backward(self, Z, dY):
        return dY * (self.forward(Z) > 0)


# %% m-sig-clip-3: clip 3 (bites the 700..1000 rows only), backward uses forward
# target: activations.Sigmoid
# values: partly
# gradient: partly
class Sigmoid:
    def forward(self, Z):
        return 1 / (1 + np.exp(-np.clip(Z, -3, 3)))
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * Y * (1 - Y)


# %% m-sm-keepdims-square: normalizes without keepdims, wrong only where m == k or raises
# target: activations.SoftMax
# shape: partly
# values: raised
# gradient: raised
# batching: raised
class SoftMax:
    def forward(self, Z):
        E = np.exp(Z - Z.max(axis=1, keepdims=True))
        return E / E.sum(axis=1)


# %% m-sm-nested-helper-async: deque(map(...), maxlen=0) filling rows
# target: activations.SoftMax
# batching: failed
from collections import deque
class SoftMax:
    def forward(self, Z):
        out = np.empty_like(Z)
        def row(i):
            e = np.exp(Z[i] - Z[i].max()); out[i] = e / e.sum()
        deque(map(row, range(len(Z))), maxlen=0)
        return out


# %% m-relu-frompyfunc: np.frompyfunc
# target: activations.ReLU
# batching: partly
class ReLU:
    def forward(self, Z):
        return np.frompyfunc(lambda z: max(z, 0.0), 1, 1)(Z).astype(float)


# %% m-relu-sorted-key: sorted with a key over the rows
# target: activations.ReLU
# batching: partly
class ReLU:
    def forward(self, Z):
        rows = sorted(range(len(Z)), key=lambda i: i)
        return np.maximum(np.array([Z[r] for r in rows]), 0)


# %% m-relu-filter-tolist: nested comprehension over tolist with ndim check
# target: activations.ReLU
# batching: partly
class ReLU:
    def forward(self, Z):
        return np.array([max(0.0, z) for z in Z.ravel().tolist()]).reshape(Z.shape)


# %% m-relu-backward-ndenumerate: ndenumerate in backward
# target: activations.ReLU
# batching: partly
class ReLU:
    def backward(self, Z, dY):
        out = dY.copy()
        for index, z in np.ndenumerate(Z):
            if z < 0:
                out[index] = 0
        return out


# %% m-sig-arrays-of-rows-list: np.concatenate of generator slices
# target: activations.Sigmoid
# batching: failed
class Sigmoid:
    def forward(self, Z):
        return np.concatenate([1 / (1 + np.exp(-np.clip(Z[i:i + 1], -500, 500))) for i in range(Z.shape[0])])


# %% m-relu-loop-set-comp: set comprehension of indices
# target: activations.ReLU
# batching: partly
class ReLU:
    def forward(self, Z):
        out = np.zeros(Z.shape)
        {out.__setitem__(i, np.maximum(Z[i], 0)) for i in range(len(Z))} if False else [out.__setitem__(i, np.maximum(Z[i], 0)) for i in range(len(Z))]
        return out


# %% m-relu-nditer-write: np.nditer readwrite
# target: activations.ReLU
# batching: partly
class ReLU:
    def forward(self, Z):
        out = Z.copy()
        with np.nditer(out, op_flags=["readwrite"]) as it:
            for z in it:
                z[...] = z * (z > 0)
        return out


# %% m-sig-global-typo: uses self.Y from forward of another instance (class attribute)
# target: activations.Sigmoid
# gradient: partly
class Sigmoid:
    def forward(self, Z):
        d = np.exp(-np.abs(Z))
        Sigmoid.Y = np.where(Z >= 0, 1.0, d) / (1 + d)
        return Sigmoid.Y
    def backward(self, Z, dY):
        Y = Sigmoid.Y if hasattr(Sigmoid, "Y") and Sigmoid.Y.shape == Z.shape else self.forward(Z)
        return dY * Y * (1 - Y)


# %% m-sm-jacobian-loop-k-examples: loops examples with zip in backward building diagflat
# target: activations.SoftMax
# batching: partly
class SoftMax:
    def backward(self, Z, dY):
        out = np.empty_like(Z)
        for n, (y, d) in enumerate(zip(self.forward(Z), dY)):
            y = y.reshape(-1, 1)
            out[n] = (np.diagflat(y) - y @ y.T) @ d
        return out


# %% m-sm-vmap-generator: yields rows
# target: activations.SoftMax
# batching: failed
class SoftMax:
    def forward(self, Z):
        def rows():
            for z in Z:
                e = np.exp(z - z.max())
                yield e / e.sum()
        return np.stack([*rows()])


# %% m-sm-partial-batch-64: loops over blocks of 20 rows with a recursion
# target: activations.SoftMax
# batching: failed
class SoftMax:
    def forward(self, Z):
        if len(Z) > 20:
            return np.concatenate([self.forward(Z[:20]), self.forward(Z[20:])])
        e = np.exp(Z - Z.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)


# %% m-relu-backward-ge-forward-y: mask from Y >= 0 (always true)
# target: activations.ReLU
# shape: partly
# gradient: failed
# batching: partly
# also: relu-backward-identity
class ReLU:
    def backward(self, Z, dY):
        return dY * (self.forward(Z) >= 0)


# %% m-sm-stale-by-shape: backward uses stored Y if the shape is the same
# target: activations.SoftMax
# gradient: partly
# batching: partly
# also: softmax-backward-stale
class SoftMax:
    def forward(self, Z):
        E = np.exp(Z - Z.max(1, keepdims=True))
        self.Y = E / E.sum(1, keepdims=True)
        return self.Y
    def backward(self, Z, dY):
        if not hasattr(self, "Y"):
            self.forward(Z)
        Y = self.Y
        return Y * (dY - (dY * Y).sum(1, keepdims=True))


# %% m-relu-breakpoint: left a breakpoint()
# target: activations.ReLU
# shape: partly
# values: raised
# batching: raised
class ReLU:
    def forward(self, Z):
        breakpoint()
        return np.maximum(Z, 0)


# %% m-sig-clip10: clips at 10
# target: activations.Sigmoid
# values: partly
# gradient: partly
class Sigmoid:
    def forward(self, Z):
        Z = np.clip(Z, -10, 10)
        return 1 / (1 + np.exp(-Z))
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return dY * Y * (1 - Y)


# %% m-sig-float16: float16
# target: activations.Sigmoid
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
class Sigmoid:
    def forward(self, Z):
        Z = np.clip(Z, -10, 10).astype(np.float16)
        return 1 / (1 + np.exp(-Z))


# %% m-sig-f32-clip: float32 and clip at 8
# target: activations.Sigmoid
# values: partly
# gradient: partly
class Sigmoid:
    def forward(self, Z):
        Z = np.clip(Z, -8, 8).astype(np.float32)
        return 1 / (1 + np.exp(-Z))


# %% m-sig-f32-eps: float32 and a big eps
# target: activations.Sigmoid
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
class Sigmoid:
    def forward(self, Z):
        Z = np.clip(Z, -80, 80).astype(np.float32)
        return 1 / (1 + np.exp(-Z) + np.float32(2.6e-4))


# %% m-relu-stale-shape-preserved: caches the mask at first call for that shape
# target: activations.ReLU
# values: partly
class ReLU:
    def forward(self, Z):
        self.masks = getattr(self, "masks", {})
        self.masks.setdefault(Z.shape, Z > 0)
        return Z * self.masks[Z.shape]


# %% m-relu-flat-copy: writes into a copy made of .flat, which numpy makes read-only for some layouts
# target: activations.ReLU
# gradient: partly
class ReLU:
    def backward(self, Z, dY):
        dZ = np.array(dY.flat).reshape(Z.shape)
        dZ.flat[np.flatnonzero(Z.flat[:] < 0)] = 0
        return dZ
