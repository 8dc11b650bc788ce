"""What to say below the table of a grade: one remark per cause; nothing is printed here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from grader.assignment import hole
from grader.judging import Grade, Line
from grader.report.cleaning import clean
from grader.report.messages import account, as_text, explain, places
from grader.report.source import code_of_work
from grader.report.work import Link, Work
from grader.verdict import Verdict

from .style import styled, title


@dataclass(frozen=True)
class Remark:
    """What to say about one cause.

    Args:
        heading: with terminal markup.
        text: the message.
        code: lines of the submission; "" for none.
        questions: those where there is something to do, by number and title.
        lost: the points lost.
        brief: a one-line version.
    """

    heading: str
    text: str
    code: str = ""
    questions: tuple[str, ...] = ()
    lost: float = 0.0
    brief: str = ""


def remarks(grade: Grade, work: Sequence[Work], everything: bool) -> Iterator[Remark]:
    """Yield what needs work, in order, and then advice; adjacent holes are reported together.

    Args:
        grade: the submission's grade.
        work: what needs work.
        everything: whether to include every check, and every message.
    """
    for unwritten, group in groupby(work, lambda one: one.verdict is Verdict.NOT_IMPLEMENTED):
        if unwritten:
            yield _to_write(list(group), grade)
        elif everything:
            yield from (remark for one in group for remark in _in_full(one, grade))
        else:
            yield from (_of_cause(one, grade) for one in group)
    if everything:
        yield from _of_passed(grade)
    else:
        yield from _advice(grade)


def _of_cause(work: Work, grade: Grade) -> Remark:
    said = replace(work.said, advice=())
    gist = (work.named or work.text).partition("\n")[0]
    return Remark(
        f"[bold]{work.title}[/]: {styled(work.verdict)}",
        clean("\n".join([as_text(said), *work.others, *work.consequences])),
        _code(work, grade),
        (work.first.question,),
        work.lost,
        clean(f"{work.title}: {gist}"),
    )


def _code(work: Work, grade: Grade) -> str:
    code = code_of_work(grade, work)
    return str(code) if code else ""


def _in_full(work: Work, grade: Grade) -> Iterator[Remark]:
    """Yield everything there is to say about every check that an item of work covers."""
    shown: set[tuple[str, str]] = set()
    for link in (*work.links, *work.waiting):
        for line in _lines(link, grade):
            text = clean(explain(line.result, everything=True))
            if (line.target.name, text) not in shown:
                code = "" if shown else _code(work, grade)
                check = "" if link.is_whole else f", {line.check}"
                heading = f"[bold]{title(line)}{check}[/]: {styled(line.result.verdict)}"
                yield Remark(heading, text, code)
                shown.add((line.target.name, text))


def _lines(link: Link, grade: Grade) -> list[Line]:
    """Return the lines that a link refers to: one, or all of its question."""
    mine = [line for line in grade.lines if line.target.name == link.target.name]
    return [line for line in mine if link.check in ("", line.check)]


def _of_passed(grade: Grade) -> Iterator[Remark]:
    """Yield what there is to say about checks that passed."""
    for line in grade.lines:
        text = clean(explain(line.result, everything=True))
        if line.result.verdict is Verdict.PASSED and text:
            yield Remark(f"[bold]{title(line)}, {line.check}[/]: {styled(Verdict.PASSED)}", text)


def _advice(grade: Grade) -> Iterator[Remark]:
    """Yield the advice on all questions, each piece once."""
    found: dict[str, list[str]] = {}
    for line in grade.lines:
        for text in account(line.result).advice:
            found.setdefault(clean(text), []).append(title(line))
    rows = [f"{', '.join(dict.fromkeys(names))}: {text}" for text, names in found.items()]
    if rows:
        names = ", ".join(dict.fromkeys(name for names in found.values() for name in names))
        yield Remark("[bold]Advice[/] (no points)", "\n".join(rows), brief=f"advice on {names}")


def _to_write(work: Sequence[Work], grade: Grade) -> Remark:
    found: dict[str, list[str]] = {}
    for one in work:
        lines = _lines(one.first, grade)
        found.setdefault(_where(lines, grade), []).append(one.first.question)
        runs = [link.question for link in one.also if link.target.is_run]
        if runs:
            found.setdefault("waiting for {}:{}".format(*one.at or ("", "")), []).extend(runs)
    rows = [f"{', '.join(dict.fromkeys(names))}: {text}" for text, names in found.items()]
    heading = f"[bold]Still to write[/]: {styled(Verdict.NOT_IMPLEMENTED)}"
    questions = tuple(dict.fromkeys(one.first.question for one in work))
    lost, brief = sum(one.lost for one in work), f"Still to write: {', '.join(questions)}"
    return Remark(heading, "\n".join(rows), "", questions, lost, brief)


def _where(lines: Sequence[Line], grade: Grade) -> str:
    """Say where the holes of a question are, or else its messages.

    A message mentions only the hole that was reached first; a layer's forward hides its backward.
    """
    messages = dict.fromkeys(clean(case.message) for x in lines for case in x.result.cases)
    met = {place for text in messages for place in places(text)}
    if not met:
        return " ".join(messages)
    beginning = hole(lines[0].target.question).encode()
    found: dict[str, set[int]] = {}
    for file, line in sorted(met):
        source = grade.submission.files.get(file, b"").splitlines()
        holes = {number for number, text in enumerate(source, 1) if beginning in text}
        found.setdefault(file, set()).update(holes, {line})
    where = "; ".join(_numbered(file, numbers) for file, numbers in found.items())
    return f"waiting for {where}" if lines[0].target.is_run else where


def _numbered(file: str, numbers: Iterable[int]) -> str:
    *most, last = (f"{file}:{number}" for number in sorted(numbers))
    return f"{', '.join(most)} and {last}" if most else last
