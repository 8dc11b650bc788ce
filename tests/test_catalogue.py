"""A mistaken submission fails exactly the checks it must, an honest one keeps all points.

A part of both catalogues is graded here; `make validate` grades all of them, and more.
"""

from __future__ import annotations

import pytest

from grader.limits import Limits
from tests.catalogue import Entry, entries, submission
from tests.grading import checked
from tests.homework import RUBRIC

MISTAKEN, HONEST = entries("mistaken"), entries("honest")
CHECKS = {target.name: target.points for target in RUBRIC}


def _expected(entry: Entry) -> dict[str, str]:
    assert entry.verdicts.keys() <= CHECKS[entry.target].keys(), "an unknown check is named"
    return {check: entry.verdicts.get(check, "passed") for check in CHECKS[entry.target]}


@pytest.mark.parametrize("entry", MISTAKEN[::6], ids=lambda entry: entry.id)
def test_a_mistake_fails_its_checks_and_no_other(entry: Entry) -> None:
    assert checked(submission(entry), entry.target) == _expected(entry)


@pytest.mark.parametrize("entry", HONEST[::7], ids=lambda entry: entry.id)
def test_an_honest_variant_keeps_every_point(entry: Entry) -> None:
    # Some are slow on purpose; they have the time that a grade gives them.
    assert checked(submission(entry), entry.target, limits=Limits()) == _expected(entry)


def test_the_catalogue_is_large_enough_and_every_entry_is_named_once() -> None:
    ids = [entry.id for entry in (*MISTAKEN, *HONEST)]
    assert len(ids) == len(set(ids))
    assert len(MISTAKEN) >= 150
    assert len(HONEST) >= 20
    assert {entry.target for entry in MISTAKEN} >= {
        target.name for target in RUBRIC if target.module != "train"
    }
    assert all(entry.verdicts for entry in MISTAKEN)
    assert not any(entry.verdicts for entry in HONEST)
