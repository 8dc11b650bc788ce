"""The fairness rules of the assignment, one test or more for each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.judging.grade import Grade
from tests.catalogue import reference_files, spliced
from tests.grading import QUICK, graded, verdicts
from tests.homework import RUBRIC, TOTAL

CLASSES = {
    "activations": "ReLU Sigmoid SoftMax",
    "losses": "CrossEntropy MSE",
    "layers": "FullyConnected Conv2D Pool2D BatchNorm1D",
    "models": "NeuralNetwork",
    "optimizers": "SGD",
}
METHODS = "forward backward predict update"
WRAP = """
RNG = np.random.default_rng()

def _fill(value):
    if isinstance(value, tuple):
        return tuple(_fill(item) for item in value)
    value = np.asarray(value, dtype=float)
    return {fill}

def _replace(owner, name):
    real = getattr(owner, name)
    def method(self, *args, **options):
        kept = dict(getattr(self, "cache", {{}}))
        sends = name == "backward" and hasattr(self, "layers")
        result = 1.0 if sends else real(self, *args, **options)
        for store in ("gradients", "cache"):
            values = getattr(self, store, {{}})
            names = [k for k in values if store == "gradients" or k.startswith("running")]
            values.update({{key: _fill(values[key]) for key in names}})
        return {result}
    setattr(owner, name, method)

for _owner in ({classes},):
    for _name in "{methods}".split():
        if hasattr(_owner, _name) and not (_name == "update" and hasattr(_owner, "predict")):
            _replace(_owner, _name)
"""
WORTHLESS = {
    "zeros": ("np.zeros_like(value)", "_fill(result)"),
    "ones": ("np.ones_like(value)", "_fill(result)"),
    "random numbers": ("RNG.normal(size=value.shape)", "_fill(result)"),
    "identity": ("value * 0 + 1", "args[-1]"),
}


def _worthless(kind: str) -> dict[str, bytes]:
    fill, result = WORTHLESS[kind]
    files = reference_files()
    for module, classes in CLASSES.items():
        code = WRAP.format(
            fill=fill, result=result, classes=classes.replace(" ", ", "), methods=METHODS
        )
        files[f"{module}.py"] += code.encode()
    return files


def _earned(result: Grade) -> dict[str, float]:
    """Return the share of every check that earned something, derivations aside."""
    lines = [line for line in result.lines if not line.target.is_derivation]
    return {f"{x.target.name} {x.check}": x.result.share for x in lines if x.result.share}


@pytest.mark.slow
@pytest.mark.parametrize("kind", WORTHLESS)
def test_results_of_the_right_shape_that_mean_nothing_earn_nothing_in_any_check(kind: str) -> None:
    # Explaining wrong results takes many more calls, and explanations do not matter here.
    result = graded(_worthless(kind), limits=replace(QUICK, explanation=0.05))
    assert _earned(result) == {}
    assert result.score == 0


@pytest.mark.slow
def test_an_identity_in_the_plain_form_earns_nothing_in_any_check() -> None:
    files = reference_files()
    bodies = {
        "activations": "def forward(self, Z):\n  return Z\n"
        " def backward(self, Z, dY):\n  return dY",
        "layers": "def forward(self, X, mode='train'):\n  return X\n"
        " def backward(self, dLdY):\n  return dLdY",
        "losses": "def forward(self, Y, Y_hat):\n  return Y_hat\n"
        " def backward(self, Y, Y_hat):\n  return Y_hat",
        "models": "def forward(self, X):\n  return X\n def backward(self, target, out):\n"
        "  return out\n def predict(self, X, Y):\n  return X, Y",
        "optimizers": "def update(self, param_name, param, param_grad, epoch):\n"
        "  return param_grad",
    }
    for module, classes in CLASSES.items():
        code = "".join(f"class {name}:\n {bodies[module]}\n" for name in classes.split())
        files[f"{module}.py"] = spliced(files[f"{module}.py"].decode(), code).encode()
    assert _earned(graded(files)) == {}


def _neighbors(module: str) -> list[str]:
    """Return all targets in a module, and one from every other module."""
    first = {target.module: target for target in reversed(RUBRIC) if target.module != "train"}
    return [t.name for t in RUBRIC if t.module == module or t in first.values()]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "classes"), [(m, c) for m, names in CLASSES.items() for c in names.split()]
)
def test_a_broken_part_costs_no_other_question_but_training(module: str, classes: str) -> None:
    broken = f'\ndef _broken(*args, **options):\n    raise RuntimeError("broken")\n{classes}.'
    files = reference_files()
    for method in METHODS.split():
        code = f"if hasattr({classes}, '{method}'):\n    {classes}.{method} = _broken\n"
        files[f"{module}.py"] += f"{broken.rpartition(chr(10))[0]}\n{code}".encode()
    for target, found in verdicts(graded(files, *_neighbors(module))).items():
        own = target == f"{module}.{classes}"
        assert set(found.values()) == {"raised" if own else "passed"}, target


@pytest.mark.slow
def test_a_file_that_does_not_even_parse_costs_only_its_own_questions() -> None:
    files = {**reference_files(), "activations.py": b"def broken(:\n"}
    for target, found in verdicts(graded(files)).items():
        own = target.startswith(("activations.", "train."))
        assert set(found.values()) == ({"raised"} if own else {"passed"}), target


BACKWARD_ONLY = """
class {name}:
    def forward(self, {args}):
        {body}
"""


@pytest.mark.parametrize("body", ["raise NotImplementedError", "return {last} * 3.0"])
@pytest.mark.parametrize(
    ("target", "args"),
    [
        ("activations.ReLU", "Z"),
        ("losses.CrossEntropy", "Y, Y_hat"),
        ("losses.MSE", "Y, Y_hat"),
    ],
)
def test_a_right_backward_earns_its_points_without_forward(
    target: str, args: str, body: str
) -> None:
    module, _, name = target.partition(".")
    files = reference_files()
    code = BACKWARD_ONLY.format(
        name=name, args=args, body=body.format(last=args.rpartition(" ")[2])
    )
    files[f"{module}.py"] = spliced(files[f"{module}.py"].decode(), code).encode()
    found = verdicts(graded(files, target))[target]
    assert found["gradient"] == "passed"
    assert found["shape"] == found["batching"] == "partly"
    assert found["values"] in ("failed", "not_implemented")


@pytest.mark.slow
def test_a_case_that_is_right_is_named_beside_one_that_is_wrong() -> None:
    files = reference_files()
    old, new = b"return pad, pad", b"return pad + 1, pad + 1"
    assert files["layers.py"].count(old) == 1
    files["layers.py"] = files["layers.py"].replace(old, new)
    lines = {x.check: x for x in graded(files, "layers.Conv2D").lines}
    cases = {case.name: case.verdict.value for case in lines["values"].result.cases}
    assert cases == {
        "pad='same'": "passed",
        "pad='same', tanh": "passed",
        "pad='valid', Y = 2 Z": "passed",
        "pad=1, stride=2, Y = 2 Z": "failed",
        "pad=0, the last partial window dropped, Y = 2 Z": "failed",
        "pad='same', kernel 5x2, Y = 2 Z": "passed",
        "pad=2, stride=3, Y = 2 Z": "failed",
        "pad='same', an activation that mixes channels": "passed",
        "pad='same', in Fortran order": "passed",
        "pad='same', as a view": "passed",
    }
    assert lines["values"].score == 4.0  # of 6 points; the last two cases count half


ADVICE = {
    "return Z32": "float32",
    "Z *= Z > 0\n        return Z": "forward changes an array that it was given",
    "np.log(-np.ones(1))\n        return np.maximum(Z, 0)": "RuntimeWarning",
}


@pytest.mark.parametrize("body", ADVICE)
def test_what_is_advice_costs_nothing_and_is_said(body: str) -> None:
    code = body.replace("Z32", "np.maximum(Z, 0).astype(np.float32)")
    files = reference_files()
    patch = f"class ReLU:\n    def forward(self, Z):\n        {code}\n"
    files["activations.py"] = spliced(files["activations.py"].decode(), patch).encode()
    result = graded(files, "activations.ReLU")
    assert result.score == result.maximum
    said = " ".join(text for x in result.lines for case in x.result.cases for text in case.advice)
    assert ADVICE[body] in said


def test_nan_for_exact_zeros_in_a_loss_is_advice() -> None:
    files = reference_files()
    patch = """
class CrossEntropy:
    def forward(self, Y, Y_hat):
        return -np.sum(Y * np.log(Y_hat)) / len(Y)
"""
    files["losses.py"] = spliced(files["losses.py"].decode(), patch).encode()
    result = graded(files, "losses.CrossEntropy")
    assert result.score == result.maximum
    texts = [text for x in result.lines for case in x.result.cases for text in case.advice]
    assert any(text.startswith("exact zeros in Y_hat give NaN") for text in texts)


def test_the_rubric_has_a_hundred_points_and_six_extra() -> None:
    assert sum(target.total for target in RUBRIC if not target.extra) == TOTAL == 100
    assert sum(target.total for target in RUBRIC if target.extra) == 6
    handout = {
        "3.1": 8, "3.2": 6, "3.3": 14, "3.4": 10, "3.5": 8, "3.6": 4, "4.1": 10, "4.2": 6,
        "4.3": 4, "5.1": 18, "5.2": 8, "5.3": 4, "5.4": 6,
    }  # fmt: skip
    coded = [target for target in RUBRIC if not target.is_derivation]
    assert {target.question: target.total for target in coded} == handout
    derived = {target.question: target.total for target in RUBRIC if target.is_derivation}
    questions = ("3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "5.1", "5.4")
    assert derived == dict.fromkeys(questions, 0)
