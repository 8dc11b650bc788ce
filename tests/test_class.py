"""A class, from its folder to the first grades, and from there to the next ones."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pytest

from grader.answers import LiveOracle, choose
from grader.assignment import drawn, load
from grader.course.grading.fingerprints import fingerprints, plain
from grader.course.grading.graders import Grader
from grader.course.grading.local import Local
from grader.course.grading.resident import Setup
from grader.course.store import Graded
from grader.paths import HOMEWORK, ROOT

FOLDER = Path(__file__).parent / "assignments" / "logistic_regression"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
# Code of the reference, and its replacement: a wrong gradient that no catalogue entry names.
RIGHT, WRONG = "/ len(Y)\n", "/ len(Y) + 0.125\n"
# What a submission tries on import; it prints whatever it can see of other submissions.
SPY = """
import glob, os

def _look():
    for name in glob.glob({places!r} + "/**", recursive=True):
        try:
            with open(name, "rb") as file:
                yield name, len(file.read())
        except OSError:
            pass
    for name in glob.glob("/tmp/grader-staged-*/*") + glob.glob("/var/tmp/grader-staged-*/*"):
        yield name, os.listdir(name)
    for name in glob.glob("/proc/[0-9]*/environ"):
        try:
            with open(name, "rb") as file:
                yield name, len(file.read()) * (name.split("/")[2] != str(os.getpid()))
        except OSError:
            pass

try:
    print("SPY SAW", [one for one in _look() if one[1]])
except Exception as error:
    print("SPY SAW []", type(error).__name__)
"""


@dataclass(frozen=True)
class Class:
    """A class in a folder of its own, with an assignment that may be changed."""

    folder: Path

    @property
    def assignment(self) -> Path:
        return self.folder / "assignment"

    @property
    def source(self) -> Path:
        return self.folder / "source"

    def run(self, *words: str, code: int = 0) -> str:
        """Run a command of `grader class`; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "grader", "class", *words],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"], "COLUMNS": "100", "PYTHONPATH": str(ROOT),
            "GRADER_ASSIGNMENT": str(self.assignment), "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self.folder / "class" / "class.db")) as store:
            return store.execute(query, values).fetchall()

    def scores(self, run: int) -> dict[str, float | None]:
        return dict(self.rows("SELECT student, score FROM grades WHERE run = ?", run))

    def graded(self, run: int) -> list[list[str]]:
        """Return the targets of everything that a run has graded."""
        found = self.rows("SELECT targets FROM gradings WHERE run = ? ORDER BY targets", run)
        return [json.loads(one) for (one,) in found]

    def hand_in(self, student: str, **changed: str) -> None:
        """Write a submission: the reference with some modules changed."""
        shutil.copytree(
            self.assignment / "reference", self.source / student,
            ignore=shutil.ignore_patterns("mistakes", "data", "train.py", "__pycache__"),
        )  # fmt: skip
        for module, code in changed.items():
            (self.source / student / f"{module}.py").write_text(code)


def _class(folder: Path) -> Class:
    made = Class(folder)
    shutil.copytree(FOLDER, made.assignment, ignore=shutil.ignore_patterns("__pycache__"))
    made.source.mkdir()
    losses = (made.assignment / "reference" / "losses.py").read_text()
    assert RIGHT in losses
    made.hand_in("ada")
    made.hand_in("bob", losses=losses.replace(RIGHT, WRONG))
    made.hand_in("cy")  # the same as ada's
    made.hand_in("dee", losses=losses.replace(RIGHT, WRONG) + "# by herself\n")
    return made


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Class:
    """Return a class that was graded once."""
    made = _class(tmp_path_factory.mktemp("class"))
    (made.source / "eve.zip").write_bytes(b"PK\3\4 no zip")
    with zipfile.ZipFile(made.source / "fay.zip", "w") as archive:
        for path in (made.assignment / "student").glob("*.py"):
            archive.write(path, path.name)
    spy = SPY.format(places=str(made.folder))
    made.hand_in("gus", losses=(made.source / "ada" / "losses.py").read_text() + spy)
    roster = "id,name,email\nada,Ada L.,ada@uni.example\nhal,Hal,hal@uni.example\n"
    (made.folder / "who.csv").write_text(roster)
    made.run("source", "--seed", "7", "--roster", "who.csv", "--reports", "all")
    return made


@pytest.mark.slow
def test_every_student_has_a_row_and_no_grade_is_a_silent_zero(graded: Class) -> None:
    with (graded.folder / "class" / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    scores = {student: row["score"] for student, row in rows.items()}
    assert scores == {
        "ada": "20", "bob": "15.5", "cy": "20", "dee": "15.5", "eve": "", "fay": "0", "gus": "20",
        "hal": "",
    }  # fmt: skip
    assert rows["ada"]["name"] == "Ada L."
    assert rows["hal"]["status"] == "nothing was handed in"
    assert "eve.zip" in rows["eve"]["status"]
    assert {rows[one]["status"] for one in ("ada", "bob", "cy", "fay")} == {"graded"}


@pytest.mark.slow
def test_equal_contents_are_graded_once(graded: Class) -> None:
    assert len(graded.graded(1)) == 5  # cy's are ada's


@pytest.mark.slow
def test_the_files_are_for_their_owner(graded: Class) -> None:
    folder = graded.folder / "class"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "class.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_no_submission_sees_another_one(graded: Class) -> None:
    (graded.source / "gus" / "models.py").write_text(SPY.format(places=str(graded.folder)))
    seen = graded.run("source", "--folder", "spied", "--reports", "none")
    assert "have a grade" in seen
    shown = graded.run("show", "gus", "--folder", "spied")
    assert "SPY SAW []" in shown


@pytest.mark.slow
def test_who_is_missing_and_who_is_a_stranger_is_named(graded: Class) -> None:
    notes = graded.rows("SELECT kind, text FROM notes WHERE run = 1")
    assert ("On the roster, nothing handed in", "hal Hal <hal@uni.example>") in notes
    strangers = [text for kind, text in notes if kind == "Not on the roster"]
    assert strangers == ["bob", "cy", "dee", "eve", "fay", "gus"]


@pytest.mark.slow
def test_a_class_of_another_assignment_is_refused(graded: Class) -> None:
    other = ("--assignment", str(HOMEWORK))
    for words in (("show", "bob"), ("export", "--for", "moss"), ("regrade",), ("source",)):
        said = graded.run(*words, *other, code=2)
        assert "This class is of the assignment logistic-regression, not of nn-homework" in said


@pytest.mark.slow
def test_a_class_inside_of_its_source_is_refused(graded: Class) -> None:
    said = graded.run("source", "--folder", "source/class", code=2)
    assert "source/class is inside source: name another one with --folder." in said
    assert not (graded.source / "class").exists()


@pytest.mark.slow
def test_grades_in_an_open_folder_are_closed(graded: Class) -> None:
    folder = graded.folder / "open"
    folder.mkdir(mode=0o755)
    graded.run("source", "--folder", "open", "--seed", "7", "--roster", "who.csv")
    shown = [x.name for x in folder.iterdir() if x.stat().st_mode & 0o077]
    assert shown == []


@pytest.mark.slow
def test_the_same_command_again_grades_nothing(graded: Class) -> None:
    before = graded.rows("SELECT count(*) FROM gradings")
    said = graded.run("regrade", "--reports", "none")
    assert "5 of 5 different submissions are already graded" in said
    assert graded.rows("SELECT count(*) FROM gradings") == before
    assert graded.scores(1) == graded.scores(graded.rows("SELECT max(id) FROM runs")[0][0])


@pytest.mark.slow
def test_a_report_is_shown_and_graded_again_alike(graded: Class) -> None:
    shown = graded.run("show", "bob", "--again")
    assert "Score: 15.5 / 20" in shown
    assert "Graded again with seed 7: nothing differs." in shown
    page = graded.run("show", "bob", "--html")
    assert page.startswith("<!DOCTYPE html>")
    assert "<title>Grade: 15.5 / 20</title>" in page
    whole = graded.run("show", "bob", "--verbose")
    assert whole.count("passed") > shown.count("passed")
    assert "There is no student 'zoe'" in graded.run("show", "zoe", code=2)
    assert "eve has no grade" in graded.run("show", "eve", code=2)


@pytest.mark.slow
def test_a_change_of_points_runs_nothing_and_a_change_of_cases_what_is_concerned(
    tmp_path: Path,
) -> None:
    made = _class(tmp_path)
    made.run("source", "--seed", "7", "--reports", "none")
    assert made.scores(1) == {"ada": 20, "bob": 15.5, "cy": 20, "dee": 15.5}

    rubric = made.assignment / "rubric.py"
    text = rubric.read_text()
    before, name, after = text.partition('"losses.BinaryCrossEntropy"')
    rubric.write_text(before + name + after.replace('"gradient": 2', '"gradient": 1', 1))
    made.run("regrade", "--reports", "none")
    assert made.scores(2) == {"ada": 19, "bob": 15.5, "cy": 19, "dee": 15.5}
    assert made.graded(2) == []
    said = made.run("compare", "1", "2", "--fail-on-loss", code=1)
    assert "0 gain, 2 lose, 2 stay the same." in said
    assert "rubric" in said
    assert re.findall(r"\d+\.\d\d / \d+", made.run("runs")) == ["17.75 / 20", "17.25 / 19"]

    cases = made.assignment / "cases" / "losses.py"
    cases.write_text(cases.read_text().replace('"m = 5": _batch(5)', '"m = 5": _batch(4)'))
    made.run("regrade", "--only", "1", "--reports", "none")
    assert made.graded(3) == []
    rows = made.rows("SELECT DISTINCT status FROM grades WHERE run = 3")
    assert rows == [("not graded again since a change: losses.BinaryCrossEntropy",)]
    made.run("regrade", "--student", "bob", "--reports", "none")
    assert made.graded(4) == [["losses.BinaryCrossEntropy"]]
    made.run("regrade", "--reports", "none")
    assert made.graded(5) == [["losses.BinaryCrossEntropy"]] * 2
    assert made.scores(5) == made.scores(2)
    assert made.rows("SELECT DISTINCT status FROM grades WHERE run = 5") == [("graded",)]


def test_what_decides_a_result_is_in_its_fingerprint() -> None:
    assignment = load(HOMEWORK)
    case = assignment.cases_of("layers.FullyConnected", "gradient")[0]
    problem = drawn(assignment, case, 5)
    values = {
        "program": problem.program[:-1], "judged": problem.judged[:-1],
        "prerequisites": problem.judged[:1], "sizes": (1,), "oracle_program": problem.program,
        "picture_program": problem.program,
        "adapter": None, "example": None, "advice": "x", "accuracy": 0.5, "elements": object(),
    }  # fmt: skip
    assert values.keys() == {field.name for field in fields(problem)}
    told = {json.dumps(plain(problem))}
    for name, value in values.items():
        told.add(json.dumps(plain(replace(problem, **{name: value}))))
    assert len(told) == 1 + len(values)
    assert json.dumps(plain(drawn(assignment, case, 5))) in told


def test_the_changes_that_are_told_are_in_a_fingerprint() -> None:
    assignment = load(FOLDER)
    without = fingerprints(assignment, LiveOracle(assignment, edits=False), 5)
    known = fingerprints(assignment, choose(assignment, "live"), 5)
    assert choose(assignment, "live").edits("losses.BinaryCrossEntropy")
    assert known["losses.BinaryCrossEntropy"] != without["losses.BinaryCrossEntropy"]


@pytest.mark.slow
def test_an_accuracy_that_is_due_is_graded_anew_and_a_check_that_is_gone_is_not_missed(
    tmp_path: Path,
) -> None:
    made = _class(tmp_path)
    made.run("source", "--seed", "7", "--reports", "none")
    training = made.assignment / "cases" / "training.py"
    code = training.read_text()
    assert "0.9" in code
    training.write_text(code.replace("0.9", "0.999"))
    made.run("regrade", "--reports", "none")
    assert made.graded(2) == [["train.iris"]] * 3
    assert made.scores(2)["ada"] == 18
    rubric = made.assignment / "rubric.py"
    text = rubric.read_text()
    rubric.write_text(text.replace('{"values": 1, "behaviour": 1}', '{"values": 2}'))
    made.run("regrade", "--reports", "none")
    assert made.rows("SELECT DISTINCT status FROM grades WHERE run = 3") == [("graded",)]


@pytest.mark.slow
def test_what_goes_on_has_no_grade_of_who_is_gone(tmp_path: Path) -> None:
    made = _class(tmp_path)
    made.run("source", "--seed", "7", "--reports", "none")
    with contextlib.closing(sqlite3.connect(tmp_path / "class" / "class.db")) as store:
        store.execute("UPDATE runs SET ended = NULL")  # as if it had been killed at the very end
        store.commit()
    shutil.rmtree(made.source / "bob")
    assert "Run 1 was interrupted" in made.run("source", "--seed", "7")
    assert made.scores(1).keys() == {"ada", "cy", "dee"}


@pytest.mark.slow
def test_a_loop_is_charged_once_by_the_cap_that_there_is(tmp_path: Path) -> None:
    made = _class(tmp_path)
    rubric = made.assignment / "rubric.py"
    text = rubric.read_text()
    old = '"batching": 0.5},\n    ),\n    Target("formulas'
    assert old in text
    capped = text.replace(old, old.replace("},", "},\n        loop_cap={cap},"))
    sigmoid = (made.source / "ada" / "activations.py").read_text()
    right = "def forward(self, Z: np.ndarray) -> np.ndarray:"
    assert right in sigmoid
    loop = "return np.array([_right(self, z[None])[0] for z in Z])"
    loop = f"{right}\n        {loop}\n\n    def _r(self, Z):"
    code = sigmoid.replace(right, loop) + "\n\n_right = Sigmoid._r\n"
    made.hand_in("eli", activations=code)
    rubric.write_text(capped.replace("{cap}", "0.5"))
    made.run("source", "--seed", "7", "--reports", "none")
    assert made.scores(1)["eli"] == 17.5
    assert made.run("show", "eli", "--again").count("the question earns at most 2.5 of its 5") == 1
    rubric.write_text(capped.replace("{cap}", "0.75"))
    made.run("regrade", "--reports", "none")
    assert made.graded(2) == []
    shown = made.run("show", "eli")
    assert shown.count("the question earns at most") == 1
    assert "at most 3.75 of its 5" in shown


@pytest.mark.slow
def test_points_that_are_given_by_hand_stay_until_others_are_given(tmp_path: Path) -> None:
    made = _class(tmp_path)
    by_hand = tmp_path / "by_hand.csv"
    by_hand.write_text("id,question,points,reason\nbob,2,4.5,late regrade request\n")
    made.run("source", "--overrides", "by_hand.csv")
    assert made.scores(1)["bob"] == 17.5
    results = json.loads((tmp_path / "class" / "students" / "bob" / "results.json").read_text())
    assert results["score"] == 17.5
    said = "Question 2: the course staff gave 4.5 points instead of 2.5: late regrade request"
    assert said in results["output"]
    assert said in made.run("show", "bob")
    assert "late regrade request" in (tmp_path / "class" / "index.html").read_text()
    assert "1 override is kept from run 1" in made.run("regrade")
    assert made.scores(2)["bob"] == 17.5
    shutil.move(made.source / "bob", tmp_path / "aside")
    made.run("source")
    assert "bob" not in made.scores(3)
    shutil.move(tmp_path / "aside", made.source / "bob")
    made.run("source")
    assert made.scores(4)["bob"] == 17.5  # a student without a grade keeps the points given by hand
    by_hand.write_text("id,question,points,reason\n")
    made.run("regrade", "--overrides", "by_hand.csv")
    assert made.scores(5)["bob"] == 15.5
    by_hand.write_text("id,question,points,reason\nzoe,2,4,why\n")
    assert "by_hand.csv, line 2" in made.run("regrade", "--overrides", "by_hand.csv", code=2)


@pytest.mark.slow
def test_ctrl_c_ends_at_once_and_the_next_command_goes_on(tmp_path: Path) -> None:
    made = _class(tmp_path)
    for number in range(8):
        made.hand_in(f"more{number}", models=f"# {number}\nimport time\ntime.sleep(1.5)\n")
    words = [sys.executable, "-m", "grader", "class", "source", "--jobs", "1", "--seed", "7"]
    with subprocess.Popen(
        words, cwd=tmp_path, env=made.environment, stderr=subprocess.PIPE, text=True
    ) as command:
        while not _count(made):
            assert command.poll() is None
            time.sleep(0.1)
        command.send_signal(signal.SIGINT)
        start = time.monotonic()
        _, said = command.communicate(timeout=30)
        assert time.monotonic() - start < 5  # it takes a second on an idle machine
    assert command.returncode == 130
    assert "Stopped early." in said
    before = _count(made)
    assert "Run 1 was interrupted; continuing it." in made.run("source", "--seed", "7")
    assert before + len(made.graded(1)) - before == 11
    assert len(made.rows("SELECT * FROM runs")) == 1


def _count(made: Class) -> int:
    try:
        return int(made.rows("SELECT count(*) FROM gradings")[0][0])
    except sqlite3.OperationalError:
        return 0


@pytest.mark.slow
def test_two_commands_do_not_write_at_once(tmp_path: Path) -> None:
    made = _class(tmp_path)
    (tmp_path / "class").mkdir()
    script = (
        "import time; from pathlib import Path; from grader.course.store import locked\n"
        "with locked(Path('class')):\n    print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=tmp_path, env=made.environment, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        said = made.run("source", code=2)
        holder.kill()
    assert "Another command is using class" in said


@pytest.mark.slow
@LINUX
def test_a_submission_that_takes_graders_down_gets_a_row_and_no_other_is_lost(
    tmp_path: Path,
) -> None:
    from grader.course.store.contents import packed
    from grader.submission import Submission

    stuck = b"import time\ntime.sleep(600)\n"
    whole = {path.name: path.read_bytes() for path in (FOLDER / "reference").glob("*.py")}
    contents = dict(packed(Submission(files, ".")) for files in ({"losses.py": stuck}, whole))
    bad, good = contents
    engine = Local(Setup(str(FOLDER), 7, "any"), 1, contents.__getitem__)
    found: list[Graded] = []
    try:
        engine.ready()
        targets = ("losses.BinaryCrossEntropy",)
        graded = engine.graded([(bad, targets), (good, targets)])
        found = list(_kill_while_grading(engine, bad, graded))
    finally:
        engine.close()
    assert {one.contents: bool(one.problem) for one in found} == {bad: True, good: False}
    (lost,) = [one for one in found if one.problem]
    assert lost.problem.startswith("it took down 3 graders; the last time: A grader ended")


@pytest.mark.slow
@LINUX
def test_a_launcher_that_is_killed_costs_no_submission_its_points(tmp_path: Path) -> None:
    from grader.course.store.contents import packed
    from grader.submission import Submission

    slow = b"\nimport time\ntime.sleep(1.5)\n"
    files = {path.name: path.read_bytes() for path in (FOLDER / "reference").glob("*.py")}
    files["losses.py"] += slow
    contents = dict([packed(Submission(files, "."))])
    engine = Local(Setup(str(FOLDER), 7, "any"), 1, contents.__getitem__)
    killed: list[int] = []

    def kill() -> None:
        while not engine._busy or not (started := next(iter(engine._busy)).started):
            time.sleep(0.05)
        time.sleep(max(started + 0.7 - time.monotonic(), 0.0))
        (grader,) = engine._busy
        for launcher in children(grader.pid):
            os.kill(launcher, signal.SIGKILL)
            killed.append(launcher)

    try:
        engine.ready()
        threading.Thread(target=kill, daemon=True).start()
        (found,) = engine.graded([(*contents, ("losses.BinaryCrossEntropy",))])
    finally:
        engine.close()
    assert len(killed) == 1
    assert {result.verdict.value for result in found.results.values()} == {"passed"}


def children(pid: int) -> list[int]:
    """Return the child processes of a process."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(folder.name))
    return sorted(found)


@pytest.mark.slow
@LINUX
def test_a_grader_that_does_not_answer_is_killed_and_its_work_done_by_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from grader.course.store.contents import packed
    from grader.submission import Submission

    monkeypatch.setattr("grader.course.grading.local.STUCK", 4.0)
    files = {path.name: path.read_bytes() for path in (FOLDER / "reference").glob("*.py")}
    contents = dict([packed(Submission(files, "."))])
    engine = Local(Setup(str(FOLDER), 7, "any"), 1, contents.__getitem__)
    try:
        engine.ready()
        (grader,) = engine._idle
        os.kill(grader.pid, signal.SIGSTOP)
        (found,) = engine.graded([(*contents, ("losses.BinaryCrossEntropy",))])
    finally:
        engine.close()
    assert engine.lost == 1
    assert {result.verdict.value for result in found.results.values()} == {"passed"}


def _kill_while_grading(engine: Local, contents: str, graded: Iterator[Graded]) -> Iterator[Graded]:
    """Yield what is graded, while killing every grader that works on these contents."""
    over = threading.Event()

    def kill() -> None:
        while not over.wait(0.2):
            for grader, (what, _) in list(engine._busy.items()):
                if what == contents:
                    _kill(grader)

    threading.Thread(target=kill, daemon=True).start()
    try:
        yield from graded
    finally:
        over.set()


def _kill(grader: Grader) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(grader.pid, signal.SIGKILL)
