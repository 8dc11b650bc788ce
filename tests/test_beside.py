"""Inputs shown next to wrong numbers, and patterns that a second draw confirms, in real runs."""

from __future__ import annotations

import numpy as np
import pytest

from grader.assignment import ActivationAdapter, Example, LayerAdapter, LossAdapter, Problem
from grader.evidence import Table
from grader.judging.tables import beside
from grader.result import ResultSpec
from grader.verdict import CaseResult, CheckResult
from tests.catalogue import reference_files, spliced
from tests.grading import examined

Z = np.array([[1.0, -2.0, 3.0], [-4.0, 5.0, -6.0]])
GRADIENT = ResultSpec("dZ", wrt="Z")


def _checked(module: str, code: str, check: str) -> tuple[CaseResult, ...]:
    name = code.partition(" ")[2].partition(":")[0]
    files = reference_files()
    files[f"{module}.py"] = spliced(files[f"{module}.py"].decode(), code).encode()
    grade = examined(files, f"{module}.{name}")
    (line,) = (line for line in grade.lines if line.check == check)
    assert CheckResult.from_json(line.result.to_json()).cases == line.result.cases
    return line.result.cases


def _activation(found: np.ndarray, expected: np.ndarray) -> Table | None:
    example = Example({}, {"Z": Z}, cotangent=np.ones_like(Z))
    problem = Problem((), (), adapter=ActivationAdapter("a.A"), example=example)
    return beside(problem, GRADIENT, found, expected, found != expected)


def test_the_worst_entries_come_first_with_what_they_are_computed_from() -> None:
    errors = np.array([[0.0, 0.5, 0.25], [0.0, 1.0, 0.75]])
    assert _activation(Z + errors, Z) == Table(
        ("Z", "dY", "yours", "expected"),
        (
            ("[1, 1]", (5.0, 1.0, 6.0, 5.0)),
            ("[1, 2]", (-6.0, 1.0, -5.25, -6.0)),
            ("[0, 1]", (-2.0, 1.0, -1.5, -2.0)),
            ("[0, 2]", (3.0, 1.0, 3.25, 3.0)),
        ),
    )
    nan = np.where(Z == 3.0, np.nan, Z)
    shown = _activation(nan, Z)
    assert shown is not None
    assert [label for label, _ in shown.rows] == ["[0, 2]"]


def test_of_many_wrong_entries_those_are_shown_whose_signs_differ() -> None:
    wide = np.linspace(1.0, 2.0, 20).reshape(2, 10)
    wide[0, 0] *= -1.0
    example = Example({}, {"Z": wide}, cotangent=np.ones_like(wide))
    problem = Problem((), (), adapter=ActivationAdapter("a.A"), example=example)
    wrong = np.ones(wide.shape, bool)
    shown = beside(problem, GRADIENT, wide + np.abs(wide), wide, wrong)
    assert shown is not None
    labels = ["[1, 9]", "[1, 8]", "[1, 7]", "[1, 6]", "[0, 0]"]
    assert [label for label, _ in shown.rows] == labels


def test_no_number_of_a_layer_has_one_input_that_belongs_to_it() -> None:
    example = Example({}, {"X": Z}, cotangent=np.ones_like(Z))
    problem = Problem((), (), adapter=LayerAdapter("a.A"), example=example)
    assert beside(problem, ResultSpec("dX", wrt="X"), Z + 1, Z, np.ones(Z.shape, bool)) is None
    assert beside(Problem((), ()), GRADIENT, Z + 1, Z, np.ones(Z.shape, bool)) is None


@pytest.mark.parametrize(("columns", "shown"), [(3, True), (6, True), (7, False)])
def test_a_loss_has_the_inputs_of_a_small_case_in_full(columns: int, shown: bool) -> None:
    Y, Y_hat = np.zeros((2, columns)), np.ones((2, columns))
    example = Example({}, {"Y": Y, "Y_hat": Y_hat})
    problem = Problem((), (), adapter=LossAdapter("a.A"), example=example)
    one = np.array(1.0)
    found = beside(problem, ResultSpec("loss"), one + 1, one, np.array(True))
    assert (found is not None) is shown
    if found is not None:
        assert found.columns == ("Y", "Y_hat")
        assert len(found.rows) == 2 * columns
        assert found.rows[1] == ("[0, 1]", (0.0, 1.0))


@pytest.mark.slow
def test_a_table_comes_with_wrong_numbers_and_no_other() -> None:
    code = "class ReLU:\n    def backward(self, Z, dY):\n        return dY * (Z.shape != (5, 8))\n"
    cases = {case.name: case for case in _checked("activations", code, "gradient")}
    assert cases["images"].table is not None
    assert cases["images"].table.columns == ("Z", "dY", "yours", "expected")
    code = "class MSE:\n    def forward(self, Y, Y_hat):\n        return 1.0 - Y.size\n"
    losses = {case.name: case.table for case in _checked("losses", code, "values")}
    assert {name for name, table in losses.items() if table is not None} == {
        "one output",
        "one example",
    }


@pytest.mark.slow
def test_a_pattern_is_told_that_a_second_draw_has_too() -> None:
    code = "class ReLU:\n    def backward(self, Z, dY):\n        return dY\n"
    for case in _checked("activations", code, "gradient"):
        assert "entries, exactly where Z is negative; the worst at" in case.message
    code = "class MSE:\n    def backward(self, Y, Y_hat):\n        {}\n"
    code = code.format("return 2 * np.abs(Y_hat - Y) / len(Y)")
    for case in _checked("losses", code, "gradient"):
        assert "entries, exactly where Y_hat is below Y; the worst at" in case.message


@pytest.mark.slow
def test_a_pattern_of_one_draw_is_not_told() -> None:
    """A single number is a multiple of any other, and a single wrong entry fits some pattern."""
    code = "class CrossEntropy:\n    def backward(self, Y, Y_hat):\n        return -Y / len(Y)\n"
    cases = {case.name: case for case in _checked("losses", code, "gradient")}
    assert cases["one example"].message.startswith(
        "dY_hat is wrong in 1 of 5 entries, exactly where Y is positive; the worst at [0, "
    )
    code = (
        "class ReLU:\n    def backward(self, Z, dY):\n        right = dY * (Z > 0)\n"
        "        right[np.unravel_index(int(1e6 * abs(Z).sum()) % Z.size, Z.shape)] += 1\n"
        "        return right\n"
    )
    cases = {case.name: case for case in _checked("activations", code, "gradient")}
    for name in ("a matrix", "images"):
        assert " entries; the worst at [" in cases[name].message
