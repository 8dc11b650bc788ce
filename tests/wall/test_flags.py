"""No honest variant in the catalogue is flagged for what dishonest submissions do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.limits import Limits
from grader.running import examine
from tests.catalogue import Entry, entries, submission
from tests.grading import live, shared
from tests.homework import ASSIGNMENT, find_targets
from tests.test_catalogue import HABITS

pytestmark = pytest.mark.wall

COUNTED = [x for x in entries("honest") if "batching" in find_targets((x.target,))[0].points]


@pytest.mark.parametrize("entry", COUNTED, ids=lambda entry: entry.id)
def test_an_honest_variant_is_not_flagged(entry: Entry) -> None:
    (target,) = find_targets((entry.target,))
    target = replace(target, points={"batching": 1.0})
    found = examine(ASSIGNMENT, submission(entry), target, 0, live(), shared(), Limits())
    assert found["batching"].verdict.value == entry.verdicts.get("batching", "passed")
    assert set(found["batching"].flags) <= HABITS
