"""Submissions are laid out for tools that look for copied code."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from grader.assignment import given_files, load
from grader.course.output.exports import TOOLS, export
from grader.course.output.reports import folder_of
from grader.course.output.written import LOG
from grader.course.people import Student
from grader.errors import MachineError, UsageError

from .homework import ASSIGNMENT
from .small_class import SmallClass, results, small_class

ADA, BOB, EVE = Student("a1", "Ada Name"), Student("b2", "Bob"), Student("../=x\n", "Eve")
GIVEN = given_files(ASSIGNMENT)
LAYERS, LOSSES = b"class Conv2D: ...\n", b"def mse(): ...\r\n"
OWN = {
    "layers.py": LAYERS,
    "losses.py": LOSSES,
    "activations.py": GIVEN["activations.py"],
    "__init__.py": b"# changed\n",
    "train.py": b"# changed\n",
    "mine.py": b"x = 1\n",
    "sub/__init__.py": b"\n",
    "sub/more.py": b"y = 2\n",
    "Layers.py": b"z = 3\n",
}


def _filled(klass: SmallClass) -> None:
    klass.hand_in([ADA, BOB], results(), files=OWN)
    klass.hand_in([EVE], results(), files={"losses.py": LOSSES})
    stubs = {name: GIVEN[name] for name in ("layers.py", "losses.py", "__init__.py")}
    klass.hand_in([Student("c3", "Cy")], results(), entry="of\x1b[31m_c3", files=stubs)
    klass.hand_in([Student("d4", "Di")], None, problem="of_d4 is empty.")


def _files(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and p.name != LOG
    }


EVES = folder_of(EVE.id)
IN_FOLDERS = {
    "submissions/a1+b2/layers.py": LAYERS,
    "submissions/a1+b2/losses.py": LOSSES,
    "submissions/a1+b2/mine.py": b"x = 1\n",
    f"submissions/a1+b2/{folder_of('sub/more')}.py": b"y = 2\n",
    f"submissions/a1+b2/{folder_of('Layers')}.py": b"z = 3\n",
    f"submissions/{EVES}/losses.py": LOSSES,
}
BASE = {f"base/{name}.py": GIVEN[f"{name}.py"] for name in ASSIGNMENT.graded_modules}
COMMANDS = {
    "moss": "moss -l python -d "
    + " ".join(f"-b base/{name}.py" for name in ASSIGNMENT.graded_modules)
    + " submissions/*/*.py",
    "jplag": "java -jar jplag.jar -l python3 --bc base submissions",
    "compare50": "compare50 submissions/* -d base/*",
}


@pytest.mark.parametrize("tool", COMMANDS)
def test_a_folder_per_group_beside_the_base_code(tmp_path: Path, tool: str) -> None:
    out = tmp_path / "to compare"
    with small_class(tmp_path / "store") as klass:
        _filled(klass)
        done = export(klass.store, ASSIGNMENT, tool, out)
    assert _files(out) == BASE | IN_FOLDERS
    assert done.command == f"cd {shlex.quote(str(out))} && {COMMANDS[tool]}"
    assert (done.count, done.left_out) == (
        2, ("of_c3: nothing but what was handed out", "of_d4 is empty.")
    )  # fmt: skip


@pytest.mark.parametrize("tool", ["moss", "compare50"])
def test_the_shell_gives_the_tool_every_file(tmp_path: Path, tool: str) -> None:
    with small_class(tmp_path / "store") as klass:
        _filled(klass)
        done = export(klass.store, ASSIGNMENT, tool, tmp_path / "a b")
    shown = done.command.replace(f"&& {tool}", "&& printf '%s\\n'")
    run = subprocess.run(["sh", "-c", shown], capture_output=True, text=True, check=True)
    given = {x for x in run.stdout.split("\n") if x.startswith("submissions/")}
    folders = {x.rpartition("/")[0] for x in IN_FOLDERS}
    assert given == (set(IN_FOLDERS) if tool == "moss" else folders)


def test_dolos_gets_one_file_per_group(tmp_path: Path) -> None:
    with small_class(tmp_path / "store") as klass:
        _filled(klass)
        done = export(klass.store, ASSIGNMENT, "dolos", tmp_path / "out")
    files = _files(tmp_path / "out")
    eve = f"submissions/{EVES}.py"
    assert set(files) == {"base.py", "info.csv", "submissions/a1+b2.py", eve}
    assert files["info.csv"].decode() == (
        "filename,full_name,created_at\n"
        "submissions/a1+b2.py,a1+b2,2026-11-01T09:30:00+00:00\n"
        f"{eve},{EVES},2026-11-01T09:30:00+00:00\n"
    )
    assert files[eve] == b"# losses.py\ndef mse(): ...\n\n"
    assert files["submissions/a1+b2.py"].startswith(
        b"# losses.py\ndef mse(): ...\n\n# layers.py\nclass Conv2D"
    )
    assert files["base.py"].count(b"# layers.py\n") == 1
    assert done.command.endswith("&& dolos run -f web -l python --ignore base.py info.csv")


@pytest.mark.parametrize("tool", TOOLS)
def test_no_name_of_a_student_is_in_any_file(tmp_path: Path, tool: str) -> None:
    with small_class(tmp_path / "store") as klass:
        _filled(klass)
        export(klass.store, ASSIGNMENT, tool, tmp_path / "out")
    assert not any(
        b"Ada Name" in x or "Name" in name for name, x in _files(tmp_path / "out").items()
    )


def test_only_the_submission_that_counts_is_laid_out(tmp_path: Path) -> None:
    with small_class(tmp_path / "store") as klass:
        klass.hand_in([ADA], results(), entry="first", files={"layers.py": b"old\n"})
        klass.hand_in([ADA], results(), entry="second", files={"layers.py": b"new\n"})
        export(klass.store, ASSIGNMENT, "moss", tmp_path / "out")
    assert _files(tmp_path / "out") == BASE | {"submissions/a1/layers.py": b"new\n"}


def test_a_folder_is_used_again_and_what_is_no_longer_right_goes(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with small_class(tmp_path / "store") as klass:
        _filled(klass)
        export(klass.store, ASSIGNMENT, "moss", out)
        export(klass.store, ASSIGNMENT, "dolos", out)
        assert len(_files(out)) == 4
        assert not (out / "base").exists()
        export(klass.store, ASSIGNMENT, "moss", out)
    assert _files(out) == BASE | IN_FOLDERS


def test_another_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with small_class(tmp_path / "store") as klass:
        _filled(klass)
        with pytest.raises(UsageError, match="is not empty: choose another folder"):
            export(klass.store, ASSIGNMENT, "moss", tmp_path)
        with pytest.raises(MachineError, match="cannot be used"):
            export(klass.store, ASSIGNMENT, "moss", tmp_path / "notes.txt")
        with pytest.raises(
            UsageError, match=r"There is no tool 'turnitin'\. Available: moss, jplag"
        ):
            export(klass.store, ASSIGNMENT, "turnitin", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_large_group_has_a_name_that_fits(tmp_path: Path) -> None:
    team = [Student(f"{i:04d}-{'x' * 40}") for i in range(9)]
    with small_class(tmp_path / "store") as klass:
        klass.hand_in(team, results(), files={"layers.py": b"new\n"})
        export(klass.store, ASSIGNMENT, "jplag", tmp_path / "out")
    (folder,) = (tmp_path / "out/submissions").iterdir()
    assert folder.name.startswith("0000-xxx")
    assert len(folder.name) < 80


def test_another_assignment_has_its_own_modules(tmp_path: Path) -> None:
    other = load(Path(__file__).parent / "assignments" / "logistic_regression")
    (module, *_) = other.graded_modules
    files = {f"{module}.py": b"new\n", "layers.py": LAYERS}
    with small_class(tmp_path / "store") as klass:
        klass.hand_in([ADA], results(), files=files)
        export(klass.store, other, "moss", tmp_path / "out")
    laid = _files(tmp_path / "out")
    assert {x for x in laid if x.startswith("base/")} == {
        f"base/{name}.py" for name in other.graded_modules
    }
    assert laid[f"submissions/a1/{module}.py"] == b"new\n"
