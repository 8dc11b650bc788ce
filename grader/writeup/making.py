"""One writeup from start to end: the PDF of a submission, and which pages contain what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.assignment import TEXT_HOLE, Assignment, answers_of, given_files
from grader.errors import GraderError, UsageError
from grader.submission import Submission, files_beside, find

from . import derivations, images, merging, typesetting
from .appendix import code_of
from .derivations import NAME, Derivations
from .modules import parsed
from .pages import Entry, Pages, as_json
from .pandoc import blocks_of
from .sections import Blocks, divided
from .typesetting import Mark, Row

# Where East Asian characters begin.
ASIAN = 0x2E80


@dataclass(frozen=True)
class Question:
    """A question with a section: its number, its title, whether it asks for a derivation."""

    number: str
    title: str
    extra: bool
    derives: bool


@dataclass(frozen=True)
class Writeup:
    """A PDF, its page map, and remarks about its sources."""

    pdf: bytes
    count: int
    entries: tuple[Entry, ...]
    remarks: tuple[str, ...]
    page_map: str

    @property
    def missing(self) -> tuple[Entry, ...]:
        """Return the questions, other than extra credit, that lack a derivation or code."""
        return tuple(one for one in self.entries if one.missing and not one.extra)


def write_up(
    assignment: Assignment, path: Path, own: Path | None = None, pages: str = ""
) -> Writeup:
    """Return the writeup of a submission.

    Args:
        assignment: has the questions.
        path: the submission, a folder, a zip or a tar.
        own: a PDF with the derivations, instead of writeup.md.
        pages: where they are in that PDF, as "3.1=1-2,3.2=3"; by default, its bookmarks say so.

    Raises:
        UsageError: there is no submission, or a file cannot be read; the message says which one.
    """
    if pages and own is None:
        raise UsageError("--pages names pages of a PDF: add --derivations FILE.")
    submission = find(path, assignment)
    template = _template(assignment)
    asked = _questions(assignment, template)
    making = _Making(assignment, submission, path, asked, template)
    return making.with_pdf(own, pages) if own is not None else making.with_text()


def questions(assignment: Assignment) -> list[Question]:
    """Return the questions with a section, in the rubric's order."""
    return _questions(assignment, _template(assignment))


def _template(assignment: Assignment) -> dict[str, Blocks]:
    """Return the sections of the handout's writeup.md, by question."""
    given = given_files(assignment).get(NAME)
    numbers = [target.question for target in assignment.rubric]
    text = (given or b"").decode("utf-8", "replace")
    return divided(blocks_of(text), numbers).by_question if given else {}


def _questions(assignment: Assignment, template: Mapping[str, Any]) -> list[Question]:
    found: dict[str, Question] = {}
    for one in assignment.rubric:
        if one.is_class and one.question not in found:
            derives = not template or one.question in template
            found[one.question] = Question(one.question, one.title, one.extra, derives)
    return list(found.values())


class _Making:
    """What the two kinds of writeups share: the code, the page map, the end."""

    def __init__(
        self,
        assignment: Assignment,
        submission: Submission,
        path: Path,
        asked: Sequence[Question],
        template: Mapping[str, Blocks],
    ) -> None:
        self.assignment, self.submission, self.path = assignment, submission, path
        self.asked, self.template = asked, template
        modules, given = parsed(submission.files), parsed(given_files(assignment))
        answers = answers_of(assignment)
        self.code = {
            one.number: code_of(answers.get(one.number, ()), modules, given) for one in asked
        }
        found = {remark for code in self.code.values() for remark in code.remarks}
        self.remarks = sorted(found)
        # All typeset characters.
        self.letters = frozenset[str]()

    def with_text(self) -> Writeup:
        """Return the writeup with the derivations of writeup.md."""
        made, pictures = self._derivations()
        begun = made.begun(self.template)
        rows = [self._row(one, begun.get(one.number)) for one in self.asked]
        with typesetting.typesetter(self.assignment.title, pictures) as typesetter:
            try:
                pdf, marks = typesetter.pdf(self._body(made, rows))
            except GraderError:
                made.without_refused(typesetter.problem)
                pdf, marks = typesetter.pdf(self._body(made, rows))
        self.remarks += made.told
        return self._writeup(pdf, marks, rows)

    def _body(self, made: Derivations, rows: Sequence[Row], room: int = 0) -> str:
        parts = [typesetting.title_page(self.assignment.title, made.markup(made.opening), rows)]
        if not room:
            names: dict[str, str] = {}
            for target in self.assignment.rubric:  # the code comes first, with the title
                names.setdefault(target.question, _name(target, "derivation"))
            begun = made.begun(self.template)
            ordered = [x for x in names if x in begun]
            parts += [
                typesetting.part(x, "derivation", names[x], made.markup(made.sections[x]))
                for x in ordered
            ]
        parts.append(typesetting.room_for(room))
        for one in self.asked:
            code = self.code[one.number]
            if code.snippets:
                name = f"{one.number} {one.title}: code"
                parts.append(typesetting.part(one.number, "code", name, typesetting.listing(code)))
        body = "\n\n".join(parts)
        self.letters = frozenset(body)
        return body

    def with_pdf(self, own: Path, pages: str) -> Writeup:
        """Return the writeup with the student's PDF in the middle."""
        reader = merging.opened(own)
        numbers, count = [one.number for one in self.asked], len(reader.pages)
        found = merging.pages_by_bookmark(reader, numbers)
        found |= merging.pages_by_hand(pages, numbers, count)
        if not found:
            self.remarks.append(
                f"{own.name} has no bookmarks that begin with a question's number: its pages are "
                f"not in the page map; name them, as in --pages {numbers[0]}=1-2"
            )
        made, pictures = self._derivations(only_opening=True)
        rows = [self._row(x, _state(reader, found.get(x.number)), found.get(x.number))
                for x in self.asked]  # fmt: skip
        with typesetting.typesetter(self.assignment.title, pictures) as typesetter:
            pdf, marks = typesetter.pdf(self._body(made, rows, room=count))
        title = next(x.page for x in marks if (x.part, x.edge) == ("title", "end"))
        names = {one.number: f"{one.number} {one.title}: derivation" for one in self.asked}
        pdf = merging.merged(pdf, reader, title, found, names)
        return self._writeup(pdf, [*marks, *_marks(found, title)], rows)

    def _derivations(self, only_opening: bool = False) -> tuple[Derivations, dict[str, bytes]]:
        """Return writeup.md, and the images that it shows."""
        folder, place = self.submission.folder, self.submission.place
        contents, refused = files_beside(self.path, folder, [NAME], derivations.MAX_TEXT)
        if NAME not in contents and not only_opening:
            reason = f"{NAME} was rejected: {refused[NAME]}" if refused else f"There is no {NAME}"
            self.remarks.append(f"{reason} in {place}: the writeup has no derivations")
        numbers = [one.number for one in self.asked]
        made = derivations.read(contents.get(NAME, b""), numbers)
        if only_opening:
            made.sections, made.remarks = {}, []
        pictures = self._pictures(made)
        return made, pictures

    def _pictures(self, made: Derivations) -> dict[str, bytes]:
        wanted = derivations.images_of([made.opening, *made.sections.values()])
        names = {path: images.inside(path) for path in wanted}
        inside = [str(name) for name in names.values() if name]
        folder = self.submission.folder
        contents, refused = files_beside(self.path, folder, inside, images.MAX_BYTES)
        pictures: dict[str, bytes] = {}
        for path, name in names.items():
            content = contents.get(str(name))
            problem = images.problem_of(content) if content is not None else ""
            if name is None:
                problem = "is not inside the submission"
            elif content is None:
                reason = refused.get(str(name))
                problem = f"was rejected: {reason}" if reason else "is not there"
            if content is None or problem:
                made.tell_of_image(path, problem)
                continue
            made.images[path] = f"image-{len(pictures) + 1}{images.kind_of(content)}"
            pictures[made.images[path]] = content
        return pictures

    def _row(self, question: Question, derived: bool | None, own: Pages | None = None) -> Row:
        """Return a question's row; `derived` is True if done, False if started, None if missing."""
        missing = []
        if derived is None and question.derives:
            missing.append("no derivation yet")
        elif derived is False:
            missing.append(f"the derivation still has the line {TEXT_HOLE}")
        code = self.code[question.number]
        if not code.snippets:
            missing.append("no code yet")
        elif code.missing:
            missing.append(f"not written yet: {', '.join(code.missing)}")
        return Row(question.number, question.title, tuple(missing), own)

    def _writeup(self, pdf: bytes, marks: Sequence[Mark], rows: Sequence[Row]) -> Writeup:
        pages = {(x.question, x.part, x.edge): x.page for x in marks}

        def found(question: str, part: str) -> Pages | None:
            first = pages.get((question, part, "begin"))
            return (first, pages[question, part, "end"]) if first else None

        extra = {one.number for one in self.asked if one.extra}
        entries = tuple(
            Entry(
                x.question,
                x.title,
                found(x.question, "derivation"),
                found(x.question, "code"),
                x.missing,
                x.question in extra,
            )
            for x in rows
        )
        # The compiler's own fonts cover European scripts; the rest is up to the machine.
        odd = {char for char in self.letters if ord(char) >= ASIAN}
        if odd and (lacking := merging.lacking(pdf, odd)):
            self.remarks.append(f"No available font has these characters: {lacking[:40]}")
        count = merging.count_of(pdf)
        page_map = as_json(self.assignment.name, count, entries)
        return Writeup(pdf, count, entries, tuple(self.remarks), page_map)


def _name(target: Any, part: str) -> str:
    return f"{target.question} {target.title}: {part}"


def _state(reader: Any, pages: Pages | None) -> bool | None:
    """Tell whether some pages have a derivation; False if it is still to be written."""
    return None if pages is None else not merging.still_to_write(reader, pages, TEXT_HOLE)


def _marks(found: Mapping[str, Pages], after: int) -> list[Mark]:
    """Return the marks for a student's PDF pages, which come after the title pages."""
    return [
        Mark(question, "derivation", edge, after + page)
        for question, pages in found.items()
        for edge, page in zip(("begin", "end"), pages, strict=True)
    ]
