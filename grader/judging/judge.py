"""Comparing a submission's answers with the right ones, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader.assignment import Case, Problem
from grader.evidence import Table, pair
from grader.result import ResultSpec
from grader.run import Answer, Run
from grader.verdict import CaseResult, Verdict

from .gradcheck import is_single
from .patterns import Fact, common, pattern, place
from .tables import beside, cotangent_of, inputs_of

# Relative to the largest right entry. Correct float64 code stays below 1e-13; an epsilon of 1e-8
# added to a probability of 0.05 costs 2e-7; code that uses float32 internally, which its results
# do not show, costs up to about 1e-6 where a sum cancels.
VALUE_RTOL = 1e-5
# Results in float32 have errors of 1e-7 to 1e-5; no known mistake is that small.
SINGLE_VALUE_RTOL = 2e-4
PLACEHOLDER = "{} is ..., the placeholder: it is not implemented yet."
NUMBERS = ("float", "int", "float64", "float32", "float16", "longdouble")


@dataclass(frozen=True)
class Comparison:
    """What is wrong with one result: with its shape or type, and with its numbers.

    Numbers that cannot be compared, because some are missing or their order differs, are wrong.
    """

    form: str = ""
    numbers: str = ""
    advice: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Tell whether the numbers are right, whatever their shape or type."""
        return not self.numbers


def compare(
    result: ResultSpec,
    answer: Answer,
    expected: np.ndarray,
    known: Sequence[Fact] = (),
) -> Comparison:
    """Compare one result with the right one; say what wrong entries are known to have in common."""
    form = _form(result, answer, expected)
    found = None if answer.array is None else fitted(answer.array.astype(float), expected.shape)
    if found is None or answer.array is None:
        return Comparison(form, form)
    numbers = _numbers(result, found, expected, tolerance(answer.array), known)
    single = f"{result.name} is {answer.dtype}; expected float64."
    advice = (single,) if answer.dtype == "float32" else ()
    return Comparison(form, numbers, advice)


def fitted(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """Return an array in a shape that differs only by axes of length one; None if impossible."""
    longer = [[size for size in sizes if size != 1] for sizes in (array.shape, shape)]
    return array.reshape(shape) if longer[0] == longer[1] else None


def _form(result: ResultSpec, answer: Answer, expected: np.ndarray) -> str:
    name = result.name
    kind = "a real number" if expected.ndim == 0 else f"an array of shape {expected.shape}"
    array = answer.array
    if answer.type == "missing":
        return answer.about
    if array is None:
        what = answer.about + (f" of type {answer.dtype}" if answer.dtype else "")
        hint = " Is there a return?" if answer.about == "None" else ""
        kind += " (float64)" if answer.type == "ndarray" else ""
        return f"{name} is {what}; expected {kind}.{hint}"
    if expected.ndim == 0:
        plain = array.shape == () and answer.type in (*NUMBERS, "ndarray")
        return "" if plain else f"{name} is {answer.about}; expected {kind}."
    if answer.type != "ndarray":
        return f"{name} is {answer.about}; expected {kind} (a plain numpy.ndarray)."
    return _form_of_array(result, answer.dtype, array, expected)


def _form_of_array(result: ResultSpec, dtype: str, array: np.ndarray, expected: np.ndarray) -> str:
    if array.shape != expected.shape and not _same_row(result, array, expected):
        return f"{result.name} has shape {array.shape}; expected {expected.shape}."
    if array.dtype.kind != "f" or dtype.startswith(("object", "complex")):
        return f"{result.name} has dtype {dtype}; expected float64."
    return ""


def _same_row(result: ResultSpec, array: np.ndarray, expected: np.ndarray) -> bool:
    """Tell whether a bias or statistic is (n,) instead of (1, n), which broadcasts correctly."""
    return result.may_drop_row and (1, *array.shape) == expected.shape


def tolerance(array: np.ndarray) -> float:
    """Return how far off numbers may be, relative to the largest: float32 may be involved."""
    return SINGLE_VALUE_RTOL if is_single(array) else VALUE_RTOL


def facts(
    problem: Problem, result: ResultSpec, answer: Answer, expected: np.ndarray
) -> tuple[Fact, ...]:
    """Return what the wrong entries of a result have in common, in this draw of the inputs."""
    found = None if answer.array is None else fitted(answer.array.astype(float), expected.shape)
    if found is None or answer.array is None:
        return ()
    wrong = _wrong(found, expected, tolerance(answer.array))
    above = cotangent_of(problem, result)
    return pattern(result, found, expected, wrong, inputs_of(problem), above)


def _wrong(found: np.ndarray, expected: np.ndarray, rtol: float) -> np.ndarray:
    """Return which entries are wrong; if some are not finite, only those."""
    bad = ~np.isfinite(found)
    scale = float(np.max(np.abs(expected), initial=0.0))
    return np.asarray(bad if bad.any() else np.abs(found - expected) > rtol * scale)


def _numbers(
    result: ResultSpec,
    found: np.ndarray,
    expected: np.ndarray,
    rtol: float,
    known: Sequence[Fact],
) -> str:
    name, wrong = result.name, _wrong(found, expected, rtol)
    if not wrong.any():
        return ""
    if not np.isfinite(found).all():
        what = "NaN" if np.isnan(found).any() else "infinite"
        return f"{name} is {what}{_where(wrong, known)}{_first(wrong)}."
    worst = np.unravel_index(int(np.argmax(np.abs(found - expected))), expected.shape)
    place = f"; the worst at {[int(i) for i in worst]}" if expected.ndim else ""
    yours, right = found[worst] + 0.0, expected[worst] + 0.0  # no "-0"
    said = common(known)
    if not found.any() and result.is_of_parameter:
        said = "all zeros: was it stored under this key?"
    shown = f"{_where(wrong, known)}{f' ({said})' if said else ''}{place}"
    return f"{name} is wrong{shown}: yours {yours:.6g}, expected {right:.6g}."


def _where(wrong: np.ndarray, known: Sequence[Fact]) -> str:
    if wrong.ndim == 0:
        return ""
    if wrong.all():
        return " everywhere"
    there = place(known)
    return f" in {int(wrong.sum())} of {wrong.size} entries{f', {there}' if there else ''}"


def _table(
    problem: Problem, result: ResultSpec, answer: Answer, expected: np.ndarray
) -> Table | None:
    found = None if answer.array is None else fitted(answer.array.astype(float), expected.shape)
    if found is None or answer.array is None:
        return None
    wrong = _wrong(found, expected, tolerance(answer.array))
    return beside(problem, result, found, expected, wrong)


def _first(wrong: np.ndarray) -> str:
    """Say which of the given entries comes first."""
    if wrong.ndim == 0 or wrong.all():
        return ""
    first = [int(i) for i in np.argwhere(wrong)[0]]
    return f", at {first}" if wrong.sum() == 1 else f"; the first at {first}"


def judge_numbers(
    case: Case,
    problem: Problem,
    run: Run,
    expected: Mapping[str, np.ndarray],
    form: str = "",
) -> list[CaseResult]:
    """Judge every result of a case by its numbers; block it while what it builds on is wrong.

    Args:
        case: the case that was asked.
        problem: the problem that was asked.
        run: what the submission returned.
        expected: the right answers, by name.
        form: how to treat right numbers in a wrong shape or type: as a "failure", as "advice", or
            not at all.
    """
    if problem.advice:
        return [_advice_only(case, problem, run)]
    results = []
    for spec in problem.judged:
        name = spec.name
        blocked = _missing_prerequisite(spec, problem, run, expected)
        label = case.name if len(problem.judged) == 1 else f"{case.name}: {name}"
        if name not in run.answers and run.failure is not None:
            results.append(CaseResult(label, run.failure.verdict, run.failure.message))
        elif run.answers[name].is_placeholder:
            results.append(CaseResult(label, Verdict.NOT_IMPLEMENTED, PLACEHOLDER.format(name)))
        elif blocked:
            results.append(CaseResult(label, Verdict.BLOCKED, blocked))
        else:
            found = compare(spec, run.answers[name], expected[name])
            message = (found.form if form == "failure" else "") or found.numbers
            advice = found.advice
            if form == "advice" and found.form and found.right:
                advice = (*advice, found.form)
            verdict = Verdict.FAILED if message else Verdict.PASSED
            answer, right = run.answers[name], expected[name]
            shown = pair(spec, answer.array, right) if found.numbers else None
            table = _table(problem, spec, answer, right) if found.numbers else None
            results.append(CaseResult(label, verdict, message, advice, None, shown, table=table))
    return results


def judge_form(
    case: Case, problem: Problem, run: Run, expected: Mapping[str, np.ndarray]
) -> list[CaseResult]:
    """Judge shape and type; blocked, and without points, while the numbers are wrong."""
    results = judge_numbers(case, problem, run, expected, form="failure")
    return [
        _without_numbers(result) if _only_numbers(run, spec, expected, result) else result
        for spec, result in zip(problem.judged, results, strict=True)
    ]


def _only_numbers(
    run: Run, spec: ResultSpec, expected: Mapping[str, np.ndarray], result: CaseResult
) -> bool:
    """Tell whether a result failed because of its numbers alone."""
    if result.verdict is not Verdict.FAILED or spec.name not in run.answers:
        return False
    return not compare(spec, run.answers[spec.name], expected[spec.name]).form


def _without_numbers(result: CaseResult) -> CaseResult:
    message = "The shape is right; it earns its points once the numbers are right."
    return CaseResult(result.name, Verdict.BLOCKED, message)


def _missing_prerequisite(
    judged: ResultSpec, problem: Problem, run: Run, expected: Mapping[str, np.ndarray]
) -> str:
    """Say which result must be right first: for a repeated call the same result, else all."""
    same = [spec for spec in problem.prerequisites if spec.original == judged.original]
    for spec in same or problem.prerequisites:
        if spec.name not in run.answers:
            return f"This is checked once {spec.name} exists."
        if not compare(spec, run.answers[spec.name], expected[spec.name]).right:
            return f"This is checked once {spec.name} is right."
    return ""


def _advice_only(case: Case, problem: Problem, run: Run) -> CaseResult:
    arrays = [run.answers[x.name].array for x in problem.judged if x.name in run.answers]
    if all(array is None or np.isfinite(array).all() for array in arrays):
        return CaseResult(case.name, Verdict.PASSED)
    nan = any(array is not None and np.isnan(array).any() for array in arrays)
    text = problem.advice.format(what="NaN" if nan else "infinity")
    return CaseResult(case.name, Verdict.PASSED, advice=(text,))
