"""The four grades that tests make reports from: perfect, empty, half wrong, and hostile."""

from __future__ import annotations

from functools import cache

from grader.judging.grade import Grade
from grader.submission.submission import Submission
from tests.catalogue import entries, reference_files, spliced
from tests.grading import graded
from tests.homework import STUBS

NAMES = ("perfect", "stubs", "half-wrong", "hostile")
MISTAKES = (
    "relu-backward-forgets-dy",
    "ce-forward-mean",
    "fc-loop-dot-per-row",
    "fc-dw-transposed",
    "conv-unpads-by-negative-slice",
    "pool-max-gradient-to-all",
    "bn-eps-outside-the-root",
)
# A scale and a NaN that no catalogue entry covers, and an exception in the student's own code.
OTHER = {
    "activations": """
class Sigmoid:
    def forward(self, Z):
        print("Z has the shape", Z.shape)
        Y = 1.0 / (1.0 + np.exp(-Z)) + 0.01 * np.tanh(Z) ** 2
        Y[0, 0] = np.nan
        return Y
    def backward(self, Z, dY):
        s = 1.0 / (1.0 + np.exp(-Z))
        return dY * s * (1.0 - 0.9 * s)

class SoftMax:
    def forward(self, Z):
        powers = np.exp(Z - Z.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=0, keepdims=False).reshape(3, -1)
""",
    "optimizers": """
class SGD:
    def update(self, param_name, param, param_grad, epoch):
        return 0.3 * self.lr * param_grad
""",
}
SCRIPT = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
HOSTILE = {
    "activations": f"""
EVIL = {SCRIPT!r} + "</style></title></pre>]]>-->{{{{ 7 * 7 }}}}" + "\\u202e" + "\\x1b[31m"

class ReLU:
    def forward(self, Z):
        print(EVIL, "x" * 400)
        return type(EVIL[:70], (), {{}})()
    def backward(self, Z, dY):
        import warnings
        warnings.warn(EVIL)
        return dY * 2.0

class Sigmoid:
    def forward(self, Z):
        raise type(EVIL[:60], (Exception,), {{}})(EVIL + "y" * 500)
    def backward(self, Z, dY):
        return np.full(Z.shape, 1e308) * np.sign(Z)

class SoftMax:
    def forward(self, Z):
        return Z * np.inf
    def backward(self, Z, dY):
        exec(compile("raise ValueError(EVIL)", EVIL + ".py", "exec"), globals())
""",
    "models": """
class NeuralNetwork:
    def train(self, dataset, epochs, progress=None):
        return [float("nan"), 1e300, -1e300, float("inf")] + ["<b>"] * 0
""",
}


@cache
def report_of(name: str) -> Grade:
    """Return one of the four grades, with evidence."""
    return graded(_submission(name), pictures=True)


def _submission(name: str) -> Submission:
    files = dict(reference_files())
    if name == "stubs":
        return Submission({p.name: p.read_bytes() for p in STUBS.glob("*.py")}, "student")
    if name == "half-wrong":
        known = {entry.id: entry for entry in entries("mistaken")}
        for entry in (known[identifier] for identifier in MISTAKES):
            _splice(files, entry.module, entry.code)
        for module, code in OTHER.items():
            _splice(files, module, code)
        losses = (STUBS / "losses.py").read_text("utf-8")
        mse = losses[losses.index("class MSE") :].partition("\n\n\n")[0]
        _splice(files, "losses", mse)
    if name == "hostile":
        for module, code in HOSTILE.items():
            _splice(files, module, code)
        return Submission(files, SCRIPT, (f"{SCRIPT}.py (not a regular file)",))
    return Submission(files, "student")


def _splice(files: dict[str, bytes], module: str, code: str) -> None:
    source = files[f"{module}.py"].decode()
    files[f"{module}.py"] = spliced(source, code).encode()
