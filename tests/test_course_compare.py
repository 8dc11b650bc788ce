"""Two gradings of a class are compared: who gains or loses what, and why."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.course.comparing.causes import Cause
from grader.course.comparing.comparison import Comparison, Shift, Sum, compare
from grader.course.comparing.differences import as_csv, as_json, as_text, json_text
from grader.course.comparing.sides import Side, side_of, side_of_run
from grader.course.grading.scoring import ByHand
from grader.course.people import Student
from grader.errors import UsageError
from grader.report import gradescope

from .small_class import RUBRIC, SmallClass, result, results, small_class

ADA, BOB, CY = Student("a1", "Ada"), Student("b2", "=Bob\x1b[31m"), Student("c3", "Cy")
FAILED = result("failed", "X is used twice.")
MORE = replace(RUBRIC[0], points={"values": 4, "gradient": 3})


def _compared(klass: SmallClass, first: int = 0) -> Comparison:
    """Compare run number `first` with the one that ends here."""
    old = side_of_run(klass.store, klass.store.runs()[first])
    return compare(old, side_of_run(klass.store, klass.write()))


def _told(shift: Shift) -> list[tuple[object, ...]]:
    return [
        (x.question, x.target.rpartition(".")[2], x.check, x.delta, x.cause, x.why)
        for x in shift.changes
    ]


def _adds_up(found: Comparison) -> bool:
    return all(
        one.delta is None or round(sum(x.delta for x in one.changes), 2) == one.delta
        for one in found.shifts
    )


def test_nothing_has_changed(tmp_path: Path) -> None:
    with small_class(tmp_path) as klass:
        klass.hand_in([ADA, BOB], results(MSE_values=FAILED))
        klass.hand_in([CY], None, problem="Damaged.")
        klass.write()
        klass.again()
        found = _compared(klass)
        assert (found.shifts, found.same, found.losers) == ((), 3, ())
        assert as_text(found).splitlines()[1] == "0 gain, 0 lose, 3 stay the same."


def test_other_points_for_the_same_result_are_the_rubrics(tmp_path: Path) -> None:
    with small_class(tmp_path) as klass:
        klass.hand_in([ADA], results())
        klass.hand_in([BOB], results(Conv2D_values=FAILED))
        klass.hand_in([CY], results(Conv2D_values=result("partly")))
        klass.write()
        klass.again([MORE, RUBRIC[1], RUBRIC[2]])
        found = _compared(klass)
        assert [one.student for one in found.shifts] == ["a1", "c3"]
        why = "2 → 4 points for this check"
        assert _told(found.shifts[0]) == [("1", "Conv2D", "values", 2.0, Cause.RUBRIC, why)]
        assert _told(found.shifts[1]) == [("1", "Conv2D", "values", 1.0, Cause.RUBRIC, why)]
        assert (found.same, found.losers, len(found.gainers)) == (1, (), 2)
        assert found.by_cause == (Sum("rubric", 3.0, 0.0, 2),)


def test_questions_that_come_and_go_are_the_rubrics(tmp_path: Path) -> None:
    with small_class(tmp_path, RUBRIC[:2]) as klass:
        klass.hand_in([ADA], results(RUBRIC))  # graded, though the rubric has no points for it yet
        klass.write()
        klass.again(RUBRIC[1:])
        (shift,) = _compared(klass).shifts
        assert _told(shift) == [
            ("3", "BatchNorm1D", "values", 1.5, Cause.RUBRIC,
             "this check was not in the rubric before"),
            ("1", "Conv2D", "values", -2.0, Cause.RUBRIC,
             "this check is no longer in the rubric"),
            ("1", "Conv2D", "gradient", -3.0, Cause.RUBRIC,
             "this check is no longer in the rubric"),
        ]  # fmt: skip
        assert shift.loses


def test_what_is_graded_again_says_the_verdicts(tmp_path: Path) -> None:
    with small_class(tmp_path) as klass:
        klass.hand_in([ADA], results(Conv2D_gradient=FAILED), "x")
        klass.hand_in([BOB], results(MSE_values=result("partly")))
        klass.write()
        klass.again()
        klass.fingerprints = dict.fromkeys(klass.fingerprints, "second")
        klass.hand_in([ADA], results(Conv2D_values=result("timed_out")), "x")
        klass.hand_in([BOB], results(MSE_values=result("raised")))
        found = _compared(klass)
        assert _told(found.shifts[0]) == [
            ("1", "Conv2D", "values", -2.0, Cause.AGAIN, "passed → timed out"),
            ("1", "Conv2D", "gradient", 3.0, Cause.AGAIN, "failed → passed"),
        ]
        assert _told(found.shifts[1]) == [
            ("2.10", "MSE", "values", -2.5, Cause.AGAIN, "partly → raised"),
        ]
        assert [one.student for one in found.losers] == ["b2"]
        assert found.by_cause == (Sum("graded again", 3.0, -4.5, 2),)
        assert found.by_question == (Sum("1", 3.0, -2.0, 1), Sum("2.10", 0.0, -2.5, 1))
        assert found.by_check[0] == Sum("1 layers.Conv2D values", 0.0, -2.0, 1)


def test_points_and_results_that_change_at_once_are_told_apart(tmp_path: Path) -> None:
    with small_class(tmp_path) as klass:
        klass.hand_in([ADA], results(Conv2D_values=result("partly")))
        klass.hand_in([BOB], results())
        klass.write()
        klass.again([MORE, *RUBRIC[1:]])
        klass.fingerprints = dict.fromkeys(klass.fingerprints, "second")
        klass.hand_in([ADA], results())
        klass.hand_in([BOB], results())
        found = _compared(klass)
        points = "2 → 4 points for this check"
        assert _told(found.shifts[0]) == [
            ("1", "Conv2D", "values", 1.0, Cause.RUBRIC, points),
            ("1", "Conv2D", "values", 2.0, Cause.AGAIN, "partly → passed"),
        ]
        # Graded again, too, but only the points differ.
        assert _told(found.shifts[1]) == [("1", "Conv2D", "values", 2.0, Cause.RUBRIC, points)]


def test_what_is_handed_in_anew_is_told(tmp_path: Path) -> None:
    with small_class(tmp_path) as klass:
        klass.hand_in([ADA], results(MSE_values=FAILED), "old")
        klass.write()
        klass.again()
        klass.hand_in([ADA], results(), "new")
        (shift,) = _compared(klass).shifts
        assert _told(shift) == [("2.10", "MSE", "values", 5.0, Cause.CONTENTS, "failed → passed")]


def test_points_by_hand_are_told_with_their_reason(tmp_path: Path) -> None:
    with small_class(tmp_path) as klass:
        klass.hand_in([ADA], results(MSE_values=FAILED))
        klass.hand_in([BOB], results())
        klass.hand_in([CY], results(MSE_values=FAILED))
        klass.by_hand = {
            "b2": [ByHand("b2", "1", 0, "copied")],
            "c3": [ByHand("c3", "2.10", 2, "half"), ByHand("c3", "1", 5, "so it is")],
        }
        klass.write()
        klass.again()
        klass.by_hand = {
            "a1": [ByHand("a1", "2.10", 4, "regrade")],
            "c3": [ByHand("c3", "2.10", 1, "less"), ByHand("c3", "1", 5, "so it is")],
        }
        found = _compared(klass)
        assert [_told(one) for one in found.shifts] == [
            [("2.10", "", "", 4.0, Cause.OVERRIDE, "4 instead of 0: regrade")],
            [("1", "", "", 5.0, Cause.OVERRIDE, "no longer 0 instead of 5: copied")],
            [("2.10", "", "", -1.0, Cause.OVERRIDE, "2 → 1 points by hand: less")],
        ]
        assert _adds_up(found)


def test_by_hand_on_both_sides_what_the_lines_say_changes_nothing(tmp_path: Path) -> None:
    with small_class(tmp_path) as klass:
        klass.by_hand = {"a1": [ByHand("a1", "2.10", 4, "regrade")]}
        klass.hand_in([ADA], results(MSE_values=FAILED))
        klass.write()
        klass.again()
        klass.fingerprints = dict.fromkeys(klass.fingerprints, "second")
        klass.hand_in([ADA], results())
        assert _compared(klass).shifts == ()


def test_by_hand_and_graded_again_at_once_add_up(tmp_path: Path) -> None:
    with small_class(tmp_path) as klass:
        klass.hand_in([ADA], results(MSE_values=FAILED))
        klass.write()
        klass.again()
        klass.fingerprints = dict.fromkeys(klass.fingerprints, "second")
        klass.hand_in([ADA], results(MSE_values=result("partly")))
        klass.by_hand = {"a1": [ByHand("a1", "2.10", 4, "regrade")]}
        found = _compared(klass)
        assert [x.delta for x in found.shifts[0].changes] == [2.5, 1.5]
        assert found.shifts[0].delta == 4
        assert _adds_up(found)


def test_grades_that_come_and_go(tmp_path: Path) -> None:
    with small_class(tmp_path) as klass:
        klass.hand_in([ADA], results())
        klass.hand_in([BOB], None, problem="Damaged.")
        klass.hand_in([CY], None, problem="Damaged.")
        klass.write()
        klass.again()
        klass.hand_in([ADA], None, problem="Empty.")
        klass.hand_in([BOB], results())
        klass.hand_in([CY], None, problem="Damaged.")
        klass.hand_in([Student("d4", "Di")], results())
        klass.store.add_students(klass.run, [Student("e5", "Ed")], True)
        found = _compared(klass)
        assert found.shifts == (
            Shift("a1", "Ada", 11.5, None, "now: Empty."),
            Shift("b2", BOB.name, None, 11.5, "before: Damaged."),
            Shift("d4", "Di", None, 11.5, "was not in the class before"),
        )
        assert (found.added, found.gone, found.same) == (("d4", "e5"), (), 1)
        assert [one.student for one in found.losers] == ["a1"]
        assert as_text(found).splitlines()[1] == (
            "0 gain, 0 lose, 1 stay the same, 1 lose their grade, "
            "1 have a grade for the first time, 2 new."
        )
        back = compare(
            side_of_run(klass.store, klass.run), side_of_run(klass.store, klass.store.runs()[0])
        )
        assert [one.student for one in back.losers] == ["b2", "d4"]
        assert (back.added, back.gone) == ((), ("d4", "e5"))


def test_two_stores_are_compared_by_what_was_handed_in(tmp_path: Path) -> None:
    sides = []
    given: tuple[Any, ...] = (
        (results(MSE_values=FAILED), "x"), (results(), "x"), (results(MSE_values=FAILED), "y"),
    )  # fmt: skip
    for i, (some, code) in enumerate(given):
        with small_class(tmp_path / str(i)) as klass:
            klass.hand_in([ADA], some, code)
            klass.write()
        sides.append(side_of(str(tmp_path / str(i)), tmp_path))
    (again,) = compare(sides[0], sides[1]).shifts
    assert again.changes[0].cause is Cause.AGAIN
    (other,) = compare(sides[1], side_of(str(tmp_path / "2/class.db"), tmp_path)).shifts
    assert (other.changes[0].cause, other.delta) == (Cause.CONTENTS, -5)


def _results_json(klass: SmallClass, path: Path) -> Path:
    (entry,) = klass.store.entries()
    grade = klass.scorer.grade(entry, entry.students[0])
    assert grade is not None
    gradescope.write(path, gradescope.results(grade))
    return path


def test_two_results_are_compared(tmp_path: Path) -> None:
    with small_class(tmp_path) as klass:
        klass.hand_in([ADA], results(MSE_values=FAILED, BatchNorm1D_values=FAILED))
        old = _results_json(klass, tmp_path / "old.json")
        klass.fingerprints = dict.fromkeys(klass.fingerprints, "second")
        klass.hand_in([ADA], results(Conv2D_values=FAILED))
        klass.by_hand = {"a1": [ByHand("a1", "1", 4, "regrade")]}
        new = _results_json(klass, tmp_path / "new.json")
        klass.write()
    found = compare(side_of(str(old), tmp_path), side_of(str(new), tmp_path))
    (shift,) = found.shifts
    assert _told(shift) == [
        ("1", "Conv2D", "values", -2.0, Cause.RESULT, "passed → failed"),
        ("2.10", "MSE", "values", 5.0, Cause.RESULT, "failed → passed"),
        ("3", "BatchNorm1D", "values", 1.5, Cause.RESULT, "failed → passed"),
        ("", "", "", 1.0, Cause.OVERRIDE, "points not in any line of the report"),
    ]
    assert _adds_up(found)
    assert as_text(found) == (
        f"{old} → {new}\n"
        "1 gain, 0 lose, 0 stay the same.\n\n"
        "By cause\n"
        "  another result       +6.5         -2  1 student\n"
        "  override               +1          0  1 student\n\n"
        "By question\n"
        "  1                      0         -2  1 student\n"
        "  2.10                  +5          0  1 student\n"
        "  3                   +1.5          0  1 student\n"
        "  (no question)         +1          0  1 student\n\n"
        "5 → 10.5 (+5.5)\n"
        "      -2  1 layers.Conv2D values: another result: passed → failed\n"
        "          now: X is used twice.\n"
        "      +5  2.10 losses.MSE values: another result: failed → passed\n"
        "          before: X is used twice.\n"
        "    +1.5  3 layers.BatchNorm1D values: another result: failed → passed\n"
        "          before: X is used twice.\n"
        "      +1  override: points not in any line of the report\n"
    )
    with pytest.raises(UsageError, match="only be compared with another one"):
        compare(side_of(str(old), tmp_path), side_of("1", tmp_path))


def test_what_passed_in_two_results_can_differ_by_the_rubric_only(tmp_path: Path) -> None:
    with small_class(tmp_path) as klass:
        klass.hand_in([ADA], results())
        old = _results_json(klass, tmp_path / "old.json")
        klass.rubric = (MORE, *RUBRIC[1:])
        new = _results_json(klass, tmp_path / "new.json")
    (shift,) = compare(side_of(str(old), tmp_path), side_of(str(new), tmp_path)).shifts
    why = "2 → 4 points for this check"
    assert _told(shift) == [("1", "Conv2D", "values", 2.0, Cause.RUBRIC, why)]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"tests": [], "score": NaN}', b'{"tests": [{}], "score": 1}', b"\xff\xfe",
     b'{"score": 1}', b"[" * 100_000, b'{"tests": [], "score": 1e999}',
     b'{"tests": [], "score": 1%s}' % (b"0" * 400), b'{"tests": [], "score": 1%s}' % (b"0" * 9000)],
)  # fmt: skip
def test_what_is_no_results_json_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "results.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"results\.json is not this grader's results\.json"):
        side_of(str(path), tmp_path)


def test_sides_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with small_class(tmp_path):
        pass
    with pytest.raises(UsageError, match=r"There is no run 7 in .*\. Available: 1\."):
        side_of("7", tmp_path)
    with pytest.raises(UsageError, match=r"No run of .* has finished"):
        side_of(str(tmp_path), tmp_path)
    with pytest.raises(UsageError, match="There is no class in"):
        side_of(str(tmp_path / "x"), tmp_path)
    with pytest.raises(UsageError, match=r"x\.json cannot be read"):
        side_of(str(tmp_path / "x.json"), tmp_path)


def _three(klass: SmallClass) -> Comparison:
    klass.hand_in([ADA], results(MSE_values=FAILED))
    klass.hand_in([BOB], results())
    klass.hand_in([CY], results())
    klass.write()
    klass.again()
    klass.fingerprints = dict.fromkeys(klass.fingerprints, "second")
    klass.hand_in([ADA], results())
    klass.hand_in([BOB], results(MSE_values=result("failed", "=evil")))
    klass.hand_in([CY], None, problem="Gone.")
    return _compared(klass)


def _after(lines: Sequence[str], start: str) -> list[str]:
    place = next(i for i, line in enumerate(lines) if line.startswith(start))
    return list(lines[place:])


def test_the_text_begins_with_those_who_lose(tmp_path: Path) -> None:
    with small_class(tmp_path) as klass:
        found = _three(klass)
    lines = as_text(found).splitlines()
    assert _after(lines, "b2") == [
        "b2 =Bob: 11.5 → 6.5 (-5)",
        "      -5  2.10 losses.MSE values: graded again: passed → failed",
        "          now: =evil",
        "",
        "c3 Cy: 11.5 → no grade: now: Gone.",
        "",
        "a1 Ada: 6.5 → 11.5 (+5)",
        "      +5  2.10 losses.MSE values: graded again: failed → passed",
        "          before: X is used twice.",
    ]
    assert as_text(found, most=1).splitlines()[-2:] == ["", "And 2 more students."]


def test_the_csv_has_a_row_per_change(tmp_path: Path) -> None:
    with small_class(tmp_path) as klass:
        content = as_csv(_three(klass))
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert header[:4] == ["id", "name", "score_before", "score_after"]
    assert rows == [
        ["a1", "Ada", "6.5", "11.5", "2.10", "losses.MSE", "values", "5", "graded again",
         "failed → passed", "failed", "passed", "X is used twice.", ""],
        ["b2", "'=Bob", "11.5", "6.5", "2.10", "losses.MSE", "values", "-5", "graded again",
         "passed → failed", "passed", "failed", "", "'=evil"],
        ["c3", "Cy", "11.5", "", "", "", "", "", "", "now: Gone.", "", "", "", ""],
    ]  # fmt: skip


def test_the_json_has_all_of_it(tmp_path: Path) -> None:
    with small_class(tmp_path) as klass:
        found = _three(klass)
    value = json.loads(json_text(found))
    assert value == as_json(found)
    assert (value["loses"], value["same"], value["gone"]) == (True, 0, [])
    assert value["by_cause"] == [
        {"name": "graded again", "gained": 5.0, "lost": -5.0, "students": 2}
    ]
    ada = value["students"][0]
    assert (ada["student"], ada["delta"], ada["loses"]) == ("a1", 5.0, False)
    assert ada["changes"][0]["before"]["diagnosis"] == "X is used twice."
    assert ada["changes"][0]["cause"] == "graded again"


def test_sides_know_their_names(tmp_path: Path) -> None:
    with small_class(tmp_path) as klass:
        klass.write()
        side = side_of("1", tmp_path)
        assert side == Side(f"run 1 of {klass.run.started}", {}, str(tmp_path / "class.db"))
