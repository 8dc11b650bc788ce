"""Finding and staging: regular `.py` files only, wherever they lie, whatever else is there."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.paths import ROOT
from grader.submission import Staging, staging
from grader.submission.contents import MAX_FILE_BYTES
from grader.submission.finding import MAX_FILES
from grader.submission.workspace import PREFIX, sweep
from tests.homework import ASSIGNMENT, GRADED_MODULES, RUBRIC, find


def _write(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n")
    return folder


def test_the_stubs_that_a_handout_keeps_for_itself_are_never_graded(tmp_path: Path) -> None:
    for name in ("activations", "layers", "losses", "models", "optimizers"):
        for folder in ("grader/assignment/homework/given", "student"):
            (tmp_path / folder).mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / f"{name}.py").write_text(f"# {folder}\n", "utf-8")
    (tmp_path / "student" / "losses.py").unlink()
    found = find(tmp_path)
    assert found.folder == "student"
    assert found.lacks(GRADED_MODULES) == ("losses", "derivations")


def test_derivations_are_left_where_they_are_without_a_remark(tmp_path: Path) -> None:
    _write(tmp_path / "hw", "student/layers.py", "student/writeup.md")
    with zipfile.ZipFile(tmp_path / "hw.zip", "w") as archive:
        for name in ("layers.py", "writeup.md"):
            archive.write(tmp_path / "hw" / "student" / name, f"student/{name}")
    for path in (tmp_path / "hw", tmp_path / "hw.zip"):
        found = find(path)
        assert (set(found.files), found.left_out) == ({"layers.py"}, ())
        assert found.remarks == (f"Graded: {path / 'student'}",)


def test_the_folder_with_most_modules_is_graded_and_student_wins(tmp_path: Path) -> None:
    _write(tmp_path, "old/layers.py", "hw/reference/layers.py", "hw/reference/losses.py")
    _write(tmp_path, "hw/student/layers.py", "hw/student/losses.py", "hw/student/extra/tools.py")
    found = find(tmp_path)
    assert found.folder == "hw/student"
    assert set(found.files) == {"layers.py", "losses.py", "extra/tools.py"}
    assert found.lacks(GRADED_MODULES) == ("activations", "models", "optimizers", "derivations")


def test_litter_is_not_looked_at(tmp_path: Path) -> None:
    _write(tmp_path, "layers.py", ".venv/losses.py", "__pycache__/models.py", "venv/a/models.py")
    _write(tmp_path, "__MACOSX/._layers.py", ".layers.py.swp", "._layers.py", "notes.txt")
    assert set(find(tmp_path).files) == {"layers.py"}


LITTER = (
    "__pycache__",
    "__MACOSX",
    "node_modules",
    "site-packages",
    "venv",
    "env",
    ".git",
    ".venv",
)


def _handed(folder: Path, kind: str, files: dict[str, bytes]) -> Path:
    """Write files as a folder or as a zip."""
    if kind == "zip":
        with zipfile.ZipFile(folder / "handed.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return folder / "handed.zip"
    for name, content in files.items():
        path = folder / "handed" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder / "handed"


@pytest.mark.parametrize("kind", ["folder", "zip"])
@pytest.mark.parametrize("litter", LITTER)
def test_folders_of_litter_and_hidden_ones_are_not_looked_at(
    tmp_path: Path, litter: str, kind: str
) -> None:
    """Not even if they hold whole modules, beside the homework, around it, or below it."""
    lost = {f"hw/{litter}/{name}.py": b"" for name in GRADED_MODULES}
    lost |= {f"{litter}/{name}.py": b"" for name in GRADED_MODULES}
    lost |= {f"hw/tools/{litter}/deep/layers.py": b"", f"{litter}/a/layers.py": b""}
    kept = {"hw/layers.py": b"1", "hw/tools/my.py": b"2", f"hw/my{litter}/more.py": b"3"}
    found = find(_handed(tmp_path, kind, lost | kept))
    assert {f"hw/{name}": content for name, content in found.files.items()} == kept
    assert found.left_out == ()


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_hidden_files_are_not_looked_at(tmp_path: Path, kind: str) -> None:
    files = {"._layers.py": b"", ".losses.py": b"", "layers.py": b"1", "a/.b.py": b"", "c.pyc": b""}
    found = find(_handed(tmp_path, kind, files))
    assert found.files == {"layers.py": b"1"}
    assert found.left_out == ()


@pytest.mark.parametrize("kind", ["folder", "zip"])
@pytest.mark.parametrize("more", [-1, 0, 1, 2])
def test_a_file_is_taken_whole_or_left_out_and_named(tmp_path: Path, kind: str, more: int) -> None:
    large = b"#" * (MAX_FILE_BYTES - 1 + more) + b"\n"
    found = find(_handed(tmp_path, kind, {"layers.py": b"1", "losses.py": large}))
    assert found.files == {"layers.py": b"1", **({"losses.py": large} if more <= 0 else {})}
    assert len(found.left_out) == (more > 0)
    assert not more > 0 or found.left_out == ("losses.py (larger than 1 MB)",)


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_folders_are_looked_at_six_deep(tmp_path: Path, kind: str) -> None:
    deep = "/".join("abcde")
    names = {f"{deep}/layers.py": b"1", f"{deep}/f/g/losses.py": b""}
    found = find(_handed(tmp_path, kind, names))
    assert (found.folder, found.files) == (deep, {"layers.py": b"1"})


@pytest.mark.parametrize("claimed", [3, MAX_FILE_BYTES])
def test_a_member_whose_size_is_a_lie_is_left_out(tmp_path: Path, claimed: int) -> None:
    """The directory of the zip claims that the file is smaller than it is."""
    content = b"x = 1\n" * 300_000
    path = _handed(tmp_path, "zip", {"layers.py": b"1", "losses.py": content})
    size, lie = (struct.pack("<L", number) for number in (len(content), claimed))
    data = path.read_bytes()
    assert data.count(size) == 2
    path.write_bytes(data.replace(size, lie))
    found = find(path)
    assert found.files == {"layers.py": b"1"}
    assert found.left_out == ("losses.py (damaged)",)


def test_links_pipes_and_large_files_are_left_out_and_named(tmp_path: Path) -> None:
    folder = _write(tmp_path / "handed", "layers.py")
    (tmp_path / "secret.py").write_text("# secret\n")
    (folder / "losses.py").symlink_to(tmp_path / "secret.py")
    (folder / "models.py").write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    os.mkfifo(folder / "optimizers.py")
    (folder / "linked").symlink_to(tmp_path)
    found = find(folder)
    assert set(found.files) == {"layers.py"}
    assert found.left_out == (
        "losses.py (a link)", "models.py (larger than 1 MB)", "optimizers.py (not a regular file)",
    )  # fmt: skip


def test_too_many_files_are_cut_with_a_note(tmp_path: Path) -> None:
    _write(tmp_path, "layers.py", *(f"m{i}.py" for i in range(MAX_FILES + 10)))
    found = find(tmp_path)
    assert len(found.files) == MAX_FILES
    assert found.left_out == (f"everything after the first {MAX_FILES} files",)


def test_a_name_that_is_not_text_is_shown_with_question_marks(tmp_path: Path) -> None:
    folder = _write(tmp_path, "layers.py")
    (folder / os.fsdecode(b"caf\xe9.py")).write_bytes(b"# latin\n")
    assert set(find(folder).files) == {"layers.py", "caf?.py"}


@pytest.mark.slow
def test_a_zip_with_traversal_links_and_bombs_loses_only_those(tmp_path: Path) -> None:
    path = tmp_path / "handed.zip"
    link = zipfile.ZipInfo("hw/losses.py")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("hw/layers.py", "# layers\n")
        archive.writestr("../../evil.py", "# out\n")
        archive.writestr("/etc/models.py", "# absolute\n")
        archive.writestr("hw/models.py", b"\0" * (50 * MAX_FILE_BYTES))
        archive.writestr(link, "/etc/passwd")
    found = find(path)
    assert found.files == {"layers.py": b"# layers\n"}
    assert len(found.left_out) == 4


def test_a_zip_with_the_separators_of_windows_is_unpacked_and_leads_nowhere_else(
    tmp_path: Path,
) -> None:
    path = tmp_path / "handed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("hw\\student\\losses.py", "hw\\student\\..\\..\\layers.py"):
            archive.writestr(name, "x = 1\n")
    found = find(path)
    assert (found.files, found.folder) == ({"losses.py": b"x = 1\n"}, "hw/student")
    assert any("layers.py" in text for text in found.left_out)


def test_a_damaged_member_of_a_zip_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "handed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("layers.py", "# layers\n")
        archive.writestr("losses.py", "# these bytes will be damaged\n")
    data = path.read_bytes()
    path.write_bytes(data.replace(b"# these", b"# those", 1))
    found = find(path)
    assert set(found.files) == {"layers.py"}
    assert found.left_out[0].startswith("losses.py")


def test_nothing_to_grade_is_a_usage_error_that_says_what_is_looked_for(tmp_path: Path) -> None:
    _write(tmp_path, "Layers.py", "main.py")
    with pytest.raises(UsageError, match=r"none of activations\.py, derivations\.py, layers\.py"):
        find(tmp_path)


def test_staging_writes_the_files_as_they_were_handed_in_and_leaves_nothing(tmp_path: Path) -> None:
    handed = _write(tmp_path / "handed", "layers.py", "extra/tools.py")
    with staging(ASSIGNMENT, find(handed)) as staged:
        own = Path(staged.stage(RUBRIC[0]).submission)
        assert (own / "extra" / "tools.py").read_text() == "# extra/tools.py\n"
        assert {p.name for p in own.rglob("*.py")} == {"layers.py", "tools.py"}
    assert not own.exists()


# Run as another user, or as the same one: what can it list, read, and write of what is staged?
LOOK = """
import json, os, sys
place, staged, uid = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
if uid:
    os.setgroups([]); os.setgid(uid); os.setuid(uid)
def can(use, path):
    try:
        use(path)
    except OSError:
        return False
    return True
print(json.dumps({
    "listed": [name for name in os.listdir(place) if name.startswith("grader-staged-")
               and can(os.listdir, os.path.join(place, name))],
    "read": [path for path in staged if can(lambda path: open(path, "rb").read(), path)],
    "written": [path for path in staged if can(lambda path: open(path, "a"), path)
                or can(lambda path: open(path + ".new", "w"), path)],
}))
"""


def _look(place: Path, staged: Staging, uid: int) -> dict[str, list[str]]:
    """Return what another user (0: this one) can do with the files below a staged folder."""
    files = [str(path) for path in staged.folder.rglob("*") if path.is_file()]
    command = [sys.executable, "-I", "-c", LOOK, str(place), json.dumps(files), str(uid)]
    found: dict[str, list[str]] = json.loads(subprocess.check_output(command, cwd="/"))
    return {**found, "files": files}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_nobody_finds_what_root_stages_and_a_worker_reads_all_of_it(
    tmp_path: Path, umask: int
) -> None:
    submission = find(_write(tmp_path / "handed", "activations.py", "extra/tools.py"))
    before = os.umask(umask)
    try:
        with staging(ASSIGNMENT, submission) as staged:
            staged.stage(RUBRIC[0])
            staged.stage(RUBRIC[-1])
            staged.whole()
            found = _look(staged.folder.parent.parent, staged, uid=65534)
            assert staged.folder.parent.stat().st_mode & 0o777 == 0o711
    finally:
        os.umask(before)
    assert found["listed"] == []  # nobody may learn the secret name
    assert found["read"] == found["files"] != []
    assert found["written"] == []


STAGE = """
import os, sys
from grader.submission import Submission, staging
from tests.homework import ASSIGNMENT
files = {"activations.py": b"# activations.py", "extra/tools.py": b"# tools.py"}
with staging(ASSIGNMENT, Submission(files, ".")):
    pass  # imports all that it takes, which another user may not be able to read
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(1001); os.setuid(1001)
os.umask(int(sys.argv[1], 8))
with staging(ASSIGNMENT, Submission(files, ".")) as staged:
    staged.stage(ASSIGNMENT.rubric[0]), staged.whole()
    print(staged.folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """Return a folder for temporary files that everybody can enter, like /tmp."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o1777)
        yield Path(folder)


def _staged(place: Path, umask: str = "022") -> subprocess.Popen[str]:
    """Start a process that stages a submission, as an ordinary user, and waits."""
    return subprocess.Popen(
        [sys.executable, "-c", STAGE, umask],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(place), "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.slow
@pytest.mark.parametrize("umask", ["000", "022", "077"])
def test_what_an_ordinary_user_stages_is_closed_to_everybody_else(place: Path, umask: str) -> None:
    with _staged(place, umask) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        assert folder.parent.stat().st_mode & 0o777 == 0o700
        if os.geteuid() == 0:
            files = [str(path) for path in folder.rglob("*") if path.is_file()]
            command = [sys.executable, "-I", "-c", LOOK, str(place), json.dumps(files), "65534"]
            found = json.loads(subprocess.check_output(command, cwd="/"))
            assert files
            assert found == {"listed": [], "read": [], "written": []}
        process.stdin.close()
    assert list(place.iterdir()) == []


@pytest.mark.slow
def test_what_a_killed_grader_left_is_swept_by_the_next_and_nothing_else(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _staged(place) as alive, _staged(place) as killed, _staged(place) as young:
        folders = []
        for process in (alive, killed, young):
            assert process.stdout is not None
            folders.append(Path(process.stdout.readline().strip()).parent)
        killed.kill()
        young.kill()
        killed.wait()
        young.wait()
        mine = place / f"{PREFIX}notes"
        mine.mkdir()
        (mine / "thesis.txt").write_text("precious")
        link = place / f"{PREFIX}link"
        link.symlink_to(mine)
        for path in (folders[0], folders[1], mine):
            os.utime(path, (0, 0))
        monkeypatch.setattr("os.geteuid", lambda: folders[0].stat().st_uid)
        sweep(str(place))
        left = set(place.iterdir())
        assert left == {folders[0], folders[2], mine, link}
        assert (mine / "thesis.txt").is_file()
        assert alive.stdin is not None
        alive.stdin.close()


def test_nobody_elses_folder_is_swept(place: Path) -> None:
    folder = place / f"{PREFIX}of-another"
    folder.mkdir()
    os.utime(folder, (0, 0))
    if os.geteuid() == 0:
        os.chown(folder, 1001, 1001)
        sweep(str(place))
        assert folder.is_dir()
        os.chown(folder, 0, 0)
    sweep(str(place))
    assert not folder.exists()


def test_a_folder_for_temporary_files_that_workers_cannot_enter_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with staging(ASSIGNMENT, find(_write(tmp_path / "handed", "layers.py"))) as staged:
        root = os.geteuid() == 0
        assert staged.folder.is_relative_to("/tmp" if root else tmp_path)
        assert not (root and staged.folder.is_relative_to(tmp_path))


def test_a_zip_of_the_whole_handout_has_nothing_to_say_of_the_graders_own_files(
    tmp_path: Path,
) -> None:
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr("Downloads/nn-homework/student/layers.py", "")
        deep = "Downloads/nn-homework/grader/assignment/homework/cases"
        archive.writestr(f"{deep}/layers.py", "")
        archive.writestr("Downloads/nn-homework/student/a/b/c/d/deep.py", "")
        archive.writestr("../grader/evil.py", "")
    found = find(tmp_path / "in.zip")
    assert set(found.files) == {"layers.py"}
    assert [text.partition(" ")[0] for text in found.left_out] == [
        "Downloads/nn-homework/student/a/b/c/d/deep.py",
        "../grader/evil.py",
    ]
