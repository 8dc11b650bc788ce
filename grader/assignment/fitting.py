"""Whether an assignment is consistent, and where it is not: in which file, on which line."""

from __future__ import annotations

import ast
import re
import reprlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

from grader.errors import UsageError
from grader.program import Call, Entries, Read
from grader.run import FLAGS

from .assignment import Assignment
from .case import Case, Problem
from .explanations import CHECKS
from .fields import misfits
from .places import Place, of_error, words_of
from .stubs import BEGIN
from .target import VISIBILITIES, Target

# Where something is wrong, if known, and what is wrong.
Finding = tuple[Place | None, str]


def problems(assignment: Assignment) -> Iterator[str]:
    """Yield inconsistencies, found before grading; every sentence begins with its place."""
    # If fields have wrong types, nothing else is checked, because that would raise exceptions.
    for place, text in list(_types(assignment)) or _contents(assignment):
        yield f"{place}: {text}" if place else text


@cache
def require_cases(assignment: Assignment) -> None:
    """Draw every case once, which would take too long when loading.

    Raises:
        UsageError: one cannot be drawn, or asks for a result that its steps do not produce.
    """
    for case in assignment.cases:
        drawn(assignment, case, 0)


def drawn(assignment: Assignment, case: Case, seed: int) -> Problem:
    """Return the problem of a case for a seed.

    Raises:
        UsageError: its inputs cannot be drawn, or its steps do not produce a result it asks for.
    """
    place, text = case.place, ""
    try:
        problem = case.problem(seed)
        text = next(_of_problem(problem), "")
    except Exception as error:  # noqa: BLE001 - an assignment's code may raise anything
        place = of_error(error, assignment.folders.home) or place
        text = f"its inputs cannot be drawn: {words_of(error)}"
    if text:
        start = f"{place}: " if place else ""
        raise UsageError(f"{start}the case {case.key!r}: {text}")
    return problem


def _of_problem(problem: object) -> Iterator[str]:
    """Say what is wrong with what a case draws."""
    if not isinstance(problem, Problem):
        yield f"it draws {reprlib.repr(problem)}; expected Problem(...)."
        return
    asked = [result.name for result in (*problem.judged, *problem.prerequisites)]
    programs = {
        "its steps do": problem.program,
        "what the oracle runs does": problem.oracle_program,
    }
    for start, program in programs.items():
        given = {
            name for step in program if isinstance(step, Call | Read | Entries) for name in step.out
        }
        if missing := [name for name in asked if program and name not in given]:
            yield f"{start} not give {missing[0]!r}."


def _types(assignment: Assignment) -> Iterator[Finding]:
    """Yield the fields whose value does not have the declared type."""
    wrong = list(misfits(assignment))
    yield from ((assignment.place_of(field), text) for field, text in wrong)
    if wrong:
        return
    for target in assignment.rubric:
        yield from ((target.place, f"{target.name}: {text}") for _, text in misfits(target))
    for case in assignment.cases:
        yield from ((case.place, f"the case {case.key!r}: {text}") for _, text in misfits(case))
    for check, said in assignment.explanations.items():
        for _, text in misfits(said):
            yield assignment.place_of("explanations"), f"explanations[{check!r}].{text}"
    for field in ("folders", "rate_limit"):
        value = getattr(assignment, field)
        for _, text in misfits(value) if value is not None else ():
            yield assignment.place_of(field), f"{field}.{text}"


def _contents(assignment: Assignment) -> Iterator[Finding]:
    """Yield what is wrong with an assignment whose fields have the right types."""
    names = [target.name for target in assignment.rubric]
    if not names:
        yield assignment.place_of("rubric"), "the rubric has no target."
    yield from _repetitions("targets", assignment.rubric, lambda target: target.name)
    for derived in (False, True):
        some = [target for target in assignment.rubric if target.is_derivation is derived]
        yield from _repetitions("questions", some, lambda target: target.question)
    for target in assignment.rubric:
        yield from ((target.place, text) for text in _of_target(target, assignment))
    yield from _repetitions("cases", assignment.cases, lambda case: case.key)
    for case in assignment.cases:
        yield from ((case.place, text) for text in _of_case(case, names))
    for target in assignment.rubric:
        yield from ((target.place, text) for text in _of_points(target, assignment))
    for field, text in _of_fields(assignment, names):
        yield assignment.place_of(field), text


def _repetitions(
    what: str, items: Sequence[Target] | Sequence[Case], name: Callable[..., str]
) -> Iterator[Finding]:
    """Yield every item that has the same name as an earlier one."""
    seen: set[str] = set()
    for item in items:
        if name(item) in seen:
            yield item.place, f"there are two {what} {name(item)!r}."
        seen.add(name(item))


def _of_target(target: Target, assignment: Assignment) -> Iterator[str]:
    """Say what is wrong with one row of the rubric."""
    if not re.fullmatch(r"\S+", target.question):
        yield f"the question {target.question!r} of {target.name} is not of the form '3.1'."
    if not re.fullmatch(r"\w+\.\w+", target.name):
        yield f"the name of the target {target.name!r} is not of the form 'module.Class'."
    elif not target.is_run and target.module not in assignment.graded_modules:
        yield f"{target.name} is not in a graded module ({', '.join(assignment.graded_modules)})."
    elif not target.is_run:
        yield from _of_reference(target, assignment)
    if not 0 <= target.loop_cap <= 1:
        yield f"the loop_cap of {target.name} is {target.loop_cap}; expected a share from 0 to 1."
    if target.loop_cap < 1 and "batching" not in target.points:
        yield f"{target.name} has a loop_cap and no points for 'batching', which looks for loops."
    yield from _of_visibility(target)


def _of_points(target: Target, assignment: Assignment) -> Iterator[str]:
    if not target.points:
        yield f"{target.name} has no points for any check."
    for check, points in target.points.items():
        if points < 0 or round(points, 2) != points:
            yield f"{target.name} has {points} points for {check!r}; write whole hundredths."
        if check not in CHECKS:
            yield f"{target.name} has points for {check!r}; the checks are {', '.join(CHECKS)}."
        elif not assignment.cases_of(target.name, check):
            yield f"there is no case of the check {check!r} of {target.name}."


def _of_reference(target: Target, assignment: Assignment) -> Iterator[str]:
    """Say what the reference, if it is available, lacks for a target."""
    path = assignment.folders.reference / f"{target.module}.py"
    if not path.is_file():
        return
    text, (_, name) = path.read_text("utf-8", "replace"), target.name.split(".")
    file = f"{path.parent.name}/{path.name}"
    marked = dict.fromkeys(re.findall(rf"(?m)^[ \t]+{BEGIN} (.*?)\s*$", text))
    begins = rf"\b{name}" if target.is_derivation else rf"\b{name}\b"
    if not re.search(begins, text) and _is_python(text):
        yield f"there is no {name} in {file}."
    elif marked and target.question not in marked:
        yield (
            f"{target.name} is question {target.question}, and {file} has solutions of question "
            f"{', '.join(marked)}."
        )


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):  # reported, with its line, when it is imported
        return False
    return True


def _of_visibility(target: Target) -> Iterator[str]:
    for check in sorted(target.visibilities.keys() - target.points.keys()):
        yield f"{target.name} has a visibility for {check!r}, but no points for it."
    for visibility in sorted({target.visibility, *target.visibilities.values()} - {*VISIBILITIES}):
        named = ", ".join(VISIBILITIES)
        yield f"{target.name} has the visibility {visibility!r}; it can be {named}."


def _of_case(case: Case, names: Sequence[str]) -> Iterator[str]:
    if case.target not in names:
        yield f"the case {case.key!r} belongs to no target of the rubric."
    if case.check not in CHECKS:
        yield f"the case {case.key!r} names no known check; the checks are {', '.join(CHECKS)}."
    if not case.weight > 0:
        yield f"the case {case.key!r} has the weight {case.weight}; it must be above 0."


def _of_fields(assignment: Assignment, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the fields that refer to something that does not exist, and what that is."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", assignment.name):
        words = "may have lower-case letters, digits and dashes only."
        yield "name", f"the name {assignment.name!r} {words}"
    if assignment.declared_total not in (None, assignment.total):
        most = f"the questions add up to {assignment.total:g} points without extra credit"
        yield "declared_total", f"{most}, not to {assignment.declared_total:g}."
    yield from _of_modules(assignment)
    modules = (*assignment.graded_modules, *assignment.given_modules)
    if assignment.training_module and assignment.training_module not in modules:
        script = assignment.training_module
        yield "training_module", f"{script!r} is neither a graded nor a given module."
    graded = dict.fromkeys(target.module for target in assignment.rubric)
    yield from _unknown("explanations", assignment.explanations, CHECKS, "checks")
    yield from _unknown("notes", [x for x, _ in assignment.notes], graded, "modules of targets")
    yield from _unknown("notes", [x for _, x in assignment.notes], CHECKS, "checks")
    yield from _unknown("forbidden", assignment.forbidden, FLAGS, "flags")
    yield from _unknown("leaderboard", assignment.leaderboard, names, "targets")
    for check in (check for target in assignment.rubric for check in target.points):
        if check not in assignment.explanations:
            yield "explanations", f"there is no explanation of the check {check!r}."
    limit = assignment.rate_limit
    if limit is not None and not (limit.submissions > 0 and limit.hours > 0):
        yield "rate_limit", f"{limit} allows no submission; both numbers must be above 0."
    for seed in assignment.public_seeds:
        if seed < 0:
            yield "public_seeds", f"the public seed {seed} is below 0."


def _of_modules(assignment: Assignment) -> Iterator[tuple[str, str]]:
    folder, seen = assignment.folders.reference, set[str]()
    for field in ("graded_modules", "given_modules"):
        for module in getattr(assignment, field):
            if module in seen:
                yield field, f"there are two modules {module!r}."
            elif assignment.has_reference and not (folder / f"{module}.py").is_file():
                yield field, f"there is no {module}.py in {folder.name}/."
            seen.add(module)


def _unknown(
    field: str, found: Iterable[str], known: Iterable[str], what: str
) -> Iterator[tuple[str, str]]:
    for name in found:
        if name not in known:
            yield field, f"{field} names {name!r}; the {what} are {', '.join(known)}."
