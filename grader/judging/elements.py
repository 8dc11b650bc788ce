"""Judging derivations: the entries of a gradient, and what they depend on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from grader.assignment import Case, Problem
from grader.run import Answer, Run
from grader.verdict import CaseResult, Verdict

from .judge import judge_numbers

# List the numbers of one array that the right entry depends on only if there are at most this many.
SHOWN = 6
NO_NUMBER = "expected a real number"
WRAPPED = "Return the entry as a number: {} returns {}."
SAME = (
    "It depends on the same numbers as the right one, but combines them differently: compare "
    "signs, factors and indices."
)
VARIES = (
    "When asked for this entry again, your function gave a different number: it must depend on "
    "its arguments alone."
)


def judge_elements(
    case: Case, problem: Problem, run: Run, expected: Mapping[str, np.ndarray]
) -> CaseResult:
    """Judge the entries of one derived gradient.

    Args:
        case: the case that was asked.
        problem: the problem that was asked.
        run: what the submission returned.
        expected: the right answers, by name.
    """
    elements, (spec,) = problem.elements, problem.judged
    assert elements is not None
    function, answer = elements.function.rpartition(".")[2], run.answers.get(spec.name)
    if answer is not None and answer.array is None:
        return CaseResult(case.name, Verdict.FAILED, _no_number(function, answer))
    (result,) = judge_numbers(case, problem, run, expected)
    if answer is not None and answer.type == "ndarray":
        advice = WRAPPED.format(function, answer.about)
        return replace(result, advice=(*result.advice, advice))
    return result


def _no_number(function: str, answer: Answer) -> str:
    """Describe an entry that is not a real number."""
    indices = "".join(f"{index}, " for index in answer.entry)
    hint = " Is there a return in every branch?" if answer.type == "NoneType" else ""
    large = " that is too large" if answer.type == "int" else ""
    return f"{function}({indices}...) returned {answer.about}{large}; {NO_NUMBER}.{hint}"


def worst_entry(found: np.ndarray, expected: np.ndarray) -> tuple[int, ...]:
    """Return the indices of the entry farthest from the right one; NaN is farthest of all."""
    difference = np.nan_to_num(np.abs(found - expected), nan=np.inf)
    worst = np.unravel_index(int(np.argmax(difference)), expected.shape)
    return tuple(int(index) for index in worst)


def differences(
    arrays: Mapping[str, np.ndarray],
    entry: tuple[int, ...],
    yours: np.ndarray,
    right: np.ndarray,
) -> str:
    """Say which numbers an entry depends on but should not, and the reverse.

    Args:
        arrays: the arrays that the entry is computed from, by name.
        entry: its indices.
        yours: for all numbers of the arrays, one after the other, whether the entry depends on
            them.
        right: the same for the right entry.
    """
    place = str(list(entry))
    missing, extra = _list(arrays, right & ~yours), _list(arrays, yours & ~right)
    said = []
    if missing:
        said.append(f"Your entry {place} does not change with {missing}; the right one does.")
    if extra:
        said.append(f"Your entry {place} changes with {extra}; the right one does not.")
    return " ".join([*(said or [SAME]), *_values(arrays, right)])


def _list(arrays: Mapping[str, np.ndarray], chosen: np.ndarray) -> str:
    """Return the chosen numbers in numpy notation."""
    texts = [where(name, mask) for name, mask in _masks(arrays, chosen)]
    return " and ".join(text for text in texts if text)


def _masks(
    arrays: Mapping[str, np.ndarray], chosen: np.ndarray
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield every array with a mask of its chosen entries."""
    ends = np.cumsum([array.size for array in arrays.values()])
    parts = np.split(chosen, ends[:-1])
    for (name, array), part in zip(arrays.items(), parts, strict=True):
        yield name, part.reshape(array.shape)


def where(name: str, mask: np.ndarray) -> str:
    """Return in numpy notation where a mask of an array is True; "" if nowhere."""
    if not mask.any():
        return ""
    if mask.all():
        return f"all of {name}"
    if block := _block(name, mask):
        return block
    rest = _block(name, ~mask)
    return (
        f"{name} except {rest}"
        if rest
        else f"{int(mask.sum())} of the {mask.size} numbers of {name}"
    )


def _block(name: str, mask: np.ndarray) -> str:
    """Return a mask that is a product of indices on every axis; "" if it is none."""
    axes = range(mask.ndim)
    chosen = [np.flatnonzero(mask.any(axis=tuple(a for a in axes if a != axis))) for axis in axes]
    if math.prod(map(len, chosen)) != mask.sum():
        return ""
    pairs = zip(chosen, mask.shape, strict=True)
    return f"{name}[{', '.join(_axis(list(map(int, x)), size) for x, size in pairs)}]"


def _axis(chosen: list[int], size: int) -> str:
    if len(chosen) == 1:
        return str(chosen[0])
    if len(chosen) == size:
        return ":"
    if chosen == list(range(chosen[0], chosen[-1] + 1)):
        return f"{chosen[0] or ''}:{chosen[-1] + 1 if chosen[-1] + 1 < size else ''}"
    return str(chosen)


def _values(arrays: Mapping[str, np.ndarray], right: np.ndarray) -> Iterator[str]:
    """Say what the right entry is computed from, if that is only a handful of numbers."""
    found = [(name, mask) for name, mask in _masks(arrays, right) if mask.any()]
    if not found or any(mask.sum() > SHOWN for _, mask in found):
        return
    texts = []
    for name, mask in found:
        numbers = [f"{x + 0.0:.4g}" for x in arrays[name][mask]]
        shown = numbers[0] if len(numbers) == 1 else f"[{', '.join(numbers)}]"
        texts.append(f"{where(name, mask)} = {shown}")
    yield f"There, {', '.join(texts)}."
