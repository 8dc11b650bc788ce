"""What a target was asked and how it answered: the judged results, for the diagnosis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from grader.evidence import WrongNumbers
from grader.judging import Result, Sample, compare, fitted, signature, signature_tolerance
from grader.result import ResultSpec
from grader.run import Run

from .plan import Question
from .samples import samples_of


@dataclass(frozen=True)
class CaseRun:
    """A case that was asked and its outcome; `waiting` holds the results without a verdict."""

    question: Question
    run: Run
    waiting: frozenset[str] = frozenset()


class Asked:
    """The part of an asked case that the diagnosis needs: its judged results."""

    def __init__(self, one: CaseRun) -> None:
        """Keep the answers until signatures are computed from them."""
        self.case = one.question.case
        self.problem = one.question.problem
        self._question, self.waiting = one.question, one.waiting
        answers = one.run.answers
        self._answers = {x.name: answers[x.name] for x in self.problem.judged if x.name in answers}

    @cached_property
    def samples(self) -> tuple[Sample, ...]:
        """The results with their numbers, unless there are too many; read before `results`."""
        found = samples_of(self._question, self._answers)
        return tuple(sample for sample in found if sample.is_comparable)

    @property
    def wrong(self) -> Iterator[WrongNumbers]:
        """Yield the results whose numbers are wrong."""
        for x in self.results:
            if x.found is not None and not x.correct:
                yield WrongNumbers(x.case, x.name, **vars(x.found), rtol=x.rtol)

    @cached_property
    def results(self) -> tuple[Result, ...]:
        """The results without their numbers: their size is fixed, whatever was received."""
        found = tuple(self._result(spec) for spec in self.problem.judged)
        self._answers.clear()
        return found

    def _result(self, spec: ResultSpec) -> Result:
        question, name = self._question, spec.name
        key, inputs, expected = question.case.key, question.inputs, question.answers[name]
        right, answer = question.signatures[name], self._answers.get(name)
        judged = name not in self.waiting
        if answer is None or answer.array is None:
            return Result(
                key, inputs, name, None, right, False, original=spec.original, judged=judged
            )
        correct = compare(spec, answer, expected).right
        in_form = fitted(answer.array, expected.shape)
        found = signature(spec, answer.array if in_form is None else in_form)
        rtol = signature_tolerance(answer.array)
        return Result(key, inputs, name, found, right, correct, rtol, spec.original, judged)
