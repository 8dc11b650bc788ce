# %% giant-evaluations: a forward of 60 MB wherever a slope is measured
# target: losses.CrossEntropy
# slow: yes
# raw: yes
class CrossEntropy(CrossEntropy):
    def forward(self, Y, Y_hat):
        return np.ones(7_900_000)

    def backward(self, Y, Y_hat):
        return np.ones(Y.shape)

# %% flood-of-lines-in-slopes: prints newlines in every evaluation
# target: losses.CrossEntropy
# raw: yes
import itertools
_printed = itertools.count()


class CrossEntropy(CrossEntropy):
    def forward(self, Y, Y_hat):
        print("x" if next(_printed) % 40 == 39 else "\n" * 1999, end="")
        return 3.0

    def backward(self, Y, Y_hat):
        print("x" if next(_printed) % 40 == 39 else "\n" * 1999, end="")
        return np.ones(Y.shape)

# %% ever-new-output: prints two thousand new characters in every call, and warns three times
# target: losses.CrossEntropy
# raw: yes
import itertools, warnings
_printed = itertools.count()


class CrossEntropy(CrossEntropy):
    def _say(self):
        n = next(_printed)
        print(str(n) * (2000 // len(str(n))), end="")
        for i in range(3):
            warnings.warn(f"{n} {i} " + "w" * 480)

    def forward(self, Y, Y_hat):
        self._say()
        return 3.0

    def backward(self, Y, Y_hat):
        self._say()
        return np.ones(Y.shape)

# %% story-in-a-dtype: two hundred thousand characters as the type in a frame
# target: activations.ReLU
import json, os, struct


def attack():
    text = json.dumps({"id": 2, "step": 1, "arrays": [["::error::LEAK" * 15000, [1]]]}).encode()
    for number in range(3, 64):
        try:
            os.write(number, struct.pack("<I", len(text)) + text)
        except OSError:
            pass
    return False

# %% story-in-a-line-number: a line number of four thousand digits below zero
# target: activations.ReLU
import json, os, struct


def attack():
    error = {"type": "E", "message": "", "ours": False, "unfinished": False,
             "where": [["a.py", -10**4200, "f", "x"]]}
    for request in range(1, 30):
        for step in range(3):
            text = json.dumps({"id": request, "step": step, "printed": "", "error": error, "arrays": []}).encode()
            for number in range(3, 64):
                try:
                    os.write(number, struct.pack("<I", len(text)) + text)
                except OSError:
                    pass
    return False

# %% lock-held-between-calls: a thread holds the interpreter's lock when the next request is long
# target: layers.Conv2D
# raw: yes
import threading, time, re


def _hold():
    time.sleep(0.02)
    re.match(r"(a+)+$", "a" * 60 + "b")


class Conv2D(Conv2D):
    def forward(self, X):
        if X.size > 1000:
            threading.Thread(target=_hold, daemon=True).start()
        return super().forward(X) * 3

    def backward(self, dLdY):
        found = super().backward(dLdY) * 3
        self.gradients.clear()
        return found

# %% long-drop: memory just below its limit, in every call, freed by nobody
# target: activations.ReLU
_kept = []


def attack():
    try:
        _kept.append(np.ones(160_000_000))
    except MemoryError:
        pass
    return False

# %% long-chain: a traceback with a million entries
# target: activations.ReLU
import types


def attack():
    try:
        raise ValueError("x")
    except ValueError as error:
        first = error.__traceback__
    tb = None
    for _ in range(400_000):
        tb = types.TracebackType(tb, first.tb_frame, 0, 1)
    raise ValueError("long").with_traceback(tb)
