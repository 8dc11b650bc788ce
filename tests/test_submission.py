"""Finding and staging: regular `.py` files only, wherever they lie, whatever else is there."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.submission import staging
from grader.submission.finding import MAX_FILE_BYTES, MAX_FILES
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
    assert found.lacks(GRADED_MODULES) == ("losses",)


def test_the_folder_with_most_modules_is_graded_and_student_wins(tmp_path: Path) -> None:
    _write(tmp_path, "old/layers.py", "hw/reference/layers.py", "hw/reference/losses.py")
    _write(tmp_path, "hw/student/layers.py", "hw/student/losses.py", "hw/student/extra/tools.py")
    found = find(tmp_path)
    assert found.folder == "hw/student"
    assert set(found.files) == {"layers.py", "losses.py", "extra/tools.py"}
    assert found.lacks(GRADED_MODULES) == ("activations", "models", "optimizers")


def test_litter_is_not_looked_at(tmp_path: Path) -> None:
    _write(tmp_path, "layers.py", ".venv/losses.py", "__pycache__/models.py", "venv/a/models.py")
    _write(tmp_path, "__MACOSX/._layers.py", ".layers.py.swp", "._layers.py", "notes.txt")
    assert set(find(tmp_path).files) == {"layers.py"}


def test_links_pipes_and_large_files_are_left_out_and_named(tmp_path: Path) -> None:
    folder = _write(tmp_path / "handed", "layers.py")
    (tmp_path / "secret.py").write_text("# secret\n")
    (folder / "losses.py").symlink_to(tmp_path / "secret.py")
    (folder / "models.py").write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    os.mkfifo(folder / "optimizers.py")
    (folder / "linked").symlink_to(tmp_path)
    found = find(folder)
    assert set(found.files) == {"layers.py"}
    assert [name.partition(" ")[0] for name in found.left_out] == [
        "losses.py", "models.py", "optimizers.py",
    ]  # fmt: skip


def test_too_many_files_are_cut_with_a_note(tmp_path: Path) -> None:
    _write(tmp_path, "layers.py", *(f"m{i}.py" for i in range(MAX_FILES + 10)))
    found = find(tmp_path)
    assert len(found.files) == MAX_FILES
    assert found.left_out == (f"everything after the first {MAX_FILES} files",)


def test_a_name_that_is_not_text_is_shown_with_question_marks(tmp_path: Path) -> None:
    folder = _write(tmp_path, "layers.py")
    (folder / os.fsdecode(b"caf\xe9.py")).write_bytes(b"# latin\n")
    assert set(find(folder).files) == {"layers.py", "caf?.py"}


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
    with pytest.raises(UsageError, match=r"none of activations\.py, layers\.py"):
        find(tmp_path)


def test_staging_writes_the_files_as_they_were_handed_in_and_leaves_nothing(tmp_path: Path) -> None:
    handed = _write(tmp_path / "handed", "layers.py", "extra/tools.py")
    with staging(ASSIGNMENT, find(handed)) as staged:
        own = Path(staged.stage(RUBRIC[0]).submission)
        assert (own / "extra" / "tools.py").read_text() == "# extra/tools.py\n"
        assert {p.name for p in own.rglob("*.py")} == {"layers.py", "tools.py"}
    assert not own.exists()


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
