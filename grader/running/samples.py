"""Turning an asked case and its answers into samples, in which relations are searched for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.assignment import Problem
from grader.judging import Sample, compare, tolerance
from grader.program import Call, Entries, Load, New, Read, Step
from grader.result import ResultSpec
from grader.run import Answer

from .plan import Question

Arrays = dict[str, np.ndarray]
Settings = dict[str, float]
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


def samples_of(question: Question, answers: Mapping[str, Answer]) -> tuple[Sample, ...]:
    """Return a sample for every judged result that has numbers.

    Results that wait for others, because those have to be right first, are left out while the
    others are wrong.

    Args:
        question: the case and the right answers.
        answers: what the submission returned, by name.
    """
    turns = list(_turns(question.problem))
    by_name = {turn.name: turn for turn in turns if turn.name in question.answers}
    found = []
    for spec in question.problem.judged:
        answer = answers.get(spec.name)
        if answer is None or answer.array is None or spec.name not in by_name:
            continue
        if _is_ready(spec, question, answers):
            found.append(_sample(spec, answer.array, question, by_name))
    return tuple(found)


def by_result(samples: Iterable[Sample]) -> list[tuple[Sample, ...]]:
    """Return samples in groups: one group per result, across all calls."""
    groups: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[sample.source].append(sample)
    return [tuple(group) for group in groups.values()]


@dataclass(frozen=True)
class _Turn:
    """One result of a program: its source, which call it is, and what is known by then."""

    name: str
    source: str
    number: int
    arrays: Mapping[str, np.ndarray]
    settings: Mapping[str, float]


def _turns(problem: Problem) -> Iterator[_Turn]:
    """Walk through a program and yield every result."""
    arrays: Arrays = {}
    settings: Settings = {}
    examples: Settings = {}
    counts: defaultdict[str, int] = defaultdict(int)
    unnamed = problem.example.unnamed if problem.example is not None else frozenset()
    for step in problem.program:
        if isinstance(step, New) and step.into != "it":
            continue
        if isinstance(step, New):
            settings |= _plain({k: x for k, x in step.arguments.items() if k not in unnamed})
            continue
        given = _given(step, problem)
        arrays |= given
        if isinstance(step, Load):
            continue
        if isinstance(step, Entries) and problem.elements is not None:
            settings |= _plain(problem.elements.arguments)
        if given and (problem.adapter or problem.elements):
            first = next(iter(given.values()))
            examples = {"m": float(len(first))} if first.ndim else {}
        known = examples | settings | _sizes(arrays)
        for place, name in enumerate(step.out):
            source = _source(step, place)
            counts[source] += 1
            yield _Turn(name, source, counts[source], dict(arrays), known)


def _given(step: Step, problem: Problem) -> Arrays:
    """Return the arrays that a step passes, by the names that a student knows them by."""
    if isinstance(step, Load):
        return {step.key: step.value}
    if isinstance(step, Entries):
        return dict(problem.elements.arrays) if problem.elements is not None else {}
    if not isinstance(step, Call):
        return {}
    given = [(i, x) for i, x in enumerate(step.args) if isinstance(x, np.ndarray)]
    names = problem.adapter.names.get(step.method, ()) if problem.adapter is not None else ()
    if len(names) == len(step.args):
        return {names[i]: array for i, array in given}
    if len(given) == 1:
        return {f"the array given to {step.method}": given[0][1]}
    return {
        f"the {ordinal} array given to {step.method}": array
        for ordinal, (_, array) in zip(_ORDINALS, given, strict=False)
    }


def _source(step: Call | Read | Entries, place: int) -> str:
    """Describe what produces a result, regardless of its name in a case."""
    if isinstance(step, Read):
        return f"{step.store}[{step.key!r}] of {step.on}"
    method = step.method if isinstance(step, Call) else step.what
    return f"result {place + 1} of {method}" if len(step.out) > 1 else f"what {method} returns"


def _plain(arguments: Mapping[str, Any]) -> Settings:
    """Return the numbers among arguments, and values that are commonly computed from them."""
    found: Settings = {}
    for name, value in arguments.items():
        if isinstance(value, bool | str):
            found[f"{name}={value!r}"] = 1.0
        elif isinstance(value, int | float):
            found[name] = float(value)
            if 0 < value < 1:
                found[f"1 - {name}"] = 1.0 - value
        elif isinstance(value, tuple) and value and all(isinstance(x, int) for x in value):
            places = [f"{name}[{i}]" for i in range(len(value))]
            found |= dict(zip(places, map(float, value), strict=True))
            found[" * ".join(places)] = float(np.prod(value))
    return found


def _sizes(arrays: Arrays) -> Settings:
    """Return the sizes of arrays, keyed by what each size is called."""
    found: Settings = {}
    for name, array in arrays.items():
        words = {1: ("length",), 2: ("number of rows", "number of columns")}.get(array.ndim, ())
        words = words or tuple(f"length of axis {axis}" for axis in range(array.ndim))
        for word, length in zip(words, array.shape, strict=True):
            found[f"the {word} of {name}"] = float(length)
        for axis in range(array.ndim - 1 if array.ndim > 2 else 0):
            product = float(array.shape[axis] * array.shape[axis + 1])
            found[f"the product of the lengths of axes {axis} and {axis + 1} of {name}"] = product
    return found | {f"the number of entries of {name}": float(x.size) for name, x in arrays.items()}


def _is_ready(spec: ResultSpec, question: Question, answers: Mapping[str, Answer]) -> bool:
    """Tell whether a result's prerequisites are right: the same result, or else all of them."""
    before = question.problem.prerequisites
    same = [x for x in before if x.original == spec.original]
    return all(
        x.name in answers and compare(x, answers[x.name], question.answers[x.name]).right
        for x in same or before
    )


def _sample(
    spec: ResultSpec, found: np.ndarray, question: Question, turns: Mapping[str, _Turn]
) -> Sample:
    own, right = turns[spec.name], question.answers
    originals = {
        x.name: x.original for x in (*question.problem.judged, *question.problem.prerequisites)
    }
    beside = {
        originals[turn.name]: right[turn.name]
        for turn in turns.values()
        if turn.number == own.number and turn is not own
    }
    earlier = [
        turn for turn in turns.values() if turn.source == own.source and turn.number < own.number
    ]
    return Sample(
        question.case.key,
        spec,
        found,
        right[spec.name],
        {**own.arrays, **beside},
        own.settings,
        tuple(right[turn.name] for turn in sorted(earlier, key=lambda turn: turn.number)),
        question.inputs,
        tolerance(found),
        own.source,
    )
