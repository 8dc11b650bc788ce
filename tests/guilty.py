"""Submissions whose mistake is known to be in forward, in backward, or in both."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Guilty:
    """A submission: what is wrong, in which target, and in which methods.

    Args:
        what: in a few words.
        target: the class.
        code: its wrong methods; the others are right.
        guilt: "forward", "backward", "both", or "kept": what forward keeps for backward.
    """

    what: str
    target: str
    code: str
    guilt: str


def _class(name: str, **methods: str) -> str:
    lines = [f"class {name.rpartition('.')[2]}:"]
    for method, body in methods.items():
        arguments, *statements = body.strip().split("\n")
        lines.append(f"    def {method}(self, {arguments.strip()}):")
        lines += [
            f"        {line[8:] if line.startswith(' ' * 8) else line}" for line in statements
        ]
    return "\n".join(lines) + "\n"


def _one(guilt: str, what: str, target: str, helpers: str = "", **methods: str) -> Guilty:
    code = helpers + (_class(target, **methods) if methods else "")
    return Guilty(what, target, code, guilt)


RELU, SIGMOID, SOFTMAX = (f"activations.{name}" for name in ("ReLU", "Sigmoid", "SoftMax"))
CROSS_ENTROPY, MSE = "losses.CrossEntropy", "losses.MSE"
DENSE, CONV, POOL, NORM = (
    f"layers.{name}" for name in ("FullyConnected", "Conv2D", "Pool2D", "BatchNorm1D")
)
OWN_SIGMOID = """Z, dY
        Y = self.forward(Z)
        return dY * Y * (1 - Y)"""
OWN_SOFTMAX = """Z, dY
        Y = self.forward(Z)
        return Y * (dY - (dY * Y).sum(axis=1, keepdims=True))"""
STABLE = """Z
        decay = np.exp(-np.abs(Z))
        Y = np.where(Z >= 0, 1.0, decay) / (1.0 + decay)"""
DENSE_FORWARD = """X
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]"""
DENSE_BACKWARD = """dLdY
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)"""
NORM_BACKWARD = """dLdY
        X_hat = self.cache["X_hat"]
        d = dLdY * self.parameters["gamma"]
        self.gradients["gamma"] = (dLdY * X_hat).sum(axis=0, keepdims=True)
        self.gradients["beta"] = dLdY.sum(axis=0, keepdims=True)"""
NORM_FORWARD = """X, mode="train"
        if self.n_in is None:
            self._init_parameters(X.shape)
        cache, keep = self.cache, self.momentum
        mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
        if mode == "train":
            cache["running_mu"] = keep * cache["running_mu"] + (1.0 - keep) * mu
            cache["running_var"] = keep * cache["running_var"] + (1.0 - keep) * var"""
NORM_END = """
        cache["X_hat"] = (X - mu) / cache["deviation"]
        return self.parameters["gamma"] * cache["X_hat"] + self.parameters["beta"]"""

GUILTY = (
    _one("backward", "lets everything through", RELU, backward="Z, dY\n        return dY * 1.0"),
    _one("both", "leaky, and cuts by dY", RELU,
         forward="Z\n        return np.where(Z > 0, Z, 0.1 * Z)",
         backward="Z, dY\n        return np.where(dY > 0, dY, 0.0)"),
    _one("both", "leaky in both", RELU,
         forward="Z\n        return np.where(Z > 0, Z, 0.1 * Z)",
         backward="Z, dY\n        return np.where(Z > 0, dY, 0.1 * dY)"),
    _one("forward", "the hyperbolic tangent", SIGMOID,
         forward="Z\n        return np.tanh(Z)", backward=OWN_SIGMOID),
    _one("forward", "half too low", SIGMOID,
         forward=f"{STABLE}\n        return Y - 0.5", backward=OWN_SIGMOID),
    _one("both", "half too low, and backward without 1 - Y", SIGMOID,
         forward=f"{STABLE}\n        return Y - 0.5",
         backward="Z, dY\n        return dY / (1 + np.exp(-np.clip(Z, -700, 700)))"),
    _one("backward", "rounded forward, backward without Y", SIGMOID,
         forward=f"{STABLE}\n        return np.round(Y, 7)",
         backward="Z, dY\n        return dY / (1 + np.exp(-np.clip(Z, -700, 700)))"),
    _one("forward", "a wrong helper in both", SIGMOID,
         helpers="def _half(Z):\n    return np.tanh(Z)\n\n\n",
         forward="Z\n        return _half(Z)",
         backward="Z, dY\n        Y = _half(Z)\n        return dY * Y * (1 - Y)"),
    _one("both", "the hyperbolic tangent, and backward with Z for Y", SIGMOID,
         forward="Z\n        return np.tanh(Z)",
         backward="Z, dY\n        return dY * Z * (1 - Z)"),
    _one("forward", "over the wrong axis", SOFTMAX,
         forward="Z\n        P = np.exp(Z - Z.max(axis=0))\n        return P / P.sum(axis=0)",
         backward=OWN_SOFTMAX),
    _one("forward", "overflows", SOFTMAX,
         forward="Z\n        P = np.exp(Z)\n        return P / P.sum(axis=1, keepdims=True)",
         backward=OWN_SOFTMAX),
    _one("forward", "random", SOFTMAX,
         forward="Z\n        return Z + np.random.standard_normal(Z.shape)",
         backward=OWN_SOFTMAX),
    _one("backward", "takes Y of the last forward", SOFTMAX,
         forward="""Z
        P = np.exp(Z - Z.max(axis=1, keepdims=True))
        self.Y = P / P.sum(axis=1, keepdims=True)
        return self.Y""",
         backward="""Z, dY
        Y = self.Y if hasattr(self, "Y") else self.forward(Z)
        return Y * (dY - (dY * Y).sum(axis=1, keepdims=True))"""),
    _one("backward", "the diagonal only", SOFTMAX,
         backward="Z, dY\n        Y = self.forward(Z)\n        return dY * Y * (1 - Y)"),
    _one("both", "a sum for a mean, and the fused gradient", CROSS_ENTROPY,
         forward="Y, Y_hat\n        return float(-np.sum(Y * np.log(Y_hat)))",
         backward="Y, Y_hat\n        return (Y_hat - Y) / len(Y)"),
    _one("both", "a constant in forward, no mean in backward", CROSS_ENTROPY,
         forward="Y, Y_hat\n        return float(1 - np.sum(Y * np.log(Y_hat)) / len(Y))",
         backward="Y, Y_hat\n        return -Y / Y_hat"),
    _one("both", "no mean in both", MSE,
         forward="Y, Y_hat\n        return float(np.sum((Y - Y_hat) ** 2))",
         backward="Y, Y_hat\n        return 2 * (Y_hat - Y)"),
    _one("both", "half in forward, the sign in backward", MSE,
         forward="Y, Y_hat\n        return float(np.sum((Y - Y_hat) ** 2) / 2 / len(Y))",
         backward="Y, Y_hat\n        return 2 * (Y - Y_hat) / len(Y)"),
    _one("backward", "where Y_hat is below Y: the sign", MSE,
         backward="Y, Y_hat\n        return 2 * np.abs(Y_hat - Y) / len(Y)"),
    _one("forward", "no bias", DENSE,
         forward=f"""{DENSE_FORWARD}
        Z = X @ W
        self.cache = {{"X": X, "Z": Z}}
        return self.activation.forward(Z)"""),
    _one("backward", "db times b", DENSE,
         backward=f"""{DENSE_BACKWARD}
        self.gradients["W"] = X.T @ dZ
        self.gradients["b"] = (dZ * self.parameters["b"]).sum(axis=0, keepdims=True)
        return dZ @ W.T"""),
    _one("both", "one more, and db times b", DENSE,
         forward=f"""{DENSE_FORWARD}
        Z = X @ W + b
        self.cache = {{"X": X, "Z": Z}}
        return self.activation.forward(Z) + 1.0""",
         backward=f"""{DENSE_BACKWARD}
        self.gradients["W"] = X.T @ dZ
        self.gradients["b"] = (dZ * self.parameters["b"]).sum(axis=0, keepdims=True)
        return dZ @ W.T"""),
    _one("kept", "keeps Y for Z", DENSE,
         forward=f"""{DENSE_FORWARD}
        Z = self.activation.forward(X @ W + b)
        self.cache = {{"X": X, "Z": Z}}
        return Z"""),
    _one("forward", "W is copied once", DENSE,
         forward=f"""{DENSE_FORWARD}
        self.copy = getattr(self, "copy", W)
        Z = X @ self.copy + b
        self.cache = {{"X": X, "Z": Z}}
        return self.activation.forward(Z)"""),
    _one("kept", "X is kept once", DENSE,
         forward=f"""{DENSE_FORWARD}
        Z = X @ W + b
        self.cache = {{"X": self.cache.get("X", X / 2), "Z": Z}}
        return self.activation.forward(Z)"""),
    _one("both", "twice the bias, and dW divided by m", DENSE,
         forward=f"""{DENSE_FORWARD}
        Z = X @ W + 2 * b
        self.cache = {{"X": X, "Z": Z}}
        return self.activation.forward(Z)""",
         backward=f"""{DENSE_BACKWARD}
        self.gradients["W"] = X.T @ dZ / len(X)
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ W.T"""),
    _one("backward", "crops the last rows and columns", CONV,
         helpers="def _crop(X_pad, pad):\n"
         "    height, width = (n - 2 * p for n, p in zip(X_pad.shape[1:3], pad, strict=True))\n"
         "    return X_pad[:, :height, :width]\n"),
    _one("both", "forward one too high, crops the last rows and columns", CONV,
         helpers="def _crop(X_pad, pad):\n"
         "    height, width = (n - 2 * p for n, p in zip(X_pad.shape[1:3], pad, strict=True))\n"
         "    return X_pad[:, :height, :width]\n\n\n",
         forward="""X
        if self.n_in is None:
            self._init_parameters(X.shape)
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        W, b = self.parameters["W"], self.parameters["b"]
        Z = np.tensordot(windows, W, axes=((4, 5, 3), (0, 1, 2))) + b.reshape(-1)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z) + 1.0"""),
    _one("forward", "flips the kernel", CONV,
         forward="""X
        if self.n_in is None:
            self._init_parameters(X.shape)
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        W, b = self.parameters["W"], self.parameters["b"]
        Z = np.tensordot(windows, W[::-1, ::-1], axes=((4, 5, 3), (0, 1, 2))) + b.reshape(-1)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)"""),
    _one("both", "adds up for the average", POOL,
         forward="""X
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        flat = windows.reshape(*windows.shape[:4], -1)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=4)}
        return flat.max(axis=4) if self.mode == "max" else flat.sum(axis=4)""",
         backward="""dLdY
        (kh, kw), winner = self.kernel_shape, self.cache["winner"]
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        for i, j, rows, columns in _positions((kh, kw), dLdY.shape[1:3], self.stride):
            share = winner == i * kw + j if self.mode == "max" else 1.0
            dX_pad[:, rows, columns] += dLdY * share
        return _crop(dX_pad, self.pad)"""),
    _one("kept", "keeps the smallest", POOL,
         forward="""X
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        flat = windows.reshape(*windows.shape[:4], -1)
        self.cache = {"X_shape": X.shape, "winner": flat.argmin(axis=4)}
        return flat.max(axis=4) if self.mode == "max" else flat.mean(axis=4)"""),
    _one("forward", "train mode uses the running statistics", NORM,
         forward=f"""{NORM_FORWARD}
        mu, var = cache["running_mu"], cache["running_var"]
        cache["deviation"] = np.sqrt(var + self.eps){NORM_END}"""),
    _one("forward", "the unbiased variance", NORM,
         forward=f"""{NORM_FORWARD}
        var = X.var(axis=0, keepdims=True, ddof=1)
        cache["deviation"] = np.sqrt(var + self.eps){NORM_END}"""),
    _one("backward", "without the path through the variance", NORM,
         backward=f"""{NORM_BACKWARD}
        return (d - d.mean(axis=0, keepdims=True)) / self.cache["deviation"]"""),
    _one("backward", "a noisy forward, no path through the variance", NORM,
         forward=f"""{NORM_FORWARD}
        cache["deviation"] = np.sqrt(var + self.eps)
        cache["X_hat"] = (X - mu) / cache["deviation"]
        Y = self.parameters["gamma"] * cache["X_hat"] + self.parameters["beta"]
        return Y + 1e-6 * np.random.standard_normal(Y.shape)""",
         backward=f"""{NORM_BACKWARD}
        return (d - d.mean(axis=0, keepdims=True)) / self.cache["deviation"]"""),
    _one("both", "the unbiased variance, and no path through it", NORM,
         forward=f"""{NORM_FORWARD}
        var = X.var(axis=0, keepdims=True, ddof=1)
        cache["deviation"] = np.sqrt(var + self.eps){NORM_END}""",
         backward=f"""{NORM_BACKWARD}
        return (d - d.mean(axis=0, keepdims=True)) / self.cache["deviation"]"""),
)  # fmt: skip
