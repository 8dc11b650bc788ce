"""The formats a class is downloaded in: whose each entry is, and what is graded in it."""

from __future__ import annotations

import os
import stat
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from grader.course.people import HandIn, Student
from grader.course.sources import Roster, Source, opened_source, unpacking
from grader.errors import UsageError
from grader.submission import workspace
from tests import classes
from tests.classes import BROKEN, Handed, Member, tarred, write, zipped
from tests.homework import ASSIGNMENT

RELU = {"activations.py": b"# mine\n"}
NONE = {"nothing.txt": b""}


@contextmanager
def opened(path: Path, kind: str | None = None, roster: Roster | None = None) -> Iterator[Source]:
    with opened_source(path, ASSIGNMENT, kind, roster) as source:
        yield source


def _refusal(path: Path, kind: str | None = None) -> str:
    with pytest.raises(UsageError) as error, opened(path, kind):
        pass
    assert str(error.value).endswith(".")
    return str(error.value)


def _files(one: HandIn) -> dict[str, bytes]:
    return one.open().files


def _fault(one: HandIn) -> str:
    with pytest.raises(UsageError) as error:
        one.open()
    assert str(error.value).endswith(".")
    return str(error.value)


def _by_entry(source: Source) -> dict[str, HandIn]:
    found = {one.entry: one for one in source.hand_ins}
    assert len(found) == len(source.hand_ins)
    return found


def _ids(source: Source) -> dict[str, list[str]]:
    return {one.entry: [x.id for x in one.students] for one in source.hand_ins}


def _zip(path: Path, files: dict[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zipped(files))
    return path


# Gradescope.
TABLE = """---
submission_1:
  :submitters:
  - :name: "Ada Lovelace"
    :sid: 00123
    :email: Ada@uni.example
    :sections: [A, {":x": 1}]
  - :name: Zoë "Z" O'Brien
    :email: zoe@uni.example
  :created_at: 2026-01-05 12:30:07.123456789 Z
  :score: 12.5
  :status: processed
  :results:
    tests:
    - name: 'a: b'
      output: |-
        :submitters: no

        x
  :history:
  - :id: 7
    :created_at: &1 2026-01-04 08:00:00.000000000 Z
submission_2:
  :submitters:
  - :name: Null
    :sid:
    :email: ~
  :created_at: 2026-01-05 12:30:07 -07:30
submission_3:
  :submitters:
  - :name: Ada Lovelace
    :email: ada@UNI.example
  :created_at: *1
submission_4:
  :submitters: []
  :created_at: yesterday
submission_5:
  :submitters:
  - :name: Grace Hopper
    :sid: '77'
    :email: grace@uni.example
submission_6: 7
submission_8:
  :submitters:
  - ":sid": "\\e[2J00123"
    ":email": bob@uni.example
"""


def _export(folder: Path, table: str | bytes = TABLE, top: str = "assignment_9_export") -> Path:
    pytest.importorskip("yaml")
    home = folder / top
    for number in (1, 2, 3, 4, 6, 7, 8):
        write(home / f"submission_{number}", RELU)
    content = table if isinstance(table, bytes) else table.encode()
    write(home, {"submission_metadata.yml": content, "notes.txt": b""})
    return home


@pytest.mark.parametrize("form", ["folder", "above", "zip", "tar"])
def test_a_gradescope_export_has_its_students_from_its_table(tmp_path: Path, form: str) -> None:
    home = _export(tmp_path / "down")
    (home / "submission_9").symlink_to(home / "submission_1")
    path = {"folder": home, "above": home.parent}.get(form, tmp_path / f"export.{form}")
    if form == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for file in sorted(home.rglob("*.*")):
                archive.write(file, file.relative_to(home.parent))
            archive.writestr("__MACOSX/assignment_9_export/._notes.txt", b"")
    elif form == "tar":
        with tarfile.open(path, "w:xz") as archive:
            archive.add(home, home.name)
    with opened(path) as source:
        assert (source.kind, source.because) == ("gradescope", "it has submission_metadata.yml")
        assert set(source.left_out) <= {"notes.txt", "submission_9"}
        found = _by_entry(source)
        ada = Student("00123", "Ada Lovelace", "Ada@uni.example")
        zoe = Student("zoe@uni.example", 'Zoë "Z" O\'Brien', "zoe@uni.example")
        assert {entry: one.students for entry, one in found.items()} == {
            "submission_1": (ada, zoe),
            "submission_2": (Student("submission_2"),),
            "submission_3": (ada,),
            "submission_4": (Student("submission_4"),),
            "submission_6": (Student("submission_6"),),
            "submission_7": (Student("submission_7"),),
            "submission_8": (Student("[2J00123", "", "bob@uni.example"),),
            "submission_5": (Student("77", "Grace Hopper", "grace@uni.example"),),
        }
        gone = "submission_metadata.yml lists submission_5, but the export has no such folder."
        assert _fault(found["submission_5"]) == gone
        utc = timezone.utc
        west = timezone(-timedelta(hours=7, minutes=30))
        assert [one.submitted_at for one in source.hand_ins] == [
            datetime(2026, 1, 5, 12, 30, 7, 123456, utc),
            datetime(2026, 1, 5, 12, 30, 7, 0, west),
            datetime(2026, 1, 4, 8, 0, 0, 0, utc),
            *[None] * 5,
        ]
        table = "submission_metadata.yml"
        unfollowed = {
            "zip": (),  # the zip has the link's target instead
            "tar": (f"{home.name}/submission_9 in {path} was not unpacked: it is a link.",),
        }.get(form, ("submission_9 is a link, which is not followed.",))
        told = tuple(x for x in source.problems if "submission_9" in x)
        assert told == unfollowed
        assert tuple(x for x in source.problems if x not in told) == (
            f"{table} has no readable time for submission_4.",
            f"{table} does not list submission_6.",
            "submission_metadata.yml names no submitter of submission_4.",
            "submission_metadata.yml does not list submission_6.",
            "submission_metadata.yml does not list submission_7.",
        )
        assert found["submission_7"].remarks == ("submission_metadata.yml does not list it",)
        assert _files(found["submission_1"]) == RELU
        assert found["submission_1"].open().source == "submission_1"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (b"", "is empty"),
        (b"\n\n# nothing\n", "is empty"),
        (b"- a\n- b\n", "is not a list of submissions by name"),
        (b"words", "is not a list of submissions by name"),
        (b"a: [1, 2\nb: }", "is damaged"),
        (b"a: \xff\xfe", "is damaged"),
        (b"a: *nobody", ""),
        (b"a: " + b"[" * 5000, "is damaged"),
        (b"PK\x03\x04\0\0", "is damaged"),
    ],
)
def test_a_damaged_table_is_told(tmp_path: Path, table: bytes, said: str) -> None:
    home = _export(tmp_path, table)
    if said:
        assert said in _refusal(home)
    else:
        with opened(home) as source:
            assert len(source.hand_ins) == 7


def test_a_table_that_grows_by_aliases_and_one_that_is_deep_cost_nothing(tmp_path: Path) -> None:
    lines = ["submission_1:", "  :a0: &a0 [x, x]"]
    lines += [f"  :a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    lines += ["  :submitters: *a29", "submission_2:", f"  :submitters: {'[' * 90}{']' * 90}"]
    with opened(_export(tmp_path, "\n".join(lines))) as source:
        assert _ids(source)["submission_1"] == ["submission_1"]
        assert _ids(source)["submission_2"] == ["submission_2"]


def _table(*rows: tuple[str, str, str]) -> str:
    return "".join(
        f'submission_{n}:\n  :submitters:\n  - :name: "{name}"\n    :sid: "{sid}"\n'
        f'    :email: "{email}"\n'
        for n, (sid, name, email) in enumerate(rows, 1)
    )


def test_two_students_of_one_id_both_keep_their_rows(tmp_path: Path) -> None:
    rows = (
        ("7", "Ada", "ada@x"),
        ("7", "Bob", "bob@x"),
        ("7", "Ada L.", "ADA@x"),
        ("7-2", "Eve", "eve@x"),
        ("", "", "Bob@X"),
        ("a", "", ""),
        ("A", "", ""),
    )
    with opened(_export(tmp_path, _table(*rows))) as source:
        ids = _ids(source)
        first = [ids[f"submission_{n}"] for n in (1, 2, 3, 4)]
        assert first == [["7"], ["7-2"], ["7"], ["7-2-2"]]
        told = [x for x in source.problems if x.startswith("Two students")]
        assert told == [
            "Two students have the id 7: Ada (ada@x), and Bob (bob@x); the second is listed as "
            "7-2.",
            "Two students have the id 7-2: Bob (bob@x), and Eve (eve@x); the second is listed as "
            "7-2-2.",
        ]
        assert (ids["submission_6"], ids["submission_7"]) == (["a"], ["A"])


def test_without_the_extra_one_sentence_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a" / "submission_1", RELU)
    write(tmp_path / "a", {"submission_metadata.yml": b""})
    monkeypatch.delitem(sys.modules, "grader.course.sources.metadata", raising=False)
    sources = sys.modules["grader.course.sources"]
    monkeypatch.delattr(sources, "metadata", raising=False)
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert "PyYAML, which is not installed; `make class` installs it." in _refusal(tmp_path / "a")


# Canvas.
def test_a_canvas_download_is_put_together_by_student(tmp_path: Path) -> None:
    home = write(tmp_path / "submissions", {
        "lovelaceada_101_5001_activations.py": b"ada",
        "lovelaceada_101_5002_layers-1.py": b"old",
        "lovelaceada_101_5003_layers-12.py": b"new",
        "lovelaceada_101_5004_layers-2.py": b"older",
        "lovelaceada_101_5005_my_LATE_1_2_notes-3.txt": b"",
        "o'brien-zoë_LATE_102_5006_hw-1.tar.gz": tarred({"hw/losses.py": b"zoe"}),
        "_LATE_hopper_103_5007_losses-1.py": b"grace",
        "godel_104_5008_hw.zip": BROKEN,
        "turing_105_5009_a.zip": zipped(RELU),
        "turing_105_5010_b.zip": zipped(RELU),
        "noether_106_5011_hw.zip": zipped({"x/deep.zip": zipped(RELU)}),
        "ng_107_5012_hw.zip": zipped(RELU),
        "ng_107_5013_writeup.pdf": b"%PDF",
        "empty_108_5014_activations.py": b"",
        "readme.txt": b"",
        ".DS_Store": b"",
    })  # fmt: skip
    (home / "link_109_5015_losses.py").symlink_to("/etc/passwd")
    with opened(home) as source:
        assert source.kind == "canvas"
        assert source.because.startswith("its files are named as Canvas names them (")
        assert source.left_out == (".DS_Store",)
        assert source.problems == (
            "link_109_5015_losses.py is a link or a special file; it is not read.",
            "readme.txt is not named as Canvas names files: whose is it?",
        )
        found = _by_entry(source)
        assert {x: (one.students, one.late) for x, one in found.items()} == {
            "lovelaceada_101": ((Student("101", "lovelaceada"),), False),
            "o'brien-zoë_102": ((Student("102", "o'brien-zoë"),), True),
            "_LATE_hopper_103": ((Student("103", "_LATE_hopper"),), False),
            "godel_104": ((Student("104", "godel"),), False),
            "turing_105": ((Student("105", "turing"),), False),
            "noether_106": ((Student("106", "noether"),), False),
            "ng_107": ((Student("107", "ng"),), False),
            "empty_108": ((Student("108", "empty"),), False),
        }
        ada = found["lovelaceada_101"]
        assert _files(ada) == {"activations.py": b"ada", "layers.py": b"new"}
        assert set(ada.remarks) == {
            "layers-1.py was handed in again; the newest layers.py counts",
            "layers-2.py was handed in again; the newest layers.py counts",
            "layers.py: Canvas calls it layers-12.py",
        }
        assert ada.open().source == f"{home} (lovelaceada_101)"
        assert _files(found["o'brien-zoë_102"]) == {"losses.py": b"zoe"}
        assert _files(found["_LATE_hopper_103"]) == {"losses.py": b"grace"}
        assert _files(found["ng_107"]) == RELU
        assert _files(found["empty_108"]) == {"activations.py": b""}
        assert "is damaged or not an archive" in _fault(found["godel_104"])
        assert "has 2 archives (a.zip, b.zip)" in _fault(found["turing_105"])
        assert "x/deep.zip (an archive inside" in _fault(found["noether_106"])
        for one in source.hand_ins:
            assert one.submitted_at is None


def test_names_with_numbers_are_no_canvas_download_where_students_share_them(
    tmp_path: Path,
) -> None:
    home = write(tmp_path / "class", {f"{x}_2026_01_hw.zip": zipped(RELU) for x in ("ada", "bob")})
    with opened(home) as source:
        assert source.kind == "folder"
        assert _ids(source)["bob_2026_01_hw.zip"] == ["bob_2026_01_hw"]
    assert "is not a Canvas download" in _refusal(home, "canvas")


# GitHub Classroom, and plain folders.
def test_clones_are_called_by_what_follows_the_name_of_the_assignment(tmp_path: Path) -> None:
    for name in ("hw-1-ada", "hw-1-grace-h", "hw-1-Team-X", "hw-1-ünal"):
        write(tmp_path / "c" / name, RELU)
        write(tmp_path / "c" / name / ".git", {"config": b"[core]\n\tfsmonitor = touch pwned\n"})
    with opened(tmp_path / "c") as source:
        assert source.kind == "classroom"
        assert source.because == (
            "its folders are git repositories, and their names begin with hw-1-"
        )
        assert [x for one in source.hand_ins for x in one.students] == [
            Student("Team-X"), Student("ada"), Student("grace-h"), Student("ünal"),
        ]  # fmt: skip
        assert _files(source.hand_ins[0]) == RELU
        assert not source.problems
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        for file in (tmp_path / "c").rglob("*"):
            archive.write(file, file.relative_to(tmp_path))
    with opened(tmp_path / "c.zip") as source:
        assert (source.kind, len(source.hand_ins)) == ("classroom", 4)


def test_a_folder_of_clones_says_their_prefix_and_odd_ones_are_told(tmp_path: Path) -> None:
    home = tmp_path / "hw-submissions"
    for number in range(10):
        write(home / f"hw-team-{number}", RELU)
    write(home / "other", RELU)
    with opened(home) as source:
        assert source.kind == "classroom"
        assert _ids(source)["hw-team-3"] == ["team-3"]
        assert _ids(source)["other"] == ["other"]
        assert source.problems == ("other does not begin with hw-, as the others do.",)
    plain = home.rename(tmp_path / "plain")
    with opened(plain) as source:
        assert source.kind == "folder"
        assert _ids(source)["hw-team-3"] == ["hw-team-3"]
    with opened(plain, "classroom") as source:
        assert source.because == "it was asked for"
        assert _ids(source)["hw-team-3"] == ["3"]


def test_a_plain_folder_has_a_student_for_each_name(tmp_path: Path) -> None:
    home = write(tmp_path / "class", {
        "ada/hw/layers.py": b"ada",
        "ada.zip": zipped({"layers.py": b"ada again"}),
        "Ünal, Zoë.tar.gz": tarred(RELU),
        "=cmd/activations.py": b"",
        "moodle_12_file_/hw.zip": zipped(RELU),
        "nothing/notes.txt": b"",
        "broken.zip": BROKEN,
        "zero.zip": b"",
        "notes.txt": b"",
        ".DS_Store": b"",
        "__MACOSX/ada/._layers.py": b"",
    })  # fmt: skip
    (home / "void").mkdir()
    (home / "linked").symlink_to(home / "ada")
    (home / "ada" / "hw" / "losses.py").symlink_to("/etc/passwd")
    os.utime(home / "ada" / "hw" / "layers.py", (1_000_000, 1_000_000))
    os.utime(home / "ada.zip", (2_000_000, 2_000_000))
    os.utime(home / "ada" / "hw" / "losses.py", (900_000, 900_000), follow_symlinks=False)
    with opened(home) as source:
        assert source.kind == "folder"
        assert source.left_out == (".DS_Store", "__MACOSX", "linked", "notes.txt")
        assert source.problems == ("linked is a link, which is not followed.",)
        found = _by_entry(source)
        assert _ids(source) == {
            "=cmd": ["=cmd"],
            "ada": ["ada"],
            "ada.zip": ["ada"],
            "broken.zip": ["broken"],
            "moodle_12_file_": ["moodle_12_file_"],
            "nothing": ["nothing"],
            "void": ["void"],
            "zero.zip": ["zero"],
            "Ünal, Zoë.tar.gz": ["Ünal, Zoë"],
        }
        times = {x: one.submitted_at for x, one in found.items() if one.submitted_at}
        assert times == {
            "ada": datetime.fromtimestamp(1_000_000, timezone.utc),
            "ada.zip": datetime.fromtimestamp(2_000_000, timezone.utc),
        }
        assert _files(found["ada"]) == {"layers.py": b"ada"}
        assert _files(found["ada.zip"]) == {"layers.py": b"ada again"}
        assert _files(found["moodle_12_file_"]) == RELU
        assert "it is empty" in _fault(found["void"])
        assert "it has notes.txt" in _fault(found["nothing"])
        assert "is damaged or not an archive" in _fault(found["broken.zip"])
        assert _fault(found["zero.zip"]) == "zero.zip is empty."


def test_names_that_nobody_can_read_are_cleaned_and_stay_apart(tmp_path: Path) -> None:
    home = tmp_path / "class"
    for name in ("a\x1b[2Jb", "a\u202e", "a", "a\x07"):
        write(home / name, RELU)
    os.mkdir(os.fsencode(home) + b"/\xff")
    with opened(home) as source:
        entries = [one.entry for one in source.hand_ins]
        ids = [one.students[0].id for one in source.hand_ins]
        assert len(set(entries)) == len(set(ids)) == 5
        assert all(x.isprintable() for x in (*entries, *ids))
        assert {"a", "a-2", "a-3"} < set(ids)
        assert len([x for x in source.problems if x.startswith("Two students")]) == 2


# What is not a class.
def test_what_is_no_class_is_one_sentence(tmp_path: Path) -> None:
    assert "There is no folder or archive" in _refusal(tmp_path / "gone")
    (tmp_path / "void").mkdir()
    assert _refusal(tmp_path / "void") == f"There is nothing in {tmp_path / 'void'}."
    write(tmp_path / "litter", {".DS_Store": b""})
    assert "There is nothing in" in _refusal(tmp_path / "litter")
    write(tmp_path / "notes", {"a.txt": b"", "b.txt": b""})
    assert "There is no submission in" in _refusal(tmp_path / "notes")
    write(tmp_path / "text", {"a.zip": b"words"})
    assert "neither a zip nor a tar" in _refusal(tmp_path / "text" / "a.zip")
    os.mkfifo(tmp_path / "pipe")
    assert "neither a folder nor an archive" in _refusal(tmp_path / "pipe")
    assert "no kind of source 'moodle'" in _refusal(tmp_path / "void", "moodle")


@pytest.mark.parametrize("form", ["flat", "student", "zip", "inside"])
def test_one_students_own_submission_is_no_class(tmp_path: Path, form: str) -> None:
    home = {"student": tmp_path / "ada" / "student"}.get(form, tmp_path / "ada")
    write(home, {**RELU, "helpers/losses.py": b"", "old/losses.py": b""})
    path = tmp_path / "ada"
    if form == "zip":
        path = _zip(tmp_path / "ada.zip", {**RELU, "losses.py": b""})
    if form == "inside":
        path = write(tmp_path / "b", {"layers.py": b"", "ada/layers.py": b""})
    said = _refusal(path)
    assert f"{path} is one student's submission, not a class" in said
    assert f"`grader grade {path}` grades it" in said


def test_a_kind_that_it_is_not_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "class" / "ada", RELU)
    home = tmp_path / "class"
    assert "is not a Gradescope export: it has no submission_meta" in _refusal(home, "gradescope")
    assert "is not a Canvas download: its files are not named" in _refusal(home, "canvas")


def test_one_folder_around_everything_changes_nothing_and_two_exports_are_unclear(
    tmp_path: Path,
) -> None:
    for name in ("ada", "bob"):
        write(tmp_path / "a" / "b" / "c" / name, RELU)
    with opened(tmp_path / "a") as source:
        assert _ids(source) == {"ada": ["ada"], "bob": ["bob"]}
    write(tmp_path / "one" / "ada" / "hw", RELU)
    with opened(tmp_path / "one") as source:
        assert _ids(source) == {"ada": ["ada"]}
    _export(tmp_path / "two", top="assignment_1_export")
    _export(tmp_path / "two", top="assignment_2_export")
    said = _refusal(tmp_path / "two")
    assert "has several exports (assignment_1_export and assignment_2_export)" in said


# Archives of a class.
def test_an_archive_is_unpacked_where_nobody_else_reads_it_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr(workspace, "_place", lambda: str(place))
    path = _zip(tmp_path / "class.zip", {"ada/layers.py": b"", "bob/layers.py": b""})
    with opened(path) as source:
        assert len(source.hand_ins) == 2
        (folder,) = place.glob("grader-staged-*")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert len(list(folder.glob("*/source/*/layers.py"))) == 2
    assert not list(place.iterdir())


def test_windows_zips_links_and_ways_out_of_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ada\\hw\\layers.py", b"ada")
        archive.writestr("bob/", b"")
        archive.writestr("../evil/layers.py", b"")
        archive.writestr("/etc/evil", b"")
        archive.writestr("C:\\evil", b"")
        archive.writestr("eve/..\\..\\evil.py", b"")
        link = zipfile.ZipInfo("eve/layers.py")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, b"/etc/passwd")
        archive.writestr("eve/losses.py", b"eve")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("eve/losses.py", b"eve twice")
        archive.writestr("eve/losses.py/x.py", b"")
        archive.writestr("__MACOSX/._ada", b"")
    with opened(path) as source:
        found = _by_entry(source)
        assert list(found) == ["ada", "bob", "eve"]
        assert _files(found["ada"]) == {"layers.py": b"ada"}
        assert _files(found["eve"]) == {"losses.py": b"eve"}
        assert "it is empty" in _fault(found["bob"])
        outside = "its path leads out of the archive"
        told = [
            ("../evil/layers.py", outside),
            ("/etc/evil", outside),
            (r"C:\evil", outside),
            (r"eve/..\..\evil.py", outside),
            ("eve/layers.py", "it is a link"),
            ("eve/losses.py", "the archive has it twice, and the first was used"),
        ]
        for name, reason in told:
            assert f"{name} in {path} was not unpacked: {reason}." in source.problems
        assert len(source.problems) == len(told) + 1


def test_links_and_devices_in_a_tar_are_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "class.tgz"
    path.write_bytes(tarred({"ada/layers.py": b"ada"}))
    with tarfile.open(path, "w:gz") as archive:
        kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE)
        for name, kind in zip("abcd", kinds, strict=True):
            info = tarfile.TarInfo(f"eve/{name}.py")
            info.type, info.linkname = kind, "ada/layers.py"
            archive.addfile(info)
        (tmp_path / "layers.py").write_bytes(b"ada")
        archive.add(tmp_path / "layers.py", "ada/layers.py")
        archive.add(tmp_path / "layers.py", "../../out.py")
    with opened(path) as source:
        assert list(_by_entry(source)) == ["ada", "eve"]
        assert _files(source.hand_ins[0]) == {"layers.py": b"ada"}
        assert "it is empty" in _fault(source.hand_ins[1])
        assert [x.split(" was not unpacked: ")[1] for x in source.problems] == [
            "it is a link.", "it is a link.", "it is not a regular file.",
            "it is not a regular file.", "its path leads out of the archive.",
        ]  # fmt: skip


def test_bombs_and_archives_without_end_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MAX_FILE", 1000)
    monkeypatch.setattr(unpacking, "MAX_TOTAL", 50_000)
    monkeypatch.setattr(unpacking, "MAX_MEMBERS", 30)
    large = {"ada/layers.py": b"", "eve/zeros.bin": bytes(2000)}
    for path, content in (("a.zip", zipped(large)), ("a.tgz", tarred(large))):
        (tmp_path / path).write_bytes(content)
        with opened(tmp_path / path) as source:
            assert list(_by_entry(source)) == ["ada", "eve"]
            assert "it is empty" in _fault(source.hand_ins[1])
            assert source.problems == (
                f"eve/zeros.bin in {tmp_path / path} was not unpacked: it is larger than 0 MB.",
            )
    for many in ({f"ada/{n}": b"" for n in range(31)}, {"ada/x": bytes(60_000)}):
        for path, content in (("b.zip", zipped(many)), ("b.tgz", tarred(many))):
            (tmp_path / path).write_bytes(content)
            assert "which no class has" in _refusal(tmp_path / path)


def test_damaged_archives_of_a_class(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"")
    assert "neither a zip nor a tar, or it is damaged" in _refusal(tmp_path / "a.zip")
    (tmp_path / "a.tgz").write_bytes(b"\x1f\x8b rubbish")
    assert "is a damaged tar" in _refusal(tmp_path / "a.tgz")
    whole = tarred({f"s{n}/layers.py": os.urandom(5000) for n in range(20)})
    (tmp_path / "b.tgz").write_bytes(whole[: len(whole) // 2])
    with opened(tmp_path / "b.tgz") as source:
        assert 3 < len(source.hand_ins) < 20
        assert "is damaged" in source.problems[-1]
    content = bytearray(zipped({"ada/layers.py": os.urandom(500), "bob/layers.py": b""}))
    content[100] ^= 255
    (tmp_path / "c.zip").write_bytes(content)
    with opened(tmp_path / "c.zip") as source:
        assert list(_by_entry(source)) == ["ada", "bob"]
        assert source.problems == (
            f"ada/layers.py in {tmp_path / 'c.zip'} was not unpacked: it is damaged.",
        )


def test_names_in_a_zip_that_does_not_say_how_they_are_written(tmp_path: Path) -> None:
    content = zipped({"Zo\u00eb/layers.py": b"", "ada/layers.py": b""})
    for start in (b"PK\x03\x04", b"PK\x01\x02"):
        at = content.index(start)
        flag = at + (6 if start == b"PK\x03\x04" else 8)
        content = content[: flag + 1] + b"\0" + content[flag + 2 :]
    (tmp_path / "a.zip").write_bytes(content)
    with opened(tmp_path / "a.zip") as source:
        assert _ids(source) == {"Zo\u00eb": ["Zo\u00eb"], "ada": ["ada"]}


# The roster.
GRADE_BOOK = """\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Homework (7)
,,,,,Manual Posting
    Points Possible,,,,,100
"Lovelace, Ada",101,00123,ada,A,
"O'Brien, Zoë",102,00124,zoe@uni.example,A,
"Hopper, Grace",103,00125,GraceH,B,
"Ng, Li",104,00126,li1,B,
"Ng, Li",105,00127,li2,B,
"Student, Test",199,,0f3a,A,
"""


def _roster(folder: Path, text: str | bytes = GRADE_BOOK) -> Roster:
    path = folder / "roster.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Roster(path)


def test_canvas_grade_book_is_a_roster(tmp_path: Path) -> None:
    roster = _roster(tmp_path)
    assert roster.header == (
        "Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Homework (7)",
    )  # fmt: skip
    assert [row.id for row in roster.rows] == ["101", "102", "103", "104", "105"]
    assert roster.rows[1].cells == (
        "O'Brien, Zoë", "102", "00124", "zoe@uni.example", "A", "",
    )  # fmt: skip
    assert roster.rows[1].email == "zoe@uni.example"
    assert [cells[0].strip() for cells in roster.others] == ["", "Points Possible", "Student, Test"]
    for student, line in (
        (Student("101"), "101"),
        (Student("00124"), "102"),
        (Student("zoe"), "102"),
        (Student("x", "", "ZOE@uni.example"), "102"),
        (Student("x", "", "gracEh@other.example"), None),  # anyone there may have that name
        (Student("x", "Grace Hopper", "gracEh@other.example"), "103"),
        (Student("x", "", "zoe@mail.uni.example"), "102"),
        (Student("x", "Ada Lovelace"), "101"),
        (Student("Lovelace, Ada"), "101"),
        (Student("x", "Li Ng"), None),
        (Student("x", "Ng, Li", "li2@uni.example"), "105"),
        (Student("199", "Test Student"), None),
        (Student("123"), None),
    ):
        row = roster.match(student)
        assert (row.id if row else None) == line, student
    class_ = [Student("101"), Student("x", "", "graceh"), Student("nobody")]
    assert [row.id for row in roster.missing(class_)] == ["102", "104", "105"]
    assert roster.strangers(class_) == (Student("nobody"),)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_csv_with_an_id_or_an_email_is_a_roster(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    rows = (("Last Name", "First Name", "Student_ID", "E-Mail"), ("Ünal", "Zoë", "7", "z@x"))
    text = "\r\n".join(delimiter.join(row) for row in rows)
    roster = _roster(tmp_path, text.encode(encoding))
    (row,) = roster.rows
    assert (row.id, row.name, row.email, row.line) == ("7", "Zoë Ünal", "z@x", 2)
    assert roster.header == rows[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("Name,Points\nAda,1\n", "line 1: no column is an id or an e-mail"),
        ("id,name\n1,Ada\n2,Bob\n1,Eve\n", 'line 4, column "id": the id 1 is also on line 2'),
        ("id,name\n1,Lovelace, Ada\n", "line 2, column 3: the line has 3 cells"),
        ("id,name\n,Ada\n", 'line 2: "Ada" has neither an id nor an e-mail (column "id")'),
        (b"id,name\n1,Ada\n2,\xff\n", "line 3: this is not UTF-8"),
        ('id,name\n1,"Ada\n', "this is not CSV"),
        (b"PK\x03\x04\0\0\xff", "this is not UTF-8"),
        ("id\n" + "x" * 200_000, "line 2: this is not CSV: field larger"),
    ],
)
def test_a_roster_that_cannot_be_read_says_where(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    with pytest.raises(UsageError, match=r"roster\.csv") as error:
        _roster(tmp_path, text)
    assert said in str(error.value)


def test_a_roster_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        Roster(tmp_path / "gone.csv")
    with pytest.raises(UsageError, match="cannot be read"):
        Roster(tmp_path)


def test_sep_and_empty_lines_are_no_rows(tmp_path: Path) -> None:
    roster = _roster(tmp_path, "sep=;\r\n\r\nid;name\r\n1;Ada\r\n\r\n;;\r\n")
    assert [(row.id, row.line) for row in roster.rows] == [("1", 4)]


def test_students_have_what_the_roster_says(tmp_path: Path) -> None:
    roster = _roster(tmp_path)
    write(tmp_path / "s", {
        "lovelaceada_101_1_layers.py": b"", "xy_999_2_layers.py": b"",
        "brienzoe_102_3_layers.py": b"",
    })  # fmt: skip
    with opened(tmp_path / "s", roster=roster) as source:
        assert [one.students[0] for one in source.hand_ins] == [
            Student("102", "O'Brien, Zoë", "zoe@uni.example"),
            Student("101", "Lovelace, Ada"),
            Student("999", "xy"),
        ]
        assert not source.problems


def test_one_row_for_two_who_may_be_one_is_one_and_otherwise_said(tmp_path: Path) -> None:
    rows = (
        ("00123", "Ada Lovelace", ""),
        ("", "", "ada@uni.example"),
        ("101", "Eve", "eve@uni.example"),
    )
    home = _export(tmp_path, _table(*rows))
    with opened(home, roster=_roster(tmp_path)) as source:
        ids = _ids(source)
        assert [ids[f"submission_{n}"] for n in (1, 2, 3)] == [
            ["101"], ["ada@uni.example"], ["101-2"],
        ]  # fmt: skip
        assert (
            "Two students have the id 101: Lovelace, Ada, and Eve (eve@uni.example); the second "
            "is listed as 101-2."
        ) in source.problems


# Made-up classes.
@pytest.mark.slow
@pytest.mark.parametrize("kind", [*classes.WRITERS, "gradescope-zip", "canvas-zip"])
def test_every_hand_in_of_a_class_opens_or_says_why(tmp_path: Path, kind: str) -> None:
    if kind.startswith("gradescope"):
        pytest.importorskip("yaml")
    path = classes.written(kind, tmp_path, 60, 3)
    with opened(path, roster=Roster(tmp_path / "roster.csv")) as source:
        assert source.kind == kind.removesuffix("-zip")
        wrong = 0
        for one in source.hand_ins:
            assert one.students
            try:
                files = one.open().files
            except UsageError:
                wrong += 1
                _fault(one)
            else:
                assert files
        assert 0 < wrong < len(source.hand_ins) / 4


@pytest.mark.slow
def test_the_same_seed_gives_the_same_class() -> None:
    assert classes.generated(30, 5) == classes.generated(30, 5)
    assert classes.generated(30, 5) != classes.generated(30, 6)
    kinds = {one.kind for one in classes.generated(200, 1)}
    assert kinds == {*classes.SHARES, "honest"}


def test_hand_made_submissions_are_written_as_they_are(tmp_path: Path) -> None:
    ada = Handed((Member("1", "Ada L", "ada@x", "70"),), RELU)
    with opened(classes.canvas(tmp_path, [ada])) as source:
        assert _files(source.hand_ins[0]) == RELU
