"""How checks judge a case: by its numbers, or by the entries of a derived gradient."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from grader.assignment import Case, Problem
from grader.judging import judge_elements, judge_numbers
from grader.run import Run
from grader.verdict import CaseResult

from .check_run import CheckRun


def by_numbers(
    check_run: CheckRun, case: Case, problem: Problem, run: Run, expected: Mapping[str, np.ndarray]
) -> list[CaseResult]:
    """Judge the results of a case by their numbers; advise on form if no check covers it."""
    form = "" if "shape" in check_run.target.points else "advice"
    return judge_numbers(case, problem, run, expected, form)


def by_elements(
    _: CheckRun, case: Case, problem: Problem, run: Run, expected: Mapping[str, np.ndarray]
) -> list[CaseResult]:
    """Judge the entries of a derived gradient."""
    return [judge_elements(case, problem, run, expected)]
