"""What needs work: one item per cause, in the order in which a student should fix them."""

from __future__ import annotations

import pytest

from grader.judging.grade import Grade
from grader.report.work import Work, start_here, work_of
from grader.running import failed
from tests.catalogue import reference_files
from tests.grading import graded
from tests.homework import ASSIGNMENT
from tests.reports import report_of


def _checks(work: Work) -> str:
    """Return an item's checks: those that fail because of it, and after a bar, those that wait."""
    failing, waiting = (
        " ".join(f"{link.target.question}:{link.check}" for link in links)
        for links in (work.links, work.waiting)
    )
    return f"{failing} | {waiting}" if waiting else failing


@pytest.mark.slow
def test_causes_come_in_the_order_of_the_rubric_with_what_they_fail_and_what_waits() -> None:
    assert [_checks(work) for work in work_of(report_of("half-wrong"))] == [
        "3.1:gradient | 3.1:shape 3.1:batching",
        "3.2:values | 3.2:shape 3.2:batching",
        "3.2:gradient",
        "3.3:gradient 3.3:shape | 3.3:behaviour",
        "3.3:batching",
        "3.4:shape 3.4:values 3.4:gradient 3.4:batching 4.3:training 5.3:training",
        "3.5:values | 3.5:shape 3.5:batching",
        "3.6:",
        "4.2:values | 4.2:behaviour",
        "5.1:gradient 5.1:shape",
        "5.2:gradient | 5.2:shape 5.2:batching 5.2:behaviour",
        "5.4:values 5.4:gradient 5.4:behaviour | 5.4:batching",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["perfect", "stubs", "half-wrong", "hostile"])
def test_every_point_that_is_missing_is_missing_once(name: str) -> None:
    grade = report_of(name)
    lost = sum(line.points - line.score for line in grade.lines)
    assert sum(work.lost for work in work_of(grade)) == pytest.approx(lost, abs=0.01)


def _start(grade: Grade) -> str:
    return start_here(work_of(grade))


@pytest.mark.slow
def test_the_start_is_the_first_cause_with_its_line() -> None:
    grade = report_of("half-wrong")
    source = grade.submission.files["activations.py"].decode().splitlines()
    start = source.index("class ReLU(Activation):")
    line = next(n for n, text in enumerate(source, 1) if n > start and "def backward" in text)
    assert _start(grade) == f"3.1 ReLU, activations.py:{line}"
    assert _start(report_of("perfect")) == ""


@pytest.mark.slow
def test_a_file_that_cannot_be_imported_comes_before_all_that_it_does_not_stop() -> None:
    files = reference_files()
    files["losses.py"] += b"\nclass Broken(:\n"
    files["activations.py"] = files["activations.py"].replace(b"maximum(Z, 0.0)", b"maximum(Z, 1)")
    line = len(files["losses.py"].splitlines())
    work = work_of(graded(files, "3.1", "3.5", "3.6"))
    assert [_checks(one) for one in work] == [
        "3.5: 3.6:",
        "3.1:values | 3.1:shape 3.1:batching",
    ]
    assert work[0].start == f"3.5 Cross-entropy, losses.py:{line}"


def test_what_earns_no_points_comes_last() -> None:
    files = reference_files() | {"derivations.py": b"def relu_dZ(Z, dY, i, j):\n    return 0.0\n"}
    files["losses.py"] = b"raise ValueError\n"
    grade = graded(files, "3.6", "derivations.relu")
    assert [_checks(one) for one in work_of(grade)] == ["3.6:", "3.1:element"]


def test_nothing_is_to_be_done_where_the_grader_failed() -> None:
    (work,) = work_of(failed(ASSIGNMENT, "a bug"))
    assert (len(work.links), start_here([work])) == (len(ASSIGNMENT.rubric), "")
