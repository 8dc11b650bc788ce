"""What wrong entries have in common, reported only if it also holds for other inputs."""

from __future__ import annotations

from dataclasses import replace

from grader.judging import compare, facts, shared
from grader.result import ResultSpec
from grader.verdict import CaseResult

from .asked import CaseRun
from .check_run import CheckRun


def confirmed(
    check_run: CheckRun, one: CaseRun, spec: ResultSpec, result: CaseResult
) -> CaseResult:
    """Say what the wrong entries of a result have in common, if two draws agree on it.

    Args:
        check_run: asks the case again.
        one: the case.
        spec: the result in question.
        result: what has been said already.
    """
    question, answer = one.question, one.run.answers.get(spec.name)
    if answer is None:
        return result
    right = question.answers[spec.name]
    plain = compare(spec, answer, right).numbers
    known = facts(question.problem, spec, answer, right)
    other = check_run.again(question.case) if known and plain else None
    if other is None or spec.name not in other.run.answers:
        return result
    found, expected = other.run.answers[spec.name], other.question.answers[spec.name]
    known = shared(known, facts(other.question.problem, spec, found, expected))
    told = compare(spec, answer, right, known).numbers
    return replace(result, message=result.message.replace(plain, told, 1))
