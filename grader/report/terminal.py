"""The report on the terminal: one row a question, and below it what needs work."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from itertools import groupby

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from grader.explanations import EXPLANATIONS, MEANINGS, how
from grader.processes import Isolation
from grader.rubric import TOTAL, Target
from grader.runner import Grade, Line
from grader.submission import Submission
from grader.verdict import Verdict
from grader.watch import Round

from .messages import WORDS, account, as_text, cause, clean, explain, places

STYLES = {
    Verdict.PASSED: "green",
    Verdict.PARTLY: "yellow",
    Verdict.FAILED: "red",
    Verdict.NOT_IMPLEMENTED: "blue",
    Verdict.RAISED: "red",
    Verdict.TIMED_OUT: "red",
    Verdict.CRASHED: "red",
    Verdict.BLOCKED: "yellow",
    Verdict.NOT_RUN: "yellow",
    Verdict.HARNESS_FAULT: "red reverse",
}
BAR = 12
# Narrower terminals have no room for bars.
WIDE = 72
# What a missing layer of isolation means.
WITHOUT = {
    "limits": "use up the memory of this machine",
    "uid": "read what you can read, where landlock is missing, too",
    "landlock": "read the files of its user, the reference among them",
    "seccomp": "use the network, start programs, signal the grader",
}
LEVEL_WORDS = {
    "uid": "Code you do not trust can be graded here.",
    "confined": "Good for your own code; for a class, grade as root, or in the container.",
    "any": "Grade only code that you would run yourself.",
}


class Detail(Enum):
    """How much is printed: the table alone, what needs work, too, or every check."""

    QUIET = "quiet"
    USUAL = "usual"
    VERBOSE = "verbose"


def show(grade: Grade, console: Console, detail: Detail = Detail.USUAL) -> None:
    """Print a grade: the questions with their points, then what needs work."""
    targets = _by_target(grade)
    console.print(_checks(targets) if detail is Detail.VERBOSE else _questions(targets, console))
    console.print(_score(grade))
    if detail is Detail.QUIET:
        return
    for heading, text in _remarks(targets, grade.submission, detail is Detail.VERBOSE):
        console.print(f"\n{heading}")
        console.print(_indented(text, console))
    for name in grade.submission.left_out:
        console.print(f"\nNot graded: {escape(clean(name))}")
    for line in grade.lines:
        if line.result.flags and grade.oracle == "live":
            flags = ", ".join(line.result.flags)
            console.print(f"\nFor the course staff: {_title(line)}, {line.check}: {flags}.")


def show_round(found: Round, console: Console) -> None:
    """Print a round of `watch`: what was changed and when, what it gave, and the score of all."""
    files = ", ".join(clean(file) for file in found.files)
    console.rule(f"{time.strftime('%H:%M:%S')} {escape(files)}".rstrip(), align="left")
    for remark in found.remarks:
        console.print(escape(clean(remark)))
        console.print("What was graded before is kept until the file can be read.")
    part = found.part.shown
    if part.lines:
        show(part, console)
    for lines in _by_target(part):
        points, target = sum(line.score for line in lines), lines[0].target
        before = found.before.get(target.name, points)
        if points != before:
            console.print(f"\n[bold]{_title(lines[0])}: {before:g} -> {points:g}[/] "
                          f"of {target.total:g}")  # fmt: skip
    if found.before and len(found.whole.lines) > len(found.part.lines):
        whole = found.whole.shown
        console.print(f"\nWith what was graded before: {whole.score:g} / {whole.maximum:g} points.")


def _by_target(grade: Grade) -> list[list[Line]]:
    return [list(lines) for _, lines in groupby(grade.lines, key=lambda line: line.target.name)]


def _indented(text: str, console: Console) -> RenderableType:
    """Return a text with two spaces before each line; wrapped at words on a terminal."""
    if console.is_terminal:
        return Padding(Text(text), (0, 0, 0, 2))
    return Text("  " + text.replace("\n", "\n  "))


def _questions(targets: Sequence[Sequence[Line]], console: Console) -> Table:
    """Return one row a question: its bar, its points, and which checks do not pass."""
    table = Table(box=None, pad_edge=False, show_header=False)
    wide = console.width >= WIDE
    for options in ({}, {}, *([{"width": BAR}] if wide else []), {"justify": "right"}):
        table.add_column(no_wrap=True, **options)  # type: ignore[arg-type]
    table.add_column(overflow="fold")
    for lines in targets:
        score, most = (sum(getattr(line, x) for line in lines) for x in ("score", "points"))
        bar: list[RenderableType] = [ProgressBar(most, score, BAR)] if wide else []
        points = f"{score:g} / {most:g}"
        table.add_row(lines[0].target.question, _name(lines[0]), *bar, points, _summary(lines))
    return table


def _name(line: Line) -> str:
    return line.target.title + (" (extra)" if line.target.extra else "")


def _summary(lines: Sequence[Line], whole: bool = True) -> str:
    """Say which checks do not pass, those of one verdict together; none by name if all are one.

    Args:
        lines: some checks of a target.
        whole: they are all of them.
    """
    groups: dict[Verdict, list[str]] = {}
    for line in lines:
        groups.setdefault(line.result.verdict, []).append(line.check)
    if len(groups) == 1 and whole:
        return _word(lines[0].result.verdict)
    groups.pop(Verdict.PASSED, None)
    return "; ".join(f"{', '.join(checks)} {_word(verdict)}" for verdict, checks in groups.items())


def _word(verdict: Verdict) -> str:
    return f"[{STYLES[verdict]}]{WORDS[verdict]}[/]"


def _checks(targets: Sequence[Sequence[Line]]) -> Table:
    """Return one row a check."""
    table = Table(box=None, pad_edge=False)
    for name in ("", "question", "check", "verdict"):
        table.add_column(name, no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    for lines in targets:
        for line in lines:
            shown = (line.target.question, _name(line)) if line is lines[0] else ("", "")
            points = f"{line.score:g} / {line.points:g}"
            table.add_row(*shown, line.check, _word(line.result.verdict), points)
    return table


def _score(grade: Grade) -> str:
    extra = sum(line.score for line in grade.lines if line.target.extra)
    if not grade.maximum:
        most = sum(line.points for line in grade.lines)
        return f"\n[bold]Score: {grade.score:g} / {most:g}[/] of extra credit"
    whole = "" if grade.maximum == TOTAL else " of the selected questions"
    more = f", {extra:g} of them extra credit" if extra else ""
    return f"\n[bold]Score: {grade.score:g} / {grade.maximum:g}[/]{whole}{more}"


def _remarks(
    targets: Sequence[Sequence[Line]], submission: Submission, everything: bool
) -> Iterator[tuple[str, str]]:
    """Yield what to say, the most useful first: a heading and a text.

    First what stops several questions (a file that cannot be imported, a fault of the grader), then
    where to go on writing, then what is wrong.
    """
    unwritten = [lines for lines in targets if _all(lines, Verdict.NOT_IMPLEMENTED)]
    others = [lines for lines in targets if lines not in unwritten]
    shared: dict[str, list[Sequence[Line]]] = {}
    for lines in others:
        if text := _common(lines, everything):
            shared.setdefault(text, []).append(lines)
    several = {text: group for text, group in shared.items() if len(group) > 1}
    # What the trainings alone have in common is told last: its cause is in an earlier question.
    of_trainings = [text for text, group in several.items() if group[0][0].check == "training"]
    for text, group in several.items():
        if text not in of_trainings:
            yield _of_several(group), text
    if unwritten:
        yield (
            f"[bold]To be written[/]: {_word(Verdict.NOT_IMPLEMENTED)}",
            "\n".join(f"{_title(lines[0])}: {_where(lines, submission)}" for lines in unwritten),
        )
    for lines in others:
        if _common(lines, everything) not in several:
            yield from _of_target(lines, everything)
    for text in of_trainings:
        yield _of_several(several[text]), text


def _of_several(targets: Sequence[Sequence[Line]]) -> str:
    names = ", ".join(lines[0].target.question for lines in targets)
    return f"[bold]{names}[/]: {_word(targets[0][0].result.verdict)}"


def _common(lines: Sequence[Line], everything: bool) -> str:
    """Return the one thing that there is to say of all checks of a target, or nothing."""
    texts = {clean(explain(line.result, everything)) for line in lines}
    same = len(texts) == 1 and not _all(lines, Verdict.PASSED)
    return texts.pop() if same else ""


def _all(lines: Sequence[Line], verdict: Verdict) -> bool:
    return all(line.result.verdict is verdict for line in lines)


def _where(lines: Sequence[Line], submission: Submission) -> str:
    """Say where the holes of a question are, or what else there is to say of it.

    A message knows only the hole that was met first; a layer's backward is behind its forward.
    """
    messages = dict.fromkeys(clean(case.message) for x in lines for case in x.result.cases)
    met = {place for text in messages for place in places(text)}
    if not met:
        return " ".join(messages)
    hole = f'raise NotImplementedError("Question {lines[0].target.question}: '.encode()
    found: dict[str, set[int]] = {}
    for file, line in sorted(met):
        source = submission.files.get(file, b"").splitlines()
        holes = {number for number, text in enumerate(source, 1) if hole in text}
        found.setdefault(file, set()).update(holes, {line})
    where = "; ".join(f"{file}, {_lines(numbers)}" for file, numbers in found.items())
    return f"waits for {where}" if lines[0].check == "training" else where


def _lines(numbers: Iterable[int]) -> str:
    *most, last = map(str, sorted(numbers))
    return f"lines {', '.join(most)} and {last}" if most else f"line {last}"


def _of_target(lines: Sequence[Line], everything: bool) -> Iterator[tuple[str, str]]:
    """Yield what there is to say about one target.

    What is true of all checks (the file cannot be imported) is said once; checks that only wait
    for others are left to the table.
    """
    if text := _common(lines, everything):
        yield _heading(lines[0], ""), text
        return
    wrong = [line for line in lines if line.result.verdict is not Verdict.PASSED]
    causes = [line for line in wrong if everything or not _only_waits(line)]
    advice: set[str] = set()
    told: set[str] = set()
    again: list[Line] = []
    printed = False
    for line in lines:
        reasons, said = _reasons(line), account(line.result, everything)
        nothing_new = told.issuperset(reasons) and advice.issuperset(said.advice)
        if reasons and nothing_new and not everything:
            again += [line] if line in (causes or wrong) else []
            continue
        if not everything:  # what an earlier check has said is not said again
            new = tuple(text for text in said.advice if text not in advice)
            said = replace(said, advice=new, printed="" if printed else said.printed)
        text = clean(as_text(said))
        if line in (causes or wrong) or said.advice or (everything and text):
            yield _heading(line, f", {line.check}"), text
            advice.update(said.advice)
            told.update(reasons)
            printed = printed or bool(said.printed)
    if again:
        yield f"[bold]{_title(again[0])}[/]: {_summary(again, whole=False)}", "For the same reason."


def _reasons(line: Line) -> set[str]:
    """Return why a check does not pass, but for what waits."""
    waiting = (Verdict.PASSED, Verdict.BLOCKED)
    causes = {cause(case.message) for case in line.result.cases if case.verdict not in waiting}
    return causes | ({line.result.diagnosis} if line.result.diagnosis else set())


def _only_waits(line: Line) -> bool:
    """Tell whether all that is missing in a line is blocked by something said elsewhere."""
    open_cases = {case.verdict for case in line.result.cases} - {Verdict.PASSED}
    return open_cases == {Verdict.BLOCKED}


def _title(line: Line) -> str:
    return f"{line.target.question} {line.target.title}"


def _heading(line: Line, check: str) -> str:
    return f"[bold]{_title(line)}{check}[/]: {_word(line.result.verdict)}"


def show_question(target: Target, cases: Mapping[str, Sequence[str]], console: Console) -> None:
    """Print what the checks of a question ask, and how to read what they say.

    Args:
        target: the question.
        cases: the names of the cases of every check.
        console: where to print.
    """
    console.print(f"[bold]{target.question} {target.title}[/] ({target.name}): "
                  f"{_points(target.total)}{', extra credit' * target.extra}")  # fmt: skip
    for check, points in target.points.items():
        said = EXPLANATIONS[check]
        console.print(f"\n[bold]{check}[/], {_points(points)}: {escape(said.asks)}")
        console.print(_indented(f"{how(target.module, check)}\n{said.reading}", console))
        console.print(_indented(f"Cases: {'; '.join(cases[check])}.", console))
    console.print("\n[bold]Verdicts[/]")
    for verdict, meaning in MEANINGS.items():
        console.print(_indented(f"{WORDS[verdict]}: {meaning}", console))


def _points(points: float) -> str:
    return f"{points:g} point{'' if points == 1 else 's'}"


def show_machine(facts: Mapping[str, str], isolation: Isolation, console: Console) -> None:
    """Print what there is, which layers of isolation hold here, and what the others mean."""
    for name, text in facts.items():
        console.print(f"{name:12}{escape(text)}")
    for layer, why in isolation.missing.items():
        here = f"[yellow]no[/]: {escape(clean(why))}." if why else "[green]yes[/]"
        console.print(f"{layer:12}{here}")
        if why:
            console.print(f"{'':12}A submission could {WITHOUT[layer]}.")
    console.print(f"Isolation: {isolation.level}. {LEVEL_WORDS[isolation.level]}")
