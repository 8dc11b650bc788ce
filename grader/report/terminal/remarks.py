"""What to say below the table of a grade, the most useful first; nothing is printed here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from grader.assignment import hole
from grader.judging import Line
from grader.report.cleaning import clean
from grader.report.messages import Account, account, as_text, cause, explain, places
from grader.submission import Submission
from grader.verdict import Verdict

from .style import styled, summary, title

# A heading, and a text.
Remark = tuple[str, str]


def remarks(
    targets: Sequence[Sequence[Line]], submission: Submission, everything: bool
) -> Iterator[Remark]:
    """Yield what to say.

    First what stops several questions (a file that cannot be imported, a fault of the grader), then
    where to go on writing, then what is wrong.
    """
    unwritten = [lines for lines in targets if _all(lines, Verdict.NOT_IMPLEMENTED)]
    others = [lines for lines in targets if lines not in unwritten]
    several = _shared(others, everything)
    # What the trainings alone have in common is told last: its cause is in an earlier question.
    last = [text for text, group in several.items() if group[0][0].check == "training"]
    yield from ((_of_several(group), text) for text, group in several.items() if text not in last)
    if unwritten:
        yield _to_write(unwritten, submission)
    for lines in others:
        if _common(lines, everything) not in several:
            yield from _of_target(lines, everything)
    yield from ((_of_several(several[text]), text) for text in last)


def _shared(targets: Sequence[Sequence[Line]], everything: bool) -> dict[str, list[Sequence[Line]]]:
    """Return the texts that are all there is to say of several targets, with those targets."""
    found: dict[str, list[Sequence[Line]]] = {}
    for lines in targets:
        if text := _common(lines, everything):
            found.setdefault(text, []).append(lines)
    return {text: group for text, group in found.items() if len(group) > 1}


def _of_several(targets: Sequence[Sequence[Line]]) -> str:
    names = ", ".join(lines[0].target.question for lines in targets)
    return f"[bold]{names}[/]: {styled(targets[0][0].result.verdict)}"


def _common(lines: Sequence[Line], everything: bool) -> str:
    """Return the one thing that there is to say of all checks of a target, or nothing."""
    texts = {clean(explain(line.result, everything)) for line in lines}
    same = len(texts) == 1 and not _all(lines, Verdict.PASSED)
    return texts.pop() if same else ""


def _all(lines: Sequence[Line], verdict: Verdict) -> bool:
    return all(line.result.verdict is verdict for line in lines)


def _to_write(targets: Sequence[Sequence[Line]], submission: Submission) -> Remark:
    found: dict[str, list[str]] = {}
    for lines in targets:
        found.setdefault(_where(lines, submission), []).append(title(lines[0]))
    rows = [f"{', '.join(names)}: {text}" for text, names in found.items()]
    return f"[bold]To be written[/]: {styled(Verdict.NOT_IMPLEMENTED)}", "\n".join(rows)


def _where(lines: Sequence[Line], submission: Submission) -> str:
    """Say where the holes of a question are, or what else there is to say of it.

    A message knows only the hole that was met first; a layer's backward is behind its forward.
    """
    messages = dict.fromkeys(clean(case.message) for x in lines for case in x.result.cases)
    met = {place for text in messages for place in places(text)}
    if not met:
        return " ".join(messages)
    beginning = hole(lines[0].target.question).encode()
    found: dict[str, set[int]] = {}
    for file, line in sorted(met):
        source = submission.files.get(file, b"").splitlines()
        holes = {number for number, text in enumerate(source, 1) if beginning in text}
        found.setdefault(file, set()).update(holes, {line})
    where = "; ".join(_lines(file, numbers) for file, numbers in found.items())
    return f"waits for {where}" if lines[0].check == "training" else where


def _lines(file: str, numbers: Iterable[int]) -> str:
    *most, last = (f"{file}:{number}" for number in sorted(numbers))
    return f"{', '.join(most)} and {last}" if most else last


@dataclass
class _Told:
    """What has been said of earlier checks of a target, so that it is not said again."""

    reasons: set[str] = field(default_factory=set)
    advice: set[str] = field(default_factory=set)
    printed: bool = False

    def covers(self, reasons: set[str], said: Account) -> bool:
        """Tell whether there are reasons, and neither they nor the advice are new."""
        return bool(reasons) and self.reasons >= reasons and self.advice.issuperset(said.advice)

    def rest(self, said: Account) -> Account:
        """Return what there is to say without the advice and the prints that were shown."""
        new = tuple(text for text in said.advice if text not in self.advice)
        return replace(said, advice=new, printed="" if self.printed else said.printed)

    def add(self, reasons: set[str], said: Account) -> None:
        """Remember what is said now."""
        self.reasons |= reasons
        self.advice.update(said.advice)
        self.printed = self.printed or bool(said.printed)


def _of_target(lines: Sequence[Line], everything: bool) -> Iterator[Remark]:
    """Yield what there is to say about one target.

    What is true of all checks (the file cannot be imported) is said once; checks that only wait
    for others are left to the table.
    """
    if text := _common(lines, everything):
        yield _heading(lines[0], ""), text
        return
    due, told = _due(lines, everything), _Told()
    again: list[Line] = []
    for line in lines:
        reasons, said = _reasons(line), account(line.result, everything)
        if not everything:
            if told.covers(reasons, said):
                again += [line] if line in due else []
                continue
            said = told.rest(said)
        text = clean(as_text(said))
        if line in due or said.advice or (everything and text):
            yield _heading(line, f", {line.check}"), text
            told.add(reasons, said)
    if again:
        yield f"[bold]{title(again[0])}[/]: {summary(again, whole=False)}", "For the same reason."


def _due(lines: Sequence[Line], everything: bool) -> list[Line]:
    """Return the checks that do not pass; those that only wait only if there are no others."""
    wrong = [line for line in lines if line.result.verdict is not Verdict.PASSED]
    return [line for line in wrong if everything or not _only_waits(line)] or wrong


def _reasons(line: Line) -> set[str]:
    """Return why a check does not pass, but for what waits."""
    waiting = (Verdict.PASSED, Verdict.BLOCKED)
    causes = {cause(case.message) for case in line.result.cases if case.verdict not in waiting}
    return causes | ({line.result.diagnosis} if line.result.diagnosis else set())


def _only_waits(line: Line) -> bool:
    """Tell whether all that is missing in a line is blocked by something said elsewhere."""
    open_cases = {case.verdict for case in line.result.cases} - {Verdict.PASSED}
    return open_cases == {Verdict.BLOCKED}


def _heading(line: Line, check: str) -> str:
    return f"[bold]{title(line)}{check}[/]: {styled(line.result.verdict)}"
