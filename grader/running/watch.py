"""Grading again whenever a file is saved: only what the change affects, with warm processes.

A round regrades some targets and keeps the lines of the others, so that the overall grade is always
complete. The quick targets come first, and the training follows in a separate rerun. If a file is
not valid Python at the moment (a half-written line was saved), its targets keep their last lines;
the same holds for a folder in which there is nothing to grade. Targets on which the grader failed,
or that took too long, crashed, or were not run, may turn out differently the next time: every save
regrades them, even one that changes nothing.

A grade that is abandoned because files were saved (`saves.Superseded`) leaves no trace: its targets
are graded after that save, together with those that the save affects.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from grader.assignment import Assignment, Target
from grader.errors import UsageError
from grader.judging import Grade, Line, Rerun, compared
from grader.submission import Submission, affected_targets, find
from grader.verdict import Verdict

from .runner import not_run
from .saves import Superseded

# Editors replace files: a file that is gone is looked for again after this many seconds.
REPLACING = 0.3
UNGRADED = "This has not been graded yet."
UNREADABLE = re.compile(r"Importing your file raised (Syntax|Indentation|Tab)Error")
# Verdicts that may change even if the files do not.
DOUBTFUL = {Verdict.HARNESS_FAULT, Verdict.TIMED_OUT, Verdict.CRASHED, Verdict.NOT_RUN}
Grading = Callable[[Submission, Sequence[Target]], Grade]


def reruns(
    assignment: Assignment,
    folder: Path,
    targets: Sequence[Target],
    grading: Grading,
    saves: Iterable[Collection[str]],
) -> Iterator[Rerun]:
    """Yield a round for all targets, then one for every save that changed something.

    Args:
        assignment: the assignment to grade.
        folder: the folder to grade.
        targets: the rows of the rubric to grade.
        grading: grades some of them.
        saves: yields the paths of files that were written; an empty one to have the folder checked.

    Raises:
        UsageError: there is nothing to grade at the start.
    """
    submission = find(folder, assignment)
    whole = not_run(assignment, UNGRADED, submission, targets)
    due, files = {target.name for target in targets}, tuple[str, ...]()
    for saved in chain([()], saves):
        newer = _found(assignment, folder, submission)
        changed = _changed(submission, newer)
        paths = [f"/{Path(path).as_posix()}" for path in saved]
        touched = tuple(
            sorted(x for x in newer.files if any(path.endswith(f"/{x}") for path in paths))
        )
        concerned = {x.name for x in affected_targets(assignment, changed, newer.files, targets)}
        concerned |= _doubtful(whole) if touched or changed else set()
        submission, due = newer, due | concerned
        files = tuple(sorted({*files, *(changed or touched)}))
        try:
            for round_ in _graded(submission, targets, due, grading, whole, files):
                whole = round_.whole
                yield round_
            files = ()
        except Superseded:
            continue


def _found(assignment: Assignment, folder: Path, last: Submission) -> Submission:
    """Return the submission as it is now; wait for files that are being replaced."""
    for last_try in (False, True):
        try:
            newer = find(folder, assignment)
            if last_try or last.files.keys() <= newer.files.keys():
                return newer
        except UsageError:
            if last_try:
                return last
        time.sleep(REPLACING)
    return last


def is_outdated(assignment: Assignment, folder: Path, submission: Submission) -> bool:
    """Tell whether the files of a submission have changed since."""
    return bool(_changed(submission, _found(assignment, folder, submission)))


def _changed(old: Submission, new: Submission) -> tuple[str, ...]:
    names = {**old.files, **new.files}
    return tuple(sorted(name for name in names if old.files.get(name) != new.files.get(name)))


def _doubtful(grade: Grade) -> set[str]:
    """Return the names of targets with a result that the same files might not reproduce."""
    return {line.target.name for line in grade.lines if line.result.verdict in DOUBTFUL}


def _graded(
    submission: Submission,
    targets: Sequence[Target],
    due: set[str],
    grading: Grading,
    whole: Grade,
    files: tuple[str, ...],
) -> Iterator[Rerun]:
    """Grade the targets in `due`, and remove them from it."""
    again = [target for target in targets if target.name in due]
    trained = [target for target in again if target.is_run]
    quick = [target for target in again if target not in trained]
    said: set[str] = set()
    for some in filter(None, (quick, trained)):
        fresh = grading(submission, some)
        due.difference_update(target.name for target in some)
        kept, remarks = _unreadable(fresh, _points(whole))
        before = _points(whole.student_view)
        part = replace(fresh, lines=tuple(x for x in fresh.lines if x.target.name not in kept))
        whole = _merged(whole, part)
        keys = {_key(line) for line in part.lines}
        part = replace(part, lines=tuple(line for line in whole.lines if _key(line) in keys))
        if part.lines or not said.issuperset(remarks):
            yield Rerun(files, part, whole, before, remarks)
        said.update(remarks)


def _points(grade: Grade) -> dict[str, float]:
    """Return the points of every target that was graded."""
    found: dict[str, float] = {}
    for line in grade.lines:
        if line.result.verdict is Verdict.NOT_RUN:
            continue
        found[line.target.name] = found.get(line.target.name, 0.0) + line.score
    return found


def _unreadable(grade: Grade, before: Collection[str]) -> tuple[set[str], tuple[str, ...]]:
    """Return graded targets whose file is currently not valid Python, and the reasons."""
    found: dict[str, str] = {}
    for line in grade.lines:
        case = line.result.cases[0]
        raised = line.result.verdict is Verdict.RAISED and UNREADABLE.match(case.message)
        if raised and line.target.name in before:
            found[line.target.name] = case.message
    return set(found), tuple(dict.fromkeys(found.values()))


def _merged(whole: Grade, part: Grade) -> Grade:
    """Return all lines, with those of a part replacing the old ones."""
    fresh = {_key(line): line for line in part.lines}
    lines = [fresh.get(_key(line), line) for line in whole.lines]
    return replace(part, lines=compared(lines))


def _key(line: Line) -> tuple[str, str]:
    return line.target.name, line.check
