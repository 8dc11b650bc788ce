"""What wrong numbers prove: relations in two draws, two mistakes at once, or nothing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from grader.assignment import Case
from grader.judging import Hypotheses, Result, Signature, signature
from grader.report.messages import explain
from grader.result import ResultSpec
from grader.run import Answer, Run
from grader.running import Asked, examine, explained
from grader.running.asked import CaseRun
from grader.running.plan import plan
from grader.submission import Submission
from grader.verdict import MISTAKE, RELATION, CheckResult, Finding
from tests.catalogue import reference_files, spliced
from tests.grading import UNHURRIED, live, shared
from tests.homework import ASSIGNMENT, find_targets

FULLY_CONNECTED = """
class FullyConnected:
    def backward(self, dLdY):
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = {W}
        self.gradients["b"] = {b}
        return {X}
"""
RIGHT = {
    "W": 'self.cache["X"].T @ dZ',
    "b": "dZ.sum(axis=0, keepdims=True)",
    "X": 'dZ @ self.parameters["W"].T',
}
RELU = "class ReLU:\n    def backward(self, Z, dY):\n        return {}\n"


def _graded(
    target_name: str, code: str, history: list[Asked] | None = None, seed: int = 0
) -> Mapping[str, CheckResult]:
    (target,) = find_targets((target_name,))
    files = reference_files()
    name = f"{target.module}.py"
    files[name] = spliced(files[name].decode(), code).encode()
    submission = Submission(files, ".")
    return examine(ASSIGNMENT, submission, target, seed, live(), shared(), UNHURRIED, history)


def _fully_connected(**changed: str) -> Mapping[str, CheckResult]:
    return _graded("layers.FullyConnected", FULLY_CONNECTED.format(**RIGHT | changed))


@pytest.mark.slow
def test_a_relation_is_said_of_the_results_that_it_holds_for() -> None:
    found = _fully_connected(X=f"{RIGHT['X']} * len(dZ) ** 2")["gradient"]
    sentence = "dX is m squared times the right one (m is the batch size)."
    assert found.findings == (Finding((sentence,), ("dX",), RELATION, apart=True),)
    assert explain(found).startswith(
        f"The numbers of dX, compared with the right ones in every case:\n  {sentence}\n"
    )


@pytest.mark.slow
def test_each_result_has_an_explanation_of_its_own() -> None:
    found = _fully_connected(W=f"{RIGHT['W']} / len(dZ)", X=f"-3.0 * {RIGHT['X']}")["gradient"]
    relation, mistake = found.findings
    assert (mistake.kind, mistake.results) == (MISTAKE, ("gradients['W']",))
    said = ("dX is minus 3 times the right one.",)
    assert relation == Finding(said, ("dX",), RELATION, apart=True)


@pytest.mark.slow
def test_a_known_mistake_and_a_factor_are_named_together() -> None:
    """The activation's derivative is missing, a known mistake, and there is an extra factor 1/m."""
    W = 'self.cache["X"].T @ dLdY'
    (known,) = _fully_connected(W=W)["gradient"].findings
    (both,) = _fully_connected(W=f"{W} / len(dZ)")["gradient"].findings
    assert both == Finding(
        known.sentences,
        ("gradients['W']",),
        MISTAKE,
        "{} divided by m (m is the batch size)",
        apart=True,
    )


@pytest.mark.parametrize("seed", [0, 77])
def test_what_shows_in_earlier_checks_has_to(seed: int) -> None:
    """This is the gradient of sigmoid(2 Z), a known mistake, but the values are right."""
    code = """
class Sigmoid:
    def backward(self, Z, dY):
        Y = self.forward({})
        return dY * Y * (1 - Y)
"""
    found = _graded("activations.Sigmoid", code.format("2 * Z"), seed=seed)
    assert found["values"].verdict.value == "passed"
    assert not [one for one in found["gradient"].findings if one.kind == MISTAKE]
    both = code.format("Z") + "    def forward(self, Z):\n        return 0.5 * (1 + np.tanh(Z))\n"
    found = _graded("activations.Sigmoid", both, seed=seed)
    assert [one.kind for one in found["gradient"].findings] == [MISTAKE]


@pytest.mark.parametrize("seed", [0, 77])
def test_results_of_earlier_checks_count(seed: int) -> None:
    """Two cases of one check would not be enough to prove a mistake."""
    code = """
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c, k = self.cache, self.momentum
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
            c["running_mu"] = k * c["running_mu"] + (1 - k) * mu
            c["running_var"] = k * c["running_var"] + (1 - k) * np.sqrt(var)
        else:
            mu, var = c["running_mu"], c["running_var"]
        c["deviation"] = np.sqrt(var + self.eps)
        c["X_hat"] = (X - mu) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]
"""
    (found,) = _graded("layers.BatchNorm1D", code, seed=seed)["behaviour"].findings
    assert found.sentences == (
        "cache['running_var'] averages the standard deviations of the batches instead of their "
        "variances.",
    )


def test_one_number_everywhere_is_no_multiple_of_another_mistake() -> None:
    """The catalogue has a db that is 1 everywhere and one that is m; neither explains the other."""
    history: list[Asked] = []
    code = "def fully_connected_db(j, X, W, dZ):\n    return 1.0\n"
    found = _graded("derivations.fully_connected", code, history)["element"].findings
    assert [one.sentences for one in found] == [
        ("Your db is 1 everywhere: it does not depend on dZ.",)
    ]
    unknown = "d-fc-db-ones"
    assert explained(history, "element", live(), 0, unknown=unknown) == ()


@pytest.mark.slow
def test_a_factor_on_top_of_a_mistake_is_a_size_or_a_number() -> None:
    """The running statistics are 0 at first, so X is divided by the square root of eps."""
    used = """
class BatchNorm1D:
    def forward(self, X, mode="train"):
        if self.n_in is None:
            self._init_parameters(X.shape)
        c = self.cache
        c["deviation"] = np.sqrt(c["running_var"] + self.eps)
        c["X_hat"] = (X - c["running_mu"]) / c["deviation"]
        return self.parameters["gamma"] * c["X_hat"] + self.parameters["beta"]
"""
    found = _graded("layers.BatchNorm1D", used)["gradient"].findings
    assert not [one for one in found if one.scale != "{}"]


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("dY * (Z > 0) * np.random.default_rng(Z.size).uniform(1, 2, Z.shape)", "failed"),
        ("dY * (Z > 0) + np.cumsum(Z, axis=0) ** 3 * dY", "failed"),
        ("dY * (np.sin(9 * Z) > 0)", "failed"),
    ],
)
def test_what_is_in_no_simple_relation_gets_none(code: str, verdict: str) -> None:
    found = _graded("activations.ReLU", RELU.format(code))["gradient"]
    assert (found.verdict.value, found.findings) == (verdict, ())


def _scaled(case: Case, seed: int, factor: float) -> CaseRun:
    """Return a case that is answered with `factor` times every right result."""
    question = plan(ASSIGNMENT, live(), seed).question(case)
    run = Run()
    for spec in question.problem.judged:
        array = factor * question.answers[spec.name]
        run.answers[spec.name] = _answer(array)
    return CaseRun(question, run)


def _answer(array: np.ndarray) -> Answer:
    return Answer("ndarray", "an array", "float64", array)


def _relu_cases() -> list[Case]:
    found = ASSIGNMENT.cases_of("activations.ReLU", "gradient")
    return [case for case in found if not case.problem(0).advice]


def test_a_relation_has_to_hold_in_a_second_draw() -> None:
    cases = _relu_cases()
    history = [Asked(_scaled(case, 0, 3.0)) for case in cases]
    again = {3.0: "dZ is 3 times the right one.", 1.0: None, 3.1: None}
    for factor, sentence in again.items():
        found = explained(
            history, "gradient", live(), 0, lambda case, by=factor: _scaled(case, 1, by)
        )
        assert [str(one) for one in found] == ([sentence] if sentence else [])
    assert explained(history, "gradient", live(), 0, lambda case: None) == ()
    last = cases[-1]
    assert explained(
        history, "gradient", live(), 0,
        lambda case: None if case is last else _scaled(case, 1, 3.0),
    ) == ()  # fmt: skip


def test_what_waits_for_others_is_no_evidence() -> None:
    def made(scale: float, size: int) -> Signature:
        return signature(ResultSpec("dX"), scale * np.arange(1.0, size + 1))

    def result(size: int, judged: bool) -> Result:
        return Result(
            str(size), ((size,),), "dX", made(2.0, size), made(1.0, size), False, judged=judged
        )

    known = Hypotheses({"double": "Doubled."}, lambda key, _: {"dX": made(2.0, int(key))})
    for judged, named in (((True,) * 3, True), ((True, True, False), False), ((False,) * 3, False)):
        results = [result(size, x) for size, x in zip((3, 5, 7), judged, strict=True)]
        assert (known.of_all(results) is not None) == named
        assert (known.of_group(results, "dX") is not None) == named
    more = [*(result(size, True) for size in (3, 5, 7)), result(9, False)]
    assert known.of_all(more) is not None


@pytest.mark.slow
def test_what_explains_some_cases_says_which() -> None:
    """In max mode, overlaps are overwritten, a known mistake; averages are 3 times too large."""
    code = """
class Pool2D:
    def forward(self, X):
        (p, q), s = self.pad, self.stride
        self.cache["X_pad"] = np.pad(X, ((0, 0), (p, p), (q, q), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(
            self.cache["X_pad"], self.kernel_shape, (1, 2)
        )
        return (np.max if self.mode == "max" else np.mean)(windows[:, ::s, ::s], axis=(4, 5))

    def backward(self, dLdY):
        X_pad, (kh, kw), s = self.cache["X_pad"], self.kernel_shape, self.stride
        dX = np.zeros_like(X_pad)
        for r in range(dLdY.shape[1]):
            for c in range(dLdY.shape[2]):
                rows, columns = slice(r * s, r * s + kh), slice(c * s, c * s + kw)
                window, top = X_pad[:, rows, columns], dLdY[:, r : r + 1, c : c + 1]
                if self.mode == "max":
                    dX[:, rows, columns] = top * (window == window.max((1, 2), keepdims=True))
                else:
                    dX[:, rows, columns] += 3 * top / (kh * kw)
        p, q = self.pad
        return dX[:, p : X_pad.shape[1] - p, q : X_pad.shape[2] - q]
"""
    found = _graded("layers.Pool2D", code)["gradient"]
    by_case = {one.where: one for one in found.findings}
    average = by_case["with mode='average'"]
    assert average == Finding(
        ("dX is 3 times the right one.",),
        ("dX",),
        RELATION,
        where="with mode='average'",
        apart=True,
    )
    assert by_case["with mode='max'"].kind == MISTAKE
    assert explain(found).startswith("Your numbers are exactly ")
