"""A sample of the hostile submissions, in this machine's sandbox; `make wall` runs them all."""

from __future__ import annotations

import jsonschema
import pytest

from grader.launching import starter
from grader.report.gradescope import results
from tests.catalogue import one_of_each
from tests.grading import graded, verdicts
from tests.test_results import SCHEMA
from tests.wall.corpus import Attack, attacks

# Without the slow ones, which wait for time limits: at least one for every file and module, every
# target and way of arming, every set of modes that lets it through, and every flag.
SAMPLE = one_of_each(
    [attack for attack in attacks() if not attack.slow],
    lambda a: [
        (a.file, a.target.partition(".")[0]),
        (a.target, a.when, a.raw),
        a.through,
        a.flagged,
    ],
)


@pytest.fixture(scope="module", autouse=True)
def isolation() -> None:
    workers = starter()
    missing = workers.isolation.missing
    workers.close()
    if missing["landlock"] or missing["seccomp"]:
        pytest.skip(f"this machine cannot sandbox submissions: {missing}")


@pytest.mark.slow
@pytest.mark.parametrize("attack", SAMPLE, ids=lambda attack: attack.id)
def test_an_attack_earns_nothing_and_costs_others_nothing(attack: Attack) -> None:
    other = "optimizers.SGD" if attack.module != "optimizers" else "losses.MSE"
    found = graded(attack.files(), attack.target, other)
    assert attack.won(found.lines) == 0
    assert set(verdicts(found)[other].values()) == {"passed"}
    assert not found.faults
    jsonschema.validate(results(found), SCHEMA)
