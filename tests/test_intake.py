"""What was handed in: which folder is graded, and what reports say about it; near misses."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import random
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest

from grader.assignment import holes
from grader.delivery import autograde
from grader.errors import UsageError
from grader.paths import ROOT
from grader.report import html
from grader.submission import Submission
from grader.submission.archives import MAX_TAR_BYTES
from grader.submission.contents import MAX_MEMBERS, Contents
from grader.submission.finding import MAX_FILES, MAX_LEFT_OUT
from grader.submission.near_misses import MAX_NAMED, what_is_there
from tests.grading import graded
from tests.homework import ASSIGNMENT, GRADED_MODULES, REFERENCE, STUBS, find

ANSWERS = sum(map(len, holes(ASSIGNMENT).values()))
MODULES = [f"{name}.py" for name in GRADED_MODULES]


def _copy(folder: Path, source: Path, names: list[str] = MODULES) -> Path:
    folder.mkdir(parents=True)
    for name in names:
        shutil.copy(source / name, folder / name)
    return folder


def _half(folder: Path) -> Path:
    """Write a submission in which only the layers are answered."""
    _copy(folder, STUBS)
    shutil.copy(REFERENCE / "layers.py", folder)
    return folder


def _grade(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grader", "grade", *arguments, "--seed", "0"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


# Which folder is graded.


def test_the_folder_with_the_most_answers_is_graded_wherever_it_lies(tmp_path: Path) -> None:
    _copy(tmp_path / "backup", STUBS)
    _copy(tmp_path / "deep/er/final", REFERENCE)
    _half(tmp_path / "deep/student")
    found = find(tmp_path)
    assert found.folder == "deep/er/final"
    assert found.remarks == (
        f"Graded: {tmp_path}/deep/er/final ({ANSWERS} of {ANSWERS} answers)",
        f"Other folders, not graded: deep/student ({len(holes(ASSIGNMENT)['layers.py'])} of "
        f"{ANSWERS} answers), backup (0 of {ANSWERS} answers)",
    )


def test_of_two_with_as_many_answers_the_shallower_is_graded(tmp_path: Path) -> None:
    _copy(tmp_path / "hw", REFERENCE)
    _copy(tmp_path / "a/student", REFERENCE)
    assert find(tmp_path).folder == "hw"


def test_an_answer_counts_once_its_hole_is_gone_and_the_class_is_still_there(
    tmp_path: Path,
) -> None:
    _copy(tmp_path / "a", STUBS)
    (tmp_path / "a" / "layers.py").write_text("")
    _copy(tmp_path / "b", STUBS)
    text = (STUBS / "losses.py").read_text()
    hole = next(x for x in text.splitlines() if "raise NotImplementedError" in x)
    (tmp_path / "b" / "losses.py").write_text(text.replace(hole, "        return 1.0", 1))
    found = find(tmp_path)
    assert (found.folder, found.filled) == ("b", f"1 of {ANSWERS} answers")


def test_with_one_folder_only_that_is_said_and_no_count(tmp_path: Path) -> None:
    assert find(_copy(tmp_path / "mine", STUBS)).remarks == (f"Graded: {tmp_path}/mine",)


@pytest.mark.parametrize("source", [REFERENCE, STUBS])
def test_two_equally_good_folders_are_a_usage_error_that_names_both(
    tmp_path: Path, source: Path
) -> None:
    _copy(tmp_path / "attempt1", source)
    _copy(tmp_path / "final", source)
    with pytest.raises(UsageError) as error:
        find(tmp_path)
    assert str(error.value) == (
        f"2 folders in {tmp_path} are equally good: {tmp_path}/attempt1, {tmp_path}/final; "
        "name the one to grade; `grader class` grades a class."
    )
    found = find(tmp_path, always_choose=True)
    assert found.folder == "attempt1"
    assert found.passed_over[0].startswith("final (")


def test_the_handouts_own_name_breaks_a_tie(tmp_path: Path) -> None:
    _copy(tmp_path / "a copy", STUBS)
    _copy(tmp_path / "student", STUBS)
    assert find(tmp_path).folder == "student"


def test_the_handouts_own_folder_is_meant_whatever_copies_lie_beside_it(tmp_path: Path) -> None:
    for name in ("student", "old1", "old2"):
        _copy(tmp_path / name, REFERENCE)
    found = find(tmp_path)
    assert found.folder == "student"
    assert len(found.passed_over) == 2


@pytest.mark.parametrize("count", [3, 31])
def test_a_folder_of_many_students_is_a_usage_error(tmp_path: Path, count: int) -> None:
    _copy(tmp_path / "ada", REFERENCE)
    for number in range(1, count):
        _half(tmp_path / f"student{number:02}" / "hw")
    with pytest.raises(UsageError) as error:
        find(tmp_path)
    assert f"{count} folders with answers: {tmp_path}/ada, {tmp_path}/student01/hw" in str(
        error.value
    )
    assert ("and 21 more" in str(error.value)) == (count == 31)
    assert find(tmp_path, always_choose=True).folder == "ada"


def test_drafts_inside_the_homework_are_not_other_students(tmp_path: Path) -> None:
    _copy(tmp_path / "hw", REFERENCE)
    for number in range(4):
        _half(tmp_path / "hw" / f"draft{number}")
    assert find(tmp_path).folder == "hw"


@pytest.mark.slow
def test_the_command_refuses_what_is_unclear_and_its_results_say_why(tmp_path: Path) -> None:
    _copy(tmp_path / "attempt1", REFERENCE)
    _copy(tmp_path / "final", REFERENCE)
    done = _grade(".", "--only", "3.6", cwd=tmp_path)
    assert done.returncode == 2
    assert "2 folders in . are equally good: attempt1, final;" in done.stderr
    results = json.loads((tmp_path / "results.json").read_text())
    assert "equally good" in results["tests"][0]["output"]


@pytest.mark.slow
def test_every_report_names_the_folder_and_what_was_passed_over(tmp_path: Path) -> None:
    _copy(tmp_path / "backup", STUBS)
    _copy(tmp_path / "final", REFERENCE)
    done = _grade(".", "--only", "3.6", "--html", "r.html", cwd=tmp_path)
    said = [
        f"Graded: final ({ANSWERS} of {ANSWERS} answers)",
        f"Other folders, not graded: backup (0 of {ANSWERS} answers)",
    ]
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:2] == said
    assert json.loads((tmp_path / "results.json").read_text())["output"].splitlines()[:2] == said
    page = (tmp_path / "r.html").read_text()
    assert all(f"<p>{text}</p>" in page for text in said)


@pytest.mark.slow
def test_gradescope_grades_by_the_rule_and_says_so_on_top(tmp_path: Path) -> None:
    _copy(tmp_path / "submission" / "attempt1", REFERENCE)
    _half(tmp_path / "submission" / "attempt2")
    _copy(tmp_path / "submission" / "final", REFERENCE)
    (tmp_path / "results").mkdir()
    found = find(tmp_path / "submission", always_choose=True)
    only = Submission({"losses.py": found.files["losses.py"]}, found.folder)
    assert only.remarks == ()
    results = autograde.run(ASSIGNMENT, tmp_path, {"TIMEOUT_SECONDS": "60"}, require="any")
    assert results["output"].splitlines()[0] == (
        f"Graded: submission/attempt1 ({ANSWERS} of {ANSWERS} answers)"
    )
    assert "attempt2" in results["output"].splitlines()[1]


@pytest.mark.slow
def test_a_name_of_a_folder_is_text_in_every_report(tmp_path: Path) -> None:
    folder = _copy(tmp_path / "<b>[red]hw[\x1b[31m", REFERENCE, ["losses.py"])
    page = html.render(graded(find(folder), "3.6"))
    assert "&lt;b&gt;[red]hw[" in page
    assert "<b>" not in page
    assert "\x1b" not in page
    done = _grade(folder.name, "--only", "3.6", cwd=tmp_path)
    assert done.stdout.splitlines()[0] == "Graded: <b>[red]hw["


# Near misses: what is almost the homework.

NOTEBOOK = json.dumps({"cells": [], "nbformat": 4, "metadata": {}}).encode()
NEAR = {
    "Layers.py": "(rename it to layers.py)",
    "LAYERS.PY": "(rename it to layers.py)",
    "layers.PY": "(rename it to layers.py)",
    "layers (1).py": "(rename it to layers.py)",
    "layers(2).py": "(rename it to layers.py)",
    "layers copy.py": "(rename it to layers.py)",
    "layers - Copy (2).py": "(rename it to layers.py)",
    "Copy of layers.py": "(rename it to layers.py)",
    "layers-1.py": "(rename it to layers.py)",
    "layers.py.txt": "(rename it to layers.py)",
    "layers.txt": "(rename it to layers.py)",
    "layers.py.py": "(rename it to layers.py)",
    "layers.pyc": "(compiled: hand in the source)",
    "layers.ipynb": "(a notebook: save it as layers.py)",
    "layers": "(rename it to layers.py)",
    "layers.py.download": "(rename it to layers.py)",
    "layers.py ": "(rename it to layers.py)",
    "hw3_layers.py": "",
    "layer.py": "",
}


@pytest.mark.parametrize("kind", ["folder", "zip", "tar"])
@pytest.mark.parametrize("name", NEAR)
def test_a_name_that_is_nearly_right_is_named_where_nothing_else_is_there(
    tmp_path: Path, name: str, kind: str
) -> None:
    files = {name: NOTEBOOK, "report.pdf": b"%PDF"}
    with pytest.raises(UsageError) as error:
        find(handed(tmp_path, kind, files))
    listed = ", ".join(sorted(MODULES))
    said = f"{name} {NEAR[name]}".strip()
    assert str(error.value).endswith(f": none of {listed} is there; it has {said}.")


@pytest.mark.parametrize("name", NEAR)
def test_a_name_that_is_nearly_right_is_named_where_one_module_is_missing(
    tmp_path: Path, name: str
) -> None:
    folder = handed(tmp_path, "folder", {name: NOTEBOOK, "losses.py": b"# here"})
    found = graded(find(folder), "3.3", "4.3")
    said = f"layers.py is not in the submission; found {name} {NEAR[name]}".strip()
    messages = [case.message for line in found.lines for case in line.result.cases]
    assert messages[0] == f"{said}."
    assert said.replace("layers.py is not", "", 1) in messages[-1]


WHERE = {
    "in another folder": (
        {"lib/layers.py": b""}, "found lib/layers.py (put it beside the other files)",
    ),
    "a folder": ({"layers.py/a.txt": b""}, "found a folder of this name"),
    "in an archive": (
        {"more/in.zip": b"PK"}, "found more/in.zip (an archive inside: hand in what it holds)",
    ),
    "nowhere": ({"notes.txt": b"", "data/digits.csv.gz": b""}, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", WHERE)
def test_a_module_that_the_folder_lacks_is_looked_for_elsewhere(tmp_path: Path, case: str) -> None:
    files, said = WHERE[case]
    path = handed(tmp_path, "zip", {"src/losses.py": b"", "src/models.py": b"", **files})
    assert find(path).instead.get("layers", "") == said


def test_several_archives_may_be_a_class(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        find(handed(tmp_path, "folder", {f"{name}.zip": b"PK" for name in "abcd"}))
    assert (
        "it has 4 archives (a.zip, b.zip, c.zip and 1 more): hand in what they hold; `grader"
        in str(error.value)
    )


@pytest.mark.parametrize("module", ["layers", "losses"])
def test_of_many_notebooks_only_those_that_are_named_are_read(module: str) -> None:
    found, read = Contents(), []
    for number in range(500):
        name = PurePosixPath(f"{number}/layers.ipynb")
        found.add(name, lambda most, name=name: read.append(name) or NOTEBOOK[:most])  # type: ignore[misc]
    said = what_is_there([module], found)
    assert len(read) == MAX_NAMED
    assert said.count("a notebook") == MAX_NAMED


def test_the_homeworks_own_files_are_taken_before_any_others(tmp_path: Path) -> None:
    litter = {f"a{number}.py": b"" for number in range(MAX_FILES + 10)}
    assert "losses.py" in find(handed(tmp_path, "zip", {**litter, "losses.py": b"x"})).files


def test_files_that_are_refused_count_as_looked_at(tmp_path: Path) -> None:
    path = handed(
        tmp_path, "zip", {f"a{i:03}.py": b"here" for i in range(300)} | {"losses.py": b"x"}
    )
    path.write_bytes(path.read_bytes().replace(b"here", b"hole"))
    found = find(path)
    assert found.files == {"losses.py": b"x"}
    assert len(found.left_out) == MAX_LEFT_OUT + 1


@pytest.mark.parametrize(
    "name", ["players.pdf", "layers.md", "notes.txt", "layers.png", "grader/x/Layers.py", "util.py"]
)
def test_what_cannot_be_meant_is_not_taken_for_a_module(tmp_path: Path, name: str) -> None:
    assert find(handed(tmp_path, "folder", {name: b"", "losses.py": b""})).instead == {}


INSTEAD = {
    "a zip inside": ({"hw.zip": b"PK"}, "hw.zip (an archive inside: hand in what it holds)"),
    "a tar inside": ({"hw.tar.gz": b"."}, "hw.tar.gz (an archive inside: hand in what it holds)"),
    "a 7z inside": ({"a/hw.7z": b"7z"}, "a/hw.7z (an archive inside: hand in what it holds)"),
    "a notebook of another name": (
        {"hw3.ipynb": NOTEBOOK},
        "hw3.ipynb (a notebook: save its code in the files of the homework)",
    ),
    "no notebook": ({"layers.ipynb": b"{}"}, "layers.ipynb (not a notebook)"),
    "other files": ({"a.pdf": b"", "b.py": b"", "c.md": b"", "d.md": b""},
                    "b.py, a.pdf, c.md and 1 more"),
    "a file of litter": ({".DS_Store": b"", "__MACOSX/._layers.py": b""}, ""),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["folder", "zip", "tar"])
@pytest.mark.parametrize("case", INSTEAD)
def test_what_was_found_instead_is_said_in_the_sentence_that_there_is_nothing(
    tmp_path: Path, case: str, kind: str
) -> None:
    files, said = INSTEAD[case]
    with pytest.raises(UsageError) as error:
        find(handed(tmp_path, kind, files))
    assert str(error.value).endswith(f"is there; {f'it has {said}' if said else 'it is empty'}.")
    assert str(error.value).count(". ") == 0


@pytest.mark.parametrize("kind", ["folder", "zip", "tar"])
def test_an_empty_folder_where_a_submodule_should_be_is_named(tmp_path: Path, kind: str) -> None:
    path = handed(tmp_path, kind, {}, folders=["student"])
    with pytest.raises(UsageError, match="it has student \\(an empty folder, such as Git leaves"):
        find(path)


def test_an_encrypted_zip_is_named(tmp_path: Path) -> None:
    path = handed(tmp_path, "zip", {"layers.py": b"x = 1"})
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    path.write_bytes(data)
    with pytest.raises(UsageError, match=r"left out: layers\.py \(encrypted; pack the zip"):
        find(path)


CLOSED = {
    "hw.7z": (b"7z\xbc\xaf\x27\x1c", "is packed as 7z, which is not supported; pack the files"),
    "hw.rar": (b"Rar!\x1a\x07\x00", "is packed as rar, which is not supported"),
    "hw.tar.xz": (b"\xfd7zXZ\x00", "is packed as xz, which is not supported"),
    "renamed.zip": (b"7z\xbc\xaf\x27\x1c", "is packed as 7z"),
    "empty.zip": (b"", "is empty"),
    "cut.zip": (b"PK\x03\x04 and then nothing", "is damaged or not an archive"),
    "cut.tgz": (b"\x1f\x8b\x08 and then nothing", "is damaged or not a tar"),
    "layers.py": (b"class FullyConnected: ...", "is not a folder, zip or tar; hand in"),
}


@pytest.mark.parametrize("name", CLOSED)
def test_what_cannot_be_opened_says_what_it_is(tmp_path: Path, name: str) -> None:
    content, said = CLOSED[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError) as error:
        find(tmp_path / name)
    assert str(error.value).startswith(f"{tmp_path / name} {said}")


def test_nothing_at_a_path_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^There is no folder or zip .*/x\.$"):
        find(tmp_path / "x")


# A tar.


def handed(
    folder: Path, kind: str, files: Mapping[str, bytes], folders: tuple[str, ...] | list[str] = ()
) -> Path:
    """Write files as a folder, a zip or a tar, and return its path."""
    path = folder / f"handed.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in folders:
                archive.writestr(f"{name}/", b"")
            for name, content in files.items():
                info = zipfile.ZipInfo("a name")
                info.filename = name or "\0"  # what comes after a null is not read
                archive.writestr(info, content)
    elif kind == "folder":
        for name in ["", *folders]:
            (path / name).mkdir(parents=True)
        for name, content in files.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(content)
    else:
        path.write_bytes(_tar(files, folders))
    return path


def _tar(files: Mapping[str, bytes], folders: tuple[str, ...] | list[str] = ()) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for name in folders:
            info = tarfile.TarInfo(name)
            info.type = tarfile.DIRTYPE
            archive.addfile(info)
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return written.getvalue()


def test_a_tar_of_the_oldest_kind_is_opened_too(tmp_path: Path) -> None:
    data = bytearray(_tar({"losses.py": b"x = 1\n"}))
    data[257:512] = bytes(255)  # the mark and the extra fields of newer tars
    data[148:156] = b"%06o\0 " % (sum(data[:148]) + sum(data[156:512]) + 8 * 32)
    (tmp_path / "old.tar").write_bytes(data)
    assert find(tmp_path / "old.tar").files == {"losses.py": b"x = 1\n"}


@pytest.mark.parametrize("ending", ["tar", "tar.gz", "tgz", "tar.bz2", "zip"])
def test_a_tar_is_opened_like_a_zip_whatever_it_is_called(tmp_path: Path, ending: str) -> None:
    data = _tar({"hw/student/losses.py": b"x = 1\n", "hw/student/more/tools.py": b"", "a.txt": b""})
    pack = gzip.compress if "gz" in ending else bz2.compress if "bz2" in ending else bytes
    path = tmp_path / f"handed.{ending}"
    path.write_bytes(pack(data))
    found = find(path)
    assert found.files == {"losses.py": b"x = 1\n", "more/tools.py": b""}
    assert found.remarks == (f"Graded: {path}/hw/student",)


def test_a_tar_that_ends_with_a_zip_is_still_a_tar(tmp_path: Path) -> None:
    inner = handed(tmp_path, "zip", {"losses.py": b"# of the zip"}).read_bytes()
    path = tmp_path / "hw.tar"
    path.write_bytes(_tar({"losses.py": b"# of the tar", "old.zip": inner}))
    assert find(path).files == {"losses.py": b"# of the tar"}


def test_a_tar_with_traversal_links_devices_and_large_files_loses_only_those(
    tmp_path: Path,
) -> None:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        kinds = {"models": tarfile.SYMTYPE, "layers": tarfile.LNKTYPE,
                 "optimizers": tarfile.FIFOTYPE, "d": tarfile.CHRTYPE}  # fmt: skip
        for name, kind in kinds.items():
            info = tarfile.TarInfo(f"hw/{name}.py")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        for name, size in (("hw/losses.py", 6), ("../evil.py", 1), ("/etc/x.py", 1),
                           ("hw/activations.py", 3_000_000)):  # fmt: skip
            info = tarfile.TarInfo(name)
            info.size = size
            archive.addfile(info, io.BytesIO(b"x = 1\n".ljust(size)))
    path = tmp_path / "hw.tar.gz"
    path.write_bytes(gzip.compress(written.getvalue()))
    found = find(path)
    assert found.files == {"losses.py": b"x = 1\n"}
    assert sorted(found.left_out) == [
        "../evil.py (its path leads out of the archive)",
        "/etc/x.py (its path leads out of the archive)",
        "activations.py (larger than 1 MB)",
        "d.py (not a regular file)",
        "layers.py (a link)",
        "models.py (a link)",
        "optimizers.py (not a regular file)",
    ]
    assert found.instead["layers"] == "rejected: layers.py (a link)"


def test_a_tar_that_unpacks_without_bounds_is_cut(tmp_path: Path) -> None:
    zeros = tarfile.TarInfo("zeros.bin")
    zeros.size = MAX_TAR_BYTES
    data = gzip.compress(_tar({"losses.py": b"x = 1\n"})[:1024] + zeros.tobuf())
    path = tmp_path / "bomb.tgz"
    path.write_bytes(data + gzip.compress(b"\0" * MAX_TAR_BYTES, 1))
    found = find(path)
    assert found.files == {"losses.py": b"x = 1\n"}
    assert found.left_out == ("everything after the first 50 MB of the tar",)


def test_a_header_of_a_tar_that_claims_gigabytes_is_not_read(tmp_path: Path) -> None:
    huge = tarfile.TarInfo("header")
    huge.type, huge.size = tarfile.XHDTYPE, 2**40
    path = tmp_path / "huge.tar"
    path.write_bytes(_tar({"losses.py": b"x = 1\n"})[:1024] + huge.tobuf() + b"0" * 10_000)
    found = find(path)
    assert found.files == {"losses.py": b"x = 1\n"}
    assert len(found.left_out) == 1


@pytest.mark.parametrize("kind", ["zip", "tar"])
@pytest.mark.parametrize("name", ["", ".", "./", "//", "a//b/"])
def test_a_member_without_a_name_is_no_file(tmp_path: Path, name: str, kind: str) -> None:
    assert find(handed(tmp_path, kind, {"losses.py": b"", name: b""})).files == {"losses.py": b""}


@pytest.mark.slow
def test_a_tar_with_too_many_members_and_one_that_breaks_off_say_so(tmp_path: Path) -> None:
    path = tmp_path / "many.tar"
    path.write_bytes(_tar({"losses.py": b"", **{f"f{i}": b"" for i in range(MAX_MEMBERS + 1)}}))
    assert find(path).left_out == (f"everything after the first {MAX_MEMBERS} members of the tar",)
    data = gzip.compress(_tar({"losses.py": b"x", "more.bin": random.Random(0).randbytes(100_000)}))
    path.write_bytes(data[: len(data) // 2])
    assert find(path).left_out[0].startswith("the rest of the tar, which is damaged (")
