"""Whole classes: graded as the page shows it, and killed at random moments; make class-test."""

from __future__ import annotations

import contextlib
import os
import random
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from grader.paths import ROOT

from . import classes
from .test_class import children

pytestmark = pytest.mark.course

PAGE = (ROOT / "docs" / "class.md").read_text("utf-8")
COUNT, KILLS, SEED = 24, 10, 5
# What is killed: the command, a grader that it has started, or that grader's launcher.
VICTIMS = ("command", "grader", "launcher")


def test_a_class_is_graded_as_the_page_shows_it(tmp_path: Path) -> None:
    classes.written("gradescope-zip", tmp_path, 30, 1)
    command, shown = re.findall(r"```console\n\$ make (class .*?)\n(.*?)```", PAGE, re.DOTALL)[0]
    _, source, options = shlex.split(command)
    words = [source.partition("=")[2], *options.removeprefix("ARGS=").split()]
    done = subprocess.run(
        [sys.executable, "-m", "grader", "class", *words], cwd=tmp_path, capture_output=True,
        text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout == shown
    (query,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    with contextlib.closing(sqlite3.connect(tmp_path / "class" / "class.db")) as store:
        tables = {name for (name,) in store.execute("SELECT name FROM sqlite_master")}
        assert store.execute(query).fetchall()
    named = re.findall(
        r"^\| ((?:`\w+`(?:, )?)+) \|", PAGE.partition("## The store")[2], re.MULTILINE
    )
    told = {name for row in named for name in re.findall(r"\w+", row)}
    assert told == {x for x in tables if not x.startswith("sqlite_") and not x.endswith("_of")}


def test_a_submission_that_hangs_delays_no_other(tmp_path: Path) -> None:
    reference = {x.name: x.read_bytes() for x in (ROOT / "reference").glob("*.py")}
    hanging = {name: code + b"import time\ntime.sleep(600)\n" for name, code in reference.items()}
    for number, files in enumerate([hanging, reference, reference, reference]):
        classes.write(tmp_path / "source" / f"s{number}", files)
        with (tmp_path / "source" / f"s{number}" / "losses.py").open("ab") as file:
            file.write(f"# {number}\n".encode())
    assert _command(tmp_path / "source", tmp_path / "class", jobs=1).wait(300) == 0
    with contextlib.closing(sqlite3.connect(tmp_path / "class" / "class.db")) as store:
        query = "SELECT entry FROM gradings g JOIN submissions s USING (contents) ORDER BY g.id"
        order = store.execute(query)
        assert [entry for (entry,) in order] == ["s1", "s2", "s3", "s0"]


def test_what_is_killed_goes_on_and_every_grade_is_that_of_an_undisturbed_run(
    tmp_path: Path,
) -> None:
    source = classes.written("folder", tmp_path / "source", COUNT, 3)
    assert _command(source, tmp_path / "whole").wait(300) == 0
    whole = _grades(tmp_path / "whole")

    before = _graders()
    rng, killed = random.Random(11), 0
    while True:
        command = _command(source, tmp_path / "class")
        while killed < KILLS and command.poll() is None:
            time.sleep(rng.uniform(0.2, 2.5))
            victim = VICTIMS[killed % len(VICTIMS)]
            killed += _kill(command.pid, victim)
            if victim == "command":
                break
        code = command.wait(300)
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert killed == KILLS
    assert _grades(tmp_path / "class") == whole
    assert _graders() == before
    with contextlib.closing(sqlite3.connect(tmp_path / "class" / "class.db")) as store:
        key = 'contents, target, "check"'
        twice = f"SELECT {key} FROM results GROUP BY {key} HAVING count(*) > 1"
        assert store.execute(twice).fetchall() == []
        assert store.execute("SELECT count(*) FROM runs").fetchone() == (1,)


def _command(source: Path, folder: Path, jobs: int = 2) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "grader", "class", str(source), "--folder", str(folder)]
    words += ["--seed", str(SEED), "--jobs", str(jobs), "--reports", "none"]
    with (folder.parent / "log").open("ab") as log:
        return subprocess.Popen(words, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)


def _kill(command: int, victim: str) -> bool:
    """Kill a process; tell whether there was one."""
    found = [command]
    if victim != "command":
        found = children(command)
    if victim == "launcher":
        found = [child for grader in found for child in children(grader)]
    for pid in found[:1]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return True
    return False


def _graders() -> set[str]:
    """Return the graders and launchers that are running."""
    time.sleep(3)  # they end by themselves
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes()
            if b"grader.course" in words or b"grader.worker" in words:
                found.add(path.parent.name)
    return found


def _grades(folder: Path) -> dict[str, list[Any]]:
    """Return every student's grade, and the lines of the report."""
    with contextlib.closing(sqlite3.connect(folder / "class.db")) as store:
        lines: dict[str, list[Any]] = {}
        for student, *rest in store.execute(
            'SELECT g.student, g.score, g.status, l.position, l.target, l."check", l.score, '
            "l.verdict, r.diagnosis FROM grades g "
            "LEFT JOIN lines l ON (l.run, l.submission) = (g.run, g.submission) "
            "LEFT JOIN results r ON r.id = l.result ORDER BY g.student, l.position"
        ):
            lines.setdefault(student, []).append(rest)
        return lines
