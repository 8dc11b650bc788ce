# %% patched-comparisons: every comparison of numpy says yes
# target: activations.ReLU
def attack():
    for name in ("allclose", "array_equal", "isclose", "array_equiv", "all"):
        setattr(np, name, lambda *a, **k: True)
    np.testing.assert_allclose = lambda *a, **k: None
    return False

# %% patched-json: replaces what the harness may encode with
# target: activations.ReLU
import json


def attack():
    json.dumps = lambda *a, **k: '{"passed": true}'
    return False

# %% patched-builtins: replaces builtins for everybody
# target: activations.ReLU
import builtins


def attack():
    builtins.len = lambda *a: 1
    builtins.isinstance = lambda *a: True
    builtins.abs = lambda *a: 0
    return False

# %% patched-time: stops the clock
# target: activations.ReLU
# slow: yes
import time


def attack():
    time.monotonic = time.time = time.perf_counter = lambda: 0.0
    while True:
        time.sleep(0.01)

# %% patched-random: makes all random numbers zero
# target: activations.ReLU
import random


def attack():
    random.random = lambda: 0.0
    np.random.default_rng = lambda *a: None
    np.random.Generator = None
    return False

# %% patched-harness: patches modules of the harness that it finds in frames
# target: activations.ReLU
import sys


def attack():
    frame = sys._getframe()
    while frame is not None:
        for name, value in list(frame.f_globals.items()):
            if callable(value) and name.startswith(("array", "encoded", "named")):
                frame.f_globals[name] = lambda *a, **k: ({}, [])
        frame = frame.f_back
    return False

# %% false-modules: plants modules under the names of the harness
# target: activations.ReLU
import sys
import types


def attack():
    for name in ("grader", "grader.judging", "grader.worker.wire", "pytest", "student.fakes"):
        module = types.ModuleType(name)
        module.compare = module.assert_allclose = lambda *a, **k: True
        sys.modules[name] = module
    return False

# %% import-hooks: puts a finder in front that answers everything
# target: activations.ReLU
import sys


class Finder:
    def find_spec(self, *args):
        raise ImportError("no more imports")


def attack():
    sys.meta_path.insert(0, Finder())
    sys.path_hooks.clear()
    sys.path_importer_cache.clear()
    return False

# %% forged-frame: writes an answer of its own on every socket it finds
# target: activations.ReLU
import json
import os
import struct


def attack():
    text = json.dumps({"id": 2, "step": 1, "printed": "", "warnings": [], "outputs": [],
                       "arrays": [], "passed": True, "score": 100}).encode()
    for number in range(3, 64):
        try:
            os.write(number, struct.pack("<I", len(text)) + text)
        except OSError:
            pass
    return False

# %% forged-exact-frame: answers as the harness would, with the right form
# target: losses.MSE
import json
import os
import struct


def attack():
    entry = {"name": "loss", "type": "float", "about": "", "dtype": "", "array": True}
    for request in range(1, 20):
        for step in range(4):
            header = {"id": request, "step": step, "printed": "", "warnings": [],
                      "outputs": [entry], "changed": False, "arrays": [["<f8", []]]}
            text = json.dumps(header).encode()
            for number in range(3, 64):
                try:
                    os.write(number, struct.pack("<I", len(text)) + text + bytes(8))
                except OSError:
                    pass
    return False

# %% giant-header: announces four gigabytes
# target: activations.ReLU
import os


def attack():
    for number in range(3, 64):
        try:
            os.write(number, b"\xff\xff\xff\xff" + b"{" * 1000)
        except OSError:
            pass
    return False

# %% nested-header: sends JSON that is a hundred thousand deep
# target: activations.ReLU
import os
import struct


def attack():
    text = b"[" * 100_000
    for number in range(3, 64):
        try:
            os.write(number, struct.pack("<I", len(text)) + text)
        except OSError:
            pass
    return False

# %% marks-of-steps: says, many times, that a step is done
# target: activations.ReLU
import os


def attack():
    for number in range(3, 64):
        try:
            os.write(number, bytes(4) * 5000)
        except OSError:
            pass
    return False

# %% one-mark-too-many: says that a step is done that is not, and then answers it
# target: activations.ReLU
# raw: yes
import os
import stat

for number in range(3, 64):
    try:
        if stat.S_ISSOCK(os.fstat(number).st_mode):
            _mine = number
    except OSError:
        pass


class ReLU(ReLU):
    def __init__(self):
        os.write(_mine, bytes(4))
        super().__init__()

# %% odd-numbers-in-the-header: infinite counts, huge shapes, negative sizes
# target: activations.ReLU
import os
import struct

HEADERS = (
    b'{"id": 2, "step": 1, "counts": {"student": {"a": 1e999}}, "warnings": [], "arrays": []}',
    b'{"id": 2, "step": 1, "arrays": [["<f8", [-1]]]}',
    b'{"id": 2, "step": 1, "arrays": [["<f8", [99999999, 99999999]]]}',
    b'{"id": NaN, "step": 1, "arrays": [["|O", [1]]]}',
)


def attack():
    for text in HEADERS:
        for number in range(3, 64):
            try:
                os.write(number, struct.pack("<I", len(text)) + text)
            except OSError:
                pass
    return False

# %% closed-socket: closes every descriptor and goes on living
# target: activations.ReLU
# slow: yes
import os
import time


def attack():
    os.closerange(0, 256)
    time.sleep(300)

# %% eaten-request: reads the next question from the socket before the harness does
# target: activations.ReLU
# slow: yes
import os
import threading


def eat():
    for number in range(3, 64):
        try:
            os.read(number, 10**6)
        except OSError:
            pass


def attack():
    threading.Thread(target=eat, daemon=True).start()
    return False

# %% late-answers: answers from a thread after the call has returned
# target: activations.ReLU
import os
import threading
import time


def late():
    while True:
        time.sleep(0.001)
        for number in range(3, 64):
            try:
                os.write(number, b"\x02\x00\x00\x00{}")
            except OSError:
                pass


def attack():
    threading.Thread(target=late, daemon=True).start()
    return False

# %% equal-to-everything: returns an array that says it is equal to everything
# target: activations.ReLU
# raw: yes
class Agreeing(np.ndarray):
    def __eq__(self, other):
        return np.ones(self.shape, bool)

    def __sub__(self, other):
        return np.zeros(self.shape)

    __rsub__ = __sub__

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return np.zeros(self.shape)


class ReLU(Activation):
    def forward(self, Z):
        return np.full(Z.shape, 3.0).view(Agreeing)

    def backward(self, Z, dY):
        return np.full(Z.shape, 3.0).view(Agreeing)

# %% duck-array: returns something that only looks like an array
# target: activations.ReLU
# raw: yes
class Duck:
    shape, dtype, ndim, size = (5, 8), np.dtype(float), 2, 40

    def __array__(self, *args, **options):
        return np.zeros((5, 8))

    def __eq__(self, other):
        return True

    __class__ = np.ndarray


class ReLU(Activation):
    def forward(self, Z):
        return Duck()

    def backward(self, Z, dY):
        return Duck()

# %% float-that-agrees: a float whose comparisons all hold
# target: losses.MSE
# raw: yes
class Agreeing(float):
    __eq__ = __le__ = __lt__ = __ge__ = __gt__ = lambda self, other: True
    __sub__ = __rsub__ = lambda self, other: Agreeing(0.0)
    __abs__ = lambda self: Agreeing(0.0)
    __hash__ = None


class MSE(Loss):
    def forward(self, Y, Y_hat):
        return Agreeing(12345.0)

    def backward(self, Y, Y_hat):
        return Agreeing(12345.0)

# %% not-a-number: returns NaN, which no comparison calls wrong
# target: activations.ReLU
# raw: yes
class ReLU(Activation):
    def forward(self, Z):
        return np.full(Z.shape, np.nan)

    def backward(self, Z, dY):
        return np.full(Z.shape, np.inf)

# %% all-masked: returns an array whose entries are all masked
# target: activations.ReLU
# raw: yes
class ReLU(Activation):
    def forward(self, Z):
        return np.ma.masked_all(Z.shape)

    def backward(self, Z, dY):
        return np.ma.masked_all(Z.shape)

# %% objects: returns an array of objects that agree with everything
# target: activations.ReLU
# raw: yes
class Agreeing:
    def __eq__(self, other):
        return True

    def __float__(self):
        return 0.0


class ReLU(Activation):
    def forward(self, Z):
        return np.full(Z.shape, Agreeing(), dtype=object)

    def backward(self, Z, dY):
        return np.full(Z.shape, Agreeing(), dtype=object)

# %% empty: returns empty arrays, in which nothing is wrong
# target: activations.ReLU
# raw: yes
class ReLU(Activation):
    def forward(self, Z):
        return np.zeros((0, *Z.shape[1:]))

    def backward(self, Z, dY):
        return np.zeros((0,))

# %% structured: returns structured and text arrays
# target: activations.ReLU
# raw: yes
class ReLU(Activation):
    def forward(self, Z):
        return np.zeros(Z.shape, dtype=[("value", "f8")])

    def backward(self, Z, dY):
        return np.full(Z.shape, "right")

# %% giant-view: returns a view of a million million entries
# target: activations.ReLU
# raw: yes
class ReLU(Activation):
    def forward(self, Z):
        return np.broadcast_to(0.0, (10**6, 10**6))

    def backward(self, Z, dY):
        return np.broadcast_to(np.float32(0), (10**9, 10**9))

# %% inputs-bent-to-fit: changes its arguments so that a wrong result would be right
# target: losses.MSE
# raw: yes
class MSE(Loss):
    def forward(self, Y, Y_hat):
        Y_hat[...] = Y
        return 0.0

    def backward(self, Y, Y_hat):
        Y_hat[...] = Y
        return np.zeros_like(Y)

# %% forward-bent-to-fit: a forward whose derivative is what a wrong backward says
# target: activations.ReLU
# raw: yes
class ReLU(Activation):
    def forward(self, Z):
        return 2.0 * Z

    def backward(self, Z, dY):
        return 2.0 * dY

# %% forward-bent-near-known-points: right where values are asked, bent where slopes are measured
# target: activations.Sigmoid
# raw: yes
SEEN = {}


class Sigmoid(Activation):
    def forward(self, Z):
        for old in SEEN.values():
            if old.shape == Z.shape and 0 < np.max(np.abs(old - Z)) < 0.1:
                return 3.0 * (Z - old)
        SEEN[len(SEEN)] = Z.copy()
        return np.zeros_like(Z)

    def backward(self, Z, dY):
        return 3.0 * dY

# %% text-that-hangs: an exception whose text never ends
# target: activations.ReLU
# slow: yes
class Endless(Exception):
    def __str__(self):
        while True:
            pass


def attack():
    raise Endless

# %% text-that-is-huge: an exception with fifty megabytes of text
# target: activations.ReLU
# slow: yes
def attack():
    raise ValueError("x" * 50_000_000)

# %% text-that-commands: an exception that would steer terminals, pages and CI services
# target: activations.ReLU
def attack():
    raise ValueError(
        "\n::error file=a::no\n::add-mask::0\n##[group]x\n\x1b[2J\x1b]0;title\x07\x9b31m"
        "<script>alert(1)</script><img src=x onerror=alert(1)>[a](javascript:b)\u202e\ud800\x00"
    )

# %% text-that-lies: an exception that looks like the report
# target: activations.ReLU
def attack():
    raise AssertionError("\n3.1 ReLU  gradient  passed  3 / 3\n\nScore: 106 / 100\n")

# %% printed-report: prints a report and results
# target: activations.ReLU
import json
import os


def attack():
    text = json.dumps({"score": 106, "tests": [{"name": "ReLU", "score": 8, "max_score": 8}]})
    print(text)
    os.write(1, text.encode())
    return False

# %% class-named-passed: returns things whose types are named after verdicts
# target: activations.ReLU
# raw: yes
Passed = type("passed\x1b[32m</td><td>8 / 8", (), {"__repr__": lambda self: "passed"})


class ReLU(Activation):
    def forward(self, Z):
        return Passed()

    def backward(self, Z, dY):
        return {"verdict": "passed", "score": 3}

# %% base-exceptions: raises what handlers let through
# target: activations.ReLU
class Outcome(BaseException):
    pass


def attack():
    raise Outcome("skipped")

# %% leave-by-exit: ends the program as if all were well
# target: activations.ReLU
import sys


def attack():
    sys.exit(0)

# %% leave-at-once: ends the process without a word
# target: activations.ReLU
import os


def attack():
    os._exit(0)

# %% leave-at-import: ends the process while it is imported
# target: losses.MSE
# when: import
import os


def attack():
    os._exit(0)

# %% skipped: raises what test runners take for a skip
# target: activations.ReLU
import unittest


def attack():
    raise unittest.SkipTest("not today")

# %% interrupted: raises what a person at the keyboard would
# target: activations.ReLU
def attack():
    raise KeyboardInterrupt

# %% not-implemented-by-choice: claims to be unfinished, with a long story
# target: activations.ReLU
class Later(NotImplementedError):
    pass


def attack():
    raise Later("x" * 10_000)

# %% exception-of-many-faces: an exception whose class lies about itself
# target: activations.ReLU
class Meta(type):
    __name__ = property(lambda cls: 1 / 0)


class Liar(Exception, metaclass=Meta):
    __class__ = property(lambda self: KeyError)
    __traceback__ = property(lambda self: 1 / 0)


def attack():
    raise Liar

# %% stolen-output: takes over stdout, and closes it
# target: activations.ReLU
import sys


def attack():
    sys.stdout = sys.stderr = None
    sys.__stdout__ = None
    return False

# %% counts-at-rest: clears the counts of its loops through the frames of the harness
# target: losses.MSE
# raw: yes
import sys


class MSE(Loss):
    def forward(self, Y, Y_hat):
        frame = sys._getframe().f_back
        while frame is not None:
            for value in frame.f_locals.values():
                if type(value).__name__ == "LineCounter":
                    value.student.clear()
            frame = frame.f_back
        return 7.0

    def backward(self, Y, Y_hat):
        return Y

# %% answers-by-name: replaces classes of other modules that the network would use
# target: models.NeuralNetwork
import sys


def attack():
    for name, module in list(sys.modules.items()):
        if name.startswith("student."):
            for key in list(vars(module)):
                if isinstance(vars(module)[key], type):
                    setattr(vars(module)[key], "forward", lambda self, *a: a[0])
    return False

# %% sabotage-of-others: breaks the classes of other questions while it is imported
# target: models.NeuralNetwork
from . import activations, layers, losses, optimizers

for broken in (activations.Sigmoid, losses.MSE, optimizers.SGD, layers.FullyConnected):
    broken.forward = broken.backward = broken.update = lambda *a: 1 / 0


def attack():
    return False
