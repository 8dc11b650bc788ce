"""Element: a derived formula gives every entry of a gradient.

Each entry is requested separately, by its indices. Where numbers are wrong, the function is called
again for one wrong entry, with one number of its arrays changed at a time. This shows which numbers
the entry depends on; the same is known for the right entry.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from grader.assignment import UNCHANGED
from grader.judging import VARIES, differences, worst_entry
from grader.result import ResultSpec
from grader.running.asked import CaseRun
from grader.running.check_run import CheckRun
from grader.running.confirming import confirmed
from grader.running.judges import by_elements
from grader.verdict import CaseResult

# Bytes allowed in addition to the numbers of one entry's answers.
SMALL = 4096


def test_element(check_run: CheckRun, json_metadata: dict[str, Any]) -> None:
    """Compare every entry with the oracle's; say what a wrong entry depends on."""
    explain = partial(_dependence, set())
    json_metadata["result"] = check_run.judge(by_elements, explain).to_json()


def _dependence(
    told: set[str], check_run: CheckRun, one: CaseRun, spec: ResultSpec, plain: CaseResult
) -> CaseResult:
    """Say which numbers the worst entry depends on, and which ones the right entry depends on.

    Args:
        told: the results for which an earlier case already said so; once is enough.
        check_run: runs the queries.
        one: the case.
        spec: the result in question.
        plain: what has been said already.
    """
    result = confirmed(check_run, one, spec, plain)
    problem, right = one.question.problem, one.question.answers[spec.name]
    elements, answer = problem.elements, one.run.answers.get(spec.name)
    if spec.name in told or elements is None or answer is None or answer.array is None:
        return result
    if answer.array.shape != right.shape:  # a worker may send anything
        return result
    entry = worst_entry(answer.array, right)
    until = time.monotonic() + check_run.limits.explanation
    probe = elements.probe(entry)
    found = check_run.run(probe, SMALL, until).answers.get(spec.name)
    due = check_run.plan.oracle.dependence(one.question.case, check_run.plan.seed, problem, entry)
    if found is None or found.array is None or found.array.shape != (1 + due.size,):
        return result
    again = found.array[0]
    if not np.isfinite(again):
        return result
    told.add(spec.name)
    if not np.isclose(again, answer.array[entry], rtol=UNCHANGED, atol=0.0):
        return replace(result, message=f"{result.message} {VARIES}")
    yours = elements.dependence(found.array.astype(float), float(np.abs(right).max()))
    said = differences(elements.arrays, entry, yours, due)
    return replace(result, message=f"{result.message} {said}")
