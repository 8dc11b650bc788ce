"""Verdicts that real submissions showed to be wrong, or to cost points that they should not."""

from __future__ import annotations

import ast
import dataclasses
import io
import time
from pathlib import Path

import pytest
from rich.console import Console

from grader.assignment import Assignment
from grader.assignment.loading import load
from grader.errors import UsageError
from grader.judging import Grade, Line, capped
from grader.limits import Limits
from grader.report.messages import explain
from grader.report.terminal import pages
from grader.running.runner import grade
from grader.sampler import Sampler
from grader.submission.submission import Submission
from grader.verdict import CaseResult, CheckResult, Verdict
from tests.catalogue import entries, reference_files, spliced, submission
from tests.grading import QUICK, examined, graded, live, shared, verdicts
from tests.homework import ASSIGNMENT, RUBRIC, find_targets

FC_FORWARD = """
class FullyConnected:
    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        Z = X @ self.parameters["W"] + self.parameters["b"]
        self.cache = {{"X": X, "Z": Z}}
        {body}
"""
CONV_BACKWARD = """
class Conv2D:
    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X_pad, (p, q) = _pad(X, self.pad), self.pad
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for i, j, rows, columns in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += {sent} @ W[i, j].T
            dW[i, j] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape({b})
        return {cropped}
"""
POOL_FORWARD = """
class Pool2D:
    def forward(self, X):
        (p, q) = self.pad
        windows = _windows(np.pad(X, {pad}), self.kernel_shape, self.stride)
        flat = windows.reshape(*windows.shape[:4], -1)
        self.cache = {{"X_shape": X.shape, "winner": flat.argmax(axis=4)}}
        return flat.max(axis=4) if self.mode == "max" else flat.mean(axis=4)
"""
RELU = "class ReLU:\n    def forward(self, Z):\n        {}\n"


def _changed(module: str, code: str) -> dict[str, bytes]:
    files = reference_files()
    files[f"{module}.py"] = spliced(files[f"{module}.py"].decode(), code).encode()
    return files


def _graded(target: str, code: str, seed: int = 0, limits: Limits = QUICK) -> Grade:
    return examined(_changed(target.partition(".")[0], code), target, seed, limits=limits)


def _lost(result: Grade) -> dict[str, float]:
    """Return the checks that lose points, with the points that each loses."""
    lost = {line.check: round(line.points - line.score, 2) for line in result.lines}
    return {check: points for check, points in lost.items() if points}


def _text(result: Grade, check: str) -> str:
    (line,) = (line for line in result.lines if line.check == check)
    return explain(line.result, everything=True)


# --- what was missed


@pytest.mark.parametrize(
    ("body", "loops"),
    [
        ("return np.vectorize(self.activation.forward)(Z)", True),
        ("return self.activation.forward(Z.reshape(-1, 1)).reshape(Z.shape)", False),
        ("return self.activation.forward(Z.reshape(1, -1)).reshape(Z.shape)", False),
        ("return self.activation.forward(Z.T).T", False),
        ("return np.hstack([self.activation.forward(z) for z in np.split(Z, Z.shape[1], 1)])",
         False),
        ("Y = Z.copy()\n        for j in range(Z.shape[1]):\n"
         "            Y[:, j] = self.activation.forward(Z[:, j])\n        return Y", False),
    ],
)  # fmt: skip
def test_an_activation_needs_whole_rows(body: str, loops: bool) -> None:
    result = _graded("layers.FullyConnected", FC_FORWARD.format(body=body))
    found = verdicts(result)["layers.FullyConnected"]
    assert found["values"] == "partly"
    assert "an activation that mixes a row" in _text(result, "values")
    assert found["gradient"] == found["behaviour"] == "passed"
    assert found["batching"] == ("partly" if loops else "passed")


@pytest.mark.slow
def test_an_activation_needs_all_channels_of_a_pixel() -> None:
    files = reference_files()
    right = b"return self.activation.forward(Z)"
    wrong = b"return self.activation.forward(Z.reshape(len(Z), -1)).reshape(Z.shape)"
    before, after = files["layers.py"].split(b"class Conv2D")
    files["layers.py"] = before + b"class Conv2D" + after.replace(right, wrong)
    result = graded(files, "layers.Conv2D")
    assert set(_lost(result)) == {"values"}
    assert "mixes channels" in _text(result, "values")


CROPS = {
    "[p:-p]": "dX_pad[:, p:-p, q:-q]",
    "right": "_crop(dX_pad, self.pad)",
}


@pytest.mark.slow
@pytest.mark.parametrize("cropped", CROPS)
def test_a_slope_that_is_forgotten_costs_in_every_geometry(cropped: str) -> None:
    scores = {}
    for sent in ("dZ", "dLdY"):
        code = CONV_BACKWARD.format(sent=sent, b="1, -1", cropped=CROPS[cropped])
        result = _graded("layers.Conv2D", code)
        scores[sent] = result.score
        assert _lost(result).keys() <= {"gradient", "shape"}
        said = _text(result, "gradient")
        assert "padding 0 only" not in said or sent == "dZ"
    assert scores["dZ"] - scores["dLdY"] >= 0.5
    if cropped == "right":
        assert scores["dZ"] == 18
        assert "dX leaves out the activation's derivative" in said


@pytest.mark.slow
def test_outputs_of_a_wrong_size_cost_gradient_too_where_they_are_padded() -> None:
    code = """
def _pad(X, pad):
    return np.pad(X, ((0, 0), (pad[0], pad[0] + 1), (pad[1], pad[1] + 1), (0, 0)))
"""
    files = _changed("layers", code)
    lost = _lost(graded(files, "layers.Conv2D"))
    assert lost["values"] >= 4
    assert lost["gradient"] >= 3


@pytest.mark.slow
@pytest.mark.parametrize(
    "pad",
    [
        "((0, 0), (p, p), (q, p), (0, 0))",
        "((0, 0), (self.pad[0],) * 2, (self.pad[0],) * 2, (0, 0))",
        "((0, 0), (q, q), (p, p), (0, 0))",
        "((0, 0), (self.pad[1],) * 2, (self.pad[1],) * 2, (0, 0))",
        "((0, 0), (p, q), (p, q), (0, 0))",
    ],
)
def test_paddings_of_rows_and_columns_are_told_apart_in_pooling(pad: str) -> None:
    result = _graded("layers.Pool2D", POOL_FORWARD.format(pad=pad))
    assert verdicts(result)["layers.Pool2D"]["values"] == "partly"
    said = _text(result, "values")
    assert "pad='same'" in said
    assert _lost(result).keys() <= {"values", "gradient"}


@pytest.mark.parametrize("shape", ["(len(X), -1)", "(X.shape[0], np.prod(X.shape[1:]))"])
def test_a_network_passes_its_input_on_as_it_is(shape: str) -> None:
    code = f"""
class NeuralNetwork:
    def forward(self, X):
        out = X.reshape({shape})
        for layer in self.layers:
            out = layer.forward(out)
        return out
"""
    result = _graded("models.NeuralNetwork", code)
    assert set(_lost(result)) == {"values"}
    said = _text(result, "values")
    assert "got an array of shape (5, 24) from the network" in said
    assert "models.py:" in said


NETWORKS = {
    "flattens between layers": ("forward(self, X)", "for layer in self.layers:\n"
    "            X = layer.forward(X)\n            X = X.reshape(len(X), -1)\n        return X"),
    "flattens the output": ("forward(self, X)", "for layer in self.layers:\n"
    "            X = layer.forward(X)\n        return X.reshape(len(X), -1)"),
    "flattens gradients": ("backward(self, target, out)",
    "gradient = self.loss.backward(target, out)\n        for layer in self.layers[::-1]:\n"
    "            gradient = layer.backward(gradient.reshape(len(gradient), -1))\n"
    "        return self.loss.forward(target, out)"),
    "takes gradients as they lie in memory": ("backward(self, target, out)",
    "gradient = self.loss.backward(target, out)\n        for layer in self.layers[::-1]:\n"
    "            gradient = layer.backward(gradient)\n"
    "            gradient = gradient.ravel('K').reshape(gradient.shape)\n"
    "        return self.loss.forward(target, out)"),
}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_passes_on_what_its_layers_hand_it(name: str) -> None:
    signature, body = NETWORKS[name]
    code = f"class NeuralNetwork:\n    def {signature}:\n        {body}\n"
    lost = _lost(_graded("models.NeuralNetwork", code))
    assert lost["values" if signature.startswith("forward") else "gradient"] > 0.3


LAYOUTS = {
    "activations.ReLU": RELU.format(
        'Y = Z.copy(order="K")\n        Y.reshape(-1)[Z.reshape(-1) < 0] = 0\n        return Y'
    ),
    "activations.Sigmoid": "class Sigmoid:\n    def backward(self, Z, dY):\n"
    "        S = 1 / (1 + np.exp(-np.clip(Z, -700, 700)))\n"
    "        flat = (S * (1 - S)).ravel(order='K') * dY.ravel(order='C')\n"
    "        return flat.reshape(Z.shape)\n",
    "activations.SoftMax": "class SoftMax:\n    def forward(self, Z):\n"
    "        P = np.exp(Z - Z.max(axis=1, keepdims=True)).ravel(order='K').reshape(Z.shape)\n"
    "        return P / P.sum(axis=1, keepdims=True)\n",
    "losses.CrossEntropy": "class CrossEntropy:\n    def forward(self, Y, Y_hat):\n"
    "        y, p = (np.frombuffer(x.tobytes('A')) for x in (Y, np.ascontiguousarray(Y_hat)))\n"
    "        return float(-(y * np.log(p)).sum() / len(Y))\n",
    "losses.MSE": "class MSE:\n    def backward(self, Y, Y_hat):\n"
    "        D = np.empty_like(Y)\n        D.reshape(-1)[:] = (2 * (Y_hat - Y) / len(Y)).ravel()\n"
    "        return D\n",
    "layers.FullyConnected": FC_FORWARD.format(
        body="self.cache['X'] = X.ravel(order='K').reshape(X.shape)\n"
        "        return self.activation.forward(Z)"
    ),
    "layers.BatchNorm1D": "class BatchNorm1D:\n    def backward(self, dLdY):\n"
    "        X_hat, gamma = self.cache['X_hat'], self.parameters['gamma']\n"
    "        dLdY = dLdY.ravel(order='K').reshape(dLdY.shape)\n"
    "        self.gradients['gamma'] = (dLdY * X_hat).sum(axis=0, keepdims=True)\n"
    "        self.gradients['beta'] = dLdY.sum(axis=0, keepdims=True)\n"
    "        d = dLdY * gamma\n"
    "        d = d - d.mean(axis=0) - X_hat * (d * X_hat).mean(axis=0)\n"
    "        return d / self.cache['deviation']\n",
    "models.NeuralNetwork": "class NeuralNetwork:\n    def forward(self, X):\n"
    "        out = np.frombuffer(X.tobytes('A')).reshape(X.shape)\n"
    "        for layer in self.layers:\n            out = layer.forward(out)\n        return out\n",
    "optimizers.SGD": "class SGD:\n    def update(self, param_name, param, param_grad, epoch):\n"
    "        old = self.previous.get(param_name, 0.0) if hasattr(self, 'previous') else 0.0\n"
    "        self.previous = getattr(self, 'previous', {})\n"
    "        step = self.lr * param_grad.ravel(order='K').reshape(param.shape)\n"
    "        self.previous[param_name] = self.momentum * old + step\n"
    "        return self.previous[param_name]\n",
}


@pytest.mark.parametrize("target", LAYOUTS)
def test_code_that_depends_on_how_arrays_lie_in_memory_is_wrong(target: str) -> None:
    result = _graded(target, LAYOUTS[target])
    lost = list(_lost(result))
    assert set(lost) <= {"values", "gradient"}
    assert "in Fortran order" in _text(result, lost[0])


def test_every_target_that_gets_arrays_is_tried_in_every_layout() -> None:
    for target in RUBRIC:
        names = [case.name for case in ASSIGNMENT.cases if case.target == target.name]
        for words in ("in Fortran order", "as a view") if target.is_class else ():
            assert any(name.endswith(words) for name in names), (target.name, words)


# --- what was unfair


@pytest.mark.slow
def test_a_crop_that_is_wrong_without_padding_costs_gradient_and_shape_alone() -> None:
    code = CONV_BACKWARD.format(sent="dZ", b="1, -1", cropped=CROPS["[p:-p]"])
    assert set(_lost(_graded("layers.Conv2D", code))) == {"shape", "gradient"}


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("activations.SoftMax", "class SoftMax:\n    def backward(self, Z, dY):\n"
         "        Y = self.forward(Z)\n"
         f"        return {x}\n")
        for x in (
            "(Y * (dY - (dY * Y).sum(axis=1, keepdims=True))).tolist()",
            "list(Y * (dY - (dY * Y).sum(axis=1, keepdims=True)))",
            "tuple(Y * (dY - (dY * Y).sum(axis=1, keepdims=True)))",
            "(Y * (dY - (dY * Y).sum(axis=1, keepdims=True)))[:, :, None]",
            "(Y * (dY - (dY * Y).sum(axis=1, keepdims=True)))[None]",
            "(Y * (dY - (dY * Y).sum(axis=1, keepdims=True))) + 0j",
            "(Y * (dY - (dY * Y).sum(axis=1, keepdims=True))).astype(object)",
            "np.matrix(Y * (dY - (dY * Y).sum(axis=1, keepdims=True)))",
        )
    ] + [
        ("layers.Conv2D", CONV_BACKWARD.format(sent="dZ", b=b, cropped=CROPS["right"]))
        for b in ("1, 1, 1, -1", "-1, 1")
    ] + [
        ("losses.MSE", "class MSE:\n    def forward(self, Y, Y_hat):\n"
         f"        return {x}\n")
        for x in ("complex(np.sum((Y - Y_hat) ** 2) / len(Y))",
                  "[float(np.sum((Y - Y_hat) ** 2) / len(Y))]",
                  "np.sum((Y - Y_hat) ** 2, keepdims=True) / len(Y)")
    ],
)  # fmt: skip
def test_what_is_wrong_in_form_alone_costs_shape_and_nothing_else(target: str, code: str) -> None:
    result = _graded(target, code)
    (lost,) = _lost(result)
    assert lost == "shape"
    assert _text(result, "shape").count("; expected") >= 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        "rows = []; rows.append(rows); return rows",
        "rows = []\n        for _ in range(45): rows = [rows, rows]\n        return rows",
        "rows = 1.0\n        for _ in range(900): rows = [rows]\n        return rows",
        "return np.full(Z.shape, 10**400, object)",
        "O = np.empty(1, object); O[0] = O; return O",
        "return [[1.0], [2.0, 3.0]]",
        "return [10**400]",
        "return [None, ...]",
    ],
)
def test_odd_lists_are_results_of_a_wrong_form(body: str) -> None:
    result = _graded("activations.ReLU", RELU.format(body))
    assert verdicts(result)["activations.ReLU"]["values"] == "failed"
    assert _text(result, "values").count("; expected") >= 1


@pytest.mark.slow
def test_the_form_of_a_bias_that_broadcasts_costs_nothing() -> None:
    code = CONV_BACKWARD.format(sent="dZ", b="-1", cropped=CROPS["right"])
    assert _lost(_graded("layers.Conv2D", code)) == {}


def test_a_list_of_objects_that_compute_when_they_are_looked_at_is_no_result() -> None:
    code = RELU.format(
        "class Lazy(float):\n            def __float__(self): raise SystemExit\n"
        "        return [[Lazy(x) for x in row] for row in np.maximum(Z, 0)] if Z.ndim == 2 else Z"
    )
    found = verdicts(_graded("activations.ReLU", code))["activations.ReLU"]
    assert found["values"] == "failed"


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        "return np.vectorize(lambda z: z if z > 0 else 0)(Z)",
        "return np.vectorize(lambda z: 0 if z < 0 else z)(Z)",
    ],
)
def test_points_do_not_depend_on_the_seed(body: str) -> None:
    seeds = range(10) if "lambda z: z" in body else range(3)
    scores = {_graded("activations.ReLU", RELU.format(body), seed=s).score for s in seeds}
    assert len(scores) == 1


@pytest.mark.parametrize("first", [-1.0, 1.0])
@pytest.mark.parametrize("shape", [(1, 6), (5, 8), (2, 4, 3, 2)])
def test_the_first_sign_is_chosen(shape: tuple[int, ...], first: float) -> None:
    for seed in range(20):
        drawn = Sampler(seed, "first").signed(0.125, 1.0, shape, first)
        assert drawn.flat[0] * first > 0
        assert {-1, 1} == {int(x > 0) * 2 - 1 for x in drawn.reshape(shape[0], -1).T[0]} or (
            shape[0] == 1
        )


BATCH_NORM = """
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        cache, keep = self.cache, self.momentum
        mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
        {statistics}
        cache["deviation"] = np.sqrt(var + self.eps)
        cache["X_hat"] = (X - mu) / cache["deviation"]
        return self.parameters["gamma"] * cache["X_hat"] + self.parameters["beta"]
"""
MOVED = """if mode == "train":
            cache["running_mu"] = keep * cache["running_mu"] + (1.0 - keep) * mu
            cache["running_var"] = keep * cache["running_var"] + (1.0 - keep) * {var}"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("statistics", "points", "said"),
    [
        ("pass", 1.0, "The mode has no effect"),
        (MOVED.format(var="var"), 0.5, "Test mode uses the batch's own statistics"),
        (MOVED.format(var="((X - cache['running_mu']) ** 2).mean(axis=0, keepdims=True)")
         + "\n        else:\n            mu, var = cache['running_mu'], cache['running_var']",
         0.75, "around"),
    ],
    ids=["ignores mode", "batch statistics in test mode", "variance around something else"],
)  # fmt: skip
def test_the_two_modes_of_batch_normalization_are_worth_a_third_each(
    statistics: str, points: float, said: str
) -> None:
    result = _graded("layers.BatchNorm1D", BATCH_NORM.format(statistics=statistics))
    lost = _lost(result)
    assert lost["behaviour"] == points
    assert lost.keys() == {"behaviour", "batching"}  # no loop check in a wrong test mode
    assert said in _text(result, "behaviour")


def test_a_training_needs_the_layers_of_its_own_network_only() -> None:
    files = reference_files()
    tree = ast.parse(files["layers.py"])
    tree.body = [
        node for node in tree.body if getattr(node, "name", "") not in ("Conv2D", "Pool2D")
    ]
    files["layers.py"] = ast.unparse(tree).encode()
    found = verdicts(graded(files, "train.iris", "train.digits"))
    assert found == {"train.iris": {"training": "passed"}, "train.digits": {"training": "raised"}}


@pytest.mark.parametrize(
    "body",
    [
        "return ...",
        "Y = ...\n        return Y",
        "Y = ...\n        return Y * (Z > 0)",
        "Y = ...\n        return Y.clip(0)",
        "return np.maximum(Z, 0) if ... is None else ...",
    ],
)
def test_the_placeholder_of_many_starters_is_not_implemented(body: str) -> None:
    found = verdicts(_graded("activations.ReLU", RELU.format(body)))["activations.ReLU"]
    assert found["values"] == "not_implemented"
    assert found["gradient"] == "passed"


def test_a_stored_placeholder_is_not_implemented() -> None:
    code = "class FullyConnected:\n    def backward(self, dLdY):\n"
    code += "        dZ = self.activation.backward(self.cache['Z'], dLdY)\n"
    code += "        self.gradients['W'], self.gradients['b'] = ..., ...\n"
    code += "        return dZ @ self.parameters['W'].T\n"
    result = _graded("layers.FullyConnected", code)
    (line,) = (line for line in result.lines if line.check == "gradient")
    cases = {case.name: case.verdict.value for case in line.result.cases}
    assert cases["identity: gradients['W']"] == "not_implemented"
    assert cases["identity: dX"] == "passed"
    assert verdicts(result)["layers.FullyConnected"]["batching"] == "partly"


def test_a_bias_of_a_wrong_shape_is_blocked_where_loops_are_looked_for() -> None:
    code = """
class FullyConnected:
    def _init_parameters(self, X_shape):
        self.n_in = X_shape[1]
        W = self.init_weights((self.n_in, self.n_out))
        self.parameters = {"W": W, "b": np.zeros((X_shape[0], self.n_out))}
        self.clear_gradients()
"""
    result = _graded("layers.FullyConnected", code)
    assert verdicts(result)["layers.FullyConnected"]["batching"] == "blocked"
    said = "parameters['b'] has shape (5, 3); expected (1, 3)."
    assert said in _text(result, "batching")
    assert verdicts(result)["layers.FullyConnected"]["values"] in ("failed", "partly")


@pytest.mark.parametrize("form", ["d.tolist()", "np.matrix(d)", "d[None]", "d.astype(object)"])
def test_where_no_check_is_about_form_it_is_advice(form: str) -> None:
    files = reference_files()
    tree = ast.parse(files["optimizers.py"])
    files["optimizers.py"] = (
        ast.unparse(tree).encode()
        + f"""
def _formed(update):
    def formed(self, *args):
        d = np.asarray(update(self, *args))
        return {form}
    return formed

SGD.update = _formed(SGD.update)
""".encode()
    )
    result = graded(files, "optimizers.SGD")
    assert result.score == result.maximum
    advice = [text for x in result.lines for case in x.result.cases for text in case.advice]
    assert any("; expected" in text for text in advice)


HELPERS = {
    "from my_helpers import relu": "relu(Z)",
    "import my_helpers": "my_helpers.relu(Z)",
    "import my_helpers as h": "h.relu(Z)",
    "import tools.deep": "tools.deep.relu(Z)",
    "from tools.deep import relu": "relu(Z)",
    "from tools import deep": "deep.relu(Z)",
    "from bare.deep import relu": "relu(Z)",
    "import bare.deep as d": "d.relu(Z)",
}


@pytest.mark.parametrize("line", HELPERS)
def test_a_helper_that_is_imported_without_a_dot_is_advice(line: str) -> None:
    helper = b"import numpy as np\n\n\ndef relu(Z):\n    return np.maximum(Z, 0)\n"
    files = _changed("activations", RELU.format(f"return {HELPERS[line]}"))
    files |= {"my_helpers.py": helper, "tools/__init__.py": b"", "tools/deep.py": helper}
    files["bare/deep.py"] = helper  # a folder without an __init__.py is a package, too
    files["activations.py"] = f"{line}\n".encode() + files["activations.py"].replace(
        b"from __future__ import annotations\n", b""
    )
    result = graded(files, "activations.ReLU", "train.iris")
    assert result.score == result.maximum
    advice = [text for x in result.lines for case in x.result.cases for text in case.advice]
    assert any("imported without a dot" in text and "(activations.py:1)" in text for text in advice)


def test_a_folder_without_an_init_is_a_package() -> None:
    files = _changed("activations", RELU.format("return relu(Z)"))
    files["bare/deeper/deep.py"] = (
        b"import numpy as np\ndef relu(Z):\n    return np.maximum(Z, 0)\n"
    )
    files["activations.py"] = files["activations.py"].replace(
        b"import numpy as np\n", b"import numpy as np\nfrom .bare.deeper.deep import relu\n", 1
    )
    result = graded(files, "activations.ReLU", "train.iris")
    assert result.score == result.maximum


def test_warnings_as_errors_do_not_make_an_error_of_advice() -> None:
    files = _changed("activations", RELU.format("return my_helpers.relu(Z)"))
    files["my_helpers.py"] = b"import numpy as np\ndef relu(Z):\n    return np.maximum(Z, 0)\n"
    start = b"import warnings\nwarnings.simplefilter('error')\nimport my_helpers\n"
    files["activations.py"] = start + files["activations.py"].replace(
        b"from __future__ import annotations\n", b""
    )
    result = graded(files, "activations.ReLU")
    assert result.score == result.maximum


@pytest.mark.slow
def test_loops_of_a_helper_that_is_imported_without_a_dot_are_counted() -> None:
    helper = (
        b"import numpy as np\ndef relu(Z):\n    return np.array([np.maximum(z, 0) for z in Z])\n"
    )
    lazy = b"import numpy as np\nrelu = lambda Z: np.array(list(map(abs, Z))) * (Z > 0)\n"
    for content in (helper, lazy):
        files = _changed(
            "activations", RELU.format("import tools.deep\n        return tools.deep.relu(Z)")
        )
        files |= {"tools/__init__.py": b"", "tools/deep.py": content}
        found = verdicts(graded(files, "activations.ReLU"))["activations.ReLU"]
        assert found["batching"] == "partly"


def test_a_helper_does_not_take_the_place_of_a_library() -> None:
    files = _changed("activations", RELU.format("import json\n        return np.maximum(Z, 0)"))
    files["json.py"] = b"raise RuntimeError('mine')\n"
    result = graded(files, "activations.ReLU")
    assert result.score == result.maximum


# --- cases, their verdict and their share


def _cases(*verdicts: Verdict, weights: tuple[float, ...] = ()) -> CheckResult:
    pairs = zip(verdicts, weights or (1.0,) * len(verdicts), strict=True)
    return CheckResult(tuple(CaseResult(v.value, v, weight=weight) for v, weight in pairs))


def test_no_case_is_no_evidence() -> None:
    nothing = CheckResult(())
    assert (nothing.share, nothing.waiting, nothing.failed) == (0.0, 0.0, False)
    assert nothing.verdict is Verdict.HARNESS_FAULT
    assert nothing.with_remark("Look.") == nothing
    assert Line(RUBRIC[0], "values", nothing).score == 0


def test_a_share_is_what_passed_by_weight_and_nothing_but_passing_earns() -> None:
    passed = Verdict.PASSED
    for verdict in set(Verdict) - {passed}:
        assert _cases(verdict, verdict).share == 0
        assert _cases(passed, verdict).share == 0.5
        assert _cases(passed, verdict, weights=(1.0, 3.0)).share == 0.25
        assert _cases(verdict, passed, weights=(1.0, 3.0)).share == 0.75
        found = _cases(verdict, verdict, passed, passed, weights=(1.0, 1.0, 2.0, 4.0))
        assert found.waiting == (0.25 if verdict is Verdict.BLOCKED else 0)
        assert found.failed == (verdict is Verdict.FAILED)
        assert found.verdict is Verdict.PARTLY
    whole = _cases(*[passed] * 10, weights=(0.1,) * 10)  # the weights do not quite add up to 1
    assert (whole.share, whole.verdict, whole.waiting) == (1.0, passed, 0.0)


def test_of_verdicts_the_worst_is_that_of_the_check() -> None:
    order = [
        *(Verdict.HARNESS_FAULT, Verdict.TIMED_OUT, Verdict.CRASHED, Verdict.RAISED),
        *(Verdict.FAILED, Verdict.NOT_RUN, Verdict.NOT_IMPLEMENTED, Verdict.BLOCKED),
    ]
    for place, worst in enumerate(order):
        for other in order[place:]:
            assert _cases(other, worst).verdict is _cases(worst, other).verdict is worst


# --- loops: what they cost at most


def _capped(cap: float, *names: str) -> Assignment:
    rubric = tuple(
        dataclasses.replace(target, loop_cap=cap) if target.name in names else target
        for target in RUBRIC
    )
    return dataclasses.replace(ASSIGNMENT, rubric=rubric)


@pytest.mark.parametrize("share", [0.0, 0.25, 1 / 3, 2 / 3, 1.0])
@pytest.mark.parametrize("cap", [0.0, 0.33, 0.5, 0.8])
def test_a_cap_is_kept_to_the_hundredth(cap: float, share: float) -> None:
    loop = CaseResult("forward", Verdict.FAILED, "a loop")
    for target in RUBRIC:
        if "batching" in target.points:
            capped_target = dataclasses.replace(target, loop_cap=cap)
            right = CaseResult("right", Verdict.PASSED, weight=share)
            cases = (right, CaseResult("wrong", Verdict.FAILED, weight=1 - share))
            results = {check: CheckResult(cases) for check in target.points}
            results["batching"] = CheckResult((loop, right))
            lines = capped([Line(capped_target, c, r) for c, r in results.items()])
            uncapped = sum(Line(target, c, r).score for c, r in results.items())
            expected = round(min(uncapped, cap * target.total), 2)
            assert round(sum(line.score for line in lines), 2) == expected
            assert all(line.score >= 0 and str(line.score) != "-0.0" for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("cap", [0.0, 0.5, 1 / 3, 0.75, 1.0])
def test_the_rubric_can_cap_a_question_with_a_loop(cap: float) -> None:
    entry = next(e for e in entries("mistaken") if e.id == "softmax-backward-loop")
    assignment = _capped(cap, "activations.SoftMax")
    (target,) = assignment.find_targets(("activations.SoftMax",))
    result = grade(assignment, submission(entry), live(), (target,), workers=shared())
    uncapped = target.total - target.points["batching"] / 2
    assert result.score == round(min(cap * target.total, uncapped), 2)
    said = _text(result, "batching")
    assert ("Until this is fixed, the question earns at most" in said) == (cap < 0.95)
    assert all(line.score >= 0 for line in result.lines)


def test_a_cap_is_explained() -> None:
    console = Console(file=io.StringIO(), width=200)
    assignment = _capped(0.75, "layers.FullyConnected")
    (target,) = assignment.find_targets(("layers.FullyConnected",))
    pages.show_question(assignment, target, {check: ["a"] for check in target.points}, console)
    assert "With a loop over the examples, it earns at most 10.5 points." in console.file.getvalue()


def test_a_cap_does_not_touch_questions_without_a_loop_or_with_wrong_numbers() -> None:
    assignment = _capped(0.1, *(target.name for target in RUBRIC if target.is_class))
    files = _changed("activations", RELU.format("return Z + 1.0"))
    asked = assignment.find_targets(("ReLU", "Sigmoid"))
    result = grade(assignment, Submission(files, "."), live(), asked, workers=shared())
    assert all(line.withheld == 0 for line in result.lines)
    assert result.lines[1].score == 0


# --- time


@pytest.mark.slow
def test_explaining_a_wrong_gradient_costs_no_points() -> None:
    code = """
import time
class CrossEntropy:
    def forward(self, Y, Y_hat):
        time.sleep(0.1)
        return -np.sum(Y * np.log(Y_hat)) / Y.shape[0]
    def backward(self, Y, Y_hat):
        return -Y / Y_hat / (Y.shape[0] if np.isin(Y, (0, 1)).all() else 1)
"""
    limits = Limits(check=1.5, explanation=0.5)
    files = _changed("losses", code)
    result = graded(files, "losses.CrossEntropy", limits=limits)
    (line,) = (line for line in result.lines if line.check == "gradient")
    found = {case.name: case.verdict.value for case in line.result.cases}
    assert found == {
        "one-hot targets": "passed",
        "soft targets": "failed",
        "one example": "passed",
        "unlikely targets": "passed",
        "one-hot targets, in Fortran order": "passed",
        "one-hot targets, as a view": "passed",
    }
    assert line.score == round(3 * 4 / 5, 2)


class _Slow:
    """Starts workers that are ready only after a while."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.isolation = shared().isolation

    def start(self, stage: object) -> object:
        time.sleep(self._seconds)
        return shared().start(stage)

    def close(self) -> None: ...


@pytest.mark.slow
def test_a_slow_start_of_a_worker_is_not_the_submissions() -> None:
    limits = Limits(check=1.0)
    found = graded(reference_files(), "3.1", "3.2", limits=limits, workers=_Slow(1.2))
    assert found.score == found.maximum == 14


# --- the rubric


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"shape": 1 / 3, "values": 2}', "write whole hundredths"),
        ('{"shape": 0.005, "values": 2}', "write whole hundredths"),
        ('{"shape": -1, "values": 2}', "write whole hundredths"),
        ('{"shape": 1, "values": 2}, loop_cap=0.5', "no points for 'batching'"),
        ('{"shape": 1, "batching": 2}, loop_cap=50', "expected a share from 0 to 1"),
    ],
)
def test_a_rubric_that_does_not_add_up_is_refused(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "assignment.py").write_text(
        "from pathlib import Path\n"
        "from grader.assignment import Assignment, Folders, Target\n"
        "ASSIGNMENT = Assignment(name='x', title='x',\n"
        "    folders=Folders.below(Path(__file__).parent),\n"
        f"    graded_modules=('a',), cases=(), rubric=(Target('a.A', '1', 'A', {line}),))\n"
    )
    with pytest.raises(UsageError, match=message):
        load(tmp_path)


@pytest.mark.parametrize("weight", [0, -1.0, float("nan")])
def test_a_case_without_weight_is_refused(tmp_path: Path, weight: float) -> None:
    (tmp_path / "assignment.py").write_text(
        "from pathlib import Path\n"
        "from grader.assignment import Assignment, Case, Folders, Target\n"
        f"case = Case('a.A', 'values', 'one', lambda rng: None, float({str(weight)!r}))\n"
        "ASSIGNMENT = Assignment(name='x', title='x',\n"
        "    folders=Folders.below(Path(__file__).parent), graded_modules=('a',),\n"
        "    cases=(case,), rubric=(Target('a.A', '1', 'A', {'values': 1}),))\n"
    )
    with pytest.raises(UsageError, match=r"it must be above 0|weight is nan; expected a number"):
        load(tmp_path)


def test_all_points_can_be_had() -> None:
    for target in find_targets(()):
        assert round(sum(round(p, 2) for p in target.points.values()), 2) == target.total
