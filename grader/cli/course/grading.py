"""grader class SOURCE, and grader class regrade: from submissions to grades."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.options import (
    Seed,
    StaffCommand,
    assignment_option,
    loaded,
    only_option,
    require_option,
)

from .options import (
    cores,
    folder_option,
    jobs_option,
    overrides_option,
    progress,
    reports_option,
    scheduler_option,
    setup_of,
)
from .writing import Wanted, write_all

if TYPE_CHECKING:
    from grader.assignment import Assignment, Target
    from grader.course.grading import Begun, ByHand, Engine, Scorer, Work
    from grader.course.people import Student
    from grader.course.sources import Roster, Row, Source
    from grader.course.store import Run, Store

# How many names of ignored files and folders to print.
_MOST = 10
# A copy of the most recently given roster.
ROSTER = "roster.csv"


@click.command("grade", cls=StaffCommand)
@click.argument("source", type=click.Path(path_type=Path))
@assignment_option
@folder_option
@click.option("--kind", type=click.Choice(["gradescope", "canvas", "classroom", "folder"]),
              default=None, help="What SOURCE is, if it is not recognized.")  # fmt: skip
@click.option("--roster", "roster_file", default=None, metavar="FILE",
              type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="Who is in the class: Canvas's gradebook, or a CSV file with ids or e-mails. "
              "Default: the last run's roster.")  # fmt: skip
@overrides_option
@click.option("--seed", type=Seed(), default=None,
              help="Seed of every input (default: the last run's, or a new one).")  # fmt: skip
@require_option("confined")
@jobs_option
@scheduler_option
@reports_option
@click.option("--canvas-column", "column", default=None, metavar="NAME",
              help="The column of the roster that gets the scores in canvas.csv.")  # fmt: skip
def grade(
    source: Path, home: Path, folder: Path, kind: str | None, roster_file: Path | None,
    by_hand: Path | None, seed: int | None, require: str, jobs: int | None, scheduler: str | None,
    reports: str, column: str | None,
) -> None:  # fmt: skip
    """Grade all submissions in SOURCE and write the results to the class folder.

    SOURCE is a Gradescope export, the Canvas submissions, the GitHub Classroom clones, or one
    folder or archive per student; a folder or a zip. Submissions that are already graded are not
    graded again: an interrupted command picks up where it left off.

    Exit codes: 0 every submission that can be graded has a grade; 2 the command is not valid;
    3 the autograder failed on some submissions; 130 it was stopped by Ctrl-C.
    """
    from grader.course import grading
    from grader.course.sources import opened_source
    from grader.course.store import Store, locked, opened
    from grader.errors import UsageError

    assignment = loaded(home)
    assignment.require_reference()
    if not source.exists():
        raise UsageError(f"There is no folder or archive {source}.")
    if source.resolve() in (folder.resolve(), *folder.resolve().parents):
        raise UsageError(f"{folder} is inside {source}: name another one with --folder.")
    with locked(folder), opened(folder, create=True) as connection:
        store = Store(connection)
        roster = _roster(folder, roster_file)
        with opened_source(source, assignment, kind, roster) as found:
            begun = grading.begin(store, assignment, grading.GRADE, str(source), seed)
            run = store.note(begun.run, kind=found.kind)
            _say_source(found, roster, begun)
            ungraded = grading.read(store, run, found, roster)
        _say_problems(store, run, found, roster, ungraded)
        given = _by_hand(store, assignment, by_hand, begun.before)
        engine = _engine(store, home, run, require, jobs, scheduler)
        scorer, ended = _graded(store, assignment, run, engine, given)
        sys.exit(write_all(scorer, ended, Wanted(folder, reports, roster, column)))


@click.command(cls=StaffCommand)
@assignment_option
@folder_option
@only_option
@click.option("--student", "students", multiple=True, metavar="ID",
              help="Grade the submission of one student only; repeatable.")  # fmt: skip
@overrides_option
@require_option("confined")
@jobs_option
@scheduler_option
@reports_option
@click.option("--canvas-column", "column", default=None, metavar="NAME",
              help="The column of the roster that gets the scores in canvas.csv.")  # fmt: skip
def regrade(
    home: Path, folder: Path, only: tuple[str, ...], students: tuple[str, ...],
    by_hand: Path | None, require: str, jobs: int | None, scheduler: str | None, reports: str,
    column: str | None,
) -> None:  # fmt: skip
    """Grade a class again after the rubric, the cases, the checks or the reference changed.

    Only questions that changed are run again; a change of points alone runs nothing. The seed stays
    the same, so any difference is due to the change.
    """
    from grader.course import grading
    from grader.course.store import Store, locked, opened

    assignment = loaded(home)
    assignment.require_reference()
    targets = assignment.find_targets(only)
    with locked(folder), opened(folder) as connection:
        store = Store(connection)
        before = grading.latest(store)
        given = _by_hand(store, assignment, by_hand, before)
        begun = grading.begin(store, assignment, grading.REGRADE)
        engine = _engine(store, home, begun.run, require, jobs, scheduler)
        scorer, ended = _graded(store, assignment, begun.run, engine, given, targets, students)
        wanted = Wanted(folder, reports, _roster(folder, None), column)
        sys.exit(write_all(scorer, ended, wanted))


def _roster(folder: Path, given: Path | None) -> Roster | None:
    """Return the roster: the given one, which is saved in the class folder, or the saved one.

    None if there is neither.
    """
    from grader.course.sources import Roster
    from grader.errors import refusals
    from grader.files import replace_bytes

    kept = folder / ROSTER
    if given is not None:
        roster = Roster(given)
        if given.resolve() != kept.resolve():
            with refusals(f"{kept} cannot be written"):
                replace_bytes(kept, given.read_bytes())
                kept.chmod(0o600)
        return roster
    return Roster(kept) if kept.exists() else None


def _by_hand(
    store: Store, assignment: Assignment, path: Path | None, before: Run | None
) -> Mapping[str, Sequence[ByHand]]:
    from grader.course import grading
    from grader.course.output import overrides

    if path is not None:
        return overrides.by_hand(path, assignment, store.students())
    kept = grading.by_hand_of(store, before)
    if kept and before:
        count = sum(map(len, kept.values()))
        words = "override is" if count == 1 else "overrides are"
        click.echo(f"{count} {words} kept from run {before.id}.")
    return kept


def _engine(
    store: Store, home: Path, run: Run, require: str, jobs: int | None, scheduler: str | None
) -> Engine:
    from grader.course.grading import Local

    setup = setup_of(home, run.seed, require)
    if scheduler is not None:
        from grader.course.cluster import Cluster

        say = partial(click.echo, err=True)
        return Cluster(setup, scheduler, store.contents, say)
    return Local(setup, jobs or cores(), store.contents)


def _graded(
    store: Store, assignment: Assignment, run: Run, engine: Engine,
    by_hand: Mapping[str, Sequence[ByHand]], only: Sequence[Target] = (),
    students: Sequence[str] = (),
) -> tuple[Scorer, Run]:  # fmt: skip
    """Grade what is missing, with a progress bar; return the scorer and the finished run."""
    from grader.course.grading import prepared

    try:
        ready = engine.ready()
        run = store.note(run, graders=engine.name)
        work = prepared(store, assignment, run, ready.fingerprints, by_hand, only or None, students)
        _say_work(work)
        with progress(len(work.tasks)) as told:
            return work.scorer, work.done(engine, told)
    finally:
        engine.close()


def _say_source(source: Source, roster: Roster | None, begun: Begun) -> None:
    count = len(source.hand_ins)
    people = {student.id for one in source.hand_ins for student in one.students}
    kinds = {
        "gradescope": "Gradescope export", "canvas": "Canvas download",
        "classroom": "GitHub Classroom folder", "folder": "Folder",
    }  # fmt: skip
    said = f"{kinds[source.kind]} ({source.because}): {count} submission{'' if count == 1 else 's'}"
    said += f" of {len(people)} student{'' if len(people) == 1 else 's'}"
    if roster is not None:
        missing = len(roster.missing(s for one in source.hand_ins for s in one.students))
        said += f"; {missing} on the roster handed in nothing" if missing else ""
    click.echo(f"{said}.")
    if begun.again:
        click.echo(f"Run {begun.run.id} was interrupted; continuing it.")


def _say_work(work: Work) -> None:
    count = len({entry.contents for entry in work.entries if entry.contents})
    left = len(work.tasks)
    if left < count:
        done = count - left
        click.echo(f"{done} of {count} different submissions are already graded.")


def _named(people: Iterable[Student | Row]) -> list[str]:
    return [" ".join(filter(None, (x.id, x.name, x.email and f"<{x.email}>"))) for x in people]


def _say_problems(
    store: Store, run: Run, source: Source, roster: Roster | None, ungraded: Sequence[str]
) -> None:
    """Print and store what is wrong with a source, one line per problem."""
    from grader.course import grading

    remarks = [f"{one.entry}: {text}" for one in source.hand_ins for text in one.remarks]
    later = grading.superseded(store, run)
    students = [student for one in source.hand_ins for student in one.students]
    notes = {
        "Cannot be graded": ungraded,
        "On the roster, nothing handed in": _named(roster.missing(students) if roster else ()),
        "Not on the roster": _named(dict.fromkeys(roster.strangers(students) if roster else ())),
        "In the source": [*source.problems, *remarks],
        "Handed in again": later,
        "Skipped, not a submission": source.left_out,
    }
    store.keep_notes(run, notes)
    for heading, lines in notes.items():
        most = _MOST if lines is source.left_out else len(lines)
        if lines:
            click.echo(f"\n{heading}: {len(lines)}")
        for text in lines[:most]:
            click.echo(f"  {text}")
        if len(lines) > most:
            click.echo(f"  and {len(lines) - most} more")
