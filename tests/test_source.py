"""The student's own lines: the method around a place, as inert text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.judging.grade import Grade
from grader.report.messages import account
from grader.report.source import LONGEST_LINE, MOST_LINES, Code, code_at, code_of_check
from grader.report.source import code_of_work as code_of
from grader.report.work import work_of
from tests.reports import report_of

FILE = '''\
import numpy as np


class Layer:
    scale = 2.0

    @staticmethod
    def helper(x):
        def inner(y):
            return y
        return inner(x)

    async def long(self, X):
        """Return X.

        It is long.
        """
        a = 1
        b = 2
        c = 3
        d = 4
        e = 5
        f = 6
        g = 7
        h = 8
        i = 9
        j = 10
        k = 11
        l = 12
        return X
'''
FILES = {"layers.py": FILE.encode()}


def _numbers(code: Code | None) -> list[int]:
    assert code is not None
    return [number for number, _ in code.lines]


def test_a_method_is_shown_with_its_decorator_and_without_its_indentation() -> None:
    assert str(code_at(FILES, "layers.py", 10, failed=True)) == (
        "   7 | @staticmethod\n"
        "   8 | def helper(x):\n"
        "   9 |     def inner(y):\n"
        "> 10 |         return y\n"
        "  11 |     return inner(x)"
    )


@pytest.mark.parametrize(
    ("line", "failed", "shown"),
    [
        (13, False, [13, *range(18, 29)]),  # from its start
        (20, True, [13, *range(18, 29)]),
        (30, True, [13, *range(20, 31)]),  # around the line, and to the end
        (16, True, [13, 16, *range(18, 28)]),  # in the docstring itself
    ],
)
def test_of_a_method_a_dozen_lines_are_shown_without_the_docstring(
    line: int, failed: bool, shown: list[int]
) -> None:
    code = code_at(FILES, "layers.py", line, MOST_LINES, failed)
    assert _numbers(code) == shown
    assert len(shown) == MOST_LINES
    assert ("\n> " in str(code)) is failed
    assert _numbers(code_at(FILES, "layers.py", line)) == list(range(13, 31))


@pytest.mark.parametrize(
    ("source", "line", "shown"),
    [
        (FILE, 5, list(range(1, 13))),  # between two methods
        (FILE + "def broken(:\n", 31, list(range(20, 32))),
        ("(" * 5000, 1, [1]),
        ("-" * 100_000 + "1", 1, [1]),
        ("x = 1\0", 1, [1]),
        ("def f():\r    x = '\x0c'\r\n    return x\n", 3, [1, 2, 3]),
    ],
)
def test_where_there_is_no_method_the_lines_around_are_shown(
    source: str, line: int, shown: list[int]
) -> None:
    assert _numbers(code_at({"a.py": source.encode()}, "a.py", line)) == shown


@pytest.mark.parametrize(("file", "line"), [("train.py", 1), ("layers.py", 0), ("layers.py", 99)])
def test_of_a_place_that_is_not_in_the_submission_nothing_is_shown(file: str, line: int) -> None:
    assert code_at(FILES, file, line) is None


def test_nothing_in_a_line_acts_on_a_terminal_and_none_is_long() -> None:
    source = f"def f():\n\tx = '\x1b[31m\u202e'  # ##[error] {'y' * 300}\n".encode() + b"# \xff\n"
    code = code_at({"a.py": source}, "a.py", 2)
    assert code is not None
    line = code.lines[1][1]
    assert line.startswith("    x = '?'  # # #[error] yyy")
    assert line.endswith("y…")
    assert len(line) == LONGEST_LINE + 1


@pytest.mark.slow
def test_code_is_shown_where_it_failed_or_where_its_method_begins() -> None:
    grade = report_of("half-wrong")
    codes = {work.start: code_of(grade, work) for work in work_of(grade)}
    slope = next(code for start, code in codes.items() if start.startswith("3.1 ReLU"))
    assert slope is not None
    assert slope.marked is None
    assert [text for _, text in slope.lines] == [
        "def backward(self, Z, dY):",
        "    return np.where(Z > 0, 1.0, 0.0)",
    ]
    raised = next(code for start, code in codes.items() if start.startswith("3.4"))
    assert raised is not None
    assert dict(raised.lines)[raised.marked or 0].startswith("    return powers / powers.sum(")
    assert next(code for start, code in codes.items() if start.startswith("3.6")) is None  # a hole


def _code_of_first_wrong(grade: Grade) -> Code | None:
    line = next(line for line in grade.lines if line.check == "gradient")
    return code_of_check(grade, line, account(line.result))


@pytest.mark.slow
def test_where_students_do_not_see_every_line_no_code_is_shown() -> None:
    grade = report_of("half-wrong")
    assert _code_of_first_wrong(grade) is not None
    lines = [
        replace(line, target=replace(line.target, visibilities={next(iter(x)): "hidden"}))
        for line in grade.lines
        if (x := line.target.points) and len(x) > 1
    ]
    secret = replace(grade, lines=tuple(lines))
    assert _code_of_first_wrong(secret) is None
    assert {code_of(secret, work) for work in work_of(secret)} == {None}
