"""Grading known submissions to measure the grader itself: `grader validate`.

Mistakes must lose exactly the points that their entries say, in their own target and in no other
target of their module, and must be named by their own sentence; with their own entry removed from
the catalogue, no other entry may name them. Every check must be failed by some mistake or mutant.
Honest variants must keep every point, whatever the seed. Mutants of the solutions must lose points,
unless there is a documented reason why they are as good as the original.
"""

from __future__ import annotations

import atexit
from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

from grader.answers import Oracle, choose
from grader.assignment import Assignment, Target, load
from grader.judging import DIAGNOSED
from grader.launching import Starter, starter
from grader.limits import Limits
from grader.report.messages import explain
from grader.running import Asked, examine, explained
from grader.signals import cleaned_up
from grader.submission import Submission

from .trials import Findings, Outcome, Trial

# Nothing in the catalogues hangs, but a mutant may; a busy machine is slow.
LIMITS = Limits(call=10.0, check=60.0)
_ENDING = ExitStack()


def run(
    assignment: Assignment, trials: Sequence[Trial], jobs: int
) -> Generator[Outcome, None, None]:
    """Grade trials in parallel processes; yield the outcomes in order."""
    attempt_one = partial(attempt, assignment.folders.home)
    context = get_context("spawn")
    with ProcessPoolExecutor(jobs, context, initializer=_prepare) as pool:
        yield from pool.map(attempt_one, trials)


def _prepare() -> None:
    """Let a signal end this process the way it ends its parent: without leaving files behind."""
    _ENDING.enter_context(cleaned_up())


def attempt(home: Path, trial: Trial) -> Outcome:
    """Grade one trial: a known mistake for all targets of its module, others for their own.

    Args:
        home: the assignment folder, which every process loads for itself.
        trial: what to grade.
    """
    assignment, oracle, entry = load(home), _oracle(home), trial.entry
    submission = Submission(entry.files(assignment.folders.reference), entry.id)
    history: list[Asked] = []
    verdicts, found, text = {}, {}, ""
    lost: dict[str, float] = {}
    waiting: dict[str, float] = {}
    for target in _targets(assignment, trial):
        own = target.name == entry.target
        asked = history if own else None
        results = examine(
            assignment, submission, target, trial.seed, oracle, _workers(), LIMITS, asked,
            explains=trial.kind != "mutant",
        )  # fmt: skip
        verdicts[target.name] = {check: result.verdict.value for check, result in results.items()}
        if own:
            found = {check: x.findings for check, x in results.items() if x.findings}
            lost = {check: target.points[check] * (1 - x.share) for check, x in results.items()}
            waiting = {check: target.points[check] * x.waiting for check, x in results.items()}
            text = "\n".join(explain(result, everything=True) for result in results.values())
    without = _without(trial, history, oracle)
    return Outcome(trial, verdicts, found, without, text, lost, waiting)


def _targets(assignment: Assignment, trial: Trial) -> Sequence[Target]:
    """Return the targets to grade: an entry's own, and once per mistake, its module's others."""
    entry = trial.entry
    beside = [target for target in assignment.rubric if target.module == entry.module]
    if entry.target == entry.module:  # a helper function
        return beside
    own = assignment.find_targets((entry.target,))
    is_known = trial.kind == "mistake" and trial.is_first
    return beside if is_known and own[0].is_class else own


def _without(trial: Trial, history: Sequence[Asked], oracle: Oracle) -> dict[str, Findings]:
    """Return what the numbers prove without the trial's own entry: nothing, or the same."""
    if trial.kind != "mistake" or not trial.entry.says:
        return {}
    found = {
        check: explained(history, check, oracle, trial.seed, unknown=trial.entry.id)
        for check in DIAGNOSED
    }
    return {check: x for check, x in found.items() if x}


@cache
def _oracle(home: Path) -> Oracle:
    return choose(load(home), "live")


@cache
def _workers() -> Starter:
    workers = starter()
    atexit.register(workers.close)
    return workers
