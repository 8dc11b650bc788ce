# %% odd-prints-a-lot: prints every array, in every call
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        for _ in range(20):
            print("Z =", Z, flush=True)
        return np.maximum(Z, 0)

# %% odd-prints-to-stderr-and-logs: warns through logging and stderr
# target: activations.ReLU
import logging
import sys

logging.basicConfig(level=logging.DEBUG)


class ReLU:
    def backward(self, Z, dY):
        logging.getLogger(__name__).warning("backward of shape %s", Z.shape)
        sys.stderr.write("still here\n")
        return np.where(Z > 0, dY, 0.0)

# %% odd-threads: computes halves of the columns in two threads
# target: activations.Sigmoid
from concurrent.futures import ThreadPoolExecutor


class Sigmoid:
    def forward(self, Z):
        def part(columns):
            decay = np.exp(-np.abs(columns))
            return np.where(columns >= 0, 1.0, decay) / (1.0 + decay)

        half = Z.shape[-1] // 2
        with ThreadPoolExecutor(2) as pool:
            parts = list(pool.map(part, (Z[..., :half], Z[..., half:])))
        return np.concatenate(parts, axis=-1)

# %% odd-big-temporaries: half a gigabyte that is freed again
# target: layers.FullyConnected
class FullyConnected:
    def backward(self, dLdY):
        scratch = np.ones(6 * 10**7)
        scratch *= 2.0
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T

# %% odd-warnings: divides by zero on the way, and warns by hand
# target: activations.SoftMax
import warnings


class SoftMax:
    def forward(self, Z):
        warnings.warn("softmax ahead", stacklevel=2)
        np.ones(1) / np.zeros(1)
        powers = np.exp(Z - Z.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

# %% odd-seterr-raise: asks numpy to raise, for the whole module
# target: activations.SoftMax
np.seterr(over="raise", invalid="raise", divide="raise")


class SoftMax:
    def forward(self, Z):
        shifted = np.maximum(Z - Z.max(axis=1, keepdims=True), -700.0)
        powers = np.exp(shifted)
        return powers / powers.sum(axis=1, keepdims=True)

# %% odd-slow-import: takes two seconds to import
# target: losses.MSE
import time

time.sleep(2.0)

# %% odd-views: returns views of larger arrays, with strides
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        larger = np.zeros((*Z.shape, 2))
        larger[..., 0] = np.maximum(Z, 0)
        return larger[..., 0]

    def backward(self, Z, dY):
        return np.asfortranarray(dY * (Z > 0))

# %% odd-reversed-strides: returns a view with negative strides
# target: losses.MSE
class MSE:
    def backward(self, Y, Y_hat):
        return (2 / Y.shape[0] * (Y_hat - Y))[::-1, ::-1].copy()[::-1, ::-1]

# %% odd-read-only: returns arrays that cannot be written
# target: activations.ReLU
class ReLU:
    def forward(self, Z):
        Y = np.maximum(Z, 0)
        Y.flags.writeable = False
        return Y

    def backward(self, Z, dY):
        return np.broadcast_to(dY * (Z > 0), Z.shape)

# %% odd-atexit: registers a goodbye
# target: activations.ReLU
import atexit

atexit.register(print, "good-bye")


class ReLU:
    def forward(self, Z):
        return np.where(Z > 0, Z, 0.0)

# %% odd-devnull: hides its own printing in os.devnull
# target: activations.ReLU
import contextlib
import os


class ReLU:
    def forward(self, Z):
        with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing):
            print("nobody reads this")
        return np.maximum(Z, 0)

# %% odd-reads-the-data: looks at a file of the handout while it is imported
# target: losses.CrossEntropy
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
HERE = sorted(path.name for path in FOLDER.iterdir())
SOURCE = Path(__file__).read_text()

# %% odd-random-and-time: seeds numpy and random, asks for the time
# target: layers.FullyConnected
import random
import time

np.random.seed(0)
random.seed(time.time())


class FullyConnected:
    def forward(self, X):
        random.random()
        np.random.rand()
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.parameters["W"] + self.parameters["b"]
        self.cache = {"X": X, "Z": Z, "time": time.perf_counter()}
        return self.activation(Z)

# %% odd-lazy-imports: imports parts of numpy and of the library inside calls
# target: activations.Sigmoid
class Sigmoid:
    def forward(self, Z):
        import decimal
        import fractions
        import statistics

        import numpy.fft
        import numpy.polynomial

        decay = np.exp(-np.abs(Z))
        return np.where(Z >= 0, 1.0, decay) / (1.0 + decay)

# %% odd-signals-and-timers: sets an alarm and takes it away again
# target: activations.ReLU
import signal


class ReLU:
    def forward(self, Z):
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.alarm(60)
        Y = np.maximum(Z, 0)
        signal.alarm(0)
        return Y

# %% odd-catches-everything: wraps every call in try and except, with tracebacks
# target: activations.ReLU
import traceback


class ReLU:
    def forward(self, Z):
        try:
            return self._forward(Z, "x")
        except Exception:
            traceback.print_exc()
            return np.maximum(Z, 0)

    def _forward(self, Z, factor):
        return Z + factor

# %% odd-deep-recursion-once: recurses five hundred deep at the import
# target: optimizers.SGD
def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


DEPTH = depth(500)

# %% odd-environment: reads the environment, the processor count and the platform
# target: losses.MSE
import os
import platform

KNOWN = (os.cpu_count(), os.getpid(), os.environ.get("HOME"), platform.machine(), os.getcwd())

# %% odd-dataclasses-and-enums: uses modules that generate code at run time
# target: optimizers.SGD
import collections
import dataclasses
import enum
import functools


@dataclasses.dataclass(frozen=True)
class Settings:
    lr: float = 0.1


class Kind(enum.Enum):
    PLAIN = 1


Pair = collections.namedtuple("Pair", "left right")


@functools.lru_cache
def cached(n):
    return Pair(Settings(), Kind.PLAIN)


cached(1)
