"""A grade on the terminal: the table, the score, then what needs work, and where to start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from itertools import groupby

from rich.console import Console
from rich.text import Text

from grader.judging import Grade, Line
from grader.report.cleaning import clean
from grader.report.work import start_here, work_of

from .remarks import Remark, remarks
from .style import cropped, hanging, height, indented, title
from .tables import checks_table, questions_table

# How many lines a grade takes up, unless every check is requested.
MOST_LINES = 59
# How many text lines of the first remark are always shown.
LEAST = 3
MORE = "\n[bold]And then[/] (in full with --verbose)"


class Detail(Enum):
    """How much is printed: only the table, also what needs work, or every check."""

    QUIET = "quiet"
    USUAL = "usual"
    VERBOSE = "verbose"


def show(
    grade: Grade,
    console: Console,
    detail: Detail = Detail.USUAL,
    named: bool = True,
    notes: Sequence[str] = (),
) -> None:
    """Print a grade: the questions with their points, what needs work, and finally where to start.

    Args:
        grade: what to print.
        console: where to print it.
        detail: how much to print.
        named: whether to start with the name of the graded folder.
        notes: remarks from the command.
    """
    targets, everything = by_target(grade), detail is Detail.VERBOSE
    said = [Text(clean(text)) for text in grade.remarks] if named else []
    score = Text.from_markup(_score(grade))
    _print_all(said, console)
    table = checks_table if everything else questions_table
    console.print(table(targets, console))
    _print_all([score], console)
    if detail is Detail.QUIET:
        _print_all((Text(f"\n{note}") for note in notes), console)
        return
    work = work_of(grade)
    start = [Text(f"\nStart here: {clean(one)}") for one in [start_here(work)] if one]
    ending = [*_ending(grade), *(Text(f"\n{note}") for note in notes), *start]
    parts = [_Part(remark, console) for remark in remarks(grade, work, everything)]
    taken = sum(height(hanging(text, console)) for text in [*said, score, *ending]) + len(targets)
    for text in _all(parts) if everything else _fitting(parts, MOST_LINES - taken, console):
        console.print(text)
    _print_all(ending, console)


def _print_all(texts: Iterable[Text], console: Console) -> None:
    for text in texts:
        console.print(hanging(text, console))


class _Part:
    """A remark as it is printed: a blank line, the heading, the text, and lines of code."""

    def __init__(self, remark: Remark, console: Console) -> None:
        heading = Text.from_markup(f"\n{remark.heading}")
        texts = [hanging(heading, console), indented(remark.text, console)]
        self.texts = texts + ([cropped(remark.code, console)] if remark.code else [])
        self.remark = remark


def _all(parts: Sequence[_Part]) -> Iterator[Text]:
    return (text for part in parts for text in part.texts)


def _fitting(parts: Sequence[_Part], room: int, console: Console) -> Iterator[Text]:
    """Yield the first remarks in full, and once there is no more room, one line per question.

    The first remark is always shown, but without its code if that is too long, and with as many
    lines of text as fit.
    """
    for number, part in enumerate(parts):
        room -= sum(map(height, part.texts))
        later = sum(map(height, _briefly(parts[number + 1 :], console)))
        if number and later > room:
            yield from _briefly(parts[number:], console)
            return
        if later <= room:
            yield from part.texts
        else:
            heading, text, *code = part.texts
            kept = height(text) + sum(map(height, code)) - (later - room)
            yield heading
            yield Text("\n").join(text.split("\n")[: max(kept, LEAST)])


def _briefly(parts: Sequence[_Part], console: Console) -> list[Text]:
    """Return one line for each question with points, and a single one for all others."""
    brief: dict[tuple[str, ...], str] = {}
    others: list[str] = []
    for remark in (part.remark for part in parts):
        if remark.lost:
            brief.setdefault(remark.questions, remark.brief)
        else:
            others.append(remark.brief if not remark.questions else ", ".join(remark.questions))
    lines = [cropped(text, console) for text in brief.values()]
    if others:
        lines.append(indented(f"No points: {', '.join(others)}", console))
    return [Text.from_markup(MORE), *lines] if lines else []


def by_target(grade: Grade) -> list[list[Line]]:
    """Return the lines of a grade, grouped by target."""
    return [list(lines) for _, lines in groupby(grade.lines, key=lambda line: line.target.name)]


def _ending(grade: Grade) -> Iterator[Text]:
    """Yield what was not graded, and what course staff should know."""
    for name in grade.submission.left_out:
        yield Text(f"\nNot graded: {clean(name)}")
    for line in grade.lines:
        if line.result.flags and grade.oracle == "live":
            flags = ", ".join(line.result.flags)
            yield Text(f"\nFor the course staff: {title(line)}, {line.check}: {flags}.")


def _score(grade: Grade) -> str:
    extra = grade.extra
    if not grade.maximum:
        most = sum(line.points for line in grade.lines)
        if not most:
            return "\n[bold]Score: none[/]: what was graded earns no points"
        return f"\n[bold]Score: {grade.score:g} / {most:g}[/] of extra credit"
    whole = "" if grade.is_whole else " of the selected questions"
    more = f" + {extra:g} extra credit" if extra else ""
    if grade.hidden_points:
        more += f" ({grade.hidden_points:g} more points are in checks that are not shown)"
    score = round(grade.score - extra, 2)
    return f"\n[bold]Score: {score:g} / {grade.maximum:g}[/]{whole}{more}"
