"""What is handed out: nothing of a solution for students, everything for the platform."""

from __future__ import annotations

import ast
import base64
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import textwrap
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from grader.assignment.stubs import BEGIN, BEGIN_TEXT, END, END_TEXT
from grader.delivery.archive import write_zip
from grader.delivery.bundle import bundle_files, write_bundle
from grader.delivery.files import CONTAINER, HOME_IN_ZIP
from grader.delivery.handout import handout_files, write_handout
from grader.errors import UsageError
from grader.paths import PACKAGE, ROOT
from grader.report import terminal
from grader.submission import Submission
from tests.catalogue import entries, reference_files, spliced, submission
from tests.grading import graded, verdicts
from tests.homework import ASSIGNMENT, REFERENCE, RUBRIC, STUBS


@pytest.fixture(scope="module")
def unzipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("handout")
    write_handout(ASSIGNMENT, folder / "handout.zip")
    with zipfile.ZipFile(folder / "handout.zip") as archive:
        archive.extractall(folder)
    return folder / ASSIGNMENT.name


def _solution_lines() -> set[str]:
    """Return the lines of all solution regions, except those that the stubs have anyway."""
    given = " ".join(path.read_text("utf-8") for path in STUBS.glob("*.py"))
    found: set[str] = set()
    for path in REFERENCE.glob("*.py"):
        inside = False
        for line in path.read_text("utf-8").splitlines():
            text = line.strip()
            inside = text.startswith(BEGIN) or (inside and text != END)
            if (
                inside
                and len(text) > 12
                and not text.startswith(("#", '"""'))
                and text not in given
            ):
                found.add(text)
    return found


@pytest.mark.slow
def test_the_students_zip_holds_no_line_of_a_solution() -> None:
    lines = _solution_lines()
    for path in REFERENCE.glob("*.py"):
        text = path.read_text("utf-8")
        assert (BEGIN in text) == any(line in text for line in lines), path.name
    plain = {"".join(line.split()) for line in lines}
    for name, content in handout_files(ASSIGNMENT).items():
        text = "".join(content.decode("utf-8", "replace").split())
        assert not [line for line in plain if line in text], name
        assert BEGIN.encode() not in content or name == "grader/assignment/stubs.py", name


@pytest.mark.slow
def test_the_derivations_are_in_no_zip_and_their_template_is_in_the_students() -> None:
    handout, bundle = handout_files(ASSIGNMENT), bundle_files(ASSIGNMENT)
    text = (REFERENCE / "writeup.md").read_text("utf-8")
    regions = re.findall(rf"{BEGIN_TEXT}.*?-->(.*?){END_TEXT}", text, re.DOTALL)
    lines = {line.strip() for region in regions for line in region.splitlines()}
    template = handout["student/writeup.md"].decode()
    found = lines & {line.strip() for line in template.splitlines()}
    assert not [line for line in found if len(line) > 24]
    homes = ("student", f"{HOME_IN_ZIP}/given")
    for name, content in handout.items():
        assert (name in [f"{home}/writeup.md" for home in homes]) == name.endswith("writeup.md")
        assert BEGIN_TEXT.encode() not in content or name == "grader/assignment/stubs.py", name
    assert not [name for name in bundle if name.endswith(".md")]
    assert [name for name in bundle if BEGIN_TEXT.encode() in bundle[name]] == [
        "grader/assignment/stubs.py"
    ]


@pytest.mark.slow
def test_the_students_zip_holds_no_catalogue_tests_or_compiled_files() -> None:
    names = list(handout_files(ASSIGNMENT))
    assert not [n for n in names if "mistakes" in n or n.startswith(("tests", "reference"))]
    assert not [n for n in names if "__pycache__" in n or n.endswith((".pyc", ".so"))]
    code = b"".join(x for n, x in handout_files(ASSIGNMENT).items() if n.endswith(".py")).decode()
    code = "".join(code.split())
    for entry in entries("mistaken"):
        assert "".join(entry.code.split()) not in code, entry.id


@pytest.mark.slow
def test_the_recorded_answers_hold_numbers_and_sentences_only() -> None:
    with np.load(
        io.BytesIO(handout_files(ASSIGNMENT)["grader/assignment/homework/recorded.npz"])
    ) as file:
        mistakes, edits = (json.loads(file[name].tobytes()) for name in ("mistakes", "edits"))
    found = [x for said in mistakes.values() for x in said.values()]
    found += [x for kept in edits.values() for x, _ in kept["sentences"].values()]
    assert len(found) > 1000
    for sentence in found:
        assert "\n" not in sentence
        with pytest.raises(SyntaxError):
            ast.parse(sentence)


@pytest.mark.slow
@pytest.mark.parametrize("write", [write_handout, write_bundle])
def test_the_same_tree_gives_the_same_bytes(tmp_path: Path, write) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "deep" / "second.zip"
    counts = write(ASSIGNMENT, first), write(ASSIGNMENT, second)
    with zipfile.ZipFile(first) as archive:
        names = archive.namelist()
    assert counts == (len(names), len(set(names)))
    assert first.read_bytes() == second.read_bytes()


FAILING = """
import resource, sys
from pathlib import Path
from grader.delivery.archive import write_zip
from grader.answers import record
from tests.homework import ASSIGNMENT
import dataclasses
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
path = Path(sys.argv[1])
if path.suffix == ".zip":
    write_zip(path, {"a": b"a" * 500, "b": b"b" * 900}, frozenset())
else:
    record(dataclasses.replace(ASSIGNMENT, public_seeds=()), path)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file size limit")
@pytest.mark.parametrize("name", ["handout.zip", "recorded.npz"])
def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"old")
    command = [sys.executable, "-c", FAILING, str(tmp_path / name)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "File too large" in found.stderr
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(name, b"old")]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes")
def test_a_zip_is_written_where_a_link_points_and_into_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "link.zip").symlink_to(tmp_path / "there.zip")
    write_zip(tmp_path / "here" / "link.zip", {"a": b"a"}, frozenset())
    assert (tmp_path / "here" / "link.zip").is_symlink()
    assert zipfile.ZipFile(tmp_path / "there.zip").namelist() == ["a"]
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE) as process:
        write_zip(tmp_path / "pipe", {"a": b"a"}, frozenset())
        read, _ = process.communicate()
    assert read == (tmp_path / "there.zip").read_bytes()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the package in a git checkout, with files that git does not track."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(PACKAGE, folder / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    for command in ("init -q", "add -A"):
        subprocess.run(["git", *command.split()], cwd=folder, check=True)
    (folder / ".git" / "info" / "exclude").write_text("ignored*\n")
    (folder / "grader" / "ignored.py").write_text("secret\n")
    return folder


LISTED = """
from grader.assignment import load
from grader.delivery.files import assignment_files, engine_files
from grader.delivery.handout import _pages
from grader.paths import HOMEWORK
homework = load(HOMEWORK)
pages = (f"page/{name}" for name in _pages(homework))
print(*engine_files(), *assignment_files(homework), *pages)
"""


def _listed(folder: Path, **environment: str) -> tuple[set[str], str]:
    """Return the files that zips made in a folder would have, and the error, if any."""
    found = subprocess.run(
        [sys.executable, "-B", "-c", LISTED], cwd=folder, env={**os.environ, **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return set(found.stdout.split()), found.stderr


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_zip_has_what_git_tracks_of_the_package(checkout: Path) -> None:
    kept, error = _listed(checkout)
    assert error == ""
    assert "grader/ignored.py" not in kept
    assert {"grader/cli/student.py", "grader/report/report.css", "page/README.md"} <= kept
    assert _listed(checkout, GIT_DIR=str(ROOT / "nothing"))[0] == kept


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize(
    "name",
    ["scratch.py", "report/new.py", "delivery/templates/handout/n.md",
     "assignment/homework/handout/solution.md"],
)  # fmt: skip
def test_a_file_that_git_does_not_know_is_refused(checkout: Path, name: str) -> None:
    (checkout / "grader" / name).write_text("notes\n")
    _, error = _listed(checkout)
    (checkout / "grader" / name).unlink()
    assert f"UsageError: git does not track grader/{name}: add what the zip needs" in error.replace(
        "grader.errors.", ""
    )


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("how", ["no checkout", "another checkout"])
def test_in_an_unpacked_archive_a_zip_has_every_file(
    checkout: Path, how: str, tmp_path: Path
) -> None:
    shutil.copytree(checkout / "grader", tmp_path / "project" / "grader")
    if how == "another checkout":
        subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    kept, error = _listed(tmp_path / "project")
    assert error == ""
    assert "grader/ignored.py" in kept
    assert kept > _listed(checkout)[0]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("how", ["no git", "a broken checkout"])
def test_where_git_does_not_answer_no_zip_is_made(checkout: Path, how: str, tmp_path: Path) -> None:
    shutil.copytree(checkout / "grader", tmp_path / "project" / "grader")
    shutil.copytree(checkout / ".git", tmp_path / "project" / ".git")
    if how == "a broken checkout":
        (tmp_path / "project" / ".git" / "HEAD").unlink()
    kept, error = _listed(tmp_path / "project", **({"PATH": ""} if how == "no git" else {}))
    assert kept == set()
    assert "is a git checkout, and git does not say which files belong to it" in error


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_a_zip_with_solutions_is_no_more_open_than_its_user_wants(tmp_path: Path) -> None:
    """A new zip has the mode of any new file; a zip that is replaced keeps its own."""
    path, before = tmp_path / "autograder.zip", os.umask(0o077)
    try:
        write_zip(path, {"solution.py": b""}, frozenset())
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(0o640)
        write_zip(path, {"solution.py": b"x = 1"}, frozenset())
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        os.umask(0o022)
        write_zip(tmp_path / "new.zip", {"solution.py": b""}, frozenset())
        assert stat.S_IMODE((tmp_path / "new.zip").stat().st_mode) == 0o644
    finally:
        os.umask(before)


@pytest.mark.slow
def test_gradescopes_zip_has_its_scripts_at_the_root_and_the_reference(tmp_path: Path) -> None:
    write_bundle(ASSIGNMENT, tmp_path / "autograder.zip")
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
    for script in ("setup.sh", "run_autograder"):
        assert stat.S_IMODE(modes[script]) == 0o755
        assert bundle_files(ASSIGNMENT)[script].startswith(b"#!/usr/bin/env bash\n")
        assert b"\r" not in bundle_files(ASSIGNMENT)[script]
    assert "reference/layers.py" in modes
    assert "reference/mistakes/conv.py" in modes
    assert "grader/cli/student.py" in modes
    assert not [name for name in modes if name.startswith(("tests", "student"))]


def test_scripts_are_sound_for_the_shell() -> None:
    for script in ("setup.sh", "run_autograder"):
        path = REFERENCE.parent / "container" / script
        assert os.access(path, os.X_OK)
        subprocess.run(["bash", "-n", str(path)], check=True)


def _grade(home: Path, out: Path, *arguments: str) -> dict[str, dict[str, str]]:
    command = [sys.executable, "-B", "-m", "grader", "grade", "student", "--out", str(out)]
    environment = {"PATH": os.environ["PATH"]}
    subprocess.run(
        [*command, *arguments], cwd=home, env=environment, capture_output=True, check=True
    )
    found: dict[str, dict[str, str]] = {}
    value = json.loads(out.read_text("utf-8"))
    assert value["extra_data"]["oracle"] == "recorded"
    for test in value["tests"]:
        data = test["extra_data"]
        found.setdefault(data["target"], {})[data["check"]] = data["verdict"]
    return found


@pytest.mark.slow
def test_the_unzipped_handout_gives_the_verdicts_that_the_reference_gives(
    unzipped: Path, tmp_path: Path
) -> None:
    out = tmp_path / "results.json"
    assert {v for found in _grade(unzipped, out).values() for v in found.values()} == {
        "not_implemented"
    }
    entry = next(entry for entry in entries("mistaken") if entry.id == "fc-db-mean")
    for files, only in (
        (reference_files(), ()),
        (submission(entry).files, ("layers.FullyConnected", "layers.Conv2D")),
    ):
        for name, content in files.items():
            (unzipped / "student" / name).write_bytes(content)
        options = [word for question in only for word in ("--only", question)]
        expected = verdicts(graded(files, *(only or [target.name for target in RUBRIC])))
        assert _grade(unzipped, out, *options) == expected


@pytest.mark.slow
def test_the_workflow_of_the_students_repository_tells_github_what_it_reads(
    unzipped: Path, tmp_path: Path
) -> None:
    """Its script runs as on GitHub, in a copy of the handout with one mistake."""
    repository = tmp_path / "repository"
    shutil.copytree(unzipped, repository)
    entry = next(entry for entry in entries("mistaken") if entry.id == "fc-loop-outer-products")
    for name, content in submission(entry).files.items():
        (repository / "student" / name).write_bytes(content)
    workflow = (repository / ".github/workflows/grade.yml").read_text("utf-8")
    script = textwrap.dedent(workflow.split("run: |\n")[1].split("      - uses:")[0])
    python = f'"{sys.executable}" -B'  # with -I, it would use the installed grader
    environment = {
        "PATH": os.environ["PATH"],
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }
    done = subprocess.run(
        ["bash", "-e", "-c", script.replace("python -I", python)],
        cwd=repository, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    (annotation,) = [line for line in done.stdout.splitlines() if line.startswith("::error")]
    file, line = re.findall(r"^::error file=(.*?),line=(\d+),", annotation)[0]
    assert file == "student/layers.py"
    assert "for " in (repository / file).read_text("utf-8").splitlines()[int(line) - 1]
    assert (
        (tmp_path / "summary")
        .read_text("utf-8")
        .startswith("## Score: 99 / 100 + 6 extra credit\n")
    )
    key, _, value = (tmp_path / "output").read_text("utf-8").partition("=")
    told = json.loads(base64.b64decode(value))
    assert key == "result"
    assert (sum(test["score"] for test in told["tests"]), told["max_score"]) == (105, 100)


@pytest.mark.slow
def test_the_report_that_the_students_readme_shows_is_a_real_one(unzipped: Path) -> None:
    wrong = next(entry for entry in entries("mistaken") if entry.id == "relu-backward-forgets-dy")
    files = {path.name: path.read_bytes() for path in STUBS.glob("*.py")}
    code = wrong.code + "\n    def forward(self, Z):\n        return np.maximum(Z, 0.0)\n"
    files["activations.py"] = spliced(files["activations.py"].decode(), code).encode()
    console = Console(file=io.StringIO(), width=80, soft_wrap=True)
    terminal.show(graded(Submission(files, ".", source="student")), console)
    printed = {line.rstrip() for line in console.file.getvalue().splitlines()}
    shown = (unzipped / "README.md").read_text("utf-8").split("```text\n")[1].split("```")[0]
    for line in shown.splitlines():
        start = line.removesuffix("...").rstrip()
        assert any(found.startswith(start) for found in printed), (line, sorted(printed))


@pytest.mark.slow
def test_the_students_readme_lists_every_question(unzipped: Path) -> None:
    text = (unzipped / "README.md").read_text("utf-8")
    assert "| 3.3 | Fully connected layer | `layers.FullyConnected` | 14 |" in text
    assert "| 4.3 | Training on Iris | `make train` | 4 |" in text
    assert "{questions}" not in text
    project = (unzipped / "pyproject.toml").read_text("utf-8")
    assert "numpy" in project
    assert "pytest-xdist" not in project


def test_a_title_may_have_any_characters() -> None:
    title = 'Netze \U0001f642 "tief" \\ schön'
    project = handout_files(replace(ASSIGNMENT, title=title))["pyproject.toml"].decode()
    (line,) = [line for line in project.splitlines() if line.startswith("description = ")]
    assert line == 'description = "Netze \U0001f642 \\"tief\\" \\\\ schön"'  # no surrogate pairs


def test_stale_stubs_are_not_handed_out(tmp_path: Path) -> None:
    folders = replace(ASSIGNMENT.folders, student=tmp_path / "student")
    with pytest.raises(UsageError, match="out of date in student/; run `grader stubs` first"):
        write_handout(replace(ASSIGNMENT, folders=folders), tmp_path / "handout.zip")
    assert not (tmp_path / "handout.zip").exists()


@pytest.mark.slow
def test_the_handout_lists_only_the_commands_that_work_there(unzipped: Path) -> None:
    command = [sys.executable, "-B", "-m", "grader", "--help"]
    done = subprocess.run(command, cwd=unzipped, capture_output=True, text=True, check=True)
    listed = set(re.findall(r"^  ([a-z]+)  ", done.stdout, re.MULTILINE))
    assert listed == {"grade", "watch", "train", "explain", "writeup", "report", "doctor"}
    assert "staff" not in done.stdout
    done = subprocess.run([*command[:-1], "stubs"], cwd=unzipped, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 2
    assert "needs the reference" in done.stderr


@pytest.mark.slow
def test_what_the_container_imports_is_what_it_installs() -> None:
    """It has no `watchfiles`, which only `watch` needs."""
    wanted = (CONTAINER / "requirements.txt").read_text("utf-8")
    assert "watchfiles" not in wanted
    code = (
        "import sys; sys.modules['watchfiles'] = None\n"
        "import grader.cli.platform, grader.delivery.autograde"
    )
    subprocess.run([sys.executable, "-I", "-c", code], check=True)
