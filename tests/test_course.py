"""The PDFs of a whole class, and their table; `make writeup-test` runs the tests that make PDFs."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from grader.course.writeups.page_map import MAX_REMARKS, MapReading
from grader.course.writeups.table import Row, table
from grader.paths import ROOT
from grader.writeup.pages import Entry

from .homework import REFERENCE, RUBRIC, STUBS

QUESTIONS = list(dict.fromkeys(one.question for one in RUBRIC if one.is_class))
HOLE = "YOUR DERIVATION HERE"
WHOLE = "".join(f"## {question} Title\n\nBy the chain rule, $x = 1$.\n\n" for question in QUESTIONS)


class Question:
    """A question as in `grader.writeup.making`, without that module's dependencies."""

    def __init__(self, number: str, derives: bool = True, extra: bool = False) -> None:
        self.number, self.title, self.derives, self.extra = number, "Title", derives, extra


ASKED: Any = [Question("1"), Question("2", derives=False), Question("3", extra=True)]


def _row(number: str, derivation: object, code: object, missing: object = ()) -> dict[str, object]:
    missing = list(missing) if isinstance(missing, tuple) else missing
    return {"question": number, "derivation": derivation, "code": code, "missing": missing}


def _map(*rows: object, pages: object = 9) -> bytes:
    return json.dumps({"pages": pages, "questions": list(rows)}).encode()


# Tests that need no extra.
def test_a_page_map_is_read_question_by_question() -> None:
    reading = MapReading(9)
    content = _map(
        _row("1", [2, 3, 4], [5], ("not written yet: f",)), _row("2", [], []), _row("3", [], [6])
    )
    assert reading.entries(content, ASKED) == (
        Entry("1", "Title", (2, 4), (5, 5), ("not written yet: f",)),
        Entry("2", "Title", None, None, ("no code yet",)),
        Entry("3", "Title", None, (6, 6), ("no derivation yet",), extra=True),
    )
    assert not reading.told


@pytest.mark.parametrize(
    "pages",
    [None, 2, "2", [0], [1, 3], [3, 2], [9, 10], [2, "3"], [True], [2.0], {"a": 1}, [[2]],
     [10**30], [-1], [2, 2]],
)  # fmt: skip
def test_pages_that_are_none_are_told_and_left_empty(pages: object) -> None:
    reading = MapReading(9)
    entry = reading.entries(_map(_row("1", pages, [5])), ASKED)[0]
    assert (entry.derivation, entry.code, entry.missing) == (None, (5, 5), ())
    assert len(reading.told) == 1
    assert "writeup.pages.json: 1 has no such derivation pages: " in reading.told[0]


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"[]", b"7", b"{}", b'{"questions": {}}', b"[" * 100_000, b"9" * 5000],
)
def test_what_is_no_page_map_is_told(content: bytes) -> None:
    reading = MapReading(9)
    assert reading.entries(content, ASKED) == ()
    assert reading.told == ("writeup.pages.json is not a page map",)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([_row("9", [], [])], 'there is no question "9"'),
        ([_row("\x1b[2J", [], [])], "there is no question"),
        (["words"], 'there is no question "words"'),
        ([{"question": ["1"]}], 'there is no question ["1"]'),
        ([_row("1", [], []), _row("1", [2], [])], "has question 1 twice"),
        ([_row("1", [], [], "words")], "1 has no list of what is missing"),
        ([_row("1", [], [], ["x", 3])], "1 has no list of what is missing"),
    ],
)
def test_what_is_odd_in_a_page_map_is_told(rows: list[object], told: str) -> None:
    reading = MapReading(9)
    entry = reading.entries(_map(*rows), ASKED)[0]
    assert entry.derivation is None
    assert told in " ".join(reading.told)


def test_a_page_map_of_another_pdf_is_told_and_remarks_have_an_end() -> None:
    reading = MapReading(9)
    reading.entries(_map(*["odd"] * 500, pages="many"), ASKED)
    assert reading.told[0] == 'writeup.pages.json says "many" pages; the PDF has 9'
    assert len(reading.told) == MAX_REMARKS + 1
    assert reading.told[-1] == "and 491 more"


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=cmd", "'=cmd"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\t=1", "'=1"),
        ("\n =1", "'=1"),
        ("\x1b[2J=1", "'=1"),
        ("\0=1", "?=1"),
        ("Ünal, Zoë", "Ünal, Zoë"),
        ('a"b\n=1', 'a"b =1'),
        ("\udc80", "?"),
    ],
)
def test_no_cell_is_run_and_none_breaks_its_line(name: str, cell: str) -> None:
    row = Row(name, remarks=(name, "more"))
    content = table(ASKED, [row]).decode("utf-8-sig")
    assert content.count("\r\n") == 2
    read = list(csv.reader(io.StringIO(content, newline="")))[1]
    assert read[0] == cell
    assert not [x for x in read if x.startswith(("=", "+", "-", "@", "\t"))]


def test_without_the_extra_one_sentence_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = [x for x in sys.modules if x.startswith(("grader.writeup.", "grader.course."))]
    for name in sorted(loaded, reverse=True):  # modules before their packages
        package, _, module = name.rpartition(".")
        monkeypatch.delattr(sys.modules[package], module, raising=False)
        monkeypatch.delitem(sys.modules, name)
    for name in ("typst", "pypandoc", "pypdf"):
        monkeypatch.setitem(sys.modules, name, None)
    done = _run(_class(tmp_path, ada=WHOLE), tmp_path / "out")
    assert done.exit_code == 2
    assert "which is not installed; `make writeup` installs it." in done.output
    assert not (tmp_path / "out").exists()


# The command.
def _class(folder: Path, **texts: str) -> Path:
    """Write a class in which every student has the reference's code and a text."""
    for name, text in texts.items():
        student = folder / "class" / name
        student.mkdir(parents=True)
        for path in REFERENCE.glob("*.py"):
            shutil.copy(path, student)
        (student / "writeup.md").write_text(text, "utf-8")
    return folder / "class"


def _run(folder: Path, out: Path) -> Result:
    return CliRunner().invoke(main, ["class", "writeups", str(folder), "--out", str(out)])


def _needs_extra() -> None:
    for name in ("pypdf", "typst", "pypandoc"):
        pytest.importorskip(name)


def _rows(out: Path) -> list[list[str]]:
    with (out / "writeups.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def _pdf(pages: int) -> bytes:
    import typst

    text = "#pagebreak()\n".join(f"page {number}\n" for number in range(pages))
    return bytes(typst.compile(text.encode(), format="pdf"))


def _zip(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def _filled(folder: Path) -> Path:
    """Write a class with one of everything."""
    text = WHOLE.replace("By the", f"{HOLE}\n\nBy the", 1)
    home = _class(folder, ada=WHOLE, **{"=cmd": text})
    shutil.copytree(STUBS, home / "bob", ignore=shutil.ignore_patterns("__pycache__"))
    _zip(home / "Ünal, Zoë.zip", {f"hw/{x.name}": x.read_bytes() for x in (home / "ada").iterdir()})
    (home / "grace" / "deep").mkdir(parents=True)
    (home / "grace" / "deep" / "writeup.pdf").write_bytes(_pdf(4))
    rows = [_row(QUESTIONS[0], [1, 2], [4]), _row(QUESTIONS[1], [7], [], ("=1+1",))]
    (home / "grace" / "deep" / "writeup.pages.json").write_bytes(_map(*rows, pages=4))
    (home / "nothing").mkdir()
    (home / "broken.zip").write_bytes(b"PK\x03\x04 and no more")
    (home / "notes.txt").write_text("not a submission")
    (home / ".hidden").mkdir()
    return home


def _pages(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _expected(path: Path) -> list[str]:
    """Return the table cells of a PDF, from the number of pages to what is missing."""
    from grader.writeup.making import write_up

    from .homework import ASSIGNMENT

    made = write_up(ASSIGNMENT, path)
    parts = [pages for one in made.entries for pages in (one.derivation, one.code)]
    missing = [f"{one.question}: {', '.join(one.missing)}" for one in made.missing]
    cells = [_pages(*pages) if pages else "" for pages in parts]
    return [str(made.count), *cells, "; ".join(missing)]


@pytest.mark.writeup
def test_a_class_has_a_pdf_of_everyone_and_a_row_for_everyone(tmp_path: Path) -> None:
    _needs_extra()
    home, out = _filled(tmp_path), tmp_path / "out"
    done = _run(home, out)
    assert done.exit_code == 1, done.output
    columns = [f"{one} {part}" for one in QUESTIONS for part in ("derivation", "code")]
    none = [""] * len(columns)
    extra = {one.question for one in RUBRIC if one.extra}
    map_ = "writeup.pages.json"
    lacking = [
        f"{QUESTIONS[1]}: no code yet, =1+1",
        *(f"{one}: not in the page map" for one in QUESTIONS[2:] if one not in extra),
    ]
    inside = f"There is no writeup.md in {home / 'bob'}: the writeup has no derivations"
    names = "activations.py, derivations.py, layers.py, losses.py, models.py, optimizers.py"
    modules = f"none of {names} is there"
    ada = _expected(home / "ada")
    assert _rows(out) == [
        ["name", "file", "origin", "pages", *columns, "missing", "remarks"],
        ["'=cmd", "cmd.pdf", "made", *_expected(home / "=cmd"), ""],
        ["ada", "ada.pdf", "made", *ada, ""],
        ["bob", "bob.pdf", "made", *_expected(home / "bob"),
         inside if not (home / "bob" / "writeup.md").exists() else ""],
        ["broken", "", "", "", *none, "", f"{home / 'broken.zip'} is damaged or not an "
         "archive; pack the files again as a zip."],
        ["grace", "grace.pdf", "handed in", "4", "1-2", "4", *none[2:], "; ".join(lacking),
         f"{map_}: {QUESTIONS[1]} has no such derivation pages: [7]"],
        ["nothing", "", "", "", *none, "",
         f"There is nothing to grade in {home / 'nothing'}: {modules}; it is empty."],
        ["Ünal, Zoë", "Ünal_Zoë.pdf", "made", *ada, ""],
    ]  # fmt: skip
    assert {x.name for x in out.iterdir()} == {row[1] for row in _rows(out)[1:] if row[1]} | {
        "writeups.csv"
    }
    assert all((out / f"{x}.pdf").read_bytes().startswith(b"%PDF") for x in ("ada", "Ünal_Zoë"))
    assert (out / "grace.pdf").read_bytes() == (home / "grace/deep/writeup.pdf").read_bytes()


@pytest.mark.writeup
def test_a_line_for_everyone_and_one_for_all(tmp_path: Path) -> None:
    _needs_extra()
    from grader.writeup import making

    from .homework import ASSIGNMENT

    asked = sum(one.derives and not one.extra for one in making.questions(ASSIGNMENT))
    home, out = _filled(tmp_path), tmp_path / "out"
    lines = _run(home, out).output.split("\n")
    counts = {row[0]: row[3] for row in _rows(out)}
    assert lines[0] == f"=cmd: {counts[chr(39) + '=cmd']} pages, derivations {asked - 1} of {asked}"
    assert lines[1] == f"ada: {counts['ada']} pages, derivations {asked} of {asked}"
    assert lines[2] == f"bob: 1 page, derivations 0 of {asked}"
    assert lines[3].startswith(
        f"broken: no PDF: {home / 'broken.zip'} is damaged or not an archive"
    )
    assert lines[4] == f"grace: 4 pages handed in, derivations 1 of {asked}"
    assert lines[5].startswith("nothing: no PDF: There is nothing to grade in")
    assert lines[7:] == [
        "Left out, no submission: .hidden, notes.txt", "",
        f"7 submissions: 4 made, 1 handed in, 2 without a PDF. See {out / 'writeups.csv'}.", "",
    ]  # fmt: skip


@pytest.mark.writeup
def test_a_pdf_is_written_again_and_all_pdfs_give_code_0(tmp_path: Path) -> None:
    _needs_extra()
    home, out = _class(tmp_path, ada=WHOLE), tmp_path / "out"
    out.mkdir()
    (out / "ada.pdf").write_text("old")
    (out / "other.pdf").write_text("another's")
    done = _run(home, out)
    assert done.exit_code == 0, done.output
    assert (out / "ada.pdf").read_bytes().startswith(b"%PDF")
    assert (out / "other.pdf").read_text() == "another's"
    assert "1 submission: 1 made, 0 handed in, 0 without a PDF." in done.output


@pytest.mark.writeup
@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"writeup.pdf": b"words"}, "writeup.pdf is not a PDF."),
        ({"writeup.pdf": b"%PDF-1.7 rubbish"}, "writeup.pdf is damaged"),
        ({"a/writeup.pdf": b"%PDF-1", "b/writeup.pdf": b"%PDF-1"}, "a writeup.pdf in a and in b"),
    ],
)
def test_a_pdf_that_cannot_be_taken_costs_its_own_row(
    tmp_path: Path, files: dict[str, bytes], said: str
) -> None:
    _needs_extra()
    home, out = _class(tmp_path, zoe=WHOLE), tmp_path / "out"
    _zip(home / "ada.zip", files)
    assert _run(home, out).exit_code == 1
    rows = _rows(out)[1:]
    assert said in rows[0][-1]
    assert "grader-writeups-" not in rows[0][-1]
    assert [row[1] for row in rows] == ["", "zoe.pdf"]


@pytest.mark.writeup
def test_the_highest_of_several_pdfs_is_taken_and_a_link_is_none(tmp_path: Path) -> None:
    _needs_extra()
    home, out = tmp_path / "class", tmp_path / "out"
    home.mkdir()
    _zip(home / "ada.zip", {"old/a/writeup.pdf": _pdf(1), "hw/writeup.pdf": _pdf(2)})
    (home / "bob").mkdir()
    (home / "bob" / "writeup.pdf").symlink_to(home / "ada.zip")
    done = _run(home, out)
    assert "ada: 2 pages handed in, no page map" in done.output
    assert "bob: no PDF: writeup.pdf was rejected: a link." in done.output
    assert _rows(out)[1][-1] == "There is no writeup.pages.json: the page contents are unknown"


@pytest.mark.writeup
def test_what_nobody_foresaw_costs_its_own_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _needs_extra()
    from grader.writeup import making

    honest = making.write_up
    monkeypatch.setattr(
        making, "write_up", lambda a, path: 1 / 0 if path.name == "ada" else honest(a, path)
    )
    home, out = _class(tmp_path, ada=WHOLE, bob=WHOLE), tmp_path / "out"
    assert _run(home, out).exit_code == 1
    assert "failed on it: ZeroDivisionError: division by zero." in _rows(out)[1][-1]
    assert (out / "bob.pdf").exists()


@pytest.mark.writeup
def test_ctrl_c_leaves_what_is_done_and_a_table_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _needs_extra()
    from grader.writeup import making

    honest = making.write_up

    def interrupted(assignment: Any, path: Path) -> Any:
        if path.name == "bob":
            raise KeyboardInterrupt
        return honest(assignment, path)

    monkeypatch.setattr(making, "write_up", interrupted)
    home, out = _class(tmp_path, ada=WHOLE, bob=WHOLE, eve=WHOLE), tmp_path / "out"
    assert _run(home, out).exit_code == 130
    assert [row[0] for row in _rows(out)] == ["name", "ada"]
    assert {path.name for path in out.iterdir()} == {"ada.pdf", "writeups.csv"}


@pytest.mark.writeup
def test_names_of_files_are_safe_and_no_two_are_alike(tmp_path: Path) -> None:
    _needs_extra()
    from grader.course.writeups.gathering import safe_name, students

    names = {
        "Ünal, Zoë": "Ünal_Zoë",
        "U\u0308nal": "Ünal",
        "=cmd": "cmd",
        "-rf": "rf",
        "a/../b": "a_.._b",
        "..": "submission",
        "漢字": "漢字",
        "a\tb\nc": "a_b_c",
        "x" * 300: "x" * 200,
        "\udc80": "submission",
    }
    assert {name: safe_name(name) for name in names} == names
    home = tmp_path / "class"
    for folder in ("ada", "A da", "a;da", "A.DA"):
        (home / folder).mkdir(parents=True)
    for file in ("ada.zip", "ada.tar.gz", "v1.2.tgz"):
        (home / file).write_bytes(b"")
    found, left_out = students(home, tmp_path / "out")
    assert [(one.name, one.file) for one in found] == [
        ("A da", "A_da.pdf"),
        ("A.DA", "A.DA.pdf"),
        ("a;da", "a_da-2.pdf"),
        ("ada", "ada.pdf"),
        ("ada.tar.gz", "ada-2.pdf"),
        ("ada.zip", "ada-3.pdf"),
        ("v1.2", "v1.2.pdf"),
    ]
    assert not left_out


@pytest.mark.writeup
def test_a_call_that_makes_no_sense_is_code_2(tmp_path: Path) -> None:
    _needs_extra()
    home = _class(tmp_path, ada=WHOLE)
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "notes.txt").write_text("BA")
    for folder, out, said in (
        (tmp_path / "gone", tmp_path / "out", "does not exist"),
        (home / "ada" / "layers.py", tmp_path / "out", "is a file"),
        (tmp_path / "none", tmp_path / "out", "There is no submission in"),
        (home, home, "choose a folder outside it with --out"),
        (home, home / "a" / "b", "choose a folder outside it with --out"),
        (home, home / "ada" / "layers.py", "is a file"),
    ):
        done = _run(folder, out)
        assert done.exit_code == 2, done.output
        assert said in " ".join(done.output.split())
    assert not (tmp_path / "out").exists()


@pytest.mark.writeup
def test_the_page_for_course_staff_shows_what_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the numbers may differ: they are this homework's."""
    _needs_extra()
    home = _class(tmp_path, ada=WHOLE, grace=WHOLE).rename(tmp_path / "submissions")
    shutil.make_archive(str(home / "grace"), "gztar", home, "grace")
    shutil.rmtree(home / "grace")
    (home / "kurt").mkdir()
    (home / "submission_metadata.yml").write_text("")
    rows = [_row(one, [n + 2], [n + 13]) for n, one in enumerate(QUESTIONS)]
    _zip(home / "alan.zip", {"writeup.pdf": _pdf(24), "writeup.pages.json": _map(*rows, pages=24)})
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "class-pdfs.md").read_text("utf-8")
    shown = page.split("-m grader class writeups submissions\n")[1].split("```")[0]
    printed = _run(Path("submissions"), Path("writeups")).output
    assert re.sub(r"\d+", "0", printed) == re.sub(r"\d+", "0", shown)


@pytest.mark.writeup
def test_a_pdf_that_cannot_be_written_ends_the_command(tmp_path: Path) -> None:
    _needs_extra()
    home, out = _class(tmp_path, ada=WHOLE, bob=WHOLE), tmp_path / "out"
    (out / "bob.pdf").mkdir(parents=True)
    done = _run(home, out)
    assert done.exit_code == 2
    assert f"{out / 'bob.pdf'} cannot be written" in " ".join(done.output.split())
    assert [row[0] for row in _rows(out)] == ["name", "ada"]
