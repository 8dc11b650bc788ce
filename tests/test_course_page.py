"""The class page: its numbers against hand-computed ones, its groups, its drafts, and its text."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from grader.answers import choose, entries
from grader.course.grading.scoring import ByHand
from grader.course.page import (
    by_hand,
    distribution,
    faults,
    flags,
    groups,
    mistakes,
    pupils,
    questions,
    render,
    slowest,
    write_drafts,
)
from grader.course.page.drafts import code_of
from grader.course.page.drawing import bins, stacked
from grader.course.page.failures import Said
from grader.course.page.statistics import correlation
from grader.course.people import Student
from grader.course.store import Store, opened
from grader.launching import Kept, starter
from grader.limits import Limits
from grader.running import examine
from grader.submission import Submission
from grader.verdict import CaseResult, CheckResult, Finding, Verdict
from tests.graded_classes import (
    ASSIGNMENT,
    PASSED,
    RELU,
    SIGMOID,
    WHOLE,
    HandedIn,
    fill,
    half,
    numbers,
    pictured,
    wrong,
)

GRADIENT, VALUES = (RELU.name, "gradient"), (SIGMOID.name, "values")
A, B, C, D, E, F, G = (
    Student(name, name.title()) for name in ("ada", "bob", "cy", "di", "ed", "flo", "gus")
)
EVERYTHING = {
    (target.name, check): wrong("All is wrong.", seconds=0.5)
    for target in ASSIGNMENT.rubric
    for check in target.points
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path / "class", create=True) as connection:
        yield Store(connection)


@pytest.fixture
def small(store: Store) -> int:
    """Scores of 14, 11, and 0; 12.75 for a group of two; one damaged, and one missing."""
    return fill(
        store,
        [
            HandedIn([A], {}),
            HandedIn([B], {GRADIENT: wrong(seconds=1.25)}),
            HandedIn([C], EVERYTHING),
            HandedIn([D, E], {VALUES: half()}, late=True),
            HandedIn([F], None),
        ],
        [G],
    ).id


def test_each_student_counts_once_in_the_distribution(store: Store, small: int) -> None:
    found = distribution(store, small)
    assert found.scores == (0, 11, 12.75, 12.75, 14)
    assert found.mean == pytest.approx(10.1)
    assert found.deviation == pytest.approx(26.415**0.5)
    assert [found.quantile(share) for share in (0.25, 0.5, 0.75)] == [11, 12.75, 12.75]
    assert set(found.without) == {
        ("the submission is a damaged zip: no end.", 1),
        ("nothing was handed in", 1),
    }


def test_each_submission_counts_once_in_a_check(store: Store, small: int) -> None:
    relu, sigmoid = questions(store, small)
    gradient = next(item for item in relu.checks if item.check == "gradient")
    assert gradient.verdicts == {Verdict.PASSED: 2, Verdict.FAILED: 2}
    assert gradient.mean == 0.5
    assert gradient.count == 4
    assert gradient.points == 3
    # Shares 1, 0, 0, 1 against 11, 11, 0, 9.75 points for everything else.
    assert gradient.correlation == pytest.approx(4.875 / 85.046875**0.5)
    assert gradient.is_binary
    assert (gradient.median, gradient.late) == (0.375, pytest.approx(0.5 + 0.7 * 0.75))
    values = next(item for item in sigmoid.checks if item.check == "values")
    assert values.verdicts == {Verdict.PASSED: 2, Verdict.FAILED: 1, Verdict.PARTLY: 1}
    assert values.mean == pytest.approx(2.5 / 4)
    assert not values.is_binary


def test_a_question_has_all_some_or_no_points(store: Store, small: int) -> None:
    relu, sigmoid = questions(store, small)
    assert relu.verdicts == {Verdict.PASSED: 2, Verdict.PARTLY: 1, Verdict.FAILED: 1}
    assert relu.mean == pytest.approx((1 + 5 / 8 + 0 + 1) / 4)
    assert (relu.points, sigmoid.points) == (8, 6)
    # For a, b, c, and d: 1, 5/8, 0, 1 against 6, 6, 0, 4.75.
    x, y = (1, 0.625, 0, 1), (6, 6, 0, 4.75)
    assert relu.correlation == pytest.approx(correlation(x, y))
    assert relu.median == pytest.approx((1.0 + (0.75 + 1.25)) / 2)
    shown = stacked(relu)
    assert [part[1] for part in shown] == ["all points", "some points", "no points"]
    assert sum(part[3] for part in shown) == 100


def test_a_correlation_is_pearsons_and_none_of_what_is_the_same_everywhere() -> None:
    assert correlation([1, 2, 3], [2, 4, 6]) == pytest.approx(1)
    assert correlation([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    # Means 2 and 3; (-1)(-2) + 0 + 1 * 1 = 3 over the square roots of 2 and 6.
    assert correlation([1, 2, 3], [1, 4, 4]) == pytest.approx(3 / 12**0.5)
    assert correlation([1, 1, 1], [1, 2, 3]) is None
    assert correlation([0.1 + 0.2, 0.3, 0.3], [1, 2, 3]) is None
    assert correlation([0, 1], [0, 1]) is None


def test_the_last_bar_has_the_maximum_and_extra_credit_has_bars_of_its_own() -> None:
    assert [count for *_, count in bins([0, 4.9, 5, 100], 100)] == [2, 1, *[0] * 17, 1]
    beyond = bins([100, 104], 100)
    assert beyond[-1] == (100, 105, 2)
    assert bins([], 10)[0] == (0, 0.5, 0)


def test_an_earlier_submission_counts_nowhere(store: Store) -> None:
    run = fill(store, [HandedIn([A], EVERYTHING), HandedIn([A], {})]).id
    assert distribution(store, run).scores == (14,)
    assert questions(store, run)[0].count == 1
    assert not groups(store, run)


def test_nothing_is_divided_by_nobody(store: Store) -> None:
    run = fill(store, [], [G])
    assert distribution(store, run.id).count == 0
    assert not questions(store, run.id)
    assert "Nobody has a grade yet" in render(store, ASSIGNMENT, run, lambda _: None)


# Mistakes.


def test_a_mistake_has_its_students_and_is_one_in_several_checks(store: Store) -> None:
    other = Finding(("Another one.",))
    mask = Finding(("The mask is inverted.", "The sign is inverted."))
    named = wrong(findings=(mask, other))
    run = fill(store, [
        HandedIn([A, B], {GRADIENT: named, (RELU.name, "values"): wrong(findings=(other,))}),
        HandedIn([C], {GRADIENT: wrong(findings=(other,))}),
    ]).id  # fmt: skip
    another, mask = mistakes(store, run)
    assert another.sentences == ("Another one.",)
    assert another.owners.students == ("ada", "bob", "cy")
    assert (another.size, another.question, another.checks) == (2, "3.1", ("values", "gradient"))
    assert mask.sentences == ("The mask is inverted.", "The sign is inverted.")
    assert mask.size == 1
    assert not groups(store, run)


# Groups.


def _groups(store: Store, *found: CheckResult) -> list[tuple[int, tuple[str, ...], bool]]:
    students = [Student(f"s{i:05}") for i in range(len(found))]
    handed_in = [HandedIn([s], {GRADIENT: x}) for s, x in zip(students, found, strict=True)]
    run = fill(store, handed_in).id
    return [(group.size, group.names, group.is_part) for group in groups(store, run)]


def test_equal_numbers_are_a_group_whatever_rounding_did(store: Store) -> None:
    """Near 1.0005 and 0.99949999, where rounding to a few digits could go either way."""
    noise = [1e-13, -1e-13, 3e-9, -3e-9]
    alike = [wrong(numbers=(numbers(1.0005 + e, -2.5 - e, 0.5 + e),)) for e in noise]
    other = [wrong(numbers=(numbers(1.0005, -2.5, 0.51),))]
    assert _groups(store, *alike, *other) == [(4, ("dZ",), False), (1, ("dZ",), False)]


def test_the_message_parts_no_group(store: Store) -> None:
    one, other = (wrong(text, numbers=(numbers(1, 2, 3),)) for text in ("this", "that"))
    assert _groups(store, one, other) == [(2, ("dZ",), False)]


@pytest.mark.parametrize(
    "other",
    [
        numbers(1, 2, 3, case="another"),
        numbers(1, 2, 3, name="Y"),
        numbers(1, 2, 3.0001),
        numbers(-1, -2, -3),
        numbers(1, 2, 3).__class__("k", "dZ", (4,), (1.0, 2.0, 3.0), 3.0, 1e-6),
        numbers(1, 2, 3).__class__("k", "dZ", (2, 2), (1.0, 2.0, 3.0), 1e9, 1e-6),
    ],
    ids=["case", "name", "sum", "sign", "shape", "scale"],
)
def test_other_numbers_are_another_group(store: Store, other) -> None:
    found = _groups(store, wrong(numbers=(numbers(1, 2, 3),)), wrong(numbers=(other,)))
    assert [size for size, *_ in found] == [1, 1]


def test_what_overflows_is_in_no_group(store: Store) -> None:
    huge = numbers(float("inf"), 1, 1)
    assert len(_groups(store, *[wrong(numbers=(huge,))] * 3)) == 3


def test_the_tolerance_is_that_of_the_numbers(store: Store) -> None:
    single = [wrong(numbers=(numbers(1, 2, 3 + e, rtol=2e-4),)) for e in (0, 5e-4)]
    assert _groups(store, *single) == [(2, ("dZ",), False)]


def test_two_wrong_results_are_grouped_together_and_each_alone_where_that_joins_more(
    store: Store,
) -> None:
    W, b = numbers(4, 5, 6, name="gradients['W']"), numbers(7, 8, 9, name="gradients['b']")
    both = [wrong(numbers=(numbers(i, i, i), W, b)) for i in (1, 1, 2)]
    assert _groups(store, *both, wrong(numbers=(W, b))) == [
        (4, ("gradients['W']", "gradients['b']"), True),
        (2, ("dZ", "gradients['W']", "gradients['b']"), False),
        (1, ("dZ", "gradients['W']", "gradients['b']"), False),
        (1, ("gradients['W']", "gradients['b']"), False),
    ]


def test_only_results_that_the_same_decided_are_compared(store: Store) -> None:
    found = [wrong(numbers=(numbers(1, 2, 3),)) for _ in range(2)]
    run = fill(store, [HandedIn([A], {GRADIENT: found[0]}), HandedIn([B], {GRADIENT: found[1]})]).id
    assert len(groups(store, run)) == 1
    store.rows("UPDATE results SET fingerprint = 'old' WHERE verdict = 'failed' AND id < 9")
    assert len(groups(store, run)) == 2


def test_failures_without_numbers_are_grouped_by_what_is_said(store: Store) -> None:
    said = [
        ("forward raised ValueError: shapes 3 and 4\n  activations.py:7: x", Verdict.RAISED),
        ("forward raised ValueError: shapes 5 and 12\n  activations.py:9: y", Verdict.RAISED),
        ("forward raised KeyError: 'Z'", Verdict.RAISED),
        ("forward raised KeyError: 'Z'", Verdict.CRASHED),
    ]
    found = _groups(store, *(wrong(text, verdict) for text, verdict in said))
    assert [size for size, *_ in found] == [2, 1, 1]


def test_numbers_and_places_are_no_part_of_the_gist() -> None:
    text = "layers.py:71 ran 13, 35, 129 times for -1.5e-3\nmore"
    assert Said(None, text).gist == "\N{HORIZONTAL ELLIPSIS} ran # times for #"


def test_a_file_that_cannot_be_imported_is_one_group(store: Store) -> None:
    text = "Importing your file raised ValueError: x\n  activations.py:1: x"
    broken = {key: wrong(text, Verdict.RAISED) for key in EVERYTHING}
    run = fill(store, [HandedIn([A], broken), HandedIn([B], broken)]).id
    (group,) = groups(store, run)
    assert group.size == 2
    assert [place[:2] for place in group.places] == [("3.1", RELU.name), ("3.2", SIGMOID.name)]


def test_what_waits_for_something_else_or_is_missing_is_in_no_group(store: Store) -> None:
    kinds = (Verdict.BLOCKED, Verdict.NOT_IMPLEMENTED, Verdict.NOT_RUN, Verdict.HARNESS_FAULT)
    assert not _groups(store, *(wrong("text", kind) for kind in kinds))


@pytest.mark.slow
def test_thousands_of_different_failures_are_grouped_in_seconds(store: Store) -> None:
    found = [wrong(numbers=(numbers(1 + i % 500, 2, 3),)) for i in range(1000)]
    students = [Student(f"s{i:05}") for i in range(len(found))]
    store.connection.execute("PRAGMA synchronous = OFF")
    run = fill(store, [HandedIn([s], {GRADIENT: x}) for s, x in zip(students, found, strict=True)])
    begin = time.process_time()
    assert [group.size for group in groups(store, run.id)] == [2] * 500
    assert time.process_time() - begin < 5


# Drafts.


CODE = """import math
import numpy as np

SLOPE = 2.0


def _unused(x):
    return x


def _mask(Z):
    return (Z > 0) * SLOPE  # %% no other entry


class ReLU:
    def backward(self, Z, dY):
        return dY * _mask(Z)


class Sigmoid:
    pass
"""


def test_the_code_of_a_class_comes_with_what_it_uses_of_its_module() -> None:
    code = code_of(CODE.encode(), RELU, b"import numpy as np\n")
    assert "class ReLU:" in code
    assert "SLOPE = 2.0" in code
    assert "def _mask(Z):" in code
    for other in ("_unused", "Sigmoid", "math", "numpy"):
        assert other not in code


@pytest.mark.parametrize("source", [b"", b"class ReLU(", b"\xff\xfe", b"x = 1", b"(" * 9999, b"\0"])
def test_what_is_no_code_of_the_class_gives_none(source: bytes) -> None:
    assert code_of(source, RELU) == ""


def test_a_draft_is_an_entry_with_the_verdicts_as_they_were(store: Store, tmp_path: Path) -> None:
    result = {
        GRADIENT: wrong(numbers=(numbers(1, 2, 3),)),
        (RELU.name, "shape"): half(),
        (RELU.name, "batching"): wrong("", Verdict.BLOCKED),
    }
    run = fill(store, [HandedIn([one], result, CODE) for one in (A, B, C)]).id
    paths = write_drafts(store, ASSIGNMENT, run, tmp_path / "drafts")
    assert [path.name for path in paths] == ["3.1-1.py", "3.1-2.py"]
    first, second = entries(tmp_path / "drafts")
    for entry in (first, second):
        assert entry.target == RELU.name
        assert entry.verdicts == {"shape": "partly", "gradient": "failed", "batching": "blocked"}
        assert entry.says == ""
        assert "return dY * _mask(Z)" in entry.code
    assert {first.id, second.id} == {"draft-3.1-1", "draft-3.1-2"}


def test_a_draft_that_somebody_wrote_in_stays(store: Store, tmp_path: Path) -> None:
    run = fill(
        store, [HandedIn([x], {GRADIENT: wrong(numbers=(numbers(1, 2, 3),))}, CODE) for x in (A, B)]
    )
    (path,) = write_drafts(store, ASSIGNMENT, run.id, tmp_path)
    (tmp_path / "3.1-7.py").write_bytes(path.read_bytes())
    assert write_drafts(store, ASSIGNMENT, run.id, tmp_path) == [path]
    assert [one.name for one in tmp_path.glob("*.py")] == ["3.1-1.py"]
    mine = path.read_text("utf-8").replace("# says: ", "# says: The slope is doubled.")
    path.write_text(mine, "utf-8")
    assert [x.name for x in write_drafts(store, ASSIGNMENT, run.id, tmp_path)] == ["3.1-2.py"]
    assert path.read_text("utf-8") == mine


def test_one_student_alone_and_a_broken_file_make_no_draft(store: Store, tmp_path: Path) -> None:
    text = "Importing your file raised ValueError: x"
    broken = {key: wrong(text, Verdict.RAISED) for key in EVERYTHING}
    alone = HandedIn([C], {GRADIENT: wrong(numbers=(numbers(1, 2, 3),))}, CODE)
    run = fill(store, [HandedIn([A], broken, CODE), HandedIn([B], broken, CODE), alone]).id
    assert write_drafts(store, ASSIGNMENT, run, tmp_path) == []


@pytest.mark.slow
def test_a_mistake_that_the_catalogue_lacks_comes_back_as_its_draft(
    store: Store, tmp_path: Path
) -> None:
    """Grade it, take its name away, draft it, and grade the draft: the verdicts are the same."""
    oracle = choose(WHOLE, "live")
    entry = next(x for x in entries(WHOLE.folders.mistakes) if x.target == RELU.name and x.says)
    files, workers = entry.files(WHOLE.folders.reference), Kept(starter())

    def graded(files: dict[str, bytes]) -> dict[str, CheckResult]:
        submission = Submission(files, "student")
        return examine(WHOLE, submission, RELU, 77, oracle, workers, Limits(), pictures=True)

    try:
        found = {
            (RELU.name, check): result.__class__(**vars(result) | {"findings": ()})
            for check, result in graded(files).items()
        }
        code = files["activations.py"].decode()
        run = fill(store, [HandedIn([one], found, code) for one in (A, B)]).id
        write_drafts(store, ASSIGNMENT, run, tmp_path / "drafts")
        draft = entries(tmp_path / "drafts")[0]
        again = graded(draft.files(WHOLE.folders.reference))
    finally:
        workers.end()
    failed = {check: x.verdict.value for check, x in again.items() if x.verdict != "passed"}
    assert failed == draft.verdicts == entry.verdicts


# Facts.


def test_flags_faults_overrides_and_the_slowest_are_those_of_the_store(store: Store) -> None:
    fault = CheckResult((CaseResult("one", Verdict.HARNESS_FAULT, "The launcher is gone."),))
    flagged = CheckResult(PASSED.cases, flags=("compiled code",))
    run = fill(
        store,
        [HandedIn([A], {GRADIENT: flagged}), HandedIn([B], {GRADIENT: fault}), HandedIn([C], None)],
        [G],
        {"ada": [ByHand("ada", "3.1", 5, "regrade <b>request</b>")]},
    )
    (flag,) = flags(store, run.id)
    assert (flag.flag, flag.owners.students) == ("compiled code", ("ada",))
    assert "ctypes" in flag.meaning
    (one,) = faults(store, run.id)
    assert (one.message, one.owners.students) == ("The launcher is gone.", ("bob",))
    (given,) = by_hand(store, run.id)
    assert (given.points, given.instead_of) == (5, 8)
    assert [x.entry for x in slowest(store, run.id)] == ["submission_1", "submission_0"]
    ada, bob, cy, gus = pupils(store, run.id)
    assert (ada.score, ada.points, ada.by_hand) == (11, {"3.1": 5, "3.2": 6}, {"3.1"})
    assert [x.state for x in (ada, bob, cy, gus)] == ["graded", "in part", *["not graded"] * 2]
    assert gus.score is None
    page = render(store, ASSIGNMENT, run, lambda _: None)
    assert "The autograder itself failed on 1 check" in page
    assert "regrade &lt;b&gt;request&lt;/b&gt;" in page
    # An incomplete grade is left out of the score statistics.
    assert distribution(store, run.id).scores == (11,)


# The page.


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\x1b[31m{{ 7*7 }}"


class _Tags(HTMLParser):
    """Gathers elements with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_no_text_of_a_student_is_anything_but_text(store: Store) -> None:
    named = pictured(HOSTILE, findings=(Finding((HOSTILE,)),), flags=(HOSTILE,))
    unnamed = pictured(HOSTILE, numbers=(numbers(1, 2, 3, name=HOSTILE),))
    people = [Student(f"{HOSTILE}{i}", HOSTILE, HOSTILE) for i in range(6)]
    run = fill(store, [
        HandedIn([people[0]], {GRADIENT: named}),
        HandedIn([people[1]], {GRADIENT: unnamed}),
        HandedIn([people[2]], {GRADIENT: unnamed}),
        HandedIn([people[3]], {GRADIENT: wrong(HOSTILE, Verdict.HARNESS_FAULT)}),
        HandedIn([people[4]], {GRADIENT: wrong(HOSTILE, Verdict.RAISED)}),
    ], [people[5]])  # fmt: skip
    page = render(store, ASSIGNMENT, run, lambda one: f'javascript:alert(1)//{one}" onclick="x')
    tags = _Tags(page).found
    assert [tag for tag, _ in tags].count("script") == 1
    assert not [tag for tag, _ in tags if tag in ("img", "iframe", "link", "object", "base")]
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on")]
    for _, attributes in tags:
        assert re.match(r"#|\./javascript%3A", attributes.get("href") or "#")
    assert "\x1b" not in page
    assert "49" not in re.sub(r"[\d.]+", "", page)
    assert "{{ 7*7 }}" in page


def test_the_policy_has_the_hash_of_the_one_script(store: Store, small: int) -> None:
    run = store.runs()[0]
    page = render(store, ASSIGNMENT, run, lambda one: f"students/{one}/report.html")
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src &#39;sha256-{digest}&#39;" in page
    assert "default-src &#39;none&#39;" in page
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", page)


def test_the_page_shows_what_the_functions_say(store: Store, small: int) -> None:
    page = render(store, ASSIGNMENT, store.runs()[0], lambda one: f"students/{one}/report.html")
    text = " ".join(re.sub(r"<[^>]*>", " ", page.split("</style>")[1]).split())
    for part in (
        "10.1 / 14 on average", "5 graded", "7 students", "2 without a whole grade",
        "Median 12.75", "Quartiles 11.00 and 12.75", "Standard deviation 5.14",
        "1 \N{MULTIPLICATION SIGN} nothing was handed in", "0.53",
    ):  # fmt: skip
        assert part in text, part
    assert page.count("<tr data-state=") == 7
    assert '<a href="./students/ada/report.html">ada</a>' in page


def test_ids_in_the_page_are_there_once(store: Store) -> None:
    found = [
        pictured("a", findings=(Finding(("A.",)),)),
        *[pictured("b", numbers=(numbers(1, 2, 3),))] * 2,
    ]
    run = fill(store, [HandedIn([Student(f"s{i}")], {GRADIENT: x}) for i, x in enumerate(found)])
    tags = _Tags(render(store, ASSIGNMENT, run, lambda _: None)).found
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert len([tag for tag, _ in tags if tag == "figure"]) == 2
