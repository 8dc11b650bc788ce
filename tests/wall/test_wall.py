"""Every hostile submission in every isolation mode: only what the cells declare gets through.

Needs root in order to become the modes' users; without it, nothing here runs.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.grading import SCHEMA
from tests.wall.corpus import Attack, attacks
from tests.wall.portable import portable_project, portable_python
from tests.wall.run import MODES, PLACES, QUICK

ATTACKS = {attack.id: attack for attack in attacks()}
LEVELS = {
    "uid": "uid", "uid-limits": "any", "landlock": "confined", "seccomp": "confined",
    "limits": "any",
}  # fmt: skip
# The first of the uids used here: unassigned on this machine, and below the workers'.
FIRST_UID = 58_200
SIDE_BY_SIDE = 6

pytestmark = [
    pytest.mark.wall,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can grade as other users"),
]
Outcomes = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def outcomes() -> Iterator[Callable[[str], Outcomes]]:
    """Grade all attacks when a mode is first used, `SIDE_BY_SIDE` at a time: most just wait."""
    left = [path for place in PLACES for path in Path(place).glob("hostile-*")]
    assert not left, f"First remove what an earlier run left behind: {left}"
    with tempfile.TemporaryDirectory(prefix="wall-") as name:  # pytest's own shuts other users out
        folder = Path(name)
        folder.chmod(0o755)
        yield _outcomes_in(folder)


def _outcomes_in(folder: Path) -> Callable[[str], Outcomes]:
    python, original = portable_python(folder), portable_project(folder)

    @cache
    def of_mode(mode: str) -> Outcomes:
        names = list(ATTACKS)
        number = SIDE_BY_SIDE * list(MODES).index(mode)
        jobs = [
            (original, python, mode, number + i, names[i::SIDE_BY_SIDE])
            for i in range(SIDE_BY_SIDE)
        ]
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            return {key: value for part in pool.map(_run, jobs) for key, value in part.items()}

    return of_mode


def _run(job: tuple[Path, Path, str, int, list[str]]) -> Outcomes:
    original, python, mode, number, names = job
    uid = FIRST_UID + number
    project = shutil.copytree(original, original.with_name(f"{mode}-{number}"))
    (project / "reference").chmod(0o700 if mode == "uid" else 0o755)
    if not MODES[mode][1]:
        for path in (project, *project.rglob("*")):
            os.chown(path, uid, uid)
    command = [str(python), "-B", "-m", "tests.wall.run", mode, str(uid), *names]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {outcome["id"]: outcome for outcome in found}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gets_no_further_than_its_cell_says(name: str, mode: str, outcomes: Any) -> None:
    attack, found = ATTACKS[name], outcomes(mode)[name]
    assert got_through(attack, found) == (mode in attack.through), found
    assert not found["faults"] or mode in attack.through
    if not found.get("died"):
        assert found["level"] == LEVELS[mode]
        jsonschema.validate(found["results"], SCHEMA)
    if LEVELS[mode] != "any":
        assert found["processes"] == []
        assert found["files"] == []


def got_through(attack: Attack, found: dict[str, Any]) -> bool:
    """Tell whether an attack did anything: got points, killed the grader, or cost others points."""
    return bool(found["points"] > 0 or found.get("died") or found["lost"])


def test_there_are_enough_attacks_of_different_ids() -> None:
    assert len(attacks()) == len(ATTACKS) >= 90
    assert not [attack.id for attack in ATTACKS.values() if "uid" in attack.through]


def test_attacks_that_take_their_time_are_within_the_limit_of_a_call() -> None:
    """One call that ends late, and the four bytes of a length that come one by one."""
    for name, naps in (("just-below-the-limit", 1), ("drip", 4)):
        (nap,) = re.findall(r"time\.sleep\((.*)\)", ATTACKS[name].code)
        assert QUICK.call / 2 < naps * float(nap) < QUICK.call
