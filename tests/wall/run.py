"""Grade hostile submissions, each in a grader of its own: `python -m tests.wall.run MODE ID ...`.

Run as root, from a copy of the project that every user can read. For every submission, a child
process becomes the mode's user, starts a launcher, and grades. One line of JSON is printed for
each: its points, the other targets that lost points, and what was left behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.answers import choose
from grader.launching.fork_client import ForkServerClient
from grader.limits import Limits
from grader.paths import PACKAGE
from grader.report.gradescope import results
from grader.running.runner import grade
from grader.submission.submission import Submission
from grader.worker.confine import LAYERS
from grader.worker.users import UIDS
from tests.homework import ASSIGNMENT, RUBRIC, find_targets
from tests.wall.corpus import Attack, attacks

# Each mode's isolation layers, and whether root grades.
MODES: dict[str, tuple[tuple[str, ...], bool]] = {
    "uid": (LAYERS, True),
    "uid-limits": (("limits", "uid"), True),
    "landlock": (("limits", "landlock", "seccomp"), False),
    "seccomp": (("limits", "seccomp"), False),
    "limits": (("limits",), False),
}
QUICK = Limits(call=0.8, import_=1.2, check=2.0, run=80.0)
PATIENT = Limits(import_=4.0, check=8.0, run=80.0)
PATIENCE = 90.0
ORACLE = choose(ASSIGNMENT, "live")
# A launcher's forks keep its command line, which has the path of this copy of the project.
HERE = bytes(PACKAGE)
# Targets in different modules that must keep all their points.
OTHERS = ("activations.Sigmoid", "losses.MSE", "optimizers.SGD")
# For an attacked module that has no target in `OTHERS`.
NEIGHBORS = {"layers": "layers.BatchNorm1D"}
PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/run")


@dataclass(frozen=True)
class User:
    """The user that grades: root, or one that only this run uses."""

    uid: int

    def become(self) -> None:
        """Become this user for good."""
        if self.uid:
            os.setgroups([])
            os.setresgid(self.uid, self.uid, self.uid)
            os.setresuid(self.uid, self.uid, self.uid)
            os.environ["HOME"] = "/nonexistent"

    def owns(self, uid: int) -> bool:
        """Tell whether something owned by `uid` may be left over from this user's grader."""
        return uid == self.uid if self.uid else uid in UIDS


def graded(attack: Attack, layers: tuple[str, ...], limits: Limits) -> dict[str, Any]:
    """Grade one hostile submission: its target and the others."""
    spoiled = attack.module if attack.spoils_module else attack.target
    near = NEIGHBORS.get(attack.module, OTHERS[0])
    others = [name for name in (*OTHERS, near) if not name.startswith(spoiled)]
    targets = find_targets((attack.target, *others))
    submission = Submission(attack.files(), attack.id)
    workers = ForkServerClient(layers)
    found = grade(ASSIGNMENT, submission, ORACLE, targets, 1, limits, workers=workers)
    lines = [line for line in found.lines if line.target.name != attack.target]
    return {
        "points": attack.won(found.lines),
        "lost": sorted({x.target.name for x in lines if x.score < x.points}),
        "level": found.isolation.level if found.isolation else "none",
        "faults": [x.result.cases[0].message for x in found.faults],
        "results": results(found),
        "messages": [c.message for x in found.lines for c in x.result.cases
                     if x.target.name == attack.target][:6],
    }  # fmt: skip


def warm_up(layers: tuple[str, ...]) -> None:
    """Compute once what every child would compute again: most attacks are on these two targets."""
    wrong = "def attack():\n    return False\n"
    for target in ("activations.ReLU", "losses.MSE"):
        attack = next(x for x in attacks() if x.target == target)
        graded(replace(attack, code=wrong, when="call", raw=False, lies=False), layers, QUICK)


def in_child(user: User, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do some work as a user in a child process; a child that dies or hangs has a result, too."""
    theirs, ours = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(theirs)
            user.become()
            with os.fdopen(ours, "w", encoding="utf-8") as answers:
                json.dump(work(), answers)
        finally:
            os._exit(0)
    os.close(ours)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGKILL))
    signal.alarm(int(PATIENCE))
    with os.fdopen(theirs, encoding="utf-8", errors="replace") as answers:
        text = answers.read()
    signal.alarm(0)
    os.waitpid(pid, 0)
    try:
        value: dict[str, Any] = json.loads(text)
    except ValueError:
        return {"points": 0, "lost": [], "died": True, "faults": []}
    return value


def processes(user: User) -> list[str]:
    """Return, and kill, what this user's grader has left running after a short grace period."""
    end = time.monotonic() + 2.0
    while (left := _processes(user)) and time.monotonic() < end:
        time.sleep(0.02)
    for pid in left:
        os.kill(int(pid.split()[0]), signal.SIGKILL)
    return left


def _processes(user: User) -> list[str]:
    left = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            mine = user.uid or HERE in (folder / "cmdline").read_bytes()
            if mine and user.owns(folder.stat().st_uid):
                left.append(f"{folder.name} {(folder / 'stat').read_text().split(')')[1][:4]}")
        except OSError:
            continue
    return left


def files(user: User) -> list[str]:
    """Return, and remove, the files that hostile submissions left behind as this user."""
    here = [Path(folder) / name for folder, _, names in os.walk(".") for name in names]
    found = [path for place in PLACES for path in Path(place).iterdir()] + here
    left = []
    for path in found:
        with contextlib.suppress(OSError):
            if "hostile-" in path.name and user.owns(path.lstat().st_uid):
                left.append(str(path))
                path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    return left


def main() -> None:
    """Grade the submissions named on the command line."""
    mode, uid, *wanted = sys.argv[1:]
    layers, as_root = MODES[mode]
    user = User(0 if as_root else int(uid))
    names = {target.name for target in RUBRIC}
    warm_up(layers)
    for attack in attacks():
        if attack.id not in wanted:
            continue
        assert attack.target in names, attack.id
        start = time.monotonic()
        found = in_child(user, lambda attack=attack: graded(attack, layers, QUICK))
        if found["lost"]:  # perhaps the machine was just busy: allow more time
            found = in_child(user, lambda attack=attack: graded(attack, layers, PATIENT))
        found |= {"processes": processes(user), "files": files(user), "id": attack.id}
        found["seconds"] = round(time.monotonic() - start, 1)
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
