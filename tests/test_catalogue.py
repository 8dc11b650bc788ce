"""A mistaken submission fails exactly the checks it should; an honest one keeps all points.

Part of both catalogues is graded here; `make validate` grades all of them, and more.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.answers import catalogue
from grader.limits import Limits
from grader.running import examine
from grader.verdict import Verdict
from tests.catalogue import Entry, entries, file_of, one_of_each, submission
from tests.grading import checked, examined, live, shared
from tests.homework import ASSIGNMENT, RUBRIC, find_targets

MISTAKEN, HONEST = entries("mistaken"), entries("honest")
CHECKS = {target.name: target.points for target in RUBRIC}
FILES = file_of("honest")
TRAININGS = {target.name for target in RUBRIC if not target.is_class}  # see `test_validate`
# Flags that an honest variant may have: a Fourier transform uses complex numbers.
HABITS = {"complex numbers"}
# A mistake for every check of every class, and for every verdict of every check.
SOME_MISTAKEN = one_of_each(
    [entry for entry in MISTAKEN if entry.target not in TRAININGS],
    lambda entry: [*((entry.target, x) for x in entry.verdicts), *entry.verdicts.items()],
)
# A variant for every class, and for every module in every file.
SOME_HONEST = one_of_each(
    [entry for entry in HONEST if entry.target not in TRAININGS],
    lambda entry: [entry.target, (entry.module, FILES[entry.id])],
)
# Frames, finalizers, and standard-library tools, as honest code uses them.
LOOK_ALIKE = [
    entry
    for entry in HONEST
    if entry.id.removeprefix("h-relu-")
    in (
        "currentframe",
        "lineno",
        "logging",
        "traceback",
        "cyclic-del",
        "many-tools",
        "faulthandler",
    )
]


def _expected(entry: Entry) -> dict[str, str]:
    assert entry.verdicts.keys() <= CHECKS[entry.target].keys(), "the entry names an unknown check"
    return {check: entry.verdicts.get(check, "passed") for check in CHECKS[entry.target]}


@pytest.mark.slow
@pytest.mark.parametrize("entry", SOME_MISTAKEN, ids=lambda entry: entry.id)
def test_a_mistake_fails_its_checks_and_no_other(entry: Entry) -> None:
    assert checked(submission(entry), entry.target) == _expected(entry)


@pytest.mark.parametrize("entry", SOME_HONEST, ids=lambda entry: entry.id)
def test_an_honest_variant_keeps_every_point(entry: Entry) -> None:
    # Some are slow on purpose, so they get a real grade's time limits.
    found = examined(submission(entry), entry.target, limits=Limits())
    assert {x.check: x.result.verdict.value for x in found.lines} == _expected(entry)
    assert {flag for x in found.lines for flag in x.result.flags} <= HABITS


@pytest.mark.slow
@pytest.mark.parametrize("entry", LOOK_ALIKE, ids=lambda entry: entry.id)
def test_what_looks_like_tampering_with_the_counts_and_is_honest_has_no_flag(entry: Entry) -> None:
    (target,) = find_targets((entry.target,))
    target = replace(target, points={"batching": 1.0})
    found = examine(ASSIGNMENT, submission(entry), target, 0, live(), shared(), Limits())
    assert found["batching"].verdict is Verdict.PASSED
    assert found["batching"].flags == ()


def test_every_check_of_every_target_has_a_mistake_that_costs_it_and_an_honest_variant() -> None:
    required = {(t.name, check) for t in RUBRIC for check in t.points}
    assert {(entry.target, check) for entry in MISTAKEN for check in entry.verdicts} == required
    assert {entry.target for entry in HONEST} == {target for target, _ in required}
    classes = {(target, check) for target, check in required if target not in TRAININGS}
    assert {(entry.target, check) for entry in SOME_MISTAKEN for check in entry.verdicts} == classes
    assert {entry.target for entry in SOME_HONEST} == {target for target, _ in classes}


def test_every_entry_is_named_once_and_is_what_its_catalogue_says() -> None:
    ids = [entry.id for entry in (*MISTAKEN, *HONEST)]
    assert len(ids) == len(set(ids))
    assert all(entry.verdicts for entry in MISTAKEN)
    assert not any(entry.verdicts for entry in HONEST)
    assert len({(entry.target, entry.code) for entry in MISTAKEN}) == len(MISTAKEN)


def test_which_entries_are_graded_here_depends_on_no_order() -> None:
    def kinds(entry: Entry) -> list[str]:
        return [entry.target]

    some = one_of_each(MISTAKEN, kinds)
    assert {entry.target for entry in some} == {entry.target for entry in MISTAKEN}
    assert len(some) == len({entry.target for entry in MISTAKEN})
    assert one_of_each(MISTAKEN[::-1], kinds) == some[::-1]
    others = [entry for entry in MISTAKEN if entry.target != some[0].target]
    assert one_of_each(others, kinds) == some[1:]


def test_settings_end_where_code_begins(tmp_path: Path) -> None:
    code = "sizes: dict = {1: 2}\n# says: a comment, by then\nclass MSE:\n    pass\n"
    (tmp_path / "cells.py").write_text(
        f"# %% a: b: c\n# target: losses.MSE\n# also: d e\n{code}", "utf-8"
    )
    (entry,) = catalogue.entries(tmp_path)
    assert (entry.id, entry.title, entry.target) == ("a", "b: c", "losses.MSE")
    assert (entry.also, entry.says, entry.verdicts) == (("d", "e"), "", {})
    assert entry.code == code
