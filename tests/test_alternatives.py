"""Correct code structured differently from the reference: it passes, and explains mistakes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from grader.answers import Entry, entries, mistaken_package, record
from grader.answers.packages import wrong_results
from grader.errors import UsageError
from grader.judging import DIAGNOSED
from grader.verdict import EDIT
from tests.grading import UNHURRIED, examined, live
from tests.homework import ASSIGNMENT, CASES

ALTERNATIVES = {entry.id: entry for entry in entries(ASSIGNMENT.folders.alternatives)}


@pytest.mark.parametrize("seed", [0, 11])
@pytest.mark.parametrize("entry", ALTERNATIVES.values(), ids=list(ALTERNATIVES))
def test_an_alternative_is_right(entry: Entry, seed: int) -> None:
    package = mistaken_package(ASSIGNMENT, entry)
    asked = [x for x in CASES if x.target == entry.target and x.check in DIAGNOSED]
    assert asked
    for case in asked:
        problem = case.problem(seed)
        right = live().answers(case, seed, problem)
        assert wrong_results(package, problem, right) == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("base", "old", "new", "check", "sentences"),
    [
        ("bn-chain-rule", "/ std**3", "/ std**2", "gradient",
         ("In backward, an exponent is a different one.",)),
        ("bn-chain-rule", "direct = -np.sum(dX_hat", "direct = np.sum(dX_hat", "gradient",
         ("In backward, where dX is computed, a term (a mean) is added instead of subtracted.",)),
        ("bn-one-formula", "(m * dLdY - dbeta", "(m * dLdY + dbeta", "gradient",
         ("In backward, where dX is computed, a term (a mean) is added instead of subtracted.",)),
        ("conv-full", "W[::-1, ::-1, :, :]", "W[:, ::-1, :, :]", "gradient",
         ("In backward, the step of a slice is left out.",
          "In backward, the slice of W along axis 0 is left out.")),
        ("conv-columns", "wide\n                patches[:, :, :, i, j, :] =",
         "wide\n                patches[:, :, :, j, i, :] =", "values",
         ("In forward, where Z is computed, two axes are swapped in a product of arrays.",
          "In forward, indices 3 and 4 of an array are swapped.")),
        ("conv-in-place", "dX[:, ph : ph + height, pw : pw + width, :]",
         "dX[:, :height, :width, :]", "gradient",
         ("In backward, a slice begins at 0 in both places.",)),
        ("conv-in-place", "dX[:, i * s : i * s + kh, j * s : j * s + kw, :]",
         "dX[:, i * s : i * s + kh, j : j + kw, :]", "gradient",
         ("In backward, the factor stride is left out in both places.",)),
        ("pool-in-place", "np.max(window, axis=(1, 2), keepdims=True)",
         "np.max(window, axis=(1, 2, 3), keepdims=True)", "gradient",
         ("In backward, a maximum also runs over axis 3.",)),
        ("conv-window-by-window", "Z[:, i, j, k] = np.sum", "Z[:, j, i, k] = np.sum", "values",
         ("In forward, indices 1 and 2 of Z are swapped.",)),
        ("pool-unraveled", "dX[n, top + row, left + column, c] +=", "dX[n, row, column, c] +=",
         "gradient",
         ("In backward, a slice begins at 0 in both places.",)),
        ("pool-unraveled", "top = i * self.stride\n                left",
         "top = i\n                left", "values",
         ("In forward, the factor stride is left out.",
          "In forward, stride is 1, whatever was asked for.")),
        ("softmax-jacobians", "- np.outer(", "+ np.outer(", "gradient",
         ("In backward, a term (a sum) is added instead of subtracted.",)),
        ("sigmoid-plain", "(1 - Y)", "(1 + Y)", "gradient",
         ("In backward, a term (what forward returns) is added instead of subtracted.",)),
        ("fc-example-by-example", "dW += np.outer", "dW = np.outer", "gradient",
         ("In backward, each value replaces the one before instead of being added to it.",)),
        ("mse-step-by-step", "np.sum(difference**2)", "np.sum(difference)",
         "values",
         ("In forward, a square is left out.",)),
    ],
)  # fmt: skip
def test_one_change_of_an_alternative_is_told(
    base: str, old: str, new: str, check: str, sentences: tuple[str, ...]
) -> None:
    right = ALTERNATIVES[base]
    assert right.code.count(old) == 1
    wrong = dataclasses.replace(right, code=right.code.replace(old, new))
    submission = wrong.files(ASSIGNMENT.folders.reference)
    lines = examined(submission, wrong.target, limits=UNHURRIED).lines
    (found,) = (line.result.findings for line in lines if line.check == check)
    assert [(one.kind, one.sentences) for one in found] == [(EDIT, sentences)]


@pytest.mark.slow
def test_what_is_no_alternative_is_not_recorded(tmp_path: Path) -> None:
    wrong = "# %% wrong: one\n# target: losses.MSE\nclass MSE:\n"
    wrong += "    def backward(self, Y, Y_hat):\n        return Y_hat - Y\n"
    folders = dataclasses.replace(ASSIGNMENT.folders, alternatives=tmp_path)
    cases = tuple(case for case in ASSIGNMENT.cases if case.target == "losses.MSE")
    asked = dataclasses.replace(ASSIGNMENT, folders=folders, cases=cases)
    (tmp_path / "losses.py").write_text(wrong, "utf-8")
    said = r"wrong is not a valid alternative: dY_hat of the case 'losses.MSE/gradient/.*' differ"
    with pytest.raises(UsageError, match=said):
        record(asked, tmp_path / "it.npz")
    (tmp_path / "losses.py").write_text(wrong.replace("losses.MSE", "losses.MSR"), "utf-8")
    with pytest.raises(UsageError, match=r"wrong: the rubric has no target 'losses\.MSR'"):
        record(asked, tmp_path / "it.npz")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "forward", "said"),
    [
        # What forward keeps is wrong, but backward is right.
        ("layers.BatchNorm1D", ('self.cache["std"] = std', 'self.cache["std"] = std**2'), True),
        # The values are wrong, but backward, which calls forward, is right.
        ("activations.SoftMax", ("return powers / total", "return (powers / total) ** 2"), False),
    ],
)
def test_a_wrong_forward_is_not_called_a_wrong_backward(
    target: str, forward: tuple[str, str], said: bool
) -> None:
    base = {"layers.BatchNorm1D": "bn-one-formula", "activations.SoftMax": "softmax-two-terms"}
    code = ALTERNATIVES[base[target]].code
    if target == "activations.SoftMax":
        code = ALTERNATIVES["softmax-jacobians"].code.partition("    def backward")[0]
        code += ALTERNATIVES[base[target]].code.partition("class SoftMax:\n")[2]
    assert code.count(forward[0]) == 1
    wrong = dataclasses.replace(ALTERNATIVES[base[target]], code=code.replace(*forward))
    lines = examined(wrong.files(ASSIGNMENT.folders.reference), target, limits=UNHURRIED).lines
    found = [x for line in lines if line.check == "gradient" for x in line.result.findings]
    sentences = [sentence for one in found for sentence in one.sentences if one.kind == EDIT]
    assert all("or in what forward keeps for it" in sentence for sentence in sentences)
    assert bool(sentences) is said
