"""Comparing what a submission answered with the right answers, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from grader.assignment import Case, Problem
from grader.evidence import pair
from grader.result import ResultSpec, Role
from grader.run import Answer, Run
from grader.verdict import CaseResult, Verdict

from .gradcheck import is_single

# Relative to the largest right entry. Correct float64 code stays below 1e-13; an epsilon of 1e-8
# under a probability of 0.05 costs 2e-7; code with float32 somewhere inside, that is not seen in
# its results, up to some 1e-6 where a sum cancels.
VALUE_RTOL = 1e-5
# Results in float32 err by 1e-7 to 1e-5; no known mistake is that small.
SINGLE_VALUE_RTOL = 2e-4
PLACEHOLDER = "{} is ..., the placeholder: it is not implemented yet."
NUMBERS = ("float", "int", "float64", "float32", "float16", "longdouble")


@dataclass(frozen=True)
class Comparison:
    """What is wrong with one result: with its shape or type, and with its numbers.

    Numbers that cannot be compared, because there are too few or in another order, are wrong.
    """

    form: str = ""
    numbers: str = ""
    advice: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Tell whether the numbers are right, in whatever form."""
        return not self.numbers


def compare(
    result: ResultSpec,
    answer: Answer,
    expected: np.ndarray,
    inputs: Mapping[str, np.ndarray] | None = None,
) -> Comparison:
    """Compare one result with the right one; the inputs help to say where it is wrong."""
    form = _form(result, answer, expected)
    found = None if answer.array is None else fitted(answer.array.astype(float), expected.shape)
    if found is None or answer.array is None:
        return Comparison(form, form)
    same = {k: v for k, v in (inputs or {}).items() if v.shape == expected.shape}
    numbers = _numbers(result, found, expected, tolerance(answer.array), same)
    advice = (
        (f"{result.name} is {answer.dtype}; float64 is due.",) if answer.dtype == "float32" else ()
    )
    return Comparison(form, numbers, advice)


def fitted(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """Return an array in a shape that has axes of length one more or less; None if it has not."""
    longer = [[size for size in sizes if size != 1] for sizes in (array.shape, shape)]
    return array.reshape(shape) if longer[0] == longer[1] else None


def _form(result: ResultSpec, answer: Answer, expected: np.ndarray) -> str:
    name = result.name
    due = "a real number" if expected.ndim == 0 else f"an array of shape {expected.shape}"
    array = answer.array
    if answer.type == "missing":
        return answer.about
    if array is None:
        what = answer.about + (f" of type {answer.dtype}" if answer.dtype else "")
        hint = " Is there a return?" if answer.about == "None" else ""
        due += " of float64" if answer.type == "ndarray" else ""
        return f"{name} is {what}; {due} is due.{hint}"
    if expected.ndim == 0:
        plain = array.shape == () and answer.type in (*NUMBERS, "ndarray")
        return "" if plain else f"{name} is {answer.about}; {due} is due."
    if answer.type != "ndarray":
        return f"{name} is {answer.about}; {due} (a plain numpy.ndarray) is due."
    return _form_of_array(result, answer.dtype, array, expected)


def _form_of_array(result: ResultSpec, dtype: str, array: np.ndarray, expected: np.ndarray) -> str:
    if array.shape != expected.shape and not _same_row(result, array, expected):
        return f"{result.name} has the shape {array.shape}; {expected.shape} is due."
    if array.dtype.kind != "f" or dtype.startswith(("object", "complex")):
        return f"{result.name} holds {dtype}; float64 is due."
    return ""


def _same_row(result: ResultSpec, array: np.ndarray, expected: np.ndarray) -> bool:
    """Tell whether (n,) is there for (1, n), in a bias or a statistic: it broadcasts right."""
    return result.may_drop_row and (1, *array.shape) == expected.shape


def tolerance(array: np.ndarray) -> float:
    """Return how far off numbers may be, relative to the largest: float32 may be somewhere."""
    return SINGLE_VALUE_RTOL if is_single(array) else VALUE_RTOL


def _numbers(
    result: ResultSpec,
    found: np.ndarray,
    expected: np.ndarray,
    rtol: float,
    inputs: Mapping[str, np.ndarray],
) -> str:
    name, bad = result.name, ~np.isfinite(found)
    if bad.any():
        what = "NaN" if np.isnan(found).any() else "infinite"
        return f"{name} is {what}{_where(result, bad, inputs)}."
    scale = float(np.max(np.abs(expected), initial=0.0))
    difference = np.abs(found - expected)
    wrong = difference > rtol * scale
    if not wrong.any():
        return ""
    worst = np.unravel_index(int(np.argmax(difference)), expected.shape)
    place = f" at {[int(i) for i in worst]}" if expected.ndim else ""
    yours, due = found[worst] + 0.0, expected[worst] + 0.0  # no "-0"
    pattern = _pattern(found, expected, wrong)
    if not found.any() and result.is_of_parameter:
        pattern = " (all zeros: was it stored, under this key?)"
    return (
        f"{name} is wrong{_where(result, wrong, inputs)}{pattern}; the worst{place}: "
        f"yours {yours:.6g}, expected {due:.6g}."
        if expected.ndim
        else f"{name} is wrong{pattern}: yours {yours:.6g}, expected {due:.6g}."
    )


def _where(result: ResultSpec, wrong: np.ndarray, inputs: Mapping[str, np.ndarray]) -> str:
    if wrong.ndim == 0:
        return ""
    if wrong.all():
        return " everywhere"
    share = f" in {int(wrong.sum())} of {wrong.size} entries"
    border = _border(wrong) if result.role is Role.OUTPUT else ()
    places = [*_signs(wrong, inputs), *_lines(result, wrong), *_diagonal(wrong), *border]
    return f"{share}, {places[0]}" if places else share


def _signs(wrong: np.ndarray, inputs: Mapping[str, np.ndarray]) -> Iterator[str]:
    """Say that an input of the same shape has one sign wherever a result is wrong."""
    for name, values in inputs.items():
        for sign, word in ((-1, "negative"), (1, "positive")):
            there = np.sign(values) == sign
            most = there.any() and wrong[there].mean() > 0.5  # fewer may be so by chance
            if most and not wrong[~there].any() and not there.all():
                yield f"{'exactly' if wrong[there].all() else 'only'} where {name} is {word}"


def _lines(result: ResultSpec, wrong: np.ndarray) -> Iterator[str]:
    """Say that all wrong entries are in one example, one row or one column."""
    if wrong.ndim < 2:
        return
    rows = np.flatnonzero(wrong.reshape(len(wrong), -1).any(axis=1))
    columns = np.flatnonzero(wrong.reshape(-1, wrong.shape[-1]).any(axis=0))
    row = "example" if result.role is Role.OUTPUT else "row"
    if len(wrong) > 2 and len(rows) == 1:
        ends = {0: "the first", len(wrong) - 1: "the last"}
        yield f"all in {ends.get(int(rows[0]), 'one')} {row}"
    elif len(wrong) > 2 and len(rows) == len(wrong) - 1 and rows[0] == 1:
        yield f"in every {row} but the first"
    if wrong.shape[-1] > 2 and len(columns) == 1:
        yield f"all in {'column' if wrong.ndim == 2 else 'channel'} {int(columns[0])}"


def _diagonal(wrong: np.ndarray) -> Iterator[str]:
    """Say that the entries with equal indices are wrong, or all others."""
    if wrong.ndim == 2 and min(wrong.shape) > 1:
        diagonal = np.eye(len(wrong), wrong.shape[1], dtype=bool)
        if np.array_equal(wrong, diagonal):
            yield "exactly on the diagonal"
        elif np.array_equal(wrong, ~diagonal):
            yield "exactly off the diagonal"


def _border(wrong: np.ndarray) -> Iterator[str]:
    """Say that all wrong entries are at the border of images (m, H, W, C)."""
    inner = wrong[:, 1:-1, 1:-1] if wrong.ndim == 4 else wrong
    if wrong.ndim == 4 and inner.size and not inner.any():
        yield "all at the border of the images"


def _pattern(found: np.ndarray, expected: np.ndarray, wrong: np.ndarray) -> str:
    """Say what all wrong entries have in common, where that is a plain fact."""
    if not np.any(found[wrong]):
        return " (0 there)"
    if not np.any(expected):
        return ""
    factor = float(np.sum(found * expected) / np.sum(expected * expected))
    if not np.allclose(found, factor * expected, rtol=1e-6, atol=1e-9 * np.abs(found).max()):
        return ""
    if abs(factor + 1.0) < 1e-6:
        return " (the sign is the other way round)"
    plain = _whole(factor) or (
        factor != 0 and _whole(1.0 / factor)
    )  # any two single numbers have some factor
    return f" (it is {factor:.4g} times the right one)" if plain or found.size > 1 else ""


def _whole(number: float) -> bool:
    return bool(np.isfinite(number)) and abs(number - round(number)) < 1e-6 * abs(number)


def judge_numbers(
    case: Case,
    problem: Problem,
    run: Run,
    expected: Mapping[str, np.ndarray],
    form: str = "",
) -> list[CaseResult]:
    """Judge every result of a case by its numbers; blocked while what it builds on is wrong.

    Args:
        case: that was asked.
        problem: that it was.
        run: what the submission gave.
        expected: the right answers, by name.
        form: what right numbers in a wrong shape or type are: a "failure", "advice", or nothing
            that is said here.
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
            inputs = problem.example.inputs if problem.example else {}
            found = compare(spec, run.answers[name], expected[name], inputs)
            message = (found.form if form == "failure" else "") or found.numbers
            advice = found.advice
            if form == "advice" and found.form and found.right:
                advice = (*advice, found.form)
            verdict = Verdict.FAILED if message else Verdict.PASSED
            shown = pair(spec, run.answers[name].array, expected[name]) if found.numbers else None
            results.append(CaseResult(label, verdict, message, advice, evidence=shown))
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
    """Tell whether a result failed by its numbers alone."""
    if result.verdict is not Verdict.FAILED or spec.name not in run.answers:
        return False
    return not compare(spec, run.answers[spec.name], expected[spec.name]).form


def _without_numbers(result: CaseResult) -> CaseResult:
    message = "The shape is right; it earns its points once the numbers are right."
    return CaseResult(result.name, Verdict.BLOCKED, message)


def _missing_prerequisite(
    judged: ResultSpec, problem: Problem, run: Run, expected: Mapping[str, np.ndarray]
) -> str:
    """Say which result must be right before: of a repeated call, the same one, else all."""
    same = [spec for spec in problem.prerequisites if spec.original == judged.original]
    for spec in same or problem.prerequisites:
        if spec.name not in run.answers:
            return f"This is judged once {spec.name} is there."
        if not compare(spec, run.answers[spec.name], expected[spec.name]).right:
            return f"This is judged once {spec.name} is right."
    return ""


def _advice_only(case: Case, problem: Problem, run: Run) -> CaseResult:
    arrays = [run.answers[x.name].array for x in problem.judged if x.name in run.answers]
    if all(array is None or np.isfinite(array).all() for array in arrays):
        return CaseResult(case.name, Verdict.PASSED)
    nan = any(array is not None and np.isnan(array).any() for array in arrays)
    text = problem.advice.format(what="NaN" if nan else "infinity")
    return CaseResult(case.name, Verdict.PASSED, advice=(text,))
