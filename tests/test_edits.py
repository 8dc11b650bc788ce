"""Edits of the right computation: what they change, how they read, and that they are safe."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import subprocess
import sys
import types
from collections.abc import Mapping

import numpy as np
import pytest

from grader.answers import LiveOracle
from grader.answers.edits import (
    Packed,
    Row,
    Rows,
    as_text,
    edits_of,
    from_text,
    grouped,
    region_lines,
    table,
)
from grader.answers.edits.running import edited
from grader.answers.recorded_edits import RecordedEdits
from grader.answers.recording import edits_in_a_file
from grader.assignment import BEGIN, END, Case, Problem, load
from grader.judging import DIAGNOSED, Signature
from grader.paths import ROOT
from tests.catalogue import entries
from tests.grading import live
from tests.homework import ASSIGNMENT, CASES, REFERENCE

GIVEN = '''
class Layer:
    """Y = X W + b."""
    def __init__(self, stride=1, momentum=0.9):
        self.stride = stride
        self.momentum = momentum
        self.parameters = {"W": 0, "b": 0}
        self.gradients = {}
        self.activation = None
    def forward(self, X, mode="train"):
        """Return Y."""
    def backward(self, dLdY):
        """Return dX."""
'''


def _sentences(*lines: str, function: str = "forward", helper: str = "") -> set[str]:
    """Return the sentences for all edits of a method with these lines."""
    arguments = {"forward": "self, X, mode='train'", "backward": "self, dLdY"}[function]
    body = "\n".join(f"        {line}" for line in lines)
    built = (
        "    def __init__(self, stride=1, momentum=0.9):\n"
        "        self.stride = stride\n        self.momentum = momentum\n"
    )
    source = (
        f"{helper}\nclass Layer:\n{built}    def {function}({arguments}):\n"
        f"        {BEGIN}\n{body}\n        {END}\n"
    )
    inside = region_lines(source)
    return {edit.sentence for edit in edits_of("layers.Layer", source, GIVEN, inside)}


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("return X.sum(axis=0)", "a sum runs over axis 1 instead of axis 0"),
        ("return X.sum(axis=0)", "a sum runs over all axes instead of axis 0"),
        ("return np.sum(X)", "a sum runs over axis 0 instead of all axes"),
        ("return X.sum(axis=(0, 1, 2))", "a sum does not run over axis 1"),
        ("return X.sum(axis=0)", "a mean is taken instead of a sum"),
        ("return X.max(axis=1)", "a minimum is taken instead of a maximum"),
        ("return X.var(axis=0)", "a variance is divided by one less than the number of entries"),
        ("return X.var(axis=0)", "a standard deviation is taken instead of a variance"),
        ("return np.sum(X ** 2)", "the square of a sum is taken, not a sum of squares"),
        ("return X * self.parameters['W']", "the factor W is left out"),
        ("return X * (X - secret)", "a factor (a difference) is left out"),
        ("return X * self.parameters['W']", "X and W are added instead of multiplied"),
        ("return X / X.shape[0]", "the division by the number of rows of X is left out"),
        ("return X / X.shape[0]", "the number of columns of X is used instead of the number of rows"
         " of X"),
        ("return X / X.shape[0]", "a fraction is inverted"),
        ("return 1 / (1 + X)", "the parentheses around a denominator are missing"),
        ("return X + self.parameters['b']", "the term b is left out"),
        ("return X - self.parameters['b']", "the term b is added instead of subtracted"),
        ("return X - self.parameters['b']", "a difference is reversed"),
        ("return X - self.parameters['b']", "X and b are exchanged"),
        ("return X ** 2", "a square is left out"),
        ("return np.sqrt(X + self.momentum)",
         "the term momentum is added after the square root, not in it"),
        ("return np.exp(-X)", "an exponential is left out"),
        ("return np.exp(-X)", "a minus sign is left out"),
        ("return np.maximum(X, 0.0)", "an upper limit is taken instead of a lower limit"),
        ("return np.maximum(X, 0.0)", "the lower limit is 1 instead of 0"),
        ("return X @ self.parameters['W']",
         "X and W are multiplied entry by entry, not as matrices"),
        ("return X @ self.parameters['W'].T", "W is not transposed"),
        ("return X @ self.parameters['W']", "the factors of a matrix product are swapped"),
        ("return X[:, ::self.stride]", "windows move by 1 instead of by stride"),
        ("return X[1:5]", "a slice begins one later"),
        ("return X[1, mode]", "indices 0 and 1 of X are swapped"),
        ("return X * (X > 0)", "a condition on X is turned around"),
        ("return np.where(X > 0, X, 0)", "two branches are exchanged"),
        ("return X if mode == 'train' else -X",
         "a condition on mode is ignored: the second branch always runs"),
        ("return X * self.momentum", "momentum is 0.9, whatever was asked for"),
        ("return X * self.momentum", "stride is used instead of momentum"),
        ("return X * 2 - X * 3", "the factor X is left out in both places"),
        ("return self.activation.forward(X)", "activation.forward is applied twice"),
        ("return self.activation.forward(X)", "the call of activation.forward is left out"),
    ],
)  # fmt: skip
def test_an_edit_says_what_is_different(line: str, what: str) -> None:
    assert f"In forward, {what}." in _sentences(line)


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (["secret = self.activation.backward(self.cache['X'], dLdY)",
          "self.gradients['b'] = secret.sum(axis=0)"],
         "where gradients['b'] is computed, dLdY is used instead of what activation.backward "
         "returns"),
        (["secret = self.activation.backward(self.cache['X'], dLdY)", "return secret"],
         "the output of activation, not the input, goes into its backward"),
        (["self.gradients['W'] = dLdY"], "gradients['W'] is never set"),
        (["self.gradients['W'] = dLdY"], "gradients['W'] is added to what was there"),
        (["self.gradients['W'] = dLdY", "self.gradients['b'] = dLdY"],
         "gradients['W'] is never set and gradients['b'] is never set"),
        (["for i in range(3):", "    secret[i] += dLdY"],
         "each value replaces the one before instead of being added to it"),
        (["for i in range(3):", "    secret[i] += dLdY"], "a loop ends one step early"),
        (["for i in range(3):", "    secret[i] += dLdY", "return secret"],
         "the return is inside a loop"),
        (["for secret in reversed(self.layers):", "    dLdY = secret.backward(dLdY)"],
         "a loop runs forward, not backward"),
        (["for secret in reversed(self.layers):", "    dLdY = secret.backward(dLdY)"],
         "where dLdY is computed, the call of backward is left out"),
    ],
)  # fmt: skip
def test_an_edit_of_several_lines_says_what_is_different(lines: list[str], what: str) -> None:
    assert f"In backward, {what}." in _sentences(*lines, function="backward")


def test_a_helper_is_edited_for_the_class_that_uses_it_and_not_named() -> None:
    text = f"{BEGIN}\ndef _secret(X, pad):\n    return np.pad(X, ((pad, pad), (0, 0)))\n{END}\n"
    said = _sentences("return _secret(X, self.stride)", helper=text)
    assert "The padding is left out." in said
    assert not any("secret" in sentence for sentence in said)
    assert not any("adding" in one for one in _sentences("return X * self.stride", helper=text))


def test_a_local_name_is_not_said_although_another_function_has_such_an_argument() -> None:
    said = _sentences("momentum = X + 1", "momentum = momentum * 2", "return X - momentum")
    assert "In forward, the factor 2 is left out." in said
    assert not any("momentum" in sentence for sentence in said)


@pytest.mark.parametrize(
    "lines",
    [
        ["while X.any():", "    X = X - 1", "return X"],
        ["return super().forward(X + 1)"],
        ["return X if mode else self.forward(X + 1, True)"],
    ],
)
def test_what_might_never_end_has_no_edits(lines: list[str]) -> None:
    assert not _sentences(*lines)


def test_no_sentence_shows_code_or_a_name_of_the_reference_alone() -> None:
    code = re.compile(r"\w\(|np\.|self\.| = |@|==|\*|\.T\b|axis=|_pad\b|__")
    private = {"dX_pad", "winner", "deviation", "kh", "kw", "y", "powers", "flat"}
    for target in ASSIGNMENT.rubric:
        for sentence in live().edits(target.name).values():
            assert not code.search(sentence.replace("X_pad", "")), sentence
            told = set(re.findall(r"\w+", sentence.replace("standard deviation", "")))
            assert not private & told, sentence
            assert sentence.endswith(".")
            assert sentence[0].isupper()


def _cases(target: str) -> list[tuple[Case, Problem]]:
    cases = [case for case in CASES if case.target == target and case.check in DIAGNOSED]
    drawn = [(case, case.problem(0)) for case in cases]
    return [(case, problem) for case, problem in drawn if not problem.advice]


def _edit(target: str, sentence: str) -> str:
    return next(i for i, said in live().edits(target).items() if said == sentence)


@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        ("mse-backward-no-2", "In backward, the factor 2 is left out."),
        ("fc-db-mean", "In backward, where gradients['b'] is computed, a mean is taken instead of"
         " a sum."),
        ("relu-backward-identity", "In backward, a factor (a condition on Z) is left out."),
    ],
)  # fmt: skip
def test_an_edit_gives_what_the_same_mistake_by_hand_gives(mistake: str, sentence: str) -> None:
    target = next(entry.target for entry in entries("mistaken") if entry.id == mistake)
    edit = _edit(target, sentence)
    wrong = 0
    for case, problem in _cases(target):
        by_hand = live().effects(case, 0, problem, mistake)
        found = live().effects(case, 0, problem, edit)
        assert by_hand.keys() == found.keys()
        for name, made in by_hand.items():
            assert made is not None
            assert made.equals(found[name])
            wrong += 1
    assert wrong >= 3


def test_an_edit_leaves_the_reference_and_the_imported_modules_as_they_were() -> None:
    case, problem = _cases("losses.MSE")[0]
    right = {k: x.copy() for k, x in live().answers(case, 0, problem).items()}
    live().edits("losses.MSE")
    before = set(sys.modules)
    for edit in live().edits("losses.MSE"):
        live().effects(case, 0, problem, edit)
    assert set(sys.modules) == before
    again = LiveOracle(ASSIGNMENT).answers(case, 0, problem)
    assert all(np.array_equal(right[name], again[name]) for name in right)


def test_a_loop_that_counts_too_far_is_ended() -> None:
    source = f"def f(n):\n    {BEGIN}\n    return sum(1 for i in range(n * 10))\n    {END}\n"
    module = types.ModuleType("toy")
    exec(compile(source, "toy", "exec"), vars(module))
    for edit in edits_of("toy", source, source, region_lines(source)):
        with edited("reference", {"toy": module}, "toy", edit) as package:
            function = vars(sys.modules[f"{package}.toy"])["f"]
            with contextlib.suppress(TypeError, AttributeError):
                assert function(1) <= 100
            if edit.sentence == "In f, the factor 10 goes in twice.":
                with pytest.raises(OverflowError):
                    function(10**8)


@pytest.mark.slow
def test_every_edit_is_python() -> None:
    for target in ASSIGNMENT.rubric:
        source = REFERENCE / f"{target.module}.py"
        if target.module in ASSIGNMENT.graded_modules:
            text = source.read_text("utf-8")
            for edit in edits_of(target.name, text, text, region_lines(text)):
                assert edit.code().co_name == edit.function.name


MEMORY = """
import re
from pathlib import Path
from grader.answers import LiveOracle
from tests.homework import ASSIGNMENT
# Not ru_maxrss: a new process starts with the peak of the one that started it.
most = lambda: int(re.search(r"VmHWM:\\s+([0-9]+)", Path("/proc/self/status").read_text())[1])
oracle, (case, *_) = LiveOracle(ASSIGNMENT), ASSIGNMENT.cases_of("layers.Conv2D", "gradient")
edits, problem, before = oracle.edits(case.target), case.problem(0), most()
for edit in edits:
    oracle.effects(case, 0, problem, edit)
print(most() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_edit_fills_the_memory() -> None:
    """Run for the layer with the largest arrays, in its own process: a peak never goes down."""
    command = [sys.executable, "-c", MEMORY]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 2**16  # kibibytes


def test_the_second_assignment_has_edits_too() -> None:
    other = load(ROOT / "tests" / "assignments" / "logistic_regression")
    said = LiveOracle(other).edits("losses.BinaryCrossEntropy").values()
    assert "In backward, a term is left out." not in said
    assert "In forward, the logarithm has base 10 instead of e." in said


class _Watched(dict[str, np.ndarray]):
    """Records which keys are read."""

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        super().__init__(arrays)
        self.read: list[str] = []

    def __getitem__(self, name: str) -> np.ndarray:
        self.read.append(name)
        return super().__getitem__(name)


@pytest.mark.slow
def test_recorded_edits_are_those_that_were_run_and_read_when_they_are_asked_for() -> None:
    cases = tuple(case for case in CASES if case.target in ("losses.MSE", "derivations.relu"))
    asked = dataclasses.replace(ASSIGNMENT, public_seeds=(0, 3), cases=cases)
    file = _Watched(edits_in_a_file(asked, LiveOracle(asked)))
    found = RecordedEdits(file)
    assert file.read == []
    sentences = found.sentences("losses.MSE")
    assert file.read == ["edits"]
    assert 10 < len(sentences) < len(LiveOracle(ASSIGNMENT).edits("losses.MSE"))
    assert sentences.items() <= live().edits("losses.MSE").items()
    assert found.sentences("layers.Conv2D") == {}
    for case, problem in _cases("losses.MSE"):
        for edit in sentences:
            right, kept = (
                oracle(case, 0, problem, edit) for oracle in (live().effects, found.effect)
            )
            assert right.keys() == kept.keys()
            for name, made in right.items():
                other = kept[name]
                assert (made is None) == (other is None)
                assert made is None or other is None or made.equals(other)
    assert file.read == ["edits", "edits 0 losses.MSE"]


ONE = Signature((2, 3), (1.5, -2.0, 1e-3), 4.0)
TWICE = Signature((2, 3), (3.0, -4.0, 2e-3), 8.0)


def test_what_is_kept_of_edits() -> None:
    rows: dict[str, list[Row]] = {
        "edit 0": [(0, 1, ONE), (1, 0, None)],
        "edit 1": [(0, 1, ONE), (1, 0, None)],  # the same sentence
        "edit 2": [],  # nothing is wrong
        "edit 3": [(0, 1, None)],  # no numbers
        "edit 4": [(0, 1, ONE), (1, 0, None)],  # another sentence
        "edit 5": [(0, 1, TWICE)],
        "other 0": [(0, 1, TWICE)],  # an edit of other code that equals an earlier one
    }
    said = dict.fromkeys(rows, "A.") | {"edit 4": "B.", "other 0": "C."}
    kept, first = grouped(said, rows)
    assert kept == {"edit 0": ("A.", 0), "edit 4": ("B.", 0), "edit 5": ("A.", 1)}
    assert first == ["edit 0", "edit 5"]
    shapes: list[tuple[int, ...]] = []
    packed = Rows(table([rows[edit] for edit in first], shapes))
    again = from_text(as_text({"x": Packed(kept, shapes, ["a", "b"])}))["x"]
    assert again == Packed(kept, [(2, 3)], ["a", "b"])
    assert list(packed.of(again, "b", "edit 4")) == [(0, None)]
    for edit, right in (("edit 0", ONE), ("edit 5", TWICE)):
        ((result, made),) = packed.of(again, "a", edit)
        assert result == 1
        assert made is not None
        assert made.equals(right, 1e-7)
        assert made.shape == (2, 3)
        assert right.scale / 1.1 < made.scale < 1.1 * right.scale


def test_only_lines_that_may_change_are_edited() -> None:
    source = (REFERENCE / "losses.py").read_text("utf-8")
    assert not region_lines(source.replace(BEGIN, "#"))
    assert not edits_of("losses.MSE", source, source, set())
