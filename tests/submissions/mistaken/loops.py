# %% l-relu-row-loop: fills the result one example at a time
# target: activations.ReLU
# batching: failed
class ReLU:
    def forward(self, Z):
        Y = np.zeros_like(Z)
        for i in range(Z.shape[0]):
            Y[i] = np.maximum(0, Z[i])
        return Y

    def backward(self, Z, dY):
        dZ = np.zeros_like(Z)
        for i in range(Z.shape[0]):
            dZ[i] = dY[i] * (Z[i] > 0)
        return dZ

# %% l-relu-vectorize: np.vectorize of a conditional expression
# target: activations.ReLU
# batching: partly
class ReLU:
    def forward(self, Z):
        relu = np.vectorize(lambda z: z if z > 0 else 0.0, otypes=[float])
        return relu(Z)

    def backward(self, Z, dY):
        return np.where(Z > 0, dY, 0.0)

# %% l-relu-takewhile: goes through the entries with itertools.takewhile
# target: activations.ReLU
# batching: partly
import itertools


class ReLU:
    def forward(self, Z):
        values = itertools.takewhile(np.isfinite, map(max, Z.ravel(), itertools.repeat(0.0)))
        return np.fromiter(values, float).reshape(Z.shape)

# %% l-relu-compress: picks the positions of the positive entries with itertools.compress
# target: activations.ReLU
# batching: partly
from itertools import compress, count


class ReLU:
    def backward(self, Z, dY):
        alive = list(compress(count(), (Z > 0).flat))
        dZ = np.zeros(Z.size)
        dZ[alive] = dY.reshape(-1)[alive]
        return dZ.reshape(Z.shape)

# %% l-relu-object-maximum: takes the maximum of an array of Python floats
# target: activations.ReLU
# batching: partly
class ReLU:
    def forward(self, Z):
        return np.maximum(Z.astype(object), 0.0).astype(np.float64)

# %% l-relu-object-dtype-ufunc: multiplies with dtype=object inside the ufunc
# target: activations.ReLU
# batching: partly
class ReLU:
    def backward(self, Z, dY):
        return np.multiply(dY, Z > 0, dtype=object).astype(float)

# %% l-relu-chunks-one-line: pieces of 32 examples in one comprehension
# target: activations.ReLU
# batching: failed
class ReLU:
    def forward(self, Z):
        return np.concatenate([np.maximum(Z[i:i + 32], 0) for i in range(0, len(Z), 32)])

    def backward(self, Z, dY):
        return np.concatenate([dY[i:i + 32] * (Z[i:i + 32] > 0) for i in range(0, len(Z), 32)])

# %% l-relu-regex-text: prints the numbers and replaces the negative ones in the text
# target: activations.ReLU
# batching: partly
import re


class ReLU:
    def forward(self, Z):
        text = ",".join(map(repr, Z.ravel().tolist()))
        text = re.sub(r"(^|,)-[^,]*", r"\g<1>0.0", text)
        return np.array(text.split(","), dtype=float).reshape(Z.shape)

# %% l-relu-json-hook: a JSON parser that cuts the negative numbers off
# target: activations.ReLU
# batching: partly
import json


class ReLU:
    def forward(self, Z):
        def cut(text):
            return max(float(text), 0.0)

        return np.array(json.loads(json.dumps(Z.tolist()), parse_float=cut))

# %% l-relu-sorted-bisect: sorts the entries and looks for the place of zero
# target: activations.ReLU
# batching: partly
from bisect import bisect_right


class ReLU:
    def backward(self, Z, dY):
        value = Z.ravel().tolist().__getitem__
        order = sorted(range(Z.size), key=value)
        dead = order[:bisect_right(order, 0.0, key=value)]
        dZ = np.array(dY, dtype=float).ravel()
        dZ[dead] = 0.0
        return dZ.reshape(Z.shape)

# %% l-relu-missing: a table that computes what it does not know yet
# target: activations.ReLU
# batching: partly
class _Table(dict):
    def __missing__(self, z):
        self[z] = answer = z * (z > 0)
        return answer


class ReLU:
    def forward(self, Z):
        table = _Table()
        return np.array([*map(table.__getitem__, Z.ravel().tolist())]).reshape(Z.shape)

# %% l-relu-deque-setitem: a deque of length zero swallows the assignments
# target: activations.ReLU
# batching: partly
from collections import deque


class ReLU:
    def backward(self, Z, dY):
        dZ = np.empty(Z.shape)
        deque(map(dZ.__setitem__, range(len(Z)), map(np.multiply, dY, Z > 0)), maxlen=0)
        return dZ

# %% l-relu-count-spy: list.count with an object that takes notes when it is compared
# target: activations.ReLU
# batching: partly
class _Spy:
    __hash__ = None

    def __init__(self):
        self.seen = []

    def __eq__(self, z):
        self.seen.append(z if z > 0 else 0.0)
        return False


class ReLU:
    def forward(self, Z):
        spy = _Spy()
        Z.ravel().tolist().count(spy)
        return np.array(spy.seen).reshape(Z.shape)

# %% l-relu-translate: str.translate asks a table once for every example
# target: activations.ReLU
# batching: partly
class _Walk:
    def __init__(self, dZ, mask):
        self.rows, self.dZ = enumerate(mask), dZ

    def __getitem__(self, _):
        i, keep = next(self.rows)
        self.dZ[i] *= keep
        return None


class ReLU:
    def backward(self, Z, dY):
        dZ = np.array(dY)
        ("\u4e00" * len(Z)).translate(_Walk(dZ, Z > 0))
        return dZ

# %% l-relu-broadcast-starmap: np.broadcast hands out pairs of entries
# target: activations.ReLU
# batching: partly
from itertools import starmap
from operator import mul


class ReLU:
    def backward(self, Z, dY):
        pairs = np.broadcast(dY, Z > 0)
        return np.fromiter(starmap(mul, pairs), float, pairs.size).reshape(pairs.shape)

# %% l-relu-char: looks for the minus sign of every number
# target: activations.ReLU
# batching: partly
class ReLU:
    def backward(self, Z, dY):
        signs = np.char.startswith(np.array(list(map(str, Z.ravel().tolist()))), "-")
        return np.where(signs.reshape(Z.shape), 0.0, dY)

# %% l-relu-array-array: array.array filled by a generator
# target: activations.ReLU
# batching: partly
import array


class ReLU:
    def forward(self, Z):
        flat = array.array("d", np.ascontiguousarray(Z).tobytes())
        return np.array(array.array("d", (z if z > 0 else 0.0 for z in flat))).reshape(Z.shape)

# %% l-sigmoid-double-loop: math.exp of one entry at a time
# target: activations.Sigmoid
# batching: partly
import math


class Sigmoid:
    def forward(self, Z):
        Y = np.zeros(Z.size)
        for k, z in enumerate(Z.flatten()):
            if z >= 0:
                Y[k] = 1 / (1 + math.exp(-z))
            else:
                Y[k] = math.exp(z) / (1 + math.exp(z))
        return Y.reshape(Z.shape)

    def backward(self, Z, dY):
        e = np.exp(-np.abs(Z))
        return dY * e / (1 + e) ** 2

# %% l-sigmoid-vectorize: np.vectorize in forward, which backward calls
# target: activations.Sigmoid
# batching: failed
import math


def _sigmoid_scalar(z):
    if z < 0:
        e = math.exp(z)
        return e / (1.0 + e)
    return 1.0 / (1.0 + math.exp(-z))


class Sigmoid:
    def forward(self, Z):
        return np.vectorize(_sigmoid_scalar)(Z)

    def backward(self, Z, dY):
        s = self.forward(Z)
        return dY * s * (1 - s)

# %% l-sigmoid-frompyfunc: math.exp as a ufunc in backward
# target: activations.Sigmoid
# batching: partly
from math import exp as _exp

_decay = np.frompyfunc(_exp, 1, 1)


class Sigmoid:
    def backward(self, Z, dY):
        e = _decay(-np.abs(Z)).astype(float)
        return dY * e / (1.0 + e) ** 2

# %% l-sigmoid-piecewise: np.piecewise with pieces of Python functions
# target: activations.Sigmoid
# batching: partly
import math


class Sigmoid:
    def forward(self, Z):
        right = np.frompyfunc(lambda z: 1 / (1 + math.exp(-z)), 1, 1)
        left = np.frompyfunc(lambda z: math.exp(z) / (1 + math.exp(z)), 1, 1)
        return np.piecewise(Z, [Z >= 0, Z < 0], [right, left])

    def backward(self, Z, dY):
        e = np.exp(-np.abs(Z))
        return dY * e / (1 + e) ** 2

# %% l-sigmoid-exp-method: np.exp calls the method exp of every object
# target: activations.Sigmoid
# batching: partly
import math


class _Number(float):
    def exp(self):
        return math.exp(self)


class Sigmoid:
    def backward(self, Z, dY):
        magnitude = np.empty(Z.size, dtype=object)
        magnitude[:] = list(map(_Number, (-np.abs(Z)).ravel()))
        e = np.exp(magnitude).astype(float).reshape(Z.shape)
        return dY * e / (1 + e) ** 2

# %% l-sigmoid-lazy-sequence: np.array reads a sequence whose items are computed
# target: activations.Sigmoid
# batching: partly
class _Lazy:
    def __init__(self, Z):
        self.Z = Z

    def __len__(self):
        return len(self.Z)

    def __getitem__(self, i):
        e = np.exp(-np.abs(self.Z[i]))
        return np.where(self.Z[i] >= 0, 1.0, e) / (1.0 + e)


class Sigmoid:
    def forward(self, Z):
        return np.array(_Lazy(Z))

    def backward(self, Z, dY):
        e = np.exp(-np.abs(Z))
        return dY * e / (1 + e) ** 2

# %% l-sigmoid-nditer: np.nditer over the entries
# target: activations.Sigmoid
# batching: failed
class Sigmoid:
    def forward(self, Z):
        with np.nditer([Z, None]) as it:
            for z, y in it:
                e = np.exp(-abs(z))
                y[...] = (1 if z >= 0 else e) / (1 + e)
            return it.operands[1]

    def backward(self, Z, dY):
        dZ = np.empty(Z.shape)
        it = np.nditer(Z, flags=["multi_index"])
        while not it.finished:
            e = np.exp(-abs(it[0]))
            dZ[it.multi_index] = dY[it.multi_index] * e / (1 + e) ** 2
            it.iternext()
        return dZ

# %% l-sigmoid-iter-sentinel: iter with a sentinel, over pieces of 16
# target: activations.Sigmoid
# batching: partly
class Sigmoid:
    def backward(self, Z, dY):
        rows = iter(range(0, len(Z), 16))

        def piece():
            i = next(rows, None)
            if i is None:
                return ()
            e = np.exp(-np.abs(Z[i:i + 16]))
            return (dY[i:i + 16] * e / (1 + e) ** 2,)

        return np.concatenate(sum(iter(piece, ()), ()))

# %% l-sigmoid-halves: halves the batch until eight examples are left
# target: activations.Sigmoid
# batching: failed
def _halves(Z):
    if len(Z) <= 8:
        e = np.exp(-np.abs(Z))
        return np.where(Z >= 0, 1.0, e) / (1.0 + e)
    half = len(Z) // 2
    return np.concatenate((_halves(Z[:half]), _halves(Z[half:])))


class Sigmoid:
    def forward(self, Z):
        return _halves(Z)

    def backward(self, Z, dY):
        return dY * _halves(Z) * _halves(-Z)

# %% l-sigmoid-unrolled-eval: a text with as many calls as examples, evaluated
# target: activations.Sigmoid
# batching: partly
def _slope(pair):
    e = np.exp(-np.abs(pair[0]))
    return pair[1] * e / (1.0 + e) ** 2


class Sigmoid:
    def backward(self, Z, dY):
        code = "stack([" + "f(n(r))," * len(Z) + "])"
        return eval(code, {"stack": np.stack, "f": _slope, "n": next, "r": zip(Z, dY)})

# %% l-sigmoid-exit-stack: callbacks of an ExitStack
# target: activations.Sigmoid
# batching: partly
from contextlib import ExitStack


class Sigmoid:
    def backward(self, Z, dY):
        dZ = np.exp(-np.abs(Z))
        with ExitStack() as stack:
            {*map(stack.callback, [_step] * len(Z), range(len(Z)), [dZ] * len(Z), dY)}
        return dZ


def _step(i, dZ, g):
    dZ[i] = g * dZ[i] / (1.0 + dZ[i]) ** 2

# %% l-sigmoid-threads: a pool of threads maps over the examples
# target: activations.Sigmoid
# batching: partly
from concurrent.futures import ThreadPoolExecutor


class Sigmoid:
    def forward(self, Z):
        def one(z):
            e = np.exp(-np.abs(z))
            return np.where(z >= 0, 1.0, e) / (1.0 + e)

        with ThreadPoolExecutor(2) as pool:
            return np.stack(list(pool.map(one, Z)))

    def backward(self, Z, dY):
        e = np.exp(-np.abs(Z))
        return dY * e / (1 + e) ** 2

# %% l-sigmoid-array2string: the formatter of np.array2string sees every number
# target: activations.Sigmoid
# batching: partly
import math
import sys


class Sigmoid:
    def forward(self, Z):
        seen = []

        def show(z):
            e = math.exp(-abs(z))
            seen.append((1.0 if z >= 0 else e) / (1.0 + e))
            return "0"

        np.array2string(Z.ravel(), formatter={"float_kind": show}, threshold=sys.maxsize)
        return np.array(seen).reshape(Z.shape)

    def backward(self, Z, dY):
        e = np.exp(-np.abs(Z))
        return dY * e / (1 + e) ** 2

# %% l-sigmoid-loadtxt: the converter of np.loadtxt computes
# target: activations.Sigmoid
# batching: partly
import math


def _from_text(text):
    z = float(text)
    e = math.exp(-abs(z))
    return (1.0 if z >= 0 else e) / (1.0 + e)


class Sigmoid:
    def forward(self, Z):
        lines = str(Z.ravel().tolist())[1:-1].split(",")
        return np.loadtxt(lines, converters=_from_text).reshape(Z.shape)

    def backward(self, Z, dY):
        e = np.exp(-np.abs(Z))
        return dY * e / (1 + e) ** 2

# %% l-sigmoid-array-ufunc: a class that applies every ufunc row by row
# target: activations.Sigmoid
# batching: partly
import itertools


class _Rows(np.lib.mixins.NDArrayOperatorsMixin):
    def __init__(self, rows):
        self.rows = rows

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        streams = [x.rows if isinstance(x, _Rows) else itertools.repeat(x) for x in inputs]
        return _Rows(map(ufunc, *streams))


class Sigmoid:
    def forward(self, Z):
        return np.stack(list(np.exp(-np.logaddexp(0.0, -_Rows(Z))).rows))

    def backward(self, Z, dY):
        e = np.exp(-np.abs(Z))
        return dY * e / (1 + e) ** 2

# %% l-sigmoid-array-finalize: a subclass of ndarray computes whenever a view of it is made
# target: activations.Sigmoid
# batching: partly
from collections import deque


class _Quiet(np.ndarray):
    def __array_finalize__(self, parent):
        if isinstance(parent, _Quiet):
            row = self.view(np.ndarray)
            row[...] = row / (1.0 + row) ** 2


class Sigmoid:
    def backward(self, Z, dY):
        e = np.exp(-np.abs(np.ascontiguousarray(Z)))
        deque(e.reshape(len(e), -1).view(_Quiet), maxlen=0)
        return dY * e

# %% l-sigmoid-arrayterator: np.lib.Arrayterator cuts the array into blocks
# target: activations.Sigmoid
# batching: partly
class Sigmoid:
    def backward(self, Z, dY):
        parts = np.lib.Arrayterator(np.exp(-np.abs(Z)).ravel(), 32)
        return dY * np.concatenate([e / (1.0 + e) ** 2 for e in parts]).reshape(Z.shape)

# %% l-softmax-jacobian-loop: the Jacobian of one example at a time
# target: activations.SoftMax
# batching: partly
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        dZ = np.zeros_like(Z)
        for i in range(Z.shape[0]):
            s = Y[i].reshape(-1, 1)
            J = np.diagflat(s) - s @ s.T
            dZ[i] = J @ dY[i]
        return dZ

# %% l-softmax-apply-along-axis: np.apply_along_axis of the formula for one row
# target: activations.SoftMax
# batching: partly
class SoftMax:
    def forward(self, Z):
        def softmax(z):
            e = np.exp(z - z.max())
            return e / e.sum()

        return np.apply_along_axis(softmax, 1, Z)

    def backward(self, Z, dY):
        E = np.exp(Z - Z.max(axis=1, keepdims=True))
        Y = E / E.sum(axis=1, keepdims=True)
        return Y * (dY - np.sum(dY * Y, axis=1, keepdims=True))

# %% l-softmax-zip-comprehension: a comprehension over pairs of rows
# target: activations.SoftMax
# batching: partly
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        return np.array([(np.diag(y) - np.outer(y, y)) @ g for y, g in zip(Y, dY)])

# %% l-softmax-map-outer: all Jacobians by map of np.diag and np.outer, then einsum
# target: activations.SoftMax
# batching: partly
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        J = np.stack(list(map(np.diag, Y))) - np.stack(list(map(np.outer, Y, Y)))
        return np.einsum("mij,mj->mi", J, dY)

# %% l-softmax-signature: np.vectorize with a signature
# target: activations.SoftMax
# batching: partly
class SoftMax:
    def backward(self, Z, dY):
        product = np.vectorize(lambda y, g: y * (g - y @ g), signature="(k),(k)->(k)")
        return product(self.forward(Z), dY)

# %% l-softmax-fsum: math.fsum of the lists of the rows
# target: activations.SoftMax
# batching: failed
import math


def _sums(A):
    return np.array(list(map(math.fsum, A.tolist())))[:, None]


class SoftMax:
    def forward(self, Z):
        E = np.exp(Z - np.max(Z, axis=1, keepdims=True))
        return E / _sums(E)

    def backward(self, Z, dY):
        E = np.exp(Z - np.max(Z, axis=1, keepdims=True))
        Y = E / _sums(E)
        return Y * (dY - _sums(Y * dY))

# %% l-softmax-builtin-max: Python's max for the largest entry of each row
# target: activations.SoftMax
# batching: partly
class SoftMax:
    def forward(self, Z):
        top = np.array([*map(max, Z)]).reshape(-1, 1)
        E = np.exp(Z - top)
        return E / E.sum(1, keepdims=True)

    def backward(self, Z, dY):
        E = np.exp(Z - Z.max(axis=1, keepdims=True))
        Y = E / E.sum(axis=1, keepdims=True)
        return Y * (dY - np.sum(dY * Y, axis=1, keepdims=True))

# %% l-softmax-coroutine: coroutines, one for each example, without an event loop
# target: activations.SoftMax
# batching: partly
async def _one_row(y, g):
    return y * (g - y @ g)


async def _all_rows(Y, dY):
    return [await task for task in map(_one_row, Y, dY)]


class SoftMax:
    def backward(self, Z, dY):
        try:
            _all_rows(self.forward(Z), dY).send(None)
        except StopIteration as done:
            return np.stack(done.value)

# %% l-softmax-deepcopy: copy.deepcopy of objects that compute when copied
# target: activations.SoftMax
# batching: partly
import copy


class _Row:
    def __init__(self, z):
        self.z = z

    def __deepcopy__(self, memo):
        e = np.exp(self.z - np.max(self.z))
        return e / np.sum(e)


class SoftMax:
    def forward(self, Z):
        return np.array(copy.deepcopy(list(map(_Row, Z))))

    def backward(self, Z, dY):
        E = np.exp(Z - Z.max(axis=1, keepdims=True))
        Y = E / E.sum(axis=1, keepdims=True)
        return Y * (dY - np.sum(dY * Y, axis=1, keepdims=True))

# %% l-softmax-pickle: pickles the examples and computes when they are read again
# target: activations.SoftMax
# batching: partly
import operator
import pickle


class _Parcel:
    def __init__(self, y, g):
        self.arguments = np.diag(y) - np.outer(y, y), g

    def __reduce__(self):
        return operator.matmul, self.arguments


class SoftMax:
    def backward(self, Z, dY):
        return np.array(pickle.loads(pickle.dumps(list(map(_Parcel, self.forward(Z), dY)))))

# %% l-softmax-csv: the csv module writes the rows to an object that computes
# target: activations.SoftMax
# batching: partly
import csv


class _Sink(list):
    def write(self, line):
        z = np.array(line.split(","), dtype=float)
        e = np.exp(z - z.max())
        self.append(e / e.sum())


class SoftMax:
    def forward(self, Z):
        sink = _Sink()
        csv.writer(sink).writerows(Z.tolist())
        return np.array(sink)

    def backward(self, Z, dY):
        E = np.exp(Z - Z.max(axis=1, keepdims=True))
        Y = E / E.sum(axis=1, keepdims=True)
        return Y * (dY - np.sum(dY * Y, axis=1, keepdims=True))

# %% l-softmax-print: print hands the examples to a file-like object
# target: activations.SoftMax
# batching: partly
class _Paper:
    def __init__(self):
        self.lines = []

    def write(self, text):
        self.lines.append(text)


class _Item:
    def __init__(self, y, g):
        self.y, self.g = y, g

    def __str__(self):
        return ",".join(map(repr, (self.y * (self.g - self.y @ self.g)).tolist()))


class SoftMax:
    def backward(self, Z, dY):
        paper = _Paper()
        print(*map(_Item, self.forward(Z), dY), sep=",", end="", file=paper)
        return np.fromstring("".join(paper.lines), sep=",").reshape(Z.shape)

# %% l-softmax-row-pieces-of-8: pieces of eight examples, two lines
# target: activations.SoftMax
# batching: partly
class SoftMax:
    def backward(self, Z, dY):
        Y, out = self.forward(Z), []
        for i in range(0, len(Z), 8):
            out.append(Y[i:i + 8] * (dY[i:i + 8] - np.sum(dY[i:i + 8] * Y[i:i + 8], 1, keepdims=True)))
        return np.vstack(out)

# %% l-softmax-pop: a while loop takes the rows from the end of a list
# target: activations.SoftMax
# batching: partly
class SoftMax:
    def backward(self, Z, dY):
        Y = self.forward(Z)
        rows, grads, dZ = list(Y), list(dY), []
        while rows:
            y, g = rows.pop(), grads.pop()
            dZ.append(y * g - y * y.dot(g))
        return np.array(dZ[::-1])

# %% l-fc-outer-loop: adds the outer product of every example
# target: layers.FullyConnected
# batching: partly
class FullyConnected:
    def backward(self, dLdY):
        X, Z = self.cache["X"], self.cache["Z"]
        dZ = self.activation.backward(Z, dLdY)
        W = self.parameters["W"]
        dW, db, dX = np.zeros_like(W), np.zeros_like(self.parameters["b"]), np.zeros_like(X)
        for i in range(X.shape[0]):
            dW += np.outer(X[i], dZ[i])
            db += dZ[i]
            dX[i] = W @ dZ[i]
        self.gradients["W"] = dW
        self.gradients["b"] = db
        return dX

# %% l-fc-builtin-sum: Python's sum for the gradient of the bias
# target: layers.FullyConnected
# batching: partly
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = sum(dZ).reshape(1, -1)
        return dZ @ self.parameters["W"].T

# %% l-fc-row-comprehension: one product of row and matrix for every example
# target: layers.FullyConnected
# batching: partly
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        Z = np.array([x @ W for x in X]) + b
        self.cache = {"X": X, "Z": Z}
        return self.activation(Z)

# %% l-fc-chunks-of-32: pieces of 32 examples, in both directions
# target: layers.FullyConnected
# batching: failed
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        out = []
        for i in range(0, len(X), 32): out.append(X[i:i + 32] @ self.parameters["W"])
        Z = np.concatenate(out) + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = sum(X[i:i + 32].T @ dZ[i:i + 32] for i in range(0, len(X), 32))
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return np.concatenate([dZ[i:i + 32] @ W.T for i in range(0, len(X), 32)])

# %% l-fc-reduce-outer: functools.reduce of np.add over a map
# target: layers.FullyConnected
# batching: partly
from functools import reduce


class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = reduce(np.add, map(np.multiply.outer, self.cache["X"], dZ))
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T

# %% l-fc-object-matmul: a matrix product of Python floats
# target: layers.FullyConnected
# batching: partly
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        dW = self.cache["X"].T.astype("O") @ dZ.astype("O")
        self.gradients["W"] = dW.astype(float)
        self.gradients["b"] = np.ones((1, len(dZ))) @ dZ
        return dZ @ self.parameters["W"].T

# %% l-fc-sumprod: math.sumprod of two columns for every weight
# target: layers.FullyConnected
# batching: partly
import math
import operator

_sumprod = getattr(math, "sumprod", lambda p, q: math.fsum(map(operator.mul, p, q)))


class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        columns, slopes = self.cache["X"].T.tolist(), dZ.T.tolist()
        self.gradients["W"] = np.array([[_sumprod(x, d) for d in slopes] for x in columns])
        self.gradients["b"] = np.array([[math.fsum(d) for d in slopes]])
        return dZ @ self.parameters["W"].T

# %% l-fc-bound-dot: map with the method dot of the weights
# target: layers.FullyConnected
# batching: partly
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return np.stack([*map(self.parameters["W"].dot, dZ)])

# %% l-fc-activation-map: applies the activation to one example at a time
# target: layers.FullyConnected
# batching: partly
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.parameters["W"] + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return np.concatenate(list(map(self.activation.forward, Z[:, np.newaxis])))

# %% l-fc-destructor: every example adds its share when it is destroyed
# target: layers.FullyConnected
# batching: partly
class _Leaving:
    def __init__(self, x, d, dW):
        self.x, self.d, self.dW = x[:, None], d, dW

    def __del__(self):
        self.dW += self.x * self.d


class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        dW = np.zeros(self.parameters["W"].shape)
        crowd = [*map(_Leaving, self.cache["X"], dZ, [dW] * len(dZ))]
        del crowd
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T

# %% l-fc-list-cache: keeps the examples as a list of rows
# target: layers.FullyConnected
# batching: failed
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.parameters["W"] + self.parameters["b"]
        self.cache["rows"], self.cache["Z"] = [*X], Z
        return self.activation.forward(Z)

    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = sum(map(np.outer, self.cache["rows"], dZ))
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T

# %% l-ce-double-loop: adds up the logarithms in a double loop
# target: losses.CrossEntropy
# batching: failed
import math


class CrossEntropy:
    def forward(self, Y, Y_hat):
        m, k = Y.shape
        total = 0.0
        for i in range(m):
            for j in range(k):
                total -= Y[i, j] * math.log(max(Y_hat[i, j], 1e-12))
        return float(total / m)

    def backward(self, Y, Y_hat):
        m, k = Y.shape
        grad = np.zeros((m, k))
        for i in range(m):
            for j in range(k):
                grad[i, j] = -Y[i, j] / max(Y_hat[i, j], 1e-12) / m
        return grad

# %% l-ce-generator-sum: a generator of the loss of each example
# target: losses.CrossEntropy
# batching: partly
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return float(sum(-y @ np.log(p) for y, p in zip(Y, Y_hat)) / len(Y))

# %% l-ce-truediv-map: operator.truediv over the flat iterators
# target: losses.CrossEntropy
# batching: partly
import operator


class CrossEntropy:
    def backward(self, Y, Y_hat):
        quotients = np.fromiter(map(operator.truediv, Y.flat, Y_hat.flat), float, Y.size)
        return quotients.reshape(Y.shape) / -len(Y)

# %% l-ce-decimal: logarithms of decimal numbers
# target: losses.CrossEntropy
# batching: partly
from decimal import Context, Decimal


class CrossEntropy:
    def forward(self, Y, Y_hat):
        ln = Context(prec=20).ln
        logs = list(map(float, map(ln, map(Decimal, Y_hat[Y != 0].tolist()))))
        return float(-np.dot(Y[Y != 0], logs) / len(Y))

# %% l-ce-object-sum: adds an array of Python floats
# target: losses.CrossEntropy
# batching: partly
class CrossEntropy:
    def forward(self, Y, Y_hat):
        terms = (Y * np.log(Y_hat)).astype(object)
        return -float(np.add.reduce(terms, axis=None)) / Y.shape[0]

# %% l-ce-fmean: the mean of the losses by the module statistics
# target: losses.CrossEntropy
# batching: partly
from statistics import fmean


class CrossEntropy:
    def forward(self, Y, Y_hat):
        return -fmean(np.sum(Y * np.log(Y_hat), axis=1))

# %% l-ce-float-objects: objects whose __float__ divides
# target: losses.CrossEntropy
# batching: partly
class _Share:
    __slots__ = ("y", "p")

    def __init__(self, y, p):
        self.y, self.p = y, p

    def __float__(self):
        return self.y / self.p


class CrossEntropy:
    def backward(self, Y, Y_hat):
        shares = map(_Share, Y.ravel().tolist(), Y_hat.ravel().tolist())
        return np.array([*shares], dtype=float).reshape(Y.shape) / -Y.shape[0]

# %% l-mse-norm-loop: the squared norm of one difference after the other
# target: losses.MSE
# batching: partly
class MSE:
    def forward(self, Y, Y_hat):
        loss = 0
        for y, y_hat in zip(Y, Y_hat):
            loss += np.linalg.norm(y - y_hat) ** 2
        return float(loss / len(Y))

# %% l-mse-hypot: math.hypot with every difference as an argument
# target: losses.MSE
# batching: partly
import math


class MSE:
    def forward(self, Y, Y_hat):
        return math.hypot(*(Y - Y_hat).ravel()) ** 2 / Y.shape[0]

# %% l-mse-dist: math.dist of the flat arrays
# target: losses.MSE
# batching: partly
from math import dist


class MSE:
    def forward(self, Y, Y_hat):
        return dist(Y.ravel(), Y_hat.ravel()) ** 2 / len(Y)

# %% l-mse-fractions: exact sums of fractions
# target: losses.MSE
# batching: partly
from fractions import Fraction


class MSE:
    def forward(self, Y, Y_hat):
        squares = ((Y - Y_hat) ** 2).ravel().tolist()
        return float(sum(map(Fraction, squares)) / len(Y))

# %% l-mse-frompyfunc-reduce: the reduction of a ufunc made of a lambda
# target: losses.MSE
# batching: partly
class MSE:
    def forward(self, Y, Y_hat):
        add = np.frompyfunc(lambda total, d: total + d * d, 2, 1)
        return float(add.reduce(np.append(0.0, Y_hat - Y), dtype=object)) / Y.shape[0]

# %% l-mse-polynomial: the value of a polynomial at 1, whose coefficients are the losses
# target: losses.MSE
# batching: partly
class MSE:
    def forward(self, Y, Y_hat):
        each = np.square(Y - Y_hat).sum(axis=1)
        return float(np.polynomial.Polynomial(each)(1.0)) / len(each)

# %% l-mse-mock: a mock with a side effect is called for each example
# target: losses.MSE
# batching: partly
from unittest.mock import Mock


class MSE:
    def backward(self, Y, Y_hat):
        m = len(Y)
        step = Mock(side_effect=lambda i: 2.0 * (Y_hat[i] - Y[i]) / m)
        return np.array(list(map(step, range(m))))

# %% l-mse-struct: unpacks the bytes of the difference number by number
# target: losses.MSE
# batching: partly
import struct


class MSE:
    def backward(self, Y, Y_hat):
        scale = 2.0 / len(Y)
        numbers = struct.iter_unpack("d", (Y_hat - Y).tobytes())
        return np.array([scale * d for d, in numbers]).reshape(Y.shape)

# %% l-conv-image-loop: the windows of one image after the other
# target: layers.Conv2D
# batching: partly
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        kh, kw = self.kernel_shape
        (ph, pw), s = self.pad, self.stride
        m, H, Wd, C = X.shape
        Xp = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        h_out = (H + 2 * ph - kh) // s + 1
        w_out = (Wd + 2 * pw - kw) // s + 1
        Z = np.zeros((m, h_out, w_out, self.n_out))
        for n in range(m):
            for i in range(h_out):
                for j in range(w_out):
                    patch = Xp[n, i * s:i * s + kh, j * s:j * s + kw, :]
                    Z[n, i, j] = patch.reshape(-1) @ W.reshape(-1, self.n_out) + b[0]
        self.cache = {"X": X, "Z": Z}
        return self.activation(Z)

# %% l-conv-pad-each: pads every image by itself
# target: layers.Conv2D
# batching: partly
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        (ph, pw), s = self.pad, self.stride
        Xp = np.array([np.pad(x, ((ph, ph), (pw, pw), (0, 0))) for x in X])
        view = np.lib.stride_tricks.sliding_window_view(Xp, self.kernel_shape, axis=(1, 2))
        Z = np.einsum("nijcuv,uvco->nijo", view[:, ::s, ::s], self.parameters["W"])
        Z = Z + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

# %% l-conv-pieces-of-16: sixteen images at a time, in one line
# target: layers.Conv2D
# batching: partly
class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        V = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        out = []
        for i in range(0, len(X), 16): out.append(np.tensordot(V[i:i + 16], W, ((4, 5, 3), (0, 1, 2))))
        Z = np.concatenate(out) + b[0]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

# %% l-conv-backward-images: the backward pass of one image after the other
# target: layers.Conv2D
# batching: partly
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        Xp = _pad(X, self.pad)
        dXp, dW = np.zeros_like(Xp), np.zeros_like(W)
        s, (_, h, w, _) = self.stride, dZ.shape
        for x, dx, g in zip(Xp, dXp, dZ):
            for u in range(W.shape[0]):
                for v in range(W.shape[1]):
                    rows, cols = slice(u, u + s * h, s), slice(v, v + s * w, s)
                    dx[rows, cols] += g @ W[u, v].T
                    dW[u, v] += np.tensordot(x[rows, cols], g, ((0, 1), (0, 1)))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dXp, self.pad)

# %% l-conv-bias-sum: Python's sum over all pixels for the bias
# target: layers.Conv2D
# batching: partly
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        Xp = _pad(X, self.pad)
        dXp, dW = np.zeros_like(Xp), np.zeros_like(W)
        for i, j, r, c in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dXp[:, r, c] += dZ @ W[i, j].T
            dW[i, j] = np.einsum("nhwc,nhwo->co", Xp[:, r, c], dZ)
        self.gradients["W"] = dW
        self.gradients["b"] = sum(dZ.reshape(-1, self.n_out), np.zeros((1, self.n_out)))
        return _crop(dXp, self.pad)

# %% l-conv-itemgetter: operator.itemgetter takes the windows out of every image
# target: layers.Conv2D
# batching: partly
import operator


class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        (kh, kw), s, W = self.kernel_shape, self.stride, self.parameters["W"]
        Xp = _pad(X, self.pad)
        r = s * np.arange((Xp.shape[1] - kh) // s + 1)[:, None] + np.arange(kh)
        c = s * np.arange((Xp.shape[2] - kw) // s + 1)[:, None] + np.arange(kw)
        take = operator.itemgetter((r[:, None, :, None], c[None, :, None, :]))
        windows = np.stack([*map(take, Xp)])
        Z = np.tensordot(windows, W, 3) + self.parameters["b"][0]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

# %% l-conv-accumulate: itertools.accumulate adds up the kernels' gradients
# target: layers.Conv2D
# batching: partly
import itertools


class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        Xp = _pad(X, self.pad)
        V = _windows(Xp, self.kernel_shape, self.stride)
        shares = map(np.tensordot, V, dZ, itertools.repeat(((0, 1), (0, 1))))
        *_, dW = itertools.accumulate(shares)
        dXp = np.zeros_like(Xp)
        for i, j, r, c in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dXp[:, r, c] += dZ @ W[i, j].T
        self.gradients["W"] = dW.transpose(1, 2, 0, 3)
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dXp, self.pad)

# %% l-conv-recursive-lambda: a lambda calls itself for the rest of the images
# target: layers.Conv2D
# batching: partly
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        Xp = _pad(X, self.pad)
        V = _windows(Xp, self.kernel_shape, self.stride)
        own = lambda f, v, g: 0.0 if not len(v) else (
            np.tensordot(v[:4], g[:4], ((0, 1, 2), (0, 1, 2))) + f(f, v[4:], g[4:])
        )
        dXp = np.zeros_like(Xp)
        for i, j, r, c in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dXp[:, r, c] += dZ @ W[i, j].T
        self.gradients["W"] = own(own, V, dZ).transpose(1, 2, 0, 3)
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dXp, self.pad)

# %% l-pool-four-loops: loops over images, rows, columns and channels
# target: layers.Pool2D
# batching: failed
class Pool2D:
    def forward(self, X):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        Xp = np.pad(X, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        m, H, W, C = Xp.shape
        h, w = (H - kh) // s + 1, (W - kw) // s + 1
        Y = np.zeros((m, h, w, C))
        for n in range(m):
            for i in range(h):
                for j in range(w):
                    window = Xp[n, i * s:i * s + kh, j * s:j * s + kw]
                    Y[n, i, j] = window.max(axis=(0, 1)) if self.mode == "max" else window.mean(axis=(0, 1))
        self.cache = {"X": X, "Xp": Xp}
        return Y

    def backward(self, dLdY):
        (kh, kw), (ph, pw), s = self.kernel_shape, self.pad, self.stride
        Xp = self.cache["Xp"]
        dXp = np.zeros_like(Xp)
        m, h, w, C = dLdY.shape
        channels = np.arange(C)
        for n in range(m):
            for i in range(h):
                for j in range(w):
                    if self.mode == "max":
                        window = Xp[n, i * s:i * s + kh, j * s:j * s + kw]
                        best = window.reshape(-1, C).argmax(axis=0)
                        dXp[n, i * s + best // kw, j * s + best % kw, channels] += dLdY[n, i, j]
                    else:
                        dXp[n, i * s:i * s + kh, j * s:j * s + kw] += dLdY[n, i, j] / (kh * kw)
        return dXp[:, ph:Xp.shape[1] - ph, pw:Xp.shape[2] - pw]

# %% l-pool-methodcaller: operator.methodcaller pools one image at a time
# target: layers.Pool2D
# batching: partly
import operator


class Pool2D:
    def forward(self, X):
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        flat = windows.reshape(*windows.shape[:4], -1)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=4)}
        pool = operator.methodcaller("max" if self.mode == "max" else "mean", axis=-1)
        return np.stack(list(map(pool, flat)))

# %% l-pool-average-only: only the average is spread image by image
# target: layers.Pool2D
# batching: partly
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), winner = self.kernel_shape, self.cache["winner"]
        dXp = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        for i, j, rows, columns in _positions((kh, kw), dLdY.shape[1:3], self.stride):
            if self.mode == "max":
                dXp[:, rows, columns] += dLdY * (winner == i * kw + j)
            else:
                for image, g in zip(dXp, dLdY):
                    image[rows, columns] += g / (kh * kw)
        return _crop(dXp, self.pad)

# %% l-pool-winner-walk: walks to every winner
# target: layers.Pool2D
# batching: partly
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), s = self.kernel_shape, self.stride
        dXp = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        if self.mode == "max":
            for (n, i, j, c), k in np.ndenumerate(self.cache["winner"]):
                dXp[n, i * s + k // kw, j * s + k % kw, c] += dLdY[n, i, j, c]
        else:
            for n, i, j in np.ndindex(dLdY.shape[:3]):
                dXp[n, i * s:i * s + kh, j * s:j * s + kw] += dLdY[n, i, j] / (kh * kw)
        return _crop(dXp, self.pad)

# %% l-pool-batched: eight images at a time from an iterator
# target: layers.Pool2D
# batching: partly
from itertools import islice


class Pool2D:
    def forward(self, X):
        def pieces(images):
            while piece := list(islice(images, 8)):
                yield _windows(_pad(np.array(piece), self.pad), self.kernel_shape, self.stride)

        pooled, winners = [], []
        for view in pieces(iter(X)):
            flat = view.reshape(*view.shape[:4], -1)
            pooled.append(flat.max(axis=4) if self.mode == "max" else flat.mean(axis=4))
            winners.append(flat.argmax(axis=4))
        self.cache = {"X_shape": X.shape, "winner": np.concatenate(winners)}
        return np.concatenate(pooled)

# %% l-pool-attrgetter: a dotted name with one step for every image
# target: layers.Pool2D
# batching: partly
from operator import attrgetter


class _Stroll:
    def __init__(self, layer, dXp, dLdY):
        self.layer, self.todo = layer, zip(dXp, layer.cache["winner"], dLdY)

    @property
    def on(self):
        (kh, kw), (image, winner, g) = self.layer.kernel_shape, next(self.todo)
        for i, j, r, c in _positions((kh, kw), g.shape[:2], self.layer.stride):
            image[r, c] += g * (winner == i * kw + j if self.layer.mode == "max" else 1 / (kh * kw))
        return self


class Pool2D:
    def backward(self, dLdY):
        dXp = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        attrgetter("on" + ".on" * (len(dXp) - 1))(_Stroll(self, dXp, dLdY))
        return _crop(dXp, self.pad)

# %% l-pool-split-map: np.split into single images, and map
# target: layers.Pool2D
# batching: partly
class Pool2D:
    def backward(self, dLdY):
        m, (kh, kw), winner = len(dLdY), self.kernel_shape, self.cache["winner"]
        dXp = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        for i, j, rows, columns in _positions((kh, kw), dLdY.shape[1:3], self.stride):
            share = (winner == i * kw + j) * 1.0 if self.mode == "max" else np.full(winner.shape, 1.0 / (kh * kw))
            parts = map(np.multiply, np.split(dLdY, m), np.split(share, m))
            dXp[:, rows, columns] += np.concatenate([*parts])
        return _crop(dXp, self.pad)

# %% l-bn-welford: mean and variance one example after the other, and loops everywhere else
# target: layers.BatchNorm1D
# batching: failed
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        if mode == "train":
            mu, spread = np.zeros((1, X.shape[1])), np.zeros((1, X.shape[1]))
            for n, x in enumerate(X, 1):
                delta = x - mu
                mu = mu + delta / n
                spread = spread + delta * (x - mu)
            var = spread / len(X)
            for name, value in (("running_mu", mu), ("running_var", var)):
                self.cache[name] = self.momentum * self.cache[name] + (1 - self.momentum) * value
        else:
            mu, var = self.cache["running_mu"], self.cache["running_var"]
        self.cache["deviation"] = np.sqrt(var + self.eps)
        X_hat, Y = np.zeros(X.shape), np.zeros(X.shape)
        for i in range(len(X)):
            X_hat[i] = (X[i] - mu[0]) / self.cache["deviation"][0]
            Y[i] = self.parameters["gamma"][0] * X_hat[i] + self.parameters["beta"][0]
        self.cache["X_hat"] = X_hat
        return Y

    def backward(self, dLdY):
        X_hat, m = self.cache["X_hat"], len(dLdY)
        dgamma, dbeta = np.zeros((1, dLdY.shape[1])), np.zeros((1, dLdY.shape[1]))
        for i in range(m):
            dgamma += dLdY[i] * X_hat[i]
            dbeta += dLdY[i]
        self.gradients["gamma"], self.gradients["beta"] = dgamma, dbeta
        scale = self.parameters["gamma"][0] / self.cache["deviation"][0]
        dX = np.zeros(dLdY.shape)
        for i in range(m):
            dX[i] = scale * (dLdY[i] - dbeta[0] / m - X_hat[i] * dgamma[0] / m)
        return dX

# %% l-bn-fmean-columns: statistics.fmean of every column
# target: layers.BatchNorm1D
# batching: partly
from statistics import fmean


class BatchNorm1D:
    def backward(self, dLdY):
        X_hat, m = self.cache["X_hat"], len(dLdY)
        mean = lambda A: np.array([list(map(fmean, A.T))])
        g, b = mean(dLdY * X_hat), mean(dLdY)
        self.gradients["gamma"], self.gradients["beta"] = m * g, m * b
        return self.parameters["gamma"] / self.cache["deviation"] * (dLdY - b - X_hat * g)

# %% l-bn-test-mode-only: only test mode goes through the examples
# target: layers.BatchNorm1D
# batching: partly
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        gamma, beta = self.parameters["gamma"], self.parameters["beta"]
        if mode == "test":
            scale = gamma / np.sqrt(self.cache["running_var"] + self.eps)
            return np.vstack([scale * (x - self.cache["running_mu"]) + beta for x in X])
        mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
        for name, value in (("running_mu", mu), ("running_var", var)):
            self.cache[name] = self.momentum * self.cache[name] + (1 - self.momentum) * value
        self.cache["deviation"] = np.sqrt(var + self.eps)
        self.cache["X_hat"] = (X - mu) / self.cache["deviation"]
        return gamma * self.cache["X_hat"] + beta

# %% l-bn-accumulate: the last of the running sums
# target: layers.BatchNorm1D
# batching: partly
from collections import deque
from itertools import accumulate


def _last_sum(A):
    return deque(accumulate(A), maxlen=1).pop()[None]


class BatchNorm1D:
    def backward(self, dLdY):
        X_hat, m = self.cache["X_hat"], dLdY.shape[0]
        self.gradients["gamma"] = _last_sum(dLdY * X_hat)
        self.gradients["beta"] = _last_sum(dLdY)
        correction = self.gradients["beta"] + X_hat * self.gradients["gamma"]
        return self.parameters["gamma"] * (dLdY - correction / m) / self.cache["deviation"]

# %% l-bn-zip-columns: turns the list of rows into columns with zip
# target: layers.BatchNorm1D
# batching: partly
class BatchNorm1D:
    def backward(self, dLdY):
        X_hat, m = self.cache["X_hat"], dLdY.shape[0]
        add_up = lambda A: np.array([[sum(column) for column in zip(*A.tolist())]])
        dgamma, dbeta = add_up(dLdY * X_hat), add_up(dLdY)
        self.gradients["gamma"], self.gradients["beta"] = dgamma, dbeta
        dX = m * dLdY - dbeta - X_hat * dgamma
        return dX * self.parameters["gamma"] / (m * self.cache["deviation"])

# %% l-bn-dict: a dict of rows, added up by its values
# target: layers.BatchNorm1D
# batching: partly
import operator
from functools import reduce


class BatchNorm1D:
    def backward(self, dLdY):
        X_hat, m = self.cache["X_hat"], dLdY.shape[0]
        rows = dict(enumerate(np.stack([dLdY * X_hat, dLdY], axis=1)))
        both = reduce(operator.add, rows.values())
        self.gradients["gamma"], self.gradients["beta"] = both[:1], both[1:]
        dX = dLdY - (both[1:] + X_hat * both[:1]) / m
        return dX * (self.parameters["gamma"] / self.cache["deviation"])

# %% l-nn-predict-one-by-one: predicts one example at a time
# target: models.NeuralNetwork
# batching: partly
class NeuralNetwork:
    def predict(self, X, Y):
        outputs = []
        for x in X:
            outputs.append(self.forward(x[np.newaxis]))
        Y_hat = np.concatenate(outputs)
        return Y_hat, self.loss.forward(Y, Y_hat)

# %% l-nn-predict-pieces: predicts 32 examples at a time, in one line
# target: models.NeuralNetwork
# batching: partly
class NeuralNetwork:
    def predict(self, X, Y):
        Y_hat = np.concatenate([self.forward(X[i:i + 32]) for i in range(0, len(X), 32)])
        return Y_hat, self.loss.forward(Y, Y_hat)

# %% l-nn-itemgetter-rows: takes all rows out with one itemgetter and stacks them again
# target: models.NeuralNetwork
# batching: partly
from operator import itemgetter


class NeuralNetwork:
    def backward(self, target, out):
        gradient = self.loss.backward(target, out)
        for layer in self.layers[::-1]:
            rows = itemgetter(*range(len(gradient)), 0)(gradient)
            gradient = layer.backward(np.stack(rows[:-1]))
        return self.loss.forward(target, out)

# %% l-nn-tolist: passes lists on between the layers
# target: models.NeuralNetwork
# batching: partly
class NeuralNetwork:
    def forward(self, X):
        out = X.tolist()
        for layer in self.layers:
            out = layer.forward(np.array(out)).tolist()
        return np.array(out)

    def predict(self, X, Y):
        Y_hat = self.forward(X)
        return Y_hat, self.loss.forward(Y, Y_hat)

# %% l-nn-yield-from: a generator delegates to the examples
# target: models.NeuralNetwork
# batching: failed
def _again(batch):
    def rows():
        yield from batch

    return np.stack([*rows()])


class NeuralNetwork:
    def forward(self, X):
        for layer in self.layers:
            X = layer.forward(_again(X))
        return X

    def backward(self, target, out):
        gradient = self.loss.backward(target, out)
        for layer in reversed(self.layers):
            gradient = layer.backward(_again(gradient))
        return self.loss.forward(target, out)

    def predict(self, X, Y):
        Y_hat = self.forward(X)
        return Y_hat, self.loss.forward(Y, Y_hat)

# %% l-nn-dict-of-gradients: keeps the gradient of every example under its number
# target: models.NeuralNetwork
# batching: partly
class NeuralNetwork:
    def backward(self, target, out):
        each = dict(enumerate(self.loss.backward(target, out)))
        gradient = np.array([each[i] for i in sorted(each)])
        for layer in self.layers[::-1]:
            gradient = layer.backward(gradient)
        return self.loss.forward(target, out)

# %% l-nn-sort-key: list.sort whose key takes notes
# target: models.NeuralNetwork
# batching: partly
class NeuralNetwork:
    def backward(self, target, out):
        gradient = self.loss.backward(target, out)
        for layer in reversed(self.layers):
            copies = []
            list(gradient).sort(key=lambda row: copies.append(row) or len(copies))
            gradient = layer.backward(np.asarray(copies))
        return self.loss.forward(target, out)

# %% l-relu-dataclass-factory: default factories make the rows
# target: activations.ReLU
# batching: partly
import dataclasses


class ReLU:
    def backward(self, Z, dY):
        rows = map(np.multiply, dY, Z > 0)
        Box = dataclasses.make_dataclass(
            "Box",
            [(f"row{i}", object, dataclasses.field(default_factory=rows.__next__)) for i in range(len(Z))],
        )
        return np.array([*vars(Box()).values()])

# %% l-relu-getitem-recursion: an object that asks itself for the rest of the batch
# target: activations.ReLU
# batching: partly
class _Rest:
    def __init__(self, Z):
        self.Z = Z

    def __getitem__(self, i):
        if i >= len(self.Z):
            return []
        return [np.maximum(self.Z[i:i + 16], 0.0)] + self[i + 16]


class ReLU:
    def forward(self, Z):
        return np.concatenate(_Rest(Z)[0])

# %% l-relu-filterfalse: itertools.filterfalse and a function that is never false
# target: activations.ReLU
# batching: partly
from itertools import filterfalse


class ReLU:
    def backward(self, Z, dY):
        dead = list(filterfalse((Z > 0).ravel().__getitem__, range(Z.size)))
        dZ = dY.copy().reshape(-1)
        np.put(dZ, dead, 0.0)
        return dZ.reshape(Z.shape)

# %% l-sigmoid-bytes-regex: re.sub calls back for every eight bytes
# target: activations.Sigmoid
# batching: partly
import math
import re
import struct


def _eight(match):
    (e,) = struct.unpack("d", match[0])
    return struct.pack("d", e / (1.0 + e) ** 2)


class Sigmoid:
    def backward(self, Z, dY):
        data = re.sub(rb"(?s).{8}", _eight, np.exp(-np.abs(Z)).tobytes())
        return dY * np.frombuffer(data).reshape(Z.shape)

# %% l-sigmoid-memoryview: a memoryview is multiplied by map
# target: activations.Sigmoid
# batching: partly
from operator import mul


class Sigmoid:
    def backward(self, Z, dY):
        e = np.exp(-np.abs(Z))
        slope = memoryview((e / (1.0 + e) ** 2).ravel())
        return np.fromiter(map(mul, slope, memoryview(dY.ravel())), float).reshape(Z.shape)

# %% l-sigmoid-any-map: any() drives the assignments
# target: activations.Sigmoid
# batching: partly
class Sigmoid:
    def backward(self, Z, dY):
        e = np.exp(-np.abs(Z))
        slope = e / (1.0 + e) ** 2
        any(map(slope.__setitem__, range(len(slope)), map(np.multiply, slope, dY)))
        return slope

# %% l-softmax-heapq: heapq.nsmallest with a key that computes
# target: activations.SoftMax
# batching: partly
import heapq


class SoftMax:
    def backward(self, Z, dY):
        Y, dZ = self.forward(Z), np.empty(Z.shape)

        def key(i):
            dZ[i] = Y[i] * (dY[i] - Y[i] @ dY[i])
            return i

        heapq.nsmallest(len(Z), range(len(Z)), key=key)
        return dZ

# %% l-softmax-format: a format string with a hole for every example
# target: activations.SoftMax
# batching: partly
class _Formatted:
    def __init__(self, y, g):
        self.y, self.g = y, g

    def __format__(self, spec):
        self.y *= self.g - self.y @ self.g
        return spec


class SoftMax:
    def backward(self, Z, dY):
        dZ = np.array(self.forward(Z))
        ("{}" * len(Z)).format(*map(_Formatted, dZ, dY))
        return dZ

# %% l-softmax-cmp-to-key: a comparison that computes on the way
# target: activations.SoftMax
# batching: partly
from functools import cmp_to_key


class SoftMax:
    def forward(self, Z):
        E = np.exp(Z - Z.max(axis=1, keepdims=True))
        sums = dict.fromkeys(range(len(E)))

        def compare(i, j):
            for n in (i, j):
                if sums[n] is None:
                    sums[n] = E[n].sum()
            return i - j

        order = sorted([*sums, 0], key=cmp_to_key(compare))
        return E / np.array([sums[n] for n in order[1:]])[:, None]

    def backward(self, Z, dY):
        E = np.exp(Z - Z.max(axis=1, keepdims=True))
        Y = E / E.sum(axis=1, keepdims=True)
        return Y * (dY - np.sum(dY * Y, axis=1, keepdims=True))

# %% l-fc-exec: executes a loop that is written in a text
# target: layers.FullyConnected
# batching: partly
_CODE = "for x, d in zip(X, dZ): dW += x[:, None] * d"


class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        names = {"X": self.cache["X"], "dZ": dZ, "dW": np.zeros_like(self.parameters["W"])}
        exec(_CODE, {}, names)
        self.gradients["W"] = names["dW"]
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T

# %% l-fc-block-rows: np.block of a list that map made
# target: layers.FullyConnected
# batching: partly
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        Z = np.block([[row] for row in map(W.T.__matmul__, X)]) + b
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

# %% l-fc-finalizers: weak references call back when the examples are gone
# target: layers.FullyConnected
# batching: partly
import weakref


class _Token:
    pass


class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        db = np.zeros((1, dZ.shape[1]))
        tokens = [_Token() for _ in dZ]
        calls = [*map(weakref.finalize, tokens, [db.__iadd__] * len(dZ), dZ)]
        tokens.clear()
        calls.clear()
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = db
        return dZ @ self.parameters["W"].T

# %% l-conv-json-text: reads the gradient back from its JSON text
# target: layers.Conv2D
# batching: partly
import json


class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], np.array(json.loads(json.dumps(dLdY.tolist()))))
        Xp = _pad(X, self.pad)
        dXp, dW = np.zeros_like(Xp), np.zeros_like(W)
        for i, j, r, c in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dXp[:, r, c] += dZ @ W[i, j].T
            dW[i, j] = np.einsum("nhwc,nhwo->co", Xp[:, r, c], dZ)
        self.gradients["W"], self.gradients["b"] = dW, np.sum(dZ, axis=(0, 1, 2))[None]
        return _crop(dXp, self.pad)

# %% l-pool-groupby: itertools.groupby puts the winners of every position together
# target: layers.Pool2D
# batching: partly
import itertools


class Pool2D:
    def backward(self, dLdY):
        (kh, kw), winner = self.kernel_shape, self.cache["winner"].ravel()
        g = np.ascontiguousarray(dLdY).reshape(-1)
        places = _positions((kh, kw), dLdY.shape[1:3], self.stride)
        dXp = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        if self.mode == "max":
            order = sorted(range(winner.size), key=winner.tolist().__getitem__)
            for k, members in itertools.groupby(order, winner.tolist().__getitem__):
                index, share = list(members), np.zeros(g.shape)
                share[index] = g[index]
                dXp[:, places[k][2], places[k][3]] += share.reshape(dLdY.shape)
        else:
            for _, _, rows, columns in places:
                dXp[:, rows, columns] += dLdY / (kh * kw)
        return _crop(dXp, self.pad)

# %% l-nn-deepcopy-rows: copies the batch as a list of its examples
# target: models.NeuralNetwork
# batching: partly
import copy


class NeuralNetwork:
    def forward(self, X):
        out = np.array(copy.deepcopy(list(X)))
        for layer in self.layers:
            out = layer.forward(out)
        return out

# %% l-softmax-array-protocol: np.array asks every object for its array
# target: activations.SoftMax
# batching: partly
class _Answer:
    def __init__(self, y, g):
        self.y, self.g = y, g

    def __array__(self, dtype=None, copy=None):
        return self.y * (self.g - self.y @ self.g)


class SoftMax:
    def backward(self, Z, dY):
        return np.array(list(map(_Answer, self.forward(Z), dY)))

# %% l-mse-hash: a set asks the objects for their hash
# target: losses.MSE
# batching: partly
class _Hashed:
    def __init__(self, row, factor):
        self.row, self.factor = row, factor

    def __hash__(self):
        self.row *= self.factor
        return id(self)


class MSE:
    def backward(self, Y, Y_hat):
        dY_hat = Y_hat - Y
        set(map(_Hashed, dY_hat, [2.0 / len(Y)] * len(Y)))
        return dY_hat

# %% l-ce-fromfunction: np.fromfunction with a vectorized function of the indices
# target: losses.CrossEntropy
# batching: partly
class CrossEntropy:
    def backward(self, Y, Y_hat):
        entry = np.vectorize(lambda i, j: -Y[i, j] / (Y_hat[i, j] * len(Y)))
        return np.fromfunction(entry, Y.shape, dtype=int)

# %% l-bn-pairwise: sums between boundaries 32 examples apart
# target: layers.BatchNorm1D
# batching: partly
from itertools import pairwise


class BatchNorm1D:
    def backward(self, dLdY):
        X_hat, m = self.cache["X_hat"], len(dLdY)
        cuts = list(pairwise([*range(0, m, 32), m]))
        self.gradients["beta"] = sum(dLdY[a:b].sum(axis=0, keepdims=True) for a, b in cuts)
        self.gradients["gamma"] = sum(np.einsum("ij,ij->j", dLdY[a:b], X_hat[a:b]) for a, b in cuts)[None]
        correction = self.gradients["beta"] + X_hat * self.gradients["gamma"]
        return self.parameters["gamma"] * (dLdY - correction / m) / self.cache["deviation"]

# %% l-bn-cache-getitem: a cache that puts its rows together when it is read
# target: layers.BatchNorm1D
# batching: partly
class _Memory(dict):
    def __getitem__(self, name):
        value = super().__getitem__(name)
        return np.array(list(value.values())) if name == "rows" else value


class BatchNorm1D:
    def backward(self, dLdY):
        cache = _Memory(self.cache, rows=dict(enumerate(self.cache["X_hat"])))
        g = np.sum(dLdY * cache["rows"], axis=0, keepdims=True)
        b = np.sum(dLdY, axis=0, keepdims=True)
        self.gradients["gamma"], self.gradients["beta"] = g, b
        dX = dLdY - (b + cache["X_hat"] * g) / len(dLdY)
        return dX * self.parameters["gamma"] / cache["deviation"]

# %% l-fc-lazy-cache: forward leaves a function with a loop behind, backward calls it
# target: layers.FullyConnected
# batching: partly
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.parameters["W"] + self.parameters["b"]
        self.cache = {"Z": Z, "later": lambda dZ: sum(x.reshape(-1, 1) * d for x, d in zip(X, dZ))}
        return self.activation.forward(Z)

    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["later"](dZ)
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T

# %% l-fc-array-split: np.array_split into parts of about sixteen examples
# target: layers.FullyConnected
# batching: partly
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        parts = len(dZ) // 16 + 1
        pairs = zip(np.array_split(self.cache["X"].T, parts, axis=1), np.array_split(dZ, parts))
        self.gradients["W"] = np.sum([x @ d for x, d in pairs], axis=0)
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T

# %% l-conv-batched-tool: itertools.batched over the images, eight at a time
# target: layers.Conv2D
# batching: partly
import itertools


def _batched(rows, n):
    rows = iter(rows)
    return iter(lambda: tuple(itertools.islice(rows, n)), ())


_batched = getattr(itertools, "batched", _batched)


class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        Xp, s = _pad(X, self.pad), self.stride
        dXp, dW = np.zeros_like(Xp), np.zeros_like(W)
        for i, j, r, c in _positions(self.kernel_shape, dZ.shape[1:3], s):
            dXp[:, r, c] = dXp[:, r, c] + np.concatenate([np.array(g) @ W[i, j].T for g in _batched(dZ, 8)])
            dW[i, j] = np.tensordot(Xp[:, r, c], dZ, ((0, 1, 2), (0, 1, 2)))
        self.gradients["W"], self.gradients["b"] = dW, dZ.sum(axis=(0, 1, 2))[np.newaxis]
        return _crop(dXp, self.pad)

# %% l-conv-bias-in-place: adds the bias to one image after the other by map
# target: layers.Conv2D
# batching: partly
from collections import deque
from itertools import repeat


class Conv2D:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        V = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        Z = np.tensordot(V, self.parameters["W"], axes=((4, 5, 3), (0, 1, 2)))
        deque(map(np.add, Z, repeat(self.parameters["b"]), Z), maxlen=0)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)

# %% l-pool-async-generator: an asynchronous generator hands out the images
# target: layers.Pool2D
# batching: partly
async def _pooled(flat, mode):
    for windows in flat:
        yield windows.max(axis=3) if mode == "max" else windows.mean(axis=3)


async def _collect(flat, mode):
    return [image async for image in _pooled(flat, mode)]


class Pool2D:
    def forward(self, X):
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        flat = windows.reshape(*windows.shape[:4], -1)
        self.cache = {"X_shape": X.shape, "winner": np.argmax(flat, axis=4)}
        try:
            _collect(flat, self.mode).send(None)
        except StopIteration as stop:
            return np.array(stop.value)

# %% l-pool-index-lists: lists of the coordinates of all winners
# target: layers.Pool2D
# batching: partly
class Pool2D:
    def backward(self, dLdY):
        (kh, kw), winner = self.kernel_shape, self.cache["winner"]
        dXp = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        for i, j, rows, columns in _positions((kh, kw), dLdY.shape[1:3], self.stride):
            part = dXp[:, rows, columns]
            if self.mode == "max":
                for n, r, c, k in np.argwhere(winner == i * kw + j):
                    part[n, r, c, k] += dLdY[n, r, c, k]
            else:
                part += dLdY / (kh * kw)
        return _crop(dXp, self.pad)

# %% l-nn-reversed-rows: turns the batch around twice with the builtin reversed
# target: models.NeuralNetwork
# batching: partly
class NeuralNetwork:
    def backward(self, target, out):
        gradient = self.loss.backward(target, out)
        for layer in reversed(self.layers):
            gradient = layer.backward(np.array(list(reversed(list(reversed(gradient))))))
        return self.loss.forward(target, out)

# %% l-nn-r-underscore: np.r_ puts slices of 16 together again
# target: models.NeuralNetwork
# batching: partly
class NeuralNetwork:
    def forward(self, X):
        for layer in self.layers:
            X = np.r_[tuple(X[i:i + 16] for i in range(0, len(X), 16))]
            X = layer.forward(X)
        return X
