# %% zero-shape-that-overflows: a frame whose shape has a zero and a product beyond numpy's limit
# target: activations.ReLU
import json, os, struct


def attack():
    text = json.dumps({"id": 2, "step": 1, "arrays": [["<f8", [0] + [2**26] * 7]]}).encode()
    for number in range(3, 64):
        try:
            os.write(number, struct.pack("<I", len(text)) + text)
        except OSError:
            pass
    return False

# %% tiny-array: right numbers times 1e-310
# target: activations.ReLU
# raw: yes
class ReLU(ReLU):
    def forward(self, Z):
        return np.maximum(Z, 0.0) * 1e-310

    def backward(self, Z, dY):
        return dY * (Z > 0) * 1e-310

# %% booleans: a forward of booleans, for the numeric gradient to subtract
# target: activations.ReLU
# raw: yes
class ReLU(ReLU):
    def forward(self, Z):
        return Z > 0

    def backward(self, Z, dY):
        return dY * 0.5

# %% digits-over-calls: a line number that is printed over several calls, too long for int()
# target: layers.FullyConnected
import itertools
_printed = itertools.count()


def attack():
    n = next(_printed)
    print("layers.py:" + "9" * 1983 if n == 0 else str(n % 9 + 1) * 1999, end="")
    return False
