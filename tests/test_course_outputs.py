"""What a class produces: grades.csv, canvas.csv, students' folders, and points given by hand."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from grader.course.grading.scoring import ByHand
from grader.course.output import canvas, grades
from grader.course.output.grades import Row
from grader.course.output.overrides import by_hand, without_effect
from grader.course.output.reports import folder_of, for_student, write_reports
from grader.course.output.written import LOG, writing
from grader.course.people import Student
from grader.course.sheets import cell, number, safe
from grader.errors import UsageError
from grader.report import html

from .small_class import RUBRIC, SMALL, SmallClass, result, results, small_class

ADA, BOB = Student("a1", "Ada", "ada@x.edu"), Student("b2", "Bob", "")
EVE = Student("=cmd|'/c calc'!A0", "@SUM(1)\nEve", "-eve@x.edu")
ZOE = Student("zoë", "Zoë, “Z” Ünal", "zoe@x.edu")


def _table(klass: SmallClass) -> str:
    questions = grades.questions_of(klass.store, klass.run)
    rows = grades.rows_of(klass.store, klass.run)
    return grades.table(rows, questions, klass.run.maximum).decode("utf-8")


def test_grades_csv_has_a_row_per_student(tmp_path: Path) -> None:
    with small_class(tmp_path) as klass:
        failed = result("failed", "X is used twice.", ["finite differences", "odd counts"])
        klass.hand_in([ADA, ZOE], results(Conv2D_gradient=failed), late=True)
        klass.hand_in([BOB], None, problem="of_b2 is a damaged zip: no.")
        klass.hand_in([EVE], results(MSE_values=result("partly")))
        klass.store.add_students(klass.run, [Student("c3", "Cy", "cy@x.edu")], True)
        klass.by_hand = {"zoë": [ByHand("zoë", "1", 4.5, "regrade request; see mail")]}
        klass.write()
        assert _table(klass) == (
            "\ufeffid,name,email,submission,submitted_at,late,score,extra,maximum,1,2.10,3,"
            "status,flags,overrides\r\n"
            "'=cmd|'/c calc'!A0,'@SUM(1) Eve,'-eve@x.edu,of_=cmd|'/c calc'!A0,"
            "2026-11-01T09:30:00+00:00,no,9,1.5,10,5,2.5,1.5,graded,,\r\n"
            "a1,Ada,ada@x.edu,of_a1,2026-11-01T09:30:00+00:00,yes,8.5,1.5,10,2,5,1.5,graded,"
            "layers.Conv2D gradient: finite differences; layers.Conv2D gradient: odd counts,\r\n"
            "b2,Bob,,of_b2,2026-11-01T09:30:00+00:00,no,,,10,,,,of_b2 is a damaged zip: no.,,\r\n"
            "c3,Cy,cy@x.edu,,,,,,10,,,,nothing was handed in,,\r\n"
            'zoë,"Zoë, “Z” Ünal",zoe@x.edu,of_a1,2026-11-01T09:30:00+00:00,yes,11,1.5,10,4.5,5,'
            "1.5,graded,layers.Conv2D gradient: finite differences; "
            "layers.Conv2D gradient: odd counts,"
            "1: 4.5 instead of 2: regrade request; see mail\r\n"
        )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"), ("+1 555", "'+1 555"), ("-5", "-5"), ("-5.25", "-5.25"), ("-a", "'-a"),
        ("@x", "'@x"), ("\t=x", "'\t=x"), ("a=b", "a=b"), ("+49", "+49"), ("-1,5", "-1,5"),
        ("-1+cmd", "'-1+cmd"), ("", ""),
    ],
)  # fmt: skip
def test_no_cell_is_run_and_numbers_stay_numbers(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_a_cell_is_one_line_and_has_no_control_characters() -> None:
    assert cell("  =a\x1b[31m\nb\x00 ") == "'=a b?"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, ""), (0.0, "0"), (-0.001, "0"), (100.0, "100"), (105.08, "105.08"),
     (12345.67, "12345.67"), (2.5, "2.5")],
)  # fmt: skip
def test_points_are_in_hundredths(value: float | None, shown: str) -> None:
    assert number(value) == shown


# canvas.csv
@dataclass
class Line:
    """A student's row."""

    line: int
    cells: Sequence[str]


@dataclass
class GradeBook:
    """A roster as Canvas exports one."""

    header: Sequence[str]
    others: Sequence[Sequence[str]]
    rows: Sequence[Line]

    def match(self, student: Student) -> Line | None:
        return next((row for row in self.rows if row.cells[1] == student.id), None)


FIRST = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]


def _book(*more: str) -> GradeBook:
    tail = ["" for _ in more]
    return GradeBook(
        [*FIRST, *more, "Final Score"],
        [
            ["    Points Possible", "", "", "", "", *("10" for _ in more), "(read only)"],
            ["Student, Test", "3", "", "test", "A", *tail, ""],
        ],
        [
            Line(3, ["Unal, Zoë", "1", "s1", "zoe", "A", *tail, "99"]),
            Line(4, ["=cmd, Bob", "2", "s2", "bob", "@B", *(["7"] * len(more)), "99"]),
        ],
    )


def _row(id_: str, score: float | None, status: str = "graded") -> Row:
    return Row(Student(id_), "x", "", False, score, 0.0, status)


def _read(sheet: canvas.Sheet) -> list[list[str]]:
    return list(csv.reader(io.StringIO(sheet.content.decode("utf-8"), newline="")))


def test_canvas_csv_has_the_first_columns_and_the_assignments_own() -> None:
    book = _book("Homework 10 (7)", "Homework 1 (8)", "Quiz (9)")
    rows = [_row("1", 105.08), _row("2", None, "nothing was handed in"), _row("9", 3.0)]
    sheet = canvas.sheet(book, rows, "Homework 1", 100)
    assert _read(sheet) == [
        [*FIRST, "Homework 1 (8)"],
        ["    Points Possible", "", "", "", "", "10"],
        ["Student, Test", "3", "", "test", "A", ""],
        ["Unal, Zoë", "1", "s1", "zoe", "A", "105.08"],
        ["'=cmd, Bob", "2", "s2", "bob", "'@B", "7"],
    ]
    assert (sheet.column, sheet.count, sheet.unknown) == ("Homework 1 (8)", 1, ("9",))
    assert sheet.content.startswith(b"Student,")


def test_a_grade_that_is_not_whole_is_not_sent() -> None:
    rows = [_row("1", 50.0, "the autograder failed on 1 line")]
    sheet = canvas.sheet(_book("Homework 1 (8)"), rows, "Homework 1", 100)
    assert _read(sheet)[3][-1] == ""
    assert sheet.count == 0


def test_two_students_of_one_row_get_neither_grade() -> None:
    book = _book("Homework 1 (8)")
    book.match = lambda student: book.rows[0]  # type: ignore[method-assign]
    sheet = canvas.sheet(book, [_row("1", 5.0), _row("7", 6.0)], "Homework 1", 100)
    assert _read(sheet)[3][-1] == ""
    assert sheet.unknown == ("1", "7")


def test_a_new_column_is_the_last_and_has_its_points() -> None:
    sheet = canvas.sheet(_book("Quiz (9)"), [_row("2", 0.0)], "Homework 1", 100)
    assert [row[-1] for row in _read(sheet)] == ["Homework 1", "100", "", "", "0"]


def test_a_column_can_be_named_with_or_without_its_number() -> None:
    book = _book("Homework 1 (8)", "Quiz (9)")
    for name in ("Quiz (9)", "quiz"):
        assert canvas.sheet(book, [], "Homework 1", 100, name).column == "Quiz (9)"


@pytest.mark.parametrize(
    ("columns", "column", "said"),
    [
        (["Quiz (9)"], "Homwork", "has no column 'Homwork'. Available:\n  Quiz (9)"),
        (["Quiz (9)"], "Final Score", "has no column 'Final Score'"),
        (["Homework 1: a (8)", "Homework 1, b (9)"], None, "name one with --canvas-column"),
    ],
)
def test_a_column_that_cannot_be_meant_is_refused(
    columns: list[str], column: str | None, said: str
) -> None:
    with pytest.raises(UsageError) as error:
        canvas.sheet(_book(*columns), [], "Homework 1", 100, column)
    assert said in str(error.value)


def test_a_roster_of_another_kind_is_no_grade_book() -> None:
    with pytest.raises(UsageError, match="not a Canvas gradebook"):
        canvas.sheet(GradeBook(["id", "email"], [], []), [], "Homework 1", 100)


# The students' folders.
def test_folders_are_safe_and_nobody_elses() -> None:
    ids = ["a1", "A1", "../x", "..", ".", "/", "x", "_x", "CON", "con", "nul.txt", "a b", "a_b",
           "=cmd", "a\nb", "zoë", "zoe\u0308", "ß", "ss", "x@y.edu", "x" * 300, "x" * 301,
           folder_of("A1")]  # fmt: skip
    names = [folder_of(one) for one in ids]
    assert len({name.casefold() for name in names}) == len(ids)
    assert names[0] == "a1"
    assert folder_of("a-b_c.d9") == "a-b_c.d9"
    for name in names:
        assert name not in ("", ".", "..")
        assert not set(name) & set('/\\:*?"<>|\n\0 ')
        assert len(name.encode()) < 240


def _files(folder: Path) -> list[str]:
    return sorted(
        p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and p.name != LOG
    )


def test_reports_are_written_and_taken_away_again(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with small_class(tmp_path / "store") as klass:
        klass.hand_in([ADA, ZOE], results())
        klass.hand_in([BOB], results(MSE_values=result("failed")))
        klass.hand_in([EVE], None, problem="It is damaged.")
        klass.by_hand = {"zoë": [ByHand("zoë", "1", 1, "copied")]}
        klass.write()
        entries, scorer = klass.store.entries(), klass.scorer
        everybody = write_reports(scorer, entries, "all", out)
        assert (out / "students").stat().st_mode & 0o077 == 0
        zoe = folder_of("zoë")
        assert everybody.students == {"a1", "zoë", "b2"}
        pairs = [
            f"{x}/{name}" for x in ("a1", "b2", zoe) for name in ("report.html", "results.json")
        ]
        assert _files(out / "students") == sorted(pairs)
        assert everybody.link("zoë") == f"students/{zoe}/report.html"
        assert everybody.link(EVE.id) is None
        value = json.loads((out / "students" / zoe / "results.json").read_text("utf-8"))
        assert value["score"] == 7.5
        (out / "students/a1/notes.txt").write_text("mine")
        (out / "students/b2/report.html").write_text("changed by hand")

        failing = write_reports(scorer, entries, "failing", out)
        assert failing.students == {"b2", "zoë"}
        assert failing.removed == ("a1/report.html", "a1/results.json")
        (out / "students/b2/report.html").write_text("changed by hand")
        assert write_reports(scorer, entries, "none", out).students == frozenset()
        assert _files(out / "students") == ["a1/notes.txt", "b2/report.html"]
        (out / "students/a1/notes.txt").unlink()


def test_without_reports_no_folder_is_made(tmp_path: Path) -> None:
    with small_class(tmp_path / "store") as klass:
        klass.hand_in([ADA], results())
        klass.write()
        write_reports(klass.scorer, klass.store.entries(), "none", tmp_path / "out")
        assert not (tmp_path / "out").exists()
        write_reports(klass.scorer, klass.store.entries(), "all", tmp_path / "out")
        write_reports(klass.scorer, klass.store.entries(), "none", tmp_path / "out")
        assert not (tmp_path / "out/students").exists()


def test_what_was_written_before_a_sudden_end_is_still_known(tmp_path: Path) -> None:
    with contextlib.suppress(KeyboardInterrupt), writing(tmp_path / "x") as files:
        files.put("a/b", b"1")
        files.put("a/c", b"2")
        raise KeyboardInterrupt
    (tmp_path / "x" / LOG).open("a").write("\n12ab  a/cut-o")
    with writing(tmp_path / "x") as files:
        files.put("a/c", b"3")
    assert _files(tmp_path / "x") == ["a/c"]


def test_nothing_outside_and_no_link_is_taken_away(tmp_path: Path) -> None:
    digest = "4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865"  # of "1\n"
    (tmp_path / "x").mkdir()
    for name in ("out", "x/target"):
        (tmp_path / name).write_text("1\n")
    (tmp_path / "x/link").symlink_to(tmp_path / "x/target")
    names = ["../out", str(tmp_path / "out"), "link"]
    (tmp_path / "x" / LOG).write_text("".join(f"{digest}  {name}\n" for name in names))
    with writing(tmp_path / "x"):
        pass
    assert (tmp_path / "out").exists()
    assert (tmp_path / "x/link").is_symlink()


SECRET = (
    replace(RUBRIC[0], visibilities={"gradient": "hidden"}),
    replace(RUBRIC[1], visibility="after_published"),
    RUBRIC[2],
)


def test_nothing_hidden_is_in_a_students_page(tmp_path: Path) -> None:
    seen = result("failed", "SEEN diagnosis", ["FLAG of the staff"])
    secret = result("failed", "SECRET diagnosis", ["FLAG"])
    given = results(
        SECRET, Conv2D_values=seen, Conv2D_gradient=secret, MSE_values=secret
    )  # fmt: skip
    with small_class(tmp_path / "store", SECRET) as klass:
        klass.run = klass.store.note(klass.run, seed="8675309")
        klass.hand_in([ADA], given)
        klass.by_hand = {"a1": [ByHand("a1", "1", 4, "regrade")]}
        klass.write()
        write_reports(klass.scorer, klass.store.entries(), "all", tmp_path)
        page = (tmp_path / "students/a1/report.html").read_text("utf-8")
        assert "SEEN diagnosis" in page
        for word in ("SECRET", "FLAG", "8675309", "MSE"):
            assert word not in page
        assert "8 more points are in checks that are not shown" in page
        value = json.loads((tmp_path / "students/a1/results.json").read_text("utf-8"))
        tests = {(x["tags"][0], x["tags"][1]): x["visibility"] for x in value["tests"]}
        assert tests["layers.Conv2D", "gradient"] == "hidden"
        assert tests["losses.MSE", "values"] == "after_published"
        assert value["score"] == 5.5
        (grade,) = [klass.scorer.grade(entry, "a1") for entry in klass.store.entries()]
        assert grade is not None
        assert for_student(grade).score == 5.5
        assert "8675309" in html.render(grade)


# Points given by hand.
CLASS = [ADA, BOB, Student("c3", "Cy", "Same@x.edu"), Student("d4", "Di", "same@x.edu"), EVE]


def _overrides(tmp_path: Path, content: bytes | str) -> dict[str, list[ByHand]]:
    path = tmp_path / "over.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return by_hand(path, SMALL, CLASS)


@pytest.mark.parametrize(
    "content",
    [
        "id,question,points,reason\na1,2.10,4.5,late bus\n",
        "\ufeffReason;POINTS; Id ;question\r\nlate bus;4,5;a1;2.10\r\n",
        "\n\npoints\tid\treason\tquestion\tnotes\n4.5\tADA@x.edu\tlate bus\t2.10\tx\n\n\t\t\n",
        "id,question,points,reason\na1,2.10,4.5,late bus\n".encode("utf-16"),
    ],
)
def test_a_file_is_read_however_a_spreadsheet_saved_it(
    tmp_path: Path, content: bytes | str
) -> None:
    assert _overrides(tmp_path, content) == {"a1": [ByHand("a1", "2.10", 4.5, "late bus")]}


def test_ids_can_be_taken_from_grades_csv(tmp_path: Path) -> None:
    row = f'"\'{EVE.id}",1,0,no\n"{EVE.id}",3,1.5,no\n'
    found = _overrides(tmp_path, f"id,question,points,reason\n{row}")
    assert [one.points for one in found[EVE.id]] == [0, 1.5]


HEAD = "id,question,points,reason\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", " is empty."),
        ("id,question,points\n",
         ", line 1: no column 'reason'; it needs id, question, points, reason."),
        ("id,ID,question,points,reason\n", ", line 1: more than one column 'id'"),
        (f'{HEAD}a1,1,2,"two\nlines"\nzz,1,2,x\n',
         ", line 4: there is no student 'zz' in this class."),
        (f"{HEAD}same@x.edu,1,2,x\n",
         ", line 2: same@x.edu is the e-mail address of c3 and d4: use ids."),
        (f"{HEAD},1,2,x\n", ", line 2: there is no student '' in this class."),
        (f"{HEAD}a1,9,2,x\n", ", line 2: there is no question '9'. Available: 1, 2.10, 3."),
        (f"{HEAD}a1,1,two,x\n", ", line 2: the points are 'two', which is not a number."),
        (f"{HEAD}a1,1,nan,x\n", ", line 2: the points are 'nan', which is not a number."),
        (f"{HEAD}a1,1,inf,x\n", ", line 2: the points are 'inf', which is not a number."),
        (f"{HEAD}a1,1,,x\n", ", line 2: the points are '', which is not a number."),
        (f"{HEAD}a1,1,-1,x\n", ", line 2: question 1 has 0 to 5 points, not -1."),
        (f"{HEAD}a1,1,5.01,x\n", ", line 2: question 1 has 0 to 5 points, not 5.01."),
        (f"{HEAD}a1,1,2, \n", ", line 2: no reason is given; the student's report shows it."),
        (f"{HEAD}a1,1,2\n", ", line 2: no reason is given; the student's report shows it."),
        (f"{HEAD}a1,1,2,x\nada@X.edu,1,2,x\n",
         ", line 3: a1 has points for question 1 already, in line 2."),
        (f"{HEAD}a1,1,2,late, bus\n", ", line 2, column 5: the line has 5 cells, the header 4"),
        (f'{HEAD}a1,1,2,"x\n', ", line 2: this is not CSV: unexpected end of data."),
        (b"id,question,points,reason\na1,1,2,caf\xe9\n", ", line 2: this is not UTF-8; save it"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_meant_is_refused(
    tmp_path: Path, content: bytes | str, said: str
) -> None:
    with pytest.raises(UsageError) as error:
        _overrides(tmp_path, content)
    assert str(error.value).startswith(f"{tmp_path / 'over.csv'}{said}")


def test_points_by_hand_without_a_grade_are_told(tmp_path: Path) -> None:
    given = {x: [ByHand(x, "1", 2, "x"), ByHand(x, "3", 1, "x")] for x in ("a1", "b2")}
    rows = [_row("a1", 5.0), _row("b2", None, "nothing was handed in"), _row("c3", None, "x")]
    assert without_effect(given, rows) == [
        "b2 has no grade (nothing was handed in): the points set by hand for question 1, 3 do not "
        "count."
    ]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        by_hand(tmp_path / "none.csv", SMALL, CLASS)
