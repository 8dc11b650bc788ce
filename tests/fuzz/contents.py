"""Fuzz what a worker's replies say: `python -m tests.fuzz.contents GRADES [SEED [PROCESSES]]`.

Malformed frames are left to `tests.fuzz.run`. Here, the replies of real runs, of the reference and
of known mistakes, get other contents but stay well-formed frames; one question at a time is graded
with them, and every report is written. Any exception is a fault of the grader; so is a report that
is too large or not valid JSON, and so are points that the numbers do not earn.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import multiprocessing
import os
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from grader.assignment import Assignment, Case, Problem, Target
from grader.isolation.replies import COUNTED
from grader.judging import Grade, Line
from grader.judging.grade import capped
from grader.limits import Limits
from grader.program import Call
from grader.report import terminal
from grader.run import Run
from grader.running import examine
from grader.running.check_run import CheckRun
from grader.submission.submission import Submission
from grader.verdict import CheckResult, Verdict
from tests.catalogue import entries, reference_files, submission
from tests.grading import live, shared, valid
from tests.homework import ASSIGNMENT
from tests.tape import Frame, Player, Tape
from tests.writers import Fault, write_all

# Per question.
MISTAKES = 4
NUMBERS = (
    *(0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, 2.2e-308, 1e-300, 1e-17, 1e16, 1e300, 1e308),
    *(-1.7976931348623157e308, float("inf"), float("-inf"), float("nan")),
)
TEXTS = (
    *("", " ", "x" * 5000, "'" * 3000, "```" * 50, "a\n" * 900, "\r\n\t", "\U0001f600" * 300),
    *("\ud800", "\0", "\x1b[31m", "\x1b]0;x\x07", "\u202e", "::error::x", "##[group]x"),
    *("[bold]x[/]", "</script></style>]]>-->", "{{ 7 * 7 }}", "%s{}", ":", "a: b: c", "f a.py:3"),
    *("layers.py:3", "a.py:\u00b2", "a.py:" + "9" * 150, "ndarray", "ellipsis", "missing"),
    *("NoneType", "float", "list", "float32", "object", "complex128", "Tampered", "Placeholder"),
    *(
        "Missing",
        "KeyboardInterrupt",
        "NotImplementedError",
        "SyntaxError",
        "NameError",
        "f-string",
    ),
    *("invalid non-printable character U+FFFFFF", "invalid character '?' (U+D800)"),
    *("call to 'print'", "name 'null' is not defined", '{"cells": null', "def f[T](x):"),
)
ODD: tuple[Any, ...] = (
    *(*NUMBERS, *TEXTS, None, True, False, 0, 1, -1, 3, 2**31, 2**63, 10**12, 10**13, 10**400),
    *([], {}, [[]], [None], {"": {}}, [1, 2], ["a", 1], ["a.py", 7], ["a.py", 7, "f", "x"]),
    *({"a": 1}, {"$": "array"}, [[[[[[[[[[]]]]]]]]]], list(range(2000)), ["y" * 3000] * 40),
    dict.fromkeys(map(str, range(2000)), 1),
)


# Changing replies.
def _paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every item in a JSON value."""
    inside: dict[Any, Any] = value if isinstance(value, dict) else {}
    if isinstance(value, list):
        inside = dict(enumerate(value))
    for key, item in inside.items():
        yield (*at, key)
        yield from _paths(item, (*at, key))


def _odd_item(draw: random.Random, header: dict[str, Any]) -> None:
    """Replace, repeat, rename, or remove any one item of a header."""
    odds = 0.05  # of changing the reply's id or step, which is refused at once
    paths = [p for p in _paths(header) if p[0] not in ("id", "step") or draw.random() < odds]
    if not paths:
        return
    *above, last = draw.choice(paths)
    place: Any = header
    for key in above:
        place = place[key]
    chance = draw.random()
    if chance < 0.2:
        del place[last]
    elif chance < 0.3 and isinstance(place, list):
        place.extend([place[last]] * draw.choice((1, 3, 500)))
    elif chance < 0.4 and isinstance(place, dict):
        place[draw.choice(TEXTS)] = place.pop(last)
    else:
        place[last] = copy.deepcopy(draw.choice(ODD))


def _other_text(draw: random.Random, header: dict[str, Any]) -> None:
    """Put another text into an answer."""
    said = draw.choice(TEXTS)
    for entry in header.get("outputs", ()):
        entry[draw.choice(("type", "about", "dtype"))] = said
    key = draw.choice(("printed", "warnings", "at", "changed", "flags"))
    header[key] = {"printed": said, "warnings": [said] * 5, "at": [said, 3], "changed": True,
                   "flags": ["complex numbers", "compiled code", said]}[key]  # fmt: skip


FACTS = ("values", "instead", "said", "unset", "stored", "signatures")


def _exception(draw: random.Random, header: dict[str, Any]) -> None:
    """Answer with an exception."""
    file, function, text = draw.choices(TEXTS, k=3)
    frame = [file, draw.choice((1, 0, -1, 10**9)), function, text]
    header["error"] = {
        "type": draw.choice(TEXTS), "message": draw.choice(TEXTS),
        "ours": draw.random() < 0.3, "unfinished": draw.random() < 0.3,
        "where": [frame] * draw.choice((0, 1, 7)),
        "facts": {draw.choice(FACTS): draw.choice((*ODD, text, [text], [[text] * 3]))},
    }  # fmt: skip


def _other_counts(draw: random.Random, header: dict[str, Any]) -> None:
    """Change the counts, or remove them."""
    counts, chance = header.get("counts"), draw.random()
    if not counts or chance < 0.1:
        header["counts"] = copy.deepcopy(draw.choice((*ODD, {"student": {"a.py:3": 7}})))
        return
    kind = draw.choice(sorted(counts))
    if chance < 0.3:
        del counts[kind]
    elif chance < 0.4:
        counts[kind] = copy.deepcopy(draw.choice(ODD))
    elif chance < 0.5:
        counts[kind] = {}
    elif chance < 0.8:
        number = draw.choice((0, 1, 10**12, 10**13, -1, 3.0, 10**400, draw.randrange(10**6)))
        places = list(counts[kind]) or ["a.py:3"]
        counts[kind] = dict.fromkeys((*places, draw.choice(TEXTS)), number)
    else:
        counts[kind] = {place + draw.choice(TEXTS): n for place, n in counts[kind].items()}


HEADERS = (_odd_item, _odd_item, _other_text, _exception, _other_counts, _other_counts)


def _other_numbers(draw: random.Random, array: np.ndarray) -> np.ndarray:
    """Return other numbers of the same shape."""
    values, number, chance = np.array(array, float), draw.choice(NUMBERS), draw.random()
    with np.errstate(all="ignore"):
        if chance < 0.3:
            return np.full(array.shape, number)
        if chance < 0.5 and values.size:
            values.flat[draw.randrange(values.size)] = number
            return values
        if chance < 0.7:
            return values * number
        if chance < 0.8:
            return values + number
        return np.array(draw.choice((values * 1.7, -values, values**2, np.sign(values) * 1e308)))


SHAPES = ((), (0,), (1,), (0, 3), (3, 0, 2), (1,) * 8, (200_000,), (129_000, 1), (2, 3, 4))


def _other_form(draw: random.Random, array: np.ndarray) -> np.ndarray:
    """Return an array of another shape or type."""
    dtype, shape = draw.choice(("<f4", "<i8", "<i4", "|b1")), draw.choice(SHAPES)
    rows = np.atleast_1d(array)
    with np.errstate(all="ignore"):
        forms = (
            *(array.astype(dtype), array.ravel(), array.T, array[None], array[..., None]),
            *(rows[:1], rows[:0], rows.repeat(2, axis=0), np.full(shape, draw.choice(NUMBERS))),
            *(np.full(shape, -(2**63)), np.full(shape, draw.choice((0, 1, -9))).astype(dtype)),
        )
    return draw.choice(forms)


# An earlier change may have left a reply in any form; one that cannot be changed again stays as is.
CHANGED_ALREADY = (LookupError, TypeError, AttributeError, ValueError, OverflowError)


@dataclass
class Changes:
    """The changes made to the replies of one grade, each applied to a share of the replies."""

    draw: random.Random

    def __post_init__(self) -> None:
        """Choose which changes, and how often."""
        kinds = [
            self._header,
            self._numbers,
            self._form,
            self._losses,
            self._growing,
            self._sequence,
        ]
        chosen = self.draw.choices(kinds, (5, 5, 3, 1, 1, 1), k=self.draw.choice((1, 1, 2, 3)))
        self._ways = [(kind, self.draw.choice((1.0, 0.5, 0.1, 0.03))) for kind in chosen]
        self._how = self.draw.random()

    def __call__(self, frames: list[Frame]) -> Sequence[Frame | None]:
        """Return the changed replies to one request."""
        found: list[Frame | None] = list(frames)
        for kind, share in self._ways:
            for number, frame in enumerate(found):
                if frame is not None and self.draw.random() < share:
                    try:
                        found[number] = kind(copy.deepcopy(frame[0]), list(frame[1]))
                    except CHANGED_ALREADY:
                        continue
        return [frame for frame in found if frame != ({}, [])]

    def _header(self, header: dict[str, Any], arrays: list[np.ndarray]) -> Frame:
        HEADERS[int(self._how * len(HEADERS))](self.draw, header)
        return header, arrays

    def _numbers(self, header: dict[str, Any], arrays: list[np.ndarray]) -> Frame:
        return header, [_other_numbers(self.draw, array) for array in arrays]

    def _form(self, header: dict[str, Any], arrays: list[np.ndarray]) -> Frame:
        return header, [_other_form(self.draw, array) for array in arrays]

    def _losses(self, header: dict[str, Any], arrays: list[np.ndarray]) -> Frame:
        """Return a list of any length where a list of losses is expected."""
        if "'losses'" not in repr(header.get("outputs")):
            return self._numbers(header, arrays)
        some = np.array([self.draw.choice(NUMBERS) for _ in range(self.draw.choice((1, 2, 5, 50)))])
        return header, [np.tile(some, self.draw.choice((1, 1, 4000)))]

    def _growing(self, header: dict[str, Any], arrays: list[np.ndarray]) -> Frame:
        """Add a count that grows from call to call, at one place in all replies to a request."""
        same = random.Random(f"{self._how} {header['id']}")
        kind, place, power = same.choice(COUNTED), same.choice(TEXTS), same.choice((1, 2, 5, 40))
        if isinstance(header.get("counts"), dict):
            header["counts"][kind] = {place: min(header["step"] ** power, 10**12)}
        return header, arrays

    def _sequence(self, header: dict[str, Any], arrays: list[np.ndarray]) -> Frame | None:
        """Break off in the middle of a reply, or leave it out."""
        return None if self.draw.random() < 0.3 else ({}, [])


# Grading with them.
class _Answers:
    """The right answers, worked out once."""

    name = "live"

    def __init__(self) -> None:
        self._inner = live()
        self.known = cache(self._inner.known)
        self._found: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def answers(self, case: Case, seed: int, problem: Problem) -> Any:
        """Return the right value of every result of a problem."""
        if case.key not in self._found:
            self._found[case.key] = self._inner.answers(case, seed, problem)
        return self._found[case.key]


def _drawn_once(case: Case) -> Case:
    problem = cache(lambda: case.problem(0))
    return replace(case, build=lambda _: problem())


def _mistaken(target: Target) -> list[Submission]:
    """Return a few submissions with a known mistake in a target."""
    known = [entry for entry in entries("mistaken") if entry.target == target.name]
    known.sort(key=lambda entry: hashlib.sha256(entry.code.encode()).digest())
    return [submission(entry) for entry in known[:MISTAKES]]


class Grader:
    """Grades one question at a time with changed replies, and writes every report."""

    def __init__(self, assignment: Assignment = ASSIGNMENT) -> None:
        """Draw every problem once."""
        cases = tuple(_drawn_once(case) for case in assignment.cases)
        self._assignment = replace(assignment, cases=cases)
        self._answers = _Answers()
        self._tapes: dict[tuple[str, int], Tape] = {}
        self._submissions = {
            target.name: [Submission(reference_files(), "."), *_mistaken(target)]
            for target in assignment.rubric
        }
        self.verdicts: Counter[str] = Counter()

    def one(self, seed: int) -> None:
        """Grade one question.

        Raises:
            Fault: the outcome is wrong.
            Exception: anything that the grader did not expect.
        """
        draw, rubric = random.Random(seed), self._assignment.rubric
        target = rubric[seed % len(rubric)]
        number = draw.choice((0, draw.randrange(len(self._submissions[target.name]))))
        handed_in = self._submissions[target.name][number]
        if draw.random() < 0.1:
            hidden = draw.choice([*target.points])
            target = replace(target, visibilities={hidden: "hidden"})
        tape = self._tapes.setdefault((target.name, number), Tape(shared()))
        player = Player(tape, Changes(draw))
        # A numeric gradient takes hundreds of calls; most grades leave it out.
        limits = Limits(explanation=draw.choice((3.0, 0.0, 0.0, 0.0)))
        with _recorded_cases() as asked:
            found = examine(
                self._assignment, handed_in, target, 0, self._answers, player, limits,
                pictures=True,
            )  # fmt: skip
        tape.rest()
        lines = capped([Line(target, check, result) for check, result in found.items()])
        for line in lines:
            self.verdicts[line.result.verdict.value] += 1
            _check_points(line, [one for one in asked if one.case.check == line.check])
        grade = Grade(
            self._assignment,
            lines,
            0,
            draw.choice(("live", "recorded")),
            1.0,
            handed_in,
            player.isolation,
        )
        form, detail = draw.choice(("text", "html")), draw.choice([*terminal.Detail])
        write_all(valid(grade.student_view), (form,), (detail,))


class Judged(NamedTuple):
    """A case, as it is judged."""

    case: Case
    problem: Problem
    run: Run
    expected: Mapping[str, np.ndarray]


@contextlib.contextmanager
def _recorded_cases() -> Iterator[list[Judged]]:
    """Collect every case that the checks judge."""
    asked: list[Judged] = []
    plain = CheckRun.judge

    def judge(check_run: CheckRun, judging: Any, *explain: Any) -> CheckResult:
        def recording(own: CheckRun, *what: Any) -> Any:
            asked.append(Judged(*what))
            return judging(own, *what)

        return plain(check_run, recording, *explain)

    CheckRun.judge = judge  # type: ignore[assignment,method-assign]
    try:
        yield asked
    finally:
        CheckRun.judge = plain  # type: ignore[method-assign]


def _check_points(line: Line, asked: Sequence[Judged]) -> None:
    """Raise if a line has more points than its numbers earn."""
    if line.result.verdict is Verdict.HARNESS_FAULT:
        raise Fault("a harness fault")
    graded = [one for one in asked if not one.problem.advice]
    total = sum(one.case.weight for one in graded)
    most = sum(one.case.weight * _right_share(one) for one in graded) / total if total else 0.0
    if line.result.share > most + 1e-9:
        raise Fault(f"{line.check} got {line.result.share} of its points but earned only {most}")


def _right_share(one: Judged) -> float:
    """Return the share of a case's results that are right, computed independently of the grader."""
    problem, answers = one.problem, one.run.answers
    if problem.accuracy:
        name = problem.judged[0].name
        array = answers[name].array if name in answers else None
        truth = one.expected[name]
        if array is None or array.shape != truth.shape or not np.isfinite(array).all():
            return 0.0
        guess, right = (a[:, 0] > 0.5 if a.shape[1] == 1 else a.argmax(1) for a in (array, truth))
        return float(np.mean(guess == right) >= problem.accuracy)
    groups: dict[str, bool] = {}
    for spec in problem.judged:
        key = spec.original if problem.sizes else spec.name
        array = answers[spec.name].array if spec.name in answers else None
        groups[key] = groups.get(key, True) and _is_close(array, one.expected[spec.name])
    counted = [step for step in problem.program if isinstance(step, Call) and step.count]
    if problem.sizes and len(one.run.counts) != len(counted):
        return 0.0
    return sum(groups.values()) / len(groups)


def _is_close(array: np.ndarray | None, expected: np.ndarray) -> bool:
    if array is None or [n for n in array.shape if n != 1] != [n for n in expected.shape if n != 1]:
        return False
    scale = float(np.abs(expected).max(initial=0.0))
    with np.errstate(all="ignore"):
        error = np.abs(array.reshape(expected.shape).astype(float) - expected)
        return bool((error <= 2.1e-4 * scale).all())


def _run(job: tuple[int, int, int, int]) -> tuple[int, list[str], Counter[str]]:
    """Grade with every seed in a range; return how many, what went wrong, and the verdicts."""
    first, grades, part, parts = job
    grader, faults, done = Grader(), [], 0
    for seed in range(first, first + grades):
        if seed % len(ASSIGNMENT.rubric) % parts != part:
            continue  # each process has questions of its own
        try:
            grader.one(seed)
        except Exception:
            faults.append(f"seed {seed}:\n{traceback.format_exc(limit=-6)}")
        done += 1
    return done, faults, grader.verdicts


def main() -> None:
    """Grade as many times as the command line says."""
    given = [int(word) for word in sys.argv[1:]]
    grades, first, processes = (*given, *(1000, 0, os.cpu_count() or 1)[len(given) :])
    started = time.monotonic()
    jobs = [(first, grades, part, processes) for part in range(processes)]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        found = pool.map(_run, jobs)
    faults = [fault for _, some, _ in found for fault in some]
    verdicts = sum((counted for _, _, counted in found), Counter())
    if faults:
        print("\n\n".join(faults[:20]))
    done, seconds = sum(number for number, _, _ in found), time.monotonic() - started
    print(f"{done} grades in {seconds:.0f} s, {len(faults)} faults; lines: {dict(verdicts)}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
