"""`grader watch`, as a student uses it: files are saved, and its output is read."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from grader.assignment.stubs import given_files, write_files
from grader.cli import main
from grader.judging import Rerun
from grader.limits import Limits
from grader.report import terminal
from grader.running import Superseded, not_run, reruns
from grader.running.saves import POLLING
from grader.running.watch import DOUBTFUL
from grader.submission import affected_targets
from grader.submission.submission import Submission
from grader.verdict import Verdict
from tests.grading import graded
from tests.homework import ASSIGNMENT, RUBRIC, find_targets
from tests.watching import Watching

HOLE = 'raise NotImplementedError("Question 3.1: write ReLU.{}.")'
BODIES = {"forward": "return np.maximum(Z, 0.0)", "backward": "return dY * (Z > 0)"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files(tmp_path / "student", given_files(ASSIGNMENT))
    return tmp_path / "student"


@pytest.fixture
def watching(folder: Path) -> Iterator[Watching]:
    found = Watching(folder, "--only", "3.1", "--only", "3.6")
    yield found
    found.end()


def _fill(folder: Path, **bodies: str) -> None:
    """Write ReLU as an editor does: a new file replaces the old one."""
    text = given_files(ASSIGNMENT)["activations.py"].decode()
    for method, body in bodies.items():
        assert text.count(HOLE.format(method)) == 1
        text = text.replace(HOLE.format(method), body)
    new = folder / ".activations.py.new"
    new.write_text(text, "utf-8")
    new.replace(folder / "activations.py")


HANGING = "while True: pass"


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="no list of processes")
def test_a_save_during_a_grade_ends_it_and_what_was_saved_is_graded(
    watching: Watching, folder: Path
) -> None:
    """The question still waiting for its turn is graded, too, and the next save works as usual."""
    watching.until("Including earlier results|3.6 Derivation: ")
    _fill(folder, forward=HANGING, backward=BODIES["backward"])
    watching.has_worker()
    _fill(folder, **BODIES)
    text = watching.until("Including earlier results: 8 / 12 points")
    assert "3.1 ReLU: 0 -> 8 of 8" in text
    assert "did not return" not in text
    _fill(folder, forward="return Z", backward=BODIES["backward"])
    assert "3.1 ReLU: 8 -> " in watching.until("Including earlier results")
    _fill(folder, forward=HANGING, backward=BODIES["backward"])
    watching.has_worker()
    assert watching.interrupt() == 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
def test_every_save_is_graded_and_a_file_that_is_no_python_keeps_the_last_result(
    watching: Watching, folder: Path
) -> None:
    text = watching.until(r"Start here: .*\n")
    assert text.startswith("Watching ")
    (seed,) = re.findall(r"^To repeat with the same inputs: --seed (\d+)$", text, re.MULTILINE)
    assert "3.6 Mean squared error: losses.py:" in text
    _fill(folder, forward=BODIES["forward"], backward="return (Z > 0) * 1.0")
    text = watching.until("Including earlier results")
    assert "activations.py" in text.splitlines()[0]
    assert "the gradient from above (dY) is not multiplied in" in text
    assert "3.1 ReLU: 0 -> 4 of 8" in text
    assert "Mean squared error" not in text
    assert watching.score() == 4
    _fill(folder, forward=BODIES["forward"], backward="return dY *")
    text = watching.until("kept until")
    assert re.search(r"raised SyntaxError: invalid syntax\n.*activations.py:\d+: ", text)
    assert watching.score() == 4
    assert watching.seed() == int(seed) > 1
    _fill(folder, **BODIES)
    assert "3.1 ReLU: 4 -> 8 of 8" in watching.until("Including earlier results: 8 / 12 points")
    tests = json.loads((folder.parent / "results.json").read_text("utf-8"))["tests"]
    assert [test["number"] for test in tests] == ["3.1"] * 5 + ["3.6"] * 5
    assert watching.seed() == int(seed)
    (folder / "losses.py").touch()  # nothing changes, so nothing is printed
    (folder / "notes.txt").write_text("remember", "utf-8")
    (folder / "losses.py").write_bytes(given_files(ASSIGNMENT)["losses.py"] + b"\n")
    rules = [line for line in watching.until("Including earlier").splitlines() if "─" in line]
    assert [rule.split()[1] for rule in rules] == ["losses.py"]
    assert watching.interrupt() == 0


def _reruns(folder: Path, *saves: dict[str, str], only: tuple[str, ...] = ()) -> list[set[str]]:
    """Return the questions of every round, after the first, that these saves bring about."""

    def save() -> Iterator[list[str]]:
        for files in saves:
            for name, text in files.items():
                (folder / name).write_text(text, "utf-8")
            yield [str(folder / name) for name in files]

    def grading(submission: Submission, targets) -> object:
        return graded(submission, *(target.name for target in targets))

    found = list(reruns(ASSIGNMENT, folder, find_targets(only), grading, save()))
    assert {line.target.name for line in found[-1].whole.lines} == {
        t.name for t in find_targets(only)
    }
    first = 1 + any("training" in target.points for target in find_targets(only))
    return [{line.target.question for line in round_.part.lines} for round_ in found[first:]]


def _stub(name: str) -> str:
    return given_files(ASSIGNMENT)[name].decode()


@pytest.mark.slow
def test_only_what_a_file_concerns_is_graded_and_the_training_last(folder: Path) -> None:
    layers = _stub("layers.py") + "\n# later\n"
    assert _reruns(folder, {"layers.py": layers}) == [{"3.3", "5.1", "5.2", "5.4"}, {"4.3", "5.3"}]


@pytest.mark.slow
def test_given_files_concern_nothing_and_new_ones_everything(folder: Path) -> None:
    only = ("3.1", "3.5")
    weights = _stub("weights.py") + "\n# mine\n"
    assert _reruns(folder, {"weights.py": weights}, only=only) == []
    assert _reruns(folder, {"helper.py": "x = 1\n"}, only=only) == [{"3.1", "3.5"}]


@pytest.mark.slow
def test_a_helper_in_another_module_concerns_those_who_use_it(folder: Path) -> None:
    helper = _stub("activations.py") + "\ndef windows(X):\n    return X\n"
    user = _stub("layers.py").replace(
        "from .activations import", "from .activations import windows\nfrom .activations import", 1
    )
    assert user != _stub("layers.py")
    only, saves = ("3.1", "3.3", "3.5"), ({"layers.py": user}, {"activations.py": helper})
    assert _reruns(folder, *saves, only=only) == [{"3.3"}, {"3.1", "3.3"}]


@pytest.mark.slow
def test_files_that_are_gone_for_good_are_missing(folder: Path) -> None:
    def save() -> Iterator[list[str]]:
        (folder / "losses.py").unlink()
        yield []
        for path in folder.glob("*.py"):
            path.unlink()
        yield []

    def grading(submission: Submission, targets) -> object:
        return graded(submission, *(target.name for target in targets))

    found = list(reruns(ASSIGNMENT, folder, find_targets(("3.1", "3.6")), grading, save()))
    assert len(found) == 2  # an empty folder changes nothing
    messages = {x.result.cases[0].message for x in found[1].part.lines}
    assert messages == {"losses.py is not in the submission."}


@pytest.mark.slow
def test_every_remark_is_made_once_in_the_order_of_the_questions(folder: Path) -> None:
    """Two files are not Python; the training, which comes after, says nothing new about them."""

    def save() -> Iterator[list[str]]:
        (folder / "activations.py").write_text("def broken(:\n", "utf-8")
        (folder / "losses.py").write_text("x = 1\n  y = 2\n", "utf-8")
        yield []
        (folder / "losses.py").write_text("x = 1\n  y = 3\n", "utf-8")
        yield []
        (folder / "losses.py").write_text(_stub("losses.py"), "utf-8")
        yield []

    def grading(submission: Submission, targets) -> object:
        return graded(submission, *(target.name for target in targets))

    only = find_targets(("3.1", "3.2", "3.6", "4.3"))
    found = list(reruns(ASSIGNMENT, folder, only, grading, save()))
    broken = "Importing your file raised SyntaxError: invalid syntax\n  activations.py:1: "
    indented = "Importing your file raised IndentationError: unexpected indent\n  losses.py:2: "
    said = [(r.files, tuple(x.replace("def broken(:", "") for x in r.remarks)) for r in found]
    assert said == [
        ((), ()),
        ((), ()),
        (("activations.py", "losses.py"), (broken, f"{indented}y = 2")),
        (("losses.py",), (f"{indented}y = 3",)),
        (("losses.py",), (broken,)),  # from the training, which needs both files
        (("losses.py",), ()),
        (("losses.py",), (broken,)),
    ]
    assert [{line.target.question for line in r.part.lines} for r in found] == [
        {"3.1", "3.2", "3.6"}, {"4.3"}, set(), set(), set(), {"3.6"}, set(),
    ]  # fmt: skip
    for round_ in found[2:]:  # nothing that was graded is lost
        assert len(round_.whole.lines) == len(found[1].whole.lines)
        assert {line.result.verdict for line in round_.whole.lines} == {Verdict.NOT_IMPLEMENTED}


def test_a_round_shows_its_remarks_in_order_and_once_each() -> None:
    nothing = not_run(ASSIGNMENT, "later", targets=())
    console = Console(file=io.StringIO(), width=100)
    remarks = ("a.py is not valid Python\n  a.py:1: [bold]x", "b.py is not valid Python")
    terminal.show_rerun(Rerun(("a.py", "b.py"), nothing, nothing, {}, remarks), console)
    rule, *lines = console.file.getvalue().splitlines()
    assert "a.py, b.py" in rule
    kept = "Earlier results are kept until the file can be read."
    assert lines == [*remarks[0].splitlines(), kept, remarks[1], kept]


@pytest.mark.slow
def test_what_was_given_up_is_graded_after_the_save(folder: Path) -> None:
    asked: list[tuple[str, ...]] = []

    def grading(submission: Submission, targets) -> object:
        asked.append(tuple(target.question for target in targets))
        if len(asked) in (2, 3, 5):
            raise Superseded
        return graded(submission, *asked[-1])

    def save() -> Iterator[list[str]]:
        for name in ("losses.py", "optimizers.py", "activations.py", "losses.py", "notes.txt"):
            (folder / name).write_text(_stub(name) if name[-2:] == "py" else "", "utf-8")
            with (folder / name).open("a") as file:
                file.write(f"# {len(asked)}\n")
            yield [str(folder / name)]

    only = find_targets(("3.1", "3.6", "4.2", "4.3"))
    found = list(reruns(ASSIGNMENT, folder, only, grading, save()))
    first, training, losses = ("3.1", "3.6", "4.2"), ("4.3",), ("3.6",)
    assert asked == [
        first, training,  # given up: losses.py is saved
        losses,  # given up: optimizers.py is saved
        ("3.6", "4.2"), training,  # given up: activations.py is saved
        ("3.1",), training, losses, training,
    ]  # fmt: skip
    assert [round_.files for round_ in found] == [
        (), ("losses.py", "optimizers.py"),
        *[("activations.py", "losses.py", "optimizers.py")] * 2, *[("losses.py",)] * 2,
    ]  # fmt: skip
    assert not [x for x in found[-1].whole.lines if x.result.verdict is Verdict.NOT_RUN]


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("unshare"), reason="cannot create a namespace")
@pytest.mark.parametrize("limit", ["max_inotify_instances", "max_inotify_watches"])
def test_a_system_that_reports_no_saves_is_told_and_the_files_are_looked_at(
    folder: Path, limit: str
) -> None:
    with_none = ["unshare", "-Ur", "sh", "-c", f'echo 0 > /proc/sys/user/{limit} && exec "$@"', ""]
    if subprocess.run([*with_none, "true"], capture_output=True, check=False).returncode:
        pytest.skip("cannot create a namespace")
    watching = Watching(folder, "--only", "3.1", before=with_none)
    try:
        graded = "3.1 ReLU: activations.py:"
        watching.until(f"(?s){POLLING}.*{graded}|{graded}.*{POLLING}")
        _fill(folder, **BODIES)
        assert "3.1 ReLU: 0 -> 8 of 8" in watching.until("Including earlier results|8 of 8")
        assert watching.interrupt() == 0
    finally:
        watching.end()


class _Broken:
    """An oracle that has no answer."""

    name = "live"

    def answers(self, *_: object) -> dict:
        raise LookupError("the answers are gone")

    def known(self, target: str) -> dict:
        return {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "options", "forward"),
    [
        ("harness_fault", {"oracle": _Broken()}, BODIES["forward"]),
        ("not_run", {"limits": Limits(run=0)}, BODIES["forward"]),
        ("crashed", {}, "import os; os._exit(1)"),
        ("timed_out", {"limits": Limits(call=0.3)}, "while True: pass"),
        ("raised", {}, "raise ValueError"),
        ("failed", {}, "return Z"),
        ("passed", {}, BODIES["forward"]),
    ],
)
def test_what_may_end_otherwise_is_graded_again_when_the_same_is_saved(
    folder: Path, what: str, options: dict, forward: str
) -> None:
    def save() -> Iterator[list[str]]:
        yield []
        (folder / "activations.py").touch()
        yield [str(folder / "activations.py")]
        yield [str(folder / "results.json")]

    def grading(submission: Submission, targets) -> object:
        return graded(submission, "3.1", **options)

    _fill(folder, forward=forward, backward=BODIES["backward"])
    first, *later = reruns(ASSIGNMENT, folder, find_targets(("3.1",)), grading, save())
    assert what in {line.result.verdict.value for line in first.part.lines}
    again = [("activations.py",)] if Verdict(what) in DOUBTFUL else []
    assert [round_.files for round_ in later] == again


@pytest.mark.slow
def test_a_helper_in_a_folder_that_is_saved_unchanged_counts_as_saved(folder: Path) -> None:
    (folder / "tools").mkdir()
    (folder / "tools" / "deep.py").write_text("x = 1\n", "utf-8")
    _fill(folder, forward="import os; os._exit(1)", backward=BODIES["backward"])
    saves = [[str(folder / "tools" / "deep.py")], [str(folder / "deep.py")]]
    found = reruns(
        ASSIGNMENT, folder, find_targets(("3.1",)), lambda one, _: graded(one, "3.1"), saves
    )
    assert [round_.files for round_ in found] == [(), ("tools/deep.py",)]


@pytest.mark.slow
def test_what_may_end_otherwise_is_graded_again_when_another_file_changes(folder: Path) -> None:
    _fill(folder, forward="import os; os._exit(1)", backward=BODIES["backward"])
    losses = _stub("losses.py") + "# later\n"
    assert _reruns(folder, {"losses.py": losses}, only=("3.1", "3.6")) == [{"3.1", "3.6"}]


def test_watching_needs_a_folder(tmp_path: Path) -> None:
    found = CliRunner().invoke(main, ["watch", str(tmp_path / "nowhere")])
    assert found.exit_code == 2
    assert "There is no folder" in found.output
    found = CliRunner().invoke(main, ["watch", str(tmp_path)])
    assert found.exit_code == 2
    assert "There is nothing to grade" in found.output


def _names(*changed: str, **files: bytes) -> set[str]:
    given = {
        name: content for name, content in given_files(ASSIGNMENT).items() if name.endswith(".py")
    }
    added = {f"{name}.py": given.get(f"{name}.py", b"") + text for name, text in files.items()}
    return {
        target.name for target in affected_targets(ASSIGNMENT, changed, {**given, **added}, RUBRIC)
    }


TRAINING = {"train.iris", "train.digits"}
ACTIVATIONS = {t.name for t in RUBRIC if t.module == "activations"}
LAYERS = {t.name for t in RUBRIC if t.module == "layers"}
EVERY = {target.name for target in RUBRIC}


def test_a_module_reaches_its_own_targets_and_the_training() -> None:
    assert _names("activations.py") == ACTIVATIONS | TRAINING
    assert _names("layers.py", "optimizers.py") == {*LAYERS, "optimizers.SGD"} | TRAINING


def test_a_helper_reaches_every_target_even_when_it_is_gone() -> None:
    assert _names("im2col.py", im2col=b"x = 1") == EVERY
    assert _names("im2col.py") == EVERY


def test_a_given_module_reaches_those_whose_own_lines_speak_of_it() -> None:
    assert _names("weights.py") == set()  # the handout's is used
    use = b"\nfrom .weights import mine\n"
    assert _names("weights.py", layers=use) == LAYERS | TRAINING
    assert _names("weights.py", layers=b"\nimport importlib\n") == LAYERS | TRAINING


def test_what_a_module_lends_to_another_reaches_its_targets_through_others_too() -> None:
    assert _names("activations.py", layers=b"\nfrom .activations import im2col\n") == (
        ACTIVATIONS | LAYERS | TRAINING
    )
    chain = {"layers": b"\nfrom .losses import a\n", "losses": b"\nfrom .optimizers import b\n"}
    losses = {t.name for t in RUBRIC if t.module == "losses"}
    expected = LAYERS | losses | {"optimizers.SGD"} | TRAINING
    assert _names("optimizers.py", **chain) == expected
    assert _names("activations.py", helper=b"from .activations import im2col\n") == EVERY
