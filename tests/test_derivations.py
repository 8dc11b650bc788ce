"""Derivations: functions that return one entry of a gradient, checked entry by entry."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from grader.answers import RecordedOracle
from grader.assignment import Elements
from grader.judging import Grade
from grader.judging.elements import where
from grader.judging.grade import CODE_WRONG, FORMULA_WRONG, compared
from grader.report.gradescope import results
from grader.report.messages import explain, introduction
from grader.running import grade
from grader.submission import Submission
from grader.verdict import Finding
from tests.catalogue import reference_files, spliced
from tests.grading import graded, live, shared, verdicts
from tests.homework import ASSIGNMENT, REFERENCE, RUBRIC

DERIVED = [target.name for target in RUBRIC if target.is_derivation]
BOTH = ("activations.ReLU", "derivations.relu")
SECOND = ("activations.Sigmoid", "derivations.sigmoid")
RELU = "def relu_dZ(i, j, Z, dY):\n    "


def _with(code: str, module: str = "derivations") -> dict[str, bytes]:
    source = (REFERENCE / f"{module}.py").read_text("utf-8")
    return {**reference_files(), f"{module}.py": spliced(source, code).encode()}


def _relu(body: str, oracle: RecordedOracle | None = None) -> tuple[str, str]:
    """Return the verdict of ReLU's derivation with another body, and what a student reads."""
    line = graded(_with(RELU + body), "derivations.relu", oracle=oracle).lines[0]
    return line.result.verdict.value, explain(line.result)


def test_a_question_is_its_code_and_its_derivation() -> None:
    names = [target.name for target in ASSIGNMENT.find_targets(("3.1", "derivations.mse"))]
    assert names == [*BOTH, "derivations.mse"]


@pytest.mark.slow
def test_every_question_with_a_derivation_has_a_line_that_earns_nothing() -> None:
    result = graded(reference_files())
    lines = {line.target.name: line for line in result.lines if line.target.is_derivation}
    assert list(lines) == DERIVED
    assert {line.result.verdict.value for line in lines.values()} == {"passed"}
    assert {(line.score, line.points) for line in lines.values()} == {(0, 0)}
    tests = [test for test in results(result)["tests"] if test["number"] == "3.1"]
    assert tests[-1]["name"] == "Derivation: every entry is correct"
    assert (tests[-1]["max_score"], tests[-1]["status"]) == (0, "passed")


@pytest.mark.parametrize(
    ("body", "said"),
    {
        "return [dY[i, j]]": "returned a list; expected a real number.",
        "return None": "returned None; expected a real number. Is there a return in every branch?",
        "return str(dY[i, j])": "returned a str; expected a real number.",
        "return dY[i]": "returned an array of shape (3,); expected a real number.",
        "return dY[i, j] + 1j": "returned a complex128; expected a real number.",
        "return Z": "returned an array of shape (4, 3); expected a real number.",
        "return dY[i, j] if i < 3 else None": "relu_dZ(3, 0, ...) returned None; expected",
        "return float('nan')": "dZ is NaN everywhere.",
        "return dY[i, j] * (Z[i, j] > 0) + (i == j)": "exactly on the diagonal;",
        "return dY[i, j] * (Z[i, j] > 0) + (i != j)": "exactly off the diagonal;",
        "return 0.0": "dZ is wrong in 7 of 12 entries, exactly where Z is positive (0 there)",
    }.items(),
)
def test_what_is_no_right_number_is_said_with_the_entry(body: str, said: str) -> None:
    verdict, text = _relu(body)
    assert verdict == "failed"
    assert said in text
    if "returned" in said and "3, 0" not in said:
        assert "relu_dZ(0, 0, ...) returned" in text


@pytest.mark.parametrize(
    "body",
    [
        "return float(dY[i, j] * (Z[i, j] > 0))",
        "return int(Z[i, j] > 0) * dY[i, j]",
        "return np.float32(dY[i, j]) if Z[i, j] > 0 else 0",
        "return Z[i, j] > 0 and dY[i, j]",
        "return np.array(dY[i, j] * (Z[i, j] > 0))",
        "return complex(dY[i, j] * (Z[i, j] > 0), 0)",
        "from decimal import Decimal\n    return Decimal(float(dY[i, j] * (Z[i, j] > 0)))",
        "from fractions import Fraction\n    return Fraction(float(dY[i, j] * (Z[i, j] > 0)))",
    ],
)
def test_any_real_number_will_do(body: str) -> None:
    assert _relu(body) == ("passed", "")


def test_an_array_of_one_number_is_advice() -> None:
    verdict, text = _relu("return dY[i:i + 1, j] * (Z[i, j] > 0)")
    assert verdict == "passed"
    assert text == (
        "Advice (no points): Return the entry as a number: relu_dZ returns an array of shape (1,)."
    )


def test_an_exception_is_told_with_its_entry_and_its_line() -> None:
    verdict, text = _relu("return dY[i + 1, j] * (Z[i, j] > 0)")
    assert verdict == "raised"
    assert "relu_dZ(0, 0, ...) raised" not in text
    assert re.search(
        r"relu_dZ\(3, 0, \.\.\.\) raised IndexError: index 4 is out of bounds.*\n"
        r"  derivations\.py:\d+, in relu_dZ: return dY\[i \+ 1, j\]",
        text,
    )


def test_what_an_entry_depends_on_is_told_once() -> None:
    code = "def softmax_dZ(i, j, Z, dY):\n    y = np.exp(Z[i]) / np.exp(Z[i]).sum()\n    "
    code += "return 3 * dY[i, j] * y[j] * (1 - y[j])\n"
    (line,) = graded(_with(code), "derivations.softmax").lines
    first, *others = [case.message for case in line.result.cases]
    assert re.search(
        r"the worst at \[(\d), (\d)\]: yours \S+, expected \S+ "
        r"Your entry \[\1, \2\] does not change with dY\[\1, [^]]+\]; the right one does\. "
        r"There, Z\[\1, :\] = \[\S+, \S+, \S+\], dY\[\1, :\] = \[\S+, \S+, \S+\]\.$",
        first,
    )
    assert not any("Your entry" in text for text in others)


def test_numbers_that_should_not_be_there_are_told() -> None:
    code = "def mse_dY_hat(i, j, Y, Y_hat):\n    return 2 * sum(Y_hat[i] - Y[i]) / Y.shape[0]\n"
    (line,) = graded(_with(code), "derivations.mse").lines
    found = re.search(
        r"Your entry \[(\d), (\d)\] changes with Y\[\1, (.+)\] and Y_hat\[\1, \3\]; "
        r"the right one does not\. There, Y\[\1, \2\] = \S+, Y_hat\[\1, \2\] = ",
        message := line.result.cases[0].message,
    )
    assert found, message


def test_the_same_numbers_with_other_factors_are_told() -> None:
    code = "def mse_dY_hat(i, j, Y, Y_hat):\n    return 5 * (Y_hat[i, j] - Y[i, j]) ** 3\n"
    (line,) = graded(_with(code), "derivations.mse").lines
    assert (
        "It depends on the same numbers as the right one, but combines them differently"
        in explain(line.result)
    )


def test_a_function_that_gives_another_number_every_time_is_not_explained() -> None:
    verdict, text = _relu("return dY[i, j] + np.random.default_rng().random()")
    assert verdict == "failed"
    assert "your function gave a different number" in text
    assert "Your entry" not in text


@pytest.mark.slow
def test_students_read_the_same_with_recorded_answers() -> None:
    recorded, count = RecordedOracle(ASSIGNMENT.folders.recorded), 0
    for case in (case for case in ASSIGNMENT.cases if case.check == "element"):
        problem = case.problem(0)
        assert problem.elements is not None
        entry = tuple(problem.elements.indices[-1].tolist())
        expected = live().dependence(case, 0, problem, entry)
        assert np.array_equal(recorded.dependence(case, 0, problem, entry), expected)
        count += expected.any()
    assert count > 30  # an image entry may lie in no window
    body = "return dY[i, j] * sum(Z[i])"
    assert _relu(body, recorded) == _relu(body)


def test_a_call_that_changes_its_arrays_changes_no_other_entry() -> None:
    verdict, text = _relu("dY[Z <= 0] = 0\n    Z[:] = -1\n    return dY[i, j]")
    assert verdict == "passed"
    assert "relu_dZ changes an array that it was given" in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "verdict"),
    [("import os; os._exit(0)", "crashed"), ("while True: pass", "timed_out")],
)
def test_what_ends_a_worker_costs_its_own_line_only(body: str, verdict: str) -> None:
    found = verdicts(graded(_with(RELU + body), *DERIVED))
    assert found.pop("derivations.relu") == {"element": verdict}
    assert {checks["element"] for checks in found.values()} == {"passed"}


def test_the_derivations_share_one_worker_and_come_after_the_code() -> None:
    from tests.grading import Watched

    watched = Watched(shared())
    graded(reference_files(), *BOTH, *SECOND, workers=watched)
    assert len(watched.started) == 3


@pytest.mark.slow
def test_without_its_file_the_code_is_graded_all_the_same() -> None:
    files = {name: code for name, code in reference_files().items() if name != "derivations.py"}
    result = graded(files)
    found = verdicts(result)
    assert result.score == 106
    for name in DERIVED:
        assert found.pop(name) == {"element": "not_implemented"}
    assert {verdict for checks in found.values() for verdict in checks.values()} == {"passed"}
    assert "derivations.py is not in the submission." in explain(result.lines[4].result)


def test_a_function_that_is_not_there_is_not_implemented() -> None:
    source = (REFERENCE / "derivations.py").read_text("utf-8").replace("def relu_dZ", "def relu_dz")
    files = {**reference_files(), "derivations.py": source.encode()}
    (line,) = graded(files, "derivations.relu").lines
    assert line.result.verdict.value == "not_implemented"
    assert "derivations.py defines no relu_dZ. It has relu_dz" in explain(line.result)


WRONG_CODE = "class ReLU:\n    def backward(self, Z, dY):\n        return 2 * dY * (Z > 0)\n"
WRONG_FORMULA = RELU + "return dY[i, j] * (Z[i, j] > -0.5)\n"


@pytest.mark.slow
def test_a_right_formula_beside_wrong_code_is_pointed_at() -> None:
    wrong = graded(_with(WRONG_CODE, "activations"), *BOTH)
    assert [line.check for line in wrong.lines if CODE_WRONG in explain(line.result)] == [
        "gradient"
    ]
    wrong = graded(_with(WRONG_FORMULA), *BOTH)
    assert [line.check for line in wrong.lines if FORMULA_WRONG in explain(line.result)] == [
        "element"
    ]
    layer = ("layers.FullyConnected", "derivations.fully_connected")
    one = "def fully_connected_dW(i, j, X, W, dZ):\n    return X[0, i] * dZ[0, j]\n"
    assert FORMULA_WRONG in explain(graded(_with(one), *layer).lines[-1].result)
    both = _with(WRONG_FORMULA) | {
        "activations.py": _with(WRONG_CODE, "activations")["activations.py"]
    }
    assert "compare the two" not in "".join(map(_said, graded(both, *BOTH).lines))
    assert "compare the two" not in "".join(map(_said, graded(reference_files(), *BOTH).lines))


@pytest.mark.slow
def test_a_gradient_that_has_no_derivation_is_compared_with_none() -> None:
    norm = ("layers.BatchNorm1D", "derivations.batch_norm")
    files = reference_files()
    before, after = b'self.gradients["gamma"] = ', b'self.gradients["gamma"] = 2 * '
    assert before in files["layers.py"]
    files["layers.py"] = files["layers.py"].replace(before, after)
    lines = graded(files, *norm).lines
    assert {line.check: line.result.verdict.value for line in lines}["gradient"] == "partly"
    assert "compare the two" not in "".join(map(_said, lines))
    dense = ("layers.FullyConnected", "derivations.fully_connected")
    files, after = reference_files(), b'self.gradients["b"] = 2 * '
    files["layers.py"] = files["layers.py"].replace(b'self.gradients["b"] = ', after, 1)
    assert CODE_WRONG in "".join(map(_said, graded(files, *dense).lines))


def test_a_gradient_of_wrong_values_is_compared_with_none() -> None:
    """The gradient is the derivative of what the wrong forward computes."""
    code = "class ReLU:\n    def forward(self, Z):\n        return 2 * np.maximum(Z, 0)\n"
    code += "    def backward(self, Z, dY):\n        return 2 * dY * (Z > 0)\n"
    lines = graded(_with(code, "activations"), *BOTH).lines
    assert {line.check: line.result.verdict.value for line in lines}["gradient"] == "failed"
    assert "compare the two" not in "".join(map(_said, lines))


@pytest.mark.slow
def test_what_is_wrong_in_special_cases_or_in_form_only_points_at_nothing() -> None:
    overflows = "class Sigmoid:\n    def backward(self, Z, dY):\n        e = np.exp(Z)\n"
    overflows += "        return dY * e / (1 + e) ** 2\n"
    lines = graded(_with(overflows, "activations"), *SECOND).lines
    assert {line.check: line.result.verdict.value for line in lines}["gradient"] == "partly"
    assert "compare the two" not in "".join(map(_said, lines))
    lines = graded(_with(RELU + "return [dY[i, j] * (Z[i, j] > 0)]\n"), *BOTH).lines
    assert lines[-1].result.verdict.value == "failed"
    assert "compare the two" not in "".join(map(_said, lines))


def test_a_formula_that_asks_another_file_is_told_that_it_has_no_answers() -> None:
    source = (REFERENCE / "derivations.py").read_text("utf-8")
    code = "def sigmoid_dZ(i, j, Z, dY):\n    return Sigmoid().backward(Z, dY)[i, j]\n"
    code = spliced(source, code).replace(
        "import numpy as np", "import numpy as np\nfrom .activations import Sigmoid"
    )
    (line,) = graded({**reference_files(), "derivations.py": code.encode()}, SECOND[1]).lines
    assert line.result.verdict.value == "raised"
    assert "so activations.py has no solutions here" in explain(line.result)
    assert "delete this line" not in explain(line.result)


def test_infinite_entries_are_not_explained() -> None:
    verdict, text = _relu("return dY[i, j] / (Z[i, j] * 0)")
    assert verdict == "failed"
    assert "Your entry" not in text


@pytest.mark.slow
def test_mistakes_of_some_results_are_not_said_to_be_all() -> None:
    code = "def fully_connected_dW(i, j, X, W, dZ):\n"
    code += "    return sum(X[k, i] * dZ[k, j] for k in range(len(X))) / len(X)\n"
    alone = explain(graded(_with(code), "derivations.fully_connected").lines[0].result)
    code += "def fully_connected_dX(i, j, X, W, dZ):\n    return dZ[i, 0] ** 3 + W[j, 0]\n"
    both = explain(graded(_with(code), "derivations.fully_connected").lines[0].result)
    sentence = "Your dW is divided by m"
    for names, text in (((), alone), (("dW",), both)):
        assert f"{introduction(Finding((sentence,), names))}\n  {sentence}" in text


def _said(line: object) -> str:
    return explain(line.result)  # type: ignore[attr-defined]


@pytest.mark.slow
def test_what_is_compared_follows_the_lines_and_tells_nothing_of_hidden_ones() -> None:
    lines = graded(_with(WRONG_CODE, "activations"), *BOTH).lines
    assert compared(lines) == lines
    formula = graded(_with(WRONG_FORMULA), "derivations.relu").lines
    newer = compared([*lines[:-1], *formula])
    assert not any(line.result.compared for line in newer)
    hidden = [
        dataclasses.replace(
            line, target=dataclasses.replace(line.target, visibilities={line.check: "hidden"})
        )
        if line.check == "element"
        else line
        for line in lines
    ]
    assert not any(line.result.compared for line in compared(hidden))


@pytest.mark.slow
def test_the_rubric_can_give_points() -> None:
    rubric = tuple(
        dataclasses.replace(target, points={"element": 2.0}) if target.is_derivation else target
        for target in RUBRIC
    )
    assignment = dataclasses.replace(ASSIGNMENT, rubric=rubric, declared_total=None)
    submission = Submission(_with("def fully_connected_dW(i, j, X, W, dZ):\n    return 0.0\n"), ".")
    result: Grade = grade(assignment, submission, live(), workers=shared())
    # Seven of the eight are not extra credit; one gets three of its nine cases wrong.
    assert (assignment.total, result.score) == (100 + 7 * 2, 106 + 8 * 2 - 0.67)


def test_where_numbers_are_is_said_as_numpy_writes_it() -> None:
    def mask(*index: object, shape: tuple[int, ...] = (3, 4)) -> np.ndarray:
        found = np.zeros(shape, bool)
        for one in index:
            found[one] = True  # type: ignore[index]
        return found

    cases = {
        "": mask(),
        "A[1, 2]": mask((1, 2)),
        "A[1, :]": mask((1, slice(None))),
        "A[1:, :2]": mask((slice(1, 3), slice(0, 2))),
        "A[[0, 2], 3]": mask(([0, 2], 3)),
        "all of A": mask((slice(None), slice(None))),
        "A except A[0, 0]": ~mask((0, 0)),
        "3 of the 12 numbers of A": mask((0, 0), (1, 1), (2, 2)),
    }
    assert {where("A", found) for found in cases.values()} == set(cases)
    for text, found in cases.items():
        assert where("A", found) == text


def test_all_entries_are_asked_for_in_one_request() -> None:
    for case in (case for case in ASSIGNMENT.cases if case.check == "element"):
        problem = case.problem(1)
        assert isinstance(problem.elements, Elements)
        assert len(problem.program) == 1
        assert len(problem.elements.indices) <= 300
        for array in problem.elements.arrays.values():
            sizes = [size for size in array.shape if size > 1]
            assert len(set(sizes)) == len(sizes) or array.ndim == 4


FORGED = """
import json, os, struct

def relu_dZ(i, j, Z, dY):
    entry = {"name": "dZ", "type": "ndarray", "about": "x", "dtype": "", "array": True,
             "entry": ENTRY}
    for request in range(1, 9):
        header = {"id": request, "step": 0, "printed": "", "warnings": [], "outputs": [entry],
                  "changed": False, "at": [], "arrays": [["<f8", SHAPE]]}
        text = json.dumps(header).encode()
        for number in range(3, 64):
            try:
                os.write(number, struct.pack("<I", len(text)) + text + bytes(8 * COUNT))
            except OSError:
                pass
    return 1.0
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "entry"), [((3,), [0, 0]), ((2, 2), [-1, "x"]), ((4, 3), [[9, 9]]), ((), None)]
)
def test_a_forged_reply_is_the_failure_of_the_submission(
    shape: tuple[int, ...], entry: object
) -> None:
    code = FORGED.replace("SHAPE", repr(list(shape))).replace("ENTRY", repr(entry))
    files = _with(code.replace("COUNT", str(int(np.prod(shape)))))
    result = graded(files, *DERIVED)
    assert not result.faults
    assert verdicts(result)["derivations.relu"]["element"] in ("failed", "crashed")


@pytest.mark.parametrize(
    ("body", "said"),
    {
        "return type('float', (float,), {'__float__': lambda self: 1 / 0})(1.0)": "dZ is wrong",
        "return type('Z', (), {'__float__': lambda self: 1.0})()": "returned a Z; expected a real",
        "return np.ma.masked": "dZ is NaN",
        "return np.float64('inf')": "dZ is infinite",
        "return 10 ** 400": "returned an int that is too large; expected a real number.",
        "return np.datetime64('2020-01-01')": "returned a datetime64; expected a real number.",
        "return Z[:, ::-1].base": "returned an array of shape (4, 3); expected a real number.",
        "return object.__new__(type('int', (), {}))": "returned an int; expected a real number.",
    }.items(),
)
def test_odd_objects_are_no_numbers_and_no_fault(body: str, said: str) -> None:
    verdict, text = _relu(body)
    assert verdict in ("failed", "raised")
    assert said in text or "raised" in text
