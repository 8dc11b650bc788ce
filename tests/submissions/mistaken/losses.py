# %% m-ce-forward-constant: forward adds a constant; backward right
# target: losses.CrossEntropy
# shape: partly
# values: failed
# gradient: partly
# batching: blocked
# also: ce-backward-no-mean
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return float(1 - np.sum(Y * np.log(Y_hat)) / len(Y))
    def backward(self, Y, Y_hat):
        return -Y / Y_hat


# %% m-mse-apply-along-axis: apply_along_axis over the rows
# target: losses.MSE
# batching: partly
class MSE:
    def forward(self, Y, Y_hat):
        return float(np.apply_along_axis(lambda d: d @ d, 1, Y - Y_hat).mean())


# %% m-mse-itertools: itertools.starmap and product
# target: losses.MSE
# batching: partly
import itertools
class MSE:
    def forward(self, Y, Y_hat):
        d = Y - Y_hat
        return sum(d[i, j] ** 2 for i, j in itertools.product(range(d.shape[0]), range(d.shape[1]))) / len(d)


# %% m-ce-str-join: a loop hidden in iter(callable, sentinel)
# target: losses.CrossEntropy
# batching: partly
class CrossEntropy:
    def forward(self, Y, Y_hat):
        logs, i = [], [-1]
        def step():
            i[0] += 1
            return -(Y[i[0]] @ np.log(Y_hat[i[0]])) if i[0] < len(Y) else None
        return float(sum(iter(step, None)) / len(Y))


# %% m-ce-eps-1e-4: eps inside log too big in backward only
# target: losses.CrossEntropy
# shape: partly
# gradient: failed
# batching: partly
class CrossEntropy:
    def backward(self, Y, Y_hat):
        return -Y / (Y_hat + 1e-4) / Y.shape[0]


# %% m-ce-log-outside: log of the sum instead of sum of logs
# target: losses.CrossEntropy
# shape: partly
# values: partly
# batching: partly
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return float(-np.log(np.sum(Y * Y_hat)) / len(Y))


# %% m-ce-sum-rows-log: log of row sums Y*Y_hat (right for one-hot)
# target: losses.CrossEntropy
# values: partly
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return float(-np.mean(np.log(np.sum(Y * Y_hat, axis=1))))


# %% m-ce-m-is-columns: m = Y.shape[1]
# target: losses.CrossEntropy
# shape: blocked
# values: failed
# gradient: failed
# batching: blocked
# also: ce-forward-per-class ce-backward-per-class
class CrossEntropy:
    def forward(self, Y, Y_hat):
        m = Y.shape[1]
        return -np.sum(Y * np.log(Y_hat)) / m
    def backward(self, Y, Y_hat):
        return -(1 / Y.shape[1]) * Y / Y_hat


# %% m-ce-int-division: (1 // m)
# target: losses.CrossEntropy
# shape: partly
# values: partly
# gradient: partly
# batching: blocked
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return -(1 // Y.shape[0]) * np.sum(Y * np.log(Y_hat))
    def backward(self, Y, Y_hat):
        return -(1 // Y.shape[0]) * Y / Y_hat


# %% m-ce-fused-forward-softmax: applies softmax again in forward
# target: losses.CrossEntropy
# shape: partly
# values: failed
# batching: partly
class CrossEntropy:
    def forward(self, Y, Y_hat):
        P = np.exp(Y_hat) / np.exp(Y_hat).sum(1, keepdims=True)
        return float(-np.sum(Y * np.log(P)) / len(Y))


# %% m-ce-backward-square: Y / Y_hat**2
# target: losses.CrossEntropy
# shape: partly
# gradient: failed
# batching: partly
class CrossEntropy:
    def backward(self, Y, Y_hat):
        return -Y / Y_hat ** 2 / len(Y)


# %% m-ce-backward-inverse: Y_hat / Y
# target: losses.CrossEntropy
# shape: partly
# gradient: failed
# batching: partly
# also: ce-backward-swapped
class CrossEntropy:
    def backward(self, Y, Y_hat):
        return -(Y_hat / Y) / len(Y)


# %% m-ce-no-init-name: own __init__ without the name argument
# target: losses.CrossEntropy
# shape: raised
# values: raised
# gradient: raised
# batching: raised
class CrossEntropy:
    def __init__(self):
        self.name = "cross_entropy"


# %% m-ce-returns-str: returns formatted string
# target: losses.CrossEntropy
# shape: partly
# values: failed
# batching: partly
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return f"{-np.sum(Y * np.log(Y_hat)) / len(Y):.4f}"


# %% m-ce-rounded: round(loss, 4)
# target: losses.CrossEntropy
# shape: partly or passed
# values: partly
# batching: partly
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return round(float(-np.sum(Y * np.log(Y_hat)) / len(Y)), 4)


# %% m-ce-cached-m: caches m in constructor-like attribute at first call
# target: losses.CrossEntropy
# batching: partly
class CrossEntropy:
    def forward(self, Y, Y_hat):
        if not hasattr(self, "m"):
            self.m = Y.shape[0]
        return float(-np.sum(Y * np.log(Y_hat)) / self.m)


# %% m-ce-reduce-loop: functools.reduce over zip
# target: losses.CrossEntropy
# batching: partly
import functools
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return float(functools.reduce(lambda t, r: t - r[0] @ np.log(r[1]), zip(Y, Y_hat), 0.0) / len(Y))


# %% m-ce-fancy-labels: labels by argmax loop generator
# target: losses.CrossEntropy
# values: partly
# also: ce-argmax
class CrossEntropy:
    def forward(self, Y, Y_hat):
        labels = Y.argmax(1)
        return float(-np.log(Y_hat[range(len(Y)), labels]).mean())


# %% m-mse-sqrt-mean: mean over examples of the norm squared... of sums
# target: losses.MSE
# shape: partly
# values: partly
# batching: partly
class MSE:
    def forward(self, Y, Y_hat):
        return float(np.mean(np.sum(Y - Y_hat, axis=1) ** 2))


# %% m-mse-backward-two-over-k: 2/(m*k) and forward mean -- sklearn style
# target: losses.MSE
# shape: blocked
# values: partly
# gradient: partly
# batching: blocked
# also: mse-mean
class MSE:
    def forward(self, Y, Y_hat):
        return ((Y - Y_hat) ** 2).mean()
    def backward(self, Y, Y_hat):
        return 2 * (Y_hat - Y) / Y.size


# %% m-mse-half-and-sign: half and sign both
# target: losses.MSE
# shape: partly
# gradient: failed
# batching: partly
class MSE:
    def backward(self, Y, Y_hat):
        return (Y - Y_hat) / len(Y)


# %% m-mse-m-cols-and-no-2: divides by k, no 2
# target: losses.MSE
# shape: partly
# gradient: failed
# batching: partly
class MSE:
    def backward(self, Y, Y_hat):
        return (Y_hat - Y) / Y.shape[1]


# %% m-mse-4: forgets that 2 is in already (factor 4)
# target: losses.MSE
# shape: partly
# gradient: failed
# batching: partly
class MSE:
    def backward(self, Y, Y_hat):
        return 2 * (2 * (Y_hat - Y)) / Y.shape[0]


# %% m-mse-xor: uses ^ 2
# target: losses.MSE
# shape: partly
# values: raised
# batching: partly
class MSE:
    def forward(self, Y, Y_hat):
        return np.sum((Y - Y_hat) ^ 2) / Y.shape[0]


# %% m-mse-axis-0-norm-mean: mean over columns
# target: losses.MSE
# shape: partly
# values: failed
# batching: partly
# also: mse-forward-per-output
class MSE:
    def forward(self, Y, Y_hat):
        return float(np.mean(np.linalg.norm(Y - Y_hat, axis=0) ** 2))


# %% m-mse-nditer: np.nditer over all entries
# target: losses.MSE
# batching: partly
class MSE:
    def forward(self, Y, Y_hat):
        total = 0.0
        for a, b in np.nditer([Y, Y_hat]):
            total += (a - b) ** 2
        return float(total / len(Y))


# %% m-mse-next-iter: while True with next()
# target: losses.MSE
# batching: partly
class MSE:
    def forward(self, Y, Y_hat):
        it, total = iter(Y - Y_hat), 0.0
        while True:
            try:
                total += float((next(it) ** 2).sum())
            except StopIteration:
                return total / len(Y)


# %% m-mse-tolist-fsum: math.fsum over a comprehension of tolist
# target: losses.MSE
# batching: failed
import math
class MSE:
    def forward(self, Y, Y_hat):
        return math.fsum((a - b) ** 2 for r, s in zip(Y.tolist(), Y_hat.tolist()) for a, b in zip(r, s)) / len(Y)
    def backward(self, Y, Y_hat):
        return np.array([[2 * (b - a) / len(Y) for a, b in zip(r, s)] for r, s in zip(Y.tolist(), Y_hat.tolist())])


# %% m-mse-split: np.split into m parts
# target: losses.MSE
# batching: partly
class MSE:
    def backward(self, Y, Y_hat):
        return np.concatenate([2 * (b - a) / len(Y) for a, b in zip(np.split(Y, len(Y)), np.split(Y_hat, len(Y)))])


# %% m-mse-threadpool: ThreadPoolExecutor.map over rows
# target: losses.MSE
# batching: partly
from concurrent.futures import ThreadPoolExecutor
class MSE:
    def backward(self, Y, Y_hat):
        with ThreadPoolExecutor(4) as pool:
            rows = pool.map(lambda i: 2 * (Y_hat[i] - Y[i]) / len(Y), range(len(Y)))
        return np.stack(list(rows))


# %% m-mse-fromfunction-vectorize: vectorize over indices
# target: losses.MSE
# batching: partly
class MSE:
    def backward(self, Y, Y_hat):
        f = np.vectorize(lambda i: 2 * (Y_hat[i] - Y[i]) / len(Y), signature="()->(n)")
        return f(np.arange(len(Y)))


# %% m-mse-exec: exec of a loop in a string
# target: losses.MSE
# batching: partly
class MSE:
    def backward(self, Y, Y_hat):
        out = np.zeros_like(Y)
        exec("for i in range(len(Y)): out[i] = 2 * (Y_hat[i] - Y[i]) / len(Y)")
        return out


# %% m-mse-divide-and-conquer: recursion halving the batch
# target: losses.MSE
# batching: partly
class MSE:
    def forward(self, Y, Y_hat):
        def total(a, b):
            if len(a) == 1:
                return float(((a - b) ** 2).sum())
            h = len(a) // 2
            return total(a[:h], b[:h]) + total(a[h:], b[h:])
        return total(Y, Y_hat) / len(Y)


# %% m-mse-dict-comp: dict comprehension
# target: losses.MSE
# batching: partly
class MSE:
    def forward(self, Y, Y_hat):
        d = {i: float(((Y[i] - Y_hat[i]) ** 2).sum()) for i in range(Y.shape[0])}
        return sum(d.values()) / len(d)


# %% m-recursion: forward calls itself through __call__
# target: losses.MSE
# shape: partly
# values: raised
# batching: partly
class MSE:
    def forward(self, Y, Y_hat):
        return self(Y, Y_hat)


# %% m-memory: outer difference of everything, enormous
# target: losses.MSE
# shape: partly
# values: raised
# batching: partly
class MSE:
    def forward(self, Y, Y_hat):
        return float(np.zeros((10**6, 10**6))[0, 0])


# %% m-loss-zero-dim-keepdims: loss as (1,1) array
# target: losses.MSE
# shape: partly
class MSE:
    def forward(self, Y, Y_hat):
        return np.array([np.sum((Y - Y_hat) ** 2) / len(Y)])


# %% m-loss-complex: complex
# target: losses.MSE
# shape: partly
class MSE:
    def forward(self, Y, Y_hat):
        return complex(np.sum((Y - Y_hat) ** 2) / len(Y))


# %% m-loss-object: object array
# target: losses.MSE
# shape: partly
class MSE:
    def backward(self, Y, Y_hat):
        return (2 * (Y_hat - Y) / len(Y)).astype(object)


# %% m-loss-bool: returns True
# target: losses.MSE
# shape: partly
# values: failed
# batching: partly
class MSE:
    def forward(self, Y, Y_hat):
        return np.allclose(Y, Y_hat)


# %% m-ce-stable-wrong: max with 0.1 in backward only
# target: losses.CrossEntropy
# gradient: partly
class CrossEntropy:
    def backward(self, Y, Y_hat):
        return -Y / np.maximum(Y_hat, 0.1) / len(Y)


# %% m-ce-clip-01: probabilities below 0.1 count as 0.1
# target: losses.CrossEntropy
# values: partly
# gradient: partly
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return float(-np.sum(Y * np.log(np.clip(Y_hat, 0.1, 1))) / len(Y))
    def backward(self, Y, Y_hat):
        return -Y / np.clip(Y_hat, 0.1, 1) / len(Y)


# %% m-ce-clip-2: clips probabilities at 1e-2
# target: losses.CrossEntropy
# values: partly
# gradient: partly
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return float(-np.sum(Y * np.log(np.clip(Y_hat, 1e-2, 0.99))) / len(Y))
    def backward(self, Y, Y_hat):
        return -Y / np.clip(Y_hat, 1e-2, 0.99) / len(Y)


# %% m-ce-clip-high: clips to [1e-2, 0.5]
# target: losses.CrossEntropy
# values: partly
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return -np.sum(Y * np.log(np.clip(Y_hat, 0.1, 0.9))) / len(Y)
