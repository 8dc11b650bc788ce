"""How a submission's forward relates to a wrong gradient from its backward, found by asking."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cache, partial

import numpy as np

from grader.assignment import CallAdapter, Example
from grader.judging import Circumstances
from grader.program import Program
from grader.result import ResultSpec
from grader.run import Run

from .asked import CaseRun
from .check_run import CheckRun

# Bytes per evaluation of forward, in addition to the result; there are hundreds of evaluations.
SMALL = 4096
# Numbers are the same if they differ by less than this fraction of the largest.
SAME = 1e-6


def circumstances(
    check_run: CheckRun, one: CaseRun, spec: ResultSpec, apart: bool
) -> Circumstances:
    """Return what is known about forward and backward in a case with a wrong gradient.

    Args:
        check_run: runs the queries, and knows what was asked before.
        one: the case, which has an adapter and an example.
        spec: the gradient.
        apart: whether another case showed that it is wrong independently of forward.
    """
    adapter, example = one.question.problem.adapter, one.question.problem.example
    assert adapter is not None
    assert example is not None
    found = [x for x in check_run.findings if x.is_about(spec.original) and not x.where]
    builds = _changes_with_inputs if adapter.keeps_state else _shares_code
    return Circumstances(
        values_right=check_run.right("values", one.question.case.name),
        keeps=adapter.keeps_state,
        parameter=spec.wrt if spec.is_of_parameter else "",
        elsewhere=apart or _is_wrong_elsewhere(check_run, spec),
        builds_on_values=cache(partial(builds, check_run, adapter, example, one, spec)),
        repeats=partial(_repeats, check_run, adapter, example, spec),
        explained=any(x.apart for x in found),
        follows=any(not x.apart for x in found),
    )


def _is_wrong_elsewhere(check_run: CheckRun, spec: ResultSpec) -> bool:
    """Tell whether a gradient is wrong in some case in which forward is right."""
    return any(
        check_run.right("values", asked.case.name)
        for asked in check_run.history
        if asked.case.check == check_run.check
        and any(x.name == spec.name and not x.correct for x in asked.results)
    )


def _shares_code(
    check_run: CheckRun, adapter: CallAdapter, example: Example, *_: object
) -> bool | None:
    """Tell whether lines of forward also run in backward; None if that cannot be determined."""
    program = adapter.ready(example)
    for direction in ("forward", "backward"):
        program += adapter.once(example, direction, count=True)
    counts = _ask(check_run, program).counts
    if len(counts) != 2:
        return None
    forward, backward = (entry.get("student", {}).keys() for entry in counts)
    return bool(forward & backward) if forward and backward else None


def _changes_with_inputs(
    check_run: CheckRun, adapter: CallAdapter, example: Example, one: CaseRun, spec: ResultSpec
) -> bool | None:
    """Tell whether a gradient changes after a forward call with other inputs."""
    others = {name: -array / 2 for name, array in example.inputs.items()}
    calls = adapter.once(replace(example, inputs=others), "backward")
    found = _ask(check_run, adapter.ready(example) + calls).answers.get(spec.name)
    before = one.run.answers[spec.name].array
    if found is None or found.array is None or before is None:
        return None
    return not _same(found.array, before)


def _repeats(check_run: CheckRun, adapter: CallAdapter, example: Example, spec: ResultSpec) -> bool:
    """Tell whether forward gives the same numbers when called twice, as far as it succeeds."""
    point = {**example.inputs, **example.parameters}[spec.wrt]
    answers = _ask(check_run, adapter.evaluations(example, spec.wrt, [point, point])).answers
    first, second = (answers[i].array if i in answers else None for i in "01")
    return first is None or second is None or _same(first, second)


def _ask(check_run: CheckRun, program: Program) -> Run:
    return check_run.run(program, until=time.monotonic() + check_run.limits.explanation)


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    """Tell whether two arrays have the same numbers, up to rounding."""
    if one.shape != other.shape:
        return False
    least = SAME * float(np.max(np.abs(one[np.isfinite(one)]), initial=0.0))
    return np.allclose(one, other, rtol=0.0, atol=least, equal_nan=True)
