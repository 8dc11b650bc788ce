"""Graders running side by side: none disturbs another, wherever it is started."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.launching.fork_client import ForkServerClient
from grader.paths import ROOT
from grader.submission import staging
from grader.worker.users import UIDS
from tests.homework import ASSIGNMENT, REFERENCE, find, find_targets

pytestmark = pytest.mark.wall


def _start(out: Path, *arguments: str, cwd: Path = ROOT) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "grader", "grade", str(REFERENCE), "--out", str(out)]
    return subprocess.Popen([*command, *arguments], cwd=cwd, stdout=subprocess.DEVNULL)


def _lines(out: Path) -> list[Any]:
    value = json.loads(out.read_text("utf-8"))
    return [(t["number"], t["name"], t["score"], t["extra_data"]) for t in value["tests"]]


def test_ten_graders_in_parallel_give_the_results_of_one(tmp_path: Path) -> None:
    arguments = ["--seed=0", "--only=3.1", "--only=3.3", "--only=3.6", "--only=4.2"]
    assert _start(tmp_path / "alone.json", *arguments).wait() == 0
    outs = [tmp_path / f"{number}.json" for number in range(10)]
    running = [_start(out, *arguments) for out in outs]
    assert [process.wait() for process in running] == [0] * 10
    assert all(_lines(out) == _lines(tmp_path / "alone.json") for out in outs)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_workers_of_all_graders_have_users_of_their_own_and_a_sweep_spares_the_others() -> None:
    launchers = [ForkServerClient() for _ in range(3)]
    (relu,) = find_targets(("ReLU",))
    with staging(ASSIGNMENT, find(REFERENCE)) as staged:
        stage = staged.stage(relu)
        workers = [launcher.start(stage) for launcher in launchers for _ in range(2)]
        users = [os.stat(f"/proc/{worker.pid}").st_uid for worker in workers]
        for worker in workers:
            worker.sock.recv(4096)  # it is ready, so it has its own user by now
        users = [int(_status(worker.pid, "Uid")) for worker in workers]
        assert len(set(users)) == len(users)
        assert set(users) <= set(UIDS)
        workers[0].stop(kill=True)
        assert all(_status(worker.pid, "State") in "RS" for worker in workers[1:])
        for worker in workers[1:]:
            worker.stop(kill=True)
    for launcher in launchers:
        launcher.close()


def _status(pid: int, name: str) -> str:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(f"{name}:"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")
def test_a_project_in_the_home_of_another_user_is_graded_as_everywhere(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for name in ("grader", "reference", "student"):
        shutil.copytree(ROOT / name, home / name)
    for path in (home, *home.rglob("*")):
        os.chown(path, 58_290, 58_290)
    home.chmod(0o700)
    command = [sys.executable, "-m", "grader", "grade", "reference", "--only", "3.6",
               "--require-isolation", "uid"]  # fmt: skip
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Score: 4 / 4" in done.stdout
