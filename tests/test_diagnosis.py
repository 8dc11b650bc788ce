"""Naming a mistake: by its own sentence or not at all, live and recorded."""

from __future__ import annotations

import numpy as np
import pytest

from grader.answers.catalogue import Entry
from grader.judging import Hypotheses, Result, Signature, signature, wrong_names
from grader.program import encode
from grader.proving.trials import mistakes
from grader.proving.validate import attempt
from grader.result import ResultSpec
from grader.running import examine
from grader.submission.submission import Submission
from tests.catalogue import entries, one_of_each, reference_files, spliced
from tests.grading import QUICK, live, shared
from tests.homework import ASSIGNMENT, CASES, cases_of, find_targets

TRIALS = {trial.entry.id: trial for trial in mistakes(ASSIGNMENT)}
BY_ID = {entry.id: entry for entry in entries("mistaken")}
# A mistake for every target, and in every module one that is named by its numbers, one that has a
# message of its own, and one that has neither.
SOME = one_of_each(
    list(BY_ID.values()),
    lambda entry: [entry.target, (entry.module, bool(entry.says), bool(entry.message))],
)


@pytest.mark.slow
@pytest.mark.parametrize("entry", SOME, ids=lambda entry: entry.id)
def test_a_mistake_is_named_by_its_own_sentence_and_without_its_entry_by_no_other(
    entry: Entry,
) -> None:
    trial = TRIALS[entry.id]
    outcome = attempt(ASSIGNMENT.folders.home, trial)
    assert outcome.errors() == []
    assert outcome.named == bool(trial.entry.says or trial.entry.message)


# These depend on earlier random draws or on the order of layers: the cases fix both.
INITIAL = (
    "fc-new-parameters-each-forward",
    "fc-first-w-kept",
    "conv-new-parameters-each-forward",
    "conv-first-parameters-kept",
    "nn-backward-reverses-layers",
)


@pytest.mark.slow
@pytest.mark.parametrize("mistake", INITIAL)
def test_initial_weights_and_the_order_of_layers_show_in_numbers(mistake: str) -> None:
    trial = TRIALS[mistake]
    outcome = attempt(ASSIGNMENT.folders.home, trial)
    assert outcome.errors() == []
    assert trial.entry.says
    assert outcome.named


def _said(code: dict[str, bytes], target_name: str) -> dict[str, str]:
    (target,) = find_targets((target_name,))
    found = examine(ASSIGNMENT, Submission(code, "."), target, 0, live(), shared(), QUICK)
    return {check: result.diagnosis for check, result in found.items() if result.diagnosis}


@pytest.mark.slow
def test_two_mistakes_in_one_submission_are_both_named() -> None:
    code = """
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = -self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.mean(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T
"""
    files = reference_files()
    files["layers.py"] = spliced(files["layers.py"].decode(), code).encode()
    said = _said(files, "layers.FullyConnected")
    assert set(said["gradient"].splitlines()) == {
        BY_ID["fc-dw-sign"].says,
        BY_ID["fc-db-mean"].says,
    }


def _results(target: str, change) -> list[Result]:
    found = []
    for case in cases_of(target, "gradient"):
        problem = case.problem(0)
        if problem.advice:
            continue
        inputs = tuple(array.shape for array in encode(problem.program)[1])
        answers = live().answers(case, 0, problem)
        for spec in problem.judged:
            right = answers[spec.name]
            wrong = change(spec.name, right)
            found.append(
                Result(case.key, inputs, spec.name, signature(spec, wrong), signature(spec, right),
                       correct=wrong is right)
            )  # fmt: skip
    return found


def _sentences(results, known, effects) -> list[str]:
    """Return the sentence for all results, or else those for each result name."""
    hypotheses = Hypotheses(known, effects)
    whole = hypotheses.of_all(results)
    parts = [hypotheses.of_group(results, name) for name in wrong_names(results)]
    return [str(x) for x in ([whole] if whole else parts) if x]


def _effects(key: str, mistake: str):
    case = next(case for case in CASES if case.key == key)
    return live().effects(case, 0, case.problem(0), mistake)


WRONG = {
    "noise": lambda rng, right: right + 0.1 * rng.normal(size=right.shape),
    "another factor each time": lambda rng, right: right * rng.uniform(1.1, 3.0),
    "shuffled": lambda rng, right: rng.permutation(right.ravel()).reshape(right.shape),
    "reversed": lambda rng, right: right[::-1, ..., ::-1] + 0.5,
    "one entry off": lambda rng, right: right + np.eye(1, right.size).reshape(right.shape),
    "random": lambda rng, right: rng.normal(size=right.shape),
}
TARGETS = [
    "activations.ReLU", "activations.Sigmoid", "activations.SoftMax", "losses.CrossEntropy",
    "losses.MSE", "layers.FullyConnected", "layers.Conv2D", "layers.Pool2D", "layers.BatchNorm1D",
]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_in_another_way_has_no_name(target: str, kind: str) -> None:
    known = live().known(target)
    for seed in range(2):
        rng = np.random.default_rng([seed, len(kind), len(target)])
        results = _results(target, lambda name, right, rng=rng: WRONG[kind](rng, right))
        assert _sentences(results, known, _effects) == []


def test_a_name_needs_three_sizes_and_every_result() -> None:
    def made(scale: float, size: int) -> Signature:
        return signature(ResultSpec("dX"), scale * np.arange(1.0, size + 1))

    def effects(key: str, mistake: str):
        return {"dX": made(2.0, int(key))}

    def result(size: int, scale: float) -> Result:
        right = made(1.0, size)
        return Result(str(size), ((size,),), "dX", made(scale, size), right, scale == 1.0)

    known = {"double": "It is doubled."}
    assert _sentences([result(n, 2.0) for n in (3, 5, 7)], known, effects) == ["It is doubled."]
    assert _sentences([result(n, 2.0) for n in (3, 5, 5)], known, effects) == []
    assert _sentences([result(3, 2.0), result(5, 2.0), result(7, 2.1)], known, effects) == []
    assert _sentences([result(3, 2.0), result(5, 2.0), result(7, 1.0)], known, effects) == []
    assert _sentences([result(n, 1.0) for n in (3, 5, 7)], known, effects) == []
    both = {"double": "It is doubled.", "again": "It is added twice."}
    said = _sentences([result(n, 2.0) for n in (3, 5, 7)], both, effects)
    assert said == ["It is doubled.\nOr: It is added twice."]


@pytest.mark.parametrize("size", [1e-300, 1e-12, 1e-7, 1.0, 1e12])
def test_numbers_of_any_size_are_told_apart_and_named(size: float) -> None:
    """Where softmax saturates, a gradient may be tiny: no number is small in absolute terms."""

    def made(factor: float, n: int) -> Signature:
        return signature(ResultSpec("dX"), factor * size * np.arange(1.0, n + 1))

    assert made(1.0, 4).equals(made(1.0 + 1e-8, 4))
    for factor in (1.00001, 2.0, -1.0, 0.0):
        assert not made(1.0, 4).equals(made(factor, 4))
        assert not made(factor, 4).equals(made(1.0, 4))
    assert not made(1.0, 4).equals(made(1.0, 5))
    assert 10 * size * 0.5 <= made(1.0, 4).scale <= 10 * size * 1.5

    def result(factor: float, n: int) -> Result:
        return Result(str(n), ((n,),), "dX", made(factor, n), made(1.0, n), factor == 1.0)

    def effects(key: str, mistake: str) -> dict[str, Signature]:
        return {"dX": made(2.0 if mistake == "double" else 1.0 + 5e-6, int(key))}

    said = {"double": "It is doubled.", "near": "It is almost right."}
    assert _sentences([result(2.0, n) for n in (3, 5, 7)], said, effects) == ["It is doubled."]
    assert _sentences([result(1.0 + 5e-6, n) for n in (3, 5, 7)], said, effects) == []  # too close
    assert _sentences([result(3.0, n) for n in (3, 5, 7)], said, effects) == []


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("value", [1e308, -1e308])
def test_numbers_whose_sums_overflow_are_those_of_no_mistake(value: float) -> None:
    def result(n: int) -> Result:
        found = signature(ResultSpec("dX"), np.full(n, value))
        return Result(str(n), ((n,),), "dX", found, signature(ResultSpec("dX"), np.ones(n)), False)

    def effects(key: str, mistake: str) -> dict[str, Signature]:
        factor = 2.0 if mistake == "double" else value
        return {"dX": signature(ResultSpec("dX"), np.full(int(key), factor))}

    said = {"double": "It is doubled.", "giant": "It is as large as can be."}
    assert _sentences([result(n) for n in (30, 50, 70)], said, effects) == []


def test_nothing_and_zeros_have_signatures_too() -> None:
    empty, zeros = (signature(ResultSpec("dX"), np.zeros(n)) for n in (0, 3))
    assert (empty.scale, zeros.scale) == (0.0, 0.0)
    assert empty.equals(empty)
    assert zeros.equals(zeros)
    assert not empty.equals(zeros)
    for odd in (np.nan, np.inf, -np.inf):
        assert not zeros.equals(signature(ResultSpec("dX"), np.full(3, odd)))
