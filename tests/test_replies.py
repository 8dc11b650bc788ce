"""Reading a worker's answers: what is not the one answer that is due is refused, and exactly so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.isolation import replies
from grader.isolation.replies import parse
from grader.judging.judge import compare
from grader.program import Call, Read
from grader.result import ResultSpec
from grader.run import Answer
from grader.worker.wire import ProtocolError

STEP = Call("it", "forward", (), out=("Y", "Z"))
ENTRY = {"type": "ndarray", "about": "an array", "dtype": "float64", "array": True}
ARRAYS = [np.ones(2), np.zeros(3)]


def _header(**changes: Any) -> dict[str, Any]:
    outputs = [{"name": name, **ENTRY} for name in ("Y", "Z")]
    return {"id": 3, "step": 1, "outputs": outputs, "warnings": [], **changes}


def _refused(header: dict[str, Any], arrays: list[np.ndarray] = ARRAYS, step: Any = STEP) -> str:
    with pytest.raises(ProtocolError) as found:
        parse(header, arrays, (3, 1), step)
    assert type(found.value) is ProtocolError
    return str(found.value)


def test_an_answer_that_is_due_is_taken_as_it_is() -> None:
    counts = {"student": {"a.py:1": 3, "a.py:2": replies.MAX_COUNT}, "library": {}}
    header = _header(
        counts=counts, printed="x", warnings=["w"], changed=True, flags=["complex numbers", "odd"],
        at=["a.py", 7],
    )  # fmt: skip
    reply = parse(header, ARRAYS, (3, 1), STEP)
    assert list(reply.answers) == ["Y", "Z"]
    assert reply.answers["Y"].array is ARRAYS[0]
    assert reply.answers["Z"].array is ARRAYS[1]
    assert reply.counts == counts
    assert (reply.printed, reply.warnings, reply.changed) == ("x", ("w",), True)
    assert (reply.flags, reply.at) == (("complex numbers",), "a.py, line 7")


@pytest.mark.parametrize(
    "count",
    [-1, True, False, 1.0, 3.5, float("nan"), replies.MAX_COUNT + 1, 10**400, "3", None, []],
)
def test_a_count_is_a_whole_number_that_can_be(count: object) -> None:
    for kind in ("student", "library", "objects", "odd"):
        said = _refused(_header(counts={kind: {"a.py:1": 3, "a.py:2": count}}))
        assert said == "an answer is malformed: ValueError"


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([3], "an answer is malformed: AttributeError"),
        ("many", "an answer is malformed: AttributeError"),
        (3, "an answer is malformed: AttributeError"),
        ({"student": 3}, "an answer is malformed: TypeError"),
        ({"student": None}, "an answer is malformed: TypeError"),
        ({"student": [1]}, "an answer is malformed: AttributeError"),
        ({"student": "many"}, "an answer is malformed: AttributeError"),
        ({3: {"a.py:1": 3}}, "an answer is malformed: TypeError"),
        ({"student": {3: 3}}, "an answer is malformed: TypeError"),
        (
            {"student": dict.fromkeys(map(str, range(replies.MAX_PLACES + 1)), 1)},
            "counts for more lines than a homework has",
        ),
        (
            {k: dict.fromkeys(map(str, range(replies.MAX_PLACES // 2 + 1)), 1) for k in "ab"},
            "counts for more lines than a homework has",
        ),
    ],
)
def test_counts_are_numbers_by_place_by_kind(counts: object, message: str) -> None:
    assert _refused(_header(counts=counts)) == message


def test_as_many_counts_as_a_homework_can_have_are_taken() -> None:
    counts = {"student": dict.fromkeys(map(str, range(replies.MAX_PLACES)), 1)}
    assert parse(_header(counts=counts), ARRAYS, (3, 1), STEP).counts == counts


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": 4}, "an answer belongs to another question"),
        ({"step": 2}, "an answer belongs to another question"),
        ({"outputs": []}, "an answer does not have the results that are due"),
        ({"outputs": [{"name": "Z", **ENTRY}, {"name": "Y", **ENTRY}]},
         "an answer does not have the results that are due"),
        ({"outputs": [{"name": x, **ENTRY} for x in "YZY"]},
         "an answer does not have the results that are due"),
        ({"outputs": [{"name": x, **ENTRY, "array": False} for x in "YZ"]},
         "an answer has more or fewer arrays than it says"),
        ({"outputs": [{"name": x, **ENTRY, "array": 1} for x in "YZ"]},
         "an answer has more or fewer arrays than it says"),
        ({"outputs": [{"name": x, **ENTRY, "array": 1.0} for x in "YZ"]},
         "an answer has more or fewer arrays than it says"),
        ({"outputs": 3}, "an answer is malformed: TypeError"),
        ({"outputs": [{"name": "Y"}, {"name": "Z"}]}, "an answer is malformed: KeyError"),
        ({"outputs": [{"name": x, **ENTRY, "type": 3} for x in "YZ"]},
         "an answer is malformed: TypeError"),
        ({"printed": 3}, "an answer is malformed: TypeError"),
        ({"warnings": [3]}, "an answer is malformed: TypeError"),
        ({"warnings": None}, "an answer is malformed: TypeError"),
        ({"flags": 3}, "an answer is malformed: TypeError"),
        ({"at": ["a.py"]}, "an answer is malformed: TypeError"),
        ({"at": ["a.py", "7"]}, "an answer is malformed: TypeError"),
        ({"error": {}}, "an answer is malformed: KeyError"),
        ({"error": "x"}, "an answer is malformed: TypeError"),
    ],
)  # fmt: skip
def test_what_is_not_the_answer_that_is_due_is_refused(
    changes: dict[str, Any], message: str
) -> None:
    assert _refused(_header(**changes)) == message


@pytest.mark.parametrize("arrays", [[], ARRAYS[:1], [*ARRAYS, np.ones(1)]])
def test_there_are_as_many_arrays_as_the_answer_says(arrays: list[np.ndarray]) -> None:
    assert _refused(_header(), arrays) == "an answer has more or fewer arrays than it says"


def test_results_are_left_out_only_where_they_may_be() -> None:
    header = _header(outputs=[])
    optional = Call("it", "forward", (), out=("Y", "Z"), optional=True)
    assert parse(header, [], (3, 1), optional).answers == {}
    due = "an answer does not have the results that are due"
    assert _refused(header, [], Read("it", "gradients", "W", ("dW",))) == due
    assert _refused(_header(), ARRAYS, None) == due
    assert _refused(_header(outputs=[{"name": "Y", **ENTRY}]), ARRAYS[:1], optional) == due
    assert parse(header, [], (3, 1), None).answers == {}


def test_texts_are_cut_and_lines_that_no_file_has_are_no_lines() -> None:
    long, frame = "x" * 9000, ["a.py", 7, "f", "x = 1"]
    error = {"type": long, "message": long, "ours": 1, "unfinished": True, "where": [frame] * 9}
    found = parse(_header(error=error, printed=long), [], (3, 1), STEP)
    assert found.error is not None
    assert len(found.error.kind) == replies.MAX_TYPE
    assert len(found.error.message) == len(found.printed) == replies.MAX_TEXT
    assert len(found.error.where) == replies.MAX_FRAMES
    assert (found.error.ours, found.error.unfinished) == (False, True)  # 1 is not True
    assert not parse(_header(changed=1), ARRAYS, (3, 1), STEP).changed
    for line, shown in ((0, 0), (-3, 0), (replies.MAX_LINES, replies.MAX_LINES),
                        (replies.MAX_LINES + 1, 0)):  # fmt: skip
        assert parse(_header(at=["a.py", line]), ARRAYS, (3, 1), STEP).at == f"a.py, line {shown}"
    many = parse(_header(warnings=["w"] * 9), ARRAYS, (3, 1), STEP)
    assert len(many.warnings) == replies.MAX_WARNINGS_PER_REPLY


@pytest.mark.parametrize("kind", ["<i8", "<i4", "|b1"])
def test_whole_numbers_are_not_due_whatever_an_answer_says_of_their_type(kind: str) -> None:
    """The type is a claim; the array that came is not."""
    right = np.array([[0.0, 1.0]])
    answer = Answer("ndarray", "an array", "float64", right.astype(kind))
    found = compare(ResultSpec("Y"), answer, right)
    assert "float64 is due" in found.form
    assert found.right
    assert not compare(ResultSpec("Y"), Answer("ndarray", "", "float64", right), right).form
